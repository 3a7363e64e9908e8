//! Records that came into the register through another provider: what adding a service
//! or an access, and taking over a shell, is practised on.

use std::net::Ipv4Addr;

use beian_domain::practice::{ORGANISATIONS, PEOPLE, Person};
use beian_domain::{DivisionCode, DomainName, ServiceKind};
use beian_wire::upload::{
    Access, Address, Domain, FilingRecord, IpRange, Sponsor, SponsorPrincipal, Website, WebsitePrincipal,
};
use beian_wire::{Certificate, FiledBy};
use serde::Deserialize;

use super::Regulator;
use super::effect::{Entry, enter};
use super::review::filing_password;
use crate::checks::identity;
use crate::samples::details;
use crate::sandbox::Moment;

/// The provider that seeded records come from, where none is named.
const ANOTHER_PROVIDER: u64 = 999_000_000_001;

/// A record to be made, for one of the practice identities.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seed {
    /// Of a practice organisation (its present number or the former one) or of a
    /// practice person. If it is filed already, the service is added to its record.
    certificate_number: String,
    /// Of the service; without one the record is a shell.
    #[serde(default)]
    domain: Option<String>,
    /// Name of the service.
    #[serde(default)]
    name: Option<String>,
    /// Kind of the service.
    #[serde(default)]
    kind: ServiceKind,
    /// Through whom it is filed; need not be known here.
    #[serde(default)]
    provider: Option<u64>,
    /// The certificate number of the practice person in charge; the first one, or the
    /// person that files.
    #[serde(default)]
    principal: Option<String>,
    /// What it is served on.
    #[serde(default)]
    address: Option<Ipv4Addr>,
}

/// Why a record is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SeedError {
    #[error("expected the certificate number of a practice {0}, got another one")]
    Identity(&'static str),
    #[error("expected a bare domain, got {0:?}")]
    Domain(String),
    #[error("expected a domain that is not filed, got one filed as {0}")]
    Taken(String),
    #[error("expected a sponsor that is not filed where no domain is given, got one filed as {0}")]
    FiledAlready(String),
    #[error("expected a sponsor and a domain without an open filing, got one with it")]
    Open,
    #[error("expected a province with a bureau of its own")]
    Province,
}

impl Regulator {
    /// Makes a record as if it had been filed through another provider; gives the
    /// regulator's identifier of the sponsor.
    pub(crate) fn seed(&mut self, moment: Moment<'_>, seed: Seed) -> Result<u64, SeedError> {
        let (sponsor, principal) = seed.sponsor()?;
        let website = seed.domain.as_deref().map(|domain| seed.website(domain, principal)).transpose()?;
        let taken = self.taken();
        let names = website.iter().flat_map(|site| &site.domains);
        for name in names.filter_map(|domain| domain.name.parse::<DomainName>().ok()) {
            if let Some(number) = taken.filed_as(&name) {
                return Err(SeedError::Taken(number.to_string()));
            }
            if taken.open_domains.contains(&name) {
                return Err(SeedError::Open);
            }
        }
        let provider = seed.provider.unwrap_or(ANOTHER_PROVIDER);
        let entry = Entry { provider, received: moment.now, approved: moment.now };
        let number = identity(&sponsor.certificate.number);
        if taken.open_sponsors.contains(&number) {
            return Err(SeedError::Open);
        }
        let register = &self.state.register;
        let known = register
            .live_sponsors()
            .find(|(_, filed)| identity(&filed.data.certificate_number) == number)
            .map(|(id, filed)| (id, filed.number.to_string()));
        if let Some((id, number)) = known {
            let website = website.ok_or(SeedError::FiledAlready(number))?;
            self.state_mut().add_services(id, &[website], entry).ok_or(SeedError::Province)?;
            return Ok(id);
        }
        let record =
            FilingRecord { sponsor, websites: website.into_iter().collect(), attachments: Vec::new() };
        let password = filing_password(moment.random);
        let state = self.state_mut();
        let registration =
            state.draw(&record.sponsor, &record.websites, password, moment.now).ok_or(SeedError::Province)?;
        enter(state, &record, &registration, entry);
        Ok(registration.sponsor)
    }
}

impl Seed {
    fn sponsor(&self) -> Result<(Sponsor, Person), SeedError> {
        let number = identity(&self.certificate_number);
        let of_person = |number: &str| PEOPLE.into_iter().find(|person| person.resident_id == number);
        let principal = match &self.principal {
            Some(number) => of_person(&identity(number)).ok_or(SeedError::Identity("person"))?,
            None => of_person(&number).unwrap_or(PEOPLE[0]),
        };
        let organisation = ORGANISATIONS
            .into_iter()
            .find(|organisation| organisation.uscc == number || organisation.former_licence == number);
        let (name, nature, kind, division, address) = match (organisation, of_person(&number)) {
            (Some(organisation), _) => (
                organisation.name,
                4,
                1,
                organisation.division.parse::<DivisionCode>().ok(),
                organisation.address,
            ),
            (None, Some(person)) => {
                let division = person.resident_id.get(..6).and_then(|digits| digits.parse().ok());
                (person.name, 5, 2, division, "习作路1号")
            }
            (None, None) => return Err(SeedError::Identity("organisation or person")),
        };
        let division = division.ok_or(SeedError::Province)?;
        let sponsor = Sponsor {
            isp_sponsor_id: 1,
            name: name.to_owned(),
            nature: Some(nature),
            investor: (nature == 4).then(|| name.to_owned()),
            address: Address {
                province: division.province().get(),
                city: division.city().get(),
                county: Some(division.get()),
                detail: Some(address.to_owned()),
            },
            certificate: Certificate { kind, number, residence: address.to_owned() },
            principal: SponsorPrincipal {
                name: Some(principal.name.to_owned()),
                details: details(&principal),
            },
            filed_by: FiledBy::AccessProvider,
            remark: None,
        };
        Ok((sponsor, principal))
    }

    fn website(&self, domain: &str, principal: Person) -> Result<Website, SeedError> {
        let name: DomainName = domain.parse().map_err(|_| SeedError::Domain(domain.to_owned()))?;
        let address = self.address.unwrap_or(Ipv4Addr::new(198, 51, 100, 7));
        Ok(Website {
            isp_website_id: 1,
            name: self.name.clone().unwrap_or_else(|| "习作网站".to_owned()),
            approvals: Vec::new(),
            contents: vec![8],
            languages: vec![1],
            domains: vec![Domain { isp_domain_id: 1, name: name.as_unicode().to_owned() }],
            accesses: vec![Access {
                isp_access_id: 1,
                server_places: vec![5],
                methods: vec![5],
                ip_ranges: vec![IpRange { isp_ip_id: 1, first: address, last: address }],
            }],
            principal: WebsitePrincipal { name: principal.name.to_owned(), details: details(&principal) },
            home_url: Some(format!("www.{}", name.as_unicode())),
            remark: None,
            service_kind: u8::try_from(self.kind.code()).ok().filter(|_| self.kind != ServiceKind::Website),
            releases: Vec::new(),
        })
    }
}
