//! Tables that people bring and take away: CSV as spreadsheets in China save it,
//! and XLSX. What is in the cells is nobody's business here.
//!
//! A file from outside is hostile until it was read: its size, the size of what
//! it inflates to, its lines and its columns are bounded before anything is made
//! of them. A cell that a spreadsheet would take for a formula is disarmed when
//! it is written, and armed again when it is read ([`disarmed`]).

mod csv;
mod lines;
mod workbook;

use std::str::FromStr;

use csv::is_text_of_a_long_number;
pub(crate) use lines::{Columns, Fields, shortened};
pub use lines::{ImportReport, ImportedLine, LineOutcome, LineRefusal};

/// Most lines of a file beside its heading, where nothing else is said.
pub const MOST_IMPORT_LINES: usize = 10_000;
/// Most bytes of a file: ten times as many lines as are taken, so that who brings
/// too many is told how many.
pub const MOST_IMPORT_BYTES: usize = 16 * 1024 * 1024;
/// Most columns of a file.
const MOST_COLUMNS: usize = 200;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Text, UTF-8 with the mark by which spreadsheets know it.
    Csv,
    /// A workbook of Office Open XML.
    Xlsx,
}

impl TableFormat {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Xlsx];

    /// The ending of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// What a browser calls it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

impl FromStr for TableFormat {
    type Err = beian_domain::UnknownCode;

    fn from_str(extension: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.extension() == extension).ok_or_else(|| {
            beian_domain::UnknownCode {
                table: "format of a table",
                got: extension.chars().take(20).collect(),
            }
        })
    }
}

/// Why a whole file is not read. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportRefusal {
    /// There is nothing in it, or a heading alone.
    Empty,
    /// It is larger than is taken.
    TooLarge {
        /// Its size in bytes.
        got: usize,
    },
    /// It has more lines than are taken.
    TooManyLines {
        /// How many are taken.
        expected: usize,
        /// How many it has; of a workbook, as far as it was read.
        got: usize,
    },
    /// It has more columns than any table here.
    TooManyColumns {
        /// How many, as far as it was read.
        got: usize,
    },
    /// It is UTF-16 ("Unicode text").
    Utf16,
    /// It is a spreadsheet of before 2007 (XLS).
    Spreadsheet,
    /// It looks like a workbook (XLSX) and cannot be read as one.
    Workbook,
    /// It is a workbook that inflates beyond all measure.
    LargeWorkbook,
    /// It is no text at all.
    Binary,
    /// It is neither UTF-8 nor GBK.
    Encoding,
    /// A quotation mark is not closed.
    Quote {
        /// The line on which it opens, from 1.
        line: usize,
    },
    /// A column is missing.
    MissingColumn {
        /// Which.
        column: &'static str,
    },
    /// A column is unknown, or there twice.
    Column {
        /// Its heading.
        got: String,
    },
}

impl ImportRefusal {
    /// Its code in the API and in the texts of pages; never used for another.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty-file",
            Self::TooLarge { .. } => "large-file",
            Self::TooManyLines { .. } => "too-many-lines",
            Self::TooManyColumns { .. } => "too-many-columns",
            Self::Utf16 => "utf-16",
            Self::Spreadsheet => "spreadsheet",
            Self::Workbook => "damaged-workbook",
            Self::LargeWorkbook => "large-workbook",
            Self::Binary => "binary",
            Self::Encoding => "unknown-encoding",
            Self::Quote { .. } => "open-quote",
            Self::MissingColumn { .. } => "missing-column",
            Self::Column { .. } => "unexpected-column",
        }
    }

    /// What was found, for people.
    pub fn got(&self) -> String {
        match self {
            Self::TooLarge { got } | Self::TooManyLines { got, .. } | Self::TooManyColumns { got } => {
                got.to_string()
            }
            Self::Quote { line } => line.to_string(),
            Self::MissingColumn { column } => (*column).to_owned(),
            Self::Column { got } => got.clone(),
            Self::Empty
            | Self::Utf16
            | Self::Spreadsheet
            | Self::Workbook
            | Self::LargeWorkbook
            | Self::Binary
            | Self::Encoding => String::new(),
        }
    }
}

/// A table that was read: its heading and its lines. Blank lines are none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) heading: Vec<String>,
    pub(crate) lines: Vec<Line>,
}

/// A line with its number in the file, from 1; the heading counts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) fields: Vec<String>,
}

/// Reads a file of at most so many lines beside its heading.
pub(crate) fn read(file: &[u8], most_lines: usize) -> Result<Table, ImportRefusal> {
    if file.len() > MOST_IMPORT_BYTES {
        return Err(ImportRefusal::TooLarge { got: file.len() });
    }
    let mut lines = match file {
        [] => return Err(ImportRefusal::Empty),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return Err(ImportRefusal::Spreadsheet),
        [b'P', b'K', 3, 4, ..] => workbook::read(file, most_lines)?,
        text => csv::read(text, most_lines)?,
    }
    .into_iter();
    let heading = lines.next().ok_or(ImportRefusal::Empty)?.fields;
    let mut lines: Vec<Line> = lines.collect();
    let got = lines.len();
    if got > most_lines {
        return Err(ImportRefusal::TooManyLines { expected: most_lines, got });
    }
    for field in lines.iter_mut().flat_map(|line| &mut line.fields) {
        if is_disarmed(field) {
            field.remove(0);
        }
    }
    Ok(Table { heading, lines })
}

/// Writes a table. What fails is a fault of ours.
pub(crate) fn write(
    format: TableFormat,
    heading: &[String],
    rows: &[Vec<String>],
) -> Result<Vec<u8>, String> {
    match format {
        TableFormat::Csv => Ok(csv::write(heading, rows)),
        TableFormat::Xlsx => workbook::write(heading, rows),
    }
}

/// A text as it is written into a cell: no spreadsheet may calculate with what a
/// filer typed. What would begin a formula gets an apostrophe before it, and so
/// does what looks as if it had got one.
fn disarmed(text: &str) -> String {
    if begins_a_formula(text.trim_start_matches('\'')) { format!("'{text}") } else { text.to_owned() }
}

fn is_disarmed(text: &str) -> bool {
    text.strip_prefix('\'').is_some_and(|rest| begins_a_formula(rest.trim_start_matches('\'')))
}

/// Fullwidth signs count: spreadsheets set to Chinese take them for the others.
fn begins_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(rows: &[Vec<String>]) -> Vec<Vec<String>> {
        rows.to_vec()
    }

    #[test]
    fn formulas_are_disarmed_in_both_formats_and_come_back() {
        let texts = [
            "=HYPERLINK(\"http://x\")",
            "+8613800000001",
            "-1",
            "@SUM(A1)",
            "＝1+1",
            "'=1",
            "''=1",
            "'quoted'",
            "\t=1",
            "a,b\"c\r\nd",
            "_x000D_ 习作",
            "",
            "440305199003070006",
        ];
        let row: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let heading: Vec<String> = (0..row.len()).map(|n| format!("column {n}")).collect();
        for format in TableFormat::ALL {
            let file = write(format, &heading, &lines(std::slice::from_ref(&row))).unwrap();
            if format == TableFormat::Csv {
                let text = String::from_utf8(file.clone()).unwrap();
                for cell in text.lines().nth(1).unwrap().split(',') {
                    assert!(!begins_a_formula(cell.trim_start_matches('"')), "{cell}");
                }
            }
            let read = read(&file, 10).unwrap();
            assert_eq!((read.heading, read.lines[0].number), (heading.clone(), 2), "{format:?}");
            assert_eq!(read.lines[0].fields, row, "{format:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn what_is_written_is_read(
            rows in prop::collection::vec(prop::collection::vec("[ -~一-三='+@\n\r\t＝]{0,12}", 3), 1..6)
        ) {
            // White space around a cell is nobody's answer, and a line of nothing is none.
            let rows: Vec<Vec<String>> = rows
                .into_iter()
                .map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
                .map(|mut row: Vec<String>| { row[0].insert(0, 'x'); row })
                .collect();
            let heading = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
            for format in TableFormat::ALL {
                let file = write(format, &heading, &rows).unwrap();
                let read: Vec<_> = read(&file, 100).unwrap().lines.into_iter().map(|line| line.fields).collect();
                prop_assert_eq!(&read, &rows, "{:?}", format);
            }
        }
    }
}
