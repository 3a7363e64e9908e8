use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "MAT003",
    slug: "material-file-small",
    family: Family::Material,
    title: fixed("图片文件很小，可能看不清", "The picture is small and may be unreadable"),
    what: fixed("原图的字节数", "The size of the original"),
    why: fixed(
        "文件很小的图片多为截图或过度压缩，文字看不清会被退回",
        "Very small files are mostly screenshots or over-compressed, and unreadable ones are returned",
    ),
    how: fixed("用扫描或拍摄的原图重新上传", "Upload the original scan or photograph"),
    sources: &[MATERIALS],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.materials[0].bytes = Some(204_799),
        silent: |e| e.case.materials[0].bytes = Some(204_800),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for material in &cx.case.materials {
        let purpose = material.purpose;
        let pointer = material_at(purpose);
        let Some(bytes) = material.bytes else {
            out.undetermined(pointer, fixed("图片尚未测量", "The picture was not measured"));
            continue;
        };
        let Some(least) = cx.dated(&cx.rulebook.provider().material_min_bytes, &pointer, out) else {
            continue;
        };
        let limit = least.value;
        if bytes < limit {
            let cause = text!(
                "原图 {bytes} 字节，少于 {limit} 字节",
                "The original has {bytes} bytes, less than {limit}"
            );
            out.push(
                Finding::warning(pointer, cause)
                    .source(least.source())
                    .remedy(out.how(), RemedyAction::Upload { purpose }),
            );
        }
    }
}
