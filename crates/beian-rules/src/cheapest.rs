//! The cheapest edit: the smallest set of changes to a case that makes it pass.

use std::collections::BTreeSet;

use beian_domain::{Case, Diagnostic, DiagnosticCode, Pointer, RemedyAction, Severity, Text};
use chrono::NaiveDate;
use serde::Serialize;

use crate::{Facts, Rulebook, apply_to_case, evaluate};

/// The fewest changes that make a case pass; of equally many, those that ask a
/// person least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheapestEdit {
    /// The changes, in the order of the case.
    pub changes: Vec<Change>,
    /// What no change of the case mends: it is for a plan.
    pub left: Vec<DiagnosticCode>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// The field, material or paper that changes.
    pub pointer: Pointer,
    /// What a button does.
    pub action: RemedyAction,
    /// As an instruction.
    pub text: Text,
    /// The findings that are gone after it.
    pub mends: Vec<DiagnosticCode>,
}

/// Finds the smallest set of changes that mends every error of a case. A field
/// that only a person can state counts as mended once it is stated anew.
pub fn cheapest_edit(case: &Case, facts: &Facts, rulebook: &Rulebook, day: NaiveDate) -> CheapestEdit {
    let errors: Vec<Diagnostic> = evaluate(case, facts, rulebook, day)
        .diagnostics
        .into_iter()
        .filter(|found| found.severity == Severity::Error)
        .collect();
    let judge = |case: &Case| evaluate(case, facts, rulebook, day);
    let options = options(case, &errors, &judge);
    let mut chosen: Vec<&Choice> = Vec::new();
    let mut left = Vec::new();
    for component in components(errors.len(), &options) {
        match smallest_cover(&component, &options) {
            Some(cover) => chosen.extend(cover),
            None => {
                left.extend(component.iter().filter_map(|index| errors.get(*index)).map(|e| e.code.clone()))
            }
        }
    }
    let first_mended = |choice: &&Choice| choice.mends.first().copied();
    chosen.sort_by_key(first_mended);
    CheapestEdit {
        changes: chosen
            .into_iter()
            .map(|choice| {
                let mut mends: Vec<DiagnosticCode> = choice
                    .mends
                    .iter()
                    .filter_map(|index| errors.get(*index))
                    .map(|e| e.code.clone())
                    .collect();
                mends.dedup();
                Change {
                    pointer: choice.pointer.clone(),
                    action: choice.action.clone(),
                    text: choice.text.clone(),
                    mends,
                }
            })
            .collect(),
        left,
    }
}

/// A change that could be made, and the errors, by their index, that it mends.
#[derive(Debug)]
struct Choice {
    pointer: Pointer,
    action: RemedyAction,
    text: Text,
    mends: BTreeSet<usize>,
    cost: Cost,
}

/// Fewer changes first; then fewer that a person must think of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    changes: u16,
    asked: u16,
}

fn options(
    case: &Case,
    errors: &[Diagnostic],
    judge: &dyn Fn(&Case) -> beian_domain::Verdict,
) -> Vec<Choice> {
    let is_same = |a: &Diagnostic, b: &Diagnostic| a.code == b.code && a.pointer == b.pointer;
    let mut options: Vec<Choice> = Vec::new();
    for error in errors {
        for remedy in &error.remedies {
            let Some(pointer) = changed(&remedy.action) else { continue };
            if options.iter().any(|known| known.action == remedy.action) {
                continue;
            }
            let (mends, asked) = if let RemedyAction::Edit { pointer } = &remedy.action {
                // Whoever states a field anew states it so that all is well with it.
                let offers = |found: &Diagnostic| {
                    found.remedies.iter().any(
                        |other| matches!(&other.action, RemedyAction::Edit { pointer: at } if at == pointer),
                    )
                };
                let mended = errors.iter().enumerate().filter(|(_, found)| offers(found));
                (mended.map(|(index, _)| index).collect::<BTreeSet<_>>(), 1)
            } else {
                let mut trial = case.clone();
                if apply_to_case(&mut trial, &remedy.action).is_err() {
                    continue;
                }
                let after = judge(&trial);
                // A change that breaks something else is no cheap one.
                if after.errors().any(|found| !errors.iter().any(|known| is_same(known, found))) {
                    continue;
                }
                let is_gone = |known: &Diagnostic| !after.errors().any(|found| is_same(known, found));
                let mended = errors.iter().enumerate().filter(|(_, known)| is_gone(known));
                (mended.map(|(index, _)| index).collect(), 0)
            };
            if !mends.is_empty() {
                options.push(Choice {
                    pointer,
                    action: remedy.action.clone(),
                    text: remedy.text.clone(),
                    mends,
                    cost: Cost { changes: 1, asked },
                });
            }
        }
    }
    options
}

/// What of the case an action changes; `None` if it is done outside of it.
fn changed(action: &RemedyAction) -> Option<Pointer> {
    match action {
        RemedyAction::Edit { pointer }
        | RemedyAction::Replace { pointer, .. }
        | RemedyAction::Normalise { pointer } => Some(pointer.clone()),
        RemedyAction::Upload { purpose } => Some(Pointer(format!("/materials/{}", purpose.slug()).into())),
        RemedyAction::Provide { paper } => Some(Pointer(format!("/papers/{}", paper.slug()).into())),
        RemedyAction::UseKind { .. } => Some("/kind".into()),
        RemedyAction::UseFormerNumber => Some("/sponsor/certificate/states".into()),
        RemedyAction::Review { .. }
        | RemedyAction::OpenOrder { .. }
        | RemedyAction::WithdrawOrder { .. }
        | RemedyAction::Resource
        | RemedyAction::VerifyAuthenticity
        | RemedyAction::Wait { .. }
        | RemedyAction::Outside { .. } => None,
    }
}

/// Errors that share a change belong together; what shares none is solved alone,
/// which keeps the exact search small.
fn components(errors: usize, options: &[Choice]) -> Vec<BTreeSet<usize>> {
    let mut components: Vec<BTreeSet<usize>> = (0..errors).map(|index| BTreeSet::from([index])).collect();
    for option in options {
        let (touched, mut rest): (Vec<_>, Vec<_>) =
            components.into_iter().partition(|component| !component.is_disjoint(&option.mends));
        rest.push(touched.into_iter().flatten().collect());
        components = rest;
    }
    components.retain(|component| !component.is_empty());
    components.sort_by_key(|component| component.first().copied());
    components
}

/// The cheapest options that together mend every error of a component, exactly:
/// branch on the first error that is not mended, bounded by the best so far.
fn smallest_cover<'o>(component: &BTreeSet<usize>, options: &'o [Choice]) -> Option<Vec<&'o Choice>> {
    fn search<'o>(
        unmended: &BTreeSet<usize>,
        options: &'o [Choice],
        chosen: &mut Vec<&'o Choice>,
        spent: Cost,
        best: &mut Option<(Cost, Vec<&'o Choice>)>,
    ) {
        if best.as_ref().is_some_and(|(cost, _)| spent >= *cost) {
            return;
        }
        let Some(first) = unmended.first() else {
            *best = Some((spent, chosen.clone()));
            return;
        };
        let mut ways: Vec<&Choice> = options.iter().filter(|option| option.mends.contains(first)).collect();
        // The widest first: a good bound early.
        ways.sort_by_key(|way| (std::cmp::Reverse(way.mends.intersection(unmended).count()), way.cost));
        for way in ways {
            let rest = unmended.difference(&way.mends).copied().collect();
            chosen.push(way);
            let spent =
                Cost { changes: spent.changes + way.cost.changes, asked: spent.asked + way.cost.asked };
            search(&rest, options, chosen, spent, best);
            chosen.pop();
        }
    }
    let mut best = None;
    search(component, options, &mut Vec::new(), Cost { changes: 0, asked: 0 }, &mut best);
    best.map(|(_, cover)| cover)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::{Example, division, p};
    use proptest::prelude::*;

    fn of(change: impl FnOnce(&mut Example)) -> CheapestEdit {
        let rulebook = Rulebook::bundled().unwrap();
        let mut example = Example::company();
        change(&mut example);
        cheapest_edit(&example.case, &example.facts, &rulebook, example.day)
    }

    #[test]
    fn nothing_is_changed_where_nothing_is_wrong() {
        assert_eq!(of(|_| ()), CheapestEdit { changes: Vec::new(), left: Vec::new() });
    }

    #[test]
    fn one_change_that_mends_two_findings_is_one() {
        // A city is neither a county nor the division of the certificate.
        let edit = of(|e| e.case.sponsor.division = Some(division("440300")));
        assert_eq!(edit.changes.len(), 1, "{edit:#?}");
        assert_eq!(
            edit.changes[0].action,
            RemedyAction::Replace { pointer: "/sponsor/division".into(), value: "440305".to_owned() }
        );
        assert_eq!(edit.changes[0].mends.len(), 2);
    }

    #[test]
    fn a_value_that_is_known_is_put_in_before_a_person_is_asked() {
        let edit = of(|e| {
            e.case.service.domain = Some("https://www.xizuo-lianxi.cn/".to_owned());
            e.case.sponsor.principal.email = p("nobody");
        });
        let actions: Vec<_> = edit.changes.iter().map(|change| &change.action).collect();
        assert!(
            matches!(actions[..], [
            RemedyAction::Edit { pointer },
            RemedyAction::Replace { value, .. },
        ] if pointer.as_str().ends_with("email") && value == "xizuo-lianxi.cn"),
            "{edit:#?}"
        );
    }

    #[test]
    fn what_no_change_of_the_case_mends_is_left() {
        let edit = of(|e| e.facts.blacklist = crate::Known::Known(crate::Blacklist::Sponsor));
        assert_eq!(edit.left, [DiagnosticCode("FLO010".into())]);
    }

    /// The smallest number of options that mend everything, by trying every set.
    fn brute_force(errors: usize, options: &[Choice]) -> Option<Cost> {
        (0_u32..1 << options.len())
            .filter_map(|set| {
                let chosen = options.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
                let mut mended: BTreeSet<usize> = BTreeSet::new();
                let mut cost = Cost { changes: 0, asked: 0 };
                for (_, option) in chosen {
                    mended.extend(option.mends.iter().copied());
                    cost = Cost { changes: cost.changes + 1, asked: cost.asked + option.cost.asked };
                }
                (mended.len() == errors).then_some(cost)
            })
            .min()
    }

    proptest! {
        #[test]
        fn no_smaller_set_of_changes_would_do(
            sets in proptest::collection::vec((proptest::collection::btree_set(0_usize..7, 1..4), 0_u16..2), 1..10),
        ) {
            let options: Vec<Choice> = sets
                .into_iter()
                .map(|(mends, asked)| Choice {
                    pointer: "/service/name".into(),
                    action: RemedyAction::UseFormerNumber,
                    text: Text::new("", ""),
                    mends,
                    cost: Cost { changes: 1, asked },
                })
                .collect();
            let all: BTreeSet<usize> = options.iter().flat_map(|option| option.mends.clone()).collect();
            let errors = all.len();
            let ours = components(7, &options)
                .iter()
                .filter(|component| component.iter().all(|error| all.contains(error)))
                .filter_map(|component| smallest_cover(component, &options))
                .flatten()
                .fold(Cost { changes: 0, asked: 0 }, |sum, option| Cost {
                    changes: sum.changes + 1,
                    asked: sum.asked + option.cost.asked,
                });
            prop_assert_eq!(Some(ours), brute_force(errors, &options));
        }
    }
}
