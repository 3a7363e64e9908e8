//! The regulator's records of addresses, held against ours.

use std::collections::BTreeMap;

use beian_domain::{AddressField, AddressKind, Personal};
use beian_exchange::{RegisteredAddress, address_fields};
use beian_store::{AddressFilter, AddressRecord, Store};

use crate::AppError;

/// Records that are read at once.
const AT_ONCE: u64 = 500;

/// What holding the regulator's records of addresses against ours comes to. Personal data are masked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AddressReconciliation {
    /// Records that the regulator has.
    pub there: usize,
    /// Records of ours that it should have.
    pub here: usize,
    /// What is not here.
    pub only_there: Vec<NumberedRange>,
    /// What is not there.
    pub only_here: Vec<NumberedRange>,
    /// What is on both sides, and not the same.
    pub differing: Vec<(NumberedRange, Vec<AddressDifference>)>,
}

/// A record of addresses as the register numbers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedRange {
    /// Its kind: each is numbered by itself.
    pub kind: AddressKind,
    /// The regulator's number for it (省系统记录ID).
    pub register_id: u64,
    /// Its range here, or as the regulator has it where it is not here.
    pub range: String,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressDifference {
    /// Which.
    pub field: AddressField,
    /// What the regulator has; empty if nothing.
    pub theirs: String,
    /// What is here; empty if nothing.
    pub ours: String,
}

impl AddressReconciliation {
    /// Whether both sides have the same.
    pub fn is_clean(&self) -> bool {
        self.only_there.is_empty() && self.only_here.is_empty() && self.differing.is_empty()
    }
}

/// Holds the regulator's records against those of ours that it took in. What was asked for and not answered counts
/// as it was before.
pub(super) async fn reconcile(
    store: &Store,
    there: Vec<RegisteredAddress>,
) -> Result<AddressReconciliation, AppError> {
    let mut report = AddressReconciliation { there: there.len(), ..AddressReconciliation::default() };
    let mut theirs: BTreeMap<(AddressKind, u64), RegisteredAddress> =
        there.into_iter().map(|record| ((record.kind, record.register_id), record)).collect();
    for filter in [AddressFilter::Open, AddressFilter::UnderWay, AddressFilter::Filed] {
        let mut after = None;
        loop {
            let records = store.read().addresses(filter, after, AT_ONCE).await?;
            let Some(last) = records.last() else { break };
            after = Some((last.content.range.first(), last.id));
            for record in &records {
                hold(record, &mut theirs, &mut report);
            }
        }
    }
    report.only_there = theirs
        .into_values()
        .map(|record| NumberedRange {
            kind: record.kind,
            register_id: record.register_id,
            range: record.fields.get(&AddressField::Range).map_or("", Personal::expose).to_owned(),
        })
        .collect();
    report.only_here.sort_by_key(|range| (range.kind, range.register_id));
    report.differing.sort_by_key(|(range, _)| (range.kind, range.register_id));
    Ok(report)
}

fn hold(
    record: &AddressRecord,
    theirs: &mut BTreeMap<(AddressKind, u64), RegisteredAddress>,
    report: &mut AddressReconciliation,
) {
    let (true, Some(register_id), Some(filed)) =
        (record.state().is_in_register(), record.register_id, &record.filed)
    else {
        return;
    };
    report.here += 1;
    let kind = record.kind();
    let range = NumberedRange { kind, register_id, range: filed.range.to_string() };
    let Some(there) = theirs.remove(&(kind, register_id)) else {
        report.only_here.push(range);
        return;
    };
    let ours = address_fields(filed);
    let differences: Vec<AddressDifference> = AddressField::ALL
        .into_iter()
        .filter(|field| there.fields.get(field) != ours.get(field))
        .map(|field| AddressDifference {
            field,
            theirs: shown(field, there.fields.get(&field)),
            ours: shown(field, ours.get(&field)),
        })
        .collect();
    if !differences.is_empty() {
        report.differing.push((range, differences));
    }
}

fn shown(field: AddressField, value: Option<&Personal>) -> String {
    match value {
        None => String::new(),
        Some(value) if field.is_personal() => value.masked(),
        Some(value) => value.expose().to_owned(),
    }
}
