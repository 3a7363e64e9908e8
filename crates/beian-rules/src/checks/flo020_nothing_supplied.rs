use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO020",
    slug: "nothing-supplied",
    family: Family::Procedure,
    title: fixed("没有要补交的材料", "There is nothing to hand in"),
    what: fixed("补交材料的订单是否有材料", "Whether an order to supplement materials has any"),
    why: fixed(
        "没有附件的补交请求不符合接口规范",
        "A request without an attachment is not valid by the interface",
    ),
    how: fixed("上传管局要求补交的材料", "Hand in the picture that the regulator lacks"),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.maintain(FilingKind::SupplementMaterials, Some);
            e.case.materials.clear();
        },
        silent: |e| e.maintain(FilingKind::SupplementMaterials, Some),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.kind != FilingKind::SupplementMaterials || !cx.case.materials.is_empty() {
        return;
    }
    let cause = fixed("还没有上传材料", "No picture is handed in yet");
    out.push(Finding::error("/materials", cause).remedy(
        fixed("上传核验单", "Hand in the verification form"),
        RemedyAction::Upload { purpose: beian_domain::MaterialUse::VerificationForm },
    ));
}
