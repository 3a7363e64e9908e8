use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM012",
    slug: "domain-expired",
    family: Family::Domain,
    title: fixed("域名已到期", "The domain has expired"),
    what: fixed("域名注册的到期日", "The last day for which the domain is registered"),
    why: fixed(
        "到期的域名不再属于原持有者，不能备案",
        "An expired domain is no longer its holder's and cannot be filed",
    ),
    how: fixed("在注册商处续费", "Renew the domain at its registrar"),
    sources: &[DOMAIN],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.registration.expires_on = Some(day("2026-11-21")),
        silent: |e| e.case.service.registration.expires_on = Some(day("2026-11-22")),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(until) = cx.case.service.registration.expires_on.filter(|until| *until < cx.day) else {
        return;
    };
    let (pointer, today) = ("/service/registration/expires-on", cx.day);
    let cause =
        text!("域名 {until} 到期，今天是 {today}", "The domain expired on {until}, and today is {today}");
    let finding = Finding::error(pointer, cause)
        .evidence("到期日", "Last day", until)
        .remedy(out.how(), outside(OutsideTask::RenewDomain));
    out.push(review(finding, pointer));
}
