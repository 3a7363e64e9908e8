//! Writing an index: collect, sort by hash, and write the file beside its place.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::BuildError;
use crate::file::{Entry, NO_SUFFIX};
use crate::format::{
    BLOCK, DAYS, GROUP, Header, MAX_IN_BUCKET, REMOVED, Section, TAIL, code_of, encode_class,
};
use crate::host::{Kind, Long};
use crate::key::{IndexKey, Label, MAX_WORDS, Permutation};
use crate::record::{Completeness, Day, Record};
use crate::suffix::{NO_NODE, PAD, Split, suffix_list};

/// Domains a bucket at most, on average: with this many, a bucket of more than fifteen is rare.
const LOAD: f64 = 2.4;
/// How often the buckets are doubled when one is too full all the same.
const DOUBLINGS: u8 = 6;

/// What an index says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// Whether all records there are are in it.
    pub completeness: Completeness,
    /// The day that it is of. Records may be of this day or of one of the 8191 days before.
    pub as_of: Day,
    /// From the system's randomness.
    pub key: IndexKey,
}

/// Collects domains and records, and writes them as one file.
///
/// Memory: 16 bytes a domain, eight more for each further twelve characters of its label, and
/// half of it again while it is sorted.
#[derive(Debug)]
pub struct IndexBuilder {
    description: Description,
    pub(crate) generation: u64,
    pub(crate) base_generation: u64,
    permutation: Permutation,
    suffixes: Vec<(Box<[u8]>, u64)>,
    by_node: Vec<u16>,
    by_text: HashMap<Box<[u8]>, u16>,
    piles: Piles,
    scratch: Long,
}

/// Hash, record and further words of a domain; an array for each number of words.
#[derive(Debug, Default)]
struct Piles {
    one: Vec<[u64; 2]>,
    two: Vec<[u64; 3]>,
    three: Vec<[u64; 4]>,
    four: Vec<[u64; 5]>,
    five: Vec<[u64; 6]>,
    six: Vec<[u64; 7]>,
}

impl IndexBuilder {
    /// Starts an empty index.
    pub fn new(description: Description) -> Self {
        Self {
            description,
            generation: 0,
            base_generation: 0,
            permutation: Permutation::new(description.key),
            suffixes: Vec::new(),
            by_node: vec![NO_SUFFIX; suffix_list().len()],
            by_text: HashMap::new(),
            piles: Piles::default(),
            scratch: Long::new(),
        }
    }

    /// The day that the index is of.
    pub(crate) fn as_of(&self) -> Day {
        self.description.as_of
    }

    /// How many domains were added; one that was added twice counts twice.
    pub fn len(&self) -> u64 {
        self.piles.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a domain that is not added will be known not to be filed.
    pub fn completeness(&self) -> Completeness {
        self.description.completeness
    }

    /// Adds a domain. Of one that is added again, the last record holds.
    ///
    /// Errors: the name is not a registrable domain (neither by the whole public suffix list nor
    /// by the rules of registries), or the day is out of range. The builder goes on without it.
    pub fn add(&mut self, domain: &str, record: Record) -> Result<(), BuildError> {
        self.add_entry(domain, Entry::Record(record))
    }

    pub(crate) fn add_entry(&mut self, domain: &str, entry: Entry) -> Result<(), BuildError> {
        let as_of = self.description.as_of;
        let (code, id, day) = match entry {
            Entry::Record(record) => (code_of(record.status), record.id.0, record.as_of),
            Entry::Removed => (REMOVED, 0, as_of),
        };
        let Some(class) = encode_class(code, day, as_of) else {
            let earliest = Day(as_of.0.saturating_sub(DAYS - 1));
            return Err(BuildError::Day { earliest, latest: as_of, got: day });
        };
        let parsed = self.scratch.parse(domain.as_bytes());
        let mut splits = [parsed.split, parsed.of_registry].into_iter();
        let split = splits.find(|split| *split != Split::NONE && split.label() == 0);
        let (Kind::Name, Some(split)) = (parsed.kind, split) else {
            return Err(BuildError::NotRegistrable { got: domain.chars().take(80).collect() });
        };
        let label = Label::at(self.scratch.text(), PAD, split.suffix() - 1);
        let (suffix, tweak) = self.suffix(usize::from(parsed.length), split)?;
        let hash = self.permutation.apply(&label, tweak);
        let meta = u64::from(id) | u64::from(class) << 32 | u64::from(suffix) << 48;
        self.piles.push(&label, hash, meta);
        Ok(())
    }

    fn suffix(&mut self, length: usize, split: Split) -> Result<(u16, u64), BuildError> {
        let text = self.scratch.text().get(PAD + split.suffix()..PAD + length).unwrap_or_default();
        let known = if split.node() == NO_NODE {
            self.by_text.get(text).copied().unwrap_or(NO_SUFFIX)
        } else {
            self.by_node.get(usize::from(split.node())).copied().unwrap_or(NO_SUFFIX)
        };
        if let Some((_, tweak)) = self.suffixes.get(usize::from(known)) {
            return Ok((known, *tweak));
        }
        let number = u16::try_from(self.suffixes.len()).ok().filter(|number| *number < NO_SUFFIX);
        let number = number.ok_or(BuildError::Suffixes)?;
        let tweak = self.permutation.of_suffix(text);
        self.suffixes.push((text.into(), tweak));
        match self.by_node.get_mut(usize::from(split.node())) {
            Some(known) => *known = number,
            None => drop(self.by_text.insert(text.into(), number)),
        }
        Ok((number, tweak))
    }

    /// Writes the index to a file: whole and durable under its name, or not at all. What was there
    /// stays for those who have it open.
    pub fn write(mut self, path: impl AsRef<Path>) -> Result<(), BuildError> {
        let path = path.as_ref();
        let temporary = temporary(path);
        let io = |source| BuildError::Io { path: path.to_owned(), source };
        self.piles.sort();
        let file = File::options().write(true).create(true).truncate(true).open(&temporary).map_err(io)?;
        let written = self
            .write_to(BlockWriter::new(&file, path))
            .and_then(|()| file.sync_all().map_err(io))
            .and_then(|()| fs::rename(&temporary, path).map_err(io));
        if written.is_err() {
            // It failed already; that the remains cannot be removed adds nothing.
            let _ = fs::remove_file(&temporary);
        }
        written?;
        let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new("."))).and_then(|directory| directory.sync_all()).map_err(io)
    }

    fn write_to(&self, mut output: BlockWriter<'_>) -> Result<(), BuildError> {
        output.begin()?;
        for (suffix, _) in &self.suffixes {
            output.write(suffix)?;
            output.write(b"\n")?;
        }
        let suffix_bytes = output.at - BLOCK as u64;
        let bits = u64::BITS - (self.suffixes.len() as u64).saturating_sub(1).leading_zeros();
        let bits = bits as u8;
        let piles = &self.piles;
        let sections = [
            write_pile(&piles.one, bits, &mut output)?,
            write_pile(&piles.two, bits, &mut output)?,
            write_pile(&piles.three, bits, &mut output)?,
            write_pile(&piles.four, bits, &mut output)?,
            write_pile(&piles.five, bits, &mut output)?,
            write_pile(&piles.six, bits, &mut output)?,
        ];
        let header = Header {
            file_length: 0,
            generation: self.generation,
            base_generation: self.base_generation,
            key: self.description.key,
            as_of: self.description.as_of,
            completeness: self.description.completeness,
            suffix_count: self.suffixes.len() as u32,
            suffix_bytes,
            checksums: 0,
            checksum_of_checksums: 0,
            sections,
        };
        output.finish(header)
    }
}

impl Piles {
    fn len(&self) -> u64 {
        let Self { one, two, three, four, five, six } = self;
        let lengths = [one.len(), two.len(), three.len(), four.len(), five.len(), six.len()];
        lengths.iter().sum::<usize>() as u64
    }

    fn push(&mut self, label: &Label, hash: u64, meta: u64) {
        let [_, a, b, c, d, e] = label.words;
        match label.count {
            1 => self.one.push([hash, meta]),
            2 => self.two.push([hash, meta, a]),
            3 => self.three.push([hash, meta, a, b]),
            4 => self.four.push([hash, meta, a, b, c]),
            5 => self.five.push([hash, meta, a, b, c, d]),
            _ => self.six.push([hash, meta, a, b, c, d, e]),
        }
    }

    fn sort(&mut self) {
        sort_pile(&mut self.one);
        sort_pile(&mut self.two);
        sort_pile(&mut self.three);
        sort_pile(&mut self.four);
        sort_pile(&mut self.five);
        sort_pile(&mut self.six);
    }
}

/// Sorts by hash, and keeps of equal names the last that was added.
fn sort_pile<const N: usize>(pile: &mut Vec<[u64; N]>) {
    pile.sort_by(compare);
    // `dedup_by` gives the later element first, and removes it.
    pile.dedup_by(|later, earlier| {
        let same = compare(later, earlier) == Ordering::Equal;
        if same {
            *earlier = *later;
        }
        same
    });
}

/// By hash, suffix and further words: by name.
#[inline]
fn compare<const N: usize>(one: &[u64; N], other: &[u64; N]) -> Ordering {
    let rest = |item: &[u64; N]| item[1] >> 48;
    one[0]
        .cmp(&other[0])
        .then_with(|| rest(one).cmp(&rest(other)))
        .then_with(|| one.iter().skip(2).cmp(other.iter().skip(2)))
}

fn write_pile<const N: usize>(
    pile: &[[u64; N]],
    suffix_bits: u8,
    output: &mut BlockWriter<'_>,
) -> Result<Section, BuildError> {
    if pile.is_empty() {
        return Ok(Section::default());
    }
    let count = u32::try_from(pile.len()).map_err(|_| BuildError::Domains)?;
    let least = (f64::from(count) / LOAD).log2().ceil().max(1.0) as u8;
    let least = least.max(suffix_bits);
    let directory = (least..=(least + DOUBLINGS).min(32)).find_map(|bits| directory(pile, bits));
    let (bucket_bits, directory) = directory.ok_or(BuildError::Bucket)?;
    output.align(64)?;
    let mut section = Section { directory: output.at, entries: 0, count, bucket_bits, suffix_bits };
    output.write(&directory)?;
    output.align(64)?;
    section.entries = output.at;
    let key_bytes = section.key_bytes();
    for item in pile {
        let rest = item[0] << bucket_bits >> bucket_bits;
        let key = rest << suffix_bits | item[1] >> 48;
        let mut entry = [0; 8 + 8 * (MAX_WORDS - 1) + 8];
        entry[..8].copy_from_slice(&key.to_le_bytes());
        let mut at = key_bytes;
        for word in item.iter().skip(2) {
            entry[at..at + 8].copy_from_slice(&word.to_le_bytes());
            at += 8;
        }
        entry[at..at + 8].copy_from_slice(&item[1].to_le_bytes());
        output.write(&entry[..at + crate::format::RECORD_BYTES])?;
    }
    output.write(&[0; TAIL])?;
    Ok(section)
}

/// The directory for a number of buckets, if none of them is too full.
fn directory<const N: usize>(pile: &[[u64; N]], bits: u8) -> Option<(u8, Vec<u8>)> {
    let mut bytes =
        Vec::with_capacity(Section { bucket_bits: bits, ..Section::default() }.directory_bytes() as usize);
    let mut at = 0;
    let mut bucket = 0;
    while bucket < 1 << bits {
        let mut group = at as u128;
        for place in 0..GROUP {
            let in_bucket = |item: &[u64; N]| item[0] >> (64 - bits) == bucket + place;
            let count = pile.get(at..)?.iter().take_while(|item| in_bucket(item)).count();
            if count > MAX_IN_BUCKET {
                return None;
            }
            group |= (count as u128) << (32 + 4 * place);
            at += count;
        }
        bytes.extend(group.to_le_bytes());
        bucket += GROUP;
    }
    Some((bits, bytes))
}

/// The name under which a file is written before it takes its place.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

/// Writes blocks, and keeps their checksums.
struct BlockWriter<'a> {
    output: BufWriter<&'a File>,
    /// For errors.
    path: &'a Path,
    block: Vec<u8>,
    checksums: Vec<u8>,
    at: u64,
}

impl<'a> BlockWriter<'a> {
    fn new(file: &'a File, path: &'a Path) -> Self {
        let output = BufWriter::with_capacity(1 << 18, file);
        Self { output, path, block: Vec::with_capacity(BLOCK), checksums: Vec::new(), at: 0 }
    }

    /// Leaves room for the header.
    fn begin(&mut self) -> Result<(), BuildError> {
        self.at = BLOCK as u64;
        self.output.write_all(&[0; BLOCK]).map_err(|source| self.error(source))
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), BuildError> {
        self.at += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(now);
            bytes = later;
            if self.block.len() == BLOCK {
                self.checksums.extend(crc32fast::hash(&self.block).to_le_bytes());
                self.output.write_all(&self.block).map_err(|source| self.error(source))?;
                self.block.clear();
            }
        }
        Ok(())
    }

    fn align(&mut self, to: u64) -> Result<(), BuildError> {
        let padding = self.at.next_multiple_of(to) - self.at;
        self.write(&vec![0; padding as usize])
    }

    /// Completes the last block, and writes the checksums behind it and the header before all.
    fn finish(mut self, mut header: Header) -> Result<(), BuildError> {
        self.align(BLOCK as u64)?;
        header.checksums = self.at;
        header.file_length = self.at + self.checksums.len() as u64;
        header.checksum_of_checksums = crc32fast::hash(&self.checksums);
        self.output
            .write_all(&self.checksums)
            .and_then(|()| self.output.seek(SeekFrom::Start(0)))
            .and_then(|_| self.output.write_all(&header.encode()))
            .and_then(|()| self.output.flush())
            .map_err(|source| self.error(source))
    }

    fn error(&self, source: io::Error) -> BuildError {
        BuildError::Io { path: self.path.to_owned(), source }
    }
}
