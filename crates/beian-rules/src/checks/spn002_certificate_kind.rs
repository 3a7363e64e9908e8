use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN002",
    slug: "certificate-kind-does-not-fit-nature",
    family: Family::Sponsor,
    title: fixed(
        "证件类型与主办单位性质不符",
        "The kind of certificate does not fit the nature of the sponsor",
    ),
    what: fixed(
        "证件类型是否属于主办单位性质允许的类型",
        "Whether the kind of certificate is one of those for the nature of the sponsor",
    ),
    why: fixed(
        "管局按单位性质限定证件类型，不符会按无效证件退回",
        "The regulator takes certain kinds for each nature and returns others as an invalid certificate",
    ),
    how: fixed(
        "改选与单位性质相符的证件类型，或改正单位性质",
        "Choose a kind of certificate that belongs to the nature, or correct the nature",
    ),
    sources: &[CODES, INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.certificate.kind = Some(CertificateKind::ResidentIdCard),
        silent: |e| e.individual(),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let certificate = &cx.case.sponsor.certificate;
    judge(cx, out, Severity::Error, "/sponsor/certificate/kind", certificate.kind);
    if certificate.states == beian_domain::NumberStated::Former {
        // It is on record, so that the regulator took it once.
        judge(cx, out, Severity::Warning, "/sponsor/certificate/former/kind", certificate.stated().0);
    }
}

fn judge(
    cx: &Context<'_>,
    out: &mut Findings<'_>,
    severity: Severity,
    pointer: &'static str,
    kind: Option<CertificateKind>,
) {
    let (Some(nature), Some(kind)) = (cx.case.sponsor.nature, kind) else { return };
    let kinds = nature.certificate_kinds();
    if kinds.contains(&kind) {
        return;
    }
    let (nature_label, kind_label) = (nature.label(), kind.label());
    let zh: Vec<_> = kinds.iter().map(|kind| kind.label().zh).collect();
    let en: Vec<_> = kinds.iter().map(|kind| kind.label().en).collect();
    let cause = text!(
        "性质为“{}”的主办者可用的证件是：{}；所选为{}",
        "{}: expected one of {}; got {}",
        (nature_label.zh, zh.join("、"), kind_label.zh),
        (nature_label.en, en.join(", "), kind_label.en)
    );
    out.push(
        Finding::new(severity, pointer.into(), cause)
            .remedy(
                fixed(
                    "改选与单位性质相符的证件类型",
                    "Choose a kind of certificate that belongs to the nature",
                ),
                RemedyAction::Edit { pointer: pointer.into() },
            )
            .remedy(
                fixed("改正主办单位性质", "Correct the nature of the sponsor"),
                RemedyAction::Edit { pointer: "/sponsor/nature".into() },
            ),
    );
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::Example;
    use crate::example::{clean, said};
    use beian_domain::NumberStated;

    #[test]
    fn a_former_certificate_is_judged_when_its_number_is_stated_and_only_warned_of() {
        let judged = |kind, change: fn(&mut Example)| {
            let found = said("SPN002", |e| {
                e.former_number("440305000000001");
                if let Some(former) = &mut e.case.sponsor.certificate.former {
                    former.kind = kind;
                }
                change(e);
            });
            found.map(|found| (found.severity, found.pointer.as_str().to_owned()))
        };
        let states_former = |e: &mut Example| e.case.sponsor.certificate.states = NumberStated::Former;
        assert_eq!(
            judged(CertificateKind::ResidentIdCard, states_former),
            Some((Severity::Warning, "/sponsor/certificate/former/kind".to_owned()))
        );
        assert_eq!(judged(CertificateKind::BusinessLicence, states_former), None);
        assert_eq!(judged(CertificateKind::ResidentIdCard, clean), None);
    }

    #[test]
    fn while_todays_number_is_stated_only_its_certificate_is_judged() {
        let found = said("SPN002", |e| {
            e.case.sponsor.certificate.kind = Some(CertificateKind::ResidentIdCard);
        });
        assert_eq!(found.unwrap().pointer.as_str(), "/sponsor/certificate/kind");
    }
}
