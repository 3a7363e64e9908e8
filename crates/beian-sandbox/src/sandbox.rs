//! The running regulator: one register behind one lock, kept before it answers.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::http::HeaderMap;
use beian_domain::{Clock, Random};
use chrono::{DateTime, TimeDelta, Utc};

use crate::config::{SandboxConfig, Secret};
use crate::http;
use crate::regulator::{Regulator, RegulatorError};
use crate::session::{Session, Sessions};
use crate::store::{KeepError, Keeper};
use crate::validation::{Leniency, Validation};

/// A practice regulator that is open for business.
///
/// Clones share one register.
#[derive(Clone)]
pub struct Sandbox(Arc<Shared>);

/// Why a practice regulator cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The register could not be read, or the first one not be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The configuration or the register makes no sense.
    #[error(transparent)]
    Regulator(#[from] RegulatorError),
}

impl Sandbox {
    /// Opens the register that `config.store` names, or begins a new one.
    ///
    /// # Errors
    /// When the file cannot be read or is not a register, when two providers
    /// have the same `isp_id`, when a province is not one of the mainland's 31,
    /// and when an upload in the register was made with another secret than the
    /// configured one.
    pub fn open(
        config: SandboxConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, OpenError> {
        Self::open_lenient(config, clock, random, [])
    }

    /// The same, letting pass what `lenient` names: to try tests of regulators, and nothing else.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_lenient(
        config: SandboxConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        lenient: impl IntoIterator<Item = Validation>,
    ) -> Result<Self, OpenError> {
        let keeper = Keeper::new(config.store.clone());
        let console_password = config.console_password.clone();
        let mut regulator = Regulator::new(config, keeper.load()?)?;
        regulator.let_pass(Leniency::of(lenient));
        // Find out now, not at the first upload, that the file cannot be written.
        keeper.keep(regulator.state())?;
        Ok(Self(Arc::new(Shared {
            regulator: Mutex::new(regulator),
            keeper,
            clock,
            ahead: AtomicI64::new(0),
            random,
            sessions: Sessions::default(),
            console_password,
        })))
    }

    /// Everything this regulator serves, under absolute paths:
    /// `/ISPWebService/…`, `/BeianStatusWebService/…` and `/regulator/…`.
    pub fn router(&self) -> Router {
        http::router(Arc::clone(&self.0))
    }
}

/// What every request shares.
pub(crate) struct Shared {
    regulator: Mutex<Regulator>,
    keeper: Keeper,
    clock: Arc<dyn Clock>,
    /// How far its time is ahead of the clock, in seconds.
    ahead: AtomicI64,
    random: Arc<dyn Random>,
    sessions: Sessions,
    console_password: Secret,
}

/// The moment of a request and its chance: all that the state machine needs
/// besides what it is told.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) now: DateTime<Utc>,
    pub(crate) random: &'a dyn Random,
}

/// The register could not be kept: whatever was done must not be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotKept;

impl Shared {
    /// Does `act` with the register, and keeps the register if it changed,
    /// before the result is given out.
    ///
    /// When the register cannot be kept, the change stays in memory and is kept
    /// with the next one; the caller is told and tries again, which the state
    /// machine takes (the same upload twice is the same upload).
    pub(crate) async fn act<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&mut Regulator, Moment<'_>) -> T + Send + 'static,
    ) -> Result<T, NotKept> {
        let shared = Arc::clone(self);
        // Unpacking 50 MB and flushing a disk would hold up everybody else on
        // an asynchronous thread.
        let done = tokio::task::spawn_blocking(move || {
            let mut regulator = shared.regulator.lock().unwrap_or_else(PoisonError::into_inner);
            let moment = Moment { now: shared.now(), random: shared.random.as_ref() };
            regulator.advance(moment);
            let result = act(&mut regulator, moment);
            if regulator.changed() {
                shared.keeper.keep(regulator.state()).map_err(|error| {
                    tracing::error!(%error, "the register could not be kept");
                    NotKept
                })?;
                regulator.kept();
            }
            Ok(result)
        });
        done.await.unwrap_or(Err(NotKept))
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<Session> {
        self.sessions.of_request(headers, self.now())
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now() + TimeDelta::seconds(self.ahead.load(Ordering::SeqCst))
    }

    /// Moves its time on; what was due meanwhile happens with the next request.
    pub(crate) fn move_on(&self, hours: u32) {
        self.ahead.fetch_add(i64::from(hours) * 3_600, Ordering::SeqCst);
    }

    pub(crate) fn random(&self) -> &dyn Random {
        self.random.as_ref()
    }

    pub(crate) fn console_password(&self) -> &Secret {
        &self.console_password
    }
}
