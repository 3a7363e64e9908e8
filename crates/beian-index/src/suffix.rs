//! Where the registrable domain begins: the public suffix list, searched from the right.
//!
//! The rules are a tree of labels, kept as one hash table of (parent, label). A host costs one
//! probe a label of its suffix and mostly one more, which finds an empty slot.

use std::sync::LazyLock;

use crate::key::first_8;

/// Zero bytes that stand before a host, so that eight bytes can be read that end at any place.
pub(crate) const PAD: usize = 16;

const RULES: &str = include_str!("../data/public_suffixes.txt");
const SLOT_BITS: u32 = 15;
const SLOTS: usize = (1 << SLOT_BITS) - 1;
const EMPTY: u32 = u32::MAX;
const ROOT: u16 = 0;
/// The suffix is none of the list: the last label of a name, or what an asterisk stands for.
pub(crate) const NO_NODE: u16 = u16::MAX;

const RULE: u8 = 1;
const PRIVATE: u8 = 2;
const ASTERISK: u8 = 4;
const PRIVATE_ASTERISK: u8 = 8;
const EXCEPTION: u8 = 16;
const CHILDREN: u8 = 32;

/// A label of a rule below its parent.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// The last eight bytes of the label, and the eight before.
    last: u64,
    before: u64,
    parent: u16,
    length: u8,
    flags: u8,
}

/// The public suffix list (公共后缀列表).
#[derive(Debug)]
pub(crate) struct SuffixList {
    /// A node, and above it 16 bits of its hash: a name that is no rule rarely gets to a node.
    slots: Box<[u32]>,
    nodes: Vec<Node>,
    /// Of each node, for those that do not fit into it.
    labels: Vec<&'static str>,
}

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
pub(crate) fn suffix_list() -> &'static SuffixList {
    static LIST: LazyLock<SuffixList> = LazyLock::new(|| SuffixList::new(RULES));
    &LIST
}

impl SuffixList {
    fn new(rules: &'static str) -> Self {
        let root = Node { last: 0, before: 0, parent: NO_NODE, length: 0, flags: CHILDREN };
        let mut list = Self {
            slots: vec![EMPTY; 1 << SLOT_BITS].into_boxed_slice(),
            nodes: Vec::with_capacity(11_000),
            labels: Vec::with_capacity(11_000),
        };
        list.nodes.push(root);
        list.labels.push("");
        let (mut private, mut start) = (false, 0);
        // Rules of one parent stand together.
        let mut last = ("", ROOT);
        for line in rules.split_inclusive('\n') {
            let end = start + line.len() - 1;
            match line.as_bytes() {
                [b'[', letter, ..] => private = *letter == b'p',
                [b'#', ..] => {}
                _ => list.add(rules, start, end, private, &mut last),
            }
            start = end + 1;
        }
        list
    }

    /// Adds the rule between two places of a text, before which there are other lines.
    fn add(
        &mut self,
        rules: &'static str,
        start: usize,
        end: usize,
        private: bool,
        last: &mut (&'static str, u16),
    ) {
        let rule = rules.get(start..end).unwrap_or_default();
        let (start, flag) = if rule.starts_with('!') {
            (start + 1, EXCEPTION)
        } else if rule.starts_with("*.") {
            (start + 2, if private { ASTERISK | PRIVATE_ASTERISK | CHILDREN } else { ASTERISK | CHILDREN })
        } else {
            (start, if private { RULE | PRIVATE } else { RULE })
        };
        let node = self.node_or_new(rules, start, end, last);
        self.flag(node, flag);
    }

    /// The node of a suffix, which is made with all above it if need be.
    fn node_or_new(
        &mut self,
        rules: &'static str,
        start: usize,
        end: usize,
        last: &mut (&'static str, u16),
    ) -> u16 {
        let suffix = rules.get(start..end).unwrap_or_default();
        let parent = match suffix.find('.') {
            None => ROOT,
            Some(dot) if suffix.get(dot + 1..) == Some(last.0) => last.1,
            Some(dot) => {
                let parent = self.node_or_new(rules, start + dot + 1, end, last);
                *last = (suffix.get(dot + 1..).unwrap_or_default(), parent);
                parent
            }
        };
        self.flag(parent, CHILDREN);
        let end = suffix.find('.').map_or(end, |dot| start + dot);
        self.child_or_new(parent, rules, start, end)
    }

    fn flag(&mut self, node: u16, flag: u8) {
        if let Some(node) = self.nodes.get_mut(usize::from(node)) {
            node.flags |= flag;
        }
    }

    fn child_or_new(&mut self, parent: u16, rules: &'static str, start: usize, end: usize) -> u16 {
        let found = self.child(parent, rules.as_bytes(), start, end);
        if found != NO_NODE {
            return found;
        }
        let new = self.nodes.len() as u16;
        let (last, before) = ends(rules.as_bytes(), start, end);
        let hash = hash(parent, last, before);
        let mut slot = (hash >> (64 - SLOT_BITS)) as usize;
        while self.slots[slot & SLOTS] != EMPTY {
            slot += 1;
        }
        self.slots[slot & SLOTS] = tag(hash) | u32::from(new);
        self.nodes.push(Node { last, before, parent, length: (end - start) as u8, flags: 0 });
        self.labels.push(rules.get(start..end).unwrap_or_default());
        new
    }

    /// The child of a node with the label between two places of a padded text.
    #[inline(always)]
    fn child(&self, parent: u16, text: &[u8], start: usize, end: usize) -> u16 {
        let (last, before) = ends(text, start, end);
        let hash = hash(parent, last, before);
        let mut slot = (hash >> (64 - SLOT_BITS)) as usize;
        loop {
            let found = self.slots[slot & SLOTS];
            if found == EMPTY {
                return NO_NODE;
            }
            if found & !0xffff == tag(hash) && self.is(found as u16, parent, (last, before), text, start, end)
            {
                return found as u16;
            }
            slot += 1;
        }
    }

    #[inline(always)]
    fn is(&self, node: u16, parent: u16, ends: (u64, u64), text: &[u8], start: usize, end: usize) -> bool {
        let length = end - start;
        self.nodes.get(usize::from(node)).is_some_and(|candidate| {
            candidate.last == ends.0
                && candidate.before == ends.1
                && candidate.parent == parent
                && usize::from(candidate.length) == length
                && (length <= 16
                    || self.labels.get(usize::from(node)).map(|label| label.as_bytes())
                        == text.get(start..end))
        })
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

/// The last eight bytes of a label and the eight before, zeros in place of what is before it.
#[inline(always)]
fn ends(text: &[u8], start: usize, end: usize) -> (u64, u64) {
    let length = end - start;
    let Some(bytes) = end.checked_sub(16).and_then(|from| text.get(from..end)) else { return (0, 0) };
    let last = u64::from_le_bytes(first_8(&bytes[8..]));
    if length <= 8 {
        // An empty label would shift by all bits; there is none.
        return (last >> ((8 * (8 - length)) & 63), 0);
    }
    let before = u64::from_le_bytes(first_8(bytes));
    (last, before >> (8 * 16usize.saturating_sub(length)))
}

#[inline]
fn hash(parent: u16, last: u64, before: u64) -> u64 {
    let mixed = (last ^ (u64::from(parent) << 48)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 32) ^ before).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// Bits that the place of the slot does not tell; never all ones, which is the empty slot.
#[inline]
fn tag(hash: u64) -> u32 {
    ((hash >> 16) as u32 & 0x7fff) << 16
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
}
