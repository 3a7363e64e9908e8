//! What is known of a host, as a gateway tells it.

use beian_index::{Answer, Status};

/// What is known of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Known {
    /// There is a record of it.
    Recorded(Status),
    /// Not filed (未备案): the index knows all records.
    NotFiled,
    /// Nothing: the index does not know all records.
    Unknown,
    /// The host is an IP address.
    Address,
    /// The host is a public suffix or one label.
    PublicSuffix,
    /// The host is neither a name nor an address, is missing, or is there twice.
    Invalid,
}

/// Whether a host is filed, in three values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filed {
    /// It is, with access through us.
    Yes,
    /// It is not, or not with us.
    No,
    /// Nothing is known.
    Unknown,
}

impl Known {
    /// Everything.
    pub const ALL: [Self; 10] = [
        Self::Recorded(Status::FiledHere),
        Self::Recorded(Status::FiledElsewhere),
        Self::Recorded(Status::Cancelled),
        Self::Recorded(Status::Blacklisted),
        Self::Recorded(Status::Shell),
        Self::NotFiled,
        Self::Unknown,
        Self::Address,
        Self::PublicSuffix,
        Self::Invalid,
    ];

    /// Of an answer of the index.
    pub fn of(answer: Answer) -> Self {
        match answer {
            Answer::Found(record) => Self::Recorded(record.status),
            Answer::NotFiled => Self::NotFiled,
            Answer::Unknown => Self::Unknown,
            Answer::Address => Self::Address,
            Answer::Suffix => Self::PublicSuffix,
            Answer::Invalid => Self::Invalid,
        }
    }

    /// The word for it in headers and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recorded(status) => status.name(),
            Self::NotFiled => "not-filed",
            Self::Unknown => "unknown",
            Self::Address => "address",
            Self::PublicSuffix => "public-suffix",
            Self::Invalid => "invalid",
        }
    }

    /// What a word says.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// In three values.
    pub fn filed(self) -> Filed {
        match self {
            Self::Recorded(Status::FiledHere) => Filed::Yes,
            Self::Unknown => Filed::Unknown,
            _ => Filed::No,
        }
    }
}
