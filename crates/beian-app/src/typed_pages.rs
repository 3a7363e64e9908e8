//! What is typed on the pages of an order is kept as it is, without being handed in: a lost session, a closed tab or
//! a crash takes nothing along. It becomes an answer by [`App::edit_order`] alone.

use beian_domain::{Case, OrderNumber, OrderState};
use beian_store::{Actor, Keeping, Order, SheetId, TypedPage};
use chrono::{DateTime, Utc};

use crate::permission::Action;
use crate::{App, AppError, User};

/// What somebody has typed on a page of an order, as their browser sends it.
#[derive(Debug, Clone)]
pub struct Typing {
    /// The page, by its name in addresses.
    pub page: String,
    /// Names and values, as the form has them.
    pub fields: Vec<(String, String)>,
    /// The sheet that it is typed on.
    pub sheet: SheetId,
    /// The sheet whose text this one was shown with.
    pub after: Option<SheetId>,
}

impl App {
    /// Keeps what somebody types on a page, if `is_new` says that the case does not hold it already. Answers with the
    /// time, or with nothing if they typed something else on another sheet, which stays.
    pub async fn keep_typed_page(
        &self,
        user: &User,
        number: &OrderNumber,
        typing: Typing,
        is_new: impl FnOnce(&Case) -> bool,
    ) -> Result<Option<DateTime<Utc>>, AppError> {
        let order = self.editable_order(user, number, None).await?;
        let now = self.now();
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let typed = TypedPage {
            order: order.id,
            account: user.account,
            page: typing.page,
            sheet: typing.sheet,
            fields: typing.fields,
            at: now,
        };
        let keeping = tx.keep_typed(&typed, typing.after).await?;
        if keeping == Keeping::Kept && !is_new(&order.case) {
            tx.forget_typed(order.id, user.account, &typed.page).await?;
        }
        tx.commit().await?;
        Ok((keeping == Keeping::Kept).then_some(now))
    }

    /// What somebody typed on the pages of an order and has not handed in.
    pub async fn typed_pages(&self, user: &User, order: &Order) -> Result<Vec<TypedPage>, AppError> {
        let mut typed = self.inner.store.read().typed_pages(order.id, user.account).await?;
        typed.retain(|page| counts(page, order));
        Ok(typed)
    }

    /// What somebody typed on one page of an order and has not handed in.
    pub async fn typed_page(
        &self,
        user: &User,
        order: &Order,
        page: &str,
    ) -> Result<Option<TypedPage>, AppError> {
        let typed = self.inner.store.read().typed_page(order.id, user.account, page).await?;
        Ok(typed.filter(|page| counts(page, order)))
    }

    /// Forgets what somebody typed on a page: they have handed it in, or do not want it.
    pub async fn forget_typed_page(
        &self,
        user: &User,
        number: &OrderNumber,
        page: &str,
    ) -> Result<(), AppError> {
        let order = self.find_order(user, number, Action::PrepareOrder).await?;
        if self.inner.store.read().typed_page(order.id, user.account, page).await?.is_none() {
            return Ok(());
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.forget_typed(order.id, user.account, page).await?;
        Ok(tx.commit().await?)
    }

    /// A sheet for a page that is shown.
    pub fn new_sheet(&self) -> SheetId {
        self.inner.store.new_sheet()
    }

    /// Forgets what was typed for orders that nobody can change any more. An expired one can be taken up again.
    pub(crate) async fn forget_typed_pages(&self) -> Result<(), AppError> {
        let over: Vec<OrderState> = OrderState::ALL
            .into_iter()
            .filter(|state| !state.is_editable() && *state != OrderState::Expired)
            .collect();
        let mut tx = self.inner.store.begin(Actor::System);
        let forgotten = tx.forget_typed_where(&over).await?;
        if forgotten > 0 {
            tx.commit().await?;
        }
        Ok(())
    }
}

/// What was typed before the order was handed in had its time: what comes back is another matter.
fn counts(typed: &TypedPage, order: &Order) -> bool {
    order.submitted_at.is_none_or(|submitted| typed.at > submitted)
}
