//! What was filed, held against name servers and sites of this machine.

mod registration;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Arc, Mutex};

use crate::authority::Authority;
use crate::support::House;
use crate::tls_server::Server;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{
    AppError, DriftFilter, NameServer, Probe, ProbeReach, ProbeSettings, ProbeTimeouts, RecordOrder,
    ResourceEvent, SiteAuthorities,
};
use beian_domain::{
    Drift, DriftClass, DriftEvent, DriftExcuse, DriftKind, DriftState, FilingKind, NotSeen, OrderState,
    ResourceKind, ServiceFilingNumber,
};
use chrono::{NaiveDate, TimeDelta};

const DOMAIN: &str = "xizuo-journey.cn";
/// An address that is nobody's here; nobody calls it.
const ELSEWHERE: &str = "9.9.9.9";

/// A site of this machine: pages by path, and what was asked of it.
#[derive(Clone, Default)]
struct Site {
    pages: Arc<Mutex<BTreeMap<String, (u16, String)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    async fn start() -> (Self, SocketAddr) {
        let site = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answering = site.clone();
        let router = axum::Router::new()
            .fallback(move |uri: Uri, headers: HeaderMap| async move { answering.answer(&uri, &headers) });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (site, address)
    }

    fn answer(&self, uri: &Uri, headers: &HeaderMap) -> Response {
        let agent = headers["user-agent"].to_str().unwrap();
        assert!(agent.contains("compatible; beian/") && agent.contains("+http://provider.example.com"));
        assert!(!headers.contains_key("cookie") && !headers.contains_key("referer"));
        let host = headers["host"].to_str().unwrap().split(':').next().unwrap();
        self.asked.lock().unwrap().push(format!("{host}{uri}"));
        match self.pages.lock().unwrap().get(uri.path()) {
            Some((302, to)) => Redirect::to(to).into_response(),
            Some((status, page)) => {
                let kind = [("content-type", "text/html; charset=utf-8")];
                (StatusCode::from_u16(*status).unwrap(), kind, page.clone()).into_response()
            }
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }

    fn shows(&self, path: &str, status: u16, page: impl Into<String>) {
        self.pages.lock().unwrap().insert(path.to_owned(), (status, page.into()));
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

struct World {
    house: House,
    site: Site,
    /// The port of the site.
    port: u16,
    name_server: SocketAddr,
    names: Option<crate::dns::NameServerProcess>,
    number: ServiceFilingNumber,
}

impl World {
    /// A record whose domain leads to this machine, which is a second server of its holder.
    async fn open() -> Self {
        Self::open_with(1, SiteAuthorities::Browsers).await
    }

    async fn open_with(https: u16, authorities: SiteAuthorities) -> Self {
        let (site, address) = Site::start().await;
        let name_server = crate::dns::free_address();
        let names = Some(
            crate::dns::serve_addresses(
                name_server,
                &[(DOMAIN, "127.0.0.1"), (crate::registry::HOST, "127.0.0.1")],
            )
            .await,
        );
        let house = House::open_with(NameServer::At(name_server), |clock| {
            let settings = ProbeSettings {
                name_server: NameServer::At(name_server),
                reach: ProbeReach::Practice { http: address.port(), https },
                timeouts: ProbeTimeouts::default(),
                chromium: None,
                authorities,
                about_us: "http://provider.example.com".to_owned(),
            };
            Some(Probe::new(settings, clock).unwrap())
        })
        .await;
        report_server(&house, "srv-2", "127.0.0.1").await;
        house.filed_order().await;
        // What was granted is looked at after the rest.
        house.clock.advance(TimeDelta::minutes(2));
        house.app.work_until_idle().await;
        let number = house.app.records(&house.filer).await.unwrap()[0].service_number.clone();
        Self { house, site, port: address.port(), name_server, names, number }
    }

    /// The domain leads to these from now on.
    async fn leads_to(&mut self, addresses: &[&str]) {
        self.names = None;
        let mut names: Vec<(&str, &str)> = addresses.iter().map(|address| (DOMAIN, *address)).collect();
        names.push((crate::registry::HOST, "127.0.0.1"));
        self.names = Some(crate::dns::serve_addresses(self.name_server, &names).await);
    }

    /// A look an hour later: every drift with its state, and what was not looked at.
    async fn look(&self) -> (Vec<(Drift, DriftState)>, BTreeMap<DriftClass, NotSeen>) {
        self.house.clock.advance(TimeDelta::minutes(61));
        self.house.app.look_for_drift_again(&self.house.operator, &self.number).await.unwrap();
        self.house.app.work_until_idle().await;
        self.seen_last().await
    }

    /// What the look that has just been saw.
    async fn seen_last(&self) -> (Vec<(Drift, DriftState)>, BTreeMap<DriftClass, NotSeen>) {
        let store = self.house.store().await;
        let drifts = store.read().drifts_of(&self.number).await.unwrap();
        let look = store.read().drift_look(&self.number).await.unwrap().unwrap();
        assert_eq!(look.looked_at, self.house.clock_now());
        let drifts = drifts.into_iter().map(|drift| (drift.drift.clone(), drift.state())).collect();
        (drifts, look.not_seen)
    }

    /// What a look sees and does not see of a class.
    async fn seen(&self, class: DriftClass) -> Result<Vec<Drift>, NotSeen> {
        let (drifts, not_seen) = self.look().await;
        match not_seen.get(&class) {
            Some(why) => Err(*why),
            None => Ok(drifts
                .into_iter()
                .map(|(drift, _)| drift)
                .filter(|drift| drift.kind().class() == class)
                .collect()),
        }
    }

    fn footer(&self) -> String {
        format!("<footer><a href=\"https://beian.miit.gov.cn/\">{}</a></footer>", self.number)
    }
}

impl House {
    fn clock_now(&self) -> chrono::DateTime<chrono::Utc> {
        beian_domain::Clock::now(&*self.clock)
    }
}

async fn report_server(house: &House, reference: &str, address: &str) {
    let event = ResourceEvent {
        reference: reference.to_owned(),
        owner: house.filer.login.clone(),
        kind: ResourceKind::CloudServer,
        division: Some("440300".parse().unwrap()),
        prepaid: true,
        bought_at: house.clock_now() - TimeDelta::days(1),
        expires_at: Some(house.clock_now() + TimeDelta::days(366)),
        public_address: Some(address.parse().unwrap()),
        quota: 5,
        server: None,
        at: None,
    };
    house.app.report_resource(event).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_drifts_is_told_of_mended_and_fine_again() {
    let world = World::open().await;
    let (house, number) = (&world.house, &world.number);
    let app = &house.app;
    world.site.shows("/", 200, "<h1>习作网络科技</h1>");
    let (drifts, not_seen) = world.look().await;
    let moved = Drift::LeadsToOtherAddress {
        filed: "203.0.113.10".parse().unwrap(),
        addresses: vec!["127.0.0.1".parse().unwrap()],
        resource: Some("srv-2".to_owned()),
    };
    // Where it leads was seen when it was granted; the page had nothing then.
    assert_eq!(drifts, [(Drift::NumberMissing {}, DriftState::Suspected), (moved.clone(), DriftState::Open)]);
    assert_eq!(
        not_seen.into_iter().collect::<Vec<_>>(),
        [(DriftClass::Certificate, NotSeen::NoTls), (DriftClass::Domain, NotSeen::NotOnFile)]
    );
    let desk = || async { app.drift_desk(&house.operator, DriftFilter::Counting, None).await.unwrap() };
    assert_eq!(desk().await.records[0].drifts.len(), 1, "what was seen once is not shown");
    world.look().await;
    let shown = desk().await;
    assert_eq!((shown.records.len(), shown.counts.records), (1, 1));
    assert_eq!(shown.counts.of_class[&DriftClass::Footer], 1);
    assert_eq!(shown.records[0].holder.as_ref(), Some(&house.filer.login));
    let kinds: Vec<DriftKind> = shown.records[0].drifts.iter().map(|drift| drift.drift.kind()).collect();
    assert_eq!(kinds, [DriftKind::NumberMissing, DriftKind::LeadsToOtherAddress]);
    assert_eq!(app.dashboard(&house.operator).await.unwrap().drifting, 1);
    let sweep = shown.sweep.unwrap();
    assert_eq!((sweep.records, sweep.looked_at, sweep.last), (1, 1, Some(house.clock_now())));

    // The customer is told once of each.
    assert_eq!(app.tell_drift(&house.operator, number).await.unwrap(), 2);
    let again = app.tell_drift(&house.operator, number).await;
    assert!(matches!(again, Err(AppError::NotFound)), "{again:?}");
    let inbox = app.inbox(&house.filer, None).await.unwrap();
    let message = format!("{:?}", inbox.messages[0]);
    for part in ["首页没有备案号", "The home page shows no filing number", "203.0.113.10", "srv-2", DOMAIN]
    {
        assert!(message.contains(part), "{part}: {message}");
    }

    // The holder sees it, and begins the order that mends it.
    let health = app.record_health(&house.filer, number).await.unwrap().unwrap();
    assert_eq!(health.drifts.len(), 2);
    let none = app.begin_against_drift(&house.filer, number, DriftKind::NumberMissing).await;
    assert!(matches!(none, Err(AppError::NotOffered)), "{none:?}");
    let none = app.begin_against_drift(&house.filer, number, DriftKind::LeadsElsewhere).await;
    assert!(matches!(none, Err(AppError::NotOffered)), "{none:?}");
    let begun = app.begin_against_drift(&house.filer, number, DriftKind::LeadsToOtherAddress).await;
    let RecordOrder::Begun(order) = begun.unwrap() else { panic!("an order") };
    assert_eq!(order.kind, FilingKind::ChangeAccess);
    assert_eq!(order.case.access.resource.as_deref(), Some("srv-2"));
    assert_eq!(order.case.record.as_ref().map(ToString::to_string), Some(number.to_string()));
    assert_eq!(order.case.service.domain.as_deref(), Some(DOMAIN));
    let open = app.begin_against_drift(&house.filer, number, DriftKind::LeadsToOtherAddress).await;
    assert!(matches!(open, Ok(RecordOrder::Open(_))), "{open:?}");

    // The page is mended, and the domain leads to the address on file: the server there was given another.
    world.site.shows("/", 200, world.footer());
    report_server(house, "srv-1", "127.0.0.1").await;
    let (drifts, _) = world.look().await;
    assert_eq!(drifts, []);
    assert!(desk().await.records.is_empty());
    assert!(app.record_health(&house.filer, number).await.unwrap().unwrap().drifts.is_empty());

    // Nobody else sees or does any of it.
    for user in [&house.filer, &house.reviewer] {
        assert!(matches!(app.drift_desk(user, DriftFilter::Counting, None).await, Err(AppError::Forbidden)));
        assert!(matches!(app.tell_drift(user, number).await, Err(AppError::Forbidden)));
        assert!(matches!(app.look_for_drift_again(user, number).await, Err(AppError::Forbidden)));
        assert!(matches!(app.drift_sweep(user).await, Err(AppError::Forbidden)));
    }
    for user in [&house.other, &house.operator] {
        assert!(matches!(app.record_health(user, number).await, Err(AppError::NotFound)));
        let begun = app.begin_against_drift(user, number, DriftKind::NumberMissing).await;
        assert!(matches!(begun, Err(AppError::NotFound | AppError::Forbidden)), "{begun:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_has_had_its_turn() {
    let world = World::open().await;
    world.site.shows("/", 200, "<h1>习作网络科技</h1>");
    let (before, _) = world.look().await;
    assert!(!before.is_empty());
    let damage = "import sqlite3, sys; database = sqlite3.connect(sys.argv[1]); \
        assert database.execute(\"UPDATE filing_record SET sponsor_name_sealed = x'00'\").rowcount == 1; \
        database.commit()";
    let database = world.house.premises.data.join("test.db");
    let python = std::env::var("BEIAN_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    assert!(Command::new(python).args(["-c", damage]).arg(database).status().unwrap().success());

    // The second look at what was suspected is due. What was seen before stays as it was, and is not confirmed.
    assert!(before.iter().any(|(_, state)| *state == DriftState::Suspected), "{before:?}");
    world.house.clock.advance(TimeDelta::minutes(61));
    world.house.app.work_until_idle().await;
    let (drifts, not_seen) = world.seen_last().await;
    assert_eq!(drifts, before);
    assert_eq!(not_seen, DriftClass::ALL.map(|class| (class, NotSeen::RecordUnreadable)).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_that_was_begun_from_a_drift_ends_it_when_it_is_granted() {
    let mut world = World::open().await;
    let (kind, second) = (DriftKind::LeadsToOtherAddress, "203.0.113.20");
    world.leads_to(&[second]).await;
    let (house, number) = (&world.house, &world.number);
    report_server(house, "srv-3", second).await;
    for _ in 0..2 {
        world.look().await;
    }
    let begun = house.app.begin_against_drift(&house.filer, number, kind).await.unwrap();
    let RecordOrder::Begun(order) = begun else { panic!("an order") };
    let order = order.number;
    for purpose in beian_domain::MaterialUse::ALL {
        house.app.hand_in_material(&house.filer, &order, purpose, crate::support::picture()).await.unwrap();
    }
    house.app.attest_signature(&house.reviewer, &order, "当面签署").await.unwrap();
    house.clock.advance(TimeDelta::minutes(1));
    house.submit(&order).await;
    house.approve(&order).await;
    house.app.work_until_idle().await;
    let filing = *house.regulator.filing_ids().await.iter().max().unwrap();
    house.regulator.post(&format!("filings/{filing}/verify-sms"), "{}").await;
    house.regulator.post(&format!("filings/{filing}/approve"), r#"{"opinion":"同意"}"#).await;
    house.app.work_until_idle().await;
    assert_eq!(house.state(&order).await, OrderState::Filed);
    // Nobody asks for it: what has changed is looked at as soon as its turn comes.
    house.clock.advance(TimeDelta::minutes(5));
    house.app.work_until_idle().await;
    assert_eq!(house.app.records(&house.filer).await.unwrap()[0].resource.as_deref(), Some("srv-3"));
    let health = house.app.record_health(&house.filer, number).await.unwrap().unwrap();
    assert!(health.drifts.is_empty() && health.look.unwrap().looked_at == house.clock_now());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_domain_leads_decides_whether_its_site_is_called_at_all() {
    let mut world = World::open().await;
    world.site.shows("/", 200, world.footer());
    let other = |address: &str| vec![address.parse().unwrap()];
    world.leads_to(&[ELSEWHERE]).await;
    world.site.asked();
    let (drifts, not_seen) = world.look().await;
    assert_eq!(drifts[0].0, Drift::LeadsElsewhere { addresses: other(ELSEWHERE) });
    assert_eq!(not_seen[&DriftClass::Footer], NotSeen::NotServedHere);
    assert_eq!(not_seen[&DriftClass::Certificate], NotSeen::NotServedHere);
    assert_eq!(world.site.asked(), [""; 0], "another's site is not ours to call");
    let seen = world.seen(DriftClass::Resolution).await.unwrap();
    assert_eq!(seen, [Drift::LeadsElsewhere { addresses: other(ELSEWHERE) }]);
    let begun =
        world.house.app.begin_against_drift(&world.house.filer, &world.number, DriftKind::LeadsElsewhere);
    let RecordOrder::Begun(order) = begun.await.unwrap() else { panic!("an order") };
    assert_eq!(order.kind, FilingKind::CancelAccess);

    // Excused, it does not count; what is known of it stays.
    let desk = world.house.app.drift_desk(&world.house.operator, DriftFilter::Counting, None).await.unwrap();
    let drift = &desk.records[0].drifts[0];
    let (id, revision) = (drift.id, drift.revision);
    let app = &world.house.app;
    let stale = app.excuse_drift(&world.house.operator, id, revision - 1, DriftExcuse::Fronted).await;
    assert!(matches!(stale, Err(AppError::Stale { .. })), "{stale:?}");
    app.excuse_drift(&world.house.operator, id, revision, DriftExcuse::Fronted).await.unwrap();
    let desk = app.drift_desk(&world.house.operator, DriftFilter::Excused, None).await.unwrap();
    assert_eq!((desk.counts.records, desk.counts.excused, desk.records.len()), (0, 1, 1));
    let (drifts, _) = world.look().await;
    assert_eq!(drifts[0].1, DriftState::Excused(DriftExcuse::Fronted));
    let kept = world.house.store().await.read().drift(id).await.unwrap().unwrap();
    app.reopen_drift(&world.house.operator, id, kept.revision).await.unwrap();
    let desk = app.drift_desk(&world.house.operator, DriftFilter::Excused, None).await.unwrap();
    assert_eq!((desk.counts.records, desk.counts.excused, desk.records.len()), (1, 0, 0));
    assert!(DriftState::Open.after(DriftEvent::Reopen).is_err());

    world.leads_to(&["127.0.0.1", ELSEWHERE]).await;
    let seen = world.seen(DriftClass::Resolution).await.unwrap();
    assert!(seen.contains(&Drift::LeadsPartlyElsewhere { addresses: other(ELSEWHERE) }), "{seen:?}");
    world.leads_to(&[]).await;
    let (drifts, not_seen) = world.look().await;
    assert_eq!(drifts[0].0, Drift::LeadsNowhere {});
    assert_eq!(not_seen[&DriftClass::Footer], NotSeen::NotServedHere);
    // As filed. (The address is nobody's, so that it is not called.)
    world.leads_to(&["203.0.113.10"]).await;
    let (drifts, not_seen) = world.look().await;
    assert_eq!(drifts, []);
    assert_eq!(not_seen[&DriftClass::Footer], NotSeen::MayNotBeCalled);
    // Nobody answers: nothing is known, and nothing is concluded.
    world.leads_to(&[ELSEWHERE]).await;
    world.look().await;
    world.names = None;
    let (drifts, not_seen) = world.look().await;
    assert_eq!(not_seen[&DriftClass::Resolution], NotSeen::NameServerSilent);
    assert_eq!(not_seen[&DriftClass::Footer], NotSeen::NameServerSilent);
    assert_eq!(drifts.len(), 1, "what was seen before stays: {drifts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_asked_for_by_the_rules_of_its_site() {
    let world = World::open().await;
    let footer = || world.seen(DriftClass::Footer);
    // Providers' pages are known from the 25th of November 2026 on.
    world.house.clock.advance(TimeDelta::days(3));
    world.site.shows("/", 200, world.footer());
    world.site.asked();
    assert_eq!(footer().await, Ok(Vec::new()));
    assert_eq!(
        world.site.asked(),
        [format!("{DOMAIN}/robots.txt"), format!("{DOMAIN}/")],
        "and nothing else"
    );
    for (robots, expected) in [
        ((200, "User-agent: *\nDisallow: /"), Err(NotSeen::RobotsForbid)),
        ((200, "User-agent: *\nDisallow: /\n\nUser-agent: beian\nAllow: /"), Ok(Vec::new())),
        ((200, "User-agent: beian\nDisallow: /$"), Err(NotSeen::RobotsForbid)),
        ((200, "<html>this is no such file</html>"), Ok(Vec::new())),
        ((404, ""), Ok(Vec::new())),
        ((403, "User-agent: *\nDisallow: /"), Ok(Vec::new())),
        ((503, ""), Err(NotSeen::RobotsUnreadable)),
    ] {
        world.site.shows("/robots.txt", robots.0, robots.1);
        world.site.asked();
        assert_eq!(footer().await, expected, "{robots:?}");
        let pages = world.site.asked().iter().filter(|asked| asked.ends_with(&format!("{DOMAIN}/"))).count();
        assert_eq!(pages, usize::from(expected.is_ok()), "{robots:?}");
    }
    world.site.shows("/robots.txt", 404, "");
    let www = format!("http://www.{DOMAIN}:{}/home", world.port);
    world.site.shows("/home", 200, world.footer());
    for ((status, page), expected) in [
        ((200, "<p>nothing".to_owned()), Ok(vec![Drift::NumberMissing {}])),
        ((302, www), Ok(Vec::new())),
        ((302, "http://xizuo-other.cn/".to_owned()), Err(NotSeen::SentElsewhere)),
        ((302, "http://127.0.0.1:1/".to_owned()), Err(NotSeen::SentElsewhere)),
        ((302, "/".to_owned()), Err(NotSeen::NoPage)),
        ((500, world.footer()), Err(NotSeen::NoPage)),
        ((200, "<title>Non-compliance ICP Filing</title>".to_owned()), Err(NotSeen::BlockPage)),
        ((200, "x".repeat(3 * 1024 * 1024)), Err(NotSeen::TooLong)),
        ((200, "<div id=app></div><script src=a.js></script>".to_owned()), Err(NotSeen::ScriptOnly)),
    ] {
        let name: String = page.chars().take(60).collect();
        world.site.shows("/", status, page);
        assert_eq!(footer().await, expected, "{status} {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_judged_as_a_browser_does() {
    let authority = Authority::new();
    let server = Server::start().await;
    let trusted = SiteAuthorities::These(vec![authority.certificate()]);
    let world = World::open_with(server.port(), trusted).await;
    world.site.shows("/", 200, world.footer());
    // The clock of the test is in November 2026.
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let names = "DNS:xizuo-journey.cn,DNS:www.xizuo-journey.cn";
    for (from, until, names, issuer, expected) in [
        ("260101000000Z", "280101000000Z", names, crate::authority::Issuer::Ours, vec![]),
        (
            "260101000000Z",
            "261202120000Z",
            names,
            crate::authority::Issuer::Ours,
            vec![Drift::CertificateExpires { on: day("2026-12-02") }],
        ),
        (
            "260101000000Z",
            // Late in the evening: the next day in China.
            "261110200000Z",
            names,
            crate::authority::Issuer::Ours,
            vec![Drift::CertificateExpired { on: day("2026-11-11") }],
        ),
        (
            "260101000000Z",
            "280101000000Z",
            "DNS:xizuo-other.cn",
            crate::authority::Issuer::Ours,
            vec![Drift::CertificateOfOther {}],
        ),
        (
            "260101000000Z",
            "280101000000Z",
            names,
            crate::authority::Issuer::Stranger,
            vec![Drift::CertificateNotTrusted {}],
        ),
        (
            "270101000000Z",
            "280101000000Z",
            names,
            crate::authority::Issuer::Ours,
            vec![Drift::CertificateNotTrusted {}],
        ),
    ] {
        server.shows(&authority.issue(issuer, names, from, until));
        assert_eq!(world.seen(DriftClass::Certificate).await, Ok(expected.clone()), "{expected:?}");
    }
    server.speaks_no_tls();
    assert_eq!(world.seen(DriftClass::Certificate).await, Err(NotSeen::NoTls));
}
