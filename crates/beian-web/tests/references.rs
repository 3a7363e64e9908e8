//! The pages of what is held against the regulator's files, in both languages.
#![cfg(test)]

mod support;

use axum::http::StatusCode;
use beian_domain::practice;
use support::{House, text};

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_where_the_tables_differ() {
    let house = House::with_regulator().await;
    let operator = house.sign_in("operator").await;
    let path = "/operator/code-tables";
    assert!(house.look(&operator, path).await.contains("has sent no code tables yet"));
    let codes = r#"{"contents": [[34, "<i>练习</i>"]]}"#;
    assert_eq!(house.steer("code-tables", Some(codes)).await.0, 201);
    house.app.work_until_idle().await;
    let page = house.look(&operator, path).await;
    assert!(
        page.contains("Contents of services") && page.contains("1 code in use at the regulator"),
        "{page}"
    );
    assert!(page.contains("The same as ours."), "{page}");
    assert!(page.contains("练习") && !page.contains("<i>"), "what the regulator wrote is text: {page}");
    let file = page.split("/operator/code-tables?file=").nth(1).unwrap().split('"').next().unwrap();
    house.look(&operator, &format!("{path}?file={file}")).await;
    assert_eq!(house.get(Some(&operator), &format!("{path}?file=none")).await.0, StatusCode::NOT_FOUND);
    // What it would change, putting it into use, and taking it back.
    let fields = [("file", file), ("table", "contents")];
    let (status, page) = house.post(&operator, &format!("{path}/try"), &fields).await;
    let page = text(&page);
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("What the table “Contents of services” would change") && page.contains("service-contents"));
    assert!(!page.contains("in use from"), "{page}");
    let done = house.post_and_follow(&operator, path, &fields).await;
    assert!(done.contains("The table is in use") && done.contains("Take out of use"), "{done}");
    let done = house.post_and_follow(&operator, &format!("{path}/back"), &fields).await;
    assert!(done.contains("The table is out of use") && !done.contains("Take out of use"), "{done}");
    let natures = [("file", file), ("table", "natures")];
    let (status, page) = house.post(&operator, path, &natures).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&page).contains("This table cannot be put into use"));
    for wrong in [[("file", file), ("table", "nothing")], [("file", "none"), ("table", "contents")]] {
        assert_eq!(house.post(&operator, path, &wrong).await.0, StatusCode::NOT_FOUND);
    }

    let alice = house.sign_in("alice").await;
    assert_eq!(house.get(Some(&alice), path).await.0, StatusCode::FORBIDDEN);
    assert_eq!(house.post(&alice, path, &fields).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_where_a_synchronisation_differs_and_takes_it_away() {
    let house = House::with_regulator().await;
    let operator = house.sign_in("operator").await;
    let path = "/operator/reconcile";
    assert!(house.look(&operator, path).await.contains("has sent no full synchronisation yet"));
    let seed = format!(
        r#"{{"certificate_number": "{}", "domain": "xizuo-foreign.cn", "provider": 440000000001}}"#,
        practice::ORGANISATIONS[0].uscc
    );
    assert_eq!(house.steer("records", Some(&seed)).await.0, 201);
    assert_eq!(house.steer("synchronisation", Some("")).await.0, 201);
    house.app.work_until_idle().await;
    let page = house.look(&operator, path).await;
    assert!(page.contains("Only at the regulator") && page.contains("xizuo-foreign.cn"), "{page}");
    assert!(!page.contains(practice::ORGANISATIONS[0].name), "{page}");
    let day = house.hidden(&operator, path, "day").await;
    let csrf = house.hidden(&operator, path, "csrf").await;
    let fields = [("csrf", csrf.as_str()), ("day", day.as_str()), ("format", "csv")];
    let file = house.post(Some(&operator), path, &fields).await;
    assert_eq!(file.status(), StatusCode::OK);
    assert!(text(file).await.contains("xizuo-foreign.cn"));
    assert!(
        house.look(&house.sign_in("auditor").await, "/audit/trail").await.contains("reconciliation.export")
    );
    let fields = [("csrf", csrf.as_str()), ("day", "2020-01-01"), ("format", "csv")];
    assert_eq!(house.post(Some(&operator), path, &fields).await.status(), StatusCode::NOT_FOUND);
}
