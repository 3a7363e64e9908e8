//! The answers of an order as rows: for the check page and the review desk.

use beian_app::{Consequence, OrderView, StoredMaterial, Weight};
use beian_domain::{FilingPurpose, MaterialUse, OrderState, PictureDoubt, Pointer};

use crate::finding::FindingView;
use crate::visit::Visit;
use crate::wizard::{Answer, Scope, Section, Step, display, label};

/// A part of the answers.
pub(crate) struct SectionRows {
    pub(crate) title: String,
    pub(crate) rows: Vec<Row>,
}

/// One answer.
pub(crate) struct Row {
    /// Its name in forms, and its anchor.
    pub(crate) name: String,
    pub(crate) pointer: String,
    pub(crate) label: String,
    /// What was stated, in the visitor's language.
    pub(crate) values: Vec<String>,
    /// What is on record, where that differs: in the visitor's language.
    pub(crate) recorded: Vec<String>,
    /// Where it is changed, if it can be now.
    pub(crate) change: Option<String>,
    pub(crate) findings: Vec<FindingView>,
    pub(crate) returned: Vec<String>,
    pub(crate) picture: Option<PictureView>,
}

impl Row {
    /// Whether something is stated or said there.
    fn is_worth_a_line(&self) -> bool {
        !self.values.is_empty() || !self.findings.is_empty() || !self.returned.is_empty()
    }

    /// The key of what to say if nothing was answered or handed in yet.
    pub(crate) fn open_question(&self) -> Option<&'static str> {
        match (&self.picture, self.pointer.starts_with("/materials/")) {
            (None, true) => Some("material-missing"),
            (None, false) if self.values.is_empty() => Some("answer-missing"),
            _ => None,
        }
    }
}

/// A paper that is stated to be at hand.
pub(crate) struct PaperRow {
    pub(crate) slug: &'static str,
    pub(crate) label: String,
}

/// The papers of an order.
pub(crate) fn papers(visit: &Visit, view: &OrderView) -> Vec<PaperRow> {
    let row = |paper: &beian_domain::Paper| PaperRow {
        slug: paper.slug(),
        label: visit.pick(&paper.label()).to_owned(),
    };
    view.order.case.papers.iter().map(row).collect()
}

/// A material with its measures.
pub(crate) struct PictureView {
    pub(crate) id: String,
    pub(crate) original_bytes: String,
    pub(crate) original_size: String,
    pub(crate) copy_bytes: String,
    pub(crate) copy_size: String,
    pub(crate) copy_width: u32,
    pub(crate) copy_height: u32,
    pub(crate) handed_in: String,
    /// What seems wrong with it.
    pub(crate) doubts: Vec<PictureDoubt>,
}

impl PictureView {
    pub(crate) fn new(visit: &Visit, material: &StoredMaterial) -> Self {
        let size = |(width, height): (u32, u32)| format!("{width} × {height}");
        Self {
            id: material.id.0.to_string(),
            original_bytes: bytes(material.original_bytes),
            original_size: size(material.original_size),
            copy_bytes: bytes(material.copy_bytes),
            copy_size: size(material.copy_size),
            copy_width: material.copy_size.0,
            copy_height: material.copy_size.1,
            handed_in: visit.moment(&material.created_at),
            doubts: material.doubts.clone(),
        }
    }
}

/// A size for people.
fn bytes(bytes: u64) -> String {
    if bytes >= 1_000_000 {
        format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
    } else {
        format!("{} kB", bytes.div_ceil(1_000))
    }
}

/// Every answer of an order, part by part.
pub(crate) fn sections(visit: &Visit, view: &OrderView) -> Vec<SectionRows> {
    let steps = Scope::of(view).steps();
    let mut sections = Vec::new();
    for section in Section::ALL {
        let mut rows = Vec::new();
        for step in steps.iter().copied().filter(|step| step.section() == section) {
            match step {
                Step::Material(purpose) => rows.push(material_row(visit, view, step, purpose)),
                _ => rows.extend(
                    step.answers_in(&view.order.case)
                        .into_iter()
                        .map(|answer| (answer, answer_row(visit, view, step, answer)))
                        .filter(|(answer, row)| !answer.is_extra() || row.is_worth_a_line())
                        .map(|(_, row)| row),
                ),
            }
        }
        if !rows.is_empty() {
            sections.push(SectionRows {
                title: visit.of_kind(section.key(), view.order.case.service.kind),
                rows,
            });
        }
    }
    sections
}

/// Findings at no row: at the case as a whole.
pub(crate) fn general_findings(visit: &Visit, view: &OrderView) -> Vec<FindingView> {
    findings_at(visit, view, None)
}

fn answer_row(visit: &Visit, view: &OrderView, step: Step, answer: Answer) -> Row {
    let pointer = answer.pointer();
    Row {
        name: answer.name(),
        label: label(answer, &view.order.case, visit),
        values: display(answer, &view.order.case, visit),
        recorded: recorded(visit, view, answer),
        change: change(view, step),
        findings: findings(visit, view, &pointer),
        returned: returned(visit, view, step, &pointer),
        picture: None,
        pointer,
    }
}

fn material_row(visit: &Visit, view: &OrderView, step: Step, purpose: MaterialUse) -> Row {
    let pointer = format!("/materials/{}", purpose.slug());
    let material = view.materials.iter().find(|material| material.purpose == purpose);
    Row {
        name: format!("materials-{}", purpose.slug()),
        label: visit.pick(&purpose.label()).to_owned(),
        values: Vec::new(),
        recorded: Vec::new(),
        change: change(view, step),
        findings: findings(visit, view, &pointer),
        returned: returned(visit, view, step, &pointer),
        picture: material.map(|material| PictureView::new(visit, material)),
        pointer,
    }
}

/// What is on record of an answer, if a change states it anew.
fn recorded(visit: &Visit, view: &OrderView, answer: Answer) -> Vec<String> {
    let is_change = view.order.kind.purpose() == FilingPurpose::Change;
    let Some(recorded) = view.recorded.as_ref().filter(|_| is_change) else {
        return Vec::new();
    };
    if answer.read(recorded) == answer.read(&view.order.case) {
        return Vec::new();
    }
    let shown = display(answer, recorded, visit);
    if shown.is_empty() { vec![visit.t("check-not-answered")] } else { shown }
}

/// A consequence, for people.
pub(crate) struct ConsequenceView {
    pub(crate) text: String,
    pub(crate) class: &'static str,
    pub(crate) key: &'static str,
}

impl ConsequenceView {
    pub(crate) fn new(visit: &Visit, consequence: &Consequence) -> Self {
        let (class, key) = match consequence.weight {
            Weight::Harmless => ("good", "consequence-harmless"),
            Weight::Notable => ("wait", "consequence-notable"),
            Weight::Final => ("bad", "consequence-final"),
        };
        Self { text: visit.pick(&consequence.text).to_owned(), class, key }
    }
}

/// What follows from an order, gravest first.
pub(crate) fn consequences(visit: &Visit, view: &OrderView) -> Vec<ConsequenceView> {
    view.consequences.iter().map(|consequence| ConsequenceView::new(visit, consequence)).collect()
}

fn change(view: &OrderView, step: Step) -> Option<String> {
    step.is_open(view.order.state(), &view.order.returned).then(|| step.path(&view.order.number))
}

fn findings(visit: &Visit, view: &OrderView, pointer: &str) -> Vec<FindingView> {
    findings_at(visit, view, Some(pointer))
}

fn findings_at(visit: &Visit, view: &OrderView, row: Option<&str>) -> Vec<FindingView> {
    let rows: Vec<String> = Scope::of(view).steps().into_iter().flat_map(Step::pointers).collect();
    view.verdict
        .diagnostics
        .iter()
        .filter(|found| row_of(&found.pointer, &rows) == row)
        .map(|found| {
            FindingView::of_order(visit, found, &view.order.number).with_plan(
                visit,
                found,
                view.plan.as_ref(),
            )
        })
        .collect()
}

/// The one row at which a finding stands: the deepest that holds its place, or
/// the first below its place, if it is about a whole part.
fn row_of<'a>(place: &Pointer, rows: &'a [String]) -> Option<&'a str> {
    let holds = rows.iter().filter(|row| place.is_within(row)).max_by_key(|row| row.len());
    let below = || {
        rows.iter()
            .filter(|_| !place.as_str().is_empty())
            .find(|row| Pointer((*row).clone().into()).is_within(place.as_str()))
    };
    holds.or_else(below).map(String::as_str)
}

fn returned(visit: &Visit, view: &OrderView, step: Step, pointer: &str) -> Vec<String> {
    if !matches!(view.order.state(), OrderState::Returned) {
        return Vec::new();
    }
    step.returned(&view.order.returned)
        .into_iter()
        .filter(|field| {
            field.pointer.is_within(pointer)
                || Pointer(pointer.to_owned().into()).is_within(field.pointer.as_str())
        })
        .map(|field| visit.returned_reason(field))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_stands_at_one_row() {
        let rows: Vec<String> = Step::ALL.into_iter().flat_map(Step::pointers).collect();
        let at = |place: &'static str| row_of(&Pointer::from(place), &rows);
        assert_eq!(at("/service/contents/0"), Some("/service/contents"));
        assert_eq!(at("/service/principal/other/mobile"), Some("/service/principal/other/mobile"));
        assert_eq!(at("/sponsor/principal"), Some("/sponsor/principal/name"), "a whole part: its first row");
        assert_eq!(at("/materials/verification-form/bytes"), Some("/materials/verification-form"));
        assert_eq!(at(""), None);
        assert_eq!(at("/elsewhere"), None);
    }
}
