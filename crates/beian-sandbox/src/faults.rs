//! Faults that a test can order. They are forgotten when the process ends.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Faults {
    /// Whether providers are answered at all.
    pub(crate) availability: Availability,
    /// What happens to the reply to the next upload.
    pub(crate) lose_next_reply: Option<LostReply>,
    /// How many of the next files go out with a wrong digest.
    pub(crate) bad_hashes: u32,
}

impl Faults {
    pub(crate) const NONE: Self =
        Self { availability: Availability::Up, lose_next_reply: None, bad_hashes: 0 };
}

/// Whether the regulator can be reached.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Availability {
    Up,
    /// Every call of a provider is answered with HTTP 503.
    Down,
}

/// How a reply gets lost after the upload was accepted.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LostReply {
    /// The connection ends in the middle of the answer.
    Cut,
    /// A page of a proxy arrives instead.
    Garbage,
}
