//! What anybody may ask without an account: can it be filed, and how; every situation in which a
//! filing stops; every rule. And what the staff sees at a glance.

use crate::support::{House, text};
use axum::http::{StatusCode, header};
use beian_domain::practice;

const ASK: &str = "/can-i-file?certificate=business-licence&province=440000";

#[tokio::test]
async fn a_stranger_learns_kind_steps_time_and_materials() {
    let house = House::with_regulator().await;
    let (status, page) = house.get(None, &format!("{ASK}&domain=xizuo-outlook.cn")).await;
    assert_eq!(status, StatusCode::OK);
    for part in [
        "class=\"verdict yes\"",
        "首次备案",
        "plan-steps",
        "主体负责人有效证件",
        "广东省管局",
        "要短信核验",
        "/start/certificate?service=website&#38;nature=enterprise&#38;domain=xizuo-outlook.cn",
    ] {
        let part = part.replace("&#38;", "&amp;");
        let found = page.contains(&part) || page.contains(&part.replace("&amp;", "&#38;"));
        assert!(found, "no {part} in {page}");
    }
    // Nothing was kept: the same question again gets the same answer, and no account has an order.
    let alice = house.sign_in("alice").await;
    assert!(!house.get(Some(&alice), "/home").await.1.contains("xizuo-outlook"));
    // With a number of its own it is another kind.
    let (_, page) = house
        .get(None, &format!("{ASK}&domain=xizuo-outlook.cn&number=%E7%B2%A4ICP%E5%A4%8715000001%E5%8F%B7"))
        .await;
    assert!(page.contains("新增网站") || page.contains("新增服务"), "{page}");
}

#[tokio::test]
async fn what_stands_in_the_way_is_said_before_anybody_registers() {
    let house = House::with_regulator().await;
    // A suffix that was never approved: uncertain, as the list is old.
    let (_, page) = house.get(None, &format!("{ASK}&domain=example.gq")).await;
    assert!(page.contains("class=\"verdict care\"") && page.contains("DOM005"), "{page}");
    // A domain that somebody else has filed.
    let holder = practice::ORGANISATIONS[1].uscc;
    let record = format!(r#"{{"certificate_number": "{holder}", "domain": "xizuo-taken.cn"}}"#);
    let (status, said) = house.steer("records", Some(&record)).await;
    assert_eq!(status, 201, "{said}");
    let (_, page) = house.get(None, &format!("{ASK}&domain=xizuo-taken.cn")).await;
    assert!(page.contains("class=\"verdict first\"") && page.contains("DOM007"), "{page}");
    assert!(page.contains("域名已备案"), "the cause is named: {page}");
}

#[tokio::test]
async fn what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost() {
    let house = House::open().await;
    let (status, page) = house.get(None, "/can-i-file?domain=192.0.2.1&certificate=x&province=990000").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for anchor in ["#domain", "#certificate", "#province"] {
        assert!(page.contains(&format!("href=\"{anchor}\"")), "{anchor}: {page}");
    }
    assert!(page.contains("value=\"192.0.2.1\""));
    let (status, page) = house.get(None, &format!("{ASK}&domain=a.cn&number=%3Cscript%3E")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!page.contains("<script>") && page.contains("#number"), "{page}");
    // No answer of the regulator is no answer at all, and said to be none.
    let (status, page) = house.get(None, &format!("{ASK}&domain=xizuo-outlook.cn")).await;
    assert!(status.is_success() && page.contains("管局暂时没有答复"), "{page}");
}

#[tokio::test]
async fn who_signs_up_comes_back_to_what_they_asked() {
    let house = House::open().await;
    let start = "/start/certificate?service=website&nature=enterprise&domain=xizuo-outlook.cn";
    let response = house.send(axum::http::Request::get(start).body(axum::body::Body::empty()).unwrap()).await;
    let sign_in = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
    let (_, page) = house.get(None, &sign_in).await;
    let from = page.find("/sign-up?back=").expect("the way to sign up keeps where they wanted to go");
    let sign_up: String = page[from..].chars().take_while(|c| *c != '"').collect();
    let (_, page) = house.get(None, &sign_up.replace("&amp;", "&").replace("&#38;", "&")).await;
    assert!(page.contains("name=\"back\" value=\"/start/certificate?service=website"), "{page}");
    let fields = [
        ("login", "newcomer"),
        ("email", "newcomer@practice.example.com"),
        ("password", "practice makes perfect"),
        ("back", start),
    ];
    let response = house.post(None, "/sign-up", &fields).await;
    assert_eq!(response.headers()[header::LOCATION], start);
    let elsewhere =
        [("login", "other"), ("email", "o@practice.example.com"), fields[2], ("back", "//evil.example")];
    let response = house.post(None, "/sign-up", &elsewhere).await;
    assert_eq!(response.headers()[header::LOCATION], "/", "nobody is sent to another site");
}

#[tokio::test]
async fn every_situation_and_every_rule_has_its_page() {
    let house = House::open().await;
    let (_, help) = house.get(None, "/help").await;
    for situation in beian_domain::Situation::ALL {
        let path = format!("/help/situations/{}", format!("{situation:?}").to_lowercase());
        assert!(help.contains(&path), "{path}");
        // As often as a visitor may: each page judges a case.
        house.clock.advance(chrono::TimeDelta::minutes(2));
        let (status, page) = house.get(None, &path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(page.contains("class=\"plan\"") && page.contains("/help/rules/"), "{path}: {page}");
        for other in page.split(&format!("{path}?case=")).skip(1) {
            let name: String = other.chars().take_while(|c| *c != '"').collect();
            house.clock.advance(chrono::TimeDelta::minutes(2));
            let (status, page) = house.get(None, &format!("{path}?case={name}")).await;
            assert_eq!(status, StatusCode::OK, "{name}");
            assert!(page.contains("aria-current=\"page\""), "{name}");
        }
    }
    let (_, rules) = house.get(None, "/help/rules").await;
    for check in beian_rules::catalogue() {
        let path = format!("/help/rules/{}", check.code);
        assert!(rules.contains(&path), "{path}");
        let (status, page) = house.get(None, &path).await;
        assert!(status.is_success() && page.contains(check.code), "{path}");
    }
    for path in ["/help/situations/s99", "/help/situations/s01?case=no-such", "/help/rules/NO1"] {
        assert_eq!(house.get(None, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_case_is_changed_and_tried() {
    let house = House::open().await;
    let path = "/help/situations/s13";
    let name = "s13-suffix-never-approved";
    let (_, page) = house.get(None, &format!("{path}?case={name}")).await;
    // As a finding, not in the list of rules below.
    let found = "<span class=\"code\">DOM005</span></summary>";
    assert!(page.contains(found), "{page}");
    let case = include_str!("../../../../examples/faq/s13-suffix-never-approved.toml");
    let domain = case.lines().find(|line| line.starts_with("domain = ")).unwrap();
    let mended = case.replace(domain, "domain = \"xizuo-lianxi.cn\"");
    let page = text(house.post(None, path, &[("name", name), ("text", &mended)]).await).await;
    assert!(!page.contains(found), "{page}");
    assert!(page.contains("xizuo-lianxi.cn"), "what was typed stays");
    let response = house.post(None, path, &[("name", name), ("text", "sponsor = <script>")]).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(response).await;
    assert!(page.contains("案卷文件读不懂") && !page.contains("<script>"), "{page}");
}

#[tokio::test]
async fn the_overview_is_the_operators() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    house.order_of(&alice).await;
    for login in ["alice", "reviewer"] {
        let visitor = house.sign_in(login).await;
        assert_eq!(house.get(Some(&visitor), "/operator/overview").await.0, StatusCode::FORBIDDEN, "{login}");
    }
    let operator = house.sign_in("operator").await;
    let (status, page) = house.get(Some(&operator), "/operator/overview").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("填写中</span></th><td class=\"figure\">1</td>"), "{page}");
    assert_eq!(page.matches("<title>").count(), 1 + 31, "the page's title and every province's");
}

#[tokio::test]
async fn the_trail_is_searched_by_order_person_and_action() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let auditor = house.sign_in("auditor").await;
    let entries = async |query: &str| {
        let (status, page) = house.get(Some(&auditor), &format!("/audit/trail?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}");
        let actions: Vec<String> = page
            .split("<td class=\"code\">")
            .skip(1)
            .map(|cell| cell.split('<').next().unwrap().to_owned())
            .collect();
        (actions, page)
    };
    let (all, _) = entries("").await;
    let (of_order, _) = entries(&format!("q={order}")).await;
    assert!(!of_order.is_empty() && of_order.len() < all.len());
    assert!(of_order.iter().all(|action| action.starts_with("order.")), "{of_order:?}");
    let (of_action, _) = entries("q=order.create").await;
    assert_eq!(of_action, ["order.create"]);
    let (of_alice, _) = entries("q=alice").await;
    assert!(of_alice.contains(&"order.create".to_owned()), "{of_alice:?}");
    let (none, page) = entries("q=%3Cb%3Eno-such").await;
    assert!(none.is_empty() && page.contains("没有与") && !page.contains("<b>no-such"), "{page}");
    let (before, _) = entries("before=2").await;
    assert_eq!(before.len(), 1, "what precedes an entry is the next page");
}
