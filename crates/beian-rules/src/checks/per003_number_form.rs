use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER003",
    slug: "principal-certificate-number-form",
    family: Family::Person,
    title: fixed("负责人证件号码的格式不对", "A principal's certificate number has the wrong form"),
    what: fixed(
        "负责人证件号码的位数、字符和出生日期",
        "Length, characters and date of birth of a principal's certificate number",
    ),
    why: fixed(
        "格式不对的号码会按“无效身份证号码”退回，短信核验也无法进行",
        "A malformed number is returned, and SMS verification asks for its last digits",
    ),
    how: fixed(
        "对照证件逐位核对；若证件类型选错，改选证件类型",
        "Compare the number with the certificate; if the kind of certificate is wrong, choose the right one",
    ),
    sources: &[GB_11643, INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.certificate_number = p("440305199002300006"),
        silent: |e| e.case.sponsor.principal.certificate_number = p("33010619780402000x"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for person in cx.people() {
        if let Some(number) = cx.number_of(person) {
            push_form(out, person.at("certificate-number"), number);
        }
    }
}
