use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "MAT010",
    slug: "domain-certificate",
    family: Family::Material,
    title: fixed("该省要域名证书", "The province wants the domain certificate"),
    what: fixed(
        "该省要求的域名证书是否已备好",
        "Whether the domain certificate that the province wants is at hand",
    ),
    why: fixed(
        "部分省凭域名证书核对持有者，有的还限定证书的开具时间",
        "Some provinces check the holder by the domain certificate, and some limit its age",
    ),
    how: fixed("在注册商控制台下载域名证书", "Download the domain certificate from the registrar's console"),
    sources: &[BUREAU, MATERIALS],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.settle("430102"),
        silent: |e| {
            e.settle("430102");
            e.case.papers.push(Paper::DomainCertificate)
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use crate::DomainCertificateCase as C;
    const PAPER: Paper = Paper::DomainCertificate;
    let (Some(individual), Some(province)) = (cx.is_individual(), cx.province()) else { return };
    let Some(series) = province.domain_certificate.as_ref().filter(|_| !cx.has(PAPER)) else { return };
    let pointer = paper_at(PAPER);
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    // The other cases turn on what is not known here: a foreign parent, a change, how many domains.
    let wanted = rule.value.iter().any(|case| match case {
        C::EveryDomain => true,
        C::Individual => individual,
        C::IndividualToEnterprise | C::ForeignParentHolds | C::OverQuantity => false,
    });
    if !wanted {
        return;
    }
    let name = &province.name;
    let mut finding = Finding::warning(
        pointer,
        text!("{name}要求提交域名证书", "{name} wants the domain certificate"; name),
    );
    let oldest = province.domain_certificate_max_age_days.as_ref().and_then(|series| series.at(cx.day));
    if let Some(oldest) = oldest {
        finding = finding
            .evidence("证书最多开具多少天", "Days after which it is too old", oldest.value)
            .source(oldest.source());
    }
    out.push(finding.source(rule.source()).remedy(out.how(), RemedyAction::Provide { paper: PAPER }));
}
