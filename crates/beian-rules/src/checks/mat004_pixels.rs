use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "MAT004",
    slug: "material-few-pixels",
    family: Family::Material,
    title: fixed("图片像素很少，可能看不清", "The picture has few pixels and may be unreadable"),
    what: fixed("原图短边的像素", "The pixels of the original's shorter side"),
    why: fixed(
        "证件文字在像素很少的图片上无法辨认",
        "The print of a certificate cannot be read on few pixels",
    ),
    how: fixed("以较高的分辨率重新扫描或拍摄后上传", "Scan or photograph again at a higher resolution"),
    sources: &[MATERIALS],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.materials[0].height = Some(599),
        silent: |e| e.case.materials[0].height = Some(600),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for material in &cx.case.materials {
        let purpose = material.purpose;
        let pointer = material_at(purpose);
        let (Some(width), Some(height)) = (material.width, material.height) else {
            out.undetermined(pointer, fixed("图片尚未测量", "The picture was not measured"));
            continue;
        };
        let Some(least) = cx.dated(&cx.rulebook.provider().material_min_short_side, &pointer, out) else {
            continue;
        };
        let limit = least.value;
        if width.min(height) < limit {
            let cause = text!(
                "原图 {width}×{height} 像素，短边少于 {limit}",
                "The original is {width} by {height} pixels, its shorter side less than {limit}"
            );
            out.push(
                Finding::warning(pointer, cause)
                    .source(least.source())
                    .remedy(out.how(), RemedyAction::Upload { purpose }),
            );
        }
    }
}
