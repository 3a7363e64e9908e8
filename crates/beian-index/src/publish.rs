//! Generations: one writer puts files in place, any number of readers go over to them.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::build::{Description, IndexBuilder};
use crate::error::{BuildError, IndexError};
use crate::file::Entry;
use crate::index::Index;
use crate::key::IndexKey;
use crate::map::Held;
use crate::record::{Day, Record};

/// How often a reader looks again when files change while it opens them.
const ATTEMPTS: usize = 8;

/// A change of one domain since the index was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There is this record now, in place of any other.
    Set(Record),
    /// There is no record any more. (A cancelled filing has one, of that status.)
    Remove,
}

/// Writes an index and, beside it under the same name with `.delta` behind, its delta.
///
/// Several may publish to a path: each waits for the others, by a lock on a file beside the index, with `.lock` behind
/// its name. Each file takes its place as a whole, by renaming; a crash leaves the one before.
#[derive(Debug)]
pub struct Publisher {
    path: PathBuf,
}

/// Holds the newest generation of an index for look-ups.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    held: Held,
    current: ArcSwap<Index>,
    /// Which files the current one is of. Only refreshing waits for it.
    seen: Mutex<Seen>,
}

/// What refreshing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// The files are those that were open already.
    Unchanged,
    /// Look-ups that begin now get the new ones.
    Replaced,
}

/// Files as the directory tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    base: Option<Stamp>,
    delta: Option<Stamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Publisher {
    /// Publishes to a path, where there may be an index already.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Puts a new index in place of the old one and its delta. Answers with its generation.
    ///
    /// What the delta knows since the day of the new index is newer, and holds on: whoever builds a list of yesterday
    /// takes back no approval of today, not even for a moment.
    pub fn publish(&mut self, mut builder: IndexBuilder) -> Result<u64, BuildError> {
        let _lock = self.lock()?;
        let as_of = builder.as_of();
        let mut newer = self.known_since(as_of);
        // An index knows of no day after its own; the delta does. What is no domain any more, by a newer list of suffixes,
        // nobody asks for.
        newer.retain(|(domain, record)| {
            builder.add(domain, Record { as_of: record.as_of.min(as_of), ..*record }).is_ok()
        });
        let generation = self.publish_alone(builder)?;
        if !newer.is_empty() {
            // Those of the same day, too: by being in the delta they outlive the next list of that day.
            let changes = newer.iter().map(|(domain, record)| (domain.as_str(), Change::Set(*record)));
            self.apply_alone(changes, as_of)?;
        }
        Ok(generation)
    }

    /// The records of the delta that are of a day or later. Of one that cannot be read, none: what was wrong with it is
    /// over with the new index.
    fn known_since(&self, day: Day) -> Vec<(String, Record)> {
        let Ok(index) = self.open() else { return Vec::new() };
        let records = index.delta_entries().map_while(Result::ok).filter_map(|(domain, entry)| match entry {
            Entry::Record(record) => Some((domain, record)),
            Entry::Removed => None,
        });
        records.filter(|(_, record)| record.as_of >= day).collect()
    }

    fn publish_alone(&self, mut builder: IndexBuilder) -> Result<u64, BuildError> {
        let generation = match self.open() {
            Ok(index) => newest(&index) + 1,
            Err(IndexError::NotAnIndex) if fs::metadata(&self.path).is_ok_and(|about| about.len() > 0) => {
                return Err(BuildError::Occupied { path: self.path.clone() });
            }
            // There is none yet, or it cannot be read: what is wrong with it is over now.
            Err(_) => 1,
        };
        builder.generation = generation;
        builder.write(&self.path)?;
        self.remove_delta()?;
        Ok(generation)
    }

    /// Lays changes over the index: those of before and these, as one new delta. Of two of one
    /// domain the last holds. It takes time and room by the number of changes since the index was
    /// published or compacted. Answers with the delta's generation.
    pub fn apply<'a>(
        &mut self,
        changes: impl IntoIterator<Item = (&'a str, Change)>,
        as_of: Day,
    ) -> Result<u64, BuildError> {
        let _lock = self.lock()?;
        self.apply_alone(changes, as_of)
    }

    fn apply_alone<'a>(
        &self,
        changes: impl IntoIterator<Item = (&'a str, Change)>,
        as_of: Day,
    ) -> Result<u64, BuildError> {
        let index = self.open()?;
        let header = index.base().header();
        let changes: Vec<(&str, Change)> = changes.into_iter().collect();
        let days = changes.iter().map(|(_, change)| match change {
            Change::Set(record) => record.as_of,
            Change::Remove => as_of,
        });
        let as_of = days.fold(as_of.max(index.as_of()), Day::max);
        let description = Description { completeness: header.completeness, as_of, key: header.key };
        let mut builder = IndexBuilder::new(description);
        builder.generation = newest(&index) + 1;
        builder.base_generation = header.generation;
        for entry in index.delta_entries() {
            let (name, entry) = entry?;
            builder.add_entry(&name, entry)?;
        }
        for (domain, change) in changes {
            let entry = match change {
                Change::Set(record) => Entry::Record(record),
                Change::Remove => Entry::Removed,
            };
            builder.add_entry(domain, entry)?;
        }
        let generation = builder.generation;
        builder.write(delta_of(&self.path))?;
        Ok(generation)
    }

    /// Makes index and delta into one new index, under a new key.
    pub fn compact(&mut self, key: IndexKey) -> Result<u64, BuildError> {
        let _lock = self.lock()?;
        let index = self.open()?;
        index.check_all()?;
        let description = Description { completeness: index.completeness(), as_of: index.as_of(), key };
        let mut builder = IndexBuilder::new(description);
        for entry in index.records() {
            let (name, record) = entry?;
            builder.add(&name, record)?;
        }
        self.publish_alone(builder)
    }

    /// Waits until nobody else publishes here. The lock ends with what is returned, or with the process.
    fn lock(&self) -> Result<File, BuildError> {
        let path = beside(&self.path, ".lock");
        let lock = || {
            let file = File::create(&path)?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(|source| BuildError::Io { path: path.clone(), source })
    }

    fn open(&self) -> Result<Index, IndexError> {
        let base = Index::open(&self.path)?;
        with_delta_if_any(base, &delta_of(&self.path))
    }

    fn remove_delta(&self) -> Result<(), BuildError> {
        let path = delta_of(&self.path);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(BuildError::Io { path, source }),
            _ => Ok(()),
        }
    }
}

impl Reader {
    /// Opens what is published at a path. As with [`Index::open`], blocks are checked when they are
    /// used for the first time.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, IndexError> {
        Self::of(path.into(), Held::Mapped)
    }

    /// The same in memory of its own, which takes as much of it as the files are long, and twice as much while it goes
    /// over to others. Whoever writes to the files in place, which nobody should, cannot bring this process down.
    pub fn in_memory(path: impl Into<PathBuf>) -> Result<Self, IndexError> {
        Self::of(path.into(), Held::InMemory)
    }

    fn of(path: PathBuf, held: Held) -> Result<Self, IndexError> {
        let seen = Seen::at(&path);
        let index = with_delta_if_any(Index::held(&path, held)?, &delta_of(&path))?;
        Ok(Self { path, held, current: ArcSwap::from_pointee(index), seen: Mutex::new(seen) })
    }

    /// The newest generation that is open. It never waits; what it gives stays as it is for as long
    /// as it is held.
    pub fn current(&self) -> impl Deref<Target = Arc<Index>> {
        self.current.load()
    }

    /// Goes over to files that were published since. Call it as often as changes shall be seen:
    /// without any it asks the system for two files' dates.
    ///
    /// A new base is read and checked as a whole before a look-up gets to see it. When that fails,
    /// the old generation stays.
    pub fn refresh(&self) -> Result<Refreshed, IndexError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut now = Seen::at(&self.path);
        if now == *seen {
            return Ok(Refreshed::Unchanged);
        }
        for _ in 0..ATTEMPTS {
            let index = self.load(*seen, now)?;
            // A base without its delta, or one that its delta is not of, is not what was published.
            let after = Seen::at(&self.path);
            if after == now {
                self.current.store(Arc::new(index));
                *seen = now;
                return Ok(Refreshed::Replaced);
            }
            now = after;
        }
        // Somebody publishes without a pause; the next call finds it again.
        Ok(Refreshed::Unchanged)
    }

    fn load(&self, seen: Seen, now: Seen) -> Result<Index, IndexError> {
        let base = if seen.base == now.base {
            self.current.load().without_delta()?
        } else {
            let base = Index::held(&self.path, self.held)?;
            base.check_all()?;
            base
        };
        with_delta_if_any(base, &delta_of(&self.path))
    }
}

impl Seen {
    fn at(path: &Path) -> Self {
        Self { base: Stamp::of(path), delta: Stamp::of(&delta_of(path)) }
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}

/// The base with its delta; one that is left from another generation is none.
fn with_delta_if_any(base: Index, delta: &Path) -> Result<Index, IndexError> {
    match base.with_delta(delta) {
        Err(IndexError::OtherBase { .. }) => Ok(base),
        Err(IndexError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(base),
        index => index,
    }
}

fn newest(index: &Index) -> u64 {
    index.delta_generation().unwrap_or(0).max(index.generation())
}

fn delta_of(path: &Path) -> PathBuf {
    beside(path, ".delta")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.file_name().unwrap_or_default());
    name.push(suffix);
    path.with_file_name(name)
}
