//! The regulator's code tables (基础代码, JCDM), as far as there are tables here to hold them against.

use std::collections::BTreeMap;

use beian_wire::ReadError;
use beian_wire::download::{BasicCodes, CodeTables, DownloadContent, DownloadDocument, SyncedData};

/// A code table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeTable {
    /// Which.
    pub kind: CodeTableKind,
    /// Its codes that are in use, with their names.
    pub rows: BTreeMap<u64, String>,
}

/// The tables that are held against ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeTableKind {
    /// Natures of sponsors (单位性质).
    Natures,
    /// Kinds of certificate (证件类型).
    CertificateKinds,
    /// What services offer (服务内容).
    Contents,
    /// Languages (语种).
    Languages,
    /// Suffixes of domains that can be filed (域名类型). ASSUMED: a row's name is the suffix.
    Suffixes,
    /// Ways of access (接入方式).
    AccessMethods,
    /// Reasons of cancellation (注销理由).
    CancellationReasons,
    /// What was done about unfiled sites (未备案处理状态).
    HandlingStates,
}

impl CodeTableKind {
    /// All of them, in the order of [`read_code_tables`].
    pub const ALL: [Self; 8] = [
        Self::Natures,
        Self::CertificateKinds,
        Self::Contents,
        Self::Languages,
        Self::Suffixes,
        Self::AccessMethods,
        Self::CancellationReasons,
        Self::HandlingStates,
    ];

    /// The one of this name.
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.slug() == slug)
    }

    /// Its name in texts.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Natures => "natures",
            Self::CertificateKinds => "certificate-kinds",
            Self::Contents => "contents",
            Self::Languages => "languages",
            Self::Suffixes => "suffixes",
            Self::AccessMethods => "access-methods",
            Self::CancellationReasons => "cancellation-reasons",
            Self::HandlingStates => "handling-states",
        }
    }
}

/// The tables of a file; one that was not sent is not among them.
///
/// # Errors
/// If it is none, or a file of another kind.
pub fn read_code_tables(file: &[u8]) -> Result<Vec<CodeTable>, ReadError> {
    let CodeTables { codes, .. } = match DownloadDocument::from_gbk_xml(file)?.content {
        DownloadContent::CodeTables(tables) | DownloadContent::Synchronisation(SyncedData::Codes(tables)) => {
            *tables
        }
        _ => return Err(ReadError::NotText),
    };
    let BasicCodes {
        natures,
        certificate_kinds,
        contents,
        languages,
        access_methods,
        cancellation_reasons,
        handling_states,
        domain_kinds,
        ..
    } = codes;
    use CodeTableKind as K;
    let mut tables = vec![
        table(K::Natures, natures.into_iter().map(|row| (row.is_valid, row.id, row.name))),
        table(K::CertificateKinds, certificate_kinds.into_iter().map(|row| (row.is_valid, row.id, row.name))),
        table(K::Contents, contents.into_iter().map(|row| (row.is_valid, row.id, row.name))),
        table(K::Languages, languages.into_iter().map(|row| (row.is_valid, row.id, row.name))),
        table(K::Suffixes, domain_kinds.into_iter().map(|row| (row.is_valid, row.id, row.name))),
        table(K::AccessMethods, access_methods.into_iter().map(|row| (row.is_valid, row.id, row.name))),
        table(
            K::CancellationReasons,
            cancellation_reasons.into_iter().map(|row| (row.is_valid, row.id, row.reason)),
        ),
        table(K::HandlingStates, handling_states.into_iter().map(|row| (true, row.id, row.name))),
    ];
    tables.retain(|table| !table.rows.is_empty());
    Ok(tables)
}

fn table(kind: CodeTableKind, rows: impl Iterator<Item = (bool, u64, String)>) -> CodeTable {
    let rows = rows.filter(|(is_valid, ..)| *is_valid).map(|(_, code, name)| (code, name));
    CodeTable { kind, rows: rows.collect() }
}
