//! Resources, as the provider's cloud reports them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use beian_domain::{AccountId, Resource, ResourceId};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use crate::entity::{resource as table, resource_slot};
use crate::{Reader, Result, Subject, Tx, inconsistent};

/// What came of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// The resource is new.
    Created,
    /// It has changed.
    Updated,
    /// It was known just so.
    Unchanged,
    /// What is known is newer than the report, and stays.
    Older,
}

impl Tx<'_> {
    /// Keeps what the cloud said of a resource at a time: a new one, or news of
    /// a known one (found by its reference). Reports may come twice and in any
    /// order: the newest stays.
    pub async fn report_resource(&mut self, resource: &Resource, said_at: DateTime<Utc>) -> Result<Reported> {
        let row = |id: uuid::Uuid| table::Model {
            id,
            owner: resource.owner.0,
            reference: resource.reference.clone(),
            kind: resource.kind.slug().to_owned(),
            division: resource.division.map(|division| division.to_string()),
            prepaid: resource.prepaid,
            bought_at: resource.bought_at,
            expires_at: resource.expires_at,
            public_address: resource.public_address.map(|address| address.to_string()),
            quota: resource.quota.into(),
            server: resource.server.as_ref().map(|server| server.reference.clone()),
            reported_at: Some(said_at),
        };
        let by_reference =
            || table::Entity::find().filter(table::Column::Reference.eq(resource.reference.clone()));
        let mut known = by_reference().one(&self.db).await?;
        if known.is_none() {
            // Whoever reports the same at the same moment makes one of the two rows.
            let mut once = OnConflict::column(table::Column::Reference);
            let inserted = table::Entity::insert(row(resource.id.0).into_active_model().reset_all())
                .try_insert()
                .on_conflict(once.do_nothing().to_owned())
                .exec_without_returning(&self.db)
                .await?;
            if inserted > 0 {
                self.note("resource.create", &subject(resource), json!({}));
                return Ok(Reported::Created);
            }
            known = by_reference().one(&self.db).await?;
        }
        let Some(known) = known else {
            return Err(inconsistent("resource.reference", "the row that was there")(&resource.reference));
        };
        let new = row(known.id);
        let is_same = table::Model { reported_at: known.reported_at, ..new.clone() } == known;
        if is_same && known.reported_at.is_some_and(|at| at >= said_at) {
            return Ok(Reported::Unchanged);
        }
        let newer = Condition::any()
            .add(table::Column::ReportedAt.is_null())
            .add(table::Column::ReportedAt.lte(said_at));
        // A model counts as unchanged until it is told otherwise.
        let change = new.into_active_model().reset_all();
        let updated = table::Entity::update_many()
            .set(change)
            .filter(table::Column::Id.eq(known.id))
            .filter(newer)
            .exec(&self.db)
            .await?;
        if updated.rows_affected == 0 {
            return Ok(Reported::Older);
        }
        if is_same {
            return Ok(Reported::Unchanged);
        }
        self.note("resource.update", &subject(resource), json!({}));
        Ok(Reported::Updated)
    }
}

fn subject(resource: &Resource) -> Subject {
    Subject::Other("resource", resource.reference.clone())
}

/// A row of [`counted`](counted()).
#[derive(FromQueryResult)]
pub(crate) struct Counted {
    #[sea_orm(nested)]
    resource: table::Model,
    /// How many places on it are taken.
    taken: i64,
}

impl Reader<'_> {
    /// The resources of an account, newest first.
    pub async fn resources(&self, owner: AccountId) -> Result<Vec<Resource>> {
        self.read_resources(self.counted(owned_by(owner)).await?).await
    }

    /// All resources, newest first.
    pub async fn all_resources(&self, limit: u64) -> Result<Vec<Resource>> {
        let select = table::Entity::find().order_by_desc(table::Column::BoughtAt).limit(limit);
        self.read_resources(self.counted(select).await?).await
    }

    /// The resource of the cloud's name.
    pub async fn resource(&self, reference: &str) -> Result<Option<Resource>> {
        let select = table::Entity::find().filter(table::Column::Reference.eq(reference));
        Ok(self.read_resources(self.counted(select).await?).await?.pop())
    }

    /// The resources at a public address, newest first: an address can have been another customer's before.
    pub async fn resources_at(&self, address: IpAddr) -> Result<Vec<Resource>> {
        let select = table::Entity::find()
            .filter(table::Column::PublicAddress.eq(address.to_string()))
            .order_by_desc(table::Column::BoughtAt);
        self.read_resources(self.counted(select).await?).await
    }

    /// The resources of some identifiers, in no order.
    pub async fn resources_by_id(&self, ids: &[ResourceId]) -> Result<Vec<Resource>> {
        let mut rows = Vec::new();
        for some in ids.chunks(500) {
            let some = some.iter().map(|id| id.0);
            rows.extend(self.counted(table::Entity::find().filter(table::Column::Id.is_in(some))).await?);
        }
        self.read_resources(rows).await
    }

    async fn counted(&self, select: sea_orm::Select<table::Entity>) -> Result<Vec<Counted>> {
        Ok(counted(select).into_model().all(&self.db).await?)
    }

    pub(crate) async fn read_resources(&self, rows: Vec<Counted>) -> Result<Vec<Resource>> {
        let behind: Vec<String> = rows.iter().filter_map(|row| row.resource.server.clone()).collect();
        let mut servers = BTreeMap::new();
        // Databases take some thousands of parameters, not all.
        for some in behind.chunks(500) {
            let select = table::Entity::find().filter(table::Column::Reference.is_in(some.iter().cloned()));
            let found = self.counted(select).await?;
            servers.extend(found.into_iter().map(|row| (row.resource.reference.clone(), row)));
        }
        rows.into_iter()
            .map(|Counted { resource: row, taken }| {
                let server = match row.server.as_ref().and_then(|server| servers.get(server)) {
                    // Only a server of the same account stands behind it.
                    Some(Counted { resource: server, taken })
                        if server.owner == row.owner && server.id != row.id =>
                    {
                        Some(Box::new(read_resource(server.clone(), *taken, None)?))
                    }
                    _ => None,
                };
                read_resource(row, taken, server)
            })
            .collect()
    }
}

/// The resources of an account, newest first.
pub(crate) fn owned_by(owner: AccountId) -> sea_orm::Select<table::Entity> {
    table::Entity::find().filter(table::Column::Owner.eq(owner.0)).order_by_desc(table::Column::BoughtAt)
}

/// With how many places are taken on each, in the same statement.
pub(crate) fn counted(select: sea_orm::Select<table::Entity>) -> sea_orm::Select<table::Entity> {
    let taken = Query::select()
        .expr(Expr::col((resource_slot::Entity, resource_slot::Column::FilingOrder)).count())
        .from(resource_slot::Entity)
        .and_where(
            Expr::col((resource_slot::Entity, resource_slot::Column::Resource))
                .equals((table::Entity, table::Column::Id)),
        )
        .to_owned();
    select.expr_as(Expr::SubQuery(None, Box::new(taken.into())), "taken")
}

fn read_resource(row: table::Model, used: i64, server: Option<Box<Resource>>) -> Result<Resource> {
    Ok(Resource {
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
        server,
    })
}
