//! A filing from end to end at the level of the app, over real HTTP against
//! the practice regulator.
#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use beian_app::{
    App, AppError, BeginOutcome, Beginning, Mailer, Parts, Policy, ResourceEvent, Secret, Submission, User,
};
use beian_domain::{
    CertificateKind, Clock, ManualClock, MaterialUse, OrderNumber, OrderState, Personal, Random,
    ResourceKind, ReturnedField, Role, SeededRandom, ServicePrincipal, SponsorNature, practice,
};
use beian_exchange::{Endpoint, RegulatorClient, Timeouts};
use beian_rules::{RegulatorKind, Rulebook};
use beian_sandbox::{Identities, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, SmsPolicy};
use beian_store::{Keys, Options, Store};
use beian_wire::Password;
use beian_wire::package::{Encryption, SharedSecret};
use chrono::{DateTime, TimeDelta};

struct House {
    app: App,
    clock: Arc<ManualClock>,
    regulator: Regulator,
    filer: User,
    reviewer: User,
    _directory: tempfile::TempDir,
}

/// The practice regulator on a free port, and its steering interface.
struct Regulator {
    base: String,
    http: reqwest::Client,
}

impl Regulator {
    async fn start(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let config = SandboxConfig {
            providers: vec![Provider {
                isp_id: 440_000_000_001,
                name: "Practice Cloud".to_owned(),
                user_name: "practice".to_owned(),
                password: Password::new("practice-password".to_owned()),
                secret: SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap(),
                province: "440000".parse().unwrap(),
            }],
            review: ReviewPolicy::Console,
            sms: SmsPolicy::Console,
            identities: Identities::PracticeOnly,
            console_password: beian_sandbox::Secret::new("console"),
            store: Persistence::Volatile,
        };
        let sandbox = Sandbox::open(config, clock, random).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, sandbox.router()).await.unwrap() });
        Self { base, http: reqwest::Client::builder().build().unwrap() }
    }

    async fn post(&self, path: &str, body: &str) {
        let answer = self
            .http
            .post(format!("{}/regulator/api/{path}", self.base))
            .bearer_auth("console")
            .header("content-type", "application/json")
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{path}: {status} {}", answer.text().await.unwrap());
    }

    async fn get(&self, path: &str) -> serde_json::Value {
        let answer = self
            .http
            .get(format!("{}/regulator/api/{path}", self.base))
            .bearer_auth("console")
            .send()
            .await
            .unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    async fn filing_ids(&self) -> Vec<u64> {
        let filings = self.get("filings").await;
        let list = filings.as_array().or_else(|| filings["filings"].as_array()).unwrap().clone();
        list.iter().map(|filing| filing["id"].as_u64().unwrap()).collect()
    }
}

impl House {
    async fn open() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_400_000, 0).unwrap()));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(3));
        let regulator = Regulator::start(clock.clone(), random.clone()).await;
        let store = Store::open(
            Options {
                database: format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
                files: directory.path().to_owned(),
                keys: Keys::generate(&*random),
                commit_hook: None,
            },
            clock.clone(),
            random.clone(),
        )
        .await
        .unwrap();
        let client = RegulatorClient::new(
            Endpoint {
                base_url: regulator.base.clone(),
                isp_id: 440_000_000_001,
                user_name: "practice".to_owned(),
                password: Password::new("practice-password".to_owned()),
                secret: SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap(),
                encryption: Encryption::Required,
            },
            random.clone(),
            Timeouts { connect: Duration::from_secs(2), call: Duration::from_secs(20) },
        )
        .unwrap();
        let app = App::new(Parts {
            store,
            rulebook: Rulebook::bundled().unwrap(),
            regulator: client,
            mailer: Mailer::files(&directory.path().join("mail"), "beian <beian@example.com>").unwrap(),
            clock: clock.clone(),
            random,
            policy: Policy {
                provider_name: "Practice Cloud".to_owned(),
                public_url: "http://localhost".to_owned(),
                regulator: RegulatorKind::Practice,
                cloud_token: Secret::new("cloud"),
                poll_seconds: 1,
            },
        });
        let filer = sign_in(&app, Role::Filer).await;
        let reviewer = sign_in(&app, Role::Reviewer).await;
        app.report_resource(ResourceEvent {
            reference: "srv-1".to_owned(),
            owner: filer.login.clone(),
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
        Self { app, clock, regulator, filer, reviewer, _directory: directory }
    }

    /// An order of the first practice organisation, filled in and submitted.
    async fn submitted_order(&self) -> OrderNumber {
        let organisation = practice::ORGANISATIONS[0];
        let begun = self
            .app
            .begin_order(
                &self.filer,
                Beginning {
                    nature: SponsorNature::Enterprise,
                    certificate_kind: CertificateKind::BusinessLicence,
                    certificate_number: Personal::new(organisation.uscc),
                    domain: "xizuo-journey.cn".to_owned(),
                },
            )
            .await
            .unwrap();
        let BeginOutcome::Begun(order) = begun else { panic!("{begun:?}") };
        let number = order.number.clone();
        let person = practice::PEOPLE[0];
        self.app
            .edit_order(&self.filer, &number, order.revision, |case| {
                let sponsor = &mut case.sponsor;
                sponsor.name = Some(Personal::new(organisation.name));
                sponsor.investor = Some(Personal::new(organisation.name));
                sponsor.certificate.address = Some(Personal::new(organisation.address));
                sponsor.certificate.division = Some(organisation.division.parse().unwrap());
                sponsor.division = Some(organisation.division.parse().unwrap());
                sponsor.address = Some(Personal::new("习作路1号练习大厦101室"));
                let principal = &mut sponsor.principal;
                principal.name = Some(Personal::new(person.name));
                principal.certificate_kind = Some(CertificateKind::ResidentIdCard);
                principal.certificate_number = Some(Personal::new(person.resident_id));
                principal.mobile = Some(Personal::new(person.mobile));
                principal.emergency_phone = Some(Personal::new(person.emergency_phone));
                principal.office_phone = Some(Personal::new("0755-00000000"));
                principal.email = Some(Personal::new(person.email));
                let service = &mut case.service;
                service.name = Some("习作网络科技".to_owned());
                service.contents = vec![8.try_into().unwrap()];
                service.languages = vec![1.try_into().unwrap()];
                service.principal = Some(ServicePrincipal::SameAsSponsor);
                service.remark = Some("企业介绍与产品展示".to_owned());
                case.access.resource = Some("srv-1".to_owned());
            })
            .await
            .unwrap();
        for purpose in MaterialUse::ALL {
            self.app.hand_in_material(&self.filer, &number, purpose, picture()).await.unwrap();
        }
        self.submit(&number).await;
        number
    }

    async fn submit(&self, number: &OrderNumber) {
        let view = self.app.order(&self.filer, number).await.unwrap();
        let submission = self.app.submit_order(&self.filer, number, view.order.revision).await.unwrap();
        assert!(matches!(submission, Submission::Submitted), "{submission:#?}");
        // A double click: the same revision again.
        let again = self.app.submit_order(&self.filer, number, view.order.revision).await.unwrap();
        assert!(matches!(again, Submission::Submitted));
    }

    async fn approve(&self, number: &OrderNumber) {
        let view = self.app.order(&self.reviewer, number).await.unwrap();
        self.app.approve_order(&self.reviewer, number, view.order.revision).await.unwrap();
    }

    async fn state(&self, number: &OrderNumber) -> OrderState {
        self.app.order(&self.filer, number).await.unwrap().order.state()
    }
}

async fn sign_in(app: &App, role: Role) -> User {
    let login = role.slug().parse().unwrap();
    let password = Secret::new("practice makes perfect");
    app.create_account(login, password.clone(), role, Some("a@practice.example.com".parse().unwrap()))
        .await
        .unwrap();
    let token = app.sign_in(&role.slug().parse().unwrap(), password).await.unwrap();
    app.authenticate(&token).await.unwrap().unwrap()
}

fn picture() -> Vec<u8> {
    let image =
        image::RgbImage::from_fn(1_400, 900, |x, y| image::Rgb([(x % 251) as u8, (y % 241) as u8, 200]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_website_is_filed_and_gets_its_number() {
    let house = House::open().await;
    let number = house.submitted_order().await;

    // The provider returns it: only what was returned can be edited.
    let view = house.app.order(&house.reviewer, &number).await.unwrap();
    let fields =
        vec![ReturnedField { pointer: "/service/name".into(), reason: "与网站内容不符".to_owned() }];
    house.app.return_order(&house.reviewer, &number, view.order.revision, fields).await.unwrap();
    let revision = view.order.revision + 1;
    let beyond = house
        .app
        .edit_order(&house.filer, &number, revision, |case| case.service.remark = Some("别的".to_owned()))
        .await;
    assert!(matches!(beyond, Err(AppError::NotReturned { .. })), "{beyond:?}");
    house
        .app
        .edit_order(&house.filer, &number, revision, |case| {
            case.service.name = Some("习作软件公司网站".to_owned())
        })
        .await
        .unwrap();
    house.submit(&number).await;

    // To the regulator, which refuses it once.
    house.approve(&number).await;
    assert_eq!(house.state(&number).await, OrderState::Queued);
    house.app.work_until_idle().await;
    assert_eq!(house.state(&number).await, OrderState::AtRegulator);
    let first = house.regulator.filing_ids().await[0];
    house.regulator.post(&format!("filings/{first}/verify-sms"), "{}").await;
    house.regulator.post(&format!("filings/{first}/refuse"), r#"{"opinion":"网站名称不规范"}"#).await;
    house.app.work_until_idle().await;
    let view = house.app.order(&house.filer, &number).await.unwrap();
    assert_eq!(view.order.state(), OrderState::Refused);
    assert!(view.order.refusal.as_ref().unwrap().opinion.contains("网站名称不规范"));

    // Mended and sent again: a second file, and the number.
    house
        .app
        .edit_order(&house.filer, &number, view.order.revision, |case| {
            case.service.name = Some("深圳习作网络科技".to_owned());
        })
        .await
        .unwrap();
    house.submit(&number).await;
    house.approve(&number).await;
    house.app.work_until_idle().await;
    let second = *house.regulator.filing_ids().await.iter().max().unwrap();
    assert_ne!(first, second);
    house.regulator.post(&format!("filings/{second}/verify-sms"), "{}").await;
    house.regulator.post(&format!("filings/{second}/approve"), r#"{"opinion":"同意"}"#).await;
    house.app.work_until_idle().await;
    let view = house.app.order(&house.filer, &number).await.unwrap();
    assert_eq!(view.order.state(), OrderState::Filed);
    assert_eq!(view.order.filed_as.as_ref().unwrap().to_string(), "粤ICP备2026000001号-1");
    assert!(house.clock.now() > DateTime::UNIX_EPOCH);
    let uploads = house.regulator.get("uploads").await;
    assert_eq!(uploads.as_array().or_else(|| uploads["uploads"].as_array()).unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_sends_nothing_twice() {
    for form in ["cut", "garbage"] {
        let house = House::open().await;
        let number = house.submitted_order().await;
        house.approve(&number).await;
        house.regulator.post("faults/lose-next-reply", &format!(r#"{{"form":"{form}"}}"#)).await;
        house.app.work_until_idle().await;
        assert_eq!(house.state(&number).await, OrderState::Queued, "the order waits");
        let view = house.app.order(&house.filer, &number).await.unwrap();
        assert!(view.delivery.unwrap().problem.unwrap().contains("no trustworthy answer"));
        house.clock.advance(TimeDelta::seconds(30));
        house.app.work_until_idle().await;
        assert_eq!(house.state(&number).await, OrderState::AtRegulator);
        assert_eq!(house.regulator.filing_ids().await.len(), 1, "the regulator holds it exactly once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regulator_that_is_down_loses_no_order() {
    let house = House::open().await;
    let number = house.submitted_order().await;
    house.approve(&number).await;
    house.regulator.post("faults/unavailable", r#"{"state":"on"}"#).await;
    for _ in 0..3 {
        house.app.work_until_idle().await;
        house.clock.advance(TimeDelta::minutes(6));
        assert_eq!(house.state(&number).await, OrderState::Queued);
    }
    assert!(house.app.bridge_status().problem.is_some());
    house.regulator.post("faults/unavailable", r#"{"state":"off"}"#).await;
    house.app.work_until_idle().await;
    assert_eq!(house.state(&number).await, OrderState::AtRegulator);

    // A damaged file is not acknowledged; it is fetched again.
    let filing = house.regulator.filing_ids().await[0];
    house.regulator.post("faults/bad-hash", "{}").await;
    house.regulator.post(&format!("filings/{filing}/verify-sms"), "{}").await;
    house.regulator.post(&format!("filings/{filing}/approve"), r#"{"opinion":"同意"}"#).await;
    house.app.work_until_idle().await;
    assert_eq!(house.state(&number).await, OrderState::AtRegulator);
    house.clock.advance(TimeDelta::minutes(1));
    house.app.work_until_idle().await;
    assert_eq!(house.state(&number).await, OrderState::Filed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regulator_that_does_not_answer_is_not_asked_for_every_page() {
    let house = House::open().await;
    let question = |name: &str| beian_app::Question::Domain(name.parse().unwrap());
    house.regulator.post("faults/unavailable", r#"{"state":"on"}"#).await;
    assert!(house.app.ask_regulator(&question("xizuo-a.cn")).await.is_err());
    house.regulator.post("faults/unavailable", r#"{"state":"off"}"#).await;
    let silent = house.app.ask_regulator(&question("xizuo-b.cn")).await;
    assert!(silent.is_err(), "ten seconds of silence: {silent:?}");
    house.clock.advance(TimeDelta::seconds(11));
    let (at, _) = house.app.ask_regulator(&question("xizuo-b.cn")).await.unwrap();
    house.clock.advance(TimeDelta::seconds(30));
    house.regulator.post("faults/unavailable", r#"{"state":"on"}"#).await;
    assert_eq!(
        house.app.ask_regulator(&question("xizuo-b.cn")).await.unwrap().0,
        at,
        "remembered for a minute"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_rest_the_account() {
    let house = House::open().await;
    let login = Role::Filer.slug().parse().unwrap();
    for _ in 0..5 {
        assert!(house.app.sign_in(&login, Secret::new("wrong")).await.is_err());
    }
    let right = Secret::new("practice makes perfect");
    let error = house.app.sign_in(&login, right.clone()).await.unwrap_err();
    assert!(error.to_string().contains("too many"), "{error}");
    house.clock.advance(TimeDelta::minutes(16));
    assert!(house.app.sign_in(&login, right).await.is_ok());
}
