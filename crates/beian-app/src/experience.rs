//! What to expect of a bureau: how long it took for orders from here.

use beian_domain::DivisionCode;
use beian_store::{Order, Tx};
use chrono::TimeDelta;

use crate::{App, AppError};

/// How long the bureau of a province took for the orders that it answered lately, in days begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Experience {
    /// How many orders.
    pub count: usize,
    /// Within so many days it answered half of them.
    pub half_days: i64,
    /// Within so many days it answered nine of ten.
    pub most_days: i64,
    /// The longest took so many days.
    pub longest_days: i64,
}

/// For how many days back.
pub const EXPERIENCE_DAYS: i64 = 180;

/// Of fewer than this nothing is told: half of three says little.
const FEWEST: usize = 5;

/// More than this are not looked at.
const MOST: u64 = 1_000;

impl App {
    /// What is known of the bureau of a province; nothing if too few orders went there.
    pub async fn experience(&self, province: DivisionCode) -> Result<Option<Experience>, AppError> {
        let since = self.now() - TimeDelta::days(EXPERIENCE_DAYS);
        let times = self.inner.store.read().regulator_times(province.province(), since, MOST).await?;
        Ok(Experience::of(times))
    }

    /// Notes that the regulator has answered an order, before that changes it.
    pub(crate) async fn note_answer(&self, tx: &mut Tx<'_>, order: &Order) -> Result<(), AppError> {
        let Some(division) = order.case.sponsor.division else { return Ok(()) };
        // Nothing touches an order at the regulator but the regulator.
        let took = self.now() - order.updated_at;
        Ok(tx.note_regulator_time(division.province(), order.kind, took).await?)
    }
}

impl Experience {
    fn of(mut times: Vec<TimeDelta>) -> Option<Self> {
        if times.len() < FEWEST {
            return None;
        }
        times.sort_unstable();
        // The smallest time within which at least the share was answered.
        let within = |tenths: usize| {
            let place = (times.len() * tenths).div_ceil(10).saturating_sub(1);
            times.get(place).map(|time| days_begun(*time))
        };
        Some(Self {
            count: times.len(),
            half_days: within(5)?,
            most_days: within(9)?,
            longest_days: within(10)?,
        })
    }
}

fn days_begun(time: TimeDelta) -> i64 {
    let day = TimeDelta::days(1).num_seconds();
    // A time is never negative; less than a day is one.
    (time.num_seconds() + day - 1).max(day) / day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_whole_orders_and_few_orders_say_nothing() {
        let hours =
            |hours: &[i64]| Experience::of(hours.iter().map(|hours| TimeDelta::hours(*hours)).collect());
        assert_eq!(hours(&[1, 2, 3, 4]), None);
        let of = |count, half_days, most_days, longest_days| {
            Some(Experience { count, half_days, most_days, longest_days })
        };
        // Five orders: three of them are at least half, five at least nine of ten.
        assert_eq!(hours(&[200, 24, 25, 1, 72]), of(5, 2, 9, 9));
        let twenty: Vec<i64> = (1..=20).map(|day| day * 24).collect();
        assert_eq!(hours(&twenty), of(20, 10, 18, 20));
        assert_eq!(hours(&[0; 10]), of(10, 1, 1, 1), "less than a day is a day");
    }
}
