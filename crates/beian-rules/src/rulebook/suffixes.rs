//! Domain suffixes (域名后缀): approved, refused, restricted.

use std::collections::BTreeMap;

use beian_domain::{DivisionCode, DomainName, Source, SponsorNature};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::divisions::Divisions;
use super::file::{Wrong, cited};
use super::series::{Dated, Since};
use super::{Series, TextSet, ValueEntry};

/// `suffixes.toml`.
#[derive(Debug, Clone)]
pub(super) struct Suffixes {
    lists: BTreeMap<ListKey, Series<SuffixList>>,
    /// The regulator's own tables, which outrank every list of the nation.
    received: Option<Series<SuffixList>>,
    restricted: Vec<RestrictedSuffix>,
    /// Their places by suffix; the first, if one is there twice.
    restricted_by_suffix: BTreeMap<String, usize>,
}

/// Lists of one scope and kind are one series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ListKey {
    scope: Option<DivisionCode>,
    kind: ListKind,
}

impl std::fmt::Display for ListKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.kind {
            ListKind::Approved => "approved",
            ListKind::Refused => "refused",
        };
        match self.scope {
            Some(province) => write!(f, "list.{province}.{kind}"),
            None => write!(f, "list.nation.{kind}"),
        }
    }
}

/// What one list says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct SuffixList {
    chinese_suffixes: ChineseSuffixes,
    suffixes: TextSet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ListKind {
    Approved,
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ChineseSuffixes {
    /// Those that the list names.
    #[default]
    Listed,
    /// All of them.
    All,
}

impl SuffixList {
    fn names(&self, domain: &DomainName) -> bool {
        let (suffix, top) = (domain.suffix(), domain.top_level());
        self.suffixes.has(top)
            || (suffix != top && self.suffixes.has(suffix))
            || (self.chinese_suffixes == ChineseSuffixes::All && !top.is_ascii())
    }
}

impl Dated<SuffixList> {
    /// How many suffixes it lists.
    pub(crate) fn len(&self) -> usize {
        self.value.suffixes.len()
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
        Source { citation: self.source.clone().into(), date: Some(self.observed_on.to_string().into()) }
    }
}

/// What the lists of a day say about a domain.
pub(crate) enum SuffixJudgement<'a> {
    /// It may be filed.
    Approved,
    /// It may not.
    Refused {
        /// The list that decides.
        list: &'a Dated<SuffixList>,
        /// How far to trust it.
        certainty: Certainty,
    },
    /// There was no list yet.
    NoList,
}

/// How far a list of suffixes can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// The regulator sent it.
    Received,
    /// It was copied on its day, and may have been overtaken since.
    PossiblyStale,
}

/// The form of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SuffixesFile {
    list: Vec<SuffixListFile>,
    restricted: Vec<RestrictedSuffix>,
    sources: BTreeMap<String, String>,
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

impl SuffixesFile {
    pub(super) fn resolve(self, divisions: &Divisions) -> Result<Suffixes, Wrong> {
        let mut lists: BTreeMap<ListKey, Vec<Dated<SuffixList>>> = BTreeMap::new();
        for (index, list) in self.list.into_iter().enumerate() {
            let pointer = format!("/list/{index}");
            if let Some(scope) =
                list.scope.filter(|scope| !scope.is_province() || !divisions.contains(*scope))
            {
                let got = scope.to_string();
                return Err(Wrong::at(format!("{pointer}/scope"), "the code of a province", got));
            }
            if let Some(wrong) = list.suffixes.iter().position(|suffix| !is_suffix(suffix)) {
                return Err(Wrong::at(
                    format!("{pointer}/suffixes/{wrong}"),
                    "a suffix in lower case without a dot in front",
                    format!("{:?}", list.suffixes[wrong]),
                ));
            }
            let since = Since::new(list.from, list.observed_on)
                .map_err(|got| Wrong::at(pointer.clone(), Since::EXPECTED, got))?;
            let series = lists.entry(ListKey { scope: list.scope, kind: list.kind }).or_default();
            if let Some(last) = series.last().filter(|last| last.since.day() >= since.day()) {
                let got = format!("{} after {}", since.day(), last.since.day());
                return Err(Wrong::at(
                    pointer,
                    "lists of one scope and kind in the order of their days",
                    got,
                ));
            }
            series.push(Dated {
                value: SuffixList { chinese_suffixes: list.chinese_suffixes, suffixes: list.suffixes.into() },
                since,
                citation: cited(&format!("{pointer}/source"), &list.source, &self.sources)?,
            });
        }
        let mut restricted = self.restricted;
        for (index, each) in restricted.iter_mut().enumerate() {
            each.source = cited(&format!("/restricted/{index}/source"), &each.source, &self.sources)?;
        }
        let lists = lists.into_iter().filter_map(|(key, list)| Some((key, Series::new(list)?))).collect();
        let mut restricted_by_suffix = BTreeMap::new();
        for (place, each) in restricted.iter().enumerate() {
            restricted_by_suffix.entry(each.suffix.clone()).or_insert(place);
        }
        Ok(Suffixes { lists, received: None, restricted, restricted_by_suffix })
    }
}

pub(super) fn is_suffix(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.') && text.to_lowercase() == text
}

impl Suffixes {
    /// Takes the regulator's own table of approved suffixes.
    pub(super) fn receive(&mut self, suffixes: Vec<String>, day: NaiveDate, source: &str) {
        let value = SuffixList { chinese_suffixes: ChineseSuffixes::Listed, suffixes: suffixes.into() };
        let entry = Dated { value, since: Since::Observed(day), citation: source.to_owned() };
        match &mut self.received {
            Some(series) => series.outrank(entry),
            None => self.received = Series::new(vec![entry]),
        }
    }

    /// Judges by the regulator's own table if that of the nation was received,
    /// else by the latest approved list of a scope, or else by its refused one.
    pub(super) fn judge(
        &self,
        domain: &DomainName,
        scope: Option<DivisionCode>,
        day: NaiveDate,
    ) -> SuffixJudgement<'_> {
        use SuffixJudgement::{Approved, NoList, Refused};
        let received = self.received.as_ref().filter(|_| scope.is_none()).and_then(|series| series.at(day));
        if let Some(list) = received {
            let certainty = Certainty::Received;
            return if list.value.names(domain) { Approved } else { Refused { list, certainty } };
        }
        let certainty = Certainty::PossiblyStale;
        if let Some(list) = self.latest(scope, ListKind::Approved, day) {
            return if list.value.names(domain) { Approved } else { Refused { list, certainty } };
        }
        match self.latest(scope, ListKind::Refused, day) {
            Some(list) if list.value.names(domain) => Refused { list, certainty },
            Some(_) => Approved,
            None => NoList,
        }
    }

    /// The latest list of a scope and kind.
    fn latest(
        &self,
        scope: Option<DivisionCode>,
        kind: ListKind,
        day: NaiveDate,
    ) -> Option<&Dated<SuffixList>> {
        self.lists.get(&ListKey { scope, kind })?.at(day)
    }

    /// The nation's list of suffixes that can be filed: the regulator's own, or else the latest approved one.
    pub(super) fn approved(&self, day: NaiveDate) -> &[String] {
        let received = self.received.as_ref().and_then(|series| series.at(day));
        received
            .or_else(|| self.latest(None, ListKind::Approved, day))
            .map_or(&[], |list| &list.value.suffixes)
    }

    /// Whether the latest refused list of a scope names the suffix.
    pub(super) fn is_named_refused(
        &self,
        domain: &DomainName,
        scope: Option<DivisionCode>,
        day: NaiveDate,
    ) -> bool {
        self.latest(scope, ListKind::Refused, day).is_some_and(|list| list.value.names(domain))
    }

    /// The restriction that a domain's suffix is under.
    pub(super) fn restriction(&self, domain: &DomainName) -> Option<&RestrictedSuffix> {
        self.restricted.get(*self.restricted_by_suffix.get(domain.suffix())?)
    }

    /// Whether a province has a list of its own, on whatever day.
    pub(super) fn has_scope(&self, scope: DivisionCode) -> bool {
        let has = |kind| self.lists.contains_key(&ListKey { scope: Some(scope), kind });
        has(ListKind::Approved) || has(ListKind::Refused)
    }

    /// Every dated value with its key, which names scope and kind, or the suffix.
    pub(super) fn values(&self) -> Vec<(String, Vec<ValueEntry>)> {
        let lists = self.lists.iter().map(|(key, series)| (key.to_string(), series.to_json()));
        let restricted = self.restricted.iter().map(|each| {
            let value = serde_json::json!({ "natures": each.natures, "note": each.note });
            let since = Since::Observed(each.observed_on);
            (
                format!("restricted.{}", each.suffix),
                vec![Dated { value, since, citation: each.source.clone() }],
            )
        });
        let received = self.received.iter().map(|series| ("list.received".to_owned(), series.to_json()));
        lists.chain(received).chain(restricted).collect()
    }

    #[cfg(test)]
    pub(super) fn assert_boundaries(&self) -> usize {
        self.restricted.len()
            + self.received.as_ref().map_or(0, |series| series.assert_boundaries("list.received"))
            + self.lists.iter().map(|(key, series)| series.assert_boundaries(&key.to_string())).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::{ReceivedCodes, Rulebook};

    #[test]
    fn the_regulators_own_table_is_certain_and_ours_is_not() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let received = ReceivedCodes {
            received_on: day("2026-11-01"),
            source: "习作管局".to_owned(),
            suffixes: Some(vec!["cn".to_owned(), "rocks".to_owned()]),
            service_contents: None,
            languages: None,
            access_methods: None,
        };
        let rulebook = Rulebook::bundled().unwrap().with_received(received).unwrap();
        let judged = |domain: &str, scope: Option<&str>, on: &str| {
            let scope = scope.map(|scope| scope.parse().unwrap());
            match rulebook.judge_suffix(&domain.parse().unwrap(), scope, day(on)) {
                SuffixJudgement::Approved => Ok(()),
                SuffixJudgement::Refused { certainty, .. } => Err(Some(certainty)),
                SuffixJudgement::NoList => Err(None),
            }
        };
        assert_eq!(judged("xizuo.rocks", None, "2026-10-31"), Err(Some(Certainty::PossiblyStale)));
        assert_eq!(judged("xizuo.rocks", None, "2026-11-01"), Ok(()));
        assert_eq!(judged("xizuo.com", None, "2026-10-31"), Ok(()));
        assert_eq!(judged("xizuo.com", None, "2026-11-01"), Err(Some(Certainty::Received)));
        assert_eq!(judged("xizuo.com.cn", None, "2026-11-01"), Ok(()));
        assert_eq!(
            judged("xizuo.com", Some("110000"), "2026-11-01"),
            Ok(()),
            "a bureau's list stays its own"
        );
        assert_eq!(judged("xizuo.rocks", Some("110000"), "2026-11-01"), Err(Some(Certainty::PossiblyStale)));
        assert_eq!(judged("xizuo.com", None, "2017-12-31"), Err(None));
    }
}
