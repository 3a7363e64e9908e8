//! The regulator's code tables: where they differ from ours, what they would change, and putting them into use.

use askama::Template;
use axum::extract::{Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{AppError, CodeTableKind, ComparedTable, TableStanding};
use beian_domain::Role;
use serde::Deserialize;

use super::impact::ImpactView;
use crate::error::Problem;
use crate::form::{Fields, posted};
use crate::visit::{Visit, encode, page};

#[derive(Template)]
#[template(path = "code_tables.html")]
struct CodeTablesPage<'a> {
    visit: &'a Visit,
    /// The set that is shown: its file and from when it is valid.
    shown: Option<(String, String)>,
    tables: Vec<TableRows>,
    files: Vec<FileRow>,
    /// What a table would change.
    impact: Option<ImpactView>,
    /// Why a table cannot judge, in the rulebook's own words.
    error: Option<String>,
    /// What was done a moment ago.
    done_key: Option<&'static str>,
}

struct TableRows {
    slug: &'static str,
    title_key: String,
    standing: TableStanding,
    codes: i64,
    rows: Vec<CodeRow>,
}

struct CodeRow {
    code: Option<u64>,
    theirs: String,
    ours: String,
}

struct FileRow {
    path: String,
    name: String,
    received: String,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    /// The regulator's file; without it the newest.
    file: Option<String>,
    /// Set after something was done.
    #[serde(default)]
    done: String,
}

/// The tables of a file with their differences.
pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let mut shown = CodeTablesPage::new(&visit, asked.file.as_deref()).await?;
    shown.done_key = match asked.done.as_str() {
        "taken-over" => Some("code-tables-taken-over"),
        "taken-back" => Some("code-tables-taken-back"),
        _ => None,
    };
    page(&shown)
}

/// Says what a table would change, and puts nothing into use.
pub(crate) async fn look(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let (file, kind) = named(&posted(&visit, request).await?)?;
    let tried = visit.app.try_code_table(user, &file, kind).await;
    let mut shown = CodeTablesPage::new(&visit, Some(&file)).await?;
    match tried {
        Ok(impact) => {
            let title = visit.with("code-table-trial", visit.t(&title_key(kind)));
            shown.impact = Some(ImpactView::new(&visit, title, &impact));
            page(&shown)
        }
        Err(error) => refused(shown, error),
    }
}

/// Puts a table into use.
pub(crate) async fn take_over(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let (file, kind) = named(&posted(&visit, request).await?)?;
    let taken = visit.app.take_over_code_table(user, &file, kind).await;
    after(&visit, &file, taken, "taken-over").await
}

/// Takes a table out of use.
pub(crate) async fn take_back(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let (file, kind) = named(&posted(&visit, request).await?)?;
    let taken = visit.app.take_back_code_table(user, &file, kind).await;
    after(&visit, &file, taken, "taken-back").await
}

/// The table that a form names.
fn named(typed: &Fields) -> Result<(String, CodeTableKind), Problem> {
    let kind = CodeTableKind::of_slug(typed.get("table")).ok_or(Problem::NotFound)?;
    Ok((typed.get("file").to_owned(), kind))
}

async fn after(
    visit: &Visit,
    file: &str,
    done: Result<(), AppError>,
    what: &str,
) -> Result<Response, Problem> {
    match done {
        Ok(()) => {
            let to = format!("/operator/code-tables?file={}&done={what}", encode(file));
            Ok(Redirect::to(&to).into_response())
        }
        Err(error) => refused(CodeTablesPage::new(visit, Some(file)).await?, error),
    }
}

fn refused(mut shown: CodeTablesPage<'_>, error: AppError) -> Result<Response, Problem> {
    let AppError::Rulebook(error) = error else { return Err(error.into()) };
    shown.error = Some(error.to_string());
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
}

fn title_key(kind: CodeTableKind) -> String {
    format!("code-table-{}", kind.slug())
}

impl<'a> CodeTablesPage<'a> {
    async fn new(visit: &'a Visit, file: Option<&str>) -> Result<Self, Problem> {
        let user = visit.signed_in_as(Role::Operator)?;
        let desk = visit.app.code_tables(user, file).await?;
        let tables = desk.shown.iter().flat_map(|shown| &shown.tables);
        Ok(Self {
            shown: desk.shown.as_ref().map(|shown| (shown.file.clone(), visit.day(&shown.valid_from))),
            tables: tables.map(|table| TableRows::new(visit, table)).collect(),
            files: desk
                .files
                .iter()
                .map(|(name, received)| FileRow {
                    path: format!("/operator/code-tables?file={}", encode(name)),
                    name: name.clone(),
                    received: visit.moment(received),
                })
                .collect(),
            impact: None,
            error: None,
            done_key: None,
            visit,
        })
    }
}

impl TableRows {
    fn new(visit: &Visit, table: &ComparedTable) -> Self {
        let none = || visit.t("code-table-none");
        Self {
            slug: table.kind.slug(),
            title_key: title_key(table.kind),
            standing: table.standing,
            codes: i64::try_from(table.codes).unwrap_or(i64::MAX),
            rows: table
                .differences
                .iter()
                .map(|difference| CodeRow {
                    code: difference.code,
                    theirs: difference.theirs.clone().unwrap_or_else(none),
                    ours: difference.ours.clone().unwrap_or_else(none),
                })
                .collect(),
        }
    }
}
