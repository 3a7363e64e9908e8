//! Domains that are served here and are not filed here (未备案域名), as the provider's own audit of its logs finds
//! them: work for its operators, long before a list of the regulator's names them.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::UnknownCode;

/// Identifies an unfiled host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnfiledHostId(pub Uuid);

/// What was known of a domain when a log was audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostStanding {
    /// Not filed (未备案).
    NotFiled,
    /// Nothing: not all filings were known.
    Unknown,
    /// Filed, with access through another provider only (接入商不符).
    FiledElsewhere,
    /// The filing was cancelled (已注销).
    Cancelled,
    /// On the regulator's blacklist (黑名单).
    Blacklisted,
    /// Filed, without any access (空壳).
    Shell,
}

/// Where the work on an unfiled host stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnfiledHostState {
    /// Nobody has done anything (待处理).
    Open,
    /// Its customer was told (已通知).
    Told,
    /// It is over (已处理).
    Settled(HostSettlement),
}

/// How an unfiled host was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostSettlement {
    /// It is filed here now (已备案).
    Filed,
    /// It is served no longer (已关闭接入).
    Closed,
    /// It never was served here: somebody sent its name to our address (非本公司接入).
    NotOurs,
}

/// What can happen to an unfiled host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnfiledHostEvent {
    /// An audit found it again.
    Find,
    /// Its customer is told.
    Tell,
    /// It is settled.
    Settle(HostSettlement),
}

/// An event that cannot happen to an unfiled host where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an unfiled host that is {state} cannot be given the event {event:?}")]
pub struct InvalidUnfiledHostEvent {
    /// Where it stands.
    pub state: UnfiledHostState,
    /// What was tried.
    pub event: UnfiledHostEvent,
}

impl UnfiledHostState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Open,
        Self::Told,
        Self::Settled(HostSettlement::Filed),
        Self::Settled(HostSettlement::Closed),
        Self::Settled(HostSettlement::NotOurs),
    ];

    /// The state after `event`. Every pair is decided here; nothing else changes a state.
    ///
    /// What is found again after it was settled is open again: it is filed no longer, or was not closed. Only what was
    /// not ours stays so, as anybody can send any name to our address as often as they like.
    pub fn after(self, event: UnfiledHostEvent) -> Result<Self, InvalidUnfiledHostEvent> {
        use UnfiledHostEvent as E;
        match (self, event) {
            (Self::Settled(HostSettlement::NotOurs), E::Find) => Ok(self),
            (Self::Settled(_), E::Find) => Ok(Self::Open),
            (Self::Open | Self::Told, E::Find) => Ok(self),
            (Self::Open | Self::Told, E::Tell) => Ok(Self::Told),
            (Self::Open | Self::Told, E::Settle(settlement)) => Ok(Self::Settled(settlement)),
            (state, event) => Err(InvalidUnfiledHostEvent { state, event }),
        }
    }

    /// Whether somebody is to work on it.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Settled(_))
    }

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Told => "told",
            Self::Settled(settlement) => settlement.slug(),
        }
    }
}

impl HostSettlement {
    /// Every way that a person can choose; that it is filed the records tell.
    pub const CHOICES: [Self; 2] = [Self::Closed, Self::NotOurs];

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Closed => "closed",
            Self::NotOurs => "not-ours",
        }
    }
}

impl HostStanding {
    /// Every standing.
    pub const ALL: [Self; 6] = [
        Self::NotFiled,
        Self::Unknown,
        Self::FiledElsewhere,
        Self::Cancelled,
        Self::Blacklisted,
        Self::Shell,
    ];

    /// The name in reports and in the store.
    pub fn slug(self) -> &'static str {
        match self {
            Self::NotFiled => "not-filed",
            Self::Unknown => "unknown",
            Self::FiledElsewhere => "filed-elsewhere",
            Self::Cancelled => "cancelled",
            Self::Blacklisted => "blacklisted",
            Self::Shell => "shell",
        }
    }
}

impl fmt::Display for UnfiledHostState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl FromStr for UnfiledHostState {
    type Err = UnknownCode;

    fn from_str(slug: &str) -> Result<Self, UnknownCode> {
        let unknown = || UnknownCode { table: "state of an unfiled host", got: slug.to_owned() };
        Self::ALL.into_iter().find(|state| state.slug() == slug).ok_or_else(unknown)
    }
}

impl FromStr for HostStanding {
    type Err = UnknownCode;

    fn from_str(slug: &str) -> Result<Self, UnknownCode> {
        let unknown = || UnknownCode { table: "standing of a host", got: slug.to_owned() };
        Self::ALL.into_iter().find(|standing| standing.slug() == slug).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_settled_opens_only_when_it_is_found_again() {
        use HostSettlement::{Closed, Filed, NotOurs};
        use UnfiledHostEvent as E;
        use UnfiledHostState as S;
        for (state, event, after) in [
            (S::Open, E::Find, Some(S::Open)),
            (S::Told, E::Find, Some(S::Told)),
            (S::Settled(Filed), E::Find, Some(S::Open)),
            (S::Settled(Closed), E::Find, Some(S::Open)),
            (S::Settled(NotOurs), E::Find, Some(S::Settled(NotOurs))),
            (S::Open, E::Tell, Some(S::Told)),
            (S::Told, E::Tell, Some(S::Told)),
            (S::Settled(Closed), E::Tell, None),
            (S::Open, E::Settle(Filed), Some(S::Settled(Filed))),
            (S::Told, E::Settle(Closed), Some(S::Settled(Closed))),
            (S::Settled(Closed), E::Settle(NotOurs), None),
        ] {
            assert_eq!(state.after(event).ok(), after, "{state} {event:?}");
        }
        for state in UnfiledHostState::ALL {
            assert_eq!(state.slug().parse(), Ok(state));
        }
    }
}
