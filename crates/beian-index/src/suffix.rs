//! Where the registrable domain begins: the public suffix list, searched from the right.
//!
//! The rules are a tree of labels, kept as one hash table of (parent, label). Most hosts do not need
//! it: their last one, two and three labels are looked up at once in a table of the ends of all
//! suffixes, and what is found there decides without a loop.

mod node;

use node::{
    ASTERISK, CHILDREN, EXCEPTION, End, EndHash, LONGER, Node, PILOTS, PLACES, PRIVATE, PRIVATE_ASTERISK,
    ROOT, RULE, SLOTS as SLOT_COUNT, find,
};
pub(crate) use node::{NO_NODE, PAD};

const RULES: &str = include_str!("../data/public_suffixes.txt");

// The rules as a tree of labels in one hash table, laid out at build time.
include!(concat!(env!("OUT_DIR"), "/suffixes.rs"));

/// The public suffix list (公共后缀列表).
#[derive(Debug)]
pub(crate) struct SuffixList {
    slots: &'static [u32; SLOT_COUNT],
    nodes: &'static [Node],
    ends: Ends,
}

/// The ends of all suffixes, a place for each.
#[derive(Debug)]
struct Ends {
    pilots: &'static [u16; PILOTS],
    tags: &'static [u8; PLACES],
    places: &'static [u16; PLACES],
    ends: &'static [End],
}

/// What a mask leaves of the last sixteen characters of a text: so many of them.
static LAST: [(u64, u64); 17] = {
    let mut masks = [(0, 0); 17];
    let mut kept = 1;
    while kept <= 16 {
        let mask = u128::MAX << (8 * (16 - kept));
        masks[kept] = ((mask >> 64) as u64, mask as u64);
        kept += 1;
    }
    masks
};

/// Where label and suffix of a registrable domain begin, in bytes behind the pad, and the suffix in
/// the list, or `NO_NODE`. In one number, for it goes through many hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Split(u64);

impl Split {
    pub(crate) const NONE: Self = Self(u64::MAX);

    #[inline]
    pub(crate) fn new(label: usize, suffix: usize, node: u16) -> Self {
        Self(label as u64 | (suffix as u64) << 16 | u64::from(node) << 32)
    }

    #[inline]
    pub(crate) fn label(self) -> usize {
        usize::from(self.0 as u16)
    }

    #[inline]
    pub(crate) fn suffix(self) -> usize {
        usize::from((self.0 >> 16) as u16)
    }

    #[inline(always)]
    pub(crate) fn node(self) -> u16 {
        (self.0 >> 32) as u16
    }
}

/// What the list says of a host.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// By all rules; none for a public suffix.
    pub(crate) registrable: Split,
    /// By the rules of registries alone, where it differs.
    pub(crate) of_registry: Split,
}

/// The list that this program was built with.
#[inline(always)]
pub(crate) fn suffix_list() -> &'static SuffixList {
    static LIST: SuffixList = SuffixList {
        slots: &SLOTS,
        nodes: &NODES,
        ends: Ends { pilots: &END_PILOTS, tags: &END_TAGS, places: &END_PLACES, ends: &ENDS },
    };
    &LIST
}

/// The last sixteen characters of a host: the last eight, and the eight before.
#[derive(Clone, Copy)]
struct Tail(u64, u64);

impl Tail {
    /// Of a host that stands behind the pad of a text.
    #[inline(always)]
    fn of(text: &[u8], length: usize) -> Self {
        let words = text.get(length + PAD - 16..).and_then(|rest| rest.first_chunk::<16>());
        let words = words.map_or(0, |bytes| u128::from_le_bytes(*bytes));
        Self((words >> 64) as u64, words as u64)
    }

    /// So many of them, and zeros for the others.
    #[inline(always)]
    fn last(self, count: usize) -> Self {
        let (last, before) = LAST[count.min(16)];
        Self(self.0 & last, self.1 & before)
    }
}

impl Ends {
    /// Whether it may be an end: of others, one in four hundred may.
    #[inline(always)]
    fn may_have(&self, Tail(last, before): Tail) -> bool {
        let hash = EndHash::new(last, before);
        self.tags[hash.place(self.pilots[hash.pilot()])] == hash.tag()
    }

    /// The end, or one that has neither node nor flags.
    #[inline(always)]
    fn find(&self, Tail(last, before): Tail) -> End {
        let hash = EndHash::new(last, before);
        let place = hash.place(self.pilots[hash.pilot()]);
        let number = if self.tags[place] == hash.tag() { self.places[place] } else { 0 };
        let none = End { last, before, node: NO_NODE, flags: 0 };
        let end = self.ends.get(usize::from(number)).copied().unwrap_or(none);
        if (end.last == last) & (end.before == before) { end } else { none }
    }
}

impl SuffixList {
    /// The child of a node with the label between two places of a padded text.
    #[inline(always)]
    fn child(&self, parent: u16, text: &[u8], start: usize, end: usize) -> u16 {
        find((self.slots, self.nodes, RULES.as_bytes()), parent, text, start, end).0
    }

    /// Splits a host that stands behind the pad of a text at one glance; `None` if it needs more. There is a bit in
    /// `dots` for each dot of it.
    #[inline(always)]
    pub(crate) fn split_at_once(&self, text: &[u8], length: usize, dots: u64) -> Option<Split> {
        const MORE: u8 = ASTERISK | PRIVATE_ASTERISK | EXCEPTION | PRIVATE | LONGER;
        let before = |start: usize| dots & ((1 << (start as u32).saturating_sub(1)) - 1);
        let start = |dots: u64| 64 - dots.leading_zeros() as usize;
        let one = start(dots);
        let two = start(before(one));
        let three = start(before(two));
        let tail = Tail::of(text, length);
        let last = self.ends.find(tail.last(length - one));
        let last_two = self.ends.find(tail.last(length - two));
        // Where the host has no more labels, the last two or three are the same: found, it is a suffix itself.
        let is_known = self.ends.may_have(tail.last(length - three));
        let is_long = (length - two > 16) & (last_two.flags != 0) | (length - one > 16) & (last.flags != 0);
        if is_known | is_long | ((last.flags | last_two.flags) & MORE != 0) | (one == 0) {
            return None;
        }
        let is_rule = last_two.flags & RULE != 0;
        let (label, suffix) = if is_rule { (three, two) } else { (two, one) };
        Some(Split::new(label, suffix, if is_rule { last_two.node } else { last.node }))
    }

    /// The node of the suffix of a text from `start` to `length` at one glance, if that tells it.
    #[inline(always)]
    pub(crate) fn node_at_once(&self, text: &[u8], start: usize, length: usize) -> Option<u16> {
        let end = self.ends.find(Tail::of(text, length).last(length - start));
        (length - start <= 16 && end.node != NO_NODE).then_some(end.node)
    }

    /// Splits a host that stands behind the pad of a text: `length` bytes, lower case, no empty
    /// labels. `start_of` tells for the end of a label where it begins (both behind the pad).
    #[inline(always)]
    pub(crate) fn split(&self, text: &[u8], length: usize, start_of: impl Fn(usize) -> usize) -> Found {
        let mut end = length;
        let mut start = start_of(end);
        let mut parent = ROOT;
        // Without a rule, the last label is the suffix.
        let mut all = (start, NO_NODE);
        let mut registry = all;
        let mut asterisk = 0;
        loop {
            let node = self.child(parent, text, PAD + start, PAD + end);
            let flags = self.nodes.get(usize::from(node)).map_or(0, |node| node.flags);
            if flags & EXCEPTION != 0 {
                all = (end + 1, parent);
                registry = all;
                break;
            }
            if asterisk != 0 || flags & RULE != 0 {
                all = (start, node);
                let by_asterisk = asterisk != 0 && asterisk & PRIVATE_ASTERISK == 0;
                let by_rule = flags & (RULE | PRIVATE) == RULE;
                if by_asterisk || by_rule {
                    registry = all;
                }
            } else if start == all.0 {
                // A label that only longer rules know.
                all.1 = node;
                registry.1 = node;
            }
            if flags & CHILDREN == 0 || start == 0 {
                break;
            }
            asterisk = flags & (ASTERISK | PRIVATE_ASTERISK);
            parent = node;
            end = start - 1;
            start = start_of(end);
        }
        let split = |(suffix, node): (usize, u16)| {
            if suffix == 0 { Split::NONE } else { Split::new(start_of(suffix - 1), suffix, node) }
        };
        let of_registry = if registry.0 == all.0 { Split::NONE } else { split(registry) };
        Found { registrable: split(all), of_registry }
    }

    /// How many nodes there are: one more than the greatest that `split` tells.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node with just the labels of a padded text from `start` to `length`, if the list has one.
    #[inline(always)]
    pub(crate) fn node(
        &self,
        text: &[u8],
        start: usize,
        length: usize,
        start_of: impl Fn(usize) -> usize,
    ) -> u16 {
        let (mut node, mut end) = (ROOT, length);
        loop {
            let label = start_of(end);
            node = self.child(node, text, PAD + label, PAD + end);
            if node == NO_NODE || label <= start {
                return node;
            }
            end = label - 1;
        }
    }

    /// The node of a suffix, if the list has one with just these labels.
    pub(crate) fn node_of(&self, suffix: &[u8]) -> u16 {
        let mut text = vec![0; PAD];
        text.extend_from_slice(suffix);
        self.node(&text, 0, suffix.len(), |end| {
            let before = suffix.get(..end).unwrap_or_default();
            before.iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_in_the_list() {
        let list = suffix_list();
        assert!(list.len() > 10_000 && list.len() < usize::from(NO_NODE), "{}", list.len());
        for rule in RULES.lines().filter(|rule| !rule.starts_with(['#', '['])) {
            let suffix = rule.trim_start_matches("*.").trim_start_matches('!');
            assert_ne!(list.node_of(suffix.as_bytes()), NO_NODE, "{rule}");
        }
        assert_eq!(list.node_of(b"no-such-suffix"), NO_NODE);
    }

    /// Of names below every suffix of the list, and below what is none.
    #[test]
    fn one_glance_says_what_the_tree_says() {
        let list = suffix_list();
        let mut decided = 0;
        let suffixes = RULES.lines().map(|rule| rule.trim_start_matches(['!', '*', '.', '#', '[', ' ']));
        for suffix in suffixes.chain(["no-such-suffix", "com", "amazonaws.com.cn"]) {
            for below in ["", "a.", "example.", "www.example.", "a.b.c.", "seventeen-letters.x."] {
                for end in ["", ".cn", ".no-such-suffix"] {
                    let host = format!("{below}{suffix}{end}");
                    let is_host = host.split('.').all(|label| !label.is_empty()) && host.is_ascii();
                    if host.len() > 64 || !is_host {
                        continue;
                    }
                    let mut text = vec![0; PAD];
                    text.extend_from_slice(host.as_bytes());
                    let dots = host
                        .bytes()
                        .zip(0..)
                        .fold(0u64, |dots, (byte, at)| dots | u64::from(byte == b'.') << at);
                    let start_of = |end: usize| host[..end].rfind('.').map_or(0, |dot| dot + 1);
                    let found = list.split(&text, host.len(), start_of);
                    if let Some(split) = list.split_at_once(&text, host.len(), dots) {
                        assert_eq!((split, Split::NONE), (found.registrable, found.of_registry), "{host}");
                        decided += 1;
                    }
                    for start in
                        (0..host.len()).filter(|start| *start == 0 || host.as_bytes()[start - 1] == b'.')
                    {
                        if let Some(node) = list.node_at_once(&text, start, host.len()) {
                            assert_eq!(
                                node,
                                list.node(&text, start, host.len(), start_of),
                                "{host} from {start}"
                            );
                        }
                    }
                }
            }
        }
        assert!(decided > 50_000, "{decided} at one glance");
    }
}
