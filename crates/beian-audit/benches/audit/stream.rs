//! An audit of a log that nobody has room for: made up as it is read, through a pipe.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use beian_audit::{Audit, FieldNames, FormatChoice, Going};
use beian_index::{Completeness, Description, Index, IndexBuilder, IndexKey, Record, RecordId, Status};

use super::DAY;
use super::data::{self, Random};

/// Domains that are filed; half of the lines name one of them.
const FILED: usize = 1_000_000;
/// Domains that are not. One line of twenty names the next of them in its turn, nine one of the first.
const UNFILED: u64 = 20_000_000;
/// Those that are named often.
const OFTEN: usize = 100_000;
/// Of counts; the rest is on the disk.
const MEMORY: usize = 256 << 20;
const ROWS: u64 = 10;

/// Two processes of this program, with a pipe between them.
pub(crate) fn run(gigabytes: u64) {
    let program = std::env::current_exe().expect("this program");
    let part = |name: &str| {
        let mut command = Command::new(&program);
        command.args([name, &gigabytes.to_string()]);
        command
    };
    let mut lines = part("make-stream").stdout(Stdio::piped()).spawn().expect("lines");
    let input = lines.stdout.take().expect("their end of the pipe");
    let status = part("read-stream").stdin(input).status().expect("an audit");
    assert!(status.success() && lines.wait().expect("lines").success());
}

/// Writes lines to standard output.
pub(crate) fn make(gigabytes: u64) {
    let filed = data::domains(FILED);
    let mut random = Random(11);
    let tails: Vec<String> = (0..4096)
        .map(|number| {
            format!(
                " 10.{}.{}.{} - - [28/Nov/2026:08:{:02}:{:02} +0800] \"GET /p/{}.html?x={} HTTP/1.1\" 200 {} \"-\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\"\n",
                number % 7,
                random.below(256),
                random.below(256),
                number / 60 % 60,
                number % 60,
                random.below(1_000_000),
                random.below(1_000_000_000),
                random.below(90_000),
            )
        })
        .collect();
    let mut output = std::io::stdout().lock();
    let mut chunk: Vec<u8> = Vec::with_capacity(1 << 20);
    let (mut written, mut unfiled) = (0, 0_u64);
    for number in 0_usize.. {
        if number % 2 == 0 {
            chunk.extend_from_slice(filed[random.below(FILED)].as_bytes());
        } else {
            // A step that has no factor in common with the number of them: each in its turn, far from the one before.
            let step = 7_368_787;
            let turn = if unfiled % 10 == 0 { unfiled / 10 } else { random.below(OFTEN) as u64 };
            let mut rest = turn * step % UNFILED;
            let mut name = *b"u00000000.com";
            for digit in name[1..9].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
            unfiled += 1;
            chunk.extend_from_slice(&name);
        }
        chunk.extend_from_slice(tails[number % tails.len()].as_bytes());
        if chunk.len() > (1 << 20) - 512 {
            output.write_all(&chunk).expect("a reader");
            written += chunk.len() as u64;
            chunk.clear();
            if written >= gigabytes * 1_000_000_000 {
                return;
            }
        }
    }
}

/// Audits standard input, and tells of the memory on the way.
pub(crate) fn read(gigabytes: u64) {
    let directory = tempfile::tempdir().expect("a directory");
    let index = index(directory.path());
    println!(
        "\nA stream of {gigabytes} GB, half of its lines of {UNFILED} domains that are not filed, on one thread with {} MB for counts:\n",
        MEMORY >> 20
    );
    println!("| GB | lines | seconds of the clock | MB/s | memory but for the index, MB |");
    println!("|---:|---:|---:|---:|---:|");
    let begin = Instant::now();
    let row = |bytes: u64, lines: u64, memory: u64| {
        let seconds = begin.elapsed().as_secs_f64();
        let gigabytes = bytes as f64 / 1e9;
        println!("| {gigabytes:.1} | {lines} | {seconds:.1} | {:.0} | {memory} |", gigabytes * 1e3 / seconds);
    };
    let step = gigabytes * 1_000_000_000 / ROWS;
    // Where the next row is due, and the most memory since the last.
    let state = Mutex::new((step, 0));
    let audit = Audit {
        logs: vec!["-".into()],
        format: FormatChoice::Recognise,
        names: FieldNames::default(),
        time_offset: 0,
        threads: 1,
        memory: MEMORY,
        spill: directory.path().to_owned(),
        checkpoint: None,
        seed: 7,
        storage: None,
    };
    let outcome = audit
        .run(&index, &|progress| {
            let mut state = state.lock().expect("no panic");
            state.1 = anonymous_memory().max(state.1);
            if progress.bytes >= state.0 {
                row(progress.bytes, progress.lines, state.1);
                *state = (state.0 + step, 0);
            }
            Going::On
        })
        .expect("an outcome");
    let memory = anonymous_memory();
    let totals = &outcome.totals;
    row(totals.bytes, totals.lines, memory);
    let unfiled = totals.lines / 2;
    assert!(
        outcome.domains <= UNFILED && outcome.domains >= UNFILED.min(unfiled / 10),
        "{}",
        outcome.domains
    );
    assert_eq!(totals.filed_here, totals.lines - unfiled);
    println!("\nThe last row is after the end, with all {} domains added up and ranked.", outcome.domains);
}

fn index(directory: &Path) -> Index {
    let path = directory.join("hosts.index");
    let key = IndexKey([0x5a; 16]);
    let mut builder =
        IndexBuilder::new(Description { completeness: Completeness::Complete, as_of: DAY, key });
    for (domain, id) in data::domains(FILED).iter().zip(0..) {
        let record = Record { status: Status::FiledHere, id: RecordId(id), as_of: DAY };
        builder.add(domain, record).expect("a domain");
    }
    builder.write(&path).expect("an index");
    Index::open(&path).expect("an index")
}

/// Megabytes that this process has for itself: what it maps of files is not in them.
fn anonymous_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("a size");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("kilobytes") / 1024
}
