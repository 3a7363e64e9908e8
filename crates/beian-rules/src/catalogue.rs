//! The checks, and what is said about them.

use beian_domain::{FilingKind, Situation, Text};

use crate::checks;
use crate::context::{Context, Findings};

/// A check: a rule that a case is held against.
pub struct Check {
    /// Its code: a family and a number, never reused.
    pub code: &'static str,
    /// Its name in addresses of the documentation.
    pub slug: &'static str,
    /// What it is about.
    pub family: Family,
    /// What is wrong when it fires, in one short sentence.
    pub title: Text,
    /// What it looks at.
    pub what: Text,
    /// Why there is such a rule.
    pub why: Text,
    /// How to mend what it finds.
    pub how: Text,
    /// Where the rule is from; a finding may cite a dated value before these.
    pub sources: &'static [CheckSource],
    /// The situations (S01 to S14) that it answers.
    pub situations: &'static [Situation],
    pub(crate) run: fn(&Context<'_>, &mut Findings<'_>),
    #[cfg(test)]
    pub(crate) examples: crate::example::Examples,
}

/// Where a check's rule is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckSource {
    /// The law, notice, standard or page.
    pub citation: &'static str,
    /// The day from which it holds or on which it was read (ISO 8601, perhaps
    /// a year only).
    pub date: &'static str,
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// The sponsor.
    Sponsor,
    /// People.
    Person,
    /// The service.
    Service,
    /// The domain.
    Domain,
    /// What it is served on.
    Access,
    /// Materials.
    Material,
    /// The procedure.
    Procedure,
    /// A province's own rules.
    Province,
}

impl Family {
    /// Every family, in the order of the catalogue.
    pub const ALL: [Self; 8] = [
        Self::Sponsor,
        Self::Person,
        Self::Service,
        Self::Domain,
        Self::Access,
        Self::Material,
        Self::Procedure,
        Self::Province,
    ];

    /// Whether a filing of a kind is held against this family. What a change leaves as
    /// it is on record, and what a cancellation ends, is not judged again: nobody
    /// is kept from moving a server or from giving a number up by a name that was
    /// filed long ago.
    pub(crate) fn is_judged(self, kind: FilingKind) -> bool {
        use FilingKind as K;
        match kind {
            K::FirstFiling | K::AddService | K::AddAccess => true,
            K::ChangeSponsor => {
                matches!(
                    self,
                    Self::Sponsor | Self::Person | Self::Material | Self::Procedure | Self::Province
                )
            }
            K::ChangeService => !matches!(self, Self::Sponsor | Self::Access),
            K::ChangeAccess => matches!(self, Self::Access | Self::Material | Self::Procedure),
            K::SupplementMaterials => matches!(self, Self::Material | Self::Procedure),
            K::CancelService | K::CancelSponsor | K::CancelAccess => self == Self::Procedure,
        }
    }

    /// The letters that the codes begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Sponsor => "SPN",
            Self::Person => "PER",
            Self::Service => "SVC",
            Self::Domain => "DOM",
            Self::Access => "ACC",
            Self::Material => "MAT",
            Self::Procedure => "FLO",
            Self::Province => "PRV",
        }
    }

    /// The name for people.
    pub fn label(self) -> Text {
        match self {
            Self::Sponsor => Text::new("主办者", "Sponsor"),
            Self::Person => Text::new("负责人", "People"),
            Self::Service => Text::new("网站", "Service"),
            Self::Domain => Text::new("域名", "Domain"),
            Self::Access => Text::new("接入", "Access"),
            Self::Material => Text::new("材料", "Materials"),
            Self::Procedure => Text::new("流程", "Procedure"),
            Self::Province => Text::new("省管局要求", "Provinces"),
        }
    }
}

/// Every check, by family and number.
pub fn catalogue() -> &'static [Check] {
    checks::ALL
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Check({} {})", self.code, self.slug)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use std::collections::BTreeSet;

    use beian_domain::{
        Case, CertificateKind, CertificateNumber, Diagnostic, DomainHolderRelation, DomainRegistration,
        OfficePhone, OutsideTask, Personal, PrincipalRole, RegistrarPlace, Remedy, RemedyAction,
        ServicePrincipal,
    };

    use super::*;
    use crate::example::Example;
    use crate::{Circumstances, NotApplied, Rulebook, evaluate};

    fn is_complete(text: &Text) -> bool {
        let chinese = text.zh.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
        let english = text.en.chars().filter(char::is_ascii_alphabetic).count() >= 3;
        chinese && english && !text.zh.contains(['{', '}']) && !text.en.contains(['{', '}'])
    }

    #[test]
    fn every_check_is_described_in_both_languages_and_numbered_once() {
        let mut codes = BTreeSet::new();
        let mut slugs = BTreeSet::new();
        let mut last = (Family::Sponsor, 0);
        for check in catalogue() {
            let (prefix, number) = check.code.split_at(3);
            assert_eq!(prefix, check.family.prefix(), "{check:?}");
            let place = (check.family, number.parse::<u16>().unwrap());
            assert!(place > last, "{check:?} stands in order");
            last = place;
            assert!(codes.insert(check.code) && slugs.insert(check.slug), "{check:?} is unique");
            assert!(check.slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{check:?}");
            for text in [&check.title, &check.what, &check.why, &check.how] {
                assert!(is_complete(text), "{check:?}: {text:?}");
            }
            assert!(!check.sources.is_empty(), "{check:?} has a source");
        }
    }

    #[test]
    fn every_check_fires_on_its_example_and_not_next_to_it() {
        let rulebook = Rulebook::bundled().unwrap();
        for check in catalogue() {
            let mut firing = Example::company();
            (check.examples.firing)(&mut firing);
            let verdict = evaluate(&firing.case, &firing.facts, &rulebook, firing.day);
            let found: Vec<_> = verdict.diagnostics.iter().filter(|d| d.code.0 == check.code).collect();
            assert!(!found.is_empty(), "{check:?} fires");
            for diagnostic in found {
                assert!(!diagnostic.remedies.is_empty() && !diagnostic.sources.is_empty(), "{check:?}");
                assert!(diagnostic.sources.iter().all(|s| s.date.is_some()), "{check:?}: dated sources");
                for text in [&diagnostic.title, &diagnostic.cause] {
                    assert!(is_complete(text), "{check:?}: {text:?}");
                }
                assert!(diagnostic.remedies.iter().all(|r| is_complete(&r.text)), "{check:?}");
                assert!(diagnostic.pointer.as_str().starts_with('/'), "{check:?}");
            }

            let mut silent = Example::company();
            (check.examples.silent)(&mut silent);
            let verdict = evaluate(&silent.case, &silent.facts, &rulebook, silent.day);
            let said = verdict.diagnostics.iter().find(|d| d.code.0 == check.code);
            assert!(said.is_none(), "{check:?} is silent, got {said:?}");
            assert!(
                !verdict.undetermined.iter().any(|u| u.code.0 == check.code),
                "{check:?} is silent because it knows, not because a fact is missing"
            );
        }
    }

    #[test]
    fn personal_data_are_never_in_a_verdict() {
        let rulebook = Rulebook::bundled().unwrap();
        for check in catalogue() {
            let mut example = Example::company();
            (check.examples.firing)(&mut example);
            let verdict = evaluate(&example.case, &example.facts, &rulebook, example.day);
            let text = serde_json::to_string(&verdict).unwrap();
            let case = std::cell::RefCell::new(Vec::new());
            example.case.map(|personal| case.borrow_mut().push(personal.expose().to_owned()));
            for personal in case.into_inner() {
                // A name of few characters may be a part of an unrelated sentence.
                if personal.chars().count() > 4 {
                    assert!(!text.contains(&personal), "{check:?} shows {personal}");
                }
            }
        }
    }

    /// Tasks whose outcome is open, or that lead elsewhere than to a number.
    const OPEN: [OutsideTask; 3] =
        [OutsideTask::Appeal, OutsideTask::HostOverseas, OutsideTask::FileByLocalUnit];

    /// What only somebody else can mend.
    const NOTHING_ELSE: [&str; 2] = ["FLO010", "SPN016"];

    /// Does what a remedy says, on what was found, and holds that it is gone.
    fn assert_mends(
        example: &Example,
        found: &Diagnostic,
        remedy: &Remedy,
        model: &Case,
        rulebook: &Rulebook,
    ) {
        let context = format!("{} at {}: {:?}", found.code, found.pointer, remedy.action);
        let mut circumstances =
            Circumstances { case: example.case.clone(), facts: example.facts.clone(), day: example.day };
        let before = circumstances.clone();
        match &remedy.action {
            RemedyAction::Outside { task } if OPEN.contains(task) => {
                assert_eq!(circumstances.apply(&remedy.action, rulebook), Err(NotApplied::Open), "{context}");
                assert_eq!(circumstances, before, "{context} changes nothing");
                return;
            }
            RemedyAction::Edit { pointer } | RemedyAction::Review { pointer } => {
                assert!(
                    circumstances.apply(&remedy.action, rulebook).is_err(),
                    "{context}: only a person knows"
                );
                circumstances.answer(pointer, model).unwrap();
            }
            action => circumstances.apply(action, rulebook).unwrap(),
        }
        if let RemedyAction::Normalise { .. } = &remedy.action {
            assert_eq!(meaning(&circumstances.case), meaning(&before.case), "{context} keeps the meaning");
        }
        let Circumstances { case, facts, day } = &circumstances;
        let verdict = evaluate(case, facts, rulebook, *day);
        let still = |d: &&Diagnostic| d.code == found.code && d.pointer == found.pointer;
        let left = verdict.diagnostics.iter().find(still);
        assert!(left.is_none(), "{context} left {left:?}");
    }

    /// What the numbers of a case mean, however they are written.
    fn meaning(case: &Case) -> Vec<Option<String>> {
        let certificate = &case.sponsor.certificate;
        let number = |kind: Option<CertificateKind>, number: Option<&Personal>| {
            let parsed = CertificateNumber::parse(kind?, number?.expose()).ok()?;
            Some(parsed.as_str().to_owned())
        };
        let former = certificate.former.as_ref();
        let mut all = vec![
            number(certificate.kind, certificate.number.as_ref()),
            number(former.map(|former| former.kind), former.map(|former| &former.number)),
        ];
        let other = match &case.service.principal {
            Some(ServicePrincipal::Other(other)) => Some(other),
            _ => None,
        };
        for person in std::iter::once(&case.sponsor.principal).chain(other) {
            all.push(number(person.certificate_kind, person.certificate_number.as_ref()));
            for phone in [&person.mobile, &person.emergency_phone, &person.office_phone] {
                let phone = phone.as_ref().and_then(|phone| phone.expose().parse::<OfficePhone>().ok());
                all.push(phone.map(|phone| phone.as_str().to_owned()));
            }
        }
        all
    }

    fn is_open(remedy: &Remedy) -> bool {
        matches!(&remedy.action, RemedyAction::Outside { task } if OPEN.contains(task))
    }

    #[test]
    fn every_remedy_removes_what_it_is_offered_for() {
        let rulebook = Rulebook::bundled().unwrap();
        for check in catalogue() {
            let mut firing = Example::company();
            (check.examples.firing)(&mut firing);
            let mut model = Example::company();
            crate::example::mended(check.code).unwrap_or(check.examples.silent)(&mut model);
            let verdict = evaluate(&firing.case, &firing.facts, &rulebook, firing.day);
            for found in verdict.diagnostics.iter().filter(|d| d.code.0 == check.code) {
                let open = found.remedies.iter().filter(|remedy| is_open(remedy)).count();
                let alone = open == found.remedies.len();
                assert!(open <= 1, "{check:?} offers one open way at most");
                assert!(!alone || NOTHING_ELSE.contains(&check.code), "{check:?} offers a way out");
                for remedy in &found.remedies {
                    assert_mends(&firing, found, remedy, &model.case, &rulebook);
                }
            }
        }
    }

    /// What a button can do is done in every province, for units and for
    /// individuals, with the least fortunate answers.
    #[test]
    fn remedies_hold_in_every_province() {
        let rulebook = Rulebook::bundled().unwrap();
        let unlucky: [fn(&mut Example); 6] = [
            |_| (),
            |e| e.case.papers.clear(),
            |e| {
                e.case.papers.clear();
                e.case.sponsor.principal.role = Some(PrincipalRole::Authorised);
                e.case.service.registration = DomainRegistration {
                    registrar: Some(RegistrarPlace::Overseas),
                    holder: Some(DomainHolderRelation::LegalRepresentative),
                    real_named_on: Some(e.day),
                    expires_on: e.day.succ_opt(),
                };
            },
            |e| {
                e.case.service.registration = DomainRegistration {
                    registrar: Some(RegistrarPlace::Mainland),
                    holder: Some(DomainHolderRelation::Shareholder),
                    real_named_on: Some(e.day),
                    expires_on: e.day.pred_opt(),
                };
            },
            |e| {
                e.case.service.registration = DomainRegistration::default();
                e.case.sponsor.principal.role = None;
                e.case.sponsor.principal.certificate_number = Some(Personal::new("44030520090601000X"));
                e.case.service.domain = Some("xizuo.rocks".to_owned());
            },
            |e| {
                e.former_number("440305000000001");
                e.case.kind = Some(FilingKind::AddAccess);
                e.case.access.resource = None;
                e.case.service.domain = Some("xizuo.tel".to_owned());
            },
        ];
        let mut seen = BTreeSet::new();
        for province in rulebook.provinces() {
            let county = rulebook
                .divisions_below(Some(province.code))
                .into_iter()
                .map(|(code, _)| rulebook.divisions_below(Some(code)).first().map_or(code, |(code, _)| *code))
                .next()
                .unwrap();
            for individual in [false, true] {
                for change in unlucky {
                    let mut example = Example::company();
                    if individual {
                        example.individual();
                    }
                    let home = example.case.sponsor.certificate.division;
                    example.settle(&county.to_string());
                    change(&mut example);
                    if individual && example.case.papers.is_empty() {
                        example.case.sponsor.certificate.division = home;
                    }
                    let verdict = evaluate(&example.case, &example.facts, &rulebook, example.day);
                    for found in &verdict.diagnostics {
                        assert!(
                            found.remedies.iter().filter(|remedy| is_open(remedy)).count() <= 1,
                            "{found:?}"
                        );
                        for remedy in &found.remedies {
                            if !matches!(
                                remedy.action,
                                RemedyAction::Edit { .. } | RemedyAction::Review { .. }
                            ) {
                                seen.insert(found.code.clone());
                                assert_mends(&example, found, remedy, &example.case, &rulebook);
                            }
                        }
                    }
                }
            }
        }
        assert!(seen.len() >= 20, "{seen:?}");
    }

    #[test]
    fn every_family_is_large_enough_and_every_finding_tells_its_situations() {
        let rulebook = Rulebook::bundled().unwrap();
        assert!(catalogue().len() >= 80);
        for family in Family::ALL {
            let count = catalogue().iter().filter(|check| check.family == family).count();
            assert!(count >= 8, "{family:?} has {count}");
        }
        for check in catalogue() {
            let mut firing = Example::company();
            (check.examples.firing)(&mut firing);
            let verdict = evaluate(&firing.case, &firing.facts, &rulebook, firing.day);
            for found in verdict.diagnostics.iter().filter(|d| d.code.0 == check.code) {
                // A check that tells several causes names those of the one it found.
                let told = &found.situations;
                assert!(told.iter().all(|situation| check.situations.contains(situation)), "{check:?}");
                assert_eq!(told.is_empty(), check.situations.is_empty(), "{check:?}");
            }
        }
    }
}
