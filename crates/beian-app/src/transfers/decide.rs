//! What an operator does about transfers, and how records of an older system come in.

use beian_domain::{
    Case, CertificateNumber, DomainName, InvalidTransferEvent, OrderId, RecordState, RegulatorIds,
    ServiceFilingNumber, TransferEvent, TransferId, TransferProof, TransferState,
};
use beian_store::{Actor, FilingRecord, PendingProof, StoreError};
use serde_json::json;

use super::{TransferError, TransferPart, TransferView, require_revision};
use crate::permission::Action;
use crate::table::LineRefusal;
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
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
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
    pub async fn import_record(
        &self,
        user: &User,
        imported: ImportedRecord,
    ) -> Result<Result<(), LineRefusal>, AppError> {
        user.require(Action::DecideTransfer, None)?;
        self.keep_imported(user, imported).await
    }

    pub(crate) async fn keep_imported(
        &self,
        user: &User,
        imported: ImportedRecord,
    ) -> Result<Result<(), LineRefusal>, AppError> {
        let record = match self.record_of(imported) {
            Ok(record) => record,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(known) = self.inner.store.read().record_of_domain(&record.domain).await?
            && known.service_number != record.service_number
        {
            let got = record.domain.to_string();
            return Ok(Err(LineRefusal::KnownRecord { column: "domain", got }));
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        match tx.insert_record(&record).await {
            Ok(()) => {}
            Err(StoreError::Exists { .. }) => {
                let got = record.service_number.to_string();
                return Ok(Err(LineRefusal::KnownRecord { column: "service_number", got }));
            }
            Err(other) => return Err(other.into()),
        }
        tx.commit().await?;
        Ok(Ok(()))
    }

    fn record_of(&self, imported: ImportedRecord) -> Result<FilingRecord, LineRefusal> {
        let mut case = imported.content;
        // It is of no use here, and a secret.
        case.filing_password = None;
        let missing = |column| move || LineRefusal::Missing { column };
        let wrong = |column, got: String, expected: &str| LineRefusal::Value {
            column,
            got,
            expected: expected.to_owned(),
        };
        let certificate = &case.sponsor.certificate;
        let kind = certificate.kind.ok_or_else(missing("certificate_kind"))?;
        let number = certificate.number.as_ref().ok_or_else(missing("certificate_number"))?;
        let number = CertificateNumber::parse(kind, number.expose())
            .map_err(|_| wrong("certificate_number", number.masked(), "91440305000000000N"))?;
        let domain = case.service.domain.as_deref().ok_or_else(missing("domain"))?;
        Ok(FilingRecord {
            sponsor_number: imported.service_number.sponsor().clone(),
            service_number: imported.service_number,
            holder: None,
            state: RecordState::Active,
            // No order here made it; everything is in its content.
            order: OrderId(uuid::Uuid::nil()),
            domain: DomainName::from_host(domain)
                .map_err(|_| wrong("domain", crate::table::shortened(domain), "example.cn"))?,
            sponsor_index: self.inner.store.certificate_index(&number),
            sponsor_nature: case.sponsor.nature.ok_or_else(missing("sponsor_nature"))?,
            sponsor_name: case.sponsor.name.clone().ok_or_else(missing("sponsor_name"))?,
            service_name: case.service.name.clone().ok_or_else(missing("service_name"))?,
            ids: imported.ids,
            resource: None,
            served_elsewhere: None,
            content: Some(case),
            as_of: self.inner.clock.now(),
        })
    }
}
