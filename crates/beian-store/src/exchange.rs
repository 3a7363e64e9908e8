//! What is on its way to the regulator, and what came from it.
//!
//! A delivery is written in the transaction that approves its order, answers its duty, or asks for
//! something about its record of addresses. It gets
//! its sequence number together with the very bytes that will be sent; from
//! then on the same bytes are sent under the same number until the regulator
//! has them, so that sending again changes nothing. Only a file that it refuses for
//! itself gives its number to the next one, and is recognised by its digest if a copy
//! of it is taken after all.

use beian_domain::{AddressRecordId, DutyId, OrderId};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IdenStatic, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entity::{delivery, received_file, setting};
use crate::sealing::Place;
use crate::{Reader, Result, StoreError, Subject, Tx, exists};

/// Identifies a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeliveryId(pub Uuid);

/// A file on its way to the regulator (outbox row).
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Our identifier.
    pub id: DeliveryId,
    /// What it carries.
    pub subject: DeliverySubject,
    /// Its number among all deliveries, never used again: the identifier of an order in its file (`IspZtid` and
    /// the like).
    pub interface_number: i64,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// It rests until then.
    pub next_attempt_at: DateTime<Utc>,
    /// Why it is not delivered yet.
    pub problem: Option<String>,
    /// When its order was approved, its duty answered, or its record of addresses asked about.
    pub created_at: DateTime<Utc>,
}

/// What a delivery carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeliverySubject {
    /// A filing.
    Order(OrderId),
    /// The report on a duty.
    Duty(DutyId),
    /// What is asked for a record of addresses.
    Addresses(AddressRecordId),
}

impl DeliverySubject {
    const ORDER: &str = "order";
    const DUTY: &str = "duty";
    const ADDRESSES: &str = "addresses";

    fn columns(self) -> (&'static str, Uuid) {
        match self {
            Self::Order(order) => (Self::ORDER, order.0),
            Self::Duty(duty) => (Self::DUTY, duty.0),
            Self::Addresses(record) => (Self::ADDRESSES, record.0),
        }
    }

    /// As the audit trail names it.
    pub(crate) fn audited(self) -> Subject {
        match self {
            Self::Order(order) => Subject::Order(order),
            Self::Duty(duty) => Subject::Other("duty", duty.0.to_string()),
            Self::Addresses(record) => Subject::Other("addresses", record.0.to_string()),
        }
    }
}

/// How far a delivery is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryState {
    /// Has no number yet.
    Waiting,
    /// Has its number and its bytes; may have been sent.
    Numbered(NumberedPackage),
    /// The regulator has it.
    Delivered {
        /// Its number.
        sequence: i64,
        /// Since when.
        at: DateTime<Utc>,
    },
}

/// The bytes that are sent, and the number under which they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedPackage {
    /// `dataSequence`.
    pub sequence: i64,
    /// `beianInfo`: base64 of the encrypted archive.
    pub content: String,
    /// `beianInfoHash`: base64 of the digest.
    pub hash: String,
}

/// A file that the regulator sent (inbox row).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedFile {
    /// The regulator's name for it; unique.
    pub name: String,
    /// When its contents took effect here.
    pub applied_at: DateTime<Utc>,
    /// When the regulator was told so.
    pub acknowledged_at: Option<DateTime<Utc>>,
}

const CONTENT: &str = "delivery.content";
const RECEIVED: &str = "received_file.content";
pub(crate) const INTERFACE_NUMBER: &str = "last-interface-number";

impl Tx<'_> {
    /// Queues an order for the regulator and answers with the identifier that
    /// it will have there.
    pub async fn insert_delivery(&mut self, order: OrderId) -> Result<i64> {
        self.insert_delivery_of(DeliverySubject::Order(order)).await
    }

    /// Queues something for the regulator and answers with its number among all deliveries.
    pub(crate) async fn insert_delivery_of(&mut self, subject: DeliverySubject) -> Result<i64> {
        let (about, id) = subject.columns();
        let interface_number = self.next_interface_number().await?;
        let now = self.store.clock.now();
        delivery::Entity::insert(delivery::ActiveModel {
            id: Set(beian_domain::new_uuid(&*self.store.clock, &*self.store.random)),
            subject: Set(id),
            interface_number: Set(interface_number),
            state: Set("waiting".to_owned()),
            sequence: Set(None),
            content_sealed: Set(None),
            content_hash: Set(None),
            attempts: Set(0),
            next_attempt_at: Set(now),
            problem: Set(None),
            created_at: Set(now),
            delivered_at: Set(None),
            about: Set(about.to_owned()),
        })
        .exec_without_returning(&self.db)
        .await
        .map_err(|error| exists(error, "interface number"))?;
        self.note("delivery.queue", &subject.audited(), json!({"interface_number": interface_number}));
        Ok(interface_number)
    }

    /// Fixes the number and the bytes of a delivery.
    pub async fn number_delivery(&mut self, delivery: &Delivery, package: &NumberedPackage) -> Result<()> {
        let row = delivery.id.0.to_string();
        let sealed = self
            .store
            .sealer
            .seal(Place { table_and_column: CONTENT, row: &row }, package.content.as_bytes())?;
        let result = delivery::Entity::update_many()
            .col_expr(delivery::Column::State, "numbered".into())
            .col_expr(delivery::Column::Sequence, Expr::value(package.sequence))
            .col_expr(delivery::Column::ContentSealed, Expr::value(sealed))
            .col_expr(delivery::Column::ContentHash, Expr::value(package.hash.clone()))
            .filter(delivery::Column::Id.eq(delivery.id.0))
            .filter(delivery::Column::State.eq("waiting"))
            .exec(&self.db)
            .await
            .map_err(|error| exists(error, "sequence number"))?;
        one_row(result.rows_affected, delivery)?;
        self.note("delivery.number", &delivery.subject.audited(), json!({"sequence": package.sequence}));
        Ok(())
    }

    /// Notes that a delivery has not arrived, and rests it.
    pub async fn postpone_delivery(
        &mut self,
        delivery: &Delivery,
        problem: &str,
        next_attempt_at: DateTime<Utc>,
    ) -> Result<()> {
        let result = delivery::Entity::update_many()
            .col_expr(delivery::Column::Attempts, Expr::value(i64::from(delivery.attempts) + 1))
            .col_expr(delivery::Column::Problem, Expr::value(problem.to_owned()))
            .col_expr(delivery::Column::NextAttemptAt, Expr::value(next_attempt_at))
            .filter(delivery::Column::Id.eq(delivery.id.0))
            .exec(&self.db)
            .await?;
        one_row(result.rows_affected, delivery)?;
        if delivery.problem.as_deref() != Some(problem) {
            self.note("delivery.postpone", &delivery.subject.audited(), json!({"problem": problem}));
        }
        Ok(())
    }

    /// Takes the number back from a delivery that the regulator has not accepted, so
    /// that those behind it can go first. Its bytes are kept until it has a number
    /// again: a copy of them may still arrive (see
    /// [`released_deliveries`](Reader::released_deliveries)).
    pub async fn release_delivery_number(&mut self, delivery: &Delivery) -> Result<()> {
        let result = delivery::Entity::update_many()
            .col_expr(delivery::Column::State, "waiting".into())
            .col_expr(delivery::Column::Sequence, Expr::value(Option::<i64>::None))
            .filter(delivery::Column::Id.eq(delivery.id.0))
            .filter(delivery::Column::State.eq("numbered"))
            .exec(&self.db)
            .await?;
        one_row(result.rows_affected, delivery)?;
        self.note("delivery.release-number", &delivery.subject.audited(), json!({}));
        Ok(())
    }

    /// Gives a released delivery the number under which it turned out to have arrived.
    pub async fn recognise_delivery(&mut self, delivery: &Delivery, sequence: i64) -> Result<()> {
        let result = delivery::Entity::update_many()
            .col_expr(delivery::Column::State, "numbered".into())
            .col_expr(delivery::Column::Sequence, Expr::value(sequence))
            .filter(delivery::Column::Id.eq(delivery.id.0))
            .filter(released())
            .exec(&self.db)
            .await
            .map_err(|error| exists(error, "sequence number"))?;
        one_row(result.rows_affected, delivery)?;
        self.note("delivery.recognise", &delivery.subject.audited(), json!({"sequence": sequence}));
        Ok(())
    }

    /// Notes that the regulator has a delivery. The bytes are kept.
    pub async fn complete_delivery(&mut self, delivery: &Delivery) -> Result<()> {
        let result = delivery::Entity::update_many()
            .col_expr(delivery::Column::State, "delivered".into())
            .col_expr(delivery::Column::Problem, Expr::value(Option::<String>::None))
            .col_expr(delivery::Column::DeliveredAt, Expr::value(self.store.clock.now()))
            .filter(delivery::Column::Id.eq(delivery.id.0))
            .filter(delivery::Column::State.eq("numbered"))
            .exec(&self.db)
            .await?;
        one_row(result.rows_affected, delivery)?;
        self.note("delivery.complete", &delivery.subject.audited(), json!({}));
        Ok(())
    }

    /// Notes that a file went to the regulator once more, which had lost it.
    pub fn note_sent_again(&mut self, sequence: i64) {
        self.note("delivery.send-again", &Subject::Other("file", sequence.to_string()), json!({}));
    }

    /// Keeps a file from the regulator. [`Exists`](StoreError::Exists) if a file
    /// of this name was applied before.
    pub async fn insert_received(&mut self, name: &str, hash: &str, content: &[u8]) -> Result<()> {
        let sealed = self.store.sealer.seal(Place { table_and_column: RECEIVED, row: name }, content)?;
        received_file::Entity::insert(received_file::ActiveModel {
            name: Set(name.to_owned()),
            content_hash: Set(hash.to_owned()),
            content_sealed: Set(sealed),
            applied_at: Set(self.store.clock.now()),
            acknowledged_at: Set(None),
        })
        .exec_without_returning(&self.db)
        .await
        .map_err(|error| exists(error, "file from the regulator"))?;
        self.note("received.apply", &Subject::Other("file", name.to_owned()), json!({}));
        Ok(())
    }

    /// Notes that the regulator was told that a file took effect.
    pub async fn acknowledge_received(&mut self, name: &str) -> Result<()> {
        received_file::Entity::update_many()
            .col_expr(received_file::Column::AcknowledgedAt, Expr::value(self.store.clock.now()))
            .filter(received_file::Column::Name.eq(name))
            .exec(&self.db)
            .await?;
        self.note("received.acknowledge", &Subject::Other("file", name.to_owned()), json!({}));
        Ok(())
    }

    /// The last number that was given out; nobody gives out another before this transaction is over.
    pub(crate) async fn lock_interface_number(&mut self) -> Result<i64> {
        setting::Entity::find_by_id(INTERFACE_NUMBER)
            .lock(sea_orm::sea_query::LockType::Update)
            .one(&self.db)
            .await?
            .and_then(|row| row.value.parse::<i64>().ok())
            .ok_or_else(|| StoreError::Inconsistent {
                place: "setting.last-interface-number",
                expected: "a number",
                got: "none".to_owned(),
            })
    }

    async fn next_interface_number(&mut self) -> Result<i64> {
        let next = self.lock_interface_number().await? + 1;
        let row =
            setting::ActiveModel { name: Set(INTERFACE_NUMBER.to_owned()), value: Set(next.to_string()) };
        setting::Entity::update(row).exec(&self.db).await?;
        Ok(next)
    }
}

fn released() -> Condition {
    Condition::all()
        .add(delivery::Column::State.eq("waiting"))
        .add(delivery::Column::ContentHash.is_not_null())
}

fn one_row(rows: u64, delivery: &Delivery) -> Result<()> {
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale {
            thing: format!("delivery {}", delivery.id.0),
            expected: i64::from(delivery.attempts),
        })
    }
}

impl Reader<'_> {
    /// The delivery whose turn it is: the one that has a number before those
    /// that have none, the oldest first. There is one turn at a time, because
    /// the regulator takes the numbers in order; but one that has no number and
    /// rests does not hold up those behind it.
    pub async fn next_delivery(&self, now: DateTime<Utc>) -> Result<Option<Delivery>> {
        let oldest = |state: &str| {
            delivery::Entity::find()
                .filter(delivery::Column::State.eq(state))
                .order_by_asc(delivery::Column::InterfaceNumber)
        };
        let row = match oldest("numbered").one(&self.db).await? {
            Some(row) => Some(row),
            None => oldest("waiting").filter(delivery::Column::NextAttemptAt.lte(now)).one(&self.db).await?,
        };
        row.map(|row| self.read_delivery(row)).transpose()
    }

    /// The newest delivery of an order.
    pub async fn delivery_of_order(&self, order: OrderId) -> Result<Option<Delivery>> {
        self.delivery_of(DeliverySubject::Order(order)).await
    }

    /// The newest delivery of something.
    pub async fn delivery_of(&self, subject: DeliverySubject) -> Result<Option<Delivery>> {
        let (about, id) = subject.columns();
        delivery::Entity::find()
            .filter(delivery::Column::Subject.eq(id))
            .filter(delivery::Column::About.eq(about))
            .order_by_desc(delivery::Column::InterfaceNumber)
            .one(&self.db)
            .await?
            .map(|row| self.read_delivery(row))
            .transpose()
    }

    /// The delivery of a number among all deliveries.
    pub async fn delivery_of_interface_number(&self, number: u64) -> Result<Option<Delivery>> {
        let Ok(number) = i64::try_from(number) else { return Ok(None) };
        delivery::Entity::find()
            .filter(delivery::Column::InterfaceNumber.eq(number))
            .one(&self.db)
            .await?
            .map(|row| self.read_delivery(row))
            .transpose()
    }

    /// The delivery of a sequence number.
    pub async fn delivery_of_sequence(&self, sequence: i64) -> Result<Option<Delivery>> {
        delivery::Entity::find()
            .filter(delivery::Column::Sequence.eq(sequence))
            .one(&self.db)
            .await?
            .map(|row| self.read_delivery(row))
            .transpose()
    }

    /// Deliveries that had a number once and have none, each with the digest of the
    /// bytes that were sent (`beianInfoHash`), oldest first. There are few: one is a
    /// file that the regulator refused for itself.
    pub async fn released_deliveries(&self) -> Result<Vec<(Delivery, String)>> {
        let rows = delivery::Entity::find()
            .filter(released())
            .order_by_asc(delivery::Column::InterfaceNumber)
            .all(&self.db)
            .await?;
        rows.into_iter()
            .map(|row| {
                let hash = row.content_hash.clone().ok_or_else(|| lacking(&row, "a digest"))?;
                Ok((self.read_delivery(row)?, hash))
            })
            .collect()
    }

    /// The bytes that were sent under a sequence number, arrived or not.
    pub async fn package_of_sequence(&self, sequence: i64) -> Result<Option<NumberedPackage>> {
        delivery::Entity::find()
            .filter(delivery::Column::Sequence.eq(sequence))
            .one(&self.db)
            .await?
            .filter(|row| row.content_sealed.is_some())
            .map(|row| self.read_package(&row))
            .transpose()
    }

    /// The newest deliveries, newest first.
    pub async fn deliveries(&self, limit: u64) -> Result<Vec<Delivery>> {
        use delivery::Column as C;
        // Only what is not delivered yet is read with its bytes: half a megabyte each.
        let content: Expr =
            CaseStatement::new().case(Expr::col(C::State).eq("numbered"), Expr::col(C::ContentSealed)).into();
        delivery::Entity::find()
            .select_only()
            .columns(C::iter().filter(|column| !matches!(column, C::ContentSealed)))
            .column_as(content, C::ContentSealed.as_str())
            .order_by_desc(delivery::Column::InterfaceNumber)
            .limit(limit)
            .all(&self.db)
            .await?
            .into_iter()
            .map(|row| self.read_delivery(row))
            .collect()
    }

    /// The highest sequence number that was given out here.
    pub async fn last_sequence(&self) -> Result<Option<i64>> {
        let last: Option<Option<i64>> = delivery::Entity::find()
            .select_only()
            .column(delivery::Column::Sequence)
            .filter(delivery::Column::Sequence.is_not_null())
            .order_by_desc(delivery::Column::Sequence)
            .into_tuple()
            .one(&self.db)
            .await?;
        Ok(last.flatten())
    }

    /// A file that was received.
    pub async fn received(&self, name: &str) -> Result<Option<ReceivedFile>> {
        Ok(received_file::Entity::find_by_id(name).one(&self.db).await?.map(read_received))
    }

    /// The newest received files, newest first.
    pub async fn received_files(&self, limit: u64) -> Result<Vec<ReceivedFile>> {
        Ok(received_file::Entity::find()
            .order_by_desc(received_file::Column::AppliedAt)
            .limit(limit)
            .all(&self.db)
            .await?
            .into_iter()
            .map(read_received)
            .collect())
    }

    /// The contents of a received file, for looking into.
    pub async fn received_content(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        received_file::Entity::find_by_id(name)
            .one(&self.db)
            .await?
            .map(|row| self.sealer.open(Place { table_and_column: RECEIVED, row: name }, &row.content_sealed))
            .transpose()
    }

    fn read_package(&self, row: &delivery::Model) -> Result<NumberedPackage> {
        let wrong = |expected| lacking(row, expected);
        let place = row.id.to_string();
        let sealed = row.content_sealed.as_deref().ok_or_else(|| wrong("content"))?;
        let plain = self.sealer.open_text(Place { table_and_column: CONTENT, row: &place }, sealed)?;
        Ok(NumberedPackage {
            sequence: row.sequence.ok_or_else(|| wrong("a sequence number"))?,
            content: plain.as_str().to_owned(),
            hash: row.content_hash.clone().ok_or_else(|| wrong("a digest"))?,
        })
    }

    fn read_delivery(&self, row: delivery::Model) -> Result<Delivery> {
        let wrong = |expected| lacking(&row, expected);
        let state = match row.state.as_str() {
            "waiting" => DeliveryState::Waiting,
            "numbered" => DeliveryState::Numbered(self.read_package(&row)?),
            "delivered" => DeliveryState::Delivered {
                sequence: row.sequence.ok_or_else(|| wrong("a sequence number"))?,
                at: row.delivered_at.ok_or_else(|| wrong("a time"))?,
            },
            _ => return Err(wrong("waiting, numbered or delivered")),
        };
        let subject = match row.about.as_str() {
            DeliverySubject::ORDER => DeliverySubject::Order(OrderId(row.subject)),
            DeliverySubject::DUTY => DeliverySubject::Duty(DutyId(row.subject)),
            DeliverySubject::ADDRESSES => DeliverySubject::Addresses(AddressRecordId(row.subject)),
            _ => return Err(wrong("an order, a duty or a record of addresses")),
        };
        Ok(Delivery {
            id: DeliveryId(row.id),
            subject,
            interface_number: row.interface_number,
            state,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            next_attempt_at: row.next_attempt_at,
            problem: row.problem,
            created_at: row.created_at,
        })
    }
}

fn lacking(row: &delivery::Model, expected: &'static str) -> StoreError {
    StoreError::Inconsistent { place: "delivery", expected, got: format!("state {}", row.state) }
}

fn read_received(row: received_file::Model) -> ReceivedFile {
    ReceivedFile { name: row.name, applied_at: row.applied_at, acknowledged_at: row.acknowledged_at }
}
