//! The server is killed at every commit from submission to number, on either side
//! of it, and started again: the order goes on, and the regulator holds it
//! exactly once.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use beian::journey::{RegulatorDesk, Visitor, practice_picture};
use beian_domain::practice;
use serde_json::json;

use crate::support::Process;

/// Mails of an order on its way from submission to its number.
const NOTICES: usize = 3;
/// What the process that aborts itself ends by.
const SIGABRT: i32 = 6;

/// A regulator and a provider, each in a process and a directory of its own.
struct Town {
    directory: std::path::PathBuf,
    regulator: Process,
    regulator_url: String,
}

impl Town {
    fn open(directory: &Path) -> Self {
        let data = directory.join("regulator");
        let arguments = ["sandbox", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
        let regulator = Process::start(&arguments, |line| line.starts_with("iv"));
        let console = regulator.value_after("# Practice regulator at ");
        let regulator_url = console.trim_end_matches("/regulator/").to_owned();
        let credentials: Vec<&str> =
            regulator.lines.iter().filter(|line| !line.starts_with('#')).map(String::as_str).collect();
        std::fs::write(directory.join("credentials.toml"), credentials.join("\n")).unwrap();
        Self { directory: directory.to_owned(), regulator, regulator_url }
    }

    /// The provider's side, with more arguments than its own.
    fn serve(&self, more: &[&str]) -> Process {
        let (data, credentials) = (self.directory.join("provider"), self.directory.join("credentials.toml"));
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data",
            data.to_str().unwrap(),
            "--regulator",
            &self.regulator_url,
            "--regulator-credentials",
            credentials.to_str().unwrap(),
            "--regulator-kind",
            "practice",
            "--poll-seconds",
            "1",
        ];
        Process::start(&[&arguments[..], more].concat(), |line| line.contains("Stop with"))
    }

    /// How many mails went out.
    fn mails(&self) -> usize {
        std::fs::read_dir(self.directory.join("provider/mail")).map_or(0, Iterator::count)
    }

    fn desk(&self) -> RegulatorDesk {
        RegulatorDesk::new(&self.regulator_url, &self.regulator.value_after("# Console password: ")).unwrap()
    }
}

/// An order that is ready to be submitted, and the two who are signed in. Sessions outlive
/// the server, so that nobody signs in later: every commit of a run is then one
/// of the order's own, and the same in every run.
struct Prepared {
    order: String,
    filer: Visitor,
    reviewer: Visitor,
}

async fn prepare_an_order(town: &Town) -> Prepared {
    let server = town.serve(&[]);
    let url = server.value_after("beian is at ");
    let mut filer = Visitor::new(&url).unwrap();
    filer.sign_up("filer-1", "practice makes perfect", practice::PEOPLE[0].email).await.unwrap();
    let token = server.value_after("-H 'Authorization: Bearer ").trim_end_matches("' \\").to_owned();
    let event = json!({
        "reference": "srv-1", "owner": "filer-1", "kind": "cloud-server", "division": "440300", "prepaid": true,
        "bought_at": "2026-01-01T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z", "public_address": "203.0.113.9",
    });
    Visitor::new(&url).unwrap().report_server(&token, &event).await.unwrap();
    let organisation = practice::ORGANISATIONS[0];
    let order =
        filer.begin("enterprise", "business-licence", organisation.uscc, "xizuo-recovery.cn").await.unwrap();
    filer.answer_everything(&order, organisation, practice::PEOPLE[0], "srv-1").await.unwrap();
    for purpose in beian_domain::MaterialUse::ALL {
        filer.hand_in(&order, purpose.slug(), practice_picture(3)).await.unwrap();
    }
    let password = server.value_after("reviewer").split_whitespace().last().unwrap().to_owned();
    let mut reviewer = Visitor::new(&url).unwrap();
    reviewer.sign_in("reviewer", &password).await.unwrap();
    reviewer.attest(&order).await.unwrap();
    Prepared { order, filer, reviewer }
}

/// Drives the order to its number and everybody told of it, starting the server again
/// whenever it died. Answers with the last state that was seen before it died, if it did.
async fn drive(town: &Town, prepared: &Prepared, abort: &str) -> Option<String> {
    let desk = town.desk();
    let mut died_in = None;
    let mut state = String::new();
    let mails = town.mails();
    let mut server = town.serve(&["--abort-at-commit", abort]);
    for _ in 0..600 {
        if server.child.try_wait().unwrap().is_some() {
            assert_eq!(died_in, None, "only the first server aborts");
            died_in = Some(state.clone());
            server = town.serve(&[]);
        }
        if let Ok(seen) = push_on(&server, &desk, prepared).await {
            state = seen;
        }
        if state == "filed" && town.mails() >= mails + NOTICES {
            // What is in hand is brought to its end, and may be where it dies.
            let exit = stop(&mut server);
            return died_in.or_else(|| (exit.signal() == Some(SIGABRT)).then_some(state));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{abort}: the order did not get its number within 30 seconds");
}

/// Asks it to end, as a service manager does, and waits until it did.
fn stop(server: &mut Process) -> ExitStatus {
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    server.child.wait().unwrap()
}

/// Does whatever is next for the order; fails when the server dies meanwhile.
async fn push_on(server: &Process, desk: &RegulatorDesk, prepared: &Prepared) -> anyhow::Result<String> {
    let url = server.value_after("beian is at ");
    let view = prepared.filer.at(&url).order(&prepared.order).await?;
    let state = view["state"].as_str().unwrap_or_default().to_owned();
    if state == "draft" {
        prepared.filer.at(&url).submit(&prepared.order).await?;
    }
    if state == "provider-review" {
        prepared.reviewer.at(&url).approve(&prepared.order).await?;
    }
    if let Some(filing) = desk.pending().await? {
        let id = filing["id"].as_u64().unwrap_or_default();
        desk.verify_sms(id).await?;
        desk.approve(id).await?;
    }
    Ok(state)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    // A data directory that others can read is refused.
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_commit_loses_nothing_and_sends_nothing_twice() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let origin = tempfile::tempdir().unwrap();
    let prepared = prepare_an_order(&Town::open(origin.path())).await;
    let mut deaths = Vec::new();
    for side in ["before", "after"] {
        for commit in 1.. {
            let abort = format!("{side}:{commit}");
            let directory = tempfile::tempdir().unwrap();
            copy(origin.path(), directory.path());
            let town = Town::open(directory.path());
            let died_in = drive(&town, &prepared, &abort).await;
            let uploads = town.desk().uploads().await.unwrap();
            let filings = town.desk().filings().await.unwrap();
            assert_eq!((uploads.len(), filings.len()), (1, 1), "{abort}: {uploads:?}");
            assert_eq!(filings[0]["state"], "approved", "{abort}");
            let Some(state) = died_in else { break };
            deaths.push((side, state));
        }
    }
    for side in ["before", "after"] {
        let states: Vec<&str> =
            deaths.iter().filter(|(of, _)| *of == side).map(|(_, state)| state.as_str()).collect();
        // Submission, approval, number, delivery, two files with their receipts; and the three notices and a look at
        // what was filed, each of which may share the commit of something else that was ready at the time.
        assert!((8..=9 + NOTICES).contains(&states.len()), "{side}: {states:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bridge_runs_alone_on_another_host() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let directory = tempfile::tempdir().unwrap();
    let town = Town::open(directory.path());
    let prepared = prepare_an_order(&town).await;
    let portal = town.serve(&["--run", "portal"]);
    let desk = town.desk();
    while push_on(&portal, &desk, &prepared).await.unwrap() != "queued" {}
    // It stays there: nobody carries it. A bridge in the same process would have gone at once.
    for _ in 0..40 {
        assert_eq!(push_on(&portal, &desk, &prepared).await.unwrap(), "queued");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(desk.uploads().await.unwrap().is_empty());
    let _bridge = town.serve(&["--run", "bridge"]);
    for _ in 0..600 {
        if push_on(&portal, &desk, &prepared).await.unwrap() == "filed" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the order did not get its number within 30 seconds");
}
