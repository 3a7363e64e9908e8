//! A rulebook in one signed file, as an operator receives it.
//!
//! The file is a magic line, an Ed25519 signature (64 bytes) and a payload in
//! JSON: `{"created-on": day, "files": {name: text}}`. The signature covers the
//! magic line and the payload, and is checked before either is looked at.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::Deserialize;

use super::{Rulebook, RulebookError};

const MAGIC: &[u8] = b"beian rulebook 1\n";
const SIGNATURE_BYTES: usize = 64;
const MAX_BUNDLE_BYTES: usize = 8 << 20;

/// A rulebook whose signature was checked.
#[derive(Debug, Clone)]
pub struct SignedBundle {
    /// The rulebook.
    pub rulebook: Rulebook,
    /// The day on which it was sealed. Whoever installs bundles refuses one
    /// that is older than what is installed: an old signature stays good.
    pub created_on: NaiveDate,
}

/// Why a bundle was not opened, or a key not taken.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It is not a bundle at all.
    #[error("expected a signed rulebook of at most 8 MiB, got {got}")]
    NotABundle {
        /// What was found.
        got: String,
    },
    /// It was changed after it was sealed, or sealed with another key.
    #[error("expected a signature of the key {key}, got another")]
    Signature {
        /// The key, in hexadecimal.
        key: String,
    },
    /// A key is malformed.
    #[error("expected {expected}")]
    Key {
        /// What is expected.
        expected: &'static str,
    },
    /// The signature is good and the rulebook is not.
    #[error(transparent)]
    Rulebook(#[from] RulebookError),
}

/// A key that signs (私钥): bundles, and whatever else its holder answers for. Its `Debug` shows the public part alone.
#[derive(Debug)]
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// A key from 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, BundleError> {
        let expected = "a seed of 32 bytes";
        Ed25519KeyPair::from_seed_unchecked(seed).map(Self).map_err(|_| BundleError::Key { expected })
    }

    /// A key from PKCS#8, as `openssl genpkey -algorithm ed25519 -outform DER` writes it.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, BundleError> {
        let expected = "an Ed25519 key in PKCS#8";
        // OpenSSL leaves out the public part, which PKCS#8 allows.
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map(Self).map_err(|_| BundleError::Key { expected })
    }

    /// Signs bytes, which say themselves what they are.
    pub fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let mut signature = [0; SIGNATURE_BYTES];
        // Ed25519 has no other length.
        self.0.sign(bytes).as_ref().iter().zip(&mut signature).for_each(|(from, to)| *to = *from);
        signature
    }

    /// The key that opens what this one seals.
    pub fn verifying_key(&self) -> Result<VerifyingKey, BundleError> {
        VerifyingKey::from_bytes(self.0.public_key().as_ref())
    }
}

/// A key that opens bundles (公钥).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey([u8; 32]);

const PUBLIC_KEY: BundleError =
    BundleError::Key { expected: "a public key of 32 bytes, 64 hexadecimal digits" };

impl VerifyingKey {
    /// A key from its 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleError> {
        bytes.try_into().map(Self).map_err(|_| PUBLIC_KEY)
    }

    /// Whether a signature is one of this key over these bytes.
    ///
    /// # Errors
    /// [`BundleError::Signature`] if it is not.
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> Result<(), BundleError> {
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        key.verify(bytes, signature).map_err(|_| BundleError::Signature { key: self.to_string() })
    }

    /// A key from 64 hexadecimal digits, as its `Display` writes them.
    pub fn from_hex(text: &str) -> Result<Self, BundleError> {
        let digits: Vec<u8> = text
            .chars()
            .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()).ok_or(PUBLIC_KEY))
            .collect::<Result<_, _>>()?;
        let (pairs, rest) = digits.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(PUBLIC_KEY);
        }
        Self::from_bytes(&pairs.iter().map(|[high, low]| high << 4 | low).collect::<Vec<u8>>())
    }
}

impl std::fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Payload {
    created_on: NaiveDate,
    files: BTreeMap<String, String>,
}

impl SignedBundle {
    /// The bytes of a bundle. The same rulebook, key and day give the same bytes.
    pub fn seal(rulebook: &Rulebook, key: &SigningKey, created_on: NaiveDate) -> Vec<u8> {
        let payload = [
            ("created-on".to_owned(), created_on.to_string().into()),
            ("files".to_owned(), rulebook.files_to_json()),
        ];
        let payload = serde_json::Value::Object(payload.into_iter().collect()).to_string();
        let signature = key.sign(&[MAGIC, payload.as_bytes()].concat());
        [MAGIC, &signature, payload.as_bytes()].concat()
    }

    /// Opens a bundle if the key's signature is good and the rulebook, too.
    pub fn open(bundle: &[u8], key: &VerifyingKey) -> Result<Self, BundleError> {
        if bundle.len() > MAX_BUNDLE_BYTES {
            return Err(BundleError::NotABundle { got: format!("{} bytes", bundle.len()) });
        }
        let (signature, payload) = bundle
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.split_at_checked(SIGNATURE_BYTES))
            .ok_or_else(|| BundleError::NotABundle { got: "another file".to_owned() })?;
        key.verify(&[MAGIC, payload].concat(), signature)?;
        let payload: Payload = serde_json::from_slice(payload)
            .map_err(|error| BundleError::NotABundle { got: error.to_string() })?;
        Ok(Self { rulebook: Rulebook::from_files(payload.files)?, created_on: payload.created_on })
    }
}
