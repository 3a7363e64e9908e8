//! What an operator sees of notices: what could not be sent, and how each one reads.

use beian_domain::{NoticeChannel, NoticeKind, NoticeLanguage};
use beian_store::{InboxContent, Message, Notice, NoticeFilter, NoticeId};
use serde_json::Value;

use super::{NoticeEvent, RenderedMail, render_inbox, render_mail, render_sms};
use crate::permission::Action;
use crate::{App, AppError, User};

/// What goes out, as the operator sees it.
#[derive(Debug)]
pub struct NoticeDesk {
    /// Those that were given up, newest first.
    pub failed: Vec<Notice>,
    /// Those that will be tried again, newest first.
    pub troubled: Vec<Notice>,
    /// With the practice gateway, what would have been sent by SMS, newest first.
    pub practice_sms: Option<Vec<Notice>>,
}

/// How a notice reads, by every way.
#[derive(Debug)]
pub struct NoticePreview {
    /// What kind of thing it says.
    pub kind: NoticeKind,
    /// As a mail, in each language.
    pub mails: Vec<(NoticeLanguage, RenderedMail)>,
    /// As an SMS, in each language.
    pub sms: Vec<(NoticeLanguage, String)>,
    /// In the inbox.
    pub inbox: InboxContent,
    /// As a webhook.
    pub payload: Value,
}

/// How many of each are shown.
const SHOWN: u64 = 100;

impl App {
    /// What could not be sent.
    pub async fn notice_desk(&self, user: &User) -> Result<NoticeDesk, AppError> {
        user.require(Action::WatchNotices, None)?;
        let reader = self.inner.store.read();
        let practice_sms = if self.inner.gateways.keeps_sms() {
            Some(reader.notices(NoticeFilter::Of(NoticeChannel::Sms), SHOWN).await?)
        } else {
            None
        };
        Ok(NoticeDesk {
            failed: reader.notices(NoticeFilter::Failed, SHOWN).await?,
            troubled: reader.notices(NoticeFilter::Troubled, SHOWN).await?,
            practice_sms,
        })
    }

    /// Has a notice that was given up tried again.
    pub async fn retry_notice(&self, user: &User, id: NoticeId) -> Result<(), AppError> {
        user.require(Action::WatchNotices, None)?;
        let notice = self.inner.store.read().notice(id).await?.ok_or(AppError::NotFound)?;
        if matches!(notice.state, beian_store::NoticeState::Sent(_)) {
            return Err(AppError::NotOffered);
        }
        if let Message::Webhook { endpoint, .. } = &notice.message {
            let endpoint = self.inner.store.read().endpoint(*endpoint).await?;
            if endpoint.is_none_or(|endpoint| endpoint.stopped_at.is_some()) {
                return Err(AppError::NotOffered);
            }
        }
        self.try_again(user, &notice).await
    }

    /// How every kind of notice reads, with made-up values.
    pub fn notice_previews(&self, user: &User) -> Result<Vec<NoticePreview>, AppError> {
        user.require(Action::WatchNotices, None)?;
        let policy = &self.inner.policy;
        let languages = [NoticeLanguage::Chinese, NoticeLanguage::English];
        let now = self.inner.clock.now();
        let preview = |event: &NoticeEvent| NoticePreview {
            kind: event.kind(),
            mails: languages
                .map(|language| {
                    (language, render_mail(event, language, &policy.public_url, &policy.provider_name))
                })
                .into(),
            sms: languages.map(|language| (language, render_sms(event, language))).into(),
            inbox: render_inbox(event),
            payload: event.payload(now),
        };
        Ok(NoticeEvent::samples(now).iter().map(preview).collect())
    }
}
