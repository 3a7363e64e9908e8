//! The regulator's codes (代码表).

use std::collections::BTreeMap;

use beian_domain::{AccessMethod, Text};
use serde::{Deserialize, Deserializer, Serialize};

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
    /// Refuses a table that calls a way of access by another name than the program does.
    pub(super) fn checked(self) -> Result<Self, Wrong> {
        for (index, entry) in self.access_methods.entries().iter().enumerate() {
            for method in AccessMethod::ALL {
                let listed = entry.value.rows().iter().find(|row| u16::from(row.code) == method.code());
                if listed.is_none_or(|row| row.name.zh != method.label().zh) {
                    return Err(Wrong::at(
                        format!("/access-methods/{index}/value"),
                        format!("code {} to be {}", method.code(), method.label().zh),
                        listed.map_or_else(|| "nothing".to_owned(), |row| row.name.zh.to_string()),
                    ));
                }
            }
        }
        Ok(self)
    }
}

/// A regulator's code with its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeName {
    /// The code, 1 to 64.
    pub code: u8,
    /// The names.
    pub name: Text,
}

/// Codes in ascending order, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CodeTable(Vec<CodeName>);

impl CodeTable {
    /// The codes, in ascending order.
    pub fn rows(&self) -> &[CodeName] {
        &self.0
    }

    /// The names of a code.
    pub fn name(&self, code: u8) -> Option<&Text> {
        self.0.binary_search_by_key(&code, |row| row.code).ok().map(|index| &self.0[index].name)
    }
}

impl<'de> Deserialize<'de> for CodeTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Row {
            code: u8,
            zh: String,
            en: String,
        }
        let mut table: Vec<CodeName> = Vec::new();
        for row in Vec::<Row>::deserialize(deserializer)? {
            if !(1..=64).contains(&row.code) || table.last().is_some_and(|last| last.code >= row.code) {
                return Err(D::Error::custom(format!(
                    "expected codes from 1 to 64, each once and in order, got {}",
                    row.code
                )));
            }
            table.push(CodeName { code: row.code, name: Text::new(row.zh, row.en) });
        }
        Ok(Self(table))
    }
}
