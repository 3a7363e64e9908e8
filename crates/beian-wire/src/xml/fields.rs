//! Taking a tree apart: every field by name, in any order, with all that is wrong
//! written down instead of stopping at the first.

use super::tree::has;
use super::tree::{Bounds, Element, Tree, TreeError, is_blank};
use super::{Content, Number, Problem, ProblemKind, Problems, ReadError, Repeated, Text};
use crate::{InterfaceVersion, MAX_XML_BYTES, gbk};
use std::borrow::Cow;

/// How deep a file may be nested; the interface itself needs ten. How many elements it may
/// have: a thousand records of a thousand.
pub(super) const BOUNDS: Bounds = Bounds { depth: 24, elements: 1_000_000 };

/// How far a document may stray from the schema, beyond order and whitespace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leniency {
    /// Not at all: what the regulator says of uploads.
    None,
    /// An empty element that may be absent counts as absent: files of the regulator.
    EmptyIsAbsent,
    /// Elements that nobody asked for are passed over too: replies.
    StrangersPass,
}

/// Reads a GBK file whose root is `root`, handing its fields to `read`.
pub(crate) fn read_document<T>(
    bytes: &[u8],
    root: &'static str,
    leniency: Leniency,
    read: impl FnOnce(&mut Fields<'_, '_>, InterfaceVersion) -> Option<T>,
) -> Result<T, ReadError> {
    if bytes.len() > MAX_XML_BYTES {
        return Err(ReadError::TooLarge { max: MAX_XML_BYTES, got: bytes.len() });
    }
    let text = gbk::decode_document(bytes, encoding_rs::GBK).map_err(|_| ReadError::NotText)?;
    read_text(&text, root, leniency, read)
}

/// Reads a document that is text already, whatever encoding it declares.
pub(crate) fn read_text<T>(
    text: &str,
    root: &'static str,
    leniency: Leniency,
    read: impl FnOnce(&mut Fields<'_, '_>, InterfaceVersion) -> Option<T>,
) -> Result<T, ReadError> {
    let tree = Tree::parse(text, BOUNDS)?;
    read_tree(&tree, root, leniency, FirstIndex::default(), read)
}

/// Where the first of the repeated elements at a depth stands among those that are not in
/// the tree.
#[derive(Clone, Copy, Default)]
pub(crate) struct FirstIndex {
    pub(crate) depth: usize,
    pub(crate) index: usize,
}

/// Reads a document that is a tree already.
pub(crate) fn read_tree<T>(
    tree: &Tree<'_>,
    root: &'static str,
    leniency: Leniency,
    first: FirstIndex,
    read: impl FnOnce(&mut Fields<'_, '_>, InterfaceVersion) -> Option<T>,
) -> Result<T, ReadError> {
    let mut report = Report {
        path: Vec::new(),
        problems: Problems::default(),
        leniency,
        version: InterfaceVersion::default(),
        unknown: None,
        first,
    };
    let value = read_root(tree, root, &mut report, read);
    match (report.unknown, value) {
        (Some(element), _) => Err(ReadError::UnknownOperation { element }),
        (None, Some(value)) if report.problems.count() == 0 => Ok(value),
        _ => Err(ReadError::Structure(report.problems)),
    }
}

fn read_root<T>(
    tree: &Tree<'_>,
    root: &'static str,
    report: &mut Report,
    read: impl FnOnce(&mut Fields<'_, '_>, InterfaceVersion) -> Option<T>,
) -> Option<T> {
    report.path.push(Step { name: shorten(&tree.root.name).into(), index: None });
    if &*tree.root.name != root {
        report.add(None, ProblemKind::Unexpected);
        return None;
    }
    let version = match tree.version.as_deref().map(InterfaceVersion::declared) {
        Some(Some(version)) => Some(version),
        // Replies were seen without a version, though the schema wants one.
        _ if report.leniency == Leniency::StrangersPass => Some(InterfaceVersion::v3_0()),
        Some(None) => {
            report.add(Some("@version"), ProblemKind::Form);
            None
        }
        None => {
            report.add(Some("@version"), ProblemKind::Missing);
            None
        }
    };
    // A wrong version must not hide what else is wrong.
    report.version = version.clone().unwrap_or_default();
    let value = Fields::open(&tree.root, report, |fields| read(fields, version.clone().unwrap_or_default()));
    version.and(value)
}

/// Where the reading is, and what it found.
pub(crate) struct Report {
    path: Vec<Step>,
    problems: Problems,
    leniency: Leniency,
    version: InterfaceVersion,
    unknown: Option<String>,
    first: FirstIndex,
}

struct Step {
    name: Cow<'static, str>,
    index: Option<usize>,
}

impl Report {
    fn add(&mut self, child: Option<&str>, kind: ProblemKind) {
        let path = &self.path;
        self.problems.add(|| {
            let mut text = String::new();
            for step in path {
                text.push('/');
                text.push_str(&step.name);
                if let Some(index) = step.index {
                    text.push_str(&format!("[{}]", index + 1));
                }
            }
            if let Some(child) = child {
                text.push('/');
                text.push_str(&shorten(child));
            }
            Problem { path: text, kind }
        });
    }
}

/// Which children were asked for: few elements have more than the first 64.
struct Taken {
    first: u64,
    others: Vec<bool>,
}

impl Taken {
    fn none(children: usize) -> Self {
        Self { first: 0, others: vec![false; children.saturating_sub(64)] }
    }

    fn has(&self, index: usize) -> bool {
        match index.checked_sub(64) {
            None => self.first & (1 << index) != 0,
            Some(other) => self.others.get(other).copied().unwrap_or(true),
        }
    }

    /// Takes a child; whether it was there to be taken.
    fn take(&mut self, index: usize) -> bool {
        let is_new = !self.has(index);
        match index.checked_sub(64) {
            None => self.first |= 1 << index,
            Some(other) => self.others.get_mut(other).into_iter().for_each(|taken| *taken = true),
        }
        is_new
    }
}

/// The fields of one element.
pub(crate) struct Fields<'e, 'r> {
    element: &'e Element<'e>,
    taken: Taken,
    report: &'r mut Report,
}

impl<'e> Fields<'e, '_> {
    /// Reads an element, then reports every child that nobody asked for.
    fn open<T>(
        element: &'e Element<'e>,
        report: &mut Report,
        read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let mut fields = Fields { element, taken: Taken::none(element.children.len()), report };
        let value = read(&mut fields);
        let Fields { taken, report, .. } = fields;
        if report.leniency < Leniency::StrangersPass {
            for (_, child) in element.children.iter().enumerate().filter(|(index, _)| !taken.has(*index)) {
                report.add(Some(&child.name), ProblemKind::Unexpected);
            }
        }
        if !is_blank(&element.text) {
            report.add(Some("text()"), ProblemKind::Unexpected);
        }
        value
    }

    /// Whether a child of this name is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.element.children.iter().any(|child| &*child.name == name)
    }

    /// The first of these names that a child has; not in the order of the children.
    pub(crate) fn first_of(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.has(name))
    }

    /// Gives up on the document if a child has another name than these: it is an
    /// operation that is not supported.
    pub(crate) fn supported(&mut self, names: &[&str]) -> Option<()> {
        let stranger = self.element.children.iter().find(|child| !names.contains(&&*child.name));
        match stranger {
            None => Some(()),
            Some(stranger) => {
                self.report.unknown.get_or_insert_with(|| shorten(&stranger.name));
                None
            }
        }
    }

    /// Whether so many of something are within bounds; if not, that is reported.
    pub(crate) fn counted(&mut self, field: Repeated, got: usize) -> bool {
        let Repeated { name, min, max } = field;
        let within = (min..=max).contains(&got);
        if !within {
            self.report.add(Some(name), ProblemKind::Count { min, max, got });
        }
        within
    }

    fn take(&mut self, name: &str) -> Vec<&'e Element<'e>> {
        let mut found = Vec::new();
        for (index, child) in self.element.children.iter().enumerate() {
            if child.name == name && self.taken.take(index) {
                found.push(child);
            }
        }
        found
    }

    /// The first child of this name; that there are more is reported.
    fn take_one(&mut self, name: &'static str, min: usize) -> Option<&'e Element<'e>> {
        let (mut first, mut got) = (None, 0);
        for (index, child) in self.element.children.iter().enumerate() {
            if child.name == name && self.taken.take(index) {
                got += 1;
                first = first.or(Some(child));
            }
        }
        if got > 1 {
            self.report.add(Some(name), ProblemKind::Count { min, max: 1, got });
        }
        first
    }

    /// The one child of this name, if it is there.
    fn single(&mut self, name: &'static str) -> Option<&'e Element<'e>> {
        let element = self.take_one(name, 0)?;
        let dropped = self.report.leniency >= Leniency::EmptyIsAbsent
            && element.children.is_empty()
            && is_blank(&element.text);
        (!dropped).then_some(element)
    }

    fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self, &'e Element<'e>) -> Option<T>,
    ) -> Option<T> {
        // An empty element that is required is not absent but wrong: read it as it stands.
        match self.take_one(name, 1) {
            Some(element) => read(self, element),
            None => {
                self.report.add(Some(name), ProblemKind::Missing);
                None
            }
        }
    }

    fn leaf(&mut self, element: &'e Element<'e>) -> &'e str {
        if let Some(child) = element.children.first() {
            self.report.path.push(Step { name: shorten(&element.name).into(), index: None });
            self.report.add(Some(&child.name), ProblemKind::Unexpected);
            self.report.path.pop();
        }
        &element.text
    }

    fn text_of(&mut self, field: Text, element: &'e Element<'e>) -> Option<String> {
        let text = self.leaf(element);
        let got = text.chars().count();
        if (field.min..=field.max).contains(&got) {
            return Some(text.to_owned());
        }
        self.report.add(Some(field.name), ProblemKind::Length { min: field.min, max: field.max, got });
        None
    }

    fn number_of<T: TryFrom<u64>>(&mut self, field: Number, element: &'e Element<'e>) -> Option<T> {
        let Number { name, min, max } = field;
        let text = self.leaf(element).trim_matches([' ', '\t', '\r', '\n']);
        let kind = match text.parse::<u64>() {
            Ok(got) if (min..=max).contains(&got) => match T::try_from(got) {
                Ok(value) => return Some(value),
                Err(_) => ProblemKind::Range { min, max, got },
            },
            Ok(got) => ProblemKind::Range { min, max, got },
            Err(_) => ProblemKind::NotANumber { min, max },
        };
        self.report.add(Some(name), kind);
        None
    }

    /// A required text.
    pub(crate) fn text(&mut self, field: Text) -> Option<String> {
        self.required(field.name, |fields, element| fields.text_of(field, element))
    }

    /// A text that may be absent.
    pub(crate) fn optional_text(&mut self, field: Text) -> Option<String> {
        let element = self.single(field.name)?;
        self.text_of(field, element)
    }

    /// A required text of a form of its own.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.required(name, |fields, element| fields.parsed_of(name, element, parse))
    }

    /// A text of a form of its own that may be absent.
    pub(crate) fn optional_parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let element = self.single(name)?;
        self.parsed_of(name, element, parse)
    }

    fn parsed_of<T>(
        &mut self,
        name: &'static str,
        element: &'e Element<'e>,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(self.leaf(element).trim());
        if value.is_none() {
            self.report.add(Some(name), ProblemKind::Form);
        }
        value
    }

    /// A required number.
    pub(crate) fn number<T: TryFrom<u64>>(&mut self, field: Number) -> Option<T> {
        self.required(field.name, |fields, element| fields.number_of(field, element))
    }

    /// A number that may be absent.
    pub(crate) fn optional_number<T: TryFrom<u64>>(&mut self, field: Number) -> Option<T> {
        let element = self.single(field.name)?;
        self.number_of(field, element)
    }

    /// A number that only the extended version has an element for.
    pub(crate) fn extension<T: TryFrom<u64>>(&mut self, field: Number) -> Option<T> {
        // In other versions it stays untaken, and so is reported as not belonging there.
        if self.report.version.is_extended() { self.optional_number(field) } else { None }
    }

    /// Repeated elements that only the extended version has.
    pub(crate) fn extension_children<T>(
        &mut self,
        field: Repeated,
        read: impl Fn(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Vec<T> {
        if self.report.version.is_extended() { self.children(field, read) } else { Vec::new() }
    }

    /// A required number out of a list.
    pub(crate) fn listed<T>(&mut self, field: Number, choose: impl FnOnce(u64) -> Option<T>) -> Option<T> {
        let got = self.number(field)?;
        self.choose(field, got, choose)
    }

    /// A number out of a list that may be absent.
    pub(crate) fn optional_listed<T>(
        &mut self,
        field: Number,
        choose: impl FnOnce(u64) -> Option<T>,
    ) -> Option<T> {
        let got = self.optional_number(field)?;
        self.choose(field, got, choose)
    }

    fn choose<T>(&mut self, field: Number, got: u64, choose: impl FnOnce(u64) -> Option<T>) -> Option<T> {
        let value = choose(got);
        if value.is_none() {
            self.report.add(Some(field.name), ProblemKind::NotListed { got });
        }
        value
    }

    /// Base64 content, without the line ends a sender may have put in. Whether it
    /// is base64 and how large it may be is not the schema's matter.
    pub(crate) fn content(&mut self, field: Content) -> Option<String> {
        self.required(field.name, |fields, element| fields.content_of(field, element))
    }

    fn content_of(&mut self, field: Content, element: &'e Element<'e>) -> Option<String> {
        let text = self.leaf(element);
        // Of what is no larger than a space, XML has the spaces alone.
        let text: String = if has(text.as_bytes(), |byte| byte <= b' ') {
            text.chars().filter(|character| !character.is_ascii_whitespace()).collect()
        } else {
            text.to_owned()
        };
        if text.is_empty() {
            self.report.add(Some(field.name), ProblemKind::Length { min: 1, max: field.max, got: 0 });
            return None;
        }
        Some(text)
    }

    /// A required element with fields of its own.
    pub(crate) fn child<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        self.required(name, |fields, element| fields.descend(name, None, element, read))
    }

    /// An element with fields of its own that may be absent.
    pub(crate) fn optional_child<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let element = self.single(name)?;
        self.descend(name, None, element, read)
    }

    /// A repeated element with fields of its own.
    pub(crate) fn children<T>(
        &mut self,
        field: Repeated,
        read: impl Fn(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Vec<T> {
        let FirstIndex { depth, index: first } = self.report.first;
        let first = if self.report.path.len() == depth { first } else { 0 };
        self.repeated(field, |fields, index, element| {
            fields.descend(field.name, Some(first + index), element, &read)
        })
    }

    /// A repeated number.
    pub(crate) fn numbers<T: TryFrom<u64>>(&mut self, field: Number, most: usize) -> Vec<T> {
        self.repeated(Repeated::new(field.name, 1, most), |fields, _, element| {
            fields.number_of(field, element)
        })
    }

    /// A repeated base64 content.
    pub(crate) fn contents(&mut self, field: Content, most: usize) -> Vec<String> {
        self.repeated(Repeated::new(field.name, 1, most), |fields, _, element| {
            fields.content_of(field, element)
        })
    }

    fn repeated<T>(
        &mut self,
        field: Repeated,
        read: impl Fn(&mut Self, usize, &'e Element<'e>) -> Option<T>,
    ) -> Vec<T> {
        let Repeated { name, min, max } = field;
        let found = self.take(name);
        let got = found.len();
        if got == 0 && min > 0 {
            self.report.add(Some(name), ProblemKind::Missing);
        } else if !(min..=max).contains(&got) {
            self.report.add(Some(name), ProblemKind::Count { min, max, got });
        }
        found.iter().take(max).enumerate().filter_map(|(index, element)| read(self, index, element)).collect()
    }

    fn descend<T>(
        &mut self,
        name: &'static str,
        index: Option<usize>,
        element: &'e Element<'e>,
        read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        self.report.path.push(Step { name: name.into(), index });
        let value = Fields::open(element, self.report, read);
        self.report.path.pop();
        value
    }
}

impl From<TreeError> for ReadError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Doctype => Self::Doctype,
            TreeError::NotXml { position } => Self::NotXml { position },
            TreeError::TooDeep { max } => Self::TooDeep { max },
            TreeError::TooManyElements { max } => Self::TooManyElements { max },
            TreeError::ForbiddenCharacter => Self::NotText,
        }
    }
}

/// A name from outside, short enough for a report.
fn shorten(name: &str) -> String {
    name.chars().take(64).collect()
}
