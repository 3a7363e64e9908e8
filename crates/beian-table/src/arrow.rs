//! Arrow IPC, file or stream: a file is a stream with a head before it and an index behind it.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_buffer::Buffer;
use arrow_ipc::reader::{RecordBatchDecoder, read_dictionary};
use arrow_ipc::{MessageHeader, RecordBatch, convert, root_as_message};
use arrow_schema::{ArrowError, Schema};

use crate::text::Batch;
use crate::{Leaf, TableError, guarded, leaves};

/// What is expected, for errors.
const EXPECTED: &str = "an Arrow file or stream";
/// What a file begins with.
const MAGIC: &[u8; 8] = b"ARROW1\0\0";
/// What it ends with.
const MAGIC_AT_END: &[u8] = b"ARROW1";
/// Bytes of what is said of a message.
const LONGEST_HEAD: u64 = 16 << 20;
/// Bytes of a message, as it is and once decompressed, and of all dictionaries: of tables that were never cut into
/// smaller batches, a message is all.
const LONGEST_MESSAGE: u64 = 1 << 30;

/// Arrow IPC on its way, from the beginning to the end.
pub struct ArrowReader<R> {
    input: R,
    schema: Arc<Schema>,
    leaves: Vec<Leaf>,
    chosen: Vec<Option<Leaf>>,
    /// Columns that values were chosen of.
    projection: Vec<usize>,
    dictionaries: HashMap<i64, ArrayRef>,
    /// Bytes that each takes up.
    lengths: HashMap<i64, u64>,
    form: Form,
    is_over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    File,
    Stream,
}

impl<R: Read> ArrowReader<R> {
    /// Reads up to the first row.
    ///
    /// Errors: it is no Arrow IPC of today's form (since 0.15), or cut off before the first row.
    pub fn open(mut input: R) -> Result<Self, TableError> {
        let mut begin = [0; 8];
        input.read_exact(&mut begin)?;
        let (form, first) = match &begin == MAGIC {
            true => (Form::File, None),
            false => (Form::Stream, Some(begin)),
        };
        let Some((head, _)) = message(&mut input, first)? else {
            return Err(damaged("one without a schema"));
        };
        guarded(EXPECTED, || {
            let message = root_as_message(&head).map_err(|error| damaged(error.to_string()))?;
            let schema =
                message.header_as_schema().ok_or_else(|| damaged("one that does not begin with a schema"))?;
            let schema = convert::try_fb_to_schema(schema).map_err(arrow_error)?;
            let leaves = leaves(&schema);
            Ok(Self {
                input,
                schema: Arc::new(schema),
                leaves,
                chosen: Vec::new(),
                projection: Vec::new(),
                dictionaries: HashMap::new(),
                lengths: HashMap::new(),
                form,
                is_over: false,
            })
        })
    }

    /// The names of all values that can be told: of an object within an object, both with a dot between.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.leaves.iter().map(|leaf| leaf.name.as_str())
    }

    /// Which of the values are read, by their places among [`Self::names`].
    pub fn choose(&mut self, columns: &[Option<usize>]) {
        self.chosen =
            columns.iter().map(|place| place.and_then(|place| self.leaves.get(place)).cloned()).collect();
        let is_chosen =
            |name: &String| self.chosen.iter().flatten().any(|leaf| leaf.path.first() == Some(name));
        let fields = self.schema.fields().iter().enumerate();
        self.projection =
            fields.filter(|(_, field)| is_chosen(field.name())).map(|(place, _)| place).collect();
    }

    /// The next rows; none behind the last.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, TableError> {
        if self.is_over {
            return Ok(None);
        }
        let next = self.read_on();
        self.is_over = !matches!(next, Ok(Some(_)));
        next
    }

    fn read_on(&mut self) -> Result<Option<Batch>, TableError> {
        while let Some((head, body)) = message(&mut self.input, None)? {
            let batch = guarded(EXPECTED, || self.take(&head, &body))?;
            if batch.is_some() {
                return Ok(batch);
            }
        }
        match self.form {
            Form::Stream => Ok(None),
            Form::File => self.read_end(),
        }
    }

    /// Of a file, what stands behind the last row: it may have been cut off there.
    fn read_end(&mut self) -> Result<Option<Batch>, TableError> {
        let (mut last, mut bytes) = (Vec::new(), vec![0; 1 << 16]);
        loop {
            let read = self.input.read(&mut bytes)?;
            if read == 0 {
                break;
            }
            last.extend_from_slice(bytes.get(..read).unwrap_or_default());
            last.drain(..last.len().saturating_sub(MAGIC_AT_END.len()));
        }
        if last == MAGIC_AT_END {
            Ok(None)
        } else {
            Err(damaged("a file that was cut off behind its last row"))
        }
    }

    /// Rows, or a dictionary for rows to come.
    fn take(&mut self, head: &[u8], body: &Buffer) -> Result<Option<Batch>, TableError> {
        let message = root_as_message(head).map_err(|error| damaged(error.to_string()))?;
        let version = message.version();
        match message.header_type() {
            MessageHeader::RecordBatch => {
                let batch =
                    message.header_as_record_batch().ok_or_else(|| damaged("a batch that is none"))?;
                check(batch, body)?;
                let schema = Arc::clone(&self.schema);
                let batch = RecordBatchDecoder::try_new(body, batch, schema, &self.dictionaries, &version)
                    .map_err(arrow_error)?
                    .with_projection(Some(&self.projection))
                    .read_record_batch()
                    .map_err(arrow_error)?;
                Batch::of(&batch, &self.chosen).map(Some)
            }
            MessageHeader::DictionaryBatch => {
                let dictionary = message
                    .header_as_dictionary_batch()
                    .ok_or_else(|| damaged("a dictionary that is none"))?;
                let data = dictionary.data().ok_or_else(|| damaged("a dictionary without values"))?;
                let length = check(data, body)?;
                let before = self.lengths.get(&dictionary.id()).copied().filter(|_| dictionary.isDelta());
                self.lengths.insert(dictionary.id(), before.unwrap_or(0) + length);
                let got = self.lengths.values().sum();
                if got > LONGEST_MESSAGE {
                    return Err(TableError::TooLarge { what: "dictionaries", limit: LONGEST_MESSAGE, got });
                }
                read_dictionary(body, dictionary, &self.schema, &mut self.dictionaries, &version)
                    .map_err(arrow_error)?;
                Ok(None)
            }
            MessageHeader::NONE => Ok(None),
            other => Err(damaged(format!("a message that is {other:?} among the rows"))),
        }
    }
}

/// The next message: what is said of it, and its body. None at the end.
fn message(input: &mut impl Read, begin: Option<[u8; 8]>) -> Result<Option<(Vec<u8>, Buffer)>, TableError> {
    let begin = match begin {
        Some(begin) => begin,
        None => {
            let mut begin = Vec::new();
            input.take(8).read_to_end(&mut begin)?;
            match <[u8; 8]>::try_from(begin) {
                Ok(begin) => begin,
                // Between two messages a stream may simply end.
                Err(begin) if begin.is_empty() => return Ok(None),
                Err(_) => return Err(damaged("one that was cut off")),
            }
        }
    };
    let [0xff, 0xff, 0xff, 0xff, length @ ..] = begin else {
        return Err(damaged("one of the form before 0.15, or other bytes"));
    };
    let length = u64::from(u32::from_le_bytes(length));
    if length == 0 {
        return Ok(None);
    }
    let head = bytes(input, length, "what is said of a message", LONGEST_HEAD)?;
    let body = root_as_message(&head).map_err(|error| damaged(error.to_string()))?.bodyLength();
    let body = u64::try_from(body).map_err(|_| damaged("a body of fewer bytes than none"))?;
    let body = bytes(input, body, "a message", LONGEST_MESSAGE)?;
    Ok(Some((head, Buffer::from_vec(body))))
}

/// So many bytes; room is made as they come.
fn bytes(input: &mut impl Read, length: u64, what: &'static str, limit: u64) -> Result<Vec<u8>, TableError> {
    if length > limit {
        return Err(TableError::TooLarge { what, limit, got: length });
    }
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(damaged("one that was cut off")) }
}

/// Adds up what the buffers of a batch claim to be once decompressed: before room is made for them.
fn check(batch: RecordBatch<'_>, body: &Buffer) -> Result<u64, TableError> {
    if batch.compression().is_none() {
        return Ok(body.len() as u64);
    }
    let mut sum = 0_u64;
    for buffer in batch.buffers().into_iter().flatten() {
        let (from, length) = (usize::try_from(buffer.offset()), usize::try_from(buffer.length()));
        let (Ok(from), Ok(length)) = (from, length) else {
            return Err(damaged("a buffer before its message"));
        };
        if length == 0 {
            continue;
        }
        let begin = from.checked_add(8).and_then(|to| body.as_slice().get(from..to));
        let begin = begin.and_then(|begin| <[u8; 8]>::try_from(begin).ok());
        let claimed = i64::from_le_bytes(begin.ok_or_else(|| damaged("a buffer behind its message"))?);
        // -1: it is not compressed.
        sum = sum.saturating_add(u64::try_from(claimed).unwrap_or(length as u64));
        if sum > LONGEST_MESSAGE {
            return Err(TableError::TooLarge { what: "a message", limit: LONGEST_MESSAGE, got: sum });
        }
    }
    Ok(sum)
}

fn damaged(got: impl Into<String>) -> TableError {
    TableError::Damaged { expected: EXPECTED, got: got.into() }
}

fn arrow_error(error: ArrowError) -> TableError {
    match error {
        ArrowError::IoError(_, source) => TableError::Io(source),
        other => damaged(other.to_string()),
    }
}

impl From<TableError> for io::Error {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Io(error) => error,
            other => Self::new(io::ErrorKind::InvalidData, other.to_string()),
        }
    }
}
