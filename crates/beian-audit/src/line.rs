//! What one line tells, whatever its format: a host, a time, an address, what was asked for.

use std::net::{IpAddr, Ipv4Addr};

use chrono::{NaiveDate, NaiveDateTime};

/// Of a path, how much is kept as a sample.
pub(crate) const MAX_SAMPLE: usize = 200;

/// A place in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Span {
    pub(crate) fn new(from: usize, to: usize) -> Self {
        Self { from: from as u32, to: to as u32 }
    }

    #[inline]
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.from as usize..self.to as usize).unwrap_or_default()
    }
}

/// The fields of a line; one that is not there is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) host: Span,
    pub(crate) time: Span,
    pub(crate) address: Span,
    /// A path, an address with one, or a whole request line.
    pub(crate) target: Span,
}

/// The line is not of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfit;

/// An IP address in 16 bytes; version 4 as it is written within version 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address(pub(crate) [u8; 16]);

impl Address {
    /// Reads an address, perhaps in brackets, perhaps with a port behind.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        if let Some(address) = ipv4(text) {
            return Some(Self(Ipv4Addr::from(address).to_ipv6_mapped().octets()));
        }
        let text = std::str::from_utf8(text.get(..64.min(text.len()))?).ok()?;
        let plain = |text: &str| text.parse::<IpAddr>().ok();
        let address = plain(text).or_else(|| match text.strip_prefix('[') {
            Some(rest) => plain(rest.split_once(']')?.0),
            None => plain(text.rsplit_once(':')?.0),
        })?;
        Some(Self(match address {
            IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
            IpAddr::V6(address) => address.octets(),
        }))
    }

    pub(crate) fn ip(self) -> IpAddr {
        IpAddr::from(self.0).to_canonical()
    }
}

/// What nearly all addresses of logs are, in a third of the time that the library takes.
fn ipv4(text: &[u8]) -> Option<[u8; 4]> {
    let mut address = [0; 4];
    let mut rest = text;
    for (place, part) in address.iter_mut().enumerate() {
        let length = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, behind) = rest.split_at_checked(length)?;
        // No zero may lead: elsewhere it makes a number octal.
        if length == 0 || length > 3 || length > 1 && digits.first() == Some(&b'0') {
            return None;
        }
        let number = digits.iter().fold(0_u16, |number, digit| number * 10 + u16::from(digit - b'0'));
        *part = u8::try_from(number).ok()?;
        rest = if place == 3 { behind } else { behind.strip_prefix(b".")? };
    }
    rest.is_empty().then_some(address)
}

/// Reads the times of logs: `10/Oct/2026:13:55:36 +0800`, ISO 8601, BIND's `10-Oct-2026 13:55:36.123`, and
/// seconds, milli-, micro- or nanoseconds since 1970.
#[derive(Debug, Clone)]
pub(crate) struct TimeReader {
    /// Seconds east of UTC, for times that do not say.
    offset: i32,
    /// The text before: most lines have the same.
    last: [u8; 40],
    length: usize,
    value: Option<i64>,
}

impl TimeReader {
    pub(crate) fn new(offset: i32) -> Self {
        Self { offset, last: [0; 40], length: 0, value: None }
    }

    /// Seconds since 1970; none for what is no time.
    pub(crate) fn read(&mut self, text: &[u8]) -> Option<i64> {
        if self.last.get(..self.length) == Some(text) {
            return self.value;
        }
        let value = seconds(text, self.offset);
        if let Some(room) = self.last.get_mut(..text.len()) {
            room.copy_from_slice(text);
            self.length = text.len();
            self.value = value;
        }
        value
    }
}

fn seconds(text: &[u8], offset: i32) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let bytes = text.as_bytes();
    if !bytes.is_empty() && bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return since_1970(text);
    }
    let (date, rest) = match (bytes.get(2), bytes.get(4)) {
        // 10/Oct/2026:13:55:36, 10-Oct-2026 13:55:36
        (Some(b'/' | b'-'), _) => {
            let month = month(text.get(3..6)?)?;
            (NaiveDate::from_ymd_opt(number(text.get(7..11)?)?, month, number(text.get(..2)?)?)?, 11)
        }
        // 2026-10-10T13:55:36
        (_, Some(b'-')) => {
            let month = number(text.get(5..7)?)?;
            (NaiveDate::from_ymd_opt(number(text.get(..4)?)?, month, number(text.get(8..10)?)?)?, 10)
        }
        _ => return None,
    };
    let separator = bytes.get(rest)?;
    let clock = text.get(rest + 1..rest + 9)?;
    if !matches!(separator, b':' | b' ' | b'T' | b't')
        || clock.as_bytes()[2] != b':'
        || clock.as_bytes()[5] != b':'
    {
        return None;
    }
    let part = |from: usize| number::<u32>(clock.get(from..from + 2)?);
    // A leap second is the second before, as everywhere in Unix time.
    let time = date.and_hms_opt(part(0)?, part(3)?, part(6)?.min(59))?;
    let zone = text.get(rest + 9..)?;
    let zone = zone
        .strip_prefix(['.', ','])
        .map_or(zone, |fraction| fraction.trim_start_matches(|c: char| c.is_ascii_digit()));
    Some(utc(time) - i64::from(zone_offset(zone.trim(), offset)?))
}

fn utc(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp()
}

/// Seconds east of UTC of `+08:00`, `-0330` or `Z`.
pub fn parse_zone_offset(zone: &str) -> Option<i32> {
    if zone.is_empty() { None } else { zone_offset(zone, 0) }
}

/// Seconds east of UTC of `+0800`, `+08:00`, `Z`, or of nothing.
fn zone_offset(zone: &str, default: i32) -> Option<i32> {
    match zone {
        "" => return Some(default),
        "Z" | "z" | "UTC" | "GMT" => return Some(0),
        _ => {}
    }
    let (sign, digits) = match zone.as_bytes().first()? {
        b'+' => (1, zone.get(1..)?),
        b'-' => (-1, zone.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = match digits.len() {
        4 => (digits.get(..2)?, digits.get(2..)?),
        5 if digits.as_bytes()[2] == b':' => (digits.get(..2)?, digits.get(3..)?),
        _ => return None,
    };
    let (hours, minutes) = (number::<i32>(hours)?, number::<i32>(minutes)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// By the number of digits: a log of today has ten of them in seconds, and three more a thousand.
fn since_1970(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.contains('.') {
        return None;
    }
    let value = number::<i64>(whole)?;
    let seconds = match whole.len() {
        9..=11 => value,
        12..=14 => value / 1_000,
        15..=17 => value / 1_000_000,
        18..=19 => value / 1_000_000_000,
        _ => return None,
    };
    Some(seconds)
}

fn month(name: &str) -> Option<u32> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    (1..).zip(MONTHS).find(|(_, month)| *month == name).map(|(number, _)| number)
}

/// Digits alone: `parse` would take a sign.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// The path of a request, without its query, which may hold what is nobody's business: of
/// `GET /a?b HTTP/1.1`, of `http://host/a?b`, of `/a?b`.
pub(crate) fn path_of(target: &[u8]) -> &[u8] {
    let url = match memchr::memchr(b' ', target) {
        Some(space) if target.first() != Some(&b'/') => {
            let rest = target.get(space + 1..).unwrap_or_default();
            rest.split(|byte| *byte == b' ').next().unwrap_or_default()
        }
        Some(space) => target.get(..space).unwrap_or_default(),
        None => target,
    };
    let path = match authority_and_path(url) {
        Some((_, path)) => path,
        None if url.first() == Some(&b'/') => url,
        None => b"",
    };
    let end = memchr::memchr2(b'?', b'#', path).unwrap_or(path.len());
    path.get(..end.min(MAX_SAMPLE)).unwrap_or_default()
}

/// The host of a request that names one, as those to a proxy do: `GET http://host/ HTTP/1.1`,
/// `CONNECT host:443 HTTP/1.1`. As the place of it in the request.
pub(crate) fn host_of_request(request: &[u8]) -> Option<(usize, usize)> {
    let method = memchr::memchr(b' ', request)?;
    let rest = request.get(method + 1..)?;
    let url = rest.split(|byte| *byte == b' ').next()?;
    if request.get(..method)? == b"CONNECT" {
        return Some((method + 1, method + 1 + url.len()));
    }
    let (authority, _) = authority_and_path(url)?;
    let from = method + 1 + memchr::memmem::find(url, b"://")? + 3;
    Some((from, from + authority.len()))
}

/// Of `http://host/path`.
fn authority_and_path(url: &[u8]) -> Option<(&[u8], &[u8])> {
    let scheme = memchr::memmem::find(url.get(..16.min(url.len()))?, b"://")?;
    if !url.get(..scheme)?.iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let rest = url.get(scheme + 3..)?;
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    Some(rest.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_kind_are_read() {
        // `date -u -d '2026-10-10 05:55:36' +%s`
        const SECONDS: i64 = 1_791_611_736;
        for text in [
            "10/Oct/2026:13:55:36 +0800",
            "10/Oct/2026:05:55:36 +0000",
            "10/Oct/2026:01:25:36 -0430",
            "2026-10-10T13:55:36+08:00",
            "2026-10-10T05:55:36Z",
            "2026-10-10t05:55:36.999999Z",
            "2026-10-10 13:55:36",
            "2026-10-10 13:55:36,123",
            "10-Oct-2026 13:55:36.123",
            "1791611736",
            "1791611736.123",
            "1791611736123",
            "1791611736123456",
            "1791611736123456789",
        ] {
            assert_eq!(seconds(text.as_bytes(), 8 * 3600), Some(SECONDS), "{text}");
        }
        for text in [
            "",
            "-",
            "10/Okt/2026:13:55:36 +0800",
            "32/Oct/2026:13:55:36 +0800",
            "10/Oct/2026:24:55:36 +0800",
            "10/Oct/2026:13:55:36 +9900",
            "10/Oct/2026:13:55",
            "10/Oct/2026",
            "+026-10-10T13:55:36Z",
            "2026-10-10T13-55-36Z",
            "99999999999999999999",
            "12.5",
            "1791611736.1.2",
            "1.2.3.4.5.6x",
            "食狮食狮食狮食狮食狮",
            "\u{0}",
        ] {
            assert_eq!(seconds(text.as_bytes(), 0), None, "{text}");
        }
        assert_eq!(seconds(b"10/Oct/2026:13:55:3\xff +0800", 0), None);
    }

    #[test]
    fn the_time_before_is_remembered_rightly() {
        let mut reader = TimeReader::new(0);
        for text in ["1791611736", "1791611737", "1791611737", "no", "no", "1791611736", "", "1791611736"] {
            assert_eq!(reader.read(text.as_bytes()), seconds(text.as_bytes(), 0), "{text}");
        }
        assert_eq!(reader.read(&[b'1'; 100]), None);
        assert_eq!(reader.read(b"1791611736"), Some(1_791_611_736));
    }

    #[test]
    fn addresses_are_read_with_and_without_a_port() {
        for (text, address) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1:443", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(
                Address::parse(text.as_bytes()).map(|address| address.ip().to_string()),
                Some(address.to_owned())
            );
        }
        for text in ["", "-", "example.cn", "unix:", "1.2.3", "\u{ff11}.2.3.4"] {
            assert_eq!(Address::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_quick_way_reads_addresses_as_the_library_does() {
        let parts =
            ["0", "1", "9", "10", "99", "100", "255", "256", "999", "1000", "", "01", "00", "a", " 1", "+1"];
        for one in parts {
            for other in parts {
                for text in
                    [format!("{one}.1.{other}.2"), format!("1.{one}.2.{other}"), format!("{one}.{other}.1")]
                {
                    let expected = text.parse::<Ipv4Addr>().ok().map(|address| address.octets());
                    assert_eq!(ipv4(text.as_bytes()), expected, "{text}");
                }
            }
        }
        assert_eq!(ipv4(b"1.2.3.4.5"), None);
        assert_eq!(ipv4(b"1.2.3.4 "), None);
    }

    #[test]
    fn paths_lose_what_is_private() {
        for (target, path) in [
            ("GET /a/b?token=1 HTTP/1.1", "/a/b"),
            ("GET /a#b HTTP/1.1", "/a"),
            ("GET http://example.cn/a?b HTTP/1.1", "/a"),
            ("GET http://example.cn?b HTTP/1.1", ""),
            ("CONNECT example.cn:443 HTTP/1.1", ""),
            ("/a?b", "/a"),
            ("/a b", "/a"),
            ("https://example.cn/x", "/x"),
            ("\\x16\\x03\\x01", ""),
            ("", ""),
            ("-", ""),
        ] {
            assert_eq!(path_of(target.as_bytes()), path.as_bytes(), "{target}");
        }
        assert_eq!(path_of(&[b'/'; 1000]).len(), MAX_SAMPLE);
    }

    #[test]
    fn requests_to_a_proxy_name_their_host() {
        let host = |request: &'static str| {
            host_of_request(request.as_bytes()).map(|(from, to)| request.get(from..to).unwrap())
        };
        assert_eq!(host("GET http://example.cn:80/a HTTP/1.1"), Some("example.cn:80"));
        assert_eq!(host("CONNECT example.cn:443 HTTP/1.1"), Some("example.cn:443"));
        assert_eq!(host("GET /redirect?to=http://example.cn/ HTTP/1.1"), None);
        assert_eq!(host("GET"), None);
        assert_eq!(host(""), None);
    }
}
