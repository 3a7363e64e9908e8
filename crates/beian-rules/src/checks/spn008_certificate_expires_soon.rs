use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN008",
    slug: "certificate-expires-soon",
    family: Family::Sponsor,
    title: fixed("主办者证件剩余有效期不足", "The sponsor's certificate expires too soon"),
    what: fixed(
        "提交当日证件的剩余有效期",
        "How long the certificate is still valid on the day of submission",
    ),
    why: fixed(
        "审核最长可达 20 个工作日，证件在审核期间到期会被退回",
        "The review takes up to 20 working days; a certificate that expires meanwhile returns the filing",
    ),
    how: fixed("先换领证件，再填写新的有效期", "Renew the certificate first, then give its new date"),
    sources: &[MATERIALS],
    situations: &[Situation::S09],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.certificate.valid_until = Some(day("2027-02-21")),
        silent: |e| e.case.sponsor.certificate.valid_until = Some(day("2027-02-22")),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let pointer = Pointer::from("/sponsor/certificate/valid-until");
    let Some(until) = cx.case.sponsor.certificate.valid_until.filter(|until| *until >= cx.day) else {
        return;
    };
    let Some(months) = cx.dated(&cx.rulebook.national().certificate_months_left, &pointer, out) else {
        return;
    };
    let needed = months.value;
    if cx.day.checked_add_months(Months::new(needed.into())).is_none_or(|earliest| until >= earliest) {
        return;
    }
    let cause = text!(
        "证件有效期至 {until}，不足 {needed} 个月",
        "The certificate is valid until {until}, which is less than {needed} months"
    );
    let mut finding = Finding::error(pointer.clone(), cause).evidence("有效期至", "Valid until", until);
    // Whether it lasts until the review is over shows how pressing it is.
    if let Some((end, source)) = review_end_after(cx, until, &pointer, out) {
        finding = finding.evidence("通常审核完毕", "Review usually over by", end).source(source);
    }
    let finding = finding.source(months.source()).remedy(out.how(), outside(OutsideTask::RenewCertificate));
    out.push(review(finding, pointer));
}
