//! What is to be read next: parts of files, and streams that go from hand to hand.
//!
//! A stream must be read from the beginning to the end, but whoever takes a block of it gives it back before
//! looking at the block: so one worker decompresses while others count, and several streams are decompressed
//! at once.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::AuditError;
use crate::format::{FieldNames, Format, FormatChoice};
use crate::input::{self, Block, BlockReader, Log, Opened, Problem, ProblemKind};
use crate::objects::ObjectStorage;
use crate::tables::{ArrowLog, Batch, ParquetLog};

/// Bytes of a part of a file, at least.
const PART: u64 = 8 << 20;

/// How far a log has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reached {
    /// Everything before this place, once decompressed; of tables, before this group or row.
    Place(u64),
    /// All of it.
    End,
}

/// Something to do.
pub(crate) enum Task {
    /// Lines of a file.
    Part { log: u32, file: Arc<File>, from: u64, to: u64, format: Arc<Format> },
    /// The next lines of a stream.
    Stream(Stream),
    /// A group of rows of a table.
    Group { log: u32, table: Arc<ParquetLog>, group: usize },
    /// The next rows of a table that is read from the beginning to the end.
    Rows(RowStream),
}

/// A table that is read from the beginning to the end.
pub(crate) struct RowStream {
    pub(crate) log: u32,
    reader: ArrowLog,
    /// The number of the next row.
    row: u64,
    /// What is counted already: the rows before this one.
    counted: u64,
}

/// A log that is read from the beginning to the end.
pub(crate) struct Stream {
    pub(crate) log: u32,
    reader: BlockReader<Box<dyn std::io::Read + Send>>,
    /// Told by its first block, which may have been read already.
    format: Option<Arc<Format>>,
    first: Option<Block>,
}

pub(crate) struct Queue<'a> {
    logs: &'a [Log],
    choice: &'a FormatChoice,
    names: &'a FieldNames,
    storage: Option<&'a ObjectStorage>,
    state: Mutex<State>,
    given_back: Condvar,
    /// Bytes that were read, as they are on the disk.
    consumed: Arc<AtomicU64>,
    /// Of texts, nothing behind this place is read.
    end: u64,
}

struct State {
    reached: Vec<Reached>,
    next: usize,
    text: Option<Text>,
    table: Option<Groups>,
    streams: Vec<Stream>,
    rows: Vec<RowStream>,
    /// Streams that somebody has.
    away: usize,
    /// Bytes until the next checkpoint.
    budget: u64,
    is_stopped: bool,
    problems: Vec<Problem>,
    failed: Option<AuditError>,
}

/// A file of text that is cut into parts.
struct Text {
    log: u32,
    file: Arc<File>,
    at: u64,
    length: u64,
    format: Arc<Format>,
}

/// A table whose groups are given out.
struct Groups {
    log: u32,
    table: Arc<ParquetLog>,
    next: usize,
}

impl<'a> Queue<'a> {
    pub(crate) fn new(
        logs: &'a [Log],
        choice: &'a FormatChoice,
        names: &'a FieldNames,
        reached: Vec<Reached>,
        problems: Vec<Problem>,
    ) -> Self {
        // What was read before the interruption counts as read.
        let before = logs.iter().zip(&reached).map(|(log, reached)| match (log.length(), reached) {
            (Some(length), Reached::End) => length,
            (Some(length), Reached::Place(place)) => length.min(*place),
            (None, _) => 0,
        });
        let consumed = Arc::new(AtomicU64::new(before.sum()));
        let state = State {
            reached,
            next: 0,
            text: None,
            table: None,
            streams: Vec::new(),
            rows: Vec::new(),
            away: 0,
            budget: 0,
            is_stopped: false,
            problems,
            failed: None,
        };
        Self {
            logs,
            choice,
            names,
            storage: None,
            state: Mutex::new(state),
            given_back: Condvar::new(),
            consumed,
            end: u64::MAX,
        }
    }

    /// Reads objects from there.
    pub(crate) fn with_storage(mut self, storage: Option<&'a ObjectStorage>) -> Self {
        self.storage = storage;
        self
    }

    /// Of texts, gives out nothing behind a place, at which a line ends.
    pub(crate) fn until(mut self, end: u64) -> Self {
        self.end = end;
        self
    }

    /// Lets so many bytes more be taken.
    pub(crate) fn allow(&self, bytes: u64) {
        self.lock().budget = bytes;
    }

    /// Bytes that were read so far, as they are on the disk.
    pub(crate) fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// Gives nothing out any more.
    pub(crate) fn stop(&self) {
        self.lock().is_stopped = true;
        self.given_back.notify_all();
    }

    /// How far each log was read, if all is finished, and what is wrong with which. When nobody has a task.
    pub(crate) fn progress(&self) -> Result<(Vec<Reached>, Vec<Problem>), AuditError> {
        let mut state = self.lock();
        match state.failed.take() {
            Some(error) => Err(error),
            None => Ok((state.reached.clone(), state.problems.clone())),
        }
    }

    /// The next thing to do; none when there is nothing, or the allowance is used up.
    pub(crate) fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if state.is_stopped || state.budget == 0 {
                return None;
            }
            if let Some(stream) = state.streams.pop() {
                state.away += 1;
                return Some(Task::Stream(stream));
            }
            if let Some(rows) = state.rows.pop() {
                state.away += 1;
                return Some(Task::Rows(rows));
            }
            if let Some(task) = self.cut(&mut state).or_else(|| next_group(&mut state)) {
                return Some(task);
            }
            if state.next < self.logs.len() {
                let opened = self.open_next(&mut state);
                if let Err(error) = opened {
                    state.failed = Some(error);
                    state.is_stopped = true;
                }
            } else if state.away > 0 {
                state = self.given_back.wait(state).unwrap_or_else(PoisonError::into_inner);
            } else {
                return None;
            }
        }
    }

    /// Takes a block of a stream and gives the stream back. With it, the format of its lines; none if there is no
    /// block any more.
    pub(crate) fn take_block(&self, mut stream: Stream, block: &mut Block) -> Option<Arc<Format>> {
        let read = match stream.first.take() {
            Some(first) => {
                *block = first;
                Ok(true)
            }
            // A decoder that panics over a hostile archive must not leave the others waiting for its stream.
            None => catch_unwind(AssertUnwindSafe(|| stream.reader.next(block)))
                .unwrap_or_else(|_| Err(std::io::Error::other("the archive cannot be decompressed"))),
        };
        let format = stream.format.clone();
        let mut state = self.lock();
        state.away -= 1;
        state.budget = state.budget.saturating_sub(block.bytes().len() as u64);
        let log = stream.log as usize;
        let (reached, answer) = match read {
            Ok(true) => {
                let reached = Reached::Place(block.place + block.bytes().len() as u64);
                // The one that is about to be done first.
                state.streams.push(stream);
                (reached, format)
            }
            Ok(false) => (Reached::End, None),
            Err(error) => {
                let kind = ProblemKind::Broken { after: stream.reader.place(), message: error.to_string() };
                state.problems.push(Problem { log: self.name(log as u32), kind });
                (Reached::End, None)
            }
        };
        if let Some(room) = state.reached.get_mut(log) {
            *room = reached;
        }
        drop(state);
        self.given_back.notify_all();
        answer
    }

    /// Takes rows of a table and gives the table back. With them, the number of the first; none if there are no more.
    pub(crate) fn take_rows(&self, mut rows: RowStream) -> Option<(Batch, u64)> {
        let before = self.consumed();
        let next = rows.reader.next();
        let log = rows.log;
        let mut state = self.lock();
        state.away -= 1;
        // Others read, too: it may be a little more than was read here.
        state.budget = state.budget.saturating_sub((self.consumed() - before).max(1));
        let (reached, answer) = match next {
            Ok(Some(batch)) => {
                let row = rows.row;
                rows.row += batch.rows() as u64;
                let reached = Reached::Place(rows.row);
                let is_counted = rows.row <= rows.counted;
                state.rows.push(rows);
                // The same batches come again: those that were counted are passed over.
                (reached, (!is_counted).then_some((batch, row)))
            }
            Ok(None) => (Reached::End, None),
            Err(message) => {
                let kind = ProblemKind::BrokenTable { after: rows.row, message };
                state.problems.push(Problem { log: self.name(log), kind });
                (Reached::End, None)
            }
        };
        if let Some(room) = state.reached.get_mut(log as usize)
            && !matches!((&*room, reached), (Reached::Place(before), Reached::Place(now)) if now < *before)
        {
            *room = reached;
        }
        drop(state);
        self.given_back.notify_all();
        answer
    }

    /// Notes that a part of a table cannot be read.
    pub(crate) fn note_broken_table(&self, log: u32, after: u64, message: String) {
        let kind = ProblemKind::BrokenTable { after, message };
        self.lock().problems.push(Problem { log: self.name(log), kind });
    }

    fn name(&self, log: u32) -> String {
        self.logs.get(log as usize).map(Log::name).unwrap_or_default()
    }

    /// Notes that a part of a file ended before its end.
    pub(crate) fn note_broken(&self, log: u32, after: u64, error: &std::io::Error) {
        let kind = ProblemKind::Broken { after, message: error.to_string() };
        self.lock().problems.push(Problem { log: self.name(log), kind });
    }

    pub(crate) fn note_consumed(&self, bytes: u64) {
        self.consumed.fetch_add(bytes, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next part of the file that is cut.
    fn cut(&self, state: &mut State) -> Option<Task> {
        let text = state.text.as_mut()?;
        let size = PART.min(state.budget);
        let to = input::line_end(&text.file, (text.at + size - 1).min(text.length), text.length);
        let to = to.unwrap_or(text.length);
        let (log, from) = (text.log, text.at);
        let task =
            Task::Part { log, file: Arc::clone(&text.file), from, to, format: Arc::clone(&text.format) };
        text.at = to;
        let is_end = to >= text.length;
        state.budget = state.budget.saturating_sub(to - from);
        if let Some(reached) = state.reached.get_mut(log as usize) {
            *reached = if is_end { Reached::End } else { Reached::Place(to) };
        }
        if is_end {
            state.text = None;
        }
        Some(task)
    }

    fn open_next(&self, state: &mut State) -> Result<(), AuditError> {
        let number = state.next;
        state.next += 1;
        let (Some(log), Some(reached)) = (self.logs.get(number), state.reached.get(number)) else {
            return Ok(());
        };
        let Reached::Place(place) = *reached else { return Ok(()) };
        let done = |state: &mut State, kind: Option<ProblemKind>| {
            if let Some(reached) = state.reached.get_mut(number) {
                *reached = Reached::End;
            }
            state.problems.extend(kind.map(|kind| Problem { log: log.name(), kind }));
            Ok(())
        };
        let unreadable = |error: std::io::Error| ProblemKind::Unreadable { message: error.to_string() };
        match input::open(log, self.storage, &self.consumed) {
            Err(error) => done(state, Some(unreadable(error))),
            Ok(Opened::Text(file)) => {
                let length = log.length().unwrap_or(0);
                if length == 0 {
                    return done(state, None);
                }
                let piece_at = |at| input::piece_of(&file, at, length);
                let format = match Format::of_text(self.choice, self.names, piece_at)? {
                    Ok(format) => format,
                    Err(kind) => {
                        self.note_consumed(length);
                        return done(state, Some(kind));
                    }
                };
                let format = Arc::new(format);
                let length = length.min(self.end);
                state.text = Some(Text { log: number as u32, file, at: place, length, format });
                Ok(())
            }
            Ok(Opened::Parquet(source)) => {
                let length = source.length();
                let table = match ParquetLog::open(source, self.names) {
                    Ok(table) => Arc::new(table),
                    Err(kind) => {
                        self.note_consumed(length);
                        return done(state, Some(kind));
                    }
                };
                let next = usize::try_from(place).unwrap_or(usize::MAX).min(table.groups());
                // What is in no group is read by now; what was counted before the interruption counts as read.
                let (of_all, of_counted) = (table.bytes(table.groups()).1, table.bytes(next).1);
                self.note_consumed(length.saturating_sub(of_all).saturating_add(of_counted));
                if next == table.groups() {
                    return done(state, None);
                }
                state.table = Some(Groups { log: number as u32, table, next });
                Ok(())
            }
            Ok(Opened::Arrow(input)) => match ArrowLog::open(input, self.names) {
                Ok(reader) => {
                    state.rows.push(RowStream { log: number as u32, reader, row: 0, counted: place });
                    Ok(())
                }
                Err(kind) => done(state, Some(kind)),
            },
            Ok(Opened::Stream(mut reader)) => {
                let mut first = Block::default();
                match reader.next(&mut first) {
                    Err(error) => {
                        let message = error.to_string();
                        return done(state, Some(ProblemKind::Broken { after: 0, message }));
                    }
                    Ok(false) => return done(state, None),
                    Ok(true) => {}
                }
                // Of a stream the first block has to do.
                let piece_at = |at| Ok(first.piece(at).to_vec());
                let format = match Format::of_text(self.choice, self.names, piece_at)? {
                    Ok(format) => Some(Arc::new(format)),
                    Err(kind) => return done(state, Some(kind)),
                };
                let mut first = Some(first);
                if place > 0 {
                    match input::open_at(log, self.storage, place, &self.consumed) {
                        Ok(None) => {}
                        Ok(Some(there)) => (reader, first) = (there, None),
                        Err(error) => return done(state, Some(unreadable(error))),
                    }
                }
                // The same blocks come again: those that were counted are passed over.
                while reader.place() <= place && place > 0 {
                    first = None;
                    if reader.place() == place {
                        break;
                    }
                    match reader.next(&mut Block::default()) {
                        Ok(true) => {}
                        Ok(false) => return done(state, None),
                        Err(error) => {
                            let (after, message) = (reader.place(), error.to_string());
                            return done(state, Some(ProblemKind::Broken { after, message }));
                        }
                    }
                }
                state.streams.push(Stream { log: number as u32, reader, format, first });
                Ok(())
            }
        }
    }
}

/// The next group of the table whose groups are given out.
fn next_group(state: &mut State) -> Option<Task> {
    let Groups { log, table, next } = state.table.as_mut()?;
    let task = Task::Group { log: *log, table: Arc::clone(table), group: *next };
    let (log, bytes) = (*log as usize, table.bytes(*next).0);
    *next += 1;
    let is_end = *next >= table.groups();
    let reached = if is_end { Reached::End } else { Reached::Place(*next as u64) };
    state.budget = state.budget.saturating_sub(bytes.max(1));
    if let Some(room) = state.reached.get_mut(log) {
        *room = reached;
    }
    if is_end {
        state.table = None;
    }
    Some(task)
}
