//! What operators and filers do about what is not as it was filed.

use beian_domain::{
    DriftEvent, DriftExcuse, DriftId, DriftKind, DriftRemedy, DriftState, FilingKind, LoginName, RecordState,
    ServiceFilingNumber, Text,
};
use beian_store::{
    Actor, DriftCounts, DriftFilter, DriftMark, DriftSweep, FilingRecord, RecordedDrift, RecordedLook,
    StoreError,
};

use super::words::drift_words;
use crate::notice::{Addressee, NoticeEvent, in_path};
use crate::permission::Action;
use crate::records::RecordOrder;
use crate::{App, AppError, User};

/// Records on one page.
pub const DRIFT_PAGE: u64 = 20;

/// What operators see.
#[derive(Debug)]
pub struct DriftDesk {
    /// Records that drift, the most serious first.
    pub records: Vec<DriftingRecord>,
    /// Where the next page begins, if there is one.
    pub next: Option<DriftMark>,
    /// How many records there are, in all and of each class.
    pub counts: DriftCounts,
    /// How far the looks are; `None` if nobody looks.
    pub sweep: Option<DriftSweep>,
}

/// A record with what is not as it was filed.
#[derive(Debug)]
pub struct DriftingRecord {
    /// The record.
    pub record: FilingRecord,
    /// Whose it is.
    pub holder: Option<LoginName>,
    /// The last look at it.
    pub look: Option<RecordedLook>,
    /// What was seen twice, the most serious first.
    pub drifts: Vec<RecordedDrift>,
}

/// How a record does, for its holder.
#[derive(Debug)]
pub struct RecordHealth {
    /// The last look at it; `None` if it was not looked at yet.
    pub look: Option<RecordedLook>,
    /// What was seen twice and is not excused, the most serious first.
    pub drifts: Vec<RecordedDrift>,
}

impl App {
    /// A page of the records of which something is not as it was filed.
    pub async fn drift_desk(
        &self,
        user: &User,
        filter: DriftFilter,
        after: Option<&DriftMark>,
    ) -> Result<DriftDesk, AppError> {
        user.require(Action::WatchDrift, None)?;
        let reader = self.inner.store.read();
        let mut marks = reader.drifting_records(filter, after, DRIFT_PAGE + 1).await?;
        let has_more = marks.len() as u64 > DRIFT_PAGE;
        marks.truncate(usize::try_from(DRIFT_PAGE).unwrap_or(usize::MAX));
        let next = marks.last().filter(|_| has_more).cloned();
        let mut records = Vec::with_capacity(marks.len());
        for (_, number) in marks {
            let Some(record) = reader.record_of_number(&number).await? else { continue };
            let holder = match record.holder {
                Some(account) => reader.account(account).await?.map(|account| account.login),
                None => None,
            };
            let mut drifts = reader.drifts_of(&number).await?;
            drifts.retain(|drift| drift.state() != DriftState::Suspected);
            records.push(DriftingRecord { look: reader.drift_look(&number).await?, record, holder, drifts });
        }
        Ok(DriftDesk {
            records,
            next,
            counts: reader.drift_counts().await?,
            sweep: self.sweep_of_drift().await?,
        })
    }

    /// How far the looks are; `None` if nobody looks.
    pub async fn drift_sweep(&self, user: &User) -> Result<Option<DriftSweep>, AppError> {
        user.require(Action::WatchDrift, None)?;
        self.sweep_of_drift().await
    }

    async fn sweep_of_drift(&self) -> Result<Option<DriftSweep>, AppError> {
        match self.drift_policy() {
            Some(_) => Ok(Some(self.inner.store.read().drift_sweep().await?)),
            None => Ok(None),
        }
    }

    /// Tells the holder of a record of what they were not told yet, once of each. Answers with how much that was;
    /// [`NotFound`](AppError::NotFound) if there is nothing, or nobody to tell.
    pub async fn tell_drift(&self, user: &User, number: &ServiceFilingNumber) -> Result<u64, AppError> {
        user.require(Action::WatchDrift, None)?;
        let reader = self.inner.store.read();
        let record = reader.record_of_number(number).await?.ok_or(AppError::NotFound)?;
        let content = self.content_of(&record).await?;
        let to = Addressee::of_record(&record, content.as_ref()).ok_or(AppError::NotFound)?;
        let mut drifts = reader.drifts_of(number).await?;
        drifts.retain(|drift| drift.state() == DriftState::Open);
        if drifts.is_empty() {
            return Err(AppError::NotFound);
        }
        let event = notice(&record, &drifts);
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        for drift in &mut drifts {
            drift.apply(DriftEvent::Tell).map_err(|error| AppError::Internal(error.to_string()))?;
            tx.update_drift(drift, "drift.tell").await?;
        }
        self.tell(&mut tx, &to, &event).await?;
        tx.commit().await?;
        self.wake_worker();
        Ok(drifts.len() as u64)
    }

    /// Decides that nobody need be told of a drift. [`Stale`](AppError::Stale) if something was done to it meanwhile.
    pub async fn excuse_drift(
        &self,
        user: &User,
        id: DriftId,
        revision: i64,
        excuse: DriftExcuse,
    ) -> Result<(), AppError> {
        self.change_drift(user, id, revision, DriftEvent::Excuse(excuse), "drift.excuse").await
    }

    /// Takes that back.
    pub async fn reopen_drift(&self, user: &User, id: DriftId, revision: i64) -> Result<(), AppError> {
        self.change_drift(user, id, revision, DriftEvent::Reopen, "drift.reopen").await
    }

    async fn change_drift(
        &self,
        user: &User,
        id: DriftId,
        revision: i64,
        event: DriftEvent,
        action: &'static str,
    ) -> Result<(), AppError> {
        user.require(Action::WatchDrift, None)?;
        let mut drift = self.inner.store.read().drift(id).await?.ok_or(AppError::NotFound)?;
        if drift.revision != revision || drift.apply(event).is_err() {
            return Err(AppError::Stale { expected: revision });
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.update_drift(&mut drift, action).await.map_err(|error| match error {
            StoreError::Stale { expected, .. } => AppError::Stale { expected },
            other => other.into(),
        })?;
        Ok(tx.commit().await?)
    }

    /// Has a record looked at before its time: as soon as its turn can come.
    pub async fn look_for_drift_again(
        &self,
        user: &User,
        number: &ServiceFilingNumber,
    ) -> Result<(), AppError> {
        user.require(Action::WatchDrift, None)?;
        let record = self.inner.store.read().record_of_number(number).await?;
        if record.is_none_or(|record| record.state != RecordState::Active) {
            return Err(AppError::NotFound);
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.look_for_drift_again(number).await?;
        tx.commit().await?;
        self.inner.wake_drift.notify_one();
        Ok(())
    }

    /// How a record of the user does; `None` if it does not hold, or nobody looks.
    pub async fn record_health(
        &self,
        user: &User,
        number: &ServiceFilingNumber,
    ) -> Result<Option<RecordHealth>, AppError> {
        let record = self.own_record(user, number).await?;
        if record.state != RecordState::Active || self.drift_policy().is_none() {
            return Ok(None);
        }
        let reader = self.inner.store.read();
        let mut drifts = reader.drifts_of(number).await?;
        drifts.retain(|drift| drift.state().counts());
        Ok(Some(RecordHealth { look: reader.drift_look(number).await?, drifts }))
    }

    /// Begins the order that mends a drift of the user's record, with what was seen filled in.
    /// [`NotOffered`](AppError::NotOffered) if the record does not drift so, or no order mends it.
    ///
    /// It is the holder's to begin: an order is what they state, and staff states nothing for them.
    pub async fn begin_against_drift(
        &self,
        user: &User,
        number: &ServiceFilingNumber,
        kind: DriftKind,
    ) -> Result<RecordOrder, AppError> {
        self.own_record(user, number).await?;
        let drifts = self.inner.store.read().drifts_of(number).await?;
        let found = drifts.iter().find(|drift| drift.drift.kind() == kind && drift.state().counts());
        let remedy = found.ok_or(AppError::NotOffered)?.drift.remedy();
        match remedy {
            DriftRemedy::MoveAccess { resource } => {
                let move_there = |case: &mut beian_domain::Case| {
                    case.access.resource = Some(resource);
                    case.access.authorization_code = None;
                };
                self.begin_filled_in(user, number, FilingKind::ChangeAccess, move_there).await
            }
            DriftRemedy::EndAccess => self.begin_about_record(user, number, FilingKind::CancelAccess).await,
            DriftRemedy::CancelService => {
                self.begin_about_record(user, number, FilingKind::CancelService).await
            }
            DriftRemedy::RestateDomain => {
                // The day that has passed is not stated again by mistake.
                let forget_day = |case: &mut beian_domain::Case| case.service.registration.expires_on = None;
                self.begin_filled_in(user, number, FilingKind::ChangeService, forget_day).await
            }
            DriftRemedy::PutFooter | DriftRemedy::Elsewhere => Err(AppError::NotOffered),
        }
    }
}

fn notice(record: &FilingRecord, drifts: &[RecordedDrift]) -> NoticeEvent {
    let (mut zh, mut en) = (String::new(), String::new());
    for drift in drifts {
        let words = drift_words(&drift.drift);
        let (seen_zh, seen_en) = match &words.seen {
            Some(seen) => (format!("（{}）", seen.zh), format!(" ({})", seen.en)),
            None => Default::default(),
        };
        zh.push_str(&format!("· {}{seen_zh}。{}。\n", words.what.zh, words.remedy.zh));
        en.push_str(&format!("· {}{seen_en}. {}.\n", words.what.en, words.remedy.en));
    }
    let (number, domain) = (&record.service_number, record.domain.as_unicode());
    let ascii = record.domain.as_ascii();
    NoticeEvent::General {
        subject: Text::new(format!("{domain} 与备案信息不一致"), format!("{ascii} is not as it was filed")),
        body: Text::new(
            format!(
                "我们例行检查 {domain}（{number}）时发现：\n\n{zh}\n管局核查发现不一致时，可能要求限期整改、\
                 取消接入或注销备案。请尽快处理；处理后我们会再次检查，无需回复。"
            ),
            format!(
                "When we looked at {ascii} ({number}), as we do from time to time, we found:\n\n{en}\nA check of the \
                 regulator's that finds this can set a term, end the access or cancel the record. Please mend it soon; \
                 we look again by ourselves, you need not answer."
            ),
        ),
        link: Some(format!("/records/{}", in_path(number))),
    }
}
