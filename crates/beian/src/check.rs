//! `beian check`: the verdict on case files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use beian_domain::{Severity, Verdict};
use beian_rules::{CaseFile, RegulatorKind, Rulebook};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use crate::input::Source;
use crate::options::{CLEAN, FINDINGS, JudgeArguments, UNUSABLE, today};
use crate::render::{self, Answer, Failure, Judged};
use crate::{bulk, output};

/// How `beian check` is started.
#[derive(Args)]
pub(crate) struct CheckArguments {
    /// Case files, TOML or JSON by their extension; `-` reads TOML from standard input.
    #[arg(required_unless_present = "ndjson")]
    files: Vec<PathBuf>,
    /// How the verdict is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Judge many: a case file as JSON on every line of this file (`-`: standard input); answers with a verdict as JSON a line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "format"])]
    ndjson: Option<PathBuf>,
    #[command(flatten)]
    judge: JudgeArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Diagnostics over the file's own text.
    Text,
    /// The verdict as a JSON object a file.
    Json,
    /// One SARIF 2.1.0 log over all files, for editors and code review.
    Sarif,
}

pub(crate) fn run(arguments: &CheckArguments) -> ExitCode {
    let rulebook = match arguments.judge.rulebook.load() {
        Ok(rulebook) => rulebook,
        Err(error) => {
            output::error(&error.to_string());
            return ExitCode::from(UNUSABLE);
        }
    };
    let judge = Judge {
        rulebook: &rulebook,
        regulator: arguments.judge.regulator_kind(),
        on: arguments.judge.on,
        today: today(),
    };
    let status = match &arguments.ndjson {
        Some(path) => bulk::run(path, arguments.judge.language, |file| {
            let verdict = judge.verdict(file);
            let status = status(&verdict);
            (verdict, status)
        }),
        None => files(&arguments.files, arguments, &judge),
    };
    ExitCode::from(status)
}

/// By what case files are judged.
struct Judge<'a> {
    rulebook: &'a Rulebook,
    regulator: RegulatorKind,
    on: Option<NaiveDate>,
    today: NaiveDate,
}

impl Judge<'_> {
    fn verdict(&self, mut file: CaseFile) -> Verdict {
        file.on = self.on.or(file.on);
        let told = file.into_circumstances(self.regulator, self.today);
        beian_rules::evaluate(&told.case, &told.facts, self.rulebook, told.day)
    }

    fn file(&self, path: &Path) -> Result<(Source, Verdict), String> {
        let source = Source::read(path)?;
        let verdict = self.verdict(source.parse()?);
        Ok((source, verdict))
    }
}

/// Advice is given to nearly everybody; it is no reason to stop a script.
fn status(verdict: &Verdict) -> u8 {
    let is_clean = verdict.diagnostics.iter().all(|found| found.severity == Severity::Advice);
    if is_clean { CLEAN } else { FINDINGS }
}

fn files(paths: &[PathBuf], arguments: &CheckArguments, judge: &Judge<'_>) -> u8 {
    let language = arguments.judge.language;
    let mut worst = CLEAN;
    let mut for_sarif = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        let judged = judge.file(path);
        worst = worst.max(judged.as_ref().map_or(UNUSABLE, |(_, verdict)| status(verdict)));
        if let Err(error) = &judged {
            output::error(error);
        }
        match (arguments.format, &judged) {
            (Format::Sarif, _) => {}
            (Format::Text, Ok((source, verdict))) => {
                if index > 0 {
                    output::line("");
                }
                output::line(&render::verdict_text(source, verdict, language));
            }
            (Format::Text, Err(_)) => {}
            (Format::Json, Ok((source, verdict))) => {
                render::print_json(&Answer { file: &source.name, answer: verdict });
            }
            (Format::Json, Err(error)) => {
                let file = path.display().to_string();
                render::print_json(&Answer { file: &file, answer: Failure { error } });
            }
        }
        for_sarif.extend((arguments.format == Format::Sarif).then_some(judged));
    }
    if arguments.format == Format::Sarif {
        let judged: Vec<Judged<'_>> = for_sarif
            .iter()
            .map(|judged| match judged {
                Ok((source, verdict)) => Judged::Verdict { source, verdict },
                Err(error) => Judged::Unusable { error },
            })
            .collect();
        render::print_json(&render::sarif(&judged, language));
    }
    worst
}

/// The JSON Schema of the case file.
pub(crate) fn schema() -> String {
    let mut schema = schemars::schema_for!(CaseFile);
    schema.insert("$id".to_owned(), "https://github.com/beian/beian/schema/case.json".into());
    schema.insert("title".to_owned(), "Case file of beian".into());
    let description = "A filing as its filer has stated it so far, with what is known beside it, for `beian check` and `beian plan`: perhaps wrong, perhaps incomplete.";
    schema.insert("description".to_owned(), description.into());
    serde_json::to_string_pretty(&schema).unwrap_or_default()
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
}
