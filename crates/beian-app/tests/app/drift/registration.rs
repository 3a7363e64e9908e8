//! Until when a domain is registered, asked of a registry of this machine.

use beian_app::{RecordOrder, SiteAuthorities, drift_words};
use beian_domain::{DayTold, Drift, DriftClass, DriftKind, DriftState, FilingKind, NotSeen};
use beian_rules::SignedBundle;
use beian_store::Actor;
use chrono::NaiveDate;

use super::{DOMAIN, World};
use crate::authority::{Authority, Issuer};
use crate::registry::{self, Registry};
use crate::support;

const NAMES: &str = "DNS:rdap.xizuo-registry.cn,DNS:other.rdap.xizuo-registry.cn";
const ASKED: &str = "rdap.xizuo-registry.cn/v1/domain/xizuo-journey.cn";
/// Where a registry sends on to.
const ELSEWHERE: &str = "/v1/domain/elsewhere";

struct Registered {
    world: World,
    registry: Registry,
    authority: Authority,
}

impl Registered {
    /// A record of a domain whose registry is on this machine, as the operator's rulebook says.
    async fn open() -> Self {
        let authority = Authority::new();
        let certificate = authority.issue(Issuer::Ours, NAMES, "260101000000Z", "280101000000Z");
        let registry = Registry::start(&certificate);
        let trusted = SiteAuthorities::These(vec![authority.certificate()]);
        let world = World::open_with(registry.port(), trusted).await;
        let [before, after] = registry::SERVICE;
        let rulebook = support::edited_rulebook("registries.toml", before, after);
        let bundle = SignedBundle::seal(&rulebook, &support::signing_key(), day("2026-11-22"));
        world.house.app.install_rulebook(&world.house.operator, &bundle).await.unwrap();
        // Nothing but the registration gives cause to look again.
        world.site.shows("/", 200, world.footer());
        registry.registers(DOMAIN, "2028-01-01T00:00:00Z");
        world.look().await;
        Self { world, registry, authority }
    }

    /// What a look at the registration sees.
    async fn seen(&self) -> Result<Vec<Drift>, NotSeen> {
        self.world.seen(DriftClass::Domain).await
    }

    /// The filing says from now on that the domain is registered until a day.
    async fn file(&self, until: Option<NaiveDate>) {
        let store = self.world.house.store().await;
        let mut record = store.read().record_of_number(&self.world.number).await.unwrap().unwrap();
        let order = store.read().order(record.order).await.unwrap().unwrap();
        let mut content = record.content.take().unwrap_or(order.case);
        content.service.registration.expires_on = until;
        record.content = Some(content);
        let mut tx = store.begin(Actor::System);
        tx.update_record(&record, "record.test").await.unwrap();
        tx.commit().await.unwrap();
    }

    /// In how many hours the record is looked at again.
    async fn hours_to_next(&self) -> i64 {
        let store = self.world.house.store().await;
        let look = store.read().drift_look(&self.world.number).await.unwrap().unwrap();
        (look.due_at - look.looked_at).num_hours()
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn registry_told(filed: Option<&str>) -> DayTold {
    DayTold::Registry { filed: filed.map(day) }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_that_the_registry_tells_is_held_against_today() {
    let registered = Registered::open().await;
    let registry = &registered.registry;
    registry.asked();
    assert_eq!(registered.seen().await, Ok(Vec::new()));
    assert_eq!(registry.asked(), [ASKED], "once, and nothing else");
    // It is the evening before in the registry's own time.
    registry.registers(DOMAIN, "2026-11-29T16:30:00Z");
    let expires = |on, filed| Drift::DomainExpires { on: day(on), told: registry_told(filed) };
    assert_eq!(registered.seen().await, Ok(vec![expires("2026-11-30", None)]));
    registered.file(Some(day("2026-11-30"))).await;
    assert_eq!(registered.seen().await, Ok(vec![expires("2026-11-30", None)]), "the same is no other");
    registered.file(Some(day("2027-06-30"))).await;
    let other = expires("2026-11-30", Some("2027-06-30"));
    assert_eq!(registered.seen().await, Ok(vec![other.clone()]));
    let words = drift_words(&other).seen.unwrap();
    assert_eq!(words.en, "Ends on 2026-11-30, by its registry (RDAP); on file is 2027-06-30");
    assert_eq!(words.zh, "到期日：2026-11-30（注册管理机构 RDAP），备案信息为 2027-06-30");
    registry.registers(DOMAIN, "2026-11-01T00:00:00Z");
    let expired = Drift::DomainExpired { on: day("2026-11-01"), told: registry_told(Some("2027-06-30")) };
    assert_eq!(registered.seen().await, Ok(vec![expired]));
    // What was filed long ago is no matter where the registry knows better.
    registered.file(Some(day("2026-01-01"))).await;
    registry.registers(DOMAIN, "2028-01-01T00:00:00Z");
    assert_eq!(registered.seen().await, Ok(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_that_its_registry_does_not_know_is_told_and_its_service_cancelled() {
    let mut registered = Registered::open().await;
    registered.file(Some(day("2028-01-01"))).await;
    registered.registry.says(DOMAIN, 404, "");
    assert_eq!(registered.seen().await, Err(NotSeen::RegistryContradicted), "it still leads somewhere");
    registered.world.leads_to(&[]).await;
    let (world, registry) = (&registered.world, &registered.registry);
    let unregistered = |state| (Drift::DomainUnregistered {}, state);
    let of_domain = |(drift, _): &(Drift, DriftState)| drift.kind().class() == DriftClass::Domain;
    let look = || async {
        let (mut drifts, not_seen) = world.look().await;
        drifts.retain(of_domain);
        (drifts, not_seen.get(&DriftClass::Domain).copied())
    };
    assert_eq!(look().await, (vec![unregistered(DriftState::Suspected)], None), "once is no time");
    assert_eq!(look().await, (vec![unregistered(DriftState::Open)], None));
    // That it does not answer any more ends nothing, though the filing sees nothing amiss.
    registry.says(DOMAIN, 503, "");
    let silent = Some(NotSeen::RegistrySilent);
    assert_eq!(look().await, (vec![unregistered(DriftState::Open)], silent));
    let (house, number) = (&world.house, &world.number);
    let begun = house.app.begin_against_drift(&house.filer, number, DriftKind::DomainUnregistered).await;
    let RecordOrder::Begun(order) = begun.unwrap() else { panic!("an order") };
    assert_eq!(order.kind, FilingKind::CancelService);
    registry.registers(DOMAIN, "2028-01-01T00:00:00Z");
    assert_eq!(look().await, (vec![], None), "somebody has registered it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_on_file_counts_where_the_registry_does_not_tell() {
    let registered = Registered::open().await;
    let (world, registry) = (&registered.world, &registered.registry);
    let filed = day("2026-11-10");
    registered.file(Some(filed)).await;
    registry.says(DOMAIN, 429, "slower");
    let of_filing = Drift::DomainExpired { on: filed, told: DayTold::Filing };
    // Seen for the first time it is looked at again soon, and then in its turn.
    for hours in [1, 7 * 24, 7 * 24] {
        let (drifts, not_seen) = world.look().await;
        assert!(drifts.iter().any(|(drift, _)| *drift == of_filing), "{drifts:?}");
        assert_eq!(not_seen[&DriftClass::Domain], NotSeen::RegistrySilent, "and it is said so");
        assert_eq!(registered.hours_to_next().await, hours, "nobody's site is asked again for it");
    }
    let words = drift_words(&of_filing).seen.unwrap();
    assert_eq!(words.en, "Ends on 2026-11-10, by what is on file");
    // The filing has told it, and mends it.
    registered.file(None).await;
    assert_eq!(registered.seen().await, Err(NotSeen::RegistrySilent));
    registered.file(Some(day("2028-01-01"))).await;
    let (drifts, _) = world.look().await;
    assert!(drifts.iter().all(|(drift, _)| drift.kind().class() != DriftClass::Domain), "{drifts:?}");
    // No service is known of a domain's suffix: there is nothing to wait for.
    let rulebook = beian_rules::Rulebook::bundled().unwrap();
    let bundle = SignedBundle::seal(&rulebook, &support::signing_key(), day("2026-11-23"));
    world.house.app.install_rulebook(&world.house.operator, &bundle).await.unwrap();
    registered.file(Some(filed)).await;
    registry.asked();
    let (drifts, not_seen) = world.look().await;
    assert!(drifts.iter().any(|(drift, _)| *drift == of_filing), "{drifts:?}");
    assert_eq!(not_seen.get(&DriftClass::Domain), None, "there is nobody to ask");
    registered.file(None).await;
    let (drifts, not_seen) = world.look().await;
    assert_eq!(not_seen[&DriftClass::Domain], NotSeen::NotOnFile);
    assert!(drifts.iter().all(|(drift, _)| drift.kind().class() != DriftClass::Domain), "{drifts:?}");
    assert_eq!(registry.asked(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_of_the_registry_tells_nothing() {
    let registered = Registered::open().await;
    let registry = &registered.registry;
    let silent = Err(NotSeen::RegistrySilent);
    let unreadable = Err(NotSeen::RegistryUnreadable);
    let about = |name: &str| {
        let event = r#"{"eventAction":"expiration","eventDate":"2026-11-01T00:00:00Z"}"#;
        format!(r#"{{"objectClassName":"domain","ldhName":"{name}","events":[{event}]}}"#)
    };
    let long = format!("{}{}", about(DOMAIN), " ".repeat(300 * 1024));
    let other_host = format!("https://other.{}:{}{ELSEWHERE}", registry::HOST, registry.port());
    let plain = format!("http://{}:{}/v1/domain/{DOMAIN}", registry::HOST, registry.port());
    for ((status, body), expected, times) in [
        ((500, about(DOMAIN)), &silent, 1),
        ((503, about(DOMAIN)), &silent, 1),
        ((429, about(DOMAIN)), &silent, 1),
        ((403, about(DOMAIN)), &unreadable, 1),
        ((200, "<html>Wait</html>".to_owned()), &unreadable, 1),
        ((200, long), &unreadable, 1),
        ((200, about("xizuo-other.cn")), &Err(NotSeen::RegistryOfOther), 1),
        ((200, about(DOMAIN).replace("expiration", "registration")), &Err(NotSeen::RegistryTellsNoDay), 1),
        ((302, format!("/v1/domain/{DOMAIN}")), &unreadable, 4),
        ((302, plain), &unreadable, 1),
        ((302, "https://127.0.0.1:9/".to_owned()), &Err(NotSeen::RegistryNotPublic), 1),
        // Another says that it knows of no such domain.
        ((302, other_host), &unreadable, 2),
    ] {
        let name: String = body.chars().take(60).collect();
        registry.says(DOMAIN, status, body);
        registry.asked();
        assert_eq!(registered.seen().await, *expected, "{status} {name}");
        assert_eq!(registry.asked().len(), times, "{status} {name}");
    }
    // Whoever gave no answer is left alone for some minutes.
    registry.says(DOMAIN, 429, "slower");
    assert_eq!(registered.seen().await, silent);
    registry.registers(DOMAIN, "2028-01-01T00:00:00Z");
    registry.asked();
    let app = &registered.world.house.app;
    app.look_for_drift_again(&registered.world.house.operator, &registered.world.number).await.unwrap();
    app.work_until_idle().await;
    assert_eq!(registry.asked(), [""; 0]);
    assert_eq!(registered.seen().await, Ok(Vec::new()), "an hour later");

    registry.says(DOMAIN, 302, ELSEWHERE);
    registry.says("elsewhere", 200, about(DOMAIN));
    let told = registry_told(None);
    let expired = || Ok(vec![Drift::DomainExpired { on: day("2026-11-01"), told }]);
    assert_eq!(registered.seen().await, expired());

    // Whoever else answers there is not the registry.
    let authority = &registered.authority;
    for (issuer, names, until) in [
        (Issuer::Stranger, NAMES, "280101000000Z"),
        (Issuer::Ours, "DNS:xizuo-other.cn", "280101000000Z"),
        // The clock of the test is in November 2026.
        (Issuer::Ours, NAMES, "261101000000Z"),
    ] {
        registry.shows(&authority.issue(issuer, names, "260101000000Z", until));
        registry.asked();
        let (drifts, not_seen) = registered.world.look().await;
        assert_eq!(not_seen[&DriftClass::Domain], NotSeen::RegistrySilent, "{names} {until}");
        assert_eq!(registry.asked(), [""; 0], "{names} {until}");
        assert!(drifts.iter().any(|(drift, _)| drift.kind() == DriftKind::DomainExpired), "it stays");
    }
    registry.shows(&authority.issue(Issuer::Ours, NAMES, "260101000000Z", "280101000000Z"));
    assert_eq!(registered.seen().await, expired());
}
