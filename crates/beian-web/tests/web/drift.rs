//! What is not as it was filed, by forms alone: for the operator, and for the holder of a record.

use crate::authority::{Authority, Issuer};
use crate::registry::Registry;
use crate::support::{House, Visitor, handed_in, signing_key, text, user};
use axum::http::{StatusCode, header};
use beian_app::{NameServer, ProbeReach, ProbeSettings, ProbeTimeouts, SiteAuthorities};
use beian_domain::{OrderNumber, ServiceFilingNumber};
use beian_rules::{Rulebook, SignedBundle};
use chrono::TimeDelta;

const PAGE: &str = "/operator/drift";
const DOMAIN: &str = "xizuo-hostile.cn";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_looks_where_nothing_is_looked_at() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let page = house.look(&operator, PAGE).await;
    assert!(page.contains("Nobody looks") && page.contains("No record drifts"), "{page}");
    assert!(house.look(&operator, "/operator/settings").await.contains("Looks at records"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_works_on_a_drift_and_its_holder_mends_it() {
    let name_server = crate::dns::free_address();
    let names = crate::dns::serve_addresses(name_server, &[("xizuo-hostile.cn", "9.9.9.9")]).await;
    let house = House::looking(NameServer::At(name_server)).await;
    let number = granted(&house).await;
    let at = format!("/records/{}", percent(&number.to_string()));
    let (operator, filer) = (house.sign_in("operator").await, house.sign_in("alice").await);

    // Seen once: it is looked at, and nothing is told.
    let page = house.look(&operator, PAGE).await;
    assert!(page.contains("Records looked at: 1 / 1") && page.contains("No record drifts"), "{page}");
    let health = house.look(&filer, &at).await;
    assert!(health.contains("Does it still hold?") && health.contains("Nothing was seen"), "{health}");
    assert!(health.contains("the domain does not lead here"), "what was not looked at is said: {health}");
    house.clock.advance(TimeDelta::minutes(61));
    house.app.work_until_idle().await;

    let page = house.look(&operator, PAGE).await;
    for part in [
        "xizuo-hostile.cn",
        &number.to_string(),
        "Customer alice",
        "its access here is a shell",
        "Leads to 9.9.9.9",
        "TLS certificate – the domain does not lead here",
        "aria-current=\"page\">All <span class=\"count\">1</span>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let footers = house.look(&operator, &format!("{PAGE}?class=footer")).await;
    assert!(footers.contains("No record drifts") && !footers.contains("Leads to"), "{footers}");
    let behind = format!("{PAGE}?after=100_{}", percent(&number.to_string()));
    assert!(!house.look(&operator, &behind).await.contains("Leads to"));
    assert!(house.look(&operator, &format!("{PAGE}?class=x&after=y&done=z")).await.contains("Leads to"));
    assert!(house.look(&operator, "/operator/overview").await.contains("1 record is not as it was filed"));
    let settings = house.look(&operator, "/operator/settings").await;
    assert!(settings.contains("Number on the page – the domain does not lead here (1)"), "{settings}");

    // Told, once.
    let csrf = house.hidden(&operator, PAGE, "csrf").await;
    let service = number.to_string();
    let told = [("csrf", csrf.as_str()), ("number", service.as_str())];
    let tell = format!("{PAGE}/tell");
    let location = sent_to(&house, &operator, &tell, &told).await;
    assert!(house.look(&operator, &location).await.contains("told of 1 finding"));
    let again = house.post(Some(&operator), &tell, &told).await;
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
    let inbox = house.look(&filer, "/notices").await;
    assert!(inbox.contains("xizuo-hostile.cn is not as it was filed"), "{inbox}");
    let location = sent_to(&house, &operator, &format!("{PAGE}/look"), &told).await;
    assert!(house.look(&operator, &location).await.contains("as soon as its turn comes"));

    // Excused, and counted again; a row that somebody else has changed is not.
    let shown = house.look(&operator, PAGE).await;
    let button = shown.split("value=\"fronted ").nth(1).unwrap().split('"').next().unwrap();
    let (id, revision) = button.split_once(' ').unwrap();
    let path = format!("{PAGE}/excuse");
    for (pressed, status) in [
        (format!("fronted {id} 1"), StatusCode::CONFLICT),
        (format!("gone {id} {revision}"), StatusCode::BAD_REQUEST),
        (format!("fronted {id}"), StatusCode::BAD_REQUEST),
        (format!("reopen {id} {revision}"), StatusCode::CONFLICT),
    ] {
        let response = house.post(Some(&operator), &path, &[("csrf", &csrf), ("do", &pressed)]).await;
        assert_eq!(response.status(), status, "{pressed}");
    }
    let mistaken = format!("mistaken {id} {revision}");
    let location = sent_to(&house, &operator, &path, &[("csrf", &csrf), ("do", &mistaken)]).await;
    assert!(house.look(&operator, &location).await.contains("No record drifts"));
    let next: i64 = revision.parse::<i64>().unwrap() + 1;
    let reopen = format!("reopen {id} {next}");
    let excused = house.look(&operator, &format!("{PAGE}?class=excused")).await;
    assert!(excused.contains(&reopen) && !excused.contains(&mistaken), "{excused}");
    let location = sent_to(&house, &operator, &path, &[("csrf", &csrf), ("do", &reopen)]).await;
    assert!(house.look(&operator, &location).await.contains("It counts again."));

    // The holder begins the order that mends it.
    let health = house.look(&filer, &at).await;
    assert!(health.contains("Begin the cancellation of the access"), "{health}");
    let csrf = house.hidden(&filer, &at, "csrf").await;
    let begin = format!("{at}/drift");
    for (visitor, kind, status) in [
        (&filer, "nonsense", StatusCode::BAD_REQUEST),
        (&filer, "leads-nowhere", StatusCode::CONFLICT),
        (&operator, "leads-elsewhere", StatusCode::FORBIDDEN),
    ] {
        let response = house.post(Some(visitor), &begin, &[("csrf", &csrf), ("kind", kind)]).await;
        assert_eq!(response.status(), status, "{kind}");
    }
    let location = sent_to(&house, &filer, &begin, &[("csrf", &csrf), ("kind", "leads-elsewhere")]).await;
    assert!(location.ends_with("/tasks"), "{location}");
    assert!(house.look(&filer, &location).await.contains("xizuo-hostile.cn"));
    let twice = house.post(Some(&filer), &begin, &[("csrf", &csrf), ("kind", "leads-elsewhere")]).await;
    assert_eq!(twice.status(), StatusCode::CONFLICT);
    assert!(text(twice).await.contains("/orders/"));
    drop(names);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_registry_tells_reaches_the_operator_and_the_holder() {
    let authority = Authority::new();
    let names = format!("DNS:{}", crate::registry::HOST);
    let certificate = authority.issue(Issuer::Ours, &names, "260101000000Z", "280101000000Z");
    let registry = Registry::start(&certificate);
    let name_server = crate::dns::free_address();
    let addresses = [(DOMAIN, "9.9.9.9"), (crate::registry::HOST, "127.0.0.1")];
    let names = crate::dns::serve_addresses(name_server, &addresses).await;
    let house = House::looking_as(ProbeSettings {
        name_server: NameServer::At(name_server),
        reach: ProbeReach::Practice { http: 1, https: registry.port() },
        timeouts: ProbeTimeouts::default(),
        chromium: None,
        authorities: SiteAuthorities::These(vec![authority.certificate()]),
        about_us: "http://localhost".to_owned(),
    })
    .await;
    let operator = user(&house, "operator").await;
    let bundle = SignedBundle::seal(&asking_of_cn(), &signing_key(), "2026-11-22".parse().unwrap());
    house.app.install_rulebook(&operator, &bundle).await.unwrap();
    registry.registers(DOMAIN, "2028-01-01T00:00:00Z");
    let number = granted(&house).await;
    let desk = format!("{PAGE}?class=domain");
    // Twice, as what was seen once is shown to nobody.
    let shown = || async {
        for _ in 0..2 {
            house.clock.advance(TimeDelta::minutes(61));
            house.app.look_for_drift_again(&operator, &number).await.unwrap();
            house.app.work_until_idle().await;
        }
        house.look(&house.sign_in("operator").await, &desk).await
    };
    assert!(shown().await.contains("No record drifts"));

    registry.registers(DOMAIN, "2026-12-01T00:00:00Z");
    let page = shown().await;
    assert!(page.contains("The domain expires soon"), "{page}");
    assert!(page.contains("Ends on 2026-12-01, by its registry (RDAP)"), "{page}");
    registry.registers(DOMAIN, "2026-11-01T00:00:00Z");
    let page = shown().await;
    assert!(page.contains("The domain has expired") && !page.contains("expires soon"), "{page}");
    assert!(page.contains("Ends on 2026-11-01, by its registry (RDAP)"), "{page}");

    // What it does not tell is said, and what was found stays; nothing of what it says is shown.
    let bad = r#"{"ldhName":"<script>alert(1)</script>"}"#;
    for ((status, body), why) in [
        ((429, ""), "its registry gave no answer by RDAP"),
        ((200, "<script>alert(1)</script>"), "what its registry answered is no RDAP"),
        ((200, bad), "its registry answered about another domain"),
        ((200, r#"{"ldhName":"xizuo-hostile.cn"}"#), "its registry tells no day"),
    ] {
        registry.says(DOMAIN, status, body);
        let page = shown().await;
        let why = format!("registration – {why}");
        assert!(page.contains(&why) && page.contains("The domain has expired"), "{why}: {page}");
        let settings = house.look(&house.sign_in("operator").await, "/operator/settings").await;
        assert!(settings.contains(&why), "{why}: {settings}");
        assert!(!page.contains("alert(1)"), "{page}");
    }

    // It is believed once the domain leads nowhere.
    registry.says(DOMAIN, 404, "");
    assert!(shown().await.contains("its registry does not know it, but it leads somewhere"));
    drop(names);
    let names = crate::dns::serve_addresses(name_server, &addresses[1..]).await;
    let page = shown().await;
    assert!(
        page.contains("The domain is not registered") && page.contains("By its registry (RDAP)"),
        "{page}"
    );
    assert!(!page.contains("has expired"), "{page}");
    let at = format!("/records/{}", percent(&number.to_string()));
    let filer = house.sign_in("alice").await;
    let health = house.look(&filer, &at).await;
    assert!(health.contains("Renew it at the registrar"), "{health}");
    assert!(health.contains("Begin the cancellation of the service"), "{health}");
    let csrf = house.hidden(&filer, &at, "csrf").await;
    let fields = [("csrf", csrf.as_str()), ("kind", "domain-unregistered")];
    let location = sent_to(&house, &filer, &format!("{at}/drift"), &fields).await;
    assert!(house.look(&filer, &location).await.contains(DOMAIN), "{location}");
    drop(names);
}

/// The program's rulebook with a registry of `cn`.
fn asking_of_cn() -> Rulebook {
    let snapshot = Rulebook::bundled().unwrap().snapshot();
    let mut value: serde_json::Value = serde_json::from_slice(&snapshot).unwrap();
    let file = &mut value["files"]["registries.toml"];
    let [before, after] = crate::registry::SERVICE;
    let text = file.as_str().unwrap();
    assert!(text.contains(before), "{before}");
    *file = text.replace(before, after).into();
    Rulebook::from_snapshot(value.to_string().as_bytes()).unwrap()
}

/// A record of alice's that was granted, and looked at once.
async fn granted(house: &House) -> ServiceFilingNumber {
    let order = handed_in(house).await;
    let (alice, reviewer) = (user(house, "alice").await, user(house, "reviewer").await);
    let number = OrderNumber(order);
    let revision = house.app.order(&alice, &number).await.unwrap().order.revision;
    house.app.approve_order(&reviewer, &number, revision).await.unwrap();
    house.app.work_until_idle().await;
    // What was granted is looked at after the rest.
    house.clock.advance(TimeDelta::minutes(2));
    house.app.work_until_idle().await;
    house.app.records(&alice).await.unwrap().remove(0).service_number
}

async fn sent_to(house: &House, visitor: &Visitor, path: &str, fields: &[(&str, &str)]) -> String {
    let response = house.post(Some(visitor), path, fields).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// As it stands in an address.
fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
