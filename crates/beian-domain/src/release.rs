//! What an app, a mini-program or a quick-app is known by on each platform.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AppPlatform, ServiceKind};

/// An app on one platform (APP 特征信息), as typed. A website has none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Release {
    /// What the platform knows it by: package name (包名), bundle identifier (Bundle ID) or
    /// application identifier (AppID).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Public key of the certificate that it is signed with (公钥).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Digest of that certificate (签名 MD5 值, iOS 为 SHA-1 值).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// An app on one platform, as the regulator gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingRelease {
    /// The platform.
    pub platform: AppPlatform,
    /// What the platform knows it by.
    pub identifier: AppIdentifier,
    /// Public key of its certificate; those that are not signed by their maker have none.
    pub public_key: Option<AppPublicKey>,
    /// Digest of its certificate; likewise.
    pub fingerprint: Option<AppFingerprint>,
}

impl AppPlatform {
    /// What kind of service runs on it.
    pub fn service_kind(self) -> ServiceKind {
        match self {
            Self::Android | Self::Ios | Self::HarmonyOs => ServiceKind::App,
            Self::WeChat | Self::Alipay | Self::Douyin | Self::Baidu => ServiceKind::MiniProgram,
            Self::QuickApp => ServiceKind::QuickApp,
        }
    }

    /// Whether its maker signs what is installed. A mini-program is signed by its host.
    pub fn is_signed_by_maker(self) -> bool {
        self.service_kind() != ServiceKind::MiniProgram
    }
}

/// Why a text is no identifier, key or digest. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct ReleaseError {
    /// The form that is expected.
    pub expected: &'static str,
}

/// What a platform knows an app by: 1 to 255 visible ASCII characters. The form that a
/// platform demands is for the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppIdentifier(String);

impl AppIdentifier {
    /// The plain text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AppIdentifier {
    type Err = ReleaseError;

    fn from_str(text: &str) -> Result<Self, ReleaseError> {
        let text = text.trim();
        let is_visible = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if !is_visible {
            return Err(ReleaseError { expected: "1 to 255 letters, digits and signs" });
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for AppIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a certificate is digested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DigestKind {
    /// MD5, 32 hexadecimal digits.
    Md5,
    /// SHA-1, 40 hexadecimal digits.
    Sha1,
    /// SHA-256, 64 hexadecimal digits.
    Sha256,
}

impl DigestKind {
    const ALL: [Self; 3] = [Self::Md5, Self::Sha1, Self::Sha256];

    /// How many hexadecimal digits it has.
    pub fn digits(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha1 => 40,
            Self::Sha256 => 64,
        }
    }

    /// Its name, which is the same in both languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
        }
    }
}

/// Digest of a signing certificate. Tools print it with colons or blanks; the normal form is
/// hexadecimal digits in upper case alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppFingerprint {
    kind: DigestKind,
    digits: String,
}

impl AppFingerprint {
    /// By which digest it was made.
    pub fn kind(&self) -> DigestKind {
        self.kind
    }

    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.digits
    }
}

impl FromStr for AppFingerprint {
    type Err = ReleaseError;

    fn from_str(text: &str) -> Result<Self, ReleaseError> {
        let error = ReleaseError { expected: "32, 40 or 64 hexadecimal digits" };
        let digits = hexadecimal(text, DigestKind::Sha256.digits()).ok_or(error)?;
        let kind = DigestKind::ALL.into_iter().find(|kind| kind.digits() == digits.len()).ok_or(error)?;
        Ok(Self { kind, digits })
    }
}

/// Public key of a signing certificate: its modulus in hexadecimal digits, or the whole key in
/// base64, with or without the lines of PEM around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPublicKey(String);

impl AppPublicKey {
    /// The normal form, on one line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// From a key of 256 bits, which no shorter one is taken for, up to one of 16384 bits in base64.
const KEY_CHARACTERS: std::ops::RangeInclusive<usize> = 64..=4_096;

impl FromStr for AppPublicKey {
    type Err = ReleaseError;

    fn from_str(text: &str) -> Result<Self, ReleaseError> {
        let error = ReleaseError {
            expected: "a public key of 64 to 4096 characters in hexadecimal digits or base64",
        };
        if text.len() > 2 * KEY_CHARACTERS.end() || text.contains("PRIVATE KEY") {
            return Err(error);
        }
        let bare = text.trim().strip_prefix("0x").unwrap_or(text);
        if let Some(digits) = hexadecimal(bare, *KEY_CHARACTERS.end())
            && digits.len() % 2 == 0
            && digits.len() >= *KEY_CHARACTERS.start()
        {
            return Ok(Self(digits));
        }
        let body: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("-----"))
            .flat_map(str::chars)
            .filter(|c| !c.is_whitespace())
            .collect();
        let unpadded = body.trim_end_matches('=');
        let is_base64 = body.len().is_multiple_of(4)
            && body.len() - unpadded.len() <= 2
            && unpadded.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
        if is_base64 && KEY_CHARACTERS.contains(&body.len()) { Ok(Self(body)) } else { Err(error) }
    }
}

/// The hexadecimal digits of a text in upper case, without what stands between them; `None` if
/// there is anything else in it, or too much.
fn hexadecimal(text: &str, most: usize) -> Option<String> {
    let mut digits = String::with_capacity(most.min(text.len()));
    for character in text.chars().filter(|c| !c.is_whitespace() && *c != ':') {
        if !character.is_ascii_hexdigit() || digits.len() == most {
            return None;
        }
        digits.push(character.to_ascii_uppercase());
    }
    (!digits.is_empty()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_tools_print_it() {
        let parse = |text: &str| text.parse::<AppFingerprint>().map(|f| (f.kind, f.digits));
        let md5 = "D4:1D:8C:D9:8F:00:B2:04:E9:80:09:98:EC:F8:42:7E";
        let plain = "D41D8CD98F00B204E9800998ECF8427E".to_owned();
        assert_eq!(parse(md5), Ok((DigestKind::Md5, plain.clone())));
        assert_eq!(parse("d41d8cd98f00b204e9800998ecf8427e"), Ok((DigestKind::Md5, plain)));
        assert_eq!(parse(&"a".repeat(40)).map(|(kind, _)| kind), Ok(DigestKind::Sha1));
        assert_eq!(parse(&"a".repeat(64)).map(|(kind, _)| kind), Ok(DigestKind::Sha256));
        for wrong in ["", "d41d8cd98f00b204e9800998ecf8427", "g41d8cd98f00b204e9800998ecf8427e"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert!(parse(&"a".repeat(65)).is_err());
    }

    #[test]
    fn a_key_is_hexadecimal_or_base64_and_never_a_private_one() {
        let parse = |text: &str| text.parse::<AppPublicKey>().map(|key| key.0);
        assert_eq!(parse(&"ab ".repeat(128)), Ok("AB".repeat(128)));
        assert_eq!(parse(&format!("0x{}", "ab".repeat(64))), Ok("AB".repeat(64)));
        let base64 = format!("{}==", "Mx".repeat(35));
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n");
        assert_eq!(parse(&pem), Ok(base64));
        assert!(parse(&pem.replace("PUBLIC", "PRIVATE")).is_err());
        for wrong in ["", "abcd", &"习".repeat(64), &"ab".repeat(5_000)] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_kind_but_a_website_runs_somewhere() {
        for kind in ServiceKind::ALL.iter().filter(|kind| !kind.is_website()) {
            assert!(AppPlatform::ALL.iter().any(|platform| platform.service_kind() == *kind), "{kind:?}");
        }
        assert!(AppPlatform::Ios.is_signed_by_maker() && !AppPlatform::WeChat.is_signed_by_maker());
        assert!("com.lianxi.xizuo".parse::<AppIdentifier>().is_ok());
        assert!("com lianxi".parse::<AppIdentifier>().is_err() && "".parse::<AppIdentifier>().is_err());
    }
}
