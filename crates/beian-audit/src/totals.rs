//! What became of every line.

use serde::{Deserialize, Serialize};

use crate::finding::Standing;

/// How many lines were what. Every line is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Bytes that were read, once decompressed.
    pub bytes: u64,
    /// Lines, but for the heads of tables.
    pub lines: u64,
    /// The domain is filed here.
    pub filed_here: u64,
    /// The domain is not, by what the index says: see [`Totals::of`].
    standings: [u64; 6],
    /// The host is an IP address.
    pub addresses: u64,
    /// The host is a public suffix or one label: no domain can be registered there.
    pub suffixes: u64,
    /// The host is neither a name nor an address: nonsense, or an attempt at something.
    pub invalid_hosts: u64,
    /// The line names no host.
    pub without_host: u64,
    /// The line asks for the name of an address, in the DNS.
    pub reverse: u64,
    /// The line is not of its log's format: cut off, or something else.
    pub malformed: u64,
    /// The line is not, and has bytes that no text has.
    pub binary: u64,
    /// The line has more than 256 KiB, and was not looked at.
    pub too_long: u64,
    /// There is nothing on the line.
    pub blank: u64,
}

impl Totals {
    /// How many lines name domains of a standing.
    pub fn of(&self, standing: Standing) -> u64 {
        self.standings.get(standing as usize).copied().unwrap_or(0)
    }

    /// How many lines name domains that are not filed here.
    pub fn findings(&self) -> u64 {
        self.standings.iter().sum()
    }

    /// Lines that name a domain, whether it is filed or not, or an address.
    pub fn told(&self) -> u64 {
        self.filed_here + self.findings() + self.addresses + self.reverse
    }

    /// Those, and lines that name what can be no domain: a public suffix or one label, such as `localhost`.
    pub fn judged(&self) -> u64 {
        self.told() + self.suffixes
    }

    /// Lines that are no empty ones.
    pub fn written(&self) -> u64 {
        self.lines - self.blank
    }

    /// Lines that could not be understood.
    pub fn unusable(&self) -> u64 {
        self.malformed + self.binary + self.too_long
    }

    pub(crate) fn note(&mut self, standing: Standing) {
        if let Some(count) = self.standings.get_mut(standing as usize) {
            *count += 1;
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let Self {
            bytes,
            lines,
            filed_here,
            standings,
            addresses,
            suffixes,
            invalid_hosts,
            without_host,
            reverse,
            malformed,
            binary,
            too_long,
            blank,
        } = other;
        let pairs = [
            (&mut self.bytes, bytes),
            (&mut self.lines, lines),
            (&mut self.filed_here, filed_here),
            (&mut self.addresses, addresses),
            (&mut self.suffixes, suffixes),
            (&mut self.invalid_hosts, invalid_hosts),
            (&mut self.without_host, without_host),
            (&mut self.reverse, reverse),
            (&mut self.malformed, malformed),
            (&mut self.binary, binary),
            (&mut self.too_long, too_long),
            (&mut self.blank, blank),
        ];
        pairs
            .into_iter()
            .chain(self.standings.iter_mut().zip(standings))
            .for_each(|(sum, more)| *sum += more);
    }
}
