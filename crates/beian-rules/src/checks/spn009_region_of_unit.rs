use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN009",
    slug: "region-differs-from-certificate",
    family: Family::Sponsor,
    title: fixed("备案区域与证件住所不一致", "The division to file in is not that of the certificate"),
    what: fixed(
        "单位的备案省、市、区县是否与证件住所一致",
        "Whether a unit files in the province, city and county of its certificate",
    ),
    why: fixed(
        "单位只能在证件住所所在地备案；选错省份的订单无法修改，只能放弃重建",
        "A unit files where its certificate says; an order with a wrong province cannot be mended",
    ),
    how: fixed(
        "备案区域改为证件住所所在的区县；要在外省备案，由当地分支机构用自己的证件办理",
        "Choose the division of the certificate; elsewhere a local branch files with its own certificate",
    ),
    sources: &[FAQ, ORDER_33],
    situations: &[Situation::S01],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.case.sponsor.division = Some(division("440304")), silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let sponsor = &cx.case.sponsor;
    let (Some(chosen), Some(certified), Some(false)) =
        (sponsor.division, sponsor.certificate.division, cx.is_individual())
    else {
        return;
    };
    if chosen == certified {
        return;
    }
    let name = |division| cx.rulebook.division_name(division).unwrap_or_else(|| format!("{division}"));
    let (chosen_name, certified_name) = (name(chosen), name(certified));
    let cause = text!(
        "证件住所在{certified_name}，备案区域选了{chosen_name}；单位须省、市、区县一致",
        "The certificate is of {certified_name}, the division chosen is {chosen_name}; for a unit they must be the same"
    );
    let action = RemedyAction::Replace { pointer: "/sponsor/division".into(), value: certified.to_string() };
    out.push(
        Finding::error("/sponsor/division", cause)
            .evidence("证件住所所在区域", "Division of the certificate", &certified_name)
            .remedy(text!("备案区域改为{certified_name}", "File in {certified_name}"), action)
            .remedy(
                fixed(
                    "对照证件核对住所所在区域，填错的改正",
                    "Compare the division with the certificate, and correct it if it is wrong",
                ),
                RemedyAction::Review { pointer: "/sponsor/certificate/division".into() },
            )
            .remedy(
                fixed(
                    "要在外省备案，由当地分支机构用自己的证件办理",
                    "To file elsewhere, let a branch there file with its own certificate",
                ),
                outside(OutsideTask::FileByLocalUnit),
            ),
    );
}
