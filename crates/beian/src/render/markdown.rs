//! A verdict and a plan as literate pages, in both languages at once, for
//! whoever reviews what is said.

use std::fmt::Write as _;

use beian_domain::{Diagnostic, Severity, Text, Verdict};
use beian_rules::Plan;

use super::situations::codes;
use crate::options::Language;

/// Every finding with its cause, evidence, remedies and sources; then what could
/// not be judged.
pub fn verdict_markdown(verdict: &Verdict) -> String {
    let mut page = String::new();
    if verdict.diagnostics.is_empty() {
        page.push_str("没有发现问题。Nothing was found.\n\n");
    }
    for found in &verdict.diagnostics {
        finding(&mut page, found);
    }
    if !verdict.undetermined.is_empty() {
        page.push_str("**未能判断 · Undetermined**\n\n");
        for (Text { zh, en }, places) in super::plan::grouped(&verdict.undetermined, place) {
            let _ = writeln!(page, "- {zh} · {en}: {}", places.join(", "));
        }
        page.push('\n');
    }
    page
}

fn place(missing: &beian_domain::Undetermined) -> String {
    format!("{} `{}`", missing.code, missing.pointer)
}

fn finding(page: &mut String, found: &Diagnostic) {
    let severity = match found.severity {
        Severity::Error => "错误 error",
        Severity::Warning => "警告 warning",
        Severity::Advice => "建议 advice",
    };
    let situations = match found.situations.as_slice() {
        [] => String::new(),
        situations => format!(" · {}", codes(situations)),
    };
    let _ = writeln!(
        page,
        "#### {} {} · {}\n\n{severity} · `{}`{situations}\n\n- 原因：{}\n- Cause: {}",
        found.code, found.title.zh, found.title.en, found.pointer, found.cause.zh, found.cause.en
    );
    for evidence in &found.evidence {
        let Text { zh, en } = &evidence.label;
        let _ = writeln!(page, "- 证据 evidence · {zh} {en}: `{}`", evidence.value);
    }
    let mut known = Vec::new();
    for source in &found.sources {
        if !known.contains(&source) {
            known.push(source);
            let date = source.date.as_deref().map(|date| format!(" ({date})")).unwrap_or_default();
            let _ = writeln!(page, "- 依据 source · {}{date}", source.citation);
        }
    }
    page.push('\n');
    for (index, remedy) in found.remedies.iter().enumerate() {
        let Text { zh, en } = &remedy.text;
        let _ = writeln!(page, "{}. {zh}<br>{en}", index + 1);
    }
    page.push('\n');
}

/// The itinerary as the terminal shows it, once in each language.
pub fn plan_markdown(name: &str, plan: &Plan) -> String {
    let mut page = String::new();
    for language in [Language::Zh, Language::En] {
        let _ = writeln!(page, "```text\n{}\n```\n", super::plan_text(name, plan, language));
    }
    page
}
