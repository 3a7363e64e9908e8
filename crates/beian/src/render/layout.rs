//! Columns and lines by display width: a Chinese character is two wide.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of a page of text.
pub(crate) const PAGE: usize = 100;

/// A text filled up to a width with spaces.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

/// Lines of a table whose columns stand below one another. The last column is
/// not filled up.
pub(crate) struct Table(Vec<Vec<String>>);

impl Table {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.push(cells.into());
    }

    /// The lines, each after an indent.
    pub(crate) fn lines(&self, indent: &str) -> Vec<String> {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                self.0.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
            })
            .collect();
        self.0
            .iter()
            .map(|row| {
                let cells: Vec<String> =
                    row.iter().zip(&widths).map(|(cell, width)| pad(cell, *width)).collect();
                format!("{indent}{}", cells.join("  ")).trim_end().to_owned()
            })
            .collect()
    }
}

/// A text in lines of the page's width: the first after `first`, the others
/// after as much space.
pub(crate) fn wrap(first: &str, text: &str) -> String {
    let indent = first.width();
    let mut lines = String::from(first);
    let mut at = indent;
    for piece in pieces(text) {
        let width = piece.width();
        if at + piece.trim_end().width() > PAGE && at > indent {
            while lines.ends_with(' ') {
                lines.pop();
            }
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            at = indent;
        }
        lines.push_str(piece);
        at += width;
    }
    lines.trim_end().to_owned()
}

/// What may not be parted: a Latin word with the space behind it; a Chinese
/// character with the punctuation around it.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut previous: Option<char> = None;
    for (at, character) in text.char_indices() {
        if previous.is_some_and(|previous| may_part(previous, character)) {
            pieces.extend(text.get(start..at));
            start = at;
        }
        previous = Some(character);
    }
    pieces.extend(text.get(start..));
    pieces
}

fn may_part(before: char, after: char) -> bool {
    let wide = |c: char| c.width() == Some(2);
    if "，。；：、）》”？！）」』．,.;:)]".contains(after) || "（《“「『([".contains(before)
    {
        return false;
    }
    before == ' ' || wide(before) || wide(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_one_another_whatever_the_script() {
        let mut table = Table::new();
        table.row(["备案人".to_owned(), "本系统".to_owned(), "x".to_owned()]);
        table.row(["a".to_owned(), "console".to_owned(), "y".to_owned()]);
        assert_eq!(table.lines("  "), ["  备案人  本系统   x", "  a       console  y"]);
    }

    #[test]
    fn lines_break_between_words_and_before_no_comma() {
        let words = "word ".repeat(30);
        for text in [words.as_str(), &"汉字，".repeat(40), &"汉字 mixed，".repeat(20)] {
            let wrapped = wrap("    1. ", text);
            assert!(wrapped.lines().count() > 1);
            for (index, line) in wrapped.lines().enumerate() {
                assert!(line.width() <= PAGE, "{line}");
                assert!(index == 0 || line.starts_with("       "), "{line}");
                assert!(!line.trim_start().starts_with('，') && !line.ends_with(' '), "{line}");
            }
            let joined: String = wrapped.replace("    1. ", "").split_whitespace().collect();
            assert_eq!(joined, text.split_whitespace().collect::<String>());
        }
    }
}
