use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN004",
    slug: "sponsor-certificate-check-character",
    family: Family::Sponsor,
    title: fixed("主办者证件号码有一位写错了", "A character of the sponsor's certificate number is wrong"),
    what: fixed("证件号码的校验位", "The check character of the certificate number"),
    why: fixed(
        "校验位由其余各位算出，对不上说明号码抄错了",
        "The check character follows from the others; if it does not fit, the number was mistyped",
    ),
    how: fixed("对照证件逐位核对号码", "Compare the number with the certificate, character by character"),
    sources: &[GB_11643, GB_32100, GB_11714, GS_15],
    situations: &[Situation::S05],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.certificate.number = p("91440305000000000M"),
        silent: |e| e.case.sponsor.certificate.number = p("91440305000000000n"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if let Some(number) = cx.own_number() {
        push_check_character(out, "/sponsor/certificate/number".into(), number);
    }
}
