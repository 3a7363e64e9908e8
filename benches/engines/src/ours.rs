//! Ours: the checks themselves.

use std::rc::Rc;

use beian_domain::{Case, Verdict};
use beian_rules::{Check, Rulebook, catalogue, evaluate_checks};

use crate::cases::{self, Input, Line, Rules};
use crate::{Contestant, FROM_JSON, Fired, PREPARED, bit};

pub(crate) const NAME: &str = "beian-rules";

pub(crate) fn contestants(rules: &Rules, inputs: &[Input]) -> Vec<Contestant> {
    let checks: Vec<&'static Check> =
        catalogue().iter().filter(|check| rules.codes.contains(&check.code)).collect();
    assert_eq!(checks.len(), rules.codes.len(), "every code is a check's");
    let rulebook = Rc::new(Rulebook::bundled().expect("the bundled rulebook"));
    let day = cases::today();

    let prepared: Vec<_> = inputs.iter().map(|input| (input.case.clone(), input.facts.clone())).collect();
    let judge = {
        let (checks, rulebook) = (checks.clone(), rulebook.clone());
        move |index: usize| {
            let (case, facts) = &prepared[index];
            fired(&evaluate_checks(case, facts, &rulebook, day, checks.iter().copied()))
        }
    };
    let lines: Vec<String> = inputs.iter().map(|input| input.line.clone()).collect();
    let read = move |index: usize| {
        let line: Line<Case> = serde_json::from_str(&lines[index]).expect("a line");
        let facts = cases::facts(line.resource, line.sponsor_filed);
        fired(&evaluate_checks(&line.case, &facts, &rulebook, day, checks.iter().copied()))
    };
    vec![
        Contestant { engine: NAME, way: PREPARED, judge: Box::new(judge) },
        Contestant { engine: NAME, way: FROM_JSON, judge: Box::new(read) },
    ]
}

/// The verdict says far more than which checks fired; the others only that.
fn fired(verdict: &Verdict) -> Fired {
    verdict.diagnostics.iter().fold(0, |fired, diagnostic| fired | bit(&diagnostic.code.0))
}
