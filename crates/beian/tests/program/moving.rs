//! An installation moves by the command line, and answers as it did.

use std::path::Path;
use std::process::{Command, Output};

use beian::journey::{Visitor, practice_picture};
use beian_domain::practice;
use serde_json::json;

use crate::support::Process;

const PASSWORD: &str = "practice makes perfect";

fn serve(data: &Path) -> Process {
    let arguments =
        ["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap(), "--poll-seconds", "1"];
    Process::start(&arguments, |line| line.starts_with("Stop with"))
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_beian")).args(arguments).env("BEIAN_LOG", "off").output().unwrap()
}

#[track_caller]
fn ended(output: &Output, status: i32) -> String {
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}\n{error}");
    format!("{out}{error}")
}

/// An order that was handed in, and what its filer sees of it.
async fn filed(server: &Process) -> (String, serde_json::Value) {
    let url = server.value_after("beian is at ");
    let mut filer = Visitor::new(&url).unwrap();
    filer.sign_up("filer-1", PASSWORD, practice::PEOPLE[0].email).await.unwrap();
    let token = server.value_after("-H 'Authorization: Bearer ").trim_end_matches("' \\").to_owned();
    let event = json!({
        "reference": "srv-1", "owner": "filer-1", "kind": "cloud-server", "division": "440300", "prepaid": true,
        "bought_at": "2026-01-01T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z", "public_address": "203.0.113.9",
    });
    Visitor::new(&url).unwrap().report_server(&token, &event).await.unwrap();
    let organisation = practice::ORGANISATIONS[0];
    let order =
        filer.begin("enterprise", "business-licence", organisation.uscc, "xizuo-moving.cn").await.unwrap();
    filer.answer_everything(&order, organisation, practice::PEOPLE[0], "srv-1").await.unwrap();
    for purpose in beian_domain::MaterialUse::ALL {
        filer.hand_in(&order, purpose.slug(), practice_picture(3)).await.unwrap();
    }
    let password = server.value_after("reviewer").split_whitespace().last().unwrap().to_owned();
    let mut reviewer = Visitor::new(&url).unwrap();
    reviewer.sign_in("reviewer", &password).await.unwrap();
    reviewer.attest(&order).await.unwrap();
    filer.submit(&order).await.unwrap();
    let seen = filer.order(&order).await.unwrap();
    (order, seen)
}

#[tokio::test]
async fn an_installation_moves_and_its_verdicts_are_made_again() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let text = |name: &str| path(name).to_str().unwrap().to_owned();
    let (order, seen) = {
        let server = serve(&path("old"));
        filed(&server).await
    };
    std::fs::write(path("key"), "0f".repeat(32)).unwrap();
    std::fs::write(path("words"), "习作用的导出口令 for practice\n").unwrap();
    // Without a lock nothing leaves.
    ended(&run(&["export", "--data", &text("old"), "--to", &text("file")]), 2);
    let told = ended(
        &run(&["export", "--data", &text("old"), "--to", &text("file"), "--passphrase-file", &text("words")]),
        0,
    );
    assert!(told.contains("pictures"), "{told}");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path("file")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // Nothing is overwritten.
    ended(&run(&["export", "--data", &text("old"), "--to", &text("file"), "--key-file", &text("key")]), 1);

    let import = |file: &str, data: &str, lock: &str, with: &str| {
        run(&["import", &text(file), "--data", &text(data), lock, &text(with)])
    };
    let mut damaged = std::fs::read(path("file")).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(path("damaged"), &damaged).unwrap();
    std::fs::write(path("cut"), &std::fs::read(path("file")).unwrap()[..middle]).unwrap();
    std::fs::write(path("other"), "another passphrase").unwrap();
    ended(&import("damaged", "new", "--passphrase-file", "words"), 1);
    ended(&import("cut", "new", "--passphrase-file", "words"), 1);
    ended(&import("file", "new", "--passphrase-file", "other"), 1);
    let told = ended(&import("file", "new", "--key-file", "key"), 1);
    assert!(told.contains("passphrase"), "{told}");
    let told = ended(&import("file", "new", "--passphrase-file", "words"), 0);
    assert!(told.contains("rulebook files"), "{told}");
    let told = ended(&import("file", "new", "--passphrase-file", "words"), 1);
    assert!(told.contains("empty installation"), "{told}");
    assert_ne!(std::fs::read(path("old/keys")).unwrap(), std::fs::read(path("new/keys")).unwrap());

    // The verdict is made again from what moved, and its filer sees what they saw.
    let replayed = ended(&run(&["replay", &order, "--data", &text("new"), "--language", "en"]), 0);
    assert!(replayed.contains("Both are the same"), "{replayed}");
    let server = serve(&path("new"));
    let mut filer = Visitor::new(&server.value_after("beian is at ")).unwrap();
    filer.sign_in("filer-1", PASSWORD).await.unwrap();
    assert_eq!(filer.order(&order).await.unwrap(), seen);
}
