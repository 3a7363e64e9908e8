//! Every kind of filing against the practice regulator, over HTTP: from our filing to
//! the news of what became of it.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::net::Ipv4Addr;
use std::sync::Arc;

use beian_domain::{
    AccessMethod, AppPlatform, CancellationReason, CancellationTarget, Case, CertificateKind, Enclosures,
    FiledAs, Filing, FilingAccess, FilingKind, FilingMaterial, ImageFormat, LanguageCode, ManualClock,
    MaterialUse, Personal, RecordNumber, RegulatorIds, SeededRandom, ServiceContentCode, ServiceKind,
    ServicePrincipal, SponsorFilingNumber, SponsorNature, practice,
};
use beian_exchange::{
    About, Endpoint, News, OperationKind, PasswordVerdict, RegulatorClient, SealedUpload, Timeouts,
    filing_file, filing_password_digest, read_news,
};
use beian_sandbox::{
    Identities, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, Secret, SmsPolicy,
};
use beian_wire::Password;
use beian_wire::package::{Encryption, SharedSecret};
use serde_json::{Value, json};

const ISP: u64 = 440_000_000_001;
const CONSOLE: &str = "practice-console";

struct Play {
    client: RegulatorClient,
    base: String,
    http: reqwest::Client,
    number: u64,
}

fn secret() -> SharedSecret {
    SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap()
}

impl Play {
    /// A regulator that approves everything at once, and a client of it.
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = SandboxConfig {
            providers: vec![Provider {
                isp_id: ISP,
                name: "练习接入商".to_owned(),
                user_name: "practice".to_owned(),
                password: Password::new("practice-call".to_owned()),
                secret: secret(),
                province: "440000".parse().unwrap(),
            }],
            review: ReviewPolicy::ApproveAll,
            sms: SmsPolicy::VerifyAll,
            identities: Identities::PracticeOnly,
            console_password: Secret::new(CONSOLE),
            store: Persistence::Volatile,
        };
        let clock = Arc::new(ManualClock::at("2026-11-23T04:00:00Z".parse().unwrap()));
        let sandbox = Sandbox::open(config, clock, Arc::new(SeededRandom::new(1))).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, sandbox.router()).await });
        let endpoint = Endpoint {
            base_url: base.clone(),
            isp_id: ISP,
            user_name: "practice".to_owned(),
            password: Password::new("practice-call".to_owned()),
            secret: secret(),
            encryption: Encryption::Required,
        };
        let random = Arc::new(SeededRandom::new(2));
        let client = RegulatorClient::new(endpoint, random, Timeouts::default()).unwrap();
        let limit = std::time::Duration::from_secs(20);
        let http = reqwest::Client::builder().connect_timeout(limit).timeout(limit).build().unwrap();
        Self { client, base, http, number: 0 }
    }

    async fn api(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let request = self
            .http
            .request(method, format!("{}/regulator/api/{path}", self.base))
            .bearer_auth(CONSOLE)
            .header("content-type", "application/json")
            .body(body.to_string());
        serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap()
    }

    /// Sends a filing under the next number, and gives all news of it.
    async fn send(&mut self, filing: &Filing) -> Vec<News> {
        self.number += 1;
        let file = filing_file(filing, self.number, ISP).unwrap();
        let package = self.client.seal(&file).unwrap();
        let sealed = SealedUpload { sequence: self.number, package };
        self.client.upload(&sealed).await.unwrap();
        let mut news = Vec::new();
        while let Some(file) = self.client.download().await.unwrap() {
            news.extend(read_news(&file.document));
            self.client.acknowledge(&file.name).await.unwrap();
        }
        news
    }
}

fn case(domain: &str) -> Case {
    let (organisation, person) = (practice::ORGANISATIONS[0], practice::PEOPLE[0]);
    let mut case = Case::default();
    let sponsor = &mut case.sponsor;
    sponsor.nature = Some(SponsorNature::Enterprise);
    sponsor.name = Some(Personal::new(organisation.name));
    sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
    sponsor.certificate.number = Some(Personal::new(organisation.uscc));
    sponsor.certificate.address = Some(Personal::new(organisation.address));
    sponsor.division = organisation.division.parse().ok();
    sponsor.address = Some(Personal::new("习作路1号"));
    sponsor.principal.name = Some(Personal::new(person.name));
    sponsor.principal.certificate_kind = Some(CertificateKind::ResidentIdCard);
    sponsor.principal.certificate_number = Some(Personal::new(person.resident_id));
    sponsor.principal.mobile = Some(Personal::new(person.mobile));
    sponsor.principal.office_phone = Some(Personal::new("0755-00000000"));
    sponsor.principal.email = Some(Personal::new(person.email));
    case.service.name = Some("习作".to_owned());
    case.service.domain = Some(domain.to_owned());
    case.service.contents = vec![ServiceContentCode::try_from(8).unwrap()];
    case.service.languages = vec![LanguageCode::try_from(1).unwrap()];
    case.service.principal = Some(ServicePrincipal::SameAsSponsor);
    case.cancellation.reason = Some(CancellationReason::SponsorsWish);
    case
}

fn filing(case: &Case, kind: FilingKind, address: u8, record: Option<FiledAs>) -> Filing {
    let materials = MaterialUse::ALL.map(|purpose| FilingMaterial {
        purpose,
        format: ImageFormat::Jpeg,
        content: b"\xFF\xD8\xFFpractice\xFF\xD9".to_vec(),
    });
    let access = FilingAccess {
        address: Ipv4Addr::new(203, 0, 113, address),
        access_method: AccessMethod::Cloud,
        server_location: 5,
    };
    let enclosures = Enclosures { access: Some(access), materials: materials.to_vec(), record };
    Filing::from_case(case, kind, enclosures).unwrap()
}

/// The numbers and identifiers that a filing was granted, under the number it had.
fn granted(news: &[News], number: u64) -> (FiledAs, RegulatorIds) {
    match news {
        [
            News::Approved { about: About::Interface(approved) },
            News::Granted { interface_number, sponsor_number, service_number, ids },
        ] if (*approved, *interface_number) == (number, number) => (
            FiledAs {
                sponsor: sponsor_number.clone(),
                service: Some(service_number.clone()),
                ids: Some(*ids),
            },
            *ids,
        ),
        other => panic!("expected a grant of {number}, got {other:?}"),
    }
}

#[tokio::test]
async fn a_record_lives_from_its_first_filing_to_its_end() {
    let mut play = Play::new().await;
    let mut stated = case("xizuo-one.cn");
    let news = play.send(&filing(&stated, FilingKind::FirstFiling, 7, None)).await;
    let (record, ids) = granted(&news, 1);
    let password = play.api(reqwest::Method::GET, "filings/1", json!(null)).await["filing_password"].clone();
    let password = Personal::new(password.as_str().unwrap());
    stated.filing_password = Some(Personal::new(filing_password_digest(password.expose())));
    let number = RecordNumber::Sponsor(record.sponsor.clone());
    let verdict = play.client.verify_filing_password(&number, &password).await;
    assert_eq!(verdict, Ok(PasswordVerdict::Right));
    let digest = stated.filing_password.clone().unwrap();
    assert_eq!(play.client.verify_filing_password(&number, &digest).await, Ok(PasswordVerdict::Right));
    let wrong = Personal::new("wrong");
    assert_eq!(play.client.verify_filing_password(&number, &wrong).await, Ok(PasswordVerdict::Wrong));

    let mut app = case("xizuo-app.cn");
    app.service.kind = ServiceKind::App;
    app.service.releases = [(AppPlatform::Android, practice::release())].into();
    let news = play.send(&filing(&app, FilingKind::AddService, 8, Some(record.clone()))).await;
    let (second, second_ids) = granted(&news, 2);
    assert_eq!(second.service.as_ref().unwrap().to_string(), "粤ICP备2026000001号-2A");
    assert_eq!(second_ids.sponsor, ids.sponsor);

    for kind in [FilingKind::ChangeSponsor, FilingKind::ChangeService, FilingKind::ChangeAccess] {
        stated.service.name = Some("习作新名".to_owned());
        let news = play.send(&filing(&stated, kind, 9, Some(record.clone()))).await;
        let about = About::Recorded { operation: OperationKind::Change, id: ids.sponsor };
        let changed = News::Changed {
            sponsor_number: record.sponsor.clone(),
            service_number: record.service.clone().unwrap(),
            ids,
        };
        assert_eq!(news, [News::Approved { about }, changed], "{kind:?}");
    }

    let news = play.send(&filing(&stated, FilingKind::SupplementMaterials, 7, Some(record.clone()))).await;
    let about = About::Number(RecordNumber::Service(record.service.clone().unwrap()));
    assert_eq!(news, [News::Supplied { about }]);

    let news = play.send(&filing(&stated, FilingKind::CancelAccess, 7, Some(record.clone()))).await;
    let [News::Refused { about, codes, .. }] = news.as_slice() else { panic!("{news:?}") };
    assert_eq!(*about, About::Recorded { operation: OperationKind::CancelAccess, id: ids.access });
    assert_eq!(codes, &[1025], "the only access");

    let news = play.send(&filing(&stated, FilingKind::CancelService, 7, Some(second))).await;
    let about = About::Recorded { operation: OperationKind::CancelWebsite, id: second_ids.service };
    let target = CancellationTarget::Service(second_ids.service);
    assert_eq!(news, [News::Approved { about }, News::Cancelled { target }]);

    let news = play.send(&filing(&stated, FilingKind::CancelSponsor, 7, Some(record))).await;
    let about = About::Recorded { operation: OperationKind::CancelSponsor, id: ids.sponsor };
    let target = CancellationTarget::Sponsor(ids.sponsor);
    assert_eq!(news, [News::Approved { about }, News::Cancelled { target }]);
}

#[tokio::test]
async fn an_access_to_anothers_service_comes_and_goes() {
    let mut play = Play::new().await;
    let seed = json!({
        "certificate_number": practice::ORGANISATIONS[0].uscc, "domain": "xizuo-one.cn"
    });
    let seeded = play.api(reqwest::Method::POST, "records", seed).await;
    let sponsor: SponsorFilingNumber = seeded["number"].as_str().unwrap().parse().unwrap();
    let service = seeded["services"][0]["number"].as_str().unwrap().parse().unwrap();
    let record = FiledAs { sponsor: sponsor.clone(), service: Some(service), ids: None };
    let mut stated = case("xizuo-one.cn");
    stated.filing_password = Some(Personal::new(filing_password_digest("wrong")));
    let news = play.send(&filing(&stated, FilingKind::AddAccess, 7, Some(record.clone()))).await;
    assert!(
        matches!(news.as_slice(), [News::Refused { about: About::Interface(1), codes, .. }] if codes == &[1018]),
        "{news:?}"
    );
    let password = seeded["filing_password"].as_str().unwrap();
    stated.filing_password = Some(Personal::new(filing_password_digest(password)));
    let news = play.send(&filing(&stated, FilingKind::AddAccess, 7, Some(record.clone()))).await;
    let (record, ids) = granted(&news, 2);

    let news = play.send(&filing(&stated, FilingKind::ChangeAccess, 8, Some(record.clone()))).await;
    assert!(matches!(news.last(), Some(News::Changed { ids: changed, .. }) if *changed == ids), "{news:?}");

    let mut second = case("xizuo-two.cn");
    second.filing_password = Some(Personal::new(filing_password_digest("wrong")));
    let news = play.send(&filing(&second, FilingKind::AddService, 9, Some(record.clone()))).await;
    let [News::Refused { about, codes, .. }] = news.as_slice() else { panic!("{news:?}") };
    assert_eq!(
        (about, codes.as_slice()),
        (&About::Number(RecordNumber::Sponsor(sponsor)), [1018].as_slice())
    );

    let news = play.send(&filing(&stated, FilingKind::CancelAccess, 7, Some(record))).await;
    let target = CancellationTarget::Access(ids.access);
    assert_eq!(news.last(), Some(&News::Cancelled { target }));
}
