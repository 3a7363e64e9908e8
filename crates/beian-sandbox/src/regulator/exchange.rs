//! Files for the providers: results and filed data, one after the other, each
//! until it is acknowledged.

use beian_wire::download::{
    self, BlacklistFile, CancellationsFile, CancelledItem, DownloadDocument, FilingsFile, IssuedAccess,
    IssuedAddress, IssuedDetails, IssuedDomain, IssuedIpRange, IssuedRecord, IssuedSponsor,
    IssuedSponsorPrincipal, IssuedWebsite, IssuedWebsitePrincipal, ResultItem, ResultsFile, Review,
    ReviewOutcome, SyncedData,
};
use beian_wire::package::{Package, seal};
use beian_wire::upload::PrincipalDetails;
use beian_wire::{
    CancellationKind, FileName, InterfaceVersion, MAX_RECORDS, OperationKind, ResultCode, WireTime,
};
use chrono::{DateTime, Utc};

use super::{Decision, Regulator};
use crate::faults::{Fault, FilesOfCaller};
use crate::register::{FiledService, FiledSponsor};
use crate::request::Request;
use crate::sandbox::Moment;
use crate::state::{Download, DownloadContent, Finding, Target};
use crate::views::beijing;

/// Result codes of the review.
const APPROVED: u16 = 1001;
const REFUSED: u16 = 1002;
/// Who reviews, in the files.
const REVIEWER: &str = "练习管局";

/// What became of an acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Acknowledgement {
    /// Noted, now or before.
    Noted,
    /// No such file was handed out.
    Unknown,
}

impl Regulator {
    /// How many files there are for a provider.
    pub(crate) fn files_of(&self, isp_id: u64) -> FilesOfCaller {
        let downloads = self.state.exchanges.get(&isp_id).map(|exchange| exchange.downloads.as_slice());
        let all = downloads.unwrap_or_default();
        let acknowledged = all.iter().filter(|file| file.acknowledged.is_some()).count();
        FilesOfCaller { waiting: all.len() - acknowledged, acknowledged }
    }

    /// The oldest file that the provider has not acknowledged.
    pub(super) fn next_download(&self, isp_id: u64) -> Option<(FileName, Package)> {
        let downloads = &self.state.exchanges.get(&isp_id)?.downloads;
        let again =
            downloads.iter().rfind(|d| self.struck.has(Fault::DuplicateFile) && d.acknowledged.is_some());
        let download = again.or_else(|| downloads.iter().find(|d| d.acknowledged.is_none()))?;
        let name = download.file_name.parse().ok()?;
        let mut package = download.package.to_package();
        if self.struck.has(Fault::HalfFile) {
            package.content_base64.truncate(package.content_base64.len() / 2);
        }
        if self.struck.has(Fault::WrongDigest) {
            // The digest of nothing: well formed, and never that of a zip archive.
            package.hash_base64 = "1B2M2Y8AsgTpgAmY7PhCfg==".to_owned();
        }
        Some((name, package))
    }

    /// Notes that a provider has a file. Only the file that is being handed out
    /// can be acknowledged; again is as good as once, since the reply may have
    /// been lost.
    pub(super) fn acknowledge(
        &mut self,
        moment: Moment<'_>,
        isp_id: u64,
        file_name: &str,
    ) -> Acknowledgement {
        let downloads = self
            .state
            .exchanges
            .get(&isp_id)
            .map(|exchange| exchange.downloads.as_slice())
            .unwrap_or_default();
        let current = downloads.iter().position(|d| d.acknowledged.is_none());
        let Some(position) = downloads.iter().position(|d| d.file_name == file_name) else {
            return Acknowledgement::Unknown;
        };
        match current {
            Some(current) if position > current => Acknowledgement::Unknown,
            Some(current) if position == current => {
                let exchange = self.state_mut().exchanges.entry(isp_id).or_default();
                if let Some(download) = exchange.downloads.get_mut(position) {
                    download.acknowledged = Some(moment.now);
                }
                Acknowledgement::Noted
            }
            _ => Acknowledgement::Noted,
        }
    }

    /// The faults of a file that could not be read: one item without a subject.
    pub(super) fn issue_faults(&mut self, moment: Moment<'_>, isp_id: u64, faults: &[Finding]) {
        let item = ResultItem {
            findings: faults.iter().map(wire_finding).collect(),
            operation: OperationKind::NewFiling,
            subject: None,
            remark: None,
        };
        self.issue(
            moment,
            isp_id,
            download::DownloadContent::Results(ResultsFile { items: vec![item], reviews: Vec::new() }),
        );
    }

    /// What the checks say of an upload's records, each under what the provider handed
    /// in.
    pub(super) fn issue_results(&mut self, moment: Moment<'_>, isp_id: u64, items: Vec<ResultItem>) {
        self.issue(
            moment,
            isp_id,
            download::DownloadContent::Results(ResultsFile { items, reviews: Vec::new() }),
        );
    }

    /// The review of a filing: 1001 or 1002 together with the reviewer's words.
    /// (That both stand in one file is ASSUMED.)
    pub(super) fn issue_review(&mut self, moment: Moment<'_>, id: u64, decision: Decision, opinion: &str) {
        let Some(isp_id) = self.state.filings.get(&id).map(|filing| filing.provider) else { return };
        let Some(request) = self.requests.get(&id) else { return };
        let (outcome, code) = match decision {
            Decision::Approve => (ReviewOutcome::Approved, APPROVED),
            Decision::Refuse => (ReviewOutcome::Rejected, REFUSED),
        };
        let Some(reviewed_at) = WireTime::of(beijing(moment.now).naive_local()) else { return };
        let item = ResultItem {
            findings: vec![download::Finding { code: ResultCode(code), description: None }],
            operation: request.operation(),
            subject: Some(request.subject()),
            remark: None,
        };
        let reviews = request
            .reviewed_ids()
            .into_iter()
            .map(|record_id| Review {
                reviewer_name: Some(REVIEWER.to_owned()),
                reviewer_phone: None,
                reviewed_at: reviewed_at.clone(),
                opinion: Some(opinion.to_owned()),
                outcome,
                operation: Some(request.operation()),
                record_id: Some(record_id),
            })
            .collect();
        let results = ResultsFile { items: vec![item], reviews };
        self.issue(moment, isp_id, download::DownloadContent::Results(results));
    }

    /// What an approved filing made of the register, for the provider that filed.
    pub(super) fn issue_filed_data(&mut self, moment: Moment<'_>, id: u64, target: &Target) {
        let Some(isp_id) = self.state.filings.get(&id).map(|filing| filing.provider) else { return };
        let Some(record) = self.issued_record(target, isp_id, moment.now) else { return };
        self.issue(moment, isp_id, download::DownloadContent::Filings(FilingsFile { records: vec![record] }));
    }

    /// What is not in the register any more, for one provider.
    pub(super) fn issue_cancelled(
        &mut self,
        moment: Moment<'_>,
        isp_id: u64,
        kind: CancellationKind,
        record_id: u64,
    ) {
        let items = vec![CancelledItem { kind, record_id, remark: None }];
        self.issue(moment, isp_id, download::DownloadContent::Cancellations(CancellationsFile { items }));
    }

    /// All that is filed with each provider (备案数据同步), filings and then addresses, in files of as many records as one may have.
    pub(crate) fn synchronise(&mut self, moment: Moment<'_>) {
        let providers: Vec<u64> = self.providers.keys().copied().collect();
        for isp_id in providers {
            let records: Vec<IssuedRecord> = self
                .state
                .register
                .live_sponsors()
                .filter_map(|(id, sponsor)| {
                    let is_own =
                        |service: &FiledService| service.cancelled.is_none() && service.is_served_by(isp_id);
                    let services: Vec<u64> = sponsor
                        .services
                        .iter()
                        .filter(|(_, service)| is_own(service))
                        .map(|(id, _)| *id)
                        .collect();
                    let target = Target { sponsor: Some(id), services, access: None };
                    (!target.services.is_empty()).then(|| self.issued_record(&target, isp_id, moment.now))?
                })
                .collect();
            for part in records.chunks(MAX_RECORDS) {
                let filings = SyncedData::Filings(part.to_vec());
                self.issue(moment, isp_id, download::DownloadContent::Synchronisation(filings));
            }
            for records in self.synchronised_addresses(isp_id) {
                let addresses = SyncedData::Addresses(records);
                self.issue(moment, isp_id, download::DownloadContent::Synchronisation(addresses));
            }
        }
    }

    /// A change of the blacklist, for every provider.
    pub(super) fn issue_blacklist(&mut self, moment: Moment<'_>, change: &BlacklistFile) {
        let providers: Vec<u64> = self.providers.keys().copied().collect();
        for isp_id in providers {
            self.issue(moment, isp_id, download::DownloadContent::Blacklist(change.clone()));
        }
    }

    fn issued_record(&self, target: &Target, isp_id: u64, now: DateTime<Utc>) -> Option<IssuedRecord> {
        let id = target.sponsor?;
        let sponsor = self.state.register.sponsors.get(&id)?;
        let websites = target
            .services
            .iter()
            .filter_map(|id| issued_website(*id, sponsor.services.get(id)?, isp_id))
            .collect();
        Some(IssuedRecord { sponsor: issued_sponsor(id, sponsor, isp_id, now)?, websites, remark: None })
    }

    pub(super) fn issue(&mut self, moment: Moment<'_>, isp_id: u64, content: download::DownloadContent) {
        let kind = match content {
            download::DownloadContent::Filings(_) => DownloadContent::FiledData,
            download::DownloadContent::Cancellations(_) => DownloadContent::Cancelled,
            download::DownloadContent::Results(_) => DownloadContent::Results,
            download::DownloadContent::Blacklist(_) => DownloadContent::Blacklist,
            download::DownloadContent::UnfiledWebsites(_) => DownloadContent::UnfiledSites,
            download::DownloadContent::Synchronisation(_) => DownloadContent::Synchronisation,
            download::DownloadContent::CodeTables(_) => DownloadContent::CodeTables,
            download::DownloadContent::VerificationTasks(_) => DownloadContent::VerificationTasks,
            download::DownloadContent::IpResults(_) => DownloadContent::AddressResults,
            // Of other kinds this regulator hands out none.
            _ => return,
        };
        let document = DownloadDocument { version: InterfaceVersion::v3_0(), content };
        let Some(licensee) = self.providers.get(&isp_id) else { return };
        let number = self.state.last_file + 1;
        let sealed =
            FileName::of_regulator(beijing(moment.now).naive_local(), licensee.bureau.initials, number)
                .map_err(|error| error.to_string())
                .and_then(|name| {
                    let xml = document.to_gbk_xml().map_err(|error| error.to_string())?;
                    let package =
                        seal(&xml, &name, &licensee.provider.secret).map_err(|error| error.to_string())?;
                    Ok((name, package))
                });
        match sealed {
            Ok((name, package)) => {
                let download = Download {
                    file_name: name.as_str().to_owned(),
                    content: kind,
                    package: package.into(),
                    made: moment.now,
                    acknowledged: None,
                };
                let state = self.state_mut();
                state.last_file = number;
                state.exchanges.entry(isp_id).or_default().downloads.push(download);
            }
            // The checks let nothing through that cannot be written back.
            Err(error) => tracing::error!(%error, "a file for a provider could not be made"),
        }
    }
}

fn wire_finding(finding: &Finding) -> download::Finding {
    // A fault may quote a character that the file cannot carry.
    let description: String = finding
        .particulars
        .chars()
        .map(|character| {
            if beian_domain::check_gbk(character.encode_utf8(&mut [0; 4])).is_ok() { character } else { '?' }
        })
        .collect();
    let description = Some(description).filter(|description| !description.is_empty());
    download::Finding { code: ResultCode(finding.code), description }
}

/// What the checks say of one record.
pub(super) fn result_item(request: &Request, findings: &[Finding]) -> ResultItem {
    ResultItem {
        findings: findings.iter().map(wire_finding).collect(),
        operation: request.operation(),
        subject: Some(request.subject()).filter(|subject| !subject.is_empty()),
        remark: None,
    }
}

pub(super) fn issued_sponsor(
    id: u64,
    filed: &FiledSponsor,
    isp_id: u64,
    now: DateTime<Utc>,
) -> Option<IssuedSponsor> {
    let sponsor = filed.data.to_sponsor(id);
    let details = sponsor.principal.details;
    Some(IssuedSponsor {
        isp_sponsor_id: filed.isp_ids.get(&isp_id).copied(),
        sponsor_id: id,
        name: sponsor.name,
        nature: sponsor.nature,
        address: IssuedAddress {
            province: sponsor.address.province,
            city: Some(sponsor.address.city),
            county: sponsor.address.county,
            detail: sponsor.address.detail,
        },
        certificate: sponsor.certificate,
        principal: IssuedSponsorPrincipal {
            name: sponsor.principal.name,
            email: details.email.clone(),
            details: issued_details(&details),
        },
        filing_number: Some(filed.number.to_string()),
        filed_by: sponsor.filed_by,
        investor: sponsor.investor,
        first_filed: wire_time(filed.first_filed)?,
        last_changed: wire_time(filed.last_changed)?,
        certificate_valid_until: None,
        certificate_path: None,
        certificate_serial: None,
        reviewer_name: Some(REVIEWER.to_owned()),
        reviewed_at: wire_time(now),
        remark: sponsor.remark,
    })
}

/// A service with everything in the register; a provider's own identifiers are told to
/// that provider only.
pub(super) fn issued_website(id: u64, filed: &FiledService, isp_id: u64) -> Option<IssuedWebsite> {
    let website = filed.data.to_website(id);
    let domains = filed.domains.iter().map(|domain| IssuedDomain {
        isp_domain_id: domain.isp_ids.get(&isp_id).copied(),
        domain_id: domain.id,
        name: domain.name.clone(),
    });
    let accesses = filed.live_accesses().map(|(id, access)| {
        let is_own = access.provider == isp_id;
        IssuedAccess {
            isp_access_id: is_own.then_some(access.isp_id),
            access_id: id,
            provider_id: access.provider,
            server_places: access.places.clone(),
            methods: access.methods.clone(),
            ip_ranges: access
                .ranges
                .iter()
                .map(|range| IssuedIpRange {
                    isp_ip_id: is_own.then_some(range.isp_id),
                    ip_id: range.id,
                    first: range.first,
                    last: range.last,
                })
                .collect(),
        }
    });
    Some(IssuedWebsite {
        isp_website_id: filed.isp_ids.get(&isp_id).copied(),
        website_id: id,
        name: website.name,
        approvals: website.approvals,
        contents: website.contents,
        languages: website.languages,
        domains: domains.collect(),
        accesses: accesses.collect(),
        principal: IssuedWebsitePrincipal {
            name: website.principal.name,
            email: Some(website.principal.details.email.clone()),
            details: issued_details(&website.principal.details),
        },
        // The file has room for fewer characters than an added website may bring.
        home_url: website.home_url.filter(|url| url.chars().count() <= 255),
        remark: website.remark,
        first_filed: wire_time(filed.first_filed),
        last_changed: wire_time(filed.last_changed),
        filing_number: Some(filed.number.to_string()),
    })
}

fn issued_details(details: &PrincipalDetails) -> IssuedDetails {
    IssuedDetails {
        office_phone: details.office_phone.clone(),
        mobile: Some(details.mobile.clone()),
        msn: details.msn.clone(),
        qq: details.qq.clone(),
        certificate_kind: details.certificate_kind,
        certificate_number: details.certificate_number.clone(),
    }
}

pub(super) fn wire_time(at: DateTime<Utc>) -> Option<WireTime> {
    WireTime::of(beijing(at).naive_local())
}
