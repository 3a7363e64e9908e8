//! What became of what was handed in: automatic findings and reviews.

use std::fmt;

use crate::xml::{Fields, Number, Repeated, Text, WriteError, XmlWriter};
use crate::{OperationKind, ResultCode, WireTime};

/// A file of results (备案结果).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultsFile {
    /// What the regulator's system found, record by record.
    pub items: Vec<ResultItem>,
    /// What the regulator's people decided (管局审核).
    pub reviews: Vec<Review>,
}

const ITEM: Repeated = Repeated::new("Jg_xx", 0, usize::MAX);
const FINDING: Repeated = Repeated::new("Jgxx", 1, usize::MAX);
const REVIEWS: &str = "GJSHS";
const REVIEW: Repeated = Repeated::new("Gjsh", 1, usize::MAX);
/// The ministry's schema ends at 7, its text goes on to 35.
const OPERATION: Number = Number::new("Czlx", 1, 35);

impl ResultsFile {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let items = fields.children(ITEM, ResultItem::read);
        let reviews = fields.optional_child(REVIEWS, |fields| Some(fields.children(REVIEW, Review::read)));
        Some(Self { items, reviews: reviews.unwrap_or_default() })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.children(ITEM, &self.items, ResultItem::write)?;
        if self.reviews.is_empty() {
            return Ok(());
        }
        out.child(REVIEWS, |out| out.children(REVIEW, &self.reviews, Review::write))
    }
}

/// What the system found about one record of an upload.
#[derive(Clone, PartialEq, Eq)]
pub struct ResultItem {
    /// The findings, at least one.
    pub findings: Vec<Finding>,
    /// The operation they answer.
    pub operation: OperationKind,
    /// Which record (标识), 1 to 255 characters: our sponsor id for a first filing, else
    /// the number or id that was handed in. Absent when the whole file is meant.
    pub subject: Option<String>,
    /// Remark (备注), at most 1024 characters.
    pub remark: Option<String>,
}

impl ResultItem {
    const SUBJECT: Text = Text::new("Bs", 1, 255);

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let findings = fields.children(FINDING, Finding::read);
        let operation = fields.listed(OPERATION, OperationKind::of_code);
        let (subject, remark) = (fields.optional_text(Self::SUBJECT), fields.optional_text(super::REMARK));
        Some(Self { findings, operation: operation?, subject, remark })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.children(FINDING, &self.findings, Finding::write)?;
        out.number(OPERATION, self.operation.code())?;
        out.optional_text(Self::SUBJECT, self.subject.as_ref())?;
        out.optional_text(super::REMARK, self.remark.as_ref())
    }
}

impl fmt::Debug for ResultItem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ResultItem")
            .field("findings", &self.findings)
            .field("operation", &self.operation)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// One finding.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub code: ResultCode,
    /// Particulars (代码描述), 1 to 255 characters. For a fault of the whole file
    /// (5001 and following) it is the name of that file.
    pub description: Option<String>,
}

impl Finding {
    const DESCRIPTION: Text = Text::new("Dmms", 1, 255);

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (code, description) = (fields.number(ResultCode::FIELD), fields.optional_text(Self::DESCRIPTION));
        Some(Self { code: ResultCode(code?), description })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(ResultCode::FIELD, self.code.0)?;
        out.optional_text(Self::DESCRIPTION, self.description.as_ref())
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The description may name people.
        out.debug_struct("Finding").field("code", &self.code).finish_non_exhaustive()
    }
}

/// What a person at the regulator decided (管局审核).
#[derive(Clone, PartialEq, Eq)]
pub struct Review {
    /// Name of the reviewer (审核人), 1 to 128 characters.
    pub reviewer_name: Option<String>,
    /// Telephone of the reviewer, 11 to 128 characters.
    pub reviewer_phone: Option<String>,
    /// When (审核时间).
    pub reviewed_at: WireTime,
    /// Opinion (审核意见), 1 to 1024 characters.
    pub opinion: Option<String>,
    /// The decision (审核结果).
    pub outcome: ReviewOutcome,
    /// The operation that was decided on.
    pub operation: Option<OperationKind>,
    /// Which record: our id of the sponsor (first filing), website (added website) or
    /// access (added access), else the regulator's id.
    pub record_id: Option<u64>,
}

/// The decision of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewOutcome {
    /// Rejected (审核拒绝), 0.
    Rejected,
    /// Approved (审核通过), 1.
    Approved,
}

impl Review {
    const NAME: Text = Text::new("Shrxm", 1, 128);
    const PHONE: Text = Text::new("Shr_dhhm", 11, 128);
    const TIME: Text = Text::new("Shsj", 10, 22);
    const OPINION: Text = Text::new("Shyj", 1, 1024);
    const OUTCOME: Number = Number::new("Shjg", 0, 1);
    const RECORD: Number = Number::id("Jlid");

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (reviewer_name, reviewer_phone) =
            (fields.optional_text(Self::NAME), fields.optional_text(Self::PHONE));
        let time = fields.parsed(Self::TIME.name, |text| text.parse().ok());
        let opinion = fields.optional_text(Self::OPINION);
        let outcome = fields.listed(Self::OUTCOME, |code| match code {
            0 => Some(ReviewOutcome::Rejected),
            1 => Some(ReviewOutcome::Approved),
            _ => None,
        });
        let operation = fields.optional_listed(OPERATION, OperationKind::of_code);
        let record_id = fields.optional_number(Self::RECORD);
        Some(Self {
            reviewer_name,
            reviewer_phone,
            reviewed_at: time?,
            opinion,
            outcome: outcome?,
            operation,
            record_id,
        })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_text(Self::NAME, self.reviewer_name.as_ref())?;
        out.optional_text(Self::PHONE, self.reviewer_phone.as_ref())?;
        out.text(Self::TIME, self.reviewed_at.as_str())?;
        out.optional_text(Self::OPINION, self.opinion.as_ref())?;
        out.number(Self::OUTCOME, u8::from(self.outcome == ReviewOutcome::Approved))?;
        out.optional_number(OPERATION, self.operation.map(OperationKind::code))?;
        out.optional_number(Self::RECORD, self.record_id)
    }
}

impl fmt::Debug for Review {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Review")
            .field("outcome", &self.outcome)
            .field("operation", &self.operation)
            .field("record_id", &self.record_id)
            .finish_non_exhaustive()
    }
}
