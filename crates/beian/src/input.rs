//! Case files: read within bounds, parsed, and searched for the place of a pointer.

mod json_place;

use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use beian_rules::CaseFile;
use toml::de::{DeTable, DeValue};

/// A case file is a page of text: more is a mistake.
pub(crate) const LARGEST_FILE: u64 = 1024 * 1024;

/// A case file as it was read.
#[derive(Debug)]
pub(crate) struct Source {
    /// As it was named on the command line.
    pub(crate) name: String,
    pub(crate) text: String,
    kind: SourceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SourceKind {
    Toml,
    Json,
}

/// The bytes of a file or of standard input (`-`), if they are not too many.
pub(crate) fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let name = path.display();
    let unreadable = |error: std::io::Error| format!("{name} cannot be read: {error}");
    let reader: Box<dyn std::io::Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(unreadable)?)
    };
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > most {
        return Err(format!("{name}: expected at most {most} bytes"));
    }
    Ok(bytes)
}

impl Source {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        let text = String::from_utf8(read_bounded(path, LARGEST_FILE)?).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|&&byte| byte == b'\n').count() + 1;
            format!("{name}:{line}: expected UTF-8 text")
        })?;
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let kind = if is_json { SourceKind::Json } else { SourceKind::Toml };
        Ok(Self { name, text, kind })
    }

    pub(crate) fn parse(&self) -> Result<CaseFile, String> {
        match self.kind {
            SourceKind::Json => serde_json::from_str(&self.text)
                .map_err(|error| format!("{}:{}:{}: {error}", self.name, error.line(), error.column())),
            SourceKind::Toml => toml::from_str(&self.text).map_err(|error| {
                let (line, column) = self.position(error.span().map_or(0, |span| span.start));
                format!("{}:{line}:{column}: {}", self.name, error.message())
            }),
        }
    }

    /// Line and column of a byte, both from 1, the column in characters.
    pub(crate) fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// Where the value of a pointer stands in the text; for something that is
    /// missing, where its nearest parent stands.
    pub(crate) fn locate(&self, pointer: &str) -> Option<Range<usize>> {
        let parts: Vec<&str> = pointer.split('/').skip(1).collect();
        match self.kind {
            SourceKind::Toml => toml_place(&self.text, &parts),
            SourceKind::Json => json_place::place(&self.text, &parts),
        }
    }
}

fn toml_place(text: &str, parts: &[&str]) -> Option<Range<usize>> {
    let document = DeTable::parse(text).ok()?;
    let mut found = None;
    let mut table = document.get_ref();
    for part in parts {
        let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == part) else { break };
        // A table's own span is its header; that of one without a header is empty.
        let span = if value.span().is_empty() { key.span() } else { value.span() };
        found = Some(span);
        match value.get_ref() {
            DeValue::Table(next) => table = next,
            // Materials are found by their purpose, not by their place.
            DeValue::Array(items) => {
                let purpose = parts.last().copied().unwrap_or_default();
                let item = items.iter().find_map(|item| {
                    let DeValue::Table(item) = item.get_ref() else { return None };
                    let (_, value) = item.iter().find(|(key, _)| key.get_ref() == "purpose")?;
                    matches!(value.get_ref(), DeValue::String(text) if *text == purpose).then(|| value.span())
                });
                return item.or(found);
            }
            _ => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(kind: SourceKind, text: &str) -> Source {
        Source { name: "case".to_owned(), text: text.to_owned(), kind }
    }

    #[test]
    fn a_pointer_is_found_in_the_users_own_text() {
        let text = "[sponsor]\nname = \"a\"\n[sponsor.certificate]\nnumber = \"b\"\n[[materials]]\npurpose = \"x\"\n[[materials]]\npurpose = \"y\"\n";
        let toml = source(SourceKind::Toml, text);
        let at = |pointer: &str| toml.locate(pointer).map(|span| &text[span]);
        assert_eq!(at("/sponsor/name"), Some("\"a\""));
        assert_eq!(at("/sponsor/certificate/number"), Some("\"b\""));
        assert_eq!(at("/sponsor/certificate/missing"), Some("[sponsor.certificate]"));
        assert_eq!(at("/materials/y"), Some("\"y\""));
        assert_eq!(at("/service/name"), None);

        let text = r#"{"remark": "\"name\": {", "sponsor": {"name": "a", "certificate": {"number": 1}},
            "service": {"name": "b"}, "materials": [{"purpose": "x", "bytes": 1}, {"bytes": 2, "purpose": "y"}]}"#;
        let json = source(SourceKind::Json, text);
        let at = |pointer: &str| json.locate(pointer).map(|span| &text[span]);
        assert_eq!(at("/service/name"), Some("\"b\""));
        assert_eq!(at("/sponsor/certificate/number"), Some("1"));
        assert_eq!(at("/sponsor/certificate/missing"), Some("\"certificate\""));
        assert_eq!(at("/materials/y"), Some("{\"bytes\": 2, \"purpose\": \"y\"}"));
        assert_eq!(at("/access"), None);
        assert_eq!(source(SourceKind::Json, "{\"a\": ").locate("/a/b"), Some(1..4));
    }

    #[test]
    fn malformed_files_are_told_with_line_and_column() {
        let parse = |kind, text: &str| source(kind, text).parse().map(drop).unwrap_err();
        assert!(parse(SourceKind::Toml, "[sponsor]\nname = ").starts_with("case:2:8: "));
        assert!(parse(SourceKind::Toml, "[sponsor]\nnmae = \"a\"").starts_with("case:2:1: "));
        assert!(parse(SourceKind::Json, "{\n  \"sponsor\": 5\n}").starts_with("case:2:14: "));
    }
}
