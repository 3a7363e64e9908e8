//! Webhooks, signed by the scheme of [Standard Webhooks](https://www.standardwebhooks.com/):
//! `webhook-id`, `webhook-timestamp`, and in `webhook-signature` the HMAC-SHA256 over
//! `id.timestamp.body`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use beian_domain::{AccountId, NoticeKind, Personal, Role};
use beian_store::{Actor, Endpoint, EndpointId, NewEndpoint, Notice, NoticeFilter, NoticeId};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{StatusCode, header};
use sha2::Sha256;

use super::reach::check;
use super::{Gateways, Outcome, WebhookRefusal, call_problem};
use crate::notice::patience;
use crate::permission::Action;
use crate::{App, AppError, Secret, User};

/// What a secret begins with, so that it is recognised where it should not be.
const PREFIX: &str = "whsec_";
/// Most endpoints of one account.
const MOST: usize = 10;
/// How many deliveries of an endpoint are shown.
const SHOWN: u64 = 50;

/// An endpoint that was just made, with its secret: it is told this once.
#[derive(Debug)]
pub struct NewWebhook {
    /// Which.
    pub id: EndpointId,
    /// The key that signs, as other systems take it.
    pub secret: Secret,
}

/// An endpoint with its newest deliveries.
#[derive(Debug)]
pub struct WebhookView {
    /// Which.
    pub id: EndpointId,
    /// Where it is called.
    pub url: Personal,
    /// What it hears of; everything if empty.
    pub kinds: Vec<NoticeKind>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when it is not called any more.
    pub stopped_at: Option<DateTime<Utc>>,
    /// Its newest deliveries, newest first.
    pub deliveries: Vec<Notice>,
}

impl WebhookView {
    fn new(endpoint: Endpoint, deliveries: Vec<Notice>) -> Self {
        // The secret stays behind.
        let Endpoint { id, url, kinds, created_at, stopped_at, .. } = endpoint;
        Self { id, url, kinds, created_at, stopped_at, deliveries }
    }
}

/// Whose endpoints a person has to do with: their own, and an operator with the provider's.
fn scope(user: &User) -> Result<Option<AccountId>, AppError> {
    user.require(Action::ManageWebhooks, Some(user.account))?;
    Ok((user.role != Role::Operator).then_some(user.account))
}

impl App {
    /// The person's endpoints, newest first; an operator's are those of the provider.
    pub async fn webhooks(&self, user: &User) -> Result<Vec<WebhookView>, AppError> {
        let owner = scope(user)?;
        let endpoints = self.inner.store.read().endpoints(owner, 100).await?;
        Ok(endpoints.into_iter().map(|endpoint| WebhookView::new(endpoint, Vec::new())).collect())
    }

    /// An endpoint with its newest deliveries.
    pub async fn webhook(&self, user: &User, id: EndpointId) -> Result<WebhookView, AppError> {
        let endpoint = self.own_endpoint(user, id).await?;
        let deliveries = self.inner.store.read().notices(NoticeFilter::To(id), SHOWN).await?;
        Ok(WebhookView::new(endpoint, deliveries))
    }

    /// Makes an endpoint that is called at `url` for `kinds`, or for everything.
    pub async fn create_webhook(
        &self,
        user: &User,
        url: &str,
        kinds: Vec<NoticeKind>,
    ) -> Result<NewWebhook, AppError> {
        let account = scope(user)?;
        let url = check(url, self.inner.gateways.reach())?;
        let present = self.inner.store.read().endpoints(account, 1_000).await?;
        if present.iter().filter(|endpoint| endpoint.stopped_at.is_none()).count() >= MOST {
            return Err(WebhookRefusal::TooMany { most: MOST }.into());
        }
        let mut key = [0; 32];
        self.inner.random.fill(&mut key);
        let secret = format!("{PREFIX}{}", BASE64.encode(key));
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let url = Personal::new(url.as_str());
        let new = NewEndpoint { account, url, kinds, secret: Personal::new(secret.as_str()) };
        let id = tx.insert_endpoint(new).await?;
        tx.commit().await?;
        Ok(NewWebhook { id, secret: Secret::new(secret) })
    }

    /// Calls an endpoint no more.
    pub async fn stop_webhook(&self, user: &User, id: EndpointId) -> Result<(), AppError> {
        self.own_endpoint(user, id).await?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.stop_endpoint(id, "the endpoint was stopped").await?;
        Ok(tx.commit().await?)
    }

    /// Has a delivery of one's own endpoint sent again, under the same identifier: who has it
    /// already can tell.
    pub async fn replay_webhook(&self, user: &User, id: NoticeId) -> Result<EndpointId, AppError> {
        let notice = self.inner.store.read().notice(id).await?.ok_or(AppError::NotFound)?;
        let beian_store::Message::Webhook { endpoint, .. } = &notice.message else {
            return Err(AppError::NotFound);
        };
        let endpoint = self.own_endpoint(user, *endpoint).await?;
        if endpoint.stopped_at.is_some() {
            return Err(AppError::NotOffered);
        }
        self.try_again(user, &notice).await?;
        Ok(endpoint.id)
    }

    pub(crate) async fn try_again(&self, user: &User, notice: &Notice) -> Result<(), AppError> {
        let give_up_at = self.inner.clock.now() + patience(notice.message.channel());
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.requeue_notice(notice.id, give_up_at).await?;
        Ok(tx.commit().await?)
    }

    async fn own_endpoint(&self, user: &User, id: EndpointId) -> Result<Endpoint, AppError> {
        let owner = scope(user)?;
        let endpoint = self.inner.store.read().endpoint(id).await?.ok_or(AppError::NotFound)?;
        if endpoint.account == owner { Ok(endpoint) } else { Err(AppError::NotFound) }
    }
}

impl Gateways {
    /// Calls an endpoint.
    pub(crate) async fn call_webhook(
        &self,
        endpoint: &Endpoint,
        notice: NoticeId,
        body: String,
        at: DateTime<Utc>,
    ) -> Outcome {
        let url = match check(endpoint.url.expose(), self.reach) {
            Ok(url) => url,
            // It was taken under other settings.
            Err(refusal) => return Outcome::Never(refusal.to_string()),
        };
        let (id, timestamp) = (format!("msg_{}", notice.0.simple()), at.timestamp().to_string());
        let Some(signature) = sign(&endpoint.secret, &id, &timestamp, &body) else {
            return Outcome::Never("the endpoint's secret cannot sign".to_owned());
        };
        let request = self
            .webhooks
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(body);
        // The status is the answer; what else comes is not read.
        match request.send().await.map(|answer| answer.status()) {
            Ok(status) if status.is_success() => Outcome::Sent,
            Ok(StatusCode::GONE) => Outcome::Gone("the endpoint answered 410: it wants no more".to_owned()),
            Ok(status) => Outcome::Again(format!("the endpoint answered {}", status.as_u16())),
            Err(error) => Outcome::Again(call_problem(&error)),
        }
    }
}

/// The value of `webhook-signature`.
fn sign(secret: &Personal, id: &str, timestamp: &str, body: &str) -> Option<String> {
    let key = BASE64.decode(secret.expose().strip_prefix(PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    for part in [id, ".", timestamp, ".", body] {
        mac.update(part.as_bytes());
    }
    Some(format!("v1,{}", BASE64.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// The example of the scheme's own documents.
    #[test]
    fn a_signature_is_that_of_the_scheme() {
        let signature = sign(
            &Personal::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(sign(&Personal::new("MfKQ9r8"), "a", "1", "{}").is_none());
    }
}
