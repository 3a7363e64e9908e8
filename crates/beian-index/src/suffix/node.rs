//! How the list is laid out: what lays it out, at build time, and what searches it read this file alike.

/// Zero bytes that stand before a host, so that eight bytes can be read that end at any place.
pub(crate) const PAD: usize = 16;
/// The suffix is none of the list: the last label of a name, or what an asterisk stands for.
pub(crate) const NO_NODE: u16 = u16::MAX;
pub(crate) const ROOT: u16 = 0;

const SLOT_BITS: u32 = 15;
/// Slots of the hash table, three times as many as there are labels.
pub(crate) const SLOTS: usize = 1 << SLOT_BITS;
pub(crate) const EMPTY: u32 = u32::MAX;

pub(crate) const RULE: u8 = 1;
pub(crate) const PRIVATE: u8 = 2;
pub(crate) const ASTERISK: u8 = 4;
pub(crate) const PRIVATE_ASTERISK: u8 = 8;
pub(crate) const EXCEPTION: u8 = 16;
pub(crate) const CHILDREN: u8 = 32;
/// Of an [`End`]: longer suffixes end with it.
pub(crate) const LONGER: u8 = 64;

const PILOT_BITS: u32 = 11;
pub(crate) const PILOTS: usize = 1 << PILOT_BITS;
const PLACE_BITS: u32 = 14;
/// Places of the table of ends, over half of which are taken.
pub(crate) const PLACES: usize = 1 << PLACE_BITS;

/// A label of a rule below its parent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    /// The last eight bytes of the label, and the eight before.
    pub(crate) last: u64,
    pub(crate) before: u64,
    /// Where the label stands in the text of the rules.
    pub(crate) start: u32,
    pub(crate) parent: u16,
    pub(crate) length: u8,
    pub(crate) flags: u8,
}

/// A suffix of at most sixteen characters, or the last sixteen of longer ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// The last eight characters, and the eight before; zeros where there are fewer.
    pub(crate) last: u64,
    pub(crate) before: u64,
    /// The suffix in the tree, or `NO_NODE` if there are just longer ones.
    pub(crate) node: u16,
    pub(crate) flags: u8,
}

/// Where an end is in a table that has a place for each: no search, and so no branch that cannot be foreseen.
pub(crate) struct EndHash(u64);

impl EndHash {
    #[inline(always)]
    pub(crate) fn new(last: u64, before: u64) -> Self {
        let mixed = (last ^ before.rotate_left(23)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        Self(mixed ^ (mixed >> 32))
    }

    /// Which pilot leads it, one of [`PILOTS`].
    #[inline(always)]
    pub(crate) fn pilot(&self) -> usize {
        (self.0 >> (64 - PILOT_BITS)) as usize
    }

    /// Where that pilot, an odd number, leads it: one of [`PLACES`].
    #[inline(always)]
    pub(crate) fn place(&self, pilot: u16) -> usize {
        (self.0.wrapping_mul(u64::from(pilot)) >> (64 - PLACE_BITS)) as usize
    }

    /// Bits that tell most others apart.
    #[inline(always)]
    pub(crate) fn tag(&self) -> u8 {
        self.0 as u8
    }
}

/// The child of a node with the label between two places of a padded text, and where in the table it is or would be.
///
/// A slot has a node, and above it bits of its hash: a name that is no rule rarely gets to a node.
#[inline(always)]
pub(crate) fn find(
    (slots, nodes, rules): (&[u32; SLOTS], &[Node], &[u8]),
    parent: u16,
    text: &[u8],
    start: usize,
    end: usize,
) -> (u16, usize) {
    let (last, before) = ends(text, start, end);
    let hash = hash(parent, last, before);
    let mut slot = (hash >> (64 - SLOT_BITS)) as usize;
    loop {
        slot &= SLOTS - 1;
        let found = slots[slot];
        if found == EMPTY {
            return (NO_NODE, slot);
        }
        let is_it = |node: &Node| {
            let length = end - start;
            let place = node.start as usize;
            node.last == last
                && node.before == before
                && node.parent == parent
                && usize::from(node.length) == length
                && (length <= 16 || rules.get(place..place + length) == text.get(start..end))
        };
        if found & !0xffff == tag(hash) && nodes.get(usize::from(found as u16)).is_some_and(is_it) {
            return (found as u16, slot);
        }
        slot += 1;
    }
}

/// The last eight bytes of a label and the eight before, zeros in place of what is before it.
#[inline(always)]
pub(crate) fn ends(text: &[u8], start: usize, end: usize) -> (u64, u64) {
    let length = end - start;
    let words = end.checked_sub(16).and_then(|from| text.get(from..end)?.first_chunk::<16>());
    let Some(words) = words.map(|bytes| u128::from_le_bytes(*bytes)) else { return (0, 0) };
    let (before, last) = (words as u64, (words >> 64) as u64);
    if length <= 8 {
        // An empty label would shift by all bits; there is none.
        return (last >> ((8 * (8 - length)) & 63), 0);
    }
    (last, before >> (8 * 16usize.saturating_sub(length)))
}

#[inline]
pub(crate) fn hash(parent: u16, last: u64, before: u64) -> u64 {
    let mixed = (last ^ (u64::from(parent) << 48)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 32) ^ before).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// Bits that the place of the slot does not tell; never all ones, which is the empty slot.
#[inline]
pub(crate) fn tag(hash: u64) -> u32 {
    ((hash >> 16) as u32 & 0x7fff) << 16
}
