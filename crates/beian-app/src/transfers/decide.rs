//! What an operator does about transfers, and how records of an older system come in.

use beian_domain::{
    Case, CertificateNumber, DomainName, InvalidTransferEvent, OrderId, RecordState, RegulatorIds,
    ServiceFilingNumber, TransferEvent, TransferId, TransferProof, TransferState,
};
use beian_store::{Actor, FilingRecord, PendingProof, StoreError};
use serde_json::json;

use super::{TransferError, TransferPart, TransferView, require_revision};
use crate::permission::Action;
use crate::{App, AppError, User};

/// What an operator decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferDecision {
    /// The certificate proves it.
    Prove,
    /// The certificate does not prove it; other ways stay open.
    Dismiss,
    /// The holder's objection is right: the records stay.
    Uphold,
    /// The holder's objection is wrong: the records change hands.
    Overrule,
}

/// A record of an older system, to be claimed by whom it belongs to.
#[derive(Debug)]
pub struct ImportedRecord {
    /// The number of the service.
    pub service_number: ServiceFilingNumber,
    /// Everything that is on record.
    pub content: Case,
    /// What the regulator calls its parts, if that is known.
    pub ids: Option<RegulatorIds>,
}

impl App {
    /// The transfers that wait for an operator.
    pub async fn transfers_to_decide(&self, user: &User) -> Result<Vec<TransferView>, AppError> {
        user.require(Action::DecideTransfer, None)?;
        let states = [TransferState::Objected, TransferState::ProofPending];
        let mut views = Vec::new();
        for transfer in self.inner.store.read().transfers_in(&states, 500).await? {
            let is_asked = transfer.state() == TransferState::Objected
                || transfer.proof == Some(PendingProof::Certificate);
            if is_asked {
                views.push(self.transfer_view(transfer, TransferPart::Operator).await?);
            }
        }
        Ok(views)
    }

    /// Decides about a transfer.
    pub async fn decide_transfer(
        &self,
        user: &User,
        id: TransferId,
        revision: i64,
        decision: TransferDecision,
    ) -> Result<(), AppError> {
        user.require(Action::DecideTransfer, None)?;
        let mut transfer = self.inner.store.read().transfer(id).await?.ok_or(AppError::NotFound)?;
        require_revision(&transfer, revision)?;
        let by_certificate = transfer.proof == Some(PendingProof::Certificate);
        let (event, action) = match decision {
            TransferDecision::Prove => (TransferEvent::Prove, "transfer.prove"),
            TransferDecision::Dismiss => (TransferEvent::Dismiss, "transfer.dismiss"),
            TransferDecision::Uphold => (TransferEvent::Uphold, "transfer.uphold"),
            TransferDecision::Overrule => (TransferEvent::Overrule, "transfer.overrule"),
        };
        let is_about_proof = matches!(decision, TransferDecision::Prove | TransferDecision::Dismiss);
        if is_about_proof && !by_certificate {
            // An operator cannot stand in for a code or a TXT record.
            return Err(TransferError::Moved(InvalidTransferEvent { state: transfer.state(), event }).into());
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account)).await?;
        match decision {
            TransferDecision::Prove => {
                self.keep_proven(&mut tx, transfer, TransferProof::Certificate).await?;
            }
            TransferDecision::Dismiss | TransferDecision::Uphold => {
                transfer.apply(event).map_err(TransferError::from)?;
                transfer.proof = None;
                tx.update_transfer(&mut transfer, action, json!({})).await?;
            }
            TransferDecision::Overrule => {
                transfer.apply(event).map_err(TransferError::from)?;
                tx.update_transfer(&mut transfer, action, json!({})).await?;
                self.hand_over(&mut tx, transfer).await?;
            }
        }
        tx.commit().await?;
        self.inner.wake.notify_one();
        Ok(())
    }

    /// Takes in a record of an older system. Nobody holds it until it is claimed (认领).
    pub async fn import_record(&self, user: &User, imported: ImportedRecord) -> Result<(), AppError> {
        user.require(Action::DecideTransfer, None)?;
        let case = imported.content;
        let incomplete = || AppError::Unsendable("the record is not complete".to_owned());
        let certificate = &case.sponsor.certificate;
        let kind = certificate.kind.ok_or_else(incomplete)?;
        let number = certificate.number.as_ref().ok_or_else(incomplete)?;
        let number = CertificateNumber::parse(kind, number.expose()).map_err(|_| incomplete())?;
        let domain = case.service.domain.as_deref().ok_or_else(incomplete)?;
        let record = FilingRecord {
            sponsor_number: imported.service_number.sponsor().clone(),
            service_number: imported.service_number,
            holder: None,
            state: RecordState::Active,
            // No order here made it; everything is in its content.
            order: OrderId(uuid::Uuid::nil()),
            domain: DomainName::from_host(domain).map_err(|_| incomplete())?,
            sponsor_index: self.inner.store.certificate_index(&number),
            sponsor_nature: case.sponsor.nature.ok_or_else(incomplete)?,
            sponsor_name: case.sponsor.name.clone().ok_or_else(incomplete)?,
            service_name: case.service.name.clone().ok_or_else(incomplete)?,
            ids: imported.ids,
            resource: None,
            served_elsewhere: None,
            content: Some(case),
            as_of: self.inner.clock.now(),
        };
        let mut tx = self.inner.store.begin(Actor::Account(user.account)).await?;
        tx.insert_record(&record).await.map_err(|error| match error {
            StoreError::Exists { .. } => TransferError::UnderWay.into(),
            other => AppError::from(other),
        })?;
        Ok(tx.commit().await?)
    }
}
