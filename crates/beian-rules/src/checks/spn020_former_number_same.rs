use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN020",
    slug: "former-number-is-present-one",
    family: Family::Sponsor,
    title: fixed("原证件号码与现证件号码相同", "The former certificate number is the present one"),
    what: fixed(
        "换证前后的证件号码是否不同",
        "Whether the numbers of the present and of the replaced certificate differ",
    ),
    why: fixed(
        "号码没有变的，不必填写原证件；填错的，查不到换证前的备案",
        "If the number did not change, the former certificate need not be stated; if it is a mistake, the older record is not found",
    ),
    how: fixed(
        "填写换证前证件上的号码；号码没有变的，删去原证件",
        "State the number of the replaced certificate, or leave that out if the number did not change",
    ),
    sources: &[FAQ],
    situations: &[Situation::S03, Situation::S09],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.former_number("91440305000000000n"),
        silent: |e| e.former_number("440305000000001"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let certificate = &cx.case.sponsor.certificate;
    let (Some(former), Some(number)) = (&certificate.former, answered(certificate.number.as_ref())) else {
        return;
    };
    if beian_domain::normal_form(former.number.expose()) == beian_domain::normal_form(number.expose()) {
        let cause = fixed("两处填写的证件号码相同", "Both certificate numbers are the same");
        out.push(
            Finding::warning(FORMER_NUMBER, cause)
                .evidence("所填号码（已遮盖）", "Number given, masked", number.masked())
                .remedy(
                    fixed("填写换证前证件上的号码", "State the number of the replaced certificate"),
                    RemedyAction::Edit { pointer: FORMER_NUMBER.into() },
                )
                .remedy(
                    fixed("号码没有变的，删去原证件", "Leave it out if the number did not change"),
                    RemedyAction::Edit { pointer: "/sponsor/certificate/former".into() },
                ),
        );
    }
}
