//! The machine's own clock and randomness: the one place that reads them.

use beian_domain::{Clock, Random, truncate_to_micros};
use chrono::{DateTime, Utc};

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
    fn now(&self) -> DateTime<Utc> {
        truncate_to_micros(Utc::now())
    }
}

/// The operating system's random bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the randomness that everything else is given")]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // Keys and tokens that could be guessed are worse than no service.
            tracing::error!(%error, "the operating system gives no random bytes");
            std::process::abort();
        }
    }
}
