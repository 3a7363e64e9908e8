//! What a verdict costs: time, allocations, and cases a second from text.
//!
//! `cargo bench -p beian-rules` prints it as Markdown, beside the bars that the
//! project has set itself and a floor from the same run. The harness is our own
//! because those ratios need the figures in hand.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints its figures, and stops at the first surprise"
)]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use beian_domain::{AccountId, Case, PlainCase, Resource, ResourceId, ResourceKind, Verdict};
use beian_rules::{
    Facts, Known, RegulatorKind, ResourceFact, Rulebook, catalogue, evaluate, evaluate_checks,
};
use chrono::NaiveDate;

/// The bar for a full verdict on a clean case, in nanoseconds.
const VERDICT_BAR: f64 = 10_000.0;
/// The bar for judging cases from text, in cases a second on one core.
const BULK_BAR: f64 = 50_000.0;
/// How many times as long the lists of the grown rulebook are.
const GROWN: usize = 100;
const LINES: usize = 5_000;

const COMPANY: &str = include_str!("../../../examples/cases/first-filing-company.toml");
const INDIVIDUAL: &str = include_str!("../../../examples/cases/first-filing-individual.toml");
const WITH_ERRORS: &str = include_str!("../../../examples/cases/with-errors.toml");

fn main() {
    let bench = Bench::new();
    bench.verdicts();
    bench.allocations();
    bench.bulk();
    // `cargo bench -p beian-rules -- checks` tells where the time goes.
    if std::env::args().any(|argument| argument == "checks") {
        bench.checks();
    }
}

struct Bench {
    rulebook: Rulebook,
    grown: Rulebook,
    facts: Facts,
    day: NaiveDate,
    cases: [(&'static str, Case); 3],
}

impl Bench {
    fn new() -> Self {
        let case = |text| toml::from_str(text).expect("an example is a case");
        Self {
            rulebook: Rulebook::bundled().expect("the bundled rulebook"),
            grown: grown(),
            facts: facts(),
            day: "2026-11-24".parse().expect("a day"),
            cases: [
                ("company, clean", case(COMPANY)),
                ("individual, clean", case(INDIVIDUAL)),
                ("company, many mistakes", case(WITH_ERRORS)),
            ],
        }
    }

    fn verdict(&self, case: &Case, rulebook: &Rulebook) -> Verdict {
        evaluate(black_box(case), &self.facts, rulebook, self.day)
    }

    fn verdicts(&self) {
        println!("\n## A full verdict of {} checks\n", catalogue().len());
        println!("| case | errors | findings | median ns | least ns | bar ns | of the bar |");
        println!("|---|---:|---:|---:|---:|---:|---:|");
        for (name, case) in &self.cases {
            let verdict = self.verdict(case, &self.rulebook);
            let time = Time::of(200, || self.verdict(case, &self.rulebook));
            let (errors, findings) = (verdict.errors().count(), verdict.diagnostics.len());
            let (bar, part) = if errors == 0 {
                (format!("{VERDICT_BAR:.0}"), format!("{:.2}", time.median / VERDICT_BAR))
            } else {
                ("–".to_owned(), "–".to_owned())
            };
            println!(
                "| {name} | {errors} | {findings} | {:.0} | {:.0} | {bar} | {part} |",
                time.median, time.least
            );
        }
    }

    fn allocations(&self) {
        println!("\n## Allocations of a verdict, with the rulebook's lists {GROWN} times as long\n");
        println!(
            "| case | allocations | with long lists | bytes | with long lists | median ns with long lists |"
        );
        println!("|---|---:|---:|---:|---:|---:|");
        for (name, case) in &self.cases {
            let count = |rulebook| allocation_counter::measure(|| drop(self.verdict(case, rulebook)));
            let (small, large) = (count(&self.rulebook), count(&self.grown));
            let time = Time::of(100, || self.verdict(case, &self.grown));
            println!(
                "| {name} | {} | {} | {} | {} | {:.0} |",
                small.count_total, large.count_total, small.bytes_total, large.bytes_total, time.median
            );
            assert!(
                large.count_total <= small.count_total,
                "{name}: expected no more allocations with longer lists"
            );
        }
    }

    fn bulk(&self) {
        let text = self.lines();
        let read = |line| -> Case { serde_json::from_str(line).expect("a line is a case") };
        let value = |line| -> serde_json::Value { serde_json::from_str(line).expect("a line is JSON") };
        let floor =
            Time::of(1, || text.lines().map(|line| size_of_val(black_box(&value(line)))).sum::<usize>());
        let parse =
            Time::of(1, || text.lines().map(|line| size_of_val(black_box(&read(line)))).sum::<usize>());
        let judge = Time::of(1, || {
            text.lines().filter(|line| self.verdict(&read(line), &self.rulebook).is_clear()).count()
        });
        println!("\n## Cases from lines of JSON, on one core\n");
        println!(
            "{LINES} lines, {} bytes each on average; of ten lines eight are clean, one has one mistake, one many.\n",
            text.len() / LINES
        );
        println!("| step | median ns a case | least ns a case | cases/s | of the bar of {BULK_BAR:.0} |");
        println!("|---|---:|---:|---:|---:|");
        let lines = LINES as f64;
        for (name, time) in [
            ("floor: serde_json to `Value`, nothing judged", &floor),
            ("serde_json to `Case`, nothing judged", &parse),
            ("serde_json to `Case`, and the verdict", &judge),
        ] {
            let (median, least) = (time.median / lines, time.least / lines);
            let rate = 1e9 / median;
            println!("| {name} | {median:.0} | {least:.0} | {rate:.0} | {:.2} |", rate / BULK_BAR);
        }
        println!(
            "\nReading takes {:.0} % of it; the whole is {:.2} times the floor.",
            100.0 * parse.median / judge.median,
            judge.median / floor.median
        );
    }

    /// The cases as lines: six companies, two individuals, one company with a
    /// mistake, and one with many.
    fn lines(&self) -> String {
        let plain = |case: &Case| -> PlainCase { case.map(|personal| personal.expose().to_owned()) };
        let [company, individual, errors] = self.cases.each_ref().map(|(_, case)| plain(case));
        let mut mistaken = company.clone();
        mistaken.sponsor.certificate.number = Some("91440305000000000M".to_owned());
        let line = |case: &PlainCase| serde_json::to_string(case).expect("a plain case is written") + "\n";
        let ten: Vec<String> = [
            &company,
            &individual,
            &company,
            &mistaken,
            &company,
            &company,
            &individual,
            &company,
            &errors,
            &company,
        ]
        .map(line)
        .to_vec();
        ten.concat().repeat(LINES / ten.len())
    }

    /// Each check alone, the dearest first.
    fn checks(&self) {
        println!("\n## Check by check, on the clean company\n");
        println!("| check | median ns | allocations |");
        println!("|---|---:|---:|");
        let case = &self.cases[0].1;
        let alone = |check| evaluate_checks(black_box(case), &self.facts, &self.rulebook, self.day, check);
        let nothing = Time::of(2_000, || alone(None));
        let mut costs: Vec<_> = catalogue()
            .iter()
            .map(|check| {
                let time = Time::of(2_000, || alone(Some(check)));
                let count = allocation_counter::measure(|| drop(alone(Some(check)))).count_total;
                ((time.median - nothing.median).max(0.0), count, check)
            })
            .collect();
        costs.sort_by(|one, other| other.0.total_cmp(&one.0));
        for (time, count, check) in &costs {
            println!("| {} {} | {time:.0} | {} |", check.code, check.slug, count.saturating_sub(1));
        }
        println!("| all | {:.0} | |", costs.iter().map(|cost| cost.0).sum::<f64>());
        println!("| none | {:.0} | 1 |", nothing.median);
    }
}

/// Nanoseconds of one call.
struct Time {
    median: f64,
    least: f64,
}

impl Time {
    /// Of samples of `calls` calls each. Other work on the machine makes a
    /// sample longer and never shorter, so the least is told too.
    fn of<T>(calls: u32, mut call: impl FnMut() -> T) -> Self {
        const SAMPLES: usize = 31;
        const WARM_UP: usize = 3;
        let mut sample = || {
            let start = Instant::now();
            for _ in 0..calls {
                black_box(call());
            }
            start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
        };
        let mut samples: Vec<f64> = (0..SAMPLES + WARM_UP).map(|_| sample()).skip(WARM_UP).collect();
        samples.sort_by(f64::total_cmp);
        Self { median: samples[SAMPLES / 2], least: samples[0] }
    }
}

/// Everything is known, so that no check ends early for want of a fact.
fn facts() -> Facts {
    let resource = Resource {
        id: ResourceId(uuid::Uuid::nil()),
        owner: AccountId(uuid::Uuid::nil()),
        reference: "practice-server-1".to_owned(),
        kind: ResourceKind::CloudServer,
        division: "440300".parse().ok(),
        prepaid: true,
        bought_at: "2026-11-21T16:00:00Z".parse().expect("a time"),
        expires_at: "2027-02-28T16:00:00Z".parse().ok(),
        public_address: "203.0.113.7".parse().ok(),
        quota: 5,
        used: 4,
        server: None,
    };
    Facts {
        resource: Known::Known(ResourceFact::Usable(resource.clone())),
        resources: Known::Known(vec![resource]),
        ..Facts::unfiled(RegulatorKind::Practice)
    }
}

/// The bundled rulebook with longer lists, through a folder. What is added
/// stands before what was there, so that a search has the longer way; of mobile
/// prefixes there are only as many as three digits make.
fn grown() -> Rulebook {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebook");
    let target = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(target.path().join("provinces")).expect("a folder");
    for folder in ["", "provinces"] {
        for entry in fs::read_dir(source.join(folder)).expect("the rulebook's folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name");
            let copy = target.path().join(folder).join(name);
            if path.extension().is_some_and(|extension| extension == "toml") {
                let mut file: toml::Table =
                    toml::from_str(&fs::read_to_string(&path).expect("a file")).expect("TOML");
                file.iter_mut().for_each(|(key, value)| lengthen(key, value));
                fs::write(copy, toml::to_string(&file).expect("TOML")).expect("a copy");
            } else if path.is_file() {
                fs::copy(&path, copy).expect("a copy");
            }
        }
    }
    Rulebook::load(target.path()).expect("the grown rulebook")
}

fn lengthen(key: &str, value: &mut toml::Value) {
    const LISTS: [&str; 9] = [
        "approval-name-words",
        "generic-name-endings",
        "individual-approval-words",
        "organisation-words",
        "pre-approval-words",
        "prefixes",
        "reserved-name-words",
        "suffixes",
        "words",
    ];
    match value {
        toml::Value::Table(table) => table.iter_mut().for_each(|(inner, value)| {
            // The lists of a series are called `value`.
            lengthen(if inner == "value" { key } else { inner }, value);
        }),
        toml::Value::Array(list) if list.iter().all(toml::Value::is_str) && LISTS.contains(&key) => {
            let added = |index: usize| match key {
                "prefixes" => format!("{:03}", index % 100),
                "suffixes" => format!("lianxi{index}"),
                _ => format!("没有的词{index}"),
            };
            let mut longer: Vec<_> =
                (0..list.len() * (GROWN - 1)).map(|index| toml::Value::String(added(index))).collect();
            longer.append(list);
            *list = longer;
        }
        toml::Value::Array(list) => list.iter_mut().for_each(|value| lengthen(key, value)),
        _ => {}
    }
}
