//! The regulator's codes (代码表).

use std::collections::BTreeMap;

use beian_domain::{AccessMethod, Text};
use serde::{Deserialize, Serialize};

use super::Series;
use super::file::{Wrong, rulebook_file};

rulebook_file! {
    /// The regulator's codes with their names.
    pub struct Codes {
        plain {}
        series {
            /// What a service may offer (服务内容).
            service_contents: CodeTable,
            /// The languages of services (语种).
            languages: CodeTable,
            /// How a service is reached (接入方式).
            access_methods: CodeTable,
            /// Where a server stands (服务器放置地).
            server_locations: CodeTable,
        }
    }
}

impl Codes {
    /// Refuses codes that are out of range or order, and a table that calls a
    /// way of access by another name than the program does.
    pub(super) fn checked(self) -> Result<Self, Wrong> {
        for (key, series) in [
            ("service-contents", &self.service_contents),
            ("languages", &self.languages),
            ("access-methods", &self.access_methods),
            ("server-locations", &self.server_locations),
        ] {
            for (index, entry) in series.entries().iter().enumerate() {
                entry.value.check(&format!("/{key}/{index}/value"))?;
            }
        }
        for (index, entry) in self.access_methods.entries().iter().enumerate() {
            for method in AccessMethod::ALL {
                let rows = entry.value.rows();
                let row = rows.iter().position(|row| u16::from(row.code) == method.code());
                let name = row.map(|row| rows[row].name.zh.as_ref());
                if name != Some(method.label().zh.as_ref()) {
                    let row = row.map_or_else(String::new, |row| format!("/{row}/zh"));
                    return Err(Wrong::at(
                        format!("/access-methods/{index}/value{row}"),
                        format!("code {} to be {}", method.code(), method.label().zh),
                        name.unwrap_or("nothing"),
                    ));
                }
            }
        }
        Ok(self)
    }
}

/// A regulator's code with its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub struct CodeName {
    /// The code, 1 to 64.
    pub code: u8,
    /// The names.
    pub name: Text,
}

/// A code as files write it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: u8,
    zh: String,
    en: String,
}

impl From<Row> for CodeName {
    fn from(row: Row) -> Self {
        Self { code: row.code, name: Text::new(row.zh, row.en) }
    }
}

impl From<CodeName> for Row {
    fn from(code: CodeName) -> Self {
        Self { code: code.code, zh: code.name.zh.into(), en: code.name.en.into() }
    }
}

/// Codes in ascending order, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeTable(Vec<CodeName>);

impl CodeTable {
    /// The codes, in ascending order.
    pub fn rows(&self) -> &[CodeName] {
        &self.0
    }

    pub(super) fn new(rows: Vec<CodeName>, pointer: &str) -> Result<Self, Wrong> {
        let table = Self(rows);
        table.check(pointer)?;
        Ok(table)
    }

    /// Refuses codes that are out of range or order.
    fn check(&self, pointer: &str) -> Result<(), Wrong> {
        let mut last = 0;
        for (index, row) in self.0.iter().enumerate() {
            if row.code <= last || row.code > 64 {
                let pointer = format!("{pointer}/{index}/code");
                return Err(Wrong::at(
                    pointer,
                    "codes from 1 to 64, each once and in order",
                    row.code.to_string(),
                ));
            }
            last = row.code;
        }
        Ok(())
    }

    /// The names of a code.
    pub fn name(&self, code: u8) -> Option<&Text> {
        self.0.binary_search_by_key(&code, |row| row.code).ok().map(|index| &self.0[index].name)
    }
}
