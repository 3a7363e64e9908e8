//! The names of sponsors, blind, by which anybody may look a filing up.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, text_null};

use super::table;

pub(super) struct SponsorNames;

impl MigrationName for SponsorNames {
    fn name(&self) -> &str {
        "0020_sponsor_names"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for SponsorNames {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Beside the records, not in them: what follows from them is made again by the keys of whoever has them.
        // There is no name of a person.
        let columns = vec![text("service_number").primary_key().take(), text_null("name_index")];
        manager.create_table(table("sponsor_name", columns)).await?;
        let mut index = Index::create();
        manager
            .create_index(
                index.name("sponsor_name_by_name_index").table("sponsor_name").col("name_index").take(),
            )
            .await
    }
}
