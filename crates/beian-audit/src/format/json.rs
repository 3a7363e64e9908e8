//! A JSON object on every line, flat or nested, as nginx, Envoy, Caddy and Traefik write them.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::line::{Fields, Span, Unfit};

/// The names under which each field is looked for, the best first; of an object within an object, both
/// with a dot between.
///
/// Shippers of logs add a `host` of their own, the machine: what can only be the one that was asked for comes first.
const HOSTS: &[&str] = &[
    "http_host",
    "request.host",
    "url.domain",
    "authority",
    ":authority",
    "RequestHost",
    "host",
    "vhost",
    "server_name",
    "domain",
    "qname",
    "query",
];
const ADDRESSES: &[&str] = &[
    "remote_addr",
    "client_ip",
    "request.client_ip",
    "request.remote_ip",
    "remote_ip",
    "clientip",
    "ClientHost",
    "downstream_remote_address_without_port",
    "downstream_remote_address",
    "client",
    "client_addr",
    "source.ip",
];
const TIMES: &[&str] = &[
    "time_iso8601",
    "time_local",
    "time",
    "timestamp",
    "@timestamp",
    "ts",
    "start_time",
    "StartUTC",
    "msec",
    "date",
];
const TARGETS: &[&str] =
    &["request_uri", "uri", "request.uri", "path", "RequestPath", "url", "url.path", "request"];
/// Objects within objects deeper than this are passed over.
const DEEPEST: usize = 4;

/// The names of columns or keys that are asked for first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldNames {
    /// Of the host.
    pub host: Option<String>,
    /// Of the time.
    pub time: Option<String>,
    /// Of the address.
    pub address: Option<String>,
    /// Of the path, the URL or the request.
    pub target: Option<String>,
}

impl FieldNames {
    /// Of columns with names, which are host, time, address and target.
    pub fn places<'a>(&self, columns: impl IntoIterator<Item = &'a str>) -> [Option<usize>; 4] {
        let (mut places, mut ranks) = ([None; 4], [usize::MAX; 4]);
        for (column, name) in columns.into_iter().enumerate() {
            let known = self.rank(name).or_else(|| self.rank(&name.to_ascii_lowercase()));
            if let Some((field, rank)) = known
                && rank < ranks[field]
            {
                ranks[field] = rank;
                places[field] = Some(column);
            }
        }
        places
    }

    /// Whether a name is of a field, which, and how good it is: 0 is the best.
    pub(crate) fn rank(&self, name: &str) -> Option<(usize, usize)> {
        let fields =
            [(&self.host, HOSTS), (&self.time, TIMES), (&self.address, ADDRESSES), (&self.target, TARGETS)];
        fields.into_iter().enumerate().find_map(|(field, (own, known))| match own {
            Some(own) => (own == name).then_some((field, 0)),
            None => known.iter().position(|known| *known == name).map(|rank| (field, rank)),
        })
    }
}

/// Copies the fields of a line behind a text: what is written with escapes is not in the line itself.
pub(crate) fn read(names: &FieldNames, line: &[u8], text: &mut Vec<u8>) -> Result<Fields, Unfit> {
    let mut found = Found { names, ranks: [usize::MAX; 4], spans: [Span::default(); 4], text };
    let mut reader = serde_json::Deserializer::from_slice(line);
    let object = Object { found: &mut found, prefix: "", depth: 0 };
    object.deserialize(&mut reader).map_err(|_| Unfit)?;
    reader.end().map_err(|_| Unfit)?;
    let [host, time, address, target] = found.spans;
    Ok(Fields { host, time, address, target })
}

struct Found<'a> {
    names: &'a FieldNames,
    ranks: [usize; 4],
    spans: [Span; 4],
    text: &'a mut Vec<u8>,
}

impl Found<'_> {
    fn note(&mut self, (field, rank): (usize, usize), value: &[u8]) {
        let (Some(best), Some(span)) = (self.ranks.get_mut(field), self.spans.get_mut(field)) else { return };
        // Of one key that comes twice, the last holds, as everywhere.
        if rank <= *best && !value.is_empty() {
            *best = rank;
            let from = self.text.len();
            self.text.extend_from_slice(value);
            *span = Span::new(from, self.text.len());
        }
    }
}

/// An object on its way; what it is within stands before its keys.
struct Object<'f, 'a> {
    found: &'f mut Found<'a>,
    prefix: &'f str,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { found, prefix, depth } = self;
        // A key may be written with escapes; then it is none of ours.
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let name = if prefix.is_empty() { key.into_owned() } else { format!("{prefix}.{key}") };
            let rank = found.names.rank(&name);
            map.next_value_seed(Value { found, name: &name, rank, depth })?;
        }
        Ok(())
    }
}

struct Value<'f, 'a> {
    found: &'f mut Found<'a>,
    name: &'f str,
    rank: Option<(usize, usize)>,
    depth: usize,
}

impl Value<'_, '_> {
    fn note(self, value: &[u8]) {
        if let Some(rank) = self.rank {
            self.found.note(rank, value);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth >= DEEPEST {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(|_| ());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = ();
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }
    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.note(value.as_bytes());
        Ok(())
    }
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.note(value.to_string().as_bytes());
        Ok(())
    }
    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.note(value.to_string().as_bytes());
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        Object { found: self.found, prefix: self.name, depth: self.depth + 1 }.visit_map(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: &FieldNames, line: &str) -> Option<[String; 4]> {
        let mut text = b"before".to_vec();
        let fields = read(names, line.as_bytes(), &mut text).ok()?;
        let of = |span: Span| String::from_utf8(span.of(&text).to_vec()).unwrap();
        Some([of(fields.host), of(fields.time), of(fields.address), of(fields.target)])
    }

    #[test]
    fn objects_of_well_known_servers_are_read() {
        let names = FieldNames::default();
        let nginx = r#"{"time_local":"10/Oct/2026:13:55:36 +0800","remote_addr":"192.0.2.1","host":"a.cn","request":"GET / HTTP/1.1","status":"200"}"#;
        assert_eq!(
            told(&names, nginx).unwrap(),
            ["a.cn", "10/Oct/2026:13:55:36 +0800", "192.0.2.1", "GET / HTTP/1.1"]
        );
        let caddy = r#"{"level":"info","ts":1791611736.25,"request":{"remote_ip":"192.0.2.1","host":"a.cn","uri":"/x","headers":{"Host":["b.cn"]}},"size":1}"#;
        assert_eq!(told(&names, caddy).unwrap(), ["a.cn", "1791611736.25", "192.0.2.1", "/x"]);
        let escaped = r#"{"host":"\u98df\u72ee.cn","uri":"\/a","ts":1791611736}"#;
        assert_eq!(told(&names, escaped).unwrap(), ["食狮.cn", "1791611736", "", "/a"]);
    }

    #[test]
    fn the_best_name_wins_wherever_it_stands() {
        let names = FieldNames::default();
        assert_eq!(told(&names, r#"{"server_name":"_","host":"a.cn"}"#).unwrap()[0], "a.cn");
        assert_eq!(told(&names, r#"{"host":"a.cn","server_name":"_"}"#).unwrap()[0], "a.cn");
        assert_eq!(told(&names, r#"{"host":"","server_name":"a.cn"}"#).unwrap()[0], "a.cn");
        let own = FieldNames { host: Some("h.name".to_owned()), ..FieldNames::default() };
        assert_eq!(told(&own, r#"{"host":"a.cn","h":{"name":"b.cn"}}"#).unwrap()[0], "b.cn");
    }

    #[test]
    fn the_machine_that_a_shipper_of_logs_adds_is_not_the_host() {
        let names = FieldNames::default();
        assert_eq!(told(&names, r#"{"host":"edge01","http_host":"a.cn"}"#).unwrap()[0], "a.cn");
        let elastic =
            r#"{"host":{"name":"edge01"},"url":{"domain":"a.cn","path":"/x"},"source":{"ip":"192.0.2.1"}}"#;
        assert_eq!(told(&names, elastic).unwrap(), ["a.cn", "", "192.0.2.1", "/x"]);
        assert_eq!(names.places(["Time", "HOST"]), [Some(1), Some(0), None, None]);
    }

    #[test]
    fn the_documents_list_every_name_in_its_order() {
        let documents = include_str!("../../../../docs/audit.md");
        for (field, names) in
            [("host", HOSTS), ("time", TIMES), ("address", ADDRESSES), ("path, URL or request", TARGETS)]
        {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let row = format!("| {field} | {} |", names.join(" "));
            assert!(documents.lines().any(|line| line == row), "expected {row}");
        }
    }

    #[test]
    fn what_is_no_object_does_not_fit() {
        let names = FieldNames::default();
        let deep = format!("{}{}", r#"{"a":"#.repeat(5000), "}".repeat(5000));
        for line in
            ["", "{", "[]", "1", r#"{"host":"a.cn""#, r#"{"host":"a.cn"} x"#, "{\"host\":\"\u{1}\"}", &deep]
        {
            assert_eq!(told(&names, line), None, "{}", line.chars().take(30).collect::<String>());
        }
        assert_eq!(told(&names, r#"{"host":["a.cn"],"ts":null,"x":-1,"y":true}"#).unwrap()[0], "");
    }
}
