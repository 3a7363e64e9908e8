//! The regulator's blacklist.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob_null, text, text_null, timestamp_with_time_zone, uuid};

use super::table;

pub(super) struct Blacklist;

impl MigrationName for Blacklist {
    fn name(&self) -> &str {
        "0009_blacklist"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Blacklist {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            uuid("id").primary_key().take(),
            blob_null("certificate_sealed"),
            text_null("sponsor_index"),
            text_null("domain"),
            text("file"),
            timestamp_with_time_zone("listed_at"),
        ];
        manager.create_table(table("blacklist_entry", columns)).await?;
        for column in ["sponsor_index", "domain"] {
            let mut index = Index::create();
            index.name(format!("blacklist_entry_by_{column}")).table("blacklist_entry").col(column).unique();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
