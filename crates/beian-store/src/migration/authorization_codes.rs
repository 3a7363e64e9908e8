//! Places on resources, authorization codes, and what they need of accounts and resources.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, text, text_null, text_uniq, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

use super::table;

pub(super) struct AuthorizationCodes;

impl MigrationName for AuthorizationCodes {
    fn name(&self) -> &str {
        "0003_authorization_codes"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for AuthorizationCodes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one column a statement.
        for (name, column) in [
            ("account", text("kind").default("personal").take()),
            ("resource", text_null("server").take()),
            ("resource", timestamp_with_time_zone_null("reported_at").take()),
        ] {
            manager.alter_table(Table::alter().table(name).add_column(column).to_owned()).await?;
        }
        let slot = table(
            "resource_slot",
            vec![uuid("filing_order").primary_key().take(), uuid("resource"), big_integer("slot")],
        );
        let code = table(
            "authorization_code",
            vec![
                uuid("id").primary_key().take(),
                text_uniq("code_index"),
                blob("code_sealed"),
                uuid("issuer"),
                uuid("holder"),
                uuid("resource"),
                big_integer_null("slot"),
                blob("remark_sealed"),
                text("state"),
                uuid_null("held_by").unique_key().take(),
                text_null("used_for"),
                timestamp_with_time_zone("issued_at"),
            ],
        );
        manager.create_table(slot).await?;
        manager.create_table(code).await?;
        // The two races are decided here: one place is one order's, and one of a
        // server's codes is one row's. Codes that were taken back have no slot.
        for name in ["resource_slot", "authorization_code"] {
            let mut index = Index::create();
            index.name(format!("{name}_by_resource_slot")).table(name).col("resource").col("slot").unique();
            manager.create_index(index).await?;
        }
        for column in ["issuer", "holder"] {
            let mut index = Index::create();
            index.name(format!("authorization_code_by_{column}")).table("authorization_code").col(column);
            manager.create_index(index).await?;
        }
        // Until now a place was whatever an order's state said.
        manager
            .get_connection()
            .execute_unprepared(
                "INSERT INTO resource_slot (filing_order, resource, slot) \
                 SELECT o.id, r.id, ROW_NUMBER() OVER (PARTITION BY r.id ORDER BY o.created_at, o.id) \
                 FROM filing_order o JOIN resource r ON r.reference = o.resource \
                 WHERE o.state NOT IN ('draft', 'withdrawn')",
            )
            .await?;
        Ok(())
    }
}
