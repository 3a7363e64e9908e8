//! The conversation: who may call, sequence, seal, files and their acknowledgement.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use axum::body::Body;
use axum::http::{Request as HttpRequest, StatusCode};
use beian_wire::package::{Algorithms, Package};
use beian_wire::reply::{DownloadReply, QueryPreviousUploadReply, UploadReply};
use beian_wire::soap::{Credentials, DownloadRequest, QueryPreviousUploadRequest, Request, UploadRequest};
use beian_wire::upload::{UploadDocument, UploadOperation};
use beian_wire::{InterfaceVersion, Password, PasswordHash, RandVal, password_hash};
use chrono::TimeDelta;
use serde_json::json;
use support::{ISP, World, bytes, document, record, sealed, simple, website};

async fn previous(world: &World, credentials: Credentials) -> QueryPreviousUploadReply {
    let request = Request::QueryPreviousUpload(QueryPreviousUploadRequest { credentials, hash_algorithm: 0 });
    QueryPreviousUploadReply::from_xml(&world.call(&request).await).unwrap()
}

#[tokio::test]
async fn uploads_count_from_one_without_gaps() {
    let world = World::new();
    let reply = world.upload_package(4, sealed(&document(vec![simple()]))).await;
    assert_eq!((reply.status.code.0, reply.missing_sequences), (14, vec![1, 2, 3]));
    assert_eq!(world.upload(0, vec![simple()]).await, 999);
    assert!(previous(&world, world.credentials()).await.last.is_none());

    let first = sealed(&document(vec![simple()]));
    assert_eq!(world.upload_package(1, first.clone()).await.status.code.0, 0);
    assert_eq!(
        previous(&world, world.credentials()).await.last.map(|last| (last.sequence, last.package)),
        Some((1, first.clone()))
    );

    // The reply was lost: the same file again is the same upload.
    assert_eq!(world.upload_package(1, first).await.status.code.0, 0);
    let other = record(1, vec![website(2, "xizuo-two.cn", 1)]);
    let reply = world.upload_package(1, sealed(&document(vec![other.clone()]))).await;
    assert_eq!(reply.status.code.0, 999);
    assert!(reply.status.message.contains("expected the file that came as 1"), "{}", reply.status.message);

    let (_, uploads) = world.api("GET", "uploads", None).await;
    assert_eq!(uploads["uploads"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&uploads["uploads"][0]["received"], &uploads["uploads"][0]["filings"]),
        (&json!(2), &json!([1]))
    );
    assert_eq!(world.upload(2, vec![other]).await, 0);
}

#[tokio::test]
async fn a_hostile_sequence_number_gives_a_short_list() {
    let world = World::new();
    let reply = world.upload_package(i64::MAX.unsigned_abs(), sealed(&document(vec![simple()]))).await;
    assert_eq!((reply.status.code.0, reply.missing_sequences.len()), (14, 100));
}

#[tokio::test]
async fn callers_are_judged_in_one_order() {
    let world = World::new();
    let good = || world.credentials();
    let hash = |text: &str| {
        let rand_val = RandVal::received(&good().rand_val).unwrap();
        (rand_val.as_str().to_owned(), password_hash(&Password::new(text.to_owned()), &rand_val))
    };
    let (rand_val, wrong) = hash("wrong");
    for (name, credentials, code) in [
        ("number", Credentials { isp_id: 1, ..good() }, 4),
        ("user name", Credentials { user_name: "other".to_owned(), ..good() }, 4),
        (
            "user name before random",
            Credentials { user_name: "other".to_owned(), rand_val: "x".to_owned(), ..good() },
            4,
        ),
        ("short random", Credentials { rand_val: "AbCdEfGhIjKlMnOpQrS".to_owned(), ..good() }, 16),
        ("random with a sign", Credentials { rand_val: "AbCdEfGhIjKlMnOpQrS-".to_owned(), ..good() }, 12),
        ("password", Credentials { rand_val, password_hash: wrong, ..good() }, 5),
        ("empty digest", Credentials { password_hash: PasswordHash::received(String::new()), ..good() }, 5),
    ] {
        assert_eq!(previous(&world, credentials).await.status.code.0, code, "{name}");
    }
    let request =
        Request::QueryPreviousUpload(QueryPreviousUploadRequest { credentials: good(), hash_algorithm: 1 });
    assert_eq!(QueryPreviousUploadReply::from_xml(&world.call(&request).await).unwrap().status.code.0, 10);
}

#[tokio::test]
async fn a_recorded_call_cannot_be_played_again() {
    let world = World::new();
    let credentials = world.credentials();
    assert_eq!(previous(&world, credentials.clone()).await.status.code.0, 0);
    world.advance(TimeDelta::minutes(9));
    assert_eq!(previous(&world, credentials.clone()).await.status.code.0, 12);
    world.advance(TimeDelta::minutes(11));
    assert_eq!(previous(&world, credentials).await.status.code.0, 0);
}

#[tokio::test]
async fn seals_are_judged_in_one_order_and_nothing_is_stored() {
    let world = World::new();
    let good = || sealed(&document(vec![simple()]));
    let with = |algorithms| Package { algorithms, ..good() };
    let usual = Algorithms::USUAL;
    for (name, package, code) in [
        ("digest algorithm", with(Algorithms { hash: 1, encryption: 9, compression: 9 }), 10),
        ("cipher", with(Algorithms { encryption: 9, compression: 9, ..usual }), 9),
        ("compression", with(Algorithms { compression: 9, ..usual }), 11),
        ("not enciphered", Package { content_base64: "UEsDBA==".to_owned(), ..good() }, 6),
        ("digest", Package { hash_base64: "1B2M2Y8AsgTpgAmY7PhCfg==".to_owned(), ..good() }, 7),
        // The digest of "not a zip", in base64, over those bytes without a cipher.
        (
            "no archive",
            Package {
                content_base64: "bm90IGEgemlw".to_owned(),
                hash_base64: "8rVfy3Bg3yQHkHEOPQiHmA==".to_owned(),
                algorithms: Algorithms { encryption: 0, ..usual },
            },
            8,
        ),
    ] {
        let reply = world.upload_package(1, package).await;
        assert_eq!(reply.status.code.0, code, "{name}: {}", reply.status.message);
    }
    assert!(previous(&world, world.credentials()).await.last.is_none());
    assert_eq!(world.api("GET", "uploads", None).await.1, json!({ "uploads": [] }));
}

#[tokio::test]
async fn a_file_stays_until_it_is_acknowledged() {
    let world = World::new();
    assert!(world.peek_file().await.is_none());
    let mut bad = simple();
    bad.websites[0].domains[0].name = "www.xizuo-one.cn".to_owned();
    assert_eq!(world.upload(1, vec![bad.clone()]).await, 0);
    bad.sponsor.remark = Some("again".to_owned());
    assert_eq!(world.upload(2, vec![bad]).await, 0);
    let (first, _) = world.peek_file().await.unwrap();
    assert_eq!(first, "20261123120000_gd_1.xml");
    assert_eq!(world.peek_file().await.unwrap().0, first);
    assert_eq!(world.acknowledge("").await, 21);
    assert_eq!(world.acknowledge("20261123120000_gd_2.xml").await, 999, "not handed out yet");
    assert_eq!(world.acknowledge("other.xml").await, 999);
    assert_eq!(world.acknowledge(&first).await, 0);
    assert_eq!(world.acknowledge(&first).await, 0, "the reply may have been lost");
    assert_eq!(world.peek_file().await.unwrap().0, "20261123120000_gd_2.xml");
    assert_eq!(world.acknowledge(&first).await, 0);
    assert_eq!(
        world.peek_file().await.unwrap().0,
        "20261123120000_gd_2.xml",
        "an old name acknowledges nothing else"
    );
}

#[tokio::test]
async fn faults_of_a_whole_file_come_as_a_result_with_place_expected_and_got() {
    let world = World::new();
    let good = in_ascii(&document(vec![simple()]));
    let version = good.replace("version=\"V.3.0\"", "version=\"V.2.1\"");
    let unit = good.replace("<Qqdwid>440000000001</Qqdwid>", "<Qqdwid>7</Qqdwid>");
    let schema = good.replace("<Bbfs>1</Bbfs>", "<Bbfs>7</Bbfs>");
    let operation = good.replace("XZBA", "XZCJM");
    let cases: Vec<(Vec<u8>, u16, &str)> = vec![
        (version.into_bytes(), 5004, "/UploadData/@version: expected V.3.0, got V.2.1"),
        (unit.into_bytes(), 5003, "/UploadData/ICP/Qqdwid: expected 440000000001, got 7"),
        (schema.into_bytes(), 5001, "/UploadData/ICP/XZBA/Baxx[1]/Zt_xx/Bbfs: must be from 0 to 1, got 7"),
        (operation.into_bytes(), 5011, "XZCJM"),
        (
            b"<?xml version=\"1.0\" encoding=\"GBK\"?><UploadData>\x80\xFF</UploadData>".to_vec(),
            5008,
            "not text in GBK",
        ),
        (b"<UploadData><ICP>".to_vec(), 5001, "not well-formed"),
        (b"<!DOCTYPE a><UploadData/>".to_vec(), 5001, "document type"),
    ];
    for (sequence, (xml, code, particulars)) in (1..).zip(cases) {
        assert_eq!(world.upload_package(sequence, sealed(&xml)).await.status.code.0, 0, "{code}");
        let results = world.results().await;
        let item = &results.items[0];
        assert_eq!((results.items.len(), results.reviews.len(), item.subject.as_ref()), (1, 0, None));
        assert_eq!(item.findings[0].code.0, code);
        let description = item.findings[0].description.as_ref().unwrap();
        assert!(
            description.starts_with(&format!("upload {sequence}: ")) && description.contains(particulars),
            "{description}"
        );
    }
    assert_eq!(world.api("GET", "filings", None).await.1, json!({ "filings": [] }));
}

/// The same filing with ASCII text only, so that it can be edited as text.
fn in_ascii(xml: &[u8]) -> String {
    let document = UploadDocument::from_gbk_xml(xml).unwrap();
    let UploadOperation::NewFiling(mut records) = document.operation else { panic!("first filings") };
    let record = &mut records[0];
    record.sponsor.name = "Practice".to_owned();
    record.sponsor.investor = None;
    record.sponsor.address.detail = None;
    record.sponsor.certificate.residence = "Practice".to_owned();
    record.sponsor.principal.name = Some("Practice".to_owned());
    record.websites[0].name = "Practice".to_owned();
    record.websites[0].principal.name = "Practice".to_owned();
    let xml = UploadDocument {
        version: InterfaceVersion::v3_0(),
        operation: UploadOperation::NewFiling(records),
        requesting_unit: ISP,
    };
    String::from_utf8(xml.to_gbk_xml().unwrap()).unwrap()
}

#[tokio::test]
async fn ordered_faults_happen_once() {
    let world = World::new();
    let upload = || {
        Request::Upload(UploadRequest {
            credentials: world.credentials(),
            sequence: 1,
            package: sealed(&document(vec![simple()])),
        })
    };
    let post = |request: Request| {
        let path = request.method().service().path();
        world.send(HttpRequest::post(path).body(Body::from(request.to_envelope())).unwrap())
    };
    let order = |fault: &str| Some(json!({ "fault": fault, "when": { "next": 1 } }));
    world.api("POST", "faults", order("unavailable")).await;
    assert_eq!(post(upload()).await.status(), StatusCode::SERVICE_UNAVAILABLE);

    world.api("POST", "faults", order("cut-reply")).await;
    let response = post(upload()).await;
    assert!(axum::body::to_bytes(response.into_body(), 1 << 20).await.is_err(), "the connection breaks off");
    world.api("POST", "faults", order("garbled-reply")).await;
    let response = post(upload()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(beian_wire::soap::response_inner(beian_wire::Method::Upload, &bytes(response).await).is_err());
    let inner = world.call(&upload()).await;
    assert_eq!(UploadReply::from_xml(&inner).unwrap().status.code.0, 0);
    let (_, uploads) = world.api("GET", "uploads", None).await;
    assert_eq!(uploads["uploads"].as_array().unwrap().len(), 1);
    assert_eq!(uploads["uploads"][0]["received"], json!(3), "held exactly once, received three times");
}

#[tokio::test]
async fn a_file_with_a_wrong_digest_goes_out_once() {
    use beian_wire::package::{Limits, PackageError, open};
    let world = World::new();
    let mut bad = simple();
    bad.websites[0].contents = vec![64];
    world.upload(1, vec![bad]).await;
    world.api("POST", "faults", Some(json!({ "fault": "wrong-digest", "when": { "next": 1 } }))).await;
    let request = Request::Download(DownloadRequest { credentials: world.credentials(), hash_algorithm: 0 });
    let file = DownloadReply::from_xml(&world.call(&request).await).unwrap().file.unwrap();
    assert_eq!(open(&file.package, &support::secret(), &Limits::default()), Err(PackageError::HashMismatch));
    assert!(world.peek_file().await.is_some());
}

#[tokio::test]
async fn a_waiting_room_is_ordered_by_name_and_called_off() {
    let world = World::new();
    for (fault, code) in
        [("outside-hours", 20), ("maintenance", 901), ("queue-full", 15), ("not-entitled", 19), ("gap", 14)]
    {
        let order = json!({ "fault": fault, "when": { "next": 1 } });
        assert_eq!(world.api("POST", "faults", Some(order)).await.0, StatusCode::OK);
        assert_eq!(world.upload(1, vec![simple()]).await, code, "{fault}");
    }
    assert!(previous(&world, world.credentials()).await.last.is_none(), "nothing was taken in");
    world.api("POST", "faults", Some(json!({ "fault": "maintenance", "when": "always" }))).await;
    let request = Request::Download(DownloadRequest { credentials: world.credentials(), hash_algorithm: 0 });
    assert_eq!(DownloadReply::from_xml(&world.call(&request).await).unwrap().status.code.0, 902);
    let (_, ordered) = world.api("GET", "faults", None).await;
    assert_eq!(ordered["planned"], json!([{ "fault": "maintenance", "when": "always" }]));
    let (_, ordered) = world.api("DELETE", "faults", None).await;
    assert_eq!(ordered["planned"], json!([]));
    assert_eq!(world.upload(1, vec![simple()]).await, 0);
    let (status, answer) = world.api("POST", "faults", Some(json!({ "fault": "earthquake" }))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
}

#[tokio::test]
async fn a_file_comes_twice_or_by_half() {
    use beian_wire::package::{Limits, open};
    let world = World::new();
    let mut bad = simple();
    bad.websites[0].contents = vec![64];
    for sequence in [1, 2] {
        bad.sponsor.remark = Some(sequence.to_string());
        world.upload(sequence, vec![bad.clone()]).await;
    }
    let fetch = async || {
        let credentials = world.credentials();
        let request = Request::Download(DownloadRequest { credentials, hash_algorithm: 0 });
        DownloadReply::from_xml(&world.call(&request).await).unwrap().file.unwrap()
    };
    world.api("POST", "faults", Some(json!({ "fault": "half-file", "when": { "next": 1 } }))).await;
    let half = fetch().await;
    assert!(open(&half.package, &support::secret(), &Limits::default()).is_err());
    let first = fetch().await;
    assert!(open(&first.package, &support::secret(), &Limits::default()).is_ok());
    assert_eq!(world.acknowledge(first.name.as_str()).await, 0);
    world.api("POST", "faults", Some(json!({ "fault": "duplicate-file", "when": { "next": 1 } }))).await;
    assert_eq!(fetch().await.name, first.name);
    assert_ne!(fetch().await.name, first.name);
}

#[tokio::test]
async fn services_describe_themselves_and_refuse_what_is_not_theirs() {
    let world = World::new();
    for service in beian_wire::Service::ALL {
        let request = HttpRequest::get(format!("{}?wsdl", service.path()))
            .header("host", "example.com:8")
            .body(Body::empty());
        let response = world.send(request.unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        let text = String::from_utf8(bytes(response).await).unwrap();
        assert!(text.contains(&format!("http://example.com:8{}", service.path())), "{text}");
        let plain = world.send(HttpRequest::get(service.path()).body(Body::empty()).unwrap()).await;
        assert_eq!(plain.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
    let call = Request::QueryPreviousUpload(QueryPreviousUploadRequest {
        credentials: world.credentials(),
        hash_algorithm: 0,
    });
    for (path, body) in [
        ("/BeianStatusWebService/verifyBamm", call.to_envelope()),
        ("/ISPWebService/upDownLoad", "not xml".to_owned()),
        ("/ISPWebService/upDownLoad", String::new()),
    ] {
        let response = world.send(HttpRequest::post(path).body(Body::from(body)).unwrap()).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(String::from_utf8(bytes(response).await).unwrap().contains("Fault"));
    }
}
