//! Signing up, signing in, and who is asking.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use beian_domain::{AccountId, EmailAddress, LoginName, MemberRole, Personal, Random, Role};
use beian_store::{Account, Actor, NewAccount, SessionStage, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

use crate::members::{MOST_MEMBERSHIPS, MemberError};
use crate::permission::{Action, Relation, is_allowed};
use crate::second_factor::SecondFactorPolicy;
use crate::{App, AppError};

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct User {
    /// Their account.
    pub account: AccountId,
    /// The account whose orders and records they work on: their own, or that of
    /// which they are a member or agent ([`User::for_account`]).
    pub working_for: AccountId,
    /// The name they signed in with.
    pub login: LoginName,
    /// What they may do.
    pub role: Role,
    /// The token that their forms carry.
    pub csrf: String,
    /// For whom else they may work, or might once.
    pub(crate) works_for: Vec<WorksFor>,
}

/// A membership of somebody who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorksFor {
    pub(crate) account: AccountId,
    pub(crate) role: MemberRole,
    pub(crate) standing: ConsentStanding,
}

/// Whether a membership gives rights now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConsentStanding {
    /// It does.
    Good,
    /// It did: the client withdrew its consent, or the time of the consent is over.
    Ended,
}

/// How far the bearer of a session token has come.
#[derive(Debug, Clone)]
pub enum Standing {
    /// There is no such session, or it is over.
    Nobody,
    /// The password was right, and something is asked yet before anything else can be done.
    Underway(Underway),
    /// They are signed in.
    SignedIn(User),
}

/// What is asked of somebody whose password was right. Each can be answered by its own method
/// alone: none of them is a [`User`].
#[derive(Debug, Clone)]
pub enum Underway {
    /// A code of their second factor, or a passkey: [`App::give_code`], [`App::give_passkey`].
    Code(CodeWanted),
    /// A password that nobody else knows: [`App::choose_password`].
    Password(PasswordWanted),
    /// To enrol a second factor, which this installation requires: [`App::confirm_enrolment`], [`App::add_passkey`].
    Enrolment(EnrolmentWanted),
}

/// See [`Underway::Code`].
#[derive(Debug, Clone)]
pub struct CodeWanted(pub(crate) Halfway);

/// See [`Underway::Password`].
#[derive(Debug, Clone)]
pub struct PasswordWanted(pub(crate) Halfway);

/// See [`Underway::Enrolment`].
#[derive(Debug, Clone)]
pub struct EnrolmentWanted(pub(crate) Halfway);

/// Of whom something is asked yet.
#[derive(Debug, Clone)]
pub(crate) struct Halfway {
    pub(crate) account: AccountId,
    pub(crate) login: LoginName,
    csrf: String,
}

impl Underway {
    fn halfway(&self) -> &Halfway {
        match self {
            Self::Code(CodeWanted(halfway))
            | Self::Password(PasswordWanted(halfway))
            | Self::Enrolment(EnrolmentWanted(halfway)) => halfway,
        }
    }

    /// The name they sign in with.
    pub fn login(&self) -> &LoginName {
        &self.halfway().login
    }

    /// The token that their forms carry.
    pub fn csrf(&self) -> &str {
        &self.halfway().csrf
    }
}

/// A secret text, such as a password; it cannot be shown.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret in plain text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Why somebody could not sign in or up.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such account, or another password: which of the two is not told.
    #[error("the login name or the password is wrong")]
    Wrong,
    /// A security administrator has locked the account; told to who knows its password.
    #[error("the account is locked by a security administrator")]
    Barred,
    /// A password of one time was not used in time.
    #[error("the one-time password does not count any more")]
    OneTimeOver,
    /// A password of one time must be followed by another.
    #[error("expected another password than the one-time password")]
    SamePassword,
    /// Too many wrong passwords.
    #[error("too many wrong passwords; try again in {minutes} minutes")]
    Locked {
        /// How long.
        minutes: i64,
    },
    /// The login name is taken.
    #[error("this login name is taken")]
    Taken,
    /// The password is too short or too long.
    #[error("expected a password of {MINIMUM_PASSWORD} to 200 characters, got {got}")]
    Password {
        /// Its length in characters.
        got: usize,
    },
    /// Something else failed.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// Characters that a password has at least.
pub const MINIMUM_PASSWORD: usize = 10;
/// How long a session lasts.
pub(crate) const SESSION: TimeDelta = TimeDelta::hours(12);
/// How long a session waits for the code of a second factor.
const AWAITING_CODE: TimeDelta = TimeDelta::minutes(10);
/// Wrong passwords, or codes, in a row before an account rests.
pub(crate) const FAILURES_BEFORE_REST: u32 = 5;
/// How long it rests.
pub(crate) const REST: TimeDelta = TimeDelta::minutes(15);
/// How long a password of one time counts.
pub(crate) const ONE_TIME: TimeDelta = TimeDelta::days(3);

impl User {
    /// Fails unless the user may do `action` to what belongs to `owner`.
    pub(crate) fn require(&self, action: Action, owner: Option<AccountId>) -> Result<(), AppError> {
        let relation = self.relation(owner);
        if is_allowed(self.role, action, relation) {
            return Ok(());
        }
        Err(match relation {
            Relation::Member(role) => MemberError::BeyondRole { role }.into(),
            Relation::Other if self.had_consent_of(owner) => MemberError::ConsentEnded.into(),
            Relation::Own | Relation::Other => AppError::Forbidden,
        })
    }

    /// The same person at work for `account`. Fails unless they are its member.
    pub fn for_account(&self, account: AccountId) -> Result<Self, AppError> {
        self.require(Action::ViewOrder, Some(account))?;
        Ok(Self { working_for: account, ..self.clone() })
    }

    /// How the user stands to what belongs to `owner`.
    pub(crate) fn relation(&self, owner: Option<AccountId>) -> Relation {
        match owner {
            None => Relation::Other,
            Some(owner) if owner == self.account => Relation::Own,
            Some(owner) => self
                .works_for
                .iter()
                .find(|works| works.account == owner && works.standing == ConsentStanding::Good)
                .map_or(Relation::Other, |works| Relation::Member(works.role)),
        }
    }

    fn had_consent_of(&self, owner: Option<AccountId>) -> bool {
        self.works_for.iter().any(|works| Some(works.account) == owner)
    }
}

impl App {
    /// Makes a filer's account.
    pub async fn sign_up(
        &self,
        login: LoginName,
        password: Secret,
        email: EmailAddress,
    ) -> Result<AccountId, SignInError> {
        self.create_account(login, password, Role::Filer, Some(email)).await
    }

    /// Makes an account of any role; for the command line.
    pub async fn create_account(
        &self,
        login: LoginName,
        password: Secret,
        role: Role,
        email: Option<EmailAddress>,
    ) -> Result<AccountId, SignInError> {
        check_length(&password)?;
        let password_hash = self.hash_password(password).await?;
        let email = email.map(|email| Personal::new(email.as_str()));
        let mut tx = self.inner.store.begin(Actor::Anonymous);
        let account = tx.insert_account(NewAccount { login, password_hash, role, email }).await;
        let account = account.map_err(|error| match error {
            StoreError::Exists { .. } => SignInError::Taken,
            other => other.into(),
        })?;
        tx.commit().await?;
        Ok(account)
    }

    /// Opens a session and answers with the token for the browser's cookie. How far its bearer has
    /// come tells [`standing`](Self::standing).
    pub async fn sign_in(&self, login: &LoginName, password: Secret) -> Result<Secret, SignInError> {
        let account = self.check_password(login, password).await?;
        let now = self.inner.clock.now();
        if account.barred_at.is_some() {
            return Err(SignInError::Barred);
        }
        if account.one_time_until.is_some_and(|until| until <= now) {
            return Err(SignInError::OneTimeOver);
        }
        let (token, csrf) = (self.random_token(), self.random_token());
        let mut tx = self.inner.store.begin(Actor::Account(account.id));
        if tx.read().has_second_factor(account.id).await? {
            let until = now + AWAITING_CODE;
            tx.insert_session_awaiting_code(token.expose(), account.id, csrf.expose(), until).await?;
        } else {
            tx.insert_session(token.expose(), account.id, csrf.expose(), now + SESSION).await?;
        }
        tx.commit().await?;
        Ok(token)
    }

    /// Sets a password of the account's own in the place of a one-time password, and signs in by it.
    pub async fn choose_password(
        &self,
        who: &PasswordWanted,
        password: Secret,
    ) -> Result<Secret, SignInError> {
        check_length(&password)?;
        let PasswordWanted(Halfway { account, .. }) = who;
        let known = self.inner.store.read().account(*account).await?.ok_or(AppError::NotFound)?;
        if self.verify_password(password.clone(), Some(known.password_hash)).await? {
            return Err(SignInError::SamePassword);
        }
        let hash = self.hash_password(password).await?;
        let (token, csrf) = (self.random_token(), self.random_token());
        let mut tx = self.inner.store.begin(Actor::Account(*account));
        tx.set_password(*account, &hash).await?;
        let until = self.inner.clock.now() + SESSION;
        tx.insert_session(token.expose(), *account, csrf.expose(), until).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The account of a login name, for who knows its password. Wrong ones are counted.
    pub(crate) async fn check_password(
        &self,
        login: &LoginName,
        password: Secret,
    ) -> Result<Account, SignInError> {
        let now = self.inner.clock.now();
        let account = self.inner.store.read().account_by_login(login).await?;
        if let Some(until) = account.as_ref().and_then(|account| account.locked_until)
            && until > now
        {
            return Err(SignInError::Locked { minutes: (until - now).num_minutes() + 1 });
        }
        let known = account.as_ref().map(|account| account.password_hash.clone());
        let is_right = self.verify_password(password, known).await?;
        let Some(account) = account else {
            return Err(SignInError::Wrong);
        };
        if !is_right {
            let mut tx = self.inner.store.begin(Actor::Anonymous);
            // Others may have tried while this one was looked at.
            let known = tx.read().account(account.id).await?.unwrap_or(account);
            let failures = known.failed_sign_ins + 1;
            let rests = failures.is_multiple_of(FAILURES_BEFORE_REST).then_some(now + REST);
            tx.set_failed_sign_ins(known.id, failures, rests).await?;
            tx.commit().await?;
            return Err(SignInError::Wrong);
        }
        Ok(account)
    }

    /// How far the bearer of a session token has come.
    pub async fn standing(&self, token: &Secret) -> Result<Standing, AppError> {
        let reader = self.inner.store.read();
        let Some(session) = reader.session(token.expose(), self.inner.clock.now()).await? else {
            return Ok(Standing::Nobody);
        };
        let Some(account) = reader.account(session.account).await?.filter(|found| found.barred_at.is_none())
        else {
            return Ok(Standing::Nobody);
        };
        let may_have_factor = is_allowed(account.role, Action::HaveSecondFactor, Relation::Own);
        let is_required = self.inner.policy.second_factor == SecondFactorPolicy::Required;
        let halfway =
            Halfway { account: account.id, login: account.login.clone(), csrf: session.csrf.clone() };
        if session.stage == SessionStage::AwaitsCode {
            return Ok(Standing::Underway(Underway::Code(CodeWanted(halfway))));
        }
        if account.one_time_until.is_some() {
            return Ok(Standing::Underway(Underway::Password(PasswordWanted(halfway))));
        }
        if may_have_factor && is_required && !reader.has_second_factor(account.id).await? {
            return Ok(Standing::Underway(Underway::Enrolment(EnrolmentWanted(halfway))));
        }
        Ok(Standing::SignedIn(User {
            account: account.id,
            working_for: account.id,
            login: account.login,
            role: account.role,
            csrf: session.csrf,
            works_for: self.works_for(session.account, self.inner.clock.now()).await?,
        }))
    }

    /// Who is signed in by a session token; nobody if the session is over or has not come so far.
    pub async fn authenticate(&self, token: &Secret) -> Result<Option<User>, AppError> {
        Ok(match self.standing(token).await? {
            Standing::SignedIn(user) => Some(user),
            Standing::Nobody | Standing::Underway(_) => None,
        })
    }

    /// Ends a session, however far it has come.
    pub async fn sign_out(&self, token: &Secret) -> Result<(), AppError> {
        let now = self.inner.clock.now();
        let Some(session) = self.inner.store.read().session(token.expose(), now).await? else {
            return Ok(());
        };
        let mut tx = self.inner.store.begin(Actor::Account(session.account));
        tx.delete_session(token.expose()).await?;
        Ok(tx.commit().await?)
    }

    /// For whom somebody may work, or might once.
    async fn works_for(&self, member: AccountId, now: DateTime<Utc>) -> Result<Vec<WorksFor>, AppError> {
        let memberships = self.inner.store.read().memberships_of(member, MOST_MEMBERSHIPS).await?;
        let standing = |membership: &beian_store::Membership| {
            if membership.is_good(now) {
                return Some(ConsentStanding::Good);
            }
            let was_good = membership.role == MemberRole::Agent && membership.agreed_at.is_some();
            was_good.then_some(ConsentStanding::Ended)
        };
        Ok(memberships
            .iter()
            .filter_map(|membership| {
                let standing = standing(membership)?;
                Some(WorksFor { account: membership.account, role: membership.role, standing })
            })
            .collect())
    }

    /// Whether an account exists yet.
    pub async fn has_accounts(&self) -> Result<bool, AppError> {
        Ok(self.inner.store.read().count_accounts().await? > 0)
    }

    /// A token of 256 random bits, in letters and digits.
    pub(crate) fn random_token(&self) -> Secret {
        let mut bytes = [0; 32];
        self.inner.random.fill(&mut bytes);
        Secret(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub(crate) async fn hash_password(&self, password: Secret) -> Result<String, AppError> {
        let random = self.inner.random.clone();
        self.with_password_slot(move || hash(&password, &*random)).await?
    }

    /// Takes the same time whether the account exists or not.
    async fn verify_password(&self, password: Secret, hash: Option<String>) -> Result<bool, AppError> {
        let hash = match hash {
            Some(hash) => hash,
            None => return self.hash_password(password).await.map(|_| false),
        };
        self.with_password_slot(move || {
            PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok()
            })
        })
        .await
    }

    /// Hashing takes 19 MB and tens of milliseconds each: two at a time.
    async fn with_password_slot<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let _slot = self
            .inner
            .password_slots
            .acquire()
            .await
            .map_err(|error| AppError::Internal(error.to_string()))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| AppError::Internal(error.to_string()))
    }
}

fn check_length(password: &Secret) -> Result<(), SignInError> {
    let length = password.expose().chars().count();
    if (MINIMUM_PASSWORD..=200).contains(&length) {
        Ok(())
    } else {
        Err(SignInError::Password { got: length })
    }
}

pub(crate) fn hash(password: &Secret, random: &dyn Random) -> Result<String, AppError> {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    Argon2::default()
        .hash_password_with_salt(password.expose().as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|error| AppError::Internal(format!("the password could not be hashed: {error}")))
}
