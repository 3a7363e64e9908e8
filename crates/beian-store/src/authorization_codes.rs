//! Authorization codes (备案授权码).
//!
//! What time does to a code is not stored: whether it is expired follows from
//! its server, so a renewal revives it in the same second.

use beian_domain::{
    AccountId, AuthorizationCode, AuthorizationCodeId, CodePurpose, CodeRefusal, CodeState, CodeText,
    CodeUse, OrderId, ResourceId, ServiceFilingNumber,
};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::entity::{authorization_code as table, resource};
use crate::places::free_slot;
use crate::sealing::{BlindIndex, Place};
use crate::{Reader, Result, StoreError, Subject, Tx, exists, inconsistent};

/// A code to be issued.
#[derive(Debug)]
pub struct NewCode {
    /// The code.
    pub text: CodeText,
    /// The account that issues it.
    pub issuer: AccountId,
    /// The one account that may file with it.
    pub holder: AccountId,
    /// The resource that it opens.
    pub resource: ResourceId,
    /// A note of the issuer's.
    pub remark: String,
    /// Most codes of the resource.
    pub most: u32,
}

/// Which codes a list holds.
#[derive(Debug, Clone, Copy)]
pub enum CodeFilter {
    /// Those that an account issued.
    IssuedBy(AccountId),
    /// Those that an account may file with.
    GivenTo(AccountId),
}

const CODE: &str = "authorization_code.code";
const REMARK: &str = "authorization_code.remark";
const UNUSED: &str = "unused";
const HELD: &str = "held";
const USED: &str = "used";
const REVOKED: &str = "revoked";

impl Tx<'_> {
    /// Issues a code. [`NoMoreCodes`](StoreError::NoMoreCodes) if the resource
    /// has as many as it may have.
    pub async fn insert_code(&mut self, new: NewCode) -> Result<AuthorizationCodeId> {
        // Locks the resource, so that the codes that others issue now are seen.
        resource::Entity::find_by_id(new.resource.0).lock(LockType::Update).one(&self.db).await?;
        let taken: Vec<i64> = table::Entity::find()
            .filter(table::Column::Resource.eq(new.resource.0))
            .all(&self.db)
            .await?
            .into_iter()
            .filter_map(|row| row.slot)
            .collect();
        let no_more = || StoreError::NoMoreCodes { most: new.most };
        let slot = free_slot(&taken, new.most.into()).ok_or_else(no_more)?;
        let id = beian_domain::new_uuid(&*self.store.clock, &*self.store.random);
        let row = id.to_string();
        let seal = |column, text: &str| {
            self.store.sealer.seal(Place { table_and_column: column, row: &row }, text.as_bytes())
        };
        table::Entity::insert(table::ActiveModel {
            id: Set(id),
            code_index: Set(self.store.code_index(&new.text).0),
            code_sealed: Set(seal(CODE, new.text.compact())?),
            issuer: Set(new.issuer.0),
            holder: Set(new.holder.0),
            resource: Set(new.resource.0),
            slot: Set(Some(slot)),
            remark_sealed: Set(seal(REMARK, &new.remark)?),
            state: Set(UNUSED.to_owned()),
            held_by: Set(None),
            used_for: Set(None),
            issued_at: Set(self.store.clock.now()),
        })
        .exec_without_returning(&self.db)
        .await
        .map_err(|error| match exists(error, "authorization code") {
            StoreError::Exists { .. } => no_more(),
            other => other,
        })?;
        let id = AuthorizationCodeId(id);
        self.note("code.issue", &subject(id), json!({ "holder": new.holder, "resource": new.resource }));
        Ok(id)
    }

    /// Takes a code back, for good; the resource may have another in its place.
    /// The outer error is the store's, the inner one says why the code stays.
    pub async fn revoke_code(&mut self, code: AuthorizationCodeId) -> Result<Result<(), CodeRefusal>> {
        let revoked = table::Entity::update_many()
            .col_expr(table::Column::State, REVOKED.into())
            .col_expr(table::Column::Slot, Expr::value(Option::<i64>::None))
            .filter(table::Column::Id.eq(code.0))
            .filter(table::Column::State.eq(UNUSED))
            .exec(&self.db)
            .await?;
        if revoked.rows_affected == 1 {
            self.note("code.revoke", &subject(code), json!({}));
            return Ok(Ok(()));
        }
        let now = self.read().authorization_code(code).await?;
        let refusal = now.map(|code| code.state.after(&beian_domain::CodeEvent::Revoke));
        Ok(match refusal {
            Some(Err(refusal)) => Err(refusal),
            // It was released between the two statements: the next try takes it.
            Some(Ok(_)) => Err(CodeRefusal::HeldByOther),
            None => Err(CodeRefusal::Revoked),
        })
    }

    /// Lets an order hold a code of its account, and no other one.
    ///
    /// One statement tests and takes; when two orders come at once, the row
    /// counts for one. It is what [`CodeState::after`] says for `Hold`.
    pub(crate) async fn hold_code(
        &mut self,
        order: OrderId,
        holder: AccountId,
        code: &CodeText,
        purpose: &CodePurpose,
    ) -> Result<()> {
        let index = self.store.code_index(code).0;
        let other = Condition::all()
            .add(table::Column::HeldBy.eq(order.0))
            .add(table::Column::CodeIndex.ne(index.clone()));
        self.free_codes(order, other).await?;
        if let CodePurpose::ChangeOf(service) = purpose {
            let own = table::Entity::find()
                .filter(table::Column::CodeIndex.eq(index.clone()))
                .filter(table::Column::Holder.eq(holder.0))
                .filter(table::Column::State.eq(USED))
                .filter(table::Column::UsedFor.eq(service.to_string()))
                .one(&self.db)
                .await?;
            if own.is_some() {
                return Ok(());
            }
        }
        // An order that is handed in again, or moved on the desk, holds it already.
        let own = Condition::all()
            .add(table::Column::CodeIndex.eq(index.clone()))
            .add(table::Column::HeldBy.eq(order.0));
        if table::Entity::find().filter(own).one(&self.db).await?.is_some() {
            return Ok(());
        }
        let held = table::Entity::update_many()
            .col_expr(table::Column::State, HELD.into())
            .col_expr(table::Column::HeldBy, Expr::value(Some(order.0)))
            .filter(table::Column::CodeIndex.eq(index))
            .filter(table::Column::Holder.eq(holder.0))
            .filter(table::Column::State.eq(UNUSED))
            .exec(&self.db)
            .await
            .map_err(|error| exists(error, "order of an authorization code"))?;
        if held.rows_affected != 1 {
            return Err(StoreError::CodeTaken);
        }
        self.note("code.hold", &Subject::Order(order), json!({}));
        Ok(())
    }

    /// Frees whatever code an order holds.
    pub(crate) async fn release_code(&mut self, order: OrderId) -> Result<()> {
        self.free_codes(order, Condition::all().add(table::Column::HeldBy.eq(order.0))).await
    }

    async fn free_codes(&mut self, order: OrderId, which: Condition) -> Result<()> {
        let freed = table::Entity::update_many()
            .col_expr(table::Column::State, UNUSED.into())
            .col_expr(table::Column::HeldBy, Expr::value(Option::<uuid::Uuid>::None))
            .filter(table::Column::State.eq(HELD))
            .filter(which)
            .exec(&self.db)
            .await?;
        if freed.rows_affected > 0 {
            self.note("code.release", &Subject::Order(order), json!({}));
        }
        Ok(())
    }

    /// The order is filed: its code, if it holds one, is that service's for good.
    pub(crate) async fn consume_code(&mut self, order: OrderId, service: &ServiceFilingNumber) -> Result<()> {
        let used = table::Entity::update_many()
            .col_expr(table::Column::State, USED.into())
            .col_expr(table::Column::HeldBy, Expr::value(Option::<uuid::Uuid>::None))
            .col_expr(table::Column::UsedFor, Expr::value(Some(service.to_string())))
            .filter(table::Column::State.eq(HELD))
            .filter(table::Column::HeldBy.eq(order.0))
            .exec(&self.db)
            .await?;
        if used.rows_affected > 0 {
            self.note("code.consume", &Subject::Order(order), json!({ "number": service }));
        }
        Ok(())
    }
}

impl Reader<'_> {
    /// The code of an identifier.
    pub async fn authorization_code(&self, id: AuthorizationCodeId) -> Result<Option<AuthorizationCode>> {
        let row = table::Entity::find_by_id(id.0).one(&self.db).await?;
        row.map(|row| self.read_code(row)).transpose()
    }

    /// The code of a text, whoever holds it: what is said of it to whom is not
    /// the store's to decide. One look-up by a keyed hash, whether or not there is one.
    pub async fn code_by_text(&self, text: &CodeText) -> Result<Option<AuthorizationCode>> {
        let index = index_of(self.sealer, text);
        let row = table::Entity::find().filter(table::Column::CodeIndex.eq(index.0)).one(&self.db).await?;
        row.map(|row| self.read_code(row)).transpose()
    }

    /// At most `limit` codes, newest first.
    pub async fn authorization_codes(
        &self,
        filter: CodeFilter,
        limit: u64,
    ) -> Result<Vec<AuthorizationCode>> {
        let select = match filter {
            CodeFilter::IssuedBy(account) => {
                table::Entity::find().filter(table::Column::Issuer.eq(account.0))
            }
            CodeFilter::GivenTo(account) => table::Entity::find().filter(table::Column::Holder.eq(account.0)),
        };
        let newest = select.order_by_desc(table::Column::IssuedAt).order_by_desc(table::Column::Id);
        newest.limit(limit).all(&self.db).await?.into_iter().map(|row| self.read_code(row)).collect()
    }

    fn read_code(&self, row: table::Model) -> Result<AuthorizationCode> {
        let place = row.id.to_string();
        let open = |column, sealed: &[u8]| {
            self.sealer.open_text(Place { table_and_column: column, row: &place }, sealed)
        };
        let state = match (row.state.as_str(), row.held_by, row.used_for) {
            (UNUSED, None, None) => CodeState::ISSUED,
            (HELD, Some(order), None) => CodeState::Live(CodeUse::Held(OrderId(order))),
            (USED, None, Some(service)) => {
                CodeState::Live(CodeUse::Used(service.parse().map_err(|error| {
                    inconsistent("authorization_code.used_for", "a filing number")(&error)
                })?))
            }
            (REVOKED, None, None) => CodeState::Revoked,
            (state, ..) => {
                return Err(inconsistent("authorization_code.state", "a state with what it needs")(&state));
            }
        };
        Ok(AuthorizationCode {
            id: AuthorizationCodeId(row.id),
            text: open(CODE, &row.code_sealed)?
                .parse()
                .map_err(|error| inconsistent(CODE, "an authorization code")(&error))?,
            issuer: AccountId(row.issuer),
            holder: AccountId(row.holder),
            resource: ResourceId(row.resource),
            remark: open(REMARK, &row.remark_sealed)?.to_string(),
            state,
            issued_at: row.issued_at,
        })
    }
}

impl crate::Store {
    fn code_index(&self, code: &CodeText) -> BlindIndex {
        index_of(&self.sealer, code)
    }
}

fn index_of(sealer: &crate::sealing::Sealer, code: &CodeText) -> BlindIndex {
    sealer.blind_index("authorization-code", code.compact())
}

fn subject(code: AuthorizationCodeId) -> Subject {
    Subject::Other("authorization-code", code.0.to_string())
}
