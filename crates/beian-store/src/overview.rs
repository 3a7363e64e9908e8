//! How many orders stand where, and for how long: what an operator sees at a glance.

use beian_domain::{DivisionCode, OrderState};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Asterisk, Expr, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend, ExprTrait, QueryResult, Statement};

use crate::entity::filing_order as table;
use crate::{Reader, Result, Tx, inconsistent};

/// Counts that are not worth putting together yet.
const MANY_COUNTS: u64 = 4096;

/// Orders that stand at the same place in the same province since the same day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandingOrders {
    /// Where they stand.
    pub state: OrderState,
    /// The province, if one was stated.
    pub province: Option<DivisionCode>,
    /// The day in China on which something last happened to them; none for orders that are over.
    pub since: Option<NaiveDate>,
    /// How many, at least one.
    pub count: u64,
}

impl Reader<'_> {
    /// How many orders stand where, since when. It takes as long as there are places, provinces and days, however many
    /// orders there are: they were counted when they were written.
    pub async fn standing_orders(&self) -> Result<Vec<StandingOrders>> {
        self.db.query_all(&sums()).await?.iter().map(standing).collect()
    }

    /// Whether so many counts lie beside each other that [`Tx::fold_order_counts`] is worth it.
    pub async fn has_many_order_counts(&self) -> Result<bool> {
        let mut count = Query::select();
        count.expr_as(all_of_them(), "number").from(COUNTS);
        let rows: Option<i64> =
            self.db.query_one(&count).await?.map(|row| row.try_get("", "number")).transpose()?;
        let rows = rows.unwrap_or(0).unsigned_abs();
        Ok(rows > MANY_COUNTS && rows > 2 * self.db.query_all(&sums()).await?.len() as u64)
    }

    /// How many waiting reviews are due by each of the times, which are in rising order: before it, and not before
    /// the one before.
    pub async fn reviews_due(&self, by: &[DateTime<Utc>]) -> Result<Vec<u64>> {
        let mut counts = vec![0; by.len()];
        let Some(question) = count_each(by) else { return Ok(counts) };
        for row in self.db.query_all(&question).await? {
            let (place, number): (i64, i64) = (row.try_get("", "place")?, row.try_get("", "number")?);
            if let Some(count) = usize::try_from(place).ok().and_then(|place| counts.get_mut(place)) {
                *count = number.unsigned_abs();
            }
        }
        Ok(counts)
    }
}

impl Tx<'_> {
    /// Puts counts of the same place, province and day together. Each order that is written adds one there and takes
    /// one from where it was, as rows of their own, so that no order waits for another.
    pub async fn fold_order_counts(&mut self) -> Result<()> {
        let backend = self.db.get_database_backend();
        if backend == DbBackend::Sqlite {
            // Nobody else writes meanwhile.
            let last = Statement::from_string(backend, "SELECT MAX(rowid) AS last FROM order_count");
            let last: Option<Option<i64>> =
                self.db.query_one_raw(last).await?.map(|row| row.try_get("", "last")).transpose()?;
            let Some(last) = last.flatten() else { return Ok(()) };
            let fold = "INSERT INTO order_count (state, province, day, orders) \
                SELECT state, province, day, SUM(orders) FROM order_count GROUP BY 1, 2, 3 HAVING SUM(orders) <> 0";
            self.db.execute_raw(Statement::from_string(backend, fold)).await?;
            let forget = "DELETE FROM order_count WHERE rowid <= ?";
            self.db.execute_raw(Statement::from_sql_and_values(backend, forget, [last.into()])).await?;
        } else {
            // In one statement: what others commit meanwhile is neither counted nor lost.
            let fold = "WITH gone AS (DELETE FROM order_count RETURNING state, province, day, orders) \
                INSERT INTO order_count (state, province, day, orders) \
                SELECT state, province, day, SUM(orders) FROM gone GROUP BY 1, 2, 3 HAVING SUM(orders) <> 0";
            self.db.execute_raw(Statement::from_string(backend, fold)).await?;
        }
        Ok(())
    }
}

/// What triggers of the database keep.
const COUNTS: &str = "order_count";

fn sums() -> SelectStatement {
    let mut sums = Query::select();
    let orders = || Expr::col("orders").sum();
    sums.columns(["state", "province", "day"])
        .expr_as(orders().cast_as("BIGINT"), "number")
        .from(COUNTS)
        .group_by_columns(["state", "province", "day"])
        // Less than none there are only if somebody has changed the counts by hand: no reason to show nothing.
        .and_having(orders().gt(0));
    sums
}

fn standing(row: &QueryResult) -> Result<StandingOrders> {
    let state: String = row.try_get("", "state")?;
    let province: Option<String> = row.try_get("", "province")?;
    let since: Option<String> = row.try_get("", "day")?;
    let count: i64 = row.try_get("", "number")?;
    Ok(StandingOrders {
        state: state.parse().map_err(|error| inconsistent("order_count.state", "a state")(&error))?,
        province: province
            .map(|code| code.parse())
            .transpose()
            .map_err(|error| inconsistent("order_count.province", "a division")(&error))?,
        since: since
            .map(|day| day.parse())
            .transpose()
            .map_err(|error| inconsistent("order_count.day", "a day")(&error))?,
        count: u64::try_from(count)
            .map_err(|error| inconsistent("order_count.orders", "a number")(&error))?,
    })
}

/// One question for all times, each with its place among them; none if there are none. Each is a stretch of an index,
/// which is walked in a tenth of the time that it takes to look at as many orders and put them into groups.
fn count_each(by: &[DateTime<Utc>]) -> Option<SelectStatement> {
    let waiting = [OrderState::ProviderReview, OrderState::SecondReview].map(OrderState::slug);
    let before = std::iter::once(None).chain(by.iter().map(Some));
    let count = |(place, (from, until)): (i64, (Option<&DateTime<Utc>>, &DateTime<Utc>))| {
        let due = table::Column::ReviewDueAt;
        let cell = Condition::all()
            .add(table::Column::State.is_in(waiting))
            .add_option(from.map(|from| due.gte(*from)))
            .add(due.lt(*until));
        let mut count = Query::select();
        count.expr_as(Expr::value(place), "place").expr_as(all_of_them(), "number").from(table::Entity);
        count.cond_where(cell);
        count
    };
    let mut each = (0..).zip(before.zip(by)).map(count);
    let mut all = each.next()?;
    for count in each {
        all.union(UnionType::All, count);
    }
    Some(all)
}

/// How many rows there are, by an index alone: counting a column looks at each row for it.
fn all_of_them() -> Expr {
    Expr::col(Asterisk).count()
}
