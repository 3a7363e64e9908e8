//! From blocks of lines to counts: what one worker does.

use std::sync::{Mutex, PoisonError};

use beian_index::{Answer, Index, Status};
use memchr::memchr_iter;

use crate::error::AuditError;
use crate::finding::{Hashed, Position, Standing};
use crate::format::{Format, without_mark};
use crate::input::LONGEST_LINE;
use crate::line::{Address, Fields, Span, TimeReader, Unfit};
use crate::records::Records;
use crate::spool::Spool;
use crate::tables::Batch as TableBatch;
use crate::tally::{NameHasher, Sighting, Tally};
use crate::totals::Totals;

/// Lines that are looked up together.
const BATCH: usize = 256;

pub(crate) struct Scanner<'a> {
    index: &'a Index,
    hasher: NameHasher,
    time: TimeReader,
    /// Most bytes of the tally.
    limit: usize,
    spool: &'a Mutex<Spool>,
    pub(crate) tally: Tally,
    pub(crate) totals: Totals,
    batch: Batch,
}

/// Lines on their way to the index.
#[derive(Default)]
struct Batch {
    lines: Vec<(Fields, u32)>,
    /// Fields that are not in the block as they are meant.
    text: Vec<u8>,
}

/// A line whose domain is not filed here.
struct Hit {
    line: u32,
    domain: Span,
    standing: Standing,
}

/// Where a block stands, and what is in it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) log: u32,
    pub(crate) place: u64,
    pub(crate) format: &'a Format,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(
        index: &'a Index,
        hasher: NameHasher,
        offset: i32,
        limit: usize,
        spool: &'a Mutex<Spool>,
    ) -> Self {
        Self {
            index,
            hasher,
            time: TimeReader::new(offset),
            limit,
            spool,
            tally: Tally::new(),
            totals: Totals::default(),
            batch: Batch::default(),
        }
    }

    /// Counts the lines of a block.
    pub(crate) fn scan(&mut self, block: &[u8], at: Place<'_>) -> Result<(), AuditError> {
        self.totals.bytes += block.len() as u64;
        let mut from = 0;
        if at.place == 0 {
            from = if at.format.has_head() {
                memchr::memchr(b'\n', block).map_or(block.len(), |end| end + 1)
            } else {
                // What Windows writes before a text (BOM) is no part of its first line.
                block.len() - without_mark(block).len()
            };
        }
        let last = (from < block.len() && !block.ends_with(b"\n")).then_some(block.len());
        let ends = memchr_iter(b'\n', block.get(from..).unwrap_or_default()).map(|end| from + end);
        let mut begin = from;
        for end in ends.chain(last) {
            let line = block.get(begin..end).unwrap_or_default();
            self.line(line, begin, at.format);
            begin = end + 1;
            if self.batch.lines.len() >= BATCH {
                self.flush(block, at)?;
            }
        }
        self.flush(block, at)
    }

    /// Counts the rows of a table, the first of which has a place.
    pub(crate) fn records(&mut self, records: &Records<'_>, log: u32, place: u64) -> Result<(), AuditError> {
        self.rows(records.len(), |row| records.row(row), log, place)
    }

    /// Counts the rows of a part of a table, the first of which has a place.
    pub(crate) fn batch(&mut self, batch: &TableBatch, log: u32, place: u64) -> Result<(), AuditError> {
        self.rows(batch.rows(), |row| [0, 1, 2, 3].map(|column| batch.cell(column, row)), log, place)
    }

    /// Counts rows, each of a host, a time, an address and a target.
    fn rows<'r>(
        &mut self,
        count: usize,
        cells: impl Fn(usize) -> [&'r [u8]; 4],
        log: u32,
        place: u64,
    ) -> Result<(), AuditError> {
        let at = Place { log, place, format: &Format::Records };
        for row in 0..count {
            let cells = cells(row);
            let length: usize = cells.iter().map(|cell| cell.len()).sum();
            self.totals.lines += 1;
            self.totals.bytes += length as u64;
            if length > LONGEST_LINE {
                self.totals.too_long += 1;
                continue;
            }
            let text = &mut self.batch.text;
            let [host, time, address, target] = cells.map(|cell| {
                let from = text.len();
                text.extend_from_slice(cell);
                Span::new(from, text.len())
            });
            self.batch.lines.push((Fields { host, time, address, target }, row as u32));
            if self.batch.lines.len() >= BATCH {
                self.flush(&[], at)?;
            }
        }
        self.flush(&[], at)
    }

    /// Lines that are longer than a block.
    pub(crate) fn note_long_lines(&mut self, count: u64) {
        self.totals.lines += count;
        self.totals.too_long += count;
    }

    #[inline]
    fn line(&mut self, line: &[u8], place: usize, format: &Format) {
        self.totals.lines += 1;
        if line.len() > LONGEST_LINE {
            self.totals.too_long += 1;
            return;
        }
        match format.read(line, place, &mut self.batch.text) {
            Ok(fields) => self.batch.lines.push((fields, place as u32)),
            Err(Unfit) => self.note_unfit(line),
        }
    }

    #[cold]
    fn note_unfit(&mut self, line: &[u8]) {
        let is_control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\r');
        if line.iter().all(u8::is_ascii_whitespace) {
            self.totals.blank += 1;
        } else if line.iter().any(is_control) || std::str::from_utf8(line).is_err() {
            self.totals.binary += 1;
        } else {
            self.totals.malformed += 1;
        }
    }

    /// Looks the batch up and counts it.
    fn flush(&mut self, block: &[u8], at: Place<'_>) -> Result<(), AuditError> {
        let Self { index, hasher, time, tally, totals, batch, .. } = self;
        let source = if at.format.copies() { batch.text.as_slice() } else { block };
        let hosts: Vec<&[u8]> = batch.lines.iter().map(|(fields, _)| fields.host.of(source)).collect();
        let mut hits: Vec<Hit> = Vec::with_capacity(hosts.len());
        let mut domains = Vec::with_capacity(hosts.len() * 16);
        index.look_up_each(&hosts, |line, answer, domain| {
            let Some(standing) = Standing::of(answer) else {
                let host = hosts.get(line).copied().unwrap_or_default();
                return note_other(totals, answer, host, at.format);
            };
            if at.format.is_reverse(hosts.get(line).copied().unwrap_or_default()) {
                totals.reverse += 1;
                return;
            }
            totals.note(standing);
            let from = domains.len();
            domains.extend_from_slice(domain);
            hits.push(Hit { line: line as u32, domain: Span::new(from, domains.len()), standing });
        })?;
        let sightings: Vec<Sighting<'_>> = hits
            .iter()
            .filter_map(|hit| {
                let (fields, line) = batch.lines.get(hit.line as usize)?;
                let domain = hit.domain.of(&domains);
                Some(Sighting {
                    hash: hasher.hash(domain),
                    domain,
                    standing: hit.standing,
                    time: time.read(fields.time.of(source)),
                    address: Address::parse(fields.address.of(source)).map(Hashed::new),
                    position: Position { log: at.log, place: at.place + u64::from(*line) },
                    host: fields.host.of(source),
                    target: fields.target.of(source),
                })
            })
            .collect();
        tally.add(&sightings);
        batch.lines.clear();
        batch.text.clear();
        if self.tally.is_full(self.limit) { self.spill() } else { Ok(()) }
    }

    /// Puts the counts on the disk.
    pub(crate) fn spill(&mut self) -> Result<(), AuditError> {
        if self.tally.is_empty() {
            return Ok(());
        }
        let findings = self.tally.drain();
        let mut spool = self.spool.lock().unwrap_or_else(PoisonError::into_inner);
        spool.write(findings.into_iter().map(Ok))
    }
}

/// A line that names no domain, or one that is filed here.
fn note_other(totals: &mut Totals, answer: Answer, host: &[u8], format: &Format) {
    let count = match answer {
        Answer::Found(record) if record.status == Status::FiledHere => &mut totals.filed_here,
        _ if matches!(host, b"" | b"-") => &mut totals.without_host,
        _ if format.is_reverse(host) => &mut totals.reverse,
        Answer::Address => &mut totals.addresses,
        Answer::Suffix => &mut totals.suffixes,
        _ => &mut totals.invalid_hosts,
    };
    *count += 1;
}
