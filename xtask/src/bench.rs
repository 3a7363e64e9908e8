//! Benchmarks with everything that they are measured against: installed, started, on the same data.

use anyhow::Result;
use clap::ValueEnum;

use crate::command::{self, command};
use crate::prepare;
use crate::workspace::Workspace;

/// What can be measured beside peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bench {
    /// The index of host names beside maps, SQLite, Redis and DuckDB
    Index,
    /// The audit of a log beside DuckDB and Polars
    Audit,
    /// The gate, asked by wrk from another core
    Gate,
}

/// Of how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// As the bars ask for.
    Full,
    /// A thousandth.
    Small,
}

/// Runs them one after the other: two at a time would measure each other.
pub(crate) fn run(workspace: &Workspace, benches: &[Bench], size: Size) -> Result<()> {
    prepare::prepare_for_benches(workspace)?;
    let benches = if benches.is_empty() { Bench::value_variants() } else { benches };
    let python = prepare::peers_python(workspace);
    let domains = match size {
        Size::Full => "10000000",
        Size::Small => "10000",
    };
    let megabytes = match size {
        Size::Full => "1000",
        Size::Small => "1",
    };
    for bench in benches {
        let mut cargo = command(workspace, "cargo");
        cargo.args(["bench", "--quiet", "--package"]);
        match bench {
            Bench::Index => cargo.args(["beian-index", "--", domains]).arg(&python),
            Bench::Audit => cargo.args(["beian-audit", "--", megabytes, domains]).arg(&python),
            Bench::Gate => cargo.args(["beian-gate", "--", domains]),
        };
        command::run(&mut cargo)?;
    }
    Ok(())
}
