//! The provider's duties, and deliveries that carry something else than an order.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, blob, blob_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    uuid,
};

use super::table;

pub(super) struct Duties;

impl MigrationName for Duties {
    fn name(&self) -> &str {
        "0010_duties"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Duties {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            uuid("id").primary_key().take(),
            text("kind"),
            big_integer("number"),
            text("subject"),
            blob("content_sealed"),
            text("file"),
            text("state"),
            // Kind and number, as long as it is not reported: the same entry twice is one duty.
            text_null("open_key").unique_key().take(),
            big_integer("revision"),
            big_integer("listed"),
            timestamp_with_time_zone("received_at"),
            timestamp_with_time_zone("due_at"),
            blob_null("answer_sealed"),
            timestamp_with_time_zone_null("answered_at"),
            timestamp_with_time_zone_null("reported_at"),
            text_null("refusal"),
        ];
        manager.create_table(table("duty", columns)).await?;
        for columns in [&["state", "due_at", "id"][..], &["subject"]] {
            let mut index = Index::create();
            index.name(format!("duty_by_{}", columns.join("_"))).table("duty");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        // A delivery carries an order or a duty.
        let rename = Table::alter().table("delivery").rename_column("filing_order", "subject").to_owned();
        manager.alter_table(rename).await?;
        let about = text("about").default("order").take();
        manager.alter_table(Table::alter().table("delivery").add_column(about).to_owned()).await?;
        let mut index = Index::create();
        index.name("delivery_by_subject").table("delivery").col("subject");
        manager.create_index(index).await
    }
}
