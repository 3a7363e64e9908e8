//! Where in a file something stands, for whoever has to mend it.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place in a file of the rulebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The key, for example `sms-hours[1].source`; empty where there is none.
    pub key: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)?;
        if self.key.is_empty() { Ok(()) } else { write!(f, ", {}", self.key) }
    }
}

impl Place {
    /// A place that is known by its pointer (`/sms-hours/1/source`). Where a
    /// part of the pointer does not exist, the line is that of what it lies in.
    pub(super) fn at_pointer(file: &str, text: &str, pointer: &str) -> Self {
        let mut key = String::new();
        let mut offset = 0;
        let document = DeTable::parse(text).ok().map(|table| DeValue::Table(table.into_inner()));
        let mut value = document.as_ref();
        for part in pointer.split('/').skip(1) {
            let child = match value {
                Some(DeValue::Array(items)) => {
                    push_index(&mut key, part);
                    part.parse()
                        .ok()
                        .and_then(|index: usize| items.get(index))
                        .map(|item| (item.span(), item))
                }
                Some(DeValue::Table(table)) => {
                    push_key(&mut key, part);
                    table.get_key_value(part).map(|(name, child)| (name.span(), child))
                }
                _ => None,
            };
            if let Some((span, _)) = &child {
                offset = span.start;
            }
            value = child.map(|(_, child)| child.get_ref());
        }
        Self { file: file.to_owned(), line: line_of(text, offset), key }
    }

    /// A place that is known by its bytes.
    pub(super) fn at_span(file: &str, text: &str, span: Option<Range<usize>>) -> Self {
        let offset = span.map_or(0, |span| span.start);
        let key = DeTable::parse(text).ok().and_then(|table| {
            let mut key = String::new();
            finds_in_table(table.get_ref(), offset, &mut key).then_some(key)
        });
        Self { file: file.to_owned(), line: line_of(text, offset), key: key.unwrap_or_default() }
    }
}

/// The line, from 1, that a byte stands in.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn push_key(key: &mut String, name: &str) {
    if !key.is_empty() {
        key.push('.');
    }
    key.push_str(name);
}

fn push_index(key: &mut String, index: impl fmt::Display) {
    key.push_str(&format!("[{index}]"));
}

/// Whether a byte lies in a table; then the key of what it lies in is appended.
/// A child is looked into wherever it ends: the span of a table is its header.
fn finds_in_table(table: &DeTable<'_>, offset: usize, key: &mut String) -> bool {
    table.iter().any(|(name, child)| {
        let before = key.len();
        push_key(key, name.get_ref());
        let found = finds(child, offset, key) || name.span().contains(&offset);
        if !found {
            key.truncate(before);
        }
        found
    })
}

fn finds(value: &Spanned<DeValue<'_>>, offset: usize, key: &mut String) -> bool {
    let inside = match value.get_ref() {
        DeValue::Table(table) => finds_in_table(table, offset, key),
        DeValue::Array(items) => items.iter().enumerate().any(|(index, item)| {
            let before = key.len();
            push_index(key, index);
            let found = finds(item, offset, key);
            if !found {
                key.truncate(before);
            }
            found
        }),
        _ => false,
    };
    inside || value.span().contains(&offset)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const TEXT: &str = "a = 1\nb = [\n  { value = [\n    \"x\",\n    \"y\" ] },\n]\n\n[[list]]\nkind = \"k\"\n[[list]]\nkind = \"l\"\n[years]\n2024 = []\n";

    #[test]
    fn a_pointer_and_a_byte_lead_to_the_same_line_and_key() {
        for (pointer, found, line, key) in [
            ("/a", "1", 1, "a"),
            ("/b/0/value/1", "\"y\"", 5, "b[0].value[1]"),
            ("/list/1/kind", "\"l\"", 11, "list[1].kind"),
            ("/years/2024", "2024", 13, "years.2024"),
        ] {
            let place = Place { file: "f".to_owned(), line, key: key.to_owned() };
            assert_eq!(Place::at_pointer("f", TEXT, pointer), place);
            let start = TEXT.find(found).unwrap();
            assert_eq!(Place::at_span("f", TEXT, Some(start..start)), place);
        }
    }

    #[test]
    fn what_does_not_exist_is_near_what_does() {
        assert_eq!(Place::at_pointer("f", TEXT, "/list/1/scope").line, 10);
        assert_eq!(Place::at_pointer("f", TEXT, "/c").line, 1);
        assert_eq!(Place::at_pointer("f", "a = ", "/a").line, 1);
        assert_eq!(Place::at_span("f", "a = 1\nb = ", Some(10..10)).to_string(), "f, line 2");
    }
}
