//! The Python package of the audit: built as its users build it, and tested on a real Spark against the binary.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result};

use crate::command::{command, run};
use crate::prepare;
use crate::workspace::Workspace;

const PACKAGE: &str = "python/beian-audit";
const MANIFEST: &str = "python/beian-audit/Cargo.toml";

/// Checks, builds and tests it. The binary, which says what is right, must be built already.
pub(crate) fn test(workspace: &Workspace) -> Result<()> {
    let target = workspace.target.join("python");
    let cargo = || {
        let mut cargo = command(workspace, "cargo");
        cargo.env("CARGO_TARGET_DIR", &target);
        cargo
    };
    run(cargo().args(["fmt", "--check", "--manifest-path", MANIFEST]))?;
    // As it is built below: what runs at build time is compiled once.
    run(cargo().args([
        "clippy",
        "--release",
        "--locked",
        "--manifest-path",
        MANIFEST,
        "--",
        "-D",
        "warnings",
    ]))?;
    // The lists are those of the workspace: here, not all that is on them is met.
    let unmet = ["license-not-encountered", "unmatched-skip", "unnecessary-skip", "unused-wrapper"];
    run(cargo()
        .args(["deny", "--manifest-path", MANIFEST, "--locked", "check", "bans", "licenses", "sources"])
        .args(unmet.iter().flat_map(|unmet| ["--allow", unmet])))?;
    let python = prepare::spark_python(workspace);
    let programs = python.parent().context("an interpreter in an environment")?;
    run(command(workspace, &python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(["--no-build-isolation", "--no-deps", "--force-reinstall"])
        .arg(workspace.root.join(PACKAGE))
        .env("CARGO_TARGET_DIR", &target)
        .env("PATH", first_on_path(programs)?))?;
    run(command(workspace, &python)
        .args(["-m", "unittest", "discover", "--verbose", "--start-directory"])
        .arg(workspace.root.join(PACKAGE).join("tests"))
        .env("BEIAN_TEST_BINARY", workspace.target.join("debug/beian")))
}

/// The PATH with a directory before all others.
fn first_on_path(directory: &Path) -> Result<OsString> {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let directories = [directory.to_owned()].into_iter().chain(std::env::split_paths(&inherited));
    std::env::join_paths(directories).context("the PATH")
}
