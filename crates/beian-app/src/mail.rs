//! Mail: through a server, or into files when none is configured.

use std::path::Path;
use std::time::Duration;

use beian_store::{Actor, Notice};
use chrono::TimeDelta;
use lettre::message::{Mailbox, header::ContentType};
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::{App, AppError, Progress};

/// How mail leaves.
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
}

enum Transport {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Files(AsyncFileTransport<Tokio1Executor>),
}

/// Why mail cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender is not a mail address.
    #[error("expected a sender such as `Provider <beian@example.com>`, got {0:?}")]
    Sender(String),
    /// The server's address is not one.
    #[error("expected an address such as smtps://user:password@host or smtp://host:25, got another")]
    Server,
    /// The directory cannot be made.
    #[error("the directory for mail cannot be made: {0}")]
    Directory(#[from] std::io::Error),
}

impl Mailer {
    /// Sends through a mail server: `smtps://user:password@host`.
    pub fn smtp(url: &str, from: &str) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| MailError::Server)?
            .timeout(Some(Duration::from_secs(20)))
            .build();
        Ok(Self { from: sender(from)?, transport: Transport::Smtp(Box::new(transport)) })
    }

    /// Writes each mail as a file of RFC 5322 into a directory.
    pub fn files(directory: &Path, from: &str) -> Result<Self, MailError> {
        std::fs::create_dir_all(directory)?;
        Ok(Self { from: sender(from)?, transport: Transport::Files(AsyncFileTransport::new(directory)) })
    }

    async fn send(&self, notice: &Notice) -> Result<(), String> {
        let to: Mailbox =
            notice.to.expose().parse().map_err(|_| "the recipient is not a mail address".to_owned())?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&notice.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(notice.body.clone())
            .map_err(|error| error.to_string())?;
        match &self.transport {
            Transport::Smtp(smtp) => smtp.send(message).await.map(drop).map_err(|error| error.to_string()),
            Transport::Files(files) => files.send(message).await.map(drop).map_err(|error| error.to_string()),
        }
    }
}

fn sender(from: &str) -> Result<Mailbox, MailError> {
    from.parse().map_err(|_| MailError::Sender(from.to_owned()))
}

impl App {
    /// Sends one mail that is due. A crash between sending and noting it sends it
    /// twice: mail has no exactly-once.
    pub async fn mail_step(&self) -> Result<Progress, AppError> {
        let now = self.inner.clock.now();
        let Some(notice) = self.inner.store.read().due_notices(now, 1).await?.pop() else {
            return Ok(Progress::Idle);
        };
        let sent = self.inner.mailer.send(&notice).await;
        let mut tx = self.inner.store.begin(Actor::System).await?;
        match sent {
            Ok(()) => tx.complete_notice(notice.id).await?,
            Err(error) => {
                tracing::warn!(notice = %notice.id.0, %error, "a mail could not be sent");
                let minutes = 1_i64 << notice.attempts.min(8);
                tx.postpone_notice(&notice, now + TimeDelta::minutes(minutes)).await?;
            }
        }
        tx.commit().await?;
        Ok(Progress::Worked)
    }
}
