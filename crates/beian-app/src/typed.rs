//! What somebody typed when their session was over. It goes to the browser, sealed, and comes
//! back with the password: nothing is kept here, and nobody but us can read or change it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use beian_domain::OrderNumber;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{App, AppError};

/// For how long it counts.
const TERM: TimeDelta = TimeDelta::hours(2);

const WHAT: &str = "visitor.typed";

/// The answers to a question of the wizard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// Of which order.
    pub order: OrderNumber,
    /// On which of its pages.
    pub page: String,
    /// Names and values, as the form sent them.
    pub fields: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    at: DateTime<Utc>,
    typed: Typed,
}

impl App {
    /// Seals what was typed for a form.
    pub fn keep_typed(&self, typed: Typed) -> Result<String, AppError> {
        let kept = Kept { at: self.now(), typed };
        let plain = serde_json::to_vec(&kept).map_err(|error| AppError::Internal(error.to_string()))?;
        Ok(BASE64.encode(self.inner.store.seal_for_visitor(WHAT, &plain)?))
    }

    /// What was typed, if it was sealed here, and not too long ago.
    pub fn typed(&self, kept: &str) -> Option<Typed> {
        let sealed = BASE64.decode(kept).ok()?;
        let plain = self.inner.store.open_from_visitor(WHAT, &sealed).ok()?;
        let kept: Kept = serde_json::from_slice(&plain).ok()?;
        let age = self.now() - kept.at;
        (TimeDelta::zero() <= age && age <= TERM).then_some(kept.typed)
    }
}
