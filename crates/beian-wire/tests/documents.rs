//! Uploads and downloads: round trips, the schemas as judges of what is written
//! and of what is read, limits, and the reports.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod support;

use beian_wire::download::{DownloadContent, DownloadDocument};
use beian_wire::upload::{
    AttachmentOwner, AttachmentPurpose, FilingRecord, Release, UploadDocument, UploadOperation,
};
use beian_wire::{
    CancellationKind, InterfaceVersion, MAX_ATTACHMENT, MAX_RECORDS, MAX_VERIFICATION_FORM, MAX_XML_BYTES,
    OperationKind, ProblemKind, ReadError, WriteError,
};
use proptest::prelude::*;
use support::mutations::{agree, gbk_of, text_of};
use support::*;

fn records(document: &mut UploadDocument) -> &mut Vec<FilingRecord> {
    match &mut document.operation {
        UploadOperation::NewFiling(records) => records,
        other => panic!("expected first filings, got {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn uploads_come_back_and_follow_both_schemas(document in upload_document()) {
        let bytes = document.to_gbk_xml().unwrap();
        prop_assert_eq!(UploadDocument::from_gbk_xml(&bytes).unwrap(), document);
        assert_valid(&our_schema("upload.xsd"), &bytes);
        if let Some(schema) = ministry_schema("upload-data.xsd") {
            assert_valid(&schema, &bytes);
        }
    }

    #[test]
    fn results_come_back_and_follow_both_schemas(document in results_document()) {
        let bytes = document.to_gbk_xml().unwrap();
        assert_valid(&our_schema("download.xsd"), &bytes);
        let DownloadContent::Results(file) = &document.content else { panic!("results") };
        let alone = |operation| operation == OperationKind::SubmitMaterial;
        // The ministry's schema forgot the code for material on its own.
        let forgotten = file.items.iter().any(|item| alone(item.operation)) || file.reviews.iter().any(|review| review.operation.is_some_and(alone));
        if let Some(schema) = ministry_schema("download-data.xsd") && !forgotten {
            assert_valid(&schema, &bytes);
        }
        prop_assert_eq!(DownloadDocument::from_gbk_xml(&bytes).unwrap(), document);
    }

    #[test]
    fn filings_come_back_and_follow_both_schemas(document in filings_document()) {
        let bytes = document.to_gbk_xml().unwrap();
        prop_assert_eq!(DownloadDocument::from_gbk_xml(&bytes).unwrap(), document);
        assert_valid(&our_schema("download.xsd"), &bytes);
        if let Some(schema) = ministry_schema("download-data.xsd") {
            assert_valid(&schema, &bytes);
        }
    }

    #[test]
    fn cancellations_come_back_and_follow_both_schemas(document in cancellations_document()) {
        let bytes = document.to_gbk_xml().unwrap();
        assert_valid(&our_schema("download.xsd"), &bytes);
        let DownloadContent::Cancellations(file) = &document.content else { panic!("cancellations") };
        // The ministry's schema forgot the kind for accesses.
        let forgotten = file.items.iter().any(|item| item.kind == CancellationKind::Access);
        if let Some(schema) = ministry_schema("download-data.xsd") && !forgotten {
            assert_valid(&schema, &bytes);
        }
        prop_assert_eq!(DownloadDocument::from_gbk_xml(&bytes).unwrap(), document);
    }

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(UploadDocument::from_gbk_xml(&bytes).is_err());
        prop_assert!(DownloadDocument::from_gbk_xml(&bytes).is_err());
    }

    #[test]
    fn damaged_files_do_no_harm(at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = full_upload().to_gbk_xml().unwrap();
        let position = at.index(bytes.len());
        bytes[position] = to;
        let _ = UploadDocument::from_gbk_xml(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        prop_assert!(UploadDocument::from_gbk_xml(&bytes).is_err());
    }
}

#[test]
fn the_reader_of_uploads_judges_as_the_schemas_do() {
    judge_uploads(&[full_upload()]);
}

#[test]
fn the_reader_of_later_uploads_judges_as_the_schemas_do() {
    judge_uploads(&full_later_uploads());
}

fn judge_uploads(documents: &[UploadDocument]) {
    let schemas: Vec<_> =
        [Some(our_schema("upload.xsd")), ministry_schema("upload-data.xsd")].into_iter().flatten().collect();
    // The ministry takes files without an operation, owners that its text does not
    // know, and numbers we have no type for.
    let exempt = |what: &str| {
        matches!(
            what,
            "without XZBA"
                | "without XZWZ"
                | "without XZJR"
                | "without BGBA"
                | "without ZXBA"
                | "without XZHYD"
                | "7 in Ssdxlx"
                | "8 in Ssdxlx"
                | "large number in Fjwjgs"
                | "large number in Fjyt"
                | "large number in Shengid"
                | "large number in Shiid"
                | "large number in Xianid"
        )
    };
    for document in documents {
        let is_change = matches!(document.operation, UploadOperation::Change(_));
        let exempt = |what: &str| {
            exempt(what)
                // The ministry forgot most kinds of certificate and the form of a remark here.
                || is_change && (what.ends_with(" in Zjlx") || what.ends_with("Wz_Bz"))
        };
        let text = text_of(&document.to_gbk_xml().unwrap());
        agree(&text, &schemas, |bytes| UploadDocument::from_gbk_xml(bytes).is_ok(), exempt);
    }
}

#[test]
fn another_kind_of_service_needs_the_extended_version() {
    let mut document = full_upload();
    records(&mut document)[0].websites[0].service_kind = Some(6);
    records(&mut document)[0].websites[0].releases = vec![
        Release {
            platform: 1,
            identifier: "cn.xizuo.lianxi".into(),
            public_key: Some("A5".repeat(256)),
            fingerprint: Some("5A".repeat(16)),
        },
        Release { platform: 11, identifier: "wx1".into(), public_key: None, fingerprint: None },
    ];
    let path = "/UploadData/ICP/XZBA/Baxx[1]/Wz_xx[1]/Fwlx";
    assert_eq!(
        document.to_gbk_xml(),
        Err(WriteError::NotInVersion { path: path.into(), version: "V.3.0".into() })
    );
    document.version = InterfaceVersion::v3_0_extended();
    let bytes = document.to_gbk_xml().unwrap();
    assert_valid(&our_schema("upload.xsd"), &bytes);
    assert_eq!(UploadDocument::from_gbk_xml(&bytes).unwrap(), document);
    // So it is in a change, where what is in the register tells the kind.
    let mut change = full_later_uploads().remove(2);
    let UploadOperation::Change(changes) = &mut change.operation else { panic!("a change") };
    changes[0].websites[0].releases = records(&mut document)[0].websites[0].releases.clone();
    let path_in_change = "/UploadData/ICP/BGBA/Bgxx[1]/Wz_xx[1]/Yy_xx";
    assert_eq!(
        change.to_gbk_xml(),
        Err(WriteError::NotInVersion { path: path_in_change.into(), version: "V.3.0".into() })
    );
    change.version = InterfaceVersion::v3_0_extended();
    let changed = change.to_gbk_xml().unwrap();
    assert_valid(&our_schema("upload.xsd"), &changed);
    assert_eq!(UploadDocument::from_gbk_xml(&changed).unwrap(), change);
    // Under the published version it is a stranger.
    let plain = text_of(&bytes).replace("V.3.0-beian", "V.3.0");
    let Err(ReadError::Structure(problems)) = UploadDocument::from_gbk_xml(&gbk_of(&plain)) else {
        panic!("problems")
    };
    assert_eq!((problems.list()[0].path.as_str(), problems.list()[0].kind), (path, ProblemKind::Unexpected));
}

#[test]
fn a_change_may_have_every_kind_of_certificate() {
    let mut document = full_later_uploads().remove(2);
    let UploadOperation::Change(records) = &mut document.operation else { panic!("a change") };
    records[0].sponsor.certificate.kind = 36;
    let bytes = document.to_gbk_xml().unwrap();
    assert_valid(&our_schema("upload.xsd"), &bytes);
    assert_eq!(UploadDocument::from_gbk_xml(&bytes).unwrap(), document);
}

#[test]
fn the_reader_of_downloads_judges_as_the_schemas_do() {
    let exempt = |what: &str| {
        // We take an empty element for an absent one, want one kind of content, know
        // result codes of four digits, look at the form of times and bound remarks.
        what.starts_with("empty")
            || matches!(what, "without Nrlx_xx" | "without Gjsh" | "without Fwnr_id")
            || what.starts_with("large number in Sheng")
            || what.starts_with("large number in Shi")
            || what.starts_with("large number in Xian")
            || what.contains(" in Jgdm")
            || what == "35 in Czlx"
            || what == "2 in Zxlb"
            || what == "+2 in Zxlb"
            || ["Scbbsj", "Zjxgsj", "Zsyxq", "Shsj", "Bz"]
                .iter()
                .any(|name| what.ends_with(&format!(" in {name}")))
            || ["BAJG", "BASJ", "ZXSJ"].iter().any(|name| what.ends_with(name))
    };
    let accepts = |bytes: &[u8]| DownloadDocument::from_gbk_xml(bytes).is_ok();
    let schemas: Vec<_> = [Some(our_schema("download.xsd")), ministry_schema("download-data.xsd")]
        .into_iter()
        .flatten()
        .collect();
    for document in [full_filings(), full_results(OperationKind::NewFiling), full_cancellations()] {
        agree(&text_of(&document.to_gbk_xml().unwrap()), &schemas, accepts, exempt);
    }
}

#[test]
fn empty_elements_of_the_regulator_count_as_absent() {
    let text = text_of(&full_filings().to_gbk_xml().unwrap())
        .replace("<Qq>10001</Qq>", "<Qq/>")
        .replace("<Zsxh>1</Zsxh>", "<Zsxh> </Zsxh>");
    let document = DownloadDocument::from_gbk_xml(&gbk_of(&text)).unwrap();
    let DownloadContent::Filings(file) = document.content else { panic!("filings") };
    assert_eq!(file.records[0].sponsor.principal.details.qq, None);
    assert_eq!(file.records[0].sponsor.certificate_serial, None);
    let required = text.replace("<Dwmc>样本公司</Dwmc>", "<Dwmc/>");
    assert!(matches!(DownloadDocument::from_gbk_xml(&gbk_of(&required)), Err(ReadError::Structure(_))));
}

#[test]
fn any_order_is_read() {
    let text = text_of(&full_upload().to_gbk_xml().unwrap());
    let unit = "<Qqdwid>110000000001</Qqdwid>";
    let moved = text.replace(unit, "").replace("<ICP>", &format!("<ICP>\n{unit}"));
    assert_ne!(moved, text);
    let swapped = moved.replace(
        "<Zjlx>1</Zjlx><Zjhm>91110000000000000X</Zjhm>",
        "<Zjhm>91110000000000000X</Zjhm> <Zjlx> 1 </Zjlx>",
    );
    assert_ne!(swapped, moved);
    assert_eq!(UploadDocument::from_gbk_xml(&gbk_of(&swapped)).unwrap(), full_upload());
    let utf8 = swapped.replace("encoding=\"GBK\"", "encoding=\"UTF-8\"");
    assert_eq!(UploadDocument::from_gbk_xml(utf8.as_bytes()).unwrap(), full_upload());
}

#[test]
fn all_problems_are_reported_with_their_places() {
    let text = text_of(&full_upload().to_gbk_xml().unwrap())
        .replace("<Dwxz>4</Dwxz>", "<Dwxz>1000</Dwxz>")
        .replace("<Fwnr_id>24</Fwnr_id>", "<Fwnr_id>x</Fwnr_id>")
        .replace("<Ym>example-one.cn</Ym>", "<Ym>a.c</Ym>")
        .replace("<Ssdxlx>2</Ssdxlx>", "<Ssdxlx>3</Ssdxlx>")
        .replace("<IspJrid>4001</IspJrid>", "<Sjrid>4001</Sjrid>")
        .replace(" version=\"V.3.0\"", "");
    let Err(ReadError::Structure(problems)) = UploadDocument::from_gbk_xml(&gbk_of(&text)) else {
        panic!("problems")
    };
    let base = "/UploadData/ICP/XZBA/Baxx[1]";
    let expected = [
        ("/UploadData/@version".to_owned(), ProblemKind::Missing),
        (format!("{base}/Zt_xx/Dwxz"), ProblemKind::Range { min: 1, max: 999, got: 1000 }),
        (format!("{base}/Wz_xx[1]/Fwnr/Fwnr_id"), ProblemKind::NotANumber { min: 1, max: 64 }),
        (format!("{base}/Wz_xx[1]/Ym_xx[1]/Ym"), ProblemKind::Length { min: 4, max: 128, got: 3 }),
        (format!("{base}/Wz_xx[1]/Jr_xx[1]/IspJrid"), ProblemKind::Missing),
        (format!("{base}/Wz_xx[1]/Jr_xx[1]/Sjrid"), ProblemKind::Unexpected),
        (format!("{base}/Fj[1]/Fjxx/Fjssdx/Ssdxlx"), ProblemKind::NotListed { got: 3 }),
    ];
    let got: Vec<_> = problems.list().iter().map(|problem| (problem.path.clone(), problem.kind)).collect();
    assert_eq!(got, expected);
    assert_eq!(problems.count(), 7);
    assert_eq!(problems.to_string(), "/UploadData/@version: is required and missing (and 6 more)");
}

#[test]
fn floods_are_bounded() {
    let many = format!(
        "<UploadData version='V.3.0'><ICP><XZBA>{}</XZBA></ICP></UploadData>",
        "<Baxx/>".repeat(5000)
    );
    let Err(ReadError::Structure(problems)) = UploadDocument::from_gbk_xml(many.as_bytes()) else {
        panic!("problems")
    };
    assert_eq!(problems.list()[0].kind, ProblemKind::Count { min: 1, max: MAX_RECORDS, got: 5000 });
    assert_eq!(problems.list().len(), 200);
    // Count, and for each of the records read: no sponsor and no website; then no unit.
    assert_eq!(problems.count(), 1 + 2 * MAX_RECORDS + 1);

    let deep = format!("<UploadData version='V.3.0'>{}", "<a>".repeat(100_000));
    assert_eq!(UploadDocument::from_gbk_xml(deep.as_bytes()), Err(ReadError::TooDeep { max: 24 }));
    let wide = format!("<UploadData version='V.3.0'>{}</UploadData>", "<a/>".repeat(1_000_001));
    assert_eq!(
        UploadDocument::from_gbk_xml(wide.as_bytes()),
        Err(ReadError::TooManyElements { max: 1_000_000 })
    );
    let attributes: String = (0..1_000_000).map(|number| format!(" a{number}=''")).collect();
    let flood = format!("<UploadData{attributes}/>");
    assert!(matches!(UploadDocument::from_gbk_xml(flood.as_bytes()), Err(ReadError::NotXml { .. })));
    let large = vec![b' '; MAX_XML_BYTES + 1];
    assert_eq!(
        UploadDocument::from_gbk_xml(&large),
        Err(ReadError::TooLarge { max: MAX_XML_BYTES, got: MAX_XML_BYTES + 1 })
    );
    let bomb = "<!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><UploadData>&b;</UploadData>";
    assert_eq!(UploadDocument::from_gbk_xml(bomb.as_bytes()), Err(ReadError::Doctype));
    assert_eq!(UploadDocument::from_gbk_xml(b"<a>\xFF\xFF</a>"), Err(ReadError::NotText));
    assert_eq!(UploadDocument::from_gbk_xml(b"<a>\x01</a>"), Err(ReadError::NotText));
}

#[test]
fn other_operations_are_named() {
    let of = |text: &str| UploadDocument::from_gbk_xml(text.as_bytes());
    let unknown = |element: &str| Err(ReadError::UnknownOperation { element: element.to_owned() });
    assert_eq!(
        of("<UploadData version='V.3.0'><ICP><XZCJM/><Qqdwid>1</Qqdwid></ICP></UploadData>"),
        unknown("XZCJM")
    );
    assert_eq!(of("<UploadData version='V.3.0'><APP/></UploadData>"), unknown("APP"));
    assert_eq!(of("<UploadData version='V.3.0'><IP><BGBA/></IP></UploadData>"), unknown("BGBA"));
    let of = |text: &str| DownloadDocument::from_gbk_xml(text.as_bytes()).unwrap_err();
    assert_eq!(
        of("<DownloadData version='V.3.0'><DJTB/></DownloadData>"),
        ReadError::UnknownOperation { element: "DJTB".into() }
    );
    assert_eq!(
        of("<DownloadData version='V.3.0'><ICP><CJM/></ICP></DownloadData>"),
        ReadError::UnknownOperation { element: "CJM".into() }
    );
    assert!(matches!(of("<DownloadData version='V.3.0'><ICP/></DownloadData>"), ReadError::Structure(_)));
    assert!(matches!(of("<UploadData version='V.3.0'/>"), ReadError::Structure(_)));
}

#[test]
fn what_cannot_be_written_is_refused_with_its_place() {
    type Change = fn(&mut UploadDocument);
    let base = "/UploadData/ICP/XZBA/Baxx[1]";
    let cases: Vec<(Change, WriteError)> = vec![
        (
            |d| records(d)[0].sponsor.name.clear(),
            WriteError::Length { path: format!("{base}/Zt_xx/Dwmc"), min: 1, max: 255, got: 0 },
        ),
        (
            |d| records(d)[0].sponsor.name = "长".repeat(256),
            WriteError::Length { path: format!("{base}/Zt_xx/Dwmc"), min: 1, max: 255, got: 256 },
        ),
        (
            |d| records(d)[0].sponsor.name = "张𠮷".into(),
            WriteError::NotGbk { path: format!("{base}/Zt_xx/Dwmc"), character: '𠮷' },
        ),
        (
            |d| records(d)[0].sponsor.name = "€".into(),
            WriteError::NotGbk { path: format!("{base}/Zt_xx/Dwmc"), character: '€' },
        ),
        (
            |d| records(d)[0].sponsor.name = "a\u{7}".into(),
            WriteError::NotXml { path: format!("{base}/Zt_xx/Dwmc"), code_point: 7 },
        ),
        (
            |d| records(d)[0].sponsor.isp_sponsor_id = 0,
            WriteError::Range {
                path: format!("{base}/Zt_xx/IspZtid"),
                min: 1,
                max: 9_223_372_036_854_775_807,
                got: 0,
            },
        ),
        (
            |d| records(d)[0].sponsor.address.city = 99_999,
            WriteError::Range {
                path: format!("{base}/Zt_xx/Txdz/Shiid"),
                min: 100_000,
                max: 4_294_967_295,
                got: 99_999,
            },
        ),
        (
            |d| records(d)[0].websites.clear(),
            WriteError::Count { path: format!("{base}/Wz_xx"), min: 1, max: usize::MAX, got: 0 },
        ),
        (
            |d| records(d)[0].websites[0].contents = vec![1; 65],
            WriteError::Count { path: format!("{base}/Wz_xx[1]/Fwnr/Fwnr_id"), min: 1, max: 64, got: 65 },
        ),
        (
            |d| records(d)[0].websites[0].languages = vec![65],
            WriteError::Range { path: format!("{base}/Wz_xx[1]/Yylb/Yylb_id"), min: 1, max: 64, got: 65 },
        ),
        (
            |d| records(d)[0].websites[0].accesses[0].ip_ranges[0].first = [0, 0, 0, 0].into(),
            WriteError::Range {
                path: format!("{base}/Wz_xx[1]/Jr_xx[1]/Ip_xx[1]/Qsip"),
                min: 1,
                max: 4_294_967_295,
                got: 0,
            },
        ),
        (
            |d| records(d)[0].websites[0].principal.details.mobile = "1380000000".into(),
            WriteError::Length {
                path: format!("{base}/Wz_xx[1]/Wz_Fzr/Fzr_sjhm"),
                min: 11,
                max: 128,
                got: 10,
            },
        ),
        (
            |d| records(d)[0].websites[0].approvals[0].files[0] = "A".repeat(MAX_ATTACHMENT + 4),
            WriteError::AttachmentTooLarge {
                path: format!("{base}/Wz_xx[1]/Nrlx/Nrlx_xx[1]/Spwj"),
                max: MAX_ATTACHMENT,
                got: MAX_ATTACHMENT + 4,
            },
        ),
        (
            |d| records(d)[0].attachments[0].content_base64 = "A".repeat(MAX_VERIFICATION_FORM + 4),
            WriteError::AttachmentTooLarge {
                path: format!("{base}/Fj[1]/Fjxx/Fjnr"),
                max: MAX_VERIFICATION_FORM,
                got: MAX_VERIFICATION_FORM + 4,
            },
        ),
        (
            |d| records(d)[0].attachments[0].content_base64 = "AAAA\nAAAA".into(),
            WriteError::NotBase64 { path: format!("{base}/Fj[1]/Fjxx/Fjnr") },
        ),
        (
            |d| records(d)[0].attachments[0].owner = AttachmentOwner::Sponsor(0),
            WriteError::Range {
                path: format!("{base}/Fj[1]/Fjxx/Fjssdx/Ssdxbs"),
                min: 1,
                max: 9_223_372_036_854_775_807,
                got: 0,
            },
        ),
        (
            |d| d.requesting_unit = 0,
            WriteError::Range {
                path: "/UploadData/ICP/Qqdwid".into(),
                min: 1,
                max: 9_223_372_036_854_775_807,
                got: 0,
            },
        ),
        (
            |d| records(d).clear(),
            WriteError::Count { path: "/UploadData/ICP/XZBA/Baxx".into(), min: 1, max: MAX_RECORDS, got: 0 },
        ),
        (
            |d| {
                let record = records(d)[0].clone();
                *records(d) = vec![record; MAX_RECORDS + 1];
            },
            WriteError::Count {
                path: "/UploadData/ICP/XZBA/Baxx".into(),
                min: 1,
                max: MAX_RECORDS,
                got: MAX_RECORDS + 1,
            },
        ),
    ];
    for (change, expected) in cases {
        let mut document = full_upload();
        change(&mut document);
        assert_eq!(document.to_gbk_xml(), Err(expected));
    }
}

#[test]
fn the_largest_that_may_be_written() {
    let mut document = full_upload();
    let attachment = &mut records(&mut document)[0].attachments[0];
    attachment.content_base64 = "A".repeat(MAX_VERIFICATION_FORM);
    assert!(document.to_gbk_xml().is_ok());
    let attachment = &mut records(&mut document)[0].attachments[0];
    attachment.purpose = AttachmentPurpose::SPONSOR_CERTIFICATE;
    assert!(matches!(document.to_gbk_xml(), Err(WriteError::AttachmentTooLarge { max: MAX_ATTACHMENT, .. })));

    let attachment = &mut records(&mut document)[0].attachments[0];
    attachment.content_base64 = "A".repeat(MAX_ATTACHMENT);
    let record = records(&mut document)[0].clone();
    *records(&mut document) = vec![record; 600];
    assert!(
        matches!(document.to_gbk_xml(), Err(WriteError::TooLarge { max: MAX_XML_BYTES, got }) if got > MAX_XML_BYTES)
    );
}

#[test]
fn personal_data_stay_out_of_debug() {
    let shown =
        format!("{:?}{:?}{:?}", full_upload(), full_filings(), full_results(OperationKind::NewFiling));
    for secret in [
        "样本",
        "张",
        "13800000001",
        "110101199001010007",
        "a@example-one.cn",
        "010-0000000",
        "10001",
        "样本路",
        "91110000000000000X",
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("1001"));
}
