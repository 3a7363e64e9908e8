//! The provider's duties: lists of the regulator's, worked through and reported.

use beian_domain::{
    CancellationTarget, DivisionCode, DomainName, DutyAnswer, DutyEvent, DutyId, DutyKind, DutyState,
    ServiceFilingNumber,
};
use beian_exchange::{DutyDetail, DutyError, ReceivedDuty, ReportContext, duty_file, read_duty};
use beian_store::{Actor, Delivery, DeliveryState, DeliverySubject, Duty, DutyFilter, NewDuty, Tx};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::permission::Action;
use crate::timers::{china_day, end_of_china_day};
use crate::{App, AppError, User};

/// Duties on one page.
pub const DUTY_PAGE: u64 = 50;

/// Which duties a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DutyList {
    /// What somebody is to work on.
    Open,
    /// What should have been reported by now.
    Overdue,
    /// What was reported, or is on its way.
    Done,
}

impl DutyList {
    /// Every list.
    pub const ALL: [Self; 3] = [Self::Open, Self::Overdue, Self::Done];

    /// Its name in addresses.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::Done => "done",
        }
    }

    fn filter(self, now: DateTime<Utc>) -> DutyFilter {
        match self {
            Self::Open => DutyFilter::Open,
            Self::Overdue => DutyFilter::OverdueAt(now),
            Self::Done => DutyFilter::Done,
        }
    }
}

/// Where a page ended: when its last duty was due, and which it was.
pub type DutyMark = (DateTime<Utc>, DutyId);

/// A page of duties.
#[derive(Debug)]
pub struct DutyPage {
    /// The duties, longest due first.
    pub duties: Vec<ListedDuty>,
    /// Where the next page begins, if there is one.
    pub next: Option<DutyMark>,
    /// How many there are of each list.
    pub counts: Vec<(DutyList, u64)>,
}

/// A duty in a list.
#[derive(Debug, Clone)]
pub struct ListedDuty {
    /// The duty.
    pub duty: Duty,
    /// Whether it should have been reported by now.
    pub is_overdue: bool,
    /// Working days (工作日) that are left, today not counted; 0 when it is due today or was due.
    pub days_left: u32,
}

/// A duty with everything about it.
#[derive(Debug)]
pub struct DutyView {
    /// The duty.
    pub listed: ListedDuty,
    /// What the regulator says.
    pub detail: DutyDetail,
    /// How far its newest report is.
    pub delivery: Option<Delivery>,
    /// Our own record of what it is about.
    pub record: Option<ServiceFilingNumber>,
}

impl App {
    /// A page of duties.
    pub async fn duties(
        &self,
        user: &User,
        list: DutyList,
        after: Option<DutyMark>,
    ) -> Result<DutyPage, AppError> {
        user.require(Action::HandleDuties, None)?;
        let now = self.inner.clock.now();
        let reader = self.inner.store.read();
        let mut duties = reader.duties(list.filter(now), after, DUTY_PAGE + 1).await?;
        let has_more = duties.len() as u64 > DUTY_PAGE;
        duties.truncate(usize::try_from(DUTY_PAGE).unwrap_or(usize::MAX));
        let next = duties.last().filter(|_| has_more).map(|duty| (duty.due_at, duty.id));
        let mut counts = Vec::with_capacity(DutyList::ALL.len());
        for list in DutyList::ALL {
            counts.push((list, reader.count_duties(list.filter(now)).await?));
        }
        Ok(DutyPage { duties: duties.into_iter().map(|duty| self.listed(duty)).collect(), next, counts })
    }

    /// A duty with everything about it.
    pub async fn duty(&self, user: &User, id: DutyId) -> Result<DutyView, AppError> {
        user.require(Action::HandleDuties, None)?;
        let reader = self.inner.store.read();
        let duty = reader.duty(id).await?.ok_or(AppError::NotFound)?;
        let detail = read_duty(&duty.content).map_err(|error| AppError::Internal(error.to_string()))?;
        let record = match &detail {
            DutyDetail::UnfiledSite(site) => match DomainName::from_host(&site.domain) {
                Ok(domain) => reader.record_of_domain(&domain).await?,
                Err(_) => None,
            },
            DutyDetail::Verification(task) => {
                reader.records_with(CancellationTarget::Sponsor(task.sponsor)).await?.into_iter().next()
            }
        };
        Ok(DutyView {
            delivery: reader.delivery_of(DeliverySubject::Duty(id)).await?,
            record: record.map(|record| record.service_number),
            detail,
            listed: self.listed(duty),
        })
    }

    /// Notes that somebody looked at the personal data of a duty in plain.
    pub async fn note_duty_shown(&self, user: &User, id: DutyId) -> Result<(), AppError> {
        user.require(Action::HandleDuties, None)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.note_duty_shown(id);
        Ok(tx.commit().await?)
    }

    /// Reports what was done about a duty: the report leaves by the bridge.
    ///
    /// Fails with [`AppError::Unsendable`] if the report would lack something that the interface wants, and with
    /// [`AppError::Stale`] if somebody else answered it meanwhile.
    pub async fn answer_duty(
        &self,
        user: &User,
        id: DutyId,
        revision: i64,
        answer: DutyAnswer,
    ) -> Result<(), AppError> {
        user.require(Action::HandleDuties, None)?;
        let mut duty = self.inner.store.read().duty(id).await?.ok_or(AppError::NotFound)?;
        if duty.revision != revision || duty.apply(DutyEvent::Answer).is_err() {
            return Err(AppError::Stale { expected: revision });
        }
        duty.answer = Some(answer);
        duty.answered_at = Some(self.inner.clock.now());
        duty.refusal = None;
        // Whoever answers is told what is lacking, not whoever looks at the bridge.
        self.report_on(&duty).await?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.queue_duty(&mut duty).await?;
        tx.commit().await?;
        self.wake_worker();
        Ok(())
    }

    pub(crate) fn listed(&self, duty: Duty) -> ListedDuty {
        let is_waiting = duty.state() != DutyState::Reported;
        ListedDuty {
            is_overdue: is_waiting && duty.due_at < self.inner.clock.now(),
            days_left: self.working_days_until(duty.due_at),
            duty,
        }
    }

    /// Working days that are left until something is due, today not counted.
    pub(crate) fn working_days_until(&self, due_at: DateTime<Utc>) -> u32 {
        // The due moment is the first of the day after.
        let last = china_day(due_at - TimeDelta::seconds(1));
        self.rulebook().working_days().between(self.today(), last).days
    }

    /// The report on a duty that was answered, as a file.
    pub(crate) async fn report_on(&self, duty: &Duty) -> Result<Vec<u8>, AppError> {
        let (Some(answer), Some(answered_at)) = (&duty.answer, duty.answered_at) else {
            return Err(AppError::Internal(format!(
                "duty {} is to be reported without an answer",
                duty.id.0
            )));
        };
        let mut context = ReportContext {
            listed_on: china_day(duty.received_at),
            due_on: china_day(duty.due_at - TimeDelta::seconds(1)),
            answered_on: china_day(answered_at),
            ..ReportContext::default()
        };
        if duty.kind == DutyKind::Verification {
            let sponsor = CancellationTarget::Sponsor(duty.number);
            let records = self.inner.store.read().records_with(sponsor).await?;
            if let Some(record) = records.first()
                && let Some(content) = self.content_of(record).await?
            {
                context.mobile = content.sponsor.principal.mobile;
                context.contents = content.service.contents.iter().map(|code| code.get()).collect();
                context.city = content.sponsor.division.map(DivisionCode::city).map(DivisionCode::get);
            }
        }
        duty_file(&duty.content, answer, &context, self.inner.regulator.isp_id()).map_err(|error| match error
        {
            DutyError::Report(error) => AppError::Unsendable(error.to_string()),
            error => AppError::Internal(error.to_string()),
        })
    }

    /// An entry of a list has come. It happens in the transaction that notes the file.
    pub(crate) async fn receive_duty(
        &self,
        tx: &mut Tx<'_>,
        file: &str,
        received: ReceivedDuty,
    ) -> Result<(), AppError> {
        let (rulebook, today) = (self.rulebook(), self.today());
        let national = rulebook.national();
        let term = match received.kind {
            DutyKind::UnfiledSite => &national.unfiled_report_working_days,
            DutyKind::Verification => &national.verification_report_working_days,
        };
        let days = term.as_ref().and_then(|series| series.at(today)).map_or(0, |entry| entry.value);
        let last = rulebook.working_days().after(today, days).day;
        let ReceivedDuty { kind, number, subject, content } = received;
        // The end of that day in China.
        let due_at = end_of_china_day(last);
        let new = NewDuty { kind, number, subject, content, file: file.to_owned(), due_at };
        tx.receive_duty(new).await?;
        Ok(())
    }

    /// The regulator has the report on a duty.
    pub(crate) async fn duty_delivered(
        &self,
        tx: &mut Tx<'_>,
        id: DutyId,
        interface_number: i64,
    ) -> Result<(), AppError> {
        let mut duty = tx.read().duty(id).await?.ok_or(AppError::NotFound)?;
        duty.apply(DutyEvent::Deliver).map_err(|error| AppError::Internal(error.to_string()))?;
        duty.reported_at = Some(self.inner.clock.now());
        tx.update_duty(&mut duty, "duty.deliver", json!({ "interface_number": interface_number })).await?;
        Ok(())
    }

    /// The regulator refuses the report on a site, which it names by its domain.
    pub(crate) async fn refuse_report(
        &self,
        tx: &mut Tx<'_>,
        sequence: Option<u64>,
        domain: &str,
        opinion: String,
        code: u16,
    ) -> Result<(), AppError> {
        let delivery = match sequence.and_then(|sequence| i64::try_from(sequence).ok()) {
            Some(sequence) => tx.read().delivery_of_sequence(sequence).await?,
            None => None,
        };
        let id = match delivery.map(|delivery| delivery.subject) {
            Some(DeliverySubject::Duty(duty)) => Some(duty),
            _ => tx.read().reported_duty_about(domain).await?.map(|duty| duty.id),
        };
        match id {
            Some(id) => self.refuse_duty(tx, id, opinion, code).await,
            None => {
                tracing::warn!(code, "the regulator refuses a report that was not made here");
                Ok(())
            }
        }
    }

    /// The regulator refuses the report on a duty: it is open again.
    pub(crate) async fn refuse_duty(
        &self,
        tx: &mut Tx<'_>,
        id: DutyId,
        opinion: String,
        code: u16,
    ) -> Result<(), AppError> {
        // An answer proves that the file arrived, even if its receipt was lost.
        if let Some(delivery) = tx.read().delivery_of(DeliverySubject::Duty(id)).await?
            && matches!(delivery.state, DeliveryState::Numbered(_))
        {
            tx.complete_delivery(&delivery).await?;
            self.duty_delivered(tx, id, delivery.interface_number).await?;
        }
        let mut duty = tx.read().duty(id).await?.ok_or(AppError::NotFound)?;
        if let Err(error) = duty.apply(DutyEvent::Refuse) {
            tracing::warn!(duty = %id.0, %error, "a refusal of a report that is not with the regulator");
            return Ok(());
        }
        duty.refusal = Some(opinion);
        tx.update_duty(&mut duty, "duty.refuse", json!({ "code": code })).await?;
        Ok(())
    }
}
