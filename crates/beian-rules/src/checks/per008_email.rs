use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER008",
    slug: "email-form",
    family: Family::Person,
    title: fixed("电子邮箱的格式不对", "The e-mail address has the wrong form"),
    what: fixed("负责人的电子邮箱", "A principal's e-mail address"),
    why: fixed(
        "备案结果和退回原因发到这个邮箱；格式不对会按“无效邮箱”退回",
        "Results and reasons are sent to it; a malformed one is returned",
    ),
    how: fixed(
        "填写能收到邮件的地址，例如 name@example.com",
        "Give an address that receives mail, such as name@example.com",
    ),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.email = p("xiaoming.practice.example.com"),
        silent: |e| e.case.sponsor.principal.email = p("a@b.cn"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for person in cx.people() {
        let Some(email) = answered(person.principal.email.as_ref()) else { continue };
        if email.expose().parse::<beian_domain::EmailAddress>().is_err() {
            let cause = fixed(
                "应为 6 至 128 个英文字符、含一个 @ 和一个域名的地址",
                "Expected 6 to 128 ASCII characters with one @ and a domain",
            );
            out.push(Finding::error(person.at("email"), cause).evidence(
                "所填邮箱（已遮盖）",
                "Address given, masked",
                email.masked(),
            ));
        }
    }
}
