//! What a reviewer does.

use beian_domain::{OrderEvent, OrderNumber, OrderState, ReturnedField};
use beian_store::{Actor, Order, OrderFilter, OrderSummary};
use serde_json::json;

use crate::notice::{Addressee, NoticeEvent};
use crate::permission::Action;
use crate::{App, AppError, User};

impl App {
    /// The orders that wait for the provider's review, longest waiting first.
    pub async fn review_queue(&self, user: &User) -> Result<Vec<OrderSummary>, AppError> {
        user.require(Action::DecideOrder, None)?;
        let reader = self.inner.store.read();
        let mut queue = reader.orders(OrderFilter::InState(OrderState::SecondReview), 500).await?;
        queue.extend(reader.orders(OrderFilter::InState(OrderState::ProviderReview), 500).await?);
        Ok(queue)
    }

    /// How many orders stand at each place.
    pub async fn order_counts(&self, user: &User) -> Result<Vec<(OrderState, u64)>, AppError> {
        user.require(Action::DecideOrder, None).or_else(|_| user.require(Action::ViewBridge, None))?;
        let mut counts = Vec::new();
        for state in OrderState::ALL {
            counts.push((state, self.inner.store.read().count_orders(state).await?));
        }
        Ok(counts)
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
            let mut tx = self.inner.store.begin(Actor::Account(user.account)).await?;
            tx.update_order(&mut order, "order.endorse", json!({})).await?;
            return Ok(tx.commit().await?);
        }
        if order.endorsed_by == Some(user.account) {
            return Err(AppError::SecondReviewer);
        }
        order.apply(&OrderEvent::Approve)?;
        order.endorsed_by = None;
        let mut tx = self.inner.store.begin(Actor::Account(user.account)).await?;
        order.interface_number = Some(tx.insert_delivery(order.id).await?);
        tx.update_order(&mut order, "order.approve", json!({})).await?;
        tx.insert_event(order.id, "order.approved", json!({ "number": order.number })).await?;
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
        if fields.is_empty() || fields.iter().any(|field| field.reason.trim().is_empty()) {
            return Err(AppError::NothingReturned);
        }
        let mut order = self.decidable(user, number, revision).await?;
        order.apply(&OrderEvent::Return)?;
        order.endorsed_by = None;
        order.returned = fields;
        let pointers: Vec<&str> = order.returned.iter().map(|field| field.pointer.as_str()).collect();
        let detail = json!({ "fields": pointers });
        let mut tx = self.inner.store.begin(Actor::Account(user.account)).await?;
        tx.update_order(&mut order, "order.return", detail).await?;
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

    async fn decidable(&self, user: &User, number: &OrderNumber, revision: i64) -> Result<Order, AppError> {
        let order = self.find_order(user, number, Action::DecideOrder).await?;
        if order.revision != revision {
            return Err(AppError::Stale { expected: revision });
        }
        Ok(order)
    }
}
