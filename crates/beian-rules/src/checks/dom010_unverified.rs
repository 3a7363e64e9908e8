use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM010",
    slug: "domain-not-verified",
    family: Family::Domain,
    title: fixed(
        "没有域名实名认证的通过日期",
        "There is no day on which the domain's real name was verified",
    ),
    what: fixed("域名实名认证的通过日期", "The day on which the domain's real-name verification was passed"),
    why: fixed(
        "没有实名认证的域名不能备案；实名信息须与主办者一致",
        "A domain without verification cannot be filed; its real name must be the sponsor's",
    ),
    how: fixed(
        "在注册商处完成域名实名认证；已经通过的，填写通过日期",
        "Have the real name verified at the registrar; if it is, state the day",
    ),
    sources: &[NOTICE_264, DOMAIN],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.case.service.registration.real_named_on = None, silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let registration = &cx.case.service.registration;
    // Of a domain abroad, which must move first, the verification there says nothing.
    let domestic = matches!(registration.registrar, Some(RegistrarPlace::Here | RegistrarPlace::Mainland));
    if domestic && registration.real_named_on.is_none() && cx.domain().is_some() {
        let pointer = Pointer::from("/service/registration/real-named-on");
        let cause = fixed(
            "尚未填写域名实名认证的通过日期",
            "The day on which the real-name verification was passed is not stated",
        );
        out.push(
            Finding::warning(pointer.clone(), cause)
                .remedy(
                    fixed(
                        "在注册商处完成域名实名认证",
                        "Have the domain's real name verified at its registrar",
                    ),
                    outside(OutsideTask::VerifyDomain),
                )
                .remedy(
                    fixed("已经通过的，填写通过日期", "If it was passed, state the day"),
                    RemedyAction::Edit { pointer },
                ),
        );
    }
}
