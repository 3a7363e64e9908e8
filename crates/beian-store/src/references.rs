//! Which of the regulator's files are held against what is here: code tables (基础代码) and full
//! synchronisations (备案数据同步). What they say is kept with the files.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::entity::reference_file as table;
use crate::{Reader, Result, Subject, Tx, exists};

/// What a file of the regulator's is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferenceKind {
    /// Code tables: the codes that are in use here.
    CodeTables,
    /// Filings of a full synchronisation: our records.
    Synchronisation,
}

impl ReferenceKind {
    fn slug(self) -> &'static str {
        match self {
            Self::CodeTables => "code-tables",
            Self::Synchronisation => "synchronisation",
        }
    }
}

impl Tx<'_> {
    /// Notes that a file that is kept is to be held against something.
    pub async fn note_reference(&mut self, file: &str, kind: ReferenceKind) -> Result<()> {
        let row = table::ActiveModel {
            file: Set(file.to_owned()),
            kind: Set(kind.slug().to_owned()),
            received_at: Set(self.store.clock.now()),
        };
        table::Entity::insert(row)
            .exec_without_returning(&self.db)
            .await
            .map_err(|error| exists(error, "file to hold against something"))?;
        let detail = json!({"kind": kind.slug()});
        self.note("reference.receive", &Subject::Other("file", file.to_owned()), detail);
        Ok(())
    }
}

impl Reader<'_> {
    /// At most `limit` files of a kind, newest first, each with when it came.
    pub async fn references(&self, kind: ReferenceKind, limit: u64) -> Result<Vec<(String, DateTime<Utc>)>> {
        let rows = table::Entity::find()
            .filter(table::Column::Kind.eq(kind.slug()))
            .order_by_desc(table::Column::ReceivedAt)
            .order_by_desc(table::Column::File)
            .limit(limit)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| (row.file, row.received_at)).collect())
    }
}
