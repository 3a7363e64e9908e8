//! A regulator on trial: one provider, a clock that stands still, real wire calls.
#![allow(dead_code, reason = "every test file uses another part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request as HttpRequest, Response, StatusCode, header};
use beian_domain::practice::{ORGANISATIONS, PEOPLE};
use beian_domain::{ManualClock, Random, SeededRandom};
#[allow(unused_imports, reason = "every test file uses another part")]
pub(crate) use beian_sandbox::samples::{JPEG, attachment};
use beian_sandbox::{
    Identities, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, Secret, SmsPolicy, samples,
};
use beian_wire::download::{DownloadContent, DownloadDocument, FilingsFile, ResultsFile};
use beian_wire::package::{Limits, Package, SharedSecret, open, seal};
use beian_wire::reply::{DownloadAckReply, DownloadReply, UploadReply};
use beian_wire::soap::{
    Credentials, DownloadAckRequest, DownloadRequest, Request, UploadRequest, response_inner,
};
use beian_wire::upload::{FilingRecord, UploadDocument, UploadOperation, Website};
use beian_wire::{InterfaceVersion, Password, RandVal, password_hash};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tower::ServiceExt;

pub(crate) const ISP: u64 = 440_000_000_001;
pub(crate) const PASSWORD: &str = "practice-call";
pub(crate) const CONSOLE: &str = "practice-console";

pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) clock: Arc<ManualClock>,
    random: SeededRandom,
}

pub(crate) fn secret() -> SharedSecret {
    SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap()
}

pub(crate) fn config(store: Persistence) -> SandboxConfig {
    SandboxConfig {
        providers: vec![Provider {
            isp_id: ISP,
            name: "练习接入商".to_owned(),
            user_name: "practice".to_owned(),
            password: Password::new(PASSWORD.to_owned()),
            secret: secret(),
            province: "440000".parse().unwrap(),
        }],
        review: ReviewPolicy::Console,
        sms: SmsPolicy::Console,
        identities: Identities::PracticeOnly,
        console_password: Secret::new(CONSOLE),
        store,
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(config(Persistence::Volatile), noon(), 1)
    }

    pub(crate) fn kept_in(path: &Path, seed: u64) -> Self {
        Self::with(config(Persistence::File(path.to_owned())), noon(), seed)
    }

    pub(crate) fn with(config: SandboxConfig, at: DateTime<Utc>, seed: u64) -> Self {
        let clock = Arc::new(ManualClock::at(at));
        let sandbox = Sandbox::open(config, clock.clone(), Arc::new(SeededRandom::new(seed))).unwrap();
        Self { router: sandbox.router(), clock, random: SeededRandom::new(seed + 1000) }
    }

    pub(crate) fn advance(&self, step: TimeDelta) {
        self.clock.advance(step);
    }

    pub(crate) fn credentials(&self) -> Credentials {
        let mut bytes = [0; RandVal::LENGTH];
        self.random.fill(&mut bytes);
        let rand_val = RandVal::from_random(bytes);
        Credentials {
            isp_id: ISP,
            user_name: "practice".to_owned(),
            password_hash: password_hash(&Password::new(PASSWORD.to_owned()), &rand_val),
            rand_val: rand_val.as_str().to_owned(),
        }
    }

    pub(crate) async fn send(&self, request: HttpRequest<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Posts an envelope and gives the inner document of the answer.
    pub(crate) async fn call(&self, request: &Request) -> String {
        let path = request.method().service().path();
        let response =
            self.send(HttpRequest::post(path).body(Body::from(request.to_envelope())).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        response_inner(request.method(), &bytes(response).await).unwrap()
    }

    pub(crate) async fn upload_package(&self, sequence: u64, package: Package) -> UploadReply {
        let request = Request::Upload(UploadRequest { credentials: self.credentials(), sequence, package });
        UploadReply::from_xml(&self.call(&request).await).unwrap()
    }

    pub(crate) async fn upload(&self, sequence: u64, records: Vec<FilingRecord>) -> u16 {
        self.upload_package(sequence, sealed(&document(records))).await.status.code.0
    }

    pub(crate) async fn upload_operation(&self, sequence: u64, operation: UploadOperation) -> u16 {
        let xml = document_of(operation);
        self.upload_package(sequence, sealed(&xml)).await.status.code.0
    }

    /// Takes the next file and acknowledges it; none when there is none.
    pub(crate) async fn next_file(&self) -> Option<DownloadContent> {
        let (name, content) = self.peek_file().await?;
        assert_eq!(self.acknowledge(&name).await, 0);
        Some(content)
    }

    pub(crate) async fn peek_file(&self) -> Option<(String, DownloadContent)> {
        let request =
            Request::Download(DownloadRequest { credentials: self.credentials(), hash_algorithm: 0 });
        let reply = DownloadReply::from_xml(&self.call(&request).await).unwrap();
        let Some(file) = reply.file else {
            assert_eq!(reply.status.code.0, 2);
            return None;
        };
        assert_eq!(reply.status.code.0, 0);
        let xml = open(&file.package, &secret(), &Limits::default()).unwrap();
        let document = DownloadDocument::from_gbk_xml(&xml).unwrap();
        assert_eq!(document.version, InterfaceVersion::v3_0());
        Some((file.name.as_str().to_owned(), document.content))
    }

    pub(crate) async fn acknowledge(&self, name: &str) -> u16 {
        let request = Request::DownloadAck(DownloadAckRequest {
            credentials: self.credentials(),
            hash_algorithm: 0,
            file_name: name.to_owned(),
        });
        DownloadAckReply::from_xml(&self.call(&request).await).unwrap().status.code.0
    }

    pub(crate) async fn results(&self) -> ResultsFile {
        match self.next_file().await {
            Some(DownloadContent::Results(results)) => results,
            other => panic!("expected results, got {other:?}"),
        }
    }

    pub(crate) async fn filed_data(&self) -> FilingsFile {
        match self.next_file().await {
            Some(DownloadContent::Filings(file)) => file,
            other => panic!("expected filed data, got {other:?}"),
        }
    }

    /// A call of the steering interface.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let request = HttpRequest::builder()
            .method(method)
            .uri(format!("/regulator/api/{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {CONSOLE}"))
            .body(body.map_or(Body::empty(), |body| Body::from(body.to_string())))
            .unwrap();
        let response = self.send(request).await;
        let status = response.status();
        (status, serde_json::from_slice(&bytes(response).await).unwrap())
    }

    pub(crate) async fn filing(&self, id: u64) -> Value {
        let (status, filing) = self.api("GET", &format!("filings/{id}"), None).await;
        assert_eq!(status, StatusCode::OK);
        filing
    }

    pub(crate) async fn enter(&self, mobile: &str, code: &str, suffix: &str) -> (StatusCode, String) {
        self.form(
            "/regulator/sms",
            &HeaderMap::new(),
            &[("mobile", mobile), ("code", code), ("certificate_suffix", suffix)],
        )
        .await
    }

    pub(crate) async fn form(
        &self,
        path: &str,
        headers: &HeaderMap,
        fields: &[(&str, &str)],
    ) -> (StatusCode, String) {
        let body = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        let mut request =
            HttpRequest::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = self.send(request.body(Body::from(body)).unwrap()).await;
        let status = response.status();
        (status, String::from_utf8(bytes(response).await).unwrap())
    }

    pub(crate) async fn page(&self, path: &str, headers: &HeaderMap) -> (StatusCode, String) {
        let mut request = HttpRequest::get(path);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = self.send(request.body(Body::empty()).unwrap()).await;
        let status = response.status();
        (status, String::from_utf8(bytes(response).await).unwrap())
    }
}

pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

pub(crate) async fn bytes(response: Response<Body>) -> Vec<u8> {
    to_bytes(response.into_body(), 100 << 20).await.unwrap().to_vec()
}

/// 2026-11-23, noon in Beijing.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-23T04:00:00Z".parse().unwrap()
}

pub(crate) fn document(records: Vec<FilingRecord>) -> Vec<u8> {
    document_of(UploadOperation::NewFiling(records))
}

pub(crate) fn document_of(operation: UploadOperation) -> Vec<u8> {
    let version = InterfaceVersion::v3_0_extended();
    UploadDocument { version, operation, requesting_unit: ISP }.to_gbk_xml().unwrap()
}

pub(crate) fn sealed(xml: &[u8]) -> Package {
    seal(xml, &"beianinfo.xml".parse().unwrap(), &secret()).unwrap()
}

/// A site of a domain, answered for by one of the practice people.
pub(crate) fn website(id: u64, domain: &str, person: usize) -> Website {
    samples::website(id, domain, &PEOPLE[person])
}

/// A filing of one of the practice organisations, with everything it needs.
pub(crate) fn record(organisation: usize, websites: Vec<Website>) -> FilingRecord {
    samples::first_filing(&ORGANISATIONS[organisation], &PEOPLE[0], websites)
}

pub(crate) fn simple() -> FilingRecord {
    record(0, vec![website(1, "xizuo-one.cn", 0)])
}
