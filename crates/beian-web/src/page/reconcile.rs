//! All that the regulator has of us, held against our records.

use askama::Template;
use axum::extract::{Query, Request};
use axum::response::Response;
use beian_app::{DifferingRecord, NumberedRange, TableFormat, Unmatched};
use beian_domain::Role;
use chrono::NaiveDate;
use serde::Deserialize;

use super::attached;
use crate::error::Problem;
use crate::form::posted;
use crate::visit::{Visit, page};

/// Rows of each kind that a page shows; a file has them all.
const MOST_SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "reconcile.html")]
struct ReconcilePage<'a> {
    visit: &'a Visit,
    shown: Option<Shown>,
    days: Vec<(String, String)>,
}

struct Shown {
    /// As an address has it, and as people read it.
    day: String,
    label: String,
    there: usize,
    here: usize,
    only_there: Part<Unmatched>,
    only_here: Part<Unmatched>,
    differing: Part<RecordRow>,
    /// The same of addresses.
    ranges_there: usize,
    ranges_here: usize,
    ranges_only_there: Part<Unmatched>,
    ranges_only_here: Part<Unmatched>,
    ranges_differing: Part<RecordRow>,
}

/// The first rows of a part, and how many there are.
struct Part<T> {
    rows: Vec<T>,
    count: usize,
}

struct RecordRow {
    number: String,
    domain: String,
    /// Field, the regulator's value, ours.
    fields: Vec<(String, String, String)>,
}

impl Shown {
    /// Each part that has rows of what one side has alone, under its title.
    fn lone(&self) -> Vec<(&'static str, &Part<Unmatched>)> {
        let parts = [
            ("reconcile-only-there", &self.only_there),
            ("reconcile-only-here", &self.only_here),
            ("reconcile-ranges-only-there", &self.ranges_only_there),
            ("reconcile-ranges-only-here", &self.ranges_only_here),
        ];
        parts.into_iter().filter(|(_, part)| part.count > 0).collect()
    }

    /// Each part that has records which differ, under its title.
    fn differences(&self) -> Vec<(&'static str, &Part<RecordRow>)> {
        let parts = [
            ("reconcile-differing", &self.differing),
            ("reconcile-ranges-differing", &self.ranges_differing),
        ];
        parts.into_iter().filter(|(_, part)| part.count > 0).collect()
    }

    fn is_cut(&self) -> bool {
        self.lone().iter().any(|(_, part)| part.is_cut())
            || self.differences().iter().any(|(_, part)| part.is_cut())
    }
}

impl<T> Part<T> {
    fn of<S>(all: &[S], row: impl FnMut(&S) -> T) -> Self {
        Self { rows: all.iter().take(MOST_SHOWN).map(row).collect(), count: all.len() }
    }

    fn is_cut(&self) -> bool {
        self.count > self.rows.len()
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    day: Option<NaiveDate>,
}

/// The report of a day, or of the newest one.
pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let desk = visit.app.reconciliation(user, asked.day).await?;
    let row = |record: &DifferingRecord| RecordRow {
        number: record.number.to_string(),
        domain: record.domain.clone(),
        fields: record
            .fields
            .iter()
            .map(|field| {
                let label = field.field.label();
                (visit.pick(&label).to_owned(), field.theirs.clone(), field.ours.clone())
            })
            .collect(),
    };
    let numbered = |range: &NumberedRange| {
        let kind = visit.t(&format!("address-kind-{}", range.kind.slug()));
        format!("{kind} {}", range.register_id)
    };
    let lone = |range: &NumberedRange| Unmatched { number: numbered(range), domain: range.range.clone() };
    page(&ReconcilePage {
        shown: desk.shown.as_ref().map(|(day, report)| Shown {
            day: day.to_string(),
            label: visit.day(day),
            there: report.there,
            here: report.here,
            only_there: Part::of(&report.only_there, Clone::clone),
            only_here: Part::of(&report.only_here, Clone::clone),
            differing: Part::of(&report.differing, row),
            ranges_there: report.addresses.there,
            ranges_here: report.addresses.here,
            ranges_only_there: Part::of(&report.addresses.only_there, lone),
            ranges_only_here: Part::of(&report.addresses.only_here, lone),
            ranges_differing: Part::of(&report.addresses.differing, |(range, fields)| RecordRow {
                number: numbered(range),
                domain: range.range.clone(),
                fields: fields
                    .iter()
                    .map(|field| {
                        let label = visit.t(&format!("address-{}", field.field.slug()));
                        (label, field.theirs.clone(), field.ours.clone())
                    })
                    .collect(),
            }),
        }),
        days: desk.days.iter().map(|(day, _)| (day.to_string(), visit.day(day))).collect(),
        visit: &visit,
    })
}

/// The same as a table. A form, and no link: it is noted.
pub(crate) async fn export(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let fields = posted(&visit, request).await?;
    let format: TableFormat = fields.get("format").parse().map_err(|_| Problem::Unreadable)?;
    let day: NaiveDate = fields.get("day").parse().map_err(|_| Problem::Unreadable)?;
    let file = visit.app.reconciliation_file(user, day, format, visit.language.picker()).await?;
    Ok(attached("reconciliation", format, file))
}
