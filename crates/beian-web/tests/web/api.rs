//! Verdicts and plans for programs: nobody signs in, nothing is kept, nothing
//! of the body stands in a log. One test a process may set the log up, so it is
//! set up once for all.

use std::net::SocketAddr;
use std::sync::{Mutex, Once};

use crate::support::{House, text};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use beian_domain::practice;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Everything that was logged.
static LOG: Mutex<String> = Mutex::new(String::new());

struct Everything;

impl tracing::field::Visit for Line {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

struct Line(String);

impl tracing::Subscriber for Everything {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, attributes: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        let mut line = Line(String::new());
        attributes.record(&mut line);
        LOG.lock().unwrap().push_str(&line.0);
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        let mut line = Line(String::new());
        values.record(&mut line);
        LOG.lock().unwrap().push_str(&line.0);
    }
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        LOG.lock().unwrap().push_str(&line.0);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Everything).unwrap());
}

/// A case as another program would send it.
fn case() -> Value {
    let (organisation, person) = (practice::ORGANISATIONS[0], practice::PEOPLE[0]);
    json!({
        "sponsor": {
            "nature": "enterprise",
            "name": organisation.name,
            "certificate": { "kind": "business-licence", "number": organisation.uscc, "address": organisation.address },
            "principal": { "name": person.name, "mobile": person.mobile },
        },
        "service": { "domain": "xizuo-api.rocks" },
        "facts": { "otherwise": "absent" },
    })
}

async fn send(house: &House, path: &str, peer: &str, body: String) -> axum::http::Response<Body> {
    let peer: SocketAddr = format!("{peer}:4711").parse().unwrap();
    let mut request = Request::post(path).body(Body::from(body)).unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    house.send(request).await
}

#[tokio::test]
async fn a_case_file_gets_its_verdict_and_its_plan() {
    listen();
    let house = House::open().await;
    let response = send(&house, "/api/v1/checks", "203.0.113.1", case().to_string()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let verdict: Value = serde_json::from_str(&text(response).await).unwrap();
    let codes: Vec<&str> = verdict["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"DOM005") && codes.contains(&"SVC001"), "{codes:?}");
    assert_eq!(verdict["rulebook"], house.app.rulebook().digest());
    assert_eq!(verdict["day"], house.app.today().to_string());

    let response = send(&house, "/api/v1/plans?on=2026-12-01", "203.0.113.1", case().to_string()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let plan: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(plan["day"], "2026-12-01");
    assert!(plan["outcome"]["route"]["steps"].as_array().is_some_and(|steps| steps.len() > 3), "{plan}");
    // The file's own day counts where the address names none.
    let mut dated = case();
    dated["on"] = "2027-01-04".into();
    let response = send(&house, "/api/v1/checks", "203.0.113.1", dated.to_string()).await;
    let verdict: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(verdict["day"], "2027-01-04");
    let auditor = house.sign_in("auditor").await;
    let (_, audit) = house.get(Some(&auditor), "/audit/trail").await;
    let log = LOG.lock().unwrap().clone();
    for personal in
        [practice::PEOPLE[0].mobile, practice::PEOPLE[0].name, practice::ORGANISATIONS[0].uscc, "xizuo-api"]
    {
        assert!(!log.contains(personal) && !audit.contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn what_is_no_case_file_is_told_to_the_sender_alone() {
    listen();
    let house = House::open().await;
    let secret = practice::PEOPLE[2].mobile;
    for (body, status, code) in [
        ("{\n  \"sponsor\": [".to_owned(), StatusCode::BAD_REQUEST, "malformed-json"),
        (
            format!("{{\n  \"sponsor\": {{ \"nature\": \"{secret}\" }} }}"),
            StatusCode::UNPROCESSABLE_ENTITY,
            "unexpected-value",
        ),
        (format!("{{ \"{secret}\": 1 }}"), StatusCode::UNPROCESSABLE_ENTITY, "unexpected-value"),
        ("[".repeat(20_000), StatusCode::UNPROCESSABLE_ENTITY, "unexpected-value"),
        (String::new(), StatusCode::BAD_REQUEST, "malformed-json"),
    ] {
        for path in ["/api/v1/checks", "/api/v1/plans"] {
            let response = send(&house, path, "203.0.113.2", body.clone()).await;
            assert_eq!(response.status(), status, "{body:.60}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
            let problem: Value = serde_json::from_str(&text(response).await).unwrap();
            let error = &problem["errors"][0];
            assert_eq!(error["code"], code, "{problem}");
            assert!(error["detail"].as_str().unwrap().contains("line"), "{problem}");
        }
    }
    let large = format!("{{\"x\": \"{}\"}}", "x".repeat(200 * 1024));
    let response = send(&house, "/api/v1/checks", "203.0.113.2", large).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let response = send(&house, "/api/v1/checks?on=tomorrow", "203.0.113.2", case().to_string()).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(!LOG.lock().unwrap().contains(secret));
}

#[tokio::test]
async fn a_flood_is_told_when_to_come_again() {
    listen();
    let house = House::open().await;
    let ask = async |peer: &str| send(&house, "/api/v1/checks", peer, "{}".to_owned()).await;
    for _ in 0..30 {
        assert_eq!(ask("203.0.113.3").await.status(), StatusCode::OK);
    }
    let refused = ask("203.0.113.3").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[header::CONTENT_TYPE], "application/problem+json");
    let seconds: i64 = refused.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=2).contains(&seconds), "{seconds}");
    assert_eq!(ask("203.0.113.4").await.status(), StatusCode::OK, "each for itself");
    house.clock.advance(TimeDelta::seconds(seconds));
    assert_eq!(ask("203.0.113.3").await.status(), StatusCode::OK);
}
