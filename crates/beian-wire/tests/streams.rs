//! Files record by record: the same as whole files, in little memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod support;

use std::sync::LazyLock;

use beian_wire::download::{DownloadDocument, DownloadReader};
use beian_wire::upload::{UploadDocument, UploadOperation, UploadReader, UploadWriter};
use beian_wire::{
    InterfaceVersion, MAX_RECORD_BYTES, MAX_RECORDS, MAX_XML_BYTES, ProblemKind, ReadError, WriteError,
};
use proptest::prelude::*;
use support::schema::{Amount, KINDS, Kind, Node, Schema};
use support::{full_upload, our_schema};

/// Reads in bites of a size that no boundary in the file agrees with.
struct Bites<'b>(&'b [u8], usize);

impl std::io::Read for Bites<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.1.min(buffer.len());
        self.0.read(&mut buffer[..size])
    }
}

fn upload_parts(bytes: &[u8]) -> Result<(Vec<UploadOperation>, u64, InterfaceVersion), ReadError> {
    let mut reader = UploadReader::new(Bites(bytes, 977));
    let parts = reader.by_ref().collect::<Result<Vec<_>, _>>()?;
    assert!(reader.next().is_none());
    Ok((parts, reader.requesting_unit().unwrap(), reader.version().unwrap()))
}

fn write_parts(
    parts: &[UploadOperation],
    unit: u64,
    version: &InterfaceVersion,
) -> Result<Vec<u8>, WriteError> {
    let mut writer = UploadWriter::new(Vec::new(), version, unit);
    for part in parts {
        writer.add(part)?;
    }
    writer.finish()
}

/// Record by record an upload is read and written as it is as a whole.
fn uploads_agree(bytes: &[u8]) {
    let whole = UploadDocument::from_gbk_xml(bytes).unwrap();
    let (parts, unit, version) = upload_parts(bytes).unwrap();
    assert_eq!((unit, &version), (whole.requesting_unit, &whole.version));
    assert_eq!(
        parts.iter().map(UploadOperation::record_count).sum::<usize>(),
        whole.operation.record_count()
    );
    assert!(parts.iter().all(|part| part.record_count() <= 1));
    let written = whole.to_gbk_xml().unwrap();
    let again = write_parts(&parts, unit, &version).unwrap();
    // Lists without records are written differently, and mean the same.
    if whole.operation.record_count() > 0 {
        assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&written));
    }
}

/// Record by record a download tells what it tells as a whole.
fn downloads_agree(bytes: &[u8]) {
    let whole = DownloadDocument::from_gbk_xml(bytes).unwrap();
    let mut reader = DownloadReader::new(Bites(bytes, 977));
    let mut leaves = Vec::new();
    for content in reader.by_ref() {
        let part = DownloadDocument { version: whole.version.clone(), content: content.unwrap() };
        leaves.extend(Node::read(&part.to_gbk_xml().unwrap()).leaves());
    }
    leaves.sort();
    assert_eq!(leaves, Node::read(&whole.to_gbk_xml().unwrap()).leaves());
    assert_eq!(reader.version(), Some(whole.version));
}

fn document(kind: Kind, amount: Amount, seed: u64) -> String {
    static SCHEMAS: LazyLock<[Schema; 2]> =
        LazyLock::new(|| ["upload.xsd", "download.xsd"].map(|name| Schema::load(&our_schema(name))));
    let [upload, download] = &*SCHEMAS;
    if kind.root == "UploadData" { upload } else { download }.document(kind, amount, seed)
}

fn all_kinds_agree(amount: Amount, seed: u64) {
    for kind in KINDS {
        let made = document(kind, amount, seed);
        if kind.root == "UploadData" {
            uploads_agree(made.as_bytes());
        } else {
            downloads_agree(made.as_bytes());
        }
    }
}

#[test]
fn every_kind_is_the_same_record_by_record() {
    all_kinds_agree(Amount::Least, 1);
    all_kinds_agree(Amount::All, 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_file_holds_is_the_same_record_by_record(seed in any::<u64>()) {
        all_kinds_agree(Amount::Random, seed);
    }

    #[test]
    fn damaged_files_are_refused_alike(
        kind in 0..KINDS.len(), seed in any::<u64>(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), byte in any::<u8>(), what in 0..4
    ) {
        let kind = KINDS[kind];
        let mut bytes = document(kind, Amount::All, seed).into_bytes();
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        match what {
            0 => bytes[from] = byte,
            1 => bytes.truncate(from),
            2 => drop(bytes.drain(from.min(to)..from.max(to))),
            _ => { let copy = bytes[from.min(to)..from.max(to)].to_vec(); bytes.splice(to..to, copy); }
        }
        if kind.root == "UploadData" {
            let (whole, parts) = (UploadDocument::from_gbk_xml(&bytes), upload_parts(&bytes));
            prop_assert_eq!(whole.is_ok(), parts.is_ok(), "{:?} {:?}", whole.err(), parts.err());
        } else {
            let whole = DownloadDocument::from_gbk_xml(&bytes);
            let parts = DownloadReader::new(&bytes[..]).collect::<Result<Vec<_>, _>>();
            prop_assert_eq!(whole.is_ok(), parts.is_ok(), "{:?} {:?}", whole.err(), parts.err());
        }
    }
}

fn read_upload(text: &str) -> Result<Vec<UploadOperation>, ReadError> {
    UploadReader::new(text.as_bytes()).collect()
}

fn problem(result: Result<Vec<UploadOperation>, ReadError>) -> (String, ProblemKind) {
    match result {
        Err(ReadError::Structure(problems)) => (problems.list()[0].path.clone(), problems.list()[0].kind),
        other => panic!("expected a problem, got {other:?}"),
    }
}

#[test]
fn problems_are_told_with_the_place_in_the_whole_file() {
    let cancel = |id: u32| format!("<Zx_xx><Zxlb>0</Zxlb><Jlid>{id}</Jlid><Zxly>1</Zxly></Zx_xx>");
    let file = |inner: &str| format!("<UploadData version='V.3.0'><ICP>{inner}</ICP></UploadData>");
    let records: String = [1, 2, 0, 4].map(cancel).concat();
    let got = problem(read_upload(&file(&format!("<ZXBA>{records}</ZXBA><Qqdwid>1</Qqdwid>"))));
    assert_eq!(got.0, "/UploadData/ICP/ZXBA/Zx_xx[3]/Jlid");

    let good = format!("<ZXBA>{}</ZXBA>", cancel(1));
    let unit = "<Qqdwid>1</Qqdwid>";
    assert!(read_upload(&file(&format!("{unit}{good}"))).is_ok());
    let missing = problem(read_upload(&file(&good)));
    assert_eq!(missing, ("/UploadData/ICP/Qqdwid".into(), ProblemKind::Missing));
    let twice = problem(read_upload(&file(&format!("{unit}{good}{unit}"))));
    assert_eq!(twice.0, "/UploadData/ICP/Qqdwid");
    let again = problem(read_upload(&file(&format!("{good}{good}{unit}"))));
    assert_eq!(again, ("/UploadData/ICP/ZXBA".into(), ProblemKind::Count { min: 0, max: 1, got: 2 }));
    let other = good.replace("ZXBA", "XZHYD").replace("Zx_xx", "Fjxx");
    assert!(read_upload(&file(&format!("{good}{other}{unit}"))).is_err());
    let none = problem(read_upload(&file(unit)));
    assert_eq!(none, ("/UploadData/ICP/XZBA".into(), ProblemKind::Missing));
    let empty = problem(read_upload(&file(&format!("<ZXBA/>{unit}"))));
    assert_eq!(empty, ("/UploadData/ICP/ZXBA/Zx_xx".into(), ProblemKind::Missing));
    let text = problem(read_upload(&file(&format!("x{good}{unit}"))));
    assert_eq!(text, ("/UploadData/ICP/text()".into(), ProblemKind::Unexpected));
    let many = format!("<ZXBA>{}</ZXBA>{unit}", cancel(1).repeat(MAX_RECORDS + 1));
    let flood = problem(read_upload(&file(&many)));
    assert_eq!(flood.1, ProblemKind::Count { min: 1, max: MAX_RECORDS, got: MAX_RECORDS + 1 });
    let behind = read_upload(&format!("{}x", file(&format!("{good}{unit}"))));
    assert!(matches!(behind, Err(ReadError::NotXml { .. })));
    let unknown = read_upload(&file("<ABCD><a/></ABCD>"));
    assert_eq!(unknown, Err(ReadError::UnknownOperation { element: "ABCD".into() }));
}

#[test]
fn floods_are_bounded() {
    let begin = "<UploadData version='V.3.0'><ICP><ZXBA><Zx_xx><Zxlybz>";
    let large = format!("{begin}{}", "x".repeat(MAX_RECORD_BYTES + 100_000));
    let too_large = |result: Result<_, ReadError>, most| match result {
        Err(ReadError::TooLarge { max, .. }) => assert_eq!(max, most),
        other => panic!("expected too much, got {other:?}"),
    };
    too_large(read_upload(&large), MAX_RECORD_BYTES);
    let attributes: String = (0..900_000).map(|number| format!(" a{number}=''")).collect();
    too_large(read_upload(&format!("<UploadData{attributes}/>")), MAX_RECORD_BYTES);
    let endless = std::io::Read::chain(begin.as_bytes(), std::io::repeat(b' '));
    too_large(UploadReader::new(endless).collect::<Result<Vec<_>, _>>(), MAX_RECORD_BYTES);
    let endless = std::io::Read::chain(&b"<UploadData version='V.3.0'>"[..], std::io::repeat(b'\n'));
    too_large(UploadReader::new(endless).collect::<Result<Vec<_>, _>>(), MAX_RECORD_BYTES);
    let many = std::io::Read::chain(
        &b"<UploadData version='V.3.0'><ICP>"[..],
        Repeated { text: b"<!-- a comment after another -->", at: 0 },
    );
    too_large(UploadReader::new(many).collect::<Result<Vec<_>, _>>(), MAX_XML_BYTES);
    let deep = format!("<UploadData version='V.3.0'><ICP><ZXBA>{}", "<a>".repeat(100_000));
    assert_eq!(read_upload(&deep), Err(ReadError::TooDeep { max: 21 }));
    let bomb = "<!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><UploadData>&b;</UploadData>";
    assert_eq!(read_upload(bomb), Err(ReadError::Doctype));
    assert_eq!(UploadReader::new(&b"<a>\xFF\xFF</a>"[..]).next(), Some(Err(ReadError::NotText)));
    assert_eq!(UploadReader::new(&b"<a>\x01</a>"[..]).next(), Some(Err(ReadError::NotText)));
    assert_eq!(
        UploadReader::new(&b"<?xml version='1.0' encoding='Big5'?><a/>"[..]).next(),
        Some(Err(ReadError::NotText))
    );
}

struct Repeated {
    text: &'static [u8],
    at: usize,
}

impl std::io::Read for Repeated {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for place in buffer.iter_mut() {
            *place = self.text[self.at % self.text.len()];
            self.at += 1;
        }
        Ok(buffer.len())
    }
}

#[test]
fn what_cannot_be_written_leaves_no_trace() {
    let good = full_upload();
    let mut bad = good.clone();
    let UploadOperation::NewFiling(records) = &mut bad.operation else { panic!("first filings") };
    records[0].websites[0].name = "网".repeat(513);
    let mut writer = UploadWriter::new(Vec::new(), &good.version, good.requesting_unit);
    writer.add(&good.operation).unwrap();
    let path = "/UploadData/ICP/XZBA/Baxx[2]/Wz_xx[1]/Wzmc".to_owned();
    assert_eq!(writer.add(&bad.operation), Err(WriteError::Length { path, min: 1, max: 512, got: 513 }));
    let other = UploadOperation::Cancel(Vec::new());
    assert!(matches!(writer.add(&other), Err(WriteError::Count { max: 0, .. })));
    writer.add(&good.operation).unwrap();
    let written = UploadDocument::from_gbk_xml(&writer.finish().unwrap()).unwrap();
    assert_eq!(written.operation.record_count(), 2);

    let mut writer = UploadWriter::new(Vec::new(), &good.version, good.requesting_unit);
    for _ in 0..MAX_RECORDS {
        writer.add(&good.operation).unwrap();
    }
    assert!(matches!(writer.add(&good.operation), Err(WriteError::Count { max: MAX_RECORDS, .. })));
    let empty = UploadWriter::new(Vec::new(), &good.version, 1);
    assert!(matches!(empty.finish(), Err(WriteError::Count { got: 0, .. })));
}

#[test]
fn a_list_that_was_left_is_not_gone_back_to() {
    let file = Schema::load(&our_schema("upload.xsd")).document(KINDS[8], Amount::All, 5);
    let (parts, unit, version) = upload_parts(file.as_bytes()).unwrap();
    assert_eq!(parts.len(), 4);
    let mut writer = UploadWriter::new(Vec::new(), &version, unit);
    writer.add(&parts[0]).unwrap();
    writer.add(&parts[0]).unwrap();
    writer.add(&parts[1]).unwrap();
    assert!(matches!(writer.add(&parts[0]), Err(WriteError::Count { min: 0, max: 1, got: 2, .. })));
    writer.add(&parts[1]).unwrap();
    let written = UploadDocument::from_gbk_xml(&writer.finish().unwrap()).unwrap();
    assert_eq!(written.operation.record_count(), 4);
}
