//! `beian plan`: the shortest route from a case file to a filing number.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use beian_rules::{CaseFile, Outcome, Plan, Rulebook};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use crate::input::Source;
use crate::options::{CLEAN, FINDINGS, JudgeArguments, UNUSABLE, today};
use crate::render::{self, Answer, Failure};
use crate::{bulk, output};

/// How `beian plan` is started.
#[derive(Args)]
pub(crate) struct PlanArguments {
    /// Case files, TOML or JSON by their extension; `-` reads TOML from standard input.
    #[arg(required_unless_present = "ndjson")]
    files: Vec<PathBuf>,
    /// How the plan is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Plan for many: a case file as JSON on every line of this file (`-`: standard input); answers with a plan as JSON a line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "format"])]
    ndjson: Option<PathBuf>,
    #[command(flatten)]
    judge: JudgeArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A numbered itinerary.
    Text,
    /// The plan as a JSON object a file.
    Json,
}

pub(crate) fn run(arguments: &PlanArguments) -> ExitCode {
    let rulebook = match arguments.judge.rulebook.load() {
        Ok(rulebook) => rulebook,
        Err(error) => {
            output::error(&error.to_string());
            return ExitCode::from(UNUSABLE);
        }
    };
    let today = today();
    let planned = |file| plan(file, arguments, &rulebook, today);
    let status = match &arguments.ndjson {
        Some(path) => bulk::run(path, arguments.judge.language, |file| {
            let plan = planned(file);
            let status = status(&plan);
            (plan, status)
        }),
        None => {
            let mut worst = CLEAN;
            for (index, path) in arguments.files.iter().enumerate() {
                if index > 0 && arguments.format == Format::Text {
                    output::line("");
                }
                worst = worst.max(file(path, arguments, &planned));
            }
            worst
        }
    };
    ExitCode::from(status)
}

fn plan(mut file: CaseFile, arguments: &PlanArguments, rulebook: &Rulebook, today: NaiveDate) -> Plan {
    file.on = arguments.judge.on.or(file.on);
    let told = file.into_circumstances(arguments.judge.regulator_kind(), today);
    beian_rules::plan(&told.case, &told.facts, rulebook, told.day)
}

fn status(plan: &Plan) -> u8 {
    match plan.outcome {
        Outcome::Route(_) => CLEAN,
        Outcome::Impossible(_) | Outcome::Unfinished => FINDINGS,
    }
}

fn file(path: &Path, arguments: &PlanArguments, planned: &impl Fn(CaseFile) -> Plan) -> u8 {
    let read = Source::read(path).and_then(|source| source.parse().map(|case| (source.name, case)));
    let (name, plan) = match read {
        Ok((name, case)) => (name, planned(case)),
        Err(error) => {
            output::error(&error);
            if arguments.format == Format::Json {
                let file = path.display().to_string();
                render::print_json(&Answer { file: &file, answer: Failure { error: &error } });
            }
            return UNUSABLE;
        }
    };
    match arguments.format {
        Format::Json => render::print_json(&Answer { file: &name, answer: &plan }),
        Format::Text => output::line(&render::plan_text(&name, &plan, arguments.judge.language)),
    }
    status(&plan)
}
