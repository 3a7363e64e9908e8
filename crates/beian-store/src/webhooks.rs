//! Other systems that want to hear of events.

use beian_domain::{AccountId, NoticeKind, Personal};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::entity::webhook_endpoint as table;
use crate::sealing::Place;
use crate::{Reader, Result, Subject, Tx, inconsistent};

/// Identifies an endpoint of webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndpointId(pub Uuid);

/// An endpoint to be kept.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    /// Whose events it hears; everybody's if absent.
    pub account: Option<AccountId>,
    /// Where it is called. It can hold a token, so that it is sealed.
    pub url: Personal,
    /// What it hears of; everything if empty.
    pub kinds: Vec<NoticeKind>,
    /// The key that signs, in plain text.
    pub secret: Personal,
}

/// An endpoint of webhooks.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Our identifier.
    pub id: EndpointId,
    /// Whose events it hears; everybody's if absent.
    pub account: Option<AccountId>,
    /// Where it is called.
    pub url: Personal,
    /// What it hears of; everything if empty.
    pub kinds: Vec<NoticeKind>,
    /// The key that signs.
    pub secret: Personal,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when it is not called any more.
    pub stopped_at: Option<DateTime<Utc>>,
}

impl Endpoint {
    /// Whether it hears of a kind of thing.
    pub fn hears(&self, kind: NoticeKind) -> bool {
        self.stopped_at.is_none() && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }
}

const URL: &str = "webhook_endpoint.url";
const SECRET: &str = "webhook_endpoint.secret";

impl Tx<'_> {
    /// Keeps a new endpoint.
    pub async fn insert_endpoint(&mut self, new: NewEndpoint) -> Result<EndpointId> {
        let id = beian_domain::new_uuid(&*self.store.clock, &*self.store.random);
        let row = id.to_string();
        let seal = |table_and_column, text: &Personal| {
            self.store.sealer.seal(Place { table_and_column, row: &row }, text.expose().as_bytes())
        };
        let kinds = serde_json::to_string(&new.kinds)
            .map_err(|error| inconsistent("webhook_endpoint.kinds", "kinds that can be written")(&error))?;
        table::Entity::insert(table::ActiveModel {
            id: Set(id),
            account: Set(new.account.map(|account| account.0)),
            url_sealed: Set(seal(URL, &new.url)?),
            kinds: Set(kinds),
            secret_sealed: Set(seal(SECRET, &new.secret)?),
            created_at: Set(self.store.clock.now()),
            stopped_at: Set(None),
        })
        .exec_without_returning(&self.db)
        .await?;
        self.note("webhook.create", &subject(EndpointId(id)), json!({ "kinds": new.kinds }));
        Ok(EndpointId(id))
    }

    /// Calls an endpoint no more, and gives up what waits for it.
    pub async fn stop_endpoint(&mut self, id: EndpointId, problem: &str) -> Result<()> {
        table::Entity::update_many()
            .col_expr(table::Column::StoppedAt, Expr::value(self.store.clock.now()))
            .filter(table::Column::Id.eq(id.0))
            .filter(table::Column::StoppedAt.is_null())
            .exec(&self.db)
            .await?;
        self.fail_notices_to(id, problem).await?;
        self.note("webhook.stop", &subject(id), json!({}));
        Ok(())
    }
}

impl Reader<'_> {
    /// The endpoint of an identifier.
    pub async fn endpoint(&self, id: EndpointId) -> Result<Option<Endpoint>> {
        table::Entity::find_by_id(id.0).one(&self.db).await?.map(|row| self.read_endpoint(row)).transpose()
    }

    /// The endpoints of an account, or of the provider itself, newest first.
    pub async fn endpoints(&self, account: Option<AccountId>, limit: u64) -> Result<Vec<Endpoint>> {
        let owner = match account {
            Some(account) => table::Column::Account.eq(account.0),
            None => table::Column::Account.is_null(),
        };
        self.read_endpoints(table::Entity::find().filter(owner), limit).await
    }

    /// The endpoints that are called for an account's events: its own and the provider's.
    pub async fn endpoints_hearing(&self, account: AccountId, limit: u64) -> Result<Vec<Endpoint>> {
        let rows = hearing(account, limit).all(&self.db).await?;
        rows.into_iter().map(|row| self.read_endpoint(row)).collect()
    }

    async fn read_endpoints(
        &self,
        select: sea_orm::Select<table::Entity>,
        limit: u64,
    ) -> Result<Vec<Endpoint>> {
        let rows = newest(select, limit).all(&self.db).await?;
        rows.into_iter().map(|row| self.read_endpoint(row)).collect()
    }

    pub(crate) fn read_endpoint(&self, row: table::Model) -> Result<Endpoint> {
        let id = row.id.to_string();
        let open = |table_and_column, sealed: &[u8]| {
            let plain = self.sealer.open_text(Place { table_and_column, row: &id }, sealed)?;
            Ok::<_, crate::StoreError>(Personal::new(plain.as_str()))
        };
        Ok(Endpoint {
            id: EndpointId(row.id),
            account: row.account.map(AccountId),
            url: open(URL, &row.url_sealed)?,
            kinds: serde_json::from_str(&row.kinds)
                .map_err(|error| inconsistent("webhook_endpoint.kinds", "kinds of notice")(&error))?,
            secret: open(SECRET, &row.secret_sealed)?,
            created_at: row.created_at,
            stopped_at: row.stopped_at,
        })
    }
}

/// See [`Reader::endpoints_hearing`].
pub(crate) fn hearing(account: AccountId, limit: u64) -> sea_orm::Select<table::Entity> {
    let either =
        Condition::any().add(table::Column::Account.eq(account.0)).add(table::Column::Account.is_null());
    newest(table::Entity::find().filter(either).filter(table::Column::StoppedAt.is_null()), limit)
}

fn newest(select: sea_orm::Select<table::Entity>, limit: u64) -> sea_orm::Select<table::Entity> {
    select.order_by_desc(table::Column::Id).limit(limit)
}

fn subject(id: EndpointId) -> Subject {
    Subject::Other("webhook", id.0.to_string())
}
