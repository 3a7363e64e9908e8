//! The living page of the design: every token and component as it is, in the language and the
//! theme of whoever looks. Who changes the styles looks here.

use askama::Template;
use axum::response::Response;
use beian_domain::Severity;

use crate::error::Problem;
use crate::finding::{Act, FindingView, RemedyView};
use crate::form::{Choice, Chosen, Control, FieldView, Group, Line, RemedyAt};
use crate::visit::{Visit, page};

/// The colours, by the names of their tokens.
const COLOURS: [&str; 22] = [
    "paper",
    "sheet",
    "ink",
    "quiet",
    "line",
    "edge",
    "pine",
    "link",
    "focus",
    "good",
    "good-wash",
    "bad",
    "bad-wash",
    "warn",
    "warn-wash",
    "wait",
    "wait-wash",
    "quiet-wash",
    "shade-1",
    "shade-2",
    "shade-3",
    "shade-4",
];

#[derive(Template)]
#[template(path = "design.html")]
struct DesignPage<'a> {
    visit: &'a Visit,
    colours: [&'static str; COLOURS.len()],
    fields: Vec<FieldView>,
    findings: Vec<FindingView>,
    remedy_at: Option<RemedyAt>,
    today: String,
}

/// Everything that pages are made of.
pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    let choice = |value: &str, chosen| Choice {
        value: value.to_owned(),
        label: visit.t(&format!("outlook-answer-{value}")),
        hint: None,
        chosen: Chosen::of(chosen),
    };
    let choices = || vec![choice("yes", true), choice("first", false), choice("no", false)];
    let line = |name: &str, value: &str| {
        let hint = Some(visit.t("outlook-lead"));
        FieldView::line(name, visit.t("outlook-domain"), hint, value, Line::default())
    };
    let mut wrong = line("wrong", "example");
    wrong.error = Some(visit.with("domain-syntax", "example"));
    let with = |name: &str, control| FieldView { hint: None, control, ..line(name, "") };
    let finding = |severity, code: &str| FindingView {
        code: code.to_owned(),
        severity,
        title: visit.t("outlook-answer-care"),
        cause: visit.t("outlook-answer-care-text"),
        evidence: vec![(visit.t("outlook-evidence"), "example.cn".to_owned())],
        sources: Vec::new(),
        remedies: vec![RemedyView {
            text: visit.t("outlook-again"),
            act: Act::Go("/can-i-file".to_owned()),
            note: None,
        }],
    };
    page(&DesignPage {
        colours: COLOURS,
        fields: vec![
            line("plain", "example.cn"),
            wrong,
            with("radios", Control::Radios(choices())),
            with("boxes", Control::Checkboxes(choices())),
            with("select", Control::Select(vec![Group { heading: "—".to_owned(), choices: choices() }])),
            with(
                "day",
                Control::Day { year: "2026".to_owned(), month: "11".to_owned(), day: "29".to_owned() },
            ),
            with("lines", Control::Lines),
        ],
        findings: vec![finding(Severity::Error, "DOM001"), finding(Severity::Warning, "DOM002")],
        remedy_at: None,
        today: visit.day(&visit.app.today()),
        visit: &visit,
    })
}
