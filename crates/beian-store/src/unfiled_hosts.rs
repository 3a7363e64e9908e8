//! Domains that are served here and not filed here, as audits find them: one row a domain, whatever becomes of it.

use std::net::IpAddr;

use beian_domain::{
    AccountId, DomainName, HostStanding, InvalidUnfiledHostEvent, UnfiledHostEvent, UnfiledHostId,
    UnfiledHostState,
};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;

use crate::entity::unfiled_host as table;
use crate::{Reader, Result, StoreError, Subject, Tx, exists, inconsistent};

/// A domain that is served here and not filed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfiledHost {
    /// Our identifier.
    pub id: UnfiledHostId,
    /// The domain.
    pub domain: DomainName,
    /// The host that the log named first: the domain, or one below it.
    pub host: String,
    /// What was known of it.
    pub standing: HostStanding,
    /// Where the work on it stands; changed by [`UnfiledHost::apply`] alone.
    state: UnfiledHostState,
    /// How often it was changed.
    pub revision: i64,
    /// Lines of the log that named it, in the newest report.
    pub lines: u64,
    /// When the first of them was written.
    pub first_seen: Option<DateTime<Utc>>,
    /// When the last of them was written.
    pub last_seen: Option<DateTime<Utc>>,
    /// When it was reported first.
    pub found_at: DateTime<Utc>,
    /// When its state or its report changed last.
    pub changed_at: DateTime<Utc>,
    /// Where its host leads, as far as that was looked up since the newest report.
    pub leads_to: LeadsTo,
    /// The account whose server serves it, if one of ours does.
    pub customer: Option<HostCustomer>,
}

/// Where a host leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeadsTo {
    /// Nobody has looked yet.
    NotLookedUp,
    /// No name server has told, when it was asked last.
    Unanswered,
    /// To these addresses; nowhere if there are none.
    Addresses(Vec<IpAddr>),
}

/// Who serves a host, by the server that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostCustomer {
    /// The account.
    pub account: AccountId,
    /// Its resource, by the cloud's name.
    pub resource: String,
}

/// What an audit says of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundHost {
    /// The domain.
    pub domain: DomainName,
    /// The host that the log named first.
    pub host: String,
    /// What was known of it.
    pub standing: HostStanding,
    /// Lines that named it.
    pub lines: u64,
    /// When the first and the last were written.
    pub seen: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Which unfiled hosts are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnfiledHostFilter {
    /// Those that somebody is to work on.
    Open,
    /// Those of them that an account serves.
    OpenOf(AccountId),
    /// Those that are over.
    Settled,
}

impl UnfiledHostFilter {
    fn condition(self) -> Condition {
        let settled = UnfiledHostState::ALL.into_iter().filter(|state| !state.is_open());
        let open = UnfiledHostState::ALL.into_iter().filter(|state| state.is_open());
        let slugs = |states: &mut dyn Iterator<Item = UnfiledHostState>| {
            table::Column::State.is_in(states.map(UnfiledHostState::slug).collect::<Vec<_>>())
        };
        let all = Condition::all();
        match self {
            Self::Open => all.add(slugs(&mut open.into_iter())),
            Self::OpenOf(account) => Self::Open.condition().add(table::Column::Owner.eq(account.0)),
            Self::Settled => all.add(slugs(&mut settled.into_iter())),
        }
    }
}

impl UnfiledHost {
    /// Where the work on it stands.
    pub fn state(&self) -> UnfiledHostState {
        self.state
    }

    /// Lets `event` happen to it, in memory; [`Tx::update_unfiled_host`] keeps it.
    pub fn apply(&mut self, event: UnfiledHostEvent) -> Result<(), InvalidUnfiledHostEvent> {
        self.state = self.state.after(event)?;
        Ok(())
    }
}

impl Tx<'_> {
    /// Keeps what an audit says of a domain. What is known of already is the same work: it keeps its state, but for what
    /// was settled and is found again. Its customer is looked for anew.
    pub async fn report_unfiled_host(&mut self, found: FoundHost) -> Result<UnfiledHost> {
        let now = self.store.clock.now();
        let known = self.read().unfiled_host_of(&found.domain).await?;
        let (first_seen, last_seen) = found.seen.unzip();
        let Some(mut host) = known else {
            let host = UnfiledHost {
                id: UnfiledHostId(beian_domain::new_uuid(&*self.store.clock, &*self.store.random)),
                domain: found.domain,
                host: found.host,
                standing: found.standing,
                state: UnfiledHostState::Open,
                revision: 1,
                lines: found.lines,
                first_seen,
                last_seen,
                found_at: now,
                changed_at: now,
                leads_to: LeadsTo::NotLookedUp,
                customer: None,
            };
            table::Entity::insert(row(&host, None))
                .exec_without_returning(&self.db)
                .await
                .map_err(|error| exists(error, "unfiled host"))?;
            self.note("unfiled-host.find", &subject(&host), json!({ "standing": host.standing.slug() }));
            return Ok(host);
        };
        // Every state takes this event.
        let state = host.state.after(UnfiledHostEvent::Find).unwrap_or(host.state);
        host = UnfiledHost {
            state,
            host: found.host,
            standing: found.standing,
            lines: found.lines,
            first_seen,
            last_seen,
            leads_to: LeadsTo::NotLookedUp,
            customer: None,
            ..host
        };
        self.update_unfiled_host(&mut host, "unfiled-host.find").await?;
        Ok(host)
    }

    /// Keeps that it was asked in vain once more where a host leads: no news to anybody.
    pub async fn asked_again(&mut self, host: &UnfiledHost) -> Result<()> {
        table::Entity::update_many()
            .col_expr(table::Column::ResolvedAt, Expr::value(self.store.clock.now()))
            .filter(table::Column::Id.eq(host.id.0))
            .filter(table::Column::Revision.eq(host.revision))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Keeps what has become of an unfiled host. [`Stale`](StoreError::Stale) if somebody changed it since it was read.
    pub async fn update_unfiled_host(&mut self, host: &mut UnfiledHost, action: &'static str) -> Result<()> {
        let read = host.revision;
        host.revision += 1;
        host.changed_at = self.store.clock.now();
        let resolved_at = (host.leads_to != LeadsTo::NotLookedUp).then_some(host.changed_at);
        let updated = table::Entity::update_many()
            .set(row(host, resolved_at))
            .filter(table::Column::Id.eq(host.id.0))
            .filter(table::Column::Revision.eq(read))
            .exec(&self.db)
            .await?;
        if updated.rows_affected != 1 {
            return Err(StoreError::Stale { thing: format!("unfiled host {}", host.id.0), expected: read });
        }
        self.note(action, &subject(host), json!({ "state": host.state.slug() }));
        Ok(())
    }
}

fn subject(host: &UnfiledHost) -> Subject {
    Subject::Other("unfiled-host", host.domain.as_ascii().to_owned())
}

fn row(host: &UnfiledHost, resolved_at: Option<DateTime<Utc>>) -> table::ActiveModel {
    let addresses = match &host.leads_to {
        LeadsTo::NotLookedUp | LeadsTo::Unanswered => None,
        LeadsTo::Addresses(addresses) => {
            Some(addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" "))
        }
    };
    table::ActiveModel {
        id: Set(host.id.0),
        domain: Set(host.domain.as_ascii().to_owned()),
        host: Set(host.host.clone()),
        standing: Set(host.standing.slug().to_owned()),
        state: Set(host.state.slug().to_owned()),
        revision: Set(host.revision),
        lines: Set(i64::try_from(host.lines).unwrap_or(i64::MAX)),
        first_seen: Set(host.first_seen),
        last_seen: Set(host.last_seen),
        found_at: Set(host.found_at),
        changed_at: Set(host.changed_at),
        addresses: Set(addresses),
        resolved_at: Set(resolved_at),
        owner: Set(host.customer.as_ref().map(|customer| customer.account.0)),
        resource: Set(host.customer.as_ref().map(|customer| customer.resource.clone())),
    }
}

impl Reader<'_> {
    /// The unfiled host of an identifier.
    pub async fn unfiled_host(&self, id: UnfiledHostId) -> Result<Option<UnfiledHost>> {
        table::Entity::find_by_id(id.0).one(&self.db).await?.map(read).transpose()
    }

    /// The unfiled host of a domain.
    pub async fn unfiled_host_of(&self, domain: &DomainName) -> Result<Option<UnfiledHost>> {
        let select = table::Entity::find().filter(table::Column::Domain.eq(domain.as_ascii()));
        select.one(&self.db).await?.map(read).transpose()
    }

    /// At most `limit` unfiled hosts of a filter: those on a customer's server before those of nobody, which anybody can
    /// make up, and of each those with the most lines first.
    pub async fn unfiled_hosts(&self, filter: UnfiledHostFilter, limit: u64) -> Result<Vec<UnfiledHost>> {
        let select = table::Entity::find()
            .filter(filter.condition())
            .order_by_asc(table::Column::Owner.is_null())
            .order_by_desc(table::Column::Lines)
            .order_by_asc(table::Column::Id)
            .limit(limit);
        select.all(&self.db).await?.into_iter().map(read).collect()
    }

    /// How many unfiled hosts of a filter there are.
    pub async fn count_unfiled_hosts(&self, filter: UnfiledHostFilter) -> Result<u64> {
        Ok(table::Entity::find().filter(filter.condition()).count(&self.db).await?)
    }

    /// At most `limit` open ones of which it is to be looked up where they lead: those of which nobody has asked, then
    /// those of which nobody has told since `asked_before`.
    pub async fn unresolved_hosts(
        &self,
        asked_before: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<UnfiledHost>> {
        let never = Condition::all().add(table::Column::ResolvedAt.is_null());
        let in_vain = Condition::all()
            .add(table::Column::ResolvedAt.lt(asked_before))
            .add(table::Column::Addresses.is_null());
        let mut found = Vec::new();
        for which in [never, in_vain] {
            let select = table::Entity::find()
                .filter(UnfiledHostFilter::Open.condition())
                .filter(which)
                .order_by_asc(table::Column::ResolvedAt)
                .order_by_asc(table::Column::Id)
                .limit(limit.saturating_sub(found.len() as u64));
            found.extend(select.all(&self.db).await?);
        }
        found.into_iter().map(read).collect()
    }

    /// At most `limit` open ones whose domain is on record here by now.
    pub async fn unfiled_hosts_on_record(&self, limit: u64) -> Result<Vec<UnfiledHost>> {
        let on_record = crate::records::active_domains();
        let select = table::Entity::find()
            .filter(UnfiledHostFilter::Open.condition())
            .filter(table::Column::Domain.in_subquery(on_record))
            .limit(limit);
        select.all(&self.db).await?.into_iter().map(read).collect()
    }
}

fn read(row: table::Model) -> Result<UnfiledHost> {
    let wrong = |error: &dyn std::fmt::Display| inconsistent("unfiled_host", "a value that was kept")(error);
    let leads_to = match (row.resolved_at, row.addresses) {
        (None, _) => LeadsTo::NotLookedUp,
        (Some(_), None) => LeadsTo::Unanswered,
        (Some(_), Some(addresses)) => {
            let parsed: std::result::Result<Vec<IpAddr>, _> =
                addresses.split_whitespace().map(str::parse).collect();
            LeadsTo::Addresses(parsed.map_err(|error| wrong(&error))?)
        }
    };
    let customer = row.owner.zip(row.resource);
    Ok(UnfiledHost {
        id: UnfiledHostId(row.id),
        domain: row.domain.parse().map_err(|error| wrong(&error))?,
        host: row.host,
        standing: row.standing.parse().map_err(|error| wrong(&error))?,
        state: row.state.parse().map_err(|error| wrong(&error))?,
        revision: row.revision,
        lines: row.lines.unsigned_abs(),
        first_seen: row.first_seen,
        last_seen: row.last_seen,
        found_at: row.found_at,
        changed_at: row.changed_at,
        leads_to,
        customer: customer.map(|(account, resource)| HostCustomer { account: AccountId(account), resource }),
    })
}
