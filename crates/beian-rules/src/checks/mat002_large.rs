use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "MAT002",
    slug: "material-too-large",
    family: Family::Material,
    title: fixed("图片文件太大", "The picture is too large"),
    what: fixed("原图的字节数", "The size of the original"),
    why: fixed(
        "接入商限制原图大小；报送管局的图片由系统自动压缩",
        "The provider limits originals; what goes to the regulator is made smaller by itself",
    ),
    how: fixed("以较低的分辨率重新扫描或拍摄后上传", "Scan or photograph again at a lower resolution"),
    sources: &[MATERIALS],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.materials[0].bytes = Some(9_437_185),
        silent: |e| e.case.materials[0].bytes = Some(9_437_184),
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
        let Some(most) = cx.dated(&cx.rulebook.provider().material_max_bytes, &pointer, out) else {
            continue;
        };
        let limit = most.value;
        if bytes > limit {
            let cause = text!(
                "原图 {bytes} 字节，上限 {limit} 字节",
                "The original has {bytes} bytes, {limit} are allowed"
            );
            out.push(
                Finding::error(pointer, cause)
                    .source(most.source())
                    .remedy(out.how(), RemedyAction::Upload { purpose }),
            );
        }
    }
}
