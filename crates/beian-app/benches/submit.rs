//! An order from draft to submitted, beside what the database alone needs for the same rows.
//!
//! `cargo bench -p beian-app` prints it as Markdown, for SQLite, and for PostgreSQL if `BEIAN_TEST_POSTGRES` names a
//! server. The floor is measured in the same run: the rows that one submission wrote are read back, and written as
//! often again by bare prepared statements with the same durability.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints its figures, and stops at the first surprise"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use beian_app::{
    App, BeginOutcome, Beginning, FontSource, Gateways, Mailer, NameServer, Parts, Policy, ResourceEvent,
    Secret, Shelf, Submission, User,
};
use beian_domain::{
    CertificateKind, CertificateNumber, Clock, DivisionCode, ManualClock, MaterialUse, OrderNumber, Personal,
    Random, ResourceKind, Role, SeededRandom, ServicePrincipal, SponsorNature, practice,
};
use beian_exchange::{Endpoint, RegulatorClient, Timeouts};
use beian_rules::{RegulatorKind, Rulebook};
use beian_sandbox::{Identities, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, SmsPolicy};
use beian_store::floor::{Snapshot, Written, repeat};
use beian_store::{Keys, Options, Store};
use beian_wire::Password;
use beian_wire::package::{Encryption, SharedSecret};
use chrono::{DateTime, TimeDelta};

/// What we may take of the database's own speed.
const BAR: f64 = 0.5;
/// How many drafts are handed in, taken back, and handed in again.
const DRAFTS: usize = 96;
const ROUNDS: usize = 5;
/// How many people hand in at the same time.
const AT_ONCE: usize = 32;
const PASSWORD: &str = "practice makes perfect";

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("a TLS provider");
    println!("\n## An order from draft to submitted\n");
    let directory = tempfile::tempdir().expect("a directory");
    let sqlite = |name: &str| format!("sqlite://{}/{name}.db?mode=rwc", directory.path().display());
    measure("SQLite, WAL, synchronous=FULL", &sqlite, 1).await;
    if let Ok(server) = std::env::var("BEIAN_TEST_POSTGRES") {
        let server = server.trim_end_matches('/').to_owned();
        let names = Databases::make(&server).await;
        measure("PostgreSQL", &|name| names.address(name), 8).await;
        names.drop().await;
    }
}

/// Databases of this run on a server.
struct Databases {
    server: String,
    run: u32,
}

const NAMES: [&str; 4] = ["ours", "single", "grouped", "parallel"];

impl Databases {
    async fn make(server: &str) -> Self {
        let this = Self { server: server.to_owned(), run: std::process::id() };
        this.each("CREATE DATABASE").await;
        this
    }

    async fn drop(self) {
        self.each("DROP DATABASE").await;
    }

    async fn each(&self, what: &str) {
        for name in NAMES {
            let sql = format!("{what} \"bench_{}_{name}\"", self.run);
            let output = std::process::Command::new("psql")
                .args([&format!("{}/postgres", self.server), "--quiet", "--command", &sql])
                .status()
                .expect("psql");
            assert!(output.success(), "{sql}");
        }
    }

    fn address(&self, name: &str) -> String {
        format!("{}/bench_{}_{name}", self.server, self.run)
    }
}

async fn measure(what: &str, database: &dyn Fn(&str) -> String, connections: usize) {
    let bench = Bench::open(&database("ours")).await;
    let before = Snapshot::of(&database("ours")).await.expect("a snapshot");
    bench.submit(0).await;
    let written = before.until(&Snapshot::of(&database("ours")).await.expect("a snapshot"));
    bench.recall(0).await;
    println!("### {what}\n\nOne submission writes:\n");
    println!("| table | inserted | updated | bytes |\n|---|---:|---:|---:|");
    for (table, (inserted, updated, bytes)) in written.account() {
        println!("| {table} | {inserted} | {updated} | {bytes} |");
    }
    let (alone, together) = (bench.rounds(1).await, bench.rounds(AT_ONCE).await);
    drop(bench);
    let single = floor(&database("single"), &written, 1, 1).await;
    let grouped = floor(&database("grouped"), &written, AT_ONCE, 1).await;
    println!("\n| who | a second | of the floor | bar |\n|---|---:|---:|---:|");
    println!("| floor: bare statements, one submission a transaction | {single:.0} | – | – |");
    println!("| floor: bare statements, {AT_ONCE} submissions a transaction | {grouped:.0} | – | – |");
    let mut best = grouped;
    if connections > 1 {
        let parallel = floor(&database("parallel"), &written, 1, connections).await;
        println!(
            "| floor: bare statements, one a transaction on {connections} connections | {parallel:.0} | – | – |"
        );
        best = best.max(parallel);
    }
    println!("| ours, one after the other | {alone:.0} | {:.2} | {BAR} |", alone / single);
    println!(
        "| ours, {AT_ONCE} at once | {together:.0} | {:.2} of the best floor, {:.2} of the single one | {BAR} |",
        together / best,
        together / single
    );
}

/// How often a second the database alone writes the same rows.
async fn floor(database: &str, written: &Written, per_transaction: usize, connections: usize) -> f64 {
    let files = tempfile::tempdir().expect("a directory");
    let (clock, random) = time_and_chance();
    // Opening it makes the tables.
    let keys = Keys::generate(&*random);
    let options =
        Options { database: database.to_owned(), files: files.path().to_owned(), keys, commit_hook: None };
    drop(Store::open(options, clock, random).await.expect("a store"));
    let times = u32::try_from(DRAFTS * ROUNDS).expect("a small number");
    let took = repeat(database, written, times, per_transaction, connections).await.expect("the floor");
    f64::from(times) / took.as_secs_f64()
}

fn time_and_chance() -> (Arc<ManualClock>, Arc<dyn Random>) {
    let now = DateTime::from_timestamp(1_795_400_000, 0).expect("a day");
    (Arc::new(ManualClock::at(now)), Arc::new(SeededRandom::new(3)))
}

/// An order with the revision that its preparer looks at.
struct Draft {
    number: OrderNumber,
    revision: AtomicI64,
    filer: User,
}

struct Bench {
    app: App,
    drafts: Arc<Vec<Draft>>,
    _directory: tempfile::TempDir,
}

impl Bench {
    async fn open(database: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let (clock, random) = time_and_chance();
        let app = app(database, &directory, &clock, &random).await;
        let reviewer = sign_in(&app, "reviewer", Role::Reviewer).await;
        let mut drafts = Vec::new();
        for (index, (division, uscc)) in companies().into_iter().take(DRAFTS).enumerate() {
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
            drafts.push(draft(&app, filer, &reviewer, index, division, &uscc).await);
        }
        assert_eq!(drafts.len(), DRAFTS, "enough practice companies");
        Self { app, drafts: Arc::new(drafts), _directory: directory }
    }

    /// How many are handed in a second.
    async fn rounds(&self, at_once: usize) -> f64 {
        let mut took = Duration::ZERO;
        for _ in 0..ROUNDS {
            let began = Instant::now();
            if at_once == 1 {
                for index in 0..DRAFTS {
                    self.submit(index).await;
                }
            } else {
                self.submit_all(at_once).await;
            }
            took += began.elapsed();
            for index in 0..DRAFTS {
                self.recall(index).await;
            }
        }
        (DRAFTS * ROUNDS) as f64 / took.as_secs_f64()
    }

    async fn submit_all(&self, at_once: usize) {
        let next = Arc::new(AtomicUsize::new(0));
        let mut people = tokio::task::JoinSet::new();
        for _ in 0..at_once {
            let (next, app, drafts) = (next.clone(), self.app.clone(), self.drafts.clone());
            people.spawn(async move {
                while let Some(draft) = drafts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    submit(&app, draft).await;
                }
            });
        }
        while let Some(ended) = people.join_next().await {
            ended.expect("a submission");
        }
    }

    async fn submit(&self, index: usize) {
        submit(&self.app, &self.drafts[index]).await;
    }

    async fn recall(&self, index: usize) {
        let draft = &self.drafts[index];
        let revision = draft.revision.fetch_add(1, Ordering::Relaxed);
        self.app.recall_order(&draft.filer, &draft.number, revision).await.expect("taken back");
    }
}

async fn submit(app: &App, draft: &Draft) {
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

async fn draft(
    app: &App,
    filer: User,
    reviewer: &User,
    index: usize,
    division: DivisionCode,
    uscc: &str,
) -> Draft {
    let beginning = Beginning {
        nature: SponsorNature::Enterprise,
        certificate_kind: CertificateKind::BusinessLicence,
        certificate_number: Personal::new(uscc),
        former: None,
        service: beian_domain::ServiceKind::Website,
        domain: format!("xizuo-bench-{index}.cn"),
    };
    let begun = app.begin_order(&filer, beginning).await.expect("an answer");
    let BeginOutcome::Begun(order) = begun else { panic!("expected a draft, got {begun:#?}") };
    let name = "深圳习作网络科技有限公司";
    let person = practice::PEOPLE[0];
    let number = order.number.clone();
    let edited = app.edit_order(&filer, &number, order.revision, |case| {
        let sponsor = &mut case.sponsor;
        sponsor.name = Some(Personal::new(name));
        sponsor.investor = Some(Personal::new(name));
        sponsor.certificate.address = Some(Personal::new("广东省习作路1号练习大厦101室"));
        sponsor.certificate.division = Some(division);
        sponsor.division = Some(division);
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
        service.contents = vec![8.try_into().expect("a content")];
        service.languages = vec![1.try_into().expect("a language")];
        service.principal = Some(ServicePrincipal::SameAsSponsor);
        service.remark = Some("企业介绍与产品展示".to_owned());
        case.access.resource = Some(format!("srv-{index}"));
    });
    edited.await.expect("edited");
    for purpose in MaterialUse::ALL {
        app.hand_in_material(&filer, &number, purpose, picture()).await.expect("a material");
    }
    app.attest_signature(reviewer, &number, "当面签署").await.expect("attested");
    let revision = app.order(&filer, &number).await.expect("an order").order.revision;
    Draft { number, revision: AtomicI64::new(revision), filer }
}

fn picture() -> Vec<u8> {
    let image =
        image::RgbImage::from_fn(800, 600, |x, y| image::Rgb([(x % 251) as u8, (y % 241) as u8, 200]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Jpeg).expect("a picture");
    bytes.into_inner()
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
        },
    })
}
