//! How many orders stand where, and for how long: what an operator sees at a glance.

use beian_domain::{DivisionCode, OrderState};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Asterisk, Expr, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, ExprTrait};

use crate::entity::filing_order as table;
use crate::{Reader, Result};

/// Orders of a province.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrdersOfProvince {
    /// The province, as it was stated.
    pub province: DivisionCode,
    /// Those that are not over.
    pub open: u64,
    /// Those that got their number.
    pub filed: u64,
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

impl Reader<'_> {
    /// How many orders stand at each place, in the order of [`OrderState::ALL`].
    pub async fn orders_standing(&self) -> Result<Vec<(OrderState, u64)>> {
        let counts = self.counted_each(OrderState::ALL.map(|state| at([state])).into()).await?;
        Ok(OrderState::ALL.into_iter().zip(counts).collect())
    }

    /// How many orders there are of each of these provinces.
    pub async fn orders_of_provinces(&self, provinces: &[DivisionCode]) -> Result<Vec<OrdersOfProvince>> {
        let open = || at(OrderState::ALL.into_iter().filter(|state| state.is_open()));
        let of = |province: &DivisionCode| table::Column::Province.eq(province.to_string());
        let cells = provinces
            .iter()
            .flat_map(|province| [open().add(of(province)), at([OrderState::Filed]).add(of(province))]);
        let counts = self.counted_each(cells.collect()).await?;
        let row = |(province, counts): (&DivisionCode, &[u64; 2])| OrdersOfProvince {
            province: *province,
            open: counts[0],
            filed: counts[1],
        };
        Ok(provinces.iter().zip(counts.as_chunks::<2>().0).map(row).collect())
    }

    /// Orders at the places, counted by when something last happened to them; `since` is in
    /// falling order, and orders older than all of it come last.
    pub async fn orders_by_age(
        &self,
        places: &[OrderState],
        since: &[DateTime<Utc>],
    ) -> Result<Vec<OrdersByAge>> {
        let ages = since.len() + 1;
        // An age ends where the one before it begins.
        let range = |age: usize| Between {
            from: since.get(age).copied(),
            until: age.checked_sub(1).and_then(|before| since.get(before)).copied(),
        };
        let cells = places.iter().flat_map(|state| (0..ages).map(move |age| (*state, range(age)))).collect();
        let counts = self.counted_between(table::Column::UpdatedAt, cells).await?;
        let of_place =
            |(state, counts): (&OrderState, &[u64])| OrdersByAge { state: *state, counts: counts.to_vec() };
        Ok(places.iter().zip(counts.chunks(ages)).map(of_place).collect())
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

    async fn counted_by(
        &self,
        states: &[OrderState],
        column: table::Column,
        by: &[DateTime<Utc>],
    ) -> Result<Vec<u64>> {
        let before = std::iter::once(None).chain(by.iter().copied().map(Some));
        let ranges: Vec<_> =
            before.zip(by).map(|(from, until)| Between { from, until: Some(*until) }).collect();
        let cells = ranges.iter().flat_map(|range| states.iter().map(|state| (*state, *range))).collect();
        let counts = self.counted_between(column, cells).await?;
        Ok(counts.chunks(states.len()).map(|of_range| of_range.iter().sum()).collect())
    }

    async fn counted_between(
        &self,
        column: table::Column,
        cells: Vec<(OrderState, Between)>,
    ) -> Result<Vec<u64>> {
        let cell = |(state, Between { from, until }): (OrderState, Between)| {
            at([state])
                .add_option(from.map(|from| column.gte(from)))
                .add_option(until.map(|until| column.lt(until)))
        };
        self.counted_each(cells.into_iter().map(cell).collect()).await
    }

    /// How many orders meet each condition. Each is a stretch of an index, which is walked in a tenth of the time that
    /// it takes to look at as many orders and put them into groups.
    async fn counted_each(&self, cells: Vec<Condition>) -> Result<Vec<u64>> {
        let mut counts = vec![0; cells.len()];
        let Some(question) = count_each(cells) else { return Ok(counts) };
        for row in self.db.query_all(&question).await? {
            let (place, number): (i64, i64) = (row.try_get("", "place")?, row.try_get("", "number")?);
            if let Some(count) = usize::try_from(place).ok().and_then(|place| counts.get_mut(place)) {
                *count = number.unsigned_abs();
            }
        }
        Ok(counts)
    }
}

/// One question for all cells, each with its place among them; none if there are none.
fn count_each(cells: Vec<Condition>) -> Option<SelectStatement> {
    let count = |(place, cell): (i64, Condition)| {
        let mut count = Query::select();
        count.expr_as(Expr::value(place), "place").expr_as(all_of_them(), "number").from(table::Entity);
        count.cond_where(cell);
        count
    };
    let mut each = (0..).zip(cells).map(count);
    let mut all = each.next()?;
    for count in each {
        all.union(UnionType::All, count);
    }
    Some(all)
}

/// At one of some places.
fn at(states: impl IntoIterator<Item = OrderState>) -> Condition {
    Condition::all().add(table::Column::State.is_in(states.into_iter().map(OrderState::slug)))
}

/// A stretch of time: not before `from`, and before `until`.
#[derive(Debug, Clone, Copy)]
struct Between {
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

/// How many rows there are, by an index alone: counting a column looks at each row for it.
fn all_of_them() -> Expr {
    Expr::col(Asterisk).count()
}
