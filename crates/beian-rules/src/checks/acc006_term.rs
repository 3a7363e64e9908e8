use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC006",
    slug: "resource-term",
    family: Family::Access,
    title: fixed("资源购买时长不足", "The resource's term is too short"),
    what: fixed("资源从购买到到期的总时长，含续费", "The time from purchase to expiry, renewals included"),
    why: fixed("购买时长过短的资源会在备案后不久失效", "A short-lived resource ends soon after the filing"),
    how: fixed("为资源续费，使总时长达到要求", "Renew the resource until its term is long enough"),
    sources: &[RESOURCE],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.resource().bought_at = time("2026-11-22T00:00:00Z");
            e.resource().expires_at = Some(time("2027-02-18T16:00:00Z"))
        },
        silent: |e| {
            e.resource().bought_at = time("2026-11-22T00:00:00Z");
            e.resource().expires_at = Some(time("2027-02-19T16:00:00Z"))
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    push_condition(cx, out, crate::ConditionKind::Term, out.how());
}
