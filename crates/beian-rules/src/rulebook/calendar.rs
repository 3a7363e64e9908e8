//! Working days (工作日), by the State Council's notices.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::file::Wrong;
use super::{Series, ValueEntry};

/// Which days are worked. Terms of the regulator are counted in them.
#[derive(Debug, Clone)]
pub struct WorkingDays {
    years: BTreeMap<i32, Series<YearDays>>,
}

/// Whether a day is worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkingDay {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// The notice that decides it is not published, or not in this rulebook.
    Unpublished,
}

/// A day that was reckoned in working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reckoned {
    /// The day.
    pub day: NaiveDate,
    /// Whether every day that was passed is decided by a published notice.
    /// Where not, the weekday stood in for the notice.
    pub is_certain: bool,
}

/// A number of working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkingDayCount {
    /// How many.
    pub days: u32,
    /// Whether every day that was counted is decided by a published notice.
    pub is_certain: bool,
}

impl WorkingDays {
    /// Whether a day is worked.
    pub fn is_working_day(&self, day: NaiveDate) -> WorkingDay {
        if !self.is_published(day) {
            WorkingDay::Unpublished
        } else if self.is_worked(day) {
            WorkingDay::Yes
        } else {
            WorkingDay::No
        }
    }

    /// The `count`-th working day after a day; the day itself for 0.
    pub fn after(&self, day: NaiveDate, count: u16) -> Reckoned {
        let mut reckoned = Reckoned { day, is_certain: true };
        let mut left = count;
        while left > 0 {
            // Time ends in the year 262142; a term that reaches it is not certain.
            let Some(next) = reckoned.day.succ_opt() else {
                return Reckoned { is_certain: false, ..reckoned };
            };
            reckoned.day = next;
            reckoned.is_certain &= self.is_published(next);
            left -= u16::from(self.is_worked(next));
        }
        reckoned
    }

    /// How many working days there are after `from` and up to `to`, which
    /// counts; none if `to` is not later. `after(from, n)` is the first day
    /// that is `n` working days away.
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> WorkingDayCount {
        // Nobody plans for decades: a span from a typing error is only estimated.
        let span = to.signed_duration_since(from).num_days();
        if span > LONGEST_COUNTED {
            let days = u32::try_from(span / 7 * 5).unwrap_or(u32::MAX);
            return WorkingDayCount { days, is_certain: false };
        }
        let mut count = WorkingDayCount { days: 0, is_certain: true };
        for day in from.iter_days().skip(1).take_while(|day| *day <= to) {
            count.is_certain &= self.is_published(day);
            count.days += u32::from(self.is_worked(day));
        }
        count
    }

    /// By the notice, or by the weekday where there is none.
    fn is_worked(&self, day: NaiveDate) -> bool {
        let named = self.years.get(&day.year()).map(|year| &year.latest().value);
        if named.is_some_and(|year| year.worked.contains(&day)) {
            true
        } else {
            !is_weekend(day) && named.is_none_or(|year| !year.off.contains(&day))
        }
    }

    /// The notice of the next year has moved 29, 30 and 31 December more than
    /// once (2007, 2011, 2018), so that these wait for it, too.
    fn is_published(&self, day: NaiveDate) -> bool {
        let is_last_days = day.month() == 12 && day.day() >= 29;
        self.years.contains_key(&day.year()) && (!is_last_days || self.years.contains_key(&(day.year() + 1)))
    }

    /// Every year's days, with the year as the key.
    pub(super) fn values(&self) -> Vec<(String, Vec<ValueEntry>)> {
        self.years.iter().map(|(year, series)| (year.to_string(), series.to_json())).collect()
    }

    #[cfg(test)]
    pub(super) fn assert_boundaries(&self) -> usize {
        self.years.iter().map(|(year, series)| series.assert_boundaries(&year.to_string())).sum()
    }
}

/// The longest span that is counted day by day, in days.
const LONGEST_COUNTED: i64 = 20_000;

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// What the notices say about one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct YearDays {
    /// Days off (放假). Weekends among them say nothing new.
    off: Vec<NaiveDate>,
    /// Weekends that are worked (调休上班).
    worked: Vec<NaiveDate>,
}

/// `calendar.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CalendarFile {
    years: BTreeMap<String, Series<YearDays>>,
    sources: BTreeMap<String, String>,
}

impl CalendarFile {
    pub(super) fn resolve(self) -> Result<WorkingDays, Wrong> {
        let mut years = BTreeMap::new();
        for (key, mut series) in self.years {
            let pointer = format!("/years/{key}");
            let year = key
                .parse()
                .ok()
                .filter(|year| (1949..=2999).contains(year) && key.len() == 4)
                .ok_or_else(|| Wrong::at(pointer.clone(), "a year from 1949 to 2999", key.clone()))?;
            series.resolve(&pointer, &self.sources)?;
            for (index, entry) in series.entries().iter().enumerate() {
                entry.value.check(year, &format!("{pointer}/{index}/value"))?;
            }
            years.insert(year, series);
        }
        Ok(WorkingDays { years })
    }
}

impl YearDays {
    fn check(&self, year: i32, pointer: &str) -> Result<(), Wrong> {
        for (key, days) in [("off", &self.off), ("worked", &self.worked)] {
            let mut last = None;
            for (index, day) in days.iter().enumerate() {
                let expected = if day.year() != year {
                    format!("a day of {year}")
                } else if last.is_some_and(|last| last >= day) {
                    "days in order, each once".to_owned()
                } else if key == "worked" && (!is_weekend(*day) || self.off.contains(day)) {
                    "a Saturday or Sunday that is not off".to_owned()
                } else {
                    last = Some(day);
                    continue;
                };
                return Err(Wrong::at(format!("{pointer}/{key}/{index}"), expected, day.to_string()));
            }
        }
        Ok(())
    }
}
