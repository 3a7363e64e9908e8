//! Logs in an object storage: a real one that checks signatures, one that breaks off, and one that means harm.
#![cfg(test)]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use beian_audit::{
    Audit, AuditError, BucketAddress, CheckpointOptions, Going, ObjectStorage, ProblemKind, Standing,
    StorageKey, StorageSettings,
};
use beian_index::Completeness;
use support::{Model, Random, Request, Writer, audit, index, request, run, told};

const BUCKET: &str = "s3://beian-logs";

/// The storage, with what was in a directory. It ends with the test.
struct Storage {
    child: Child,
    port: u16,
    breaking_port: u16,
}

impl Drop for Storage {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Storage {
    fn start(directory: &Path) -> Self {
        let python = std::env::var("BEIAN_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/storage.py");
        let mut child =
            Command::new(python).arg(script).arg(directory).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ports: Vec<u16> = line.split_whitespace().map(|port| port.parse().unwrap()).collect();
        let [port, breaking_port] = ports[..] else {
            panic!("no storage (moto and boto3: `cargo xtask test prepare`): {line:?}")
        };
        Self { child, port, breaking_port }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the storage checks when requests were signed by the machine's clock"
)]
fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64
}

fn settings(port: u16) -> StorageSettings {
    let _ = rustls::crypto::ring::default_provider().install_default();
    StorageSettings {
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        region: "cn-test-1".to_owned(),
        key: Some(StorageKey { id: "PLAIN".to_owned(), secret: "plain-secret/+=".to_owned(), token: None }),
        address: BucketAddress::Path,
        pause: Duration::ZERO,
        clock: now,
    }
}

fn of(names: &[&str], settings: StorageSettings, directory: &Path) -> Audit {
    let mut audit = audit(&names.iter().map(PathBuf::from).collect::<Vec<_>>(), directory);
    audit.storage = Some(ObjectStorage::new(settings).unwrap());
    audit
}

/// The same log in every form there is, below `files/`, each in a directory of its own.
fn filled(directory: &Path) -> (PathBuf, Vec<Request>) {
    let mut random = Random(11);
    let requests: Vec<Request> = std::iter::repeat_with(|| request(&mut random, 300)).take(30_000).collect();
    let lines = requests.iter().map(|request| Writer::Csv.line(request) + "\n");
    let csv = Writer::Csv.head().to_owned() + &lines.collect::<String>();
    let root = directory.join("bucket");
    let files = root.join("files");
    let [text, gzip, zstd, tables] = ["text", "gz", "zst", "tables"].map(|name| files.join(name));
    for directory in [&text, &gzip, &zstd, &tables] {
        fs::create_dir_all(directory).unwrap();
    }
    fs::write(text.join("log.csv"), &csv).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(csv.as_bytes()).unwrap();
    fs::write(gzip.join("log.csv.gz"), encoder.finish().unwrap()).unwrap();
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    fs::write(zstd.join("log.csv.zst"), ruzstd::encoding::compress_to_vec(csv.as_bytes(), level)).unwrap();
    let python = std::env::var("BEIAN_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/tables.py");
    let made = Command::new(python).arg(script).arg(text.join("log.csv")).arg(&tables).status().unwrap();
    assert!(made.success());
    (root, requests)
}

#[test]
fn one_log_gives_the_same_as_a_file_and_from_a_storage_in_every_form() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let (root, requests) = filled(directory);
    let storage = Storage::start(&root);
    let index = index(directory, Completeness::Complete);
    let model = Model::of(&requests, Standing::NotFiled);
    let forms = [
        "text/log.csv",
        "gz/log.csv.gz",
        "zst/log.csv.zst",
        "tables/text.parquet",
        "tables/duckdb-V2.parquet",
        "tables/zstd.feather",
        "tables/instant.arrows",
    ];
    for form in forms {
        let mut file = run(&audit(&[root.join("files").join(form)], directory), &index);
        assert_eq!(told(&mut file), model.findings, "{form}");
        for port in [storage.port, storage.breaking_port] {
            for threads in [1, 2] {
                let mut audit = of(&[&format!("{BUCKET}/files/{form}")], settings(port), directory);
                audit.threads = threads;
                let mut object = run(&audit, &index);
                assert_eq!(object.problems, [], "{form}");
                assert_eq!(object.totals, file.totals, "{form}");
                assert_eq!(told(&mut object), model.findings, "{form}");
            }
        }
    }
    // All below a beginning, with neither what is hidden nor what stands for a directory.
    let audit = of(&[&format!("{BUCKET}/files/")], settings(storage.port), directory);
    let outcome = run(&audit, &index);
    let count = fs::read_dir(root.join("files/tables")).unwrap().count() + 3;
    assert_eq!(outcome.problems, []);
    assert_eq!(outcome.totals.lines, (count * requests.len()) as u64);
}

#[test]
fn a_bucket_has_a_host_of_its_own() {
    const STORAGE: &str = "BEIAN_TEST_STORAGE_OF_HOSTS";
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let (root, requests) = filled(directory);
    if std::env::var(STORAGE).is_err() {
        // No name server knows the host: the storage is our proxy, which a process has from its beginning.
        let storage = Storage::start(&root);
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_bucket_has_a_host_of_its_own"])
            .env("http_proxy", format!("http://127.0.0.1:{}", storage.port))
            .env_remove("no_proxy")
            .env_remove("NO_PROXY")
            .env(STORAGE, "yes")
            .status();
        assert!(status.unwrap().success());
        return;
    }
    let index = index(directory, Completeness::Complete);
    let by_host = StorageSettings {
        endpoint: Some("http://storage.test".to_owned()),
        address: BucketAddress::Host,
        ..settings(0)
    };
    let mut outcome = run(&of(&[&format!("{BUCKET}/files/text/")], by_host.clone(), directory), &index);
    assert_eq!(outcome.problems, []);
    assert_eq!(told(&mut outcome), Model::of(&requests, Standing::NotFiled).findings);
    let odd = run(&of(&[&format!("{BUCKET}/odd/")], by_host.clone(), directory), &index);
    assert_eq!((odd.problems, odd.totals.lines), (Vec::new(), 1));
    // Another bucket is at another host.
    let other = of(&["s3://no-such-bucket/"], by_host, directory).run(&index, &|_| Going::On);
    assert!(other.is_err() || !other.unwrap().problems.is_empty());
}

#[test]
fn lists_are_followed_page_by_page_and_keys_may_be_odd() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    fs::create_dir(directory.join("bucket")).unwrap();
    let storage = Storage::start(&directory.join("bucket"));
    let index = index(directory, Completeness::Complete);
    let lent = StorageKey {
        id: "LENT".to_owned(),
        secret: "lent-secret".to_owned(),
        token: Some("lent-token/+=".to_owned()),
    };
    let settings = StorageSettings { key: Some(lent), ..settings(storage.port) };
    for (name, lines) in
        [("many/", 201), ("many/01", 10), ("odd/", 1), ("odd/食 狮+%2F&=#?.log", 1), ("", 202)]
    {
        let outcome = run(&of(&[&format!("{BUCKET}/{name}")], settings.clone(), directory), &index);
        assert_eq!((outcome.totals.lines, outcome.totals.findings()), (lines, lines), "{name:?}");
    }
    let nothing = of(&["s3://beian-logs/none/"], settings, directory).run(&index, &|_| Going::On);
    assert!(chain(&nothing.unwrap_err()).contains("no object whose key begins so"));
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[test]
fn what_is_signed_otherwise_is_refused_and_no_secret_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    fs::create_dir(directory.join("bucket")).unwrap();
    let storage = Storage::start(&directory.join("bucket"));
    let index = index(directory, Completeness::Complete);
    let with = |change: &dyn Fn(&mut StorageSettings)| {
        let mut settings = settings(storage.port);
        change(&mut settings);
        let audit = of(&[&format!("{BUCKET}/odd/")], settings, directory);
        let shown = format!("{audit:?}");
        let error = audit.run(&index, &|_| Going::On).unwrap_err();
        chain(&error) + &format!(" {error:?} {shown}")
    };
    let key = |id: &str, secret: &str, token: Option<&str>| {
        Some(StorageKey { id: id.to_owned(), secret: secret.to_owned(), token: token.map(str::to_owned) })
    };
    let errors = [
        ("SignatureDoesNotMatch", with(&|settings| settings.key = key("PLAIN", "hush-hush", None))),
        ("InvalidAccessKeyId", with(&|settings| settings.key = key("HUSHED", "hush-hush", None))),
        ("InvalidToken", with(&|settings| settings.key = key("LENT", "lent-secret", Some("hush-hush")))),
        ("AccessDenied", with(&|settings| settings.key = None)),
        ("InvalidAccessKeyId", with(&|settings| settings.region = "cn-other-1".to_owned())),
        ("RequestTimeTooSkewed", with(&|settings| settings.clock = || 1_000_000_000)),
        (
            "no answer after 5 tries",
            with(&|settings| settings.endpoint = Some("http://me:hush-hush@127.0.0.1:9".to_owned())),
        ),
    ];
    for (expected, error) in errors {
        assert!(error.contains(expected), "{expected}: {error}");
        for secret in ["hush-hush", "HUSHED", "plain-secret", "lent-secret", "Signature=", "X-Amz"] {
            assert!(!error.contains(secret), "{secret}: {error}");
        }
    }
    for endpoint in ["", "ftp://x", "127.0.0.1", "https://", "hush-hush"] {
        let settings = StorageSettings { endpoint: Some(endpoint.to_owned()), ..settings(1) };
        let error = ObjectStorage::new(settings).unwrap_err().to_string();
        assert!(error.contains("https://…") && !error.contains("hush-hush"), "{error}");
    }
}

#[test]
fn an_audit_of_objects_is_taken_up_again_and_knows_when_one_changed() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let (root, requests) = filled(directory);
    let storage = Storage::start(&root);
    let index = index(directory, Completeness::Complete);
    let model = Model::of(&requests, Standing::NotFiled);
    for form in ["text/log.csv", "gz/log.csv.gz", "tables/text.parquet", "tables/text.arrow"] {
        let name = format!("{BUCKET}/files/{form}");
        for stop in [0, 1, 2, 4] {
            let mut audit = of(&[&name], settings(storage.port), directory);
            let checkpoint = directory.join(form.replace('/', "-") + &stop.to_string());
            audit.checkpoint = Some(CheckpointOptions { directory: checkpoint, every: 1, list: None });
            let count = AtomicUsize::new(0);
            let stopped = audit.run(&index, &|_| match count.fetch_add(1, Ordering::SeqCst) >= stop {
                true => Going::Stop,
                false => Going::On,
            });
            assert!(stop > 2 || matches!(stopped, Err(AuditError::Stopped)), "{form}, {stop}");
            let mut outcome = run(&audit, &index);
            assert_eq!(told(&mut outcome), model.findings, "{form}, {stop}");
            assert_eq!(outcome.totals.lines, requests.len() as u64, "{form}, {stop}");
        }
    }
    // Another content of the same length under the same key is another log.
    let other = directory.join("other");
    fs::create_dir_all(other.join("files/text")).unwrap();
    let mut text = fs::read(root.join("files/text/log.csv")).unwrap();
    let last = text.len() - 2;
    text[last] ^= 1;
    fs::write(other.join("files/text/log.csv"), text).unwrap();
    let other = Storage::start(&other);
    let mut audit = of(&[&format!("{BUCKET}/files/text/log.csv")], settings(other.port), directory);
    audit.checkpoint =
        Some(CheckpointOptions { directory: directory.join("text-log.csv1"), every: 1, list: None });
    let error = audit.run(&index, &|_| Going::On).unwrap_err().to_string();
    assert!(error.contains("length or date of s3://beian-logs/files/text/log.csv"), "{error}");
}

/// A server that gives every request what a function makes of its first line and its headers.
fn hostile(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                request.push(byte[0]);
            }
            // Whoever is told too much hangs up.
            let _ = stream.write_all(&answer(&String::from_utf8_lossy(&request)));
        }
    });
    port
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn list(objects: &str, rest: &str) -> Vec<u8> {
    let space = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    answer("200 OK", "", &format!("<ListBucketResult {space}>{objects}{rest}</ListBucketResult>"))
}

const ONE: &str = "<Contents><Key>a.log</Key><ETag>\"1\"</ETag><Size>100</Size></Contents>";

/// What is told of a storage that answers a list so, and the object otherwise.
fn told_of(answers: impl Fn(bool) -> Vec<u8> + Send + 'static) -> String {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let port = hostile(move |request| answers(request.contains("list-type=2")));
    let audit = of(&["s3://bucket/"], settings(port), directory);
    match audit.run(&index(directory, Completeness::Complete), &|_| Going::On) {
        Err(error) => chain(&error),
        Ok(outcome) => match outcome.problems.as_slice() {
            [problem] => match &problem.kind {
                ProblemKind::Unreadable { message } | ProblemKind::Broken { message, .. } => message.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        },
    }
}

#[test]
fn a_storage_that_means_harm_is_told_in_words() {
    let object = |status: &'static str, headers: &'static str, body: &'static str| {
        told_of(move |is_list| if is_list { list(ONE, "") } else { answer(status, headers, body) })
    };
    let listed = |make: fn() -> Vec<u8>| told_of(move |_| make());
    let part = "206 Partial Content";
    for (expected, got) in [
        (
            "the same page again",
            listed(|| {
                list(ONE, "<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>")
            }),
        ),
        ("a list of objects as XML", listed(|| list(ONE, "<IsTruncated>true</IsTruncated>"))),
        (
            "a list of objects as XML",
            listed(|| answer("200 OK", "", "<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>")),
        ),
        ("a shorter answer", listed(|| answer("200 OK", "", &"x".repeat(17 << 20)))),
        (
            "an answer in UTF-8",
            listed(|| b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n\xff\xff".to_vec()),
        ),
        ("status 307", listed(|| answer("307 Temporary Redirect", "Location: http://127.0.0.1:1/\r\n", ""))),
        ("status 403 ", listed(|| answer("403 Forbidden", "", "<Code>\u{1b}[31m</Code>"))),
        (
            "no answer after 5 tries: status 503 SlowDown",
            listed(|| answer("503 Slow", "", "<Code>SlowDown</Code>")),
        ),
        ("no answer after 5 tries", listed(Vec::new)),
        ("no object whose key begins so", listed(|| list("", ""))),
        ("changed since the bucket was listed", object("412 Precondition Failed", "", "")),
        ("status 404 NoSuchKey", object("404 Not Found", "", "<Error><Code>NoSuchKey</Code></Error>")),
        (
            "the range that was asked for, got bytes 1-99/100",
            object(part, "Content-Range: bytes 1-99/100\r\n", "x"),
        ),
        ("the range that was asked for, got none", object(part, "", "x")),
        (
            "as many bytes as were asked for",
            object(
                "200 OK",
                "",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            ),
        ),
        ("the connection ended 100 bytes too early", object("200 OK", "", "")),
        ("status 302", object("302 Found", "Location: http://127.0.0.1:1/\r\n", "")),
    ] {
        assert!(got.contains(expected), "{expected}: {got}");
        assert!(!got.chars().any(char::is_control), "{got:?}");
    }
}
