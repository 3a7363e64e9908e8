//! Smaller files of the rulebook.

use std::collections::BTreeMap;

use beian_domain::{DivisionCode, DomainName, FilingKind, MaterialUse, Source, SponsorNature, Text};
use chrono::NaiveDate;
use serde::Deserialize;

use super::Series;
use super::file::{UnknownSource, rulebook_file};
use super::series::Since;

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

/// A regulator's code with its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeName {
    /// The code, 1 to 64.
    pub code: u8,
    /// The names.
    pub name: Text,
}

/// `codes.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Codes {
    source: String,
    observed_on: NaiveDate,
    #[serde(deserialize_with = "code_table")]
    pub(super) service_contents: Vec<CodeName>,
    #[serde(deserialize_with = "code_table")]
    pub(super) languages: Vec<CodeName>,
    #[serde(deserialize_with = "code_table")]
    pub(super) access_methods: Vec<CodeName>,
    #[serde(deserialize_with = "code_table")]
    pub(super) server_locations: Vec<CodeName>,
    sources: BTreeMap<String, String>,
}

impl Codes {
    pub(super) fn resolve(&mut self) -> Result<(), UnknownSource> {
        self.source = cited("source", &self.source, &self.sources)?;
        Ok(())
    }

    pub(super) fn source(&self) -> Source {
        Source { citation: self.source.clone(), date: Some(self.observed_on.to_string()) }
    }
}

fn code_table<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<CodeName>, D::Error> {
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
    Ok(table)
}

fn cited(key: &str, name: &str, sources: &BTreeMap<String, String>) -> Result<String, UnknownSource> {
    sources.get(name).cloned().ok_or_else(|| UnknownSource { key: key.to_owned(), name: name.to_owned() })
}

/// `suffixes.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Suffixes {
    list: Vec<SuffixList>,
    restricted: Vec<RestrictedSuffix>,
    sources: BTreeMap<String, String>,
}

/// A dated list of suffixes.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "SuffixListFile")]
pub(crate) struct SuffixList {
    kind: ListKind,
    scope: Option<DivisionCode>,
    source: String,
    since: Since,
    chinese: ChineseSuffixes,
    suffixes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SuffixListFile {
    kind: ListKind,
    scope: Option<DivisionCode>,
    source: String,
    from: Option<NaiveDate>,
    observed_on: Option<NaiveDate>,
    #[serde(default)]
    chinese_suffixes: ChineseSuffixes,
    suffixes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ListKind {
    Approved,
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ChineseSuffixes {
    /// Those that the list names.
    #[default]
    Listed,
    /// All of them.
    All,
}

impl TryFrom<SuffixListFile> for SuffixList {
    type Error = String;

    fn try_from(file: SuffixListFile) -> Result<Self, String> {
        if let Some(wrong) =
            file.suffixes.iter().find(|s| s.is_empty() || s.starts_with('.') || s.to_lowercase() != **s)
        {
            return Err(format!("expected suffixes in lower case without a dot in front, got {wrong:?}"));
        }
        Ok(Self {
            kind: file.kind,
            scope: file.scope,
            source: file.source,
            since: Since::new(file.from, file.observed_on)?,
            chinese: file.chinese_suffixes,
            suffixes: file.suffixes,
        })
    }
}

impl SuffixList {
    /// The source as a diagnostic cites it.
    pub(crate) fn cite(&self) -> Source {
        Source { citation: self.source.clone(), date: Some(self.since.day().to_string()) }
    }

    /// How many suffixes it lists.
    pub(crate) fn len(&self) -> usize {
        self.suffixes.len()
    }

    fn names(&self, domain: &DomainName) -> bool {
        let (suffix, top) = (domain.suffix(), domain.top_level());
        self.suffixes.iter().any(|listed| listed == suffix || listed == top)
            || (self.chinese == ChineseSuffixes::All && !top.is_ascii())
    }
}

/// A suffix that only some sponsors may have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RestrictedSuffix {
    pub(crate) suffix: String,
    pub(crate) natures: Vec<SponsorNature>,
    pub(crate) note: String,
    source: String,
    observed_on: NaiveDate,
}

impl RestrictedSuffix {
    /// The source as a diagnostic cites it.
    pub(crate) fn cite(&self) -> Source {
        Source { citation: self.source.clone(), date: Some(self.observed_on.to_string()) }
    }
}

/// What the lists of a day say about a domain.
pub(crate) enum SuffixJudgement<'a> {
    /// It may be filed.
    Approved,
    /// It may not.
    Refused(&'a SuffixList),
    /// There was no list yet.
    NoList,
}

impl Suffixes {
    pub(super) fn resolve(&mut self) -> Result<(), UnknownSource> {
        for list in &mut self.list {
            list.source = cited("list.source", &list.source, &self.sources)?;
        }
        for restricted in &mut self.restricted {
            restricted.source = cited("restricted.source", &restricted.source, &self.sources)?;
        }
        Ok(())
    }

    /// Judges by the latest approved list of a scope, or else by its refused one.
    pub(super) fn judge(
        &self,
        domain: &DomainName,
        scope: Option<DivisionCode>,
        day: NaiveDate,
    ) -> SuffixJudgement<'_> {
        let latest = |kind| {
            self.list
                .iter()
                .filter(|list| list.kind == kind && list.scope == scope && list.since.day() <= day)
                .max_by_key(|list| list.since.day())
        };
        match (latest(ListKind::Approved), latest(ListKind::Refused)) {
            (Some(list), _) if list.names(domain) => SuffixJudgement::Approved,
            (Some(list), _) => SuffixJudgement::Refused(list),
            (None, Some(list)) if list.names(domain) => SuffixJudgement::Refused(list),
            (None, Some(_)) => SuffixJudgement::Approved,
            (None, None) => SuffixJudgement::NoList,
        }
    }

    /// The restriction that a domain's suffix is under.
    pub(super) fn restriction(&self, domain: &DomainName) -> Option<&RestrictedSuffix> {
        self.restricted.iter().find(|restricted| restricted.suffix == domain.suffix())
    }

    /// Whether a province has a list of its own, on whatever day.
    pub(super) fn has_scope(&self, scope: DivisionCode) -> bool {
        self.list.iter().any(|list| list.scope == Some(scope))
    }
}

/// `materials.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Materials {
    pub(super) requirement: Vec<MaterialRequirement>,
    sources: BTreeMap<String, String>,
}

/// When one material is required.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct MaterialRequirement {
    pub(crate) material: MaterialUse,
    pub(crate) series: Series<MaterialRule>,
}

/// When a material is required, on a day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct MaterialRule {
    pub(crate) when: MaterialWhen,
    pub(crate) kinds: Vec<FilingKind>,
}

/// For which cases a material is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MaterialWhen {
    /// For all.
    Always,
    /// For units.
    Unit,
    /// If the service principal is not the sponsor's.
    OtherServicePrincipal,
}

impl Materials {
    pub(super) fn resolve(&mut self) -> Result<(), UnknownSource> {
        for requirement in &mut self.requirement {
            requirement
                .series
                .resolve(&self.sources)
                .map_err(|name| UnknownSource { key: "requirement.series".to_owned(), name })?;
        }
        Ok(())
    }
}
