//! A deterministic simulation of the bridge: nothing is lost and nothing happens twice, whatever is cut,
//! delayed, doubled or reordered, and wherever the product crashes.
//!
//! A world is made of a seed. In it are the product, over a copy of a database with four orders handed in; the
//! practice regulator; a network between them that fails as [`network`] draws it; and a driver that lets
//! reviewer, filer, regulator, bridge and clock do what is drawn ([`world`]). The product crashes at calls, on
//! either side of them, and at commits, on either side of them ([`life`]): whatever it held in memory is
//! dropped, and it is opened again. Then the faults stop, everything comes to rest, and [`checks`] asks both
//! sides what they have.
//!
//! A simulated network (turmoil) was the other way. It replaces the sockets of tokio; but our client is
//! reqwest and the store is a database with threads of its own, and neither would run on simulated sockets and
//! a simulated clock. So HTTP goes over the loopback, and what is simulated is what happens to each call. Our
//! clock is a parameter anyway, and nothing else waits for time. Every draw is made at a call, a commit or an
//! action, one after the other, so that a seed makes the same world again: a test holds it.
//!
//! ```console
//! $ cargo nextest run -p beian-app --test simulation                              # 500 worlds
//! $ BEIAN_SIMULATION_FIRST=501 BEIAN_SIMULATION_SEEDS=2000 cargo nextest run …     # others, and more
//! ```
//!
//! What it found, what was planted for it to find, and the figures are in `docs/exactly-once.md`.
#![cfg(test)]

mod chance;
mod checks;
mod life;
mod network;
#[path = "../support/mod.rs"]
mod support;
mod template;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

use chance::Tally;
use network::Planted;
use template::Template;
use world::{Outcome, run};

/// How many worlds are simulated at once, each on a thread of its own.
const THREADS: usize = 2;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().unwrap())
}

fn on_a_thread<T>(act: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(act)
}

/// Simulates worlds until one fails or all are done. Answers with the first that failed.
fn simulate(
    template: &Template,
    seeds: std::ops::Range<u64>,
    planted: Planted,
) -> (Tally, Option<(u64, Outcome)>) {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let (mut sum, mut failed) = (Tally::new(), None);
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= seeds.end {
                return (sum, failed);
            }
            let outcome = on_a_thread(run(template, seed, planted));
            for (name, times) in &outcome.tally {
                *sum.entry(name).or_default() += times;
            }
            if outcome.verdict.is_err() {
                next.store(seeds.end, Ordering::SeqCst);
                failed = Some((seed, outcome));
            }
        }
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut sum = Tally::new();
    let mut first: Option<(u64, Outcome)> = None;
    for (tally, failed) in results {
        for (name, times) in tally {
            *sum.entry(name).or_default() += times;
        }
        first = [first, failed].into_iter().flatten().min_by_key(|(seed, _)| *seed);
    }
    (sum, first)
}

fn template() -> Template {
    life::keep_planned_crashes_quiet();
    on_a_thread(Template::make())
}

#[test]
fn nothing_is_lost_and_nothing_happens_twice() {
    let template = template();
    let (first, seeds) = (number("BEIAN_SIMULATION_FIRST", 1), number("BEIAN_SIMULATION_SEEDS", 500));
    let (tally, failed) = simulate(&template, first..first + seeds, Planted::Nothing);
    if let Some((seed, outcome)) = failed {
        panic!(
            "seed {seed}: {}\n\n{}\n\nAgain: BEIAN_SIMULATION_FIRST={seed} BEIAN_SIMULATION_SEEDS=1 cargo nextest \
             run -p beian-app --test simulation nothing_is_lost",
            outcome.verdict.unwrap_err(),
            outcome.history.join("\n")
        );
    }
    println!("{seeds} worlds from seed {first}:");
    for (name, times) in &tally {
        println!("{times:>9}  {name}");
    }
}

/// A simulation that finds nothing where something is proves nothing. These faults lie in the test's own network.
#[test]
fn planted_faults_are_found() {
    let template = template();
    for planted in [Planted::ForgetsFiles, Planted::AcknowledgesUnasked] {
        let (_, failed) = simulate(&template, 1..51, planted);
        let (seed, outcome) = failed.unwrap_or_else(|| panic!("{planted:?} was not found within 50 worlds"));
        println!("{planted:?} was found in the world of seed {seed}: {}", outcome.verdict.unwrap_err());
    }
}

#[test]
fn a_seed_makes_the_same_world_again() {
    let template = template();
    for seed in 1..6 {
        let [first, second] = [(); 2].map(|()| on_a_thread(run(&template, seed, Planted::Nothing)));
        assert!(first.history.len() > 20, "{:?}", first.history);
        assert_eq!(first.history, second.history, "seed {seed}");
    }
}
