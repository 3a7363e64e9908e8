//! A portal with drafts that are ready to be handed in, on a database of choice.
#![allow(dead_code, reason = "each benchmark uses a part")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use beian_app::{
    App, BeginOutcome, Beginning, FontSource, Gateways, Mailer, NameServer, Parts, Policy, ResourceEvent,
    Secret, Shelf, Submission, User,
};
use beian_domain::{
    CertificateKind, CertificateNumber, Clock, DivisionCode, ManualClock, OrderNumber, Personal, Random,
    ResourceKind, Role, SeededRandom, ServiceKind, ServicePrincipal, SponsorNature, practice,
};
use beian_exchange::{Endpoint, RegulatorClient, Timeouts};
use beian_rules::{RegulatorKind, Rulebook};
use beian_sandbox::{Identities, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, SmsPolicy};
use beian_store::{Keys, Options, Store};
use beian_wire::Password;
use beian_wire::package::{Encryption, SharedSecret};
use chrono::{DateTime, TimeDelta};

const PASSWORD: &str = "practice makes perfect";

/// What a program does before anything else here.
pub(crate) fn prepare() {
    rustls::crypto::ring::default_provider().install_default().expect("a TLS provider");
}

/// Databases of this run on a server.
pub(crate) struct Databases {
    server: String,
    run: u32,
    names: Vec<&'static str>,
}

impl Databases {
    pub(crate) async fn make(server: &str, names: &[&'static str]) -> Self {
        let this = Self { server: server.to_owned(), run: std::process::id(), names: names.to_vec() };
        this.each("CREATE DATABASE").await;
        this
    }

    pub(crate) async fn drop(self) {
        self.each("DROP DATABASE").await;
    }

    async fn each(&self, what: &str) {
        for name in &self.names {
            let sql = format!("{what} \"bench_{}_{name}\"", self.run);
            let output = std::process::Command::new("psql")
                .args([&format!("{}/postgres", self.server), "--quiet", "--command", &sql])
                .status()
                .expect("psql");
            assert!(output.success(), "{sql}");
        }
    }

    pub(crate) fn address(&self, name: &str) -> String {
        format!("{}/bench_{}_{name}", self.server, self.run)
    }
}

pub(crate) fn time_and_chance() -> (Arc<ManualClock>, Arc<dyn Random>) {
    let now = DateTime::from_timestamp(1_795_400_000, 0).expect("a day");
    (Arc::new(ManualClock::at(now)), Arc::new(SeededRandom::new(3)))
}

/// An order with the revision that its preparer looks at.
pub(crate) struct Draft {
    pub(crate) number: OrderNumber,
    revision: AtomicI64,
    filer: User,
}

pub(crate) struct Bench {
    pub(crate) app: App,
    pub(crate) reviewer: User,
    pub(crate) drafts: Arc<Vec<Draft>>,
    companies: Vec<(DivisionCode, String)>,
    _directory: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn open(database: &str, many: usize) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let (clock, random) = time_and_chance();
        let app = app(database, &directory, &clock, &random).await;
        let reviewer = sign_in(&app, "reviewer", Role::Reviewer).await;
        let mut drafts = Vec::new();
        let companies: Vec<_> = companies().into_iter().take(many).collect();
        for (index, company) in companies.iter().enumerate() {
            // An account files for one sponsor.
            let filer = sign_in(&app, &format!("filer-{index}"), Role::Filer).await;
            let event = ResourceEvent {
                reference: format!("srv-{index}"),
                owner: filer.login.clone(),
                kind: ResourceKind::CloudServer,
                division: Some("440300".parse().expect("a division")),
                prepaid: true,
                bought_at: clock.now(),
                expires_at: Some(clock.now() + TimeDelta::days(366)),
                public_address: Some("203.0.113.10".parse().expect("an address")),
                quota: 5,
                server: None,
                at: None,
            };
            app.report_resource(event).await.expect("a resource");
            drafts.push(draft(&app, filer, &reviewer, index, company).await);
        }
        assert_eq!(drafts.len(), many, "enough practice companies");
        Self { app, reviewer, drafts: Arc::new(drafts), companies, _directory: directory }
    }

    pub(crate) async fn submit(&self, index: usize) {
        submit(&self.app, &self.drafts[index]).await;
    }

    /// Gives every order up, and begins a new one of the same company.
    pub(crate) async fn begin_again(&mut self) {
        let mut drafts = Vec::new();
        for (index, (old, company)) in self.drafts.iter().zip(&self.companies).enumerate() {
            let revision = old.revision.load(Ordering::Relaxed);
            self.app.withdraw_order(&old.filer, &old.number, revision).await.expect("given up");
            drafts.push(draft(&self.app, old.filer.clone(), &self.reviewer, index, company).await);
        }
        self.drafts = Arc::new(drafts);
    }
}

pub(crate) async fn submit(app: &App, draft: &Draft) {
    let revision = draft.revision.fetch_add(1, Ordering::Relaxed);
    match app.submit_order(&draft.filer, &draft.number, revision).await.expect("an answer") {
        Submission::Submitted => {}
        Submission::HasErrors(verdict) => panic!("expected a clear verdict, got {:#?}", verdict.diagnostics),
    }
}

/// Practice companies of Guangdong, with the counties that their numbers name.
fn companies() -> Vec<(DivisionCode, String)> {
    let rulebook = Rulebook::bundled().expect("the bundled rulebook");
    let province: DivisionCode = "440000".parse().expect("a province");
    let mut counties = Vec::new();
    for (city, _) in rulebook.divisions_below(Some(province)) {
        counties.extend(rulebook.divisions_below(Some(city)).into_iter().map(|(county, _)| county));
    }
    let number = |county: &DivisionCode| {
        "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().find_map(|check| {
            let text = format!("91{county}000000000{check}");
            let number = CertificateNumber::parse(CertificateKind::BusinessLicence, &text).ok()?;
            practice::is_practice(&number).then_some(text)
        })
    };
    counties.into_iter().filter_map(|county| Some((county, number(&county)?))).collect()
}

/// What of a company no other has, as it is among companies that are none of one another.
struct Principal {
    mobile: String,
    resident_id: String,
}

fn principal(index: usize) -> Principal {
    let born = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day") + TimeDelta::days(index as i64);
    let resident_id = "0123456789X".chars().find_map(|check| {
        let text = format!("440305{}000{check}", born.format("%Y%m%d"));
        CertificateNumber::parse(CertificateKind::ResidentIdCard, &text).ok().map(|_| text)
    });
    Principal {
        mobile: format!("13800000{index:03}"),
        resident_id: resident_id.expect("a check character for every number"),
    }
}

async fn draft(
    app: &App,
    filer: User,
    reviewer: &User,
    index: usize,
    (division, uscc): &(DivisionCode, String),
) -> Draft {
    let beginning = Beginning {
        nature: SponsorNature::Enterprise,
        certificate_kind: CertificateKind::BusinessLicence,
        certificate_number: Personal::new(uscc),
        former: None,
        service: ServiceKind::Website,
        domain: format!("xizuo-bench-{index}.cn"),
    };
    let begun = app.begin_order(&filer, beginning).await.expect("an answer");
    let BeginOutcome::Begun(order) = begun else { panic!("expected a draft, got {begun:#?}") };
    let name = "深圳习作网络科技有限公司";
    let person = practice::PEOPLE[0];
    let own = principal(index);
    let number = order.number.clone();
    let edited = app.edit_order(&filer, &number, order.revision, |case| {
        let sponsor = &mut case.sponsor;
        sponsor.name = Some(Personal::new(name));
        sponsor.investor = Some(Personal::new(name));
        sponsor.certificate.address = Some(Personal::new("广东省习作路1号练习大厦101室"));
        sponsor.certificate.division = Some(*division);
        sponsor.division = Some(*division);
        sponsor.address = Some(Personal::new(format!("习作路{}号练习大厦101室", index + 1)));
        let principal = &mut sponsor.principal;
        principal.name = Some(Personal::new(person.name));
        principal.certificate_kind = Some(CertificateKind::ResidentIdCard);
        principal.certificate_number = Some(Personal::new(&own.resident_id));
        principal.mobile = Some(Personal::new(&own.mobile));
        principal.emergency_phone = Some(Personal::new(person.emergency_phone));
        principal.office_phone = Some(Personal::new("0755-00000000"));
        principal.email = Some(Personal::new(person.email));
        let service = &mut case.service;
        service.name = Some("习作网络科技".to_owned());
        service.contents = vec![8.try_into().expect("a content")];
        service.languages = vec![1.try_into().expect("a language")];
        service.principal = Some(ServicePrincipal::SameAsSponsor);
        service.remark = Some("企业介绍与产品展示".to_owned());
        case.access.resource = Some(format!("srv-{index}"));
    });
    edited.await.expect("edited");
    let required = app.order(&filer, &number).await.expect("an order").required_materials;
    for purpose in required {
        app.hand_in_material(&filer, &number, purpose, picture(index)).await.expect("a material");
    }
    app.attest_signature(reviewer, &number, "当面签署").await.expect("attested");
    let revision = app.order(&filer, &number).await.expect("an order").order.revision;
    Draft { number, revision: AtomicI64::new(revision), filer }
}

fn picture(index: usize) -> Vec<u8> {
    let mut pictures = PICTURES.lock().expect("the pictures");
    pictures.entry(index).or_insert_with(|| draw(index)).clone()
}

/// Drawn once each: drawing takes longer than what is measured.
static PICTURES: LazyLock<Mutex<BTreeMap<usize, Vec<u8>>>> = LazyLock::new(Mutex::default);

fn draw(index: usize) -> Vec<u8> {
    let (across, down) = (251 - (index % 64) as u32, 241);
    beian_picture::draw((800, 600), &|x, y| [(x % across) as u8, (y % down) as u8, 200])
}

async fn sign_in(app: &App, login: &str, role: Role) -> User {
    let login: beian_domain::LoginName = login.parse().expect("a login name");
    let email = Some("a@practice.example.com".parse().expect("an address"));
    app.create_account(login.clone(), Secret::new(PASSWORD), role, email).await.expect("an account");
    let token = app.sign_in(&login, Secret::new(PASSWORD)).await.expect("signed in");
    app.authenticate(&token).await.expect("an answer").expect("a user")
}

async fn app(
    database: &str,
    directory: &tempfile::TempDir,
    clock: &Arc<ManualClock>,
    random: &Arc<dyn Random>,
) -> App {
    let keys = Keys::generate(&**random);
    let options = Options {
        database: database.to_owned(),
        files: directory.path().to_owned(),
        keys,
        commit_hook: None,
    };
    let store = Store::open(options, clock.clone(), random.clone()).await.expect("a store");
    let rulebooks = directory.path().join("rulebooks");
    std::fs::create_dir_all(&rulebooks).expect("a directory");
    let (isp_id, password) = (440_000_000_001, || Password::new("practice-password".to_owned()));
    let secret = || SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").expect("a secret");
    let config = SandboxConfig {
        providers: vec![Provider {
            isp_id,
            name: "Practice Cloud".to_owned(),
            user_name: "practice".to_owned(),
            password: password(),
            secret: secret(),
            province: "440000".parse().expect("a province"),
        }],
        review: ReviewPolicy::Console,
        sms: SmsPolicy::Console,
        identities: Identities::PracticeOnly,
        console_password: beian_sandbox::Secret::new("console"),
        store: Persistence::Volatile,
    };
    let sandbox = Sandbox::open(config, clock.clone(), random.clone()).expect("a practice regulator");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, sandbox.router()).await });
    let endpoint = Endpoint {
        base_url,
        isp_id,
        user_name: "practice".to_owned(),
        password: password(),
        secret: secret(),
        encryption: Encryption::Required,
    };
    let timeouts = Timeouts { connect: Duration::from_secs(2), call: Duration::from_secs(20) };
    App::new(Parts {
        store,
        shelf: Shelf::open(rulebooks, Rulebook::bundled().expect("the bundled rulebook"), None)
            .expect("a shelf"),
        regulator: RegulatorClient::new(endpoint, random.clone(), timeouts).expect("a client"),
        mailer: Mailer::files(&directory.path().join("mail"), "beian <beian@example.com>").expect("a mailer"),
        gateways: Gateways::practice().expect("the ways out"),
        vendor: None,
        probe: None,
        host_index: None,
        tesseract: None,
        fonts: FontSource::embedded(),
        clock: clock.clone(),
        random: random.clone(),
        policy: Policy {
            provider_name: "Practice Cloud".to_owned(),
            public_url: "http://localhost".to_owned(),
            regulator: RegulatorKind::Practice,
            cloud_token: Secret::new("cloud"),
            poll_seconds: 1,
            name_server: NameServer::System,
            second_factor: beian_app::SecondFactorPolicy::Optional,
        },
    })
}
