//! What the regulator's files mean for our orders and records.

use beian_domain::{
    CancellationTarget, FilingKind, OrderEvent, OrderState, RegulatorIds, SponsorFilingNumber,
};
use beian_exchange::{About, ListStanding, Listed, News, OperationKind};
use beian_store::{
    BlacklistEntry, DeliveryState, DeliverySubject, FilingRecord, Order, ReferenceKind, Refusal, Tx,
};
use serde_json::json;

use crate::filing::MOST_SERVICES;
use crate::notice::{Addressee, NoticeEvent};
use crate::{App, AppError};

impl App {
    /// Lets what a file says take effect, in the transaction that notes its name.
    pub(super) async fn apply(&self, tx: &mut Tx<'_>, file: &str, news: News) -> Result<(), AppError> {
        let at = self.inner.clock.now();
        let (order, event) = match news {
            News::Unmatched { description } => {
                self.trouble(format!("news from the regulator that belongs to no order: {description}"));
                return Ok(());
            }
            News::Listed { entry, standing } => {
                let entry = match entry {
                    Listed::Sponsor(number) => BlacklistEntry::Sponsor(number),
                    Listed::Domain(domain) => BlacklistEntry::Domain(domain),
                };
                match standing {
                    ListStanding::On => tx.put_on_blacklist(&entry, file).await?,
                    ListStanding::Off => tx.take_off_blacklist(&entry, file).await?,
                }
                return Ok(());
            }
            News::CodeTables => return Ok(tx.note_reference(file, ReferenceKind::CodeTables).await?),
            News::Synchronisation => {
                return Ok(tx.note_reference(file, ReferenceKind::Synchronisation).await?);
            }
            News::Wanted(duty) => return self.receive_duty(tx, file, duty).await,
            News::Addresses(result) => return self.address_answered(tx, result).await,
            News::ReportRefused { sequence, domain, opinion, code } => {
                return self.refuse_report(tx, sequence, &domain, opinion, code).await;
            }
            // What comes of it follows in a file of its own.
            News::Approved { .. } => return Ok(()),
            News::FileRefused { sequence, opinion, code } => {
                let sequence = sequence.and_then(|sequence| i64::try_from(sequence).ok());
                let delivery = match sequence {
                    Some(sequence) => tx.read().delivery_of_sequence(sequence).await?,
                    None => None,
                };
                let Some(delivery) = delivery else {
                    self.trouble(format!(
                        "a file was refused, and the regulator does not say which: {opinion}"
                    ));
                    return Ok(());
                };
                let order = match delivery.subject {
                    DeliverySubject::Order(order) => tx.read().order(order).await?,
                    DeliverySubject::Duty(duty) => return self.refuse_duty(tx, duty, opinion, code).await,
                    DeliverySubject::Addresses(record) => {
                        return self.refuse_request(tx, record, opinion, code).await;
                    }
                };
                (order, Decision::Refused(Refusal { opinion, codes: vec![code], at }))
            }
            News::Refused { about, opinion, codes } => {
                (self.order_about(tx, &about).await?, Decision::Refused(Refusal { opinion, codes, at }))
            }
            News::Supplied { about } => (self.order_about(tx, &about).await?, Decision::Done),
            News::Granted { interface_number, sponsor_number, service_number, ids } => {
                let order = self.order_about(tx, &About::Interface(interface_number)).await?;
                match &order {
                    // The regulator kept our first numbers through a change.
                    Some(first) if !first.state().is_open() => {
                        let change = self.order_of_sponsor(tx, service_number.sponsor(), &CHANGES).await?;
                        (change, Decision::Changed { service_number, ids })
                    }
                    _ => (order, Decision::Granted { sponsor_number, service_number, ids }),
                }
            }
            News::Changed { service_number, ids, .. } => (
                self.order_of_sponsor(tx, service_number.sponsor(), &CHANGES).await?,
                Decision::Changed { service_number, ids },
            ),
            News::Cancelled { target } => {
                let gone = self.keep_cancelled(tx, target).await?;
                // The regulator cancels by itself, too: that ends no order for something else.
                let kind = match target {
                    CancellationTarget::Sponsor(_) => FilingKind::CancelSponsor,
                    CancellationTarget::Service(_) => FilingKind::CancelService,
                    CancellationTarget::Access(_) => FilingKind::CancelAccess,
                };
                let order = match gone.first() {
                    Some(record) => self.order_of_sponsor(tx, &record.sponsor_number, &[kind]).await?,
                    None => None,
                };
                if order.is_none() && !gone.is_empty() {
                    self.notify_cancelled(tx, &gone).await?;
                    return Ok(());
                }
                (order, Decision::Done)
            }
        };
        let Some(mut order) = order else {
            tracing::warn!("news from the regulator about a filing that is not ours, or of an earlier round");
            return Ok(());
        };
        // An answer proves that the file arrived, even if its receipt was lost.
        if order.state() == OrderState::Queued
            && let Some(delivery) = tx.read().delivery_of_order(order.id).await?
            && matches!(delivery.state, DeliveryState::Numbered(_))
        {
            self.complete_in(tx, &delivery).await?;
            order = tx.read().order(order.id).await?.ok_or(AppError::NotFound)?;
        }
        if order.state() == OrderState::AtRegulator {
            self.note_answer(tx, &order).await?;
        }
        match event {
            Decision::Refused(refusal) => self.refuse(tx, &mut order, refusal).await,
            Decision::Granted { sponsor_number, service_number, ids } => {
                self.grant(tx, &mut order, sponsor_number, service_number, ids).await
            }
            Decision::Changed { service_number, ids } => {
                if order.state() == OrderState::AtRegulator {
                    self.keep_changed(tx, &order, &service_number, ids).await?;
                }
                self.confirm(tx, &mut order).await
            }
            Decision::Done => self.confirm(tx, &mut order).await,
        }
    }

    /// The order that a result is about: one that waits for an answer of this kind.
    async fn order_about(&self, tx: &Tx<'_>, about: &About) -> Result<Option<Order>, AppError> {
        use CancellationTarget as T;
        let (parts, kinds): (Vec<T>, &[FilingKind]) = match about {
            About::Interface(number) => {
                let number = i64::try_from(*number).unwrap_or(i64::MAX);
                return Ok(tx.read().order_by_interface_number(number).await?);
            }
            // A sponsor has one order at a time with the regulator: its kind is what was asked for.
            About::Number(number) => {
                // What is added to may be another provider's, and none of ours.
                return match tx.read().order_at_regulator_about(&[number.to_string()]).await? {
                    Some(order) => Ok(Some(order)),
                    None => self.order_of_sponsor(tx, number.sponsor(), FilingKind::ALL).await,
                };
            }
            // Each kind of part is numbered by itself: what was asked for tells which it is.
            About::Recorded { operation, id } => match operation {
                OperationKind::Change => (vec![T::Sponsor(*id)], &CHANGES),
                OperationKind::AddWebsite => (vec![T::Sponsor(*id)], &[FilingKind::AddService]),
                OperationKind::CancelSponsor => (vec![T::Sponsor(*id)], &[FilingKind::CancelSponsor]),
                OperationKind::CancelWebsite => (vec![T::Service(*id)], &[FilingKind::CancelService]),
                OperationKind::CancelAccess => (vec![T::Access(*id)], &[FilingKind::CancelAccess]),
                OperationKind::SubmitMaterial => {
                    (vec![T::Service(*id), T::Sponsor(*id)], &[FilingKind::SupplementMaterials])
                }
                // These have no number of the regulator's before they are granted.
                OperationKind::NewFiling | OperationKind::AddAccess => return Ok(None),
            },
        };
        for part in parts {
            for record in tx.read().records_with(part).await? {
                if let Some(order) = self.order_of_sponsor(tx, &record.sponsor_number, kinds).await? {
                    return Ok(Some(order));
                }
            }
        }
        Ok(None)
    }

    /// The order of one of these kinds, about a sponsor's record or a service of it,
    /// that waits for the regulator.
    async fn order_of_sponsor(
        &self,
        tx: &Tx<'_>,
        number: &SponsorFilingNumber,
        kinds: &[FilingKind],
    ) -> Result<Option<Order>, AppError> {
        let mut numbers = vec![number.to_string()];
        let services = tx.read().records_of_sponsor(number, MOST_SERVICES).await?;
        numbers.extend(services.iter().map(|record| record.service_number.to_string()));
        let order = tx.read().order_at_regulator_about(&numbers).await?;
        Ok(order.filter(|order| kinds.contains(&order.kind)))
    }

    async fn refuse(&self, tx: &mut Tx<'_>, order: &mut Order, refusal: Refusal) -> Result<(), AppError> {
        if order.apply(&OrderEvent::Refuse).is_err() {
            tracing::warn!(order = %order.number, state = %order.state(), "a refusal for an order that is not with the regulator");
            return Ok(());
        }
        let detail = json!({ "codes": refusal.codes });
        order.refusal = Some(refusal);
        tx.update_order(order, "order.refuse", detail).await?;
        tx.insert_event(order.id, "order.refused", json!({ "number": order.number })).await?;
        let event = NoticeEvent::OrderRefused { order: order.number.clone() };
        self.tell(tx, &Addressee::of_order(order), &event).await
    }

    async fn grant(
        &self,
        tx: &mut Tx<'_>,
        order: &mut Order,
        sponsor_number: beian_domain::SponsorFilingNumber,
        service_number: beian_domain::ServiceFilingNumber,
        ids: RegulatorIds,
    ) -> Result<(), AppError> {
        if order.apply(&OrderEvent::Grant(service_number.clone())).is_err() {
            tracing::warn!(order = %order.number, state = %order.state(), "a number for an order that is not with the regulator");
            return Ok(());
        }
        forget_password(order);
        tx.update_order(order, "order.grant", json!({ "number": service_number })).await?;
        self.keep_granted(tx, order, sponsor_number, service_number.clone(), ids).await?;
        tx.insert_event(
            order.id,
            "order.filed",
            json!({ "number": order.number, "filed_as": service_number }),
        )
        .await?;
        let event = NoticeEvent::OrderFiled { order: order.number.clone(), number: service_number };
        self.tell(tx, &Addressee::of_order(order), &event).await
    }

    /// What was asked is done, and no number comes of it.
    async fn confirm(&self, tx: &mut Tx<'_>, order: &mut Order) -> Result<(), AppError> {
        if order.apply(&OrderEvent::Confirm).is_err() {
            tracing::warn!(order = %order.number, state = %order.state(), "a confirmation for an order that is not with the regulator");
            return Ok(());
        }
        forget_password(order);
        tx.update_order(order, "order.confirm", json!({})).await?;
        tx.insert_event(order.id, "order.done", json!({ "number": order.number })).await?;
        let event = NoticeEvent::OrderDone { order: order.number.clone(), kind: order.kind };
        self.tell(tx, &Addressee::of_order(order), &event).await
    }

    /// Tells whose records the regulator took away by itself.
    async fn notify_cancelled(&self, tx: &mut Tx<'_>, records: &[FilingRecord]) -> Result<(), AppError> {
        for record in records {
            let event = NoticeEvent::RecordCancelled { number: record.service_number.clone() };
            if let Some(to) = Addressee::of_record(record, record.content.as_ref()) {
                self.tell(tx, &to, &event).await?;
            }
        }
        Ok(())
    }
}

/// The kinds that the regulator answers with the whole record as it stands now.
const CHANGES: [FilingKind; 3] =
    [FilingKind::ChangeSponsor, FilingKind::ChangeService, FilingKind::ChangeAccess];

enum Decision {
    Refused(Refusal),
    Granted {
        sponsor_number: beian_domain::SponsorFilingNumber,
        service_number: beian_domain::ServiceFilingNumber,
        ids: RegulatorIds,
    },
    Changed {
        service_number: beian_domain::ServiceFilingNumber,
        ids: RegulatorIds,
    },
    Done,
}

/// Nobody needs a filing password once the regulator took it.
fn forget_password(order: &mut Order) {
    order.case.filing_password = None;
}
