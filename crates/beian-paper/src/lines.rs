//! Text broken into lines.

use std::collections::BTreeSet;

use crate::document::Piece;
use crate::font::{Fonts, Glyph};

/// What stands in a line: a character with its glyph, or a rule to write on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    /// No glyph: white space or a rule.
    pub(crate) glyph: Option<Glyph>,
    pub(crate) character: char,
    /// In thousandths of the size.
    width: f32,
    pub(crate) underlined: bool,
}

/// A line that was set.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) items: Vec<Item>,
    pub(crate) size: f32,
    /// Points between the left edge and the first item.
    pub(crate) indent: f32,
    /// Points that every item is wider, so that the line is as long as its column.
    pub(crate) spacing: f32,
}

impl Item {
    pub(crate) fn width(&self, size: f32) -> f32 {
        self.width * size / 1000.0
    }
}

impl Line {
    /// Its width in points, without the indentation.
    pub(crate) fn width(&self) -> f32 {
        self.items.iter().map(|item| item.width(self.size) + self.spacing).sum::<f32>() - self.spacing
    }
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// In points.
    pub(crate) size: f32,
    /// Of the column, in points.
    pub(crate) width: f32,
    /// Of the first line, in characters.
    pub(crate) first_indent: f32,
    /// Of the other lines, in characters.
    pub(crate) indent: f32,
    pub(crate) edge: Edge,
}

/// The right edge of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    Ragged,
    Even,
}

/// A space that no font has, in thousandths.
const SPACE: f32 = 250.0;

/// What the rule under a filled-in value reaches beyond it on either side.
const EDGE: f32 = 140.0;
/// Stand for what is no character: a rule to write on, and the edges of a value.
const RULE: char = '\u{3000}';
const BEGIN: char = '\u{2009}';
const END: char = '\u{200A}';

/// Turns text into items. Characters without a glyph go to `missing`.
pub(crate) fn items(fonts: &Fonts<'_>, pieces: &[Piece], missing: &mut BTreeSet<char>) -> Vec<Item> {
    let mut items = Vec::new();
    for piece in pieces {
        let (text, underlined) = match piece {
            Piece::Said(text) => (text, false),
            Piece::Filled(text) => (text, true),
            Piece::Blank(characters) => {
                items.push(Item {
                    glyph: None,
                    character: RULE,
                    width: characters * 1000.0,
                    underlined: true,
                });
                continue;
            }
        };
        let edge = |character| Item { glyph: None, character, width: EDGE, underlined };
        if underlined {
            items.push(edge(BEGIN));
        }
        for character in text.chars() {
            let glyph = fonts.glyph(character);
            if glyph.is_none() && character != ' ' {
                missing.insert(character);
                continue;
            }
            let width = glyph.map_or(SPACE, |glyph| glyph.width);
            items.push(Item { glyph, character, width, underlined });
        }
        if underlined {
            items.push(edge(END));
        }
    }
    items
}

/// Breaks items into lines, by the rules of Chinese text (避头尾): no line begins
/// with a closing mark or ends with an opening one, and what is not Chinese is
/// divided only if it is longer than a line.
pub(crate) fn set(items: &[Item], setting: &Setting) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < items.len() {
        let indent = if lines.is_empty() { setting.first_indent } else { setting.indent } * setting.size;
        let room = setting.width - indent;
        let end = line_end(items, start, room, setting.size);
        let mut line_items = items[start..end].to_vec();
        while line_items.last().is_some_and(|item| item.character == ' ') {
            line_items.pop();
        }
        let mut line = Line { items: line_items, size: setting.size, indent, spacing: 0.0 };
        if setting.edge == Edge::Even && end < items.len() {
            justify(&mut line, room);
        }
        lines.push(line);
        start = end;
        while items.get(start).is_some_and(|item| item.character == ' ') {
            start += 1;
        }
    }
    lines
}

/// Where the line that begins at `start` ends; always behind `start`.
fn line_end(items: &[Item], start: usize, room: f32, size: f32) -> usize {
    let mut width = 0.0;
    let mut last_break = None;
    for index in start..items.len() {
        if index > start && may_break(items[index - 1].character, items[index].character) {
            last_break = Some(index);
        }
        width += items[index].width(size);
        // A space may hang over the edge.
        if width > room + 0.01 && items[index].character != ' ' {
            return last_break.unwrap_or(index).max(start + 1);
        }
    }
    items.len()
}

/// Spreads what is left of the room between the items, unless it would show.
fn justify(line: &mut Line, room: f32) {
    let left = room - line.width();
    let gaps = line.items.len().saturating_sub(1);
    if let Ok(gaps) = u16::try_from(gaps)
        && gaps > 0
        && left > 0.0
        && left < 2.5 * line.size
    {
        line.spacing = left / f32::from(gaps);
    }
}

/// Whether a line may end between two characters.
fn may_break(before: char, after: char) -> bool {
    const NOT_AT_START: &str = "，。、；：？！）》」』】〕〉”’…·％%,.;:?!)]}-";
    const NOT_AT_END: &str = "（《「『【〔〈“‘([{□■";
    if after == ' '
        || after == END
        || before == BEGIN
        || NOT_AT_START.contains(after)
        || NOT_AT_END.contains(before)
    {
        return false;
    }
    // The parts of a day that is written by hand stay together.
    if (RULE == after && matches!(before, '年' | '月'))
        || (RULE == before && matches!(after, '年' | '月' | '日'))
    {
        return false;
    }
    before == ' ' || before == END || is_wide(before) || is_wide(after)
}

/// Whether lines may be broken beside a character: Chinese and Japanese ones,
/// their punctuation and full-width forms, and a rule to write on.
fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}' | '“' | '”' | '‘' | '’' | '…' | '—' | '□' | '■')
}

/// A filled-in text as it may be printed: control characters and line feeds
/// become spaces, and what is invisible or turns the direction of writing goes.
/// On a paper that is signed, nothing may stand that does not look like what it is.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}' => {}
            _ if character.is_control() || character.is_whitespace() => {
                if !printable.is_empty() && !printable.ends_with(' ') {
                    printable.push(' ');
                }
            }
            _ => printable.push(character),
        }
    }
    printable.truncate(printable.trim_end().len());
    printable
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FontSource;

    fn lines(text: &str, width: f32) -> Vec<String> {
        let source = FontSource::embedded();
        let fonts = Fonts::new(&source).unwrap();
        let items = items(&fonts, &[text.into()], &mut BTreeSet::new());
        let setting = Setting { size: 10.0, width, first_indent: 0.0, indent: 0.0, edge: Edge::Ragged };
        let lines = set(&items, &setting);
        for line in &lines {
            assert!(line.width() <= width + 0.02, "{} > {width}", line.width());
        }
        lines.iter().map(|line| line.items.iter().map(|item| item.character).collect()).collect()
    }

    #[test]
    fn no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() {
        assert_eq!(lines("一二三四，五六", 40.0), ["一二三", "四，五六"]);
        assert_eq!(lines("一二三（四五）", 40.0), ["一二三", "（四五）"]);
        assert_eq!(lines("备案一二号-1", 53.0), ["备案一二", "号-1"]);
    }

    #[test]
    fn words_and_numbers_stay_whole_unless_they_are_longer_than_a_line() {
        assert_eq!(lines("编号ABC123号", 44.0), ["编号", "ABC123", "号"]);
        assert_eq!(lines("practice.example.com", 60.0).concat(), "practice.example.com");
        assert_eq!(lines("one two three", 50.0), ["one two", "three"]);
    }

    #[test]
    fn nothing_invisible_is_printed() {
        assert_eq!(printable("\u{202E}习\u{200B}小\u{0}明\r\n\u{FEFF} x\u{FE0F}\t"), "习小 明 x");
        assert_eq!(printable("\u{3000}习\u{A0}小明\u{E0101}"), "习 小明");
    }

    #[test]
    fn what_no_font_has_is_told() {
        let source = FontSource::embedded();
        let mut missing = BTreeSet::new();
        items(&Fonts::new(&source).unwrap(), &["习𠮷😀喆".into()], &mut missing);
        assert_eq!(missing, ['𠮷', '😀'].into());
    }
}
