//! Looking up what is filed.

use beian_domain::{DomainName, SponsorNature};
use beian_wire::upload::{FilingRecord, Website};
use chrono::{DateTime, Utc};

use super::Regulator;
use crate::language::Language;
use crate::state::{Registration, SiteRegistration, Stage};
use crate::views::{PublicRow, beijing};

/// A filed website with its sponsor.
pub(super) struct FiledSite<'a> {
    pub(super) record: &'a FilingRecord,
    pub(super) website: &'a Website,
    pub(super) registration: &'a Registration,
    pub(super) numbers: &'a SiteRegistration,
    pub(super) approved: DateTime<Utc>,
}

impl Regulator {
    /// Every filed website, oldest filing first.
    pub(super) fn filed_sites(&self) -> impl Iterator<Item = FiledSite<'_>> {
        self.state
            .filings
            .iter()
            .filter_map(|(id, filing)| match &filing.stage {
                Stage::Approved { at, registration, .. } => Some((self.records.get(id)?, *at, registration)),
                _ => None,
            })
            .flat_map(|(record, approved, registration)| {
                record.websites.iter().zip(&registration.sites).map(move |(website, numbers)| FiledSite {
                    record,
                    website,
                    registration,
                    numbers,
                    approved,
                })
            })
    }

    /// The public query: by domain, by the whole name of a sponsor, by a
    /// sponsor's or a site's filing number.
    pub(crate) fn public_rows(&self, asked: &str, language: Language) -> Vec<PublicRow> {
        if asked.is_empty() {
            return Vec::new();
        }
        let domain = DomainName::from_host(asked).ok();
        let number = asked.replace(' ', "");
        let fits = |site: &FiledSite<'_>| {
            site.record.sponsor.name == asked
                || site.registration.number.to_string() == number
                || site.numbers.number.to_string() == number
                || domain.as_ref().is_some_and(|domain| {
                    site.website.domains.iter().any(|d| d.name.parse().as_ref() == Ok(domain))
                })
        };
        self.filed_sites()
            .filter(fits)
            .map(|site| PublicRow {
                number: site.numbers.number.to_string(),
                sponsor: site.record.sponsor.name.clone(),
                nature: nature_name(site.record.sponsor.nature, language),
                site: site.website.name.clone(),
                domains: domain_names(site.website),
                approved: beijing(site.approved).format("%Y-%m-%d").to_string(),
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
