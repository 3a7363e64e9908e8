//! Columns of any type as the texts that a log would have.

use std::io::Write as _;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, LargeBinaryArray, RecordBatch,
    downcast_integer_array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, Datelike as _, Timelike as _};

use crate::{Leaf, TableError};

/// Some rows: of each column that was asked for, the texts.
#[derive(Debug)]
pub struct Batch {
    rows: usize,
    columns: Vec<Option<Texts>>,
}

impl Batch {
    /// Of a batch, the values that were chosen.
    pub(crate) fn of(batch: &RecordBatch, chosen: &[Option<Leaf>]) -> Result<Self, TableError> {
        let columns = chosen.iter().map(|leaf| leaf.as_ref().map(|leaf| Texts::of(batch, leaf)).transpose());
        Ok(Self { rows: batch.num_rows(), columns: columns.collect::<Result<_, _>>()? })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A value; empty if it is null, or its column was not asked for.
    #[inline]
    pub fn cell(&self, column: usize, row: usize) -> &[u8] {
        self.columns.get(column).and_then(Option::as_ref).map_or(b"", |texts| texts.value(row))
    }
}

/// A column.
#[derive(Debug)]
pub struct Texts {
    cells: Cells,
    /// Of the column, and of the objects that it is within.
    nulls: Vec<NullBuffer>,
}

#[derive(Debug)]
enum Cells {
    View(BinaryViewArray),
    Plain(BinaryArray),
    Large(LargeBinaryArray),
    Fixed(FixedSizeBinaryArray),
    /// Where each begins and ends.
    Written(Vec<(u32, u32)>, Vec<u8>),
    /// Which of some others each is.
    Chosen(Vec<usize>, Box<Texts>),
}

/// Whether values of a type can be told.
pub(crate) fn is_told(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, value) => !matches!(**value, DataType::Dictionary(..)) && is_told(value),
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_)
        | DataType::Float32
        | DataType::Float64
        | DataType::Date32
        | DataType::Date64
        | DataType::Timestamp(..)
        | DataType::Decimal128(..) => true,
        kind => kind.is_integer(),
    }
}

impl Texts {
    fn of(batch: &RecordBatch, leaf: &Leaf) -> Result<Self, TableError> {
        let missing =
            || TableError::Damaged { expected: "a table", got: format!("one without {}", leaf.name) };
        let mut nulls = Vec::new();
        let (first, within) = leaf.path.split_first().ok_or_else(missing)?;
        let mut array = batch.column_by_name(first).ok_or_else(missing)?;
        for name in within {
            nulls.extend(array.nulls().cloned());
            let object = array.as_struct_opt().ok_or_else(missing)?;
            array = object.column_by_name(name).ok_or_else(missing)?;
        }
        let mut texts = Self::of_array(array)?;
        texts.nulls.extend(nulls);
        Ok(texts)
    }

    fn of_array(array: &ArrayRef) -> Result<Self, TableError> {
        let cells = match array.data_type() {
            DataType::Utf8View => Cells::View(array.as_string_view().clone().to_binary_view()),
            DataType::BinaryView => Cells::View(array.as_binary_view().clone()),
            DataType::Utf8 => Cells::Plain(BinaryArray::from(array.as_string::<i32>().clone())),
            DataType::Binary => Cells::Plain(array.as_binary::<i32>().clone()),
            DataType::LargeUtf8 => Cells::Large(LargeBinaryArray::from(array.as_string::<i64>().clone())),
            DataType::LargeBinary => Cells::Large(array.as_binary::<i64>().clone()),
            DataType::FixedSizeBinary(_) => Cells::Fixed(array.as_fixed_size_binary().clone()),
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                // Keys of what is null lead anywhere.
                let keys = if dictionary.values().is_empty() {
                    vec![0; array.len()]
                } else {
                    dictionary.normalized_keys()
                };
                Cells::Chosen(keys, Box::new(Self::of_array(dictionary.values())?))
            }
            _ => written(array)?,
        };
        Ok(Self { cells, nulls: array.nulls().cloned().into_iter().collect() })
    }

    #[inline]
    fn value(&self, row: usize) -> &[u8] {
        if self.nulls.iter().any(|nulls| row >= nulls.len() || nulls.is_null(row)) {
            return b"";
        }
        match &self.cells {
            Cells::View(array) if row < array.len() => array.value(row),
            Cells::Plain(array) if row < array.len() => array.value(row),
            Cells::Large(array) if row < array.len() => array.value(row),
            Cells::Fixed(array) if row < array.len() => array.value(row),
            Cells::Written(spans, text) => {
                let (from, to) = spans.get(row).copied().unwrap_or_default();
                text.get(from as usize..to as usize).unwrap_or_default()
            }
            Cells::Chosen(keys, values) => keys.get(row).map_or(b"", |key| values.value(*key)),
            _ => b"",
        }
    }
}

/// Numbers and times.
fn written(array: &ArrayRef) -> Result<Cells, TableError> {
    let mut writer = Writer::default();
    macro_rules! instants {
        ($kind:ty, $a_second:expr, $has_zone:expr) => {
            for value in array.as_primitive::<$kind>().values() {
                writer.time(value.div_euclid($a_second), $has_zone);
            }
        };
    }
    match array.data_type() {
        DataType::Timestamp(unit, zone) => match unit {
            TimeUnit::Second => instants!(TimestampSecondType, 1, zone.is_some()),
            TimeUnit::Millisecond => instants!(TimestampMillisecondType, 1_000, zone.is_some()),
            TimeUnit::Microsecond => instants!(TimestampMicrosecondType, 1_000_000, zone.is_some()),
            TimeUnit::Nanosecond => instants!(TimestampNanosecondType, 1_000_000_000, zone.is_some()),
        },
        DataType::Date32 => {
            for value in array.as_primitive::<Date32Type>().values() {
                writer.time(i64::from(*value) * 86_400, false);
            }
        }
        DataType::Date64 => instants!(Date64Type, 1_000, false),
        DataType::Float32 => {
            for value in array.as_primitive::<Float32Type>().values() {
                writer.number(value.floor() as i64);
            }
        }
        DataType::Float64 => {
            for value in array.as_primitive::<Float64Type>().values() {
                writer.number(value.floor() as i64);
            }
        }
        DataType::Decimal128(_, scale) => {
            let a_whole =
                u32::try_from(*scale).ok().and_then(|scale| 10_i128.checked_pow(scale)).unwrap_or(1);
            for value in array.as_primitive::<Decimal128Type>().values() {
                writer.number(value.div_euclid(a_whole));
            }
        }
        _ => downcast_integer_array!(
            array => {
                for value in array.values() {
                    writer.number(*value);
                }
            }
            kind => {
                let got = format!("one of the type {kind}");
                return Err(TableError::Damaged { expected: "a column of texts, numbers or times", got });
            }
        ),
    }
    Ok(Cells::Written(writer.spans, writer.text))
}

#[derive(Default)]
struct Writer {
    spans: Vec<(u32, u32)>,
    text: Vec<u8>,
    /// The time before: most rows have the same.
    last: Option<i64>,
}

impl Writer {
    fn number(&mut self, number: impl std::fmt::Display) {
        let from = self.text.len() as u32;
        // Nothing that is written to memory fails.
        let _ = write!(self.text, "{number}");
        self.spans.push((from, self.text.len() as u32));
    }

    /// A time in seconds; of an instant since 1970, else by some clock on a wall.
    fn time(&mut self, seconds: i64, is_instant: bool) {
        if self.last == Some(seconds)
            && let Some(span) = self.spans.last().copied()
        {
            return self.spans.push(span);
        }
        self.last = Some(seconds);
        // Numbers of other lengths would be taken for other units.
        if is_instant && (100_000_000..100_000_000_000).contains(&seconds) {
            return self.number(seconds);
        }
        let from = self.text.len() as u32;
        if let Some(time) =
            DateTime::from_timestamp(seconds, 0).filter(|time| (0..10_000).contains(&time.year()))
        {
            let (date, zone) = (time.date_naive(), if is_instant { "Z" } else { "" });
            let (hour, minute, second) = (time.hour(), time.minute(), time.second());
            let _ = write!(self.text, "{date}T{hour:02}:{minute:02}:{second:02}{zone}");
        }
        self.spans.push((from, self.text.len() as u32));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::Int8Type;
    use arrow_array::{
        Date32Array, Date64Array, Decimal128Array, DictionaryArray, Float64Array, Int16Array,
        LargeStringArray, StringArray, StringViewArray, TimestampMicrosecondArray, TimestampMillisecondArray,
        TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
    };

    use super::*;

    fn told(array: impl Array + 'static) -> Vec<String> {
        let array: ArrayRef = Arc::new(array);
        assert!(is_told(array.data_type()), "{}", array.data_type());
        let texts = Texts::of_array(&array).unwrap();
        (0..array.len() + 1).map(|row| String::from_utf8(texts.value(row).to_vec()).unwrap()).collect()
    }

    #[test]
    fn every_type_is_told_as_a_log_would() {
        let names = [Some("a.cn"), None, Some("")];
        for array in [
            told(StringArray::from(names.to_vec())),
            told(LargeStringArray::from(names.to_vec())),
            told(StringViewArray::from(names.to_vec())),
            told(BinaryArray::from(names.map(|name| name.map(str::as_bytes)).to_vec())),
            told(DictionaryArray::<Int8Type>::from_iter(names)),
        ] {
            assert_eq!(array, ["a.cn", "", "", ""]);
        }
        assert_eq!(told(DictionaryArray::<Int8Type>::from_iter([None::<&str>])), ["", ""]);
        assert_eq!(told(Int16Array::from(vec![Some(-7), None])), ["-7", "", ""]);
        assert_eq!(told(UInt64Array::from(vec![u64::MAX])), ["18446744073709551615", ""]);
        assert_eq!(told(Float64Array::from(vec![1_791_611_736.9])), ["1791611736", ""]);
        let decimals =
            Decimal128Array::from(vec![1_791_611_736_123_i128]).with_precision_and_scale(16, 3).unwrap();
        assert_eq!(told(decimals), ["1791611736", ""]);
    }

    #[test]
    fn times_are_told_by_their_zone() {
        const SECONDS: i64 = 1_791_611_736;
        assert_eq!(
            told(TimestampSecondArray::from(vec![SECONDS, SECONDS]).with_timezone("Asia/Shanghai")),
            ["1791611736", "1791611736", ""]
        );
        assert_eq!(
            told(TimestampMillisecondArray::from(vec![SECONDS * 1000 + 999]).with_timezone("UTC"))[0],
            "1791611736"
        );
        assert_eq!(
            told(TimestampMicrosecondArray::from(vec![-1]).with_timezone("UTC"))[0],
            "1969-12-31T23:59:59Z"
        );
        assert_eq!(
            told(TimestampNanosecondArray::from(vec![SECONDS * 1_000_000_000]))[0],
            "2026-10-10T05:55:36"
        );
        assert_eq!(told(TimestampSecondArray::from(vec![i64::MAX, i64::MIN])), ["", "", ""]);
        assert_eq!(told(Date32Array::from(vec![20_736, i32::MAX])), ["2026-10-10T00:00:00", "", ""]);
        assert_eq!(told(Date64Array::from(vec![20_736 * 86_400_000]))[0], "2026-10-10T00:00:00");
    }
}
