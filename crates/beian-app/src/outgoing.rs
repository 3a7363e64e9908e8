//! What leaves: mail, SMS and webhooks, each tried until it is taken or its time is over.

use beian_domain::NoticeChannel;
use beian_store::{Actor, Message, Notice};
use chrono::TimeDelta;
use tokio::task::JoinSet;

use crate::gateway::Outcome;
use crate::{App, AppError, Progress};

/// How many endpoints are called at a time: a slow one holds up seven others, not all.
const AT_ONCE: u64 = 8;
/// The longest rest between two attempts.
const LONGEST_REST: TimeDelta = TimeDelta::hours(4);

impl App {
    /// Sends what is due: a mail, an SMS, and one call to each of a few endpoints. A crash
    /// between sending and noting it sends it twice; calls carry an identifier for that.
    pub async fn outgoing_step(&self) -> Result<Progress, AppError> {
        let mut progress = Progress::Idle;
        for step in [self.mail_step().await, self.sms_step().await, self.webhook_step().await] {
            if step? == Progress::Worked {
                progress = Progress::Worked;
            }
        }
        Ok(progress)
    }

    async fn mail_step(&self) -> Result<Progress, AppError> {
        let Some(notice) = self.next_notice(NoticeChannel::Mail).await? else {
            return Ok(Progress::Idle);
        };
        let outcome = self.inner.mailer.send(&notice.message).await;
        self.settle(&notice, outcome).await?;
        Ok(Progress::Worked)
    }

    async fn sms_step(&self) -> Result<Progress, AppError> {
        let Some(notice) = self.next_notice(NoticeChannel::Sms).await? else {
            return Ok(Progress::Idle);
        };
        let outcome = match &notice.message {
            Message::Sms { to, text } => self.inner.gateways.send_sms(to, text).await,
            Message::Mail { .. } | Message::Webhook { .. } => Outcome::Never("not an SMS".to_owned()),
        };
        self.settle(&notice, outcome).await?;
        Ok(Progress::Worked)
    }

    async fn webhook_step(&self) -> Result<Progress, AppError> {
        let due = self.inner.store.read().due_webhooks(self.inner.clock.now(), AT_ONCE).await?;
        if due.is_empty() {
            return Ok(Progress::Idle);
        }
        let mut calls = JoinSet::new();
        for notice in due {
            let app = self.clone();
            calls.spawn(async move {
                let outcome = app.call(&notice).await?;
                app.settle(&notice, outcome).await
            });
        }
        while let Some(call) = calls.join_next().await {
            call.map_err(|error| AppError::Internal(error.to_string()))??;
        }
        Ok(Progress::Worked)
    }

    async fn call(&self, notice: &Notice) -> Result<Outcome, AppError> {
        let Message::Webhook { endpoint, body } = &notice.message else {
            return Ok(Outcome::Never("not a webhook".to_owned()));
        };
        let Some(endpoint) = self.inner.store.read().endpoint(*endpoint).await? else {
            return Ok(Outcome::Never("there is no such endpoint".to_owned()));
        };
        if endpoint.stopped_at.is_some() {
            return Ok(Outcome::Never("the endpoint was stopped".to_owned()));
        }
        let now = self.inner.clock.now();
        Ok(self.inner.gateways.call_webhook(&endpoint, notice.id, body.clone(), now).await)
    }

    async fn next_notice(&self, channel: NoticeChannel) -> Result<Option<Notice>, AppError> {
        Ok(self.inner.store.read().due_notices(channel, self.inner.clock.now(), 1).await?.pop())
    }

    /// Notes what came of an attempt.
    async fn settle(&self, notice: &Notice, outcome: Outcome) -> Result<(), AppError> {
        let mut tx = self.inner.store.begin(Actor::System);
        match outcome {
            Outcome::Sent => tx.complete_notice(notice.id).await?,
            Outcome::Never(problem) => {
                tracing::warn!(notice = %notice.id.0, problem, "a notice was given up");
                tx.fail_notice(notice, &problem).await?;
            }
            Outcome::Gone(problem) => {
                tx.fail_notice(notice, &problem).await?;
                if let Message::Webhook { endpoint, .. } = &notice.message {
                    tx.stop_endpoint(*endpoint, &problem).await?;
                }
            }
            Outcome::Again(problem) => {
                tracing::warn!(notice = %notice.id.0, problem, "a notice could not be sent");
                let rest = TimeDelta::minutes(1_i64 << notice.attempts.min(8)).min(LONGEST_REST);
                let next = self.inner.clock.now() + rest;
                if notice.give_up_at.is_some_and(|give_up_at| next > give_up_at) {
                    tx.fail_notice(notice, &problem).await?;
                } else {
                    tx.postpone_notice(notice, next, &problem).await?;
                }
            }
        }
        Ok(tx.commit().await?)
    }
}
