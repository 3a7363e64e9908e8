//! Orders.

use beian_domain::{
    AccountId, Case, CertificateNumber, DomainName, FilingKind, InvalidTransition, OrderEvent, OrderId,
    OrderNumber, OrderState, ReturnedField, ServiceFilingNumber, Verdict,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entity::filing_order as table;
use crate::sealing::{BlindIndex, Place};
use crate::{Reader, Result, StoreError, Subject, Tx, exists, inconsistent};

/// An order with its case in plain text.
#[derive(Debug, Clone)]
pub struct Order {
    /// Our identifier.
    pub id: OrderId,
    /// Its number for people.
    pub number: OrderNumber,
    /// The account that prepares it.
    pub owner: AccountId,
    /// What kind of filing it makes.
    pub kind: FilingKind,
    /// Where it stands; changed by [`Order::apply`] alone.
    state: OrderState,
    /// What the database has of it.
    kept: Kept,
    /// How often it was changed; two tabs cannot both change the same revision.
    pub revision: i64,
    /// What was stated.
    pub case: Case,
    /// What the reviewer wants mended.
    pub returned: Vec<ReturnedField>,
    /// Why the regulator refused it.
    pub refusal: Option<Refusal>,
    /// The verdict with which it was submitted.
    pub verdict: Option<Verdict>,
    /// The number that was granted.
    pub filed_as: Option<ServiceFilingNumber>,
    /// The identifier in the regulator's files, of the newest delivery.
    pub interface_number: Option<i64>,
    /// Who approved it first, where two must (四眼).
    pub endorsed_by: Option<AccountId>,
    /// How many times somebody was told that it waits since it was changed last.
    pub reminders: u32,
    /// By when the provider wants to have decided, since it was handed in last.
    pub review_due_at: Option<DateTime<Utc>>,
    /// How many signals of a fake filing were found when it was handed in last.
    pub signals: u32,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// When it was submitted last.
    pub submitted_at: Option<DateTime<Utc>>,
}

/// What was read or written last: what need not be undone where it was never done.
#[derive(Debug, Clone, Copy)]
struct Kept {
    state: OrderState,
    submitted_at: Option<DateTime<Utc>>,
}

/// Why the regulator refused an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The regulator's words (审核意见).
    pub opinion: String,
    /// Result codes that came with it.
    pub codes: Vec<u16>,
    /// When the regulator decided.
    pub at: DateTime<Utc>,
}

/// An order to be begun.
#[derive(Debug)]
pub struct NewOrder {
    /// Its number for people; unique.
    pub number: OrderNumber,
    /// Who prepares it.
    pub owner: AccountId,
    /// What kind of filing it makes.
    pub kind: FilingKind,
    /// What is known so far.
    pub case: Case,
}

/// An order in a list: nothing personal.
#[derive(Debug, Clone)]
pub struct OrderSummary {
    /// Our identifier.
    pub id: OrderId,
    /// Its number for people.
    pub number: OrderNumber,
    /// Who prepares it.
    pub owner: AccountId,
    /// What kind of filing it makes.
    pub kind: FilingKind,
    /// Where it stands.
    pub state: OrderState,
    /// Its domain, if it was typed.
    pub domain: Option<String>,
    /// The number that was granted.
    pub filed_as: Option<ServiceFilingNumber>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// When it was submitted last.
    pub submitted_at: Option<DateTime<Utc>>,
}

/// Which orders a list holds.
#[derive(Debug, Clone, Copy)]
pub enum OrderFilter {
    /// All of one account, newest first.
    OwnedBy(AccountId),
    /// All that stand at one place, longest waiting first.
    InState(OrderState),
}

const CASE: &str = "filing_order.case";

impl Order {
    /// Where it stands.
    pub fn state(&self) -> OrderState {
        self.state
    }

    /// Lets `event` happen to it, in memory; [`Tx::update_order`] keeps it.
    pub fn apply(&mut self, event: &OrderEvent) -> Result<(), InvalidTransition> {
        self.state = self.state.after(event)?;
        if let OrderEvent::Grant(number) = event {
            self.filed_as = Some(number.clone());
        }
        Ok(())
    }

    /// The certificate number of its sponsor, if it is one.
    pub fn sponsor_certificate(&self) -> Option<CertificateNumber> {
        let certificate = &self.case.sponsor.certificate;
        CertificateNumber::parse(certificate.kind?, certificate.number.as_ref()?.expose()).ok()
    }

    /// Its domain, if it is one.
    pub fn domain(&self) -> Option<DomainName> {
        self.case.service.domain.as_deref().and_then(|domain| DomainName::from_host(domain).ok())
    }

    /// Whether it holds its sponsor: from submission to the end no second order
    /// of the same sponsor may be under way. A draft holds nothing, or else a
    /// stranger could keep a sponsor from filing by typing its number.
    fn holds_sponsor(&self) -> bool {
        self.state.is_open() && self.state != OrderState::Draft
    }

    /// Whether it was handed in before, as far as the database knows.
    pub(crate) fn was_submitted(&self) -> bool {
        self.kept.submitted_at.is_some()
    }
}

impl Tx<'_> {
    /// Begins an order as a draft.
    pub async fn insert_order(&mut self, new: NewOrder) -> Result<Order> {
        let now = self.store.clock.now();
        let order = Order {
            id: OrderId(beian_domain::new_uuid(&*self.store.clock, &*self.store.random)),
            number: new.number,
            owner: new.owner,
            kind: new.kind,
            state: OrderState::Draft,
            kept: Kept { state: OrderState::Draft, submitted_at: None },
            revision: 1,
            case: new.case,
            returned: Vec::new(),
            refusal: None,
            verdict: None,
            filed_as: None,
            interface_number: None,
            endorsed_by: None,
            reminders: 0,
            review_due_at: None,
            signals: 0,
            created_at: now,
            updated_at: now,
            submitted_at: None,
        };
        table::Entity::insert(self.to_row(&order)?)
            .exec_without_returning(&self.db)
            .await
            .map_err(|error| exists(error, "order number"))?;
        self.note("order.create", &Subject::Order(order.id), json!({"number": order.number}));
        Ok(order)
    }

    /// Keeps a changed order and counts its revision up.
    ///
    /// [`Stale`](StoreError::Stale) if somebody changed it since it was read;
    /// [`Exists`](StoreError::Exists) if it would become the second open order
    /// of its sponsor; [`NoPlace`](StoreError::NoPlace) or
    /// [`CodeTaken`](StoreError::CodeTaken) if somebody else took the last place
    /// on its resource, or its authorization code.
    pub async fn update_order(
        &mut self,
        order: &mut Order,
        action: &'static str,
        detail: serde_json::Value,
    ) -> Result<()> {
        let read_revision = order.revision;
        order.revision += 1;
        order.updated_at = self.store.clock.now();
        order.reminders = 0;
        let result = table::Entity::update_many()
            .set(self.to_row(order)?)
            .filter(table::Column::Id.eq(order.id.0))
            .filter(table::Column::Revision.eq(read_revision))
            .exec(&self.db)
            .await
            .map_err(|error| exists(error, "open order of the sponsor"))?;
        if result.rows_affected != 1 {
            return Err(StoreError::Stale {
                thing: format!("order {}", order.number),
                expected: read_revision,
            });
        }
        self.settle_place(order.kept.state, order).await?;
        order.kept = Kept { state: order.state, submitted_at: order.submitted_at };
        self.note(action, &Subject::Order(order.id), detail);
        Ok(())
    }

    fn to_row(&self, order: &Order) -> Result<table::ActiveModel> {
        let plain = Zeroizing::new(
            serde_json::to_vec(&order.case.map(|personal| personal.expose().to_owned()))
                .map_err(|error| inconsistent(CASE, "a case that can be written")(&error))?,
        );
        let row = order.id.0.to_string();
        let case_sealed = self.store.sealer.seal(Place { table_and_column: CASE, row: &row }, &plain)?;
        let sponsor_index = order.sponsor_certificate().map(|number| self.store.certificate_index(&number).0);
        Ok(table::ActiveModel {
            id: Set(order.id.0),
            number: Set(order.number.to_string()),
            owner: Set(order.owner.0),
            kind: Set(to_json(&order.kind)?),
            state: Set(order.state.slug().to_owned()),
            revision: Set(order.revision),
            case_sealed: Set(case_sealed),
            open_sponsor_index: Set(sponsor_index.clone().filter(|_| order.holds_sponsor())),
            sponsor_index: Set(sponsor_index),
            domain: Set(order.domain().map(|domain| domain.as_ascii().to_owned())),
            resource: Set(order.case.access.resource.clone()),
            returned: Set(to_json(&order.returned)?),
            refusal: Set(order.refusal.as_ref().map(to_json).transpose()?),
            verdict: Set(order.verdict.as_ref().map(to_json).transpose()?),
            filed_as: Set(order.filed_as.as_ref().map(ToString::to_string)),
            interface_number: Set(order.interface_number),
            created_at: Set(order.created_at),
            updated_at: Set(order.updated_at),
            submitted_at: Set(order.submitted_at),
            record: Set(order.case.record.as_ref().map(ToString::to_string)),
            endorsed_by: Set(order.endorsed_by.map(|account| account.0)),
            reminders: Set(order.reminders.into()),
            province: Set(order.case.sponsor.division.map(|division| division.province().to_string())),
            review_due_at: Set(order.review_due_at),
            // A claim belongs to the review: others take and give it by statements of their own.
            reviewer: if order.state.is_in_review() { NotSet } else { Set(None) },
            claimed_until: if order.state.is_in_review() { NotSet } else { Set(None) },
            call_due_at: if order.state.is_in_review() { NotSet } else { Set(None) },
            signals: Set(order.signals.into()),
        })
    }
}

impl Reader<'_> {
    /// The order of an identifier.
    pub async fn order(&self, id: OrderId) -> Result<Option<Order>> {
        table::Entity::find_by_id(id.0).one(&self.db).await?.map(|row| self.read_order(row)).transpose()
    }

    /// The order of a number.
    pub async fn order_by_number(&self, number: &OrderNumber) -> Result<Option<Order>> {
        table::Entity::find()
            .filter(table::Column::Number.eq(number.to_string()))
            .one(&self.db)
            .await?
            .map(|row| self.read_order(row))
            .transpose()
    }

    /// The order that a file to the regulator was made from.
    pub async fn order_by_interface_number(&self, number: i64) -> Result<Option<Order>> {
        table::Entity::find()
            .filter(table::Column::InterfaceNumber.eq(number))
            .one(&self.db)
            .await?
            .map(|row| self.read_order(row))
            .transpose()
    }

    /// The order under way for a sponsor, if there is one.
    pub async fn open_order_of_sponsor(&self, sponsor: &BlindIndex) -> Result<Option<OrderSummary>> {
        self.summaries_of(open_of_sponsor(&sponsor.0), 1).await.map(|mut found| found.pop())
    }

    /// An order of an account for a sponsor that is not over, drafts included.
    pub async fn own_open_order(
        &self,
        owner: AccountId,
        sponsor: &BlindIndex,
    ) -> Result<Option<OrderSummary>> {
        let over = OrderState::ALL.into_iter().filter(|state| !state.is_open()).map(OrderState::slug);
        let select = table::Entity::find()
            .filter(table::Column::Owner.eq(owner.0))
            .filter(table::Column::SponsorIndex.eq(sponsor.0.clone()))
            .filter(table::Column::State.is_not_in(over))
            .order_by_desc(table::Column::CreatedAt);
        self.summaries_of(select, 1).await.map(|mut found| found.pop())
    }

    /// At most `limit` orders of a kind.
    pub async fn orders(&self, filter: OrderFilter, limit: u64) -> Result<Vec<OrderSummary>> {
        let select = match filter {
            OrderFilter::OwnedBy(account) => table::Entity::find()
                .filter(table::Column::Owner.eq(account.0))
                .order_by_desc(table::Column::CreatedAt),
            OrderFilter::InState(state) => table::Entity::find()
                .filter(table::Column::State.eq(state.slug()))
                .order_by_asc(table::Column::SubmittedAt)
                .order_by_asc(table::Column::CreatedAt),
        };
        self.summaries_of(select, limit).await
    }

    /// An order about a record, by a number of it, that is with the regulator.
    pub async fn order_at_regulator_about(&self, numbers: &[String]) -> Result<Option<Order>> {
        table::Entity::find()
            .filter(table::Column::Record.is_in(numbers.iter().cloned()))
            .filter(table::Column::State.is_in([OrderState::Queued.slug(), OrderState::AtRegulator.slug()]))
            .one(&self.db)
            .await?
            .map(|row| self.read_order(row))
            .transpose()
    }

    /// How many orders stand at a place.
    pub async fn count_orders(&self, state: OrderState) -> Result<u64> {
        Ok(table::Entity::find().filter(table::Column::State.eq(state.slug())).count(&self.db).await?)
    }

    async fn summaries_of(
        &self,
        select: sea_orm::Select<table::Entity>,
        limit: u64,
    ) -> Result<Vec<OrderSummary>> {
        let rows: Vec<SummaryRow> =
            SummaryRow::columns(select).limit(limit).into_model().all(&self.db).await?;
        rows.into_iter().map(OrderSummary::try_from).collect()
    }

    pub(crate) fn read_order(&self, row: table::Model) -> Result<Order> {
        let place = row.id.to_string();
        let plain = self.sealer.open(Place { table_and_column: CASE, row: &place }, &row.case_sealed)?;
        let state = parse_state(&row.state)?;
        Ok(Order {
            id: OrderId(row.id),
            number: OrderNumber(row.number),
            owner: AccountId(row.owner),
            kind: from_json("filing_order.kind", &row.kind)?,
            state,
            kept: Kept { state, submitted_at: row.submitted_at },
            revision: row.revision,
            case: serde_json::from_slice(&plain).map_err(|error| {
                // The message of serde_json can repeat what it read.
                let at = format!("an error at line {} column {}", error.line(), error.column());
                inconsistent(CASE, "a case")(&at)
            })?,
            returned: from_json("filing_order.returned", &row.returned)?,
            refusal: row.refusal.map(|text| from_json("filing_order.refusal", &text)).transpose()?,
            verdict: row.verdict.map(|text| from_json("filing_order.verdict", &text)).transpose()?,
            filed_as: parse_number(row.filed_as)?,
            interface_number: row.interface_number,
            endorsed_by: row.endorsed_by.map(AccountId),
            reminders: u32::try_from(row.reminders).unwrap_or_default(),
            review_due_at: row.review_due_at,
            signals: u32::try_from(row.signals).unwrap_or_default(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            submitted_at: row.submitted_at,
        })
    }
}

/// The columns of a summary: neither the sealed case nor the verdict is read for a list.
#[derive(FromQueryResult)]
pub(crate) struct SummaryRow {
    id: Uuid,
    number: String,
    owner: Uuid,
    kind: String,
    state: String,
    domain: Option<String>,
    filed_as: Option<String>,
    pub(crate) updated_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
}

impl SummaryRow {
    pub(crate) fn columns(select: sea_orm::Select<table::Entity>) -> sea_orm::Select<table::Entity> {
        select.select_only().columns([
            table::Column::Id,
            table::Column::Number,
            table::Column::Owner,
            table::Column::Kind,
            table::Column::State,
            table::Column::Domain,
            table::Column::FiledAs,
            table::Column::UpdatedAt,
            table::Column::SubmittedAt,
        ])
    }
}

impl TryFrom<SummaryRow> for OrderSummary {
    type Error = StoreError;

    fn try_from(row: SummaryRow) -> Result<Self> {
        Ok(Self {
            id: OrderId(row.id),
            number: OrderNumber(row.number),
            owner: AccountId(row.owner),
            kind: from_json("filing_order.kind", &row.kind)?,
            state: parse_state(&row.state)?,
            domain: row.domain,
            filed_as: parse_number(row.filed_as)?,
            updated_at: row.updated_at,
            submitted_at: row.submitted_at,
        })
    }
}

/// The order under way for a sponsor.
pub(crate) fn open_of_sponsor(sponsor: &str) -> sea_orm::Select<table::Entity> {
    table::Entity::find().filter(table::Column::OpenSponsorIndex.eq(sponsor))
}

/// An order for a domain that is not over and was handed in, of a sponsor other than `except`.
pub(crate) fn held_of_domain(domain: &str, except: &str) -> sea_orm::Select<table::Entity> {
    table::Entity::find()
        .filter(table::Column::Domain.eq(domain))
        .filter(table::Column::OpenSponsorIndex.is_not_null())
        .filter(table::Column::OpenSponsorIndex.ne(except))
        .order_by_asc(table::Column::CreatedAt)
}

pub(crate) fn parse_state(text: &str) -> Result<OrderState> {
    text.parse().map_err(|error| inconsistent("filing_order.state", "a state")(&error))
}

fn parse_number(text: Option<String>) -> Result<Option<ServiceFilingNumber>> {
    text.map(|text| text.parse())
        .transpose()
        .map_err(|error| inconsistent("filing_order.filed_as", "a filing number")(&error))
}

pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| inconsistent("filing_order", "a value that can be written")(&error))
}

fn from_json<T: for<'de> Deserialize<'de>>(place: &'static str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| inconsistent(place, "JSON of this version")(&error))
}
