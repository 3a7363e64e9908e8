use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV013",
    slug: "domain-holder",
    family: Family::Province,
    title: fixed("该省对域名持有者有要求", "The province restricts who may hold the domain"),
    what: fixed("单位网站的域名持有者", "Who holds the domain of a unit's site"),
    why: fixed(
        "有的省要求域名登记在单位名下，不接受法定代表人持有；系统不掌握持有者，仅作提示",
        "Some provinces want the unit itself to hold the domain; who does is not known here, so this is advice",
    ),
    how: fixed(
        "在注册商处把域名过户到单位名下，并等实名信息生效",
        "Transfer the domain to the unit at its registrar, and wait until the real name shows",
    ),
    sources: &[BUREAU, DOMAIN],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.settle("430102"), silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(false), Some(province), Some(_)) = (cx.is_individual(), cx.province(), domain(cx)) else {
        return;
    };
    let pointer = Pointer::from("/service/domain");
    let Some(rule) = cx.dated(&province.domain_holder_unit, &pointer, out) else { return };
    let name = &province.name;
    let cause = match rule.value {
        crate::DomainHolder::UnitOrLegalRepresentative => return,
        crate::DomainHolder::UnitOnly => {
            text!("{name}要求域名登记在主办单位名下", "{name} wants the domain to be the unit's own")
        }
        crate::DomainHolder::UnitOrLegalRepresentativeWithLetter => text!(
            "{name}要求域名在法定代表人名下时提供授权书",
            "{name} wants a letter if the legal representative holds the domain"
        ),
    };
    out.push(
        Finding::advice(pointer, cause)
            .evidence(
                "可用的注册商",
                "Registrars",
                "任何经批准的境内注册商 (any approved domestic registrar)",
            )
            .source(rule.source())
            .remedy(out.how(), outside(OutsideTask::TransferDomain)),
    );
}
