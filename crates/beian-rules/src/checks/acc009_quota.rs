use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC009",
    slug: "resource-quota",
    family: Family::Access,
    title: fixed("资源的备案名额已用完", "The resource has no room for another service"),
    what: fixed(
        "资源已备案的网站数与名额",
        "How many services are filed on the resource, and how many may be",
    ),
    why: fixed("一个资源可备案的网站数有限", "A resource may carry a limited number of services"),
    how: fixed(
        "换用还有名额的资源，或注销不再使用的网站以退回名额",
        "Use a resource with room, or cancel a service that is no longer used",
    ),
    sources: &[RESOURCE],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.resource().used = 5, silent: |e| e.resource().used = 4 },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    push_condition(cx, out, crate::ConditionKind::Quota, out.how());
}
