//! Values that change on a day.

use std::collections::BTreeMap;

use beian_domain::Source;
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};

use super::file::{Wrong, cited};

/// A value through time, oldest first, never empty. On every day the last
/// entry that has begun holds; before the first the value is undetermined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series<T>(Vec<Dated<T>>);

/// One entry of a [`Series`]. As JSON it is flat: `value`, either `from` or
/// `observed-on`, and `citation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Entry<T>", bound(deserialize = "T: Deserialize<'de>"))]
pub struct Dated<T> {
    /// The value.
    pub value: T,
    /// From when it holds.
    #[serde(flatten)]
    pub since: Since,
    /// Where it is from: a law, a notice, a page.
    pub citation: String,
}

/// From when a value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Since {
    /// It is in force from this day.
    #[serde(rename = "from")]
    InForce(NaiveDate),
    /// It was read on this day; when it came into force is not known.
    #[serde(rename = "observed-on")]
    Observed(NaiveDate),
}

impl Since {
    /// The first day for which the value can be used.
    pub fn day(self) -> NaiveDate {
        match self {
            Self::InForce(day) | Self::Observed(day) => day,
        }
    }

    /// What [`Since::new`] expects.
    pub(super) const EXPECTED: &'static str = "either `from` or `observed-on`";

    /// Of two days one; else what was got instead.
    pub(super) fn new(from: Option<NaiveDate>, observed_on: Option<NaiveDate>) -> Result<Self, &'static str> {
        match (from, observed_on) {
            (Some(day), None) => Ok(Self::InForce(day)),
            (None, Some(day)) => Ok(Self::Observed(day)),
            (None, None) => Err("neither"),
            (Some(_), Some(_)) => Err("both"),
        }
    }
}

impl<T> Series<T> {
    /// The entry that holds on `day`; `None` before the first one.
    pub fn at(&self, day: NaiveDate) -> Option<&Dated<T>> {
        entry_at(&self.0, day)
    }

    /// Every entry, oldest first.
    pub fn entries(&self) -> &[Dated<T>] {
        &self.0
    }

    /// The newest entry, whether or not it has begun.
    pub fn latest(&self) -> &Dated<T> {
        // A series is never empty.
        &self.0[self.0.len() - 1]
    }

    /// A series of entries that are sorted, oldest first; `None` if there are none.
    pub(super) fn new(entries: Vec<Dated<T>>) -> Option<Self> {
        (!entries.is_empty()).then_some(Self(entries))
    }

    /// Lets an entry hold from its day on, in the place of all that follows.
    pub(super) fn outrank(&mut self, entry: Dated<T>) {
        self.0.retain(|other| other.since.day() < entry.since.day());
        self.0.push(entry);
    }

    /// Puts the citations in the place of their names, which is all that an
    /// entry has until then, and refuses entries that are not in the order of
    /// their days. `pointer` is where the series stands in its file.
    pub(super) fn resolve(&mut self, pointer: &str, sources: &BTreeMap<String, String>) -> Result<(), Wrong> {
        let mut last: Option<NaiveDate> = None;
        for (index, entry) in self.0.iter_mut().enumerate() {
            let (pointer, day) = (format!("{pointer}/{index}"), entry.since.day());
            if let Some(last) = last.filter(|last| *last >= day) {
                let got = format!("{day} after {last}");
                return Err(Wrong::at(pointer, "entries in the order of their days", got));
            }
            last = Some(day);
            entry.citation = cited(&format!("{pointer}/source"), &entry.citation, sources)?;
        }
        Ok(())
    }
}

impl<T: Serialize> Series<T> {
    /// The entries with their values as JSON.
    pub(super) fn to_json(&self) -> Vec<Dated<serde_json::Value>> {
        self.0
            .iter()
            .map(|entry| Dated {
                // It fails only for maps whose keys are not text, which no value of a rulebook is; a test holds
                // that nothing becomes null.
                value: serde_json::to_value(&entry.value).unwrap_or_default(),
                since: entry.since,
                citation: entry.citation.clone(),
            })
            .collect()
    }
}

/// The last of the entries that has begun on `day`. They are sorted, oldest first.
pub(super) fn entry_at<T>(entries: &[Dated<T>], day: NaiveDate) -> Option<&Dated<T>> {
    entries.iter().rev().find(|entry| entry.since.day() <= day)
}

impl<T> Dated<T> {
    /// The source as a diagnostic cites it.
    pub fn source(&self) -> Source {
        Source { citation: self.citation.clone().into(), date: Some(self.since.day().to_string().into()) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry<T> {
    value: T,
    source: String,
    from: Option<NaiveDate>,
    observed_on: Option<NaiveDate>,
}

impl<T> TryFrom<Entry<T>> for Dated<T> {
    type Error = String;

    fn try_from(entry: Entry<T>) -> Result<Self, String> {
        let since = Since::new(entry.from, entry.observed_on)
            .map_err(|got| format!("expected {}, got {got}", Since::EXPECTED))?;
        Ok(Self { value: entry.value, since, citation: entry.source })
    }
}

/// Whether the entries are in order is left to `resolve`, which can
/// say which of them is not.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Series<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        Self::new(Vec::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::custom("expected at least one dated entry, got none"))
    }
}

#[cfg(test)]
impl<T> Series<T> {
    /// Holds the series against its own boundaries, through the accessor that
    /// checks use: the day before an entry's day the one before it holds, or
    /// none, and on the day this one. Answers with the number of entries.
    pub(super) fn assert_boundaries(&self, key: &str) -> usize {
        for (index, entry) in self.0.iter().enumerate() {
            let day = entry.since.day();
            let held = |day: Option<NaiveDate>| self.at(day.unwrap()).map(std::ptr::from_ref);
            let before = index.checked_sub(1).map(|index| std::ptr::from_ref(&self.0[index]));
            assert_eq!(held(day.pred_opt()), before, "{key}: the day before {day}");
            assert_eq!(held(Some(day)), Some(std::ptr::from_ref(entry)), "{key}: {day}");
        }
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[derive(Debug, Deserialize)]
    struct File {
        key: Series<u8>,
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_later_entry_wins_from_its_day_on() {
        let text = r#"key = [{ value = 1, source = "a", from = "2019-01-01" }, { value = 2, source = "a", observed-on = "2022-06-01" }]"#;
        let series = toml::from_str::<File>(text).unwrap().key;
        let at = |text| series.at(day(text)).map(|entry| entry.value);
        assert_eq!(at("2018-12-31"), None);
        assert_eq!(at("2019-01-01"), Some(1));
        assert_eq!(at("2022-05-31"), Some(1));
        assert_eq!(at("2022-06-01"), Some(2));
    }

    #[test]
    fn what_is_not_a_series_is_refused_with_its_line() {
        for (text, expected) in [
            ("\nkey = []", "at least one"),
            ("\nkey = [{ value = 1, source = \"a\" }]", "got neither"),
            (
                "\nkey = [{ value = 1, source = \"a\", from = \"2019-01-01\", observed-on = \"2019-01-01\" }]",
                "got both",
            ),
            ("\nkey = [{ value = 1, source = \"a\", since = \"2019-01-01\" }]", "unknown field"),
            ("\nkey = [{ value = 1, from = \"2019-01-01\" }]", "missing field `source`"),
            ("\nkey = [{ value = 1, source = \"a\", from = \"2019-02-30\" }]", "key"),
        ] {
            let error = toml::from_str::<File>(text).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("line 2"), "{error}");
        }
    }
}
