//! Names of the files the regulator hands out.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDateTime;
use thiserror::Error;

/// The name of a download file on the regulator's side, such as
/// `20260325145800_zj_3058.xml`: ASCII, 1 to 128 bytes, no path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

impl FileName {
    /// The longest name, in bytes.
    pub const MAX_BYTES: usize = 128;

    /// The name the regulator of a province gives: time to the second, pinyin
    /// initials of the province, running number.
    ///
    /// # Errors
    /// When `initials` holds anything but ASCII letters, or makes the name too long.
    pub fn of_regulator(at: NaiveDateTime, initials: &str, number: u64) -> Result<Self, FileNameError> {
        let text = format!("{}_{initials}_{number}.xml", at.format("%Y%m%d%H%M%S"));
        match initials.bytes().position(|byte| !byte.is_ascii_alphabetic()) {
            Some(position) => Err(FileNameError::Character { position: 15 + position }),
            None => text.parse(),
        }
    }

    /// The name the file has inside the archive of an upload, where any will do.
    #[must_use]
    pub fn upload_entry() -> Self {
        Self("beianinfo.xml".to_owned())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FileName {
    type Err = FileNameError;

    fn from_str(text: &str) -> Result<Self, FileNameError> {
        if text.is_empty() || text.len() > Self::MAX_BYTES {
            return Err(FileNameError::Length { got: text.len() });
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        if let Some(position) = text.bytes().position(|byte| !allowed(byte)) {
            return Err(FileNameError::Character { position });
        }
        // The name may become a file on our disk: no hidden names, no parent folder.
        if text.starts_with('.') {
            return Err(FileNameError::Character { position: 0 });
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.0)
    }
}

/// Why a text is not a file name of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FileNameError {
    /// Empty or too long.
    #[error("a file name has 1 to 128 bytes, got {got}")]
    Length {
        /// Its length in bytes.
        got: usize,
    },
    /// Something else than ASCII letters, digits, `_`, `-`, `.`, or a leading dot.
    #[error("a file name has ASCII letters, digits, '_', '-' and '.', other character at byte {position}")]
    Character {
        /// Where, in bytes from the start.
        position: usize,
    },
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn the_regulators_own_form() {
        let at = chrono::NaiveDate::from_ymd_opt(2026, 3, 25).unwrap().and_hms_opt(14, 58, 0).unwrap();
        let name = FileName::of_regulator(at, "zj", 3058).unwrap();
        assert_eq!(name.as_str(), "20260325145800_zj_3058.xml");
        assert_eq!("20260325145800_zj_3058.xml".parse(), Ok(name));
        assert_eq!(FileName::of_regulator(at, "z/", 1), Err(FileNameError::Character { position: 16 }));
    }

    #[test]
    fn what_is_no_name() {
        assert_eq!("".parse::<FileName>(), Err(FileNameError::Length { got: 0 }));
        assert_eq!("a".repeat(129).parse::<FileName>(), Err(FileNameError::Length { got: 129 }));
        assert!("a".repeat(128).parse::<FileName>().is_ok());
        assert_eq!("a/b".parse::<FileName>(), Err(FileNameError::Character { position: 1 }));
        assert_eq!("../x".parse::<FileName>(), Err(FileNameError::Character { position: 2 }));
        assert_eq!("..".parse::<FileName>(), Err(FileNameError::Character { position: 0 }));
        assert_eq!("浙.xml".parse::<FileName>(), Err(FileNameError::Character { position: 0 }));
    }
}
