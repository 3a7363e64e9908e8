//! Transactions that become durable together are kept, rolled back and told of each for itself.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use beian_domain::{ManualClock, Random, Role, SeededRandom};
use beian_store::{Actor, AuditReport, CommitPoint, Keys, NewAccount, Options, Store, StoreError};
use chrono::DateTime;
use rstest::rstest;
use sea_orm::{ConnectionTrait, Database, Statement};
use tokio::sync::Barrier;

use crate::support::{self, Backend};

/// What the hook was called for.
type Calls = Arc<Mutex<Vec<(CommitPoint, u64)>>>;

struct House {
    store: Arc<Store>,
    calls: Calls,
    database: String,
    _directory: tempfile::TempDir,
}

impl House {
    async fn open(backend: Backend) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = match backend {
            Backend::Sqlite => format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
            Backend::Postgres => support::fresh_postgres().await,
        };
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_000_000, 0).unwrap()));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(42));
        let calls = Calls::default();
        let noted = calls.clone();
        let options = Options {
            database: database.clone(),
            files: directory.path().to_owned(),
            keys: Keys::generate(&*random),
            commit_hook: Some(Arc::new(move |point, number| noted.lock().unwrap().push((point, number)))),
        };
        let store = Arc::new(Store::open(options, clock, random).await.unwrap());
        calls.lock().unwrap().clear();
        Self { store, calls, database, _directory: directory }
    }

    /// How many accounts another connection sees, which is what is durable.
    async fn durable(&self) -> i64 {
        let other = Database::connect(&self.database).await.unwrap();
        let count = Statement::from_string(other.get_database_backend(), "SELECT count(*) AS n FROM account");
        other.query_one_raw(count).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    async fn assert_whole(&self, entries: u64) {
        let report = self.store.read().verify_audit().await.unwrap();
        // Opening the store leaves one entry.
        assert_eq!(report, AuditReport::Intact { entries: entries + 1 });
    }
}

fn account(login: &str) -> NewAccount {
    NewAccount {
        login: login.parse().unwrap(),
        password_hash: "$argon2id$x".to_owned(),
        role: Role::Filer,
        email: None,
    }
}

async fn insert(store: &Store, login: &str) -> Result<(), StoreError> {
    let mut tx = store.begin(Actor::System);
    tx.insert_account(account(login)).await?;
    tx.commit().await
}

const PEOPLE: usize = 40;

/// Forty at once: a quarter takes a name that is taken, a quarter gives up, the rest is kept.
#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_kept_or_not_for_itself(#[case] backend: Backend) {
    let house = House::open(backend).await;
    insert(&house.store, "taken").await.unwrap();
    let start = Arc::new(Barrier::new(PEOPLE));
    let mut people = Vec::new();
    for index in 0..PEOPLE {
        let (store, start) = (house.store.clone(), start.clone());
        people.push(tokio::spawn(async move {
            start.wait().await;
            match index % 4 {
                0 => insert(&store, "taken").await,
                1 => {
                    let mut tx = store.begin(Actor::System);
                    tx.insert_account(account(&format!("gone-{index}"))).await?;
                    drop(tx);
                    Ok(())
                }
                _ => insert(&store, &format!("kept-{index}")).await,
            }
        }));
    }
    for (index, person) in people.into_iter().enumerate() {
        let result = person.await.unwrap();
        let is_taken = matches!(result, Err(StoreError::Exists { .. }));
        assert_eq!((is_taken, result.is_ok()), (index % 4 == 0, index % 4 != 0), "{index} {result:?}");
    }
    let kept = PEOPLE / 2 + 1;
    assert_eq!(house.durable().await, kept as i64);
    house.assert_whole(kept as u64).await;

    // Every one is told of once before and once after; before the first of a group, nothing of it is durable.
    let calls = house.calls.lock().unwrap().clone();
    let numbers = |point| {
        let mut all: Vec<u64> = calls.iter().filter(|call| call.0 == point).map(|call| call.1).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(numbers(CommitPoint::Before).len(), kept);
    assert_eq!(numbers(CommitPoint::Before), numbers(CommitPoint::After));
    let groups = calls.windows(2).filter(|pair| pair[0].0 != pair[1].0).count().div_ceil(2);
    if backend == Backend::Sqlite {
        assert!(groups < kept, "those who wait share a commit: {groups} of {kept}");
    }
}

/// Nothing of a group is durable before its commit, and nobody is told that it is.
#[tokio::test]
async fn who_is_done_waits_for_those_who_had_asked_before() {
    let house = House::open(Backend::Sqlite).await;
    let mut first = house.store.begin(Actor::System);
    first.insert_account(account("first")).await.unwrap();
    let told = std::sync::atomic::AtomicBool::new(false);
    let second = async {
        let mut tx = house.store.begin(Actor::System);
        tx.insert_account(account("second")).await.unwrap();
        // It sees what will be durable with it, and others do not.
        let other = tx.read().account_by_login(&"first".parse().unwrap()).await.unwrap();
        assert!(other.is_some());
        assert_eq!(house.durable().await, 0);
        assert!(!told.load(Ordering::SeqCst), "the first is not durable yet");
        drop(tx);
    };
    let first = async {
        // The second asks for its turn before the first is done.
        tokio::task::yield_now().await;
        first.commit().await.unwrap();
        told.store(true, Ordering::SeqCst);
        assert_eq!(house.durable().await, 1);
    };
    tokio::join!(second, first);
    house.assert_whole(1).await;
}

/// Whoever goes away while their commit is made holds nobody up, whether or not it was made.
#[tokio::test]
async fn a_commit_that_is_given_up_holds_nobody_up() {
    let house = House::open(Backend::Sqlite).await;
    for polls in 1..20 {
        let mut tx = house.store.begin(Actor::System);
        tx.insert_account(account(&format!("gone-{polls}"))).await.unwrap();
        let mut asked = Box::pin(tx.commit());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        for _ in 0..polls {
            // Asked as far as it comes, a step further each time, and then dropped.
            if asked.as_mut().poll(&mut context).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(asked);
        insert(&house.store, &format!("next-{polls}")).await.unwrap();
    }
    assert!(house.durable().await >= 19);
    let report = house.store.read().verify_audit().await.unwrap();
    assert!(matches!(report, AuditReport::Intact { .. }), "{report:?}");
}
