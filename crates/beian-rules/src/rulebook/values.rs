//! The rulebook as a list: every dated value of every file, and what changes
//! from one day or one rulebook to another.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::Rulebook;
use super::series::{Dated, entry_at};

/// One entry of a [`RulebookValue`]: the value as JSON, from when it holds and
/// where it is from.
pub type ValueEntry = Dated<serde_json::Value>;

/// One dated value of the rulebook, whatever its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RulebookValue {
    /// The file that holds it, for example `provinces/440000.toml`.
    pub file: String,
    /// Its key. It is unique in the file: the name of the value in most files, of the material in
    /// `materials.toml`, of scope and kind of list in `suffixes.toml`, the year in `calendar.toml`.
    pub key: String,
    /// Its entries, oldest first, never empty.
    pub entries: Vec<ValueEntry>,
}

impl RulebookValue {
    /// The entry that holds on `day`; `None` before the first one.
    pub fn at(&self, day: NaiveDate) -> Option<&ValueEntry> {
        entry_at(&self.entries, day)
    }
}

/// A value that is not the same on two days, or in two rulebooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueChange {
    /// The file that holds it.
    pub file: String,
    /// Its key, unique in the file.
    pub key: String,
    /// What held before; `None` if the value was undetermined or not there.
    pub before: Option<ValueEntry>,
    /// What holds after; `None` if the value is undetermined or not there.
    pub after: Option<ValueEntry>,
}

impl Rulebook {
    /// Every dated value, file by file in the order of their names. Names of
    /// divisions, which have no dates, are not among them.
    pub fn values(&self) -> Vec<RulebookValue> {
        let mut files = vec![
            ("calendar.toml".to_owned(), self.working_days.values()),
            ("codes.toml".to_owned(), self.codes.values()),
            ("materials.toml".to_owned(), self.materials.values()),
            ("mobile_prefixes.toml".to_owned(), self.mobile_prefixes.values()),
            ("national.toml".to_owned(), self.national.values()),
            ("provider.toml".to_owned(), self.provider.values()),
        ];
        files.extend(
            self.provinces
                .iter()
                .map(|province| (format!("provinces/{}.toml", province.code), province.values())),
        );
        files.push(("registrars.toml".to_owned(), self.registrars.values()));
        files.extend(
            self.registries.iter().map(|registries| ("registries.toml".to_owned(), registries.values())),
        );
        files.push(("durations.toml".to_owned(), self.durations.values()));
        files.push(("suffixes.toml".to_owned(), self.suffixes.values()));
        files
            .into_iter()
            .flat_map(|(file, values)| {
                values.into_iter().map(move |(key, entries)| RulebookValue {
                    file: file.clone(),
                    key,
                    entries,
                })
            })
            .collect()
    }

    /// What holds on the day `to` and did not hold on the day `from`, by file
    /// and key. A value that only has a newer source is not a change.
    pub fn diff(&self, from: NaiveDate, to: NaiveDate) -> Vec<ValueChange> {
        let values = self.values();
        changes(held(&values, from), held(&values, to))
    }

    /// What `other` holds on a day and this rulebook does not, by file and key.
    /// A value that only has another source is not a change.
    pub fn diff_to(&self, other: &Self, day: NaiveDate) -> Vec<ValueChange> {
        changes(held(&self.values(), day), held(&other.values(), day))
    }
}

type Held<'a> = BTreeMap<(&'a str, &'a str), &'a ValueEntry>;

/// The entries that hold on a day, by file and key.
fn held(values: &[RulebookValue], day: NaiveDate) -> Held<'_> {
    values
        .iter()
        .filter_map(|value| Some(((value.file.as_str(), value.key.as_str()), value.at(day)?)))
        .collect()
}

fn changes(before: Held<'_>, after: Held<'_>) -> Vec<ValueChange> {
    let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    keys.into_iter()
        .map(|key| (key, before.get(&key), after.get(&key)))
        .filter(|(_, before, after)| before.map(|entry| &entry.value) != after.map(|entry| &entry.value))
        .map(|((file, key), before, after)| ValueChange {
            file: file.to_owned(),
            key: key.to_owned(),
            before: before.map(|entry| (*entry).clone()),
            after: after.map(|entry| (*entry).clone()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// Generated for every dated value: each file's series are listed once, in
    /// the macro that declares them.
    #[test]
    fn every_value_changes_on_its_day_and_not_before() {
        let rulebook = Rulebook::bundled().unwrap();
        let checked = rulebook.working_days.assert_boundaries()
            + rulebook.codes.assert_boundaries()
            + rulebook.materials.assert_boundaries()
            + rulebook.mobile_prefixes.assert_boundaries()
            + rulebook.national.assert_boundaries()
            + rulebook.provider.assert_boundaries()
            + rulebook.registrars.assert_boundaries()
            + rulebook.registries.as_ref().unwrap().assert_boundaries()
            + rulebook.durations.assert_boundaries()
            + rulebook.suffixes.assert_boundaries()
            + rulebook.provinces.iter().map(|province| province.assert_boundaries()).sum::<usize>();
        assert_eq!(checked, rulebook.values().iter().map(|value| value.entries.len()).sum::<usize>());
        for value in rulebook.values() {
            for entry in &value.entries {
                assert_eq!(value.at(entry.since.day()), Some(entry), "{} {}", value.file, value.key);
                assert!(!entry.value.is_null(), "{} {}", value.file, value.key);
            }
            assert_eq!(value.at(value.entries[0].since.day().pred_opt().unwrap()), None);
        }
    }
}
