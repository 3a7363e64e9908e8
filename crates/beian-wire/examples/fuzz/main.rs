//! Changes what lies in the corpus and feeds it to every decoder, for a number of seconds.
//!
//! `cargo xtask fuzz --seconds 60`: the same seed tries the same changes, as far as the time
//! goes. An input that makes a decoder panic, take seconds, or break a promise is written to
//! a file, which belongs into the corpus once the fault is mended.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it runs by the clock and prints what it found"
)]

mod change;
mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use change::Changer;
use targets::{TARGETS, Target};

/// How long one input may take.
const SLOW: Duration = Duration::from_secs(10);
/// How many inputs with new words are kept, of a target.
const KEPT: usize = 4000;

fn main() -> ExitCode {
    let number = |name: &str, usual: u64| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).and_then(|value| value.parse().ok()).unwrap_or(usual)
    };
    let (seconds, seed) = (number("--seconds", 60), number("--seed", 1));
    // Panics are told with their input; each on its own would flood the terminal.
    set_hook(Box::new(|_| {}));
    let share = Duration::from_secs(seconds) / u32::try_from(TARGETS.len()).unwrap_or(1);
    let mut failed = false;
    println!("| target | executions | a second | inputs with new words | slowest ms |");
    println!("|---|---:|---:|---:|---:|");
    for target in &TARGETS {
        match fuzz(target, share, seed) {
            Ok(run) => println!(
                "| {} | {} | {:.0} | {} | {:.1} |",
                target.name,
                run.executions,
                run.executions as f64 / run.elapsed.as_secs_f64(),
                run.kept,
                run.slowest.as_secs_f64() * 1000.0
            ),
            Err(failure) => {
                failed = true;
                println!("{}: {}", target.name, failure.what);
                match write(target, &failure.input) {
                    Ok(path) => println!("the input is in {}", path.display()),
                    Err(error) => println!("the input cannot be written: {error}"),
                }
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

struct Run {
    executions: u64,
    elapsed: Duration,
    kept: usize,
    slowest: Duration,
}

struct Failure {
    what: String,
    input: Vec<u8>,
}

fn fuzz(target: &Target, share: Duration, seed: u64) -> Result<Run, Failure> {
    let mut pool = corpus(target);
    let begin = Instant::now();
    let mut run = Run { executions: 0, elapsed: Duration::ZERO, kept: 0, slowest: Duration::ZERO };
    let mut words = BTreeSet::new();
    for input in pool.clone() {
        execute(target, &input, &mut run, &mut words)?;
    }
    let mut changer = Changer::new(seed);
    while begin.elapsed() < share {
        let input = changer.change(&pool);
        if execute(target, &input, &mut run, &mut words)? && pool.len() < KEPT && input.len() < 100_000 {
            pool.push(input);
            run.kept += 1;
        }
    }
    run.elapsed = begin.elapsed();
    Ok(run)
}

/// Feeds one input; whether its words are new.
fn execute(
    target: &Target,
    input: &[u8],
    run: &mut Run,
    words: &mut BTreeSet<String>,
) -> Result<bool, Failure> {
    let failure = |what: String| Failure { what, input: input.to_vec() };
    let begin = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let elapsed = begin.elapsed();
    run.executions += 1;
    run.slowest = run.slowest.max(elapsed);
    if elapsed > SLOW {
        return Err(failure(format!("took {elapsed:?}")));
    }
    match outcome {
        Ok(Ok(told)) => Ok(words.insert(told)),
        Ok(Err(promise)) => Err(failure(format!("broken promise: {promise}"))),
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(failure(format!("panicked: {message}")))
        }
    }
}

/// Its own folder, and the vectors that are of its kind.
fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        (home.join("corpus").join(target.name), Some("")),
        (home.join("vectors/accept"), target.vectors),
        (home.join("vectors/reject"), target.vectors),
    ];
    let mut files: Vec<PathBuf> = folders
        .iter()
        .filter_map(|(folder, begin)| Some((fs::read_dir(folder).ok()?, (*begin)?)))
        .flat_map(|(entries, begin)| {
            entries.flatten().filter(move |entry| entry.file_name().to_string_lossy().starts_with(begin))
        })
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files.iter().filter_map(|path| fs::read(path).ok()).collect()
}

fn write(target: &Target, input: &[u8]) -> std::io::Result<PathBuf> {
    let folder = Path::new("target/fuzz");
    fs::create_dir_all(folder)?;
    let sum = input
        .iter()
        .fold(0xCBF2_9CE4_8422_2325_u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3));
    let path = folder.join(format!("{}-{sum:016x}", target.name));
    fs::write(&path, input)?;
    Ok(path)
}
