//! Files for the providers: results and filed data, one after the other, each
//! until it is acknowledged.

use beian_wire::download::{
    self, DownloadDocument, FilingsFile, IssuedAccess, IssuedAddress, IssuedDetails, IssuedDomain,
    IssuedIpRange, IssuedRecord, IssuedSponsor, IssuedSponsorPrincipal, IssuedWebsite,
    IssuedWebsitePrincipal, ResultItem, ResultsFile, Review, ReviewOutcome,
};
use beian_wire::package::{Package, seal};
use beian_wire::upload::{FilingRecord, PrincipalDetails, Website};
use beian_wire::{FileName, InterfaceVersion, OperationKind, ResultCode, WireTime};
use chrono::{DateTime, Utc};

use super::{Decision, Regulator};
use crate::sandbox::Moment;
use crate::state::{Download, DownloadContent, Finding, Registration, SiteRegistration};
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
    /// The oldest file that the provider has not acknowledged.
    pub(super) fn next_download(&mut self, isp_id: u64) -> Option<(FileName, Package)> {
        let download =
            self.state.exchanges.get(&isp_id)?.downloads.iter().find(|d| d.acknowledged.is_none())?;
        let name = download.file_name.parse().ok()?;
        let mut package = download.package.to_package();
        if self.faults.bad_hashes > 0 {
            self.faults.bad_hashes -= 1;
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

    /// The findings of an upload's records, each under the provider's own id of
    /// the sponsor.
    pub(super) fn issue_findings(
        &mut self,
        moment: Moment<'_>,
        isp_id: u64,
        rejected: &[(u64, Vec<Finding>)],
    ) {
        let items = rejected
            .iter()
            .map(|(sponsor, findings)| ResultItem {
                findings: findings.iter().map(wire_finding).collect(),
                operation: OperationKind::NewFiling,
                subject: Some(sponsor.to_string()),
                remark: None,
            })
            .collect();
        self.issue(
            moment,
            isp_id,
            download::DownloadContent::Results(ResultsFile { items, reviews: Vec::new() }),
        );
    }

    /// The review of a filing: 1001 or 1002 together with the reviewer's words.
    /// (That both stand in one file is ASSUMED.)
    pub(super) fn issue_review(&mut self, moment: Moment<'_>, id: u64, decision: Decision, opinion: &str) {
        let Some((isp_id, sponsor)) = self.issuer(id) else { return };
        let (outcome, code) = match decision {
            Decision::Approve => (ReviewOutcome::Approved, APPROVED),
            Decision::Refuse => (ReviewOutcome::Rejected, REFUSED),
        };
        let Some(reviewed_at) = WireTime::of(beijing(moment.now).naive_local()) else { return };
        let item = ResultItem {
            findings: vec![download::Finding { code: ResultCode(code), description: None }],
            operation: OperationKind::NewFiling,
            subject: Some(sponsor.to_string()),
            remark: None,
        };
        let review = Review {
            reviewer_name: Some(REVIEWER.to_owned()),
            reviewer_phone: None,
            reviewed_at,
            opinion: Some(opinion.to_owned()),
            outcome,
            operation: Some(OperationKind::NewFiling),
            record_id: Some(sponsor),
        };
        let results = ResultsFile { items: vec![item], reviews: vec![review] };
        self.issue(moment, isp_id, download::DownloadContent::Results(results));
    }

    /// The data of an approved filing with their numbers.
    pub(super) fn issue_filed_data(&mut self, moment: Moment<'_>, id: u64, registration: &Registration) {
        let Some((isp_id, _)) = self.issuer(id) else { return };
        let Some(filing) = self.state.filings.get(&id) else { return };
        let Some(record) = self.records.get(&id) else { return };
        let Some(record) = issued_record(record, registration, isp_id, filing.received, moment.now) else {
            return;
        };
        self.issue(moment, isp_id, download::DownloadContent::Filings(FilingsFile { records: vec![record] }));
    }

    /// The provider of a filing, and its id of the sponsor.
    fn issuer(&self, id: u64) -> Option<(u64, u64)> {
        Some((self.state.filings.get(&id)?.provider, self.records.get(&id)?.sponsor.isp_sponsor_id))
    }

    fn issue(&mut self, moment: Moment<'_>, isp_id: u64, content: download::DownloadContent) {
        let kind = match content {
            download::DownloadContent::Filings(_) => DownloadContent::FiledData,
            _ => DownloadContent::Results,
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
    let description = finding
        .particulars
        .chars()
        .map(|character| {
            if beian_domain::check_gbk(character.encode_utf8(&mut [0; 4])).is_ok() { character } else { '?' }
        })
        .collect();
    download::Finding { code: ResultCode(finding.code), description: Some(description) }
}

fn issued_record(
    record: &FilingRecord,
    registration: &Registration,
    isp_id: u64,
    first: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<IssuedRecord> {
    let first_filed = WireTime::of(beijing(first).naive_local())?;
    let last_changed = WireTime::of(beijing(now).naive_local())?;
    let sponsor = &record.sponsor;
    let issued = IssuedSponsor {
        isp_sponsor_id: Some(sponsor.isp_sponsor_id),
        sponsor_id: registration.sponsor,
        name: sponsor.name.clone(),
        nature: sponsor.nature,
        address: IssuedAddress {
            province: sponsor.address.province,
            city: Some(sponsor.address.city),
            county: sponsor.address.county,
            detail: sponsor.address.detail.clone(),
        },
        certificate: sponsor.certificate.clone(),
        principal: IssuedSponsorPrincipal {
            name: sponsor.principal.name.clone(),
            email: sponsor.principal.details.email.clone(),
            details: issued_details(&sponsor.principal.details),
        },
        filing_number: Some(registration.number.to_string()),
        filed_by: sponsor.filed_by,
        investor: sponsor.investor.clone(),
        first_filed: first_filed.clone(),
        last_changed: last_changed.clone(),
        certificate_valid_until: None,
        certificate_path: None,
        certificate_serial: None,
        reviewer_name: Some(REVIEWER.to_owned()),
        reviewed_at: Some(last_changed.clone()),
        remark: sponsor.remark.clone(),
    };
    let websites = record
        .websites
        .iter()
        .zip(&registration.sites)
        .map(|(website, site)| issued_website(website, site, isp_id, &first_filed, &last_changed))
        .collect();
    Some(IssuedRecord { sponsor: issued, websites, remark: None })
}

fn issued_website(
    website: &Website,
    site: &SiteRegistration,
    isp_id: u64,
    first_filed: &WireTime,
    last_changed: &WireTime,
) -> IssuedWebsite {
    let domains = website.domains.iter().zip(&site.domains).map(|(domain, id)| IssuedDomain {
        isp_domain_id: Some(domain.isp_domain_id),
        domain_id: *id,
        name: domain.name.clone(),
    });
    let accesses = website.accesses.iter().zip(&site.accesses).map(|(access, given)| IssuedAccess {
        isp_access_id: Some(access.isp_access_id),
        access_id: given.access,
        provider_id: isp_id,
        server_places: access.server_places.clone(),
        methods: access.methods.clone(),
        ip_ranges: access
            .ip_ranges
            .iter()
            .zip(&given.ranges)
            .map(|(range, id)| IssuedIpRange {
                isp_ip_id: Some(range.isp_ip_id),
                ip_id: *id,
                first: range.first,
                last: range.last,
            })
            .collect(),
    });
    IssuedWebsite {
        isp_website_id: Some(website.isp_website_id),
        website_id: site.site,
        name: website.name.clone(),
        approvals: website.approvals.clone(),
        contents: website.contents.clone(),
        languages: website.languages.clone(),
        domains: domains.collect(),
        accesses: accesses.collect(),
        principal: IssuedWebsitePrincipal {
            name: website.principal.name.clone(),
            email: Some(website.principal.details.email.clone()),
            details: issued_details(&website.principal.details),
        },
        home_url: website.home_url.clone(),
        remark: website.remark.clone(),
        first_filed: Some(first_filed.clone()),
        last_changed: Some(last_changed.clone()),
        filing_number: Some(site.number.to_string()),
    }
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
