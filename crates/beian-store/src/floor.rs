//! What a database costs without us: the rows that something wrote, written again by bare prepared statements with the
//! same durability. For benchmarks alone (feature `floor`), which put our time beside it.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::DbBackend;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgRow};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sea_orm::sqlx::{
    self, Column, ConnectOptions, Connection, PgConnection, Row, SqliteConnection, TypeInfo, ValueRef,
};
use uuid::Uuid;

use crate::migration::order_counts::count_all;

/// Why the floor could not be measured.
pub type FloorError = Box<dyn std::error::Error + Send + Sync>;

/// A value as the database keeps it.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Null,
    Number(i64),
    Flag(bool),
    Text(String),
    Bytes(Vec<u8>),
    Id(Uuid),
    Time(DateTime<Utc>),
}

impl Cell {
    fn bytes(&self) -> usize {
        match self {
            Self::Null | Self::Flag(_) => 1,
            Self::Number(_) | Self::Time(_) => 8,
            Self::Id(_) => 16,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

type Cells = Vec<(String, Cell)>;
/// The rows of every table, by table and first column, which is the key of each.
type Contents = BTreeMap<(String, String), Cells>;

/// The rows that something wrote.
#[derive(Debug, Clone)]
pub struct Written {
    rows: Vec<(String, Cells, Change)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Inserted,
    Updated,
}

impl Written {
    /// Table by table: rows inserted, rows updated, bytes in their columns.
    pub fn account(&self) -> BTreeMap<&str, (usize, usize, usize)> {
        let mut all = BTreeMap::new();
        for (table, cells, change) in &self.rows {
            let entry: &mut (usize, usize, usize) = all.entry(table.as_str()).or_default();
            match change {
                Change::Inserted => entry.0 += 1,
                Change::Updated => entry.1 += 1,
            }
            entry.2 += cells.iter().map(|(_, cell)| cell.bytes()).sum::<usize>();
        }
        all
    }

    /// The row of the order that was changed.
    fn order(&self) -> Option<&Cells> {
        self.rows.iter().find(|(table, _, _)| table == "filing_order").map(|(_, cells, _)| cells)
    }
}

/// Everything in a database, to be compared with what is there later.
pub struct Snapshot(Contents);

enum Connected {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

async fn connect(database: &str) -> Result<Connected, FloorError> {
    if database.starts_with("sqlite") {
        let options = SqliteConnectOptions::from_str(database)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(60));
        return Ok(Connected::Sqlite(options.disable_statement_logging().connect().await?));
    }
    let options = PgConnectOptions::from_str(database)?;
    Ok(Connected::Postgres(options.disable_statement_logging().connect().await?))
}

const TABLES: [&str; 13] = [
    "filing_order",
    "judgement",
    "event",
    "inbox_message",
    "notice",
    "resource_slot",
    "authorization_code",
    "authenticity_proof",
    "delivery",
    "material",
    "order_trace",
    "audit_entry",
    "audit_head",
];

impl Snapshot {
    /// Reads all of it; for small databases.
    pub async fn of(database: &str) -> Result<Self, FloorError> {
        let mut contents = Contents::new();
        let mut connected = connect(database).await?;
        for table in TABLES {
            let query = format!("SELECT * FROM {table}");
            let rows: Vec<Cells> = match &mut connected {
                Connected::Sqlite(connection) => sqlx::query(sqlx::AssertSqlSafe(query))
                    .fetch_all(connection)
                    .await?
                    .iter()
                    .map(sqlite_cells)
                    .collect::<Result<_, _>>()?,
                Connected::Postgres(connection) => sqlx::query(sqlx::AssertSqlSafe(query))
                    .fetch_all(connection)
                    .await?
                    .iter()
                    .map(postgres_cells)
                    .collect::<Result<_, _>>()?,
            };
            for cells in rows {
                let key = format!("{:?}", cells.first());
                contents.insert((table.to_owned(), key), cells);
            }
        }
        Ok(Self(contents))
    }

    /// What was written between this and a later one.
    pub fn until(&self, later: &Self) -> Written {
        let rows = later.0.iter().filter_map(|(at, cells)| match self.0.get(at) {
            None => Some((at.0.clone(), cells.clone(), Change::Inserted)),
            Some(before) if before != cells => Some((at.0.clone(), cells.clone(), Change::Updated)),
            Some(_) => None,
        });
        Written { rows: rows.collect() }
    }
}

fn sqlite_cells(row: &SqliteRow) -> Result<Cells, FloorError> {
    let mut cells = Cells::new();
    for column in row.columns() {
        let at = column.ordinal();
        let raw = row.try_get_raw(at)?;
        let kind = raw.type_info().name().to_owned();
        let cell = match (raw.is_null(), kind.as_str()) {
            (true, _) => Cell::Null,
            (_, "INTEGER" | "BOOLEAN" | "BIGINT") => Cell::Number(row.try_get_unchecked(at)?),
            (_, "BLOB") => Cell::Bytes(row.try_get_unchecked(at)?),
            _ => Cell::Text(row.try_get_unchecked(at)?),
        };
        cells.push((column.name().to_owned(), cell));
    }
    Ok(cells)
}

fn postgres_cells(row: &PgRow) -> Result<Cells, FloorError> {
    let mut cells = Cells::new();
    for column in row.columns() {
        let at = column.ordinal();
        let cell = match (row.try_get_raw(at)?.is_null(), column.type_info().name()) {
            (true, _) => Cell::Null,
            (_, "INT8") => Cell::Number(row.try_get(at)?),
            (_, "BOOL") => Cell::Flag(row.try_get(at)?),
            (_, "BYTEA") => Cell::Bytes(row.try_get(at)?),
            (_, "UUID") => Cell::Id(row.try_get(at)?),
            (_, "TIMESTAMPTZ") => Cell::Time(row.try_get(at)?),
            _ => Cell::Text(row.try_get(at)?),
        };
        cells.push((column.name().to_owned(), cell));
    }
    Ok(cells)
}

/// A statement without those values that are null, which have no type.
#[derive(Clone)]
struct Bare {
    sql: String,
    values: Vec<Cell>,
}

fn insert(table: &str, cells: &Cells) -> Bare {
    let present: Vec<&(String, Cell)> = cells.iter().filter(|(_, cell)| *cell != Cell::Null).collect();
    let names: Vec<String> = present.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let places: Vec<String> = (1..=present.len()).map(|number| format!("${number}")).collect();
    let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
    Bare { sql, values: present.into_iter().map(|(_, cell)| cell.clone()).collect() }
}

fn update(table: &str, cells: &Cells) -> Bare {
    let (mut sets, mut values) = (Vec::new(), Vec::new());
    for (name, cell) in &cells[1..] {
        if *cell == Cell::Null {
            sets.push(format!("\"{name}\" = NULL"));
        } else {
            values.push(cell.clone());
            sets.push(format!("\"{name}\" = ${}", values.len()));
        }
    }
    values.push(cells[0].1.clone());
    let sql = format!("UPDATE {table} SET {} WHERE \"{}\" = ${}", sets.join(", "), cells[0].0, values.len());
    Bare { sql, values }
}

/// An identifier that no other repetition has, as that database keeps one.
fn fresh(like: &Cell, number: u128) -> Cell {
    let id = Uuid::from_u128((0xbea0_u128 << 112) | number);
    match like {
        Cell::Id(_) => Cell::Id(id),
        Cell::Bytes(_) => Cell::Bytes(id.as_bytes().to_vec()),
        Cell::Text(text) => Cell::Text(format!("{:.*}{id}", text.len().saturating_sub(36), text)),
        other => other.clone(),
    }
}

/// The statements of one repetition, each of rows of its own, and what must be there before.
fn repetition(
    written: &Written,
    number: u32,
    identifiers: &mut u128,
    sequence: &mut i64,
) -> (Option<Bare>, Vec<Bare>) {
    let mut next = |like: &Cell| {
        *identifiers += 1;
        fresh(like, *identifiers)
    };
    let order = written.order().map(|cells| cells[0].1.clone());
    let own = order.as_ref().map(&mut next);
    let (mut before, mut statements) = (None, Vec::new());
    for (table, cells, change) in &written.rows {
        let mut cells = cells.clone();
        for (_, cell) in &mut cells {
            if let Some(own) = own.as_ref().filter(|_| Some(&*cell) == order.as_ref()) {
                *cell = own.clone();
            }
        }
        match table.as_str() {
            "filing_order" => {
                for (name, cell) in &mut cells {
                    if matches!(name.as_str(), "number" | "open_sponsor_index" | "sponsor_index" | "domain") {
                        *cell = match &*cell {
                            Cell::Null => Cell::Null,
                            other => next(other),
                        };
                    }
                }
                let mut draft = cells.clone();
                for (name, cell) in &mut draft {
                    if matches!(name.as_str(), "open_sponsor_index" | "verdict") {
                        *cell = Cell::Null;
                    }
                }
                before = Some(insert(table, &draft));
            }
            "audit_entry" => {
                *sequence += 1;
                cells[0].1 = Cell::Number(*sequence);
            }
            "audit_head" => {
                for (name, cell) in &mut cells {
                    if name == "sequence" {
                        *cell = Cell::Number(*sequence);
                    }
                }
            }
            "resource_slot" => {
                for (name, cell) in &mut cells {
                    if name == "slot" {
                        *cell = Cell::Number(1_000 + i64::from(number));
                    }
                }
            }
            _ => cells[0].1 = next(&cells[0].1),
        }
        statements.push(match change {
            Change::Inserted => insert(table, &cells),
            Change::Updated => update(table, &cells),
        });
    }
    (before, statements)
}

macro_rules! bound {
    ($statement:expr) => {
        $statement.values.iter().cloned().fold(
            sqlx::query(sqlx::AssertSqlSafe($statement.sql.clone())),
            |query, cell| match cell {
                Cell::Null => query,
                Cell::Number(value) => query.bind(value),
                Cell::Flag(value) => query.bind(value),
                Cell::Text(value) => query.bind(value),
                Cell::Bytes(value) => query.bind(value),
                Cell::Id(value) => query.bind(value),
                Cell::Time(value) => query.bind(value),
            },
        )
    };
}

impl Connected {
    async fn run(&mut self, statement: &Bare) -> Result<(), FloorError> {
        match self {
            Self::Sqlite(connection) => bound!(statement).execute(connection).await.map(|_| ())?,
            Self::Postgres(connection) => bound!(statement).execute(connection).await.map(|_| ())?,
        }
        Ok(())
    }

    async fn begin(&mut self) -> Result<(), FloorError> {
        match self {
            Self::Sqlite(connection) => {
                sqlx::query("BEGIN IMMEDIATE").execute(connection).await.map(|_| ())?
            }
            Self::Postgres(connection) => sqlx::query("BEGIN").execute(connection).await.map(|_| ())?,
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), FloorError> {
        match self {
            Self::Sqlite(connection) => sqlx::query("COMMIT").execute(connection).await.map(|_| ())?,
            Self::Postgres(connection) => sqlx::query("COMMIT").execute(connection).await.map(|_| ())?,
        }
        Ok(())
    }
}

/// Writes rows again, so many times, into a database that was just opened by us; how long it took by the clock `now`.
pub async fn repeat(
    database: &str,
    written: &Written,
    times: u32,
    per_transaction: usize,
    connections: usize,
    now: fn() -> Instant,
) -> Result<Duration, FloorError> {
    let mut first = connect(database).await?;
    // Opening it has left entries of its own.
    let (mut identifiers, mut sequence) = (0, 1_000);
    let mut all = Vec::new();
    first.begin().await?;
    for number in 0..times {
        let (before, statements) = repetition(written, number, &mut identifiers, &mut sequence);
        if let Some(before) = before {
            first.run(&before).await?;
        }
        all.push(statements);
    }
    first.commit().await?;
    let share = all.len().div_ceil(connections);
    let mut workers = Vec::new();
    for part in all.chunks(share) {
        workers.push((connect(database).await?, part.to_vec()));
    }
    let began = now();
    let mut running = tokio::task::JoinSet::new();
    for (mut connected, part) in workers {
        running.spawn(async move {
            for group in part.chunks(per_transaction) {
                connected.begin().await?;
                for statement in group.iter().flatten() {
                    connected.run(statement).await?;
                }
                connected.commit().await?;
            }
            Ok::<(), FloorError>(())
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    let took = now() - began;
    if let Connected::Sqlite(connection) = first {
        connection.close().await?;
    }
    Ok(took)
}

/// Fills a database with orders that were handed in long ago and lately, like the one that is there: as many in each
/// state of the review desk, half of them of one kind, half in one province, half of those in review taken by
/// `reviewer`. What is sealed in them is cut off: they are for lists, not to be opened.
pub async fn multiply(database: &str, orders: u64, reviewer: Uuid) -> Result<(), FloorError> {
    let states =
        ["provider-review", "second-review", "returned", "queued", "at-regulator", "refused", "filed"];
    let state = |index: &str| {
        let cases: String =
            states.iter().enumerate().map(|(n, state)| format!("WHEN {n} THEN '{state}' ")).collect();
        format!("CASE {index} % {} {cases}END", states.len())
    };
    let mut connected = connect(database).await?;
    let is_sqlite = matches!(connected, Connected::Sqlite(_));
    let numbers = |last: u64| {
        if is_sqlite {
            format!(
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n)"
            )
        } else {
            format!("generate_series(1, {last}) AS n(i)")
        }
    };
    let series = numbers(orders);
    let (id, due, taken, day) = if is_sqlite {
        (
            "randomblob(16)",
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', 1700000000 + i * 60, 'unixepoch')",
            format!("x'{}'", reviewer.simple()),
            "date('2026-11-23', -i || ' day')",
        )
    } else {
        (
            "gen_random_uuid()",
            "to_timestamp(1700000000 + i * 60)",
            format!("'{reviewer}'::uuid"),
            "to_char(date '2026-11-23' - i, 'YYYY-MM-DD')",
        )
    };
    let columns: Vec<(&str, String)> = vec![
        ("id", id.to_owned()),
        ("number", "'BX' || i".to_owned()),
        ("owner", "t.owner".to_owned()),
        ("kind", "CASE (i / 7) % 2 WHEN 0 THEN '\"first-filing\"' ELSE '\"add-service\"' END".to_owned()),
        ("state", state("i")),
        ("revision", "1".to_owned()),
        ("case_sealed", "substr(t.case_sealed, 1, 256)".to_owned()),
        ("sponsor_index", "'s' || i".to_owned()),
        ("domain", "'d' || i || '.cn'".to_owned()),
        ("returned", "'[]'".to_owned()),
        ("created_at", due.to_owned()),
        ("updated_at", due.to_owned()),
        ("submitted_at", due.to_owned()),
        ("reminders", "0".to_owned()),
        ("province", "CASE (i / 14) % 2 WHEN 0 THEN '440000' ELSE '110000' END".to_owned()),
        ("review_due_at", due.to_owned()),
        ("reviewer", format!("CASE (i / 28) % 2 WHEN 0 THEN {taken} END")),
        ("claimed_until", format!("CASE (i / 28) % 2 WHEN 0 THEN {due} END")),
        ("signals", "0".to_owned()),
    ];
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<&str> = columns.iter().map(|(_, value)| value.as_str()).collect();
    let template = "(SELECT owner, case_sealed FROM filing_order LIMIT 1) AS t";
    let filings = format!(
        "INSERT INTO filing_order ({}) SELECT {} FROM {series}, {template}",
        names.join(", "),
        values.join(", "),
    );
    // What such orders leave in the tables that a page of an order reads.
    let traces = format!(
        "INSERT INTO order_trace (id, filing_order, kind, trace_index, sponsor_index) \
         SELECT {id}, {id}, 'mobile', 'm' || i, 's' || i FROM {series}"
    );
    let trail = format!(
        "INSERT INTO audit_entry (sequence, at, actor, action, subject, detail, hash) \
         SELECT -i, {due}, 'system', 'order.submit', 'order:x' || i, '{{}}', '' FROM {series}"
    );
    // What a reviewer did in ninety days, which does not grow with the orders of all years.
    let tallies: String = ["approve", "return", "late", "RTN001", "RTN026"]
        .map(|what| format!("SELECT i || '{what}', {day}, {taken}, '{what}', 7, 600 FROM {}", numbers(90)))
        .join(" UNION ALL ");
    let tallies = format!("INSERT INTO review_tally (key, day, reviewer, what, count, seconds) {tallies}");
    for sql in [filings, traces, trail, tallies] {
        connected.run(&Bare { sql, values: Vec::new() }).await?;
    }
    // Put together, as a timer has done it by then.
    let backend = if is_sqlite { DbBackend::Sqlite } else { DbBackend::Postgres };
    for sql in ["DELETE FROM order_count".to_owned(), count_all(backend)] {
        connected.run(&Bare { sql, values: Vec::new() }).await?;
    }
    // As the database's own housekeeping does it every day.
    let housekeeping = if is_sqlite { "ANALYZE" } else { "VACUUM ANALYZE" };
    connected.run(&Bare { sql: housekeeping.to_owned(), values: Vec::new() }).await?;
    if let Connected::Sqlite(connection) = connected {
        connection.close().await?;
    }
    Ok(())
}
