//! Tables in Parquet and Arrow that other programs wrote give what the same log gives as text.
#![cfg(test)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use beian_audit::{AuditError, CheckpointOptions, FieldNames, Going, Outcome, ProblemKind, Standing};
use beian_index::Completeness;
use support::{Model, Random, Request, Writer, audit, index, request, run, told};

fn requests(count: usize) -> Vec<Request> {
    let mut random = Random(5);
    let requests = std::iter::repeat_with(|| request(&mut random, 400));
    // The writer of CSV puts no mark before quotation marks.
    requests.filter(|request| !request.path.contains('"')).take(count).collect()
}

fn csv(requests: &[Request]) -> String {
    let lines = requests.iter().map(|request| Writer::Csv.line(request) + "\n");
    Writer::Csv.head().to_owned() + &lines.collect::<String>()
}

fn python(script: &str, arguments: &[&Path]) {
    let python = std::env::var("BEIAN_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support").join(script);
    let output = Command::new(python).arg(script).args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{} (pyarrow and duckdb: `cargo xtask test prepare`)",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A log as text, and as every table that the script writes of it.
fn written(directory: &Path, requests: &[Request]) -> (PathBuf, Vec<PathBuf>) {
    let (log, tables) = (directory.join("log.csv"), directory.join("tables"));
    fs::write(&log, csv(requests)).unwrap();
    fs::create_dir(&tables).unwrap();
    python("tables.py", &[&log, &tables]);
    let mut paths: Vec<PathBuf> = fs::read_dir(&tables).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    (log, paths)
}

#[test]
fn a_table_gives_what_the_same_log_gives_as_text() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let requests = requests(20_000);
    let (log, tables) = written(directory, &requests);
    let index = index(directory, Completeness::Complete);
    let model = Model::of(&requests, Standing::NotFiled);
    let mut expected = run(&audit(&[log], directory), &index);
    assert_eq!(told(&mut expected), model.findings);
    assert!(tables.len() > 50, "{tables:?}");
    for table in tables {
        for threads in [1, 3] {
            let mut audit = audit(std::slice::from_ref(&table), directory);
            audit.threads = threads;
            let mut outcome = run(&audit, &index);
            assert_eq!(outcome.problems, [], "{}", table.display());
            let mut totals = outcome.totals;
            totals.bytes = expected.totals.bytes;
            assert_eq!(totals, expected.totals, "{}", table.display());
            assert_eq!(told(&mut outcome), model.findings, "{}", table.display());
        }
    }
}

#[test]
fn a_table_is_taken_up_again_where_it_was_left() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let requests = requests(20_000);
    let (_, tables) = written(directory, &requests);
    let index = index(directory, Completeness::Complete);
    let model = Model::of(&requests, Standing::NotFiled);
    for name in ["text.parquet", "DELTA_BYTE_ARRAY.parquet", "text.arrow", "growing.arrows"] {
        let table = tables.iter().find(|path| path.ends_with(name)).unwrap();
        let (mut stops, mut was_stopped) = (0, 0);
        let step = if name.starts_with("DELTA") { 29 } else { 1 };
        for stop in (0..).step_by(step) {
            let checkpoint = directory.join(format!("{name}-{stop}"));
            let mut audit = audit(std::slice::from_ref(table), directory);
            audit.checkpoint =
                Some(CheckpointOptions { directory: checkpoint.clone(), every: 1, list: None });
            let count = AtomicUsize::new(0);
            let stopping = audit.run(&index, &|_| match count.fetch_add(1, Ordering::SeqCst) >= stop {
                true => Going::Stop,
                false => Going::On,
            });
            let is_over = !matches!(stopping, Err(AuditError::Stopped));
            was_stopped += usize::from(!is_over);
            let again = AtomicUsize::new(0);
            let mut outcome = audit
                .run(&index, &|_| {
                    again.fetch_add(1, Ordering::SeqCst);
                    Going::On
                })
                .unwrap();
            assert_eq!(told(&mut outcome), model.findings, "{name}, {stop}");
            assert_eq!(outcome.totals.lines, requests.len() as u64, "{name}, {stop}");
            // What was counted is not counted again.
            stops += usize::from(again.load(Ordering::SeqCst) < count.load(Ordering::SeqCst));
            if is_over {
                break;
            }
        }
        assert!(was_stopped > 2 && stops > 1, "{name}: {was_stopped} {stops}");
    }
}

#[test]
fn slices_hold_a_table_whole() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let requests = requests(5_000);
    let (_, tables) = written(directory, &requests);
    let index = index(directory, Completeness::Complete);
    let model = Model::of(&requests, Standing::NotFiled);
    for name in ["text.parquet", "text.arrows"] {
        let table = tables.iter().find(|path| path.ends_with(name)).unwrap();
        let audit = audit(std::slice::from_ref(table), directory);
        let plan = audit.plan(std::num::NonZeroU64::new(1000).unwrap()).unwrap();
        assert_eq!(plan.slices.len(), 1, "{name}");
        let mut gathering = beian_audit::Gathering::new(audit.clone()).unwrap();
        gathering.add(audit.scan(&index, &plan.slices[0]).unwrap()).unwrap();
        let mut outcome = gathering.into_outcome(&index, plan.problems).unwrap();
        assert_eq!(told(&mut outcome), model.findings, "{name}");
    }
}

fn of(directory: &Path, name: &str, content: &[u8]) -> Outcome {
    let log = directory.join(name);
    fs::write(&log, content).unwrap();
    run(&audit(&[log], directory), &index(directory, Completeness::Complete))
}

#[test]
fn a_table_that_is_cut_or_damaged_is_told_and_nothing_else_happens() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let requests = requests(600);
    let (_, tables) = written(directory, &requests);
    let lines = requests.len() as u64;
    let mut random = Random(9);
    for name in [
        "text.parquet",
        "nested.parquet",
        "gzip-2.0.parquet",
        "snappy-1.0.parquet",
        "lz4-1.0.parquet",
        "DELTA_BYTE_ARRAY.parquet",
        "duckdb-V2.parquet",
        "dictionary.arrow",
        "nested.arrows",
        "lz4.feather",
        "zstd.feather",
    ] {
        let whole = fs::read(tables.iter().find(|path| path.ends_with(name)).unwrap()).unwrap();
        for length in (0..whole.len()).step_by(whole.len() / 40) {
            let outcome = of(directory, name, &whole[..length]);
            // A stream may end between two messages.
            assert!(
                length == 0 || !outcome.problems.is_empty() || outcome.totals.lines < lines,
                "{name}, {length}"
            );
            assert!(outcome.totals.lines <= lines, "{name}, {length}");
        }
        let mut unnoticed = 0;
        for _ in 0..100 {
            let mut damaged = whole.clone();
            // Where what is said of the table stands, above all.
            let place = match random.below(3) {
                0 => random.below(whole.len() as u64) as usize,
                1 => whole.len() - 1 - random.below(1500.min(whole.len() as u64)) as usize,
                _ => random.below(1500.min(whole.len() as u64)) as usize,
            };
            damaged[place] ^= 1 << random.below(8);
            let outcome = of(directory, name, &damaged);
            unnoticed += usize::from(outcome.problems.is_empty());
        }
        println!("{name}: {unnoticed} of 100 flipped bits changed values alone");
    }
}

#[test]
fn bombs_are_refused_in_words() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let tables = directory.join("tables");
    fs::create_dir(&tables).unwrap();
    python("bombs.py", &[&tables]);
    let index = index(directory, Completeness::Complete);
    for (name, expected, lines) in [
        ("page.parquet", "expected at most 134217728 bytes of a page", 0),
        ("pages.parquet", "bytes of the pages of some rows", 0),
        ("incremental.parquet", "of a page of the encoding DELTA_BYTE_ARRAY", 0),
        ("message.arrow", "expected at most 1073741824 bytes of a message", 0),
        ("claim.arrow", "expected at most 1073741824 bytes of a message", 0),
        ("rows.parquet", "", 1000),
        ("claimed.parquet", "948575 rows less than its footer says", 100_000),
        ("dictionary.parquet", "", 200_000),
        ("footer.parquet", "expected at most 33554432 bytes of a footer", 0),
        ("long.parquet", "longer than the file", 0),
        ("old.arrow", "cut off", 0),
    ] {
        let outcome = run(&audit(&[tables.join(name)], directory), &index);
        let message = match outcome.problems.as_slice() {
            [problem] => match &problem.kind {
                ProblemKind::Unreadable { message } | ProblemKind::BrokenTable { message, .. } => {
                    message.clone()
                }
                other => panic!("{name}: {other:?}"),
            },
            [] => String::new(),
            many => panic!("{name}: {many:?}"),
        };
        assert!(
            message.contains(expected) && message.is_empty() == (expected.is_empty()),
            "{name}: {message}"
        );
        assert_eq!(outcome.totals.lines, lines, "{name}: {message}");
        if name == "dictionary.parquet" {
            assert_eq!(outcome.totals.too_long, lines, "{:?}", outcome.totals);
        }
    }
}

#[test]
fn the_host_of_a_table_is_found_by_its_name_or_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let requests = requests(500);
    let (_, tables) = written(directory, &requests);
    let index = index(directory, Completeness::Complete);
    for name in ["nested.parquet", "nested.arrow", "nested.arrows"] {
        let table = tables.iter().find(|path| path.ends_with(name)).unwrap().clone();
        let mut audit = audit(&[table], directory);
        audit.names = FieldNames { host: Some("authority".to_owned()), ..FieldNames::default() };
        let outcome = run(&audit, &index);
        let [problem] = outcome.problems.as_slice() else { panic!("{:?}", outcome.problems) };
        let columns = "level, request.host, request.uri, request.remote_ip, ts".to_owned();
        assert_eq!(problem.kind, ProblemKind::NoHost { columns }, "{name}");
        audit.names.host = Some("request.uri".to_owned());
        assert_eq!(run(&audit, &index).totals.invalid_hosts, requests.len() as u64, "{name}");
    }
}

#[test]
fn texts_that_begin_like_tables_are_texts() {
    let directory = tempfile::tempdir().unwrap();
    for host in ["par1.d1.cn", "ARROW1.d1.cn"] {
        let log = format!("{host} 192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] \"GET / HTTP/1.1\" 200 5\n");
        let outcome = of(directory.path(), "access.log", log.to_uppercase().replace("OCT", "Oct").as_bytes());
        assert_eq!((outcome.totals.findings(), outcome.problems.len()), (1, 0), "{host}");
    }
}
