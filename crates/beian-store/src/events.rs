//! Events for other systems, and the store's own settings.

use beian_domain::OrderId;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::entity::{event, setting};
use crate::sealing::BlindIndex;
use crate::{Reader, Result, Store, StoreError, Subject, Tx, inconsistent};

/// Something that happened to an order, for other systems to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// What, for example `order.filed`.
    pub kind: String,
    /// More, without personal data.
    pub detail: Value,
}

pub(crate) const KEY_CHECK: &str = "key-check";

impl Tx<'_> {
    /// Records an event.
    pub async fn insert_event(&mut self, order: OrderId, kind: &'static str, detail: Value) -> Result<()> {
        self.append(event::Entity::insert(event::ActiveModel {
            id: Set(beian_domain::new_uuid(&*self.store.clock, &*self.store.random)),
            at: Set(self.store.clock.now()),
            kind: Set(kind.to_owned()),
            subject: Set(order.0.to_string()),
            detail: Set(detail.to_string()),
        }));
        self.note("event.record", &Subject::Order(order), json!({"kind": kind}));
        Ok(())
    }

    /// Keeps a small setting of the product under a name.
    pub async fn put_setting(&mut self, name: &'static str, value: &str) -> Result<()> {
        let row = setting::ActiveModel { name: Set(name.to_owned()), value: Set(value.to_owned()) };
        if self.read().setting(name).await?.is_some() {
            setting::Entity::update(row).exec(&self.db).await?;
        } else {
            setting::Entity::insert(row).exec_without_returning(&self.db).await?;
        }
        self.note("setting.put", &Subject::Other("setting", name.to_owned()), json!({}));
        Ok(())
    }
}

impl Reader<'_> {
    /// The events of an order, oldest first.
    pub async fn events_of(&self, order: OrderId) -> Result<Vec<Event>> {
        event::Entity::find()
            .filter(event::Column::Subject.eq(order.0.to_string()))
            .order_by_asc(event::Column::Id)
            .all(&self.db)
            .await?
            .into_iter()
            .map(|row| {
                let detail = serde_json::from_str(&row.detail)
                    .map_err(|error| inconsistent("event.detail", "JSON")(&error))?;
                Ok(Event { at: row.at, kind: row.kind, detail })
            })
            .collect()
    }

    /// A small setting of the product.
    pub async fn setting(&self, name: &'static str) -> Result<Option<String>> {
        Ok(setting::Entity::find_by_id(name).one(&self.db).await?.map(|row| row.value))
    }
}

impl Store {
    /// Refuses to work with keys other than those that sealed what is there:
    /// half a database under each key would be found out much later.
    pub(crate) async fn check_keys(&self) -> Result<()> {
        let BlindIndex(expected) = self.sealer.blind_index("key-check", "");
        match self.read().setting(KEY_CHECK).await? {
            None => {
                let mut tx = self.begin(crate::Actor::System);
                tx.put_setting(KEY_CHECK, &expected).await?;
                tx.commit().await
            }
            Some(found) if found == expected => Ok(()),
            Some(_) => Err(StoreError::Inconsistent {
                place: "setting.key-check",
                expected: "the keys that sealed this database",
                got: "other keys".to_owned(),
            }),
        }
    }
}
