//! What somebody typed on a page of an order and has not handed in yet.
//!
//! It is no answer: no rule judges it, and the order does not know of it. So the audit trail does not
//! either; it would grow with every pause of somebody who types.

use beian_domain::{AccountId, OrderId, OrderState};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entity::{filing_order, typed_page as table};
use crate::sealing::Place;
use crate::{Reader, Result, Store, Tx, inconsistent};

/// One showing of a page in a browser: two tabs with the same page are two sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetId(pub Uuid);

/// What was typed on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedPage {
    /// Of which order.
    pub order: OrderId,
    /// By whom: what others type on the same page is theirs.
    pub account: AccountId,
    /// On which of the order's pages, by its name in addresses.
    pub page: String,
    /// On which sheet.
    pub sheet: SheetId,
    /// Names and values, as a form sends them.
    pub fields: Vec<(String, String)>,
    /// When it was kept.
    pub at: DateTime<Utc>,
}

/// Whether what was typed is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// It is.
    Kept,
    /// The same person typed something else on another sheet meanwhile; that stays.
    OtherSheet,
}

const CONTENT: &str = "typed_page.content";

fn place(order: OrderId, account: AccountId, page: &str) -> String {
    format!("{}/{}/{page}", order.0, account.0)
}

impl Tx<'_> {
    /// Keeps what was typed on a page in the place of what this sheet, or the one that it was shown
    /// with the content of (`after`), had kept.
    pub async fn keep_typed(&mut self, typed: &TypedPage, after: Option<SheetId>) -> Result<Keeping> {
        let row = place(typed.order, typed.account, &typed.page);
        let plain = Zeroizing::new(
            serde_json::to_vec(&typed.fields)
                .map_err(|error| inconsistent(CONTENT, "fields that can be written")(&error))?,
        );
        let content_sealed =
            self.store.sealer.seal(Place { table_and_column: CONTENT, row: &row }, &plain)?;
        let own = [Some(typed.sheet), after].into_iter().flatten().map(|sheet| sheet.0);
        let replace = OnConflict::column(table::Column::Place)
            .update_columns([table::Column::Sheet, table::Column::ContentSealed, table::Column::At])
            .action_and_where(table::Column::Sheet.is_in(own))
            .to_owned();
        let inserted = table::Entity::insert(table::ActiveModel {
            place: Set(row),
            filing_order: Set(typed.order.0),
            account: Set(typed.account.0),
            page: Set(typed.page.clone()),
            sheet: Set(typed.sheet.0),
            content_sealed: Set(content_sealed),
            at: Set(typed.at),
        })
        .on_conflict(replace)
        .exec_without_returning(&self.db)
        .await;
        match inserted {
            Ok(0) | Err(sea_orm::DbErr::RecordNotInserted) => Ok(Keeping::OtherSheet),
            Ok(_) => Ok(Keeping::Kept),
            Err(error) => Err(error.into()),
        }
    }

    /// Forgets what somebody typed on a page.
    pub async fn forget_typed(&mut self, order: OrderId, account: AccountId, page: &str) -> Result<()> {
        table::Entity::delete_by_id(place(order, account, page)).exec(&self.db).await?;
        Ok(())
    }

    /// Forgets what was typed for orders that cannot be changed where they stand.
    pub async fn forget_typed_where(&mut self, states: &[OrderState]) -> Result<u64> {
        let over = Query::select()
            .column(filing_order::Column::Id)
            .from(filing_order::Entity)
            // One look into the orders a page: there are few pages, and many orders that are over.
            .and_where(
                Expr::col((filing_order::Entity, filing_order::Column::Id))
                    .equals((table::Entity, table::Column::FilingOrder)),
            )
            .and_where(filing_order::Column::State.is_in(states.iter().map(|state| state.slug())))
            .to_owned();
        let gone = table::Entity::delete_many().filter(Expr::exists(over));
        Ok(gone.exec(&self.db).await?.rows_affected)
    }
}

impl Reader<'_> {
    /// What somebody typed for an order and has not handed in yet, page by page.
    pub async fn typed_pages(&self, order: OrderId, account: AccountId) -> Result<Vec<TypedPage>> {
        let rows = table::Entity::find()
            .filter(table::Column::FilingOrder.eq(order.0))
            .filter(table::Column::Account.eq(account.0))
            .order_by_asc(table::Column::Place)
            .all(&self.db)
            .await?;
        rows.into_iter().map(|row| self.read_typed_page(row)).collect()
    }

    /// What somebody typed on one page.
    pub async fn typed_page(
        &self,
        order: OrderId,
        account: AccountId,
        page: &str,
    ) -> Result<Option<TypedPage>> {
        let row = table::Entity::find_by_id(place(order, account, page)).one(&self.db).await?;
        row.map(|row| self.read_typed_page(row)).transpose()
    }

    fn read_typed_page(&self, row: table::Model) -> Result<TypedPage> {
        let place = Place { table_and_column: CONTENT, row: &row.place };
        let plain = self.sealer.open(place, &row.content_sealed)?;
        let fields = serde_json::from_slice(&plain).map_err(|error| {
            // The message of serde_json can repeat what it read.
            let at = format!("an error at line {} column {}", error.line(), error.column());
            inconsistent(CONTENT, "names and values")(&at)
        })?;
        Ok(TypedPage {
            order: OrderId(row.filing_order),
            account: AccountId(row.account),
            page: row.page,
            sheet: SheetId(row.sheet),
            fields,
            at: row.at,
        })
    }
}

impl Store {
    /// A sheet that no other is like.
    pub fn new_sheet(&self) -> SheetId {
        SheetId(beian_domain::new_uuid(&*self.clock, &*self.random))
    }
}
