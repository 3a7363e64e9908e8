//! The life of a transfer (备案转移): a sponsor with its records here goes to
//! another account, proven by possession; and of a claim (认领), which is one of
//! records that no account holds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::UnknownCode;

/// Identifies a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransferId(pub Uuid);

/// Where a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferState {
    /// With the requester: no way to prove it is chosen (待选择证明方式).
    Requested,
    /// A way is chosen, and the proof is not there yet (待证明).
    ProofPending,
    /// Proven, and nobody is to be heard (已证明).
    Proven,
    /// Proven; the account that holds the records can object (公示等待期).
    Waiting,
    /// With an operator: the holder objects (异议).
    Objected,
    /// Over: the records belong to the requester (已完成).
    Done,
    /// Over: an operator found the objection right (异议成立).
    Refused,
    /// Over: the requester gave it up, or nothing is left to transfer (已取消).
    Cancelled,
    /// Over: nobody proved it in time (已失效).
    Expired,
}

/// What can happen to a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransferEvent {
    /// The requester chooses a way to prove it, or another one.
    ChooseProof,
    /// An operator does not see it proven by the certificate; other ways stay open.
    Dismiss,
    /// It is proven.
    Prove,
    /// The waiting period begins, because somebody holds the records.
    Wait,
    /// Who holds the records objects.
    Object,
    /// An operator finds the objection right.
    Uphold,
    /// An operator finds the objection wrong.
    Overrule,
    /// The records change hands.
    Complete,
    /// The requester gives it up.
    Cancel,
    /// Time is up without a proof.
    Expire,
}

/// An event that cannot happen to a transfer where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a transfer that is {state} cannot {}", event.name())]
pub struct InvalidTransferEvent {
    /// Where it stands.
    pub state: TransferState,
    /// What was tried.
    pub event: TransferEvent,
}

impl TransferState {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Requested,
        Self::ProofPending,
        Self::Proven,
        Self::Waiting,
        Self::Objected,
        Self::Done,
        Self::Refused,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The state after `event`. Every pair is decided here; nothing else changes a state.
    pub fn after(self, event: TransferEvent) -> Result<Self, InvalidTransferEvent> {
        use TransferEvent as E;
        match (self, event) {
            (Self::Requested | Self::ProofPending, E::ChooseProof) => Ok(Self::ProofPending),
            (Self::ProofPending, E::Dismiss) => Ok(Self::Requested),
            (Self::ProofPending, E::Prove) => Ok(Self::Proven),
            (Self::Proven, E::Wait) => Ok(Self::Waiting),
            (Self::Waiting, E::Object) => Ok(Self::Objected),
            (Self::Objected, E::Uphold) => Ok(Self::Refused),
            // Not back to waiting: the holder would object again, without end.
            (Self::Objected, E::Overrule) => Ok(Self::Proven),
            (Self::Proven | Self::Waiting, E::Complete) => Ok(Self::Done),
            (
                Self::Requested | Self::ProofPending | Self::Proven | Self::Waiting | Self::Objected,
                E::Cancel,
            ) => Ok(Self::Cancelled),
            (Self::Requested | Self::ProofPending, E::Expire) => Ok(Self::Expired),
            (state, event) => Err(InvalidTransferEvent { state, event }),
        }
    }

    /// Whether it is not over.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::ProofPending | Self::Proven | Self::Waiting | Self::Objected)
    }

    /// Whether it was proven and is not over: then no second one of the same
    /// sponsor can be. Before that it holds nothing, or a stranger could keep
    /// everybody from a transfer by asking for one.
    pub fn holds_sponsor(self) -> bool {
        matches!(self, Self::Proven | Self::Waiting | Self::Objected)
    }

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::ProofPending => "proof-pending",
            Self::Proven => "proven",
            Self::Waiting => "waiting",
            Self::Objected => "objected",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

impl TransferEvent {
    /// Every event.
    pub const ALL: [Self; 10] = [
        Self::ChooseProof,
        Self::Dismiss,
        Self::Prove,
        Self::Wait,
        Self::Object,
        Self::Uphold,
        Self::Overrule,
        Self::Complete,
        Self::Cancel,
        Self::Expire,
    ];

    /// The name in the audit trail.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChooseProof => "choose-proof",
            Self::Dismiss => "dismiss",
            Self::Prove => "prove",
            Self::Wait => "wait",
            Self::Object => "object",
            Self::Uphold => "uphold",
            Self::Overrule => "overrule",
            Self::Complete => "complete",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
        }
    }
}

impl fmt::Display for TransferState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl FromStr for TransferState {
    type Err = UnknownCode;

    fn from_str(slug: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|state| state.slug() == slug)
            .ok_or_else(|| UnknownCode { table: "state of a transfer", got: slug.to_owned() })
    }
}

/// How possession is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferProof {
    /// A code that was sent to the mobile of the sponsor principal on record (短信).
    Sms,
    /// A TXT record on the filed domain (域名解析记录).
    Dns,
    /// The certificate, looked at by an operator (证件加人工审核).
    Certificate,
}

impl TransferProof {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Sms, Self::Dns, Self::Certificate];

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Dns => "dns",
            Self::Certificate => "certificate",
        }
    }
}

impl FromStr for TransferProof {
    type Err = UnknownCode;

    fn from_str(slug: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|proof| proof.slug() == slug)
            .ok_or_else(|| UnknownCode { table: "proof of a transfer", got: slug.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole machine, written out: a change of the rule shows here.
    #[test]
    fn every_pair_is_as_written() {
        let mut allowed = String::new();
        for state in TransferState::ALL {
            assert_eq!(state.slug().parse(), Ok(state));
            for event in TransferEvent::ALL {
                if let Ok(next) = state.after(event) {
                    allowed.push_str(&format!("{state} {} {next}\n", event.name()));
                }
            }
        }
        assert_eq!(
            allowed,
            "requested choose-proof proof-pending\nrequested cancel cancelled\nrequested expire expired\n\
             proof-pending choose-proof proof-pending\nproof-pending dismiss requested\n\
             proof-pending prove proven\nproof-pending cancel cancelled\nproof-pending expire expired\n\
             proven wait waiting\nproven complete done\nproven cancel cancelled\n\
             waiting object objected\nwaiting complete done\nwaiting cancel cancelled\n\
             objected uphold refused\nobjected overrule proven\nobjected cancel cancelled\n"
        );
        for proof in TransferProof::ALL {
            assert_eq!(proof.slug().parse(), Ok(proof));
        }
    }

    proptest::proptest! {
        #[test]
        fn records_change_hands_only_when_proven_and_never_over_an_objection(
            choices in proptest::collection::vec(0usize..10, 0..60),
        ) {
            use TransferEvent as E;
            let mut state = TransferState::Requested;
            let mut history = Vec::new();
            for choice in choices {
                let event = TransferEvent::ALL[choice];
                let was_open = state.is_open();
                if let Ok(next) = state.after(event) {
                    assert!(was_open, "what is over stays over");
                    history.push(event);
                    state = next;
                }
            }
            let last = |wanted: E| history.iter().rposition(|event| *event == wanted);
            assert_eq!(state.holds_sponsor() || state == TransferState::Done || state == TransferState::Refused
                || (state == TransferState::Cancelled && last(E::Prove).is_some()), last(E::Prove).is_some());
            if state == TransferState::Done {
                assert!(last(E::ChooseProof) < last(E::Prove));
                assert_eq!(history.last(), Some(&E::Complete));
                if let Some(objected) = last(E::Object) {
                    assert!(last(E::Overrule) > Some(objected), "{history:?}");
                }
            }
            assert!(history.iter().filter(|event| **event == E::Complete).count() <= 1);
        }
    }
}
