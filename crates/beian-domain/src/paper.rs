//! Papers: what a bureau wants to see beyond the pictures of its interface.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Text;

macro_rules! papers {
    ($($variant:ident, $slug:literal, $zh:literal, $en:literal;)+) => {
        /// A letter, proof or approval (材料) that some bureaus want beside the
        /// pictures that the interface has a place for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Paper {
            $(#[doc = $zh] #[serde(rename = $slug)] $variant,)+
        }

        impl Paper {
            /// Every paper.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in case files and in the API.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),+ }
            }

            /// The name for people.
            pub fn label(self) -> Text {
                match self { $(Self::$variant => Text::new($zh, $en)),+ }
            }
        }

        impl std::str::FromStr for Paper {
            type Err = crate::UnknownCode;

            fn from_str(slug: &str) -> Result<Self, crate::UnknownCode> {
                Self::ALL.iter().copied().find(|paper| paper.slug() == slug)
                    .ok_or_else(|| crate::UnknownCode { table: "paper", got: slug.to_owned() })
            }
        }
    };
}

papers! {
    ResidenceProof, "residence-proof", "居住证明", "Proof of residence";
    SponsorPrincipalLetter, "sponsor-principal-letter", "主体负责人授权书", "Letter of authority for the sponsor principal";
    ServicePrincipalLetter, "service-principal-letter", "网站负责人授权书", "Letter of authority for the service principal";
    RenameLetter, "rename-letter", "更名函", "Letter on the change of name";
    DomainCertificate, "domain-certificate", "域名证书", "Domain certificate";
    DomainRealNameProof, "domain-real-name-proof", "域名实名信息截图", "Proof of the domain's real-name data";
    DomainHolderProof, "domain-holder-proof", "域名持有者证明", "Proof of the domain holder's relation to the unit";
    PartyBuildingLetter, "party-building-letter", "党建备案信息确认函", "Party-building confirmation letter";
    Pledge, "pledge", "承诺书", "Pledge";
    ConstructionPlan, "construction-plan", "网站建设方案书", "Construction plan of the site";
    OwnershipStatement, "ownership-statement", "域名归属声明", "Statement that the domains are the sponsor's";
    PostedDossier, "posted-dossier", "邮寄管局的材料", "Papers posted to the bureau";
    ApprovalDocument, "approval-document", "前置审批文件", "Approval by the competent authority";
    GuardianConsent, "guardian-consent", "监护人知情同意书", "Guardian's consent";
    EmploymentProof, "employment-proof", "工作或收入证明", "Proof of work or income";
    BureauConfirmation, "bureau-confirmation", "管局的答复", "The bureau's answer";
}
