//! Who works for an account: its members (成员), and agents (代办) who file for it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::UnknownCode;

/// Identifies a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MembershipId(pub Uuid);

/// What a member may do for the account. The account's own sign-in is always
/// its owner; a membership gives the same, or less, to another sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberRole {
    /// Everything that the account's own sign-in may, inviting included (所有者).
    Owner,
    /// Prepares, submits and sees filings (经办人).
    Preparer,
    /// Sees (查看者).
    Viewer,
    /// Files for the account by its consent, which ends on a day (代办).
    Agent,
}

impl MemberRole {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Preparer, Self::Viewer, Self::Agent];

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Preparer => "preparer",
            Self::Viewer => "viewer",
            Self::Agent => "agent",
        }
    }
}

impl FromStr for MemberRole {
    type Err = UnknownCode;

    fn from_str(slug: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|role| role.slug() == slug)
            .ok_or_else(|| UnknownCode { table: "role of a member", got: slug.to_owned() })
    }
}

/// How a membership stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MembershipState {
    /// The account invited; the invited one has not answered.
    Invited,
    /// An agent asked for consent; the account has not answered.
    Asked,
    /// Agreed by both.
    Active,
    /// Declined, removed or withdrawn: over for good, a new one is a new one.
    Ended,
}

/// What can happen to a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipEvent {
    /// The invited one agrees.
    Accept,
    /// The account agrees to an agent's question.
    Consent,
    /// Either side ends it, or declines it.
    End,
}

/// An event that cannot happen to a membership as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a membership that is {} cannot {event:?}", state.slug())]
pub struct InvalidMembershipEvent {
    /// How it stands.
    pub state: MembershipState,
    /// What was tried.
    pub event: MembershipEvent,
}

impl MembershipState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Invited, Self::Asked, Self::Active, Self::Ended];

    /// The state after `event`. Every pair is decided here: nobody becomes a
    /// member by the will of one side alone.
    pub fn after(self, event: MembershipEvent) -> Result<Self, InvalidMembershipEvent> {
        use MembershipEvent as E;
        match (self, event) {
            (Self::Invited, E::Accept) | (Self::Asked, E::Consent) => Ok(Self::Active),
            (Self::Invited | Self::Asked | Self::Active, E::End) => Ok(Self::Ended),
            (Self::Invited | Self::Active | Self::Ended, E::Consent)
            | (Self::Asked | Self::Active | Self::Ended, E::Accept)
            | (Self::Ended, E::End) => Err(InvalidMembershipEvent { state: self, event }),
        }
    }

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Asked => "asked",
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }
}

impl FromStr for MembershipState {
    type Err = UnknownCode;

    fn from_str(slug: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|state| state.slug() == slug)
            .ok_or_else(|| UnknownCode { table: "state of a membership", got: slug.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_both_sides_to_begin_and_one_to_end() {
        use MembershipEvent as E;
        let mut allowed = Vec::new();
        for state in MembershipState::ALL {
            assert_eq!(state.slug().parse(), Ok(state));
            for event in [E::Accept, E::Consent, E::End] {
                if let Ok(next) = state.after(event) {
                    allowed.push((state, event, next));
                }
            }
        }
        use MembershipState as S;
        assert_eq!(
            allowed,
            [
                (S::Invited, E::Accept, S::Active),
                (S::Invited, E::End, S::Ended),
                (S::Asked, E::Consent, S::Active),
                (S::Asked, E::End, S::Ended),
                (S::Active, E::End, S::Ended),
            ]
        );
        for role in MemberRole::ALL {
            assert_eq!(role.slug().parse(), Ok(role));
        }
    }
}
