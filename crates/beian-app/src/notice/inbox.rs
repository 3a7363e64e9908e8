//! What the owner of an account does with notices: reads them, and says which come how.

use beian_domain::{MobileNumber, NoticeChannel, NoticeClass, NoticeLanguage, Personal};
use beian_store::{Actor, InboxId, InboxMessage, NoticeSettings, ReadMark};

use crate::permission::Action;
use crate::{App, AppError, User};

/// A page of an inbox.
#[derive(Debug)]
pub struct InboxPage {
    /// The messages, newest first.
    pub messages: Vec<InboxMessage>,
    /// Where the next page begins, if there is one.
    pub next: Option<InboxId>,
}

/// What an account wants to be told how, with what it can choose from.
#[derive(Debug)]
pub struct NoticeSettingsView {
    /// What it wants.
    pub settings: NoticeSettings,
    /// Where mail goes.
    pub email: Option<Personal>,
    /// Whether an SMS can be sent at all.
    pub ways: Vec<NoticeChannel>,
    /// The classes that concern the account's role.
    pub classes: Vec<NoticeClass>,
}

/// How many messages a page of an inbox has.
const PAGE: usize = 20;
/// Up to where unread messages are counted.
pub(crate) const MOST_COUNTED: u64 = 100;

impl App {
    /// The messages of a person, newest first, from before one of them.
    pub async fn inbox(&self, user: &User, before: Option<InboxId>) -> Result<InboxPage, AppError> {
        user.require(Action::ReadInbox, Some(user.account))?;
        // One more tells whether there is a next page.
        let mut messages = self.inner.store.read().inbox(user.account, before, PAGE as u64 + 1).await?;
        let is_more = messages.len() > PAGE;
        messages.truncate(PAGE);
        let next = messages.last().filter(|_| is_more).map(|message| message.id);
        Ok(InboxPage { messages, next })
    }

    /// How many messages of a person are not read, counted up to a hundred.
    pub async fn unread(&self, user: &User) -> Result<u64, AppError> {
        user.require(Action::ReadInbox, Some(user.account))?;
        Ok(self.inner.store.read().count_unread(user.account, MOST_COUNTED).await?)
    }

    /// Marks messages of a person as read.
    pub async fn mark_read(&self, user: &User, which: ReadMark) -> Result<(), AppError> {
        user.require(Action::ReadInbox, Some(user.account))?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.mark_read(user.account, which).await?;
        Ok(tx.commit().await?)
    }

    /// What a person wants to be told how.
    pub async fn notice_settings(&self, user: &User) -> Result<NoticeSettingsView, AppError> {
        user.require(Action::ReadInbox, Some(user.account))?;
        let reader = self.inner.store.read();
        let mut ways = vec![NoticeChannel::Mail];
        if self.inner.gateways.sends_sms() {
            ways.push(NoticeChannel::Sms);
        }
        let is_filer = user.role == beian_domain::Role::Filer;
        let concerns = |class: &NoticeClass| (*class == NoticeClass::Desk) != is_filer;
        Ok(NoticeSettingsView {
            settings: reader.notice_settings(user.account).await?,
            email: reader.account(user.account).await?.and_then(|account| account.email),
            ways,
            classes: NoticeClass::ALL.iter().copied().filter(concerns).collect(),
        })
    }

    /// Keeps what a person wants to be told how. Whatever they choose, every notice is in the inbox.
    pub async fn set_notice_settings(
        &self,
        user: &User,
        language: NoticeLanguage,
        mobile: Option<MobileNumber>,
        choices: Vec<(NoticeClass, NoticeChannel)>,
    ) -> Result<(), AppError> {
        user.require(Action::ReadInbox, Some(user.account))?;
        let settings = NoticeSettings {
            language,
            mobile: mobile.map(|mobile| Personal::new(mobile.as_str())),
            choices: Some(choices),
        };
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.put_notice_settings(user.account, &settings).await?;
        Ok(tx.commit().await?)
    }
}
