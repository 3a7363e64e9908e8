//! An order from draft to submitted, beside what the database alone needs for the same rows.
//!
//! `cargo bench -p beian-app --bench submit` prints it as Markdown, for SQLite, and for PostgreSQL if
//! `BEIAN_TEST_POSTGRES` names a server; `-- sqlite` or `-- postgres` measures one of them. The floor is measured in the same run: the rows that one submission wrote are read back, and written as
//! often again by bare prepared statements with the same durability.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints its figures, and stops at the first surprise"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use beian_store::floor::{Snapshot, Written, repeat};
use beian_store::{Keys, Options, Store};
use support::{Bench, Databases, submit, time_and_chance};

/// What we may take of the database's own speed.
const BAR: f64 = 0.5;
/// How many drafts are handed in, given up, and begun again.
const DRAFTS: usize = 64;
const ROUNDS: usize = 3;
/// How many people hand in at the same time.
const AT_ONCE: usize = 32;
/// How many times as many the floor writes: it is quick, and one slow commit would tell otherwise.
const LONGER: u32 = 10;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    support::prepare();
    println!("\n## An order from draft to submitted\n");
    let directory = tempfile::tempdir().expect("a directory");
    let arguments: Vec<String> = std::env::args().skip(1).filter(|given| !given.starts_with('-')).collect();
    let is_wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|given| given == name);
    if is_wanted("sqlite") {
        let sqlite = |name: &str| format!("sqlite://{}/{name}.db?mode=rwc", directory.path().display());
        measure("SQLite, WAL, synchronous=FULL", &sqlite, 1).await;
    }
    if !is_wanted("postgres") {
        return;
    }
    let Ok(server) = std::env::var("BEIAN_TEST_POSTGRES") else {
        println!("PostgreSQL was not measured: BEIAN_TEST_POSTGRES names no server.");
        return;
    };
    let server = server.trim_end_matches('/').to_owned();
    let names = Databases::make(&server, &["ours", "single", "grouped", "parallel"]).await;
    measure("PostgreSQL", &|name| names.address(name), 8).await;
    names.drop().await;
}

async fn measure(what: &str, database: &dyn Fn(&str) -> String, connections: usize) {
    let mut bench = Bench::open(&database("ours"), DRAFTS).await;
    let before = Snapshot::of(&database("ours")).await.expect("a snapshot");
    bench.submit(0).await;
    let written = before.until(&Snapshot::of(&database("ours")).await.expect("a snapshot"));
    println!("### {what}\n\nOne submission writes:\n");
    println!("| table | inserted | updated | bytes |\n|---|---:|---:|---:|");
    for (table, (inserted, updated, bytes)) in written.account() {
        println!("| {table} | {inserted} | {updated} | {bytes} |");
    }
    let alone = rounds(&mut bench, 1).await;
    let single = floor(&database("single"), &written, 1, 1).await;
    let together = rounds(&mut bench, AT_ONCE).await;
    let grouped = floor(&database("grouped"), &written, AT_ONCE, 1).await;
    drop(bench);
    println!("\n| who | a second | of the floor | bar |\n|---|---:|---:|---:|");
    println!("| floor: bare statements, one submission a transaction | {single:.0} | – | – |");
    println!("| floor: bare statements, {AT_ONCE} submissions a transaction | {grouped:.0} | – | – |");
    let mut best = grouped;
    if connections > 1 {
        let parallel = floor(&database("parallel"), &written, 1, connections).await;
        println!(
            "| floor: bare statements, one a transaction on {connections} connections | {parallel:.0} | – | – |"
        );
        best = best.max(parallel);
    }
    println!("| ours, one after the other | {alone:.0} | {:.2} | {BAR} |", alone / single);
    println!(
        "| ours, {AT_ONCE} at once | {together:.0} | {:.2} of the best floor, {:.2} of the single one | {BAR} |",
        together / best,
        together / single
    );
}

/// How often a second the database alone writes the same rows.
async fn floor(database: &str, written: &Written, per_transaction: usize, connections: usize) -> f64 {
    let files = tempfile::tempdir().expect("a directory");
    let (clock, random) = time_and_chance();
    // Opening it makes the tables.
    let keys = Keys::generate(&*random);
    let options =
        Options { database: database.to_owned(), files: files.path().to_owned(), keys, commit_hook: None };
    drop(Store::open(options, clock, random).await.expect("a store"));
    let times = u32::try_from(DRAFTS * ROUNDS).expect("a small number") * LONGER;
    let took = repeat(database, written, times, per_transaction, connections, Instant::now)
        .await
        .expect("the floor");
    f64::from(times) / took.as_secs_f64()
}

/// How many are handed in a second, all of them for the first time.
async fn rounds(bench: &mut Bench, at_once: usize) -> f64 {
    let mut took = Duration::ZERO;
    for _ in 0..ROUNDS {
        bench.begin_again().await;
        let began = Instant::now();
        if at_once == 1 {
            for index in 0..DRAFTS {
                bench.submit(index).await;
            }
        } else {
            submit_all(bench, at_once).await;
        }
        took += began.elapsed();
    }
    (DRAFTS * ROUNDS) as f64 / took.as_secs_f64()
}

async fn submit_all(bench: &Bench, at_once: usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut people = tokio::task::JoinSet::new();
    for _ in 0..at_once {
        let (next, app, drafts) = (next.clone(), bench.app.clone(), bench.drafts.clone());
        people.spawn(async move {
            while let Some(draft) = drafts.get(next.fetch_add(1, Ordering::Relaxed)) {
                submit(&app, draft).await;
            }
        });
    }
    while let Some(ended) = people.join_next().await {
        ended.expect("a submission");
    }
}
