//! What was typed on pages of orders and is not yet an answer.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob, text, timestamp_with_time_zone, uuid};

use super::table;

pub(super) struct TypedPages;

impl MigrationName for TypedPages {
    fn name(&self) -> &str {
        "0015_typed_pages"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for TypedPages {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let typed = table(
            "typed_page",
            vec![
                text("place").primary_key().take(),
                uuid("filing_order"),
                uuid("account"),
                text("page"),
                uuid("sheet"),
                blob("content_sealed"),
                timestamp_with_time_zone("at"),
            ],
        );
        manager.create_table(typed).await?;
        let mut index = Index::create();
        index
            .name("typed_page_by_filing_order_account")
            .table("typed_page")
            .col("filing_order")
            .col("account");
        manager.create_index(index).await
    }
}
