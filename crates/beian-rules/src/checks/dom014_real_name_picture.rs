use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM014",
    slug: "domain-real-name-picture",
    family: Family::Domain,
    title: fixed(
        "在其他注册商注册的域名需要实名信息截图",
        "A domain registered elsewhere needs a picture of its real-name data",
    ),
    what: fixed("域名的注册商，以及实名信息截图", "The registrar, and the picture of the real-name data"),
    why: fixed(
        "域名可以在任何境内注册商注册；不在本接入商的，审核人员要看域名、持有者、证件和到期日",
        "Any domestic registrar will do; of one elsewhere the reviewer sees domain, holder, certificate and last day on the picture",
    ),
    how: fixed(
        "在注册商控制台截取实名信息页：域名、持有者、证件类型和号码、到期日",
        "Take a picture of the registrar's page with domain, holder, certificate and last day",
    ),
    sources: &[MATERIALS],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.registration.registrar = Some(RegistrarPlace::Mainland),
        silent: |e| e.individual(),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    const PAPER: Paper = Paper::DomainRealNameProof;
    if cx.case.service.registration.registrar != Some(RegistrarPlace::Mainland) || cx.has(PAPER) {
        return;
    }
    let pointer = paper_at(PAPER);
    let Some(rule) = cx.dated(&cx.rulebook.registrars().real_name_picture_elsewhere, &pointer, out) else {
        return;
    };
    if rule.value {
        let cause = fixed(
            "域名不是在本接入商注册的，还没有实名信息截图",
            "The domain is registered elsewhere, and there is no picture of its real-name data yet",
        );
        out.push(
            Finding::warning(pointer, cause)
                .source(rule.source())
                .remedy(out.how(), RemedyAction::Provide { paper: PAPER }),
        );
    }
}
