//! Records change hands.

use beian_domain::{OrderEvent, RecordNumber, Text, TransferEvent, TransferState};
use beian_store::{Actor, Subject, Transfer, Tx};
use serde_json::json;

use super::TransferError;
use crate::notice::Addressee;
use crate::{App, AppError, Progress};

/// How many orders are looked at a time.
const ORDERS_AT_ONCE: u64 = 100;

impl App {
    /// Does what is due about one transfer: lets it expire without a proof, or
    /// completes it after the waiting period.
    pub async fn transfer_step(&self) -> Result<Progress, AppError> {
        let now = self.inner.clock.now();
        let Some(mut transfer) = self.inner.store.read().due_transfer(now).await? else {
            return Ok(Progress::Idle);
        };
        let mut tx = self.inner.store.begin(Actor::System);
        if matches!(transfer.state(), TransferState::Requested | TransferState::ProofPending) {
            transfer.apply(TransferEvent::Expire).map_err(TransferError::from)?;
            tx.update_transfer(&mut transfer, "transfer.expire", json!({})).await?;
        } else {
            self.hand_over(&mut tx, transfer).await?;
        }
        tx.commit().await?;
        Ok(Progress::Worked)
    }

    /// Gives the records to the requester, and every order about them.
    ///
    /// An order of the former holder that can be withdrawn is: what it asks for is
    /// somebody else's will. One on its way to the regulator cannot be, and goes
    /// along: so its outcome finds whom it concerns, and nobody can hold a
    /// transfer up by filing. The former holder sees none of them any more.
    pub(super) async fn hand_over(&self, tx: &mut Tx<'_>, mut transfer: Transfer) -> Result<(), AppError> {
        let mut records =
            tx.read().records_of_sponsor(&transfer.sponsor_number, crate::filing::MOST_SERVICES).await?;
        records.retain(|record| record.holder == transfer.from);
        let Some(first) = records.first().cloned() else {
            transfer.apply(TransferEvent::Cancel).map_err(TransferError::from)?;
            tx.update_transfer(&mut transfer, "transfer.cancel", json!({ "records": 0 })).await?;
            return Ok(());
        };
        let mut numbers = vec![RecordNumber::Sponsor(transfer.sponsor_number.clone()).to_string()];
        for record in &mut records {
            numbers.push(record.service_number.to_string());
            record.holder = Some(transfer.to);
            tx.update_record(record, "record.transfer").await?;
        }
        let mut orders = 0;
        if let Some(former) = transfer.from {
            loop {
                let about = tx
                    .read()
                    .orders_about_sponsor(former, &transfer.sponsor_index, &numbers, ORDERS_AT_ONCE)
                    .await?;
                if about.is_empty() {
                    break;
                }
                for id in about {
                    let Some(mut order) = tx.read().order(id).await? else { continue };
                    let withdrawn = order.apply(&OrderEvent::Withdraw).is_ok();
                    order.owner = transfer.to;
                    orders += 1;
                    let detail = json!({ "withdrawn": withdrawn, "to": transfer.to });
                    tx.update_order(&mut order, "order.transfer", detail).await?;
                }
            }
        }
        transfer.apply(TransferEvent::Complete).map_err(TransferError::from)?;
        let detail = json!({ "records": records.len(), "orders": orders });
        tx.update_transfer(&mut transfer, "transfer.complete", detail.clone()).await?;
        tx.insert_event(first.order, "record.transferred", detail).await?;
        let domain = first.domain.as_unicode();
        let subject = Text::new(
            format!("{domain} 的备案已转移"),
            format!("The records of {domain} have changed hands"),
        );
        let body = Text::new("转移已完成。", "The transfer is complete.");
        let about = Subject::Other("transfer", transfer.id.0.to_string());
        for account in transfer.from.into_iter().chain([transfer.to]) {
            let to = Addressee::account(account, about.clone());
            self.tell_of_transfer(tx, &to, &transfer, subject.clone(), body.clone()).await?;
        }
        Ok(())
    }
}
