//! Ink on pages as a PDF file.

use std::collections::BTreeMap;
use std::io::Write;

use chrono::{Datelike, NaiveDate};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, LineCapStyle, SystemInfo, TextRenderingMode, UnicodeCmap};
use pdf_writer::{Content, Date, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use subsetter::GlyphRemapper;
use ttf_parser::{GlyphId, RawFace, Tag};

use crate::PaperError;
use crate::font::{Fonts, Loaded, Outlines};
use crate::layout::{Ink, PAGE_HEIGHT, PAGE_WIDTH, Stroke, Weight};
use crate::lines::Line;

const SYSTEM_INFO: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// Width of the outline with which headings are drawn, in parts of their size: a
/// bold face would be two megabytes more.
const EMBOLDENING: f32 = 0.028;

/// Writes pages. The same pages of the same day give the same bytes.
pub(crate) fn write(
    pages: &[Vec<Ink>],
    title: &str,
    day: NaiveDate,
    fonts: &Fonts<'_>,
) -> Result<Vec<u8>, PaperError> {
    let mut used: Vec<UsedFont> = fonts.all().iter().map(|_| UsedFont::default()).collect();
    let mut contents = Vec::new();
    for page in pages {
        contents.push(deflate(&content(page, &mut used))?);
    }

    let mut next = Ref::new(1);
    let mut reference = || next.bump();
    let (catalog, tree, info) = (reference(), reference(), reference());
    let page_ids: Vec<(Ref, Ref)> = pages.iter().map(|_| (reference(), reference())).collect();
    let font_ids: Vec<FontIds> = used
        .iter()
        .map(|_| FontIds {
            font: reference(),
            descendant: reference(),
            descriptor: reference(),
            file: reference(),
            to_unicode: reference(),
        })
        .collect();

    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    {
        let mut catalog = pdf.catalog(catalog);
        catalog.pages(tree).lang(TextStr("zh-CN"));
        catalog.viewer_preferences().display_doc_title(true);
    }
    let date = pdf_date(day);
    pdf.document_info(info)
        .title(TextStr(title))
        .creator(TextStr("beian"))
        .creation_date(date)
        .modified_date(date);
    pdf.pages(tree)
        .kids(page_ids.iter().map(|(page, _)| *page))
        .count(i32::try_from(pages.len()).unwrap_or(i32::MAX));
    for ((page_id, content_id), content) in page_ids.iter().zip(&contents) {
        let mut page = pdf.page(*page_id);
        page.media_box(Rect::new(0.0, 0.0, PAGE_WIDTH, PAGE_HEIGHT)).parent(tree).contents(*content_id);
        let mut resources = page.resources();
        let mut names = resources.fonts();
        for (index, ids) in font_ids.iter().enumerate().filter(|(index, _)| !used[*index].is_empty()) {
            names.pair(Name(font_name(index)), ids.font);
        }
        names.finish();
        resources.finish();
        page.finish();
        pdf.stream(*content_id, content).filter(Filter::FlateDecode);
    }
    for ((loaded, used), ids) in fonts.all().iter().zip(&used).zip(&font_ids) {
        if !used.is_empty() {
            font(&mut pdf, loaded, used, ids)?;
        }
    }
    Ok(pdf.finish())
}

/// The glyphs of a font that the pages show, numbered anew by their first use.
#[derive(Default)]
struct UsedFont {
    remapper: GlyphRemapper,
    /// By the new number: the old one, and what it is text of.
    glyphs: BTreeMap<u16, (u16, char)>,
}

impl UsedFont {
    fn is_empty(&self) -> bool {
        self.glyphs.is_empty()
    }

    fn number(&mut self, glyph: u16, character: char) -> u16 {
        let number = self.remapper.remap(glyph);
        self.glyphs.entry(number).or_insert((glyph, character));
        number
    }
}

struct FontIds {
    font: Ref,
    descendant: Ref,
    descriptor: Ref,
    file: Ref,
    to_unicode: Ref,
}

/// The names of fonts on a page. There are at most two: ours and the caller's.
fn font_name(index: usize) -> &'static [u8] {
    if index == 0 { b"F0" } else { b"F1" }
}

fn content(page: &[Ink], used: &mut [UsedFont]) -> Vec<u8> {
    let mut content = Content::new();
    // A closed grid joins its lines at the corners.
    content.set_line_cap(LineCapStyle::ProjectingSquareCap);
    for ink in page {
        match ink {
            Ink::Fill { area, grey } => {
                content.set_fill_gray(*grey);
                content.rect(area.x, PAGE_HEIGHT - area.y - area.height, area.width, area.height);
                content.fill_nonzero();
            }
            Ink::Frame { area, stroke } => {
                content.save_state().set_stroke_gray(0.0);
                if *stroke == Stroke::Dashed {
                    content.set_dash_pattern([3.0, 2.5], 0.0).set_stroke_gray(0.55);
                    content.set_line_cap(LineCapStyle::ButtCap);
                }
                content.set_line_width(0.5);
                content.rect(area.x, PAGE_HEIGHT - area.y - area.height, area.width, area.height);
                content.stroke().restore_state();
            }
            Ink::Rule { from, to, width } => {
                content.set_stroke_gray(0.0).set_line_width(*width);
                content.move_to(from.0, PAGE_HEIGHT - from.1).line_to(to.0, PAGE_HEIGHT - to.1).stroke();
            }
            Ink::Text { x, baseline, line, weight, grey } => {
                text(&mut content, (*x, PAGE_HEIGHT - baseline), line, *weight, *grey, used);
            }
        }
    }
    content.finish().to_vec()
}

fn text(
    content: &mut Content,
    (mut x, y): (f32, f32),
    line: &Line,
    weight: Weight,
    grey: f32,
    used: &mut [UsedFont],
) {
    if line.items.is_empty() {
        return;
    }
    content.begin_text().set_fill_gray(grey).set_char_spacing(line.spacing);
    if weight == Weight::Bold {
        content.set_text_rendering_mode(TextRenderingMode::FillStroke);
        content.set_stroke_gray(grey).set_line_width(line.size * EMBOLDENING);
    } else {
        content.set_text_rendering_mode(TextRenderingMode::Fill);
    }
    let mut run: Option<Run> = None;
    for item in &line.items {
        match (item.glyph, &mut run) {
            (Some(glyph), Some(current)) if current.font == glyph.font => {
                current.push(used, glyph.id, item.character);
            }
            (glyph, _) => {
                if let Some(run) = run.take() {
                    run.show(content, line.size);
                }
                run = glyph.map(|glyph| {
                    let mut run = Run { font: glyph.font, x, y, bytes: Vec::new() };
                    run.push(used, glyph.id, item.character);
                    run
                });
            }
        }
        x += item.width(line.size) + line.spacing;
    }
    if let Some(run) = run {
        run.show(content, line.size);
    }
    content.end_text();
}

/// Glyphs of one font that follow each other.
struct Run {
    font: usize,
    x: f32,
    y: f32,
    bytes: Vec<u8>,
}

impl Run {
    fn push(&mut self, used: &mut [UsedFont], glyph: u16, character: char) {
        if let Some(font) = used.get_mut(self.font) {
            self.bytes.extend(font.number(glyph, character).to_be_bytes());
        }
    }

    fn show(self, content: &mut Content, size: f32) {
        content.set_font(Name(font_name(self.font)), size);
        content.set_text_matrix([1.0, 0.0, 0.0, 1.0, self.x, self.y]);
        content.show(Str(&self.bytes));
    }
}

fn font(pdf: &mut Pdf, loaded: &Loaded<'_>, used: &UsedFont, ids: &FontIds) -> Result<(), PaperError> {
    let cut = subsetter::subset(loaded.data, loaded.index, &used.remapper)
        .map_err(|error| PaperError::Font { got: error.to_string() })?;
    let file =
        match loaded.outlines {
            Outlines::TrueType => cut.as_slice(),
            // A composite font takes the table alone.
            Outlines::Cff => RawFace::parse(&cut, 0)
                .ok()
                .and_then(|face| face.table(Tag::from_bytes(b"CFF ")))
                .ok_or_else(|| PaperError::Font { got: "no outlines after it was cut down".to_owned() })?,
        };
    let name = subset_name(loaded, used);
    let base_font = Name(name.as_bytes());
    pdf.type0_font(ids.font)
        .base_font(base_font)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(ids.descendant)
        .to_unicode(ids.to_unicode);

    let mut descendant = pdf.cid_font(ids.descendant);
    descendant
        .subtype(match loaded.outlines {
            Outlines::TrueType => CidFontType::Type2,
            Outlines::Cff => CidFontType::Type0,
        })
        .base_font(base_font)
        .system_info(SYSTEM_INFO)
        .font_descriptor(ids.descriptor)
        .default_width(1000.0);
    if loaded.outlines == Outlines::TrueType {
        descendant.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    let mut widths = descendant.widths();
    for (number, (glyph, _)) in &used.glyphs {
        let width = loaded.width(GlyphId(*glyph));
        if (width - 1000.0).abs() > f32::EPSILON {
            widths.consecutive(*number, [width]);
        }
    }
    widths.finish();
    descendant.finish();

    let face = &loaded.face;
    let bounds = face.global_bounding_box();
    let side = |units: i16| loaded.per_mille(i32::from(units));
    let mut descriptor = pdf.font_descriptor(ids.descriptor);
    descriptor
        .name(base_font)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(side(bounds.x_min), side(bounds.y_min), side(bounds.x_max), side(bounds.y_max)))
        .italic_angle(0.0)
        .ascent(side(face.ascender()))
        .descent(side(face.descender()))
        .cap_height(side(face.capital_height().unwrap_or_else(|| face.ascender())))
        .stem_v(80.0);
    match loaded.outlines {
        Outlines::TrueType => descriptor.font_file2(ids.file),
        Outlines::Cff => descriptor.font_file3(ids.file),
    };
    descriptor.finish();

    let compressed = deflate(file)?;
    let mut stream = pdf.stream(ids.file, &compressed);
    stream.filter(Filter::FlateDecode);
    if loaded.outlines == Outlines::Cff {
        stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    }
    stream.finish();

    let mut map = UnicodeCmap::new(Name(b"Custom"), SYSTEM_INFO);
    for (number, (_, character)) in &used.glyphs {
        map.pair(*number, *character);
    }
    let map = deflate(map.finish().as_slice())?;
    pdf.stream(ids.to_unicode, &map).filter(Filter::FlateDecode);
    Ok(())
}

/// A subset has six letters before its name; here they follow from its glyphs.
fn subset_name(loaded: &Loaded<'_>, used: &UsedFont) -> String {
    // FNV-1a: the same on every machine and in every version.
    let mut hash: u64 = 0xCBF2_9CE4_8422_2325;
    for (glyph, _) in used.glyphs.values() {
        for byte in glyph.to_be_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    let mut name = String::new();
    for _ in 0..6 {
        name.extend(u8::try_from(hash % 26).ok().map(|letter| char::from(b'A' + letter)));
        hash /= 26;
    }
    name.push('+');
    let postscript = loaded
        .face
        .names()
        .into_iter()
        .filter(|entry| entry.name_id == ttf_parser::name_id::POST_SCRIPT_NAME)
        .find_map(|entry| entry.to_string());
    let postscript = postscript.as_deref().unwrap_or("Fallback");
    name.extend(postscript.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(60));
    name
}

fn pdf_date(day: NaiveDate) -> Date {
    let small = |number: u32| u8::try_from(number).unwrap_or(1);
    Date::new(u16::try_from(day.year()).unwrap_or(0)).month(small(day.month())).day(small(day.day()))
}

fn deflate(data: &[u8]) -> Result<Vec<u8>, PaperError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(data).map_err(PaperError::Compression)?;
    encoder.finish().map_err(PaperError::Compression)
}
