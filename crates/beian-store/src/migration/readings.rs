//! What a machine reads on photographs of certificates.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob_null, text, timestamp_with_time_zone, uuid};

use super::table;

pub(super) struct Readings;

impl MigrationName for Readings {
    fn name(&self) -> &str {
        "0017_readings"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Readings {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let reading = table(
            "material_reading",
            vec![
                uuid("material").primary_key().take(),
                text("outcome"),
                blob_null("text_sealed"),
                timestamp_with_time_zone("at"),
            ],
        );
        manager.create_table(reading).await
    }
}
