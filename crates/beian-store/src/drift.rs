//! What is not as it was filed: one row a record and kind, for as long as looks see it; and when each record was looked
//! at.

use std::collections::{BTreeMap, BTreeSet};

use beian_domain::{
    DomainName, Drift, DriftClass, DriftEvent, DriftId, DriftKind, DriftLook, DriftState, InvalidDriftEvent,
    LookSchedule, NextLook, NotSeen, RecordState, ServiceFilingNumber,
};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};
use serde_json::json;

use crate::entity::{drift as table, drift_look, filing_record};
use crate::{Reader, Result, StoreError, Subject, Tx, exists, inconsistent, records};

/// What is not as it was filed, of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedDrift {
    /// Our identifier.
    pub id: DriftId,
    /// The record, by the number of its service.
    pub service_number: ServiceFilingNumber,
    /// What was seen last.
    pub drift: Drift,
    /// Where it stands; changed by [`RecordedDrift::apply`] alone.
    state: DriftState,
    /// How often it was changed.
    pub revision: i64,
    /// When a look saw it first.
    pub first_seen: DateTime<Utc>,
    /// When a look saw it last.
    pub last_seen: DateTime<Utc>,
}

/// A record whose turn to be looked at has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordDue {
    /// The number of its service.
    pub service_number: ServiceFilingNumber,
    /// Where its site is.
    pub domain: DomainName,
}

/// The last look at a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedLook {
    /// When it was.
    pub looked_at: DateTime<Utc>,
    /// When the next is due.
    pub due_at: DateTime<Utc>,
    /// What was not looked at, and why.
    pub not_seen: BTreeMap<DriftClass, NotSeen>,
}

/// What a look has changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LookOutcome {
    /// Drifts that count from now on.
    pub confirmed: u64,
    /// Drifts that are gone.
    pub ended: u64,
}

/// How far the looks are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DriftSweep {
    /// Records that hold.
    pub records: u64,
    /// How many of them were looked at.
    pub looked_at: u64,
    /// When the last look was.
    pub last: Option<DateTime<Utc>>,
    /// What was not looked at in the last look at each record: how many records, by class and reason.
    pub not_seen: BTreeMap<(DriftClass, NotSeen), u64>,
}

/// Which drifting records are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftFilter {
    /// Those with a drift that counts.
    Counting,
    /// Those with a drift of a class that counts.
    Of(DriftClass),
    /// Those with a drift that is excused.
    Excused,
}

impl DriftFilter {
    fn condition(self) -> Condition {
        match self {
            Self::Counting => in_states(DriftState::counts),
            Self::Of(class) => in_states(DriftState::counts).add(table::Column::Class.eq(class.slug())),
            Self::Excused => in_states(|state| matches!(state, DriftState::Excused(_))),
        }
    }
}

/// How many records drift.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DriftCounts {
    /// In any class.
    pub records: u64,
    /// With a drift that is excused.
    pub excused: u64,
    /// In each.
    pub of_class: BTreeMap<DriftClass, u64>,
}

/// Where a page of drifting records ended: the weight of its last one, and which it was.
pub type DriftMark = (u8, ServiceFilingNumber);

impl RecordedDrift {
    /// Where it stands.
    pub fn state(&self) -> DriftState {
        self.state
    }

    /// Lets `event` happen to it, in memory; [`Tx::update_drift`] keeps it.
    pub fn apply(&mut self, event: DriftEvent) -> std::result::Result<(), InvalidDriftEvent> {
        self.state = self.state.after(event)?;
        Ok(())
    }
}

impl Tx<'_> {
    /// Keeps what a look at a record saw, and when the next is due. What was seen before and is not seen now is gone, if
    /// it was looked at; what could not be looked at stays as it was.
    pub async fn keep_drift_look(
        &mut self,
        number: &ServiceFilingNumber,
        look: &DriftLook,
        schedule: &LookSchedule,
    ) -> Result<LookOutcome> {
        let now = self.store.clock.now();
        let mut outcome = LookOutcome::default();
        let mut seen: BTreeMap<DriftKind, &Drift> =
            look.drifts().map(|drift| (drift.kind(), drift)).collect();
        let mut is_suspected = false;
        for mut known in self.read().drifts_of(number).await? {
            let kind = known.drift.kind();
            let Some(drift) = seen.remove(&kind) else {
                if look.ends(&known.drift) {
                    table::Entity::delete_by_id(known.id.0).exec(&self.db).await?;
                    if known.state != DriftState::Suspected {
                        outcome.ended += 1;
                        self.note("drift.end", &subject(number), json!({ "kind": kind.slug() }));
                    }
                } else {
                    is_suspected |= known.state == DriftState::Suspected;
                }
                continue;
            };
            let before = known.state;
            let event =
                DriftEvent::See { since_first: now - known.first_seen, confirms_after: schedule.again };
            // Every state takes this event.
            known.state = before.after(event).unwrap_or(before);
            if look.replaces(&known.drift, drift) {
                known.drift = drift.clone();
            }
            known.last_seen = now;
            if known.state != before {
                outcome.confirmed += 1;
                self.note("drift.confirm", &subject(number), json!({ "kind": kind.slug() }));
            }
            is_suspected |= known.state == DriftState::Suspected;
            self.write_drift(&mut known).await?;
        }
        for drift in seen.into_values() {
            is_suspected = true;
            let drift = RecordedDrift {
                id: DriftId(beian_domain::new_uuid(&*self.store.clock, &*self.store.random)),
                service_number: number.clone(),
                drift: drift.clone(),
                state: DriftState::Suspected,
                revision: 1,
                first_seen: now,
                last_seen: now,
            };
            table::Entity::insert(row(&drift, now)?)
                .exec_without_returning(&self.db)
                .await
                .map_err(|error| exists(error, "drift"))?;
        }
        self.keep_look_row(number, look, schedule, is_suspected).await?;
        Ok(outcome)
    }

    async fn keep_look_row(
        &mut self,
        number: &ServiceFilingNumber,
        look: &DriftLook,
        schedule: &LookSchedule,
        is_suspected: bool,
    ) -> Result<()> {
        let now = self.store.clock.now();
        let known = drift_look::Entity::find_by_id(number.to_string()).one(&self.db).await?;
        let has_failed = look.not_seen().any(|(_, why)| why.is_passing());
        let before = known.as_ref().map_or(0, |known| u32::try_from(known.failures).unwrap_or(u32::MAX));
        let failures = if has_failed { before.saturating_add(1) } else { 0 };
        // Never later than in time; and who hides one thing does not put off the second look at another.
        let planned = if is_suspected { NextLook::Confirm } else { NextLook::InTime };
        let retry = has_failed.then_some(NextLook::Retry { failures });
        let planned = schedule.next(now, planned);
        let due_at = retry.map_or(planned, |retry| std::cmp::min(planned, schedule.next(now, retry)));
        let not_seen: BTreeMap<DriftClass, NotSeen> = look.not_seen().collect();
        let why = |class| Set(not_seen.get(&class).map(|why| why.slug().to_owned()));
        let row = drift_look::ActiveModel {
            service_number: Set(number.to_string()),
            looked_at: Set(now),
            due_at: Set(due_at),
            failures: Set(failures.into()),
            resolution: why(DriftClass::Resolution),
            footer: why(DriftClass::Footer),
            certificate: why(DriftClass::Certificate),
            domain: why(DriftClass::Domain),
        };
        if known.is_some() {
            drift_look::Entity::update(row).exec(&self.db).await?;
        } else {
            drift_look::Entity::insert(row)
                .exec_without_returning(&self.db)
                .await
                .map_err(|error| exists(error, "look at a record"))?;
        }
        Ok(())
    }

    /// Keeps what has become of a drift. [`Stale`](StoreError::Stale) if somebody changed it since it was read.
    pub async fn update_drift(&mut self, drift: &mut RecordedDrift, action: &'static str) -> Result<()> {
        self.write_drift(drift).await?;
        let detail = json!({ "kind": drift.drift.kind().slug(), "state": drift.state.slug() });
        self.note(action, &subject(&drift.service_number), detail);
        Ok(())
    }

    async fn write_drift(&mut self, drift: &mut RecordedDrift) -> Result<()> {
        let read = drift.revision;
        drift.revision += 1;
        let updated = table::Entity::update_many()
            .set(row(drift, self.store.clock.now())?)
            .filter(table::Column::Id.eq(drift.id.0))
            .filter(table::Column::Revision.eq(read))
            .exec(&self.db)
            .await?;
        if updated.rows_affected != 1 {
            return Err(StoreError::Stale { thing: format!("drift {}", drift.id.0), expected: read });
        }
        Ok(())
    }

    /// Has a record looked at as soon as it can be. Whoever was never looked at is anyway.
    pub async fn look_for_drift_again(&mut self, number: &ServiceFilingNumber) -> Result<()> {
        drift_look::Entity::update_many()
            .col_expr(drift_look::Column::DueAt, Expr::value(self.store.clock.now()))
            .filter(drift_look::Column::ServiceNumber.eq(number.to_string()))
            .exec(&self.db)
            .await?;
        self.note("drift.look-again", &subject(number), json!({}));
        Ok(())
    }

    /// Forgets what was seen of records that hold no longer. Answers with how many looks and drifts that were.
    pub async fn forget_drift_of_ended(&mut self) -> Result<u64> {
        let looks = drift_look::Column::ServiceNumber.not_in_subquery(active_numbers());
        let looks = drift_look::Entity::delete_many().filter(looks).exec(&self.db).await?.rows_affected;
        let drifts = table::Column::ServiceNumber.not_in_subquery(active_numbers());
        let drifts = table::Entity::delete_many().filter(drifts).exec(&self.db).await?.rows_affected;
        Ok(looks + drifts)
    }
}

fn subject(number: &ServiceFilingNumber) -> Subject {
    Subject::Other("record", number.to_string())
}

/// The numbers of records that hold, to be asked inside another question.
fn active_numbers() -> SelectStatement {
    records::active().select_only().column(filing_record::Column::ServiceNumber).into_query()
}

fn row(drift: &RecordedDrift, now: DateTime<Utc>) -> Result<table::ActiveModel> {
    let kind = drift.drift.kind();
    let evidence = serde_json::to_string(&drift.drift)
        .map_err(|error| inconsistent("drift.evidence", "what can be written")(&error))?;
    Ok(table::ActiveModel {
        id: Set(drift.id.0),
        service_number: Set(drift.service_number.to_string()),
        kind: Set(kind.slug().to_owned()),
        class: Set(kind.class().slug().to_owned()),
        weight: Set(kind.weight().into()),
        state: Set(drift.state.slug().to_owned()),
        revision: Set(drift.revision),
        evidence: Set(evidence),
        first_seen: Set(drift.first_seen),
        last_seen: Set(drift.last_seen),
        changed_at: Set(now),
    })
}

fn read_due(number: &str, domain: &str) -> Result<RecordDue> {
    let service_number = records::parse("filing_record.service_number", number)?;
    Ok(RecordDue { service_number, domain: records::parse("filing_record.domain", domain)? })
}

fn in_states(are_meant: impl Fn(DriftState) -> bool) -> Condition {
    let states = DriftState::ALL.into_iter().filter(|state| are_meant(*state)).map(DriftState::slug);
    Condition::all().add(table::Column::State.is_in(states))
}

impl Reader<'_> {
    /// At most `limit` records that are to be looked at by now, those first that have waited longest: since their look was
    /// due, since they were changed, or since what they say is so, if they were never looked at. So nobody waits for
    /// ever, however many there are.
    pub async fn records_to_look_at(&self, now: DateTime<Utc>, limit: u64) -> Result<Vec<RecordDue>> {
        use filing_record::Column;
        type Waiting = (DateTime<Utc>, String);
        let mut waiting: Vec<Waiting> = drift_look::Entity::find()
            .select_only()
            .column(drift_look::Column::DueAt)
            .column(drift_look::Column::ServiceNumber)
            .filter(drift_look::Column::DueAt.lte(now))
            .filter(drift_look::Column::ServiceNumber.in_subquery(active_numbers()))
            .order_by_asc(drift_look::Column::DueAt)
            .limit(limit)
            .into_tuple()
            .all(&self.db)
            .await?;
        let looks = || Query::select().from(drift_look::Entity).expr(Expr::val(1)).to_owned();
        let of_this = || {
            Expr::col((drift_look::Entity, drift_look::Column::ServiceNumber))
                .equals((filing_record::Entity, Column::ServiceNumber))
        };
        let as_of = || Expr::col((filing_record::Entity, Column::AsOf));
        let is_older = Expr::col((drift_look::Entity, drift_look::Column::LookedAt)).lt(as_of());
        let changed = looks().and_where(of_this()).and_where(is_older).to_owned();
        let never = looks().and_where(of_this()).to_owned();
        for select in [
            // What is said to be of a day that has not come would be looked at without end.
            records::active().filter(Expr::exists(changed)).filter(Column::AsOf.lte(now)),
            records::active().filter(Expr::exists(never).not()),
        ] {
            let found: Vec<Waiting> = select
                .select_only()
                .column(Column::AsOf)
                .column(Column::ServiceNumber)
                .order_by_asc(Column::AsOf)
                .limit(limit)
                .into_tuple()
                .all(&self.db)
                .await?;
            waiting.extend(found);
        }
        waiting.sort_unstable();
        let mut seen = BTreeSet::new();
        waiting.retain(|(_, number)| (seen.len() as u64) < limit && seen.insert(number.clone()));
        let domains: BTreeMap<String, String> = filing_record::Entity::find()
            .select_only()
            .column(Column::ServiceNumber)
            .column(Column::Domain)
            .filter(Column::ServiceNumber.is_in(seen))
            .into_tuple::<(String, String)>()
            .all(&self.db)
            .await?
            .into_iter()
            .collect();
        let due = |(_, number): Waiting| {
            let domain = domains.get(&number)?;
            Some(read_due(&number, domain))
        };
        waiting.into_iter().filter_map(due).collect()
    }

    /// At most `limit` records that drift, the most serious first, after a mark.
    pub async fn drifting_records(
        &self,
        filter: DriftFilter,
        after: Option<&DriftMark>,
        limit: u64,
    ) -> Result<Vec<DriftMark>> {
        let weight = || Expr::col(table::Column::Weight).max();
        let mut select = table::Entity::find()
            .select_only()
            .column(table::Column::ServiceNumber)
            .column_as(table::Column::Weight.max(), "worst")
            .filter(filter.condition())
            .group_by(table::Column::ServiceNumber)
            .order_by_desc(weight())
            .order_by_asc(table::Column::ServiceNumber)
            .limit(limit);
        if let Some((worst, number)) = after {
            let worst = i64::from(*worst);
            let behind = Condition::all()
                .add(weight().eq(worst))
                .add(Expr::col(table::Column::ServiceNumber).gt(number.to_string()));
            select = select.having(Condition::any().add(weight().lt(worst)).add(behind));
        }
        let rows: Vec<(String, i64)> = select.into_tuple().all(&self.db).await?;
        rows.into_iter()
            .map(|(number, worst)| {
                let worst = u8::try_from(worst)
                    .map_err(|error| inconsistent("drift.weight", "a weight to 100")(&error))?;
                Ok((worst, parse("drift.service_number", &number)?))
            })
            .collect()
    }

    /// What is not as filed of a record, in every state, the most serious first.
    pub async fn drifts_of(&self, number: &ServiceFilingNumber) -> Result<Vec<RecordedDrift>> {
        let select = table::Entity::find()
            .filter(table::Column::ServiceNumber.eq(number.to_string()))
            .order_by_desc(table::Column::Weight);
        select.all(&self.db).await?.into_iter().map(read).collect()
    }

    /// The drift of an identifier.
    pub async fn drift(&self, id: DriftId) -> Result<Option<RecordedDrift>> {
        table::Entity::find_by_id(id.0).one(&self.db).await?.map(read).transpose()
    }

    /// How many records drift.
    pub async fn drift_counts(&self) -> Result<DriftCounts> {
        let mut counts = DriftCounts {
            records: self.count_drifting_records(DriftFilter::Counting).await?,
            excused: self.count_drifting_records(DriftFilter::Excused).await?,
            of_class: BTreeMap::new(),
        };
        for class in DriftClass::ALL {
            let count = self.count_drifting_records(DriftFilter::Of(class)).await?;
            counts.of_class.insert(class, count);
        }
        Ok(counts)
    }

    /// How many records drift.
    pub async fn count_drifting_records(&self, filter: DriftFilter) -> Result<u64> {
        let records = table::Entity::find()
            .select_only()
            .column(table::Column::ServiceNumber)
            .filter(filter.condition())
            .distinct();
        Ok(records.count(&self.db).await?)
    }

    /// The last look at a record.
    pub async fn drift_look(&self, number: &ServiceFilingNumber) -> Result<Option<RecordedLook>> {
        let Some(row) = drift_look::Entity::find_by_id(number.to_string()).one(&self.db).await? else {
            return Ok(None);
        };
        let mut not_seen = BTreeMap::new();
        for (class, why) in [
            (DriftClass::Resolution, &row.resolution),
            (DriftClass::Footer, &row.footer),
            (DriftClass::Certificate, &row.certificate),
            (DriftClass::Domain, &row.domain),
        ] {
            if let Some(why) = why {
                not_seen.insert(class, parse("drift_look", why)?);
            }
        }
        Ok(Some(RecordedLook { looked_at: row.looked_at, due_at: row.due_at, not_seen }))
    }

    /// How many records hold.
    pub async fn count_active_records(&self) -> Result<u64> {
        let active = filing_record::Column::State.eq(RecordState::Active.slug());
        Ok(filing_record::Entity::find().filter(active).count(&self.db).await?)
    }

    /// How far the looks are.
    pub async fn drift_sweep(&self) -> Result<DriftSweep> {
        let last: Option<Option<DateTime<Utc>>> = drift_look::Entity::find()
            .select_only()
            .column_as(drift_look::Column::LookedAt.max(), "last")
            .into_tuple()
            .one(&self.db)
            .await?;
        let looked = drift_look::Column::ServiceNumber.in_subquery(active_numbers());
        let mut sweep = DriftSweep {
            records: self.count_active_records().await?,
            looked_at: drift_look::Entity::find().filter(looked).count(&self.db).await?,
            last: last.flatten(),
            not_seen: BTreeMap::new(),
        };
        for (class, column) in [
            (DriftClass::Resolution, drift_look::Column::Resolution),
            (DriftClass::Footer, drift_look::Column::Footer),
            (DriftClass::Certificate, drift_look::Column::Certificate),
            (DriftClass::Domain, drift_look::Column::Domain),
        ] {
            let rows: Vec<(String, i64)> = drift_look::Entity::find()
                .select_only()
                .column(column)
                .column_as(drift_look::Column::ServiceNumber.count(), "number")
                .filter(column.is_not_null())
                .group_by(column)
                .into_tuple()
                .all(&self.db)
                .await?;
            for (why, count) in rows {
                sweep.not_seen.insert((class, parse("drift_look", &why)?), count.unsigned_abs());
            }
        }
        Ok(sweep)
    }
}

fn read(row: table::Model) -> Result<RecordedDrift> {
    // The message of serde_json can repeat what it read.
    let drift: Drift = serde_json::from_str(&row.evidence)
        .map_err(|_| inconsistent("drift.evidence", "what was seen")(&"something else"))?;
    if drift.kind().slug() != row.kind {
        return Err(inconsistent("drift.kind", drift.kind().slug())(&row.kind));
    }
    Ok(RecordedDrift {
        id: DriftId(row.id),
        service_number: parse("drift.service_number", &row.service_number)?,
        drift,
        state: parse("drift.state", &row.state)?,
        revision: row.revision,
        first_seen: row.first_seen,
        last_seen: row.last_seen,
    })
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(place: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|error| inconsistent(place, "a value of its kind")(&error))
}
