//! Staff sign in with password and code, and a security administrator keeps their accounts, all by forms as a browser
//! without scripts sends them. The codes are another program's: `oathtool`.

use std::process::Command;

use crate::support::{House, PASSWORD, Visitor, text};
use axum::http::{Response, StatusCode, header};
use beian_domain::Clock as _;
use chrono::TimeDelta;

/// What the device of who scanned a key shows now.
fn shown(house: &House, key: &str) -> String {
    let at = house.clock.now().format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let output = Command::new("oathtool")
        .args(["--totp=sha1", "--base32", "--now", &at, key])
        .output()
        .expect("oathtool");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn to<B>(response: &Response<B>) -> &str {
    response
        .headers()
        .get(header::LOCATION)
        .unwrap_or_else(|| panic!("{}", response.status()))
        .to_str()
        .unwrap()
}

/// The visitor whom an answer gave a session.
fn visitor<B>(response: &Response<B>) -> Visitor {
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    Visitor { cookie: cookie.split(';').next().unwrap().to_owned() }
}

/// What stands in the element of an identifier.
fn inside<'a>(page: &'a str, id: &str) -> &'a str {
    let from = page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {page}"));
    page[from..].split('>').nth(1).unwrap().split('<').next().unwrap()
}

fn value<'a>(page: &'a str, name: &str) -> &'a str {
    let from =
        page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name} in {page}"));
    page[from..].split('"').nth(3).unwrap()
}

/// Enrols a device; answers with who is then signed in, the key, and the recovery codes.
async fn enrol(house: &House, who: &Visitor) -> (Visitor, String, Vec<String>) {
    let page = house.look(who, "/second-factor").await;
    let key = inside(&page, "key").replace(' ', "");
    let fields = [
        ("csrf", value(&page, "csrf")),
        ("enrolment", value(&page, "enrolment")),
        ("back", "/statistics"),
        ("code", &shown(house, &key)),
    ];
    let response = house.post(Some(who), "/second-factor", &fields).await;
    assert_eq!(response.status(), StatusCode::OK);
    let signed_in = visitor(&response);
    let page = text(response).await;
    assert!(!page.contains('⟦') && page.contains("href=\"/statistics\""), "{page}");
    let list = page.split("id=\"recovery-codes\"").nth(1).unwrap().split("</ul>").next().unwrap();
    let codes: Vec<String> = list
        .split("<li class=\"code\">")
        .skip(1)
        .map(|item| item.split('<').next().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), 8);
    (signed_in, key, codes)
}

/// Gives the password; the session that is then underway.
async fn give_password(house: &House, login: &str, password: &str, back: &str) -> (Visitor, String) {
    let fields = [("login", login), ("password", password), ("back", back)];
    let response = house.post(None, "/sign-in", &fields).await;
    (visitor(&response), to(&response).to_owned())
}

#[tokio::test]
async fn a_code_is_asked_after_the_password_and_leads_where_one_wanted() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let (signed_in, key, codes) = enrol(&house, &operator).await;
    assert_ne!(operator.cookie, signed_in.cookie);
    let (status, _) = house.get(Some(&operator), "/operator/bridge").await;
    assert!(status.is_redirection(), "the session of before is over: {status}");
    let page = house.look(&signed_in, "/second-factor").await;
    assert!(page.contains("8 recovery codes are left") && !page.contains("id=\"key\""), "{page}");

    house.clock.advance(TimeDelta::seconds(30));
    let (half, step) = give_password(&house, "operator", PASSWORD, "/operator/bridge").await;
    assert_eq!(step, "/sign-in/code?back=/operator/bridge");
    // Nothing else opens, be it a page, a form or the API.
    for path in ["/operator/bridge", "/notices", "/second-factor", "/security/accounts"] {
        let (status, body) = house.get(Some(&half), path).await;
        assert!(status.is_redirection(), "{path}: {status} {body}");
    }
    for path in ["/api/v1/orders", "/api/v1/resources"] {
        let (status, _) = house.get(Some(&half), path).await;
        assert!(status.is_client_error(), "{path}: {status}");
    }
    let page = house.look(&half, "/sign-in/code").await;
    let csrf = value(&page, "csrf").to_owned();
    for form in ["/operator/rulebook/try", "/second-factor/give-up", "/security/accounts", "/audit/trail"] {
        let fields = [("csrf", csrf.as_str()), ("code", "123456")];
        let status = house.post(Some(&half), form, &fields).await.status();
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{form}");
    }
    // Whoever opens the sign-in again is led to where they are.
    let response = house
        .send(
            axum::http::Request::get("/sign-in?back=/operator/bridge")
                .header(header::COOKIE, &half.cookie)
                .body(axum::body::Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(to(&response), "/sign-in/code?back=/operator/bridge");

    let give = async |half: &Visitor, csrf: &str, name: &str, code: &str| {
        let fields = [("csrf", csrf), (name, code), ("back", "/operator/bridge")];
        house.post(Some(half), "/sign-in/code", &fields).await
    };
    let code = shown(&house, &key);
    assert_eq!(give(&half, "elsewhere", "code", &code).await.status(), StatusCode::FORBIDDEN);
    for (name, wrong) in [("code", "12345"), ("code", "000000"), ("recovery", "abcd-efgh-ijkl-mnop")] {
        let response = give(&half, &csrf, name, wrong).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        let page = text(response).await;
        assert!(page.contains("error-summary") && page.contains(&format!("href=\"#{name}\"")), "{page}");
        assert!(!page.contains(&format!("value=\"{wrong}\"")), "what was given is not shown again");
    }
    let response = give(&half, &csrf, "code", &code).await;
    assert_eq!(to(&response), "/operator/bridge");
    let whole = visitor(&response);
    assert_ne!(whole.cookie, half.cookie);
    assert_eq!(house.get(Some(&whole), "/operator/bridge").await.0, StatusCode::OK);
    assert!(house.get(Some(&half), "/sign-in/code").await.0.is_redirection());

    // A code on paper, as it is written.
    let (half, _) = give_password(&house, "operator", PASSWORD, "").await;
    let csrf = house.hidden(&half, "/sign-in/code", "csrf").await;
    let response = give(&half, &csrf, "recovery", &codes[3].to_uppercase()).await;
    let whole = visitor(&response);
    assert!(house.look(&whole, "/second-factor").await.contains("7 recovery codes are left"));

    // New ones, and another device.
    house.clock.advance(TimeDelta::seconds(60));
    let csrf = house.hidden(&whole, "/second-factor", "csrf").await;
    let path = "/second-factor/recovery-codes";
    let wrong = house.post(Some(&whole), path, &[("csrf", &csrf), ("code", "000000")]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("csrf", csrf.as_str()), ("code", &shown(&house, &key))];
    let page = text(house.post(Some(&whole), path, &fields).await).await;
    let fresh = page.split("<li class=\"code\">").nth(1).unwrap().split('<').next().unwrap();
    assert!(!codes.iter().any(|code| code == fresh), "{page}");
    let fields = [("csrf", csrf.as_str()), ("code", fresh)];
    let response = house.post(Some(&whole), "/second-factor/give-up", &fields).await;
    assert_eq!(to(&response), "/sign-in?back=/second-factor");
    let (again, to) = give_password(&house, "operator", PASSWORD, "/second-factor").await;
    assert_eq!(to, "/second-factor");
    assert!(house.look(&again, "/second-factor").await.contains("id=\"key\""));
}

#[tokio::test]
async fn who_gives_up_halfway_can_sign_out() {
    let house = House::open().await;
    enrol(&house, &house.sign_in("reviewer").await).await;
    let (half, _) = give_password(&house, "reviewer", PASSWORD, "").await;
    let csrf = house.hidden(&half, "/sign-in/code", "csrf").await;
    let response = house.post(Some(&half), "/sign-out", &[("csrf", &csrf)]).await;
    assert_eq!(to(&response), "/");
    let (_, page) = house.get(Some(&half), "/sign-in").await;
    assert!(page.contains("name=\"password\""), "{page}");
}

#[tokio::test]
async fn five_wrong_codes_rest_the_factor() {
    let house = House::open().await;
    let (_, key, _) = enrol(&house, &house.sign_in("reviewer").await).await;
    house.clock.advance(TimeDelta::minutes(5));
    let (half, _) = give_password(&house, "reviewer", PASSWORD, "").await;
    let half = Visitor { cookie: format!("{}; lang=en", half.cookie) };
    let csrf = house.hidden(&half, "/sign-in/code", "csrf").await;
    let right = shown(&house, &key);
    // One that is not right now, nor one step away.
    let wrong = if right.starts_with('9') { "012345" } else { "987654" };
    let give = async |code: &str| {
        text(house.post(Some(&half), "/sign-in/code", &[("csrf", &csrf), ("code", code)]).await).await
    };
    for _ in 0..5 {
        assert!(give(wrong).await.contains("This code is wrong"));
    }
    let page = give(&right).await;
    assert!(page.contains("Too many wrong codes. Try again in 16 minutes"), "{page}");
}

#[tokio::test]
async fn where_it_is_required_staff_are_led_to_enrolment() {
    let house = House::demanding_factors().await;
    let (half, step) = give_password(&house, "reviewer", PASSWORD, "/statistics").await;
    assert_eq!(step, "/second-factor?back=/statistics");
    for path in ["/review", "/notices", "/sign-in/code", "/sign-in/password"] {
        let (status, _) = house.get(Some(&half), path).await;
        assert!(status.is_redirection(), "{path}: {status}");
    }
    let page = house.look(&half, "/second-factor?back=/statistics").await;
    assert!(page.contains("asks its staff for a second factor"), "{page}");
    // A wrong code keeps the key, so that nobody scans twice.
    let sealed = value(&page, "enrolment");
    let fields = [("csrf", value(&page, "csrf")), ("enrolment", sealed), ("code", "000000")];
    let response = house.post(Some(&half), "/second-factor", &fields).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let again = text(response).await;
    assert_eq!((value(&again, "enrolment"), inside(&again, "key")), (sealed, inside(&page, "key")));
    // After half an hour there is another.
    house.clock.advance(TimeDelta::minutes(31));
    let again = text(house.post(Some(&half), "/second-factor", &fields).await).await;
    assert_ne!(inside(&again, "key"), inside(&page, "key"));
    let (whole, _, _) = enrol(&house, &half).await;
    assert_eq!(house.get(Some(&whole), "/review").await.0, StatusCode::OK);

    // Filers are asked for nothing.
    let alice = house.sign_in("alice").await;
    assert_eq!(house.get(Some(&alice), "/home").await.0, StatusCode::OK);
    assert_eq!(house.get(Some(&alice), "/second-factor").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_account_is_made_used_locked_and_opened_again() {
    let house = House::open().await;
    let guard = house.sign_in("guard").await;
    let page = house.look(&guard, "/security/accounts").await;
    assert!(
        page.contains("reviewer") && !page.contains("alice") && !page.contains("<h3>regulator</h3>"),
        "{page}"
    );
    let csrf = value(&page, "csrf").to_owned();
    let make = async |login: &str, role: &str, email: &str| {
        let fields = [("csrf", csrf.as_str()), ("login", login), ("role", role), ("email", email)];
        house.post(Some(&guard), "/security/accounts", &fields).await
    };
    for (login, role, email, blamed) in [
        ("x", "reviewer", "", "login"),
        ("alice", "reviewer", "", "login"),
        ("newcomer", "", "", "role-1"),
        ("newcomer", "filer", "", "role-1"),
        ("newcomer", "regulator", "", "role-1"),
        ("newcomer", "operator", "nowhere", "email"),
    ] {
        let response = make(login, role, email).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{login} {role} {email}");
        let page = text(response).await;
        assert!(page.contains(&format!("<a href=\"#{blamed}\">")), "{login} {role} {email}: {page}");
    }
    let response = make("newcomer", "reviewer", "newcomer@practice.example.com").await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let page = text(response).await;
    let given = inside(&page, "one-time-password").to_owned();
    let page = house.look(&guard, "/security/accounts").await;
    assert!(page.contains("One-time password</span>") && !page.contains(&given), "{page}");

    let (half, step) = give_password(&house, "newcomer", &given, "/review").await;
    assert_eq!(step, "/sign-in/password?back=/review");
    assert!(house.get(Some(&half), "/review").await.0.is_redirection());
    let page = house.look(&half, "/sign-in/password").await;
    let half_csrf = value(&page, "csrf").to_owned();
    for wrong in ["short", given.as_str()] {
        let fields = [("csrf", half_csrf.as_str()), ("password", wrong)];
        let response = house.post(Some(&half), "/sign-in/password", &fields).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(response).await.contains("<a href=\"#password\">"), "{wrong}");
    }
    let fields = [("csrf", half_csrf.as_str()), ("password", PASSWORD), ("back", "/review")];
    let response = house.post(Some(&half), "/sign-in/password", &fields).await;
    assert_eq!(to(&response), "/review");
    let newcomer = visitor(&response);
    assert_eq!(house.get(Some(&newcomer), "/review").await.0, StatusCode::OK);

    let page = house.look(&guard, "/security/accounts").await;
    let at = page.find("Lock newcomer").unwrap();
    let id = page[..at].rsplit("/security/accounts/").next().unwrap().split('/').next().unwrap().to_owned();
    let act = async |what: &str, role: &str| {
        let path = format!("/security/accounts/{id}/{what}");
        house.post(Some(&guard), &path, &[("csrf", &csrf), ("role", role)]).await
    };
    assert_eq!(act("role", "filer").await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(to(&act("role", "audit-administrator").await), "/security/accounts");
    assert!(house.get(Some(&newcomer), "/review").await.0.is_redirection(), "the session ended");
    let newcomer = house.sign_in("newcomer").await;
    assert_eq!(house.get(Some(&newcomer), "/audit/trail").await.0, StatusCode::OK);
    assert_eq!(house.get(Some(&newcomer), "/review").await.0, StatusCode::FORBIDDEN);
    let (newcomer, key, _) = enrol(&house, &newcomer).await;
    assert!(house.look(&guard, "/security/accounts").await.contains("Reset second factor newcomer"));

    act("lock", "").await;
    assert!(house.get(Some(&newcomer), "/audit/trail").await.0.is_redirection());
    let page = house.look(&guard, "/security/accounts").await;
    assert!(page.contains("Unlock newcomer") && page.contains("Locked</span>"), "{page}");
    let fields = [("login", "newcomer"), ("password", PASSWORD)];
    let response = house.post(None, "/sign-in", &fields).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(response).await.contains("此账号已被锁定"));
    act("unlock", "").await;
    let (_, step) = give_password(&house, "newcomer", PASSWORD, "").await;
    assert_eq!(step, "/sign-in/code", "the factor is still there: {key}");
    act("second-factor", "").await;
    let (_, step) = give_password(&house, "newcomer", PASSWORD, "").await;
    assert_eq!(step, "/");
    let page = text(act("password", "").await).await;
    let given = inside(&page, "one-time-password").to_owned();
    assert!(page.contains("newcomer"), "{page}");
    house.clock.advance(TimeDelta::days(3));
    let fields = [("login", "newcomer"), ("password", given.as_str())];
    assert!(text(house.post(None, "/sign-in", &fields).await).await.contains("一次性密码已失效"));
}

#[tokio::test]
async fn an_auditor_reads_and_verifies_and_nobody_is_their_own_keeper() {
    let house = House::open().await;
    let auditor = house.sign_in("auditor").await;
    let page = house.look(&auditor, "/audit/trail").await;
    assert!(page.contains("account.create") && !page.contains("banner"), "{page}");
    let auditor = Visitor { cookie: format!("{}; lang=en", auditor.cookie) };
    let response = house.post(Some(&auditor), "/audit/trail", &[("csrf", value(&page, "csrf"))]).await;
    let page = text(response).await;
    assert!(page.contains("The chain is whole: "), "{page}");
    assert_eq!(house.post(Some(&auditor), "/audit/trail", &[]).await.status(), StatusCode::FORBIDDEN);

    // A security administrator's own row has no buttons, and its addresses refuse them.
    let guard = house.sign_in("guard").await;
    let page = house.look(&guard, "/security/accounts").await;
    assert!(page.contains("looked after by another security administrator"), "{page}");
    assert!(!page.contains("Lock guard") && page.contains("Lock operator"), "{page}");
}
