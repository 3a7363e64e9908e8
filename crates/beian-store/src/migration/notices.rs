//! Notices by more ways than mail, the inbox, who wants what, and what was told once.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    blob, blob_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

use super::table;

pub(super) struct Notices;

impl MigrationName for Notices {
    fn name(&self) -> &str {
        "0006_notices"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Notices {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Everything from before is a mail, and what it is about is not told apart.
        let columns = [
            text("channel").default("mail").take(),
            text("kind").default("general").take(),
            uuid_null("account"),
            uuid_null("endpoint"),
            timestamp_with_time_zone_null("give_up_at"),
            timestamp_with_time_zone_null("failed_at"),
            text_null("problem"),
        ];
        // SQLite adds one column at a time.
        for column in columns {
            manager.alter_table(Table::alter().table("notice").add_column(column).to_owned()).await?;
        }
        let tables = [
            table(
                "inbox_message",
                vec![
                    uuid("id").primary_key().take(),
                    uuid("account"),
                    text("kind"),
                    blob("content_sealed"),
                    timestamp_with_time_zone("created_at"),
                    timestamp_with_time_zone_null("read_at"),
                ],
            ),
            table(
                "notice_setting",
                vec![
                    uuid("account").primary_key().take(),
                    text("language"),
                    blob_null("mobile_sealed"),
                    text_null("choices"),
                ],
            ),
            table(
                "webhook_endpoint",
                vec![
                    uuid("id").primary_key().take(),
                    uuid_null("account"),
                    blob("url_sealed"),
                    text("kinds"),
                    blob("secret_sealed"),
                    timestamp_with_time_zone("created_at"),
                    timestamp_with_time_zone_null("stopped_at"),
                ],
            ),
            table("told", vec![text("occasion").primary_key().take(), timestamp_with_time_zone("at")]),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        for (table, columns) in [
            ("notice", &["channel", "sent_at", "failed_at", "next_attempt_at"][..]),
            ("notice", &["endpoint", "created_at"]),
            ("notice", &["failed_at", "created_at"]),
            ("inbox_message", &["account", "id"]),
            ("inbox_message", &["account", "read_at"]),
            ("webhook_endpoint", &["account"]),
        ] {
            let mut index = Index::create();
            index.name(format!("{table}_by_{}", columns.join("_"))).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
