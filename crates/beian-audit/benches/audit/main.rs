//! What an audit costs, beside DuckDB and Polars doing the same and less, in one run over the same log.
//!
//! `cargo bench -p beian-audit` prints it as Markdown. `-- 200 1000000` takes a log of 200 MB instead of 1000, and an
//! index of a million domains instead of ten; `-- 1000 10000000 PYTHON` runs the peers, too, with a Python that has
//! the packages duckdb and polars. `-- stream 100` makes a hundred gigabytes up as they are read, and tells of the memory.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints its figures, and stops at the first surprise"
)]

// The same domains and hosts as in the bench of the index.
#[path = "../../../beian-index/benches/index/data.rs"]
#[allow(dead_code, reason = "the other bench needs more of it")]
mod data;
mod stream;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use beian_audit::{Audit, FieldNames, FormatChoice, Going, Outcome};
use beian_index::{Completeness, Day, Description, Index, IndexBuilder, IndexKey, Record, RecordId, Status};
use data::{Popularity, Random};

const DAY: Day = Day(20_785);
const SAMPLES: usize = 5;
/// A line without its host, on average.
const LINE: usize = 151;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [what, gigabytes] = arguments.as_slice()
        && let Ok(gigabytes) = gigabytes.parse()
    {
        match what.as_str() {
            "stream" => return stream::run(gigabytes),
            "make-stream" => return stream::make(gigabytes),
            "read-stream" => return stream::read(gigabytes),
            _ => {}
        }
    }
    let number = |place: usize, default: usize| {
        arguments.get(place).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (megabytes, domains) = (number(0, 1000), number(1, 10_000_000));
    let directory = tempfile::tempdir().expect("a directory");
    let paths = Paths::new(directory.path());
    let lines = make(&paths, megabytes, domains);
    let bytes = fs::metadata(&paths.log).expect("a log").len();
    println!(
        "{lines} lines of {:.0} bytes, {:.3} GB; {domains} domains in the index.\n",
        bytes as f64 / lines as f64,
        bytes as f64 / 1e9
    );
    // Into the page cache, for everybody.
    drop(fs::read(&paths.log).expect("a log"));
    let index = Index::open(&paths.index).expect("an index");

    println!(
        "| way | seconds of the processors | seconds of the clock | GB/s of the processors | rows | times ours |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    let mut ours = f64::NAN;
    for (name, threads, memory) in [
        ("ours, 1 thread", 1, 4 << 30),
        ("ours, 2 threads", 2, 4 << 30),
        ("ours, 1 thread, counts in 32 MiB and the rest on the disk", 1, 32 << 20),
    ] {
        let mut times: Vec<(f64, f64)> = Vec::new();
        let mut rows = 0;
        for _ in 0..SAMPLES {
            let (begin, processors) = (Instant::now(), processor_time());
            let outcome = audit(&paths, &index, threads, memory);
            rows = outcome.domains as usize;
            times.push((processor_time() - processors, begin.elapsed().as_secs_f64()));
            assert_eq!(outcome.totals.lines, lines as u64);
        }
        times.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (processors, clock) = times[SAMPLES / 2];
        if ours.is_nan() {
            ours = processors;
        }
        print_row(name, processors, clock, bytes, rows, ours);
    }
    if let Some(python) = arguments.get(2) {
        peers(python, &paths, bytes, ours);
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim();
    println!("\nPeak memory of this process, the index and what was made up included: {peak}.");
}

fn print_row(name: &str, processors: f64, clock: f64, bytes: u64, rows: usize, ours: f64) {
    let rate = bytes as f64 / processors / 1e9;
    println!("| {name} | {processors:.2} | {clock:.2} | {rate:.2} | {rows} | {:.2} |", processors / ours);
}

struct Paths {
    directory: PathBuf,
    log: PathBuf,
    list: PathBuf,
    index: PathBuf,
}

impl Paths {
    fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            log: directory.join("access.log"),
            list: directory.join("registry.txt"),
            index: directory.join("hosts.index"),
        }
    }
}

/// Makes list, index and log, and answers with the lines of the log.
fn make(paths: &Paths, megabytes: usize, count: usize) -> usize {
    let domains = data::domains(count);
    let mut list = BufWriter::new(File::create(&paths.list).expect("a list"));
    let key = IndexKey([0x5a; 16]);
    let mut builder =
        IndexBuilder::new(Description { completeness: Completeness::Complete, as_of: DAY, key });
    for (domain, id) in domains.iter().zip(0..) {
        writeln!(list, "{domain}").expect("a line");
        builder
            .add(domain, Record { status: Status::FiledHere, id: RecordId(id), as_of: DAY })
            .expect("a domain");
    }
    list.flush().expect("a list");
    builder.write(&paths.index).expect("an index");
    let lines = megabytes * 1_000_000 / (LINE + 17);
    let hosts = data::hosts(lines, &domains, Popularity::Zipf);
    let mut log = BufWriter::with_capacity(1 << 20, File::create(&paths.log).expect("a log"));
    let mut random = Random(3);
    let agents = [
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
        "curl/8.5.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)",
    ];
    for (host, number) in hosts.slices().into_iter().zip(0_usize..) {
        log.write_all(host).expect("a line");
        let (seconds, minutes) = (number / 200 % 60, number / 12_000 % 60);
        let (a, b) = (random.below(256), random.below(256));
        writeln!(
            log,
            " 10.{}.{a}.{b} - - [28/Nov/2026:08:{minutes:02}:{seconds:02} +0800] \"GET /p/{}/{}.html?x={} HTTP/1.1\" 200 {} \"-\" \"{}\"",
            number % 7,
            random.below(100_000),
            random.below(1_000_000),
            random.below(1_000_000_000),
            random.below(90_000),
            agents[random.below(3)],
        )
        .expect("a line");
    }
    log.flush().expect("a log");
    lines
}

fn audit(paths: &Paths, index: &Index, threads: usize, memory: usize) -> Outcome {
    let audit = Audit {
        logs: vec![paths.log.clone()],
        storage: None,
        format: FormatChoice::Recognise,
        names: FieldNames::default(),
        time_offset: 8 * 3600,
        threads,
        memory,
        spill: paths.directory.clone(),
        checkpoint: None,
        seed: 7,
    };
    audit.run(index, &|_| Going::On).expect("an outcome")
}

/// Runs the peers in one process each, which print their times.
fn peers(python: &str, paths: &Paths, bytes: u64, ours: f64) {
    let script = paths.directory.join("peers.py");
    fs::write(&script, include_str!("peers.py")).expect("a script");
    let whats = [("report", "the same report"), ("count", "counting lines alone")];
    for (peer, (what, told)) in
        ["duckdb", "polars"].into_iter().flat_map(|peer| whats.map(|what| (peer, what)))
    {
        let mut times: Vec<(f64, f64, usize)> = (0..3)
            .map(|_| {
                let output = Command::new(python)
                    .arg(&script)
                    .args([Path::new(peer), Path::new(what), &paths.log, &paths.list])
                    .env("POLARS_MAX_THREADS", "1")
                    .output()
                    .expect("Python");
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
                let mut parts = text.split_whitespace();
                let mut number = || parts.next().and_then(|part| part.parse::<f64>().ok()).expect("a number");
                (number(), number(), number() as usize)
            })
            .collect();
        times.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (processors, clock, rows) = times[1];
        print_row(&format!("{peer}, 1 thread, {told}"), processors, clock, bytes, rows, ours);
    }
}

/// Seconds that all threads of this process ran.
fn processor_time() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = text.rsplit(')').next().expect("a name").split_whitespace().collect();
    let ticks = |place: usize| fields[place].parse::<f64>().expect("ticks");
    // User and system time, in hundredths of a second on every Linux that is not built otherwise.
    (ticks(11) + ticks(12)) / 100.0
}
