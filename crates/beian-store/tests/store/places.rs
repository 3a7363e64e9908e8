//! Places, authorization codes and reports of resources: who comes first, on
//! SQLite and on PostgreSQL alike.

use std::sync::Arc;

use beian_domain::{
    AccountId, AccountKind, AuthorizationCode, AuthorizationCodeId, Case, CertificateKind, Clock,
    CodeRefusal, CodeState, CodeText, CodeUse, FilingKind, ManualClock, OrderEvent, OrderNumber, OrderState,
    Personal, Resource, ResourceId, ResourceKind, Role, SeededRandom, SponsorNature, new_uuid,
};
use beian_store::{
    Actor, AuditReport, CodeFilter, Keys, NewAccount, NewCode, NewOrder, Options, Order, Reported, Store,
    StoreError,
};
use chrono::{DateTime, TimeDelta};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Database};

use crate::support::{self, Backend};

struct House {
    store: Arc<Store>,
    clock: Arc<ManualClock>,
    random: Arc<SeededRandom>,
    owner: AccountId,
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
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_000_000, 0).unwrap()));
        let random = Arc::new(SeededRandom::new(42));
        let keys = Keys::generate(&*random);
        let store = connect(&database, &directory, &keys, &clock, &random).await;
        let owner = account(&store, "owner").await;
        Self { store, clock, random, owner, database, directory, keys }
    }

    fn server(&self, reference: &str, quota: u32) -> Resource {
        Resource {
            id: ResourceId(new_uuid(&*self.clock, &*self.random)),
            owner: self.owner,
            reference: reference.to_owned(),
            kind: ResourceKind::CloudServer,
            division: Some("440305".parse().unwrap()),
            prepaid: true,
            bought_at: self.clock.now(),
            expires_at: Some(self.clock.now() + TimeDelta::days(365)),
            public_address: Some("203.0.113.7".parse().unwrap()),
            quota,
            used: 0,
            server: None,
        }
    }

    async fn report(&self, resource: &Resource) -> Reported {
        let mut tx = self.store.begin(Actor::Cloud);
        let reported = tx.report_resource(resource, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        reported
    }

    async fn used(&self, reference: &str) -> u32 {
        self.store.read().resource(reference).await.unwrap().unwrap().used
    }

    /// A draft of its own sponsor: `serial` makes the certificate differ.
    async fn draft(&self, owner: AccountId, serial: usize, access: impl FnOnce(&mut Case)) -> Order {
        let mut case = Case::default();
        case.sponsor.nature = Some(SponsorNature::Individual);
        case.sponsor.certificate.kind = Some(CertificateKind::Passport);
        case.sponsor.certificate.number = Some(Personal::new(format!("X{serial:08}")));
        access(&mut case);
        let mut tx = self.store.begin(Actor::Account(owner));
        let number = OrderNumber::new(&*self.clock, &*self.random);
        let new = NewOrder { number, owner, kind: FilingKind::FirstFiling, case };
        let order = tx.insert_order(new).await.unwrap();
        tx.commit().await.unwrap();
        order
    }

    async fn issue(&self, resource: ResourceId, holder: AccountId) -> Result<AuthorizationCode, StoreError> {
        let mut tx = self.store.begin(Actor::Account(self.owner));
        let new = NewCode {
            text: CodeText::new(&*self.random),
            issuer: self.owner,
            holder,
            resource,
            remark: "习作网站".to_owned(),
            most: 5,
        };
        let id = tx.insert_code(new).await?;
        tx.commit().await?;
        Ok(self.code(id).await)
    }

    async fn code(&self, id: AuthorizationCodeId) -> AuthorizationCode {
        self.store.read().authorization_code(id).await.unwrap().unwrap()
    }

    async fn assert_trail(&self) {
        let report = self.store.read().verify_audit().await.unwrap();
        assert!(matches!(report, AuditReport::Intact { .. }), "{report:?}");
    }
}

async fn connect(
    database: &str,
    directory: &tempfile::TempDir,
    keys: &Keys,
    clock: &Arc<ManualClock>,
    random: &Arc<SeededRandom>,
) -> Arc<Store> {
    let options = Options {
        database: database.to_owned(),
        files: directory.path().to_owned(),
        keys: keys.clone(),
        commit_hook: None,
    };
    Arc::new(Store::open(options, clock.clone(), random.clone()).await.unwrap())
}

async fn account(store: &Store, login: &str) -> AccountId {
    let mut tx = store.begin(Actor::Anonymous);
    let new = NewAccount {
        login: login.parse().unwrap(),
        password_hash: "$argon2id$x".to_owned(),
        role: Role::Filer,
        email: None,
    };
    let id = tx.insert_account(new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn happen(store: &Store, mut order: Order, event: OrderEvent) -> Result<Order, StoreError> {
    let mut tx = store.begin(Actor::System);
    order.apply(&event).unwrap();
    tx.update_order(&mut order, "order.test", serde_json::json!({})).await?;
    tx.commit().await?;
    Ok(order)
}

/// Submits every order at the same time.
async fn rush(store: &Arc<Store>, orders: Vec<Order>) -> Vec<Result<Order, StoreError>> {
    let start = Arc::new(tokio::sync::Barrier::new(orders.len()));
    let all: Vec<_> = orders
        .into_iter()
        .map(|order| {
            let (store, start) = (store.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                happen(&store, order, OrderEvent::Submit).await
            })
        })
        .collect();
    let mut done = Vec::new();
    for one in all {
        done.push(one.await.unwrap());
    }
    done
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_orders_cannot_take_the_last_place(#[case] backend: Backend) {
    let house = House::open(backend).await;
    house.report(&house.server("srv-1", 3)).await;
    let mut drafts = Vec::new();
    for serial in 0..8 {
        let on = |case: &mut Case| case.access.resource = Some("srv-1".to_owned());
        drafts.push(house.draft(house.owner, serial, on).await);
    }
    assert_eq!(house.used("srv-1").await, 0, "a draft takes no place");
    let done = rush(&house.store, drafts).await;
    let (won, lost): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (3, 5));
    for error in lost {
        let error = error.unwrap_err();
        assert!(
            matches!(&error, StoreError::NoPlace { resource, places: 3 } if resource == "srv-1"),
            "{error:?}"
        );
    }
    assert_eq!(house.used("srv-1").await, 3);
    let reader = house.store.read();
    let submitted = reader.orders(beian_store::OrderFilter::InState(OrderState::ProviderReview), 99).await;
    assert_eq!(submitted.unwrap().len(), 3, "whoever lost is a draft as before");

    // Who gives up makes room; who was returned keeps it and takes it once.
    let mut won = won.into_iter().map(Result::unwrap);
    happen(&house.store, won.next().unwrap(), OrderEvent::Withdraw).await.unwrap();
    assert_eq!(house.used("srv-1").await, 2);
    let returned = happen(&house.store, won.next().unwrap(), OrderEvent::Return).await.unwrap();
    assert_eq!(house.used("srv-1").await, 2);
    let again = happen(&house.store, returned, OrderEvent::Submit).await.unwrap();
    assert_eq!(house.used("srv-1").await, 2);

    // Taken back or expired it is no better than a draft.
    let recalled = happen(&house.store, again, OrderEvent::Recall).await.unwrap();
    assert_eq!(house.used("srv-1").await, 1);
    let again = happen(&house.store, recalled, OrderEvent::Submit).await.unwrap();
    let again = happen(&house.store, again, OrderEvent::Return).await.unwrap();
    assert_eq!(house.used("srv-1").await, 2);
    let expired = happen(&house.store, again, OrderEvent::Expire).await.unwrap();
    assert_eq!(house.used("srv-1").await, 1);
    let resumed = happen(&house.store, expired, OrderEvent::Resume).await.unwrap();
    let again = happen(&house.store, resumed, OrderEvent::Submit).await.unwrap();
    assert_eq!(house.used("srv-1").await, 2);

    // Handed in again on another resource, it leaves the first.
    house.report(&house.server("srv-2", 1)).await;
    let mut moved = happen(&house.store, again, OrderEvent::Return).await.unwrap();
    moved.case.access.resource = Some("srv-2".to_owned());
    let moved = happen(&house.store, moved, OrderEvent::Submit).await.unwrap();
    assert_eq!((house.used("srv-1").await, house.used("srv-2").await), (1, 1));

    // Filed, it keeps its place until the service is cancelled.
    let queued = happen(&house.store, moved, OrderEvent::Approve).await.unwrap();
    let sent = happen(&house.store, queued, OrderEvent::Deliver).await.unwrap();
    let granted = OrderEvent::Grant("粤ICP备2026000001号-1".parse().unwrap());
    let filed = happen(&house.store, sent, granted).await.unwrap();
    assert_eq!(house.used("srv-2").await, 1);
    for _ in 0..2 {
        let mut tx = house.store.begin(Actor::Bridge);
        tx.release_place(filed.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(house.used("srv-2").await, 0);
    }
    house.assert_trail().await;
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_orders_cannot_take_the_same_code(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let server = house.server("srv-1", 1);
    house.report(&server).await;
    let friend = account(&house.store, "friend").await;
    let stranger = account(&house.store, "stranger").await;
    let code = house.issue(server.id, friend).await.unwrap();
    assert_eq!((code.state.clone(), code.remark.as_str()), (CodeState::ISSUED, "习作网站"));
    let with_code = |case: &mut Case| case.access.authorization_code = Some(code.text.to_string());
    let mut drafts = Vec::new();
    for serial in 0..6 {
        drafts.push(house.draft(friend, serial, with_code).await);
    }
    let done = rush(&house.store, drafts).await;
    let (mut won, lost): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 5));
    assert!(lost.into_iter().all(|error| matches!(error, Err(StoreError::CodeTaken))));
    let holder = won.remove(0).unwrap();
    assert_eq!(house.code(code.id).await.state, CodeState::Live(CodeUse::Held(holder.id)));
    assert_eq!(house.used("srv-1").await, 0, "a code is a place of its own");

    // Held, it is not taken back; a stranger cannot even take a free one.
    let revoke = async || {
        let mut tx = house.store.begin(Actor::Account(house.owner));
        let revoked = tx.revoke_code(code.id).await.unwrap();
        tx.commit().await.unwrap();
        revoked
    };
    assert_eq!(revoke().await, Err(CodeRefusal::HeldByOther));
    happen(&house.store, holder, OrderEvent::Withdraw).await.unwrap();
    assert_eq!(house.code(code.id).await.state, CodeState::ISSUED, "freed by an order that was given up");
    let foreign = house.draft(stranger, 50, with_code).await;
    let refused = happen(&house.store, foreign, OrderEvent::Submit).await;
    assert!(matches!(refused, Err(StoreError::CodeTaken)));

    // Used, it serves no other order, and stays.
    let order = house.draft(friend, 60, with_code).await;
    let order = happen(&house.store, order, OrderEvent::Submit).await.unwrap();
    let order = happen(&house.store, order, OrderEvent::Approve).await.unwrap();
    let order = happen(&house.store, order, OrderEvent::Deliver).await.unwrap();
    let number: beian_domain::ServiceFilingNumber = "粤ICP备2026000001号-1".parse().unwrap();
    happen(&house.store, order, OrderEvent::Grant(number.clone())).await.unwrap();
    assert_eq!(house.code(code.id).await.state, CodeState::Live(CodeUse::Used(number.clone())));
    let next = house.draft(friend, 61, with_code).await;
    assert!(matches!(happen(&house.store, next, OrderEvent::Submit).await, Err(StoreError::CodeTaken)));
    assert_eq!(revoke().await, Err(CodeRefusal::UsedFor(number)));
    house.assert_trail().await;
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_has_five_codes_and_no_sixth(#[case] backend: Backend) {
    let house = Arc::new(House::open(backend).await);
    let server = house.server("srv-1", 5);
    house.report(&server).await;
    let friend = account(&house.store, "friend").await;
    let all: Vec<_> = (0..9)
        .map(|_| {
            let house = house.clone();
            let resource = server.id;
            tokio::spawn(async move { house.issue(resource, friend).await })
        })
        .collect();
    let mut issued = Vec::new();
    for one in all {
        match one.await.unwrap() {
            Ok(code) => issued.push(code),
            Err(error) => assert!(matches!(error, StoreError::NoMoreCodes { most: 5 }), "{error:?}"),
        }
    }
    assert_eq!(issued.len(), 5);
    let reader = house.store.read();
    let list = reader.authorization_codes(CodeFilter::IssuedBy(house.owner), 99).await.unwrap();
    assert_eq!(list.len(), 5);
    assert_eq!(reader.authorization_codes(CodeFilter::GivenTo(friend), 99).await.unwrap(), list);
    assert!(reader.authorization_codes(CodeFilter::GivenTo(house.owner), 99).await.unwrap().is_empty());
    let found = reader.code_by_text(&issued[0].text).await.unwrap().unwrap();
    assert_eq!(found, issued[0]);
    assert!(reader.code_by_text(&CodeText::new(&SeededRandom::new(999))).await.unwrap().is_none());

    // One that is taken back makes room for another, and stays in the list.
    let mut tx = house.store.begin(Actor::Account(house.owner));
    tx.revoke_code(issued[0].id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(house.code(issued[0].id).await.state, CodeState::Revoked);
    house.issue(server.id, friend).await.unwrap();
    assert!(house.issue(server.id, friend).await.is_err());
    let raw = Database::connect(&house.database).await.unwrap();
    let rows = raw.query_all_raw(sea_orm::Statement::from_string(
        raw.get_database_backend(),
        "SELECT code_sealed, remark_sealed FROM authorization_code",
    ));
    for row in rows.await.unwrap() {
        let text =
            |column| String::from_utf8_lossy(&row.try_get::<Vec<u8>>("", column).unwrap()).into_owned();
        assert!(issued.iter().all(|code| !text("code_sealed").contains(code.text.compact())));
        assert!(!text("remark_sealed").contains("习作"), "what an issuer notes can be personal");
    }
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_newest_report_stays(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let first = house.server("srv-1", 5);
    assert_eq!(house.report(&first).await, Reported::Created);
    assert_eq!(house.report(&first).await, Reported::Unchanged);
    house.clock.advance(TimeDelta::hours(2));
    let renewed = Resource { expires_at: Some(house.clock.now() + TimeDelta::days(730)), ..first.clone() };
    assert_eq!(house.report(&renewed).await, Reported::Updated);
    let kept = || async { house.store.read().resource("srv-1").await.unwrap().unwrap() };
    // What was said an hour ago arrives late.
    let mut tx = house.store.begin(Actor::Cloud);
    let late = tx.report_resource(&first, house.clock.now() - TimeDelta::hours(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((late, kept().await), (Reported::Older, renewed.clone()));
    // Two say something of a new one at the same moment: one row, and no error.
    let all: Vec<_> = (0..6)
        .map(|n| {
            let (store, resource, now) = (house.store.clone(), house.server("srv-2", n), house.clock.now());
            tokio::spawn(async move {
                let mut tx = store.begin(Actor::Cloud);
                let reported = tx.report_resource(&resource, now).await.unwrap();
                tx.commit().await.unwrap();
                reported
            })
        })
        .collect();
    let mut created = 0;
    for one in all {
        created += u32::from(one.await.unwrap() == Reported::Created);
    }
    assert_eq!(created, 1);
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_load_balancer_has_the_places_of_its_server(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let server = house.server("srv-1", 2);
    house.report(&server).await;
    let balancer = Resource {
        kind: ResourceKind::LoadBalancer,
        server: Some(Box::new(server.clone())),
        ..house.server("lb-1", 5)
    };
    house.report(&balancer).await;
    for (serial, reference) in ["lb-1", "srv-1"].into_iter().enumerate() {
        let on = |case: &mut Case| case.access.resource = Some(reference.to_owned());
        let order = house.draft(house.owner, serial, on).await;
        happen(&house.store, order, OrderEvent::Submit).await.unwrap();
    }
    let read = house.store.read().resource("lb-1").await.unwrap().unwrap();
    let behind = read.server.unwrap();
    assert_eq!((read.used, behind.reference.as_str(), behind.used), (0, "srv-1", 2));
    let on = |case: &mut Case| case.access.resource = Some("lb-1".to_owned());
    let third = house.draft(house.owner, 9, on).await;
    let refused = happen(&house.store, third, OrderEvent::Submit).await;
    assert!(matches!(refused, Err(StoreError::NoPlace { places: 2, .. })), "{refused:?}");
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn an_account_is_a_persons_until_somebody_says_otherwise(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let kind = || async { house.store.read().account(house.owner).await.unwrap().unwrap().kind };
    assert_eq!(kind().await, AccountKind::Personal);
    let mut tx = house.store.begin(Actor::Cloud);
    tx.set_account_kind(house.owner, AccountKind::Enterprise).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(kind().await, AccountKind::Enterprise);
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn what_was_handed_in_before_places_were_kept_has_one(#[case] backend: Backend) {
    let mut house = House::open(backend).await;
    house.report(&house.server("srv-1", 5)).await;
    let on = |case: &mut Case| case.access.resource = Some("srv-1".to_owned());
    for serial in 0..3 {
        let order = house.draft(house.owner, serial, on).await;
        if serial > 0 {
            happen(&house.store, order, OrderEvent::Submit).await.unwrap();
        }
    }
    // Back to the schema of the release before.
    let raw = Database::connect(&house.database).await.unwrap();
    for statement in [
        "DROP TABLE resource_slot",
        "DROP TABLE authorization_code",
        "ALTER TABLE account DROP COLUMN kind",
        "ALTER TABLE resource DROP COLUMN server",
        "ALTER TABLE resource DROP COLUMN reported_at",
        "DELETE FROM seaql_migrations WHERE version = '0003_authorization_codes'",
    ] {
        raw.execute_unprepared(statement).await.unwrap();
    }
    house.store = connect(&house.database, &house.directory, &house.keys, &house.clock, &house.random).await;
    assert_eq!(house.used("srv-1").await, 2);
    assert_eq!(house.store.read().account(house.owner).await.unwrap().unwrap().kind, AccountKind::Personal);
}
