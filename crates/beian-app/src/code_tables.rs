//! The regulator's code tables (基础代码), held against those that are in use here, and put into use.
//!
//! None is put into use by itself. An operator sees what a table would change; once in use it outranks the rulebook's
//! own from the day on which it came, whichever rulebook is installed, until it is taken back.

use std::collections::{BTreeMap, BTreeSet};

use beian_domain::{CancellationReason, CertificateKind, SponsorNature, Text, UnfiledHandling};
use beian_exchange::{CodeTable, CodeTableKind, read_code_tables};
use beian_rules::{CodeName, ReceivedCodes, Rulebook, Series};
use beian_store::{Actor, ReferenceKind};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use crate::impact::{Impact, Standpoint};
use crate::permission::Action;
use crate::shelf::{self, Installed, ShelfError};
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
    /// Whether it judges.
    pub standing: TableStanding,
}

/// Whether a table of the regulator's judges here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableStanding {
    /// It never does: the program reasons with these codes, and a difference needs another version of it.
    OfTheProgram,
    /// It could be put into use.
    Offered,
    /// It was put into use.
    InUse,
}

/// A code on which two tables do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeDifference {
    /// The code; none for a suffix that is here alone.
    pub code: Option<u64>,
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
                let (Installed { rulebook, received, .. }, today) =
                    (self.inner.shelf.installed(), self.today());
                let in_use = received.iter().find(|tables| tables.source == source(name));
                let compared = |table: CodeTable| {
                    let standing = match slot(table.kind) {
                        None => TableStanding::OfTheProgram,
                        Some(is_there) if in_use.is_some_and(is_there) => TableStanding::InUse,
                        Some(_) => TableStanding::Offered,
                    };
                    compared(table, standing, &rulebook, today)
                };
                Some(CodeTableSet {
                    file: name.clone(),
                    valid_from: china_day(*received_at),
                    tables: tables.into_iter().map(compared).collect(),
                })
            }
        };
        Ok(CodeTableDesk { files, shown })
    }

    /// Says what a table would change, and puts nothing into use.
    pub async fn try_code_table(
        &self,
        user: &User,
        file: &str,
        kind: CodeTableKind,
    ) -> Result<Impact, AppError> {
        user.require(Action::ManageRulebook, None)?;
        let installed = self.inner.shelf.installed();
        let received = self.with_table(&installed, file, kind).await?;
        let rulebook = shelf::with_received(&installed.own, &received)?;
        let today = self.today();
        let to = Standpoint { rulebook, day: today };
        self.rulebook_impact(user, self.standpoint(None, Some(today))?, to).await
    }

    /// Puts a table into use: it judges from the next request on, and after the next start.
    pub async fn take_over_code_table(
        &self,
        user: &User,
        file: &str,
        kind: CodeTableKind,
    ) -> Result<(), AppError> {
        user.require(Action::ManageRulebook, None)?;
        let _one_at_a_time = self.inner.installing.lock().await;
        let installed = self.inner.shelf.installed();
        let received = self.with_table(&installed, file, kind).await?;
        self.put_received(user, installed, received, json!({ "taken-over": kind.slug(), "file": file })).await
    }

    /// Takes a table out of use: what the rulebook has holds again.
    pub async fn take_back_code_table(
        &self,
        user: &User,
        file: &str,
        kind: CodeTableKind,
    ) -> Result<(), AppError> {
        user.require(Action::ManageRulebook, None)?;
        let _one_at_a_time = self.inner.installing.lock().await;
        let installed = self.inner.shelf.installed();
        let mut received = installed.received.clone();
        let tables =
            received.iter_mut().find(|tables| tables.source == source(file)).ok_or(AppError::NotFound)?;
        put(tables, kind, None)?;
        received.retain(|tables| {
            CodeTableKind::ALL.into_iter().filter_map(slot).any(|is_there| is_there(tables))
        });
        self.put_received(user, installed, received, json!({ "taken-back": kind.slug(), "file": file })).await
    }

    /// What is in use, with a table of a file more.
    async fn with_table(
        &self,
        installed: &Installed,
        file: &str,
        kind: CodeTableKind,
    ) -> Result<Vec<ReceivedCodes>, AppError> {
        let reader = self.inner.store.read();
        let files = reader.references(ReferenceKind::CodeTables, MOST_FILES).await?;
        let (name, received_at) = files.iter().find(|(name, _)| name == file).ok_or(AppError::NotFound)?;
        let content = reader.received_content(name).await?.ok_or(AppError::NotFound)?;
        let tables = read_code_tables(&content).map_err(|error| AppError::Internal(error.to_string()))?;
        let table = tables.into_iter().find(|table| table.kind == kind).ok_or(AppError::NotFound)?;
        let (source, day) = (source(name), china_day(*received_at));
        let mut received = installed.received.clone();
        // Two files of a day cannot both hold from it on: the one that is put into use later does.
        received.retain(|tables| tables.received_on != day || tables.source == source);
        let mut tables = match received.iter().position(|tables| tables.received_on == day) {
            Some(place) => received.remove(place),
            None => ReceivedCodes {
                received_on: day,
                source,
                suffixes: None,
                service_contents: None,
                languages: None,
                access_methods: None,
            },
        };
        put(&mut tables, kind, Some((table, &installed.own)))?;
        received.push(tables);
        received.sort_by_key(|tables| tables.received_on);
        Ok(received)
    }

    async fn put_received(
        &self,
        user: &User,
        before: Installed,
        received: Vec<ReceivedCodes>,
        mut detail: serde_json::Value,
    ) -> Result<(), AppError> {
        let shelf = &self.inner.shelf;
        let rulebook = shelf::with_received(&before.own, &received)?;
        shelf.keep(&rulebook)?;
        let file = serde_json::to_vec(&received).map_err(|error| AppError::Internal(error.to_string()))?;
        detail["before"] = before.rulebook.digest().into();
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.note_rulebook(rulebook.digest(), detail);
        // As with a rulebook: the file before the entry, which could not be taken back.
        let file_before = shelf.replace(shelf::RECEIVED, &file)?;
        if let Err(error) = tx.commit().await {
            shelf.restore(shelf::RECEIVED, file_before)?;
            return Err(error.into());
        }
        shelf.put(Installed { rulebook, received, since: Some(self.now()), ..before });
        Ok(())
    }
}

/// How a finding cites a table.
fn source(file: &str) -> String {
    format!("管局下发的基础代码 {file}")
}

/// Whether tables that were received have one of a kind; nothing if no rulebook has that kind.
fn slot(kind: CodeTableKind) -> Option<fn(&ReceivedCodes) -> bool> {
    match kind {
        CodeTableKind::Contents => Some(|tables| tables.service_contents.is_some()),
        CodeTableKind::Languages => Some(|tables| tables.languages.is_some()),
        CodeTableKind::AccessMethods => Some(|tables| tables.access_methods.is_some()),
        CodeTableKind::Suffixes => Some(|tables| tables.suffixes.is_some()),
        CodeTableKind::Natures
        | CodeTableKind::CertificateKinds
        | CodeTableKind::CancellationReasons
        | CodeTableKind::HandlingStates => None,
    }
}

/// Puts a table, or none, in its place. The rulebook gives it English names where the Chinese ones are its own.
fn put(
    tables: &mut ReceivedCodes,
    kind: CodeTableKind,
    table: Option<(CodeTable, &Rulebook)>,
) -> Result<(), ShelfError> {
    if kind == CodeTableKind::Suffixes {
        tables.suffixes =
            table.map(|(table, _)| table.rows.into_values().map(|name| suffix(&name)).collect());
        return Ok(());
    }
    let place = names(kind, tables).ok_or_else(|| ShelfError::Table {
        expected: "a table that a rulebook has",
        got: kind.slug().to_owned(),
    })?;
    *place = table.map(|(table, rulebook)| named(table, rulebook)).transpose()?;
    Ok(())
}

/// The place of a table of names.
fn names(kind: CodeTableKind, tables: &mut ReceivedCodes) -> Option<&mut Option<Vec<CodeName>>> {
    match kind {
        CodeTableKind::Contents => Some(&mut tables.service_contents),
        CodeTableKind::Languages => Some(&mut tables.languages),
        CodeTableKind::AccessMethods => Some(&mut tables.access_methods),
        _ => None,
    }
}

fn named(table: CodeTable, rulebook: &Rulebook) -> Result<Vec<CodeName>, ShelfError> {
    let ours = series(table.kind, rulebook).map(|series| &series.latest().value);
    let name = |(code, zh): (u64, String)| {
        let code = u8::try_from(code)
            .map_err(|_| ShelfError::Table { expected: "codes from 1 to 64", got: code.to_string() })?;
        let same = ours.and_then(|table| table.name(code)).filter(|name| name.zh == zh);
        Ok(CodeName { code, name: same.cloned().unwrap_or_else(|| Text::new(zh.clone(), zh)) })
    };
    table.rows.into_iter().map(name).collect()
}

/// The rulebook's own table of names.
fn series(kind: CodeTableKind, rulebook: &Rulebook) -> Option<&Series<beian_rules::CodeTable>> {
    let codes = rulebook.codes();
    match kind {
        CodeTableKind::Contents => Some(&codes.service_contents),
        CodeTableKind::Languages => Some(&codes.languages),
        CodeTableKind::AccessMethods => Some(&codes.access_methods),
        _ => None,
    }
}

/// A suffix as the rulebook writes it.
fn suffix(name: &str) -> String {
    name.trim().trim_start_matches('.').to_lowercase()
}

fn compared(table: CodeTable, standing: TableStanding, rulebook: &Rulebook, day: NaiveDate) -> ComparedTable {
    let CodeTable { kind, rows } = table;
    let codes = rows.len();
    if kind == CodeTableKind::Suffixes {
        let differences = compared_suffixes(rows, rulebook.approved_suffixes(day));
        return ComparedTable { kind, codes, differences, standing };
    }
    let mut ours = ours(kind, rulebook, day);
    let mut differences: Vec<CodeDifference> = rows
        .into_iter()
        .filter_map(|(code, theirs)| {
            let ours = ours.remove(&code);
            (ours.as_ref() != Some(&theirs)).then_some(CodeDifference {
                code: Some(code),
                theirs: Some(theirs),
                ours,
            })
        })
        .collect();
    differences.extend(ours.into_iter().map(|(code, ours)| CodeDifference {
        code: Some(code),
        theirs: None,
        ours: Some(ours),
    }));
    differences.sort_by_key(|difference| difference.code);
    ComparedTable { kind, codes, differences, standing }
}

/// Our lists of suffixes have no codes.
fn compared_suffixes(theirs: BTreeMap<u64, String>, ours: &[String]) -> Vec<CodeDifference> {
    let mut ours: BTreeSet<&str> = ours.iter().map(String::as_str).collect();
    let mut differences: Vec<CodeDifference> = theirs
        .into_iter()
        .filter(|(_, name)| !ours.remove(suffix(name).as_str()))
        .map(|(code, name)| CodeDifference { code: Some(code), theirs: Some(name), ours: None })
        .collect();
    differences.extend(ours.into_iter().map(|suffix| CodeDifference {
        code: None,
        theirs: None,
        ours: Some(suffix.to_owned()),
    }));
    differences
}

/// A table of ours on a day: the rulebook's, or what the program itself reasons with.
fn ours(kind: CodeTableKind, rulebook: &Rulebook, day: NaiveDate) -> BTreeMap<u64, String> {
    match kind {
        CodeTableKind::Contents | CodeTableKind::Languages | CodeTableKind::AccessMethods => {
            let table = series(kind, rulebook).and_then(|series| series.at(day));
            let rows = table.map(|entry| entry.value.rows()).unwrap_or_default();
            rows.iter().map(|row| (row.code.into(), row.name.zh.clone().into_owned())).collect()
        }
        CodeTableKind::Suffixes => BTreeMap::new(),
        CodeTableKind::Natures => listed(SponsorNature::ALL, |value| (value.code(), value.label())),
        CodeTableKind::CertificateKinds => {
            listed(CertificateKind::ALL, |value| (value.code(), value.label()))
        }
        CodeTableKind::CancellationReasons => {
            listed(CancellationReason::ALL, |value| (value.code(), value.label()))
        }
        CodeTableKind::HandlingStates => listed(UnfiledHandling::ALL, |value| (value.code(), value.label())),
    }
}

fn listed<T: Copy>(values: &[T], row: fn(T) -> (u16, beian_domain::Text)) -> BTreeMap<u64, String> {
    values.iter().map(|value| row(*value)).map(|(code, name)| (code.into(), name.zh.into_owned())).collect()
}
