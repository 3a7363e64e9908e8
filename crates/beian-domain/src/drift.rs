//! What we filed and what is there (备案信息变动): a record says where a domain leads and what its home page shows, and
//! the world goes on. Whoever checks filings (核查) punishes filer and provider for the difference.
//!
//! Three answers, never two: it is as filed, it is not, or it was not looked at, and why.

mod life;
mod not_seen;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{RecordNumber, UnknownCode};

pub use life::{DriftEvent, DriftExcuse, DriftState, InvalidDriftEvent, LookSchedule, NextLook};
pub use not_seen::NotSeen;

/// Identifies a drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DriftId(pub Uuid);

/// What is not as it was filed, with what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Drift {
    /// The domain leads to other providers only (空壳): there is an access on record that is none.
    LeadsElsewhere {
        /// Where to.
        addresses: Vec<IpAddr>,
    },
    /// There is no such name, or it has no address.
    LeadsNowhere {},
    /// The domain leads here, and to another provider besides.
    LeadsPartlyElsewhere {
        /// Those that are not ours.
        addresses: Vec<IpAddr>,
    },
    /// The domain leads here, but not to the address on file.
    LeadsToOtherAddress {
        /// The address on file.
        filed: IpAddr,
        /// Where it leads.
        addresses: Vec<IpAddr>,
        /// The resource there, by the cloud's name, if it is one of the record's holder.
        resource: Option<String>,
    },
    /// The home page shows no filing number.
    NumberMissing {},
    /// The home page shows other filing numbers only.
    NumberWrong {
        /// Which.
        found: Vec<RecordNumber>,
    },
    /// The home page shows the sponsor's number, without the part of the service.
    NumberOfSponsor {},
    /// The number is no link.
    LinkMissing {},
    /// The number is a link to somewhere else than the regulator.
    LinkElsewhere {
        /// Where to, as it stands on the page.
        to: String,
    },
    /// The TLS certificate has expired.
    CertificateExpired {
        /// The day.
        on: NaiveDate,
    },
    /// The TLS certificate expires soon.
    CertificateExpires {
        /// The day.
        on: NaiveDate,
    },
    /// Browsers do not trust who issued the TLS certificate.
    CertificateNotTrusted {},
    /// The TLS certificate is for other names.
    CertificateOfOther {},
    /// The domain's registry does not know it: it is registered by nobody, and open to anybody.
    DomainUnregistered {},
    /// The registration of the domain has ended.
    DomainExpired {
        /// The day.
        on: NaiveDate,
        /// Who told it.
        #[serde(default)]
        told: DayTold,
    },
    /// The registration of the domain ends soon.
    DomainExpires {
        /// The day.
        on: NaiveDate,
        /// Who told it.
        #[serde(default)]
        told: DayTold,
    },
}

/// Who told until when a domain is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", deny_unknown_fields)]
pub enum DayTold {
    /// The filing: the registry could not be asked, or told nothing. What was kept before registries were asked says
    /// nothing of it, and is of this kind.
    #[default]
    Filing,
    /// The domain's registry (域名注册管理机构), by RDAP.
    Registry {
        /// The day on file, if there is one and it is another.
        filed: Option<NaiveDate>,
    },
}

/// What can drift, without what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftKind {
    /// See [`Drift::LeadsElsewhere`].
    LeadsElsewhere,
    /// See [`Drift::DomainUnregistered`].
    DomainUnregistered,
    /// See [`Drift::LeadsNowhere`].
    LeadsNowhere,
    /// See [`Drift::DomainExpired`].
    DomainExpired,
    /// See [`Drift::NumberMissing`].
    NumberMissing,
    /// See [`Drift::NumberWrong`].
    NumberWrong,
    /// See [`Drift::LeadsPartlyElsewhere`].
    LeadsPartlyElsewhere,
    /// See [`Drift::LeadsToOtherAddress`].
    LeadsToOtherAddress,
    /// See [`Drift::LinkElsewhere`].
    LinkElsewhere,
    /// See [`Drift::LinkMissing`].
    LinkMissing,
    /// See [`Drift::CertificateExpired`].
    CertificateExpired,
    /// See [`Drift::CertificateOfOther`].
    CertificateOfOther,
    /// See [`Drift::CertificateNotTrusted`].
    CertificateNotTrusted,
    /// See [`Drift::NumberOfSponsor`].
    NumberOfSponsor,
    /// See [`Drift::DomainExpires`].
    DomainExpires,
    /// See [`Drift::CertificateExpires`].
    CertificateExpires,
}

/// What is looked at, one apart from the other: a page that does not answer says nothing of where its name leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriftClass {
    /// Where the domain leads (域名解析).
    Resolution,
    /// Number and link at the foot of the home page (备案号悬挂).
    Footer,
    /// The TLS certificate of the site.
    Certificate,
    /// How long the domain is registered.
    Domain,
}

/// What came of looking at one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// It was looked at; what is not as filed, if anything.
    Seen(Vec<Drift>),
    /// Whoever knows could not be asked; what is on file was looked at in its place.
    ByFiling {
        /// What is not as filed, if anything.
        drifts: Vec<Drift>,
        /// Why it had to do.
        why: NotSeen,
    },
    /// It was not.
    NotSeen(NotSeen),
}

/// A look at everything that a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftLook {
    /// Where the domain leads.
    pub resolution: Observation,
    /// What the home page shows.
    pub footer: Observation,
    /// The TLS certificate.
    pub certificate: Observation,
    /// The registration of the domain.
    pub domain: Observation,
}

/// What the filer can do about a drift by one click here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriftRemedy {
    /// Change the access to the resource at which the domain leads already (变更接入).
    MoveAccess {
        /// The resource, by the cloud's name.
        resource: String,
    },
    /// Give up the access that is none (取消接入).
    EndAccess,
    /// State the registration of the domain anew (变更网站).
    RestateDomain,
    /// Give up the record of a domain that is nobody's (注销网站).
    CancelService,
    /// Put number and link on the home page.
    PutFooter,
    /// Nothing here: it is mended at the name server, the registrar or the site.
    Elsewhere,
}

impl Drift {
    /// What it is, without what was seen.
    pub fn kind(&self) -> DriftKind {
        match self {
            Self::LeadsElsewhere { .. } => DriftKind::LeadsElsewhere,
            Self::LeadsNowhere {} => DriftKind::LeadsNowhere,
            Self::LeadsPartlyElsewhere { .. } => DriftKind::LeadsPartlyElsewhere,
            Self::LeadsToOtherAddress { .. } => DriftKind::LeadsToOtherAddress,
            Self::NumberMissing {} => DriftKind::NumberMissing,
            Self::NumberWrong { .. } => DriftKind::NumberWrong,
            Self::NumberOfSponsor {} => DriftKind::NumberOfSponsor,
            Self::LinkMissing {} => DriftKind::LinkMissing,
            Self::LinkElsewhere { .. } => DriftKind::LinkElsewhere,
            Self::CertificateExpired { .. } => DriftKind::CertificateExpired,
            Self::CertificateExpires { .. } => DriftKind::CertificateExpires,
            Self::CertificateNotTrusted {} => DriftKind::CertificateNotTrusted,
            Self::CertificateOfOther {} => DriftKind::CertificateOfOther,
            Self::DomainUnregistered {} => DriftKind::DomainUnregistered,
            Self::DomainExpired { .. } => DriftKind::DomainExpired,
            Self::DomainExpires { .. } => DriftKind::DomainExpires,
        }
    }

    /// What the filer can do about it here. A domain that leads elsewhere can be led back as well; that is not ours to
    /// do.
    pub fn remedy(&self) -> DriftRemedy {
        match self {
            Self::LeadsToOtherAddress { resource: Some(resource), .. } => {
                DriftRemedy::MoveAccess { resource: resource.clone() }
            }
            Self::LeadsElsewhere { .. } | Self::LeadsNowhere {} => DriftRemedy::EndAccess,
            Self::DomainUnregistered {} => DriftRemedy::CancelService,
            Self::DomainExpired { told, .. } | Self::DomainExpires { told, .. } => match told {
                DayTold::Filing => DriftRemedy::RestateDomain,
                // Another day on file changes nothing for the registry.
                DayTold::Registry { .. } => DriftRemedy::Elsewhere,
            },
            Self::NumberMissing {}
            | Self::NumberWrong { .. }
            | Self::NumberOfSponsor {}
            | Self::LinkMissing {}
            | Self::LinkElsewhere { .. } => DriftRemedy::PutFooter,
            Self::LeadsPartlyElsewhere { .. }
            | Self::LeadsToOtherAddress { resource: None, .. }
            | Self::CertificateExpired { .. }
            | Self::CertificateExpires { .. }
            | Self::CertificateNotTrusted {}
            | Self::CertificateOfOther {} => DriftRemedy::Elsewhere,
        }
    }

    /// Whether the filing itself told it, so that another filing can mend it without anybody else being asked.
    fn is_told_by_filing(&self) -> bool {
        match self {
            Self::DomainExpired { told, .. } | Self::DomainExpires { told, .. } => *told == DayTold::Filing,
            _ => false,
        }
    }
}

impl DriftKind {
    /// Every kind, the most serious first.
    pub const ALL: [Self; 16] = [
        Self::LeadsElsewhere,
        Self::DomainUnregistered,
        Self::LeadsNowhere,
        Self::DomainExpired,
        Self::NumberMissing,
        Self::NumberWrong,
        Self::LeadsPartlyElsewhere,
        Self::LeadsToOtherAddress,
        Self::LinkElsewhere,
        Self::LinkMissing,
        Self::CertificateExpired,
        Self::CertificateOfOther,
        Self::CertificateNotTrusted,
        Self::NumberOfSponsor,
        Self::DomainExpires,
        Self::CertificateExpires,
    ];

    /// How serious it is, from 1 to 100: what ends an access first, then what is fined, then what is not as filed, then
    /// what will be. ASSUMED order; no source ranks them.
    pub fn weight(self) -> u8 {
        match self {
            Self::LeadsElsewhere => 100,
            Self::DomainUnregistered => 95,
            Self::LeadsNowhere => 90,
            Self::DomainExpired => 85,
            Self::NumberMissing => 70,
            Self::NumberWrong => 65,
            Self::LeadsPartlyElsewhere => 60,
            Self::LeadsToOtherAddress => 55,
            Self::LinkElsewhere => 45,
            Self::LinkMissing => 40,
            Self::CertificateExpired => 35,
            Self::CertificateOfOther => 34,
            Self::CertificateNotTrusted => 32,
            Self::NumberOfSponsor => 25,
            Self::DomainExpires => 20,
            Self::CertificateExpires => 10,
        }
    }

    /// What must be looked at to see it.
    pub fn class(self) -> DriftClass {
        match self {
            Self::LeadsElsewhere
            | Self::LeadsNowhere
            | Self::LeadsPartlyElsewhere
            | Self::LeadsToOtherAddress => DriftClass::Resolution,
            Self::NumberMissing
            | Self::NumberWrong
            | Self::NumberOfSponsor
            | Self::LinkMissing
            | Self::LinkElsewhere => DriftClass::Footer,
            Self::CertificateExpired
            | Self::CertificateExpires
            | Self::CertificateNotTrusted
            | Self::CertificateOfOther => DriftClass::Certificate,
            Self::DomainUnregistered | Self::DomainExpired | Self::DomainExpires => DriftClass::Domain,
        }
    }

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::LeadsElsewhere => "leads-elsewhere",
            Self::DomainUnregistered => "domain-unregistered",
            Self::LeadsNowhere => "leads-nowhere",
            Self::DomainExpired => "domain-expired",
            Self::NumberMissing => "number-missing",
            Self::NumberWrong => "number-wrong",
            Self::LeadsPartlyElsewhere => "leads-partly-elsewhere",
            Self::LeadsToOtherAddress => "leads-to-other-address",
            Self::LinkElsewhere => "link-elsewhere",
            Self::LinkMissing => "link-missing",
            Self::CertificateExpired => "certificate-expired",
            Self::CertificateOfOther => "certificate-of-other",
            Self::CertificateNotTrusted => "certificate-not-trusted",
            Self::NumberOfSponsor => "number-of-sponsor",
            Self::DomainExpires => "domain-expires",
            Self::CertificateExpires => "certificate-expires",
        }
    }
}

impl DriftClass {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Resolution, Self::Footer, Self::Certificate, Self::Domain];

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Resolution => "resolution",
            Self::Footer => "footer",
            Self::Certificate => "certificate",
            Self::Domain => "domain",
        }
    }
}

impl DriftLook {
    /// A look that saw nothing, for one reason.
    pub fn of_nothing(why: NotSeen) -> Self {
        let not_seen = || Observation::NotSeen(why);
        Self { resolution: not_seen(), footer: not_seen(), certificate: not_seen(), domain: not_seen() }
    }

    /// What came of each class.
    pub fn observations(&self) -> [(DriftClass, &Observation); 4] {
        [
            (DriftClass::Resolution, &self.resolution),
            (DriftClass::Footer, &self.footer),
            (DriftClass::Certificate, &self.certificate),
            (DriftClass::Domain, &self.domain),
        ]
    }

    /// What is not as filed.
    pub fn drifts(&self) -> impl Iterator<Item = &Drift> {
        self.observations().into_iter().flat_map(|(_, observation)| match observation {
            Observation::Seen(drifts) | Observation::ByFiling { drifts, .. } => drifts.as_slice(),
            Observation::NotSeen(_) => &[],
        })
    }

    /// Whether a drift that was seen before, and is not among these, is gone: only what was looked at can tell. The
    /// filing mends what it told itself, and the rest only where there is nobody better to ask.
    pub fn ends(&self, drift: &Drift) -> bool {
        let class = drift.kind().class();
        let observed = self.observations().into_iter().find(|(of, _)| *of == class);
        match observed.map(|(_, observation)| observation) {
            Some(Observation::Seen(_)) => true,
            Some(Observation::ByFiling { why, .. }) => {
                *why == NotSeen::NoRegistryService || drift.is_told_by_filing()
            }
            // Nobody is left who could say that the domain is registered no longer.
            Some(Observation::NotSeen(why)) => class == DriftClass::Domain && *why == NotSeen::NotOnFile,
            None => false,
        }
    }

    /// Whether what is seen now takes the place of what was seen before of the same kind: not the day on file that of a
    /// registry which only does not answer.
    pub fn replaces(&self, before: &Drift, now: &Drift) -> bool {
        let has_better = !before.is_told_by_filing() && now.is_told_by_filing();
        let by_filing =
            matches!(&self.domain, Observation::ByFiling { why, .. } if *why != NotSeen::NoRegistryService);
        !(has_better && by_filing)
    }

    /// What was not looked at, or by the day on file alone though a registry could be asked, and why.
    pub fn not_seen(&self) -> impl Iterator<Item = (DriftClass, NotSeen)> {
        self.observations().into_iter().filter_map(|(class, observation)| match observation {
            // There is nobody else to ask, and nothing is missing.
            Observation::Seen(_) | Observation::ByFiling { why: NotSeen::NoRegistryService, .. } => None,
            Observation::NotSeen(why) | Observation::ByFiling { why, .. } => Some((class, *why)),
        })
    }
}

macro_rules! by_slug {
    ($($type:ident is $table:literal;)+) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.slug())
            }
        }

        impl FromStr for $type {
            type Err = UnknownCode;

            fn from_str(slug: &str) -> Result<Self, UnknownCode> {
                let unknown = || UnknownCode { table: $table, got: slug.to_owned() };
                Self::ALL.into_iter().find(|value| value.slug() == slug).ok_or_else(unknown)
            }
        }
    )+};
}

by_slug! {
    DriftKind is "kind of drift";
    DriftClass is "class of drift";
    NotSeen is "reason why something was not looked at";
    DriftState is "state of a drift";
    DriftExcuse is "excuse of a drift";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each kind.
    fn samples() -> Vec<Drift> {
        let address: IpAddr = "198.51.100.9".parse().unwrap();
        let on = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        vec![
            Drift::LeadsElsewhere { addresses: vec![address] },
            Drift::DomainUnregistered {},
            Drift::LeadsNowhere {},
            Drift::DomainExpired { on, told: DayTold::Registry { filed: on.succ_opt() } },
            Drift::NumberMissing {},
            Drift::NumberWrong { found: vec!["粤ICP备2026000001号-2".parse().unwrap()] },
            Drift::LeadsPartlyElsewhere { addresses: vec![address] },
            Drift::LeadsToOtherAddress {
                filed: address,
                addresses: vec!["2001:db8::7".parse().unwrap()],
                resource: Some("srv-2".to_owned()),
            },
            Drift::LinkElsewhere { to: "http://www.miitbeian.gov.cn".to_owned() },
            Drift::LinkMissing {},
            Drift::CertificateExpired { on },
            Drift::CertificateOfOther {},
            Drift::CertificateNotTrusted {},
            Drift::NumberOfSponsor {},
            Drift::DomainExpires { on, told: DayTold::Filing },
            Drift::CertificateExpires { on },
        ]
    }

    #[test]
    fn every_kind_is_stored_and_read_again_and_ranked_once() {
        let kinds: Vec<DriftKind> = samples().iter().map(Drift::kind).collect();
        assert_eq!(kinds, DriftKind::ALL, "a sample of each, the most serious first");
        assert!(DriftKind::ALL.windows(2).all(|pair| pair[0].weight() > pair[1].weight()));
        for drift in samples() {
            let json = serde_json::to_string(&drift).unwrap();
            assert!(json.contains(&format!("\"kind\":\"{}\"", drift.kind())), "{json}");
            assert_eq!(serde_json::from_str::<Drift>(&json).unwrap(), drift);
        }
        for kind in DriftKind::ALL {
            assert_eq!(kind.slug().parse(), Ok(kind));
            assert!((1..=100).contains(&kind.weight()));
        }
        assert!(serde_json::from_str::<Drift>(r#"{"kind":"number-missing","found":[]}"#).is_err());
        let before = r#"{"kind":"domain-expires","on":"2026-12-01"}"#;
        let on = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        assert_eq!(
            serde_json::from_str::<Drift>(before).unwrap(),
            Drift::DomainExpires { on, told: DayTold::Filing },
            "as it was kept before registries were asked"
        );
    }

    #[test]
    fn names_round_trip() {
        for class in DriftClass::ALL {
            assert_eq!(class.slug().parse(), Ok(class));
            assert_eq!(serde_json::to_value(class).unwrap(), class.slug());
        }
        for why in NotSeen::ALL {
            assert_eq!(why.slug().parse(), Ok(why));
            assert_eq!(serde_json::to_value(why).unwrap(), why.slug());
        }
        for state in DriftState::ALL {
            assert_eq!(state.slug().parse(), Ok(state));
        }
        for excuse in DriftExcuse::ALL {
            assert_eq!(excuse.slug().parse(), Ok(excuse));
        }
        assert!("gone".parse::<DriftState>().is_err());
    }

    #[test]
    fn what_was_not_looked_at_is_neither_a_finding_nor_an_all_clear() {
        let look = DriftLook {
            resolution: Observation::Seen(vec![Drift::LeadsNowhere {}]),
            footer: Observation::NotSeen(NotSeen::SiteSilent),
            certificate: Observation::Seen(Vec::new()),
            domain: Observation::NotSeen(NotSeen::NotOnFile),
        };
        assert_eq!(look.drifts().map(Drift::kind).collect::<Vec<_>>(), [DriftKind::LeadsNowhere]);
        let on = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        let by_filing = Drift::DomainExpires { on, told: DayTold::Filing };
        let by_registry = Drift::DomainExpires { on, told: DayTold::Registry { filed: None } };
        assert!(look.ends(&Drift::LeadsElsewhere { addresses: Vec::new() }));
        assert!(look.ends(&Drift::CertificateOfOther {}));
        assert!(!look.ends(&Drift::NumberMissing {}));
        let with = |domain| DriftLook { domain, ..look.clone() };
        let by = |why| with(Observation::ByFiling { drifts: Vec::new(), why });
        let silent = by(NotSeen::RegistrySilent);
        assert!(silent.ends(&by_filing), "the filing has mended what it told");
        assert!(!silent.ends(&by_registry) && !silent.ends(&Drift::DomainUnregistered {}));
        assert!(silent.not_seen().any(|not| not == (DriftClass::Domain, NotSeen::RegistrySilent)));
        let nobody = by(NotSeen::NoRegistryService);
        assert!(nobody.ends(&by_registry) && nobody.ends(&Drift::DomainUnregistered {}));
        assert!(nobody.not_seen().all(|(class, _)| class != DriftClass::Domain), "there is nobody to ask");
        let nothing = with(Observation::NotSeen(NotSeen::NotOnFile));
        assert!(nothing.ends(&by_registry) && nothing.ends(&Drift::DomainUnregistered {}));
        assert!(!silent.replaces(&by_registry, &by_filing) && nobody.replaces(&by_registry, &by_filing));
        assert!(silent.replaces(&by_filing, &by_filing) && silent.replaces(&by_filing, &by_registry));
        let told =
            with(Observation::ByFiling { drifts: vec![by_filing.clone()], why: NotSeen::RegistrySilent });
        assert_eq!(told.drifts().last(), Some(&by_filing));
        let not: Vec<_> = look.not_seen().collect();
        assert_eq!(
            not,
            [(DriftClass::Footer, NotSeen::SiteSilent), (DriftClass::Domain, NotSeen::NotOnFile)]
        );
    }
}
