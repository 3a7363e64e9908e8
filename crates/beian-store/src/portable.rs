//! Everything of an installation as one file, and back into an empty one, whichever
//! of the two databases either has.
//!
//! Inside the [`envelope`] are lines of JSON: what the file is, every row, every
//! picture, whatever else the caller adds, and at last how many lines there were and
//! their digest. Sealed columns are opened to leave and sealed anew to stay: the keys
//! never leave an installation, and so an export, once opened, opens no backup.

mod envelope;
mod tables;

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use beian_domain::MaterialId;
use chrono::{DateTime, Utc};
use sea_orm::{
    AccessMode, ColumnTrait, DbBackend, EntityTrait, IsolationLevel, QueryFilter, TransactionOptions,
    TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub use envelope::{Lock, MINIMUM_PASSPHRASE};

use crate::entity::{audit_entry, setting};
use crate::migration::Migrator;
use crate::sealing::hex;
use crate::{Actor, FileKind, Store, StoreError, Subject};

/// Most bytes of a line: a picture in base64, or what went to the regulator with all of its.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;
/// Rows that wait to be written together.
const WAITING: usize = 200;

/// Something that belongs to an installation beside its database and its pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// By which the caller knows it again.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// What an export holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortableReport {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Rows of all tables.
    pub rows: u64,
    /// Pictures; each has two.
    pub pictures: u64,
    /// What was added by the caller.
    pub attachments: Vec<Attachment>,
}

/// Why an export is not made, or not taken. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PortableError {
    /// The passphrase is too short.
    #[error("expected a passphrase of at least {MINIMUM_PASSPHRASE} characters, got {got}")]
    Passphrase {
        /// Its length.
        got: usize,
    },
    /// The key file is none.
    #[error("expected a key file of 64 hexadecimal digits, got something else")]
    KeyFile,
    /// The file is no export, or its first line is damaged.
    #[error("expected an export of beian, got another file")]
    NotAnExport,
    /// It is of another version of the format.
    #[error("expected version {expected} of the format, got {got}")]
    Version {
        /// The version that is read.
        expected: u32,
        /// Its version.
        got: u32,
    },
    /// It is locked in the other way.
    #[error("expected its {expected}, got the other kind of lock")]
    OtherLock {
        /// With what it is locked.
        expected: &'static str,
    },
    /// The lock does not fit, or the beginning is damaged.
    #[error("expected the passphrase or key file with which it was locked, and an undamaged file")]
    DoesNotOpen,
    /// It is damaged, or something is missing.
    #[error("expected an undamaged export, got {what}")]
    Damaged {
        /// What is wrong, without personal data.
        what: String,
    },
    /// It is of another version of the program.
    #[error(
        "expected an export of the schema {expected}, got {got}: bring both programs to the same version"
    )]
    Schema {
        /// The newest step of this program's schema.
        expected: String,
        /// That of the file.
        got: String,
    },
    /// The installation is not empty.
    #[error("expected an empty installation, got rows in {table}")]
    Occupied {
        /// A table with rows.
        table: &'static str,
    },
    /// Reading or writing the file failed.
    #[error("the file failed: {0}")]
    File(#[from] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A line of an export.
#[derive(Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
enum Entry {
    Head { schema: Vec<String>, made_at: DateTime<Utc> },
    Row { table: String, row: Value },
    Picture { material: MaterialId, kind: FileKind, content: String },
    Attachment { name: String, content: String },
    End { lines: u64, sha256: String },
}

/// Writes lines and counts them.
struct Lines<W: Write> {
    out: W,
    lines: u64,
    digest: Sha256,
}

impl<W: Write> Lines<W> {
    fn put(&mut self, entry: &Entry) -> Result<(), PortableError> {
        let mut line =
            Zeroizing::new(serde_json::to_vec(entry).map_err(|error| PortableError::File(error.into()))?);
        line.push(b'\n');
        if line.len() as u64 > LONGEST_LINE {
            return Err(PortableError::Damaged { what: format!("a line of {} bytes", line.len()) });
        }
        self.out.write_all(&line)?;
        if !matches!(entry, Entry::End { .. }) {
            self.lines += 1;
            self.digest.update(line.as_slice());
        }
        Ok(())
    }
}

impl Store {
    /// Writes everything of this installation into `out`, as it stands in one moment.
    pub async fn export<W: Write>(
        &self,
        out: W,
        lock: &Lock,
        attachments: &[Attachment],
    ) -> Result<PortableReport, PortableError> {
        let options = match self.db.get_database_backend() {
            // A deferred transaction sees what was there at its first look.
            DbBackend::Sqlite => TransactionOptions::default(),
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..Default::default()
            },
        };
        let db = self.db.begin_with_options(options).await.map_err(StoreError::from)?;
        let made_at = self.clock.now();
        let locked = envelope::Locked::begin(out, lock, &*self.random)?;
        let mut lines = Lines { out: BufWriter::new(locked), lines: 0, digest: Sha256::new() };
        lines.put(&Entry::Head { schema: schema(), made_at })?;
        let mut report = PortableReport { made_at, rows: 0, pictures: 0, attachments: Vec::new() };
        let mut pictures = Vec::new();
        tables::each_row(&db, &self.sealer, |table, row| {
            let has_picture = row.get("has_picture").and_then(Value::as_bool);
            let kinds: &[FileKind] = match (table, has_picture) {
                ("material", _) => &[FileKind::Original, FileKind::Copy],
                ("review_evidence", Some(true)) => &[FileKind::Evidence],
                _ => &[],
            };
            if let Some(id) = row.get("id").filter(|_| !kinds.is_empty()) {
                let id = serde_json::from_value::<MaterialId>(id.clone());
                let id = id.map_err(|_| PortableError::Damaged { what: format!("a row of {table}") })?;
                pictures.extend(kinds.iter().map(|kind| (id, *kind)));
            }
            report.rows += 1;
            lines.put(&Entry::Row { table: table.to_owned(), row })
        })
        .await?;
        db.rollback().await.map_err(StoreError::from)?;
        // A picture is never changed, and outlives its row.
        for (material, kind) in pictures {
            let content = self.files.get(material, kind).await?;
            lines.put(&Entry::Picture { material, kind, content: BASE64.encode(content.as_slice()) })?;
            report.pictures += 1;
        }
        for Attachment { name, content } in attachments {
            lines.put(&Entry::Attachment { name: name.clone(), content: BASE64.encode(content) })?;
            report.attachments.push(Attachment { name: name.clone(), content: content.clone() });
        }
        let end = Entry::End { lines: lines.lines, sha256: hex(&lines.digest.clone().finalize()) };
        lines.put(&end)?;
        let locked = lines.out.into_inner().map_err(|error| PortableError::File(error.into_error()))?;
        locked.finish()?;
        let mut tx = self.begin(Actor::System);
        let detail = json!({ "rows": report.rows, "pictures": report.pictures });
        tx.note("installation.export", &Subject::Other("installation", "all".to_owned()), detail);
        tx.commit().await?;
        Ok(report)
    }

    /// Takes an export into this installation, which must be empty: all of it, in one
    /// transaction, or nothing. `open` opens the file; it is read twice, and nothing
    /// is written before it was read to its end once.
    pub async fn import<R: Read>(
        &self,
        open: impl Fn() -> io::Result<R>,
        lock: &Lock,
    ) -> Result<PortableReport, PortableError> {
        if let Some(table) = tables::occupied(&self.db).await? {
            return Err(PortableError::Occupied { table });
        }
        let report = inspect(open()?, lock)?;
        let tx = self.begin(Actor::System);
        let mut written = Vec::new();
        match self.take_in(tx, open()?, lock, &report, &mut written).await {
            Ok(()) => Ok(report),
            Err(error) => {
                for (material, kind) in written {
                    // What stays is sealed, and named by no row.
                    let _ = self.files.delete(material, kind).await;
                }
                Err(error)
            }
        }
    }

    async fn take_in<R: Read>(
        &self,
        mut tx: crate::Tx<'_>,
        file: R,
        lock: &Lock,
        report: &PortableReport,
        written: &mut Vec<(MaterialId, FileKind)>,
    ) -> Result<(), PortableError> {
        if let Some(table) = tables::occupied(&tx.db).await? {
            return Err(PortableError::Occupied { table });
        }
        // What an empty installation has noted of its own start gives way to the trail that comes.
        audit_entry::Entity::delete_many().exec(&tx.db).await.map_err(StoreError::from)?;
        setting::Entity::delete_many()
            .filter(setting::Column::Name.ne(crate::events::KEY_CHECK))
            .exec(&tx.db)
            .await
            .map_err(StoreError::from)?;
        let mut waiting: (String, Vec<Value>) = Default::default();
        let mut lines = entries(file, lock)?;
        while let Some((entry, _)) = lines.next_entry()? {
            if let Entry::Row { table, row } = entry {
                if waiting.0 != table || waiting.1.len() >= WAITING {
                    let (table, rows) = std::mem::replace(&mut waiting, (table, Vec::new()));
                    if !rows.is_empty() {
                        tables::insert(&tx.db, &self.sealer, &table, rows).await?;
                    }
                }
                waiting.1.push(row);
            } else if let Entry::Picture { material, kind, content } = entry {
                written.push((material, kind));
                self.files.put(material, kind, &decoded(&content)?).await?;
            }
        }
        let (table, rows) = waiting;
        if !rows.is_empty() {
            tables::insert(&tx.db, &self.sealer, &table, rows).await?;
        }
        // They are keyed hashes of what the orders say: made again by the keys of this installation.
        tables::derive_traces(&tx.db, &self.sealer).await?;
        let detail = json!({ "rows": report.rows, "pictures": report.pictures, "made_at": report.made_at });
        tx.note("installation.import", &Subject::Other("installation", "all".to_owned()), detail);
        Ok(tx.commit().await?)
    }
}

/// Every line of an export in plain text, proven to be whole: to look into one, or to
/// move what is in it elsewhere.
pub fn portable_lines<R: Read>(
    file: R,
    lock: &Lock,
    mut take: impl FnMut(&str) -> io::Result<()>,
) -> Result<(), PortableError> {
    let mut lines = entries(file, lock)?;
    while let Some((_, line)) = lines.next_entry()? {
        take(&line)?;
    }
    Ok(())
}

/// Reads an export to its end, and believes none of it before.
fn inspect<R: Read>(file: R, lock: &Lock) -> Result<PortableReport, PortableError> {
    let damaged = |what: &str| PortableError::Damaged { what: what.to_owned() };
    let mut lines = entries(file, lock)?;
    let Some((Entry::Head { schema: got, made_at }, _)) = lines.next_entry()? else {
        return Err(damaged("no head"));
    };
    if got != schema() {
        let newest = |steps: &[String]| steps.last().cloned().unwrap_or_default().chars().take(80).collect();
        return Err(PortableError::Schema { expected: newest(&schema()), got: newest(&got) });
    }
    let mut report = PortableReport { made_at, rows: 0, pictures: 0, attachments: Vec::new() };
    let mut has_ended = false;
    while let Some((entry, _)) = lines.next_entry()? {
        if has_ended {
            return Err(damaged("a line after the end"));
        }
        match entry {
            Entry::Head { .. } => return Err(damaged("a second head")),
            Entry::Row { table, row } => {
                tables::check(&table, row)?;
                report.rows += 1;
            }
            Entry::Picture { content, .. } => {
                decoded(&content)?;
                report.pictures += 1;
            }
            Entry::Attachment { name, content } => {
                report.attachments.push(Attachment { name, content: decoded(&content)? });
            }
            Entry::End { .. } => has_ended = true,
        }
    }
    if has_ended { Ok(report) } else { Err(damaged("no end")) }
}

struct Entries<R: Read> {
    from: BufReader<envelope::Opened<R>>,
    lines: u64,
    digest: Sha256,
}

fn entries<R: Read>(file: R, lock: &Lock) -> Result<Entries<R>, PortableError> {
    let opened = envelope::Opened::begin(file, lock)?;
    Ok(Entries { from: BufReader::new(opened), lines: 0, digest: Sha256::new() })
}

impl<R: Read> Entries<R> {
    /// The next line. Its end is held against what was read before it.
    fn next_entry(&mut self) -> Result<Option<(Entry, Zeroizing<String>)>, PortableError> {
        let mut line = Zeroizing::new(Vec::new());
        (&mut self.from).take(LONGEST_LINE + 1).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        let damaged = |what: String| PortableError::Damaged { what };
        let number = self.lines + 1;
        if line.last() != Some(&b'\n') {
            return Err(damaged(format!("a line {number} without an end")));
        }
        let text = std::str::from_utf8(&line).map_err(|_| damaged(format!("a line {number} of no text")))?;
        // The message of serde_json can repeat what it read.
        let entry: Entry = serde_json::from_str(text).map_err(|error| {
            damaged(format!("a line {number} that is wrong at column {}", error.column()))
        })?;
        if let Entry::End { lines, sha256 } = &entry {
            if *lines != self.lines || *sha256 != hex(&self.digest.clone().finalize()) {
                return Err(damaged(format!("{} lines with another digest", self.lines)));
            }
        } else {
            self.lines += 1;
            self.digest.update(line.as_slice());
        }
        let text = Zeroizing::new(text.to_owned());
        Ok(Some((entry, text)))
    }
}

fn decoded(content: &str) -> Result<Vec<u8>, PortableError> {
    BASE64.decode(content).map_err(|_| PortableError::Damaged { what: "bytes that are no base64".to_owned() })
}

/// The steps of this program's schema.
fn schema() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use beian_domain::{Clock, ManualClock, Random, SeededRandom};
    use sea_orm::{ConnectionTrait, Statement};
    use std::sync::Arc;

    /// A table that is forgotten here would be lost on the way.
    #[tokio::test]
    async fn every_table_is_in_an_export_or_has_its_reason() {
        // Who is signed in signs in again, a challenge counts for minutes, each program knows its own steps, traces
        // and counts follow from the orders, what was read on photographs from the photographs, and names from the records.
        const LEFT: [&str; 7] = [
            "session",
            "passkey_ceremony",
            "seaql_migrations",
            "order_trace",
            "order_count",
            "material_reading",
            "sponsor_name",
        ];
        let directory = tempfile::tempdir().unwrap();
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
        let clock: Arc<dyn Clock> =
            Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_000_000, 0).unwrap()));
        let options = crate::Options {
            database: format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
            files: directory.path().to_owned(),
            keys: crate::Keys::generate(&*random),
            commit_hook: None,
        };
        let store = Store::open(options, clock, random).await.unwrap();
        let all =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let rows = store.db.query_all_raw(Statement::from_string(DbBackend::Sqlite, all)).await.unwrap();
        let mut found: Vec<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
        let mut known: Vec<&str> = tables::NAMES.iter().chain(&LEFT).copied().collect();
        found.sort_unstable();
        known.sort_unstable();
        assert_eq!(found, known);
    }
}
