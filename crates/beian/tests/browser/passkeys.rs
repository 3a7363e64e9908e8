//! Passkeys in a real Chromium with its own virtual device (the domain `WebAuthn` of its protocol): added, used,
//! removed; a copy of one is found out, another site gets nothing, and without scripts the page says what works.

use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::By;

use crate::support::Process;
use crate::support::person::{Driver, Person, Scripts};

/// A server that is known by a name: browsers let nobody use passkeys at a number.
fn serve(directory: &tempfile::TempDir) -> (Process, String) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let data = directory.path().join("data");
    let (listen, url) = (format!("127.0.0.1:{port}"), format!("http://localhost:{port}"));
    let arguments = ["serve", "--listen", &listen, "--public-url", &url, "--data", data.to_str().unwrap()];
    (Process::start(&arguments, |line| line.starts_with("Stop with")), url)
}

/// A device in the browser, which its owner has unlocked. What is asked of it is confirmed at once.
async fn device(person: &Person) -> String {
    let options = json!({
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": true,
        "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
    });
    let added = cdp(person, "addVirtualAuthenticator", json!({ "options": options })).await;
    added["authenticatorId"].as_str().unwrap().to_owned()
}

async fn cdp(person: &Person, method: &str, parameters: Value) -> Value {
    person.browser.cdp().send_raw(&format!("WebAuthn.{method}"), parameters).await.unwrap()
}

/// Presses the button of a passkey; waits for the words that the page then has.
async fn press_for(person: &Person, button: &str, words: &str) {
    person.find(button).await.click().await.unwrap();
    for _ in 0..400 {
        // The page of before may go while it is read.
        let said = match person.browser.find(By::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        };
        if said.contains(words) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{} never says {words}:\n{}", person.path().await, person.text().await);
}

/// Nothing that a screen reader or a keyboard would stumble over.
async fn assert_accessible(person: &Person) {
    let axe =
        std::env::var("BEIAN_TEST_AXE").expect("BEIAN_TEST_AXE names axe: run `cargo xtask test browser`");
    person.browser.execute(std::fs::read_to_string(axe).unwrap(), Vec::new()).await.unwrap();
    let run = "const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ['violations'] }).then(
            (result) => done(result.violations.map((found) => [found.id, found.nodes.map((node) => node.html)])),
            (error) => done(String(error)),
        )";
    let found = person.browser.execute_async(run, Vec::new()).await.unwrap().json().clone();
    assert_eq!(found, json!([]), "{}", person.path().await);
}

/// What the page with its scripts, styles and pictures weighs, in bytes as they are sent.
async fn weight(person: &Person) -> u64 {
    let sum =
        "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .reduce((sum, entry) => sum + entry.encodedBodySize, 0)";
    person.browser.execute(sum, Vec::new()).await.unwrap().json().as_u64().unwrap()
}

const ADD: &str = "form[data-passkey='add'] button";
const USE: &str = "form[data-passkey='use'] button";

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_added_used_and_removed_and_a_copy_is_found_out() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let directory = tempfile::tempdir().unwrap();
    let (server, base) = serve(&directory);
    let password = server.value_after("reviewer").split_whitespace().last().unwrap().to_owned();
    let driver = Driver::start();
    let person = Person::sit_down(&driver, &base, Scripts::On).await;
    cdp(&person, "enable", json!({})).await;
    let phone = device(&person).await;

    person.sign_in("reviewer", &password).await;
    person.open("/second-factor").await;
    assert_accessible(&person).await;
    person.type_into("name", "审核台旁的密钥").await;
    person.press(ADD).await;
    assert_eq!(person.path().await, "/second-factor");
    let text = person.text().await;
    assert!(text.contains("审核台旁的密钥") && text.contains("尚未使用"), "{text}");
    let kept = cdp(&person, "getCredentials", json!({ "authenticatorId": phone })).await;
    assert_eq!(kept["credentials"][0]["rpId"], "localhost", "{kept}");
    assert_accessible(&person).await;
    let heaviest = weight(&person).await;
    assert!(heaviest < 100_000, "{heaviest} bytes");
    println!("/second-factor weighs {heaviest} bytes");
    person.whole_page("90-passkeys").await;
    person.open("/language/en?back=%2Fsecond-factor").await;
    assert!(person.text().await.contains("not used yet"));
    assert_accessible(&person).await;
    person.open("/language/zh?back=%2Fsecond-factor").await;
    // The browser itself knows that the device has one.
    person.type_into("name", "again").await;
    press_for(&person, ADD, "此设备已有您账号的通行密钥").await;

    // After the password the passkey, and nothing typed.
    person.sign_out().await;
    person.sign_in("reviewer", &password).await;
    assert_eq!(person.path().await, "/sign-in/passkey");
    assert_accessible(&person).await;
    let heaviest = weight(&person).await;
    assert!(heaviest < 100_000, "{heaviest} bytes");
    println!("/sign-in/passkey weighs {heaviest} bytes");
    person.whole_page("91-use-a-passkey").await;
    // A device that does not know its owner signs nothing.
    let locked = json!({ "authenticatorId": phone, "isUserVerified": false });
    cdp(&person, "setUserVerified", locked).await;
    press_for(&person, USE, "未能完成").await;
    let unlocked = json!({ "authenticatorId": phone, "isUserVerified": true });
    cdp(&person, "setUserVerified", unlocked).await;
    person.press(USE).await;
    assert_eq!(person.path().await, "/review");
    person.open("/second-factor").await;
    assert!(person.text().await.contains("最近使用"), "{}", person.text().await);

    // The same portal by its number is another site: the browser does not even ask the device.
    person.sign_out().await;
    let mut number = person;
    number.go_to(&base.replace("localhost", "127.0.0.1"));
    number.sign_in("reviewer", &password).await;
    press_for(&number, USE, "未能完成").await;
    let mut person = number;
    person.go_to(&base);

    // Somebody copied the key before it was last used: the copy's counter is behind.
    person.sign_in("reviewer", &password).await;
    let kept = cdp(&person, "getCredentials", json!({ "authenticatorId": phone })).await;
    let mut copy = kept["credentials"][0].clone();
    assert!(copy["signCount"].as_u64().unwrap() > 1, "{copy}");
    copy["signCount"] = json!(0);
    cdp(&person, "removeVirtualAuthenticator", json!({ "authenticatorId": phone })).await;
    let thief = device(&person).await;
    cdp(&person, "addCredential", json!({ "authenticatorId": thief, "credential": copy })).await;
    press_for(&person, USE, "可能存在副本").await;
    cdp(&person, "removeVirtualAuthenticator", json!({ "authenticatorId": thief })).await;
    let phone = device(&person).await;
    let own = json!({ "authenticatorId": phone, "credential": kept["credentials"][0] });
    cdp(&person, "addCredential", own).await;
    person.press(USE).await;
    assert_eq!(person.path().await, "/review");

    // Removed, it is not asked for any more.
    person.open("/second-factor").await;
    person.press("form[action$='/remove'] button").await;
    assert!(!person.text().await.contains("审核台旁的密钥"));
    person.sign_out().await;
    person.sign_in("reviewer", &password).await;
    assert_eq!(person.path().await, "/review");
    person.browser.quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_and_on_a_phone_the_pages_say_what_works() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let directory = tempfile::tempdir().unwrap();
    let (server, base) = serve(&directory);
    let password = server.value_after("reviewer").split_whitespace().last().unwrap().to_owned();
    let driver = Driver::start();
    let phone = Person::sit_down(&driver, &base, Scripts::On).await.on_a_phone().await;
    cdp(&phone, "enable", json!({})).await;
    device(&phone).await;
    phone.sign_in("reviewer", &password).await;
    phone.open("/second-factor").await;
    phone.type_into("name", "我的手机").await;
    phone.press(ADD).await;
    phone.open("/second-factor").await;
    phone.picture("92-passkeys").await;

    let still = Person::sit_down(&driver, &base, Scripts::Off).await;
    still.sign_in("reviewer", &password).await;
    assert_eq!(still.path().await, "/sign-in/passkey");
    let text = still.text().await;
    assert!(text.contains("通行密钥需要 JavaScript"), "{text}");
    assert!(!still.find(USE).await.is_displayed().await.unwrap(), "a button that does nothing");
    still.leave().await;
    phone.leave().await;
}
