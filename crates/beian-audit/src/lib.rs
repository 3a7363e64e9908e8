//! From logs to the domains in them that are not filed here.
//!
//! Logs are files, compressed or not, directories of them, objects in a storage that speaks S3 (with the feature
//! `object-storage`), or standard input; of web servers in any format that nginx
//! or Apache can be told, as JSON or CSV, as tables in Parquet or Arrow (with the feature `parquet`), or of name servers. Each is looked at to tell its format. Every host is
//! looked up in an index ([`beian_index`]), and of each domain that is not filed here the lines are counted, with
//! when it was seen, from how many addresses, and a sample.
//!
//! The way of a line: `queue` cuts logs into blocks that end with a line, `scan` takes a block apart by its
//! `format`, asks the index in batches, and counts in a `tally`. What does not fit into memory goes to a
//! `spool`; `audit` adds everything up. The result does not depend on the number of threads, on memory, or on
//! interruptions.
//!
//! Beyond one process: an audit is planned as slices of logs ([`Audit::plan`]), each scanned wherever its log and the
//! index can be read ([`Audit::scan`]), and the parts are gathered ([`Gathering`]) to what one process would have found.
//! Whoever hands the slices out may do so twice, in any order; no part depends on who scanned it.
//!
//! Bad input is counted as what it is ([`Totals`], [`Problem`]) and stops nothing.

mod audit;
mod checkpoint;
mod error;
mod finding;
mod format;
mod input;
mod line;
#[cfg_attr(not(feature = "object-storage"), path = "no_objects.rs")]
mod objects;
mod part;
mod queue;
mod records;
pub mod report;
mod scan;
mod spool;
#[cfg_attr(not(feature = "parquet"), path = "no_tables.rs")]
mod tables;
mod tally;
mod totals;

pub use audit::{Audit, CheckpointOptions, Findings, Going, Outcome, Progress};
pub use error::AuditError;
pub use finding::{AddressCount, Addresses, Finding, Standing};
pub use format::{FieldNames, FormatChoice};
pub use input::{OtherFile, Problem, ProblemKind, TableKind};
pub use line::parse_zone_offset;
pub use objects::ObjectStorage;
#[cfg(feature = "object-storage")]
pub use objects::{BucketAddress, StorageError, StorageKey, StorageSettings};
pub use part::{Gathering, Part, Plan, RecordScan, Slice};
pub use records::{Column, Records};
pub use totals::Totals;
