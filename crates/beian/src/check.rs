//! `beian check`: the verdict on a case file.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use beian_domain::{Case, Clock as _, Diagnostic, PlainCase, Severity, Text, Verdict};
use beian_rules::{Facts, RegulatorKind, Rulebook};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};

use crate::output;
use crate::serve::RegulatorMode;
use crate::system::SystemClock;

/// How `beian check` is started.
#[derive(Args)]
pub(crate) struct CheckArguments {
    /// The case file, TOML or JSON by its extension; `-` reads TOML from standard input.
    file: PathBuf,
    /// How the verdict is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The day of filing, for example 2026-11-23; default: today in China.
    #[arg(long)]
    on: Option<NaiveDate>,
    /// Language of the text.
    #[arg(long, value_enum, default_value_t = Language::Zh)]
    language: Language,
    /// Which regulator it would go to: decides which identities are taken.
    #[arg(long, value_enum, default_value_t = RegulatorMode::Practice)]
    regulator: RegulatorMode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Diagnostics over the file's own text.
    Text,
    /// The verdict as JSON.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

const CLEAN: u8 = 0;
const FINDINGS: u8 = 1;
const UNUSABLE: u8 = 2;
/// A case file is a page of text: more is a mistake.
const LARGEST_FILE: u64 = 1024 * 1024;

pub(crate) fn run(arguments: &CheckArguments) -> ExitCode {
    match check(arguments) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            output::error(&error);
            ExitCode::from(UNUSABLE)
        }
    }
}

/// The JSON Schema of the case file.
pub(crate) fn schema() -> String {
    let mut schema = schemars::schema_for!(PlainCase);
    schema.insert("$id".to_owned(), "https://github.com/beian/beian/schema/case.json".into());
    schema.insert("title".to_owned(), "Case file of beian".into());
    let description =
        "A filing as its filer has stated it so far, for `beian check`: perhaps wrong, perhaps incomplete.";
    schema.insert("description".to_owned(), description.into());
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

fn check(arguments: &CheckArguments) -> Result<u8, String> {
    let source = Source::read(&arguments.file)?;
    let case = source.parse()?;
    let rulebook = Rulebook::bundled().map_err(|error| error.to_string())?;
    let day = arguments.on.unwrap_or_else(|| (SystemClock.now() + chrono::TimeDelta::hours(8)).date_naive());
    let kind = match arguments.regulator {
        RegulatorMode::Real => RegulatorKind::Real,
        RegulatorMode::Practice => RegulatorKind::Practice,
    };
    let reason = Text::new(
        "案卷文件单独检查，没有查询管局和账号",
        "the file is judged alone, without asking regulator or account",
    );
    let verdict = beian_rules::evaluate(&case, &Facts::unknown(kind, reason), &rulebook, day);
    match arguments.format {
        Format::Json => {
            output::line(&serde_json::to_string_pretty(&verdict).map_err(|error| error.to_string())?);
        }
        Format::Text => output::line(&render(&source, &verdict, arguments.language)),
    }
    // Advice is given to nearly everybody; it is no reason to stop a script.
    let is_clean = verdict.diagnostics.iter().all(|found| found.severity == Severity::Advice);
    Ok(if is_clean { CLEAN } else { FINDINGS })
}

struct Source {
    name: String,
    text: String,
    kind: SourceKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SourceKind {
    Toml,
    Json,
}

impl Source {
    fn read(path: &Path) -> Result<Self, String> {
        use std::io::Read as _;
        let name = path.display().to_string();
        let unreadable = |error: std::io::Error| format!("{name} cannot be read: {error}");
        let reader: Box<dyn std::io::Read> = if name == "-" {
            Box::new(std::io::stdin())
        } else {
            Box::new(std::fs::File::open(path).map_err(unreadable)?)
        };
        let mut bytes = Vec::new();
        reader.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(format!("{name}: expected at most {LARGEST_FILE} bytes"));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let line =
                error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&b| b == b'\n').count()
                    + 1;
            format!("{name}:{line}: expected UTF-8 text")
        })?;
        let kind = if path.extension().is_some_and(|extension| extension == "json") {
            SourceKind::Json
        } else {
            SourceKind::Toml
        };
        Ok(Self { name, text, kind })
    }

    fn parse(&self) -> Result<Case, String> {
        match self.kind {
            SourceKind::Json => serde_json::from_str(&self.text)
                .map_err(|error| format!("{}:{}:{}: {error}", self.name, error.line(), error.column())),
            SourceKind::Toml => toml::from_str(&self.text).map_err(|error| {
                let at = error.span().map_or(0, |span| span.start);
                let before = self.text.get(..at).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                format!("{}:{line}:{column}: {}", self.name, error.message())
            }),
        }
    }

    /// Where the value of a pointer stands in the text; for something that is
    /// missing, where its nearest parent stands.
    fn locate(&self, pointer: &str) -> Option<Range<usize>> {
        let parts: Vec<&str> = pointer.split('/').skip(1).collect();
        match self.kind {
            SourceKind::Toml => {
                let document = toml::de::DeTable::parse(&self.text).ok()?;
                let mut found = None;
                let mut table = document.get_ref();
                for part in parts {
                    let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == part) else {
                        break;
                    };
                    found = Some((key.span(), value.span()));
                    match value.get_ref() {
                        toml::de::DeValue::Table(next) => table = next,
                        _ => break,
                    }
                }
                let (key, value) = found?;
                // A table's own span is its header.
                Some(if value.is_empty() { key } else { value })
            }
            SourceKind::Json => {
                let mut from = 0;
                let mut found = None;
                for part in parts {
                    let key = format!("\"{part}\"");
                    let Some(at) = self.text.get(from..).and_then(|rest| rest.find(&key)) else { break };
                    found = Some(from + at..from + at + key.len());
                    from += at + key.len();
                }
                found
            }
        }
    }
}

fn render(source: &Source, verdict: &Verdict, language: Language) -> String {
    let say = |text: &Text| match language {
        Language::Zh => text.zh.to_string(),
        Language::En => text.en.to_string(),
    };
    let theme = if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100);
    let mut text = String::new();
    for found in &verdict.diagnostics {
        let report = Report::new(diagnostic(source, found, &say))
            .with_source_code(NamedSource::new(&source.name, source.text.clone()));
        if handler.render_report(&mut text, report.as_ref()).is_err() {
            text.push_str(&format!("{} {}\n", found.code, say(&found.title)));
        }
        text.push('\n');
    }
    for missing in &verdict.undetermined {
        text.push_str(&format!("  ? {} {}: {}\n", missing.code, missing.pointer, say(&missing.missing)));
    }
    let count = |severity| verdict.diagnostics.iter().filter(|found| found.severity == severity).count();
    let (errors, warnings, advice) =
        (count(Severity::Error), count(Severity::Warning), count(Severity::Advice));
    let summary = match language {
        Language::Zh => format!(
            "{}：错误 {errors}，警告 {warnings}，建议 {advice}，未能判断 {}（规则截至 {}）",
            source.name,
            verdict.undetermined.len(),
            verdict.day
        ),
        Language::En => format!(
            "{}: {errors} errors, {warnings} warnings, {advice} pieces of advice, {} undetermined (rules of {})",
            source.name,
            verdict.undetermined.len(),
            verdict.day
        ),
    };
    text.push_str(&summary);
    text
}

fn diagnostic(source: &Source, found: &Diagnostic, say: &dyn Fn(&Text) -> String) -> MietteDiagnostic {
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
    let mut diagnostic = MietteDiagnostic::new(format!("{} {}", found.pointer, say(&found.title)))
        .with_code(found.code.to_string())
        .with_severity(severity)
        .with_help(help.join("\n"));
    if let Some(span) = source.locate(found.pointer.as_str()) {
        diagnostic = diagnostic.with_label(LabeledSpan::at(span, say(&found.cause)));
    } else {
        diagnostic.message = format!("{}\n{}", diagnostic.message, say(&found.cause));
    }
    diagnostic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_the_code() {
        // Compared as values: other crates of a build decide the order of keys.
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        let published = value(include_str!("../../../schema/case.schema.json"));
        assert!(published == value(&schema()), "run `beian schema > schema/case.schema.json`");
    }

    #[test]
    fn a_pointer_is_found_in_the_users_own_text() {
        let text = "[sponsor]\nname = \"a\"\n[sponsor.certificate]\nnumber = \"b\"\n";
        let source = Source { name: "x".to_owned(), text: text.to_owned(), kind: SourceKind::Toml };
        let at = |pointer: &str| source.locate(pointer).map(|span| &text[span]);
        assert_eq!(at("/sponsor/name"), Some("\"a\""));
        assert_eq!(at("/sponsor/certificate/number"), Some("\"b\""));
        assert_eq!(at("/sponsor/certificate/missing"), Some("[sponsor.certificate]"));
        let json = Source {
            name: "x".to_owned(),
            text: r#"{"sponsor": {"name": "a"}, "service": {"name": "b"}}"#.to_owned(),
            kind: SourceKind::Json,
        };
        assert_eq!(json.locate("/service/name"), Some(39..45));
    }

    #[test]
    fn malformed_files_are_told_with_line_and_column() {
        let parse = |kind, text: &str| {
            Source { name: "case".to_owned(), text: text.to_owned(), kind }.parse().map(drop).unwrap_err()
        };
        assert!(parse(SourceKind::Toml, "[sponsor]\nname = ").starts_with("case:2:8: "));
        assert!(parse(SourceKind::Toml, "[sponsor]\nnmae = \"a\"").starts_with("case:2:1: "));
        assert!(parse(SourceKind::Json, "{\n  \"sponsor\": 5\n}").starts_with("case:2:14: "));
    }
}
