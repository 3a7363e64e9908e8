//! A client that shares no line with this project: Python's zeep, driven by the
//! service descriptions alone, with OpenSSL and Python for digest, cipher and zip.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::json;
use support::{World, simple};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_client_gets_its_files() {
    let found = Command::new("python3")
        .args(["-c", "import zeep"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: python3 has no zeep");
        return;
    }
    let world = World::new();
    let mut bad = simple();
    bad.websites[0].contents = vec![64];
    world.upload(1, vec![bad]).await;
    world.upload(2, vec![simple()]).await;
    world.api("POST", "filings/2/verify-sms", None).await;
    world.api("POST", "filings/2/approve", Some(json!({ "opinion": "同意" }))).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = world.router.clone();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zeep_client.py");
    let output = tokio::task::spawn_blocking(move || {
        Command::new("python3").arg(script).arg(format!("http://{address}")).output().unwrap()
    })
    .await
    .unwrap();
    server.abort();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert_eq!(
        out.trim(),
        "BAJG 1034\nBAJG 1001\nBASJ 粤ICP备2026000001号-1\nprevious 2\nstatus 粤ICP备2026000001号-1"
    );
}
