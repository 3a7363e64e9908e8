//! Passkeys by the forms and questions that a browser's script sends. The device is that of the tests of the
//! application; the script itself runs in `crates/beian/tests/browser_passkeys.rs`.

use crate::authenticator::Authenticator;
use crate::support::{House, PASSWORD, Visitor, text};
use axum::http::{Response, StatusCode, header};
use beian_domain::Clock as _;
use chrono::TimeDelta;
use std::process::Command;

const ORIGIN: &str = "http://localhost";

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

fn value<'a>(page: &'a str, name: &str) -> &'a str {
    let from =
        page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name} in {page}"));
    page[from..].split('"').nth(3).unwrap()
}

async fn csrf(house: &House, who: &Visitor, path: &str) -> String {
    value(&house.look(who, path).await, "csrf").to_owned()
}

/// What the script asks before it asks the device.
async fn ask(house: &House, who: &Visitor, path: &str, csrf: &str) -> (StatusCode, String) {
    let response = house.post(Some(who), path, &[("csrf", csrf)]).await;
    let kind = response.headers()[header::CONTENT_TYPE].clone();
    let status = response.status();
    assert!(status == StatusCode::FORBIDDEN || kind == "application/json", "{kind:?}");
    (status, text(response).await)
}

/// Adds a device's passkey; answers with what came of it.
async fn add(
    house: &House,
    who: &Visitor,
    device: &mut Authenticator,
    name: &str,
) -> Response<axum::body::Body> {
    let csrf = csrf(house, who, "/second-factor").await;
    let (status, options) = ask(house, who, "/second-factor/passkeys/ask", &csrf).await;
    assert_eq!(status, StatusCode::OK, "{options}");
    let answer = device.create(&options);
    let fields = [("csrf", csrf.as_str()), ("name", name), ("answer", &answer), ("back", "")];
    house.post(Some(who), "/second-factor/passkeys", &fields).await
}

/// Gives the password; the session that is then underway, and where it leads.
async fn give_password(house: &House, login: &str) -> (Visitor, String) {
    let fields = [("login", login), ("password", PASSWORD), ("back", "/operator/bridge")];
    let response = house.post(None, "/sign-in", &fields).await;
    (visitor(&response), to(&response).to_owned())
}

#[tokio::test]
async fn a_passkey_is_added_shown_and_used_where_one_wanted_to_go() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let page = house.look(&operator, "/second-factor").await;
    assert!(page.contains("id=\"passkeys\"") && page.contains("<noscript>") && page.contains("id=\"key\""));
    assert!(page.contains("passkey.js") && !page.contains('⟦'), "{page}");

    // The token of the form is asked for, and a name.
    let (status, _) = ask(&house, &operator, "/second-factor/passkeys/ask", "elsewhere").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let mut device = Authenticator::new(1, ORIGIN);
    let response = add(&house, &operator, &mut device, "   ").await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(response).await.contains("1 至 40 个字的名称"));
    let response = add(&house, &operator, &mut device, "<b>office</b>").await;
    assert_eq!(to(&response), "/second-factor#passkeys");
    let operator = visitor(&response);
    let page = house.look(&operator, "/second-factor").await;
    assert!(page.contains("&#60;b&#62;office") && !page.contains("<b>office"), "{page}");
    assert!(page.contains("not used yet") && page.contains("your only passkey"), "{page}");

    // After the password it is asked for, and a code is none.
    let (half, step) = give_password(&house, "operator").await;
    assert_eq!(step, "/sign-in/code?back=/operator/bridge");
    let response = house.get(Some(&half), &step).await;
    assert!(response.0.is_redirection(), "{}", response.0);
    let page = house.look(&half, "/sign-in/passkey?back=/operator/bridge").await;
    assert!(
        page.contains("data-passkey=\"use\"") && !page.contains("by=code") && !page.contains('⟦'),
        "{page}"
    );
    assert_eq!(value(&page, "back"), "/operator/bridge");
    let csrf = value(&page, "csrf").to_owned();
    for path in ["/second-factor", "/operator/bridge"] {
        assert!(house.get(Some(&half), path).await.0.is_redirection(), "{path}");
    }
    let fields = [("csrf", csrf.as_str()), ("code", "123456"), ("back", "/operator/bridge")];
    let response = house.post(Some(&half), "/sign-in/code", &fields).await;
    assert_eq!(to(&response), "/sign-in/passkey?back=/operator/bridge");
    let (status, _) = ask(&house, &half, "/second-factor/passkeys/ask", &csrf).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "none is added before one is used");

    let give = async |answer: &str| {
        let fields = [("csrf", csrf.as_str()), ("answer", answer), ("back", "/operator/bridge")];
        house.post(Some(&half), "/sign-in/passkey", &fields).await
    };
    let (_, options) = ask(&house, &half, "/sign-in/passkey/ask", &csrf).await;
    device.origin = "https://beian.example.com".to_owned();
    let lured = give(&device.get(&options)).await;
    assert_eq!(lured.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(lured).await.contains("未被接受"));
    device.origin = ORIGIN.to_owned();
    let (_, options) = ask(&house, &half, "/sign-in/passkey/ask", &csrf).await;
    let answer = device.get(&options);
    let response = give(&answer).await;
    assert_eq!(to(&response), "/operator/bridge");
    let operator = visitor(&response);
    let page = house.look(&operator, "/second-factor").await;
    assert!(page.contains("last used"), "{page}");

    // Removed by who signed in not long ago.
    let action = page.split("action=\"").find(|rest| rest.starts_with("/second-factor/passkeys/")).unwrap();
    let action = action.split('"').next().unwrap().to_owned();
    let csrf = value(&page, "csrf").to_owned();
    house.clock.advance(TimeDelta::minutes(15));
    let late = house.post(Some(&operator), &action, &[("csrf", &csrf)]).await;
    assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(late).await.contains("仅可在登录后 15 分钟内"));
    let (status, told) = ask(&house, &operator, "/second-factor/passkeys/ask", &csrf).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.contains("仅可在登录后 15 分钟内"), "{told}");
    let (half, _) = give_password(&house, "operator").await;
    let csrf = self::csrf(&house, &half, "/sign-in/passkey").await;
    let (_, options) = ask(&house, &half, "/sign-in/passkey/ask", &csrf).await;
    let answer = device.get(&options);
    let response = house.post(Some(&half), "/sign-in/passkey", &[("csrf", &csrf), ("answer", &answer)]).await;
    let operator = visitor(&response);
    let csrf = self::csrf(&house, &operator, "/second-factor").await;
    let response = house.post(Some(&operator), &action, &[("csrf", &csrf)]).await;
    assert_eq!(to(&response), "/second-factor#passkeys");
    let (_, step) = give_password(&house, "operator").await;
    assert_eq!(step, "/operator/bridge", "the password is enough again");
}

#[tokio::test]
async fn who_has_both_chooses_and_who_must_have_one_takes_either() {
    let house = House::demanding_factors().await;
    let operator = house.sign_in("operator").await;
    // A passkey is enough; then they go on.
    let page = house.look(&operator, "/second-factor").await;
    assert!(
        page.contains("asks its staff for a second factor") && page.contains("id=\"passkeys\""),
        "{page}"
    );
    let mut device = Authenticator::new(1, ORIGIN);
    let response = add(&house, &operator, &mut device, "first").await;
    assert_eq!(to(&response), "/");
    let operator = visitor(&response);
    // The last one stays.
    let page = house.look(&operator, "/second-factor").await;
    let action = page.split("action=\"").find(|rest| rest.starts_with("/second-factor/passkeys/")).unwrap();
    let action = action.split('"').next().unwrap().to_owned();
    let response = house.post(Some(&operator), &action, &[("csrf", value(&page, "csrf"))]).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(response).await.contains("您唯一的双因素"));

    // An app beside it: both ways are open.
    let key = page.split("id=\"key\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    let at = house.clock.now().format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let shown =
        Command::new("oathtool").args(["--totp=sha1", "--base32", "--now", &at, &key]).output().unwrap();
    let code = String::from_utf8(shown.stdout).unwrap();
    let fields =
        [("csrf", value(&page, "csrf")), ("enrolment", value(&page, "enrolment")), ("code", code.trim())];
    let response = house.post(Some(&operator), "/second-factor", &fields).await;
    assert_eq!(response.status(), StatusCode::OK);
    let operator = visitor(&response);
    let page = house.look(&operator, "/second-factor").await;
    assert!(page.contains("8 recovery codes are left") && page.contains("first"), "{page}");
    let (half, step) = give_password(&house, "operator").await;
    assert!(house.get(Some(&half), &step).await.0.is_redirection(), "the passkey first");
    let page = house.look(&half, "/sign-in/passkey").await;
    assert!(page.contains("/sign-in/code?by=code"), "{page}");
    let page = house.look(&half, "/sign-in/code?by=code").await;
    assert!(page.contains("name=\"code\"") && page.contains("href=\"/sign-in/passkey\""), "{page}");
}
