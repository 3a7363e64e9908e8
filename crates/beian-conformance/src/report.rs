//! What came of a list: rows, and a table of them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Which side was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// A server that plays the regulator (管局侧).
    Regulator,
    /// A system of an access provider (企业侧).
    Provider,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was as expected.
    Passed,
    /// It was not.
    Failed {
        /// What was to be seen.
        expected: String,
        /// What was.
        got: String,
    },
    /// It could not be tried.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// One case of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it belongs to.
    pub act: String,
    /// What was tried.
    pub case: String,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a whole list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Version of the kit.
    pub kit: String,
    /// Which side was tried.
    pub side: Side,
    /// Its address, without credentials.
    pub subject: String,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// Its cases, in the order in which they were tried.
    pub rows: Vec<Row>,
}

impl Report {
    pub(crate) fn new(side: Side, subject: String, began_at: DateTime<Utc>) -> Self {
        Self { kit: env!("CARGO_PKG_VERSION").to_owned(), side, subject, began_at, rows: Vec::new() }
    }

    /// Whether every case that was tried is as expected, and at least one was.
    pub fn is_green(&self) -> bool {
        let passed = self.rows.iter().any(|row| row.verdict == Verdict::Passed);
        passed && !self.rows.iter().any(|row| matches!(row.verdict, Verdict::Failed { .. }))
    }

    /// Those that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| matches!(row.verdict, Verdict::Failed { .. }))
    }

    /// As a table for a terminal, one line a case, and a line that counts.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let mut act = "";
        for row in &self.rows {
            if row.act != act {
                act = &row.act;
                text.push_str(&format!("{act}\n"));
            }
            match &row.verdict {
                Verdict::Passed => text.push_str(&format!("  passed   {}\n", row.case)),
                Verdict::Skipped { reason } => {
                    text.push_str(&format!("  skipped  {} ({reason})\n", row.case));
                }
                Verdict::Failed { expected, got } => text.push_str(&format!(
                    "  FAILED   {}\n           expected {expected}\n           got      {got}\n",
                    row.case
                )),
            }
        }
        let count = |is: fn(&Verdict) -> bool| self.rows.iter().filter(|row| is(&row.verdict)).count();
        text.push_str(&format!(
            "{} passed, {} failed, {} skipped\n",
            count(|verdict| *verdict == Verdict::Passed),
            count(|verdict| matches!(verdict, Verdict::Failed { .. })),
            count(|verdict| matches!(verdict, Verdict::Skipped { .. })),
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_report_is_green_where_something_passed_and_nothing_failed() {
        let mut report = Report::new(Side::Regulator, "http://127.0.0.1:1".to_owned(), DateTime::UNIX_EPOCH);
        assert!(!report.is_green(), "nothing was tried");
        let row = |verdict| Row { act: "calls".to_owned(), case: "a call".to_owned(), verdict };
        report.rows.push(row(Verdict::Skipped { reason: "no steering".to_owned() }));
        assert!(!report.is_green(), "nothing was tried yet");
        report.rows.push(row(Verdict::Passed));
        assert!(report.is_green());
        report.rows.push(row(Verdict::Failed { expected: "0".to_owned(), got: "5".to_owned() }));
        assert!(!report.is_green() && report.table().contains("1 passed, 1 failed, 1 skipped"));
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    }
}
