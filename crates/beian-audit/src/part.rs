//! An audit in parts: what each of many processes does, and how it adds up.
//!
//! A part has the form of a run of the spool, so that gathering is what an audit does anyway with counts that do not
//! fit into memory.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use beian_index::Index;
use serde::{Deserialize, Serialize};

use crate::audit::{Audit, Going, Outcome, Worker};
use crate::checkpoint::{IndexIdentity, sample_of_hash};
use crate::error::AuditError;
use crate::finding::{Finding, bytes};
use crate::format::Format;
use crate::input::{self, Log, Opened, Origin, Problem, ProblemKind};
use crate::queue::{Queue, Reached};
use crate::records::Records;
use crate::scan::Scanner;
use crate::spool::Spool;
use crate::tally::NameHasher;
use crate::totals::Totals;

const VERSION: u32 = 1;

/// A part of a log: the lines whose first byte stands in it. Of a compressed log or a table that begin with its first byte, all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// The number of the log among all of the audit: a sample is taken from the first.
    pub log: u32,
    /// The log.
    pub path: PathBuf,
    /// The first byte.
    pub start: u64,
    /// The byte behind the last.
    pub end: u64,
    /// Bytes that the log has; what is added to it later is not read.
    pub length: u64,
}

/// How an audit is divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Every line of every log stands in one of them.
    pub slices: Vec<Slice>,
    /// Logs that cannot be read, or are none.
    pub problems: Vec<Problem>,
}

/// What was counted of some lines. Parts of one audit add up, whoever counted them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    head: Head,
    /// Findings as in a spool, by name.
    findings: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: u32,
    /// What the seed makes of a word: parts with other hashes would be put together wrongly.
    sample_of_hash: u64,
    index: IndexIdentity,
    totals: Totals,
    problems: Vec<Problem>,
}

impl Audit {
    /// Divides the logs into slices of about a size. Compressed ones and tables are not divided.
    ///
    /// Errors: a log that was named is not there, is no file, or the format string is none.
    pub fn plan(&self, size: NonZeroU64) -> Result<Plan, AuditError> {
        let mut plan = Plan { slices: Vec::new(), problems: Vec::new() };
        for (number, log) in (0..).zip(input::logs_at(&self.logs, None, &mut plan.problems)?) {
            let name = log.name();
            let (Origin::File(path), Some(length)) = (&log.origin, log.length()) else {
                return Err(AuditError::StandardInput);
            };
            match self.size_of_slices(&log, size) {
                Ok(size) => {
                    let cut = |start| {
                        let end = length.min(size.saturating_add(start));
                        Slice { log: number, path: path.clone(), start, end, length }
                    };
                    let starts = (0..length).step_by(usize::try_from(size).unwrap_or(usize::MAX));
                    plan.slices.extend(starts.map(cut));
                }
                Err(Unplanned::Problem(kind)) => plan.problems.push(Problem { log: name, kind }),
                Err(Unplanned::Error(error)) => return Err(error),
            }
        }
        Ok(plan)
    }

    fn size_of_slices(&self, log: &Log, size: NonZeroU64) -> Result<u64, Unplanned> {
        let unreadable = |error: std::io::Error| {
            Unplanned::Problem(ProblemKind::Unreadable { message: error.to_string() })
        };
        let length = log.length().unwrap_or(0);
        match input::open(log, None, &Arc::default()).map_err(unreadable)? {
            Opened::Stream(_) | Opened::Parquet(_) | Opened::Arrow(_) => Ok(length.max(1)),
            Opened::Text(_) if length == 0 => Ok(1),
            Opened::Text(file) => {
                let piece_at = |at| input::piece_of(&file, at, length);
                let format =
                    Format::of_text(&self.format, &self.names, piece_at).map_err(Unplanned::Error)?;
                format.map(|_| size.get()).map_err(Unplanned::Problem)
            }
        }
    }

    /// Counts a slice. [`Self::logs`] and [`Self::checkpoint`] do not matter; all else must be as where the audit was
    /// planned, the seed, too.
    ///
    /// Errors: the log cannot be read here, or is not what it was; the index cannot be read. (An archive that breaks off is
    /// a problem of the part, as it would break off anywhere.)
    pub fn scan(&self, index: &Index, slice: &Slice) -> Result<Part, AuditError> {
        let unreadable = |source| AuditError::Log { path: slice.path.clone(), source };
        let mut logs = input::logs_at(std::slice::from_ref(&slice.path), None, &mut Vec::new())?;
        let Some(file) = logs.first_mut().and_then(|log| log.file.as_mut()) else {
            return Err(AuditError::StandardInput);
        };
        if file.length < slice.length {
            let (path, expected, got) = (slice.path.clone(), slice.length, file.length);
            return Err(AuditError::ShorterLog { path, expected, got });
        }
        file.length = slice.length;
        let spool = Mutex::new(Spool::temporary(&self.spill)?);
        let mut scanners = self.scanners(index, self.seed, &spool);
        let log = logs.first().map(|log| input::open(log, None, &Arc::default())).transpose();
        let (is_text, (from, to)) = match log.map_err(unreadable)? {
            Some(Opened::Text(file)) => (true, slice.lines(&file).map_err(unreadable)?),
            _ if slice.start == 0 => (false, (0, slice.length)),
            _ => (false, (0, 0)),
        };
        let mut problems = Vec::new();
        if from < to {
            let queue = Queue::new(&logs, &self.format, &self.names, vec![Reached::Place(from)], Vec::new())
                .until(to);
            queue.allow(u64::MAX);
            let (lines, tell) = (AtomicU64::new(0), |_| Going::On);
            let worker = Worker { queue: &queue, first_log: slice.log, lines: &lines, of: None, tell: &tell };
            worker.run_all(&mut scanners)?;
            problems = queue.progress()?.1;
        }
        if is_text && let Some(problem) = problems.pop() {
            return Err(unreadable(std::io::Error::other(match problem.kind {
                ProblemKind::Unreadable { message } | ProblemKind::Broken { message, .. } => message,
                _ => "it has not the format that it had in the plan".to_owned(),
            })));
        }
        self.part(index, scanners, &spool, problems)
    }

    /// Counts rows of tables, which `feed` hands over. They count as a log of a number, to take samples from the first.
    pub fn scan_records<E: From<AuditError>>(
        &self,
        index: &Index,
        log: u32,
        feed: impl FnOnce(&mut RecordScan<'_>) -> Result<(), E>,
    ) -> Result<Part, E> {
        let spool = Mutex::new(Spool::temporary(&self.spill)?);
        let scanner = Scanner::new(index, NameHasher::new(self.seed), self.time_offset, self.memory, &spool);
        let mut scan = RecordScan { scanner, log, row: 0 };
        feed(&mut scan)?;
        Ok(self.part(index, vec![scan.scanner], &spool, Vec::new())?)
    }

    fn part(
        &self,
        index: &Index,
        scanners: Vec<Scanner<'_>>,
        spool: &Mutex<Spool>,
        problems: Vec<Problem>,
    ) -> Result<Part, AuditError> {
        let mut totals = Totals::default();
        let mut spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
        for mut scanner in scanners {
            totals.add(&scanner.totals);
            spool.write(scanner.tally.drain().into_iter().map(Ok))?;
        }
        let findings = added_up(&mut spool)?;
        let head = Head {
            version: VERSION,
            sample_of_hash: sample_of_hash(self.seed),
            index: IndexIdentity::of(index),
            totals,
            problems,
        };
        Ok(Part { head, findings })
    }
}

enum Unplanned {
    Problem(ProblemKind),
    Error(AuditError),
}

impl Slice {
    /// From where to where the lines stand that begin in it. A line that goes on through many slices is looked through
    /// by that in which it begins, and by each other only as far as that other goes.
    fn lines(&self, file: &std::fs::File) -> std::io::Result<(u64, u64)> {
        let end = self.end.min(self.length);
        if self.start >= end {
            return Ok((0, 0));
        }
        let from = match self.start.checked_sub(1) {
            None => 0,
            Some(before) => input::line_end(file, before, end)?,
        };
        if from >= end { Ok((0, 0)) } else { Ok((from, input::line_end(file, end - 1, self.length)?)) }
    }
}

/// Takes rows of tables.
pub struct RecordScan<'a> {
    scanner: Scanner<'a>,
    log: u32,
    row: u64,
}

impl RecordScan<'_> {
    /// Counts some rows.
    pub fn add(&mut self, records: &Records<'_>) -> Result<(), AuditError> {
        self.scanner.records(records, self.log, self.row)?;
        self.row += records.len() as u64;
        Ok(())
    }
}

impl Part {
    /// To send it to another process.
    pub fn to_bytes(&self) -> Result<Vec<u8>, AuditError> {
        let head = serde_json::to_vec(&self.head).map_err(std::io::Error::from)?;
        let mut output = Vec::with_capacity(4 + head.len() + self.findings.len());
        output.extend((head.len() as u32).to_le_bytes());
        output.extend(head);
        output.extend(&self.findings);
        Ok(output)
    }

    /// What another process sent.
    ///
    /// Errors: these are not the bytes of a part, or of one that another version of this crate made.
    pub fn from_bytes(input: &[u8]) -> Result<Self, AuditError> {
        let no_part = |what| AuditError::NoPart { what };
        let (length, rest) = input.split_first_chunk().ok_or_else(|| no_part("too few bytes"))?;
        let parts = rest.split_at_checked(u32::from_le_bytes(*length) as usize);
        let (head, findings) = parts.ok_or_else(|| no_part("too few bytes"))?;
        let head: Head = serde_json::from_slice(head).map_err(|_| no_part("another head"))?;
        if head.version != VERSION {
            return Err(no_part("one of another version"));
        }
        let mut rest = findings;
        let mut before: Option<Finding> = None;
        while !rest.is_empty() {
            let (finding, _) =
                bytes::split_first(&mut rest).ok_or_else(|| no_part("a finding that is none"))?;
            if before.is_some_and(|before| Finding::by_name(&before, &finding).is_ge()) {
                return Err(no_part("findings out of their order"));
            }
            before = Some(finding);
        }
        Ok(Self { head, findings: findings.to_vec() })
    }

    /// Divides it into at most so many, each domain by its hash, so that those of one number of all parts can be gathered
    /// apart from those of others. The first has the sums; others are left out where they have nothing.
    pub fn split(self, count: NonZeroU32) -> Vec<(u32, Self)> {
        let rest_head = Head { totals: Totals::default(), problems: Vec::new(), ..self.head.clone() };
        let mut parts = vec![(0, Self { head: self.head, findings: Vec::new() })];
        let mut rest = self.findings.as_slice();
        while let Some((finding, own)) = bytes::split_first(&mut rest) {
            let number = ((u128::from(finding.hash) * u128::from(count.get())) >> 64) as u32;
            if parts.last().is_some_and(|(last, _)| *last != number) {
                parts.push((number, Self { head: rest_head.clone(), findings: Vec::new() }));
            }
            if let Some((_, part)) = parts.last_mut() {
                part.findings.extend_from_slice(own);
            }
        }
        parts
    }
}

/// Adds parts up, each once, in any order. What it has lies on the disk.
#[derive(Debug)]
pub struct Gathering {
    audit: Audit,
    spool: Spool,
    /// Of all parts so far.
    head: Option<Head>,
}

impl Gathering {
    /// Of an audit, as it was planned.
    pub fn new(audit: Audit) -> Result<Self, AuditError> {
        Ok(Self { spool: Spool::temporary(&audit.spill)?, audit, head: None })
    }

    /// Adds a part.
    ///
    /// Errors: it was counted with another seed, or held against another index than the parts before.
    pub fn add(&mut self, part: Part) -> Result<(), AuditError> {
        if part.head.sample_of_hash != sample_of_hash(self.audit.seed) {
            return Err(AuditError::OtherPart { what: "the seed" });
        }
        match &mut self.head {
            None => self.head = Some(part.head),
            Some(head) if head.index != part.head.index => {
                return Err(AuditError::OtherPart { what: "the index" });
            }
            Some(head) => {
                head.totals.add(&part.head.totals);
                head.problems.extend(part.head.problems);
            }
        }
        if part.findings.is_empty() { Ok(()) } else { self.spool.append(&part.findings) }
    }

    /// All of them as one part, to be gathered with others; none if there was none.
    pub fn into_part(mut self) -> Result<Option<Part>, AuditError> {
        let findings = added_up(&mut self.spool)?;
        Ok(self.head.map(|head| Part { head, findings }))
    }

    /// What has been found. The index is that which all parts were held against, the problems are those of the plan.
    ///
    /// Errors: it is another index.
    pub fn into_outcome(self, index: &Index, mut problems: Vec<Problem>) -> Result<Outcome, AuditError> {
        let mut totals = Totals::default();
        if let Some(head) = self.head {
            if head.index != IndexIdentity::of(index) {
                return Err(AuditError::OtherPart { what: "the index" });
            }
            totals = head.totals;
            problems.extend(head.problems);
        }
        let (ranked, domains) = self.audit.ranked(self.spool, Vec::new())?;
        Ok(Outcome {
            totals,
            problems,
            domains,
            completeness: index.completeness(),
            as_of: index.as_of(),
            index_domains: index.len(),
            ranked,
        })
    }
}

/// All findings of a spool as those of a part.
fn added_up(spool: &mut Spool) -> Result<Vec<u8>, AuditError> {
    let mut findings = Vec::new();
    for finding in spool.merge(Finding::by_name)?.added_up() {
        bytes::write(&finding?, &mut findings);
    }
    Ok(findings)
}
