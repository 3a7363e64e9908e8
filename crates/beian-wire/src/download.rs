//! The files the regulator hands out (下载).

mod cancellations;
mod filings;
mod results;
mod website;

use crate::InterfaceVersion;
use crate::xml::{Fields, Leniency, ReadError, WriteError, gbk_document, read_document};

pub use cancellations::{CancellationsFile, CancelledItem};
pub use filings::{
    FilingsFile, IssuedAddress, IssuedDetails, IssuedRecord, IssuedSponsor, IssuedSponsorPrincipal,
    IssuedWebsitePrincipal,
};
pub use results::{Finding, ResultItem, ResultsFile, Review, ReviewOutcome};
pub use website::{IssuedAccess, IssuedDomain, IssuedIpRange, IssuedWebsite};

/// One file from the regulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadDocument {
    /// The interface version it follows.
    pub version: InterfaceVersion,
    /// What it tells.
    pub content: DownloadContent,
}

/// What a file from the regulator tells. Other kinds of the interface are not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadContent {
    /// What became of what was handed in (备案结果).
    Results(ResultsFile),
    /// Filings as they now stand in the register, with their numbers (备案数据).
    Filings(FilingsFile),
    /// What is not in the register any more (注销数据).
    Cancellations(CancellationsFile),
}

const ROOT: &str = "DownloadData";
const GROUP: &str = "ICP";
const RESULTS: &str = "BAJG";
const FILINGS: &str = "BASJ";
const CANCELLATIONS: &str = "ZXSJ";

impl DownloadDocument {
    /// Writes the file as the schema wants it, in GBK.
    ///
    /// # Errors
    /// The first text, number or count that the schema does not allow, with its path.
    pub fn to_gbk_xml(&self) -> Result<Vec<u8>, WriteError> {
        gbk_document(ROOT, &self.version, |out| {
            out.child(GROUP, |out| match &self.content {
                DownloadContent::Results(file) => out.child(RESULTS, |out| file.write(out)),
                DownloadContent::Filings(file) => out.child(FILINGS, |out| file.write(out)),
                DownloadContent::Cancellations(file) => out.child(CANCELLATIONS, |out| file.write(out)),
            })
        })
    }

    /// Reads a file, in any order of elements; an empty element where one may be
    /// absent counts as absent.
    ///
    /// # Errors
    /// See [`ReadError`]; all structural problems together in
    /// [`ReadError::Structure`].
    pub fn from_gbk_xml(bytes: &[u8]) -> Result<Self, ReadError> {
        read_document(bytes, ROOT, Leniency::EmptyIsAbsent, |root, version| {
            root.supported(&[GROUP])?;
            let content = root.child(GROUP, read_content)?;
            Some(Self { version, content })
        })
    }
}

fn read_content(fields: &mut Fields<'_, '_>) -> Option<DownloadContent> {
    fields.supported(&[RESULTS, FILINGS, CANCELLATIONS])?;
    // A file has one kind of content; a second one is reported as not belonging there.
    if fields.has(RESULTS) {
        fields.child(RESULTS, ResultsFile::read).map(DownloadContent::Results)
    } else if fields.has(CANCELLATIONS) {
        fields.child(CANCELLATIONS, CancellationsFile::read).map(DownloadContent::Cancellations)
    } else {
        fields.child(FILINGS, FilingsFile::read).map(DownloadContent::Filings)
    }
}
