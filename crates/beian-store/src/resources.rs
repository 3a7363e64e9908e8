//! Resources, as the provider's cloud reports them.

use beian_domain::{AccountId, Resource, ResourceId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::entity::resource as table;
use crate::{Reader, Result, Subject, Tx, inconsistent};

impl Tx<'_> {
    /// Keeps what the cloud says of a resource: a new one, or news of a known
    /// one (found by its reference). Saying the same twice changes nothing.
    pub async fn put_resource(&mut self, resource: &Resource) -> Result<ResourceId> {
        let known = table::Entity::find()
            .filter(table::Column::Reference.eq(resource.reference.clone()))
            .one(&self.db)
            .await?;
        let id = known.as_ref().map_or(resource.id.0, |row| row.id);
        let row = table::ActiveModel {
            id: Set(id),
            owner: Set(resource.owner.0),
            reference: Set(resource.reference.clone()),
            kind: Set(resource.kind.slug().to_owned()),
            division: Set(resource.division.map(|division| division.to_string())),
            prepaid: Set(resource.prepaid),
            bought_at: Set(resource.bought_at),
            expires_at: Set(resource.expires_at),
            public_address: Set(resource.public_address.map(|address| address.to_string())),
            quota: Set(resource.quota.into()),
        };
        let action = if known.is_some() {
            table::Entity::update(row).exec(&self.db).await?;
            "resource.update"
        } else {
            table::Entity::insert(row).exec_without_returning(&self.db).await?;
            "resource.create"
        };
        self.note(action, &Subject::Other("resource", resource.reference.clone()), json!({}));
        Ok(ResourceId(id))
    }
}

impl Reader<'_> {
    /// The resources of an account, newest first.
    pub async fn resources(&self, owner: AccountId) -> Result<Vec<Resource>> {
        let rows = table::Entity::find()
            .filter(table::Column::Owner.eq(owner.0))
            .order_by_desc(table::Column::BoughtAt)
            .all(&self.db)
            .await?;
        self.read_resources(rows).await
    }

    /// All resources, newest first.
    pub async fn all_resources(&self, limit: u64) -> Result<Vec<Resource>> {
        let rows =
            table::Entity::find().order_by_desc(table::Column::BoughtAt).limit(limit).all(&self.db).await?;
        self.read_resources(rows).await
    }

    /// The resource of the cloud's name.
    pub async fn resource(&self, reference: &str) -> Result<Option<Resource>> {
        let rows = table::Entity::find().filter(table::Column::Reference.eq(reference)).all(&self.db).await?;
        Ok(self.read_resources(rows).await?.pop())
    }

    async fn read_resources(&self, rows: Vec<table::Model>) -> Result<Vec<Resource>> {
        let mut resources = Vec::with_capacity(rows.len());
        for row in rows {
            let used = self.count_orders_on_resource(&row.reference).await?;
            resources.push(Resource {
                id: ResourceId(row.id),
                owner: AccountId(row.owner),
                kind: row.kind.parse().map_err(|error| inconsistent("resource.kind", "a kind")(&error))?,
                division: row
                    .division
                    .map(|text| text.parse())
                    .transpose()
                    .map_err(|error| inconsistent("resource.division", "a division code")(&error))?,
                prepaid: row.prepaid,
                bought_at: row.bought_at,
                expires_at: row.expires_at,
                public_address: row
                    .public_address
                    .map(|text| text.parse())
                    .transpose()
                    .map_err(|error| inconsistent("resource.public_address", "an address")(&error))?,
                quota: u32::try_from(row.quota).unwrap_or_default(),
                used: u32::try_from(used).unwrap_or(u32::MAX),
                reference: row.reference,
            });
        }
        Ok(resources)
    }
}
