//! Personal data at rest.
//!
//! A sealed value is `version ‖ key id ‖ nonce ‖ ciphertext`, AES-256-GCM-SIV
//! (which forgives a repeated nonce), bound to the place where it stands: moved
//! to another row or column it does not open. A blind index is an HMAC under a
//! second key, so that "the same number" can be found without being readable.

use std::fmt;
use std::sync::Arc;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use beian_domain::Random;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::StoreError;

const VERSION: u8 = 1;
const HEADER: usize = 1 + 4 + 12;

/// The keys of a store. They stay outside the database and its backups.
#[derive(Clone)]
pub struct Keys {
    id: u32,
    seal: Zeroizing<[u8; 32]>,
    index: Zeroizing<[u8; 32]>,
}

/// Why a text is not a set of keys. It never repeats the text.
#[derive(Debug, thiserror::Error)]
#[error("expected a line such as `beian-keys 1 SEAL INDEX` with two keys of 32 bytes in base64")]
pub struct KeysError;

impl Keys {
    /// New keys.
    pub fn generate(random: &dyn Random) -> Self {
        let fresh = || {
            let mut key = Zeroizing::new([0; 32]);
            random.fill(&mut *key);
            key
        };
        Self { id: 1, seal: fresh(), index: fresh() }
    }

    /// The line that [`parse`](Self::parse) reads, for a file that only its owner can read.
    pub fn to_line(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "beian-keys {} {} {}\n",
            self.id,
            BASE64.encode(self.seal.as_slice()),
            BASE64.encode(self.index.as_slice())
        ))
    }

    /// Reads the line of [`to_line`](Self::to_line).
    pub fn parse(line: &str) -> Result<Self, KeysError> {
        let key = |text: &str| -> Result<Zeroizing<[u8; 32]>, KeysError> {
            let bytes = Zeroizing::new(BASE64.decode(text).map_err(|_| KeysError)?);
            bytes.as_slice().try_into().map(Zeroizing::new).map_err(|_| KeysError)
        };
        let parts: Vec<&str> = line.split_whitespace().collect();
        let ["beian-keys", id, seal, index] = parts.as_slice() else {
            return Err(KeysError);
        };
        Ok(Self { id: id.parse().map_err(|_| KeysError)?, seal: key(seal)?, index: key(index)? })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.id)
    }
}

/// A keyed hash of a personal value, 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlindIndex(pub(crate) String);

/// Where a sealed value stands; it opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table_and_column: &'static str,
    pub(crate) row: &'a str,
}

#[derive(Clone)]
pub(crate) struct Sealer {
    keys: Keys,
    random: Arc<dyn Random>,
}

impl Sealer {
    pub(crate) fn new(keys: Keys, random: Arc<dyn Random>) -> Self {
        Self { keys, random }
    }

    pub(crate) fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; 12];
        self.random.fill(&mut nonce);
        let associated = associated_data(place);
        let ciphertext = self
            .cipher()
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: &associated })
            .map_err(|_| StoreError::Inconsistent {
                place: place.table_and_column,
                expected: "a value that can be sealed",
                got: format!("{} bytes", plain.len()),
            })?;
        let mut sealed = Vec::with_capacity(HEADER + ciphertext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.keys.id.to_be_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let wrong = |got: &str| StoreError::Inconsistent {
            place: place.table_and_column,
            expected: "a value sealed here with the current keys",
            got: got.to_owned(),
        };
        let (header, ciphertext) = sealed.split_at_checked(HEADER).ok_or_else(|| wrong("too few bytes"))?;
        if header[0] != VERSION {
            return Err(wrong("another version"));
        }
        if header[1..5] != self.keys.id.to_be_bytes() {
            return Err(wrong("another key"));
        }
        let nonce: [u8; 12] = header[5..].try_into().map_err(|_| wrong("too few bytes"))?;
        self.cipher()
            .decrypt(&Nonce::from(nonce), Payload { msg: ciphertext, aad: &associated_data(place) })
            .map(Zeroizing::new)
            .map_err(|_| wrong("a value that does not open"))
    }

    /// Opens a sealed text.
    pub(crate) fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<String>, StoreError> {
        let plain = self.open(place, sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| StoreError::Inconsistent {
            place: place.table_and_column,
            expected: "UTF-8 text",
            got: "other bytes".to_owned(),
        })?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    pub(crate) fn blind_index(&self, purpose: &str, value: &str) -> BlindIndex {
        // HMAC takes a key of any length.
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.keys.index.as_slice());
        let mut mac = match mac {
            Ok(mac) => mac,
            Err(_) => return BlindIndex(String::new()),
        };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        BlindIndex(hex(&mac.finalize().into_bytes()))
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new((&*self.keys.seal).into())
    }
}

fn associated_data(place: Place<'_>) -> Vec<u8> {
    let mut data = place.table_and_column.as_bytes().to_vec();
    data.push(0);
    data.extend_from_slice(place.row.as_bytes());
    data
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use beian_domain::SeededRandom;

    const HERE: Place<'_> = Place { table_and_column: "order.case", row: "7" };

    #[test]
    fn a_sealed_value_opens_in_its_place_only() {
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
        let sealer = Sealer::new(Keys::generate(&*random), random.clone());
        let sealed = sealer.seal(HERE, b"13800000001").unwrap();
        assert_eq!(sealer.open(HERE, &sealed).unwrap().as_slice(), b"13800000001");
        assert!(sealer.open(Place { row: "8", ..HERE }, &sealed).is_err());
        assert!(sealer.open(Place { table_and_column: "order.other", ..HERE }, &sealed).is_err());
        for index in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[index] ^= 1;
            assert!(sealer.open(HERE, &damaged).is_err(), "byte {index}");
        }
        let other = Sealer::new(Keys::generate(&*random), random);
        assert!(other.open(HERE, &sealed).is_err());
        assert_ne!(other.blind_index("a", "1"), sealer.blind_index("a", "1"));
        assert_ne!(sealer.blind_index("b", "1"), sealer.blind_index("a", "1"));
    }

    #[test]
    fn keys_are_read_as_they_were_written() {
        let keys = Keys::generate(&SeededRandom::new(1));
        let read = Keys::parse(&keys.to_line()).unwrap();
        assert_eq!(
            (read.seal.as_slice(), read.index.as_slice()),
            (keys.seal.as_slice(), keys.index.as_slice())
        );
        assert!(Keys::parse("beian-keys 1 AAAA").is_err());
        assert!(!format!("{keys:?}").contains(&BASE64.encode(keys.seal.as_slice())));
    }
}
