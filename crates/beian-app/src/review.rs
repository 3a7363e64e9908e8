//! What a reviewer does.

use beian_domain::{OrderEvent, OrderNumber, OrderState, ReturnedField};
use beian_store::{Actor, Order, Tx};
use chrono::TimeDelta;
use serde_json::json;

use crate::notice::{Addressee, NoticeEvent};
use crate::permission::Action;
use crate::{App, AppError, User};

impl App {
    /// How many orders stand at each place.
    pub async fn order_counts(&self, user: &User) -> Result<Vec<(OrderState, u64)>, AppError> {
        user.require(Action::DecideOrder, None).or_else(|_| user.require(Action::ViewBridge, None))?;
        let standing = self.inner.store.read().standing_orders().await?;
        let of =
            |state| standing.iter().filter(|orders| orders.state == state).map(|orders| orders.count).sum();
        Ok(OrderState::ALL.into_iter().map(|state| (state, of(state))).collect())
    }

    /// Approves an order: with the decision commits the delivery that carries it
    /// to the regulator.
    pub async fn approve_order(
        &self,
        user: &User,
        number: &OrderNumber,
        revision: i64,
    ) -> Result<(), AppError> {
        let mut order = self.decidable(user, number, revision).await?;
        // What cannot be written is found now, while somebody is looking.
        self.filing_of(&order).await?;
        if self.wants_second_review(&order) {
            order.apply(&OrderEvent::Endorse)?;
            order.endorsed_by = Some(user.account);
            let mut tx = self.inner.store.begin(Actor::Account(user.account));
            tx.hold_order(order.id, user.account).await?;
            tx.update_order(&mut order, "order.endorse", json!({})).await?;
            // The second one is somebody else.
            tx.free_order(order.id).await?;
            self.tally(&mut tx, user, &order, "endorse").await?;
            return Ok(tx.commit().await?);
        }
        if order.endorsed_by == Some(user.account) {
            return Err(AppError::SecondReviewer);
        }
        order.apply(&OrderEvent::Approve)?;
        order.endorsed_by = None;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.hold_order(order.id, user.account).await?;
        order.interface_number = Some(tx.insert_delivery(order.id).await?);
        tx.update_order(&mut order, "order.approve", json!({})).await?;
        tx.insert_event(order.id, "order.approved", json!({ "number": order.number })).await?;
        self.tally(&mut tx, user, &order, "approve").await?;
        tx.commit().await?;
        self.wake_worker();
        Ok(())
    }

    /// Returns an order with a reason for each field. Only these fields can then
    /// be edited.
    pub async fn return_order(
        &self,
        user: &User,
        number: &OrderNumber,
        revision: i64,
        fields: Vec<ReturnedField>,
    ) -> Result<(), AppError> {
        if fields.is_empty() || !fields.iter().all(ReturnedField::has_reason) {
            return Err(AppError::NothingReturned);
        }
        let mut order = self.decidable(user, number, revision).await?;
        order.apply(&OrderEvent::Return)?;
        order.endorsed_by = None;
        order.returned = fields;
        let pointers: Vec<&str> = order.returned.iter().map(|field| field.pointer.as_str()).collect();
        let detail = json!({ "fields": pointers });
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.hold_order(order.id, user.account).await?;
        tx.update_order(&mut order, "order.return", detail).await?;
        self.tally(&mut tx, user, &order, "return").await?;
        for field in &order.returned {
            if let Some(standard) = &field.standard {
                tx.tally(self.today(), user.account, &standard.code.to_string(), TimeDelta::zero()).await?;
            }
        }
        tx.insert_event(order.id, "order.returned", json!({ "number": order.number })).await?;
        let event = NoticeEvent::OrderReturned { order: order.number.clone(), fields: order.returned.len() };
        self.tell(&mut tx, &Addressee::of_order(&order), &event).await?;
        tx.commit().await?;
        self.wake_worker();
        Ok(())
    }

    /// Whether a first reviewer's approval is only half of what its kind wants (四眼).
    fn wants_second_review(&self, order: &Order) -> bool {
        let rulebook = self.rulebook();
        let kinds = rulebook.provider().second_review_kinds.at(self.today());
        order.state() == OrderState::ProviderReview
            && kinds.is_some_and(|kinds| kinds.value.contains(&order.kind))
    }

    /// Counts a decision, and whether it came late.
    async fn tally(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        order: &Order,
        what: &'static str,
    ) -> Result<(), AppError> {
        let (now, today) = (self.inner.clock.now(), self.today());
        let waited = order.submitted_at.map_or(TimeDelta::zero(), |submitted| now - submitted);
        tx.tally(today, user.account, what, waited).await?;
        if order.review_due_at.is_some_and(|due| due < now) {
            tx.tally(today, user.account, "late", TimeDelta::zero()).await?;
        }
        Ok(())
    }

    async fn decidable(&self, user: &User, number: &OrderNumber, revision: i64) -> Result<Order, AppError> {
        let order = self.find_order(user, number, Action::DecideOrder).await?;
        if order.revision != revision {
            return Err(AppError::Stale { expected: revision });
        }
        Ok(order)
    }
}
