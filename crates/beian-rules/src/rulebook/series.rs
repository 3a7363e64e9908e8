//! Values that change on a day.

use std::collections::BTreeMap;

use beian_domain::Source;
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

/// A value through time, oldest first, never empty. On every day the last
/// entry that has begun holds; before the first the value is undetermined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series<T>(Vec<Dated<T>>);

/// One entry of a [`Series`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated<T> {
    /// The value.
    pub value: T,
    /// From when it holds.
    pub since: Since,
    /// Where it is from: a law, a notice, a page.
    pub citation: String,
}

/// From when a value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// It is in force from this day.
    InForce(NaiveDate),
    /// It was read on this day; when it came into force is not known.
    Observed(NaiveDate),
}

impl Since {
    /// The first day for which the value can be used.
    pub fn day(self) -> NaiveDate {
        match self {
            Self::InForce(day) | Self::Observed(day) => day,
        }
    }

    pub(crate) fn new(from: Option<NaiveDate>, observed_on: Option<NaiveDate>) -> Result<Self, String> {
        match (from, observed_on) {
            (Some(day), None) => Ok(Self::InForce(day)),
            (None, Some(day)) => Ok(Self::Observed(day)),
            (None, None) => Err("expected either `from` or `observed-on`, got neither".to_owned()),
            (Some(_), Some(_)) => Err("expected either `from` or `observed-on`, got both".to_owned()),
        }
    }
}

impl<T> Series<T> {
    /// The entry that holds on `day`; `None` before the first one.
    pub fn at(&self, day: NaiveDate) -> Option<&Dated<T>> {
        self.0.iter().rev().find(|entry| entry.since.day() <= day)
    }

    /// Every entry, oldest first.
    pub fn entries(&self) -> &[Dated<T>] {
        &self.0
    }

    /// Puts the citations in the place of their names, which is all that an
    /// entry has until then. Answers with the name that has none.
    pub(crate) fn resolve(&mut self, sources: &BTreeMap<String, String>) -> Result<(), String> {
        for entry in &mut self.0 {
            match sources.get(&entry.citation) {
                Some(citation) => entry.citation.clone_from(citation),
                None => return Err(entry.citation.clone()),
            }
        }
        Ok(())
    }
}

impl<T> Dated<T> {
    /// The source as a diagnostic cites it.
    pub fn source(&self) -> Source {
        Source { citation: self.citation.clone(), date: Some(self.since.day().to_string()) }
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

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Series<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut entries: Vec<Dated<T>> = Vec::new();
        for entry in Vec::<Entry<T>>::deserialize(deserializer)? {
            let since = Since::new(entry.from, entry.observed_on).map_err(D::Error::custom)?;
            if let Some(last) = entries.last().filter(|last| last.since.day() >= since.day()) {
                return Err(D::Error::custom(format!(
                    "expected entries in the order of their days, got {} after {}",
                    since.day(),
                    last.since.day()
                )));
            }
            entries.push(Dated { value: entry.value, since, citation: entry.source });
        }
        if entries.is_empty() {
            return Err(D::Error::custom("expected at least one dated entry, got none"));
        }
        Ok(Self(entries))
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
            (
                "\nkey = [{ value = 1, source = \"a\", from = \"2019-01-01\" }, { value = 1, source = \"a\", from = \"2019-01-01\" }]",
                "order of their days",
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
