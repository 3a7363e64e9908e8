use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN019",
    slug: "former-certificate-check-character",
    family: Family::Sponsor,
    title: fixed("原证件号码有一位写错了", "A character of the former certificate number is wrong"),
    what: fixed("换证前的证件号码的校验位", "The check character of the number of the replaced certificate"),
    why: fixed(
        "校验位由其余各位算出，对不上说明号码抄错了，查不到已有备案",
        "The check character follows from the others; if it does not fit, no record is found by the number",
    ),
    how: fixed(
        "对照原证件或备案记录逐位核对号码",
        "Compare the number with the former certificate or the record, character by character",
    ),
    sources: &[GB_32100, GB_11714, GS_15],
    situations: &[Situation::S03, Situation::S09],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.former_number("440305000000002"),
        silent: |e| e.former_number("440305000000001"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if let Some(former) = &cx.case.sponsor.certificate.former {
        push_check_character(out, FORMER_NUMBER.into(), former.kind, &former.number);
    }
}
