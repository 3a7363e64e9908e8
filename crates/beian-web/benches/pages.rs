//! How long the server takes for each page over a hundred thousand orders.
//!
//! `cargo bench -p beian-web --bench pages` prints it as Markdown: of every page the median and the 95th percentile
//! from the request to the whole answer, without a network in between, on SQLite. All orders are of one account, so
//! that its pages have them all.
#![allow(
    dead_code,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reads the clock, prints its figures, stops at the first surprise, and shares the tests' house"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use beian_store::floor::multiply;
use support::{House, Visitor, handed_in, text, user};

const ORDERS: u64 = 100_000;
const SAMPLES: usize = 101;
/// Most time at the 95th percentile.
const BAR: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() {
    let house = House::with_regulator().await;
    let order = handed_in(&house).await;
    let reviewer = user(&house, "reviewer").await;
    multiply(&house.database(), ORDERS, reviewer.account.0).await.expect("many orders");
    let draft = draft(&house).await;
    let ask = "/can-i-file?certificate=business-licence&province=440000&domain=xizuo-pages-9.cn";
    let pages: [(&str, &[&str]); 7] = [
        (
            "",
            &[
                "/",
                ask,
                "/help",
                "/help/rules",
                "/help/situations/s03",
                "/lookup?q=xizuo-hostile.cn",
                "/sign-in",
            ],
        ),
        (
            "alice",
            &["/home", "ORDER", "ORDER/forms", "/codes", "/transfers", "/members", "/notices", "/archive"],
        ),
        (
            "mallory",
            &[
                "DRAFT/tasks",
                "DRAFT/edit/sponsor-name",
                "DRAFT/edit/certificate-division",
                "DRAFT/edit/resource",
                "DRAFT/materials/sponsor-certificate",
                "DRAFT/check",
                "DRAFT/route",
                "DRAFT/withdraw",
            ],
        ),
        ("reviewer", &["/review", "/review?q=d50000.cn", "/review?state=filed", "REVIEW", "/statistics"]),
        (
            "operator",
            &[
                "/operator/overview",
                "/operator/resources",
                "/operator/records",
                "/operator/transfers",
                "/operator/bridge",
                "/operator/duties",
                "/operator/unfiled-hosts",
                "/operator/drift",
                "/operator/addresses",
                "/operator/code-tables",
                "/operator/reconcile",
                "/operator/rulebook",
                "/operator/notices",
                "/operator/settings",
            ],
        ),
        ("guard", &["/security/accounts"]),
        ("auditor", &["/audit/trail"]),
    ];
    println!(
        "\n## Pages over {ORDERS} orders\n\n| who | page | median ms | p95 ms | bar ms |\n|---|---|---:|---:|---:|"
    );
    for (who, paths) in pages {
        let visitor = if who.is_empty() { None } else { Some(house.sign_in(who).await) };
        for path in paths {
            let path = path
                .replace("ORDER", &format!("/orders/{order}"))
                .replace("DRAFT", &format!("/orders/{draft}"))
                .replace("REVIEW", &format!("/review/{order}"));
            let mut took = Vec::new();
            for _ in 0..=SAMPLES {
                took.push(look(&house, visitor.as_ref(), &path).await);
            }
            // The first one finds nothing in any cache.
            took.remove(0);
            took.sort_unstable();
            let (median, p95) = (took[SAMPLES / 2], took[SAMPLES * 95 / 100]);
            let mark = if p95 > BAR { " **over**" } else { "" };
            let who = if who.is_empty() { "anyone" } else { who };
            let ms = |span: Duration| span.as_secs_f64() * 1_000.0;
            println!("| {who} | `{path}` | {:.1} | {:.1}{mark} | {} |", ms(median), ms(p95), BAR.as_millis());
        }
    }
}

/// An order of somebody else that is only begun.
async fn draft(house: &House) -> String {
    let mallory = house.sign_in("mallory").await;
    house.order_about(&mallory, 1, "xizuo-draft.cn").await
}

/// From the request to the last byte of the answer.
async fn look(house: &House, visitor: Option<&Visitor>, path: &str) -> Duration {
    // Who asks more often than once a second is told to wait.
    house.clock.advance(chrono::TimeDelta::seconds(1));
    let mut request = Request::get(path);
    if let Some(visitor) = visitor {
        request = request.header(header::COOKIE, &visitor.cookie);
    }
    let request = request.body(Body::empty()).expect("a request");
    let began = Instant::now();
    let response = house.send(request).await;
    let status = response.status();
    let body = text(response).await;
    let took = began.elapsed();
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    took
}
