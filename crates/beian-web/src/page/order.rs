//! The page of an order: where it is, who has it, what comes next.

use askama::Template;
use axum::Json;
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{EXPERIENCE_DAYS, OrderView, SmsWindow, TimelineAction};
use beian_domain::{FilingPurpose, OrderState, Role, ServiceKind};
use chrono::TimeDelta;
use serde_json::json;

use super::order_number;
use super::typed::AtOrder;
use crate::error::Problem;
use crate::form::{RemedyAt, order_path, posted};
use crate::plan::PlanView;
use crate::visit::{Visit, page};
use crate::wizard::Step;

#[derive(Template)]
#[template(path = "order.html")]
struct OrderPage<'a> {
    visit: &'a Visit,
    number: String,
    domain: String,
    kind: String,
    service: ServiceKind,
    state: OrderState,
    version: String,
    stages: Vec<Stage>,
    waiting: Option<Waiting>,
    timeline: Vec<(String, String)>,
    /// Since when whoever has it has had it.
    since: String,
    /// The file has not reached the regulator: when it is tried again.
    postponed: Option<String>,
    /// The SMS verification, if it is time for it.
    sms: Option<SmsView>,
    sms_url: Option<String>,
    console_url: Option<String>,
    returned: Vec<ReturnedRow>,
    refusal: Option<RefusalView>,
    plan: Option<PlanView>,
    remedy_at: Option<RemedyAt>,
    revision: i64,
    filed_as: Option<String>,
    /// The record that it is about, by its number.
    record: Option<String>,
    sponsor_number: String,
    footer_html: String,
    at_order: AtOrder,
}

/// One stage of the way.
struct Stage {
    key: &'static str,
    /// `done`, `now` or `later`.
    class: &'static str,
    /// When it was reached last.
    reached: Option<String>,
    /// How often it was sent back to here.
    sent_back: Option<String>,
}

/// How long the bureau takes, and how far along this order is, as a strip.
struct Waiting {
    text: String,
    /// Where the text is from, if it is not our own experience.
    source: Option<String>,
    elapsed: String,
    /// In hundredths of the strip: within which half and nine of ten were answered, and now.
    strip: Option<(i64, i64, i64)>,
}

/// What is left of the time for the SMS verification.
struct SmsView {
    /// Nothing is left.
    is_over: bool,
    left: String,
    /// The same with `#h` and `#m` where the hours and minutes stand, for the script that counts down.
    pattern: String,
    seconds_left: i64,
    minutes_left: i64,
    minutes: i64,
    until: String,
    hours: i64,
    attempts: Option<i64>,
    /// Whom the SMS goes to.
    mobiles: String,
}

impl SmsView {
    fn new(visit: &Visit, window: &SmsWindow) -> Self {
        let left = (window.until - visit.app.now()).max(TimeDelta::zero());
        // Rounded up: what is left is not nothing.
        let minutes_left = (left.num_seconds() + 59) / 60;
        let words = |hours: String, minutes: String| {
            visit.language.filled("sms-left", &[("hours", hours), ("minutes", minutes)])
        };
        Self {
            is_over: left.is_zero(),
            left: words((minutes_left / 60).to_string(), (minutes_left % 60).to_string()),
            pattern: words("#h".to_owned(), "#m".to_owned()),
            seconds_left: left.num_seconds(),
            minutes_left,
            minutes: i64::from(window.hours) * 60,
            until: visit.moment(&window.until),
            hours: i64::from(window.hours),
            attempts: window.attempts.map(i64::from),
            mobiles: window.mobiles.join(&visit.t("separator")),
        }
    }
}

struct ReturnedRow {
    label: String,
    reason: String,
    path: String,
}

struct RefusalView {
    opinion: String,
    codes: Vec<u16>,
    at: String,
}

/// The page of an order.
pub(crate) async fn show(visit: Visit, Path(number): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let view = visit.app.order_with_plan(user, &number).await?;
    if view.order.state() == OrderState::Draft {
        return Ok(Redirect::to(&order_path(&number, "/tasks")).into_response());
    }
    let waiting = waiting(&visit, &view).await?;
    page(&order_page(&visit, &view, waiting))
}

/// What the page's script asks while it waits.
pub(crate) async fn status(visit: Visit, Path(number): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let view = visit.app.order(user, &order_number(&number)?).await?;
    Ok(Json(json!({ "version": version(&visit, &view) })).into_response())
}

#[derive(Template)]
#[template(path = "route.html")]
struct RoutePage<'a> {
    visit: &'a Visit,
    number: String,
    domain: String,
    plan: Option<PlanView>,
    remedy_at: Option<RemedyAt>,
}

/// The way from here to the number, to read and to print.
pub(crate) async fn route(visit: Visit, Path(number): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let view = visit.app.order_with_plan(user, &number).await?;
    if view.plan.is_none() {
        return Ok(Redirect::to(&order_path(&number, "")).into_response());
    }
    page(&RoutePage {
        visit: &visit,
        domain: super::home::shown_domain(view.order.case.service.domain.as_deref()),
        plan: PlanView::of_order(&visit, &view),
        remedy_at: Some(RemedyAt::order(&number, view.order.revision, "route")),
        number: number.to_string(),
    })
}

#[derive(Template)]
#[template(path = "withdraw.html")]
struct WithdrawPage<'a> {
    visit: &'a Visit,
    number: String,
    domain: String,
    revision: i64,
}

/// Asks whether an order is really to be given up.
pub(crate) async fn ask_withdraw(visit: Visit, Path(number): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let view = visit.app.order(user, &number).await?;
    if !can_withdraw(view.order.state()) {
        return Err(Problem::Moved(Some(number)));
    }
    page(&WithdrawPage {
        visit: &visit,
        domain: super::home::shown_domain(view.order.case.service.domain.as_deref()),
        revision: view.order.revision,
        number: number.to_string(),
    })
}

/// Takes an order back from the provider.
pub(crate) async fn recall(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let fields = posted(&visit, request).await?;
    let recalled = visit.app.recall_order(user, &number, fields.revision()?).await;
    recalled.map_err(|error| Problem::from(error).at(&number))?;
    Ok(Redirect::to(&order_path(&number, "/tasks")).into_response())
}

/// Takes an expired order up again.
pub(crate) async fn resume(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let fields = posted(&visit, request).await?;
    let resumed = visit.app.resume_order(user, &number, fields.revision()?).await;
    resumed.map_err(|error| Problem::from(error).at(&number))?;
    Ok(Redirect::to(&order_path(&number, "/tasks")).into_response())
}

/// Gives an order up.
pub(crate) async fn withdraw(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let fields = posted(&visit, request).await?;
    visit
        .app
        .withdraw_order(user, &number, fields.revision()?)
        .await
        .map_err(|error| Problem::from(error).at(&number))?;
    Ok(Redirect::to("/home").into_response())
}

fn can_withdraw(state: OrderState) -> bool {
    state.after(&beian_domain::OrderEvent::Withdraw).is_ok()
}

/// Changes when the page would say something else.
fn version(visit: &Visit, view: &OrderView) -> String {
    let attempts = view.delivery.as_ref().map_or(0, |delivery| delivery.attempts);
    let is_late = visit.app.sms_window(view).is_some_and(|window| window.until <= visit.app.now());
    format!("{}-{}-{attempts}{}", view.order.revision, view.order.state(), if is_late { "-late" } else { "" })
}

/// What to expect of the bureau that has the order, or will have it.
async fn waiting(visit: &Visit, view: &OrderView) -> Result<Option<Waiting>, Problem> {
    let order = &view.order;
    let is_ahead = matches!(
        order.state(),
        OrderState::ProviderReview | OrderState::SecondReview | OrderState::Queued | OrderState::AtRegulator
    );
    let Some(division) = order.case.sponsor.division.filter(|_| is_ahead) else { return Ok(None) };
    let province = visit.province(division);
    let elapsed_days = (order.state() == OrderState::AtRegulator)
        .then(|| (visit.app.now() - order.updated_at).num_days() + 1);
    let elapsed = match elapsed_days {
        Some(days) => visit.count("wait-day", days),
        None => visit.t("wait-not-yet"),
    };
    if let Some(seen) = visit.app.experience(division).await? {
        let things = [
            ("province", province),
            ("days", EXPERIENCE_DAYS.to_string()),
            ("count", seen.count.to_string()),
            ("half", seen.half_days.to_string()),
            ("most", seen.most_days.to_string()),
        ];
        let whole = seen.longest_days.max(elapsed_days.unwrap_or_default()).max(1);
        let at = |days: i64| days * 100 / whole;
        return Ok(Some(Waiting {
            text: visit.language.filled("wait-experience", &things),
            source: None,
            elapsed,
            strip: Some((at(seen.half_days), at(seen.most_days), at(elapsed_days.unwrap_or_default()))),
        }));
    }
    let rulebook = visit.app.rulebook();
    let stated = rulebook.province(division).and_then(|rules| rules.regulator_days.at(visit.app.today()));
    Ok(stated.map(|days| Waiting {
        text: visit.language.filled(
            "wait-stated",
            &[
                ("province", province),
                ("from", days.value.from.to_string()),
                ("to", days.value.to.to_string()),
            ],
        ),
        source: Some(crate::plan::sources(&[days.source()]).join("; ")),
        elapsed,
        strip: None,
    }))
}

fn order_page<'a>(visit: &'a Visit, view: &OrderView, waiting: Option<Waiting>) -> OrderPage<'a> {
    let order = &view.order;
    let state = order.state();
    let postponed = view
        .delivery
        .as_ref()
        .filter(|delivery| state == OrderState::Queued && delivery.problem.is_some())
        .map(|delivery| visit.language.time_of_day(delivery.next_attempt_at));
    let practice = visit.config.practice.as_ref();
    let filed_as = order.filed_as.as_ref().map(ToString::to_string);
    OrderPage {
        visit,
        number: order.number.to_string(),
        domain: super::home::shown_domain(order.case.service.domain.as_deref()),
        kind: visit.kind_of_filing(order.kind, order.case.service.kind),
        service: order.case.service.kind,
        version: version(visit, view),
        stages: stages(visit, view),
        waiting,
        timeline: view
            .timeline
            .iter()
            .rev()
            .map(|entry| (visit.t(timeline_key(entry.action)), visit.moment(&entry.at)))
            .collect(),
        since: visit.moment(&view.timeline.last().map_or(order.updated_at, |entry| entry.at)),
        postponed,
        sms: visit.app.sms_window(view).map(|window| SmsView::new(visit, &window)),
        sms_url: practice.map(|links| links.sms_url.clone()),
        console_url: practice.map(|links| links.console_url.clone()),
        returned: returned_rows(visit, view),
        plan: PlanView::of_order(visit, view),
        remedy_at: Some(RemedyAt::order(&order.number, order.revision, "order")),
        revision: order.revision,
        record: order.case.record.as_ref().map(ToString::to_string),
        refusal: order.refusal.as_ref().filter(|_| state == OrderState::Refused).map(|refusal| RefusalView {
            opinion: refusal.opinion.clone(),
            codes: refusal.codes.clone(),
            at: visit.moment(&refusal.at),
        }),
        sponsor_number: order.filed_as.as_ref().map(|n| n.sponsor().to_string()).unwrap_or_default(),
        footer_html: filed_as.as_ref().map(|number| footer_html(number)).unwrap_or_default(),
        filed_as,
        at_order: AtOrder::reading(visit, order, "order"),
        state,
    }
}

/// What belongs at the foot of a home page.
pub(super) fn footer_html(number: &str) -> String {
    format!("<a href=\"https://beian.miit.gov.cn/\" target=\"_blank\" rel=\"noopener\">{number}</a>")
}

impl OrderPage<'_> {
    fn state_key(&self) -> String {
        format!("order-state-{}", self.state.slug())
    }

    fn state_class(&self) -> &'static str {
        super::home::state_class(self.state)
    }

    fn text_key(&self) -> String {
        match (self.state, &self.filed_as) {
            (OrderState::Filed, None) => "order-text-done".to_owned(),
            (OrderState::AtRegulator, _) if self.sms.is_none() => "order-text-without-sms".to_owned(),
            _ => format!("order-text-{}", self.state.slug()),
        }
    }

    fn next_key(&self) -> String {
        match (self.state, &self.sms) {
            (OrderState::AtRegulator, None) => "order-next-without-sms".to_owned(),
            _ => format!("order-next-{}", self.state.slug()),
        }
    }

    fn holder_key(&self) -> &'static str {
        match self.state {
            OrderState::Draft | OrderState::Returned | OrderState::Refused => "holder-filer",
            OrderState::ProviderReview | OrderState::SecondReview | OrderState::Queued => "holder-provider",
            OrderState::AtRegulator => "holder-regulator",
            OrderState::Filed | OrderState::Withdrawn | OrderState::Expired => "holder-nobody",
        }
    }

    /// Whether something may happen without this person.
    fn is_waiting(&self) -> bool {
        matches!(
            self.state,
            OrderState::ProviderReview
                | OrderState::SecondReview
                | OrderState::Queued
                | OrderState::AtRegulator
        )
    }

    fn is_given_up(&self) -> bool {
        matches!(self.state, OrderState::Withdrawn | OrderState::Expired)
    }

    fn can_recall(&self) -> bool {
        self.state.after(&beian_domain::OrderEvent::Recall).is_ok()
    }

    fn can_resume(&self) -> bool {
        self.state.after(&beian_domain::OrderEvent::Resume).is_ok()
    }

    fn can_withdraw(&self) -> bool {
        can_withdraw(self.state)
    }

    fn is_editable(&self) -> bool {
        self.state.is_editable()
    }
}

fn stages(visit: &Visit, view: &OrderView) -> Vec<Stage> {
    let (state, kind) = (view.order.state(), view.order.kind);
    let reached = |actions: &[TimelineAction]| {
        let entry = view.timeline.iter().rev().find(|entry| actions.contains(&entry.action));
        entry.map(|entry| visit.moment(&entry.at))
    };
    let times = |action| view.timeline.iter().filter(|entry| entry.action == action).count() as i64;
    let sent_back = |key: &str, action| Some(times(action)).filter(|n| *n > 0).map(|n| visit.count(key, n));
    let (done, now) = match state {
        OrderState::Draft | OrderState::Returned => (0, Some(0)),
        OrderState::ProviderReview | OrderState::SecondReview => (1, Some(1)),
        OrderState::Queued => (2, Some(2)),
        OrderState::AtRegulator => (2, Some(2)),
        OrderState::Refused => (0, Some(0)),
        OrderState::Filed => (4, None),
        OrderState::Withdrawn | OrderState::Expired => (0, None),
    };
    let end = if kind.purpose() == FilingPurpose::File { "stage-filed" } else { "stage-done" };
    use TimelineAction as T;
    let begun = reached(&[T::Begun, T::Resumed, T::Recalled]);
    let stages = [
        ("stage-prepare", begun, sent_back("stage-returned", T::Returned)),
        ("stage-review", reached(&[T::Submitted]), None),
        ("stage-regulator", reached(&[T::Delivered]), sent_back("stage-refused", T::Refused)),
        (end, reached(&[T::Filed, T::Done]), None),
    ];
    stages
        .into_iter()
        .enumerate()
        .map(|(index, (key, at, sent_back))| Stage {
            key,
            // What lies ahead again is reached anew.
            reached: at.filter(|_| index < done || Some(index) == now),
            sent_back,
            class: if Some(index) == now {
                "now"
            } else if index < done {
                "done"
            } else {
                "later"
            },
        })
        .collect()
}

pub(super) fn timeline_key(action: TimelineAction) -> &'static str {
    match action {
        TimelineAction::Begun => "timeline-begun",
        TimelineAction::Submitted => "timeline-submitted",
        TimelineAction::Returned => "timeline-returned",
        TimelineAction::Approved => "timeline-approved",
        TimelineAction::Delivered => "timeline-delivered",
        TimelineAction::Postponed => "timeline-postponed",
        TimelineAction::Refused => "timeline-refused",
        TimelineAction::Filed => "timeline-filed",
        TimelineAction::Withdrawn => "timeline-withdrawn",
        TimelineAction::Endorsed => "timeline-endorsed",
        TimelineAction::Recalled => "timeline-recalled",
        TimelineAction::Done => "timeline-done",
        TimelineAction::Expired => "timeline-expired",
        TimelineAction::Resumed => "timeline-resumed",
    }
}

fn returned_rows(visit: &Visit, view: &OrderView) -> Vec<ReturnedRow> {
    if view.order.state() != OrderState::Returned {
        return Vec::new();
    }
    view.order
        .returned
        .iter()
        .map(|field| {
            let step = Step::owner(field.pointer.as_str());
            ReturnedRow {
                label: step.map_or_else(
                    || visit.t("returned-whole"),
                    |step| step.task(visit, view.order.case.service.kind),
                ),
                reason: visit.returned_reason(field),
                path: step.map_or_else(
                    || order_path(&view.order.number, "/tasks"),
                    |step| step.path(&view.order.number),
                ),
            }
        })
        .collect()
}
