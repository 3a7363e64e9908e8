//! Materials: the pictures that prove what is stated.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Identifies a stored material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(with = "String")]
pub struct MaterialId(pub Uuid);

/// What a material proves (附件用途, `Fjyt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MaterialUse {
    /// 网站备案信息真实性核验单.
    VerificationForm,
    /// 主办单位有效证件.
    SponsorCertificate,
    /// 主体负责人有效证件.
    SponsorPrincipalCertificate,
    /// 网站负责人有效证件.
    ServicePrincipalCertificate,
    /// 网站负责人核验现场照片.
    ServicePrincipalPhoto,
}

/// A text that names no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected the use of a material, got {0:?}")]
pub struct UnknownMaterialUse(pub String);

impl MaterialUse {
    /// Every use, in the order in which the wizard asks.
    pub const ALL: [Self; 5] = [
        Self::SponsorCertificate,
        Self::SponsorPrincipalCertificate,
        Self::ServicePrincipalCertificate,
        Self::VerificationForm,
        Self::ServicePrincipalPhoto,
    ];

    /// The regulator's code.
    pub fn code(self) -> u8 {
        match self {
            Self::VerificationForm => 1,
            Self::SponsorCertificate => 2,
            Self::SponsorPrincipalCertificate => 3,
            Self::ServicePrincipalCertificate => 4,
            Self::ServicePrincipalPhoto => 5,
        }
    }

    /// The name in case files and addresses.
    pub fn slug(self) -> &'static str {
        match self {
            Self::VerificationForm => "verification-form",
            Self::SponsorCertificate => "sponsor-certificate",
            Self::SponsorPrincipalCertificate => "sponsor-principal-certificate",
            Self::ServicePrincipalCertificate => "service-principal-certificate",
            Self::ServicePrincipalPhoto => "service-principal-photo",
        }
    }

    /// The name for people.
    pub fn label(self) -> crate::Text {
        match self {
            Self::VerificationForm => crate::Text::new("网站备案信息真实性核验单", "Verification form"),
            Self::SponsorCertificate => crate::Text::new("主办单位有效证件", "Sponsor's certificate"),
            Self::SponsorPrincipalCertificate => {
                crate::Text::new("主体负责人有效证件", "Sponsor principal's certificate")
            }
            Self::ServicePrincipalCertificate => {
                crate::Text::new("网站负责人有效证件", "Service principal's certificate")
            }
            Self::ServicePrincipalPhoto => {
                crate::Text::new("网站负责人核验现场照片", "Photo of the service principal")
            }
        }
    }

    /// The most that the regulator takes, in bytes of base64: 150 kB for the
    /// verification form, 100 kB for everything else.
    pub fn interface_limit(self) -> usize {
        match self {
            Self::VerificationForm => 150_000,
            _ => 100_000,
        }
    }
}

impl FromStr for MaterialUse {
    type Err = UnknownMaterialUse;

    fn from_str(text: &str) -> Result<Self, UnknownMaterialUse> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.slug() == text)
            .ok_or_else(|| UnknownMaterialUse(text.to_owned()))
    }
}

/// What seems wrong with a photograph of a document, by its pixels alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PictureDoubt {
    /// No letter on it has an edge.
    Blurred,
    /// A lamp is reflected in it.
    Glare,
    /// It was taken in the dark.
    Dark,
    /// An edge of the document is outside of it.
    CutOff,
    /// The document fills only a small part of it.
    FarAway,
}

impl PictureDoubt {
    /// Its name in texts and pages.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Blurred => "blurred",
            Self::Glare => "glare",
            Self::Dark => "dark",
            Self::CutOff => "cut-off",
            Self::FarAway => "far-away",
        }
    }
}

/// A picture format that the interface takes (附件格式, `Fjwjgs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImageFormat {
    /// JPEG, code 1.
    Jpeg,
    /// PNG, code 2.
    Png,
}

impl ImageFormat {
    /// The regulator's code.
    pub fn code(self) -> u8 {
        match self {
            Self::Jpeg => 1,
            Self::Png => 2,
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// What is known of one material: what was measured when it was decoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Material {
    /// What it proves.
    pub purpose: MaterialUse,
    /// Where it is stored; absent in a case file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MaterialId>,
    /// Size of the original, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Width of the original, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height of the original, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}
