//! What the practice regulator remembers. All of it is kept in one file.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use beian_domain::{AddressKind, AddressRange, DomainName, ServiceFilingNumber, SponsorFilingNumber};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::package::StoredPackage;
use crate::register::Register;

/// Version of the file's form; a file of a later one is not opened.
pub(crate) const FORMAT: u32 = 2;
/// The first form, which had no register beside the filings.
pub(crate) const FORMAT_WITHOUT_REGISTER: u32 = 1;

/// The whole register.
#[derive(Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) format: u32,
    /// Last identifier that was given to a sponsor, a site, a domain, an access
    /// or an address range: one sequence for all.
    pub(crate) last_identifier: u64,
    pub(crate) last_file: u64,
    /// Last serial of the filing numbers of a province and year, by `粤2026`.
    pub(crate) serials: BTreeMap<String, u32>,
    /// The conversation with each provider, by `ispId`.
    pub(crate) exchanges: BTreeMap<u64, Exchange>,
    pub(crate) filings: BTreeMap<u64, Filing>,
    /// What is filed.
    #[serde(default)]
    pub(crate) register: Register,
    #[serde(default)]
    pub(crate) blacklist: Blacklist,
    #[serde(default)]
    pub(crate) duties: Duties,
    /// The register of addresses, by identifier.
    #[serde(default)]
    pub(crate) addresses: BTreeMap<u64, FiledRange>,
}

/// A record of address filing (IP备案).
#[derive(Serialize, Deserialize)]
pub(crate) struct FiledRange {
    pub(crate) provider: u64,
    pub(crate) kind: AddressKind,
    /// The provider's number for it.
    pub(crate) isp_id: u64,
    pub(crate) first: Ipv4Addr,
    pub(crate) last: Ipv4Addr,
    /// What it says, for people; nothing personal is kept.
    pub(crate) summary: String,
    /// The upload that said it last, and the record's place among those of its kind in it.
    pub(crate) said_in: (u64, usize),
    pub(crate) filed: DateTime<Utc>,
    pub(crate) changed: Option<DateTime<Utc>>,
    pub(crate) deleted: Option<DateTime<Utc>>,
}

impl FiledRange {
    pub(crate) fn range(&self) -> Option<AddressRange> {
        AddressRange::new(self.first, self.last).ok()
    }
}

/// What providers are asked to do beside filing, by identifier.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Duties {
    pub(crate) unfiled: BTreeMap<u64, Unfiled>,
    pub(crate) tasks: BTreeMap<u64, Task>,
}

/// A site without a filing (未备案网站), on a provider's list.
#[derive(Serialize, Deserialize)]
pub(crate) struct Unfiled {
    pub(crate) provider: u64,
    pub(crate) domain: String,
    pub(crate) address: Ipv4Addr,
    pub(crate) made: DateTime<Utc>,
    pub(crate) report: Option<ReportedDuty>,
}

/// A record to be verified by a provider (核实任务).
#[derive(Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) provider: u64,
    pub(crate) sponsor: u64,
    pub(crate) made: DateTime<Utc>,
    pub(crate) report: Option<ReportedDuty>,
}

/// What a provider reported.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ReportedDuty {
    pub(crate) at: DateTime<Utc>,
    /// The upload that it came with.
    pub(crate) sequence: u64,
    /// What was done, or what came of it, by its code.
    pub(crate) code: u16,
    pub(crate) opinion: String,
    pub(crate) by: Option<String>,
}

/// Who and what is not filed (黑名单).
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Blacklist {
    /// Sponsors, by certificate number.
    pub(crate) sponsors: BTreeSet<String>,
    pub(crate) domains: BTreeSet<DomainName>,
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            format: FORMAT,
            last_identifier: 100_000,
            last_file: 0,
            serials: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            filings: BTreeMap::new(),
            register: Register::default(),
            blacklist: Blacklist::default(),
            duties: Duties::default(),
            addresses: BTreeMap::new(),
        }
    }

    /// A new identifier of the regulator.
    pub(crate) fn identifier(&mut self) -> u64 {
        self.last_identifier += 1;
        self.last_identifier
    }
}

/// The conversation with one provider.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Exchange {
    /// Accepted uploads by sequence number, without gaps from 1.
    pub(crate) uploads: BTreeMap<u64, Upload>,
    /// Files for the provider, oldest first.
    pub(crate) downloads: Vec<Download>,
}

impl Exchange {
    /// The sequence number of the last accepted upload, 0 before the first.
    pub(crate) fn last_sequence(&self) -> u64 {
        self.uploads.last_key_value().map_or(0, |(sequence, _)| *sequence)
    }
}

/// An accepted upload.
#[derive(Serialize, Deserialize)]
pub(crate) struct Upload {
    /// As it was received.
    pub(crate) package: StoredPackage,
    pub(crate) first_received: DateTime<Utc>,
    /// How often the same file came under this number.
    pub(crate) received: u32,
    pub(crate) outcome: UploadOutcome,
}

/// What became of an upload.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UploadOutcome {
    /// The file could not be read at all.
    Faulty(Vec<Finding>),
    /// Its filings, in the order of the file.
    Filings(Vec<u64>),
    /// So many reports on lists and tasks.
    Reports(usize),
    /// So many records about addresses.
    Addresses(usize),
}

/// A file for a provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct Download {
    pub(crate) file_name: String,
    pub(crate) content: DownloadContent,
    pub(crate) package: StoredPackage,
    pub(crate) made: DateTime<Utc>,
    pub(crate) acknowledged: Option<DateTime<Utc>>,
}

/// What a file for a provider holds.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DownloadContent {
    /// Results of processing and review (备案结果, BAJG).
    Results,
    /// Filed data with their numbers (备案数据, BASJ).
    FiledData,
    /// What is not in the register any more (注销数据, ZXSJ).
    Cancelled,
    /// Changes of the blacklist (黑名单列表, HMDLB).
    Blacklist,
    /// Sites without a filing (未备案网站列表, WBAWZLB).
    UnfiledSites,
    /// Records to be verified (核实任务, HSRW).
    VerificationTasks,
    /// Code tables (基础代码, JCDM).
    CodeTables,
    /// All that is filed with a provider (备案数据同步, SJTB).
    Synchronisation,
    /// Results about addresses (IP备案结果, IP/BAJG).
    AddressResults,
}

/// One filing (one record of an upload). Its data are read from the upload.
#[derive(Serialize, Deserialize)]
pub(crate) struct Filing {
    pub(crate) provider: u64,
    /// The upload that it came with.
    pub(crate) sequence: u64,
    /// Its place in that upload, from 0.
    pub(crate) position: usize,
    pub(crate) received: DateTime<Utc>,
    /// What of the register it is about.
    #[serde(default)]
    pub(crate) target: Target,
    pub(crate) stage: Stage,
    /// The codes that were sent, empty before and without verification.
    pub(crate) challenges: Vec<Challenge>,
}

/// What of the register a filing is about, by the regulator's identifiers. Empty for
/// a first filing, and where nothing was found.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) sponsor: Option<u64>,
    pub(crate) services: Vec<u64>,
    pub(crate) access: Option<u64>,
}

/// Where a filing stands.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub(crate) enum Stage {
    /// The checks found faults.
    Rejected {
        findings: Vec<Finding>,
    },
    /// Codes were sent; wrong entries are counted together.
    AwaitingSms {
        expires: DateTime<Utc>,
        wrong: u8,
    },
    AwaitingReview,
    Approved {
        at: DateTime<Utc>,
        opinion: String,
        /// The numbers that it got: of a first filing and of added services.
        registration: Option<Registration>,
    },
    Refused {
        at: DateTime<Utc>,
        opinion: String,
        cause: RefusalCause,
    },
}

impl Stage {
    /// The name in the steering interface.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Rejected { .. } => "rejected",
            Self::AwaitingSms { .. } => "awaiting_sms",
            Self::AwaitingReview => "awaiting_review",
            Self::Approved { .. } => "approved",
            Self::Refused { .. } => "refused",
        }
    }

    /// Whether nothing is decided yet.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::AwaitingSms { .. } | Self::AwaitingReview)
    }
}

/// Why a filing was refused after the checks.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefusalCause {
    Reviewer,
    SmsExpired,
    SmsWrongEntries,
}

/// A fault that a check found.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// The ministry's result code (结果代码).
    pub(crate) code: u16,
    /// Where, what was expected and what was got: at most 255 characters, and
    /// no personal data.
    pub(crate) particulars: String,
}

impl Finding {
    pub(crate) fn new(code: u16, particulars: &str) -> Self {
        Self { code, particulars: particulars.chars().take(255).collect() }
    }

    /// Pictures that came on their own are kept.
    pub(crate) fn taken() -> Self {
        Self { code: crate::checks::code::MATERIAL_TAKEN, particulars: String::new() }
    }
}

/// A code that was sent to one mobile number.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) mobile: String,
    pub(crate) code: String,
    /// The last six characters of the certificate numbers of the people who
    /// have this mobile number: either is accepted.
    pub(crate) suffixes: Vec<String>,
    pub(crate) verified: Option<DateTime<Utc>>,
}

/// The numbers and identifiers that an approval gave.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Registration {
    pub(crate) number: SponsorFilingNumber,
    /// Filing password (备案密码) of a first filing, which the sponsor gets by other ways
    /// than the provider's files.
    pub(crate) password: Option<String>,
    pub(crate) sponsor: u64,
    /// In the order of the filing.
    pub(crate) sites: Vec<SiteRegistration>,
}

/// Of one website.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SiteRegistration {
    pub(crate) number: ServiceFilingNumber,
    pub(crate) site: u64,
    /// In the order of the filing, as are the next.
    pub(crate) domains: Vec<u64>,
    pub(crate) accesses: Vec<AccessRegistration>,
}

/// Of one access.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AccessRegistration {
    pub(crate) access: u64,
    pub(crate) ranges: Vec<u64>,
}
