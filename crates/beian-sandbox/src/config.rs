//! What a practice regulator is started with.

use std::fmt;
use std::path::PathBuf;

use beian_domain::DivisionCode;
use beian_wire::Password;
use beian_wire::package::SharedSecret;

/// Everything a [`Sandbox`](crate::Sandbox) is started with.
#[derive(Debug)]
pub struct SandboxConfig {
    /// The access providers that may speak to this regulator.
    pub providers: Vec<Provider>,
    /// Who decides on a filing that passed the checks.
    pub review: ReviewPolicy,
    /// Who enters the codes of the SMS verification.
    pub sms: SmsPolicy,
    /// Whose filings are taken.
    pub identities: Identities,
    /// Password of the review console and of the steering interface.
    pub console_password: Secret,
    /// Where the register is kept.
    pub store: Persistence,
}

/// An access provider (接入商) as the regulator knows it.
#[derive(Debug, Clone)]
pub struct Provider {
    /// The number that the regulator gave it (`ispId`).
    pub isp_id: u64,
    /// Its name, shown in the console.
    pub name: String,
    /// The user name of its calls.
    pub user_name: String,
    /// The password of its calls.
    pub password: Password,
    /// Key and initialisation vector of the files between the two.
    pub secret: SharedSecret,
    /// Where it is licensed: the bureau that this regulator plays for it. Only
    /// the province counts.
    pub province: DivisionCode,
}

/// Who decides on a filing that passed the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewPolicy {
    /// A person, in the console or through the steering interface.
    Console,
    /// Every filing is approved as soon as its SMS verification is done.
    ApproveAll,
}

/// Who enters the codes of the SMS verification (短信核验).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsPolicy {
    /// The people concerned, on the public page; codes are shown in the console.
    Console,
    /// Nobody: every code counts as entered at once.
    VerifyAll,
}

/// Whose filings are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identities {
    /// Only made-up ones that can belong to nobody: resident numbers with the
    /// sequence 000 and organisations with the body 00000000.
    PracticeOnly,
}

/// Where the register is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Persistence {
    /// In memory: gone when the process ends.
    Volatile,
    /// In one file, readable by its owner only. Whatever was answered is in it
    /// before the answer leaves.
    File(PathBuf),
}

/// A password that no log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the plain password.
    pub fn new(plain: impl Into<String>) -> Self {
        Self(plain.into())
    }

    /// Compares without telling by its duration how much was right. Only the
    /// length shows.
    pub(crate) fn matches(&self, other: &str) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), other.as_bytes());
        let differences = ours.iter().zip(theirs).fold(0, |sum, (a, b)| sum | (a ^ b));
        ours.len() == theirs.len() && differences == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// A province as the bureau's files and numbers name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Province {
    /// The character of its filing numbers (蜀, 滇 and 陇 are not the usual ones).
    pub(crate) character: char,
    /// Initials of its name in pinyin, as in the names of download files.
    pub(crate) initials: &'static str,
}

/// The province of a division; `None` for a code outside the mainland's 31.
pub(crate) fn province_of(division: DivisionCode) -> Option<Province> {
    let (character, initials) = match division.get() / 10_000 {
        11 => ('京', "bj"),
        12 => ('津', "tj"),
        13 => ('冀', "heb"),
        14 => ('晋', "sx"),
        15 => ('蒙', "nmg"),
        21 => ('辽', "ln"),
        22 => ('吉', "jl"),
        23 => ('黑', "hlj"),
        31 => ('沪', "sh"),
        32 => ('苏', "js"),
        33 => ('浙', "zj"),
        34 => ('皖', "ah"),
        35 => ('闽', "fj"),
        36 => ('赣', "jx"),
        37 => ('鲁', "sd"),
        41 => ('豫', "hen"),
        42 => ('鄂', "hub"),
        43 => ('湘', "hun"),
        44 => ('粤', "gd"),
        45 => ('桂', "gx"),
        46 => ('琼', "han"),
        50 => ('渝', "cq"),
        51 => ('蜀', "sc"),
        52 => ('黔', "gz"),
        53 => ('滇', "yn"),
        54 => ('藏', "xz"),
        61 => ('陕', "snx"),
        62 => ('陇', "gs"),
        63 => ('青', "qh"),
        64 => ('宁', "nx"),
        65 => ('新', "xj"),
        _ => return None,
    };
    Some(Province { character, initials })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn every_province_has_its_own_character_and_initials() {
        let provinces: Vec<Province> = (11..=82u32)
            .filter_map(|code| province_of(DivisionCode::try_from(code * 10_000).unwrap()))
            .collect();
        assert_eq!(provinces.len(), 31);
        let mut characters: Vec<char> = provinces.iter().map(|p| p.character).collect();
        let mut initials: Vec<&str> = provinces.iter().map(|p| p.initials).collect();
        characters.sort_unstable();
        characters.dedup();
        initials.sort_unstable();
        initials.dedup();
        assert_eq!((characters.len(), initials.len()), (31, 31));
        assert_eq!(province_of("510100".parse().unwrap()).unwrap().character, '蜀');
        assert_eq!(province_of("710000".parse().unwrap()), None);
    }

    #[test]
    fn a_secret_matches_itself_only_and_shows_nothing() {
        let secret = Secret::new("open sesame");
        assert!(secret.matches("open sesame"));
        assert!(!secret.matches("open sesam") && !secret.matches("open sesamf") && !secret.matches(""));
        assert_eq!(format!("{secret:?}"), "Secret(***)");
    }
}
