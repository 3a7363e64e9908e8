//! Address filing (IP地址备案): the provider's ranges.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, blob_null, text, timestamp_with_time_zone, uuid,
};

use super::table;

pub(super) struct Addresses;

impl MigrationName for Addresses {
    fn name(&self) -> &str {
        "0013_addresses"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Addresses {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            uuid("id").primary_key().take(),
            text("kind"),
            text("state"),
            // As numbers, so that ranges can be held against one another without opening anything.
            big_integer("first"),
            big_integer("last"),
            big_integer_null("filed_first"),
            big_integer_null("filed_last"),
            blob("content_sealed"),
            // What the regulator's register says.
            blob_null("filed_sealed"),
            // The regulator's number for it.
            big_integer_null("register_id"),
            text("findings"),
            big_integer("revision"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("updated_at"),
        ];
        manager.create_table(table("address_record", columns)).await?;
        for columns in [&["state", "first", "id"][..], &["kind", "register_id"]] {
            let mut index = Index::create();
            index.name(format!("address_record_by_{}", columns.join("_"))).table("address_record");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
