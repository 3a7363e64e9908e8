//! One file: where the entry of a name would be, and whether it is there.

use std::path::Path;

use crate::error::IndexError;
use crate::format::{
    GROUP, GROUP_BYTES, Header, MAX_IN_BUCKET, RECORD_BYTES, REMOVED, Section, decode_class,
};
use crate::key::{Label, MAX_WORDS, Permutation, first_8};
use crate::map::{Blocks, Fault, Held};
use crate::memory::prefetch_at;
use crate::record::{Record, RecordId, Status};

/// The suffix is not in this file.
pub(crate) const NO_SUFFIX: u16 = u16::MAX;

/// Enough for four entries of labels of two words.
const WINDOW: usize = 96;

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

/// Where the entries of a bucket begin, and in the lower four bits how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bucket(usize);

impl Bucket {
    pub(crate) const EMPTY: Self = Self(0);

    #[inline]
    fn new(at: usize, count: usize) -> Self {
        Self(at << 4 | count)
    }

    #[inline]
    fn at(self) -> usize {
        self.0 >> 4
    }

    #[inline]
    fn count(self) -> usize {
        self.0 & MAX_IN_BUCKET
    }
}

/// A name that is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// How many its label has.
    pub(crate) words: usize,
    pub(crate) hash: u64,
    /// The second word of the label, or 0.
    pub(crate) second: u64,
    /// The suffix by its number in the file.
    pub(crate) suffix: u16,
}

/// The record of an entry as it is in the file: identifier, and above it status and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packed(u64);

/// What a file has of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Record(Record),
    /// A delta says that there is none any more.
    Removed,
}

impl Packed {
    pub(crate) const NONE: Self = Self(u64::MAX);
}

impl IndexFile {
    pub(crate) fn open(path: &Path, held: Held) -> Result<Self, IndexError> {
        let blocks = Blocks::open(path, held)?;
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

    pub(crate) fn held(&self) -> Held {
        self.blocks.held()
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

    pub(crate) fn loaded(&self) -> std::io::Result<Self> {
        let suffixes = self.suffixes.clone();
        Ok(Self {
            blocks: self.blocks.loaded()?,
            permutation: self.permutation,
            tables: self.tables,
            suffixes,
        })
    }

    /// Makes sure that no byte of the file is other than it was written.
    pub(crate) fn check_all(&self) -> Result<(), IndexError> {
        self.blocks.check_all().map_err(|fault| self.explain(fault))
    }

    /// How long the file is.
    pub(crate) fn bytes(&self) -> u64 {
        self.blocks.bytes().len() as u64
    }

    /// How many domains there are.
    pub(crate) fn len(&self) -> u64 {
        self.tables.iter().map(|table| u64::from(table.count)).sum()
    }

    /// What is told of a fault.
    #[cold]
    pub(crate) fn explain(&self, fault: Fault) -> IndexError {
        self.blocks.explain(fault)
    }

    /// First step: asks for the directory's line.
    #[inline]
    pub(crate) fn prefetch_directory(&self, words: usize, hash: u64) {
        if let Some(table) = self.tables.get(words.wrapping_sub(1)) {
            prefetch_at(self.blocks.bytes(), table.directory_at(table.bucket(hash)));
        }
    }

    /// Second step: where the bucket's entries are, of which the first and last line are asked for.
    #[inline(always)]
    pub(crate) fn bucket(&self, words: usize, hash: u64) -> Result<Bucket, Fault> {
        let Some(table) = self.tables.get(words.wrapping_sub(1)) else { return Ok(Bucket::EMPTY) };
        if table.count == 0 {
            return Ok(Bucket::EMPTY);
        }
        let (start, count) = self.entries_of(table, table.bucket(hash))?;
        let at = table.entries + start * table.stride;
        prefetch_at(self.blocks.bytes(), at);
        prefetch_at(self.blocks.bytes(), at + count * table.stride);
        Ok(Bucket::new(at, count))
    }

    /// Third step: the entry of the name, if the bucket has it. The label's further words are asked
    /// for only when what is compared first does not decide.
    #[inline(always)]
    pub(crate) fn find(
        &self,
        bucket: Bucket,
        wanted: Wanted,
        label: impl Fn() -> Label,
    ) -> Result<Packed, Fault> {
        let Wanted { words, hash, second, suffix } = wanted;
        let Some(table) = self.tables.get(words.wrapping_sub(1)) else { return Ok(Packed::NONE) };
        let (at, count) = (bucket.at(), bucket.count());
        if count == 0 {
            return Ok(Packed::NONE);
        }
        self.blocks.check(at, count * table.stride)?;
        let target = table.key(hash, suffix);
        // Behind the last entry there are zeros enough. Most buckets have at most four entries: all
        // four are compared, for a branch costs more.
        let Some(entries) = self.blocks.bytes().get(at..at + WINDOW).and_then(|bytes| bytes.first_chunk())
        else {
            return Err(Fault::CONTENT);
        };
        let hit = match table.stride {
            12 => first_of_four::<12>(entries, table.key_mask, target, count),
            13 => first_of_four::<13>(entries, table.key_mask, target, count),
            14 => first_of_four::<14>(entries, table.key_mask, target, count),
            20 => first_of_four::<20>(entries, table.key_mask, target, count),
            21 => first_of_four::<21>(entries, table.key_mask, target, count),
            22 => first_of_four::<22>(entries, table.key_mask, target, count),
            _ => return Ok(self.find_among(table, bucket, target, &label())),
        };
        if hit < 4 && (words == 1) | (words == 2) & (table.second_at(entries, hit) == second) {
            return Ok(table.packed_at(entries, hit));
        }
        if hit < 4 || count > 4 {
            return Ok(self.find_among(table, bucket, target, &label()));
        }
        Ok(Packed::NONE)
    }

    /// Looks at every entry, and at every word of it.
    #[inline(never)]
    fn find_among(&self, table: &Table, bucket: Bucket, target: u64, label: &Label) -> Packed {
        let entries = self.blocks.bytes().get(bucket.at()..).unwrap_or_default();
        let same = |place: &usize| {
            table.key_at(entries, *place) == target && table.has_words(entries, *place, label)
        };
        (0..bucket.count()).find(same).map_or(Packed::NONE, |place| table.packed_at(entries, place))
    }

    /// The record, or none.
    #[inline(always)]
    pub(crate) fn unpack(&self, packed: Packed) -> Result<Option<Entry>, Fault> {
        if packed == Packed::NONE {
            return Ok(None);
        }
        let (code, as_of) = decode_class((packed.0 >> 32) as u16, self.header().as_of);
        match Status::ALL.get(usize::from(code)) {
            Some(status) => {
                Ok(Some(Entry::Record(Record { status: *status, id: RecordId(packed.0 as u32), as_of })))
            }
            None if code == REMOVED => Ok(Some(Entry::Removed)),
            None => Err(Fault::CONTENT),
        }
    }

    /// All three steps.
    pub(crate) fn look_up(&self, wanted: Wanted, label: impl Fn() -> Label) -> Result<Option<Entry>, Fault> {
        self.unpack(self.find(self.bucket(wanted.words, wanted.hash)?, wanted, label)?)
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
                    Err(fault) => (0, 0, Some(Err(self.explain(fault)))),
                };
                let suffixes = std::sync::Arc::clone(&suffixes);
                let entries = (start..start + count)
                    .map(move |index| self.decode(table, words, bucket, index, &suffixes))
                    .map(|entry| entry.map_err(|fault| self.explain(fault)));
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
    ) -> Result<(String, Entry), Fault> {
        let at = table.entries + index * table.stride;
        self.blocks.check(at, table.stride)?;
        let entry = self.blocks.bytes().get(at..).unwrap_or_default();
        let key = table.key_at(entry, 0);
        let suffix = (key & ((1 << table.suffix_bits) - 1)) as usize;
        let hash = bucket << (64 - table.bucket_bits) | key >> table.suffix_bits;
        let (suffix, tweak) = suffixes.get(suffix).ok_or(Fault::CONTENT)?;
        let mut label = Label { count: words, words: [0; MAX_WORDS] };
        for (word, bytes) in label.words.iter_mut().skip(1).zip(table.words(entry, 0).chunks_exact(8)) {
            *word = u64::from_le_bytes(first_8(bytes));
        }
        label.words[0] = self.permutation.invert(hash, &label, *tweak);
        let mut name = Vec::with_capacity(words * crate::key::WORD_CHARS + 1 + suffix.len());
        if !label.unpack_onto(&mut name) {
            return Err(Fault::CONTENT);
        }
        name.push(b'.');
        name.extend_from_slice(suffix);
        let name = String::from_utf8(name).map_err(|_| Fault::CONTENT)?;
        let record = self.unpack(table.packed_at(entry, 0))?.ok_or(Fault::CONTENT)?;
        Ok((name, record))
    }

    /// The first entry of a bucket, and how many it has.
    #[inline(always)]
    fn entries_of(&self, table: &Table, bucket: u64) -> Result<(usize, usize), Fault> {
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
            return Err(Fault::CONTENT);
        }
        Ok((start, count))
    }

    fn read_suffixes(&self) -> Result<Vec<(u32, u32)>, IndexError> {
        let contradiction = || IndexError::Contradiction { what: "the suffixes" };
        let (from, length) = (crate::format::BLOCK, self.header().suffix_bytes as usize);
        self.blocks.check(from, length).map_err(|fault| self.explain(fault))?;
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

    /// The key of the entry at a place.
    #[inline]
    fn key_at(&self, entries: &[u8], place: usize) -> u64 {
        let entry = entries.get(place * self.stride..).unwrap_or_default();
        u64::from_le_bytes(first_8(entry)) & self.key_mask
    }

    #[inline]
    fn packed_at(&self, entries: &[u8], place: usize) -> Packed {
        let record = entries.get((place + 1) * self.stride - RECORD_BYTES..).unwrap_or_default();
        Packed(u64::from_le_bytes(first_8(record)) & 0xffff_ffff_ffff)
    }

    /// The word behind the key of the entry at a place; other bytes, if it has none.
    #[inline]
    fn second_at(&self, entries: &[u8], place: usize) -> u64 {
        let entry = entries.get(place * self.stride + self.key_bytes..).unwrap_or_default();
        u64::from_le_bytes(first_8(entry))
    }

    /// The further words of the entry at a place.
    fn words<'a>(&self, entries: &'a [u8], place: usize) -> &'a [u8] {
        let entry = entries.get(place * self.stride..).unwrap_or_default();
        entry.get(self.key_bytes..self.stride - RECORD_BYTES).unwrap_or_default()
    }

    fn has_words(&self, entries: &[u8], place: usize, label: &Label) -> bool {
        let words = self.words(entries, place).chunks_exact(8);
        words.zip(label.words.iter().skip(1)).all(|(bytes, word)| u64::from_le_bytes(first_8(bytes)) == *word)
    }
}

/// The first of four entries that has the key. Where there are fewer, the first is compared again: the line behind
/// the last was not asked for.
#[inline(always)]
fn first_of_four<const STRIDE: usize>(entries: &[u8; WINDOW], mask: u64, target: u64, count: usize) -> usize {
    let mut hit = usize::MAX;
    for place in [3, 2, 1, 0] {
        let at = if place < count { place * STRIDE } else { 0 };
        let key = entries.get(at..at + 8).map_or(0, |key| u64::from_le_bytes(first_8(key)));
        hit = if (key & mask == target) & (place < count) { place } else { hit };
    }
    hit
}

/// The sum of 24 numbers of four bits.
#[inline]
fn sum_of_nibbles(nibbles: u128) -> usize {
    const NIBBLES: u64 = 0x0f0f_0f0f_0f0f_0f0f;
    const ONES: u64 = 0x0101_0101_0101_0101;
    let sum = |half: u64| (((half & NIBBLES) + (half >> 4 & NIBBLES)).wrapping_mul(ONES) >> 56) as usize;
    sum(nibbles as u64) + sum((nibbles >> 64) as u64)
}
