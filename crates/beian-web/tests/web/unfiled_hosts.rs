//! Unfiled hosts by forms alone, and by the API.

use crate::support::{House, Visitor, text};
use axum::http::{StatusCode, header};

const REPORT: &str = r#"{"domain":"xizuo-shop.cn","standing":"not-filed","lines":40,"last_seen":"2026-11-28T23:59:59+08:00","sample_url":"http://www.xizuo-shop.cn/<script>"}
{"domain":"xn--85x722f.cn","standing":"blacklisted","lines":2,"sample_url":""}
{"summary":{}}
"#;
const PAGE: &str = "/operator/unfiled-hosts";

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_brings_a_report_and_settles_what_it_found() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let operator = Visitor { cookie: format!("{}; lang=en", operator.cookie) };
    assert!(house.look(&operator, PAGE).await.contains("No unfiled host is open."));
    let csrf = house.hidden(&operator, PAGE, "csrf").await;
    let response = house.upload(&operator, PAGE, b"<html>").await;
    assert!(text(response).await.contains("The file has no finding of an audit."));
    let response = house.upload(&operator, PAGE, REPORT.as_bytes()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = text(response).await;
    assert!(page.contains("2 domains kept") && page.contains("being looked up"), "{page}");
    assert!(page.contains("www.xizuo-shop.cn") && page.contains("Blacklisted") && !page.contains("<script>"));

    let shown = house.look(&operator, PAGE).await;
    let button = shown.split("value=\"closed ").nth(1).unwrap().split('"').next().unwrap();
    let (id, revision) = button.split_once(' ').unwrap();
    assert_eq!(revision, "1");
    let path = format!("{PAGE}/settle");
    for (pressed, status) in [
        (format!("closed {id} 7"), StatusCode::CONFLICT),
        (format!("filed {id} 1"), StatusCode::BAD_REQUEST),
        (format!("closed {id}"), StatusCode::BAD_REQUEST),
        (format!("closed {id} 1"), StatusCode::SEE_OTHER),
    ] {
        let fields = [("csrf", csrf.as_str()), ("settle", pressed.as_str())];
        let response = house.post(Some(&operator), &path, &fields).await;
        assert_eq!(response.status(), status, "{pressed}");
        if status == StatusCode::SEE_OTHER {
            assert_eq!(response.headers()[header::LOCATION], format!("{PAGE}?done=settled"));
        }
    }
    let page = house.look(&operator, &format!("{PAGE}?done=settled")).await;
    assert!(page.contains("1 open") && page.contains("1 settled"), "{page}");
}
