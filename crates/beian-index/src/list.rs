//! Lists to build an index from: CSV with a head, or a domain a line.

use std::io::{self, BufRead, Read as _};

use chrono::{DateTime, NaiveDate};

use crate::build::IndexBuilder;
use crate::error::BuildError;
use crate::record::{Day, Record, RecordId, Status};

/// Bytes of a line.
const LONGEST: u64 = 4096;
/// Between two cells.
const SEPARATOR: char = ',';
/// What the columns of a list are called.
pub const LIST_COLUMNS: [&str; 4] = ["domain", "status", "as_of", "id"];
/// The same in Chinese (域名、状态、日期、编号).
const CHINESE_COLUMNS: [&str; 4] = ["域名", "状态", "日期", "编号"];

/// Where the columns of a list stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHead {
    /// Of those in [`LIST_COLUMNS`].
    pub places: [Option<usize>; 4],
    /// Columns that say nothing to an index.
    pub others: Vec<String>,
    count: usize,
}

/// What was read of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRead {
    /// Domains that were added.
    pub added: u64,
    /// Its head; none of a list without.
    pub head: Option<ListHead>,
}

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
    #[error("expected text in UTF-8, got other bytes (from Excel? `iconv -f GBK -t UTF-8` makes it so)")]
    Encoding,
    /// A head that does not say which column is the domain.
    #[error("expected a head with a column `domain` (域名), or a domain a line, got {got:?}")]
    Head {
        /// What is there, shortened.
        got: String,
    },
    /// A column that is there twice: nobody knows which holds.
    #[error("expected each column once, got {column:?} twice")]
    Repeated {
        /// Its name.
        column: String,
    },
    /// A column whose name is nearly one that is known.
    #[error("expected the column {meant:?}, got {column:?}; if that is another, give it another name")]
    Misspelt {
        /// Its name.
        column: String,
        /// What it seems to be.
        meant: &'static str,
    },
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

/// Adds the lines of a list to an index that is being built.
///
/// The columns `domain`, `status`, `as_of` and `id` stand in any order below a head, with others among them; all but
/// the first may be missing, and cells of them empty. Without a head, each line is a domain. The number of a record
/// is the line's, if there is none. Empty lines, and lines that begin with `#`, are passed over.
///
/// What is wrong is told line by line; the list goes on, unless it is the head. Errors: the list cannot be read.
pub fn add_list(
    builder: &mut IndexBuilder,
    input: &mut impl BufRead,
    defaults: ListDefaults,
    wrong: &mut dyn FnMut(ListError),
) -> io::Result<ListRead> {
    let mut read = ListRead::default();
    let mut is_begun = false;
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        if input.by_ref().take(LONGEST + 1).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        if bytes.len() as u64 > LONGEST {
            skip_line(input, &bytes)?;
            wrong(ListError { line, fault: ListFault::TooLong });
            continue;
        }
        let Ok(text) = std::str::from_utf8(&bytes) else {
            wrong(ListError { line, fault: ListFault::Encoding });
            continue;
        };
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        // A line of one cell is a domain, whatever else it may be.
        if !is_begun && (text.contains(SEPARATOR) || is_domain_column(cells(text).next().unwrap_or_default()))
        {
            match ListHead::of(cells(text)) {
                Ok(head) => read.head = Some(head),
                Err(fault) => {
                    wrong(ListError { line, fault });
                    break;
                }
            }
            is_begun = true;
            continue;
        }
        is_begun = true;
        match add_line(builder, read.head.as_ref(), text, line, defaults) {
            Ok(()) => read.added += 1,
            Err(fault) => wrong(ListError { line, fault }),
        }
    }
    Ok(read)
}

fn add_line(
    builder: &mut IndexBuilder,
    head: Option<&ListHead>,
    text: &str,
    line: u64,
    defaults: ListDefaults,
) -> Result<(), ListFault> {
    let cells: Vec<&str> = cells(text).collect();
    let expected = head.map_or(1, |head| head.count);
    if cells.len() != expected {
        return Err(ListFault::Cells { expected, got: cells.len() });
    }
    let places = head.map_or([Some(0), None, None, None], |head| head.places);
    let cells = places.map(|place| place.and_then(|place| cells.get(place)).copied().unwrap_or_default());
    add_row(builder, cells, line, defaults)
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

fn is_domain_column(name: &str) -> bool {
    name.eq_ignore_ascii_case(LIST_COLUMNS[0]) || name == CHINESE_COLUMNS[0]
}

impl ListHead {
    /// The head of columns of these names.
    ///
    /// Errors: none of them is the domain, one is there twice, or nearly one that is known: whoever misspells `status`
    /// would have all that was cancelled served.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, ListFault> {
        let (mut places, mut others) = ([None; 4], Vec::new());
        let names: Vec<&str> = names.into_iter().collect();
        for (place, name) in names.iter().enumerate() {
            let mut columns = LIST_COLUMNS.iter().zip(CHINESE_COLUMNS);
            let known =
                columns.position(|(english, chinese)| english.eq_ignore_ascii_case(name) || chinese == *name);
            match known.and_then(|column| places.get_mut(column)) {
                Some(column @ None) => *column = Some(place),
                Some(Some(_)) => return Err(ListFault::Repeated { column: shortened(name) }),
                None => others.push((*name).to_owned()),
            }
        }
        if places[0].is_none() {
            return Err(ListFault::Head { got: shortened(&names.join(",")) });
        }
        for (column, place) in LIST_COLUMNS.into_iter().zip(places) {
            let seems = |other: &&String| place.is_none() && may_mean(other, column);
            if let Some(other) = others.iter().find(seems) {
                return Err(ListFault::Misspelt { column: shortened(other), meant: column });
            }
        }
        Ok(Self { places, others, count: names.len() })
    }
}

/// Whether a name is that of a column, misspelt or otherwise put.
fn may_mean(name: &str, column: &str) -> bool {
    let is_status = column == LIST_COLUMNS[1]
        && (name.contains(CHINESE_COLUMNS[1]) || name.to_lowercase().ends_with("state"));
    is_status || is_nearly(name, column)
}

/// Whether a name begins like another and has its letters, in another order or with few more, less or other.
fn is_nearly(name: &str, other: &str) -> bool {
    let letters = |text: &str| -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let (mut left, right) = (letters(name), letters(other));
    // Of two letters, one other is another word.
    if right.len() <= 2 || left.first() != right.first() {
        return false;
    }
    let mut missing = 0;
    for letter in &right {
        match left.iter().position(|found| found == letter) {
            Some(place) => drop(left.remove(place)),
            None => missing += 1,
        }
    }
    missing <= 1 && left.len() <= 1 && (right.len() > 4 || missing + left.len() <= 1)
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
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
    let status = match status {
        "" => defaults.status,
        name => Status::of_word(name).ok_or_else(|| ListFault::Status { got: shortened(name) })?,
    };
    let as_of = match as_of {
        "" => defaults.as_of,
        text => day(text).ok_or_else(|| ListFault::Day { got: shortened(text) })?,
    };
    let id = match id {
        "" => row as u32,
        text => text.parse().map_err(|_| ListFault::Id { got: shortened(text) })?,
    };
    Ok(builder.add(domain, Record { status, id: RecordId(id), as_of })?)
}

/// No value that is looked for has a comma or a quotation mark in it.
fn cells(text: &str) -> impl Iterator<Item = &str> {
    text.split(SEPARATOR).map(|cell| cell.trim().trim_matches('"'))
}

fn day(text: &str) -> Option<Day> {
    let date: NaiveDate = text.parse().ok()?;
    i32::try_from((date - DateTime::UNIX_EPOCH.date_naive()).num_days()).ok().map(Day)
}
