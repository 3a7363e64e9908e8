//! Which of the regulator's files are held against what is here.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, timestamp_with_time_zone};

use super::table;

pub(super) struct References;

impl MigrationName for References {
    fn name(&self) -> &str {
        "0011_references"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for References {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns =
            vec![text("file").primary_key().take(), text("kind"), timestamp_with_time_zone("received_at")];
        manager.create_table(table("reference_file", columns)).await
    }
}
