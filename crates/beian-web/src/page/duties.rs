//! The provider's duties: what the regulator's lists want done, one by one, and the report on each.

use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{AppError, DeliveryState, DutyDetail, DutyList, DutyMark, DutyView, ListedDuty};
use beian_domain::{
    DutyAnswer, DutyAnswerError, DutyId, DutyKind, DutyState, Personal, Role, UnfiledAnswer, UnfiledHandling,
    VerificationAnswer, VerificationOutcome,
};
use chrono::{DateTime, TimeDelta};
use serde::Deserialize;

use crate::error::Problem;
use crate::form::{Control, FieldView, Fields, Line, RemedyAt, posted};
use crate::visit::{Sight, Visit, page};

pub(super) struct DutyRow {
    pub(super) path: String,
    pub(super) subject: String,
    kind: DutyKind,
    state: DutyState,
    pub(super) due: String,
    /// How long is left, or that nothing is, for what is not reported.
    pub(super) left: Option<(&'static str, String)>,
    received: String,
    revision: i64,
}

impl DutyRow {
    pub(super) fn new(visit: &Visit, listed: &ListedDuty) -> Self {
        let duty = &listed.duty;
        let left = (duty.state() != DutyState::Reported).then(|| {
            let class = match listed.days_left {
                _ if listed.is_overdue => "bad",
                0..=1 => "wait",
                _ => "quiet",
            };
            let text = match listed.is_overdue {
                true => visit.t("duty-overdue"),
                false => visit.count("duty-days-left", i64::from(listed.days_left)),
            };
            (class, text)
        });
        Self {
            path: format!("/operator/duties/{}", duty.id.0),
            subject: duty.subject.clone(),
            kind: duty.kind,
            state: duty.state(),
            // The last moment of the day, not the first of the next.
            due: visit.day(&(duty.due_at - TimeDelta::seconds(1) + TimeDelta::hours(8)).date_naive()),
            left,
            received: visit.moment(&duty.received_at),
            revision: duty.revision,
        }
    }

    fn kind_key(&self) -> String {
        format!("duty-kind-{}", self.kind.slug())
    }

    fn state_key(&self) -> String {
        format!("duty-state-{}", self.state.slug())
    }

    fn state_class(&self) -> &'static str {
        match self.state {
            DutyState::Open => "todo",
            DutyState::Queued => "wait",
            DutyState::Reported => "good",
            DutyState::Refused => "bad",
        }
    }
}

struct Tab {
    list: DutyList,
    count: u64,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "duties.html")]
struct DutiesPage<'a> {
    visit: &'a Visit,
    shown: DutyList,
    tabs: Vec<Tab>,
    rows: Vec<DutyRow>,
    is_reported: bool,
    is_later: bool,
    next: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    list: String,
    /// Where the page before ended.
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

/// What is to be worked on, longest due first.
pub(crate) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let shown = DutyList::ALL.into_iter().find(|list| list.slug() == asked.list).unwrap_or(DutyList::Open);
    let after = mark_of(&asked.after);
    let duties = visit.app.duties(user, shown, after).await?;
    page(&DutiesPage {
        shown,
        tabs: duties
            .counts
            .iter()
            .map(|(list, count)| Tab { list: *list, count: *count, is_here: *list == shown })
            .collect(),
        rows: duties.duties.iter().map(|listed| DutyRow::new(&visit, listed)).collect(),
        is_reported: asked.done == "reported",
        is_later: after.is_some(),
        next: duties.next.map(|(due, id)| {
            format!("/operator/duties?list={}&after={}_{}", shown.slug(), due.timestamp_micros(), id.0)
        }),
        visit: &visit,
    })
}

fn mark_of(text: &str) -> Option<DutyMark> {
    let (due, id) = text.split_once('_')?;
    Some((DateTime::from_timestamp_micros(due.parse().ok()?)?, id.parse().map(DutyId).ok()?))
}

#[derive(Template)]
#[template(path = "duty.html")]
struct DutyPage<'a> {
    visit: &'a Visit,
    row: DutyRow,
    refusal: Option<String>,
    facts: Vec<(&'static str, String)>,
    /// Personal data are hidden, and can be shown.
    is_masked: bool,
    answer: Vec<(&'static str, String)>,
    /// The report, if one is to be made.
    fields: Vec<FieldView>,
    problems: Vec<(String, String)>,
    /// Fields have findings of the rules elsewhere; none here.
    remedy_at: Option<RemedyAt>,
}

impl<'a> DutyPage<'a> {
    fn new(visit: &'a Visit, view: &DutyView, sight: Sight, typed: &Fields) -> Self {
        let duty = &view.listed.duty;
        let row = DutyRow::new(visit, &view.listed);
        let is_verification = duty.kind == DutyKind::Verification;
        let fields = match duty.state().is_open() {
            true if is_verification => verification_fields(visit, typed),
            true => unfiled_fields(visit, typed),
            false => Vec::new(),
        };
        Self {
            refusal: duty.refusal.clone(),
            facts: facts(visit, view, sight),
            is_masked: is_verification && sight == Sight::Masked,
            answer: duty.answer.as_ref().map(|answer| answer_facts(visit, view, answer)).unwrap_or_default(),
            fields,
            problems: Vec::new(),
            remedy_at: None,
            row,
            visit,
        }
    }

    /// Says what is wrong, at its field.
    fn refuse(&mut self, field: &str, text: String) {
        let anchor = match self.fields.iter_mut().find(|view| view.name == field) {
            Some(view) => {
                view.error = Some(text.clone());
                view.anchor()
            }
            None => "main".to_owned(),
        };
        self.problems.push((text, anchor));
    }
}

fn facts(visit: &Visit, view: &DutyView, sight: Sight) -> Vec<(&'static str, String)> {
    let duty = &view.listed.duty;
    let mut facts: Vec<(&'static str, String)> = Vec::new();
    match &view.detail {
        DutyDetail::UnfiledSite(site) => {
            facts.push(("duty-address", site.address.to_string()));
            facts.extend(site.first_detected.clone().map(|at| ("duty-first-detected", at)));
            facts.extend(site.detected.clone().map(|at| ("duty-detected", at)));
            facts.extend(site.detections.map(|times| ("duty-detections", times.to_string())));
            facts.extend(site.remark.clone().map(|remark| ("duty-remark", remark)));
        }
        DutyDetail::Verification(task) => {
            facts.push(("duty-sponsor", sight.of(&task.name)));
            facts.push(("duty-certificate", sight.of(&task.certificate)));
            facts.extend(task.principal.as_ref().map(|name| ("duty-principal", sight.of(name))));
            facts.extend(task.mobile.as_ref().map(|mobile| ("duty-mobile", sight.of(mobile))));
            facts.push(("duty-email", sight.of(&task.email)));
            for service in &task.services {
                let addresses = service.addresses.iter().map(ToString::to_string);
                let parts = service.domains.iter().cloned().chain(addresses).collect::<Vec<_>>();
                facts.push((
                    "duty-service",
                    format!("{}{}{}", service.name, visit.t("colon"), parts.join(&visit.t("separator"))),
                ));
            }
            facts.extend(task.remark.clone().map(|remark| ("duty-remark", remark)));
        }
    }
    facts.push((
        "duty-own-record",
        view.record.as_ref().map_or_else(|| visit.t("duty-no-record"), ToString::to_string),
    ));
    let row = DutyRow::new(visit, &view.listed);
    let due = match row.left {
        Some((_, left)) => format!("{}{}{left}", row.due, visit.t("separator")),
        None => row.due,
    };
    facts.push(("duty-due", due));
    facts.push(("duty-received", format!("{}{}{}", row.received, visit.t("separator"), duty.file)));
    if duty.listed > 1 {
        facts.push(("duty-listed", duty.listed.to_string()));
    }
    facts
}

/// What was said, and how far it is.
fn answer_facts(visit: &Visit, view: &DutyView, answer: &DutyAnswer) -> Vec<(&'static str, String)> {
    let mut facts = match answer {
        DutyAnswer::Handled(answer) => {
            vec![
                ("duty-handling", visit.pick(&answer.handling().label()).to_owned()),
                ("duty-opinion", answer.opinion().to_owned()),
            ]
        }
        DutyAnswer::Verified(answer) => {
            let mut facts = vec![
                ("duty-outcome", visit.pick(&answer.outcome().label()).to_owned()),
                ("duty-opinion", answer.opinion().to_owned()),
            ];
            facts.extend(answer.faults().map(|faults| ("duty-faults", faults.to_owned())));
            facts
        }
    };
    facts.extend(view.listed.duty.answered_at.map(|at| ("duty-answered", visit.moment(&at))));
    if let Some(delivery) = &view.delivery {
        let text = match &delivery.state {
            DeliveryState::Delivered { sequence, at } => {
                format!(
                    "{}{}{}",
                    visit.moment(at),
                    visit.t("separator"),
                    visit.with("duty-sequence", sequence)
                )
            }
            _ => delivery.problem.clone().unwrap_or_else(|| visit.t("duty-on-its-way")),
        };
        facts.push(("duty-receipt", text));
    }
    facts
}

fn field(visit: &Visit, name: &'static str, label: &str, typed: &Fields, control: Control) -> FieldView {
    FieldView { control, ..FieldView::line(name, visit.t(label), None, typed.get(name), Line::default()) }
}

fn unfiled_fields(visit: &Visit, typed: &Fields) -> Vec<FieldView> {
    let handlings = Control::radios(
        visit,
        UnfiledHandling::ALL,
        UnfiledHandling::slug,
        UnfiledHandling::label,
        typed.get("handling"),
    );
    vec![
        field(visit, "handling", "duty-handling", typed, handlings),
        field(visit, "opinion", "duty-opinion", typed, Control::Lines),
        field(visit, "reporter", "duty-reporter", typed, Control::Line(Line::default())),
    ]
}

fn verification_fields(visit: &Visit, typed: &Fields) -> Vec<FieldView> {
    let outcomes = Control::radios(
        visit,
        VerificationOutcome::ALL,
        VerificationOutcome::slug,
        VerificationOutcome::label,
        typed.get("outcome"),
    );
    vec![
        field(visit, "outcome", "duty-outcome", typed, outcomes),
        field(visit, "opinion", "duty-opinion", typed, Control::Lines),
        field(visit, "faults", "duty-faults", typed, Control::Lines),
        field(visit, "reporter", "duty-verifier", typed, Control::Line(Line::default())),
    ]
}

fn duty_id(text: &str) -> Result<DutyId, Problem> {
    text.parse().map(DutyId).map_err(|_| Problem::NotFound)
}

/// A duty, with personal data masked.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let view = visit.app.duty(user, duty_id(&id)?).await?;
    page(&DutyPage::new(&visit, &view, Sight::Masked, &Fields::default()))
}

/// The same in plain, which is noted.
pub(crate) async fn show_plain(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    posted(&visit, request).await?;
    let id = duty_id(&id)?;
    let view = visit.app.duty(user, id).await?;
    visit.app.note_duty_shown(user, id).await?;
    page(&DutyPage::new(&visit, &view, Sight::Plain, &Fields::default()))
}

/// Reports what was done.
pub(crate) async fn report(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let typed = posted(&visit, request).await?;
    let (id, revision) = (duty_id(&id)?, typed.revision()?);
    let view = visit.app.duty(user, id).await?;
    let refused = |name: &str, text: String| {
        let mut shown = DutyPage::new(&visit, &view, Sight::Masked, &typed);
        shown.refuse(name, text);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
    };
    let answer = match answer_of(view.listed.duty.kind, &typed) {
        Ok(answer) => answer,
        Err(Unanswered::Choice(name)) => return refused(name, visit.t("duty-choose")),
        Err(Unanswered::Text(error)) => {
            let most = i64::try_from(error.most).unwrap_or(i64::MAX);
            return refused(error.field.slug(), visit.count("duty-text", most));
        }
    };
    match visit.app.answer_duty(user, id, revision, answer).await {
        Ok(()) => Ok(Redirect::to("/operator/duties?done=reported").into_response()),
        Err(AppError::Unsendable(what)) => refused("", visit.with("duty-unsendable", what)),
        Err(AppError::Stale { .. }) => {
            let view = visit.app.duty(user, id).await?;
            let mut shown = DutyPage::new(&visit, &view, Sight::Masked, &typed);
            shown.refuse("", visit.t("duty-moved"));
            Ok((StatusCode::CONFLICT, page(&shown)?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

enum Unanswered {
    /// Nothing was chosen in this field.
    Choice(&'static str),
    Text(DutyAnswerError),
}

fn answer_of(kind: DutyKind, typed: &Fields) -> Result<DutyAnswer, Unanswered> {
    let reporter = Some(typed.get("reporter")).filter(|name| !name.is_empty()).map(Personal::new);
    let opinion = typed.get("opinion");
    match kind {
        DutyKind::UnfiledSite => {
            let handling = typed.get("handling").parse().map_err(|_| Unanswered::Choice("handling"))?;
            UnfiledAnswer::new(handling, opinion, reporter).map(DutyAnswer::Handled).map_err(Unanswered::Text)
        }
        DutyKind::Verification => {
            let outcome = typed.get("outcome").parse().map_err(|_| Unanswered::Choice("outcome"))?;
            let faults = Some(typed.get("faults")).filter(|faults| !faults.is_empty());
            let verifier = reporter.unwrap_or_else(|| Personal::new(""));
            VerificationAnswer::new(outcome, opinion, faults, verifier)
                .map(DutyAnswer::Verified)
                .map_err(Unanswered::Text)
        }
    }
}
