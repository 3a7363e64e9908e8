//! The file in memory: mapped, and each block checked before it is used for the first time.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use memmap2::Mmap;

use crate::error::IndexError;
use crate::format::{BLOCK, Header};
use crate::memory;

/// A block that is not as it was written; `Fault::CONTENT` if the content is at odds with itself.
/// Small, for it stands in the result of every step of a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault(u32);

impl Fault {
    pub(crate) const CONTENT: Self = Self(u32::MAX);
}

/// Where the bytes of an opened file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// In the file, which all who have it open share.
    Mapped,
    /// In a copy of one's own, which nobody can cut off.
    InMemory,
}

/// A file whose header is sound, mapped or copied.
#[derive(Debug)]
pub(crate) struct Blocks {
    map: Mmap,
    held: Held,
    header: Header,
    /// A bit for each block that was checked.
    checked: Box<[AtomicU64]>,
    /// All were.
    whole: AtomicBool,
}

impl Blocks {
    /// Maps or reads a file, checks its header and the table of its checksums: about a page for each
    /// four megabytes.
    pub(crate) fn open(path: &Path, held: Held) -> Result<Self, IndexError> {
        let io = |source| IndexError::Io { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        if length == 0 {
            return Err(IndexError::NotAnIndex);
        }
        let map = match held {
            Held::Mapped => map(&file),
            Held::InMemory => memory::read(&mut file, usize::try_from(length).unwrap_or(usize::MAX)),
        };
        let map = map.map_err(io)?;
        let header = Header::decode(&map, length)?;
        let got = crc32fast::hash(map.get(header.checksums as usize..).unwrap_or_default());
        if got != header.checksum_of_checksums {
            let expected = header.checksum_of_checksums;
            return Err(IndexError::Damaged { block: header.blocks() + 1, expected, got });
        }
        let words = (header.blocks() + 1).div_ceil(64);
        let checked = (0..words).map(|_| AtomicU64::new(0)).collect();
        let blocks = Self { map, held, header, checked, whole: AtomicBool::new(false) };
        blocks.note(0);
        Ok(blocks)
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn held(&self) -> Held {
        self.held
    }

    /// The bytes of the file. What is read of them is to be passed to `check` first.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Makes sure that the blocks of these bytes are as they were written.
    #[inline]
    pub(crate) fn check(&self, from: usize, length: usize) -> Result<(), Fault> {
        if self.whole.load(Ordering::Relaxed) {
            return Ok(());
        }
        (from / BLOCK..(from + length).div_ceil(BLOCK)).try_for_each(|block| self.check_block(block))
    }

    /// The same, copied into memory of its own. What was checked remains so.
    pub(crate) fn loaded(&self) -> std::io::Result<Self> {
        let load = |word: &AtomicU64| AtomicU64::new(word.load(Ordering::Relaxed));
        Ok(Self {
            // Read before the bytes are copied: no block counts as checked that was not.
            checked: self.checked.iter().map(load).collect(),
            whole: AtomicBool::new(self.whole.load(Ordering::Relaxed)),
            map: memory::copy(&self.map)?,
            held: Held::InMemory,
            header: self.header.clone(),
        })
    }

    /// Makes sure of the whole file; from then on, nothing is checked any more.
    pub(crate) fn check_all(&self) -> Result<(), Fault> {
        (0..=self.header.blocks() as usize).try_for_each(|block| self.check_block(block))?;
        self.whole.store(true, Ordering::Relaxed);
        Ok(())
    }

    #[inline]
    fn check_block(&self, block: usize) -> Result<(), Fault> {
        let word = self.checked.get(block / 64).map_or(0, |word| word.load(Ordering::Relaxed));
        if word >> (block % 64) & 1 == 1 { Ok(()) } else { self.check_first(block) }
    }

    #[cold]
    fn check_first(&self, block: usize) -> Result<(), Fault> {
        match self.checksums(block) {
            Some((expected, got)) if expected == got => {
                self.note(block);
                Ok(())
            }
            Some(_) => Err(Fault(block as u32)),
            None => Err(Fault::CONTENT),
        }
    }

    /// The checksum that was kept of a block, and that of what is there.
    fn checksums(&self, block: usize) -> Option<(u32, u32)> {
        let content = self.map.get(block * BLOCK..(block + 1) * BLOCK)?;
        let at = self.header.checksums as usize + 4 * block.checked_sub(1)?;
        let expected = self.map.get(at..)?.first_chunk::<4>()?;
        Some((u32::from_le_bytes(*expected), crc32fast::hash(content)))
    }

    /// What is told of a fault.
    #[cold]
    pub(crate) fn explain(&self, fault: Fault) -> IndexError {
        match self.checksums(fault.0 as usize) {
            Some((expected, got)) if fault != Fault::CONTENT => {
                IndexError::Damaged { block: fault.0.into(), expected, got }
            }
            _ => IndexError::Contradiction { what: "its content" },
        }
    }

    fn note(&self, block: usize) {
        if let Some(word) = self.checked.get(block / 64) {
            word.fetch_or(1 << (block % 64), Ordering::Relaxed);
        }
    }
}

#[allow(unsafe_code, reason = "the system cannot promise that nobody writes to a mapped file")]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the bytes behind the map must not change while it lives. A published index is never
    // written to again: it is renamed into place when it is whole, and replaced by another file
    // under the same name, while this one lives on until its last map is gone. Whoever writes into
    // a published file by other means breaks this; every read of it is within bounds even then.
    unsafe { Mmap::map(file) }
}
