//! The review desk: the queue, many orders at once, and what reviewers did.

use askama::Template;
use axum::extract::{Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use beian_app::{
    AppError, BoundedCount, BulkAction, BulkReason, DESK_STATES, DeskOrder, DeskQuery, MOST_BULK, QueueMark,
    ServiceLevel, TakenBy, User,
};
use beian_domain::{
    DivisionCode, FilingKind, LoginName, OrderId, OrderNumber, OrderState, Pointer, Role, StandardReason,
};
use chrono::DateTime;
use serde::Deserialize;

use super::home::shown_domain;
use super::order_number;
use crate::error::Problem;
use crate::form::{ANSWER_LIMIT, Fields, posted};
use crate::visit::{Visit, encode, page};

/// What stands in the address of a page of the queue. What cannot be read is left out:
/// an old bookmark shows the queue, not a problem.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    province: String,
    #[serde(default)]
    taken: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    q: String,
    /// The order that was decided just now.
    #[serde(default)]
    decided: String,
}

#[derive(Template)]
#[template(path = "review_queue.html")]
struct QueuePage<'a> {
    visit: &'a Visit,
    search: String,
    /// Whether the rows are those that were searched for.
    is_search: bool,
    decided: Option<String>,
    tabs: Vec<Tab>,
    state: OrderState,
    kinds: Vec<Choice>,
    provinces: Vec<Choice>,
    taken: Vec<Choice>,
    orders: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
    colleagues: Vec<String>,
    reasons: Vec<Choice>,
    /// Why nothing was done.
    error: Option<String>,
}

struct Tab {
    state: OrderState,
    path: String,
    count: String,
    is_here: bool,
}

struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
}

struct Row {
    number: String,
    domain: String,
    kind: String,
    state: OrderState,
    province: String,
    /// How long it is to the promised time, or since it.
    due: String,
    due_class: &'static str,
    submitted: String,
    holder: Option<String>,
    signals: Option<String>,
    call_due: Option<String>,
    is_in_review: bool,
}

impl Row {
    fn state_key(&self) -> String {
        format!("order-state-{}", self.state.slug())
    }

    fn state_class(&self) -> &'static str {
        super::home::state_class(self.state)
    }
}

impl Tab {
    fn key(&self) -> String {
        format!("order-state-{}", self.state.slug())
    }
}

/// What waits for a decision, that which is due first at the top.
pub(crate) async fn queue(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Reviewer)?;
    page(&queue_page(&visit, user, &asked, None).await?)
}

async fn queue_page<'a>(
    visit: &'a Visit,
    user: &User,
    asked: &Asked,
    error: Option<String>,
) -> Result<QueuePage<'a>, Problem> {
    let state = DESK_STATES
        .into_iter()
        .find(|state| state.slug() == asked.state)
        .unwrap_or(OrderState::ProviderReview);
    let kind = FilingKind::ALL.iter().copied().find(|kind| kind.slug() == asked.kind);
    let province: Option<DivisionCode> = asked.province.parse().ok();
    let taken = match asked.taken.as_str() {
        "me" => TakenBy::Me,
        "nobody" => TakenBy::Nobody,
        _ => TakenBy::Any,
    };
    let after = mark_of(&asked.after);
    let desk = visit.app.desk(user, DeskQuery { state, kind, province, taken, after }).await?;
    let is_search = !asked.q.trim().is_empty();
    let found = if is_search { visit.app.search_desk(user, &asked.q).await? } else { desk.orders };
    let filters = format!(
        "/review?state={}&kind={}&province={}&taken={}",
        state.slug(),
        encode(&asked.kind),
        encode(&asked.province),
        encode(&asked.taken)
    );
    let rulebook = visit.app.rulebook();
    let chosen = |value: &str, label: String, now: &str| Choice {
        is_chosen: value == now,
        value: value.to_owned(),
        label,
    };
    Ok(QueuePage {
        search: asked.q.clone(),
        is_search,
        decided: order_number(&asked.decided)
            .ok()
            .filter(|number| !number.0.is_empty())
            .map(|number| number.0),
        tabs: desk
            .counts
            .iter()
            .map(|(tab, count)| Tab {
                state: *tab,
                path: format!("/review?state={}", tab.slug()),
                count: match count {
                    BoundedCount::Exactly(count) => count.to_string(),
                    BoundedCount::MoreThan(most) => format!("{most}+"),
                },
                is_here: *tab == state && !is_search,
            })
            .collect(),
        state,
        kinds: FilingKind::ALL
            .iter()
            .map(|kind| chosen(kind.slug(), visit.pick(&kind.label()).to_owned(), &asked.kind))
            .collect(),
        provinces: rulebook
            .divisions_below(None)
            .into_iter()
            .map(|(code, name)| chosen(&code.to_string(), name.to_owned(), &asked.province))
            .collect(),
        taken: ["nobody", "me"]
            .into_iter()
            .map(|who| chosen(who, visit.t(&format!("desk-taken-{who}")), &asked.taken))
            .collect(),
        orders: found.iter().map(|order| row(visit, order)).collect(),
        first: after.filter(|_| !is_search).map(|_| filters.clone()),
        next: desk
            .next
            .filter(|_| !is_search)
            .map(|mark| format!("{filters}&after={}.{}", mark.due.timestamp_micros(), mark.id.0)),
        colleagues: visit.app.colleagues(user).await?.iter().map(ToString::to_string).collect(),
        reasons: rulebook
            .return_reasons(&Pointer::from(""))
            .map(|reason| {
                let standard = reason.to_standard();
                chosen(&standard.code.to_string(), visit.pick(&standard.text).to_owned(), "")
            })
            .collect(),
        error,
        visit,
    })
}

/// Where a page went on, from its address.
fn mark_of(text: &str) -> Option<QueueMark> {
    let (due, id) = text.split_once('.')?;
    Some(QueueMark {
        due: DateTime::from_timestamp_micros(due.parse().ok()?)?,
        id: OrderId(id.parse().ok()?),
    })
}

fn row(visit: &Visit, order: &DeskOrder) -> Row {
    let queued = &order.queued;
    let (due, due_class) = due(visit, order);
    let submitted = queued.summary.submitted_at.unwrap_or(queued.summary.updated_at);
    let province = queued.province.map(|province| visit.province(province));
    Row {
        number: queued.summary.number.to_string(),
        domain: shown_domain(queued.summary.domain.as_deref()),
        kind: visit.pick(&queued.summary.kind.label()).to_owned(),
        state: queued.summary.state,
        province: province.unwrap_or_else(|| "—".to_owned()),
        due,
        due_class,
        submitted: visit.moment(&submitted),
        holder: order.holder.as_ref().map(ToString::to_string),
        signals: (queued.signals > 0).then(|| visit.count("desk-signals", i64::from(queued.signals))),
        call_due: queued.call_due_at.map(|at| {
            if at <= visit.app.now() {
                visit.t("desk-call-now")
            } else {
                visit.with("desk-call-at", visit.moment(&at))
            }
        }),
        is_in_review: queued.summary.state.is_in_review(),
    }
}

/// How an order stands to the promised time, for people, and its colour.
pub(super) fn due(visit: &Visit, order: &DeskOrder) -> (String, &'static str) {
    let left = order.queued.due_at - visit.app.now();
    match order.level {
        ServiceLevel::InTime => (visit.with("desk-due-in", visit.language.duration(left)), "quiet"),
        ServiceLevel::Soon => (visit.with("desk-due-in", visit.language.duration(left)), "warning"),
        ServiceLevel::Late => (visit.with("desk-late", visit.language.duration(-left)), "bad"),
        ServiceLevel::Over => (String::new(), "quiet"),
    }
}

#[derive(Template)]
#[template(path = "review_bulk.html")]
struct BulkPage<'a> {
    visit: &'a Visit,
    done: usize,
    outcomes: Vec<Outcome>,
    back: String,
}

struct Outcome {
    number: String,
    /// Why it was not done; nothing if it was.
    problem: Option<String>,
}

/// Does one thing to every order that was ticked, and tells of each what came of it.
pub(crate) async fn bulk(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Reviewer)?;
    let fields = posted(&visit, request).await?;
    let numbers: Vec<OrderNumber> =
        fields.all("order").into_iter().map(order_number).collect::<Result<_, _>>()?;
    let asked = Asked {
        state: fields.get("state").to_owned(),
        kind: fields.get("kind").to_owned(),
        province: fields.get("province").to_owned(),
        taken: fields.get("taken").to_owned(),
        ..Asked::default()
    };
    let action = match (numbers.is_empty(), bulk_action(&visit, &fields)) {
        (true, _) => Err("desk-bulk-nothing"),
        (false, action) => action,
    };
    let action = match action {
        Ok(action) => action,
        Err(key) => {
            let page = page(&queue_page(&visit, user, &asked, Some(visit.t(key))).await?)?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let outcomes = match visit.app.bulk(user, &numbers, &action).await {
        Ok(outcomes) => outcomes,
        Err(AppError::TooManyAtOnce { .. }) => {
            let text = visit.count("desk-bulk-too-many", i64::try_from(MOST_BULK).unwrap_or(i64::MAX));
            let page = page(&queue_page(&visit, user, &asked, Some(text)).await?)?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let outcomes: Vec<Outcome> = outcomes
        .into_iter()
        .map(|(number, result)| Outcome {
            number: number.to_string(),
            problem: result.err().map(|error| problem_of(&visit, &error)),
        })
        .collect();
    page(&BulkPage {
        visit: &visit,
        done: outcomes.iter().filter(|outcome| outcome.problem.is_none()).count(),
        outcomes,
        back: format!(
            "/review?state={}&kind={}&province={}&taken={}",
            encode(&asked.state),
            encode(&asked.kind),
            encode(&asked.province),
            encode(&asked.taken)
        ),
    })
}

fn bulk_action(visit: &Visit, fields: &Fields) -> Result<BulkAction, &'static str> {
    match fields.get("action") {
        "claim" => Ok(BulkAction::Claim),
        "release" => Ok(BulkAction::Release),
        "approve" => Ok(BulkAction::Approve),
        "hand-over" => match fields.get("to").parse::<LoginName>() {
            Ok(to) => Ok(BulkAction::HandOver(to)),
            Err(_) => Err("desk-bulk-whom"),
        },
        "return" => {
            let standard = standard_reason(visit, &Pointer::from(""), fields.get("standard"));
            let words: String = fields.get("words").chars().take(ANSWER_LIMIT).collect();
            if standard.is_none() && words.is_empty() {
                return Err("desk-bulk-why");
            }
            Ok(BulkAction::Return(BulkReason { standard, words }))
        }
        _ => Err("desk-bulk-what"),
    }
}

/// The reason of a code, if the catalogue offers it at a place.
pub(super) fn standard_reason(visit: &Visit, place: &Pointer, code: &str) -> Option<StandardReason> {
    let rulebook = visit.app.rulebook();
    let found = rulebook.return_reasons(place).find(|reason| reason.code.to_string() == code)?;
    Some(found.to_standard())
}

/// Why something was not done to one of many.
pub(super) fn problem_of(visit: &Visit, error: &AppError) -> String {
    match error {
        AppError::Taken => visit.t("desk-problem-taken"),
        AppError::NoSuchReviewer => visit.t("desk-problem-no-reviewer"),
        AppError::Doubtful { findings, signals } => {
            let both = findings + signals;
            visit.count("desk-problem-doubtful", i64::try_from(both).unwrap_or(i64::MAX))
        }
        AppError::Unsendable(_) => visit.t("review-unsendable"),
        AppError::SecondReviewer => visit.t("review-second-reviewer"),
        AppError::NotFound => visit.t("desk-problem-gone"),
        AppError::Stale { .. } | AppError::Transition(_) => visit.t("desk-problem-moved"),
        AppError::LongText { most, .. } => {
            visit.count("desk-problem-long", i64::try_from(*most).unwrap_or(i64::MAX))
        }
        AppError::UndatedEvidence => visit.t("desk-problem-undated"),
        AppError::NotOffered => visit.t("desk-problem-no-look"),
        other => {
            tracing::error!(error = %other, "an order could not be dealt with at the desk");
            visit.t("problem-internal-text")
        }
    }
}

#[derive(Template)]
#[template(path = "review_statistics.html")]
struct StatisticsPage<'a> {
    visit: &'a Visit,
    from: String,
    to: String,
    days: u16,
    spans: [u16; 3],
    reviewers: Vec<ReviewerRow>,
    reasons: Vec<ReasonRow>,
}

struct ReviewerRow {
    reviewer: String,
    approved: u64,
    returned: u64,
    late: u64,
    average: String,
}

struct ReasonRow {
    code: String,
    text: String,
    count: u64,
    /// Of the most frequent reason, in hundredths.
    share: u64,
}

/// Over how many days.
#[derive(Debug, Deserialize)]
pub(crate) struct Span {
    days: Option<u16>,
}

/// What reviewers did.
pub(crate) async fn statistics(visit: Visit, Query(span): Query<Span>) -> Result<Response, Problem> {
    let user = visit.signed_in()?;
    let spans = [7, 30, 90];
    let days = span.days.filter(|days| spans.contains(days)).unwrap_or(30);
    let statistics = visit.app.review_statistics(user, days).await?;
    let most = statistics.reasons.first().map_or(1, |(_, count)| (*count).max(1));
    let rulebook = visit.app.rulebook();
    page(&StatisticsPage {
        from: visit.day(&statistics.from),
        to: visit.day(&statistics.to),
        days,
        spans,
        reviewers: statistics
            .reviewers
            .iter()
            .map(|line| ReviewerRow {
                reviewer: line.reviewer.to_string(),
                approved: line.approved,
                returned: line.returned,
                late: line.late,
                average: visit.language.duration(chrono::TimeDelta::seconds(
                    i64::try_from(line.average_wait).unwrap_or(i64::MAX / 1_000),
                )),
            })
            .collect(),
        reasons: statistics
            .reasons
            .iter()
            .map(|(code, count)| ReasonRow {
                text: rulebook
                    .return_reason(code)
                    .map(|reason| visit.pick(&reason.to_standard().text).to_owned())
                    .unwrap_or_default(),
                code: code.clone(),
                count: *count,
                share: count * 100 / most,
            })
            .collect(),
        visit: &visit,
    })
}
