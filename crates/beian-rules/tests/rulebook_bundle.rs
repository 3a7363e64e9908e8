//! Snapshots, signed bundles and received tables: the same rulebook, or none.
#![cfg(test)]

use std::collections::BTreeMap;

use beian_domain::Text;
use beian_rules::{
    BundleError, CodeName, ReceivedCodes, Rulebook, RulebookError, SignedBundle, SigningKey, VerifyingKey,
};
use chrono::NaiveDate;
use serde_json::{Value, json};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32]).unwrap()
}

/// A snapshot in which the files are edited.
fn edited(rulebook: &Rulebook, edit: impl Fn(&mut BTreeMap<String, String>)) -> Vec<u8> {
    let snapshot: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_slice(&rulebook.snapshot()).unwrap();
    let mut files = snapshot["files"].clone();
    edit(&mut files);
    json!({ "files": files }).to_string().into_bytes()
}

#[test]
fn a_snapshot_is_the_whole_rulebook() {
    let rulebook = Rulebook::bundled().unwrap();
    let snapshot = rulebook.snapshot();
    assert_eq!(snapshot, Rulebook::bundled().unwrap().snapshot(), "the same bytes every time");
    let again = Rulebook::from_snapshot(&snapshot).unwrap();
    assert_eq!(again.digest(), rulebook.digest());
    assert_eq!(again.values(), rulebook.values());
    assert_eq!(again.snapshot(), snapshot);
    let json: Value = serde_json::from_slice(&snapshot).unwrap();
    let files = json["files"].as_object().unwrap();
    assert!(files.contains_key("provinces/650000.toml") && !files.contains_key("README.md"));
    assert_eq!(files.len(), 31 + 12);
}

#[test]
fn what_is_no_snapshot_is_refused() {
    let rulebook = Rulebook::bundled().unwrap();
    for wrong in
        [&b""[..], b"[]", b"{}", b"{\"files\": {\"a\": 1}}", b"{\"files\": {}, \"more\": 1}", &[0xFF; 9]]
    {
        assert!(matches!(Rulebook::from_snapshot(wrong), Err(RulebookError::Snapshot { .. })));
    }
    let large = vec![b' '; (8 << 20) + 1];
    assert!(matches!(Rulebook::from_snapshot(&large), Err(RulebookError::Snapshot { .. })));
    let refused = |edit: &dyn Fn(&mut BTreeMap<String, String>)| {
        Rulebook::from_snapshot(&edited(&rulebook, edit)).unwrap_err().to_string()
    };
    let long = "#".repeat((1 << 20) + 1);
    assert!(refused(&|files| drop(files.insert("national.toml".to_owned(), long.clone()))).contains("1 MiB"));
    assert!(
        refused(&|files| drop(files.insert("../secret".to_owned(), String::new()))).contains("../secret")
    );
    assert!(refused(&|files| drop(files.remove("codes.toml"))).contains("codes.toml"));
    let many = |files: &mut BTreeMap<String, String>| {
        files.extend((0..200).map(|number| (format!("z{number}"), String::new())));
    };
    assert!(refused(&many).contains("200 files"));
}

#[test]
fn a_bundle_opens_with_its_key_alone() {
    let rulebook = Rulebook::bundled().unwrap();
    let bundle = SignedBundle::seal(&rulebook, &key(1), day("2026-11-22"));
    assert_eq!(bundle, SignedBundle::seal(&rulebook, &key(1), day("2026-11-22")));
    let public = key(1).verifying_key().unwrap();
    let opened = SignedBundle::open(&bundle, &public).unwrap();
    assert_eq!((opened.rulebook.digest(), opened.created_on), (rulebook.digest(), day("2026-11-22")));
    let other = key(2).verifying_key().unwrap();
    let error = SignedBundle::open(&bundle, &other).unwrap_err();
    assert!(matches!(&error, BundleError::Signature { key } if *key == other.to_string()), "{error}");
    for cut in [0, 5, 17, 80, 81, bundle.len() - 1] {
        assert!(SignedBundle::open(&bundle[..cut], &public).is_err(), "the first {cut} bytes");
    }
    assert!(SignedBundle::open(&[&bundle[..], b" "].concat(), &public).is_err());
    assert!(SignedBundle::open(&vec![0; (8 << 20) + 1], &public).is_err());
}

/// Every bit of the head, and one bit in many places of the long payload.
#[test]
fn a_bundle_with_one_bit_changed_is_refused() {
    let bundle = SignedBundle::seal(&Rulebook::bundled().unwrap(), &key(1), day("2026-11-22"));
    let public = key(1).verifying_key().unwrap();
    let head = (0..200).flat_map(|byte| (0..8).map(move |bit| (byte, bit)));
    let body = (200..bundle.len()).step_by(997).map(|byte| (byte, byte % 8));
    let tail = [(bundle.len() - 1, 0)];
    for (byte, bit) in head.chain(body).chain(tail) {
        let mut changed = bundle.clone();
        changed[byte] ^= 1 << bit;
        let error = SignedBundle::open(&changed, &public).unwrap_err();
        let expected = matches!(error, BundleError::NotABundle { .. }) == (byte < 17)
            && matches!(error, BundleError::Signature { .. }) == (byte >= 17);
        assert!(expected, "bit {bit} of byte {byte}: {error}");
    }
}

/// OpenSSL judges the form of keys and signatures.
#[test]
fn openssl_agrees_with_the_signature() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let openssl = |arguments: &[&str]| {
        let output = std::process::Command::new("openssl").args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let text = |name: &str| path(name).to_string_lossy().into_owned();
    openssl(&["genpkey", "-algorithm", "ed25519", "-outform", "DER", "-out", &text("key")]);
    let key = SigningKey::from_pkcs8(&std::fs::read(path("key")).unwrap()).unwrap();
    let public = openssl(&["pkey", "-in", &text("key"), "-inform", "DER", "-pubout", "-outform", "DER"]);
    assert_eq!(VerifyingKey::from_bytes(&public[public.len() - 32..]).unwrap(), key.verifying_key().unwrap());
    let bundle = SignedBundle::seal(&Rulebook::bundled().unwrap(), &key, day("2026-11-22"));
    std::fs::write(path("public"), public).unwrap();
    std::fs::write(path("signature"), &bundle[17..81]).unwrap();
    std::fs::write(path("signed"), [&bundle[..17], &bundle[81..]].concat()).unwrap();
    let (public, signature, signed) = (text("public"), text("signature"), text("signed"));
    let verify = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", &public, "-keyform", "DER"];
    openssl(&[&verify[..], &["-in", &signed, "-sigfile", &signature]].concat());
}

#[test]
fn keys_are_read_as_they_are_written() {
    let public = key(7).verifying_key().unwrap();
    assert_eq!(VerifyingKey::from_hex(&public.to_string()).unwrap(), public);
    for wrong in ["", "00", &"0".repeat(63), &"0".repeat(66), &"g".repeat(64), &"好".repeat(64)] {
        assert!(VerifyingKey::from_hex(wrong).is_err(), "{wrong}");
    }
    assert!(SigningKey::from_pkcs8(&[0; 48]).is_err());
    assert!(!format!("{:?}", key(7)).contains("7, 7"), "the private part is not shown");
}

#[test]
fn a_good_signature_does_not_make_a_wrong_rulebook_right() {
    use ring::signature::Ed25519KeyPair;
    let snapshot = edited(&Rulebook::bundled().unwrap(), |files| {
        let national = files.get_mut("national.toml").unwrap();
        *national = national.replace("sms-attempts =", "sms-attemps =");
    });
    let files: Value = serde_json::from_slice(&snapshot).unwrap();
    let payload = json!({ "created-on": "2026-11-22", "files": files["files"] }).to_string();
    let magic = b"beian rulebook 1\n";
    let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let signature = pair.sign(&[&magic[..], payload.as_bytes()].concat());
    let bundle = [&magic[..], signature.as_ref(), payload.as_bytes()].concat();
    let error = SignedBundle::open(&bundle, &key(1).verifying_key().unwrap()).unwrap_err();
    assert!(matches!(error, BundleError::Rulebook(RulebookError::Form { .. })), "{error}");
    assert!(error.to_string().contains("national.toml, line") && error.to_string().contains("sms-attemps"));
}

fn content(code: u8, zh: &'static str, en: &'static str) -> CodeName {
    CodeName { code, name: Text::new(zh, en) }
}

fn received(on: &str) -> ReceivedCodes {
    ReceivedCodes {
        received_on: day(on),
        source: "习作管局下发的基础代码".to_owned(),
        suffixes: Some(vec!["com".to_owned(), "rocks".to_owned()]),
        service_contents: Some(vec![content(1, "即时通信", "Instant messaging"), content(40, "新类", "New")]),
        languages: None,
        access_methods: Some(vec![content(1, "专线", "Leased line")]),
    }
}

#[test]
fn received_tables_hold_from_their_day_on() {
    let ours = Rulebook::bundled().unwrap();
    let theirs = ours.with_received(received("2026-11-01")).unwrap();
    assert_ne!(ours.digest(), theirs.digest());
    assert_eq!(ours.diff_to(&theirs, day("2026-10-31")), []);
    let changes = ours.diff_to(&theirs, day("2026-11-01"));
    let keys: Vec<_> = changes.iter().map(|change| (change.file.as_str(), change.key.as_str())).collect();
    assert_eq!(
        keys,
        [
            ("codes.toml", "access-methods"),
            ("codes.toml", "service-contents"),
            ("suffixes.toml", "list.received"),
        ]
    );
    assert_eq!(changes[0].after.as_ref().unwrap().citation, "习作管局下发的基础代码");
    assert_eq!(theirs.service_contents().len(), 2);
    assert_eq!(theirs.languages(), ours.languages(), "no table was sent");
    let table = |on| &theirs.codes().service_contents.at(day(on)).unwrap().value;
    assert_eq!(table("2026-10-31").name(40), None);
    assert_eq!(table("2026-11-01").name(40).unwrap().zh, "新类");
    let again = Rulebook::from_snapshot(&theirs.snapshot()).unwrap();
    assert_eq!((again.digest(), again.values()), (theirs.digest(), theirs.values()), "a snapshot keeps them");
}

#[test]
fn a_received_table_outranks_even_a_later_one_of_ours() {
    let ours = Rulebook::bundled().unwrap();
    let early = ours.with_received(received("2020-01-01")).unwrap();
    assert_eq!(early.service_contents().len(), 2, "ours is of 2023");
    let both = early.with_received(ReceivedCodes { suffixes: None, ..received("2026-11-01") }).unwrap();
    assert_eq!(both.codes().service_contents.entries().len(), 2);
    let replaced =
        both.with_received(ReceivedCodes { service_contents: None, ..received("2026-11-01") }).unwrap();
    assert_eq!(replaced.codes().service_contents.entries().len(), 1, "the same day is replaced");
}

#[test]
fn received_tables_are_checked_like_ours() {
    let ours = Rulebook::bundled().unwrap();
    let with = |edit: &dyn Fn(&mut ReceivedCodes)| {
        let mut codes = received("2026-11-01");
        edit(&mut codes);
        ours.with_received(codes).unwrap_err().to_string()
    };
    let error = with(&|codes| codes.suffixes = Some(vec!["com".to_owned(), ".NET".to_owned()]));
    assert!(error.contains("received.toml, line") && error.contains("received[0].suffixes[1]"), "{error}");
    let error = with(&|codes| codes.service_contents.as_mut().unwrap().reverse());
    assert!(error.contains("service-contents[1].code"), "{error}");
    assert!(with(&|codes| codes.suffixes = Some(Vec::new())).contains("not empty"));
    assert!(with(&|codes| codes.languages = Some(Vec::new())).contains("not empty"));
}
