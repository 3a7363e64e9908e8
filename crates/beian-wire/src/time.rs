//! Points in time as the documents write them.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, Timelike};
use thiserror::Error;

/// A time in a document: regulator's local time (Beijing), 10 to 22 characters.
///
/// Written as `2026-03-25 14:58:00`; a date alone, a `T` between the parts and a
/// fraction of a second are understood. The text of a document is kept as it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WireTime {
    text: String,
    time: NaiveDateTime,
}

impl WireTime {
    /// The time of day to the second; a fraction is dropped. `None` outside the
    /// years 1000 to 9999, which the form cannot express.
    #[must_use]
    pub fn of(time: NaiveDateTime) -> Option<Self> {
        time.with_nanosecond(0)?.format("%Y-%m-%d %H:%M:%S").to_string().parse().ok()
    }

    /// What it says; a date alone is its midnight.
    #[must_use]
    pub fn time(&self) -> NaiveDateTime {
        self.time
    }

    /// The text in the document.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for WireTime {
    type Err = WireTimeError;

    fn from_str(text: &str) -> Result<Self, WireTimeError> {
        if !(10..=22).contains(&text.len()) {
            return Err(WireTimeError::Length { got: text.len() });
        }
        // chrono takes years of other widths; the documents have four digits.
        let four_digits = text.bytes().take(4).all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        let midnight = |date: NaiveDate| date.and_hms_opt(0, 0, 0);
        let time = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
            .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(midnight));
        match time {
            Some(time) if four_digits && text.is_ascii() => Ok(Self { text: text.to_owned(), time }),
            _ => Err(WireTimeError::Form),
        }
    }
}

impl fmt::Display for WireTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// Why a text is not a time of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WireTimeError {
    /// Too short or too long.
    #[error("a time has 10 to 22 characters, got {got}")]
    Length {
        /// Its length in bytes.
        got: usize,
    },
    /// Not a date, or not a date and time.
    #[error("a time has the form 2026-03-25 14:58:00 or 2026-03-25")]
    Form,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn forms_that_are_understood() {
        let noon = NaiveDate::from_ymd_opt(2026, 3, 25).unwrap().and_hms_opt(12, 0, 1).unwrap();
        for text in ["2026-03-25 12:00:01", "2026-03-25T12:00:01", "2026-03-25 12:00:01.0"] {
            let read: WireTime = text.parse().unwrap();
            assert_eq!(read.time().with_nanosecond(0), Some(noon), "{text}");
            assert_eq!(read.as_str(), text);
        }
        let date: WireTime = "2026-03-25".parse().unwrap();
        assert_eq!(date.time(), noon.date().and_hms_opt(0, 0, 0).unwrap());
        assert_eq!(WireTime::of(noon).unwrap().as_str(), "2026-03-25 12:00:01");
    }

    #[test]
    fn forms_that_are_not() {
        for text in ["2026-02-30", "10000-01-01", "2026/03/25", "2026-03-25 25:00:00", "二〇二六年三"] {
            assert!(text.parse::<WireTime>().is_err(), "{text}");
        }
        assert_eq!("2026-3-1".parse::<WireTime>(), Err(WireTimeError::Length { got: 8 }));
    }
}
