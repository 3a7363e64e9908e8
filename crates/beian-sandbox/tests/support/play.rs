//! One provider that files, and the files it gets.
#![allow(dead_code, reason = "every test file uses another part")]

use std::cell::Cell;

use axum::http::StatusCode;
use beian_wire::RecordKey;
use beian_wire::download::{CancelledItem, DownloadContent, FilingsFile, IssuedRecord};
use beian_wire::upload::{
    AddedAccess, AddedWebsites, AttachmentOwner, AttachmentPurpose, Cancellation, ChangedAccess,
    ChangedDomain, ChangedIpRange, ChangedRecord, ChangedSponsor, ChangedWebsite, IpRange, UploadOperation,
    Website,
};
use beian_wire::{CancellationKind, filing_password_digest};
use serde_json::{Value, json};

use super::{World, attachment, record, website};

pub(crate) struct Play {
    pub(crate) world: World,
    sequence: Cell<u64>,
}

/// A record of the register as its provider knows it.
pub(crate) struct Filed {
    pub(crate) record: IssuedRecord,
    pub(crate) password: String,
}

impl Play {
    pub(crate) fn new() -> Self {
        Self::with(World::new())
    }

    pub(crate) fn with(world: World) -> Self {
        Self { world, sequence: Cell::new(0) }
    }

    /// Hands in an operation on one record; gives the number of the filing.
    pub(crate) async fn ask(&self, operation: UploadOperation) -> u64 {
        self.sequence.set(self.sequence.get() + 1);
        assert_eq!(self.world.upload_operation(self.sequence.get(), operation).await, 0);
        let (_, filings) = self.world.api("GET", "filings", None).await;
        filings["filings"].as_array().unwrap().last().unwrap()["id"].as_u64().unwrap()
    }

    /// The codes that an operation is refused with by the checks; none if it is taken.
    pub(crate) async fn codes(&self, operation: UploadOperation) -> Vec<u64> {
        let id = self.ask(operation).await;
        let filing = self.world.filing(id).await;
        let findings = filing["findings"].as_array().unwrap().clone();
        if !findings.is_empty() {
            assert_eq!(filing["state"], "rejected");
            let results = self.world.results().await;
            assert_eq!(results.items.len(), 1);
        }
        findings.iter().map(|finding| finding["code"].as_u64().unwrap()).collect()
    }

    /// The mobile numbers that wait for a code of a filing.
    pub(crate) async fn mobiles(&self, id: u64) -> Vec<String> {
        let filing = self.world.filing(id).await;
        let sms = filing["sms"].as_array().unwrap().clone();
        sms.iter().map(|entry| entry["mobile"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn approve(&self, id: u64) -> Value {
        self.world.api("POST", &format!("filings/{id}/verify-sms"), None).await;
        let opinion = Some(json!({ "opinion": "同意" }));
        let (status, report) = self.world.api("POST", &format!("filings/{id}/approve"), opinion).await;
        assert_eq!(status, StatusCode::OK, "{report}");
        report
    }

    pub(crate) async fn refuse(&self, id: u64) {
        self.world.api("POST", &format!("filings/{id}/verify-sms"), None).await;
        let opinion = Some(json!({ "opinion": "退回" }));
        let (status, report) = self.world.api("POST", &format!("filings/{id}/refuse"), opinion).await;
        assert_eq!(status, StatusCode::OK, "{report}");
    }

    /// Does an operation up to the end, and gives the data that come of it.
    pub(crate) async fn done(&self, operation: UploadOperation) -> FilingsFile {
        let id = self.ask(operation).await;
        self.approve(id).await;
        self.world.results().await;
        self.world.filed_data().await
    }

    pub(crate) async fn cancelled(&self) -> Vec<CancelledItem> {
        match self.world.next_file().await {
            Some(DownloadContent::Cancellations(file)) => file.items,
            other => panic!("expected cancelled data, got {other:?}"),
        }
    }

    /// A first filing of an organisation, with its number.
    pub(crate) async fn file(&self, organisation: usize, websites: Vec<Website>) -> Filed {
        let id = self.ask(UploadOperation::NewFiling(vec![record(organisation, websites)])).await;
        let report = self.approve(id).await;
        self.world.results().await;
        let record = self.world.filed_data().await.records.remove(0);
        Filed { record, password: report["filing_password"].as_str().unwrap().to_owned() }
    }

    pub(crate) async fn seed(&self, body: Value) -> Value {
        let (status, record) = self.world.api("POST", "records", Some(body)).await;
        assert_eq!(status, StatusCode::CREATED, "{record}");
        record
    }
}

pub(crate) fn number(value: &Value) -> RecordKey {
    RecordKey::Number(value.as_str().unwrap().to_owned())
}

/// A service for a sponsor of the register, with what it must bring.
pub(crate) fn added(sponsor: RecordKey, website: Website, password: Option<&str>) -> UploadOperation {
    UploadOperation::AddWebsites(vec![added_record(sponsor, website, password)])
}

pub(crate) fn added_record(sponsor: RecordKey, website: Website, password: Option<&str>) -> AddedWebsites {
    let owner = || AttachmentOwner::Website(RecordKey::Id(website.isp_website_id));
    let attachments = vec![
        attachment(AttachmentPurpose::VERIFICATION_FORM, owner()),
        attachment(AttachmentPurpose::WEBSITE_PRINCIPAL_CERTIFICATE, owner()),
    ];
    let password = password.map(filing_password_digest);
    AddedWebsites { sponsor, websites: vec![website], attachments, password }
}

pub(crate) fn access(website: RecordKey, id: u64, address: &str, password: &str) -> UploadOperation {
    let address = address.parse().unwrap();
    UploadOperation::AddAccesses(vec![AddedAccess {
        website,
        isp_access_id: id,
        server_places: vec![5],
        methods: vec![5],
        ip_ranges: vec![IpRange { isp_ip_id: id, first: address, last: address }],
        attachments: Vec::new(),
        password: filing_password_digest(password),
    }])
}

/// The change that leaves a record as it is, under a number of the provider's.
pub(crate) fn unchanged(record: &IssuedRecord, id: u64) -> ChangedRecord {
    let (sponsor, details) = (&record.sponsor, &record.sponsor.principal.details);
    let person = |name: String, email: String, details: &beian_wire::download::IssuedDetails| {
        (
            name,
            beian_wire::upload::PrincipalDetails {
                office_phone: details.office_phone.clone(),
                mobile: details.mobile.clone().unwrap(),
                email,
                msn: None,
                qq: None,
                certificate_kind: details.certificate_kind,
                certificate_number: details.certificate_number.clone(),
            },
        )
    };
    let (name, details) =
        person(sponsor.principal.name.clone().unwrap(), sponsor.principal.email.clone(), details);
    let websites = record.websites.iter().map(|website| {
        let principal = &website.principal;
        let (name, details) =
            person(principal.name.clone(), principal.email.clone().unwrap(), &principal.details);
        ChangedWebsite {
            website_id: website.website_id,
            name: website.name.clone(),
            approvals: Vec::new(),
            contents: website.contents.clone(),
            languages: website.languages.clone(),
            domains: website
                .domains
                .iter()
                .map(|domain| ChangedDomain {
                    isp_domain_id: id,
                    domain_id: Some(domain.domain_id),
                    name: domain.name.clone(),
                })
                .collect(),
            accesses: website
                .accesses
                .iter()
                .map(|access| ChangedAccess {
                    access_id: access.access_id,
                    server_places: access.server_places.clone(),
                    methods: access.methods.clone(),
                    ip_ranges: access
                        .ip_ranges
                        .iter()
                        .map(|range| ChangedIpRange {
                            isp_ip_id: id,
                            ip_id: Some(range.ip_id),
                            first: range.first,
                            last: range.last,
                        })
                        .collect(),
                })
                .collect(),
            principal: beian_wire::upload::WebsitePrincipal { name, details },
            filing_number: website.filing_number.clone().unwrap(),
            home_url: website.home_url.clone(),
            remark: website.remark.clone(),
            releases: Vec::new(),
        }
    });
    ChangedRecord {
        sponsor: ChangedSponsor {
            sponsor_id: sponsor.sponsor_id,
            name: sponsor.name.clone(),
            filing_number: sponsor.filing_number.clone().unwrap(),
            nature: sponsor.nature,
            investor: sponsor.investor.clone(),
            address: beian_wire::upload::Address {
                province: sponsor.address.province,
                city: sponsor.address.city.unwrap(),
                county: sponsor.address.county,
                detail: sponsor.address.detail.clone(),
            },
            certificate: sponsor.certificate.clone(),
            principal: beian_wire::upload::SponsorPrincipal { name: Some(name), details },
            remark: sponsor.remark.clone(),
        },
        websites: websites.collect(),
        attachments: Vec::new(),
        password: None,
    }
}

pub(crate) fn cancel(kind: CancellationKind, record_id: u64, password: Option<&str>) -> UploadOperation {
    UploadOperation::Cancel(vec![Cancellation {
        kind,
        record_id,
        reason: 1,
        remark: None,
        password: password.map(filing_password_digest),
    }])
}

pub(crate) fn site(id: u64, domain: &str) -> Website {
    website(id, domain, 1)
}
