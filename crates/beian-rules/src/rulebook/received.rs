//! Code tables that the regulator sent (基础代码, JCDM). They outrank ours.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::codes::{CodeName, CodeTable, Codes};
use super::file::Wrong;
use super::series::{Dated, Since};
use super::suffixes::{Suffixes, is_suffix};
use super::{Place, Rulebook, RulebookError};

/// The file that holds them; a rulebook that never received any has none.
pub(super) const RECEIVED: &str = "received.toml";

/// Tables that the regulator sent. From their day on they hold in the place of
/// our own; a table that is `None` was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReceivedCodes {
    /// The day on which they were received.
    pub received_on: NaiveDate,
    /// Where they are from, as a diagnostic cites it: the regulator, the file.
    pub source: String,
    /// The suffixes that can be filed (域名类型), in lower case without a dot in front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suffixes: Option<Vec<String>>,
    /// What a service may offer (服务内容), in ascending order of the codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_contents: Option<Vec<CodeName>>,
    /// The languages of services (语种), in ascending order of the codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub languages: Option<Vec<CodeName>>,
    /// The ways of access (接入方式), in ascending order of the codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_methods: Option<Vec<CodeName>>,
}

/// `received.toml`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ReceivedFile {
    received: Vec<ReceivedCodes>,
}

impl Rulebook {
    /// This rulebook with tables that the regulator sent. They are kept in a
    /// file of the rulebook, so that digest and snapshot have them, too. Tables
    /// of the same day are replaced.
    ///
    /// Fails if a table is empty, out of order or not of the form that
    /// [`ReceivedCodes`] asks for.
    pub fn with_received(&self, received: ReceivedCodes) -> Result<Self, RulebookError> {
        let mut files = (*self.files).clone();
        let mut file = match files.get(RECEIVED) {
            // It was read when this rulebook was loaded.
            Some(text) => toml::from_str(text).unwrap_or_default(),
            None => ReceivedFile::default(),
        };
        file.received.retain(|earlier| earlier.received_on != received.received_on);
        file.received.push(received);
        file.received.sort_by_key(|received| received.received_on);
        let text = toml::to_string(&file).map_err(|error| RulebookError::Form {
            place: Place { file: RECEIVED.to_owned(), line: 1, key: String::new() },
            message: error.to_string(),
        })?;
        files.insert(RECEIVED.to_owned(), text);
        Self::from_files(files)
    }
}

impl ReceivedFile {
    /// Puts every table in the place of ours.
    pub(super) fn outrank(self, codes: &mut Codes, suffixes: &mut Suffixes) -> Result<(), Wrong> {
        let mut last = None;
        for (index, received) in self.received.into_iter().enumerate() {
            let pointer = format!("/received/{index}");
            let day = received.received_on;
            if last.is_some_and(|last| last >= day) {
                return Err(Wrong::at(pointer, "tables in the order of their days", day.to_string()));
            }
            last = Some(day);
            if let Some(listed) = received.suffixes {
                if let Some(wrong) = listed.iter().position(|suffix| !is_suffix(suffix)) {
                    let pointer = format!("{pointer}/suffixes/{wrong}");
                    let got = format!("{:?}", listed[wrong]);
                    return Err(Wrong::at(pointer, "a suffix in lower case without a dot in front", got));
                }
                not_empty(&listed, &format!("{pointer}/suffixes"))?;
                suffixes.receive(listed, day, &received.source);
            }
            for (key, table, series) in [
                ("service-contents", received.service_contents, &mut codes.service_contents),
                ("languages", received.languages, &mut codes.languages),
                ("access-methods", received.access_methods, &mut codes.access_methods),
            ] {
                let Some(table) = table else { continue };
                let pointer = format!("{pointer}/{key}");
                not_empty(&table, &pointer)?;
                let value = CodeTable::new(table, &pointer)?;
                series.outrank(Dated {
                    value,
                    since: Since::Observed(day),
                    citation: received.source.clone(),
                });
            }
        }
        Ok(())
    }
}

/// An empty table would refuse everything.
fn not_empty<T>(table: &[T], pointer: &str) -> Result<(), Wrong> {
    if table.is_empty() {
        Err(Wrong::at(pointer, "a table that is not empty", "an empty one"))
    } else {
        Ok(())
    }
}
