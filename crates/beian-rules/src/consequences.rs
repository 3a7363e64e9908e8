//! What becomes of things when an order about a record is done: told before it is sent.

use beian_domain::{DivisionCode, DomainName, FilingKind, Text};
use chrono::NaiveDate;

use crate::Rulebook;
use crate::context::{fixed, text};
use crate::rulebook::SuffixJudgement;

/// What an order about a record is about, as far as its consequences depend on it.
#[derive(Debug, Clone)]
pub struct Concerned {
    /// The domains whose numbers go, or whose access here does.
    pub domains: Vec<DomainName>,
    /// How many services of the sponsor are left.
    pub services_left: u32,
    /// Where the sponsor is filed.
    pub division: Option<DivisionCode>,
    /// The resource that gets a place back, by the cloud's name.
    pub freed_resource: Option<String>,
}

/// Something that follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// How grave it is.
    pub weight: Weight,
    /// What it is.
    pub text: Text,
}

/// How grave a consequence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Nothing is lost.
    Harmless,
    /// Something changes for visitors or for later filings.
    Notable,
    /// It cannot be undone.
    Final,
}

/// What follows from an order of a kind, gravest first.
pub fn consequences(
    kind: FilingKind,
    concerned: &Concerned,
    rulebook: &Rulebook,
    day: NaiveDate,
) -> Vec<Consequence> {
    use Weight as W;
    let mut all = Vec::new();
    let mut add = |weight, text| all.push(Consequence { weight, text });
    let domains = || {
        let names: Vec<&str> = concerned.domains.iter().map(DomainName::as_unicode).collect();
        names.join("、")
    };
    match kind {
        FilingKind::FirstFiling | FilingKind::AddService => add(
            W::Notable,
            fixed("取得备案号之前网站不得开通访问", "The service stays closed until the number is granted"),
        ),
        FilingKind::AddAccess => add(
            W::Harmless,
            fixed("原有接入和备案号不变", "The present access and the number stay as they are"),
        ),
        FilingKind::ChangeSponsor | FilingKind::ChangeService | FilingKind::ChangeAccess => {
            add(W::Harmless, fixed("变更期间网站照常访问", "Services stay online during the change"));
            add(
                W::Notable,
                fixed(
                    "变更完成之前，该主体不能办理其他备案",
                    "Until it is done, nothing else can be filed for the sponsor",
                ),
            );
        }
        FilingKind::SupplementMaterials => {
            add(W::Harmless, fixed("不影响访问和备案号", "Neither visitors nor the number are affected"));
        }
        FilingKind::CancelAccess => {
            let domains = domains();
            add(
                W::Notable,
                text!("{domains} 在本接入商停止访问", "{domains} goes offline with this provider"),
            );
            add(
                W::Notable,
                fixed(
                    "备案号仍然有效；长期没有接入商的，管局可能注销",
                    "The number remains; without any provider for long, the bureau may cancel it",
                ),
            );
        }
        FilingKind::CancelService | FilingKind::CancelSponsor => {
            let domains = domains();
            add(
                W::Final,
                text!(
                    "{domains} 立即或在 1–20 个工作日内停止访问，备案号不可恢复",
                    "{domains} goes offline at once or within 20 working days; the number is gone for good"
                ),
            );
        }
    }
    if kind == FilingKind::CancelService && concerned.services_left == 0 {
        add(
            W::Final,
            fixed(
                "主体成为空壳，只能由管局书面注销后重新备案；不再需要主体的，请改为注销主体",
                "The sponsor becomes a shell, which only its bureau can cancel in writing before anything is filed again; cancel the sponsor instead if it is not needed",
            ),
        );
    }
    if matches!(kind, FilingKind::CancelService | FilingKind::CancelSponsor) {
        for domain in &concerned.domains {
            if let SuffixJudgement::Refused { .. } = rulebook.judge_suffix(domain, None, day) {
                let (name, suffix) = (domain.as_unicode(), domain.suffix());
                add(
                    W::Final,
                    text!(
                        "{name} 注销后不能再备案：后缀 .{suffix} 已不在可备案名单中",
                        "{name} cannot be filed again: the suffix .{suffix} is not on the list any more"
                    ),
                );
            }
        }
        let place = concerned.division.and_then(|division| rulebook.province(division));
        add(
            W::Notable,
            match place {
                Some(province) => {
                    let name = &province.name;
                    text!(
                        "以后可以在{name}或证件所在省重新备案，按首次备案办理，取得新的备案号",
                        "Later it can be filed anew, in {name} or where the certificate says, under a new number";
                        name
                    )
                }
                None => fixed(
                    "以后可以重新备案，按首次备案办理，取得新的备案号",
                    "Later it can be filed anew, under a new number",
                ),
            },
        );
    }
    if let Some(resource) = &concerned.freed_resource {
        add(
            W::Harmless,
            text!("资源 {resource} 的一个备案名额释放", "The resource {resource} gets one place back"),
        );
    }
    all.sort_by_key(|consequence| std::cmp::Reverse(consequence.weight));
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn of(kind: FilingKind, domain: &str, services_left: u32) -> Vec<(Weight, String)> {
        let concerned = Concerned {
            domains: vec![domain.parse().unwrap()],
            services_left,
            division: "440305".parse().ok(),
            freed_resource: Some("practice-server-1".to_owned()),
        };
        let rulebook = Rulebook::bundled().unwrap();
        let day = "2026-11-24".parse().unwrap();
        let all = consequences(kind, &concerned, &rulebook, day);
        all.into_iter().map(|each| (each.weight, each.text.zh.into_owned())).collect()
    }

    fn says(all: &[(Weight, String)], part: &str) -> bool {
        all.iter().any(|(_, text)| text.contains(part))
    }

    #[test]
    fn what_cannot_be_undone_comes_first_and_only_where_it_is_so() {
        for kind in FilingKind::ALL {
            let all = of(*kind, "xizuo.cn", 1);
            assert!(all.is_sorted_by(|a, b| a.0 >= b.0), "{kind:?}");
            let is_final = all.iter().any(|(weight, _)| *weight == Weight::Final);
            let is_cancelled = matches!(kind, FilingKind::CancelService | FilingKind::CancelSponsor);
            assert_eq!(is_final, is_cancelled, "{kind:?}: {all:?}");
        }
        let last = of(FilingKind::CancelService, "xizuo.cn", 0);
        assert!(says(&last, "空壳") && !says(&of(FilingKind::CancelService, "xizuo.cn", 1), "空壳"));
        assert!(says(&of(FilingKind::CancelSponsor, "xizuo.rocks", 0), ".rocks"), "the suffix is gone");
        assert!(!says(&last, "不能再备案"));
        assert!(says(&last, "practice-server-1") && says(&last, "广东省"));
    }
}
