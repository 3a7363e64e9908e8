//! What a machine read on photographs of certificates: made from them, forgotten with them, and never exported.

use std::collections::BTreeMap;

use beian_domain::{MaterialId, MaterialUse, OrderId};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entity::{material, material_reading as table};
use crate::sealing::Place;
use crate::{Reader, Result, StoreError, Subject, Tx, inconsistent};

/// What came of reading a photograph.
#[derive(Clone, PartialEq, Eq)]
pub enum Reading {
    /// This text stands on it.
    Text(Zeroizing<String>),
    /// No text was found, or reading failed.
    Unread,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(***)",
            Self::Unread => "Unread",
        })
    }
}

const TEXT: &str = "material_reading.text";
const READ: &str = "read";
const UNREAD: &str = "unread";

impl Tx<'_> {
    /// Keeps what was read on a photograph. One that was replaced meanwhile is forgotten, and so is what was read
    /// on it.
    pub async fn keep_reading(&mut self, id: MaterialId, reading: &Reading) -> Result<()> {
        // On SQLite the transaction is the only writer anyway and no lock is rendered.
        let material = material::Entity::find_by_id(id.0).lock(LockType::Share).one(&self.db).await?;
        let Some(material) = material else { return Ok(()) };
        let row = id.0.to_string();
        let (outcome, text_sealed) = match reading {
            Reading::Text(text) => {
                let place = Place { table_and_column: TEXT, row: &row };
                (READ, Some(self.store.sealer.seal(place, text.as_bytes())?))
            }
            Reading::Unread => (UNREAD, None),
        };
        table::Entity::insert(table::ActiveModel {
            material: Set(id.0),
            outcome: Set(outcome.to_owned()),
            text_sealed: Set(text_sealed),
            at: Set(self.store.clock.now()),
        })
        .on_conflict(OnConflict::column(table::Column::Material).do_nothing().to_owned())
        .exec_without_returning(&self.db)
        .await?;
        let detail = json!({ "purpose": material.purpose, "outcome": outcome });
        self.note("material.read", &Subject::Order(OrderId(material.filing_order)), detail);
        Ok(())
    }

    /// Forgets what was read on a photograph that is about to be forgotten.
    pub(crate) async fn forget_reading(&mut self, order: OrderId, purpose: MaterialUse) -> Result<()> {
        let of_order = Query::select()
            .column(material::Column::Id)
            .from(material::Entity)
            .and_where(material::Column::FilingOrder.eq(order.0))
            .and_where(material::Column::Purpose.eq(purpose.slug()))
            .to_owned();
        table::Entity::delete_many()
            .filter(table::Column::Material.in_subquery(of_order))
            .exec(&self.db)
            .await?;
        Ok(())
    }
}

impl Reader<'_> {
    /// The photograph of these uses, handed in since some time, that has waited longest to be read.
    pub async fn next_unread(
        &self,
        purposes: &[MaterialUse],
        since: DateTime<Utc>,
    ) -> Result<Option<MaterialId>> {
        let millis = u64::try_from(since.timestamp_millis()).unwrap_or_default();
        // Identifiers begin with their time, so that what is long over is not even looked at.
        let first = uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid();
        let read = Query::select()
            .expr(Expr::val(1))
            .from(table::Entity)
            .and_where(
                Expr::col((table::Entity, table::Column::Material))
                    .equals((material::Entity, material::Column::Id)),
            )
            .to_owned();
        let found: Option<Uuid> = material::Entity::find()
            .select_only()
            .column(material::Column::Id)
            .filter(material::Column::Id.gte(first))
            .filter(material::Column::Purpose.is_in(purposes.iter().map(|purpose| purpose.slug())))
            .filter(Expr::exists(read).not())
            .order_by_asc(material::Column::Id)
            .limit(1)
            .into_tuple()
            .one(&self.db)
            .await?;
        Ok(found.map(MaterialId))
    }

    /// What was read on photographs; those that nobody has read yet are missing.
    pub async fn readings(&self, materials: &[MaterialId]) -> Result<BTreeMap<MaterialId, Reading>> {
        if materials.is_empty() {
            return Ok(BTreeMap::new());
        }
        let all = materials.iter().map(|material| material.0);
        let rows = table::Entity::find().filter(table::Column::Material.is_in(all)).all(&self.db).await?;
        rows.into_iter().map(|row| self.read_reading(row)).collect()
    }

    fn read_reading(&self, row: table::Model) -> Result<(MaterialId, Reading)> {
        let key = row.material.to_string();
        let reading = match (row.outcome.as_str(), row.text_sealed) {
            (READ, Some(sealed)) => {
                let plain = self.sealer.open(Place { table_and_column: TEXT, row: &key }, &sealed)?;
                let text = std::str::from_utf8(&plain).map_err(|_| StoreError::Inconsistent {
                    place: TEXT,
                    expected: "a text",
                    got: "other bytes".to_owned(),
                })?;
                Reading::Text(Zeroizing::new(text.to_owned()))
            }
            (UNREAD, None) => Reading::Unread,
            (other, _) => {
                return Err(inconsistent("material_reading.outcome", "read with a text, or unread")(&other));
            }
        };
        Ok((MaterialId(row.material), reading))
    }
}
