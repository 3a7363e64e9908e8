//! Parquet out of the house.

use std::io;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::TableError;

/// The zone in which times are shown (they are instants).
const ZONE: &str = "Asia/Shanghai";

/// Values of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// Texts.
    Text(Vec<String>),
    /// Texts, some of which may be missing.
    MaybeText(Vec<Option<String>>),
    /// Lists of texts.
    Texts(Vec<Vec<String>>),
    /// Whole numbers.
    Number(Vec<i64>),
    /// Yes or no.
    Flag(Vec<bool>),
    /// Seconds since 1970, some of which may be missing.
    MaybeTime(Vec<Option<i64>>),
    /// Days since 1970-01-01.
    Day(Vec<i32>),
}

/// Writes a table batch by batch, compressed with zstd.
pub struct ParquetWriter<W: io::Write + Send> {
    writer: ArrowWriter<W>,
    schema: Arc<Schema>,
}

impl<W: io::Write + Send> ParquetWriter<W> {
    /// Begins a table with these columns; the values only tell of which kind they are.
    pub fn new(output: W, columns: &[(&str, Values)]) -> Result<Self, TableError> {
        let field = |(name, values): &(&str, Values)| {
            let may_be_missing = matches!(values, Values::MaybeText(_) | Values::MaybeTime(_));
            Field::new(*name, values.kind(), may_be_missing)
        };
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("beian ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer =
            ArrowWriter::try_new(output, Arc::clone(&schema), Some(properties)).map_err(parquet_error)?;
        Ok(Self { writer, schema })
    }

    /// Writes rows: the columns in their order, all of one length.
    pub fn write(&mut self, columns: Vec<Values>) -> Result<(), TableError> {
        let columns = columns.into_iter().map(Values::array).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(arrow_error)?;
        self.writer.write(&batch).map_err(parquet_error)
    }

    /// Writes what is at the end of the file.
    pub fn finish(self) -> Result<(), TableError> {
        self.writer.close().map(drop).map_err(parquet_error)
    }
}

impl Values {
    fn kind(&self) -> DataType {
        match self {
            Self::Text(_) | Self::MaybeText(_) => DataType::Utf8,
            Self::Texts(_) => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
            Self::Number(_) => DataType::Int64,
            Self::Flag(_) => DataType::Boolean,
            // Parquet knows no unit that is longer.
            Self::MaybeTime(_) => DataType::Timestamp(TimeUnit::Millisecond, Some(ZONE.into())),
            Self::Day(_) => DataType::Date32,
        }
    }

    fn array(self) -> ArrayRef {
        match self {
            Self::Text(values) => Arc::new(StringArray::from(values)),
            Self::MaybeText(values) => Arc::new(StringArray::from(values)),
            Self::Texts(values) => {
                let mut builder = ListBuilder::new(StringBuilder::new());
                for value in values {
                    builder.append_value(value.into_iter().map(Some));
                }
                Arc::new(builder.finish())
            }
            Self::Number(values) => Arc::new(Int64Array::from(values)),
            Self::Flag(values) => Arc::new(BooleanArray::from(values)),
            Self::MaybeTime(values) => {
                let values =
                    values.into_iter().map(|seconds| seconds.map(|seconds| seconds.saturating_mul(1000)));
                Arc::new(values.collect::<TimestampMillisecondArray>().with_timezone(ZONE))
            }
            Self::Day(values) => Arc::new(Date32Array::from(values)),
        }
    }
}

fn parquet_error(error: ParquetError) -> TableError {
    TableError::Io(io::Error::other(error))
}

fn arrow_error(error: ArrowError) -> TableError {
    TableError::Io(io::Error::other(error))
}
