//! What an audit has so far, in a directory, so that it can be taken up again.
//!
//! The counts lie as runs in `runs`, and `state.json` says which of them hold and how far each log was read. It
//! takes the place of the one before as a whole, after the runs are durable: whatever is cut off in between, one of
//! the two holds, and runs that neither knows are cut off.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use beian_index::{Completeness, Index};
use serde::{Deserialize, Serialize};

use crate::error::AuditError;
use crate::input::{FileFacts, Log, Problem};
use crate::queue::Reached;
use crate::spool::{Run, Spool};
use crate::tally::NameHasher;
use crate::totals::Totals;

const VERSION: u32 = 3;

/// A directory with what an audit has so far.
pub(crate) struct Checkpoint {
    directory: PathBuf,
    /// Held as long as the audit goes on: two that write the same runs would spoil both, and not know it.
    _lock: File,
}

/// Where an audit stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    version: u32,
    /// Of what kind the audit is; it must be the same again.
    pub(crate) audit: Identity,
    pub(crate) seed: u64,
    /// What the seed makes of a word: another version of the hash would put counts together wrongly.
    sample_of_hash: u64,
    pub(crate) reached: Vec<Reached>,
    pub(crate) totals: Totals,
    pub(crate) problems: Vec<Problem>,
    pub(crate) runs: Vec<Run>,
}

/// What must not change between the parts of one audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) logs: Vec<Log>,
    pub(crate) format: String,
    index: IndexIdentity,
    /// Of the list that the index was made of, if it was made for this audit.
    list: Option<FileFacts>,
}

/// By what an index is known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IndexIdentity {
    generation: u64,
    delta: Option<u64>,
    as_of: i32,
    domains: u64,
    complete: bool,
}

impl Identity {
    pub(crate) fn new(logs: Vec<Log>, format: String, index: &Index, list: Option<FileFacts>) -> Self {
        Self { logs, format, index: IndexIdentity::of(index), list }
    }
}

impl IndexIdentity {
    pub(crate) fn of(index: &Index) -> Self {
        Self {
            generation: index.generation(),
            delta: index.delta_generation(),
            as_of: index.as_of().0,
            domains: index.len(),
            complete: index.completeness() == Completeness::Complete,
        }
    }
}

/// What a seed makes of a word.
pub(crate) fn sample_of_hash(seed: u64) -> u64 {
    NameHasher::new(seed).hash(b"beian")
}

impl State {
    /// The beginning.
    pub(crate) fn new(audit: Identity, seed: u64, problems: Vec<Problem>) -> Self {
        Self {
            version: VERSION,
            reached: vec![Reached::Place(0); audit.logs.len()],
            audit,
            seed,
            sample_of_hash: sample_of_hash(seed),
            totals: Totals::default(),
            problems,
            runs: Vec::new(),
        }
    }
}

impl Checkpoint {
    /// A directory, which is made if it is not there, and is this audit's alone for as long as the value lives.
    pub(crate) fn open(directory: &Path) -> Result<Self, AuditError> {
        let failed = |source| AuditError::Spool { path: directory.to_owned(), source };
        fs::create_dir_all(directory).map_err(failed)?;
        let lock = File::create(directory.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { directory: directory.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(AuditError::CheckpointInUse { path: directory.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// The state that was kept, if there is one.
    ///
    /// Errors: it is of another audit, or cannot be understood.
    pub(crate) fn load(&self, audit: &Identity) -> Result<Option<State>, AuditError> {
        let path = self.directory.join("state.json");
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(|source| self.error(source))?,
        };
        let unreadable = || AuditError::Checkpoint { path: self.directory.clone() };
        let state: State = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
        let is_consistent = state.version == VERSION
            && state.reached.len() == state.audit.logs.len()
            && state.sample_of_hash == sample_of_hash(state.seed);
        if !is_consistent {
            return Err(unreadable());
        }
        let other =
            |what: &str| AuditError::OtherAudit { path: self.directory.clone(), what: what.to_owned() };
        if let Some((before, now)) =
            state.audit.logs.iter().zip(&audit.logs).find(|(before, now)| before != now)
        {
            let (before, now) = (before.name(), now.name());
            return Err(match before == now {
                true => other(&format!("length or date of {now}")),
                false => other(&format!("which logs there are, {now} in place of {before},")),
            });
        }
        if state.audit.logs.len() != audit.logs.len() {
            let (before, now) = (state.audit.logs.len(), audit.logs.len());
            return Err(other(&format!("which logs there are, {now} in place of {before},")));
        }
        if state.audit.format != audit.format {
            return Err(other("the format"));
        }
        if state.audit.index != audit.index {
            return Err(other("the index"));
        }
        if state.audit.list != audit.list {
            return Err(other("the list of filed domains, its length or its date"));
        }
        Ok(Some(state))
    }

    /// The runs of a state.
    pub(crate) fn spool(&self, runs: Vec<Run>) -> Result<Spool, AuditError> {
        Spool::at(&self.directory.join("runs"), runs)
    }

    /// Keeps a state, whose runs are in the spool.
    pub(crate) fn save(&self, state: &State, spool: &Spool) -> Result<(), AuditError> {
        spool.sync()?;
        let (new, path) = (self.directory.join("state.json.new"), self.directory.join("state.json"));
        let write = || -> io::Result<()> {
            let mut file = File::create(&new)?;
            file.write_all(&serde_json::to_vec(state)?)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            File::open(&self.directory)?.sync_all()
        };
        write().map_err(|source| self.error(source))
    }

    fn error(&self, source: io::Error) -> AuditError {
        AuditError::Spool { path: self.directory.clone(), source }
    }
}
