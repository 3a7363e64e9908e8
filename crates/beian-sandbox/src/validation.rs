//! What the regulator refuses, one by one, so that each can be switched off.
//!
//! A regulator that lets something pass is good for one thing: to find out whether a test
//! of regulators notices.

use std::collections::BTreeSet;

use crate::checks;
use crate::state::Finding;

/// Something that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Validation {
    /// A provider that is not known, or its user name (4).
    Caller,
    /// A random value of another length (16).
    RandomLength,
    /// A random value with other characters than letters and digits (12).
    RandomCharacters,
    /// A digest algorithm that is not in use (10).
    DigestAlgorithm,
    /// A wrong password (5).
    Password,
    /// A random value that was used before (12).
    Freshness,
    /// A number before which others are missing (14).
    Gap,
    /// A number below 1 (999).
    Numbering,
    /// Another file under a number that was taken in (999).
    Divergence,
    /// A cipher that is not in use (9).
    Cipher,
    /// A compression that is not in use (11).
    Compression,
    /// What does not decipher (6).
    Deciphering,
    /// A digest that is not the file's (7).
    Digest,
    /// What is no archive (8).
    Archive,
    /// An archive with another number of files than one (17).
    FileCount,
    /// A file above 50 MB (18).
    Size,
    /// An acknowledgement without a name (21).
    NamelessAcknowledgement,
    /// An acknowledgement of a file that was not handed out (999).
    UnknownAcknowledgement,
    /// A query for what is no domain (999).
    QueriedDomain,
    /// A filing password that is wrong.
    FilingPassword,
    /// Too many wrong filing passwords (22).
    PasswordTries,
    /// A fault of a file's content, by its result code (处理结果代码).
    Content(u16),
}

impl Validation {
    /// Every one of them, those of the content by their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        let calls = [
            Self::Caller,
            Self::RandomLength,
            Self::RandomCharacters,
            Self::DigestAlgorithm,
            Self::Password,
            Self::Freshness,
            Self::Gap,
            Self::Numbering,
            Self::Divergence,
            Self::Cipher,
            Self::Compression,
            Self::Deciphering,
            Self::Digest,
            Self::Archive,
            Self::FileCount,
            Self::Size,
            Self::NamelessAcknowledgement,
            Self::UnknownAcknowledgement,
            Self::QueriedDomain,
            Self::FilingPassword,
            Self::PasswordTries,
        ];
        calls.into_iter().chain(checks::code::ALL.iter().map(|code| Self::Content(*code)))
    }
}

/// What is let pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leniency(BTreeSet<Validation>);

impl Leniency {
    pub(crate) fn of(validations: impl IntoIterator<Item = Validation>) -> Self {
        Self(validations.into_iter().collect())
    }

    /// Whether something is refused.
    pub(crate) fn refuses(&self, validation: Validation) -> bool {
        !self.0.contains(&validation)
    }

    /// The findings that count.
    pub(crate) fn strict(&self, findings: Vec<Finding>) -> Vec<Finding> {
        findings.into_iter().filter(|found| self.refuses(Validation::Content(found.code))).collect()
    }
}
