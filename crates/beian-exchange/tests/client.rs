//! The client against a listener that answers with prepared bytes.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use beian_domain::{CertificateKind, DomainName, Personal, Random, RecordNumber};
use beian_exchange::{
    ConnectFailure, Corruption, Delivery, Endpoint, ExchangeError, FilingStatus, PasswordVerdict,
    PreviousUpload, QueryCondition, Queue, RegulatorClient, SealedUpload, SetupError, Timeouts, Uncertainty,
};
use beian_wire::download::{DownloadContent, DownloadDocument, Finding, ResultItem, ResultsFile};
use beian_wire::package::{Encryption, Limits, Package, PackageError, SharedSecret, open, seal};
use beian_wire::reply::{
    BeianStatusReply, DownloadAckReply, DownloadReply, FilingState, LastUpload,
    QueryCondition as WireCondition, QueryPreviousUploadReply, ReplyFile, Status, StatusInfo, UploadReply,
    VerifyReply, VerifyResult,
};
use beian_wire::soap::{EnvelopeError, Fault, FaultCode, Request, response_envelope};
use beian_wire::{
    FileName, InterfaceVersion, MessageCode, Method, OperationKind, Password, RandVal, ResultCode,
    password_hash,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Other bytes at every call.
struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

fn secret() -> SharedSecret {
    SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap()
}

fn client_with(address: SocketAddr, timeouts: Timeouts) -> RegulatorClient {
    // The second time it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let endpoint = Endpoint {
        base_url: format!("http://{address}/below/"),
        isp_id: 110_000_000_001,
        user_name: "u".to_owned(),
        password: Password::new("secret-password".to_owned()),
        secret: secret(),
        encryption: Encryption::Required,
    };
    RegulatorClient::new(endpoint, Arc::new(Counting(AtomicU8::new(0))), timeouts).unwrap()
}

fn client(address: SocketAddr) -> RegulatorClient {
    client_with(address, Timeouts { connect: Duration::from_secs(5), call: Duration::from_secs(20) })
}

/// Answers each connection with one of the prepared byte strings, then closes it;
/// gives back what was asked.
async fn answering(answers: Vec<Vec<u8>>) -> (SocketAddr, JoinHandle<Vec<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            asked.push(read_request(&mut stream).await);
            // The client may hang up before the end.
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
        asked
    });
    (address, task)
}

async fn read_request(stream: &mut tokio::net::TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if read == 0 || body.len() >= length.parse::<usize>().unwrap() {
            return bytes;
        }
    }
}

fn http(status: &str, body: &[u8]) -> Vec<u8> {
    let mut answer =
        format!("HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n", body.len())
            .into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn ok(method: Method, inner: &str) -> Vec<u8> {
    http("200 OK", response_envelope(method, inner).as_bytes())
}

/// A client whose regulator gives one answer.
async fn with_answer(answer: Vec<u8>) -> RegulatorClient {
    client(answering(vec![answer]).await.0)
}

fn upload() -> SealedUpload {
    SealedUpload { sequence: 7, package: seal(b"<a/>", &FileName::upload_entry(), &secret()).unwrap() }
}

fn name() -> FileName {
    "20260325145800_zj_3058.xml".parse().unwrap()
}

fn results() -> DownloadDocument {
    DownloadDocument {
        version: InterfaceVersion::v3_0(),
        content: DownloadContent::Results(ResultsFile {
            items: vec![ResultItem {
                findings: vec![Finding { code: ResultCode(1005), description: None }],
                operation: OperationKind::NewFiling,
                subject: Some("1001".to_owned()),
                remark: None,
            }],
            reviews: Vec::new(),
        }),
    }
}

fn file_reply(code: MessageCode, package: Package) -> Vec<u8> {
    let reply = DownloadReply { status: Status::of(code), file: Some(ReplyFile { name: name(), package }) };
    ok(Method::Download, &reply.to_xml())
}

fn sealed(xml: &[u8]) -> Package {
    seal(xml, &name(), &secret()).unwrap()
}

fn uncertain(method: Method, reason: Uncertainty) -> ExchangeError {
    ExchangeError::Uncertain { method, reason }
}

#[tokio::test]
async fn an_upload_is_posted_as_the_interface_wants_it() {
    let accepted = UploadReply { status: Status::of(MessageCode::OK), missing_sequences: Vec::new() };
    let answer = ok(Method::Upload, &accepted.to_xml());
    let (address, task) = answering(vec![answer.clone(), answer]).await;
    let client = client(address);
    client.upload(&upload()).await.unwrap();
    client.upload(&upload()).await.unwrap();

    let mut seen = Vec::new();
    for asked in task.await.unwrap() {
        let text = String::from_utf8(asked).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /below/ISPWebService/upDownLoad HTTP/1.1\r\n"), "{head}");
        assert!(head.to_ascii_lowercase().contains("content-type: text/xml; charset=utf-8"), "{head}");
        assert!(head.to_ascii_lowercase().contains("soapaction: \"\""), "{head}");
        let Request::Upload(request) = Request::from_envelope(body.as_bytes()).unwrap() else {
            panic!("{body}")
        };
        assert_eq!((request.credentials.isp_id, request.sequence), (110_000_000_001, 7));
        assert_eq!(open(&request.package, &secret(), &Limits::default()).unwrap(), b"<a/>");
        let rand_val = RandVal::received(&request.credentials.rand_val).unwrap();
        let expected = password_hash(&Password::new("secret-password".to_owned()), &rand_val);
        assert_eq!(request.credentials.password_hash, expected);
        seen.push(rand_val);
    }
    assert_ne!(seen[0], seen[1], "a random value is used once");
}

#[tokio::test]
async fn refusals_carry_code_and_words() {
    let gap = UploadReply { status: Status::of(MessageCode::SEQUENCE_GAP), missing_sequences: vec![5, 6] };
    let error = with_answer(ok(Method::Upload, &gap.to_xml())).await.upload(&upload()).await.unwrap_err();
    let ExchangeError::Refused { method: Method::Upload, code: MessageCode::SEQUENCE_GAP, message } = &error
    else {
        panic!("{error}")
    };
    assert!(message.ends_with("[5, 6]"), "{message}");
    assert_eq!(error.delivery(), Delivery::Answered);

    let wordless =
        DownloadAckReply { status: Status { code: MessageCode::WRONG_PASSWORD, message: " ".to_owned() } };
    let error = with_answer(ok(Method::DownloadAck, &wordless.to_xml()))
        .await
        .acknowledge(&name())
        .await
        .unwrap_err();
    let expected = ExchangeError::Refused {
        method: Method::DownloadAck,
        code: MessageCode::WRONG_PASSWORD,
        message: "密码错误".to_owned(),
    };
    assert_eq!(error, expected);

    // An upload is not accepted by a code that only downloads know.
    let odd = UploadReply { status: Status::of(MessageCode::LAST_FILE), missing_sequences: Vec::new() };
    assert!(with_answer(ok(Method::Upload, &odd.to_xml())).await.upload(&upload()).await.is_err());
}

#[tokio::test]
async fn a_file_is_fetched_opened_and_read() {
    let xml = results().to_gbk_xml().unwrap();
    for (code, queue) in [
        (MessageCode::OK, Queue::Unknown),
        (MessageCode::LAST_FILE, Queue::Empty),
        (MessageCode::MORE_FILES, Queue::Waiting),
    ] {
        let file = with_answer(file_reply(code, sealed(&xml))).await.download().await.unwrap().unwrap();
        assert_eq!(
            (file.name.clone(), file.xml.clone(), file.document.clone(), file.queue),
            (name(), xml.clone(), results(), queue)
        );
        assert_eq!(file.hash_base64, sealed(&xml).hash_base64);
        assert!(!format!("{file:?}").contains("1005"));
    }
    let nothing =
        |code| ok(Method::Download, &DownloadReply { status: Status::of(code), file: None }.to_xml());
    for code in [MessageCode::OK, MessageCode::LAST_FILE, MessageCode::NOTHING_TO_DOWNLOAD] {
        assert_eq!(with_answer(nothing(code)).await.download().await, Ok(None));
    }
    let incomplete = Uncertainty::Incomplete { code: MessageCode::MORE_FILES };
    assert_eq!(
        with_answer(nothing(MessageCode::MORE_FILES)).await.download().await,
        Err(uncertain(Method::Download, incomplete))
    );
    let refused =
        with_answer(file_reply(MessageCode::DOWNLOAD_MAINTENANCE, sealed(&xml))).await.download().await;
    assert!(matches!(refused, Err(ExchangeError::Refused { code: MessageCode::DOWNLOAD_MAINTENANCE, .. })));
}

#[tokio::test]
async fn corrupt_files_are_told_from_corrupt_answers() {
    let xml = results().to_gbk_xml().unwrap();
    let corrupt = |cause: Corruption| Err(ExchangeError::Corrupt { name: name(), cause });
    let mut wrong_hash = sealed(&xml);
    wrong_hash.hash_base64 = "p3GB9o+UziwhtYjUxkL5mg==".to_owned();
    let got = with_answer(file_reply(MessageCode::OK, wrong_hash)).await.download().await;
    assert_eq!(got.as_ref().unwrap_err().delivery(), Delivery::Answered);
    assert_eq!(got, corrupt(PackageError::HashMismatch.into()));
    assert_eq!(Corruption::from(PackageError::HashMismatch).message_code(), MessageCode::HASH_MISMATCH);

    let mut plain = sealed(&xml);
    plain.algorithms.encryption = 0;
    let got = with_answer(file_reply(MessageCode::OK, plain)).await.download().await;
    assert_eq!(got, corrupt(PackageError::EncryptionAlgorithm { expected: 1, got: 0 }.into()));

    let unknown = b"<DownloadData version='V.3.0'><DJTB/></DownloadData>";
    let answers =
        vec![file_reply(MessageCode::OK, sealed(unknown)), file_reply(MessageCode::OK, sealed(unknown))];
    let client = client(answering(answers).await.0);
    assert!(matches!(
        client.download().await,
        Err(ExchangeError::Corrupt { cause: Corruption::Document(_), .. })
    ));
    // Fetching alone gets past it.
    let fetched = client.fetch().await.unwrap().unwrap();
    assert_eq!((fetched.name.clone(), fetched.xml.as_slice()), (name(), unknown.as_slice()));
    assert!(fetched.read().is_err());
}

#[tokio::test]
async fn acknowledgements_and_previous_uploads() {
    let done = DownloadAckReply { status: Status::of(MessageCode::OK) };
    let (address, task) = answering(vec![ok(Method::DownloadAck, &done.to_xml())]).await;
    client(address).acknowledge(&name()).await.unwrap();
    assert!(
        String::from_utf8(task.await.unwrap().remove(0))
            .unwrap()
            .contains(">20260325145800_zj_3058.xml</fileName>")
    );

    let last = LastUpload { sequence: 6, name: None, package: upload().package };
    let reply = QueryPreviousUploadReply { status: Status::of(MessageCode::OK), last: Some(last) };
    let previous =
        with_answer(ok(Method::QueryPreviousUpload, &reply.to_xml())).await.previous_upload().await;
    assert_eq!(previous, Ok(PreviousUpload { sequence: 6, hash_base64: upload().package.hash_base64 }));
    let reply = QueryPreviousUploadReply { status: Status::of(MessageCode::OK), last: None };
    let previous =
        with_answer(ok(Method::QueryPreviousUpload, &reply.to_xml())).await.previous_upload().await;
    assert_eq!(previous, Ok(PreviousUpload { sequence: 0, hash_base64: String::new() }));
}

#[tokio::test]
async fn filing_status_of_domains_and_sponsors() {
    let domain: DomainName = "example-one.cn".parse().unwrap();
    let reply = |state| {
        let info = Some(StatusInfo { condition: WireCondition::Domain("example-one.cn".to_owned()), state });
        ok(Method::QueryBeianStatus, &BeianStatusReply { status: Status::of(MessageCode::OK), info }.to_xml())
    };
    let filed = FilingState::Filed {
        sponsor_number: Some("京ICP备00000001号".to_owned()),
        website_number: Some("京ICP备00000001号-1".to_owned()),
        website_name: Some("样本网站".to_owned()),
    };
    let (address, task) = answering(vec![reply(filed), reply(FilingState::NotFiled)]).await;
    let client = client(address);
    let got = client.filing_status(&QueryCondition::Domain(domain)).await;
    let expected = FilingStatus::Filed {
        sponsor_number: Some("京ICP备00000001号".to_owned()),
        service_number: Some("京ICP备00000001号-1".to_owned()),
        service_name: Some("样本网站".to_owned()),
    };
    assert_eq!(got, Ok(expected));
    let condition = QueryCondition::Certificate {
        kind: CertificateKind::OF_PERSONS[0],
        number: "110101199001010007".to_owned(),
    };
    assert!(!format!("{condition:?}").contains("1101011990"));
    assert_eq!(client.filing_status(&condition).await, Ok(FilingStatus::NotFiled));
    let asked = task.await.unwrap();
    let conditions: Vec<String> =
        asked.iter().map(|bytes| String::from_utf8(bytes.clone()).unwrap()).collect();
    assert!(
        conditions[0].contains(">0</queryConditionType>")
            && conditions[0].contains(">example-one.cn</queryCondition>")
    );
    assert!(conditions[0].starts_with("POST /below/BeianStatusWebService/queryBeianStatus "));
    assert!(
        conditions[1].contains(&format!(">{}</queryConditionType>", CertificateKind::OF_PERSONS[0].code()))
    );

    let empty = BeianStatusReply { status: Status::of(MessageCode::OK), info: None };
    let got =
        with_answer(ok(Method::QueryBeianStatus, &empty.to_xml())).await.filing_status(&condition).await;
    assert_eq!(
        got,
        Err(uncertain(Method::QueryBeianStatus, Uncertainty::Incomplete { code: MessageCode::OK }))
    );
}

#[tokio::test]
async fn nobody_there_is_not_delivered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = client(address).upload(&upload()).await.unwrap_err();
    assert_eq!(error, ExchangeError::Unreachable { method: Method::Upload, reason: ConnectFailure::Refused });
    assert_eq!(error.delivery(), Delivery::NotDelivered);
}

#[tokio::test]
async fn silence_is_uncertain() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Accepted by the system, never answered; the listener lives until the end.
    let short = Timeouts { connect: Duration::from_secs(5), call: Duration::from_millis(200) };
    let error = client_with(address, short).upload(&upload()).await.unwrap_err();
    assert_eq!(error, uncertain(Method::Upload, Uncertainty::TimedOut));
    assert_eq!(error.delivery(), Delivery::Unknown);

    // Half an answer, then silence.
    let task = tokio::spawn(async move {
        // The first connection is that of the call above.
        let _first = listener.accept().await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<soap").await.unwrap();
        std::future::pending::<()>().await;
    });
    let error = client_with(address, short).upload(&upload()).await.unwrap_err();
    assert_eq!(error, uncertain(Method::Upload, Uncertainty::TimedOut));
    task.abort();
}

#[tokio::test]
async fn bad_answers_are_uncertain() {
    let good = UploadReply { status: Status::of(MessageCode::OK), missing_sequences: Vec::new() }.to_xml();
    let whole = ok(Method::Upload, &good);
    let cases = [
        (Vec::new(), Uncertainty::Cut),
        (b"garbage\r\n\r\n".to_vec(), Uncertainty::Cut),
        (whole[..whole.len() - 10].to_vec(), Uncertainty::Cut),
        (http("200 OK", b"garbage"), Uncertainty::Envelope(EnvelopeError::NotXml)),
        (http("200 OK", b""), Uncertainty::Envelope(EnvelopeError::NotXml)),
        (http("200 OK", b"<html/>"), Uncertainty::Envelope(EnvelopeError::NotSoap)),
        (
            http("200 OK", &response_envelope(Method::Upload, &good).as_bytes()[..300]),
            Uncertainty::Envelope(EnvelopeError::NotXml),
        ),
        (
            ok(Method::Download, &good),
            Uncertainty::Envelope(EnvelopeError::UnknownMethod { name: "isp_downloadResponse".to_owned() }),
        ),
        (http("503 Service Unavailable", b"busy"), Uncertainty::Status { status: 503 }),
        (
            http("500 Internal Server Error", response_envelope(Method::Upload, &good).as_bytes()),
            Uncertainty::Status { status: 500 },
        ),
        (http("404 Not Found", b"no"), Uncertainty::Status { status: 404 }),
        (
            b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".to_vec(),
            Uncertainty::Status { status: 302 },
        ),
    ];
    for (answer, reason) in cases {
        let shown = String::from_utf8_lossy(&answer).into_owned();
        let error = with_answer(answer).await.upload(&upload()).await.unwrap_err();
        assert_eq!(error, uncertain(Method::Upload, reason), "{shown}");
        assert_eq!(error.delivery(), Delivery::Unknown);
    }
    let fault = Fault { code: FaultCode::Server, message: "broken".to_owned() };
    let answer = http("500 Internal Server Error", fault.to_envelope().as_bytes());
    let error = with_answer(answer).await.upload(&upload()).await.unwrap_err();
    assert_eq!(error, uncertain(Method::Upload, Uncertainty::Envelope(EnvelopeError::Fault(fault))));

    let document = with_answer(ok(Method::Upload, "<other/>")).await.upload(&upload()).await.unwrap_err();
    assert!(
        matches!(document, ExchangeError::Uncertain { reason: Uncertainty::Document(_), .. }),
        "{document}"
    );
}

#[tokio::test]
async fn long_answers_are_cut_off() {
    let large = vec![b' '; 1024 * 1024 + 1];
    let too_large = Uncertainty::TooLarge { max: 1024 * 1024 };
    let error = with_answer(http("200 OK", &large)).await.upload(&upload()).await.unwrap_err();
    assert_eq!(error, uncertain(Method::Upload, too_large.clone()));
    // Without a declared length as well.
    let mut endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    endless.extend_from_slice(&large);
    let error = with_answer(endless).await.upload(&upload()).await.unwrap_err();
    assert_eq!(error, uncertain(Method::Upload, too_large));

    let file = vec![b' '; 64 * 1024 * 1024 + 1];
    let error = with_answer(http("200 OK", &file)).await.download().await.unwrap_err();
    assert_eq!(error, uncertain(Method::Download, Uncertainty::TooLarge { max: 64 * 1024 * 1024 }));
}

#[tokio::test]
async fn secrets_stay_out_of_what_is_shown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = client(address);
    let error = client.upload(&upload()).await.unwrap_err();
    let shown = format!("{client:?} {error:?} {error}");
    for hidden in ["secret-password", "1234567890ABCDEF", "0102030405060708", &address.to_string()] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    let endpoint = Endpoint {
        base_url: "ftp://x".to_owned(),
        isp_id: 1,
        user_name: "u".to_owned(),
        password: Password::new("secret-password".to_owned()),
        secret: secret(),
        encryption: Encryption::Required,
    };
    assert!(!format!("{endpoint:?}").contains("secret-password"));
    let made = RegulatorClient::new(endpoint, Arc::new(Counting(AtomicU8::new(0))), Timeouts::default());
    assert_eq!(made.err(), Some(SetupError::BaseUrl));
}

#[tokio::test]
async fn a_filing_password_is_right_wrong_closed_or_unknown() {
    let number: RecordNumber = "粤ICP备2026000001号-1".parse().unwrap();
    let password = Personal::new("ABCD2345");
    for (code, result, verdict) in [
        (MessageCode::OK, Some(VerifyResult::Right), PasswordVerdict::Right),
        (MessageCode::OK, Some(VerifyResult::Wrong), PasswordVerdict::Wrong),
        (MessageCode::TOO_MANY_CHECKS, None, PasswordVerdict::TooManyTries),
        (MessageCode::OK, None, PasswordVerdict::Unknown),
        (MessageCode::OTHER, None, PasswordVerdict::Unknown),
    ] {
        let reply = VerifyReply { status: Status::of(code), result };
        let (address, asked) = answering(vec![ok(Method::VerifyBamm, &reply.to_xml())]).await;
        assert_eq!(client(address).verify_filing_password(&number, &password).await, Ok(verdict));
        let asked = String::from_utf8(asked.await.unwrap().remove(0)).unwrap();
        assert!(asked.starts_with("POST /below/BeianStatusWebService/verifyBamm "), "{asked}");
        assert!(asked.contains(">粤ICP备2026000001号-1<") && asked.contains(">ABCD2345<"), "{asked}");
    }
    let reply = VerifyReply { status: Status::of(MessageCode::WRONG_PASSWORD), result: None };
    let client = with_answer(ok(Method::VerifyBamm, &reply.to_xml())).await;
    let error = client.verify_filing_password(&number, &password).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Refused { code: MessageCode::WRONG_PASSWORD, .. }), "{error}");
}
