//! Accounts and sessions.

use beian_domain::{AccountId, AccountKind, LoginName, Personal, Role, StaffRole};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::entity::{account, session};
use crate::sealing::{Place, hex};
use crate::{Reader, Result, Subject, Tx, exists};

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct Account {
    /// Our identifier.
    pub id: AccountId,
    /// The name they sign in with.
    pub login: LoginName,
    /// The hash of their password, in the PHC string format.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// Where notices go.
    pub email: Option<Personal>,
    /// Wrong passwords since the last right one.
    pub failed_sign_ins: u32,
    /// No password is tried before this time.
    pub locked_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who stands behind it: [`Tx::set_account_kind`].
    pub kind: AccountKind,
    /// Since when a security administrator keeps it from signing in.
    pub barred_at: Option<DateTime<Utc>>,
    /// Until when its password counts, if somebody else knows it, too: it must be changed at the first sign-in.
    pub one_time_until: Option<DateTime<Utc>>,
}

/// An account to be made; as nobody has checked a name yet, it is a person's.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The name to sign in with; unique.
    pub login: LoginName,
    /// The hash of the password, in the PHC string format.
    pub password_hash: String,
    /// What it may do.
    pub role: Role,
    /// Where notices go.
    pub email: Option<Personal>,
}

/// A signed-in browser.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub account: AccountId,
    /// The token that its forms carry.
    pub csrf: String,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// What was proven to open it.
    pub stage: SessionStage,
}

/// What the bearer of a session has proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStage {
    /// The password of an account that has a second factor, and nothing else.
    AwaitsCode,
    /// Everything that the account asks for.
    SignedIn,
}

/// How [`SessionStage::SignedIn`] is stored.
pub(crate) const SIGNED_IN: &str = "signed-in";
const AWAITS_CODE: &str = "awaits-code";

impl SessionStage {
    fn slug(self) -> &'static str {
        match self {
            Self::AwaitsCode => AWAITS_CODE,
            Self::SignedIn => SIGNED_IN,
        }
    }

    fn from_slug(slug: &str) -> Result<Self> {
        match slug {
            AWAITS_CODE => Ok(Self::AwaitsCode),
            SIGNED_IN => Ok(Self::SignedIn),
            other => Err(crate::inconsistent("session.stage", "a stage")(&other)),
        }
    }
}

const EMAIL: &str = "account.email";

impl Tx<'_> {
    /// Makes an account. [`Exists`](crate::StoreError::Exists) if the login name is taken.
    pub async fn insert_account(&mut self, new: NewAccount) -> Result<AccountId> {
        let id = beian_domain::new_uuid(&*self.store.clock, &*self.store.random);
        let email_sealed = new
            .email
            .map(|email| {
                let row = id.to_string();
                self.store
                    .sealer
                    .seal(Place { table_and_column: EMAIL, row: &row }, email.expose().as_bytes())
            })
            .transpose()?;
        account::Entity::insert(account::ActiveModel {
            id: Set(id),
            login: Set(new.login.to_string()),
            password_hash: Set(new.password_hash),
            role: Set(new.role.slug().to_owned()),
            email_sealed: Set(email_sealed),
            failed_sign_ins: Set(0),
            locked_until: Set(None),
            created_at: Set(self.store.clock.now()),
            kind: Set(AccountKind::default().slug().to_owned()),
            barred_at: Set(None),
            one_time_until: Set(None),
        })
        .exec_without_returning(&self.db)
        .await
        .map_err(|error| exists(error, "login name"))?;
        let id = AccountId(id);
        self.note("account.create", &Subject::Account(id), json!({"role": new.role.slug()}));
        Ok(id)
    }

    /// Keeps who stands behind an account, by its real-name check (实名认证).
    pub async fn set_account_kind(&mut self, account: AccountId, kind: AccountKind) -> Result<()> {
        account::Entity::update_many()
            .col_expr(account::Column::Kind, kind.slug().into())
            .filter(account::Column::Id.eq(account.0))
            .exec(&self.db)
            .await?;
        self.note("account.set-kind", &Subject::Account(account), json!({"kind": kind.slug()}));
        Ok(())
    }

    /// Keeps the count of wrong passwords.
    pub async fn set_failed_sign_ins(
        &mut self,
        account: AccountId,
        failures: u32,
        locked_until: Option<DateTime<Utc>>,
    ) -> Result<()> {
        account::Entity::update_many()
            .col_expr(account::Column::FailedSignIns, i64::from(failures).into())
            .col_expr(account::Column::LockedUntil, Expr::value(locked_until))
            .filter(account::Column::Id.eq(account.0))
            .exec(&self.db)
            .await?;
        self.note("account.sign-in-failed", &Subject::Account(account), json!({"failures": failures}));
        Ok(())
    }

    /// Sets a new password of the account's own, and ends every session and rest of the account.
    pub async fn set_password(&mut self, account: AccountId, password_hash: &str) -> Result<()> {
        account::Entity::update_many()
            .col_expr(account::Column::PasswordHash, password_hash.into())
            .col_expr(account::Column::FailedSignIns, 0_i64.into())
            .col_expr(account::Column::LockedUntil, Expr::value(Option::<DateTime<Utc>>::None))
            .col_expr(account::Column::OneTimeUntil, Expr::value(Option::<DateTime<Utc>>::None))
            .filter(account::Column::Id.eq(account.0))
            .exec(&self.db)
            .await?;
        self.end_sessions(account).await?;
        self.note("account.set-password", &Subject::Account(account), json!({}));
        Ok(())
    }

    /// Lets the password that was just set count until a time only, by which it must have been changed.
    pub async fn set_one_time(&mut self, account: AccountId, until: DateTime<Utc>) -> Result<()> {
        account::Entity::update_many()
            .col_expr(account::Column::OneTimeUntil, Expr::value(Some(until)))
            .filter(account::Column::Id.eq(account.0))
            .exec(&self.db)
            .await?;
        self.note("account.one-time-password", &Subject::Account(account), json!({"until": until}));
        Ok(())
    }

    /// Gives an account of staff another role, and ends its sessions.
    pub async fn set_role(&mut self, account: AccountId, from: StaffRole, to: StaffRole) -> Result<()> {
        account::Entity::update_many()
            .col_expr(account::Column::Role, to.slug().into())
            .filter(account::Column::Id.eq(account.0))
            .exec(&self.db)
            .await?;
        self.end_sessions(account).await?;
        let detail = json!({"from": from.slug(), "to": to.slug()});
        self.note("account.set-role", &Subject::Account(account), detail);
        Ok(())
    }

    /// Keeps an account from signing in, and ends its sessions.
    pub async fn bar_account(&mut self, account: AccountId) -> Result<()> {
        self.set_barred_at(account, Some(self.store.clock.now())).await?;
        self.end_sessions(account).await?;
        self.note("account.lock", &Subject::Account(account), json!({}));
        Ok(())
    }

    /// Lets an account sign in again.
    pub async fn unbar_account(&mut self, account: AccountId) -> Result<()> {
        self.set_barred_at(account, None).await?;
        self.note("account.unlock", &Subject::Account(account), json!({}));
        Ok(())
    }

    async fn set_barred_at(&mut self, account: AccountId, at: Option<DateTime<Utc>>) -> Result<()> {
        account::Entity::update_many()
            .col_expr(account::Column::BarredAt, Expr::value(at))
            .filter(account::Column::Id.eq(account.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    pub(crate) async fn end_sessions(&mut self, account: AccountId) -> Result<()> {
        session::Entity::delete_many().filter(session::Column::Account.eq(account.0)).exec(&self.db).await?;
        Ok(())
    }

    /// Opens a session for the bearer of `token`, of which only the hash is kept: they are signed in.
    pub async fn insert_session(
        &mut self,
        token: &str,
        account: AccountId,
        csrf: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        self.open_session(token, account, csrf, expires_at, SessionStage::SignedIn).await?;
        self.note("account.sign-in", &Subject::Account(account), json!({}));
        Ok(())
    }

    /// The same for somebody of whom a code is asked yet.
    pub async fn insert_session_awaiting_code(
        &mut self,
        token: &str,
        account: AccountId,
        csrf: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        self.open_session(token, account, csrf, expires_at, SessionStage::AwaitsCode).await?;
        self.note("account.password-given", &Subject::Account(account), json!({}));
        Ok(())
    }

    /// Signs in the bearer of a session that awaited a code, by a new token: the old one opens nothing any more.
    pub async fn complete_session(
        &mut self,
        awaiting: &str,
        token: &str,
        account: AccountId,
        csrf: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        session::Entity::delete_by_id(token_hash(awaiting)).exec(&self.db).await?;
        self.insert_session(token, account, csrf, expires_at).await
    }

    async fn open_session(
        &mut self,
        token: &str,
        account: AccountId,
        csrf: &str,
        expires_at: DateTime<Utc>,
        stage: SessionStage,
    ) -> Result<()> {
        let now = self.store.clock.now();
        session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(now)).exec(&self.db).await?;
        session::Entity::insert(session::ActiveModel {
            token_hash: Set(token_hash(token)),
            account: Set(account.0),
            csrf: Set(csrf.to_owned()),
            created_at: Set(now),
            expires_at: Set(expires_at),
            stage: Set(stage.slug().to_owned()),
        })
        .exec_without_returning(&self.db)
        .await?;
        account::Entity::update_many()
            .col_expr(account::Column::FailedSignIns, 0_i64.into())
            .col_expr(account::Column::LockedUntil, Expr::value(Option::<DateTime<Utc>>::None))
            .filter(account::Column::Id.eq(account.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Ends a session.
    pub async fn delete_session(&mut self, token: &str) -> Result<()> {
        session::Entity::delete_by_id(token_hash(token)).exec(&self.db).await?;
        self.note("account.sign-out", &Subject::Other("session", "own".to_owned()), json!({}));
        Ok(())
    }
}

impl Reader<'_> {
    /// The account of an identifier.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        account::Entity::find_by_id(id.0).one(&self.db).await?.map(|row| self.read_account(row)).transpose()
    }

    /// The account of a login name.
    pub async fn account_by_login(&self, login: &LoginName) -> Result<Option<Account>> {
        account::Entity::find()
            .filter(account::Column::Login.eq(login.as_str()))
            .one(&self.db)
            .await?
            .map(|row| self.read_account(row))
            .transpose()
    }

    /// All accounts of a role, oldest first.
    pub async fn accounts(&self, role: Role) -> Result<Vec<Account>> {
        account::Entity::find()
            .filter(account::Column::Role.eq(role.slug()))
            .order_by_asc(account::Column::CreatedAt)
            .all(&self.db)
            .await?
            .into_iter()
            .map(|row| self.read_account(row))
            .collect()
    }

    /// The accounts of staff, oldest first, at most `limit`.
    pub async fn staff_accounts(&self, limit: u64) -> Result<Vec<Account>> {
        account::Entity::find()
            .filter(account::Column::Role.is_in(StaffRole::ALL.map(StaffRole::slug)))
            .order_by_asc(account::Column::CreatedAt)
            .order_by_asc(account::Column::Id)
            .limit(limit)
            .all(&self.db)
            .await?
            .into_iter()
            .map(|row| self.read_account(row))
            .collect()
    }

    /// How many accounts there are.
    pub async fn count_accounts(&self) -> Result<u64> {
        Ok(account::Entity::find().count(&self.db).await?)
    }

    /// The session that `token` opens at `now`.
    pub async fn session(&self, token: &str, now: DateTime<Utc>) -> Result<Option<Session>> {
        session::Entity::find_by_id(token_hash(token))
            .filter(session::Column::ExpiresAt.gt(now))
            .one(&self.db)
            .await?
            .map(|row| {
                Ok(Session {
                    account: AccountId(row.account),
                    csrf: row.csrf,
                    opened_at: row.created_at,
                    expires_at: row.expires_at,
                    stage: SessionStage::from_slug(&row.stage)?,
                })
            })
            .transpose()
    }

    pub(crate) fn read_account(&self, row: account::Model) -> Result<Account> {
        let email = row
            .email_sealed
            .map(|sealed| {
                let place = row.id.to_string();
                self.sealer.open_text(Place { table_and_column: EMAIL, row: &place }, &sealed)
            })
            .transpose()?
            .map(|plain| Personal::new(plain.as_str()));
        Ok(Account {
            id: AccountId(row.id),
            login: row
                .login
                .parse()
                .map_err(|error| crate::inconsistent("account.login", "a login name")(&error))?,
            password_hash: row.password_hash,
            role: row.role.parse().map_err(|error| crate::inconsistent("account.role", "a role")(&error))?,
            email,
            failed_sign_ins: u32::try_from(row.failed_sign_ins).unwrap_or(u32::MAX),
            locked_until: row.locked_until,
            created_at: row.created_at,
            kind: row.kind.parse().map_err(|error| crate::inconsistent("account.kind", "a kind")(&error))?,
            barred_at: row.barred_at,
            one_time_until: row.one_time_until,
        })
    }
}

/// Of a token only this is kept.
pub(crate) fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}
