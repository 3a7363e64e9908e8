//! What an order holds from submission on: a place on its resource, or an
//! authorization code. The database decides who gets the last one.

use beian_domain::{
    CodePurpose, CodeText, FilingKind, FilingPurpose, OrderId, OrderState, RecordNumber, ResourceId,
    ServiceFilingNumber,
};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use serde_json::json;
use uuid::Uuid;

use crate::batch;
use crate::entity::{resource, resource_slot as table};
use crate::{Order, Reader, Result, StoreError, Subject, Tx, exists};

/// With what an order files.
enum Means {
    /// An authorization code.
    Code(CodeText),
    /// A resource of its own account, by the cloud's name.
    Resource(String),
    /// Nothing that could be held.
    Nothing,
}

impl Means {
    fn of(order: &Order) -> Self {
        // Only what brings a service to a resource, or moves it to another, takes a
        // place there. A change of a name leaves it where it is.
        if order.kind.purpose() != FilingPurpose::File && order.kind != FilingKind::ChangeAccess {
            return Self::Nothing;
        }
        let access = &order.case.access;
        if let Some(code) = access.stated_code() {
            // What is no code never passes the rules.
            return code.parse().map_or(Self::Nothing, Self::Code);
        }
        access.resource.clone().map_or(Self::Nothing, Self::Resource)
    }
}

impl Tx<'_> {
    /// Lets an order hold what its state asks for; part of every change of an
    /// order, so that neither can be forgotten nor happen alone.
    ///
    /// A draft holds nothing, or else anybody could empty anybody's server. What
    /// is handed in holds a place until it is taken back, expires or is given up, and as filed for good:
    /// until its service is cancelled, [`release_place`](Self::release_place).
    ///
    /// `before` is the state that the database has of it: a draft has nothing to give back.
    pub(crate) async fn settle_place(&mut self, before: OrderState, order: &Order) -> Result<()> {
        let held_nothing = before == OrderState::Draft;
        match order.state() {
            OrderState::ProviderReview => match Means::of(order) {
                Means::Code(code) => {
                    if !held_nothing {
                        self.leave_place(order.id).await?;
                    }
                    self.hold_code(order.id, order.owner, &code, &purpose_of(order)).await
                }
                Means::Resource(reference) if held_nothing => {
                    self.take_place(order.id, None, &reference).await
                }
                Means::Resource(reference) => {
                    self.release_code(order.id).await?;
                    let held = self.read().place_of_order(order.id).await?;
                    self.take_place(order.id, held, &reference).await
                }
                Means::Nothing => Ok(()),
            },
            OrderState::Draft | OrderState::Expired | OrderState::Withdrawn if held_nothing => Ok(()),
            // Taken back, expired or given up.
            OrderState::Draft | OrderState::Expired | OrderState::Withdrawn => {
                self.leave_place(order.id).await?;
                self.release_code(order.id).await
            }
            OrderState::Filed => match order.filed_as.as_ref().or(record_of(order)) {
                Some(service) => self.consume_code(order.id, service).await,
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Gives back the place that an order brought its service: the service was
    /// cancelled, or moved to another resource. An authorization code stays
    /// used. Doing it twice is doing it once.
    pub async fn release_place(&mut self, order: OrderId) -> Result<()> {
        self.leave_place(order).await
    }

    async fn leave_place(&mut self, order: OrderId) -> Result<()> {
        let left = table::Entity::delete_by_id(order.0).exec(&self.db).await?;
        if left.rows_affected > 0 {
            self.note("resource.leave-place", &Subject::Order(order), json!({}));
        }
        Ok(())
    }

    async fn take_place(&mut self, order: OrderId, held: Option<ResourceId>, reference: &str) -> Result<()> {
        let mut found = self.lock_places(reference).await?;
        if found.as_ref().is_some_and(Places::has_moved) {
            // While this one waited for the lock. Now that it is held, what the resource says stays.
            found = self.lock_places(reference).await?;
        }
        // A resource that nobody reported is the rules' to refuse.
        let Some(Places { named, server, taken }) = found else { return Ok(()) };
        // A load balancer has the places of the server behind it.
        let host = server.unwrap_or(named);
        match held {
            Some(held) if held.0 == host.id => return Ok(()),
            Some(_) => self.leave_place(order).await?,
            None => {}
        }
        let taken: Vec<i64> =
            taken.into_iter().filter(|(resource, _)| *resource == host.id).map(|(_, slot)| slot).collect();
        let slot = free_slot(&taken, host.quota)
            .ok_or_else(|| StoreError::NoPlace { resource: reference.to_owned(), places: host.quota })?;
        table::Entity::insert(table::ActiveModel {
            filing_order: Set(order.0),
            resource: Set(host.id),
            slot: Set(slot),
        })
        .exec_without_returning(&self.db)
        .await
        // Even without the lock, no two would get the same one.
        .map_err(|error| match exists(error, "place on the resource") {
            StoreError::Exists { .. } => {
                StoreError::NoPlace { resource: reference.to_owned(), places: host.quota }
            }
            other => other,
        })?;
        self.note("resource.take-place", &Subject::Order(order), json!({ "slot": slot }));
        Ok(())
    }

    /// What a resource is, the server that it names, and what is taken on either. The rows stay locked until the end of
    /// the transaction: whoever comes next counts what this one took. SQLite has one writer at a time anyway, and no
    /// lock is rendered. What is taken is a question of its own, after the lock: a statement of PostgreSQL sees what
    /// was there when it began.
    async fn lock_places(&self, reference: &str) -> Result<Option<Places>> {
        let named = || Expr::col(resource::Column::Reference).eq(reference);
        let server = resource::Entity::find().select_only().column(resource::Column::Server).filter(named());
        let both =
            Condition::any().add(named()).add(resource::Column::Reference.in_subquery(server.into_query()));
        let ids = resource::Entity::find().select_only().column(resource::Column::Id).filter(both.clone());
        let taken = table::Entity::find()
            .select_only()
            .columns([table::Column::Resource, table::Column::Slot])
            .filter(table::Column::Resource.in_subquery(ids.into_query()))
            .order_by_asc(table::Column::Slot);
        let locked = resource::Entity::find().filter(both).lock(LockType::Update);
        let mut answers = batch::ask(&self.db, vec![locked.into_query(), taken.into_query()]).await?;
        let mut found: Vec<resource::Model> = answers.rows()?;
        let Some(at) = found.iter().position(|row| row.reference == reference) else { return Ok(None) };
        let named = found.swap_remove(at);
        let server = found.pop().filter(|row| Some(&row.reference) == named.server.as_ref());
        let taken = answers
            .next()
            .into_iter()
            .map(|row| Ok((row.try_get("", "resource")?, row.try_get("", "slot")?)));
        Ok(Some(Places { named, server, taken: taken.collect::<Result<_, DbErr>>()? }))
    }
}

/// A resource with what is taken of its places.
struct Places {
    named: resource::Model,
    /// What it names as the server behind it, if that was reported.
    server: Option<resource::Model>,
    /// By resource and number.
    taken: Vec<(Uuid, i64)>,
}

impl Places {
    /// Whether it names a server that was not found with it: one that nobody reported, or another than a moment ago.
    fn has_moved(&self) -> bool {
        self.named.server.is_some() && self.server.is_none()
    }
}

/// What an order files with its code.
fn purpose_of(order: &Order) -> CodePurpose {
    match record_of(order).filter(|_| order.kind == FilingKind::ChangeAccess) {
        Some(service) => CodePurpose::ChangeOf(service.clone()),
        None => CodePurpose::NewService,
    }
}

/// The service of the record that an order is about.
fn record_of(order: &Order) -> Option<&ServiceFilingNumber> {
    order.case.record.as_ref().and_then(RecordNumber::service)
}

/// The lowest number from 1 to `most` that is not taken; as many as `most` may
/// be taken, whatever their numbers.
pub(crate) fn free_slot(taken: &[i64], most: i64) -> Option<i64> {
    if i64::try_from(taken.len()).unwrap_or(i64::MAX) >= most {
        return None;
    }
    (1..=most).find(|slot| !taken.contains(slot))
}

impl Reader<'_> {
    /// The resource on which an order has a place.
    pub async fn place_of_order(&self, order: OrderId) -> Result<Option<ResourceId>> {
        let row = table::Entity::find_by_id(order.0).one(&self.db).await?;
        Ok(row.map(|row| ResourceId(row.resource)))
    }
}

#[cfg(test)]
mod tests {
    use super::free_slot;

    #[test]
    fn gaps_are_filled_and_too_many_are_too_many() {
        assert_eq!(free_slot(&[], 0), None);
        assert_eq!(free_slot(&[], 2), Some(1));
        assert_eq!(free_slot(&[1, 3], 5), Some(2));
        assert_eq!(free_slot(&[1, 2], 2), None);
        // The quota was lowered since.
        assert_eq!(free_slot(&[7, 8, 9], 3), None);
        assert_eq!(free_slot(&[7, 8], 3), Some(1));
    }
}
