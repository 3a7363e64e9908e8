//! Acceptance lists for both ends of the regulator's interface (企业侧接口规范 V3.0).
//!
//! [`try_regulator`] plays a client against a server that takes the regulator's part: what must be
//! taken is taken, and what must be refused is refused, each with its code. [`ProviderTrial`] is
//! the other way round: a regulator for a provider's system, which watches how that system behaves
//! when replies are lost, files damaged and hours over.
//!
//! Neither looks into what it tries: all that counts is what goes over the wire. Where a list must
//! decide on a filing, it steers the practice regulator; a server without that interface has these
//! cases skipped, and the report says so. Filings are of practice identities only, and each list
//! wants a register of its own.

mod provider_side;
mod regulator_side;
mod report;
mod stage;

use std::fmt;
use std::sync::Arc;

use beian_domain::Random;
use beian_wire::Password;
use beian_wire::package::SharedSecret;
use chrono::{DateTime, Utc};

pub use provider_side::{Condition, ProviderTrial, TrialError};
pub use report::{Report, Row, Side, Verdict};

/// A server that takes the regulator's part.
#[derive(Clone)]
pub struct RegulatorSubject {
    /// Scheme, host and port, without a slash at the end.
    pub base_url: String,
    /// The access provider's number there (接入商id).
    pub isp_id: u64,
    /// Its user name.
    pub user_name: String,
    /// Its password.
    pub password: Password,
    /// Key and initial vector of files.
    pub secret: SharedSecret,
    /// Password of the practice regulator's steering interface, if it has one.
    pub steering: Option<String>,
}

impl fmt::Debug for RegulatorSubject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RegulatorSubject").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// Why a list cannot be played at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KitError {
    /// HTTP cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Client,
}

/// How much of a list is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Everything,
    /// All but files above the largest size, which take a regulator's server a second.
    NoLargeFiles,
}

/// Plays a client's list against a regulator's server.
///
/// # Errors
/// [`KitError`]; whatever the server does is in the report.
pub async fn try_regulator(
    subject: &RegulatorSubject,
    extent: Extent,
    random: Arc<dyn Random>,
    began_at: DateTime<Utc>,
) -> Result<Report, KitError> {
    let report = Report::new(Side::Regulator, subject.base_url.clone(), began_at);
    let mut stage = stage::Stage::new(subject, random, report)?;
    regulator_side::play(&mut stage, extent).await;
    Ok(stage.report)
}
