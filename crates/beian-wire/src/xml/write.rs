//! The strict writer: what breaks a limit of the schema is refused with its path.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tree::is_xml;
use super::{Content, Number, Repeated, Text, WriteError};
use crate::{InterfaceVersion, MAX_XML_BYTES, gbk};

/// Writes a GBK file: declaration, root with its version, content.
pub(crate) fn gbk_document(
    root: &'static str,
    version: &InterfaceVersion,
    write: impl FnOnce(&mut XmlWriter) -> Result<(), WriteError>,
) -> Result<Vec<u8>, WriteError> {
    let mut writer = XmlWriter::begin(root, version);
    write(&mut writer)?;
    writer.tag("</", root);
    let bytes = writer.out;
    if bytes.len() > MAX_XML_BYTES {
        return Err(WriteError::TooLarge { max: MAX_XML_BYTES, got: bytes.len() });
    }
    Ok(bytes)
}

/// Text with the characters replaced that mean something in XML; a carriage return
/// too, which a reader would otherwise turn into a line feed.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            other if is_xml(other) => out.push(other),
            _ => out.push('\u{FFFD}'),
        }
    }
    out
}

/// Writes elements one after another.
pub(crate) struct XmlWriter {
    /// In GBK already.
    out: Vec<u8>,
    /// Room to try base64 in.
    decoded: Vec<u8>,
    path: Vec<Step>,
    version: InterfaceVersion,
    frames: Option<Frames>,
}

/// Where records come one by one: the elements around them, which stay open until another
/// is wanted.
#[derive(Clone)]
struct Frames {
    is_frame: fn(&[&str]) -> bool,
    open: Vec<&'static str>,
    ended: Vec<Vec<&'static str>>,
    /// How many records there are in the innermost.
    records: usize,
}

#[derive(Clone, Copy)]
struct Step {
    name: &'static str,
    index: Option<usize>,
}

impl XmlWriter {
    fn begin(root: &'static str, version: &InterfaceVersion) -> Self {
        let declared = escape(version.as_str());
        Self {
            out: format!("<?xml version=\"1.0\" encoding=\"GBK\"?>\n<{root} version=\"{declared}\">")
                .into_bytes(),
            decoded: Vec::new(),
            path: vec![Step { name: root, index: None }],
            version: version.clone(),
            frames: None,
        }
    }

    /// Ends the frames that are open below what is written to.
    fn settle(&mut self) {
        let depth = self.path.len().saturating_sub(1);
        while let Some(frames) = self.frames.as_mut().filter(|frames| frames.open.len() > depth) {
            frames.ended.push(frames.open.clone());
            frames.records = 0;
            if let Some(name) = frames.open.pop() {
                self.tag("</", name);
            }
        }
    }

    fn tag(&mut self, begin: &str, name: &str) {
        for part in [begin, name, ">"] {
            self.out.extend_from_slice(part.as_bytes());
        }
    }

    /// Makes an element the open frame; `None` when it is none.
    fn open_frame(&mut self, name: &'static str) -> Option<Result<(), WriteError>> {
        let frames = self.frames.as_ref()?;
        // In a record nothing is a frame.
        if self.path.iter().any(|step| step.index.is_some()) {
            return None;
        }
        let names: Vec<&'static str> =
            self.path.iter().skip(1).map(|step| step.name).chain(std::iter::once(name)).collect();
        if !(frames.is_frame)(&names) {
            return None;
        }
        if frames.open.starts_with(&names) {
            return Some(Ok(()));
        }
        self.settle();
        let again = WriteError::Count { path: self.path(name), min: 0, max: 1, got: 2 };
        let frames = self.frames.as_mut()?;
        if frames.ended.contains(&names) {
            return Some(Err(again));
        }
        frames.open = names;
        frames.records = 0;
        self.tag("<", name);
        Some(Ok(()))
    }

    fn path(&self, name: &str) -> String {
        let mut text = String::new();
        for step in &self.path {
            text.push('/');
            text.push_str(step.name);
            if let Some(index) = step.index {
                text.push_str(&format!("[{}]", index + 1));
            }
        }
        text.push('/');
        text.push_str(name);
        text
    }

    /// The report of an element that must stand and does not.
    pub(crate) fn missing(&self, name: &str) -> WriteError {
        WriteError::Count { path: self.path(name), min: 1, max: 1, got: 0 }
    }

    /// Text of ASCII that needs no escaping.
    fn leaf(&mut self, name: &str, text: &str) {
        self.settle();
        self.tag("<", name);
        self.out.extend_from_slice(text.as_bytes());
        self.tag("</", name);
    }

    /// A text.
    pub(crate) fn text(&mut self, field: Text, text: &str) -> Result<(), WriteError> {
        let got = text.chars().count();
        if !(field.min..=field.max).contains(&got) {
            return Err(WriteError::Length {
                path: self.path(field.name),
                min: field.min,
                max: field.max,
                got,
            });
        }
        self.settle();
        self.tag("<", field.name);
        let begin = self.out.len();
        if let Err(outside) = self.escaped(text) {
            self.out.truncate(begin);
            let path = self.path(field.name);
            return Err(match text.chars().find(|character| !is_xml(*character)) {
                Some(character) => WriteError::NotXml { path, code_point: character.into() },
                None => WriteError::NotGbk { path, character: outside },
            });
        }
        self.tag("</", field.name);
        Ok(())
    }

    /// Text as [`escape`] has it, or the first character that cannot be written.
    fn escaped(&mut self, text: &str) -> Result<(), char> {
        for character in text.chars() {
            match character {
                '&' => self.out.extend_from_slice(b"&amp;"),
                '<' => self.out.extend_from_slice(b"&lt;"),
                '>' => self.out.extend_from_slice(b"&gt;"),
                '"' => self.out.extend_from_slice(b"&quot;"),
                '\r' => self.out.extend_from_slice(b"&#13;"),
                ' '..='~' | '\t' | '\n' | '\u{7F}' => self.out.push(character as u8),
                _ => self.out.extend_from_slice(&gbk::code_of(character).ok_or(character)?),
            }
        }
        Ok(())
    }

    /// A text, if there is one.
    pub(crate) fn optional_text(&mut self, field: Text, text: Option<&String>) -> Result<(), WriteError> {
        text.map_or(Ok(()), |text| self.text(field, text))
    }

    /// A number.
    pub(crate) fn number(&mut self, field: Number, number: impl Into<u64>) -> Result<(), WriteError> {
        let got = number.into();
        if !(field.min..=field.max).contains(&got) {
            return Err(WriteError::Range {
                path: self.path(field.name),
                min: field.min,
                max: field.max,
                got,
            });
        }
        self.leaf(field.name, &got.to_string());
        Ok(())
    }

    /// A number, if there is one.
    pub(crate) fn optional_number(
        &mut self,
        field: Number,
        number: Option<impl Into<u64>>,
    ) -> Result<(), WriteError> {
        number.map_or(Ok(()), |number| self.number(field, number))
    }

    /// A number, if there is one, that only the extended version has an element for.
    pub(crate) fn extension(
        &mut self,
        field: Number,
        number: Option<impl Into<u64>>,
    ) -> Result<(), WriteError> {
        if number.is_some() && !self.version.is_extended() {
            return Err(WriteError::NotInVersion {
                path: self.path(field.name),
                version: self.version.to_string(),
            });
        }
        self.optional_number(field, number)
    }

    /// Repeated elements that only the extended version has.
    pub(crate) fn extension_children<T>(
        &mut self,
        field: Repeated,
        items: &[T],
        write: impl Fn(&T, &mut Self) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        if !items.is_empty() && !self.version.is_extended() {
            return Err(WriteError::NotInVersion {
                path: self.path(field.name),
                version: self.version.to_string(),
            });
        }
        self.children(field, items, write)
    }

    /// One number after another, at most `most`.
    pub(crate) fn numbers<T: Into<u64> + Copy>(
        &mut self,
        field: Number,
        most: usize,
        numbers: &[T],
    ) -> Result<(), WriteError> {
        self.count(Repeated::new(field.name, 1, most), numbers.len())?;
        numbers.iter().try_for_each(|number| self.number(field, *number))
    }

    /// Base64 content.
    pub(crate) fn content(&mut self, field: Content, content: &str) -> Result<(), WriteError> {
        let Content { name, max } = field;
        if content.is_empty() {
            return Err(WriteError::Length { path: self.path(name), min: 1, max, got: 0 });
        }
        if content.len() > max {
            return Err(WriteError::AttachmentTooLarge { path: self.path(name), max, got: content.len() });
        }
        self.decoded.clear();
        if STANDARD.decode_vec(content, &mut self.decoded).is_err() {
            return Err(WriteError::NotBase64 { path: self.path(name) });
        }
        self.leaf(name, content);
        Ok(())
    }

    /// One base64 content after another, at most `most`.
    pub(crate) fn contents(
        &mut self,
        field: Content,
        most: usize,
        contents: &[String],
    ) -> Result<(), WriteError> {
        self.count(Repeated::new(field.name, 1, most), contents.len())?;
        contents.iter().try_for_each(|content| self.content(field, content))
    }

    /// An element with fields of its own.
    pub(crate) fn child(
        &mut self,
        name: &'static str,
        write: impl FnOnce(&mut Self) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        self.descend(Step { name, index: None }, write)
    }

    /// A repeated element with fields of its own.
    pub(crate) fn children<T>(
        &mut self,
        field: Repeated,
        items: &[T],
        write: impl Fn(&T, &mut Self) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        self.count(field, items.len())?;
        let before = match &self.frames {
            Some(frames) if self.path.len() == frames.open.len() + 1 => frames.records,
            _ => 0,
        };
        for (index, item) in (before..).zip(items) {
            self.descend(Step { name: field.name, index: Some(index) }, |writer| write(item, writer))?;
        }
        match &mut self.frames {
            Some(frames) if self.path.len() == frames.open.len() + 1 => frames.records += items.len(),
            _ => {}
        }
        Ok(())
    }

    /// Refuses too few or too many of something.
    pub(crate) fn count(&self, field: Repeated, got: usize) -> Result<(), WriteError> {
        let Repeated { name, min, max } = field;
        if (min..=max).contains(&got) {
            Ok(())
        } else {
            Err(WriteError::Count { path: self.path(name), min, max, got })
        }
    }

    fn descend(
        &mut self,
        step: Step,
        write: impl FnOnce(&mut Self) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let name = step.name;
        if step.index.is_none()
            && let Some(opened) = self.open_frame(name)
        {
            opened?;
            self.path.push(step);
            write(self)?;
            self.path.pop();
            return Ok(());
        }
        self.settle();
        self.tag("<", name);
        self.path.push(step);
        write(self)?;
        self.path.pop();
        self.tag("</", name);
        Ok(())
    }
}

/// Writes a GBK file record by record.
pub(crate) struct GbkStream<W> {
    sink: W,
    writer: XmlWriter,
    /// How many bytes went to the sink.
    bytes: usize,
}

/// What the ends of all open elements and the last field may take.
const RESERVE: usize = 256;

impl<W: Write> GbkStream<W> {
    pub(crate) fn new(
        sink: W,
        root: &'static str,
        version: &InterfaceVersion,
        is_frame: fn(&[&str]) -> bool,
    ) -> Self {
        let mut writer = XmlWriter::begin(root, version);
        writer.frames = Some(Frames { is_frame, open: Vec::new(), ended: Vec::new(), records: 0 });
        Self { sink, writer, bytes: 0 }
    }

    /// Writes one thing more; what cannot be written leaves no trace.
    pub(crate) fn add(
        &mut self,
        write: impl FnOnce(&mut XmlWriter) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let (before, kept) = (self.writer.frames.clone(), self.writer.out.len());
        let written = write(&mut self.writer).and_then(|()| {
            let got = self.bytes + self.writer.out.len() + RESERVE;
            if got > MAX_XML_BYTES {
                return Err(WriteError::TooLarge { max: MAX_XML_BYTES, got });
            }
            Ok(())
        });
        if let Err(error) = written {
            self.writer.out.truncate(kept);
            self.writer.path.truncate(1);
            self.writer.frames = before;
            return Err(error);
        }
        self.flush()
    }

    /// Ends what is open.
    pub(crate) fn finish(mut self) -> Result<W, WriteError> {
        self.writer.settle();
        let root = self.writer.path.first().map(|step| step.name).unwrap_or_default();
        self.writer.tag("</", root);
        self.flush()?;
        Ok(self.sink)
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        let bytes = &mut self.writer.out;
        self.bytes += bytes.len();
        let written = self.sink.write_all(bytes);
        bytes.clear();
        written.map_err(|error| WriteError::Output { kind: error.kind() })
    }
}
