//! The files an access provider hands in (上报).

mod addition;
mod attachment;
mod cancellation;
mod change;
mod filing;
mod ip;
mod stream;
mod unfiled;
mod verification;

use crate::InterfaceVersion;
use crate::common::{ATTACHMENT_DATA, RECORD, RecordKey};
use crate::record::Codec as _;
use crate::xml::{
    Fields, Leniency, Number, ReadError, Repeated, WriteError, XmlWriter, gbk_document, read_document,
};

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
pub use ip::{DomainDeletion, DomainOperation, IpDeletions, IpOperation};
pub use stream::{UploadReader, UploadWriter};
pub use unfiled::UnfiledReport;
pub use verification::{
    VerificationOutcome, VerificationResult, VerifiedAccess, VerifiedDomain, VerifiedIpRange, VerifiedRecord,
    VerifiedSponsor, VerifiedSponsorPrincipal, VerifiedWebsite, VerifiedWebsitePrincipal,
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
    /// What came of verification tasks (核实结果).
    Verified(Vec<VerificationResult>),
    /// What was done about unfiled websites (未备案网站处理结果).
    UnfiledHandled(Vec<UnfiledReport>),
    /// About IP addresses (IP备案).
    Addresses(IpOperation),
    /// About domains (域名备案), for the ministry alone.
    Domains(DomainOperation),
}

const ROOT: &str = "UploadData";
const FILING_GROUP: &str = "ICP";
const IP_GROUP: &str = "IP";
const DOMAIN_GROUP: &str = "YM";
const NEW_FILING: &str = "XZBA";
const ADD_WEBSITES: &str = "XZWZ";
const ADD_ACCESSES: &str = "XZJR";
const CHANGE: &str = "BGBA";
const CANCEL: &str = "ZXBA";
const SUBMIT_MATERIAL: &str = "XZHYD";
const VERIFIED: &str = "HSJG";
const UNFILED_HANDLED: &str = "WBACLJG";
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
            out.child(self.operation.group(), |out| {
                self.operation.write(out)?;
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
            UploadOperation::in_group(root, |fields, group| {
                let operation = UploadOperation::read(fields, group);
                let unit = fields.number(REQUESTING_UNIT);
                Some(Self { version, operation: operation?, requesting_unit: unit? })
            })
        })
    }
}

impl UploadOperation {
    /// The elements that name the operation in a file, such as `ICP/XZBA`.
    #[must_use]
    pub fn element(&self) -> &'static str {
        match self {
            Self::NewFiling(_) => "ICP/XZBA",
            Self::AddWebsites(_) => "ICP/XZWZ",
            Self::AddAccesses(_) => "ICP/XZJR",
            Self::Change(_) => "ICP/BGBA",
            Self::Cancel(_) => "ICP/ZXBA",
            Self::SubmitMaterial(_) => "ICP/XZHYD",
            Self::Verified(_) => "ICP/HSJG",
            Self::UnfiledHandled(_) => "ICP/WBACLJG",
            Self::Addresses(IpOperation::Register(_)) => "IP/XZBA",
            Self::Addresses(IpOperation::Change(_)) => "IP/XGBA",
            Self::Addresses(IpOperation::Delete(_)) => "IP/SCBA",
            Self::Domains(DomainOperation::Register(_)) => "YM/XZBA",
            Self::Domains(DomainOperation::Change(_)) => "YM/XGBA",
            Self::Domains(DomainOperation::Delete(_)) => "YM/SCBA",
        }
    }

    /// How many records it is about.
    #[must_use]
    pub fn record_count(&self) -> usize {
        match self {
            Self::NewFiling(records) => records.len(),
            Self::AddWebsites(records) => records.len(),
            Self::AddAccesses(records) => records.len(),
            Self::Change(records) => records.len(),
            Self::Cancel(records) => records.len(),
            Self::SubmitMaterial(pictures) => pictures.len(),
            Self::Verified(results) => results.len(),
            Self::UnfiledHandled(reports) => reports.len(),
            Self::Addresses(operation) => operation.record_count(),
            Self::Domains(operation) => operation.record_count(),
        }
    }

    fn group(&self) -> &'static str {
        match self {
            Self::Addresses(_) => IP_GROUP,
            Self::Domains(_) => DOMAIN_GROUP,
            _ => FILING_GROUP,
        }
    }

    /// The one group of a file; a second one is reported as not belonging there.
    fn in_group<T>(
        root: &mut Fields<'_, '_>,
        read: impl FnOnce(&mut Fields<'_, '_>, &'static str) -> Option<T>,
    ) -> Option<T> {
        let groups = [FILING_GROUP, IP_GROUP, DOMAIN_GROUP];
        root.supported(&groups)?;
        let group = root.first_of(&groups).unwrap_or(FILING_GROUP);
        root.child(group, |fields| read(fields, group))
    }

    /// The one operation of a file; a second one is reported as not belonging there, and
    /// without any the commonest one as missing.
    fn read(fields: &mut Fields<'_, '_>, group: &'static str) -> Option<Self> {
        if group != FILING_GROUP {
            let [register, change, delete] = ip::OPERATIONS;
            let known = [register, change, delete, REQUESTING_UNIT.name];
            fields.supported(&known)?;
            let element = fields.first_of(&ip::OPERATIONS).unwrap_or(register);
            return if group == IP_GROUP {
                IpOperation::read(fields, element).map(Self::Addresses)
            } else {
                DomainOperation::read(fields, element).map(Self::Domains)
            };
        }
        const KNOWN: [&str; 9] = [
            NEW_FILING,
            ADD_WEBSITES,
            ADD_ACCESSES,
            CHANGE,
            CANCEL,
            SUBMIT_MATERIAL,
            VERIFIED,
            UNFILED_HANDLED,
            REQUESTING_UNIT.name,
        ];
        fields.supported(&KNOWN)?;
        match fields.first_of(&KNOWN).unwrap_or(NEW_FILING) {
            ADD_WEBSITES => fields
                .child(ADD_WEBSITES, |fields| Some(fields.children(addition::ADDITION, AddedWebsites::read)))
                .map(Self::AddWebsites),
            ADD_ACCESSES => fields
                .child(ADD_ACCESSES, |fields| Some(fields.children(addition::ADDITION, AddedAccess::read)))
                .map(Self::AddAccesses),
            CHANGE => fields
                .child(CHANGE, |fields| Some(fields.children(change::CHANGE, ChangedRecord::read)))
                .map(Self::Change),
            CANCEL => fields
                .child(CANCEL, |fields| Some(fields.children(cancellation::CANCELLATION, Cancellation::read)))
                .map(Self::Cancel),
            SUBMIT_MATERIAL => fields
                .child(SUBMIT_MATERIAL, |fields| Some(fields.children(MATERIAL, attachment::read)))
                .map(Self::SubmitMaterial),
            VERIFIED => {
                fields.child(VERIFIED, |fields| verification::RESULT.read(fields)).map(Self::Verified)
            }
            UNFILED_HANDLED => {
                fields.child(UNFILED_HANDLED, |fields| unfiled::REPORT.read(fields)).map(Self::UnfiledHandled)
            }
            _ => fields
                .child(NEW_FILING, |fields| Some(fields.children(RECORD, FilingRecord::read)))
                .map(Self::NewFiling),
        }
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        match self {
            Self::NewFiling(records) => {
                out.child(NEW_FILING, |out| out.children(RECORD, records, FilingRecord::write))
            }
            Self::AddWebsites(records) => {
                out.child(ADD_WEBSITES, |out| out.children(addition::ADDITION, records, AddedWebsites::write))
            }
            Self::AddAccesses(records) => {
                out.child(ADD_ACCESSES, |out| out.children(addition::ADDITION, records, AddedAccess::write))
            }
            Self::Change(records) => {
                out.child(CHANGE, |out| out.children(change::CHANGE, records, ChangedRecord::write))
            }
            Self::Cancel(records) => out
                .child(CANCEL, |out| out.children(cancellation::CANCELLATION, records, Cancellation::write)),
            Self::SubmitMaterial(pictures) => {
                out.child(SUBMIT_MATERIAL, |out| out.children(MATERIAL, pictures, attachment::write))
            }
            Self::Verified(results) => out.child(VERIFIED, |out| verification::RESULT.write(results, out)),
            Self::UnfiledHandled(reports) => {
                out.child(UNFILED_HANDLED, |out| unfiled::REPORT.write(reports, out))
            }
            Self::Addresses(operation) => operation.write(out),
            Self::Domains(operation) => operation.write(out),
        }
    }
}
