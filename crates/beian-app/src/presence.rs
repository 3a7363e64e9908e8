//! Who has an order open right now, so that two people do not type over one another.
//!
//! It is kept in memory alone. It is true for a minute and worth nothing after, a restart that forgets it costs a
//! heartbeat, and in a table every open page would write to the database twice a minute.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use beian_domain::{AccountId, LoginName, OrderId};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{App, AppError, User};

/// For how long somebody counts as present who was heard of.
const TERM: TimeDelta = TimeDelta::minutes(1);

/// More people with an order open are not remembered.
const MOST: usize = 20_000;

/// Somebody who has an order open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Their account, as members see each other.
    pub login: LoginName,
    /// The page of the order on which they are, by its name in addresses.
    pub page: String,
}

#[derive(Debug)]
struct Seen {
    present: Present,
    at: DateTime<Utc>,
}

/// Everybody who has an order open.
#[derive(Debug, Default)]
pub(crate) struct Presences(Mutex<BTreeMap<(OrderId, AccountId), Seen>>);

impl Presences {
    /// Notes that somebody has a page of an order open; tells who else has the order open, by name.
    fn note(&self, order: OrderId, who: AccountId, present: Present, now: DateTime<Utc>) -> Vec<Present> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not keep anybody present for long.
        let is_fresh = |seen: &Seen| (now - seen.at).abs() < TERM;
        if all.len() >= MOST {
            all.retain(|_, seen| is_fresh(seen));
        }
        let key = (order, who);
        if all.len() < MOST || all.contains_key(&key) {
            all.insert(key, Seen { present, at: now });
        }
        let of_order = (order, AccountId(uuid::Uuid::nil()))..=(order, AccountId(uuid::Uuid::max()));
        let mut others: Vec<Present> = all
            .range(of_order)
            .filter(|((_, account), seen)| *account != who && is_fresh(seen))
            .map(|(_, seen)| seen.present.clone())
            .collect();
        others.sort_by(|a, b| a.login.as_str().cmp(b.login.as_str()));
        others
    }
}

impl App {
    /// Notes that somebody has a page of an order open, for a minute; tells who else has the order open. Who may not
    /// see the order must not come here.
    pub fn note_presence(&self, user: &User, order: OrderId, page: &str) -> Vec<Present> {
        let present = Present { login: user.login.clone(), page: page.to_owned() };
        self.inner.presences.note(order, user.account, present, self.now())
    }

    /// The same for somebody of whom only the order's number is known.
    pub async fn renew_presence(
        &self,
        user: &User,
        number: &beian_domain::OrderNumber,
        page: &str,
    ) -> Result<Vec<Present>, AppError> {
        let order = self.find_order(user, number, crate::Action::ViewOrder).await?;
        Ok(self.note_presence(user, order.id, page))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use beian_domain::{ManualClock, SeededRandom, new_uuid};

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_400_000 + second, 0).unwrap()
    }

    fn present(login: &str, page: &str) -> Present {
        Present { login: login.parse().unwrap(), page: page.to_owned() }
    }

    #[test]
    fn whoever_is_not_heard_of_for_a_minute_is_gone() {
        let (clock, random) = (ManualClock::at(at(0)), SeededRandom::new(1));
        let [anna, boris, celia] = [(); 3].map(|()| AccountId(new_uuid(&clock, &random)));
        let [one, other] = [(); 2].map(|()| OrderId(new_uuid(&clock, &random)));
        let all = Presences::default();
        assert_eq!(all.note(one, anna, present("anna", "tasks"), at(0)), []);
        assert_eq!(all.note(other, celia, present("celia", "tasks"), at(0)), [], "another order");
        assert_eq!(all.note(one, boris, present("boris", "address"), at(30)), [present("anna", "tasks")]);
        assert_eq!(all.note(one, anna, present("anna", "address"), at(59)), [present("boris", "address")]);
        assert_eq!(
            all.note(one, celia, present("celia", "tasks"), at(60)),
            [present("anna", "address"), present("boris", "address")]
        );
        assert_eq!(all.note(one, celia, present("celia", "tasks"), at(90)), [present("anna", "address")]);
        assert_eq!(all.note(one, celia, present("celia", "tasks"), at(119)), []);
    }

    #[test]
    fn a_crowd_is_bounded_and_forgotten() {
        let (clock, random) = (ManualClock::at(at(0)), SeededRandom::new(2));
        let order = OrderId(new_uuid(&clock, &random));
        let all = Presences::default();
        for _ in 0..MOST + 10 {
            all.note(OrderId(new_uuid(&clock, &random)), AccountId(order.0), present("crowd", ""), at(0));
        }
        assert_eq!(all.0.lock().unwrap().len(), MOST);
        let late = AccountId(new_uuid(&clock, &random));
        all.note(order, late, present("late", "tasks"), at(60));
        assert_eq!(all.0.lock().unwrap().len(), 1);
    }
}
