use super::prelude::*;
use beian_domain::NumberStated;

pub(super) const CHECK: Check = Check {
    code: "SPN021",
    slug: "former-certificate-unstated",
    family: Family::Sponsor,
    title: fixed(
        "选用原证件号码，却没有填写原证件",
        "The former number is to be stated, and there is no former certificate",
    ),
    what: fixed(
        "选用换证前号码时，原证件是否已填写",
        "Whether the replaced certificate is stated when its number is to be used",
    ),
    why: fixed(
        "备案要写原号码，就必须知道原号码和证件类型",
        "For the former number to be sent, it must be known, and with it the kind of certificate",
    ),
    how: fixed("填写原证件，或改用现证件号码", "State the former certificate, or use today's number"),
    sources: &[FAQ],
    situations: &[Situation::S03, Situation::S09],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.certificate.states = NumberStated::Former,
        silent: |e| e.former_number("440305000000001"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let certificate = &cx.case.sponsor.certificate;
    if certificate.states == NumberStated::Former && certificate.former.is_none() {
        let pointer = Pointer::from("/sponsor/certificate/states");
        let cause = fixed("没有填写原证件", "No former certificate is stated");
        out.push(
            Finding::error(pointer.clone(), cause)
                .remedy(
                    fixed("填写原证件的类型和号码", "State kind and number of the former certificate"),
                    RemedyAction::Edit { pointer: "/sponsor/certificate/former".into() },
                )
                .remedy(
                    fixed("改用现证件号码", "Use today's number"),
                    RemedyAction::Replace { pointer, value: "current".to_owned() },
                ),
        );
    }
}
