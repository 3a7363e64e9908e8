//! Lays the public suffix list out as it is searched. Done when the program starts, it would cost the first answer of
//! every process more than a millisecond.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

#[path = "src/suffix/node.rs"]
#[allow(dead_code, unreachable_pub, reason = "what searches uses the rest")]
mod node;

use node::{
    ASTERISK, CHILDREN, EMPTY, EXCEPTION, End, EndHash, LONGER, NO_NODE, Node, PILOTS, PLACES, PRIVATE,
    PRIVATE_ASTERISK, ROOT, RULE, SLOTS, ends, find, hash, tag,
};

const RULES: &str = "data/public_suffixes.txt";

fn main() -> Result<(), Box<dyn Error>> {
    for read in [RULES, "src/suffix/node.rs", "build.rs"] {
        println!("cargo::rerun-if-changed={read}");
    }
    let rules = std::fs::read_to_string(RULES)?;
    let tree = Tree::new(&rules)?;
    let mut code = String::new();
    write!(code, "static SLOTS: [u32; {SLOTS}] = {:?};", tree.slots)?;
    write!(code, "\nstatic NODES: [Node; {}] = {:?};\n", tree.nodes.len(), tree.nodes)?;
    let table = EndTable::new(tree.ends()?)?;
    write!(code, "static END_PILOTS: [u16; {PILOTS}] = {:?};", table.pilots)?;
    write!(code, "\nstatic END_TAGS: [u8; {PLACES}] = {:?};", table.tags)?;
    write!(code, "\nstatic END_PLACES: [u16; {PLACES}] = {:?};", table.places)?;
    write!(code, "\nstatic ENDS: [End; {}] = {:?};\n", table.ends.len(), table.ends)?;
    let directory = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    std::fs::write(PathBuf::from(directory).join("suffixes.rs"), code)?;
    Ok(())
}

/// The rules as a tree of labels, in one hash table of (parent, label).
struct Tree<'a> {
    rules: &'a str,
    slots: [u32; SLOTS],
    nodes: Vec<Node>,
}

impl<'a> Tree<'a> {
    fn new(rules: &'a str) -> Result<Self, Box<dyn Error>> {
        let root = Node { last: 0, before: 0, start: 0, parent: NO_NODE, length: 0, flags: CHILDREN };
        let mut tree = Self { rules, slots: [EMPTY; SLOTS], nodes: vec![root] };
        let (mut private, mut start) = (false, 0);
        for line in rules.split_inclusive('\n') {
            let end = start + line.trim_end().len();
            match line.as_bytes() {
                [b'[', letter, ..] => private = *letter == b'p',
                [b'#', ..] => {}
                _ => tree.add(start, end, private)?,
            }
            start += line.len();
        }
        // The table is to have gaps: a search ends at one.
        if tree.nodes.len() > SLOTS / 2 {
            return Err(format!("expected at most {} labels, got {}", SLOTS / 2, tree.nodes.len()).into());
        }
        Ok(tree)
    }

    /// Adds the rule between two places of the text.
    fn add(&mut self, start: usize, end: usize, private: bool) -> Result<(), Box<dyn Error>> {
        let rule = self.rules.get(start..end).ok_or("a rule is cut")?;
        let (start, flags) = if rule.starts_with('!') {
            (start + 1, EXCEPTION)
        } else if rule.starts_with("*.") {
            (start + 2, if private { ASTERISK | PRIVATE_ASTERISK | CHILDREN } else { ASTERISK | CHILDREN })
        } else {
            (start, if private { RULE | PRIVATE } else { RULE })
        };
        let node = self.node(start, end)?;
        self.flag(node, flags);
        Ok(())
    }

    /// The node of a suffix, which is made with all above it if need be.
    fn node(&mut self, start: usize, end: usize) -> Result<u16, Box<dyn Error>> {
        let suffix = self.rules.get(start..end).ok_or("a rule is cut")?;
        let (parent, end) = match suffix.find('.') {
            None => (ROOT, end),
            Some(dot) => (self.node(start + dot + 1, end)?, start + dot),
        };
        self.flag(parent, CHILDREN);
        let text = self.rules.as_bytes();
        let (found, slot) = find((&self.slots, &self.nodes, text), parent, text, start, end);
        if found != NO_NODE {
            return Ok(found);
        }
        let new = u16::try_from(self.nodes.len())?;
        let (last, before) = ends(text, start, end);
        self.slots[slot] = tag(hash(parent, last, before)) | u32::from(new);
        let (start, length) = (u32::try_from(start)?, u8::try_from(end - start)?);
        self.nodes.push(Node { last, before, start, parent, length, flags: 0 });
        Ok(new)
    }

    fn flag(&mut self, node: u16, flags: u8) {
        if let Some(node) = self.nodes.get_mut(usize::from(node)) {
            node.flags |= flags;
        }
    }
}

impl Tree<'_> {
    /// The last sixteen characters of every suffix, each once.
    fn ends(&self) -> Result<Vec<End>, Box<dyn Error>> {
        let mut all: BTreeMap<(u64, u64), End> = BTreeMap::new();
        for (node, number) in self.nodes.iter().zip(0..).skip(1) {
            let text = self.suffix(node)?;
            // As a host has it: behind a pad, and its end alone.
            let padded = [&[0; node::PAD], text.as_bytes()].concat();
            let last_16 = padded.last_chunk::<16>().ok_or("a pad is too short")?;
            let words = u128::from_le_bytes(*last_16);
            let (before, last) = (words as u64, (words >> 64) as u64);
            let end = all.entry((last, before)).or_insert(End { last, before, node: NO_NODE, flags: 0 });
            if text.len() <= 16 {
                (end.node, end.flags) = (number, end.flags | node.flags);
            } else {
                end.flags |= LONGER;
            }
        }
        Ok(all.into_values().collect())
    }

    /// A node's label and those above it.
    fn suffix(&self, node: &Node) -> Result<String, Box<dyn Error>> {
        let start = node.start as usize;
        let mut suffix =
            self.rules.get(start..start + usize::from(node.length)).ok_or("a label is cut")?.to_owned();
        if node.parent != ROOT {
            let parent = self.nodes.get(usize::from(node.parent)).ok_or("a parent is missing")?;
            write!(suffix, ".{}", self.suffix(parent)?)?;
        }
        Ok(suffix)
    }
}

/// A place for each end.
struct EndTable {
    /// What leads a bucket's ends to free places.
    pilots: Vec<u16>,
    tags: Vec<u8>,
    /// Which end has the place, counted from 1; 0 for none.
    places: Vec<u16>,
    /// The first is none.
    ends: Vec<End>,
}

impl EndTable {
    fn new(found: Vec<End>) -> Result<Self, Box<dyn Error>> {
        let none = End { last: 0, before: 0, node: NO_NODE, flags: 0 };
        let mut table = Self {
            pilots: vec![1; PILOTS],
            tags: vec![0; PLACES],
            places: vec![0; PLACES],
            ends: vec![none],
        };
        let mut buckets: Vec<(usize, Vec<(u16, EndHash)>)> =
            (0..PILOTS).map(|pilot| (pilot, vec![])).collect();
        for (end, number) in found.iter().zip(1..) {
            let hash = EndHash::new(end.last, end.before);
            buckets.get_mut(hash.pilot()).ok_or("a pilot is missing")?.1.push((number, hash));
        }
        table.ends.extend(found);
        // The fullest first, while there is room.
        buckets.sort_by_key(|(pilot, bucket)| (std::cmp::Reverse(bucket.len()), *pilot));
        for (pilot, bucket) in buckets {
            let leads = |odd: &u16| {
                let mut places: Vec<usize> = bucket.iter().map(|(_, hash)| hash.place(*odd)).collect();
                places.sort_unstable();
                places.windows(2).all(|pair| pair[0] != pair[1])
                    && places.iter().all(|place| table.places.get(*place) == Some(&0))
            };
            let odd = (1..=u16::MAX).step_by(2).find(leads).ok_or("no pilot leads to free places")?;
            for (number, hash) in &bucket {
                table.places[hash.place(odd)] = *number;
                table.tags[hash.place(odd)] = hash.tag();
            }
            table.pilots[pilot] = odd;
        }
        Ok(table)
    }
}
