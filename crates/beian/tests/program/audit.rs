//! Logs, the index and the gate as an operator uses them.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use beian_audit::Standing;
use beian_domain::{HostStanding, practice};
use serde_json::Value;

use crate::support::Process;
use crate::support::provider::Provider;

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
    let own = ["BEIAN_INDEX", "BEIAN_DATA", "BEIAN_DATABASE", "BEIAN_LISTEN"];
    let storage = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"];
    let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    for variable in own.into_iter().chain(storage).chain(keys) {
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
fn all_is_filed_is_said_of_what_was_looked_at() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    fs::write(directory.join("list.csv"), "domain,status\nxizuo.cn,filed-here\n").unwrap();
    let audit = |logs: &str| run(directory, &["audit", logs, "--filed", "list.csv", "--language", "en"]);
    let line = |host: &str| {
        format!("{host}192.0.2.7 - - [29/Nov/2026:10:00:00 +0800] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"\n")
    };
    fs::create_dir(directory.join("logs")).unwrap();
    fs::write(directory.join("logs/a.log"), line("www.xizuo.cn ").repeat(9)).unwrap();
    ended(&audit("logs"), 0);
    // The usual format has no host.
    fs::write(directory.join("without.log"), line("").repeat(9)).unwrap();
    let (_, error) = ended(&audit("without.log"), 2);
    assert!(error.contains("no line of the logs names a domain"), "{error}");
    fs::write(directory.join("local.log"), line("localhost ").repeat(9)).unwrap();
    ended(&audit("local.log"), 2);
    fs::write(directory.join("local.log"), line("localhost ").repeat(9) + line("www.xizuo.cn ").as_str())
        .unwrap();
    ended(&audit("local.log"), 0);
    // One of two logs is cut off in the middle of what was packed.
    let mut packed = Vec::from(*b"\x1f\x8b\x08\0\0\0\0\0\0\x03");
    packed.extend([0x4a; 20]);
    fs::write(directory.join("logs/b.log.gz"), packed).unwrap();
    ended(&audit("logs"), 2);
    // A quiet day is no failure; a pipe through which nothing comes is.
    fs::write(directory.join("empty.log"), "").unwrap();
    ended(&audit("empty.log"), 0);
    fs::create_dir(directory.join("nothing")).unwrap();
    ended(&audit("nothing"), 2);
    let mut child = beian(directory, &["audit", "-", "--filed", "list.csv"]);
    ended(&child.stdin(Stdio::null()).output().unwrap(), 2);

    // One line that is filed says nothing of those that nobody can read.
    fs::write(directory.join("most.log"), line("www.xizuo.cn ") + "what is this\n".repeat(9).as_str())
        .unwrap();
    let (_, error) = ended(&audit("most.log"), 2);
    assert!(error.contains("9 of 10 lines") && error.contains("--most-unjudged"), "{error}");
    let arguments = ["audit", "most.log", "--filed", "list.csv", "--most-unjudged", "90"];
    ended(&run(directory, &arguments), 0);

    // What usually lies beside access logs, and the report of the last audit.
    fs::remove_file(directory.join("logs/b.log.gz")).unwrap();
    fs::write(directory.join("logs/error.log"), "2026/11/30 12:00:00 [error] 7#7: *1 open() failed\n")
        .unwrap();
    for _ in 0..2 {
        let arguments = ["audit", "logs", "--filed", "list.csv", "--output", "logs/report.csv"];
        let (out, _) = ended(&run(directory, &arguments), 0);
        assert!(out.contains("共 9 行"), "{out}");
    }
    let (_, error) = ended(&audit("logs/error.log"), 2);
    assert!(error.contains("nothing but error logs"), "{error}");
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
    assert!(error.contains(".html, .csv, .jsonl, .parquet or .txt"), "{error}");
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
    fs::write(directory.join("hosts.txt"), "www.xizuo.cn:443\nother-cloud.cn\nx.not-filed.cn\n").unwrap();
    let hosts = fs::File::open(directory.join("hosts.txt")).unwrap();
    let (same, _) = ended(&beian(directory, &["index", "ask", "-"]).stdin(hosts).output().unwrap(), 1);
    assert_eq!(same, out);

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
    // A link goes on leading where it led, a file keeps its rights, and a pipe gets what is written.
    fs::set_permissions(directory.join("exported"), fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("exported", directory.join("link")).unwrap();
    let (list_of, _) = ended(&run(directory, &["index", "export", "--as", "list"]), 0);
    ended(&run(directory, &["index", "export", "--as", "list", "--to", "link"]), 0);
    assert!(directory.join("link").is_symlink());
    // One that leads to what is not there yet, too.
    std::os::unix::fs::symlink("later", directory.join("ahead")).unwrap();
    ended(&run(directory, &["index", "export", "--as", "list", "--to", "ahead"]), 0);
    assert!(directory.join("ahead").is_symlink());
    assert_eq!(fs::read_to_string(directory.join("later")).unwrap(), list_of);
    assert_eq!(fs::read_to_string(directory.join("exported")).unwrap(), list_of);
    assert_eq!(fs::metadata(directory.join("exported")).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(Command::new("mkfifo").arg(directory.join("pipe")).status().unwrap().success());
    let pipe = directory.join("pipe");
    let reader = std::thread::spawn(move || fs::read_to_string(pipe).unwrap());
    ended(&run(directory, &["index", "export", "--as", "list", "--to", "pipe"]), 0);
    assert_eq!(reader.join().unwrap(), list_of);
    let (out, _) = ended(&run(directory, &["index", "export", "--as", "list", "--to", "-"]), 0);
    assert_eq!((out, directory.join("-").exists()), (list_of, false));
    let full = run(directory, &["index", "export", "--as", "list", "--to", "/dev/full"]);
    let (_, error) = ended(&full, 2);
    assert!(error.contains("/dev/full cannot be written"), "{error}");
    assert!(!fs::metadata("/dev/full").unwrap().is_file());
    ended(&run(directory, &["index", "export", "--as", "policy-zone"]), 2);
    let (_, error) = ended(&run(directory, &["index", "info", "--index", "nowhere"]), 2);
    assert!(error.contains("there is no index at nowhere; `beian index build"), "{error}");
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

    // A list that was cut off would have gates refuse whatever is missing.
    let many: String = (0..10).map(|number| format!("xizuo-{number}.cn\n")).collect();
    fs::write(directory.join("many.txt"), many).unwrap();
    ended(&run(directory, &["index", "build", "many.txt"]), 0);
    for cut in ["", "domain,status\n", "xizuo-0.cn\nxizuo-1.cn\n"] {
        fs::write(directory.join("cut.csv"), cut).unwrap();
        let (_, error) = ended(&run(directory, &["index", "build", "cut.csv"]), 2);
        assert!(error.contains("--allow-fewer"), "{error}");
    }
    ended(&run(directory, &["index", "ask", "xizuo-9.cn"]), 0);
    let (_, error) = ended(&run(directory, &["index", "build", "many.txt", "--on", "2062-11-30"]), 2);
    assert!(error.contains("a day that is not to come, got 2062-11-30"), "{error}");
    ended(&run(directory, &["index", "build", "cut.csv", "--allow-fewer"]), 0);
    ended(&run(directory, &["index", "ask", "xizuo-9.cn"]), 1);
    // Two names changed places.
    let (_, error) = ended(&run(directory, &["index", "build", "many.txt", "--index", "many.txt"]), 2);
    assert!(error.contains("many.txt is no index"), "{error}");
    assert!(fs::read_to_string(directory.join("many.txt")).unwrap().starts_with("xizuo-0.cn"));
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

    // By a list that is changed meanwhile, if only by a domain for another, it is another audit.
    let copy = directory.join("filed.csv");
    fs::copy(list, &copy).unwrap();
    let by_list = ["audit", log, "--filed", "filed.csv", "--resume", "by-list", "--format", "json-lines"];
    for _ in 0..2 {
        let (out, _) = ended(&run(directory, &by_list), 1);
        assert_eq!(findings(&out).0, planted());
    }
    let text = fs::read_to_string(&copy).unwrap();
    let (before, domain) = text.trim_end().rsplit_once('\n').unwrap();
    fs::write(&copy, format!("{before}\nx{}\n", domain.get(1..).unwrap())).unwrap();
    let (_, error) = ended(&run(directory, &by_list), 2);
    assert!(error.contains("list of filed domains"), "{error}");
}

/// What a script of Python prints.
fn python(directory: &Path, script: &str, arguments: &[&str]) -> String {
    let python = std::env::var("BEIAN_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output =
        Command::new(python).current_dir(directory).args(["-c", script]).args(arguments).output().unwrap();
    ended(&output, 0).0
}

/// A table as lines of JSON, read by DuckDB and, to the same, by Arrow.
const TOLD: &str = "
import duckdb, json, sys
import pyarrow.parquet
table = pyarrow.parquet.read_table(sys.argv[1])
duckdb.sql(\"SET TimeZone = 'Asia/Shanghai'\")
rows = duckdb.sql(f\"SELECT * FROM '{sys.argv[1]}'\").to_arrow_table().to_pylist()
assert [dict(row) for row in rows] == table.to_pylist(), (rows[:3], table.to_pylist()[:3])
for row in rows:
    print(json.dumps({k: v.isoformat() if hasattr(v, 'isoformat') else v for k, v in row.items() if v is not None}))
";

#[test]
fn a_report_as_parquet_says_what_that_in_json_says() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let log = root().join("examples/access.log");
    let arguments = ["audit", log.to_str().unwrap(), "--output", "r.jsonl", "--output", "r.parquet"];
    ended(&run(directory, &arguments), 1);
    let lines = |text: &str| -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect()
    };
    let mut expected = lines(&fs::read_to_string(directory.join("r.jsonl")).unwrap());
    expected.pop();
    assert_eq!(lines(&python(directory, TOLD, &["r.parquet"])), expected);
    assert!(expected.len() == 9 && expected.iter().any(|row| row["unicode"] == "食狮.cn"));
    // To standard output, and of nothing: the columns are there all the same.
    fs::write(
        directory.join("filed.log"),
        "www.xizuo.cn 192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] \"GET / HTTP/1.1\" 200 5\n",
    )
    .unwrap();
    let list = root().join("examples/filed.csv");
    let arguments = ["audit", "filed.log", "--filed", list.to_str().unwrap(), "--format", "parquet"];
    let output = run(directory, &arguments);
    assert_eq!(output.status.code(), Some(0));
    fs::write(directory.join("empty.parquet"), output.stdout).unwrap();
    let columns = "import pyarrow.parquet as p; print(p.read_schema('empty.parquet').names[0], p.read_table('empty.parquet').num_rows)";
    assert_eq!(python(directory, columns, &[]), "domain 0\n");
}

#[test]
fn a_list_comes_as_a_table_and_the_index_leaves_as_one() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let list = root().join("examples/filed.csv");
    ended(&run(directory, &["index", "build", list.to_str().unwrap(), "--index", "of-text"]), 0);
    let exported = ["index", "export", "--as", "parquet", "--index", "of-text", "--to", "list.parquet"];
    ended(&run(directory, &exported), 0);
    let rows = python(directory, TOLD, &["list.parquet"]);
    assert_eq!(rows.lines().count(), 11);
    assert!(
        rows.contains(r#"{"domain": "xizuo.cn", "status": "filed-here", "as_of": "2026-11-20", "id": 1}"#),
        "{rows}"
    );
    // As others would write it: other types, other names beside, times for days.
    let written = "
import pyarrow as pa, pyarrow.csv, pyarrow.ipc, pyarrow.parquet, sys
import io
lines = [line for line in open(sys.argv[1], 'rb') if not line.startswith(b'#')]
table = pa.csv.read_csv(io.BytesIO(b''.join(lines)))
table = table.append_column('note', pa.array([['x']] * len(table)))
pa.parquet.write_table(table, 'dates.parquet')
table = table.set_column(table.column_names.index('as_of'), 'As_Of', table['as_of'].cast(pa.timestamp('us')))
table = table.set_column(1, table.column_names[1], table[1].dictionary_encode())
with pa.ipc.new_file('times.arrow', table.schema) as writer:
    writer.write_table(table)
table = table.set_column(0, 'domain', pa.array(['not a domain'] + [None] + table['domain'].to_pylist()[2:]))
pa.parquet.write_table(table, 'wrong.parquet')
";
    python(directory, written, &[list.to_str().unwrap()]);
    let asked = |index: &str| {
        let ask = ["index", "export", "--as", "nginx-map", "--index", index];
        let (out, _) = ended(&run(directory, &ask), 0);
        let mut lines: Vec<String> = out.lines().map(str::to_owned).collect();
        lines.sort();
        let (info, _) = ended(&run(directory, &["index", "ask", "xizuo.cn", "--index", index]), 0);
        (lines, info)
    };
    let expected = asked("of-text");
    for table in ["list.parquet", "dates.parquet", "times.arrow"] {
        let index = format!("of-{table}");
        ended(&run(directory, &["index", "build", table, "--index", &index]), 0);
        assert_eq!(asked(&index), expected, "{table}");
    }
    let (_, error) = ended(&run(directory, &["index", "build", "wrong.parquet", "--index", "wrong"]), 2);
    assert!(error.contains("wrong.parquet, line 1: expected a registrable domain"), "{error}");
    assert!(error.contains("2 lines are wrong"), "{error}");
    fs::write(directory.join("cut.parquet"), &fs::read(directory.join("list.parquet")).unwrap()[..200])
        .unwrap();
    let (_, error) = ended(&run(directory, &["index", "build", "cut.parquet", "--index", "cut"]), 2);
    assert!(error.contains("cut.parquet cannot be read") && error.contains("cut off"), "{error}");
}

#[test]
fn logs_in_an_object_storage_are_found_by_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let bucket = directory.join("bucket/logs");
    fs::create_dir_all(&bucket).unwrap();
    fs::copy(root().join("examples/access.log"), bucket.join("access.log")).unwrap();
    let script = root().join("crates/beian-audit/tests/support/storage.py");
    let python = std::env::var("BEIAN_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut storage = Running(
        Command::new(python)
            .arg(script)
            .arg(directory.join("bucket"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut ports = String::new();
    BufReader::new(storage.0.stdout.take().unwrap()).read_line(&mut ports).unwrap();
    let endpoint = format!("http://127.0.0.1:{}", ports.split_whitespace().next().unwrap());
    let list = root().join("examples/filed.csv");
    let arguments =
        ["audit", "s3://beian-logs/logs/", "--filed", list.to_str().unwrap(), "--format", "json-lines"];
    let with = |variables: &[(&str, &str)]| {
        let mut command = beian(directory, &arguments);
        command.env("AWS_ENDPOINT_URL", &endpoint).env("AWS_REGION", "cn-test-1");
        command.envs(variables.iter().copied()).output().unwrap()
    };
    let plain = [("AWS_ACCESS_KEY_ID", "PLAIN"), ("AWS_SECRET_ACCESS_KEY", "plain-secret/+=")];
    let lent = [
        ("AWS_ACCESS_KEY_ID", "LENT"),
        ("AWS_SECRET_ACCESS_KEY", "lent-secret"),
        ("AWS_SESSION_TOKEN", "lent-token/+="),
    ];
    for variables in [&plain[..], &lent[..]] {
        let (out, error) = ended(&with(variables), 1);
        assert_eq!((findings(&out).0, error.as_str()), (planted(), ""));
    }
    for (variables, expected) in [
        (&plain[..1], "expected AWS_SECRET_ACCESS_KEY beside AWS_ACCESS_KEY_ID"),
        (
            &[plain[0], ("AWS_SECRET_ACCESS_KEY", "hush-hush")][..],
            "s3://beian-logs/logs/ cannot be read: expected an object or a list, got status 403 SignatureDoesNotMatch",
        ),
        (
            &[plain[0], plain[1], ("AWS_ENDPOINT_URL_S3", "hush-hush")][..],
            "the object storage that AWS_ENDPOINT_URL names",
        ),
    ] {
        let (out, error) = ended(&with(variables), 2);
        assert!(error.contains(expected), "{error}");
        for secret in ["hush-hush", "plain-secret", "PLAIN", "X-Amz", "Signature="] {
            assert!(!out.contains(secret) && !error.contains(secret), "{secret}: {out}{error}");
        }
    }
}

#[test]
fn what_a_name_server_was_asked_comes_through_dnstap_read() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let zones: String = ["xizuo.cn", "not-filed.cn", "2.0.192.in-addr.arpa"]
        .map(|zone| format!("zone \"{zone}\" {{ type primary; file \"zone\"; }};\n"))
        .concat();
    let place = directory.display();
    let configuration = format!(
        "options {{ directory \"{place}\"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
         recursion no; dnstap {{ auth; client; }}; dnstap-output file \"{place}/queries.tap\"; pid-file none;
         session-keyfile none; }};\ncontrols {{}};\n{zones}"
    );
    fs::write(directory.join("named.conf"), configuration).unwrap();
    fs::write(
        directory.join("zone"),
        "$TTL 60\n@ SOA ns.x.cn. h.x.cn. 1 60 60 60 60\n@ NS ns.x.cn.\nwww A 192.0.2.1\n",
    )
    .unwrap();
    let mut named = Running(
        Command::new("/usr/sbin/named")
            .args(["-g", "-n", "1", "-c"])
            .arg(directory.join("named.conf"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut log = BufReader::new(named.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(log.any(|line| line.ends_with(" running")), "the name server does not start");
    // What it says further it may say.
    std::thread::spawn(move || log.for_each(drop));
    let dig = |arguments: &[&str]| {
        let server =
            ["@127.0.0.1", "-p", &port.to_string(), "+short", "+tries=5", "+timeout=2"].map(str::to_owned);
        let output = Command::new("dig").args(server).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    for question in [
        &["www.xizuo.cn"][..],
        &["www.not-filed.cn"],
        &["WWW.not-filed.cn", "AAAA", "+tcp"],
        &["a\\.b\\032c.not-filed.cn", "TXT"],
        &["-x", "192.0.2.1"],
    ] {
        dig(question);
    }
    // It writes what it has when it is told to end.
    let told = Command::new("kill").arg(named.0.id().to_string()).status().unwrap();
    assert!(told.success() && named.0.wait().unwrap().success());
    let mut tap = Command::new("dnstap-read")
        .arg(directory.join("queries.tap"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let list = root().join("examples/filed.csv");
    let audit = ["audit", "-", "--filed", list.to_str().unwrap(), "--format", "json-lines"];
    let output = beian(directory, &audit).stdin(tap.stdout.take().unwrap()).output().unwrap();
    assert!(tap.wait().unwrap().success());
    let (out, _) = ended(&output, 1);
    let (found, summary) = findings(&out);
    // Answers name no host; names that nobody can register count as what they are.
    assert_eq!(found, [("not-filed.cn".to_owned(), "not-filed".to_owned(), 2)]);
    let count = |key: &str| summary["totals"][key].as_u64().unwrap();
    assert_eq!((count("filed_here"), count("invalid_hosts"), count("reverse")), (1, 1, 1));
    assert_eq!((count("lines"), count("without_host"), count("malformed")), (10, 5, 0));
    assert!(out.contains("\"address_sample\":[\"127.0.0.1\"]") && out.contains("first_seen"), "{out}");
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
        beian(directory, &["gate", "--listen", "localhost:0", "--portal", "https://beian.example.com/"])
            .env_remove("BEIAN_PROVIDER")
            .env_remove("BEIAN_PROVIDER_EN")
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
    assert!(!page.contains("习作云") && !page.contains("Practice Cloud"), "nobody is named: {page}");
}

#[test]
fn the_gate_refuses_at_its_start_what_it_could_not_use() {
    let directory = tempfile::tempdir().unwrap();
    for (option, wrong, expected) in [
        ("--portal", "beian.example.com", "https://beian.example.com/"),
        ("--portal", "javascript:alert(1)", "https://beian.example.com/"),
        ("--listen", "localhost", "localhost:8091"),
        ("--listen", "::1", "[::1]:8091"),
        ("--listen", "127.0.0.1:http", "127.0.0.1:8091"),
    ] {
        let (_, error) = ended(&run(directory.path(), &["gate", option, wrong]), 2);
        assert!(error.contains(wrong) && error.contains("expected") && error.contains(expected), "{error}");
    }
    // What only listening can tell names the address, too.
    let list = root().join("examples/filed.csv");
    ended(&run(directory.path(), &["index", "build", list.to_str().unwrap()]), 0);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (_, error) = ended(&run(directory.path(), &["gate", "--listen", &address]), 1);
    assert!(error.contains(&format!("{address} cannot be listened on")), "{error}");
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
