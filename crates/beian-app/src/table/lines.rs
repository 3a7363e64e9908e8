//! What comes of a file, line by line, and how the fields of a line are found.

use std::collections::BTreeSet;

use beian_domain::{OrderNumber, ResourceKind, Text};

use super::{ImportRefusal, Line, Table, is_text_of_a_long_number};
use crate::addresses::AddressRefusal;

/// What came of a file, line by line. `K` is what becomes of a line that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport<K> {
    /// Every line beside the heading, in order.
    pub lines: Vec<ImportedLine<K>>,
}

/// A line, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedLine<K> {
    /// Its number in the file, from 1; the heading counts.
    pub line: usize,
    /// What it is about, as far as that was legible.
    pub reference: String,
    /// What came of it.
    pub outcome: LineOutcome<K>,
}

/// What came of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineOutcome<K> {
    /// All of it counts.
    Kept(K),
    /// None of it does.
    Refused(LineRefusal),
}

/// Why a line is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineRefusal {
    /// It has more or fewer fields than the heading.
    Fields {
        /// As many as the heading has.
        expected: usize,
        /// As many as it has.
        got: usize,
    },
    /// A field that must be filled in is empty.
    Missing {
        /// Which.
        column: &'static str,
    },
    /// A field cannot be read.
    Value {
        /// Which.
        column: &'static str,
        /// What it says, shortened.
        got: String,
        /// What it may say, in a few words that need no translation.
        expected: String,
    },
    /// A spreadsheet took a number of many digits for an amount, and dropped the last ones.
    LongNumber {
        /// Which.
        column: &'static str,
        /// What is left.
        got: String,
    },
    /// No account has this login name.
    UnknownOwner {
        /// The name.
        got: String,
    },
    /// No product is called like this.
    UnknownKind {
        /// What it is called.
        got: String,
    },
    /// An earlier line is about the same.
    Duplicate {
        /// By which column it is known.
        column: &'static str,
        /// That line.
        line: usize,
    },
    /// It makes a change or a cancellation, which begin at their record.
    OtherKind {
        /// The kind that it states.
        got: String,
    },
    /// The account has an order under way that stands in its way.
    OpenOrder {
        /// That order.
        number: OrderNumber,
    },
    /// The account would file for more sponsors than the provider allows.
    SponsorLimit {
        /// Most that it may have.
        expected: u8,
    },
    /// The rules forbid to begin it.
    Blocked {
        /// The column that is to blame, if it is one.
        column: Option<&'static str>,
        /// The code of the finding.
        rule: String,
        /// What the finding says.
        title: Text,
    },
    /// A range cannot be so beside the others.
    Addresses(AddressRefusal),
    /// There is a record of this number, or an active one of this domain.
    KnownRecord {
        /// The column by which it is known.
        column: &'static str,
        /// What it says.
        got: String,
    },
}

impl LineRefusal {
    /// Its code in the API and in the texts of pages; never used for another.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fields { .. } => "field-count",
            Self::Missing { .. } => "missing-value",
            Self::Value { .. } => "unreadable-value",
            Self::LongNumber { .. } => "long-number",
            Self::UnknownOwner { .. } => "unknown-owner",
            Self::UnknownKind { .. } => "unknown-kind",
            Self::Duplicate { .. } => "duplicate-line",
            Self::OtherKind { .. } => "other-kind",
            Self::OpenOrder { .. } => "open-order",
            Self::SponsorLimit { .. } => "sponsor-limit",
            Self::Blocked { .. } => "blocked",
            Self::KnownRecord { .. } => "known-record",
            Self::Addresses(refusal) => refusal.code(),
        }
    }

    /// The column that is to blame, if it is one.
    pub fn column(&self) -> Option<&'static str> {
        match self {
            Self::Missing { column }
            | Self::Value { column, .. }
            | Self::LongNumber { column, .. }
            | Self::KnownRecord { column, .. }
            | Self::Duplicate { column, .. } => Some(column),
            Self::UnknownOwner { .. } => Some("owner"),
            Self::Addresses(refusal) => Some(refusal.field().slug()),
            Self::UnknownKind { .. } | Self::OtherKind { .. } => Some("kind"),
            Self::Blocked { column, .. } => *column,
            Self::OpenOrder { .. } | Self::SponsorLimit { .. } => Some("certificate_number"),
            Self::Fields { .. } => None,
        }
    }

    /// What was found, for people.
    pub fn got(&self) -> String {
        match self {
            Self::Fields { got, .. } => got.to_string(),
            Self::Missing { .. } | Self::SponsorLimit { .. } => String::new(),
            Self::Value { got, .. }
            | Self::LongNumber { got, .. }
            | Self::UnknownOwner { got }
            | Self::UnknownKind { got }
            | Self::OtherKind { got }
            | Self::KnownRecord { got, .. } => got.clone(),
            Self::Duplicate { line, .. } => line.to_string(),
            Self::Addresses(refusal) => refusal.got(),
            Self::OpenOrder { number } => number.to_string(),
            Self::Blocked { rule, .. } => rule.clone(),
        }
    }

    /// What is expected, in a few words that need no translation.
    pub fn expected(&self) -> String {
        match self {
            Self::Fields { expected, .. } => expected.to_string(),
            Self::Value { expected, .. } => expected.clone(),
            Self::UnknownKind { .. } => ResourceKind::ALL.map(ResourceKind::slug).join(", "),
            Self::SponsorLimit { expected } => format!("≤ {expected}"),
            Self::LongNumber { .. }
            | Self::Missing { .. }
            | Self::UnknownOwner { .. }
            | Self::Duplicate { .. }
            | Self::OtherKind { .. }
            | Self::OpenOrder { .. }
            | Self::Blocked { .. }
            | Self::Addresses(_)
            | Self::KnownRecord { .. } => String::new(),
        }
    }

    /// What a finding of the rules says, if it is one.
    pub fn finding(&self) -> Option<&Text> {
        match self {
            Self::Blocked { title, .. } => Some(title),
            _ => None,
        }
    }
}

impl<K> ImportReport<K> {
    /// The lines that do not count.
    pub fn refused(&self) -> impl Iterator<Item = (&ImportedLine<K>, &LineRefusal)> {
        self.lines.iter().filter_map(|line| match &line.outcome {
            LineOutcome::Refused(refusal) => Some((line, refusal)),
            LineOutcome::Kept(_) => None,
        })
    }

    /// The lines that count, with what has become of each.
    pub fn kept(&self) -> impl Iterator<Item = (&ImportedLine<K>, &K)> {
        self.lines.iter().filter_map(|line| match &line.outcome {
            LineOutcome::Kept(kept) => Some((line, kept)),
            LineOutcome::Refused(_) => None,
        })
    }

    /// The codes of what is wrong, each once.
    pub fn codes(&self) -> BTreeSet<&'static str> {
        self.refused().map(|(_, refusal)| refusal.code()).collect()
    }
}

/// The columns of a file by their names, in the order in which they stand there.
#[derive(Debug)]
pub(crate) struct Columns(Vec<&'static str>);

impl Columns {
    /// Names the columns of a table that has any lines. `named` tells which column a text names.
    pub(crate) fn of(
        table: &Table,
        named: impl Fn(&str) -> Option<&'static str>,
        required: impl IntoIterator<Item = &'static str>,
    ) -> Result<Self, ImportRefusal> {
        let mut columns: Vec<&'static str> = Vec::new();
        for got in &table.heading {
            match named(got.trim()) {
                Some(column) if !columns.contains(&column) => columns.push(column),
                _ => return Err(ImportRefusal::Column { got: shortened(got) }),
            }
        }
        match required.into_iter().find(|column| !columns.contains(column)) {
            Some(column) => Err(ImportRefusal::MissingColumn { column }),
            None if table.lines.is_empty() => Err(ImportRefusal::Empty),
            None => Ok(Self(columns)),
        }
    }

    /// The fields of a line. Of a line that has not as many as the heading nothing can be said.
    pub(crate) fn line<'a>(&'a self, line: &'a Line) -> Result<Fields<'a>, LineRefusal> {
        if line.fields.len() != self.0.len() {
            return Err(LineRefusal::Fields { expected: self.0.len(), got: line.fields.len() });
        }
        Ok(Fields { columns: self, line })
    }

    /// A field of any line, for a report.
    pub(crate) fn glimpse(&self, line: &Line, column: &str) -> String {
        let at = self.0.iter().position(|known| *known == column);
        at.and_then(|at| line.fields.get(at)).map(|field| shortened(field)).unwrap_or_default()
    }
}

/// The fields of a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    columns: &'a Columns,
    line: &'a Line,
}

impl<'a> Fields<'a> {
    /// What a column says, if it says anything. A number that lost digits says nothing.
    pub(crate) fn stated(
        &self,
        column: &'static str,
        most_characters: usize,
    ) -> Result<Option<&'a str>, LineRefusal> {
        let at = self.columns.0.iter().position(|known| *known == column);
        let field = at.and_then(|at| self.line.fields.get(at)).map(|field| field.trim());
        let Some(field) = field.filter(|field| !field.is_empty()) else { return Ok(None) };
        if is_text_of_a_long_number(field) {
            return Err(LineRefusal::LongNumber { column, got: shortened(field) });
        }
        if field.chars().count() > most_characters {
            let expected = format!("≤ {most_characters}");
            return Err(LineRefusal::Value { column, got: shortened(field), expected });
        }
        Ok(Some(field))
    }
}

pub(crate) fn shortened(text: &str) -> String {
    text.trim().chars().take(80).collect()
}
