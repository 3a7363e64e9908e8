//! Ways out that a button takes, and the way from an order to its number.

use beian_domain::{FilingKind, OrderNumber, OrderState, Paper, RemedyAction};
use beian_rules::Plan;
use beian_store::{Actor, Order};
use serde_json::json;

use crate::orders::{circumstances, conflict};
use crate::permission::Action;
use crate::{App, AppError, OrderView, User};

/// Whether one click does it: what concerns the case alone and needs no answer.
pub fn is_one_click(action: &RemedyAction) -> bool {
    matches!(
        action,
        RemedyAction::Replace { .. }
            | RemedyAction::Normalise { .. }
            | RemedyAction::Provide { .. }
            | RemedyAction::UseFormerNumber
            | RemedyAction::UseKind { .. }
    )
}

impl App {
    /// Takes a way out of the order's verdict. It must be one that the verdict
    /// offers now, and one that a click can take:
    /// [`NotOffered`](AppError::NotOffered) otherwise.
    pub async fn apply_remedy(
        &self,
        user: &User,
        number: &OrderNumber,
        revision: i64,
        action: &RemedyAction,
    ) -> Result<Order, AppError> {
        let order = self.find_order(user, number, Action::PrepareOrder).await?;
        if order.revision != revision {
            return Err(AppError::Stale { expected: revision });
        }
        let facts = self.facts_of(&order, Some(user.account)).await?;
        let (_, _, verdict) = self.judge(&order, &facts);
        let is_offered = verdict
            .diagnostics
            .iter()
            .flat_map(|found| &found.remedies)
            .any(|remedy| remedy.action == *action);
        if !is_offered || !is_one_click(action) {
            return Err(AppError::NotOffered);
        }
        if let RemedyAction::UseKind { filing } = action {
            return self.use_kind(user, order, *filing, &facts).await;
        }
        let mut applied = Ok(());
        let order = self
            .edit_order(user, number, revision, |case| applied = beian_rules::apply_to_case(case, action))
            .await?;
        applied.map_err(|_| AppError::NotOffered)?;
        Ok(order)
    }

    /// Makes a draft an order of another kind. What was answered stays.
    async fn use_kind(
        &self,
        user: &User,
        mut order: Order,
        kind: FilingKind,
        facts: &beian_rules::Facts,
    ) -> Result<Order, AppError> {
        // What a reviewer saw as one kind does not come back as another.
        if order.state() != OrderState::Draft {
            return Err(AppError::NotOffered);
        }
        let before = order.kind;
        order.kind = kind;
        if !kind.is_about_own_record() {
            self.fill_in(&mut order.case, kind, facts).await?;
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let detail = json!({ "from": before, "to": kind });
        tx.update_order(&mut order, "order.change-kind", detail).await.map_err(conflict)?;
        tx.commit().await?;
        Ok(order)
    }

    /// Takes a paper back that was said to be at hand.
    pub async fn take_paper_back(
        &self,
        user: &User,
        number: &OrderNumber,
        revision: i64,
        paper: Paper,
    ) -> Result<Order, AppError> {
        self.edit_order(user, number, revision, |case| case.papers.retain(|stated| *stated != paper)).await
    }

    /// The shortest way from an order to its number, or the rule for which
    /// there is none.
    pub async fn plan_of_order(&self, user: &User, number: &OrderNumber) -> Result<Plan, AppError> {
        let order = self.find_order(user, number, Action::ViewOrder).await?;
        let facts = self.facts_of(&order, self.told(user, &order)).await?;
        Ok(self.plan_for(&order, &facts))
    }

    /// [`order`](Self::order) with the way to its number, while its filer has it.
    pub async fn order_with_plan(&self, user: &User, number: &OrderNumber) -> Result<OrderView, AppError> {
        let (mut view, facts) = self.order_and_facts(user, number).await?;
        if view.order.state().is_editable() {
            view.plan = Some(self.plan_for(&view.order, &facts));
        }
        Ok(view)
    }

    fn plan_for(&self, order: &Order, facts: &beian_rules::Facts) -> Plan {
        let (case, facts) = circumstances(order, facts);
        beian_rules::plan(&case, &facts, &self.rulebook(), self.today())
    }
}
