//! Lists in Parquet and Arrow, and the index as Parquet.

use std::fs::File;
use std::io::{BufReader, Write};
use std::sync::Arc;

use anyhow::Context;
use beian_audit::TableKind;
use beian_index::{Index, IndexBuilder, LIST_COLUMNS, ListDefaults, ListError, ListFault, ListHead, add_row};
use beian_table::{ArrowReader, Batch, Parquet, ParquetWriter, Values};

/// Rows that are handed over at once.
const ROWS: usize = 65_536;

/// Adds the rows of a table: its columns are those of a list, in any order, with others among them.
pub(crate) fn add_table(
    builder: &mut IndexBuilder,
    file: File,
    kind: TableKind,
    defaults: ListDefaults,
    wrong: &mut dyn FnMut(ListError),
) -> anyhow::Result<ListHead> {
    let mut line = 0;
    let mut add = |batch: &Batch| {
        for row in 0..batch.rows() {
            line += 1;
            let cells = [0, 1, 2, 3].map(|column| std::str::from_utf8(batch.cell(column, row)));
            let added = match cells {
                [Ok(domain), Ok(status), Ok(as_of), Ok(id)] => {
                    // Of a time, the day.
                    let as_of = as_of.split(['T', ' ']).next().unwrap_or_default();
                    add_row(builder, [domain.trim(), status, as_of, id], line, defaults)
                }
                _ => Err(ListFault::Encoding),
            };
            if let Err(fault) = added {
                wrong(ListError { line, fault });
            }
        }
    };
    match kind {
        TableKind::Parquet => {
            let table = Parquet::open(Arc::new(file))?;
            let head = ListHead::of(table.names())?;
            for group in 0..table.groups().len() {
                for batch in table.read(group, &head.places)? {
                    add(&batch?);
                }
            }
            Ok(head)
        }
        TableKind::Arrow => {
            let mut table = ArrowReader::open(BufReader::with_capacity(1 << 17, file))?;
            let head = ListHead::of(table.names())?;
            table.choose(&head.places);
            while let Some(batch) = table.next_batch()? {
                add(&batch);
            }
            Ok(head)
        }
    }
}

/// Writes all records, as a list that an index can be built from again. Answers with how many.
pub(crate) fn write_table(index: &Index, output: &mut (impl Write + Send)) -> anyhow::Result<u64> {
    let mut rows = Rows::default();
    let mut writer = ParquetWriter::new(output, &Rows::default().columns())?;
    let mut count = 0;
    for entry in index.records() {
        let (domain, record) = entry?;
        count += 1;
        rows.domains.push(domain);
        rows.statuses.push(record.status.name().to_owned());
        rows.days.push(record.as_of.0);
        rows.ids.push(record.id.0.into());
        if rows.domains.len() >= ROWS {
            writer.write(std::mem::take(&mut rows).values())?;
        }
    }
    writer.write(rows.values())?;
    writer.finish().context("the end of the table")?;
    Ok(count)
}

#[derive(Default)]
struct Rows {
    domains: Vec<String>,
    statuses: Vec<String>,
    days: Vec<i32>,
    ids: Vec<i64>,
}

impl Rows {
    /// As [`LIST_COLUMNS`] has them.
    fn values(self) -> Vec<Values> {
        let Self { domains, statuses, days, ids } = self;
        vec![Values::Text(domains), Values::Text(statuses), Values::Day(days), Values::Number(ids)]
    }

    fn columns(self) -> Vec<(&'static str, Values)> {
        LIST_COLUMNS.into_iter().zip(self.values()).collect()
    }
}
