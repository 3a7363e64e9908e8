//! Where the registrable domain begins: the public suffix list, searched from the right.
//!
//! The rules are a tree of labels, kept as one hash table of (parent, label). A host costs one
//! probe a label of its suffix and mostly one more, which finds an empty slot.

mod node;

use node::{
    ASTERISK, CHILDREN, EXCEPTION, Node, PRIVATE, PRIVATE_ASTERISK, ROOT, RULE, SLOTS as SLOT_COUNT, find,
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
#[inline(always)]
pub(crate) fn suffix_list() -> &'static SuffixList {
    static LIST: SuffixList = SuffixList { slots: &SLOTS, nodes: &NODES };
    &LIST
}

impl SuffixList {
    /// The child of a node with the label between two places of a padded text.
    #[inline(always)]
    fn child(&self, parent: u16, text: &[u8], start: usize, end: usize) -> u16 {
        find((self.slots, self.nodes, RULES.as_bytes()), parent, text, start, end).0
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
}
