//! The gate over real sockets, alone and behind a real nginx.
#![cfg(test)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use beian_gate::{GateOptions, HostSource, Known, Provider, keep_up, router};
use beian_index::{
    Change, Completeness, Day, Description, IndexBuilder, IndexKey, Publisher, Reader, Record, RecordId,
    Status,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[path = "../../beian-app/tests/support/ports.rs"]
mod ports;

const DAY: Day = Day(20_785);

fn record(status: Status) -> Record {
    Record { status, id: RecordId(9), as_of: DAY }
}

fn builder(completeness: Completeness) -> IndexBuilder {
    let mut builder = IndexBuilder::new(Description { completeness, as_of: DAY, key: IndexKey([7; 16]) });
    for (domain, status) in [
        ("filed.cn", Status::FiledHere),
        ("elsewhere.cn", Status::FiledElsewhere),
        ("cancelled.cn", Status::Cancelled),
        ("blacklisted.cn", Status::Blacklisted),
        ("shell.cn", Status::Shell),
    ] {
        builder.add(domain, record(status)).unwrap();
    }
    builder
}

struct Gate {
    address: SocketAddr,
    index: PathBuf,
    _directory: tempfile::TempDir,
}

impl Gate {
    async fn start(completeness: Completeness, host_source: HostSource) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let index = directory.path().join("hosts.index");
        Publisher::new(&index).publish(builder(completeness)).unwrap();
        let reader = Arc::new(Reader::open(&index).unwrap());
        let options = GateOptions {
            pass: vec![Known::Recorded(Status::FiledHere), Known::Unknown],
            host_source,
            provider: Provider {
                name_zh: "习作云<1>".to_owned(),
                name_en: "Practice Cloud".to_owned(),
                portal: Some("https://beian.example.com/?a=\"b\"".to_owned()),
            },
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(keep_up(Arc::clone(&reader), Duration::from_millis(10)));
        tokio::spawn(async move { axum::serve(listener, router(reader, options)).await.unwrap() });
        Self { address, index, _directory: directory }
    }

    async fn get(&self, path: &str, headers: &str) -> Answer {
        request(self.address, &format!("GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n")).await
    }

    /// Asks until the answer is as it should be.
    async fn becomes(&self, host: &str, answer: &str) {
        for _ in 0..500 {
            let got = self.get("/authorize", &format!("Host: {host}\r\n")).await;
            if got.header("x-beian-answer") == Some(answer) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{host} does not become {answer}");
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| *key == name));
        line.map(|(_, value)| value)
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

async fn request(address: SocketAddr, text: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

#[tokio::test]
async fn a_check_answers_in_three_values() {
    let complete = Gate::start(Completeness::Complete, HostSource::Host).await;
    for (host, domain, filed, answer, status) in [
        ("www.filed.cn", Some("filed.cn"), "yes", "filed-here", 200),
        ("FILED.CN.:8443", Some("filed.cn"), "yes", "filed-here", 200),
        ("elsewhere.cn", Some("elsewhere.cn"), "no", "filed-elsewhere", 403),
        ("cancelled.cn", Some("cancelled.cn"), "no", "cancelled", 403),
        ("blacklisted.cn", Some("blacklisted.cn"), "no", "blacklisted", 403),
        ("shell.cn", Some("shell.cn"), "no", "shell", 403),
        ("a.other.cn", Some("other.cn"), "no", "not-filed", 403),
        ("192.0.2.1", None, "no", "address", 403),
        ("com.cn", None, "no", "public-suffix", 403),
        ("a..b", None, "no", "invalid", 403),
        ("%ff.cn", None, "no", "invalid", 403),
        ("%e9%a3%9f%e7%8b%ae.cn", Some("xn--85x722f.cn"), "no", "not-filed", 403),
    ] {
        let got = complete.get(&format!("/check?host={host}"), "Host: gate\r\n").await;
        assert_eq!(got.status, status, "{host}");
        let json = got.json();
        assert_eq!((json["filed"].as_str(), json["answer"].as_str()), (Some(filed), Some(answer)), "{host}");
        assert_eq!(json["domain"].as_str(), domain, "{host}");
        assert_eq!(json["pass"].as_bool(), Some(status == 200), "{host}");
        assert_eq!(got.header("x-beian-answer"), Some(answer));
        assert_eq!(got.header("x-beian-domain"), domain);
        assert_eq!(got.header("cache-control"), Some("no-store"));
    }
    let record = complete.get("/check?host=filed.cn", "Host: gate\r\n").await.json();
    assert_eq!((record["record"].as_u64(), record["as_of_day"].as_i64()), (Some(9), Some(20_785)));
    for bad in ["/check", "/check?host=filed.cn&host=other.cn", "/unfiled"] {
        assert_eq!(complete.get(bad, "Host: gate\r\n").await.status, 400, "{bad}");
    }
    let partial = Gate::start(Completeness::Partial, HostSource::Host).await;
    let got = partial.get("/check?host=other.cn", "Host: gate\r\n").await;
    assert_eq!((got.status, got.json()["filed"].as_str()), (200, Some("unknown")));
}

#[tokio::test]
async fn a_client_cannot_answer_for_its_own_host() {
    let gate = Gate::start(Completeness::Complete, HostSource::Host).await;
    let unfiled = "Host: other.cn\r\nX-Forwarded-Host: filed.cn\r\n";
    // As Envoy sends it: the client's own path behind the prefix.
    for path in [
        "/authorize",
        "/authorize/",
        "/authorize/a/b?host=filed.cn",
        "/authorize/check?host=filed.cn",
        "/authorize/../check?host=filed.cn",
        "/authorize//check?host=filed.cn",
        "/authorize/%2e%2e/check?host=filed.cn",
    ] {
        let got = gate.get(path, unfiled).await;
        assert_eq!((got.status, got.header("x-beian-answer")), (403, Some("not-filed")), "{path}");
        assert_eq!(gate.get(path, "Host: filed.cn\r\n").await.status, 200, "{path}");
    }
    for path in ["/", "/authorized", "/other", "/authorizecheck?host=filed.cn"] {
        assert_eq!(gate.get(path, "Host: filed.cn\r\n").await.status, 404, "{path}");
    }
    for (what, headers) in [
        ("two hosts", "Host: filed.cn\r\nHost: other.cn\r\n"),
        ("a list", "Host: filed.cn,other.cn\r\n"),
        ("no name", "Host: \r\n"),
        ("a user", "Host: filed.cn@other.cn\r\n"),
    ] {
        let got = gate.get("/authorize", headers).await;
        assert!((400..500).contains(&got.status), "{what}: {got:?}");
    }
    let post =
        "POST /authorize/form HTTP/1.1\r\nHost: filed.cn\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert_eq!(request(gate.address, post).await.status, 200);

    let forwarded = Gate::start(Completeness::Complete, HostSource::ForwardedHost).await;
    assert_eq!(forwarded.get("/authorize", unfiled).await.status, 200);
    let only_host = forwarded.get("/authorize", "Host: filed.cn\r\n").await;
    assert_eq!(only_host.header("x-beian-answer"), Some("invalid"));
    let twice = "Host: a\r\nX-Forwarded-Host: filed.cn\r\nX-Forwarded-Host: other.cn\r\n";
    assert_eq!(forwarded.get("/authorize", twice).await.status, 403);
}

#[tokio::test]
async fn the_page_tells_the_owner_what_to_do_in_both_languages() {
    let gate = Gate::start(Completeness::Complete, HostSource::Host).await;
    for (host, zh, en) in [
        ("www.other.cn", "确认域名已实名认证", "no filing of the domain was found"),
        ("elsewhere.cn", "新增接入", "the filing numbers stay"),
        ("cancelled.cn", "注销的备案号不能恢复", "never restored"),
        ("blacklisted.cn", "黑名单", "blacklist"),
        ("shell.cn", "空壳", "shell"),
        ("192.0.2.1", "IP 地址", "by their IP address"),
        ("a..b", "没有有效的域名", "names no domain"),
    ] {
        let got = gate.get("/authorize/x", &format!("Host: {host}\r\n")).await;
        assert_eq!(got.status, 403, "{host}");
        assert!(got.body.contains(zh) && got.body.contains(en), "{host}: {}", got.body);
        assert!(got.body.contains("https://beian.example.com/?a=&quot;b&quot;"), "{host}");
        assert!(got.body.contains("习作云&lt;1&gt;") && got.body.contains("Practice Cloud"));
        assert!(got.header("content-security-policy").unwrap().contains("default-src 'none'"));
        assert!(got.header("content-type").unwrap().starts_with("text/html"));
    }
    let hostile = gate.get("/unfiled?host=%3Cscript%3Ealert(1)%3C/script%3E", "Host: gate\r\n").await;
    assert_eq!(hostile.status, 403);
    assert!(!hostile.body.contains("<script"), "{}", hostile.body);
}

#[tokio::test]
async fn new_generations_are_taken_up_and_broken_ones_are_not() {
    let gate = Gate::start(Completeness::Complete, HostSource::Host).await;
    gate.becomes("other.cn", "not-filed").await;
    // An approval: a delta.
    let mut publisher = Publisher::new(&gate.index);
    publisher.apply([("other.cn", Change::Set(record(Status::FiledHere)))], DAY).unwrap();
    gate.becomes("www.other.cn", "filed-here").await;
    // A new list.
    let mut next = builder(Completeness::Complete);
    next.add("third.cn", record(Status::FiledHere)).unwrap();
    publisher.publish(next).unwrap();
    gate.becomes("third.cn", "filed-here").await;
    gate.becomes("other.cn", "filed-here").await;
    let health = gate.get("/health", "Host: gate\r\n").await.json();
    assert_eq!((health["domains"].as_u64(), health["complete"].as_bool()), (Some(7), Some(true)));
    assert!(health["generation"].as_u64() > Some(1) && health["delta"].is_null(), "{health}");

    // A copy that was damaged on its way takes the place of the index; the old one goes on answering.
    let mut bytes = std::fs::read(&gate.index).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    let damaged = gate.index.with_extension("damaged");
    std::fs::write(&damaged, &bytes).unwrap();
    std::fs::rename(&damaged, &gate.index).unwrap();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let got = gate.get("/authorize", "Host: third.cn\r\n").await;
        assert_eq!(got.status, 200);
    }
    bytes[middle] ^= 0x40;
    publisher = Publisher::new(&gate.index);
    publisher.publish(builder(Completeness::Complete)).unwrap();
    gate.becomes("third.cn", "not-filed").await;
}

#[tokio::test]
async fn an_index_that_is_damaged_where_it_is_read_answers_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    let mut big = builder(Completeness::Complete);
    for number in 0..5000 {
        big.add(&format!("d{number}.cn"), record(Status::FiledHere)).unwrap();
    }
    big.write(&path).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    // All blocks but the header, the suffixes and the checksums.
    let (from, to) = (8192, bytes.len() - 4096);
    bytes[from..to].iter_mut().for_each(|byte| *byte ^= 1);
    std::fs::write(&path, bytes).unwrap();
    let options = GateOptions {
        pass: Known::ALL.to_vec(),
        host_source: HostSource::Host,
        provider: Provider { name_zh: String::new(), name_en: String::new(), portal: None },
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let reader = Arc::new(Reader::open(&path).unwrap());
    tokio::spawn(async move { axum::serve(listener, router(reader, options)).await.unwrap() });
    for path in ["/check?host=d7.cn", "/authorize", "/unfiled?host=d7.cn"] {
        let text = format!("GET {path} HTTP/1.1\r\nHost: d7.cn\r\nConnection: close\r\n\r\n");
        let got = request(address, &text).await;
        assert_eq!((got.status, got.header("x-beian-answer")), (503, Some("error")), "{path}");
    }
}

/// Ends with the test.
struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn nginx(directory: &Path, gate: SocketAddr) -> (Nginx, SocketAddr) {
    let address = ports::free_address();
    let root = directory.join("root");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(root.join("index.html"), "served by nginx").unwrap();
    let folder = directory.display();
    // As docs/audit.md tells it, but for the places of files.
    let configuration = format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n\
         events {{}}\nhttp {{\n  access_log off;\n  client_body_temp_path {folder}/body;\n  \
         proxy_temp_path {folder}/proxy;\n  fastcgi_temp_path {folder}/fastcgi;\n  \
         uwsgi_temp_path {folder}/uwsgi;\n  scgi_temp_path {folder}/scgi;\n  \
         server {{\n    listen {address} default_server;\n    root {folder}/root;\n    \
         auth_request /beian;\n    error_page 403 @unfiled;\n    \
         location /closed {{\n      deny all;\n    }}\n    \
         location = /beian {{\n      internal;\n      proxy_pass http://{gate}/authorize;\n      \
         proxy_pass_request_body off;\n      proxy_set_header Content-Length \"\";\n      \
         proxy_set_header Host $host;\n    }}\n    \
         location @unfiled {{\n      auth_request off;\n      rewrite ^ /authorize break;\n      \
         proxy_pass http://{gate};\n      proxy_set_header Host $host;\n    }}\n  }}\n}}\n"
    );
    let path = directory.join("nginx.conf");
    std::fs::write(&path, configuration).unwrap();
    let program = std::env::var("BEIAN_TEST_NGINX").unwrap_or_else(|_| "/usr/sbin/nginx".to_owned());
    let child = Command::new(&program)
        .arg("-c")
        .arg(&path)
        .arg("-p")
        .arg(directory)
        .arg("-e")
        .arg(directory.join("error.log"))
        .stdout(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask test prepare` installs it"));
    let process = Nginx(child);
    for _ in 0..200 {
        if TcpStream::connect(address).await.is_ok() {
            return (process, address);
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let errors = std::fs::read_to_string(directory.join("error.log")).unwrap_or_default();
    panic!("nginx does not listen on {address}: {errors}");
}

#[tokio::test]
async fn nginx_serves_what_is_filed_and_the_page_for_the_rest() {
    let gate = Gate::start(Completeness::Complete, HostSource::Host).await;
    let directory = tempfile::tempdir().unwrap();
    let (_nginx, address) = nginx(directory.path(), gate.address).await;
    let get = async |host: &str, path: &str| {
        let text = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: filed.cn\r\nConnection: close\r\n\r\n"
        );
        request(address, &text).await
    };
    for host in ["filed.cn", "WWW.Filed.cn", "filed.cn:8080", "filed.cn."] {
        let got = get(host, "/index.html").await;
        assert_eq!((got.status, got.body.as_str()), (200, "served by nginx"), "{host}");
    }
    for host in ["other.cn", "shell.cn", "192.0.2.1"] {
        for path in ["/index.html", "/check?host=filed.cn", "/authorize", "/beian"] {
            let got = get(host, path).await;
            assert_ne!(got.status, 200, "{host}{path}");
            assert!(!got.body.contains("served by nginx"), "{host}{path}");
        }
        let got = get(host, "/index.html").await;
        assert_eq!(got.status, 403, "{host}");
        assert!(got.body.contains("如果您是") && got.body.contains(host), "{host}: {}", got.body);
    }
    // What nginx itself refuses on a site that is filed stays refused, and nobody says that the site is not filed.
    let got = get("filed.cn", "/closed/index.html").await;
    assert_eq!((got.status, got.body.as_str()), (403, ""));
    // An approval is seen by the gateway, too.
    let mut publisher = Publisher::new(&gate.index);
    publisher.apply([("other.cn", Change::Set(record(Status::FiledHere)))], DAY).unwrap();
    gate.becomes("other.cn", "filed-here").await;
    assert_eq!(get("other.cn", "/index.html").await.body, "served by nginx");
}
