use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV014",
    slug: "domain-months-left",
    family: Family::Province,
    title: fixed("该省要求域名还有足够的有效期", "The province wants the domain to last long enough"),
    what: fixed("该省要求的域名剩余有效期", "How long the province wants the domain to be registered still"),
    why: fixed(
        "有的省要求域名在提交时还有三个月以上有效期",
        "Some provinces want three months left when the filing is submitted",
    ),
    how: fixed("在注册商处给域名续费", "Renew the domain at its registrar"),
    sources: &[BUREAU, DOMAIN],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("310115");
            e.case.service.registration.expires_on = Some(day("2027-02-21"))
        },
        silent: |e| {
            e.settle("310115");
            e.case.service.registration.expires_on = Some(day("2027-02-22"))
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(province), Some(_)) = (cx.province(), cx.domain()) else { return };
    let pointer = Pointer::from("/service/registration/expires-on");
    let Some(rule) = cx.dated(&province.domain_months_left, &pointer, out) else { return };
    let (name, needed) = (&province.name, rule.value);
    let expires = cx.case.service.registration.expires_on;
    // An expired one is told by another check.
    if needed == 0 || expires.is_some_and(|until| until < cx.day) {
        return;
    }
    let wanted = text!(
        "{name}要求域名提交时还有 {needed} 个月以上有效期",
        "{name} wants the domain to be registered for {needed} months more"; name
    );
    let Some(until) = expires else {
        out.push(
            Finding::advice(pointer.clone(), wanted)
                .source(rule.source())
                .remedy(
                    fixed("填写域名到期日", "State the last day of the domain"),
                    RemedyAction::Edit { pointer },
                )
                .remedy(out.how(), outside(OutsideTask::RenewDomain)),
        );
        return;
    };
    if let Some(first) = is_short(cx, until) {
        let Text { zh, en } = &wanted;
        let cause = text!("{zh}，而域名 {until} 到期", "{en}, and it expires on {until}");
        let finding = Finding::error(pointer.clone(), cause)
            .evidence("到期日", "Last day", until)
            .evidence("最早可接受的到期日", "Earliest last day that is taken", first)
            .source(rule.source())
            .remedy(out.how(), outside(OutsideTask::RenewDomain));
        out.push(review(finding, pointer));
    }
}

/// The day until which the province wants the domain to be registered, if it
/// expires before that.
pub(super) fn is_short(cx: &Context<'_>, until: NaiveDate) -> Option<NaiveDate> {
    let months = cx.province()?.domain_months_left.at(cx.day)?.value;
    let first = cx.day.checked_add_months(Months::new(months.into()))?;
    (months > 0 && until < first).then_some(first)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::severity;

    #[test]
    fn three_months_are_asked_of_a_domain_that_has_not_expired() {
        let judged = |county: &str, expires: Option<&str>| {
            severity("PRV014", |e| {
                e.settle(county);
                e.case.service.registration.expires_on = expires.map(day);
            })
        };
        let (shanghai, guangdong) = ("310115", "440305");
        assert_eq!(judged(shanghai, None), Some(Severity::Advice));
        assert_eq!(judged(shanghai, Some("2026-11-22")), Some(Severity::Error), "the last day");
        assert_eq!(judged(shanghai, Some("2026-11-21")), None, "DOM012 says that it expired");
        assert_eq!(judged(guangdong, None), None);
        assert_eq!(judged(guangdong, Some("2026-11-22")), None);
    }
}
