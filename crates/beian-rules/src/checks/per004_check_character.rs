use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER004",
    slug: "principal-certificate-check-character",
    family: Family::Person,
    title: fixed("负责人证件号码有一位写错了", "A character of a principal's certificate number is wrong"),
    what: fixed("负责人证件号码的校验位", "The check character of a principal's certificate number"),
    why: fixed(
        "校验位由其余各位算出，对不上说明号码抄错了",
        "The check character follows from the others; if it does not fit, the number was mistyped",
    ),
    how: fixed("对照证件逐位核对号码", "Compare the number with the certificate, character by character"),
    sources: &[GB_11643],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.certificate_number = p("440305199003070007"),
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for person in cx.people() {
        if let Some(number) = cx.number_of(person) {
            push_check_character(out, person.at("certificate-number"), number);
        }
    }
}
