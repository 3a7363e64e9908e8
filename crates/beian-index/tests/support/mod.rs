//! Small indexes for tests.
#![allow(dead_code, reason = "not every test uses everything")]

use std::path::Path;

use beian_index::{Completeness, Day, Description, IndexBuilder, IndexKey, Record, RecordId, Status};

pub(crate) const DAY: Day = Day(20_781);

pub(crate) fn description(completeness: Completeness) -> Description {
    Description { completeness, as_of: DAY, key: IndexKey(*b"0123456789abcdef") }
}

pub(crate) fn record(number: u32) -> Record {
    let status = Status::ALL[number as usize % 5];
    Record {
        status,
        id: RecordId(number.wrapping_mul(0x9e37_79b9)),
        as_of: Day(DAY.0 - (number % 8000) as i32),
    }
}

pub(crate) fn builder<'a>(
    completeness: Completeness,
    domains: impl IntoIterator<Item = &'a str>,
) -> IndexBuilder {
    let mut builder = IndexBuilder::new(description(completeness));
    for (domain, number) in domains.into_iter().zip(0..) {
        builder.add(domain, record(number)).unwrap();
    }
    builder
}

/// A few domains of every kind and length.
pub(crate) const DOMAINS: [&str; 9] = [
    "example.cn",
    "example.com.cn",
    "xn--85x722f.xn--55qx5d.cn",
    "a-name-of-thirteen.com",
    "a-name-that-is-longer-than-twenty-four-characters.net",
    "a-name-that-has-exactly-sixty-three-characters-which-is-the-mos.top",
    "someone.github.io",
    "github.io",
    "example.unlisted",
];

pub(crate) fn write_small(path: &Path) {
    builder(Completeness::Complete, DOMAINS).write(path).unwrap();
}
