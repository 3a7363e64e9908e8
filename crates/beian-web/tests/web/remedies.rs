//! Ways out that are buttons, the route to a number, and papers.

use crate::support::{House, Visitor, text};
use axum::http::{StatusCode, header};
use beian_domain::practice;

/// The hidden `action` fields of a page.
fn actions(page: &str) -> Vec<String> {
    page.split("name=\"action\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().replace("&#34;", "\"").replace("&quot;", "\""))
        .collect()
}

async fn press(house: &House, visitor: &Visitor, order: &str, action: &str, from: &str) -> StatusCode {
    let page = format!("/orders/{order}/edit/sponsor-name");
    let csrf = house.hidden(visitor, &page, "csrf").await;
    let revision = house.hidden(visitor, &page, "revision").await;
    let fields =
        [("csrf", csrf.as_str()), ("revision", revision.as_str()), ("from", from), ("action", action)];
    let response = house.post(Some(visitor), &format!("/orders/{order}/remedy"), &fields).await;
    if response.status().is_redirection() {
        let to = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
        assert!(to.starts_with(&format!("/orders/{order}")), "{to}");
    }
    response.status()
}

#[tokio::test]
async fn a_button_does_what_the_verdict_offers_and_nothing_else() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let check = format!("/orders/{order}/check");
    let (_, page) = house.get(Some(&alice), &check).await;
    let offered = actions(&page);
    let resource = offered.iter().find(|action| action.contains("/access/resource")).unwrap_or_else(|| {
        panic!("the account has a server that fits: {offered:?}");
    });
    // A forged one is refused: another value, another kind, nonsense.
    for (forged, expected) in [
        (r#"{"kind":"replace","pointer":"/sponsor/name","value":"改名公司"}"#, StatusCode::CONFLICT),
        (r#"{"kind":"provide","paper":"bureau-confirmation"}"#, StatusCode::CONFLICT),
        (r#"{"kind":"use-kind","filing":"add-access"}"#, StatusCode::CONFLICT),
        ("{\"kind\":", StatusCode::BAD_REQUEST),
        (r#"{"kind":"no-such-thing"}"#, StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(press(&house, &alice, &order, forged, "check").await, expected, "{forged}");
    }
    let (_, page) = house.get(Some(&alice), &check).await;
    assert!(!page.contains("改名公司"));
    // Nobody is led to another house by it.
    assert_eq!(press(&house, &alice, &order, resource, "//evil.example").await, StatusCode::SEE_OTHER);
    let (_, page) = house.get(Some(&alice), &check).await;
    assert!(page.contains("<span class=\"value\">srv-1</span>"), "{page}");
    // Once it is done it is not offered any more.
    assert_eq!(press(&house, &alice, &order, resource, "check").await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_paper_is_said_to_be_at_hand_and_taken_back() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let check = format!("/orders/{order}/check");
    // Guangdong wants a pledge.
    house.answer(&alice, &order, "division", ("sponsor-division", "440305")).await;
    let (_, page) = house.get(Some(&alice), &check).await;
    let offered = actions(&page);
    let pledge = offered.iter().find(|action| action.contains("\"paper\":\"pledge\"")).unwrap();
    assert!(page.contains("已备好"), "{page}");
    assert_eq!(press(&house, &alice, &order, pledge, "tasks").await, StatusCode::SEE_OTHER);
    let remove = format!("/orders/{order}/papers/pledge/remove");
    for path in [&check, &format!("/orders/{order}/tasks")] {
        let (_, page) = house.get(Some(&alice), path).await;
        assert!(page.contains(&remove) && page.contains("承诺书"), "{path}: {page}");
        assert!(!actions(&page).contains(pledge), "{path}");
    }
    let form = format!("/orders/{order}/edit/sponsor-name");
    let csrf = house.hidden(&alice, &form, "csrf").await;
    let revision = house.hidden(&alice, &form, "revision").await;
    let fields = [("csrf", csrf.as_str()), ("revision", revision.as_str()), ("from", "check")];
    let response = house.post(Some(&alice), &remove, &fields).await;
    assert_eq!(response.headers()[header::LOCATION].to_str().unwrap(), check);
    let (_, page) = house.get(Some(&alice), &check).await;
    assert!(actions(&page).contains(pledge) && !page.contains(&remove));
    let unknown = format!("/orders/{order}/papers/no-such-paper/remove");
    assert_eq!(house.post(Some(&alice), &unknown, &fields).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn optional_answers_are_kept_and_taken_back() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let page = format!("/orders/{order}/edit/certificate");
    let base = [
        ("sponsor-certificate-kind", "business-licence"),
        ("sponsor-certificate-number", practice::ORGANISATIONS[0].uscc),
    ];
    let mut fields = base.to_vec();
    fields.extend([
        ("sponsor-certificate-former-number", practice::ORGANISATIONS[0].former_licence),
        ("sponsor-certificate-former-kind", "business-licence"),
        ("sponsor-certificate-former-whereabouts", "at-hand"),
    ]);
    assert!(house.send_form(&alice, &page, &fields).await.status().is_redirection());
    let (_, check) = house.get(Some(&alice), &format!("/orders/{order}/check")).await;
    assert!(check.contains(practice::ORGANISATIONS[0].former_licence) && check.contains("还在，可以扫描"));
    let (_, form) = house.get(Some(&alice), &page).await;
    assert!(form.contains("<details class=\"more\" open"), "what was stated is not hidden");
    assert!(house.send_form(&alice, &page, &base).await.status().is_redirection());
    let (_, check) = house.get(Some(&alice), &format!("/orders/{order}/check")).await;
    assert!(!check.contains(practice::ORGANISATIONS[0].former_licence) && !check.contains("原证件"));

    let website = format!("/orders/{order}/edit/website");
    let fields = [
        ("service-domain", "xizuo-hostile.cn"),
        ("service-registration-registrar", "overseas"),
        ("service-registration-holder", "sponsor"),
        ("service-registration-expires-on-year", "2027"),
        ("service-registration-expires-on-month", "2"),
        ("service-registration-expires-on-day", "28"),
    ];
    house.send_form(&alice, &website, &fields).await;
    let (_, check) = house.get(Some(&alice), &format!("/orders/{order}/check")).await;
    assert!(check.contains("境外注册商") && check.contains("2027年2月28日"), "{check}");
    let wrong = house.send_form(
        &alice,
        &website,
        &[("service-domain", "xizuo-hostile.cn"), ("service-registration-real-named-on-year", "2026")],
    );
    let wrong = wrong.await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(wrong).await.contains("href=\"#service-registration-real-named-on-year\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_begin_sees_the_route_all_the_same() {
    let house = House::with_regulator().await;
    let alice = house.sign_in("alice").await;
    let path = "/start/certificate?nature=enterprise&domain=xizuo-blocked.rocks";
    let csrf = house.hidden(&alice, path, "csrf").await;
    let fields = [
        ("csrf", csrf.as_str()),
        ("nature", "enterprise"),
        ("domain", "xizuo-blocked.rocks"),
        ("sponsor-certificate-kind", "business-licence"),
        ("sponsor-certificate-number", practice::ORGANISATIONS[0].uscc),
    ];
    for (language, words) in [("zh", "到备案号的路线"), ("en", "The route to the number")] {
        let visitor = Visitor { cookie: format!("{}; lang={language}", alice.cookie) };
        let response = house.post(Some(&visitor), "/start/certificate", &fields).await;
        assert_eq!(response.status(), StatusCode::CONFLICT);
        let page = text(response).await;
        assert!(page.contains(words) && page.contains("plan-steps") && !page.contains('⟦'), "{page}");
    }
    // A former number that cannot be one is said at its field.
    let mut with_former = fields.to_vec();
    with_former.push(("sponsor-certificate-former-number", "1234"));
    let response = house.post(Some(&alice), "/start/certificate", &with_former).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(response).await.contains("href=\"#sponsor-certificate-former-number\""));
}
