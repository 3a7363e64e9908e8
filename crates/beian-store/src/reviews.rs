//! What reviewers find out and leave behind: calls, evidence, tallies of their work, and
//! what the orders of different sponsors have in common.

use std::collections::{BTreeMap, BTreeSet};

use beian_domain::{
    AccountId, CallOutcome, CallParty, Case, EvidenceKind, OrderId, OrderState, ServicePrincipal, normal_form,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, OnConflict, Query, SelectStatement, UnionType};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, InsertMany, QueryFilter,
    QueryOrder, QueryResult,
};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::context::whole;
use crate::entity::{filing_order, order_trace, review_call, review_evidence, review_tally};
use crate::sealing::{BlindIndex, Place, Sealer};
use crate::{ContentHash, Order, Reader, Result, Store, StoredMaterial, Subject, Tx, inconsistent};

/// A call that a reviewer made about an order (电话核实).
#[derive(Debug, Clone)]
pub struct ReviewCall {
    /// Identifies it.
    pub id: Uuid,
    /// Who called.
    pub reviewer: AccountId,
    /// Whom.
    pub party: CallParty,
    /// What came of it.
    pub outcome: CallOutcome,
    /// What was said; personal.
    pub remark: Zeroizing<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// When they are to be called again.
    pub retry_due_at: Option<DateTime<Utc>>,
}

/// A call to be noted.
#[derive(Debug)]
pub struct NewCall<'a> {
    /// The order.
    pub order: OrderId,
    /// Who called.
    pub reviewer: AccountId,
    /// Whom.
    pub party: CallParty,
    /// What came of it.
    pub outcome: CallOutcome,
    /// What was said.
    pub remark: &'a str,
    /// When they are to be called again.
    pub retry_due_at: Option<DateTime<Utc>>,
}

/// What a reviewer saw, kept beside an order (留痕).
#[derive(Debug, Clone)]
pub struct ReviewEvidence {
    /// Identifies it, and its picture.
    pub id: Uuid,
    /// The order.
    pub order: OrderId,
    /// Who kept it.
    pub reviewer: AccountId,
    /// What it is.
    pub kind: EvidenceKind,
    /// What was seen, as JSON; personal.
    pub content: Zeroizing<String>,
    /// Whether there is a picture of it among the files.
    pub has_picture: bool,
    /// When it was kept.
    pub at: DateTime<Utc>,
}

/// Evidence to be kept. Its picture is put among the files first.
#[derive(Debug)]
pub struct NewEvidence<'a> {
    /// Identifies it.
    pub id: Uuid,
    /// The order.
    pub order: OrderId,
    /// Who keeps it.
    pub reviewer: AccountId,
    /// What it is.
    pub kind: EvidenceKind,
    /// What was seen, as JSON.
    pub content: &'a str,
    /// Whether there is a picture of it among the files.
    pub has_picture: bool,
}

/// How often a reviewer did something on the days of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyLine {
    /// Who.
    pub reviewer: AccountId,
    /// What: `approve`, `endorse`, `return`, `late`, or the code of a reason.
    pub what: String,
    /// How often.
    pub count: u64,
    /// How long the orders had waited by then, in all, in seconds.
    pub seconds: u64,
}

/// What orders can have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TraceKind {
    /// A mobile number of one of its people.
    Mobile,
    /// The certificate of one of its people.
    Person,
    /// The address for letters.
    Address,
    /// A picture.
    Picture,
}

impl TraceKind {
    fn name(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Person => "person",
            Self::Address => "address",
            Self::Picture => "picture",
        }
    }
}

/// Something of an order that others can have too, blind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trace {
    /// What it is.
    pub kind: TraceKind,
    /// Its keyed hash.
    pub index: String,
}

/// How many other sponsors have what an order has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Popularity {
    /// Other sponsors with one of its mobile numbers.
    pub mobile: u32,
    /// Other sponsors with one of its people.
    pub person: u32,
    /// Other sponsors with its address.
    pub address: u32,
    /// Other sponsors with one of its pictures.
    pub picture: u32,
    /// Other sponsors for whom the same account handed in orders since a day.
    pub account: u32,
    /// Earlier orders of the same sponsor that were returned, refused or given up.
    pub setbacks: u32,
}

/// Most rows that are looked at for one question; who shares more shares enough.
const MOST: u64 = 500;
const REMARK: &str = "review_call.remark";
const CONTENT: &str = "review_evidence.content";

/// What of a case others can have too, and of its pictures. The hash of a picture needs no
/// key: nobody guesses one.
pub(crate) fn traces_of<'a>(
    sealer: &Sealer,
    case: &Case,
    pictures: impl Iterator<Item = &'a ContentHash>,
) -> BTreeSet<Trace> {
    let mut traces: BTreeSet<Trace> =
        pictures.map(|picture| Trace { kind: TraceKind::Picture, index: picture.0.clone() }).collect();
    let mut add = |kind: TraceKind, value: &str| {
        let plain: String =
            normal_form(value).to_uppercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
        if !plain.is_empty() {
            traces.insert(Trace { kind, index: sealer.blind_index(kind.name(), &plain).0 });
        }
    };
    let other = match &case.service.principal {
        Some(ServicePrincipal::Other(principal)) => Some(principal),
        _ => None,
    };
    for principal in std::iter::once(&case.sponsor.principal).chain(other) {
        for (kind, value) in
            [(TraceKind::Mobile, &principal.mobile), (TraceKind::Person, &principal.certificate_number)]
        {
            add(kind, value.as_ref().map_or("", |value| value.expose()));
        }
    }
    // The same street and number can be in two towns.
    if let (Some(address), Some(division)) = (&case.sponsor.address, case.sponsor.division) {
        add(TraceKind::Address, &format!("{division} {}", address.expose()));
    }
    traces
}

impl Store {
    /// What of an order others can have too.
    pub fn traces_of(&self, order: &Order, materials: &[StoredMaterial]) -> BTreeSet<Trace> {
        let pictures = materials.iter().filter_map(|material| material.content.as_ref());
        traces_of(&self.sealer, &order.case, pictures)
    }
}

impl Tx<'_> {
    /// Notes a call, and when somebody is to be called again: the soonest of what is due.
    pub async fn insert_call(&mut self, new: NewCall<'_>) -> Result<()> {
        let id = beian_domain::new_uuid(&*self.store.clock, &*self.store.random);
        let place = Place { table_and_column: REMARK, row: &id.to_string() };
        let row = review_call::ActiveModel {
            id: Set(id),
            filing_order: Set(new.order.0),
            reviewer: Set(new.reviewer.0),
            party: Set(new.party.slug().to_owned()),
            outcome: Set(new.outcome.slug().to_owned()),
            remark_sealed: Set(self.store.sealer.seal(place, new.remark.as_bytes())?),
            at: Set(self.store.clock.now()),
            retry_due_at: Set(new.retry_due_at),
        };
        review_call::Entity::insert(row).exec_without_returning(&self.db).await?;
        // A party that was reached, or is tried once more, is not due from an earlier call.
        let mut latest: BTreeMap<CallParty, Option<DateTime<Utc>>> = BTreeMap::new();
        for call in self.read().calls_of(new.order).await? {
            latest.insert(call.party, call.retry_due_at);
        }
        // This one is the latest, also where the clock has not moved since the one before.
        latest.insert(new.party, new.retry_due_at);
        self.set_call_due(new.order, latest.into_values().flatten().min()).await?;
        let detail = json!({ "party": new.party.slug(), "outcome": new.outcome.slug() });
        self.note("order.call", &Subject::Order(new.order), detail);
        Ok(())
    }

    /// Keeps what a reviewer saw.
    pub async fn insert_evidence(&mut self, new: NewEvidence<'_>) -> Result<()> {
        let place = Place { table_and_column: CONTENT, row: &new.id.to_string() };
        let row = review_evidence::ActiveModel {
            id: Set(new.id),
            filing_order: Set(new.order.0),
            reviewer: Set(new.reviewer.0),
            kind: Set(new.kind.slug().to_owned()),
            content_sealed: Set(self.store.sealer.seal(place, new.content.as_bytes())?),
            has_picture: Set(new.has_picture),
            at: Set(self.store.clock.now()),
        };
        review_evidence::Entity::insert(row).exec_without_returning(&self.db).await?;
        let detail = json!({ "kind": new.kind.slug(), "evidence": new.id });
        self.note("order.evidence", &Subject::Order(new.order), detail);
        Ok(())
    }

    /// Counts a reviewer's decision, in the transaction that makes it.
    pub async fn tally(
        &mut self,
        day: NaiveDate,
        reviewer: AccountId,
        what: &str,
        waited: chrono::TimeDelta,
    ) -> Result<()> {
        let seconds = Ord::max(waited.num_seconds(), 0);
        let row = review_tally::ActiveModel {
            key: Set(format!("{day}|{}|{what}", reviewer.0)),
            day: Set(day.to_string()),
            reviewer: Set(reviewer.0),
            what: Set(what.to_owned()),
            count: Set(1),
            seconds: Set(seconds),
        };
        let column = |column: review_tally::Column| Expr::col((review_tally::Entity, column));
        let more = OnConflict::column(review_tally::Column::Key)
            .value(review_tally::Column::Count, column(review_tally::Column::Count).add(1))
            .value(review_tally::Column::Seconds, column(review_tally::Column::Seconds).add(seconds))
            .to_owned();
        review_tally::Entity::insert(row).on_conflict(more).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Keeps what an order has that others can have too, in the place of what it had before.
    pub async fn replace_traces(
        &mut self,
        order: &Order,
        sponsor: Option<&BlindIndex>,
        traces: &BTreeSet<Trace>,
    ) -> Result<()> {
        // They are kept from the first submission on.
        if order.was_submitted() {
            // Those of this transaction, too.
            self.write_appended().await?;
            order_trace::Entity::delete_many()
                .filter(order_trace::Column::FilingOrder.eq(order.id.0))
                .exec(&self.db)
                .await?;
        }
        if let Some(sponsor) = sponsor.filter(|_| !traces.is_empty()) {
            self.append(traces_to_insert(order.id, sponsor, traces));
        }
        Ok(())
    }
}

/// Writes traces of an order. Their identifiers follow from what they are, so that they can
/// be written again from nothing but orders.
pub(crate) async fn insert_traces(
    db: &impl ConnectionTrait,
    order: OrderId,
    sponsor: &BlindIndex,
    traces: &BTreeSet<Trace>,
) -> Result<()> {
    if !traces.is_empty() {
        traces_to_insert(order, sponsor, traces).exec_without_returning(db).await?;
    }
    Ok(())
}

fn traces_to_insert(
    order: OrderId,
    sponsor: &BlindIndex,
    traces: &BTreeSet<Trace>,
) -> InsertMany<order_trace::ActiveModel> {
    let rows = traces.iter().map(|trace| order_trace::ActiveModel {
        id: Set(Uuid::new_v8(trace_id(order, trace))),
        filing_order: Set(order.0),
        kind: Set(trace.kind.name().to_owned()),
        trace_index: Set(trace.index.clone()),
        sponsor_index: Set(sponsor.0.clone()),
    });
    order_trace::Entity::insert_many(rows)
}

fn trace_id(order: OrderId, trace: &Trace) -> [u8; 16] {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(format!("{} {} {}", order.0, trace.kind.name(), trace.index));
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    id
}

impl Reader<'_> {
    /// The calls about an order, oldest first.
    pub async fn calls_of(&self, order: OrderId) -> Result<Vec<ReviewCall>> {
        let rows = review_call::Entity::find()
            .filter(review_call::Column::FilingOrder.eq(order.0))
            .order_by_asc(review_call::Column::At)
            .order_by_asc(review_call::Column::Id)
            .all(&self.db)
            .await?;
        rows.into_iter()
            .map(|row| {
                let place = Place { table_and_column: REMARK, row: &row.id.to_string() };
                Ok(ReviewCall {
                    id: row.id,
                    reviewer: AccountId(row.reviewer),
                    party: row.party.parse().map_err(|e| inconsistent("review_call.party", "a party")(&e))?,
                    outcome: row
                        .outcome
                        .parse()
                        .map_err(|e| inconsistent("review_call.outcome", "an outcome")(&e))?,
                    remark: self.sealer.open_text(place, &row.remark_sealed)?,
                    at: row.at,
                    retry_due_at: row.retry_due_at,
                })
            })
            .collect()
    }

    /// What was kept beside an order, oldest first.
    pub async fn evidence_of(&self, order: OrderId) -> Result<Vec<ReviewEvidence>> {
        let rows = review_evidence::Entity::find()
            .filter(review_evidence::Column::FilingOrder.eq(order.0))
            .order_by_asc(review_evidence::Column::At)
            .order_by_asc(review_evidence::Column::Id)
            .all(&self.db)
            .await?;
        rows.into_iter().map(|row| self.read_evidence(row)).collect()
    }

    /// One piece of evidence.
    pub async fn evidence(&self, id: Uuid) -> Result<Option<ReviewEvidence>> {
        let row = review_evidence::Entity::find_by_id(id).one(&self.db).await?;
        row.map(|row| self.read_evidence(row)).transpose()
    }

    fn read_evidence(&self, row: review_evidence::Model) -> Result<ReviewEvidence> {
        let place = Place { table_and_column: CONTENT, row: &row.id.to_string() };
        Ok(ReviewEvidence {
            id: row.id,
            order: OrderId(row.filing_order),
            reviewer: AccountId(row.reviewer),
            kind: row.kind.parse().map_err(|e| inconsistent("review_evidence.kind", "a kind")(&e))?,
            content: self.sealer.open_text(place, &row.content_sealed)?,
            has_picture: row.has_picture,
            at: row.at,
        })
    }

    /// What reviewers did from one day to another, both included.
    pub async fn tallies(&self, from: NaiveDate, to: NaiveDate) -> Result<Vec<TallyLine>> {
        let rows = review_tally::Entity::find()
            .filter(review_tally::Column::Day.between(from.to_string(), to.to_string()))
            .all(&self.db)
            .await?;
        let mut sums: BTreeMap<(Uuid, String), (u64, u64)> = BTreeMap::new();
        for row in rows {
            let sum = sums.entry((row.reviewer, row.what)).or_default();
            sum.0 += row.count.unsigned_abs();
            sum.1 += row.seconds.unsigned_abs();
        }
        Ok(sums
            .into_iter()
            .map(|((reviewer, what), (count, seconds))| TallyLine {
                reviewer: AccountId(reviewer),
                what,
                count,
                seconds,
            })
            .collect())
    }

    /// How many other sponsors have what an order has. Bounded: many are as good as very many.
    pub async fn popularity(
        &self,
        order: OrderId,
        owner: AccountId,
        sponsor: &BlindIndex,
        traces: &BTreeSet<Trace>,
        since: DateTime<Utc>,
    ) -> Result<Popularity> {
        let question = popularity_of(order, owner, sponsor, traces, since);
        read_popularity(&self.db.query_all(&question).await?)
    }
}

/// See [`Reader::popularity`].
pub(crate) fn popularity_of(
    order: OrderId,
    owner: AccountId,
    sponsor: &BlindIndex,
    traces: &BTreeSet<Trace>,
    since: DateTime<Utc>,
) -> SelectStatement {
    let shared = Query::select()
        .columns([order_trace::Column::Kind, order_trace::Column::SponsorIndex])
        .from(order_trace::Entity)
        .and_where(
            Expr::col(order_trace::Column::TraceIndex).is_in(traces.iter().map(|trace| trace.index.as_str())),
        )
        .and_where(Expr::col(order_trace::Column::SponsorIndex).ne(sponsor.0.as_str()))
        .limit(MOST)
        .to_owned();
    let of_account = Query::select()
        .column(filing_order::Column::SponsorIndex)
        .from(filing_order::Entity)
        .and_where(filing_order::Column::Owner.eq(owner.0))
        .and_where(filing_order::Column::CreatedAt.gte(since))
        .and_where(filing_order::Column::SubmittedAt.is_not_null())
        .and_where(filing_order::Column::SponsorIndex.ne(sponsor.0.as_str()))
        .limit(MOST)
        .to_owned();
    let lost = [OrderState::Returned, OrderState::Refused, OrderState::Withdrawn, OrderState::Expired];
    let setbacks = Query::select()
        .column(filing_order::Column::Id)
        .from(filing_order::Entity)
        .and_where(filing_order::Column::SponsorIndex.eq(sponsor.0.as_str()))
        .and_where(filing_order::Column::Id.ne(order.0))
        .and_where(filing_order::Column::SubmittedAt.is_not_null())
        .and_where(filing_order::Column::State.is_in(lost.map(OrderState::slug)))
        .limit(MOST)
        .to_owned();
    let sponsors = || Expr::col(order_trace::Column::SponsorIndex).count_distinct();
    // One question for all of it.
    let counts = Query::select()
        .column(order_trace::Column::Kind)
        .expr_as(sponsors(), "found")
        .from_subquery(shared, "shared")
        .group_by_col(order_trace::Column::Kind)
        .union(UnionType::All, count_of(OF_ACCOUNT, sponsors(), of_account))
        .union(UnionType::All, count_of(SETBACKS, Expr::col(filing_order::Column::Id).count(), setbacks))
        .to_owned();
    whole(counts)
}

pub(crate) fn read_popularity(rows: &[QueryResult]) -> Result<Popularity> {
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    for row in rows {
        let count: i64 = row.try_get("", "found")?;
        found.insert(row.try_get("", "kind")?, u32::try_from(count).unwrap_or(u32::MAX));
    }
    let count = |what: &str| found.get(what).copied().unwrap_or_default();
    Ok(Popularity {
        mobile: count(TraceKind::Mobile.name()),
        person: count(TraceKind::Person.name()),
        address: count(TraceKind::Address.name()),
        picture: count(TraceKind::Picture.name()),
        account: count(OF_ACCOUNT),
        setbacks: count(SETBACKS),
    })
}

/// Rows of [`Reader::popularity`] that are no kind of trace.
const OF_ACCOUNT: &str = "account";
const SETBACKS: &str = "setback";

/// A row that says of `what` how many there are.
fn count_of(what: &str, count: Expr, among: SelectStatement) -> SelectStatement {
    Query::select()
        .expr_as(Expr::val(what), "kind")
        .expr_as(count, "found")
        .from_subquery(among, "some")
        .to_owned()
}
