use super::authorization::*;
use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC018",
    slug: "authorization-code-revoked",
    family: Family::Access,
    title: fixed("授权码已被签发方撤销", "The issuer took the code back"),
    what: fixed("授权码是否已被撤销", "Whether the code was revoked"),
    why: fixed(
        "签发方可以撤销尚未使用的授权码，撤销后不能恢复",
        "An issuer can revoke a code that nobody uses yet, for good",
    ),
    how: fixed("请签发方签发新的授权码", "Have the issuer issue a new one"),
    sources: &[CODES_OF],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.code(CodeFact::Revoked),
        silent: |e| e.code(CodeFact::Usable(crate::example::friends_server())),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if matches!(known(cx), Some(CodeFact::Revoked)) {
        out.push(finding(fixed("授权码已被签发方撤销", "Its issuer took the code back"), another_code()));
    }
}
