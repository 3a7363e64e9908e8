//! Filings in bulk: a table becomes draft orders (for an operator: records of an
//! older system), and an account's orders and records become a table.

use askama::Template;
use axum::extract::{Path, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use beian_app::{
    ImportReport, ImportedOrder, LineRefusal, MOST_FILING_LINES, TableContent, TableFormat, column_choices,
};
use beian_domain::{Role, ServiceFilingNumber};

use super::import::ReportRow;
use crate::error::Problem;
use crate::form::{
    ANSWER_LIMIT, Choice, Chosen, Control, FieldView, Fields, Group, Hidden, Line, More, QuestionPage,
    posted, posted_upload,
};
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "filings.html")]
struct FilingsPage<'a> {
    visit: &'a Visit,
    /// Whose page it is.
    side: Side,
    error: Option<String>,
    report: Option<TableReport>,
    most_lines: i64,
    columns: Vec<(String, String)>,
}

/// Who brings a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Filer,
    Operator,
}

impl Side {
    /// Where its form is sent.
    fn action(self) -> &'static str {
        match self {
            Self::Filer => "/filings/import",
            Self::Operator => "/operator/records",
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Filer => "/filings/template",
            Self::Operator => "/operator/records/template",
        }
    }

    fn is_filer(self) -> bool {
        self == Self::Filer
    }

    /// The stem of its texts.
    fn key(self, text: &str) -> String {
        match self {
            Self::Filer => format!("filings-{text}"),
            Self::Operator => format!("records-{text}"),
        }
    }
}

/// What came of a table.
struct TableReport {
    summary: String,
    kept: Vec<KeptRow>,
    refused: Vec<ReportRow>,
}

struct KeptRow {
    line: usize,
    reference: String,
    name: String,
    path: Option<String>,
    kind: String,
}

impl<'a> FilingsPage<'a> {
    fn new(visit: &'a Visit, side: Side) -> Self {
        let content = match side {
            Side::Filer => TableContent::Template,
            Side::Operator => TableContent::RecordTemplate,
        };
        let columns = content
            .columns()
            .into_iter()
            .map(|(name, heading)| (name.to_owned(), visit.pick(&heading).to_owned()))
            .collect();
        let most_lines = MOST_FILING_LINES as i64;
        Self { visit, side, error: None, report: None, most_lines, columns }
    }
}

impl TableReport {
    fn new<K>(
        visit: &Visit,
        report: &ImportReport<K>,
        kept: impl Fn(&K) -> (String, Option<String>, String),
    ) -> Self {
        let counts = [("import-kept", report.kept().count()), ("import-refused", report.refused().count())];
        let words: Vec<String> = counts
            .iter()
            .map(|(key, count)| format!("{}{}{count}", visit.t(key), visit.t("colon")))
            .collect();
        let refused: Vec<ReportRow> =
            report.refused().map(|(line, refusal)| ReportRow::refused(visit, line, refusal)).collect();
        Self {
            summary: words.join(&visit.t("separator")),
            kept: report
                .kept()
                .map(|(line, order)| {
                    let (name, path, kind) = kept(order);
                    KeptRow { line: line.line, reference: line.reference.clone(), name, path, kind }
                })
                .collect(),
            refused,
        }
    }
}

/// The form, and what a table holds.
pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Filer)?;
    page(&FilingsPage::new(&visit, Side::Filer))
}

/// Makes draft orders of a table and reports line by line.
pub(crate) async fn bring(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let upload = posted_upload(&visit, request).await?;
    let kept = |order: &ImportedOrder| {
        let path = format!("/orders/{}/tasks", order.number);
        (order.number.to_string(), Some(path), visit.pick(&order.kind.label()).to_owned())
    };
    let report = visit.app.import_filings(user, &upload.content).await?;
    answer(&visit, Side::Filer, report.map(|report| TableReport::new(&visit, &report, kept)))
}

/// The operator's form for records of an older system.
pub(crate) async fn show_records(visit: Visit) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Operator)?;
    page(&FilingsPage::new(&visit, Side::Operator))
}

/// Takes in records of an older system and reports line by line.
pub(crate) async fn bring_records(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let upload = posted_upload(&visit, request).await?;
    let kept = |number: &ServiceFilingNumber| (number.to_string(), None, String::new());
    let report = visit.app.import_records(user, &upload.content).await?;
    answer(&visit, Side::Operator, report.map(|report| TableReport::new(&visit, &report, kept)))
}

/// The form for one record of an older system.
pub(crate) async fn one_record(visit: Visit) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Operator)?;
    page(&record_page(&visit, &Fields::default(), None))
}

/// Takes in one record.
pub(crate) async fn keep_record(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let fields = posted(&visit, request).await?;
    let stated: Vec<(&'static str, String)> = TableContent::RecordTemplate
        .columns()
        .into_iter()
        .map(|(name, _)| (name, fields.get(name).chars().take(ANSWER_LIMIT + 1).collect()))
        .collect();
    match visit.app.import_record_fields(user, &stated).await? {
        Ok(number) => {
            let mut shown = record_page(&visit, &Fields::default(), None);
            shown.banner = Some(format!("{}{}{number}", visit.t("import-kept"), visit.t("colon")));
            page(&shown)
        }
        Err(refusal) => {
            let shown = record_page(&visit, &fields, Some(&refusal));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
        }
    }
}

fn record_page<'a>(visit: &'a Visit, typed: &Fields, refusal: Option<&LineRefusal>) -> QuestionPage<'a> {
    let error = |refusal: &LineRefusal| {
        let text = visit.with(&format!("import-{}", refusal.code()), refusal.got());
        match refusal.expected() {
            expected if expected.is_empty() => text,
            expected => format!(
                "{text}{}{}{}{expected}",
                visit.t("separator"),
                visit.t("import-expected"),
                visit.t("colon")
            ),
        }
    };
    let fields = TableContent::RecordTemplate.columns().into_iter().map(|(name, heading)| {
        let value = typed.get(name);
        let mut field = FieldView::line(name, visit.pick(&heading).to_owned(), None, value, Line::default());
        let choices = column_choices(name);
        if !choices.is_empty() {
            let none = Choice {
                value: String::new(),
                label: "—".to_owned(),
                hint: None,
                chosen: Chosen::of(value.is_empty()),
            };
            let known = choices.into_iter().map(|(slug, label)| Choice {
                value: slug.to_owned(),
                label: visit.pick(&label).to_owned(),
                hint: None,
                chosen: Chosen::of(value == slug),
            });
            let choices = std::iter::once(none).chain(known).collect();
            field.control = Control::Select(vec![Group { heading: String::new(), choices }]);
        }
        field.error = refusal.filter(|refusal| refusal.column() == Some(name)).map(error);
        field
    });
    QuestionPage {
        visit,
        title: visit.t("records-one-title"),
        caption: None,
        intro: vec![visit.t("records-one-text")],
        banner: None,
        back: Some("/operator/records".to_owned()),
        action: "/operator/records/new".to_owned(),
        fields: fields.collect(),
        hidden: Hidden::default(),
        button: visit.t("records-one-keep"),
        links: Vec::new(),
        general: refusal.filter(|refusal| refusal.column().is_none()).map(error).into_iter().collect(),
        more: More::default(),
        remedy_at: None,
        at_order: None,
    }
}

fn answer(
    visit: &Visit,
    side: Side,
    report: Result<TableReport, beian_app::ImportRefusal>,
) -> Result<Response, Problem> {
    let mut shown = FilingsPage::new(visit, side);
    match report {
        Ok(report) => {
            shown.report = Some(report);
            page(&shown)
        }
        Err(refusal) => {
            shown.error = Some(visit.with(&format!("import-{}", refusal.code()), refusal.got()));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
        }
    }
}

/// A table to begin with.
pub(crate) async fn template(visit: Visit, Path(format): Path<String>) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Filer)?;
    let format: TableFormat = format.parse().map_err(|_| Problem::NotFound)?;
    let file = visit.app.table_template(TableContent::Template, format, visit.language.picker())?;
    Ok(attached(TableContent::Template.slug(), format, file))
}

/// The same for records of an older system.
pub(crate) async fn record_template(visit: Visit, Path(format): Path<String>) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Operator)?;
    let format: TableFormat = format.parse().map_err(|_| Problem::NotFound)?;
    let file = visit.app.table_template(TableContent::RecordTemplate, format, visit.language.picker())?;
    Ok(attached(TableContent::RecordTemplate.slug(), format, file))
}

/// The account's orders or records as a table. A form, and no link: it is noted.
pub(crate) async fn export(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    let format: TableFormat = fields.get("format").parse().map_err(|_| Problem::Unreadable)?;
    let content = content_named(fields.get("what")).ok_or(Problem::Unreadable)?;
    let file = visit.app.export_table(user, content, format, visit.language.picker()).await?;
    Ok(attached(content.slug(), format, file))
}

/// What an account may take away as a table.
pub(crate) fn content_named(name: &str) -> Option<TableContent> {
    [TableContent::Orders, TableContent::Records].into_iter().find(|content| content.slug() == name)
}

/// A table as a file of its own.
pub(crate) fn attached(name: &str, format: TableFormat, file: Vec<u8>) -> Response {
    let name = format!("attachment; filename=\"beian-{name}.{}\"", format.extension());
    let headers =
        [(header::CONTENT_TYPE, format.media_type().to_owned()), (header::CONTENT_DISPOSITION, name)];
    (headers, file).into_response()
}
