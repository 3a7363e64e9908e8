//! Which mobile numbers the ministry's messages reach.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::file::{Wrong, rulebook_file};
use super::{Series, TextSet};

rulebook_file! {
    /// Mobile prefixes that the ministry's messages reach.
    pub struct MobilePrefixes {
        plain {}
        series {
            /// Three digits each.
            prefixes: TextSet,
        }
    }
}

impl MobilePrefixes {
    /// Whether the messages of a day reach a prefix; `None` before the first list.
    pub(super) fn reaches(&self, prefix: &str, day: NaiveDate) -> Option<bool> {
        self.prefixes.at(day).map(|list| list.value.has(prefix))
    }

    /// Refuses what is not three digits.
    pub(super) fn checked(self) -> Result<Self, Wrong> {
        for (index, entry) in self.prefixes.entries().iter().enumerate() {
            for (position, prefix) in entry.value.iter().enumerate() {
                if prefix.len() != 3 || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
                    let pointer = format!("/prefixes/{index}/value/{position}");
                    return Err(Wrong::at(pointer, "three digits", format!("{prefix:?}")));
                }
            }
        }
        Ok(self)
    }
}
