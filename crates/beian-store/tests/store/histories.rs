//! Random histories of several accounts over a few sponsors, domains and servers:
//! whatever happens, in whatever order, some things are always so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use beian_domain::{
    AccountId, Case, CertificateKind, Clock, FilingKind, ManualClock, OrderEvent, OrderId, OrderNumber,
    OrderState, Personal, RecordState, Resource, ResourceId, ResourceKind, Role, SeededRandom,
    ServiceFilingNumber, SponsorNature, new_uuid, practice,
};
use beian_store::{
    Actor, AuditReport, FilingRecord, Keys, NewAccount, NewOrder, Options, Order, OrderFilter, Store,
    StoreError,
};
use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

const SERVERS: [(&str, u32); 2] = [("srv-1", 1), ("srv-2", 2)];
const SPONSORS: usize = 3;
const STEPS: usize = 80;

/// Something that somebody tries, whether it is possible or not.
#[derive(Debug, Clone)]
enum Attempt {
    Begin {
        account: usize,
        sponsor: usize,
        server: usize,
    },
    Happen {
        order: usize,
        event: usize,
    },
    /// The regulator grants a number: a new one, or one that was granted before.
    Grant {
        order: usize,
        number: usize,
    },
    /// A record takes another state, as a file of the regulator says.
    Become {
        record: usize,
        state: usize,
    },
    /// The filer chooses another server.
    Move {
        order: usize,
        server: usize,
    },
}

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let some = 0..1_000_usize;
    let attempt = prop_oneof![
        3 => (0..3_usize, 0..SPONSORS, 0..SERVERS.len())
            .prop_map(|(account, sponsor, server)| Attempt::Begin { account, sponsor, server }),
        12 => (some.clone(), some.clone()).prop_map(|(order, event)| Attempt::Happen { order, event }),
        6 => (some.clone(), 0..4_usize).prop_map(|(order, number)| Attempt::Grant { order, number }),
        4 => (some.clone(), 0..3_usize).prop_map(|(record, state)| Attempt::Become { record, state }),
        2 => (some, 0..SERVERS.len()).prop_map(|(order, server)| Attempt::Move { order, server }),
    ];
    prop::collection::vec(attempt, STEPS)
}

struct Town {
    store: Store,
    clock: Arc<ManualClock>,
    random: Arc<SeededRandom>,
    accounts: Vec<AccountId>,
    orders: Vec<OrderId>,
    /// What was seen once, and must never be otherwise again.
    granted: BTreeMap<OrderId, ServiceFilingNumber>,
    cancelled: BTreeSet<ServiceFilingNumber>,
    /// How often each came about, so that nothing is proven of what never happened.
    seen: BTreeMap<&'static str, u32>,
    _directory: tempfile::TempDir,
}

impl Town {
    async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_000_000, 0).unwrap()));
        let random = Arc::new(SeededRandom::new(9));
        let options = Options {
            database: format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
            files: directory.path().to_owned(),
            keys: Keys::generate(&*random),
            commit_hook: None,
        };
        let store = Store::open(options, clock.clone(), random.clone()).await.unwrap();
        let mut accounts = Vec::new();
        let mut tx = store.begin(Actor::System);
        for login in ["alice", "bob", "carol"] {
            let new = NewAccount {
                login: login.parse().unwrap(),
                password_hash: "$argon2id$x".to_owned(),
                role: Role::Filer,
                email: None,
            };
            accounts.push(tx.insert_account(new).await.unwrap());
        }
        for (reference, quota) in SERVERS {
            let resource = Resource {
                id: ResourceId(new_uuid(&*clock, &*random)),
                owner: accounts[0],
                reference: reference.to_owned(),
                kind: ResourceKind::CloudServer,
                division: Some("440305".parse().unwrap()),
                prepaid: true,
                bought_at: clock.now(),
                expires_at: None,
                public_address: None,
                quota,
                used: 0,
                server: None,
            };
            tx.report_resource(&resource, clock.now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        let (granted, cancelled, seen) = Default::default();
        Self {
            store,
            clock,
            random,
            accounts,
            orders: Vec::new(),
            granted,
            cancelled,
            seen,
            _directory: directory,
        }
    }

    fn note(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    async fn order(&self, index: usize) -> Option<Order> {
        let id = self.orders.get(index % self.orders.len().max(1))?;
        self.store.read().order(*id).await.unwrap()
    }

    async fn try_it(&mut self, attempt: &Attempt) {
        self.clock.advance(TimeDelta::minutes(1));
        match *attempt {
            Attempt::Begin { account, sponsor, server } => self.begin(account, sponsor, server).await,
            Attempt::Happen { order, event } => {
                let Some(order) = self.order(order).await else { return };
                let number = "粤ICP备2026000001号-1".parse().unwrap();
                // A grant comes with a record, and so has an attempt of its own.
                let events: Vec<OrderEvent> = OrderEvent::all(number)
                    .into_iter()
                    .filter(|event| !matches!(event, OrderEvent::Grant(_)))
                    .collect();
                // Three times in four something that leads on, so that histories get far.
                let ahead: Vec<&OrderEvent> = events
                    .iter()
                    .filter(|event| {
                        !matches!(event, OrderEvent::Withdraw | OrderEvent::Expire | OrderEvent::Recall)
                    })
                    .filter(|event| order.state().after(event).is_ok())
                    .collect();
                let event = match ahead.is_empty() || event % 4 == 0 {
                    true => events[event % events.len()].clone(),
                    false => ahead[event % ahead.len()].clone(),
                };
                self.happen(order, &event).await;
            }
            Attempt::Grant { order, number } => {
                // Of several the regulator grants one that it has; now and then one that it has not.
                for index in order..order + 6 {
                    let Some(known) = self.order(index).await else { return };
                    if known.state() == OrderState::AtRegulator || index == order + 5 {
                        return self.grant(known, number).await;
                    }
                }
            }
            Attempt::Become { record, state } => self.transform(record, RecordState::ALL[state]).await,
            Attempt::Move { order, server } => {
                let Some(mut order) = self.order(order).await else { return };
                if order.state().is_editable() {
                    order.case.access.resource = Some(SERVERS[server].0.to_owned());
                    let mut tx = self.store.begin(Actor::Account(order.owner));
                    match tx.update_order(&mut order, "order.edit", serde_json::json!({})).await {
                        Ok(()) => tx.commit().await.unwrap(),
                        Err(StoreError::NoPlace { .. }) => self.note("no place"),
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        }
    }

    async fn begin(&mut self, account: usize, sponsor: usize, server: usize) {
        let organisation = practice::ORGANISATIONS[sponsor];
        let mut case = Case::default();
        case.sponsor.nature = Some(SponsorNature::Enterprise);
        case.sponsor.name = Some(Personal::new(organisation.name));
        case.sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
        case.sponsor.certificate.number = Some(Personal::new(organisation.uscc));
        case.service.domain = Some(format!("xizuo-{}.cn", self.orders.len() % 4));
        case.service.name = Some("习作".to_owned());
        case.access.resource = Some(SERVERS[server].0.to_owned());
        let owner = self.accounts[account];
        let mut tx = self.store.begin(Actor::Account(owner));
        let number = OrderNumber::new(&*self.clock, &*self.random);
        let new = NewOrder { number, owner, kind: FilingKind::FirstFiling, case };
        let order = tx.insert_order(new).await.unwrap();
        tx.commit().await.unwrap();
        self.orders.push(order.id);
    }

    async fn happen(&mut self, mut order: Order, event: &OrderEvent) {
        if order.apply(event).is_err() {
            return self.note("impossible event");
        }
        let mut tx = self.store.begin(Actor::System);
        let kept = tx.update_order(&mut order, "order.test", serde_json::json!({})).await;
        match kept {
            Ok(()) => {
                tx.commit().await.unwrap();
                self.note(order.state().slug());
            }
            Err(StoreError::Exists { .. }) => {
                drop(tx);
                self.note("sponsor has an open order");
            }
            Err(StoreError::NoPlace { .. }) => {
                drop(tx);
                self.note("no place");
            }
            Err(error) => panic!("{error}"),
        }
    }

    async fn grant(&mut self, mut order: Order, number: usize) {
        let number: ServiceFilingNumber = format!("粤ICP备202600000{}号-1", number + 1).parse().unwrap();
        if order.apply(&OrderEvent::Grant(number.clone())).is_err() {
            return self.note("impossible event");
        }
        let certificate = order.sponsor_certificate().unwrap();
        let record = FilingRecord {
            sponsor_number: number.sponsor().clone(),
            service_number: number.clone(),
            holder: Some(order.owner),
            state: RecordState::Active,
            order: order.id,
            domain: order.domain().unwrap(),
            sponsor_index: self.store.certificate_index(&certificate),
            sponsor_nature: SponsorNature::Enterprise,
            sponsor_name: order.case.sponsor.name.clone().unwrap(),
            service_name: "习作".to_owned(),
            ids: None,
            resource: order.case.access.resource.clone(),
            served_elsewhere: None,
            content: Some(order.case.clone()),
            as_of: self.clock.now(),
        };
        let mut tx = self.store.begin(Actor::Bridge);
        tx.update_order(&mut order, "order.grant", serde_json::json!({})).await.unwrap();
        match tx.insert_record(&record).await {
            Ok(()) => {
                tx.commit().await.unwrap();
                self.note("granted");
            }
            // The whole transaction with it: the order is where it was.
            Err(StoreError::Exists { .. }) => {
                drop(tx);
                self.note("number granted before");
            }
            Err(error) => panic!("{error}"),
        }
    }

    async fn records(&self) -> Vec<FilingRecord> {
        let mut records = Vec::new();
        for account in &self.accounts {
            records.extend(self.store.read().records_of_holder(*account, 1_000).await.unwrap());
        }
        records
    }

    async fn transform(&mut self, record: usize, state: RecordState) {
        let records = self.records().await;
        let Some(mut record) = records.get(record % records.len().max(1)).cloned() else { return };
        let before = record.state;
        record.state = state;
        let mut tx = self.store.begin(Actor::Bridge);
        match tx.update_record(&record, "record.test").await {
            Ok(()) => {
                if state == RecordState::Cancelled {
                    tx.release_place(record.order).await.unwrap();
                }
                tx.commit().await.unwrap();
                self.note("record changed");
            }
            Err(StoreError::Inconsistent { .. }) if before == RecordState::Cancelled => {
                drop(tx);
                self.note("cancelled stays cancelled");
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// What is always so.
    async fn check(&mut self) {
        let mut open: BTreeMap<String, OrderId> = BTreeMap::new();
        let mut numbers: BTreeMap<String, OrderId> = BTreeMap::new();
        for account in self.accounts.clone() {
            for summary in self.store.read().orders(OrderFilter::OwnedBy(account), 1_000).await.unwrap() {
                let order = self.store.read().order(summary.id).await.unwrap().unwrap();
                if order.state().is_open() && order.state() != OrderState::Draft {
                    let sponsor = order.sponsor_certificate().unwrap().as_str().to_owned();
                    let other = open.insert(sponsor, order.id);
                    assert_eq!(other, None, "two open orders of one sponsor");
                }
                if let Some(number) = &order.filed_as {
                    let other = numbers.insert(number.to_string(), order.id);
                    assert_eq!(other, None, "{number} was granted to two orders");
                    self.granted.entry(order.id).or_insert_with(|| number.clone());
                }
                if let Some(number) = self.granted.get(&order.id) {
                    assert_eq!(order.filed_as.as_ref(), Some(number), "a granted number was lost or changed");
                    assert_eq!(order.state(), OrderState::Filed);
                }
            }
        }
        for record in self.records().await {
            let number = &record.service_number;
            assert!(
                !self.cancelled.contains(number) || record.state == RecordState::Cancelled,
                "{number} was cancelled and is {:?}",
                record.state
            );
            if record.state == RecordState::Cancelled {
                self.cancelled.insert(number.clone());
            }
            assert_eq!(
                numbers.get(&number.to_string()),
                Some(&record.order),
                "the order that brought {number}"
            );
        }
        for (reference, quota) in SERVERS {
            let used = self.store.read().resource(reference).await.unwrap().unwrap().used;
            assert!(used <= quota, "{used} places taken of {quota} on {reference}");
        }
    }
}

#[test]
fn whatever_happens_some_things_are_always_so() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config {
        cases: 16,
        rng_seed: RngSeed::Fixed(20_261_124),
        failure_persistence: None,
        // A failing history is told as it is: shrinking would run it a thousand times.
        max_shrink_iters: 40,
        ..Config::default()
    };
    let mut all: BTreeMap<&'static str, u32> = BTreeMap::new();
    let seen = std::cell::RefCell::new(&mut all);
    TestRunner::new(config)
        .run(&attempts(), |history| {
            runtime.block_on(async {
                let mut town = Town::open().await;
                for attempt in &history {
                    town.try_it(attempt).await;
                    town.check().await;
                }
                let report = town.store.read().verify_audit().await.unwrap();
                assert!(matches!(report, AuditReport::Intact { .. }), "{report:?}");
                for (what, times) in &town.seen {
                    *seen.borrow_mut().entry(*what).or_default() += times;
                }
            });
            Ok(())
        })
        .unwrap();
    // Every rule was put to the test.
    for what in [
        "granted",
        "number granted before",
        "sponsor has an open order",
        "no place",
        "cancelled stays cancelled",
        "record changed",
        "impossible event",
        "refused",
        "withdrawn",
    ] {
        assert!(all.get(what).is_some_and(|times| *times > 0), "{what} never came about: {all:?}");
    }
}
