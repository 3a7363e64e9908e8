//! What the command line says: answers on standard output, everything else on
//! standard error.

use std::io::{IsTerminal, Write};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;

/// Prints a line of the answer. A reader who has gone away is no error.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// Prints an error.
pub(crate) fn error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "beian: {text}");
}

/// Prints an error with what it comes from, each thing once: some tell their source themselves.
pub(crate) fn failure(failed: &anyhow::Error) {
    let mut told = String::new();
    for cause in failed.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.ends_with(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    error(&told);
}

/// Prints a remark beside the answer.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Logs to standard error; `BEIAN_LOG=debug` says more, `BEIAN_LOG=off` nothing.
pub(crate) fn start_log() {
    let level =
        std::env::var("BEIAN_LOG").ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::WARN);
    fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
}
