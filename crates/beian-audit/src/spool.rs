//! Findings that do not fit into memory: sorted runs of them in one file, and their merge.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::AuditError;
use crate::finding::{Finding, bytes};

/// Runs that are merged at once: each has a buffer.
const FAN_IN: usize = 128;
const BUFFER: usize = 1 << 16;

/// By what findings are sorted.
pub(crate) type Order = fn(&Finding, &Finding) -> Ordering;

/// A sorted part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    from: u64,
    to: u64,
}

/// A file of runs. What is in it is never written again.
#[derive(Debug)]
pub(crate) struct Spool {
    file: Arc<File>,
    path: PathBuf,
    runs: Vec<Run>,
    end: u64,
}

impl Spool {
    /// A file that is gone with the process, in a directory.
    pub(crate) fn temporary(directory: &Path) -> Result<Self, AuditError> {
        let file = tempfile::tempfile_in(directory)
            .map_err(|source| AuditError::Spool { path: directory.to_owned(), source })?;
        Ok(Self { file: Arc::new(file), path: directory.to_owned(), runs: Vec::new(), end: 0 })
    }

    /// The file at a path with the runs that are known of it; what is behind them is cut off.
    pub(crate) fn at(path: &Path, runs: Vec<Run>) -> Result<Self, AuditError> {
        let end = runs.iter().map(|run| run.to).max().unwrap_or(0);
        let open = || {
            let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
            if file.metadata()?.len() < end {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
            file.set_len(end)?;
            Ok(file)
        };
        let file = open().map_err(|source| AuditError::Spool { path: path.to_owned(), source })?;
        Ok(Self { file: Arc::new(file), path: path.to_owned(), runs, end })
    }

    pub(crate) fn runs(&self) -> &[Run] {
        &self.runs
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Makes what was written durable.
    pub(crate) fn sync(&self) -> Result<(), AuditError> {
        self.file.sync_data().map_err(|source| self.error(source))
    }

    /// Writes findings that are sorted already as a run.
    pub(crate) fn write(
        &mut self,
        findings: impl IntoIterator<Item = Result<Finding, AuditError>>,
    ) -> Result<(), AuditError> {
        let from = self.end;
        let mut buffer = Vec::with_capacity(BUFFER);
        let mut file = AtEnd { file: &self.file, end: from };
        for finding in findings {
            bytes::write(&finding?, &mut buffer);
            if buffer.len() >= BUFFER {
                file.write_all(&buffer).map_err(|source| self.error(source))?;
                buffer.clear();
            }
        }
        file.write_all(&buffer).map_err(|source| self.error(source))?;
        self.end = file.end;
        self.runs.push(Run { from, to: self.end });
        Ok(())
    }

    /// Adds findings that are sorted and written already as a run.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), AuditError> {
        let from = self.end;
        let mut file = AtEnd { file: &self.file, end: from };
        file.write_all(bytes).map_err(|source| self.error(source))?;
        self.end = file.end;
        self.runs.push(Run { from, to: self.end });
        Ok(())
    }

    /// All findings of all runs in order, equal ones as they come.
    pub(crate) fn merge(&mut self, order: Order) -> Result<Merge, AuditError> {
        while self.runs.len() > FAN_IN {
            let runs: Vec<Run> = self.runs.drain(..FAN_IN).collect();
            let merged = self.merge_of(&runs, order)?;
            self.write(merged)?;
        }
        let runs = self.runs.clone();
        self.merge_of(&runs, order)
    }

    fn merge_of(&self, runs: &[Run], order: Order) -> Result<Merge, AuditError> {
        let reader = |run: &Run| RunReader {
            file: Arc::clone(&self.file),
            path: self.path.clone(),
            run: *run,
            buffer: Vec::new(),
            at: 0,
        };
        let mut merge = Merge { sources: runs.iter().map(reader).collect(), heads: BinaryHeap::new(), order };
        for source in 0..merge.sources.len() {
            merge.refill(source)?;
        }
        Ok(merge)
    }

    fn error(&self, source: io::Error) -> AuditError {
        AuditError::Spool { path: self.path.clone(), source }
    }
}

/// Writes behind what is there, whoever else reads the file.
struct AtEnd<'a> {
    file: &'a File,
    end: u64,
}

impl io::Write for AtEnd<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write_at(bytes, self.end)?;
        self.end += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sorted sources as one.
pub(crate) struct Merge {
    sources: Vec<RunReader>,
    heads: BinaryHeap<Head>,
    order: Order,
}

impl Merge {
    fn refill(&mut self, number: usize) -> Result<(), AuditError> {
        let next = self.sources.get_mut(number).map(RunReader::next).transpose()?.flatten();
        if let Some(finding) = next {
            self.heads.push(Head { finding, source: number, order: self.order });
        }
        Ok(())
    }

    /// The same with findings of one domain added up; for the order by name.
    pub(crate) fn added_up(self) -> impl Iterator<Item = Result<Finding, AuditError>> {
        let mut merge = self;
        let mut next = None;
        std::iter::from_fn(move || {
            let mut sum = match next.take().or_else(|| merge.next())? {
                Ok(finding) => finding,
                Err(error) => return Some(Err(error)),
            };
            loop {
                match merge.next() {
                    Some(Ok(other)) if other.hash == sum.hash && other.domain == sum.domain => sum.add(other),
                    other => {
                        next = other;
                        return Some(Ok(sum));
                    }
                }
            }
        })
    }
}

impl Iterator for Merge {
    type Item = Result<Finding, AuditError>;
    fn next(&mut self) -> Option<Self::Item> {
        let head = self.heads.pop()?;
        match self.refill(head.source) {
            Ok(()) => Some(Ok(head.finding)),
            Err(error) => {
                self.heads.clear();
                Some(Err(error))
            }
        }
    }
}

struct Head {
    finding: Finding,
    source: usize,
    order: Order,
}

impl Ord for Head {
    /// The greatest of a heap comes first: so the other way round.
    fn cmp(&self, other: &Self) -> Ordering {
        (self.order)(&other.finding, &self.finding).then_with(|| other.source.cmp(&self.source))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head {}

struct RunReader {
    file: Arc<File>,
    path: PathBuf,
    /// What is still to be read.
    run: Run,
    buffer: Vec<u8>,
    at: usize,
}

impl RunReader {
    fn next(&mut self) -> Result<Option<Finding>, AuditError> {
        if !self.has(4)? {
            return Ok(None);
        }
        let length = self.buffer.get(self.at..).and_then(|rest| rest.first_chunk().copied());
        let length = u32::from_le_bytes(length.unwrap_or_default()) as usize;
        self.at += 4;
        if !self.has(length)? {
            return Err(self.error(io::ErrorKind::UnexpectedEof));
        }
        let Some(finding) = self.buffer.get(self.at..self.at + length).and_then(bytes::read) else {
            return Err(self.error(io::ErrorKind::InvalidData));
        };
        self.at += length;
        Ok(Some(finding))
    }

    /// Makes sure that so many bytes are in the buffer; false at the end of the run.
    fn has(&mut self, length: usize) -> Result<bool, AuditError> {
        if self.buffer.len() - self.at >= length {
            return Ok(true);
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let left = (self.run.to - self.run.from) as usize;
        let kept = self.buffer.len();
        let wanted = length.saturating_sub(kept).max(BUFFER).min(left);
        if kept + wanted < length {
            // Nothing begins at the end of a run but the next one.
            return if kept == 0 { Ok(false) } else { Err(self.error(io::ErrorKind::UnexpectedEof)) };
        }
        self.buffer.resize(kept + wanted, 0);
        let room = self.buffer.get_mut(kept..).unwrap_or_default();
        let read = self.file.read_exact_at(room, self.run.from);
        read.map_err(|source| AuditError::Spool { path: self.path.clone(), source })?;
        self.run.from += wanted as u64;
        Ok(true)
    }

    fn error(&self, kind: io::ErrorKind) -> AuditError {
        AuditError::Spool { path: self.path.clone(), source: kind.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Addresses, Position, Standing};

    fn finding(number: u64, lines: u64) -> Finding {
        Finding {
            domain: format!("{number}.cn"),
            standing: Standing::NotFiled,
            lines,
            seen: None,
            addresses: Addresses::default(),
            position: Position { log: 0, place: number },
            sample: vec![b'x'; (number % 90) as usize],
            hash: number % 50,
        }
    }

    #[test]
    fn many_runs_add_up_to_each_domain_once() {
        let directory = tempfile::tempdir().unwrap();
        let mut spool = Spool::temporary(directory.path()).unwrap();
        for run in 0..700 {
            let mut findings: Vec<Finding> =
                (0..20).map(|number| finding((run * 7 + number * 13) % 300, 1)).collect();
            findings.sort_by(Finding::by_name);
            spool.write(findings.into_iter().map(Ok)).unwrap();
        }
        spool.write([finding(50, 1), finding(1, 1)].map(Ok)).unwrap();
        let all: Vec<Finding> =
            spool.merge(Finding::by_name).unwrap().added_up().map(Result::unwrap).collect();
        assert!(spool.runs().len() <= FAN_IN);
        assert_eq!(all.len(), 300);
        assert_eq!(all.iter().map(|finding| finding.lines).sum::<u64>(), 700 * 20 + 2);
        assert!(all.windows(2).all(|two| Finding::by_name(&two[0], &two[1]) == Ordering::Less));
    }

    #[test]
    fn runs_are_taken_up_again_and_what_is_behind_them_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("runs");
        let mut spool = Spool::at(&path, Vec::new()).unwrap();
        spool.write([Ok(finding(1, 1))]).unwrap();
        let known = spool.runs().to_vec();
        spool.write([Ok(finding(2, 1))]).unwrap();
        drop(spool);
        let mut spool = Spool::at(&path, known.clone()).unwrap();
        spool.write([Ok(finding(3, 1))]).unwrap();
        let all: Vec<String> =
            spool.merge(Finding::by_name).unwrap().map(|finding| finding.unwrap().domain).collect();
        assert_eq!(all, ["1.cn", "3.cn"]);
        std::fs::write(&path, b"short").unwrap();
        assert!(matches!(Spool::at(&path, known), Err(AuditError::Spool { .. })));
    }
}
