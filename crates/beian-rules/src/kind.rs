//! Which kind of filing it is (备案类型).

use beian_domain::{FilingKind, Situation, Text};

use crate::{DomainRecord, Facts, FiledDomain, Presence, SponsorRecord};

/// The kind of filing that follows from the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KindDerivation {
    /// This kind.
    Kind(FilingKind),
    /// The records allow no kind of filing as they are.
    Conflict {
        /// Why.
        reason: Text,
        /// The situations that it is.
        situations: Vec<Situation>,
    },
    /// A fact is missing.
    Undetermined {
        /// Which, and why.
        missing: Text,
    },
}

/// Derives the kind of filing: nobody is asked for it.
pub fn derive_kind(facts: &Facts) -> KindDerivation {
    use KindDerivation::Kind;
    let (sponsor, domain) = match (facts.sponsor_record.get(), facts.domain_record.get()) {
        (Ok(sponsor), Ok(domain)) => (sponsor, domain),
        (Err(missing), _) | (_, Err(missing)) => {
            return KindDerivation::Undetermined { missing: missing.clone() };
        }
    };
    match (sponsor, domain) {
        (SponsorRecord::NotFiled, DomainRecord::NotFiled) => Kind(FilingKind::FirstFiling),
        (SponsorRecord::Filed { .. }, DomainRecord::NotFiled) => Kind(FilingKind::AddService),
        (SponsorRecord::NotFiled, DomainRecord::Filed(filed)) => unknown_sponsor(filed),
        (SponsorRecord::Filed { number, .. }, DomainRecord::Filed(filed)) => match filed.sponsor() {
            None => KindDerivation::Undetermined {
                missing: Text::new(
                    "工信部查询未返回该域名的主体备案号，无法判断是否属于本主办者",
                    "The ministry's query did not tell the sponsor's number of the domain, so whose it is is not known",
                ),
            },
            Some(holder) if holder != number => other_sponsor(filed),
            Some(_) if filed.here == Presence::Elsewhere => Kind(FilingKind::AddAccess),
            Some(_) => already_here(filed),
        },
    }
}

fn unknown_sponsor(filed: &FiledDomain) -> KindDerivation {
    let number = filed.number().unwrap_or_default();
    KindDerivation::Conflict {
        reason: Text::new(
            format!(
                "域名已在备案 {number} 名下，而按所填证件号码查不到主体备案：可能是他人的旧备案，也可能是贵单位换证前的备案"
            ),
            format!(
                "The domain is filed under {number}, and the certificate number given has no record: it is possibly a stranger's stale record, or your own from before the certificate was replaced"
            ),
        ),
        situations: vec![Situation::S02, Situation::S03, Situation::S05, Situation::S09],
    }
}

fn other_sponsor(filed: &FiledDomain) -> KindDerivation {
    let number = filed.number().unwrap_or_default();
    KindDerivation::Conflict {
        reason: Text::new(
            format!("域名已备案为 {number}，与所填证件号码对应的主体备案号不同"),
            format!(
                "The domain is filed as {number}, which is not of the sponsor with the certificate number given"
            ),
        ),
        situations: vec![Situation::S02, Situation::S05, Situation::S08],
    }
}

fn already_here(filed: &FiledDomain) -> KindDerivation {
    let number = filed.number().unwrap_or_default();
    KindDerivation::Conflict {
        reason: Text::new(
            format!("该域名已在本接入商备案并接入（{number}），只能变更、注销或取消接入"),
            format!(
                "The domain is filed and connected here already ({number}): it can only be changed or cancelled"
            ),
        ),
        situations: vec![Situation::S02, Situation::S12],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::{Known, RegulatorKind};

    fn filed(number: &str, here: Presence) -> DomainRecord {
        DomainRecord::Filed(FiledDomain {
            service_number: Some(number.parse().unwrap()),
            sponsor_number: None,
            service_name: None,
            here,
        })
    }

    fn sponsor() -> SponsorRecord {
        SponsorRecord::Filed { number: "粤ICP备2026000001号".parse().unwrap(), here: Presence::Elsewhere }
    }

    fn derive(sponsor: SponsorRecord, domain: DomainRecord) -> KindDerivation {
        let mut facts = Facts::unknown(RegulatorKind::Practice, Text::new("无", "none"));
        facts.sponsor_record = Known::Known(sponsor);
        facts.domain_record = Known::Known(domain);
        derive_kind(&facts)
    }

    #[test]
    fn the_records_decide_the_kind() {
        use KindDerivation::{Conflict, Kind, Undetermined};
        let own = "粤ICP备2026000001号-1";
        assert_eq!(derive(SponsorRecord::NotFiled, DomainRecord::NotFiled), Kind(FilingKind::FirstFiling));
        assert_eq!(derive(sponsor(), DomainRecord::NotFiled), Kind(FilingKind::AddService));
        assert_eq!(derive(sponsor(), filed(own, Presence::Elsewhere)), Kind(FilingKind::AddAccess));
        assert!(matches!(derive(sponsor(), filed(own, Presence::ThisAccount)), Conflict { situations, .. }
            if situations.contains(&Situation::S12)));
        assert!(matches!(derive(sponsor(), filed("京ICP备2026000009号-1", Presence::Elsewhere)),
            Conflict { situations, .. } if situations.contains(&Situation::S08)));
        assert!(matches!(derive(SponsorRecord::NotFiled, filed(own, Presence::Elsewhere)),
            Conflict { situations, .. } if situations.contains(&Situation::S03)));
        let nameless = DomainRecord::Filed(FiledDomain {
            service_number: None,
            sponsor_number: None,
            service_name: None,
            here: Presence::Elsewhere,
        });
        assert!(matches!(derive(sponsor(), nameless), Undetermined { .. }));
        let nothing = Facts::unknown(RegulatorKind::Real, Text::new("未连接", "not connected"));
        assert_eq!(derive_kind(&nothing), Undetermined { missing: Text::new("未连接", "not connected") });
    }
}
