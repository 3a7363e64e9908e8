//! Logs, the index and the gate as an operator uses them.
#![cfg(test)]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use beian_audit::Standing;
use beian_domain::{HostStanding, practice};
use serde_json::Value;
use support::Process;
use support::provider::Provider;

/// What is planted in `examples/access.log`: domain, standing, lines.
const PLANTED: [(&str, &str, u64); 9] = [
    ("not-filed.cn", "not-filed", 40),
    ("not-filed-either.com.cn", "not-filed", 17),
    ("other-cloud.cn", "filed-elsewhere", 12),
    ("old-site.cn", "cancelled", 8),
    ("xn--85x722f.cn", "not-filed", 6),
    ("fake-bank.cn", "blacklisted", 5),
    ("forgotten-customer.top", "not-filed", 4),
    ("empty-shell.com", "shell", 3),
    ("one-visit.xyz", "not-filed", 1),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn beian(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beian"));
    command.args(arguments).current_dir(directory);
    for variable in ["BEIAN_INDEX", "BEIAN_DATA", "BEIAN_DATABASE", "BEIAN_LISTEN"] {
        command.env_remove(variable);
    }
    command
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    beian(directory, arguments).output().unwrap()
}

#[track_caller]
fn ended(output: &Output, status: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}\n{error}");
    (out, error)
}

/// The findings of JSON lines, and the sums.
fn findings(text: &str) -> (Vec<(String, String, u64)>, Value) {
    let mut values: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = values.pop().unwrap()["summary"].take();
    let of = |value: &Value| {
        let text = |key: &str| value[key].as_str().unwrap().to_owned();
        (text("domain"), text("standing"), value["lines"].as_u64().unwrap())
    };
    (values.iter().map(of).collect(), summary)
}

fn planted() -> Vec<(String, String, u64)> {
    PLANTED.map(|(domain, standing, lines)| (domain.to_owned(), standing.to_owned(), lines)).to_vec()
}

#[test]
fn the_planted_domains_are_found_as_the_readme_says() {
    // In the checkout, with nothing but the name of the log; another directory has no index either.
    let (out, error) = ended(&run(&root().join("examples"), &["audit", "access.log"]), 1);
    assert!(error.contains("filed.csv"), "{error}");
    for (domain, ..) in PLANTED {
        assert!(out.contains(domain), "{domain}: {out}");
    }
    assert!(out.contains("未备案") && out.contains("9 个域名未在本接入商备案"), "{out}");

    let output = run(
        &root(),
        &["audit", "examples/access.log", "--format", "json-lines", "--filed", "examples/filed.csv"],
    );
    let (out, _) = ended(&output, 1);
    let (found, summary) = findings(&out);
    assert_eq!(found, planted());
    let totals = &summary["totals"];
    let count = |key: &str| totals[key].as_u64().unwrap();
    assert_eq!((count("lines"), count("malformed")), (371, 2));
    assert_eq!((count("addresses"), count("without_host")), (5, 3));
    assert_eq!((count("suffixes"), count("invalid_hosts")), (3, 2));
    assert_eq!(count("filed_here"), 371 - 2 - 5 - 3 - 3 - 2 - 96);
}

#[test]
fn reports_go_to_files_by_their_names() {
    let directory = tempfile::tempdir().unwrap();
    let log = root().join("examples/access.log");
    let log = log.to_str().unwrap();
    let mut arguments = vec!["audit", log, "--language", "en"];
    let names = ["r.csv", "r.jsonl", "r.html", "r.txt"];
    names.iter().for_each(|name| arguments.extend(["--output", name]));
    let (out, _) = ended(&run(directory.path(), &arguments), 1);
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    assert_eq!(read("r.txt"), out);
    assert_eq!(read("r.csv").lines().count(), 10);
    assert_eq!(findings(&read("r.jsonl")).0, planted());
    assert!(read("r.html").contains("食狮.cn") && read("r.html").contains("<svg"));
    let (_, error) = ended(&run(directory.path(), &["audit", log, "--output", "r.doc"]), 2);
    assert!(error.contains(".html, .csv, .jsonl or .txt"), "{error}");
}

#[test]
fn an_index_is_built_asked_and_exported() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let (list, log) = (root().join("examples/filed.csv"), root().join("examples/access.log"));
    let (list, log) = (list.to_str().unwrap(), log.to_str().unwrap());
    let (out, _) = ended(&run(directory, &["index", "build", list]), 0);
    assert!(out.contains("beian-data/hosts.index: generation 1, 11 domains"), "{out}");
    // It is found where it is by default.
    let (out, error) = ended(&run(directory, &["audit", log, "--format", "json-lines"]), 1);
    assert_eq!((findings(&out).0, error.as_str()), (planted(), ""));
    let (out, _) = ended(&run(directory, &["index", "info"]), 0);
    assert!(out.contains("domains       11") && out.contains("filed-here      7"), "{out}");
    assert!(out.contains("complete: "), "{out}");
    let (out, _) =
        ended(&run(directory, &["index", "ask", "www.xizuo.cn:443", "other-cloud.cn", "x.not-filed.cn"]), 1);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "www.xizuo.cn:443  xizuo.cn  filed-here (record 1, as of 2026-11-20)");
    assert!(lines[1].contains("filed-elsewhere") && lines[2].ends_with("not-filed.cn  not-filed"), "{out}");
    ended(&run(directory, &["index", "ask", "xizuo.cn"]), 0);

    for (form, expected) in [
        ("nginx-map", ".xizuo.cn filed-here;"),
        ("haproxy-map", ".xizuo.cn filed-here"),
        ("list", "xizuo.cn"),
        ("policy-zone", "*.xizuo.cn CNAME rpz-passthru."),
    ] {
        let arguments = ["index", "export", "--as", form, "--page", "page.example.com"];
        let (out, _) = ended(&run(directory, &arguments), 0);
        assert!(out.lines().any(|line| line == expected), "{form}: {out}");
        let to_file = [arguments.as_slice(), &["--to", "exported"]].concat();
        ended(&run(directory, &to_file), 0);
        assert_eq!(fs::read_to_string(directory.join("exported")).unwrap(), out, "{form}");
    }
    ended(&run(directory, &["index", "export", "--as", "policy-zone"]), 2);
    let (_, error) = ended(&run(directory, &["index", "info", "--index", "nowhere"]), 2);
    assert!(error.contains("beian index build") && error.matches("os error 2").count() == 1, "{error}");
    let (_, error) = ended(&run(directory, &["audit", "no.log"]), 2);
    assert!(error.contains("no.log") && error.matches("os error 2").count() == 1, "{error}");
}

#[test]
fn a_wrong_line_of_a_list_is_told_and_nothing_is_built_without_a_word() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    fs::write(directory.join("list.csv"), "domain,status\na.cn,filed-here\nb.cn,maybe\n").unwrap();
    let (_, error) = ended(&run(directory, &["index", "build", "list.csv"]), 2);
    assert!(
        error.contains("list.csv, line 3: expected filed-here") && error.contains("--skip-wrong"),
        "{error}"
    );
    assert!(!directory.join("beian-data/hosts.index").exists());
    let (out, _) = ended(
        &run(directory, &["index", "build", "list.csv", "--skip-wrong", "--completeness", "partial"]),
        1,
    );
    assert!(out.contains("generation 1, 1 domains"), "{out}");
    let (out, _) = ended(&run(directory, &["index", "ask", "c.cn"]), 1);
    assert!(out.contains("unknown"), "{out}");
    ended(&run(directory, &["index", "build"]), 2);
}

#[test]
fn logs_come_from_standard_input_and_are_taken_up_again() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let (list, log) = (root().join("examples/filed.csv"), root().join("examples/access.log"));
    let list = list.to_str().unwrap();
    let mut child = beian(directory, &["audit", "-", "--filed", list, "--format", "json-lines"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(&log).unwrap()).unwrap();
    let (out, _) = ended(&child.wait_with_output().unwrap(), 1);
    assert_eq!(findings(&out).0, planted());

    ended(&run(directory, &["index", "build", list]), 0);
    let log = log.to_str().unwrap();
    let resumed = ["audit", log, "--resume", "state", "--checkpoint-every", "1", "--format", "json-lines"];
    for _ in 0..2 {
        let (out, _) = ended(&run(directory, &resumed), 1);
        assert_eq!(findings(&out).0, planted());
    }
    fs::write(directory.join("state/state.json"), "{}").unwrap();
    let (_, error) = ended(&run(directory, &resumed), 2);
    assert!(error.contains("remove it to begin anew"), "{error}");
    let (_, error) = ended(&run(directory, &["audit", "-", "--resume", "other"]), 2);
    assert!(error.contains("standard input"), "{error}");
}

fn get(address: &str, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Waits until it is so, and tells for how many looks, 50 milliseconds apart.
async fn eventually(what: &str, is_so: impl Fn() -> bool) -> u32 {
    for looks in 0..400 {
        if is_so() {
            return looks;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: not within 20 seconds")
}

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The desk knows nothing of audits: what one writes, the other reads, by these words.
#[test]
fn a_report_says_in_the_desks_words_what_is_known_of_a_domain() {
    assert_eq!(Standing::ALL.map(Standing::name), HostStanding::ALL.map(HostStanding::slug));
}

#[test]
fn the_gate_answers_from_the_index() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let list = root().join("examples/filed.csv");
    ended(&run(directory, &["index", "build", list.to_str().unwrap()]), 0);
    let mut gate = Running(
        beian(directory, &["gate", "--listen", "127.0.0.1:0", "--portal", "https://beian.example.com/"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut line = String::new();
    BufReader::new(gate.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("beian gate is at http://").unwrap().to_owned();
    let get = |path: &str, host: &str| get(&address, path, host);
    assert!(get("/check?host=www.xizuo.cn", "gate").contains("\"filed\":\"yes\""));
    assert!(get("/check?host=old-site.cn", "gate").starts_with("HTTP/1.1 403"));
    assert!(get("/authorize", "lianxi-shop.cn").starts_with("HTTP/1.1 200"));
    let page = get("/authorize", "www.not-filed.cn");
    assert!(page.starts_with("HTTP/1.1 403") && page.contains("https://beian.example.com/"), "{page}");
}

#[tokio::test]
async fn what_was_filed_here_is_in_the_index_of_the_store() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let mut provider = Provider::start(&directory.join("data"), &[]);
    provider.let_review().await;
    provider.sign_up("filer-1", practice::PEOPLE[0].email).await;
    provider.report_server("srv-1", "filer-1", "203.0.113.9").await;

    // The server keeps an index of its own, which a gate asks from before the filing on.
    let kept = directory.join("data/hosts.index");
    eventually("the server makes its index", || kept.exists()).await;
    let gate =
        Process::start(&["gate", "--listen", "127.0.0.1:0", "--index", kept.to_str().unwrap()], |line| {
            line.starts_with("beian gate is at")
        });
    let address = gate.value_after("beian gate is at http://");
    let knows = |word: &str| get(&address, "/check?host=www.xizuo-index.cn", "gate").contains(word);
    assert!(knows("\"filed\":\"unknown\""));
    provider.file_website("filer-1", 0, "srv-1", "xizuo-index.cn").await;
    let looks = eventually("the gate knows what was approved", || knows("\"filed\":\"yes\"")).await;
    println!("the gate knows it {looks} looks of 50 ms after the filer saw the number");

    let from_store = ["index", "build", "--from-store", "--data", "data"];
    let (out, _) = ended(&run(directory, &from_store), 0);
    assert!(out.contains("generation 1, 1 domains"), "{out}");
    let ask = ["index", "ask", "www.xizuo-index.cn", "other.cn"];
    let (out, _) = ended(&run(directory, &ask), 1);
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].contains("xizuo-index.cn  filed-here"), "{out}");
    assert!(lines[1].ends_with("unknown"), "the store does not know all records: {out}");

    // A list of the regulator knows all, and may be behind.
    fs::write(directory.join("list.csv"), "domain,status\nxizuo-index.cn,cancelled\na.cn,shell\n").unwrap();
    let both = [from_store.as_slice(), &["list.csv"]].concat();
    let (out, _) = ended(&run(directory, &both), 0);
    assert!(out.contains("generation 2, 2 domains"), "{out}");
    let (out, _) = ended(&run(directory, &ask), 1);
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].contains("filed-here") && lines[1].ends_with("not-filed"), "{out}");
}
