//! Parquet: its groups of rows, each of which can be read alone.

use std::collections::HashSet;
use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{Encoding, Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::reader::{ChunkReader, Length};
use parquet::schema::types::SchemaDescriptor;

use crate::page::PageHeader;
use crate::text::Batch;
use crate::{Leaf, MOST_AT_ONCE, Source, TableError, guarded, leaves};

/// What is expected, for errors.
const EXPECTED: &str = "a Parquet file";
/// Bytes of a footer.
const LONGEST_FOOTER: u64 = 32 << 20;
/// Bytes of the pages that one batch of rows stands in, once decompressed.
const MOST_OF_A_BATCH: u64 = 512 << 20;
/// Rows that are read at once.
const ROWS: usize = 4096;
/// Where each value is told by what it has in common with the one before, a page may stand for as many times its length
/// as it has rows: fewer at once, and of shorter pages.
const INCREMENTAL_ROWS: usize = 64;
const LONGEST_INCREMENTAL_PAGE: u64 = 4 << 20;

/// A Parquet file, of which the footer has been read.
#[derive(Clone)]
pub struct Parquet {
    source: Arc<dyn Source>,
    metadata: ArrowReaderMetadata,
    leaves: Vec<Leaf>,
    groups: Vec<Group>,
}

/// A group of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// Rows before it, as the footer claims.
    pub first_row: u64,
    /// Bytes that it takes up in the file, with the columns that nobody asks for.
    pub bytes: u64,
}

impl Parquet {
    /// Reads the footer.
    ///
    /// Errors: it is no Parquet file, is encrypted, was cut off, or its footer is damaged or larger than 32 MiB.
    pub fn open(source: Arc<dyn Source>) -> Result<Self, TableError> {
        let footer = footer(&*source)?;
        guarded(EXPECTED, || {
            let metadata = ParquetMetaDataReader::decode_metadata(&footer).map_err(damaged)?;
            // What the writer's program thought of the types does not matter.
            let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
            let plain = ArrowReaderMetadata::try_new(Arc::new(metadata), options.clone()).map_err(damaged)?;
            let instants = instants(plain.parquet_schema());
            let schema = Arc::new(Schema::new(as_read(plain.schema().fields(), &mut Vec::new(), &instants)));
            let options = options.with_schema(schema);
            let metadata =
                ArrowReaderMetadata::try_new(Arc::clone(plain.metadata()), options).map_err(damaged)?;
            let leaves = leaves(metadata.schema());
            let mut first_row = 0_u64;
            let group = |group: &parquet::file::metadata::RowGroupMetaData| {
                let columns = group.columns().iter();
                let bytes = columns.map(|column| u64::try_from(column.compressed_size()).unwrap_or(0));
                let this = Group { first_row, bytes: bytes.fold(0, u64::saturating_add) };
                first_row = first_row.saturating_add(u64::try_from(group.num_rows()).unwrap_or(0));
                this
            };
            let groups = metadata.metadata().row_groups().iter().map(group).collect();
            Ok(Self { source, metadata, leaves, groups })
        })
    }

    /// The names of all values that can be told: of an object within an object, both with a dot between.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.leaves.iter().map(|leaf| leaf.name.as_str())
    }

    /// All groups, in their order.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Reads a group: of the values at these places of [`Self::names`].
    pub fn read(&self, group: usize, columns: &[Option<usize>]) -> Result<GroupReader, TableError> {
        let chosen: Vec<Option<Leaf>> =
            columns.iter().map(|place| place.and_then(|place| self.leaves.get(place)).cloned()).collect();
        let parquet_schema = self.metadata.parquet_schema();
        let is_chosen = |path: &[String]| chosen.iter().flatten().any(|leaf| leaf.path == path);
        let places: Vec<usize> = (0..parquet_schema.num_columns())
            .filter(|place| is_chosen(parquet_schema.column(*place).path().parts()))
            .collect();
        if group >= self.groups.len() {
            return Err(TableError::Damaged {
                expected: EXPECTED,
                got: format!("one without group {group}"),
            });
        }
        let about = self.metadata.metadata().row_group(group);
        let is_incremental = |place: &usize| {
            about.columns().get(*place).is_some_and(|column| {
                column.encodings().any(|encoding| encoding == Encoding::DELTA_BYTE_ARRAY)
            })
        };
        let rows = if places.iter().any(is_incremental) { Rows::Few } else { Rows::Many };
        let input = Guard::new(Arc::clone(&self.source), rows);
        let claimed = Arc::clone(&input.claimed);
        let reader = guarded(EXPECTED, || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(input, self.metadata.clone())
                .with_projection(ProjectionMask::leaves(parquet_schema, places))
                .with_row_groups(vec![group])
                .with_batch_size(match rows {
                    Rows::Many => ROWS,
                    Rows::Few => INCREMENTAL_ROWS,
                })
                .build()
                .map_err(damaged)
        })?;
        let left = u64::try_from(about.num_rows()).unwrap_or(0);
        Ok(GroupReader { reader: Some(reader), chosen, claimed, left })
    }
}

/// The rows of a group, some at once.
pub struct GroupReader {
    /// None behind the last row, or an error.
    reader: Option<ParquetRecordBatchReader>,
    chosen: Vec<Option<Leaf>>,
    claimed: Arc<AtomicU64>,
    /// Rows to come, by the footer.
    left: u64,
}

impl Iterator for GroupReader {
    type Item = Result<Batch, TableError>;
    fn next(&mut self) -> Option<Self::Item> {
        self.claimed.store(0, Ordering::Relaxed);
        let Self { reader, chosen, left, .. } = self;
        let reading = reader.as_mut()?;
        let next = guarded(EXPECTED, || match reading.next() {
            None if *left > 0 => {
                let got = format!("one of which a group has {left} rows less than its footer says");
                Err(TableError::Damaged { expected: EXPECTED, got })
            }
            None => Ok(None),
            Some(batch) => {
                let batch = batch.map_err(|error| damaged(ParquetError::from(error)))?;
                *left = left.saturating_sub(batch.num_rows() as u64);
                Batch::of(&batch, chosen).map(Some)
            }
        });
        if !matches!(next, Ok(Some(_))) {
            *reader = None;
        }
        next.transpose()
    }
}

/// The footer, whose length stands in the last eight bytes of the file.
fn footer(source: &dyn Source) -> Result<Vec<u8>, TableError> {
    let damaged = |got: &str| TableError::Damaged { expected: EXPECTED, got: got.to_owned() };
    let length = source.length();
    let end = length.checked_sub(8).filter(|end| *end >= 4);
    let end = end.ok_or_else(|| damaged("fewer bytes than the shortest has"))?;
    let mut tail = [0; 8];
    At { source, at: end, end: length }.read_exact(&mut tail)?;
    let [a, b, c, d, magic @ ..] = tail;
    let got = u64::from(u32::from_le_bytes([a, b, c, d]));
    match &magic {
        b"PAR1" if got > LONGEST_FOOTER => {
            Err(TableError::TooLarge { what: "a footer", limit: LONGEST_FOOTER, got })
        }
        b"PAR1" if got > end - 4 => Err(damaged("a footer that is longer than the file")),
        b"PAR1" => {
            let mut footer = vec![0; got as usize];
            At { source, at: end - got, end }.read_exact(&mut footer)?;
            Ok(footer)
        }
        b"PARE" => Err(damaged("one with an encrypted footer")),
        _ => Err(damaged("one without its end: cut off, or still being written")),
    }
}

/// Paths of the columns with 96 bits, which are instants whoever wrote them (Impala, Hive, Spark).
fn instants(schema: &SchemaDescriptor) -> HashSet<Vec<String>> {
    let columns = schema.columns().iter();
    columns
        .filter(|column| column.physical_type() == Type::INT96)
        .map(|column| column.path().parts().to_vec())
        .collect()
}

/// Types as they are read: a text of a dictionary is there once, however many rows have it.
fn as_read(fields: &Fields, path: &mut Vec<String>, instants: &HashSet<Vec<String>>) -> Fields {
    let field = |field: &Arc<Field>| {
        path.push(field.name().clone());
        let kind = match field.data_type() {
            DataType::Struct(fields) => DataType::Struct(as_read(fields, path, instants)),
            DataType::Utf8 => DataType::Utf8View,
            DataType::Binary => DataType::BinaryView,
            DataType::Timestamp(..) if instants.contains(path) => {
                DataType::Timestamp(TimeUnit::Second, Some("UTC".into()))
            }
            other => other.clone(),
        };
        path.pop();
        Arc::new(field.as_ref().clone().with_data_type(kind))
    };
    fields.iter().map(field).collect()
}

/// How many rows are read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    Many,
    Few,
}

/// Gives the library what it asks for, once it is known to be bounded.
struct Guard {
    source: Arc<dyn Source>,
    length: u64,
    rows: Rows,
    /// Bytes that the pages claim which were read since the batch before.
    claimed: Arc<AtomicU64>,
}

impl Guard {
    fn new(source: Arc<dyn Source>, rows: Rows) -> Self {
        Self { length: source.length(), source, rows, claimed: Arc::default() }
    }

    fn check(&self, header: &PageHeader) -> Result<(), TableError> {
        let got = u64::try_from(header.uncompressed).unwrap_or(0);
        if got > MOST_AT_ONCE {
            return Err(TableError::TooLarge { what: "a page", limit: MOST_AT_ONCE, got });
        }
        if header.is_incremental && self.rows == Rows::Many {
            let got = "a page of an encoding that its footer does not tell of".to_owned();
            return Err(TableError::Damaged { expected: EXPECTED, got });
        }
        if header.is_incremental && got > LONGEST_INCREMENTAL_PAGE {
            let what = "a page of the encoding DELTA_BYTE_ARRAY";
            return Err(TableError::TooLarge { what, limit: LONGEST_INCREMENTAL_PAGE, got });
        }
        let claimed = self.claimed.fetch_add(got, Ordering::Relaxed) + got;
        if claimed > MOST_OF_A_BATCH {
            let what = "the pages of some rows";
            return Err(TableError::TooLarge { what, limit: MOST_OF_A_BATCH, got: claimed });
        }
        Ok(())
    }
}

impl Length for Guard {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Guard {
    type T = Cursor<Vec<u8>>;

    /// The library reads headers of pages this way, and nothing else.
    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let at = At { source: &*self.source, at: start, end: self.length };
        let header = PageHeader::read(&mut BufReader::with_capacity(1 << 10, at))
            .map_err(|error| ParquetError::External(Box::new(TableError::Io(error))))?;
        self.check(&header).map_err(|error| ParquetError::External(Box::new(error)))?;
        Ok(Cursor::new(header.bytes))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let external = |error| ParquetError::External(Box::new(error));
        if length as u64 > MOST_AT_ONCE {
            let (limit, got) = (MOST_AT_ONCE, length as u64);
            return Err(external(TableError::TooLarge { what: "a page", limit, got }));
        }
        let is_within = start.checked_add(length as u64).is_some_and(|end| end <= self.length);
        if !is_within {
            let got = "one that is shorter than its footer says".to_owned();
            return Err(external(TableError::Damaged { expected: EXPECTED, got }));
        }
        let mut bytes = vec![0; length];
        let mut at = At { source: &*self.source, at: start, end: self.length };
        at.read_exact(&mut bytes).map_err(|error| external(TableError::Io(error)))?;
        Ok(bytes.into())
    }
}

/// Reads a source from a place on.
struct At<'a> {
    source: &'a dyn Source,
    at: u64,
    end: u64,
}

impl Read for At<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = room.len().min(left);
        let read = self.source.read_at(room.get_mut(..length).unwrap_or_default(), self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// What the library says, or what we said to it.
fn damaged(error: ParquetError) -> TableError {
    match error {
        ParquetError::External(source) => match source.downcast::<TableError>() {
            Ok(error) => *error,
            Err(other) => match other.downcast::<arrow_schema::ArrowError>() {
                Ok(arrow) => TableError::Damaged { expected: EXPECTED, got: arrow.to_string() },
                Err(other) => TableError::Damaged { expected: EXPECTED, got: other.to_string() },
            },
        },
        other => TableError::Damaged { expected: EXPECTED, got: other.to_string() },
    }
}
