//! Files from the regulator record by record, for those that are too large to hold.

use std::io::Read;

use super::{DownloadContent, ROOT};
use crate::xml::{Leniency, Pieces, ProblemKind, ReadError};
use crate::{InterfaceVersion, MAX_RECORDS};

/// Which elements hold records.
fn is_frame(names: &[&str]) -> bool {
    match names {
        [_] => true,
        ["ICP" | "IP" | "YM" | "SJTB", _] | ["JCDM", "Bbdwlb" | "Jcdm_xx"] => true,
        ["ICP", "BAJG", "GJSHS"] | ["ICP" | "IP", "HCJG", "Jgxx"] => true,
        ["SJTB", "IP", _] | ["JCDM", "Jcdm_xx", _] => true,
        ["SJTB", "JCDM", rest @ ..] => matches!(rest, ["Bbdwlb" | "Jcdm_xx"] | ["Jcdm_xx", _]),
        _ => false,
    }
}

/// Reads a file record by record: every item is the file's content with one record alone.
/// A list without records gives content without any.
///
/// What [`super::DownloadDocument::from_gbk_xml`] refuses is refused here, at the latest at
/// the end: **nothing that was read is to take effect before the end has come without an
/// error**. After an error there is nothing more. Beside the record at hand, 100 kB of the
/// file are held, and no record may have more than [`crate::MAX_RECORD_BYTES`].
pub struct DownloadReader<R> {
    pieces: Pieces<R>,
    kind: Option<&'static str>,
    records: usize,
    is_over: bool,
}

impl<R: Read> DownloadReader<R> {
    /// Reads from the XML of a file, such as [`crate::package::OpenedPackage::xml`] gives.
    pub fn new(xml: R) -> Self {
        let pieces = Pieces::new(xml, ROOT, Leniency::EmptyIsAbsent, is_frame);
        Self { pieces, kind: None, records: 0, is_over: false }
    }

    /// The interface version of the file; known with the first record.
    pub fn version(&self) -> Option<InterfaceVersion> {
        self.pieces.version()
    }

    fn advance(&mut self) -> Result<Option<DownloadContent>, ReadError> {
        let Some(piece) = self.pieces.next()? else { return Ok(None) };
        let content = self.pieces.read(&piece, |root, _| DownloadContent::read(root))?;
        let names = || piece.path.iter().map(String::as_str);
        if *self.kind.get_or_insert(content.element()) != content.element() {
            return Err(self.pieces.problem_in(names().take(3), ProblemKind::Unexpected));
        }
        self.records += 1;
        if matches!(content, DownloadContent::Filings(_)) && self.records > MAX_RECORDS {
            let kind = ProblemKind::Count { min: 1, max: MAX_RECORDS, got: self.records };
            return Err(self.pieces.problem_in(names().chain([piece.name.as_str()]), kind));
        }
        Ok(Some(content))
    }
}

impl<R: Read> Iterator for DownloadReader<R> {
    type Item = Result<DownloadContent, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.advance().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}
