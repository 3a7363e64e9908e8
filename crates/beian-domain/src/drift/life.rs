//! When a difference counts, what becomes of it, and when it is looked for again.

use chrono::{DateTime, TimeDelta, Utc};

/// Where a drift stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftState {
    /// It was seen once, which can be a blip: nobody is shown it (待复核).
    Suspected,
    /// It was seen again later: it counts (待处理).
    Open,
    /// The customer was told (已通知).
    Told,
    /// The customer need not be told (不提醒).
    Excused(DriftExcuse),
}

/// Why nobody need be told of a drift. It stays so until the drift is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftExcuse {
    /// A network of caches or a protection stands before our server (CDN、高防).
    Fronted,
    /// The customer knows, and is at work on it (客户处理中).
    InHand,
    /// What was seen is not so (误报).
    Mistaken,
}

/// What can happen to a drift. That it is gone ends it in every state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftEvent {
    /// A look saw it again, so long after it was seen first.
    See {
        /// Time since the first look that saw it.
        since_first: TimeDelta,
        /// How long after the first look a second one counts.
        confirms_after: TimeDelta,
    },
    /// The customer is told.
    Tell,
    /// The customer need not be told.
    Excuse(DriftExcuse),
    /// It is to be told after all.
    Reopen,
}

/// An event that cannot happen to a drift where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a drift that is {state} cannot be given the event {event:?}")]
pub struct InvalidDriftEvent {
    /// Where it stands.
    pub state: DriftState,
    /// What was tried.
    pub event: DriftEvent,
}

impl DriftState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Suspected,
        Self::Open,
        Self::Told,
        Self::Excused(DriftExcuse::Fronted),
        Self::Excused(DriftExcuse::InHand),
        Self::Excused(DriftExcuse::Mistaken),
    ];

    /// The state after `event`. Every pair is decided here; nothing else changes a state.
    ///
    /// One look proves nothing: a name server or a site can be wrong for a minute. What a second one sees, late enough
    /// after the first, counts.
    pub fn after(self, event: DriftEvent) -> Result<Self, InvalidDriftEvent> {
        use DriftEvent as E;
        match (self, event) {
            (Self::Suspected, E::See { since_first, confirms_after }) => {
                Ok(if since_first >= confirms_after { Self::Open } else { Self::Suspected })
            }
            (Self::Open | Self::Told | Self::Excused(_), E::See { .. }) => Ok(self),
            (Self::Open | Self::Told, E::Tell) => Ok(Self::Told),
            (Self::Open | Self::Told, E::Excuse(excuse)) => Ok(Self::Excused(excuse)),
            (Self::Excused(_), E::Reopen) => Ok(Self::Open),
            (state, event) => Err(InvalidDriftEvent { state, event }),
        }
    }

    /// Whether somebody is to work on it.
    pub fn counts(self) -> bool {
        matches!(self, Self::Open | Self::Told)
    }

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Suspected => "suspected",
            Self::Open => "open",
            Self::Told => "told",
            Self::Excused(excuse) => excuse.slug(),
        }
    }
}

impl DriftExcuse {
    /// Every excuse.
    pub const ALL: [Self; 3] = [Self::Fronted, Self::InHand, Self::Mistaken];

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Fronted => "fronted",
            Self::InHand => "in-hand",
            Self::Mistaken => "mistaken",
        }
    }
}

/// When a record is to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookSchedule {
    /// The longest time between two looks at a record.
    pub period: TimeDelta,
    /// After how long what was seen once is looked at again.
    pub again: TimeDelta,
}

impl LookSchedule {
    /// When the next look after one at `at` is due: soon if something has yet to be seen a second time, or could not be
    /// seen for a reason that passes; then later each time, never later than the period.
    pub fn next(&self, at: DateTime<Utc>, next: NextLook) -> DateTime<Utc> {
        let rest = match next {
            NextLook::InTime => self.period,
            NextLook::Confirm => self.again,
            // Twice as long each time; 30 doublings of a minute are two thousand years.
            NextLook::Retry { failures } => {
                let doubled = 1_i32 << failures.clamp(1, 30).saturating_sub(1);
                self.again.checked_mul(doubled).unwrap_or(self.period)
            }
        };
        at + rest.min(self.period)
    }
}

/// Why a record is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextLook {
    /// Its time has come.
    InTime,
    /// Something was seen for the first time.
    Confirm,
    /// Something could not be seen.
    Retry {
        /// So many times running, from 1.
        failures: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drift_counts_only_when_a_later_look_sees_it_again() {
        use DriftEvent as E;
        use DriftExcuse::{Fronted, Mistaken};
        use DriftState as S;
        let see = |minutes| E::See {
            since_first: TimeDelta::minutes(minutes),
            confirms_after: TimeDelta::minutes(60),
        };
        for (state, event, after) in [
            (S::Suspected, see(0), Some(S::Suspected)),
            (S::Suspected, see(59), Some(S::Suspected)),
            (S::Suspected, see(60), Some(S::Open)),
            (S::Suspected, E::Tell, None),
            (S::Suspected, E::Excuse(Fronted), None),
            (S::Suspected, E::Reopen, None),
            (S::Open, see(1), Some(S::Open)),
            (S::Open, E::Tell, Some(S::Told)),
            (S::Open, E::Excuse(Mistaken), Some(S::Excused(Mistaken))),
            (S::Open, E::Reopen, None),
            (S::Told, see(90), Some(S::Told)),
            (S::Told, E::Tell, Some(S::Told)),
            (S::Told, E::Excuse(Fronted), Some(S::Excused(Fronted))),
            (S::Excused(Fronted), see(90), Some(S::Excused(Fronted))),
            (S::Excused(Fronted), E::Tell, None),
            (S::Excused(Fronted), E::Excuse(Mistaken), None),
            (S::Excused(Fronted), E::Reopen, Some(S::Open)),
        ] {
            assert_eq!(state.after(event).ok(), after, "{state} {event:?}");
        }
        let counting: Vec<S> = S::ALL.into_iter().filter(|state| state.counts()).collect();
        assert_eq!(counting, [S::Open, S::Told]);
    }

    #[test]
    fn what_failed_is_tried_sooner_and_ever_less_often() {
        let schedule = LookSchedule { period: TimeDelta::days(7), again: TimeDelta::minutes(60) };
        let at = DateTime::from_timestamp(1_795_400_000, 0).unwrap();
        let hours = |next| (schedule.next(at, next) - at).num_hours();
        assert_eq!(hours(NextLook::InTime), 168);
        assert_eq!(hours(NextLook::Confirm), 1);
        let tries: Vec<i64> = (0..12).map(|failures| hours(NextLook::Retry { failures })).collect();
        assert_eq!(tries, [1, 1, 2, 4, 8, 16, 32, 64, 128, 168, 168, 168]);
        assert_eq!(hours(NextLook::Retry { failures: u32::MAX }), 168);
    }
}
