//! Proofs that a service's principal is who they say (真实性核验).

use beian_domain::{AuthenticityMethod, OrderId, ProofState};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entity::authenticity_proof as table;
use crate::sealing::{BlindIndex, Place};
use crate::{Reader, Result, StoreError, Subject, Tx, inconsistent};

/// A check of who the principal is, from its beginning.
#[derive(Debug, Clone)]
pub struct AuthenticityProof {
    /// Identifies it.
    pub id: Uuid,
    /// The order that it was begun for.
    pub order: OrderId,
    /// The principal's certificate number, blind: another principal needs another proof.
    pub principal: BlindIndex,
    /// How it is checked.
    pub method: AuthenticityMethod,
    /// How it stands.
    pub state: ProofState,
    /// What the vendor calls it.
    pub reference: Option<String>,
    /// What the vendor or the reviewer left as evidence; personal.
    pub evidence: Zeroizing<String>,
    /// When it was begun.
    pub begun_at: DateTime<Utc>,
    /// When it was passed or failed.
    pub decided_at: Option<DateTime<Utc>>,
    /// Until when it is good, once it was passed.
    pub good_until: Option<DateTime<Utc>>,
}

const EVIDENCE: &str = "authenticity_proof.evidence";

impl Tx<'_> {
    /// Keeps a proof: a new one, or what has become of one.
    pub async fn put_proof(&mut self, proof: &AuthenticityProof) -> Result<()> {
        let row = proof.id.to_string();
        let place = Place { table_and_column: EVIDENCE, row: &row };
        let model = table::ActiveModel {
            id: Set(proof.id),
            filing_order: Set(proof.order.0),
            principal_index: Set(proof.principal.0.clone()),
            method: Set(proof.method.slug().to_owned()),
            state: Set(proof.state.slug().to_owned()),
            reference: Set(proof.reference.clone()),
            evidence_sealed: Set(self.store.sealer.seal(place, proof.evidence.as_bytes())?),
            begun_at: Set(proof.begun_at),
            decided_at: Set(proof.decided_at),
            good_until: Set(proof.good_until),
        };
        // Decided once: a vendor that answers twice changes nothing.
        let changed = table::Entity::update_many()
            .set(model.clone())
            .filter(table::Column::Id.eq(proof.id))
            .filter(table::Column::State.eq(ProofState::Begun.slug()))
            .exec(&self.db)
            .await?;
        if changed.rows_affected == 0 {
            table::Entity::insert(model)
                .exec_without_returning(&self.db)
                .await
                .map_err(|error| crate::exists(error, "proof of authenticity that is open"))?;
        }
        let detail = json!({"method": proof.method, "state": proof.state});
        self.note("order.authenticate", &Subject::Order(proof.order), detail);
        Ok(())
    }
}

impl Reader<'_> {
    /// The proofs of an order, newest first.
    pub async fn proofs_of_order(&self, order: OrderId) -> Result<Vec<AuthenticityProof>> {
        let rows = proofs_of(order).all(&self.db).await?;
        rows.into_iter().map(|row| self.read_proof(row)).collect()
    }

    pub(crate) fn read_proof(&self, row: table::Model) -> Result<AuthenticityProof, StoreError> {
        let place = row.id.to_string();
        let evidence =
            self.sealer.open_text(Place { table_and_column: EVIDENCE, row: &place }, &row.evidence_sealed)?;
        Ok(AuthenticityProof {
            id: row.id,
            order: OrderId(row.filing_order),
            principal: BlindIndex(row.principal_index),
            method: row
                .method
                .parse()
                .map_err(|error| inconsistent("authenticity_proof.method", "a method")(&error))?,
            state: row
                .state
                .parse()
                .map_err(|error| inconsistent("authenticity_proof.state", "a state")(&error))?,
            reference: row.reference,
            evidence,
            begun_at: row.begun_at,
            decided_at: row.decided_at,
            good_until: row.good_until,
        })
    }
}

/// The proofs of an order, newest first.
pub(crate) fn proofs_of(order: OrderId) -> sea_orm::Select<table::Entity> {
    table::Entity::find()
        .filter(table::Column::FilingOrder.eq(order.0))
        .order_by_desc(table::Column::BegunAt)
        .order_by_desc(table::Column::Id)
}
