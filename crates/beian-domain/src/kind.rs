//! The kinds of filing (备案类型).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Text;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident, $slug:literal, $purpose:ident, $zh:literal, $en:literal;)+) => {
        /// What kind of filing an order makes (备案类型).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum FilingKind {
            $($(#[$doc])* #[serde(rename = $slug)] $variant,)+
        }

        impl FilingKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// What such an order is for.
            pub fn purpose(self) -> FilingPurpose {
                match self { $(Self::$variant => FilingPurpose::$purpose),+ }
            }

            /// The name in addresses, case files and the API.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),+ }
            }

            /// The name for people.
            pub fn label(self) -> Text {
                match self { $(Self::$variant => Text::new($zh, $en)),+ }
            }
        }

        impl std::str::FromStr for FilingKind {
            type Err = crate::UnknownCode;

            fn from_str(slug: &str) -> Result<Self, crate::UnknownCode> {
                Self::ALL.iter().copied().find(|kind| kind.slug() == slug)
                    .ok_or_else(|| crate::UnknownCode { table: "kind of filing", got: slug.to_owned() })
            }
        }
    };
}

kinds! {
    /// 首次备案: neither the sponsor nor the domain has a number.
    FirstFiling, "first-filing", File, "首次备案", "First filing";
    /// 新增网站: the sponsor has a number, the domain has none.
    AddService, "add-service", File, "新增网站", "Add service";
    /// 新增接入: the domain has a number of this sponsor, through another provider.
    AddAccess, "add-access", File, "新增接入", "Add access";
    /// 变更备案: what the record says of the sponsor is no longer so.
    ChangeSponsor, "change-sponsor", Change, "变更主体", "Change sponsor";
    /// 变更网站: what the record says of a service is no longer so.
    ChangeService, "change-service", Change, "变更网站", "Change service";
    /// 变更接入: a service moves to another address of this provider.
    ChangeAccess, "change-access", Change, "变更接入", "Change access";
    /// 注销网站: a service's number is given up.
    CancelService, "cancel-service", Cancel, "注销网站", "Cancel service";
    /// 注销主体: the sponsor's number and those of all its services are given up.
    CancelSponsor, "cancel-sponsor", Cancel, "注销主体", "Cancel sponsor";
    /// 取消接入: this provider serves it no longer, the number remains.
    CancelAccess, "cancel-access", Cancel, "取消接入", "Cancel access";
    /// 补交材料: the regulator lacks a picture of a record.
    SupplementMaterials, "supplement-materials", Supplement, "补交材料", "Supplement materials";
}

/// What an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FilingPurpose {
    /// To be allowed to serve something here: ends with a number.
    File,
    /// To make a record true again.
    Change,
    /// To end a record, or our part in it.
    Cancel,
    /// To hand in what a record lacks.
    Supplement,
}

impl FilingKind {
    /// Whether it is about a record of this provider, which it names.
    pub fn is_about_own_record(self) -> bool {
        self.purpose() != FilingPurpose::File
    }

    /// Whether the service's principal must prove who they are (真实性核验) before it is
    /// handed in: where somebody new answers for something.
    pub fn wants_proof_of_identity(self) -> bool {
        self.purpose() == FilingPurpose::File || matches!(self, Self::ChangeSponsor | Self::ChangeService)
    }

    /// Whether the interface demands the sponsor's filing password (备案密码).
    pub fn wants_filing_password(self) -> bool {
        matches!(self, Self::AddAccess | Self::CancelSponsor)
    }

    /// Whether it is about one service of the record, not about the sponsor alone.
    pub fn is_about_a_service(self) -> bool {
        !matches!(self, Self::ChangeSponsor | Self::CancelSponsor)
    }
}
