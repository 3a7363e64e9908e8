//! How long each bureau took to answer orders from here: what a filer is told to expect. No row
//! names an order, so that it may be kept when the order is not.

use beian_domain::{DivisionCode, FilingKind};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::regulator_time as table;
use crate::{Reader, Result, Tx};

impl Tx<'_> {
    /// Notes that the bureau of a province has answered, and after how long.
    pub async fn note_regulator_time(
        &mut self,
        province: DivisionCode,
        kind: FilingKind,
        took: TimeDelta,
    ) -> Result<()> {
        let row = table::ActiveModel {
            id: Set(beian_domain::new_uuid(&*self.store.clock, &*self.store.random)),
            province: Set(province.to_string()),
            kind: Set(kind.slug().to_owned()),
            seconds: Set(Ord::max(took.num_seconds(), 0)),
            answered_at: Set(self.store.clock.now()),
        };
        table::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }
}

impl Reader<'_> {
    /// How long the bureau of a province took for orders that it has answered since a time: the
    /// newest `most` of them.
    pub async fn regulator_times(
        &self,
        province: DivisionCode,
        since: DateTime<Utc>,
        most: u64,
    ) -> Result<Vec<TimeDelta>> {
        let seconds: Vec<i64> = table::Entity::find()
            .select_only()
            .column(table::Column::Seconds)
            .filter(table::Column::Province.eq(province.to_string()))
            .filter(table::Column::AnsweredAt.gte(since))
            .order_by_desc(table::Column::AnsweredAt)
            .limit(most)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(seconds.into_iter().map(TimeDelta::seconds).collect())
    }
}
