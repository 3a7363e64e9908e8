//! Every page of the review desk over a million orders, beside the same page over a thousand.
//!
//! `cargo bench -p beian-app --bench desk` prints it as Markdown, for SQLite, and for PostgreSQL if
//! `BEIAN_TEST_POSTGRES` names a server. Both databases are asked in turns within the same run.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints its figures, and stops at the first surprise"
)]

mod support;

use std::time::{Duration, Instant};

use beian_app::{DeskQuery, QueueMark, TakenBy};
use beian_domain::{FilingKind, OrderId, OrderNumber, OrderState};
use beian_store::floor::multiply;
use support::{Bench, Databases};
use uuid::Uuid;

/// How much longer a page may take over a million orders.
const BAR: f64 = 1.2;
const FEW: u64 = 1_000;
const MANY: u64 = 1_000_000;
const SAMPLES: usize = 101;

#[tokio::main]
async fn main() {
    support::prepare();
    println!("\n## A page of the review desk\n");
    let directory = tempfile::tempdir().expect("a directory");
    let sqlite = |name: &str| format!("sqlite://{}/{name}.db?mode=rwc", directory.path().display());
    measure("SQLite", &sqlite).await;
    if let Ok(server) = std::env::var("BEIAN_TEST_POSTGRES") {
        let names = Databases::make(server.trim_end_matches('/'), &["few", "many"]).await;
        measure("PostgreSQL", &|name| names.address(name)).await;
        names.drop().await;
    }
}

/// A page of the desk.
#[derive(Debug, Clone)]
enum Page {
    Queue(DeskQuery),
    Search(String),
    Order(OrderNumber),
    Statistics,
}

async fn measure(what: &str, database: &dyn Fn(&str) -> String) {
    let (few, many) = (desk(&database("few"), FEW).await, desk(&database("many"), MANY).await);
    println!("### {what}\n\n| page | over {FEW}, median µs | over {MANY}, median µs | ratio | bar |");
    println!("|---|---:|---:|---:|---:|");
    for (name, few_page, many_page) in pages(&few, &many) {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for _ in 0..SAMPLES {
            a.push(look(&few, &few_page).await);
            b.push(look(&many, &many_page).await);
        }
        let (a, b) = (median(a), median(b));
        let ratio = b.as_secs_f64() / a.as_secs_f64();
        println!("| {name} | {} | {} | {ratio:.2} | {BAR} |", a.as_micros(), b.as_micros());
    }
    println!();
}

/// A desk with so many orders, and one that can be opened.
async fn desk(database: &str, orders: u64) -> Bench {
    let bench = Bench::open(database, 1).await;
    bench.submit(0).await;
    multiply(database, orders, bench.reviewer.account.0).await.expect("many orders");
    bench
}

fn pages(few: &Bench, many: &Bench) -> Vec<(&'static str, Page, Page)> {
    let state = OrderState::ProviderReview;
    let first = DeskQuery { state, kind: None, province: None, taken: TakenBy::Any, after: None };
    let same = |name, query: DeskQuery| (name, Page::Queue(query), Page::Queue(query));
    let middle = |orders: u64| {
        let due =
            chrono::DateTime::from_timestamp(1_700_000_000 + i64::try_from(orders / 2).expect("few") * 60, 0);
        let after = QueueMark { due: due.expect("a time"), id: OrderId(Uuid::nil()) };
        Page::Queue(DeskQuery { after: Some(after), ..first })
    };
    vec![
        same("first page of the queue", first),
        ("page in the middle of the queue", middle(FEW), middle(MANY)),
        same("by kind", DeskQuery { kind: Some(FilingKind::AddService), ..first }),
        same("by province", DeskQuery { province: "440000".parse().ok(), ..first }),
        same("taken by nobody", DeskQuery { taken: TakenBy::Nobody, ..first }),
        same("taken by me", DeskQuery { taken: TakenBy::Me, ..first }),
        same("what was filed, newest first", DeskQuery { state: OrderState::Filed, ..first }),
        (
            "search by domain",
            Page::Search(format!("d{}.cn", FEW / 2)),
            Page::Search(format!("d{}.cn", MANY / 2)),
        ),
        ("an order", Page::Order(few.drafts[0].number.clone()), Page::Order(many.drafts[0].number.clone())),
        ("figures of 90 days", Page::Statistics, Page::Statistics),
    ]
}

async fn look(bench: &Bench, page: &Page) -> Duration {
    let (app, user) = (&bench.app, &bench.reviewer);
    let began = Instant::now();
    match page {
        Page::Queue(query) => {
            let page = app.desk(user, *query).await.expect("a page");
            let took = began.elapsed();
            assert_eq!(page.orders.len() as u64, beian_app::DESK_PAGE, "a full page, or it is no comparison");
            return took;
        }
        Page::Search(text) => assert_eq!(app.search_desk(user, text).await.expect("an answer").len(), 1),
        Page::Order(number) => drop(app.review_case(user, number).await.expect("an order")),
        Page::Statistics => drop(app.review_statistics(user, 90).await.expect("figures")),
    }
    began.elapsed()
}

fn median(mut samples: Vec<Duration>) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 2]
}
