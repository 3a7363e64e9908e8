//! Domains that are served here and not filed here, as audits find them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, text, text_null, text_uniq, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

use super::table;

pub(super) struct UnfiledHosts;

impl MigrationName for UnfiledHosts {
    fn name(&self) -> &str {
        "0018_unfiled_hosts"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for UnfiledHosts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            uuid("id").primary_key().take(),
            // What is found again is the same work.
            text_uniq("domain"),
            text("host"),
            text("standing"),
            text("state"),
            big_integer("revision"),
            big_integer("lines"),
            timestamp_with_time_zone_null("first_seen"),
            timestamp_with_time_zone_null("last_seen"),
            timestamp_with_time_zone("found_at"),
            timestamp_with_time_zone("changed_at"),
            // Where the host leads, once that was looked up, and whose that is.
            text_null("addresses"),
            timestamp_with_time_zone_null("resolved_at"),
            uuid_null("owner"),
            text_null("resource"),
        ];
        manager.create_table(table("unfiled_host", columns)).await?;
        for columns in [&["state", "lines", "id"][..], &["owner", "state"], &["resolved_at", "state"]] {
            let mut index = Index::create();
            index.name(format!("unfiled_host_by_{}", columns.join("_"))).table("unfiled_host");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        let mut index = Index::create();
        index.name("resource_by_public_address").table("resource").col("public_address");
        manager.create_index(index).await
    }
}
