//! Lists to build an index from: CSV with a head, or a domain a line.

use std::io::{self, BufRead, Read as _};

use chrono::{DateTime, NaiveDate};

use crate::build::IndexBuilder;
use crate::error::BuildError;
use crate::record::{Day, Record, RecordId, Status};

/// Bytes of a line.
const LONGEST: u64 = 4096;
/// What the columns of a list are called.
pub const LIST_COLUMNS: [&str; 4] = ["domain", "status", "as_of", "id"];

/// What holds for lines that do not say.
#[derive(Debug, Clone, Copy)]
pub struct ListDefaults {
    /// Where the domains are filed.
    pub status: Status,
    /// The day on which this was so.
    pub as_of: Day,
}

/// A line that is not taken.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct ListError {
    /// Its number, from 1.
    pub line: u64,
    /// Why.
    #[source]
    pub fault: ListFault,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum ListFault {
    /// Longer than any record.
    #[error("expected at most {LONGEST} bytes, got more")]
    TooLong,
    /// Not UTF-8.
    #[error("expected text in UTF-8, got other bytes")]
    Encoding,
    /// More or fewer cells than the head.
    #[error("expected {expected} cells, got {got}")]
    Cells {
        /// Cells of the head.
        expected: usize,
        /// Cells of the line.
        got: usize,
    },
    /// Not one of the five.
    #[error("expected filed-here, filed-elsewhere, cancelled, blacklisted or shell, got {got:?}")]
    Status {
        /// What is there.
        got: String,
    },
    /// Not a day of the calendar.
    #[error("expected a day such as 2026-11-28, got {got:?}")]
    Day {
        /// What is there.
        got: String,
    },
    /// Not a number of 32 bits.
    #[error("expected a number below 4294967296, got {got:?}")]
    Id {
        /// What is there.
        got: String,
    },
    /// The index cannot have it.
    #[error(transparent)]
    Record(#[from] BuildError),
}

/// Adds the lines of a list to an index that is being built. Answers with how many.
///
/// The columns `domain`, `status`, `as_of` and `id` stand in any order below a head, with others among them; all but
/// the first may be missing, and cells of them empty. Without a head, each line is a domain. The number of a record
/// is the line's, if there is none. Empty lines, and lines that begin with `#`, are passed over.
///
/// What is wrong is told line by line; the list goes on. Errors: the list cannot be read.
pub fn add_list(
    builder: &mut IndexBuilder,
    input: &mut impl BufRead,
    defaults: ListDefaults,
    wrong: &mut dyn FnMut(ListError),
) -> io::Result<u64> {
    let mut head: Option<Head> = None;
    let mut added = 0;
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        if input.by_ref().take(LONGEST + 1).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        let mut take = || {
            if bytes.len() as u64 > LONGEST {
                skip_line(input, &bytes)?;
                return Ok(Err(ListFault::TooLong));
            }
            let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(Err(ListFault::Encoding)) };
            let text = text.trim_start_matches('\u{feff}').trim();
            if text.is_empty() || text.starts_with('#') {
                return Ok(Ok(0));
            }
            let Some(head) = &head else {
                let first = Head::of(text);
                let is_head = first.is_some();
                let head = head.insert(first.unwrap_or(Head::NONE));
                return Ok(if is_head { Ok(0) } else { head.add(builder, text, line, defaults) });
            };
            Ok(head.add(builder, text, line, defaults))
        };
        match take() {
            Err(error) => return Err(error),
            Ok(Ok(more)) => added += more,
            Ok(Err(fault)) => wrong(ListError { line, fault }),
        }
    }
    Ok(added)
}

/// Reads on to the end of a line of which there is a part.
fn skip_line(input: &mut impl BufRead, part: &[u8]) -> io::Result<()> {
    if part.ends_with(b"\n") {
        return Ok(());
    }
    loop {
        let available = input.fill_buf()?;
        if available.is_empty() {
            return Ok(());
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(available.len(), |end| end + 1);
        input.consume(length);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// Where the columns stand.
#[derive(Debug, Clone, Copy)]
struct Head {
    places: [Option<usize>; 4],
    count: usize,
}

impl Head {
    /// A domain a line.
    const NONE: Self = Self { places: [Some(0), None, None, None], count: 1 };

    fn of(text: &str) -> Option<Self> {
        let names: Vec<String> = cells(text).map(str::to_ascii_lowercase).collect();
        let places = LIST_COLUMNS.map(|column| names.iter().position(|name| name == column));
        places[0].is_some().then_some(Self { places, count: names.len() })
    }

    fn add(
        &self,
        builder: &mut IndexBuilder,
        text: &str,
        line: u64,
        defaults: ListDefaults,
    ) -> Result<u64, ListFault> {
        let cells: Vec<&str> = cells(text).collect();
        if cells.len() != self.count {
            return Err(ListFault::Cells { expected: self.count, got: cells.len() });
        }
        let cells =
            self.places.map(|place| place.and_then(|place| cells.get(place)).copied().unwrap_or_default());
        add_row(builder, cells, line, defaults).map(|()| 1)
    }
}

/// Adds a row of a list that was read otherwise: domain, status, day and number, as [`LIST_COLUMNS`] has them. Of cells
/// that are empty the defaults hold; the number of a record is the row's, if there is none.
pub fn add_row(
    builder: &mut IndexBuilder,
    cells: [&str; 4],
    row: u64,
    defaults: ListDefaults,
) -> Result<(), ListFault> {
    let [domain, status, as_of, id] = cells;
    let got = |text: &str| text.chars().take(80).collect();
    let status = match status {
        "" => defaults.status,
        name => Status::of_name(name).ok_or_else(|| ListFault::Status { got: got(name) })?,
    };
    let as_of = match as_of {
        "" => defaults.as_of,
        text => day(text).ok_or_else(|| ListFault::Day { got: got(text) })?,
    };
    let id = match id {
        "" => row as u32,
        text => text.parse().map_err(|_| ListFault::Id { got: got(text) })?,
    };
    Ok(builder.add(domain, Record { status, id: RecordId(id), as_of })?)
}

/// No value that is looked for has a comma or a quotation mark in it.
fn cells(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(|cell| cell.trim().trim_matches('"'))
}

fn day(text: &str) -> Option<Day> {
    let date: NaiveDate = text.parse().ok()?;
    i32::try_from((date - DateTime::UNIX_EPOCH.date_naive()).num_days()).ok().map(Day)
}
