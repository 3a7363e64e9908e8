use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC011",
    slug: "resource-expires-in-review",
    family: Family::Access,
    title: fixed("资源在审核期间到期", "The resource expires during the review"),
    what: fixed(
        "资源到期日与审核通常结束的日期",
        "The last day of the resource against the day by which the review is usually over",
    ),
    why: fixed(
        "审核期间资源到期，接入信息失效，备案会被退回",
        "When the resource expires meanwhile, there is no access any more and the filing is returned",
    ),
    how: fixed("为资源续费到审核结束之后", "Renew the resource until after the review"),
    sources: &[RESOURCE],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        // 江苏 takes up to 30 working days, longer than the month that a resource must last anyway.
        firing: |e| {
            e.settle("320102");
            e.resource().expires_at = Some(time("2027-01-03T16:00:00Z"));
            e.resource().bought_at = time("2026-01-01T00:00:00Z")
        },
        silent: |e| e.settle("320102"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let pointer = Pointer::from("/access/resource");
    if stated(cx.case.access.resource.as_ref()).is_none() {
        return;
    }
    let Some(resource) = cx.facts.serving(cx.case) else { return };
    let remaining = crate::ConditionKind::Remaining;
    // What fails the shortest term is told by that condition.
    if crate::resource::met(remaining, resource, cx.day, cx.rulebook) != crate::Met::Yes {
        return;
    }
    let Some(until) = resource.expires_at.map(crate::resource::china_day) else { return };
    let Some((end, source)) = review_end_after(cx, until, &pointer, out) else { return };
    let cause = text!(
        "资源 {} {until} 到期，按该省通常的时间 {end} 前后才审核完毕",
        "Resource {} expires on {until}, and the review in this province is usually over by {end}",
        (&resource.reference),
        (&resource.reference)
    );
    out.push(
        Finding::warning(pointer, cause)
            .evidence("到期日", "Last day", until)
            .evidence("通常审核完毕", "Review usually over by", end)
            .source(source)
            .remedy(out.how(), RemedyAction::Resource),
    );
}
