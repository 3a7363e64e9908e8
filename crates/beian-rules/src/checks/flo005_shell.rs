use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO005",
    slug: "sponsor-is-shell",
    family: Family::Procedure,
    title: fixed("主体备案是空壳", "The sponsor's record is a shell"),
    what: fixed(
        "主体备案下是否还有网站和接入信息",
        "Whether the sponsor's record still has a service and access",
    ),
    why: fixed(
        "没有网站和接入信息的主体是空壳，不能在其下新增，须先由管局注销",
        "Nothing can be added to a record without service and access; its bureau cancels it first",
    ),
    how: fixed(
        "向备案所在省的管局书面申请注销空壳主体，注销后做首次备案；接入商不能代办",
        "Ask the bureau of the record in writing to cancel the shell, then file anew; a provider cannot do it",
    ),
    sources: &[FAQ, BUREAU],
    situations: &[Situation::S07],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.facts.sponsor_record = sponsor("粤ICP备2026000001号", Presence::Elsewhere);
            if let Known::Known(SponsorRecord::Filed(filed)) = &mut e.facts.sponsor_record {
                filed.standing = Standing::Shell;
            }
        },
        silent: |e| e.facts.sponsor_record = sponsor("粤ICP备2026000001号", Presence::Elsewhere),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (true, Ok(Some(own))) =
        (cx.is_caused_by(ConflictCause::SponsorIsShell), crate::doctor::own_record(cx.facts))
    else {
        return;
    };
    let number = &own.filed.number;
    let (bureau_zh, bureau_en) = bureau_name(cx, Some(number));
    let cause =
        text!("主体备案 {number} 下没有网站和接入信息", "The record {number} has neither service nor access");
    out.push(
        Finding::error("/sponsor/certificate/number", cause)
            .evidence("主体备案号", "Filing number", number)
            .remedy(
                text!(
                    "向{bureau_zh}提交注销空壳主体的申请，注销后做首次备案",
                    "Have the shell cancelled at {bureau_en}, then make a first filing"
                ),
                outside(OutsideTask::CancelShell),
            ),
    );
}
