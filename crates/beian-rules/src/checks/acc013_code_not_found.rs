use super::authorization::*;
use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC013",
    slug: "authorization-code-not-found",
    family: Family::Access,
    title: fixed("没有签发给本账号的这个授权码", "This account was given no such authorization code"),
    what: fixed("授权码是否签发给了本账号", "Whether the code was issued to this account"),
    why: fixed(
        "授权码只能由签发时指定的账号使用；是否签发给了别的账号，不告知",
        "A code can only be used by the account that it names; whether it names another is not told",
    ),
    how: fixed(
        "核对授权码和登录的账号，或请签发方按本账号的登录名重新签发",
        "Look at the code and at the account that is signed in, or have it issued to this account's login name",
    ),
    sources: &[CODES_OF],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.code(CodeFact::NotFound),
        silent: |e| e.code(CodeFact::Usable(crate::example::friends_server())),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    // One that is no code at all is told as that.
    if cx.case.access.stated_code().is_none_or(|stated| stated.parse::<CodeText>().is_err()) {
        return;
    }
    match cx.facts.authorization_code.get() {
        Ok(CodeFact::NotFound) => {
            let cause = fixed(
                "没有签发给本账号的这个授权码：可能抄写有误，也可能是签发给其他账号的",
                "No such code was issued to this account: it was copied wrongly, or it is another account's",
            );
            out.push(mistyped(finding(cause, another_code())));
        }
        Ok(_) => {}
        Err(missing) => out.undetermined(Pointer::from(AT), missing.clone()),
    }
}
