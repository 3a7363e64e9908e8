use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM013",
    slug: "domain-expires-in-review",
    family: Family::Domain,
    title: fixed("域名在审核期间到期", "The domain expires during the review"),
    what: fixed(
        "域名到期日与审核通常结束的日期",
        "The last day of the domain against the day by which the review is usually over",
    ),
    why: fixed(
        "审核期间到期的域名会被退回，通过后到期的备案会被注销",
        "A domain that expires meanwhile returns the filing, and one that lapses later loses its number",
    ),
    how: fixed("先在注册商处续费", "Renew the domain at its registrar first"),
    sources: &[DOMAIN],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.registration.expires_on = Some(day("2026-12-06")),
        silent: |e| e.case.service.registration.expires_on = Some(day("2026-12-07")),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(until) = cx.case.service.registration.expires_on.filter(|until| *until >= cx.day) else {
        return;
    };
    let pointer = Pointer::from("/service/registration/expires-on");
    // A province that wants months to be left says more.
    if super::prv014_domain_term::is_short(cx, until).is_some() {
        return;
    }
    let Some((end, source)) = review_end_after(cx, until, &pointer, out) else { return };
    let cause = text!(
        "域名 {until} 到期，按该省通常的时间 {end} 前后才审核完毕",
        "The domain expires on {until}, and the review in this province is usually over by {end}"
    );
    let finding = Finding::warning(pointer.clone(), cause)
        .evidence("到期日", "Last day", until)
        .evidence("通常审核完毕", "Review usually over by", end)
        .source(source)
        .remedy(out.how(), outside(OutsideTask::RenewDomain));
    out.push(review(finding, pointer));
}
