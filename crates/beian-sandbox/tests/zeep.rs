//! A client that shares no line with this project: Python's zeep, driven by the
//! service descriptions alone, with OpenSSL and Python for digest, cipher and zip.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::json;
use support::{World, document, record, simple, website};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_client_gets_its_files() {
    let python = std::env::var("BEIAN_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", "import zeep"]).output();
    let found = found.is_ok_and(|output| output.status.success());
    assert!(
        found,
        "{python} has no zeep: run `cargo xtask test`, which installs it and sets BEIAN_TEST_PYTHON"
    );
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
    // A filing that the client seals itself.
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("filing.xml");
    let own = record(1, vec![website(2, "xizuo-two.cn", 1)]);
    std::fs::write(&file, document(vec![own])).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zeep_client.py");
    let output = tokio::task::spawn_blocking(move || {
        Command::new(python).arg(script).arg(format!("http://{address}")).arg(file).output().unwrap()
    })
    .await
    .unwrap();
    server.abort();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert_eq!(
        out.trim(),
        "BAJG 1034\nBAJG 1001\nBASJ 粤ICP备2026000001号-1\nprevious 2\nupload 0, previous 3\nstatus 粤ICP备2026000001号-1"
    );
    let filing = world.filing(3).await;
    assert_eq!((&filing["state"], &filing["domains"]), (&json!("awaiting_sms"), &json!(["xizuo-two.cn"])));
}
