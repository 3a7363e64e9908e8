//! How staff prove who they are: second factors, passwords of one time, and accounts that are locked.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, blob, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

use super::table;

pub(super) struct SecondFactor;

impl MigrationName for SecondFactor {
    fn name(&self) -> &str {
        "0014_second_factor"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for SecondFactor {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, column) in [
            ("account", timestamp_with_time_zone_null("barred_at")),
            ("account", timestamp_with_time_zone_null("one_time_until")),
            // Whoever is signed in stays so.
            ("session", text("stage").default(crate::accounts::SIGNED_IN).take()),
        ] {
            let add = Table::alter().table(name).add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        let tables = [
            table(
                "second_factor",
                vec![
                    uuid("account").primary_key().take(),
                    blob("secret_sealed"),
                    big_integer("last_step"),
                    big_integer("failures"),
                    timestamp_with_time_zone_null("rests_until"),
                    timestamp_with_time_zone("enrolled_at"),
                ],
            ),
            table(
                "recovery_code",
                vec![
                    text("digest").primary_key().take(),
                    uuid("account"),
                    timestamp_with_time_zone("issued_at"),
                ],
            ),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        for (table, column) in [("recovery_code", "account"), ("account", "role")] {
            let mut index = Index::create();
            index.name(format!("{table}_by_{column}")).table(table).col(column);
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
