//! What a look-up costs, beside what a user would take instead, in one run over the same data.
//!
//! `cargo bench -p beian-index` prints it as Markdown; `-- 1000000` takes a million domains instead
//! of ten; with a Python that has DuckDB behind it, databases are asked as well. The harness is our own because ratios need the figures in hand.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints its figures, and stops at the first surprise"
)]

mod data;

use std::fs;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use beian_index::{
    Answer, Completeness, Day, Description, Index, IndexBuilder, IndexKey, Record, RecordId, Status,
};
use data::{Hosts, Popularity, Random};

const DAY: Day = Day(20_781);
const SAMPLES: usize = 7;
/// Looks all hosts up and tells how many records it found.
type Way<'a> = Box<dyn Fn() -> usize + 'a>;
type Map = hashbrown::HashMap<Box<str>, Record, foldhash::fast::FixedState>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [command, list, index] = arguments.as_slice()
        && command == "build"
    {
        return build_from_list(Path::new(list), Path::new(index));
    }
    let count = arguments.first().and_then(|count| count.parse().ok()).unwrap_or(10_000_000);
    let directory = tempfile::tempdir().expect("a directory");
    let list = directory.path().join("domains.txt");
    let path = directory.path().join("hosts.index");
    let domains = data::domains(count);
    let bytes: usize = domains.iter().map(|domain| domain.len()).sum();
    println!("{count} domains of {:.2} bytes on average.", bytes as f64 / count as f64);
    let mut file = std::io::BufWriter::new(fs::File::create(&list).expect("a list"));
    domains.iter().for_each(|domain| writeln!(file, "{domain}").expect("a line"));
    drop(file);
    build(&list, &path, count);
    open(&path, &domains[count / 2]);
    let index = Index::open(&path).expect("an index");
    let begin = Instant::now();
    index.check_all().expect("an undamaged index");
    println!("- checking the whole file: {:.1} ms", begin.elapsed().as_secs_f64() * 1e3);
    let asked = look_ups(&index, &domains, count / 2, directory.path());
    if let Some(python) = arguments.get(1) {
        databases(python, directory.path(), &list, &asked);
    }
}

fn record(number: usize) -> Record {
    let status = Status::ALL[number % 5];
    // Numbers as a register has them: spread over all 32 bits.
    Record {
        status,
        id: RecordId((number as u32).wrapping_mul(0x9e37_79b9)),
        as_of: Day(DAY.0 - (number % 700) as i32),
    }
}

/// In a process of its own, so that its memory is the builder's.
fn build_from_list(list: &Path, path: &Path) {
    let key = IndexKey([0x5a; 16]);
    let begin = Instant::now();
    let mut builder =
        IndexBuilder::new(Description { completeness: Completeness::Complete, as_of: DAY, key });
    let mut reader = BufReader::with_capacity(1 << 20, fs::File::open(list).expect("a list"));
    let (mut line, mut number) = (String::new(), 0);
    while reader.read_line(&mut line).expect("a line") > 0 {
        builder.add(line.trim_end(), record(number)).expect("a registrable domain");
        line.clear();
        number += 1;
    }
    let added = begin.elapsed().as_secs_f64();
    builder.write(path).expect("an index");
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim();
    println!(
        "- build: {:.2} s ({added:.2} s reading and adding, the rest sorting, writing and fsync), peak memory {peak}",
        begin.elapsed().as_secs_f64()
    );
}

fn build(list: &Path, path: &Path, count: usize) {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).arg("build").args([list, path]).output().expect("a build");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    print!("\n{}", String::from_utf8_lossy(&output.stdout));
    let length = fs::metadata(path).expect("a file").len();
    println!("- file: {length} bytes, {:.2} a domain", length as f64 / count as f64);
}

fn open(path: &Path, domain: &str) {
    // The first also sets the suffix list up, which a process does once.
    for what in ["first answer of the process", "first answer after opening again"] {
        let begin = Instant::now();
        let index = Index::open(path).expect("an index");
        let opened = begin.elapsed();
        let answer = index.look_up(domain.as_bytes()).expect("an answer");
        let answered = begin.elapsed();
        assert!(matches!(answer, Answer::Found(_)), "{domain}: {answer:?}");
        println!(
            "- {what}: {:.0} µs (of it opening {:.0} µs)",
            answered.as_secs_f64() * 1e6,
            opened.as_secs_f64() * 1e6
        );
    }
}

/// The domains that were asked for, in a file, and what they cost.
struct Asked {
    data: &'static str,
    file: PathBuf,
    count: usize,
    /// How many have a record.
    found: usize,
    /// Nanoseconds of each, for ours.
    ours: f64,
}

fn look_ups(index: &Index, domains: &[Box<str>], count: usize, directory: &Path) -> Vec<Asked> {
    let mut map = Map::with_capacity_and_hasher(domains.len(), foldhash::fast::FixedState::default());
    map.extend(domains.iter().enumerate().map(|(number, domain)| (domain.clone(), record(number))));
    let fst = sorted_fst(domains);
    let floor = random_lines(index);
    println!("\n| data | way | median ns | M/s | least ns | ours is faster by |");
    println!("|---|---|---:|---:|---:|---:|");
    let both = [("uniform", Popularity::Uniform), ("Zipf", Popularity::Zipf)];
    let compare = |(name, popularity)| {
        let hosts = data::hosts(count, domains, popularity);
        let peers = Peers { index, map: &map, fst: &fst };
        peers.compare(name, &hosts, floor, directory)
    };
    both.map(compare).into()
}

/// Databases, each in a process of its own; they are given domains, as the map is.
fn databases(python: &str, directory: &Path, list: &Path, asked: &[Asked]) {
    let script = directory.join("peers.py");
    fs::write(&script, include_str!("peers.py")).expect("a script");
    let ways = [
        ("sqlite", "SQLite in memory, one join"),
        ("duckdb", "DuckDB in memory, one join on one thread"),
        ("redis", "Redis, a thousand a command, the server alone"),
    ];
    for (peer, way) in ways {
        let output = Command::new(python)
            .arg(&script)
            .args([Path::new(peer), list])
            .args(asked.iter().map(|asked| &asked.file))
            .output()
            .expect("Python");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{peer}: {text}{}", String::from_utf8_lossy(&output.stderr));
        let lines: Vec<Vec<f64>> = text
            .lines()
            .map(|line| line.split(' ').map(|number| number.parse().expect("a number")).collect())
            .collect();
        assert_eq!(lines.len(), asked.len(), "{peer}: {text}");
        for (line, asked) in lines.iter().zip(asked) {
            assert_eq!(line[2] as usize, asked.found, "{peer} finds as many");
            let time = line[0] * 1e9 / asked.count as f64;
            println!(
                "| {} | domain → record, {way} | {time:.1} | {:.2} | {:.1} by the clock | {:.2} |",
                asked.data,
                1e3 / time,
                line[1] * 1e9 / asked.count as f64,
                time / asked.ours
            );
        }
    }
}

struct Peers<'a> {
    index: &'a Index,
    map: &'a Map,
    fst: &'a fst::Map<Vec<u8>>,
}

impl Peers<'_> {
    fn compare(&self, data: &'static str, hosts: &Hosts, floor: f64, directory: &Path) -> Asked {
        let hosts = hosts.slices();
        let cleaned: Vec<String> = hosts.iter().map(|host| cleaned(host)).collect();
        let domains = cleaned.iter().filter_map(|host| psl::domain(host.as_bytes()));
        let domains = Hosts::of(domains.map(|domain| domain.as_bytes()));
        let domains = domains.slices();
        let count = hosts.len() as f64;
        let found = |answer: Answer| usize::from(matches!(answer, Answer::Found(_)));
        let ours = || {
            let mut sum = 0;
            self.index.look_up_each(&hosts, |_, answer, _| sum += found(answer)).expect("answers");
            sum
        };
        let one_by_one =
            || hosts.iter().map(|host| found(self.index.look_up(host).expect("an answer"))).sum();
        let with_psl = |get: &dyn Fn(&[u8]) -> bool| {
            hosts
                .iter()
                .filter(|host| {
                    psl::domain(cleaned_of(host).as_bytes()).is_some_and(|domain| get(domain.as_bytes()))
                })
                .count()
        };
        let in_map =
            |domain: &[u8]| std::str::from_utf8(domain).is_ok_and(|domain| self.map.contains_key(domain));
        let in_fst = |domain: &[u8]| self.fst.get(domain).is_some();
        let domain_ours = || {
            let mut sum = 0;
            self.index.look_up_domains(&domains, |_, answer, _| sum += found(answer)).expect("answers");
            sum
        };
        let domain_map = || domains.iter().filter(|domain| in_map(domain)).count();
        let psl_alone = || cleaned.iter().filter(|host| psl::domain(host.as_bytes()).is_some()).count();
        let parse_alone = || {
            hosts
                .iter()
                .filter(|host| !matches!(beian_index::Host::parse(host), beian_index::Host::Invalid))
                .count()
        };
        let ways: [(&str, Way<'_>, usize); 8] = [
            ("host → record, ours, batched", Box::new(ours), 0),
            ("host → record, ours, one by one", Box::new(one_by_one), 0),
            ("host → record, psl and hashbrown", Box::new(|| with_psl(&in_map)), 0),
            ("host → record, psl and fst", Box::new(|| with_psl(&in_fst)), 0),
            ("domain → record, ours, batched", Box::new(domain_ours), 4),
            ("domain → record, hashbrown", Box::new(domain_map), 4),
            ("psl alone, host clean", Box::new(psl_alone), 6),
            ("Host::parse (owned)", Box::new(parse_alone), 6),
        ];
        // The contestants take turns within each sample.
        let mut times = vec![Vec::new(); ways.len()];
        let mut sums = vec![0; ways.len()];
        for _ in 0..SAMPLES {
            for (place, (_, way, _)) in ways.iter().enumerate() {
                let begin = processor_time();
                sums[place] = black_box(way());
                times[place].push((processor_time() - begin) / count);
            }
        }
        assert!(sums[..6].iter().all(|sum| *sum == sums[0]), "{sums:?}");
        times.iter_mut().for_each(|times| times.sort_by(f64::total_cmp));
        let median = |place: usize| times[place][SAMPLES / 2];
        for (place, (name, _, base)) in ways.iter().enumerate() {
            println!(
                "| {data} | {name} | {:.1} | {:.2} | {:.1} | {:.2} |",
                median(place),
                1e3 / median(place),
                times[place][0],
                median(place) / median(*base)
            );
        }
        println!(
            "| {data} | domain → record, part of the rate of independent random cache lines ({:.1} ns each) | | | | {:.0} % |",
            floor,
            100.0 * floor / median(4)
        );
        self.latency(data, &hosts);
        let file = directory.join(format!("{data}.txt"));
        let mut lines = std::io::BufWriter::new(fs::File::create(&file).expect("a list"));
        for domain in &domains {
            lines.write_all(domain).and_then(|()| lines.write_all(b"\n")).expect("a line");
        }
        lines.flush().expect("a list");
        Asked { data, file, count: domains.len(), found: sums[4], ours: median(4) }
    }

    /// Each look-up alone, the clock's own time included.
    fn latency(&self, data: &str, hosts: &[&[u8]]) {
        let mut times: Vec<u32> = hosts
            .iter()
            .take(1_000_000)
            .map(|host| {
                let begin = Instant::now();
                black_box(self.index.look_up(host).expect("an answer"));
                begin.elapsed().as_nanos() as u32
            })
            .collect();
        times.sort_unstable();
        let at = |part: f64| times[(times.len() as f64 * part) as usize];
        println!(
            "| {data} | one look-up with the clock's time: median {}, p99 {}, p99.9 {} ns | | | | |",
            at(0.5),
            at(0.99),
            at(0.999)
        );
    }
}

/// Nanoseconds that this thread ran: what else ran on the machine meanwhile is not in them, but for
/// what it took of the caches.
fn processor_time() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux with schedstat");
    text.split(' ').next().and_then(|time| time.parse().ok()).expect("a time")
}

/// What a careful user writes: lower case, no port, no final dot.
fn cleaned(host: &[u8]) -> String {
    let host = String::from_utf8_lossy(host).to_ascii_lowercase();
    let host = host.rsplit_once(':').map_or(host.as_str(), |(host, _)| host);
    host.strip_suffix('.').unwrap_or(host).to_owned()
}

fn cleaned_of(host: &[u8]) -> String {
    let mut host = std::str::from_utf8(host).unwrap_or_default().to_ascii_lowercase();
    if let Some(port) = host.rfind(':') {
        host.truncate(port);
    }
    if host.ends_with('.') {
        host.pop();
    }
    host
}

fn sorted_fst(domains: &[Box<str>]) -> fst::Map<Vec<u8>> {
    let mut sorted: Vec<(&str, u64)> = domains.iter().map(AsRef::as_ref).zip(0..).collect();
    sorted.sort_unstable();
    fst::Map::from_iter(sorted).expect("sorted names")
}

/// Nanoseconds for each of many cache lines, independent of each other, over as much memory as the
/// index has, asked for 64 at a time.
fn random_lines(index: &Index) -> f64 {
    let lines = (index.len() as usize * 16 / 64).next_power_of_two();
    let memory: Vec<[u64; 8]> = vec![[1; 8]; lines];
    let count = 8_000_000;
    let mut times: Vec<f64> = (0..SAMPLES)
        .map(|sample| {
            let mut random = Random(sample as u64);
            let mut sum = 0;
            let begin = processor_time();
            for _ in 0..count / 64 {
                let places: [usize; 64] = std::array::from_fn(|_| random.next() as usize & (lines - 1));
                // Independent loads: the processor overlaps them itself, as many as it can.
                sum += places.iter().map(|place| memory[*place][0]).sum::<u64>();
            }
            black_box(sum);
            (processor_time() - begin) / f64::from(count)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[SAMPLES / 2]
}
