//! Ranges in bulk, from a table.

use askama::Template;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use beian_app::MOST_ADDRESS_LINES;
use beian_domain::{AddressField, Role};

use crate::error::Problem;
use crate::form::posted_upload;
use crate::page::import::ReportRow;
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "addresses_import.html")]
struct ImportPage<'a> {
    visit: &'a Visit,
    /// Why the file was refused.
    error: Option<String>,
    report: Option<ImportView>,
    most_lines: i64,
    /// Every column: its name, and what it says.
    columns: Vec<(&'static str, String)>,
}

struct ImportView {
    summary: String,
    rows: Vec<ReportRow>,
}

impl<'a> ImportPage<'a> {
    fn new(visit: &'a Visit) -> Self {
        let fields = AddressField::ALL.map(|field| {
            let label = match field {
                AddressField::Unit => visit.t("address-unit"),
                field => visit.t(&format!("address-{}", field.slug())),
            };
            (field.slug(), label)
        });
        Self {
            visit,
            error: None,
            report: None,
            most_lines: i64::try_from(MOST_ADDRESS_LINES).unwrap_or(i64::MAX),
            columns: std::iter::once(("kind", visit.t("address-kind"))).chain(fields).collect(),
        }
    }
}

/// The form for a table, and what it holds.
pub(crate) async fn import(visit: Visit) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Operator)?;
    page(&ImportPage::new(&visit))
}

/// Keeps the ranges of a table as drafts, and reports line by line.
pub(crate) async fn bring(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let upload = posted_upload(&visit, request).await?;
    let mut shown = ImportPage::new(&visit);
    match visit.app.import_addresses(user, &upload.content).await? {
        Ok(report) => {
            let counts =
                [("import-kept", report.kept().count()), ("import-refused", report.refused().count())];
            let words: Vec<String> = counts
                .iter()
                .map(|(key, count)| format!("{}{}{count}", visit.t(key), visit.t("colon")))
                .collect();
            shown.report = Some(ImportView {
                summary: words.join(&visit.t("separator")),
                rows: report
                    .refused()
                    .map(|(line, refusal)| ReportRow::refused(&visit, line, refusal))
                    .collect(),
            });
            page(&shown)
        }
        Err(refusal) => {
            shown.error = Some(visit.with(&format!("import-{}", refusal.code()), refusal.got()));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
        }
    }
}
