//! Every form of an order comes as a PDF over HTTP, filled in, with poppler as its reader; and
//! to nobody but who may see the order.

use std::process::Command;

use crate::support::{House, PASSWORD, Visitor, picture};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use beian_app::{Form, Secret, Submission, User};
use beian_domain::{
    CertificateKind, FilingKind, MaterialUse, OrderNumber, Personal, Principal, ServicePrincipal, practice,
};

const DOMAIN: &str = "xizuo-hostile.cn";

async fn user(house: &House, login: &str) -> User {
    let token = house.app.sign_in(&login.parse().unwrap(), Secret::new(PASSWORD)).await.unwrap();
    house.app.authenticate(&token).await.unwrap().unwrap()
}

fn principal(person: practice::Person, phone: &str) -> Principal {
    Principal {
        name: Some(Personal::new(person.name)),
        certificate_kind: Some(CertificateKind::ResidentIdCard),
        certificate_number: Some(Personal::new(person.resident_id)),
        mobile: Some(Personal::new(person.mobile)),
        emergency_phone: Some(Personal::new(person.emergency_phone)),
        office_phone: Some(Personal::new(phone)),
        email: Some(Personal::new(person.email)),
        ..Principal::empty()
    }
}

/// An order of the first practice organisation with everything stated.
async fn filled_in(house: &House, alice: &Visitor) -> OrderNumber {
    let number = OrderNumber(house.order_of(alice).await);
    let alice = user(house, "alice").await;
    let organisation = practice::ORGANISATIONS[0];
    let edit = |case: &mut beian_domain::Case| {
        let sponsor = &mut case.sponsor;
        sponsor.name = Some(Personal::new(organisation.name));
        sponsor.investor = Some(Personal::new(organisation.name));
        sponsor.certificate.address = Some(Personal::new(organisation.address));
        sponsor.certificate.division = organisation.division.parse().ok();
        sponsor.division = organisation.division.parse().ok();
        sponsor.address = Some(Personal::new("习作路1号练习大厦101室"));
        sponsor.principal = principal(practice::PEOPLE[0], "0755-00000000");
        let service = &mut case.service;
        service.name = Some("习作网络科技".to_owned());
        service.contents = vec![8.try_into().unwrap()];
        service.languages = vec![1.try_into().unwrap()];
        service.principal = Some(ServicePrincipal::Other(principal(practice::PEOPLE[1], "0755-00000001")));
        service.remark = Some("企业介绍与产品展示".to_owned());
        case.access.resource = Some("srv-1".to_owned());
    };
    let revision = house.app.order(&alice, &number).await.unwrap().order.revision;
    house.app.edit_order(&alice, &number, revision, edit).await.unwrap();
    number
}

/// Files it, to its number.
async fn file(house: &House, number: &OrderNumber) {
    let (alice, reviewer) = (user(house, "alice").await, user(house, "reviewer").await);
    for purpose in MaterialUse::ALL {
        house.app.hand_in_material(&alice, number, purpose, picture()).await.unwrap();
    }
    house.app.attest_signature(&reviewer, number, "当面签署").await.unwrap();
    let revision = house.app.order(&alice, number).await.unwrap().order.revision;
    let submission = house.app.submit_order(&alice, number, revision).await.unwrap();
    assert!(matches!(submission, Submission::Submitted), "{submission:?}");
    let revision = house.app.order(&reviewer, number).await.unwrap().order.revision;
    house.app.approve_order(&reviewer, number, revision).await.unwrap();
    house.app.work_until_idle().await;
}

async fn fetch(house: &House, visitor: Option<&Visitor>, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::get(path);
    if let Some(visitor) = visitor {
        request = request.header(header::COOKIE, &visitor.cookie);
    }
    let response = house.send(request.body(Body::empty()).unwrap()).await;
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = axum::body::to_bytes(response.into_body(), 16 << 20).await.unwrap();
    (status, headers, bytes.to_vec())
}

/// What another program reads in a PDF, without white space: lines end anywhere.
fn read(pdf: &[u8]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("form.pdf");
    std::fs::write(&file, pdf).unwrap();
    let output = Command::new("pdftotext")
        .args(["-raw", "-enc", "UTF-8"])
        .arg(&file)
        .arg("-")
        .output()
        .unwrap_or_else(|error| panic!("pdftotext must be installed: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && complaint.is_empty(), "pdftotext: {complaint}");
    String::from_utf8(output.stdout).unwrap().split_whitespace().collect()
}

fn header_of<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// The forms that a page of forms links to.
fn links(page: &str) -> Vec<String> {
    let all = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    all.filter(|path| path.ends_with(".pdf")).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_is_filled_in_and_comes_with_safe_headers() {
    let house = House::with_regulator().await;
    let alice = house.sign_in("alice").await;
    let mallory = house.sign_in("mallory").await;
    let number = filled_in(&house, &alice).await;
    let (status, page) = house.get(Some(&alice), &format!("/orders/{number}/forms")).await;
    assert_eq!(status, StatusCode::OK);
    let linked = links(&page);
    assert!(linked.iter().any(|path| path.ends_with("/verification-form.pdf")), "{linked:?}");
    let organisation = practice::ORGANISATIONS[0];
    for form in Form::ALL {
        let path = format!("/orders/{number}/forms/{}.pdf", form.slug());
        let (status, headers, pdf) = fetch(&house, Some(&alice), &path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(header_of(&headers, "content-type"), "application/pdf");
        let disposition = header_of(&headers, "content-disposition");
        assert_eq!(disposition, format!("inline; filename=\"{number}-{}.pdf\"", form.slug()));
        assert_eq!(header_of(&headers, "cache-control"), "no-store", "{path} names people");
        assert_eq!(header_of(&headers, "x-content-type-options"), "nosniff");
        assert!(header_of(&headers, "content-security-policy").contains("default-src 'none'"), "{headers:?}");
        let text = read(&pdf);
        let title: String = form.label().zh.split_whitespace().collect();
        assert!(text.contains(&title), "{path}: {text}");
        assert!(text.contains(number.0.as_ref() as &str), "{path} names the order: {text}");
        let named = [organisation.name, practice::PEOPLE[0].name, practice::PEOPLE[1].name];
        assert!(named.iter().any(|name| text.contains(name)), "{path} names somebody: {text}");
        for visitor in [Some(&mallory), None] {
            let (status, _, body) = fetch(&house, visitor, &path).await;
            let expected = if visitor.is_some() { StatusCode::NOT_FOUND } else { StatusCode::SEE_OTHER };
            assert_eq!(status, expected, "{path}");
            assert!(!body.starts_with(b"%PDF"), "{path}");
        }
    }
    let text = read(&fetch(&house, Some(&alice), &linked[0]).await.2);
    for stated in [organisation.name, organisation.uscc, DOMAIN, "习作网络科技"] {
        assert!(text.contains(stated), "{stated}: {text}");
    }
    for path in ["/forms/verification-form", "/forms/nothing.pdf", "/forms/..%2Fpledge.pdf"] {
        let (status, ..) = fetch(&house, Some(&alice), &format!("/orders/{number}{path}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    let (status, ..) = fetch(&house, Some(&mallory), &format!("/orders/{number}/forms")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_named_by_its_number() {
    let house = House::with_regulator().await;
    let alice = house.sign_in("alice").await;
    let number = filled_in(&house, &alice).await;
    file(&house, &number).await;
    let filer = user(&house, "alice").await;
    let filed = "粤ICP备2026000001号-1";
    for (kind, form, shown) in [
        (FilingKind::CancelService, "service-cancellation", filed),
        (FilingKind::CancelAccess, "access-cancellation", filed),
        (FilingKind::CancelSponsor, "sponsor-cancellation", "粤ICP备2026000001号"),
        (FilingKind::ChangeService, "change-application", filed),
    ] {
        let begun = house.app.begin_about_record(&filer, &filed.parse().unwrap(), kind).await.unwrap();
        let beian_app::RecordOrder::Begun(order) = begun else { panic!("expected an order") };
        let page = house.get(Some(&alice), &format!("/orders/{}/forms", order.number)).await.1;
        let path = format!("/orders/{}/forms/{form}.pdf", order.number);
        assert!(links(page.split("<details").next().unwrap()).contains(&path), "{kind:?} asks for it");
        let (status, _, pdf) = fetch(&house, Some(&alice), &path).await;
        assert_eq!(status, StatusCode::OK);
        let text = read(&pdf);
        assert!(text.contains(shown) && text.contains(practice::ORGANISATIONS[0].name), "{form}: {text}");
        house.app.withdraw_order(&filer, &order.number, order.revision).await.unwrap();
    }
}
