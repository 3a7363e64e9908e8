//! The regulator's code tables, and where they differ from ours.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use beian_app::{CodeTableSet, ComparedTable};
use beian_domain::Role;
use serde::Deserialize;

use crate::error::Problem;
use crate::visit::{Visit, encode, page};

#[derive(Template)]
#[template(path = "code_tables.html")]
struct CodeTablesPage<'a> {
    visit: &'a Visit,
    /// The set that is shown: its file and from when it is valid.
    shown: Option<(String, String)>,
    tables: Vec<TableRows>,
    files: Vec<FileRow>,
}

struct TableRows {
    title_key: String,
    codes: i64,
    rows: Vec<CodeRow>,
}

struct CodeRow {
    code: u64,
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
}

/// The tables of a file with their differences.
pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let desk = visit.app.code_tables(user, asked.file.as_deref()).await?;
    let tables = desk.shown.iter().flat_map(|shown: &CodeTableSet| &shown.tables);
    page(&CodeTablesPage {
        shown: desk.shown.as_ref().map(|shown| (shown.file.clone(), visit.day(&shown.valid_from))),
        tables: tables.map(|table| TableRows::new(&visit, table)).collect(),
        files: desk
            .files
            .iter()
            .map(|(name, received)| FileRow {
                path: format!("/operator/code-tables?file={}", encode(name)),
                name: name.clone(),
                received: visit.moment(received),
            })
            .collect(),
        visit: &visit,
    })
}

impl TableRows {
    fn new(visit: &Visit, table: &ComparedTable) -> Self {
        let none = || visit.t("code-table-none");
        Self {
            title_key: format!("code-table-{}", table.kind.slug()),
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
