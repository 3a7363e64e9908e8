//! What stands on a paper, before anybody knows where the lines end.

/// A paper, from top to bottom.
pub(crate) struct Document {
    pub(crate) title: beian_domain::Text,
    pub(crate) blocks: Vec<Block>,
}

pub(crate) enum Block {
    /// Whom it is for, flush left.
    Addressee(Vec<Piece>),
    /// A paragraph whose first line is indented by two characters.
    Paragraph(Vec<Piece>),
    /// A numbered clause, indented as a whole.
    Clause(Vec<Piece>),
    /// Rows of one grid; they join without a gap.
    Table(Vec<Row>),
    /// Who signs, box beside box. Never divided between pages.
    Signatures(Vec<Signatory>),
    /// Small print.
    Note(String),
}

/// A part of a sentence.
pub(crate) enum Piece {
    Said(String),
    /// What was filled in; underlined, as by hand.
    Filled(String),
    /// A rule to write on, so many characters wide.
    Blank(f32),
}

impl Piece {
    pub(crate) fn characters(&self) -> usize {
        match self {
            Self::Said(text) | Self::Filled(text) => text.chars().count(),
            Self::Blank(_) => 0,
        }
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Self::Said(text.to_owned())
    }
}

impl From<String> for Piece {
    fn from(text: String) -> Self {
        Self::Said(text)
    }
}

/// A row of a grid. The widths of its cells are parts of the whole width.
pub(crate) struct Row {
    pub(crate) cells: Vec<Cell>,
    pub(crate) height: RowHeight,
}

/// How high a row is at least.
#[derive(Clone, Copy)]
pub(crate) enum RowHeight {
    /// Room for a line of handwriting.
    Line,
    /// Room for so many lines of handwriting.
    Lines(u8),
}

pub(crate) struct Cell {
    pub(crate) width: f32,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    /// The title of a part of the grid, bold on grey.
    Heading(String),
    /// The name of a field, centred on grey.
    Label(String),
    /// What was filled in; shrinks before it takes many lines.
    Value(String),
    /// Text of the form itself.
    Statement(String),
}

/// Somebody who signs.
pub(crate) struct Signatory {
    /// In which capacity.
    pub(crate) heading: String,
    /// What they declare by it; may be empty.
    pub(crate) statement: String,
    /// Rules to write on, with what stands before each.
    pub(crate) lines: Vec<SignatureLine>,
    pub(crate) mark: Mark,
}

pub(crate) enum SignatureLine {
    /// A rule to write on, with what stands before it.
    Written(&'static str),
    /// Year, month and day, by hand: the day of signing is the signer's to state.
    Date,
}

/// What is put beside a signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The unit's seal (公章).
    Seal,
    /// A fingerprint (手印), of people.
    Fingerprint,
    None,
}

impl Mark {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Seal => "（盖章处）",
            Self::Fingerprint => "（按手印处）",
            Self::None => "",
        }
    }
}

/// The widths of a label and of a value where two fields share a row.
const LABEL: f32 = 0.17;
const VALUE: f32 = 0.33;

impl Row {
    pub(crate) fn heading(text: &str) -> Self {
        Self::line(vec![Cell { width: 1.0, content: Content::Heading(text.to_owned()) }])
    }

    /// One field over the whole width.
    pub(crate) fn wide(label: &str, value: String) -> Self {
        Self::line(vec![
            Cell { width: LABEL, content: Content::Label(label.to_owned()) },
            Cell { width: 1.0 - LABEL, content: Content::Value(value) },
        ])
    }

    /// One field over the whole width, with room to write.
    pub(crate) fn roomy(label: &str, value: String, lines: u8) -> Self {
        Self { height: RowHeight::Lines(lines), ..Self::wide(label, value) }
    }

    /// Two fields beside each other.
    pub(crate) fn pair(left: (&str, String), right: (&str, String)) -> Self {
        let field = |(label, value): (&str, String)| {
            [
                Cell { width: LABEL, content: Content::Label(label.to_owned()) },
                Cell { width: VALUE, content: Content::Value(value) },
            ]
        };
        Self::line([field(left), field(right)].into_iter().flatten().collect())
    }

    pub(crate) fn line(cells: Vec<Cell>) -> Self {
        Self { cells, height: RowHeight::Line }
    }
}
