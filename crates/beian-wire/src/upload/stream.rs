//! Files record by record, for those that are too large to hold.

use std::io::{Read, Write};

use super::{REQUESTING_UNIT, ROOT, UploadOperation};
use crate::xml::{GbkStream, Leniency, Pieces, ProblemKind, ReadError, Repeated, WriteError};
use crate::{InterfaceVersion, MAX_RECORDS};

/// Which elements hold records.
fn is_frame(names: &[&str]) -> bool {
    match names {
        [_] => true,
        [_, operation] => *operation != REQUESTING_UNIT.name,
        ["IP", _, _] => true,
        _ => false,
    }
}

/// Reads a file record by record: every item is the file's operation with one record alone.
///
/// What [`super::UploadDocument::from_gbk_xml`] refuses is refused here, at the latest at the
/// end: **nothing that was read is to take effect before the end has come without an
/// error**. After an error there is nothing more. Beside the record at hand, 100 kB of the
/// file are held, and no record may have more than [`crate::MAX_RECORD_BYTES`].
pub struct UploadReader<R> {
    pieces: Pieces<R>,
    operation: Option<&'static str>,
    records: usize,
    requesting_unit: Option<u64>,
    is_over: bool,
}

impl<R: Read> UploadReader<R> {
    /// Reads from the XML of a file, such as [`crate::package::OpenedPackage::xml`] gives.
    pub fn new(xml: R) -> Self {
        Self {
            pieces: Pieces::new(xml, ROOT, Leniency::None, is_frame),
            operation: None,
            records: 0,
            requesting_unit: None,
            is_over: false,
        }
    }

    /// The interface version of the file; known with the first record.
    pub fn version(&self) -> Option<InterfaceVersion> {
        self.pieces.version()
    }

    /// The requesting unit of the file; known for certain at its end.
    pub fn requesting_unit(&self) -> Option<u64> {
        self.requesting_unit
    }

    fn advance(&mut self) -> Result<Option<UploadOperation>, ReadError> {
        while let Some(piece) = self.pieces.next()? {
            if piece.path.len() == 2 && piece.name == REQUESTING_UNIT.name {
                let unit = self.pieces.read(&piece, |root, _| {
                    UploadOperation::in_group(root, |fields, _| fields.number(REQUESTING_UNIT))
                })?;
                if self.requesting_unit.replace(unit).is_some() {
                    let names = piece.path.iter().map(String::as_str).chain([REQUESTING_UNIT.name]);
                    let twice = ProblemKind::Count { min: 1, max: 1, got: 2 };
                    return Err(self.pieces.problem_in(names, twice));
                }
                continue;
            }
            let operation =
                self.pieces.read(&piece, |root, _| UploadOperation::in_group(root, UploadOperation::read))?;
            if *self.operation.get_or_insert(operation.element()) != operation.element() {
                let names = piece.path.iter().map(String::as_str).take(3);
                return Err(self.pieces.problem_in(names, ProblemKind::Unexpected));
            }
            self.records += operation.record_count();
            if self.records > MAX_RECORDS {
                let names = piece.path.iter().map(String::as_str).chain([piece.name.as_str()]);
                let kind = ProblemKind::Count { min: 1, max: MAX_RECORDS, got: self.records };
                return Err(self.pieces.problem_in(names, kind));
            }
            return Ok(Some(operation));
        }
        let group = self.operation.unwrap_or("ICP").split('/').next().unwrap_or_default();
        if self.operation.is_none() {
            let names = [ROOT, group, super::NEW_FILING];
            return Err(self.pieces.problem_in(names.into_iter(), ProblemKind::Missing));
        }
        if self.requesting_unit.is_none() {
            let names = [ROOT, group, REQUESTING_UNIT.name];
            return Err(self.pieces.problem_in(names.into_iter(), ProblemKind::Missing));
        }
        Ok(None)
    }
}

impl<R: Read> Iterator for UploadReader<R> {
    type Item = Result<UploadOperation, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.advance().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Writes a file record by record: the same bytes that
/// [`super::UploadDocument::to_gbk_xml`] writes of all of them.
pub struct UploadWriter<W> {
    stream: GbkStream<W>,
    operation: Option<(&'static str, &'static str)>,
    records: usize,
    requesting_unit: u64,
}

impl<W: Write> UploadWriter<W> {
    /// Writes to `out`, such as a [`crate::package::Sealer`].
    pub fn new(out: W, version: &InterfaceVersion, requesting_unit: u64) -> Self {
        let stream = GbkStream::new(out, ROOT, version, is_frame);
        Self { stream, operation: None, records: 0, requesting_unit }
    }

    /// Adds the records of an operation, which must be of one kind throughout the file; those
    /// about addresses list by list.
    ///
    /// # Errors
    /// See [`super::UploadDocument::to_gbk_xml`]. What cannot be written leaves no trace: the
    /// file goes on without it.
    pub fn add(&mut self, operation: &UploadOperation) -> Result<(), WriteError> {
        let kind = (operation.group(), operation.element());
        let known = self.operation.unwrap_or(kind);
        let got = self.records + operation.record_count();
        self.stream.add(|out| {
            if known != kind {
                return Err(WriteError::Count {
                    path: format!("/{ROOT}/{}", kind.1),
                    min: 0,
                    max: 0,
                    got: 1,
                });
            }
            out.count(Repeated::new(known.0, 0, MAX_RECORDS), got)?;
            out.child(kind.0, |out| operation.write(out))
        })?;
        (self.operation, self.records) = (Some(known), got);
        Ok(())
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// When there is no record, the requesting unit cannot be written, or what it is written
    /// to fails.
    pub fn finish(mut self) -> Result<W, WriteError> {
        let Some((group, _)) = self.operation else {
            return Err(WriteError::Count { path: format!("/{ROOT}"), min: 1, max: MAX_RECORDS, got: 0 });
        };
        let unit = self.requesting_unit;
        self.stream.add(|out| out.child(group, |out| out.number(REQUESTING_UNIT, unit)))?;
        self.stream.finish()
    }
}
