//! The rulebook on the operator's desk.

use crate::support::{House, Visitor, signing_key, text};
use axum::http::{StatusCode, header};
use beian_rules::{Rulebook, SignedBundle};

/// The program's rulebook, but a server must be bought for five years.
fn strict() -> Rulebook {
    let mut value: serde_json::Value =
        serde_json::from_slice(&Rulebook::bundled().unwrap().snapshot()).unwrap();
    let file = &mut value["files"]["provider.toml"];
    let before = "resource-term-months = [{ value = 3,";
    let text = file.as_str().unwrap();
    assert!(text.contains(before));
    *file = text.replace(before, "resource-term-months = [{ value = 60,").into();
    Rulebook::from_snapshot(value.to_string().as_bytes()).unwrap()
}

#[tokio::test]
async fn an_operator_swaps_the_rulebook_and_sees_what_changes() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    house.answer(&alice, &order, "resource", ("access-resource", "srv-1")).await;
    let operator = house.sign_in("operator").await;
    let desk = "/operator/rulebook";
    let before = house.app.rulebook().digest().to_owned();
    let bundle = SignedBundle::seal(&strict(), &signing_key(), "2026-11-23".parse().unwrap());

    // What is wrong is said in its own words, and changes nothing.
    let mut damaged = bundle.clone();
    damaged[200] ^= 1;
    for path in [desk, "/operator/rulebook/try"] {
        let response = house.upload_from(&operator, desk, path, &damaged).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(response).await.contains("expected a signature of the key"));
    }
    // What it would change, before it is installed.
    let response = house.upload_from(&operator, desk, "/operator/rulebook/try", &bundle).await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = text(response).await;
    assert!(
        page.contains(&order) && page.contains("ACC006") && page.contains("resource-term-months"),
        "{page}"
    );
    assert_eq!(house.app.rulebook().digest(), before);

    let response = house.upload_from(&operator, desk, desk, &bundle).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let to = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
    assert_ne!(house.app.rulebook().digest(), before);
    for language in ["zh", "en"] {
        let visitor = Visitor { cookie: format!("{}; lang={language}", operator.cookie) };
        let (status, page) = house.get(Some(&visitor), &to).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains(&order) && page.contains("ACC006") && !page.contains('⟦'), "{page}");
        assert!(page.contains("2026"), "since when");
    }
    let (_, check) = house.get(Some(&alice), &format!("/orders/{order}/check")).await;
    assert!(check.contains("ACC006"), "it judges from the next request on");
    // A digest that never judged here is said to be missing.
    let (status, page) = house.get(Some(&operator), &format!("{desk}?from={}", "0".repeat(64))).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("found none"), "{page}");
}
