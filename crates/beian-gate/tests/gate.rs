//! The gate over real sockets, alone and behind a real nginx.
#![cfg(test)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use beian_gate::{
    GateOptions, HostSource, Known, Patience, PatientListener, Provider, Upkeep, WebAddress, keep_up, router,
};
use beian_index::{
    Change, Completeness, Day, Description, IndexBuilder, IndexKey, Publisher, Reader, Record, RecordId,
    Status,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

#[path = "../../beian-app/tests/support/ports.rs"]
mod ports;

const DAY: Day = Day(20_785);
/// What the clock that the gate is given says.
const NOW: &str = "2026-11-30T01:02:03Z";

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
    directory: tempfile::TempDir,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

fn options(host_source: HostSource) -> GateOptions {
    GateOptions {
        pass: vec![Known::Recorded(Status::FiledHere), Known::Unknown],
        host_source,
        provider: Provider {
            name_zh: Some("习作云<1>".to_owned()),
            name_en: Some("Practice Cloud".to_owned()),
            portal: Some("https://beian.example.com/?a=\"b\"".parse().unwrap()),
        },
    }
}

/// A directory with an index.
fn published(completeness: Completeness) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    Publisher::new(directory.path().join("hosts.index")).publish(builder(completeness)).unwrap();
    directory
}

impl Gate {
    async fn start(completeness: Completeness, host_source: HostSource) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serve(published(completeness), listener, options(host_source), Patience::default())
    }

    async fn start_with(options: GateOptions, patience: Patience) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serve(published(Completeness::Complete), listener, options, patience)
    }

    /// Where a gateway looks for it again after [`Self::stop`].
    async fn start_at(address: SocketAddr, directory: tempfile::TempDir) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        Self::serve(directory, listener, options(HostSource::Host), Patience::default())
    }

    fn serve(
        directory: tempfile::TempDir,
        listener: TcpListener,
        options: GateOptions,
        patience: Patience,
    ) -> Self {
        let index = directory.path().join("hosts.index");
        let reader = Arc::new(Reader::in_memory(&index).unwrap());
        let address = listener.local_addr().unwrap();
        let upkeep = Arc::new(Upkeep::default());
        let every = Duration::from_millis(10);
        tokio::spawn(keep_up(Arc::clone(&reader), every, Arc::clone(&upkeep), || NOW.to_owned()));
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            axum::serve(PatientListener::new(listener, patience), router(reader, options, upkeep))
                .with_graceful_shutdown(async move { drop(stopped.await) })
                .await
                .unwrap();
        });
        Self { address, index, directory, stop, serving }
    }

    /// Ends it with all its connections.
    async fn stop(self) -> tempfile::TempDir {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        self.directory
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

    /// Asks until what monitoring is told is so.
    async fn health_where(
        &self,
        what: &str,
        is_so: impl Fn(&serde_json::Value) -> bool,
    ) -> serde_json::Value {
        for _ in 0..500 {
            let got = self.get("/health", "Host: gate\r\n").await;
            assert_eq!(got.status, 200, "look-ups work");
            let health = got.json();
            if is_so(&health) {
                return health;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{what}: never");
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
    assert_eq!((record["record"].as_u64(), record["as_of"].as_str()), (Some(9), Some("2026-11-28")));
    let without = complete.get("/check?host=other.cn", "Host: gate\r\n").await.json();
    assert!(without["record"].is_null() && without["as_of"].is_null(), "{without}");
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

/// Asked for the page of a site that it would let pass, as nginx does when it refused something itself.
#[tokio::test]
async fn a_site_that_passes_is_never_said_to_be_unfiled() {
    let every = Gate::start(Completeness::Complete, HostSource::Host).await;
    let policy = GateOptions { pass: Known::ALL.to_vec(), ..options(HostSource::Host) };
    let lenient = Gate::start_with(policy, Patience::default()).await;
    let partial = Gate::start(Completeness::Partial, HostSource::Host).await;
    let nothing = GateOptions { pass: Vec::new(), ..options(HostSource::Host) };
    let strict = Gate::start_with(nothing, Patience::default()).await;
    for (gate, host, is_filed) in [
        (&every, "www.filed.cn", true),
        (&strict, "filed.cn", true),
        (&partial, "www.other.cn", false),
        (&lenient, "other.cn", false),
        (&lenient, "shell.cn", false),
        (&lenient, "192.0.2.1", false),
    ] {
        let got = gate.get(&format!("/unfiled?host={host}"), "Host: gate\r\n").await;
        assert_eq!(got.status, 403, "{host}");
        let body = &got.body;
        assert!(body.contains("服务器自身拒绝了这次请求") && body.contains("refused this request"), "{body}");
        assert!(body.contains(&format!("<code>{host}</code>")), "{body}");
        assert_eq!(body.contains("网站已备案"), is_filed, "{body}");
        assert_eq!(body.contains("the site is filed"), is_filed, "{body}");
        assert!(!body.contains("no filing") && !body.contains("没有找到"), "{body}");
        assert!(!body.contains("<a ") && !body.contains("<ol>"), "no way to file: {body}");
        assert!(body.contains("习作云&lt;1&gt;") && body.contains("Practice Cloud"), "{body}");
        assert_eq!(got.header("cache-control"), Some("no-store"));
    }
    // What does not pass is told as ever, whatever the method with which the gateway asks.
    let text = "POST /unfiled?host=other.cn HTTP/1.1\r\nHost: gate\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let got = request(every.address, text).await;
    assert_eq!(got.status, 403);
    assert!(got.body.contains("no filing of the domain was found"), "{}", got.body);
}

#[tokio::test]
async fn a_page_that_nobody_signs_has_no_empty_line() {
    let nobody = GateOptions { provider: Provider::default(), ..options(HostSource::Host) };
    let gate = Gate::start_with(nobody, Patience::default()).await;
    let empty = Provider { name_zh: Some(String::new()), name_en: Some(" ".to_owned()), portal: None };
    let empty =
        Gate::start_with(GateOptions { provider: empty, ..options(HostSource::Host) }, Patience::default())
            .await;
    for gate in [gate, empty] {
        for host in ["other.cn", "filed.cn"] {
            let page = gate.get(&format!("/unfiled?host={host}"), "Host: gate\r\n").await;
            assert_eq!(page.status, 403, "{host}");
            assert!(!page.body.contains("<p></p>") && !page.body.contains("<p> </p>"), "{}", page.body);
            assert!(!page.body.contains("<a "), "{}", page.body);
        }
    }
}

#[test]
fn a_portal_is_an_address_that_a_page_can_link_to() {
    for right in [
        "https://beian.example.com/",
        "http://beian.example.com",
        "HTTPS://beian.example.com:8443/a?b#c",
        "http://localhost:8080/",
        "http://[2001:db8::1]:8080/",
        "https://备案.example.com/",
    ] {
        assert!(right.parse::<WebAddress>().is_ok(), "{right}");
    }
    for wrong in [
        "",
        "beian.example.com",
        "//beian.example.com/",
        "javascript:alert(1)",
        "javascript://beian.example.com/%0aalert(1)",
        "ftp://beian.example.com/",
        "https://",
        "https:///path",
        "https://user@beian.example.com/",
        "https://beian.example.com/a b",
        "https://beian.example.com/\n",
        " https://beian.example.com/",
    ] {
        let error = wrong.parse::<WebAddress>().unwrap_err();
        assert_eq!(error.got, wrong);
        let told = error.to_string();
        assert!(
            told.contains("https://beian.example.com/") && told.contains(&format!("{wrong:?}")),
            "{told}"
        );
    }
}

/// What a client sends, without an end, and then waits for the connection to be closed.
async fn closed_after(address: SocketAddr, sent: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes))
        .await
        .unwrap_or_else(|_| panic!("the connection stays open after {sent:?}"))
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn who_sends_half_a_request_does_not_hold_a_connection() {
    let day = Duration::from_secs(86_400);
    let request = Duration::from_millis(200);
    let gate = Gate::start_with(options(HostSource::Host), Patience { request, rest: day }).await;
    let whole = "GET /authorize HTTP/1.1\r\nHost: filed.cn\r\n\r\n";
    for half in ["", "GET /authorize", "GET /authorize HTTP/1.1\r\nHost: filed.cn\r\n"] {
        let got = closed_after(gate.address, half).await;
        assert!(!got.contains(" 200 "), "{got}");
    }
    // Nor does one who sends a whole one first, and of the next a byte now and then.
    let mut stream = TcpStream::connect(gate.address).await.unwrap();
    let mut answer = [0; 12];
    stream.write_all(whole.as_bytes()).await.unwrap();
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer.as_slice(), b"HTTP/1.1 200");
    let mut sent = 0;
    while stream.write_all(b"G").await.is_ok() {
        sent += 1;
        assert!(sent < 2000, "a byte now and then keeps the connection open");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    // A connection that rests is another matter: gateways keep theirs.
    let mut stream = TcpStream::connect(gate.address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(whole.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 200"));
        tokio::time::sleep(2 * request).await;
    }
    drop(stream);
    drop(gate.stop().await);

    let rest = Duration::from_millis(200);
    let gate = Gate::start_with(options(HostSource::Host), Patience { request: day, rest }).await;
    let got = closed_after(gate.address, whole).await;
    assert!(got.starts_with("HTTP/1.1 200"), "{got}");
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
    // What was approved on the list's day is in a delta over it, which the next list of that day takes over, too.
    let health = gate.health_where("the delta is there", |health| health["delta"].is_u64()).await;
    assert_eq!((health["domains"].as_u64(), health["complete"].as_bool()), (Some(7), Some(true)));
    assert!(health["generation"].as_u64() > Some(1), "{health}");
    assert_eq!(health["as_of"].as_str(), Some("2026-11-28"));
    assert!(health["problem"].is_null() && health["since"].is_null(), "{health}");

    // A copy that was damaged on its way takes the place of the index; the old one goes on answering.
    let mut bytes = std::fs::read(&gate.index).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    let damaged = gate.index.with_extension("damaged");
    std::fs::write(&damaged, &bytes).unwrap();
    std::fs::rename(&damaged, &gate.index).unwrap();
    let stuck = gate.health_where("there is a problem", |health| health["problem"].is_string()).await;
    assert_eq!(stuck["since"].as_str(), Some(NOW), "{stuck}");
    assert_eq!((&stuck["generation"], &stuck["domains"]), (&health["generation"], &health["domains"]));
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let got = gate.get("/authorize", "Host: third.cn\r\n").await;
        assert_eq!(got.status, 200);
    }
    // Another problem takes the place of the first.
    let away = gate.index.with_extension("away");
    std::fs::rename(&gate.index, &away).unwrap();
    let first = stuck["problem"].clone();
    gate.health_where("the index is gone", |health| {
        health["problem"].is_string() && health["problem"] != first
    })
    .await;
    publisher = Publisher::new(&gate.index);
    publisher.publish(builder(Completeness::Complete)).unwrap();
    gate.becomes("third.cn", "not-filed").await;
    let over = |health: &serde_json::Value| health["problem"].is_null() && health["since"].is_null();
    gate.health_where("the problem is over", over).await;

    // It is over, too, when the very file that is asked comes back.
    std::fs::rename(&gate.index, &away).unwrap();
    gate.health_where("the index is gone again", |health| health["problem"].is_string()).await;
    std::fs::rename(&away, &gate.index).unwrap();
    gate.health_where("it is back", over).await;
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
        provider: Provider::default(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let reader = Arc::new(Reader::open(&path).unwrap());
    let router = router(reader, options, Arc::new(Upkeep::default()));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
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

/// A server as docs/audit.md tells it, but for addresses and the places of files.
fn asks_one(gate: SocketAddr) -> String {
    format!(
        "auth_request /beian;\n error_page 403 @unfiled;\n \
         location = /beian {{\n  internal;\n  proxy_pass http://{gate}/authorize;\n  \
         proxy_pass_request_body off;\n  proxy_set_header Content-Length \"\";\n  \
         proxy_set_header Host $host;\n }}\n \
         location @unfiled {{\n  auth_request off;\n  rewrite ^ /unfiled?host=$host? break;\n  \
         proxy_pass http://{gate};\n }}\n"
    )
}

/// The same with two gates, which fails open.
fn asks_two_and_fails_open() -> &'static str {
    "auth_request /beian;\n error_page 403 @unfiled;\n \
     location = /beian {\n  internal;\n  proxy_pass http://beian/authorize;\n  \
     proxy_http_version 1.1;\n  proxy_set_header Connection \"\";\n  \
     proxy_pass_request_body off;\n  proxy_set_header Content-Length \"\";\n  \
     proxy_set_header Host $host;\n  proxy_connect_timeout 1s;\n  proxy_read_timeout 1s;\n  \
     proxy_intercept_errors on;\n  error_page 500 502 503 504 = @open;\n }\n \
     location @open {\n  internal;\n  return 204;\n }\n \
     location @unfiled {\n  auth_request off;\n  rewrite ^ /unfiled?host=$host? break;\n  \
     proxy_pass http://beian;\n }\n"
}

async fn nginx(directory: &Path, upstream: &str, server: &str) -> (Nginx, SocketAddr) {
    let address = ports::free_address();
    let root = directory.join("root");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(root.join("index.html"), "served by nginx").unwrap();
    let folder = directory.display();
    let configuration = format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n\
         events {{}}\nhttp {{\naccess_log off;\nclient_body_temp_path {folder}/body;\n\
         proxy_temp_path {folder}/proxy;\nfastcgi_temp_path {folder}/fastcgi;\n\
         uwsgi_temp_path {folder}/uwsgi;\nscgi_temp_path {folder}/scgi;\n{upstream}\n\
         server {{\n listen {address} default_server;\n root {folder}/root;\n \
         location /closed {{\n  deny all;\n }}\n {server}}}\n}}\n"
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
    let (_nginx, address) = nginx(directory.path(), "", &asks_one(gate.address)).await;
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
    for method in ["GET", "POST"] {
        let text = format!(
            "{method} /closed/index.html?host=other.cn HTTP/1.1\r\nHost: filed.cn\r\nContent-Length: 0\r\n\
             Connection: close\r\n\r\n"
        );
        let got = request(address, &text).await;
        assert_eq!(got.status, 403, "{method}");
        assert!(got.body.contains("the server itself refused this request"), "{method}: {}", got.body);
        assert!(
            got.body.contains("<code>filed.cn</code>") && !got.body.contains("no filing"),
            "{}",
            got.body
        );
    }
    // An approval is seen by the gateway, too.
    let mut publisher = Publisher::new(&gate.index);
    publisher.apply([("other.cn", Change::Set(record(Status::FiledHere)))], DAY).unwrap();
    gate.becomes("other.cn", "filed-here").await;
    assert_eq!(get("other.cn", "/index.html").await.body, "served by nginx");
    // Without a gate nothing is served.
    drop(gate.stop().await);
    for host in ["filed.cn", "shell.cn"] {
        assert_eq!(get(host, "/index.html").await.status, 500, "{host}");
    }
}

#[tokio::test]
async fn nginx_asks_the_other_gate_and_without_any_fails_open_if_it_is_told_to() {
    // Not of those that the system gives out by itself: the first gate comes back to its port.
    let one = Gate::start_at(ports::free_address(), published(Completeness::Complete)).await;
    let two = Gate::start_at(ports::free_address(), published(Completeness::Complete)).await;
    let first = one.address;
    let upstream = format!(
        "upstream beian {{\n server {first} fail_timeout=2s;\n server {} fail_timeout=2s;\n keepalive 16;\n}}",
        two.address
    );
    let directory = tempfile::tempdir().unwrap();
    let (_nginx, address) = nginx(directory.path(), &upstream, asks_two_and_fails_open()).await;
    let get = async |host: &str| {
        let text = format!("GET /index.html HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        request(address, &text).await
    };
    let checks = async |what: &str| {
        // More often than there are gates.
        for _ in 0..6 {
            assert_eq!(get("filed.cn").await.body, "served by nginx", "{what}");
            let got = get("other.cn").await;
            assert_eq!(got.status, 403, "{what}: {}", got.body);
            assert!(got.body.contains("no filing of the domain was found"), "{what}: {}", got.body);
        }
    };
    checks("with both").await;
    let kept = one.stop().await;
    checks("with the second").await;
    drop(two.stop().await);
    for host in ["filed.cn", "other.cn", "192.0.2.1"] {
        let got = get(host).await;
        assert_eq!((got.status, got.body.as_str()), (200, "served by nginx"), "nothing is checked: {host}");
    }

    let _one = Gate::start_at(first, kept).await;
    // nginx asks neither for as long as `fail_timeout` says.
    for _ in 0..1000 {
        if get("other.cn").await.status == 403 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    checks("with the first again").await;
}
