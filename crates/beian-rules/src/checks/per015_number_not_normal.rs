use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER015",
    slug: "principal-certificate-number-not-normal",
    family: Family::Person,
    title: fixed(
        "负责人证件号码的写法已整理",
        "A principal's certificate number was read from another spelling",
    ),
    what: fixed(
        "负责人证件号码中的全角字符、空格和小写字母",
        "Full-width characters, blanks and lower case letters in a principal's certificate number",
    ),
    why: fixed(
        "号码本身没有错，只是写法与证件不同；报送的是规范写法",
        "The number is right, only written otherwise than on the certificate; what is sent is its normal form",
    ),
    how: fixed("改为规范写法", "Write it in its normal form"),
    sources: &[GB_11643],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.certificate_number = p("330106 19780402 000x"),
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for person in cx.people() {
        let principal = person.principal;
        if let (Some(kind), Some(number)) =
            (principal.certificate_kind, answered(principal.certificate_number.as_ref()))
            && !is_normal(number.expose())
            && CertificateNumber::parse(kind, number.expose()).is_ok()
        {
            push_not_normal(out, person.at("certificate-number"));
        }
    }
}
