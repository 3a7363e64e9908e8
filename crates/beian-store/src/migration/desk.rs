//! The review desk: due times and claims of orders, calls, evidence, tallies, and what
//! orders have in common.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, blob, boolean, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    uuid, uuid_null,
};

use super::table;

pub(super) struct Desk;

impl MigrationName for Desk {
    fn name(&self) -> &str {
        "0007_desk"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Desk {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            text_null("province"),
            timestamp_with_time_zone_null("review_due_at"),
            uuid_null("reviewer"),
            timestamp_with_time_zone_null("claimed_until"),
            timestamp_with_time_zone_null("call_due_at"),
            big_integer("signals").default(0).take(),
        ] {
            // SQLite takes one column a statement.
            let add = Table::alter().table("filing_order").add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        // What waits already is due as if it had been promised nothing.
        let due = Query::update()
            .table("filing_order")
            .value("review_due_at", Expr::col("submitted_at"))
            .and_where(Expr::col("submitted_at").is_not_null())
            .to_owned();
        manager.execute(due).await?;
        let content_hash = Table::alter().table("material").add_column(text_null("content_hash")).to_owned();
        manager.alter_table(content_hash).await?;
        let tables = [
            table(
                "review_call",
                vec![
                    uuid("id").primary_key().take(),
                    uuid("filing_order"),
                    uuid("reviewer"),
                    text("party"),
                    text("outcome"),
                    blob("remark_sealed"),
                    timestamp_with_time_zone("at"),
                    timestamp_with_time_zone_null("retry_due_at"),
                ],
            ),
            table(
                "review_evidence",
                vec![
                    uuid("id").primary_key().take(),
                    uuid("filing_order"),
                    uuid("reviewer"),
                    text("kind"),
                    blob("content_sealed"),
                    boolean("has_picture"),
                    timestamp_with_time_zone("at"),
                ],
            ),
            table(
                "review_tally",
                vec![
                    // Day, reviewer and what: they are added to, not put beside.
                    text("key").primary_key().take(),
                    text("day"),
                    uuid("reviewer"),
                    text("what"),
                    big_integer("count"),
                    big_integer("seconds"),
                ],
            ),
            table(
                "order_trace",
                vec![
                    uuid("id").primary_key().take(),
                    uuid("filing_order"),
                    text("kind"),
                    text("trace_index"),
                    text("sponsor_index"),
                ],
            ),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        for (table, columns) in [
            // The queue, whole and by each of its filters, in the order in which it is paged.
            ("filing_order", &["state", "review_due_at", "id"][..]),
            ("filing_order", &["state", "kind", "review_due_at", "id"]),
            ("filing_order", &["state", "province", "review_due_at", "id"]),
            ("filing_order", &["state", "reviewer", "review_due_at", "id"]),
            ("filing_order", &["claimed_until"]),
            ("review_call", &["filing_order", "at"]),
            ("review_evidence", &["filing_order", "at"]),
            ("review_tally", &["day"]),
            ("order_trace", &["trace_index"]),
            ("order_trace", &["filing_order"]),
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
