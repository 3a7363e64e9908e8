//! What audits of the logs found: domains that are served here and not filed here, by customer.

use askama::Template;
use axum::extract::{Query, Request};
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{HostReport, HostsOfCustomer, LeadsTo, UnfiledHost};
use beian_domain::{AccountId, HostSettlement, Role, UnfiledHostId, UnfiledHostState};
use serde::Deserialize;

use crate::error::Problem;
use crate::form::{posted, posted_upload};
use crate::visit::{Visit, page};

const PATH: &str = "/operator/unfiled-hosts";

struct Row {
    id: UnfiledHostId,
    domain: String,
    /// Where it differs from the domain.
    host: Option<String>,
    standing: String,
    state: UnfiledHostState,
    lines: u64,
    last_seen: String,
    leads_to: String,
    revision: i64,
}

impl Row {
    fn new(visit: &Visit, host: &UnfiledHost) -> Self {
        let leads_to = match &host.leads_to {
            LeadsTo::NotLookedUp => visit.t("unfiled-host-unresolved"),
            LeadsTo::Unanswered => visit.t("unfiled-host-unanswered"),
            LeadsTo::Addresses(addresses) if addresses.is_empty() => visit.t("unfiled-host-nowhere"),
            LeadsTo::Addresses(addresses) => {
                let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                let resource = host.customer.as_ref().map(|customer| customer.resource.clone());
                resource.into_iter().chain([texts.join(" ")]).collect::<Vec<_>>().join(&visit.t("separator"))
            }
        };
        Self {
            id: host.id,
            domain: host.domain.as_unicode().to_owned(),
            host: Some(host.host.clone()).filter(|name| name != host.domain.as_ascii()),
            standing: visit.t(&format!("host-standing-{}", host.standing.slug())),
            state: host.state(),
            lines: host.lines,
            last_seen: host.last_seen.map(|at| visit.moment(&at)).unwrap_or_default(),
            leads_to,
            revision: host.revision,
        }
    }

    fn state_key(&self) -> String {
        format!("unfiled-host-state-{}", self.state.slug())
    }

    fn state_class(&self) -> &'static str {
        match self.state {
            UnfiledHostState::Open => "todo",
            UnfiledHostState::Told => "wait",
            UnfiledHostState::Settled(_) => "good",
        }
    }
}

struct Group {
    /// None for those that lead to no server of ours.
    account: Option<AccountId>,
    title: String,
    rows: Vec<Row>,
}

impl Group {
    fn new(visit: &Visit, found: &HostsOfCustomer) -> Self {
        let title = match &found.customer {
            Some((_, login)) => visit.with("unfiled-hosts-of", login),
            None => visit.t("unfiled-hosts-of-nobody"),
        };
        Self {
            account: found.customer.as_ref().map(|(account, _)| *account),
            title,
            rows: found.hosts.iter().map(|host| Row::new(visit, host)).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "unfiled_hosts.html")]
struct UnfiledHostsPage<'a> {
    visit: &'a Visit,
    error: Option<String>,
    banner: Option<String>,
    summary: String,
    groups: Vec<Group>,
    is_looking: bool,
    /// How many more there are than are shown.
    cut: Option<String>,
}

impl UnfiledHostsPage<'_> {
    fn choices(&self) -> [HostSettlement; 2] {
        HostSettlement::CHOICES
    }
}

#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    done: String,
    #[serde(default)]
    n: i64,
}

/// What is to be done, by customer.
pub(crate) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let banner = match asked.done.as_str() {
        "told" => Some(visit.count("unfiled-hosts-told", asked.n)),
        "settled" => Some(visit.t("unfiled-host-settled")),
        _ => None,
    };
    show(&visit, banner, None).await
}

async fn show(visit: &Visit, banner: Option<String>, error: Option<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let desk = visit.app.unfiled_hosts(user).await?;
    let shown: usize = desk.customers.iter().map(|group| group.hosts.len()).sum();
    let more = desk.open.saturating_sub(shown as u64);
    page(&UnfiledHostsPage {
        visit,
        error,
        banner,
        summary: [
            visit.count("unfiled-hosts-open", desk.open.cast_signed()),
            visit.count("unfiled-hosts-settled", desk.settled.cast_signed()),
        ]
        .join(&visit.t("separator")),
        groups: desk.customers.iter().map(|group| Group::new(visit, group)).collect(),
        is_looking: desk.unresolved,
        cut: (more > 0).then(|| visit.count("unfiled-hosts-cut", more.cast_signed())),
    })
}

/// Takes the report of an audit.
pub(crate) async fn bring(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let upload = posted_upload(&visit, request).await?;
    match visit.app.report_unfiled_hosts(user, &upload.content).await? {
        Ok(HostReport { kept, filed, wrong }) => {
            let counts = [("kept", kept), ("filed", filed), ("wrong", wrong)];
            let told: Vec<String> = counts
                .into_iter()
                .filter(|(word, count)| *count > 0 || *word == "kept")
                .map(|(word, count)| visit.count(&format!("unfiled-hosts-{word}"), count.cast_signed()))
                .collect();
            show(&visit, Some(told.join(&visit.t("separator"))), None).await
        }
        Err(_) => show(&visit, None, Some(visit.t("unfiled-hosts-no-report"))).await,
    }
}

/// Tells a customer.
pub(crate) async fn tell(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let fields = posted(&visit, request).await?;
    let account = fields.get("account").parse().map_err(|_| Problem::Unreadable)?;
    let count = visit.app.tell_unfiled(user, AccountId(account)).await?;
    Ok(Redirect::to(&format!("{PATH}?done=told&n={count}")).into_response())
}

/// What the button of a row says: how, which, and as it was seen.
fn pressed(value: &str) -> Option<(HostSettlement, UnfiledHostId, i64)> {
    let mut words = value.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let slug = word();
    let settlement = HostSettlement::CHOICES.into_iter().find(|choice| choice.slug() == slug)?;
    Some((settlement, UnfiledHostId(word().parse().ok()?), word().parse().ok()?))
}

/// Settles one.
pub(crate) async fn settle(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let fields = posted(&visit, request).await?;
    let (settlement, id, revision) = pressed(fields.get("settle")).ok_or(Problem::Unreadable)?;
    visit.app.settle_unfiled_host(user, id, revision, settlement).await?;
    Ok(Redirect::to(&format!("{PATH}?done=settled")).into_response())
}
