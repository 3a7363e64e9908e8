//! What came of a list: rows, a table, and a report that its maker has signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beian_domain::Random;
use chrono::{DateTime, Utc};
use ring::signature::{Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
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

/// A key that signs reports (Ed25519).
pub struct ReportKey(Ed25519KeyPair);

/// A report, with a signature over its very text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignedReport {
    /// The report as JSON text: what is signed.
    pub report: String,
    /// Public key of who ran the kit, in base64.
    pub public_key: String,
    /// Signature, in base64.
    pub signature: String,
}

/// Why a report or a key is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// The key is not one of 32 bytes.
    #[error("expected a key of 32 bytes")]
    Key,
    /// The report was changed, or signed with another key.
    #[error("expected a signature of this key over this report")]
    Signature,
    /// The text is no report.
    #[error("expected a report of this version")]
    Report,
}

impl ReportKey {
    /// The key of 32 random bytes.
    ///
    /// # Errors
    /// [`ReportError::Key`] if they make none.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, ReportError> {
        Ed25519KeyPair::from_seed_unchecked(seed).map(Self).map_err(|_| ReportError::Key)
    }

    /// A new key.
    ///
    /// # Errors
    /// [`ReportError::Key`] if the random bytes make none.
    pub fn generate(random: &dyn Random) -> Result<Self, ReportError> {
        let mut seed = [0; 32];
        random.fill(&mut seed);
        Self::from_seed(&seed)
    }

    /// Its public part, in base64.
    pub fn public(&self) -> String {
        STANDARD.encode(self.0.public_key())
    }

    /// Signs a report.
    ///
    /// # Errors
    /// [`ReportError::Report`] if it cannot be written.
    pub fn sign(&self, report: &Report) -> Result<SignedReport, ReportError> {
        let report = serde_json::to_string_pretty(report).map_err(|_| ReportError::Report)?;
        let signature = STANDARD.encode(self.0.sign(report.as_bytes()));
        Ok(SignedReport { report, public_key: self.public(), signature })
    }
}

impl SignedReport {
    /// The report, if it is as it was signed by the holder of `public_key` (base64).
    ///
    /// # Errors
    /// [`ReportError::Signature`] or [`ReportError::Report`].
    pub fn verify(&self, public_key: &str) -> Result<Report, ReportError> {
        let bytes = |text: &str| STANDARD.decode(text.trim()).map_err(|_| ReportError::Signature);
        let key = UnparsedPublicKey::new(&ring::signature::ED25519, bytes(public_key)?);
        key.verify(self.report.as_bytes(), &bytes(&self.signature)?).map_err(|_| ReportError::Signature)?;
        serde_json::from_str(&self.report).map_err(|_| ReportError::Report)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use beian_domain::SeededRandom;

    use super::*;

    #[test]
    fn a_report_is_what_its_maker_signed() {
        let mut report = Report::new(Side::Regulator, "http://127.0.0.1:1".to_owned(), DateTime::UNIX_EPOCH);
        assert!(!report.is_green(), "nothing was tried");
        let row = |verdict| Row { act: "calls".to_owned(), case: "a call".to_owned(), verdict };
        report.rows.push(row(Verdict::Passed));
        assert!(report.is_green());
        let key = ReportKey::generate(&SeededRandom::new(1)).unwrap();
        let signed = key.sign(&report).unwrap();
        assert_eq!(signed.verify(&key.public()), Ok(report.clone()));
        let other = ReportKey::generate(&SeededRandom::new(2)).unwrap();
        assert_eq!(signed.verify(&other.public()), Err(ReportError::Signature));
        let changed = SignedReport { report: signed.report.replace("a call", "b call"), ..signed };
        assert_eq!(changed.verify(&key.public()), Err(ReportError::Signature));
        report.rows.push(row(Verdict::Failed { expected: "0".to_owned(), got: "5".to_owned() }));
        assert!(!report.is_green() && report.table().contains("1 passed, 1 failed, 0 skipped"));
    }
}
