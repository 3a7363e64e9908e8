//! Case files in bulk: one as JSON on every line, an answer on every line.
//!
//! Lines go to the workers in chunks, each worker in its turn, and are taken
//! back in the same turns: so the answers are in order, and no more than a few
//! chunks are held at a time however long the input is.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use beian_domain::Clock as _;
use beian_rules::CaseFile;
use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::input::LARGEST_FILE;
use crate::options::{CLEAN, FINDINGS, Language, UNUSABLE};
use crate::output;
use crate::render::Failure;
use crate::system::SystemClock;

/// Lines of a chunk, and bytes after which it is closed before.
const CHUNK_LINES: usize = 256;
const CHUNK_BYTES: usize = 4 << 20;

/// Answers every line of a file with what `answer` makes of it and the exit
/// status of that. A line that cannot be used is answered with what is wrong
/// and stops nothing. The status is the gravest of all.
pub(crate) fn run<T: Serialize>(
    path: &Path,
    language: Language,
    answer: impl Fn(CaseFile) -> (T, u8) + Sync,
) -> u8 {
    let opened: Result<(Box<dyn Read>, Option<u64>), std::io::Error> = if path == Path::new("-") {
        Ok((Box::new(std::io::stdin()), None))
    } else {
        File::open(path).map(|file| {
            let length = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|about| about.len());
            (Box::new(file) as Box<dyn Read>, length)
        })
    };
    let (input, length) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            output::error(&format!("{} cannot be read: {error}", path.display()));
            return UNUSABLE;
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(16);
    let mut progress = Progress::new(length, language);
    let mut lines =
        Lines { input: BufReader::with_capacity(1 << 16, input), next: 1, is_over: false, failed: None };
    let is_written = each_in_order(&mut lines, workers, &answer, |answered| progress.write(answered));
    progress.finish();
    let mut status = progress.status();
    if let Some(error) = lines.failed {
        output::error(&format!("{} cannot be read: {error}", path.display()));
        status = UNUSABLE;
    }
    if is_written { status } else { UNUSABLE }
}

/// Gives chunks to the workers in turns and takes the answers in the same
/// turns. Ends early when `take` says so; whether it ran to the end.
fn each_in_order<T: Serialize>(
    lines: &mut Lines<impl BufRead>,
    workers: usize,
    answer: &(impl Fn(CaseFile) -> (T, u8) + Sync),
    mut take: impl FnMut(&Answered) -> Going,
) -> bool {
    std::thread::scope(|scope| {
        let desks: Vec<Desk> = (0..workers)
            .map(|_| {
                let (give, given) = sync_channel::<Chunk>(1);
                let (made, taken) = sync_channel::<Answered>(2);
                scope.spawn(move || {
                    while let Ok(chunk) = given.recv() {
                        if made.send(answer_chunk(&chunk, answer)).is_err() {
                            break;
                        }
                    }
                });
                Desk { give, taken }
            })
            .collect();
        // Each desk has at most two chunks: one that is worked on, one that waits.
        let ahead = workers * 2;
        let (mut given, mut taken) = (0_usize, 0_usize);
        loop {
            let chunk = if given - taken < ahead { lines.chunk() } else { None };
            match chunk {
                Some(chunk) => {
                    let desk = desks.get(given % workers);
                    if desk.is_none_or(|desk| desk.give.send(chunk).is_err()) {
                        return false;
                    }
                    given += 1;
                }
                None if taken < given => {
                    let Some(answered) = desks.get(taken % workers).and_then(|desk| desk.taken.recv().ok())
                    else {
                        return false;
                    };
                    taken += 1;
                    if take(&answered) == Going::Stop {
                        return false;
                    }
                }
                None => return true,
            }
        }
    })
}

struct Desk {
    give: SyncSender<Chunk>,
    taken: Receiver<Answered>,
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Going {
    On,
    Stop,
}

/// Lines that stand together, without their ends.
struct Chunk {
    /// The number of the first line, from 1.
    first: u64,
    lines: Vec<Result<Vec<u8>, TooLong>>,
    /// Bytes of the input that it takes up.
    bytes: u64,
}

/// A line has more bytes than a case file may have.
struct TooLong;

/// The lines of the input, read as they are needed.
struct Lines<R> {
    input: R,
    next: u64,
    is_over: bool,
    failed: Option<std::io::Error>,
}

impl<R: BufRead> Lines<R> {
    fn chunk(&mut self) -> Option<Chunk> {
        let mut chunk = Chunk { first: self.next, lines: Vec::new(), bytes: 0 };
        let mut held = 0;
        while chunk.lines.len() < CHUNK_LINES && held < CHUNK_BYTES {
            let Some((line, bytes)) = self.line() else { break };
            held += line.as_ref().map_or(0, Vec::len);
            chunk.bytes += bytes;
            chunk.lines.push(line);
            self.next += 1;
        }
        (!chunk.lines.is_empty()).then_some(chunk)
    }

    /// The next line and how many bytes it takes up. One that is too long is
    /// passed over without being kept.
    fn line(&mut self) -> Option<(Result<Vec<u8>, TooLong>, u64)> {
        if self.is_over {
            return None;
        }
        let mut line = Vec::new();
        let mut bytes = 0_u64;
        loop {
            let mut part = Vec::new();
            let read = self.input.by_ref().take(LARGEST_FILE + 1).read_until(b'\n', &mut part);
            match read {
                Err(error) => {
                    self.failed = Some(error);
                    self.is_over = true;
                    return None;
                }
                Ok(0) if bytes == 0 => {
                    self.is_over = true;
                    return None;
                }
                Ok(read) => bytes += read as u64,
            }
            let is_end = part.ends_with(b"\n") || part.is_empty() || (part.len() as u64) <= LARGEST_FILE;
            if bytes <= LARGEST_FILE + 1 {
                line = part;
            }
            if is_end {
                break;
            }
        }
        while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            line.pop();
        }
        let is_long = bytes > LARGEST_FILE + 1 || line.len() as u64 > LARGEST_FILE;
        Some((if is_long { Err(TooLong) } else { Ok(line) }, bytes))
    }
}

/// The answer to a line.
#[derive(Serialize)]
struct Line<T> {
    line: u64,
    /// The exit status that it would have alone.
    status: u8,
    #[serde(flatten)]
    answer: T,
}

/// The answers to a chunk.
#[derive(Default)]
struct Answered {
    text: Vec<u8>,
    clean: u64,
    findings: u64,
    unusable: u64,
    bytes: u64,
}

fn answer_chunk<T: Serialize>(chunk: &Chunk, answer: &impl Fn(CaseFile) -> (T, u8)) -> Answered {
    let mut answered = Answered { bytes: chunk.bytes, ..Answered::default() };
    for (number, line) in (chunk.first..).zip(&chunk.lines) {
        // An empty line at the end is no case, and no mistake.
        if line.as_ref().is_ok_and(|line| line.iter().all(u8::is_ascii_whitespace)) {
            continue;
        }
        let file = match line {
            Ok(line) => serde_json::from_slice::<CaseFile>(line).map_err(|error| column(&error)),
            Err(TooLong) => Err(format!("expected at most {LARGEST_FILE} bytes")),
        };
        let made = file.and_then(|file| {
            let (answer, status) = answer(file);
            let text = serde_json::to_vec(&Line { line: number, status, answer });
            text.map(|text| (text, status)).map_err(|error| error.to_string())
        });
        let (text, status) = made.unwrap_or_else(|error| {
            let answer = Failure { error: &error };
            let text = serde_json::to_vec(&Line { line: number, status: UNUSABLE, answer });
            (text.unwrap_or_default(), UNUSABLE)
        });
        match status {
            CLEAN => answered.clean += 1,
            FINDINGS => answered.findings += 1,
            _ => answered.unusable += 1,
        }
        answered.text.extend(text);
        answered.text.push(b'\n');
    }
    answered
}

/// What is wrong, and in which column: the line is known, and not the parser's.
fn column(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    format!("column {}: {message}", error.column())
}

/// How far it is, for a person who waits, and the sums for the end.
struct Progress {
    bar: ProgressBar,
    language: Language,
    started: DateTime<Utc>,
    clean: u64,
    findings: u64,
    unusable: u64,
}

impl Progress {
    fn new(length: Option<u64>, language: Language) -> Self {
        // On anything but a terminal it draws nothing.
        let (bar, template) = match length {
            Some(length) => (
                ProgressBar::new(length),
                language.pick(
                    "{bar:40} {percent:>3}%  {msg}  剩余 {eta}",
                    "{bar:40} {percent:>3}%  {msg}  {eta} left",
                ),
            ),
            None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self {
            bar: bar.with_style(style),
            language,
            started: SystemClock.now(),
            clean: 0,
            findings: 0,
            unusable: 0,
        }
    }

    /// Writes the answers, and says whether anybody still reads them.
    fn write(&mut self, answered: &Answered) -> Going {
        self.clean += answered.clean;
        self.findings += answered.findings;
        self.unusable += answered.unusable;
        self.bar.inc(answered.bytes);
        let (count, rate) = (self.count(), self.rate());
        self.bar.set_message(
            self.language.pick(format!("{count} 件，每秒 {rate} 件"), format!("{count} cases, {rate}/s")),
        );
        let mut out = std::io::stdout().lock();
        match out.write_all(&answered.text).and_then(|()| out.flush()) {
            Ok(()) => Going::On,
            Err(_) => Going::Stop,
        }
    }

    fn count(&self) -> u64 {
        self.clean + self.findings + self.unusable
    }

    /// Cases a second so far.
    fn rate(&self) -> u64 {
        let passed = (SystemClock.now() - self.started).num_milliseconds().max(1);
        self.count() * 1000 / u64::try_from(passed).unwrap_or(1)
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
        let (count, clean, findings, unusable) = (self.count(), self.clean, self.findings, self.unusable);
        let rate = self.rate();
        output::note(&self.language.pick(
            format!("共 {count} 件：通过 {clean}，有问题 {findings}，不能用 {unusable}（每秒 {rate} 件）"),
            format!("{count} cases: {clean} clean, {findings} with findings, {unusable} unusable ({rate}/s)"),
        ));
    }

    fn status(&self) -> u8 {
        if self.unusable > 0 {
            UNUSABLE
        } else if self.findings > 0 {
            FINDINGS
        } else {
            CLEAN
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn answers(input: &[u8], workers: usize) -> Vec<Value> {
        let mut lines = Lines { input, next: 1, is_over: false, failed: None };
        let mut text = Vec::new();
        let answer =
            |file: CaseFile| (serde_json::json!({ "name": file.service.name.unwrap_or_default() }), CLEAN);
        let is_whole = each_in_order(&mut lines, workers, &answer, |answered| {
            text.extend_from_slice(&answered.text);
            Going::On
        });
        assert!(is_whole);
        let text = String::from_utf8(text).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn answers_come_in_the_order_of_their_lines() {
        let input: String = (1..=3000).map(|n| format!("{{\"service\": {{\"name\": \"{n}\"}}}}\n")).collect();
        for workers in [1, 2, 7] {
            let answers = answers(input.trim_end().as_bytes(), workers);
            assert_eq!(answers.len(), 3000);
            for (index, answer) in answers.iter().enumerate() {
                assert_eq!(answer["line"], index + 1);
                assert_eq!(answer["name"], (index + 1).to_string());
            }
        }
        assert!(answers(b"", 2).is_empty());
    }

    #[test]
    fn a_bad_line_is_told_and_stops_nothing() {
        let largest = usize::try_from(LARGEST_FILE).unwrap();
        let mut input = b"{}\r\n\n{\"sponsor\": 5}\n\xFF\n".to_vec();
        input.extend(vec![b'x'; 3 * largest]);
        input.extend(b"\n");
        // Exactly as long as may be, and one more.
        for spare in [2, 1] {
            input.extend(b"{}");
            input.extend(vec![b' '; largest - spare]);
            input.extend(b"\n");
        }
        input.extend(b"{\"on\": \"2019-01-01\"}");
        let answers = answers(&input, 2);
        let told: Vec<(u64, &str)> = answers
            .iter()
            .map(|answer| (answer["line"].as_u64().unwrap(), answer["error"].as_str().unwrap_or("")))
            .collect();
        let long = format!("expected at most {LARGEST_FILE} bytes");
        assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 4, 5, 6, 7, 8]);
        assert_eq!((told[0].1, told[4].1, told[6].1), ("", "", ""));
        assert!(told[1].1.starts_with("column 13: invalid type"), "{told:?}");
        assert!(told[2].1.starts_with("column "), "{told:?}");
        assert_eq!((told[3].1, told[5].1), (long.as_str(), long.as_str()));
    }
}
