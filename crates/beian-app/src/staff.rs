//! The accounts of the access provider's staff, as a security administrator (安全管理员) keeps them.
//!
//! Nobody looks after their own account here: the matrix allows it to others' only. So whoever locks somebody is
//! left to unlock them.

use beian_domain::{AccountId, EmailAddress, LoginName, NotStaff, Personal, Random, Role, StaffRole};
use beian_store::{Account, Actor, NewAccount, Store, StoreError};
use chrono::{DateTime, Utc};

use crate::accounts::{ONE_TIME, hash};
use crate::notice::{ChangedBy, FactorChange, NoticeEvent, RoleChange, tell_from_command_line};
use crate::permission::Action;
use crate::{App, AppError, Secret, User};

/// Most accounts of staff that are listed.
const MOST_STAFF: u64 = 500;
/// Letters and digits of a one-time password, five bits each.
const PASSWORD_LETTERS: usize = 16;

/// An account of staff.
#[derive(Debug, Clone)]
pub struct StaffView {
    /// Which.
    pub account: AccountId,
    /// The name they sign in with.
    pub login: LoginName,
    /// What they may do.
    pub role: StaffRole,
    /// Since when it is locked.
    pub barred_at: Option<DateTime<Utc>>,
    /// Until when its one-time password counts, if it has not been changed.
    pub one_time_until: Option<DateTime<Utc>>,
    /// Whether it has a second factor.
    pub factor: HasFactor,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Whether it is the one who looks: nobody changes their own.
    pub whose: Whose,
}

/// Whether an account has a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HasFactor {
    /// It has.
    Yes,
    /// It has none (yet).
    No,
}

/// See [`StaffView::whose`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// That of the one who looks.
    Own,
    /// Somebody else's.
    Other,
}

/// Why an account of staff cannot be as it is wanted. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// The login name is taken.
    #[error("this login name is taken")]
    Taken,
    /// Something else failed.
    #[error(transparent)]
    App(#[from] AppError),
}

/// What becomes of an account's second factor when its password is set anew from the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorReset {
    /// It stays.
    Keep,
    /// It is forgotten: device, recovery codes and passkeys are lost.
    Forget,
}

/// Why nobody could be named security administrator from the command line.
#[derive(Debug, thiserror::Error)]
pub enum NamingError {
    /// There is one who can sign in, and who names others.
    #[error("expected no security administrator, got {0}, who names others")]
    Exists(LoginName),
    /// The account is none of staff.
    #[error("expected a new login name or that of an account of staff: {0}")]
    NotStaff(#[from] NotStaff),
    /// Something else failed.
    #[error(transparent)]
    App(#[from] AppError),
}

/// Who was named security administrator.
pub enum Named {
    /// A new account, with the password of one time.
    New(Secret),
    /// An account that had another role.
    Changed(StaffRole),
}

impl App {
    /// The accounts of staff, oldest first.
    pub async fn staff(&self, user: &User) -> Result<Vec<StaffView>, AppError> {
        user.require(Action::ManageStaff, None)?;
        let reader = self.inner.store.read();
        let accounts = reader.staff_accounts(MOST_STAFF).await?;
        let all: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
        let with_factor = reader.with_second_factor(&all).await?;
        let view = |account: Account| {
            let role = StaffRole::try_from(account.role).ok()?;
            Some(StaffView {
                factor: if with_factor.contains(&account.id) { HasFactor::Yes } else { HasFactor::No },
                whose: if account.id == user.account { Whose::Own } else { Whose::Other },
                account: account.id,
                login: account.login,
                role,
                barred_at: account.barred_at,
                one_time_until: account.one_time_until,
                created_at: account.created_at,
            })
        };
        Ok(accounts.into_iter().filter_map(view).collect())
    }

    /// Makes an account of staff; answers with its one-time password.
    pub async fn create_staff(
        &self,
        user: &User,
        login: LoginName,
        role: StaffRole,
        email: Option<EmailAddress>,
    ) -> Result<Secret, StaffError> {
        user.require(Action::ManageStaff, None)?;
        let password = one_time_password(&*self.inner.random);
        let password_hash = self.hash_password(password.clone()).await?;
        let email = email.map(|email| Personal::new(email.as_str()));
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let new = NewAccount { login: login.clone(), password_hash, role: role.into(), email };
        let account = tx.insert_account(new).await.map_err(|error| match error {
            StoreError::Exists { .. } => StaffError::Taken,
            other => AppError::from(other).into(),
        })?;
        tx.set_one_time(account, self.now() + ONE_TIME).await.map_err(AppError::from)?;
        self.tell_of_role(&mut tx, (account, &login), RoleChange::Given(role), &user.login).await?;
        tx.commit().await.map_err(AppError::from)?;
        Ok(password)
    }

    /// Gives somebody another role. Their sessions end.
    pub async fn change_staff_role(
        &self,
        user: &User,
        account: AccountId,
        role: StaffRole,
    ) -> Result<(), AppError> {
        let (found, before) = self.staff_account(user, account).await?;
        if before == role {
            return Ok(());
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.set_role(account, before, role).await?;
        let change = RoleChange::Changed { before, after: role };
        self.tell_of_role(&mut tx, (account, &found.login), change, &user.login).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps somebody from signing in. Their sessions end.
    pub async fn lock_staff(&self, user: &User, account: AccountId) -> Result<(), AppError> {
        let (found, _) = self.staff_account(user, account).await?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.bar_account(account).await?;
        self.tell_of_role(&mut tx, (account, &found.login), RoleChange::Locked, &user.login).await?;
        Ok(tx.commit().await?)
    }

    /// Lets somebody sign in again.
    pub async fn unlock_staff(&self, user: &User, account: AccountId) -> Result<(), AppError> {
        let (found, _) = self.staff_account(user, account).await?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.unbar_account(account).await?;
        self.tell_of_role(&mut tx, (account, &found.login), RoleChange::Unlocked, &user.login).await?;
        Ok(tx.commit().await?)
    }

    /// Sets a one-time password, and answers with it. Their sessions end.
    pub async fn renew_staff_password(&self, user: &User, account: AccountId) -> Result<Secret, AppError> {
        self.staff_account(user, account).await?;
        let password = one_time_password(&*self.inner.random);
        let hash = self.hash_password(password.clone()).await?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.set_password(account, &hash).await?;
        tx.set_one_time(account, self.now() + ONE_TIME).await?;
        tx.commit().await?;
        Ok(password)
    }

    /// Forgets somebody's second factor, device and passkeys, who has lost it. Their sessions end.
    pub async fn reset_second_factor(&self, user: &User, account: AccountId) -> Result<(), AppError> {
        let (found, _) = self.staff_account(user, account).await?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let had_one = tx.read().second_factor_since(account).await?.is_some()
            || !tx.read().passkeys(account).await?.is_empty();
        tx.delete_second_factor(account).await?;
        tx.delete_passkeys(account).await?;
        if had_one {
            let who = (account, &found.login);
            self.tell_of_factor(&mut tx, who, FactorChange::Reset, &user.login).await?;
        }
        Ok(tx.commit().await?)
    }

    /// An account of staff, if the user may change it. Whoever is none of staff is not found here.
    async fn staff_account(&self, user: &User, account: AccountId) -> Result<(Account, StaffRole), AppError> {
        user.require(Action::ManageStaff, Some(account))?;
        let found = self.inner.store.read().account(account).await?.ok_or(AppError::NotFound)?;
        let role = StaffRole::try_from(found.role).map_err(|_| AppError::NotFound)?;
        Ok((found, role))
    }

    /// Whether somebody looks after the accounts of staff.
    pub async fn has_security_administrator(&self) -> Result<bool, AppError> {
        let all = self.inner.store.read().accounts(Role::SecurityAdministrator).await?;
        Ok(all.iter().any(|account| account.barred_at.is_none()))
    }

    /// Lets the password of an account that was just made count once; for the first start.
    pub async fn make_password_one_time(&self, account: AccountId) -> Result<(), AppError> {
        let mut tx = self.inner.store.begin(Actor::System);
        tx.set_one_time(account, self.now() + ONE_TIME).await?;
        Ok(tx.commit().await?)
    }
}

/// Names a security administrator as long as there is none who could sign in; for the command line, whose user has
/// the database anyway. The login name is new, or of an account of staff that then has this role and no other.
pub async fn name_security_administrator(
    store: &Store,
    random: &dyn Random,
    now: DateTime<Utc>,
    login: &LoginName,
) -> Result<Named, NamingError> {
    let mut tx = store.begin(Actor::System);
    let existing = tx.read().accounts(Role::SecurityAdministrator).await.map_err(AppError::from)?;
    if let Some(one) = existing.into_iter().find(|account| account.barred_at.is_none()) {
        return Err(NamingError::Exists(one.login));
    }
    let role = StaffRole::SecurityAdministrator;
    let (account, change, named) = match tx.read().account_by_login(login).await.map_err(AppError::from)? {
        Some(account) => {
            let before = StaffRole::try_from(account.role)?;
            tx.set_role(account.id, before, role).await.map_err(AppError::from)?;
            tx.unbar_account(account.id).await.map_err(AppError::from)?;
            (account.id, RoleChange::Changed { before, after: role }, Named::Changed(before))
        }
        None => {
            let password = one_time_password(random);
            let new = NewAccount {
                login: login.clone(),
                password_hash: hash(&password, random)?,
                role: role.into(),
                email: None,
            };
            let account = tx.insert_account(new).await.map_err(AppError::from)?;
            tx.set_one_time(account, now + ONE_TIME).await.map_err(AppError::from)?;
            (account, RoleChange::Given(role), Named::New(password))
        }
    };
    let (of, by) = (login.clone(), ChangedBy::CommandLine);
    let event = NoticeEvent::RoleChanged { account: of, change, by, at: now };
    tell_from_command_line(&mut tx, account, &event, now).await?;
    tx.commit().await.map_err(AppError::from)?;
    Ok(named)
}

/// Sets a new password and ends the rest after wrong ones; for the command line, whose user has the database
/// anyway. That of staff counts once, as whoever sets it knows it.
pub async fn reset_password(
    store: &Store,
    random: &dyn Random,
    now: DateTime<Utc>,
    login: &LoginName,
    password: Secret,
    factor: FactorReset,
) -> Result<(), AppError> {
    let account = store.read().account_by_login(login).await?.ok_or(AppError::NotFound)?;
    let hash = hash(&password, random)?;
    let mut tx = store.begin(Actor::System);
    tx.set_password(account.id, &hash).await?;
    if StaffRole::try_from(account.role).is_ok() {
        tx.set_one_time(account.id, now + ONE_TIME).await?;
    }
    if factor == FactorReset::Forget {
        let had_one = tx.read().second_factor_since(account.id).await?.is_some()
            || !tx.read().passkeys(account.id).await?.is_empty();
        tx.delete_second_factor(account.id).await?;
        tx.delete_passkeys(account.id).await?;
        if had_one {
            let (of, change, by) = (account.login, FactorChange::Reset, ChangedBy::CommandLine);
            let event = NoticeEvent::SecondFactorChanged { account: of, change, by, at: now };
            tell_from_command_line(&mut tx, account.id, &event, now).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// Letters and digits that are not mistaken for one another.
fn one_time_password(random: &dyn Random) -> Secret {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = [0; PASSWORD_LETTERS];
    random.fill(&mut bytes);
    Secret::new(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect::<String>())
}
