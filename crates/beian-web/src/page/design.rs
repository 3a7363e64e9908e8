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
const COLOURS: [&str; 27] = [
    "paper",
    "sheet",
    "ink",
    "quiet",
    "line",
    "edge",
    "pine",
    "pine-deep",
    "on-pine",
    "link",
    "focus",
    "on-focus",
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
    "shade-5",
    "on-shade",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_of_the_styles_is_shown() {
        let styles = include_str!("../../assets/app.css");
        let root = styles.split(":root {").nth(1).unwrap().split('}').next().unwrap();
        let tokens: Vec<&str> = root
            .lines()
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(tokens, COLOURS);
        for name in COLOURS {
            let swatch = format!(".swatch-{name} {{ fill: var(--{name}); }}");
            assert!(styles.contains(&swatch), "{swatch}");
        }
    }
}
