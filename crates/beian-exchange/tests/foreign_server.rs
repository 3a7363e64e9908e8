//! The client against a regulator's side that shares no line with this project: npm's soap, driven by the service
//! descriptions, with other people's digest, cipher and zip.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use beian_domain::{CertificateKind, Personal, SeededRandom, practice};
use beian_exchange::{
    Endpoint, ExchangeError, FilingStatus, PasswordVerdict, QueryCondition, RegulatorClient, SealedUpload,
    Timeouts,
};
use beian_wire::download::{DownloadContent, DownloadDocument, Finding, ResultItem, ResultsFile};
use beian_wire::package::{Encryption, SharedSecret};
use beian_wire::{InterfaceVersion, MessageCode, OperationKind, Password, ResultCode, Service};

const SPONSOR: &str = "浙ICP备00000001号";
const SERVICE: &str = "浙ICP备00000001号-1";

/// Ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the server in a folder, and tells its port.
fn start(folder: &Path) -> (Server, u16) {
    for (service, name) in [
        (Service::UpDownLoad, "UpDownLoad"),
        (Service::QueryBeianStatus, "QueryBeianStatus"),
        (Service::VerifyBamm, "VerifyBamm"),
    ] {
        let description = service.wsdl(&format!("http://127.0.0.1{}", service.path()));
        std::fs::write(folder.join(format!("{name}.wsdl")), description).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign_server.js");
    let mut node = Command::new("node");
    if let Ok(modules) = std::env::var("BEIAN_TEST_NODE_MODULES") {
        node.env("NODE_PATH", modules);
    }
    let mut child =
        node.arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port =
        line.trim().parse().expect("a port: `cargo xtask test` installs npm's soap and says where it is");
    (Server(child), port)
}

fn client(port: u16, password: &str) -> RegulatorClient {
    let endpoint = Endpoint {
        base_url: format!("http://127.0.0.1:{port}"),
        isp_id: 330_000_000_001,
        user_name: "practice".to_owned(),
        password: Password::new(password.to_owned()),
        secret: SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap(),
        encryption: Encryption::Required,
    };
    let timeouts = Timeouts { connect: Duration::from_secs(5), call: Duration::from_secs(60) };
    RegulatorClient::new(endpoint, Arc::new(SeededRandom::new(1)), timeouts).unwrap()
}

fn results() -> DownloadDocument {
    DownloadDocument {
        version: InterfaceVersion::v3_0(),
        content: DownloadContent::Results(ResultsFile {
            items: vec![ResultItem {
                findings: vec![Finding {
                    code: ResultCode(1005),
                    description: Some("习作：网站名称不符".to_owned()),
                }],
                operation: OperationKind::NewFiling,
                subject: Some("1001".to_owned()),
                remark: None,
            }],
            reviews: Vec::new(),
        }),
    }
}

#[tokio::test]
async fn soap_of_node_takes_every_call() {
    // The second time it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("20260325145800_zj_3058.xml"), results().to_gbk_xml().unwrap())
        .unwrap();
    let (_server, port) = start(folder.path());
    let regulator = client(port, "practice-call");

    // Handing in: bytes come to the other side as they left, and gaps are told.
    assert_eq!(regulator.previous_upload().await.unwrap().sequence, 0);
    let (first, later) = (b"<UploadData>1</UploadData>".as_slice(), b"<UploadData>3</UploadData>".as_slice());
    let package = regulator.seal(first).unwrap();
    let digest = package.hash_base64.clone();
    regulator.upload(&SealedUpload { sequence: 1, package }).await.unwrap();
    assert_eq!(std::fs::read(folder.path().join("upload-1.xml")).unwrap(), first);
    let previous = regulator.previous_upload().await.unwrap();
    assert_eq!((previous.sequence, previous.hash_base64), (1, digest));
    let gap = SealedUpload { sequence: 3, package: regulator.seal(later).unwrap() };
    let refused = regulator.upload(&gap).await.unwrap_err();
    let ExchangeError::Refused { code: MessageCode::SEQUENCE_GAP, message, .. } = refused else {
        panic!("{refused}")
    };
    assert!(message.ends_with("[2]"), "{message}");

    // Fetching: what the other side packed is read, and given until it is acknowledged.
    for _ in 0..2 {
        let file = regulator.download().await.unwrap().unwrap();
        assert_eq!((file.name.as_str(), &file.document), ("20260325145800_zj_3058.xml", &results()));
        regulator.acknowledge(&"20260325145800_zj_9999.xml".parse().unwrap()).await.unwrap_err();
    }
    regulator.acknowledge(&"20260325145800_zj_3058.xml".parse().unwrap()).await.unwrap();
    assert_eq!(regulator.download().await, Ok(None));

    // Asking.
    let domain = |name: &str| QueryCondition::Domain(name.parse().unwrap());
    let filed = FilingStatus::Filed {
        sponsor_number: Some(SPONSOR.to_owned()),
        service_number: Some(SERVICE.to_owned()),
        service_name: Some("习作网站".to_owned()),
    };
    assert_eq!(regulator.filing_status(&domain("xizuo-one.cn")).await, Ok(filed));
    assert_eq!(regulator.filing_status(&domain("xizuo-two.cn")).await, Ok(FilingStatus::NotFiled));
    let sponsor = QueryCondition::Certificate {
        kind: CertificateKind::BusinessLicence,
        number: practice::ORGANISATIONS[0].uscc.to_owned(),
    };
    assert_eq!(regulator.filing_status(&sponsor).await, Ok(FilingStatus::NotFiled));
    let number = SERVICE.parse().unwrap();
    for (password, verdict) in
        [("practice-filing", PasswordVerdict::Right), ("something else", PasswordVerdict::Wrong)]
    {
        let told = regulator.verify_filing_password(&number, &Personal::new(password)).await;
        assert_eq!(told, Ok(verdict), "{password}");
    }

    // Whoever does not know the password is told so.
    let stranger = client(port, "another");
    let refused = stranger.download().await;
    assert!(
        matches!(refused, Err(ExchangeError::Refused { code: MessageCode::WRONG_PASSWORD, .. })),
        "{refused:?}"
    );
}
