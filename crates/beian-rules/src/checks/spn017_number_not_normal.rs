use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN017",
    slug: "sponsor-certificate-number-not-normal",
    family: Family::Sponsor,
    title: fixed(
        "主办者证件号码的写法已整理",
        "The sponsor's certificate number was read from another spelling",
    ),
    what: fixed(
        "证件号码中的全角字符、空格和小写字母",
        "Full-width characters, blanks and lower case letters in the certificate numbers",
    ),
    why: fixed(
        "号码本身没有错，只是写法与证件不同；报送的是规范写法",
        "The number is right, only written otherwise than on the certificate; what is sent is its normal form",
    ),
    how: fixed("改为规范写法", "Write it in its normal form"),
    sources: &[GB_32100, GB_11643],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.certificate.number = p("９１440305 0000 0000 0n"),
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let certificate = &cx.case.sponsor.certificate;
    let former = certificate.former.as_ref();
    for (pointer, kind, number) in [
        ("/sponsor/certificate/number", certificate.kind, certificate.number.as_ref()),
        (FORMER_NUMBER, former.map(|former| former.kind), former.map(|former| &former.number)),
    ] {
        if let (Some(kind), Some(number)) = (kind, answered(number))
            && !is_normal(number.expose())
            && CertificateNumber::parse(kind, number.expose()).is_ok()
        {
            push_not_normal(out, pointer.into());
        }
    }
}
