//! What the index knows of a domain, and what it answers.

use std::fmt;

use chrono::{DateTime, TimeDelta};

/// What is known of a registrable domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Record {
    /// Where it is filed, or why it is not.
    pub status: Status,
    /// The record in the store, or the line of the list, that says so.
    pub id: RecordId,
    /// The day on which this was so.
    pub as_of: Day,
}

/// Where a domain is filed, or why it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Filed, with access through us (备案).
    FiledHere,
    /// Filed, with access through another provider (接入) only.
    FiledElsewhere,
    /// The filing was cancelled (注销备案).
    Cancelled,
    /// On the regulator's blacklist (黑名单).
    Blacklisted,
    /// A shell (空壳): filed, but without any access.
    Shell,
}

/// The number of a record, as the owner of the records counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub u32);

/// A day, counted from 1970-01-01 as day 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i32);

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = TimeDelta::try_days(self.0.into());
        match days.and_then(|days| DateTime::UNIX_EPOCH.date_naive().checked_add_signed(days)) {
            Some(date) => write!(formatter, "{date}"),
            // Beyond any calendar.
            None => write!(formatter, "day {}", self.0),
        }
    }
}

/// What the index answers about a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// There is a record of its registrable domain.
    Found(Record),
    /// There is none, and the index knows all records.
    NotFiled,
    /// There is none, but the index does not know all records.
    Unknown,
    /// The host is an IPv4 or IPv6 address.
    Address,
    /// The host is a public suffix such as `com.cn`, or one label: nothing is registered there.
    Suffix,
    /// The host is neither a name nor an address.
    Invalid,
}

/// Whether an index knows all records there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// All: what has no record is not filed.
    Complete,
    /// Some: of what has no record, nothing is known.
    Partial,
}

impl Status {
    /// Every status, in the order of its code in the file.
    pub const ALL: [Self; 5] =
        [Self::FiledHere, Self::FiledElsewhere, Self::Cancelled, Self::Blacklisted, Self::Shell];

    /// The status of a word in a list: a name, however it is written, or a Chinese word that can only mean one.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "注销" | "已注销" => Some(Self::Cancelled),
            "黑名单" => Some(Self::Blacklisted),
            "空壳" => Some(Self::Shell),
            _ => Self::ALL.into_iter().find(|status| status.name().eq_ignore_ascii_case(word)),
        }
    }

    /// The status of a word that [`Self::name`] gives.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// The word for it in exported files.
    pub fn name(self) -> &'static str {
        match self {
            Self::FiledHere => "filed-here",
            Self::FiledElsewhere => "filed-elsewhere",
            Self::Cancelled => "cancelled",
            Self::Blacklisted => "blacklisted",
            Self::Shell => "shell",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
