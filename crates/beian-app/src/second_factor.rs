//! The second factor of staff (双因素认证): codes by time (TOTP, RFC 6238) from a device of theirs, and codes on
//! paper for the day on which it is lost.
//!
//! A code is taken once: the step of the last one is kept, and none up to it is taken again. Tries are counted in
//! the transaction that looks at them, so that a thousand at once are a thousand one after the other.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use beian_domain::{AccountId, LoginName};
use beian_store::{Actor, SecondFactor, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use totp_rs::Totp;
use zeroize::Zeroizing;

use crate::accounts::{CodeWanted, EnrolmentWanted, FAILURES_BEFORE_REST, Halfway, REST, SESSION};
use crate::notice::FactorChange;
use crate::permission::Action;
use crate::{App, AppError, Secret, User};

/// Whether staff must have a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactorPolicy {
    /// Who has none enrols one before anything else.
    Required,
    /// Who wants one enrols one.
    Optional,
}

/// How many recovery codes there are at first.
pub const RECOVERY_CODES: usize = 8;
/// Digits of a code by time.
const DIGITS: usize = 6;
/// Letters of a recovery code: 5 bits each.
const RECOVERY_LETTERS: usize = 16;
/// The alphabet of RFC 4648 in lower case: no digit of it is taken for a letter.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// For how long a key that is shown can be confirmed.
const TERM: TimeDelta = TimeDelta::minutes(30);
const WHAT: &str = "visitor.enrolment";

/// A code as somebody gives it, of either kind. What it is shows in its form.
#[derive(Clone, PartialEq, Eq)]
pub enum FactorCode {
    /// The six digits that their device shows now.
    Time(Zeroizing<String>),
    /// One of the codes on paper, without hyphens, in lower case.
    Recovery(Zeroizing<String>),
}

/// A text that can be no code of either kind. It is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {DIGITS} digits, or the {RECOVERY_LETTERS} letters and digits of a recovery code")]
pub struct FactorCodeError;

/// A recovery code as it is shown, once: four groups of four.
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<String>);

/// Why a code or an enrolment was not taken. Nothing was changed, but that wrong codes are counted.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// It is another code, or it was given before.
    #[error("the code is wrong, or was given before")]
    Wrong,
    /// Too many wrong codes.
    #[error("too many wrong codes; try again in {minutes} minutes")]
    Resting {
        /// How long.
        minutes: i64,
    },
    /// The key was shown too long ago, or to somebody else.
    #[error("expected a key that was shown to this account within {} minutes", TERM.num_minutes())]
    Outdated,
    /// There is one already.
    #[error("expected an account without a second factor")]
    Enrolled,
    /// There is none (any more).
    #[error("expected an account with a second factor")]
    NotEnrolled,
    /// Something else failed.
    #[error(transparent)]
    App(#[from] AppError),
}

/// Somebody who may enrol a second factor.
#[derive(Debug, Clone)]
pub struct Enrolling {
    pub(crate) account: AccountId,
    pub(crate) login: LoginName,
}

/// A key that is offered to a device. It is kept nowhere but in the form that confirms it, sealed.
pub struct Enrolment {
    /// The key with all that goes with it, for a QR code (`otpauth:`).
    pub address: Zeroizing<String>,
    /// The key alone in base32, for who types it.
    pub key: Zeroizing<String>,
    /// What the form hands back.
    pub sealed: String,
}

/// What somebody has after they enrolled.
pub struct Enrolled {
    /// Their new session: they are signed in.
    pub token: Secret,
    /// To be shown now and never again.
    pub recovery_codes: Vec<RecoveryCode>,
}

/// How somebody stands with the device that shows codes by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorStanding {
    /// They have none.
    None,
    /// They have one.
    Enrolled {
        /// Since when.
        since: DateTime<Utc>,
        /// How many recovery codes are left.
        recovery_codes: u64,
    },
}

#[derive(Serialize, Deserialize)]
struct Offered {
    at: DateTime<Utc>,
    account: AccountId,
    secret: Vec<u8>,
}

impl FromStr for FactorCode {
    type Err = FactorCodeError;

    fn from_str(text: &str) -> Result<Self, FactorCodeError> {
        // As it is printed, as it is read out, as it is copied.
        let code: Zeroizing<String> = Zeroizing::new(
            text.chars()
                .filter(|c| !c.is_whitespace() && *c != '-')
                .take(RECOVERY_LETTERS + 1)
                .map(|c| c.to_ascii_lowercase())
                .collect(),
        );
        if code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::Time(code));
        }
        if code.len() == RECOVERY_LETTERS && code.bytes().all(|byte| ALPHABET.contains(&byte)) {
            return Ok(Self::Recovery(code));
        }
        Err(FactorCodeError)
    }
}

impl fmt::Debug for FactorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FactorCode(***)")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(***)")
    }
}

impl RecoveryCode {
    /// The code for who is to write it down.
    pub fn expose(&self) -> String {
        let groups: Vec<&str> = (0..RECOVERY_LETTERS).step_by(4).map(|at| &self.0[at..at + 4]).collect();
        groups.join("-")
    }
}

impl From<&EnrolmentWanted> for Enrolling {
    fn from(EnrolmentWanted(halfway): &EnrolmentWanted) -> Self {
        Self { account: halfway.account, login: halfway.login.clone() }
    }
}

impl Enrolling {
    /// Somebody who is signed in already, and has a role that can have a second factor.
    pub fn of_user(user: &User) -> Result<Self, AppError> {
        user.require(Action::HaveSecondFactor, Some(user.account))?;
        Ok(Self { account: user.account, login: user.login.clone() })
    }
}

impl App {
    /// Opens the session of somebody whose password was right, if their code is right, too; answers with its token.
    pub async fn give_code(
        &self,
        who: &CodeWanted,
        token: &Secret,
        code: &FactorCode,
    ) -> Result<Secret, FactorError> {
        let CodeWanted(Halfway { account, .. }) = who;
        self.try_code(*account, code).await?;
        // The token that was known before the code opens nothing more.
        let (opened, csrf) = (self.random_token(), self.random_token());
        let mut tx = self.inner.store.begin(Actor::Account(*account));
        let until = self.now() + SESSION;
        tx.complete_session(token.expose(), opened.expose(), *account, csrf.expose(), until)
            .await
            .map_err(AppError::from)?;
        tx.commit().await.map_err(AppError::from)?;
        Ok(opened)
    }

    /// How somebody stands with the device that shows codes by time. For passkeys see [`App::passkeys`].
    pub async fn second_factor(&self, user: &User) -> Result<FactorStanding, AppError> {
        let Enrolling { account, .. } = Enrolling::of_user(user)?;
        let reader = self.inner.store.read();
        Ok(match reader.second_factor_since(account).await? {
            None => FactorStanding::None,
            Some(since) => {
                FactorStanding::Enrolled { since, recovery_codes: reader.recovery_codes_left(account).await? }
            }
        })
    }

    /// Makes a key for somebody's device. Nothing is kept until a code of it is shown.
    pub fn begin_enrolment(&self, who: &Enrolling) -> Result<Enrolment, AppError> {
        // As long as the digest, as RFC 4226 advises.
        let mut secret = Zeroizing::new(vec![0; 20]);
        self.inner.random.fill(&mut secret);
        let offered = Offered { at: self.now(), account: who.account, secret: secret.to_vec() };
        let plain = serde_json::to_vec(&offered).map(Zeroizing::new);
        let plain = plain.map_err(|error| AppError::Internal(error.to_string()))?;
        let sealed = BASE64.encode(self.inner.store.seal_for_visitor(WHAT, &plain)?);
        self.enrolment(who, &secret, sealed)
    }

    /// The same key again, for a form that was not filled in rightly. [`FactorError::Outdated`] if it was shown too
    /// long ago, or to somebody else.
    pub fn resume_enrolment(&self, who: &Enrolling, sealed: &str) -> Result<Enrolment, FactorError> {
        let secret = self.offered(who, sealed)?;
        Ok(self.enrolment(who, &secret, sealed.to_owned())?)
    }

    /// Keeps the key that was shown, if `code` is of it, and signs in anew: other sessions of the account end.
    pub async fn confirm_enrolment(
        &self,
        who: &Enrolling,
        sealed: &str,
        code: &FactorCode,
    ) -> Result<Enrolled, FactorError> {
        let secret = self.offered(who, sealed)?;
        let FactorCode::Time(code) = code else { return Err(FactorError::Wrong) };
        let step =
            matching_step(&self.totp(&who.login, &secret)?, code, self.now()).ok_or(FactorError::Wrong)?;
        let codes = self.recovery_codes();
        let (token, csrf) = (self.random_token(), self.random_token());
        let mut tx = self.inner.store.begin(Actor::Account(who.account));
        tx.insert_second_factor(who.account, &secret, step, &codes).await.map_err(|error| match error {
            StoreError::Exists { .. } => FactorError::Enrolled,
            other => AppError::from(other).into(),
        })?;
        let until = self.now() + SESSION;
        tx.insert_session(token.expose(), who.account, csrf.expose(), until).await.map_err(AppError::from)?;
        let of = (who.account, &who.login);
        self.tell_of_factor(&mut tx, of, FactorChange::DeviceAdded, &who.login).await?;
        tx.commit().await.map_err(AppError::from)?;
        Ok(Enrolled { token, recovery_codes: codes.into_iter().map(RecoveryCode).collect() })
    }

    /// New recovery codes in the place of those that are left, for who shows a code.
    pub async fn renew_recovery_codes(
        &self,
        user: &User,
        code: &FactorCode,
    ) -> Result<Vec<RecoveryCode>, FactorError> {
        let Enrolling { account, .. } = Enrolling::of_user(user)?;
        self.try_code(account, code).await?;
        let codes = self.recovery_codes();
        let mut tx = self.inner.store.begin(Actor::Account(account));
        tx.replace_recovery_codes(account, &codes).await.map_err(AppError::from)?;
        let change = FactorChange::RecoveryCodesRenewed;
        self.tell_of_factor(&mut tx, (account, &user.login), change, &user.login).await?;
        tx.commit().await.map_err(AppError::from)?;
        Ok(codes.into_iter().map(RecoveryCode).collect())
    }

    /// Forgets the key of one's device, for who shows a code of it: before the device is replaced. Every session
    /// ends; passkeys stay.
    pub async fn give_up_second_factor(&self, user: &User, code: &FactorCode) -> Result<(), FactorError> {
        let Enrolling { account, .. } = Enrolling::of_user(user)?;
        self.try_code(account, code).await?;
        let mut tx = self.inner.store.begin(Actor::Account(account));
        tx.delete_second_factor(account).await.map_err(AppError::from)?;
        let change = FactorChange::DeviceRemoved;
        self.tell_of_factor(&mut tx, (account, &user.login), change, &user.login).await?;
        Ok(tx.commit().await.map_err(AppError::from)?)
    }

    /// Looks at a code and uses it up. Wrong ones are counted.
    async fn try_code(&self, account: AccountId, code: &FactorCode) -> Result<(), FactorError> {
        let now = self.now();
        let mut tx = self.inner.store.begin(Actor::Account(account));
        let factor = tx.lock_second_factor(account).await.map_err(AppError::from)?;
        let factor = factor.ok_or(FactorError::NotEnrolled)?;
        if let Some(until) = factor.rests_until.filter(|until| *until > now) {
            return Err(FactorError::Resting { minutes: (until - now).num_minutes() + 1 });
        }
        let is_right = match code {
            FactorCode::Time(code) => match self.fresh_step(&factor, code, now)? {
                Some(step) => {
                    tx.take_code(account, step).await.map_err(AppError::from)?;
                    true
                }
                None => false,
            },
            FactorCode::Recovery(code) => {
                tx.take_recovery_code(account, code).await.map_err(AppError::from)?
            }
        };
        if !is_right {
            let failures = factor.failures.saturating_add(1);
            let rests = failures.is_multiple_of(FAILURES_BEFORE_REST).then_some(now + REST);
            tx.set_wrong_codes(account, failures, rests).await.map_err(AppError::from)?;
        }
        tx.commit().await.map_err(AppError::from)?;
        if is_right { Ok(()) } else { Err(FactorError::Wrong) }
    }

    /// The step of a code, if it is later than that of the last code that was taken.
    fn fresh_step(
        &self,
        factor: &SecondFactor,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<u64>, AppError> {
        // What the key is called on the device has no part in its codes.
        let totp = totp(&factor.secret, "beian", "beian")?;
        Ok(matching_step(&totp, code, now).filter(|step| *step > factor.last_step))
    }

    fn offered(&self, who: &Enrolling, sealed: &str) -> Result<Zeroizing<Vec<u8>>, FactorError> {
        let open = || {
            let sealed = BASE64.decode(sealed).ok()?;
            let plain = Zeroizing::new(self.inner.store.open_from_visitor(WHAT, &sealed).ok()?);
            let offered: Offered = serde_json::from_slice(&plain).ok()?;
            let secret = Zeroizing::new(offered.secret);
            let age = self.now() - offered.at;
            let counts = offered.account == who.account && TimeDelta::zero() <= age && age <= TERM;
            counts.then_some(secret)
        };
        open().ok_or(FactorError::Outdated)
    }

    fn enrolment(&self, who: &Enrolling, secret: &[u8], sealed: String) -> Result<Enrolment, AppError> {
        let totp = self.totp(&who.login, secret)?;
        let address = totp.to_url().map_err(|error| AppError::Internal(error.to_string()))?;
        Ok(Enrolment {
            address: Zeroizing::new(address),
            key: Zeroizing::new(totp.secret().to_base32()),
            sealed,
        })
    }

    fn totp(&self, login: &LoginName, secret: &[u8]) -> Result<Totp, AppError> {
        // A colon parts the issuer from the account.
        totp(secret, &self.inner.policy.provider_name.replace(':', " "), login.as_str())
    }

    fn recovery_codes(&self) -> Vec<Zeroizing<String>> {
        let code = |_| {
            let mut bytes = Zeroizing::new([0_u8; RECOVERY_LETTERS]);
            self.inner.random.fill(&mut *bytes);
            let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte & 31)]);
            Zeroizing::new(bytes.iter().map(letter).collect())
        };
        (0..RECOVERY_CODES).map(code).collect()
    }
}

/// Six digits of SHA-1 every 30 seconds, one step on either side: what every device reckons with.
fn totp(secret: &[u8], issuer: &str, account: &str) -> Result<Totp, AppError> {
    totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(1)
        .with_secret(secret.to_vec())
        .with_issuer(Some(issuer))
        .with_account_name(account)
        .build()
        .map_err(|error| AppError::Internal(error.to_string()))
}

/// Which step a code is of, if it is the last, this or the next one.
fn matching_step(totp: &Totp, code: &str, now: DateTime<Utc>) -> Option<u64> {
    totp.check(code, u64::try_from(now.timestamp()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1: seconds and eight digits, of which ours are the last six.
    const VECTORS: [(i64, &str); 6] = [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ];

    #[test]
    fn codes_are_those_of_the_standard_one_step_on_either_side() {
        let totp = totp(b"12345678901234567890", "issuer", "account").unwrap();
        for (seconds, code) in VECTORS {
            let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
            let step = u64::try_from(seconds / 30).unwrap();
            let begins = seconds / 30 * 30;
            let code = &code[2..];
            for (then, expected) in [
                (begins - 31, None),
                (begins - 30, Some(step)),
                (begins, Some(step)),
                (begins + 29, Some(step)),
                (begins + 59, Some(step)),
                (begins + 60, None),
            ] {
                if then >= 0 {
                    assert_eq!(matching_step(&totp, code, at(then)), expected, "{code} at {then}");
                }
            }
        }
    }

    #[test]
    fn a_code_is_told_by_its_form() {
        let time = |text: &str| Ok(FactorCode::Time(Zeroizing::new(text.to_owned())));
        let recovery = |text: &str| Ok(FactorCode::Recovery(Zeroizing::new(text.to_owned())));
        assert_eq!("123456".parse(), time("123456"));
        assert_eq!(" 123 456 ".parse(), time("123456"));
        assert_eq!("ABCD-efgh-2345-qrst".parse(), recovery("abcdefgh2345qrst"));
        for wrong in
            ["", "12345", "1234567", "١٢٣٤٥٦", "+12345", "abcd-efgh-2345-qrs1", "abcd-efgh-2345-qrstu"]
        {
            assert_eq!(wrong.parse::<FactorCode>(), Err(FactorCodeError), "{wrong}");
        }
        // Nothing in it is ever written out.
        assert_eq!(format!("{:?}", "123456".parse::<FactorCode>()), "Ok(FactorCode(***))");
    }
}
