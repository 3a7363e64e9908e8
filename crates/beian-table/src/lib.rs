//! Tables in Parquet and Arrow IPC: read as texts, whatever their types, and written as Parquet.
//!
//! What is read comes from outside. Nothing is held whole but what the limits allow: a footer, a message, the pages
//! that a batch of rows stands in. Columns that nobody asked for are not read. A decoder that panics over a hostile
//! file gives an error like any other.
//!
//! A value is the text that a log would have in its place: nothing for what is null, seconds since 1970 for an instant,
//! `2026-10-10T13:55:36` for a time of which no zone is told, whole numbers for those with a fraction.

mod arrow;
mod page;
mod parquet;
mod text;
mod write;

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub use arrow::ArrowReader;
pub use parquet::{Group, GroupReader, Parquet};
pub use text::{Batch, Texts};
pub use write::{ParquetWriter, Values};

/// Bytes of a page, a message of Arrow or one of its buffers, once decompressed.
const MOST_AT_ONCE: u64 = 128 << 20;
/// Objects within objects deeper than this are passed over.
const DEEPEST: usize = 4;

/// Bytes of which any part can be read, by several at once.
pub trait Source: Send + Sync {
    /// How many there are.
    fn length(&self) -> u64;
    /// Reads some from a place on; 0 behind the end alone.
    fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize>;
}

/// A file, as long as it is when it is asked.
impl Source for File {
    fn length(&self) -> u64 {
        self.metadata().map_or(0, |about| about.len())
    }
    fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, room, at)
    }
}

/// Why a table cannot be read, or written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It is none, was cut off, or is damaged.
    #[error("expected {expected}, got {got}")]
    Damaged {
        /// Of which kind it should be.
        expected: &'static str,
        /// What is wrong.
        got: String,
    },
    /// Something in it is larger than anything that an honest writer makes.
    #[error("expected at most {limit} bytes of {what}, got {got}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Bytes that are taken.
        limit: u64,
        /// Bytes that it claims.
        got: u64,
    },
    /// It cannot be read from where it is, or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Calls a decoder, a panic of which is an error of its input.
fn guarded<T>(
    expected: &'static str,
    decode: impl FnOnce() -> Result<T, TableError>,
) -> Result<T, TableError> {
    let panicked = |_| TableError::Damaged { expected, got: "something that cannot be decoded".to_owned() };
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|panic| Err(panicked(panic)))
}

/// A value of a table that has a name: of an object within an object, both with a dot between.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Leaf {
    name: String,
    path: Vec<String>,
}

/// All values of a schema that can be told as texts, in its order.
fn leaves(schema: &arrow_schema::Schema) -> Vec<Leaf> {
    let mut found = Vec::new();
    walk(schema.fields(), &[], &mut found);
    found
}

fn walk(fields: &arrow_schema::Fields, within: &[String], found: &mut Vec<Leaf>) {
    for field in fields {
        let path: Vec<String> = within.iter().chain([field.name()]).cloned().collect();
        match field.data_type() {
            arrow_schema::DataType::Struct(fields) if path.len() < DEEPEST => walk(fields, &path, found),
            kind if text::is_told(kind) => found.push(Leaf { name: path.join("."), path }),
            _ => {}
        }
    }
}
