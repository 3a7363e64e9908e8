//! How many status queries (备案状态查询) the practice regulator answers on one core, and how soon, beside a server
//! that answers the same bytes without looking.
//!
//! `cargo bench -p beian-sandbox` prints it as Markdown. The server is a process of its own on the first core, whoever
//! asks is on the second, and each query has its own random value and digest, as the interface wants.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints its figures, and stops at the first surprise"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request as HttpRequest, header};
use axum::routing::post;
use beian_domain::{Clock, Random, SeededRandom, practice};
use beian_sandbox::{
    Identities, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, Secret, SmsPolicy,
};
use beian_wire::package::SharedSecret;
use beian_wire::reply::QueryCondition;
use beian_wire::soap::{Credentials, QueryBeianStatusRequest, Request};
use beian_wire::{Password, RandVal, Service, password_hash};
use chrono::{DateTime, Utc};
use tower::ServiceExt as _;

const ISP: u64 = 440_000_000_001;
const PASSWORD: &str = "practice-call";
const CONSOLE: &str = "practice-console";
/// Services in the register; every second domain that is asked for is one of them.
const SERVICES: usize = 1000;
/// Connections that ask.
const CONNECTIONS: usize = 8;
/// What is to be reached, a second.
const WANTED: u32 = 2000;
/// The answer that 99 of 100 are to come before.
const BAR: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(10);
/// Where the same bytes are answered without looking.
const FLOOR: &str = "/floor";

fn main() {
    if std::env::args().any(|argument| argument == "--serve") {
        serve();
        return;
    }
    let (_server, address) = start();
    // Whatever is built at the first time is.
    ask(address, Service::QueryBeianStatus.path(), None, Duration::from_secs(2));
    let floor = ask(address, FLOOR, None, LONG);
    let most = ask(address, Service::QueryBeianStatus.path(), None, LONG);
    let steady = ask(address, Service::QueryBeianStatus.path(), Some(WANTED), LONG);
    println!("\n| {CONNECTIONS} connections, one core for the server | a second | median us | p99 us |");
    println!("|---|---:|---:|---:|");
    for (what, answered) in [
        ("floor: the same bytes, without looking", &floor),
        ("status queries, as many as it answers", &most),
        ("status queries at 2000 a second", &steady),
    ] {
        let [median, late] = [50, 99].map(|percent| answered.percentile(percent).as_micros());
        println!("| {what} | {:.0} | {median} | {late} |", answered.rate());
    }
    println!("\n| what | bar | measured |\n|---|---:|---:|");
    println!("| a second | {WANTED} | {:.0}, {:.2} of the floor |", most.rate(), most.rate() / floor.rate());
    println!(
        "| p99 at {WANTED} a second | {} ms | {:.1} ms |",
        BAR.as_millis(),
        steady.percentile(99).as_secs_f64() * 1000.0
    );
}

/// What came of asking for a while.
struct Answered {
    took: Duration,
    /// Each from when it was due to be asked until it was answered.
    waits: Vec<Duration>,
}

impl Answered {
    fn rate(&self) -> f64 {
        self.waits.len() as f64 / self.took.as_secs_f64()
    }

    fn percentile(&self, percent: usize) -> Duration {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        waits[(waits.len() * percent / 100).min(waits.len() - 1)]
    }
}

/// Ends with the benchmark.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the server on the first core, and goes to the second.
fn start() -> (Server, SocketAddr) {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new("taskset")
        .args(["--cpu-list", "0"])
        .arg(program)
        .arg("--serve")
        .stdout(Stdio::piped())
        .spawn()
        .expect("taskset");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("an address");
    let own = std::process::id().to_string();
    let moved = Command::new("taskset")
        .args(["--all-tasks", "--cpu-list", "--pid", "1", &own])
        .stdout(Stdio::null())
        .status()
        .expect("taskset");
    assert!(moved.success(), "expected a second core");
    (Server(child), line.trim().parse().expect("an address"))
}

#[tokio::main(flavor = "current_thread")]
async fn serve() {
    let config = SandboxConfig {
        providers: vec![Provider {
            isp_id: ISP,
            name: "练习接入商".to_owned(),
            user_name: "practice".to_owned(),
            password: Password::new(PASSWORD.to_owned()),
            secret: SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").expect("a secret"),
            province: "440000".parse().expect("a province"),
        }],
        review: ReviewPolicy::Console,
        sms: SmsPolicy::Console,
        identities: Identities::PracticeOnly,
        console_password: Secret::new(CONSOLE),
        store: Persistence::Volatile,
    };
    let sandbox = Sandbox::open(config, Arc::new(Now), Arc::new(SeededRandom::new(1))).expect("a sandbox");
    let router = sandbox.router();
    for service in 0..SERVICES {
        let certificate = practice::ORGANISATIONS[0].uscc;
        let body =
            format!("{{\"certificate_number\": \"{certificate}\", \"domain\": \"{}\"}}", domain(2 * service));
        let request = HttpRequest::post("/regulator/api/records")
            .header(header::AUTHORIZATION, format!("Bearer {CONSOLE}"))
            .body(Body::from(body))
            .expect("a request");
        let response = router.clone().oneshot(request).await.expect("an answer");
        assert!(response.status().is_success(), "{}", response.status());
    }
    // As many bytes as an answer has.
    let envelope = "x".repeat(700);
    let floor = Router::new().route(
        FLOOR,
        post(move |_: Bytes| std::future::ready(([(header::CONTENT_TYPE, "text/xml")], envelope))),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    axum::serve(listener, router.merge(floor)).await.expect("served");
}

/// The time of this machine: random values are kept for minutes, and then forgotten.
struct Now;

impl Clock for Now {
    fn now(&self) -> DateTime<Utc> {
        DateTime::<Utc>::from(std::time::SystemTime::now())
    }
}

fn domain(number: usize) -> String {
    format!("xizuo-{number}.cn")
}

/// Asks on all connections, so many a second or as soon as the last is answered.
fn ask(address: SocketAddr, path: &'static str, rate: Option<u32>, long: Duration) -> Answered {
    let began = Instant::now();
    let pace = rate.map(|rate| Duration::from_secs(1) * CONNECTIONS as u32 / rate);
    let asking: Vec<_> = (0..CONNECTIONS)
        .map(|number| thread::spawn(move || ask_on(address, path, number, began, pace, long)))
        .collect();
    let waits: Vec<Duration> =
        asking.into_iter().flat_map(|thread| thread.join().expect("answers")).collect();
    Answered { took: began.elapsed(), waits }
}

fn ask_on(
    address: SocketAddr,
    path: &str,
    connection: usize,
    began: Instant,
    pace: Option<Duration>,
    long: Duration,
) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    // No two calls of a provider have the same value.
    let seed = u64::from(began.elapsed().subsec_nanos()) << 8 | connection as u64;
    let random = SeededRandom::new(seed);
    let password = Password::new(PASSWORD.to_owned());
    let (mut waits, mut answer) = (Vec::new(), Vec::new());
    for number in 0.. {
        let asked =
            envelope(&random, &password, domain((connection + number * CONNECTIONS) % (2 * SERVICES)));
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n", asked.len());
        // Late is late, whether it is asked or answered late.
        let due = match pace {
            None => Instant::now(),
            Some(pace) => {
                let due = began + pace * number as u32 + pace * connection as u32 / CONNECTIONS as u32;
                thread::sleep(due.saturating_duration_since(Instant::now()));
                due
            }
        };
        if due.saturating_duration_since(began) >= long || began.elapsed() >= 2 * long {
            break;
        }
        stream.write_all((head + &asked).as_bytes()).expect("asked");
        read_answer(&mut stream, &mut answer);
        waits.push(due.elapsed());
    }
    waits
}

fn envelope(random: &SeededRandom, password: &Password, domain: String) -> String {
    let mut bytes = [0; RandVal::LENGTH];
    random.fill(&mut bytes);
    let rand_val = RandVal::from_random(bytes);
    let credentials = Credentials {
        isp_id: ISP,
        user_name: "practice".to_owned(),
        password_hash: password_hash(password, &rand_val),
        rand_val: rand_val.as_str().to_owned(),
    };
    let condition = QueryCondition::Domain(domain);
    Request::QueryBeianStatus(QueryBeianStatusRequest { credentials, hash_algorithm: 0, condition })
        .to_envelope()
}

fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) {
    answer.clear();
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part).expect("an answer");
        assert!(read > 0, "the server hung up");
        answer.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned))
            .expect("a length");
        if body.len() >= length.parse::<usize>().expect("a number") {
            assert!(head.starts_with("HTTP/1.1 200"), "{text}");
            assert!(
                body.starts_with('x') || body.contains("msg_code&gt;0&lt;"),
                "expected an answer, got {text}"
            );
            return;
        }
    }
}
