//! The conversation: services, callers, numbers, seals, files.

use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beian_domain::practice::{ORGANISATIONS, PEOPLE};
use beian_sandbox::samples;
use beian_wire::package::{Algorithms, Package};
use beian_wire::soap::{Credentials, QueryPreviousUploadRequest, Request};
use beian_wire::upload::{FilingRecord, UploadOperation};
use beian_wire::{Password, PasswordHash, RandVal, Service, password_hash};
use md5::{Digest as _, Md5};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::Extent;
use crate::stage::{Act, Stage, Stop};

pub(super) async fn services(stage: &mut Stage<'_>) -> Act {
    for service in Service::ALL {
        let (status, text) = stage.get(&format!("{}?wsdl", service.path())).await?;
        let is_description = status == 200 && text.contains("definitions") && text.contains("operation");
        let case = format!("{} is described by ?wsdl", service.path());
        stage.holds(&case, &format!("HTTP {status}"), || is_description);
    }
    let credentials = stage.credentials();
    let elsewhere =
        Request::QueryPreviousUpload(QueryPreviousUploadRequest { credentials, hash_algorithm: 0 });
    let deep = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let entities = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><a>&c;</a>";
    for (case, path, body) in [
        (
            "a method of another service is a fault",
            "/BeianStatusWebService/verifyBamm",
            elsewhere.to_envelope(),
        ),
        ("what is no XML is a fault", "/ISPWebService/upDownLoad", "not xml".to_owned()),
        ("an empty call is a fault", "/ISPWebService/upDownLoad", String::new()),
        ("a call with entities is a fault", "/ISPWebService/upDownLoad", entities.to_owned()),
        ("a call of ten thousand levels is a fault", "/ISPWebService/upDownLoad", deep),
    ] {
        let (status, text) = stage.post(path, body).await?;
        stage.holds(case, &format!("HTTP {status}"), || status != 200 && text.contains("Fault"));
    }
    Ok(())
}

pub(super) async fn callers(stage: &mut Stage<'_>) -> Act {
    let good = || stage.credentials();
    let hashed = |password: &str| {
        let credentials = good();
        let rand_val = RandVal::received(&credentials.rand_val).ok();
        let hash = rand_val.map(|value| password_hash(&Password::new(password.to_owned()), &value));
        (credentials.rand_val, hash)
    };
    let (rand_val, wrong) = hashed("not the password");
    let wrong = wrong.unwrap_or_else(|| PasswordHash::received(String::new()));
    let short = |mut value: String| {
        value.pop();
        value
    };
    let signed = |value: String| short(value) + "-";
    let (stranger, namesake) = (good(), good());
    let cases = [
        ("a provider that is not known", Credentials { isp_id: 1, ..stranger }, 4),
        ("another user name", Credentials { user_name: "other".to_owned(), ..namesake }, 4),
        ("a random value of 19 characters", Credentials { rand_val: short(good().rand_val), ..good() }, 16),
        ("a random value with a sign", Credentials { rand_val: signed(good().rand_val), ..good() }, 12),
        ("another password", Credentials { rand_val, password_hash: wrong, ..good() }, 5),
        (
            "no digest of a password",
            Credentials { password_hash: PasswordHash::received(String::new()), ..good() },
            5,
        ),
    ];
    let used = good();
    for (case, credentials, code) in cases {
        let got = stage.previous(credentials, Algorithms::MD5).await?.status.code.0;
        stage.check(case, &code, &got);
    }
    let got = stage.previous(stage.credentials(), 1).await?.status.code.0;
    stage.check("a digest algorithm that is not in use", &10, &got);
    let got = stage.previous(used.clone(), Algorithms::MD5).await?.status.code.0;
    stage.check("a call as it must be", &0, &got);
    let got = stage.previous(used, Algorithms::MD5).await?.status.code.0;
    stage.check("the same call played again", &12, &got);
    Ok(())
}

/// A first filing with a fault, so that it takes nothing.
fn faulty(remark: &str) -> FilingRecord {
    let [organisation, ..] = &ORGANISATIONS;
    let [person, ..] = &PEOPLE;
    let mut website = samples::website(1, "xizuo-kit-0.cn", person);
    website.contents = vec![64];
    website.remark = Some(remark.to_owned());
    samples::first_filing(organisation, person, vec![website])
}

fn faulty_file(stage: &Stage<'_>, remark: &str) -> Result<Vec<u8>, Stop> {
    stage.document(UploadOperation::NewFiling(vec![faulty(remark)]))
}

pub(super) async fn numbers(stage: &mut Stage<'_>) -> Act {
    let first = stage.sealed(&faulty_file(stage, "one")?)?;
    let ahead = stage.sequence + 3;
    let reply = stage.upload(ahead, first.clone()).await?;
    stage.check("a number with two missing before it", &14, &reply.status.code.0);
    let missing = [stage.sequence + 1, stage.sequence + 2];
    let got = format!("{:?}", reply.missing_sequences);
    stage.holds("and both are named", &got, || reply.missing_sequences == missing);
    let zero = stage.upload(0, first.clone()).await?.status.code;
    stage.holds("number 0 is refused", &zero, || !zero.is_success());
    let next = stage.sequence + 1;
    let taken = stage.upload(next, first.clone()).await?.status.code.0;
    stage.check("the next number is taken", &0, &taken);
    stage.sequence = next;
    let last = stage.previous(stage.credentials(), 0).await?.last;
    let got = last.as_ref().map_or(0, |last| last.sequence);
    stage.holds("and is the last one taken", &got, || {
        last.is_some_and(|last| last.sequence == next && last.package.hash_base64 == first.hash_base64)
    });
    let again = stage.upload(next, first).await?.status.code.0;
    stage.check("the same file again is taken as the same", &0, &again);
    let other = stage.sealed(&faulty_file(stage, "two")?)?;
    let code = stage.upload(next, other).await?.status.code;
    stage.holds("another file under a number that is taken is refused", &code, || !code.is_success());
    stage.result_codes().await?;
    Ok(())
}

pub(super) async fn seals(stage: &mut Stage<'_>, extent: Extent) -> Act {
    let next = stage.sequence + 1;
    let good = stage.sealed(&faulty_file(stage, "sealed")?)?;
    let plain = |archive: Vec<u8>| Package {
        hash_base64: STANDARD.encode(Md5::digest(&archive)),
        content_base64: STANDARD.encode(archive),
        algorithms: Algorithms { encryption: Algorithms::PLAIN, ..Algorithms::USUAL },
    };
    let with = |algorithms| Package { algorithms, ..good.clone() };
    let usual = Algorithms::USUAL;
    let two = zipped(&[("a.xml", b"<a/>"), ("b.xml", b"<b/>")])?;
    let none = STANDARD.encode(Md5::digest(b""));
    let cases = [
        ("a digest algorithm that is not in use", with(Algorithms { hash: 1, ..usual }), 10),
        ("a cipher that is not in use", with(Algorithms { encryption: 9, ..usual }), 9),
        ("a compression that is not in use", with(Algorithms { compression: 9, ..usual }), 11),
        ("what is not enciphered", Package { content_base64: "UEsDBA==".to_owned(), ..good.clone() }, 6),
        ("another digest", Package { hash_base64: none, ..good.clone() }, 7),
        ("what is no archive", plain(b"not an archive".to_vec()), 8),
        ("an archive of two files", plain(two), 17),
    ];
    for (case, package, code) in cases {
        let got = stage.upload(next, package).await?.status.code.0;
        stage.check(case, &code, &got);
    }
    if extent == Extent::Everything {
        let large = plain(zipped(&[("a.xml", &large())])?);
        let got = stage.upload(next, large).await?.status.code.0;
        stage.check("a file above 50 MB", &18, &got);
    }
    let last = stage.previous(stage.credentials(), 0).await?.last.map_or(0, |last| last.sequence);
    let before = stage.sequence;
    stage.holds("nothing of it was taken in", &last, || last == before);
    Ok(())
}

/// 51 MB that an archive holds in a hundredth of them: less than a bomb, more than a file.
fn large() -> Vec<u8> {
    let mut state = 1_u32;
    let mut bytes = Vec::with_capacity(51 << 20);
    while bytes.len() < 51 << 20 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes.extend_from_slice(&state.to_be_bytes());
        bytes.resize(bytes.len() + 508, b' ');
    }
    bytes
}

fn zipped(files: &[(&str, &[u8])]) -> Result<Vec<u8>, Stop> {
    let trouble = |error: &dyn std::fmt::Display| Stop::Trouble(format!("no archive could be made: {error}"));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1));
    for (name, bytes) in files {
        zip.start_file(*name, options).map_err(|error| trouble(&error))?;
        zip.write_all(bytes).map_err(|error| trouble(&error))?;
    }
    Ok(zip.finish().map_err(|error| trouble(&error))?.into_inner())
}

pub(super) async fn files(stage: &mut Stage<'_>) -> Act {
    let empty = stage.download().await?;
    stage.check("nothing waits", &2, &empty.status.code.0);
    for remark in ["first", "second"] {
        let file = faulty_file(stage, remark)?;
        let taken = stage.hand_in(&file).await?;
        stage.check("a filing with a fault is taken, to be refused in a file", &0, &taken);
    }
    let wait = || Stop::Trouble("no file waits".to_owned());
    let first = stage.download().await?.file.ok_or_else(wait)?.name;
    let again = stage.download().await?.file.ok_or_else(wait)?.name;
    stage.holds("a file stays until it is acknowledged", &again, || again == first);
    let nameless = stage.acknowledge("").await?;
    stage.check("an acknowledgement without a name", &21, &nameless);
    let strange = stage.acknowledge("20000101000000_gd_1.xml").await?;
    stage.holds("an acknowledgement of a file that was not handed out is refused", &strange, || strange > 3);
    for case in ["the file that was handed out", "the same once more, as a reply may have been lost"] {
        let got = stage.acknowledge(first.as_str()).await?;
        stage.holds(case, &got, || got <= 3);
    }
    let second = stage.download().await?.file.ok_or_else(wait)?;
    stage.holds("the next file comes then", &second.name, || second.name != first);
    let late = stage.acknowledge(first.as_str()).await?;
    let still = stage.download().await?.file.ok_or_else(wait)?;
    let got = format!("{late}, then {}", still.name);
    stage.holds("an old name acknowledges nothing else", &got, || still.name == second.name);
    stage.acknowledge(second.name.as_str()).await?;
    Ok(())
}
