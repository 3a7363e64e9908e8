//! One provider that files, and the files it gets.
#![allow(dead_code, reason = "every test file uses another part")]

use std::cell::Cell;

use axum::http::StatusCode;
use beian_sandbox::samples;
pub(crate) use beian_sandbox::samples::{added_service as added_record, unchanged};
use beian_wire::CancellationKind;
use beian_wire::RecordKey;
use beian_wire::download::{CancelledItem, DownloadContent, FilingsFile, IssuedRecord};
use beian_wire::upload::{UploadOperation, Website};
use serde_json::{Value, json};

use super::{World, record, website};

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

pub(crate) fn access(website: RecordKey, id: u64, address: &str, password: &str) -> UploadOperation {
    samples::added_access(website, id, address.parse().unwrap(), password)
}

pub(crate) fn cancel(kind: CancellationKind, record_id: u64, password: Option<&str>) -> UploadOperation {
    UploadOperation::Cancel(vec![samples::cancellation(kind, record_id, password)])
}

pub(crate) fn site(id: u64, domain: &str) -> Website {
    website(id, domain, 1)
}
