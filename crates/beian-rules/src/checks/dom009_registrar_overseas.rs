use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM009",
    slug: "registrar-overseas",
    family: Family::Domain,
    title: fixed("域名不在境内注册商处", "The domain is not with a domestic registrar"),
    what: fixed("域名的注册商是否为经批准的境内注册商", "Whether the registrar is an approved domestic one"),
    why: fixed(
        "备案用的域名须由经批准的境内注册机构管理，境外注册的域名先转入再备案；不必转到本接入商",
        "A domain is filed while an approved domestic registrar manages it; one registered abroad moves first, to any such registrar",
    ),
    how: fixed(
        "把域名转入任一经批准的境内注册商并完成实名认证",
        "Move the domain to any approved domestic registrar and have its real name verified",
    ),
    sources: &[DOMAIN, NOTICE_264],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.registration.registrar = Some(RegistrarPlace::Overseas),
        silent: |e| e.case.service.registration.registrar = Some(RegistrarPlace::Mainland),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.case.service.registration.registrar != Some(RegistrarPlace::Overseas) {
        return;
    }
    let pointer = Pointer::from("/service/registration/registrar");
    let Some(rule) = cx.dated(&cx.rulebook.registrars().must_be_domestic, &pointer, out) else { return };
    if rule.value {
        let cause = fixed(
            "域名的注册商在境外，或未经批准",
            "The domain's registrar is outside the mainland, or not approved there",
        );
        out.push(
            Finding::error(pointer, cause)
                .source(rule.source())
                .remedy(out.how(), outside(OutsideTask::MoveRegistrar))
                .remedy(
                    fixed("换用在境内注册商处的域名", "Use a domain that is with a domestic registrar"),
                    RemedyAction::Edit { pointer: "/service/domain".into() },
                ),
        );
    }
}
