use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER009",
    slug: "office-phone-form",
    family: Family::Person,
    title: fixed("办公电话的格式不对", "The office telephone has the wrong form"),
    what: fixed("办公电话是否带区号", "Whether the office telephone has its area code"),
    why: fixed(
        "接口要求不少于 11 个字符，格式不对会按“无效办公电话”退回",
        "The interface takes 11 characters or more, and returns what is malformed",
    ),
    how: fixed(
        "按“区号-号码”填写，例如 0755-00000000；没有座机可填手机号码",
        "Give area code, hyphen and number, such as 0755-00000000; without a landline, a mobile number",
    ),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.office_phone = p("00000001"),
        silent: |e| e.case.sponsor.principal.office_phone = p("010-00000001-12"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for person in cx.people() {
        let Some(phone) = answered(person.principal.office_phone.as_ref()) else { continue };
        if !fits(phone.expose()) {
            let cause = fixed(
                "应为带区号的固定电话，连同区号和“-”不少于 11 个字符",
                "Expected a landline with area code, 11 characters or more with its hyphen",
            );
            let pointer = person.at("office-phone");
            let finding = Finding::error(pointer.clone(), cause).evidence(
                "所填号码（已遮盖）",
                "Number given, masked",
                phone.masked(),
            );
            out.push(normalised(finding, pointer, fits(&beian_domain::normal_form(phone.expose()))));
        }
    }
}

/// 区号 of three digits with a number of seven is one character short for the interface.
fn fits(text: &str) -> bool {
    text.parse::<beian_domain::OfficePhone>().is_ok_and(|phone| phone.as_str().len() >= 11)
}
