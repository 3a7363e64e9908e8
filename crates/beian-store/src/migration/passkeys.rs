//! Passkeys, what was tried of them in vain, and the challenges that are out.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, blob, text, text_uniq, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

use super::table;

pub(super) struct Passkeys;

impl MigrationName for Passkeys {
    fn name(&self) -> &str {
        "0016_passkeys"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Passkeys {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            table(
                "passkey",
                vec![
                    uuid("id").primary_key().take(),
                    uuid("account"),
                    text_uniq("credential_digest"),
                    blob("credential"),
                    big_integer("transports"),
                    blob("public_key"),
                    blob("state"),
                    blob("name_sealed"),
                    timestamp_with_time_zone("added_at"),
                    timestamp_with_time_zone_null("used_at"),
                ],
            ),
            table(
                "passkey_tries",
                vec![
                    uuid("account").primary_key().take(),
                    big_integer("failures"),
                    timestamp_with_time_zone_null("rests_until"),
                ],
            ),
            table(
                "passkey_ceremony",
                vec![
                    text("session").primary_key().take(),
                    uuid("account"),
                    text("purpose"),
                    blob("state"),
                    timestamp_with_time_zone("expires_at"),
                ],
            ),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let mut index = Index::create();
        index.name("passkey_by_account").table("passkey").col("account");
        manager.create_index(index).await
    }
}
