//! What is not as it was filed, by forms alone: for the operator, and for the holder of a record.
#![cfg(test)]

#[path = "../../beian-app/tests/support/dns.rs"]
mod dns;
mod support;

use axum::http::{StatusCode, header};
use beian_app::NameServer;
use beian_domain::OrderNumber;
use chrono::TimeDelta;
use support::{House, Visitor, handed_in, text, user};

const PAGE: &str = "/operator/drift";

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
    let name_server = dns::free_address();
    let names = dns::serve_addresses(name_server, &[("xizuo-hostile.cn", "9.9.9.9")]).await;
    let house = House::looking(NameServer::At(name_server)).await;
    let order = handed_in(&house).await;
    let (alice, reviewer) = (user(&house, "alice").await, user(&house, "reviewer").await);
    let number = OrderNumber(order);
    let revision = house.app.order(&alice, &number).await.unwrap().order.revision;
    house.app.approve_order(&reviewer, &number, revision).await.unwrap();
    house.app.work_until_idle().await;
    // What was granted is looked at after the rest.
    house.clock.advance(TimeDelta::minutes(2));
    house.app.work_until_idle().await;
    let record = house.app.records(&alice).await.unwrap().remove(0);
    let at = format!("/records/{}", percent(&record.service_number.to_string()));
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
        &record.service_number.to_string(),
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
    let behind = format!("{PAGE}?after=100_{}", percent(&record.service_number.to_string()));
    assert!(!house.look(&operator, &behind).await.contains("Leads to"));
    assert!(house.look(&operator, &format!("{PAGE}?class=x&after=y&done=z")).await.contains("Leads to"));
    assert!(house.look(&operator, "/operator/overview").await.contains("1 record is not as it was filed"));
    let settings = house.look(&operator, "/operator/settings").await;
    assert!(settings.contains("Number on the page – the domain does not lead here (1)"), "{settings}");

    // Told, once.
    let csrf = house.hidden(&operator, PAGE, "csrf").await;
    let service = record.service_number.to_string();
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

async fn sent_to(house: &House, visitor: &Visitor, path: &str, fields: &[(&str, &str)]) -> String {
    let response = house.post(Some(visitor), path, fields).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// As it stands in an address.
fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
