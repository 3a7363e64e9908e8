//! Looking up what is filed.

use beian_domain::{DomainName, SponsorNature};
use beian_wire::upload::Website;

use super::Regulator;
use crate::language::Language;
use crate::register::{Filed, FiledService};
use crate::views::{PublicRow, beijing};

impl FiledService {
    /// Whether a domain is this service's.
    pub(super) fn has_domain(&self, name: &DomainName) -> bool {
        self.domains.iter().any(|domain| domain.name.parse().as_ref() == Ok(name))
    }
}

impl Regulator {
    /// The public query: by domain, by the whole name of a sponsor, by a
    /// sponsor's or a site's filing number.
    pub(crate) fn public_rows(&self, asked: &str, language: Language) -> Vec<PublicRow> {
        if asked.is_empty() {
            return Vec::new();
        }
        let domain = DomainName::from_host(asked).ok();
        let number = asked.replace(' ', "");
        let fits = |filed: &Filed<'_>| {
            filed.sponsor.data.name == asked
                || filed.sponsor.number.to_string() == number
                || filed.service.number.to_string() == number
                || domain.as_ref().is_some_and(|domain| filed.service.has_domain(domain))
        };
        self.state
            .register
            .live_services()
            .filter(fits)
            .map(|filed| PublicRow {
                number: filed.service.number.to_string(),
                sponsor: filed.sponsor.data.name.clone(),
                nature: nature_name(filed.sponsor.data.nature, language),
                site: filed.service.data.name.clone(),
                domains: domain_names(&filed.service.to_website(filed.service_id)),
                approved: beijing(filed.service.approved).format("%Y-%m-%d").to_string(),
            })
            .collect()
    }
}

/// The name of a sponsor's nature; persons may leave it out.
pub(super) fn nature_name(code: Option<u16>, language: Language) -> String {
    let nature = code.map_or(Ok(SponsorNature::Individual), SponsorNature::from_code);
    match nature {
        Ok(nature) => {
            let label = nature.label();
            language.pick(&label.zh, &label.en).to_owned()
        }
        Err(error) => error.got,
    }
}

/// The domains of a website as their owner writes them.
pub(super) fn domain_names(website: &Website) -> String {
    let name = |text: &str| {
        text.parse::<DomainName>().map_or_else(|_| text.to_owned(), |name| name.as_unicode().to_owned())
    };
    website.domains.iter().map(|domain| name(&domain.name)).collect::<Vec<_>>().join(", ")
}
