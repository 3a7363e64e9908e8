//! Members of accounts, and transfers of records.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, blob_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

use super::table;

pub(super) struct Transfers;

impl MigrationName for Transfers {
    fn name(&self) -> &str {
        "0005_transfers"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Transfers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            table(
                "membership",
                vec![
                    uuid("id").primary_key().take(),
                    uuid("account"),
                    uuid("member"),
                    text("role"),
                    text("state"),
                    big_integer("revision"),
                    // Account and member while it is not over: no second one then.
                    text_null("open_key").unique_key().take(),
                    timestamp_with_time_zone("begun_at"),
                    timestamp_with_time_zone_null("agreed_at"),
                    timestamp_with_time_zone_null("ends_at"),
                    timestamp_with_time_zone_null("ended_at"),
                ],
            ),
            table(
                "transfer",
                vec![
                    uuid("id").primary_key().take(),
                    text("sponsor_number"),
                    text("sponsor_index"),
                    text("service_number"),
                    text("domain"),
                    uuid_null("from_account"),
                    uuid("to_account"),
                    uuid("requester"),
                    text("state"),
                    big_integer("revision"),
                    // Sponsor and requester while it is not over: not twice at once.
                    text_null("open_key").unique_key().take(),
                    // The sponsor from the proof to the end: not for two accounts at once.
                    text_null("held_sponsor").unique_key().take(),
                    blob_null("proof_sealed"),
                    big_integer("codes_sent"),
                    text_null("proven_by"),
                    blob_null("objection_sealed"),
                    timestamp_with_time_zone("requested_at"),
                    timestamp_with_time_zone_null("due_at"),
                    timestamp_with_time_zone_null("decided_at"),
                ],
            ),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        for (table, columns) in [
            ("membership", &["account", "begun_at"][..]),
            ("membership", &["member", "begun_at"]),
            ("transfer", &["to_account", "requested_at"]),
            ("transfer", &["from_account", "requested_at"]),
            ("transfer", &["sponsor_number"]),
            ("transfer", &["due_at"]),
            ("transfer", &["state", "requested_at"]),
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
