//! How a file travels: zipped, digested, enciphered, spelled in base64.

use std::fmt;
use std::io::{Cursor, Read as _, Write as _};

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2 as _; // named only to choose the backend that zip leaves open
use md5::{Digest as _, Md5};
use thiserror::Error;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::credential::constant_time_eq;
use crate::{FileName, MAX_XML_BYTES, MessageCode};

/// A file as it travels, with the numbers of the algorithms it was made with.
#[derive(Clone, PartialEq, Eq)]
pub struct Package {
    /// The zipped, enciphered file in base64.
    pub content_base64: String,
    /// Digest of the zipped file before it was enciphered, in base64.
    pub hash_base64: String,
    /// How it was made.
    pub algorithms: Algorithms,
}

impl fmt::Debug for Package {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Package")
            .field("characters", &self.content_base64.len())
            .field("hash_base64", &self.hash_base64)
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}

/// The algorithm numbers a package names; any number can be received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithms {
    /// Digest (hash算法): [`Self::MD5`].
    pub hash: i32,
    /// Cipher (加密算法): [`Self::AES`] or [`Self::PLAIN`].
    pub encryption: i32,
    /// Compression (压缩格式): [`Self::ZIP`].
    pub compression: i32,
}

impl Algorithms {
    /// Digest MD5.
    pub const MD5: i32 = 0;
    /// No cipher.
    pub const PLAIN: i32 = 0;
    /// Cipher AES-128 in CBC mode with PKCS#7 padding.
    pub const AES: i32 = 1;
    /// Compression as a ZIP archive of one entry.
    pub const ZIP: i32 = 0;
    /// What [`seal`] uses.
    pub const USUAL: Self = Self { hash: Self::MD5, encryption: Self::AES, compression: Self::ZIP };
}

/// The cipher key and initial vector that regulator and access provider share.
/// Shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedSecret {
    key: [u8; 16],
    iv: [u8; 16],
}

impl SharedSecret {
    /// Takes both as the regulator issues them: 16 ASCII characters each, used as bytes.
    ///
    /// # Errors
    /// When one of them has another length or another character.
    pub fn from_ascii(key: &str, iv: &str) -> Result<Self, SecretError> {
        let bytes = |text: &str| text.is_ascii().then(|| text.as_bytes().try_into().ok()).flatten();
        Ok(Self {
            key: bytes(key).ok_or(SecretError::Key)?,
            iv: bytes(iv).ok_or(SecretError::InitialVector)?,
        })
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SharedSecret(..)")
    }
}

/// Why a shared secret cannot be used. Does not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SecretError {
    /// The key.
    #[error("the key must have 16 ASCII characters")]
    Key,
    /// The initial vector.
    #[error("the initial vector must have 16 ASCII characters")]
    InitialVector,
}

/// Packs a file: zips it under `entry_name`, digests, enciphers. The same input
/// gives the same package, since the archive carries no time.
///
/// # Errors
/// When the file is larger than [`MAX_XML_BYTES`] or cannot be zipped.
pub fn seal(xml: &[u8], entry_name: &FileName, secret: &SharedSecret) -> Result<Package, SealError> {
    if xml.len() > MAX_XML_BYTES {
        return Err(SealError::TooLarge { max: MAX_XML_BYTES, got: xml.len() });
    }
    let archive = zip_one(xml, entry_name).map_err(|_| SealError::Zip)?;
    let hash_base64 = STANDARD.encode(Md5::digest(&archive));
    let sealed = cbc::Encryptor::<aes::Aes128>::new(&secret.key.into(), &secret.iv.into())
        .encrypt_padded_vec::<Pkcs7>(&archive);
    Ok(Package { content_base64: STANDARD.encode(sealed), hash_base64, algorithms: Algorithms::USUAL })
}

fn zip_one(xml: &[u8], entry_name: &FileName) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(
        entry_name.as_str(),
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated),
    )?;
    writer.write_all(xml)?;
    Ok(writer.finish()?.into_inner())
}

/// Why a file cannot be packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// Too large for the interface.
    #[error("a file may have {max} bytes, got {got}")]
    TooLarge {
        /// The limit in bytes.
        max: usize,
        /// Its size in bytes.
        got: usize,
    },
    /// The archive could not be made.
    #[error("the file cannot be zipped")]
    Zip,
}

/// What [`open`] accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, in bytes, unpacked.
    pub xml_bytes: usize,
    /// How many times larger than its archive a file beyond one megabyte may be.
    pub ratio: usize,
    /// Whether packages without a cipher are accepted. Their digest has no key, so
    /// anybody on the way could have made them.
    pub encryption: Encryption,
}

impl Default for Limits {
    fn default() -> Self {
        Self { xml_bytes: MAX_XML_BYTES, ratio: 400, encryption: Encryption::Required }
    }
}

/// Whether a package must be enciphered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// It must.
    Required,
    /// It may be plain.
    Optional,
}

/// Unpacks a file, checking algorithms, cipher, digest, archive and size in that order.
///
/// # Errors
/// See [`PackageError`].
pub fn open(package: &Package, secret: &SharedSecret, limits: &Limits) -> Result<Vec<u8>, PackageError> {
    let Algorithms { hash, encryption, compression } = package.algorithms;
    if hash != Algorithms::MD5 {
        return Err(PackageError::HashAlgorithm { expected: Algorithms::MD5, got: hash });
    }
    let plain_allowed = limits.encryption == Encryption::Optional && encryption == Algorithms::PLAIN;
    if encryption != Algorithms::AES && !plain_allowed {
        return Err(PackageError::EncryptionAlgorithm { expected: Algorithms::AES, got: encryption });
    }
    if compression != Algorithms::ZIP {
        return Err(PackageError::CompressionFormat { expected: Algorithms::ZIP, got: compression });
    }
    // An archive of a file within limits is hardly larger than the file.
    let most = limits.xml_bytes.saturating_add(64 * 1024);
    let sealed_most = most.saturating_mul(3) / 2;
    if package.content_base64.len() > sealed_most {
        return Err(PackageError::TooLarge { max: limits.xml_bytes });
    }
    let content = decode_base64(&package.content_base64).ok_or(PackageError::Decrypt)?;
    let archive = if encryption == Algorithms::PLAIN {
        content
    } else {
        cbc::Decryptor::<aes::Aes128>::new(&secret.key.into(), &secret.iv.into())
            .decrypt_padded_vec::<Pkcs7>(&content)
            .map_err(|_| PackageError::Decrypt)?
    };
    let expected = decode_base64(&package.hash_base64).ok_or(PackageError::HashMismatch)?;
    if !constant_time_eq(&Md5::digest(&archive), &expected) {
        return Err(PackageError::HashMismatch);
    }
    unzip_one(&archive, limits)
}

fn unzip_one(archive: &[u8], limits: &Limits) -> Result<Vec<u8>, PackageError> {
    let mut zip = ZipArchive::new(Cursor::new(archive)).map_err(|_| PackageError::Unzip)?;
    if zip.len() != 1 || zip.has_duplicate_names() {
        return Err(PackageError::EntryCount {
            got: if zip.has_duplicate_names() { zip.len().saturating_add(1) } else { zip.len() },
        });
    }
    let mut entry = zip.by_index(0).map_err(|_| PackageError::Unzip)?;
    if entry.is_dir() {
        return Err(PackageError::EntryCount { got: 0 });
    }
    // Sizes in the archive are claims: only what really comes out is counted.
    let mut xml = Vec::new();
    let mut buffer = [0; 32 * 1024];
    loop {
        let read = entry.read(&mut buffer).map_err(|_| PackageError::Unzip)?;
        if read == 0 {
            return Ok(xml);
        }
        xml.extend_from_slice(buffer.get(..read).ok_or(PackageError::Unzip)?);
        if xml.len() > limits.xml_bytes {
            return Err(PackageError::TooLarge { max: limits.xml_bytes });
        }
        if xml.len() > 1024 * 1024 && xml.len() / limits.ratio.max(1) > archive.len() {
            return Err(PackageError::Ratio { max: limits.ratio });
        }
    }
}

/// Bytes of a base64 text; spaces and line ends in it are passed over, as senders
/// wrap it. `None` when it is no base64.
#[must_use]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let compact: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(compact).ok()
}

/// Why a package cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PackageError {
    /// Not base64, or does not decipher with the shared secret (6).
    #[error("the file cannot be deciphered")]
    Decrypt,
    /// The digest is not that of the archive (7).
    #[error("the digest does not match the file")]
    HashMismatch,
    /// Not a ZIP archive, or a damaged one (8).
    #[error("the file cannot be unzipped")]
    Unzip,
    /// Unpacks to far more than its size lets expect (8).
    #[error("the file unpacks to more than {max} times its size")]
    Ratio {
        /// The largest ratio.
        max: usize,
    },
    /// An unknown or unwanted cipher (9).
    #[error("the encryption algorithm must be {expected}, got {got}")]
    EncryptionAlgorithm {
        /// The number that is understood.
        expected: i32,
        /// The number that was named.
        got: i32,
    },
    /// An unknown digest (10).
    #[error("the hash algorithm must be {expected}, got {got}")]
    HashAlgorithm {
        /// The number that is understood.
        expected: i32,
        /// The number that was named.
        got: i32,
    },
    /// An unknown compression (11).
    #[error("the compression format must be {expected}, got {got}")]
    CompressionFormat {
        /// The number that is understood.
        expected: i32,
        /// The number that was named.
        got: i32,
    },
    /// Not exactly one file in the archive (17).
    #[error("the archive must hold 1 file, got {got}")]
    EntryCount {
        /// How many it holds at least.
        got: usize,
    },
    /// The file is too large (18).
    #[error("the file may have {max} bytes, got more")]
    TooLarge {
        /// The limit in bytes.
        max: usize,
    },
}

impl PackageError {
    /// What the regulator answers to it.
    #[must_use]
    pub fn message_code(&self) -> MessageCode {
        match self {
            Self::Decrypt => MessageCode::DECRYPTION_FAILED,
            Self::HashMismatch => MessageCode::HASH_MISMATCH,
            Self::Unzip | Self::Ratio { .. } => MessageCode::DECOMPRESSION_FAILED,
            Self::EncryptionAlgorithm { .. } => MessageCode::WRONG_ENCRYPTION,
            Self::HashAlgorithm { .. } => MessageCode::WRONG_HASH,
            Self::CompressionFormat { .. } => MessageCode::WRONG_COMPRESSION,
            Self::EntryCount { .. } => MessageCode::FILE_COUNT,
            Self::TooLarge { .. } => MessageCode::TOO_LARGE,
        }
    }
}
