//! The judgement of a case.

use beian_domain::{Case, Pointer, Verdict};
use chrono::NaiveDate;

use crate::context::{Context, Findings};
use crate::{Check, Facts, Rulebook, catalogue};

/// Judges a case by the rulebook of a day in China.
///
/// Every check runs, so that everything is said at once. The verdict depends
/// on the four arguments alone.
pub fn evaluate(case: &Case, facts: &Facts, rulebook: &Rulebook, day: NaiveDate) -> Verdict {
    evaluate_checks(case, facts, rulebook, day, catalogue())
}

/// Judges a case by some of the checks alone: what [`evaluate`] is made of, and
/// what a benchmark compares with engines that were taught only these.
#[doc(hidden)]
pub fn evaluate_checks(
    case: &Case,
    facts: &Facts,
    rulebook: &Rulebook,
    day: NaiveDate,
    checks: impl IntoIterator<Item = &'static Check>,
) -> Verdict {
    let context = Context::new(case, facts, rulebook, day);
    let mut diagnostics = Vec::new();
    let mut undetermined = Vec::new();
    for check in checks {
        if !check.family.is_judged(context.kind) {
            continue;
        }
        (check.run)(&context, &mut Findings::new(check, day, &mut diagnostics, &mut undetermined));
    }
    diagnostics.sort_by_key(|diagnostic| {
        (place(&diagnostic.pointer), std::cmp::Reverse(diagnostic.severity), diagnostic.code.clone())
    });
    undetermined.sort_by_key(|missing| (place(&missing.pointer), missing.code.clone()));
    Verdict { day, rulebook: rulebook.digest().to_owned(), diagnostics, undetermined }
}

/// The fields in the order of a case, which is the order of the wizard.
const ORDER: &[&str] = &[
    "/kind",
    "/record",
    "/cancellation",
    "/filing-password",
    "/sponsor/nature",
    "/sponsor/name",
    "/sponsor/investor",
    "/sponsor/certificate/kind",
    "/sponsor/certificate/number",
    "/sponsor/certificate/address",
    "/sponsor/certificate/division",
    "/sponsor/certificate/valid-until",
    "/sponsor/certificate/former",
    "/sponsor/certificate/states",
    "/sponsor/division",
    "/sponsor/address",
    "/sponsor/principal",
    "/sponsor/remark",
    "/sponsor",
    "/service/name",
    "/service/domain",
    "/service/registration",
    "/service/home-url",
    "/service/contents",
    "/service/languages",
    "/service/principal",
    "/service/remark",
    "/service",
    "/access",
    "/materials",
    "/papers",
    "/authenticity",
];

/// The order of a person's fields.
const PERSON_ORDER: &[&str] = &[
    "role",
    "name",
    "certificate-kind",
    "certificate-number",
    "mobile",
    "emergency-phone",
    "office-phone",
    "email",
];

fn place(pointer: &Pointer) -> (usize, usize) {
    let field = ORDER.iter().position(|field| pointer.is_within(field)).unwrap_or(ORDER.len());
    let last = pointer.as_str().rsplit('/').next().unwrap_or_default();
    (field, PERSON_ORDER.iter().position(|field| *field == last).unwrap_or(0))
}
