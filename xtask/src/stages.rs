//! The stages of `cargo xtask test`: what each runs, in which order, how long it took.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::command::{command, explain, find, run as run_command};
use crate::postgres::{self, Postgres};
use crate::prepare;
use crate::spark;
use crate::workspace::Workspace;

/// One step of the test command, in the order in which they run: what is quick fails first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Stage {
    /// Install what the tests need and the machine lacks
    Prepare,
    /// cargo fmt --check
    Format,
    /// The tests of the house itself: who may use whom, sources, documents, package count
    Tidy,
    /// Bans, licences and sources of every dependency
    Deny,
    /// Clippy, warnings denied
    Clippy,
    /// Compile every test
    Build,
    /// rustdoc with warnings denied, and the examples in it
    Docs,
    /// Unit, both databases, protocol: every test but the tidy and the browser ones
    Tests,
    /// The portal through Chromium
    Browser,
    /// `beian demo`, on SQLite and on PostgreSQL, and `beian demo --all`
    Demo,
    /// The audit for Python, and on a real Apache Spark; a package of its own, with lints and licences of its own
    Spark,
}

/// What follows a failed stage.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFailure {
    /// The summary.
    Stop,
    /// The next stage.
    Continue,
}

/// Runs the stages named (all when none is), prints a summary, and tells whether all passed.
pub(crate) fn run(workspace: &Workspace, named: &[Stage], on_failure: OnFailure) -> Result<ExitCode> {
    let mut runner = Runner { workspace, postgres: None };
    let mut results = Vec::new();
    for stage in in_order(named) {
        println!("\n=== {} ===", stage.name());
        let start = Instant::now();
        let outcome = runner.run(stage);
        let result = StageResult { stage, elapsed: start.elapsed(), error: outcome.err() };
        let failed = result.error.is_some();
        results.push(result);
        if failed && on_failure == OnFailure::Stop {
            break;
        }
    }
    drop(runner);
    print!("{}", summary(&results));
    let passed = results.iter().all(|result| result.error.is_none());
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Looks at every page in Chromium, and prints the table that the test leaves.
pub(crate) fn pages(workspace: &Workspace) -> Result<()> {
    prepare::prepare(workspace)?;
    let table = workspace.target.join("pages.md");
    // An earlier one would tell of other pages.
    if table.exists() {
        std::fs::remove_file(&table)?;
    }
    let looked = Runner { workspace, postgres: None }.browser("binary(browser) and test(/^pages::/)");
    if let Ok(table) = std::fs::read_to_string(&table) {
        println!("{table}");
    }
    looked
}

struct StageResult {
    stage: Stage,
    elapsed: Duration,
    error: Option<anyhow::Error>,
}

struct Runner<'a> {
    workspace: &'a Workspace,
    /// Started by the first stage that needs it, for all that follow.
    postgres: Option<Postgres>,
}

impl Runner<'_> {
    fn run(&mut self, stage: Stage) -> Result<()> {
        let workspace = self.workspace;
        let cargo = || command(workspace, "cargo");
        match stage {
            Stage::Prepare => prepare::prepare(workspace),
            Stage::Format => run_command(cargo().args(["fmt", "--all", "--check"])),
            Stage::Tidy => run_command(cargo().args(["nextest", "run", "--locked", "--package", "xtask"])),
            Stage::Deny => {
                run_command(cargo().args(["deny", "--locked", "check", "bans", "licenses", "sources"]))
            }
            Stage::Clippy => {
                // With the features that tests have, then as the program is built by default.
                for targets in [&["--all-targets"][..], &["--lib", "--bins"]] {
                    run_command(
                        cargo()
                            .args(["clippy", "--workspace", "--locked"])
                            .args(targets)
                            .args(["--", "-D", "warnings"]),
                    )?;
                }
                Ok(())
            }
            Stage::Build => run_command(cargo().args(BUILD)),
            Stage::Tests => {
                let mut tests = cargo();
                self.surround(&mut tests)?;
                run_command(tests.args(["nextest", "run", "--workspace", "--locked", "--filterset"]).arg(
                    // The tidy tests have a stage of their own, and so has the browser.
                    "not (package(xtask) or binary(browser))",
                ))
            }
            Stage::Browser => self.browser("binary(browser)"),
            Stage::Demo => self.demo(),
            Stage::Spark => {
                run_command(cargo().args(BUILD))?;
                spark::test(workspace)
            }
            Stage::Docs => {
                run_command(
                    cargo()
                        .args(["doc", "--workspace", "--no-deps", "--locked", "--document-private-items"])
                        .env("RUSTDOCFLAGS", "-D warnings"),
                )?;
                run_command(cargo().args(["test", "--workspace", "--locked", "--doc", "--quiet"]))
            }
        }
    }

    /// Runs tests that need a browser, one after the other.
    fn browser(&mut self, filter: &str) -> Result<()> {
        let mut tests = command(self.workspace, "cargo");
        self.surround(&mut tests)?;
        for (variable, program) in
            [("BEIAN_TEST_CHROMEDRIVER", "chromedriver"), ("BEIAN_TEST_CHROMIUM", "chromium")]
        {
            let path = find(program)
                .with_context(|| format!("{program} is missing: {}", prepare::remedy(program)))?;
            tests.env(variable, path);
        }
        tests.env("BEIAN_TEST_AXE", prepare::axe(self.workspace));
        run_command(
            tests
                .args(["nextest", "run", "--workspace", "--locked", "--test-threads=1", "--filterset"])
                .arg(filter),
        )
    }

    /// Gives a command the things outside the process that tests ask for.
    fn surround(&mut self, tests: &mut Command) -> Result<()> {
        tests.env(postgres::VARIABLE, self.postgres()?);
        let python = prepare::python(self.workspace);
        if python.exists() {
            tests.env("BEIAN_TEST_PYTHON", python);
        }
        tests.env("BEIAN_TEST_NODE_MODULES", prepare::node_modules(self.workspace));
        Ok(())
    }

    fn postgres(&mut self) -> Result<String> {
        if self.postgres.is_none() {
            self.postgres = Some(Postgres::obtain(self.workspace)?);
        }
        Ok(self.postgres.as_ref().map(Postgres::url).unwrap_or_default())
    }

    fn demo(&mut self) -> Result<()> {
        // The binary comes out of the same compilation as the tests; asking cargo for it alone
        // would choose other features and compile half the tree again.
        run_command(command(self.workspace, "cargo").args(BUILD))?;
        demonstrate(self.workspace, &[])?;
        demonstrate(self.workspace, &["--all"])?;

        let server = self.postgres()?;
        let database = format!("beian_demo_{}", std::process::id());
        let query = |statement: &str| {
            run_command(
                command(self.workspace, "psql")
                    .arg(format!("{server}postgres"))
                    .args(["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--command"])
                    .arg(format!("{statement} {database}")),
            )
        };
        query("CREATE DATABASE")?;
        let shown = demonstrate(self.workspace, &["--database", &format!("{server}{database}")]);
        query("DROP DATABASE IF EXISTS")?;
        shown
    }
}

const BUILD: [&str; 5] = ["nextest", "run", "--workspace", "--locked", "--no-run"];

/// Runs `beian demo` in an empty directory and looks for the filing number in what it prints.
fn demonstrate(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let directory = workspace.target.join("demo");
    std::fs::create_dir_all(&directory)?;
    let mut demo = command(workspace, workspace.target.join("debug/beian"));
    demo.arg("demo").args(arguments).current_dir(directory).stdout(Stdio::piped());
    println!("$ beian demo {}", arguments.join(" "));
    let start = Instant::now();
    let mut child = demo.spawn().map_err(|error| explain(&demo, error))?;
    let mut has_number = false;
    for line in BufReader::new(child.stdout.take().context("no output")?).lines() {
        let line = line?;
        println!("{line}");
        has_number |= line.contains("ICP备");
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`beian demo` ended with {status}");
    }
    if !has_number {
        bail!("`beian demo` ended well but printed no filing number (…ICP备…号)");
    }
    println!("took {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

impl Stage {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

fn in_order(named: &[Stage]) -> Vec<Stage> {
    let all = Stage::value_variants().iter().copied();
    all.filter(|stage| named.is_empty() || named.contains(stage)).collect()
}

fn summary(results: &[StageResult]) -> String {
    let mut text = String::from("\nstage     seconds  result\n");
    for StageResult { stage, elapsed, error } in results {
        let result = match error {
            None => "passed".to_owned(),
            Some(error) => format!("FAILED: {error:#}"),
        };
        text += &format!("{:<9} {:>7.1}  {result}\n", stage.name(), elapsed.as_secs_f64());
    }
    let total: Duration = results.iter().map(|result| result.elapsed).sum();
    text += &format!("{:<9} {:>7.1}\n", "total", total.as_secs_f64());
    let failed = results.iter().filter(|result| result.error.is_some()).count();
    text += &format!("stages: {} passed, {failed} failed\n", results.len() - failed);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_run_in_their_own_order_once() {
        assert_eq!(in_order(&[Stage::Demo, Stage::Format, Stage::Demo]), [Stage::Format, Stage::Demo]);
        assert_eq!(in_order(&[]).len(), Stage::value_variants().len());
    }

    /// Shows a shell script in the place of the binary.
    fn shown(script: &str, name: &str) -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let directory = std::env::temp_dir().join(format!("beian-xtask-{name}-{}", std::process::id()));
        std::fs::create_dir_all(directory.join("debug")).unwrap();
        let binary = directory.join("debug/beian");
        std::fs::write(&binary, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
        let result = demonstrate(&Workspace { root: directory.clone(), target: directory.clone() }, &[]);
        std::fs::remove_dir_all(directory).unwrap();
        result
    }

    #[test]
    fn a_demonstration_ends_well_and_with_a_number() {
        shown("test \"$1\" = demo && echo 粤ICP备2026000001号-1", "number").unwrap();
        let silent = shown("echo nothing", "silent").unwrap_err().to_string();
        assert!(silent.contains("printed no filing number"), "{silent}");
        let failed = shown("echo 粤ICP备2026000001号-1; exit 4", "failed").unwrap_err().to_string();
        assert!(failed.contains("exit status: 4"), "{failed}");
    }

    #[test]
    fn the_summary_names_the_failure() {
        let text = summary(&[
            StageResult { stage: Stage::Format, elapsed: Duration::from_millis(1240), error: None },
            StageResult {
                stage: Stage::Clippy,
                elapsed: Duration::from_secs(2),
                error: Some(anyhow::anyhow!("two warnings")),
            },
        ]);
        assert_eq!(
            text,
            "\nstage     seconds  result\n\
             format        1.2  passed\n\
             clippy        2.0  FAILED: two warnings\n\
             total         3.2\n\
             stages: 1 passed, 1 failed\n"
        );
    }
}
