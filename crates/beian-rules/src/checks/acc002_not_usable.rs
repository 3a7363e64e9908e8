use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC002",
    slug: "resource-not-usable",
    family: Family::Access,
    title: fixed("该资源不能由本账号使用", "This account cannot use the resource"),
    what: fixed("资源是否存在、是否属于本账号", "Whether the resource exists and is this account's"),
    why: fixed(
        "只能用自己的资源或他人授权的资源备案",
        "One files on one's own resource, or on one that its owner authorized",
    ),
    how: fixed(
        "选择本账号的资源，或请资源所有者提供授权码",
        "Choose a resource of this account, or ask its owner for an authorization code",
    ),
    sources: &[RESOURCE],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.facts.resource = Known::Known(ResourceFact::OtherAccount),
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let pointer = Pointer::from("/access/resource");
    // Whether an authorization code opens it is told of the code.
    if cx.case.access.stated_code().is_some() {
        return;
    }
    let Some(reference) = stated(cx.case.access.resource.as_ref()) else { return };
    let reference = shortened(reference);
    let (cause, code) = match cx.facts.resource.get() {
        Ok(ResourceFact::Usable(_)) => return,
        Err(missing) => return out.undetermined(pointer, missing.clone()),
        Ok(ResourceFact::OtherAccount) => (
            text!(
                "资源 {reference} 属于其他账号，没有授权",
                "{reference} is another account's, without an authorization"
            ),
            true,
        ),
        Ok(ResourceFact::NotFound) => {
            (text!("没有名为 {reference} 的资源", "There is no resource {reference}"), false)
        }
    };
    let mut finding = Finding::error(pointer.clone(), cause);
    if code {
        finding = finding.remedy(
            fixed("请资源所有者签发备案授权码", "Have the owner of the resource issue an authorization code"),
            outside(OutsideTask::AuthorizationCode),
        );
    }
    out.push(
        finding
            .remedy(
                fixed("选择本账号的资源", "Choose a resource of this account"),
                RemedyAction::Edit { pointer },
            )
            .remedy(fixed("购买符合条件的资源", "Buy a resource that qualifies"), RemedyAction::Resource),
    );
}
