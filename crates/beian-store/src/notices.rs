//! Mail to be sent, written in the transaction that gives cause for it.

use beian_domain::{OrderId, Personal};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entity::notice;
use crate::sealing::Place;
use crate::{Reader, Result, Subject, Tx, inconsistent};

/// Identifies a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeId(pub Uuid);

/// A mail to be queued.
#[derive(Debug, Clone)]
pub struct NewNotice {
    /// The order that it is about.
    pub order: OrderId,
    /// To whom.
    pub to: Personal,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// A queued mail.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Our identifier.
    pub id: NoticeId,
    /// To whom.
    pub to: Personal,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// How often it was tried.
    pub attempts: u32,
}

#[derive(Serialize, Deserialize)]
struct Content {
    to: String,
    subject: String,
    body: String,
}

const CONTENT: &str = "notice.content";

impl Tx<'_> {
    /// Queues a mail.
    pub async fn insert_notice(&mut self, new: NewNotice) -> Result<()> {
        let id = beian_domain::new_uuid(&*self.store.clock, &*self.store.random);
        let row = id.to_string();
        let content = Content { to: new.to.expose().to_owned(), subject: new.subject, body: new.body };
        let plain = Zeroizing::new(
            serde_json::to_vec(&content)
                .map_err(|error| inconsistent(CONTENT, "a mail that can be written")(&error))?,
        );
        let now = self.store.clock.now();
        notice::Entity::insert(notice::ActiveModel {
            id: Set(id),
            content_sealed: Set(self
                .store
                .sealer
                .seal(Place { table_and_column: CONTENT, row: &row }, &plain)?),
            attempts: Set(0),
            next_attempt_at: Set(now),
            created_at: Set(now),
            sent_at: Set(None),
        })
        .exec_without_returning(&self.db)
        .await?;
        self.note("notice.queue", &Subject::Order(new.order), json!({}));
        Ok(())
    }

    /// Notes that a mail was handed to the mail server.
    pub async fn complete_notice(&mut self, id: NoticeId) -> Result<()> {
        notice::Entity::update_many()
            .col_expr(notice::Column::SentAt, Expr::value(self.store.clock.now()))
            .filter(notice::Column::Id.eq(id.0))
            .exec(&self.db)
            .await?;
        self.note("notice.send", &Subject::Other("notice", id.0.to_string()), json!({}));
        Ok(())
    }

    /// Rests a mail that could not be sent.
    pub async fn postpone_notice(&mut self, notice: &Notice, next_attempt_at: DateTime<Utc>) -> Result<()> {
        notice::Entity::update_many()
            .col_expr(notice::Column::Attempts, Expr::value(i64::from(notice.attempts) + 1))
            .col_expr(notice::Column::NextAttemptAt, Expr::value(next_attempt_at))
            .filter(notice::Column::Id.eq(notice.id.0))
            .exec(&self.db)
            .await?;
        self.note("notice.postpone", &Subject::Other("notice", notice.id.0.to_string()), json!({}));
        Ok(())
    }
}

impl Reader<'_> {
    /// Mails that are due, oldest first.
    pub async fn due_notices(&self, now: DateTime<Utc>, limit: u64) -> Result<Vec<Notice>> {
        notice::Entity::find()
            .filter(notice::Column::SentAt.is_null())
            .filter(notice::Column::NextAttemptAt.lte(now))
            .order_by_asc(notice::Column::CreatedAt)
            .limit(limit)
            .all(&self.db)
            .await?
            .into_iter()
            .map(|row| {
                let place = row.id.to_string();
                let plain = self
                    .sealer
                    .open(Place { table_and_column: CONTENT, row: &place }, &row.content_sealed)?;
                let content: Content = serde_json::from_slice(&plain)
                    .map_err(|_| inconsistent(CONTENT, "a mail")(&"something else"))?;
                Ok(Notice {
                    id: NoticeId(row.id),
                    to: Personal::new(content.to),
                    subject: content.subject,
                    body: content.body,
                    attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
                })
            })
            .collect()
    }
}
