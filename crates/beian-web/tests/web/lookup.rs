//! What anybody may ask: about filings, and about numbers.

use crate::support::{House, text};
use axum::http::StatusCode;
use beian_domain::practice;

#[tokio::test]
async fn a_name_that_nobody_filed_under_is_not_known_rather_than_not_filed() {
    let house = House::open().await;
    for asked in
        ["%E4%B9%A0%E4%BD%9C%E6%9C%89%E9%99%90%E5%85%AC%E5%8F%B8", "%E7%B2%A4ICP%E5%A4%872026000009%E5%8F%B7"]
    {
        let (status, page) = house.get(None, &format!("/lookup?q={asked}")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("暂时查不到") || page.contains("Not known"), "{page}");
    }
    let (_, answer) = house.get(None, "/api/v1/lookup?name=%E4%B9%A0%E4%BD%9C").await;
    assert!(answer.contains("unknown"), "{answer}");
}

#[tokio::test]
async fn a_mistyped_number_is_told_and_nothing_of_it_is_kept() {
    let house = House::open().await;
    let uscc = practice::ORGANISATIONS[0].uscc;
    let mistyped = format!("{}1", &uscc[..17]);
    let resident = practice::PEOPLE[0].resident_id;
    for (form, number, is_right) in [
        ("social-credit", uscc, true),
        ("social-credit", mistyped.as_str(), false),
        ("social-credit", "", false),
        ("social-credit", "<script>", false),
        ("resident-id", resident, true),
        ("resident-id", &resident[..17], false),
        ("organisation-code", "000000001", false),
        ("filing", "粤ICP备2026000001号-1", true),
        ("filing", "粤ICP备 2026000001 号", true),
        ("filing", "粤ICP备20260号", false),
        ("no-such-form", uscc, true),
    ] {
        let response = house.post(None, "/check-number", &[("form", form), ("number", number)]).await;
        assert_eq!(response.status(), StatusCode::OK);
        let page = text(response).await;
        assert_eq!(page.contains("格式正确"), is_right, "{form} {number}: {page}");
        assert_eq!(page.contains("aria-invalid"), !is_right, "{form} {number}");
        assert!(!page.contains("<script>\""), "{page}");
    }
    let response =
        house.post(None, "/check-number", &[("form", "social-credit"), ("number", &mistyped)]).await;
    assert!(text(response).await.contains(uscc.chars().last().unwrap()), "what the last character would be");
}
