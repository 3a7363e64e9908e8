//! The queue of the review desk: what waits, page by page, and who has taken it.
//!
//! A page is found by where the one before it ended, never by how many came before, so
//! that the last page of a million orders costs what the first one does; each filter has
//! an index that ends in the order of the queue.

use beian_domain::{AccountId, DivisionCode, DomainName, FilingKind, OrderId, OrderNumber, OrderState};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use serde_json::json;
use uuid::Uuid;

use crate::entity::filing_order as table;
use crate::orders::{SummaryRow, to_json};
use crate::{OrderSummary, Reader, Result, StoreError, Subject, Tx};

/// Which orders a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueFilter {
    /// Where they stand: somewhere to which only what was handed in comes, which alone is due.
    pub state: OrderState,
    /// What kind of filing they make, if it matters.
    pub kind: Option<FilingKind>,
    /// In which province they are filed, if it matters; its code ends in four zeros.
    pub province: Option<DivisionCode>,
    /// Who has taken them.
    pub taken: Taken,
}

/// By whom an order was taken (认领).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// By anybody or nobody.
    Any,
    /// By nobody.
    ByNobody,
    /// By one reviewer.
    By(AccountId),
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueMark {
    /// When the last order of the page is due.
    pub due: DateTime<Utc>,
    /// The last order of the page.
    pub id: OrderId,
}

/// An order in the queue.
#[derive(Debug, Clone)]
pub struct QueuedOrder {
    /// The order.
    pub summary: OrderSummary,
    /// By when the provider wants to have decided; for one that is decided, by when it wanted to.
    pub due_at: DateTime<Utc>,
    /// Who has taken it, if somebody has.
    pub claim: Option<Claim>,
    /// The province in which it is filed.
    pub province: Option<DivisionCode>,
    /// When somebody is to be called again.
    pub call_due_at: Option<DateTime<Utc>>,
    /// How many signals of a fake filing were found when it was handed in.
    pub signals: u32,
}

/// That a reviewer has taken an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub reviewer: AccountId,
    /// Until when nobody else can decide it.
    pub until: DateTime<Utc>,
}

/// A page of the queue.
#[derive(Debug, Clone)]
pub struct QueuePage {
    /// Its orders: those in review by when they are due, the others newest first.
    pub orders: Vec<QueuedOrder>,
    /// Where the next page goes on, if there is one.
    pub next: Option<QueueMark>,
}

/// A count that stops where it would take long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoundedCount {
    /// All of them.
    Exactly(u64),
    /// This many, and more.
    MoreThan(u64),
}

#[derive(FromQueryResult)]
struct QueueRow {
    #[sea_orm(nested)]
    summary: SummaryRow,
    review_due_at: Option<DateTime<Utc>>,
    reviewer: Option<Uuid>,
    claimed_until: Option<DateTime<Utc>>,
    province: Option<String>,
    call_due_at: Option<DateTime<Utc>>,
    signals: i64,
}

impl Reader<'_> {
    /// At most `limit` orders of the queue after a mark.
    pub async fn queue(
        &self,
        filter: QueueFilter,
        after: Option<QueueMark>,
        limit: u64,
    ) -> Result<QueuePage> {
        let rows: Vec<QueueRow> =
            queue_query(filter, after)?.limit(limit + 1).into_model().all(&self.db).await?;
        let more = rows.len() as u64 > limit;
        let mut orders: Vec<QueuedOrder> =
            rows.into_iter().map(QueuedOrder::try_from).collect::<Result<_>>()?;
        orders.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = orders.last().filter(|_| more).map(QueuedOrder::mark);
        Ok(QueuePage { orders, next })
    }

    /// The plan by which the database finds a page: what a test holds against the indexes.
    pub async fn queue_plan(&self, filter: QueueFilter, after: Option<QueueMark>) -> Result<Vec<String>> {
        let backend = self.db.get_database_backend();
        let query = queue_query(filter, after)?.limit(50).build(backend);
        let explain = match backend {
            sea_orm::DbBackend::Sqlite => "EXPLAIN QUERY PLAN ",
            _ => "EXPLAIN ",
        };
        let statement = sea_orm::Statement { sql: format!("{explain}{}", query.sql), ..query };
        let rows = self.db.query_all_raw(statement).await?;
        let column = if backend == sea_orm::DbBackend::Sqlite { "detail" } else { "QUERY PLAN" };
        rows.iter().map(|row| Ok(row.try_get::<String>("", column)?)).collect()
    }

    /// How many orders a queue holds, counted up to `most`.
    pub async fn queue_count(&self, filter: QueueFilter, most: u64) -> Result<BoundedCount> {
        let found: Vec<Uuid> = in_queue(table::Entity::find(), filter)?
            .select_only()
            .column(table::Column::Id)
            .limit(most + 1)
            .into_tuple()
            .all(&self.db)
            .await?;
        let count = found.len() as u64;
        Ok(if count > most { BoundedCount::MoreThan(most) } else { BoundedCount::Exactly(count) })
    }

    /// What the desk says of one order.
    pub async fn queued_order(&self, id: OrderId) -> Result<Option<QueuedOrder>> {
        let row: Option<QueueRow> =
            queue_columns(table::Entity::find_by_id(id.0)).into_model().one(&self.db).await?;
        row.map(QueuedOrder::try_from).transpose()
    }

    /// The orders of a number or of a domain that were handed in, newest first.
    pub async fn search_queue(&self, search: &QueueSearch, limit: u64) -> Result<Vec<QueuedOrder>> {
        let select = queue_columns(table::Entity::find()).filter(table::Column::ReviewDueAt.is_not_null());
        let select = match search {
            QueueSearch::Number(number) => select.filter(table::Column::Number.eq(number.to_string())),
            QueueSearch::Domain(domain) => select.filter(table::Column::Domain.eq(domain.as_ascii())),
        };
        let rows: Vec<QueueRow> =
            select.order_by_desc(table::Column::ReviewDueAt).limit(limit).into_model().all(&self.db).await?;
        rows.into_iter().map(QueuedOrder::try_from).collect()
    }
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueSearch {
    /// An order by its number.
    Number(OrderNumber),
    /// Orders by their domain.
    Domain(DomainName),
}

impl Tx<'_> {
    /// Takes an order for a reviewer until a time. [`Taken`](StoreError::Taken) if somebody
    /// else has it, or it is not in review any more.
    pub async fn claim_order(
        &mut self,
        order: OrderId,
        reviewer: AccountId,
        until: DateTime<Utc>,
    ) -> Result<()> {
        self.set_claim(order, Some((reviewer, until)), self.free_for(reviewer)).await?;
        self.note("order.claim", &Subject::Order(order), json!({}));
        Ok(())
    }

    /// Holds an order for the reviewer who decides it in this transaction. [`Taken`](StoreError::Taken)
    /// if somebody else has it, or it is not in review any more.
    pub async fn hold_order(&mut self, order: OrderId, reviewer: AccountId) -> Result<()> {
        let now = self.store.clock.now();
        self.set_claim(order, Some((reviewer, now)), self.free_for(reviewer)).await
    }

    /// Gives an order back to everybody.
    pub async fn free_order(&mut self, order: OrderId) -> Result<()> {
        self.set_claim(order, None, Condition::all()).await
    }

    /// Gives an order that a reviewer has taken to another one, or back to everybody.
    pub async fn hand_over_order(
        &mut self,
        order: OrderId,
        from: AccountId,
        to: Option<(AccountId, DateTime<Utc>)>,
    ) -> Result<()> {
        let own = Condition::all().add(table::Column::Reviewer.eq(from.0));
        self.set_claim(order, to, own).await?;
        let to = to.map(|(reviewer, _)| reviewer.0);
        self.note("order.hand-over", &Subject::Order(order), json!({ "to": to }));
        Ok(())
    }

    fn free_for(&self, reviewer: AccountId) -> Condition {
        Condition::any()
            .add(table::Column::Reviewer.is_null())
            .add(table::Column::Reviewer.eq(reviewer.0))
            .add(table::Column::ClaimedUntil.lte(self.store.clock.now()))
    }

    async fn set_claim(
        &mut self,
        order: OrderId,
        to: Option<(AccountId, DateTime<Utc>)>,
        condition: Condition,
    ) -> Result<()> {
        let in_review = OrderState::ALL.into_iter().filter(|state| state.is_in_review());
        let done = table::Entity::update_many()
            .col_expr(table::Column::Reviewer, to.map(|(reviewer, _)| reviewer.0).into())
            .col_expr(table::Column::ClaimedUntil, to.map(|(_, until)| until).into())
            .filter(table::Column::Id.eq(order.0))
            .filter(table::Column::State.is_in(in_review.map(OrderState::slug)))
            .filter(condition)
            .exec(&self.db)
            .await?;
        if done.rows_affected != 1 {
            return Err(StoreError::Taken);
        }
        Ok(())
    }

    /// Frees what reviewers took and did not decide in time. How many.
    pub async fn free_lapsed_claims(&mut self) -> Result<u64> {
        let now = self.store.clock.now();
        let lapsed = table::Entity::find()
            .select_only()
            .column(table::Column::Id)
            .filter(table::Column::ClaimedUntil.lte(now))
            .limit(200)
            .into_tuple::<Uuid>()
            .all(&self.db)
            .await?;
        if lapsed.is_empty() {
            return Ok(0);
        }
        let done = table::Entity::update_many()
            .col_expr(table::Column::Reviewer, Option::<Uuid>::None.into())
            .col_expr(table::Column::ClaimedUntil, Option::<DateTime<Utc>>::None.into())
            .filter(table::Column::Id.is_in(lapsed.iter().copied()))
            .exec(&self.db)
            .await?;
        for id in lapsed {
            self.note("order.claim-lapse", &Subject::Order(OrderId(id)), json!({}));
        }
        Ok(done.rows_affected)
    }

    /// Notes when somebody is to be called again about an order.
    pub(crate) async fn set_call_due(&mut self, order: OrderId, due: Option<DateTime<Utc>>) -> Result<()> {
        table::Entity::update_many()
            .col_expr(table::Column::CallDueAt, due.into())
            .filter(table::Column::Id.eq(order.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }
}

impl QueuedOrder {
    /// Where a page that ends with it goes on.
    pub fn mark(&self) -> QueueMark {
        QueueMark { due: self.due_at, id: self.summary.id }
    }
}

impl QueueFilter {
    /// Whether what waits longest comes first. What is decided is looked up newest first.
    fn is_ascending(self) -> bool {
        self.state.is_in_review()
    }
}

fn in_queue(
    select: sea_orm::Select<table::Entity>,
    filter: QueueFilter,
) -> Result<sea_orm::Select<table::Entity>> {
    let mut select = select.filter(table::Column::State.eq(filter.state.slug()));
    if let Some(kind) = filter.kind {
        select = select.filter(table::Column::Kind.eq(to_json(&kind)?));
    }
    if let Some(province) = filter.province {
        select = select.filter(table::Column::Province.eq(province.to_string()));
    }
    Ok(match filter.taken {
        Taken::Any => select,
        Taken::ByNobody => select.filter(table::Column::Reviewer.is_null()),
        Taken::By(reviewer) => select.filter(table::Column::Reviewer.eq(reviewer.0)),
    })
}

fn queue_columns(select: sea_orm::Select<table::Entity>) -> sea_orm::Select<table::Entity> {
    // Not the whole row: the sealed case and the verdict are the most of it.
    SummaryRow::columns(select).columns([
        table::Column::ReviewDueAt,
        table::Column::Reviewer,
        table::Column::ClaimedUntil,
        table::Column::Province,
        table::Column::CallDueAt,
        table::Column::Signals,
    ])
}

fn queue_query(filter: QueueFilter, after: Option<QueueMark>) -> Result<sea_orm::Select<table::Entity>> {
    use sea_orm::sea_query::Expr;
    let mut select = queue_columns(in_queue(table::Entity::find(), filter)?);
    if let Some(mark) = after {
        // As one row value: both databases go straight to that place of the index.
        let place = Expr::tuple([Expr::col(table::Column::ReviewDueAt), Expr::col(table::Column::Id)]);
        let mark = Expr::tuple([Expr::val(mark.due), Expr::val(mark.id.0)]);
        select = select.filter(if filter.is_ascending() { place.gt(mark) } else { place.lt(mark) });
    }
    let order = if filter.is_ascending() { sea_orm::Order::Asc } else { sea_orm::Order::Desc };
    Ok(select.order_by(table::Column::ReviewDueAt, order.clone()).order_by(table::Column::Id, order))
}

impl TryFrom<QueueRow> for QueuedOrder {
    type Error = StoreError;

    fn try_from(row: QueueRow) -> Result<Self> {
        Ok(Self {
            due_at: row.review_due_at.unwrap_or(row.summary.updated_at),
            claim: row
                .reviewer
                .zip(row.claimed_until)
                .map(|(reviewer, until)| Claim { reviewer: AccountId(reviewer), until }),
            province: row
                .province
                .map(|code| code.parse())
                .transpose()
                .map_err(|error| crate::inconsistent("filing_order.province", "a division")(&error))?,
            call_due_at: row.call_due_at,
            signals: u32::try_from(row.signals).unwrap_or_default(),
            summary: row.summary.try_into()?,
        })
    }
}
