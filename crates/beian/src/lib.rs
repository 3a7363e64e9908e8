//! The command line: puts the rooms together and starts them.
//!
//! It is a library so that its own tests can walk through the portal with the
//! same [`journey`] as `beian demo`.

mod audit;
mod bulk;
mod check;
mod conformance;
mod demo;
mod explain;
mod gate;
mod home;
mod index;
mod input;
pub mod journey;
mod keys;
mod moving;
mod notices;
mod options;
mod output;
mod plan;
mod probe;
mod reading;
mod reconcile;
pub mod render;
mod replay;
mod rulebook;
mod sandbox;
mod serve;
mod system;
mod whole_file;

pub use options::Language;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The open ICP filing (ICP备案) system of an access provider, with a regulator to practise on.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the portal, the API and the bridge; by default with SQLite and the practice regulator.
    Serve(Box<serve::ServeArguments>),
    /// Run the practice regulator alone, for other filing systems to test against.
    Sandbox(sandbox::SandboxArguments),
    /// Play acceptance lists against either end of the regulator's interface. Exit status 0: green, 1: not, 2: it cannot be played.
    Conformance(Box<conformance::ConformanceArguments>),
    /// File a website from end to end without a browser, and print each step.
    Demo(demo::DemoArguments),
    /// Judge case files (TOML, JSON, or NDJSON in bulk). Exit status 0: clean (but perhaps advice), 1: findings, 2: unusable input.
    Check(check::CheckArguments),
    /// Find the shortest route from case files to a filing number. Exit status 0: a route, 1: there is none, 2: unusable input.
    Plan(plan::PlanArguments),
    /// Explain a check: what it looks at, why, how to mend it, and by which source.
    Explain(explain::ExplainArguments),
    /// Look into a rulebook, compare it, and pass it on signed.
    #[command(subcommand)]
    Rulebook(rulebook::RulebookCommand),
    /// Make the verdict of a submitted order again. Exit status 0: the same, 1: another one, 2: it cannot be made.
    Replay(Box<replay::ReplayArguments>),
    /// Hold a full synchronisation of the regulator's against the records here. Exit status 0: the same, 1: differences, as CSV, 2: it cannot be told.
    Reconcile(reconcile::ReconcileArguments),
    /// Write everything of an installation into one locked file.
    Export(Box<moving::ExportArguments>),
    /// Take such a file into an empty installation, of either database.
    Import(Box<moving::ImportArguments>),
    /// Find the domains in logs that are not filed here. Exit status 0: none, 1: some, 2: unusable input.
    Audit(Box<audit::AuditArguments>),
    /// Answer a gateway's question whether a host is filed: for nginx, Envoy, and by a plain request.
    Gate(gate::GateArguments),
    /// Build the index of host names that `audit` and `gate` ask, look into it, and write it for other programs.
    #[command(subcommand)]
    Index(index::IndexCommand),
    /// Print the JSON Schema of the case file.
    Schema,
    /// Set a new password for an account, and print it.
    Password(serve::PasswordArguments),
    /// Name a security administrator, as long as there is none who can sign in. Further accounts of staff are made on its page.
    SecurityAdministrator(serve::NamingArguments),
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    output::start_log();
    // The one TLS provider of the product, for mail, database and HTTPS.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        output::error("TLS was set up twice");
        return ExitCode::from(2);
    }
    let result = match arguments.command {
        Command::Check(arguments) => return check::run(&arguments),
        Command::Plan(arguments) => return plan::run(&arguments),
        Command::Explain(arguments) => return explain::run(&arguments),
        Command::Rulebook(command) => return rulebook::run(&command),
        Command::Replay(arguments) => return replay::run(&arguments),
        Command::Audit(arguments) => return audit::run(&arguments),
        Command::Index(command) => return index::run(command),
        Command::Gate(arguments) => block_on(gate::run(arguments)),
        Command::Schema => {
            output::line(&check::schema());
            Ok(())
        }
        Command::Reconcile(arguments) => return reconcile::run(&arguments),
        Command::Export(arguments) => block_on(moving::export(*arguments)),
        Command::Import(arguments) => block_on(moving::import(*arguments)),
        Command::Serve(arguments) => block_on(serve::run(*arguments)),
        Command::Sandbox(arguments) => block_on(sandbox::run(arguments)),
        Command::Conformance(arguments) => match block_on(conformance::run(*arguments)) {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(error) => {
                output::failure(&error);
                return ExitCode::from(2);
            }
        },
        Command::Demo(arguments) => block_on(demo::run(arguments)),
        Command::Password(arguments) => block_on(serve::reset_password(arguments)),
        Command::SecurityAdministrator(arguments) => block_on(serve::name_security_administrator(arguments)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::failure(&error);
            ExitCode::FAILURE
        }
    }
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
