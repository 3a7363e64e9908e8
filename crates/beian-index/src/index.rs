//! An index and the delta over it: look-ups, one by one and many at once.

use std::collections::HashMap;
use std::path::Path;

use crate::error::IndexError;
use crate::file::{Bucket, Entry, IndexFile, NO_SUFFIX};
use crate::host::{Kind, Parsed, Scratch};
use crate::key::Label;
use crate::record::{Answer, Completeness, Day, Record};
use crate::suffix::{NO_NODE, PAD, Split, suffix_list};

/// Hosts whose memory accesses overlap.
const BATCH: usize = 32;

/// An opened index: a file, perhaps with a delta over it. It never changes; look-ups may run on any
/// number of threads.
#[derive(Debug)]
pub struct Index {
    base: std::sync::Arc<IndexFile>,
    delta: Option<IndexFile>,
    /// By node of the suffix list.
    by_node: Vec<Suffix>,
    /// Those that the list has not.
    by_text: HashMap<Box<[u8]>, Suffix>,
}

/// A suffix in the two files, and what it adds to the hash.
#[derive(Debug, Clone, Copy)]
struct Suffix {
    tweak: u64,
    base: u16,
    delta: u16,
}

/// A host on its way through a batch.
#[derive(Debug, Clone, Copy)]
struct Probe {
    parsed: Parsed,
    suffix: Suffix,
    hash: u64,
    label: Label,
    bucket: Bucket,
}

impl Index {
    /// Opens an index. Its header is checked now, each of its blocks when it is used for the first
    /// time: damage is never answered from, and the first answer does not wait for the whole file
    /// to be read. [`Self::check_all`] reads the whole.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, IndexError> {
        let base = IndexFile::open(path.as_ref())?;
        if base.header().base_generation != 0 {
            let got = base.header().base_generation;
            return Err(IndexError::OtherBase { expected: 0, got });
        }
        Self::over(std::sync::Arc::new(base), None)
    }

    /// Opens a delta over the same base. A delta is small: it is checked as a whole.
    pub(crate) fn with_delta(&self, path: &Path) -> Result<Self, IndexError> {
        let delta = IndexFile::open(path)?;
        let expected = self.generation();
        if delta.header().base_generation != expected || delta.header().key != self.base.header().key {
            return Err(IndexError::OtherBase { expected, got: delta.header().base_generation });
        }
        delta.check_all()?;
        Self::over(std::sync::Arc::clone(&self.base), Some(delta))
    }

    /// The same without its delta.
    pub(crate) fn without_delta(&self) -> Result<Self, IndexError> {
        Self::over(std::sync::Arc::clone(&self.base), None)
    }

    fn over(base: std::sync::Arc<IndexFile>, delta: Option<IndexFile>) -> Result<Self, IndexError> {
        let list = suffix_list();
        let none = Suffix { tweak: 0, base: NO_SUFFIX, delta: NO_SUFFIX };
        let mut index = Self { by_node: vec![none; list.len()], by_text: HashMap::new(), base, delta: None };
        let mut note = |text: &[u8], set: &mut dyn FnMut(&mut Suffix)| {
            let suffix = match index.by_node.get_mut(usize::from(list.node_of(text))) {
                Some(suffix) => suffix,
                None => index.by_text.entry(text.into()).or_insert(none),
            };
            suffix.tweak = index.base.permutation().of_suffix(text);
            set(suffix);
        };
        for (text, number) in index.base.suffixes().zip(0..) {
            note(text, &mut |suffix| suffix.base = number);
        }
        for (text, number) in delta.iter().flat_map(|delta| delta.suffixes()).zip(0..) {
            note(text, &mut |suffix| suffix.delta = number);
        }
        index.delta = delta.filter(|delta| delta.len() > 0);
        Ok(index)
    }

    /// Makes sure that no byte of the file is other than it was written. It reads the whole file
    /// once; look-ups check nothing after that.
    pub fn check_all(&self) -> Result<(), IndexError> {
        self.base.check_all()
    }

    /// Counts the publications of the base; 0 for an index that was not published.
    pub fn generation(&self) -> u64 {
        self.base.header().generation
    }

    /// The generation of the delta, if there is one.
    pub fn delta_generation(&self) -> Option<u64> {
        self.delta.as_ref().map(|delta| delta.header().generation)
    }

    /// The day that base or delta is of, whichever is later.
    pub fn as_of(&self) -> Day {
        let base = self.base.header().as_of;
        self.delta.as_ref().map_or(base, |delta| base.max(delta.header().as_of))
    }

    /// Whether a domain without a record is known not to be filed.
    pub fn completeness(&self) -> Completeness {
        self.base.header().completeness
    }

    /// How many domains the base has.
    pub fn len(&self) -> u64 {
        self.base.len()
    }

    /// Whether the base has no domains.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every domain with its record, in an order that the key decides.
    pub fn records(&self) -> impl Iterator<Item = Result<(String, Record), IndexError>> {
        let base = self.base.entries().filter(|entry| {
            let (Some(delta), Ok((name, _))) = (&self.delta, entry) else { return true };
            // What fails here fails again below, where it is told.
            !matches!(self.in_delta(delta, name), Ok(Some(_)))
        });
        let delta = self.delta.iter().flat_map(|delta| delta.entries());
        base.chain(delta).filter_map(|entry| match entry {
            Ok((name, Entry::Record(record))) => Some(Ok((name, record))),
            Ok((_, Entry::Removed)) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// What delta alone says, for writing the next one.
    pub(crate) fn delta_entries(&self) -> impl Iterator<Item = Result<(String, Entry), IndexError>> {
        self.delta.iter().flat_map(|delta| delta.entries())
    }

    pub(crate) fn base(&self) -> &IndexFile {
        &self.base
    }

    /// What is known of the registrable domain of a host. See [`crate::Host::parse`] for what a
    /// host may look like.
    pub fn look_up(&self, host: &[u8]) -> Result<Answer, IndexError> {
        let mut scratch = Scratch::new();
        let parsed = scratch.parse(host);
        let mut probe = self.probe(&scratch, parsed, parsed.split);
        if probe.suffix.base != NO_SUFFIX {
            probe.bucket = self.base.bucket(probe.label.count, probe.hash)?;
        }
        self.answer(&probe, &scratch)
    }

    /// The answers for many hosts, in their order: several times as fast as one by one, because the
    /// memory accesses of many hosts overlap.
    pub fn look_up_all(&self, hosts: &[&[u8]]) -> Result<Vec<Answer>, IndexError> {
        let mut answers = Vec::with_capacity(hosts.len());
        self.look_up_each(hosts, |_, answer, _| answers.push(answer))?;
        Ok(answers)
    }

    /// Calls `each` in the order of the hosts with the place of a host, the answer, and its
    /// registrable domain (ASCII, lower case), which is empty for what has none.
    pub fn look_up_each(
        &self,
        hosts: &[&[u8]],
        each: impl FnMut(usize, Answer, &[u8]),
    ) -> Result<(), IndexError> {
        self.run(hosts, Scratch::parse, each)
    }

    /// As [`Self::look_up_each`], for names that are known to be registrable domains: without the
    /// suffix list. A name that is none has no record.
    pub fn look_up_domains(
        &self,
        domains: &[&[u8]],
        each: impl FnMut(usize, Answer, &[u8]),
    ) -> Result<(), IndexError> {
        self.run(domains, Scratch::parse_domain, each)
    }

    /// Three steps for each batch, so that what one step asks of the memory is there in the next.
    #[inline]
    fn run(
        &self,
        hosts: &[&[u8]],
        parse: impl Fn(&mut Scratch, &[u8]) -> Parsed,
        mut each: impl FnMut(usize, Answer, &[u8]),
    ) -> Result<(), IndexError> {
        let mut scratches: [Scratch; BATCH] = std::array::from_fn(|_| Scratch::new());
        let mut probes = [Probe::NONE; BATCH];
        for (chunk, first) in hosts.chunks(BATCH).zip((0..).step_by(BATCH)) {
            for ((host, scratch), probe) in chunk.iter().zip(&mut scratches).zip(&mut probes) {
                let parsed = parse(scratch, host);
                *probe = self.probe(scratch, parsed, parsed.split);
                if probe.suffix.base != NO_SUFFIX {
                    self.base.prefetch_directory(probe.label.count, probe.hash);
                }
            }
            for probe in probes.iter_mut().take(chunk.len()) {
                if probe.suffix.base != NO_SUFFIX {
                    probe.bucket = self.base.bucket(probe.label.count, probe.hash)?;
                }
            }
            for ((probe, scratch), place) in probes.iter().zip(&scratches).zip(first..first + chunk.len()) {
                let registrable = scratch.host(&probe.parsed);
                let registrable = registrable.get(usize::from(probe.parsed.split.label)..).unwrap_or_default();
                each(place, self.answer(probe, scratch)?, registrable);
            }
        }
        Ok(())
    }

    #[inline]
    fn probe(&self, scratch: &Scratch, parsed: Parsed, split: Split) -> Probe {
        if parsed.kind != Kind::Name {
            return Probe { parsed, ..Probe::NONE };
        }
        let suffix = self.suffix(scratch, &parsed, split);
        let start = PAD + usize::from(split.label);
        let label = Label::at(scratch.text(), start, usize::from(split.suffix - split.label) - 1);
        let hash = self.base.permutation().apply(&label, suffix.tweak);
        Probe { parsed, suffix, hash, label, bucket: Bucket::default() }
    }

    #[inline]
    fn suffix(&self, scratch: &Scratch, parsed: &Parsed, split: Split) -> Suffix {
        if split.node != NO_NODE
            && let Some(suffix) = self.by_node.get(usize::from(split.node))
        {
            return *suffix;
        }
        let text = scratch.host(parsed).get(usize::from(split.suffix)..).unwrap_or_default();
        self.by_text.get(text).copied().unwrap_or(Probe::NONE.suffix)
    }

    #[inline]
    fn answer(&self, probe: &Probe, scratch: &Scratch) -> Result<Answer, IndexError> {
        match probe.parsed.kind {
            Kind::Name => {}
            Kind::Address => return Ok(Answer::Address),
            Kind::Suffix => return Ok(Answer::Suffix),
            Kind::Invalid => return Ok(Answer::Invalid),
        }
        if let Some(record) = self.entry(probe)? {
            return Ok(Answer::Found(record));
        }
        if let Some(split) = probe.parsed.of_registry {
            return self.answer_of_registry(probe, split, scratch);
        }
        Ok(self.absent())
    }

    /// Below a suffix that is no registry's, the owner of the suffix may be who filed.
    #[cold]
    fn answer_of_registry(
        &self,
        probe: &Probe,
        split: Split,
        scratch: &Scratch,
    ) -> Result<Answer, IndexError> {
        let mut probe = self.probe(scratch, probe.parsed, split);
        if probe.suffix.base != NO_SUFFIX {
            probe.bucket = self.base.bucket(probe.label.count, probe.hash)?;
        }
        Ok(self.entry(&probe)?.map_or(self.absent(), Answer::Found))
    }

    #[inline]
    fn entry(&self, probe: &Probe) -> Result<Option<Record>, IndexError> {
        if let Some(delta) = &self.delta
            && probe.suffix.delta != NO_SUFFIX
            && delta.has(probe.label.count)
            && let Some(entry) = delta.look_up(&probe.label, probe.hash, probe.suffix.delta)?
        {
            return Ok(entry.record());
        }
        if probe.suffix.base == NO_SUFFIX {
            return Ok(None);
        }
        let found = self.base.find(probe.bucket, probe.hash, &probe.label, probe.suffix.base)?;
        Ok(found.and_then(Entry::record))
    }

    fn in_delta(&self, delta: &IndexFile, name: &str) -> Result<Option<Entry>, IndexError> {
        let mut scratch = Scratch::new();
        let parsed = scratch.parse_domain(name.as_bytes());
        let probe = self.probe(&scratch, parsed, parsed.split);
        if parsed.kind != Kind::Name || probe.suffix.delta == NO_SUFFIX {
            return Ok(None);
        }
        delta.look_up(&probe.label, probe.hash, probe.suffix.delta)
    }

    fn absent(&self) -> Answer {
        match self.completeness() {
            Completeness::Complete => Answer::NotFiled,
            Completeness::Partial => Answer::Unknown,
        }
    }
}

impl Probe {
    const NONE: Self = Self {
        parsed: Parsed::NONE,
        suffix: Suffix { tweak: 0, base: NO_SUFFIX, delta: NO_SUFFIX },
        hash: 0,
        label: Label { count: 1, words: [0; crate::key::MAX_WORDS] },
        bucket: Bucket::NONE,
    };
}

impl Entry {
    fn record(self) -> Option<Record> {
        match self {
            Self::Record(record) => Some(record),
            Self::Removed => None,
        }
    }
}
