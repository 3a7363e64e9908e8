//! The checks, and what is said about them.

use beian_domain::{Situation, Text};

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

    use super::*;
    use crate::example::Example;
    use crate::{Rulebook, evaluate};

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
}
