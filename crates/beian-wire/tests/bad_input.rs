//! What the other side may do to us, attack by attack. Files are attacked as such in
//! `documents.rs` and `streams.rs`, archives in `packages.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod support;

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use allocation_counter::measure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beian_wire::download::DownloadDocument;
use beian_wire::package::{Algorithms, Limits, Package, PackageError, SharedSecret, open, seal};
use beian_wire::reply::DownloadReply;
use beian_wire::soap::{EnvelopeError, MAX_ENVELOPE_BYTES, Request, response_inner};
use beian_wire::upload::UploadDocument;
use beian_wire::{FileName, MAX_XML_BYTES, MessageCode, Method, ReadError};
use md5::{Digest as _, Md5};
use support::mutations::mutations;
use support::our_schema;
use support::schema::{Amount, KINDS, Schema};

const KEY: [u8; 16] = *b"1234567890ABCDEF";
const IV: [u8; 16] = *b"0102030405060708";

fn secret() -> SharedSecret {
    SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap()
}

fn opened(package: &Package) -> Result<Vec<u8>, PackageError> {
    open(package, &secret(), &Limits::default())
}

/// A package of what is padded already, or is not, with the digest of something.
fn package_of(padded: &[u8], digested: &[u8]) -> Package {
    let mut content = padded.to_vec();
    let length = content.len();
    let sealed = cbc::Encryptor::<aes::Aes128>::new(&KEY.into(), &IV.into())
        .encrypt_padded::<NoPadding>(&mut content, length)
        .unwrap();
    Package {
        content_base64: STANDARD.encode(sealed),
        hash_base64: STANDARD.encode(Md5::digest(digested)),
        algorithms: Algorithms::USUAL,
    }
}

fn envelope(parameters: &str) -> String {
    format!("<Envelope><Body><isp_download>{parameters}</isp_download></Body></Envelope>")
}

const PARAMETERS: &str = "<ispID>1</ispID><userName>u</userName><randVal>r</randVal><pwdHash>h</pwdHash><hashAlgorithm>0</hashAlgorithm>";

#[test]
fn entities_are_not_expanded_and_documents_bring_no_types() {
    let laughs = "<!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;\">]>";
    let outside = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>";
    for begin in [laughs, outside] {
        let request = format!("{begin}{}", envelope(&PARAMETERS.replace("<userName>u", "<userName>&d;")));
        assert_eq!(Request::from_envelope(request.as_bytes()), Err(EnvelopeError::NotXml));
        assert_eq!(response_inner(Method::Upload, request.as_bytes()), Err(EnvelopeError::NotXml));
        let reply = format!("{begin}<return><msg_code>0</msg_code><msg>&d;</msg></return>");
        assert_eq!(DownloadReply::from_xml(&reply), Err(ReadError::Doctype));
        let file = format!("{begin}<UploadData version='V.3.0'><ICP>&d;</ICP></UploadData>");
        assert_eq!(UploadDocument::from_gbk_xml(file.as_bytes()), Err(ReadError::Doctype));
        let file = file.replace("UploadData", "DownloadData");
        assert_eq!(DownloadDocument::from_gbk_xml(file.as_bytes()), Err(ReadError::Doctype));
    }
    let undeclared = envelope(&PARAMETERS.replace("<userName>u", "<userName>&b;"));
    assert_eq!(Request::from_envelope(undeclared.as_bytes()), Err(EnvelopeError::NotXml));
}

#[test]
fn nesting_and_number_of_elements_are_bounded() {
    for inner in ["<a>".repeat(1_000_000), "<a/>".repeat(1_000_000)] {
        let request = envelope(&format!("{PARAMETERS}{inner}"));
        assert_eq!(Request::from_envelope(request.as_bytes()), Err(EnvelopeError::NotXml));
        assert_eq!(response_inner(Method::Download, request.as_bytes()), Err(EnvelopeError::NotXml));
        let reply = format!("<return><msg_code>0</msg_code>{inner}");
        assert!(DownloadReply::from_xml(&reply).is_err());
    }
}

#[test]
fn what_is_too_long_is_refused_by_its_length_before_it_is_read() {
    let package = Package {
        content_base64: "A".repeat(MAX_XML_BYTES * 2),
        hash_base64: "p3GB9o+UziwhtYjUxkL5mg==".to_owned(),
        algorithms: Algorithms::USUAL,
    };
    let envelope = vec![b' '; MAX_ENVELOPE_BYTES + 1];
    let file = vec![b' '; MAX_XML_BYTES + 1];
    let info = measure(|| {
        assert_eq!(opened(&package), Err(PackageError::TooLarge { max: MAX_XML_BYTES }));
        let too_large = EnvelopeError::TooLarge { max: MAX_ENVELOPE_BYTES, got: MAX_ENVELOPE_BYTES + 1 };
        assert_eq!(Request::from_envelope(&envelope), Err(too_large.clone()));
        assert_eq!(response_inner(Method::Download, &envelope), Err(too_large));
        let too_large = ReadError::TooLarge { max: MAX_XML_BYTES, got: MAX_XML_BYTES + 1 };
        assert_eq!(UploadDocument::from_gbk_xml(&file), Err(too_large.clone()));
        assert_eq!(DownloadDocument::from_gbk_xml(&file), Err(too_large));
    });
    assert_eq!(info.bytes_total, 0, "none of it was copied anywhere");
    assert_eq!(PackageError::TooLarge { max: 1 }.message_code(), MessageCode(18));
}

#[test]
fn wrong_encodings_are_no_text() {
    let utf16: Vec<u8> = envelope(PARAMETERS).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut cases = vec![
        [&b"\xFF\xFE"[..], &utf16].concat(),
        [b"<?xml version='1.0' encoding='UTF-16'?>", envelope(PARAMETERS).as_bytes()].concat(),
        [b"<?xml version='1.0' encoding='Big5'?>", envelope(PARAMETERS).as_bytes()].concat(),
        [b"<?xml version='1.0' encoding='none'?>", envelope(PARAMETERS).as_bytes()].concat(),
        [b"\xEF\xBB\xBF", envelope(PARAMETERS).as_bytes(), b"\xBC\xD7"].concat(),
        [envelope(PARAMETERS).as_bytes(), b"\xC0\x80"].concat(),
        [envelope(PARAMETERS).as_bytes(), b"\xED\xA0\x80"].concat(),
    ];
    for case in &cases {
        assert_eq!(Request::from_envelope(case), Err(EnvelopeError::NotText), "{case:?}");
    }
    cases.truncate(4);
    for case in &mut cases {
        let text = String::from_utf8_lossy(case).replace("Envelope", "UploadData").into_bytes();
        let text = if case.starts_with(b"\xFF\xFE") { case.clone() } else { text };
        assert_eq!(UploadDocument::from_gbk_xml(&text), Err(ReadError::NotText), "{text:?}");
    }
}

#[test]
fn a_wrong_vector_or_key_looks_like_a_wrong_digest() {
    let good = seal(b"<a/>", &FileName::upload_entry(), &secret()).unwrap();
    assert_eq!(opened(&good).unwrap(), b"<a/>");
    for (key, iv) in [
        ("1234567890ABCDEF", "0102030405060709"),
        ("1234567890ABCDEF", "8070605040302010"),
        ("1234567890ABCDEG", "0102030405060708"),
        ("FEDCBA0987654321", "0102030405060708"),
    ] {
        let other = SharedSecret::from_ascii(key, iv).unwrap();
        let error = open(&good, &other, &Limits::default()).unwrap_err();
        assert_eq!((error, error.message_code()), (PackageError::HashMismatch, MessageCode(7)), "{key} {iv}");
    }
}

#[test]
fn wrong_padding_looks_like_a_wrong_digest_and_only_a_wrong_length_does_not_decipher() {
    let archive = b"sixteen bytes ..sixteen bytes ..";
    let with = |end: &[u8]| [&archive[..32 - end.len()], end].concat();
    // Nothing that the last block may end with tells more than 7.
    for last in 0..=255_u8 {
        let padded = with(&[last]);
        let kept = 32 - usize::from(last.clamp(1, 16));
        // Even if the digest is that of what would be left.
        let package = package_of(&padded, &padded[..kept]);
        let expected = if last == 1 { PackageError::Unzip } else { PackageError::HashMismatch };
        assert_eq!(opened(&package), Err(expected), "padding {last}");
    }
    for end in [&[2, 3][..], &[3, 2, 3], &[16; 15], &[0; 16], &[17; 17]] {
        let padded = with(end);
        for kept in 0..=32 {
            assert_eq!(
                opened(&package_of(&padded, &padded[..kept])),
                Err(PackageError::HashMismatch),
                "{end:?}"
            );
        }
    }
    // What is padded well is digested without its padding.
    let whole = package_of(&with(&[16; 16]), &archive[..16]);
    assert_eq!(opened(&whole), Err(PackageError::Unzip));

    let good = package_of(&with(&[1]), &archive[..31]);
    let sealed = STANDARD.decode(&good.content_base64).unwrap();
    for length in (0..sealed.len()).filter(|length| length % 16 != 0 || *length == 0) {
        let cut = Package { content_base64: STANDARD.encode(&sealed[..length]), ..good.clone() };
        let error = opened(&cut).unwrap_err();
        assert_eq!((error, error.message_code()), (PackageError::Decrypt, MessageCode(6)), "{length}");
    }
    let cut = Package { content_base64: STANDARD.encode(&sealed[..16]), ..good };
    assert_eq!(opened(&cut), Err(PackageError::HashMismatch));
}

/// The way to the answer is the same, so that its length tells nothing either: no step is
/// left out for wrong padding. (Times would tell of the machine.)
#[test]
fn wrong_padding_costs_what_a_wrong_digest_costs() {
    let content: Vec<u8> = (0..160_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let with_end = |end: u8| {
        let mut padded = content.clone();
        padded[content.len() - 16..].fill(end);
        package_of(&padded, b"something else")
    };
    let costs = [0, 1, 15, 16, 17, 255].map(|end| {
        let package = with_end(end);
        let info = measure(|| assert_eq!(opened(&package), Err(PackageError::HashMismatch)));
        (info.count_total, info.bytes_total, info.bytes_max)
    });
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
}

#[test]
fn numbers_out_of_range_are_refused() {
    let good = envelope(PARAMETERS);
    assert!(Request::from_envelope(good.as_bytes()).is_ok());
    for number in ["-1", "18446744073709551616", "1.0", "0x1", "", "1e3", "９"] {
        let bad = good.replace("<ispID>1<", &format!("<ispID>{number}<"));
        assert_eq!(
            Request::from_envelope(bad.as_bytes()),
            Err(EnvelopeError::Parameter { name: "ispId" }),
            "{number}"
        );
    }
    for number in ["2147483648", "-2147483649", "x"] {
        let bad = good.replace("Algorithm>0<", &format!("Algorithm>{number}<"));
        let expected = Err(EnvelopeError::Parameter { name: "hashAlgorithm" });
        assert_eq!(Request::from_envelope(bad.as_bytes()), expected, "{number}");
    }
    // And in every element of every kind of file that holds a number.
    let mut tried = 0;
    for kind in KINDS {
        let name = if kind.root == "UploadData" { "upload.xsd" } else { "download.xsd" };
        let text = Schema::load(&our_schema(name)).document(kind, Amount::All, 3);
        for (path, value) in support::schema::Node::read(text.as_bytes()).leaves() {
            if value.parse::<u64>().is_err() {
                continue;
            }
            let element = path.rsplit('/').next().unwrap();
            for number in ["-1", "9223372036854775808", "18446744073709551616", "1.5", "x"] {
                let bad = text.replacen(
                    &format!("<{element}>{value}</{element}>"),
                    &format!("<{element}>{number}</{element}>"),
                    1,
                );
                assert_ne!(bad, text);
                let is_read = match kind.root {
                    "UploadData" => UploadDocument::from_gbk_xml(bad.as_bytes()).is_ok(),
                    _ => DownloadDocument::from_gbk_xml(bad.as_bytes()).is_ok(),
                };
                assert!(!is_read, "{path}: {number}");
                tried += 1;
            }
        }
    }
    assert!(tried > 2000, "{tried}");
}

/// Elements out of order are no attack but a habit: they mean the same.
#[test]
fn elements_in_another_order_mean_the_same_in_every_kind() {
    let mut tried = 0;
    for kind in KINDS {
        let name = if kind.root == "UploadData" { "upload.xsd" } else { "download.xsd" };
        let text = Schema::load(&our_schema(name)).document(kind, Amount::All, 3);
        for (what, swapped) in mutations(&text).into_iter().filter(|(what, _)| what.starts_with("swapped")) {
            let is_same = match kind.root {
                "UploadData" => {
                    UploadDocument::from_gbk_xml(swapped.as_bytes())
                        == UploadDocument::from_gbk_xml(text.as_bytes())
                }
                _ => {
                    DownloadDocument::from_gbk_xml(swapped.as_bytes())
                        == DownloadDocument::from_gbk_xml(text.as_bytes())
                }
            };
            assert!(is_same, "{} {what}", kind.name());
            tried += 1;
        }
    }
    assert!(tried > 150, "{tried}");
}
