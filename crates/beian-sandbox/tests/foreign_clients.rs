//! Clients that share no line with this project: Python's zeep and npm's soap, driven by the service descriptions
//! alone, with other people's digest, cipher and zip.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::json;
use support::{World, document, record, simple, website};

/// What either client tells of its conversation.
const TOLD: &str = "BAJG 1034
BAJG 1001
BASJ 粤ICP备2026000001号-1
previous 2
upload 0, previous 3
status 粤ICP备2026000001号-1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zeep_of_python_gets_its_files() {
    let python = std::env::var("BEIAN_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut zeep = Command::new(&python);
    zeep.arg(script("zeep_client.py"));
    converse(zeep, Command::new(python).args(["-c", "import zeep"])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soap_of_node_gets_its_files() {
    let modules = std::env::var("BEIAN_TEST_NODE_MODULES").unwrap_or_default();
    let mut node = Command::new("node");
    node.env("NODE_PATH", &modules).arg(script("node_client.js"));
    converse(node, Command::new("node").env("NODE_PATH", &modules).args(["-e", "require('soap')"])).await;
}

fn script(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// Lets a client fetch what lies with the regulator, and hand in a filing that it seals itself.
async fn converse(mut client: Command, installed: &mut Command) {
    let found = installed.output().is_ok_and(|output| output.status.success());
    assert!(found, "{installed:?} failed: run `cargo xtask test`, which installs it and says where it is");
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
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("filing.xml");
    std::fs::write(&file, document(vec![record(1, vec![website(2, "xizuo-two.cn", 1)])])).unwrap();
    client.arg(format!("http://{address}")).arg(file).arg(directory.path());
    let output = tokio::task::spawn_blocking(move || client.output().unwrap()).await.unwrap();
    server.abort();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert_eq!(out.trim(), TOLD);
    let filing = world.filing(3).await;
    assert_eq!((&filing["state"], &filing["domains"]), (&json!("awaiting_sms"), &json!(["xizuo-two.cn"])));
}
