//! The audit trail, for the audit administrator: to be searched, and its chain to be verified.

use askama::Template;
use axum::extract::{Query, Request};
use axum::response::Response;
use beian_app::AuditReport;
use beian_domain::Role;
use serde::Deserialize;

use crate::error::Problem;
use crate::form::posted;
use crate::visit::{Visit, encode, page};

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage<'a> {
    visit: &'a Visit,
    search: String,
    next: Option<String>,
    entries: Vec<EntryRow>,
    /// What a walk along the chain found, if one was asked for: the class of the banner, and the text.
    verified: Option<(&'static str, String)>,
}

struct EntryRow {
    sequence: i64,
    at: String,
    actor: String,
    action: String,
    subject: String,
    detail: String,
}

/// What is looked for in the trail.
#[derive(Deserialize, Default)]
pub(crate) struct TrailQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    before: Option<i64>,
}

/// Who did what.
pub(crate) async fn show(visit: Visit, Query(query): Query<TrailQuery>) -> Result<Response, Problem> {
    page(&audit_page(&visit, query).await?)
}

/// Whether the chain of the trail is whole.
pub(crate) async fn verify(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::AuditAdministrator)?;
    posted(&visit, request).await?;
    let verified = match visit.app.verify_audit(user).await? {
        AuditReport::Intact { entries } => {
            ("", visit.count("audit-intact", i64::try_from(entries).unwrap_or(i64::MAX)))
        }
        AuditReport::Broken { sequence } => (" bad", visit.count("audit-broken", sequence)),
    };
    page(&AuditPage { verified: Some(verified), ..audit_page(&visit, TrailQuery::default()).await? })
}

async fn audit_page(visit: &Visit, query: TrailQuery) -> Result<AuditPage<'_>, Problem> {
    let user = visit.signed_in_as(Role::AuditAdministrator)?;
    let search: String = query.q.trim().chars().take(100).collect();
    let found = visit.app.audit(user, &search, query.before).await?;
    Ok(AuditPage {
        next: found.next.map(|next| format!("/audit/trail?q={}&before={next}", encode(&search))),
        search,
        entries: found
            .entries
            .into_iter()
            .map(|entry| EntryRow {
                sequence: entry.sequence,
                at: visit.moment(&entry.at),
                actor: actor(visit, &entry.actor),
                action: entry.action,
                subject: entry.subject,
                detail: if entry.detail.as_object().is_some_and(serde_json::Map::is_empty) {
                    String::new()
                } else {
                    entry.detail.to_string()
                },
            })
            .collect(),
        verified: None,
        visit,
    })
}

fn actor(visit: &Visit, actor: &beian_app::Actor) -> String {
    use beian_app::Actor as A;
    match actor {
        // The first part of an identifier tells two people apart and no more.
        A::Account(id) => visit.with("actor-account", id.0.to_string().chars().take(13).collect::<String>()),
        A::Cloud => visit.t("actor-cloud"),
        A::Bridge => visit.t("actor-bridge"),
        A::System => visit.t("actor-system"),
        A::Anonymous => visit.t("actor-anonymous"),
    }
}
