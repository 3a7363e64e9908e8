use super::authorization::*;
use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC017",
    slug: "authorization-code-expired",
    family: Family::Access,
    title: fixed("授权码已失效", "The authorization code is expired"),
    what: fixed(
        "授权码对应的服务器剩余时长是否足够",
        "Whether enough remains of the term of the code's server",
    ),
    why: fixed(
        "服务器剩余时长不足或已到期，授权码随之失效；续费后自动恢复",
        "When too little of the server's term remains, the code expires; a renewal revives it",
    ),
    how: fixed(
        "请签发方为服务器续费，授权码随即恢复",
        "Have the issuer renew the server: the code is alive again at once",
    ),
    sources: &[CODES_OF],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.code(CodeFact::Expired),
        silent: |e| e.code(CodeFact::Usable(crate::example::friends_server())),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if !matches!(known(cx), Some(CodeFact::Expired)) {
        return;
    }
    let cause = fixed(
        "授权码已失效：对应的服务器剩余时长不足、已到期，或已不属于签发方",
        "The code is expired: too little of its server's term remains, or the server is no longer its issuer's",
    );
    let renew = fixed(
        "请签发方为服务器续费（授权码自动恢复），或签发新的授权码",
        "Have the issuer renew the server, which revives the code, or issue a new one",
    );
    out.push(finding(cause, renew));
}
