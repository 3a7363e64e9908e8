use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV021",
    slug: "licence-months-left",
    family: Family::Province,
    title: fixed("该省要求执照还有更长的有效期", "The province wants the licence to last longer"),
    what: fixed(
        "单位证件的剩余有效期与该省的要求",
        "How long a unit's certificate is still valid against what the province wants",
    ),
    why: fixed(
        "个别省要求的剩余有效期比全国的长",
        "A province wants more time left than is asked for everywhere",
    ),
    how: fixed("先换领证件，再填写新的有效期", "Renew the certificate first, then give its new date"),
    sources: &[BUREAU],
    situations: &[Situation::S09],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("310115");
            e.case.sponsor.certificate.valid_until = Some(day("2027-11-21"))
        },
        silent: |e| {
            e.settle("310115");
            e.case.sponsor.certificate.valid_until = Some(day("2027-11-22"))
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(false), Some(until)) = (cx.is_individual(), cx.case.sponsor.certificate.valid_until) else {
        return;
    };
    let Some(series) = cx.province().and_then(|province| province.licence_months_left.as_ref()) else {
        return;
    };
    let pointer = Pointer::from("/sponsor/certificate/valid-until");
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    let after = |months: u8| cx.day.checked_add_months(Months::new(months.into()));
    // What is too short everywhere is told by another check.
    let everywhere = cx.rulebook.national().certificate_months_left.at(cx.day);
    let enough_elsewhere =
        everywhere.and_then(|months| after(months.value)).is_none_or(|first| until >= first);
    if until >= cx.day && enough_elsewhere && after(rule.value).is_some_and(|first| until < first) {
        let (name, needed) = (cx.province_name(), rule.value);
        let cause = text!(
            "{name}要求单位证件还有 {needed} 个月以上有效期，而证件有效期至 {until}",
            "{name} wants {needed} months left of a unit's certificate, and it is valid until {until}"; name
        );
        let finding = Finding::error(pointer.clone(), cause)
            .evidence("有效期至", "Valid until", until)
            .source(rule.source())
            .remedy(out.how(), outside(OutsideTask::RenewCertificate));
        out.push(review(finding, pointer));
    }
}
