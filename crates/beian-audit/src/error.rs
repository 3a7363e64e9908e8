//! What can go wrong.

use std::io;
use std::path::PathBuf;

use beian_index::IndexError;

/// Why an audit cannot be made. Logs that cannot be read are no reason: the report names them.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A log or a list that was named is not there.
    #[error("{path} cannot be read", path = path.display())]
    Log {
        /// The log.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The index cannot be read.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// What was counted cannot be put on the disk, or read from it.
    #[error("counts cannot be kept in {path}", path = path.display())]
    Spool {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A report cannot be written.
    #[error("the report cannot be written")]
    Report(#[from] io::Error),
    /// No line of such a format tells whose it is.
    #[error("expected a format with a host ($host, %v) or a request ($request, %r), got {got:?}")]
    FormatWithoutHost {
        /// The format string.
        got: String,
    },
    /// Two fields with nothing between them.
    #[error("expected something between two fields of the format, got {got:?}")]
    FormatWithoutEnd {
        /// The format string.
        got: String,
    },
    /// The checkpoint is of another audit.
    #[error("{path} holds a checkpoint of another audit ({what} differs): remove it to begin anew", path = path.display())]
    OtherAudit {
        /// The directory.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// Another run goes on in the same directory.
    #[error("{path} is in use: another audit goes on there", path = path.display())]
    CheckpointInUse {
        /// The directory.
        path: PathBuf,
    },
    /// The checkpoint cannot be understood.
    #[error("{path} holds no checkpoint that this program reads: remove it to begin anew", path = path.display())]
    Checkpoint {
        /// The directory.
        path: PathBuf,
    },
    /// Standard input cannot be read twice.
    #[error("expected files, which can be read a second time, got standard input")]
    StandardInput,
    /// A log is shorter than where the audit was planned: it is another file, or was cut off since.
    #[error("expected {path} with {expected} bytes, as where the audit was planned, got {got}", path = path.display())]
    ShorterLog {
        /// The log.
        path: PathBuf,
        /// Bytes that it had.
        expected: u64,
        /// Bytes that it has.
        got: u64,
    },
    /// These are not the bytes of a part of an audit.
    #[error("expected a part of an audit, got {what}")]
    NoPart {
        /// What is wrong with them.
        what: &'static str,
    },
    /// Parts of two audits do not add up.
    #[error("a part is of another audit: {what} differs")]
    OtherPart {
        /// What differs.
        what: &'static str,
    },
    /// The columns of a table do not fit together.
    #[error("expected columns {expected}")]
    Columns {
        /// What is expected of them.
        expected: &'static str,
    },
    /// It was told to stop.
    #[error("the audit was stopped")]
    Stopped,
}
