use super::prelude::*;
use crate::SponsorChange as S;

pub(super) const CHECK: Check = Check {
    code: "PRV023",
    slug: "sponsor-becomes-another",
    family: Family::Province,
    title: fixed("变更后是另一个主办者", "The change makes it another sponsor"),
    what: fixed(
        "证件号码变更时，备案所在省是否允许变更为另一个主办者",
        "Whether the bureau lets a record pass to another sponsor when the certificate number changes",
    ),
    why: fixed(
        "各省对变更主办者的限制不同：有的只受理更名，有的只允许变更为本人任法定代表人的单位",
        "Bureaus differ: some take a new name only, some only a unit of which the person is the legal representative",
    ),
    how: fixed(
        "证件号码没有变的改回原号码；确为另一主办者且该省不允许的，注销后重新备案",
        "State the number on record if it has not changed; otherwise cancel the record and file anew",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("110108");
            e.change(FilingKind::ChangeSponsor, "/sponsor/certificate/number");
        },
        silent: |e| {
            e.settle("110108");
            e.change(FilingKind::ChangeSponsor, "/sponsor/name");
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Ok(RecordFact::Held(record)) = cx.facts.record.get() else { return };
    let (FilingKind::ChangeSponsor, Some(province)) = (cx.kind, cx.province()) else { return };
    let pointer = Pointer::from("/sponsor/certificate/number");
    // A replaced certificate of the same sponsor is no other sponsor.
    let replaced = cx.case.sponsor.certificate.former.is_some();
    if replaced || !record.changes.iter().any(|change| change.is_within(pointer.as_str())) {
        return;
    }
    let series = if cx.is_individual() == Some(true) {
        &province.sponsor_change_individual
    } else {
        &province.sponsor_change_unit
    };
    let Some(series) = series else { return };
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    let (zh, en) = match rule.value {
        S::Free | S::FreeIfConsistent | S::WholeRecordOnly => return,
        S::Refused => ("不受理变更主办者", "takes no change of the sponsor"),
        S::RenameOnly | S::RenameWithLetter | S::RenameWithLetterNeverToIndividual => {
            ("只受理同一主办者更名", "takes a new name of the same sponsor only")
        }
        S::FreeExceptToIndividual => ("不受理变更为个人", "takes no change to an individual"),
        S::LegalRepresentativeOnly
        | S::LegalRepresentativeOnlyDomainOfUnit
        | S::LetterIfNotLegalRepresentative => (
            "只受理变更为本人任法定代表人的单位",
            "takes a change only to a unit of which the person is the legal representative",
        ),
        S::SameLegalRepresentative => ("要求变更前后法定代表人相同", "wants the same legal representative"),
        S::SoleTraderToLegalRepresentative => (
            "只受理个体工商户与其经营者之间的变更",
            "takes a change between a sole trader and its owner only",
        ),
        S::ToEnterpriseWithDomainCertificate => {
            ("变更为企业须附域名证书", "wants the domain certificate with a change to an enterprise")
        }
        S::WithRegistryProof => ("须附登记机关的变更证明", "wants the registry's proof of the change"),
        S::DomainMustBelong => ("要求域名归变更后的主办者", "wants the domain to be the new sponsor's"),
    };
    let name = &province.name;
    let cause = text!(
        "证件号码变了，{name}管局{zh}",
        "The certificate number changes, and the bureau of {name} {en}"; name
    );
    out.push(
        Finding::warning(pointer.clone(), cause)
            .source(rule.source())
            .remedy(
                fixed("对照备案改回原证件号码", "State the number on record"),
                RemedyAction::Review { pointer },
            )
            .remedy(
                fixed("注销主体，由新的主办者首次备案", "Cancel the sponsor; the new one files anew"),
                RemedyAction::UseKind { filing: FilingKind::CancelSponsor },
            ),
    );
}
