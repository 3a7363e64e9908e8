//! The formats of logs, and which one a log has.

mod dns;
mod json;
mod table;
mod template;

pub use json::FieldNames;

use std::io;

use beian_index::Host;
use memchr::memchr;

use crate::error::AuditError;
use crate::input::{FURTHEST, OtherFile, PIECE, ProblemKind};
use crate::line::{Address, Fields, Unfit};
use crate::report::TITLE;
use table::Columns;
use template::Template;

/// Lines that are looked at to tell a format.
const SAMPLE: usize = 200;
/// Up to this place every piece is looked at for hosts, behind it one of so many bytes.
const NEAR: u64 = 2 << 20;
const FAR_APART: u64 = 512 << 10;
/// One line of so many must name a domain, where later lines tell another format than the first.
const RARE: usize = 20;

/// Which format logs have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FormatChoice {
    /// Each log is looked at.
    #[default]
    Recognise,
    /// A JSON object on every line.
    Json,
    /// A table with a head.
    Csv,
    /// The query log of BIND, or what `dnstap-read` prints.
    Dns,
    /// A format string of nginx (`$host …`) or Apache (`%v …`).
    Template(String),
}

impl FormatChoice {
    /// As people write it: `auto`, `json`, `csv`, `bind`, or a format string, as it stands in the configuration.
    pub fn of_text(text: &str) -> Self {
        match text {
            "auto" => Self::Recognise,
            "json" => Self::Json,
            "csv" => Self::Csv,
            "bind" => Self::Dns,
            template => Self::Template(template::as_meant(template)),
        }
    }
}

/// The format of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Format {
    Template(Template),
    Json(FieldNames),
    Table(Columns),
    Dns,
    /// Columns of a table in memory: the fields are parted already.
    Records,
}

impl Format {
    /// The format of a log that begins with this. None: it cannot be told.
    ///
    /// Errors: the format string that was chosen is not one.
    pub(crate) fn of(
        begin: &[u8],
        choice: &FormatChoice,
        names: &FieldNames,
    ) -> Result<Option<Self>, AuditError> {
        let begin = without_mark(begin);
        let table = || Columns::of_head(first_line(begin), names).map(Self::Table);
        Ok(match choice {
            FormatChoice::Template(format) => Some(Self::Template(Template::parse(format)?)),
            FormatChoice::Json => Some(Self::Json(names.clone())),
            FormatChoice::Dns => Some(Self::Dns),
            FormatChoice::Csv => table(),
            FormatChoice::Recognise => {
                let mut best = (0, None);
                let known = template::KNOWN.iter().filter_map(|known| Template::parse(known).ok());
                let candidates = known.map(Self::Template).chain([Self::Json(names.clone()), Self::Dns]);
                for candidate in candidates.chain(table()) {
                    let score = candidate.score(begin);
                    if score > best.0 {
                        best = (score, Some(candidate));
                    }
                }
                best.1
            }
        })
    }

    /// The format of a text, by the first of its pieces whose lines name hosts: a hole that a lost write has left, a line
    /// of megabytes, or an hour of health checks may stand before all others. If none does, by the first that tells a
    /// format at all. `piece_at` has no bytes behind the end.
    ///
    /// Errors: the format string that was chosen is not one. Within: why nothing of the text is counted.
    pub(crate) fn of_text(
        choice: &FormatChoice,
        names: &FieldNames,
        piece_at: impl Fn(u64) -> io::Result<Vec<u8>>,
    ) -> Result<Result<Self, ProblemKind>, AuditError> {
        let (mut first, mut is_error_log) = (None::<(Self, Vec<u8>)>, false);
        for at in (0..FURTHEST).step_by(PIECE) {
            // Many logs name no host at all: farther on, few pieces are looked at.
            if first.is_some() && at > NEAR && at % FAR_APART != 0 {
                continue;
            }
            let piece = match piece_at(at) {
                Ok(piece) => piece,
                Err(error) => return Ok(Err(ProblemKind::Unreadable { message: error.to_string() })),
            };
            if *choice != FormatChoice::Recognise {
                return Ok(Self::of(&piece, choice, names)?.ok_or(ProblemKind::NotRecognised));
            }
            if at == 0 {
                if let Some(other) = other_file(&piece) {
                    return Ok(Err(other));
                }
                is_error_log = is_of_error_log(first_line(&piece));
            }
            if piece.is_empty() {
                break;
            }
            // Others begin within a line, and a table's head stands at the beginning or nowhere.
            let next_line = || memchr(b'\n', &piece).and_then(|end| piece.get(end + 1..)).unwrap_or_default();
            let lines = if at == 0 { piece.as_slice() } else { next_line() };
            let Some(format) = Self::of(lines, choice, names)? else { continue };
            if at > 0 && format.has_head() {
                continue;
            }
            let (named, all) = format.named(lines);
            // Lines without a host may be of several formats; which, those with one tell, however few. Of what does not fit
            // the first lines there must be more.
            let fits = |(known, lines): &(Self, Vec<u8>)| format.score(lines) >= known.score(lines);
            let is_many = all >= SAMPLE / 2 && named * RARE >= all;
            if named > 0 && (is_many || first.as_ref().is_none_or(fits)) {
                return Ok(Ok(format));
            }
            if first.is_none() {
                first = Some((format, lines.to_vec()));
            }
        }
        // What begins like an error log and goes on with requests is a log of requests.
        let other = if is_error_log {
            ProblemKind::Other { file: OtherFile::ErrorLog }
        } else {
            ProblemKind::NotRecognised
        };
        Ok(first.map(|(format, _)| format).ok_or(other))
    }

    /// Reads a line that begins at a place of its block. The fields are places of the block, or of
    /// `text`, behind which they are copied if [`Self::copies`].
    #[inline]
    pub(crate) fn read(&self, line: &[u8], place: usize, text: &mut Vec<u8>) -> Result<Fields, Unfit> {
        match self {
            Self::Template(template) => template.read(line, place),
            Self::Json(names) => json::read(names, line, text),
            Self::Table(columns) => columns.read(line, text),
            Self::Dns => dns::read(line, place),
            Self::Records => Err(Unfit),
        }
    }

    pub(crate) fn copies(&self) -> bool {
        matches!(self, Self::Json(_) | Self::Table(_) | Self::Records)
    }

    /// Whether the first line is a head and no record.
    pub(crate) fn has_head(&self) -> bool {
        matches!(self, Self::Table(_))
    }

    /// Whether a host asks for an address, in the reverse tree of the DNS.
    #[inline]
    pub(crate) fn is_reverse(&self, host: &[u8]) -> bool {
        matches!(self, Self::Dns) && dns::is_reverse(host)
    }

    /// How many of the lines that are looked at name a domain, and how many there are.
    fn named(&self, begin: &[u8]) -> (usize, usize) {
        let mut text = Vec::new();
        let (mut named, mut all) = (0, 0);
        for line in begin.split(|byte| *byte == b'\n').skip(usize::from(self.has_head())).take(SAMPLE) {
            text.clear();
            all += 1;
            let Ok(fields) = self.read(line, 0, &mut text) else { continue };
            let source = if self.copies() { &text } else { line };
            named += usize::from(matches!(Host::parse(fields.host.of(source)), Host::Name(_)));
        }
        (named, all)
    }

    /// Of how many lines it makes sense; a host that is a name counts thrice.
    fn score(&self, begin: &[u8]) -> usize {
        let has_address = matches!(self, Self::Template(template) if template.has_address());
        let mut text = Vec::new();
        let mut score = 0;
        for line in begin.split(|byte| *byte == b'\n').skip(usize::from(self.has_head())).take(SAMPLE) {
            text.clear();
            let Ok(fields) = self.read(line, 0, &mut text) else { continue };
            let source = if self.copies() { &text } else { line };
            if has_address && Address::parse(fields.address.of(source)).is_none() {
                continue;
            }
            score += match fields.host.of(source) {
                b"" | b"-" => 1,
                host => match Host::parse(host) {
                    Host::Name(_) => 3,
                    Host::Suffix => 2,
                    // Formats without a host often end with a forwarded address.
                    Host::Address => 1,
                    Host::Invalid => 0,
                },
            };
        }
        score
    }
}

/// What a text that is no log is instead, where that can be told by how it begins.
fn other_file(begin: &[u8]) -> Option<ProblemKind> {
    let packed = match begin {
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => "xz",
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => "bzip2",
        [b'P', b'K', 3, 4, ..] => "zip",
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => "7z",
        [4, 0x22, 0x4d, 0x18, ..] => "lz4",
        _ if begin.get(257..262) == Some(b"ustar") => "tar",
        _ => "",
    };
    if !packed.is_empty() {
        return Some(ProblemKind::Packed { how: packed.to_owned() });
    }
    let line = first_line(begin);
    let is_page =
        begin.starts_with(b"<!DOCTYPE html>") && memchr::memmem::find(begin, TITLE.as_bytes()).is_some();
    let is_report = is_page
        || line.starts_with(b"domain,unicode,standing,lines,")
        || (line.starts_with(b"{\"domain\":") && memchr::memmem::find(line, b"\"standing\":").is_some())
        || line.starts_with(b"{\"summary\":{\"domains\":");
    is_report.then_some(ProblemKind::Other { file: OtherFile::Report })
}

/// Whether it is a line of an error log of nginx (`2026/11/30 12:00:00 [error] …`) or Apache
/// (`[Mon Nov 30 12:00:00.123456 2026] [core:error] …`).
fn is_of_error_log(line: &[u8]) -> bool {
    let shape: Vec<u8> = line
        .iter()
        .take(21)
        .map(|byte| {
            if byte.is_ascii_digit() {
                b'0'
            } else if byte.is_ascii_alphabetic() {
                b'a'
            } else {
                *byte
            }
        })
        .collect();
    shape.starts_with(b"0000/00/00 00:00:00 [") || shape.starts_with(b"[aaa aaa 00 00:00:00")
}

/// A text without the mark that Windows puts before it (BOM).
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

fn first_line(text: &[u8]) -> &[u8] {
    text.get(..memchr(b'\n', text).unwrap_or(text.len())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(log: &str) -> Option<Format> {
        Format::of(log.as_bytes(), &FormatChoice::Recognise, &FieldNames::default()).unwrap()
    }

    fn host(log: &str) -> String {
        let format = recognised(log).unwrap();
        let line = log.lines().nth(usize::from(format.has_head())).unwrap();
        let mut text = Vec::new();
        let fields = format.read(line.as_bytes(), 0, &mut text).unwrap();
        let source = if format.copies() { &text } else { line.as_bytes() };
        String::from_utf8(fields.host.of(source).to_vec()).unwrap()
    }

    #[test]
    fn every_known_format_is_recognised() {
        let request = r#"[10/Oct/2026:13:55:36 +0800] "GET /a HTTP/1.1" 200 5"#;
        for log in [
            format!("a.cn 192.0.2.1 - - {request}\n"),
            format!("a.cn:80 192.0.2.1 - - {request} \"-\" \"curl\"\n"),
            format!("192.0.2.1 a.cn - {request}\n"),
            r#"192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] "a.cn" "GET /a HTTP/1.1" 200 5"#.to_owned(),
            r#"192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] a.cn "GET /a HTTP/1.1" 200 5"#.to_owned(),
            format!("192.0.2.1 - - {request} \"a.cn\" \"http://b.cn/\" \"curl\"\n"),
            format!("192.0.2.1 - - {request} \"-\" \"curl\" \"a.cn\"\n"),
            format!("192.0.2.1 - - {request} \"-\" \"curl\" a.cn\n"),
            format!("192.0.2.1 - - {request} \"-\" \"curl\" \"192.0.2.7, 192.0.2.8\" \"a.cn\"\n"),
            format!("192.0.2.1 - - {request} \"-\" \"curl\" \"-\" a.cn\n"),
            format!("192.0.2.1 - - {request} a.cn\n"),
            "2026-10-10T13:55:36+08:00 a.cn 192.0.2.1 \"GET /a HTTP/1.1\" 200 5\n".to_owned(),
            "192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] \"GET http://a.cn/a HTTP/1.1\" 200 5\n".to_owned(),
            "{\"host\":\"a.cn\"}\n".to_owned(),
            "time,host\n1,a.cn\n".to_owned(),
            "\u{feff}host,time\na.cn,1\n".to_owned(),
            "client 192.0.2.1#53211: query: a.cn IN A +\n".to_owned(),
            "29-Nov-2026 15:50:30.400 AQ 192.0.2.1:60111 -> 192.0.2.53:53 UDP 57b a.cn/IN/A\n".to_owned(),
        ] {
            assert_eq!(host(&log).trim_end_matches(":80"), "a.cn", "{log}");
        }
    }

    #[test]
    fn combined_logs_without_a_host_are_not_taken_for_others() {
        let log = "192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] \"GET /a HTTP/1.1\" 200 5 \"http://b.cn/\" \"curl\"\n";
        assert_eq!(host(log).trim_matches('-'), "");
        let forwarded = format!("{} \"198.51.100.1\"\n", log.trim_end());
        assert_eq!(host(&forwarded).trim_matches('-'), "");
    }

    #[test]
    fn what_is_no_log_is_not_recognised() {
        for log in ["", "\n\n", "hello\nworld\n", "\u{0}\u{1}\u{2}", "[1]\n"] {
            assert_eq!(recognised(log), None, "{log:?}");
        }
    }
}
