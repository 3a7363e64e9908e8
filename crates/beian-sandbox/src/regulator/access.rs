//! Who may call: the checks that every method begins with.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

/// How long a random value may not be used again by the same provider.
///
/// The interface does not ask for it, but clients make a fresh one for every
/// call, so a second one within minutes is a recorded call played again. It is
/// answered with 12 (认证信息错误). ASSUMED. What was seen is forgotten on restart.
const REPLAY_WINDOW: TimeDelta = TimeDelta::minutes(10);

/// Random values that were used lately.
#[derive(Default)]
pub(super) struct SeenRandVals {
    used: BTreeSet<(u64, String)>,
    /// The same, each with its time, oldest first: a look at all of them at every call would cost more than the call.
    by_age: VecDeque<(DateTime<Utc>, (u64, String))>,
}

impl SeenRandVals {
    /// Notes a random value; `false` if the caller used it within the window.
    ///
    /// Only values of calls with the right password are noted, so nobody else
    /// can fill the memory or use up a provider's values.
    pub(super) fn is_fresh(&mut self, isp_id: u64, rand_val: &str, now: DateTime<Utc>) -> bool {
        while let Some((_, forgotten)) = self.by_age.pop_front_if(|(at, _)| now - *at >= REPLAY_WINDOW) {
            self.used.remove(&forgotten);
        }
        let value = (isp_id, rand_val.to_owned());
        let is_fresh = self.used.insert(value.clone());
        if is_fresh {
            self.by_age.push_back((now, value));
        }
        is_fresh
    }
}

/// How often a filing password may be wrong (code 22 beyond it).
pub(super) const PASSWORD_TRIES: usize = 5;
/// The wrong passwords of this time are counted.
const PASSWORD_WINDOW: TimeDelta = TimeDelta::hours(24);

/// Wrong filing passwords by filing number. Forgotten on restart.
#[derive(Default)]
pub(super) struct WrongPasswords {
    by_number: BTreeMap<String, Vec<DateTime<Utc>>>,
}

impl WrongPasswords {
    /// Whether another password for this filing number is still looked at.
    pub(super) fn may_try(&mut self, number: &str, now: DateTime<Utc>) -> bool {
        self.by_number.retain(|_, times| {
            times.retain(|at| now - *at < PASSWORD_WINDOW);
            !times.is_empty()
        });
        self.by_number.get(number).is_none_or(|times| times.len() < PASSWORD_TRIES)
    }

    pub(super) fn note(&mut self, number: &str, now: DateTime<Utc>) {
        self.by_number.entry(number.to_owned()).or_default().push(now);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap()
    }

    #[test]
    fn a_random_value_is_good_once_in_ten_minutes_for_each_caller() {
        let mut seen = SeenRandVals::default();
        assert!(seen.is_fresh(1, "a", at(0)));
        assert!(!seen.is_fresh(1, "a", at(9)));
        assert!(seen.is_fresh(2, "a", at(9)));
        assert!(seen.is_fresh(1, "a", at(19)));
    }

    #[test]
    fn five_wrong_passwords_close_a_number_for_a_day() {
        let mut wrong = WrongPasswords::default();
        for minute in 0..5 {
            assert!(wrong.may_try("n", at(minute)));
            wrong.note("n", at(minute));
        }
        assert!(!wrong.may_try("n", at(5)));
        assert!(wrong.may_try("other", at(5)));
        assert!(wrong.may_try("n", at(24 * 60)));
    }
}
