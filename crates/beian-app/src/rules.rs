//! The rules as a service: judging and planning without an order, and the
//! rulebook in the operator's hands.

use std::sync::Arc;

use beian_domain::Verdict;
use beian_rules::{CaseFile, Circumstances, Plan, Rulebook};
use beian_store::Actor;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use crate::impact::{Impact, Standpoint, rulebook_impact};
use crate::permission::Action;
use crate::shelf::{self, Installed, Origin};
use crate::{App, AppError, User};

/// What the operator sees of the rulebook.
#[derive(Debug, Clone)]
pub struct RulebookView {
    /// The one that judges.
    pub rulebook: Arc<Rulebook>,
    /// Where it is from.
    pub origin: Origin,
    /// When it judged first, if that was noted.
    pub since: Option<DateTime<Utc>>,
    /// Whether another can be installed: a key was given.
    pub can_install: bool,
    /// Why the installed one was not taken at the start.
    pub trouble: Option<String>,
    /// Digests of those that have judged, newest first, with their first time.
    pub kept: Vec<(String, DateTime<Utc>)>,
}

/// A rulebook that could be installed.
#[derive(Debug, Clone)]
pub struct RulebookTrial {
    /// SHA-256, in hexadecimal.
    pub digest: String,
    /// The day on which it was sealed.
    pub created_on: NaiveDate,
    /// What it would change today.
    pub impact: Impact,
}

impl App {
    /// The rulebook that judges now.
    pub fn rulebook(&self) -> Arc<Rulebook> {
        self.inner.shelf.rulebook()
    }

    /// Judges a case file. Nothing is kept, and nobody is asked.
    pub async fn check(&self, file: CaseFile) -> Result<Verdict, AppError> {
        self.with_case_file(file, |at, rulebook| beian_rules::evaluate(&at.case, &at.facts, rulebook, at.day))
            .await
    }

    /// Plans the route of a case file. Nothing is kept, and nobody is asked.
    pub async fn plan(&self, file: CaseFile) -> Result<Plan, AppError> {
        self.with_case_file(file, |at, rulebook| beian_rules::plan(&at.case, &at.facts, rulebook, at.day))
            .await
    }

    async fn with_case_file<T: Send + 'static>(
        &self,
        file: CaseFile,
        work: impl FnOnce(&Circumstances, &Rulebook) -> T + Send + 'static,
    ) -> Result<T, AppError> {
        self.with_rules(file.into_circumstances(self.inner.policy.regulator, self.today()), work).await
    }

    /// A hostile case may take a while, and two of them at a time are enough.
    pub(crate) async fn with_rules<T: Send + 'static>(
        &self,
        at: Circumstances,
        work: impl FnOnce(&Circumstances, &Rulebook) -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let internal = |error: &dyn std::fmt::Display| AppError::Internal(error.to_string());
        let slots = self.inner.rule_slots.clone();
        let slot = slots.acquire_owned().await.map_err(|error| internal(&error))?;
        let rulebook = self.rulebook();
        let judged = tokio::task::spawn_blocking(move || {
            // Held by the work, not by who waits for it: whoever hangs up does not
            // make room for another.
            let _slot = slot;
            work(&at, &rulebook)
        });
        judged.await.map_err(|error| internal(&error))
    }

    /// What the operator sees of the rulebook.
    pub fn rulebook_view(&self, user: &User) -> Result<RulebookView, AppError> {
        user.require(Action::ManageRulebook, None)?;
        let shelf = &self.inner.shelf;
        let Installed { rulebook, origin, since, .. } = shelf.installed();
        Ok(RulebookView {
            rulebook,
            origin,
            since,
            can_install: shelf.can_install(),
            trouble: shelf.trouble().map(str::to_owned),
            kept: shelf.kept()?,
        })
    }

    /// A rulebook that has judged here, on a day; the present one if no digest
    /// is named, today if no day is.
    pub fn standpoint(&self, digest: Option<&str>, day: Option<NaiveDate>) -> Result<Standpoint, AppError> {
        let rulebook = match digest {
            Some(digest) => self.inner.shelf.of_digest(digest)?,
            None => self.rulebook(),
        };
        Ok(Standpoint { rulebook, day: day.unwrap_or_else(|| self.today()) })
    }

    /// Which open orders and stored records change their verdict between two
    /// rulebooks or two days.
    pub async fn rulebook_impact(
        &self,
        user: &User,
        from: Standpoint,
        to: Standpoint,
    ) -> Result<Impact, AppError> {
        user.require(Action::ManageRulebook, None)?;
        rulebook_impact(&self.inner.store, self.inner.policy.regulator, from, to).await
    }

    /// Says what a signed rulebook would change, and installs nothing.
    pub async fn try_rulebook(&self, user: &User, bundle: &[u8]) -> Result<RulebookTrial, AppError> {
        user.require(Action::ManageRulebook, None)?;
        let opened = self.inner.shelf.examine(bundle)?;
        let today = self.today();
        let digest = opened.rulebook.digest().to_owned();
        let received = self.inner.shelf.installed().received;
        let rulebook = shelf::with_received(&Arc::new(opened.rulebook), &received)?;
        let to = Standpoint { rulebook, day: today };
        let impact = self.rulebook_impact(user, self.standpoint(None, Some(today))?, to).await?;
        Ok(RulebookTrial { digest, created_on: opened.created_on, impact })
    }

    /// Installs a signed rulebook: it judges from the next request on, and after
    /// the next start. Whatever is wrong with it, the old one goes on judging.
    pub async fn install_rulebook(&self, user: &User, bundle: &[u8]) -> Result<RulebookView, AppError> {
        user.require(Action::ManageRulebook, None)?;
        let _one_at_a_time = self.inner.installing.lock().await;
        let shelf = &self.inner.shelf;
        let opened = shelf.examine(bundle)?;
        let before = shelf.installed();
        // The regulator's tables stay in use.
        let own = Arc::new(opened.rulebook);
        let rulebook = shelf::with_received(&own, &before.received)?;
        shelf.keep(&rulebook)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let detail = json!({ "before": before.rulebook.digest(), "created-on": opened.created_on });
        tx.note_rulebook(rulebook.digest(), detail);
        // The file before the entry: without the entry it is taken back, while
        // an entry could not be.
        let file_before = shelf.replace(shelf::CURRENT, bundle)?;
        if let Err(error) = tx.commit().await {
            shelf.restore(shelf::CURRENT, file_before)?;
            return Err(error.into());
        }
        shelf.put(Installed {
            rulebook,
            own,
            received: before.received,
            origin: Origin::Bundle { created_on: opened.created_on },
            since: Some(self.now()),
        });
        self.rulebook_view(user)
    }
}
