use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN016",
    slug: "overseas-institution",
    family: Family::Sponsor,
    title: fixed("境外机构不能自己备案", "An overseas institution cannot file by itself"),
    what: fixed("主办单位性质是否为境外机构", "Whether the sponsor is an overseas institution"),
    why: fixed(
        "备案由在中国内地登记的单位或个人办理，境外公司须有内地主体",
        "Filings are made by units and people of the mainland; an overseas company needs an entity there",
    ),
    how: fixed(
        "由在内地设立的分支机构、子公司或代表机构用自己的证件备案",
        "Let a branch, subsidiary or representative office in the mainland file with its own certificate",
    ),
    sources: &[SUBJECT, ORDER_33],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.case.sponsor.nature = Some(SponsorNature::OverseasInstitution);
            e.case.sponsor.certificate.kind = Some(CertificateKind::OverseasInstitutionCertificate)
        },
        silent: |e| e.case.sponsor.certificate.kind = Some(CertificateKind::ForeignRepresentativeOffice),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.case.sponsor.nature == Some(SponsorNature::OverseasInstitution) {
        let cause = fixed(
            "主办单位性质为境外机构，在内地没有登记",
            "The sponsor is an overseas institution, which is not registered in the mainland",
        );
        out.push(
            Finding::error("/sponsor/nature", cause).remedy(out.how(), outside(OutsideTask::FileByLocalUnit)),
        );
    }
}
