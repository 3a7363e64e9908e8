//! Counts by domain, in memory.
//!
//! Names are added in batches, so that the memory accesses of many of them overlap.

use foldhash::quality::FixedState;
use std::hash::BuildHasher as _;

use beian_index::memory::{prefetch, reserve};

use crate::finding::{Addresses, Finding, Hashed, Position, Standing};
use crate::line::path_of;

/// Of a host, how much is kept as a sample.
const MAX_HOST: usize = 253;
/// No time is earlier.
const NEVER: i64 = i64::MIN;
/// Text that 32 bits can tell a place of, with room for a batch.
pub(crate) const MOST_TEXT: usize = 3 << 30;

/// A line that names a domain which is not filed here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting<'a> {
    pub(crate) hash: u64,
    pub(crate) domain: &'a [u8],
    pub(crate) standing: Standing,
    pub(crate) time: Option<i64>,
    pub(crate) address: Option<Hashed>,
    pub(crate) position: Position,
    pub(crate) host: &'a [u8],
    pub(crate) target: &'a [u8],
}

/// Hashes names. They are put together by it, also after an interruption: it depends on a seed alone. Registrants
/// choose names, so the seed must come from the system's randomness.
#[derive(Debug, Clone)]
pub(crate) struct NameHasher(FixedState);

impl NameHasher {
    pub(crate) fn new(seed: u64) -> Self {
        Self(FixedState::with_seed(seed))
    }

    #[inline]
    pub(crate) fn hash(&self, name: &[u8]) -> u64 {
        self.0.hash_one(name)
    }
}

/// Counts of many domains: an open hash table of places in a list.
#[derive(Debug)]
pub(crate) struct Tally {
    /// 0, or the upper half of the hash above the entry's place plus one. A hash's upper bits tell where to begin.
    slots: Vec<u64>,
    entries: Vec<Entry>,
    /// Long domains, and samples.
    text: Vec<u8>,
    /// Addresses in memory of their own.
    addresses_apart: usize,
    /// Of a batch: the entry that is perhaps the one.
    candidates: Vec<u32>,
}

/// What is known of a domain. What every line of it changes lies in the first of two lines of the processor's cache, what
/// fewer and fewer lines change in the second.
#[derive(Debug)]
#[repr(C, align(128))]
struct Entry {
    hash: u64,
    lines: u64,
    first: i64,
    last: i64,
    position_place: u64,
    /// The greatest hash of an address that is still to be noted: known from the addresses, and kept here so that a busy
    /// domain is counted without a look at the second line.
    greatest_address: u64,
    position_log: u32,
    /// In the text, where a domain is that is longer than the name.
    long_domain: u32,
    sample: u32,
    sample_length: u16,
    domain_length: u8,
    standing: Standing,
    name: [u8; LONGEST_NAME],
    addresses: Addresses,
}

/// Domains that are no longer lie in their entries: few are.
const LONGEST_NAME: usize = 32;

const _: () = assert!(size_of::<Entry>() == 128 && std::mem::offset_of!(Entry, name) == 64);

/// Characters that most lines have less of.
const MEDIUM_TEXT: usize = 256;
const NO_ENTRY: u32 = u32::MAX;
const FEWEST_SLOTS: usize = 1024;

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            slots: vec![0; FEWEST_SLOTS],
            entries: Vec::new(),
            text: Vec::new(),
            addresses_apart: 0,
            candidates: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// About how much memory it takes up, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.slots.len() * size_of::<u64>()
            + self.entries.len() * size_of::<Entry>()
            + self.text.len()
            + self.addresses_apart * size_of::<Hashed>()
    }

    /// Whether it should be emptied for want of room.
    pub(crate) fn is_full(&self, limit: usize) -> bool {
        self.size() > limit || self.text.len() > MOST_TEXT
    }

    pub(crate) fn add(&mut self, sightings: &[Sighting<'_>]) {
        self.reserve(sightings.len());
        // Each round asks for what the next one needs, so that no access to the memory waits for another.
        for seen in sightings {
            self.slots.get(self.slot_of(seen.hash)).inspect(|slot| prefetch(*slot));
        }
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        candidates.extend(sightings.iter().map(|seen| {
            let candidate = self.candidate(seen.hash);
            if let Some(entry) = self.entries.get(candidate as usize) {
                prefetch(entry);
                prefetch(&entry.name);
            }
            candidate
        }));
        for (seen, candidate) in sightings.iter().zip(&mut candidates) {
            match self.entries.get(*candidate as usize) {
                Some(entry) if entry.hash == seen.hash => {
                    if seen.address.is_some_and(|address| address.hash() <= entry.greatest_address) {
                        entry.addresses.first_apart().inspect(|first| prefetch(*first));
                    }
                }
                _ => *candidate = NO_ENTRY,
            }
        }
        for (seen, candidate) in sightings.iter().zip(&candidates) {
            let place = *candidate as usize;
            match self.entries.get(place) {
                Some(entry) if self.domain(entry) == seen.domain => self.count(place, seen),
                _ => {
                    let place = self.find_or_insert(seen);
                    self.count(place, seen);
                }
            }
        }
        self.candidates = candidates;
    }

    /// All findings, by name. The tally is empty then.
    pub(crate) fn drain(&mut self) -> Vec<Finding> {
        let tally = std::mem::replace(self, Self::new());
        let mut findings: Vec<Finding> =
            (0..tally.entries.len() as u32).filter_map(|place| tally.at(place)).collect();
        findings.sort_unstable_by(Finding::by_name);
        findings
    }

    /// Adds the counts of another.
    pub(crate) fn absorb(&mut self, other: &Self) {
        self.reserve(other.entries.len());
        for entry in &other.entries {
            let domain = other.domain(entry);
            let found = self.find(entry.hash, domain);
            let place = found.unwrap_or_else(|slot| self.insert(slot, entry.hash, domain, entry.standing));
            let Some(sum) = self.entries.get_mut(place) else { continue };
            sum.lines += entry.lines;
            sum.first = sum.first.min(entry.first);
            sum.last = sum.last.max(entry.last);
            if entry.position() < sum.position() {
                sum.position_log = entry.position_log;
                sum.position_place = entry.position_place;
                sum.sample = self.text.len() as u32;
                sum.sample_length = entry.sample_length;
                self.text.extend_from_slice(other.sample(entry));
            }
            self.addresses_apart += sum.note_addresses(|addresses| addresses.add(&entry.addresses));
        }
    }

    /// The places of its findings by rank, for [`Self::at`].
    pub(crate) fn ranks(&self) -> Vec<u32> {
        // Most have few lines and are told apart by their first characters: so the names are seldom looked at.
        let key = |(entry, place): (&Entry, u32)| {
            let mut begin = [0; 8];
            begin.iter_mut().zip(self.domain(entry)).for_each(|(room, byte)| *room = *byte);
            (std::cmp::Reverse(entry.lines), u64::from_be_bytes(begin), place)
        };
        let mut keys: Vec<_> = self.entries.iter().zip(0..).map(key).collect();
        let domain = |place: u32| self.entries.get(place as usize).map(|entry| self.domain(entry));
        keys.sort_unstable_by(|one, other| {
            (one.0, one.1).cmp(&(other.0, other.1)).then_with(|| domain(one.2).cmp(&domain(other.2)))
        });
        keys.into_iter().map(|(_, _, place)| place).collect()
    }

    /// The finding at a place.
    pub(crate) fn at(&self, place: u32) -> Option<Finding> {
        let entry = self.entries.get(place as usize)?;
        Some(Finding {
            // What the index gives is ASCII.
            domain: String::from_utf8(self.domain(entry).to_vec()).unwrap_or_default(),
            standing: entry.standing,
            lines: entry.lines,
            seen: (entry.last != NEVER).then_some((entry.first, entry.last)),
            addresses: entry.addresses.clone(),
            position: entry.position(),
            sample: self.sample(entry).to_vec(),
            hash: entry.hash,
        })
    }

    fn sample(&self, entry: &Entry) -> &[u8] {
        let from = entry.sample as usize;
        self.text.get(from..from + usize::from(entry.sample_length)).unwrap_or_default()
    }

    #[inline]
    fn slot_of(&self, hash: u64) -> usize {
        first_slot(hash, self.slots.len())
    }

    /// The entry that has the same upper half of the hash, if there is one; almost always it is the one.
    #[inline]
    fn candidate(&self, hash: u64) -> u32 {
        let mut slot = self.slot_of(hash);
        loop {
            let found = self.slots.get(slot).copied().unwrap_or(0);
            if found == 0 {
                return NO_ENTRY;
            }
            if found >> 32 == hash >> 32 {
                return found as u32 - 1;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    #[inline]
    fn domain<'a>(&'a self, entry: &'a Entry) -> &'a [u8] {
        let length = usize::from(entry.domain_length);
        entry.name.get(..length).unwrap_or_else(|| {
            let from = entry.long_domain as usize;
            self.text.get(from..from + length).unwrap_or_default()
        })
    }

    /// Room for so many more, with three slots for two entries.
    fn reserve(&mut self, more: usize) {
        reserve(&mut self.entries, more);
        reserve(&mut self.text, more * MEDIUM_TEXT);
        let needed = ((self.entries.len() + more) * 3 / 2).next_power_of_two();
        if needed <= self.slots.len() {
            return;
        }
        let mut slots = Vec::new();
        reserve(&mut slots, needed);
        slots.resize(needed, 0);
        let before = std::mem::replace(&mut self.slots, slots);
        // Slots keep their order, so that both tables are gone through once.
        for filled in before.into_iter().filter(|slot| *slot != 0) {
            let mut slot = self.slot_of(filled);
            while self.slots.get(slot).is_some_and(|slot| *slot != 0) {
                slot = (slot + 1) & (needed - 1);
            }
            if let Some(room) = self.slots.get_mut(slot) {
                *room = filled;
            }
        }
    }

    fn find_or_insert(&mut self, seen: &Sighting<'_>) -> usize {
        match self.find(seen.hash, seen.domain) {
            Ok(place) => place,
            Err(slot) => self.insert(slot, seen.hash, seen.domain, seen.standing),
        }
    }

    /// The place of a domain, or the slot that it would have.
    fn find(&self, hash: u64, domain: &[u8]) -> Result<usize, usize> {
        let mut slot = self.slot_of(hash);
        loop {
            let found = self.slots.get(slot).copied().unwrap_or(0);
            if found == 0 {
                return Err(slot);
            }
            let place = found as u32 as usize - 1;
            let same = |entry: &Entry| entry.hash == hash && self.domain(entry) == domain;
            if found >> 32 == hash >> 32 && self.entries.get(place).is_some_and(same) {
                return Ok(place);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    fn insert(&mut self, slot: usize, hash: u64, domain: &[u8], standing: Standing) -> usize {
        let place = self.entries.len();
        if let Some(room) = self.slots.get_mut(slot) {
            *room = hash >> 32 << 32 | (place as u64 + 1);
        }
        let mut name = [0; LONGEST_NAME];
        let long_domain = self.text.len() as u32;
        match name.get_mut(..domain.len()) {
            Some(room) => room.copy_from_slice(domain),
            None => self.text.extend_from_slice(domain),
        }
        self.entries.push(Entry {
            hash,
            lines: 0,
            first: i64::MAX,
            last: NEVER,
            position_place: u64::MAX,
            greatest_address: u64::MAX,
            position_log: u32::MAX,
            long_domain,
            sample: 0,
            sample_length: 0,
            domain_length: domain.len() as u8,
            standing,
            name,
            addresses: Addresses::default(),
        });
        place
    }

    fn count(&mut self, place: usize, seen: &Sighting<'_>) {
        let Some(entry) = self.entries.get_mut(place) else { return };
        entry.lines += 1;
        if let Some(time) = seen.time {
            entry.first = entry.first.min(time);
            entry.last = entry.last.max(time);
        }
        if seen.position < entry.position() {
            let Position { log, place } = seen.position;
            (entry.position_log, entry.position_place) = (log, place);
            entry.sample = self.text.len() as u32;
            let host = seen.host.get(..MAX_HOST.min(seen.host.len())).unwrap_or_default();
            self.text.extend_from_slice(host);
            self.text.extend_from_slice(path_of(seen.target));
            entry.sample_length = (self.text.len() - entry.sample as usize) as u16;
        }
        if let Some(address) = seen.address
            && address.hash() <= entry.greatest_address
        {
            self.addresses_apart += entry.note_addresses(|addresses| addresses.note(address));
        }
    }
}

impl Entry {
    /// Of the first line that names it.
    #[inline]
    fn position(&self) -> Position {
        Position { log: self.position_log, place: self.position_place }
    }

    /// Notes addresses, and tells how many more lie in memory of their own.
    #[inline]
    fn note_addresses(&mut self, note: impl FnOnce(&mut Addresses)) -> usize {
        let before = self.addresses.apart();
        note(&mut self.addresses);
        self.greatest_address = self.addresses.greatest().unwrap_or(u64::MAX);
        self.addresses.apart() - before
    }
}

/// The slot where to begin, by as many of the upper bits as there are bits in the number of slots.
#[inline]
fn first_slot(hash: u64, slots: usize) -> usize {
    (hash >> (u64::BITS - slots.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::AddressCount;
    use crate::line::Address;
    use std::collections::{BTreeMap, BTreeSet};

    /// What a domain is expected to have: lines, the first and the last time, and addresses.
    type Expected = BTreeMap<String, (u64, i64, i64, BTreeSet<u8>)>;

    /// Adds a line a name, of which each has the number of its line as its time and place.
    fn add(tally: &mut Tally, names: &[String], first: i64, hash: impl Fn(&[u8]) -> u64) -> Expected {
        let mut expected = Expected::new();
        for (batch, first) in names.chunks(97).zip((first..).step_by(97)) {
            let sightings: Vec<Sighting<'_>> = batch
                .iter()
                .zip(first..)
                .map(|(name, number)| Sighting {
                    hash: hash(name.as_bytes()),
                    domain: name.as_bytes(),
                    standing: Standing::NotFiled,
                    time: Some(number),
                    address: Some(Hashed::new(Address([(number % 20) as u8; 16]))),
                    position: Position { log: 0, place: number as u64 },
                    host: name.as_bytes(),
                    target: b"/x?y",
                })
                .collect();
            tally.add(&sightings);
            for (name, number) in batch.iter().zip(first..) {
                let (lines, _, last, addresses) =
                    expected.entry(name.clone()).or_insert((0, number, number, BTreeSet::new()));
                *lines += 1;
                *last = number;
                addresses.insert((number % 20) as u8);
            }
        }
        expected
    }

    fn assert_is(mut tally: Tally, expected: &Expected) {
        let ranked: Vec<Finding> = tally.ranks().into_iter().map(|place| tally.at(place).unwrap()).collect();
        assert!(ranked.windows(2).all(|two| Finding::by_rank(&two[0], &two[1]).is_lt()));
        assert_eq!(ranked.len(), expected.len());
        let findings = tally.drain();
        assert!(tally.is_empty());
        assert!(findings.windows(2).all(|two| Finding::by_name(&two[0], &two[1]).is_lt()));
        assert_eq!(findings.len(), expected.len());
        for finding in findings {
            let (lines, first, last, addresses) = &expected[&finding.domain];
            assert_eq!((finding.lines, finding.seen), (*lines, Some((*first, *last))), "{}", finding.domain);
            assert_eq!(finding.addresses.count(), AddressCount::Exactly(addresses.len() as u64));
            assert_eq!(finding.sample_url(), format!("http://{}/x", finding.domain));
            assert_eq!(finding.position.place, *first as u64);
        }
    }

    #[test]
    fn every_name_is_counted_once_a_line() {
        let hasher = NameHasher::new(5);
        // Some longer than the room for them in an entry, some just as long.
        let name = |number: usize| format!("{}{number}.cn", "x".repeat(number % 40));
        let names: Vec<String> = (0..20_000).map(|number| name(number * number % 3001)).collect();
        assert!([32, 33].iter().all(|length| names.iter().any(|name| name.len() == *length)));
        let mut tally = Tally::new();
        // Few hashes, so that names share slots and hashes.
        let expected = add(&mut tally, &names, 0, |name| hasher.hash(name) & 0xff00_0000_0000_000f);
        assert_is(tally, &expected);
    }

    #[test]
    fn many_names_and_the_counts_of_others_add_up() {
        let hasher = NameHasher::new(6);
        let hash = |name: &[u8]| hasher.hash(name);
        let names: Vec<String> =
            (0..150_000_u64).map(|number| format!("{}.cn", number * number % 100_003)).collect();
        let (one, other) = names.split_at(90_000);
        let (mut whole, mut sum, mut part) = (Tally::new(), Tally::new(), Tally::new());
        let expected = add(&mut whole, &names, 0, hash);
        assert!(whole.entries.len() * size_of::<Entry>() > 6 << 20, "large enough to be moved");
        add(&mut part, one, 0, hash);
        add(&mut sum, other, one.len() as i64, hash);
        sum.absorb(&part);
        assert_is(sum, &expected);
        assert_is(whole, &expected);
    }
}
