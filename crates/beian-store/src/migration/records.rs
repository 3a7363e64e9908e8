//! Records that live on: changed, cancelled, moved to another account; and what
//! orders about them need.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, blob_null, boolean_null, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

use super::table;

pub(super) struct Records;

impl MigrationName for Records {
    fn name(&self) -> &str {
        "0004_records"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Records {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            ("filing_record", uuid_null("holder")),
            ("filing_record", text("state").default("active").take()),
            ("filing_record", big_integer_null("sponsor_id")),
            ("filing_record", big_integer_null("service_id")),
            ("filing_record", big_integer_null("domain_id")),
            ("filing_record", big_integer_null("access_id")),
            ("filing_record", big_integer_null("address_id")),
            ("filing_record", text_null("resource")),
            ("filing_record", boolean_null("served_elsewhere")),
            ("filing_record", blob_null("content_sealed")),
            ("filing_order", text_null("record")),
            ("filing_order", uuid_null("endorsed_by")),
            ("filing_order", big_integer("reminders").default(0).take()),
        ];
        // SQLite adds one column at a time.
        for (table, column) in columns {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        // A record belongs to who filed it, until it is transferred.
        let filer = Query::select()
            .column("owner")
            .from("filing_order")
            .and_where(Expr::col(("filing_order", "id")).equals(("filing_record", "filing_order")))
            .to_owned();
        let holders = Query::update()
            .table("filing_record")
            .value("holder", SimpleExpr::SubQuery(None, Box::new(filer.into())))
            .to_owned();
        manager.execute(holders).await?;
        manager
            .create_table(table(
                "authenticity_proof",
                vec![
                    uuid("id").primary_key().take(),
                    uuid("filing_order"),
                    text("principal_index"),
                    text("method"),
                    text("state"),
                    text_null("reference"),
                    blob("evidence_sealed"),
                    timestamp_with_time_zone("begun_at"),
                    timestamp_with_time_zone_null("decided_at"),
                    timestamp_with_time_zone_null("good_until"),
                ],
            ))
            .await?;
        for (table, columns) in [
            ("filing_record", &["holder", "as_of"][..]),
            ("filing_record", &["sponsor_number"]),
            ("filing_record", &["sponsor_id"]),
            ("filing_record", &["service_id"]),
            ("filing_record", &["access_id"]),
            ("filing_order", &["record"]),
            ("filing_order", &["state", "updated_at"]),
            ("authenticity_proof", &["filing_order", "begun_at"]),
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
