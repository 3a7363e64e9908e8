//! Envelopes and the documents inside them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod support;

use beian_wire::package::{Algorithms, Package};
use beian_wire::reply::*;
use beian_wire::soap::*;
use beian_wire::{FileName, MessageCode, Method, Password, PasswordHash, RandVal, Service, password_hash};
use proptest::option;
use proptest::prelude::*;
use support::{assert_valid, ministry_schema, our_schema, run};

fn any_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![4 => proptest::char::range(' ', '~'), 1 => proptest::char::range('\u{4E00}', '\u{9FFF}'), 1 => proptest::sample::select(vec!['<', '&', '\r', '\n', '𠮷', ']'])],
        0..40,
    )
    .prop_map(|characters| characters.into_iter().collect())
}

fn package() -> impl Strategy<Value = Package> {
    ("[A-Za-z0-9+/]{0,80}", "[A-Za-z0-9+/]{21}[AQgw]==", 0..=3_i32, 0..=3_i32, 0..=i32::MAX).prop_map(
        |(content, hash_base64, hash, encryption, compression)| Package {
            content_base64: content.chars().take(content.len() / 4 * 4).collect(),
            hash_base64,
            algorithms: Algorithms { hash, encryption, compression },
        },
    )
}

fn condition() -> impl Strategy<Value = QueryCondition> {
    prop_oneof![
        any_text().prop_map(QueryCondition::Domain),
        (1..=98_u8, any_text()).prop_map(|(kind, number)| QueryCondition::Certificate { kind, number }),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let credentials =
        (any::<u64>(), any_text(), any_text(), any_text()).prop_map(|(isp_id, user_name, rand_val, hash)| {
            Credentials { isp_id, user_name, rand_val, password_hash: PasswordHash::received(hash) }
        });
    (credentials, any::<i32>(), any::<u64>(), package(), condition(), any_text(), any_text(), 0..6_usize)
        .prop_map(
            |(credentials, hash_algorithm, sequence, package, condition, one, two, which)| match which {
                0 => Request::Upload(UploadRequest { credentials, sequence, package }),
                1 => Request::Download(DownloadRequest { credentials, hash_algorithm }),
                2 => Request::DownloadAck(DownloadAckRequest { credentials, hash_algorithm, file_name: one }),
                3 => Request::QueryPreviousUpload(QueryPreviousUploadRequest { credentials, hash_algorithm }),
                4 => Request::QueryBeianStatus(QueryBeianStatusRequest {
                    credentials,
                    hash_algorithm,
                    condition,
                }),
                _ => Request::VerifyBamm(VerifyBammRequest {
                    credentials,
                    hash_algorithm,
                    filing_number: one,
                    filing_password: two,
                }),
            },
        )
}

fn status() -> impl Strategy<Value = Status> {
    (0..=999_u16, any_text())
        .prop_map(|(code, message)| Status { code: MessageCode(code), message: message.trim().to_owned() })
}

fn file_name() -> impl Strategy<Value = FileName> {
    "[a-zA-Z0-9_]{1,128}".prop_map(|name| name.parse().unwrap())
}

/// An inner document as a schema can read it: in the encoding that it really has,
/// with a message of the length the ministry's schema insists on.
fn for_schema(inner: &str) -> Vec<u8> {
    inner.replace("encoding=\"GBK\"", "encoding=\"UTF-8\"").into_bytes()
}

fn padded(status: &Status) -> Status {
    Status { code: status.code, message: "长".repeat(256) }
}

fn follows(inner: &str, ours: &str) {
    assert_valid(&our_schema(ours), &for_schema(inner));
}

fn follows_ministry(inner: &str, name: &str) {
    if let Some(schema) = ministry_schema(name) {
        assert_valid(&schema, &for_schema(inner));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn requests_come_back(request in request()) {
        let envelope = request.to_envelope();
        prop_assert_eq!(Request::from_envelope(envelope.as_bytes()).unwrap(), request);
    }

    #[test]
    fn inner_documents_come_back(method in proptest::sample::select(Method::ALL.to_vec()), inner in any_text()) {
        let envelope = response_envelope(method, &inner);
        prop_assert_eq!(response_inner(method, envelope.as_bytes()).unwrap(), inner);
    }

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..2000), text in any_text()) {
        prop_assert!(Request::from_envelope(&bytes).is_err());
        prop_assert!(response_inner(Method::Upload, &bytes).is_err());
        prop_assert!(DownloadReply::from_xml(&text).is_err());
    }

    #[test]
    fn damaged_envelopes_do_no_harm(request in request(), at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = request.to_envelope().into_bytes();
        let position = at.index(bytes.len());
        bytes[position] = to;
        let _ = Request::from_envelope(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        prop_assert!(Request::from_envelope(&bytes).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn upload_replies_come_back(status in status(), missing_sequences in proptest::collection::vec(0..9999_u64, 0..4)) {
        let mut reply = UploadReply { status, missing_sequences };
        let inner = reply.to_xml();
        prop_assert_eq!(&UploadReply::from_xml(&inner).unwrap(), &reply);
        follows(&inner, "return-upload.xsd");
        reply.status = padded(&reply.status);
        follows_ministry(&reply.to_xml(), "upload-return.xsd");
    }

    #[test]
    fn download_replies_come_back(status in status(), file in option::of((file_name(), package()))) {
        let mut reply = DownloadReply { status, file: file.map(|(name, package)| ReplyFile { name, package }) };
        let inner = reply.to_xml();
        prop_assert_eq!(&DownloadReply::from_xml(&inner).unwrap(), &reply);
        follows(&inner, "return-download.xsd");
        reply.status = padded(&reply.status);
        follows_ministry(&reply.to_xml(), "download-return.xsd");
    }

    #[test]
    fn acknowledgement_replies_come_back(status in status()) {
        let mut reply = DownloadAckReply { status };
        let inner = reply.to_xml();
        prop_assert_eq!(&DownloadAckReply::from_xml(&inner).unwrap(), &reply);
        follows(&inner, "return-downloadack.xsd");
        reply.status = padded(&reply.status);
        follows_ministry(&reply.to_xml(), "downloadack-return.xsd");
    }

    #[test]
    fn previous_upload_replies_come_back(status in status(), last in option::of((1..9999_u64, option::of(file_name()), package()))) {
        let mut reply = QueryPreviousUploadReply { status, last: last.map(|(sequence, name, package)| LastUpload { sequence, name, package }) };
        let inner = reply.to_xml();
        prop_assert_eq!(&QueryPreviousUploadReply::from_xml(&inner).unwrap(), &reply);
        follows(&inner, "return-querypreviousupload.xsd");
        reply.status = padded(&reply.status);
        follows_ministry(&reply.to_xml(), "querypreviousupload-return.xsd");
    }

    #[test]
    fn status_replies_come_back(
        status in status(),
        info in option::of((1..=98_u8, support::text(4, 255), option::of((option::of(support::text(1, 50)), option::of(support::text(1, 50)), option::of(support::text(1, 50)))))),
        domain in any::<bool>(),
    ) {
        let info = info.map(|(kind, value, filed)| StatusInfo {
            condition: if domain { QueryCondition::Domain(value) } else { QueryCondition::Certificate { kind, number: value } },
            state: match filed {
                None => FilingState::NotFiled,
                Some((sponsor_number, website_number, website_name)) => FilingState::Filed { sponsor_number, website_number, website_name },
            },
        });
        let mut reply = BeianStatusReply { status, info };
        let inner = reply.to_xml();
        prop_assert_eq!(&BeianStatusReply::from_xml(&inner).unwrap(), &reply);
        follows(&inner, "return-querybeianstatus.xsd");
        reply.status = padded(&reply.status);
        follows_ministry(&reply.to_xml(), "querybeianstatus-return.xsd");
    }

    #[test]
    fn verification_replies_come_back(status in status(), result in option::of(prop_oneof![Just(VerifyResult::Right), Just(VerifyResult::Wrong)])) {
        let reply = VerifyReply { status, result };
        let inner = reply.to_xml();
        prop_assert_eq!(&VerifyReply::from_xml(&inner).unwrap(), &reply);
        follows(&inner, "return-verifybamm.xsd");
    }
}

fn status_query() -> Request {
    Request::QueryBeianStatus(QueryBeianStatusRequest {
        credentials: Credentials {
            isp_id: 110_000_000_001,
            user_name: "u".into(),
            rand_val: "AbCdEfGhIjKlMnOpQrSt".into(),
            password_hash: PasswordHash::received("GWhaMm313T+ys5WBOJI3vw==".into()),
        },
        hash_algorithm: 0,
        condition: QueryCondition::Domain("example-one.cn".into()),
    })
}

/// The form of the client that is known to work with the real service.
#[test]
fn the_envelope_has_the_known_form() {
    let expected = concat!(
        r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" "#,
        r#"xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>"#,
        r#"<isp_querybeianstatus xmlns="http://www.miibeian.gov.cn"><ispID xmlns="">110000000001</ispID><userName xmlns="">u</userName>"#,
        r#"<randVal xmlns="">AbCdEfGhIjKlMnOpQrSt</randVal><pwdHash xmlns="">GWhaMm313T+ys5WBOJI3vw==</pwdHash><hashAlgorithm xmlns="">0</hashAlgorithm>"#,
        r#"<queryConditionType xmlns="">0</queryConditionType><queryCondition xmlns="">example-one.cn</queryCondition></isp_querybeianstatus>"#,
        r#"</soapenv:Body></soapenv:Envelope>"#
    );
    assert_eq!(status_query().to_envelope(), expected);
}

#[test]
fn other_forms_of_a_call_are_understood() {
    let forms = [
        // Qualified, with a header, another prefix, lower-case identifier, another order.
        r#"<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header><a:b xmlns:a="x"><a:c/></a:b></S:Header><S:Body>
            <q:isp_querybeianstatus xmlns:q="http://www.miibeian.gov.cn">
              <q:queryCondition>example-one.cn</q:queryCondition><q:queryConditionType> 0 </q:queryConditionType>
              <q:hashAlgorithm>0</q:hashAlgorithm><q:pwdHash>GWhaMm313T+ys5WBOJI3vw==</q:pwdHash>
              <q:randVal>AbCdEfGhIjKlMnOpQrSt</q:randVal><q:userName>u</q:userName><q:ispId>110000000001</q:ispId>
            </q:isp_querybeianstatus></S:Body></S:Envelope>"#,
        // Without any prefix, with an element that we do not know, and CDATA.
        r#"<Envelope><Body><isp_querybeianstatus><ispID>110000000001</ispID><userName><![CDATA[u]]></userName><extra/>
            <randVal>AbCdEfGhIjKlMnOpQrSt</randVal><pwdHash>GWhaMm313T&#43;ys5WBOJI3vw==</pwdHash><hashAlgorithm>0</hashAlgorithm>
            <queryConditionType>0</queryConditionType><queryCondition>example-one.cn</queryCondition></isp_querybeianstatus></Body></Envelope>"#,
    ];
    for form in forms {
        assert_eq!(Request::from_envelope(form.as_bytes()).unwrap(), status_query(), "{form}");
    }
    let gbk = "<?xml version='1.0' encoding='GBK'?><Envelope><Body><isp_download><ispId>1</ispId><userName>张样本</userName><hashAlgorithm>0</hashAlgorithm></isp_download></Body></Envelope>";
    let request =
        Request::from_envelope(&run("iconv", &["-f", "UTF-8", "-t", "GBK"], gbk.as_bytes())).unwrap();
    assert_eq!(
        (request.credentials().user_name.as_str(), request.credentials().rand_val.as_str()),
        ("张样本", "")
    );
}

#[test]
fn what_is_no_call() {
    let body =
        |body: &str| Request::from_envelope(format!("<Envelope><Body>{body}</Body></Envelope>").as_bytes());
    let parameter = |name| Err(EnvelopeError::Parameter { name });
    assert_eq!(body("<isp_download/>"), parameter("ispId"));
    assert_eq!(body("<isp_download><ispId>1</ispId><ispID>1</ispID></isp_download>"), parameter("ispId"));
    assert_eq!(body("<isp_download><ispId>-1</ispId></isp_download>"), parameter("ispId"));
    assert_eq!(
        body("<isp_download><ispId>1</ispId><userName><b/></userName></isp_download>"),
        parameter("userName")
    );
    assert_eq!(body("<isp_download><ispId>1</ispId></isp_download>"), parameter("hashAlgorithm"));
    let query = "<ispId>1</ispId><hashAlgorithm>0</hashAlgorithm><queryConditionType>99</queryConditionType>";
    assert_eq!(
        body(&format!("<isp_querybeianstatus>{query}</isp_querybeianstatus>")),
        parameter("queryConditionType")
    );
    assert_eq!(body("<isp_other/>"), Err(EnvelopeError::UnknownMethod { name: "isp_other".into() }));
    assert_eq!(body("<isp_download/><isp_download/>"), Err(EnvelopeError::NotSoap));
    assert_eq!(body(""), Err(EnvelopeError::NotSoap));
    assert_eq!(Request::from_envelope(b"<Body/>"), Err(EnvelopeError::NotSoap));
    assert_eq!(Request::from_envelope(b"<!DOCTYPE a><Envelope/>"), Err(EnvelopeError::NotXml));
    assert_eq!(Request::from_envelope("<a>".repeat(100).as_bytes()), Err(EnvelopeError::NotXml));
    assert_eq!(Request::from_envelope(b"<a>\xFF</a>"), Err(EnvelopeError::NotText));
    let large = vec![b' '; MAX_ENVELOPE_BYTES + 1];
    assert_eq!(
        Request::from_envelope(&large),
        Err(EnvelopeError::TooLarge { max: MAX_ENVELOPE_BYTES, got: MAX_ENVELOPE_BYTES + 1 })
    );
}

#[test]
fn faults_and_wrong_answers() {
    let fault = Fault { code: FaultCode::Client, message: "no <such> method".into() };
    let read = response_inner(Method::Upload, fault.to_envelope().as_bytes());
    assert_eq!(read, Err(EnvelopeError::Fault(fault)));
    let foreign = "<e:Envelope xmlns:e='x'><e:Body><e:Fault><faultcode>e:Server.userException</faultcode><faultstring>x</faultstring><detail><a>b</a></detail></e:Fault></e:Body></e:Envelope>";
    assert_eq!(
        response_inner(Method::Upload, foreign.as_bytes()),
        Err(EnvelopeError::Fault(Fault { code: FaultCode::Server, message: "x".into() }))
    );
    let other = response_envelope(Method::Download, "x");
    assert_eq!(
        response_inner(Method::Upload, other.as_bytes()),
        Err(EnvelopeError::UnknownMethod { name: "isp_downloadResponse".into() })
    );
    let empty = "<Envelope><Body><isp_uploadResponse/></Body></Envelope>";
    assert_eq!(response_inner(Method::Upload, empty.as_bytes()), Err(EnvelopeError::NotSoap));
}

#[test]
fn replies_as_they_were_seen() {
    // No version, line ends in the base64, elements we do not know.
    let inner = "<?xml version=\"1.0\" encoding=\"GBK\"?>\n<return><msg_code>3</msg_code><msg>好</msg><new/><fileInfos>\
        <hashAlgorithm>0</hashAlgorithm><compressionFormat>0</compressionFormat><encryptAlgorithm>1</encryptAlgorithm>\
        <return_FileName>20260325145800_zj_3058.xml</return_FileName><beianInfo>AAAA\nAAAA\n</beianInfo><beianInfoHash>p3GB9o+UziwhtYjUxkL5mg==\n</beianInfoHash></fileInfos></return>";
    let reply = DownloadReply::from_xml(inner).unwrap();
    assert_eq!(reply.status, Status { code: MessageCode::MORE_FILES, message: "好".into() });
    assert_eq!(reply.file.unwrap().name.as_str(), "20260325145800_zj_3058.xml");
    assert!(DownloadReply::from_xml(&inner.replace("20260325145800_zj_3058.xml", "../x")).is_err());
    assert!(DownloadReply::from_xml(&inner.replace("<msg_code>3", "<msg_code>1000")).is_err());

    let nothing = QueryPreviousUploadReply { status: Status::of(MessageCode::OK), last: None };
    assert!(nothing.to_xml().contains(
        "<dataSequence>0</dataSequence><return_FileName></return_FileName><beianInfo></beianInfo>"
    ));
    assert_eq!(QueryPreviousUploadReply::from_xml(&nothing.to_xml()).unwrap(), nothing);

    let long = DownloadAckReply { status: Status { code: MessageCode::OTHER, message: "长".repeat(300) } };
    assert_eq!(DownloadAckReply::from_xml(&long.to_xml()).unwrap().status.message.chars().count(), 256);
}

#[test]
fn password_digest_of_chinese_passwords_is_over_gbk() {
    let rand_val = RandVal::from_random([3; 20]);
    let ours = password_hash(&Password::new("密码Pass1".into()), &rand_val);
    let gbk =
        run("iconv", &["-f", "UTF-8", "-t", "GBK"], format!("密码Pass1{}", rand_val.as_str()).as_bytes());
    let digest = run("openssl", &["dgst", "-md5", "-binary"], &gbk);
    assert_eq!(ours.as_str().as_bytes(), run("base64", &[], &digest).trim_ascii_end());
}

#[test]
fn descriptions_are_well_formed_and_complete() {
    for service in Service::ALL {
        let wsdl = service.wsdl("http://127.0.0.1:8080/a?b=1&c=2");
        run("xmllint", &["--noout", "-"], wsdl.as_bytes());
        assert!(wsdl.contains("location=\"http://127.0.0.1:8080/a?b=1&amp;c=2\""));
        for method in Method::ALL {
            assert_eq!(
                wsdl.contains(&format!("<wsdl:operation name=\"{method}\">")),
                method.service() == service
            );
        }
    }
}

#[test]
fn secrets_and_personal_data_stay_out_of_debug() {
    let request = Request::QueryBeianStatus(QueryBeianStatusRequest {
        credentials: status_query().credentials().clone(),
        hash_algorithm: 0,
        condition: QueryCondition::Certificate { kind: 2, number: "110101199001010007".into() },
    });
    let shown = format!("{request:?}");
    for secret in ["110101199001010007", "GWhaMm313T", "AbCdEfGh"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
