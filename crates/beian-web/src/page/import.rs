//! The operator's desk: resources from a file, and who stands behind an account.

use askama::Template;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use beian_app::{
    AppError, ImportReport, ImportedLine, LineOutcome, LineRefusal, MOST_IMPORT_LINES, Reported,
    column_heading,
};
use beian_domain::{AccountKind, LoginName, Role};

use crate::error::Problem;
use crate::form::{posted, posted_upload};
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage<'a> {
    visit: &'a Visit,
    /// Why the file or the form was refused.
    error: Option<String>,
    banner: Option<String>,
    report: Option<ReportView>,
    most_lines: usize,
    login: String,
}

struct ReportView {
    summary: String,
    rows: Vec<ReportRow>,
    /// How many more lines are not kept than are listed.
    cut: Option<String>,
}

/// A line that does not count, and why.
pub(crate) struct ReportRow {
    pub(crate) line: usize,
    pub(crate) reference: String,
    pub(crate) column: String,
    pub(crate) text: String,
    pub(crate) expected: String,
}

impl ReportRow {
    pub(crate) fn refused<K>(visit: &Visit, line: &ImportedLine<K>, refusal: &LineRefusal) -> Self {
        let text = visit.with(&format!("import-{}", refusal.code()), refusal.got());
        let text = match refusal.finding() {
            Some(finding) => format!("{text}{}{}", visit.t("colon"), visit.pick(finding)),
            None => text,
        };
        // Columns of resources have no heading but their name.
        let column = refusal.column().unwrap_or("—");
        let heading = column_heading(column).map(|heading| visit.pick(&heading).to_owned());
        Self {
            line: line.line,
            reference: line.reference.clone(),
            column: heading.unwrap_or_else(|| column.to_owned()),
            text,
            expected: refusal.expected(),
        }
    }
}

/// How many refused lines are listed; the API tells all.
const MOST_ROWS: usize = 500;

impl<'a> ImportPage<'a> {
    fn new(visit: &'a Visit) -> Self {
        Self {
            visit,
            error: None,
            banner: None,
            report: None,
            most_lines: MOST_IMPORT_LINES,
            login: String::new(),
        }
    }
}

impl ReportView {
    fn new(visit: &Visit, report: &ImportReport<Reported>) -> Self {
        let refused = report.refused().count();
        let counts = [
            (visit.t("import-created"), report.count(Reported::Created)),
            (visit.t("import-updated"), report.count(Reported::Updated)),
            (visit.t("import-unchanged"), report.count(Reported::Unchanged)),
            (visit.t("import-older"), report.count(Reported::Older)),
            (visit.t("import-refused"), refused),
        ];
        let (colon, separator) = (visit.t("colon"), visit.t("separator"));
        let summary: Vec<String> =
            counts.iter().map(|(word, count)| format!("{word}{colon}{count}")).collect();
        let older = report.lines.iter().filter(|line| line.outcome == LineOutcome::Kept(Reported::Older));
        let older = older.map(|line| ReportRow {
            line: line.line,
            reference: line.reference.clone(),
            column: "at".to_owned(),
            text: visit.t("import-older-text"),
            expected: String::new(),
        });
        let rows: Vec<ReportRow> = report
            .refused()
            .map(|(line, refusal)| {
                let column = refusal.column().unwrap_or("—").to_owned();
                ReportRow { column, ..ReportRow::refused(visit, line, refusal) }
            })
            .chain(older)
            .take(MOST_ROWS)
            .collect();
        let more = (refused + report.count(Reported::Older)).saturating_sub(rows.len());
        let cut = (more > 0).then(|| visit.count("import-cut", more as i64));
        Self { summary: summary.join(&separator), rows, cut }
    }
}

/// The form, and how a file looks.
pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Operator)?;
    page(&ImportPage::new(&visit))
}

/// Takes a file and reports line by line.
pub(crate) async fn bring(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let upload = posted_upload(&visit, request).await?;
    let mut shown = ImportPage::new(&visit);
    match visit.app.import_resources(user, &upload.content).await? {
        Ok(report) => {
            shown.report = Some(ReportView::new(&visit, &report));
            page(&shown)
        }
        Err(refusal) => {
            shown.error = Some(visit.with(&format!("import-{}", refusal.code()), refusal.got()));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
        }
    }
}

/// Keeps who stands behind an account.
pub(crate) async fn account_kind(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let fields = posted(&visit, request).await?;
    let mut shown = ImportPage::new(&visit);
    shown.login = fields.get("login").chars().take(100).collect();
    let kind: AccountKind = fields.get("kind").parse().map_err(|_| Problem::Unreadable)?;
    let known = match fields.get("login").parse::<LoginName>() {
        Ok(login) => visit.app.set_account_kind(user, &login, kind).await,
        Err(_) => Err(AppError::NotFound),
    };
    match known {
        Ok(()) => {
            let kind = visit.t(&format!("account-kind-{}", kind.slug()));
            shown.banner = Some(format!("{}{}{kind}", shown.login, visit.t("colon")));
            page(&shown)
        }
        Err(AppError::NotFound) => {
            shown.error = Some(visit.t("account-kind-unknown"));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
