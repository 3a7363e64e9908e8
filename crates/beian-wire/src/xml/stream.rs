//! A document in pieces: record after record, each a small tree with the elements around
//! it, so that what reads whole documents reads it.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, GBK};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::fields::{BOUNDS, FirstIndex, read_tree};
use super::tree::{Bounds, Builder, is_blank, is_xml_text, local_name, resolve, version_of};
use super::{Element, Fields, Leniency, Problem, ProblemKind, Problems, ReadError, Tree, TreeError};
use crate::{InterfaceVersion, MAX_RECORD_BYTES, MAX_XML_BYTES, gbk};

/// Cuts a document into pieces. A frame is an element that holds pieces; which they are is
/// told by the names from below the root.
pub(crate) struct Pieces<R> {
    reader: Reader<Utf8<R>>,
    buffer: Vec<u8>,
    root: &'static str,
    leniency: Leniency,
    is_frame: fn(&[&str]) -> bool,
    version: Option<String>,
    frames: Vec<Frame>,
    elements: usize,
    is_over: bool,
}

struct Frame {
    name: String,
    /// Frames that have ended in it.
    ended: Vec<String>,
    /// The name of the last piece, and how many of it there are.
    last: (String, usize),
    is_empty: bool,
}

/// One piece of a document.
pub(crate) struct Piece {
    tree: Tree<'static>,
    /// Names of the elements around it, from the root.
    pub(crate) path: Vec<String>,
    /// Its own name.
    pub(crate) name: String,
    /// How many of its name stand before it in its frame.
    pub(crate) index: usize,
}

impl<R: Read> Pieces<R> {
    pub(crate) fn new(
        source: R,
        root: &'static str,
        leniency: Leniency,
        is_frame: fn(&[&str]) -> bool,
    ) -> Self {
        Self {
            reader: Reader::from_reader(Utf8::new(source)),
            buffer: Vec::new(),
            root,
            leniency,
            is_frame,
            version: None,
            frames: Vec::new(),
            elements: 0,
            is_over: false,
        }
    }

    /// The next piece; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, ReadError> {
        while !self.is_over {
            if let Some(piece) = self.step()? {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// Reads a piece as the document that it would be alone.
    pub(crate) fn read<T>(
        &self,
        piece: &Piece,
        read: impl FnOnce(&mut Fields<'_, '_>, InterfaceVersion) -> Option<T>,
    ) -> Result<T, ReadError> {
        let first = FirstIndex { depth: piece.path.len(), index: piece.index };
        read_tree(&piece.tree, self.root, self.leniency, first, read)
    }

    /// The version that the document declares; known with the first piece.
    pub(crate) fn version(&self) -> Option<InterfaceVersion> {
        self.version.as_deref().and_then(InterfaceVersion::declared)
    }

    /// One event of the document, and what follows of it.
    fn step(&mut self) -> Result<Option<Piece>, ReadError> {
        self.reader.get_mut().allowance = MAX_RECORD_BYTES;
        self.buffer.clear();
        let position = self.reader.buffer_position();
        let broken = TreeError::NotXml { position };
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event.into_owned(),
            Err(_) => return Err(self.failure()),
        };
        match event {
            Event::Start(start) => self.start(&start, broken),
            Event::Empty(start) => {
                if !self.is_frame(&start) {
                    let mut builder = self.builder();
                    builder.start(local_name(&start), broken)?;
                    builder.end(broken)?;
                    return self.piece(builder, broken).map(Some);
                }
                self.open(&start, broken)?;
                self.close(broken)
            }
            Event::End(_) => self.close(broken),
            Event::Text(text) => self.text(&text.xml10_content(), broken),
            Event::CData(data) => self.text(&data.xml10_content(), broken),
            Event::GeneralRef(reference) => self.text(&resolve(&reference, broken)?, broken),
            Event::DocType(_) => Err(ReadError::Doctype),
            Event::Decl(_) if self.elements > 0 => Err(broken.into()),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => Ok(None),
            Event::Eof => {
                self.is_over = self.frames.is_empty() && self.elements > 0;
                if self.is_over { Ok(None) } else { Err(broken.into()) }
            }
        }
    }

    fn is_frame(&self, start: &BytesStart<'_>) -> bool {
        let name = start.local_name();
        let mut names: Vec<&str> = self.frames.iter().skip(1).map(|frame| frame.name.as_str()).collect();
        names.push(name.as_ref());
        self.frames.is_empty() || (self.is_frame)(&names)
    }

    fn start(&mut self, start: &BytesStart<'_>, broken: TreeError) -> Result<Option<Piece>, ReadError> {
        if self.is_frame(start) {
            return self.open(start, broken).map(|()| None);
        }
        let mut builder = self.builder();
        builder.start(local_name(start), broken)?;
        while builder.finished.is_none() {
            self.buffer.clear();
            let broken = TreeError::NotXml { position: self.reader.buffer_position() };
            match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Start(start)) => builder.start(local_name(&start), broken)?,
                Ok(Event::Empty(start)) => {
                    builder.start(local_name(&start), broken)?;
                    builder.end(broken)?;
                }
                Ok(Event::End(_)) => builder.end(broken)?,
                Ok(Event::Text(text)) => {
                    builder.text(Cow::Owned(text.xml10_content().into_owned()), broken)?;
                }
                Ok(Event::CData(data)) => {
                    builder.text(Cow::Owned(data.xml10_content().into_owned()), broken)?;
                }
                Ok(Event::GeneralRef(reference)) => builder.text(resolve(&reference, broken)?, broken)?,
                Ok(Event::DocType(_)) => return Err(ReadError::Doctype),
                Ok(Event::Comment(_) | Event::PI(_)) => {}
                Ok(Event::Decl(_) | Event::Eof) => return Err(broken.into()),
                Err(_) => return Err(self.failure()),
            }
        }
        self.piece(builder, broken).map(Some)
    }

    fn builder(&self) -> Builder<'static> {
        Builder::new(Bounds {
            depth: BOUNDS.depth.saturating_sub(self.frames.len()),
            elements: BOUNDS.elements.saturating_sub(self.elements),
        })
    }

    fn open(&mut self, start: &BytesStart<'_>, broken: TreeError) -> Result<(), ReadError> {
        let name = start.local_name().as_ref().to_owned();
        if name.is_empty() {
            return Err(broken.into());
        }
        match self.frames.last_mut() {
            None if self.elements > 0 => return Err(broken.into()),
            None => self.version = version_of(start, broken)?,
            Some(frame) => {
                frame.is_empty = false;
                if frame.ended.contains(&name) {
                    return Err(self.problem(Some(&name), ProblemKind::Count { min: 0, max: 1, got: 2 }));
                }
            }
        }
        self.elements += 1;
        self.frames.push(Frame { name, ended: Vec::new(), last: (String::new(), 0), is_empty: true });
        Ok(())
    }

    /// The end of a frame; one without content is a piece itself, to be judged as such.
    fn close(&mut self, broken: TreeError) -> Result<Option<Piece>, ReadError> {
        let frame = self.frames.pop().ok_or(broken)?;
        if let Some(above) = self.frames.last_mut() {
            above.ended.push(frame.name.clone());
        }
        if !frame.is_empty {
            return Ok(None);
        }
        let element =
            Element { name: frame.name.clone().into(), text: Cow::Borrowed(""), children: Vec::new() };
        Ok(Some(Piece { index: 0, ..self.around(element, frame.name) }))
    }

    fn text(&mut self, text: &str, broken: TreeError) -> Result<Option<Piece>, ReadError> {
        // A byte order mark that survived decoding counts as blank.
        if self.frames.is_empty() && !is_blank(text.trim_start_matches('\u{FEFF}')) {
            return Err(broken.into());
        }
        if !self.frames.is_empty() && !is_blank(text) {
            return Err(self.problem(Some("text()"), ProblemKind::Unexpected));
        }
        Ok(None)
    }

    fn piece(&mut self, builder: Builder<'static>, broken: TreeError) -> Result<Piece, ReadError> {
        self.elements += builder.count;
        let element = builder.finished.ok_or(broken)?;
        let name = element.name.to_string();
        let frame = self.frames.last_mut().ok_or(broken)?;
        frame.is_empty = false;
        if frame.last.0 != name {
            frame.last = (name.clone(), 0);
        }
        let index = frame.last.1;
        frame.last.1 += 1;
        Ok(Piece { index, ..self.around(element, name) })
    }

    /// An element with the frames around it.
    fn around(&self, element: Element<'static>, name: String) -> Piece {
        let path: Vec<String> = self.frames.iter().map(|frame| frame.name.clone()).collect();
        let root = path.iter().rev().fold(element, |inner, name| Element {
            name: name.clone().into(),
            text: Cow::Borrowed(""),
            children: vec![inner],
        });
        Piece { tree: Tree { root, version: self.version.clone() }, path, name, index: 0 }
    }

    /// A problem with a child of the innermost frame.
    fn problem(&self, child: Option<&str>, kind: ProblemKind) -> ReadError {
        self.problem_in(self.frames.iter().map(|frame| frame.name.as_str()).chain(child), kind)
    }

    /// A problem at a place of the document.
    pub(crate) fn problem_in<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
        kind: ProblemKind,
    ) -> ReadError {
        let path = names.map(|name| format!("/{}", name.chars().take(64).collect::<String>())).collect();
        let mut problems = Problems::default();
        problems.add(|| Problem { path, kind });
        ReadError::Structure(problems)
    }

    fn failure(&mut self) -> ReadError {
        let position = self.reader.error_position();
        self.reader.get_mut().failure.take().unwrap_or(ReadError::NotXml { position })
    }
}

/// The bytes of a document as UTF-8, within bounds.
struct Utf8<R> {
    source: R,
    decoder: Option<Decoder>,
    raw: Box<[u8]>,
    /// Which bytes of `raw` are not yet decoded.
    waiting: std::ops::Range<usize>,
    source_is_over: bool,
    decoded: String,
    given: usize,
    /// How many bytes came from the source.
    total: usize,
    /// How many more may be given out before it is set again.
    allowance: usize,
    failure: Option<ReadError>,
}

const CHUNK: usize = 32 * 1024;

impl<R: Read> Utf8<R> {
    fn new(source: R) -> Self {
        Self {
            source,
            decoder: None,
            raw: vec![0; CHUNK].into_boxed_slice(),
            waiting: 0..0,
            source_is_over: false,
            decoded: String::with_capacity(3 * CHUNK),
            given: 0,
            total: 0,
            allowance: MAX_RECORD_BYTES,
            failure: None,
        }
    }

    /// Decodes more, until there is something or the end.
    fn refill(&mut self) -> Result<(), ReadError> {
        self.decoded.clear();
        self.given = 0;
        while self.decoded.is_empty() && !(self.source_is_over && self.waiting.is_empty()) {
            if self.waiting.is_empty() {
                self.fetch()?;
            }
            if self.decoder.is_none() {
                // The declaration must be there in full.
                while self.waiting.len() < 256 && !self.source_is_over {
                    self.fetch()?;
                }
                let begin = self.raw.get(self.waiting.clone()).unwrap_or_default();
                let (encoding, mark) = gbk::encoding_of(begin, GBK).map_err(|_| ReadError::NotText)?;
                self.waiting.start += mark;
                self.decoder = Some(encoding.new_decoder_without_bom_handling());
            }
            let Some(decoder) = self.decoder.as_mut() else { continue };
            let raw = self.raw.get(self.waiting.clone()).unwrap_or_default();
            let (result, read) =
                decoder.decode_to_string_without_replacement(raw, &mut self.decoded, self.source_is_over);
            self.waiting.start += read;
            if matches!(result, DecoderResult::Malformed(..))
                || (self.source_is_over && result == DecoderResult::OutputFull && read == 0)
            {
                return Err(ReadError::NotText);
            }
        }
        if !is_xml_text(&self.decoded) {
            return Err(ReadError::NotText);
        }
        Ok(())
    }

    /// Reads more behind what is waiting.
    fn fetch(&mut self) -> Result<(), ReadError> {
        self.raw.copy_within(self.waiting.clone(), 0);
        let kept = self.waiting.len();
        let room = self.raw.get_mut(kept..).unwrap_or_default();
        let read = loop {
            match self.source.read(room) {
                Ok(read) => break read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(source_error(&error)),
            }
        };
        self.source_is_over = read == 0;
        self.waiting = 0..kept + read;
        self.total = self.total.saturating_add(read);
        if self.total > MAX_XML_BYTES {
            return Err(ReadError::TooLarge { max: MAX_XML_BYTES, got: self.total });
        }
        Ok(())
    }
}

fn source_error(error: &io::Error) -> ReadError {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(package) => ReadError::Package(*package),
        None => ReadError::Source { kind: error.kind() },
    }
}

impl<R: Read> BufRead for Utf8<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.given >= self.decoded.len()
            && let Err(error) = self.refill()
        {
            self.failure = Some(error);
            return Err(io::ErrorKind::InvalidData.into());
        }
        let rest = self.decoded.as_bytes().get(self.given..).unwrap_or_default();
        if self.allowance == 0 && !rest.is_empty() {
            self.failure = Some(ReadError::TooLarge { max: MAX_RECORD_BYTES, got: MAX_RECORD_BYTES + 1 });
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(rest)
    }

    fn consume(&mut self, amount: usize) {
        self.given += amount;
        self.allowance = self.allowance.saturating_sub(amount);
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut rest = self.fill_buf()?;
        let read = rest.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}
