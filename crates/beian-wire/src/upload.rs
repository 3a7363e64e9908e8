//! The files an access provider hands in (上报).

mod addition;
mod attachment;
mod cancellation;
mod change;
mod filing;

use crate::InterfaceVersion;
use crate::common::{ATTACHMENT_DATA, RECORD, RecordKey};
use crate::xml::{Fields, Leniency, Number, ReadError, Repeated, WriteError, gbk_document, read_document};

pub use addition::{AddedAccess, AddedWebsites};
pub use attachment::{Attachment, AttachmentFormat, AttachmentOwner, AttachmentPurpose};
pub use cancellation::Cancellation;
pub use change::{
    ChangedAccess, ChangedDomain, ChangedIpRange, ChangedRecord, ChangedSponsor, ChangedWebsite,
};
pub use filing::{
    Access, Address, Domain, FilingRecord, IpRange, PrincipalDetails, Release, Sponsor, SponsorPrincipal,
    Website, WebsitePrincipal,
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

/// What a file asks for: one operation on 1 to [`crate::MAX_RECORDS`] records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadOperation {
    /// First filings (新增备案): sponsors with their websites.
    NewFiling(Vec<FilingRecord>),
    /// Websites for sponsors that have a number (新增网站).
    AddWebsites(Vec<AddedWebsites>),
    /// Accesses for websites that have a number (新增接入).
    AddAccesses(Vec<AddedAccess>),
    /// What records are to be from now on (变更备案).
    Change(Vec<ChangedRecord>),
    /// What is given up (注销备案): sponsors, websites, accesses.
    Cancel(Vec<Cancellation>),
    /// Pictures that records lack (单独补交核验材料).
    SubmitMaterial(Vec<Attachment<RecordKey>>),
}

const ROOT: &str = "UploadData";
const GROUP: &str = "ICP";
const NEW_FILING: &str = "XZBA";
const ADD_WEBSITES: &str = "XZWZ";
const ADD_ACCESSES: &str = "XZJR";
const CHANGE: &str = "BGBA";
const CANCEL: &str = "ZXBA";
const SUBMIT_MATERIAL: &str = "XZHYD";
const MATERIAL: Repeated = Repeated::new(ATTACHMENT_DATA, 1, crate::MAX_RECORDS);
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
                        out.child(NEW_FILING, |out| out.children(RECORD, records, FilingRecord::write))
                    }
                    UploadOperation::AddWebsites(records) => out.child(ADD_WEBSITES, |out| {
                        out.children(addition::ADDITION, records, AddedWebsites::write)
                    }),
                    UploadOperation::AddAccesses(records) => out.child(ADD_ACCESSES, |out| {
                        out.children(addition::ADDITION, records, AddedAccess::write)
                    }),
                    UploadOperation::Change(records) => {
                        out.child(CHANGE, |out| out.children(change::CHANGE, records, ChangedRecord::write))
                    }
                    UploadOperation::Cancel(records) => out.child(CANCEL, |out| {
                        out.children(cancellation::CANCELLATION, records, Cancellation::write)
                    }),
                    UploadOperation::SubmitMaterial(pictures) => {
                        out.child(SUBMIT_MATERIAL, |out| out.children(MATERIAL, pictures, attachment::write))
                    }
                }?;
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
    const KNOWN: [&str; 7] =
        [NEW_FILING, ADD_WEBSITES, ADD_ACCESSES, CHANGE, CANCEL, SUBMIT_MATERIAL, REQUESTING_UNIT.name];
    fields.supported(&KNOWN)?;
    // A file asks for one thing; a second one is reported as not belonging there.
    let asked = KNOWN.into_iter().find(|name| fields.has(name));
    match asked {
        Some(ADD_WEBSITES) => fields
            .child(ADD_WEBSITES, |fields| Some(fields.children(addition::ADDITION, AddedWebsites::read)))
            .map(UploadOperation::AddWebsites),
        Some(ADD_ACCESSES) => fields
            .child(ADD_ACCESSES, |fields| Some(fields.children(addition::ADDITION, AddedAccess::read)))
            .map(UploadOperation::AddAccesses),
        Some(CHANGE) => fields
            .child(CHANGE, |fields| Some(fields.children(change::CHANGE, ChangedRecord::read)))
            .map(UploadOperation::Change),
        Some(CANCEL) => fields
            .child(CANCEL, |fields| Some(fields.children(cancellation::CANCELLATION, Cancellation::read)))
            .map(UploadOperation::Cancel),
        Some(SUBMIT_MATERIAL) => fields
            .child(SUBMIT_MATERIAL, |fields| Some(fields.children(MATERIAL, attachment::read)))
            .map(UploadOperation::SubmitMaterial),
        // Without any operation, the commonest one is reported as missing.
        _ => fields
            .child(NEW_FILING, |fields| Some(fields.children(RECORD, FilingRecord::read)))
            .map(UploadOperation::NewFiling),
    }
}
