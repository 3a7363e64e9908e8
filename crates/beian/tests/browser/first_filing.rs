//! Somebody files a website by clicking, in a real Chromium: every step from
//! signing up to the number, with the reviewer and the regulator in between.
//! The pictures are left in `target/screenshots/`.

use beian::journey::Visitor;
use beian_domain::{ServiceFilingNumber, practice};
use serde_json::json;

use crate::support::Process;
use crate::support::person::{Driver, Person, Screen, Scripts, Stated};

async fn file_a_website(scripts: Scripts, screen: Screen) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let arguments =
        ["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap(), "--poll-seconds", "1"];
    let server = Process::start(&arguments, |line| line.starts_with("Stop with"));
    let base = server.value_after("beian is at ");
    let reviewer_password = server.value_after("reviewer").split_whitespace().last().unwrap().to_owned();
    let console_password =
        server.value_after("Practice regulator:").split_whitespace().last().unwrap().to_owned();
    let token = server.value_after("-H 'Authorization: Bearer ").trim_end_matches("' \\").to_owned();
    let driver = Driver::start();
    let mut person = Person::sit_down(&driver, &base, scripts).await;
    if screen == Screen::Phone {
        person = person.on_a_phone().await;
    }

    // 1. Sign up.
    person.open("/").await;
    person.picture("01-front").await;
    person.open("/sign-up").await;
    let filer_password = "practice makes perfect";
    person.type_into("login", "xiaoming").await;
    person.type_into("email", practice::PEOPLE[0].email).await;
    person.type_into("password", filer_password).await;
    person.next().await;
    assert_eq!(person.path().await, "/home");

    // 2. The provider's cloud reports a server; it is there in the same second.
    let event = json!({
        "reference": "browser-server", "owner": "xiaoming", "kind": "cloud-server", "division": "440300",
        "prepaid": true, "bought_at": "2026-01-01T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z",
        "public_address": "203.0.113.30",
    });
    Visitor::new(&base).unwrap().report_server(&token, &event).await.unwrap();
    person.open("/home").await;
    assert!(person.text().await.contains("browser-server"));
    person.picture("02-home").await;

    // 3. Certificate and domain; the kind of filing is derived.
    person.open("/start").await;
    person.choose("service", "website").await;
    person.next().await;
    person.choose("sponsor-nature", "enterprise").await;
    person.next().await;
    person.type_into("service-domain", "www.xizuo-browser.cn").await;
    person.next().await;
    person.choose("sponsor-certificate-kind", "business-licence").await;
    person.type_into("sponsor-certificate-number", practice::ORGANISATIONS[0].uscc).await;
    person.next().await;
    let begun = person.path().await;
    assert!(begun.ends_with("/begun"), "{begun}: {}", person.text().await);
    person.picture("03-kind-derived").await;
    let order = begun.split('/').nth(2).unwrap().to_owned();

    // 4 and 5. The wizard, save and return, and the answers to check.
    person.open(&format!("/orders/{order}/tasks")).await;
    person.open(&format!("/orders/{order}/edit/sponsor-name")).await;
    let stated = Stated::of(0, "browser-server");
    person
        .walk(
            &stated,
            &directory,
            &[("certificate-address", "04-wizard-question"), ("sponsor-certificate", "05-material")],
        )
        .await;

    // The person in charge proves who they are, with the practice vendor.
    person.open(&format!("/orders/{order}/authenticity")).await;
    person.choose("consent", "yes").await;
    person.next().await;
    person.press("main a.button").await;
    person.press("button[value='passed']").await;
    person.open(&format!("/orders/{order}/check")).await;
    person.picture("06-check-answers").await;

    // 6. Submission, a return with a reason, and the one field that is mended.
    person.choose("declared", "yes").await;
    person.next().await;
    assert_eq!(person.path().await, format!("/orders/{order}"));
    person.sign_out().await;
    person.sign_in("reviewer", &reviewer_password).await;
    person.open(&format!("/review/{order}")).await;
    person.picture("07-review").await;
    person.choose("return", "/service/name").await;
    person.type_into("reason-service-name", "网站名称应体现网站内容").await;
    person.press("form#desk button.second").await;
    person.sign_out().await;
    person.sign_in("xiaoming", filer_password).await;
    person.open(&format!("/orders/{order}")).await;
    assert!(person.text().await.contains("网站名称应体现网站内容"));
    person.picture("08-returned").await;
    person.open(&format!("/orders/{order}/edit/service-name")).await;
    person.type_into("service-name", "深圳习作网络科技").await;
    person.next().await;
    person.open(&format!("/orders/{order}/check")).await;
    person.choose("declared", "yes").await;
    person.next().await;
    person.sign_out().await;
    person.sign_in("reviewer", &reviewer_password).await;
    person.open(&format!("/review/{order}")).await;
    person.press("form#desk button.approve").await;
    person.sign_out().await;

    // 7. The worker sends it; the order says that the regulator has it.
    person.sign_in("xiaoming", filer_password).await;
    person.wait_for(&format!("/orders/{order}"), "section.sms").await;
    person.picture("09-at-regulator").await;

    // 8. The SMS code, from the regulator's console to the regulator's own page.
    person.open("/regulator/").await;
    person.type_into("password", &console_password).await;
    person.press("main form button").await;
    person.press("main a[href^='/regulator/filings/']").await;
    let detail = person.path().await;
    let code = person.find("td.codes").await.text().await.unwrap();
    person.picture("10-regulator-console").await;
    person.open("/regulator/sms").await;
    person.type_into("code", &code).await;
    person.type_into("mobile", practice::PEOPLE[0].mobile).await;
    let suffix = &practice::PEOPLE[0].resident_id[12..];
    person.type_into("certificate_suffix", suffix).await;
    person.picture("11-sms").await;
    person.press("main form button").await;
    person.open(&detail).await;
    person.type_into("opinion", "同意").await;
    person.press("main form button[value='approve']").await;

    // 9. The number, the footer to paste, the mail, the public query.
    person.wait_for(&format!("/orders/{order}"), ".big-number").await;
    let number = person.find(".big-number").await.text().await.unwrap();
    let parsed: ServiceFilingNumber = number.parse().expect("a filing number");
    assert_eq!(parsed.sponsor().province(), '粤');
    let footer = person.find("#footer-html").await.value().await.unwrap().unwrap_or_default();
    assert!(footer.contains(&number) && footer.contains("https://beian.miit.gov.cn"), "{footer}");
    person.picture("12-filed").await;
    person.open("/lookup?q=xizuo-browser.cn").await;
    assert!(person.text().await.contains(&number), "{}", person.text().await);
    person.picture("13-lookup").await;
    let mails = std::fs::read_dir(data.join("mail")).unwrap().count();
    assert!(mails >= 3, "returned, delivered, filed: {mails} mails");
    change_the_name(&person, &number).await;
    person.leave().await;
}

/// From the list of records into a change, up to the page that shows what follows, and its form.
async fn change_the_name(person: &Person, number: &str) {
    person.open("/home").await;
    person.picture("14-home").await;
    person.press("main a[href^='/records/']").await;
    assert!(person.text().await.contains(number));
    person.picture("15-record").await;
    person.press("form:has(input[value='change-service']) button").await;
    let tasks = person.path().await;
    person.picture("16-change-tasks").await;
    let order = tasks.split('/').nth(2).unwrap().to_owned();
    person.open(&format!("/orders/{order}/edit/service-name")).await;
    person.type_into("service-name", "深圳习作软件下载").await;
    person.next().await;
    person.open(&format!("/orders/{order}/check")).await;
    let text = person.text().await;
    assert!(text.contains("深圳习作软件下载") && text.contains("深圳习作网络科技"), "new beside old: {text}");
    person.picture("17-change-check").await;
    person.open(&format!("/orders/{order}/authenticity")).await;
    person.picture("18-authenticity").await;
    person.open(&format!("/orders/{order}/forms")).await;
    person.picture("19-forms").await;
    for (page, name) in [
        ("/codes", "20-codes"),
        ("/transfers", "21-transfers"),
        ("/members", "22-members"),
        ("/notices", "23-inbox"),
        ("/notices/settings", "24-notice-settings"),
    ] {
        person.open(page).await;
        person.find("h1").await;
        person.picture(name).await;
    }
    person.open(&format!("/orders/{order}/withdraw")).await;
    person.press("main form button").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_website_is_filed_by_clicking() {
    file_a_website(Scripts::On, Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_website_is_filed_without_scripts() {
    file_a_website(Scripts::Off, Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_website_is_filed_on_a_phone() {
    file_a_website(Scripts::On, Screen::Phone).await;
}
