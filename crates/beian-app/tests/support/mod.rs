//! The product over real HTTP against the practice regulator.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use beian_app::{
    App, BeginOutcome, Beginning, Gateways, Mailer, NameServer, Parts, Policy, Probe, ResourceEvent,
    SecondFactorPolicy, Secret, Shelf, Submission, Tesseract, User,
};
use beian_domain::{
    CertificateKind, Clock, ManualClock, MaterialUse, OrderNumber, OrderState, Personal, Random,
    ResourceKind, Role, SeededRandom, ServicePrincipal, SponsorNature, practice,
};
use beian_exchange::{Endpoint, RegulatorClient, Timeouts};
use beian_rules::{RegulatorKind, Rulebook, SigningKey, VerifyingKey};
use beian_sandbox::{Identities, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, SmsPolicy};
use beian_store::{CommitHook, Keys, Options, Store};
use beian_wire::Password;
use beian_wire::package::{Encryption, SharedSecret};
use chrono::{DateTime, TimeDelta};

/// The product, its people and the practice regulator.
pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) regulator: Regulator,
    pub(crate) filer: User,
    pub(crate) reviewer: User,
    pub(crate) other: User,
    pub(crate) operator: User,
    pub(crate) directory: tempfile::TempDir,
    pub(crate) premises: Premises,
}

/// Where a provider keeps what it keeps, and by what it tells time and draws chance: the product can be
/// opened there again and again.
#[derive(Clone)]
pub(crate) struct Premises {
    /// The database and mail.
    pub(crate) data: PathBuf,
    pub(crate) files: PathBuf,
    pub(crate) rulebooks: PathBuf,
    pub(crate) keys: Keys,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) random: Arc<dyn Random>,
}

impl Premises {
    pub(crate) async fn store(&self, commit_hook: Option<CommitHook>) -> Store {
        let options = Options {
            database: format!("sqlite://{}/test.db?mode=rwc", self.data.display()),
            files: self.files.clone(),
            keys: self.keys.clone(),
            commit_hook,
        };
        Store::open(options, self.clock.clone(), self.random.clone()).await.unwrap()
    }

    /// Speaks to the regulator at an address.
    pub(crate) fn client(&self, regulator: &str) -> RegulatorClient {
        RegulatorClient::new(
            Endpoint {
                base_url: regulator.to_owned(),
                isp_id: ISP_ID,
                user_name: "practice".to_owned(),
                password: regulator_password(),
                secret: secret(),
                encryption: Encryption::Required,
            },
            self.random.clone(),
            Timeouts { connect: Duration::from_secs(2), call: Duration::from_secs(20) },
        )
        .unwrap()
    }

    /// The product over a store of these premises.
    pub(crate) fn product(&self, store: Store, means: Means) -> App {
        let Means {
            rulebook,
            regulator,
            gateways,
            name_server,
            probe,
            host_index,
            tesseract,
            second_factor,
            public_url,
        } = means;
        App::new(Parts {
            store,
            shelf: Shelf::open(self.rulebooks.clone(), rulebook, Some(key())).unwrap(),
            regulator,
            mailer: Mailer::files(&self.data.join("mail"), "beian <beian@example.com>").unwrap(),
            gateways,
            vendor: None,
            probe,
            host_index,
            tesseract,
            fonts: beian_app::FontSource::embedded(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            policy: Policy {
                provider_name: "Practice Cloud".to_owned(),
                public_url: public_url.to_owned(),
                regulator: RegulatorKind::Practice,
                cloud_token: Secret::new("cloud"),
                poll_seconds: 1,
                name_server,
                second_factor,
            },
        })
    }
}

/// What the product works with beside its store.
pub(crate) struct Means {
    pub(crate) rulebook: Rulebook,
    pub(crate) regulator: RegulatorClient,
    pub(crate) gateways: Gateways,
    pub(crate) name_server: NameServer,
    pub(crate) probe: Option<Probe>,
    pub(crate) host_index: Option<PathBuf>,
    pub(crate) tesseract: Option<Tesseract>,
    pub(crate) second_factor: SecondFactorPolicy,
    pub(crate) public_url: &'static str,
}

impl Means {
    /// Of practice.
    pub(crate) fn of(regulator: RegulatorClient) -> Self {
        Self {
            rulebook: Rulebook::bundled().unwrap(),
            regulator,
            gateways: Gateways::practice().unwrap(),
            name_server: NameServer::System,
            probe: None,
            host_index: None,
            tesseract: None,
            second_factor: SecondFactorPolicy::Optional,
            public_url: "http://localhost",
        }
    }
}

/// The provider's number with the practice regulator.
pub(crate) const ISP_ID: u64 = 440_000_000_001;
/// The password of the console and the steering interface.
pub(crate) const CONSOLE: &str = "console";

pub(crate) fn regulator_password() -> Password {
    Password::new("practice-password".to_owned())
}

fn secret() -> SharedSecret {
    SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap()
}

/// A practice regulator that knows the provider and decides nothing by itself.
pub(crate) fn practice_regulator(
    store: Persistence,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Sandbox {
    let config = SandboxConfig {
        providers: vec![Provider {
            isp_id: ISP_ID,
            name: "Practice Cloud".to_owned(),
            user_name: "practice".to_owned(),
            password: regulator_password(),
            secret: secret(),
            province: "440000".parse().unwrap(),
        }],
        review: ReviewPolicy::Console,
        sms: SmsPolicy::Console,
        identities: Identities::PracticeOnly,
        console_password: beian_sandbox::Secret::new(CONSOLE),
        store,
    };
    Sandbox::open(config, clock, random).unwrap()
}

/// The practice regulator on a free port, and its steering interface.
pub(crate) struct Regulator {
    pub(crate) base: String,
    http: reqwest::Client,
}

impl Regulator {
    async fn start(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let sandbox = practice_regulator(Persistence::Volatile, clock, random);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, sandbox.router()).await.unwrap() });
        Self { base, http: reqwest::Client::builder().build().unwrap() }
    }

    pub(crate) async fn post(&self, path: &str, body: &str) {
        let answer = self
            .http
            .post(format!("{}/regulator/api/{path}", self.base))
            .bearer_auth(CONSOLE)
            .header("content-type", "application/json")
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{path}: {status} {}", answer.text().await.unwrap());
    }

    /// Orders a fault; `when` is the JSON of its schedule.
    pub(crate) async fn fault(&self, name: &str, when: &str) {
        self.post("faults", &format!(r#"{{"fault": "{name}", "when": {when}}}"#)).await;
    }

    /// Calls all of them off.
    pub(crate) async fn no_faults(&self) {
        let url = format!("{}/regulator/api/faults", self.base);
        assert!(self.http.delete(url).bearer_auth("console").send().await.unwrap().status().is_success());
    }

    pub(crate) async fn get(&self, path: &str) -> serde_json::Value {
        let answer = self
            .http
            .get(format!("{}/regulator/api/{path}", self.base))
            .bearer_auth(CONSOLE)
            .send()
            .await
            .unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    pub(crate) async fn filing_ids(&self) -> Vec<u64> {
        let filings = self.get("filings").await;
        let list = filings.as_array().or_else(|| filings["filings"].as_array()).unwrap().clone();
        list.iter().map(|filing| filing["id"].as_u64().unwrap()).collect()
    }
}

/// With which rulebooks are sealed here.
pub(crate) fn signing_key() -> SigningKey {
    SigningKey::from_seed(&[7; 32]).unwrap()
}

fn key() -> VerifyingKey {
    signing_key().verifying_key().unwrap()
}

/// The folder of the shelf.
pub(crate) fn rulebooks(directory: &tempfile::TempDir) -> std::path::PathBuf {
    let folder = directory.path().join("rulebooks");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The program's rulebook with one text in the place of another in `provider.toml`.
pub(crate) fn changed_rulebook(before: &str, after: &str) -> Rulebook {
    edited_rulebook("provider.toml", before, after)
}

/// The same in any file.
pub(crate) fn edited_rulebook(file: &str, before: &str, after: &str) -> Rulebook {
    let snapshot = Rulebook::bundled().unwrap().snapshot();
    let mut value: serde_json::Value = serde_json::from_slice(&snapshot).unwrap();
    let file = &mut value["files"][file];
    let text = file.as_str().unwrap();
    assert!(text.contains(before), "{before}");
    *file = text.replace(before, after).into();
    Rulebook::from_snapshot(value.to_string().as_bytes()).unwrap()
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::open_asking(NameServer::System).await
    }

    /// With a name server of the test's own.
    pub(crate) async fn open_asking(name_server: NameServer) -> Self {
        Self::open_with(name_server, |_| None).await
    }

    /// And with somebody who looks at sites.
    pub(crate) async fn open_with(
        name_server: NameServer,
        probe: impl FnOnce(Arc<ManualClock>) -> Option<Probe>,
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_400_000, 0).unwrap()));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(3));
        let regulator = Regulator::start(clock.clone(), random.clone()).await;
        let premises = Premises {
            data: directory.path().to_owned(),
            files: directory.path().to_owned(),
            rulebooks: rulebooks(&directory),
            keys: Keys::generate(&*random),
            clock: clock.clone(),
            random,
        };
        let store = premises.store(None).await;
        let means =
            Means { name_server, probe: probe(clock.clone()), ..Means::of(premises.client(&regulator.base)) };
        let app = premises.product(store, means);
        let filer = sign_in(&app, "filer", Role::Filer).await;
        let other = sign_in(&app, "other", Role::Filer).await;
        let reviewer = sign_in(&app, "reviewer", Role::Reviewer).await;
        let operator = sign_in(&app, "operator", Role::Operator).await;
        let house = Self { app, clock, regulator, filer, reviewer, other, operator, directory, premises };
        house.report_server("srv-1", &house.filer).await;
        house
    }

    /// The cloud sells a server to an account.
    pub(crate) async fn report_server(&self, reference: &str, owner: &User) {
        let event = ResourceEvent {
            reference: reference.to_owned(),
            owner: owner.login.clone(),
            kind: ResourceKind::CloudServer,
            division: Some("440300".parse().unwrap()),
            prepaid: true,
            bought_at: self.clock.now(),
            expires_at: Some(self.clock.now() + TimeDelta::days(366)),
            public_address: Some("203.0.113.10".parse().unwrap()),
            quota: 5,
            server: None,
            at: None,
        };
        self.app.report_resource(event).await.unwrap();
    }

    /// What lies in the database, beside the product.
    pub(crate) async fn store(&self) -> Store {
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(4));
        Premises { random, ..self.premises.clone() }.store(None).await
    }

    /// The same person in a new session: what they may do is read at its requests.
    pub(crate) async fn again(&self, user: &User) -> User {
        let token = self.app.sign_in(&user.login, Secret::new(PASSWORD)).await.unwrap();
        self.app.authenticate(&token).await.unwrap().unwrap()
    }

    /// An order of the first practice organisation, filled in and submitted.
    pub(crate) async fn submitted_order(&self) -> OrderNumber {
        self.submitted_order_of(&self.filer, 0, "xizuo-journey.cn", "srv-1").await
    }

    /// An order of a practice organisation and the person of the same number, filled in and submitted.
    pub(crate) async fn submitted_order_of(
        &self,
        filer: &User,
        index: usize,
        domain: &str,
        resource: &str,
    ) -> OrderNumber {
        self.submitted_order_with(filer, index, domain, resource, &picture()).await
    }

    /// The same with a picture of the test's own as every material.
    pub(crate) async fn submitted_order_with(
        &self,
        filer: &User,
        index: usize,
        domain: &str,
        resource: &str,
        picture: &[u8],
    ) -> OrderNumber {
        let organisation = practice::ORGANISATIONS[index];
        let begun = self
            .app
            .begin_order(
                filer,
                Beginning {
                    service: beian_domain::ServiceKind::Website,
                    nature: SponsorNature::Enterprise,
                    certificate_kind: CertificateKind::BusinessLicence,
                    certificate_number: Personal::new(organisation.uscc),
                    former: None,
                    domain: domain.to_owned(),
                },
            )
            .await
            .unwrap();
        let BeginOutcome::Begun(order) = begun else { panic!("{begun:?}") };
        let number = order.number.clone();
        let person = practice::PEOPLE[index];
        self.app
            .edit_order(filer, &number, order.revision, |case| {
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
                case.access.resource = Some(resource.to_owned());
            })
            .await
            .unwrap();
        for purpose in MaterialUse::ALL {
            self.app.hand_in_material(filer, &number, purpose, picture.to_vec()).await.unwrap();
        }
        self.app.attest_signature(&self.reviewer, &number, "当面签署").await.unwrap();
        self.submit_as(filer, &number).await;
        number
    }

    pub(crate) async fn submit(&self, number: &OrderNumber) {
        self.submit_as(&self.filer, number).await;
    }

    async fn submit_as(&self, filer: &User, number: &OrderNumber) {
        let view = self.app.order(filer, number).await.unwrap();
        let submission = self.app.submit_order(filer, number, view.order.revision).await.unwrap();
        assert!(matches!(submission, Submission::Submitted), "{submission:#?}");
        // A double click: the same revision again.
        let again = self.app.submit_order(filer, number, view.order.revision).await.unwrap();
        assert!(matches!(again, Submission::Submitted));
    }

    pub(crate) async fn approve(&self, number: &OrderNumber) {
        let view = self.app.order(&self.reviewer, number).await.unwrap();
        self.app.approve_order(&self.reviewer, number, view.order.revision).await.unwrap();
    }

    /// One that has its number, in the name of the first practice organisation.
    pub(crate) async fn filed_order(&self) -> OrderNumber {
        let number = self.submitted_order().await;
        self.approve(&number).await;
        self.app.work_until_idle().await;
        let filing = self.regulator.filing_ids().await[0];
        self.regulator.post(&format!("filings/{filing}/verify-sms"), "{}").await;
        self.regulator.post(&format!("filings/{filing}/approve"), r#"{"opinion":"同意"}"#).await;
        self.app.work_until_idle().await;
        assert_eq!(self.state(&number).await, OrderState::Filed);
        number
    }

    pub(crate) async fn state(&self, number: &OrderNumber) -> OrderState {
        self.app.order(&self.filer, number).await.unwrap().order.state()
    }
}

/// Everybody's.
const PASSWORD: &str = "practice makes perfect";

pub(crate) async fn sign_in(app: &App, login: &str, role: Role) -> User {
    let login: beian_domain::LoginName = login.parse().unwrap();
    let password = Secret::new(PASSWORD);
    let email = Some("a@practice.example.com".parse().unwrap());
    app.create_account(login.clone(), password.clone(), role, email).await.unwrap();
    let token = app.sign_in(&login, password).await.unwrap();
    app.authenticate(&token).await.unwrap().unwrap()
}

pub(crate) fn picture() -> Vec<u8> {
    beian_picture::draw((1_400, 900), &|x, y| [(x % 251) as u8, (y % 241) as u8, 200])
}

/// A picture of a few kB, where many are sent.
pub(crate) fn plain_picture() -> Vec<u8> {
    beian_picture::draw((900, 600), &|_, _| [200, 210, 220])
}
