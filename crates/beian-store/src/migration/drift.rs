//! What is not as it was filed, and when each record was looked at.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, text_null, timestamp_with_time_zone, uuid};

use super::table;

pub(super) struct Drift;

impl MigrationName for Drift {
    fn name(&self) -> &str {
        "0019_drift"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Drift {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let look = vec![
            text("service_number").primary_key().take(),
            timestamp_with_time_zone("looked_at"),
            timestamp_with_time_zone("due_at"),
            // How many looks running something could not be seen for a reason that passes.
            big_integer("failures"),
            // Why each was not looked at; none if it was.
            text_null("resolution"),
            text_null("footer"),
            text_null("certificate"),
            text_null("domain"),
        ];
        manager.create_table(table("drift_look", look)).await?;
        let drift = vec![
            uuid("id").primary_key().take(),
            text("service_number"),
            text("kind"),
            text("class"),
            big_integer("weight"),
            text("state"),
            big_integer("revision"),
            // What was seen last, as JSON. Nothing of it is personal: addresses, numbers, days, where a link leads.
            text("evidence"),
            timestamp_with_time_zone("first_seen"),
            timestamp_with_time_zone("last_seen"),
            timestamp_with_time_zone("changed_at"),
        ];
        manager.create_table(table("drift", drift)).await?;
        for (name, columns) in [("drift_look", &["due_at"][..]), ("drift", &["state", "class", "weight"])] {
            let mut index = Index::create();
            index.name(format!("{name}_by_{}", columns.join("_"))).table(name);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        let mut index = Index::create();
        // Seen again, it is the same.
        index.name("drift_by_service_number_kind").table("drift").col("service_number").col("kind").unique();
        manager.create_index(index).await
    }
}
