//! What can be wrong with a document, read or to be written.

use std::fmt;

use thiserror::Error;

use crate::package::PackageError;

/// Why bytes are not a document of the interface. Holds no content of the document
/// beyond element names and numbers.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// More bytes than the interface allows, or than one record may have where records are
    /// read one by one (answer 18).
    #[error("the document may have {max} bytes, got {got}")]
    TooLarge {
        /// The limit in bytes.
        max: usize,
        /// Its size in bytes.
        got: usize,
    },
    /// The bytes are not GBK (or not the UTF-8 that their declaration promises),
    /// or hold characters that XML forbids (answer 5008).
    #[error("the document is not text in GBK")]
    NotText,
    /// Not well-formed XML.
    #[error("the document is not well-formed XML, at byte {position} of its text")]
    NotXml {
        /// Where, in bytes of the UTF-8 text.
        position: u64,
    },
    /// It brings a document type declaration, which no file of the interface has.
    #[error("the document has a document type declaration; none is allowed")]
    Doctype,
    /// Elements are nested too deeply.
    #[error("elements may be nested {max} deep")]
    TooDeep {
        /// The limit.
        max: usize,
    },
    /// Too many elements in all.
    #[error("the document may have {max} elements")]
    TooManyElements {
        /// The limit.
        max: usize,
    },
    /// Not one of the operations this crate reads.
    #[error("the operation {element} is not supported")]
    UnknownOperation {
        /// The element that names it, at most 64 characters.
        element: String,
    },
    /// The package that it is read out of cannot be opened.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Where it comes from failed.
    #[error("the document cannot be read: {kind}")]
    Source {
        /// How.
        kind: std::io::ErrorKind,
    },
    /// It is XML, but not as the schema wants it (answer 5001).
    #[error("{0}")]
    Structure(Problems),
}

/// Everything found wrong with the structure of a document, in document order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
    more: usize,
}

impl Problems {
    /// How many problems are kept in full.
    pub const KEPT: usize = 200;

    /// The first [`Self::KEPT`] problems.
    #[must_use]
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// How many there are in all.
    #[must_use]
    pub fn count(&self) -> usize {
        self.list.len().saturating_add(self.more)
    }

    pub(crate) fn add(&mut self, problem: impl FnOnce() -> Problem) {
        if self.list.len() < Self::KEPT {
            self.list.push(problem());
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.list.split_first() {
            None => out.write_str("no problem"),
            Some((first, [])) if self.more == 0 => write!(out, "{first}"),
            Some((first, _)) => write!(out, "{first} (and {} more)", self.count() - 1),
        }
    }
}

/// One thing that is wrong with the structure of a document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}: {kind}")]
pub struct Problem {
    /// Where: element names from the root, repeated elements counted from 1, as in
    /// `/UploadData/ICP/XZBA/Baxx[2]/Zt_xx/Dwmc`.
    pub path: String,
    /// What.
    pub kind: ProblemKind,
}

/// What is wrong at one place of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProblemKind {
    /// A required element or attribute is not there.
    #[error("is required and missing")]
    Missing,
    /// An element or text that does not belong there.
    #[error("does not belong here")]
    Unexpected,
    /// An element that may stand once stands more often, or too few or many of a
    /// repeated one.
    #[error("may stand {min} to {max} times, got {got}")]
    Count {
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
        /// How many there are.
        got: usize,
    },
    /// A text too short or too long.
    #[error("must have {min} to {max} characters, got {got}")]
    Length {
        /// The fewest characters.
        min: usize,
        /// The most characters.
        max: usize,
        /// How many there are.
        got: usize,
    },
    /// A number that is none.
    #[error("must be a whole number from {min} to {max}")]
    NotANumber {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// A number out of range.
    #[error("must be from {min} to {max}, got {got}")]
    Range {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
        /// The number that stands there.
        got: u64,
    },
    /// A number that is none of the values of a list.
    #[error("has a value that is not in the list, got {got}")]
    NotListed {
        /// The number that stands there.
        got: u64,
    },
    /// Text that does not have the form of its kind: time, version, file name.
    #[error("does not have the form of its kind")]
    Form,
}

/// Why a document cannot be written. Tells lengths and the one unwritable
/// character, never a whole value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WriteError {
    /// A text too short or too long.
    #[error("{path}: must have {min} to {max} characters, got {got}")]
    Length {
        /// Which element.
        path: String,
        /// The fewest characters.
        min: usize,
        /// The most characters.
        max: usize,
        /// How many there are.
        got: usize,
    },
    /// A number out of range.
    #[error("{path}: must be from {min} to {max}, got {got}")]
    Range {
        /// Which element.
        path: String,
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
        /// The number to be written.
        got: u64,
    },
    /// Too few or too many of a repeated element.
    #[error("{path}: must stand {min} to {max} times, got {got}")]
    Count {
        /// Which element.
        path: String,
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
        /// How many there are.
        got: usize,
    },
    /// Something that the interface version of the document has no element for.
    #[error("{path}: expected a version of the interface that has this element, got {version}")]
    NotInVersion {
        /// Which element.
        path: String,
        /// The version of the document.
        version: String,
    },
    /// A character that GBK does not have.
    #[error("{path}: the character {character} (U+{:04X}) cannot be written in GBK", u32::from(*character))]
    NotGbk {
        /// Which element.
        path: String,
        /// The first such character.
        character: char,
    },
    /// A control character that XML does not have.
    #[error("{path}: the control character U+{code_point:04X} cannot be written in XML")]
    NotXml {
        /// Which element.
        path: String,
        /// The first such character.
        code_point: u32,
    },
    /// A file content that is not base64 on one line.
    #[error("{path}: must be base64 without spaces or line ends")]
    NotBase64 {
        /// Which element.
        path: String,
    },
    /// A file content too large.
    #[error("{path}: may have {max} characters of base64, got {got}")]
    AttachmentTooLarge {
        /// Which element.
        path: String,
        /// The limit, in characters of base64.
        max: usize,
        /// Its size, in characters of base64.
        got: usize,
    },
    /// What it is written to failed.
    #[error("the document cannot be written: {kind}")]
    Output {
        /// How.
        kind: std::io::ErrorKind,
    },
    /// The whole document is too large for one file.
    #[error("the document may have {max} bytes, got {got}")]
    TooLarge {
        /// The limit in bytes.
        max: usize,
        /// Its size in bytes.
        got: usize,
    },
}
