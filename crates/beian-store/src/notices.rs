//! Notices that leave: mail, SMS and webhooks, written in the transaction that
//! gives cause for them.

use beian_domain::{AccountId, NoticeChannel, NoticeKind, Personal};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entity::notice;
use crate::sealing::Place;
use crate::webhooks::EndpointId;
use crate::{Reader, Result, Subject, Tx, inconsistent};

/// Identifies a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NoticeId(pub Uuid);

/// What goes out, and to whom.
#[derive(Debug, Clone)]
pub enum Message {
    /// A mail.
    Mail {
        /// To whom.
        to: Personal,
        /// Subject line.
        subject: String,
        /// Plain text.
        body: String,
    },
    /// A message to a mobile telephone.
    Sms {
        /// The mobile number.
        to: Personal,
        /// The text.
        text: String,
    },
    /// A call to another system.
    Webhook {
        /// Which.
        endpoint: EndpointId,
        /// The JSON that is signed and sent, byte by byte.
        body: String,
    },
}

impl Message {
    /// The way it goes.
    pub fn channel(&self) -> NoticeChannel {
        match self {
            Self::Mail { .. } => NoticeChannel::Mail,
            Self::Sms { .. } => NoticeChannel::Sms,
            Self::Webhook { .. } => NoticeChannel::Webhook,
        }
    }
}

/// A notice to be queued.
#[derive(Debug, Clone)]
pub struct NewNotice {
    /// What it is about, for the audit trail.
    pub about: Subject,
    /// What kind of thing it says.
    pub kind: NoticeKind,
    /// Whom it concerns; absent if it goes to the provider's own systems.
    pub account: Option<AccountId>,
    /// What goes out.
    pub message: Message,
    /// After this time it is not tried again.
    pub give_up_at: DateTime<Utc>,
}

/// A queued notice.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Our identifier.
    pub id: NoticeId,
    /// What kind of thing it says.
    pub kind: NoticeKind,
    /// Whom it concerns.
    pub account: Option<AccountId>,
    /// What goes out.
    pub message: Message,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When it is tried next.
    pub next_attempt_at: DateTime<Utc>,
    /// After this time it is not tried again; absent for mails from before that was kept.
    pub give_up_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: NoticeState,
    /// What went wrong last.
    pub problem: Option<String>,
}

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeState {
    /// It is yet to be sent.
    Waiting,
    /// It was handed over.
    Sent(DateTime<Utc>),
    /// It was given up, until a person has it tried again.
    Failed(DateTime<Utc>),
}

/// Which notices a list holds; newest first.
#[derive(Debug, Clone, Copy)]
pub enum NoticeFilter {
    /// Those that were given up.
    Failed,
    /// Those that were tried in vain and will be tried again.
    Troubled,
    /// Those of one way, whatever has become of them.
    Of(NoticeChannel),
    /// Those to one endpoint.
    To(EndpointId),
}

#[derive(Serialize, Deserialize)]
struct MailContent {
    to: String,
    subject: String,
    body: String,
}

#[derive(Serialize, Deserialize)]
struct SmsContent {
    to: String,
    text: String,
}

const CONTENT: &str = "notice.content";

impl Tx<'_> {
    /// Queues a notice.
    pub async fn insert_notice(&mut self, new: NewNotice) -> Result<NoticeId> {
        let id = beian_domain::new_uuid(&*self.store.clock, &*self.store.random);
        let row = id.to_string();
        let (plain, endpoint) = match &new.message {
            Message::Mail { to, subject, body } => {
                let (to, subject, body) = (to.expose().to_owned(), subject.clone(), body.clone());
                (serde_json::to_vec(&MailContent { to, subject, body }), None)
            }
            Message::Sms { to, text } => {
                let (to, text) = (to.expose().to_owned(), text.clone());
                (serde_json::to_vec(&SmsContent { to, text }), None)
            }
            Message::Webhook { endpoint, body } => (Ok(body.clone().into_bytes()), Some(endpoint.0)),
        };
        let plain = Zeroizing::new(
            plain.map_err(|error| inconsistent(CONTENT, "a notice that can be written")(&error))?,
        );
        let now = self.store.clock.now();
        self.append(notice::Entity::insert(notice::ActiveModel {
            id: Set(id),
            content_sealed: Set(self
                .store
                .sealer
                .seal(Place { table_and_column: CONTENT, row: &row }, &plain)?),
            attempts: Set(0),
            next_attempt_at: Set(now),
            created_at: Set(now),
            sent_at: Set(None),
            channel: Set(new.message.channel().slug().to_owned()),
            kind: Set(new.kind.slug().to_owned()),
            account: Set(new.account.map(|account| account.0)),
            endpoint: Set(endpoint),
            give_up_at: Set(Some(new.give_up_at)),
            failed_at: Set(None),
            problem: Set(None),
        }));
        let detail = json!({ "kind": new.kind, "channel": new.message.channel() });
        self.note("notice.queue", &new.about, detail);
        Ok(NoticeId(id))
    }

    /// Notes that a notice was handed over.
    pub async fn complete_notice(&mut self, id: NoticeId) -> Result<()> {
        notice::Entity::update_many()
            .col_expr(notice::Column::SentAt, Expr::value(self.store.clock.now()))
            .col_expr(notice::Column::Problem, Expr::value(Option::<String>::None))
            .filter(notice::Column::Id.eq(id.0))
            .exec(&self.db)
            .await?;
        self.note("notice.send", &subject(id), json!({}));
        Ok(())
    }

    /// Rests a notice that could not be sent, and with it all others to the same
    /// endpoint: who does not answer is not asked a hundred times at once.
    pub async fn postpone_notice(
        &mut self,
        notice: &Notice,
        next_attempt_at: DateTime<Utc>,
        problem: &str,
    ) -> Result<()> {
        self.count_attempt(notice, problem)
            .col_expr(notice::Column::NextAttemptAt, Expr::value(next_attempt_at))
            .exec(&self.db)
            .await?;
        if let Message::Webhook { endpoint, .. } = &notice.message {
            waiting_to(*endpoint)
                .col_expr(notice::Column::NextAttemptAt, Expr::value(next_attempt_at))
                .filter(notice::Column::NextAttemptAt.lt(next_attempt_at))
                .exec(&self.db)
                .await?;
        }
        self.note("notice.postpone", &subject(notice.id), json!({}));
        Ok(())
    }

    /// Gives a notice up: it is kept, with what went wrong, for a person to look at.
    pub async fn fail_notice(&mut self, notice: &Notice, problem: &str) -> Result<()> {
        let now = self.store.clock.now();
        self.count_attempt(notice, problem)
            .col_expr(notice::Column::FailedAt, Expr::value(now))
            .exec(&self.db)
            .await?;
        self.note("notice.fail", &subject(notice.id), json!({}));
        Ok(())
    }

    /// Has a notice tried again, from the beginning and at once.
    pub async fn requeue_notice(&mut self, id: NoticeId, give_up_at: DateTime<Utc>) -> Result<()> {
        notice::Entity::update_many()
            .col_expr(notice::Column::Attempts, Expr::value(0_i64))
            .col_expr(notice::Column::NextAttemptAt, Expr::value(self.store.clock.now()))
            .col_expr(notice::Column::GiveUpAt, Expr::value(give_up_at))
            .col_expr(notice::Column::FailedAt, Expr::value(Option::<DateTime<Utc>>::None))
            .col_expr(notice::Column::SentAt, Expr::value(Option::<DateTime<Utc>>::None))
            .filter(notice::Column::Id.eq(id.0))
            .exec(&self.db)
            .await?;
        self.note("notice.requeue", &subject(id), json!({}));
        Ok(())
    }

    /// Gives up whatever waits for an endpoint.
    pub(crate) async fn fail_notices_to(&mut self, endpoint: EndpointId, problem: &str) -> Result<()> {
        // Those of this transaction, too.
        self.write_appended().await?;
        let now = self.store.clock.now();
        waiting_to(endpoint)
            .col_expr(notice::Column::FailedAt, Expr::value(now))
            .col_expr(notice::Column::Problem, Expr::value(problem))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    fn count_attempt(&self, notice: &Notice, problem: &str) -> sea_orm::UpdateMany<notice::Entity> {
        notice::Entity::update_many()
            .col_expr(notice::Column::Attempts, Expr::value(i64::from(notice.attempts) + 1))
            .col_expr(notice::Column::Problem, Expr::value(problem))
            .filter(notice::Column::Id.eq(notice.id.0))
    }
}

impl Reader<'_> {
    /// The notice of an identifier.
    pub async fn notice(&self, id: NoticeId) -> Result<Option<Notice>> {
        notice::Entity::find_by_id(id.0).one(&self.db).await?.map(|row| self.read_notice(row)).transpose()
    }

    /// Notices of one way that are due, oldest first.
    pub async fn due_notices(
        &self,
        channel: NoticeChannel,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Notice>> {
        let select = due(channel, now).order_by_asc(notice::Column::CreatedAt).limit(limit);
        self.read_notices(select).await
    }

    /// The oldest due notice of each endpoint, of at most `limit` endpoints.
    pub async fn due_webhooks(&self, now: DateTime<Utc>, limit: u64) -> Result<Vec<Notice>> {
        let endpoints: Vec<Uuid> = due(NoticeChannel::Webhook, now)
            .filter(notice::Column::Endpoint.is_not_null())
            .select_only()
            .column(notice::Column::Endpoint)
            .group_by(notice::Column::Endpoint)
            .limit(limit)
            .into_tuple()
            .all(&self.db)
            .await?;
        let mut found = Vec::with_capacity(endpoints.len());
        for endpoint in endpoints {
            let select = due(NoticeChannel::Webhook, now)
                .filter(notice::Column::Endpoint.eq(endpoint))
                .order_by_asc(notice::Column::CreatedAt)
                .order_by_asc(notice::Column::Id)
                .limit(1);
            found.extend(self.read_notices(select).await?);
        }
        Ok(found)
    }

    /// At most `limit` notices, newest first.
    pub async fn notices(&self, filter: NoticeFilter, limit: u64) -> Result<Vec<Notice>> {
        let all = notice::Entity::find();
        let select = match filter {
            NoticeFilter::Failed => all.filter(notice::Column::FailedAt.is_not_null()),
            NoticeFilter::Troubled => all
                .filter(notice::Column::SentAt.is_null())
                .filter(notice::Column::FailedAt.is_null())
                .filter(notice::Column::Attempts.gt(0)),
            NoticeFilter::Of(channel) => all.filter(notice::Column::Channel.eq(channel.slug())),
            NoticeFilter::To(endpoint) => all.filter(notice::Column::Endpoint.eq(endpoint.0)),
        };
        self.read_notices(select.order_by_desc(notice::Column::CreatedAt).limit(limit)).await
    }

    async fn read_notices(&self, select: sea_orm::Select<notice::Entity>) -> Result<Vec<Notice>> {
        select.all(&self.db).await?.into_iter().map(|row| self.read_notice(row)).collect()
    }

    fn read_notice(&self, row: notice::Model) -> Result<Notice> {
        let place = row.id.to_string();
        let plain =
            self.sealer.open(Place { table_and_column: CONTENT, row: &place }, &row.content_sealed)?;
        let channel: NoticeChannel =
            row.channel.parse().map_err(|error| inconsistent("notice.channel", "a way")(&error))?;
        // What serde_json says of a failure can repeat what it read.
        let other = || inconsistent(CONTENT, "a notice")(&"something else");
        let message = match channel {
            NoticeChannel::Mail => {
                let content: MailContent = serde_json::from_slice(&plain).map_err(|_| other())?;
                Message::Mail { to: Personal::new(content.to), subject: content.subject, body: content.body }
            }
            NoticeChannel::Sms => {
                let content: SmsContent = serde_json::from_slice(&plain).map_err(|_| other())?;
                Message::Sms { to: Personal::new(content.to), text: content.text }
            }
            NoticeChannel::Webhook => Message::Webhook {
                endpoint: EndpointId(row.endpoint.ok_or_else(other)?),
                body: String::from_utf8(plain.to_vec()).map_err(|_| other())?,
            },
        };
        let state = match (row.sent_at, row.failed_at) {
            (Some(at), _) => NoticeState::Sent(at),
            (None, Some(at)) => NoticeState::Failed(at),
            (None, None) => NoticeState::Waiting,
        };
        Ok(Notice {
            id: NoticeId(row.id),
            kind: row.kind.parse().map_err(|error| inconsistent("notice.kind", "a kind")(&error))?,
            account: row.account.map(AccountId),
            message,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            created_at: row.created_at,
            next_attempt_at: row.next_attempt_at,
            give_up_at: row.give_up_at,
            state,
            problem: row.problem,
        })
    }
}

fn subject(id: NoticeId) -> Subject {
    Subject::Other("notice", id.0.to_string())
}

fn due(channel: NoticeChannel, now: DateTime<Utc>) -> sea_orm::Select<notice::Entity> {
    notice::Entity::find()
        .filter(notice::Column::Channel.eq(channel.slug()))
        .filter(notice::Column::SentAt.is_null())
        .filter(notice::Column::FailedAt.is_null())
        .filter(notice::Column::NextAttemptAt.lte(now))
}

fn waiting_to(endpoint: EndpointId) -> sea_orm::UpdateMany<notice::Entity> {
    notice::Entity::update_many()
        .filter(notice::Column::Endpoint.eq(endpoint.0))
        .filter(notice::Column::SentAt.is_null())
        .filter(notice::Column::FailedAt.is_null())
}
