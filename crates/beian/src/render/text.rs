//! A verdict over the filer's own text.

use beian_domain::{Diagnostic, Severity, Text, Verdict};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};

use super::layout::wrap;
use super::situations::codes;
use crate::input::Source;
use crate::options::Language;

/// Whether what is written is read in colour.
fn theme() -> GraphicalTheme {
    if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    }
}

/// The verdict as people read it: each finding at its place in the file.
pub(crate) fn verdict_text(source: &Source, verdict: &Verdict, language: Language) -> String {
    let handler = GraphicalReportHandler::new_themed(theme()).with_width(super::layout::PAGE);
    let mut text = String::new();
    for found in &verdict.diagnostics {
        let report = Report::new(diagnostic(source, found, language))
            .with_source_code(NamedSource::new(&source.name, source.text.clone()));
        if handler.render_report(&mut text, report.as_ref()).is_err() {
            text.push_str(&format!("{} {}\n", found.code, language.of(&found.title)));
        }
        text.push('\n');
    }
    for (missing, places) in super::plan::grouped(&verdict.undetermined, place) {
        text.push_str(&wrap("  ? ", &format!("{}{}", language.of(missing), language.pick("：", ":"))));
        text.push('\n');
        text.push_str(&wrap("    ", &places.join(language.pick("、", ", "))));
        text.push('\n');
    }
    text.push_str(&summary(source, verdict, language));
    text
}

fn place(missing: &beian_domain::Undetermined) -> String {
    format!("{} {}", missing.code, missing.pointer)
}

fn summary(source: &Source, verdict: &Verdict, language: Language) -> String {
    let count = |severity| verdict.diagnostics.iter().filter(|found| found.severity == severity).count();
    let (errors, warnings, advice) =
        (count(Severity::Error), count(Severity::Warning), count(Severity::Advice));
    let (name, unknown, day) = (&source.name, verdict.undetermined.len(), verdict.day);
    language.pick(
        format!(
            "{name}：错误 {errors}，警告 {warnings}，建议 {advice}，未能判断 {unknown}（规则截至 {day}）"
        ),
        format!(
            "{name}: {errors} errors, {warnings} warnings, {advice} pieces of advice, {unknown} undetermined (rules of {day})"
        ),
    )
}

fn diagnostic(source: &Source, found: &Diagnostic, language: Language) -> MietteDiagnostic {
    let say = |text: &Text| language.of(text).to_owned();
    let severity = match found.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Advice => miette::Severity::Advice,
    };
    let mut help: Vec<String> =
        found.remedies.iter().map(|remedy| format!("→ {}", say(&remedy.text))).collect();
    help.extend(
        found.evidence.iter().map(|evidence| format!("{}: {}", say(&evidence.label), evidence.value)),
    );
    for source in &found.sources {
        let line = match &source.date {
            Some(date) => format!("§ {} ({date})", source.citation),
            None => format!("§ {}", source.citation),
        };
        if !help.contains(&line) {
            help.push(line);
        }
    }
    let code = match found.situations.as_slice() {
        [] => found.code.to_string(),
        situations => format!("{} ({})", found.code, codes(situations)),
    };
    let mut diagnostic = MietteDiagnostic::new(format!("{} {}", found.pointer, say(&found.title)))
        .with_code(code)
        .with_severity(severity)
        .with_help(help.join("\n"));
    if let Some(span) = source.locate(found.pointer.as_str()) {
        diagnostic = diagnostic.with_label(LabeledSpan::at(span, say(&found.cause)));
    } else {
        diagnostic.message = format!("{}\n{}", diagnostic.message, say(&found.cause));
    }
    diagnostic
}
