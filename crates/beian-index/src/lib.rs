//! Host name to filing record (备案记录), from one immutable, memory-mapped file.

mod build;
mod error;
mod file;
mod format;
mod host;
mod index;
mod key;
mod lanes;
mod map;
mod record;
mod suffix;

pub use build::{Description, IndexBuilder};
pub use error::{BuildError, IndexError};
pub use format::FORMAT_VERSION;
pub use host::{Host, HostName};
pub use index::Index;
pub use key::IndexKey;
pub use record::{Answer, Completeness, Day, Record, RecordId, Status};
