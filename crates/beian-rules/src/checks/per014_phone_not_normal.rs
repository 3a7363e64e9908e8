use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER014",
    slug: "phone-not-normal",
    family: Family::Person,
    title: fixed("电话号码的写法已整理", "A telephone number was read from another spelling"),
    what: fixed("电话号码中的全角字符和空格", "Full-width characters and blanks in telephone numbers"),
    why: fixed(
        "号码本身没有错；报送的是不带空格的半角数字",
        "The number is right; what is sent are ordinary digits without blanks",
    ),
    how: fixed("改为规范写法", "Write it in its normal form"),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.mobile = p("138 0000 ０００１"),
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for person in cx.people() {
        let principal = person.principal;
        for (field, phone) in [
            ("mobile", &principal.mobile),
            ("emergency-phone", &principal.emergency_phone),
            ("office-phone", &principal.office_phone),
        ] {
            let Some(phone) = answered(phone.as_ref()) else { continue };
            // What is no number as it stands is told by its own check.
            if !is_normal(phone.expose()) && super::per007_emergency_phone::is_phone(phone.expose()) {
                push_not_normal(out, person.at(field));
            }
        }
    }
}
