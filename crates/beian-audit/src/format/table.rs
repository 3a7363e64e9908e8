//! Tables: a head with names, then a record on every line, parted by commas, semicolons or tabs.

use memchr::memchr;

use crate::format::json::FieldNames;
use crate::line::{Fields, Span, Unfit};

/// Where the fields stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    separator: u8,
    count: usize,
    /// Of host, time, address and target.
    places: [Option<usize>; 4],
}

impl Columns {
    /// Reads the head; none if it names no host.
    pub(crate) fn of_head(head: &[u8], names: &FieldNames) -> Option<Self> {
        let head = without_return(head);
        let occurrences = |separator: &u8| head.iter().filter(|byte| *byte == separator).count();
        let separator = [b';', b'\t', b','].into_iter().max_by_key(occurrences)?;
        let mut columns = Self { separator, count: 0, places: [None; 4] };
        let mut head_names = Vec::new();
        let mut next = Some(0);
        while let Some(at) = next {
            let mut name = Vec::new();
            next = columns.cell(head, at, Some(&mut name)).ok()?;
            head_names.push(std::str::from_utf8(&name).ok()?.trim().to_owned());
        }
        columns.count = head_names.len();
        columns.places = names.places(head_names.iter().map(String::as_str));
        columns.places[0].is_some().then_some(columns)
    }

    /// Copies the fields of a line behind a text: what stands between quotation marks is not in the line
    /// as it is meant.
    pub(crate) fn read(&self, line: &[u8], text: &mut Vec<u8>) -> Result<Fields, Unfit> {
        let line = without_return(line);
        let mut spans = [Span::default(); 4];
        let (mut count, mut next) = (0, Some(0));
        while let Some(at) = next {
            let field = self.places.iter().position(|place| *place == Some(count));
            let from = text.len();
            next = self.cell(line, at, field.is_some().then_some(&mut *text))?;
            if let Some(span) = field.and_then(|field| spans.get_mut(field)) {
                *span = Span::new(from, text.len());
            }
            count += 1;
        }
        let [host, time, address, target] = spans;
        if count == self.count { Ok(Fields { host, time, address, target }) } else { Err(Unfit) }
    }

    /// Copies the cell that begins at a place (RFC 4180). Answers with where the next one begins, if
    /// there is one. A record is a line: one whose quotation marks do not end on it does not fit.
    fn cell(&self, line: &[u8], at: usize, mut copy: Option<&mut Vec<u8>>) -> Result<Option<usize>, Unfit> {
        let rest = line.get(at..).ok_or(Unfit)?;
        let mut take = |bytes: Option<&[u8]>| {
            if let (Some(copy), Some(bytes)) = (&mut copy, bytes) {
                copy.extend_from_slice(bytes);
            }
        };
        if rest.first() != Some(&b'"') {
            let end = memchr(self.separator, rest);
            take(rest.get(..end.unwrap_or(rest.len())));
            return Ok(end.map(|end| at + end + 1));
        }
        let mut from = 1;
        loop {
            let quote = from + memchr(b'"', rest.get(from..).ok_or(Unfit)?).ok_or(Unfit)?;
            take(rest.get(from..quote));
            match rest.get(quote + 1) {
                None => return Ok(None),
                Some(b'"') => take(Some(b"\"")),
                Some(byte) if *byte == self.separator => return Ok(Some(at + quote + 2)),
                Some(_) => return Err(Unfit),
            }
            from = quote + 2;
        }
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(head: &str, line: &str) -> Option<[String; 4]> {
        let columns = Columns::of_head(head.as_bytes(), &FieldNames::default()).unwrap();
        let mut text = b"before".to_vec();
        let fields = columns.read(line.as_bytes(), &mut text).ok()?;
        let of = |span: Span| String::from_utf8(span.of(&text).to_vec()).unwrap();
        Some([of(fields.host), of(fields.time), of(fields.address), of(fields.target)])
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let head = "time,status,client_ip,server_name,host,url\r";
        let line = "1791611736,200,192.0.2.1,_,a.cn,/x\r";
        assert_eq!(told(head, line).unwrap(), ["a.cn", "1791611736", "192.0.2.1", "/x"]);
        assert_eq!(told("host\tts", "a.cn\t1791611736").unwrap()[1], "1791611736");
        assert_eq!(told("\"host\";ts", "\"a.cn\";1").unwrap()[0], "a.cn");
        assert!(Columns::of_head(b"name,age", &FieldNames::default()).is_none());
        assert!(Columns::of_head(b"\"host", &FieldNames::default()).is_none());
        assert!(Columns::of_head(b"", &FieldNames::default()).is_none());
    }

    #[test]
    fn quotation_marks_are_taken_away() {
        assert_eq!(told("host,url", r#""a.cn","/x,""y""""#).unwrap(), ["a.cn", "", "", "/x,\"y\""]);
        assert_eq!(told("host,url", r#""","#).unwrap()[0], "");
    }

    #[test]
    fn lines_with_other_columns_do_not_fit() {
        for line in ["", "a.cn", "a.cn,x,y", r#""a.cn"#, r#""a.cn"x,y"#, r#"a.cn,"x"#] {
            assert_eq!(told("host,url", line), None, "{line}");
        }
    }
}
