//! Where it is kept.
//!
//! One [`Store`] over SQLite and PostgreSQL, chosen by the database's address.
//! Reading goes through a [`Reader`], writing through a [`Tx`], and a `Tx` is
//! begun *by somebody*: whatever it writes, it writes an audit entry with it,
//! and both commit together or not at all. (Sessions that are over and what is
//! typed but not handed in come and go without one.)
//!
//! Personal data are sealed before they reach a column or a file (see
//! [`Keys`]); where they must be found again, a keyed hash stands beside them.
//! Types of the object-relational mapper never leave this crate.

mod accounts;
mod addresses;
mod audit;
mod authenticity;
mod authorization_codes;
mod batch;
mod blacklist;
mod context;
mod drift;
mod duties;
mod entity;
mod events;
mod exchange;
mod files;
#[cfg(feature = "floor")]
#[doc(hidden)]
pub mod floor;
mod group;
mod inbox;
mod judgements;
mod members;
mod migration;
mod notices;
mod orders;
mod overview;
mod passkeys;
mod places;
mod portable;
mod queue;
mod readings;
mod records;
mod references;
mod regulator_times;
mod resources;
mod reviews;
mod sealing;
mod second_factor;
mod timers;
mod transaction;
mod transfers;
mod typed_pages;
mod unfiled_hosts;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use beian_domain::{Clock, Random};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr, SqlErr};
use sea_orm_migration::MigratorTrait;

pub use accounts::{Account, NewAccount, Session, SessionStage};
pub use addresses::{AddressFilter, AddressRecord};
pub use audit::{Actor, AuditEntry, AuditReport, AuditSearch, Subject};
pub use authenticity::AuthenticityProof;
pub use authorization_codes::{CodeFilter, NewCode};
pub use blacklist::{BlacklistEntry, Blacklisted};
pub use context::{CaseContext, CaseKeys, OrderContext, SubmissionContext, SubmissionKeys};
pub use drift::{
    DriftCounts, DriftFilter, DriftMark, DriftSweep, LookOutcome, RecordDue, RecordedDrift, RecordedLook,
};
pub use duties::{Duty, DutyFilter, NewDuty};
pub use events::Event;
pub use exchange::{Delivery, DeliveryId, DeliveryState, DeliverySubject, NumberedPackage, ReceivedFile};
pub use files::{ContentHash, FileKind, Files, StoredMaterial};
pub use inbox::{InboxContent, InboxId, InboxMessage, NoticeSettings, ReadMark};
pub use judgements::{Judgement, NewJudgement};
pub use members::{Membership, NewMembership};
pub use notices::{Message, NewNotice, Notice, NoticeFilter, NoticeId, NoticeState};
pub use orders::{NewOrder, Order, OrderFilter, OrderSummary, Refusal};
pub use overview::StandingOrders;
pub use passkeys::{CeremonyPurpose, NewCeremony, NewPasskey, Passkey, PasskeyId, Passkeys, TakenCeremony};
pub use portable::{Attachment, Lock, MINIMUM_PASSPHRASE, PortableError, PortableReport, portable_lines};
pub use queue::{BoundedCount, Claim, QueueFilter, QueueMark, QueuePage, QueueSearch, QueuedOrder, Taken};
pub use readings::Reading;
pub use records::{DomainStanding, FilingRecord, RecordedDomain, TrailMark};
pub use references::ReferenceKind;
pub use resources::Reported;
pub use reviews::{NewCall, NewEvidence, Popularity, ReviewCall, ReviewEvidence, TallyLine, Trace};
pub use sealing::{BlindIndex, Keys, KeysError};
pub use second_factor::SecondFactor;
pub use timers::{Milestone, Occasion};
pub use transfers::{NewTransfer, PendingProof, Transfer};
pub use typed_pages::{Keeping, SheetId, TypedPage};
pub use unfiled_hosts::{FoundHost, HostCustomer, LeadsTo, UnfiledHost, UnfiledHostFilter};
pub use webhooks::{Endpoint, EndpointId, NewEndpoint};

use sealing::Sealer;
use transaction::{Begun, Source, Transaction};

/// How to open a store.
pub struct Options {
    /// `sqlite:PATH?mode=rwc` or `postgres://…`.
    pub database: String,
    /// The directory for files.
    pub files: std::path::PathBuf,
    /// The keys that seal personal data.
    pub keys: Keys,
    /// Called around every commit; for tests that kill the process there.
    pub commit_hook: Option<CommitHook>,
}

/// See [`Options::commit_hook`]. The number counts the transactions from 1; several can become durable in one commit of
/// the database, and then all are told of before and all after.
pub type CommitHook = Arc<dyn Fn(CommitPoint, u64) + Send + Sync>;

/// On which side of a commit a [`CommitHook`] is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitPoint {
    /// Nothing is durable yet.
    Before,
    /// Everything is durable.
    After,
}

/// The database and the files.
pub struct Store {
    db: DatabaseConnection,
    writer: DatabaseConnection,
    sealer: Sealer,
    files: Files,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    commits: std::sync::atomic::AtomicU64,
    commit_hook: Option<CommitHook>,
    turns: group::Turns,
}

/// What the store answers when it cannot do as told.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database did not do its part.
    #[error("the database failed: {0}")]
    Database(#[source] Box<DbErr>),
    /// What was found does not fit what is written there: damaged data or a wrong key.
    #[error("expected {expected} in {place}, got {got}")]
    Inconsistent {
        /// Table and column.
        place: &'static str,
        /// What should be there.
        expected: &'static str,
        /// What is there, without personal data.
        got: String,
    },
    /// Somebody else changed the thing since it was read.
    #[error("expected revision {expected} of {thing}, which has been changed since")]
    Stale {
        /// What was changed.
        thing: String,
        /// The revision that was read.
        expected: i64,
    },
    /// A unique thing exists already.
    #[error("expected a new {what}, got one that exists")]
    Exists {
        /// What must be unique.
        what: &'static str,
    },
    /// Every place of a resource is taken: the last one went to somebody else.
    #[error("expected a free place on {resource}, got {places} taken of {places}")]
    NoPlace {
        /// The cloud's name for the resource.
        resource: String,
        /// How many services it may carry.
        places: i64,
    },
    /// Somebody else has taken the order, or it is not in review any more.
    #[error("expected an order in review that nobody else has taken")]
    Taken,
    /// Another order took the authorization code, or it cannot be used (any more).
    #[error("expected an authorization code that this order can hold")]
    CodeTaken,
    /// Every code that a resource may have was issued.
    #[error("expected fewer than {most} authorization codes of the resource")]
    NoMoreCodes {
        /// Most codes of one resource.
        most: u32,
    },
    /// The file store did not do its part.
    #[error("the file store failed: {0}")]
    Files(#[from] object_store::Error),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        Self::Database(Box::new(error))
    }
}

/// Turns the violation of a unique constraint into [`StoreError::Exists`].
fn exists(error: DbErr, what: &'static str) -> StoreError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => StoreError::Exists { what },
        _ => error.into(),
    }
}

/// A [`StoreError::Inconsistent`] for a value that does not parse.
fn inconsistent(
    place: &'static str,
    expected: &'static str,
) -> impl FnOnce(&dyn std::fmt::Display) -> StoreError {
    move |error| StoreError::Inconsistent { place, expected, got: error.to_string() }
}

type Result<T, E = StoreError> = std::result::Result<T, E>;

impl Store {
    /// Connects, and brings the schema up to date.
    pub async fn open(options: Options, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self> {
        let mut connect = ConnectOptions::new(&options.database);
        connect.sqlx_logging(false).connect_timeout(Duration::from_secs(10)).max_connections(8);
        // To ask a connection whether it is there costs as much as a question. One that was used a moment ago is.
        connect.test_before_acquire_if_idle_for(Duration::from_secs(1));
        // The mapper's defaults for SQLite are one connection and a rollback
        // journal, under which a reader stops every writer.
        connect.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(sea_orm::sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sea_orm::sqlx::sqlite::SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                // What a savepoint may have to put back is a file otherwise, as soon as it is more than 64 kB.
                .pragma("temp_store", "memory")
                // In KiB. A group is written once if it fits: what does not is written as often as it is touched.
                .pragma("cache_size", "-16384")
        });
        let db = Database::connect(connect.clone()).await?;
        // SQLite has one writer at a time. On a connection of its own it keeps in memory what it wrote last; of a
        // reader's the next writer could believe nothing.
        let writer = match db.get_database_backend() {
            DbBackend::Sqlite => Database::connect(connect.max_connections(1).to_owned()).await?,
            _ => db.clone(),
        };
        migration::Migrator::up(&db, None).await?;
        let sealer = Sealer::new(options.keys, random.clone());
        let files = Files::open(&options.files, sealer.clone())?;
        let store = Self {
            db,
            writer,
            sealer,
            files,
            clock,
            random,
            commits: std::sync::atomic::AtomicU64::new(0),
            commit_hook: options.commit_hook,
            turns: group::Turns::default(),
        };
        store.check_keys().await?;
        Ok(store)
    }

    /// For reading, each statement for itself.
    pub fn read(&self) -> Reader<'_> {
        Reader { db: Source::Connection(&self.db), sealer: &self.sealer }
    }

    /// A transaction that `actor` answers for. It begins with what it asks or changes first; rows that are added alone
    /// can wait for the commit.
    pub fn begin(&self, actor: Actor) -> Tx<'_> {
        let db = Transaction::new(&self.writer, &self.turns);
        Tx { store: self, db, actor, appended: Vec::new(), audit: Vec::new() }
    }

    /// The files of materials.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The keyed hash by which a certificate number is found.
    pub fn certificate_index(&self, number: &beian_domain::CertificateNumber) -> BlindIndex {
        self.sealer.blind_index("certificate", number.as_str())
    }

    /// Seals what a visitor keeps for us, so that they can neither read nor change it; `what` it
    /// is cannot be taken for something else.
    pub fn seal_for_visitor(&self, what: &'static str, plain: &[u8]) -> Result<Vec<u8>> {
        self.sealer.seal(sealing::Place { table_and_column: what, row: "visitor" }, plain)
    }

    /// Opens what a visitor kept.
    pub fn open_from_visitor(&self, what: &'static str, sealed: &[u8]) -> Result<Vec<u8>> {
        Ok(self.sealer.open(sealing::Place { table_and_column: what, row: "visitor" }, sealed)?.to_vec())
    }
}

/// Reads. Obtained from [`Store::read`] or, inside a transaction, from [`Tx::read`].
pub struct Reader<'a> {
    db: Source<'a>,
    sealer: &'a Sealer,
}

/// A transaction. It is rolled back when it is dropped without [`commit`](Self::commit).
pub struct Tx<'a> {
    store: &'a Store,
    db: Transaction<'a>,
    actor: Actor,
    /// Rows that nobody asks for before they are committed: written then, all together.
    appended: Vec<batch::Change>,
    audit: Vec<audit::Draft>,
}

impl Tx<'_> {
    /// Reads what this transaction sees.
    pub fn read(&self) -> Reader<'_> {
        Reader { db: Source::Transaction(&self.db), sealer: &self.store.sealer }
    }

    /// Makes everything durable, audit entries included.
    pub async fn commit(mut self) -> Result<()> {
        let number = self.store.commits.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let hook = self.store.commit_hook.clone();
        let (last, head) = self.last_changes().await?;
        match self.db.into_begun().await? {
            Begun::Member(turn) => turn.commit(batch::each(last).collect(), head, number, hook).await?,
            Begun::Alone(transaction) => {
                batch::make(&transaction, last).await?;
                let call = |point| {
                    if let Some(hook) = &hook {
                        hook(point, number);
                    }
                };
                call(CommitPoint::Before);
                transaction.commit().await?;
                call(CommitPoint::After);
            }
        }
        Ok(())
    }
}
