//! Inbox, settings, webhooks and the operator's desk, as a browser without scripts uses them.

use crate::support::{House, text};
use axum::http::StatusCode;
use beian_domain::{NoticeKind, practice};

#[tokio::test]
async fn a_message_is_seen_counted_and_marked_as_read() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let (_, empty) = house.get(Some(&alice), "/notices").await;
    assert!(empty.contains("还没有消息") && empty.contains(">站内信</a>"));
    house.order_of(&alice).await;
    house.clock.advance(chrono::TimeDelta::days(8));
    house.app.work_until_idle().await;
    let alice = house.sign_in("alice").await;
    let (_, page) = house.get(Some(&alice), "/notices").await;
    assert!(page.contains("站内信（1 条未读）") && page.contains("等待您处理") && page.contains("未读"));
    let (_, english) = house
        .get(Some(&crate::support::Visitor { cookie: format!("{}; lang=en", alice.cookie) }), "/notices")
        .await;
    assert!(english.contains("Inbox (1 unread)") && english.contains("waits for you"));

    let message = house.hidden(&alice, "/notices", "message").await;
    let csrf = house.hidden(&alice, "/notices", "csrf").await;
    let mallory = house.sign_in("mallory").await;
    let foreign = house.hidden(&mallory, "/start", "csrf").await;
    let fields = [("csrf", foreign.as_str()), ("message", message.as_str())];
    house.post(Some(&mallory), "/notices/read", &fields).await;
    assert!(house.get(Some(&alice), "/notices").await.1.contains("1 条未读"), "not theirs to read");
    let fields = [("csrf", csrf.as_str()), ("message", message.as_str())];
    assert!(house.post(Some(&alice), "/notices/read", &fields).await.status().is_redirection());
    let (_, page) = house.get(Some(&alice), "/notices").await;
    assert!(!page.contains("未读") && page.contains("等待您处理"));
    for wrong in ["", "x", "00000000-0000-0000-0000-000000000000' OR 1=1"] {
        let fields = [("csrf", csrf.as_str()), ("message", wrong)];
        assert_eq!(
            house.post(Some(&alice), "/notices/read", &fields).await.status(),
            StatusCode::BAD_REQUEST
        );
    }
}

#[tokio::test]
async fn settings_are_kept_and_a_wrong_number_is_said_so() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let path = "/notices/settings";
    let csrf = house.hidden(&alice, path, "csrf").await;
    let mut fields = vec![
        ("csrf", csrf.as_str()),
        ("language", "en"),
        ("mobile", "12345<b>"),
        ("notify-action", "sms"),
        ("notify-deadline", "mail"),
    ];
    let wrong = house.post(Some(&alice), path, &fields).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(wrong).await;
    assert!(page.contains("请输入以 13 至 19 开头") && page.contains("12345&#60;b&#62;"), "{page}");
    fields[2].1 = practice::PEOPLE[0].mobile;
    let saved = house.post(Some(&alice), path, &fields).await;
    assert!(saved.status().is_redirection());
    let (_, page) = house.get(Some(&alice), "/notices/settings?saved=1").await;
    assert!(page.contains("已保存") && page.contains(practice::PEOPLE[0].mobile));
    let checked = |name: &str, value: &str| {
        page.split("<input ").any(|input| {
            let input = input.split('>').next().unwrap_or_default();
            input.contains(&format!("name=\"{name}\""))
                && input.contains(&format!("value=\"{value}\""))
                && input.contains("checked")
        })
    };
    assert!(
        checked("language", "en") && checked("notify-action", "sms") && checked("notify-deadline", "mail")
    );
    assert!(!checked("notify-action", "mail") && !checked("notify-outcome", "mail"));
    fields[1].1 = "fr";
    assert_eq!(house.post(Some(&alice), path, &fields).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_webhook_shows_its_secret_once_and_to_its_owner() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let csrf = house.hidden(&alice, "/webhooks/new", "csrf").await;
    for (url, reason) in [
        ("https://127.0.0.1/", "内网"),
        ("https://169.254.169.254/latest", "内网"),
        ("https://[::1]/", "内网"),
        ("https://2130706433/", "内网"),
        ("http://example.com/", "https 开头"),
        ("javascript:alert(1)", "完整的地址"),
        ("https://a:b@example.com/", "用户名"),
    ] {
        let fields = [("csrf", csrf.as_str()), ("url", url)];
        let response = house.post(Some(&alice), "/webhooks/new", &fields).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{url}");
        let page = text(response).await;
        assert!(page.contains(reason), "{url}: {page}");
    }
    let fields = [("csrf", csrf.as_str()), ("url", "https://example.com/hook?<b>"), ("kinds", "order.filed")];
    let page = text(house.post(Some(&alice), "/webhooks/new", &fields).await).await;
    let secret = page.split("whsec_").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(secret.len(), 44, "32 bytes in base64");
    let address = page.split("href=\"/webhooks/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for path in ["/webhooks".to_owned(), format!("/webhooks/{address}")] {
        let (status, page) = house.get(Some(&alice), &path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(!page.contains(&secret) && page.contains("order.filed") && !page.contains("<b>\""), "{page}");
        let mallory = house.sign_in("mallory").await;
        assert!(!house.get(Some(&mallory), &path).await.1.contains("example.com"));
        let reviewer = house.sign_in("reviewer").await;
        assert!(!house.get(Some(&reviewer), &path).await.0.is_success());
    }
    let stop = format!("/webhooks/{address}/stop");
    let mallory = house.sign_in("mallory").await;
    let foreign = house.hidden(&mallory, "/webhooks/new", "csrf").await;
    let response = house.post(Some(&mallory), &stop, &[("csrf", foreign.as_str())]).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(house.post(Some(&alice), &stop, &[("csrf", csrf.as_str())]).await.status().is_redirection());
    assert!(house.get(Some(&alice), "/webhooks").await.1.contains("已停用"));
}

#[tokio::test]
async fn the_operator_sees_every_kind_by_every_way_in_both_languages() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    for short in ["zh", "en"] {
        let visitor = crate::support::Visitor { cookie: format!("{}; lang={short}", operator.cookie) };
        for path in [
            "/operator/notices",
            "/operator/notices/previews",
            "/webhooks",
            "/webhooks/new",
            "/notices",
            "/notices/settings",
        ] {
            let (status, page) = house.get(Some(&visitor), path).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(!page.contains('⟦'), "{path}");
            assert_eq!(page.matches("<h1").count(), 1, "{path}");
        }
        let (_, page) = house.get(Some(&visitor), "/operator/notices/previews").await;
        for kind in NoticeKind::ALL {
            assert!(page.contains(kind.slug()), "{}", kind.slug());
        }
        assert!(page.contains("等待您处理") && page.contains("waits for you"));
    }
    let alice = house.sign_in("alice").await;
    for path in ["/operator/notices", "/operator/notices/previews"] {
        assert_eq!(house.get(Some(&alice), path).await.0, StatusCode::FORBIDDEN);
        assert_eq!(house.get(None, path).await.0, StatusCode::SEE_OTHER);
    }
    let csrf = house.hidden(&operator, "/notices/settings", "csrf").await;
    let fields = [("csrf", csrf.as_str()), ("notice", "nonsense")];
    let response = house.post(Some(&operator), "/operator/notices/retry", &fields).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}
