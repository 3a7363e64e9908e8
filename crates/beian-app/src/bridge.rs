//! The bridge: carries approved orders to the regulator and its answers back.
//!
//! One worker, one step at a time. Before anything leaves, its number and its
//! bytes are durable; whatever the crash, the next step asks the regulator what
//! it has and goes on from there. A received file takes effect in the
//! transaction that notes its name, and is acknowledged after.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use beian_domain::{
    CancellationTarget, FilingKind, OrderEvent, OrderState, RegulatorIds, SponsorFilingNumber,
};
use beian_exchange::{
    About, Delivery as DeliveryDoubt, ExchangeError, FetchedFile, MessageCode, News, OperationKind, Resume,
    SealedUpload, filing_file, read_news, resume,
};
use beian_store::{
    Actor, Delivery, DeliveryState, FilingRecord, NumberedPackage, Order, ReceivedFile, Refusal, StoreError,
    Tx,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::filing::MOST_SERVICES;
use crate::notice::{Addressee, AfterDelivery, NoticeEvent};
use crate::permission::Action;
use crate::{App, AppError, User};

/// Whether a step found something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It did something; there may be more.
    Worked,
    /// There was nothing to do.
    Idle,
}

/// How the conversation with the regulator stands.
#[derive(Debug, Clone, Default)]
pub struct BridgeStatus {
    /// When the regulator answered last.
    pub last_answer_at: Option<DateTime<Utc>>,
    /// What went wrong last, if nothing went right since.
    pub problem: Option<String>,
    /// It rests until then.
    pub rests_until: Option<DateTime<Utc>>,
    /// Something that a person must look at, since the start of the process.
    pub trouble: Option<String>,
}

#[derive(Default)]
pub(crate) struct BridgeState(Mutex<BridgeStatus>);

/// What the operator sees of the bridge.
#[derive(Debug)]
pub struct BridgeView {
    /// How the conversation stands.
    pub status: BridgeStatus,
    /// The newest deliveries, newest first.
    pub deliveries: Vec<Delivery>,
    /// The newest received files, newest first.
    pub received: Vec<ReceivedFile>,
}

impl App {
    /// What the operator sees of the bridge.
    pub async fn bridge_view(&self, user: &User) -> Result<BridgeView, AppError> {
        user.require(Action::ViewBridge, None)?;
        Ok(BridgeView {
            status: self.bridge_status(),
            deliveries: self.inner.store.read().deliveries(100).await?,
            received: self.inner.store.read().received_files(100).await?,
        })
    }

    /// The newest entries of the audit trail, newest first.
    pub async fn audit(&self, user: &User) -> Result<Vec<beian_store::AuditEntry>, AppError> {
        user.require(Action::ViewBridge, None)?;
        Ok(self.inner.store.read().latest_audit(200).await?)
    }

    /// How the conversation with the regulator stands.
    pub fn bridge_status(&self) -> BridgeStatus {
        self.inner.bridge.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Works until `stop` is ready: steps of the bridge and of the clock, and beside them what
    /// leaves, so that a slow mail server or endpoint holds up no filing. After each round a rest
    /// of the policy's length, or until somebody approves an order.
    pub async fn work(&self, stop: impl Future<Output = ()>) {
        let (stopped, has_stopped) = tokio::sync::watch::channel(false);
        let stopping = async move {
            stop.await;
            stopped.send_replace(true);
        };
        let bridge = self.rounds(has_stopped.clone(), &self.inner.wake, || self.bridge_round());
        let outgoing = self.rounds(has_stopped, &self.inner.wake_outgoing, || self.outgoing_round());
        tokio::join!(stopping, bridge, outgoing);
    }

    async fn rounds<F: Future<Output = Progress>>(
        &self,
        mut has_stopped: tokio::sync::watch::Receiver<bool>,
        wake: &tokio::sync::Notify,
        round: impl Fn() -> F,
    ) {
        loop {
            let rest = match round().await {
                Progress::Worked => Duration::ZERO,
                Progress::Idle => Duration::from_secs(self.inner.policy.poll_seconds.into()),
            };
            tokio::select! {
                _ = has_stopped.wait_for(|stopped| *stopped) => return,
                () = tokio::time::sleep(rest) => {}
                () = wake.notified() => {}
            }
        }
    }

    /// Steps until there is nothing to do; for tests and the demonstration.
    pub async fn work_until_idle(&self) {
        while self.work_once().await == Progress::Worked {}
    }

    async fn work_once(&self) -> Progress {
        let (bridge, outgoing) = (self.bridge_round().await, self.outgoing_round().await);
        if [bridge, outgoing].contains(&Progress::Worked) { Progress::Worked } else { Progress::Idle }
    }

    async fn bridge_round(&self) -> Progress {
        let steps = [
            logged(self.bridge_step().await),
            logged(self.timer_step().await),
            logged(self.transfer_step().await),
        ];
        if !steps.contains(&Progress::Worked) {
            return Progress::Idle;
        }
        // Whoever was told of it need not wait for the next round of the other loop.
        self.inner.wake_outgoing.notify_one();
        Progress::Worked
    }

    async fn outgoing_round(&self) -> Progress {
        logged(self.outgoing_step().await)
    }

    /// One step: send what is next, or else fetch what has come.
    pub async fn bridge_step(&self) -> Result<Progress, AppError> {
        let now = self.inner.clock.now();
        if let Some(delivery) = self.inner.store.read().next_delivery(now).await?
            && delivery.next_attempt_at <= now
        {
            self.deliver(delivery).await?;
            return Ok(Progress::Worked);
        }
        if self.bridge_status().rests_until.is_some_and(|until| until > now) {
            return Ok(Progress::Idle);
        }
        match self.inner.regulator.fetch().await {
            Ok(None) => {
                self.answered();
                Ok(Progress::Idle)
            }
            Ok(Some(file)) => {
                self.answered();
                self.receive(file).await?;
                Ok(Progress::Worked)
            }
            Err(error) => {
                self.failed(&error);
                Ok(Progress::Idle)
            }
        }
    }

    async fn deliver(&self, delivery: Delivery) -> Result<(), AppError> {
        let (delivery, package, may_be_there) = match &delivery.state {
            DeliveryState::Delivered { .. } => return Ok(()),
            DeliveryState::Numbered(package) => (delivery.clone(), package.clone(), true),
            DeliveryState::Waiting => match self.number(&delivery).await {
                Ok(package) => (delivery.clone(), package, false),
                Err(Problem::Exchange(error)) => return self.postpone(&delivery, &error).await,
                // Not the regulator's doing: it rests, and those behind it go first.
                Err(Problem::App(error)) => {
                    return self.postpone_for(&delivery, &error.to_string(), TimeDelta::minutes(10)).await;
                }
            },
        };
        let upload =
            SealedUpload { sequence: package.sequence.unsigned_abs(), package: package_of(&package) };
        if may_be_there {
            let previous = match self.inner.regulator.previous_upload().await {
                Ok(previous) => previous,
                Err(error) => return self.postpone(&delivery, &error).await,
            };
            match resume(&previous, &upload) {
                Resume::AlreadyAccepted => return self.complete(&delivery).await,
                Resume::SendAgain => {}
                Resume::Gap { expected } => {
                    let problem = format!(
                        "the regulator expects file {expected} next, and ours is {}: an operator must look at the numbering",
                        upload.sequence
                    );
                    return self.postpone_for(&delivery, &problem, TimeDelta::minutes(10)).await;
                }
                Resume::Divergent => {
                    let problem =
                        format!("the regulator holds another file under number {}", upload.sequence);
                    return self.postpone_for(&delivery, &problem, TimeDelta::minutes(10)).await;
                }
            }
        }
        match self.inner.regulator.upload(&upload).await {
            Ok(()) => {
                self.answered();
                self.complete(&delivery).await
            }
            // Refused when it was sent for the first time, so it is certainly not there: its number
            // goes to the next one, and it does not hold up the others. After an
            // uncertain attempt it could still arrive, and keeps its number.
            Err(error @ ExchangeError::Refused { code, .. })
                if code != MessageCode::SEQUENCE_GAP && !may_be_there =>
            {
                self.failed(&error);
                let mut tx = self.inner.store.begin(Actor::Bridge).await?;
                tx.release_delivery_number(&delivery).await?;
                let next = self.inner.clock.now() + TimeDelta::seconds(60);
                tx.postpone_delivery(&delivery, &error.to_string(), next).await?;
                Ok(tx.commit().await?)
            }
            Err(error) => self.postpone(&delivery, &error).await,
        }
    }

    /// Fixes the number and the bytes of a delivery, durably.
    async fn number(&self, delivery: &Delivery) -> Result<NumberedPackage, Problem> {
        let last = match self.inner.store.read().last_sequence().await.map_err(AppError::from)? {
            Some(last) => last,
            // The first file ever from here: somebody may have sent before us.
            None => {
                let previous = self.inner.regulator.previous_upload().await.map_err(Problem::Exchange)?;
                i64::try_from(previous.sequence).unwrap_or_default()
            }
        };
        let order = self.order_of(delivery).await?;
        let filing = self.filing_of(&order).await?;
        let interface_number = delivery.interface_number.unsigned_abs();
        let xml = filing_file(&filing, interface_number, self.inner.regulator.isp_id())
            .map_err(|error| AppError::Unsendable(error.to_string()))?;
        let sealed =
            self.inner.regulator.seal(&xml).map_err(|error| AppError::Unsendable(error.to_string()))?;
        let package =
            NumberedPackage { sequence: last + 1, content: sealed.content_base64, hash: sealed.hash_base64 };
        let mut tx = self.inner.store.begin(Actor::Bridge).await.map_err(AppError::from)?;
        tx.number_delivery(delivery, &package).await.map_err(AppError::from)?;
        tx.commit().await.map_err(AppError::from)?;
        Ok(package)
    }

    async fn complete(&self, delivery: &Delivery) -> Result<(), AppError> {
        let mut order = self.order_of(delivery).await?;
        let mut tx = self.inner.store.begin(Actor::Bridge).await?;
        self.complete_in(&mut tx, delivery, &mut order).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn complete_in(
        &self,
        tx: &mut Tx<'_>,
        delivery: &Delivery,
        order: &mut Order,
    ) -> Result<(), AppError> {
        tx.complete_delivery(delivery).await?;
        order.apply(&OrderEvent::Deliver)?;
        tx.update_order(order, "order.deliver", json!({ "interface_number": delivery.interface_number }))
            .await?;
        tx.insert_event(order.id, "order.delivered", json!({ "number": order.number })).await?;
        let next = match self.sms_hours(order) {
            Some(hours) => AfterDelivery::SmsVerification { hours },
            None => AfterDelivery::Review,
        };
        let event = NoticeEvent::OrderDelivered { order: order.number.clone(), next };
        self.tell(tx, &Addressee::of_order(order), &event).await
    }

    async fn postpone(&self, delivery: &Delivery, error: &ExchangeError) -> Result<(), AppError> {
        self.failed(error);
        let seconds = match error.delivery() {
            // Refused with a reason: asking again soon would not change it.
            DeliveryDoubt::Answered => 60,
            DeliveryDoubt::NotDelivered | DeliveryDoubt::Unknown => {
                (2_i64 << delivery.attempts.min(7)).min(300)
            }
        };
        self.postpone_for(delivery, &error.to_string(), TimeDelta::seconds(seconds)).await
    }

    async fn postpone_for(
        &self,
        delivery: &Delivery,
        problem: &str,
        rest: TimeDelta,
    ) -> Result<(), AppError> {
        tracing::warn!(delivery = %delivery.id.0, problem, "a delivery was postponed");
        let mut tx = self.inner.store.begin(Actor::Bridge).await?;
        tx.postpone_delivery(delivery, problem, self.inner.clock.now() + rest).await?;
        Ok(tx.commit().await?)
    }

    /// A file that opens takes effect once and is acknowledged, even one of a kind
    /// that is not understood: it is kept, a person is told, and the files behind
    /// it are not held up.
    async fn receive(&self, file: FetchedFile) -> Result<(), AppError> {
        let file_name = file.name.clone();
        let name = file_name.as_str();
        if self.inner.store.read().received(name).await?.is_none() {
            let mut tx = self.inner.store.begin(Actor::Bridge).await?;
            match tx.insert_received(name, &file.hash_base64, &file.xml).await {
                Ok(()) => {
                    match file.read() {
                        Ok(file) => {
                            for news in read_news(&file.document) {
                                self.apply(&mut tx, news).await?;
                            }
                        }
                        Err(error) => {
                            self.trouble(format!("file {name} was kept but not understood: {error}"))
                        }
                    }
                    tx.commit().await?;
                }
                // Another worker was faster: it is applied.
                Err(StoreError::Exists { .. }) => {}
                Err(other) => return Err(other.into()),
            }
        }
        match self.inner.regulator.acknowledge(&file_name).await {
            Ok(()) => {
                let mut tx = self.inner.store.begin(Actor::Bridge).await?;
                tx.acknowledge_received(name).await?;
                Ok(tx.commit().await?)
            }
            Err(error) => {
                self.failed(&error);
                Ok(())
            }
        }
    }

    async fn apply(&self, tx: &mut Tx<'_>, news: News) -> Result<(), AppError> {
        let at = self.inner.clock.now();
        let (order, event) = match news {
            News::Unmatched { description } => {
                self.trouble(format!("news from the regulator that belongs to no order: {description}"));
                return Ok(());
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
                let refusal = Refusal { opinion, codes: vec![code], at };
                (tx.read().order(delivery.order).await?, Decision::Refused(refusal))
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
            self.complete_in(tx, &delivery, &mut order).await?;
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

    async fn order_of(&self, delivery: &Delivery) -> Result<Order, AppError> {
        self.inner.store.read().order(delivery.order).await?.ok_or(AppError::NotFound)
    }

    fn answered(&self) {
        let mut status = self.inner.bridge.0.lock().unwrap_or_else(PoisonError::into_inner);
        status.last_answer_at = Some(self.inner.clock.now());
        status.problem = None;
        status.rests_until = None;
    }

    /// Something that a person must look at; it stays until it is replaced.
    fn trouble(&self, what: String) {
        tracing::warn!(what, "the bridge needs a person");
        self.inner.bridge.0.lock().unwrap_or_else(PoisonError::into_inner).trouble = Some(what);
    }

    fn failed(&self, error: &ExchangeError) {
        let mut status = self.inner.bridge.0.lock().unwrap_or_else(PoisonError::into_inner);
        status.problem = Some(error.to_string());
        status.rests_until = Some(self.inner.clock.now() + TimeDelta::seconds(5));
    }
}

fn logged(step: Result<Progress, AppError>) -> Progress {
    step.unwrap_or_else(|error| {
        tracing::error!(%error, "a step of the worker failed");
        Progress::Idle
    })
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

/// Why a delivery could not be given its number.
enum Problem {
    Exchange(ExchangeError),
    App(AppError),
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

fn package_of(package: &NumberedPackage) -> beian_exchange::Package {
    beian_exchange::Package {
        content_base64: package.content.clone(),
        hash_base64: package.hash.clone(),
        algorithms: beian_exchange::Algorithms::USUAL,
    }
}
