//! The command line as scripts use it: what it prints, and with which status it
//! ends.

use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use beian_domain::SeededRandom;
use beian_exchange::{Endpoint, RegulatorClient, SealedUpload, Timeouts};
use beian_wire::Password;
use beian_wire::package::{Encryption, SharedSecret};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn example(name: &str) -> String {
    root().join("examples").join(name).to_str().unwrap().to_owned()
}

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_beian"))
        .args(arguments)
        .env_remove("BEIAN_RULEBOOK")
        .env_remove("BEIAN_RULEBOOK_KEY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who does not read its input has closed it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[track_caller]
fn ended(output: &Output, status: i32) -> String {
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}\n{error}");
    out.into_owned()
}

fn objects(text: &str) -> Vec<Value> {
    serde_json::Deserializer::from_str(text).into_iter().map(Result::unwrap).collect()
}

const TODAY: [&str; 2] = ["--on", "2026-11-24"];

#[test]
fn the_gravest_of_several_files_decides() {
    let (clean, wrong) = (example("cases/first-filing-company.toml"), example("cases/with-errors.toml"));
    // Nothing is known beside it, and nothing is found.
    ended(&run(&["check", &clean, "--on", "2026-11-24"], ""), 0);
    let output = run(&["check", &clean, &wrong, "--on", "2026-11-24", "--format", "json"], "");
    let verdicts = objects(&ended(&output, 1));
    assert_eq!((&verdicts[0]["file"], &verdicts[1]["file"]), (&clean.into(), &wrong.clone().into()));
    assert!(verdicts[1]["diagnostics"].as_array().unwrap().len() > 10);
    let output = run(&["check", "no-such-file.toml", &wrong, "--format", "json"], "");
    let verdicts = objects(&ended(&output, 2));
    assert!(verdicts[0]["error"].as_str().unwrap().contains("cannot be read"));
    assert!(verdicts[1]["diagnostics"].is_array(), "one that cannot be read does not stop the rest");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-file.toml"));
}

#[test]
fn a_day_of_the_command_line_goes_before_that_of_the_file() {
    let day = |arguments: &[&str]| {
        let output = run(&[&["check", "-", "--format", "json"], arguments].concat(), "on = \"2019-01-01\"\n");
        objects(&ended(&output, 1))[0]["day"].as_str().unwrap().to_owned()
    };
    assert_eq!(day(&[]), "2019-01-01");
    assert_eq!(day(&TODAY), "2026-11-24");
}

#[test]
fn text_and_sarif_name_the_place_in_the_file() {
    let wrong = example("cases/with-errors.toml");
    let text = ended(&run(&["check", &wrong, "--on", "2026-11-24", "--language", "en"], ""), 1);
    assert!(text.contains("SPN004") && text.contains("with-errors.toml:"), "{text}");
    let output = run(&["check", &wrong, "--on", "2026-11-24", "--format", "sarif"], "");
    let log = &objects(&ended(&output, 1))[0];
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let found = results.iter().find(|result| result["ruleId"] == "ACC001").unwrap();
    assert_eq!(found["properties"]["situations"], serde_json::json!(["S04"]));
    assert!(found["locations"][0]["physicalLocation"]["region"]["startLine"].is_u64());
}

#[test]
fn a_line_that_cannot_be_used_stops_nothing() {
    let input = "{\"on\": \"2026-11-24\"}\nnonsense\n{\"facts\": {\"otherwise\": \"absent\"}}\n";
    let output = run(&["check", "--ndjson", "-", "--language", "en"], input);
    let lines: Vec<Value> =
        ended(&output, 2).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line["line"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(lines.iter().map(|line| line["status"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 1]);
    assert!(lines[1]["error"].as_str().unwrap().starts_with("column 2: "), "{}", lines[1]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("3 cases: 0 clean, 2 with findings, 1 unusable"), "{errors}");
    let plans = ended(&run(&["plan", "--ndjson", "-", "--on", "2026-11-24"], "{}\n"), 0);
    assert!(plans.contains("\"outcome\":{\"route\":"), "{plans}");
}

#[test]
fn a_plan_is_told_in_order_or_why_there_is_none() {
    let case = example("faq/s03-guangdong-number-then-change.toml");
    let text = ended(&run(&["plan", &case, "--on", "2026-11-24"], ""), 0);
    assert!(text.contains(" 1. ") && text.contains("取得备案号之后"), "{text}");
    let blacklisted = "[facts]\notherwise = \"absent\"\nblacklist = \"sponsor\"\n";
    let text = ended(&run(&["plan", "-", "--on", "2026-11-24", "--language", "en"], blacklisted), 1);
    assert!(text.contains("there is no route") && text.contains("FLO010"), "{text}");
    ended(&run(&["plan", "no-such-file.toml"], ""), 2);
}

#[test]
fn an_unknown_code_is_answered_with_the_nearest() {
    let page = ended(&run(&["explain", "flo007", "--language", "en"], ""), 0);
    assert!(page.starts_with("FLO007") && page.contains("former-number-on-record") && page.contains("S09"));
    let output = run(&["explain", "FLO07"], "");
    ended(&output, 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("FLO007"));
    let list = ended(&run(&["explain", "--list"], ""), 0);
    assert!(list.contains("SPN001") && list.contains("PRV014"), "{list}");
    let all = objects(&ended(&run(&["explain", "--all", "--format", "json"], ""), 0));
    assert!(all[0].as_array().unwrap().len() > 80);
}

#[test]
fn an_operator_brings_a_rulebook_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let bundled = root().join("rulebook").to_str().unwrap().to_owned();
    let public = ended(&run(&["rulebook", "keygen", &path("key")], ""), 0).trim().to_owned();
    ended(&run(&["rulebook", "keygen", &path("key")], ""), 2);
    let packed = run(&["rulebook", "pack", &bundled, "--key", &path("key"), "-o", &path("bundle")], "");
    assert!(ended(&packed, 0).contains(&public));
    ended(&run(&["rulebook", "verify", &path("bundle"), "--rulebook-key", &public], ""), 0);
    let other = "0".repeat(64);
    ended(&run(&["rulebook", "verify", &path("bundle"), "--rulebook-key", &other], ""), 1);
    let case = example("faq/s14-another-order-open.toml");
    let own = ["--rulebook", &path("bundle"), "--rulebook-key", &public];
    let check = |own: &[&str]| {
        let output = run(&[&["check", &case, "--on", "2026-11-24", "--format", "json"], own].concat(), "");
        objects(&ended(&output, 1)).remove(0)
    };
    assert_eq!(check(&own), check(&[]));
    // Without its key it is not opened; a folder with a mistake is not loaded half.
    ended(&run(&["check", &case, "--rulebook", &path("bundle")], ""), 2);
    let mine = folder.path().join("mine");
    std::fs::create_dir_all(mine.join("provinces")).unwrap();
    for part in ["", "provinces"] {
        for entry in std::fs::read_dir(Path::new(&bundled).join(part)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), mine.join(part).join(entry.file_name())).unwrap();
            }
        }
    }
    let mine = mine.to_str().unwrap();
    ended(&run(&["rulebook", "check", mine], ""), 0);
    let difference = run(&["rulebook", "diff", "--against", mine, "--to", "2026-11-24"], "");
    assert!(ended(&difference, 0).starts_with('0'));
    let national = Path::new(mine).join("national.toml");
    let text = std::fs::read_to_string(&national).unwrap();
    std::fs::write(&national, text.replace("sms-attempts =", "sms-attemps =")).unwrap();
    for arguments in [&["rulebook", "check", mine][..], &["rulebook", "diff", "--against", mine]] {
        let output = run(arguments, "");
        ended(&output, 1);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains("national.toml, line") && error.contains("sms-attemps"), "{error}");
    }
    ended(&run(&["check", &case, "--rulebook", mine], ""), 2);
}

#[test]
fn a_rulebook_is_shown_and_compared() {
    let text = ended(&run(&["rulebook", "show", "--province", "44", "--on", "2026-11-24"], ""), 0);
    assert!(text.starts_with("广东省") && text.contains("sponsor-principal"), "{text}");
    let entries = ["rulebook", "show", "--key", "sms-hours", "--format", "json", "--on", "2018-01-01"];
    let shown = &objects(&ended(&run(&entries, ""), 0))[0]["values"][0];
    assert_eq!((&shown["holds"]["value"], shown["entries"].as_array().unwrap().len()), (&48.into(), 2));
    ended(&run(&["rulebook", "show", "--province", "99"], ""), 2);
    ended(&run(&["rulebook", "show", "--key", "no-such-key"], ""), 2);
    let days = ["rulebook", "diff", "--from", "2018-09-09", "--to", "2018-09-10", "--format", "json"];
    let changes = &objects(&ended(&run(&days, ""), 0))[0];
    assert_eq!(changes.as_array().unwrap().len(), 7);
    assert_eq!(changes[0]["key"], "sms-verification");
    ended(&run(&["rulebook", "diff"], ""), 2);
}

/// Both lists, played by the binary against both of our own ends; and a report that nobody can change.
#[test]
fn both_ends_conform_and_the_report_is_signed() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (report, key) = (path("report.json"), path("kit.key"));
    let text = ended(&run(&["conformance", "--self", "--report", &report, "--key", &key], ""), 0);
    assert_eq!(text.matches(" 0 failed, 0 skipped").count(), 2, "{text}");
    let public = text.lines().find_map(|line| line.split("is signed with the key ").nth(1)).unwrap();
    let verify = |report: &str| run(&["conformance", "--verify", report, "--public-key", public], "");
    assert!(ended(&verify(&report), 0).contains("passed"));
    let changed = std::fs::read_to_string(&report).unwrap().replace("nothing waits", "nothing at all waits");
    std::fs::write(path("changed.json"), changed).unwrap();
    ended(&verify(&path("changed.json")), 2);
    // Nobody else reads the key.
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_synchronisation_is_held_against_the_records_here() {
    let directory = tempfile::tempdir().unwrap();
    let text = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    // Nobody else may read it, or it is not opened.
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().mode(0o700).create(directory.path().join("data")).unwrap();
    let vector = root().join("crates/beian-wire/vectors/accept/download-sjtb-icp--least.xml");
    let file = std::fs::read_to_string(vector).unwrap();
    // Letters alone are the same in GBK.
    let file = file.replace("样本2345", "a@b.cn").replace("样本23", "xizuo.cn").replace("样本", "sample");
    std::fs::write(text("sync.xml"), file.replace("UTF-8", "GBK")).unwrap();
    std::fs::write(text("none.xml"), "<DownloadData/>").unwrap();
    let reconcile = |file: &str, data: &str| {
        run(&["reconcile", &text(file), "--data", &text(data), "--language", "en"], "")
    };
    let table = ended(&reconcile("sync.xml", "data"), 1);
    let lines: Vec<&str> = table.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "What,Number,Domain or range,Field,Regulator,Here");
    assert_eq!(
        lines[1..],
        ["Only at the regulator,,xizuo.cn,,,"],
        "it has no number, and is told all the same"
    );
    ended(&reconcile("none.xml", "data"), 2);
    ended(&reconcile("sync.xml", "nowhere"), 2);

    // An index knows its domain, and nothing of other providers.
    let index = text("hosts.index");
    let build =
        |file: &str| run(&["index", "build", "--index", &index, "--synchronisation", &text(file)], "");
    assert!(ended(&build("sync.xml"), 0).contains("generation 1, 1 domains"));
    let asked = ended(&run(&["index", "ask", "--index", &index, "www.xizuo.cn", "other.cn"], ""), 1);
    let lines: Vec<&str> = asked.lines().collect();
    assert!(lines[0].contains("xizuo.cn  filed-here") && lines[1].ends_with("unknown"), "{asked}");
    ended(&build("none.xml"), 2);
    ended(&reconcile("missing.xml", "data"), 2);
}

const PROVIDERS: &str = r#"
[[provider]]
name = "练习接入商甲"
province = "440000"
isp_id = 440000000001
user_name = "first"
password = "first-call"
key = "1234567890ABCDEF"
iv = "0102030405060708"

[[provider]]
name = "练习接入商乙"
province = "330000"
isp_id = 330000000001
user_name = "second"
password = "second-call"
key = "FEDCBA0987654321"
iv = "0807060504030201"
"#;

#[tokio::test]
async fn a_practice_regulator_knows_the_access_providers_of_a_file() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("providers.toml");
    std::fs::write(&file, PROVIDERS).unwrap();
    let path = file.to_str().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_beian"))
        .args(["sandbox", "--listen", "127.0.0.1:0", "--providers", path, "--review", "approve-all"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let told: Vec<String> = lines.take(4).collect();
    let base = told[0].trim_start_matches("# Practice regulator at ").trim_end_matches("/regulator/");
    assert!(told[2].contains("440000000001 练习接入商甲") && told[3].contains("330000000001 练习接入商乙"));
    let client = |isp_id, user_name: &str, key, iv| {
        let endpoint = Endpoint {
            base_url: base.to_owned(),
            isp_id,
            user_name: user_name.to_owned(),
            password: Password::new(format!("{user_name}-call")),
            secret: SharedSecret::from_ascii(key, iv).unwrap(),
            encryption: Encryption::Required,
        };
        let timeouts = Timeouts { connect: Duration::from_secs(5), call: Duration::from_secs(60) };
        RegulatorClient::new(endpoint, Arc::new(SeededRandom::new(isp_id)), timeouts).unwrap()
    };
    let first = client(440_000_000_001, "first", "1234567890ABCDEF", "0102030405060708");
    let second = client(330_000_000_001, "second", "FEDCBA0987654321", "0807060504030201");
    let package = first.seal(b"<UploadData/>").unwrap();
    first.upload(&SealedUpload { sequence: 1, package }).await.unwrap();
    let previous = [first.previous_upload().await.unwrap(), second.previous_upload().await.unwrap()];
    assert_eq!(previous.map(|previous| previous.sequence), [1, 0], "each has numbers of its own");
    let stranger = client(330_000_000_001, "first", "1234567890ABCDEF", "0102030405060708");
    stranger.previous_upload().await.unwrap_err();
    child.kill().unwrap();
    child.wait().unwrap();

    // What makes no sense is told before anything listens.
    for (wrong, expected) in [
        (PROVIDERS.replace("330000000001", "440000000001"), "440000000001"),
        (PROVIDERS.replace("\"330000\"", "\"990000\""), "练习接入商乙"),
        (PROVIDERS.replace("FEDCBA0987654321", "short"), "练习接入商乙"),
        (PROVIDERS.replace("user_name", "user"), "is no file of access providers"),
    ] {
        std::fs::write(&file, wrong).unwrap();
        let output = run(&["sandbox", "--listen", "127.0.0.1:0", "--providers", path], "");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && error.contains(expected), "expected {expected}, got {error}");
        assert!(!error.contains("call"), "no password is told: {error}");
    }
}

#[test]
fn what_the_settings_page_names_can_be_set() {
    let help = run(&["serve", "--help"], "");
    let help = String::from_utf8(help.stdout).unwrap();
    for argument in beian_web::SETTING_ARGUMENTS {
        assert!(help.split_whitespace().any(|word| word == argument), "{argument}: {help}");
    }
}
