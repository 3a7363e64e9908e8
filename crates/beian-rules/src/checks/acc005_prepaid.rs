use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC005",
    slug: "resource-not-prepaid",
    family: Family::Access,
    title: fixed("资源不是包年包月", "The resource is not prepaid"),
    what: fixed("资源的计费方式", "How the resource is billed"),
    why: fixed(
        "按量计费的资源随时可释放，不能保证备案期间持续接入",
        "What is billed by use can vanish at any time, also during the review",
    ),
    how: fixed("把资源转为包年包月", "Turn the resource into a prepaid one"),
    sources: &[RESOURCE],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.resource().prepaid = false, silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    push_condition(cx, out, crate::ConditionKind::Prepaid, out.how());
}
