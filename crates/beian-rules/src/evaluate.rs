//! The judgement of a case.

use beian_domain::{Case, Diagnostic, FilingKind, Pointer, Undetermined, Verdict};
use chrono::NaiveDate;

use crate::context::{Context, Findings};
use crate::{Check, ConflictCause, Facts, Rulebook, catalogue};

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
    // What a change leaves as it is on record is not judged again, whichever check
    // looks at it; but what keeps the order from being made at all is always told.
    let cause = context.diagnosis.cause().map(ConflictCause::code);
    diagnostics.retain(|found: &Diagnostic| {
        states(context.kind, &found.pointer) || Some(found.code.0.as_ref()) == cause
    });
    undetermined.retain(|missing: &Undetermined| states(context.kind, &missing.pointer));
    diagnostics.sort_by_key(|diagnostic| {
        (place(&diagnostic.pointer), std::cmp::Reverse(diagnostic.severity), diagnostic.code.clone())
    });
    undetermined.sort_by_key(|missing| (place(&missing.pointer), missing.code.clone()));
    Verdict { day, rulebook: rulebook.digest().to_owned(), diagnostics, undetermined }
}

/// Whether an order of a kind states a field, and does not only repeat the record.
fn states(kind: FilingKind, pointer: &Pointer) -> bool {
    use FilingKind as K;
    let repeated: &[&str] = match kind {
        K::FirstFiling | K::AddService | K::AddAccess => &[],
        K::ChangeSponsor => &["/service", "/access"],
        K::ChangeService => &["/sponsor", "/access"],
        K::ChangeAccess => &["/sponsor", "/service"],
        K::SupplementMaterials | K::CancelService | K::CancelSponsor | K::CancelAccess => {
            &["/sponsor", "/service", "/access"]
        }
    };
    !repeated.iter().any(|part| pointer.is_within(part))
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
    "/service/kind",
    "/service/releases",
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use beian_domain::Personal;

    use super::*;
    use crate::Rulebook;
    use crate::example::{Example, open_order};

    #[test]
    fn what_a_change_repeats_from_the_record_is_not_judged_again() {
        let rulebook = Rulebook::bundled().unwrap();
        let found = |kind, field: &'static str, change: fn(&mut Example)| {
            let mut example = Example::company();
            example.change(kind, field);
            change(&mut example);
            let verdict = evaluate(&example.case, &example.facts, &rulebook, example.day);
            let all = verdict.diagnostics.into_iter().map(|found| found.pointer.to_string());
            all.collect::<Vec<_>>()
        };
        // Somebody's telephone of long ago, and a name that would not be taken today.
        let stale: fn(&mut Example) = |e| {
            e.case.sponsor.principal.mobile = Some(Personal::new("123"));
            e.case.service.name = Some("12345".to_owned());
        };
        let service = found(FilingKind::ChangeService, "/service/name", stale);
        assert!(service.iter().any(|at| at == "/service/name"), "{service:?}");
        assert!(!service.iter().any(|at| at.starts_with("/sponsor")), "{service:?}");
        let sponsor = found(FilingKind::ChangeSponsor, "/sponsor/address", stale);
        assert!(sponsor.iter().any(|at| at == "/sponsor/principal/mobile"), "{sponsor:?}");
        assert!(!sponsor.iter().any(|at| at.starts_with("/service")), "{sponsor:?}");
        // Another order of the sponsor is in the way, wherever it is told.
        let blocked: fn(&mut Example) = |e| {
            e.facts.open_order = crate::Known::Known(Some(open_order(crate::Presence::ThisAccount)));
        };
        for kind in FilingKind::ALL.iter().copied().filter(|kind| kind.is_about_own_record()) {
            let mut example = Example::company();
            example.change(kind, "/service/name");
            blocked(&mut example);
            let verdict = evaluate(&example.case, &example.facts, &rulebook, example.day);
            assert!(verdict.diagnostics.iter().any(|found| found.code.0 == "FLO001"), "{kind:?}");
        }
    }
}
