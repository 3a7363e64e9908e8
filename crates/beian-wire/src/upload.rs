//! The files an access provider hands in (上报).

mod attachment;
mod filing;

use crate::InterfaceVersion;
use crate::xml::{Fields, Leniency, Number, ReadError, WriteError, gbk_document, read_document};

pub use attachment::{Attachment, AttachmentFormat, AttachmentOwner, AttachmentPurpose};
pub use filing::{
    Access, Address, Domain, FilingRecord, IpRange, PrincipalDetails, Sponsor, SponsorPrincipal, Website,
    WebsitePrincipal,
};

/// One file to hand in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadDocument {
    /// The interface version it follows.
    pub version: InterfaceVersion,
    /// What is asked for.
    pub operation: UploadOperation,
    /// The access provider's number with the regulator (请求单位), which must be the
    /// caller's own (else 5003). Positive.
    pub requesting_unit: u64,
}

/// What a file asks for. Other operations of the interface are not written yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadOperation {
    /// First filings (新增备案): 1 to [`crate::MAX_RECORDS`] sponsors with their websites.
    NewFiling(Vec<FilingRecord>),
}

const ROOT: &str = "UploadData";
const GROUP: &str = "ICP";
const NEW_FILING: &str = "XZBA";
const REQUESTING_UNIT: Number = Number::id("Qqdwid");

impl UploadDocument {
    /// Writes the file as the schema wants it, in GBK.
    ///
    /// # Errors
    /// The first text, number, count or attachment that the schema or the interface
    /// does not allow, with its path.
    pub fn to_gbk_xml(&self) -> Result<Vec<u8>, WriteError> {
        gbk_document(ROOT, &self.version, |out| {
            out.child(GROUP, |out| {
                match &self.operation {
                    UploadOperation::NewFiling(records) => {
                        out.child(NEW_FILING, |out| {
                            out.children(crate::common::RECORD, records, FilingRecord::write)
                        })?;
                    }
                }
                out.number(REQUESTING_UNIT, self.requesting_unit)
            })
        })
    }

    /// Reads a file, in any order of elements; what the schema forbids otherwise is
    /// reported in full.
    ///
    /// # Errors
    /// See [`ReadError`]; all structural problems together in
    /// [`ReadError::Structure`].
    pub fn from_gbk_xml(bytes: &[u8]) -> Result<Self, ReadError> {
        read_document(bytes, ROOT, Leniency::None, |root, version| {
            root.supported(&[GROUP])?;
            root.child(GROUP, |fields| {
                let (operation, unit) = (read_operation(fields), fields.number(REQUESTING_UNIT));
                Some(Self { version, operation: operation?, requesting_unit: unit? })
            })
        })
    }
}

fn read_operation(fields: &mut Fields<'_, '_>) -> Option<UploadOperation> {
    fields.supported(&[NEW_FILING, REQUESTING_UNIT.name])?;
    let records = fields
        .child(NEW_FILING, |fields| Some(fields.children(crate::common::RECORD, FilingRecord::read)))?;
    Some(UploadOperation::NewFiling(records))
}
