//! The situations S01 to S14 in a line.

use beian_domain::Situation;

/// `S03 S09`.
pub(super) fn codes(situations: &[Situation]) -> String {
    situations.iter().map(|situation| format!("{situation:?}")).collect::<Vec<_>>().join(" ")
}
