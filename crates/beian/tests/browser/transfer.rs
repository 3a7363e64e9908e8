//! A record goes to another account, by clicking, in a real Chromium: the taker publishes the
//! TXT record that the page shows on a real name server, the holder is told, and after the
//! waiting period the record is the taker's. The pictures are left in `target/screenshots/`.

use std::path::Path;

use beian_domain::practice;

use crate::dns;
use crate::support::person::{Driver, Person, Scripts};
use crate::support::provider::{PASSWORD, Provider, serve};

const HOLDER: &str = "holder";
const TAKER: &str = "taker";
const SERVER: &str = "transfer-server";
const DOMAIN: &str = "xizuo-taken.cn";

/// The rulebook in the program, but with a waiting period that is over at once.
fn hurried_rulebook(to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebook");
    copy(&from, to);
    let provider = to.join("provider.toml");
    let text = std::fs::read_to_string(&provider).unwrap();
    let hurried =
        text.replace("transfer-waiting-days = [{ value = 3,", "transfer-waiting-days = [{ value = 0,");
    assert_ne!(text, hurried, "the waiting period is set in another way");
    std::fs::write(provider, hurried).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            std::fs::copy(&path, &copied).unwrap();
        }
    }
}

/// Asks for the record and chooses the proof; answers with what is to be published, and where
/// the transfer is shown.
async fn ask(person: &Person) -> (String, String, String) {
    person.open("/transfers").await;
    person.press("main a.button").await;
    person.type_into("domain", DOMAIN).await;
    person.choose("kind", "business-licence").await;
    person.type_into("number", practice::ORGANISATIONS[0].uscc).await;
    person.whole_page("transfer-61-new").await;
    person.next().await;
    let path = person.path().await;
    assert!(path.starts_with("/transfers/") && !path.ends_with("new"), "{path}: {}", person.text().await);
    person.whole_page("transfer-62-ways").await;
    person.press("button[value='dns']").await;
    let name = person.find("#record-name").await.text().await.unwrap();
    let token = person.find("#token").await.text().await.unwrap();
    person.whole_page("transfer-63-record").await;
    (name, token, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_txt_record_moves_a_filing_record_to_another_account() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let address = dns::free_address();
    let asked = address.to_string();
    let mut provider = Provider::start(&data, &["--name-server", &asked]);
    provider.sign_up(HOLDER, practice::PEOPLE[0].email).await;
    provider.sign_up(TAKER, practice::PEOPLE[1].email).await;
    provider.report_server(SERVER, HOLDER, "203.0.113.61").await;
    provider.let_review().await;
    let number = provider.file_website(HOLDER, 0, SERVER, DOMAIN).await;
    let driver = Driver::start();
    let mut person = Person::sit_down(&driver, &provider.base, Scripts::On).await;

    // Nothing is published: nothing is proven.
    person.sign_in(TAKER, PASSWORD).await;
    let (name, token, transfer) = ask(&person).await;
    assert_eq!(name, format!("_beian-transfer.{DOMAIN}"));
    {
        let _server = dns::serve(address, &name, "something-else").await;
        person.press("form[action$='/look'] button").await;
        assert!(person.text().await.contains("没有查到这条解析记录"), "{}", person.text().await);
        assert_eq!(person.find("#token").await.text().await.unwrap(), token, "still there to compare");
        person.whole_page("transfer-64-not-published").await;
    }
    // Published: proven, and three days are waited.
    {
        let _server = dns::serve(address, &name, &token).await;
        person.press("form[action$='/look'] button").await;
    }
    assert!(person.text().await.contains("等待期"), "{}", person.text().await);
    person.whole_page("transfer-65-waiting").await;
    person.sign_out().await;

    // The holder is told, sees who asks, could object, and still has the record.
    person.sign_in(HOLDER, PASSWORD).await;
    person.open("/notices").await;
    assert!(person.text().await.contains(&number), "{}", person.text().await);
    person.whole_page("transfer-66-notice").await;
    person.open(&transfer).await;
    person.find("form[action$='/object'] button.danger").await;
    assert!(!person.text().await.contains(&token), "the proof is the taker's");
    person.whole_page("transfer-67-holder").await;
    person.open(&format!("/records/{number}")).await;
    assert!(person.text().await.contains(DOMAIN), "{}", person.text().await);
    person.sign_out().await;
    person.sign_in(TAKER, PASSWORD).await;
    person.open(&transfer).await;
    person.press("form[action$='/cancel'] button").await;
    assert!(person.text().await.contains("已取消"), "{}", person.text().await);

    // Where no days are waited it is the taker's as soon as it is proven.
    drop(provider);
    let rulebook = directory.path().join("rulebook");
    hurried_rulebook(&rulebook);
    let hurried = serve(&data, &["--name-server", &asked, "--rulebook", rulebook.to_str().unwrap()]);
    person.go_to(&hurried.value_after("beian is at "));
    let (name, other_token, transfer) = ask(&person).await;
    assert_ne!(token, other_token, "a record that was published once proves nothing later");
    let _server = dns::serve(address, &name, &other_token).await;
    person.press("form[action$='/look'] button").await;
    person.wait_for(&transfer, "h1 .tag.good").await;
    assert!(person.text().await.contains("备案已转移"), "{}", person.text().await);
    person.whole_page("transfer-68-done").await;
    person.open("/home").await;
    person.press("main a[href^='/records/']").await;
    assert!(person.text().await.contains(&number), "{}", person.text().await);
    person.whole_page("transfer-69-record").await;
    person.sign_out().await;
    person.sign_in(HOLDER, PASSWORD).await;
    person.open("/home").await;
    assert!(!person.text().await.contains(&number), "{}", person.text().await);
    person.whole_page("transfer-70-gone").await;
    person.leave().await;
}
