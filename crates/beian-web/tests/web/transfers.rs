//! Members and transfers by forms alone, in both languages.

use crate::support::{House, PASSWORD, Visitor, text};
use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use beian_app::{ImportedRecord, Secret};
use beian_domain::{Case, CertificateKind, Personal, SponsorNature, practice};

const DOMAIN: &str = "xizuo-hostile-transfer.cn";

async fn import(house: &House) {
    let organisation = practice::ORGANISATIONS[0];
    let mut case = Case::default();
    case.sponsor.nature = Some(SponsorNature::Enterprise);
    case.sponsor.name = Some(Personal::new(organisation.name));
    case.sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
    case.sponsor.certificate.number = Some(Personal::new(organisation.uscc));
    case.sponsor.principal.mobile = Some(Personal::new(practice::PEOPLE[0].mobile));
    case.service.domain = Some(DOMAIN.to_owned());
    case.service.name = Some("习作网络科技".to_owned());
    let imported =
        ImportedRecord {
            service_number: "粤ICP备2026000009号-1".parse().unwrap(), content: case, ids: None
        };
    let token = house.app.sign_in(&"operator".parse().unwrap(), Secret::new(PASSWORD)).await.unwrap();
    let operator = house.app.authenticate(&token).await.unwrap().unwrap();
    house.app.import_record(&operator, imported).await.unwrap().unwrap();
}

fn location(response: &Response<Body>) -> String {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// Posts with the token of a page, and answers with what comes.
async fn post(
    house: &House,
    visitor: &Visitor,
    page: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> Response<Body> {
    let csrf = house.hidden(visitor, page, "csrf").await;
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    house.post(Some(visitor), path, &all).await
}

async fn ask(house: &House, visitor: &Visitor) -> String {
    let fields =
        [("domain", DOMAIN), ("kind", "business-licence"), ("number", practice::ORGANISATIONS[0].uscc)];
    let asked = post(house, visitor, "/transfers/new", "/transfers/new", &fields).await;
    location(&asked)
}

async fn choose(house: &House, visitor: &Visitor, path: &str, way: &str) {
    let revision = house.hidden(visitor, path, "revision").await;
    let fields = [("revision", revision.as_str()), ("way", way)];
    let chosen = post(house, visitor, path, &format!("{path}/proof"), &fields).await;
    assert_eq!(location(&chosen), path);
}

async fn decide(house: &House, operator: &Visitor, path: &str, decision: &str) {
    let desk = "/operator/transfers";
    let revision = house.hidden(operator, desk, "revision").await;
    let fields = [("revision", revision.as_str()), ("decision", decision)];
    let decided = post(house, operator, desk, &format!("/operator{path}"), &fields).await;
    assert_eq!(location(&decided), desk);
}

#[tokio::test]
async fn a_record_is_claimed_transferred_and_objected_to_by_forms() {
    let house = House::open().await;
    let (alice, mallory) = (house.sign_in("alice").await, house.sign_in("mallory").await);
    let operator = house.sign_in("operator").await;
    house.look(&alice, "/transfers").await;
    house.look(&operator, "/operator/transfers").await;
    let fields =
        [("domain", DOMAIN), ("kind", "business-licence"), ("number", practice::ORGANISATIONS[0].uscc)];
    let unknown = post(&house, &alice, "/transfers/new", "/transfers/new", &fields).await;
    assert_eq!(unknown.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(unknown).await.contains(DOMAIN), "what was typed is still there");

    import(&house).await;
    let claim = ask(&house, &alice).await;
    assert!(house.look(&alice, &claim).await.contains("ending in"));
    choose(&house, &alice, &claim, "dns").await;
    assert!(house.look(&alice, &claim).await.contains(&format!("_beian-transfer.{DOMAIN}")));
    choose(&house, &alice, &claim, "sms").await;
    let wrong = post(&house, &alice, &claim, &format!("{claim}/code"), &[("code", "12")]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(wrong).await.contains('4'), "tries that are left");
    choose(&house, &alice, &claim, "certificate").await;
    assert_eq!(house.get(Some(&mallory), &claim).await.0, StatusCode::NOT_FOUND);
    decide(&house, &operator, &claim, "prove").await;
    assert!(house.look(&alice, &claim).await.contains("changed hands"));

    let transfer = ask(&house, &mallory).await;
    choose(&house, &mallory, &transfer, "certificate").await;
    assert!(
        house.look(&operator, "/operator/transfers").await.contains("mallory"),
        "in full for who decides"
    );
    decide(&house, &operator, &transfer, "prove").await;
    let seen = house.look(&alice, &transfer).await;
    assert!(seen.contains("mal**ry") && !seen.contains("mallory<"), "masked for the holder");
    let objected =
        post(&house, &alice, &transfer, &format!("{transfer}/object"), &[("reason", "<b>no</b>")]).await;
    assert_eq!(location(&objected), transfer);
    let desk = house.look(&operator, "/operator/transfers").await;
    assert!(desk.contains("&#60;b&#62;no") && !desk.contains("<b>no</b>"), "what they write is text");
    decide(&house, &operator, &transfer, "uphold").await;
    assert!(house.look(&mallory, &transfer).await.contains("records stay"));
}

#[tokio::test]
async fn a_member_works_for_the_account_until_removed() {
    let house = House::open().await;
    let (alice, mallory) = (house.sign_in("alice").await, house.sign_in("mallory").await);
    house.look(&alice, "/members").await;
    let nobody = [("login", "No Such"), ("role", "viewer")];
    let refused = post(&house, &alice, "/members", "/members/invite", &nobody).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("login", "mallory"), ("role", "viewer")];
    location(&post(&house, &alice, "/members", "/members/invite", &fields).await);
    house.look(&mallory, "/members").await;
    let id = house.hidden(&mallory, "/members", "id").await;
    let answer = [("id", id.as_str()), ("answer", "agree")];
    location(&post(&house, &mallory, "/members", "/members/answer", &answer).await);

    let order = house.order_of(&alice).await;
    let path = format!("/orders/{order}/tasks");
    let account = house.hidden(&mallory, "/members", "account").await;
    let work = post(&house, &mallory, "/members", "/members/work-for", &[("account", &account)]).await;
    let cookie = work.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(location(&work), "/home");
    let at_work = Visitor { cookie: format!("{}; {cookie}", mallory.cookie) };
    let home = house.look(&at_work, "/home").await;
    assert!(
        home.contains(&order) && home.contains("→ <b>alice</b>"),
        "the account's orders, and whose they are"
    );
    house.look(&at_work, "/members").await;
    let csrf = house.hidden(&mallory, "/members", "csrf").await;
    let withdraw = [("csrf", csrf.as_str()), ("revision", "1")];
    let refused = house.post(Some(&at_work), &format!("/orders/{order}/withdraw"), &withdraw).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "a viewer only looks");
    assert_eq!(house.get(Some(&alice), &path).await.0, StatusCode::OK);

    let member = house.hidden(&alice, "/members", "member").await;
    location(&post(&house, &alice, "/members", "/members/remove", &[("member", &member)]).await);
    // Told once, before anything is filed for the wrong account.
    let request = axum::http::Request::get("/home").header(header::COOKIE, &at_work.cookie);
    let told = house.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(told.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert!(!house.look(&mallory, "/home").await.contains(&order));
}
