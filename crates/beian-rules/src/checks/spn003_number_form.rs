use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN003",
    slug: "sponsor-certificate-number-form",
    family: Family::Sponsor,
    title: fixed("主办者证件号码的格式不对", "The sponsor's certificate number has the wrong form"),
    what: fixed("证件号码的位数和字符是否符合证件类型", "Length and characters of the certificate number"),
    why: fixed(
        "号码格式不对时，管局查不到主办者，会按无效证件退回",
        "With a malformed number the regulator finds nobody and returns the filing",
    ),
    how: fixed(
        "对照证件逐位核对号码；若证件类型选错，改选证件类型",
        "Compare the number with the certificate; if the kind of certificate is wrong, choose the right one",
    ),
    sources: &[GB_11643, GB_32100, GB_11714, GS_15],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.certificate.number = p("91440305000"),
        silent: |e| e.case.sponsor.certificate.number = p("440305000000001"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if let Some(number) = cx.own_number() {
        push_form(out, "/sponsor/certificate/number".into(), number);
    }
}
