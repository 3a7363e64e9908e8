//! Logs that are made up, and a naive model of an audit: straightforward, slow, and written apart from it.
#![allow(dead_code, reason = "not every test uses everything")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use beian_audit::{Audit, FieldNames, FormatChoice, Going, Outcome, Standing};
use beian_index::{Completeness, Day, Description, Index, IndexBuilder, IndexKey, Record, RecordId, Status};

/// What the index of the tests knows.
pub(crate) const RECORDS: [(&str, Status); 6] = [
    ("filed.cn", Status::FiledHere),
    ("filed.com.cn", Status::FiledHere),
    ("elsewhere.cn", Status::FiledElsewhere),
    ("cancelled.com", Status::Cancelled),
    ("blacklisted.cn", Status::Blacklisted),
    ("shell.net", Status::Shell),
];

pub(crate) fn index(directory: &Path, completeness: Completeness) -> Index {
    let path = directory.join("hosts.index");
    let as_of = Day(20_785);
    let mut builder = IndexBuilder::new(Description { completeness, as_of, key: IndexKey([7; 16]) });
    for ((domain, status), id) in RECORDS.into_iter().zip(0..) {
        builder.add(domain, Record { status, id: RecordId(id), as_of }).unwrap();
    }
    builder.write(&path).unwrap();
    Index::open(path).unwrap()
}

/// An audit of some logs, with plenty of memory, on one thread.
pub(crate) fn audit(logs: &[PathBuf], directory: &Path) -> Audit {
    Audit {
        logs: logs.to_vec(),
        storage: None,
        format: FormatChoice::Recognise,
        names: FieldNames::default(),
        time_offset: 8 * 3600,
        threads: 1,
        memory: 1 << 30,
        spill: directory.to_owned(),
        checkpoint: None,
        seed: 7,
    }
}

pub(crate) fn run(audit: &Audit, index: &Index) -> Outcome {
    audit.run(index, &|_| Going::On).unwrap()
}

/// A finding as the model tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) standing: Standing,
    pub(crate) lines: u64,
    pub(crate) seen: Option<(i64, i64)>,
    pub(crate) addresses: BTreeSet<IpAddr>,
    pub(crate) sample: String,
}

/// The findings of an outcome, in the model's form; only for at most 32 addresses a domain.
pub(crate) fn told(outcome: &mut Outcome) -> BTreeMap<String, Told> {
    let findings: Vec<_> = outcome.findings().unwrap().map(Result::unwrap).collect();
    let rank = |one: &beian_audit::Finding| (std::cmp::Reverse(one.lines), one.domain.clone());
    assert!(findings.windows(2).all(|two| rank(&two[0]) < rank(&two[1])), "not in the order of ranks");
    assert_eq!(findings.len() as u64, outcome.domains);
    let in_findings: u64 = findings.iter().map(|finding| finding.lines).sum();
    assert_eq!(in_findings, outcome.totals.findings());
    assert_every_line_is_counted_once(outcome);
    findings
        .into_iter()
        .map(|finding| {
            let told = Told {
                standing: finding.standing,
                lines: finding.lines,
                seen: finding.seen,
                addresses: finding.addresses.sample().collect(),
                sample: finding.sample_url(),
            };
            (finding.domain, told)
        })
        .collect()
}

pub(crate) fn assert_every_line_is_counted_once(outcome: &Outcome) {
    let totals = &outcome.totals;
    let sum = totals.filed_here
        + totals.findings()
        + totals.addresses
        + totals.suffixes
        + totals.invalid_hosts
        + totals.without_host
        + totals.reverse
        + totals.malformed
        + totals.binary
        + totals.too_long
        + totals.blank;
    assert_eq!(sum, totals.lines, "{totals:?}");
}

/// A request as it happened, before anybody wrote it to a log.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) host: String,
    /// Seconds since 1970.
    pub(crate) time: i64,
    pub(crate) address: IpAddr,
    pub(crate) path: String,
}

/// What an audit must tell of requests, by a map and the crate of the suffix list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) findings: BTreeMap<String, Told>,
    pub(crate) filed_here: u64,
    pub(crate) other_hosts: u64,
}

impl Model {
    pub(crate) fn of<'a>(requests: impl IntoIterator<Item = &'a Request>, absent: Standing) -> Self {
        let mut model = Self::default();
        for request in requests {
            model.add(request, absent);
        }
        model
    }

    pub(crate) fn add(&mut self, request: &Request, absent: Standing) {
        let Some(domain) = naive_domain(&request.host) else {
            self.other_hosts += 1;
            return;
        };
        let record = RECORDS.iter().find(|(name, _)| *name == domain);
        let standing = match record.map(|(_, status)| status) {
            Some(Status::FiledHere) => {
                self.filed_here += 1;
                return;
            }
            Some(Status::FiledElsewhere) => Standing::FiledElsewhere,
            Some(Status::Cancelled) => Standing::Cancelled,
            Some(Status::Blacklisted) => Standing::Blacklisted,
            Some(Status::Shell) => Standing::Shell,
            None => absent,
        };
        let path = request.path.split(['?', '#']).next().unwrap();
        let told = self.findings.entry(domain).or_insert_with(|| Told {
            standing,
            lines: 0,
            seen: None,
            addresses: BTreeSet::new(),
            sample: format!("http://{}{path}", request.host),
        });
        told.lines += 1;
        let (first, last) = told.seen.unwrap_or((request.time, request.time));
        told.seen = Some((first.min(request.time), last.max(request.time)));
        told.addresses.insert(request.address);
    }
}

/// The registrable domain of a host, as one would write it by hand.
pub(crate) fn naive_domain(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => &host,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if host.len() > 253 || !host.split('.').all(is_label) || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let domain = psl::domain_str(host)?;
    (!domain.split('.').next()?.contains('_')).then(|| domain.to_owned())
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writer {
    HostFirst,
    ApacheWithPort,
    HostSecond,
    HostBehindTime,
    HostLast,
    JsonLines,
    Csv,
    Bind,
}

impl Writer {
    pub(crate) const ALL: [Self; 8] = [
        Self::HostFirst,
        Self::ApacheWithPort,
        Self::HostSecond,
        Self::HostBehindTime,
        Self::HostLast,
        Self::JsonLines,
        Self::Csv,
        Self::Bind,
    ];

    pub(crate) fn head(self) -> &'static str {
        if self == Self::Csv { "time,client_ip,host,url,status\n" } else { "" }
    }

    pub(crate) fn line(self, request: &Request) -> String {
        let Request { host, time, address, path } = request;
        let (local, iso, bind) = (
            strftime(*time, "%d/%b/%Y:%H:%M:%S +0800"),
            strftime(*time, "%Y-%m-%dT%H:%M:%S+08:00"),
            strftime(*time, "%d-%b-%Y %H:%M:%S.000"),
        );
        let get = format!("\"GET {path} HTTP/1.1\" 200 512");
        let json = serde_json::Value::from(host.as_str());
        match self {
            Self::HostFirst => {
                format!("{host} {address} - - [{local}] {get} \"-\" \"curl/8 (x; \\\"y\\\")\"")
            }
            Self::ApacheWithPort => format!("{host}:80 {address} - - [{local}] {get} \"-\" \"curl\""),
            Self::HostSecond => format!("{address} {host} - [{local}] {get}"),
            Self::HostBehindTime => format!("{address} - bob [{local}] \"{host}\" {get} \"-\" \"curl\""),
            Self::HostLast => {
                format!("{address} - - [{local}] {get} \"http://filed.cn/\" \"curl\" \"{host}\"")
            }
            Self::JsonLines => {
                let mut path = serde_json::Value::from(path.as_str()).to_string();
                path = path.replace('/', "\\/");
                format!(
                    "{{\"ts\":\"{iso}\",\"remote_addr\":\"{address}\",\"status\":200,\"host\":{json},\"uri\":{path}}}"
                )
            }
            Self::Csv => format!("{iso},{address},\"{host}\",\"{path}\",200"),
            Self::Bind => format!(
                "{bind} queries: info: client @0x7f {address}#53 ({host}): query: {host} IN A +E(0)K (203.0.113.53)"
            ),
        }
    }
}

fn strftime(time: i64, format: &str) -> String {
    let china = chrono::FixedOffset::east_opt(8 * 3600).unwrap();
    let time = chrono::DateTime::from_timestamp(time, 0).unwrap().with_timezone(&china);
    let naive = time.naive_local();
    // Without the names of months, which need a feature that nothing else does.
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    use chrono::{Datelike as _, Timelike as _};
    format
        .replace("%d", &format!("{:02}", naive.day()))
        .replace("%b", MONTHS[naive.month0() as usize])
        .replace("%Y", &format!("{:04}", naive.year()))
        .replace("%m", &format!("{:02}", naive.month()))
        .replace("%H", &format!("{:02}", naive.hour()))
        .replace("%M", &format!("{:02}", naive.minute()))
        .replace("%S", &format!("{:02}", naive.second()))
}

/// Numbers from a seed: SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// A request of one of `domains` domains, a few addresses each.
pub(crate) fn request(random: &mut Random, domains: u64) -> Request {
    let number = random.below(domains);
    let host = match random.below(12) {
        0 => "www.filed.cn".to_owned(),
        1 => "FILED.com.cn.".to_owned(),
        2 => format!("a.{}", RECORDS[random.below(6) as usize].0),
        3 => "192.0.2.80".to_owned(),
        4 => "localhost".to_owned(),
        5 => format!("www.d{number}.com.cn"),
        6 => format!("D{number}.CN"),
        7 => format!("a_b.d{number}.net."),
        8 => format!("x..d{number}.cn"),
        _ => format!("{}.d{number}.com", "sub.".repeat(random.below(4) as usize).trim_end_matches('.'))
            .trim_start_matches('.')
            .to_owned(),
    };
    let paths = ["/", "/a/b?token=secret", "/index.html#x", "/%E4", "/a/very/long/path/that/goes/on/and/on"];
    Request {
        host,
        time: 1_791_600_000 + random.below(400_000) as i64,
        address: IpAddr::from([192, 0, 2, random.below(8) as u8]),
        path: paths[random.below(5) as usize].to_owned(),
    }
}
