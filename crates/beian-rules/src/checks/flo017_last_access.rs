use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO017",
    slug: "last-access",
    family: Family::Procedure,
    title: fixed("不能取消最后一个接入", "The last access cannot be cancelled"),
    what: fixed(
        "取消接入后网站是否还有其他接入商",
        "Whether another provider still serves the site once the access here is cancelled",
    ),
    why: fixed(
        "网站的最后一个接入不能取消（1025）；不再使用的，应注销网站",
        "The regulator refuses to take the last access away (1025); a site that is no longer used is cancelled",
    ),
    how: fixed(
        "改为注销网站；仍要使用的，先在其他接入商新增接入",
        "Cancel the service instead; if it is still used, add an access at another provider first",
    ),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.cancel(FilingKind::CancelAccess, |record| record.served_elsewhere = Some(false)),
        silent: |e| e.cancel(FilingKind::CancelAccess, |record| record.served_elsewhere = Some(true)),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.kind != FilingKind::CancelAccess {
        return;
    }
    let Ok(RecordFact::Held(record)) = cx.facts.record.get() else { return };
    let pointer = Pointer::from("/record");
    match record.served_elsewhere {
        Some(true) => {}
        None => out.undetermined(
            pointer,
            fixed(
                "不知道该网站在其他接入商是否还有接入",
                "Whether another provider serves the site is not known",
            ),
        ),
        Some(false) => {
            let cause =
                fixed("该网站只有本接入商这一个接入", "This provider's is the only access of the site");
            out.push(Finding::error(pointer, cause).remedy(
                fixed("改为注销网站", "Cancel the service instead"),
                RemedyAction::UseKind { filing: FilingKind::CancelService },
            ));
        }
    }
}
