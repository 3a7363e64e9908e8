use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER007",
    slug: "emergency-phone-form",
    family: Family::Person,
    title: fixed("应急联系电话的格式不对", "The emergency telephone has the wrong form"),
    what: fixed(
        "应急联系电话是否为手机或带区号的固定电话",
        "Whether the emergency telephone is a mobile number or a landline with area code",
    ),
    why: fixed(
        "手机联系不上时，审核人员拨打这个电话",
        "The reviewer calls it when the mobile number does not answer",
    ),
    how: fixed(
        "填写 11 位手机号码，或“区号-号码”形式的固定电话",
        "Give a mobile number of 11 digits, or a landline with its area code and a hyphen",
    ),
    sources: &[SUBJECT],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.emergency_phone = p("00000001"),
        silent: |e| e.case.sponsor.principal.emergency_phone = p("0755-00000009"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for person in cx.people() {
        let Some(phone) = answered(person.principal.emergency_phone.as_ref()) else { continue };
        if !is_phone(phone.expose()) {
            let cause = fixed(
                "应为 11 位手机号码，或形如 0755-00000000 的固定电话",
                "Expected a mobile number of 11 digits or a landline such as 0755-00000000",
            );
            let pointer = person.at("emergency-phone");
            let finding = Finding::error(pointer.clone(), cause).evidence(
                "所填号码（已遮盖）",
                "Number given, masked",
                phone.masked(),
            );
            out.push(normalised(finding, pointer, is_phone(&beian_domain::normal_form(phone.expose()))));
        }
    }
}

/// Whether a text is a mobile number or a landline with its area code.
pub(super) fn is_phone(text: &str) -> bool {
    text.parse::<beian_domain::OfficePhone>().is_ok()
}
