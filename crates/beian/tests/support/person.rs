//! A person at a real Chromium, and how the portal is walked through by clicking.
#![allow(dead_code, reason = "each test file uses a part")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use beian::journey::practice_picture;
use beian_domain::practice::{self, Organisation};
use serde_json::json;
use thirtyfour::prelude::*;

/// Of the window.
const WIDTH: u32 = 1_100;
const HEIGHT: u32 = 1_000;
/// What of its height is not the page's.
const FRAME: u32 = 140;

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    On,
    Off,
}

/// How wide a window is, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    Desktop,
    /// The narrowest telephone that is still met.
    Phone,
}

impl Screen {
    fn width(self) -> u32 {
        match self {
            Self::Desktop => WIDTH,
            Self::Phone => 320,
        }
    }
}

/// A chromedriver that does not outlive the test.
pub(crate) struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    pub(crate) fn start() -> Self {
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
pub(crate) struct Person {
    pub(crate) browser: WebDriver,
    base: String,
    pictures: Option<PathBuf>,
    screen: Screen,
    profile: tempfile::TempDir,
}

impl Person {
    pub(crate) async fn sit_down(driver: &Driver, base: &str, scripts: Scripts) -> Self {
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
            &format!("--window-size={WIDTH},{HEIGHT}"),
            "--lang=zh-CN",
            "--accept-lang=zh-CN",
            "--hide-scrollbars",
            "--enable-logging",
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
            std::fs::create_dir_all(folder.join("pages")).unwrap();
            folder
        });
        Self { browser, base: base.to_owned(), pictures, screen: Screen::Desktop, profile }
    }

    /// The same person with a telephone: every page that they see must fit it.
    pub(crate) async fn on_a_phone(mut self) -> Self {
        self.screen = Screen::Phone;
        let size =
            json!({ "width": self.screen.width(), "height": 640, "deviceScaleFactor": 2, "mobile": true });
        self.browser.cdp().send_raw("Emulation.setDeviceMetricsOverride", size).await.unwrap();
        self.browser
            .cdp()
            .send_raw("Emulation.setTouchEmulationEnabled", json!({ "enabled": true }))
            .await
            .unwrap();
        self
    }

    /// On a telephone nothing is scrolled sideways, and what is pressed is as large as a finger.
    async fn assert_fits(&self) {
        if self.screen == Screen::Desktop {
            return;
        }
        let beyond = "const page = document.documentElement; return page.scrollWidth - page.clientWidth";
        let beyond = self.browser.execute(beyond, Vec::new()).await.unwrap().json().as_f64().unwrap();
        assert!(beyond <= 0.0, "{} sticks out by {beyond} px", self.path().await);
        let small = "return [...document.querySelectorAll('main button:not(.text), main a.button')]
            .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 40)
            .map((one) => one.textContent)";
        let small = self.browser.execute(small, Vec::new()).await.unwrap().json().clone();
        assert_eq!(small, json!([]), "{}", self.path().await);
    }

    /// The portal is at another address: it was started again.
    pub(crate) fn go_to(&mut self, base: &str) {
        base.clone_into(&mut self.base);
    }

    pub(crate) async fn open(&self, path: &str) {
        self.browser.goto(format!("{}{path}", self.base)).await.unwrap();
        // What the practice regulator shows is another house.
        if !path.starts_with("/regulator") {
            self.assert_fits().await;
        }
    }

    pub(crate) async fn find(&self, css: &str) -> WebElement {
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

    pub(crate) async fn type_into(&self, name: &str, text: &str) {
        let field = self.find(&format!("[name='{name}']")).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub(crate) async fn choose(&self, name: &str, value: &str) {
        let chosen =
            format!("input[name='{name}'][value='{value}'], select[name='{name}'] option[value='{value}']");
        self.find(&chosen).await.click().await.unwrap();
    }

    /// Presses a button or follows a link, and waits for the page that it leads to.
    pub(crate) async fn press(&self, css: &str) {
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

    pub(crate) async fn next(&self) {
        self.press("main button:not(.second):not(.text)").await;
    }

    pub(crate) async fn path(&self) -> String {
        self.browser.current_url().await.unwrap().path().to_owned()
    }

    pub(crate) async fn text(&self) -> String {
        self.browser.find(By::Css("body")).await.unwrap().text().await.unwrap()
    }

    /// What a person sees without scrolling.
    pub(crate) async fn picture(&self, name: &str) {
        if let Some(folder) = &self.pictures {
            let name = if self.screen == Screen::Phone { format!("phone-{name}") } else { name.to_owned() };
            self.browser.screenshot(&folder.join(format!("{name}.png"))).await.unwrap();
        }
    }

    /// The page down to its foot.
    pub(crate) async fn whole_page(&self, name: &str) {
        if self.pictures.is_none() {
            return;
        }
        let height = "return document.documentElement.scrollHeight";
        let height = self.browser.execute(height, Vec::new()).await.unwrap().json().as_u64().unwrap();
        let height = u32::try_from(height).unwrap().clamp(HEIGHT, 5_000) + FRAME;
        self.browser.set_window_rect(0, 0, WIDTH, height).await.unwrap();
        self.picture(name).await;
        self.browser.set_window_rect(0, 0, WIDTH, HEIGHT).await.unwrap();
    }

    pub(crate) async fn sign_in(&self, login: &str, password: &str) {
        self.open("/sign-in").await;
        self.type_into("login", login).await;
        self.type_into("password", password).await;
        self.next().await;
    }

    pub(crate) async fn sign_out(&self) {
        self.press("form[action='/sign-out'] button").await;
    }

    /// Waits until a page says something; reloads it as a person would.
    pub(crate) async fn wait_for(&self, path: &str, css: &str) {
        for _ in 0..200 {
            self.open(path).await;
            if self.browser.find(By::Css(css)).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{path} never showed {css}:\n{}", self.text().await);
    }

    /// Answers the wizard page by page, wherever it leads, until it ends at the answers to be
    /// checked. Of the pages in `pictures` one is taken, by its name.
    pub(crate) async fn walk(&self, stated: &Stated, uploads: &tempfile::TempDir, pictures: &[(&str, &str)]) {
        for _ in 0..60 {
            let path = self.path().await;
            let page = path.rsplit('/').next().unwrap_or_default().to_owned();
            let picture = pictures.iter().find(|(at, _)| *at == page).map(|(_, name)| *name);
            if page == "check" {
                return;
            }
            if path.contains("/materials/") {
                self.upload(&page, uploads).await;
                if let Some(name) = picture {
                    self.picture(name).await;
                }
                self.press("main a.button").await;
                continue;
            }
            // Pages without one have their answer already, or may stay open.
            for answer in stated.on(&page) {
                self.give(&answer).await;
            }
            self.assert_fits().await;
            if let Some(name) = picture {
                self.picture(name).await;
            }
            self.next().await;
            let query = self.browser.current_url().await.unwrap().query().unwrap_or_default().to_owned();
            assert!(!query.contains("saved"), "the rules object to {page}:\n{}", self.text().await);
        }
        panic!("the wizard does not end: {}", self.path().await);
    }

    /// Gives an answer.
    pub(crate) async fn give(&self, answer: &Answer) {
        match answer {
            Answer::Type(name, text) => self.type_into(name, text).await,
            Answer::Choose(name, value) => self.choose(name, value).await,
        }
    }

    /// Hands a picture in on its page.
    pub(crate) async fn upload(&self, material: &str, uploads: &tempfile::TempDir) {
        let file = uploads.path().join(format!("{material}.jpg"));
        if !file.exists() {
            std::fs::write(&file, practice_picture(4)).unwrap();
        }
        self.find("input[type='file']").await.send_keys(file.to_str().unwrap()).await.unwrap();
        self.next().await;
        self.find("figure.picture img").await;
    }

    /// Passes the face check with the practice vendor.
    pub(crate) async fn prove(&self, order: &str) {
        self.open(&format!("/orders/{order}/authenticity")).await;
        self.choose("consent", "yes").await;
        self.next().await;
        self.press("main a.button").await;
        self.press("button[value='passed']").await;
    }

    /// What the browser has said of scripts, styles and answers that went wrong: nothing, or the
    /// test fails.
    pub(crate) async fn leave(self) {
        // Something must be in the log, or a silent log would prove nothing.
        self.browser.execute("console.error('the last line')", Vec::new()).await.unwrap();
        let log = self.profile.path().join("chrome_debug.log");
        let said = |log: &Path| {
            let log = std::fs::read(log).unwrap_or_default();
            let log = String::from_utf8_lossy(&log).into_owned();
            log.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect::<Vec<_>>()
        };
        for _ in 0..100 {
            if said(&log).iter().any(|line| line.contains("the last line")) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut lines = said(&log);
        assert!(lines.pop().is_some_and(|line| line.contains("the last line")), "{log:?} has no console");
        assert!(lines.is_empty(), "the console says {lines:#?}");
        self.browser.quit().await.unwrap();
    }
}

/// An answer on a page.
pub(crate) enum Answer {
    Type(&'static str, String),
    Choose(&'static str, String),
}

/// What somebody states, page by page.
pub(crate) struct Stated {
    organisation: Organisation,
    person: practice::Person,
    server: &'static str,
    /// What is stated otherwise.
    pub(crate) other: Vec<(&'static str, Vec<Answer>)>,
}

impl Stated {
    /// Of a practice organisation and the person beside it, on a server.
    pub(crate) fn of(index: usize, server: &'static str) -> Self {
        let (organisation, person) = (practice::ORGANISATIONS[index], practice::PEOPLE[index]);
        Self { organisation, person, server, other: Vec::new() }
    }

    /// The same, with one page answered otherwise.
    pub(crate) fn with(mut self, page: &'static str, answers: Vec<Answer>) -> Self {
        self.other.push((page, answers));
        self
    }

    fn on(&self, page: &str) -> Vec<Answer> {
        use Answer::{Choose, Type};
        if let Some(at) = self.other.iter().position(|(other, _)| *other == page) {
            let copy = |answer: &Answer| match answer {
                Type(name, text) => Type(name, text.clone()),
                Choose(name, value) => Choose(name, value.clone()),
            };
            return self.other[at].1.iter().map(copy).collect();
        }
        let (organisation, person) = (self.organisation, self.person);
        let typed = |name, text: &str| Type(name, text.to_owned());
        let chosen = |name, value: &str| Choose(name, value.to_owned());
        match page {
            "sponsor-name" => vec![typed("sponsor-name", organisation.name)],
            "certificate-address" => vec![typed("sponsor-certificate-address", organisation.address)],
            "certificate-division" => vec![chosen("sponsor-certificate-division", organisation.division)],
            "division" => vec![chosen("sponsor-division", organisation.division)],
            "address" => vec![typed("sponsor-address", "习作路1号练习大厦101室")],
            "investor" => vec![typed("sponsor-investor", organisation.name)],
            "principal-identity" => vec![
                typed("sponsor-principal-name", person.name),
                chosen("sponsor-principal-certificate-kind", "resident-id-card"),
                typed("sponsor-principal-certificate-number", person.resident_id),
            ],
            "principal-phones" => vec![
                typed("sponsor-principal-mobile", person.mobile),
                typed("sponsor-principal-emergency-phone", person.emergency_phone),
            ],
            "principal-email" => vec![typed("sponsor-principal-email", person.email)],
            "principal-office-phone" => vec![typed("sponsor-principal-office-phone", "0755-00000000")],
            "service-name" => vec![typed("service-name", "习作网络科技")],
            "contents" => vec![chosen("service-contents", "8")],
            "languages" => vec![chosen("service-languages", "1")],
            "service-principal" => vec![chosen("service-principal", "same-as-sponsor")],
            "service-remark" => vec![typed("service-remark", "企业介绍与产品展示")],
            "resource" => vec![chosen("access-resource", self.server)],
            _ => Vec::new(),
        }
    }
}
