//! A small tree of borrowed text, built within bounds.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// One element: local name, text, children. Prefixes are cut off; attributes are
/// not kept, but for `version` on the root (see [`Tree`]).
pub(crate) struct Element<'a> {
    pub(crate) name: Cow<'a, str>,
    /// All its character data, in order. Only whitespace if there are children.
    pub(crate) text: Cow<'a, str>,
    pub(crate) children: Vec<Element<'a>>,
}

/// A parsed document.
pub(crate) struct Tree<'a> {
    pub(crate) root: Element<'a>,
    pub(crate) version: Option<String>,
}

/// How much a document may hold.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) depth: usize,
    pub(crate) elements: usize,
}

/// How many attributes the root may have; it needs one, and declarations of namespaces.
const MAX_ATTRIBUTES: usize = 64;

/// Why text is not a document within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TreeError {
    Doctype,
    NotXml { position: u64 },
    TooDeep { max: usize },
    TooManyElements { max: usize },
    ForbiddenCharacter,
}

impl<'a> Tree<'a> {
    /// Parses a text. The encoding its declaration names is not looked at.
    pub(crate) fn parse(text: &'a str, bounds: Bounds) -> Result<Self, TreeError> {
        if !is_xml_text(text) {
            return Err(TreeError::ForbiddenCharacter);
        }
        let mut reader = Reader::from_str(text);
        let mut builder = Builder::new(bounds);
        let mut version = None;
        loop {
            let position = reader.buffer_position();
            let broken = TreeError::NotXml { position };
            match reader.read_event().map_err(|_| TreeError::NotXml { position: reader.error_position() })? {
                Event::Start(start) => {
                    if builder.is_at_root() {
                        version = version_of(&start, broken)?;
                    }
                    builder.start(name_in(text, position, &start), broken)?;
                }
                Event::Empty(start) => {
                    if builder.is_at_root() {
                        version = version_of(&start, broken)?;
                    }
                    builder.start(name_in(text, position, &start), broken)?;
                    builder.end(broken)?;
                }
                Event::End(_) => builder.end(broken)?,
                Event::Text(text) => builder.text(text.xml10_content(), broken)?,
                Event::CData(data) => builder.text(data.xml10_content(), broken)?,
                Event::GeneralRef(reference) => builder.text(resolve(&reference, broken)?, broken)?,
                Event::DocType(_) => return Err(TreeError::Doctype),
                Event::Decl(_) if builder.count > 0 => return Err(broken),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => {
                    return match (builder.finished, builder.open.is_empty()) {
                        (Some(root), true) => Ok(Self { root, version }),
                        _ => Err(broken),
                    };
                }
            }
        }
    }
}

/// The name of an element that begins at a place of a text: where it stands there, so that
/// it need not be copied.
fn name_in<'a>(text: &'a str, position: u64, start: &BytesStart<'_>) -> Cow<'a, str> {
    let (name, local) = (start.name(), start.local_name());
    let end = usize::try_from(position).unwrap_or(usize::MAX).saturating_add(1 + name.as_ref().len());
    match text.get(end.saturating_sub(local.as_ref().len())..end) {
        Some(there) if there == local.as_ref() => Cow::Borrowed(there),
        _ => local_name(start),
    }
}

/// The name of an element without its prefix.
pub(super) fn local_name(start: &BytesStart<'_>) -> Cow<'static, str> {
    Cow::Owned(start.local_name().as_ref().to_owned())
}

/// The version that a root element declares.
pub(super) fn version_of(start: &BytesStart<'_>, broken: TreeError) -> Result<Option<String>, TreeError> {
    let mut found = None;
    // Looking for doubled names takes time in the square of their number.
    for (index, attribute) in start.attributes().with_checks(false).enumerate() {
        let attribute = attribute.map_err(|_| broken)?;
        let version = attribute.key.as_ref() == "version";
        if index >= MAX_ATTRIBUTES || (version && found.is_some()) {
            return Err(broken);
        }
        if version {
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            found = Some(value.map_err(|_| broken)?.into_owned());
        }
    }
    Ok(found)
}

/// Puts elements together as they begin and end.
pub(super) struct Builder<'a> {
    open: Vec<Element<'a>>,
    /// The outermost element, once it has ended.
    pub(super) finished: Option<Element<'a>>,
    /// How many elements there are.
    pub(super) count: usize,
    bounds: Bounds,
}

impl<'a> Builder<'a> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { open: Vec::new(), finished: None, count: 0, bounds }
    }

    fn is_at_root(&self) -> bool {
        self.open.is_empty() && self.finished.is_none()
    }

    pub(super) fn start(&mut self, name: Cow<'a, str>, broken: TreeError) -> Result<(), TreeError> {
        if self.finished.is_some() {
            return Err(broken);
        }
        if self.open.len() >= self.bounds.depth {
            return Err(TreeError::TooDeep { max: self.bounds.depth });
        }
        if self.count >= self.bounds.elements {
            return Err(TreeError::TooManyElements { max: self.bounds.elements });
        }
        self.count += 1;
        if name.is_empty() {
            return Err(broken);
        }
        self.open.push(Element { name, text: Cow::Borrowed(""), children: Vec::new() });
        Ok(())
    }

    pub(super) fn end(&mut self, broken: TreeError) -> Result<(), TreeError> {
        let mut element = self.open.pop().ok_or(broken)?;
        if !element.children.is_empty() && is_blank(&element.text) {
            element.text = Cow::Borrowed("");
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.finished = Some(element),
        }
        Ok(())
    }

    pub(super) fn text(&mut self, text: Cow<'a, str>, broken: TreeError) -> Result<(), TreeError> {
        match self.open.last_mut() {
            Some(element) if element.text.is_empty() => element.text = text,
            Some(element) => element.text.to_mut().push_str(&text),
            // A byte order mark that survived decoding counts as blank.
            None if is_blank(text.trim_start_matches('\u{FEFF}')) => {}
            None => return Err(broken),
        }
        Ok(())
    }
}

pub(super) fn resolve(reference: &BytesRef<'_>, broken: TreeError) -> Result<Cow<'static, str>, TreeError> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| broken)? {
        return if is_xml(character) {
            Ok(Cow::Owned(character.to_string()))
        } else {
            Err(TreeError::ForbiddenCharacter)
        };
    }
    match &**reference {
        "lt" => Ok(Cow::Borrowed("<")),
        "gt" => Ok(Cow::Borrowed(">")),
        "amp" => Ok(Cow::Borrowed("&")),
        "quot" => Ok(Cow::Borrowed("\"")),
        "apos" => Ok(Cow::Borrowed("'")),
        _ => Err(broken),
    }
}

pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Whether a byte is among many; in blocks, so that many are looked at at once.
pub(crate) fn has(bytes: &[u8], is_wanted: impl Fn(u8) -> bool) -> bool {
    bytes.chunks(4096).any(|block| block.iter().fold(false, |found, byte| found | is_wanted(*byte)))
}

/// Whether XML 1.0 has all characters of a text. Looks closely only where it must.
pub(super) fn is_xml_text(text: &str) -> bool {
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    let controls = text
        .as_bytes()
        .chunks(4096)
        .any(|block| has(block, |byte| byte < b' ') && block.iter().any(is_control));
    // U+FFFE and U+FFFF begin with this byte, as do full stops and brackets.
    !controls && (!has(text.as_bytes(), |byte| byte == 0xEF) || !text.contains(['\u{FFFE}', '\u{FFFF}']))
}

/// Whether XML 1.0 has the character.
pub(super) fn is_xml(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    const BOUNDS: Bounds = Bounds { depth: 3, elements: 5 };

    fn parse(text: &str) -> Result<Tree<'_>, TreeError> {
        Tree::parse(text, BOUNDS)
    }

    #[test]
    fn text_is_joined_and_references_are_resolved() {
        let tree = parse("<?xml version='1.0' encoding='GBK'?><x:a version='1&amp;2'><b>1<!-- c -->2&lt;<![CDATA[<&]]>&#x4E2D;&#13;</b> <c/>\n</x:a>").unwrap();
        assert_eq!(&*tree.root.name, "a");
        assert_eq!(tree.version.as_deref(), Some("1&2"));
        assert_eq!(tree.root.text, "");
        assert_eq!(tree.root.children[0].text, "12<<&中\r");
        assert_eq!(&*tree.root.children[1].name, "c");
    }

    #[test]
    fn what_is_refused() {
        assert_eq!(parse("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>").err(), Some(TreeError::Doctype));
        assert_eq!(parse("<a><b><c><d/></c></b></a>").err(), Some(TreeError::TooDeep { max: 3 }));
        assert_eq!(parse("<a><b/><b/><b/><b/><b/></a>").err(), Some(TreeError::TooManyElements { max: 5 }));
        assert_eq!(parse("<a>\u{1}</a>").err(), Some(TreeError::ForbiddenCharacter));
        assert_eq!(parse("<a>&#1;</a>").err(), Some(TreeError::ForbiddenCharacter));
        for text in [
            "",
            " ",
            "a",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><b/>",
            "<a/>x",
            "x<a/>",
            "<a>&e;</a>",
            "<a>&</a>",
            "<a",
            "<a/><?xml version='1.0'?>",
            "<>",
            "< a/>",
            "<a version='1' version='2'/>",
            "<a>&#xD800;</a>",
        ] {
            assert!(matches!(parse(text).err(), Some(TreeError::NotXml { .. })), "{text}");
        }
    }
}
