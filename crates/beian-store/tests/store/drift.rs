//! What is not as it was filed, on SQLite and on PostgreSQL.

use crate::support::{Backend, House};
use beian_domain::{
    AccountId, CertificateKind, CertificateNumber, Clock, Drift, DriftClass, DriftEvent, DriftExcuse,
    DriftKind, DriftLook, DriftState, LookSchedule, NotSeen, Observation, OrderId, Personal, RecordState,
    Role, ServiceFilingNumber, SponsorNature, practice,
};
use beian_store::{Actor, AuditReport, DriftFilter, FilingRecord, LookOutcome, StoreError};
use chrono::TimeDelta;
use rstest::rstest;

const SCHEDULE: LookSchedule = LookSchedule { period: TimeDelta::days(7), again: TimeDelta::minutes(60) };

fn look(resolution: Vec<Drift>, footer: Observation) -> DriftLook {
    DriftLook {
        resolution: Observation::Seen(resolution),
        footer,
        certificate: Observation::NotSeen(NotSeen::NoTls),
        domain: Observation::Seen(Vec::new()),
    }
}

fn elsewhere(address: &str) -> Drift {
    Drift::LeadsElsewhere { addresses: vec![address.parse().unwrap()] }
}

async fn record(house: &House, holder: AccountId, number: &str) -> FilingRecord {
    let service: ServiceFilingNumber = number.parse().unwrap();
    let certificate =
        CertificateNumber::parse(CertificateKind::BusinessLicence, practice::ORGANISATIONS[0].uscc).unwrap();
    let record = FilingRecord {
        sponsor_number: service.sponsor().clone(),
        domain: format!("xizuo-drift-{}.cn", service.serial()).parse().unwrap(),
        service_number: service,
        holder: Some(holder),
        state: RecordState::Active,
        order: OrderId(uuid::Uuid::nil()),
        sponsor_index: house.store.certificate_index(&certificate),
        sponsor_nature: SponsorNature::Enterprise,
        sponsor_name: Personal::new(practice::ORGANISATIONS[0].name),
        service_name: "习作".to_owned(),
        ids: None,
        resource: Some("srv-1".to_owned()),
        served_elsewhere: Some(false),
        content: None,
        as_of: house.clock.now(),
    };
    let mut tx = house.store.begin(Actor::Bridge);
    tx.insert_record(&record).await.unwrap();
    tx.commit().await.unwrap();
    record
}

async fn keep(house: &House, number: &ServiceFilingNumber, look: &DriftLook) -> LookOutcome {
    let mut tx = house.store.begin(Actor::System);
    let outcome = tx.keep_drift_look(number, look, &SCHEDULE).await.unwrap();
    tx.commit().await.unwrap();
    outcome
}

async fn due(house: &House, limit: u64) -> Vec<String> {
    let records = house.store.read().records_to_look_at(house.clock.now(), limit).await.unwrap();
    records.iter().map(|record| record.service_number.to_string()).collect()
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn what_cannot_be_seen_does_not_put_off_the_second_look_at_what_can(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let holder = house.account("anna", Role::Filer).await;
    let number = record(&house, holder, "粤ICP备2026000001号-1").await.service_number;
    let read = house.store.read();
    let minutes_until_next = async |look: &DriftLook| {
        keep(&house, &number, look).await;
        let kept = read.drift_look(&number).await.unwrap().unwrap();
        (kept.due_at - kept.looked_at).num_minutes()
    };
    let silent = || Observation::NotSeen(NotSeen::SiteSilent);
    for rest in [60, 120, 240] {
        assert_eq!(minutes_until_next(&look(Vec::new(), silent())).await, rest, "later each time");
        house.clock.advance(TimeDelta::minutes(rest));
    }
    let suspected = look(vec![elsewhere("198.51.100.9")], silent());
    assert_eq!(minutes_until_next(&suspected).await, 60, "it has yet to be seen a second time");
    house.clock.advance(TimeDelta::minutes(60));
    assert_eq!(minutes_until_next(&suspected).await, 960, "it was, and the site is as silent as before");
    assert_eq!(read.drifts_of(&number).await.unwrap()[0].state(), DriftState::Open);
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_drift_is_seen_twice_worked_on_and_gone(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let holder = house.account("anna", Role::Filer).await;
    let mut records: Vec<FilingRecord> = Vec::new();
    for serial in 1..=3 {
        records.push(record(&house, holder, &format!("粤ICP备2026000001号-{serial}")).await);
    }
    let number = |index: usize| records[index].service_number.clone();
    let read = house.store.read();
    assert_eq!(due(&house, 9).await.len(), 3, "never looked at");

    // Seen once: it does not count, and is looked at again in an hour.
    let silent = Observation::NotSeen(NotSeen::RobotsForbid);
    let first = look(vec![elsewhere("198.51.100.9")], silent.clone());
    assert_eq!(keep(&house, &number(0), &first).await, LookOutcome::default());
    let kept = read.drift_look(&number(0)).await.unwrap().unwrap();
    assert_eq!(kept.due_at - kept.looked_at, TimeDelta::minutes(60));
    assert_eq!(
        kept.not_seen.into_iter().collect::<Vec<_>>(),
        [(DriftClass::Footer, NotSeen::RobotsForbid), (DriftClass::Certificate, NotSeen::NoTls)]
    );
    assert_eq!(read.count_drifting_records(DriftFilter::Counting).await.unwrap(), 0);
    assert_eq!(due(&house, 9).await, ["粤ICP备2026000001号-2", "粤ICP备2026000001号-3"]);
    house.clock.advance(TimeDelta::minutes(59));
    assert_eq!(keep(&house, &number(0), &first).await.confirmed, 0, "too soon");
    house.clock.advance(TimeDelta::minutes(60));
    assert_eq!(
        due(&house, 9).await,
        ["粤ICP备2026000001号-2", "粤ICP备2026000001号-3", "粤ICP备2026000001号-1"],
        "who has waited longest goes first"
    );
    assert_eq!(due(&house, 1).await, ["粤ICP备2026000001号-2"]);
    let again = look(vec![elsewhere("203.0.114.7")], silent);
    assert_eq!(keep(&house, &number(0), &again).await, LookOutcome { confirmed: 1, ended: 0 });
    let kept = read.drift_look(&number(0)).await.unwrap().unwrap();
    assert_eq!(kept.due_at - kept.looked_at, TimeDelta::days(7));
    let mut drift = read.drifts_of(&number(0)).await.unwrap().remove(0);
    assert_eq!((drift.state(), &drift.drift), (DriftState::Open, &elsewhere("203.0.114.7")), "as seen last");
    assert_eq!(drift.last_seen - drift.first_seen, TimeDelta::minutes(119));

    // Others, less serious.
    let fine = || Observation::Seen(Vec::new());
    let missing = || look(Vec::new(), Observation::Seen(vec![Drift::NumberMissing {}]));
    for index in [1, 2] {
        keep(&house, &number(index), &missing()).await;
    }
    house.clock.advance(TimeDelta::minutes(61));
    for index in [2, 1] {
        keep(&house, &number(index), &missing()).await;
    }
    let all = read.drifting_records(DriftFilter::Counting, None, 9).await.unwrap();
    let weights = [DriftKind::LeadsElsewhere, DriftKind::NumberMissing, DriftKind::NumberMissing];
    let expected: Vec<_> = weights.iter().zip(0..).map(|(kind, n)| (kind.weight(), number(n))).collect();
    assert_eq!(all, expected);
    // Page by page, it is the same.
    let mut paged = Vec::new();
    while let Some(next) = read.drifting_records(DriftFilter::Counting, paged.last(), 1).await.unwrap().pop()
    {
        paged.push(next);
    }
    assert_eq!(paged, all);
    let footers = read.drifting_records(DriftFilter::Of(DriftClass::Footer), None, 9).await.unwrap();
    assert_eq!(footers, all[1..]);
    let counts = read.drift_counts().await.unwrap();
    assert_eq!((counts.records, counts.of_class[&DriftClass::Footer]), (3, 2));
    assert_eq!(counts.of_class[&DriftClass::Domain], 0);

    // Told, and excused; somebody else was quicker.
    let mut late = drift.clone();
    drift.apply(DriftEvent::Tell).unwrap();
    let mut tx = house.store.begin(Actor::Account(holder));
    tx.update_drift(&mut drift, "drift.tell").await.unwrap();
    tx.commit().await.unwrap();
    late.apply(DriftEvent::Excuse(DriftExcuse::Mistaken)).unwrap();
    let mut tx = house.store.begin(Actor::Account(holder));
    let stale = tx.update_drift(&mut late, "drift.excuse").await;
    assert!(matches!(stale, Err(StoreError::Stale { .. })), "{stale:?}");
    drop(tx);
    assert_eq!(read.drift(drift.id).await.unwrap().unwrap(), drift);
    drift.apply(DriftEvent::Excuse(DriftExcuse::Fronted)).unwrap();
    let mut tx = house.store.begin(Actor::Account(holder));
    tx.update_drift(&mut drift, "drift.excuse").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read.count_drifting_records(DriftFilter::Counting).await.unwrap(), 2);

    // Not looked at is not gone; looked at and not seen is.
    let mut unseen = look(Vec::new(), fine());
    unseen.resolution = Observation::NotSeen(NotSeen::NameServerSilent);
    assert_eq!(keep(&house, &number(0), &unseen).await.ended, 0);
    assert_eq!(read.drifts_of(&number(0)).await.unwrap().len(), 1);
    let rests = |failures: u32| TimeDelta::minutes(60 << failures);
    for failures in 0..3 {
        let kept = read.drift_look(&number(0)).await.unwrap().unwrap();
        assert_eq!(kept.due_at - kept.looked_at, rests(failures), "ever later");
        keep(&house, &number(0), &unseen).await;
    }
    assert_eq!(keep(&house, &number(0), &look(Vec::new(), fine())).await.ended, 1);
    assert!(read.drifts_of(&number(0)).await.unwrap().is_empty());

    // What was changed since is looked at before its time, and so is what somebody asks for.
    assert!(due(&house, 9).await.is_empty());
    house.clock.advance(TimeDelta::minutes(1));
    let mut changed = records[1].clone();
    changed.as_of = house.clock.now();
    let mut ahead = records[0].clone();
    ahead.as_of = house.clock.now() + TimeDelta::hours(1);
    let mut tx = house.store.begin(Actor::System);
    tx.update_record(&changed, "record.change").await.unwrap();
    tx.update_record(&ahead, "record.change").await.unwrap();
    tx.look_for_drift_again(&number(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due(&house, 9).await, ["粤ICP备2026000001号-2", "粤ICP备2026000001号-3"]);

    let sweep = read.drift_sweep().await.unwrap();
    assert_eq!((sweep.records, sweep.looked_at), (3, 3));
    assert_eq!(
        sweep.not_seen.into_iter().collect::<Vec<_>>(),
        [((DriftClass::Certificate, NotSeen::NoTls), 3)]
    );

    // A record that ends takes its drifts with it.
    let mut ended = records[2].clone();
    ended.state = RecordState::AccessEnded;
    let mut tx = house.store.begin(Actor::System);
    tx.update_record(&ended, "record.end-access").await.unwrap();
    assert_eq!(tx.forget_drift_of_ended().await.unwrap(), 2, "a look and a drift");
    tx.commit().await.unwrap();
    assert_eq!(read.drift_sweep().await.unwrap().looked_at, 2);
    assert_eq!(read.count_drifting_records(DriftFilter::Counting).await.unwrap(), 1);
    assert!(matches!(read.verify_audit().await.unwrap(), AuditReport::Intact { .. }));
}
