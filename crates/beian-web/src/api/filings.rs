//! Filings and records in bulk, and an account's archive.

use axum::Json;
use axum::extract::{Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use beian_app::{
    ImportReport, ImportedRecord, LineOutcome, MOST_IMPORT_BYTES, Secret, SignInError, TableContent,
    TableFormat,
};
use beian_domain::{Case, RegulatorIds, Role, ServiceFilingNumber};
use serde::Deserialize;
use serde_json::{Value, json};

use super::resources::{refused_file, refused_line};
use super::{FieldError, body_as, details, writer};
use crate::error::Problem;
use crate::page::{attached, content_named, streamed};
use crate::security;
use crate::visit::Visit;

/// `POST /api/v1/filings/import`: draft orders in bulk, as CSV or XLSX. Answers with
/// a report of every line; a file that cannot be read changes nothing.
pub(super) async fn import(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let file = security::read_body(request.into_body(), MOST_IMPORT_BYTES).await?;
    let report = visit.app.import_filings(user, &file).await?;
    Ok(match report {
        Ok(report) => {
            Json(report_json(&report, |order| json!({ "order": order.number, "kind": order.kind })))
                .into_response()
        }
        Err(refusal) => refused_file(&visit, &refusal),
    })
}

/// `POST /api/v1/records/import`: records of an older system in bulk, by an operator.
pub(super) async fn import_records(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Operator)?;
    let file = security::read_body(request.into_body(), MOST_IMPORT_BYTES).await?;
    let report = visit.app.import_records(user, &file).await?;
    Ok(match report {
        Ok(report) => Json(report_json(&report, |number| json!({ "record": number }))).into_response(),
        Err(refusal) => refused_file(&visit, &refusal),
    })
}

fn report_json<K>(report: &ImportReport<K>, kept: impl Fn(&K) -> Value) -> Value {
    let line = |line: &beian_app::ImportedLine<K>| match &line.outcome {
        LineOutcome::Kept(made) => json!({
            "line": line.line, "reference": line.reference, "outcome": "kept", "made": kept(made),
        }),
        LineOutcome::Refused(refusal) => refused_line(line.line, &line.reference, refusal),
    };
    json!({
        "kept": report.kept().count(),
        "refused": report.refused().count(),
        "lines": report.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordBody {
    service_number: ServiceFilingNumber,
    case: Case,
    #[serde(default)]
    ids: Option<RegulatorIds>,
}

/// `POST /api/v1/records`: a record of an older system, by an operator. Nobody holds
/// it until it is claimed.
pub(super) async fn keep_record(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Operator)?;
    let body: RecordBody = match body_as(request).await? {
        Ok(body) => body,
        Err(refusal) => return Ok(refusal),
    };
    let number = body.service_number.clone();
    let record = ImportedRecord { service_number: body.service_number, content: body.case, ids: body.ids };
    Ok(match visit.app.import_record(user, record).await? {
        Ok(()) => (StatusCode::CREATED, Json(json!({ "service_number": number }))).into_response(),
        Err(refusal) => details(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The record was not kept.",
            &[FieldError {
                code: refusal.code(),
                pointer: refusal.column().map(|column| format!("/{column}")).unwrap_or_default(),
                detail: visit.language.with(&format!("import-{}", refusal.code()), refusal.got()),
                expected: refusal.expected(),
                got: Some(refusal.got()).filter(|got| !got.is_empty()),
            }],
        ),
    })
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    format: String,
    #[serde(default)]
    what: String,
}

/// `GET /api/v1/filings/template?format=`: a table to begin with.
pub(super) async fn template(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Filer)?;
    let format: TableFormat = wanted.format.parse().map_err(|_| Problem::Unreadable)?;
    let file = visit.app.table_template(TableContent::Template, format, visit.language.picker())?;
    Ok(attached(TableContent::Template.slug(), format, file))
}

/// `GET /api/v1/filings/export?what=&format=`: the account's orders or records, noted
/// in the audit trail.
pub(super) async fn export(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let format: TableFormat = wanted.format.parse().map_err(|_| Problem::Unreadable)?;
    let content = content_named(&wanted.what).ok_or(Problem::Unreadable)?;
    let file = visit.app.export_table(user, content, format, visit.language.picker()).await?;
    Ok(attached(content.slug(), format, file))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArchiveBody {
    password: String,
}

/// `POST /api/v1/archive`: everything that is kept of the account, for who says its
/// password again.
pub(super) async fn archive(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: ArchiveBody = match body_as(request).await? {
        Ok(body) => body,
        Err(refusal) => return Ok(refusal),
    };
    match visit.app.archive(user, Secret::new(body.password)).await {
        Ok(archive) => Ok(streamed(archive)),
        Err(SignInError::App(error)) => Err(error.into()),
        Err(SignInError::Locked { minutes }) => Err(Problem::TooOften { seconds: minutes * 60 }),
        Err(_) => Ok(details(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The archive was not made.",
            &[FieldError {
                code: "wrong-password",
                pointer: "/password".to_owned(),
                detail: visit.t("archive-wrong-password"),
                expected: "the password of whoever is signed in".to_owned(),
                got: None,
            }],
        )),
    }
}
