//! What is fed to the decoders, and what must hold of every outcome beside that nothing
//! panics.

use std::fmt::Debug;
use std::io::Read as _;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beian_wire::download::{DownloadDocument, DownloadReader};
use beian_wire::package::{
    Algorithms, Encryption, Limits, Package, SharedSecret, decode_base64, open, open_in_parts,
};
use beian_wire::reply::{
    BeianStatusReply, DownloadAckReply, DownloadReply, QueryPreviousUploadReply, UploadReply, VerifyReply,
};
use beian_wire::soap::{Request, response_inner};
use beian_wire::upload::{UploadDocument, UploadOperation, UploadReader};
use beian_wire::{FileName, Method, RandVal, WireTime};
use md5::{Digest as _, Md5};

/// A decoder, or several that read the same.
pub(crate) struct Target {
    /// What it is called; its corpus lies in a folder of this name.
    pub(crate) name: &'static str,
    /// What the vectors that are a corpus of it, too, begin with.
    pub(crate) vectors: Option<&'static str>,
    /// Feeds it, and tells in words what came of it: inputs with new words are worth changing
    /// further. An error is a promise that was broken.
    pub(crate) run: fn(&[u8]) -> Result<String, String>,
}

/// All of them.
pub(crate) const TARGETS: [Target; 8] = [
    Target { name: "upload", vectors: Some("upload-"), run: upload },
    Target { name: "download", vectors: Some("download-"), run: download },
    Target { name: "request", vectors: None, run: request },
    Target { name: "response", vectors: None, run: response },
    Target { name: "reply", vectors: Some("return-"), run: reply },
    Target { name: "archive", vectors: None, run: archive },
    Target { name: "package", vectors: None, run: package },
    Target { name: "word", vectors: None, run: word },
];

const KEY: &str = "1234567890ABCDEF";
const IV: &str = "0102030405060708";

fn ensure(holds: bool, promise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(promise.to_owned()) }
}

/// The words of an error without its numbers.
fn words(error: &impl Debug) -> String {
    format!("{error:?}").chars().filter(|character| !character.is_ascii_digit()).take(300).collect()
}

fn upload(bytes: &[u8]) -> Result<String, String> {
    let whole = UploadDocument::from_gbk_xml(bytes);
    let mut reader = UploadReader::new(bytes);
    let parts: Result<Vec<UploadOperation>, _> = reader.by_ref().collect();
    ensure(
        whole.is_ok() == parts.is_ok(),
        "record by record a file is read if and only if it is as a whole",
    )?;
    match (whole, parts) {
        (Ok(whole), Ok(parts)) => {
            ensure(reader.requesting_unit() == Some(whole.requesting_unit), "the same unit either way")?;
            let records: usize = parts.iter().map(UploadOperation::record_count).sum();
            ensure(records == whole.operation.record_count(), "as many records either way")?;
            if let Ok(written) = whole.to_gbk_xml() {
                ensure(
                    UploadDocument::from_gbk_xml(&written).as_ref() == Ok(&whole),
                    "what is written comes back",
                )?;
            }
            Ok(format!("{} {}", whole.operation.element(), records.min(3)))
        }
        (whole, _) => Ok(whole.err().map(|error| words(&error)).unwrap_or_default()),
    }
}

fn download(bytes: &[u8]) -> Result<String, String> {
    let whole = DownloadDocument::from_gbk_xml(bytes);
    let mut parts = 0;
    let mut failed = false;
    for part in DownloadReader::new(bytes) {
        parts += 1;
        failed |= part.is_err();
    }
    ensure(whole.is_ok() != failed, "record by record a file is read if and only if it is as a whole")?;
    match whole {
        Ok(whole) => {
            if let Ok(written) = whole.to_gbk_xml() {
                let again = DownloadDocument::from_gbk_xml(&written);
                ensure(again.as_ref() == Ok(&whole), "what is written comes back")?;
            }
            Ok(format!("{} {}", whole.content.element(), parts.min(3)))
        }
        Err(error) => Ok(words(&error)),
    }
}

fn request(bytes: &[u8]) -> Result<String, String> {
    match Request::from_envelope(bytes) {
        Ok(request) => {
            let again = Request::from_envelope(request.to_envelope().as_bytes());
            // What no envelope may hold is replaced when one is written.
            if again != Ok(request.clone()) {
                ensure(again.map(|again| again.method()) == Ok(request.method()), "a request comes back")?;
            }
            Ok(request.method().to_string())
        }
        Err(error) => Ok(words(&error)),
    }
}

fn response(bytes: &[u8]) -> Result<String, String> {
    let mut told = String::new();
    for method in Method::ALL {
        match response_inner(method, bytes) {
            Ok(inner) => told += &format!("{method} {};", reply(inner.as_bytes())?),
            Err(error) => told += &words(&error),
        }
    }
    Ok(told)
}

fn reply(bytes: &[u8]) -> Result<String, String> {
    let text = String::from_utf8_lossy(bytes);
    let told = [
        UploadReply::from_xml(&text).map(|reply| reply.to_xml()).map_err(|error| words(&error)),
        DownloadReply::from_xml(&text).map(|reply| reply.to_xml()).map_err(|error| words(&error)),
        DownloadAckReply::from_xml(&text).map(|reply| reply.to_xml()).map_err(|error| words(&error)),
        QueryPreviousUploadReply::from_xml(&text).map(|reply| reply.to_xml()).map_err(|error| words(&error)),
        BeianStatusReply::from_xml(&text).map(|reply| reply.to_xml()).map_err(|error| words(&error)),
        VerifyReply::from_xml(&text).map(|reply| reply.to_xml()).map_err(|error| words(&error)),
    ];
    let told: Vec<String> =
        told.into_iter().map(|reply| reply.map_or_else(|error| error, |_| "read".into())).collect();
    Ok(told.join(";"))
}

/// The bytes as an archive, properly digested and enciphered.
fn archive(bytes: &[u8]) -> Result<String, String> {
    let (Ok(key), Ok(iv)) = (<[u8; 16]>::try_from(KEY.as_bytes()), <[u8; 16]>::try_from(IV.as_bytes()))
    else {
        return Err("key and vector have 16 bytes".to_owned());
    };
    let sealed =
        cbc::Encryptor::<aes::Aes128>::new(&key.into(), &iv.into()).encrypt_padded_vec::<Pkcs7>(bytes);
    open_either_way(&Package {
        content_base64: STANDARD.encode(sealed),
        hash_base64: STANDARD.encode(Md5::digest(bytes)),
        algorithms: Algorithms::USUAL,
    })
}

/// Three numbers, then content and digest as they would stand in an envelope.
fn package(bytes: &[u8]) -> Result<String, String> {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.splitn(5, '|');
    let mut number = || parts.next().and_then(|number| number.parse().ok()).unwrap_or_default();
    let algorithms = Algorithms { hash: number(), encryption: number(), compression: number() };
    let (hash, content) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    open_either_way(&Package { content_base64: content.to_owned(), hash_base64: hash.to_owned(), algorithms })
}

fn open_either_way(package: &Package) -> Result<String, String> {
    let secret = SharedSecret::from_ascii(KEY, IV).map_err(|error| error.to_string())?;
    let limits = Limits { xml_bytes: 1 << 20, ratio: 400, encryption: Encryption::Optional };
    let whole = open(package, &secret, &limits);
    ensure(whole.as_ref().map_or(0, Vec::len) <= limits.xml_bytes, "no file is larger than the limit")?;
    let parts = open_in_parts(package, &secret, &limits).and_then(|mut opened| {
        let mut bytes = Vec::new();
        let mut xml = opened.xml()?;
        let read = xml.read_to_end(&mut bytes);
        Ok(read.map_or_else(|_| None, |_| Some(bytes)))
    });
    ensure(
        parts.unwrap_or_default() == whole.clone().ok(),
        "bit by bit a package holds what it holds as a whole",
    )?;
    Ok(whole.map_or_else(|error| words(&error), |xml| format!("{} bytes", xml.len().min(3))))
}

/// Single values.
fn word(bytes: &[u8]) -> Result<String, String> {
    // A text file ends with a line feed.
    let text = String::from_utf8_lossy(bytes.strip_suffix(b"\n").unwrap_or(bytes));
    let compact: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    ensure(decode_base64(&text) == STANDARD.decode(compact).ok(), "spaces in base64 mean nothing")?;
    let name = text.parse::<FileName>();
    ensure(
        name.as_ref().is_ok_and(|name| name.as_str() == text) || name.is_err(),
        "a name is kept as it is",
    )?;
    let time = text.parse::<WireTime>();
    ensure(
        time.as_ref().is_ok_and(|time| time.as_str() == text) || time.is_err(),
        "a time is kept as it is",
    )?;
    Ok(words(&(name.is_ok(), time.map(|_| ()), RandVal::received(&text).map(|_| ()))))
}
