//! The machine's own clock and randomness: the one place that reads them.

use std::sync::atomic::{AtomicI64, Ordering};

use beian_domain::{Clock, Random, truncate_to_micros};
use chrono::{DateTime, TimeDelta, Utc};

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
    fn now(&self) -> DateTime<Utc> {
        truncate_to_micros(Utc::now())
    }
}

/// The machine's clock, which a demonstration moves on: a year passes in a second.
#[derive(Debug, Default)]
pub(crate) struct MovableClock {
    /// How far it is ahead, in microseconds.
    ahead: AtomicI64,
}

impl MovableClock {
    /// Moves it on.
    pub(crate) fn advance(&self, by: TimeDelta) {
        self.ahead.fetch_add(by.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + TimeDelta::microseconds(self.ahead.load(Ordering::SeqCst))
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
