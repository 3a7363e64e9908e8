use super::authorization::*;
use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC012",
    slug: "authorization-code-form",
    family: Family::Access,
    title: fixed("授权码写法不正确", "This is no authorization code"),
    what: fixed(
        "授权码是否为 16 位，末位是否与其余各位相符",
        "Whether the code has 16 characters of which the last fits the others",
    ),
    why: fixed(
        "授权码由系统生成，末位为校验位：写法不符的一定是抄写有误",
        "Codes are made by the system and the last character checks the rest: one that does not fit was copied wrongly",
    ),
    how: fixed("照原样填写授权码，连字符可省略", "State the code as it was given; hyphens may be left out"),
    sources: &[CODES_OF],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.code(CodeFact::NotFound);
            e.case.access.authorization_code = Some("7F3K-Q0AB-9XYZ-1CD8".to_owned());
        },
        silent: |e| e.code(CodeFact::Usable(crate::example::friends_server())),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(stated) = cx.case.access.stated_code() else { return };
    let cause = match stated.parse::<CodeText>() {
        Ok(_) => return,
        Err(CodeTextError::Form { got }) => text!(
            "授权码应为 16 位字母和数字，所填为 {got} 位或含有其他字符",
            "Expected 16 letters and digits, got {got} characters, or others among them"
        ),
        Err(CodeTextError::Check) => fixed(
            "授权码末位与其余各位不符：至少有一位写错",
            "The last character does not fit the others: at least one is wrong",
        ),
    };
    out.push(mistyped(finding(cause, another_code())));
}
