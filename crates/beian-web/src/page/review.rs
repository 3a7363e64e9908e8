//! The review desk.

use askama::Template;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{AppError, OrderView};
use beian_domain::{OrderState, Pointer, ReturnedField, Role};

use super::home::{OrderRow, shown_domain};
use super::order_number;
use super::rows::{ConsequenceView, PaperRow, SectionRows, consequences, general_findings, papers, sections};
use crate::error::Problem;
use crate::finding::FindingView;
use crate::form::{ANSWER_LIMIT, Fields, RemedyAt, posted};
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "review_queue.html")]
struct QueuePage<'a> {
    visit: &'a Visit,
    orders: Vec<OrderRow>,
}

/// What waits for a decision, longest waiting first.
pub(crate) async fn queue(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Reviewer)?;
    let orders = visit.app.review_queue(user).await?;
    page(&QueuePage {
        orders: orders.iter().map(|order| OrderRow::new(&visit, order)).collect(),
        visit: &visit,
    })
}

#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage<'a> {
    visit: &'a Visit,
    remedy_at: Option<RemedyAt>,
    number: String,
    domain: String,
    kind: String,
    submitted: String,
    waiting: String,
    state: OrderState,
    revision: i64,
    consequences: Vec<ConsequenceView>,
    sections: Vec<SectionRows>,
    general: Vec<FindingView>,
    /// Every finding, gravest first, with its row: label and anchor.
    findings: Vec<(FindingView, Option<String>, String)>,
    papers: Vec<PaperRow>,
    undetermined: Vec<String>,
    rulebook_day: String,
    /// The principal's proof of who they are is lacking.
    needs_proof: bool,
    error: Option<String>,
    typed: Fields,
}

impl ReviewPage<'_> {
    fn state_key(&self) -> String {
        format!("order-state-{}", self.state.slug())
    }

    fn is_decidable(&self) -> bool {
        self.state.is_in_review()
    }

    fn is_ticked(&self, pointer: &str) -> bool {
        self.typed.all("return").contains(&pointer)
    }

    fn reason(&self, name: &str) -> &str {
        self.typed.get(&format!("reason-{name}"))
    }

    /// A reason is missing where a field was ticked.
    fn lacks_reason(&self, name: &str, pointer: &str) -> bool {
        self.error.is_some() && self.is_ticked(pointer) && self.reason(name).is_empty()
    }
}

/// An order with everything that a decision needs.
pub(crate) async fn show(visit: Visit, Path(number): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Reviewer)?;
    let view = visit.app.order(user, &order_number(&number)?).await?;
    page(&review_page(&visit, &view, None, Fields::default()))
}

/// Approves.
pub(crate) async fn approve(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Reviewer)?;
    let number = order_number(&number)?;
    let fields = posted(&visit, request).await?;
    match visit.app.approve_order(user, &number, fields.revision()?).await {
        Ok(()) => Ok(Redirect::to("/review").into_response()),
        Err(error @ (AppError::Unsendable(_) | AppError::SecondReviewer)) => {
            let key = match error {
                AppError::SecondReviewer => "review-second-reviewer",
                _ => "review-unsendable",
            };
            let view = visit.app.order(user, &number).await?;
            let page = page(&review_page(&visit, &view, Some(visit.t(key)), Fields::default()))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns, with a reason for each field.
pub(crate) async fn send_back(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Reviewer)?;
    let number = order_number(&number)?;
    let fields = posted(&visit, request).await?;
    let view = visit.app.order(user, &number).await?;
    let rows = sections(&visit, &view);
    let whole = ("whole".to_owned(), String::new());
    let known = rows
        .iter()
        .flat_map(|section| &section.rows)
        .map(|row| (row.name.clone(), row.pointer.clone()))
        .chain([whole]);
    let ticked = fields.all("return");
    let (mut returned, mut lacks_reason) = (Vec::new(), false);
    for (name, pointer) in known {
        let reason: String = fields.get(&format!("reason-{name}")).chars().take(ANSWER_LIMIT).collect();
        let is_ticked = ticked.contains(&pointer.as_str());
        match (is_ticked, reason.is_empty()) {
            (true, true) => lacks_reason = true,
            // Without a script a reason may be typed and the tick forgotten.
            (_, false) => returned.push(ReturnedField { pointer: Pointer(pointer.into()), reason }),
            (false, true) => {}
        }
    }
    if returned.is_empty() || lacks_reason {
        let text = visit.t(if lacks_reason { "review-reason-missing" } else { "review-nothing-returned" });
        let page = page(&review_page(&visit, &view, Some(text), fields))?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    visit.app.return_order(user, &number, fields.revision()?, returned).await?;
    Ok(Redirect::to("/review").into_response())
}

fn review_page<'a>(
    visit: &'a Visit,
    view: &OrderView,
    error: Option<String>,
    typed: Fields,
) -> ReviewPage<'a> {
    let order = &view.order;
    let sections = sections(visit, view);
    let general = general_findings(visit, view);
    let mut findings: Vec<(FindingView, Option<String>, String)> =
        general.iter().map(|finding| (finding.clone(), None, "general".to_owned())).collect();
    for row in sections.iter().flat_map(|section| &section.rows) {
        let label = Some(row.label.clone());
        findings
            .extend(row.findings.iter().map(|finding| (finding.clone(), label.clone(), row.name.clone())));
    }
    findings.sort_by_key(|(finding, ..)| std::cmp::Reverse(finding.severity));
    let submitted = order.submitted_at.unwrap_or(order.updated_at);
    ReviewPage {
        visit,
        remedy_at: None,
        number: order.number.to_string(),
        domain: shown_domain(order.case.service.domain.as_deref()),
        kind: visit.pick(&order.kind.label()).to_owned(),
        submitted: visit.moment(&submitted),
        waiting: visit.since(&submitted),
        state: order.state(),
        revision: order.revision,
        consequences: consequences(visit, view),
        papers: papers(visit, view),
        undetermined: view
            .verdict
            .undetermined
            .iter()
            .map(|gap| format!("{}{}{}", gap.code, visit.t("colon"), visit.pick(&gap.missing)))
            .collect(),
        needs_proof: view.lacks_proof_of_identity(),
        rulebook_day: visit.day(&view.verdict.day),
        sections,
        general,
        findings,
        error,
        typed,
    }
}
