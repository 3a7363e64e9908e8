//! The life of an order (备案订单).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Clock, Random, ServiceFilingNumber};

/// Where an order stands, and so who has it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    /// With the filer: being filled in (草稿).
    Draft,
    /// With the provider: being reviewed (初审中).
    ProviderReview,
    /// With the provider: one reviewer has approved, a second one must too (复核中).
    SecondReview,
    /// With the filer: returned by the provider with reasons (初审退回).
    Returned,
    /// With the provider: approved, waiting to reach the regulator (待上报).
    Queued,
    /// With the regulator: SMS verification and review (管局审核). The interface
    /// does not tell the two apart.
    AtRegulator,
    /// With the filer: refused by the regulator (管局退回).
    Refused,
    /// Over: granted, changed or cancelled as it was asked (备案完成).
    Filed,
    /// Over: given up by the filer (已放弃).
    Withdrawn,
    /// Over for now: nobody touched it for as long as the provider allows (已失效).
    /// Its answers are kept, and it can be taken up again.
    Expired,
}

/// What can happen to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderEvent {
    /// The filer hands it in.
    Submit,
    /// The filer takes it back to change it, before anybody decided (撤销备案).
    Recall,
    /// A reviewer approves it, and this kind wants a second one (四眼).
    Endorse,
    /// The reviewer returns it.
    Return,
    /// The reviewer approves it.
    Approve,
    /// The regulator has taken the file in.
    Deliver,
    /// The regulator refuses it.
    Refuse,
    /// The regulator grants the number.
    Grant(ServiceFilingNumber),
    /// The regulator has done what was asked, and no number comes of it: a change,
    /// a cancellation, materials.
    Confirm,
    /// The filer gives it up.
    Withdraw,
    /// Nobody touched it for too long (超时失效).
    Expire,
    /// The filer takes an expired one up again.
    Resume,
}

/// An event that cannot happen to an order where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {state} cannot {event}")]
pub struct InvalidTransition {
    /// Where it stands.
    pub state: OrderState,
    /// What was tried.
    pub event: &'static str,
}

impl OrderState {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::ProviderReview,
        Self::SecondReview,
        Self::Returned,
        Self::Queued,
        Self::AtRegulator,
        Self::Refused,
        Self::Filed,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// The state after `event`. Every pair is decided here; nothing else changes a state.
    pub fn after(self, event: &OrderEvent) -> Result<Self, InvalidTransition> {
        use OrderEvent as E;
        match (self, event) {
            (Self::Draft | Self::Returned | Self::Refused, E::Submit) => Ok(Self::ProviderReview),
            // Once somebody approved, the filer would undo their decision unseen.
            (Self::ProviderReview, E::Recall) => Ok(Self::Draft),
            (Self::ProviderReview, E::Endorse) => Ok(Self::SecondReview),
            (Self::ProviderReview | Self::SecondReview, E::Return) => Ok(Self::Returned),
            (Self::ProviderReview | Self::SecondReview, E::Approve) => Ok(Self::Queued),
            (Self::Queued, E::Deliver) => Ok(Self::AtRegulator),
            (Self::AtRegulator, E::Refuse) => Ok(Self::Refused),
            (Self::AtRegulator, E::Grant(_) | E::Confirm) => Ok(Self::Filed),
            // Once queued, the file may be on its way: nobody can take it back.
            (
                Self::Draft
                | Self::ProviderReview
                | Self::SecondReview
                | Self::Returned
                | Self::Refused
                | Self::Expired,
                E::Withdraw,
            ) => Ok(Self::Withdrawn),
            (Self::Draft | Self::Returned | Self::Refused, E::Expire) => Ok(Self::Expired),
            (Self::Expired, E::Resume) => Ok(Self::Draft),
            (state, event) => Err(InvalidTransition { state, event: event.name() }),
        }
    }

    /// Whether the order is not over. An expired one is: it holds nothing.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Filed | Self::Withdrawn | Self::Expired)
    }

    /// Whether the filer may change the case now.
    pub fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Returned | Self::Refused)
    }

    /// Whether a reviewer has it.
    pub fn is_in_review(self) -> bool {
        matches!(self, Self::ProviderReview | Self::SecondReview)
    }

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::ProviderReview => "provider-review",
            Self::SecondReview => "second-review",
            Self::Returned => "returned",
            Self::Queued => "queued",
            Self::AtRegulator => "at-regulator",
            Self::Refused => "refused",
            Self::Filed => "filed",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

impl OrderEvent {
    /// One of each, with `number` for the one that brings a number.
    pub fn all(number: ServiceFilingNumber) -> [Self; 12] {
        [
            Self::Submit,
            Self::Recall,
            Self::Endorse,
            Self::Return,
            Self::Approve,
            Self::Deliver,
            Self::Refuse,
            Self::Grant(number),
            Self::Confirm,
            Self::Withdraw,
            Self::Expire,
            Self::Resume,
        ]
    }

    /// The name in the audit trail.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Recall => "recall",
            Self::Endorse => "endorse",
            Self::Return => "return",
            Self::Approve => "approve",
            Self::Deliver => "deliver",
            Self::Refuse => "refuse",
            Self::Grant(_) => "grant",
            Self::Confirm => "confirm",
            Self::Withdraw => "withdraw",
            Self::Expire => "expire",
            Self::Resume => "resume",
        }
    }
}

impl fmt::Display for OrderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl FromStr for OrderState {
    type Err = UnknownOrderState;

    fn from_str(text: &str) -> Result<Self, UnknownOrderState> {
        Self::ALL
            .into_iter()
            .find(|state| state.slug() == text)
            .ok_or_else(|| UnknownOrderState(text.to_owned()))
    }
}

/// A text that names no state of an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected the state of an order, got {0:?}")]
pub struct UnknownOrderState(pub String);

/// Identifies an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(pub Uuid);

/// The number of an order for people to say on the telephone (订单号), for
/// example `BA20261122-7F3KQ`: the day and five characters that are not mistaken
/// for one another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderNumber(pub String);

impl OrderNumber {
    /// A new number of today. Two may meet, once in 30 million: the store refuses the second.
    pub fn new(clock: &dyn Clock, random: &dyn Random) -> Self {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let mut bytes = [0; 5];
        random.fill(&mut bytes);
        let tail: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
        Self(format!("BA{}-{tail}", clock.now().format("%Y%m%d")))
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events() -> [OrderEvent; 12] {
        OrderEvent::all("粤ICP备2026000001号-1".parse().unwrap())
    }

    #[test]
    fn what_is_over_stays_over_and_what_is_sent_is_not_taken_back() {
        for event in events() {
            assert!(OrderState::Filed.after(&event).is_err());
            assert!(OrderState::Withdrawn.after(&event).is_err());
        }
        for state in [OrderState::Queued, OrderState::AtRegulator] {
            for event in [OrderEvent::Withdraw, OrderEvent::Recall, OrderEvent::Expire] {
                assert!(state.after(&event).is_err());
            }
        }
    }

    #[test]
    fn every_state_can_be_reached_and_left_as_its_name_says() {
        let mut reached = std::collections::BTreeSet::from([OrderState::Draft]);
        while let Some(next) = reached
            .iter()
            .flat_map(|state| events().into_iter().filter_map(|event| state.after(&event).ok()))
            .find(|next| !reached.contains(next))
        {
            reached.insert(next);
        }
        assert_eq!(reached.len(), OrderState::ALL.len());
        for state in OrderState::ALL {
            assert_eq!(state.slug().parse(), Ok(state));
            // What is open goes on by itself; what is expired only by its filer.
            let ways = events().into_iter().filter(|event| state.after(event).is_ok()).count();
            assert_eq!(ways == 0, matches!(state, OrderState::Filed | OrderState::Withdrawn), "{state}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_number_is_only_granted_after_a_review_and_a_delivery(choices in proptest::collection::vec(0usize..12, 0..80)) {
            let mut state = OrderState::Draft;
            let mut history = Vec::new();
            for choice in choices {
                let event = events()[choice].clone();
                if let Ok(next) = state.after(&event) {
                    history.push(event.name());
                    state = next;
                }
            }
            if state == OrderState::Filed {
                let tail = &history[history.len() - 3..];
                proptest::prop_assert!(matches!(tail, ["approve", "deliver", "grant" | "confirm"]));
                let submit = history.iter().rposition(|name| *name == "submit").unwrap();
                proptest::prop_assert!(history[submit..].iter().all(|name| !matches!(*name, "recall" | "return" | "expire" | "withdraw")));
            }
        }
    }
}
