use super::authorization::*;
use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC016",
    slug: "authorization-code-used",
    family: Family::Access,
    title: fixed("授权码已使用", "The authorization code is used"),
    what: fixed("授权码是否已用于备案成功的网站", "Whether a service is filed with the code"),
    why: fixed(
        "已使用的授权码只能用于同一网站的变更备案，不能再用于首次备案、新增网站或新增接入",
        "A used code serves changes of the same service only, no first filing, new service or new access",
    ),
    how: fixed("请签发方为本网站另行签发授权码", "Have another code issued for this service"),
    sources: &[CODES_OF],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.code(CodeFact::Used { service: "粤ICP备2026000001号-1".parse().unwrap() }),
        silent: |e| e.code(CodeFact::Usable(crate::example::friends_server())),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(CodeFact::Used { service }) = known(cx) else { return };
    let cause = text!(
        "授权码已用于备案成功的网站 {service}，只能再用于该网站的变更备案",
        "The code is used for the service {service}, and only a change of that service may use it"
    );
    out.push(finding(cause, another_code()).evidence("使用授权码的网站", "Service of the code", service));
}
