//! A record: what is on it, and what can be done about it.

use askama::Template;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{FilingRecord, RecordOrder};
use beian_domain::{FilingKind, FilingPurpose, RecordState, Role, ServiceFilingNumber};

use super::drift::HealthView;
use super::home::OrderRow;
use super::rows::ConsequenceView;
use crate::error::Problem;
use crate::form::{order_path, posted};
use crate::visit::{Visit, encode, page};
use crate::wizard::{Answer, Section, Step, display, label};

/// A record in a list.
pub(crate) struct RecordRow {
    pub(crate) number: String,
    pub(crate) path: String,
    pub(crate) domain: String,
    pub(crate) name: String,
    pub(crate) state_key: String,
    pub(crate) class: &'static str,
    pub(crate) as_of: String,
}

impl RecordRow {
    pub(crate) fn new(visit: &Visit, record: &FilingRecord) -> Self {
        let number = record.service_number.to_string();
        Self {
            path: record_path(&record.service_number),
            number,
            domain: record.domain.as_unicode().to_owned(),
            name: record.service_name.clone(),
            state_key: format!("record-state-{}", record.state.slug()),
            class: match record.state {
                RecordState::Active => "good",
                RecordState::AccessEnded => "wait",
                RecordState::Cancelled => "quiet",
            },
            as_of: visit.moment(&record.as_of),
        }
    }
}

/// The address of a record.
pub(crate) fn record_path(number: &ServiceFilingNumber) -> String {
    format!("/records/{}", encode(&number.to_string()))
}

/// A heading, and below it names with their values.
type PartOnRecord = (String, Vec<(String, Vec<String>)>);

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage<'a> {
    visit: &'a Visit,
    row: RecordRow,
    sponsor_number: String,
    health: Option<HealthView>,
    sections: Vec<PartOnRecord>,
    others: Vec<RecordRow>,
    open: Option<OrderRow>,
    groups: Vec<Group>,
}

/// What can be begun, by its purpose.
struct Group {
    key: &'static str,
    kinds: Vec<KindView>,
}

struct KindView {
    slug: &'static str,
    label: String,
    text_key: String,
    consequences: Vec<ConsequenceView>,
}

/// A record.
pub(crate) async fn show(visit: Visit, Path(number): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number: ServiceFilingNumber = number.parse().map_err(|_| Problem::NotFound)?;
    let view = visit.app.record(user, &number).await?;
    let health = visit.app.record_health(user, &number).await?;
    let mut sections = Vec::new();
    if let Some(content) = &view.content {
        for section in [Section::Sponsor, Section::SponsorPrincipal, Section::Service] {
            let rows: Vec<(String, Vec<String>)> = Step::ALL
                .into_iter()
                .filter(|step| step.section() == section)
                .flat_map(|step| step.answers_in(content))
                .map(|answer: Answer| (label(answer, content, &visit), display(answer, content, &visit)))
                .filter(|(_, values)| !values.is_empty())
                .collect();
            sections.push((visit.of_kind(section.key(), content.service.kind), rows));
        }
    }
    let groups = [
        (FilingPurpose::Change, "record-change"),
        (FilingPurpose::Supplement, "record-supplement"),
        (FilingPurpose::Cancel, "record-cancel"),
    ]
    .into_iter()
    .map(|(purpose, key)| Group {
        key,
        kinds: view
            .kinds
            .iter()
            .filter(|(kind, _)| kind.purpose() == purpose)
            .map(|(kind, consequences)| KindView {
                slug: kind.slug(),
                label: visit.pick(&kind.label()).to_owned(),
                text_key: format!("record-kind-{}", kind.slug()),
                consequences: consequences.iter().map(|each| ConsequenceView::new(&visit, each)).collect(),
            })
            .collect(),
    })
    .filter(|group: &Group| !group.kinds.is_empty())
    .collect();
    page(&RecordPage {
        row: RecordRow::new(&visit, &view.record),
        sponsor_number: view.record.sponsor_number.to_string(),
        health: health.as_ref().map(|health| HealthView::new(&visit, &number, health)),
        sections,
        others: view.others.iter().map(|other| RecordRow::new(&visit, other)).collect(),
        open: view.open.as_ref().map(|open| OrderRow::new(&visit, open)),
        groups,
        visit: &visit,
    })
}

/// Begins an order about a record.
pub(crate) async fn begin(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number: ServiceFilingNumber = number.parse().map_err(|_| Problem::NotFound)?;
    let fields = posted(&visit, request).await?;
    let kind: FilingKind = fields.get("kind").parse().map_err(|_| Problem::Unreadable)?;
    go_on_with(&visit, &visit.app.begin_about_record(user, &number, kind).await?)
}

/// Leads on to the order about a record, or tells which other is open.
pub(super) fn go_on_with(visit: &Visit, begun: &RecordOrder) -> Result<Response, Problem> {
    match begun {
        RecordOrder::Begun(order) => Ok(Redirect::to(&order_path(&order.number, "/tasks")).into_response()),
        RecordOrder::Open(open) => {
            let page = super::start::open_page(visit, open)?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}
