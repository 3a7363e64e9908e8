//! How many questions a gate answers in a second, and how long the slowest wait, as `wrk` sees it from another core.
//!
//! `cargo bench -p beian-gate` prints it as Markdown; `-- 1000000` takes a million domains instead of ten. The gate is a
//! process on the first core, `wrk` one on the second: neither takes the other's time.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures, and stops at the first surprise"
)]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use axum::serve::ListenerExt as _;
use beian_gate::{GateOptions, HostSource, Known, Patience, PatientListener, Provider, Upkeep, router};
use beian_index::{Completeness, Day, Description, IndexBuilder, IndexKey, Reader, Record, RecordId, Status};

const DAY: Day = Day(20_781);
/// Hosts that are asked for in turn.
const HOSTS: u64 = 5_000;
/// Seconds of each measurement.
const SECONDS: u32 = 5;
/// A gate is to answer so many in a second, and 99 of 100 within a millisecond.
const BAR: f64 = 20_000.0;
/// How many connections ask about as often as the bar has it, if each rests so many milliseconds before it asks again.
/// (`wrk` keeps no rate; it can have a connection rest.)
const RESTING: (u32, u32) = (72, 3);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [command, index] = arguments.as_slice()
        && command == "serve"
    {
        return serve(Path::new(index));
    }
    let count: u64 = arguments.first().and_then(|count| count.parse().ok()).unwrap_or(10_000_000);
    let directory = tempfile::tempdir().expect("a directory");
    let (index, script) = (directory.path().join("hosts.index"), directory.path().join("ask.lua"));
    build(&index, count);
    let program = std::env::current_exe().expect("this program");
    let mut gate = Running(
        Command::new("taskset")
            .args(["--cpu-list", "0"])
            .arg(program)
            .args([Path::new("serve"), &index])
            .stdout(Stdio::piped())
            .spawn()
            .expect("taskset"),
    );
    let mut line = String::new();
    BufReader::new(gate.0.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let address = line.trim();
    assert!(ask(address, &domain(7)).contains("\"filed\":\"yes\""), "the first is filed");
    assert!(ask(address, "not-filed.cn").contains("\"filed\":\"no\""), "and this one is not");

    println!(
        "{count} domains; {HOSTS} hosts in turn, half of them filed, {SECONDS} seconds for each line.\n"
    );
    println!("| path | connections | rest ms | a second | median µs | p99 µs | of {BAR} a second |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for path in ["/check?host=", "/authorize"] {
        for (connections, rest) in [(1, 0), (4, 0), (16, 0), (64, 0), RESTING] {
            fs::write(&script, questions(path, count, rest)).expect("a script");
            let seen = wrk(address, &script, connections);
            println!(
                "| `{path}` | {connections} | {rest} | {:.0} | {:.0} | {:.0} | {:.2} |",
                seen.rate,
                seen.median,
                seen.p99,
                seen.rate / BAR
            );
        }
    }
}

/// Ends with the benchmark.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn domain(number: u64) -> String {
    format!("site-{number}.cn")
}

fn build(path: &Path, count: u64) {
    let key = IndexKey([0x5a; 16]);
    let mut builder =
        IndexBuilder::new(Description { completeness: Completeness::Complete, as_of: DAY, key });
    for number in 0..count {
        let record = Record { status: Status::FiledHere, id: RecordId(number as u32), as_of: DAY };
        builder.add(&domain(number), record).expect("a domain");
    }
    builder.write(path).expect("an index");
}

/// As `beian gate` does it.
fn serve(index: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let reader = Arc::new(Reader::in_memory(index).expect("an index"));
        reader.current().check_all().expect("an undamaged index");
        let options = GateOptions {
            pass: vec![Known::Recorded(Status::FiledHere), Known::Unknown],
            host_source: HostSource::Host,
            provider: Provider::default(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("TCP_NODELAY"));
        let listener = PatientListener::new(listener, Patience::default());
        let router = router(reader, options, Arc::new(Upkeep::default()));
        axum::serve(listener, router).await.expect("a server");
    });
}

fn ask(address: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    write!(stream, "GET /check?host={host} HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n")
        .expect("a question");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// What `wrk` asks in turn, made before the measurement.
fn questions(path: &str, count: u64, rest: u32) -> String {
    let mut script = "local asked = {}\n".to_owned();
    for number in 0..HOSTS {
        // Filed ones from all over the index, and as many that are not.
        let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % count;
        let host = match number % 2 {
            0 => format!("www.{}", domain(spread)),
            _ => format!("a.other-{spread}.cn"),
        };
        let question = match path.ends_with('=') {
            true => format!("'{path}{host}'"),
            false => format!("'{path}', {{ Host = '{host}' }}"),
        };
        let _ = writeln!(script, "asked[{}] = wrk.format('GET', {question})", number + 1);
    }
    if rest > 0 {
        let _ = writeln!(script, "function delay() return {rest} end");
    }
    let _ = write!(
        script,
        "local at = 0\nfunction request()\n  at = at % {HOSTS} + 1\n  return asked[at]\nend\n\
         function done(summary, latency)\n  io.write(string.format('figures %f %f %f %d\\n', \
         summary.requests * 1e6 / summary.duration, latency:percentile(50), latency:percentile(99), \
         summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))\nend\n"
    );
    script
}

struct Seen {
    rate: f64,
    median: f64,
    p99: f64,
}

fn wrk(address: &str, script: &Path, connections: u32) -> Seen {
    let output = Command::new("taskset")
        .args(["--cpu-list", "1", "wrk", "--threads", "1"])
        .args(["--connections", &connections.to_string(), "--duration", &format!("{SECONDS}s"), "--script"])
        .arg(script)
        .arg(format!("http://{address}/"))
        .output()
        .expect("wrk");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("figures ")).expect("the figures");
    let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().expect("a number")).collect();
    assert!(numbers[3] == 0.0, "errors: {text}");
    Seen { rate: numbers[0], median: numbers[1], p99: numbers[2] }
}
