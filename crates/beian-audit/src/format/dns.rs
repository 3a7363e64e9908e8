//! The query log of BIND.
//!
//! ```text
//! 10-Oct-2026 13:55:36.123 queries: info: client @0x7f21 192.0.2.1#53211 (www.example.cn): query: www.example.cn IN A +E(0)K (203.0.113.53)
//! ```
//!
//! Older versions write no `@0x…` and no name in brackets; time and category depend on the channel.

use memchr::{memchr, memmem};

use crate::line::{Fields, Span, Unfit};

const QUERY: &[u8] = b": query: ";
const CLIENT: &[u8] = b"client ";

/// The fields of a line that begins at a place of its block. A name of the reverse tree, which asks for an
/// address, is taken for none.
pub(crate) fn read(line: &[u8], place: usize) -> Result<Fields, Unfit> {
    let client = memmem::find(line, CLIENT).ok_or(Unfit)?;
    let query = client + memmem::find(line.get(client..).unwrap_or_default(), QUERY).ok_or(Unfit)?;
    let span = |from: usize, length: usize| Span::new(place + from, place + from + length);

    let mut from = client + CLIENT.len();
    let mut rest = line.get(from..query).ok_or(Unfit)?;
    if rest.first() == Some(&b'@') {
        let space = memchr(b' ', rest).ok_or(Unfit)? + 1;
        from += space;
        rest = rest.get(space..).ok_or(Unfit)?;
    }
    let address = span(from, memchr(b'#', rest).ok_or(Unfit)?);

    let name = line.get(query + QUERY.len()..).ok_or(Unfit)?;
    let length = memchr(b' ', name).ok_or(Unfit)?;
    let host = span(query + QUERY.len(), length);
    // The class and a type follow; a line that was cut has no type.
    let mut behind = name.get(length + 1..).unwrap_or_default().splitn(3, |byte| *byte == b' ');
    if behind.next() != Some(b"IN") || behind.next().is_none_or(<[u8]>::is_empty) || behind.next().is_none() {
        return Err(Unfit);
    }
    Ok(Fields { host, time: span(0, time_length(line)), address, target: Span::default() })
}

/// Two words of digits at the beginning, or one with a `T` between.
fn time_length(line: &[u8]) -> usize {
    if !line.first().is_some_and(u8::is_ascii_digit) {
        return 0;
    }
    let Some(first) = memchr(b' ', line) else { return 0 };
    if line.get(..first).is_some_and(|word| word.contains(&b'T')) {
        return first;
    }
    let rest = line.get(first + 1..).unwrap_or_default();
    memchr(b' ', rest).map_or(0, |second| first + 1 + second)
}

/// Whether a name is of the reverse tree.
pub(crate) fn is_reverse(name: &[u8]) -> bool {
    let name = name.strip_suffix(b".").unwrap_or(name);
    name.len() >= 5 && name.get(name.len() - 5..).is_some_and(|end| end.eq_ignore_ascii_case(b".arpa"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Option<[String; 3]> {
        let fields = read(line.as_bytes(), 0).ok()?;
        let of = |span: Span| String::from_utf8(span.of(line.as_bytes()).to_vec()).unwrap();
        Some([of(fields.host), of(fields.time), of(fields.address)])
    }

    #[test]
    fn lines_of_old_and_new_versions_are_read() {
        let new = "10-Oct-2026 13:55:36.123 queries: info: client @0x7f21 192.0.2.1#53211 (www.a.cn): query: www.a.cn IN A +E(0)K (203.0.113.53)";
        assert_eq!(told(new).unwrap(), ["www.a.cn", "10-Oct-2026 13:55:36.123", "192.0.2.1"]);
        let iso = "2026-10-10T13:55:36.123Z client @0x7f21 2001:db8::1#53211 (a.cn): query: a.cn IN AAAA + (203.0.113.53)";
        assert_eq!(told(iso).unwrap(), ["a.cn", "2026-10-10T13:55:36.123Z", "2001:db8::1"]);
        let old = "client 192.0.2.1#53211: query: a.cn IN A +";
        assert_eq!(told(old).unwrap(), ["a.cn", "", "192.0.2.1"]);
    }

    #[test]
    fn other_lines_do_not_fit() {
        let whole = "client 192.0.2.1#53211: query: a.cn IN A +";
        for length in 0..whole.len() - 1 {
            assert_eq!(told(&whole[..length]), None, "{length}");
        }
        assert_eq!(told("client 192.0.2.1#1: view x: received notify for zone 'a.cn'"), None);
        assert_eq!(told("client 192.0.2.1#1: query: version.bind CH TXT +"), None);
    }

    #[test]
    fn the_reverse_tree_is_known() {
        assert!(is_reverse(b"1.2.0.192.in-addr.ARPA."));
        assert!(!is_reverse(b"arpa.cn") && !is_reverse(b"") && !is_reverse(b"arpa"));
    }
}
