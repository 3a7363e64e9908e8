//! Logs: which there are, and their bytes, block by block.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use memchr::{memchr, memrchr};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use serde::{Deserialize, Serialize};

use crate::error::AuditError;
use crate::objects::{ObjectStorage, Pieces};

/// Bytes of a block.
pub(crate) const BLOCK: usize = 1 << 20;
/// Longer lines are counted and not looked at. Servers refuse requests long before.
pub(crate) const LONGEST_LINE: usize = 1 << 18;
/// What is looked at in one piece to tell a format.
pub(crate) const PIECE: usize = 1 << 16;
/// Behind this place no log begins.
pub(crate) const FURTHEST: u64 = 16 << 20;
/// Directories within directories.
const DEEPEST: usize = 32;

/// A log to read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Log {
    pub(crate) origin: Origin,
    /// None for what is no file: it can be read once.
    pub(crate) file: Option<FileFacts>,
    /// Device and number of a file, by which its directory knew it when the audit began.
    #[serde(skip)]
    pub(crate) inode: Option<(u64, u64)>,
}

/// The same log is the same content in the same place, whatever the file system calls it.
impl PartialEq for Log {
    fn eq(&self, other: &Self) -> bool {
        (&self.origin, &self.file) == (&other.origin, &other.file)
    }
}

impl Eq for Log {}

/// Where a log is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    StandardInput,
    File(PathBuf),
    /// `s3://bucket/key`.
    Object(String),
}

/// By what a file or an object is known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileFacts {
    pub(crate) length: u64,
    pub(crate) version: Version,
}

/// By what its content is known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Version {
    /// When a file was changed last.
    Modified(i64, i64),
    /// What an object storage calls this content of an object.
    ETag(String),
}

/// Something about a log that a report must tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The log.
    pub log: String,
    /// What is wrong with it.
    pub kind: ProblemKind,
}

/// What is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProblemKind {
    /// It cannot be read at all.
    Unreadable {
        /// What the system says.
        message: String,
    },
    /// It ends before its end: cut off, or damaged. What comes before is counted.
    Broken {
        /// Bytes that were read, once decompressed.
        after: u64,
        /// What is wrong there.
        message: String,
    },
    /// A table ends before its end, or a part of it cannot be read. What comes before is counted.
    BrokenTable {
        /// Rows before it.
        after: u64,
        /// What is wrong there.
        message: String,
    },
    /// It is not of a format that is known: nothing of it is counted.
    NotRecognised,
    /// A table of which no column is known as the host: nothing of it is counted.
    NoHost {
        /// The names that there are, or the first of them.
        columns: String,
    },
    /// Parquet or Arrow, which this program was built without.
    WithoutTables,
    /// A directory with no files in it.
    NoLogs,
    /// An archive, or packed in a way that is not read: nothing of it is counted.
    Packed {
        /// How: `tar`, `xz`, `bzip2`, `zip`, `7z` or `lz4`.
        how: String,
    },
    /// What stands beside logs and is none: it is passed over.
    Other {
        /// What it is.
        file: OtherFile,
    },
}

/// A file that is no log of requests, by what it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OtherFile {
    /// The error log of a server.
    ErrorLog,
    /// The report of an audit.
    Report,
}

impl ProblemKind {
    /// Whether something may be missing from the findings for it.
    pub fn hides_something(&self) -> bool {
        !matches!(self, Self::Other { .. })
    }
}

/// A kind of table, by what it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Parquet.
    Parquet,
    /// Arrow IPC, a file or a stream.
    Arrow,
}

impl TableKind {
    /// Bytes that it is told by.
    pub const BEGIN: usize = 8;

    /// Of what begins with these bytes; none if it is no table.
    pub fn of(begin: &[u8]) -> Option<Self> {
        match begin {
            // A text that begins so goes on with something that can be read.
            [b'P', b'A', b'R', b'1' | b'E', 0..=0x1f, ..] => Some(Self::Parquet),
            [b'A', b'R', b'R', b'O', b'W', b'1', 0, 0, ..] => Some(Self::Arrow),
            // The length of what is said of the first message.
            [0xff, 0xff, 0xff, 0xff, _, _, _, 0, ..] => Some(Self::Arrow),
            _ => None,
        }
    }
}

impl Log {
    fn of_file(path: PathBuf, about: &fs::Metadata) -> Self {
        Self { origin: Origin::File(path), file: facts(about), inode: Some(inode_of(about)) }
    }

    pub(crate) fn name(&self) -> String {
        match &self.origin {
            Origin::StandardInput => "-".to_owned(),
            Origin::File(path) => path.display().to_string(),
            // Whoever writes into a bucket chooses its keys.
            Origin::Object(url) => url.chars().map(|c| if c.is_control() { '?' } else { c }).collect(),
        }
    }

    /// Bytes of it; none for what is no file.
    pub(crate) fn length(&self) -> Option<u64> {
        self.file.as_ref().map(|file| file.length)
    }
}

/// All logs at some paths: files, `-` for standard input, and of directories every file in them but hidden ones,
/// by name; where there is an object storage, also `s3://bucket/beginning`.
///
/// Errors: a path that was named is not there. What is wrong within a directory is a problem.
pub(crate) fn logs_at(
    paths: &[PathBuf],
    storage: Option<&ObjectStorage>,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Log>, AuditError> {
    let mut logs = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            logs.push(Log { origin: Origin::StandardInput, file: None, inode: None });
            continue;
        }
        if let (Some(storage), Some(url)) = (storage, path.to_str().filter(|path| path.starts_with("s3://")))
        {
            let objects = storage.list(url);
            logs.extend(objects.map_err(|source| AuditError::Log { path: path.clone(), source })?);
            continue;
        }
        let about = fs::metadata(path).map_err(|source| AuditError::Log { path: path.clone(), source })?;
        if about.is_dir() {
            let before = (logs.len(), problems.len());
            walk(path, 0, &mut logs, problems);
            if before == (logs.len(), problems.len()) {
                let log = path.display().to_string();
                problems.push(Problem { log, kind: ProblemKind::NoLogs });
            }
        } else {
            logs.push(Log::of_file(path.clone(), &about));
        }
    }
    // The same file under two names is one log.
    let mut known = HashSet::new();
    logs.retain(|log| log.file.is_none() || log.inode.is_none_or(|inode| known.insert(inode)));
    Ok(logs)
}

fn walk(directory: &Path, depth: usize, logs: &mut Vec<Log>, problems: &mut Vec<Problem>) {
    let entries = fs::read_dir(directory).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            let kind = ProblemKind::Unreadable { message: error.to_string() };
            return problems.push(Problem { log: directory.display().to_string(), kind });
        }
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries.iter().filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b".")) {
        let path = entry.path();
        // A link to a directory may lead to where it is; one to a file is a log.
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_directory && depth < DEEPEST {
            walk(&path, depth + 1, logs, problems);
        } else if let Ok(about) = fs::metadata(&path)
            && about.is_file()
        {
            logs.push(Log::of_file(path, &about));
        }
    }
}

fn inode_of(about: &fs::Metadata) -> (u64, u64) {
    (about.dev(), about.ino())
}

/// By what a file is known again; none of what is no file.
pub(crate) fn facts_of(path: &Path) -> Result<Option<FileFacts>, AuditError> {
    let about = fs::metadata(path).map_err(|source| AuditError::Log { path: path.to_owned(), source })?;
    Ok(facts(&about))
}

fn facts(about: &fs::Metadata) -> Option<FileFacts> {
    let version = Version::Modified(about.mtime(), about.mtime_nsec());
    let facts = FileFacts { length: about.len(), version };
    about.is_file().then_some(facts)
}

/// A log that was opened.
pub(crate) enum Opened {
    /// Text in a file: any part of it can be read.
    Text(Arc<File>),
    /// Compressed, or no file: from the beginning to the end.
    Stream(BlockReader<Box<dyn Read + Send>>),
    /// A table in parts.
    Parquet(Anywhere),
    /// A table from the beginning to the end.
    Arrow(Box<dyn Read + Send>),
}

/// What can be read at any place.
pub(crate) enum Anywhere {
    /// A file, as long as it was when it was found.
    File(File, u64),
    /// An object.
    Object(Box<Pieces>),
}

#[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "tables alone are read so"))]
impl Anywhere {
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::File(_, length) => *length,
            Self::Object(pieces) => pieces.length(),
        }
    }

    pub(crate) fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize> {
        match self {
            Self::File(file, _) => file.read_at(room, at),
            Self::Object(pieces) => pieces.read_at(room, at),
        }
    }
}

/// Opens a log. `consumed` counts the bytes that are read of a stream, as they are on the disk.
pub(crate) fn open(
    log: &Log,
    storage: Option<&ObjectStorage>,
    consumed: &Arc<AtomicU64>,
) -> io::Result<Opened> {
    let path = match &log.origin {
        Origin::StandardInput => return decoded(Box::new(io::stdin()), consumed),
        Origin::File(path) => path,
        Origin::Object(url) => return open_object(url, log, storage, consumed),
    };
    let file = File::open(path)?;
    let Some(facts) = &log.file else {
        return decoded(Box::new(file), consumed);
    };
    // Logs that are rotated meanwhile change places: one would be counted twice, another not at all.
    let about = file.metadata()?;
    // (Some file systems give the same file another number later on.)
    let is_another =
        log.inode.is_some_and(|inode| inode != inode_of(&about)) && log.file != self::facts(&about);
    if is_another || about.len() < facts.length {
        return Err(io::Error::other("it is another file than when the audit began: were logs rotated?"));
    }
    let mut begin = [0; TableKind::BEGIN];
    let length = file.read_at(&mut begin, 0)?;
    match Encoding::of(begin.get(..length).unwrap_or_default()) {
        Encoding::Text => Ok(Opened::Text(Arc::new(file))),
        Encoding::Table(TableKind::Parquet) => Ok(Opened::Parquet(Anywhere::File(file, facts.length))),
        _ => decoded(Box::new(file), consumed),
    }
}

fn open_object(
    url: &str,
    log: &Log,
    storage: Option<&ObjectStorage>,
    consumed: &Arc<AtomicU64>,
) -> io::Result<Opened> {
    let (Some(storage), Some(facts)) = (storage, &log.file) else {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "there is no object storage to read it from"));
    };
    let mut reader = storage.open(url, facts, 0)?;
    let mut begin = Vec::new();
    reader.by_ref().take(TableKind::BEGIN as u64).read_to_end(&mut begin)?;
    match Encoding::of(&begin) {
        Encoding::Table(TableKind::Parquet) => {
            Ok(Opened::Parquet(Anywhere::Object(Box::new(storage.pieces(url, facts)?))))
        }
        _ => decoded(Box::new(io::Cursor::new(begin).chain(reader)), consumed),
    }
}

/// Opens an object with text at a place; none for what must be read from its beginning.
pub(crate) fn open_at(
    log: &Log,
    storage: Option<&ObjectStorage>,
    place: u64,
    consumed: &Arc<AtomicU64>,
) -> io::Result<Option<BlockReader<Box<dyn Read + Send>>>> {
    let (Some(storage), Some(facts), Origin::Object(url)) = (storage, &log.file, &log.origin) else {
        return Ok(None);
    };
    let mut begin = Vec::new();
    storage.open(url, facts, 0)?.take(TableKind::BEGIN as u64).read_to_end(&mut begin)?;
    if Encoding::of(&begin) != Encoding::Text {
        return Ok(None);
    }
    let input = Counted { input: storage.open(url, facts, place)?, consumed: Arc::clone(consumed) };
    Ok(Some(BlockReader::new(Box::new(input), place)))
}

/// How a log is written, by what it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Text,
    Gzip,
    Zstd,
    Table(TableKind),
}

impl Encoding {
    fn of(begin: &[u8]) -> Self {
        match begin {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A frame that is to be skipped.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => TableKind::of(begin).map_or(Self::Text, Self::Table),
        }
    }
}

/// What is read from the beginning to the end.
fn decoded(input: Box<dyn Read + Send>, consumed: &Arc<AtomicU64>) -> io::Result<Opened> {
    let mut input = Counted { input, consumed: Arc::clone(consumed) };
    let mut begin = Vec::new();
    input.by_ref().take(TableKind::BEGIN as u64).read_to_end(&mut begin)?;
    let encoding = Encoding::of(&begin);
    let input = io::Cursor::new(begin).chain(input);
    let input: Box<dyn Read + Send> = match encoding {
        Encoding::Text => Box::new(input),
        Encoding::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 17, input))),
        Encoding::Zstd => Box::new(Frames::new(BufReader::with_capacity(1 << 17, Box::new(input)))),
        Encoding::Table(TableKind::Arrow) => {
            return Ok(Opened::Arrow(Box::new(BufReader::with_capacity(1 << 17, input))));
        }
        Encoding::Table(TableKind::Parquet) => {
            let message =
                "expected the name of a Parquet file, got one through a pipe: it is read from its end";
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
    };
    Ok(Opened::Stream(BlockReader::new(input, 0)))
}

struct Counted<R> {
    input: R,
    consumed: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(room)?;
        self.consumed.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

/// All frames of a zstd file: the decoder reads one.
struct Frames {
    source: BufReader<Box<dyn Read + Send>>,
    decoder: FrameDecoder,
    within: bool,
}

impl Frames {
    fn new(source: BufReader<Box<dyn Read + Send>>) -> Self {
        Self { source, decoder: FrameDecoder::new(), within: false }
    }

    /// Begins the next frame; false if there is none.
    fn begin(&mut self) -> io::Result<bool> {
        while !io::BufRead::fill_buf(&mut self.source)?.is_empty() {
            match self.decoder.init(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    io::copy(&mut self.source.by_ref().take(length.into()), &mut io::sink())?;
                }
                Err(_) => return Err(damaged()),
            }
        }
        Ok(false)
    }

    fn finish(&self) -> io::Result<()> {
        let (expected, got) = (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum());
        match expected {
            Some(expected) if got != Some(expected) => {
                Err(io::Error::other("the checksum of a frame is wrong"))
            }
            _ => Ok(()),
        }
    }
}

/// What the decoder says is for its programmers.
fn damaged() -> io::Error {
    io::Error::other("the zstd data are cut off or damaged")
}

impl Read for Frames {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.within {
                self.within = self.begin()?;
                if !self.within {
                    return Ok(0);
                }
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let blocks = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, blocks).map_err(|_| damaged())?;
            }
            let length = self.decoder.read(room)?;
            if length > 0 || room.is_empty() {
                return Ok(length);
            }
            self.finish()?;
            self.within = false;
        }
    }
}

/// A part of a file.
pub(crate) struct FilePart {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl FilePart {
    pub(crate) fn new(file: Arc<File>, at: u64, end: u64) -> Self {
        Self { file, at, end }
    }
}

impl Read for FilePart {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let length = room.len().min(left);
        let length = self.file.read_at(room.get_mut(..length).unwrap_or_default(), self.at)?;
        if length == 0 && left > 0 && !room.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file was cut off while it was read",
            ));
        }
        self.at += length as u64;
        Ok(length)
    }
}

/// A piece of a text, to tell its format; of no bytes behind its end.
pub(crate) fn piece_of(file: &Arc<File>, at: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut piece = Vec::new();
    let end = at.saturating_add(PIECE as u64).min(length);
    FilePart::new(Arc::clone(file), at.min(end), end).read_to_end(&mut piece)?;
    Ok(piece)
}

/// The end of the line in which a place of a file stands, or the end of the file.
pub(crate) fn line_end(file: &File, mut at: u64, length: u64) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    while at < length {
        let read = file.read_at(&mut buffer, at)?;
        if read == 0 {
            break;
        }
        if let Some(end) = memchr(b'\n', buffer.get(..read).unwrap_or_default()) {
            return Ok((at + end as u64 + 1).min(length));
        }
        at += read as u64;
    }
    Ok(length)
}

/// Cuts a stream of bytes at line ends.
pub(crate) struct BlockReader<R> {
    input: R,
    /// The place of the next byte that was not given out.
    place: u64,
    /// What was read and not given out.
    kept: Vec<u8>,
    /// The beginning of the line is gone: it is too long.
    in_long_line: bool,
    end: End,
}

enum End {
    Ahead,
    Reached,
    Failed(io::Error),
}

/// Room for a block.
#[derive(Debug, Default)]
pub(crate) struct Block {
    bytes: Vec<u8>,
    length: usize,
    /// The place of its first byte.
    pub(crate) place: u64,
    /// Lines before its first that are longer than a block; they are in no block.
    pub(crate) long_lines: u64,
}

impl Block {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// A piece of it, to tell its format; of no bytes behind its end.
    pub(crate) fn piece(&self, at: u64) -> &[u8] {
        let rest = usize::try_from(at).ok().and_then(|at| self.bytes().get(at..)).unwrap_or_default();
        rest.get(..PIECE).unwrap_or(rest)
    }
}

impl<R: Read> BlockReader<R> {
    /// A stream whose first byte has a place.
    pub(crate) fn new(input: R, place: u64) -> Self {
        Self { input, place, kept: Vec::new(), in_long_line: false, end: End::Ahead }
    }

    /// The place of the next byte that was not given out.
    pub(crate) fn place(&self) -> u64 {
        self.place
    }

    /// The next lines; false behind the last. An error comes after what was read before it.
    pub(crate) fn next(&mut self, block: &mut Block) -> io::Result<bool> {
        block.bytes.resize(BLOCK, 0);
        block.long_lines = 0;
        let mut length = self.kept.len();
        if let Some(room) = block.bytes.get_mut(..length) {
            room.copy_from_slice(&self.kept);
        }
        self.kept.clear();
        loop {
            while length < BLOCK && matches!(self.end, End::Ahead) {
                match self.input.read(block.bytes.get_mut(length..).unwrap_or_default()) {
                    Ok(0) => self.end = End::Reached,
                    Ok(read) => length += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => self.end = End::Failed(error),
                }
            }
            let mut filled = block.bytes.get(..length).unwrap_or_default();
            if self.in_long_line {
                let line = memchr(b'\n', filled).map_or(filled.len(), |end| end + 1);
                self.in_long_line =
                    line == filled.len() && !filled.ends_with(b"\n") && matches!(self.end, End::Ahead);
                block.long_lines += u64::from(!self.in_long_line);
                self.place += line as u64;
                block.bytes.copy_within(line..length, 0);
                length -= line;
                filled = block.bytes.get(..length).unwrap_or_default();
                if matches!(self.end, End::Ahead) {
                    continue;
                }
            }
            let is_last = !matches!(self.end, End::Ahead);
            let end = if is_last { Some(length) } else { memrchr(b'\n', filled).map(|end| end + 1) };
            let Some(end) = end else {
                self.in_long_line = true;
                self.place += length as u64;
                length = 0;
                continue;
            };
            self.kept.extend_from_slice(filled.get(end..).unwrap_or_default());
            block.length = end;
            block.place = self.place;
            self.place += end as u64;
            if end > 0 || block.long_lines > 0 {
                return Ok(true);
            }
            return match std::mem::replace(&mut self.end, End::Reached) {
                End::Failed(error) => Err(error),
                End::Ahead | End::Reached => Ok(false),
            };
        }
    }
}
