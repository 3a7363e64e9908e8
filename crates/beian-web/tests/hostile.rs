//! What comes from outside is hostile: forged forms, other people's orders,
//! scripts in answers, files that are too large, two tabs, malformed bodies.
#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use beian_app::{App, Mailer, Parts, Policy, ResourceEvent, Secret};
use beian_domain::{Clock, ManualClock, Random, ResourceKind, Role, SeededRandom, Text, practice};
use beian_exchange::{Endpoint, RegulatorClient, Timeouts};
use beian_rules::{RegulatorKind, Rulebook};
use beian_store::{Keys, Options, Store};
use beian_web::WebConfig;
use beian_wire::Password;
use beian_wire::package::{Encryption, SharedSecret};
use chrono::{DateTime, TimeDelta};
use tower::ServiceExt;

const PASSWORD: &str = "practice makes perfect";

/// The portal with a regulator that nobody answers for.
struct House {
    router: axum::Router,
    app: App,
    _directory: tempfile::TempDir,
}

/// Somebody who is signed in.
struct Visitor {
    cookie: String,
}

impl House {
    async fn open() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_400_000, 0).unwrap()));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(11));
        let options = Options {
            database: format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
            files: directory.path().to_owned(),
            keys: Keys::generate(&*random),
            commit_hook: None,
        };
        let store = Store::open(options, clock.clone(), random.clone()).await.unwrap();
        let endpoint = Endpoint {
            // Port 1 is listened on by nobody.
            base_url: "http://127.0.0.1:1".to_owned(),
            isp_id: 440_000_000_001,
            user_name: "practice".to_owned(),
            password: Password::new("practice-password".to_owned()),
            secret: SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap(),
            encryption: Encryption::Required,
        };
        let timeouts = Timeouts { connect: Duration::from_secs(1), call: Duration::from_secs(1) };
        let app = App::new(Parts {
            store,
            rulebook: Rulebook::bundled().unwrap(),
            regulator: RegulatorClient::new(endpoint, random.clone(), timeouts).unwrap(),
            mailer: Mailer::files(&directory.path().join("mail"), "beian <beian@example.com>").unwrap(),
            clock: clock.clone(),
            random,
            policy: Policy {
                provider_name: "Practice Cloud".to_owned(),
                public_url: "http://localhost".to_owned(),
                regulator: RegulatorKind::Practice,
                cloud_token: Secret::new("cloud-token"),
                poll_seconds: 1,
            },
        });
        for (login, role) in [
            ("alice", Role::Filer),
            ("mallory", Role::Filer),
            ("reviewer", Role::Reviewer),
            ("operator", Role::Operator),
        ] {
            app.create_account(login.parse().unwrap(), Secret::new(PASSWORD), role, None).await.unwrap();
        }
        app.report_resource(ResourceEvent {
            reference: "srv-1".to_owned(),
            owner: "alice".parse().unwrap(),
            kind: ResourceKind::CloudServer,
            division: Some("440300".parse().unwrap()),
            prepaid: true,
            bought_at: clock.now(),
            expires_at: Some(clock.now() + TimeDelta::days(366)),
            public_address: Some("203.0.113.10".parse().unwrap()),
            quota: 5,
        })
        .await
        .unwrap();
        let config = WebConfig {
            public_url: "http://localhost".to_owned(),
            provider_name: Text::new("习作云", "Practice Cloud"),
            practice: None,
        };
        Self { router: beian_web::router(app.clone(), config), app, _directory: directory }
    }

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, visitor: Option<&Visitor>, path: &str) -> (StatusCode, String) {
        let mut request = Request::get(path);
        if let Some(visitor) = visitor {
            request = request.header(header::COOKIE, &visitor.cookie);
        }
        let response = self.send(request.body(Body::empty()).unwrap()).await;
        (response.status(), text(response).await)
    }

    async fn post(&self, visitor: Option<&Visitor>, path: &str, fields: &[(&str, &str)]) -> Response<Body> {
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(visitor) = visitor {
            request = request.header(header::COOKIE, &visitor.cookie);
        }
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        self.send(request.body(Body::from(body.join("&"))).unwrap()).await
    }

    async fn sign_in(&self, login: &str) -> Visitor {
        let response = self.post(None, "/sign-in", &[("login", login), ("password", PASSWORD)]).await;
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        Visitor { cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    async fn hidden(&self, visitor: &Visitor, path: &str, name: &str) -> String {
        let (status, body) = self.get(Some(visitor), path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        let at = body.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("{path} has no {name}"));
        let tag = body[at..].split('>').next().unwrap();
        tag.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    /// Begins an order of the first practice organisation.
    async fn order_of(&self, visitor: &Visitor) -> String {
        let path = "/start/certificate?nature=enterprise&domain=xizuo-hostile.cn";
        let csrf = self.hidden(visitor, path, "csrf").await;
        let fields = [
            ("csrf", csrf.as_str()),
            ("nature", "enterprise"),
            ("domain", "xizuo-hostile.cn"),
            ("sponsor-certificate-kind", "business-licence"),
            ("sponsor-certificate-number", practice::ORGANISATIONS[0].uscc),
        ];
        let response = self.post(Some(visitor), "/start/certificate", &fields).await;
        let to = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
        to.split('/').nth(2).unwrap().to_owned()
    }

    async fn answer(
        &self,
        visitor: &Visitor,
        order: &str,
        page: &str,
        field: (&str, &str),
    ) -> Response<Body> {
        let path = format!("/orders/{order}/edit/{page}");
        let csrf = self.hidden(visitor, &path, "csrf").await;
        let revision = self.hidden(visitor, &path, "revision").await;
        self.post(Some(visitor), &path, &[("csrf", &csrf), ("revision", &revision), field]).await
    }
}

async fn text(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 16 << 20).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn escape(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

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
    for (path, allowed) in
        [("/review", "reviewer"), ("/operator/bridge", "operator"), ("/operator/audit", "operator")]
    {
        for login in ["alice", "reviewer", "operator"] {
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
    let csrf = house.hidden(&alice, &path, "csrf").await;
    let upload = async |content: Vec<u8>| {
        let mut body = format!(
            "--edge\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--edge\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\ncontent-type: image/jpeg\r\n\r\n"
        )
        .into_bytes();
        body.extend(content);
        body.extend(b"\r\n--edge--\r\n");
        let request = Request::post(&path)
            .header(header::COOKIE, &alice.cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(Body::from(body))
            .unwrap();
        house.send(request).await
    };
    let response = upload(vec![0xFF; 20 << 20]).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text(response).await.contains("9"), "the limit is told");
    let response = upload(b"%PDF-1.7 not a picture".to_vec()).await;
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
