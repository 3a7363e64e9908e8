//! What the portal tells people: how long bureaus took, and what seems wrong with a picture.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, text_null, timestamp_with_time_zone, uuid};

use super::table;

pub(super) struct Portal;

impl MigrationName for Portal {
    fn name(&self) -> &str {
        "0012_portal"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Portal {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            uuid("id").primary_key().take(),
            text("province"),
            text("kind"),
            big_integer("seconds"),
            timestamp_with_time_zone("answered_at"),
        ];
        manager.create_table(table("regulator_time", columns)).await?;
        let mut index = Index::create();
        index.name("regulator_time_by_province_answered_at").table("regulator_time");
        manager.create_index(index.col("province").col("answered_at").take()).await?;
        // Of a picture that was handed in before, nothing is known.
        let doubts = Table::alter().table("material").add_column(text_null("doubts")).to_owned();
        manager.alter_table(doubts).await
    }
}
