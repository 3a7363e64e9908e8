//! Which mobile numbers the ministry's messages reach.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Series;
use super::file::{Wrong, rulebook_file};

rulebook_file! {
    /// Mobile prefixes that the ministry's messages reach.
    pub struct MobilePrefixes {
        plain {}
        series {
            /// Three digits each.
            prefixes: Vec<String>,
        }
    }
}

impl MobilePrefixes {
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
