//! Fonts: which glyph a character has, and how wide it is.

use std::fmt;
use std::sync::Arc;

use ttf_parser::{Face, GlyphId, Tag};

use crate::PaperError;

/// Noto Sans CJK SC Regular, cut down; see `font/README.md`.
static EMBEDDED: &[u8] = include_bytes!("../font/NotoSansCJKsc-subset.otf");

/// Where the glyphs come from: the font in this crate, and if there is one, a
/// font of the caller for characters that it lacks, such as rare ones in names.
#[derive(Clone, Default)]
pub struct FontSource {
    fallback: Option<Fallback>,
}

#[derive(Clone)]
struct Fallback {
    bytes: Arc<[u8]>,
    face: u32,
}

impl FontSource {
    /// The font in this crate alone: GB 2312, the Table of General Standard
    /// Chinese Characters (通用规范汉字表) and Latin-1.
    pub fn embedded() -> Self {
        Self::default()
    }

    /// The font in this crate, then an OpenType font with TrueType or CFF
    /// outlines. `face` is its number in a collection, from 0.
    ///
    /// # Errors
    ///
    /// [`PaperError::Font`] if the bytes are no such font.
    pub fn with_fallback(bytes: impl Into<Arc<[u8]>>, face: u32) -> Result<Self, PaperError> {
        let fallback = Fallback { bytes: bytes.into(), face };
        Loaded::new(&fallback.bytes, face)?;
        Ok(Self { fallback: Some(fallback) })
    }
}

impl fmt::Debug for FontSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fallback = self.fallback.as_ref().map(|fallback| (fallback.bytes.len(), fallback.face));
        f.debug_struct("FontSource").field("fallback", &fallback).finish()
    }
}

/// How the outlines of a font are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outlines {
    TrueType,
    Cff,
}

/// A font that was parsed.
pub(crate) struct Loaded<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) index: u32,
    pub(crate) face: Face<'a>,
    pub(crate) outlines: Outlines,
}

/// A glyph of one of the fonts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Glyph {
    /// Which font: 0 is the one in this crate.
    pub(crate) font: usize,
    pub(crate) id: u16,
    /// In thousandths of the size.
    pub(crate) width: f32,
}

/// The fonts of one paper, in the order in which they are asked.
pub(crate) struct Fonts<'a>(Vec<Loaded<'a>>);

impl<'a> Fonts<'a> {
    pub(crate) fn new(source: &'a FontSource) -> Result<Self, PaperError> {
        let mut fonts = vec![Loaded::new(EMBEDDED, 0)?];
        if let Some(fallback) = &source.fallback {
            fonts.push(Loaded::new(&fallback.bytes, fallback.face)?);
        }
        Ok(Self(fonts))
    }

    pub(crate) fn all(&self) -> &[Loaded<'a>] {
        &self.0
    }

    /// The glyph of a character, from the first font that has it.
    pub(crate) fn glyph(&self, character: char) -> Option<Glyph> {
        self.0.iter().enumerate().find_map(|(font, loaded)| {
            let id = loaded.face.glyph_index(character).filter(|id| id.0 != 0)?;
            Some(Glyph { font, id: id.0, width: loaded.width(id) })
        })
    }
}

impl<'a> Loaded<'a> {
    fn new(data: &'a [u8], index: u32) -> Result<Self, PaperError> {
        let face = Face::parse(data, index).map_err(|error| PaperError::Font { got: error.to_string() })?;
        let tables = face.raw_face();
        let outlines = if tables.table(Tag::from_bytes(b"glyf")).is_some() {
            Outlines::TrueType
        } else if tables.table(Tag::from_bytes(b"CFF ")).is_some() {
            Outlines::Cff
        } else {
            return Err(PaperError::Font { got: "a font with outlines of another kind".to_owned() });
        };
        Ok(Self { data, index, face, outlines })
    }

    pub(crate) fn width(&self, id: GlyphId) -> f32 {
        self.per_mille(i32::from(self.face.glyph_hor_advance(id).unwrap_or(0)))
    }

    /// Units of the font as thousandths of the size.
    pub(crate) fn per_mille(&self, units: i32) -> f32 {
        units as f32 * 1000.0 / f32::from(self.face.units_per_em().max(1))
    }
}
