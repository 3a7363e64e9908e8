//! A domain that is not filed here, and what the logs tell of it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::net::IpAddr;

use beian_index::{Answer, Status};

use crate::line::Address;

/// Addresses that are counted exactly; of more, the number is estimated from as many.
pub(crate) const MOST_ADDRESSES: usize = 32;

/// What the index says of a domain that is not filed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Not filed (未备案): the index knows all records.
    NotFiled,
    /// Not known: the index does not know all records.
    Unknown,
    /// Filed, with access through another provider only (接入商不符).
    FiledElsewhere,
    /// The filing was cancelled (已注销).
    Cancelled,
    /// On the regulator's blacklist (黑名单).
    Blacklisted,
    /// A shell (空壳): filed, without any access.
    Shell,
}

impl Standing {
    /// Every standing, in the order of its code in spilled counts.
    pub const ALL: [Self; 6] = [
        Self::NotFiled,
        Self::Unknown,
        Self::FiledElsewhere,
        Self::Cancelled,
        Self::Blacklisted,
        Self::Shell,
    ];

    /// The name in CSV and JSON; for those with a record, that of its status.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFiled => "not-filed",
            Self::Unknown => "unknown",
            Self::FiledElsewhere => Status::FiledElsewhere.name(),
            Self::Cancelled => Status::Cancelled.name(),
            Self::Blacklisted => Status::Blacklisted.name(),
            Self::Shell => Status::Shell.name(),
        }
    }

    /// Of an answer; none for a domain that is filed here, and for what is no domain.
    pub fn of(answer: Answer) -> Option<Self> {
        match answer {
            Answer::NotFiled => Some(Self::NotFiled),
            Answer::Unknown => Some(Self::Unknown),
            Answer::Found(record) => match record.status {
                Status::FiledHere => None,
                Status::FiledElsewhere => Some(Self::FiledElsewhere),
                Status::Cancelled => Some(Self::Cancelled),
                Status::Blacklisted => Some(Self::Blacklisted),
                Status::Shell => Some(Self::Shell),
            },
            Answer::Address | Answer::Suffix | Answer::Invalid => None,
        }
    }
}

/// A registrable domain that is not filed here, and what the logs tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// In ASCII and lower case.
    pub domain: String,
    /// What the index says.
    pub standing: Standing,
    /// How many lines name it or a host below it.
    pub lines: u64,
    /// The earliest and the latest time of a line, in seconds since 1970; none if no line has a time.
    pub seen: Option<(i64, i64)>,
    /// Who asked for it.
    pub addresses: Addresses,
    /// The first line that names it.
    pub(crate) position: Position,
    /// Host and path of that line, as they are there.
    pub(crate) sample: Vec<u8>,
    /// By which counts are put together.
    pub(crate) hash: u64,
}

impl Finding {
    /// Host and path of the first line that names it, without what is behind a question mark. What is
    /// not printable ASCII is written as `%XX`. The scheme is not known; `http` is a guess.
    pub fn sample_url(&self) -> String {
        let mut url = "http://".to_owned();
        for byte in &self.sample {
            match byte {
                b'!'..=b'~' if !b"\"<>\\^`{|}".contains(byte) => url.push(char::from(*byte)),
                _ => url.push_str(&format!("%{byte:02X}")),
            }
        }
        url
    }

    /// The domain as people write it; none if that is its ASCII form.
    pub fn unicode_domain(&self) -> Option<String> {
        crate::report::unicode(&self.domain)
    }

    /// By hash, which is cheap to compare, and by name.
    pub(crate) fn by_name(one: &Self, other: &Self) -> Ordering {
        one.hash.cmp(&other.hash).then_with(|| one.domain.cmp(&other.domain))
    }

    /// Those with the most lines first.
    pub(crate) fn by_rank(one: &Self, other: &Self) -> Ordering {
        other.lines.cmp(&one.lines).then_with(|| one.domain.cmp(&other.domain))
    }

    /// Adds what was counted elsewhere of the same domain.
    pub(crate) fn add(&mut self, other: Self) {
        self.lines = self.lines.saturating_add(other.lines);
        self.seen = match (self.seen, other.seen) {
            (Some((first, last)), Some((earlier, later))) => Some((first.min(earlier), last.max(later))),
            (seen, None) | (None, seen) => seen,
        };
        if other.position < self.position {
            self.position = other.position;
            self.sample = other.sample;
        }
        self.addresses.add(&other.addresses);
    }

    /// About how much memory it takes up, in bytes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>()
            + self.domain.len()
            + self.sample.len()
            + self.addresses.apart() * size_of::<Hashed>()
    }
}

/// Where a line stands: the number of its log, and its place in it once decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) log: u32,
    pub(crate) place: u64,
}

/// Distinct addresses: all of them, or of many the 32 with the least hashes. As these are as good as drawn by lot,
/// they are a sample, and how close together they lie tells how many there are.
#[derive(Debug, Clone)]
pub struct Addresses(Kept);

#[derive(Debug, Clone)]
enum Kept {
    None,
    /// Most domains have one.
    One(Address),
    /// The one with the greatest hash on top. The set has a bit for some of their hashes each: one whose bit is not set
    /// is not among them, without a look.
    Many {
        set: u64,
        addresses: BinaryHeap<Hashed>,
    },
}

/// Addresses that there is room for at first, when there is more than one.
const FIRST_ROOM: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hashed {
    hash: u64,
    address: Address,
}

impl Hashed {
    #[inline]
    pub(crate) fn new(address: Address) -> Self {
        let number = u128::from_le_bytes(address.0);
        let mut hash = (number as u64) ^ ((number >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self { hash: hash ^ (hash >> 31), address }
    }

    pub(crate) fn hash(self) -> u64 {
        self.hash
    }

    /// The upper bits of those that are kept of many are alike; the lower ones are not.
    fn bit(self) -> u64 {
        1 << (self.hash & 63)
    }
}

impl Default for Addresses {
    fn default() -> Self {
        Self(Kept::None)
    }
}

impl PartialEq for Addresses {
    fn eq(&self, other: &Self) -> bool {
        self.hashed() == other.hashed()
    }
}

impl Eq for Addresses {}

impl Addresses {
    /// How many there are.
    pub fn count(&self) -> AddressCount {
        match self.greatest() {
            None => AddressCount::Exactly(match &self.0 {
                Kept::None => 0,
                Kept::One(_) => 1,
                Kept::Many { addresses, .. } => addresses.len() as u64,
            }),
            Some(greatest) => {
                let part = greatest as f64 / u64::MAX as f64;
                AddressCount::About(((MOST_ADDRESSES - 1) as f64 / part).round() as u64)
            }
        }
    }

    /// At most 32 of them, always the same for the same logs.
    pub fn sample(&self) -> impl Iterator<Item = IpAddr> {
        self.hashed().into_iter().map(|hashed| hashed.address.ip())
    }

    /// When there are as many as are kept, the greatest hash: what is above it need not be noted.
    #[inline]
    pub(crate) fn greatest(&self) -> Option<u64> {
        match &self.0 {
            Kept::Many { addresses, .. } if addresses.len() == MOST_ADDRESSES => {
                addresses.peek().map(|greatest| greatest.hash)
            }
            _ => None,
        }
    }

    pub(crate) fn note(&mut self, new: Hashed) {
        match &mut self.0 {
            Kept::None => self.0 = Kept::One(new.address),
            Kept::One(known) if *known == new.address => {}
            Kept::One(known) => {
                let known = Hashed::new(*known);
                let mut addresses = BinaryHeap::with_capacity(FIRST_ROOM);
                addresses.extend([known, new]);
                self.0 = Kept::Many { set: known.bit() | new.bit(), addresses };
            }
            Kept::Many { set, addresses } => {
                if *set & new.bit() != 0 && addresses.iter().any(|known| *known == new) {
                    return;
                }
                if addresses.len() < MOST_ADDRESSES {
                    addresses.push(new);
                } else {
                    match addresses.peek_mut() {
                        Some(mut greatest) if new < *greatest => *greatest = new,
                        _ => return,
                    }
                }
                *set |= new.bit();
            }
        }
    }

    /// Adds those of others.
    pub(crate) fn add(&mut self, others: &Self) {
        others.each(|address| self.note(address));
    }

    /// All that are kept, the least first.
    pub(crate) fn hashed(&self) -> Vec<Hashed> {
        let mut all = Vec::new();
        self.each(|address| all.push(address));
        all.sort_unstable();
        all
    }

    fn each(&self, each: impl FnMut(Hashed)) {
        match &self.0 {
            Kept::None => {}
            Kept::One(address) => std::iter::once(Hashed::new(*address)).for_each(each),
            Kept::Many { addresses, .. } => addresses.iter().copied().for_each(each),
        }
    }

    /// How many lie in memory of their own.
    #[inline]
    pub(crate) fn apart(&self) -> usize {
        match &self.0 {
            Kept::None | Kept::One(_) => 0,
            Kept::Many { addresses, .. } => addresses.len(),
        }
    }

    /// One that lies in memory of its own, where a search for others begins.
    #[inline]
    pub(crate) fn first_apart(&self) -> Option<&Hashed> {
        match &self.0 {
            Kept::None | Kept::One(_) => None,
            Kept::Many { addresses, .. } => addresses.peek(),
        }
    }
}

/// How many addresses there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressCount {
    /// This many.
    Exactly(u64),
    /// About this many; two of three times at most a fifth more or less.
    About(u64),
}

impl AddressCount {
    /// The number.
    pub fn number(self) -> u64 {
        match self {
            Self::Exactly(number) | Self::About(number) => number,
        }
    }
}

/// Findings as bytes, for the disk.
pub(crate) mod bytes {
    use super::{Addresses, Finding, Hashed, Position, Standing};
    use crate::line::Address;

    /// Writes a finding behind others: its length, then itself.
    pub(crate) fn write(finding: &Finding, output: &mut Vec<u8>) {
        let begin = output.len();
        output.extend([0; 4]);
        output.extend(finding.hash.to_le_bytes());
        output.extend(finding.lines.to_le_bytes());
        output.push(finding.standing as u8);
        let (first, last) = finding.seen.unwrap_or((i64::MAX, i64::MIN));
        output.extend(first.to_le_bytes());
        output.extend(last.to_le_bytes());
        output.extend(finding.position.log.to_le_bytes());
        output.extend(finding.position.place.to_le_bytes());
        let parts = [finding.domain.as_bytes(), &finding.sample];
        for part in parts {
            output.extend((part.len() as u32).to_le_bytes());
            output.extend(part);
        }
        for hashed in finding.addresses.hashed() {
            output.extend(hashed.address.0);
        }
        let length = (output.len() - begin - 4) as u32;
        if let Some(room) = output.get_mut(begin..begin + 4) {
            room.copy_from_slice(&length.to_le_bytes());
        }
    }

    /// Takes the finding at the beginning of many; none if there is no whole one. Together with its own bytes.
    pub(crate) fn split_first<'a>(bytes: &mut &'a [u8]) -> Option<(Finding, &'a [u8])> {
        let all = *bytes;
        let length = u32::from_le_bytes(take(bytes)?) as usize;
        let (own, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Some((read(own)?, all.get(..4 + length)?))
    }

    /// Reads a finding without its length; none if these are not the bytes of one.
    pub(crate) fn read(mut bytes: &[u8]) -> Option<Finding> {
        let rest = &mut bytes;
        let hash = u64::from_le_bytes(take(rest)?);
        let lines = u64::from_le_bytes(take(rest)?);
        let [code] = take(rest)?;
        let standing = *Standing::ALL.get(usize::from(code))?;
        let (first, last) = (i64::from_le_bytes(take(rest)?), i64::from_le_bytes(take(rest)?));
        let log = u32::from_le_bytes(take(rest)?);
        let position = Position { log, place: u64::from_le_bytes(take(rest)?) };
        let domain = String::from_utf8(part(rest)?).ok()?;
        let sample = part(rest)?;
        let mut addresses = Addresses::default();
        while !rest.is_empty() {
            addresses.note(Hashed::new(Address(take(rest)?)));
        }
        let seen = (first <= last).then_some((first, last));
        Some(Finding { domain, standing, lines, seen, addresses, position, sample, hash })
    }

    fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
        let (taken, rest) = bytes.split_first_chunk::<N>()?;
        *bytes = rest;
        Some(*taken)
    }

    fn part(bytes: &mut &[u8]) -> Option<Vec<u8>> {
        let length = u32::from_le_bytes(take(bytes)?) as usize;
        let (taken, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Some(taken.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> Hashed {
        Hashed::new(Address(std::net::Ipv4Addr::from(number).to_ipv6_mapped().octets()))
    }

    #[test]
    fn few_addresses_are_counted_and_many_are_estimated() {
        let mut addresses = Addresses::default();
        for number in 0..31 {
            for _ in 0..3 {
                addresses.note(address(number * 7));
            }
            assert_eq!(addresses.count(), AddressCount::Exactly(u64::from(number) + 1));
        }
        for count in [1_000, 20_000, 400_000] {
            (0..count).for_each(|number| addresses.note(address(number * 7)));
            let AddressCount::About(number) = addresses.count() else { panic!("{count}") };
            let ratio = number as f64 / f64::from(count);
            assert!((0.5..2.0).contains(&ratio), "{count}: {number}");
            assert_eq!(addresses.sample().count(), MOST_ADDRESSES);
        }
    }

    #[test]
    fn parts_give_the_same_addresses_as_the_whole() {
        let numbers: Vec<u32> = (0..500).map(|number| number * number % 333).collect();
        let of = |numbers: &mut dyn Iterator<Item = u32>| {
            let mut addresses = Addresses::default();
            numbers.for_each(|number| addresses.note(address(number)));
            addresses
        };
        let whole = of(&mut numbers.iter().copied());
        for cut in [0, 1, 50, 250, 500] {
            let (one, other) = numbers.split_at(cut);
            let mut sum = of(&mut other.iter().rev().copied());
            sum.add(&of(&mut one.iter().copied()));
            assert_eq!(sum, whole);
        }
    }

    #[test]
    fn a_finding_comes_back_from_its_bytes() {
        let mut finding = Finding {
            domain: "example.cn".to_owned(),
            standing: Standing::Shell,
            lines: 7,
            seen: None,
            addresses: Addresses::default(),
            position: Position { log: 3, place: 9 },
            sample: b"www.example.cn/\xff".to_vec(),
            hash: 77,
        };
        for seen in [None, Some((-5, 8))] {
            finding.seen = seen;
            (0..5).for_each(|number| finding.addresses.note(address(number)));
            let mut bytes = Vec::new();
            bytes::write(&finding, &mut bytes);
            assert_eq!(bytes::read(&bytes[4..]).as_ref(), Some(&finding));
            for length in 0..bytes.len() - 4 {
                // Cut behind the sample or an address it is another finding, else none.
                assert_ne!(bytes::read(&bytes[4..4 + length]).as_ref(), Some(&finding), "{length}");
            }
        }
        assert_eq!(finding.sample_url(), "http://www.example.cn/%FF");
    }
}
