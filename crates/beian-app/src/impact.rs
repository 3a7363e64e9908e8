//! What another rulebook, or another day, would change.

use std::sync::Arc;

use beian_domain::{
    Diagnostic, DiagnosticCode, FilingKind, OrderNumber, OrderState, Pointer, ServiceFilingNumber, Severity,
    Text, Verdict,
};
use beian_rules::{Facts, Known, RegulatorKind, ResourceFact, Rulebook, ValueChange};
use beian_store::{Order, OrderFilter, Store};
use chrono::NaiveDate;

use crate::AppError;
use crate::orders::circumstances;

/// A rulebook on a day.
#[derive(Debug, Clone)]
pub struct Standpoint {
    /// The rulebook.
    pub rulebook: Arc<Rulebook>,
    /// The day, in China.
    pub day: NaiveDate,
}

/// What changes between two standpoints.
#[derive(Debug, Clone)]
pub struct Impact {
    /// The values of the rulebook that are not the same.
    pub values: Vec<ValueChange>,
    /// How many orders and records were judged.
    pub judged: usize,
    /// How many there are.
    pub total: u64,
    /// Those whose verdict is not the same, in the order of their states.
    pub changed: Vec<ChangedVerdict>,
}

/// An order or a record whose verdict is not the same.
#[derive(Debug, Clone)]
pub struct ChangedVerdict {
    /// Its number.
    pub number: OrderNumber,
    /// What kind of filing it makes.
    pub kind: FilingKind,
    /// Where it stands.
    pub state: OrderState,
    /// The number that was granted.
    pub filed_as: Option<ServiceFilingNumber>,
    /// What is found in addition.
    pub gained: Vec<FindingTitle>,
    /// What is found no longer.
    pub lost: Vec<FindingTitle>,
}

/// A finding, without what it says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingTitle {
    /// Its code.
    pub code: DiagnosticCode,
    /// How grave it is.
    pub severity: Severity,
    /// Where in the case.
    pub pointer: Pointer,
    /// What is wrong.
    pub title: Text,
}

/// How many orders and records are judged at most.
pub const MOST_JUDGED: usize = 500;

/// Open orders first, by how far they are; then the records.
const ORDER: [OrderState; 8] = [
    OrderState::AtRegulator,
    OrderState::Queued,
    OrderState::SecondReview,
    OrderState::ProviderReview,
    OrderState::Returned,
    OrderState::Refused,
    OrderState::Draft,
    OrderState::Filed,
];

/// Judges open orders and stored records from two standpoints and tells which
/// verdicts differ. Nobody is asked: what was known at the submission counts,
/// and of a draft only what is known here.
pub async fn rulebook_impact(
    store: &Store,
    regulator: RegulatorKind,
    from: Standpoint,
    to: Standpoint,
) -> Result<Impact, AppError> {
    let mut total = 0;
    let mut cases = Vec::new();
    for state in ORDER {
        total += store.read().count_orders(state).await?;
        let room = MOST_JUDGED.saturating_sub(cases.len());
        if room == 0 {
            continue;
        }
        for summary in store.read().orders(OrderFilter::InState(state), room as u64).await? {
            if let Some(order) = store.read().order(summary.id).await? {
                let facts = known_facts(store, regulator, &order).await?;
                cases.push((order, facts));
            }
        }
    }
    let judged = cases.len();
    // Hundreds of verdicts take a while.
    let work = tokio::task::spawn_blocking(move || {
        let changed = cases.iter().filter_map(|(order, facts)| compare(order, facts, &from, &to)).collect();
        (values(&from, &to), changed)
    });
    let (values, changed) = work.await.map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(Impact { values, judged, total, changed })
}

async fn known_facts(store: &Store, regulator: RegulatorKind, order: &Order) -> Result<Facts, AppError> {
    let reader = store.read();
    if let Some(judgement) = reader.judgement_of_order(order.id).await?
        && let Ok(facts) = serde_json::from_value(judgement.facts)
    {
        return Ok(facts);
    }
    let reason = Text::new("比较规则时不查询管局", "the regulator is not asked while rulebooks are compared");
    let mut facts = Facts::unknown(regulator, reason);
    let resources = reader.resources(order.owner).await?;
    if let Some(reference) = &order.case.access.resource {
        let own = resources.iter().find(|resource| resource.reference == *reference);
        facts.resource = Known::Known(
            own.map_or(ResourceFact::NotFound, |resource| ResourceFact::Usable(resource.clone())),
        );
    }
    facts.resources = Known::Known(resources);
    Ok(facts)
}

fn compare(order: &Order, facts: &Facts, from: &Standpoint, to: &Standpoint) -> Option<ChangedVerdict> {
    let (case, facts) = circumstances(order, facts);
    let judge = |at: &Standpoint| beian_rules::evaluate(&case, &facts, &at.rulebook, at.day);
    let (before, after) = (judge(from), judge(to));
    let (gained, lost) = (beyond(&after, &before), beyond(&before, &after));
    let has_changed = !gained.is_empty() || !lost.is_empty();
    has_changed.then(|| ChangedVerdict {
        number: order.number.clone(),
        kind: order.kind,
        state: order.state(),
        filed_as: order.filed_as.clone(),
        gained,
        lost,
    })
}

/// What one verdict finds and the other does not.
fn beyond(one: &Verdict, other: &Verdict) -> Vec<FindingTitle> {
    let same = |a: &Diagnostic, b: &Diagnostic| {
        (&a.code, a.severity, &a.pointer) == (&b.code, b.severity, &b.pointer)
    };
    one.diagnostics
        .iter()
        .filter(|found| !other.diagnostics.iter().any(|known| same(found, known)))
        .map(|found| FindingTitle {
            code: found.code.clone(),
            severity: found.severity,
            pointer: found.pointer.clone(),
            title: found.title.clone(),
        })
        .collect()
}

fn values(from: &Standpoint, to: &Standpoint) -> Vec<ValueChange> {
    let mut changes = from.rulebook.diff_to(&to.rulebook, from.day);
    changes.extend(to.rulebook.diff(from.day, to.day));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_open_order_is_left_out() {
        let judged = |state: &OrderState| ORDER.contains(state);
        let wanted = |state: &OrderState| state.is_open() || *state == OrderState::Filed;
        for state in OrderState::ALL {
            assert_eq!(judged(&state), wanted(&state), "{state}");
        }
    }
}
