//! Accounts and sessions.

use beian_domain::{AccountId, AccountKind, LoginName, Personal, Role};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
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
    /// When it ends.
    pub expires_at: DateTime<Utc>,
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

    /// Sets a new password, and ends every session and rest of the account.
    pub async fn set_password(&mut self, account: AccountId, password_hash: &str) -> Result<()> {
        account::Entity::update_many()
            .col_expr(account::Column::PasswordHash, password_hash.into())
            .col_expr(account::Column::FailedSignIns, 0.into())
            .col_expr(account::Column::LockedUntil, Expr::value(Option::<DateTime<Utc>>::None))
            .filter(account::Column::Id.eq(account.0))
            .exec(&self.db)
            .await?;
        session::Entity::delete_many().filter(session::Column::Account.eq(account.0)).exec(&self.db).await?;
        self.note("account.set-password", &Subject::Account(account), json!({}));
        Ok(())
    }

    /// Opens a session for the bearer of `token`, of which only the hash is kept.
    pub async fn insert_session(
        &mut self,
        token: &str,
        account: AccountId,
        csrf: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        let now = self.store.clock.now();
        session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(now)).exec(&self.db).await?;
        session::Entity::insert(session::ActiveModel {
            token_hash: Set(token_hash(token)),
            account: Set(account.0),
            csrf: Set(csrf.to_owned()),
            created_at: Set(now),
            expires_at: Set(expires_at),
        })
        .exec_without_returning(&self.db)
        .await?;
        account::Entity::update_many()
            .col_expr(account::Column::FailedSignIns, 0.into())
            .col_expr(account::Column::LockedUntil, Expr::value(Option::<DateTime<Utc>>::None))
            .filter(account::Column::Id.eq(account.0))
            .exec(&self.db)
            .await?;
        self.note("account.sign-in", &Subject::Account(account), json!({}));
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

    /// How many accounts there are.
    pub async fn count_accounts(&self) -> Result<u64> {
        Ok(account::Entity::find().count(&self.db).await?)
    }

    /// The session that `token` opens at `now`.
    pub async fn session(&self, token: &str, now: DateTime<Utc>) -> Result<Option<Session>> {
        Ok(session::Entity::find_by_id(token_hash(token))
            .filter(session::Column::ExpiresAt.gt(now))
            .one(&self.db)
            .await?
            .map(|row| Session {
                account: AccountId(row.account),
                csrf: row.csrf,
                expires_at: row.expires_at,
            }))
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
        })
    }
}

fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}
