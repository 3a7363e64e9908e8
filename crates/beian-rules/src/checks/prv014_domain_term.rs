use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV014",
    slug: "domain-months-left",
    family: Family::Province,
    title: fixed("该省要求域名还有足够的有效期", "The province wants the domain to last long enough"),
    what: fixed("该省要求的域名剩余有效期", "How long the province wants the domain to be registered still"),
    why: fixed(
        "有的省要求域名在提交时还有三个月以上有效期；系统不掌握到期日，仅作提示",
        "Some provinces want three months left; when the domain ends is not known here, so this is advice",
    ),
    how: fixed(
        "在注册商处查看到期日，不足的先续费",
        "See at the registrar when the domain ends, and renew it if that is too soon",
    ),
    sources: &[BUREAU, DOMAIN],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.settle("310115"), silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(province), Some(_)) = (cx.province(), domain(cx)) else { return };
    let pointer = Pointer::from("/service/domain");
    let Some(rule) = cx.dated(&province.domain_months_left, &pointer, out) else { return };
    let (name, needed) = (&province.name, rule.value);
    if needed > 0 {
        let cause = text!(
            "{name}要求域名提交时还有 {needed} 个月以上有效期",
            "{name} wants the domain to be registered for {needed} months more"
        );
        out.push(
            Finding::advice(pointer, cause)
                .source(rule.source())
                .remedy(out.how(), outside(OutsideTask::RenewDomain)),
        );
    }
}
