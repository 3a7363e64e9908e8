//! Our schemas beside the ministry's: vectors on which both decide alike, and the list of
//! all that they decide otherwise, each with its reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use beian_wire::download::DownloadDocument;
use beian_wire::upload::UploadDocument;
use support::mutations::mutations;
use support::schema::{Amount, KINDS, Kind, Schema};
use support::{ministry_schema, our_schema, validate};

/// Our schema and the ministry's for a vector, told by the beginning of its name.
const SCHEMAS: [(&str, &str, &str); 7] = [
    ("upload-", "upload.xsd", "upload-data.xsd"),
    ("download-", "download.xsd", "download-data.xsd"),
    ("return-upload-", "return-upload.xsd", "upload-return.xsd"),
    ("return-download-", "return-download.xsd", "download-return.xsd"),
    ("return-downloadack-", "return-downloadack.xsd", "downloadack-return.xsd"),
    ("return-querypreviousupload-", "return-querypreviousupload.xsd", "querypreviousupload-return.xsd"),
    ("return-querybeianstatus-", "return-querybeianstatus.xsd", "querybeianstatus-return.xsd"),
];

fn vectors(verdict: &str, prefix: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(verdict);
    let mut list: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect();
    list.sort();
    list
}

#[test]
fn both_schemas_decide_alike_on_every_vector() {
    for (prefix, ours, theirs) in SCHEMAS {
        for (verdict, expected) in [("accept", true), ("reject", false)] {
            let list = vectors(verdict, prefix);
            assert!(!list.is_empty(), "{verdict}/{prefix}");
            let documents: Vec<Vec<u8>> = list.iter().map(|(_, document)| document.clone()).collect();
            for schema in [Some(our_schema(ours)), ministry_schema(theirs)].into_iter().flatten() {
                for ((name, _), got) in list.iter().zip(validate(&schema, &documents)) {
                    assert_eq!(got, expected, "{verdict}/{name} by {}", schema.display());
                }
            }
        }
    }
}

#[test]
fn every_kind_has_vectors_of_both_verdicts() {
    for kind in KINDS {
        let prefix = format!("{}--", kind.name());
        let accepted = vectors("accept", &prefix);
        assert_eq!(accepted.len(), 2, "{prefix}");
        for (name, document) in accepted {
            let read = match kind.root {
                "UploadData" => {
                    UploadDocument::from_gbk_xml(&document).map(|document| document.operation.element())
                }
                _ => DownloadDocument::from_gbk_xml(&document).map(|document| document.content.element()),
            };
            let element = kind.path.iter().take(2).copied().collect::<Vec<_>>().join("/");
            assert_eq!(read, Ok(element.as_str()), "{name}");
        }
        let rejected = vectors("reject", &prefix);
        assert!(rejected.len() >= 4, "{prefix}: {}", rejected.len());
        for (name, document) in rejected {
            // The reader takes any order, and an empty element for an absent one.
            let is_tolerated = name.contains("--swapped") || name.contains("--empty");
            let is_read = match kind.root {
                "UploadData" => UploadDocument::from_gbk_xml(&document).is_ok(),
                _ => DownloadDocument::from_gbk_xml(&document).is_ok(),
            };
            assert!(!is_read || is_tolerated, "{name} is read");
        }
    }
}

/// With `BEIAN_TEST_WRITE_VECTORS` set, writes the vectors of all kinds of file anew; those of
/// answers are written by hand. Where the ministry's schemas are not there, nothing is written.
#[test]
fn vectors_are_written_when_asked_for() {
    let (Some(upload), Some(download)) =
        (ministry_schema("upload-data.xsd"), ministry_schema("download-data.xsd"))
    else {
        return;
    };
    if std::env::var_os("BEIAN_TEST_WRITE_VECTORS").is_none() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    for (number, kind) in KINDS.into_iter().enumerate() {
        let (ours, theirs) =
            if kind.root == "UploadData" { ("upload.xsd", &upload) } else { ("download.xsd", &download) };
        let schema = Schema::load(&our_schema(ours));
        let write = |verdict: &str, what: &str, text: &str| {
            let name = format!("{}--{}.xml", kind.name(), what.replace(' ', "-"));
            fs::write(folder.join(verdict).join(name), text).unwrap();
        };
        write("accept", "least", &schema.document(kind, Amount::Least, 1));
        let whole = schema.document(kind, Amount::All, 1);
        write("accept", "whole", &whole);
        let list = mutations(&whole);
        let documents: Vec<Vec<u8>> = list.iter().map(|(_, text)| text.clone().into_bytes()).collect();
        let (by_ours, by_theirs) = (validate(&our_schema(ours), &documents), validate(theirs, &documents));
        let refused: Vec<&(String, String)> = list
            .iter()
            .zip(by_ours.into_iter().zip(by_theirs))
            .filter(|(_, verdicts)| *verdicts == (false, false))
            .map(|(mutation, _)| mutation)
            .collect();
        for (class, begin) in
            ["without", "twice", "empty", "stranger", "large number", "swapped"].into_iter().enumerate()
        {
            let of_class: Vec<_> = refused.iter().filter(|(what, _)| what.starts_with(begin)).collect();
            if let Some((what, text)) = of_class.get((number * 7 + class * 3) % of_class.len().max(1)) {
                write("reject", what, text);
            }
        }
    }
}

/// Something on which the two schemas decide otherwise.
struct Deviation {
    /// What, and why ours is as it is.
    why: &'static str,
    /// Our schema and the ministry's.
    schemas: (&'static str, &'static str),
    /// A document that both take.
    good: fn() -> String,
    /// What to replace in it by what.
    change: (&'static str, String),
    /// What ours decides; the ministry's decides the opposite.
    ours: bool,
}

const UPLOAD: (&str, &str) = ("upload.xsd", "upload-data.xsd");
const DOWNLOAD: (&str, &str) = ("download.xsd", "download-data.xsd");

fn whole(kind: Kind) -> String {
    let name = if kind.root == "UploadData" { UPLOAD.0 } else { DOWNLOAD.0 };
    Schema::load(&our_schema(name)).document(kind, Amount::All, 1)
}

fn kind(name: &str) -> Kind {
    KINDS.into_iter().find(|kind| kind.name() == name).unwrap()
}

fn reply(body: &str) -> String {
    let message = "文".repeat(256);
    format!("<return version=\"V.3.0\"><msg_code>0</msg_code><msg>{message}</msg>{body}</return>\n")
}

const FILE: &str =
    "<return_FileName>a.xml</return_FileName><beianInfo>AAAA</beianInfo><beianInfoHash>AAAA</beianInfoHash>";
const ALGORITHMS: &str = "<hashAlgorithm>0</hashAlgorithm><compressionFormat>0</compressionFormat><encryptAlgorithm>1</encryptAlgorithm>";

/// All that is known to differ. The first group are bugs of the ministry's schemas, which its
/// text contradicts; the second is what its text forbids and its schemas do not.
fn deviations() -> Vec<Deviation> {
    let message = || ("文".repeat(256), "操作成功".to_owned());
    let short = |why, schemas, good| {
        let (from, to) = message();
        Deviation { why, schemas, good, change: (Box::leak(from.into_boxed_str()), to), ours: true }
    };
    let fixed = "msg has a fixed length of 256 there, which no answer has";
    let bug = |why, schemas, good, change: (&'static str, &str)| Deviation {
        why,
        schemas,
        good,
        change: (change.0, change.1.to_owned()),
        ours: true,
    };
    let lax = |why, schemas, good, change: (&'static str, &str)| Deviation {
        ours: false,
        ..bug(why, schemas, good, change)
    };
    vec![
        short(fixed, ("return-upload.xsd", "upload-return.xsd"), || reply("")),
        short(fixed, ("return-download.xsd", "download-return.xsd"), || reply("")),
        short(fixed, ("return-downloadack.xsd", "downloadack-return.xsd"), || reply("")),
        short(fixed, ("return-querypreviousupload.xsd", "querypreviousupload-return.xsd"), || reply("")),
        short(fixed, ("return-querybeianstatus.xsd", "querybeianstatus-return.xsd"), || reply("")),
        bug(
            "operation 35 (material on its own) is in the text, not in the schema: results",
            DOWNLOAD,
            || whole(kind("download-icp-bajg")),
            ("</Jgxx><Czlx>1</Czlx>", "</Jgxx><Czlx>35</Czlx>"),
        ),
        bug(
            "operation 35 (material on its own) is in the text, not in the schema: reviews",
            DOWNLOAD,
            || whole(kind("download-icp-bajg")),
            ("<Czlx>1</Czlx><Jlid>", "<Czlx>35</Czlx><Jlid>"),
        ),
        bug(
            "kind 2 (access) of what was cancelled is in the text, not in the schema",
            DOWNLOAD,
            || whole(kind("download-icp-zxsj")),
            ("<Zxlb>1</Zxlb>", "<Zxlb>2</Zxlb>"),
        ),
        bug(
            "kinds of certificate end at 11 in a change, and there alone",
            UPLOAD,
            || whole(kind("upload-icp-bgba")),
            ("<Zjlx>1</Zjlx>", "<Zjlx>36</Zjlx>"),
        ),
        lax(
            "the state of a record has no type; the text knows 0 and 1",
            ("return-querybeianstatus.xsd", "querybeianstatus-return.xsd"),
            || reply("<StatusInfo><Cxtjlx>0</Cxtjlx><Cxtj>example-one.cn</Cxtj><Bazt>1</Bazt></StatusInfo>"),
            ("<Bazt>1</Bazt>", "<Bazt>2</Bazt>"),
        ),
        lax(
            "numbers of missing files are any text; they are numbers",
            ("return-upload.xsd", "upload-return.xsd"),
            || reply("<dataSequences><dataSequence>1</dataSequence></dataSequences>"),
            ("<dataSequence>1</dataSequence>", "<dataSequence>x</dataSequence>"),
        ),
        lax(
            "the remark of a changed website has no type, so that anything may stand in it",
            UPLOAD,
            || whole(kind("upload-icp-bgba")),
            ("<Wz_Bz>样本</Wz_Bz>", "<Wz_Bz><a/></Wz_Bz>"),
        ),
        lax(
            "owners of attachments go on to 10, though the text knows sponsor and website",
            UPLOAD,
            || whole(kind("upload-icp-xzhyd")),
            ("<Ssdxlx>1</Ssdxlx>", "<Ssdxlx>3</Ssdxlx>"),
        ),
        lax(
            "a file may have no operation, though the text wants one",
            UPLOAD,
            || whole(kind("upload-icp-zxba")),
            (
                "<ZXBA><Zx_xx><Zxlb>1</Zxlb><Jlid>1</Jlid><Zxly>1</Zxly><Zxlybz>样本</Zxlybz><ICPmm>样本</ICPmm></Zx_xx></ZXBA>",
                "",
            ),
        ),
        lax(
            "a file may have several operations, though the text wants one",
            UPLOAD,
            || whole(kind("upload-ym-scba")),
            ("<SCBA>", "<XZBA/><SCBA>"),
        )
        .with_text("<XZBA/>", || {
            let added = whole(kind("upload-ym-xzba"));
            let (from, to) =
                (added.find("<XZBA>").unwrap(), added.find("</XZBA>").unwrap() + "</XZBA>".len());
            added[from..to].to_owned()
        }),
        lax(
            "a file may have more than 1000 records, though the text wants no more",
            UPLOAD,
            || whole(kind("upload-ym-scba")),
            ("<Scxx>", "<Scxx>"),
        )
        .with_text("<Scxx>", || "<Scxx><Id>1</Id></Scxx>".repeat(1000) + "<Scxx>"),
        lax(
            "a download may have no content, though the text wants one",
            DOWNLOAD,
            || whole(kind("download-icp-zxsj")),
            ("<ZXSJ><Zxxx><Zxlb>1</Zxlb><Jlid>1</Jlid><Bz>样本</Bz></Zxxx></ZXSJ>", ""),
        ),
        lax(
            "a download may have several contents, though the text wants one",
            DOWNLOAD,
            || whole(kind("download-icp-zxsj")),
            ("<ICP>", "<ICP><BAJG/>"),
        ),
        lax(
            "a full synchronisation may be empty, though it is for nothing then",
            DOWNLOAD,
            || "<DownloadData version=\"V.3.0\"><SJTB><JCDM/></SJTB></DownloadData>\n".to_owned(),
            ("<JCDM/>", ""),
        ),
        lax(
            "remarks in downloads are not bounded; we take 1024 characters",
            DOWNLOAD,
            || whole(kind("download-icp-zxsj")),
            ("<Bz>样本</Bz>", "<Bz>样本</Bz>"),
        )
        .with_text("<Bz>样本</Bz>", || format!("<Bz>{}</Bz>", "长".repeat(1025))),
        lax(
            "codes of results are not bounded; the text has four digits, we take five",
            DOWNLOAD,
            || whole(kind("download-icp-bajg")),
            ("<Jgdm>1</Jgdm>", "<Jgdm>65536</Jgdm>"),
        ),
        lax(
            "filings may come by more than 1000 in a file",
            DOWNLOAD,
            || whole(kind("download-icp-basj")),
            ("<Baxx>", "<Baxx>"),
        )
        .with_text("<Baxx>", || {
            let text = whole(kind("download-icp-basj"));
            let (from, to) = (text.find("<Baxx>").unwrap(), text.find("</Baxx>").unwrap() + "</Baxx>".len());
            text[from..to].repeat(1000) + "<Baxx>"
        }),
    ]
}

impl Deviation {
    /// The same with a text in the change that must be made first.
    fn with_text(mut self, place: &str, text: impl FnOnce() -> String) -> Self {
        self.change.1 = self.change.1.replacen(place, &text(), 1);
        self
    }
}

#[test]
fn the_schemas_differ_in_what_is_listed() {
    for Deviation { why, schemas, good, change, ours } in deviations() {
        let good = good();
        let changed = good.replacen(change.0, &change.1, 1);
        assert_ne!(good, changed, "{why}: nothing to change in {good}");
        let documents = [good.into_bytes(), changed.into_bytes()];
        assert_eq!(validate(&our_schema(schemas.0), &documents), [true, ours], "{why}: ours");
        if let Some(theirs) = ministry_schema(schemas.1) {
            assert_eq!(validate(&theirs, &documents), [true, !ours], "{why}: the ministry's");
        }
    }
}

/// Vectors of answers, which have no kinds to be made from. Every message has 256 characters,
/// so that the ministry's schemas can take them at all.
fn answers() -> Vec<(&'static str, &'static str, String)> {
    let files = |inner: &str| reply(&format!("<fileInfos>{inner}</fileInfos>"));
    let status = |inner: &str| {
        reply(&format!("<StatusInfo><Cxtjlx>0</Cxtjlx><Cxtj>example-one.cn</Cxtj>{inner}</StatusInfo>"))
    };
    vec![
        ("accept", "return-upload-done", reply("")),
        (
            "accept",
            "return-upload-gap",
            reply(
                "<dataSequences><dataSequence>1</dataSequence><dataSequence>2</dataSequence></dataSequences>",
            ),
        ),
        ("reject", "return-upload-no-numbers", reply("<dataSequences/>")),
        ("reject", "return-upload-stranger", reply("<other/>")),
        ("reject", "return-upload-code-too-large", reply("").replace("<msg_code>0<", "<msg_code>1000<")),
        ("accept", "return-download-file", files(&format!("{ALGORITHMS}{FILE}"))),
        ("accept", "return-download-nothing", reply("")),
        ("reject", "return-download-out-of-order", files(&format!("{FILE}{ALGORITHMS}"))),
        (
            "reject",
            "return-download-no-hash",
            files(&format!("{ALGORITHMS}{FILE}").replace("<beianInfoHash>AAAA</beianInfoHash>", "")),
        ),
        ("accept", "return-downloadack-done", reply("")),
        ("reject", "return-downloadack-no-code", reply("").replace("<msg_code>0</msg_code>", "")),
        (
            "accept",
            "return-querypreviousupload-file",
            files(&format!("{ALGORITHMS}<dataSequence>1</dataSequence>{FILE}")),
        ),
        ("reject", "return-querypreviousupload-no-number", files(&format!("{ALGORITHMS}{FILE}"))),
        (
            "accept",
            "return-querybeianstatus-filed",
            status(
                "<Wzmc>样本</Wzmc><Ztbah>京ICP备00000001号</Ztbah><Wzbah>京ICP备00000001号-1</Wzbah><Bazt>0</Bazt>",
            ),
        ),
        ("accept", "return-querybeianstatus-not-filed", status("<Bazt>1</Bazt>")),
        ("reject", "return-querybeianstatus-no-state", status("")),
        (
            "reject",
            "return-querybeianstatus-short-condition",
            status("<Bazt>1</Bazt>").replace("example-one.cn", "a.c"),
        ),
    ]
}

#[test]
fn vectors_of_answers_are_as_listed_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let write = std::env::var_os("BEIAN_TEST_WRITE_VECTORS").is_some();
    for (verdict, name, text) in answers() {
        let path: PathBuf = folder.join(verdict).join(format!("{name}.xml"));
        if write {
            fs::write(&path, &text).unwrap();
        }
        assert_eq!(fs::read_to_string(path).unwrap(), text, "{name}");
    }
}
