//! What leaves, against real HTTP servers on this machine; signatures are judged by Python.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::quiet::Quiet;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use beian_app::{AppError, HttpSms, NoticeState, SmsGateway, WebhookRefusal};
use beian_domain::{NoticeChannel, NoticeClass, NoticeKind, NoticeLanguage};
use beian_store::NoticeFilter;
use chrono::TimeDelta;

/// What an endpoint received, and how it answers.
#[derive(Clone, Default)]
struct Endpoint {
    received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answers: Arc<Mutex<Vec<Answer>>>,
}

#[derive(Clone, Copy)]
enum Answer {
    Status(u16),
    /// More than anybody should read.
    Endless,
    Redirect,
    /// Nothing, for longer than anybody should wait.
    Silence,
    Json(&'static str),
}

impl Endpoint {
    async fn start(answers: &[Answer]) -> (Self, String) {
        let mut answers = answers.to_vec();
        answers.reverse();
        let endpoint = Self { answers: Arc::new(Mutex::new(answers)), ..Self::default() };
        let router = Router::new().fallback(any(answer)).with_state(endpoint.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (endpoint, url)
    }

    fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }
}

async fn answer(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Bytes) -> Response {
    endpoint.received.lock().unwrap().push((headers, body));
    let next = endpoint.answers.lock().unwrap().pop();
    match next {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(Answer::Status(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Answer::Endless) => {
            let pieces = futures_forever();
            Body::from_stream(pieces).into_response()
        }
        Some(Answer::Redirect) => {
            (StatusCode::FOUND, [(header::LOCATION, "http://127.0.0.1:1/elsewhere")]).into_response()
        }
        Some(Answer::Silence) => std::future::pending::<Response>().await,
        Some(Answer::Json(text)) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
    }
}

fn futures_forever() -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    futures_util::stream::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 8192])))
}

/// The signature of a request by an implementation that is not ours.
fn signature_by_python(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> String {
    let python = std::env::var("BEIAN_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = "import base64,hashlib,hmac,sys\n\
        key=base64.b64decode(sys.argv[1].split('_',1)[1])\n\
        signed=f'{sys.argv[2]}.{sys.argv[3]}.'.encode()+sys.stdin.buffer.read()\n\
        print('v1,'+base64.b64encode(hmac.new(key,signed,hashlib.sha256).digest()).decode())";
    let mut child = Command::new(python)
        .args(["-c", script, secret, id, timestamp])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(body).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A draft that has waited for a week: one event.
async fn one_event(house: &Quiet) {
    house.draft().await;
    house.clock.advance(TimeDelta::days(7));
    house.tick().await;
}

#[tokio::test]
async fn an_endpoint_is_called_with_a_signature_that_others_can_verify() {
    let house = Quiet::with_sms(SmsGateway::Off).await;
    let (endpoint, url) = Endpoint::start(&[]).await;
    let (other, other_url) = Endpoint::start(&[]).await;
    let (provider, provider_url) = Endpoint::start(&[]).await;
    let made = house.app.create_webhook(&house.filer, &url, vec![NoticeKind::OrderWaiting]).await.unwrap();
    house.app.create_webhook(&house.filer, &other_url, vec![NoticeKind::OrderFiled]).await.unwrap();
    house.app.create_webhook(&house.operator, &provider_url, Vec::new()).await.unwrap();
    one_event(&house).await;
    house.send().await;
    assert_eq!((endpoint.count(), other.count(), provider.count()), (1, 0, 1), "each hears what it wants");

    let (headers, body) = endpoint.received.lock().unwrap()[0].clone();
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let (id, timestamp) = (text("webhook-id"), text("webhook-timestamp"));
    let expected = signature_by_python(made.secret.expose(), &id, &timestamp, &body);
    assert_eq!(text("webhook-signature"), expected);
    let event: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(event["type"], "order.waiting");
    assert_eq!(event["data"]["days"], 7);
    assert!(event["data"]["order"].as_str().unwrap().starts_with("BA"));

    // Sent again from the page: the same identifier, a time and a signature of its own.
    let view = house.app.webhook(&house.filer, made.id).await.unwrap();
    assert!(!format!("{view:?}").contains(made.secret.expose()), "the secret is told once");
    assert!(matches!(view.deliveries[0].state, NoticeState::Sent(_)));
    house.clock.advance(TimeDelta::minutes(3));
    house.app.replay_webhook(&house.filer, view.deliveries[0].id).await.unwrap();
    house.send().await;
    let (again, same_body) = endpoint.received.lock().unwrap()[1].clone();
    assert_eq!(again["webhook-id"], id.as_str());
    assert_ne!(again["webhook-timestamp"], timestamp.as_str());
    assert_eq!(same_body, body);
    // Nobody replays or sees what is not theirs.
    let foreign = house.app.replay_webhook(&house.operator, view.deliveries[0].id).await;
    assert!(matches!(foreign, Err(AppError::NotFound)), "{foreign:?}");
    assert!(matches!(house.app.webhook(&house.operator, made.id).await, Err(AppError::NotFound)));

    house.app.stop_webhook(&house.filer, made.id).await.unwrap();
    let stopped = house.app.replay_webhook(&house.filer, view.deliveries[0].id).await;
    assert!(matches!(stopped, Err(AppError::NotOffered)), "{stopped:?}");
}

#[tokio::test]
async fn an_endpoint_that_fails_is_tried_for_a_day_and_then_waits_for_a_person() {
    let house = Quiet::with_sms(SmsGateway::Off).await;
    let (endpoint, url) = Endpoint::start(&[Answer::Status(500); 100]).await;
    let made = house.app.create_webhook(&house.filer, &url, Vec::new()).await.unwrap();
    one_event(&house).await;
    for _ in 0..(26 * 60) {
        house.send().await;
        house.clock.advance(TimeDelta::minutes(1));
    }
    let tried = endpoint.count();
    assert!((8..=16).contains(&tried), "{tried} attempts in a day");
    let desk = house.app.notice_desk(&house.operator).await.unwrap();
    assert_eq!(desk.failed.len(), 1);
    assert_eq!(desk.failed[0].problem.as_deref(), Some("the endpoint answered 500"));
    assert!(desk.troubled.is_empty());
    house.send().await;
    assert_eq!(endpoint.count(), tried, "given up is given up");
    endpoint.answers.lock().unwrap().clear();
    house.app.retry_notice(&house.operator, desk.failed[0].id).await.unwrap();
    house.send().await;
    let view = house.app.webhook(&house.filer, made.id).await.unwrap();
    assert!(matches!(view.deliveries[0].state, NoticeState::Sent(_)));
    assert!(matches!(house.app.notice_desk(&house.filer).await, Err(AppError::Forbidden)));
}

#[tokio::test]
async fn a_slow_endless_or_redirecting_endpoint_holds_nothing_up() {
    let house = Quiet::with_sms(SmsGateway::Off).await;
    let mut endpoints = Vec::new();
    for answer in
        [Answer::Silence, Answer::Endless, Answer::Redirect, Answer::Status(410), Answer::Status(200)]
    {
        let (endpoint, url) = Endpoint::start(&[answer]).await;
        let made = house.app.create_webhook(&house.filer, &url, Vec::new()).await.unwrap();
        endpoints.push((endpoint, made.id));
    }
    one_event(&house).await;
    house.send().await;
    let mut states = Vec::new();
    for (_, id) in &endpoints {
        let view = house.app.webhook(&house.filer, *id).await.unwrap();
        let delivery = &view.deliveries[0];
        states.push((delivery.problem.clone(), matches!(delivery.state, NoticeState::Sent(_))));
        let is_gone = delivery.problem.as_deref().is_some_and(|problem| problem.contains("410"));
        assert_eq!(view.stopped_at.is_some(), is_gone);
    }
    let problem = |index: usize| states[index].0.as_deref().unwrap_or_default();
    assert_eq!(problem(0), "no answer in time");
    assert!(states[1].1, "its status was good, and its body is not read");
    assert_eq!(problem(2), "the endpoint answered 302", "it is not followed");
    assert!(problem(3).contains("410"));
    assert!(states[4].1);
}

#[tokio::test]
async fn addresses_of_this_machine_are_refused_unless_it_is_practice() {
    let house = Quiet::open().await;
    for url in [
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "https://169.254.169.254/",
        "https://[::1]/",
        "https://2130706433/",
    ] {
        let refused = house.app.create_webhook(&house.filer, url, Vec::new()).await;
        let Err(AppError::Webhook(refusal)) = refused else { panic!("{url}: {refused:?}") };
        assert!(matches!(refusal, WebhookRefusal::NotPublic | WebhookRefusal::Scheme), "{url}: {refusal:?}");
    }
    for _ in 0..10 {
        house.app.create_webhook(&house.filer, "https://example.com/hook", Vec::new()).await.unwrap();
    }
    let eleventh = house.app.create_webhook(&house.filer, "https://example.com/hook", Vec::new()).await;
    assert!(matches!(eleventh, Err(AppError::Webhook(WebhookRefusal::TooMany { most: 10 }))));
}

fn gateway(url: &str, format: &str) -> SmsGateway {
    let file = format!(
        "url = \"{url}\"\nformat = \"{format}\"\nheader = \"X-Secret\"\nsecret = \"s3cret\"\n\
         [fields]\nphone = \"{{mobile}}\"\ntext = \"【习作云】{{text}}\"\n\
         [accepted]\npointer = \"/code\"\nequals = \"0\"\n"
    );
    SmsGateway::Http(Box::new(HttpSms::from_toml(&file).unwrap()))
}

#[tokio::test]
async fn an_sms_goes_to_whom_it_should_and_the_gateways_answer_is_judged() {
    let answers = [
        Answer::Json(r#"{"code":"busy"}"#),
        Answer::Status(503),
        Answer::Endless,
        Answer::Json(r#"{"code":0}"#),
    ];
    let (endpoint, url) = Endpoint::start(&answers).await;
    let house = Quiet::with_sms(gateway(&url, "json")).await;
    // A draft's telephone nobody has looked at; the account has named none either.
    one_event(&house).await;
    house.send().await;
    assert_eq!(endpoint.count(), 0);
    let choices = vec![(NoticeClass::Action, NoticeChannel::Sms)];
    let mobile = beian_domain::practice::PEOPLE[1].mobile;
    let settings = (NoticeLanguage::English, Some(mobile.parse().unwrap()));
    house.app.set_notice_settings(&house.filer, settings.0, settings.1, choices).await.unwrap();
    house.clock.advance(TimeDelta::days(8));
    house.tick().await;
    let mails = house.store.read().notices(NoticeFilter::Of(NoticeChannel::Mail), 10).await.unwrap().len();
    assert_eq!(mails, 1, "mail was chosen off after the first");
    for _ in 0..8 {
        house.send().await;
        house.clock.advance(TimeDelta::minutes(5));
    }
    assert_eq!(endpoint.count(), 4, "until it was taken");
    let (headers, body) = endpoint.received.lock().unwrap()[0].clone();
    assert_eq!(headers["x-secret"], "s3cret");
    let sent: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(sent["phone"], mobile);
    assert!(sent["text"].as_str().unwrap().starts_with("【习作云】Order BA"), "{sent}");
    assert!(house.app.notice_desk(&house.operator).await.unwrap().failed.is_empty());
}

#[tokio::test]
async fn a_gateway_that_refuses_for_good_is_not_asked_again() {
    let (endpoint, url) = Endpoint::start(&[Answer::Status(403)]).await;
    let house = Quiet::with_sms(gateway(&url, "form")).await;
    let mobile = beian_domain::practice::PEOPLE[1].mobile.parse().unwrap();
    let all = vec![(NoticeClass::Action, NoticeChannel::Sms)];
    house.app.set_notice_settings(&house.filer, NoticeLanguage::Chinese, Some(mobile), all).await.unwrap();
    one_event(&house).await;
    house.send().await;
    house.clock.advance(TimeDelta::hours(5));
    house.send().await;
    assert_eq!(endpoint.count(), 1);
    let desk = house.app.notice_desk(&house.operator).await.unwrap();
    assert_eq!(desk.failed[0].problem.as_deref(), Some("the gateway answered 403"));
    assert!(desk.practice_sms.is_none());
    let (headers, body) = endpoint.received.lock().unwrap()[0].clone();
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    assert!(body.starts_with(b"phone=1"), "{body:?}");
}

#[tokio::test]
async fn mail_is_plain_text_in_the_language_of_the_account() {
    let house = Quiet::open().await;
    let all = vec![(NoticeClass::Action, NoticeChannel::Mail)];
    house.app.set_notice_settings(&house.filer, NoticeLanguage::English, None, all).await.unwrap();
    one_event(&house).await;
    house.send().await;
    let files: Vec<_> = std::fs::read_dir(house.directory.path().join("mail"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    let mail = std::fs::read_to_string(&files[0]).unwrap();
    assert!(mail.contains("Content-Type: text/plain; charset=utf-8"), "{mail}");
    assert!(mail.contains("Subject: Order BA"), "{mail}");
    let head = mail.split("\r\n\r\n").next().unwrap();
    assert_eq!(head.matches("\r\nTo: ").count() + usize::from(head.starts_with("To: ")), 1);
}
