//! Cancellations: of a sponsor, of a website, of an access.

use std::fmt;

use crate::common::{self, CancellationKind, RecordKey};
use crate::xml::{Fields, Number, Repeated, Text, WriteError, XmlWriter};

/// 1 to [`crate::MAX_RECORDS`] cancellations.
pub(super) const CANCELLATION: Repeated = Repeated::new("Zx_xx", 1, crate::MAX_RECORDS);

/// Something that is given up (注销备案).
#[derive(Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// What it is.
    pub kind: CancellationKind,
    /// The regulator's number for it, positive.
    pub record_id: u64,
    /// Why (注销理由), a code of the regulator's table, 1 to 999.
    pub reason: u16,
    /// More about why, 1 to 1000 characters.
    pub remark: Option<String>,
    /// Digest of the sponsor's filing password (备案密码), 32 hexadecimal digits; wanted
    /// to cancel a sponsor.
    pub password: Option<String>,
}

impl Cancellation {
    const REASON: Number = Number::new("Zxly", 1, 999);
    const REMARK: Text = Text::new("Zxlybz", 1, 1000);

    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let kind = fields.listed(CancellationKind::FIELD, CancellationKind::of_code);
        let (record_id, reason) = (fields.number(RecordKey::RECORD_ID), fields.number(Self::REASON));
        let (remark, password) =
            (fields.optional_text(Self::REMARK), fields.optional_text(common::FILING_PASSWORD));
        Some(Self { kind: kind?, record_id: record_id?, reason: reason?, remark, password })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(CancellationKind::FIELD, self.kind.code())?;
        out.number(RecordKey::RECORD_ID, self.record_id)?;
        out.number(Self::REASON, self.reason)?;
        out.optional_text(Self::REMARK, self.remark.as_ref())?;
        out.optional_text(common::FILING_PASSWORD, self.password.as_ref())
    }
}

impl fmt::Debug for Cancellation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Cancellation")
            .field("kind", &self.kind)
            .field("record_id", &self.record_id)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}
