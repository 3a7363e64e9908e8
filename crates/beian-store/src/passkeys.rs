//! Passkeys (通行密钥) of accounts: what is known of each, what was tried in vain, and the challenges that are out.
//!
//! What the library that judges them keeps is bytes here. All of it is public by its nature: a private key never
//! leaves its device. Only the name that a person gave is sealed.

use beian_domain::{AccountId, PasskeyName};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::accounts::token_hash;
use crate::entity::{passkey, passkey_ceremony, passkey_tries};
use crate::sealing::{Place, hex};
use crate::{Reader, Result, Subject, Tx, exists, inconsistent};

/// Which passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PasskeyId(pub Uuid);

/// What is known of a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Our identifier.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: PasskeyName,
    /// The identifier that its device gave it, 16 to 1023 bytes.
    pub credential: Vec<u8>,
    /// Ways to its device, as the library writes them: a hint for browsers.
    pub transports: u8,
    /// Its public key and what does not change beside it, as the library writes it.
    pub public_key: Vec<u8>,
    /// What changes with its use, its signature counter among it, as the library writes it.
    pub state: Vec<u8>,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// When somebody last signed in by it.
    pub used_at: Option<DateTime<Utc>>,
}

/// A passkey to be kept; see [`Passkey`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasskey {
    /// What its owner calls it.
    pub name: PasskeyName,
    /// The identifier that its device gave it.
    pub credential: Vec<u8>,
    /// Ways to its device.
    pub transports: u8,
    /// Its public key.
    pub public_key: Vec<u8>,
    /// What changes with its use.
    pub state: Vec<u8>,
}

/// The passkeys of an account, and what was tried of them in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkeys {
    /// Each, oldest first.
    pub all: Vec<Passkey>,
    /// Refused answers since the last that was taken.
    pub failures: u32,
    /// No answer is looked at before this time.
    pub rests_until: Option<DateTime<Utc>>,
}

/// For what a challenge is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CeremonyPurpose {
    /// To add a passkey.
    Add,
    /// To sign in.
    SignIn,
}

/// A challenge that goes out to a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCeremony {
    /// Whose.
    pub account: AccountId,
    /// For what.
    pub purpose: CeremonyPurpose,
    /// What the library must have again to judge the answer.
    pub state: Vec<u8>,
    /// Until when an answer counts.
    pub expires_at: DateTime<Utc>,
}

/// A challenge that came back: nobody can take it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenCeremony {
    /// What the library must have to judge the answer.
    pub state: Vec<u8>,
    /// Until when an answer counts.
    pub expires_at: DateTime<Utc>,
}

const NAME: &str = "passkey.name";

impl CeremonyPurpose {
    fn slug(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::SignIn => "sign-in",
        }
    }
}

impl Tx<'_> {
    /// Keeps a challenge for the session of `token`, in the place of the one that it has, if any.
    pub async fn begin_ceremony(&mut self, token: &str, new: NewCeremony) -> Result<()> {
        let session = token_hash(token);
        let gone = Condition::any()
            .add(passkey_ceremony::Column::ExpiresAt.lt(self.store.clock.now()))
            .add(passkey_ceremony::Column::Session.eq(session.as_str()));
        passkey_ceremony::Entity::delete_many().filter(gone).exec(&self.db).await?;
        passkey_ceremony::Entity::insert(passkey_ceremony::ActiveModel {
            session: Set(session),
            account: Set(new.account.0),
            purpose: Set(new.purpose.slug().to_owned()),
            state: Set(new.state),
            expires_at: Set(new.expires_at),
        })
        .exec_without_returning(&self.db)
        .await?;
        Ok(())
    }

    /// Takes the challenge of a session, of which there is then none any more. Of a thousand who try at once one has
    /// it.
    pub async fn take_ceremony(
        &mut self,
        token: &str,
        account: AccountId,
        purpose: CeremonyPurpose,
    ) -> Result<Option<TakenCeremony>> {
        let session = token_hash(token);
        let found = passkey_ceremony::Entity::find_by_id(session.as_str())
            .filter(passkey_ceremony::Column::Account.eq(account.0))
            .filter(passkey_ceremony::Column::Purpose.eq(purpose.slug()))
            .one(&self.db)
            .await?;
        let Some(row) = found else { return Ok(None) };
        // What was read may be another's by now; what was deleted is one's own.
        let gone = passkey_ceremony::Entity::delete_many()
            .filter(passkey_ceremony::Column::Session.eq(session))
            .filter(passkey_ceremony::Column::State.eq(row.state.clone()))
            .exec(&self.db)
            .await?;
        let taken = TakenCeremony { state: row.state, expires_at: row.expires_at };
        Ok((gone.rows_affected == 1).then_some(taken))
    }

    /// An account's passkeys; until this transaction is over nobody else has them to change them. None if there
    /// was never one.
    pub async fn lock_passkeys(&mut self, account: AccountId) -> Result<Option<Passkeys>> {
        // On SQLite the transaction is the only writer anyway and no lock is rendered.
        let found = passkey_tries::Entity::find_by_id(account.0).lock(LockType::Update).one(&self.db).await?;
        let Some(tries) = found else { return Ok(None) };
        Ok(Some(Passkeys {
            all: self.read().passkeys(account).await?,
            failures: u32::try_from(tries.failures).unwrap_or(u32::MAX),
            rests_until: tries.rests_until,
        }))
    }

    /// Keeps a passkey, and ends every session of the account. [`Exists`](crate::StoreError::Exists) if a passkey
    /// with the identifier of its device is known, whoever's it is.
    pub async fn insert_passkey(&mut self, account: AccountId, new: NewPasskey) -> Result<PasskeyId> {
        let id = beian_domain::new_uuid(&*self.store.clock, &*self.store.random);
        let row = id.to_string();
        let place = Place { table_and_column: NAME, row: &row };
        let name_sealed = self.store.sealer.seal(place, new.name.as_str().as_bytes())?;
        let tries =
            passkey_tries::ActiveModel { account: Set(account.0), failures: Set(0), rests_until: Set(None) };
        let known = OnConflict::column(passkey_tries::Column::Account).do_nothing().to_owned();
        passkey_tries::Entity::insert(tries)
            .on_conflict(known)
            .exec_without_returning(&self.db)
            .await
            .or_else(|error| if matches!(error, DbErr::RecordNotInserted) { Ok(0) } else { Err(error) })?;
        passkey::Entity::insert(passkey::ActiveModel {
            id: Set(id),
            account: Set(account.0),
            credential_digest: Set(hex(&Sha256::digest(&new.credential))),
            credential: Set(new.credential),
            transports: Set(i64::from(new.transports)),
            public_key: Set(new.public_key),
            state: Set(new.state),
            name_sealed: Set(name_sealed),
            added_at: Set(self.store.clock.now()),
            used_at: Set(None),
        })
        .exec_without_returning(&self.db)
        .await
        .map_err(|error| exists(error, "passkey"))?;
        self.end_sessions(account).await?;
        self.note("passkey.add", &Subject::Account(account), json!({"passkey": row}));
        Ok(PasskeyId(id))
    }

    /// Notes that somebody signed in by a passkey, and forgets refused answers.
    pub async fn use_passkey(&mut self, account: AccountId, id: PasskeyId, state: Vec<u8>) -> Result<()> {
        let now = self.store.clock.now();
        passkey::Entity::update_many()
            .col_expr(passkey::Column::State, state.into())
            .col_expr(passkey::Column::UsedAt, Expr::value(Some(now)))
            .filter(passkey::Column::Id.eq(id.0))
            .filter(passkey::Column::Account.eq(account.0))
            .exec(&self.db)
            .await?;
        self.set_tries(account, 0, None).await?;
        self.note("passkey.use", &Subject::Account(account), json!({"passkey": id.0.to_string()}));
        Ok(())
    }

    /// Keeps the count of refused answers. `reason` is one of the application's words, not of whoever answered.
    pub async fn set_refused_passkeys(
        &mut self,
        account: AccountId,
        failures: u32,
        rests_until: Option<DateTime<Utc>>,
        reason: &'static str,
    ) -> Result<()> {
        self.set_tries(account, i64::from(failures), rests_until).await?;
        let detail = json!({"reason": reason, "failures": failures});
        self.note("passkey.refused", &Subject::Account(account), detail);
        Ok(())
    }

    /// Notes that a passkey was not added, or not used, without a count.
    pub fn note_passkey_not_taken(
        &mut self,
        account: AccountId,
        purpose: CeremonyPurpose,
        reason: &'static str,
    ) {
        let detail = json!({"reason": reason, "purpose": purpose.slug()});
        self.note("passkey.not-taken", &Subject::Account(account), detail);
    }

    /// Forgets a passkey, and ends every session of the account. False if it has no such passkey.
    pub async fn delete_passkey(&mut self, account: AccountId, id: PasskeyId) -> Result<bool> {
        let gone = passkey::Entity::delete_many()
            .filter(passkey::Column::Id.eq(id.0))
            .filter(passkey::Column::Account.eq(account.0))
            .exec(&self.db)
            .await?;
        if gone.rows_affected == 0 {
            return Ok(false);
        }
        self.end_sessions(account).await?;
        self.note("passkey.remove", &Subject::Account(account), json!({"passkey": id.0.to_string()}));
        Ok(true)
    }

    /// Forgets every passkey of an account, and what was tried of them; ends its sessions if there was one.
    pub async fn delete_passkeys(&mut self, account: AccountId) -> Result<()> {
        let gone = passkey::Entity::delete_many()
            .filter(passkey::Column::Account.eq(account.0))
            .exec(&self.db)
            .await?;
        passkey_tries::Entity::delete_by_id(account.0).exec(&self.db).await?;
        if gone.rows_affected > 0 {
            self.end_sessions(account).await?;
            let detail = json!({"passkeys": gone.rows_affected});
            self.note("passkey.reset", &Subject::Account(account), detail);
        }
        Ok(())
    }

    async fn set_tries(
        &mut self,
        account: AccountId,
        failures: i64,
        rests_until: Option<DateTime<Utc>>,
    ) -> Result<()> {
        passkey_tries::Entity::update_many()
            .col_expr(passkey_tries::Column::Failures, failures.into())
            .col_expr(passkey_tries::Column::RestsUntil, Expr::value(rests_until))
            .filter(passkey_tries::Column::Account.eq(account.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }
}

impl Reader<'_> {
    /// The passkeys of an account, oldest first.
    pub async fn passkeys(&self, account: AccountId) -> Result<Vec<Passkey>> {
        let rows = passkey::Entity::find()
            .filter(passkey::Column::Account.eq(account.0))
            .order_by_asc(passkey::Column::AddedAt)
            .order_by_asc(passkey::Column::Id)
            .all(&self.db)
            .await?;
        rows.into_iter().map(|row| self.read_passkey(row)).collect()
    }

    /// Whether there is a passkey with the identifier of a device, whoever's it is.
    pub async fn knows_passkey(&self, credential: &[u8]) -> Result<bool> {
        let digest = hex(&Sha256::digest(credential));
        let found = passkey::Entity::find().filter(passkey::Column::CredentialDigest.eq(digest));
        Ok(found.count(&self.db).await? > 0)
    }

    fn read_passkey(&self, row: passkey::Model) -> Result<Passkey> {
        let id = row.id.to_string();
        let name = self.sealer.open_text(Place { table_and_column: NAME, row: &id }, &row.name_sealed)?;
        Ok(Passkey {
            id: PasskeyId(row.id),
            name: name.as_str().parse().map_err(|error| inconsistent(NAME, "a name")(&error))?,
            credential: row.credential,
            transports: u8::try_from(row.transports)
                .map_err(|error| inconsistent("passkey.transports", "a byte")(&error))?,
            public_key: row.public_key,
            state: row.state,
            added_at: row.added_at,
            used_at: row.used_at,
        })
    }
}
