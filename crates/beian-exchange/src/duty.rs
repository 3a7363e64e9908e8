//! The provider's duties: from the regulator's lists to their entries, and from what was done to the
//! file that reports it.

use std::net::Ipv4Addr;

use beian_domain::{
    DutyAnswer, DutyContent, DutyKind, Personal, UnfiledAnswer, VerificationAnswer, VerificationOutcome,
};
use beian_wire::download::{
    DownloadContent, DownloadDocument, TaskAccess, TaskSponsor, TaskWebsite, UnfiledWebsite, VerificationTask,
};
use beian_wire::upload::{
    self, Address, UnfiledReport, UploadDocument, UploadOperation, VerificationResult, VerifiedAccess,
    VerifiedRecord, VerifiedSponsor, VerifiedSponsorPrincipal, VerifiedWebsite, VerifiedWebsitePrincipal,
};
use beian_wire::{InterfaceVersion, ReadError, WriteError};
use chrono::NaiveDate;

use crate::news::News;

/// Most characters of what a list shows of an entry.
const SUBJECT: usize = 128;

/// An entry of a list of the regulator's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedDuty {
    /// Which kind.
    pub kind: DutyKind,
    /// The regulator's number for what it is about (`Id` of an unfiled site, `Ztid` of a record).
    pub number: u64,
    /// A domain of it, as it was written.
    pub subject: String,
    /// The entry.
    pub content: DutyContent,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DutyDetail {
    /// An unfiled site.
    UnfiledSite(UnfiledSite),
    /// A record to be verified.
    Verification(VerifiableRecord),
}

/// A site that is on the air without a filing (未备案网站).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfiledSite {
    /// Its domain.
    pub domain: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// When it was detected last, in the regulator's words.
    pub detected: Option<String>,
    /// When it was detected first, in the regulator's words.
    pub first_detected: Option<String>,
    /// How often it was detected.
    pub detections: Option<u64>,
    /// The regulator's remark.
    pub remark: Option<String>,
}

/// A record whose truth is to be looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiableRecord {
    /// The regulator's number for the sponsor.
    pub sponsor: u64,
    /// The name of the sponsor.
    pub name: Personal,
    /// Number of its certificate.
    pub certificate: Personal,
    /// Name of its principal.
    pub principal: Option<Personal>,
    /// Mobile telephone of its principal.
    pub mobile: Option<Personal>,
    /// Mail address of its principal.
    pub email: Personal,
    /// Its services: name, domains, addresses.
    pub services: Vec<VerifiableService>,
    /// The regulator's remark.
    pub remark: Option<String>,
}

/// A service of a record to be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiableService {
    /// The regulator's number for it.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its domains.
    pub domains: Vec<String>,
    /// The first address of each of its ranges.
    pub addresses: Vec<Ipv4Addr>,
}

/// What a report needs beside the entry and the answer.
#[derive(Debug, Clone, Default)]
pub struct ReportContext {
    /// When the entry came.
    pub listed_on: NaiveDate,
    /// By when it was due.
    pub due_on: NaiveDate,
    /// When somebody said what was done.
    pub answered_on: NaiveDate,
    /// Mobile telephone of the sponsor's principal, where the task has none.
    pub mobile: Option<Personal>,
    /// What a service offers, where the task does not say it: 1 to 64.
    pub contents: Vec<u8>,
    /// The city of the sponsor, where the task has none.
    pub city: Option<u32>,
}

/// Why an entry or its report cannot be made out.
#[derive(Debug, thiserror::Error)]
pub enum DutyError {
    /// The entry cannot be read any more.
    #[error("expected an entry of the regulator's, got {0}")]
    Entry(#[from] ReadError),
    /// The entry and the answer are of different kinds.
    #[error("expected an answer about {expected:?}, got one about {got:?}")]
    Kind {
        /// What is to be answered.
        expected: DutyKind,
        /// What was answered.
        got: DutyKind,
    },
    /// The report cannot be written.
    #[error(transparent)]
    Report(#[from] WriteError),
}

/// The entries of a list of unfiled sites.
pub(crate) fn unfiled_sites(sites: &[UnfiledWebsite]) -> Vec<News> {
    let one = |site: &UnfiledWebsite| {
        received(
            DutyKind::UnfiledSite,
            site.record_id,
            &site.domain,
            DownloadContent::UnfiledWebsites(vec![site.clone()]),
        )
    };
    sites.iter().map(one).collect()
}

/// The entries of a list of verification tasks.
pub(crate) fn verification_tasks(tasks: &[VerificationTask]) -> Vec<News> {
    let one = |task: &VerificationTask| {
        let domain = task.websites.first().and_then(|site| site.domains.first());
        received(
            DutyKind::Verification,
            task.sponsor.sponsor_id,
            domain.map_or("", |domain| &domain.name),
            DownloadContent::VerificationTasks(vec![task.clone()]),
        )
    };
    tasks.iter().map(one).collect()
}

fn received(kind: DutyKind, number: u64, subject: &str, content: DownloadContent) -> News {
    let document = DownloadDocument { version: InterfaceVersion::v3_0(), content };
    match document.to_gbk_xml() {
        Ok(file) => News::Wanted(ReceivedDuty {
            kind,
            number,
            subject: subject.chars().take(SUBJECT).collect(),
            content: DutyContent::new(file),
        }),
        // What was read tolerantly need not be what can be written.
        Err(error) => News::Unmatched { description: format!("entry {number}: {error}") },
    }
}

/// What an entry says.
///
/// # Errors
/// If it is none.
pub fn read_duty(content: &DutyContent) -> Result<DutyDetail, ReadError> {
    Ok(match read_entry(content)? {
        Entry::Site(site) => DutyDetail::UnfiledSite(UnfiledSite {
            domain: site.domain,
            address: site.address,
            detected: site.detected.map(|at| at.as_str().to_owned()),
            first_detected: site.first_detected.map(|at| at.as_str().to_owned()),
            detections: site.detections,
            remark: site.remark,
        }),
        Entry::Task(task) => {
            let VerificationTask { sponsor, websites, remark } = *task;
            let service = |site: TaskWebsite| VerifiableService {
                id: site.website_id,
                name: site.name,
                domains: site.domains.into_iter().map(|domain| domain.name).collect(),
                addresses: site
                    .accesses
                    .iter()
                    .flat_map(|access| access.ip_ranges.iter().map(|range| range.first))
                    .collect(),
            };
            DutyDetail::Verification(VerifiableRecord {
                sponsor: sponsor.sponsor_id,
                name: Personal::new(sponsor.name),
                certificate: Personal::new(sponsor.certificate.number),
                principal: sponsor.principal.name.map(Personal::new),
                mobile: sponsor.principal.mobile.map(Personal::new),
                email: Personal::new(sponsor.principal.email),
                services: websites.into_iter().map(service).collect(),
                remark,
            })
        }
    })
}

/// The file that reports what was done about an entry, in GBK.
///
/// What a record was found to be is what the task says of it, completed by `context`; where it is something
/// else, the answer's text on what was wrong says so.
///
/// # Errors
/// If the entry cannot be read, is of another kind, or lacks something that a report must have, with its path.
pub fn duty_file(
    content: &DutyContent,
    answer: &DutyAnswer,
    context: &ReportContext,
    isp_id: u64,
) -> Result<Vec<u8>, DutyError> {
    let operation = match (read_entry(content)?, answer) {
        (Entry::Site(site), DutyAnswer::Handled(answer)) => {
            UploadOperation::UnfiledHandled(vec![handled(*site, answer, context, isp_id)])
        }
        (Entry::Task(task), DutyAnswer::Verified(answer)) => {
            UploadOperation::Verified(vec![verified(*task, answer, context, isp_id)])
        }
        (Entry::Site(_), _) => {
            return Err(DutyError::Kind { expected: DutyKind::UnfiledSite, got: answer.kind() });
        }
        (Entry::Task(_), _) => {
            return Err(DutyError::Kind { expected: DutyKind::Verification, got: answer.kind() });
        }
    };
    let document = UploadDocument { version: InterfaceVersion::v3_0(), operation, requesting_unit: isp_id };
    Ok(document.to_gbk_xml()?)
}

enum Entry {
    Site(Box<UnfiledWebsite>),
    Task(Box<VerificationTask>),
}

fn read_entry(content: &DutyContent) -> Result<Entry, ReadError> {
    let entry = match DownloadDocument::from_gbk_xml(content.expose())?.content {
        DownloadContent::UnfiledWebsites(mut sites) => sites.pop().map(|site| Entry::Site(Box::new(site))),
        DownloadContent::VerificationTasks(mut tasks) => tasks.pop().map(|task| Entry::Task(Box::new(task))),
        _ => None,
    };
    entry.ok_or(ReadError::NotText)
}

fn handled(
    site: UnfiledWebsite,
    answer: &UnfiledAnswer,
    context: &ReportContext,
    isp_id: u64,
) -> UnfiledReport {
    UnfiledReport {
        domain: site.domain,
        address: site.address,
        carrier: site.carrier,
        // The list was sent to us, whoever it names. ASSUMED.
        provider: site.provider.unwrap_or(isp_id),
        province: site.province.or_else(|| province_of_provider(isp_id)).unwrap_or(isp_id),
        handling: answer.handling().code(),
        opinion: answer.opinion().to_owned(),
        listed_on: context.listed_on,
        due_on: context.due_on,
        reporter_name: answer.reporter().map(|name| name.expose().to_owned()),
        reporter_phone: None,
        reporter_email: None,
    }
}

/// The province (six digits) whose bureau licensed a provider: its number has twelve digits and begins with it.
/// Of a number that is shorter it is not known.
pub fn province_of_provider(isp_id: u64) -> Option<u64> {
    let province = isp_id / 10_000_000_000 * 10_000;
    (province > 0).then_some(province)
}

fn verified(
    task: VerificationTask,
    answer: &VerificationAnswer,
    context: &ReportContext,
    isp_id: u64,
) -> VerificationResult {
    VerificationResult {
        outcome: match answer.outcome() {
            VerificationOutcome::True => upload::VerificationOutcome::Passed,
            VerificationOutcome::Untrue => upload::VerificationOutcome::Refused,
        },
        verifier: answer.verifier().expose().to_owned(),
        verified_on: context.answered_on,
        unit: isp_id,
        opinion: answer.opinion().to_owned(),
        errors: answer.faults().map(str::to_owned),
        record: VerifiedRecord {
            sponsor: verified_sponsor(task.sponsor, context),
            websites: task.websites.into_iter().map(|site| verified_website(site, context)).collect(),
        },
    }
}

fn verified_sponsor(sponsor: TaskSponsor, context: &ReportContext) -> VerifiedSponsor {
    let principal = sponsor.principal;
    let own_mobile = || context.mobile.as_ref().map(|mobile| mobile.expose().to_owned());
    VerifiedSponsor {
        sponsor_id: sponsor.sponsor_id,
        name: sponsor.name,
        nature: sponsor.nature,
        address: Address {
            province: sponsor.address.province,
            // What is lacking cannot be written, and the fault says which element it is.
            city: sponsor.address.city.or(context.city).unwrap_or_default(),
            county: sponsor.address.county,
            detail: sponsor.address.detail,
        },
        investor: sponsor.investor,
        certificate: sponsor.certificate,
        principal: VerifiedSponsorPrincipal {
            name: principal.name,
            office_phone: principal.office_phone,
            mobile: principal.mobile.or_else(own_mobile).unwrap_or_default(),
            email: principal.email,
            msn: principal.msn,
            qq: principal.qq,
            certificate_kind: principal.certificate_kind,
            certificate_number: principal.certificate_number,
        },
        remark: sponsor.remark,
    }
}

fn verified_website(site: TaskWebsite, context: &ReportContext) -> VerifiedWebsite {
    let details = site.principal.details;
    let access = |access: TaskAccess| VerifiedAccess {
        access_id: access.access_id,
        server_places: access.server_places,
        methods: access.methods,
        ip_ranges: access.ip_ranges,
        filed_by: access.filed_by,
    };
    VerifiedWebsite {
        website_id: site.website_id,
        name: site.name,
        approvals: site.approvals,
        contents: if site.contents.is_empty() { context.contents.clone() } else { site.contents },
        domains: site.domains,
        accesses: site.accesses.into_iter().map(access).collect(),
        principal: VerifiedWebsitePrincipal {
            name: site.principal.name,
            office_phone: details.office_phone,
            mobile: details.mobile,
            email: site.principal.email.unwrap_or_default(),
            msn: details.msn,
            qq: details.qq,
            certificate_kind: details.certificate_kind,
            certificate_number: details.certificate_number,
        },
        home_url: site.home_url,
        remark: site.remark,
    }
}
