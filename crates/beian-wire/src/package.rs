//! How a file travels: zipped, digested, enciphered, spelled in base64.

use std::fmt;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{Block, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2 as _; // named only to choose the backend that zip leaves open
use md5::{Digest as _, Md5};
use thiserror::Error;
use zip::read::ZipFile;
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
    let mut sealer = Sealer::new(entry_name)?;
    sealer.write_all(xml).map_err(|_| SealError::Zip)?;
    sealer.seal(secret)
}

/// Packs a file that is written to it bit by bit. Beside what comes of it, the archive is
/// held.
pub struct Sealer {
    archive: ZipWriter<Archive>,
    written: usize,
}

impl Sealer {
    /// Begins a file under a name.
    ///
    /// # Errors
    /// When it cannot be zipped.
    pub fn new(entry_name: &FileName) -> Result<Self, SealError> {
        let mut archive = ZipWriter::new(Archive::default());
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        archive.start_file(entry_name.as_str(), options).map_err(|_| SealError::Zip)?;
        Ok(Self { archive, written: 0 })
    }

    /// Digests and enciphers what was written.
    ///
    /// # Errors
    /// When it is larger than [`MAX_XML_BYTES`] or cannot be zipped.
    pub fn seal(self, secret: &SharedSecret) -> Result<Package, SealError> {
        if self.written > MAX_XML_BYTES {
            return Err(SealError::TooLarge { max: MAX_XML_BYTES, got: self.written });
        }
        let mut archive = self.archive.finish().map_err(|_| SealError::Zip)?;
        let mut digest = Md5::new();
        archive.parts.iter().for_each(|part| digest.update(part));
        archive.pad();
        let length = archive.length();
        let mut encryptor = cbc::Encryptor::<aes::Aes128>::new(&secret.key.into(), &secret.iv.into());
        let mut content_base64 = String::with_capacity(length.div_ceil(3) * 4);
        // Each part is given back as soon as it is spelled out.
        for mut part in archive.parts {
            let (blocks, _) = Block::<aes::Aes128>::slice_as_chunks_mut(&mut part);
            encryptor.encrypt_blocks(blocks);
            STANDARD.encode_string(&part, &mut content_base64);
        }
        let hash_base64 = STANDARD.encode(digest.finalize());
        Ok(Package { content_base64, hash_base64, algorithms: Algorithms::USUAL })
    }
}

impl Write for Sealer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.archive.write(bytes)?;
        self.written = self.written.saturating_add(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.archive.flush()
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sealer").field("written", &self.written).finish_non_exhaustive()
    }
}

/// An archive in parts, so that it grows without being copied: all but the last have
/// [`PART`] bytes.
#[derive(Default)]
struct Archive {
    parts: Vec<Vec<u8>>,
    at: usize,
}

/// Bytes of one block of the cipher.
const BLOCK: usize = 16;
/// Whole blocks, and no padding where the base64 of one part meets the next.
const PART: usize = 4096 * 3 * BLOCK;

impl Archive {
    fn length(&self) -> usize {
        self.parts.last().map_or(0, |last| (self.parts.len() - 1) * PART + last.len())
    }

    /// Pads to whole blocks (PKCS#7).
    fn pad(&mut self) {
        let padding = BLOCK - self.length() % BLOCK;
        self.at = self.length();
        let byte = u8::try_from(padding).unwrap_or_default();
        self.put(&[byte; BLOCK], padding);
    }

    fn put(&mut self, bytes: &[u8], count: usize) -> usize {
        let (index, offset) = (self.at / PART, self.at % PART);
        if index == self.parts.len() {
            self.parts.push(Vec::with_capacity(PART));
        }
        let bytes = bytes.get(..count.min(PART - offset)).unwrap_or(bytes);
        let Some(part) = self.parts.get_mut(index) else { return 0 };
        let end = offset + bytes.len();
        if part.len() < end {
            part.resize(end, 0);
        }
        if let Some(place) = part.get_mut(offset..end) {
            place.copy_from_slice(bytes);
        }
        self.at += bytes.len();
        bytes.len()
    }
}

impl Write for Archive {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.put(bytes, bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Archive {
    /// Within what is written, as the writer of archives does to fill in sizes.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(position) => (0, i64::try_from(position).ok()),
            SeekFrom::Current(by) => (self.at, Some(by)),
            SeekFrom::End(by) => (self.length(), Some(by)),
        };
        let at = by
            .and_then(|by| from.checked_add_signed(isize::try_from(by).ok()?))
            .filter(|at| *at <= self.length())
            .ok_or(io::ErrorKind::InvalidInput)?;
        self.at = at;
        Ok(at as u64)
    }
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
    let mut opened = open_in_parts(package, secret, limits)?;
    let mut xml = opened.xml()?;
    // What the archive claims is believed only as far as it may be true.
    let claimed = usize::try_from(xml.entry.size()).unwrap_or_default();
    let room = opened_most(claimed, xml.size, limits);
    let mut bytes = Vec::with_capacity(room);
    match xml.read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(error
            .get_ref()
            .and_then(|inner| inner.downcast_ref())
            .copied()
            .unwrap_or(PackageError::Unzip)),
    }
}

/// How much room is made for a file that claims to have so many bytes.
fn opened_most(claimed: usize, archive: usize, limits: &Limits) -> usize {
    // Deflate cannot make more than some thousand bytes of one.
    claimed.min(limits.xml_bytes).min(archive.saturating_mul(limits.ratio.clamp(1, 1100)))
}

/// Opens a package whose file is to be read bit by bit: all that [`open`] checks but what
/// shows only while it is unzipped. Beside the package, the archive is held.
///
/// # Errors
/// See [`PackageError`].
pub fn open_in_parts(
    package: &Package,
    secret: &SharedSecret,
    limits: &Limits,
) -> Result<OpenedPackage, PackageError> {
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
    let mut content = decode_base64(&package.content_base64).ok_or(PackageError::Decrypt)?;
    let mut is_padded = true;
    if encryption != Algorithms::PLAIN {
        if content.is_empty() {
            return Err(PackageError::Decrypt);
        }
        cbc::Decryptor::<aes::Aes128>::new(&secret.key.into(), &secret.iv.into())
            .decrypt_padded::<NoPadding>(&mut content)
            .map_err(|_| PackageError::Decrypt)?;
        let padding = padding_of(&content);
        is_padded = padding.is_some();
        content.truncate(content.len() - padding.unwrap_or(BLOCK));
    }
    // Whoever could tell wrong padding from a wrong digest could decipher with our help: both
    // take the same way to the same answer.
    let expected = decode_base64(&package.hash_base64).unwrap_or_default();
    let is_right = constant_time_eq(&Md5::digest(&content), &expected);
    if !(is_right & is_padded) {
        return Err(PackageError::HashMismatch);
    }
    let size = content.len();
    let archive = ZipArchive::new(Cursor::new(content)).map_err(|_| PackageError::Unzip)?;
    if archive.len() != 1 || archive.has_duplicate_names() {
        let more = usize::from(archive.has_duplicate_names());
        return Err(PackageError::EntryCount { got: archive.len().saturating_add(more) });
    }
    Ok(OpenedPackage { archive, size, limits: *limits })
}

/// How many bytes of padding are at the end, if all of them are as they must be. Looks at
/// every byte of the last block, whatever it finds.
fn padding_of(content: &[u8]) -> Option<usize> {
    let last = content.last_chunk::<BLOCK>()?;
    let padding = last[BLOCK - 1];
    let mut wrong = u8::from(padding == 0) | u8::from(usize::from(padding) > BLOCK);
    for (behind, byte) in (0_u8..).zip(last.iter().rev()) {
        wrong |= u8::from(behind < padding) & u8::from(*byte != padding);
    }
    (wrong == 0).then_some(usize::from(padding))
}

/// A package that is deciphered, and found to be the archive of one file.
pub struct OpenedPackage {
    archive: ZipArchive<Cursor<Vec<u8>>>,
    size: usize,
    limits: Limits,
}

impl OpenedPackage {
    /// Its file, to be read to its end.
    ///
    /// # Errors
    /// When the entry is damaged, or a folder.
    pub fn xml(&mut self) -> Result<PackedXml<'_>, PackageError> {
        let entry = self.archive.by_index(0).map_err(|_| PackageError::Unzip)?;
        if entry.is_dir() {
            return Err(PackageError::EntryCount { got: 0 });
        }
        Ok(PackedXml { entry, size: self.size, limits: self.limits, read: 0 })
    }
}

impl fmt::Debug for OpenedPackage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("OpenedPackage").field("size", &self.size).finish_non_exhaustive()
    }
}

/// The file in a package. An error of its [`Read`] holds a [`PackageError`].
pub struct PackedXml<'a> {
    entry: ZipFile<'a, Cursor<Vec<u8>>>,
    size: usize,
    limits: Limits,
    read: usize,
}

impl PackedXml<'_> {
    /// As many bytes as there are, up to the length of the buffer; 0 at the end.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, PackageError> {
        let read = self.entry.read(buffer).map_err(|_| PackageError::Unzip)?;
        self.read = self.read.saturating_add(read);
        if self.read > self.limits.xml_bytes {
            return Err(PackageError::TooLarge { max: self.limits.xml_bytes });
        }
        if self.read > 1024 * 1024 && self.read / self.limits.ratio.max(1) > self.size {
            return Err(PackageError::Ratio { max: self.limits.ratio });
        }
        Ok(read)
    }
}

impl Read for PackedXml<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fill(buffer).map_err(io::Error::other)
    }
}

/// Bytes of a base64 text; spaces and line ends in it are passed over, as senders
/// wrap it. `None` when it is no base64.
#[must_use]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    const PIECE: usize = 4096;
    match STANDARD.decode(text) {
        Ok(bytes) => return Some(bytes),
        Err(_) if text.bytes().any(|byte| byte.is_ascii_whitespace()) => {}
        Err(_) => return None,
    }
    // Part by part, so that the text without its spaces is never held as a whole.
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + PIECE);
    let mut part = Vec::with_capacity(PIECE);
    let mut has_ended = false;
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        part.push(byte);
        if part.len() == PIECE {
            // Padding stands at the very end alone.
            has_ended |= part.contains(&b'=');
            STANDARD.decode_vec(&part, &mut bytes).ok()?;
            part.clear();
        } else if has_ended {
            return None;
        }
    }
    STANDARD.decode_vec(&part, &mut bytes).ok()?;
    Some(bytes)
}

/// Why a package cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PackageError {
    /// Not base64, or not a whole number of blocks (6).
    #[error("the file cannot be deciphered")]
    Decrypt,
    /// The digest is not that of the archive (7), or what came of deciphering is not padded as
    /// it must be, as with a wrong key.
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
