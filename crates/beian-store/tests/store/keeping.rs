//! Every test here runs on SQLite and on PostgreSQL, and expects the same.

use std::sync::Arc;

use beian_domain::{
    AccountId, Case, CertificateKind, Clock, FilingKind, ImageFormat, ManualClock, MaterialId, MaterialUse,
    NoticeChannel, NoticeKind, OrderEvent, OrderNumber, OrderState, Personal, Random, RecordState,
    RegulatorIds, Resource, ResourceId, ResourceKind, Role, SeededRandom, SponsorNature, Verdict, new_uuid,
    practice,
};
use beian_store::{
    Actor, AuditReport, DeliveryState, FileKind, FilingRecord, Keys, Message, NewAccount, NewJudgement,
    NewNotice, NewOrder, NumberedPackage, Options, Order, OrderFilter, Store, StoreError, StoredMaterial,
    Subject,
};
use chrono::{DateTime, TimeDelta};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Database};

use crate::support::{self, Backend};

struct House {
    store: Arc<Store>,
    clock: Arc<ManualClock>,
    random: Arc<SeededRandom>,
    database: String,
    directory: tempfile::TempDir,
    keys: Keys,
}

impl House {
    async fn open(backend: Backend) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = match backend {
            Backend::Sqlite => format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
            Backend::Postgres => support::fresh_postgres().await,
        };
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_000_000, 123_456_789).unwrap()));
        let random = Arc::new(SeededRandom::new(42));
        let keys = Keys::generate(&*random);
        let store = Self::connect(&database, &directory, &keys, &clock, &random).await.unwrap();
        Self { store: Arc::new(store), clock, random, database, directory, keys }
    }

    async fn connect(
        database: &str,
        directory: &tempfile::TempDir,
        keys: &Keys,
        clock: &Arc<ManualClock>,
        random: &Arc<SeededRandom>,
    ) -> Result<Store, StoreError> {
        let options = Options {
            database: database.to_owned(),
            files: directory.path().to_owned(),
            keys: keys.clone(),
            commit_hook: None,
        };
        Store::open(options, clock.clone(), random.clone()).await
    }

    async fn account(&self, login: &str) -> AccountId {
        let mut tx = self.store.begin(Actor::Anonymous);
        let new = NewAccount {
            login: login.parse().unwrap(),
            password_hash: "$argon2id$x".to_owned(),
            role: Role::Filer,
            email: Some(Personal::new(practice::PEOPLE[0].email)),
        };
        let id = tx.insert_account(new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn order(&self, owner: AccountId) -> Order {
        let mut tx = self.store.begin(Actor::Account(owner));
        let number = OrderNumber::new(&*self.clock, &*self.random);
        let order = tx
            .insert_order(NewOrder { number, owner, kind: FilingKind::FirstFiling, case: case() })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        order
    }

    async fn happen(&self, order: &mut Order, event: OrderEvent) -> Result<(), StoreError> {
        let mut tx = self.store.begin(Actor::System);
        order.apply(&event).unwrap();
        tx.update_order(order, "order.test", serde_json::json!({})).await?;
        tx.commit().await
    }
}

fn case() -> Case {
    let organisation = practice::ORGANISATIONS[0];
    let mut case = Case::default();
    case.sponsor.nature = Some(SponsorNature::Enterprise);
    case.sponsor.name = Some(Personal::new(organisation.name));
    case.sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
    case.sponsor.certificate.number = Some(Personal::new(organisation.uscc));
    case.sponsor.principal.mobile = Some(Personal::new(practice::PEOPLE[0].mobile));
    case.service.domain = Some("https://www.xizuo.cn/".to_owned());
    case.service.name = Some("习作".to_owned());
    case.access.resource = Some("srv-1".to_owned());
    case
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn an_order_comes_back_as_it_was_kept(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let order = house.order(owner).await;
    let read = house.store.read().order(order.id).await.unwrap().unwrap();
    assert_eq!(read.case, order.case);
    assert_eq!((read.state(), read.revision), (OrderState::Draft, 1));
    assert_eq!(read.created_at, house.clock.now(), "both databases keep whole microseconds");
    assert_eq!(read.domain().unwrap().as_ascii(), "xizuo.cn");
    let by_number = house.store.read().order_by_number(&order.number).await.unwrap().unwrap();
    assert_eq!(by_number.id, order.id);
    let list = house.store.read().orders(OrderFilter::OwnedBy(owner), 10).await.unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].domain.as_deref(), Some("xizuo.cn"));
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn two_tabs_cannot_both_change_a_revision(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let order = house.order(owner).await;
    let mut first = house.store.read().order(order.id).await.unwrap().unwrap();
    let mut second = house.store.read().order(order.id).await.unwrap().unwrap();
    house.happen(&mut first, OrderEvent::Submit).await.unwrap();
    let error = house.happen(&mut second, OrderEvent::Withdraw).await.unwrap_err();
    assert!(matches!(error, StoreError::Stale { expected: 1, .. }), "{error}");
    assert_eq!(
        house.store.read().order(order.id).await.unwrap().unwrap().state(),
        OrderState::ProviderReview
    );
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_sponsor_has_one_submitted_order_and_any_number_of_drafts(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let (one, other) = (house.account("one").await, house.account("other").await);
    let mut first = house.order(one).await;
    let mut second = house.order(other).await;
    house.happen(&mut first, OrderEvent::Submit).await.unwrap();
    let sponsor = house.store.certificate_index(&first.sponsor_certificate().unwrap());
    assert_eq!(
        house.store.read().open_order_of_sponsor(&sponsor).await.unwrap().unwrap().number,
        first.number
    );
    let reader = house.store.read();
    let own = reader.own_open_order(other, &sponsor).await.unwrap().unwrap();
    assert_eq!(own.number, second.number, "a draft of one's own is continued");
    let mut attempt = house.store.read().order(second.id).await.unwrap().unwrap();
    let error = house.happen(&mut attempt, OrderEvent::Submit).await.unwrap_err();
    assert!(matches!(error, StoreError::Exists { .. }), "{error}");
    house.happen(&mut first, OrderEvent::Withdraw).await.unwrap();
    house.happen(&mut second, OrderEvent::Submit).await.unwrap();
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_delivery_is_numbered_once_and_completed_once(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let order = house.order(owner).await;
    let mut tx = house.store.begin(Actor::System);
    assert_eq!(tx.insert_delivery(order.id).await.unwrap(), 1);
    assert_eq!(tx.insert_delivery(order.id).await.unwrap(), 2);
    tx.commit().await.unwrap();
    let delivery = house.store.read().next_delivery(house.clock.now()).await.unwrap().unwrap();
    assert_eq!((delivery.interface_number, &delivery.state), (1, &DeliveryState::Waiting));
    assert_eq!(house.store.read().last_sequence().await.unwrap(), None);

    let package =
        NumberedPackage { sequence: 7, content: "QUJD".repeat(50_000), hash: "aGFzaA==".to_owned() };
    let number = || async {
        let mut tx = house.store.begin(Actor::Bridge);
        tx.number_delivery(&delivery, &package).await?;
        tx.commit().await
    };
    number().await.unwrap();
    assert!(matches!(number().await, Err(StoreError::Stale { .. })));
    let numbered = house.store.read().next_delivery(house.clock.now()).await.unwrap().unwrap();
    assert_eq!(numbered.state, DeliveryState::Numbered(package.clone()), "what has a number goes first");
    assert_eq!(house.store.read().last_sequence().await.unwrap(), Some(7));

    let later = house.clock.now() + TimeDelta::seconds(30);
    let mut tx = house.store.begin(Actor::Bridge);
    tx.postpone_delivery(&numbered, "unreachable", later).await.unwrap();
    tx.commit().await.unwrap();
    let postponed = house.store.read().next_delivery(house.clock.now()).await.unwrap().unwrap();
    assert_eq!((postponed.attempts, postponed.next_attempt_at), (1, later));

    // Refused for certain: its number is free, and the one behind it goes first.
    let mut tx = house.store.begin(Actor::Bridge);
    tx.release_delivery_number(&postponed).await.unwrap();
    tx.commit().await.unwrap();
    let second = house.store.read().next_delivery(house.clock.now()).await.unwrap().unwrap();
    assert_eq!((second.interface_number, &second.state), (2, &DeliveryState::Waiting));
    assert_eq!(house.store.read().last_sequence().await.unwrap(), None);
    // Its digest is remembered: a copy of it may still arrive, and is recognised.
    let released = house.store.read().released_deliveries().await.unwrap();
    assert_eq!(
        released.iter().map(|(one, hash)| (one.id, hash.as_str())).collect::<Vec<_>>(),
        [(postponed.id, "aGFzaA==")]
    );
    let mut tx = house.store.begin(Actor::Bridge);
    assert!(matches!(tx.recognise_delivery(&second, 7).await, Err(StoreError::Stale { .. })), "never sent");
    tx.recognise_delivery(&postponed, 7).await.unwrap();
    assert_eq!(tx.read().package_of_sequence(7).await.unwrap(), Some(package.clone()));
    assert_eq!(tx.read().released_deliveries().await.unwrap().len(), 0);
    drop(tx);

    house.clock.advance(TimeDelta::seconds(31));
    number().await.unwrap();

    let mut tx = house.store.begin(Actor::Bridge);
    tx.complete_delivery(&postponed).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = house.store.begin(Actor::Bridge);
    assert!(matches!(tx.complete_delivery(&postponed).await, Err(StoreError::Stale { .. })));
    drop(tx);
    assert_eq!(
        house.store.read().next_delivery(house.clock.now()).await.unwrap().unwrap().interface_number,
        2
    );
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_received_file_is_applied_once(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let name = "20260101000000_gd_1.xml";
    let apply = || async {
        let mut tx = house.store.begin(Actor::Bridge);
        tx.insert_received(name, "aGFzaA==", b"<DownloadData/>").await?;
        tx.commit().await
    };
    apply().await.unwrap();
    assert!(matches!(apply().await, Err(StoreError::Exists { .. })));
    assert_eq!(house.store.read().received(name).await.unwrap().unwrap().acknowledged_at, None);
    let mut tx = house.store.begin(Actor::Bridge);
    tx.acknowledge_received(name).await.unwrap();
    tx.commit().await.unwrap();
    assert!(house.store.read().received(name).await.unwrap().unwrap().acknowledged_at.is_some());
    let content = house.store.read().received_content(name).await.unwrap().unwrap();
    assert_eq!(content.as_slice(), b"<DownloadData/>");
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn what_is_not_committed_leaves_no_trace(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let before =
        house.store.read().audit_page(&beian_store::AuditSearch::Everything, None, 100).await.unwrap().len();
    let mut tx = house.store.begin(Actor::Account(owner));
    let number = OrderNumber::new(&*house.clock, &*house.random);
    tx.insert_order(NewOrder { number, owner, kind: FilingKind::FirstFiling, case: case() }).await.unwrap();
    drop(tx);
    assert!(house.store.read().orders(OrderFilter::OwnedBy(owner), 10).await.unwrap().is_empty());
    assert_eq!(
        house.store.read().audit_page(&beian_store::AuditSearch::Everything, None, 100).await.unwrap().len(),
        before
    );
}

/// What a verdict was made from.
async fn judge(house: &House, order: &Order, rulebook: &str) -> Verdict {
    let verdict = Verdict {
        day: "2026-11-24".parse().unwrap(),
        rulebook: rulebook.to_owned(),
        diagnostics: Vec::new(),
        undetermined: Vec::new(),
    };
    let facts = serde_json::json!({ "sponsor-record": { "known": "not-filed" } });
    let mut tx = house.store.begin(Actor::System);
    tx.insert_judgement(NewJudgement { order: order.id, case: &order.case, facts, verdict: &verdict })
        .await
        .unwrap();
    tx.commit().await.unwrap();
    verdict
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn the_newest_judgement_comes_back_with_its_case_and_facts(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let mut order = house.order(owner).await;
    assert!(house.store.read().judgement_of_order(order.id).await.unwrap().is_none());
    judge(&house, &order, "first").await;
    house.clock.advance(TimeDelta::seconds(1));
    order.case.service.name = Some("习作网络".to_owned());
    let second = judge(&house, &order, "second").await;
    let other = house.order(owner).await;
    judge(&house, &other, "another").await;
    let found = house.store.read().judgement_of_order(order.id).await.unwrap().unwrap();
    assert_eq!((&found.case, &found.verdict), (&order.case, &second));
    assert_eq!(found.facts["sponsor-record"]["known"], "not-filed");
    assert_eq!(found.at.timestamp(), house.clock.now().timestamp());
    let trail = house.store.read().audit_of(&Subject::Order(order.id)).await.unwrap();
    assert_eq!(trail.last().unwrap().detail["rulebook"], "second");
    // It opens in its own row alone.
    let raw = Database::connect(&house.database).await.unwrap();
    let swap = "UPDATE judgement SET content_sealed = \
        (SELECT content_sealed FROM judgement WHERE rulebook = 'another') WHERE rulebook = 'second'";
    raw.execute_unprepared(swap).await.unwrap();
    let moved = house.store.read().judgement_of_order(order.id).await;
    assert!(matches!(moved, Err(StoreError::Inconsistent { .. })), "{moved:?}");
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn the_audit_trail_shows_tampering(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let mut order = house.order(owner).await;
    house.happen(&mut order, OrderEvent::Submit).await.unwrap();
    let report = house.store.read().verify_audit().await.unwrap();
    assert!(matches!(report, AuditReport::Intact { entries } if entries >= 4), "{report:?}");
    let trail = house.store.read().audit_of(&Subject::Order(order.id)).await.unwrap();
    assert_eq!(
        trail.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(),
        ["order.create", "order.test"]
    );
    assert_eq!(trail[0].actor, Actor::Account(owner));

    let raw = Database::connect(&house.database).await.unwrap();
    let sequence = trail[0].sequence;
    for tampering in [
        format!("UPDATE audit_entry SET action = 'order.nothing' WHERE sequence = {sequence}"),
        "DELETE FROM audit_entry WHERE sequence = (SELECT max(sequence) FROM audit_entry)".to_owned(),
    ] {
        raw.execute_unprepared(&tampering).await.unwrap();
        let report = house.store.read().verify_audit().await.unwrap();
        assert!(matches!(report, AuditReport::Broken { sequence: at } if at >= sequence), "{report:?}");
    }
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn many_writers_keep_one_chain_and_one_numbering(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let order = house.order(owner).await;
    let tasks: Vec<_> = (0..24)
        .map(|_| {
            let (store, order) = (house.store.clone(), order.id);
            tokio::spawn(async move {
                let mut tx = store.begin(Actor::System);
                let number = tx.insert_delivery(order).await.unwrap();
                tx.commit().await.unwrap();
                number
            })
        })
        .collect();
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.push(task.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=24).collect::<Vec<i64>>());
    assert!(matches!(house.store.read().verify_audit().await.unwrap(), AuditReport::Intact { .. }));
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn accounts_sessions_and_their_end(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let id = house.account("Filer@Example.com").await;
    let mut tx = house.store.begin(Actor::Anonymous);
    let again = NewAccount {
        login: "filer@example.com".parse().unwrap(),
        password_hash: String::new(),
        role: Role::Filer,
        email: None,
    };
    assert!(matches!(tx.insert_account(again).await, Err(StoreError::Exists { .. })));
    drop(tx);
    let until = house.clock.now() + TimeDelta::hours(1);
    let mut tx = house.store.begin(Actor::Account(id));
    tx.insert_session("token", id, "csrf", until).await.unwrap();
    tx.commit().await.unwrap();
    let session = house.store.read().session("token", house.clock.now()).await.unwrap().unwrap();
    assert_eq!((session.account, session.csrf.as_str()), (id, "csrf"));
    assert!(house.store.read().session("other", house.clock.now()).await.unwrap().is_none());
    assert!(house.store.read().session("token", until).await.unwrap().is_none());
    let mut tx = house.store.begin(Actor::System);
    tx.set_password(id, "$argon2id$y").await.unwrap();
    tx.commit().await.unwrap();
    assert!(house.store.read().session("token", house.clock.now()).await.unwrap().is_none());
    let account = house.store.read().account(id).await.unwrap().unwrap();
    assert_eq!(account.email.unwrap().expose(), practice::PEOPLE[0].email);
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn resources_count_the_orders_on_them(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let resource = Resource {
        id: ResourceId(new_uuid(&*house.clock, &*house.random)),
        owner,
        reference: "srv-1".to_owned(),
        kind: ResourceKind::CloudServer,
        division: Some("440305".parse().unwrap()),
        prepaid: true,
        bought_at: house.clock.now(),
        expires_at: Some(house.clock.now() + TimeDelta::days(365)),
        public_address: Some("203.0.113.7".parse().unwrap()),
        quota: 5,
        used: 0,
        server: None,
    };
    for _ in 0..2 {
        let mut tx = house.store.begin(Actor::Cloud);
        tx.report_resource(&resource, house.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut order = house.order(owner).await;
    assert_eq!(
        house.store.read().resources(owner).await.unwrap(),
        std::slice::from_ref(&resource),
        "a draft takes no place"
    );
    house.happen(&mut order, OrderEvent::Submit).await.unwrap();
    assert_eq!(house.store.read().resource("srv-1").await.unwrap().unwrap().used, 1);
    assert!(house.store.read().resource("srv-2").await.unwrap().is_none());
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn materials_and_records_and_mail(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let order = house.order(owner).await;
    let material = StoredMaterial {
        id: MaterialId(new_uuid(&*house.clock, &*house.random)),
        order: order.id,
        purpose: MaterialUse::SponsorCertificate,
        original_format: ImageFormat::Png,
        original_bytes: 4_000_000,
        original_size: (3_000, 2_000),
        copy_format: ImageFormat::Jpeg,
        copy_bytes: 70_000,
        copy_size: (1_250, 833),
        created_at: house.clock.now(),
        content: Some(beian_store::ContentHash::of(b"the original")),
        doubts: vec![beian_domain::PictureDoubt::Glare],
    };
    house.store.files().put(material.id, FileKind::Copy, b"the copy").await.unwrap();
    for _ in 0..2 {
        let mut tx = house.store.begin(Actor::Account(owner));
        tx.replace_material(&material).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(house.store.read().materials(order.id).await.unwrap(), std::slice::from_ref(&material));
    let bytes = house.store.files().get(material.id, FileKind::Copy).await.unwrap();
    assert_eq!(bytes.as_slice(), b"the copy");

    let record = FilingRecord {
        service_number: "粤ICP备2026000001号-1".parse().unwrap(),
        sponsor_number: "粤ICP备2026000001号".parse().unwrap(),
        order: order.id,
        domain: order.domain().unwrap(),
        sponsor_index: house.store.certificate_index(&order.sponsor_certificate().unwrap()),
        sponsor_nature: SponsorNature::Enterprise,
        sponsor_name: Personal::new(practice::ORGANISATIONS[0].name),
        service_name: "习作".to_owned(),
        holder: Some(owner),
        state: RecordState::Active,
        ids: Some(RegulatorIds { sponsor: 11, service: 22, domain: 33, access: 44, address: 55 }),
        resource: Some("practice-server-1".to_owned()),
        served_elsewhere: None,
        content: Some(order.case.clone()),
        as_of: house.clock.now(),
    };
    let mut tx = house.store.begin(Actor::Bridge);
    tx.insert_record(&record).await.unwrap();
    let notice = NewNotice {
        about: Subject::Order(order.id),
        kind: NoticeKind::OrderFiled,
        account: Some(owner),
        message: Message::Mail {
            to: Personal::new(practice::PEOPLE[0].email),
            subject: "备案成功".to_owned(),
            body: "…".to_owned(),
        },
        give_up_at: house.clock.now() + TimeDelta::days(3),
    };
    tx.insert_notice(notice).await.unwrap();
    tx.insert_event(order.id, "order.filed", serde_json::json!({"a": 1})).await.unwrap();
    tx.commit().await.unwrap();
    let reader = house.store.read();
    let found = reader.record_of_domain(&record.domain).await.unwrap().unwrap();
    assert_eq!(found.sponsor_name, record.sponsor_name);
    assert!(reader.record_of_sponsor(&record.sponsor_index).await.unwrap().is_some());
    assert!(reader.record_of_number(&record.service_number).await.unwrap().is_some());
    assert_eq!(reader.events_of(order.id).await.unwrap()[0].kind, "order.filed");
    let due = reader.due_notices(NoticeChannel::Mail, house.clock.now(), 10).await.unwrap();
    let Message::Mail { to, .. } = &due[0].message else { panic!("{due:?}") };
    assert_eq!(to.expose(), practice::PEOPLE[0].email);
    let mut tx = house.store.begin(Actor::System);
    tx.complete_notice(due[0].id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(
        house.store.read().due_notices(NoticeChannel::Mail, house.clock.now(), 10).await.unwrap().is_empty()
    );
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn other_keys_are_refused_at_the_door(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let again =
        House::connect(&house.database, &house.directory, &house.keys, &house.clock, &house.random).await;
    assert!(again.is_ok(), "a second start finds the schema as it is");
    let other = Keys::generate(&*house.random as &dyn Random);
    let error = House::connect(&house.database, &house.directory, &other, &house.clock, &house.random).await;
    assert!(matches!(error.err(), Some(StoreError::Inconsistent { place: "setting.key-check", .. })));
}

/// The canary: nothing personal is readable in the files of the database.
#[tokio::test]
async fn nothing_personal_is_readable_at_rest() {
    let house = House::open(Backend::Sqlite).await;
    let owner = house.account("filer").await;
    let mut order = house.order(owner).await;
    house.happen(&mut order, OrderEvent::Submit).await.unwrap();
    judge(&house, &order, "canary").await;
    let material = MaterialId(new_uuid(&*house.clock, &*house.random));
    house.store.files().put(material, FileKind::Original, "习小明 face".as_bytes()).await.unwrap();
    let organisation = practice::ORGANISATIONS[0];
    let person = practice::PEOPLE[0];
    let mut scanned = 0;
    let mut folders = vec![house.directory.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            scanned += bytes.len();
            for canary in [organisation.name, organisation.uscc, person.mobile, person.email, "习小明"] {
                let canary = canary.as_bytes();
                assert!(!bytes.windows(canary.len()).any(|window| window == canary), "{}", path.display());
            }
        }
    }
    assert!(scanned > 10_000, "{scanned}");
    let found = house.store.read().order(order.id).await.unwrap().unwrap();
    assert_eq!(found.case.sponsor.name.as_ref().unwrap().expose(), organisation.name);
}
