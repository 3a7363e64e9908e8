//! The regulator's code tables (基础代码), held against those that are in use here.
//!
//! They are not put into use by themselves: which codes judge is the rulebook's, and a rulebook is signed.

use std::collections::BTreeMap;

use beian_domain::{CancellationReason, CertificateKind, SponsorNature, UnfiledHandling};
use beian_exchange::{CodeTable, CodeTableKind, read_code_tables};
use beian_rules::Rulebook;
use beian_store::ReferenceKind;
use chrono::{DateTime, NaiveDate, Utc};

use crate::permission::Action;
use crate::timers::china_day;
use crate::{App, AppError, User};

/// Files that a page lists.
const MOST_FILES: u64 = 50;

/// The code tables that came, and one set of them.
#[derive(Debug)]
pub struct CodeTableDesk {
    /// The files, newest first, each with when it came.
    pub files: Vec<(String, DateTime<Utc>)>,
    /// One of them; none if none ever came.
    pub shown: Option<CodeTableSet>,
}

/// The tables of a file.
#[derive(Debug)]
pub struct CodeTableSet {
    /// The regulator's file.
    pub file: String,
    /// The day on which it came, from which its tables are valid. ASSUMED: the file names no day.
    pub valid_from: NaiveDate,
    /// Each with how it differs from ours.
    pub tables: Vec<ComparedTable>,
}

/// A table with how it differs from the one that is in use here today.
#[derive(Debug)]
pub struct ComparedTable {
    /// Which.
    pub kind: CodeTableKind,
    /// How many codes of it are in use there.
    pub codes: usize,
    /// Where the two differ, by code.
    pub differences: Vec<CodeDifference>,
}

/// A code on which two tables do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeDifference {
    /// The code.
    pub code: u64,
    /// What the regulator calls it; nothing if it has none.
    pub theirs: Option<String>,
    /// What it is called here; nothing if it is not here.
    pub ours: Option<String>,
}

impl App {
    /// The code tables of a file, or of the newest one, with how they differ from ours.
    pub async fn code_tables(&self, user: &User, file: Option<&str>) -> Result<CodeTableDesk, AppError> {
        user.require(Action::ManageRulebook, None)?;
        let reader = self.inner.store.read();
        let files = reader.references(ReferenceKind::CodeTables, MOST_FILES).await?;
        let chosen = match file {
            Some(file) => Some(files.iter().find(|(name, _)| name == file).ok_or(AppError::NotFound)?),
            None => files.first(),
        };
        let shown = match chosen {
            None => None,
            Some((name, received_at)) => {
                let content = reader.received_content(name).await?.ok_or(AppError::NotFound)?;
                let tables =
                    read_code_tables(&content).map_err(|error| AppError::Internal(error.to_string()))?;
                let (rulebook, today) = (self.rulebook(), self.today());
                Some(CodeTableSet {
                    file: name.clone(),
                    valid_from: china_day(*received_at),
                    tables: tables.into_iter().map(|table| compared(table, &rulebook, today)).collect(),
                })
            }
        };
        Ok(CodeTableDesk { files, shown })
    }
}

fn compared(table: CodeTable, rulebook: &Rulebook, day: NaiveDate) -> ComparedTable {
    let CodeTable { kind, rows } = table;
    let mut ours = ours(kind, rulebook, day);
    let codes = rows.len();
    let mut differences: Vec<CodeDifference> = rows
        .into_iter()
        .filter_map(|(code, theirs)| {
            let ours = ours.remove(&code);
            (ours.as_ref() != Some(&theirs)).then_some(CodeDifference { code, theirs: Some(theirs), ours })
        })
        .collect();
    differences.extend(ours.into_iter().map(|(code, ours)| CodeDifference {
        code,
        theirs: None,
        ours: Some(ours),
    }));
    differences.sort_by_key(|difference| difference.code);
    ComparedTable { kind, codes, differences }
}

/// A table of ours on a day: the rulebook's, or what the program itself reasons with.
fn ours(kind: CodeTableKind, rulebook: &Rulebook, day: NaiveDate) -> BTreeMap<u64, String> {
    let codes = rulebook.codes();
    let series = match kind {
        CodeTableKind::Contents => &codes.service_contents,
        CodeTableKind::Languages => &codes.languages,
        CodeTableKind::AccessMethods => &codes.access_methods,
        CodeTableKind::Natures => return listed(SponsorNature::ALL, |value| (value.code(), value.label())),
        CodeTableKind::CertificateKinds => {
            return listed(CertificateKind::ALL, |value| (value.code(), value.label()));
        }
        CodeTableKind::CancellationReasons => {
            return listed(CancellationReason::ALL, |value| (value.code(), value.label()));
        }
        CodeTableKind::HandlingStates => {
            return listed(UnfiledHandling::ALL, |value| (value.code(), value.label()));
        }
    };
    let rows = series.at(day).map(|entry| entry.value.rows()).unwrap_or_default();
    rows.iter().map(|row| (row.code.into(), row.name.zh.clone().into_owned())).collect()
}

fn listed<T: Copy>(values: &[T], row: fn(T) -> (u16, beian_domain::Text)) -> BTreeMap<u64, String> {
    values.iter().map(|value| row(*value)).map(|(code, name)| (code.into(), name.zh.into_owned())).collect()
}
