//! Transfers and claims: records that go to another account.

use std::collections::BTreeSet;

use beian_domain::{
    AccountId, DomainName, InvalidTransferEvent, OrderId, OrderState, Personal, RecordState,
    ServiceFilingNumber, SponsorFilingNumber, TransferEvent, TransferId, TransferProof, TransferState,
};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::entity::{filing_order, filing_record, transfer as table};
use crate::sealing::{BlindIndex, Place};
use crate::{Reader, Result, StoreError, Subject, Tx, exists, inconsistent};

/// A transfer of a sponsor with its records here (备案转移), or a claim (认领).
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Our identifier.
    pub id: TransferId,
    /// The sponsor that goes.
    pub sponsor_number: SponsorFilingNumber,
    /// Its certificate number, blind.
    pub sponsor_index: BlindIndex,
    /// The service that it was asked for by.
    pub service_number: ServiceFilingNumber,
    /// The domain of that service, on which it can be proven.
    pub domain: DomainName,
    /// The account that holds the records; nobody for a claim.
    pub from: Option<AccountId>,
    /// The account that is to hold them.
    pub to: AccountId,
    /// The person who asked for it.
    pub requester: AccountId,
    /// Where it stands; changed by [`Transfer::apply`] alone.
    state: TransferState,
    /// How often it was changed.
    pub revision: i64,
    /// The proof that is waited for.
    pub proof: Option<PendingProof>,
    /// Codes that were sent for it so far.
    pub codes_sent: u32,
    /// By what it was proven.
    pub proven_by: Option<TransferProof>,
    /// Why the holder objects, in their words.
    pub objection: Option<Personal>,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// When the product must do something about it: let it expire, or complete it.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub decided_at: Option<DateTime<Utc>>,
}

/// A proof that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PendingProof {
    /// A code was sent by SMS.
    Sms {
        /// The code, for nobody to see.
        code: Personal,
        /// Until when it is good.
        good_until: DateTime<Utc>,
        /// Wrong codes so far.
        wrong: u32,
    },
    /// A TXT record is to be published.
    Dns {
        /// What it is to say.
        token: String,
    },
    /// An operator is to look at the certificate.
    Certificate,
}

impl PendingProof {
    /// Which way it is.
    pub fn way(&self) -> TransferProof {
        match self {
            Self::Sms { .. } => TransferProof::Sms,
            Self::Dns { .. } => TransferProof::Dns,
            Self::Certificate => TransferProof::Certificate,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "kebab-case")]
enum Plain {
    Sms { code: String, good_until: DateTime<Utc>, wrong: u32 },
    Dns { token: String },
    Certificate,
}

/// A transfer to be asked for.
#[derive(Debug)]
pub struct NewTransfer {
    /// The sponsor that goes.
    pub sponsor_number: SponsorFilingNumber,
    /// Its certificate number, blind.
    pub sponsor_index: BlindIndex,
    /// The service that it was asked for by.
    pub service_number: ServiceFilingNumber,
    /// The domain of that service.
    pub domain: DomainName,
    /// The account that holds the records; nobody for a claim.
    pub from: Option<AccountId>,
    /// The account that is to hold them.
    pub to: AccountId,
    /// The person who asks for it.
    pub requester: AccountId,
    /// When it expires without a proof.
    pub due_at: DateTime<Utc>,
}

const PROOF: &str = "transfer.proof";
const OBJECTION: &str = "transfer.objection";

impl Transfer {
    /// Where it stands.
    pub fn state(&self) -> TransferState {
        self.state
    }

    /// Lets `event` happen to it, in memory; [`Tx::update_transfer`] keeps it.
    pub fn apply(&mut self, event: TransferEvent) -> Result<(), InvalidTransferEvent> {
        self.state = self.state.after(event)?;
        Ok(())
    }
}

impl Tx<'_> {
    /// Keeps a transfer that was asked for. [`Exists`](StoreError::Exists) if the
    /// account has one of this sponsor that is not over.
    pub async fn insert_transfer(&mut self, new: NewTransfer) -> Result<Transfer> {
        let transfer = Transfer {
            id: TransferId(beian_domain::new_uuid(&*self.store.clock, &*self.store.random)),
            sponsor_number: new.sponsor_number,
            sponsor_index: new.sponsor_index,
            service_number: new.service_number,
            domain: new.domain,
            from: new.from,
            to: new.to,
            requester: new.requester,
            state: TransferState::Requested,
            revision: 1,
            proof: None,
            codes_sent: 0,
            proven_by: None,
            objection: None,
            requested_at: self.store.clock.now(),
            due_at: Some(new.due_at),
            decided_at: None,
        };
        table::Entity::insert(self.transfer_row(&transfer)?)
            .exec_without_returning(&self.db)
            .await
            .map_err(|error| exists(error, "transfer of the sponsor"))?;
        let detail = json!({"sponsor": transfer.sponsor_number, "to": transfer.to, "from": transfer.from});
        self.note("transfer.request", &subject(&transfer), detail);
        Ok(transfer)
    }

    /// Keeps what has become of a transfer. [`Stale`](StoreError::Stale) if
    /// somebody changed it since it was read; [`Exists`](StoreError::Exists) if
    /// another one of its sponsor is proven already.
    pub async fn update_transfer(
        &mut self,
        transfer: &mut Transfer,
        action: &'static str,
        detail: Value,
    ) -> Result<()> {
        let read_revision = transfer.revision;
        transfer.revision += 1;
        if !transfer.state.is_open() {
            transfer.decided_at = transfer.decided_at.or(Some(self.store.clock.now()));
            transfer.due_at = None;
            transfer.proof = None;
        }
        let result = table::Entity::update_many()
            .set(self.transfer_row(transfer)?)
            .filter(table::Column::Id.eq(transfer.id.0))
            .filter(table::Column::Revision.eq(read_revision))
            .exec(&self.db)
            .await
            .map_err(|error| exists(error, "proven transfer of the sponsor"))?;
        if result.rows_affected != 1 {
            return Err(StoreError::Stale {
                thing: format!("transfer {}", transfer.id.0),
                expected: read_revision,
            });
        }
        self.note(action, &subject(transfer), detail);
        Ok(())
    }

    fn transfer_row(&self, transfer: &Transfer) -> Result<table::ActiveModel> {
        let row = transfer.id.0.to_string();
        let seal = |table_and_column, plain: &[u8]| {
            self.store.sealer.seal(Place { table_and_column, row: &row }, plain)
        };
        let proof_sealed = transfer
            .proof
            .as_ref()
            .map(|proof| {
                let plain = match proof.clone() {
                    PendingProof::Sms { code, good_until, wrong } => {
                        Plain::Sms { code: code.expose().to_owned(), good_until, wrong }
                    }
                    PendingProof::Dns { token } => Plain::Dns { token },
                    PendingProof::Certificate => Plain::Certificate,
                };
                let plain = serde_json::to_vec(&plain)
                    .map_err(|error| inconsistent(PROOF, "a proof that can be written")(&error))?;
                seal(PROOF, &Zeroizing::new(plain))
            })
            .transpose()?;
        let objection_sealed = transfer
            .objection
            .as_ref()
            .map(|objection| seal(OBJECTION, objection.expose().as_bytes()))
            .transpose()?;
        let open = transfer.state.is_open();
        let held = transfer.state.holds_sponsor();
        Ok(table::ActiveModel {
            id: Set(transfer.id.0),
            sponsor_number: Set(transfer.sponsor_number.to_string()),
            sponsor_index: Set(transfer.sponsor_index.0.clone()),
            service_number: Set(transfer.service_number.to_string()),
            domain: Set(transfer.domain.as_ascii().to_owned()),
            from_account: Set(transfer.from.map(|account| account.0)),
            to_account: Set(transfer.to.0),
            requester: Set(transfer.requester.0),
            state: Set(transfer.state.slug().to_owned()),
            revision: Set(transfer.revision),
            open_key: Set(open.then(|| format!("{} {}", transfer.to.0, transfer.sponsor_number))),
            held_sponsor: Set(held.then(|| transfer.sponsor_number.to_string())),
            proof_sealed: Set(proof_sealed),
            codes_sent: Set(transfer.codes_sent.into()),
            proven_by: Set(transfer.proven_by.map(|proof| proof.slug().to_owned())),
            objection_sealed: Set(objection_sealed),
            requested_at: Set(transfer.requested_at),
            due_at: Set(transfer.due_at),
            decided_at: Set(transfer.decided_at),
        })
    }
}

fn subject(transfer: &Transfer) -> Subject {
    Subject::Other("transfer", transfer.id.0.to_string())
}

impl Reader<'_> {
    /// The transfer of an identifier.
    pub async fn transfer(&self, id: TransferId) -> Result<Option<Transfer>> {
        table::Entity::find_by_id(id.0).one(&self.db).await?.map(|row| self.read_transfer(row)).transpose()
    }

    /// At most `limit` transfers to or from an account, newest first.
    pub async fn transfers_of(&self, account: AccountId, limit: u64) -> Result<Vec<Transfer>> {
        let concerned = Condition::any()
            .add(table::Column::ToAccount.eq(account.0))
            .add(table::Column::FromAccount.eq(account.0));
        self.transfers(table::Entity::find().filter(concerned), limit).await
    }

    /// At most `limit` transfers that stand somewhere, newest first.
    pub async fn transfers_in(&self, states: &[TransferState], limit: u64) -> Result<Vec<Transfer>> {
        let states = states.iter().map(|state| state.slug());
        self.transfers(table::Entity::find().filter(table::Column::State.is_in(states)), limit).await
    }

    /// The transfers of a sponsor that are not over.
    pub async fn open_transfers_of_sponsor(&self, number: &SponsorFilingNumber) -> Result<Vec<Transfer>> {
        let select = table::Entity::find()
            .filter(table::Column::SponsorNumber.eq(number.to_string()))
            .filter(table::Column::OpenKey.is_not_null());
        self.transfers(select, 100).await
    }

    /// A transfer about which something must be done by now, longest due first.
    pub async fn due_transfer(&self, now: DateTime<Utc>) -> Result<Option<Transfer>> {
        table::Entity::find()
            .filter(table::Column::DueAt.lte(now))
            .order_by_asc(table::Column::DueAt)
            .order_by_asc(table::Column::Id)
            .one(&self.db)
            .await?
            .map(|row| self.read_transfer(row))
            .transpose()
    }

    /// At most `limit` orders of an account about a sponsor, by its certificate
    /// or by a number of its records, whatever has become of them.
    pub async fn orders_about_sponsor(
        &self,
        owner: AccountId,
        sponsor: &BlindIndex,
        numbers: &[String],
        limit: u64,
    ) -> Result<Vec<OrderId>> {
        let about = Condition::any()
            .add(filing_order::Column::SponsorIndex.eq(sponsor.0.clone()))
            .add(filing_order::Column::Record.is_in(numbers.iter().cloned()))
            .add(filing_order::Column::FiledAs.is_in(numbers.iter().cloned()));
        let rows: Vec<uuid::Uuid> = filing_order::Entity::find()
            .select_only()
            .column(filing_order::Column::Id)
            .filter(filing_order::Column::Owner.eq(owner.0))
            .filter(about)
            .order_by_asc(filing_order::Column::Id)
            .limit(limit)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(OrderId).collect())
    }

    /// The sponsors for which an account files: of its records that are not
    /// cancelled, of its orders that are not over, and of transfers to it.
    pub async fn sponsors_of(&self, account: AccountId) -> Result<BTreeSet<BlindIndex>> {
        let records: Vec<String> = filing_record::Entity::find()
            .select_only()
            .column(filing_record::Column::SponsorIndex)
            .distinct()
            .filter(filing_record::Column::Holder.eq(account.0))
            .filter(filing_record::Column::State.ne(RecordState::Cancelled.slug()))
            .into_tuple()
            .all(&self.db)
            .await?;
        let over = OrderState::ALL.into_iter().filter(|state| !state.is_open()).map(OrderState::slug);
        let orders: Vec<String> = filing_order::Entity::find()
            .select_only()
            .column(filing_order::Column::SponsorIndex)
            .distinct()
            .filter(filing_order::Column::Owner.eq(account.0))
            .filter(filing_order::Column::SponsorIndex.is_not_null())
            .filter(filing_order::Column::State.is_not_in(over))
            .into_tuple()
            .all(&self.db)
            .await?;
        let transfers: Vec<String> = table::Entity::find()
            .select_only()
            .column(table::Column::SponsorIndex)
            .distinct()
            .filter(table::Column::ToAccount.eq(account.0))
            .filter(open())
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(records.into_iter().chain(orders).chain(transfers).map(BlindIndex).collect())
    }

    async fn transfers(&self, select: sea_orm::Select<table::Entity>, limit: u64) -> Result<Vec<Transfer>> {
        let rows = select
            .order_by_desc(table::Column::RequestedAt)
            .order_by_desc(table::Column::Id)
            .limit(limit)
            .all(&self.db)
            .await?;
        rows.into_iter().map(|row| self.read_transfer(row)).collect()
    }

    fn read_transfer(&self, row: table::Model) -> Result<Transfer> {
        let place = row.id.to_string();
        let place = |table_and_column| Place { table_and_column, row: &place };
        let proof = match &row.proof_sealed {
            None => None,
            Some(sealed) => {
                let plain = self.sealer.open(place(PROOF), sealed)?;
                // The message of serde_json can repeat what it read.
                let plain = serde_json::from_slice(&plain)
                    .map_err(|_| inconsistent(PROOF, "a proof")(&"something else"))?;
                Some(match plain {
                    Plain::Sms { code, good_until, wrong } => {
                        PendingProof::Sms { code: Personal::new(code), good_until, wrong }
                    }
                    Plain::Dns { token } => PendingProof::Dns { token },
                    Plain::Certificate => PendingProof::Certificate,
                })
            }
        };
        let objection = match &row.objection_sealed {
            None => None,
            Some(sealed) => Some(Personal::new(self.sealer.open_text(place(OBJECTION), sealed)?.as_str())),
        };
        Ok(Transfer {
            id: TransferId(row.id),
            sponsor_number: parse("transfer.sponsor_number", &row.sponsor_number)?,
            sponsor_index: BlindIndex(row.sponsor_index),
            service_number: parse("transfer.service_number", &row.service_number)?,
            domain: parse("transfer.domain", &row.domain)?,
            from: row.from_account.map(AccountId),
            to: AccountId(row.to_account),
            requester: AccountId(row.requester),
            state: parse("transfer.state", &row.state)?,
            revision: row.revision,
            proof,
            codes_sent: u32::try_from(row.codes_sent).unwrap_or(u32::MAX),
            proven_by: row.proven_by.map(|slug| parse("transfer.proven_by", &slug)).transpose()?,
            objection,
            requested_at: row.requested_at,
            due_at: row.due_at,
            decided_at: row.decided_at,
        })
    }
}

fn open() -> SimpleExpr {
    table::Column::OpenKey.is_not_null()
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(place: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|error| inconsistent(place, "a value of its kind")(&error))
}
