//! Mail: through a server, or into files when none is configured.

use std::path::Path;
use std::time::Duration;

use lettre::message::{Mailbox, header::ContentType};
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::MailWay;
use crate::gateway::Outcome;

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

    /// How mail leaves.
    pub(crate) fn way(&self) -> MailWay {
        match self.transport {
            Transport::Smtp(_) => MailWay::Server,
            Transport::Files(_) => MailWay::Files,
        }
    }

    /// Hands a mail over.
    pub(crate) async fn send(&self, message: &beian_store::Message) -> Outcome {
        let beian_store::Message::Mail { to, subject, body } = message else {
            return Outcome::Never("not a mail".to_owned());
        };
        let Ok(to) = to.expose().parse::<Mailbox>() else {
            return Outcome::Never("the recipient is not a mail address".to_owned());
        };
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body.clone());
        let message = match message {
            Ok(message) => message,
            Err(error) => return Outcome::Never(error.to_string()),
        };
        match &self.transport {
            Transport::Smtp(smtp) => match smtp.send(message).await {
                Ok(_) => Outcome::Sent,
                // What the server says can repeat the address.
                Err(error) if error.is_permanent() => {
                    Outcome::Never(format!("the mail server refused it{}", code(&error)))
                }
                Err(error) => Outcome::Again(format!("the mail server did not take it{}", code(&error))),
            },
            Transport::Files(files) => match files.send(message).await {
                Ok(_) => Outcome::Sent,
                Err(error) => Outcome::Again(error.to_string()),
            },
        }
    }
}

fn code(error: &lettre::transport::smtp::Error) -> String {
    error.status().map(|code| format!(": {code}")).unwrap_or_default()
}

fn sender(from: &str) -> Result<Mailbox, MailError> {
    from.parse().map_err(|_| MailError::Sender(from.to_owned()))
}
