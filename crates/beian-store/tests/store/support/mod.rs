//! A store on either database, with people and orders in it.

pub(crate) mod drifts;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use beian_domain::{
    AccountId, Case, CertificateKind, FilingKind, ManualClock, OrderEvent, OrderNumber, Personal, Role,
    SeededRandom, practice,
};
use beian_store::{Actor, Keys, NewAccount, NewOrder, Options, Order, Store};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) random: Arc<SeededRandom>,
    /// As it is opened.
    pub(crate) database: String,
    keys: Keys,
    directory: tempfile::TempDir,
}

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + seconds, 0).unwrap()
}

impl House {
    pub(crate) async fn open(backend: Backend) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = match backend {
            Backend::Sqlite => format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
            Backend::Postgres => fresh_postgres().await,
        };
        let clock = Arc::new(ManualClock::at(at(0)));
        let random = Arc::new(SeededRandom::new(42));
        let keys = Keys::generate(&*random);
        Self::over(database, directory, clock, random, keys).await
    }

    async fn over(
        database: String,
        directory: tempfile::TempDir,
        clock: Arc<ManualClock>,
        random: Arc<SeededRandom>,
        keys: Keys,
    ) -> Self {
        let options = Options {
            database: database.clone(),
            files: directory.path().to_owned(),
            keys: keys.clone(),
            commit_hook: None,
        };
        let store = Store::open(options, clock.clone(), random.clone()).await.unwrap();
        Self { store, clock, random, database, keys, directory }
    }

    /// As after a restart.
    pub(crate) async fn reopened(self) -> Self {
        Self::over(self.database, self.directory, self.clock, self.random, self.keys).await
    }

    pub(crate) async fn account(&self, login: &str, role: Role) -> AccountId {
        let mut tx = self.store.begin(Actor::Anonymous);
        let new = NewAccount {
            login: login.parse().unwrap(),
            password_hash: "$argon2id$x".to_owned(),
            role,
            email: None,
        };
        let id = tx.insert_account(new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A case of the practice organisation of a number.
    pub(crate) fn case(&self, organisation: usize) -> Case {
        let mut case = Case::default();
        case.sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
        case.sponsor.certificate.number = Some(Personal::new(practice::ORGANISATIONS[organisation].uscc));
        case
    }

    pub(crate) async fn draft(&self, owner: AccountId, kind: FilingKind, case: Case) -> Order {
        let mut tx = self.store.begin(Actor::Account(owner));
        let number = OrderNumber::new(&*self.clock, &*self.random);
        let order = tx.insert_order(NewOrder { number, owner, kind, case }).await.unwrap();
        tx.commit().await.unwrap();
        order
    }

    /// Lets events happen to an order, and keeps it.
    pub(crate) async fn happen(&self, order: &mut Order, events: &[OrderEvent]) {
        for event in events {
            order.apply(event).unwrap();
        }
        let mut tx = self.store.begin(Actor::System);
        tx.update_order(order, "order.test", json!({})).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// A database of its own for each test, on the server that `cargo xtask test` starts.
pub(crate) async fn fresh_postgres() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("BEIAN_TEST_POSTGRES")
        .expect("BEIAN_TEST_POSTGRES names a PostgreSQL server: run `cargo xtask test`, or `cargo xtask postgres` beside");
    let server = server.trim_end_matches('/');
    let name = format!("store_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let admin = Database::connect(format!("{server}/postgres")).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    format!("{server}/{name}")
}
