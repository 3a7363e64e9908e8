//! Checking the answers, and handing them in.

use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{OrderView, Submission, User};
use beian_domain::Role;
use serde::Deserialize;

use super::order_number;
use super::readings::ReadingView;
use super::rows::{ConsequenceView, PaperRow, SectionRows, consequences, general_findings, papers, sections};
use super::typed::AtOrder;
use crate::error::Problem;
use crate::finding::FindingView;
use crate::form::{RemedyAt, order_path, posted};
use crate::plan::PlanView;
use crate::visit::{Visit, page};
use crate::wizard::Step;

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage<'a> {
    visit: &'a Visit,
    remedy_at: Option<RemedyAt>,
    number: String,
    domain: String,
    kind: String,
    revision: i64,
    consequences: Vec<ConsequenceView>,
    sections: Vec<SectionRows>,
    general: Vec<FindingView>,
    /// What stands in the way: title and anchor.
    errors: Vec<(String, String)>,
    warnings: usize,
    /// What could not be judged, and why.
    undetermined: Vec<String>,
    papers: Vec<PaperRow>,
    /// The way to a number, if something stands in the way.
    plan: Option<PlanView>,
    /// What came of the answer before.
    told: Option<String>,
    /// The declaration was not made.
    undeclared: Option<String>,
    /// Pages on which something is typed that is not handed in: title and address.
    unfinished: Vec<(String, String)>,
    /// Photographs on which something else was read than was typed: what, and their addresses.
    misread: Vec<(String, String)>,
    at_order: AtOrder,
}

/// Every answer with every finding.
pub(crate) async fn show(
    visit: Visit,
    Path(number): Path<String>,
    Query(before): Query<Before>,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let view = visit.app.order_with_plan(user, &number).await?;
    if !view.order.state().is_editable() {
        return Ok(Redirect::to(&order_path(&number, "")).into_response());
    }
    let mut shown = check_page(&visit, &view, None);
    look_around(&visit, user, &view, &mut shown).await?;
    shown.told = super::tasks::told(&visit, before.told.as_deref());
    page(&shown)
}

#[derive(Deserialize, Default)]
pub(crate) struct Before {
    /// What is told of the answer before, by its key.
    #[serde(default)]
    told: Option<String>,
}

/// Hands the order in.
pub(crate) async fn submit(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let fields = posted(&visit, request).await?;
    if fields.get("declared") != "yes" {
        let view = visit.app.order_with_plan(user, &number).await?;
        if !view.order.state().is_editable() {
            return Ok(Redirect::to(&order_path(&number, "")).into_response());
        }
        let mut shown = check_page(&visit, &view, Some(visit.t("check-undeclared")));
        look_around(&visit, user, &view, &mut shown).await?;
        let page = page(&shown)?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    match visit.app.submit_order(user, &number, fields.revision()?).await {
        Ok(Submission::Submitted) => Ok(Redirect::to(&order_path(&number, "")).into_response()),
        Ok(Submission::HasErrors(_)) => {
            let view = visit.app.order_with_plan(user, &number).await?;
            let mut shown = check_page(&visit, &view, None);
            look_around(&visit, user, &view, &mut shown).await?;
            let page = page(&shown)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(Problem::from(error).at(&number)),
    }
}

/// Adds what does not follow from the order alone.
async fn look_around(
    visit: &Visit,
    user: &User,
    view: &OrderView,
    shown: &mut CheckPage<'_>,
) -> Result<(), Problem> {
    let order = &view.order;
    let title = |step: Step| (step.task(visit, order.case.service.kind), step.path(&order.number));
    shown.unfinished = super::typed::unfinished(visit, user, order).await?.into_iter().map(title).collect();
    for reading in visit.app.certificate_readings(user, view).await? {
        let step = Step::Material(reading.purpose);
        let label = visit.pick(&reading.purpose.label()).to_owned();
        let doubts = ReadingView::new(visit, &reading).doubts.into_iter();
        let said =
            doubts.map(|doubt| (format!("{label}{}{doubt}", visit.t("colon")), step.path(&order.number)));
        shown.misread.extend(said);
    }
    Ok(())
}

fn check_page<'a>(visit: &'a Visit, view: &OrderView, undeclared: Option<String>) -> CheckPage<'a> {
    let sections = sections(visit, view);
    let general = general_findings(visit, view);
    let mut errors: Vec<(String, String)> = general
        .iter()
        .filter(|finding| finding.is_error())
        .map(|finding| (finding.title.clone(), "general".to_owned()))
        .collect();
    for row in sections.iter().flat_map(|section| &section.rows) {
        for finding in row.findings.iter().filter(|finding| finding.is_error()) {
            let text = match row.open_question() {
                Some(key) => visit.with(key, &row.label),
                None => format!("{}{}{}", row.label, visit.t("colon"), finding.title),
            };
            errors.push((text, row.name.clone()));
        }
    }
    let order = &view.order;
    CheckPage {
        visit,
        remedy_at: Some(RemedyAt::order(&order.number, order.revision, "check")),
        number: order.number.to_string(),
        domain: super::home::shown_domain(order.case.service.domain.as_deref()),
        kind: visit.kind_of_filing(order.kind, order.case.service.kind),
        revision: order.revision,
        consequences: consequences(visit, view),
        warnings: view.verdict.diagnostics.len() - view.verdict.errors().count(),
        undetermined: view
            .verdict
            .undetermined
            .iter()
            .map(|gap| format!("{}{}{}", gap.code, visit.t("colon"), visit.pick(&gap.missing)))
            .collect(),
        papers: papers(visit, view),
        plan: if errors.is_empty() { None } else { PlanView::of_order(visit, view) },
        sections,
        general,
        errors,
        told: None,
        undeclared,
        unfinished: Vec::new(),
        misread: Vec::new(),
        at_order: AtOrder::reading(visit, order, "check"),
    }
}
