//! The bridge: carries approved orders, reports on duties and requests about addresses to the regulator, and its
//! answers back.
//!
//! One worker, one step at a time. Before anything leaves, its number and its
//! bytes are durable; whatever the crash, the next step asks the regulator what
//! it has and goes on from there. A received file takes effect in the
//! transaction that notes its name, and is acknowledged after.

mod news;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use beian_domain::{OrderEvent, OrderId};
use beian_exchange::{
    ExchangeError, FetchedFile, Hindrance, PreviousUpload, Resume, SealedUpload, filing_file, masked_text,
    read_news, resume,
};
use beian_store::{
    Actor, Delivery, DeliveryState, DeliverySubject, NumberedPackage, Order, ReceivedFile, StoreError, Tx,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::notice::{Addressee, AfterDelivery, NoticeEvent};
use crate::permission::Action;
use crate::{App, AppError, User};

/// How long the index of host names rests when records have not changed.
const INDEX_REST: Duration = Duration::from_millis(250);

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
    pub problem: Option<BridgeProblem>,
    /// It fetches nothing until then.
    pub rests_until: Option<DateTime<Utc>>,
    /// Something that a person must look at, since the start of the process.
    pub trouble: Option<String>,
}

/// What stands between us and the regulator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BridgeProblem {
    /// What kind of thing it is: what is to be done follows from it.
    pub hindrance: Hindrance,
    /// What was seen, in English or in the regulator's words.
    pub evidence: String,
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

    /// A file from the regulator as text, with personal data masked.
    pub async fn received_text(&self, user: &User, name: &str) -> Result<String, AppError> {
        user.require(Action::ViewBridge, None)?;
        let content = self.inner.store.read().received_content(name).await?.ok_or(AppError::NotFound)?;
        masked_text(&content).map_err(|error| AppError::Internal(error.to_string()))
    }

    /// A file to the regulator, by its sequence number, as text with personal data masked.
    pub async fn sent_text(&self, user: &User, sequence: i64) -> Result<String, AppError> {
        user.require(Action::ViewBridge, None)?;
        let kept = self.inner.store.read().package_of_sequence(sequence).await?.ok_or(AppError::NotFound)?;
        let unread = |error: &dyn std::fmt::Display| AppError::Internal(error.to_string());
        let xml = self.inner.regulator.unseal(&package_of(&kept)).map_err(|error| unread(&error))?;
        masked_text(&xml).map_err(|error| unread(&error))
    }

    /// How the conversation with the regulator stands.
    pub fn bridge_status(&self) -> BridgeStatus {
        self.inner.bridge.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Works until `stop` is ready: steps of the bridge and of the clock, and beside them what
    /// leaves, so that a slow mail server or endpoint holds up no filing. After each round a rest
    /// of the policy's length, or until somebody approves an order. The index of host names is brought up
    /// beside them, and rests less; so do what waits for name servers or for sites, and what is read.
    pub async fn work(&self, stop: impl Future<Output = ()>) {
        let (stopped, has_stopped) = tokio::sync::watch::channel(false);
        let stopping = async move {
            stop.await;
            stopped.send_replace(true);
        };
        let inner = &self.inner;
        let rest = Duration::from_secs(inner.policy.poll_seconds.into());
        let bridge = self.rounds(has_stopped.clone(), &inner.wake, rest, || self.bridge_round());
        let outgoing = self.rounds(has_stopped.clone(), &inner.wake_outgoing, rest, || self.outgoing_round());
        let index = self.rounds(has_stopped.clone(), &inner.wake_index, INDEX_REST, || self.index_round());
        let hosts = self.rounds(has_stopped.clone(), &inner.wake_hosts, rest, || self.hosts_round());
        let reading = self.rounds(has_stopped.clone(), &inner.wake_reading, rest, || self.reading_round());
        let drift = self.rounds(has_stopped, &inner.wake_drift, rest, || self.drift_round());
        tokio::join!(stopping, bridge, outgoing, index, hosts, reading, drift);
    }

    async fn rounds<F: Future<Output = Progress>>(
        &self,
        mut has_stopped: tokio::sync::watch::Receiver<bool>,
        wake: &tokio::sync::Notify,
        idle_rest: Duration,
        round: impl Fn() -> F,
    ) {
        loop {
            let rest = match round().await {
                Progress::Worked => Duration::ZERO,
                Progress::Idle => idle_rest,
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
        let (index, hosts) = (self.index_round().await, self.hosts_round().await);
        let (reading, drift) = (self.reading_round().await, self.drift_round().await);
        if [bridge, outgoing, index, hosts, reading, drift].contains(&Progress::Worked) {
            Progress::Worked
        } else {
            Progress::Idle
        }
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
        self.inner.wake_index.notify_one();
        Progress::Worked
    }

    async fn hosts_round(&self) -> Progress {
        logged(self.hosts_step().await)
    }

    async fn drift_round(&self) -> Progress {
        logged(self.drift_step().await)
    }

    async fn outgoing_round(&self) -> Progress {
        logged(self.outgoing_step().await)
    }

    async fn reading_round(&self) -> Progress {
        logged(self.reading_step().await)
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
                self.rest(match error.hindrance() {
                    // Soon again: a reply that was lost costs one more question.
                    Hindrance::Unreachable | Hindrance::NoAnswer | Hindrance::File => TimeDelta::seconds(5),
                    hindrance => pause(hindrance),
                });
                Ok(Progress::Idle)
            }
        }
    }

    async fn deliver(&self, delivery: Delivery) -> Result<(), AppError> {
        let (package, may_be_there) = match &delivery.state {
            DeliveryState::Delivered { .. } => return Ok(()),
            DeliveryState::Numbered(package) => (package.clone(), true),
            DeliveryState::Waiting => match self.number(&delivery).await {
                Ok(Some(package)) => (package, false),
                // Something else came out: the next step sees how things stand.
                Ok(None) => return Ok(()),
                Err(Problem::Exchange(error)) => return self.postpone(&delivery, &error).await,
                // Not the regulator's doing: it rests, and those behind it go first.
                Err(Problem::App(error)) => {
                    return self.postpone_for(&delivery, &error.to_string(), TimeDelta::minutes(10)).await;
                }
                Err(Problem::Person(problem)) => {
                    return self.postpone_for(&delivery, &problem, TimeDelta::minutes(10)).await;
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
                // It lost files that it had taken: they are kept, and go again as they were.
                Resume::Gap { expected } => match self.send_missing(expected..upload.sequence).await {
                    Ok(()) => {}
                    Err(Problem::Exchange(error)) => return self.postpone(&delivery, &error).await,
                    Err(Problem::App(error)) => return Err(error),
                    Err(Problem::Person(problem)) => {
                        self.trouble(problem.clone());
                        return self.postpone_for(&delivery, &problem, TimeDelta::minutes(10)).await;
                    }
                },
                Resume::Divergent => return self.make_way(&delivery, &upload, &previous).await,
            }
        }
        match self.inner.regulator.upload(&upload).await {
            Ok(()) => {
                self.answered();
                self.complete(&delivery).await
            }
            Err(error @ ExchangeError::Refused { .. }) if error.hindrance().is_about_the_file() => {
                self.failed(&error);
                self.refused_for_itself(&delivery, &upload, &error).await
            }
            Err(error) => self.postpone(&delivery, &error).await,
        }
    }

    /// A file was refused for itself. If the regulator has it all the same, it is delivered. If not, its number
    /// goes to the next one, so that it holds up nobody; should a copy of it arrive after that,
    /// [`recognise`](Self::recognise) finds it.
    async fn refused_for_itself(
        &self,
        delivery: &Delivery,
        upload: &SealedUpload,
        refusal: &ExchangeError,
    ) -> Result<(), AppError> {
        let previous = match self.inner.regulator.previous_upload().await {
            Ok(previous) => previous,
            // It keeps its number until that is known.
            Err(error) => return self.postpone(delivery, &error).await,
        };
        match resume(&previous, upload) {
            Resume::AlreadyAccepted => self.complete(delivery).await,
            Resume::Divergent => self.make_way(delivery, upload, &previous).await,
            // The next step sends what is missing before it.
            Resume::Gap { .. } => self.postpone(delivery, refusal).await,
            Resume::SendAgain => {
                let mut tx = self.inner.store.begin(Actor::Bridge);
                tx.release_delivery_number(delivery).await?;
                let next = self.inner.clock.now() + pause(refusal.hindrance());
                tx.postpone_delivery(delivery, &refusal.to_string(), next).await?;
                Ok(tx.commit().await?)
            }
        }
    }

    /// Another file has the number of this one: one of ours that came late, or something that a person must see.
    async fn make_way(
        &self,
        delivery: &Delivery,
        upload: &SealedUpload,
        previous: &PreviousUpload,
    ) -> Result<(), AppError> {
        if self.recognise(previous).await? {
            return Ok(());
        }
        let problem = format!("the regulator holds another file under number {}", upload.sequence);
        self.trouble(problem.clone());
        self.postpone_for(delivery, &problem, TimeDelta::minutes(10)).await
    }

    /// Whether what the regulator took last is a file that it had refused before: then that has been delivered under
    /// the number that it has there, and whichever file of ours holds this number gets another one.
    async fn recognise(&self, previous: &PreviousUpload) -> Result<bool, AppError> {
        let Ok(sequence) = i64::try_from(previous.sequence) else { return Ok(false) };
        for (delivery, hash) in self.inner.store.read().released_deliveries().await? {
            let package = NumberedPackage { sequence, content: String::new(), hash };
            let sent = SealedUpload { sequence: previous.sequence, package: package_of(&package) };
            if resume(previous, &sent) != Resume::AlreadyAccepted {
                continue;
            }
            tracing::warn!(delivery = %delivery.id.0, sequence, "the regulator took a file after refusing it");
            let mut tx = self.inner.store.begin(Actor::Bridge);
            match tx.read().delivery_of_sequence(sequence).await? {
                Some(holder) if matches!(holder.state, DeliveryState::Numbered(_)) => {
                    tx.release_delivery_number(&holder).await?;
                }
                Some(_) => return Ok(false),
                None => {}
            }
            tx.recognise_delivery(&delivery, sequence).await?;
            self.complete_in(&mut tx, &delivery).await?;
            tx.commit().await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Sends files again that the regulator had and has no longer, in their order: the kept
    /// bytes, under their own numbers. What it made of them it makes again, and says again.
    async fn send_missing(&self, missing: std::ops::Range<u64>) -> Result<(), Problem> {
        for sequence in missing {
            let number = i64::try_from(sequence).unwrap_or(i64::MAX);
            let kept = self.inner.store.read().package_of_sequence(number).await.map_err(AppError::from)?;
            let Some(kept) = kept else {
                return Err(Problem::Person(format!(
                    "the regulator lacks file {sequence}, which was not sent from here or is not kept any more"
                )));
            };
            tracing::warn!(sequence, "the regulator lost a file, which is sent again");
            let upload = SealedUpload { sequence, package: package_of(&kept) };
            self.inner.regulator.upload(&upload).await.map_err(Problem::Exchange)?;
            let mut tx = self.inner.store.begin(Actor::Bridge);
            tx.note_sent_again(number);
            tx.commit().await.map_err(AppError::from)?;
        }
        Ok(())
    }

    /// Fixes the number and the bytes of a delivery, durably. `None` if an earlier file turns out to have the number.
    async fn number(&self, delivery: &Delivery) -> Result<Option<NumberedPackage>, Problem> {
        let last = self.inner.store.read().last_sequence().await.map_err(AppError::from)?;
        let released = self.inner.store.read().released_deliveries().await.map_err(AppError::from)?;
        let last = match last {
            Some(last) if released.is_empty() => last,
            // The first file ever from here: somebody may have sent before us. Or one was given up, and may have come.
            _ => {
                let previous = self.inner.regulator.previous_upload().await.map_err(Problem::Exchange)?;
                if self.recognise(&previous).await? {
                    return Ok(None);
                }
                last.unwrap_or_else(|| i64::try_from(previous.sequence).unwrap_or_default())
            }
        };
        let xml = self.file_of(delivery).await?;
        let sealed =
            self.inner.regulator.seal(&xml).map_err(|error| AppError::Unsendable(error.to_string()))?;
        let package =
            NumberedPackage { sequence: last + 1, content: sealed.content_base64, hash: sealed.hash_base64 };
        let mut tx = self.inner.store.begin(Actor::Bridge);
        tx.number_delivery(delivery, &package).await.map_err(AppError::from)?;
        tx.commit().await.map_err(AppError::from)?;
        Ok(Some(package))
    }

    /// What a delivery carries, as the interface wants it.
    async fn file_of(&self, delivery: &Delivery) -> Result<Vec<u8>, AppError> {
        match delivery.subject {
            DeliverySubject::Order(order) => {
                let order = self.inner.store.read().order(order).await?.ok_or(AppError::NotFound)?;
                let filing = self.filing_of(&order).await?;
                let interface_number = delivery.interface_number.unsigned_abs();
                filing_file(&filing, interface_number, self.inner.regulator.isp_id())
                    .map_err(|error| AppError::Unsendable(error.to_string()))
            }
            DeliverySubject::Duty(duty) => {
                let duty = self.inner.store.read().duty(duty).await?.ok_or(AppError::NotFound)?;
                self.report_on(&duty).await
            }
            DeliverySubject::Addresses(record) => {
                let record = self.inner.store.read().address(record).await?.ok_or(AppError::NotFound)?;
                self.request_file(&record, delivery.interface_number.unsigned_abs())
            }
        }
    }

    async fn complete(&self, delivery: &Delivery) -> Result<(), AppError> {
        let mut tx = self.inner.store.begin(Actor::Bridge);
        self.complete_in(&mut tx, delivery).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn complete_in(&self, tx: &mut Tx<'_>, delivery: &Delivery) -> Result<(), AppError> {
        tx.complete_delivery(delivery).await?;
        match delivery.subject {
            DeliverySubject::Order(order) => self.order_delivered(tx, order, delivery.interface_number).await,
            DeliverySubject::Duty(duty) => self.duty_delivered(tx, duty, delivery.interface_number).await,
            DeliverySubject::Addresses(record) => {
                self.address_delivered(tx, record, delivery.interface_number).await
            }
        }
    }

    async fn order_delivered(
        &self,
        tx: &mut Tx<'_>,
        order: OrderId,
        interface_number: i64,
    ) -> Result<(), AppError> {
        let mut order: Order = tx.read().order(order).await?.ok_or(AppError::NotFound)?;
        order.apply(&OrderEvent::Deliver)?;
        let detail = json!({ "interface_number": interface_number });
        tx.update_order(&mut order, "order.deliver", detail).await?;
        tx.insert_event(order.id, "order.delivered", json!({ "number": order.number })).await?;
        let next = match self.sms_hours(&order) {
            Some(hours) => AfterDelivery::SmsVerification { hours },
            None => AfterDelivery::Review,
        };
        let event = NoticeEvent::OrderDelivered { order: order.number.clone(), next };
        self.tell(tx, &Addressee::of_order(&order), &event).await
    }

    async fn postpone(&self, delivery: &Delivery, error: &ExchangeError) -> Result<(), AppError> {
        self.failed(error);
        let rest = match error.hindrance() {
            Hindrance::Unreachable | Hindrance::NoAnswer => {
                TimeDelta::seconds((2_i64 << delivery.attempts.min(7)).min(300))
            }
            // Refused with a reason: asking again soon would not change it.
            hindrance => pause(hindrance),
        };
        self.postpone_for(delivery, &error.to_string(), rest).await
    }

    async fn postpone_for(
        &self,
        delivery: &Delivery,
        problem: &str,
        rest: TimeDelta,
    ) -> Result<(), AppError> {
        tracing::warn!(delivery = %delivery.id.0, problem, "a delivery was postponed");
        let mut tx = self.inner.store.begin(Actor::Bridge);
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
            // It may answer a file that was refused and came all the same: nothing else tells which.
            if !self.inner.store.read().released_deliveries().await?.is_empty() {
                match self.inner.regulator.previous_upload().await {
                    Ok(previous) => self.recognise(&previous).await?,
                    Err(error) => {
                        self.failed(&error);
                        self.rest(pause(error.hindrance()));
                        return Ok(());
                    }
                };
            }
            let mut tx = self.inner.store.begin(Actor::Bridge);
            match tx.insert_received(name, &file.hash_base64, &file.xml).await {
                Ok(()) => {
                    match file.read() {
                        Ok(file) => {
                            for news in read_news(&file.document) {
                                self.apply(&mut tx, name, news).await?;
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
                let mut tx = self.inner.store.begin(Actor::Bridge);
                tx.acknowledge_received(name).await?;
                Ok(tx.commit().await?)
            }
            Err(error) => {
                self.failed(&error);
                Ok(())
            }
        }
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
        status.problem = Some(BridgeProblem { hindrance: error.hindrance(), evidence: error.to_string() });
    }

    fn rest(&self, rest: TimeDelta) {
        let mut status = self.inner.bridge.0.lock().unwrap_or_else(PoisonError::into_inner);
        status.rests_until = Some(self.inner.clock.now() + rest);
    }
}

/// How long a call rests that the regulator refused. ASSUMED: the interface names no times; its
/// bureaus watch how often they are asked.
fn pause(hindrance: Hindrance) -> TimeDelta {
    match hindrance {
        Hindrance::Missing => TimeDelta::seconds(1),
        Hindrance::Maintenance => TimeDelta::minutes(5),
        Hindrance::Hours | Hindrance::Credentials => TimeDelta::minutes(10),
        Hindrance::Rights | Hindrance::Province => TimeDelta::minutes(30),
        Hindrance::Congestion
        | Hindrance::File
        | Hindrance::Other
        | Hindrance::Unreachable
        | Hindrance::NoAnswer => TimeDelta::minutes(1),
    }
}

fn logged(step: Result<Progress, AppError>) -> Progress {
    step.unwrap_or_else(|error| {
        tracing::error!(%error, "a step of the worker failed");
        Progress::Idle
    })
}

/// Why a delivery does not go out.
enum Problem {
    Exchange(ExchangeError),
    App(AppError),
    /// Nothing that the program can mend.
    Person(String),
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
