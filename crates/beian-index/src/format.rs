//! The bytes of the file: its header, and the checksums of its blocks. The layout is in `lib.rs`.

use crate::error::IndexError;
use crate::key::{IndexKey, MAX_WORDS};
use crate::record::{Completeness, Day, Status};

pub(crate) const MAGIC: [u8; 8] = *b"BEIANIDX";
/// The version of the format that is written, and the newest that is read.
pub const FORMAT_VERSION: u32 = 1;
/// What one checksum is of. The header has the first block for itself.
pub(crate) const BLOCK: usize = 4096;
/// Buckets whose counts share 16 bytes of the directory.
pub(crate) const GROUP: u64 = 24;
pub(crate) const GROUP_BYTES: usize = 16;
/// Entries of the fullest bucket.
pub(crate) const MAX_IN_BUCKET: usize = 15;
/// Zeros behind the last entry, so that four entries can be read at the place of any.
pub(crate) const TAIL: usize = 128;
/// Days before the day of the index that a record may be of.
pub(crate) const DAYS: i32 = 1 << 13;
/// Bytes of an entry behind its key and its further words: identifier, status and day.
pub(crate) const RECORD_BYTES: usize = 6;
/// In a delta: the base's record is void.
pub(crate) const REMOVED: u16 = 7;

/// Where the entries of labels of one number of words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Section {
    pub(crate) directory: u64,
    pub(crate) entries: u64,
    pub(crate) count: u32,
    /// The buckets' number is two to the power of this, at least one.
    pub(crate) bucket_bits: u8,
    pub(crate) suffix_bits: u8,
}

impl Section {
    /// The bytes that the rest of the hash and the suffix take.
    pub(crate) fn key_bytes(&self) -> usize {
        (64 - usize::from(self.bucket_bits) + usize::from(self.suffix_bits)).div_ceil(8).min(8)
    }

    pub(crate) fn stride(&self, words: usize) -> usize {
        self.key_bytes() + 8 * (words - 1) + RECORD_BYTES
    }

    pub(crate) fn directory_bytes(&self) -> u64 {
        (1u64 << self.bucket_bits).div_ceil(GROUP) * GROUP_BYTES as u64
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) file_length: u64,
    pub(crate) generation: u64,
    /// For a delta, the generation that it is laid over; otherwise 0.
    pub(crate) base_generation: u64,
    pub(crate) key: IndexKey,
    pub(crate) as_of: Day,
    pub(crate) completeness: Completeness,
    pub(crate) suffix_count: u32,
    pub(crate) suffix_bytes: u64,
    /// The blocks end and their checksums begin here.
    pub(crate) checksums: u64,
    pub(crate) checksum_of_checksums: u32,
    pub(crate) sections: [Section; MAX_WORDS],
}

impl Header {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BLOCK);
        bytes.extend(MAGIC);
        bytes.extend(FORMAT_VERSION.to_le_bytes());
        bytes.extend((BLOCK as u32).to_le_bytes());
        bytes.extend(self.file_length.to_le_bytes());
        bytes.extend(self.generation.to_le_bytes());
        bytes.extend(self.base_generation.to_le_bytes());
        bytes.extend(self.key.0);
        bytes.extend(self.as_of.0.to_le_bytes());
        let completeness: u32 = match self.completeness {
            Completeness::Complete => 1,
            Completeness::Partial => 2,
        };
        bytes.extend(completeness.to_le_bytes());
        bytes.extend(self.suffix_count.to_le_bytes());
        bytes.extend(self.checksum_of_checksums.to_le_bytes());
        bytes.extend(self.suffix_bytes.to_le_bytes());
        bytes.extend(self.checksums.to_le_bytes());
        for section in &self.sections {
            bytes.extend(section.directory.to_le_bytes());
            bytes.extend(section.entries.to_le_bytes());
            bytes.extend(section.count.to_le_bytes());
            bytes.extend([section.bucket_bits, section.suffix_bits, 0, 0]);
        }
        bytes.resize(BLOCK - 4, 0);
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    /// Reads the header of a file of this length. Everything that a look-up relies on is checked.
    pub(crate) fn decode(bytes: &[u8], length: u64) -> Result<Self, IndexError> {
        if !bytes.starts_with(&MAGIC) {
            return Err(IndexError::NotAnIndex);
        }
        let Some(block) = bytes.first_chunk::<BLOCK>() else {
            return Err(IndexError::Truncated { expected: BLOCK as u64, got: length });
        };
        let mut fields = Fields { bytes: block, at: MAGIC.len() };
        let version = fields.u32();
        if version > FORMAT_VERSION {
            return Err(IndexError::NewerVersion { expected: FORMAT_VERSION, got: version });
        }
        let (content, checksum) = block.split_at(BLOCK - 4);
        let expected = Fields { bytes: checksum, at: 0 }.u32();
        let got = crc32fast::hash(content);
        if got != expected {
            return Err(IndexError::Damaged { block: 0, expected, got });
        }
        let block_size = fields.u32();
        let header = Self {
            file_length: fields.u64(),
            generation: fields.u64(),
            base_generation: fields.u64(),
            key: IndexKey(fields.take()),
            as_of: Day(fields.u32() as i32),
            completeness: if fields.u32() == 1 { Completeness::Complete } else { Completeness::Partial },
            suffix_count: fields.u32(),
            checksum_of_checksums: fields.u32(),
            suffix_bytes: fields.u64(),
            checksums: fields.u64(),
            sections: std::array::from_fn(|_| {
                let section = Section {
                    directory: fields.u64(),
                    entries: fields.u64(),
                    count: fields.u32(),
                    bucket_bits: fields.take::<1>()[0],
                    suffix_bits: fields.take::<1>()[0],
                };
                fields.at += 2;
                section
            }),
        };
        if header.file_length != length {
            return Err(IndexError::Truncated { expected: header.file_length, got: length });
        }
        if version != FORMAT_VERSION || block_size != BLOCK as u32 || !header.is_consistent() {
            return Err(IndexError::Contradiction { what: "the header" });
        }
        Ok(header)
    }

    /// The blocks behind the header.
    pub(crate) fn blocks(&self) -> u64 {
        self.checksums / BLOCK as u64 - 1
    }

    fn is_consistent(&self) -> bool {
        let block = BLOCK as u64;
        let body_is_whole = self.checksums.is_multiple_of(block) && self.checksums >= block;
        body_is_whole
            && self.checksums.checked_add(4 * self.blocks()) == Some(self.file_length)
            && self.suffix_bytes <= self.checksums - block
            && self.suffix_count < u32::from(u16::MAX)
            && self.sections.iter().zip(1..).all(|(section, words)| {
                let fits = |at: u64, bytes: u64, behind: u64| {
                    at >= block && at.checked_add(bytes + behind).is_some_and(|end| end <= self.checksums)
                };
                let bits = section.bucket_bits;
                section.count == 0
                    || (1..=32).contains(&bits)
                        && section.suffix_bits <= bits.min(16)
                        && section.directory.is_multiple_of(GROUP_BYTES as u64)
                        && fits(section.directory, section.directory_bytes(), 0)
                        && fits(
                            section.entries,
                            u64::from(section.count) * section.stride(words) as u64,
                            TAIL as u64,
                        )
            })
    }
}

/// Status and day in 16 bits.
pub(crate) fn encode_class(code: u16, day: Day, as_of: Day) -> Option<u16> {
    let before = as_of.0.checked_sub(day.0)?;
    (0..DAYS).contains(&before).then_some(code << 13 | before as u16)
}

/// The code of a status, or `REMOVED`, and the day.
pub(crate) fn decode_class(class: u16, as_of: Day) -> (u16, Day) {
    (class >> 13, Day(as_of.0.wrapping_sub(i32::from(class & 0x1fff))))
}

pub(crate) fn code_of(status: Status) -> u16 {
    match status {
        Status::FiledHere => 0,
        Status::FiledElsewhere => 1,
        Status::Cancelled => 2,
        Status::Blacklisted => 3,
        Status::Shell => 4,
    }
}

/// Fields one behind the other; zeros behind the end.
struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let field = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>());
        self.at += N;
        field.copied().unwrap_or([0; N])
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }
}
