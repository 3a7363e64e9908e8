//! A provider's bridge under a long load: the regulator sends a million records, the provider files ranges of
//! addresses meanwhile, everything arrives exactly once, and memory does not grow.
//!
//! The regulator and the provider are processes of their own, so that the memory of each can be told. The records
//! are sites on the regulator's list of unfiled ones, a thousand to a file: each becomes a duty with a deadline.
//!
//! ```console
//! $ cargo bench -p beian --bench soak               # a million records
//! $ cargo bench -p beian --bench soak -- 50000      # fewer
//! ```
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark reads the clock, prints its figures, and stops at the first surprise"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use beian::journey::{RegulatorDesk, Visitor};
use support::Process;

/// Records of a file, as many as one may have.
const OF_A_FILE: usize = 1000;
/// Samples of memory that are taken on the way.
const ROUNDS: usize = 20;
/// Ranges of addresses that are filed in each round.
const RANGES: usize = 50;
/// For measuring networks (RFC 2544): never a real machine.
const NETWORK: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);
/// How much memory the second half may take at most, of what the first took.
const GROWTH: f64 = 1.1;

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let records: usize =
        std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let files = records.div_ceil(OF_A_FILE * ROUNDS).max(1);
    let directory = tempfile::tempdir().unwrap();
    let town = Town::open(directory.path());
    let mut operator = Visitor::new(&town.provider.value_after("beian is at ")).unwrap();
    let password = town.provider.value_after("operator").split_whitespace().last().unwrap().to_owned();
    operator.sign_in("operator", &password).await.unwrap();
    let source = format!("kind,range,unit\nsource,{NETWORK}/16,1197\n");
    operator.import(IMPORT, &source).await.unwrap();
    file_ranges(&town, &operator).await;

    println!("| records | files | seconds | records a second | provider MB | regulator MB |");
    println!("|---:|---:|---:|---:|---:|---:|");
    let began = Instant::now();
    let mut memory = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let round_began = Instant::now();
        operator.import(IMPORT, &ranges(round)).await.unwrap();
        for file in round * files..(round + 1) * files {
            town.desk.list_unfiled_sites(&sites(file)).await.unwrap();
        }
        file_ranges(&town, &operator).await;
        let [provider, regulator] =
            [&town.provider, &town.regulator].map(|process| memory_of(process.child.id()));
        memory.push(provider);
        let moved = (round + 1) * files * OF_A_FILE;
        let rate = (files * OF_A_FILE) as f64 / round_began.elapsed().as_secs_f64();
        println!(
            "| {moved} | {} | {:.0} | {rate:.0} | {provider:.1} | {regulator:.1} |",
            (round + 1) * files,
            began.elapsed().as_secs_f64(),
        );
    }

    let moved = ROUNDS * files * OF_A_FILE;
    let open = count_of_first_list(&operator.read("/operator/duties").await.unwrap());
    assert_eq!(open, moved, "duties that came of the records");
    let uploads = town.desk.uploads().await.unwrap();
    assert_eq!(uploads.len(), 1 + ROUNDS * RANGES, "files that the regulator has");
    assert!(uploads.iter().all(|upload| upload["received"] == 1), "each came once");
    let most = |part: &[f64]| part.iter().copied().fold(0.0, f64::max);
    let (first, second) = memory.split_at(ROUNDS / 2);
    let growth = most(second) / most(first);
    println!(
        "\n{moved} records came and {} files went, each once. The second half took {growth:.2} of the memory of \
         the first.",
        uploads.len()
    );
    assert!(growth <= GROWTH, "expected at most {GROWTH} of the memory of the first half, got {growth:.2}");
}

const IMPORT: &str = "/operator/addresses/import";

/// The sites of a file, each with a domain of its own.
fn sites(file: usize) -> Vec<(String, Ipv4Addr)> {
    let site = |index| {
        let number = file * OF_A_FILE + index;
        let [_, _, high, low] = (number as u32).to_be_bytes();
        (format!("xizuo-{number}.cn"), Ipv4Addr::new(198, 18, high, low))
    };
    (0..OF_A_FILE).map(site).collect()
}

/// A table with the ranges of a round.
fn ranges(round: usize) -> String {
    let mut table = String::from("kind,range,manner\n");
    for place in round * RANGES..(round + 1) * RANGES {
        let first = Ipv4Addr::from(u32::from(NETWORK) + 16 * place as u32);
        table.push_str(&format!("allocation,{first}/28,reserved\n"));
    }
    table
}

/// A regulator and a provider.
struct Town {
    regulator: Process,
    provider: Process,
    desk: RegulatorDesk,
}

impl Town {
    fn open(directory: &Path) -> Self {
        let regulator =
            Process::start(&["sandbox", "--listen", "127.0.0.1:0"], |line| line.starts_with("iv"));
        let url =
            regulator.value_after("# Practice regulator at ").trim_end_matches("/regulator/").to_owned();
        let desk = RegulatorDesk::new(&url, &regulator.value_after("# Console password: ")).unwrap();
        let credentials: Vec<&str> =
            regulator.lines.iter().filter(|line| !line.starts_with('#')).map(String::as_str).collect();
        let file = directory.join("credentials.toml");
        std::fs::write(&file, credentials.join("\n")).unwrap();
        let data = directory.join("provider");
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data",
            data.to_str().unwrap(),
            "--regulator",
            &url,
            "--regulator-credentials",
            file.to_str().unwrap(),
            "--regulator-kind",
            "practice",
            "--poll-seconds",
            "1",
        ];
        let provider = Process::start(&arguments, |line| line.contains("Stop with"));
        Self { regulator, provider, desk }
    }
}

/// Asks for all ranges that are drafts, and waits until they are filed and every file of the regulator is taken.
async fn file_ranges(town: &Town, operator: &Visitor) {
    let asked = operator.register_addresses().await.unwrap();
    assert!(asked > 0, "expected ranges to ask for");
    for _ in 0..36_000 {
        let list = operator.read("/operator/addresses?list=under-way").await.unwrap();
        let is_under_way = list.contains(r#"<th scope="row">"#);
        if !is_under_way && town.desk.waiting_downloads().await.unwrap() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not everything arrived within an hour");
}

/// How many are on the first list of a page with lists.
fn count_of_first_list(page: &str) -> usize {
    let count = page.split(r#"<span class="count">"#).nth(1).unwrap();
    count.split('<').next().unwrap().parse().unwrap()
}

/// What a process has in memory, in megabytes.
fn memory_of(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}
