//! Judgements: what the verdict of a submission was made from, so that it can
//! be made again years later.

use beian_domain::{Case, OrderId, Verdict};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entity::judgement as table;
use crate::sealing::Place;
use crate::{Reader, Result, Subject, Tx, inconsistent};

/// A verdict with all that it was made from but the rulebook, which it names.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The order.
    pub order: OrderId,
    /// When it was judged.
    pub at: DateTime<Utc>,
    /// The case as it was judged.
    pub case: Case,
    /// What was known beside it, as the rules write it.
    pub facts: Value,
    /// The verdict.
    pub verdict: Verdict,
}

/// A judgement to be kept.
#[derive(Debug)]
pub struct NewJudgement<'a> {
    /// The order.
    pub order: OrderId,
    /// The case as it was judged.
    pub case: &'a Case,
    /// What was known beside it, as the rules write it.
    pub facts: Value,
    /// The verdict.
    pub verdict: &'a Verdict,
}

/// What is sealed: the case is personal, and the facts tell whose it is.
#[derive(Serialize, Deserialize)]
struct Content<C> {
    case: C,
    facts: Value,
}

const CONTENT: &str = "judgement.content";

impl Tx<'_> {
    /// Keeps a judgement beside the earlier ones of its order.
    pub async fn insert_judgement(&mut self, new: NewJudgement<'_>) -> Result<()> {
        let id = beian_domain::new_uuid(&*self.store.clock, &*self.store.random);
        let content =
            Content { case: new.case.map(|personal| personal.expose().to_owned()), facts: new.facts };
        let plain = Zeroizing::new(
            serde_json::to_vec(&content)
                .map_err(|error| inconsistent(CONTENT, "a case that can be written")(&error))?,
        );
        let place = Place { table_and_column: CONTENT, row: &id.to_string() };
        let content_sealed = self.store.sealer.seal(place, &plain)?;
        let verdict = serde_json::to_string(new.verdict)
            .map_err(|error| inconsistent("judgement.verdict", "a verdict that can be written")(&error))?;
        self.append(table::Entity::insert(table::ActiveModel {
            id: Set(id),
            filing_order: Set(new.order.0),
            at: Set(self.store.clock.now()),
            rulebook: Set(new.verdict.rulebook.clone()),
            content_sealed: Set(content_sealed),
            verdict: Set(verdict),
        }));
        let detail = json!({ "rulebook": new.verdict.rulebook, "day": new.verdict.day });
        self.note("order.judge", &Subject::Order(new.order), detail);
        Ok(())
    }

    /// Notes that from now on another rulebook judges.
    pub fn note_rulebook(&mut self, digest: &str, detail: Value) {
        self.note("rulebook.install", &Subject::Other("rulebook", digest.to_owned()), detail);
    }
}

impl Reader<'_> {
    /// The newest judgement of an order; none if it was never submitted.
    pub async fn judgement_of_order(&self, order: OrderId) -> Result<Option<Judgement>> {
        let row = table::Entity::find()
            .filter(table::Column::FilingOrder.eq(order.0))
            .order_by_desc(table::Column::At)
            // Two within a microsecond: identifiers ascend with time.
            .order_by_desc(table::Column::Id)
            .one(&self.db)
            .await?;
        row.map(|row| self.read_judgement(row)).transpose()
    }

    fn read_judgement(&self, row: table::Model) -> Result<Judgement> {
        let id: Uuid = row.id;
        let place = id.to_string();
        let plain =
            self.sealer.open(Place { table_and_column: CONTENT, row: &place }, &row.content_sealed)?;
        let content: Content<Case> = serde_json::from_slice(&plain).map_err(|error| {
            // The message of serde_json can repeat what it read.
            let at = format!("an error at line {} column {}", error.line(), error.column());
            inconsistent(CONTENT, "a case with its facts")(&at)
        })?;
        Ok(Judgement {
            order: OrderId(row.filing_order),
            at: row.at,
            case: content.case,
            facts: content.facts,
            verdict: serde_json::from_str(&row.verdict)
                .map_err(|error| inconsistent("judgement.verdict", "JSON of this version")(&error))?,
        })
    }
}
