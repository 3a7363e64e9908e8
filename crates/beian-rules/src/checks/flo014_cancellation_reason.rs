use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO014",
    slug: "cancellation-reason-unstated",
    family: Family::Procedure,
    title: fixed("没有填写注销理由", "No reason for the cancellation is stated"),
    what: fixed("注销或取消接入是否写明理由", "Whether a cancellation states its reason"),
    why: fixed(
        "接口规范要求填写注销理由，缺少的以 1026 退回",
        "The interface demands a reason; without one it is refused with 1026",
    ),
    how: fixed("选择注销理由", "Choose a reason"),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.maintain(FilingKind::CancelService, Some),
        silent: |e| {
            e.maintain(FilingKind::CancelService, Some);
            e.case.cancellation.reason = Some(beian_domain::CancellationReason::SponsorsWish);
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.kind.purpose() != FilingPurpose::Cancel || cx.case.cancellation.reason.is_some() {
        return;
    }
    let pointer = Pointer::from("/cancellation/reason");
    let cause = fixed("注销理由还没有选择", "The reason is not chosen yet");
    out.push(
        Finding::error(pointer.clone(), cause)
            .remedy(fixed("选择注销理由", "Choose the reason"), RemedyAction::Edit { pointer }),
    );
}
