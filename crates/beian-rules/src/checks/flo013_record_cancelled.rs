use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO013",
    slug: "record-cancelled",
    family: Family::Procedure,
    title: fixed("备案已注销", "The record was cancelled"),
    what: fixed(
        "要变更、注销或补交材料的备案是否仍然有效",
        "Whether the record to be changed, cancelled or supplemented still holds",
    ),
    why: fixed(
        "备案一经注销不可恢复，备案号不再发放（1049、1050）",
        "A cancelled record is never restored and its number never given again (1049, 1050)",
    ),
    how: fixed("需要继续使用的，重新备案", "File it anew if it is still needed"),
    sources: &[INTERFACE, CANCELLATION],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.maintain(FilingKind::ChangeService, |mut record| {
                record.state = RecordState::Cancelled;
                Some(record)
            })
        },
        silent: |e| e.maintain(FilingKind::ChangeService, Some),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if !cx.is_caused_by(ConflictCause::RecordCancelled) {
        return;
    }
    let number = cx.case.record.as_ref().map(ToString::to_string).unwrap_or_default();
    let cause = text!("备案 {number} 已经注销", "The record {number} was cancelled");
    out.push(Finding::error("/record", cause).evidence("备案号", "Filing number", &number).remedy(
        fixed("重新做首次备案", "File it anew"),
        RemedyAction::UseKind { filing: FilingKind::FirstFiling },
    ));
}
