//! The audit trail (操作记录), to be searched.

use beian_domain::{LoginName, OrderNumber};
use beian_store::{Actor, AuditEntry, AuditReport, AuditSearch, Subject};

use crate::permission::Action;
use crate::{App, AppError, User};

/// How many entries a page of the trail has.
const PAGE: usize = 100;

/// A page of the trail, newest first.
#[derive(Debug, Clone)]
pub struct TrailPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Before which entry the next page begins, if there is one.
    pub next: Option<i64>,
}

impl App {
    /// Entries of the audit trail. What is looked for is the number of an order, the login name of
    /// an account, or the name of an action such as `order.submit`; nothing for all of them.
    pub async fn audit(&self, user: &User, text: &str, before: Option<i64>) -> Result<TrailPage, AppError> {
        user.require(Action::ReadTrail, None)?;
        let search = self.understood(text.trim()).await?;
        let mut entries = self.inner.store.read().audit_page(&search, before, PAGE as u64 + 1).await?;
        // One more was asked for, to know of it.
        let has_more = entries.len() > PAGE;
        entries.truncate(PAGE);
        let next = entries.last().filter(|_| has_more).map(|entry| entry.sequence);
        Ok(TrailPage { entries, next })
    }

    /// Walks the whole chain of the trail: whether an entry was changed, dropped or put in between. One walk
    /// at a time; it only reads.
    pub async fn verify_audit(&self, user: &User) -> Result<AuditReport, AppError> {
        user.require(Action::ReadTrail, None)?;
        let _alone = self.inner.verifying.lock().await;
        Ok(self.inner.store.read().verify_audit().await?)
    }

    async fn understood(&self, text: &str) -> Result<AuditSearch, AppError> {
        if text.is_empty() {
            return Ok(AuditSearch::Everything);
        }
        let reader = self.inner.store.read();
        if let Some(order) = reader.order_by_number(&OrderNumber(text.to_owned())).await? {
            return Ok(AuditSearch::Of(Subject::Order(order.id)));
        }
        if let Ok(login) = text.parse::<LoginName>()
            && let Some(account) = reader.account_by_login(&login).await?
        {
            return Ok(AuditSearch::By(Actor::Account(account.id)));
        }
        Ok(AuditSearch::Action(text.to_owned()))
    }
}
