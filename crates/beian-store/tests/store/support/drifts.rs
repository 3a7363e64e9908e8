//! A record that was looked at twice, of which something was not looked at.

use beian_domain::{DayTold, Drift, DriftEvent, DriftExcuse, DriftLook, LookSchedule, NotSeen, Observation};
use beian_store::{Actor, Store};
use chrono::{DateTime, TimeDelta, Utc};

/// Keeps what was seen of the record 粤ICP备2026000001号-1.
pub(crate) async fn keep(store: &Store, now: DateTime<Utc>) {
    let number = "粤ICP备2026000001号-1".parse().unwrap();
    let schedule = LookSchedule { period: TimeDelta::days(7), again: TimeDelta::zero() };
    let addresses = vec!["198.51.100.9".parse().unwrap(), "2001:db8::9".parse().unwrap()];
    let look = DriftLook {
        resolution: Observation::Seen(vec![Drift::LeadsElsewhere { addresses }]),
        footer: Observation::NotSeen(NotSeen::NotServedHere),
        certificate: Observation::NotSeen(NotSeen::NotServedHere),
        domain: Observation::Seen(vec![Drift::DomainExpired {
            on: now.date_naive(),
            told: DayTold::Registry { filed: now.date_naive().succ_opt() },
        }]),
    };
    let mut tx = store.begin(Actor::System);
    for _ in 0..2 {
        tx.keep_drift_look(&number, &look, &schedule).await.unwrap();
    }
    let mut drift = tx.read().drifts_of(&number).await.unwrap().remove(0);
    drift.apply(DriftEvent::Excuse(DriftExcuse::Fronted)).unwrap();
    tx.update_drift(&mut drift, "drift.excuse").await.unwrap();
    tx.commit().await.unwrap();
}
