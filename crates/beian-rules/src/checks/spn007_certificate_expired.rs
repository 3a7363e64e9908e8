use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN007",
    slug: "certificate-expired",
    family: Family::Sponsor,
    title: fixed("主办者证件已过期", "The sponsor's certificate has expired"),
    what: fixed("证件有效期是否已过", "Whether the certificate is still valid"),
    why: fixed("过期证件不能证明主办者身份", "An expired certificate proves nothing"),
    how: fixed(
        "换领新证件后，填写新的有效期并上传新证件",
        "Renew the certificate, then give its new date and upload it",
    ),
    sources: &[MATERIALS],
    situations: &[Situation::S09],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.certificate.valid_until = Some(day("2026-11-21")),
        silent: |e| e.case.sponsor.certificate.valid_until = Some(day("2026-11-22")),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(until) = cx.case.sponsor.certificate.valid_until.filter(|until| *until < cx.day) else { return };
    let today = cx.day;
    let cause = text!(
        "证件有效期至 {until}，今天是 {today}",
        "The certificate was valid until {until}, and today is {today}"
    );
    let pointer = Pointer::from("/sponsor/certificate/valid-until");
    let finding = Finding::error(pointer.clone(), cause)
        .evidence("有效期至", "Valid until", until)
        .remedy(out.how(), outside(OutsideTask::RenewCertificate));
    out.push(review(finding, pointer));
}
