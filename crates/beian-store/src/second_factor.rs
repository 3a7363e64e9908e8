//! Second factors: the secret of each, sealed, and its recovery codes, of which only digests are kept.

use std::collections::BTreeSet;

use beian_domain::AccountId;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::entity::{passkey, recovery_code, second_factor};
use crate::sealing::{Place, hex};
use crate::{Reader, Result, Subject, Tx, exists};

/// By what an account proves who signs in, beside its password.
pub struct SecondFactor {
    /// What its device and we share.
    pub secret: Zeroizing<Vec<u8>>,
    /// The time step (30 seconds, RFC 6238) of the last code that was taken: none up to it is taken again.
    pub last_step: u64,
    /// Wrong codes since the last right one.
    pub failures: u32,
    /// No code is tried before this time.
    pub rests_until: Option<DateTime<Utc>>,
}

const SECRET: &str = "second_factor.secret";

impl Tx<'_> {
    /// Keeps a second factor of which the code of `step` was shown, with its recovery codes, and ends every
    /// session of the account: they were opened without it. [`Exists`](crate::StoreError::Exists) if there is one.
    pub async fn insert_second_factor(
        &mut self,
        account: AccountId,
        secret: &[u8],
        step: u64,
        recovery_codes: &[Zeroizing<String>],
    ) -> Result<()> {
        let row = account.0.to_string();
        let secret_sealed = self.store.sealer.seal(Place { table_and_column: SECRET, row: &row }, secret)?;
        second_factor::Entity::insert(second_factor::ActiveModel {
            account: Set(account.0),
            secret_sealed: Set(secret_sealed),
            last_step: Set(step_in_store(step)),
            failures: Set(0),
            rests_until: Set(None),
            enrolled_at: Set(self.store.clock.now()),
        })
        .exec_without_returning(&self.db)
        .await
        .map_err(|error| exists(error, "second factor"))?;
        self.insert_recovery_codes(account, recovery_codes).await?;
        self.end_sessions(account).await?;
        self.note("second-factor.enrol", &Subject::Account(account), json!({}));
        Ok(())
    }

    /// Puts new recovery codes in the place of all that are left.
    pub async fn replace_recovery_codes(
        &mut self,
        account: AccountId,
        recovery_codes: &[Zeroizing<String>],
    ) -> Result<()> {
        self.delete_recovery_codes(account).await?;
        self.insert_recovery_codes(account, recovery_codes).await?;
        self.note("second-factor.new-recovery-codes", &Subject::Account(account), json!({}));
        Ok(())
    }

    /// An account's second factor; until this transaction is over nobody else has it to change it.
    pub async fn lock_second_factor(&mut self, account: AccountId) -> Result<Option<SecondFactor>> {
        // On SQLite the transaction is the only writer anyway and no lock is rendered.
        let found = second_factor::Entity::find_by_id(account.0).lock(LockType::Update).one(&self.db).await?;
        let Some(row) = found else { return Ok(None) };
        let id = account.0.to_string();
        let place = Place { table_and_column: SECRET, row: &id };
        Ok(Some(SecondFactor {
            secret: self.store.sealer.open(place, &row.secret_sealed)?,
            last_step: u64::try_from(row.last_step).unwrap_or_default(),
            failures: u32::try_from(row.failures).unwrap_or(u32::MAX),
            rests_until: row.rests_until,
        }))
    }

    /// Notes that the code of `step` was given, and forgets wrong ones.
    pub async fn take_code(&mut self, account: AccountId, step: u64) -> Result<()> {
        second_factor::Entity::update_many()
            .col_expr(second_factor::Column::LastStep, step_in_store(step).into())
            .col_expr(second_factor::Column::Failures, 0_i64.into())
            .col_expr(second_factor::Column::RestsUntil, Expr::value(Option::<DateTime<Utc>>::None))
            .filter(second_factor::Column::Account.eq(account.0))
            .exec(&self.db)
            .await?;
        self.note("second-factor.code", &Subject::Account(account), json!({}));
        Ok(())
    }

    /// Takes a recovery code, if it is one of those that are left, and forgets wrong ones. It is then used up.
    pub async fn take_recovery_code(&mut self, account: AccountId, code: &str) -> Result<bool> {
        let gone = recovery_code::Entity::delete_many()
            .filter(recovery_code::Column::Digest.eq(recovery_digest(account, code)))
            .filter(recovery_code::Column::Account.eq(account.0))
            .exec(&self.db)
            .await?;
        if gone.rows_affected == 0 {
            return Ok(false);
        }
        second_factor::Entity::update_many()
            .col_expr(second_factor::Column::Failures, 0_i64.into())
            .col_expr(second_factor::Column::RestsUntil, Expr::value(Option::<DateTime<Utc>>::None))
            .filter(second_factor::Column::Account.eq(account.0))
            .exec(&self.db)
            .await?;
        let left = self.read().recovery_codes_left(account).await?;
        self.note("second-factor.recovery-code", &Subject::Account(account), json!({"left": left}));
        Ok(true)
    }

    /// Keeps the count of wrong codes.
    pub async fn set_wrong_codes(
        &mut self,
        account: AccountId,
        failures: u32,
        rests_until: Option<DateTime<Utc>>,
    ) -> Result<()> {
        second_factor::Entity::update_many()
            .col_expr(second_factor::Column::Failures, i64::from(failures).into())
            .col_expr(second_factor::Column::RestsUntil, Expr::value(rests_until))
            .filter(second_factor::Column::Account.eq(account.0))
            .exec(&self.db)
            .await?;
        self.note("second-factor.wrong-code", &Subject::Account(account), json!({"failures": failures}));
        Ok(())
    }

    /// Forgets the key of an account's device with its recovery codes, and ends its sessions. Passkeys stay.
    pub async fn delete_second_factor(&mut self, account: AccountId) -> Result<()> {
        second_factor::Entity::delete_by_id(account.0).exec(&self.db).await?;
        self.delete_recovery_codes(account).await?;
        self.end_sessions(account).await?;
        self.note("second-factor.reset", &Subject::Account(account), json!({}));
        Ok(())
    }

    async fn delete_recovery_codes(&mut self, account: AccountId) -> Result<()> {
        recovery_code::Entity::delete_many()
            .filter(recovery_code::Column::Account.eq(account.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    async fn insert_recovery_codes(&mut self, account: AccountId, codes: &[Zeroizing<String>]) -> Result<()> {
        let issued_at = self.store.clock.now();
        let rows = codes.iter().map(|code| recovery_code::ActiveModel {
            digest: Set(recovery_digest(account, code)),
            account: Set(account.0),
            issued_at: Set(issued_at),
        });
        recovery_code::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        Ok(())
    }
}

impl Reader<'_> {
    /// Whether an account has a second factor: a device with a key, or a passkey.
    pub async fn has_second_factor(&self, account: AccountId) -> Result<bool> {
        Ok(!self.with_second_factor(&[account]).await?.is_empty())
    }

    /// When an account enrolled a device with a key, if it has one.
    pub async fn second_factor_since(&self, account: AccountId) -> Result<Option<DateTime<Utc>>> {
        Ok(second_factor::Entity::find_by_id(account.0).one(&self.db).await?.map(|row| row.enrolled_at))
    }

    /// Which of some accounts have a second factor, of either kind.
    pub async fn with_second_factor(&self, accounts: &[AccountId]) -> Result<BTreeSet<AccountId>> {
        let accounts = || accounts.iter().map(|account| account.0);
        let devices = second_factor::Entity::find()
            .filter(second_factor::Column::Account.is_in(accounts()))
            .select_only()
            .column(second_factor::Column::Account)
            .into_tuple::<uuid::Uuid>()
            .all(&self.db)
            .await?;
        let passkeys = passkey::Entity::find()
            .filter(passkey::Column::Account.is_in(accounts()))
            .select_only()
            .column(passkey::Column::Account)
            .into_tuple::<uuid::Uuid>()
            .all(&self.db)
            .await?;
        Ok(devices.into_iter().chain(passkeys).map(AccountId).collect())
    }

    /// How many recovery codes an account has left.
    pub async fn recovery_codes_left(&self, account: AccountId) -> Result<u64> {
        Ok(recovery_code::Entity::find()
            .filter(recovery_code::Column::Account.eq(account.0))
            .count(&self.db)
            .await?)
    }
}

/// A code is 80 bits of chance: one pass of a hash keeps it. With the account in it the same code of two
/// accounts could not be told; and it needs no key, so that it can move to another installation.
fn recovery_digest(account: AccountId, code: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(account.0.as_bytes());
    hash.update(code.as_bytes());
    hex(&hash.finalize())
}

fn step_in_store(step: u64) -> i64 {
    i64::try_from(step).unwrap_or(i64::MAX)
}
