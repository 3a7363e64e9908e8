//! CSV (RFC 4180), in UTF-8 or GBK.

use super::{ImportRefusal, Line, MOST_COLUMNS, disarmed};

/// The heading and every other line.
pub(super) fn read(file: &[u8], most_lines: usize) -> Result<Vec<Line>, ImportRefusal> {
    let text = decode(file)?;
    // Counted before anything is made of them.
    let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
    let longest = most_lines.saturating_mul(20).saturating_add(2);
    if breaks > longest {
        return Err(ImportRefusal::TooManyLines { expected: most_lines, got: breaks });
    }
    records(&text)
}

/// UTF-8, or GBK as spreadsheets in China save it.
fn decode(file: &[u8]) -> Result<String, ImportRefusal> {
    if file.starts_with(&[0xff, 0xfe]) || file.starts_with(&[0xfe, 0xff]) {
        return Err(ImportRefusal::Utf16);
    }
    if let Some(zero) = file.iter().position(|byte| *byte == 0) {
        // Latin letters of UTF-16 have a zero each.
        let pairs = file.iter().take(200).filter(|byte| **byte == 0).count();
        return Err(if zero < 4 && pairs >= 20.min(file.len() / 4) {
            ImportRefusal::Utf16
        } else {
            ImportRefusal::Binary
        });
    }
    let file = file.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(file);
    let text = match std::str::from_utf8(file) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GBK
            .decode_without_bom_handling_and_without_replacement(file)
            .ok_or(ImportRefusal::Encoding)?
            .into_owned(),
    };
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n')) {
        return Err(ImportRefusal::Binary);
    }
    Ok(text)
}

/// The records of a text, each with the line on which it begins. Blank lines are none.
fn records(text: &str) -> Result<Vec<Line>, ImportRefusal> {
    let mut all = Vec::new();
    let (mut line, mut begun) = (1, 1);
    let mut fields: Vec<String> = Vec::new();
    let mut field = String::new();
    let mut quote: Option<usize> = None;
    let mut end_record = |fields: &mut Vec<String>, field: &mut String, begun: usize| {
        fields.push(std::mem::take(field));
        let fields = std::mem::take(fields);
        if fields.iter().any(|field| !field.trim().is_empty()) {
            all.push(Line { number: begun, fields });
        }
    };
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quote.is_some() => {
                if characters.next_if_eq(&'"').is_some() {
                    field.push('"');
                } else {
                    quote = None;
                }
            }
            '"' if field.trim().is_empty() => {
                field.clear();
                quote = Some(line);
            }
            '\n' => {
                line += 1;
                if quote.is_some() {
                    field.push('\n');
                } else {
                    end_record(&mut fields, &mut field, begun);
                    begun = line;
                }
            }
            '\r' if quote.is_none() => {}
            ',' if quote.is_none() => {
                fields.push(std::mem::take(&mut field));
                if fields.len() >= MOST_COLUMNS {
                    return Err(ImportRefusal::TooManyColumns { got: fields.len() + 1 });
                }
            }
            other => field.push(other),
        }
    }
    if let Some(line) = quote {
        return Err(ImportRefusal::Quote { line });
    }
    if !field.is_empty() || !fields.is_empty() {
        end_record(&mut fields, &mut field, begun);
    }
    Ok(all)
}

pub(super) fn write(heading: &[String], rows: &[Vec<String>]) -> Vec<u8> {
    // Without the mark, spreadsheets in China read UTF-8 as GBK.
    let mut text = String::from('\u{feff}');
    for row in std::iter::once(heading).chain(rows.iter().map(Vec::as_slice)) {
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            let cell = disarmed(cell);
            let is_plain = !cell.contains(['"', ',', '\r', '\n']) && cell.trim() == cell;
            if is_plain {
                text.push_str(&cell);
            } else {
                text.push('"');
                text.push_str(&cell.replace('"', "\"\""));
                text.push('"');
            }
        }
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// Whether a spreadsheet took a long number for an amount: `4.40305E+17`. Its last
/// digits are gone.
pub(super) fn is_text_of_a_long_number(text: &str) -> bool {
    let Some((digits, exponent)) = text.split_once(['E', 'e']) else { return false };
    let whole = digits.replacen('.', "", 1);
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    !whole.is_empty()
        && !exponent.is_empty()
        && whole.bytes().chain(exponent.bytes()).all(|byte| byte.is_ascii_digit())
        && digits.find('.').is_none_or(|at| at == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_line_ends_are_read() {
        let read = records("a,\"b\"\"c\nd\",e").unwrap();
        assert_eq!((read.len(), read[0].number), (1, 1));
        assert_eq!(read[0].fields, ["a", "b\"c\nd", "e"]);
        let text = "习,作\r\n";
        let (gbk, _, _) = encoding_rs::GBK.encode(text);
        assert_eq!(super::read(&gbk, 1).unwrap()[0].fields, ["习", "作"]);
    }

    #[test]
    fn amounts_are_told_from_words() {
        for spoilt in ["4.40305E+17", "4E+15", "9.1440305e17"] {
            assert!(is_text_of_a_long_number(spoilt), "{spoilt}");
        }
        for fine in ["E", "1E", "E1", "44.03E+1", "ABCE12", "91440305000000000N", "1.2", ""] {
            assert!(!is_text_of_a_long_number(fine), "{fine}");
        }
    }
}
