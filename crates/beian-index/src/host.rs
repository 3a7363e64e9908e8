//! From what a client sent as a host to the registrable domain in it.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::key::MAX_LABEL;
use crate::lanes::{Characters, Common, Instructions, ROOM};
use crate::suffix::{PAD, Split, suffix_list};

/// The longest name, in its textual form without the final dot.
const MAX_NAME: usize = 253;
/// Up to this, a bit for each character fits into one number.
const SHORT: usize = ROOM;
/// What is read of a host before it is given up: a name in another script is shorter in Unicode,
/// but may have been written with many ignorable characters.
const MAX_RAW: usize = 1024;

/// What a client sent as a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name with a registrable domain.
    Name(HostName),
    /// An IPv4 address, or an IPv6 address in brackets or without.
    Address,
    /// A public suffix (公共后缀) itself, or a name of one label.
    Suffix,
    /// Neither a name nor an address.
    Invalid,
}

/// A host name and where its registrable domain begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName {
    ascii: String,
    registrable: usize,
    of_registry: usize,
}

impl Host {
    /// Reads the value of a `Host` header, or a host from a log.
    ///
    /// Upper case, a port, a final dot and white space around are taken away; Unicode is mapped by
    /// UTS 46. A user, a path, an empty label, one of more than 63 characters, a name of more than
    /// 253, and a number that is no IPv4 address make it invalid: guessing would answer for another
    /// host than the one that is served.
    pub fn parse(raw: &[u8]) -> Self {
        let mut scratch = Long::new();
        let parsed = scratch.parse(raw);
        match parsed.kind {
            Kind::Name => {
                let Ok(ascii) = String::from_utf8(scratch.host(&parsed).to_vec()) else {
                    return Self::Invalid;
                };
                let registrable = parsed.split.label();
                let of_registry = match parsed.of_registry {
                    Split::NONE => registrable,
                    split => split.label(),
                };
                Self::Name(HostName { ascii, registrable, of_registry })
            }
            Kind::Address => Self::Address,
            Kind::Suffix => Self::Suffix,
            Kind::Invalid => Self::Invalid,
        }
    }
}

impl HostName {
    /// The whole name: ASCII (A-labels), lower case, without a final dot.
    pub fn as_ascii(&self) -> &str {
        &self.ascii
    }

    /// The registrable domain by the whole public suffix list.
    pub fn registrable(&self) -> &str {
        self.ascii.get(self.registrable..).unwrap_or_default()
    }

    /// The registrable domain by the rules of registries alone. It differs below suffixes such as
    /// `github.io`, whose owner hands out names that no registrar knows: there, a filing may be of
    /// the name or of the owner's domain.
    pub fn registrable_of_registry(&self) -> &str {
        self.ascii.get(self.of_registry..).unwrap_or_default()
    }
}

/// What `Scratch::parse` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Name,
    Address,
    Suffix,
    Invalid,
}

/// A host in its scratch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parsed {
    pub(crate) kind: Kind,
    pub(crate) length: u16,
    /// For a name, its registrable domain.
    pub(crate) split: Split,
    /// By the rules of registries, where it differs.
    pub(crate) of_registry: Split,
}

/// A host that was put into its scratch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cleaned {
    dots: u64,
    /// 0 if it needs another look.
    pub(crate) length: u16,
}

impl Cleaned {
    pub(crate) const NONE: Self = Self { dots: 0, length: 0 };
}

/// Room for one host in lower case, with zeros before it and room to read on behind it.
#[derive(Debug, Clone)]
pub(crate) struct Scratch<const SIZE: usize> {
    text: [u8; SIZE],
}

/// For what `clean` takes.
pub(crate) type Short = Scratch<{ PAD + SHORT + 32 }>;
/// For every host.
pub(crate) type Long = Scratch<{ PAD + 256 + 32 }>;

impl<const SIZE: usize> Scratch<SIZE> {
    pub(crate) fn new() -> Self {
        Self { text: [0; SIZE] }
    }

    /// With the pad before it.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(crate) fn host(&self, parsed: &Parsed) -> &[u8] {
        self.text.get(PAD..PAD + usize::from(parsed.length)).unwrap_or_default()
    }

    /// Reads a host and splits it by the public suffix list.
    pub(crate) fn parse(&mut self, raw: &[u8]) -> Parsed {
        match self.clean(raw, Common) {
            Cleaned { length: 0, .. } => self.parse_slowly(raw),
            cleaned => self.split_host(cleaned),
        }
    }

    /// Splits the host that was cleaned by the public suffix list.
    #[inline(always)]
    pub(crate) fn split_host(&self, cleaned: Cleaned) -> Parsed {
        let length = usize::from(cleaned.length);
        match suffix_list().split_at_once(&self.text, length, cleaned.dots) {
            Some(split) => {
                Parsed { kind: Kind::Name, length: cleaned.length, split, of_registry: Split::NONE }
            }
            None => self.split_by_tree(cleaned),
        }
    }

    #[cold]
    fn split_by_tree(&self, cleaned: Cleaned) -> Parsed {
        self.split(usize::from(cleaned.length), |end| label_start(cleaned.dots, end))
    }

    /// Splits what is known to be a registrable domain at its first dot.
    #[inline(always)]
    pub(crate) fn split_domain(&self, cleaned: Cleaned) -> Parsed {
        if cleaned.dots == 0 {
            return Parsed::of(Kind::Suffix);
        }
        let suffix = cleaned.dots.trailing_zeros() as usize + 1;
        let length = usize::from(cleaned.length);
        let node = suffix_list()
            .node_at_once(&self.text, suffix, length)
            .unwrap_or_else(|| self.node_by_tree(cleaned, suffix));
        let split = Split::new(0, suffix, node);
        Parsed { kind: Kind::Name, length: cleaned.length, split, of_registry: Split::NONE }
    }

    #[cold]
    fn node_by_tree(&self, cleaned: Cleaned, suffix: usize) -> u16 {
        let length = usize::from(cleaned.length);
        suffix_list().node(&self.text, suffix, length, |end| label_start(cleaned.dots, end))
    }

    /// Splits what is known to be a registrable domain, of any length, at its first dot.
    pub(crate) fn parse_domain(&mut self, domain: &[u8]) -> Parsed {
        let parsed = self.parse(domain);
        if parsed.split != Split::NONE && parsed.split.label() == 0 || parsed.of_registry == Split::NONE {
            return parsed;
        }
        Parsed { split: parsed.of_registry, of_registry: Split::NONE, ..parsed }
    }

    /// Puts a host into the text, if it is what nearly all are: a name of at most 64 letters,
    /// digits and hyphens, perhaps with a port.
    #[inline(always)]
    pub(crate) fn clean(&mut self, raw: &[u8], instructions: impl Instructions) -> Cleaned {
        let mut length = raw.len();
        if length == 0 || length > SHORT {
            return Cleaned::NONE;
        }
        let room = self.text.get_mut(PAD..).and_then(|rest| rest.first_chunk_mut::<ROOM>());
        let Some(Characters { mut dots, plain, digits }) = room.map(|room| instructions.take(raw, room))
        else {
            return Cleaned::NONE;
        };
        let run = plain.trailing_ones() as usize;
        if run < length {
            let is_port = |rest: &[u8]| rest.iter().all(u8::is_ascii_digit);
            if raw.get(run) != Some(&b':') || !raw.get(run + 1..).is_some_and(is_port) {
                return Cleaned::NONE;
            }
            length = run;
        }
        if length > 0 && dots >> (length - 1) & 1 == 1 {
            length -= 1;
            dots ^= 1 << length;
        }
        // An empty label is a dot at the beginning, at the end, or behind another.
        if length == 0 || dots & (dots << 1 | 1) != 0 || dots >> (length - 1) & 1 == 1 {
            return Cleaned::NONE;
        }
        // Perhaps an address; perhaps a label that is too long.
        if digits >> label_start(dots, length) & 1 == 1 || length == 64 && dots == 0 {
            return Cleaned::NONE;
        }
        Cleaned { dots, length: length as u16 }
    }

    /// The split of the host in the text, which is valid but perhaps for the registrable label.
    #[inline(always)]
    fn split(&self, length: usize, start_of: impl Fn(usize) -> usize) -> Parsed {
        let found = suffix_list().split(&self.text, length, start_of);
        let (split, of_registry) = match found.registrable {
            Split::NONE => (found.of_registry, Split::NONE),
            split => (split, found.of_registry),
        };
        let kind = if split == Split::NONE { Kind::Suffix } else { Kind::Name };
        Parsed { kind, length: length as u16, split, of_registry }
    }

    /// Everything else.
    #[cold]
    fn parse_slowly(&mut self, raw: &[u8]) -> Parsed {
        match canonical(raw) {
            Ok(name) => self.parse_canonical(name.as_bytes()),
            Err(kind) => Parsed::of(kind),
        }
    }

    fn parse_canonical(&mut self, name: &[u8]) -> Parsed {
        let Some(room) = self.text.get_mut(PAD..PAD + name.len()) else { return Parsed::of(Kind::Invalid) };
        room.copy_from_slice(name);
        let parsed = self.split(name.len(), |end| {
            let before = name.get(..end).unwrap_or_default();
            before.iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1)
        });
        // Hosts may have low lines, labels that are registered may not.
        let is_label = |split: Split| {
            let label = name.get(split.label()..split.suffix()).unwrap_or_default();
            split != Split::NONE && !label.contains(&b'_')
        };
        let of_registry = if is_label(parsed.of_registry) { parsed.of_registry } else { Split::NONE };
        match parsed.kind {
            Kind::Name if is_label(parsed.split) => Parsed { of_registry, ..parsed },
            Kind::Name if of_registry != Split::NONE => {
                Parsed { split: of_registry, of_registry: Split::NONE, ..parsed }
            }
            Kind::Name => Parsed::of(Kind::Invalid),
            _ => parsed,
        }
    }
}

/// Where the label begins that ends at `end`.
#[inline]
fn label_start(dots: u64, end: usize) -> usize {
    let before = if end >= 64 { dots } else { dots & ((1 << end) - 1) };
    64 - before.leading_zeros() as usize
}

impl Parsed {
    pub(crate) const NONE: Self =
        Self { kind: Kind::Invalid, length: 0, split: Split::NONE, of_registry: Split::NONE };

    pub(crate) fn of(kind: Kind) -> Self {
        Self { kind, ..Self::NONE }
    }
}

/// The name in ASCII and lower case, with labels of 1 to 63 characters, or what it is instead.
fn canonical(raw: &[u8]) -> Result<String, Kind> {
    if raw.len() > MAX_RAW {
        return Err(Kind::Invalid);
    }
    let text = std::str::from_utf8(raw).map_err(|_| Kind::Invalid)?;
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']').ok_or(Kind::Invalid)?;
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_digits);
        let is_address = address.parse::<Ipv6Addr>().is_ok();
        return Err(if is_port && is_address { Kind::Address } else { Kind::Invalid });
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return Err(Kind::Address);
    }
    let text = match text.split_once(':') {
        Some((host, port)) if is_digits(port) => host,
        Some(_) => return Err(Kind::Invalid),
        None => text,
    };
    let mapped = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii(text).map_err(|_| Kind::Invalid)?
    };
    let name = mapped.strip_suffix('.').unwrap_or(&mapped);
    let is_plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    let is_label = |label: &str| !label.is_empty() && label.len() <= MAX_LABEL && label.bytes().all(is_plain);
    if name.len() > MAX_NAME || !name.split('.').all(is_label) {
        return Err(Kind::Invalid);
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let hexadecimal = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digits(last) || last.strip_prefix("0x").is_some_and(hexadecimal) {
        // Browsers take such a host for an address, or refuse it.
        let is_address = name.parse::<Ipv4Addr>().is_ok();
        return Err(if is_address { Kind::Address } else { Kind::Invalid });
    }
    Ok(name.to_owned())
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
