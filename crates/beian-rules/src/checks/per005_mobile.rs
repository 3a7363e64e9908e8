use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER005",
    slug: "mobile-number-form",
    family: Family::Person,
    title: fixed("手机号码的格式不对", "The mobile number has the wrong form"),
    what: fixed(
        "负责人手机号码是否为中国大陆 11 位号码",
        "Whether the mobile number is a mainland one of 11 digits",
    ),
    why: fixed(
        "工信部的核验短信发到这个号码，收不到就无法通过核验",
        "The ministry's verification message goes to it; without it the filing cannot pass",
    ),
    how: fixed(
        "填写负责人本人正在使用的 11 位手机号码",
        "Give the principal's own mobile number of 11 digits",
    ),
    sources: &[INTERFACE, SUBJECT],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.mobile = p("12800000001"),
        silent: |e| e.case.sponsor.principal.mobile = p("+86 138-0000-0001"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for person in cx.people() {
        let Some(mobile) = answered(person.principal.mobile.as_ref()) else { continue };
        if mobile.expose().parse::<beian_domain::MobileNumber>().is_err() {
            let length = mobile.expose().chars().count();
            let cause = text!(
                "应为 13 至 19 开头的 11 位数字，所填内容共 {length} 个字符，不符合",
                "Expected 11 digits that begin with 13 to 19, got {length} characters that do not fit"
            );
            out.push(Finding::error(person.at("mobile"), cause).evidence(
                "所填号码（已遮盖）",
                "Number given, masked",
                mobile.masked(),
            ));
        }
    }
}
