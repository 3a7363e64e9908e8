//! Our own search of the public suffix list, against the crate `psl`.
#![cfg(test)]

use std::collections::HashSet;
use std::sync::LazyLock;

use beian_index::Host;
use proptest::prelude::*;

/// The rules, as they are in the crate's own data.
const RULES: &str = include_str!("../data/public_suffixes.txt");
/// The five hundred sites that most others link to, from the package `top-sites` of npm (MIT).
const SITES: &str = include_str!("data/top_sites.txt");

fn rules() -> Vec<&'static str> {
    RULES.lines().filter(|line| !line.starts_with(['#', '['])).collect()
}

/// The list's algorithm in the simplest way there is.
fn registrable<'a>(host: &'a str, rules: &HashSet<&str>) -> Option<&'a str> {
    let ends: Vec<usize> = [0].into_iter().chain(host.match_indices('.').map(|(dot, _)| dot + 1)).collect();
    let parent = |end: usize| host[end..].split_once('.').map_or("", |(_, parent)| parent);
    let exception = ends.iter().position(|end| rules.contains(format!("!{}", &host[*end..]).as_str()));
    let rule = ends.iter().position(|end| {
        rules.contains(&host[*end..]) || rules.contains(format!("*.{}", parent(*end)).as_str())
    });
    let suffix = exception.map(|place| place + 1).or(rule).unwrap_or(ends.len() - 1);
    suffix.checked_sub(1).map(|place| &host[ends[place]..])
}

fn rules_of_registries() -> &'static HashSet<&'static str> {
    static REGISTRIES: LazyLock<HashSet<&str>> =
        LazyLock::new(|| RULES.split("[private]").next().unwrap().lines().collect());
    &REGISTRIES
}

/// Where the crate does not do what the list says: a label that an asterisk stands for, and that
/// longer rules know too, as `r` of `*.cloud.int.apple` and `*.r.cloud.int.apple`. The crate then
/// forgets the asterisk; the simple search is the judge there.
fn crate_is_wrong(host: &str, all: &HashSet<&str>) -> bool {
    static ABOVE: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let rules = RULES.lines().map(|rule| rule.trim_start_matches(['!', '*', '.']));
        // What stands before the first dot of a rule with an asterisk is the asterisk.
        let whole = RULES.lines().filter_map(|rule| rule.strip_prefix("*."));
        rules.flat_map(|rule| rule.match_indices('.').map(|(dot, _)| &rule[dot + 1..])).chain(whole).collect()
    });
    let ends = [0].into_iter().chain(host.match_indices('.').map(|(dot, _)| dot + 1));
    ends.map(|end| &host[end..]).any(|suffix| {
        let parent = suffix.split_once('.').map_or("", |(_, parent)| parent);
        all.contains(format!("*.{parent}").as_str()) && !all.contains(suffix) && ABOVE.contains(suffix)
    })
}

#[track_caller]
fn agree(host: &str) {
    static ALL: LazyLock<HashSet<&str>> = LazyLock::new(|| RULES.lines().collect());
    let (whole, registries) = (registrable(host, &ALL), registrable(host, rules_of_registries()));
    if !crate_is_wrong(host, &ALL) {
        assert_eq!(psl::domain_str(host), whole, "{host}");
    }
    match Host::parse(host.as_bytes()) {
        Host::Name(name) => {
            assert_eq!(name.registrable(), whole.or(registries).unwrap(), "{host}");
            assert_eq!(Some(name.registrable_of_registry()), registries.or(whole), "{host}");
        }
        Host::Suffix => assert_eq!((whole, registries), (None, None), "{host}"),
        other => panic!("{host}: {other:?}"),
    }
}

#[test]
fn every_rule_splits_as_the_crate_does() {
    for rule in rules() {
        let suffix = rule.trim_start_matches('!');
        let suffix = suffix.strip_prefix("*.").map_or(suffix.to_owned(), |rest| format!("any.{rest}"));
        let parent = suffix.split_once('.').map_or("", |(_, parent)| parent);
        for host in [
            suffix.clone(),
            format!("one.{suffix}"),
            format!("two.one.{suffix}"),
            format!("xn--55qx5d.two.one.{suffix}"),
            format!("x{suffix}"),
            format!("a.x{suffix}"),
            format!("other.{parent}").trim_end_matches('.').to_owned(),
            format!("b.other.{parent}").trim_end_matches('.').to_owned(),
        ] {
            agree(&host);
        }
    }
}

/// Millions of names: labels of the list's own rules and others, put together at random.
#[test]
fn millions_of_names_split_as_the_crate_does() {
    let labels: Vec<&str> =
        rules().iter().flat_map(|rule| rule.trim_start_matches(['!', '*', '.']).split('.')).collect();
    let rules = rules();
    let mut state = 42u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % limit
    };
    // Not optimised, a million takes some seconds.
    let count = if cfg!(debug_assertions) { 400_000 } else { 4_000_000 };
    for _ in 0..count {
        let mut host = String::new();
        for _ in 0..below(4) {
            host += labels[below(labels.len())];
            host.push('.');
        }
        let rule = rules[below(rules.len())].trim_start_matches(['!', '*', '.']);
        let cut = below(3).min(rule.matches('.').count());
        host += rule.splitn(cut + 1, '.').last().unwrap_or(rule);
        if host.len() <= 253 {
            agree(&host);
        }
    }
}

#[test]
fn real_hosts_split_as_the_crate_does() {
    assert!(SITES.lines().count() > 400);
    SITES.lines().for_each(agree);
    // More of them, where there are: a file with a name in each line.
    if let Ok(path) = std::env::var("BEIAN_TEST_HOSTS") {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().for_each(agree);
        println!("{} further hosts", text.lines().count());
    }
}

/// From the test vectors of publicsuffix.org (public domain).
#[test]
fn vectors_of_the_list() {
    for (host, domain) in [
        ("COM", None),
        ("example.COM", Some("example.com")),
        ("WwW.example.COM", Some("example.com")),
        ("b.example.example", Some("example.example")),
        ("a.b.domain.biz", Some("domain.biz")),
        ("uk.com", None),
        ("b.example.uk.com", Some("example.uk.com")),
        ("a.b.c.mm", Some("b.c.mm")),
        ("c.mm", None),
        ("test.ac.jp", Some("test.ac.jp")),
        ("kyoto.jp", None),
        ("b.ide.kyoto.jp", Some("b.ide.kyoto.jp")),
        ("c.kobe.jp", None),
        ("a.b.c.kobe.jp", Some("b.c.kobe.jp")),
        ("www.city.kobe.jp", Some("city.kobe.jp")),
        ("www.ck", Some("www.ck")),
        ("www.www.ck", Some("www.ck")),
        ("b.test.ck", Some("b.test.ck")),
        ("www.test.k12.ak.us", Some("test.k12.ak.us")),
        ("食狮.com.cn", Some("xn--85x722f.com.cn")),
        ("www.食狮.公司.cn", Some("xn--85x722f.xn--55qx5d.cn")),
        ("shishi.中国", Some("shishi.xn--fiqs8s")),
        ("中国", None),
        ("xn--85x722f.xn--55qx5d.cn", Some("xn--85x722f.xn--55qx5d.cn")),
    ] {
        let found = match Host::parse(host.as_bytes()) {
            // To the registry, `uk.com` is a domain like any other.
            Host::Name(name) if name.as_ascii() == "uk.com" => None,
            Host::Name(name) => Some(name.registrable().to_owned()),
            _ => None,
        };
        assert_eq!(found.as_deref(), domain, "{host}");
    }
}

#[test]
fn below_a_private_suffix_there_are_two_domains() {
    let Host::Name(name) = Host::parse(b"www.someone.github.io") else { panic!("a name") };
    assert_eq!(name.registrable(), "someone.github.io");
    assert_eq!(name.registrable_of_registry(), "github.io");
    let Host::Name(name) = Host::parse(b"github.io") else { panic!("a name") };
    assert_eq!(name.registrable(), "github.io");
}

proptest! {
    #[test]
    fn any_plain_name_splits_as_the_crate_does(host in "([a-z0-9-]{1,20}\\.){0,4}(com|cn|com\\.cn|ck|kobe\\.jp|github\\.io|zz)") {
        if !host.starts_with('-') {
            agree(&host);
        }
    }
}
