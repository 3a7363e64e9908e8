//! The command line: puts the rooms together and starts them.
//!
//! It is a library so that its own tests can walk through the portal with the
//! same [`journey`] as `beian demo`.

mod check;
mod demo;
mod home;
pub mod journey;
mod output;
mod sandbox;
mod serve;
mod system;

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
    /// File a website from end to end without a browser, and print each step.
    Demo(demo::DemoArguments),
    /// Judge a case file (TOML or JSON). Exit status 0: clean (but perhaps advice), 1: findings, 2: unusable input.
    Check(check::CheckArguments),
    /// Print the JSON Schema of the case file.
    Schema,
    /// Set a new password for an account, and print it.
    Password(serve::PasswordArguments),
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
        Command::Schema => {
            output::line(&check::schema());
            Ok(())
        }
        Command::Serve(arguments) => block_on(serve::run(*arguments)),
        Command::Sandbox(arguments) => block_on(sandbox::run(arguments)),
        Command::Demo(arguments) => block_on(demo::run(arguments)),
        Command::Password(arguments) => block_on(serve::reset_password(arguments)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
