//! What can go wrong.

use std::io;
use std::path::PathBuf;

use crate::record::Day;

/// Why an index cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The file cannot be opened or mapped.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something else.
    #[error("expected an index of host names, got another kind of file")]
    NotAnIndex,
    /// Written by a newer program.
    #[error("expected an index of version {expected} or older, got version {got}")]
    NewerVersion {
        /// The newest version that is read.
        expected: u32,
        /// The version of the file.
        got: u32,
    },
    /// Not as long as it was written.
    #[error("expected an index of {expected} bytes, got {got}: it was cut off or grew")]
    Truncated {
        /// Bytes by the header.
        expected: u64,
        /// Bytes of the file.
        got: u64,
    },
    /// Not what was written.
    #[error("expected checksum {expected:08x} of block {block}, got {got:08x}: the index is damaged")]
    Damaged {
        /// The block of 4096 bytes; 0 is the header.
        block: u64,
        /// The checksum that was kept.
        expected: u32,
        /// The checksum of what is there.
        got: u32,
    },
    /// Right checksums over content that no builder writes.
    #[error("expected an index that agrees with itself, got a contradiction in {what}")]
    Contradiction {
        /// Where.
        what: &'static str,
    },
    /// The delta belongs to another index.
    #[error("expected a delta to generation {expected}, got one to generation {got}")]
    OtherBase {
        /// The generation of the base.
        expected: u64,
        /// The generation that the delta is laid over.
        got: u64,
    },
}

/// Why an index cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The name is not one that a look-up ends at.
    #[error("expected a registrable domain such as example.cn, got {got:?}")]
    NotRegistrable {
        /// The name, shortened.
        got: String,
    },
    /// The day does not fit into the file.
    #[error("expected a day from {earliest} to {latest}, got {got}")]
    Day {
        /// The earliest that fits.
        earliest: Day,
        /// The day of the index.
        latest: Day,
        /// The day of the record.
        got: Day,
    },
    /// More suffixes than the file can number.
    #[error("expected at most 65534 different suffixes, got more")]
    Suffixes,
    /// More domains than the file can number.
    #[error("expected at most 4294967295 domains, got more")]
    Domains,
    /// Too many names in one bucket: someone knows the key, or it is not random.
    #[error("expected at most 15 names in a bucket, got more: the key is not random")]
    Bucket,
    /// There is a file already that is no index: nobody meant to lose it.
    #[error("{path} is no index of host names: it is not written over", path = path.display())]
    Occupied {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written: no room, no right.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What it is built from cannot be read.
    #[error(transparent)]
    Source(#[from] IndexError),
}
