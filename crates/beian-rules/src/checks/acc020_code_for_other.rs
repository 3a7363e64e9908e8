use super::authorization::*;
use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC020",
    slug: "authorization-code-for-other-resource",
    family: Family::Access,
    title: fixed("所填资源不是授权码对应的资源", "The resource is not the one of the code"),
    what: fixed(
        "填写的资源与授权码对应的资源是否一致",
        "Whether the resource that is stated is the one that the code opens",
    ),
    why: fixed(
        "一个授权码只对应一个资源，网站须接入该资源",
        "A code opens one resource, and the service must be served on that one",
    ),
    how: fixed("改为授权码对应的资源", "State the resource of the code"),
    sources: &[CODES_OF],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.code(CodeFact::Usable(crate::example::friends_server()));
            e.case.access.resource = Some("practice-server-9".to_owned());
        },
        silent: |e| e.code(CodeFact::Usable(crate::example::friends_server())),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(CodeFact::Usable(resource)) = known(cx) else { return };
    let stated = stated(cx.case.access.resource.as_ref());
    if stated == Some(resource.reference.as_str()) {
        return;
    }
    let own = &resource.reference;
    let stated = shortened(stated.unwrap_or("—"));
    let cause = text!(
        "授权码对应的资源是 {own}，所填为 {stated}",
        "The code opens the resource {own}, and {stated} is stated"
    );
    let pointer = Pointer::from("/access/resource");
    out.push(
        Finding::error(pointer.clone(), cause).remedy(
            text!("改为 {own}", "State {own}"),
            RemedyAction::Replace { pointer, value: own.clone() },
        ),
    );
}
