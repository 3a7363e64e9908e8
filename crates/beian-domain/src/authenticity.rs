//! Authenticity (真实性核验): that a service's principal is who they say.

use serde::{Deserialize, Serialize};

use crate::{Text, UnknownCode};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $table:literal { $($(#[$variant_doc:meta])* $variant:ident, $slug:literal, $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $slug)] $variant,)+
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that is stored.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),+ }
            }

            /// The name for people.
            pub fn label(self) -> Text {
                match self { $(Self::$variant => Text::new($zh, $en)),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownCode;

            fn from_str(slug: &str) -> Result<Self, UnknownCode> {
                Self::ALL.iter().copied().find(|value| value.slug() == slug)
                    .ok_or_else(|| UnknownCode { table: $table, got: slug.to_owned() })
            }
        }
    };
}

pub(crate) use words;

words! {
    /// How the principal is checked.
    AuthenticityMethod, "method of a proof of authenticity" {
        /// By face or video, with a vendor.
        Face, "face", "人脸核验", "Face check";
        /// By signing the verification form (核验单) before a reviewer.
        Signature, "signature", "当面签署核验单", "Form signed before a reviewer";
    }
}

words! {
    /// How a check stands.
    ProofState, "state of a proof of authenticity" {
        /// Begun, and not decided.
        Begun, "begun", "核验中", "Under way";
        /// Passed.
        Passed, "passed", "已通过", "Passed";
        /// Failed.
        Failed, "failed", "未通过", "Failed";
    }
}
