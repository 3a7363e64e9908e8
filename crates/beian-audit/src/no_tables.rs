//! A program that is built without the feature `parquet`: it knows Parquet and Arrow when it sees them, and no more.

use std::convert::Infallible;
use std::io::Read;

use crate::format::FieldNames;
use crate::input::{Anywhere, ProblemKind};

/// There is none.
pub(crate) struct ParquetLog(Infallible);

/// There is none.
pub(crate) struct ArrowLog(Infallible);

/// There is none.
pub(crate) struct Batch(Infallible);

impl ParquetLog {
    pub(crate) fn open(_: Anywhere, _: &FieldNames) -> Result<Self, ProblemKind> {
        Err(ProblemKind::WithoutTables)
    }

    pub(crate) fn groups(&self) -> usize {
        match self.0 {}
    }

    pub(crate) fn bytes(&self, _: usize) -> (u64, u64) {
        match self.0 {}
    }

    pub(crate) fn first_row(&self, _: usize) -> u64 {
        match self.0 {}
    }

    pub(crate) fn rows(&self, _: usize) -> Result<std::iter::Empty<Result<Batch, String>>, String> {
        match self.0 {}
    }
}

impl ArrowLog {
    pub(crate) fn open(_: Box<dyn Read + Send>, _: &FieldNames) -> Result<Self, ProblemKind> {
        Err(ProblemKind::WithoutTables)
    }

    pub(crate) fn next(&mut self) -> Result<Option<Batch>, String> {
        match self.0 {}
    }
}

impl Batch {
    pub(crate) fn rows(&self) -> usize {
        match self.0 {}
    }

    pub(crate) fn cell(&self, _: usize, _: usize) -> &[u8] {
        match self.0 {}
    }
}
