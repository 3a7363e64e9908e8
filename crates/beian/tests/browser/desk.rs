//! The review desk by keyboard alone, in a real Chromium: from the queue to an order, its
//! materials, a return with a reason of the catalogue, and an approval with two keystrokes.

use std::time::Duration;

use beian::journey::{Visitor, practice_picture};
use beian_domain::practice;
use serde_json::json;
use thirtyfour::prelude::*;

use crate::support::Process;
use crate::support::person::{Driver, Person, Scripts};

const PASSWORD: &str = "practice makes perfect";
const FILERS: [(&str, &str, &str); 2] =
    [("shenzhen", "xizuo-desk-1.cn", "203.0.113.51"), ("beijing", "xizuo-desk-2.cn", "203.0.113.52")];

/// Presses keys where the focus is.
async fn keys(person: &Person, keys: impl Into<TypingData>) {
    person.browser.active_element().await.unwrap().send_keys(keys).await.unwrap();
}

/// Presses a key that leads to another page, and waits for it.
async fn keys_to(person: &Person, key: impl Into<TypingData>, path: &str) {
    keys(person, key).await;
    for _ in 0..400 {
        if person.path().await.starts_with(path) {
            person.find("h1").await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{} is not {path}:\n{}", person.path().await, person.text().await);
}

/// An order of a practice organisation, handed in.
async fn handed_in(base: &str, token: &str, reviewer: &Visitor, index: usize) -> String {
    let (login, domain, address) = FILERS[index];
    let (organisation, someone) = (practice::ORGANISATIONS[index], practice::PEOPLE[index]);
    let mut visitor = Visitor::new(base).unwrap();
    visitor.sign_up(login, PASSWORD, someone.email).await.unwrap();
    let server = json!({
        "reference": format!("desk-server-{index}"), "owner": login, "kind": "cloud-server",
        "division": "440300", "prepaid": true, "bought_at": "2026-01-01T00:00:00Z",
        "expires_at": "2099-01-01T00:00:00Z", "public_address": address,
    });
    visitor.report_server(token, &server).await.unwrap();
    let order = visitor.begin("enterprise", "business-licence", organisation.uscc, domain).await.unwrap();
    visitor.answer_everything(&order, organisation, someone, &format!("desk-server-{index}")).await.unwrap();
    let materials = [
        "sponsor-certificate",
        "sponsor-principal-certificate",
        "service-principal-certificate",
        "verification-form",
        "service-principal-photo",
    ];
    for (material, lines) in materials.into_iter().zip(2..) {
        visitor.hand_in(&order, material, practice_picture(lines)).await.unwrap();
    }
    if !visitor.read(&format!("/orders/{order}/check")).await.unwrap().contains("name=\"declared\"") {
        reviewer.attest(&order).await.unwrap();
    }
    visitor.submit(&order).await.unwrap();
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_is_worked_by_keyboard_alone() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let arguments =
        ["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap(), "--poll-seconds", "1"];
    let server = Process::start(&arguments, |line| line.starts_with("Stop with"));
    let base = server.value_after("beian is at ");
    let password = server.value_after("reviewer").split_whitespace().last().unwrap().to_owned();
    let token = server.value_after("-H 'Authorization: Bearer ").trim_end_matches("' \\").to_owned();
    let mut reviewer = Visitor::new(&base).unwrap();
    reviewer.sign_in("reviewer", &password).await.unwrap();
    let first = handed_in(&base, &token, &reviewer, 0).await;
    let second = handed_in(&base, &token, &reviewer, 1).await;
    let driver = Driver::start();
    let person = Person::sit_down(&driver, &base, Scripts::On).await;

    // Signed in by typing, Tab and Enter.
    person.open("/sign-in").await;
    person.type_into("login", "reviewer").await;
    keys(&person, Key::Tab).await;
    keys(&person, password.as_str()).await;
    keys_to(&person, Key::Enter, "/review").await;
    person.picture("60-queue").await;

    // Down to the first order, ticked and unticked, and opened.
    keys(&person, "j").await;
    keys(&person, "x").await;
    let tick = person.find(&format!("#tick-{first}")).await;
    assert!(tick.is_selected().await.unwrap(), "what waits longest is first");
    keys(&person, "x").await;
    assert!(!tick.is_selected().await.unwrap());
    keys_to(&person, Key::Enter, &format!("/review/{first}")).await;

    // Taken; the page says so.
    keys(&person, "c").await;
    person.find("#claim button[value='release']").await;
    person.picture("61-case").await;

    // The materials: enlarged, and the next one.
    let width = async || {
        let picture = person.find(".viewer-picture img").await;
        picture.rect().await.unwrap().width
    };
    let fit = width().await;
    keys(&person, "z").await;
    assert!((width().await / fit - 2.0).abs() < 0.1, "twice as wide");
    person.picture("62-zoom").await;
    keys(&person, "z").await;
    keys(&person, "z").await;
    assert!((width().await / fit - 1.0).abs() < 0.1, "and as it was");

    // To the second material; it is returned with a reason of the catalogue.
    keys(&person, "m").await;
    keys(&person, "m").await;
    keys(&person, "x").await;
    let focus = person.browser.active_element().await.unwrap();
    let name = focus.attr("name").await.unwrap().unwrap_or_default();
    assert!(name.starts_with("standard-materials-"), "the reason is where the focus is: {name}");
    keys(&person, Key::Down).await;
    keys(&person, Key::Escape).await;
    person.picture("63-reason").await;
    keys(&person, "r").await;
    keys_to(&person, Key::Enter, &format!("/review/{second}")).await;
    assert!(person.text().await.contains(&format!("{first} 已处理")), "what was decided, and the next one");

    // Two keystrokes approve.
    keys(&person, "?").await;
    assert!(person.find(".keys dl").await.is_displayed().await.unwrap());
    keys(&person, "a").await;
    keys(&person, Key::Enter).await;
    person.find("p.banner").await;
    for _ in 0..400 {
        if person.path().await == "/review" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(person.path().await, "/review", "nothing waits any more");
    assert!(person.text().await.contains(&format!("{second} 已处理")));

    // Search by keyboard, and what came of it.
    keys(&person, "/").await;
    keys(&person, FILERS[0].1).await;
    keys(&person, Key::Enter).await;
    person.find("table.queue .tag.bad").await;
    assert!(person.text().await.contains("初审退回"));
    let mut filer = Visitor::new(&base).unwrap();
    filer.sign_in(FILERS[0].0, PASSWORD).await.unwrap();
    let page = filer.read(&format!("/orders/{first}")).await.unwrap();
    assert!(page.contains("图片模糊、反光或被遮挡"), "{page}");
    person.open("/statistics").await;
    person.picture("64-statistics").await;
    person.leave().await;
}
