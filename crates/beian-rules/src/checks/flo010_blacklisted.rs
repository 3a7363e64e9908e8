use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO010",
    slug: "blacklisted",
    family: Family::Procedure,
    title: fixed("在管局黑名单中", "It is on the regulator's blacklist"),
    what: fixed(
        "主办者和域名是否在管局下发的黑名单中",
        "Whether sponsor or domain is on the blacklist that the regulator sends",
    ),
    why: fixed(
        "因违法违规被列入黑名单的主办者和域名不得备案，只有管局能移出",
        "Who was put on the blacklist for breaking the law is not filed, and only the regulator takes them off",
    ),
    how: fixed(
        "域名在黑名单中的，换用其他域名；主办者在黑名单中的，只能向管局申诉",
        "Use another domain if it is the domain; if it is the sponsor, only an appeal to the bureau is left",
    ),
    sources: &[INTERFACE, ORDER_33],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.facts.blacklist = Known::Known(Blacklist::Domain), silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    match cx.facts.blacklist.get() {
        Err(missing) => out.undetermined("/sponsor".into(), missing.clone()),
        Ok(Blacklist::Nothing) => {}
        Ok(Blacklist::Domain) => {
            let pointer = Pointer::from("/service/domain");
            out.push(
                Finding::error(
                    pointer.clone(),
                    fixed("该域名在管局的黑名单中", "The domain is on the regulator's blacklist"),
                )
                .remedy(fixed("换用其他域名", "Use another domain"), RemedyAction::Edit { pointer })
                .remedy(APPEAL, outside(OutsideTask::Appeal)),
            );
        }
        Ok(Blacklist::Sponsor) => out.push(
            Finding::error(
                "/sponsor",
                fixed("该主办者在管局的黑名单中", "The sponsor is on the regulator's blacklist"),
            )
            .remedy(APPEAL, outside(OutsideTask::Appeal)),
        ),
    }
}

const APPEAL: Text = fixed("向管局申请移出黑名单", "Ask the bureau to take it off the blacklist");
