//! Filing numbers (备案号).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ServiceKind;

/// The number of a sponsor (主体备案号), for example 粤ICP备2026000001号.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SponsorFilingNumber {
    province: char,
    /// Eight digits (two of the year) or, newer, ten (four of the year).
    digits: String,
}

/// The number of a service (网站备案号), for example 粤ICP备2026000001号-1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServiceFilingNumber {
    sponsor: SponsorFilingNumber,
    serial: u32,
    /// `A` for an app, `X` for a mini-program, `K` for a quick-app.
    suffix: Option<char>,
}

/// The number of a record, of a sponsor or of one of its services (备案号).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RecordNumber {
    /// A sponsor's.
    Sponsor(SponsorFilingNumber),
    /// A service's.
    Service(ServiceFilingNumber),
}

impl RecordNumber {
    /// The number of the sponsor, whichever it is.
    pub fn sponsor(&self) -> &SponsorFilingNumber {
        match self {
            Self::Sponsor(number) => number,
            Self::Service(number) => number.sponsor(),
        }
    }

    /// The number of the service, if it is one.
    pub fn service(&self) -> Option<&ServiceFilingNumber> {
        match self {
            Self::Sponsor(_) => None,
            Self::Service(number) => Some(number),
        }
    }
}

/// A text that is not a filing number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a filing number such as {expected}, got {got:?}")]
pub struct FilingNumberError {
    expected: &'static str,
    got: String,
}

impl SponsorFilingNumber {
    /// The province's character, which differs from the usual one for 四川 (蜀),
    /// 云南 (滇) and 甘肃 (陇).
    pub fn province(&self) -> char {
        self.province
    }

    /// Its digits as a number, at most ten of them: with [`province`](Self::province) the whole of it.
    pub fn digits(&self) -> u64 {
        // The parser lets nothing but digits in.
        self.digits.bytes().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
    }

    /// The number of this sponsor's website with a serial from 1.
    pub fn service(&self, serial: u32) -> ServiceFilingNumber {
        self.service_of_kind(serial, ServiceKind::Website)
    }

    /// The number of this sponsor's service of a kind with a serial from 1. All
    /// kinds share one sequence.
    pub fn service_of_kind(&self, serial: u32, kind: ServiceKind) -> ServiceFilingNumber {
        ServiceFilingNumber { sponsor: self.clone(), serial, suffix: kind.suffix() }
    }
}

impl ServiceFilingNumber {
    /// The number of the sponsor that it belongs to.
    pub fn sponsor(&self) -> &SponsorFilingNumber {
        &self.sponsor
    }

    /// Its place among the sponsor's services, from 1.
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// What kind of service its suffix tells.
    pub fn kind(&self) -> ServiceKind {
        ServiceKind::ALL.iter().copied().find(|kind| kind.suffix() == self.suffix).unwrap_or_default()
    }
}

impl FromStr for SponsorFilingNumber {
    type Err = FilingNumberError;

    fn from_str(text: &str) -> Result<Self, FilingNumberError> {
        let parse = || {
            let mut characters = text.chars();
            let province = characters.next().filter(|c| ('\u{4E00}'..='\u{9FFF}').contains(c))?;
            let digits = characters.as_str().strip_prefix("ICP备")?.strip_suffix('号')?;
            let fits = matches!(digits.len(), 8 | 10) && digits.bytes().all(|b| b.is_ascii_digit());
            fits.then(|| Self { province, digits: digits.to_owned() })
        };
        parse().ok_or_else(|| FilingNumberError {
            expected: "粤ICP备2026000001号",
            got: text.chars().take(40).collect(),
        })
    }
}

impl FromStr for ServiceFilingNumber {
    type Err = FilingNumberError;

    fn from_str(text: &str) -> Result<Self, FilingNumberError> {
        let parse = || {
            let (sponsor, tail) = text.rsplit_once('-')?;
            let sponsor = sponsor.parse().ok()?;
            let suffix = tail.chars().last().filter(|c| matches!(c, 'A' | 'X' | 'K'));
            let digits = tail.trim_end_matches(['A', 'X', 'K']);
            let serial =
                digits.parse::<u32>().ok().filter(|&serial| serial >= 1 && serial.to_string() == digits)?;
            (tail.len() - digits.len() <= 1).then_some(Self { sponsor, serial, suffix })
        };
        parse().ok_or_else(|| FilingNumberError {
            expected: "粤ICP备2026000001号-1",
            got: text.chars().take(40).collect(),
        })
    }
}

impl FromStr for RecordNumber {
    type Err = FilingNumberError;

    fn from_str(text: &str) -> Result<Self, FilingNumberError> {
        text.parse().map(Self::Service).or_else(|_| text.parse().map(Self::Sponsor))
    }
}

impl fmt::Display for RecordNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sponsor(number) => number.fmt(f),
            Self::Service(number) => number.fmt(f),
        }
    }
}

impl fmt::Display for SponsorFilingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ICP备{}号", self.province, self.digits)
    }
}

impl fmt::Display for ServiceFilingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.sponsor, self.serial)?;
        self.suffix.map_or(Ok(()), |suffix| write!(f, "{suffix}"))
    }
}

macro_rules! through_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = FilingNumberError;
            fn try_from(text: String) -> Result<Self, FilingNumberError> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(number: $name) -> Self {
                number.to_string()
            }
        }
    };
}

through_text!(SponsorFilingNumber);
through_text!(ServiceFilingNumber);
through_text!(RecordNumber);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_and_all_suffixes_round_trip() {
        for text in [
            "粤ICP备2026000001号-1",
            "京ICP备10046444号-9",
            "蜀ICP备2026000002号-12A",
            "沪ICP备12007941号-4X",
        ] {
            assert_eq!(text.parse::<ServiceFilingNumber>().unwrap().to_string(), text);
        }
        assert_eq!(
            "粤ICP备2026000001号".parse::<SponsorFilingNumber>().unwrap().service(1).to_string(),
            "粤ICP备2026000001号-1"
        );
        for (text, kind) in [
            ("粤ICP备2026000001号-3", ServiceKind::Website),
            ("粤ICP备2026000001号-3A", ServiceKind::App),
            ("粤ICP备2026000001号-3X", ServiceKind::MiniProgram),
            ("粤ICP备2026000001号-3K", ServiceKind::QuickApp),
        ] {
            let number: ServiceFilingNumber = text.parse().unwrap();
            assert_eq!((number.kind(), number.serial()), (kind, 3));
            assert_eq!(number.sponsor().service_of_kind(3, kind), number);
            assert_eq!(text.parse::<RecordNumber>().unwrap().to_string(), text);
        }
        let sponsor: RecordNumber = "粤ICP备2026000001号".parse().unwrap();
        assert_eq!((sponsor.to_string().as_str(), sponsor.service()), ("粤ICP备2026000001号", None));
        for wrong in [
            "粤ICP备2026000001号",
            "粤ICP备202600000号-1",
            "粤ICP备2026000001号-0",
            "粤ICP备2026000001号-1B",
            "粤ICP备2026000001号-01",
            "粤ICP备2026000001号-1AX",
        ] {
            assert!(wrong.parse::<ServiceFilingNumber>().is_err(), "{wrong}");
        }
    }
}
