//! The rules of beian beside three rule engines, in one run on the same cases.
//!
//! Twenty checks, of every family, are written for each engine in its own
//! language (`rules/`). Before anything is timed, all of them must agree on
//! which of the twenty fire on every case. Each engine is used as it is meant
//! to be: rules compiled once, what the rulebook says handed over once.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod cases;
mod cel;
mod ours;
mod rego;
mod zen;

use std::hint::black_box;
use std::time::Instant;

use cases::{Input, Rules};

/// Ours must be faster than each engine by this factor.
const BAR: f64 = 20.0;

/// The checks, one bit each in an answer.
const CODES: [&str; 20] = [
    "SPN004", "SPN007", "SPN008", "SPN009", "PER004", "PER005", "PER006", "PER010", "SVC002", "SVC005",
    "SVC010", "DOM005", "DOM006", "ACC006", "ACC007", "MAT001", "MAT002", "FLO002", "PRV001", "PRV010",
];

/// Arithmetic over 18 characters, which an interpreter is worst at.
const ARITHMETIC: [&str; 2] = ["SPN004", "PER004"];

/// Which checks fire, by their places in [`CODES`].
type Fired = u32;

/// The bit of a code.
fn bit(code: &str) -> Fired {
    CODES.iter().position(|known| *known == code).map_or(0, |place| 1 << place)
}

/// An engine, used in one way, with everything prepared that it can prepare.
struct Contestant {
    engine: &'static str,
    way: &'static str,
    judge: Box<dyn FnMut(usize) -> Fired>,
}

fn main() {
    let inputs = cases::inputs();
    let all = Rules { codes: CODES.to_vec() };
    let mut plain = all.clone();
    plain.codes.retain(|code| !ARITHMETIC.contains(code));

    println!("\n## {} checks on {} cases\n", CODES.len(), inputs.len());
    println!("The clean company, and for each check a case that it alone fires on.\n");
    compare(&all, &inputs);
    println!("\n## The same without the two check characters ({} checks)\n", plain.codes.len());
    compare(&plain, &inputs);
    println!("\n## {} checks on the clean company alone\n", CODES.len());
    compare(&all, &inputs[..1]);
}

fn compare(rules: &Rules, inputs: &[Input]) {
    let mut contestants = ours::contestants(rules, inputs);
    contestants.extend(cel::contestants(rules, inputs));
    contestants.extend(zen::contestants(rules, inputs));
    contestants.extend(rego::contestants(rules, inputs));
    agree(rules, inputs, &mut contestants);
    let times = measure(&mut contestants, inputs.len());
    report(&contestants, &times);
}

/// Every contestant finds in every case what is expected there.
fn agree(rules: &Rules, inputs: &[Input], contestants: &mut [Contestant]) {
    let asked: Fired = rules.codes.iter().map(|code| bit(code)).sum();
    for contestant in contestants {
        for (index, input) in inputs.iter().enumerate() {
            let expected = input.fires.map_or(0, bit) & asked;
            let got = (contestant.judge)(index);
            let names = |fired: Fired| -> Vec<&str> {
                CODES.into_iter().filter(|code| fired & bit(code) != 0).collect()
            };
            assert_eq!(
                names(got),
                names(expected),
                "{} ({}) on the case for {:?}",
                contestant.engine,
                contestant.way,
                input.fires
            );
        }
    }
}

/// Nanoseconds a case.
struct Time {
    median: f64,
    least: f64,
}

/// The contestants take turns within each sample, so that whatever else the
/// machine does meets all of them.
fn measure(contestants: &mut [Contestant], cases: usize) -> Vec<Time> {
    const SAMPLES: usize = 41;
    const SAMPLE_SECONDS: f64 = 0.02;
    let mut rounds = Vec::new();
    for contestant in contestants.iter_mut() {
        let once = seconds(contestant, cases, 3) / 3.0;
        rounds.push(((SAMPLE_SECONDS / once) as usize).max(1));
    }
    let mut samples = vec![Vec::with_capacity(SAMPLES); contestants.len()];
    for _ in 0..SAMPLES {
        for ((contestant, rounds), samples) in contestants.iter_mut().zip(&rounds).zip(&mut samples) {
            samples.push(seconds(contestant, cases, *rounds) * 1e9 / (rounds * cases) as f64);
        }
    }
    samples
        .into_iter()
        .map(|mut samples| {
            samples.sort_by(f64::total_cmp);
            Time { median: samples[SAMPLES / 2], least: samples[0] }
        })
        .collect()
}

fn seconds(contestant: &mut Contestant, cases: usize, rounds: usize) -> f64 {
    let start = Instant::now();
    for _ in 0..rounds {
        for index in 0..cases {
            black_box((contestant.judge)(black_box(index)));
        }
    }
    start.elapsed().as_secs_f64()
}

fn report(contestants: &[Contestant], times: &[Time]) {
    println!("| engine | way | median ns a case | least ns a case | of ours |");
    println!("|---|---|---:|---:|---:|");
    let ours = |way: &str| {
        let same = contestants.iter().position(|c| c.engine == ours::NAME && c.way.starts_with(way));
        same.map_or(f64::NAN, |index| times[index].median)
    };
    for (contestant, time) in contestants.iter().zip(times) {
        let way = if contestant.way.starts_with(FROM_JSON) { FROM_JSON } else { PREPARED };
        let (engine, median) = (contestant.engine, time.median);
        println!(
            "| {engine} | {} | {median:.0} | {:.0} | {:.1} |",
            contestant.way,
            time.least,
            median / ours(way)
        );
    }
    println!("\nThe fastest way of each engine, beside the same for ours (bar: {BAR:.0} times):\n");
    let mut engines: Vec<&str> = contestants.iter().map(|contestant| contestant.engine).collect();
    engines.dedup();
    for engine in engines.into_iter().filter(|engine| *engine != ours::NAME) {
        let fastest = contestants
            .iter()
            .zip(times)
            .filter(|(contestant, _)| contestant.engine == engine)
            .map(|(_, time)| time.median)
            .fold(f64::INFINITY, f64::min);
        let ratio = fastest / ours(PREPARED);
        let met = if ratio >= BAR { "met" } else { "missed" };
        println!("- {engine}: **{ratio:.1}** times as long as ours ({met})");
    }
}

/// The input stands ready as the engine's own value.
const PREPARED: &str = "prepared input";
/// The input is a line of JSON.
const FROM_JSON: &str = "from JSON";
