//! Time and chance are parameters.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use uuid::Uuid;

/// Tells the time. The only place that reads the machine's clock is the binary.
///
/// Times are truncated to microseconds, the finest that both databases keep.
pub trait Clock: Send + Sync {
    /// The current time, in UTC, whole microseconds.
    fn now(&self) -> DateTime<Utc>;
}

/// Gives unpredictable bytes: the operating system's in production, a seeded
/// sequence in tests.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Drops what is finer than a microsecond.
pub fn truncate_to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    at.with_nanosecond(at.nanosecond() / 1_000 * 1_000).unwrap_or(at)
}

/// A time-ordered identifier (UUID version 7) from the injected clock and randomness.
pub fn new_uuid(clock: &dyn Clock, random: &dyn Random) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(clock.now().timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// A clock that stands still until it is moved: for tests, and for the practice
/// regulator's test clock.
#[derive(Debug)]
pub struct ManualClock(Mutex<DateTime<Utc>>);

impl ManualClock {
    /// A clock that stands at `at`.
    pub fn at(at: DateTime<Utc>) -> Self {
        Self(Mutex::new(truncate_to_micros(at)))
    }

    /// Moves the clock forward by `step` (back, if it is negative).
    pub fn advance(&self, step: TimeDelta) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now += step;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A repeatable sequence (SplitMix64) for tests. Never for secrets.
#[derive(Debug)]
pub struct SeededRandom(Mutex<u64>);

impl SeededRandom {
    /// The sequence that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_ordered_by_the_injected_time() {
        let clock = ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let random = SeededRandom::new(1);
        let earlier = new_uuid(&clock, &random);
        clock.advance(TimeDelta::milliseconds(1));
        let later = new_uuid(&clock, &random);
        assert!(earlier < later);
        assert_eq!(earlier.get_version_num(), 7);
    }
}
