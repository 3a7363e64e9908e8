//! The inbox (站内信) of each account, and what its owner wants to be told how.

use beian_domain::{AccountId, NoticeChannel, NoticeClass, NoticeKind, NoticeLanguage, Personal, Text};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, JoinType,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, RelationDef, SelectA, SelectB, SelectTwo,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entity::{account, inbox_message, notice_setting};
use crate::sealing::Place;
use crate::{Reader, Result, Subject, Tx, inconsistent};

/// Identifies a message of an inbox. Later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InboxId(pub Uuid);

/// What a message says, in both languages: its reader chooses when they read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxContent {
    /// One line.
    pub subject: Text,
    /// Plain text.
    pub body: Text,
    /// Where in the portal it leads, a path.
    pub link: Option<String>,
}

/// A message in an inbox.
#[derive(Debug, Clone)]
pub struct InboxMessage {
    /// Our identifier.
    pub id: InboxId,
    /// What kind of thing it says.
    pub kind: NoticeKind,
    /// What it says.
    pub content: InboxContent,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
}

/// What the owner of an account wants to be told how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeSettings {
    /// In which language.
    pub language: NoticeLanguage,
    /// Where an SMS goes; without it, to the principal of the filing.
    pub mobile: Option<Personal>,
    /// Every pair that was chosen; the defaults hold if nothing ever was.
    pub choices: Option<Vec<(NoticeClass, NoticeChannel)>>,
}

impl Default for NoticeSettings {
    fn default() -> Self {
        Self { language: NoticeLanguage::Both, mobile: None, choices: None }
    }
}

impl NoticeSettings {
    /// Whether notices of a class go this way.
    pub fn wants(&self, class: NoticeClass, channel: NoticeChannel) -> bool {
        match &self.choices {
            Some(choices) => choices.contains(&(class, channel)),
            None => class.goes_by_default(channel),
        }
    }
}

const CONTENT: &str = "inbox_message.content";
const MOBILE: &str = "notice_setting.mobile";

impl Tx<'_> {
    /// Puts a message into an inbox.
    pub async fn insert_inbox_message(
        &mut self,
        account: AccountId,
        kind: NoticeKind,
        content: &InboxContent,
    ) -> Result<InboxId> {
        let id = beian_domain::new_uuid(&*self.store.clock, &*self.store.random);
        let row = id.to_string();
        let plain = Zeroizing::new(
            serde_json::to_vec(content)
                .map_err(|error| inconsistent(CONTENT, "a message that can be written")(&error))?,
        );
        let sealed = self.store.sealer.seal(Place { table_and_column: CONTENT, row: &row }, &plain)?;
        self.append(inbox_message::Entity::insert(inbox_message::ActiveModel {
            id: Set(id),
            account: Set(account.0),
            kind: Set(kind.slug().to_owned()),
            content_sealed: Set(sealed),
            created_at: Set(self.store.clock.now()),
            read_at: Set(None),
        }));
        self.note("inbox.put", &Subject::Account(account), json!({ "kind": kind }));
        Ok(InboxId(id))
    }

    /// Marks messages of an account as read: one, or all up to one that was seen, so that
    /// what came in between stays unread.
    pub async fn mark_read(&mut self, account: AccountId, which: ReadMark) -> Result<()> {
        let unread = inbox_message::Entity::update_many()
            .col_expr(inbox_message::Column::ReadAt, Expr::value(self.store.clock.now()))
            .filter(inbox_message::Column::Account.eq(account.0))
            .filter(inbox_message::Column::ReadAt.is_null());
        // What this transaction put there is read, too.
        self.write_appended().await?;
        let chosen = match which {
            ReadMark::One(id) => unread.filter(inbox_message::Column::Id.eq(id.0)),
            ReadMark::UpTo(id) => unread.filter(inbox_message::Column::Id.lte(id.0)),
        };
        let marked = chosen.exec(&self.db).await?.rows_affected;
        if marked > 0 {
            self.note("inbox.read", &Subject::Account(account), json!({ "messages": marked }));
        }
        Ok(())
    }

    /// Keeps what the owner of an account wants to be told how.
    pub async fn put_notice_settings(&mut self, account: AccountId, settings: &NoticeSettings) -> Result<()> {
        let row = account.0.to_string();
        let mobile = settings
            .mobile
            .as_ref()
            .map(|mobile| {
                let place = Place { table_and_column: MOBILE, row: &row };
                self.store.sealer.seal(place, mobile.expose().as_bytes())
            })
            .transpose()?;
        let choices =
            settings.choices.as_ref().map(serde_json::to_string).transpose().map_err(|error| {
                inconsistent("notice_setting.choices", "choices that can be written")(&error)
            })?;
        let replace = OnConflict::column(notice_setting::Column::Account)
            .update_columns([
                notice_setting::Column::Language,
                notice_setting::Column::MobileSealed,
                notice_setting::Column::Choices,
            ])
            .to_owned();
        notice_setting::Entity::insert(notice_setting::ActiveModel {
            account: Set(account.0),
            language: Set(settings.language.slug().to_owned()),
            mobile_sealed: Set(mobile),
            choices: Set(choices),
        })
        .on_conflict(replace)
        .exec_without_returning(&self.db)
        .await?;
        self.note("account.notice-settings", &Subject::Account(account), json!({}));
        Ok(())
    }
}

/// Which messages are marked as read.
#[derive(Debug, Clone, Copy)]
pub enum ReadMark {
    /// This one.
    One(InboxId),
    /// This one and all before it.
    UpTo(InboxId),
}

impl Reader<'_> {
    /// At most `limit` messages of an account, newest first, from before one of them.
    pub async fn inbox(
        &self,
        account: AccountId,
        before: Option<InboxId>,
        limit: u64,
    ) -> Result<Vec<InboxMessage>> {
        let mut select = inbox_message::Entity::find().filter(inbox_message::Column::Account.eq(account.0));
        if let Some(before) = before {
            select = select.filter(inbox_message::Column::Id.lt(before.0));
        }
        let rows = select.order_by_desc(inbox_message::Column::Id).limit(limit).all(&self.db).await?;
        rows.into_iter().map(|row| self.read_inbox_message(row)).collect()
    }

    /// How many messages of an account are not read; counted up to `most`.
    pub async fn count_unread(&self, account: AccountId, most: u64) -> Result<u64> {
        let rows: Vec<Uuid> = inbox_message::Entity::find()
            .select_only()
            .column(inbox_message::Column::Id)
            .filter(inbox_message::Column::Account.eq(account.0))
            .filter(inbox_message::Column::ReadAt.is_null())
            .limit(most)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(u64::try_from(rows.len()).unwrap_or(most))
    }

    /// What the owner of an account wants to be told how.
    pub async fn notice_settings(&self, account: AccountId) -> Result<NoticeSettings> {
        let row = notice_setting::Entity::find_by_id(account.0).one(&self.db).await?;
        self.read_notice_settings(row)
    }

    /// What the owner of an account wants to be told how, and their mail address.
    pub async fn addressee(&self, account: AccountId) -> Result<(NoticeSettings, Option<Personal>)> {
        let found = self.db.query_one(&addressee(account).into_query()).await?;
        self.read_addressee(found.as_ref())
    }

    /// Reads what [`addressee`](addressee()) asks for.
    pub(crate) fn read_addressee(
        &self,
        found: Option<&QueryResult>,
    ) -> Result<(NoticeSettings, Option<Personal>)> {
        let Some(row) = found else { return Ok((NoticeSettings::default(), None)) };
        let account = account::Model::from_query_result(row, SelectA.as_str())?;
        let settings = notice_setting::Model::from_query_result_optional(row, SelectB.as_str())?;
        Ok((self.read_notice_settings(settings)?, self.read_account(account)?.email))
    }

    fn read_notice_settings(&self, row: Option<notice_setting::Model>) -> Result<NoticeSettings> {
        let Some(row) = row else { return Ok(NoticeSettings::default()) };
        let place = row.account.to_string();
        let mobile = match &row.mobile_sealed {
            None => None,
            Some(sealed) => {
                let plain = self.sealer.open_text(Place { table_and_column: MOBILE, row: &place }, sealed)?;
                Some(Personal::new(plain.as_str()))
            }
        };
        let choices = row
            .choices
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| inconsistent("notice_setting.choices", "choices")(&error))?;
        let language = row
            .language
            .parse()
            .map_err(|error| inconsistent("notice_setting.language", "a language")(&error))?;
        Ok(NoticeSettings { language, mobile, choices })
    }

    fn read_inbox_message(&self, row: inbox_message::Model) -> Result<InboxMessage> {
        let place = row.id.to_string();
        let plain =
            self.sealer.open(Place { table_and_column: CONTENT, row: &place }, &row.content_sealed)?;
        Ok(InboxMessage {
            id: InboxId(row.id),
            kind: row.kind.parse().map_err(|error| inconsistent("inbox_message.kind", "a kind")(&error))?,
            content: serde_json::from_slice(&plain)
                .map_err(|_| inconsistent(CONTENT, "a message")(&"something else"))?,
            created_at: row.created_at,
            read_at: row.read_at,
        })
    }
}

/// An account, and what its owner wants to be told how.
pub(crate) fn addressee(account: AccountId) -> SelectTwo<account::Entity, notice_setting::Entity> {
    let settings: RelationDef = account::Entity::belongs_to(notice_setting::Entity)
        .from(account::Column::Id)
        .to(notice_setting::Column::Account)
        .into();
    account::Entity::find_by_id(account.0)
        .join(JoinType::LeftJoin, settings)
        .select_also(notice_setting::Entity)
}
