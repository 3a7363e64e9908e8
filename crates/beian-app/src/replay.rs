//! A verdict made again: by the case, the facts and the rulebook of its day.

use beian_domain::{OrderNumber, Verdict};
use beian_rules::Facts;
use beian_store::{Store, StoreError};
use chrono::{DateTime, Utc};

use crate::App;
use crate::shelf::{Shelf, ShelfError};

/// A stored verdict beside the one that the same rulebook gives now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The order.
    pub number: OrderNumber,
    /// When it was judged.
    pub judged_at: DateTime<Utc>,
    /// The verdict as it was kept.
    pub stored: Verdict,
    /// The verdict that the same case, facts, rulebook and day give now.
    pub replayed: Verdict,
}

impl Replay {
    /// Whether the two are the same, word for word.
    pub fn is_same(&self) -> bool {
        self.stored == self.replayed
    }
}

/// Why a verdict cannot be made again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no such order.
    #[error("expected the number of an order, got {0}")]
    NoOrder(OrderNumber),
    /// It was not handed in since judgements are kept.
    #[error("expected an order that was handed in; of {0} no judgement is kept")]
    NeverJudged(OrderNumber),
    /// The rulebook is not there, or not what it was.
    #[error(transparent)]
    Rulebook(#[from] ShelfError),
    /// The facts were written by another version of the program.
    #[error("expected facts as this version reads them: {0}")]
    Facts(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the newest verdict of an order again. It changes nothing.
pub async fn replay(store: &Store, shelf: &Shelf, number: &OrderNumber) -> Result<Replay, ReplayError> {
    let reader = store.read();
    let order = reader.order_by_number(number).await?.ok_or_else(|| ReplayError::NoOrder(number.clone()))?;
    let judgement =
        reader.judgement_of_order(order.id).await?.ok_or_else(|| ReplayError::NeverJudged(number.clone()))?;
    let rulebook = shelf.of_digest(&judgement.verdict.rulebook)?;
    let facts: Facts = serde_json::from_value(judgement.facts)
        .map_err(|error| ReplayError::Facts(format!("{:?} error", error.classify())))?;
    let replayed = beian_rules::evaluate(&judgement.case, &facts, &rulebook, judgement.verdict.day);
    Ok(Replay { number: order.number, judged_at: judgement.at, stored: judgement.verdict, replayed })
}

impl App {
    /// Makes the newest verdict of an order again.
    pub async fn replay(&self, number: &OrderNumber) -> Result<Replay, ReplayError> {
        replay(&self.inner.store, &self.inner.shelf, number).await
    }
}
