//! The product without a regulator, over a database that the test can write to as well.
#![allow(dead_code, reason = "each test file uses a part")]

use std::sync::Arc;
use std::time::Duration;

use beian_app::{
    App, Gateways, Mailer, Parts, Policy, Progress, Secret, Shelf, SmsGateway, User, WebhookReach,
};
use beian_domain::{
    Case, CertificateKind, FilingKind, LoginName, ManualClock, NoticeKind, OrderNumber, Personal,
    RecordState, Role, SeededRandom, ServiceFilingNumber, SponsorNature, practice,
};
use beian_exchange::{Endpoint, RegulatorClient, Timeouts};
use beian_rules::{RegulatorKind, Rulebook};
use beian_store::{Actor, FilingRecord, Keys, NewOrder, Options, Order, Store};
use beian_wire::Password;
use beian_wire::package::{Encryption, SharedSecret};
use chrono::{DateTime, Utc};

pub(crate) struct Quiet {
    pub(crate) app: App,
    /// The same database, for what only a regulator brings about.
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) random: Arc<SeededRandom>,
    pub(crate) filer: User,
    pub(crate) operator: User,
    pub(crate) directory: tempfile::TempDir,
    keys: Keys,
}

impl Quiet {
    pub(crate) async fn open() -> Self {
        Self::with(|| Gateways::practice().unwrap()).await
    }

    /// SMS as given, webhooks to this machine too, answers awaited for half a second.
    pub(crate) async fn with_sms(sms: SmsGateway) -> Self {
        let timeouts = beian_app::GatewayTimeouts {
            connect: Duration::from_millis(500),
            call: Duration::from_millis(500),
        };
        Self::with(|| Gateways::new(sms, WebhookReach::Anywhere, timeouts).unwrap()).await
    }

    async fn with(gateways: impl FnOnce() -> Gateways) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_400_000, 0).unwrap()));
        let random = Arc::new(SeededRandom::new(7));
        let keys = Keys::generate(&*random);
        let store = store(&directory, &keys, &clock, &random).await;
        let app = app(&directory, &keys, &clock, &random, gateways()).await;
        let filer = sign_in(&app, "filer", Role::Filer).await;
        let operator = sign_in(&app, "operator", Role::Operator).await;
        Self { app, store, clock, random, filer, operator, directory, keys }
    }

    /// The process ends, and another begins.
    pub(crate) async fn restart(&mut self) {
        let gateways = Gateways::practice().unwrap();
        self.app = app(&self.directory, &self.keys, &self.clock, &self.random, gateways).await;
    }

    /// What time brings about by now.
    pub(crate) async fn tick(&self) {
        while self.app.timer_step().await.unwrap() == Progress::Worked {}
    }

    /// Everything that is due goes out.
    pub(crate) async fn send(&self) {
        while self.app.outgoing_step().await.unwrap() == Progress::Worked {}
    }

    /// What a person was told, oldest first, and when.
    pub(crate) async fn told(&self, user: &User) -> Vec<(NoticeKind, DateTime<Utc>)> {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let page = self.app.inbox(user, before).await.unwrap();
            all.extend(page.messages.iter().map(|message| (message.kind, message.created_at)));
            before = page.next;
            if before.is_none() {
                all.reverse();
                return all;
            }
        }
    }

    pub(crate) async fn draft(&self) -> Order {
        let mut tx = self.store.begin(Actor::Account(self.filer.account));
        let order = tx
            .insert_order(NewOrder {
                number: OrderNumber::new(&*self.clock, &*self.random),
                owner: self.filer.account,
                kind: FilingKind::FirstFiling,
                case: case(),
            })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        order
    }

    /// A record of an order that is over.
    pub(crate) async fn record(&self, number: &str, change: impl FnOnce(&mut FilingRecord)) -> FilingRecord {
        let mut order = self.draft().await;
        let service_number: ServiceFilingNumber = number.parse().unwrap();
        let mut record = FilingRecord {
            sponsor_number: service_number.sponsor().clone(),
            holder: Some(self.filer.account),
            state: RecordState::Active,
            order: order.id,
            domain: order.domain().unwrap(),
            sponsor_index: self.store.certificate_index(&order.sponsor_certificate().unwrap()),
            sponsor_nature: SponsorNature::Enterprise,
            sponsor_name: Personal::new(practice::ORGANISATIONS[0].name),
            service_name: "习作 <b>网站</b>".to_owned(),
            ids: None,
            resource: None,
            served_elsewhere: Some(false),
            content: Some(case()),
            as_of: beian_domain::Clock::now(&*self.clock),
            service_number,
        };
        change(&mut record);
        let mut tx = self.store.begin(Actor::Bridge);
        order.apply(&beian_domain::OrderEvent::Withdraw).unwrap();
        tx.update_order(&mut order, "order.test", serde_json::json!({})).await.unwrap();
        tx.insert_record(&record).await.unwrap();
        tx.commit().await.unwrap();
        record
    }
}

pub(crate) fn case() -> Case {
    let organisation = practice::ORGANISATIONS[0];
    let mut case = Case::default();
    case.sponsor.nature = Some(SponsorNature::Enterprise);
    case.sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
    case.sponsor.certificate.number = Some(Personal::new(organisation.uscc));
    case.sponsor.division = Some(organisation.division.parse().unwrap());
    case.sponsor.principal.mobile = Some(Personal::new(practice::PEOPLE[0].mobile));
    case.service.domain = Some("xizuo-quiet.cn".to_owned());
    case
}

async fn store(
    directory: &tempfile::TempDir,
    keys: &Keys,
    clock: &Arc<ManualClock>,
    random: &Arc<SeededRandom>,
) -> Store {
    let options = Options {
        database: format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
        files: directory.path().to_owned(),
        keys: keys.clone(),
        commit_hook: None,
    };
    Store::open(options, clock.clone(), random.clone()).await.unwrap()
}

async fn app(
    directory: &tempfile::TempDir,
    keys: &Keys,
    clock: &Arc<ManualClock>,
    random: &Arc<SeededRandom>,
    gateways: Gateways,
) -> App {
    let rulebooks = directory.path().join("rulebooks");
    std::fs::create_dir_all(&rulebooks).unwrap();
    let regulator = RegulatorClient::new(
        Endpoint {
            // Nobody is there, and nobody is asked.
            base_url: "http://127.0.0.1:9".to_owned(),
            isp_id: 440_000_000_001,
            user_name: "practice".to_owned(),
            password: Password::new("practice-password".to_owned()),
            secret: SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap(),
            encryption: Encryption::Required,
        },
        random.clone(),
        Timeouts { connect: Duration::from_secs(1), call: Duration::from_secs(1) },
    )
    .unwrap();
    App::new(Parts {
        store: store(directory, keys, clock, random).await,
        shelf: Shelf::open(rulebooks, Rulebook::bundled().unwrap(), None).unwrap(),
        regulator,
        mailer: Mailer::files(&directory.path().join("mail"), "beian <beian@example.com>").unwrap(),
        gateways,
        vendor: None,
        probe: None,
        host_index: None,
        tesseract: None,
        fonts: beian_app::FontSource::embedded(),
        clock: clock.clone(),
        random: random.clone(),
        policy: Policy {
            provider_name: "习作云 Practice Cloud".to_owned(),
            public_url: "http://localhost".to_owned(),
            regulator: RegulatorKind::Practice,
            cloud_token: Secret::new("cloud"),
            poll_seconds: 1,
            name_server: beian_app::NameServer::System,
            second_factor: beian_app::SecondFactorPolicy::Optional,
        },
    })
}

async fn sign_in(app: &App, login: &str, role: Role) -> User {
    let login: LoginName = login.parse().unwrap();
    let password = Secret::new("practice makes perfect");
    let email = Some(format!("{login}@practice.example.com").parse().unwrap());
    app.create_account(login.clone(), password.clone(), role, email).await.unwrap();
    let token = app.sign_in(&login, password).await.unwrap();
    app.authenticate(&token).await.unwrap().unwrap()
}
