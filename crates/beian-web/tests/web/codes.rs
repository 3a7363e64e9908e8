//! Authorization codes and the import of resources, as pages and API show them.

use crate::support::{House, Visitor, text};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::Value;

async fn cloud(house: &House, path: &str, body: impl Into<Body>) -> (StatusCode, Value) {
    let request = Request::post(path).header(header::AUTHORIZATION, "Bearer cloud-token");
    let response = house.send(request.body(body.into()).unwrap()).await;
    let status = response.status();
    (status, serde_json::from_str(&text(response).await).unwrap())
}

async fn enterprise(house: &House, login: &str) {
    let body = format!(r#"{{"login":"{login}","kind":"enterprise"}}"#);
    let (status, answer) = cloud(house, "/api/v1/accounts/kind", body).await;
    assert_eq!((status, &answer["kind"]), (StatusCode::OK, &Value::from("enterprise")));
}

/// Posts the form of a page that has a token alone.
async fn form(
    house: &House,
    visitor: &Visitor,
    page: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> (StatusCode, String) {
    let csrf = house.hidden(visitor, page, "csrf").await;
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    let response = house.post(Some(visitor), path, &all).await;
    (response.status(), text(response).await)
}

async fn codes(house: &House, visitor: &Visitor) -> Value {
    let (status, body) = house.get(Some(visitor), "/api/v1/authorization-codes").await;
    assert_eq!(status, StatusCode::OK);
    serde_json::from_str(&body).unwrap()
}

/// A page in both languages, with every text in its place.
async fn in_both(house: &House, visitor: &Visitor, path: &str) -> String {
    let mut both = String::new();
    for language in ["zh", "en"] {
        let visitor = Visitor { cookie: format!("{}; lang={language}", visitor.cookie) };
        let (status, page) = house.get(Some(&visitor), path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(!page.contains('⟦'), "{page}");
        both.push_str(&page);
    }
    both
}

#[tokio::test]
async fn a_company_issues_a_code_and_another_account_chooses_it() {
    let house = House::open().await;
    let (alice, mallory) = (house.sign_in("alice").await, house.sign_in("mallory").await);
    let page = in_both(&house, &alice, "/codes").await;
    assert!(page.contains("只有通过企业实名认证的账号") && page.contains("You have issued no code yet"));
    enterprise(&house, "alice").await;
    let page = in_both(&house, &alice, "/codes").await;
    assert!(page.contains("value=\"srv-1\"") && page.contains("Account that may use it"));
    // What is wrong is said at its field, and what was typed stays.
    let wrong = [("resource", "srv-1"), ("holder", "nobody-here"), ("remark", "<b>站</b>")];
    let (status, page) = form(&house, &alice, "/codes", "/codes", &wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("holder-error") && page.contains("nobody-here") && !page.contains("<b>站"));
    let right = [("resource", "srv-1"), ("holder", " Mallory "), ("remark", "<b>站</b>")];
    for _ in 0..2 {
        assert_eq!(form(&house, &alice, "/codes", "/codes", &right).await.0, StatusCode::SEE_OTHER);
    }
    let issued = codes(&house, &alice).await["issued"].clone();
    let (code, id) = (issued[0]["code"].as_str().unwrap(), issued[0]["id"].as_str().unwrap());
    assert_eq!((&issued[0]["state"], &issued[0]["holder"]), (&"unused".into(), &"mallory".into()));
    assert!(in_both(&house, &alice, "/codes").await.contains("&#60;b&#62;站"), "a note is no markup");
    assert!(in_both(&house, &mallory, "/codes").await.contains(code));

    // The account that it names has it among its choices, and nobody else.
    let order = house.order_of(&mallory).await;
    let ask = format!("/orders/{order}/edit/resource");
    assert!(in_both(&house, &mallory, &ask).await.contains(&format!("value=\"code:{code}\"")));
    let own = house.order_of(&alice).await;
    let (_, page) = house.get(Some(&alice), &format!("/orders/{own}/edit/resource")).await;
    assert!(!page.contains(code));
    let chosen = format!("code:{code}");
    for _ in 0..2 {
        let response = house.answer(&mallory, &order, "resource", ("access-resource", &chosen)).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert!(!response.headers()[header::LOCATION].to_str().unwrap().contains("saved"));
    }
    let page = in_both(&house, &mallory, &ask).await;
    let at = page.find(&format!("value=\"{chosen}\"")).unwrap();
    assert!(page[at..at + 120].contains("checked"), "{}", &page[at..at + 120]);
    let (_, page) = house.get(Some(&mallory), &format!("/orders/{order}/check")).await;
    assert!(page.contains("srv-1") && !page.contains("ACC0"), "{page}");

    // Taken back, the check says so; twice is once, and a stranger takes nothing back.
    let revoke = format!("/codes/{id}/revoke");
    assert_eq!(form(&house, &mallory, "/codes", &revoke, &[]).await.0, StatusCode::NOT_FOUND);
    for _ in 0..2 {
        assert_eq!(form(&house, &alice, "/codes", &revoke, &[]).await.0, StatusCode::SEE_OTHER);
    }
    let (_, page) = house.get(Some(&mallory), &format!("/orders/{order}/check")).await;
    assert!(page.contains("ACC018"), "{page}");
    // The other one, typed as it was told.
    let other = issued[1]["code"].as_str().unwrap().to_lowercase();
    let typed = house.answer(&mallory, &order, "resource", ("access-authorization-code", &other)).await;
    assert!(!typed.headers()[header::LOCATION].to_str().unwrap().contains("saved"));
    let wrong = house.answer(&mallory, &order, "resource", ("access-authorization-code", "7F3K")).await;
    assert!(wrong.headers()[header::LOCATION].to_str().unwrap().contains("saved"));
    let page = in_both(&house, &mallory, &format!("{ask}?saved=1")).await;
    assert!(page.contains("ACC012"), "{page}");
    let (status, _) = house.get(None, "/api/v1/authorization-codes").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_server_it_is_said_what_to_do() {
    let house = House::open().await;
    let mallory = house.sign_in("mallory").await;
    let order = house.order_of(&mallory).await;
    let page = in_both(&house, &mallory, &format!("/orders/{order}/edit/resource")).await;
    assert!(page.contains("① 按每台服务器") && page.contains("3. buy a cloud server"));
    assert!(page.contains("access-authorization-code"));
    let (_, page) = house.get(Some(&mallory), "/home").await;
    assert!(page.contains("/codes"));
}

const HEADING: &str = "reference,owner,kind,division,prepaid,bought_at,expires_at,public_address,quota";
const GOOD: &str = "bulk-1,alice,cloud-server,440300,是,2026-10-01,2027-10-01,203.0.113.21,5";

#[tokio::test]
async fn resources_come_from_a_file_line_by_line() {
    let house = House::open().await;
    let file = format!(
        "{HEADING}\n{GOOD}\nbulk-2,alice,toaster,440300,是,2026-10-01,,,\n<i>,alice,cloud-server,,是,2026-10-01,,,\n"
    );
    let (status, report) = cloud(&house, "/api/v1/resources/import", file.clone()).await;
    assert_eq!((status, &report["created"], &report["refused"]), (StatusCode::OK, &1.into(), &2.into()));
    assert_eq!(
        (&report["lines"][1]["code"], &report["lines"][1]["line"]),
        (&"unknown-kind".into(), &3.into())
    );
    for (file, code) in [(vec![0xff, 0xfe, 0x41, 0], "utf-16"), (b"a,b\n".to_vec(), "unexpected-column")] {
        let (status, problem) = cloud(&house, "/api/v1/resources/import", file).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"][0]["code"], code, "{problem}");
    }
    let open = house.post(None, "/api/v1/resources/import", &[]).await;
    assert_eq!(open.status(), StatusCode::UNAUTHORIZED);

    let operator = house.sign_in("operator").await;
    let desk = "/operator/import";
    in_both(&house, &operator, desk).await;
    let response = house.upload_from(&operator, desk, desk, file.as_bytes()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = text(response).await;
    assert!(page.contains("toaster") && page.contains("&#60;i&#62;") && !page.contains("<i>"), "{page}");
    let many = format!("{HEADING}\n{}", format!("{GOOD}\n").repeat(100_000));
    let response = house.upload_from(&operator, desk, desk, many.as_bytes()).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(response).await.contains("行数过多"));
    let response = house.upload_from(&operator, desk, desk, b"").await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);

    let kind = "/operator/accounts/kind";
    let (status, page) =
        form(&house, &operator, desk, kind, &[("login", "alice"), ("kind", "enterprise")]).await;
    assert!(status == StatusCode::OK && page.contains("alice"), "{page}");
    let (status, _) =
        form(&house, &operator, desk, kind, &[("login", "nobody"), ("kind", "enterprise")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let alice = house.sign_in("alice").await;
    assert_eq!(house.get(Some(&alice), desk).await.0, StatusCode::FORBIDDEN);
    let csrf = house.hidden(&alice, "/codes", "csrf").await;
    let fields = [("csrf", csrf.as_str()), ("login", "alice"), ("kind", "enterprise")];
    assert_eq!(house.post(Some(&alice), kind, &fields).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn news_that_come_late_change_nothing() {
    let house = House::open().await;
    let event = |at: &str, quota: u32| {
        format!(
            r#"{{"reference":"srv-9","owner":"alice","kind":"cloud-server","division":"440300","prepaid":true,
            "bought_at":"2026-10-01T00:00:00Z","expires_at":"2027-10-01T00:00:00Z","public_address":"203.0.113.9",
            "quota":{quota},"at":"{at}"}}"#
        )
    };
    let (status, kept) = cloud(&house, "/api/v1/resources", event("2026-11-20T10:00:00Z", 3)).await;
    assert_eq!((status, &kept["can_be_filed"]), (StatusCode::OK, &true.into()));
    let fixes = kept["conditions"].as_array().unwrap();
    assert!(fixes.iter().all(|condition| condition["fix"]["en"].is_string()));
    let (_, late) = cloud(&house, "/api/v1/resources", event("2026-11-20T09:00:00Z", 1)).await;
    assert_eq!(late["kept"], false);
    let unknown = cloud(&house, "/api/v1/accounts/kind", r#"{"login":"nobody","kind":"enterprise"}"#).await;
    assert_eq!(
        (unknown.0, &unknown.1["errors"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"unknown-account".into())
    );
}
