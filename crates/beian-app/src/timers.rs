//! What time alone brings about: reminders, the end of orders that nobody touches, and
//! what expires. Everything is told once: what was told is in the database, and commits with
//! the telling.

use std::sync::{Mutex, PoisonError};

use beian_domain::{
    Case, FilingKind, NoticeKind, NumberStated, OrderEvent, OrderId, OrderState, Role, ServiceFilingNumber,
};
use beian_rules::Rulebook;
use beian_store::{Actor, FilingRecord, Milestone, Occasion, Order, StoreError, Subject, Tx};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::json;

use crate::notice::{Addressee, Ending, NoticeEvent};
use crate::{App, AppError, Progress};

/// How many orders or records are looked at in a step.
const BATCH: u64 = 50;
/// How long nothing is looked for after nothing was found.
const REST: TimeDelta = TimeDelta::minutes(1);
/// How many working days before a change is due it is told again.
const NEAR: u32 = 3;
/// The day on which the records were looked at last.
const SWEPT: &str = "records-swept-on";

/// Where the sweep stands; a restart only makes it look again.
#[derive(Default)]
pub(crate) struct TimerState(Mutex<Sweep>);

#[derive(Default, Clone)]
struct Sweep {
    rests_until: Option<DateTime<Utc>>,
    /// The day whose sweep of records is done.
    done: Option<NaiveDate>,
    /// The record that was looked at last on this day.
    after: Option<(NaiveDate, ServiceFilingNumber)>,
    /// Every record has the name by which it is looked up: later ones come with it.
    has_names: bool,
}

impl App {
    /// Tells and ends what is due by now. Bounded: there may be more.
    pub async fn timer_step(&self) -> Result<Progress, AppError> {
        let now = self.inner.clock.now();
        // A clock that was set back must not make it rest for long.
        if self.sweep().rests_until.is_some_and(|until| now < until && until - now <= REST) {
            return Ok(Progress::Idle);
        }
        // First, so that an order that cannot be read does not keep it from being done.
        self.fold_order_counts().await?;
        let filers = self.sweep_waiting().await?;
        let regulators = self.sweep_at_regulator().await?;
        let records = self.sweep_records().await?;
        let names = self.keep_sponsor_names().await?;
        self.free_lapsed_claims().await?;
        self.forget_typed_pages().await?;
        if [filers, regulators, records, names].contains(&Progress::Worked) {
            return Ok(Progress::Worked);
        }
        self.set_sweep(|sweep| sweep.rests_until = Some(now + REST));
        Ok(Progress::Idle)
    }

    /// Records that came without the name by which they are looked up.
    async fn keep_sponsor_names(&self) -> Result<Progress, AppError> {
        if self.sweep().has_names {
            return Ok(Progress::Idle);
        }
        let mut tx = self.inner.store.begin(Actor::System);
        if tx.keep_missing_sponsor_names(BATCH).await? == 0 {
            self.set_sweep(|sweep| sweep.has_names = true);
            return Ok(Progress::Idle);
        }
        tx.commit().await?;
        Ok(Progress::Worked)
    }

    async fn fold_order_counts(&self) -> Result<(), AppError> {
        if self.inner.store.read().has_many_order_counts().await? {
            let mut tx = self.inner.store.begin(Actor::System);
            tx.fold_order_counts().await?;
            tx.commit().await?;
        }
        Ok(())
    }

    fn sweep(&self) -> Sweep {
        self.inner.timers.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_sweep(&self, change: impl FnOnce(&mut Sweep)) {
        change(&mut self.inner.timers.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Orders that wait for their filer: reminders, and in the end they expire.
    async fn sweep_waiting(&self) -> Result<Progress, AppError> {
        let (now, today) = (self.inner.clock.now(), self.today());
        let rulebook = self.rulebook();
        let policy = rulebook.provider();
        let mut reminders: Vec<i64> = policy
            .reminder_days
            .at(today)
            .map(|entry| entry.value.iter().map(|days| i64::from(*days)).collect())
            .unwrap_or_default();
        reminders.sort_unstable();
        reminders.dedup();
        let limit = policy.step_days.at(today).map(|entry| i64::from(entry.value));
        let since = |days| now - TimeDelta::days(days);
        let mut milestones: Vec<Milestone> = reminders
            .iter()
            .zip(1..)
            .map(|(days, reminders)| Milestone { since: since(*days), reminders })
            .collect();
        milestones.extend(limit.map(|days| Milestone { since: since(days), reminders: u32::MAX }));
        let states = OrderState::ALL.into_iter().filter(|state| state.is_editable()).collect::<Vec<_>>();
        let orders = self.inner.store.read().orders_at_milestones(&states, &milestones, BATCH).await?;
        let progress = worked(&orders);
        for id in orders {
            let mut tx = self.inner.store.begin(Actor::System);
            let Some(order) = tx.read().order(id).await? else { continue };
            let told = self.remind_or_expire(&mut tx, order, &reminders, limit).await;
            commit(tx, told, id).await?;
        }
        Ok(progress)
    }

    async fn remind_or_expire(
        &self,
        tx: &mut Tx<'_>,
        mut order: Order,
        reminders: &[i64],
        limit: Option<i64>,
    ) -> Result<(), AppError> {
        let days = (self.inner.clock.now() - order.updated_at).num_days();
        if !order.state().is_editable() {
            return Ok(());
        }
        let to = Addressee::of_order(&order);
        if limit.is_some_and(|limit| days >= limit) {
            order.apply(&OrderEvent::Expire)?;
            tx.update_order(&mut order, "order.expire", json!({ "days": days })).await?;
            tx.insert_event(order.id, "order.expired", json!({ "number": order.number })).await?;
            return self.tell(tx, &to, &NoticeEvent::OrderExpired { order: order.number, days }).await;
        }
        let due = u32::try_from(reminders.iter().filter(|after| days >= **after).count()).unwrap_or(u32::MAX);
        if order.reminders >= due {
            return Ok(());
        }
        tx.note_reminders(&mut order, due).await?;
        let expires = order.updated_at + TimeDelta::days(limit.unwrap_or(i64::from(u16::MAX)));
        let event = NoticeEvent::OrderWaiting { order: order.number, days, expires_on: china_day(expires) };
        self.tell(tx, &to, &event).await
    }

    /// Orders that are with the regulator: the SMS verification, and a review that takes too long.
    async fn sweep_at_regulator(&self) -> Result<Progress, AppError> {
        let (now, today) = (self.inner.clock.now(), self.today());
        let rulebook = self.rulebook();
        let hours = rulebook.national().sms_hours.at(today).map(|entry| i64::from(entry.value));
        let longest = rulebook.national().regulator_working_days.at(today).map(|entry| entry.value);
        let overdue = longest.map(|days| overdue_since(&rulebook, today, days));
        let mut milestones = Vec::new();
        // Half the time is left then: enough to do it, and late enough that most have.
        milestones.extend(
            hours.map(|hours| Milestone { since: now - TimeDelta::minutes(hours * 30), reminders: 1 }),
        );
        milestones.extend(overdue.map(|since| Milestone { since, reminders: 2 }));
        let orders = self
            .inner
            .store
            .read()
            .orders_at_milestones(&[OrderState::AtRegulator], &milestones, BATCH)
            .await?;
        let progress = worked(&orders);
        for id in orders {
            let mut tx = self.inner.store.begin(Actor::System);
            let Some(order) = tx.read().order(id).await? else { continue };
            let told = self.tell_of_delay(&mut tx, order, hours, overdue).await;
            commit(tx, told, id).await?;
        }
        Ok(progress)
    }

    async fn tell_of_delay(
        &self,
        tx: &mut Tx<'_>,
        mut order: Order,
        hours: Option<i64>,
        overdue: Option<DateTime<Utc>>,
    ) -> Result<(), AppError> {
        let (now, delivered) = (self.inner.clock.now(), order.updated_at);
        if order.state() != OrderState::AtRegulator {
            return Ok(());
        }
        if overdue.is_some_and(|since| delivered <= since) {
            if order.reminders >= 2 {
                return Ok(());
            }
            tx.note_reminders(&mut order, 2).await?;
            let days = self.rulebook().working_days().between(china_day(delivered), self.today()).days;
            let about = Subject::Order(order.id);
            let event = NoticeEvent::RegulatorOverdue { order: order.number, days: days.into() };
            return self.tell_desk(tx, Role::Operator, &about, &event).await;
        }
        if order.reminders >= 1 {
            return Ok(());
        }
        let has_sms = self.sms_hours(&order).is_some();
        let until = hours.map(|hours| delivered + TimeDelta::hours(hours));
        let to = Addressee::of_order(&order);
        tx.note_reminders(&mut order, 1).await?;
        match until {
            // After a long rest of ours it is too late to remind of it.
            Some(until) if has_sms && now < until => {
                self.tell(tx, &to, &NoticeEvent::SmsVerificationDue { order: order.number, until }).await
            }
            _ => Ok(()),
        }
    }

    /// The hours for the SMS verification of an order; none if it has none. Giving up an access and
    /// handing in materials are not verified, nor what is filed in a province without it.
    pub(crate) fn sms_hours(&self, order: &Order) -> Option<u16> {
        if matches!(order.kind, FilingKind::CancelAccess | FilingKind::SupplementMaterials) {
            return None;
        }
        let (rulebook, today) = (self.rulebook(), self.today());
        let province = order.case.sponsor.division.and_then(|division| rulebook.province(division));
        let verifies = province.and_then(|province| province.sms_verification.at(today));
        if verifies.is_some_and(|entry| !entry.value) {
            return None;
        }
        rulebook.national().sms_hours.at(today).map(|entry| entry.value)
    }

    /// Records, once a day, some at a time: what expires or is due soon.
    async fn sweep_records(&self) -> Result<Progress, AppError> {
        let (today, sweep) = (self.today(), self.sweep());
        if sweep.done == Some(today) {
            return Ok(Progress::Idle);
        }
        let day = today.to_string();
        if self.inner.store.read().setting(SWEPT).await?.as_ref() == Some(&day) {
            self.set_sweep(|sweep| sweep.done = Some(today));
            return Ok(Progress::Idle);
        }
        let after = sweep.after.filter(|(day, _)| *day == today).map(|(_, after)| after);
        let records = self.inner.store.read().active_records_after(after.as_ref(), BATCH).await?;
        for record in &records {
            self.tell_of_record(record).await?;
        }
        if let Some(last) = records.last() {
            self.set_sweep(|sweep| sweep.after = Some((today, last.service_number.clone())));
            return Ok(Progress::Worked);
        }
        let mut tx = self.inner.store.begin(Actor::System);
        tx.put_setting(SWEPT, &day).await?;
        tx.commit().await?;
        self.set_sweep(|sweep| {
            sweep.done = Some(today);
            sweep.after = None;
        });
        Ok(Progress::Idle)
    }

    async fn tell_of_record(&self, record: &FilingRecord) -> Result<(), AppError> {
        let content = self.content_of(record).await?;
        let Some(to) = Addressee::of_record(record, content.as_ref()) else { return Ok(()) };
        let mut events = self.expiring(record, content.as_ref()).await?;
        events.extend(content.as_ref().and_then(|content| self.change_due(record, content)));
        let occasions = events.iter().map(|(occasion, _)| occasion.clone()).collect();
        let untold = self.inner.store.read().untold(occasions).await?;
        if untold.is_empty() {
            return Ok(());
        }
        let mut tx = self.inner.store.begin(Actor::System);
        for (occasion, event) in &events {
            if untold.contains(occasion) && tx.tell_once(occasion).await? {
                self.tell(&mut tx, &to, event).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// Certificate, server and domain, each by the nearest of the policy's days that has come.
    async fn expiring(
        &self,
        record: &FilingRecord,
        content: Option<&Case>,
    ) -> Result<Vec<(Occasion, NoticeEvent)>, AppError> {
        let today = self.today();
        let rulebook = self.rulebook();
        let stages: Vec<i64> = rulebook
            .provider()
            .expiry_notice_days
            .as_ref()
            .and_then(|series| series.at(today))
            .map(|entry| entry.value.iter().map(|days| i64::from(*days)).collect())
            .unwrap_or_default();
        let ending = |day: NaiveDate| {
            let days = (day - today).num_days();
            let stage = stages.iter().copied().filter(|stage| (0..=*stage).contains(&days)).min()?;
            Some((Ending { day, days }, format!("{day}|{stage}")))
        };
        let mut found = Vec::new();
        let Some(holder) = record.holder else { return Ok(found) };
        let number = &record.service_number;
        let certificate = content.and_then(|content| content.sponsor.certificate.valid_until);
        if let Some((ends, stage)) = certificate.and_then(ending) {
            let sponsor = record.sponsor_number.clone();
            // One certificate, however many services; and each of its holders is told.
            let subject = format!("{sponsor}|{}", holder.0);
            let occasion = Occasion { kind: NoticeKind::CertificateExpiring, subject, stage };
            found.push((occasion, NoticeEvent::CertificateExpiring { number: sponsor, ends }));
        }
        let server = match &record.resource {
            Some(reference) => self.inner.store.read().resource(reference).await?,
            None => None,
        };
        if let Some((server, (ends, stage))) =
            server.and_then(|server| Some((server.reference, ending(china_day(server.expires_at?))?)))
        {
            let subject = format!("{server}|{}", holder.0);
            let occasion = Occasion { kind: NoticeKind::ServerExpiring, subject, stage };
            found.push((occasion, NoticeEvent::ServerExpiring { number: number.clone(), server, ends }));
        }
        let domain = content.and_then(|content| content.service.registration.expires_on);
        if let Some((ends, stage)) = domain.and_then(ending) {
            let occasion = Occasion { kind: NoticeKind::DomainExpiring, subject: number.to_string(), stage };
            let domain = record.domain.clone();
            found.push((occasion, NoticeEvent::DomainExpiring { number: number.clone(), domain, ends }));
        }
        Ok(found)
    }

    /// Where access was added with the former certificate (先接入后变更), some bureaus want the
    /// change within a number of working days.
    fn change_due(&self, record: &FilingRecord, content: &Case) -> Option<(Occasion, NoticeEvent)> {
        let is_owed = record.served_elsewhere == Some(true)
            && content.sponsor.certificate.states == NumberStated::Former;
        if !is_owed {
            return None;
        }
        let rulebook = self.rulebook();
        let (today, added) = (self.today(), china_day(record.as_of));
        let province = rulebook.province(content.sponsor.division?)?;
        let within = province.change_due_working_days.as_ref()?.at(added)?.value;
        let day = rulebook.working_days().after(added, within).day;
        if today > day {
            return None;
        }
        let is_near = rulebook.working_days().between(today, day).days <= NEAR;
        let stage = format!("{day}|{}", if is_near { "near" } else { "begun" });
        let number = record.service_number.clone();
        let occasion = Occasion { kind: NoticeKind::ChangeDue, subject: number.to_string(), stage };
        let ends = Ending { day, days: (day - today).num_days() };
        Some((occasion, NoticeEvent::ChangeDue { number, ends }))
    }
}

/// Whoever touched the order in the meantime is not reminded of it.
async fn commit(tx: Tx<'_>, told: Result<(), AppError>, order: OrderId) -> Result<(), AppError> {
    match told {
        Ok(()) => Ok(tx.commit().await?),
        Err(AppError::Stale { .. } | AppError::Store(StoreError::Stale { .. })) => {
            tracing::debug!(order = %order.0, "an order was changed while its time was looked at");
            Ok(())
        }
        Err(other) => Err(other),
    }
}

fn worked<T>(found: &[T]) -> Progress {
    if found.is_empty() { Progress::Idle } else { Progress::Worked }
}

/// What came before this moment has been waiting for more than `longest` working days.
fn overdue_since(rulebook: &Rulebook, today: NaiveDate, longest: u16) -> DateTime<Utc> {
    let calendar = rulebook.working_days();
    let last = today
        .iter_days()
        .rev()
        .find(|day| calendar.between(*day, today).days > u32::from(longest))
        .unwrap_or(NaiveDate::MIN);
    end_of_china_day(last) - TimeDelta::microseconds(1)
}

/// The first moment after a day in China.
pub(crate) fn end_of_china_day(day: NaiveDate) -> DateTime<Utc> {
    let end = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN).and_utc();
    end.checked_sub_signed(TimeDelta::hours(8)).unwrap_or(end)
}

/// The day that a moment falls on in China, which has one time all the year.
pub(crate) fn china_day(at: DateTime<Utc>) -> NaiveDate {
    (at + TimeDelta::hours(8)).date_naive()
}
