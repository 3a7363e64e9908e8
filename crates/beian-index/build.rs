//! Lays the public suffix list out as it is searched. Done when the program starts, it would cost the first answer of
//! every process more than a millisecond.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

#[path = "src/suffix/node.rs"]
#[allow(dead_code, unreachable_pub, reason = "what searches uses the rest")]
mod node;

use node::{
    ASTERISK, CHILDREN, EMPTY, EXCEPTION, NO_NODE, Node, PRIVATE, PRIVATE_ASTERISK, ROOT, RULE, SLOTS, ends,
    find, hash, tag,
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
