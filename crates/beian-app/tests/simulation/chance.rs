//! What happens in a world by chance, and what happened.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use beian_domain::{Random, SeededRandom};

/// The one sequence of chance of a world, the list of what came of it, and how often each thing happened.
///
/// Everybody draws at an occasion that does not depend on time or threads: at a call, at a commit, at an
/// action. So the same seed makes the same world.
pub(crate) struct Chance(Mutex<Inner>);

struct Inner {
    random: SeededRandom,
    history: Vec<String>,
    tally: Tally,
}

/// How often each thing happened.
pub(crate) type Tally = BTreeMap<&'static str, u64>;

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds must not begin alike.
        let random = SeededRandom::new(seed.wrapping_mul(0xD134_2543_DE82_EF95) ^ 0x5851_F42D_4C95_7F2D);
        Self(Mutex::new(Inner { random, history: Vec::new(), tally: Tally::new() }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number from 0 to `end` without it.
    pub(crate) fn below(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.inner().random.fill(&mut bytes);
        u64::from_le_bytes(bytes) % end
    }

    /// Whether something happens that happens in so many of a thousand cases.
    pub(crate) fn happens(&self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    pub(crate) fn of<'a, T>(&self, choices: &'a [T]) -> &'a T {
        let index = self.below(u64::try_from(choices.len()).unwrap());
        &choices[usize::try_from(index).unwrap()]
    }

    /// One of several, each with its weight.
    pub(crate) fn weighted<T: Copy>(&self, choices: &[(u64, T)]) -> T {
        let mut left = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in choices {
            if left < *weight {
                return *choice;
            }
            left -= weight;
        }
        unreachable!("the weights are exhausted")
    }

    /// Notes what happened, and counts it under a name.
    pub(crate) fn note(&self, name: &'static str, what: &str) {
        let mut inner = self.inner();
        *inner.tally.entry(name).or_default() += 1;
        inner.history.push(if what.is_empty() { name.to_owned() } else { format!("{name}: {what}") });
    }

    pub(crate) fn history(&self) -> Vec<String> {
        self.inner().history.clone()
    }

    pub(crate) fn tally(&self) -> Tally {
        self.inner().tally.clone()
    }
}
