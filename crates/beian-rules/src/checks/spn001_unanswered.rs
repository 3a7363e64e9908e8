use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN001",
    slug: "sponsor-unanswered",
    family: Family::Sponsor,
    title: fixed("主办者信息没有填全", "Something about the sponsor is not answered"),
    what: fixed(
        "主办者的性质、名称、证件、区域和通信地址",
        "The sponsor's nature, name, certificate, division and address",
    ),
    why: fixed(
        "这些内容报送管局时必填，缺一项整份备案都会被退回",
        "They are mandatory when the filing is sent; one that is missing returns the whole filing",
    ),
    how: fixed("按证件填写缺少的内容", "Fill in what is missing, as on the certificate"),
    sources: &[INTERFACE, ORDER_33],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.name = p("  "),
        silent: |e| e.case.sponsor.investor = None,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let sponsor = &cx.case.sponsor;
    let certificate = &sponsor.certificate;
    unanswered(
        out,
        [
            (
                "/sponsor/nature".into(),
                sponsor.nature.is_none(),
                fixed("主办单位性质", "nature of the sponsor"),
            ),
            (
                "/sponsor/name".into(),
                is_blank(sponsor.name.as_ref()),
                fixed("主办单位名称", "name of the sponsor"),
            ),
            (
                "/sponsor/certificate/kind".into(),
                certificate.kind.is_none(),
                fixed("证件类型", "kind of certificate"),
            ),
            (
                "/sponsor/certificate/number".into(),
                is_blank(certificate.number.as_ref()),
                fixed("证件号码", "certificate number"),
            ),
            (
                "/sponsor/certificate/address".into(),
                is_blank(certificate.address.as_ref()),
                fixed("证件住所", "address on the certificate"),
            ),
            (
                "/sponsor/certificate/division".into(),
                certificate.division.is_none(),
                fixed("证件住所所在区域", "division of the address on the certificate"),
            ),
            (
                "/sponsor/division".into(),
                sponsor.division.is_none(),
                fixed("备案区域", "division to file in"),
            ),
            (
                "/sponsor/address".into(),
                is_blank(sponsor.address.as_ref()),
                fixed("通信地址", "address for letters"),
            ),
        ],
    );
}
