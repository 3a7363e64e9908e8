//! What time alone brings about: which orders have waited too long, which records
//! are to be looked at, and what was told already.

use beian_domain::{NoticeKind, OrderId, OrderState, RecordState, ServiceFilingNumber};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::entity::{filing_order, filing_record, told};
use crate::{FilingRecord, Order, Reader, Result, StoreError, Subject, Tx};

/// A length of waiting at which somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milestone {
    /// Reached by what was not changed since then.
    pub since: DateTime<Utc>,
    /// Told already to who has got this many reminders.
    pub reminders: u32,
}

/// Something that is told once in all time, whatever the restarts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occasion {
    /// What is told.
    pub kind: NoticeKind,
    /// Of what: a number, a reference; never personal data.
    pub subject: String,
    /// Which time of several: a day, how far ahead of it.
    pub stage: String,
}

impl Occasion {
    fn key(&self) -> String {
        format!("{}|{}|{}", self.kind.slug(), self.subject, self.stage)
    }
}

impl Tx<'_> {
    /// Notes that something is told now. `false` if it was told before.
    pub async fn tell_once(&mut self, occasion: &Occasion) -> Result<bool> {
        let row = told::ActiveModel { occasion: Set(occasion.key()), at: Set(self.store.clock.now()) };
        let first = OnConflict::column(told::Column::Occasion).do_nothing().to_owned();
        let rows =
            told::Entity::insert(row).on_conflict(first).exec_without_returning(&self.db).await.or_else(
                |error| match error {
                    sea_orm::DbErr::RecordNotInserted => Ok(0),
                    other => Err(other),
                },
            )?;
        if rows > 0 {
            self.note("notice.occasion", &Subject::Other("occasion", occasion.key()), json!({}));
        }
        Ok(rows > 0)
    }

    /// Notes that somebody was told that an order waits, for the `reminders`-th time. That is no
    /// touch: the order's time goes on. [`Stale`](StoreError::Stale) if it was changed, or
    /// somebody else was faster.
    pub async fn note_reminders(&mut self, order: &mut Order, reminders: u32) -> Result<()> {
        let done = filing_order::Entity::update_many()
            .col_expr(filing_order::Column::Reminders, i64::from(reminders).into())
            .filter(filing_order::Column::Id.eq(order.id.0))
            .filter(filing_order::Column::Revision.eq(order.revision))
            .filter(filing_order::Column::Reminders.eq(i64::from(order.reminders)))
            .exec(&self.db)
            .await?;
        if done.rows_affected != 1 {
            return Err(StoreError::Stale {
                thing: format!("order {}", order.number),
                expected: order.revision,
            });
        }
        order.reminders = reminders;
        self.note("order.remind", &Subject::Order(order.id), json!({ "reminder": reminders }));
        Ok(())
    }
}

impl Reader<'_> {
    /// At most `limit` orders that stand at one of `states` and have reached a milestone that
    /// nobody was told of, longest waiting first.
    pub async fn orders_at_milestones(
        &self,
        states: &[OrderState],
        milestones: &[Milestone],
        limit: u64,
    ) -> Result<Vec<OrderId>> {
        let Some(nearest) = milestones.iter().map(|milestone| milestone.since).max() else {
            return Ok(Vec::new());
        };
        let reached = milestones.iter().fold(Condition::any(), |any, milestone| {
            any.add(
                Condition::all()
                    .add(filing_order::Column::UpdatedAt.lte(milestone.since))
                    .add(filing_order::Column::Reminders.lt(i64::from(milestone.reminders))),
            )
        });
        let rows: Vec<uuid::Uuid> = filing_order::Entity::find()
            .select_only()
            .column(filing_order::Column::Id)
            .filter(filing_order::Column::State.is_in(states.iter().map(|state| state.slug())))
            .filter(filing_order::Column::UpdatedAt.lte(nearest))
            .filter(reached)
            .order_by_asc(filing_order::Column::UpdatedAt)
            .limit(limit)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(OrderId).collect())
    }

    /// At most `limit` records that hold and are served here, by number, after one of them.
    pub async fn active_records_after(
        &self,
        after: Option<&ServiceFilingNumber>,
        limit: u64,
    ) -> Result<Vec<FilingRecord>> {
        let mut select = filing_record::Entity::find()
            .filter(filing_record::Column::State.eq(RecordState::Active.slug()))
            .limit(limit);
        if let Some(after) = after {
            select = select.filter(filing_record::Column::ServiceNumber.gt(after.to_string()));
        }
        self.records(select).await
    }

    /// Those of `occasions` that were not told yet.
    pub async fn untold(&self, occasions: Vec<Occasion>) -> Result<Vec<Occasion>> {
        if occasions.is_empty() {
            return Ok(occasions);
        }
        let known: Vec<String> = told::Entity::find()
            .select_only()
            .column(told::Column::Occasion)
            .filter(told::Column::Occasion.is_in(occasions.iter().map(Occasion::key)))
            .into_tuple()
            .all(&self.db)
            .await?;
        let known: std::collections::BTreeSet<String> = known.into_iter().collect();
        Ok(occasions.into_iter().filter(|occasion| !known.contains(&occasion.key())).collect())
    }
}
