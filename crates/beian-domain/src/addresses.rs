//! Address filing (IP地址备案): where a provider's IPv4 ranges come from, what becomes of them, who
//! announces them, and which ones customers bring along.

mod content;
mod field;
mod holdings;
mod range;

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::UnknownCode;

pub use content::{
    AddressContent, AddressDetail, AddressUsage, AddressUser, Allocation, Gateway, Origin, UnitNumber,
};
pub use field::{AddressField, AddressFieldError, AddressFieldFault};
pub use holdings::{Held, Holdings, RangeConflict};
pub use range::{AddressRange, AddressRangeError};

/// Identifies a record of address filing, here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRecordId(pub Uuid);

/// Which kind of record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressKind {
    /// Where a range comes from (来源). It comes first: everything else lies within one (2005).
    Source,
    /// What becomes of a range (分配使用).
    Allocation,
    /// Which carrier announces a range (广播).
    Broadcast,
    /// A range that a customer brought along (自带IP).
    CustomerOwned,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressState {
    /// Nobody outside has heard of it (草稿).
    Draft,
    /// It waits for its turn to leave (待上报).
    Queued(AddressOperation),
    /// The regulator has the file and has not answered (已上报).
    Reported(AddressOperation),
    /// It stands in the regulator's register as it stands here (已备案).
    Filed,
    /// The regulator refused what was asked (被退回). Refused changes and deletions leave the register as it was.
    Refused(AddressOperation),
    /// It is in the register no more, or never came there (已删除).
    Deleted,
}

/// What is asked of the regulator for a record (操作类型, `Czlx`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressOperation {
    /// To take it in (新增).
    Register,
    /// To change it (修改).
    Change,
    /// To delete it (删除).
    Delete,
}

/// Something that the regulator found in what was asked (处理结果).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressFinding {
    /// The result code (结果代码).
    pub code: u16,
    /// Particulars, in the regulator's words (代码描述).
    pub particulars: String,
}

/// What can happen to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressEvent {
    /// Somebody asks for something.
    Ask(AddressOperation),
    /// The regulator took the file.
    Deliver,
    /// The regulator did what was asked.
    Accept,
    /// The regulator refuses it.
    Refuse,
    /// Somebody gives up what was not, or not yet, taken: a draft, a refused registration, change or deletion.
    GiveUp,
}

/// An event that cannot happen to a record where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a record of addresses that is {state} cannot be given the event {event:?}")]
pub struct InvalidAddressEvent {
    /// Where it stands.
    pub state: AddressState,
    /// What was tried.
    pub event: AddressEvent,
}

impl AddressKind {
    /// Every kind, in the order in which they are filed.
    pub const ALL: [Self; 4] = [Self::Source, Self::Allocation, Self::Broadcast, Self::CustomerOwned];

    /// The name that is stored, and that stands in addresses of pages.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Allocation => "allocation",
            Self::Broadcast => "broadcast",
            Self::CustomerOwned => "customer-owned",
        }
    }
}

impl std::str::FromStr for AddressKind {
    type Err = UnknownCode;

    fn from_str(slug: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.slug() == slug)
            .ok_or_else(|| UnknownCode { table: "kind of a record of addresses", got: slug.to_owned() })
    }
}

impl AddressOperation {
    /// Every operation.
    pub const ALL: [Self; 3] = [Self::Register, Self::Change, Self::Delete];

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Change => "change",
            Self::Delete => "delete",
        }
    }
}

impl AddressState {
    /// Every state.
    pub const ALL: [Self; 12] = {
        use AddressOperation as O;
        [
            Self::Draft,
            Self::Queued(O::Register),
            Self::Queued(O::Change),
            Self::Queued(O::Delete),
            Self::Reported(O::Register),
            Self::Reported(O::Change),
            Self::Reported(O::Delete),
            Self::Filed,
            Self::Refused(O::Register),
            Self::Refused(O::Change),
            Self::Refused(O::Delete),
            Self::Deleted,
        ]
    };

    /// The state after `event`. Every pair is decided here; nothing else changes a state.
    pub fn after(self, event: AddressEvent) -> Result<Self, InvalidAddressEvent> {
        use AddressEvent as E;
        use AddressOperation as O;
        match (self, event) {
            (Self::Draft | Self::Refused(O::Register), E::Ask(O::Register)) => Ok(Self::Queued(O::Register)),
            (
                Self::Filed | Self::Refused(O::Change | O::Delete),
                E::Ask(operation @ (O::Change | O::Delete)),
            ) => Ok(Self::Queued(operation)),
            (Self::Queued(operation), E::Deliver) => Ok(Self::Reported(operation)),
            (Self::Reported(O::Register | O::Change), E::Accept) => Ok(Self::Filed),
            (Self::Reported(O::Delete), E::Accept) => Ok(Self::Deleted),
            (Self::Reported(operation), E::Refuse) => Ok(Self::Refused(operation)),
            (Self::Draft | Self::Refused(O::Register), E::GiveUp) => Ok(Self::Deleted),
            (Self::Refused(O::Change | O::Delete), E::GiveUp) => Ok(Self::Filed),
            (state, event) => Err(InvalidAddressEvent { state, event }),
        }
    }

    /// What is being asked of the regulator, or was refused.
    pub fn operation(self) -> Option<AddressOperation> {
        match self {
            Self::Queued(operation) | Self::Reported(operation) | Self::Refused(operation) => Some(operation),
            Self::Draft | Self::Filed | Self::Deleted => None,
        }
    }

    /// Whether its contents can be stated anew: nothing of it is on its way.
    pub fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Filed | Self::Refused(_))
    }

    /// Whether the regulator has it in its register, whatever is asked about it.
    pub fn is_in_register(self) -> bool {
        match self {
            Self::Draft | Self::Deleted => false,
            Self::Filed => true,
            Self::Queued(operation) | Self::Reported(operation) | Self::Refused(operation) => {
                operation != AddressOperation::Register
            }
        }
    }

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        use AddressOperation as O;
        match self {
            Self::Draft => "draft",
            Self::Queued(O::Register) => "queued-register",
            Self::Queued(O::Change) => "queued-change",
            Self::Queued(O::Delete) => "queued-delete",
            Self::Reported(O::Register) => "reported-register",
            Self::Reported(O::Change) => "reported-change",
            Self::Reported(O::Delete) => "reported-delete",
            Self::Filed => "filed",
            Self::Refused(O::Register) => "refused-register",
            Self::Refused(O::Change) => "refused-change",
            Self::Refused(O::Delete) => "refused-delete",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for AddressState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl std::str::FromStr for AddressState {
    type Err = UnknownCode;

    fn from_str(slug: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|state| state.slug() == slug)
            .ok_or_else(|| UnknownCode { table: "state of a record of addresses", got: slug.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_life_of_a_record_is_as_written() {
        use AddressEvent as E;
        let mut possible = Vec::new();
        for state in AddressState::ALL {
            let asks = AddressOperation::ALL.map(E::Ask);
            for event in asks.into_iter().chain([E::Deliver, E::Accept, E::Refuse, E::GiveUp]) {
                if let Ok(after) = state.after(event) {
                    possible.push(format!("{state} {event:?} {after}"));
                }
            }
        }
        let expected = [
            "draft Ask(Register) queued-register",
            "draft GiveUp deleted",
            "queued-register Deliver reported-register",
            "queued-change Deliver reported-change",
            "queued-delete Deliver reported-delete",
            "reported-register Accept filed",
            "reported-register Refuse refused-register",
            "reported-change Accept filed",
            "reported-change Refuse refused-change",
            "reported-delete Accept deleted",
            "reported-delete Refuse refused-delete",
            "filed Ask(Change) queued-change",
            "filed Ask(Delete) queued-delete",
            "refused-register Ask(Register) queued-register",
            "refused-register GiveUp deleted",
            "refused-change Ask(Change) queued-change",
            "refused-change Ask(Delete) queued-delete",
            "refused-change GiveUp filed",
            "refused-delete Ask(Change) queued-change",
            "refused-delete Ask(Delete) queued-delete",
            "refused-delete GiveUp filed",
        ];
        assert_eq!(possible, expected);
        for state in AddressState::ALL {
            assert_eq!(state.slug().parse(), Ok(state));
        }
        for kind in AddressKind::ALL {
            assert_eq!(kind.slug().parse(), Ok(kind));
        }
    }

    #[test]
    fn what_was_deleted_stays_so() {
        for event in [AddressEvent::Accept, AddressEvent::GiveUp, AddressEvent::Deliver] {
            assert!(AddressState::Deleted.after(event).is_err(), "{event:?}");
        }
        assert!(!AddressState::Deleted.is_editable() && !AddressState::Deleted.is_in_register());
    }
}
