//! Every kind of file: made from our schema and from the ministry's, read, written again,
//! and judged by xmllint with both schemas.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod support;

use beian_wire::download::DownloadDocument;
use beian_wire::upload::UploadDocument;
use proptest::prelude::*;
use support::mutations::{agree_on, mutations};
use support::schema::{Amount, KINDS, Kind, Node, Schema};
use support::{ministry_schema, our_schema, validate};

/// What the crate writes for what it reads.
fn rewrite(kind: Kind, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    if kind.root == "UploadData" {
        let document = UploadDocument::from_gbk_xml(bytes).map_err(|error| text(&error))?;
        let written = document.to_gbk_xml().map_err(|error| text(&error))?;
        assert_eq!(UploadDocument::from_gbk_xml(&written), Ok(document));
        Ok(written)
    } else {
        let document = DownloadDocument::from_gbk_xml(bytes).map_err(|error| text(&error))?;
        let written = document.to_gbk_xml().map_err(|error| text(&error))?;
        assert_eq!(DownloadDocument::from_gbk_xml(&written), Ok(document));
        Ok(written)
    }
}

fn schema_name(root: &str) -> (&'static str, &'static str) {
    if root == "UploadData" {
        ("upload.xsd", "upload-data.xsd")
    } else {
        ("download.xsd", "download-data.xsd")
    }
}

/// Documents of every kind come through the reader and the writer whole, and all schemas
/// take what is written.
fn come_back(made_from: &dyn Fn(&str) -> Option<Schema>, amounts: &[(Amount, u64)]) {
    for root in ["UploadData", "DownloadData"] {
        let Some(schema) = made_from(root) else { return };
        let mut written = Vec::new();
        for kind in KINDS.into_iter().filter(|kind| kind.root == root) {
            for (amount, seed) in amounts {
                let made = schema.document(kind, *amount, *seed);
                let bytes = rewrite(kind, made.as_bytes())
                    .unwrap_or_else(|error| panic!("{} {amount:?} {seed}: {error}\n{made}", kind.name()));
                assert_eq!(
                    Node::read(&bytes).leaves(),
                    Node::read(made.as_bytes()).leaves(),
                    "{}",
                    kind.name()
                );
                written.push((kind, made, bytes));
            }
        }
        let (ours, theirs) = schema_name(root);
        let documents: Vec<(Kind, Vec<u8>)> = written
            .into_iter()
            .flat_map(|(kind, made, bytes)| [(kind, made.into_bytes()), (kind, bytes)])
            .collect();
        let bytes: Vec<Vec<u8>> = documents.iter().map(|(_, document)| document.clone()).collect();
        for schema in [Some(our_schema(ours)), ministry_schema(theirs)].into_iter().flatten() {
            for ((kind, document), verdict) in documents.iter().zip(validate(&schema, &bytes)) {
                let (name, text) = (kind.name(), String::from_utf8_lossy(document));
                assert!(verdict || deviates(*kind, document), "{name} by {}\n{text}", schema.display());
            }
        }
    }
}

/// Whether the ministry's schema is known to refuse a document that its text allows.
fn deviates(kind: Kind, document: &[u8]) -> bool {
    let root = Node::read(document);
    let leaves = root.leaves();
    let holds = |end: &str, refused: &dyn Fn(u64) -> bool| {
        leaves
            .iter()
            .any(|(path, text)| path.ends_with(end) && text.parse().is_ok_and(|number: u64| refused(number)))
    };
    match kind.path {
        // No operation 35, no cancelled access, no certificate beyond 11 in a change.
        ["ICP", "BAJG"] => holds("/Czlx", &|number| number == 35),
        ["ICP", "ZXSJ"] => holds("/Zxlb", &|number| number == 2),
        ["ICP", "BGBA"] => holds("/Zj/Zjlx", &|number| number > 11),
        _ => false,
    }
}

fn ours(root: &str) -> Option<Schema> {
    Some(Schema::load(&our_schema(schema_name(root).0)))
}

fn theirs(root: &str) -> Option<Schema> {
    ministry_schema(schema_name(root).1).map(|path| Schema::load(&path))
}

#[test]
fn the_least_and_the_whole_of_every_kind_come_back() {
    for made_from in [ours, theirs] {
        come_back(&made_from, &[(Amount::Least, 1), (Amount::All, 2), (Amount::All, 3)]);
    }
}

/// Elements that hold a day, a time, or a number of a narrower type than the schemas say.
const NARROWER: [&str; 22] = [
    "Hssj",
    "Rbsj",
    "Clsx",
    "Fprq",
    "Zcsj",
    "Yxrq",
    "Scbbsj",
    "Zjxgsj",
    "Hcsj",
    "Dqjcsj",
    "Scjcsj",
    "Zsyxq",
    "Shsj",
    "Jgdm",
    "Bz",
    "Shengid",
    "Shiid",
    "Xianid",
    "Zcr_shengid",
    "Zcr_shiid",
    "Gly_shengid",
    "Gly_shiid",
];

#[test]
fn the_reader_judges_every_kind_as_the_schemas_do() {
    for (number, kind) in KINDS.into_iter().enumerate() {
        let (ours, theirs) = schema_name(kind.root);
        let text = Schema::load(&our_schema(ours)).document(kind, Amount::All, 7);
        let schemas: Vec<_> =
            [Some(our_schema(ours)), ministry_schema(theirs)].into_iter().flatten().collect();
        // A sample of all that can be changed: other tests try every change of some kinds.
        let list = mutations(&text.replace("\n", "").replace("UTF-8", "GBK"));
        let every = (list.len() / 60).max(1);
        let sample = list.into_iter().skip(number % every).step_by(every).collect();
        let accepts = |bytes: &[u8]| match kind.root {
            "UploadData" => UploadDocument::from_gbk_xml(bytes).is_ok(),
            _ => DownloadDocument::from_gbk_xml(bytes).is_ok(),
        };
        let exempt = |what: &str| {
            let (change, name) = what.rsplit_once(' ').unwrap();
            // The schemas let lists be empty or gone that a file is for; the ministry's forgot some
            // numbers, and the type of one remark.
            kind.path.contains(&name)
                || name == "Jgxx"
                || NARROWER.contains(&name)
                || name.starts_with("Jfr_sh")
                || (kind.root == "DownloadData" && change == "empty")
                // What is left of a list without its one item counts as absent.
                || (change == "without" && matches!(kind.path, ["JCDM"] | ["SJTB", ..]))
                || change == "without" && matches!(name, "Nrlx_xx" | "Gjsh" | "Fwnr_id" | "Yylb_id")
                || matches!((kind.path, name), (["ICP", "BAJG"], "Czlx") | (["ICP", "ZXSJ"], "Zxlb"))
                || matches!((kind.path, name), (["ICP", "BGBA"], "Zjlx" | "Wz_Bz"))
                || (kind.root == "UploadData" && matches!(name, "Ssdxlx" | "Fjwjgs" | "Fjyt"))
        };
        agree_on(sample, &schemas, accepts, exempt);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_our_schema_allows_comes_back(seed in any::<u64>()) {
        come_back(&ours, &[0, 1, 2, 3].map(|more| (Amount::Random, seed.wrapping_add(more))));
    }

    #[test]
    fn whatever_the_ministrys_schema_allows_comes_back(seed in any::<u64>()) {
        come_back(&theirs, &[0, 1, 2, 3].map(|more| (Amount::Random, seed.wrapping_add(more))));
    }
}
