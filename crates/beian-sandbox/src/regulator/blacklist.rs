//! The blacklist (黑名单): who and what is not filed.

use beian_domain::practice::{ORGANISATIONS, PEOPLE};
use beian_domain::{CertificateKind, DomainName};
use beian_wire::download::{
    BlacklistDomain, BlacklistFile, BlacklistSponsor, BlacklistWebsite, BlacklistedSponsor,
    BlacklistedWebsite, CertificateKey, ListChange,
};
use serde::Deserialize;

use super::Regulator;
use crate::checks::identity;
use crate::sandbox::Moment;

/// What is put on the list, or taken off it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Listing {
    /// Certificate number of a practice organisation or person.
    certificate_number: Option<String>,
    domain: Option<DomainName>,
    listed: Listed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Listed {
    On,
    Off,
}

impl Regulator {
    /// Changes the list, and tells every provider. `false` if the certificate is nobody's of the
    /// practice lists.
    pub(crate) fn list(&mut self, moment: Moment<'_>, listing: &Listing) -> bool {
        let change = match listing.listed {
            Listed::On => ListChange::Add,
            Listed::Off => ListChange::Delete,
        };
        let mut file = BlacklistFile::default();
        if let Some(number) = &listing.certificate_number {
            let Some(sponsor) = practice_sponsor(number) else { return false };
            let blacklist = &mut self.state_mut().blacklist.sponsors;
            match listing.listed {
                Listed::On => blacklist.insert(identity(number)),
                Listed::Off => blacklist.remove(&identity(number)),
            };
            file.sponsors.push(BlacklistedSponsor { sponsor: Some(sponsor), change, remark: None });
        }
        if let Some(domain) = &listing.domain {
            let blacklist = &mut self.state_mut().blacklist.domains;
            match listing.listed {
                Listed::On => blacklist.insert(domain.clone()),
                Listed::Off => blacklist.remove(domain),
            };
            let website = BlacklistWebsite {
                name: "练习网站".to_owned(),
                domains: vec![BlacklistDomain(domain.as_ascii().to_owned())],
                home_url: None,
            };
            file.websites.push(BlacklistedWebsite { website, change, remark: None });
        }
        self.issue_blacklist(moment, &file);
        true
    }
}

fn practice_sponsor(number: &str) -> Option<BlacklistSponsor> {
    let number = identity(number);
    let organisation = ORGANISATIONS.iter().find(|organisation| organisation.uscc == number);
    let person = PEOPLE.iter().find(|person| person.resident_id == number);
    let (name, nature, kind) = match (organisation, person) {
        (Some(organisation), _) => (organisation.name, Some(4), CertificateKind::BusinessLicence),
        (None, Some(person)) => (person.name, None, CertificateKind::ResidentIdCard),
        (None, None) => return None,
    };
    let certificate = CertificateKey { kind: kind.code(), number };
    Some(BlacklistSponsor { name: name.to_owned(), nature, certificate })
}
