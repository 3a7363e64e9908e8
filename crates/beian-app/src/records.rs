//! What a filer has on record, and orders about it: changes, cancellations, materials.

use beian_domain::{
    CancellationTarget, Case, FilingKind, FilingPurpose, OrderNumber, RecordNumber, RecordState,
    RegulatorIds, ServiceFilingNumber, SponsorFilingNumber,
};
use beian_rules::{Concerned, Consequence};
use beian_store::{Actor, FilingRecord, NewOrder, Order, OrderSummary, Tx};
use serde_json::{Value, json};

use crate::filing::MOST_SERVICES;
use crate::orders::{conflict, differences, hidden, plain};
use crate::permission::Action;
use crate::{App, AppError, User};

/// A record with what can be done about it now.
#[derive(Debug)]
pub struct RecordView {
    /// The record.
    pub record: FilingRecord,
    /// Everything that is on record.
    pub content: Option<Case>,
    /// The sponsor's other services that hold.
    pub others: Vec<FilingRecord>,
    /// The order of its sponsor that is under way here, if there is one.
    pub open: Option<OrderSummary>,
    /// What can be begun, with what follows from it.
    pub kinds: Vec<(FilingKind, Vec<Consequence>)>,
}

/// What comes of beginning an order about a record.
#[derive(Debug)]
pub enum RecordOrder {
    /// A new order.
    Begun(Box<Order>),
    /// The sponsor has an order of this account under way: it is continued (S14).
    Open(OrderSummary),
}

impl App {
    /// The user's records, newest first.
    pub async fn records(&self, user: &User) -> Result<Vec<FilingRecord>, AppError> {
        user.require(Action::ViewOrder, Some(user.working_for))?;
        Ok(self.inner.store.read().records_of_holder(user.working_for, 500).await?)
    }

    /// A record with what can be done about it.
    pub async fn record(&self, user: &User, number: &ServiceFilingNumber) -> Result<RecordView, AppError> {
        let record = self.own_record(user, number).await?;
        let others = self.others(&record).await?;
        let open = self.inner.store.read().own_open_order(user.working_for, &record.sponsor_index).await?;
        let content = self.content_of(&record).await?;
        let mut kinds = Vec::new();
        if record.state == RecordState::Active {
            for kind in FilingKind::ALL.iter().copied().filter(|kind| kind.is_about_own_record()) {
                kinds.push((kind, self.consequences_for(kind, &record, &others, content.as_ref())));
            }
        }
        Ok(RecordView { content, record, others, open, kinds })
    }

    /// What follows from an order, told before it is sent.
    pub(crate) async fn consequences(&self, order: &Order) -> Result<Vec<Consequence>, AppError> {
        let record = match &order.case.record {
            Some(number) => self.record_named(number).await?,
            None => None,
        };
        let Some(record) = record.filter(|record| record.holder == Some(order.owner)) else {
            let concerned = Concerned {
                domains: order.domain().into_iter().collect(),
                services_left: 1,
                division: order.case.sponsor.division,
                freed_resource: None,
            };
            return Ok(beian_rules::consequences(order.kind, &concerned, &self.rulebook(), self.today()));
        };
        let others = self.others(&record).await?;
        let content = self.content_of(&record).await?;
        Ok(self.consequences_for(order.kind, &record, &others, content.as_ref()))
    }

    fn consequences_for(
        &self,
        kind: FilingKind,
        record: &FilingRecord,
        others: &[FilingRecord],
        content: Option<&Case>,
    ) -> Vec<Consequence> {
        let all = kind == FilingKind::CancelSponsor;
        let mut domains = vec![record.domain.clone()];
        for other in others.iter().filter(|_| all) {
            // An app has the domain of a website.
            if !domains.contains(&other.domain) {
                domains.push(other.domain.clone());
            }
        }
        let frees = kind.purpose() == FilingPurpose::Cancel;
        let concerned = Concerned {
            domains,
            services_left: if all { 0 } else { u32::try_from(others.len()).unwrap_or(u32::MAX) },
            division: content.and_then(|content| content.sponsor.division),
            freed_resource: record.resource.clone().filter(|_| frees),
        };
        beian_rules::consequences(kind, &concerned, &self.rulebook(), self.today())
    }

    /// Begins an order about a record, with what is on record filled in.
    pub async fn begin_about_record(
        &self,
        user: &User,
        number: &ServiceFilingNumber,
        kind: FilingKind,
    ) -> Result<RecordOrder, AppError> {
        self.begin_filled_in(user, number, kind, |_| {}).await
    }

    /// The same, with what is to change filled in, too.
    pub(crate) async fn begin_filled_in(
        &self,
        user: &User,
        number: &ServiceFilingNumber,
        kind: FilingKind,
        fill: impl FnOnce(&mut Case),
    ) -> Result<RecordOrder, AppError> {
        user.require(Action::BeginOrder, Some(user.working_for))?;
        let record = self.own_record(user, number).await?;
        if !kind.is_about_own_record() || record.state != RecordState::Active {
            return Err(AppError::NotOffered);
        }
        if let Some(open) =
            self.inner.store.read().own_open_order(user.working_for, &record.sponsor_index).await?
        {
            return Ok(RecordOrder::Open(open));
        }
        let mut case = self.content_of(&record).await?.ok_or(AppError::NotFound)?;
        case.kind = None;
        case.filing_password = None;
        case.record = Some(RecordNumber::Service(record.service_number.clone()));
        // What was shown then proves nothing of what is stated now.
        case.materials.clear();
        fill(&mut case);
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let order = tx
            .insert_order(NewOrder {
                number: OrderNumber::new(&*self.inner.clock, &*self.inner.random),
                owner: user.working_for,
                kind,
                case,
            })
            .await
            .map_err(conflict)?;
        tx.commit().await?;
        Ok(RecordOrder::Begun(Box::new(order)))
    }

    /// What the owner of an order has on record of what it is about.
    pub(crate) async fn recorded(&self, order: &Order) -> Result<Option<Case>, AppError> {
        let Some(number) = &order.case.record else { return Ok(None) };
        match self.record_named(number).await? {
            Some(record) if record.holder == Some(order.owner) => self.content_of(&record).await,
            _ => Ok(None),
        }
    }

    /// Everything that is on record. Of records from before it was kept, the order
    /// that brought them tells it.
    pub(crate) async fn content_of(&self, record: &FilingRecord) -> Result<Option<Case>, AppError> {
        if let Some(content) = &record.content {
            return Ok(Some(content.clone()));
        }
        Ok(self.inner.store.read().order(record.order).await?.map(|order| order.case))
    }

    pub(crate) async fn own_record(
        &self,
        user: &User,
        number: &ServiceFilingNumber,
    ) -> Result<FilingRecord, AppError> {
        let record = self.inner.store.read().record_of_number(number).await?.ok_or(AppError::NotFound)?;
        if record.holder != Some(user.working_for) {
            return Err(AppError::NotFound);
        }
        user.require(Action::ViewOrder, record.holder).map_err(hidden)?;
        Ok(record)
    }

    async fn others(&self, record: &FilingRecord) -> Result<Vec<FilingRecord>, AppError> {
        let mut all =
            self.inner.store.read().records_of_sponsor(&record.sponsor_number, MOST_SERVICES).await?;
        all.retain(|other| {
            other.service_number != record.service_number && other.state == RecordState::Active
        });
        Ok(all)
    }
}

/// The fields in which a case differs from what is on record.
pub(crate) fn changes(recorded: &Case, stated: &Case) -> Vec<beian_domain::Pointer> {
    let parts = |case: &Case| {
        let mut whole = plain(case);
        if let Value::Object(parts) = &mut whole {
            parts.retain(|name, _| matches!(name.as_str(), "sponsor" | "service" | "access"));
        }
        whole
    };
    let mut found = Vec::new();
    differences(&parts(recorded), &parts(stated), "", &mut found);
    found.into_iter().map(|pointer| beian_domain::Pointer(pointer.into())).collect()
}

/// What the regulator says has become of records. All of it happens in the
/// transaction that notes the file.
impl App {
    /// A number was granted: the record begins.
    pub(crate) async fn keep_granted(
        &self,
        tx: &mut Tx<'_>,
        order: &Order,
        sponsor_number: SponsorFilingNumber,
        service_number: ServiceFilingNumber,
        ids: RegulatorIds,
    ) -> Result<(), AppError> {
        let mut record = self.record_from(order, sponsor_number, service_number)?;
        record.ids = Some(ids);
        record.served_elsewhere = match order.kind {
            FilingKind::FirstFiling | FilingKind::AddService => Some(false),
            FilingKind::AddAccess => Some(true),
            _ => None,
        };
        // An access that was given up here and is taken up again has its record still.
        if tx.read().record_of_number(&record.service_number).await?.is_some() {
            tx.update_record(&record, "record.regain").await?;
        } else {
            tx.insert_record(&record).await?;
        }
        Ok(())
    }

    /// A record stands as a change wanted it. What the sponsor is now, it is with all its services.
    pub(crate) async fn keep_changed(
        &self,
        tx: &mut Tx<'_>,
        order: &Order,
        service_number: &ServiceFilingNumber,
        ids: RegulatorIds,
    ) -> Result<(), AppError> {
        let sponsor_number = service_number.sponsor().clone();
        let mut record = self.record_from(order, sponsor_number.clone(), service_number.clone())?;
        record.ids = Some(ids);
        if let Some(before) = tx.read().record_of_number(service_number).await? {
            record.served_elsewhere = before.served_elsewhere;
            if order.kind == FilingKind::ChangeAccess {
                tx.release_place(before.order).await?;
            } else {
                record.order = before.order;
            }
        }
        tx.update_record(&record, "record.change").await?;
        if order.kind != FilingKind::ChangeSponsor {
            return Ok(());
        }
        for mut other in tx.read().records_of_sponsor(&sponsor_number, MOST_SERVICES).await? {
            if other.service_number == record.service_number {
                continue;
            }
            other.sponsor_index = record.sponsor_index.clone();
            other.sponsor_nature = record.sponsor_nature;
            other.sponsor_name = record.sponsor_name.clone();
            if let Some(content) = &mut other.content {
                content.sponsor = order.case.sponsor.clone();
            }
            tx.update_record(&other, "record.change").await?;
        }
        Ok(())
    }

    /// Something is not in the register any more. Returns the records that it took.
    pub(crate) async fn keep_cancelled(
        &self,
        tx: &mut Tx<'_>,
        target: CancellationTarget,
    ) -> Result<Vec<FilingRecord>, AppError> {
        let mut records = tx.read().records_with(target).await?;
        let (state, action) = match target {
            CancellationTarget::Access(_) => (RecordState::AccessEnded, "record.end-access"),
            CancellationTarget::Sponsor(_) | CancellationTarget::Service(_) => {
                (RecordState::Cancelled, "record.cancel")
            }
        };
        records.retain(|record| record.state != RecordState::Cancelled && record.state != state);
        for record in &mut records {
            record.state = state;
            record.as_of = self.inner.clock.now();
            tx.update_record(record, action).await?;
            tx.release_place(record.order).await?;
            let detail = json!({ "filed_as": record.service_number, "state": state });
            tx.insert_event(record.order, "record.cancelled", detail).await?;
        }
        Ok(records)
    }

    fn record_from(
        &self,
        order: &Order,
        sponsor_number: SponsorFilingNumber,
        service_number: ServiceFilingNumber,
    ) -> Result<FilingRecord, AppError> {
        let complete =
            || AppError::Internal(format!("order {} was granted a number but is not complete", order.number));
        let certificate = order.sponsor_certificate().ok_or_else(complete)?;
        let mut content = order.case.clone();
        content.filing_password = None;
        Ok(FilingRecord {
            service_number,
            sponsor_number,
            holder: Some(order.owner),
            state: RecordState::Active,
            order: order.id,
            domain: order.domain().ok_or_else(complete)?,
            sponsor_index: self.inner.store.certificate_index(&certificate),
            sponsor_nature: order.case.sponsor.nature.ok_or_else(complete)?,
            sponsor_name: order.case.sponsor.name.clone().ok_or_else(complete)?,
            service_name: order.case.service.name.clone().ok_or_else(complete)?,
            ids: None,
            resource: order.case.access.resource.clone(),
            served_elsewhere: None,
            content: Some(content),
            as_of: self.inner.clock.now(),
        })
    }
}
