//! How the regulator is spoken to, without sockets.
//!
//! The enterprise side of the ICP filing (备案) interface, version 3.0: SOAP
//! envelopes ([`soap`]), the documents inside them ([`reply`]), the sealed files
//! they carry ([`package`]), what those files say ([`upload`], [`download`]) and
//! what the numbered answers mean ([`MessageCode`], [`ResultCode`]).
//!
//! Everything is read tolerantly, within fixed bounds of size, depth and count,
//! and without a panic on any input. Everything is written in the one strict form.
//! The XML names of the interface stay inside this crate; which kinds of file there are,
//! with the type of each, is in `docs/interface.md` of the repository.
//!
//! A file is a document, read and written as a whole ([`upload::UploadDocument`],
//! [`download::DownloadDocument`]) or, if it is large, record by record
//! ([`upload::UploadReader`], [`upload::UploadWriter`], [`download::DownloadReader`]).
//! Records about [`ip`] addresses and [`domain`]s look the same in both directions.

pub mod domain;
pub mod download;
pub mod ip;
pub mod package;
pub mod reply;
pub mod soap;
pub mod upload;

mod code;
mod common;
mod credential;
mod file_name;
mod gbk;
mod mask;
mod method;
mod record;
mod time;
mod version;
mod xml;

pub use code::{Explanation, MessageCode, ResultCode};
pub use common::{
    Approval, CancellationKind, Certificate, FiledBy, MAX_ATTACHMENT, MAX_VERIFICATION_FORM, OperationKind,
    RecordKey,
};
pub use credential::{Password, PasswordHash, RandVal, RandValError, filing_password_digest, password_hash};
pub use file_name::{FileName, FileNameError};
pub use mask::masked_text;
pub use method::{Method, Service};
pub use time::{WireTime, WireTimeError};
pub use version::InterfaceVersion;
pub use xml::{Problem, ProblemKind, Problems, ReadError, WriteError};

/// The most filing records that one file may carry.
pub const MAX_RECORDS: usize = 1000;
/// The largest XML document in a file, in bytes of GBK text (50 MB; answer 18 beyond it).
pub const MAX_XML_BYTES: usize = 50 * 1024 * 1024;
/// The largest record where records are read one by one, in bytes of UTF-8 text: some fifty
/// pictures of the largest size.
pub const MAX_RECORD_BYTES: usize = 8 * 1024 * 1024;
