//! Passkeys (通行密钥) as a second factor of staff: a key on a device of theirs that signs a challenge once the device
//! knows its owner, and signs none for another site (WebAuthn).
//!
//! A challenge is kept here, for one session and one purpose. It is taken before its answer is looked at, so that it
//! counts once; an answer is looked at under the lock of the account's passkeys, and a refused one is counted there.
//!
//! Whether a portal has passkeys at all is [`App::passkeys_here`]: the program must be built with the feature
//! `passkeys`, and have an address at which browsers allow them. Whoever has added one is asked for it in any case.

#[cfg(not(feature = "passkeys"))]
mod no_relying_party;
#[cfg(feature = "passkeys")]
mod relying_party;

use beian_domain::{AccountId, PasskeyName};
use beian_store::{
    Actor, CeremonyPurpose, NewCeremony, NewPasskey, Passkey, PasskeyId, Passkeys, StoreError, TakenCeremony,
    Tx,
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::accounts::{CodeWanted, FAILURES_BEFORE_REST, Halfway, REST, SESSION};
use crate::notice::FactorChange;
use crate::second_factor::{Enrolling, SecondFactorPolicy};
use crate::staff::HasFactor;
use crate::{App, AppError, Secret, User};

#[cfg(not(feature = "passkeys"))]
pub(crate) use no_relying_party::RelyingParty;
#[cfg(feature = "passkeys")]
pub(crate) use relying_party::RelyingParty;

/// Most passkeys of an account.
pub const MOST_PASSKEYS: usize = 10;
/// Most bytes of a browser's answer: an RSA key with its wrapping is under 2 kB.
const MOST_ANSWER: usize = 16 * 1024;
/// For how long a challenge counts.
const TERM: TimeDelta = TimeDelta::minutes(5);
/// For how long after the sign-in passkeys can be added and removed: whoever finds a browser open cannot make
/// themselves at home in it.
pub const FRESH: TimeDelta = TimeDelta::minutes(15);

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyView {
    /// Which.
    pub id: PasskeyId,
    /// What they call it.
    pub name: PasskeyName,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// When they last signed in by it.
    pub used_at: Option<DateTime<Utc>>,
}

/// Whether passkeys can be used on this portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeysHere {
    /// They can.
    Yes,
    /// The program was built without them, or browsers allow none at its address.
    No,
}

/// By what somebody can prove who they are whose password was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorsWanted {
    /// A code of their device, or one on paper.
    pub code: HasFactor,
    /// A passkey.
    pub passkey: HasFactor,
}

/// Why a passkey was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// [`PasskeysHere::No`].
    #[error("expected a program with passkeys at an address where browsers allow them")]
    NotHere,
    /// No challenge is out for this session, or it was answered, or it is too old.
    #[error("expected the answer to a challenge of this session, given within {} minutes", TERM.num_minutes())]
    Outdated,
    /// The answer is not right.
    #[error("the answer is refused: {0}")]
    Refused(PasskeyRefusal),
    /// Too many answers were refused.
    #[error("too many answers were refused; try again in {minutes} minutes")]
    Resting {
        /// How long.
        minutes: i64,
    },
    /// The sign-in was too long ago to add or remove one.
    #[error("expected a session that was opened within {} minutes", FRESH.num_minutes())]
    NotFresh,
    /// The account has as many as it can have.
    #[error("expected fewer than {MOST_PASSKEYS} passkeys")]
    TooMany,
    /// The device's passkey is known already.
    #[error("expected a passkey that is not known")]
    Known,
    /// It is the last factor of an account that must have one.
    #[error("expected another factor than the one to be removed")]
    LastFactor,
    /// The account has no (such) passkey (any more).
    #[error("expected an account with this passkey")]
    None,
    /// Something else failed.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<StoreError> for PasskeyError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// What is wrong with a browser's answer. In the audit trail it has a word of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyRefusal {
    /// It is none, or what is in it cannot be.
    #[error("expected the answer of a browser")]
    Unreadable,
    /// It answers another challenge.
    #[error("expected an answer to the challenge that was asked")]
    Challenge,
    /// It was given to another site.
    #[error("expected an answer for this site")]
    Origin,
    /// The device did not make sure of its owner.
    #[error("expected a device that knows its owner")]
    Unverified,
    /// It is signed by another key.
    #[error("expected a signature of the passkey")]
    Signature,
    /// The device's counter does not go on: there may be a copy of it.
    #[error("expected a counter that is higher than before")]
    Counter,
    /// The account has no such passkey.
    #[error("expected a passkey of the account")]
    Unknown,
}

impl PasskeyRefusal {
    fn slug(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Challenge => "challenge",
            Self::Origin => "origin",
            Self::Unverified => "unverified",
            Self::Signature => "signature",
            Self::Counter => "counter",
            Self::Unknown => "unknown",
        }
    }
}

/// A challenge: what stays here, and what the browser is given, as JSON.
pub(crate) struct Asked {
    pub(crate) kept: Vec<u8>,
    pub(crate) options: String,
}

/// A passkey that was made.
pub(crate) struct Made {
    pub(crate) credential: Vec<u8>,
    pub(crate) transports: u8,
    pub(crate) public_key: Vec<u8>,
    pub(crate) state: Vec<u8>,
}

/// A passkey that was used, and what changed about it by that.
pub(crate) struct Used {
    pub(crate) id: PasskeyId,
    pub(crate) state: Vec<u8>,
}

impl App {
    /// Whether passkeys can be used on this portal.
    pub fn passkeys_here(&self) -> PasskeysHere {
        if self.inner.relying_party.is_some() { PasskeysHere::Yes } else { PasskeysHere::No }
    }

    /// Somebody's passkeys, oldest first.
    pub async fn passkeys(&self, who: &Enrolling) -> Result<Vec<PasskeyView>, AppError> {
        let all = self.inner.store.read().passkeys(who.account).await?;
        let view = |Passkey { id, name, added_at, used_at, .. }| PasskeyView { id, name, added_at, used_at };
        Ok(all.into_iter().map(view).collect())
    }

    /// By what somebody can prove who they are.
    pub async fn factors_wanted(&self, who: &CodeWanted) -> Result<FactorsWanted, AppError> {
        let CodeWanted(Halfway { account, .. }) = who;
        let reader = self.inner.store.read();
        let has = |it: bool| if it { HasFactor::Yes } else { HasFactor::No };
        Ok(FactorsWanted {
            code: has(reader.second_factor_since(*account).await?.is_some()),
            passkey: has(!reader.passkeys(*account).await?.is_empty()),
        })
    }

    /// What a browser is to be asked for a new passkey, as JSON (`PublicKeyCredentialCreationOptionsJSON`).
    pub async fn ask_for_passkey(&self, who: &Enrolling, token: &Secret) -> Result<String, PasskeyError> {
        let party = self.relying_party()?;
        self.require_fresh(token).await?;
        let known = self.inner.store.read().passkeys(who.account).await?;
        if known.len() >= MOST_PASSKEYS {
            return Err(PasskeyError::TooMany);
        }
        let asked = party.ask_for_new(who.account, &who.login, &known)?;
        self.keep_challenge(who.account, token, CeremonyPurpose::Add, asked).await
    }

    /// Keeps the passkey that a browser answered with, and signs in anew: other sessions of the account end.
    pub async fn add_passkey(
        &self,
        who: &Enrolling,
        token: &Secret,
        name: PasskeyName,
        answer: &str,
    ) -> Result<Secret, PasskeyError> {
        let party = self.relying_party()?;
        self.require_fresh(token).await?;
        let account = who.account;
        let mut tx = self.inner.store.begin(Actor::Account(account));
        let known = tx.lock_passkeys(account).await?.map_or(0, |passkeys| passkeys.all.len());
        let made = match self.take_challenge(&mut tx, account, token, CeremonyPurpose::Add).await? {
            None => Err(PasskeyError::Outdated),
            Some(_) if known >= MOST_PASSKEYS => Err(PasskeyError::TooMany),
            Some(kept) => bounded(answer)
                .and_then(|answer| party.new_passkey(&kept, answer))
                .map_err(PasskeyError::Refused),
        };
        let made = match made {
            Ok(made) if tx.read().knows_passkey(&made.credential).await? => Err(PasskeyError::Known),
            other => other,
        };
        let made = match made {
            Ok(made) => made,
            Err(error) => {
                // An old challenge has its note.
                if let Some(reason) = error.word() {
                    tx.note_passkey_not_taken(account, CeremonyPurpose::Add, reason);
                }
                tx.commit().await?;
                return Err(error);
            }
        };
        let Made { credential, transports, public_key, state } = made;
        let new = NewPasskey { name, credential, transports, public_key, state };
        tx.insert_passkey(account, new).await.map_err(|error| match error {
            StoreError::Exists { .. } => PasskeyError::Known,
            other => other.into(),
        })?;
        self.tell_of_factor(&mut tx, (account, &who.login), FactorChange::PasskeyAdded, &who.login).await?;
        self.sign_in_anew(tx, account).await
    }

    /// Forgets a passkey, and signs in anew: other sessions of the account end.
    pub async fn remove_passkey(
        &self,
        user: &User,
        token: &Secret,
        id: PasskeyId,
    ) -> Result<Secret, PasskeyError> {
        let Enrolling { account, .. } = Enrolling::of_user(user)?;
        self.require_fresh(token).await?;
        let mut tx = self.inner.store.begin(Actor::Account(account));
        let Passkeys { all, .. } = tx.lock_passkeys(account).await?.ok_or(PasskeyError::None)?;
        if !all.iter().any(|passkey| passkey.id == id) {
            return Err(PasskeyError::None);
        }
        let is_required = self.inner.policy.second_factor == SecondFactorPolicy::Required;
        if is_required && all.len() == 1 && tx.read().second_factor_since(account).await?.is_none() {
            return Err(PasskeyError::LastFactor);
        }
        if !tx.delete_passkey(account, id).await? {
            return Err(PasskeyError::None);
        }
        let change = FactorChange::PasskeyRemoved;
        self.tell_of_factor(&mut tx, (account, &user.login), change, &user.login).await?;
        self.sign_in_anew(tx, account).await
    }

    /// What a browser is to be asked of somebody whose password was right, as JSON
    /// (`PublicKeyCredentialRequestOptionsJSON`).
    pub async fn ask_to_use_passkey(&self, who: &CodeWanted, token: &Secret) -> Result<String, PasskeyError> {
        let party = self.relying_party()?;
        let CodeWanted(Halfway { account, .. }) = who;
        let known = self.inner.store.read().passkeys(*account).await?;
        if known.is_empty() {
            return Err(PasskeyError::None);
        }
        let asked = party.ask_to_use(&known)?;
        self.keep_challenge(*account, token, CeremonyPurpose::SignIn, asked).await
    }

    /// Opens the session of somebody whose password was right, if their passkey's answer is, too; answers with its
    /// token.
    pub async fn give_passkey(
        &self,
        who: &CodeWanted,
        token: &Secret,
        answer: &str,
    ) -> Result<Secret, PasskeyError> {
        let party = self.relying_party()?;
        let CodeWanted(Halfway { account, .. }) = who;
        let (account, now) = (*account, self.now());
        let mut tx = self.inner.store.begin(Actor::Account(account));
        let Passkeys { all, failures, rests_until } =
            tx.lock_passkeys(account).await?.ok_or(PasskeyError::None)?;
        if let Some(until) = rests_until.filter(|until| *until > now) {
            return Err(PasskeyError::Resting { minutes: (until - now).num_minutes() + 1 });
        }
        let Some(kept) = self.take_challenge(&mut tx, account, token, CeremonyPurpose::SignIn).await? else {
            tx.commit().await?;
            return Err(PasskeyError::Outdated);
        };
        match bounded(answer).and_then(|answer| party.used_passkey(account, &all, &kept, answer)) {
            Ok(Used { id, state }) => {
                tx.use_passkey(account, id, state).await?;
                // The token that was known before opens nothing more.
                let (opened, csrf) = (self.random_token(), self.random_token());
                let until = now + SESSION;
                tx.complete_session(token.expose(), opened.expose(), account, csrf.expose(), until).await?;
                tx.commit().await?;
                Ok(opened)
            }
            Err(refusal) => {
                let failures = failures.saturating_add(1);
                let rests = failures.is_multiple_of(FAILURES_BEFORE_REST).then_some(now + REST);
                tx.set_refused_passkeys(account, failures, rests, refusal.slug()).await?;
                tx.commit().await?;
                Err(PasskeyError::Refused(refusal))
            }
        }
    }

    fn relying_party(&self) -> Result<&RelyingParty, PasskeyError> {
        self.inner.relying_party.as_ref().ok_or(PasskeyError::NotHere)
    }

    async fn require_fresh(&self, token: &Secret) -> Result<(), PasskeyError> {
        let now = self.now();
        let session = self.inner.store.read().session(token.expose(), now).await?;
        let is_fresh = session.is_some_and(|session| now - session.opened_at < FRESH);
        if is_fresh { Ok(()) } else { Err(PasskeyError::NotFresh) }
    }

    async fn keep_challenge(
        &self,
        account: AccountId,
        token: &Secret,
        purpose: CeremonyPurpose,
        asked: Asked,
    ) -> Result<String, PasskeyError> {
        let mut tx = self.inner.store.begin(Actor::Account(account));
        let new = NewCeremony { account, purpose, state: asked.kept, expires_at: self.now() + TERM };
        tx.begin_ceremony(token.expose(), new).await?;
        tx.commit().await?;
        Ok(asked.options)
    }

    /// What was kept of the challenge of a session, if there is one and it counts. It is then used up, if `tx` is
    /// committed.
    async fn take_challenge(
        &self,
        tx: &mut Tx<'_>,
        account: AccountId,
        token: &Secret,
        purpose: CeremonyPurpose,
    ) -> Result<Option<Vec<u8>>, PasskeyError> {
        let Some(TakenCeremony { state, expires_at }) =
            tx.take_ceremony(token.expose(), account, purpose).await?
        else {
            return Ok(None);
        };
        if expires_at <= self.now() {
            tx.note_passkey_not_taken(account, purpose, "expired");
            return Ok(None);
        }
        Ok(Some(state))
    }

    async fn sign_in_anew(&self, mut tx: Tx<'_>, account: AccountId) -> Result<Secret, PasskeyError> {
        let (token, csrf) = (self.random_token(), self.random_token());
        tx.insert_session(token.expose(), account, csrf.expose(), self.now() + SESSION).await?;
        tx.commit().await?;
        Ok(token)
    }
}

impl PasskeyError {
    /// How the audit trail calls it.
    fn word(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) => Some(refusal.slug()),
            Self::TooMany => Some("too-many"),
            Self::Known => Some("known"),
            _ => None,
        }
    }
}

/// An answer as long as one can be.
fn bounded(answer: &str) -> Result<&str, PasskeyRefusal> {
    if answer.len() <= MOST_ANSWER { Ok(answer) } else { Err(PasskeyRefusal::Unreadable) }
}
