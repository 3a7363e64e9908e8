//! What another rulebook, another day or another table would change: `impact.html`.

use beian_app::{ChangedVerdict, FindingTitle, Impact, MOST_JUDGED};
use beian_domain::Severity;

use crate::visit::Visit;

/// What another rulebook would change, for `impact.html`.
pub(super) struct ImpactView {
    pub(super) title: String,
    pub(super) summary: String,
    /// Not everything was judged.
    pub(super) cut: Option<String>,
    pub(super) rows: Vec<ImpactRow>,
    pub(super) values: Vec<String>,
    pub(super) value_count: usize,
}

pub(super) struct ImpactRow {
    pub(super) number: String,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) filed_as: Option<String>,
    pub(super) gained: Vec<FindingLine>,
    pub(super) lost: Vec<FindingLine>,
}

pub(super) struct FindingLine {
    pub(super) code: String,
    pub(super) class: &'static str,
    pub(super) title: String,
}

/// How many values are listed.
const MOST_VALUES: usize = 100;

impl ImpactView {
    pub(super) fn new(visit: &Visit, title: String, impact: &Impact) -> Self {
        let judged = impact.judged as i64;
        let summary = if impact.changed.is_empty() {
            visit.count("impact-nothing", judged)
        } else {
            format!(
                "{} {}",
                visit.count("impact-changed", impact.changed.len() as i64),
                visit.count("impact-judged", judged)
            )
        };
        Self {
            title,
            summary,
            cut: (impact.judged < impact.total as usize)
                .then(|| visit.with("impact-cut", format!("{MOST_JUDGED}/{}", impact.total))),
            rows: impact.changed.iter().map(|changed| ImpactRow::new(visit, changed)).collect(),
            values: impact
                .values
                .iter()
                .take(MOST_VALUES)
                .map(|change| format!("{} {}", change.file, change.key))
                .collect(),
            value_count: impact.values.len(),
        }
    }
}

impl ImpactRow {
    fn new(visit: &Visit, changed: &ChangedVerdict) -> Self {
        let line = |found: &FindingTitle| FindingLine {
            code: found.code.to_string(),
            class: match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Advice => "advice",
            },
            title: visit.pick(&found.title).to_owned(),
        };
        Self {
            number: changed.number.to_string(),
            kind: visit.pick(&changed.kind.label()).to_owned(),
            state: visit.t(&format!("order-state-{}", changed.state.slug())),
            filed_as: changed.filed_as.as_ref().map(ToString::to_string),
            gained: changed.gained.iter().map(line).collect(),
            lost: changed.lost.iter().map(line).collect(),
        }
    }
}
