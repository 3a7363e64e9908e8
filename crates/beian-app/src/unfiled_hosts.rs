//! What an audit of the logs finds: domains that are served here and not filed here, as work by customer.
//!
//! A log knows which name was asked for, not who is behind it. Where the name leads is looked up, and whose server that
//! address is the provider's cloud has said: so each is laid before the one who can do something about it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{MutexGuard, PoisonError};

use beian_domain::{
    AccountId, DomainName, HostSettlement, HostStanding, LoginName, Text, UnfiledHostEvent, UnfiledHostId,
};
use beian_store::{
    Actor, FoundHost, HostCustomer, LeadsTo, StoreError, Subject, UnfiledHost, UnfiledHostFilter,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use tokio::task::JoinSet;

use crate::dns::{self, Addresses, NameServer};
use crate::notice::{Addressee, NoticeEvent};
use crate::permission::Action;
use crate::{App, AppError, Progress, User};

/// The most unfiled hosts that one page shows.
const MOST_SHOWN: u64 = 100;
/// The most that a customer is told of at once.
const MOST_TOLD: u64 = 1_000;
/// The largest report that is taken, in bytes.
pub const MOST_REPORT_BYTES: usize = 8 * 1024 * 1024;
/// Domains that one transaction keeps.
const AT_ONCE: usize = 200;
/// Hosts that are looked up at once.
const LOOKED_UP_AT_ONCE: u64 = 8;
/// How long it rests when there is nothing to look up: what is filed meanwhile is seen after it.
const REST: TimeDelta = TimeDelta::minutes(1);
/// How long after a name server told nothing it is asked again.
const ASK_AGAIN: TimeDelta = TimeDelta::hours(1);
/// Domains that a notice names.
const NAMED: usize = 20;

/// What came of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostReport {
    /// Domains that were kept as work.
    pub kept: u64,
    /// Domains that are on record here by now.
    pub filed: u64,
    /// Lines that name no domain that could be filed.
    pub wrong: u64,
}

/// A report that is not taken at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostReportError {
    /// No line of it is a finding.
    #[error("expected the findings of an audit as JSON lines, got none")]
    NotAReport,
}

/// What operators see.
#[derive(Debug)]
pub struct UnfiledHostDesk {
    /// Open ones by customer, those with the most lines first; those of nobody last.
    pub customers: Vec<HostsOfCustomer>,
    /// How many are open.
    pub open: u64,
    /// How many are over.
    pub settled: u64,
    /// Open ones of which it was not yet looked up where they lead.
    pub unresolved: bool,
}

/// The open ones of a customer.
#[derive(Debug)]
pub struct HostsOfCustomer {
    /// Who it is; none of those that lead to no server of ours.
    pub customer: Option<(AccountId, LoginName)>,
    /// The hosts.
    pub hosts: Vec<UnfiledHost>,
}

/// A line of a report of `beian audit`. What else it says is for people.
#[derive(Deserialize)]
struct Line {
    domain: String,
    standing: String,
    lines: u64,
    #[serde(default)]
    first_seen: Option<DateTime<Utc>>,
    #[serde(default)]
    last_seen: Option<DateTime<Utc>>,
    #[serde(default)]
    sample_url: String,
}

impl Line {
    fn found(self) -> Option<FoundHost> {
        let domain = DomainName::from_host(&self.domain).ok()?;
        let standing: HostStanding = self.standing.parse().ok()?;
        // Of the address only the host is kept: what somebody asked for there can be personal.
        let host = self.sample_url.split("://").nth(1).unwrap_or_default();
        let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default().to_ascii_lowercase();
        let is_below = host == domain.as_ascii()
            || host.strip_suffix(domain.as_ascii()).is_some_and(|before| before.ends_with('.'));
        Some(FoundHost {
            host: if is_below { host } else { domain.as_ascii().to_owned() },
            domain,
            standing,
            lines: self.lines,
            seen: self.first_seen.zip(self.last_seen),
        })
    }
}

impl App {
    /// Keeps the findings of an audit, the JSON lines that `beian audit` writes.
    pub async fn report_unfiled_hosts(
        &self,
        user: &User,
        report: &[u8],
    ) -> Result<Result<HostReport, HostReportError>, AppError> {
        user.require(Action::HandleDuties, None)?;
        self.keep_unfiled_hosts(Actor::Account(user.account), report).await
    }

    /// The same from the provider's own systems. The caller has checked [`is_cloud_token`](Self::is_cloud_token).
    pub async fn report_unfiled_hosts_of_cloud(
        &self,
        report: &[u8],
    ) -> Result<Result<HostReport, HostReportError>, AppError> {
        self.keep_unfiled_hosts(Actor::Cloud, report).await
    }

    async fn keep_unfiled_hosts(
        &self,
        actor: Actor,
        report: &[u8],
    ) -> Result<Result<HostReport, HostReportError>, AppError> {
        let mut result = HostReport::default();
        let mut found = Vec::new();
        for line in report.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            match serde_json::from_slice::<Line>(line).ok().and_then(Line::found) {
                Some(host) => found.push(host),
                None if is_summary(line) => {}
                None => result.wrong += 1,
            }
        }
        if found.is_empty() && result.wrong > 0 {
            return Ok(Err(HostReportError::NotAReport));
        }
        for some in found.chunks(AT_ONCE) {
            let mut tx = self.inner.store.begin(actor);
            for host in some {
                if tx.read().record_of_domain(&host.domain).await?.is_some() {
                    result.filed += 1;
                } else {
                    tx.report_unfiled_host(host.clone()).await?;
                    result.kept += 1;
                }
            }
            tx.commit().await?;
        }
        *self.hosts_rest() = None;
        self.inner.wake_hosts.notify_one();
        Ok(Ok(result))
    }

    /// What operators see.
    pub async fn unfiled_hosts(&self, user: &User) -> Result<UnfiledHostDesk, AppError> {
        user.require(Action::HandleDuties, None)?;
        let reader = self.inner.store.read();
        let hosts = reader.unfiled_hosts(UnfiledHostFilter::Open, MOST_SHOWN).await?;
        let unresolved = hosts.iter().any(|host| host.leads_to == LeadsTo::NotLookedUp);
        let mut groups: BTreeMap<Option<AccountId>, Vec<UnfiledHost>> = BTreeMap::new();
        for host in hosts {
            groups.entry(host.customer.as_ref().map(|customer| customer.account)).or_default().push(host);
        }
        let mut customers = Vec::with_capacity(groups.len());
        for (account, hosts) in groups {
            let customer = match account {
                None => None,
                Some(id) => reader.account(id).await?.map(|account| (id, account.login)),
            };
            customers.push(HostsOfCustomer { customer, hosts });
        }
        let lines = |group: &HostsOfCustomer| group.hosts.iter().map(|host| host.lines).sum::<u64>();
        customers.sort_by_key(|group| (group.customer.is_none(), std::cmp::Reverse(lines(group))));
        Ok(UnfiledHostDesk {
            customers,
            open: reader.count_unfiled_hosts(UnfiledHostFilter::Open).await?,
            settled: reader.count_unfiled_hosts(UnfiledHostFilter::Settled).await?,
            unresolved,
        })
    }

    /// Tells a customer which of the domains on their servers are not filed, and what follows from that. Answers with
    /// how many it named or counted.
    pub async fn tell_unfiled(&self, user: &User, customer: AccountId) -> Result<u64, AppError> {
        user.require(Action::HandleDuties, None)?;
        let filter = UnfiledHostFilter::OpenOf(customer);
        let hosts = self.inner.store.read().unfiled_hosts(filter, MOST_TOLD).await?;
        if hosts.is_empty() {
            return Err(AppError::NotFound);
        }
        let count = hosts.len() as u64;
        let event = notice(&hosts);
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        for mut host in hosts {
            if host.apply(UnfiledHostEvent::Tell).is_ok() {
                tx.update_unfiled_host(&mut host, "unfiled-host.tell").await.map_err(stale)?;
            }
        }
        self.tell(&mut tx, &Addressee::account(customer, Subject::Account(customer)), &event).await?;
        tx.commit().await?;
        self.wake_worker();
        Ok(count)
    }

    /// Settles an unfiled host. [`Stale`](AppError::Stale) if somebody else did something to it meanwhile.
    pub async fn settle_unfiled_host(
        &self,
        user: &User,
        id: UnfiledHostId,
        revision: i64,
        settlement: HostSettlement,
    ) -> Result<(), AppError> {
        user.require(Action::HandleDuties, None)?;
        let mut host = self.inner.store.read().unfiled_host(id).await?.ok_or(AppError::NotFound)?;
        if host.revision != revision || host.apply(UnfiledHostEvent::Settle(settlement)).is_err() {
            return Err(AppError::Stale { expected: revision });
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.update_unfiled_host(&mut host, "unfiled-host.settle").await.map_err(stale)?;
        Ok(tx.commit().await?)
    }

    /// One step: what was filed by now is settled, and of some others it is looked up where they lead and whose server
    /// that is.
    pub(crate) async fn hosts_step(&self) -> Result<Progress, AppError> {
        let now = self.inner.clock.now();
        let resting = *self.hosts_rest();
        if resting.is_some_and(|until| now < until && until - now <= REST) {
            return Ok(Progress::Idle);
        }
        let reader = self.inner.store.read();
        let filed = reader.unfiled_hosts_on_record(LOOKED_UP_AT_ONCE).await?;
        let open = reader.unresolved_hosts(now - ASK_AGAIN, LOOKED_UP_AT_ONCE).await?;
        if filed.is_empty() && open.is_empty() {
            *self.hosts_rest() = Some(now + REST);
            return Ok(Progress::Idle);
        }
        for mut host in filed {
            let settled = host.apply(UnfiledHostEvent::Settle(HostSettlement::Filed));
            settled.map_err(|error| AppError::Internal(error.to_string()))?;
            self.keep_host(host, "unfiled-host.settle").await?;
        }
        let server = self.inner.policy.name_server;
        let mut looks = JoinSet::new();
        for host in open {
            looks.spawn(async move { (where_it_leads(server, &host).await, host) });
        }
        let (mut asked, mut told) = (0_u64, 0_u64);
        while let Some(looked) = looks.join_next().await {
            let (leads_to, mut host) = looked.map_err(|error| AppError::Internal(error.to_string()))?;
            asked += 1;
            if (&host.leads_to, &leads_to) == (&LeadsTo::Unanswered, &LeadsTo::Unanswered) {
                let mut tx = self.inner.store.begin(Actor::System);
                tx.asked_again(&host).await?;
                tx.commit().await?;
                continue;
            }
            host.customer = None;
            if let LeadsTo::Addresses(addresses) = &leads_to {
                told += 1;
                host.customer = self.customer_at(addresses).await?;
            }
            host.leads_to = leads_to;
            self.keep_host(host, "unfiled-host.resolve").await?;
        }
        if asked > 0 && told == 0 {
            // It may be our own name server: the others need not all be asked in vain.
            *self.hosts_rest() = Some(now + REST);
        }
        Ok(Progress::Worked)
    }

    fn hosts_rest(&self) -> MutexGuard<'_, Option<DateTime<Utc>>> {
        self.inner.hosts_rest_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps it, unless somebody was quicker: then it is looked at again.
    async fn keep_host(&self, mut host: UnfiledHost, action: &'static str) -> Result<(), AppError> {
        let mut tx = self.inner.store.begin(Actor::System);
        match tx.update_unfiled_host(&mut host, action).await {
            Ok(()) => Ok(tx.commit().await?),
            Err(StoreError::Stale { .. }) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// Whose server is at one of these addresses: the newest, where an address was several customers'.
    async fn customer_at(&self, addresses: &[IpAddr]) -> Result<Option<HostCustomer>, AppError> {
        for address in addresses {
            if let Some(resource) = self.inner.store.read().resources_at(*address).await?.into_iter().next() {
                return Ok(Some(HostCustomer { account: resource.owner, resource: resource.reference }));
            }
        }
        Ok(None)
    }
}

/// Where a domain leads. The host is that of the log's first line, and anybody can ask for a name that is none: so the
/// domain and its usual name count, too. That it leads nowhere is known where all of them were told to.
async fn where_it_leads(server: NameServer, host: &UnfiledHost) -> LeadsTo {
    let domain = host.domain.as_ascii();
    let www = format!("www.{domain}");
    let others = [domain, &www].into_iter().filter(|name| *name != host.host);
    let mut nowhere = LeadsTo::Addresses(Vec::new());
    for name in [host.host.as_str()].into_iter().chain(others) {
        match dns::addresses(server, name).await {
            Addresses::Found(addresses) => return LeadsTo::Addresses(addresses),
            Addresses::None => {}
            Addresses::Unanswered(_) => nowhere = LeadsTo::Unanswered,
        }
    }
    nowhere
}

fn stale(error: StoreError) -> AppError {
    match error {
        StoreError::Stale { expected, .. } => AppError::Stale { expected },
        other => other.into(),
    }
}

/// The sums that end a report.
fn is_summary(line: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(line).is_ok_and(|value| value.get("summary").is_some())
}

fn notice(hosts: &[UnfiledHost]) -> NoticeEvent {
    let named: Vec<&str> = hosts.iter().take(NAMED).map(|host| host.domain.as_ascii()).collect();
    let more = hosts.len() - named.len();
    let (more_zh, more_en) = match more {
        0 => (String::new(), String::new()),
        more => (format!("\n……以及另外 {more} 个域名"), format!("\n… and {more} more")),
    };
    let names = named.join("\n");
    let count = hosts.len();
    NoticeEvent::General {
        subject: Text::new(
            format!("您的服务器上有 {count} 个域名未在我处备案"),
            format!("{count} domains on your servers are not filed through us"),
        ),
        body: Text::new(
            format!(
                "我们在访问日志中发现，以下域名解析到您的服务器，但没有通过我们备案：\n\n{names}{more_zh}\n\n\
                 未备案的网站不得提供服务（《非经营性互联网信息服务备案管理办法》第五条）。\
                 请为每个域名提交备案或新增接入；不再使用的，请停止解析。否则我们须关闭其访问。"
            ),
            format!(
                "In our access logs these domains lead to your servers, and are not filed through us:\n\n\
                 {names}{more_en}\n\n\
                 A website may not be served before it is filed (Measures for the Filing of Non-commercial Internet \
                 Information Services, article 5). Please file each of them, or add access to its filing; \
                 where a name is no longer used, stop its resolution. Otherwise we have to close them."
            ),
        ),
        link: Some("/".to_owned()),
    }
}
