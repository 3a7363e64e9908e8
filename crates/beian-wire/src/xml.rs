//! The XML machinery: a bounded tree to read from, a strict writer, and the
//! reports of both.

mod error;
mod fields;
mod stream;
mod tree;
mod write;

pub use error::{Problem, ProblemKind, Problems, ReadError, WriteError};
pub(crate) use fields::{Fields, Leniency, read_document, read_text};
pub(crate) use stream::Pieces;
pub(crate) use tree::{Bounds, Element, Tree, TreeError};
pub(crate) use write::{GbkStream, XmlWriter, escape, gbk_document};

/// A text element: its name and how many characters it may have.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    pub(crate) name: &'static str,
    pub(crate) min: usize,
    pub(crate) max: usize,
}

impl Text {
    pub(crate) const fn new(name: &'static str, min: usize, max: usize) -> Self {
        Self { name, min, max }
    }
}

/// A whole-number element: its name and its range.
#[derive(Clone, Copy)]
pub(crate) struct Number {
    pub(crate) name: &'static str,
    pub(crate) min: u64,
    pub(crate) max: u64,
}

impl Number {
    pub(crate) const fn new(name: &'static str, min: u64, max: u64) -> Self {
        Self { name, min, max }
    }

    /// An identifier: any positive `xs:long`.
    pub(crate) const fn id(name: &'static str) -> Self {
        Self::new(name, 1, i64::MAX.unsigned_abs())
    }
}

/// A repeated element: its name and how often it stands.
#[derive(Clone, Copy)]
pub(crate) struct Repeated {
    pub(crate) name: &'static str,
    pub(crate) min: usize,
    pub(crate) max: usize,
}

impl Repeated {
    pub(crate) const fn new(name: &'static str, min: usize, max: usize) -> Self {
        Self { name, min, max }
    }
}

/// Base64 content: its name and how many characters it may be written with.
#[derive(Clone, Copy)]
pub(crate) struct Content {
    pub(crate) name: &'static str,
    pub(crate) max: usize,
}
