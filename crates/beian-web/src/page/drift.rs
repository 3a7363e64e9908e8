//! What is not as it was filed: for operators by record, the most serious first, and for the holder on their record's
//! page.

use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{
    DriftFilter, DriftMark, DriftSweep, DriftingRecord, RecordHealth, RecordedDrift, RecordedLook,
    drift_words,
};
use beian_domain::{DriftExcuse, DriftId, DriftKind, DriftRemedy, DriftState, Role, ServiceFilingNumber};
use serde::Deserialize;

use super::order::footer_html;
use super::record::go_on_with;
use crate::error::Problem;
use crate::form::posted;
use crate::visit::{Visit, encode, page};

const PATH: &str = "/operator/drift";

struct Row {
    id: DriftId,
    what: String,
    /// What was seen; empty if the first says all.
    seen: String,
    since: String,
    state: DriftState,
    revision: i64,
}

impl Row {
    fn new(visit: &Visit, drift: &RecordedDrift) -> Self {
        let words = drift_words(&drift.drift);
        Self {
            id: drift.id,
            what: visit.pick(&words.what).to_owned(),
            seen: words.seen.map(|seen| visit.pick(&seen).to_owned()).unwrap_or_default(),
            since: visit.moment(&drift.first_seen),
            state: drift.state(),
            revision: drift.revision,
        }
    }

    fn is_excused(&self) -> bool {
        matches!(self.state, DriftState::Excused(_))
    }

    fn state_key(&self) -> String {
        match self.state {
            DriftState::Excused(excuse) => format!("drift-excuse-{}", excuse.slug()),
            state => format!("drift-state-{}", state.slug()),
        }
    }

    fn state_class(&self) -> &'static str {
        match self.state {
            DriftState::Open => "bad",
            DriftState::Suspected | DriftState::Told => "wait",
            DriftState::Excused(_) => "quiet",
        }
    }
}

/// A record with its drifts.
struct Group {
    domain: String,
    number: String,
    holder: String,
    looked: Option<String>,
    rows: Vec<Row>,
    not_seen: String,
    /// Whether there is somebody to tell, and something that they were not told.
    can_tell: bool,
}

impl Group {
    fn new(visit: &Visit, found: &DriftingRecord) -> Self {
        let is_untold = found.drifts.iter().any(|drift| drift.state() == DriftState::Open);
        Self {
            domain: found.record.domain.as_unicode().to_owned(),
            number: found.record.service_number.to_string(),
            holder: match &found.holder {
                Some(login) => visit.with("unfiled-hosts-of", login),
                None => visit.t("drift-of-nobody"),
            },
            looked: found.look.as_ref().map(|look| visit.with("drift-last", visit.moment(&look.looked_at))),
            rows: found.drifts.iter().map(|drift| Row::new(visit, drift)).collect(),
            not_seen: not_seen(visit, found.look.as_ref()),
            can_tell: is_untold && found.record.holder.is_some(),
        }
    }
}

/// What was not looked at, and why; empty if all was.
fn not_seen(visit: &Visit, look: Option<&RecordedLook>) -> String {
    let Some(look) = look else { return String::new() };
    let told: Vec<String> = look
        .not_seen
        .iter()
        .map(|(class, why)| {
            let class = visit.t(&format!("drift-class-{}", class.slug()));
            format!("{class} – {}", visit.t(&format!("drift-why-{}", why.slug())))
        })
        .collect();
    told.join(&visit.t("separator"))
}

struct Tab {
    path: String,
    key: String,
    count: u64,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "drift.html")]
struct DriftPage<'a> {
    visit: &'a Visit,
    banner: Option<String>,
    /// How far the looks are; none if nobody looks.
    sweep: Option<String>,
    tabs: Vec<Tab>,
    groups: Vec<Group>,
    is_later: bool,
    first: String,
    next: Option<String>,
}

impl DriftPage<'_> {
    fn excuses(&self) -> [DriftExcuse; 3] {
        DriftExcuse::ALL
    }
}

#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    class: String,
    /// Where the page before ended: weight and number.
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    n: i64,
}

fn mark_of(text: &str) -> Option<DriftMark> {
    let (weight, number) = text.split_once('_')?;
    Some((weight.parse().ok()?, number.parse().ok()?))
}

/// A filter's name in addresses.
fn slug(filter: DriftFilter) -> &'static str {
    match filter {
        DriftFilter::Counting => "all",
        DriftFilter::Of(class) => class.slug(),
        DriftFilter::Excused => "excused",
    }
}

fn filter_of(slug: &str) -> DriftFilter {
    match slug {
        "excused" => DriftFilter::Excused,
        class => class.parse().map_or(DriftFilter::Counting, DriftFilter::Of),
    }
}

fn path_of(filter: DriftFilter, after: Option<&DriftMark>) -> String {
    let class = slug(filter);
    match after {
        Some((weight, number)) => {
            format!("{PATH}?class={class}&after={weight}_{}", encode(&number.to_string()))
        }
        None if filter == DriftFilter::Counting => PATH.to_owned(),
        None => format!("{PATH}?class={class}"),
    }
}

/// How far the looks are, in one line.
pub(crate) fn sweep_line(visit: &Visit, sweep: &DriftSweep) -> String {
    let looked = format!("{} / {}", sweep.looked_at, sweep.records);
    let mut line = vec![visit.with("drift-looked", looked)];
    line.extend(sweep.last.map(|at| visit.with("drift-last", visit.moment(&at))));
    line.join(&visit.t("separator"))
}

/// What was not looked at, by class and reason, with how many records that were.
pub(crate) fn not_seen_lines(visit: &Visit, sweep: &DriftSweep) -> String {
    let lines: Vec<String> = sweep
        .not_seen
        .iter()
        .map(|((class, why), count)| {
            let class = visit.t(&format!("drift-class-{}", class.slug()));
            format!("{class} – {} ({count})", visit.t(&format!("drift-why-{}", why.slug())))
        })
        .collect();
    lines.join(&visit.t("separator"))
}

/// What is to be done, by record.
pub(crate) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let filter = filter_of(&asked.class);
    let after = mark_of(&asked.after);
    let desk = visit.app.drift_desk(user, filter, after.as_ref()).await?;
    let banner = match asked.done.as_str() {
        "told" => Some(visit.count("drift-told", asked.n)),
        done @ ("excused" | "reopened" | "looking") => Some(visit.t(&format!("drift-{done}"))),
        _ => None,
    };
    let tab = |of: DriftFilter, count| Tab {
        path: path_of(of, None),
        key: format!("drift-class-{}", slug(of)),
        count,
        is_here: of == filter,
    };
    let mut tabs = vec![tab(DriftFilter::Counting, desk.counts.records)];
    tabs.extend(desk.counts.of_class.iter().map(|(of, count)| tab(DriftFilter::Of(*of), *count)));
    tabs.push(tab(DriftFilter::Excused, desk.counts.excused));
    page(&DriftPage {
        banner,
        sweep: desk.sweep.as_ref().map(|sweep| sweep_line(&visit, sweep)),
        tabs,
        groups: desk.records.iter().map(|record| Group::new(&visit, record)).collect(),
        is_later: after.is_some(),
        first: path_of(filter, None),
        next: desk.next.as_ref().map(|next| path_of(filter, Some(next))),
        visit: &visit,
    })
}

/// Tells the holder of a record.
pub(crate) async fn tell(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let fields = posted(&visit, request).await?;
    let number: ServiceFilingNumber = fields.get("number").parse().map_err(|_| Problem::Unreadable)?;
    let count = visit.app.tell_drift(user, &number).await?;
    Ok(Redirect::to(&format!("{PATH}?done=told&n={count}")).into_response())
}

/// Has a record looked at again.
pub(crate) async fn look(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let fields = posted(&visit, request).await?;
    let number: ServiceFilingNumber = fields.get("number").parse().map_err(|_| Problem::Unreadable)?;
    visit.app.look_for_drift_again(user, &number).await?;
    Ok(Redirect::to(&format!("{PATH}?done=looking")).into_response())
}

/// What the button of a row says.
enum Pressed {
    Excuse(DriftExcuse),
    Reopen,
}

/// What was pressed, of which drift, and as it was seen.
fn pressed(value: &str) -> Option<(Pressed, DriftId, i64)> {
    let mut words = value.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let pressed = match word() {
        "reopen" => Pressed::Reopen,
        slug => Pressed::Excuse(slug.parse().ok()?),
    };
    Some((pressed, DriftId(word().parse().ok()?), word().parse().ok()?))
}

/// Decides that nobody need be told, or takes that back.
pub(crate) async fn excuse(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let fields = posted(&visit, request).await?;
    let (pressed, id, revision) = pressed(fields.get("do")).ok_or(Problem::Unreadable)?;
    let done = match pressed {
        Pressed::Excuse(excuse) => {
            visit.app.excuse_drift(user, id, revision, excuse).await?;
            "excused"
        }
        Pressed::Reopen => {
            visit.app.reopen_drift(user, id, revision).await?;
            "reopened"
        }
    };
    Ok(Redirect::to(&format!("{PATH}?done={done}")).into_response())
}

/// How a record does, on its page.
pub(crate) struct HealthView {
    /// When it was looked at; none if it was not yet.
    pub(crate) looked: Option<String>,
    /// What is not as it was filed.
    pub(crate) rows: Vec<HealthRow>,
    /// What was not looked at, and why; empty if all was.
    pub(crate) not_seen: String,
    /// The code for the foot of the page, if that mends something.
    pub(crate) footer_html: Option<String>,
}

/// What is not as it was filed, and what mends it.
pub(crate) struct HealthRow {
    pub(crate) what: String,
    pub(crate) seen: Option<String>,
    pub(crate) remedy: String,
    pub(crate) since: String,
    /// Its kind, and the key of the button that begins an order.
    pub(crate) order: Option<(&'static str, &'static str)>,
}

impl HealthView {
    pub(crate) fn new(visit: &Visit, number: &ServiceFilingNumber, health: &RecordHealth) -> Self {
        let mends = |drift: &RecordedDrift| drift.drift.remedy() == DriftRemedy::PutFooter;
        Self {
            looked: health.look.as_ref().map(|look| visit.moment(&look.looked_at)),
            rows: health.drifts.iter().map(|drift| HealthRow::new(visit, drift)).collect(),
            not_seen: not_seen(visit, health.look.as_ref()),
            footer_html: health.drifts.iter().any(mends).then(|| footer_html(&number.to_string())),
        }
    }
}

impl HealthRow {
    fn new(visit: &Visit, drift: &RecordedDrift) -> Self {
        let words = drift_words(&drift.drift);
        let button = match drift.drift.remedy() {
            DriftRemedy::MoveAccess { .. } => Some("drift-remedy-move-access"),
            DriftRemedy::EndAccess => Some("drift-remedy-end-access"),
            DriftRemedy::RestateDomain => Some("drift-remedy-restate-domain"),
            DriftRemedy::CancelService => Some("drift-remedy-cancel-service"),
            DriftRemedy::PutFooter | DriftRemedy::Elsewhere => None,
        };
        Self {
            what: visit.pick(&words.what).to_owned(),
            seen: words.seen.map(|seen| visit.pick(&seen).to_owned()),
            remedy: visit.pick(&words.remedy).to_owned(),
            since: visit.moment(&drift.first_seen),
            order: button.map(|button| (drift.drift.kind().slug(), button)),
        }
    }
}

/// Begins the order that mends a drift.
pub(crate) async fn begin(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number: ServiceFilingNumber = number.parse().map_err(|_| Problem::NotFound)?;
    let fields = posted(&visit, request).await?;
    let kind: DriftKind = fields.get("kind").parse().map_err(|_| Problem::Unreadable)?;
    go_on_with(&visit, &visit.app.begin_against_drift(user, &number, kind).await?)
}
