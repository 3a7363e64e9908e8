use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO019",
    slug: "becomes-shell",
    family: Family::Procedure,
    title: fixed("注销后主体成为空壳", "The sponsor becomes a shell"),
    what: fixed(
        "注销的网站是否是主体下的最后一个",
        "Whether the service that is cancelled is the last of its sponsor",
    ),
    why: fixed(
        "没有网站的主体是空壳，不能再新增网站，只能由管局注销后重新备案",
        "Nothing can be added to a sponsor without a service; only its bureau can cancel such a shell",
    ),
    how: fixed("不再需要该主体的，改为注销主体", "Cancel the sponsor if it is not needed any more"),
    sources: &[FAQ, CANCELLATION],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.cancel(FilingKind::CancelService, |_| ()),
        silent: |e| e.cancel(FilingKind::CancelService, |record| record.services = 2),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.kind != FilingKind::CancelService {
        return;
    }
    let Ok(RecordFact::Held(record)) = cx.facts.record.get() else { return };
    if record.services > 1 {
        return;
    }
    let cause = fixed(
        "这是主体下最后一个网站，注销后主体成为空壳",
        "It is the last service of its sponsor, which then is a shell",
    );
    out.push(Finding::warning("/record", cause).remedy(
        fixed("改为注销主体，以后可以重新备案", "Cancel the sponsor instead; it can file anew later"),
        RemedyAction::UseKind { filing: FilingKind::CancelSponsor },
    ));
}
