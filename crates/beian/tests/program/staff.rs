//! The first start beside a real regulator, and what the command line does for staff.

use std::path::Path;
use std::process::{Command, Output};

use beian::journey::Visitor;

use crate::support::Process;

const PASSWORD: &str = "practice makes perfect";
const STAFF: [&str; 4] = ["reviewer", "operator", "security-administrator", "audit-administrator"];

/// Beside a regulator that nobody answers for, and that is not one of practice.
fn serve(directory: &Path) -> Process {
    let credentials = directory.join("credentials.toml");
    let text = "isp_id = 440000000001\nuser_name = \"provider\"\npassword = \"regulators-password\"\n\
                key = \"1234567890ABCDEF\"\niv = \"0102030405060708\"\n";
    std::fs::write(&credentials, text).unwrap();
    let data = directory.join("data");
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
        "--regulator",
        "http://127.0.0.1:1",
        "--regulator-credentials",
        credentials.to_str().unwrap(),
    ];
    Process::start(&arguments, |line| line.starts_with("Stop with"))
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let data = directory.join("data");
    Command::new(env!("CARGO_BIN_EXE_beian"))
        .args(arguments)
        .args(["--data", data.to_str().unwrap()])
        .env("BEIAN_LOG", "off")
        .output()
        .unwrap()
}

fn last_word(text: &str) -> String {
    text.split_whitespace().last().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_real_regulator_everybody_begins_with_a_password_and_a_factor_of_their_own() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let directory = tempfile::tempdir().unwrap();
    let server = serve(directory.path());
    let url = server.value_after("beian is at ");
    assert!(!server.lines.iter().any(|line| line.trim().starts_with("filer ")), "{:#?}", server.lines);
    for login in STAFF {
        let mut person = Visitor::new(&url).unwrap();
        person.sign_in(login, &last_word(&server.value_after(&format!("{login} ")))).await.unwrap();
        let form = "/sign-in/password";
        person.submit_form(form, form, &[("password", PASSWORD)]).await.unwrap();
        let page = person.read("/second-factor").await.unwrap();
        assert!(page.contains("id=\"key\"") && page.contains("要求员工使用双因素认证"), "{login}: {page}");
        for path in ["/review", "/operator/bridge", "/security/accounts", "/audit/trail"] {
            assert!(person.read(path).await.is_err(), "{login} at {path}");
        }
    }
    drop(server);

    // There is a security administrator already: the command line names no other.
    let output = run(directory.path(), &["security-administrator", "anna"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && error.contains("security-administrator, who names others"),
        "{error}"
    );

    // A password that the command line sets counts once, too.
    let output = run(directory.path(), &["password", "operator", "--forget-second-factor"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let given = last_word(&String::from_utf8_lossy(&output.stdout));
    let server = serve(directory.path());
    assert!(!server.lines.iter().any(|line| line.contains("Nobody looks after")), "{:#?}", server.lines);
    let mut operator = Visitor::new(&server.value_after("beian is at ")).unwrap();
    operator.sign_in("operator", &given).await.unwrap();
    assert!(operator.read("/sign-in/password").await.unwrap().contains("name=\"password\""));
}
