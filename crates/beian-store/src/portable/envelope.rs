//! What an export is wrapped in: nobody reads it without its passphrase or key
//! file, and nobody changes, shortens or reorders it without being found out.
//!
//! ```text
//! beian-export 1 {"lock":"passphrase","memory-kib":65536,"passes":3,"salt":"…"}\n
//! ( length: 4 bytes, big endian ‖ AES-256-GCM-SIV ciphertext with its tag )*
//! ```
//!
//! The key is Argon2id of the passphrase, or HMAC-SHA-256 of the salt under the key
//! file; the salt makes it the key of this file alone. A chunk's nonce is its number
//! and whether it is the last, and every chunk is bound to the first line.

use std::io::{self, Read, Write};

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use beian_domain::Random;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::PortableError;

/// The version of the format. Another one is not read.
pub(super) const VERSION: u32 = 1;
const MAGIC: &str = "beian-export";
/// Plain bytes of a chunk.
const CHUNK: usize = 256 * 1024;
const TAG: usize = 16;
const SALT: usize = 16;
/// Most bytes of the first line.
const LONGEST_HEADER: usize = 1_024;
/// Characters that a passphrase has at least: an export can be tried at home, as often as one likes.
pub const MINIMUM_PASSPHRASE: usize = 12;
/// What a passphrase costs to try: 64 MiB, three times.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// What a file may ask us to spend.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 16;

/// With what an export is locked.
pub enum Lock {
    /// Words that somebody remembers.
    Passphrase(Zeroizing<String>),
    /// 32 bytes in a file, which is kept elsewhere.
    Key(Zeroizing<[u8; 32]>),
}

impl Lock {
    /// A passphrase, if it is long enough.
    pub fn passphrase(text: &str) -> Result<Self, PortableError> {
        let got = text.trim().chars().count();
        if got < MINIMUM_PASSPHRASE {
            return Err(PortableError::Passphrase { got });
        }
        Ok(Self::Passphrase(Zeroizing::new(text.trim().to_owned())))
    }

    /// The content of a key file: 64 hexadecimal digits.
    pub fn key_file(text: &str) -> Result<Self, PortableError> {
        let digits = text.trim();
        let mut key = Zeroizing::new([0; 32]);
        if digits.len() != 64 {
            return Err(PortableError::KeyFile);
        }
        for (byte, pair) in key.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| PortableError::KeyFile)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| PortableError::KeyFile)?;
        }
        Ok(Self::Key(key))
    }

    fn header(&self, random: &dyn Random) -> Header {
        let mut salt = [0; SALT];
        random.fill(&mut salt);
        let salt = BASE64.encode(salt);
        match self {
            Self::Passphrase(_) => Header::Passphrase { memory_kib: MEMORY_KIB, passes: PASSES, salt },
            Self::Key(_) => Header::Key { salt },
        }
    }

    fn cipher(&self, header: &Header) -> Result<Aes256GcmSiv, PortableError> {
        let damaged = || PortableError::NotAnExport;
        let bytes =
            |salt: &str| BASE64.decode(salt).ok().filter(|salt| salt.len() == SALT).ok_or_else(damaged);
        let mut key = Zeroizing::new([0; 32]);
        match (self, header) {
            (Self::Passphrase(words), Header::Passphrase { memory_kib, passes, salt }) => {
                if *memory_kib > MOST_MEMORY_KIB || *passes > MOST_PASSES {
                    return Err(damaged());
                }
                let cost = Params::new(*memory_kib, *passes, 1, Some(32)).map_err(|_| damaged())?;
                Argon2::new(Algorithm::Argon2id, Version::V0x13, cost)
                    .hash_password_into(words.as_bytes(), &bytes(salt)?, &mut *key)
                    .map_err(|_| damaged())?;
            }
            (Self::Key(file), Header::Key { salt }) => {
                let mut mac =
                    <Hmac<Sha256> as KeyInit>::new_from_slice(file.as_slice()).map_err(|_| damaged())?;
                mac.update(MAGIC.as_bytes());
                mac.update(&bytes(salt)?);
                key.copy_from_slice(&mac.finalize().into_bytes());
            }
            (_, Header::Passphrase { .. }) => {
                return Err(PortableError::OtherLock { expected: "passphrase" });
            }
            (_, Header::Key { .. }) => return Err(PortableError::OtherLock { expected: "key file" }),
        }
        Ok(Aes256GcmSiv::new(&(*key).into()))
    }
}

/// What the first line says after the version.
#[derive(Serialize, Deserialize)]
#[serde(tag = "lock", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
enum Header {
    Passphrase { memory_kib: u32, passes: u32, salt: String },
    Key { salt: String },
}

/// Whether a chunk is the last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Within,
    Last,
}

fn nonce(number: u64, place: Place) -> Nonce {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&number.to_be_bytes());
    nonce[8] = u8::from(place == Place::Last);
    Nonce::from(nonce)
}

/// Locks what is written into it. Without [`finish`](Self::finish) it is no export.
pub(super) struct Locked<W: Write> {
    out: W,
    cipher: Aes256GcmSiv,
    header: Vec<u8>,
    chunk: Zeroizing<Vec<u8>>,
    number: u64,
}

impl<W: Write> Locked<W> {
    pub(super) fn begin(mut out: W, lock: &Lock, random: &dyn Random) -> Result<Self, PortableError> {
        let header = lock.header(random);
        let cipher = lock.cipher(&header)?;
        let line = serde_json::to_string(&header).map_err(|_| PortableError::NotAnExport)?;
        let header = format!("{MAGIC} {VERSION} {line}\n").into_bytes();
        out.write_all(&header)?;
        Ok(Self { out, cipher, header, chunk: Zeroizing::new(Vec::with_capacity(CHUNK)), number: 0 })
    }

    pub(super) fn finish(mut self) -> Result<W, PortableError> {
        self.seal(Place::Last)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn seal(&mut self, place: Place) -> io::Result<()> {
        let payload = Payload { msg: &self.chunk, aad: &self.header };
        let sealed = self
            .cipher
            .encrypt(&nonce(self.number, place), payload)
            .map_err(|_| io::Error::other("a chunk could not be sealed"))?;
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(&sealed)?;
        self.chunk.clear();
        self.number += 1;
        Ok(())
    }
}

impl<W: Write> Write for Locked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.chunk.len() == CHUNK {
            self.seal(Place::Within)?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens what [`Locked`] wrote, chunk by chunk: nothing is handed on that was not
/// proven to be genuine, and an end is an end only if it says so.
pub(super) struct Opened<R: Read> {
    from: R,
    cipher: Aes256GcmSiv,
    header: Vec<u8>,
    chunk: Zeroizing<Vec<u8>>,
    read: usize,
    number: u64,
    place: Place,
}

impl<R: Read> Opened<R> {
    pub(super) fn begin(mut from: R, lock: &Lock) -> Result<Self, PortableError> {
        let mut header = Vec::new();
        while header.last() != Some(&b'\n') {
            let mut byte = [0];
            if header.len() >= LONGEST_HEADER || from.read(&mut byte)? == 0 {
                return Err(PortableError::NotAnExport);
            }
            header.push(byte[0]);
        }
        let text = std::str::from_utf8(&header).map_err(|_| PortableError::NotAnExport)?;
        let rest = text.strip_prefix(MAGIC).and_then(|rest| rest.strip_prefix(' '));
        let (version, line) = rest.and_then(|rest| rest.split_once(' ')).ok_or(PortableError::NotAnExport)?;
        let version: u32 = version.parse().map_err(|_| PortableError::NotAnExport)?;
        if version != VERSION {
            return Err(PortableError::Version { expected: VERSION, got: version });
        }
        let cipher = lock.cipher(&serde_json::from_str(line).map_err(|_| PortableError::NotAnExport)?)?;
        let chunk = Zeroizing::new(Vec::new());
        let mut opened = Self { from, cipher, header, chunk, read: 0, number: 0, place: Place::Within };
        // The first chunk tells whether the lock fits.
        opened.next_chunk().map_err(|_| PortableError::DoesNotOpen)?;
        Ok(opened)
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        let damaged =
            |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("{what} {}", self.number));
        let mut length = [0; 4];
        self.from.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if !(TAG..=CHUNK + TAG).contains(&length) {
            return Err(damaged("a wrong length of chunk"));
        }
        let mut sealed = vec![0; length];
        self.from.read_exact(&mut sealed)?;
        let open = |place| {
            let payload = Payload { msg: &sealed, aad: &self.header };
            self.cipher.decrypt(&nonce(self.number, place), payload).ok().map(|plain| (plain, place))
        };
        let (plain, place) =
            open(Place::Within).or_else(|| open(Place::Last)).ok_or_else(|| damaged("a damaged chunk"))?;
        if place == Place::Last {
            let mut more = [0];
            if self.from.read(&mut more)? != 0 {
                return Err(damaged("bytes after the last chunk"));
            }
        }
        self.chunk = Zeroizing::new(plain);
        self.read = 0;
        self.place = place;
        self.number += 1;
        Ok(())
    }
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        while self.read == self.chunk.len() {
            if self.place == Place::Last {
                return Ok(0);
            }
            self.next_chunk()?;
        }
        let rest = self.chunk.get(self.read..).unwrap_or_default();
        let taken = rest.len().min(bytes.len());
        bytes[..taken].copy_from_slice(&rest[..taken]);
        self.read += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beian_domain::SeededRandom;

    fn key() -> Lock {
        Lock::key_file(&"0f".repeat(32)).unwrap()
    }

    fn locked(content: &[u8], lock: &Lock) -> Vec<u8> {
        let mut out = Locked::begin(Vec::new(), lock, &SeededRandom::new(5)).unwrap();
        out.write_all(content).unwrap();
        out.finish().unwrap()
    }

    fn opened(file: &[u8], lock: &Lock) -> Result<Vec<u8>, PortableError> {
        let mut content = Vec::new();
        Opened::begin(file, lock)?.read_to_end(&mut content)?;
        Ok(content)
    }

    #[test]
    fn what_is_locked_opens_whole_or_not_at_all() {
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 7] {
            let content: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
            let file = locked(&content, &key());
            assert_eq!(opened(&file, &key()).unwrap(), content, "{size}");
            assert!(opened(&[&file[..], b"x"].concat(), &key()).is_err(), "something after the end");
            for cut in [file.len() - 1, file.len() / 2, 40, 0] {
                assert!(opened(&file[..cut], &key()).is_err(), "{size} cut at {cut}");
            }
        }
        // Chunks that change places, or go missing at the end.
        let file = locked(&vec![7; 3 * CHUNK], &key());
        let start = file.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let chunk = 4 + CHUNK + TAG;
        let (header, chunks) = file.split_at(start);
        let swapped = [header, &chunks[chunk..2 * chunk], &chunks[..chunk], &chunks[2 * chunk..]].concat();
        assert!(opened(&swapped, &key()).is_err());
        assert!(opened(&file[..start + 2 * chunk], &key()).is_err(), "cut between two chunks");
    }

    #[test]
    fn every_flipped_byte_is_found() {
        let file = locked(b"13800000001", &key());
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 1;
            assert!(opened(&damaged, &key()).is_err(), "byte {at}");
        }
    }

    #[test]
    fn only_its_own_lock_opens_it() {
        let words = Lock::passphrase("practice makes perfect").unwrap();
        let file = locked(b"13800000001", &words);
        assert!(!file.windows(11).any(|window| window == b"13800000001"));
        assert_eq!(opened(&file, &words).unwrap(), b"13800000001");
        let other = Lock::passphrase("practice makes perfekt").unwrap();
        assert!(matches!(opened(&file, &other), Err(PortableError::DoesNotOpen)));
        assert!(matches!(opened(&file, &key()), Err(PortableError::OtherLock { expected: "passphrase" })));
        let two = String::from_utf8_lossy(&file).replacen("beian-export 1", "beian-export 2", 1);
        assert!(matches!(
            opened(two.as_bytes(), &words),
            Err(PortableError::Version { expected: 1, got: 2 })
        ));
        // Nobody is made to spend gigabytes before it is clear that they know the passphrase.
        let dear = b"beian-export 1 {\"lock\":\"passphrase\",\"memory-kib\":4000000000,\"passes\":3,\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA\"}\n";
        assert!(matches!(opened(dear, &words), Err(PortableError::NotAnExport)));
        assert!(Lock::passphrase("short").is_err() && Lock::key_file("0f").is_err());
        assert!(Lock::key_file(&"zz".repeat(32)).is_err());
    }
}
