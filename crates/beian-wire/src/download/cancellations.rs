//! What is not in the register any more.

use crate::common::{CancellationKind, RecordKey};
use crate::xml::{Fields, Repeated, WriteError, XmlWriter};

/// A file of cancellations (注销数据): one or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancellationsFile {
    /// What was cancelled.
    pub items: Vec<CancelledItem>,
}

const ITEM: Repeated = Repeated::new("Zxxx", 1, usize::MAX);

impl CancellationsFile {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        Some(Self { items: fields.children(ITEM, CancelledItem::read) })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.children(ITEM, &self.items, CancelledItem::write)
    }
}

/// One thing that was cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelledItem {
    /// What it was. The ministry's schema ends at websites, its text goes on to accesses.
    pub kind: CancellationKind,
    /// The regulator's number for it.
    pub record_id: u64,
    /// Remark (备注), at most 1024 characters.
    pub remark: Option<String>,
}

impl CancelledItem {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let kind = fields.listed(CancellationKind::FIELD, CancellationKind::of_code);
        let (record_id, remark) = (fields.number(RecordKey::RECORD_ID), fields.optional_text(super::REMARK));
        Some(Self { kind: kind?, record_id: record_id?, remark })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(CancellationKind::FIELD, self.kind.code())?;
        out.number(RecordKey::RECORD_ID, self.record_id)?;
        out.optional_text(super::REMARK, self.remark.as_ref())
    }
}
