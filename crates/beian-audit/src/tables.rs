//! Parquet and Arrow IPC as logs: a row a request.

use std::io::Read;
use std::sync::Arc;

use beian_table::{ArrowReader, Parquet, Source, TableError};

pub(crate) use beian_table::Batch;

use crate::format::FieldNames;
use crate::input::{Anywhere, OtherFile, ProblemKind};

/// A Parquet file: groups of rows, each of which can be read alone.
pub(crate) struct ParquetLog {
    parquet: Parquet,
    /// Of host, time, address and target.
    columns: [Option<usize>; 4],
}

/// Arrow IPC, which is read from the beginning to the end.
pub(crate) struct ArrowLog(ArrowReader<Box<dyn Read + Send>>);

impl Source for Anywhere {
    fn length(&self) -> u64 {
        Self::length(self)
    }
    fn read_at(&self, room: &mut [u8], at: u64) -> std::io::Result<usize> {
        Self::read_at(self, room, at)
    }
}

impl ParquetLog {
    /// Reads what columns and groups there are.
    pub(crate) fn open(source: Anywhere, names: &FieldNames) -> Result<Self, ProblemKind> {
        let parquet = Parquet::open(Arc::new(source)).map_err(|error| unreadable(&error))?;
        let columns = columns(parquet.names(), names)?;
        Ok(Self { parquet, columns })
    }

    pub(crate) fn groups(&self) -> usize {
        self.parquet.groups().len()
    }

    /// Bytes of a group in the file, and of all before it.
    pub(crate) fn bytes(&self, group: usize) -> (u64, u64) {
        let groups = self.parquet.groups();
        let before = groups.iter().take(group).map(|group| group.bytes).fold(0, u64::saturating_add);
        (groups.get(group).map_or(0, |group| group.bytes), before)
    }

    /// The number of a group's first row.
    pub(crate) fn first_row(&self, group: usize) -> u64 {
        self.parquet.groups().get(group).map_or(0, |group| group.first_row)
    }

    /// The rows of a group, some at once.
    pub(crate) fn rows(
        &self,
        group: usize,
    ) -> Result<impl Iterator<Item = Result<Batch, String>> + use<>, String> {
        let reader = self.parquet.read(group, &self.columns).map_err(|error| error.to_string())?;
        Ok(reader.map(|batch| batch.map_err(|error| error.to_string())))
    }
}

impl ArrowLog {
    /// Reads what columns there are.
    pub(crate) fn open(input: Box<dyn Read + Send>, names: &FieldNames) -> Result<Self, ProblemKind> {
        let mut reader = ArrowReader::open(input).map_err(|error| unreadable(&error))?;
        let columns = columns(reader.names(), names)?;
        reader.choose(&columns);
        Ok(Self(reader))
    }

    /// The next rows; none behind the last.
    pub(crate) fn next(&mut self) -> Result<Option<Batch>, String> {
        self.0.next_batch().map_err(|error| error.to_string())
    }
}

/// Which columns are host, time, address and target: as in CSV, by their names.
fn columns<'a>(
    there: impl Iterator<Item = &'a str> + Clone,
    names: &FieldNames,
) -> Result<[Option<usize>; 4], ProblemKind> {
    if ["domain", "standing", "sample_url"].iter().all(|name| there.clone().any(|there| there == *name)) {
        return Err(ProblemKind::Other { file: OtherFile::Report });
    }
    let columns = names.places(there.clone());
    if columns[0].is_some() {
        return Ok(columns);
    }
    // Enough for a person to see which it might be.
    let columns: Vec<&str> = there.take(20).collect();
    Err(ProblemKind::NoHost { columns: columns.join(", ").chars().take(400).collect() })
}

fn unreadable(error: &TableError) -> ProblemKind {
    ProblemKind::Unreadable { message: error.to_string() }
}
