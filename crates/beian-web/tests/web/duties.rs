//! The provider's duties by forms alone, in both languages, against a practice regulator over HTTP.

use crate::support::{House, Visitor, text};
use axum::http::{StatusCode, header};
use beian_domain::practice;

/// Tells the regulator to do something.
async fn steer(house: &House, path: &str, body: String) {
    let (status, text) = house.steer(path, Some(&body)).await;
    assert!((200..300).contains(&status), "{path}: {text}");
}

/// The page of the first duty of a list.
fn first(list: &str) -> String {
    let at = list.find("/operator/duties/").unwrap();
    list[at..].split('"').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfiled_site_is_worked_through_by_forms() {
    let house = House::with_regulator().await;
    let operator = house.sign_in("operator").await;
    assert!(house.look(&operator, "/operator/duties").await.contains("Nothing is to be done."));
    let site = r#"{"sites": [{"domain": "xizuo-<b>.cn", "address": "203.0.113.10"}]}"#;
    // A domain is a domain: nothing else gets onto a list here.
    assert_eq!(house.steer("duties/unfiled-sites", Some(site)).await.0, 400);
    steer(&house, "duties/unfiled-sites", site.replace("<b>", "unfiled")).await;
    house.app.work_until_idle().await;

    let list = house.look(&operator, "/operator/duties").await;
    assert!(list.contains("xizuo-unfiled.cn") && list.contains("5 working days left"), "{list}");
    let path = first(&list);
    let shown = house.look(&operator, &path).await;
    assert!(shown.contains("203.0.113.10") && shown.contains("Our record"), "{shown}");

    // What is missing is told at its field.
    let english = Visitor { cookie: format!("{}; lang=en", operator.cookie) };
    for (answers, anchor) in [
        (vec![("opinion", "已关闭")], "#handling-1"),
        (vec![("handling", "closed")], "#opinion"),
        (vec![("handling", "closed"), ("opinion", "已关闭😀")], "#opinion"),
    ] {
        let response = house.send_form(&english, &path, &answers).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let body = text(response).await;
        assert!(body.contains(&format!("href=\"{anchor}\"")), "{answers:?}: {body}");
    }
    let answers = [("handling", "closed"), ("opinion", "已关闭"), ("reporter", "练习员")];
    let csrf = house.hidden(&operator, &path, "csrf").await;
    let late = [&[("csrf", csrf.as_str()), ("revision", "0")], &answers[..]].concat();
    let response = house.post(Some(&operator), &path, &late).await;
    assert_eq!(response.status(), StatusCode::CONFLICT, "somebody else was first");
    let response = house.send_form(&operator, &path, &answers).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/operator/duties?done=reported");
    assert!(house.look(&operator, &path).await.contains("not there yet"));
    house.app.work_until_idle().await;
    let shown = house.look(&operator, &path).await;
    assert!(shown.contains("With the regulator") && shown.contains("file no. 1"), "{shown}");
    assert!(!shown.contains("<textarea"), "it cannot be reported twice");
    assert!(house.look(&operator, "/operator/duties?list=done").await.contains("xizuo-unfiled.cn"));
    assert!(house.look(&operator, "/operator/duties?list=overdue").await.contains("Nothing is overdue."));
    // A mark that nobody made, and a duty that is none.
    house.look(&operator, "/operator/duties?after=99999999999999999_x").await;
    assert_eq!(house.get(Some(&operator), "/operator/duties/none").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_shows_people_only_when_asked_and_says_who_looked() {
    let house = House::with_regulator().await;
    let operator = house.sign_in("operator").await;
    let seed = format!(
        r#"{{"certificate_number": "{}", "domain": "xizuo-seeded.cn", "provider": 440000000001}}"#,
        practice::ORGANISATIONS[0].uscc
    );
    steer(&house, "records", seed).await;
    let (_, records) = house.steer("records", None).await;
    let records: serde_json::Value = serde_json::from_str(&records).unwrap();
    let sponsor = &records["records"][0]["id"];
    steer(&house, "duties/verifications", format!(r#"{{"sponsor": {sponsor}}}"#)).await;
    house.app.work_until_idle().await;

    let path = first(&house.look(&operator, "/operator/duties").await);
    let name = practice::ORGANISATIONS[0].name;
    let shown = house.look(&operator, &path).await;
    assert!(!shown.contains(name) && shown.contains("Show personal data"), "{shown}");
    let csrf = house.hidden(&operator, &path, "csrf").await;
    let plain = house.post(Some(&operator), &format!("{path}/show"), &[("csrf", &csrf)]).await;
    assert!(text(plain).await.contains(name));
    assert!(house.look(&house.sign_in("auditor").await, "/audit/trail").await.contains("duty.show"));

    let answers = [("outcome", "untrue"), ("opinion", "不属实"), ("reporter", "练习员")];
    let refused = house.send_form(&operator, &path, &answers).await;
    assert!(text(refused).await.contains("href=\"#faults\""), "what was wrong has to be said");
    let answers = [&answers[..], &[("faults", "电话不通")]].concat();
    let response = house.send_form(&operator, &path, &answers).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    house.app.work_until_idle().await;
    assert!(house.look(&operator, &path).await.contains("With the regulator"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_an_operator_sees_a_duty() {
    let house = House::with_regulator().await;
    let site = r#"{"sites": [{"domain": "xizuo-unfiled.cn", "address": "203.0.113.10"}]}"#;
    steer(&house, "duties/unfiled-sites", site.to_owned()).await;
    house.app.work_until_idle().await;
    let operator = house.sign_in("operator").await;
    let path = first(&house.look(&operator, "/operator/duties").await);
    for login in ["alice", "reviewer", "regulator"] {
        let visitor = house.sign_in(login).await;
        for page in ["/operator/duties", &path] {
            assert_eq!(house.get(Some(&visitor), page).await.0, StatusCode::FORBIDDEN, "{login} {page}");
        }
        for page in [path.clone(), format!("{path}/show")] {
            let response = house.post(Some(&visitor), &page, &[("revision", "1")]).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{login} {page}");
        }
    }
    // A form without the token of the session does nothing.
    let response = house.post(Some(&operator), &path, &[("revision", "1"), ("handling", "closed")]).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let anybody = house.get(None, &path).await;
    assert_eq!(anybody.0, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_shows_unfiled_sites_by_how_urgent_they_are() {
    let house = House::with_regulator().await;
    // Days pass, and sessions with them.
    let operator = async || house.sign_in("operator").await;
    let overview = async || house.look(&operator().await, "/operator/overview").await;
    assert!(overview().await.contains("No unfiled site waits for its report."));
    let list = async |numbers: std::ops::Range<u32>| {
        let site = |n| format!(r#"{{"domain": "xizuo-unfiled-{n}.cn", "address": "203.0.113.{n}"}}"#);
        let sites: Vec<String> = numbers.map(site).collect();
        steer(&house, "duties/unfiled-sites", format!(r#"{{"sites": [{}]}}"#, sites.join(","))).await;
        house.app.work_until_idle().await;
    };
    list(1..4).await;
    let page = overview().await;
    assert!(page.contains("Overdue 0") && page.contains("Later 3"), "{page}");
    // Five working days, and the days in between that are none.
    house.clock.advance(chrono::TimeDelta::days(6));
    list(4..9).await;
    let page = overview().await;
    assert!(page.contains("Due within a working day 3") && page.contains("Later 5"), "{page}");
    assert!(page.contains("class=\"due-duties\""), "and in the calendar");
    house.clock.advance(chrono::TimeDelta::days(3));
    let page = overview().await;
    assert!(page.contains("Overdue 3") && page.contains("Later 5"), "{page}");
    assert_eq!(page.matches("href=\"/operator/duties/").count(), 5, "the first by name");
    let path = first(page.split("due-list").nth(1).unwrap());
    let shown = house.look(&operator().await, &path).await;
    assert!(
        shown.contains("xizuo-unfiled-") && shown.contains("name=\"handling\""),
        "where it is worked on: {shown}"
    );
    assert!(page.contains("/operator/duties?list=overdue"));

    // What is reported waits no more.
    let answers = [("handling", "closed"), ("opinion", "已关闭"), ("reporter", "练习员")];
    assert_eq!(house.send_form(&operator().await, &path, &answers).await.status(), StatusCode::SEE_OTHER);
    assert!(overview().await.contains("Overdue 2"));
}
