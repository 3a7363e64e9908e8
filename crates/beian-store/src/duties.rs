//! The provider's duties: what the regulator's lists want done, what was done, and what became of the report.

use beian_domain::{
    DutyAnswer, DutyContent, DutyEvent, DutyId, DutyKind, DutyState, InvalidDutyEvent, Personal,
    UnfiledAnswer, UnfiledHandling, VerificationAnswer, VerificationOutcome,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::entity::duty as table;
use crate::sealing::Place;
use crate::{DeliverySubject, Reader, Result, StoreError, Subject, Tx, exists, inconsistent};

/// Something that the regulator wants done and reported.
#[derive(Debug, Clone)]
pub struct Duty {
    /// Our identifier.
    pub id: DutyId,
    /// Which kind.
    pub kind: DutyKind,
    /// The regulator's number for what it is about.
    pub number: u64,
    /// A domain of it, as it was written.
    pub subject: String,
    /// The entry, as the regulator wrote it last.
    pub content: DutyContent,
    /// The regulator's file that it came with first.
    pub file: String,
    /// Where it stands; changed by [`Duty::apply`] alone.
    state: DutyState,
    /// How often it was changed.
    pub revision: i64,
    /// How often a list had it.
    pub listed: u32,
    /// When it came first.
    pub received_at: DateTime<Utc>,
    /// By when it is due.
    pub due_at: DateTime<Utc>,
    /// What was done.
    pub answer: Option<DutyAnswer>,
    /// When somebody said so.
    pub answered_at: Option<DateTime<Utc>>,
    /// Since when the regulator has the report.
    pub reported_at: Option<DateTime<Utc>>,
    /// Why the regulator refused the report, in its words.
    pub refusal: Option<String>,
}

impl Duty {
    /// Where it stands.
    pub fn state(&self) -> DutyState {
        self.state
    }

    /// Lets `event` happen to it, in memory; [`Tx::update_duty`] keeps it.
    pub fn apply(&mut self, event: DutyEvent) -> Result<(), InvalidDutyEvent> {
        self.state = self.state.after(event)?;
        Ok(())
    }

    fn key(&self) -> String {
        format!("{} {}", self.kind.slug(), self.number)
    }
}

/// An entry of a list.
#[derive(Debug)]
pub struct NewDuty {
    /// Which kind.
    pub kind: DutyKind,
    /// The regulator's number for what it is about.
    pub number: u64,
    /// A domain of it, as it was written.
    pub subject: String,
    /// The entry.
    pub content: DutyContent,
    /// The regulator's file that it came with.
    pub file: String,
    /// By when it is due.
    pub due_at: DateTime<Utc>,
}

/// Which duties are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DutyFilter {
    /// Those that somebody is to work on.
    Open,
    /// Those of them that are of one kind.
    OpenOf(DutyKind),
    /// Those of them, and of what waits for its turn to leave, that were due before this moment.
    OverdueAt(DateTime<Utc>),
    /// Those whose report was made.
    Done,
}

impl DutyFilter {
    fn condition(self) -> Condition {
        let in_states = |states: &[DutyState]| {
            table::Column::State.is_in(states.iter().map(|state| state.slug()).collect::<Vec<_>>())
        };
        let all = Condition::all();
        match self {
            Self::Open => all.add(in_states(&[DutyState::Open, DutyState::Refused])),
            Self::OpenOf(kind) => Self::Open.condition().add(table::Column::Kind.eq(kind.slug())),
            Self::OverdueAt(moment) => all
                .add(in_states(&[DutyState::Open, DutyState::Refused, DutyState::Queued]))
                .add(table::Column::DueAt.lt(moment)),
            Self::Done => all.add(in_states(&[DutyState::Queued, DutyState::Reported])),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "kebab-case")]
enum Plain {
    Handled { handling: u16, opinion: String, reporter: Option<String> },
    Verified { outcome: u16, opinion: String, faults: Option<String>, verifier: String },
}

const CONTENT: &str = "duty.content";
const ANSWER: &str = "duty.answer";

impl Tx<'_> {
    /// Keeps an entry of a list. One that is here and not reported yet is the same duty: it keeps its day, and
    /// what it says is what was written last. `false` for such a one.
    pub async fn receive_duty(&mut self, new: NewDuty) -> Result<bool> {
        let duty = Duty {
            id: DutyId(beian_domain::new_uuid(&*self.store.clock, &*self.store.random)),
            kind: new.kind,
            number: new.number,
            subject: new.subject,
            content: new.content,
            file: new.file,
            state: DutyState::Open,
            revision: 1,
            listed: 1,
            received_at: self.store.clock.now(),
            due_at: new.due_at,
            answer: None,
            answered_at: None,
            reported_at: None,
            refusal: None,
        };
        let known = table::Entity::find()
            .filter(table::Column::OpenKey.eq(duty.key()))
            .one(&self.db)
            .await?
            .map(|row| self.read().read_duty(row))
            .transpose()?;
        if let Some(mut known) = known {
            known.listed = known.listed.saturating_add(1);
            // What is on its way was made of what was written then.
            if known.state.is_open() {
                known.content = duty.content;
                known.subject = duty.subject;
            }
            let detail = json!({"file": duty.file});
            self.update_duty(&mut known, "duty.listed-again", detail).await?;
            return Ok(false);
        }
        let key = Some(duty.key());
        table::Entity::insert(self.duty_row(&duty, key)?)
            .exec_without_returning(&self.db)
            .await
            .map_err(|error| exists(error, "open duty"))?;
        let detail = json!({"kind": duty.kind.slug(), "number": duty.number, "file": duty.file});
        self.note("duty.receive", &subject(&duty), detail);
        Ok(true)
    }

    /// Queues the report on a duty, which was given its answer and the event.
    pub async fn queue_duty(&mut self, duty: &mut Duty) -> Result<()> {
        let interface_number = self.insert_delivery_of(DeliverySubject::Duty(duty.id)).await?;
        self.update_duty(duty, "duty.answer", json!({"interface_number": interface_number})).await
    }

    /// Notes that somebody looked at the personal data of a duty in plain.
    pub fn note_duty_shown(&mut self, duty: DutyId) {
        self.note("duty.show", &DeliverySubject::Duty(duty).audited(), json!({}));
    }

    /// Keeps what has become of a duty. [`Stale`](StoreError::Stale) if somebody changed it since it was read.
    pub async fn update_duty(&mut self, duty: &mut Duty, action: &'static str, detail: Value) -> Result<()> {
        let read_revision = duty.revision;
        duty.revision += 1;
        let key = duty.key();
        let other = table::Entity::find()
            .filter(table::Column::OpenKey.eq(key.clone()))
            .filter(table::Column::Id.ne(duty.id.0))
            .count(&self.db)
            .await?;
        // What was listed again after its report is a duty of its own, whatever becomes of that report.
        let open_key = Some(key).filter(|_| duty.state != DutyState::Reported && other == 0);
        let result = table::Entity::update_many()
            .set(self.duty_row(duty, open_key)?)
            .filter(table::Column::Id.eq(duty.id.0))
            .filter(table::Column::Revision.eq(read_revision))
            .exec(&self.db)
            .await
            .map_err(|error| exists(error, "open duty"))?;
        if result.rows_affected != 1 {
            return Err(StoreError::Stale { thing: format!("duty {}", duty.id.0), expected: read_revision });
        }
        self.note(action, &subject(duty), detail);
        Ok(())
    }

    fn duty_row(&self, duty: &Duty, open_key: Option<String>) -> Result<table::ActiveModel> {
        let row = duty.id.0.to_string();
        let seal = |table_and_column, plain: &[u8]| {
            self.store.sealer.seal(Place { table_and_column, row: &row }, plain)
        };
        let answer_sealed = duty
            .answer
            .as_ref()
            .map(|answer| {
                let plain = serde_json::to_vec(&plain_of(answer))
                    .map_err(|error| inconsistent(ANSWER, "an answer that can be written")(&error))?;
                seal(ANSWER, &Zeroizing::new(plain))
            })
            .transpose()?;
        Ok(table::ActiveModel {
            id: Set(duty.id.0),
            kind: Set(duty.kind.slug().to_owned()),
            number: Set(i64::try_from(duty.number).unwrap_or(i64::MAX)),
            subject: Set(duty.subject.clone()),
            content_sealed: Set(seal(CONTENT, duty.content.expose())?),
            file: Set(duty.file.clone()),
            state: Set(duty.state.slug().to_owned()),
            open_key: Set(open_key),
            revision: Set(duty.revision),
            listed: Set(duty.listed.into()),
            received_at: Set(duty.received_at),
            due_at: Set(duty.due_at),
            answer_sealed: Set(answer_sealed),
            answered_at: Set(duty.answered_at),
            reported_at: Set(duty.reported_at),
            refusal: Set(duty.refusal.clone()),
        })
    }
}

fn subject(duty: &Duty) -> Subject {
    DeliverySubject::Duty(duty.id).audited()
}

fn plain_of(answer: &DutyAnswer) -> Plain {
    match answer {
        DutyAnswer::Handled(answer) => Plain::Handled {
            handling: answer.handling().code(),
            opinion: answer.opinion().to_owned(),
            reporter: answer.reporter().map(|name| name.expose().to_owned()),
        },
        DutyAnswer::Verified(answer) => Plain::Verified {
            outcome: answer.outcome().code(),
            opinion: answer.opinion().to_owned(),
            faults: answer.faults().map(str::to_owned),
            verifier: answer.verifier().expose().to_owned(),
        },
    }
}

fn answer_of(plain: Plain) -> Result<DutyAnswer> {
    let wrong = |error: &dyn std::fmt::Display| inconsistent(ANSWER, "an answer")(error);
    Ok(match plain {
        Plain::Handled { handling, opinion, reporter } => {
            let handling = UnfiledHandling::from_code(handling).map_err(|error| wrong(&error))?;
            let answer = UnfiledAnswer::new(handling, &opinion, reporter.map(Personal::new));
            DutyAnswer::Handled(answer.map_err(|error| wrong(&error))?)
        }
        Plain::Verified { outcome, opinion, faults, verifier } => {
            let outcome = VerificationOutcome::from_code(outcome).map_err(|error| wrong(&error))?;
            let verifier = Personal::new(verifier);
            let answer = VerificationAnswer::new(outcome, &opinion, faults.as_deref(), verifier);
            DutyAnswer::Verified(answer.map_err(|error| wrong(&error))?)
        }
    })
}

impl Reader<'_> {
    /// The duty of an identifier.
    pub async fn duty(&self, id: DutyId) -> Result<Option<Duty>> {
        table::Entity::find_by_id(id.0).one(&self.db).await?.map(|row| self.read_duty(row)).transpose()
    }

    /// At most `limit` duties of a filter, longest due first, after the one that is due then.
    pub async fn duties(
        &self,
        filter: DutyFilter,
        after: Option<(DateTime<Utc>, DutyId)>,
        limit: u64,
    ) -> Result<Vec<Duty>> {
        let mut select = table::Entity::find().filter(filter.condition());
        if let Some((due, id)) = after {
            let later = Condition::all().add(table::Column::DueAt.eq(due)).add(table::Column::Id.gt(id.0));
            select = select.filter(Condition::any().add(table::Column::DueAt.gt(due)).add(later));
        }
        let rows = select
            .order_by_asc(table::Column::DueAt)
            .order_by_asc(table::Column::Id)
            .limit(limit)
            .all(&self.db)
            .await?;
        rows.into_iter().map(|row| self.read_duty(row)).collect()
    }

    /// How many duties of a filter there are.
    pub async fn count_duties(&self, filter: DutyFilter) -> Result<u64> {
        Ok(table::Entity::find().filter(filter.condition()).count(&self.db).await?)
    }

    /// When the duties of a filter are due, the earliest first, and how many are due then.
    pub async fn duties_due(&self, filter: DutyFilter) -> Result<Vec<(DateTime<Utc>, u64)>> {
        let rows: Vec<(DateTime<Utc>, i64)> = table::Entity::find()
            .select_only()
            .column(table::Column::DueAt)
            .column_as(table::Column::Id.count(), "number")
            .filter(filter.condition())
            .group_by(table::Column::DueAt)
            .order_by_asc(table::Column::DueAt)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|(due, number)| (due, number.unsigned_abs())).collect())
    }

    /// The duty about an unfiled site whose report was sent last, by its domain as the regulator wrote it.
    pub async fn reported_duty_about(&self, domain: &str) -> Result<Option<Duty>> {
        table::Entity::find()
            .filter(table::Column::Kind.eq(DutyKind::UnfiledSite.slug()))
            .filter(table::Column::Subject.eq(domain))
            .filter(table::Column::AnsweredAt.is_not_null())
            .order_by_desc(table::Column::AnsweredAt)
            .one(&self.db)
            .await?
            .map(|row| self.read_duty(row))
            .transpose()
    }

    fn read_duty(&self, row: table::Model) -> Result<Duty> {
        let place = row.id.to_string();
        let place = |table_and_column| Place { table_and_column, row: &place };
        let answer = match &row.answer_sealed {
            None => None,
            Some(sealed) => {
                let plain = self.sealer.open(place(ANSWER), sealed)?;
                // The message of serde_json can repeat what it read.
                let plain = serde_json::from_slice(&plain)
                    .map_err(|_| inconsistent(ANSWER, "an answer")(&"something else"))?;
                Some(answer_of(plain)?)
            }
        };
        let content = self.sealer.open(place(CONTENT), &row.content_sealed)?;
        Ok(Duty {
            id: DutyId(row.id),
            kind: row.kind.parse().map_err(|error| inconsistent("duty.kind", "a kind")(&error))?,
            number: row.number.unsigned_abs(),
            subject: row.subject,
            content: DutyContent::new(content.to_vec()),
            file: row.file,
            state: row.state.parse().map_err(|error| inconsistent("duty.state", "a state")(&error))?,
            revision: row.revision,
            listed: u32::try_from(row.listed).unwrap_or(u32::MAX),
            received_at: row.received_at,
            due_at: row.due_at,
            answer,
            answered_at: row.answered_at,
            reported_at: row.reported_at,
            refusal: row.refusal,
        })
    }
}
