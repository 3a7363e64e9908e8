//! Domains and hosts, made up from a seed: the same on every machine.

use std::collections::HashSet;

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below a limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

const SYLLABLES: [&str; 72] = [
    "an", "bai", "bao", "bei", "bo", "chang", "chen", "cheng", "chuang", "da", "de", "dong", "fa", "feng",
    "fu", "gang", "gao", "guang", "guo", "hai", "hang", "hao", "he", "hong", "hua", "hui", "ji", "jia",
    "jian", "jin", "jing", "ju", "kai", "ke", "lan", "le", "li", "lian", "ling", "long", "mei", "ming",
    "nan", "ning", "peng", "ping", "qi", "qian", "qing", "ren", "rong", "rui", "shan", "shang", "sheng",
    "shi", "shun", "tai", "tian", "tong", "wan", "wei", "wen", "xiang", "xin", "xing", "yang", "yi", "yuan",
    "yun", "zhi", "zhong",
];
const WORDS: [&str; 40] = [
    "art", "auto", "best", "blue", "book", "car", "chem", "china", "cloud", "code", "data", "edu", "farm",
    "fast", "food", "game", "gold", "green", "health", "home", "info", "lab", "life", "light", "machine",
    "market", "media", "mobile", "music", "net", "power", "shop", "smart", "soft", "sports", "star", "tech",
    "trade", "travel", "world",
];
/// Suffixes of the registry with their parts of a thousand; the rest is spread over the tail.
const SUFFIXES: [(&str, usize); 16] = [
    ("com", 450),
    ("cn", 300),
    ("com.cn", 80),
    ("net", 40),
    ("top", 20),
    ("xyz", 15),
    ("vip", 12),
    ("cc", 10),
    ("org.cn", 8),
    ("net.cn", 8),
    ("gov.cn", 8),
    ("xn--fiqs8s", 6),
    ("xn--55qx5d", 5),
    ("org", 10),
    ("bj.cn", 3),
    ("club", 5),
];
const TAIL: [&str; 36] = [
    "gd.cn",
    "sh.cn",
    "zj.cn",
    "js.cn",
    "ac.cn",
    "edu.cn",
    "hk.cn",
    "tj.cn",
    "info",
    "site",
    "online",
    "tech",
    "shop",
    "ltd",
    "group",
    "fun",
    "wang",
    "ren",
    "store",
    "art",
    "work",
    "link",
    "icu",
    "pub",
    "live",
    "ink",
    "design",
    "xn--czru2d",
    "xn--fiq228c5hs",
    "xn--io0a7i",
    "xn--ses554g",
    "asia",
    "mobi",
    "biz",
    "tv",
    "love",
];
/// Suffixes of hosts that are never filed.
const FOREIGN: [&str; 14] = [
    "co.uk", "de", "co.jp", "com.tw", "com.hk", "fr", "ru", "com.br", "io", "us", "ca", "com.au", "it",
    "co.kr",
];
const BELOW: [&str; 10] =
    ["www.", "www.", "www.", "m.", "api.", "img1.", "static.cdn.", "mail.", "h5.", "image.cache."];

fn label(random: &mut Random) -> String {
    let mut label = String::new();
    let digits = |random: &mut Random, label: &mut String, count: usize| {
        for _ in 0..count {
            label.push(char::from(b'0' + random.below(10) as u8));
        }
    };
    match random.below(100) {
        0..55 => {
            for _ in 0..2 + random.below(3) {
                label += random.one_of(&SYLLABLES);
            }
            if random.below(3) == 0 {
                let count = 1 + random.below(3);
                digits(random, &mut label, count);
            }
        }
        55..75 => {
            label += random.one_of(&WORDS);
            if random.below(5) == 0 {
                label.push('-');
            }
            label += random.one_of(&WORDS);
            let count = random.below(4);
            digits(random, &mut label, count);
        }
        75..83 => {
            let count = 4 + random.below(5);
            digits(random, &mut label, count);
        }
        83..96 => {
            for _ in 0..3 + random.below(4) {
                label.push(char::from(b'a' + random.below(26) as u8));
            }
            let count = random.below(4);
            digits(random, &mut label, count);
        }
        96..98 => {
            label += "xn--";
            for _ in 0..6 + random.below(7) {
                label.push(char::from_digit(random.below(36) as u32, 36).unwrap_or('a'));
            }
        }
        _ => {
            for _ in 0..5 + random.below(3) {
                label += random.one_of(&SYLLABLES);
            }
        }
    }
    label
}

fn suffix(random: &mut Random) -> &'static str {
    let mut place = random.below(1000);
    for (suffix, part) in SUFFIXES {
        if place < part {
            return suffix;
        }
        place -= part;
    }
    random.one_of(&TAIL)
}

/// Different registrable domains.
pub(crate) fn domains(count: usize) -> Vec<Box<str>> {
    let mut random = Random(42);
    let mut seen = HashSet::with_capacity(count);
    let mut domains = Vec::with_capacity(count);
    while domains.len() < count {
        let mut label = label(&mut random);
        let suffix = suffix(&mut random);
        // Short names are soon all taken.
        while !seen.insert(hash(&label, suffix)) {
            label.push(char::from(b'0' + random.below(10) as u8));
        }
        let domain = format!("{label}.{suffix}");
        // Some are suffixes themselves: `gov.cn`.
        if psl::domain(domain.as_bytes()).is_some_and(|found| found.as_bytes() == domain.as_bytes()) {
            domains.push(domain.into_boxed_str());
        }
    }
    domains
}

/// Enough to keep names apart; two that share it would only leave one of them out.
fn hash(label: &str, suffix: &str) -> u64 {
    let mut hash = 0;
    for byte in label.bytes().chain([b'.']).chain(suffix.bytes()) {
        hash = Random(hash ^ u64::from(byte)).next();
    }
    hash
}

/// How often a domain is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Popularity {
    /// All alike.
    Uniform,
    /// The n-th 1/n as often as the first.
    Zipf,
}

/// Hosts as they come, one behind the other.
pub(crate) struct Hosts {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Hosts {
    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut hosts = Self { text: Vec::new(), ends: Vec::new() };
        for name in names {
            hosts.text.extend_from_slice(name);
            hosts.ends.push(hosts.text.len());
        }
        hosts
    }

    pub(crate) fn slices(&self) -> Vec<&[u8]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| &self.text[*start..*end]).collect()
    }
}

/// Host names, half of them of domains of the registry.
pub(crate) fn hosts(count: usize, domains: &[Box<str>], popularity: Popularity) -> Hosts {
    let mut random = Random(match popularity {
        Popularity::Uniform => 7,
        Popularity::Zipf => 8,
    });
    let registry: HashSet<&str> = domains.iter().map(AsRef::as_ref).collect();
    let unfiled: Vec<String> = (0..count * 6 / 5)
        .map(|_| {
            let label = label(&mut random);
            if random.below(10) < 3 {
                return format!("{label}.{}", random.one_of(&FOREIGN));
            }
            let mut name = format!("{label}.{}", suffix(&mut random));
            while registry.contains(name.as_str()) {
                name.insert(0, char::from(b'a' + random.below(26) as u8));
            }
            name
        })
        .collect();
    drop(registry);
    let pick = |random: &mut Random, length: usize| match popularity {
        Popularity::Uniform => random.below(length),
        // The inverse of the harmonic series, and popular names spread over the whole registry.
        Popularity::Zipf => {
            let rank = (random.part() * (length as f64).ln()).exp() as usize;
            (rank as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) as usize % length
        }
    };
    let mut hosts = Hosts { text: Vec::with_capacity(count * 22), ends: Vec::with_capacity(count) };
    for _ in 0..count {
        let domain: &str = if random.below(2) == 0 {
            let place = pick(&mut random, domains.len());
            &domains[place]
        } else {
            let place = pick(&mut random, unfiled.len());
            &unfiled[place]
        };
        let mut host = match random.below(100) {
            0..20 => domain.to_owned(),
            20..95 => format!("{}{domain}", random.one_of(&BELOW)),
            _ => format!("{:x}.{domain}", random.next() >> 32),
        };
        match random.below(100) {
            0..2 => host.make_ascii_uppercase(),
            2 => host.push('.'),
            3 => host.push_str(":8443"),
            _ => {}
        }
        hosts.text.extend_from_slice(host.as_bytes());
        hosts.ends.push(hosts.text.len());
    }
    hosts
}
