//! Address filing (IP地址备案): an operator states the provider's ranges, the bridge asks the regulator to take
//! them in, to change or to delete them, and what it answers takes effect once.

mod import;

use std::net::Ipv4Addr;

use beian_domain::{
    AddressContent, AddressEvent, AddressField, AddressFinding, AddressOperation, AddressRecordId,
    AddressState, Held, Holdings, RangeConflict, Text,
};
use beian_exchange::{AddressAbout, AddressOutcome, AddressRequest, AddressResult, ResultCode, address_file};
use beian_store::{Actor, AddressFilter, AddressRecord, Delivery, DeliveryState, DeliverySubject, Tx};
use serde_json::json;

use crate::permission::Action;
use crate::{App, AppError, User};

pub use import::MOST_ADDRESS_LINES;

/// Records of addresses on one page.
pub const ADDRESS_PAGE: u64 = 50;

/// Most open records among which drafts are looked for.
const MOST_OPEN: u64 = 20_000;
/// Most drafts that are asked for at once.
pub const MOST_REGISTERED: usize = 500;

/// Where a page ended: where its last range begins, and which record it was.
pub type AddressMark = (Ipv4Addr, AddressRecordId);

/// A page of records.
#[derive(Debug)]
pub struct AddressPage {
    /// The records, in the order of their ranges.
    pub records: Vec<AddressRecord>,
    /// Where the next page begins, if there is one.
    pub next: Option<AddressMark>,
    /// How many there are of each filter.
    pub counts: Vec<(AddressFilter, u64)>,
}

/// A record with everything about it.
#[derive(Debug)]
pub struct AddressView {
    /// The record.
    pub record: AddressRecord,
    /// How far its newest request is.
    pub delivery: Option<Delivery>,
    /// What lies within its range and depends on it: that goes before it does.
    pub within: Vec<Held>,
    /// Why the regulator refused what was asked last.
    pub reasons: Vec<AddressReason>,
}

/// A reason of the regulator's, and what to do about it.
#[derive(Debug, Clone)]
pub struct AddressReason {
    /// The result code.
    pub code: u16,
    /// Its official words; empty for a code of no table.
    pub official: Text,
    /// What to do; likewise.
    pub remedy: Text,
    /// Particulars, in the regulator's words.
    pub particulars: String,
}

/// Why a record cannot be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefusal {
    /// Its range stands against other ranges.
    #[error(transparent)]
    Range(#[from] RangeConflict),
    /// It names ourselves where another unit belongs (2050, 2052, 2053).
    #[error("expected another filing unit than ourselves")]
    OwnUnit,
}

impl AddressRefusal {
    /// Its code in the texts of pages; never used for another.
    pub fn code(self) -> &'static str {
        match self {
            Self::Range(RangeConflict::Overlaps { .. }) => "range-overlaps",
            Self::Range(RangeConflict::Sourceless { .. }) => "range-sourceless",
            Self::Range(RangeConflict::SourceNotFiled { .. }) => "range-source-not-filed",
            Self::Range(RangeConflict::Carries { .. }) => "range-carries",
            Self::OwnUnit => "own-unit",
        }
    }

    /// The range or the address that it is about, if it is about one.
    pub fn got(self) -> String {
        match self {
            Self::Range(RangeConflict::Overlaps { range, .. } | RangeConflict::Carries { range, .. }) => {
                range.to_string()
            }
            Self::Range(
                RangeConflict::Sourceless { address } | RangeConflict::SourceNotFiled { address },
            ) => address.to_string(),
            Self::OwnUnit => String::new(),
        }
    }

    /// The field that is to be stated anew.
    pub fn field(self) -> AddressField {
        match self {
            Self::Range(_) => AddressField::Range,
            Self::OwnUnit => AddressField::Unit,
        }
    }
}

impl App {
    /// A page of records.
    pub async fn addresses(
        &self,
        user: &User,
        filter: AddressFilter,
        after: Option<AddressMark>,
    ) -> Result<AddressPage, AppError> {
        user.require(Action::FileAddresses, None)?;
        let reader = self.inner.store.read();
        let mut records = reader.addresses(filter, after, ADDRESS_PAGE + 1).await?;
        let has_more = records.len() as u64 > ADDRESS_PAGE;
        records.truncate(usize::try_from(ADDRESS_PAGE).unwrap_or(usize::MAX));
        let next =
            records.last().filter(|_| has_more).map(|record| (record.content.range.first(), record.id));
        let mut counts = Vec::with_capacity(AddressFilter::ALL.len());
        for filter in AddressFilter::ALL {
            counts.push((filter, reader.count_addresses(filter).await?));
        }
        Ok(AddressPage { records, next, counts })
    }

    /// A record with everything about it.
    pub async fn address(&self, user: &User, id: AddressRecordId) -> Result<AddressView, AppError> {
        user.require(Action::FileAddresses, None)?;
        let reader = self.inner.store.read();
        let record = reader.address(id).await?.ok_or(AppError::NotFound)?;
        Ok(AddressView {
            delivery: reader.delivery_of(DeliverySubject::Addresses(id)).await?,
            within: match record.state() {
                AddressState::Deleted => Vec::new(),
                _ => reader.holdings().await?.within(id),
            },
            reasons: record.findings.iter().map(reason).collect(),
            record,
        })
    }

    /// Notes that somebody looked at the personal data of a record in plain.
    pub async fn note_address_shown(&self, user: &User, id: AddressRecordId) -> Result<(), AppError> {
        user.require(Action::FileAddresses, None)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.note_address_shown(id);
        Ok(tx.commit().await?)
    }

    /// Keeps a new record as a draft: nothing leaves before it is asked for.
    ///
    /// Fails with [`AppError::Addresses`] if it cannot be so.
    pub async fn add_address(
        &self,
        user: &User,
        content: AddressContent,
    ) -> Result<AddressRecordId, AppError> {
        user.require(Action::FileAddresses, None)?;
        self.names_another(&content)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let holdings = tx.hold_addresses().await?;
        holdings.may_have(None, content.kind(), content.range).map_err(AddressRefusal::from)?;
        let record = tx.insert_address(content).await?;
        tx.commit().await?;
        Ok(record.id)
    }

    /// States a record anew. What the regulator does not have stays where it is, to be asked for; of what stands
    /// in its register, the change is asked for at once.
    ///
    /// Fails with [`AppError::Addresses`] if it cannot be so, and with [`AppError::Stale`] if it moved on.
    pub async fn restate_address(
        &self,
        user: &User,
        id: AddressRecordId,
        revision: i64,
        content: AddressContent,
    ) -> Result<(), AppError> {
        user.require(Action::FileAddresses, None)?;
        self.names_another(&content)?;
        let (mut tx, holdings, mut record) = self.address_in_hand(user, id, revision).await?;
        if !record.state().is_editable() || record.kind() != content.kind() {
            return Err(AppError::Stale { expected: revision });
        }
        let (kind, range) = (content.kind(), content.range);
        record.content = content;
        if record.state().is_in_register() {
            holdings.may_ask(id, kind, range).map_err(AddressRefusal::from)?;
            self.send(&mut tx, &mut record, AddressOperation::Change).await?;
            tx.commit().await?;
            self.wake_worker();
        } else {
            holdings.may_have(Some(id), kind, range).map_err(AddressRefusal::from)?;
            tx.update_address(&mut record, "address.restate", json!({ "range": range.to_string() })).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Asks the regulator to take in a record.
    ///
    /// Fails with [`AppError::Addresses`] if the record has to wait for another, and with [`AppError::Stale`] if
    /// it moved on.
    pub async fn register_address(
        &self,
        user: &User,
        id: AddressRecordId,
        revision: i64,
    ) -> Result<(), AppError> {
        user.require(Action::FileAddresses, None)?;
        let (mut tx, holdings, mut record) = self.address_in_hand(user, id, revision).await?;
        let (kind, range) = (record.kind(), record.content.range);
        holdings.may_ask(id, kind, range).map_err(AddressRefusal::from)?;
        self.send(&mut tx, &mut record, AddressOperation::Register).await?;
        tx.commit().await?;
        self.wake_worker();
        Ok(())
    }

    /// Asks the regulator to take in every draft that need not wait for another record, at most
    /// [`MOST_REGISTERED`] of them: how many were asked for.
    pub async fn register_drafts(&self, user: &User) -> Result<usize, AppError> {
        user.require(Action::FileAddresses, None)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let holdings = tx.hold_addresses().await?;
        let open = tx.read().addresses(AddressFilter::Open, None, MOST_OPEN).await?;
        let drafts = open.into_iter().filter(|record| {
            record.state() == AddressState::Draft
                && holdings.may_ask(record.id, record.kind(), record.content.range).is_ok()
        });
        let mut asked = 0;
        for mut record in drafts.take(MOST_REGISTERED) {
            self.send(&mut tx, &mut record, AddressOperation::Register).await?;
            asked += 1;
        }
        tx.commit().await?;
        self.wake_worker();
        Ok(asked)
    }

    /// Asks the regulator to delete a record. Nothing may depend on it: see [`AddressView::within`].
    ///
    /// Fails with [`AppError::Addresses`] if something does, and with [`AppError::Stale`] if it moved on.
    pub async fn delete_address(
        &self,
        user: &User,
        id: AddressRecordId,
        revision: i64,
    ) -> Result<(), AppError> {
        user.require(Action::FileAddresses, None)?;
        let (mut tx, holdings, mut record) = self.address_in_hand(user, id, revision).await?;
        holdings.may_go(id).map_err(AddressRefusal::from)?;
        self.send(&mut tx, &mut record, AddressOperation::Delete).await?;
        tx.commit().await?;
        self.wake_worker();
        Ok(())
    }

    /// Gives up what the regulator did not take: a draft and a refused registration are gone, and after a
    /// refused change or deletion the record is as the register has it.
    ///
    /// Fails with [`AppError::Addresses`] if other records are built on it, and with [`AppError::Stale`] if it
    /// moved on.
    pub async fn give_up_address(
        &self,
        user: &User,
        id: AddressRecordId,
        revision: i64,
    ) -> Result<(), AppError> {
        user.require(Action::FileAddresses, None)?;
        let (mut tx, holdings, mut record) = self.address_in_hand(user, id, revision).await?;
        record.apply(AddressEvent::GiveUp).map_err(|_| AppError::Stale { expected: revision })?;
        match record.filed.clone() {
            Some(filed) => {
                let may = holdings.may_have(Some(id), filed.kind(), filed.range);
                may.map_err(AddressRefusal::from)?;
                record.content = filed;
            }
            None => holdings.may_go(id).map_err(AddressRefusal::from)?,
        }
        record.findings = Vec::new();
        tx.update_address(&mut record, "address.give-up", json!({})).await?;
        Ok(tx.commit().await?)
    }

    /// A record as somebody saw it, with everything that it is held against, and the door shut to others.
    async fn address_in_hand(
        &self,
        user: &User,
        id: AddressRecordId,
        revision: i64,
    ) -> Result<(Tx<'_>, Holdings, AddressRecord), AppError> {
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let holdings = tx.hold_addresses().await?;
        let record = tx.read().address(id).await?.ok_or(AppError::NotFound)?;
        if record.revision != revision {
            return Err(AppError::Stale { expected: revision });
        }
        Ok((tx, holdings, record))
    }

    fn names_another(&self, content: &AddressContent) -> Result<(), AddressRefusal> {
        match content.unit().is_some_and(|unit| unit.get() == self.inner.regulator.isp_id()) {
            true => Err(AddressRefusal::OwnUnit),
            false => Ok(()),
        }
    }

    /// Queues a request. Whoever asks is told what the interface does not carry, not whoever looks at the bridge.
    async fn send(
        &self,
        tx: &mut Tx<'_>,
        record: &mut AddressRecord,
        operation: AddressOperation,
    ) -> Result<(), AppError> {
        let expected = record.revision;
        record.apply(AddressEvent::Ask(operation)).map_err(|_| AppError::Stale { expected })?;
        record.findings = Vec::new();
        // Any number will do: its own is not given yet.
        self.request_file(record, 1)?;
        Ok(tx.queue_address(record, operation).await?)
    }

    /// What is asked for a record, as a file.
    pub(crate) fn request_file(
        &self,
        record: &AddressRecord,
        interface_number: u64,
    ) -> Result<Vec<u8>, AppError> {
        let unnamed = || AppError::Internal(format!("record {} has no number in the register", record.id.0));
        let request = match record.state() {
            AddressState::Queued(AddressOperation::Register) => AddressRequest::Register(interface_number),
            AddressState::Queued(AddressOperation::Change) => {
                AddressRequest::Change(record.register_id.ok_or_else(unnamed)?)
            }
            AddressState::Queued(AddressOperation::Delete) => {
                AddressRequest::Delete(record.register_id.ok_or_else(unnamed)?)
            }
            state => {
                return Err(AppError::Internal(format!(
                    "expected a record of addresses that waits for its turn, got one that is {state}"
                )));
            }
        };
        address_file(&record.content, request, self.inner.regulator.isp_id())
            .map_err(|error| AppError::Unsendable(error.to_string()))
    }

    /// The regulator has the request.
    pub(crate) async fn address_delivered(
        &self,
        tx: &mut Tx<'_>,
        id: AddressRecordId,
        interface_number: i64,
    ) -> Result<(), AppError> {
        let mut record = tx.read().address(id).await?.ok_or(AppError::NotFound)?;
        record.apply(AddressEvent::Deliver).map_err(|error| AppError::Internal(error.to_string()))?;
        let detail = json!({ "interface_number": interface_number });
        Ok(tx.update_address(&mut record, "address.deliver", detail).await?)
    }

    /// What the regulator says of a request takes effect, if it is about the one that it has now.
    pub(crate) async fn address_answered(
        &self,
        tx: &mut Tx<'_>,
        result: AddressResult,
    ) -> Result<(), AppError> {
        let AddressResult { kind, operation, about, sequence, outcome } = result;
        let id = match about {
            AddressAbout::Own(number) => {
                match tx.read().delivery_of_interface_number(number).await?.map(|delivery| delivery.subject) {
                    Some(DeliverySubject::Addresses(id)) => Some(id),
                    _ => None,
                }
            }
            AddressAbout::Registered(number) => {
                tx.read().address_registered_as(kind, number).await?.map(|record| record.id)
            }
        };
        let Some(id) = id else {
            tracing::warn!(?about, "a result about a record of addresses that is not ours");
            return Ok(());
        };
        let subject = DeliverySubject::Addresses(id);
        let Some(delivery) = tx.read().delivery_of(subject).await? else { return Ok(()) };
        // A regulator that makes a file again answers it again: what was asked since is another request.
        let is_of_now = match (about, sequence, &delivery.state) {
            (AddressAbout::Own(number), ..) if number != delivery.interface_number.unsigned_abs() => false,
            (_, Some(sequence), DeliveryState::Delivered { sequence: ours, .. }) => {
                sequence == ours.unsigned_abs()
            }
            (_, Some(sequence), DeliveryState::Numbered(package)) => {
                sequence == package.sequence.unsigned_abs()
            }
            _ => true,
        };
        if !is_of_now {
            tracing::warn!(record = %id.0, ?sequence, "a result about an earlier request");
            return Ok(());
        }
        self.complete_request(tx, &delivery, id).await?;
        let mut record = tx.read().address(id).await?.ok_or(AppError::NotFound)?;
        if record.kind() != kind || record.state() != AddressState::Reported(operation) {
            let state = record.state();
            tracing::warn!(record = %id.0, %state, ?operation, "a result about what was not asked");
            return Ok(());
        }
        match outcome {
            AddressOutcome::Refused(findings) => self.refuse_in_hand(tx, record, findings).await,
            AddressOutcome::Done { register_id } => {
                record.apply(AddressEvent::Accept).map_err(|error| AppError::Internal(error.to_string()))?;
                record.filed = Some(record.content.clone()).filter(|_| operation != AddressOperation::Delete);
                record.register_id = Some(register_id);
                let detail = json!({ "operation": operation.slug(), "register_id": register_id });
                Ok(tx.update_address(&mut record, "address.accept", detail).await?)
            }
        }
    }

    /// The regulator refuses the whole file of a request.
    pub(crate) async fn refuse_request(
        &self,
        tx: &mut Tx<'_>,
        id: AddressRecordId,
        particulars: String,
        code: u16,
    ) -> Result<(), AppError> {
        if let Some(delivery) = tx.read().delivery_of(DeliverySubject::Addresses(id)).await? {
            self.complete_request(tx, &delivery, id).await?;
        }
        let record = tx.read().address(id).await?.ok_or(AppError::NotFound)?;
        self.refuse_in_hand(tx, record, vec![AddressFinding { code, particulars }]).await
    }

    /// An answer proves that the file arrived, even if its receipt was lost.
    async fn complete_request(
        &self,
        tx: &mut Tx<'_>,
        delivery: &Delivery,
        id: AddressRecordId,
    ) -> Result<(), AppError> {
        if matches!(delivery.state, DeliveryState::Numbered(_)) {
            tx.complete_delivery(delivery).await?;
            self.address_delivered(tx, id, delivery.interface_number).await?;
        }
        Ok(())
    }

    async fn refuse_in_hand(
        &self,
        tx: &mut Tx<'_>,
        mut record: AddressRecord,
        findings: Vec<AddressFinding>,
    ) -> Result<(), AppError> {
        if let Err(error) = record.apply(AddressEvent::Refuse) {
            tracing::warn!(record = %record.id.0, %error, "a refusal of what is not with the regulator");
            return Ok(());
        }
        let codes: Vec<u16> = findings.iter().map(|finding| finding.code).collect();
        record.findings = findings;
        Ok(tx.update_address(&mut record, "address.refuse", json!({ "codes": codes })).await?)
    }
}

fn reason(finding: &AddressFinding) -> AddressReason {
    let (official, remedy) = match ResultCode(finding.code).explanation() {
        Some(known) => {
            (Text::new(known.chinese, known.english), Text::new(known.remedy_chinese, known.remedy_english))
        }
        None => (Text::new("", ""), Text::new("", "")),
    };
    AddressReason { code: finding.code, official, remedy, particulars: finding.particulars.clone() }
}
