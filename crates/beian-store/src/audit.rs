//! The audit trail: who did what to which thing, in an order that shows tampering.
//!
//! Every entry carries the hash of the one before it. Changing, dropping or
//! inserting an entry breaks the chain from there on.

use beian_domain::{AccountId, OrderId};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::batch::{self, Change};
use crate::entity::{audit_entry, audit_head};
use crate::sealing::hex;
use crate::{Reader, Result, StoreError, Tx};

/// Who answers for a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person with an account.
    Account(AccountId),
    /// The provider's cloud, through the API.
    Cloud,
    /// The bridge to the regulator.
    Bridge,
    /// The product itself: start, housekeeping, mail.
    System,
    /// Somebody who has not signed in (yet).
    Anonymous,
}

impl Actor {
    fn to_text(self) -> String {
        match self {
            Self::Account(id) => format!("account:{}", id.0),
            Self::Cloud => "cloud".to_owned(),
            Self::Bridge => "bridge".to_owned(),
            Self::System => "system".to_owned(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }

    fn from_text(text: &str) -> Result<Self> {
        Ok(match text {
            "cloud" => Self::Cloud,
            "bridge" => Self::Bridge,
            "system" => Self::System,
            "anonymous" => Self::Anonymous,
            other => {
                let id = other.strip_prefix("account:").and_then(|id| id.parse().ok());
                Self::Account(AccountId(id.ok_or_else(|| StoreError::Inconsistent {
                    place: "audit_entry.actor",
                    expected: "an actor",
                    got: other.to_owned(),
                })?))
            }
        })
    }
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An order.
    Order(OrderId),
    /// An account.
    Account(AccountId),
    /// Anything else, by kind and name; never personal data.
    Other(&'static str, String),
}

/// What is looked for in the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditSearch {
    /// All of it.
    Everything,
    /// What happened to a thing.
    Of(Subject),
    /// What somebody did.
    By(Actor),
    /// What was done, by its name.
    Action(String),
}

impl Subject {
    fn to_text(&self) -> String {
        match self {
            Self::Order(id) => format!("order:{}", id.0),
            Self::Account(id) => format!("account:{}", id.0),
            Self::Other(kind, name) => format!("{kind}:{name}"),
        }
    }
}

/// Most entries of a statement: databases take some thousands of parameters, not all.
const MOST_AT_ONCE: usize = 500;

pub(crate) struct Draft {
    action: &'static str,
    subject: String,
    detail: Value,
}

/// Where the trail ends.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    sequence: i64,
    hash: String,
}

/// One entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the chain, from 1.
    pub sequence: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Actor,
    /// What, for example `order.submit`.
    pub action: String,
    /// To which thing, for example `order:0193…`.
    pub subject: String,
    /// More, without personal data.
    pub detail: Value,
}

/// What a check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditReport {
    /// Unbroken.
    Intact {
        /// How many entries were checked.
        entries: u64,
    },
    /// Broken.
    Broken {
        /// The first entry that does not fit.
        sequence: i64,
    },
}

impl Tx<'_> {
    /// Notes an entry, to be written at commit. Writing methods call it.
    pub(crate) fn note(&mut self, action: &'static str, subject: &Subject, detail: Value) {
        self.audit.push(Draft { action, subject: subject.to_text(), detail });
    }

    /// Notes that somebody took data of an account away.
    pub fn note_taken_away(&mut self, account: AccountId, action: &'static str, detail: Value) {
        self.note(action, &Subject::Account(account), detail);
    }

    /// What is still to be written, entries of the trail included, and where the trail ends then, if it goes on.
    pub(crate) async fn last_changes(&mut self) -> Result<(Vec<Change>, Option<Head>)> {
        let mut changes = self.last_appended().await?;
        if self.audit.is_empty() {
            return Ok((changes, None));
        }
        let mut head = match self.db.head().await? {
            Some(head) => head,
            None => self.read_head(std::mem::take(&mut changes)).await?,
        };
        let at = self.store.clock.now();
        let actor = self.actor.to_text();
        let mut rows = Vec::new();
        for draft in std::mem::take(&mut self.audit) {
            let sequence = head.sequence + 1;
            // The text is what is hashed: a parsed value can be written in another order.
            let detail = draft.detail.to_string();
            let hash = chain_hash(&head.hash, sequence, at, &actor, draft.action, &draft.subject, &detail);
            rows.push(audit_entry::ActiveModel {
                sequence: Set(sequence),
                at: Set(at),
                actor: Set(actor.clone()),
                action: Set(draft.action.to_owned()),
                subject: Set(draft.subject),
                detail: Set(detail),
                hash: Set(hash.clone()),
            });
            head = Head { sequence, hash };
        }
        while rows.len() > MOST_AT_ONCE {
            let some = rows.drain(..MOST_AT_ONCE);
            changes.push(Change::Insert(audit_entry::Entity::insert_many(some).into_query()));
            batch::make(&self.db, std::mem::take(&mut changes)).await?;
        }
        changes.push(Change::Insert(audit_entry::Entity::insert_many(rows).into_query()));
        let end = audit_head::Entity::update_many()
            .col_expr(audit_head::Column::Sequence, head.sequence.into())
            .col_expr(audit_head::Column::Hash, head.hash.clone().into())
            .filter(audit_head::Column::Id.eq(1));
        changes.push(Change::Update(end.into_query()));
        Ok((changes, Some(head)))
    }

    /// Makes changes, and reads where the trail ends. Whoever comes next waits until this transaction is over: the row
    /// is locked on PostgreSQL; on SQLite there is no other writer, and no lock is rendered.
    async fn read_head(&self, changes: Vec<Change>) -> Result<Head> {
        let question = audit_head::Entity::find_by_id(1).lock(LockType::Update).into_query();
        let found = batch::make_and_ask(&self.db, changes, &question).await?;
        let row = found.first().ok_or_else(|| StoreError::Inconsistent {
            place: "audit_head",
            expected: "one row",
            got: "none".to_owned(),
        })?;
        let audit_head::Model { sequence, hash, .. } = audit_head::Model::from_query_result(row, "")?;
        Ok(Head { sequence, hash })
    }
}

impl Reader<'_> {
    /// The trail of one thing, oldest first.
    pub async fn audit_of(&self, subject: &Subject) -> Result<Vec<AuditEntry>> {
        audit_entry::Entity::find()
            .filter(audit_entry::Column::Subject.eq(subject.to_text()))
            .order_by_asc(audit_entry::Column::Sequence)
            .all(&self.db)
            .await?
            .into_iter()
            .map(read_entry)
            .collect()
    }

    /// At most `limit` entries of what somebody did, oldest first.
    pub async fn audit_by(&self, actor: Actor, limit: u64) -> Result<Vec<AuditEntry>> {
        audit_entry::Entity::find()
            .filter(audit_entry::Column::Actor.eq(actor.to_text()))
            .order_by_asc(audit_entry::Column::Sequence)
            .limit(limit)
            .all(&self.db)
            .await?
            .into_iter()
            .map(read_entry)
            .collect()
    }

    /// The newest `limit` entries that are looked for, newest first; the newest of those before a
    /// place, if one is given.
    pub async fn audit_page(
        &self,
        search: &AuditSearch,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<AuditEntry>> {
        let mut found = audit_entry::Entity::find();
        found = match search {
            AuditSearch::Everything => found,
            AuditSearch::Of(subject) => found.filter(audit_entry::Column::Subject.eq(subject.to_text())),
            AuditSearch::By(actor) => found.filter(audit_entry::Column::Actor.eq(actor.to_text())),
            AuditSearch::Action(action) => found.filter(audit_entry::Column::Action.eq(action.as_str())),
        };
        if let Some(before) = before {
            found = found.filter(audit_entry::Column::Sequence.lt(before));
        }
        found
            .order_by_desc(audit_entry::Column::Sequence)
            .limit(limit)
            .all(&self.db)
            .await?
            .into_iter()
            .map(read_entry)
            .collect()
    }

    /// Walks the whole chain.
    pub async fn verify_audit(&self) -> Result<AuditReport> {
        let mut previous = String::new();
        let mut entries = 0;
        loop {
            let page = audit_entry::Entity::find()
                .filter(audit_entry::Column::Sequence.gt(entries))
                .order_by_asc(audit_entry::Column::Sequence)
                .limit(1_000)
                .all(&self.db)
                .await?;
            if page.is_empty() {
                break;
            }
            for row in page {
                let hash = chain_hash(
                    &previous,
                    row.sequence,
                    row.at,
                    &row.actor,
                    &row.action,
                    &row.subject,
                    &row.detail,
                );
                if row.sequence != entries + 1 || hash != row.hash {
                    return Ok(AuditReport::Broken { sequence: entries + 1 });
                }
                entries = row.sequence;
                previous = hash;
            }
        }
        let head = audit_head::Entity::find_by_id(1).one(&self.db).await?;
        if head.is_none_or(|head| head.sequence != entries || head.hash != previous) {
            return Ok(AuditReport::Broken { sequence: entries + 1 });
        }
        Ok(AuditReport::Intact { entries: entries.unsigned_abs() })
    }
}

fn read_entry(row: audit_entry::Model) -> Result<AuditEntry> {
    Ok(AuditEntry {
        sequence: row.sequence,
        at: row.at,
        actor: Actor::from_text(&row.actor)?,
        action: row.action,
        subject: row.subject,
        detail: serde_json::from_str(&row.detail)
            .map_err(|error| crate::inconsistent("audit_entry.detail", "JSON")(&error))?,
    })
}

fn chain_hash(
    previous: &str,
    sequence: i64,
    at: DateTime<Utc>,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &str,
) -> String {
    let mut hash = Sha256::new();
    let at = at.timestamp_micros().to_string();
    for part in [previous, &sequence.to_string(), &at, actor, action, subject, detail] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}
