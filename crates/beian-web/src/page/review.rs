//! An order at the review desk: everything on one page, and the decision.

use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{
    AppError, Comparison, End, EvidenceContent, KeptEvidence, Order, ReadingOutcome, RegisterExtract,
    ReviewCall, ReviewCase, SiteDemand, SiteExtract, SiteFit, SiteState, User,
};
use beian_domain::{
    CallOutcome, CallParty, EvidenceKind, LoginName, OrderNumber, OrderState, Pointer, ReturnedField, Role,
};
use serde::Deserialize;

use super::desk::{problem_of, standard_reason};
use super::home::shown_domain;
use super::order::timeline_key;
use super::order_number;
use super::readings::ReadingView;
use super::rows::{ConsequenceView, PaperRow, Row, consequences, general_findings, papers, sections};
use crate::error::Problem;
use crate::finding::FindingView;
use crate::form::{ANSWER_LIMIT, Fields, RemedyAt, posted};
use crate::visit::{Visit, page};

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
    /// The answers.
    sections: Vec<DeskSection>,
    /// The pictures, beside the answers.
    pictures: Vec<DeskRow>,
    /// Nobody reads the pictures of certificates here.
    is_unread: bool,
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
    /// The order that was decided just now.
    decided: Option<String>,
    due: String,
    due_class: &'static str,
    holder: Option<String>,
    is_mine: bool,
    endorsed: bool,
    colleagues: Vec<String>,
    signals: Vec<SignalRow>,
    timeline: Vec<(String, String)>,
    calls: Vec<CallRow>,
    call_due: Option<String>,
    parties: Vec<(&'static str, String)>,
    outcomes: Vec<(&'static str, String)>,
    evidence: Vec<EvidenceRow>,
    today: String,
    /// Reasons for the order as a whole.
    whole_reasons: Vec<(String, String)>,
}

/// A part of the answers.
struct DeskSection {
    title: String,
    rows: Vec<DeskRow>,
}

/// An answer or a picture with the reasons for which it can be returned.
struct DeskRow {
    row: Row,
    reasons: Vec<(String, String)>,
    /// What seems wrong with a picture.
    doubts: Vec<String>,
    /// What else a machine found on it.
    notes: Vec<String>,
}

struct SignalRow {
    code: &'static str,
    reason: String,
}

struct CallRow {
    at: String,
    party: String,
    outcome: String,
    class: &'static str,
    by: String,
    remark: String,
    again: Option<String>,
}

struct EvidenceRow {
    id: String,
    kind: String,
    at: String,
    by: String,
    lines: Vec<EvidenceLine>,
    has_picture: bool,
}

struct EvidenceLine {
    label: String,
    value: String,
    /// How it stands to what the order states: key and class.
    compared: Option<(&'static str, &'static str)>,
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

    fn is_standard(&self, name: &str, code: &str) -> bool {
        self.typed.get(&format!("standard-{name}")) == code
    }

    /// A reason is missing where a field was ticked.
    fn lacks_reason(&self, name: &str, pointer: &str) -> bool {
        let standard = self.typed.get(&format!("standard-{name}"));
        self.error.is_some() && self.is_ticked(pointer) && self.reason(name).is_empty() && standard.is_empty()
    }
}

/// What a page of an order is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    /// The order that was decided just now.
    #[serde(default)]
    decided: String,
}

/// An order with everything that a decision needs.
pub(crate) async fn show(
    visit: Visit,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Reviewer)?;
    let case = visit.app.review_case(user, &order_number(&number)?).await?;
    let mut shown = review_page(&visit, &case, None, Fields::default());
    shown.decided = order_number(&asked.decided).ok().map(|number| number.0).filter(|text| !text.is_empty());
    page(&shown)
}

/// The order that is looked at next.
pub(crate) async fn next(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Reviewer)?;
    let next = visit.app.next_order(user).await?;
    Ok(Redirect::to(&next.map_or("/review".to_owned(), |next| format!("/review/{next}"))).into_response())
}

/// After a decision: the order that is looked at next, or the queue, which is empty then.
async fn after(visit: &Visit, user: &User, decided: &OrderNumber) -> Result<Response, Problem> {
    let to = match visit.app.next_order(user).await? {
        Some(next) => format!("/review/{next}?decided={decided}"),
        None => format!("/review?decided={decided}"),
    };
    Ok(Redirect::to(&to).into_response())
}

/// The page again, with why nothing was done.
async fn again(
    visit: &Visit,
    user: &User,
    number: &OrderNumber,
    error: String,
    typed: Fields,
) -> Result<Response, Problem> {
    let case = visit.app.review_case(user, number).await?;
    let page = page(&review_page(visit, &case, Some(error), typed))?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Who sends a form of an order's page, of which order, with what in it.
async fn handed_in<'a>(
    visit: &'a Visit,
    number: &str,
    request: Request,
) -> Result<(&'a User, OrderNumber, Fields), Problem> {
    let user = visit.signed_in_as(Role::Reviewer)?;
    Ok((user, order_number(number)?, posted(visit, request).await?))
}

/// Approves.
pub(crate) async fn approve(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (user, number, fields) = handed_in(&visit, &number, request).await?;
    match visit.app.approve_order(user, &number, fields.revision()?).await {
        Ok(()) => after(&visit, user, &number).await,
        Err(error @ (AppError::Unsendable(_) | AppError::SecondReviewer | AppError::Taken)) => {
            again(&visit, user, &number, problem_of(&visit, &error), fields).await
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
    let (user, number, fields) = handed_in(&visit, &number, request).await?;
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
        let is_ticked = ticked.contains(&pointer.as_str());
        let pointer = Pointer(pointer.into());
        let standard = standard_reason(&visit, &pointer, fields.get(&format!("standard-{name}")));
        let reason: String = fields.get(&format!("reason-{name}")).chars().take(ANSWER_LIMIT).collect();
        let field = ReturnedField { pointer, reason, standard };
        match (is_ticked, field.has_reason()) {
            (true, false) => lacks_reason = true,
            // Without a script a reason may be given and the tick forgotten.
            (_, true) => returned.push(field),
            (false, false) => {}
        }
    }
    if returned.is_empty() || lacks_reason {
        let text = visit.t(if lacks_reason { "review-reason-missing" } else { "review-nothing-returned" });
        return again(&visit, user, &number, text, fields).await;
    }
    match visit.app.return_order(user, &number, fields.revision()?, returned).await {
        Ok(()) => after(&visit, user, &number).await,
        Err(error @ AppError::Taken) => {
            again(&visit, user, &number, problem_of(&visit, &error), fields).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes the order, gives it back, or hands it over.
pub(crate) async fn claim(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (user, number, fields) = handed_in(&visit, &number, request).await?;
    let done = match fields.get("do") {
        "claim" => visit.app.claim_order(user, &number).await,
        "release" => visit.app.release_order(user, &number).await,
        "hand-over" => match fields.get("to").parse::<LoginName>() {
            Ok(to) => visit.app.hand_over_order(user, &number, &to).await,
            Err(_) => Err(AppError::NoSuchReviewer),
        },
        _ => return Err(Problem::Unreadable),
    };
    to_page_or_problem(&visit, user, &number, done, "", fields).await
}

/// Notes a call.
pub(crate) async fn call(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (user, number, fields) = handed_in(&visit, &number, request).await?;
    let party: CallParty = fields.get("party").parse().map_err(|_| Problem::Unreadable)?;
    let outcome: CallOutcome = fields.get("outcome").parse().map_err(|_| Problem::Unreadable)?;
    let done = visit.app.note_call(user, &number, party, outcome, fields.get("call-remark")).await;
    to_page_or_problem(&visit, user, &number, done, "#calls", fields).await
}

/// Keeps what the company register said.
pub(crate) async fn evidence(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (user, number, fields) = handed_in(&visit, &number, request).await?;
    let text = |name: &str| fields.get(&format!("register-{name}")).to_owned();
    let done = match fields.get("register-as-of").parse() {
        Ok(as_of) => {
            let extract = RegisterExtract {
                source: text("source"),
                as_of,
                name: text("name"),
                number: text("number"),
                representative: text("representative"),
                status: text("status"),
            };
            visit.app.keep_register_extract(user, &number, extract).await
        }
        Err(_) => Err(AppError::UndatedEvidence),
    };
    to_page_or_problem(&visit, user, &number, done, "#evidence", fields).await
}

/// Looks at the site, and keeps what was seen.
pub(crate) async fn look(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (user, number, fields) = handed_in(&visit, &number, request).await?;
    let done = visit.app.keep_site_look(user, &number).await;
    to_page_or_problem(&visit, user, &number, done, "#evidence", fields).await
}

/// The picture of a piece of evidence.
pub(crate) async fn evidence_picture(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Reviewer)?;
    let id = id.parse().map_err(|_| Problem::NotFound)?;
    let picture = visit.app.evidence_picture(user, id).await?;
    let headers = [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, max-age=3600")];
    Ok((headers, picture).into_response())
}

/// Back to the order's page, or the page with why nothing was done.
async fn to_page_or_problem(
    visit: &Visit,
    user: &User,
    number: &OrderNumber,
    done: Result<(), AppError>,
    anchor: &str,
    typed: Fields,
) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/review/{number}{anchor}")).into_response()),
        Err(
            error @ (AppError::Taken
            | AppError::NoSuchReviewer
            | AppError::LongText { .. }
            | AppError::UndatedEvidence
            | AppError::NotOffered
            | AppError::Transition(_)),
        ) => again(visit, user, number, problem_of(visit, &error), typed).await,
        Err(error) => Err(error.into()),
    }
}

fn review_page<'a>(
    visit: &'a Visit,
    case: &ReviewCase,
    error: Option<String>,
    typed: Fields,
) -> ReviewPage<'a> {
    let view = &case.view;
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
    let (mut answers, mut pictures) = (Vec::new(), Vec::new());
    for section in sections {
        let mut rows = Vec::new();
        for row in section.rows {
            let place = Pointer(row.pointer.clone().into());
            let reasons = reasons(visit, &place);
            if place.is_within("/materials") {
                let ReadingView { mut doubts, notes } = reading_of(visit, case, &row.pointer);
                let seen = row.picture.iter().flat_map(|picture| &picture.doubts);
                doubts.extend(seen.map(|doubt| visit.t(&format!("picture-seen-{}", doubt.slug()))));
                pictures.push(DeskRow { row, reasons, doubts, notes });
            } else {
                rows.push(DeskRow { row, reasons, doubts: Vec::new(), notes: Vec::new() });
            }
        }
        if !rows.is_empty() {
            answers.push(DeskSection { title: section.title, rows });
        }
    }
    let (due, due_class) = super::desk::due(visit, &case.desk);
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
        sections: answers,
        pictures,
        is_unread: case.readings.iter().any(|reading| reading.outcome == ReadingOutcome::NotInstalled),
        general,
        findings,
        error,
        typed,
        decided: None,
        due,
        due_class,
        holder: case.desk.holder.as_ref().map(ToString::to_string),
        is_mine: case.is_mine,
        endorsed: order.endorsed_by.is_some(),
        colleagues: case.colleagues.iter().map(ToString::to_string).collect(),
        signals: case
            .signals
            .iter()
            .map(|signal| SignalRow { code: signal.code, reason: visit.pick(&signal.reason).to_owned() })
            .collect(),
        timeline: view
            .timeline
            .iter()
            .rev()
            .map(|entry| (visit.t(timeline_key(entry.action)), visit.moment(&entry.at)))
            .collect(),
        calls: case.calls.iter().rev().map(|(call, by)| call_row(visit, call, by)).collect(),
        call_due: case.desk.queued.call_due_at.map(|at| visit.moment(&at)),
        parties: CallParty::ALL
            .iter()
            .map(|party| (party.slug(), visit.pick(&party.label()).to_owned()))
            .collect(),
        outcomes: CallOutcome::ALL
            .iter()
            .map(|outcome| (outcome.slug(), visit.pick(&outcome.label()).to_owned()))
            .collect(),
        evidence: case.evidence.iter().rev().map(|kept| evidence_row(visit, order, kept)).collect(),
        today: visit.app.today().to_string(),
        whole_reasons: reasons(visit, &Pointer::from("")),
    }
}

/// What was read on the picture of a row.
fn reading_of(visit: &Visit, case: &ReviewCase, pointer: &str) -> ReadingView {
    let purpose = pointer.strip_prefix("/materials/").unwrap_or_default();
    let reading = case.readings.iter().find(|reading| reading.purpose.slug() == purpose);
    reading.map_or_else(ReadingView::default, |reading| ReadingView::new(visit, reading))
}

fn reasons(visit: &Visit, place: &Pointer) -> Vec<(String, String)> {
    let rulebook = visit.app.rulebook();
    let standard = rulebook.return_reasons(place).map(|reason| reason.to_standard());
    standard.map(|reason| (reason.code.to_string(), visit.pick(&reason.text).to_owned())).collect()
}

fn call_row(visit: &Visit, call: &ReviewCall, by: &LoginName) -> CallRow {
    CallRow {
        at: visit.moment(&call.at),
        party: visit.pick(&call.party.label()).to_owned(),
        outcome: visit.pick(&call.outcome.label()).to_owned(),
        class: match call.outcome {
            CallOutcome::Answered => "good",
            CallOutcome::NoAnswer => "wait",
            CallOutcome::WrongNumber => "bad",
        },
        by: by.to_string(),
        remark: call.remark.to_string(),
        again: call.retry_due_at.map(|at| visit.with("desk-call-at", visit.moment(&at))),
    }
}

fn evidence_row(visit: &Visit, order: &Order, kept: &KeptEvidence) -> EvidenceRow {
    let (kind, lines) = match &kept.content {
        EvidenceContent::CompanyRegister(extract) => {
            let [name, number, representative] = extract.compare(order);
            let line = |key: &str, value: &str, compared: Option<Comparison>| EvidenceLine {
                label: visit.t(&format!("register-{key}")),
                value: value.to_owned(),
                compared: compared.and_then(comparison),
            };
            let lines = vec![
                line("source", &extract.source, None),
                line("as-of", &visit.day(&extract.as_of), None),
                line("name", &extract.name, Some(name)),
                line("number", &extract.number, Some(number)),
                line("representative", &extract.representative, Some(representative)),
                line("status", &extract.status, None),
            ];
            (EvidenceKind::CompanyRegister, lines)
        }
        EvidenceContent::SiteProbe(seen) => (EvidenceKind::SiteProbe, site_lines(visit, seen)),
    };
    EvidenceRow {
        id: kept.id.to_string(),
        kind: visit.pick(&kind.label()).to_owned(),
        at: visit.moment(&kept.at),
        by: kept.reviewer.to_string(),
        lines: lines.into_iter().filter(|line| !line.value.is_empty()).collect(),
        has_picture: kept.has_picture,
    }
}

fn site_lines(visit: &Visit, seen: &SiteExtract) -> Vec<EvidenceLine> {
    let line = |key: &str, value: String, compared: Option<(&'static str, &'static str)>| EvidenceLine {
        label: visit.t(&format!("site-{key}")),
        value,
        compared,
    };
    let state = match seen.state {
        SiteState::Open => "site-open",
        SiteState::Closed => "site-closed",
        SiteState::Unknown => "site-unknown",
    };
    let demand = match seen.demand {
        Some(SiteDemand::Open) => "site-must-be-open",
        Some(SiteDemand::Closed) => "site-must-be-closed",
        Some(SiteDemand::Either) => "site-may-be-either",
        None => "site-not-stated",
    };
    let fit = match seen.fit {
        SiteFit::Fits => Some(("site-fits", "good")),
        SiteFit::Contradicts => Some(("site-contradicts", "bad")),
        SiteFit::Unknown => None,
    };
    let mut lines = vec![line("state", visit.t(state), fit), line("demand", visit.t(demand), None)];
    for door in &seen.doors {
        let mut told = vec![door.url.clone(), visit.t(end_key(&door.end))];
        told.extend(door.end.page().map(|page| page.status.to_string()));
        told.extend(door.end.page().and_then(|page| page.title.clone()));
        lines.push(line("door", told.join(" · "), None));
    }
    lines.extend(seen.without_picture.iter().map(|why| line("no-picture", why.clone(), None)));
    lines
}

fn end_key(end: &End) -> &'static str {
    match end {
        End::NoName => "site-end-no-name",
        End::NotResolved { .. } => "site-end-not-resolved",
        End::NotPublic { .. } => "site-end-not-public",
        End::NotOfTheWeb { .. } => "site-end-not-of-the-web",
        End::Refused => "site-end-refused",
        End::TimedOut => "site-end-timed-out",
        End::Broken { .. } => "site-end-broken",
        End::TooManyRedirects => "site-end-too-many-redirects",
        End::BlockPage { .. } => "site-end-block-page",
        End::Answer { .. } => "site-end-answer",
    }
}

fn comparison(comparison: Comparison) -> Option<(&'static str, &'static str)> {
    match comparison {
        Comparison::Same => Some(("register-same", "good")),
        Comparison::Differs => Some(("register-differs", "bad")),
        Comparison::Unstated => None,
    }
}
