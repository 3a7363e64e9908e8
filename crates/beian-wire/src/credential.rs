//! How a caller proves who it is: a digest of the password and a fresh random text.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use thiserror::Error;

use crate::gbk;

/// The `pwdHash` parameter: base64 of MD5 over the GBK bytes of password and
/// random text, password first.
///
/// A password character outside GBK counts as `?`, as the Java encoders do it on
/// the regulator's side; such a password should not be given out.
#[must_use]
pub fn password_hash(password: &Password, rand_val: &RandVal) -> PasswordHash {
    let mut digest = Md5::new();
    digest.update(gbk::encode_lossy(&password.0));
    digest.update(rand_val.0.as_bytes());
    PasswordHash(STANDARD.encode(digest.finalize()))
}

/// A filing password (备案密码) as the interface carries it: the MD5 digest of its GBK
/// bytes, in 32 hexadecimal digits.
#[must_use]
pub fn filing_password_digest(plain: &str) -> String {
    Md5::digest(gbk::encode_lossy(plain)).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The interface password the regulator gave an access provider. Its text appears
/// in no output.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes the password as the regulator issued it.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Password(..)")
    }
}

/// The digest of a password with one [`RandVal`], as text of base64.
///
/// Compared in a time that does not depend on where two digests differ.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a digest as a caller sent it, whatever it holds.
    #[must_use]
    pub fn received(text: String) -> Self {
        Self(text)
    }

    /// The text to send.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for PasswordHash {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(self.0.as_bytes(), other.0.as_bytes())
    }
}

impl Eq for PasswordHash {}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PasswordHash(..)")
    }
}

/// The `randVal` parameter: exactly 20 ASCII letters and digits, fresh for each call.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RandVal(String);

impl RandVal {
    /// How many characters it has.
    pub const LENGTH: usize = 20;

    /// Spells random bytes as letters and digits. Each byte gives one character;
    /// the slight unevenness (256 is no multiple of 62) costs under 0.1 bit each.
    #[must_use]
    pub fn from_random(bytes: [u8; Self::LENGTH]) -> Self {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        Self(
            bytes
                .iter()
                .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()))
                .map(|byte| char::from(*byte))
                .collect(),
        )
    }

    /// Takes the text a caller sent.
    ///
    /// # Errors
    /// When it is not 20 ASCII letters and digits (answer 16).
    pub fn received(text: &str) -> Result<Self, RandValError> {
        if text.chars().count() != Self::LENGTH {
            return Err(RandValError::Length { got: text.chars().count() });
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(RandValError::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text to send.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RandVal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RandVal(..)")
    }
}

/// Why a text is not a random value of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RandValError {
    /// Too short or too long.
    #[error("a random value has 20 characters, got {got}")]
    Length {
        /// Its length in characters.
        got: usize,
    },
    /// Something else than ASCII letters and digits.
    #[error("a random value has ASCII letters and digits alone")]
    Character,
}

/// Whether two byte strings are equal, in a time that depends on their lengths alone.
pub(crate) fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    let difference = left.iter().zip(right).fold(0_u8, |sum, (a, b)| sum | (a ^ b));
    left.len() == right.len() && std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn digest_of_the_known_vector() {
        let password = Password::new("1234567890".to_owned());
        let rand_val = RandVal::received("AbCdEfGhIjKlMnOpQrSt").unwrap();
        assert_eq!(password_hash(&password, &rand_val).as_str(), "GWhaMm313T+ys5WBOJI3vw==");
        // The interface's own illustration uses a shorter random text than it allows.
        let short = RandVal("abcdefghij".to_owned());
        assert_eq!(password_hash(&password, &short).as_str(), "9fq6VgG8bDFoWECeX62u2Q==");
    }

    #[test]
    fn digest_of_a_filing_password() {
        assert_eq!(filing_password_digest("123456"), "e10adc3949ba59abbe56e057f20f883e");
    }

    #[test]
    fn random_values_have_twenty_letters_and_digits() {
        for byte in 0..=255_u8 {
            let value = RandVal::from_random([byte; 20]);
            assert_eq!(RandVal::received(value.as_str()), Ok(value));
        }
        assert_eq!(RandVal::received("short"), Err(RandValError::Length { got: 5 }));
        assert_eq!(RandVal::received("AbCdEfGhIjKlMnOpQrS-"), Err(RandValError::Character));
    }

    #[test]
    fn secrets_stay_out_of_debug() {
        let password = Password::new("hunter22".to_owned());
        let hash = password_hash(&password, &RandVal::from_random([7; 20]));
        let shown = format!("{password:?} {hash:?} {:?}", RandVal::from_random([7; 20]));
        assert_eq!(shown, "Password(..) PasswordHash(..) RandVal(..)");
    }

    #[test]
    fn comparison_sees_every_byte_and_the_length() {
        assert!(constant_time_eq(b"abc", b"abc"));
        assert!(!constant_time_eq(b"abc", b"abd"));
        assert!(!constant_time_eq(b"abc", b"ab"));
        assert!(!constant_time_eq(b"", b"a"));
    }
}
