//! All ranges of a provider together, and what must be true of them.

use std::net::Ipv4Addr;

use super::{AddressKind, AddressOperation, AddressRange, AddressRecordId, AddressState};

/// A record that is held, with the ranges that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Which record.
    pub id: AddressRecordId,
    /// Its kind.
    pub kind: AddressKind,
    /// Where it stands.
    pub state: AddressState,
    /// Its range as it stands here.
    pub range: AddressRange,
    /// Its range as it stands in the register, if it does.
    pub filed: Option<AddressRange>,
}

/// Why a range cannot be held, asked for or given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RangeConflict {
    /// Another range of ours has some of its addresses.
    #[error("expected a range that no other record has, got one that overlaps {range}")]
    Overlaps {
        /// The other record.
        with: AddressRecordId,
        /// Its range.
        range: AddressRange,
    },
    /// Some of its addresses have no source here.
    #[error("expected a range that comes from a source, got one in which {address} has none")]
    Sourceless {
        /// The first of them.
        address: Ipv4Addr,
    },
    /// Some of its addresses have a source that is not in the register yet (2005).
    #[error("expected a source that is filed, got one that is not for {address}")]
    SourceNotFiled {
        /// The first of them.
        address: Ipv4Addr,
    },
    /// Another range would be left without a source.
    #[error("expected a source that carries nothing else, got one that carries {range}")]
    Carries {
        /// The other record.
        record: AddressRecordId,
        /// Its range.
        range: AddressRange,
    },
}

/// All ranges that a provider holds: those that are deleted are none of them.
#[derive(Debug, Clone, Default)]
pub struct Holdings(Vec<Held>);

impl Holdings {
    /// The holdings of these records.
    pub fn new(records: impl IntoIterator<Item = Held>) -> Self {
        Self(records.into_iter().filter(|held| held.state != AddressState::Deleted).collect())
    }

    /// Adds a record that was let through.
    pub fn add(&mut self, held: Held) {
        self.0.push(held);
    }

    /// Whether a record, a new one if `id` is `None`, may have this range from now on.
    ///
    /// Ranges of one kind do not overlap, nor do sources and customers' own ranges (2003, 2004, 2056). An
    /// allocation lies within sources (2005). A broadcast lies within sources and customers' own ranges: the
    /// interface ties it to nothing. ASSUMED. What lies within this one must go on doing so.
    ///
    /// # Errors
    /// What stands against it.
    pub fn may_have(
        &self,
        id: Option<AddressRecordId>,
        kind: AddressKind,
        range: AddressRange,
    ) -> Result<(), RangeConflict> {
        for held in self.others(id).filter(|held| excludes(kind, held.kind)) {
            // A refused change leaves the register as it was, so that both ranges are taken.
            if let Some(taken) =
                [Some(held.range), held.filed].into_iter().flatten().find(|taken| taken.overlaps(range))
            {
                return Err(RangeConflict::Overlaps { with: held.id, range: taken });
            }
        }
        if let Some(address) = range.first_outside(self.carrying(id, kind)) {
            return Err(RangeConflict::Sourceless { address });
        }
        self.keeps_others(id, Some((kind, range)))
    }

    /// Whether the regulator may be asked to take in this range, or to change a record to it: what it lies
    /// within stands in the register.
    ///
    /// # Errors
    /// What stands against it.
    pub fn may_ask(
        &self,
        id: AddressRecordId,
        kind: AddressKind,
        range: AddressRange,
    ) -> Result<(), RangeConflict> {
        self.may_have(Some(id), kind, range)?;
        let filed = self
            .others(Some(id))
            .filter(|held| carries(held.kind, kind) && held.state.is_in_register() && !is_going(held.state))
            .filter_map(|held| held.filed);
        match range.first_outside(filed.chain(itself(kind, range))) {
            Some(address) => Err(RangeConflict::SourceNotFiled { address }),
            None => Ok(()),
        }
    }

    /// Whether a record may go.
    ///
    /// # Errors
    /// The first that would be left without a source.
    pub fn may_go(&self, id: AddressRecordId) -> Result<(), RangeConflict> {
        self.keeps_others(Some(id), None)
    }

    /// Every record that has an address of this one's range and depends on it.
    pub fn within(&self, id: AddressRecordId) -> Vec<Held> {
        let Some(carrier) = self.0.iter().find(|held| held.id == id) else { return Vec::new() };
        let depends = |held: &&Held| carries(carrier.kind, held.kind) && held.range.overlaps(carrier.range);
        self.others(Some(id)).filter(depends).copied().collect()
    }

    fn others(&self, id: Option<AddressRecordId>) -> impl Iterator<Item = &Held> {
        self.0.iter().filter(move |held| Some(held.id) != id)
    }

    /// The ranges that may carry one of `kind`; itself, if it needs none.
    fn carrying(&self, id: Option<AddressRecordId>, kind: AddressKind) -> Vec<AddressRange> {
        match kind {
            AddressKind::Source | AddressKind::CustomerOwned => vec![AddressRange::EVERYTHING],
            AddressKind::Allocation | AddressKind::Broadcast => {
                self.others(id).filter(|held| carries(held.kind, kind)).map(|held| held.range).collect()
            }
        }
    }

    /// Whether everything else keeps what it lies within if this record becomes `then`. What comes anew takes
    /// nothing from anybody.
    fn keeps_others(
        &self,
        id: Option<AddressRecordId>,
        then: Option<(AddressKind, AddressRange)>,
    ) -> Result<(), RangeConflict> {
        let Some(carrier) = id.and_then(|id| self.0.iter().find(|held| held.id == id)) else { return Ok(()) };
        let carried = |held: &&Held| carries(carrier.kind, held.kind) && held.range.overlaps(carrier.range);
        for held in self.others(id).filter(carried) {
            let ranges = self.others(id).map(|other| (other.kind, other.range));
            let of_carriers =
                |(kind, range): (AddressKind, AddressRange)| carries(kind, held.kind).then_some(range);
            let remaining: Vec<AddressRange> = ranges.filter_map(of_carriers).collect();
            let after = remaining.iter().copied().chain(then.and_then(of_carriers));
            let before = remaining.iter().copied().chain([carrier.range]);
            // What was without a source before is not this record's fault.
            if held.range.first_outside(after).is_some() && held.range.first_outside(before).is_none() {
                return Err(RangeConflict::Carries { record: held.id, range: held.range });
            }
        }
        Ok(())
    }
}

/// Whether ranges of both kinds have no address in common.
fn excludes(left: AddressKind, right: AddressKind) -> bool {
    use AddressKind::{CustomerOwned, Source};
    left == right || matches!((left, right), (Source, CustomerOwned) | (CustomerOwned, Source))
}

/// Whether a range of `outer` carries ranges of `inner`.
fn carries(outer: AddressKind, inner: AddressKind) -> bool {
    use AddressKind::{Allocation, Broadcast, CustomerOwned, Source};
    matches!((outer, inner), (Source, Allocation | Broadcast) | (CustomerOwned, Broadcast))
}

/// Whether a range of a kind lies within others.
fn is_carried(kind: AddressKind) -> bool {
    matches!(kind, AddressKind::Allocation | AddressKind::Broadcast)
}

/// Whether the regulator is being asked to delete it.
fn is_going(state: AddressState) -> bool {
    use AddressOperation::Delete;
    matches!(state, AddressState::Queued(Delete) | AddressState::Reported(Delete))
}

/// What needs nothing to lie within lies within itself.
fn itself(kind: AddressKind, range: AddressRange) -> Option<AddressRange> {
    (!is_carried(kind)).then_some(range)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const KINDS: [AddressKind; 4] =
        [AddressKind::Source, AddressKind::Allocation, AddressKind::Broadcast, AddressKind::CustomerOwned];

    fn held(number: u128, kind: AddressKind, range: &str, state: AddressState) -> Held {
        let range = range.parse().expect("a range");
        let filed = state.is_in_register().then_some(range);
        Held { id: AddressRecordId(Uuid::from_u128(number)), kind, state, range, filed }
    }

    fn range(text: &str) -> AddressRange {
        text.parse().expect("a range")
    }

    #[test]
    fn each_rule_names_what_stands_against_it() {
        use AddressKind as K;
        let source = held(1, K::Source, "203.0.113.0/25", AddressState::Filed);
        let next = held(2, K::Source, "203.0.113.128/25", AddressState::Draft);
        let allocation = held(3, K::Allocation, "203.0.113.0/26", AddressState::Filed);
        let own = held(4, K::CustomerOwned, "198.51.100.0/24", AddressState::Filed);
        let gone = held(5, K::Source, "192.0.2.0/24", AddressState::Deleted);
        let holdings = Holdings::new([source, next, allocation, own, gone]);
        let may = |kind, text: &str| holdings.may_have(None, kind, range(text));

        assert_eq!(may(K::Source, "192.0.2.0/24"), Ok(()), "what is deleted takes nothing");
        assert!(
            matches!(may(K::Source, "203.0.113.127"), Err(RangeConflict::Overlaps { with, .. }) if with == source.id)
        );
        assert!(matches!(may(K::CustomerOwned, "203.0.113.9"), Err(RangeConflict::Overlaps { .. })));
        assert!(matches!(may(K::Allocation, "203.0.113.63"), Err(RangeConflict::Overlaps { .. })));
        assert_eq!(may(K::Allocation, "203.0.113.64-203.0.113.200"), Ok(()), "across two sources");
        let outside = RangeConflict::Sourceless { address: "203.0.114.0".parse().expect("an address") };
        assert_eq!(may(K::Allocation, "203.0.113.200-203.0.114.9"), Err(outside));
        assert_eq!(
            may(K::Allocation, "198.51.100.9"),
            Err(RangeConflict::Sourceless { address: "198.51.100.9".parse().expect("an address") })
        );
        assert_eq!(
            may(K::Broadcast, "203.0.113.0/24"),
            Ok(()),
            "an allocation and a broadcast share addresses"
        );
        assert_eq!(may(K::Broadcast, "198.51.100.0/24"), Ok(()));

        let new = AddressRecordId(Uuid::from_u128(9));
        assert_eq!(holdings.may_ask(new, K::Allocation, range("203.0.113.64/26")), Ok(()));
        let address = "203.0.113.128".parse().expect("an address");
        assert_eq!(
            holdings.may_ask(new, K::Allocation, range("203.0.113.64-203.0.113.200")),
            Err(RangeConflict::SourceNotFiled { address }),
            "the second source is a draft"
        );
        assert_eq!(holdings.may_ask(next.id, K::Source, next.range), Ok(()));

        assert!(
            matches!(holdings.may_go(source.id), Err(RangeConflict::Carries { record, .. }) if record == allocation.id)
        );
        assert_eq!(holdings.may_go(next.id), Ok(()));
        let smaller = holdings.may_have(Some(source.id), K::Source, range("203.0.113.0/27"));
        assert!(matches!(smaller, Err(RangeConflict::Carries { .. })), "{smaller:?}");
        assert_eq!(holdings.may_have(Some(source.id), K::Source, range("203.0.113.0/26")), Ok(()));
        assert_eq!(holdings.within(source.id), [allocation]);
    }

    #[test]
    fn a_refused_change_takes_both_ranges() {
        let state = AddressState::Refused(AddressOperation::Change);
        let mut source = held(1, AddressKind::Source, "203.0.113.0/25", state);
        source.filed = Some(range("203.0.113.0/24"));
        let holdings = Holdings::new([source]);
        let taken = holdings.may_have(None, AddressKind::Source, range("203.0.113.200"));
        assert!(matches!(taken, Err(RangeConflict::Overlaps { .. })), "{taken:?}");
    }

    /// One address of a kind each: what a naive model keeps.
    fn addresses(holdings: &[Held], kind: AddressKind) -> Vec<u32> {
        let of_kind = holdings.iter().filter(|held| held.kind == kind);
        of_kind.flat_map(|held| held.range.first().to_bits()..=held.range.last().to_bits()).collect()
    }

    proptest! {
        /// Whatever is tried in whatever order: of one kind no address is held twice, and none is without a source.
        #[test]
        fn whatever_is_let_through_leaves_the_rules_kept(
            steps in prop::collection::vec((0..4_usize, 1..40_u32, 0..10_u32, 0..8_usize, 0..3_u8), 1..60)
        ) {
            let mut records: Vec<Held> = Vec::new();
            let mut number = 0;
            for (kind, first, length, which, action) in steps {
                let kind = KINDS[kind];
                let range = AddressRange::new(Ipv4Addr::from_bits(first), Ipv4Addr::from_bits(first + length))
                    .expect("a range");
                let holdings = Holdings::new(records.iter().copied());
                match (action, records.get(which).map(|held| (held.id, held.kind))) {
                    (1, Some((id, _))) if holdings.may_go(id).is_ok() => {
                        records.remove(which);
                    }
                    (2, Some((id, kind))) if holdings.may_ask(id, kind, range).is_ok() => {
                        records[which].range = range;
                        records[which].filed = Some(range);
                    }
                    (0, _) if holdings.may_have(None, kind, range).is_ok() => {
                        number += 1;
                        records.push(Held {
                            id: AddressRecordId(Uuid::from_u128(number)),
                            kind,
                            state: AddressState::Filed,
                            range,
                            filed: Some(range),
                        });
                    }
                    _ => {}
                }
                for kind in KINDS {
                    let mut of_kind = addresses(&records, kind);
                    let count = of_kind.len();
                    of_kind.sort_unstable();
                    of_kind.dedup();
                    prop_assert_eq!(count, of_kind.len(), "an address is held twice");
                }
                let sources = addresses(&records, AddressKind::Source);
                let own = addresses(&records, AddressKind::CustomerOwned);
                prop_assert!(!own.iter().any(|address| sources.contains(address)));
                prop_assert!(addresses(&records, AddressKind::Allocation).iter().all(|a| sources.contains(a)));
                prop_assert!(
                    addresses(&records, AddressKind::Broadcast).iter().all(|a| sources.contains(a) || own.contains(a))
                );
            }
        }
    }
}
