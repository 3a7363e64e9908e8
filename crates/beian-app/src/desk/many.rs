//! One thing done to many orders.

use beian_domain::{LoginName, OrderNumber, Pointer, ReturnedField, StandardReason};

use crate::permission::Action;
use crate::{App, AppError, User};

/// Most orders of one bulk action.
pub const MOST_BULK: usize = 100;

/// What is done to many orders at once.
#[derive(Debug, Clone)]
pub enum BulkAction {
    /// Take them.
    Claim,
    /// Give them back to everybody.
    Release,
    /// Hand them over.
    HandOver(LoginName),
    /// Approve those without any doubt.
    Approve,
    /// Return each as a whole, with one reason.
    Return(BulkReason),
}

/// Why many orders are returned.
#[derive(Debug, Clone)]
pub struct BulkReason {
    /// Out of the catalogue, if it is.
    pub standard: Option<StandardReason>,
    /// The reviewer's own words.
    pub words: String,
}

impl App {
    /// Does one thing to many orders, each for itself: what cannot be done to one is
    /// told of that one, and keeps none of the others from it.
    pub async fn bulk(
        &self,
        user: &User,
        numbers: &[OrderNumber],
        action: &BulkAction,
    ) -> Result<Vec<(OrderNumber, Result<(), AppError>)>, AppError> {
        user.require(Action::DecideOrder, None)?;
        if numbers.len() > MOST_BULK {
            return Err(AppError::TooManyAtOnce { most: MOST_BULK, got: numbers.len() });
        }
        let mut outcomes = Vec::with_capacity(numbers.len());
        for number in numbers {
            let outcome = match action {
                BulkAction::Claim => self.claim_order(user, number).await,
                BulkAction::Release => self.release_order(user, number).await,
                BulkAction::HandOver(to) => self.hand_over_order(user, number, to).await,
                BulkAction::Approve => self.approve_undoubted(user, number).await,
                BulkAction::Return(reason) => self.return_whole(user, number, reason).await,
            };
            outcomes.push((number.clone(), outcome));
        }
        Ok(outcomes)
    }

    /// Approves an order that nobody opened: only if nothing at all was noticed about it.
    async fn approve_undoubted(&self, user: &User, number: &OrderNumber) -> Result<(), AppError> {
        let case = self.review_case(user, number).await?;
        let verdict = &case.view.verdict;
        if !verdict.diagnostics.is_empty() || !verdict.undetermined.is_empty() || !case.signals.is_empty() {
            return Err(AppError::Doubtful {
                findings: verdict.diagnostics.len() + verdict.undetermined.len(),
                signals: case.signals.len(),
            });
        }
        self.approve_order(user, number, case.view.order.revision).await
    }

    async fn return_whole(
        &self,
        user: &User,
        number: &OrderNumber,
        reason: &BulkReason,
    ) -> Result<(), AppError> {
        let order = self.find_order(user, number, Action::DecideOrder).await?;
        let field = ReturnedField {
            pointer: Pointer::from(""),
            reason: reason.words.clone(),
            standard: reason.standard.clone(),
        };
        self.return_order(user, number, order.revision, vec![field]).await
    }
}
