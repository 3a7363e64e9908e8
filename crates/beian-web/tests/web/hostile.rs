//! What comes from outside is hostile: forged forms, other people's orders,
//! scripts in answers, files that are too large, two tabs, malformed bodies.

use crate::support::{House, PASSWORD, text};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use beian_app::Secret;

#[tokio::test]
async fn a_form_without_the_token_changes_nothing() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let path = format!("/orders/{order}/edit/sponsor-name");
    let revision = house.hidden(&alice, &path, "revision").await;
    for csrf in ["", "0000"] {
        let fields = [("csrf", csrf), ("revision", revision.as_str()), ("sponsor-name", "改名公司")];
        let response = house.post(Some(&alice), &path, &fields).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(text(response).await.contains("改名公司"), "what was typed is not lost");
    }
    assert_eq!(house.hidden(&alice, &path, "revision").await, revision);
    // The token of somebody else's session is none.
    let mallory = house.sign_in("mallory").await;
    let csrf = house.hidden(&mallory, "/start", "csrf").await;
    let fields = [("csrf", csrf.as_str()), ("revision", revision.as_str()), ("sponsor-name", "改名公司")];
    assert_eq!(house.post(Some(&alice), &path, &fields).await.status(), StatusCode::FORBIDDEN);
}

/// The value of a hidden field on a page.
fn hidden_in<'a>(page: &'a str, name: &str) -> &'a str {
    let from = format!("name=\"{name}\" value=\"");
    let start = page.find(&from).unwrap_or_else(|| panic!("no {name} in {page}")) + from.len();
    page[start..].split('"').next().unwrap()
}

#[tokio::test]
async fn what_was_typed_outlives_the_session_and_is_nobody_elses() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let path = format!("/orders/{order}/edit/sponsor-name");
    let revision = house.hidden(&alice, &path, "revision").await;
    let csrf = house.hidden(&alice, &path, "csrf").await;
    let typed = [("csrf", csrf.as_str()), ("revision", revision.as_str()), ("sponsor-name", "改名公司")];
    house.post(Some(&alice), "/sign-out", &[("csrf", &csrf)]).await;

    let response = house.post(Some(&alice), &path, &typed).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let page = text(response).await;
    assert!(!page.contains("改名公司"), "it is sealed: the next one at this screen reads nothing");
    let kept = hidden_in(&page, "kept").to_owned();

    // A wrong password loses nothing; the right one brings the page back as it was typed.
    let sign_in = async |login: &str, password: &str, kept: &str| {
        house.post(None, "/sign-in", &[("login", login), ("password", password), ("kept", kept)]).await
    };
    let page = text(sign_in("alice", "another password", &kept).await).await;
    assert_eq!(hidden_in(&page, "kept"), kept);
    let response = sign_in("alice", PASSWORD, &kept).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers().contains_key(header::SET_COOKIE));
    let page = text(response).await;
    assert!(page.contains("改名公司") && page.contains(&format!("action=\"{path}\"")), "{page}");

    // It is sent with the new session's token, and only then it counts.
    let alice = house.sign_in("alice").await;
    assert_eq!(house.hidden(&alice, &path, "revision").await, revision);
    let csrf = house.hidden(&alice, &path, "csrf").await;
    let typed =
        [("csrf", csrf.as_str()), ("revision", hidden_in(&page, "revision")), ("sponsor-name", "改名公司")];
    assert!(house.post(Some(&alice), &path, &typed).await.status().is_redirection());

    // Somebody else, a changed seal, and a seal that is too old bring nothing back.
    house.sign_in("mallory").await;
    let other = sign_in("mallory", PASSWORD, &kept).await;
    assert!(other.status().is_redirection());
    let changed = format!("{}A{}", &kept[..40], &kept[41..]);
    assert!(sign_in("alice", PASSWORD, &changed).await.status().is_redirection());
    house.clock.advance(chrono::TimeDelta::hours(3));
    assert!(sign_in("alice", PASSWORD, &kept).await.status().is_redirection());
}

#[tokio::test]
async fn nobody_learns_of_an_order_that_is_not_theirs() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let mallory = house.sign_in("mallory").await;
    let operator = house.sign_in("operator").await;
    for path in [
        "",
        "/tasks",
        "/check",
        "/edit/sponsor-name",
        "/materials/sponsor-certificate",
        "/withdraw",
        "/status",
    ] {
        let own = house.get(Some(&alice), &format!("/orders/{order}{path}")).await.0;
        assert!(own.is_success() || own.is_redirection(), "{path}: {own}");
        for stranger in [&mallory, &operator] {
            let (status, body) = house.get(Some(stranger), &format!("/orders/{order}{path}")).await;
            assert!(status.is_client_error(), "{path}: {status}");
            assert!(!body.contains("xizuo-hostile"), "{path}");
        }
        let (status, _) = house.get(None, &format!("/orders/{order}{path}")).await;
        assert!(status.is_redirection(), "{path}: {status}");
    }
    let (status, _) = house.get(Some(&mallory), &format!("/api/v1/orders/{order}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    for (path, allowed) in [
        ("/review", "reviewer"),
        ("/operator/bridge", "operator"),
        ("/security/accounts", "guard"),
        ("/audit/trail", "auditor"),
    ] {
        for login in ["alice", "reviewer", "operator", "guard", "auditor"] {
            let visitor = house.sign_in(login).await;
            let (status, _) = house.get(Some(&visitor), path).await;
            assert_eq!(status.is_success(), login == allowed, "{login} at {path}: {status}");
        }
    }
}

#[tokio::test]
async fn scripts_in_answers_stay_text() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let probe = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'";
    for (page, field) in [
        ("sponsor-name", "sponsor-name"),
        ("address", "sponsor-address"),
        ("service-name", "service-name"),
        ("service-remark", "service-remark"),
        ("certificate-address", "sponsor-certificate-address"),
        ("investor", "sponsor-investor"),
        ("sponsor-remark", "sponsor-remark"),
        ("principal-office-phone", "sponsor-principal-office-phone"),
        ("resource", "access-resource"),
        ("principal-email", "sponsor-principal-email"),
    ] {
        let response = house.answer(&alice, &order, page, (field, probe)).await;
        assert!(response.status().is_redirection(), "{page}: {}", response.status());
    }
    for path in ["check", "tasks", "edit/sponsor-name", "edit/service-remark"] {
        let (status, body) = house.get(Some(&alice), &format!("/orders/{order}/{path}")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(!body.contains("<script>alert") && !body.contains("<img src=x"), "{path}");
    }
    let (_, check) = house.get(Some(&alice), &format!("/orders/{order}/check")).await;
    assert!(
        check.contains("&#60;script&#62;") || check.contains("&lt;script&gt;"),
        "the answer is shown as it is"
    );
    let (_, lookup) = house.get(None, "/lookup?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!lookup.contains("<script>alert"));
}

#[tokio::test]
async fn every_page_forbids_what_it_does_not_need() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    for path in ["/", "/home", "/nothing-here", "/sign-in", "/help"] {
        let request = Request::get(path).header(header::COOKIE, &alice.cookie).body(Body::empty()).unwrap();
        let response = house.send(request).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
        let body = text(response).await;
        assert!(!body.contains("<script>") && !body.contains(" style=\""), "{path} has nothing inline");
    }
}

#[tokio::test]
async fn two_tabs_lose_nothing() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let path = format!("/orders/{order}/edit/service-name");
    let csrf = house.hidden(&alice, &path, "csrf").await;
    let revision = house.hidden(&alice, &path, "revision").await;
    let answer = |name: &'static str| {
        [("csrf", csrf.clone()), ("revision", revision.clone()), ("service-name", name.to_owned())]
    };
    let send = async |name| {
        let fields = answer(name);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        house.post(Some(&alice), &path, &fields).await
    };
    assert!(send("第一个窗口的名称").await.status().is_redirection());
    let conflict = send("第二个窗口的名称").await;
    assert_eq!(conflict.status(), StatusCode::CONFLICT);
    let body = text(conflict).await;
    assert!(body.contains("第二个窗口的名称"), "what was typed is still there");
    let (_, check) = house.get(Some(&alice), &format!("/orders/{order}/check")).await;
    assert!(check.contains("第一个窗口的名称") && !check.contains("第二个窗口的名称"));
    // A double click sends the same twice: no conflict.
    assert!(send("第一个窗口的名称").await.status().is_redirection());
}

#[tokio::test]
async fn a_file_that_is_too_large_or_no_picture_gets_a_clear_page() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let path = format!("/orders/{order}/materials/sponsor-certificate");
    let response = house.upload(&alice, &path, &vec![0xFF; 20 << 20]).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text(response).await.contains("9"), "the limit is told");
    let response = house.upload(&alice, &path, b"%PDF-1.7 not a picture").await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(response).await.contains("JPEG"));
    let (status, _) = house.get(Some(&alice), &format!("/orders/{order}/tasks")).await;
    assert_eq!(status, StatusCode::OK, "the order is as it was");
}

#[tokio::test]
async fn the_api_answers_problems_with_line_and_column() {
    let house = House::open().await;
    let post = async |token: &str, body: &str| {
        let request = Request::post("/api/v1/resources")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap();
        let response = house.send(request).await;
        (response.status(), text(response).await)
    };
    assert_eq!(post("wrong", "{}").await.0, StatusCode::UNAUTHORIZED);
    let (status, body) = post("cloud-token", "{\n  \"reference\": 5 }").await;
    assert!(status.is_client_error(), "{status}");
    let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert!(body.contains('2'), "the line is told: {problem}");
    let good = r#"{"reference": "srv-9", "owner": "alice", "kind": "cloud-server", "division": "440300", "prepaid": true,
        "bought_at": "2026-01-01T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z", "public_address": "203.0.113.9"}"#;
    assert_eq!(post("cloud-token", good).await.0, StatusCode::OK);
    let (status, _) = post("cloud-token", &good.replace("\"alice\"", "\"nobody-here\"")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let alice = house.sign_in("alice").await;
    let (_, home) = house.get(Some(&alice), "/home").await;
    assert!(home.contains("srv-9"), "usable in the same second");
}

#[tokio::test]
async fn a_regulator_that_does_not_answer_keeps_nobody_from_preparing() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let (status, begun) = house.get(Some(&alice), &format!("/orders/{order}/begun")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(begun.contains("管局"), "the page says whose answer is missing");
    let (status, lookup) = house.get(None, "/lookup?q=xizuo-hostile.cn").await;
    assert_eq!(status, StatusCode::OK);
    assert!(lookup.contains("没有答复"), "three answers: filed, not filed, unknown and why");
    let reviewer = house.app.sign_in(&"reviewer".parse().unwrap(), Secret::new(PASSWORD)).await.unwrap();
    assert!(house.app.authenticate(&reviewer).await.unwrap().is_some());
}
