//! Built, opened and asked.
#![cfg(test)]

mod support;

use std::collections::HashMap;

use beian_index::{
    Answer, BuildError, Completeness, Day, Index, IndexBuilder, Record, RecordId, Status, write_list,
};
use proptest::prelude::*;
use support::{DAY, DOMAINS, builder, description, record, write_small};

fn small() -> (tempfile::TempDir, Index) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    write_small(&path);
    let index = Index::open(path).unwrap();
    (directory, index)
}

#[track_caller]
fn asks(index: &Index, host: &str, answer: Answer) {
    assert_eq!(index.look_up(host.as_bytes()).unwrap(), answer, "{host:?} alone");
    assert_eq!(index.look_up_all(&[host.as_bytes()]).unwrap(), [answer], "{host:?} in a batch");
}

#[test]
fn a_host_has_the_record_of_its_domain() {
    let (_directory, index) = small();
    assert_eq!(index.len(), DOMAINS.len() as u64);
    for (domain, number) in DOMAINS.into_iter().zip(0..) {
        let found = Answer::Found(record(number));
        asks(&index, domain, found);
        asks(&index, &domain.to_ascii_uppercase(), found);
        asks(&index, &format!("{domain}."), found);
        asks(&index, &format!("{domain}:8443"), found);
        asks(&index, &format!("WWW.{domain}.:80"), found);
        asks(&index, &format!(" a_b.{domain}\r\n"), found);
        asks(&index, &format!("{}.{domain}", "long.".repeat(30).trim_end_matches('.')), found);
        let mut domains = Vec::new();
        index
            .look_up_domains(&[domain.as_bytes()], |_, answer, name| domains.push((answer, name.to_vec())))
            .unwrap();
        assert_eq!(domains, [(found, domain.as_bytes().to_vec())]);
    }
    asks(&index, "食狮.公司.cn", Answer::Found(record(2)));
    asks(&index, "ｅｘａｍｐｌｅ。cn", Answer::Found(record(0)));
}

#[test]
fn what_is_absent_is_not_filed_or_unknown() {
    let (directory, complete) = small();
    let path = directory.path().join("partial.index");
    builder(Completeness::Partial, DOMAINS).write(&path).unwrap();
    let partial = Index::open(path).unwrap();
    for host in ["www.other.cn", "example.net", "a-name-of-fourteen.com", "example.co.uk", "x.otherunlisted"]
    {
        asks(&complete, host, Answer::NotFiled);
        asks(&partial, host, Answer::Unknown);
    }
    asks(&partial, "www.example.cn", Answer::Found(record(0)));
}

#[test]
fn below_a_private_suffix_its_owner_may_have_filed() {
    let (_directory, index) = small();
    asks(&index, "www.someone.github.io", Answer::Found(record(6)));
    asks(&index, "www.other.github.io", Answer::Found(record(7)));
    asks(&index, "github.io", Answer::Found(record(7)));
    asks(&index, "someone.gitlab.io", Answer::NotFiled);
}

#[test]
fn hostile_hosts_are_told_apart() {
    let (_directory, index) = small();
    for address in [
        "127.0.0.1",
        "127.0.0.1:80",
        "[::1]",
        "[::1]:443",
        "::1",
        "2001:db8::1",
        "１２７.0.0.1",
        "192.0.2.1.",
    ] {
        asks(&index, address, Answer::Address);
    }
    for suffix in ["cn", "com.cn", "COM.CN.", "localhost", "公司.cn", "localhost:8080"] {
        asks(&index, suffix, Answer::Suffix);
    }
    let long = format!("{}.cn", "a".repeat(64));
    let longer = format!("{}example.cn", "a.".repeat(122));
    let huge = "a".repeat(1 << 20);
    for host in [
        "",
        ".",
        "..",
        ".example.cn",
        "example..cn",
        "example.cn..",
        "user@example.cn",
        "example.cn/path",
        "a b.cn",
        "example.cn:80:80",
        "example.cn:http",
        "[::1",
        "[::1]x",
        "[example.cn]",
        "1.2.3",
        "256.1.1.1",
        "0x7f.0x1",
        "1.2.3.4.5",
        "a_b.cn",
        "example.cn\0",
        "\u{202e}",
        "xn--.例-.cn\u{0}",
        "%65xample.cn",
        "example.cn?",
        "-",
        "http://example.cn",
        "example.cn,evil.cn",
        ":80",
        &long,
        &longer,
        &huge,
    ] {
        let answer = index.look_up(host.as_bytes()).unwrap();
        let expected = if host == "-" { Answer::Suffix } else { Answer::Invalid };
        assert_eq!(answer, expected, "{:?}", host.chars().take(40).collect::<String>());
    }
    assert_eq!(index.look_up(b"\xff\xfe.cn").unwrap(), Answer::Invalid);
}

#[test]
fn a_batch_answers_in_order() {
    let (_directory, index) = small();
    let hosts: Vec<String> = (0..1000)
        .map(|number| match number % 4 {
            0 => format!("h{number}.example.cn"),
            1 => format!("h{number}.cn"),
            2 => format!("{}example.com.cn", "x.".repeat(60)),
            _ => "10.0.0.1".to_owned(),
        })
        .collect();
    let slices: Vec<&[u8]> = hosts.iter().map(|host| host.as_bytes()).collect();
    let mut places = Vec::new();
    index
        .look_up_each(&slices, |place, answer, domain| {
            places.push(place);
            let (expected, name) = match place % 4 {
                0 => (Answer::Found(record(0)), "example.cn".to_owned()),
                1 => (Answer::NotFiled, format!("h{place}.cn")),
                2 => (Answer::Found(record(1)), "example.com.cn".to_owned()),
                _ => (Answer::Address, String::new()),
            };
            assert_eq!((answer, domain), (expected, name.as_bytes()), "{place}");
        })
        .unwrap();
    assert_eq!(places, (0..1000).collect::<Vec<_>>());
}

#[test]
fn every_name_can_be_read_back() {
    let (_directory, index) = small();
    let mut names: Vec<_> = index.records().map(Result::unwrap).collect();
    names.sort_by(|one, other| one.0.cmp(&other.0));
    let mut expected: Vec<_> =
        DOMAINS.into_iter().zip(0..).map(|(name, number)| (name.to_owned(), record(number))).collect();
    expected.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(names, expected);
}

#[test]
fn the_last_record_of_a_domain_holds() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    let mut builder = IndexBuilder::new(description(Completeness::Complete));
    for number in 0..100 {
        builder.add("example.cn", record(number)).unwrap();
        builder.add("a-name-that-takes-more-words.cn", record(number)).unwrap();
    }
    builder.write(&path).unwrap();
    let index = Index::open(&path).unwrap();
    assert_eq!(index.len(), 2);
    asks(&index, "example.cn", Answer::Found(record(99)));
    asks(&index, "a-name-that-takes-more-words.cn", Answer::Found(record(99)));
}

#[test]
fn only_registrable_domains_and_days_in_range_are_taken() {
    let mut builder = IndexBuilder::new(description(Completeness::Complete));
    for name in ["www.example.cn", "cn", "com.cn", "", "10.0.0.1", "a_b.cn", "example.cn/x"] {
        let error = builder.add(name, record(1)).unwrap_err();
        assert!(matches!(error, BuildError::NotRegistrable { .. }), "{name}: {error}");
    }
    for day in [DAY.0 + 1, DAY.0 - 8192, i32::MIN, i32::MAX] {
        let record = Record { as_of: Day(day), ..record(1) };
        assert!(matches!(builder.add("example.cn", record), Err(BuildError::Day { .. })), "{day}");
    }
    for (day, status) in [(DAY.0, Status::Shell), (DAY.0 - 8191, Status::FiledHere)] {
        builder.add("example.cn", Record { status, id: RecordId(u32::MAX), as_of: Day(day) }).unwrap();
    }
}

#[test]
fn an_empty_index_answers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    builder(Completeness::Complete, []).write(&path).unwrap();
    let index = Index::open(&path).unwrap();
    assert!(index.is_empty());
    index.check_all().unwrap();
    asks(&index, "example.cn", Answer::NotFiled);
    assert_eq!(index.records().count(), 0);
}

/// One label under every suffix, and all labels of three digits: nothing collides, nothing is lost.
#[test]
fn names_that_are_alike_are_kept_apart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    let suffixes = ["cn", "com", "com.cn", "net", "top", "xn--fiqs8s", "unlisted", "gov.cn"];
    let domains: Vec<String> =
        (0..40_000).map(|number| format!("{:04}.{}", number / 8, suffixes[number % 8])).collect();
    builder(Completeness::Complete, domains.iter().map(String::as_str)).write(&path).unwrap();
    let index = Index::open(&path).unwrap();
    let slices: Vec<&[u8]> = domains.iter().map(|domain| domain.as_bytes()).collect();
    let answers = index.look_up_all(&slices).unwrap();
    assert!(answers.iter().zip(0..).all(|(answer, number)| *answer == Answer::Found(record(number))));
    let mut list = Vec::new();
    assert_eq!(write_list(&index, &Status::ALL, &mut list).unwrap(), 40_000);
}

/// What a naive user writes: a map, and the crate of the suffix list.
fn naive(map: &HashMap<String, Record>, host: &str) -> Answer {
    let host = host.to_lowercase();
    let host = host.rsplit_once(':').map_or(host.as_str(), |(host, _)| host);
    let host = host.strip_suffix('.').unwrap_or(host);
    match psl::domain_str(host) {
        None => Answer::Suffix,
        Some(domain) => map.get(domain).map_or(Answer::NotFiled, |record| Answer::Found(*record)),
    }
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c]{1,2}",
        3 => "[a-z0-9]{3,14}",
        1 => "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
    ]
}

fn domain() -> impl Strategy<Value = String> {
    // Suffixes of registries alone: of others, the index knows more than the map.
    let suffix = prop::sample::select(vec![
        "com",
        "cn",
        "com.cn",
        "xn--fiqs8s",
        "b.ck",
        "kobe.jp",
        "zz",
        "xn--55qx5d.cn",
    ]);
    (label(), suffix).prop_map(|(label, suffix)| format!("{label}.{suffix}"))
}

fn host() -> impl Strategy<Value = String> {
    let below = prop::collection::vec(label(), 0..5);
    let behind = prop_oneof![8 => Just(""), 1 => Just("."), 1 => Just(":443"), 1 => Just(".:8080")];
    (below, domain(), behind, any::<bool>()).prop_map(|(below, domain, behind, upper)| {
        let mut labels = below;
        labels.push(domain);
        let host = labels.join(".") + behind;
        if upper { host.to_uppercase() } else { host }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_index_answers_as_a_naive_model(
        domains in prop::collection::vec(domain(), 0..300),
        hosts in prop::collection::vec(host(), 1..300),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hosts.index");
        let mut builder = IndexBuilder::new(description(Completeness::Complete));
        let mut map = HashMap::new();
        for (domain, number) in domains.iter().zip(0..) {
            // Some are suffixes: `b.cn` is not, `com.cn` is.
            if builder.add(domain, record(number)).is_ok() {
                map.insert(domain.clone(), record(number));
            } else {
                prop_assert_ne!(psl::domain_str(domain), Some(domain.as_str()));
            }
        }
        builder.write(&path).unwrap();
        let index = Index::open(&path).unwrap();
        let hosts: Vec<&String> = hosts.iter().filter(|host| host.len() < 250).collect();
        let slices: Vec<&[u8]> = hosts.iter().map(|host| host.as_bytes()).collect();
        let batch = index.look_up_all(&slices).unwrap();
        for (host, answer) in hosts.iter().zip(batch) {
            prop_assert_eq!(answer, naive(&map, host), "{}", host);
            prop_assert_eq!(index.look_up(host.as_bytes()).unwrap(), answer, "{}", host);
        }
        prop_assert_eq!(index.records().count(), map.len());
    }

    #[test]
    fn no_host_makes_it_panic(host in prop::collection::vec(any::<u8>(), 0..400)) {
        let (_directory, index) = small();
        let alone = index.look_up(&host).unwrap();
        prop_assert_eq!(index.look_up_all(&[&host]).unwrap(), [alone]);
    }

    #[test]
    fn no_text_makes_it_panic(host in "\\PC{0,60}(\\.cn|\\.com)?(:[0-9]{0,6})?") {
        let (_directory, index) = small();
        index.look_up(host.as_bytes()).unwrap();
    }
}
