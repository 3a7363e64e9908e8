//! An index and the delta over it: look-ups, one by one and many at once.

use std::collections::HashMap;
use std::path::Path;

use crate::error::IndexError;
use crate::file::{Bucket, Entry, IndexFile, NO_SUFFIX, Wanted};
use crate::host::{Cleaned, Kind, Long, Parsed, Scratch, Short};
use crate::key::{Label, WORD_CHARS};
#[cfg(target_arch = "x86_64")]
use crate::lanes::{Avx2, Avx512};
use crate::lanes::{Common, Instructions};
use crate::map::{Fault, Held};
use crate::memory::prefetch_at;
use crate::record::{Answer, Completeness, Day, Record};
use crate::suffix::{PAD, Split, suffix_list};

/// Hosts whose memory accesses overlap.
const BATCH: usize = 64;

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

/// A registrable domain on its way through a batch.
#[derive(Debug, Clone, Copy)]
struct Probe {
    hash: u64,
    bucket: Bucket,
    /// The second word of the label, or 0.
    second: u64,
    /// Numbers of the suffix in the two files.
    base: u16,
    delta: u16,
    /// Of the label.
    words: u8,
}

impl Index {
    /// Opens an index. Its header is checked now, each of its blocks when it is used for the first
    /// time: damage is never answered from, and the first answer does not wait for the whole file
    /// to be read. [`Self::check_all`] reads the whole.
    ///
    /// The file is mapped: it must be replaced by renaming, and never be written to in place.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, IndexError> {
        Self::held(path.as_ref(), Held::Mapped)
    }

    pub(crate) fn held(path: &Path, held: Held) -> Result<Self, IndexError> {
        let base = IndexFile::open(path, held)?;
        if base.header().base_generation != 0 {
            let got = base.header().base_generation;
            return Err(IndexError::OtherBase { expected: 0, got });
        }
        Self::over(std::sync::Arc::new(base), None)
    }

    /// Opens a delta over the same base. A delta is small: it is checked as a whole.
    pub(crate) fn with_delta(&self, path: &Path) -> Result<Self, IndexError> {
        let delta = IndexFile::open(path, self.base.held())?;
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
        let mut index =
            Self { by_node: vec![Suffix::NONE; list.len()], by_text: HashMap::new(), base, delta: None };
        let mut note = |text: &[u8], set: &mut dyn FnMut(&mut Suffix)| {
            let suffix = match index.by_node.get_mut(usize::from(list.node_of(text))) {
                Some(suffix) => suffix,
                None => index.by_text.entry(text.into()).or_insert(Suffix::NONE),
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

    /// The same index, copied into memory of its own, which takes as much of it as the files are long. For whoever asks for
    /// many more hosts than the index has domains it is worth it: where the system gives large pages to those who ask,
    /// answers come faster.
    ///
    /// Errors: there is no memory for it.
    pub fn loaded(&self) -> std::io::Result<Self> {
        Ok(Self {
            base: std::sync::Arc::new(self.base.loaded()?),
            delta: self.delta.as_ref().map(IndexFile::loaded).transpose()?,
            by_node: self.by_node.clone(),
            by_text: self.by_text.clone(),
        })
    }

    /// How long the files are, in bytes.
    pub fn bytes(&self) -> u64 {
        self.base.bytes() + self.delta.as_ref().map_or(0, IndexFile::bytes)
    }

    /// Counts the publications of the base; 0 for an index that was not published.
    pub fn generation(&self) -> u64 {
        self.base.header().generation
    }

    /// The generation of the delta, if there is one.
    pub fn delta_generation(&self) -> Option<u64> {
        self.delta.as_ref().map(|delta| delta.header().generation)
    }

    /// How many domains the delta says something of.
    pub fn delta_len(&self) -> u64 {
        self.delta.as_ref().map_or(0, IndexFile::len)
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
            !self.is_in_delta(delta, name)
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
        let mut scratch = Short::new();
        match scratch.clean(host, Common) {
            Cleaned { length: 0, .. } => self.look_up_slowly(host, |answer, _| answer),
            cleaned => self.answer_alone(&scratch, &scratch.split_host(cleaned)),
        }
        .map_err(|fault| self.explain(fault))
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
        self.run(hosts, |scratch, cleaned| scratch.split_host(cleaned), each)
    }

    /// As [`Self::look_up_each`], for names that are known to be registrable domains: without the
    /// suffix list. A name that is none has no record.
    pub fn look_up_domains(
        &self,
        domains: &[&[u8]],
        each: impl FnMut(usize, Answer, &[u8]),
    ) -> Result<(), IndexError> {
        self.run(domains, |scratch, cleaned| scratch.split_domain(cleaned), each)
    }

    /// Runs with the newest instructions that this processor has.
    #[inline]
    #[allow(unsafe_code, reason = "calls functions that need features of the processor")]
    fn run(
        &self,
        hosts: &[&[u8]],
        split: impl Fn(&Short, Cleaned) -> Parsed,
        each: impl FnMut(usize, Answer, &[u8]),
    ) -> Result<(), IndexError> {
        #[cfg(target_arch = "x86_64")]
        if let Some(instructions) = Avx512::of_this_processor() {
            // SAFETY: the processor has what the function needs, for there are these instructions.
            return unsafe { self.run_by_avx512(instructions, hosts, split, each) };
        } else if let Some(instructions) = Avx2::of_this_processor() {
            // SAFETY: as above.
            return unsafe { self.run_by_avx2(instructions, hosts, split, each) };
        }
        self.run_in_steps(Common, hosts, split, each)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2,bmi1,bmi2,lzcnt")]
    fn run_by_avx512(
        &self,
        instructions: Avx512,
        hosts: &[&[u8]],
        split: impl Fn(&Short, Cleaned) -> Parsed,
        each: impl FnMut(usize, Answer, &[u8]),
    ) -> Result<(), IndexError> {
        self.run_in_steps(instructions, hosts, split, each)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
    fn run_by_avx2(
        &self,
        instructions: Avx2,
        hosts: &[&[u8]],
        split: impl Fn(&Short, Cleaned) -> Parsed,
        each: impl FnMut(usize, Answer, &[u8]),
    ) -> Result<(), IndexError> {
        self.run_in_steps(instructions, hosts, split, each)
    }

    /// Four steps for each batch, so that what one step writes or asks of the memory is there in
    /// the next.
    #[inline(always)]
    fn run_in_steps(
        &self,
        instructions: impl Instructions,
        hosts: &[&[u8]],
        split: impl Fn(&Short, Cleaned) -> Parsed,
        mut each: impl FnMut(usize, Answer, &[u8]),
    ) -> Result<(), IndexError> {
        let explain = |fault| self.explain(fault);
        let mut scratches: [Short; BATCH] = std::array::from_fn(|_| Short::new());
        let mut cleaned = [Cleaned::NONE; BATCH];
        let mut parsed = [Parsed::NONE; BATCH];
        let mut probes = [Probe::NONE; BATCH];
        for (chunk, first) in hosts.chunks(BATCH).zip((0..).step_by(BATCH)) {
            for ((host, scratch), cleaned) in chunk.iter().zip(&mut scratches).zip(&mut cleaned) {
                *cleaned = scratch.clean(host, instructions);
            }
            let steps = cleaned.iter().zip(&scratches).zip(&mut parsed).take(chunk.len());
            for ((cleaned, scratch), parsed) in steps {
                *parsed = if cleaned.length == 0 { Parsed::NONE } else { split(scratch, *cleaned) };
            }
            let steps = parsed.iter().zip(&scratches).zip(&mut probes).take(chunk.len());
            for ((parsed, scratch), probe) in steps {
                self.probe(instructions, scratch, parsed, probe);
                self.base.prefetch_directory(usize::from(probe.words), probe.hash);
            }
            for probe in probes.iter_mut().take(chunk.len()) {
                if probe.base != NO_SUFFIX {
                    probe.bucket = self.base.bucket(usize::from(probe.words), probe.hash).map_err(explain)?;
                }
            }
            // The hosts of the next batch are on their way meanwhile.
            for host in hosts.iter().skip(first + BATCH).take(BATCH) {
                prefetch_at(host, 0);
            }
            let steps = chunk.iter().zip(&scratches).zip(&parsed).zip(&probes).zip(first..);
            for ((((host, scratch), parsed), probe), place) in steps {
                if parsed.length == 0 {
                    self.look_up_slowly(host, |answer, domain| each(place, answer, domain))
                        .map_err(explain)?;
                    continue;
                }
                let answer = self.answer(scratch, parsed, probe).map_err(explain)?;
                let registrable = scratch.host(parsed).get(parsed.split.label()..);
                each(place, answer, registrable.unwrap_or_default());
            }
        }
        Ok(())
    }

    /// What needs more than a glance: long names, other scripts, addresses, nonsense.
    #[cold]
    fn look_up_slowly<T>(&self, host: &[u8], then: impl FnOnce(Answer, &[u8]) -> T) -> Result<T, Fault> {
        let mut scratch = Long::new();
        let parsed = scratch.parse(host);
        let answer = self.answer_alone(&scratch, &parsed)?;
        Ok(then(answer, scratch.host(&parsed).get(parsed.split.label()..).unwrap_or_default()))
    }

    #[inline(always)]
    fn probe<const SIZE: usize>(
        &self,
        instructions: impl Instructions,
        scratch: &Scratch<SIZE>,
        parsed: &Parsed,
        probe: &mut Probe,
    ) {
        if parsed.kind != Kind::Name {
            *probe = Probe::NONE;
            return;
        }
        let split = parsed.split;
        let suffix = self.suffix(scratch, parsed, split);
        let (start, length) = (PAD + split.label(), split.suffix() - split.label() - 1);
        let permutation = self.base.permutation();
        let words = instructions.words(scratch.text(), start, length);
        probe.hash = if length <= 2 * WORD_CHARS {
            permutation.apply_to(words, length, suffix.tweak)
        } else {
            permutation.apply(&Label::at(scratch.text(), start, length), suffix.tweak)
        };
        probe.second = words.1;
        probe.bucket = Bucket::EMPTY;
        probe.base = suffix.base;
        probe.delta = suffix.delta;
        probe.words = words_of(length) as u8;
    }

    #[inline(always)]
    fn suffix<const SIZE: usize>(&self, scratch: &Scratch<SIZE>, parsed: &Parsed, split: Split) -> Suffix {
        match self.by_node.get(usize::from(split.node())) {
            Some(suffix) => *suffix,
            None => self.suffix_by_text(scratch, parsed, split),
        }
    }

    #[cold]
    fn suffix_by_text<const SIZE: usize>(
        &self,
        scratch: &Scratch<SIZE>,
        parsed: &Parsed,
        split: Split,
    ) -> Suffix {
        let text = scratch.host(parsed).get(split.suffix()..).unwrap_or_default();
        self.by_text.get(text).copied().unwrap_or(Suffix::NONE)
    }

    #[inline(always)]
    fn answer<const SIZE: usize>(
        &self,
        scratch: &Scratch<SIZE>,
        parsed: &Parsed,
        probe: &Probe,
    ) -> Result<Answer, Fault> {
        match parsed.kind {
            Kind::Name => {}
            Kind::Address => return Ok(Answer::Address),
            Kind::Suffix => return Ok(Answer::Suffix),
            Kind::Invalid => return Ok(Answer::Invalid),
        }
        if let Some(record) = self.entry(scratch, parsed, probe)? {
            return Ok(Answer::Found(record));
        }
        if parsed.of_registry != Split::NONE {
            return self.answer_of_registry(scratch, parsed);
        }
        Ok(self.absent())
    }

    /// Below a suffix that is no registry's, the owner of the suffix may be who filed.
    #[cold]
    fn answer_of_registry<const SIZE: usize>(
        &self,
        scratch: &Scratch<SIZE>,
        parsed: &Parsed,
    ) -> Result<Answer, Fault> {
        let split = parsed.of_registry;
        self.answer_alone(scratch, &Parsed { split, of_registry: Split::NONE, ..*parsed })
    }

    fn answer_alone<const SIZE: usize>(
        &self,
        scratch: &Scratch<SIZE>,
        parsed: &Parsed,
    ) -> Result<Answer, Fault> {
        let mut probe = Probe::NONE;
        self.probe(Common, scratch, parsed, &mut probe);
        if probe.base != NO_SUFFIX {
            probe.bucket = self.base.bucket(usize::from(probe.words), probe.hash)?;
        }
        self.answer(scratch, parsed, &probe)
    }

    #[inline(always)]
    fn entry<const SIZE: usize>(
        &self,
        scratch: &Scratch<SIZE>,
        parsed: &Parsed,
        probe: &Probe,
    ) -> Result<Option<Record>, Fault> {
        if let Some(delta) = &self.delta
            && let Some(entry) = in_delta(delta, scratch, parsed, probe)?
        {
            return Ok(entry.record());
        }
        let words = usize::from(probe.words);
        let wanted = Wanted { words, hash: probe.hash, second: probe.second, suffix: probe.base };
        let found = self.base.find(probe.bucket, wanted, || label(scratch, parsed.split))?;
        Ok(self.base.unpack(found)?.and_then(Entry::record))
    }

    fn is_in_delta(&self, delta: &IndexFile, name: &str) -> bool {
        let mut scratch = Long::new();
        let parsed = scratch.parse_domain(name.as_bytes());
        let mut probe = Probe::NONE;
        self.probe(Common, &scratch, &parsed, &mut probe);
        // What fails here fails again where the delta is read, and is told there.
        matches!(in_delta(delta, &scratch, &parsed, &probe), Ok(Some(_)))
    }

    fn explain(&self, fault: Fault) -> IndexError {
        self.base.explain(fault)
    }

    fn absent(&self) -> Answer {
        match self.completeness() {
            Completeness::Complete => Answer::NotFiled,
            Completeness::Partial => Answer::Unknown,
        }
    }
}

fn in_delta<const SIZE: usize>(
    delta: &IndexFile,
    scratch: &Scratch<SIZE>,
    parsed: &Parsed,
    probe: &Probe,
) -> Result<Option<Entry>, Fault> {
    if probe.delta == NO_SUFFIX {
        return Ok(None);
    }
    let words = usize::from(probe.words);
    let wanted = Wanted { words, hash: probe.hash, second: probe.second, suffix: probe.delta };
    delta.look_up(wanted, || label(scratch, parsed.split))
}

fn label<const SIZE: usize>(scratch: &Scratch<SIZE>, split: Split) -> Label {
    Label::at(scratch.text(), PAD + split.label(), split.suffix() - split.label() - 1)
}

/// Words of a label.
#[inline]
fn words_of(length: usize) -> usize {
    length.div_ceil(WORD_CHARS)
}

impl Suffix {
    const NONE: Self = Self { tweak: 0, base: NO_SUFFIX, delta: NO_SUFFIX };
}

impl Probe {
    const NONE: Self =
        Self { hash: 0, bucket: Bucket::EMPTY, second: 0, base: NO_SUFFIX, delta: NO_SUFFIX, words: 1 };
}

impl Entry {
    fn record(self) -> Option<Record> {
        match self {
            Self::Record(record) => Some(record),
            Self::Removed => None,
        }
    }
}
