//! Somebody files a website by clicking, in a real Chromium: every step from
//! signing up to the number, with the reviewer and the regulator in between.
//! The pictures are left in `target/screenshots/`.
#![cfg(test)]

mod support;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use beian::journey::{Visitor, practice_picture};
use beian_domain::{ServiceFilingNumber, practice};
use serde_json::json;
use support::Process;
use thirtyfour::prelude::*;

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scripts {
    On,
    Off,
}

/// A chromedriver that does not outlive the test.
struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    fn start() -> Self {
        let program =
            std::env::var("BEIAN_TEST_CHROMEDRIVER").unwrap_or_else(|_| "/usr/bin/chromedriver".to_owned());
        let mut child = Command::new(&program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{program} cannot be started ({error}): run `cargo xtask test prepare`")
            });
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut port = None;
        for line in lines {
            let line = line.unwrap();
            if let Some(rest) = line.split("successfully on port ").nth(1) {
                port = Some(rest.trim_end_matches('.').to_owned());
                break;
            }
        }
        let port = port.expect("chromedriver tells its port");
        Self { child, address: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A person at a browser.
struct Person {
    browser: WebDriver,
    base: String,
    pictures: Option<PathBuf>,
    _profile: tempfile::TempDir,
}

impl Person {
    async fn sit_down(driver: &Driver, base: &str, scripts: Scripts) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut capabilities = DesiredCapabilities::chrome();
        let chromium =
            std::env::var("BEIAN_TEST_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
        capabilities.set_binary(&chromium).unwrap();
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1100,1000",
            "--lang=zh-CN",
            "--accept-lang=zh-CN",
            "--hide-scrollbars",
            &format!("--user-data-dir={}", profile.path().display()),
        ] {
            capabilities.add_arg(argument).unwrap();
        }
        if scripts == Scripts::Off {
            let off = json!({ "profile.managed_default_content_settings.javascript": 2 });
            capabilities.add_experimental_option("prefs", off).unwrap();
        }
        let browser = WebDriver::new(&driver.address, capabilities).await.unwrap();
        let pictures = (scripts == Scripts::On).then(|| {
            let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("screenshots");
            std::fs::create_dir_all(&folder).unwrap();
            folder
        });
        Self { browser, base: base.to_owned(), pictures, _profile: profile }
    }

    async fn open(&self, path: &str) {
        self.browser.goto(format!("{}{path}", self.base)).await.unwrap();
    }

    async fn find(&self, css: &str) -> WebElement {
        match self
            .browser
            .query(By::Css(css))
            .wait(Duration::from_secs(10), Duration::from_millis(50))
            .first()
            .await
        {
            Ok(element) => element,
            Err(_) => panic!("{} has no {css}:\n{}", self.path().await, self.text().await),
        }
    }

    async fn type_into(&self, name: &str, text: &str) {
        let field = self.find(&format!("[name='{name}']")).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn choose(&self, name: &str, value: &str) {
        let chosen =
            format!("input[name='{name}'][value='{value}'], select[name='{name}'] option[value='{value}']");
        self.find(&chosen).await.click().await.unwrap();
    }

    /// Presses a button or follows a link, and waits for the page that it leads to.
    async fn press(&self, css: &str) {
        let button = self.find(css).await;
        button.scroll_into_view().await.unwrap();
        button.click().await.unwrap();
        for _ in 0..400 {
            if !button.is_present().await.unwrap_or_default() {
                self.find("h1").await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{css} on {} leads nowhere:\n{}", self.path().await, self.text().await);
    }

    async fn next(&self) {
        self.press("main button:not(.second):not(.text)").await;
    }

    async fn path(&self) -> String {
        self.browser.current_url().await.unwrap().path().to_owned()
    }

    async fn text(&self) -> String {
        self.browser.find(By::Css("body")).await.unwrap().text().await.unwrap()
    }

    async fn picture(&self, name: &str) {
        if let Some(folder) = &self.pictures {
            self.browser.screenshot(&folder.join(format!("{name}.png"))).await.unwrap();
        }
    }

    async fn sign_in(&self, login: &str, password: &str) {
        self.open("/sign-in").await;
        self.type_into("login", login).await;
        self.type_into("password", password).await;
        self.next().await;
    }

    async fn sign_out(&self) {
        self.press("form[action='/sign-out'] button").await;
    }

    /// Waits until a page says something; reloads it as a person would.
    async fn wait_for(&self, path: &str, css: &str) {
        for _ in 0..200 {
            self.open(path).await;
            if self.browser.find(By::Css(css)).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{path} never showed {css}:\n{}", self.text().await);
    }

    /// Answers the wizard page by page, wherever it leads, until it ends at the
    /// answers to be checked.
    async fn walk_through_the_wizard(&self, uploads: &tempfile::TempDir) {
        let organisation = practice::ORGANISATIONS[0];
        let person = practice::PEOPLE[0];
        for _ in 0..60 {
            let path = self.path().await;
            let page = path.rsplit('/').next().unwrap_or_default().to_owned();
            match page.as_str() {
                "check" => return,
                "sponsor-name" => self.type_into("sponsor-name", organisation.name).await,
                "certificate-address" => {
                    self.type_into("sponsor-certificate-address", organisation.address).await;
                    self.picture("04-wizard-question").await;
                }
                "certificate-division" => {
                    self.choose("sponsor-certificate-division", organisation.division).await
                }
                "division" => self.choose("sponsor-division", organisation.division).await,
                "address" => self.type_into("sponsor-address", "习作路1号练习大厦101室").await,
                "investor" => self.type_into("sponsor-investor", organisation.name).await,
                "principal-identity" => {
                    self.type_into("sponsor-principal-name", person.name).await;
                    self.choose("sponsor-principal-certificate-kind", "resident-id-card").await;
                    self.type_into("sponsor-principal-certificate-number", person.resident_id).await;
                }
                "principal-phones" => {
                    self.type_into("sponsor-principal-mobile", person.mobile).await;
                    self.type_into("sponsor-principal-emergency-phone", person.emergency_phone).await;
                }
                "principal-email" => self.type_into("sponsor-principal-email", person.email).await,
                "principal-office-phone" => {
                    self.type_into("sponsor-principal-office-phone", "0755-00000000").await
                }
                "service-name" => self.type_into("service-name", "习作网络科技").await,
                "contents" => self.choose("service-contents", "8").await,
                "languages" => self.choose("service-languages", "1").await,
                "service-principal" => self.choose("service-principal", "same-as-sponsor").await,
                "service-remark" => self.type_into("service-remark", "企业介绍与产品展示").await,
                "resource" => self.choose("access-resource", "browser-server").await,
                material if path.contains("/materials/") => {
                    let file = uploads.path().join(format!("{material}.jpg"));
                    std::fs::write(&file, practice_picture(4)).unwrap();
                    self.find("input[type='file']").await.send_keys(file.to_str().unwrap()).await.unwrap();
                    self.next().await;
                    self.find("figure.picture img").await;
                    if material == "sponsor-certificate" {
                        self.picture("05-material").await;
                    }
                    self.press("main a.button").await;
                    continue;
                }
                // Pages whose answer is there already, or may stay open.
                _ => {}
            }
            self.next().await;
        }
        panic!("the wizard does not end: {}", self.path().await);
    }
}

async fn file_a_website(scripts: Scripts) {
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
    let person = Person::sit_down(&driver, &base, scripts).await;

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
    person.walk_through_the_wizard(&directory).await;

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
    person.browser.clone().quit().await.unwrap();
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
    file_a_website(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_website_is_filed_without_scripts() {
    file_a_website(Scripts::Off).await;
}
