//! Who acts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Identifies an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub Uuid);

/// Who stands behind an account, by its real-name check (实名认证).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountKind {
    /// A person (个人), or nobody known yet.
    #[default]
    Personal,
    /// A unit (企业): it may issue authorization codes.
    Enterprise,
}

/// A text that names no kind of account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected personal or enterprise, got {0:?}")]
pub struct UnknownAccountKind(pub String);

impl AccountKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Personal, Self::Enterprise];

    /// The name in the API and in the store.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Enterprise => "enterprise",
        }
    }
}

impl FromStr for AccountKind {
    type Err = UnknownAccountKind;

    fn from_str(text: &str) -> Result<Self, UnknownAccountKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.slug() == text)
            .ok_or_else(|| UnknownAccountKind(text.to_owned()))
    }
}

/// What an account may do. Staff roles belong to the access provider, but for
/// [`Regulator`](Self::Regulator), which exists with the practice regulator only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Prepares and submits filings (备案人).
    Filer,
    /// Decides at the provider (初审员).
    Reviewer,
    /// Connects resources and watches the bridge to the regulator (运维).
    Operator,
    /// Plays the regulator (管局) in the practice regulator.
    Regulator,
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected filer, reviewer, operator or regulator, got {0:?}")]
pub struct UnknownRole(pub String);

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Filer, Self::Reviewer, Self::Operator, Self::Regulator];

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Filer => "filer",
            Self::Reviewer => "reviewer",
            Self::Operator => "operator",
            Self::Regulator => "regulator",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.slug() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// The name that a person signs in with: 3 to 64 of `a-z 0-9 . _ - @ +`,
/// compared in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LoginName(String);

/// A text that cannot be a login name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 3 to 64 letters a-z, digits or . _ - @ +")]
pub struct LoginNameError;

impl LoginName {
    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LoginName {
    type Err = LoginNameError;

    fn from_str(text: &str) -> Result<Self, LoginNameError> {
        let name = text.trim().to_ascii_lowercase();
        let fits = (3..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-@+".contains(&b));
        if fits { Ok(Self(name)) } else { Err(LoginNameError) }
    }
}

impl TryFrom<String> for LoginName {
    type Error = LoginNameError;

    fn try_from(text: String) -> Result<Self, LoginNameError> {
        text.parse()
    }
}

impl From<LoginName> for String {
    fn from(name: LoginName) -> Self {
        name.0
    }
}

impl fmt::Display for LoginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
