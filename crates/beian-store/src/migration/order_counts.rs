//! How many orders stand where, since which day, so that nobody has to look at each of them to know.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, text_null};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

pub(super) struct OrderCounts;

impl MigrationName for OrderCounts {
    fn name(&self) -> &str {
        "0021_order_counts"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for OrderCounts {
    /// What is counted and what is written meanwhile must not differ, nor a half of this be left behind.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // No key: rows are added and put together, and none is ever looked for.
        let mut counts = Table::create();
        counts.table("order_count").col(text("state")).col(text_null("province")).col(text_null("day"));
        manager.create_table(counts.col(big_integer("orders")).take()).await?;
        let db = manager.get_connection();
        let backend = db.get_database_backend();
        if backend != DbBackend::Sqlite {
            // Of SQLite nobody else writes now.
            db.execute_unprepared("LOCK TABLE filing_order IN SHARE ROW EXCLUSIVE MODE").await?;
        }
        db.execute_unprepared(&count_all(backend)).await?;
        for trigger in if backend == DbBackend::Sqlite { of_sqlite() } else { of_postgres() } {
            db.execute_unprepared(&trigger).await?;
        }
        Ok(())
    }
}

/// Counts the orders that there are.
pub(crate) fn count_all(backend: DbBackend) -> String {
    format!(
        "INSERT INTO order_count (state, province, day, orders) \
         SELECT state, province, {}, COUNT(*) FROM filing_order GROUP BY 1, 2, 3",
        day(backend, "")
    )
}

/// The day in China on which something last happened to an order; none if it is over, so that there are not ever more
/// of them.
fn day(backend: DbBackend, row: &str) -> String {
    let day = match backend {
        DbBackend::Sqlite => format!("date({row}updated_at, '+8 hours')"),
        _ => format!("to_char({row}updated_at AT TIME ZONE 'UTC' + INTERVAL '8 hours', 'YYYY-MM-DD')"),
    };
    format!("CASE WHEN {row}state IN ('filed', 'withdrawn', 'expired') THEN NULL ELSE {day} END")
}

fn add(backend: DbBackend, row: &str, orders: i8) -> String {
    let day = day(backend, row);
    format!(
        "INSERT INTO order_count (state, province, day, orders) \
         VALUES ({row}state, {row}province, {day}, {orders});"
    )
}

fn of_sqlite() -> Vec<String> {
    let (come, gone) = (add(DbBackend::Sqlite, "NEW.", 1), add(DbBackend::Sqlite, "OLD.", -1));
    let (now, before) = (day(DbBackend::Sqlite, "NEW."), day(DbBackend::Sqlite, "OLD."));
    vec![
        format!("CREATE TRIGGER order_count_come AFTER INSERT ON filing_order BEGIN {come} END"),
        format!("CREATE TRIGGER order_count_gone AFTER DELETE ON filing_order BEGIN {gone} END"),
        format!(
            "CREATE TRIGGER order_count_moved AFTER UPDATE OF state, province, updated_at ON filing_order \
             WHEN OLD.state <> NEW.state OR OLD.province IS NOT NEW.province OR ({before}) IS NOT ({now}) \
             BEGIN {gone} {come} END"
        ),
    ]
}

fn of_postgres() -> Vec<String> {
    let (come, gone) = (add(DbBackend::Postgres, "NEW.", 1), add(DbBackend::Postgres, "OLD.", -1));
    let (now, before) = (day(DbBackend::Postgres, "NEW."), day(DbBackend::Postgres, "OLD."));
    vec![
        format!(
            "CREATE FUNCTION count_order() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN \
             IF TG_OP <> 'INSERT' THEN {gone} END IF; \
             IF TG_OP <> 'DELETE' THEN {come} END IF; \
             RETURN NULL; END $$"
        ),
        "CREATE TRIGGER order_count_come_or_gone AFTER INSERT OR DELETE ON filing_order \
         FOR EACH ROW EXECUTE FUNCTION count_order()"
            .to_owned(),
        format!(
            "CREATE TRIGGER order_count_moved AFTER UPDATE OF state, province, updated_at ON filing_order \
             FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.province IS DISTINCT FROM NEW.province \
             OR ({before}) IS DISTINCT FROM ({now})) EXECUTE FUNCTION count_order()"
        ),
    ]
}
