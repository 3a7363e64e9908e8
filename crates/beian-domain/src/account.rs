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

/// What an account may do: one role an account. Staff roles ([`StaffRole`]) belong to the
/// access provider; [`Regulator`](Self::Regulator) exists with the practice regulator only.
///
/// System, security and audit administrator are separate roles (三员分立; GB/T 22239-2019, 8.1.5,
/// third level): nobody who runs the system decides who may use it, and neither of the two looks
/// after the record of what they did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Prepares and submits filings (备案人).
    Filer,
    /// Decides at the provider (初审员).
    Reviewer,
    /// The system administrator (系统管理员, 运维): connects resources and watches the bridge to the regulator.
    Operator,
    /// Makes, locks and unlocks the accounts of staff, and gives roles (安全管理员).
    SecurityAdministrator,
    /// Reads the audit trail and verifies its chain (审计管理员); can change nothing.
    AuditAdministrator,
    /// Plays the regulator (管局) in the practice regulator.
    Regulator,
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected filer, reviewer, operator, security-administrator, audit-administrator or regulator, got {0:?}"
)]
pub struct UnknownRole(pub String);

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Filer,
        Self::Reviewer,
        Self::Operator,
        Self::SecurityAdministrator,
        Self::AuditAdministrator,
        Self::Regulator,
    ];

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Filer => "filer",
            Self::Reviewer => "reviewer",
            Self::Operator => "operator",
            Self::SecurityAdministrator => "security-administrator",
            Self::AuditAdministrator => "audit-administrator",
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

/// What somebody of the access provider's staff may do: the roles that a security administrator
/// can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StaffRole {
    /// [`Role::Reviewer`].
    Reviewer,
    /// [`Role::Operator`].
    Operator,
    /// [`Role::SecurityAdministrator`].
    SecurityAdministrator,
    /// [`Role::AuditAdministrator`].
    AuditAdministrator,
}

/// A role that is none of the access provider's staff.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected reviewer, operator, security-administrator or audit-administrator, got {0:?}")]
pub struct NotStaff(pub String);

impl StaffRole {
    /// Every role of staff.
    pub const ALL: [Self; 4] =
        [Self::Reviewer, Self::Operator, Self::SecurityAdministrator, Self::AuditAdministrator];

    /// The name that is stored: the role's own.
    pub fn slug(self) -> &'static str {
        Role::from(self).slug()
    }
}

impl From<StaffRole> for Role {
    fn from(role: StaffRole) -> Self {
        match role {
            StaffRole::Reviewer => Self::Reviewer,
            StaffRole::Operator => Self::Operator,
            StaffRole::SecurityAdministrator => Self::SecurityAdministrator,
            StaffRole::AuditAdministrator => Self::AuditAdministrator,
        }
    }
}

impl TryFrom<Role> for StaffRole {
    type Error = NotStaff;

    fn try_from(role: Role) -> Result<Self, NotStaff> {
        match role {
            Role::Reviewer => Ok(Self::Reviewer),
            Role::Operator => Ok(Self::Operator),
            Role::SecurityAdministrator => Ok(Self::SecurityAdministrator),
            Role::AuditAdministrator => Ok(Self::AuditAdministrator),
            Role::Filer | Role::Regulator => Err(NotStaff(role.slug().to_owned())),
        }
    }
}

impl FromStr for StaffRole {
    type Err = NotStaff;

    fn from_str(text: &str) -> Result<Self, NotStaff> {
        Self::ALL.into_iter().find(|role| role.slug() == text).ok_or_else(|| NotStaff(text.to_owned()))
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

/// What somebody calls a passkey (通行密钥) of theirs, to know it from the others: 1 to 40 characters on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyName(String);

/// A text that cannot name a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to {} characters on one line", PasskeyName::MOST)]
pub struct PasskeyNameError;

impl PasskeyName {
    /// Most characters.
    pub const MOST: usize = 40;

    /// The name as it was given, without the space around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PasskeyName {
    type Err = PasskeyNameError;

    fn from_str(text: &str) -> Result<Self, PasskeyNameError> {
        let name = text.trim();
        let fits = (1..=Self::MOST).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if fits { Ok(Self(name.to_owned())) } else { Err(PasskeyNameError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_is_called_something_short() {
        assert_eq!(" 办公室 YubiKey ".parse::<PasskeyName>().unwrap().as_str(), "办公室 YubiKey");
        assert!("钥".repeat(40).parse::<PasskeyName>().is_ok());
        for text in ["", "   ", "two\nlines", &"钥".repeat(41)] {
            assert_eq!(text.parse::<PasskeyName>(), Err(PasskeyNameError), "{text:?}");
        }
    }

    #[test]
    fn roles_are_read_as_they_are_written() {
        for role in Role::ALL {
            assert_eq!(role.slug().parse(), Ok(role));
            // As serde writes it: one name for one thing.
            assert_eq!(serde_json::to_value(role).unwrap(), role.slug());
        }
        assert_eq!("Operator".parse::<Role>(), Err(UnknownRole("Operator".to_owned())));
    }

    #[test]
    fn staff_is_everybody_but_filers_and_the_regulator() {
        let staff: Vec<StaffRole> =
            Role::ALL.into_iter().filter_map(|role| StaffRole::try_from(role).ok()).collect();
        assert_eq!(staff, StaffRole::ALL);
        for role in StaffRole::ALL {
            assert_eq!(StaffRole::try_from(Role::from(role)), Ok(role));
            assert_eq!(role.slug().parse(), Ok(role));
        }
        assert_eq!("filer".parse::<StaffRole>(), Err(NotStaff("filer".to_owned())));
        assert_eq!(StaffRole::try_from(Role::Regulator), Err(NotStaff("regulator".to_owned())));
    }
}
