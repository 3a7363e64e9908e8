use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM008",
    slug: "domain-registration-unstated",
    family: Family::Domain,
    title: fixed("没有填写域名注册信息", "How the domain is registered is not stated"),
    what: fixed(
        "域名的注册商、持有者和到期日是否已填写",
        "Whether registrar, holder and last day of the domain are stated",
    ),
    why: fixed(
        "注册商、持有者或有效期不符合要求会被退回；填写之后系统才能事先核对",
        "A registrar, holder or term that does not fit is returned; it can be checked beforehand only if it is stated",
    ),
    how: fixed(
        "按注册商控制台显示的内容填写域名注册信息；域名不必在本接入商注册",
        "State what the registrar's console shows; the domain need not be registered with this provider",
    ),
    sources: &[DOMAIN, NOTICE_264],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.registration = beian_domain::DomainRegistration::default(),
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let registration = &cx.case.service.registration;
    let fields = [
        (registration.registrar.is_none(), "注册商", "registrar"),
        (registration.holder.is_none(), "持有者", "holder"),
        (registration.expires_on.is_none(), "到期日", "last day"),
    ];
    if cx.domain().is_none() || !fields.iter().any(|(missing, _, _)| *missing) {
        return;
    }
    let missing = || fields.iter().filter(|(missing, _, _)| *missing);
    let zh: Vec<_> = missing().map(|(_, zh, _)| *zh).collect();
    let en: Vec<_> = missing().map(|(_, _, en)| *en).collect();
    let cause = text!("域名的{}尚未填写", "Not stated of the domain: {}", (zh.join("、")), (en.join(", ")));
    out.push(Finding::advice("/service/registration", cause));
}
