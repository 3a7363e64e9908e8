//! From what stands on a paper to ink on pages.

use std::collections::BTreeSet;

use crate::PaperError;
use crate::document::{
    Block, Cell, Content, Document, Mark, Piece, Row, RowHeight, Signatory, SignatureLine,
};
use crate::font::Fonts;
use crate::lines::{self, Edge, Line, Setting};

/// A4, in points.
pub(crate) const PAGE_WIDTH: f32 = 595.28;
pub(crate) const PAGE_HEIGHT: f32 = 841.89;
/// Two centimetres.
const MARGIN: f32 = 56.69;
const WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;
const BOTTOM: f32 = PAGE_HEIGHT - MARGIN;

/// The most characters of a value. In the smallest type, beside a label, they
/// take two thirds of a page: no row is higher than one.
pub(crate) const LONGEST: usize = 1000;

/// Sizes of type and heights of lines, in points.
const TITLE: f32 = 20.0;
const SUBTITLE: f32 = 8.5;
const BODY: f32 = 11.5;
const CELL: f32 = 10.0;
/// No value is set smaller: it could not be read on a scan.
const SMALLEST: f32 = 7.5;
/// A value that fits on one line at this size does so.
const ONE_LINE: f32 = 8.5;
/// A value shrinks rather than take more lines than this.
const FEW_LINES: usize = 2;
const NOTE: f32 = 8.5;
const FOOTER: f32 = 8.0;
/// Height of a line by its size.
const LEADING: f32 = 1.38;

const PADDING: f32 = 5.0;
const FINGERPRINT: f32 = 56.0;

const THIN: f32 = 0.5;
const LABEL_GREY: f32 = 0.93;
const HEADING_GREY: f32 = 0.86;

/// How much room things take, in points.
struct Density {
    /// The least height of a row of a grid.
    row: f32,
    /// Above and below what stands in a cell, together.
    cell_space: f32,
    /// The height of a line of a letter.
    body_line: f32,
    /// A company's seal is 4 cm wide, and may reach over the edge of its field.
    seal: f32,
    signature_line: f32,
    /// Between blocks.
    gap: f32,
}

const ROOMY: Density =
    Density { row: 23.0, cell_space: 8.0, body_line: 20.5, seal: 100.0, signature_line: 26.0, gap: 10.0 };
/// For what would otherwise begin another page for its signatures: a paper that
/// is signed on another page than what is signed proves little, and the
/// interface takes one picture of a form.
const TIGHT: Density =
    Density { row: 19.0, cell_space: 4.5, body_line: 18.0, seal: 88.0, signature_line: 21.0, gap: 6.0 };
/// For a verification form with long values.
const COMPACT: Density =
    Density { row: 16.5, cell_space: 2.5, body_line: 16.5, seal: 82.0, signature_line: 20.0, gap: 4.0 };

/// What is printed, from the top left corner of the page, in points.
pub(crate) enum Ink {
    Text { x: f32, baseline: f32, line: Line, weight: Weight, grey: f32 },
    Rule { from: (f32, f32), to: (f32, f32), width: f32 },
    Fill { area: Area, grey: f32 },
    Frame { area: Area, stroke: Stroke },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stroke {
    Solid,
    Dashed,
}

#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// What stands at the foot of every page.
pub(crate) struct Foot {
    /// By which a scan is matched with its order.
    pub(crate) order: String,
    /// Whom to ask.
    pub(crate) provider: String,
}

/// Sets a document on pages.
///
/// # Errors
///
/// [`PaperError::MissingCharacters`] if no font has some of its characters,
/// [`PaperError::TooLong`] if a text has more than [`LONGEST`].
pub(crate) fn lay_out(
    document: &Document,
    foot: &Foot,
    fonts: &Fonts<'_>,
) -> Result<Vec<Vec<Ink>>, PaperError> {
    let mut pages = set_in(&ROOMY, document, foot, fonts)?;
    for density in [&TIGHT, &COMPACT] {
        if pages.len() == 1 {
            break;
        }
        let closer = set_in(density, document, foot, fonts)?;
        if closer.len() < pages.len() {
            pages = closer;
        }
    }
    Ok(pages)
}

fn set_in(
    density: &Density,
    document: &Document,
    foot: &Foot,
    fonts: &Fonts<'_>,
) -> Result<Vec<Vec<Ink>>, PaperError> {
    let pages = vec![Vec::new()];
    let mut layout = Layout { fonts, density, missing: BTreeSet::new(), longest: 0, pages, y: MARGIN };
    layout.title(document);
    for block in &document.blocks {
        layout.block(block);
    }
    layout.feet(foot);
    if layout.longest > LONGEST {
        return Err(PaperError::TooLong { expected: LONGEST, got: layout.longest });
    }
    if layout.missing.is_empty() {
        Ok(layout.pages)
    } else {
        Err(PaperError::MissingCharacters { got: layout.missing.into_iter().collect() })
    }
}

struct Layout<'a> {
    fonts: &'a Fonts<'a>,
    density: &'a Density,
    missing: BTreeSet<char>,
    /// Characters of the longest text that was too long, or 0.
    longest: usize,
    pages: Vec<Vec<Ink>>,
    /// Where the next block begins on the last page.
    y: f32,
}

/// Where a line stands in its column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Centre,
    Right,
}

/// A cell whose lines were set.
struct SetCell {
    lines: Vec<Line>,
    align: Align,
    weight: Weight,
    grey: Option<f32>,
}

impl Layout<'_> {
    fn title(&mut self, document: &Document) {
        self.y += self.density.gap / 2.0;
        for (text, size, weight, grey, after) in [
            (&document.title.zh, TITLE, Weight::Bold, 0.0, 4.0),
            (&document.title.en, SUBTITLE, Weight::Regular, 0.35, self.density.gap),
        ] {
            for line in self.set(&[Piece::Said(text.to_string())], &plain(size, WIDTH)) {
                self.text(
                    line,
                    MARGIN,
                    WIDTH,
                    self.y,
                    size * LEADING,
                    Style { align: Align::Centre, weight, grey },
                );
                self.y += size * LEADING;
            }
            self.y += after;
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Addressee(pieces) => self.prose(pieces, 0.0, 0.0),
            Block::Paragraph(pieces) => self.prose(pieces, 2.0, 0.0),
            Block::Clause(pieces) => self.prose(pieces, 2.0, 4.0),
            Block::Table(rows) => self.table(rows),
            Block::Signatures(signatories) => self.signatures(signatories),
            Block::Note(text) => {
                let setting = Setting { edge: Edge::Even, ..plain(NOTE, WIDTH) };
                for line in self.set(&[Piece::Said(text.clone())], &setting) {
                    self.make_room(NOTE * 1.5);
                    self.text(line, MARGIN, WIDTH, self.y, NOTE * 1.5, Style { grey: 0.3, ..Style::PLAIN });
                    self.y += NOTE * 1.5;
                }
                self.y += 2.0;
            }
        }
    }

    fn prose(&mut self, pieces: &[Piece], first_indent: f32, indent: f32) {
        let setting = Setting { size: BODY, width: WIDTH, first_indent, indent, edge: Edge::Even };
        for line in self.set(pieces, &setting) {
            self.make_room(self.density.body_line);
            self.text(line, MARGIN, WIDTH, self.y, self.density.body_line, Style::PLAIN);
            self.y += self.density.body_line;
        }
        self.y += 3.0;
    }

    fn table(&mut self, rows: &[Row]) {
        self.y += 4.0;
        let mut set_rows = Vec::new();
        for row in rows {
            self.set_row(row, &mut set_rows);
        }
        // A short grid is not divided between pages.
        let whole: f32 = set_rows.iter().map(|row| row.height).sum();
        if whole < (BOTTOM - MARGIN) / 3.0 {
            self.make_room(whole);
        }
        for index in 0..set_rows.len() {
            let row = &set_rows[index];
            let mut needed = row.height;
            if let (true, Some(next)) = (row.is_heading, set_rows.get(index + 1)) {
                needed += next.height;
            }
            self.make_room(needed);
            let mut x = MARGIN;
            for (width, cell) in &row.cells {
                let area = Area { x, y: self.y, width: *width, height: row.height };
                self.cell(cell, area);
                x += width;
            }
            self.y += set_rows[index].height;
        }
        self.y += self.density.gap;
    }

    /// Two fields beside each other become two rows if one of them needs the width.
    fn set_row(&mut self, row: &Row, into: &mut Vec<SetRow>) {
        let crowded = |layout: &mut Self, cell: &Cell| match &cell.content {
            Content::Value(text) => {
                let setting = plain(SMALLEST, cell.width * WIDTH - 2.0 * PADDING);
                layout.set(&[Piece::Said(text.clone())], &setting).len() > FEW_LINES
            }
            _ => false,
        };
        if let [label, value, other_label, other_value] = row.cells.as_slice()
            && matches!((&label.content, &other_label.content), (Content::Label(_), Content::Label(_)))
            && (crowded(self, value) || crowded(self, other_value))
        {
            for (label, value) in [(label, value), (other_label, other_value)] {
                let cells = [(label.width, label), (1.0 - label.width, value)];
                into.push(self.set_cells(&cells, row.height));
            }
            return;
        }
        let cells: Vec<_> = row.cells.iter().map(|cell| (cell.width, cell)).collect();
        into.push(self.set_cells(&cells, row.height));
    }

    fn set_cells(&mut self, cells: &[(f32, &Cell)], height: RowHeight) -> SetRow {
        let is_heading = cells.iter().any(|(_, cell)| matches!(cell.content, Content::Heading(_)));
        let least = match height {
            RowHeight::Line => self.density.row,
            RowHeight::Lines(lines) => self.density.row.max(f32::from(lines) * self.density.row * 0.8),
        };
        let cells: Vec<(f32, SetCell)> = cells
            .iter()
            .map(|(width, cell)| (width * WIDTH, self.set_cell(&cell.content, width * WIDTH - 2.0 * PADDING)))
            .collect();
        let height = cells
            .iter()
            .map(|(_, cell)| height_of(&cell.lines) + self.density.cell_space)
            .fold(least, f32::max);
        SetRow { cells, height, is_heading }
    }

    fn set_cell(&mut self, content: &Content, width: f32) -> SetCell {
        let said = |text: &String| [Piece::Said(text.clone())];
        let regular = Weight::Regular;
        match content {
            Content::Heading(text) => SetCell {
                lines: self.set(&said(text), &plain(CELL + 0.5, width)),
                align: Align::Left,
                weight: Weight::Bold,
                grey: Some(HEADING_GREY),
            },
            Content::Label(text) => SetCell {
                lines: self.balanced(&said(text), width),
                align: Align::Centre,
                weight: regular,
                grey: Some(LABEL_GREY),
            },
            Content::Statement(text) => SetCell {
                lines: self.set(&said(text), &plain(CELL - 0.5, width)),
                align: Align::Left,
                weight: regular,
                grey: None,
            },
            Content::Value(text) => {
                let lines = self.shrunk(&said(text), width);
                SetCell { lines, align: Align::Left, weight: regular, grey: None }
            }
        }
    }

    /// A value on one line if a slightly smaller type does it, else on few lines if
    /// a small one does, else in the smallest.
    fn shrunk(&mut self, pieces: &[Piece], width: f32) -> Vec<Line> {
        for (most_lines, least_size) in [(1, ONE_LINE), (FEW_LINES, SMALLEST)] {
            let mut size = CELL;
            while size >= least_size {
                let lines = self.set(pieces, &plain(size, width));
                if lines.len() <= most_lines {
                    return lines;
                }
                size -= 0.5;
            }
        }
        self.set(pieces, &plain(SMALLEST, width))
    }

    /// A label on lines of about the same length.
    fn balanced(&mut self, pieces: &[Piece], width: f32) -> Vec<Line> {
        let lines = self.set(pieces, &plain(CELL, width));
        let Ok(count) = u16::try_from(lines.len()) else { return lines };
        if count < 2 {
            return lines;
        }
        let length: f32 = lines.iter().map(Line::width).sum();
        let narrow = (length / f32::from(count) / CELL).ceil() * CELL + 0.1;
        let narrower = self.set(pieces, &plain(CELL, narrow.min(width)));
        if narrower.len() == lines.len() { narrower } else { lines }
    }

    fn cell(&mut self, cell: &SetCell, area: Area) {
        if let Some(grey) = cell.grey {
            self.ink(Ink::Fill { area, grey });
        }
        self.ink(Ink::Frame { area, stroke: Stroke::Solid });
        let mut y = area.y + (area.height - height_of(&cell.lines)) / 2.0;
        let style = Style { align: cell.align, weight: cell.weight, grey: 0.0 };
        for line in cell.lines.iter().cloned() {
            let height = line.size * LEADING;
            self.text(line, area.x + PADDING, area.width - 2.0 * PADDING, y, height, style);
            y += height;
        }
    }

    fn signatures(&mut self, signatories: &[Signatory]) {
        let Ok(count) = u8::try_from(signatories.len().max(1)) else { return };
        let width = WIDTH / f32::from(count);
        let inner = width - 2.0 * PADDING - 4.0;
        let statements: Vec<Vec<Line>> = signatories
            .iter()
            .map(|signatory| {
                let setting = Setting { edge: Edge::Even, ..plain(CELL - 0.5, inner) };
                self.set(&[Piece::Said(signatory.statement.clone())], &setting)
            })
            .collect();
        let statement_height = statements.iter().map(|lines| height_of(lines)).fold(0.0, f32::max);
        let lines_height = signatories
            .iter()
            .map(|signatory| {
                let lines =
                    signatory.lines.iter().map(|line| self.line_height(line, inner, signatory.mark)).sum();
                f32::max(lines, self.mark_size(signatory.mark) + 6.0)
            })
            .fold(0.0, f32::max);
        let height = self.density.row + 6.0 + statement_height + lines_height + 10.0;
        self.y += 6.0;
        self.make_room(height);
        let mut x = MARGIN;
        for (signatory, statement) in signatories.iter().zip(statements) {
            self.signatory(signatory, statement, Area { x, y: self.y, width, height });
            x += width;
        }
        self.y += height + self.density.gap;
    }

    fn signatory(&mut self, signatory: &Signatory, statement: Vec<Line>, area: Area) {
        let band = Area { height: self.density.row, ..area };
        self.ink(Ink::Fill { area: band, grey: LABEL_GREY });
        self.ink(Ink::Frame { area: band, stroke: Stroke::Solid });
        self.ink(Ink::Frame { area, stroke: Stroke::Solid });
        let left = area.x + PADDING + 2.0;
        let inner = area.width - 2.0 * PADDING - 4.0;
        for line in self.set(&[Piece::Said(signatory.heading.clone())], &plain(CELL, inner)) {
            self.text(
                line,
                left,
                inner,
                area.y,
                self.density.row,
                Style { align: Align::Centre, ..Style::BOLD },
            );
        }
        let mut y = area.y + self.density.row + 5.0;
        for line in statement {
            let height = line.size * LEADING;
            self.text(line, left, inner, y, height, Style::PLAIN);
            y += height;
        }
        // Lines and seal stand at the bottom, so that boxes beside each other agree.
        let bottom = area.y + area.height - 8.0;
        let mark = self.mark_size(signatory.mark);
        if mark > 0.0 {
            let field =
                Area { x: area.x + area.width - mark - 7.0, y: bottom - mark, width: mark, height: mark };
            self.ink(Ink::Frame { area: field, stroke: Stroke::Dashed });
            let label = Piece::Said(signatory.mark.label().to_owned());
            for line in self.set(&[label], &plain(CELL - 1.0, mark)) {
                let style = Style { align: Align::Centre, grey: 0.5, ..Style::PLAIN };
                self.text(line, field.x, mark, field.y, mark, style);
            }
        }
        let heights: f32 =
            signatory.lines.iter().map(|line| self.line_height(line, inner, signatory.mark)).sum();
        let mut y = bottom - heights;
        for line in &signatory.lines {
            let height = self.line_height(line, inner, signatory.mark);
            self.signature_line(line, left, self.writing_width(inner, signatory.mark), y + height);
            y += height;
        }
    }

    /// A line of a signature whose rule lies a little above `bottom`.
    fn signature_line(&mut self, line: &SignatureLine, left: f32, width: f32, bottom: f32) {
        let size = CELL - 0.5;
        let baseline = bottom - 5.0;
        let said = |text: &str| [Piece::Said(text.to_owned())];
        match line {
            SignatureLine::Written(label) => {
                let below = label_is_above(label, width);
                let mut x = left;
                for line in self.set(&said(label), &plain(size, width.max(200.0))) {
                    if !below {
                        x += line.width() + 3.0;
                    }
                    let baseline =
                        if below { baseline - self.density.signature_line * 0.8 } else { baseline };
                    self.ink(Ink::Text { x: left, baseline, line, weight: Weight::Regular, grey: 0.0 });
                }
                let y = baseline + 2.5;
                self.ink(Ink::Rule { from: (x, y), to: (left + width - 4.0, y), width: THIN });
            }
            SignatureLine::Date => {
                let mut x = left;
                for (room, unit) in [(30.0, "年"), (20.0, "月"), (20.0, "日")] {
                    let y = baseline + 2.5;
                    self.ink(Ink::Rule { from: (x, y), to: (x + room, y), width: THIN });
                    x += room + 1.0;
                    for line in self.set(&said(unit), &plain(size, 20.0)) {
                        self.ink(Ink::Text { x, baseline, line, weight: Weight::Regular, grey: 0.0 });
                    }
                    x += size + 1.0;
                }
            }
        }
    }

    fn mark_size(&self, mark: Mark) -> f32 {
        match mark {
            Mark::Seal => self.density.seal,
            Mark::Fingerprint => FINGERPRINT,
            Mark::None => 0.0,
        }
    }

    /// What the mark leaves of a box for the lines.
    fn writing_width(&self, inner: f32, mark: Mark) -> f32 {
        if mark == Mark::None { inner } else { inner - self.mark_size(mark) - 6.0 }
    }

    fn line_height(&self, line: &SignatureLine, inner: f32, mark: Mark) -> f32 {
        match line {
            SignatureLine::Written(label) if label_is_above(label, self.writing_width(inner, mark)) => {
                self.density.signature_line * 1.8
            }
            _ => self.density.signature_line,
        }
    }

    fn feet(&mut self, foot: &Foot) {
        let count = self.pages.len();
        for index in 0..count {
            let y = BOTTOM + 12.0;
            let page = format!("第 {} 页，共 {count} 页", index + 1);
            let rule = Ink::Rule { from: (MARGIN, y - 3.0), to: (MARGIN + WIDTH, y - 3.0), width: 0.4 };
            self.pages[index].push(rule);
            for (text, align, y) in [
                (foot.order.as_str(), Align::Left, y),
                (page.as_str(), Align::Right, y),
                (foot.provider.as_str(), Align::Left, y + FOOTER * LEADING),
            ] {
                let setting = plain(FOOTER, WIDTH);
                for (number, line) in (0u8..).zip(self.set(&[Piece::Said(text.to_owned())], &setting)) {
                    let style = Style { align, weight: Weight::Regular, grey: 0.25 };
                    let y = y + f32::from(number) * FOOTER * LEADING;
                    let inks = placed(line, MARGIN, WIDTH, y, FOOTER * LEADING, style);
                    self.pages[index].extend(inks);
                }
            }
        }
    }

    fn set(&mut self, pieces: &[Piece], setting: &Setting) -> Vec<Line> {
        let longest = pieces.iter().map(Piece::characters).max().unwrap_or(0);
        if longest > LONGEST {
            self.longest = self.longest.max(longest);
            return Vec::new();
        }
        let items = lines::items(self.fonts, pieces, &mut self.missing);
        lines::set(&items, setting)
    }

    fn text(&mut self, line: Line, x: f32, width: f32, top: f32, height: f32, style: Style) {
        for ink in placed(line, x, width, top, height, style) {
            self.ink(ink);
        }
    }

    fn ink(&mut self, ink: Ink) {
        if let Some(page) = self.pages.last_mut() {
            page.push(ink);
        }
    }

    /// Begins a new page unless this one has so many points left.
    fn make_room(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > MARGIN + 1.0 {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
    }
}

struct SetRow {
    cells: Vec<(f32, SetCell)>,
    height: f32,
    is_heading: bool,
}

#[derive(Clone, Copy)]
struct Style {
    align: Align,
    weight: Weight,
    grey: f32,
}

impl Style {
    const PLAIN: Self = Self { align: Align::Left, weight: Weight::Regular, grey: 0.0 };
    const BOLD: Self = Self { weight: Weight::Bold, ..Self::PLAIN };
}

/// A line in a column, in the middle of its height, with the rules under what is underlined.
fn placed(line: Line, x: f32, width: f32, top: f32, height: f32, style: Style) -> Vec<Ink> {
    let free = width - line.indent - line.width();
    let x = x
        + line.indent
        + match style.align {
            Align::Left => 0.0,
            Align::Centre => free / 2.0,
            Align::Right => free,
        };
    // The middle of a Chinese character is 0.38 of its size above the baseline.
    let baseline = top + height / 2.0 + line.size * 0.38;
    let mut inks = Vec::new();
    let mut at = x;
    let mut underlined_from = None;
    for item in &line.items {
        match (item.underlined, underlined_from) {
            (true, None) => underlined_from = Some(at),
            (false, Some(from)) => {
                inks.push(underline(from, at - line.spacing, baseline, line.size));
                underlined_from = None;
            }
            _ => {}
        }
        at += item.width(line.size) + line.spacing;
    }
    if let Some(from) = underlined_from {
        inks.push(underline(from, at - line.spacing, baseline, line.size));
    }
    inks.push(Ink::Text { x, baseline, line, weight: style.weight, grey: style.grey });
    inks
}

fn underline(from: f32, to: f32, baseline: f32, size: f32) -> Ink {
    let y = baseline + size * 0.24;
    Ink::Rule { from: (from, y), to: (to, y), width: THIN }
}

fn plain(size: f32, width: f32) -> Setting {
    Setting { size, width, first_indent: 0.0, indent: 0.0, edge: Edge::Ragged }
}

fn height_of(lines: &[Line]) -> f32 {
    lines.iter().map(|line| line.size * LEADING).sum()
}

/// Whether a label leaves too little of its line to sign on.
fn label_is_above(label: &str, width: f32) -> bool {
    em(label, CELL - 0.5) + 70.0 > width
}

/// The width of a text if all its characters were Chinese.
fn em(text: &str, size: f32) -> f32 {
    u16::try_from(text.chars().count()).map_or(f32::MAX, f32::from) * size
}
