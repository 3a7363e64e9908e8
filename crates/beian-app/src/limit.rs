//! How often somebody may do something.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use beian_domain::AccountId;
use chrono::{DateTime, TimeDelta, Utc};

/// A token bucket for each of many visitors, held in memory and bounded: a
/// flood of strangers shares one bucket once there are too many of them.
#[derive(Debug)]
pub struct Limiter {
    at_once: u32,
    interval: TimeDelta,
    most: usize,
    /// By visitor, the time at which the bucket is full again.
    full_at: Mutex<BTreeMap<String, DateTime<Utc>>>,
}

/// Whom those share who come when the map is full.
const CROWD: &str = "";

impl Limiter {
    /// At most `at_once` at a time, then one an `interval`, for at most `most`
    /// visitors apart.
    pub fn new(at_once: u32, interval: TimeDelta, most: usize) -> Self {
        Self { at_once, interval, most, full_at: Mutex::default() }
    }

    /// Takes a token of `who`, or says from when on there is one.
    pub fn take(&self, who: &str, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= self.most && !all.contains_key(who) {
            // A full bucket is like none.
            all.retain(|_, full_at| *full_at > now);
        }
        let who = if all.len() >= self.most && !all.contains_key(who) { CROWD } else { who };
        let full_at = all.get(who).copied().unwrap_or(now).max(now);
        let room = self.interval * i32::try_from(self.at_once.saturating_sub(1)).unwrap_or(i32::MAX);
        if full_at - now > room {
            return Err(full_at - room);
        }
        all.insert(who.to_owned(), full_at + self.interval);
        Ok(())
    }
}

/// Who was told of which account that holds something, so that nobody can go
/// through certificates and domains to find out who files what (S12). Being
/// told the same again costs nothing for an hour.
#[derive(Debug)]
pub(crate) struct Telling {
    limiter: Limiter,
    told: Mutex<BTreeMap<(AccountId, String), DateTime<Utc>>>,
}

const REMEMBERED: TimeDelta = TimeDelta::hours(1);
const MOST_ACCOUNTS: usize = 10_000;
const MOST_TOLD: usize = 50_000;

impl Default for Telling {
    fn default() -> Self {
        // Five at once and one in twelve minutes: never more than ten within an hour.
        let limiter = Limiter::new(5, TimeDelta::minutes(12), MOST_ACCOUNTS);
        Self { limiter, told: Mutex::default() }
    }
}

impl Telling {
    /// Whether `who` may be told of `what` now, or from when on.
    pub(crate) fn ask(&self, who: AccountId, what: &str, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        let key = (who, what.to_owned());
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(&key).is_some_and(|at| now - *at < REMEMBERED) {
            return Ok(());
        }
        self.limiter.take(&who.0.to_string(), now)?;
        if told.len() >= MOST_TOLD {
            told.retain(|_, at| now - *at < REMEMBERED);
        }
        if told.len() < MOST_TOLD {
            told.insert(key, now);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_400_000 + second, 0).unwrap()
    }

    #[test]
    fn a_bucket_empties_and_fills() {
        let limiter = Limiter::new(3, TimeDelta::seconds(10), 100);
        for _ in 0..3 {
            assert_eq!(limiter.take("a", at(0)), Ok(()));
        }
        assert_eq!(limiter.take("a", at(0)), Err(at(10)));
        assert_eq!(limiter.take("a", at(9)), Err(at(10)));
        assert_eq!(limiter.take("b", at(0)), Ok(()), "each for itself");
        assert_eq!(limiter.take("a", at(10)), Ok(()));
        assert_eq!(limiter.take("a", at(10)), Err(at(20)));
        for _ in 0..3 {
            assert_eq!(limiter.take("a", at(100)), Ok(()), "never more than full");
        }
        assert!(limiter.take("a", at(100)).is_err());
    }

    #[test]
    fn a_flood_of_strangers_shares_one_bucket() {
        let limiter = Limiter::new(2, TimeDelta::seconds(10), 50);
        let taken = (0..10_000).filter(|n| limiter.take(&n.to_string(), at(0)).is_ok()).count();
        assert_eq!(taken, 50 + 2);
        assert!(limiter.full_at.lock().unwrap().len() <= 51);
        assert_eq!(limiter.take("late", at(60)), Ok(()), "the flood is forgotten");
        assert!(limiter.full_at.lock().unwrap().len() <= 2);
    }

    #[test]
    fn nobody_is_told_more_than_ten_within_an_hour() {
        let telling = Telling::default();
        let who = AccountId(beian_domain::new_uuid(
            &beian_domain::ManualClock::at(at(0)),
            &beian_domain::SeededRandom::new(1),
        ));
        let mut told = 0;
        for minute in 0..60 {
            for n in 0..20 {
                let what = format!("{minute}-{n}");
                told += usize::from(telling.ask(who, &what, at(minute * 60)).is_ok());
            }
            assert_eq!(telling.ask(who, "0-0", at(minute * 60)), Ok(()), "the same again costs nothing");
        }
        assert!((5..=10).contains(&told), "{told}");
        assert!(telling.ask(who, "0-19", at(59 * 60)).is_err());
    }
}
