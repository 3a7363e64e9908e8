//! Workbooks (XLSX): the first sheet of one, and a new one with one sheet.

use std::io::{Cursor, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Reader as _, Xlsx};
use rust_xlsxwriter::{Format, Workbook};
use zip::ZipArchive;

use super::{ImportRefusal, Line, MOST_COLUMNS, disarmed};

/// Most parts of a workbook.
const MOST_PARTS: usize = 500;
/// Most bytes of all its parts together, inflated.
const MOST_INFLATED: u64 = 32 * 1024 * 1024;
/// From here on a number in a spreadsheet has lost digits: it keeps fifteen.
const LOSES_DIGITS: f64 = 1e15;

/// The lines of the first sheet.
pub(super) fn read(file: &[u8], most_lines: usize) -> Result<Vec<Line>, ImportRefusal> {
    inspect(file)?;
    // The reader is not ours: what it trips over is the file's fault.
    catch_unwind(AssertUnwindSafe(|| first_sheet(file, most_lines))).unwrap_or(Err(ImportRefusal::Workbook))
}

/// Bounds what a workbook inflates to, and what it says it holds: the reader takes
/// memory for as many texts as the file claims before it has seen one.
fn inspect(file: &[u8]) -> Result<(), ImportRefusal> {
    let damaged = |_| ImportRefusal::Workbook;
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|_| ImportRefusal::Workbook)?;
    if archive.len() > MOST_PARTS {
        return Err(ImportRefusal::LargeWorkbook);
    }
    let mut left = MOST_INFLATED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| ImportRefusal::Workbook)?;
        let mut content = Vec::new();
        part.take(left + 1).read_to_end(&mut content).map_err(damaged)?;
        left = left.checked_sub(content.len() as u64).ok_or(ImportRefusal::LargeWorkbook)?;
        // Text without a zero is no UTF-16, so that a claim is found if there is one.
        let is_picture = content.starts_with(b"\x89PNG") || content.starts_with(&[0xff, 0xd8, 0xff]);
        if !is_picture && claims_too_much(&content) {
            return Err(ImportRefusal::Workbook);
        }
    }
    Ok(())
}

fn claims_too_much(part: &[u8]) -> bool {
    const CLAIM: &[u8] = b"uniqueCount";
    let is_xml = part.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte == b'<')
        || part.starts_with(&[0xef, 0xbb, 0xbf]);
    // UTF-16 would hide the claim; no program writes its parts so.
    let is_hidden = part.starts_with(&[0xff, 0xfe]) || part.starts_with(&[0xfe, 0xff]);
    if is_hidden || (is_xml && part.contains(&0)) {
        return true;
    }
    let most = part.len() as u64;
    part.windows(CLAIM.len()).enumerate().filter(|(_, window)| *window == CLAIM).any(|(at, _)| {
        let rest = part.get(at + CLAIM.len()..).unwrap_or_default();
        let digits = rest.iter().skip_while(|byte| b" \t\r\n=\"'".contains(byte));
        let digits: Vec<u8> = digits.take_while(|byte| byte.is_ascii_digit()).take(20).copied().collect();
        let claimed = String::from_utf8(digits).ok().and_then(|digits| digits.parse::<u64>().ok());
        claimed.unwrap_or_default() > most
    })
}

fn first_sheet(file: &[u8], most_lines: usize) -> Result<Vec<Line>, ImportRefusal> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(|_| ImportRefusal::Workbook)?;
    let sheet = workbook.sheet_names().first().cloned().ok_or(ImportRefusal::Empty)?;
    // Cell by cell: the sheet as a whole would be as large as its farthest cells say.
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(|_| ImportRefusal::Workbook)?;
    let mut lines: Vec<Line> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(|_| ImportRefusal::Workbook)? {
        let (row, column) = cell.get_position();
        let text = text_of(cell.get_value());
        if text.trim().is_empty() {
            continue;
        }
        let (number, column) = (row as usize + 1, column as usize);
        if column >= MOST_COLUMNS {
            return Err(ImportRefusal::TooManyColumns { got: column + 1 });
        }
        match lines.last() {
            Some(last) if last.number == number => {}
            Some(last) if last.number > number => return Err(ImportRefusal::Workbook),
            // One more than is taken, and the heading.
            _ if lines.len() > most_lines + 1 => {
                return Err(ImportRefusal::TooManyLines { expected: most_lines, got: number - 1 });
            }
            _ => lines.push(Line { number, fields: Vec::new() }),
        }
        if let Some(last) = lines.last_mut() {
            if last.fields.len() <= column {
                last.fields.resize(column + 1, String::new());
            }
            last.fields[column] = text;
        }
    }
    // Cells that are empty at the end of a line are not there.
    let width = lines.first().map(|heading| heading.fields.len()).unwrap_or_default();
    for line in &mut lines {
        if line.fields.len() < width {
            line.fields.resize(width, String::new());
        }
    }
    Ok(lines)
}

/// What a person sees in a cell, as far as that can be told.
fn text_of(value: &DataRef<'_>) -> String {
    match Data::from(value.clone()) {
        Data::Int(number) => number.to_string(),
        // `4.40305E+17`, by which it is known that digits are gone.
        Data::Float(number) if number.abs() >= LOSES_DIGITS => format!("{number:E}").replacen('E', "E+", 1),
        Data::Float(number) => number.to_string(),
        Data::String(text) => text,
        Data::Bool(truth) => truth.to_string(),
        Data::DateTime(at) => moment(&at),
        Data::DateTimeIso(text) | Data::DurationIso(text) => text,
        Data::Error(error) => format!("{error}"),
        _ => String::new(),
    }
}

fn moment(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    match (hour, minute, second) {
        (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
    }
}

/// Every cell is text: a spreadsheet that takes a certificate number for an amount
/// keeps fifteen of its eighteen digits.
pub(super) fn write(heading: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, String> {
    let fault = |error: rust_xlsxwriter::XlsxError| error.to_string();
    let mut workbook = Workbook::new();
    let (text, bold) = (Format::new().set_num_format("@"), Format::new().set_num_format("@").set_bold());
    let sheet = workbook.add_worksheet();
    sheet.set_freeze_panes(1, 0).map_err(fault)?;
    let all = std::iter::once((heading, &bold)).chain(rows.iter().map(|row| (row.as_slice(), &text)));
    for (row, (cells, format)) in (0_u32..).zip(all) {
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write_string_with_format(row, column, disarmed(cell), format).map_err(fault)?;
        }
    }
    for (column, name) in (0_u16..).zip(heading) {
        let wide = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>().clamp(10, 40);
        sheet.set_column_width(column, wide as f64 + 2.0).map_err(fault)?;
        // What somebody types below a line is text, too.
        sheet.set_column_format(column, &text).map_err(fault)?;
    }
    workbook.save_to_buffer().map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// A workbook with one part in the place of its own.
    fn with_part(name: &str, content: &[u8]) -> Vec<u8> {
        let file = write(&["a".to_owned()], &[vec!["b".to_owned()]]).unwrap();
        let mut source = ZipArchive::new(Cursor::new(file)).unwrap();
        let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
        for index in 0..source.len() {
            let mut part = source.by_index(index).unwrap();
            let (part_name, mut bytes) = (part.name().unwrap().into_owned(), Vec::new());
            part.read_to_end(&mut bytes).unwrap();
            parts.push((part_name, bytes));
        }
        assert!(parts.iter().any(|(part, _)| part == name), "{name}");
        let replaced: Vec<(&str, &[u8])> = parts
            .iter()
            .map(|(part, bytes)| (part.as_str(), if part == name { content } else { bytes.as_slice() }))
            .collect();
        archive(&replaced)
    }

    fn sheet(rows: &str) -> Vec<u8> {
        let sheet = format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
        );
        with_part("xl/worksheets/sheet1.xml", sheet.as_bytes())
    }

    #[test]
    fn numbers_and_empty_cells_are_read_as_people_see_them() {
        let file = sheet(
            "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>a</t></is></c><c r=\"C1\" t=\"str\"><v>c</v></c></row>\
             <row r=\"4\"><c r=\"A4\"><v>440305</v></c></row>\
             <row r=\"5\"><c r=\"B5\"><v>440305199003070006</v></c></row>",
        );
        let lines = read(&file, 10).unwrap();
        let numbers: Vec<usize> = lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 4, 5], "blank lines are none");
        assert_eq!(lines[1].fields, ["440305", "", ""]);
        assert!(super::super::is_text_of_a_long_number(&lines[2].fields[1]), "{:?}", lines[2].fields);
    }

    #[test]
    fn what_would_exhaust_us_is_refused_before() {
        let bomb = archive(&[("xl/worksheets/sheet1.xml", &vec![b' '; MOST_INFLATED as usize + 1][..])]);
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        assert_eq!(read(&bomb, 10), Err(ImportRefusal::LargeWorkbook));
        let many: Vec<(String, &[u8])> = (0..=MOST_PARTS).map(|part| (part.to_string(), &b"x"[..])).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|(name, part)| (name.as_str(), *part)).collect();
        assert_eq!(read(&archive(&many), 10), Err(ImportRefusal::LargeWorkbook));
        // A claim for which the reader would take all the memory there is.
        let claim = with_part(
            "xl/sharedStrings.xml",
            b"<sst uniqueCount=\"99999999999999\" xmlns=\"x\"><si><t>a</t></si></sst>",
        );
        assert_eq!(read(&claim, 10), Err(ImportRefusal::Workbook));
        // The farthest cell of a sheet costs no more than the nearest.
        let far = sheet("<row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c></row>");
        assert_eq!(read(&far, 10).unwrap().len(), 1);
        let wide = sheet("<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>");
        assert_eq!(read(&wide, 10), Err(ImportRefusal::TooManyColumns { got: 16_384 }));
        let rows: String =
            (1..100_000).map(|row| format!("<row r=\"{row}\"><c><v>1</v></c></row>")).collect();
        assert!(matches!(read(&sheet(&rows), 10), Err(ImportRefusal::TooManyLines { expected: 10, .. })));
    }

    #[test]
    fn no_damage_makes_it_panic() {
        let file =
            write(&["a".to_owned(), "b".to_owned()], &[vec!["习作".to_owned(), "2".to_owned()]]).unwrap();
        for cut in (0..file.len()).step_by(37) {
            let _ = read(&file[..cut], 10);
        }
        for at in (0..file.len()).step_by(11) {
            let mut damaged = file.clone();
            damaged[at] ^= 0x55;
            let _ = read(&damaged, 10);
        }
        assert_eq!(read(&archive(&[("hello.txt", b"hello")]), 10), Err(ImportRefusal::Workbook));
        assert_eq!(read(b"PK\x03\x04....", 10), Err(ImportRefusal::Workbook));
    }
}
