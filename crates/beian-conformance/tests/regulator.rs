//! The client's list against the practice regulator: green as it is, red with any one of its validations off.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use beian_conformance::{Extent, RegulatorSubject, Report, try_regulator};
use beian_domain::{ManualClock, SeededRandom};
use beian_sandbox::{
    Identities, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, Secret, SmsPolicy, Validation,
};
use beian_wire::Password;
use beian_wire::package::SharedSecret;
use chrono::{DateTime, Utc};

const ISP: u64 = 440_000_000_001;

fn noon() -> DateTime<Utc> {
    "2026-11-23T04:00:00Z".parse().unwrap()
}

/// A regulator of its own that lets pass what it is told to, and what the list says of it.
async fn tried(lenient: Option<Validation>, extent: Extent) -> Report {
    let secret = || SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap();
    let password = || Password::new("practice-call".to_owned());
    let config = SandboxConfig {
        providers: vec![Provider {
            isp_id: ISP,
            name: "习作云".to_owned(),
            user_name: "practice".to_owned(),
            password: password(),
            secret: secret(),
            province: "440000".parse().unwrap(),
        }],
        review: ReviewPolicy::Console,
        sms: SmsPolicy::Console,
        identities: Identities::PracticeOnly,
        console_password: Secret::new("console"),
        store: Persistence::Volatile,
    };
    let clock = Arc::new(ManualClock::at(noon()));
    let sandbox = Sandbox::open_lenient(config, clock, Arc::new(SeededRandom::new(1)), lenient).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, sandbox.router()).await });
    let subject = RegulatorSubject {
        base_url,
        isp_id: ISP,
        user_name: "practice".to_owned(),
        password: password(),
        secret: secret(),
        steering: Some("console".to_owned()),
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let report = try_regulator(&subject, extent, Arc::new(SeededRandom::new(2)), noon()).await.unwrap();
    server.abort();
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_practice_regulator_is_what_a_client_must_find() {
    let report = tried(None, Extent::Everything).await;
    assert!(report.is_green(), "{}", report.table());
    assert!(report.rows.len() > 120, "{}", report.rows.len());
    assert!(!report.table().contains("skipped  "), "{}", report.table());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_validation_that_is_missing_is_noticed() {
    let mut waiting: Vec<Validation> = Validation::all().collect();
    assert!(waiting.len() > 70, "{}", waiting.len());
    let mut running = tokio::task::JoinSet::new();
    let mut unnoticed = Vec::new();
    loop {
        while running.len() < 4
            && let Some(validation) = waiting.pop()
        {
            // What fails in a part fails in the whole.
            let extent = match validation {
                Validation::Size => Extent::Everything,
                _ => Extent::NoLargeFiles,
            };
            running.spawn(async move { (validation, tried(Some(validation), extent).await.is_green()) });
        }
        let Some(done) = running.join_next().await else { break };
        let (validation, is_green) = done.unwrap();
        if is_green {
            unnoticed.push(validation);
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:?}");
}
