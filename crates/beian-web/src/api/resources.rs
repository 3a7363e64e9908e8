//! Resources in bulk, kinds of accounts, authorization codes.

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use beian_app::{
    AppError, CodeView, HostReport, ImportRefusal, ImportReport, ImportedLine, LineOutcome, LineRefusal,
    MOST_IMPORT_BYTES, MOST_REPORT_BYTES, Reported,
};
use beian_domain::{AccountKind, LoginName, Role};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{FieldError, details, malformed, require_cloud};
use crate::error::Problem;
use crate::form::FORM_LIMIT;
use crate::security;
use crate::visit::Visit;

/// `POST /api/v1/resources/import`: resources in bulk, as CSV or XLSX. Answers with a
/// report of every line; a file that cannot be read changes nothing.
pub(super) async fn import(visit: Visit, request: Request) -> Result<Response, Problem> {
    require_cloud(&visit, &request)?;
    let file = security::read_body(request.into_body(), MOST_IMPORT_BYTES).await?;
    match visit.app.import_resources_of_cloud(&file).await? {
        Ok(report) => Ok(Json(report_json(&report)).into_response()),
        Err(refusal) => Ok(refused_file(&visit, &refusal)),
    }
}

/// `POST /api/v1/unfiled-hosts`: the findings of an audit, the JSON lines that `beian audit` writes. Answers with how many
/// are work now.
pub(super) async fn unfiled_hosts(visit: Visit, request: Request) -> Result<Response, Problem> {
    require_cloud(&visit, &request)?;
    let report = security::read_body(request.into_body(), MOST_REPORT_BYTES).await?;
    Ok(match visit.app.report_unfiled_hosts_of_cloud(&report).await? {
        Ok(HostReport { kept, filed, wrong }) => {
            Json(json!({ "kept": kept, "filed": filed, "wrong": wrong })).into_response()
        }
        Err(error) => details(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The report cannot be read; nothing was changed.",
            &[FieldError {
                code: "no-report",
                pointer: String::new(),
                detail: error.to_string(),
                expected: "JSON lines with domain, standing and lines".to_owned(),
                got: None,
            }],
        ),
    })
}

/// The answer to a file that is not read.
pub(super) fn refused_file(visit: &Visit, refusal: &ImportRefusal) -> Response {
    details(
        StatusCode::UNPROCESSABLE_ENTITY,
        "The file cannot be read; nothing was changed.",
        &[FieldError {
            code: refusal.code(),
            pointer: String::new(),
            detail: visit.language.with(&format!("import-{}", refusal.code()), refusal.got()),
            expected: "XLSX, or CSV in UTF-8 or GBK, with a heading as documented for this address"
                .to_owned(),
            got: Some(refusal.got()).filter(|got| !got.is_empty()),
        }],
    )
}

fn report_json(report: &ImportReport<Reported>) -> Value {
    json!({
        "created": report.count(Reported::Created),
        "updated": report.count(Reported::Updated),
        "unchanged": report.count(Reported::Unchanged),
        "older": report.count(Reported::Older),
        "refused": report.refused().count(),
        "lines": report.lines.iter().map(line_json).collect::<Vec<_>>(),
    })
}

fn line_json(line: &ImportedLine<Reported>) -> Value {
    match &line.outcome {
        LineOutcome::Kept(reported) => json!({
            "line": line.line,
            "reference": line.reference,
            "outcome": match reported {
                Reported::Created => "created",
                Reported::Updated => "updated",
                Reported::Unchanged => "unchanged",
                Reported::Older => "older",
            },
        }),
        LineOutcome::Refused(refusal) => refused_line(line.line, &line.reference, refusal),
    }
}

/// A line that is not kept.
pub(super) fn refused_line(line: usize, reference: &str, refusal: &LineRefusal) -> Value {
    json!({
        "line": line,
        "reference": reference,
        "outcome": "refused",
        "code": refusal.code(),
        "column": refusal.column(),
        "expected": refusal.expected(),
        "got": refusal.got(),
        "finding": refusal.finding(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindEvent {
    login: LoginName,
    kind: AccountKind,
}

/// `POST /api/v1/accounts/kind`: the provider's cloud says who stands behind an
/// account, by its real-name check. Saying it again changes nothing.
pub(super) async fn account_kind(visit: Visit, request: Request) -> Result<Response, Problem> {
    require_cloud(&visit, &request)?;
    let body = security::read_body(request.into_body(), FORM_LIMIT).await?;
    let event: KindEvent = match serde_json::from_slice(&body) {
        Ok(event) => event,
        Err(error) => return Ok(malformed(&error)),
    };
    match visit.app.report_account_kind(&event.login, event.kind).await {
        Ok(()) => Ok(Json(json!({ "login": event.login, "kind": event.kind })).into_response()),
        Err(AppError::NotFound) => Ok(details(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The report was not kept.",
            &[FieldError {
                code: "unknown-account",
                pointer: "/login".to_owned(),
                detail: "No account has this login name.".to_owned(),
                expected: "the login name of an account".to_owned(),
                got: None,
            }],
        )),
        Err(error) => Err(error.into()),
    }
}

/// `GET /api/v1/authorization-codes`: the codes that whoever is signed in issued
/// and was given.
pub(super) async fn codes(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let desk = visit.app.code_desk(user).await?;
    let list = |codes: &[CodeView]| codes.iter().map(code_json).collect::<Vec<_>>();
    Ok(Json(json!({ "issued": list(&desk.issued), "given": list(&desk.given) })).into_response())
}

pub(super) fn code_json(view: &CodeView) -> Value {
    json!({
        "id": view.code.id,
        "code": view.code.text.to_string(),
        "state": view.code.state.status(),
        "resource": view.resource,
        "issuer": view.issuer,
        "holder": view.holder,
        "remark": view.code.remark,
        "issued_at": view.code.issued_at,
    })
}
