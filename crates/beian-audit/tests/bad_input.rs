//! What is wrong with logs is counted as what it is, and stops nothing.
#![cfg(test)]

mod support;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use beian_audit::{
    Audit, AuditError, CheckpointOptions, FormatChoice, Going, Outcome, Problem, ProblemKind, report,
};
use beian_index::Completeness;
use support::{audit, index, run, told};

const GOOD: &str =
    r#"www.d1.cn 192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] "GET / HTTP/1.1" 200 5 "-" "curl""#;

fn of(name: &str, content: &[u8]) -> (tempfile::TempDir, Outcome) {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path(), name, content);
    let index = index(directory.path(), Completeness::Complete);
    let outcome = run(&audit(&[log], directory.path()), &index);
    (directory, outcome)
}

fn write(directory: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn lines_that_are_no_requests_are_told_apart() {
    let long = format!("{} {}", GOOD, "x".repeat(1 << 18));
    let huge = format!("www.d2.cn {}", "x".repeat(3 << 20));
    let lines = [
        GOOD.as_bytes(),
        b"",
        b"   \t",
        b"www.d1.cn 192.0.2.1 - - [10/Oct/2026:13:55:36 +08",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"caf\xe9",
        long.as_bytes(),
        huge.as_bytes(),
        GOOD.as_bytes(),
    ];
    let (_directory, mut outcome) = of("access.log", &lines.join(&b'\n'));
    let totals = outcome.totals;
    assert_eq!((totals.blank, totals.malformed, totals.binary, totals.too_long), (2, 1, 2, 2));
    assert_eq!((totals.lines, totals.findings()), (9, 2));
    assert_eq!(told(&mut outcome)["d1.cn"].lines, 2);
    assert_eq!(outcome.problems, []);
}

#[test]
fn one_line_of_many_megabytes_at_either_end_is_one_line() {
    for ending in ["", "\n"] {
        let huge = vec![b'x'; 5 << 20];
        for content in [
            [GOOD.as_bytes(), b"\n", &huge, ending.as_bytes()].concat(),
            [&huge, b"\n".as_slice(), GOOD.as_bytes(), ending.as_bytes()].concat(),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let log = write(directory.path(), "access.log", &content);
            let index = index(directory.path(), Completeness::Complete);
            for format in [FormatChoice::Template("$host $remote_addr ".to_owned()), FormatChoice::Recognise]
            {
                let audit = Audit { format, ..audit(std::slice::from_ref(&log), directory.path()) };
                let outcome = run(&audit, &index);
                let totals = outcome.totals;
                assert_eq!((totals.lines, totals.too_long, totals.findings()), (2, 1, 1), "{ending:?}");
                assert_eq!(outcome.problems, []);
            }
        }
    }
}

#[test]
fn a_hole_at_the_beginning_hides_nothing() {
    // What `copytruncate` and a power failure leave.
    let content = [vec![0; 300_000], b"\n".to_vec(), format!("{GOOD}\n").repeat(3).into_bytes()].concat();
    for name in ["access.log", "access.log.gz"] {
        let packed = if name.ends_with("gz") { gzip(&content) } else { content.clone() };
        let (_directory, outcome) = of(name, &packed);
        assert_eq!((outcome.totals.findings(), outcome.problems.len()), (3, 0), "{name}: {outcome:?}");
    }
}

#[test]
fn hostile_hosts_are_no_findings() {
    let hosts = [
        "-",
        "10.0.0.1:80",
        "[::1]",
        "localhost",
        "com.cn",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "a@b.cn",
        "%00.cn",
        "\"",
        "xn--.cn\u{202e}",
        &"a.".repeat(500),
        &"a".repeat(100_000),
    ];
    let lines: String = hosts.iter().map(|host| GOOD.replace("www.d1.cn", host) + "\n").collect();
    let (_directory, mut outcome) = of("access.log", (lines + GOOD).as_bytes());
    let totals = outcome.totals;
    assert_eq!((totals.without_host, totals.addresses, totals.suffixes), (1, 2, 2));
    assert_eq!((totals.invalid_hosts, totals.findings()), (hosts.len() as u64 - 5, 1));
    assert_eq!(told(&mut outcome).len(), 1);
}

#[test]
fn a_sample_holds_nothing_that_a_page_would_run() {
    let line = GOOD.replace("GET /", "GET /<script>\\x22&é");
    let (_directory, mut outcome) = of("access.log", line.as_bytes());
    assert_eq!(told(&mut outcome)["d1.cn"].sample, "http://www.d1.cn/%3Cscript%3E%5Cx22&%C3%A9");
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn of_a_broken_stream_what_comes_before_is_counted() {
    // Lines that differ, so that they are not compressed into nothing.
    let text: String = (0..30_000).map(|number| format!("{GOOD} {}\n", number * number)).collect();
    let zstd =
        ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    for (name, whole) in [("access.log.gz", gzip(text.as_bytes())), ("access.log.zst", zstd)] {
        let half = &whole[..whole.len() / 2];
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle..middle + 40].fill(0xa5);
        let garbage = [whole.as_slice(), b"garbage behind the end"].concat();
        for (what, content) in [("half", half), ("flipped", &flipped), ("garbage", &garbage)] {
            let (_directory, outcome) = of(name, content);
            let [problem] = outcome.problems.as_slice() else {
                panic!("{name}, {what}: {:?}", outcome.problems)
            };
            assert!(problem.log.ends_with(name));
            let ProblemKind::Broken { after, .. } = &problem.kind else {
                panic!("{name}, {what}: {problem:?}")
            };
            assert_eq!(*after, outcome.totals.bytes, "{name}, {what}");
            assert!(outcome.totals.findings() > 1000, "{name}, {what}: {:?}", outcome.totals);
            // The line at which it breaks may be cut.
            assert!(outcome.totals.lines - outcome.totals.findings() <= 1 || what == "flipped");
        }
        let (_directory, outcome) = of(name, &whole);
        assert_eq!((outcome.totals.findings(), outcome.problems.len()), (30_000, 0), "{name}");
    }
}

#[test]
fn frames_that_are_to_be_skipped_are() {
    let zstd = |text: &str| {
        ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest)
    };
    let skipped = [b"\x5a\x2a\x4d\x18\x05\x00\x00\x00", b"hello".as_slice()].concat();
    let lines = format!("{GOOD}\n{GOOD}\n");
    let content = [skipped.clone(), zstd(&lines), skipped.clone(), zstd(""), zstd(&lines), skipped].concat();
    let (_directory, outcome) = of("access.log.zst", &content);
    assert_eq!((outcome.totals.findings(), outcome.problems.len()), (4, 0), "{:?}", outcome.problems);
}

#[test]
fn what_is_no_log_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let logs = directory.path().join("logs");
    fs::create_dir(&logs).unwrap();
    write(&logs, "1.log", GOOD.as_bytes());
    write(&logs, "2.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    write(&logs, "3.txt", b"some words\nand more words\n");
    write(&logs, "4.empty", b"");
    write(&logs, "5.gz", &gzip(b"some words\n"));
    write(&logs, "6.gz", &gzip(b""));
    write(&logs, "7.gz", b"\x1f\x8b");
    std::os::unix::fs::symlink("nowhere", logs.join("8.link")).unwrap();
    std::os::unix::fs::symlink(".", logs.join("9.loop")).unwrap();
    let index = index(directory.path(), Completeness::Complete);
    let mut outcome = run(&audit(&[logs], directory.path()), &index);
    assert_eq!(told(&mut outcome).len(), 1);
    let mut names: Vec<(&str, bool)> = outcome
        .problems
        .iter()
        .map(|problem| (problem.log.rsplit('/').next().unwrap(), problem.kind == ProblemKind::NotRecognised))
        .collect();
    names.sort_unstable();
    assert_eq!(names, [("2.png", true), ("3.txt", true), ("5.gz", true), ("7.gz", false)]);
}

#[test]
fn what_stands_beside_logs_is_passed_over_and_archives_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let logs = directory.path().join("logs");
    fs::create_dir(&logs).unwrap();
    let line = format!("{GOOD}\n");
    write(&logs, "1.log", line.as_bytes());
    // The same under another name.
    fs::hard_link(logs.join("1.log"), logs.join("2.log")).unwrap();
    write(&logs, "3.error.log", b"2026/11/30 12:00:00 [error] 7#7: *1 open() failed, host: \"www.d1.cn\"\n");
    write(&logs, "4.error.log", b"[Mon Nov 30 12:00:00.123456 2026] [core:error] [pid 7] www.d1.cn\n");
    write(&logs, "5.empty", b"");
    let index = index(directory.path(), Completeness::Complete);
    let mut outcome = run(&audit(std::slice::from_ref(&logs), directory.path()), &index);
    assert_eq!(told(&mut outcome)["d1.cn"].lines, 1);
    let hides_nothing =
        |outcome: &Outcome| !outcome.problems.iter().any(|problem| problem.kind.hides_something());
    assert!(outcome.problems.len() == 2 && hides_nothing(&outcome), "{:?}", outcome.problems);

    // Reports of audits that were written there.
    for (name, write_report) in [
        ("6.csv", report::write_csv as fn(&mut Outcome, &mut Vec<u8>) -> Result<(), AuditError>),
        ("7.jsonl", report::write_json_lines),
        ("8.html", |outcome, out| {
            report::write_html(outcome, &report::About { logs: "x".to_owned(), made_at: 0 }, out)
        }),
    ] {
        let mut text = Vec::new();
        write_report(&mut outcome, &mut text).unwrap();
        write(&logs, name, &text);
    }
    let mut outcome = run(&audit(std::slice::from_ref(&logs), directory.path()), &index);
    assert_eq!(told(&mut outcome)["d1.cn"].lines, 1);
    assert!(outcome.problems.len() == 5 && hides_nothing(&outcome), "{:?}", outcome.problems);

    // What somebody must unpack first, made by the programs themselves.
    let unread = directory.path().join("unread");
    fs::create_dir(&unread).unwrap();
    let shell = "set -e; tar cf ../unread/a.tar 1.log; tar czf ../unread/b.tgz 1.log; xz -k -c 1.log > ../unread/c.xz; \
                 bzip2 -k -c 1.log > ../unread/d.bz2";
    assert!(Command::new("sh").args(["-c", shell]).current_dir(&logs).status().unwrap().success());
    let outcome = run(&audit(std::slice::from_ref(&unread), directory.path()), &index);
    let mut told: Vec<(&str, &str)> = outcome
        .problems
        .iter()
        .map(|problem| match &problem.kind {
            ProblemKind::Packed { how } => (problem.log.rsplit('/').next().unwrap(), how.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    told.sort_unstable();
    assert_eq!(told, [("a.tar", "tar"), ("b.tgz", "tar"), ("c.xz", "xz"), ("d.bz2", "bzip2")]);
    assert_eq!(outcome.totals.lines, 0);

    // Nothing at all is no log.
    let nothing = directory.path().join("nothing");
    fs::create_dir(&nothing).unwrap();
    let outcome = run(&audit(&[nothing], directory.path()), &index);
    assert!(matches!(outcome.problems.as_slice(), [Problem { kind: ProblemKind::NoLogs, .. }]));
}

/// Health checks name no host, and may stand before everything else for an hour.
#[test]
fn hosts_that_come_late_are_found() {
    let line = |host: &str| {
        format!(
            "192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] \"GET / HTTP/1.1\" 200 5 \"-\" \"curl\" \"{host}\"\n"
        )
    };
    let log = line("-").repeat(20_000) + &line("www.d1.cn").repeat(3_000);
    for mark in ["", "\u{feff}"] {
        let (_directory, mut outcome) = of("access.log", format!("{mark}{log}").as_bytes());
        assert_eq!(told(&mut outcome)["d1.cn"].lines, 3_000);
        assert_eq!(outcome.totals.without_host, 20_000);
    }
    // Checks by address go on all day, and requests are few.
    for check in ["-", "192.0.2.9", "localhost"] {
        let log = line(check).repeat(3_000) + &(line(check).repeat(49) + &line("www.d1.cn")).repeat(100);
        let (_directory, mut outcome) = of("access.log", log.as_bytes());
        assert_eq!(told(&mut outcome).get("d1.cn").map(|told| told.lines), Some(100), "{check}");
    }
    // Nothing but addresses: a server for whatever has no other.
    let first =
        "192.0.2.9 192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] \"GET / HTTP/1.1\" 200 5\n".repeat(3_000);
    let (_directory, outcome) = of("access.log", first.as_bytes());
    assert_eq!((outcome.totals.addresses, outcome.totals.lines), (3_000, 3_000));
    // A container's output: what a server says of itself, then requests.
    let mixed = format!(
        "2026/11/30 12:00:00 [notice] 1#1: start worker processes\n{}",
        format!("{GOOD}\n").repeat(9)
    );
    let (_directory, mut outcome) = of("container.log", mixed.as_bytes());
    assert_eq!((told(&mut outcome)["d1.cn"].lines, outcome.totals.malformed), (9, 1));
}

#[test]
fn a_log_in_whose_place_another_has_come_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let logs = directory.path().join("logs");
    fs::create_dir(&logs).unwrap();
    let line = format!("{GOOD}\n");
    // Long enough that the second is opened after some of it was read.
    write(&logs, "1.log", line.repeat(200_000).as_bytes());
    let second = write(&logs, "2.log", line.as_bytes());
    let index = index(directory.path(), Completeness::Complete);
    let rotated = AtomicBool::new(false);
    let outcome = audit(std::slice::from_ref(&logs), directory.path())
        .run(&index, &|_| {
            if !rotated.swap(true, Ordering::Relaxed) {
                fs::rename(&second, logs.join("2.log.1")).unwrap();
                write(&logs, "2.log", line.repeat(2).as_bytes());
            }
            Going::On
        })
        .unwrap();
    assert_eq!(outcome.totals.lines, 200_000);
    let [Problem { log, kind: ProblemKind::Unreadable { message } }] = outcome.problems.as_slice() else {
        panic!("{:?}", outcome.problems);
    };
    assert!(log.ends_with("2.log") && message.contains("rotated"), "{log}: {message}");
}

#[test]
fn two_audits_do_not_keep_their_counts_in_one_place() {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path(), "access.log", format!("{GOOD}\n").repeat(10).as_bytes());
    let index = index(directory.path(), Completeness::Complete);
    let checkpoint =
        Some(CheckpointOptions { directory: directory.path().join("state"), every: 1, list: None });
    let audit = Audit { checkpoint, ..audit(&[log], directory.path()) };
    let refused = AtomicBool::new(false);
    let tell = |_| {
        let other = audit.run(&index, &|_| Going::On);
        assert!(matches!(other, Err(AuditError::CheckpointInUse { .. })), "{other:?}");
        refused.store(true, Ordering::Relaxed);
        Going::On
    };
    assert_eq!(audit.run(&index, &tell).unwrap().totals.lines, 10);
    assert!(refused.into_inner());
    // It is over; whoever comes now finds it done.
    assert_eq!(run(&audit, &index).totals.lines, 10);
}

#[test]
fn a_log_that_was_named_must_be_there() {
    let directory = tempfile::tempdir().unwrap();
    let index = index(directory.path(), Completeness::Complete);
    let missing = audit(&[directory.path().join("no.log")], directory.path());
    assert!(matches!(missing.run(&index, &|_| Going::On), Err(AuditError::Log { .. })));
    let log = write(directory.path(), "access.log", GOOD.as_bytes());
    let mut wrong = audit(&[log], directory.path());
    wrong.format = FormatChoice::Template("$status".to_owned());
    assert!(matches!(wrong.run(&index, &|_| Going::On), Err(AuditError::FormatWithoutHost { .. })));
    wrong.format = FormatChoice::Recognise;
    wrong.spill = directory.path().join("no directory");
    assert!(matches!(wrong.run(&index, &|_| Going::On), Err(AuditError::Spool { .. })));
}
