//! Reports of one audit in every form.
#![cfg(test)]

mod support;

use std::fs;
use std::process::{Command, Stdio};

use beian_audit::report::{About, Language, write_csv, write_html, write_json_lines, write_table};
use beian_audit::{Outcome, Standing};
use beian_index::Completeness;
use support::{audit, index, run};

const LOG: &str = r#"www.d1.cn 192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] "GET /a,b?x HTTP/1.1" 200 5
www.d1.cn 192.0.2.2 - - [10/Oct/2026:13:57:36 +0800] "GET / HTTP/1.1" 200 5
-d2.cn 192.0.2.2 - - [10/Oct/2026:13:58:36 +0800] "GET /<b> HTTP/1.1" 200 5
-d2.cn 192.0.2.2 - - [no time] "GET / HTTP/1.1" 200 5
xn--85x722f.com.cn 2001:db8::1 - - [-] "GET / HTTP/1.1" 200 5
filed.cn 192.0.2.2 - - [10/Oct/2026:13:58:36 +0800] "GET / HTTP/1.1" 200 5
shell.net 192.0.2.2 - - [10/Oct/2026:13:58:36 +0800] "GET / HTTP/1.1" 200 5
cut off
"#;

fn outcome(directory: &std::path::Path) -> Outcome {
    let logs = directory.join("logs");
    fs::create_dir(&logs).unwrap();
    fs::write(logs.join("1.log"), LOG).unwrap();
    fs::write(logs.join("<2>.log"), "nothing that is known\n").unwrap();
    run(&audit(&[logs], directory), &index(directory, Completeness::Complete))
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn csv_has_a_row_a_domain() {
    let directory = tempfile::tempdir().unwrap();
    let mut outcome = outcome(directory.path());
    let csv = written(|output| write_csv(&mut outcome, output).unwrap());
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == 10), "{csv}");
    let of = |row: usize, column: &str| rows[row][rows[0].iter().position(|name| *name == column).unwrap()];
    assert_eq!(
        [1, 2, 3, 4].map(|row| of(row, "domain")),
        ["'-d2.cn", "d1.cn", "shell.net", "xn--85x722f.com.cn"]
    );
    assert_eq!(of(2, "first_seen"), "2026-10-10T13:55:36+08:00");
    assert_eq!(of(2, "last_seen"), "2026-10-10T13:57:36+08:00");
    assert_eq!((of(2, "addresses"), of(2, "addresses_exact")), ("2", "true"));
    assert_eq!(of(2, "sample_url"), "http://www.d1.cn/a%2Cb");
    assert_eq!(of(3, "standing"), "shell");
    assert_eq!((of(4, "unicode"), of(4, "first_seen")), ("食狮.com.cn", ""));
}

#[test]
fn json_lines_end_with_the_sums() {
    let directory = tempfile::tempdir().unwrap();
    let mut outcome = outcome(directory.path());
    let text = written(|output| write_json_lines(&mut outcome, output).unwrap());
    let values: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values.len(), 5);
    assert_eq!(values[0]["domain"], "-d2.cn");
    assert_eq!(values[3]["address_sample"][0], "2001:db8::1");
    let summary = &values[4]["summary"];
    assert_eq!(summary["standings"]["not-filed"], 5);
    assert_eq!(summary["totals"]["malformed"], 1);
    assert_eq!(summary["domains"], 4);
    assert_eq!(outcome.totals.of(Standing::Shell), 1);
}

#[test]
fn the_table_speaks_both_languages() {
    let directory = tempfile::tempdir().unwrap();
    let mut outcome = outcome(directory.path());
    let zh = written(|output| write_table(&mut outcome, 2, Language::Chinese, output).unwrap());
    let en = written(|output| write_table(&mut outcome, 9, Language::English, output).unwrap());
    assert!(zh.contains("未备案") && zh.contains("另有 2 个域名"), "{zh}");
    assert!(en.contains("not filed") && en.contains("xn--85x722f.com.cn (食狮.com.cn)"), "{en}");
    assert!(en.contains("8 lines, 4 domains") && en.contains("not of the format, or cut off"), "{en}");
    assert!(en.contains("<2>.log: not of a format that is known"), "{en}");
}

#[test]
fn the_page_is_well_formed_and_harmless() {
    let directory = tempfile::tempdir().unwrap();
    let mut outcome = outcome(directory.path());
    let about = About { logs: "<script>alert(1)</script>".to_owned(), made_at: 1_791_611_736 };
    let page = written(|output| write_html(&mut outcome, &about, output).unwrap());
    assert!(!page.contains("<script") && !page.contains("<2>") && !page.contains("<b>.log"), "{page}");
    assert!(page.contains("食狮.com.cn") && page.contains("2026-10-10 13:55"));
    for (zh, en) in [("未备案", "not filed"), ("空壳", "shell"), ("有问题的日志", "Logs with problems")]
    {
        assert!(page.contains(zh) && page.contains(en), "{zh}");
    }
    // An independent reader of HTML. It knows of no SVG, which is all that it may complain of.
    let mut xmllint = Command::new("xmllint")
        .args(["--html", "--noout", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("xmllint: {error}; `cargo xtask test prepare` installs it"));
    std::io::Write::write_all(&mut xmllint.stdin.take().unwrap(), page.as_bytes()).unwrap();
    let output = xmllint.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let told: Vec<&str> = errors.lines().filter(|line| line.contains("error :")).collect();
    let others: Vec<&&str> = told
        .iter()
        .filter(|line| {
            !["svg", "rect", "text", "main"].iter().any(|tag| line.contains(&format!("Tag {tag} invalid")))
        })
        .collect();
    assert!(others.is_empty(), "{others:?}");
}
