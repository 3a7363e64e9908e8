//! Authorization codes (备案授权码): those that an account issued, and those
//! that it was given.

use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{CodeDesk, CodeRequest, CodeView, IssueRefusal, REMARK_LIMIT};
use beian_domain::{AccountKind, AuthorizationCodeId, CodeRefusal, CodeStatus, Resource, Role};
use serde::Deserialize;

use crate::error::Problem;
use crate::form::{Fields, posted};
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "codes.html")]
struct CodesPage<'a> {
    visit: &'a Visit,
    is_company: bool,
    /// What was wrong with what was posted, and the field.
    error: Option<(String, &'static str)>,
    /// What was done, or why it was not.
    banner: Option<String>,
    issued: Vec<CodeRow>,
    given: Vec<CodeRow>,
    /// Resources that can have a code.
    offers: Vec<(String, String)>,
    /// Those that cannot, and why.
    others: Vec<(String, String)>,
    resource: String,
    holder: String,
    remark: String,
    remark_limit: usize,
}

struct CodeRow {
    id: String,
    code: String,
    resource: String,
    /// The other account.
    account: String,
    remark: String,
    state_key: &'static str,
    class: &'static str,
    issued: String,
    can_be_revoked: bool,
}

impl CodeRow {
    fn new(visit: &Visit, view: &CodeView, account: String) -> Self {
        let status = view.code.state.status();
        let (state_key, class) = match status {
            CodeStatus::Unused => ("code-state-unused", "good"),
            CodeStatus::Held => ("code-state-held", "wait"),
            CodeStatus::Used => ("code-state-used", "quiet"),
            CodeStatus::Expired => ("code-state-expired", "bad"),
            CodeStatus::Revoked => ("code-state-revoked", "quiet"),
        };
        Self {
            id: view.code.id.0.to_string(),
            code: view.code.text.to_string(),
            resource: view.resource.clone(),
            account,
            remark: view.code.remark.clone(),
            state_key,
            class,
            issued: visit.moment(&view.code.issued_at),
            can_be_revoked: view.code.state.usage() == Some(&beian_domain::CodeUse::Unused),
        }
    }
}

impl<'a> CodesPage<'a> {
    fn new(visit: &'a Visit, desk: &CodeDesk) -> Self {
        let label = |resource: &Resource| match resource.public_address {
            Some(address) => format!("{} · {address}", resource.reference),
            None => resource.reference.clone(),
        };
        let (mut offers, mut others) = (Vec::new(), Vec::new());
        for (resource, answer) in &desk.resources {
            match answer {
                Ok(()) => offers.push((resource.reference.clone(), label(resource))),
                Err(refusal) => others.push((label(resource), refusal_text(visit, refusal))),
            }
        }
        Self {
            visit,
            is_company: desk.kind == AccountKind::Enterprise,
            error: None,
            banner: None,
            issued: desk
                .issued
                .iter()
                .map(|view| CodeRow::new(visit, view, view.holder.to_string()))
                .collect(),
            given: desk.given.iter().map(|view| CodeRow::new(visit, view, view.issuer.to_string())).collect(),
            offers,
            others,
            resource: String::new(),
            holder: String::new(),
            remark: String::new(),
            remark_limit: REMARK_LIMIT,
        }
    }

    fn error_at(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(_, at)| *at == field).map(|(text, _)| text.as_str())
    }
}

/// Why no code is issued, for people.
fn refusal_text(visit: &Visit, refusal: &IssueRefusal) -> String {
    let text = visit.t(&format!("code-refusal-{}", refusal.code()));
    match refusal {
        IssueRefusal::Unqualified { failed } => {
            let each = failed.iter().map(|condition| {
                let (name, fix) = (visit.pick(&condition.name), visit.pick(&condition.fix));
                format!("{name}{}{} → {fix}", visit.t("colon"), condition.got)
            });
            format!("{text}{}{}", visit.t("colon"), each.collect::<Vec<_>>().join(&visit.t("separator")))
        }
        IssueRefusal::TooOften { until } => format!("{text} {}", visit.moment(until)),
        IssueRefusal::NoMore { most } => format!("{text} ({most})"),
        _ => text,
    }
}

#[derive(Deserialize, Default)]
pub(crate) struct Done {
    /// What was done a moment ago.
    #[serde(default)]
    done: String,
}

/// The codes of an account, and a form for another one.
pub(crate) async fn show(visit: Visit, Query(done): Query<Done>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let desk = visit.app.code_desk(user).await?;
    let mut shown = CodesPage::new(&visit, &desk);
    shown.banner = match done.done.as_str() {
        "issued" => Some(visit.t("code-issued")),
        "revoked" => Some(visit.t("code-revoked")),
        _ => None,
    };
    page(&shown)
}

/// Issues one.
pub(crate) async fn issue(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields: Fields = posted(&visit, request).await?;
    let text = |name: &str| fields.get(name).chars().take(1_000).collect::<String>();
    let request = CodeRequest { resource: text("resource"), holder: text("holder"), remark: text("remark") };
    let refusal = match visit.app.issue_code(user, request.clone()).await? {
        Ok(_) => return Ok(Redirect::to("/codes?done=issued").into_response()),
        Err(refusal) => refusal,
    };
    let desk = visit.app.code_desk(user).await?;
    let mut shown = CodesPage::new(&visit, &desk);
    shown.error = Some((refusal_text(&visit, &refusal), refusal.field()));
    (shown.resource, shown.holder, shown.remark) = (request.resource, request.holder, request.remark);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
}

/// Takes one back.
pub(crate) async fn revoke(
    visit: Visit,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    posted(&visit, request).await?;
    let code = code.parse().map(AuthorizationCodeId).map_err(|_| Problem::NotFound)?;
    let refusal = match visit.app.revoke_code(user, code).await? {
        // Twice is once.
        Ok(()) | Err(CodeRefusal::Revoked) => return Ok(Redirect::to("/codes?done=revoked").into_response()),
        Err(refusal) => refusal,
    };
    let desk = visit.app.code_desk(user).await?;
    let mut shown = CodesPage::new(&visit, &desk);
    shown.banner = Some(match refusal {
        CodeRefusal::UsedFor(service) => visit.with("code-stays-used", service),
        _ => visit.t("code-stays-held"),
    });
    Ok((StatusCode::CONFLICT, page(&shown)?).into_response())
}
