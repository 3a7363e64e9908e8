use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC001",
    slug: "resource-not-chosen",
    family: Family::Access,
    title: fixed("没有选择备案资源", "No resource is chosen"),
    what: fixed("网站由哪个资源提供服务", "Which resource the service is served on"),
    why: fixed(
        "谁接入谁备案：备案必须对应本接入商的一个资源",
        "Who connects a site files it, so a filing needs a resource of this provider",
    ),
    how: fixed(
        "选择符合条件的资源；没有的，购买资源或使用授权码",
        "Choose a resource that qualifies; without one, buy one or use an authorization code",
    ),
    sources: &[RESOURCE, ORDER_33],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.case.access.resource = None, silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if stated(cx.case.access.resource.as_ref()).is_none() {
        out.push(
            Finding::error("/access/resource", fixed("尚未选择资源", "No resource was chosen"))
                .remedy(
                    fixed("选择资源", "Choose a resource"),
                    RemedyAction::Edit { pointer: "/access/resource".into() },
                )
                .remedy(fixed("购买符合条件的资源", "Buy a resource that qualifies"), RemedyAction::Resource),
        );
    }
}
