//! Answers as JSON: an object a file.

use serde::Serialize;

use crate::output;

/// What came of a file.
#[derive(Serialize)]
pub(crate) struct Answer<'a, T> {
    /// The file, as it was named.
    pub(crate) file: &'a str,
    #[serde(flatten)]
    pub(crate) answer: T,
}

/// That nothing came of a file.
#[derive(Serialize)]
pub(crate) struct Failure<'a> {
    pub(crate) error: &'a str,
}

/// Prints an object over several lines. Several of them, one after another, are
/// what `jq` and others read as a stream.
pub(crate) fn print_json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => output::line(&text),
        Err(error) => output::error(&error.to_string()),
    }
}
