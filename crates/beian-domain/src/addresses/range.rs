//! A range of IPv4 addresses.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// A range of IPv4 addresses (IP地址段), both ends included: `first` is never after `last`, and never
/// `0.0.0.0`, which the interface has no number for (起始IP from 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange {
    first: Ipv4Addr,
    last: Ipv4Addr,
}

/// Why something is no range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressRangeError {
    /// The text is none.
    #[error("expected 203.0.113.0-203.0.113.255, 203.0.113.0/24 or one IPv4 address, got {got:?}")]
    Form {
        /// What was given, at most 64 characters of it.
        got: String,
    },
    /// It ends before it begins.
    #[error("expected a range whose first address is not after its last, got {first} to {last}")]
    Reversed {
        /// The first address.
        first: Ipv4Addr,
        /// The last address.
        last: Ipv4Addr,
    },
    /// It begins with an address that cannot be filed.
    #[error("expected a range from 0.0.0.1 on, got one from 0.0.0.0")]
    Zero,
    /// The address before a prefix length is not the first of its network.
    #[error("expected the first address of the network, {expected}, got {got}")]
    NotTheNetwork {
        /// The first address of the network.
        expected: Ipv4Addr,
        /// What was given.
        got: Ipv4Addr,
    },
}

impl AddressRange {
    /// All addresses that can be filed.
    pub(super) const EVERYTHING: Self = Self { first: Ipv4Addr::new(0, 0, 0, 1), last: Ipv4Addr::BROADCAST };

    /// The range from `first` to `last`.
    ///
    /// # Errors
    /// [`AddressRangeError::Reversed`] and [`AddressRangeError::Zero`].
    pub fn new(first: Ipv4Addr, last: Ipv4Addr) -> Result<Self, AddressRangeError> {
        if first > last {
            return Err(AddressRangeError::Reversed { first, last });
        }
        if first.is_unspecified() {
            return Err(AddressRangeError::Zero);
        }
        Ok(Self { first, last })
    }

    /// The first address.
    pub fn first(self) -> Ipv4Addr {
        self.first
    }

    /// The last address.
    pub fn last(self) -> Ipv4Addr {
        self.last
    }

    /// How many addresses it has: 1 to 2^32 - 1.
    pub fn count(self) -> u32 {
        self.last.to_bits() - self.first.to_bits() + 1
    }

    /// Whether an address is one of it.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        (self.first..=self.last).contains(&address)
    }

    /// Whether both have an address in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// The first of its addresses that none of `ranges` has; `None` if together they have all.
    /// Ranges that adjoin one another carry one that lies across them.
    pub fn first_outside(self, ranges: impl IntoIterator<Item = Self>) -> Option<Ipv4Addr> {
        let mut ranges: Vec<Self> = ranges.into_iter().filter(|range| range.overlaps(self)).collect();
        ranges.sort_unstable();
        let mut next = self.first;
        for range in ranges {
            if range.first > next {
                return Some(next);
            }
            if range.last >= self.last {
                return None;
            }
            if range.last >= next {
                // Below `self.last`, so that there is a next one.
                next = Ipv4Addr::from_bits(range.last.to_bits() + 1);
            }
        }
        Some(next)
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first == self.last {
            true => self.first.fmt(f),
            false => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, AddressRangeError> {
        let form = || AddressRangeError::Form { got: text.chars().take(64).collect() };
        let address = |text: &str| text.trim().parse::<Ipv4Addr>().map_err(|_| form());
        if let Some((network, length)) = text.split_once('/') {
            let network = address(network)?;
            let length = length.trim();
            // As addresses, without signs and leading zeros.
            let is_number = length.bytes().all(|byte| byte.is_ascii_digit())
                && (length.len() == 1 || !length.starts_with('0'));
            let length: u32 =
                length.parse().ok().filter(|length| is_number && *length <= 32).ok_or_else(form)?;
            let hosts = u32::MAX.checked_shr(length).unwrap_or(0);
            let expected = Ipv4Addr::from_bits(network.to_bits() & !hosts);
            if expected != network {
                return Err(AddressRangeError::NotTheNetwork { expected, got: network });
            }
            return Self::new(network, Ipv4Addr::from_bits(network.to_bits() | hosts));
        }
        // People type several kinds of dashes.
        match text.split_once(['-', '–', '—', '~', '～']) {
            Some((first, last)) => Self::new(address(first)?, address(last)?),
            None => address(text).and_then(|address| Self::new(address, address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(first: u32, last: u32) -> AddressRange {
        AddressRange::new(Ipv4Addr::from_bits(first), Ipv4Addr::from_bits(last)).expect("a range")
    }

    /// A small piece of the address space, so that ranges meet.
    fn small() -> impl Strategy<Value = AddressRange> {
        (1..60_u32, 0..12_u32).prop_map(|(first, length)| range(first, first + length))
    }

    fn members(range: AddressRange) -> Vec<u32> {
        (range.first().to_bits()..=range.last().to_bits()).collect()
    }

    proptest! {
        /// Against sets of single addresses.
        #[test]
        fn ranges_meet_as_sets_do(left in small(), right in small()) {
            let common = members(left).iter().any(|address| members(right).contains(address));
            prop_assert_eq!(left.overlaps(right), common);
            prop_assert_eq!(right.overlaps(left), common);
            prop_assert_eq!(left.count() as usize, members(left).len());
        }

        #[test]
        fn what_lies_outside_is_the_first_that_no_set_has(
            inner in small(),
            others in prop::collection::vec(small(), 0..8),
        ) {
            let naive = members(inner).into_iter()
                .find(|address| !others.iter().any(|other| members(*other).contains(address)))
                .map(Ipv4Addr::from_bits);
            prop_assert_eq!(inner.first_outside(others), naive);
        }

        #[test]
        fn every_range_is_read_back_from_its_text(first in 1_u32.., length: u32) {
            let written = range(first, first.saturating_add(length));
            prop_assert_eq!(written.to_string().parse(), Ok(written));
        }

        #[test]
        fn a_prefix_is_the_range_of_its_network(address: u32, length in 0..=32_u32) {
            let hosts = ((1_u64 << (32 - length)) - 1) as u32;
            let (first, last) = (Ipv4Addr::from_bits(address & !hosts), Ipv4Addr::from_bits(address | hosts));
            let text = format!("{}/{length}", Ipv4Addr::from_bits(address));
            let read = text.parse::<AddressRange>();
            match (address & hosts, first.is_unspecified()) {
                (0, false) => prop_assert_eq!(read, AddressRange::new(first, last)),
                (0, true) => prop_assert_eq!(read, Err(AddressRangeError::Zero)),
                _ => prop_assert_eq!(
                    read,
                    Err(AddressRangeError::NotTheNetwork { expected: first, got: Ipv4Addr::from_bits(address) })
                ),
            }
        }

        #[test]
        fn no_text_makes_it_fail_otherwise(text in ".{0,40}") {
            if let Ok(range) = text.parse::<AddressRange>() {
                prop_assert!(range.first() <= range.last() && !range.first().is_unspecified());
            }
        }
    }

    #[test]
    fn the_ends_of_the_address_space_are_no_trap() {
        let all: AddressRange = "0.0.0.1-255.255.255.255".parse().expect("all");
        assert_eq!(all.count(), u32::MAX);
        assert_eq!(all.first_outside([all]), None);
        let end: AddressRange = "255.255.255.255".parse().expect("one");
        assert_eq!(end.first_outside([end]), None);
        assert_eq!(end.first_outside([]), Some(Ipv4Addr::BROADCAST));
        assert_eq!("0.0.0.0/0".parse::<AddressRange>(), Err(AddressRangeError::Zero));
    }

    #[test]
    fn what_is_no_range_is_said_to_be_none() {
        for text in ["", "203.0.113.0/33", "203.0.113.0/+8", "203.0.113.0/08", "203.0.113.0/", "::1", "1-2-3"]
        {
            assert!(matches!(text.parse::<AddressRange>(), Err(AddressRangeError::Form { .. })), "{text}");
        }
        let reversed = "203.0.113.9 - 203.0.113.1".parse::<AddressRange>();
        assert!(matches!(reversed, Err(AddressRangeError::Reversed { .. })), "{reversed:?}");
        let written = "203.0.113.0～203.0.113.255".parse::<AddressRange>();
        assert_eq!(written, "203.0.113.0/24".parse());
    }
}
