use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC007",
    slug: "resource-expires-soon",
    family: Family::Access,
    title: fixed("资源剩余时长不足", "The resource expires too soon"),
    what: fixed("资源今天起的剩余时长", "How long the resource lasts from today"),
    why: fixed(
        "管局审核最长 20 个工作日，其间资源到期会导致退回",
        "The review takes up to 20 working days; a resource that expires meanwhile returns the filing",
    ),
    how: fixed("为资源续费", "Renew the resource"),
    sources: &[RESOURCE],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.resource().bought_at = time("2026-01-01T00:00:00Z");
            e.resource().expires_at = Some(time("2026-12-20T16:00:00Z"))
        },
        silent: |e| {
            e.resource().bought_at = time("2026-01-01T00:00:00Z");
            e.resource().expires_at = Some(time("2026-12-21T16:00:00Z"))
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    push_condition(cx, out, crate::ConditionKind::Remaining, out.how());
}
