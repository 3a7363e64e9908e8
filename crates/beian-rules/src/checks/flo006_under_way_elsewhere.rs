use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO006",
    slug: "under-way-elsewhere",
    family: Family::Procedure,
    title: fixed("在其他接入商有在途备案", "A filing is under way at another provider"),
    what: fixed(
        "主办者或域名是否有在其他接入商办理中的备案",
        "Whether sponsor or domain is in a filing that another provider has under way",
    ),
    why: fixed(
        "一个主办者全国只能有一份在途备案，一个域名也只能在一份之中；后提交的会被管局退回",
        "A sponsor has one filing under way in the whole country, and a domain is in one; the later is refused",
    ),
    how: fixed(
        "先在那一家接入商完成或撤销在途的备案",
        "Finish or withdraw the filing at the other provider first",
    ),
    sources: &[FAQ, INTERFACE],
    situations: &[Situation::S07, Situation::S08],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.facts.under_way = Known::Known(UnderWay::OwnFiling), silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if let Err(missing) = cx.facts.under_way.get() {
        return out.undetermined("/sponsor".into(), missing.clone());
    }
    if cx.is_caused_by(ConflictCause::OwnFilingUnderWay) {
        out.push(
            Finding::error(
                "/sponsor",
                fixed(
                    "该主办者在其他接入商提交的备案尚未办结",
                    "A filing of this sponsor that was handed in through another provider is not finished",
                ),
            )
            .caused_by(ConflictCause::OwnFilingUnderWay)
            .remedy(
                fixed("在那一家接入商撤销在途的备案", "Withdraw it at that provider"),
                outside(OutsideTask::WithdrawElsewhere),
            )
            .remedy(
                fixed(
                    "等那一家接入商办结，再在这里新增网站或接入",
                    "Let it be finished there, then add a service or access here",
                ),
                outside(OutsideTask::FinishElsewhere),
            ),
        );
    }
    if cx.is_caused_by(ConflictCause::OthersFilingUnderWay) {
        let pointer = Pointer::from("/service/domain");
        out.push(
            Finding::error(
                pointer.clone(),
                fixed(
                    "该域名在其他主办者的在途备案中",
                    "The domain is in a filing that another sponsor has under way",
                ),
            )
            .caused_by(ConflictCause::OthersFilingUnderWay)
            .titled(ConflictCause::OthersFilingUnderWay.label())
            .remedy(
                fixed(
                    "域名属于自己的，请对方撤销；对方不是持有者，其备案会被退回",
                    "If the domain is yours, have the other withdraw it; a filing by who does not hold the domain is refused",
                ),
                outside(OutsideTask::WithdrawElsewhere),
            )
            .remedy(fixed("换用其他域名", "Use another domain"), RemedyAction::Edit { pointer }),
        );
    }
}
