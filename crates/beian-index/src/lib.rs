//! Host name to filing record (备案记录), from one immutable, memory-mapped file.
//!
//! ```
//! use beian_index::{
//!     Answer, Completeness, Day, Description, Index, IndexBuilder, IndexKey, Record, RecordId, Status,
//! };
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("hosts.index");
//! let description = Description {
//!     completeness: Completeness::Complete,
//!     as_of: Day(20_781),
//!     key: IndexKey([7; 16]), // from the system's randomness, in earnest
//! };
//! let record = Record { status: Status::FiledHere, id: RecordId(1), as_of: Day(20_700) };
//! let mut builder = IndexBuilder::new(description);
//! builder.add("example.com.cn", record)?;
//! builder.write(&path)?;
//!
//! let index = Index::open(&path)?;
//! assert_eq!(index.look_up(b"WWW.Example.com.cn:8443")?, Answer::Found(record));
//! assert_eq!(index.look_up(b"example.cn")?, Answer::NotFiled);
//! assert_eq!(index.look_up(b"[2001:db8::1]")?, Answer::Address);
//! # Ok(())
//! # }
//! ```
//!
//! [`Publisher`] and [`Reader`] put generations and deltas in place and go over to them.
//!
//! # From a host to a domain
//!
//! The registrable domain is that of the public suffix list with all its rules, as everywhere in
//! beian. Below suffixes that belong to no registry (`github.io`), a host without a record of its
//! own has the record of the owner's domain. [`Host::parse`] tells what is taken for a host.
//!
//! # The file
//!
//! Numbers are little-endian. Blocks are of 4096 bytes; the first is the header.
//!
//! | what | bytes | |
//! |---|---|---|
//! | header | 4096 | below |
//! | suffixes | any | one a line; a suffix's number is its line's |
//! | six sections | any | of labels of 1 to 12, 13 to 24, … 61 to 63 characters; zeros between them |
//! | checksums | 4 a block | CRC-32 of each block but the header |
//!
//! | header, from | bytes | |
//! |---:|---:|---|
//! | 0 | 8 | `BEIANIDX` |
//! | 8 | 4 | version, 1; a newer one is refused |
//! | 12 | 4 | size of a block, 4096 |
//! | 16 | 8 | length of the file |
//! | 24 | 8 | generation |
//! | 32 | 8 | generation that this delta is of; 0 for an index |
//! | 40 | 16 | key |
//! | 56 | 4 | day of the index, counted from 1970-01-01 |
//! | 60 | 4 | 1 complete, 2 partial |
//! | 64 | 4 | number of suffixes |
//! | 68 | 4 | CRC-32 of the checksums |
//! | 72 | 8 | bytes of the suffixes |
//! | 80 | 8 | where the checksums begin |
//! | 88 | 144 | six sections: directory (8), entries (8), number of entries (4), bits of a bucket's number (1), bits of a suffix's number (1), zeros (2) |
//! | 4092 | 4 | CRC-32 of the header |
//!
//! A domain is a label and a suffix, split at the first dot. Its label is written in numbers of
//! base 38, twelve characters a word of 64 bits. The first word goes through a permutation (two
//! multiplications) that depends on the key, the suffix and the further words. The upper bits of
//! the result, enough for 1.2 to 2.4 domains a bucket, are the bucket's number; an entry keeps the
//! rest:
//!
//! | entry | bytes |
//! |---|---|
//! | rest of the permuted word, and the suffix's number below it | as many as needed: 7 with ten million domains |
//! | further words | 8 each |
//! | record's number | 4 |
//! | status (3 bits), days before the day of the index (13 bits) | 2 |
//!
//! Bucket and entry give the name back, so comparing them is comparing the name, not a hash of it:
//! there are no collisions. Who does not know the key cannot choose names that share a bucket; a
//! bucket of more than fifteen makes the builder double the buckets.
//!
//! The directory has sixteen bytes for each 24 buckets: the number of the first entry (4), and how
//! many entries each bucket has (half a byte each). A look-up reads one line of the directory and
//! one or two of the entries.
//!
//! # Damage
//!
//! Opening checks the header and the table of checksums. A block is checked when a look-up first
//! comes to it, so that nothing is ever answered from a damaged one, and the first answer does not
//! wait for the whole file. [`Index::check_all`] checks all, as a [`Reader`] does before it goes
//! over to a new generation. Checksums find accidents; whoever can write the file can forge it.
//!
//! A published file is never written to: writing or cutting off a file that is mapped changes it
//! under its readers, or ends the process.

mod build;
mod error;
mod export;
mod file;
mod format;
mod host;
mod index;
mod key;
mod lanes;
mod list;
mod map;
pub mod memory;
mod publish;
mod record;
mod suffix;

pub use build::{Description, IndexBuilder};
pub use error::{BuildError, IndexError};
pub use export::{ExportError, Policy, write_haproxy_map, write_list, write_nginx_map, write_policy_zone};
pub use format::FORMAT_VERSION;
pub use host::{Host, HostName};
pub use index::Index;
pub use key::IndexKey;
pub use list::{LIST_COLUMNS, ListDefaults, ListError, ListFault, ListHead, ListRead, add_list, add_row};
pub use publish::{Change, Publisher, Reader, Refreshed};
pub use record::{Answer, Completeness, Day, Record, RecordId, Status};
