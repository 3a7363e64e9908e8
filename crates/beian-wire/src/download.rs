//! The files the regulator hands out (下载).

mod blacklist;
mod cancellations;
mod checks;
mod code_tables;
mod filings;
mod ip_results;
mod results;
mod stream;
mod sync;
mod unfiled;
mod verification;
mod website;

use crate::InterfaceVersion;
use crate::record::{Codec as _, Record as _};
use crate::xml::{
    Fields, Leniency, ReadError, Repeated, Text, WriteError, XmlWriter, gbk_document, read_document,
};

pub use blacklist::{
    BlacklistDomain, BlacklistFile, BlacklistSponsor, BlacklistWebsite, BlacklistedSponsor,
    BlacklistedWebsite, CertificateKey, IllegalAccess, ListChange,
};
pub use cancellations::{CancellationsFile, CancelledItem};
pub use checks::{
    AccessDifference, AccessFinding, Aliveness, AlivenessFinding, FilingChecks, FilingFindings, IpBeyond,
    IpChecks, IpConflict, IpFindings, IpUnfiled, Rectification, RectificationKind, ShellFinding,
    SponsorFinding,
};
pub use code_tables::{
    ApprovalCode, BasicCodes, BitCode, BureauCode, CertificateCode, CodeRow, CodeTables, FeedbackCode,
    FilingUnit, HandlingCode, IndustryCode, PurposeCode, ReasonCode, RegionCode,
};
pub use filings::{
    FilingsFile, IssuedAddress, IssuedDetails, IssuedRecord, IssuedSponsor, IssuedSponsorPrincipal,
    IssuedWebsitePrincipal,
};
pub use ip_results::{
    DomainFinding, DomainResult, IpFinding, IpResult, IpResults, RecordOperation, RelatedIp,
};
pub use results::{Finding, ResultItem, ResultsFile, Review, ReviewOutcome};
pub use stream::DownloadReader;
pub use sync::SyncedData;
pub use unfiled::UnfiledWebsite;
pub use verification::{TaskAccess, TaskSponsor, TaskSponsorPrincipal, TaskWebsite, VerificationTask};
pub use website::{IssuedAccess, IssuedDomain, IssuedIpRange, IssuedWebsite};

/// One file from the regulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadDocument {
    /// The interface version it follows.
    pub version: InterfaceVersion,
    /// What it tells.
    pub content: DownloadContent,
}

/// What a file from the regulator tells: one kind of thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadContent {
    /// What became of what was handed in (备案结果).
    Results(ResultsFile),
    /// Filings as they now stand in the register, with their numbers (备案数据).
    Filings(FilingsFile),
    /// What is not in the register any more (注销数据).
    Cancellations(CancellationsFile),
    /// Changes to the blacklist (黑名单列表).
    Blacklist(BlacklistFile),
    /// Websites that are given access to against the rules (非法接入黑名单).
    IllegalAccesses(Vec<IllegalAccess>),
    /// Websites without a filing (未备案网站列表), to be reported on.
    UnfiledWebsites(Vec<UnfiledWebsite>),
    /// Filings to be verified (核实任务), to be reported on.
    VerificationTasks(Vec<VerificationTask>),
    /// What the regulator's own checks of filings found (核查结果).
    FilingChecks(FilingChecks),
    /// What is to be put right (相关通知).
    Rectifications(Vec<Rectification>),
    /// What became of a file about IP addresses (IP备案结果).
    IpResults(IpResults),
    /// What the regulator's own checks of IP addresses found (IP核查结果).
    IpChecks(IpChecks),
    /// What became of a file about domains (域名备案结果).
    DomainResults(Vec<DomainResult>),
    /// Code tables (基础代码).
    CodeTables(Box<CodeTables>),
    /// All that the regulator has of the provider (备案数据同步).
    Synchronisation(SyncedData),
}

const ROOT: &str = "DownloadData";
/// A remark (备注) that the ministry's schema does not bound.
const REMARK: Text = Text::new("Bz", 0, 1024);

const FILING_GROUP: &str = "ICP";
const RESULTS: &str = "BAJG";
const FILINGS: &str = "BASJ";
const CANCELLATIONS: &str = "ZXSJ";
const BLACKLIST: &str = "HMDLB";
const ILLEGAL_ACCESSES: &str = "FFJRHMD";
const UNFILED: &str = "WBAWZLB";
const TASKS: &str = "HSRW";
const CHECKS: &str = "HCJG";
const RECTIFICATIONS: &str = "XGTZ";
const IP_GROUP: &str = "IP";
const DOMAIN_GROUP: &str = "YM";
const CODES: &str = "JCDM";
const SYNCHRONISATION: &str = "SJTB";
const TASK: Repeated = Repeated::new("Baxx", 1, usize::MAX);

impl DownloadDocument {
    /// Writes the file as the schema wants it, in GBK.
    ///
    /// # Errors
    /// The first text, number or count that the schema does not allow, with its path.
    pub fn to_gbk_xml(&self) -> Result<Vec<u8>, WriteError> {
        gbk_document(ROOT, &self.version, |out| self.content.write(out))
    }

    /// Reads a file, in any order of elements; an empty element where one may be
    /// absent counts as absent.
    ///
    /// # Errors
    /// See [`ReadError`]; all structural problems together in
    /// [`ReadError::Structure`].
    pub fn from_gbk_xml(bytes: &[u8]) -> Result<Self, ReadError> {
        read_document(bytes, ROOT, Leniency::EmptyIsAbsent, |root, version| {
            let content = DownloadContent::read(root)?;
            Some(Self { version, content })
        })
    }
}

impl DownloadContent {
    /// The elements that name the kind in a file, such as `ICP/BAJG`.
    #[must_use]
    pub fn element(&self) -> &'static str {
        match self {
            Self::Results(_) => "ICP/BAJG",
            Self::Filings(_) => "ICP/BASJ",
            Self::Cancellations(_) => "ICP/ZXSJ",
            Self::Blacklist(_) => "ICP/HMDLB",
            Self::IllegalAccesses(_) => "ICP/FFJRHMD",
            Self::UnfiledWebsites(_) => "ICP/WBAWZLB",
            Self::VerificationTasks(_) => "ICP/HSRW",
            Self::FilingChecks(_) => "ICP/HCJG",
            Self::Rectifications(_) => "ICP/XGTZ",
            Self::IpResults(_) => "IP/BAJG",
            Self::IpChecks(_) => "IP/HCJG",
            Self::DomainResults(_) => "YM/BAJG",
            Self::CodeTables(_) => "JCDM",
            Self::Synchronisation(SyncedData::Filings(_)) => "SJTB/ICP",
            Self::Synchronisation(SyncedData::Addresses(_)) => "SJTB/IP",
            Self::Synchronisation(SyncedData::Domains(_)) => "SJTB/YM",
            Self::Synchronisation(SyncedData::Codes(_)) => "SJTB/JCDM",
        }
    }

    /// Reads the one group of a file and the one kind of content in it; a second one of
    /// either is reported as not belonging there.
    fn read(root: &mut Fields<'_, '_>) -> Option<Self> {
        let groups = [FILING_GROUP, IP_GROUP, DOMAIN_GROUP, CODES, SYNCHRONISATION];
        root.supported(&groups)?;
        match root.first_of(&groups).unwrap_or(FILING_GROUP) {
            IP_GROUP => root.child(IP_GROUP, |fields| {
                fields.supported(&[RESULTS, CHECKS])?;
                if fields.has(CHECKS) {
                    fields.child(CHECKS, IpChecks::read).map(Self::IpChecks)
                } else {
                    fields.child(RESULTS, IpResults::read).map(Self::IpResults)
                }
            }),
            DOMAIN_GROUP => root.child(DOMAIN_GROUP, |fields| {
                fields.supported(&[RESULTS])?;
                fields
                    .child(RESULTS, |fields| ip_results::DOMAIN_RESULT.read(fields))
                    .map(Self::DomainResults)
            }),
            CODES => root.child(CODES, CodeTables::read).map(|tables| Self::CodeTables(Box::new(tables))),
            SYNCHRONISATION => root.child(SYNCHRONISATION, SyncedData::read).map(Self::Synchronisation),
            _ => root.child(FILING_GROUP, Self::read_filings),
        }
    }

    fn read_filings(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let kinds = [
            RESULTS,
            CANCELLATIONS,
            FILINGS,
            BLACKLIST,
            ILLEGAL_ACCESSES,
            UNFILED,
            TASKS,
            CHECKS,
            RECTIFICATIONS,
        ];
        fields.supported(&kinds)?;
        match fields.first_of(&kinds).unwrap_or(FILINGS) {
            RESULTS => fields.child(RESULTS, ResultsFile::read).map(Self::Results),
            CANCELLATIONS => fields.child(CANCELLATIONS, CancellationsFile::read).map(Self::Cancellations),
            BLACKLIST => fields.child(BLACKLIST, BlacklistFile::read).map(Self::Blacklist),
            ILLEGAL_ACCESSES => fields
                .child(ILLEGAL_ACCESSES, |fields| blacklist::ILLEGAL_ACCESS.read(fields))
                .map(Self::IllegalAccesses),
            UNFILED => {
                fields.child(UNFILED, |fields| unfiled::WEBSITE.read(fields)).map(Self::UnfiledWebsites)
            }
            TASKS => fields.child(TASKS, |fields| TASK.read(fields)).map(Self::VerificationTasks),
            CHECKS => fields.child(CHECKS, FilingChecks::read).map(Self::FilingChecks),
            RECTIFICATIONS => fields
                .child(RECTIFICATIONS, |fields| checks::RECTIFICATION.read(fields))
                .map(Self::Rectifications),
            _ => fields.child(FILINGS, FilingsFile::read).map(Self::Filings),
        }
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        match self {
            Self::CodeTables(tables) => out.child(CODES, |out| tables.write(out)),
            Self::Synchronisation(data) => out.child(SYNCHRONISATION, |out| data.write(out)),
            Self::IpResults(results) => {
                out.child(IP_GROUP, |out| out.child(RESULTS, |out| results.write(out)))
            }
            Self::IpChecks(checks) => out.child(IP_GROUP, |out| out.child(CHECKS, |out| checks.write(out))),
            Self::DomainResults(results) => out.child(DOMAIN_GROUP, |out| {
                out.child(RESULTS, |out| ip_results::DOMAIN_RESULT.write(results, out))
            }),
            _ => out.child(FILING_GROUP, |out| self.write_filings(out)),
        }
    }

    fn write_filings(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        match self {
            Self::Results(file) => out.child(RESULTS, |out| file.write(out)),
            Self::Filings(file) => out.child(FILINGS, |out| file.write(out)),
            Self::Cancellations(file) => out.child(CANCELLATIONS, |out| file.write(out)),
            Self::Blacklist(file) => out.child(BLACKLIST, |out| file.write(out)),
            Self::IllegalAccesses(list) => {
                out.child(ILLEGAL_ACCESSES, |out| blacklist::ILLEGAL_ACCESS.write(list, out))
            }
            Self::UnfiledWebsites(list) => out.child(UNFILED, |out| unfiled::WEBSITE.write(list, out)),
            Self::VerificationTasks(tasks) => out.child(TASKS, |out| TASK.write(tasks, out)),
            Self::FilingChecks(checks) => out.child(CHECKS, |out| checks.write(out)),
            Self::Rectifications(list) => {
                out.child(RECTIFICATIONS, |out| checks::RECTIFICATION.write(list, out))
            }
            // In groups of their own.
            Self::IpResults(_)
            | Self::IpChecks(_)
            | Self::DomainResults(_)
            | Self::CodeTables(_)
            | Self::Synchronisation(_) => Ok(()),
        }
    }
}
