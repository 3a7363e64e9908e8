//! The operator's first page: pictures of where orders stand, drawn on the server.

use askama::Template;
use axum::response::Response;
use beian_app::{AGES, BridgeProblem, DayDue, OrdersOfProvince, UnfiledSites, WorkingDay};
use beian_domain::{OrderState, Role};
use chrono::Datelike;

use super::duties::DutyRow;
use super::home::state_class;
use crate::error::Problem;
use crate::picture::{Tile, tiles};
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "dashboard.html")]
struct DashboardPage<'a> {
    visit: &'a Visit,
    ages: Vec<String>,
    places: Vec<PlaceRow>,
    tiles: Vec<Tile>,
    calendar: Vec<DayView>,
    unfiled: UnfiledView,
    /// How many domains audits found, if any are open.
    found_by_audits: Option<String>,
    /// How many records drift, if any do.
    drifting: Option<String>,
    /// Nothing is due at all.
    is_calm: bool,
    last_answer: Option<String>,
    problem: Option<BridgeProblem>,
    trouble: Option<String>,
    at: String,
}

/// Open orders at a place.
struct PlaceRow {
    state: OrderState,
    class: &'static str,
    count: u64,
    /// Of each age.
    parts: Vec<Part>,
}

/// A part of a bar, in thousandths of the longest bar.
struct Part {
    count: u64,
    left: u64,
    width: u64,
}

/// Unfiled sites: how many are how urgent, and the first of them.
struct UnfiledView {
    count: u64,
    overdue: u64,
    soon: u64,
    later: u64,
    /// The bar, in the same order.
    parts: Vec<Part>,
    rows: Vec<DutyRow>,
}

/// A day of the calendar.
struct DayView {
    day: String,
    weekday: String,
    is_today: bool,
    is_rest: bool,
    reviews: u64,
    expiries: u64,
    duties: u64,
    /// How high each is drawn, in hundredths of the highest.
    heights: (u64, u64, u64),
}

/// Everything at a glance.
pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let view = visit.app.dashboard(user).await?;
    let widest = view.open.iter().map(|(_, ages)| ages.iter().sum::<u64>()).max().unwrap_or_default();
    page(&DashboardPage {
        ages: ages(&visit),
        places: view
            .open
            .iter()
            .map(|(state, ages)| PlaceRow {
                state: *state,
                class: state_class(*state),
                count: ages.iter().sum(),
                parts: parts(ages, widest),
            })
            .collect(),
        tiles: provinces(&visit, &view.provinces),
        unfiled: unfiled(&visit, &view.unfiled),
        drifting: (view.drifting > 0).then(|| visit.count("dashboard-drift", view.drifting.cast_signed())),
        found_by_audits: (view.unfiled_hosts > 0)
            .then(|| visit.count("dashboard-unfiled-hosts", view.unfiled_hosts.cast_signed())),
        is_calm: view.calendar.iter().all(|day| day.reviews + day.expiries + day.duties == 0),
        calendar: calendar(&visit, &view.calendar),
        last_answer: view.bridge.last_answer_at.map(|at| visit.moment(&at)),
        problem: view.bridge.problem,
        trouble: view.bridge.trouble,
        at: visit.moment(&view.at),
        visit: &visit,
    })
}

fn unfiled(visit: &Visit, sites: &UnfiledSites) -> UnfiledView {
    let UnfiledSites { overdue, soon, later, .. } = *sites;
    let count = overdue + soon + later;
    UnfiledView {
        count,
        overdue,
        soon,
        later,
        parts: parts(&[overdue, soon, later], count),
        rows: sites.first.iter().map(|listed| DutyRow::new(visit, listed)).collect(),
    }
}

fn parts(counts: &[u64], widest: u64) -> Vec<Part> {
    let mut left = 0;
    let mut next = |count: &u64| {
        let part = Part { count: *count, left, width: count * 1_000 / widest.max(1) };
        left += part.width;
        part
    };
    counts.iter().map(&mut next).collect()
}

/// What the ages are called, for the legend.
fn ages(visit: &Visit) -> Vec<String> {
    AGES.iter()
        .enumerate()
        .map(|(place, from)| match AGES.get(place + 1) {
            Some(to) => visit.with("dashboard-age", format!("{from}–{to}")),
            None => visit.count("dashboard-age-last", *from),
        })
        .collect()
}

fn provinces(visit: &Visit, counts: &[OrdersOfProvince]) -> Vec<Tile> {
    let rulebook = visit.app.rulebook();
    let most = counts.iter().map(|count| count.open + count.filed).max().unwrap_or_default();
    let named = counts.iter().filter_map(|count| {
        let province = rulebook.province(count.province)?;
        let all = count.open + count.filed;
        let numbers = visit.with("dashboard-province", format!("{} / {}", count.open, count.filed));
        Some((
            province.icp_abbreviation,
            format!("{}{}{numbers}", visit.pick(&province.name), visit.t("colon")),
            all.to_string(),
            // From 1, so that a few are told from none.
            if all == 0 { 0 } else { 1 + all * 3 / most.max(1) },
        ))
    });
    tiles(named)
}

fn calendar(visit: &Visit, days: &[DayDue]) -> Vec<DayView> {
    let rulebook = visit.app.rulebook();
    let most =
        days.iter().map(|day| day.reviews.max(day.expiries).max(day.duties)).max().unwrap_or_default().max(1);
    days.iter()
        .enumerate()
        .map(|(place, day)| DayView {
            day: format!("{}/{}", day.day.month(), day.day.day()),
            weekday: visit.t(&format!("weekday-{}", day.day.weekday().num_days_from_monday() + 1)),
            is_today: place == 0,
            is_rest: rulebook.working_days().is_working_day(day.day) == WorkingDay::No,
            reviews: day.reviews,
            expiries: day.expiries,
            duties: day.duties,
            heights: (day.reviews * 100 / most, day.expiries * 100 / most, day.duties * 100 / most),
        })
        .collect()
}
