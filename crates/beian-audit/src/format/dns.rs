//! The query log of BIND, and what `dnstap-read` prints of dnstap.
//!
//! ```text
//! 10-Oct-2026 13:55:36.123 queries: info: client @0x7f21 192.0.2.1#53211 (www.example.cn): query: www.example.cn IN A +E(0)K (203.0.113.53)
//! ```
//!
//! Older versions write no `@0x…` and no name in brackets; time and category depend on the channel.
//!
//! ```text
//! 10-Oct-2026 13:55:36.123 AQ 192.0.2.1:53211 -> 203.0.113.53:53 UDP 57b www.example.cn/IN/A
//! ```
//!
//! Queries of clients are `AQ` and `CQ`; of all else that dnstap has, no line names a host, or a query would count twice.

use memchr::{memchr, memmem};

use crate::line::{Fields, Span, Unfit};

const QUERY: &[u8] = b": query: ";
const CLIENT: &[u8] = b"client ";

/// The fields of a line that begins at a place of its block. A name of the reverse tree, which asks for an
/// address, is taken for none.
pub(crate) fn read(line: &[u8], place: usize) -> Result<Fields, Unfit> {
    let Some(client) = memmem::find(line, CLIENT) else { return read_tap(line, place) };
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

/// The fields of a line of `dnstap-read`.
fn read_tap(line: &[u8], place: usize) -> Result<Fields, Unfit> {
    let length = time_length(line);
    let rest = line.get(length..).and_then(|rest| rest.strip_prefix(b" ")).ok_or(Unfit)?;
    // Of what was asked a part may be a blank, written as it is.
    let mut words = rest.splitn(7, |byte| *byte == b' ');
    let mut next = || words.next().ok_or(Unfit);
    let (kind, client, arrow) = (next()?, next()?, next()?);
    let (_, _, size, question) = (next()?, next()?, next()?, next()?);
    let is_tap = matches!(kind, [b'A' | b'C' | b'R' | b'F' | b'S' | b'T' | b'U', b'Q' | b'R'])
        && matches!(arrow, b"->" | b"<-")
        && size.strip_suffix(b"b").is_some_and(|size| size.iter().all(u8::is_ascii_digit));
    let kind_begin = memchr::memrchr(b'/', question).ok_or(Unfit)?;
    let class_begin = memchr::memrchr(b'/', question.get(..kind_begin).unwrap_or_default()).ok_or(Unfit)?;
    if !is_tap || length == 0 || question.len() == kind_begin + 1 {
        return Err(Unfit);
    }
    let time = Span::new(place, place + length);
    let is_query = matches!(kind, b"AQ" | b"CQ") && question.get(class_begin..kind_begin) == Some(b"/IN");
    if !is_query {
        return Ok(Fields { time, ..Fields::default() });
    }
    let from = place + length + 1 + kind.len() + 1;
    // The port stands behind a colon, also of addresses that have colons.
    let address = memchr::memrchr(b':', client).ok_or(Unfit)?;
    let host = place + line.len() - question.len();
    Ok(Fields {
        host: Span::new(host, host + class_begin),
        time,
        address: Span::new(from, from + address),
        target: Span::default(),
    })
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
    fn what_dnstap_read_prints_is_read() {
        let query = "29-Nov-2026 15:50:30.400 AQ 127.0.0.1:60111 -> 127.0.0.1:5399 UDP 57b www.a.cn/IN/AAAA";
        assert_eq!(told(query).unwrap(), ["www.a.cn", "29-Nov-2026 15:50:30.400", "127.0.0.1"]);
        let six = "29-Nov-2026 15:50:30.436 CQ ::1:36967 -> ::1:5399 TCP 59b a\\.b\\032c.a.cn/IN/TXT";
        assert_eq!(told(six).unwrap(), ["a\\.b\\032c.a.cn", "29-Nov-2026 15:50:30.436", "::1"]);
        for other in [
            query.replace("AQ", "CR").replace("->", "<-"),
            query.replace("AQ", "RQ"),
            query.replace("/IN/", "/CH/"),
        ] {
            assert_eq!(told(&other).unwrap(), ["", "29-Nov-2026 15:50:30.400", ""], "{other}");
        }
        for length in 0..query.len() - 4 {
            assert_eq!(told(&query[..length]), None, "{length}");
        }
    }

    #[test]
    fn the_reverse_tree_is_known() {
        assert!(is_reverse(b"1.2.0.192.in-addr.ARPA."));
        assert!(!is_reverse(b"arpa.cn") && !is_reverse(b"") && !is_reverse(b"arpa"));
    }
}
