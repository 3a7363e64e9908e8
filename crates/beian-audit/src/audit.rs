//! The whole audit: workers, checkpoints, and the findings in their order.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use beian_index::{Completeness, Index};

use crate::checkpoint::{Checkpoint, Identity, State};
use crate::error::AuditError;
use crate::finding::Finding;
use crate::format::{FieldNames, Format, FormatChoice};
use crate::input::{self, Block, BlockReader, FilePart, Log, Problem};
use crate::objects::ObjectStorage;
use crate::queue::{Queue, Reached, Task};
use crate::scan::{Place, Scanner};
use crate::spool::{Merge, Spool};
use crate::tables::ParquetLog;
use crate::tally::{MOST_TEXT, NameHasher, Tally};
use crate::totals::Totals;

/// How many times as long as the index the logs must be, for the time that it takes to copy it to come back.
const WORTH_LOADING: u64 = 4;

/// What is audited, and how.
#[derive(Debug, Clone)]
pub struct Audit {
    /// Files, directories, `-` for standard input; `s3://bucket/beginning` for objects.
    pub logs: Vec<PathBuf>,
    /// Where objects are; without one there are none.
    pub storage: Option<ObjectStorage>,
    /// Which format the logs have.
    pub format: FormatChoice,
    /// Names of fields in JSON and CSV.
    pub names: FieldNames,
    /// Seconds east of UTC, for times that do not say.
    pub time_offset: i32,
    /// Threads, at least one.
    pub threads: usize,
    /// About how many bytes of memory the counts may take up; beyond that they go to the disk.
    pub memory: usize,
    /// Where they go, if there is no checkpoint.
    pub spill: PathBuf,
    /// Where the audit is kept, so that it can be taken up again.
    pub checkpoint: Option<CheckpointOptions>,
    /// From the system's randomness: names are hashed by it, which others choose.
    pub seed: u64,
}

/// Where and how often an audit is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointOptions {
    /// A directory of its own.
    pub directory: PathBuf,
    /// After about how many bytes of log, each time.
    pub every: u64,
    /// The list that the index was made of for this audit alone; none of an index that was published. Such indexes have
    /// no generation to be told apart by: as a log, the list must have the same length and date again.
    pub list: Option<PathBuf>,
}

/// How far an audit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that were read, as they are on the disk.
    pub bytes: u64,
    /// Of how many; none if there is standard input among the logs.
    pub of: Option<u64>,
    /// Lines so far, of this run.
    pub lines: u64,
}

/// Whether an audit goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Going {
    /// It does.
    On,
    /// It ends with [`AuditError::Stopped`], and can be taken up from its last checkpoint.
    Stop,
}

/// What an audit has found.
#[derive(Debug)]
pub struct Outcome {
    /// What became of every line.
    pub totals: Totals,
    /// Logs with something wrong, in no particular order.
    pub problems: Vec<Problem>,
    /// How many domains were found that are not filed here.
    pub domains: u64,
    /// Whether the index knows all records.
    pub completeness: Completeness,
    /// The day of the index, counted from 1970-01-01.
    pub as_of: beian_index::Day,
    /// How many domains the index knows.
    pub index_domains: u64,
    pub(crate) ranked: Ranked,
}

#[derive(Debug)]
pub(crate) enum Ranked {
    /// Counts, and the places in them by rank.
    Tally(Box<Tally>, Vec<u32>),
    Disk(Spool),
}

impl Outcome {
    /// All findings, those with the most lines first. Of what does not fit into memory, each is read from the disk.
    pub fn findings(&mut self) -> Result<Findings<'_>, AuditError> {
        Ok(match &mut self.ranked {
            Ranked::Tally(tally, ranks) => Findings(Source::Tally(tally, ranks.iter())),
            Ranked::Disk(spool) => Findings(Source::Disk(spool.merge(Finding::by_rank)?)),
        })
    }
}

/// See [`Outcome::findings`].
pub struct Findings<'a>(Source<'a>);

enum Source<'a> {
    Tally(&'a Tally, std::slice::Iter<'a, u32>),
    Disk(Merge),
}

impl Iterator for Findings<'_> {
    type Item = Result<Finding, AuditError>;
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Source::Tally(tally, ranks) => ranks.next().and_then(|place| tally.at(*place)).map(Ok),
            Source::Disk(merge) => merge.next(),
        }
    }
}

impl Audit {
    /// Reads all logs and looks every host up. `tell` is called now and then, from any thread.
    pub fn run(
        &self,
        index: &Index,
        tell: &(dyn Fn(Progress) -> Going + Sync),
    ) -> Result<Outcome, AuditError> {
        let mut problems = Vec::new();
        let logs = input::logs_at(&self.logs, self.storage.as_ref(), &mut problems)?;
        let of = logs.iter().map(Log::length).sum::<Option<u64>>();
        let checkpoint =
            self.checkpoint.as_ref().map(|options| Checkpoint::open(&options.directory)).transpose()?;
        if checkpoint.is_some() && of.is_none() {
            return Err(AuditError::StandardInput);
        }
        let format = format!("{:?} {:?} {}", self.format, self.names, self.time_offset);
        let list = self.checkpoint.as_ref().and_then(|options| options.list.as_deref());
        let list = list.map(input::facts_of).transpose()?.flatten();
        let identity = Identity::new(logs.clone(), format, index, list);
        let kept = checkpoint.as_ref().map(|checkpoint| checkpoint.load(&identity)).transpose()?.flatten();
        let mut state = kept.unwrap_or_else(|| State::new(identity, self.seed, problems));
        let spool = Mutex::new(match &checkpoint {
            Some(checkpoint) => checkpoint.spool(state.runs.clone())?,
            None => Spool::temporary(&self.spill)?,
        });
        let queue =
            Queue::new(&logs, &self.format, &self.names, state.reached.clone(), state.problems.clone())
                .with_storage(self.storage.as_ref());
        // Without the memory it only takes longer.
        let loaded =
            of.filter(|of| of / index.bytes().max(1) >= WORTH_LOADING).and_then(|_| index.loaded().ok());
        let mut scanners = self.scanners(loaded.as_ref().unwrap_or(index), state.seed, &spool);
        let lines = AtomicU64::new(0);
        let worker = Worker { queue: &queue, first_log: 0, lines: &lines, of, tell };
        loop {
            queue.allow(self.checkpoint.as_ref().map_or(u64::MAX, |options| options.every.max(1)));
            worker.run_all(&mut scanners)?;
            let (reached, problems) = queue.progress()?;
            let is_done = reached.iter().all(|reached| *reached == Reached::End);
            if let Some(checkpoint) = &checkpoint {
                for scanner in &mut scanners {
                    scanner.spill()?;
                    state.totals.add(&std::mem::take(&mut scanner.totals));
                }
                let spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
                (state.reached, state.problems) = (reached, problems);
                state.runs = spool.runs().to_vec();
                checkpoint.save(&state, &spool)?;
            } else {
                state.problems = problems;
            }
            if is_done {
                break;
            }
        }
        scanners.iter().for_each(|scanner| state.totals.add(&scanner.totals));
        let tallies =
            scanners.iter_mut().map(|scanner| std::mem::replace(&mut scanner.tally, Tally::new())).collect();
        drop(scanners);
        let spool = spool.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (ranked, domains) = self.ranked(spool, tallies)?;
        Ok(Outcome {
            totals: state.totals,
            problems: state.problems,
            domains,
            completeness: index.completeness(),
            as_of: index.as_of(),
            index_domains: index.len(),
            ranked,
        })
    }

    /// One a thread.
    pub(crate) fn scanners<'a>(
        &self,
        index: &'a Index,
        seed: u64,
        spool: &'a Mutex<Spool>,
    ) -> Vec<Scanner<'a>> {
        let (threads, hasher) = (self.threads.max(1), NameHasher::new(seed));
        let memory = self.memory / threads;
        (0..threads).map(|_| Scanner::new(index, hasher.clone(), self.time_offset, memory, spool)).collect()
    }

    /// Adds all counts up and sorts them by rank, within the memory there is.
    pub(crate) fn ranked(
        &self,
        mut spool: Spool,
        mut tallies: Vec<Tally>,
    ) -> Result<(Ranked, u64), AuditError> {
        let size: usize = tallies.iter().map(Tally::size).sum();
        if spool.is_empty() && size < MOST_TEXT {
            // The largest takes the others in.
            tallies.sort_by_key(Tally::len);
            let mut sum = tallies.pop().unwrap_or_else(Tally::new);
            tallies.iter().for_each(|tally| sum.absorb(tally));
            let (ranks, domains) = (sum.ranks(), sum.len() as u64);
            return Ok((Ranked::Tally(Box::new(sum), ranks), domains));
        }
        for tally in &mut tallies {
            spool.write(tally.drain().into_iter().map(Ok))?;
        }
        let (mut pile, mut size, mut domains) = (Vec::new(), 0, 0);
        let mut sorted = Spool::temporary(&self.spill)?;
        let mut write = |pile: &mut Vec<Finding>| {
            pile.sort_unstable_by(Finding::by_rank);
            sorted.write(pile.drain(..).map(Ok))
        };
        for finding in spool.merge(Finding::by_name)?.added_up() {
            let finding = finding?;
            size += finding.size();
            domains += 1;
            pile.push(finding);
            if size > self.memory {
                write(&mut pile)?;
                size = 0;
            }
        }
        write(&mut pile)?;
        Ok((Ranked::Disk(sorted), domains))
    }
}

/// What every worker needs besides its scanner.
#[derive(Clone, Copy)]
pub(crate) struct Worker<'a> {
    pub(crate) queue: &'a Queue<'a>,
    /// The number of the queue's first log among all of the audit.
    pub(crate) first_log: u32,
    pub(crate) lines: &'a AtomicU64,
    pub(crate) of: Option<u64>,
    pub(crate) tell: &'a (dyn Fn(Progress) -> Going + Sync),
}

impl Worker<'_> {
    /// One thread a scanner, until the queue gives nothing out.
    pub(crate) fn run_all(self, scanners: &mut [Scanner<'_>]) -> Result<(), AuditError> {
        let run = |scanner: &mut Scanner<'_>| {
            let result = self.run(scanner);
            if result.is_err() {
                self.queue.stop();
            }
            result
        };
        if let [scanner] = scanners {
            return run(scanner);
        }
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                scanners.iter_mut().map(|scanner| scope.spawn(move || run(scanner))).collect();
            // A panic of a worker is one of the audit.
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }

    fn run(self, scanner: &mut Scanner<'_>) -> Result<(), AuditError> {
        let mut block = Block::default();
        while let Some(task) = self.queue.next() {
            match task {
                Task::Part { log, file, from, to, format } => {
                    let mut reader = BlockReader::new(FilePart::new(Arc::clone(&file), from, to), from);
                    loop {
                        match reader.next(&mut block) {
                            Ok(true) => {}
                            Ok(false) => break,
                            Err(error) => {
                                self.queue.note_broken(log, reader.place(), &error);
                                break;
                            }
                        }
                        self.queue.note_consumed(block.bytes().len() as u64);
                        self.scan(scanner, &block, self.place(log, &block, &format))?;
                    }
                }
                Task::Group { log, table, group } => self.group(scanner, log, &table, group)?,
                Task::Rows(rows) => {
                    let log = rows.log;
                    if let Some((batch, row)) = self.queue.take_rows(rows) {
                        let before = scanner.totals.lines;
                        scanner.batch(&batch, self.first_log + log, row)?;
                        self.tell(scanner.totals.lines - before)?;
                    }
                }
                Task::Stream(stream) => {
                    let log = stream.log;
                    if let Some(format) = self.queue.take_block(stream, &mut block) {
                        self.scan(scanner, &block, self.place(log, &block, &format))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A group of rows.
    fn group(
        self,
        scanner: &mut Scanner<'_>,
        log: u32,
        table: &ParquetLog,
        group: usize,
    ) -> Result<(), AuditError> {
        let mut row = table.first_row(group);
        match table.rows(group) {
            Err(message) => self.queue.note_broken_table(log, row, message),
            Ok(batches) => {
                for batch in batches {
                    match batch {
                        Ok(batch) => {
                            scanner.batch(&batch, self.first_log + log, row)?;
                            row += batch.rows() as u64;
                            self.tell(batch.rows() as u64)?;
                        }
                        Err(message) => self.queue.note_broken_table(log, row, message),
                    }
                }
            }
        }
        self.queue.note_consumed(table.bytes(group).0);
        Ok(())
    }

    fn place<'a>(self, log: u32, block: &Block, format: &'a Format) -> Place<'a> {
        Place { log: self.first_log + log, place: block.place, format }
    }

    fn scan(self, scanner: &mut Scanner<'_>, block: &Block, at: Place<'_>) -> Result<(), AuditError> {
        let before = scanner.totals.lines;
        scanner.note_long_lines(block.long_lines);
        scanner.scan(block.bytes(), at)?;
        self.tell(scanner.totals.lines - before)
    }

    /// Tells how far it is, by so many lines more.
    fn tell(self, more: u64) -> Result<(), AuditError> {
        let lines = self.lines.fetch_add(more, Ordering::Relaxed) + more;
        match (self.tell)(Progress { bytes: self.queue.consumed(), of: self.of, lines }) {
            Going::On => Ok(()),
            Going::Stop => Err(AuditError::Stopped),
        }
    }
}
