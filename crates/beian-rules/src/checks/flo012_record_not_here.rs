use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO012",
    slug: "record-not-here",
    family: Family::Procedure,
    title: fixed("本接入商没有该备案", "The record is not with this provider"),
    what: fixed(
        "要变更、注销或补交材料的备案，是否在本接入商的本账号名下",
        "Whether the record to be changed, cancelled or supplemented is with this provider, in this account",
    ),
    why: fixed(
        "接入商只能变更或注销经自己报备的备案，他人报备的，管局以 1047、1048 退回",
        "A provider changes and cancels what was filed through it; for anything else the regulator answers 1047 or 1048",
    ),
    how: fixed(
        "核对备案号；备案在其他接入商的，到该接入商办理，或先做新增接入",
        "Compare the number; for a record of another provider go there, or add an access here first",
    ),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.maintain(FilingKind::ChangeService, |_| None),
        silent: |e| e.maintain(FilingKind::ChangeService, Some),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if !cx.is_caused_by(ConflictCause::RecordNotHere) {
        return;
    }
    let number =
        cx.case.record.as_ref().map_or_else(|| "未填写 (not stated)".to_owned(), ToString::to_string);
    let cause = text!(
        "本账号名下没有备案号为 {number} 的有效备案",
        "No record of this account has the number {number}"
    );
    out.push(Finding::error("/record", cause).evidence("备案号", "Filing number", &number).remedy(
        fixed("填写本账号名下备案的备案号", "State the number of a record of this account"),
        RemedyAction::Edit { pointer: "/record".into() },
    ));
}
