//! The rulebooks: the one that judges now, and those that have judged.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use beian_rules::{BundleError, ReceivedCodes, Rulebook, RulebookError, SignedBundle, VerifyingKey};
use chrono::{DateTime, NaiveDate, Utc};

/// Where rulebooks are kept, and the one that judges.
///
/// Every rulebook that judges leaves a snapshot, `DIGEST.json`, so that its
/// verdicts can be made again; an installed one is kept as `current.bundle`, the
/// regulator's tables that were put into use as `received.json`.
#[derive(Debug)]
pub struct Shelf {
    folder: Option<PathBuf>,
    key: Option<VerifyingKey>,
    current: RwLock<Installed>,
    /// Why the installed one was not taken at the start.
    trouble: Option<String>,
}

/// The rulebook that judges.
#[derive(Debug, Clone)]
pub(crate) struct Installed {
    /// With the regulator's tables that were put into use.
    pub(crate) rulebook: Arc<Rulebook>,
    /// The same without them.
    pub(crate) own: Arc<Rulebook>,
    pub(crate) received: Vec<ReceivedCodes>,
    pub(crate) origin: Origin,
    pub(crate) since: Option<DateTime<Utc>>,
}

/// Where the rulebook that judges is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The program was built or started with it.
    Program,
    /// An operator installed it.
    Bundle {
        /// The day on which it was sealed.
        created_on: NaiveDate,
    },
}

/// Why a rulebook is not taken from the shelf, or not put on it.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// No key was given, so no signature can be checked.
    #[error("expected a key to check the signature with: start with --rulebook-key")]
    NoKey,
    /// It is no signed rulebook, or its signature or its content is wrong.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A newer one is installed: an old signature stays good, an old rulebook does not.
    #[error("expected a rulebook sealed on {current} or later, got one of {got}")]
    Older {
        /// The day of the installed one.
        current: NaiveDate,
        /// The day of the other.
        got: NaiveDate,
    },
    /// No rulebook of this digest has judged here.
    #[error("expected the snapshot of the rulebook {digest}, found none")]
    Missing {
        /// Its digest.
        digest: String,
    },
    /// A snapshot is not what its name says.
    #[error("expected the rulebook {digest} in its snapshot, got {got}")]
    Tampered {
        /// The digest that is its name.
        digest: String,
        /// What it holds: another digest, or why it holds none.
        got: String,
    },
    /// A table of the regulator's cannot judge.
    #[error(transparent)]
    Received(#[from] RulebookError),
    /// A table of the regulator's is none that a rulebook can have.
    #[error("expected {expected}, got {got}")]
    Table {
        /// What would be one.
        expected: &'static str,
        /// What it has.
        got: String,
    },
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

/// The bundle that an operator installed.
pub(crate) const CURRENT: &str = "current.bundle";
/// The regulator's tables that an operator put into use.
pub(crate) const RECEIVED: &str = "received.json";
/// Above what the rules take themselves.
const MAX_BYTES: u64 = 9 << 20;

impl Shelf {
    /// A shelf in a folder, with the rulebook that an operator installed last, or
    /// else `own`, with which the program was started. An installed one that is
    /// not good any more is left where it is; why is told to the operator.
    pub fn open(folder: PathBuf, own: Rulebook, key: Option<VerifyingKey>) -> Result<Self, ShelfError> {
        let mut origin = Origin::Program;
        let mut rulebook = own;
        let mut trouble = None;
        let path = folder.join(CURRENT);
        if path.try_exists().map_err(|error| ShelfError::File { path: path.clone(), error })? {
            match open_bundle(&read(&path)?, key.as_ref()) {
                Ok(bundle) => {
                    origin = Origin::Bundle { created_on: bundle.created_on };
                    rulebook = bundle.rulebook;
                }
                Err(error) => {
                    tracing::error!(%error, path = %path.display(), "the installed rulebook is not used");
                    trouble = Some(error.to_string());
                }
            }
        }
        let path = folder.join(RECEIVED);
        let shelf = Self { folder: Some(folder), key, ..Self::in_memory(rulebook) };
        let mut installed = shelf.installed();
        if path.try_exists().map_err(|error| ShelfError::File { path: path.clone(), error })? {
            match read_received(&read(&path)?, &installed.own) {
                Ok((received, rulebook)) => (installed.received, installed.rulebook) = (received, rulebook),
                Err(error) => {
                    tracing::error!(%error, path = %path.display(), "the regulator's tables are not used");
                    trouble = Some(error.to_string());
                }
            }
        }
        installed.origin = origin;
        installed.since = shelf.keep(&installed.rulebook)?;
        shelf.put(installed);
        Ok(Self { trouble, ..shelf })
    }

    /// A shelf that keeps nothing: for tests, and where nothing is judged for long.
    pub fn in_memory(rulebook: Rulebook) -> Self {
        let own = Arc::new(rulebook);
        let current = Installed {
            rulebook: own.clone(),
            own,
            received: Vec::new(),
            origin: Origin::Program,
            since: None,
        };
        Self { folder: None, key: None, current: RwLock::new(current), trouble: None }
    }

    /// A shelf in a folder from which verdicts are made again, and nothing more.
    pub fn to_read(folder: PathBuf, own: Rulebook) -> Self {
        Self { folder: Some(folder), ..Self::in_memory(own) }
    }

    /// The rulebook that judges now.
    pub fn rulebook(&self) -> Arc<Rulebook> {
        self.installed().rulebook
    }

    /// The rulebook of a digest, if it has judged here.
    pub fn of_digest(&self, digest: &str) -> Result<Arc<Rulebook>, ShelfError> {
        let current = self.rulebook();
        if current.digest() == digest {
            return Ok(current);
        }
        let missing = || ShelfError::Missing { digest: digest.to_owned() };
        let folder = self.folder.as_ref().filter(|_| is_digest(digest)).ok_or_else(missing)?;
        let path = folder.join(format!("{digest}.json"));
        if !path.try_exists().map_err(|error| ShelfError::File { path: path.clone(), error })? {
            return Err(missing());
        }
        let tampered = |got| ShelfError::Tampered { digest: digest.to_owned(), got };
        let rulebook = Rulebook::from_snapshot(&read(&path)?).map_err(|error| tampered(error.to_string()))?;
        if rulebook.digest() == digest {
            Ok(Arc::new(rulebook))
        } else {
            Err(tampered(rulebook.digest().to_owned()))
        }
    }

    /// The digests of the rulebooks that have judged here, newest first, with
    /// the time at which each came.
    pub(crate) fn kept(&self) -> Result<Vec<(String, DateTime<Utc>)>, ShelfError> {
        let Some(folder) = &self.folder else { return Ok(Vec::new()) };
        let failed = |error| ShelfError::File { path: folder.clone(), error };
        let mut kept = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let digest = name.to_str().and_then(|name| name.strip_suffix(".json"));
            if let Some(digest) = digest.filter(|digest| is_digest(digest)) {
                kept.push((digest.to_owned(), entry.metadata().and_then(|m| m.modified()).map_err(failed)?));
            }
        }
        kept.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        kept.truncate(50);
        Ok(kept.into_iter().map(|(digest, at)| (digest, at.into())).collect())
    }

    pub(crate) fn installed(&self) -> Installed {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    pub(crate) fn can_install(&self) -> bool {
        self.key.is_some()
    }

    /// Opens a bundle that could be installed now.
    pub(crate) fn examine(&self, bundle: &[u8]) -> Result<SignedBundle, ShelfError> {
        let opened = open_bundle(bundle, self.key.as_ref())?;
        match self.installed().origin {
            Origin::Bundle { created_on } if opened.created_on < created_on => {
                Err(ShelfError::Older { current: created_on, got: opened.created_on })
            }
            _ => Ok(opened),
        }
    }

    /// Keeps a file for the next start, whole or not at all, and hands back the
    /// one that it takes the place of.
    pub(crate) fn replace(&self, name: &str, content: &[u8]) -> Result<Option<Vec<u8>>, ShelfError> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let path = folder.join(name);
        let before = if path.exists() { Some(read(&path)?) } else { None };
        write(&path, content)?;
        Ok(before)
    }

    /// Takes [`replace`](Self::replace) back.
    pub(crate) fn restore(&self, name: &str, before: Option<Vec<u8>>) -> Result<(), ShelfError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let path = folder.join(name);
        match before {
            Some(before) => write(&path, &before),
            None => fs::remove_file(&path).map_err(|error| ShelfError::File { path, error }),
        }
    }

    /// Keeps a snapshot, unless there is one, and tells since when.
    pub(crate) fn keep(&self, rulebook: &Rulebook) -> Result<Option<DateTime<Utc>>, ShelfError> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let path = folder.join(format!("{}.json", rulebook.digest()));
        let failed = |error| ShelfError::File { path: path.clone(), error };
        let snapshot = rulebook.snapshot();
        // One that was cut off or changed is written anew: here is the right one.
        if !path.try_exists().map_err(failed)? || read(&path)? != snapshot {
            write(&path, &snapshot)?;
        }
        let at = fs::metadata(&path).and_then(|metadata| metadata.modified()).map_err(failed)?;
        Ok(Some(at.into()))
    }

    /// From now on this one judges.
    pub(crate) fn put(&self, installed: Installed) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = installed;
    }
}

/// A rulebook with tables of the regulator's.
pub(crate) fn with_received(
    own: &Arc<Rulebook>,
    received: &[ReceivedCodes],
) -> Result<Arc<Rulebook>, ShelfError> {
    let mut rulebook = own.clone();
    for tables in received {
        rulebook = Arc::new(rulebook.with_received(tables.clone())?);
    }
    Ok(rulebook)
}

fn read_received(
    file: &[u8],
    own: &Arc<Rulebook>,
) -> Result<(Vec<ReceivedCodes>, Arc<Rulebook>), ShelfError> {
    let received: Vec<ReceivedCodes> = serde_json::from_slice(file).map_err(|error| ShelfError::Table {
        expected: "tables of the regulator's as they were put into use",
        got: error.to_string(),
    })?;
    let rulebook = with_received(own, &received)?;
    Ok((received, rulebook))
}

fn open_bundle(bundle: &[u8], key: Option<&VerifyingKey>) -> Result<SignedBundle, ShelfError> {
    Ok(SignedBundle::open(bundle, key.ok_or(ShelfError::NoKey)?)?)
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn read(path: &Path) -> Result<Vec<u8>, ShelfError> {
    use std::io::Read as _;
    let failed = |error| ShelfError::File { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(failed)?.take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Whole or not at all.
fn write(path: &Path, content: &[u8]) -> Result<(), ShelfError> {
    let temporary = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|error| ShelfError::File { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_judged_is_found_again_and_a_changed_snapshot_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let digest = {
            let shelf = Shelf::open(folder.path().to_owned(), Rulebook::bundled().unwrap(), None).unwrap();
            assert!(shelf.installed().since.is_some() && shelf.trouble().is_none());
            shelf.rulebook().digest().to_owned()
        };
        let other = Shelf::to_read(folder.path().to_owned(), changed());
        assert_ne!(other.rulebook().digest(), digest);
        assert_eq!(other.of_digest(&digest).unwrap().digest(), digest);
        assert_eq!(other.kept().unwrap().len(), 1);
        let path = folder.path().join(format!("{digest}.json"));
        let snapshot = fs::read_to_string(&path).unwrap();
        fs::write(&path, snapshot.replacen("2026", "2025", 1)).unwrap();
        assert!(matches!(other.of_digest(&digest), Err(ShelfError::Tampered { .. })));
        fs::write(&path, "{}").unwrap();
        assert!(matches!(other.of_digest(&digest), Err(ShelfError::Tampered { .. })));
        fs::remove_file(&path).unwrap();
        assert!(matches!(other.of_digest(&digest), Err(ShelfError::Missing { .. })));
        assert!(matches!(other.of_digest("../../etc/passwd"), Err(ShelfError::Missing { .. })));
    }

    /// The program's rulebook with a source more.
    fn changed() -> Rulebook {
        let snapshot = String::from_utf8(Rulebook::bundled().unwrap().snapshot()).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&snapshot).unwrap();
        let file = &mut value["files"]["durations.toml"];
        *file = format!("# changed\n{}", file.as_str().unwrap()).into();
        Rulebook::from_snapshot(value.to_string().as_bytes()).unwrap()
    }
}
