//! How many orders stand where, and for how long: what an operator sees at a glance.

use beian_domain::OrderState;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Asterisk, CaseStatement, Expr};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QuerySelect};

use crate::entity::filing_order as table;
use crate::orders::parse_state;
use crate::{Reader, Result};

/// Orders that stand at one place, of one province.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrdersStanding {
    /// Where they stand.
    pub state: OrderState,
    /// The province code (行政区划代码, two digits and zeros) as it was stated; none while it was not.
    pub province: Option<String>,
    /// How many.
    pub count: u64,
}

/// Orders that stand at one place, by how long nothing has happened to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrdersByAge {
    /// Where they stand.
    pub state: OrderState,
    /// How many, for each of the given times: those after it and before the one before.
    /// The last one counts those that are older than every time.
    pub counts: Vec<u64>,
}

#[derive(FromQueryResult)]
struct StandingRow {
    state: String,
    province: Option<String>,
    number: i64,
}

impl Reader<'_> {
    /// Every order, by place and province.
    pub async fn orders_standing(&self) -> Result<Vec<OrdersStanding>> {
        let rows: Vec<StandingRow> = table::Entity::find()
            .select_only()
            .column(table::Column::State)
            .column(table::Column::Province)
            .column_as(all_of_them(), "number")
            .group_by(table::Column::State)
            .group_by(table::Column::Province)
            .into_model()
            .all(&self.db)
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(OrdersStanding {
                    state: parse_state(&row.state)?,
                    province: row.province,
                    count: row.number.unsigned_abs(),
                })
            })
            .collect()
    }

    /// Orders at the places, counted by when something last happened to them; `since` is in
    /// falling order, and orders older than all of it come last.
    pub async fn orders_by_age(
        &self,
        places: &[OrderState],
        since: &[DateTime<Utc>],
    ) -> Result<Vec<OrdersByAge>> {
        let mut age = CaseStatement::new();
        for (place, time) in since.iter().enumerate() {
            age = age.case(Expr::col(table::Column::UpdatedAt).gte(*time), place as i64);
        }
        let age: Expr = age.finally(since.len() as i64).into();
        let rows: Vec<(String, i64, i64)> = table::Entity::find()
            .select_only()
            .column(table::Column::State)
            .column_as(age, "age")
            .column_as(all_of_them(), "number")
            .filter(table::Column::State.is_in(places.iter().map(|place| place.slug())))
            .group_by(table::Column::State)
            // By its name: PostgreSQL would take the same times, given twice, for two expressions.
            .group_by(Expr::col("age"))
            .into_tuple()
            .all(&self.db)
            .await?;
        let mut all: Vec<OrdersByAge> = places
            .iter()
            .map(|state| OrdersByAge { state: *state, counts: vec![0; since.len() + 1] })
            .collect();
        for (slug, age, number) in rows {
            let place = parse_state(&slug)?;
            let row = all.iter_mut().find(|row| row.state == place);
            let count = usize::try_from(age).ok().and_then(|age| row?.counts.get_mut(age));
            if let Some(count) = count {
                *count = number.unsigned_abs();
            }
        }
        Ok(all)
    }

    /// How many waiting reviews are due by each of the times, which are in rising order: before it, and not before
    /// the one before.
    pub async fn reviews_due(&self, by: &[DateTime<Utc>]) -> Result<Vec<u64>> {
        let waiting = [OrderState::ProviderReview, OrderState::SecondReview];
        self.counted_by(&waiting, table::Column::ReviewDueAt, by).await
    }

    /// How many orders wait for their filer to whom something last happened by each of the times, as
    /// [`reviews_due`](Self::reviews_due) has them.
    pub async fn waiting_for_filers(&self, by: &[DateTime<Utc>]) -> Result<Vec<u64>> {
        let waiting = [OrderState::Draft, OrderState::Returned, OrderState::Refused];
        self.counted_by(&waiting, table::Column::UpdatedAt, by).await
    }

    /// Counted by the database: there may be as many as there are orders.
    async fn counted_by(
        &self,
        states: &[OrderState],
        column: table::Column,
        by: &[DateTime<Utc>],
    ) -> Result<Vec<u64>> {
        let Some(last) = by.last() else { return Ok(Vec::new()) };
        let mut place = CaseStatement::new();
        for (index, time) in by.iter().enumerate() {
            place = place.case(Expr::col(column).lt(*time), index as i64);
        }
        let place: Expr = place.finally(by.len() as i64).into();
        let rows: Vec<(i64, i64)> = table::Entity::find()
            .select_only()
            .column_as(place, "place")
            .column_as(all_of_them(), "number")
            .filter(table::Column::State.is_in(states.iter().map(|state| state.slug())))
            .filter(column.lt(*last))
            .group_by(Expr::col("place"))
            .into_tuple()
            .all(&self.db)
            .await?;
        let mut counts = vec![0; by.len()];
        for (place, number) in rows {
            if let Some(count) = usize::try_from(place).ok().and_then(|place| counts.get_mut(place)) {
                *count = number.unsigned_abs();
            }
        }
        Ok(counts)
    }
}

/// How many rows there are, by an index alone: counting a column looks at each row for it.
fn all_of_them() -> Expr {
    Expr::col(Asterisk).count()
}
