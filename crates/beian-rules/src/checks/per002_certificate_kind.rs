use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER002",
    slug: "principal-certificate-kind",
    family: Family::Person,
    title: fixed("负责人的证件不是个人证件", "The principal's certificate is not one of a person"),
    what: fixed("负责人的证件类型", "The kind of a principal's certificate"),
    why: fixed(
        "负责人是自然人，只能用个人证件核验",
        "A principal is a person and is verified by a person's certificate",
    ),
    how: fixed(
        "改选负责人本人的证件类型，一般为居民身份证",
        "Choose the person's own kind of certificate, usually the resident identity card",
    ),
    sources: &[CODES, SUBJECT],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.certificate_kind = Some(CertificateKind::BusinessLicence),
        silent: |e| e.case.sponsor.principal.certificate_kind = Some(CertificateKind::Passport),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for person in cx.people() {
        let Some(kind) = person.principal.certificate_kind else { continue };
        if !CertificateKind::OF_PERSONS.contains(&kind) {
            let label = kind.label();
            let cause = text!("“{}”不是个人证件", "{} is not a person's certificate", (label.zh), (label.en));
            out.push(Finding::error(person.at("certificate-kind"), cause));
        }
    }
}
