//! The life of an order (备案订单).

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Clock, Pointer, Random, ServiceFilingNumber};

/// Where an order stands, and so who has it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    /// With the filer: being filled in (草稿).
    Draft,
    /// With the provider: being reviewed (初审中).
    ProviderReview,
    /// With the filer: returned by the provider with reasons (初审退回).
    Returned,
    /// With the provider: approved, waiting to reach the regulator (待上报).
    Queued,
    /// With the regulator: SMS verification and review (管局审核). The interface
    /// does not tell the two apart.
    AtRegulator,
    /// With the filer: refused by the regulator (管局退回).
    Refused,
    /// Over: the number was granted (备案成功).
    Filed,
    /// Over: given up by the filer (已放弃).
    Withdrawn,
}

/// What can happen to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderEvent {
    /// The filer hands it in.
    Submit,
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
    /// The filer gives it up.
    Withdraw,
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
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::ProviderReview,
        Self::Returned,
        Self::Queued,
        Self::AtRegulator,
        Self::Refused,
        Self::Filed,
        Self::Withdrawn,
    ];

    /// The state after `event`.
    pub fn after(self, event: &OrderEvent) -> Result<Self, InvalidTransition> {
        use OrderEvent as E;
        match (self, event) {
            (Self::Draft | Self::Returned | Self::Refused, E::Submit) => Ok(Self::ProviderReview),
            (Self::ProviderReview, E::Return) => Ok(Self::Returned),
            (Self::ProviderReview, E::Approve) => Ok(Self::Queued),
            (Self::Queued, E::Deliver) => Ok(Self::AtRegulator),
            (Self::AtRegulator, E::Refuse) => Ok(Self::Refused),
            (Self::AtRegulator, E::Grant(_)) => Ok(Self::Filed),
            // Once queued, the file may be on its way: nobody can take it back.
            (Self::Draft | Self::ProviderReview | Self::Returned | Self::Refused, E::Withdraw) => {
                Ok(Self::Withdrawn)
            }
            (state, event) => Err(InvalidTransition { state, event: event.name() }),
        }
    }

    /// Whether the order is not over.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Filed | Self::Withdrawn)
    }

    /// Whether the filer may change the case now.
    pub fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Returned | Self::Refused)
    }

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::ProviderReview => "provider-review",
            Self::Returned => "returned",
            Self::Queued => "queued",
            Self::AtRegulator => "at-regulator",
            Self::Refused => "refused",
            Self::Filed => "filed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl OrderEvent {
    /// The name in the audit trail.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Return => "return",
            Self::Approve => "approve",
            Self::Deliver => "deliver",
            Self::Refuse => "refuse",
            Self::Grant(_) => "grant",
            Self::Withdraw => "withdraw",
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

/// What kind of filing an order makes (备案类型).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FilingKind {
    /// 首次备案: neither the sponsor nor the domain has a number.
    FirstFiling,
    /// 新增网站: the sponsor has a number, the domain has none.
    AddService,
    /// 新增接入: the domain has a number of this sponsor, through another provider.
    AddAccess,
}

impl FilingKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::FirstFiling, Self::AddService, Self::AddAccess];

    /// The name for people.
    pub fn label(self) -> crate::Text {
        match self {
            Self::FirstFiling => crate::Text::new("首次备案", "First filing"),
            Self::AddService => crate::Text::new("新增网站", "Add service"),
            Self::AddAccess => crate::Text::new("新增接入", "Add access"),
        }
    }
}

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

/// A field that a reviewer wants mended; only these can then be edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnedField {
    /// The field; the whole case for a remark of a general kind.
    pub pointer: Pointer,
    /// What is wrong with it, for the filer to read.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events() -> Vec<OrderEvent> {
        use OrderEvent as E;
        let number = "粤ICP备2026000001号-1".parse().unwrap();
        vec![E::Submit, E::Return, E::Approve, E::Deliver, E::Refuse, E::Grant(number), E::Withdraw]
    }

    #[test]
    fn what_is_over_stays_over_and_what_is_sent_is_not_taken_back() {
        for event in events() {
            assert!(OrderState::Filed.after(&event).is_err());
            assert!(OrderState::Withdrawn.after(&event).is_err());
        }
        for state in [OrderState::Queued, OrderState::AtRegulator] {
            assert!(state.after(&OrderEvent::Withdraw).is_err());
        }
    }

    proptest::proptest! {
        #[test]
        fn a_number_is_only_granted_after_a_review_and_a_delivery(choices in proptest::collection::vec(0usize..7, 0..60)) {
            let mut state = OrderState::Draft;
            let mut history = Vec::new();
            for choice in choices {
                let event = events().remove(choice);
                if let Ok(next) = state.after(&event) {
                    history.push(event.name());
                    state = next;
                }
            }
            if state == OrderState::Filed {
                let tail = &history[history.len() - 4..];
                proptest::prop_assert_eq!(tail, ["submit", "approve", "deliver", "grant"]);
            }
        }
    }
}
