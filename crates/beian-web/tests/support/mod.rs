//! The portal over a real app, and visitors who send forms as browsers do.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use beian_app::{
    App, Gateways, Mailer, NameServer, Parts, Policy, Probe, ProbeReach, ProbeSettings, ProbeTimeouts,
    ResourceEvent, SecondFactorPolicy, Secret, Shelf, SiteAuthorities, Submission, Tesseract, User,
};
use beian_domain::{
    CertificateKind, Clock, ManualClock, MaterialUse, OrderNumber, Personal, Random, ResourceKind, Role,
    SeededRandom, ServicePrincipal, Text, practice,
};
use beian_exchange::{Endpoint, RegulatorClient, Timeouts};
use beian_rules::{RegulatorKind, Rulebook, SigningKey};
use beian_sandbox::{Identities, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, SmsPolicy};
use beian_store::{Keys, Options, Store};
use beian_web::{PracticeLinks, WebConfig};
use beian_wire::Password;
use beian_wire::package::{Encryption, SharedSecret};
use chrono::{DateTime, TimeDelta};
use tower::ServiceExt;

/// The password of every account here.
pub(crate) const PASSWORD: &str = "practice makes perfect";

/// The portal.
#[allow(dead_code, reason = "each test file uses a part")]
pub(crate) struct House {
    pub(crate) router: axum::Router,
    pub(crate) app: App,
    pub(crate) clock: Arc<ManualClock>,
    /// Where the regulator is.
    pub(crate) regulator: String,
    directory: tempfile::TempDir,
}

/// Somebody who is signed in.
pub(crate) struct Visitor {
    pub(crate) cookie: String,
}

/// With which rulebooks are sealed here.
pub(crate) fn signing_key() -> SigningKey {
    SigningKey::from_seed(&[7; 32]).unwrap()
}

/// A regulator that grants everything at once.
async fn generous_regulator(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> String {
    regulator(SmsPolicy::VerifyAll, clock, random).await
}

/// A regulator that waits for the codes of its SMS.
async fn patient_regulator(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> String {
    regulator(SmsPolicy::Console, clock, random).await
}

async fn regulator(sms: SmsPolicy, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> String {
    let provider = Provider {
        isp_id: 440_000_000_001,
        name: "Practice Cloud".to_owned(),
        user_name: "practice".to_owned(),
        password: Password::new("practice-password".to_owned()),
        secret: SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap(),
        province: "440000".parse().unwrap(),
    };
    let config = SandboxConfig {
        providers: vec![provider],
        review: ReviewPolicy::ApproveAll,
        sms,
        identities: Identities::PracticeOnly,
        console_password: beian_sandbox::Secret::new("console"),
        store: Persistence::Volatile,
    };
    let sandbox = Sandbox::open(config, clock, random).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, sandbox.router()).await.unwrap() });
    base
}

#[allow(dead_code, reason = "each test file uses a part")]
impl House {
    /// With a regulator that nobody answers for.
    pub(crate) async fn open() -> Self {
        // Port 1 is listened on by nobody.
        Self::at(|_, _| async { "http://127.0.0.1:1".to_owned() }, SecondFactorPolicy::Optional, None, None)
            .await
    }

    /// The same, with a program that reads photographs of certificates.
    pub(crate) async fn reading(program: &Path) -> Self {
        let tesseract = Tesseract::open(program.to_owned()).await.unwrap();
        let nobody = |_, _| async { "http://127.0.0.1:1".to_owned() };
        Self::at(nobody, SecondFactorPolicy::Optional, Some(tesseract), None).await
    }

    /// The same, where staff must have a second factor.
    pub(crate) async fn demanding_factors() -> Self {
        Self::at(|_, _| async { "http://127.0.0.1:1".to_owned() }, SecondFactorPolicy::Required, None, None)
            .await
    }

    /// With a regulator that grants everything at once.
    pub(crate) async fn with_regulator() -> Self {
        Self::at(generous_regulator, SecondFactorPolicy::Optional, None, None).await
    }

    /// The same, and with somebody who looks where domains lead.
    pub(crate) async fn looking(name_server: NameServer) -> Self {
        Self::looking_as(ProbeSettings {
            name_server,
            reach: ProbeReach::Public,
            timeouts: ProbeTimeouts::default(),
            chromium: None,
            authorities: SiteAuthorities::Browsers,
            about_us: "http://localhost".to_owned(),
        })
        .await
    }

    /// The same, in the test's own way.
    pub(crate) async fn looking_as(settings: ProbeSettings) -> Self {
        Self::at(generous_regulator, SecondFactorPolicy::Optional, None, Some(settings)).await
    }

    /// With a regulator that waits for the codes of its SMS.
    pub(crate) async fn with_patient_regulator() -> Self {
        Self::at(patient_regulator, SecondFactorPolicy::Optional, None, None).await
    }

    async fn at<F: Future<Output = String>>(
        regulator: impl FnOnce(Arc<dyn Clock>, Arc<dyn Random>) -> F,
        second_factor: SecondFactorPolicy,
        tesseract: Option<Tesseract>,
        looks: Option<ProbeSettings>,
    ) -> Self {
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
        let regulator = regulator(clock.clone(), random.clone()).await;
        let endpoint = Endpoint {
            base_url: regulator.clone(),
            isp_id: 440_000_000_001,
            user_name: "practice".to_owned(),
            password: Password::new("practice-password".to_owned()),
            secret: SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap(),
            encryption: Encryption::Required,
        };
        let timeouts = Timeouts { connect: Duration::from_secs(1), call: Duration::from_secs(10) };
        let rulebooks = directory.path().join("rulebooks");
        std::fs::create_dir(&rulebooks).unwrap();
        let key = signing_key().verifying_key().unwrap();
        let probe = looks.map(|settings| Probe::new(settings, clock.clone()).unwrap());
        let app = App::new(Parts {
            store,
            shelf: Shelf::open(rulebooks, Rulebook::bundled().unwrap(), Some(key)).unwrap(),
            regulator: RegulatorClient::new(endpoint, random.clone(), timeouts).unwrap(),
            mailer: Mailer::files(&directory.path().join("mail"), "beian <beian@example.com>").unwrap(),
            gateways: Gateways::practice().unwrap(),
            vendor: None,
            probe,
            host_index: None,
            tesseract,
            fonts: beian_app::FontSource::embedded(),
            clock: clock.clone(),
            random,
            policy: Policy {
                provider_name: "Practice Cloud".to_owned(),
                public_url: "http://localhost".to_owned(),
                regulator: RegulatorKind::Practice,
                cloud_token: Secret::new("cloud-token"),
                poll_seconds: 1,
                name_server: beian_app::NameServer::System,
                second_factor,
            },
        });
        for (login, role) in [
            ("alice", Role::Filer),
            ("mallory", Role::Filer),
            ("reviewer", Role::Reviewer),
            ("operator", Role::Operator),
            ("guard", Role::SecurityAdministrator),
            ("auditor", Role::AuditAdministrator),
            ("regulator", Role::Regulator),
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
            server: None,
            at: None,
        })
        .await
        .unwrap();
        let config = WebConfig {
            public_url: "http://localhost".to_owned(),
            provider_name: Text::new("习作云", "Practice Cloud"),
            practice: Some(PracticeLinks {
                console_url: "/regulator/".to_owned(),
                sms_url: "/regulator/sms".to_owned(),
            }),
        };
        Self { router: beian_web::router(app.clone(), config), app, clock, regulator, directory }
    }

    /// Tells the practice regulator to do something, or asks it if there is nothing to say.
    pub(crate) async fn steer(&self, path: &str, body: Option<&str>) -> (u16, String) {
        let limit = Duration::from_secs(20);
        let http = reqwest::Client::builder().connect_timeout(limit).timeout(limit).build().unwrap();
        let url = format!("{}/regulator/api/{path}", self.regulator);
        let request = match body {
            Some(body) => http.post(url).body(body.to_owned()),
            None => http.get(url),
        };
        let answer = request.bearer_auth("console").send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Where the database is.
    pub(crate) fn database(&self) -> String {
        format!("sqlite://{}/test.db?mode=rwc", self.directory.path().display())
    }

    /// Whether the database holds some bytes as they are.
    pub(crate) fn database_holds(&self, bytes: &[u8]) -> bool {
        ["test.db", "test.db-wal"].into_iter().any(|name| {
            let file = std::fs::read(self.directory.path().join(name)).unwrap_or_default();
            file.windows(bytes.len()).any(|window| window == bytes)
        })
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, visitor: Option<&Visitor>, path: &str) -> (StatusCode, String) {
        let mut request = Request::get(path);
        if let Some(visitor) = visitor {
            request = request.header(header::COOKIE, &visitor.cookie);
        }
        let response = self.send(request.body(Body::empty()).unwrap()).await;
        (response.status(), text(response).await)
    }

    /// A page in both languages, without a missing text; the English one.
    pub(crate) async fn look(&self, visitor: &Visitor, path: &str) -> String {
        let mut english = String::new();
        for language in ["zh", "en"] {
            let visitor = Visitor { cookie: format!("{}; lang={language}", visitor.cookie) };
            let (status, body) = self.get(Some(&visitor), path).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(!body.contains('⟦'), "{path} lacks a text in {language}");
            assert_eq!(body.matches("<h1").count(), 1, "{path}");
            english = body;
        }
        english
    }

    pub(crate) async fn post(
        &self,
        visitor: Option<&Visitor>,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Response<Body> {
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(visitor) = visitor {
            request = request.header(header::COOKIE, &visitor.cookie);
        }
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        self.send(request.body(Body::from(body.join("&"))).unwrap()).await
    }

    /// Posts a picture, as a browser does.
    pub(crate) async fn upload(&self, visitor: &Visitor, path: &str, content: &[u8]) -> Response<Body> {
        self.upload_from(visitor, path, path, content).await
    }

    /// Posts a file with the token of a page.
    pub(crate) async fn upload_from(
        &self,
        visitor: &Visitor,
        page: &str,
        path: &str,
        content: &[u8],
    ) -> Response<Body> {
        let csrf = self.hidden(visitor, page, "csrf").await;
        let mut body = format!(
            "--edge\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--edge\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\ncontent-type: image/jpeg\r\n\r\n"
        )
        .into_bytes();
        body.extend(content);
        body.extend(b"\r\n--edge--\r\n");
        let request = Request::post(path)
            .header(header::COOKIE, &visitor.cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn sign_in(&self, login: &str) -> Visitor {
        let response = self.post(None, "/sign-in", &[("login", login), ("password", PASSWORD)]).await;
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        Visitor { cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    /// The value of a hidden field of a page.
    pub(crate) async fn hidden(&self, visitor: &Visitor, path: &str, name: &str) -> String {
        let (status, body) = self.get(Some(visitor), path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        let at = body.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("{path} has no {name}"));
        let tag = body[at..].split('>').next().unwrap();
        tag.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    /// Begins an order of the first practice organisation.
    pub(crate) async fn order_of(&self, visitor: &Visitor) -> String {
        self.order_about(visitor, 0, "xizuo-hostile.cn").await
    }

    /// Begins an order of a practice organisation for a domain.
    pub(crate) async fn order_about(&self, visitor: &Visitor, organisation: usize, domain: &str) -> String {
        let path = format!("/start/certificate?nature=enterprise&domain={domain}");
        let csrf = self.hidden(visitor, &path, "csrf").await;
        let fields = [
            ("csrf", csrf.as_str()),
            ("nature", "enterprise"),
            ("domain", domain),
            ("sponsor-certificate-kind", "business-licence"),
            ("sponsor-certificate-number", practice::ORGANISATIONS[organisation].uscc),
        ];
        let response = self.post(Some(visitor), "/start/certificate", &fields).await;
        let to = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
        to.split('/').nth(2).unwrap().to_owned()
    }

    /// Sends the form of a page with its own hidden fields and these answers.
    pub(crate) async fn send_form(
        &self,
        visitor: &Visitor,
        page: &str,
        answers: &[(&str, &str)],
    ) -> Response<Body> {
        let csrf = self.hidden(visitor, page, "csrf").await;
        let revision = self.hidden(visitor, page, "revision").await;
        let mut fields = vec![("csrf", csrf.as_str()), ("revision", revision.as_str())];
        fields.extend(answers);
        self.post(Some(visitor), page, &fields).await
    }

    /// Answers one question of the wizard.
    pub(crate) async fn answer(
        &self,
        visitor: &Visitor,
        order: &str,
        page: &str,
        field: (&str, &str),
    ) -> Response<Body> {
        self.send_form(visitor, &format!("/orders/{order}/edit/{page}"), &[field]).await
    }
}

/// The body of an answer.
pub(crate) async fn text(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 16 << 20).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn escape(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A person, as the app knows them.
#[allow(dead_code, reason = "each test file uses a part")]
pub(crate) async fn user(house: &House, login: &str) -> User {
    let token = house.app.sign_in(&login.parse().unwrap(), Secret::new(PASSWORD)).await.unwrap();
    house.app.authenticate(&token).await.unwrap().unwrap()
}

/// A picture that is large and sharp enough.
#[allow(dead_code, reason = "each test file uses a part")]
pub(crate) fn picture() -> Vec<u8> {
    beian_picture::draw((900, 640), &|x, y| [(x % 251) as u8, (y % 241) as u8, 200])
}

/// An order that was begun by forms, filled in and handed in.
#[allow(dead_code, reason = "each test file uses a part")]
pub(crate) async fn handed_in(house: &House) -> String {
    let filer = house.sign_in("alice").await;
    let order = house.order_of(&filer).await;
    let (alice, reviewer) = (user(house, "alice").await, user(house, "reviewer").await);
    let number = OrderNumber(order.clone());
    let (organisation, person) = (practice::ORGANISATIONS[0], practice::PEOPLE[0]);
    let revision = house.app.order(&alice, &number).await.unwrap().order.revision;
    let edited = house.app.edit_order(&alice, &number, revision, |case| {
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
    });
    edited.await.unwrap();
    for purpose in MaterialUse::ALL {
        house.app.hand_in_material(&alice, &number, purpose, picture()).await.unwrap();
    }
    house.app.attest_signature(&reviewer, &number, "当面签署").await.unwrap();
    let revision = house.app.order(&alice, &number).await.unwrap().order.revision;
    let submission = house.app.submit_order(&alice, &number, revision).await.unwrap();
    assert!(matches!(submission, Submission::Submitted), "{submission:#?}");
    order
}
