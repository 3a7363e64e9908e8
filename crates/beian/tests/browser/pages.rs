//! Every page as a stranger meets it: how heavy it is, whether it jumps, whether it fits a narrow
//! screen and large letters, and what axe-core says of it, in both languages and both themes.
//!
//! `cargo xtask pages` runs this alone and prints the table; it is left in `target/pages.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use beian::journey::Visitor;
use beian_domain::practice;
use serde_json::{Value, json};

use crate::dns;
use crate::slow_line::SlowLine;
use crate::support::person::{Driver, Person, Scripts};
use crate::support::provider::{PASSWORD, Provider};

/// Most bytes over the wire when a page is met first, with styles, scripts and drawings. Photographs
/// that a filer handed in are counted apart: a reviewer wants them as they are.
const MOST_BYTES: f64 = 100_000.0;
/// The narrowest screen, in CSS pixels.
const NARROW: u32 = 320;
const WIDE: u32 = 1280;

/// Who looks at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Anyone,
    /// Has a filed website.
    Filed,
    /// Waits for the reviewer.
    Waiting,
    /// Has the regulator wait for the codes of its SMS.
    Sent,
    /// Has only begun.
    Beginner,
    Reviewer,
    Operator,
    Guard,
    Auditor,
    /// Has given the password, and is asked for the code.
    CodeWanted,
    /// Has given a one-time password, and is asked for another.
    PasswordWanted,
}

/// What was measured of a page, the worst of all its appearances.
#[derive(Debug, Default)]
struct Measured {
    bytes: f64,
    photographs: f64,
    requests: f64,
    milliseconds: f64,
    painted: f64,
    shift: f64,
    /// What shifted, and whither.
    moved: Vec<String>,
    /// How far it sticks out: on a narrow screen, with letters twice as large.
    sticks_out: (f64, f64),
    /// Serious and critical findings of axe-core.
    findings: Vec<String>,
    /// The rules that found something of less weight, which does no harm to the result.
    lesser: BTreeSet<String>,
}

impl Measured {
    fn problems(&self) -> Vec<String> {
        let mut problems = self.findings.clone();
        let mut say = |text: String| problems.push(text);
        if self.bytes > MOST_BYTES {
            say(format!("{} bytes, expected at most {MOST_BYTES}", self.bytes));
        }
        if self.shift > 0.0 {
            say(format!("its layout shifts by {}, expected 0: {}", self.shift, self.moved.join("; ")));
        }
        if self.sticks_out.0 > 0.0 {
            say(format!("sticks out by {} px on a screen of {NARROW}", self.sticks_out.0));
        }
        if self.sticks_out.1 > 0.0 {
            say(format!("sticks out by {} px with letters twice as large", self.sticks_out.1));
        }
        problems
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_light_steady_and_usable_by_everybody() {
    let directory = tempfile::tempdir().unwrap();
    let name_server = dns::free_address();
    let names = [("xizuo-unfiled-1.cn", "203.0.113.60"), ("xizuo-unfiled-2.cn", "198.51.100.9")];
    let _names = dns::serve_addresses(name_server, &names).await;
    let name_server = name_server.to_string();
    let mut provider = Provider::start(&directory.path().join("data"), &["--name-server", &name_server]);
    provider.let_review().await;
    for (index, login) in ["filed", "waiting", "beginner", "sent"].into_iter().enumerate() {
        provider.sign_up(login, practice::PEOPLE[index].email).await;
        provider.report_server(&format!("{login}-1"), login, &format!("203.0.113.{}", 60 + index)).await;
    }
    let number = provider.file_website("filed", 0, "filed-1", "xizuo-pages-1.cn").await;
    let filed = only_order(&provider, "filed").await;
    let waiting = provider.hand_in_website("waiting", 1, "waiting-1", "xizuo-pages-2.cn").await;
    let sent = provider.hand_in_website("sent", 3, "sent-1", "xizuo-pages-5.cn").await;
    provider.send("sent", &sent).await;
    let mut beginner = provider.visitor("beginner").await;
    let draft = beginner
        .begin("enterprise", "business-licence", practice::ORGANISATIONS[2].uscc, "xizuo-pages-3.cn")
        .await
        .unwrap();
    let typed = [("service-name", "习作网络")];
    let edit = format!("/orders/{draft}/edit/service-name");
    beginner.submit_form(&edit, &format!("/orders/{draft}/typed/service-name"), &typed).await.unwrap();
    provider.desk.list_unfiled_site("xizuo-unfiled.cn", "203.0.113.90").await.unwrap();
    provider.desk.synchronise().await.unwrap();
    provider.desk.send_code_tables(r#"{"contents": [[34, "练习内容"]]}"#).await.unwrap();
    let duty = first_duty(&provider).await;
    bring_unfiled_hosts(&provider).await;
    let pages = pages(&Orders { filed, waiting, sent, draft }, &number, &duty);
    let newcomers = newcomers(&provider).await;

    let axe = std::env::var("BEIAN_TEST_AXE").expect("BEIAN_TEST_AXE: run `cargo xtask pages`");
    let axe = std::fs::read_to_string(&axe).unwrap_or_else(|error| panic!("{axe}: {error}"));
    let driver = Driver::start();
    let person = Person::sit_down(&driver, &provider.base, Scripts::On).await;
    let line = SlowLine::to(&provider.base);
    let mut role = Role::Anyone;
    let mut rows = Vec::new();
    for (who, path) in &pages {
        if *who != role {
            sign_in(&person, &provider, &newcomers, role, *who).await;
            role = *who;
        }
        let name = name(rows.len(), path);
        rows.push((who, path, measure(&person, &line, &name, path, &axe).await));
    }
    let table = table(&rows);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("pages.md");
    std::fs::write(file, &table).unwrap();
    println!("{table}");
    let problems: Vec<String> = rows
        .iter()
        .flat_map(|(_, path, measured)| {
            measured.problems().into_iter().map(move |text| format!("{path}: {text}"))
        })
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    person.leave().await;
}

/// The orders whose pages are looked at, by where they stand.
struct Orders {
    filed: String,
    waiting: String,
    sent: String,
    draft: String,
}

fn pages(orders: &Orders, number: &str, duty: &str) -> Vec<(Role, String)> {
    use Role::{
        Anyone, Auditor, Beginner, CodeWanted, Filed, Guard, Operator, PasswordWanted, Reviewer, Sent,
        Waiting,
    };
    let Orders { filed, waiting, sent, draft } = orders;
    let ask = "/can-i-file?certificate=business-licence&province=440000&domain=";
    let record = percent(number);
    [
        (Anyone, "/".to_owned()),
        (Anyone, "/can-i-file".to_owned()),
        (Anyone, format!("{ask}xizuo-pages-9.cn")),
        (Anyone, format!("{ask}example.gq")),
        (Anyone, format!("{ask}no-such-suffix")),
        (Anyone, "/help".to_owned()),
        (Anyone, "/help/situations/s03".to_owned()),
        (Anyone, "/help/situations/s04".to_owned()),
        (Anyone, "/help/design".to_owned()),
        (Anyone, "/help/rules".to_owned()),
        (Anyone, "/help/rules/DOM005".to_owned()),
        (Anyone, "/lookup".to_owned()),
        (Anyone, "/check-number".to_owned()),
        (Anyone, "/lookup?q=xizuo-pages-1.cn".to_owned()),
        (Anyone, "/sign-in".to_owned()),
        (Anyone, "/sign-up".to_owned()),
        (Anyone, "/no-such-page".to_owned()),
        (Beginner, "/home".to_owned()),
        (Beginner, "/start".to_owned()),
        (Beginner, "/start/nature?service=website".to_owned()),
        (Beginner, "/start/domain?service=website&nature=enterprise".to_owned()),
        (Beginner, "/start/certificate?service=website&nature=enterprise&domain=xizuo-pages-4.cn".to_owned()),
        (Beginner, format!("/orders/{draft}/begun")),
        (Beginner, format!("/orders/{draft}/tasks")),
        (Beginner, format!("/orders/{draft}/edit/sponsor-name")),
        (Beginner, format!("/orders/{draft}/edit/service-name")),
        (Beginner, format!("/orders/{draft}/edit/certificate-division")),
        (Beginner, format!("/orders/{draft}/edit/principal-identity")),
        (Beginner, format!("/orders/{draft}/edit/resource")),
        (Beginner, format!("/orders/{draft}/materials/sponsor-certificate")),
        (Beginner, format!("/orders/{draft}/check")),
        (Beginner, format!("/orders/{draft}/authenticity")),
        (Beginner, format!("/orders/{draft}/route")),
        (Beginner, format!("/orders/{draft}/forms")),
        (Beginner, format!("/orders/{draft}/withdraw")),
        (Beginner, "/codes".to_owned()),
        (Beginner, "/transfers".to_owned()),
        (Beginner, "/transfers/new".to_owned()),
        (Beginner, "/members".to_owned()),
        (Beginner, "/notices".to_owned()),
        (Beginner, "/archive".to_owned()),
        (Beginner, "/filings/import".to_owned()),
        (Filed, "/home".to_owned()),
        (Filed, format!("/orders/{filed}")),
        (Filed, format!("/records/{record}")),
        (Waiting, format!("/orders/{waiting}")),
        (Sent, format!("/orders/{sent}")),
        (Reviewer, "/review".to_owned()),
        (Reviewer, format!("/review/{waiting}")),
        (Reviewer, "/statistics".to_owned()),
        (Operator, "/operator/overview".to_owned()),
        (Operator, "/operator/resources".to_owned()),
        (Operator, "/operator/import".to_owned()),
        (Operator, "/operator/records".to_owned()),
        (Operator, "/operator/records/new".to_owned()),
        (Operator, "/operator/transfers".to_owned()),
        (Operator, "/operator/bridge".to_owned()),
        (Operator, "/operator/duties".to_owned()),
        (Operator, duty.to_owned()),
        (Operator, "/operator/addresses".to_owned()),
        (Operator, "/operator/addresses/new/allocation".to_owned()),
        (Operator, "/operator/code-tables".to_owned()),
        (Operator, "/operator/unfiled-hosts".to_owned()),
        (Operator, "/operator/drift".to_owned()),
        (Operator, "/operator/reconcile".to_owned()),
        (Operator, "/operator/rulebook".to_owned()),
        (Operator, "/operator/notices".to_owned()),
        (Operator, "/operator/settings".to_owned()),
        (Operator, "/second-factor".to_owned()),
        (Guard, "/security/accounts".to_owned()),
        (Auditor, "/audit/trail".to_owned()),
        (CodeWanted, "/sign-in/code".to_owned()),
        (PasswordWanted, "/sign-in/password".to_owned()),
    ]
    .into()
}

/// Two accounts that a security administrator has just made: of one the second factor is asked, the other has its
/// one-time password yet. Login and password of each.
struct Newcomers {
    code_wanted: (String, String),
    password_wanted: (String, String),
}

async fn newcomers(provider: &Provider) -> Newcomers {
    let mut guard = Visitor::new(&provider.base).unwrap();
    let login = "security-administrator";
    guard.sign_in(login, &provider.password(login)).await.unwrap();
    let mut given = Vec::new();
    for login in ["newcomer-1", "newcomer-2"] {
        let fields = [("login", login), ("role", "reviewer")];
        let page = guard.submit_form("/security/accounts", "/security/accounts", &fields).await.unwrap();
        given.push((login.to_owned(), inside(&page, "one-time-password").to_owned()));
    }
    let [code_wanted, password_wanted] = given.try_into().unwrap();
    let (login, password) = code_wanted;
    let mut newcomer = Visitor::new(&provider.base).unwrap();
    newcomer.sign_in(&login, &password).await.unwrap();
    newcomer.submit_form("/sign-in/password", "/sign-in/password", &[("password", PASSWORD)]).await.unwrap();
    let page = newcomer.read("/second-factor").await.unwrap();
    let key = inside(&page, "key").replace(' ', "");
    let shown = Command::new("oathtool").args(["--totp=sha1", "--base32", &key]).output().expect("oathtool");
    let code = String::from_utf8(shown.stdout).unwrap();
    let sealed = page.split("name=\"enrolment\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = [("enrolment", sealed), ("code", code.trim())];
    let page = newcomer.submit_form("/second-factor", "/second-factor", &fields).await.unwrap();
    assert!(page.contains("id=\"recovery-codes\""), "{page}");
    Newcomers { code_wanted: (login, PASSWORD.to_owned()), password_wanted }
}

/// What stands in the element of an identifier.
fn inside<'a>(page: &'a str, id: &str) -> &'a str {
    let from = page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {page}"));
    page[from..].split('>').nth(1).unwrap().split('<').next().unwrap()
}

/// Waits for the regulator's lists; answers with the page of the first entry.
async fn first_duty(provider: &Provider) -> String {
    let mut operator = Visitor::new(&provider.base).unwrap();
    operator.sign_in("operator", &provider.password("operator")).await.unwrap();
    let mut page = String::new();
    // The code tables were ordered last.
    for _ in 0..200 {
        page = operator.read("/operator/code-tables").await.unwrap();
        if page.contains("/operator/code-tables?file=") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let list = operator.read("/operator/duties").await.unwrap();
    let from = list.find("/operator/duties/").unwrap_or_else(|| panic!("no list came: {page} {list}"));
    list[from..].split('"').next().unwrap().to_owned()
}

/// Brings what an audit found, and waits until it is known whose it is: a customer's, nobody's, and what leads nowhere.
async fn bring_unfiled_hosts(provider: &Provider) {
    let mut report = String::new();
    for (number, standing, lines) in
        [(1, "not-filed", 4_000), (2, "filed-elsewhere", 70), (3, "cancelled", 3)]
    {
        writeln!(
            report,
            "{{\"domain\": \"xizuo-unfiled-{number}.cn\", \"standing\": \"{standing}\", \"lines\": {lines}, \
             \"sample_url\": \"http://a-rather-long-host-name.xizuo-unfiled-{number}.cn/\"}}"
        )
        .unwrap();
    }
    let mut operator = Visitor::new(&provider.base).unwrap();
    operator.sign_in("operator", &provider.password("operator")).await.unwrap();
    let mut page = operator.import("/operator/unfiled-hosts", &report).await.unwrap();
    for _ in 0..200 {
        if ["filed-1", "198.51.100.9", "无解析"].iter().all(|word| page.contains(word)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        page = operator.read("/operator/unfiled-hosts").await.unwrap();
    }
    panic!("nobody found whose they are: {page}");
}

/// What the pictures of a page are called.
fn name(place: usize, path: &str) -> String {
    let words = path.split('?').next().unwrap_or_default().split('/').filter(|word| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    });
    format!("{:02}-{}", place + 1, words.collect::<Vec<_>>().join("-"))
}

/// As it stands in an address.
fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02X}").unwrap();
        text
    })
}

async fn only_order(provider: &Provider, login: &str) -> String {
    let page = provider.visitor(login).await.read("/home").await.unwrap();
    let from = page.find("/orders/").expect("an order") + "/orders/".len();
    page[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

async fn sign_in(person: &Person, provider: &Provider, newcomers: &Newcomers, before: Role, role: Role) {
    if before != Role::Anyone {
        person.open("/").await;
        person.sign_out().await;
    }
    let (login, password) = match role {
        Role::Anyone => return,
        Role::Filed => ("filed", PASSWORD.to_owned()),
        Role::Waiting => ("waiting", PASSWORD.to_owned()),
        Role::Sent => ("sent", PASSWORD.to_owned()),
        Role::Beginner => ("beginner", PASSWORD.to_owned()),
        Role::Reviewer => ("reviewer", provider.password("reviewer")),
        Role::Operator => ("operator", provider.password("operator")),
        Role::Guard => ("security-administrator", provider.password("security-administrator")),
        Role::Auditor => ("audit-administrator", provider.password("audit-administrator")),
        Role::CodeWanted => (newcomers.code_wanted.0.as_str(), newcomers.code_wanted.1.clone()),
        Role::PasswordWanted => (newcomers.password_wanted.0.as_str(), newcomers.password_wanted.1.clone()),
    };
    person.sign_in(login, &password).await;
}

/// In Chinese and English, in light and dark, on a narrow and a wide screen.
async fn measure(person: &Person, line: &SlowLine, name: &str, path: &str, axe: &str) -> Measured {
    let mut measured = Measured::default();
    for language in ["zh", "en"] {
        person.open(&format!("/language/{language}?back=%2Fsign-in")).await;
        wide(person, WIDE).await;
        theme(person, "light").await;
        cache(person, Cache::Empty).await;
        // A page that comes at once has no time to shift; this one comes piece by piece.
        person.browser.goto(format!("{}{path}", line.base)).await.unwrap();
        cache(person, Cache::Used).await;
        let timing = person.browser.execute_async(WEIGHT, Vec::new()).await.unwrap().json().clone();
        let of = |name: &str| timing[name].as_f64().unwrap();
        measured.bytes = measured.bytes.max(of("bytes"));
        measured.photographs = measured.photographs.max(of("photographs"));
        measured.requests = measured.requests.max(of("requests"));
        measured.milliseconds = measured.milliseconds.max(of("milliseconds"));
        measured.painted = measured.painted.max(of("painted"));
        measured.shift = measured.shift.max(of("shift"));
        measured
            .moved
            .extend(timing["moved"].as_array().unwrap().iter().map(|text| format!("{language}: {text}")));
        judge(person, axe, language, "light", &mut measured).await;
        whole_page(person, &format!("{name}-{language}-light")).await;
        theme(person, "dark").await;
        judge(person, axe, language, "dark", &mut measured).await;
        whole_page(person, &format!("{name}-{language}-dark")).await;
        theme(person, "light").await;
        // Letters twice as large, and nothing else (WCAG 1.4.4).
        script(person, "document.documentElement.style.fontSize = '200%'").await;
        measured.sticks_out.1 = measured.sticks_out.1.max(overhang(person).await);
        wide(person, NARROW).await;
        script(person, "document.documentElement.style.fontSize = ''").await;
        measured.sticks_out.0 = measured.sticks_out.0.max(overhang(person).await);
        whole_page(person, &format!("{name}-{language}-narrow")).await;
    }
    measured
}

/// What the page took from the network, and how it came to rest: asked after it was drawn.
const WEIGHT: &str = "
    const done = arguments[arguments.length - 1];
    const weigh = () => {
        const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
        const page = entries[0];
        const isPhotograph = (entry) => new URL(entry.name).pathname.startsWith('/pictures/');
        const bytes = (of) => of.reduce((sum, entry) => sum + entry.transferSize, 0);
        const observer = new PerformanceObserver(() => {});
        observer.observe({ type: 'layout-shift', buffered: true });
        const shifts = observer.takeRecords();
        const moved = ({ node, previousRect: was, currentRect: is }) => {
            const name = [node?.nodeName.toLowerCase(), ...(node?.classList ?? [])].join('.');
            return `${name} from ${was.x},${was.y} to ${is.x},${is.y}`;
        };
        done({
            bytes: bytes(entries.filter((entry) => !isPhotograph(entry))),
            photographs: bytes(entries.filter(isPhotograph)),
            requests: entries.length,
            milliseconds: page.responseStart - page.requestStart,
            painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
            shift: shifts.reduce((sum, entry) => sum + entry.value, 0),
            moved: shifts.flatMap((entry) => entry.sources.map(moved)),
        });
    };
    requestAnimationFrame(() => requestAnimationFrame(weigh));";

async fn judge(person: &Person, axe: &str, language: &str, theme: &str, measured: &mut Measured) {
    script(person, axe).await;
    let run = "const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ['violations'] }).then(
            (result) => done(result.violations.map((found) => ({
                id: found.id, impact: found.impact, help: found.help,
                at: found.nodes.slice(0, 3).map((node) => node.target.join(' ')),
            }))),
            (error) => done(String(error)),
        )";
    let found = person.browser.execute_async(run, Vec::new()).await.unwrap();
    let Value::Array(found) = found.json() else { panic!("axe-core says {:?}", found.json()) };
    for finding in found {
        let text = format!("{language}, {theme}: {} {} {}", finding["id"], finding["help"], finding["at"]);
        match finding["impact"].as_str() {
            Some("serious" | "critical") => measured.findings.push(text),
            _ => drop(measured.lesser.insert(finding["id"].as_str().unwrap().to_owned())),
        }
    }
}

async fn overhang(person: &Person) -> f64 {
    let beyond = "const page = document.documentElement; return page.scrollWidth - page.clientWidth";
    script(person, beyond).await.as_f64().unwrap()
}

async fn script(person: &Person, text: &str) -> Value {
    person.browser.execute(text, Vec::new()).await.unwrap().json().clone()
}

async fn wide(person: &Person, width: u32) {
    let screen = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
    person.browser.cdp().send_raw("Emulation.setDeviceMetricsOverride", screen).await.unwrap();
}

/// The page down to its foot.
async fn whole_page(person: &Person, name: &str) {
    let wanted = json!({ "format": "png", "captureBeyondViewport": true });
    let taken = person.browser.cdp().send_raw("Page.captureScreenshot", wanted).await.unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("screenshots/pages");
    let picture = BASE64.decode(taken["data"].as_str().unwrap()).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}

async fn theme(person: &Person, name: &str) {
    // A colour is judged where it comes to rest, and not on its way there.
    let media = json!({ "features": [
        { "name": "prefers-color-scheme", "value": name },
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ] });
    person.browser.cdp().send_raw("Emulation.setEmulatedMedia", media).await.unwrap();
}

/// What the browser has of earlier visits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cache {
    Empty,
    Used,
}

async fn cache(person: &Person, cache: Cache) {
    person.browser.cdp().send_raw("Network.enable", json!({})).await.unwrap();
    let disabled = json!({ "cacheDisabled": cache == Cache::Empty });
    person.browser.cdp().send_raw("Network.setCacheDisabled", disabled).await.unwrap();
}

fn table(rows: &[(&Role, &String, Measured)]) -> String {
    let mut text = String::from(
        "| who | page | kB | photographs kB | requests | server ms | first paint ms | shift | serious | lesser | sticks out at 320 px | at 200 % |\n\
         |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (who, path, measured) in rows {
        // Of a query what tells two rows apart: its end.
        let page = match path.split_once('?') {
            Some((page, query)) => format!("{page}?…{}", query.rsplit('&').next().unwrap_or_default()),
            None => path.to_string(),
        };
        writeln!(
            text,
            "| {} | `{page}` | {:.1} | {:.1} | {} | {:.1} | {:.0} | {:.3} | {} | {} | {} | {} |",
            format!("{who:?}").to_lowercase(),
            measured.bytes / 1000.0,
            measured.photographs / 1000.0,
            measured.requests,
            measured.milliseconds,
            measured.painted,
            measured.shift,
            measured.findings.len(),
            measured.lesser.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
            measured.sticks_out.0,
            measured.sticks_out.1,
        )
        .unwrap();
    }
    text
}
