//! How to go on when it is unknown whether an upload arrived.

use beian_wire::package::decode_base64;

use crate::{PreviousUpload, SealedUpload};

/// What to do with a file of ours, given what the regulator has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// The regulator has it: go on with the next.
    AlreadyAccepted,
    /// It is the next one the regulator expects: send it (again).
    SendAgain,
    /// The regulator expects an earlier one first.
    Gap {
        /// The number it expects next.
        expected: u64,
    },
    /// The regulator has another file under our number, or is past it: somebody else
    /// sends under our name, or our records are old. A person must look.
    Divergent,
}

/// Compares the last file the regulator accepted with the one we want it to have.
#[must_use]
pub fn resume(previous: &PreviousUpload, ours: &SealedUpload) -> Resume {
    let expected = previous.sequence.saturating_add(1);
    if ours.sequence > expected {
        return Resume::Gap { expected };
    }
    if ours.sequence == expected {
        return Resume::SendAgain;
    }
    let same_file = match (decode_base64(&previous.hash_base64), decode_base64(&ours.package.hash_base64)) {
        (Some(theirs), Some(ours)) => !ours.is_empty() && theirs == ours,
        _ => false,
    };
    if ours.sequence == previous.sequence && same_file { Resume::AlreadyAccepted } else { Resume::Divergent }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beian_wire::package::{Algorithms, Package};

    fn ours(sequence: u64, hash: &str) -> SealedUpload {
        let package = Package {
            content_base64: String::new(),
            hash_base64: hash.to_owned(),
            algorithms: Algorithms::USUAL,
        };
        SealedUpload { sequence, package }
    }

    #[test]
    fn every_relation() {
        let nothing = PreviousUpload { sequence: 0, hash_base64: String::new() };
        assert_eq!(resume(&nothing, &ours(1, "AAAA")), Resume::SendAgain);
        assert_eq!(resume(&nothing, &ours(2, "AAAA")), Resume::Gap { expected: 1 });
        assert_eq!(resume(&nothing, &ours(0, "")), Resume::Divergent);

        let third = PreviousUpload { sequence: 3, hash_base64: "AAAA\n".to_owned() };
        assert_eq!(resume(&third, &ours(3, "AAAA")), Resume::AlreadyAccepted);
        assert_eq!(resume(&third, &ours(3, "AAAB")), Resume::Divergent);
        assert_eq!(resume(&third, &ours(3, "?")), Resume::Divergent);
        assert_eq!(resume(&third, &ours(2, "AAAA")), Resume::Divergent);
        assert_eq!(resume(&third, &ours(4, "AAAA")), Resume::SendAgain);
        assert_eq!(resume(&third, &ours(6, "AAAA")), Resume::Gap { expected: 4 });
    }
}
