//! One file: where the entry of a name would be, and whether it is there.

use std::path::Path;

use crate::error::IndexError;
use crate::format::{
    GROUP, GROUP_BYTES, Header, MAX_IN_BUCKET, RECORD_BYTES, REMOVED, Section, decode_class,
};
use crate::key::{Label, MAX_WORDS, Permutation, first_8};
use crate::map::{Blocks, prefetch};
use crate::record::{Record, RecordId, Status};

/// The suffix is not in this file.
pub(crate) const NO_SUFFIX: u16 = u16::MAX;

/// A mapped index or delta.
#[derive(Debug)]
pub(crate) struct IndexFile {
    blocks: Blocks,
    permutation: Permutation,
    tables: [Table; MAX_WORDS],
    /// Where each suffix stands in the file.
    suffixes: Vec<(u32, u32)>,
}

/// A section, with what a look-up needs of it worked out.
#[derive(Debug, Clone, Copy)]
struct Table {
    directory: usize,
    entries: usize,
    count: u32,
    bucket_bits: u32,
    suffix_bits: u32,
    key_bytes: usize,
    key_mask: u64,
    stride: usize,
}

/// The entries of a bucket.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bucket {
    at: usize,
    count: usize,
}

impl Bucket {
    pub(crate) const NONE: Self = Self { at: 0, count: 0 };
}

/// What a file has of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Record(Record),
    /// A delta says that there is none any more.
    Removed,
}

impl IndexFile {
    pub(crate) fn open(path: &Path) -> Result<Self, IndexError> {
        let blocks = Blocks::open(path)?;
        let header = blocks.header();
        let permutation = Permutation::new(header.key);
        let mut words = 0;
        let tables = header.sections.map(|section| {
            words += 1;
            Table::new(&section, words)
        });
        let mut file = Self { permutation, tables, suffixes: Vec::new(), blocks };
        file.suffixes = file.read_suffixes()?;
        Ok(file)
    }

    pub(crate) fn header(&self) -> &Header {
        self.blocks.header()
    }

    pub(crate) fn permutation(&self) -> &Permutation {
        &self.permutation
    }

    /// The suffixes of the file, in the order of their numbers.
    pub(crate) fn suffixes(&self) -> impl Iterator<Item = &[u8]> {
        let bytes = self.blocks.bytes();
        self.suffixes.iter().map(|(from, to)| bytes.get(*from as usize..*to as usize).unwrap_or_default())
    }

    /// Makes sure that no byte of the file is other than it was written.
    pub(crate) fn check_all(&self) -> Result<(), IndexError> {
        self.blocks.check_all()
    }

    /// How many domains there are.
    pub(crate) fn len(&self) -> u64 {
        self.tables.iter().map(|table| u64::from(table.count)).sum()
    }

    /// Whether there are labels of this number of words at all.
    #[inline]
    pub(crate) fn has(&self, words: usize) -> bool {
        self.tables.get(words.wrapping_sub(1)).is_some_and(|table| table.count > 0)
    }

    /// First step: asks for the directory's line.
    #[inline]
    pub(crate) fn prefetch_directory(&self, words: usize, hash: u64) {
        if let Some(table) = self.tables.get(words.wrapping_sub(1)) {
            prefetch(self.blocks.bytes(), table.directory_at(table.bucket(hash)));
        }
    }

    /// Second step: where the bucket's entries are, of which the first and last line are asked for.
    #[inline]
    pub(crate) fn bucket(&self, words: usize, hash: u64) -> Result<Bucket, IndexError> {
        let Some(table) = self.tables.get(words.wrapping_sub(1)) else { return Ok(Bucket::default()) };
        if table.count == 0 {
            return Ok(Bucket::default());
        }
        let (start, count) = self.entries_of(table, table.bucket(hash))?;
        let bucket = Bucket { at: table.entries + start * table.stride, count };
        if count > 0 {
            prefetch(self.blocks.bytes(), bucket.at);
            prefetch(self.blocks.bytes(), bucket.at + count * table.stride - 1);
        }
        Ok(bucket)
    }

    /// Third step: the entry of the name, if the bucket has it.
    #[inline]
    pub(crate) fn find(
        &self,
        bucket: Bucket,
        hash: u64,
        label: &Label,
        suffix: u16,
    ) -> Result<Option<Entry>, IndexError> {
        let Some(table) = self.tables.get(label.count.wrapping_sub(1)) else { return Ok(None) };
        if bucket.count == 0 {
            return Ok(None);
        }
        self.blocks.check(bucket.at, bucket.count * table.stride)?;
        let bytes = self.blocks.bytes();
        let target = table.key(hash, suffix);
        let mut at = bucket.at;
        for _ in 0..bucket.count {
            let Some(entry) = bytes.get(at..at + table.stride + 2) else { break };
            if u64::from_le_bytes(first_8(entry)) & table.key_mask == target
                && table.has_words(entry, label)
            {
                return self.entry(table, entry).map(Some);
            }
            at += table.stride;
        }
        Ok(None)
    }

    /// All three steps.
    pub(crate) fn look_up(&self, label: &Label, hash: u64, suffix: u16) -> Result<Option<Entry>, IndexError> {
        let bucket = self.bucket(label.count, hash)?;
        self.find(bucket, hash, label, suffix)
    }

    /// Every entry with its name, in an order that the key decides.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Result<(String, Entry), IndexError>> {
        let suffixes: Vec<(&[u8], u64)> =
            self.suffixes().map(|suffix| (suffix, self.permutation.of_suffix(suffix))).collect();
        let suffixes = std::sync::Arc::new(suffixes);
        self.tables.iter().zip(1..).filter(|(table, _)| table.count > 0).flat_map(move |(table, words)| {
            let suffixes = std::sync::Arc::clone(&suffixes);
            (0..1u64 << table.bucket_bits).flat_map(move |bucket| {
                let (start, count, error) = match self.entries_of(table, bucket) {
                    Ok((start, count)) => (start, count, None),
                    Err(error) => (0, 0, Some(Err(error))),
                };
                let suffixes = std::sync::Arc::clone(&suffixes);
                let entries = (start..start + count)
                    .map(move |index| self.decode(table, words, bucket, index, &suffixes));
                entries.chain(error)
            })
        })
    }

    fn decode(
        &self,
        table: &Table,
        words: usize,
        bucket: u64,
        index: usize,
        suffixes: &[(&[u8], u64)],
    ) -> Result<(String, Entry), IndexError> {
        let contradiction = || IndexError::Contradiction { what: "a name" };
        let at = table.entries + index * table.stride;
        self.blocks.check(at, table.stride)?;
        let entry = self.blocks.bytes().get(at..at + table.stride + 2).ok_or_else(contradiction)?;
        let key = u64::from_le_bytes(first_8(entry)) & table.key_mask;
        let suffix = (key & ((1 << table.suffix_bits) - 1)) as usize;
        let hash = bucket << (64 - table.bucket_bits) | key >> table.suffix_bits;
        let (suffix, tweak) = suffixes.get(suffix).ok_or_else(contradiction)?;
        let mut label = Label { count: words, words: [0; MAX_WORDS] };
        for (word, bytes) in label.words.iter_mut().skip(1).zip(table.words(entry).chunks_exact(8)) {
            *word = u64::from_le_bytes(first_8(bytes));
        }
        label.words[0] = self.permutation.invert(hash, &label, *tweak);
        let mut name = Vec::with_capacity(words * crate::key::WORD_CHARS + 1 + suffix.len());
        if !label.unpack_onto(&mut name) {
            return Err(contradiction());
        }
        name.push(b'.');
        name.extend_from_slice(suffix);
        let name = String::from_utf8(name).map_err(|_| contradiction())?;
        Ok((name, self.entry(table, entry)?))
    }

    /// The first entry of a bucket, and how many it has.
    #[inline]
    fn entries_of(&self, table: &Table, bucket: u64) -> Result<(usize, usize), IndexError> {
        let at = table.directory_at(bucket);
        self.blocks.check(at, GROUP_BYTES)?;
        let group = self.blocks.bytes().get(at..).and_then(|rest| rest.first_chunk::<GROUP_BYTES>());
        let group = u128::from_le_bytes(group.copied().unwrap_or_default());
        let shift = 4 * (bucket % GROUP) as u32;
        let counts = group >> 32;
        let before = counts & ((1 << shift) - 1);
        let start = group as u32 as usize + sum_of_nibbles(before);
        let count = (counts >> shift) as usize & MAX_IN_BUCKET;
        if start + count > table.count as usize {
            return Err(IndexError::Contradiction { what: "the directory" });
        }
        Ok((start, count))
    }

    #[inline]
    fn entry(&self, table: &Table, entry: &[u8]) -> Result<Entry, IndexError> {
        let record = entry.get(table.stride - RECORD_BYTES..).unwrap_or_default();
        let record = u64::from_le_bytes(first_8(record));
        let (code, as_of) = decode_class((record >> 32) as u16, self.header().as_of);
        match Status::ALL.get(usize::from(code)) {
            Some(status) => Ok(Entry::Record(Record { status: *status, id: RecordId(record as u32), as_of })),
            None if code == REMOVED => Ok(Entry::Removed),
            None => Err(IndexError::Contradiction { what: "a status" }),
        }
    }

    fn read_suffixes(&self) -> Result<Vec<(u32, u32)>, IndexError> {
        let contradiction = || IndexError::Contradiction { what: "the suffixes" };
        let (from, length) = (crate::format::BLOCK, self.header().suffix_bytes as usize);
        self.blocks.check(from, length)?;
        let text = self.blocks.bytes().get(from..from + length).ok_or_else(contradiction)?;
        let mut suffixes = Vec::with_capacity(self.header().suffix_count as usize);
        let mut at = from as u32;
        for suffix in text.split_inclusive(|byte| *byte == b'\n') {
            let end = at + suffix.len() as u32;
            suffixes.push((at, end - 1));
            at = end;
        }
        let is_whole = text.is_empty() || text.ends_with(b"\n");
        if is_whole && suffixes.len() == self.header().suffix_count as usize && text.is_ascii() {
            Ok(suffixes)
        } else {
            Err(contradiction())
        }
    }
}

impl Table {
    fn new(section: &Section, words: usize) -> Self {
        let key_bytes = section.key_bytes();
        Self {
            directory: section.directory as usize,
            entries: section.entries as usize,
            count: section.count,
            bucket_bits: u32::from(section.bucket_bits).max(1),
            suffix_bits: section.suffix_bits.into(),
            key_bytes,
            key_mask: u64::MAX >> (64 - 8 * key_bytes),
            stride: section.stride(words),
        }
    }

    #[inline]
    fn bucket(&self, hash: u64) -> u64 {
        hash >> (64 - self.bucket_bits)
    }

    #[inline]
    fn directory_at(&self, bucket: u64) -> usize {
        self.directory + (bucket / GROUP) as usize * GROUP_BYTES
    }

    /// What an entry has in its first bytes: the hash but for the bucket, and the suffix.
    #[inline]
    fn key(&self, hash: u64, suffix: u16) -> u64 {
        (hash << self.bucket_bits >> self.bucket_bits) << self.suffix_bits | u64::from(suffix)
    }

    fn words<'a>(&self, entry: &'a [u8]) -> &'a [u8] {
        entry.get(self.key_bytes..self.stride - RECORD_BYTES).unwrap_or_default()
    }

    /// Whether an entry has the further words of a label.
    #[inline]
    fn has_words(&self, entry: &[u8], label: &Label) -> bool {
        label.count == 1
            || self
                .words(entry)
                .chunks_exact(8)
                .zip(label.words.iter().skip(1))
                .all(|(bytes, word)| u64::from_le_bytes(first_8(bytes)) == *word)
    }
}

/// The sum of 24 numbers of four bits.
#[inline]
fn sum_of_nibbles(nibbles: u128) -> usize {
    const NIBBLES: u64 = 0x0f0f_0f0f_0f0f_0f0f;
    const ONES: u64 = 0x0101_0101_0101_0101;
    let sum = |half: u64| (((half & NIBBLES) + (half >> 4 & NIBBLES)).wrapping_mul(ONES) >> 56) as usize;
    sum(nibbles as u64) + sum((nibbles >> 64) as u64)
}
