use super::authorization::*;
use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC014",
    slug: "authorization-code-of-other-account",
    family: Family::Access,
    title: fixed("授权码是本账号签发给其他账号的", "This account issued the code to another one"),
    what: fixed(
        "本账号签发的授权码是否指定了其他账号",
        "Whether a code that this account issued names another",
    ),
    why: fixed(
        "授权码只能由签发时指定的账号使用，签发方自己也不能使用",
        "A code can only be used by the account that it names, not even by whoever issued it",
    ),
    how: fixed(
        "用本账号自己的名额备案，或登录授权码指定的账号，或给本账号另行签发",
        "File on a place of this account's own, sign in as the account that the code names, or issue one to this account",
    ),
    sources: &[CODES_OF],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.code(CodeFact::IssuedToOther { masked_login: "x***".to_owned() }),
        silent: |e| e.code(CodeFact::Usable(crate::example::friends_server())),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(CodeFact::IssuedToOther { masked_login }) = known(cx) else { return };
    let cause = text!(
        "该授权码是本账号签发给账号 {masked_login} 的，只有该账号可以使用",
        "This account issued the code to {masked_login}, and only that account can use it"
    );
    let own = fixed("给本账号另行签发授权码", "Issue a code to this account");
    out.push(finding(cause, own).evidence(
        "授权码指定的账号（已遮盖）",
        "Account of the code, masked",
        masked_login,
    ));
}
