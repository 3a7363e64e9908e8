use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "MAT001",
    slug: "material-missing",
    family: Family::Material,
    title: fixed("缺少材料", "A material is missing"),
    what: fixed("必需的材料是否已上传", "Whether the required materials are there"),
    why: fixed(
        "材料用来证明填写的内容，缺一份即退回",
        "Materials prove what is stated; one that is missing returns the filing",
    ),
    how: fixed("上传缺少的材料", "Upload what is missing"),
    sources: &[INTERFACE, MATERIALS],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.case.materials.pop();
        },
        silent: |e| {
            e.individual();
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for purpose in crate::required_materials(cx.case, cx.kind, cx.rulebook, cx.day) {
        if !cx.case.materials.iter().any(|material| material.purpose == purpose) {
            let label = purpose.label();
            let (zh, en) = (&label.zh, &label.en);
            out.push(
                Finding::error(material_at(purpose), text!("尚未上传{zh}", "Not uploaded: {en}"))
                    .remedy(text!("上传{zh}", "Upload: {en}"), RemedyAction::Upload { purpose }),
            );
        }
    }
}
