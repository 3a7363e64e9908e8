//! A program that is built without the feature `parquet`.

use std::fs::File;
use std::io::Write;

use beian_audit::TableKind;
use beian_index::{Index, IndexBuilder, ListDefaults, ListError, ListHead};

use crate::options::without_feature;

pub(crate) fn add_table(
    _: &mut IndexBuilder,
    _: File,
    _: TableKind,
    _: ListDefaults,
    _: &mut dyn FnMut(ListError),
) -> anyhow::Result<ListHead> {
    Err(without_feature("parquet"))
}

pub(crate) fn write_table(_: &Index, _: &mut (impl Write + Send)) -> anyhow::Result<u64> {
    Err(without_feature("parquet"))
}
