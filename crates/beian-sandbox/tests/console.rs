//! The pages: who gets in, what they show, and what they refuse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/play.rs"]
mod play;
mod support;

use axum::body::Body;
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode, header};
use beian_wire::upload::{AttachmentOwner, AttachmentPurpose, UploadOperation};
use beian_wire::{CancellationKind, RecordKey};
use play::{Play, access, added, cancel, number, unchanged};
use serde_json::json;
use support::{CONSOLE, World, attachment, bytes, record, simple, website};

async fn sign_in(world: &World) -> HeaderMap {
    let body = format!("password={CONSOLE}");
    let request = HttpRequest::post("/regulator/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = world.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(
        cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Strict")
            && cookie.contains("Path=/regulator"),
        "{cookie}"
    );
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, cookie.split(';').next().unwrap().parse().unwrap());
    headers
}

fn csrf(page: &str) -> String {
    page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn nobody_sees_a_filing_without_signing_in() {
    let world = World::new();
    world.upload(1, vec![simple()]).await;
    let (code, text) = world.page("/regulator/", &HeaderMap::new()).await;
    assert!(code == StatusCode::OK && text.contains("审核台口令") && !text.contains("深圳习作"));
    for path in ["/regulator/filings/1", "/regulator/filings/1/attachments/0", "/regulator/exchange"] {
        let (code, text) = world.page(path, &HeaderMap::new()).await;
        assert_eq!((code, text.as_str()), (StatusCode::SEE_OTHER, ""), "{path}");
    }
    let (code, text) = world.form("/regulator/sign-in", &HeaderMap::new(), &[("password", "wrong")]).await;
    assert!(code == StatusCode::FORBIDDEN && text.contains("口令不对"));
    let mut forged = HeaderMap::new();
    forged.insert(header::COOKIE, "regulator_session=0000".parse().unwrap());
    assert!(world.page("/regulator/", &forged).await.1.contains("审核台口令"));
    for bearer in [None, Some("Bearer wrong"), Some(CONSOLE)] {
        let mut request = HttpRequest::get("/regulator/api/filings");
        if let Some(bearer) = bearer {
            request = request.header(header::AUTHORIZATION, bearer);
        }
        assert_eq!(world.send(request.body(Body::empty()).unwrap()).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_reviewer_sees_everything_and_decides() {
    let world = World::new();
    let headers = sign_in(&world).await;
    assert!(
        world.page("/regulator/", &headers).await.1.contains("没有待审核的申请"),
        "an empty console says so"
    );
    world.upload(1, vec![simple()]).await;
    let code = world.filing(1).await["sms"][0]["code"].as_str().unwrap().to_owned();
    let (_, list) = world.page("/regulator/", &headers).await;
    assert!(
        list.contains("深圳习作网络科技有限公司")
            && list.contains(&code)
            && list.contains("还剩 24 小时 0 分"),
        "{list}"
    );
    let (_, detail) = world.page("/regulator/filings/1", &headers).await;
    for shown in
        ["91440305000000000N", "440305199003070006", "203.0.113.7", &code, "attachments/3", "xizuo-one.cn"]
    {
        assert!(detail.contains(shown), "{shown}");
    }
    assert!(!detail.contains("<textarea"), "no review before the codes are entered");
    world.api("POST", "filings/1/verify-sms", None).await;
    let (_, detail) = world.page("/regulator/filings/1", &headers).await;
    let token = csrf(&detail);

    let path = "/regulator/filings/1/review";
    let (code, _) = world.form(path, &headers, &[("decision", "approve"), ("opinion", "同意")]).await;
    assert_eq!(code, StatusCode::FORBIDDEN, "a form without the token");
    let (code, _) = world
        .form(path, &headers, &[("csrf", &"0".repeat(64)), ("decision", "approve"), ("opinion", "同意")])
        .await;
    assert_eq!(code, StatusCode::FORBIDDEN, "a form with another token");
    let (code, _) = world
        .form(path, &HeaderMap::new(), &[("csrf", &token), ("decision", "approve"), ("opinion", "同意")])
        .await;
    assert_eq!(code, StatusCode::SEE_OTHER, "nobody");
    assert_eq!(world.filing(1).await["state"], "awaiting_review");
    let (code, text) =
        world.form(path, &headers, &[("csrf", &token), ("decision", "approve"), ("opinion", " ")]).await;
    assert!(code == StatusCode::UNPROCESSABLE_ENTITY && text.contains("现为 0 字"));
    let (code, _) =
        world.form(path, &headers, &[("csrf", &token), ("decision", "approve"), ("opinion", "同意")]).await;
    assert_eq!(code, StatusCode::SEE_OTHER);
    let (_, detail) = world.page("/regulator/filings/1", &headers).await;
    assert!(detail.contains("粤ICP备2026000001号-1") && !detail.contains("<textarea"));
    let (_, exchange) = world.page("/regulator/exchange", &headers).await;
    assert!(exchange.contains("20261123120000_gd_1.xml") && exchange.contains("备案数据"), "{exchange}");

    let (code, _) = world.form("/regulator/sign-out", &headers, &[("csrf", "no")]).await;
    assert_eq!(code, StatusCode::FORBIDDEN);
    let (code, _) = world.form("/regulator/sign-out", &headers, &[("csrf", &token)]).await;
    assert_eq!(code, StatusCode::SEE_OTHER);
    assert!(world.page("/regulator/", &headers).await.1.contains("审核台口令"));
}

#[tokio::test]
async fn attachments_are_shown_as_what_they_are() {
    let world = World::new();
    let mut filing = simple();
    filing.attachments[1].content_base64 = "PHNjcmlwdD4=".to_owned();
    world.upload(1, vec![filing]).await;
    let headers = sign_in(&world).await;
    let get = |path: &'static str| {
        let request = HttpRequest::get(path)
            .header(header::COOKIE, headers[header::COOKIE].clone())
            .body(Body::empty());
        world.send(request.unwrap())
    };
    let response = get("/regulator/filings/1/attachments/0").await;
    assert_eq!(
        (response.status(), response.headers()[header::CONTENT_TYPE].to_str().unwrap()),
        (StatusCode::OK, "image/jpeg")
    );
    assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(bytes(response).await, b"\xff\xd8\xff\xe0practice\xff\xd9");
    assert_eq!(get("/regulator/filings/1/attachments/1").await.status(), StatusCode::NOT_FOUND, "no picture");
    assert_eq!(get("/regulator/filings/1/attachments/9").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(get("/regulator/filings/9").await.status(), StatusCode::NOT_FOUND);
    assert!(world.page("/regulator/filings/1", &headers).await.1.contains("不是图片"));
}

#[tokio::test]
async fn what_comes_from_outside_is_escaped() {
    let world = World::new();
    let evil = "<script>alert(1)</script>";
    let mut filing = record(0, vec![website(1, "xizuo-one.cn", 0)]);
    filing.sponsor.name = evil.to_owned();
    filing.websites[0].name = evil.to_owned();
    filing.websites[0].remark = Some(evil.to_owned());
    world.upload(1, vec![filing]).await;
    let headers = sign_in(&world).await;
    for path in [
        "/regulator/",
        "/regulator/filings/1",
        "/regulator/query?q=%3Cscript%3E",
        "/regulator/nowhere/%3Cscript%3E",
    ] {
        let (_, text) = world.page(path, &headers).await;
        assert!(!text.contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn every_page_forbids_scripts_frames_and_caches_and_warns() {
    let world = World::new();
    let pages = [
        ("/regulator/", StatusCode::OK),
        ("/regulator/sms", StatusCode::OK),
        ("/regulator/query", StatusCode::OK),
        ("/regulator/nothing", StatusCode::NOT_FOUND),
    ];
    for (path, status) in pages {
        for language in ["zh", "en"] {
            let request =
                HttpRequest::get(path).header(header::ACCEPT_LANGUAGE, language).body(Body::empty()).unwrap();
            let response = world.send(request).await;
            assert_eq!(response.status(), status);
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'"));
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
            let text = String::from_utf8(bytes(response).await).unwrap();
            let warning =
                if language == "zh" { "这里没有任何真实内容" } else { "nothing here is real" };
            assert!(
                text.contains(warning) && !text.contains("<script") && !text.contains("style=\""),
                "{path} {language}"
            );
        }
    }
    let (code, style) = world.page("/regulator/assets/regulator.css", &HeaderMap::new()).await;
    assert!(code == StatusCode::OK && style.contains("prefers-color-scheme: dark"));
}

#[tokio::test]
async fn the_language_is_remembered_and_leads_back_to_our_own_pages_only() {
    let world = World::new();
    for (asked, target) in [
        ("/regulator/language/en?back=/regulator/sms", "/regulator/sms"),
        ("/regulator/language/en?back=%2Fregulator%2Fquery%3Fq%3Da.cn", "/regulator/query?q=a.cn"),
        ("/regulator/language/en?back=https://evil.example/", "/regulator/"),
        ("/regulator/language/en?back=//evil.example/regulator/", "/regulator/"),
        ("/regulator/language/en", "/regulator/"),
    ] {
        let response = world.send(HttpRequest::get(asked).body(Body::empty()).unwrap()).await;
        assert_eq!(
            (response.status(), response.headers()[header::LOCATION].to_str().unwrap()),
            (StatusCode::SEE_OTHER, target)
        );
        assert!(response.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("lang=en;"));
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, "lang=en".parse().unwrap());
    assert!(world.page("/regulator/sms", &headers).await.1.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn guessing_the_password_is_slow() {
    let world = World::new();
    for _ in 0..10 {
        world.form("/regulator/sign-in", &HeaderMap::new(), &[("password", "wrong")]).await;
    }
    let (code, _) = world.form("/regulator/sign-in", &HeaderMap::new(), &[("password", CONSOLE)]).await;
    assert_eq!(code, StatusCode::FORBIDDEN);
    assert_eq!(world.api("GET", "filings", None).await.0, StatusCode::TOO_MANY_REQUESTS);
    world.advance(chrono::TimeDelta::minutes(5));
    assert_eq!(world.api("GET", "filings", None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn every_kind_of_filing_has_its_page() {
    let play = Play::new();
    let headers = sign_in(&play.world).await;
    let filed = play.file(0, vec![website(1, "xizuo-one.cn", 1)]).await;
    let (_, text) = play.world.page("/regulator/filings/1", &headers).await;
    assert!(
        text.contains("首次备案") && text.contains(&filed.password) && text.contains("短信和邮件"),
        "{text}"
    );
    let other = play.seed(json!({
        "certificate_number": beian_domain::practice::ORGANISATIONS[1].uscc, "domain": "xizuo-other.cn"
    }));
    let other = other.await;
    let (ztid, site) = (filed.record.sponsor.sponsor_id, &filed.record.websites[0]);
    let mut renamed = unchanged(&filed.record, 60);
    renamed.websites[0].name = "习作新名".to_owned();
    let password = other["filing_password"].as_str().unwrap();
    let form = attachment(
        AttachmentPurpose::VERIFICATION_FORM,
        AttachmentOwner::Website(RecordKey::Id(site.website_id)),
    );
    let cases = vec![
        (UploadOperation::SubmitMaterial(vec![form]), "补交材料", "xizuo-one.cn"),
        (
            access(number(&other["services"][0]["number"]), 7, "203.0.113.99", password),
            "新增接入",
            "203.0.113.99",
        ),
        (UploadOperation::Change(vec![renamed]), "变更备案", "习作新名"),
        (added(RecordKey::Id(ztid), website(2, "xizuo-two.cn", 1), None), "新增网站", "xizuo-two.cn"),
        (cancel(CancellationKind::Website, site.website_id, None), "注销网站", "主办者不再使用"),
        (cancel(CancellationKind::Sponsor, 9, None), "注销主体", "1016"),
        (cancel(CancellationKind::Access, 9, None), "取消接入", "1016"),
    ];
    for (operation, name, part) in cases {
        let id = play.ask(operation).await;
        let (code, text) = play.world.page(&format!("/regulator/filings/{id}"), &headers).await;
        assert!(code == StatusCode::OK && text.contains(name) && text.contains(part), "{name}: {text}");
        let (_, list) = play.world.page("/regulator/", &headers).await;
        assert!(list.contains(name), "{name}");
        if play.world.filing(id).await["state"] == "awaiting_sms" {
            play.refuse(id).await;
        }
    }
}
