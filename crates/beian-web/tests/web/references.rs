//! The pages of what is held against the regulator's files, in both languages.

use crate::support::{House, text};
use axum::http::StatusCode;
use beian_domain::practice;

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
    let csrf = house.hidden(&operator, path, "csrf").await;
    let fields = |file, table| [("csrf", csrf.as_str()), ("file", file), ("table", table)];
    let tried = house.post(Some(&operator), &format!("{path}/try"), &fields(file, "contents")).await;
    assert_eq!(tried.status(), StatusCode::OK);
    let page = text(tried).await;
    assert!(page.contains(r#"id="impact""#) && page.contains("service-contents"), "{page}");
    let used = |page: &str| page.contains("Take out of use");
    assert!(!used(&house.look(&operator, path).await), "a trial changes nothing");
    for (action, said, is_used) in [
        (path.to_owned(), "The table is in use", true),
        (format!("{path}/back"), "The table is out of use", false),
    ] {
        let done = house.post(Some(&operator), &action, &fields(file, "contents")).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER);
        let to = done.headers()["location"].to_str().unwrap();
        let page = house.look(&operator, to).await;
        assert!(page.contains(said) && used(&page) == is_used, "{page}");
    }
    let natures = house.post(Some(&operator), path, &fields(file, "natures")).await;
    assert_eq!(natures.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(natures).await.contains(r#"role="alert""#));
    for (file, table) in [(file, "nothing"), ("none", "contents")] {
        let nowhere = house.post(Some(&operator), path, &fields(file, table)).await;
        assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
    }
    let forged = house.post(Some(&operator), path, &[("file", file), ("table", "contents")]).await;
    assert!(forged.status().is_client_error());
    assert!(!used(&house.look(&operator, path).await));

    let alice = house.sign_in("alice").await;
    assert_eq!(house.get(Some(&alice), path).await.0, StatusCode::FORBIDDEN);
    let csrf = house.hidden(&alice, "/notices", "csrf").await;
    let hers = [("csrf", csrf.as_str()), ("file", file), ("table", "contents")];
    assert_eq!(house.post(Some(&alice), path, &hers).await.status(), StatusCode::FORBIDDEN);
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
