//! Whether visitors may reach a site while an order about it is under way (网站须关闭).

use beian_domain::{DivisionCode, FilingKind, Source};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{FiledServiceOpen, Rulebook};

/// Whether visitors reach a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteState {
    /// They see something.
    Open,
    /// They see nothing, or a refusal.
    Closed,
    /// What was seen does not tell.
    Unknown,
}

/// What is asked of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteDemand {
    /// Visitors must reach it.
    Open,
    /// Visitors must not reach it.
    Closed,
    /// It may be either.
    Either,
}

/// How what was seen compares with what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteFit {
    /// It is as it must be, or may be either.
    Fits,
    /// It is not as it must be.
    Contradicts,
    /// It was not seen, or nothing states what is asked.
    Unknown,
}

impl SiteDemand {
    /// Holds what was seen against it.
    pub fn compare(self, seen: SiteState) -> SiteFit {
        match (self, seen) {
            (Self::Either, _) | (Self::Open, SiteState::Open) | (Self::Closed, SiteState::Closed) => {
                SiteFit::Fits
            }
            (Self::Open, SiteState::Closed) | (Self::Closed, SiteState::Open) => SiteFit::Contradicts,
            (Self::Open | Self::Closed, SiteState::Unknown) => SiteFit::Unknown,
        }
    }
}

/// What is asked of a site, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemandedSite {
    /// What.
    pub demand: SiteDemand,
    /// By which rule.
    pub source: Source,
}

/// What an order of a kind asks of its site, where the sponsor is filed in `division`; `None` on a day for which
/// nothing states it.
///
/// Some bureaus want a site that has its number to be open with the number in its footer. ASSUMED that this holds of
/// the order's own site wherever the site is filed already: their pages speak of filed sites without saying which.
pub fn demanded_site(
    kind: FilingKind,
    division: Option<DivisionCode>,
    rulebook: &Rulebook,
    day: NaiveDate,
) -> Option<DemandedSite> {
    use FilingKind as K;
    let national = rulebook.national();
    let series = match kind {
        K::FirstFiling | K::AddService => &national.site_until_filed,
        K::AddAccess => &national.site_of_added_access,
        // Another provider may go on to serve it when our access ends.
        K::ChangeSponsor | K::ChangeService | K::ChangeAccess | K::SupplementMaterials | K::CancelAccess => {
            &national.site_of_kept_record
        }
        K::CancelService | K::CancelSponsor => &national.site_to_be_cancelled,
    };
    let is_change = matches!(kind, K::ChangeSponsor | K::ChangeService | K::ChangeAccess);
    if (is_change || kind == K::AddAccess)
        && let Some(stated) = division
            .and_then(|division| rulebook.province(division))
            .and_then(|province| province.filed_service_open.at(day))
    {
        let must_be_open = match stated.value {
            FiledServiceOpen::RequiredFooter => true,
            FiledServiceOpen::RequiredForNewOrChange => is_change,
            FiledServiceOpen::RequiredForNewService
            | FiledServiceOpen::IfOpenFooter
            | FiledServiceOpen::NoneStated => false,
        };
        if must_be_open {
            return Some(DemandedSite { demand: SiteDemand::Open, source: stated.source() });
        }
    }
    let stated = series.as_ref()?.at(day)?;
    Some(DemandedSite { demand: stated.value, source: stated.source() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const GUANGDONG: &str = "440300";
    /// Its bureau wants filed sites to be open.
    const JIANGXI: &str = "360100";
    /// Its bureau wants so for additions and changes.
    const SICHUAN: &str = "510100";

    fn demand(kind: FilingKind, division: &str, day: &str) -> Option<SiteDemand> {
        let rulebook = Rulebook::bundled().unwrap();
        let division = Some(division.parse().unwrap());
        demanded_site(kind, division, &rulebook, day.parse().unwrap()).map(|demanded| demanded.demand)
    }

    #[test]
    fn each_kind_asks_for_its_own() {
        for kind in FilingKind::ALL {
            let expected = match kind {
                FilingKind::FirstFiling
                | FilingKind::AddService
                | FilingKind::CancelService
                | FilingKind::CancelSponsor => SiteDemand::Closed,
                _ => SiteDemand::Either,
            };
            assert_eq!(demand(*kind, GUANGDONG, "2026-11-25"), Some(expected), "{kind:?}");
        }
    }

    #[test]
    fn some_bureaus_want_a_filed_site_open_from_the_day_they_say_so() {
        use SiteDemand::{Closed, Either, Open};
        let today = "2026-11-25";
        assert_eq!(demand(FilingKind::AddAccess, JIANGXI, today), Some(Open));
        assert_eq!(demand(FilingKind::ChangeService, JIANGXI, today), Some(Open));
        assert_eq!(demand(FilingKind::FirstFiling, JIANGXI, today), Some(Closed), "it has no number yet");
        assert_eq!(demand(FilingKind::CancelAccess, JIANGXI, today), Some(Either));
        assert_eq!(demand(FilingKind::AddAccess, SICHUAN, today), Some(Either));
        assert_eq!(demand(FilingKind::ChangeAccess, SICHUAN, today), Some(Open));
        assert_eq!(demand(FilingKind::AddAccess, JIANGXI, "2021-12-31"), None, "nothing was read yet");
        assert_eq!(
            demand(FilingKind::FirstFiling, GUANGDONG, "2005-03-19"),
            None,
            "the order was not in force"
        );
        assert_eq!(demand(FilingKind::FirstFiling, GUANGDONG, "2005-03-20"), Some(Closed));
    }

    #[test]
    fn what_was_not_seen_neither_fits_nor_contradicts() {
        use SiteState::{Closed, Open, Unknown};
        assert_eq!(SiteDemand::Closed.compare(Open), SiteFit::Contradicts);
        assert_eq!(SiteDemand::Closed.compare(Closed), SiteFit::Fits);
        assert_eq!(SiteDemand::Closed.compare(Unknown), SiteFit::Unknown);
        assert_eq!(SiteDemand::Open.compare(Open), SiteFit::Fits);
        assert_eq!(SiteDemand::Open.compare(Closed), SiteFit::Contradicts);
        assert_eq!(SiteDemand::Open.compare(Unknown), SiteFit::Unknown);
        for seen in [Open, Closed, Unknown] {
            assert_eq!(SiteDemand::Either.compare(seen), SiteFit::Fits);
        }
    }

    /// A provider's rulebook of last year has no such values, and still loads.
    #[test]
    fn an_older_rulebook_states_nothing() {
        let snapshot = Rulebook::bundled().unwrap().snapshot();
        let mut value: serde_json::Value = serde_json::from_slice(&snapshot).unwrap();
        let file = &mut value["files"]["national.toml"];
        let kept: Vec<&str> =
            file.as_str().unwrap().lines().filter(|line| !line.starts_with("site-")).collect();
        *file = kept.join("\n").into();
        let older = Rulebook::from_snapshot(value.to_string().as_bytes()).unwrap();
        let today = "2026-11-25".parse().unwrap();
        assert_eq!(demanded_site(FilingKind::FirstFiling, None, &older, today), None);
    }
}
