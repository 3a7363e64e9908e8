//! A finding a row, with types: Parquet.

use std::io::Write;

use beian_table::{ParquetWriter, Values};

use super::SHOWN_ADDRESSES;
use crate::audit::Outcome;
use crate::error::AuditError;
use crate::finding::{AddressCount, Finding};

/// Rows that are handed over at once.
const ROWS: usize = 8192;

/// Writes every finding, those with the most lines first: the columns of CSV, with types.
pub fn write_parquet(outcome: &mut Outcome, output: impl Write + Send) -> Result<(), AuditError> {
    let failed = |error| AuditError::Report(std::io::Error::from(error));
    let mut writer = ParquetWriter::new(output, &columns(&[])).map_err(failed)?;
    let mut rows = Vec::new();
    let mut write = |rows: &mut Vec<Finding>| {
        let values = columns(rows).into_iter().map(|(_, values)| values).collect();
        rows.clear();
        writer.write(values).map_err(failed)
    };
    for finding in outcome.findings()? {
        rows.push(finding?);
        if rows.len() >= ROWS {
            write(&mut rows)?;
        }
    }
    if !rows.is_empty() {
        write(&mut rows)?;
    }
    writer.finish().map_err(failed)
}

fn columns(rows: &[Finding]) -> [(&'static str, Values); 10] {
    fn of<T>(rows: &[Finding], value: impl Fn(&Finding) -> T) -> Vec<T> {
        rows.iter().map(value).collect()
    }
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let addresses = |row: &Finding| {
        row.addresses.sample().take(SHOWN_ADDRESSES).map(|address| address.to_string()).collect()
    };
    let is_exact = |row: &Finding| matches!(row.addresses.count(), AddressCount::Exactly(_));
    [
        ("domain", Values::Text(of(rows, |row| row.domain.clone()))),
        ("unicode", Values::MaybeText(of(rows, Finding::unicode_domain))),
        ("standing", Values::Text(of(rows, |row| row.standing.name().to_owned()))),
        ("lines", Values::Number(of(rows, |row| number(row.lines)))),
        ("first_seen", Values::MaybeTime(of(rows, |row| row.seen.map(|(first, _)| first)))),
        ("last_seen", Values::MaybeTime(of(rows, |row| row.seen.map(|(_, last)| last)))),
        ("addresses", Values::Number(of(rows, |row| number(row.addresses.count().number())))),
        ("addresses_exact", Values::Flag(of(rows, is_exact))),
        ("address_sample", Values::Texts(of(rows, addresses))),
        ("sample_url", Values::Text(of(rows, Finding::sample_url))),
    ]
}
