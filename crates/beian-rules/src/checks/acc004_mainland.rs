use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC004",
    slug: "resource-outside-mainland",
    family: Family::Access,
    title: fixed("资源不在中国内地", "The resource is not in mainland China"),
    what: fixed("资源机房所在地", "Where the resource's machine room is"),
    why: fixed(
        "备案只针对内地服务器；境外服务器无需也不能用于备案",
        "Filings are for servers in the mainland; others need none and cannot be used for one",
    ),
    how: fixed(
        "改用内地机房的资源；只用境外服务器的，无需备案",
        "Use a resource in the mainland; with servers outside only, no filing is needed",
    ),
    sources: &[RESOURCE, ORDER_33],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.resource().division = None, silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    push_condition(cx, out, crate::ConditionKind::Mainland, out.how());
}
