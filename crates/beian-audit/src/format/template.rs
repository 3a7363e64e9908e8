//! Lines that follow a format string, as nginx and Apache write them.
//!
//! `log_format` of nginx and `LogFormat` of Apache become the same thing: texts and fields in
//! turns. A field ends where the text behind it begins.

use memchr::memchr;

use crate::error::AuditError;
use crate::line::{Fields, Span, Unfit, host_of_request};

/// What a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Host,
    Address,
    Time,
    /// The request line.
    Request,
    /// A path alone.
    Path,
    /// The port behind a host and a colon: a host may bring its own.
    Port,
    Other,
}

/// A field and the text behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    field: Field,
    /// Empty: the field goes on to the end of the line.
    end: Vec<u8>,
    /// Between quotation marks, where one may stand behind a backslash.
    quoted: bool,
}

/// A format string, made ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    begin: Vec<u8>,
    parts: Vec<Part>,
    has_host: bool,
}

/// Formats that are recognised: the host first, second, behind the time, or last. Where two fit, the
/// one that comes first.
pub(crate) const KNOWN: [&str; 12] = [
    "$host $remote_addr $ident $remote_user [$time_local] \"$request\" $status",
    "$remote_addr $host $remote_user [$time_local] \"$request\" $status",
    "$remote_addr $ident $remote_user [$time_local] \"$host\" \"$request\" $status",
    "$remote_addr $ident $remote_user [$time_local] $host \"$request\" $status",
    "$remote_addr $ident $remote_user [$time_local] \"$request\" $status $bytes \"$host\" \"$referer\" \"$agent\"",
    "$remote_addr $ident $remote_user [$time_local] \"$request\" $status $bytes \"$referer\" \"$agent\" \"$forwarded\" \"$host\"",
    "$remote_addr $ident $remote_user [$time_local] \"$request\" $status $bytes \"$referer\" \"$agent\" \"$forwarded\" $host",
    "$remote_addr $ident $remote_user [$time_local] \"$request\" $status $bytes \"$referer\" \"$agent\" \"$host\"",
    "$remote_addr $ident $remote_user [$time_local] \"$request\" $status $bytes \"$referer\" \"$agent\" $host",
    "$remote_addr $ident $remote_user [$time_local] \"$request\" $status $bytes $host",
    "$time_iso8601 $host $remote_addr \"$request\" $status",
    // Common and combined as they come: a host only where the request names one.
    "$remote_addr $ident $remote_user [$time_local] \"$request\" $status",
];

/// A format string as it stands in a configuration, freed from what belongs to that: nginx' pieces in quotation marks, one
/// behind another, and backslashes before what the marks would end.
pub(crate) fn as_meant(written: &str) -> String {
    let trimmed = written.trim();
    let joined = match trimmed.chars().next() {
        Some(mark @ ('\'' | '"')) if trimmed.len() > 1 && trimmed.ends_with(mark) => {
            pieces_within(trimmed, mark)
        }
        _ => None,
    };
    let mut meant = String::with_capacity(written.len());
    let mut characters = joined.as_deref().unwrap_or(written).chars();
    while let Some(character) = characters.next() {
        match (character, characters.clone().next()) {
            ('\\', Some(escaped @ ('"' | '\'' | '\\'))) => {
                characters.next();
                meant.push(escaped);
            }
            ('\\', Some('t')) => {
                characters.next();
                meant.push('\t');
            }
            _ => meant.push(character),
        }
    }
    meant
}

/// What stands between marks, where there is nothing but blanks outside of them. Of double ones there is one pair: several
/// are fields in quotation marks.
fn pieces_within(text: &str, mark: char) -> Option<String> {
    let (mut joined, mut is_within, mut is_escaped) = (String::new(), false, false);
    for character in text.chars() {
        if character == mark && !is_escaped {
            if mark == '"' && !is_within && !joined.is_empty() {
                return None;
            }
            is_within = !is_within;
        } else if is_within {
            joined.push(character);
        } else if !character.is_whitespace() {
            return None;
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    (!is_within).then_some(joined)
}

impl Template {
    /// Reads a format string, of Apache if it has `%` and no `$`.
    ///
    /// Errors: no field of it tells a host or a request, or two fields stand together with nothing
    /// between them.
    pub(crate) fn parse(format: &str) -> Result<Self, AuditError> {
        let apache = format.contains('%') && !format.contains('$');
        let pieces = if apache { apache_pieces(format) } else { nginx_pieces(format) };
        let mut template = Self { begin: Vec::new(), parts: Vec::new(), has_host: false };
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    let room = template.parts.last_mut().map_or(&mut template.begin, |part| &mut part.end);
                    room.extend_from_slice(text.as_bytes());
                }
                Piece::Field(field) => template.push(field, format)?,
            }
        }
        let tells = |part: &Part| matches!(part.field, Field::Host | Field::Request);
        if !template.parts.iter().any(tells) {
            return Err(AuditError::FormatWithoutHost { got: format.chars().take(200).collect() });
        }
        template.finish();
        Ok(template)
    }

    fn push(&mut self, field: Field, format: &str) -> Result<(), AuditError> {
        if let Some(last) = self.parts.last_mut() {
            if last.field == Field::Host && field == Field::Port && last.end == b":" {
                // What is behind the port ends the host with it.
                last.end.clear();
                return Ok(());
            }
            if last.end.is_empty() {
                return Err(AuditError::FormatWithoutEnd { got: format.chars().take(200).collect() });
            }
        }
        let before = self.parts.last().map_or(&self.begin, |part| &part.end);
        let quoted = before.ends_with(b"\"");
        self.parts.push(Part { field, end: Vec::new(), quoted });
        Ok(())
    }

    /// Each kind once, and nothing behind the last that is wanted.
    fn finish(&mut self) {
        let mut seen = Vec::new();
        for part in &mut self.parts {
            if seen.contains(&part.field) {
                part.field = Field::Other;
            }
            seen.push(part.field);
        }
        let wanted = |part: &Part| !matches!(part.field, Field::Other | Field::Port);
        let count = self.parts.iter().rposition(wanted).map_or(0, |last| last + 1);
        self.parts.truncate(count);
        self.has_host = self.parts.iter().any(|part| part.field == Field::Host);
    }

    /// Whether lines of it name an address.
    pub(crate) fn has_address(&self) -> bool {
        self.parts.iter().any(|part| part.field == Field::Address)
    }

    /// The fields of a line that begins at a place of its block.
    #[inline]
    pub(crate) fn read(&self, line: &[u8], place: usize) -> Result<Fields, Unfit> {
        if !self.begin.is_empty() && !line.starts_with(&self.begin) {
            return Err(Unfit);
        }
        let mut fields = Fields::default();
        let mut at = self.begin.len();
        for part in &self.parts {
            let rest = line.get(at..).unwrap_or_default();
            let length = part.length(rest).ok_or(Unfit)?;
            let span = Span::new(place + at, place + at + length);
            match part.field {
                Field::Host => fields.host = span,
                Field::Address => fields.address = span,
                Field::Time => fields.time = span,
                Field::Request => {
                    fields.target = span;
                    if !self.has_host
                        && let Some((from, to)) = host_of_request(rest.get(..length).unwrap_or_default())
                    {
                        fields.host = Span::new(place + at + from, place + at + to);
                    }
                }
                Field::Path if fields.target == Span::default() => fields.target = span,
                Field::Path | Field::Port | Field::Other => {}
            }
            at += length + part.end.len();
        }
        Ok(fields)
    }
}

impl Part {
    /// How long the field is at the beginning of a text; none if its end is not there.
    #[inline]
    fn length(&self, text: &[u8]) -> Option<usize> {
        let Some((first, others)) = self.end.split_first() else { return Some(text.len()) };
        let mut at = 0;
        loop {
            let found = at + memchr(*first, text.get(at..)?)?;
            // Mostly nothing or one character: not worth a call.
            let ends = match others {
                [] => true,
                [second] => text.get(found + 1) == Some(second),
                _ => text.get(found + 1..).is_some_and(|rest| rest.starts_with(others)),
            };
            if ends && !(self.quoted && is_escaped(text, found)) {
                return Some(found);
            }
            at = found + 1;
        }
    }
}

/// Whether an odd number of backslashes stands before a place.
fn is_escaped(text: &[u8], at: usize) -> bool {
    text.get(..at).unwrap_or_default().iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

enum Piece<'a> {
    Text(&'a str),
    Field(Field),
}

fn nginx_pieces(format: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(dollar) = rest.find('$') {
        let (text, after) = rest.split_at(dollar);
        let name = after.get(1..).unwrap_or_default();
        let braced = name.strip_prefix('{').and_then(|name| name.split_once('}'));
        let (name, behind) = braced.unwrap_or_else(|| {
            let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
            name.split_at(end)
        });
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        pieces.push(Piece::Field(match name {
            "host" | "http_host" | "server_name" | "ssl_server_name" | "http_x_forwarded_host" => Field::Host,
            "remote_addr" | "realip_remote_addr" | "proxy_protocol_addr" => Field::Address,
            "time_local" | "time_iso8601" | "msec" => Field::Time,
            "request" => Field::Request,
            "request_uri" | "uri" | "document_uri" => Field::Path,
            "server_port" => Field::Port,
            _ => Field::Other,
        }));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn apache_pieces(format: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(percent) = rest.find('%') {
        let (text, after) = rest.split_at(percent);
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        // `%>s`, `%!200,304{Referer}i`, `%{Host}i`, `%^ti`
        let after = after.get(1..).unwrap_or_default();
        let after =
            after.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | ',' | '<' | '>'));
        let braced = after.strip_prefix('{').and_then(|after| after.split_once('}'));
        let (name, after) = braced.map_or((None, after), |(name, after)| (Some(name), after));
        let length = if after.starts_with('^') { 3 } else { after.chars().next().map_or(0, char::len_utf8) };
        let (letter, behind) = after.split_at_checked(length).unwrap_or((after, ""));
        let is_host = name.is_some_and(|name| {
            name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case("x-forwarded-host")
        });
        match (letter, name) {
            ("%", None) => pieces.push(Piece::Text("%")),
            ("t", None) => {
                pieces.extend([Piece::Text("["), Piece::Field(Field::Time), Piece::Text("]")]);
            }
            ("v" | "V", _) => pieces.push(Piece::Field(Field::Host)),
            ("i", Some(_)) if is_host => pieces.push(Piece::Field(Field::Host)),
            ("h" | "a", _) => pieces.push(Piece::Field(Field::Address)),
            ("r", _) => pieces.push(Piece::Field(Field::Request)),
            ("U", _) => pieces.push(Piece::Field(Field::Path)),
            ("p", _) => pieces.push(Piece::Field(Field::Port)),
            _ => pieces.push(Piece::Field(Field::Other)),
        }
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(format: &str, line: &str) -> Option<[String; 4]> {
        let fields = Template::parse(format).unwrap().read(line.as_bytes(), 0).ok()?;
        let text = |span: Span| String::from_utf8(span.of(line.as_bytes()).to_vec()).unwrap();
        Some([text(fields.host), text(fields.address), text(fields.time), text(fields.target)])
    }

    #[test]
    fn formats_of_nginx_are_followed() {
        let line =
            r#"example.cn 192.0.2.1 - bob smith [10/Oct/2026:13:55:36 +0800] "GET /\x22 HTTP/1.1" 200 5"#;
        let expected = ["example.cn", "192.0.2.1", "10/Oct/2026:13:55:36 +0800", r"GET /\x22 HTTP/1.1"];
        assert_eq!(told(KNOWN[0], line).unwrap(), expected);
        let last = r#"192.0.2.1 - - [t] "GET / HTTP/1.1" 200 5 "-" "curl \" x" "example.cn:80""#;
        assert_eq!(told(KNOWN[7], last).unwrap(), ["example.cn:80", "192.0.2.1", "t", "GET / HTTP/1.1"]);
        let open = r#"192.0.2.1 - - [t] "GET / HTTP/1.1" 200 5 example.cn"#;
        assert_eq!(told(KNOWN[9], open).unwrap()[0], "example.cn");
        let own = "${host}|$msec|$request_uri|$request_time";
        assert_eq!(told(own, "a.cn|1.5|/x|0.1").unwrap(), ["a.cn", "", "1.5", "/x"]);
    }

    #[test]
    fn formats_of_apache_are_followed() {
        let combined = r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#;
        let line =
            r#"[2001:db8::1]:80 192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] "GET /\" HTTP/1.1" 200 5 "" """#;
        let expected = ["[2001:db8::1]:80", "192.0.2.1", "10/Oct/2026:13:55:36 +0800", r#"GET /\" HTTP/1.1"#];
        assert_eq!(told(combined, line).unwrap(), expected);
        assert_eq!(told("%h %{Host}i %% %m", "192.0.2.1 a.cn % GET").unwrap()[0], "a.cn");
    }

    #[test]
    fn lines_that_end_early_do_not_fit() {
        let whole = r#"example.cn 192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] "GET / HTTP/1.1" 200"#;
        let needed = whole.find("\" 200").unwrap() + 2;
        for length in 0..whole.len() {
            assert_eq!(told(KNOWN[0], &whole[..length]).is_some(), length >= needed, "{length}");
        }
    }

    #[test]
    fn a_format_is_meant_as_its_configuration_means_it() {
        let plain = "$host - [$time_local] \"$request\"";
        assert_eq!(as_meant(plain), plain);
        assert_eq!(as_meant("'$host - '\n    '[$time_local] \"$request\"'"), plain);
        assert_eq!(as_meant(r#""%v %h [%t] \"%r\" %>s""#), r#"%v %h [%t] "%r" %>s"#);
        assert_eq!(as_meant(r#"%v\t\"%r\""#), "%v\t\"%r\"");
        // No pieces: what is outside the marks is part of it.
        for fields in [r#""$host" $x "$request""#, r#""$host" "$request""#] {
            assert_eq!(as_meant(fields), fields);
        }
    }

    #[test]
    fn a_format_must_tell_a_host_and_where_it_ends() {
        assert!(matches!(Template::parse("$status $bytes"), Err(AuditError::FormatWithoutHost { .. })));
        assert!(matches!(Template::parse("$host$status x"), Err(AuditError::FormatWithoutEnd { .. })));
        assert!(matches!(Template::parse("%s"), Err(AuditError::FormatWithoutHost { .. })));
        for known in KNOWN {
            Template::parse(known).unwrap();
        }
    }
}
