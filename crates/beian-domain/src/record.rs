//! Records: what a regulator has granted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::UnknownCode;

/// Whether a record holds (备案状态).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecordState {
    /// It does, and it is served here.
    #[default]
    Active,
    /// The number holds, and this provider serves it no longer (已取消接入).
    AccessEnded,
    /// It was cancelled (已注销): never restored, its number never given again.
    Cancelled,
}

impl RecordState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Active, Self::AccessEnded, Self::Cancelled];

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::AccessEnded => "access-ended",
            Self::Cancelled => "cancelled",
        }
    }
}

impl std::str::FromStr for RecordState {
    type Err = UnknownCode;

    fn from_str(slug: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|state| state.slug() == slug)
            .ok_or_else(|| UnknownCode { table: "state of a record", got: slug.to_owned() })
    }
}
