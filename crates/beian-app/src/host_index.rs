//! The index of host names, kept up with the records here: what is granted or cancelled is in it within a second.
//!
//! Gateways and audits ask the index, never the store. What the trail has of records since the last look becomes one
//! more delta; whenever the base is another than it was (somebody published a list), all records are held against it.
//! Both come to the same: of a domain on record here, the index says what the record says.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use beian_domain::{DomainName, Random, RecordState, ServiceFilingNumber};
use beian_index::{
    Answer, BuildError, Change, Completeness, Day, Description, Host, Index, IndexBuilder, IndexError,
    IndexKey, Publisher, Reader, Record, RecordId, Status,
};
use beian_store::TrailMark;
use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use crate::permission::Action;
use crate::timers::china_day;
use crate::{App, AppError, Progress, User};

/// Domains that are read from the store at once.
const PAGE: u64 = 1_000;
/// Domains that the store is asked about in one question.
const ASKED_AT_ONCE: usize = 500;
/// Changes that a delta may have, beside a part of the base: every further one is written with all of them.
const MOST_CHANGES: u64 = 10_000;
/// The part of the base that a delta may have besides.
const PART_OF_BASE: u64 = 50;

/// An index that is kept up.
pub(crate) struct HostIndex {
    path: PathBuf,
    state: Mutex<State>,
    /// As it was seen last, for whoever asks without waiting.
    seen: std::sync::Mutex<Result<HostIndexView, HostIndexProblem>>,
}

#[derive(Default)]
struct State {
    reader: Option<Arc<Reader>>,
    followed: Option<Followed>,
    /// Domains that an index cannot hold, of which that was told.
    told: BTreeSet<DomainName>,
}

/// How far records were followed, over which base.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Followed {
    generation: u64,
    mark: TrailMark,
}

/// An index as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostIndexView {
    /// Where it is.
    pub path: PathBuf,
    /// How many domains were published together.
    pub domains: u64,
    /// How many have changed since.
    pub changes: u64,
    /// Counts what was published, changes included.
    pub generation: u64,
    /// Whether a domain that is not in it is known not to be filed.
    pub completeness: Completeness,
}

/// Why the index is not kept up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostIndexProblem {
    /// Nobody has looked yet.
    #[error("it was not looked at yet")]
    NotYet,
    /// It cannot be read, or not be written.
    #[error("{0}")]
    Failed(String),
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error(transparent)]
    Read(#[from] IndexError),
    #[error(transparent)]
    Write(#[from] BuildError),
    #[error(transparent)]
    Store(#[from] beian_store::StoreError),
    #[error("the work on the index was stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

/// The status in an index that says what a record's state says.
fn index_status(state: RecordState) -> Status {
    match state {
        RecordState::Active => Status::FiledHere,
        // Somebody else serves it, or nobody does: the number holds.
        RecordState::AccessEnded => Status::FiledElsewhere,
        RecordState::Cancelled => Status::Cancelled,
    }
}

/// What an index says of a record. Its identifier there is the digits of the sponsor's number: short of the province, they
/// find the record again.
pub fn index_record(
    number: &ServiceFilingNumber,
    state: RecordState,
    as_of: DateTime<Utc>,
    today: Day,
) -> Record {
    let id = RecordId(u32::try_from(number.sponsor().digits()).unwrap_or(u32::MAX));
    Record { status: index_status(state), id, as_of: index_day(as_of).min(today) }
}

/// The day in China, as the index counts days.
fn index_day(moment: DateTime<Utc>) -> Day {
    let days = (china_day(moment) - DateTime::UNIX_EPOCH.date_naive()).num_days();
    Day(i32::try_from(days).unwrap_or(i32::MAX))
}

impl HostIndex {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, state: Mutex::default(), seen: std::sync::Mutex::new(Err(HostIndexProblem::NotYet)) }
    }

    fn see(&self, seen: Result<HostIndexView, HostIndexProblem>) -> Option<HostIndexProblem> {
        let mut last = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let news = seen.as_ref().err().filter(|problem| last.as_ref().err() != Some(problem)).cloned();
        *last = seen;
        news
    }
}

impl App {
    /// The index that is kept up, and how far; none if none is.
    pub fn host_index(
        &self,
        user: &User,
    ) -> Result<Option<Result<HostIndexView, HostIndexProblem>>, AppError> {
        user.require(Action::ViewSettings, None)?;
        let seen = |index: &HostIndex| index.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(self.inner.host_index.as_ref().map(seen))
    }

    /// Brings the index up to the records. What went wrong is told once, and tried again the next time.
    pub(crate) async fn index_round(&self) -> Progress {
        let Some(index) = &self.inner.host_index else { return Progress::Idle };
        let mut state = index.state.lock().await;
        match self.follow_records(index, &mut state).await {
            Ok((view, progress)) => {
                index.see(Ok(view));
                progress
            }
            Err(error) => {
                // It may be gone, or another one: it is looked for anew.
                *state = State { told: std::mem::take(&mut state.told), ..State::default() };
                if let Some(problem) = index.see(Err(HostIndexProblem::Failed(error.to_string()))) {
                    tracing::error!(error = %problem, path = %index.path.display(), "the index of host names is not kept up");
                }
                Progress::Idle
            }
        }
    }

    async fn follow_records(
        &self,
        index: &HostIndex,
        state: &mut State,
    ) -> Result<(HostIndexView, Progress), StepError> {
        // What comes while this goes on is behind the mark, and seen the next time.
        let mark = self.inner.store.read().end_of_trail().await?;
        let reader = match &state.reader {
            Some(reader) => Arc::clone(reader),
            None => {
                let path = index.path.clone();
                let (random, today) = (Arc::clone(&self.inner.random), index_day(self.inner.clock.now()));
                let opened = tokio::task::spawn_blocking(move || open_or_make(&path, &*random, today));
                let reader = Arc::new(opened.await??);
                state.reader = Some(Arc::clone(&reader));
                reader
            }
        };
        let current = refreshed(&reader).await?;
        let domains = match state.followed {
            Some(followed) if followed.generation == current.generation() => {
                if followed.mark == mark {
                    return Ok((view(index, &current), Progress::Idle));
                }
                self.inner.store.read().changed_domains(followed.mark, mark).await?
            }
            _ => self.differing_domains(&current).await?,
        };
        let changes = self.changes_of(domains, &current, state).await?;
        let progress = if changes.is_empty() { Progress::Idle } else { Progress::Worked };
        if !changes.is_empty() {
            let today = index_day(self.inner.clock.now());
            let most = MOST_CHANGES + current.len() / PART_OF_BASE;
            let becomes_large = current.delta_len() + changes.len() as u64 > most;
            let compacted = becomes_large.then(|| new_key(&*self.inner.random));
            let path = index.path.clone();
            tokio::task::spawn_blocking(move || publish(path, &changes, today, compacted)).await??;
        }
        let base = current.generation();
        let current = refreshed(&reader).await?;
        // A base that somebody published meanwhile is held against all records the next time.
        let followed = Followed { generation: base, mark };
        state.followed = (current.generation() == base).then_some(followed);
        Ok((view(index, &current), progress))
    }

    /// The domains on record here of which the index says something else.
    async fn differing_domains(&self, index: &Index) -> Result<BTreeSet<DomainName>, StepError> {
        let mut differing = BTreeSet::new();
        for state in RecordState::ALL {
            let mut after = None;
            loop {
                let page = self.inner.store.read().domains_after(state, after.as_ref(), PAGE).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.service_number.clone());
                for row in page {
                    let said = recorded(index, row.domain.as_ascii())?;
                    let is = index_record(&row.service_number, state, row.as_of, Day(i32::MAX));
                    if !said.is_some_and(|said| same(said, is)) {
                        differing.insert(row.domain);
                    }
                }
            }
        }
        Ok(differing)
    }

    /// What is to be said of domains, where it is not said already.
    async fn changes_of(
        &self,
        domains: BTreeSet<DomainName>,
        index: &Index,
        state: &mut State,
    ) -> Result<Vec<(String, Change)>, StepError> {
        let today = index_day(self.inner.clock.now());
        let mut changes = Vec::new();
        let is_possible = |domain: &DomainName| {
            let is_registrable = is_registrable(domain);
            if !is_registrable && state.told.insert(domain.clone()) {
                tracing::warn!(%domain, "on record, but no registrable domain: the index cannot have it");
            }
            is_registrable
        };
        let domains: Vec<DomainName> = domains.into_iter().filter(is_possible).collect();
        for some in domains.chunks(ASKED_AT_ONCE) {
            let standings = self.inner.store.read().standings_of_domains(some).await?;
            for domain in some {
                let said = recorded(index, domain.as_ascii())?;
                let change = match (standings.get(domain), said) {
                    (Some(standing), said) => {
                        let is =
                            index_record(&standing.service_number, standing.state, standing.as_of, today);
                        (!said.is_some_and(|said| same(said, is))).then_some(Change::Set(is))
                    }
                    // A record went over to another domain. Who else serves this one a list will say.
                    (None, Some(said)) => (said.status == Status::FiledHere).then_some(Change::Remove),
                    (None, None) => None,
                };
                changes.extend(change.map(|change| (domain.as_ascii().to_owned(), change)));
            }
        }
        Ok(changes)
    }
}

/// What is published at a path. If nothing is, an index without a domain that does not claim to know all.
fn open_or_make(path: &std::path::Path, random: &dyn Random, today: Day) -> Result<Reader, StepError> {
    match Reader::open(path) {
        Err(IndexError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            let key = new_key(random);
            let description = Description { completeness: Completeness::Partial, as_of: today, key };
            Publisher::new(path).publish(IndexBuilder::new(description))?;
            Ok(Reader::open(path)?)
        }
        opened => Ok(opened?),
    }
}

fn new_key(random: &dyn Random) -> IndexKey {
    let mut key = [0; 16];
    random.fill(&mut key);
    IndexKey(key)
}

/// The newest generation. A new base is read as a whole.
async fn refreshed(reader: &Arc<Reader>) -> Result<Arc<Index>, StepError> {
    let reader = Arc::clone(reader);
    let refresh = move || reader.refresh().map(|_| Arc::clone(&*reader.current()));
    Ok(tokio::task::spawn_blocking(refresh).await??)
}

/// Lays changes over the index, and makes one of both under a new key, if one is given.
fn publish(
    path: PathBuf,
    changes: &[(String, Change)],
    today: Day,
    compacted: Option<IndexKey>,
) -> Result<(), StepError> {
    let mut publisher = Publisher::new(path);
    publisher.apply(changes.iter().map(|(domain, change)| (domain.as_str(), *change)), today)?;
    if let Some(key) = compacted {
        publisher.compact(key)?;
    }
    Ok(())
}

fn view(index: &HostIndex, current: &Index) -> HostIndexView {
    HostIndexView {
        path: index.path.clone(),
        domains: current.len(),
        changes: current.delta_len(),
        generation: current.delta_generation().unwrap_or(0).max(current.generation()),
        completeness: current.completeness(),
    }
}

/// What the index says of just this domain, not of one that it is below.
fn recorded(index: &Index, domain: &str) -> Result<Option<Record>, StepError> {
    let mut record = None;
    index.look_up_domains(&[domain.as_bytes()], |_, answer, _| {
        if let Answer::Found(found) = answer {
            record = Some(found);
        }
    })?;
    Ok(record)
}

/// Whether two say the same; the day alone is no news.
fn same(one: Record, other: Record) -> bool {
    (one.status, one.id) == (other.status, other.id)
}

/// Whether an index can have it: its list of public suffixes may be newer than a record.
fn is_registrable(domain: &DomainName) -> bool {
    match Host::parse(domain.as_ascii().as_bytes()) {
        Host::Name(name) => [name.registrable(), name.registrable_of_registry()].contains(&domain.as_ascii()),
        _ => false,
    }
}
