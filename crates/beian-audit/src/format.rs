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
use crate::input::{FURTHEST, PIECE};
use crate::line::{Address, Fields, Unfit};
use table::Columns;
use template::Template;

/// Lines that are looked at to tell a format.
const SAMPLE: usize = 200;

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
    /// As people write it: `auto`, `json`, `csv`, `bind`, or a format string.
    pub fn of_text(text: &str) -> Self {
        match text {
            "auto" => Self::Recognise,
            "json" => Self::Json,
            "csv" => Self::Csv,
            "bind" => Self::Dns,
            template => Self::Template(template.to_owned()),
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

    /// The same of a text, by the first of its pieces that tells: a hole that a lost write has left, or a line of
    /// megabytes, may stand before all others. `piece_at` has no bytes behind the end.
    pub(crate) fn of_text(
        choice: &FormatChoice,
        names: &FieldNames,
        piece_at: impl Fn(u64) -> io::Result<Vec<u8>>,
    ) -> Result<io::Result<Option<Self>>, AuditError> {
        for at in (0..FURTHEST).step_by(PIECE) {
            let piece = match piece_at(at) {
                Ok(piece) => piece,
                Err(error) => return Ok(Err(error)),
            };
            if at == 0 {
                let format = Self::of(&piece, choice, names)?;
                if format.is_some() || *choice != FormatChoice::Recognise {
                    return Ok(Ok(format));
                }
                continue;
            }
            if piece.is_empty() {
                break;
            }
            // It begins within a line, and a table's head stands at the beginning or nowhere.
            let lines = memchr(b'\n', &piece).and_then(|end| piece.get(end + 1..)).unwrap_or_default();
            match Self::of(lines, choice, names)? {
                None | Some(Self::Table(_)) => {}
                format => return Ok(Ok(format)),
            }
        }
        Ok(Ok(None))
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
