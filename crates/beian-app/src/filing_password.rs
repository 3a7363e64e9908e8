//! Whether a filing password (备案密码) is the right one: asked once of the regulator, when it is
//! typed, and said at once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use beian_domain::{Case, FilingPassword, Personal, RecordNumber, Text};
use beian_exchange::PasswordVerdict;
use beian_rules::{FilingPasswordAnswer, Known};
use beian_store::Order;
use chrono::TimeDelta;

use crate::App;

/// The newest answer of each record, with the digest that it is about. Every question counts
/// with the regulator, so the same one is never asked twice; after a restart it is asked again.
#[derive(Default)]
pub(crate) struct PasswordAnswers(Mutex<BTreeMap<String, (Personal, Known<FilingPasswordAnswer>)>>);

/// A page waits no longer than this.
const PATIENCE: Duration = Duration::from_secs(3);
const MOST_ANSWERS: usize = 2_000;

impl PasswordAnswers {
    fn about(&self, number: &RecordNumber, digest: &Personal) -> Option<Known<FilingPasswordAnswer>> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked, answer) = answers.get(&number.to_string())?;
        (asked == digest).then(|| answer.clone())
    }

    fn keep(&self, number: &RecordNumber, digest: Personal, answer: Known<FilingPasswordAnswer>) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= MOST_ANSWERS {
            answers.clear();
        }
        answers.insert(number.to_string(), (digest, answer));
    }
}

/// The record whose password is meant, and the digest.
fn stated(case: &Case) -> Option<(&RecordNumber, &Personal)> {
    let digest = case.filing_password.as_ref()?;
    FilingPassword::from_digest(digest)?;
    Some((case.record.as_ref()?, digest))
}

fn not_asked() -> Text {
    Text::new(
        "还没有向管局核对备案密码，提交时核对",
        "the regulator was not asked for the filing password yet; it is when the order is handed in",
    )
}

impl App {
    /// What the regulator said of an order's filing password.
    pub(crate) fn filing_password_answer(&self, case: &Case) -> Known<FilingPasswordAnswer> {
        match stated(case) {
            None => Known::Known(FilingPasswordAnswer::NotAsked),
            Some((number, digest)) => self
                .inner
                .filing_passwords
                .about(number, digest)
                .unwrap_or_else(|| Known::Unknown(not_asked())),
        }
    }

    /// Asks the regulator for an order's filing password, unless it has answered already. An
    /// account may ask a few times only: who guesses learns nothing more, and files all the same.
    pub(crate) async fn ask_filing_password(&self, order: &Order) {
        let Some((number, digest)) = stated(&order.case) else { return };
        if let Some(Known::Known(_)) = self.inner.filing_passwords.about(number, digest) {
            return;
        }
        let answer = self.filing_password_verdict(order, number, digest).await;
        self.inner.filing_passwords.keep(number, digest.clone(), answer);
    }

    async fn filing_password_verdict(
        &self,
        order: &Order,
        number: &RecordNumber,
        digest: &Personal,
    ) -> Known<FilingPasswordAnswer> {
        let now = self.inner.clock.now();
        if let Err(until) = self.inner.password_tries.take(&order.owner.0.to_string(), now) {
            let until = (until + TimeDelta::hours(8) + TimeDelta::seconds(59)).format("%H:%M");
            return Known::Unknown(Text::new(
                format!("核对备案密码的次数过多，{until} 后再核对"),
                format!("the filing password was asked for too often, try at {until}"),
            ));
        }
        let asked = self.inner.regulator.verify_filing_password(number, digest);
        let silent = || {
            Known::Unknown(Text::new(
                "管局暂时没有答复，备案密码还没有核对",
                "the regulator did not answer, so the filing password is not checked yet",
            ))
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(PasswordVerdict::Right)) => Known::Known(FilingPasswordAnswer::Right),
            Ok(Ok(PasswordVerdict::Wrong)) => Known::Known(FilingPasswordAnswer::Wrong),
            Ok(Ok(PasswordVerdict::TooManyTries)) => Known::Unknown(Text::new(
                "这个备案号核对备案密码的次数过多，管局暂不答复",
                "the regulator was asked for the password of this number too often, and does not answer now",
            )),
            Ok(Ok(PasswordVerdict::Unknown)) | Err(_) => silent(),
            Ok(Err(error)) => {
                // The error names the method and what went wrong, never what was sent.
                tracing::warn!(order = %order.number, %error, "the filing password was not checked");
                silent()
            }
        }
    }
}
