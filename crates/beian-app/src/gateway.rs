//! The ways out over HTTP: SMS gateway and webhooks. Mail has [its own](crate::Mailer).

mod reach;
mod sms;
mod webhook;

use std::time::Duration;

use reqwest::Client;

pub(crate) use reach::{LONGEST as LONGEST_URL, is_public, may_be_public};
pub use reach::{WebhookReach, WebhookRefusal};
pub use sms::{HttpSms, SmsFormat, SmsGateway, SmsSettingsError};
pub use webhook::{NewWebhook, WebhookView};

use reach::Reachable;

/// The ways out over HTTP. Cheap to clone.
#[derive(Clone)]
pub struct Gateways {
    sms: SmsGateway,
    reach: WebhookReach,
    client: Client,
    webhooks: Client,
}

/// How long a call may take.
#[derive(Debug, Clone, Copy)]
pub struct GatewayTimeouts {
    /// Until there is a connection.
    pub connect: Duration,
    /// Altogether.
    pub call: Duration,
}

impl Default for GatewayTimeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), call: Duration::from_secs(10) }
    }
}

/// Why the ways out could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Nobody chose a TLS library.
    #[error("expected a TLS provider to be installed")]
    NoTlsProvider,
    /// The HTTP client refused its settings.
    #[error("the HTTP client could not be made: {0}")]
    Client(#[from] reqwest::Error),
}

impl Gateways {
    /// SMS by `sms`, and webhooks as far as `reach` allows.
    pub fn new(
        sms: SmsGateway,
        reach: WebhookReach,
        timeouts: GatewayTimeouts,
    ) -> Result<Self, GatewayError> {
        // Without a provider the builder would panic.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(GatewayError::NoTlsProvider);
        }
        let builder = || {
            Client::builder()
                .connect_timeout(timeouts.connect)
                .timeout(timeouts.call)
                // Who is redirected could be sent where it may not call.
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .pool_max_idle_per_host(0)
                .retry(reqwest::retry::never())
                .http1_only()
                .user_agent("beian")
        };
        let client = builder().build()?;
        let webhooks = match reach {
            WebhookReach::Public => builder().dns_resolver(Reachable).build()?,
            WebhookReach::Anywhere => builder().build()?,
        };
        Ok(Self { sms, reach, client, webhooks })
    }

    /// Those of a product that is tried out: an SMS is kept instead of sent, webhooks go to public
    /// addresses.
    pub fn practice() -> Result<Self, GatewayError> {
        Self::new(SmsGateway::Practice, WebhookReach::Public, GatewayTimeouts::default())
    }

    /// Whether an SMS can be sent at all.
    pub(crate) fn sends_sms(&self) -> bool {
        !matches!(self.sms, SmsGateway::Off)
    }

    /// Whether an SMS is kept for somebody to look at instead of sent.
    pub(crate) fn keeps_sms(&self) -> bool {
        matches!(self.sms, SmsGateway::Practice)
    }

    pub(crate) fn reach(&self) -> WebhookReach {
        self.reach
    }
}

/// What came of an attempt. The reasons are for the operator, and name nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was taken.
    Sent,
    /// It may be taken later.
    Again(String),
    /// It will never be taken as it is.
    Never(String),
    /// The other side wants nothing any more.
    Gone(String),
}

/// What a failed call says: never the address, which can hold a secret.
fn call_problem(error: &reqwest::Error) -> String {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<reach::NotPublic>() {
            return refused.to_string();
        }
        source = cause.source();
    }
    if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the connection broke".to_owned()
    }
}
