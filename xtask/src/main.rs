//! The commands of a developer: `cargo xtask test` runs everything a change must pass,
//! `cargo xtask postgres` gives a throw-away PostgreSQL for running single tests by hand.
//! The tests in `tidy` hold the walls of the house: who may use whom, sources, documents.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a developer reads what these commands print")]
#![expect(clippy::disallowed_methods, reason = "stages are timed, and servers awaited, by the real clock")]

mod bench;
mod command;
mod pictures;
mod postgres;
mod prepare;
mod spark;
mod stages;
#[cfg(test)]
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use bench::{Bench, Size};
use stages::{OnFailure, Stage};
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The developer's commands of beian")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run everything a change must pass, or only the stages named
    Test {
        /// The stages to run, always in this order; all of them when none is named
        #[arg(value_enum)]
        stages: Vec<Stage>,
        /// Walk every journey in Chromium: the same as the stage `browser`
        #[arg(long)]
        browser: bool,
        /// Run the stages after a failed one, too
        #[arg(long)]
        keep_going: bool,
    },
    /// Feed changed files, archives and envelopes to every decoder of the interface
    Fuzz {
        /// For how long, all decoders together
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// The same seed tries the same changes
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Measure ours beside what a user would take instead, on the same data, and print the tables
    Bench {
        /// What to measure; all of it when nothing is named
        #[arg(value_enum)]
        benches: Vec<Bench>,
        /// A thousandth of the data, to see that it runs: its figures say nothing
        #[arg(long)]
        small: bool,
    },
    /// Look at every page in Chromium and print its weight, its time and what axe-core says of it
    Pages,
    /// Copy the pictures that the browser test has left into docs/pictures
    Pictures,
    /// Start a throw-away PostgreSQL for tests and keep it until Ctrl-C
    Postgres {
        /// Leave it running in the background; `cargo xtask test` then uses it
        #[arg(long, conflicts_with = "stop")]
        detach: bool,
        /// Stop the one left running and delete its data
        #[arg(long)]
        stop: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    let workspace = Workspace::locate()?;
    match task {
        Task::Test { mut stages, browser, keep_going } => {
            if browser && !stages.contains(&Stage::Browser) {
                stages.push(Stage::Browser);
            }
            let on_failure = if keep_going { OnFailure::Continue } else { OnFailure::Stop };
            stages::run(&workspace, &stages, on_failure)
        }
        Task::Fuzz { seconds, seed } => {
            let (seconds, seed) = (seconds.to_string(), seed.to_string());
            // Not in release: overflows are to be found, too.
            let fuzz = ["run", "--quiet", "--package", "beian-wire", "--example", "fuzz", "--"];
            let mut cargo = command::command(&workspace, "cargo");
            command::run(cargo.args(fuzz).args(["--seconds", &seconds, "--seed", &seed]))
                .map(|()| ExitCode::SUCCESS)
        }
        Task::Bench { benches, small } => {
            let size = if small { Size::Small } else { Size::Full };
            bench::run(&workspace, &benches, size).map(|()| ExitCode::SUCCESS)
        }
        Task::Pages => stages::pages(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Pictures => pictures::copy(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Postgres { stop: true, .. } => postgres::stop_detached(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Postgres { detach: true, .. } => postgres::detach(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Postgres { .. } => postgres::serve(&workspace).map(|()| ExitCode::SUCCESS),
    }
}
