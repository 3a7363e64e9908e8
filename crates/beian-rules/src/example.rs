//! Examples that the checks are tested with.
#![allow(clippy::unwrap_used, reason = "tests")]

use beian_domain::{AccountId, Case, DivisionCode, Personal, Resource, ResourceId, ResourceKind, Text};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{DomainRecord, Facts, Known, RegulatorKind, ResourceFact, SponsorRecord};

pub(crate) const COMPANY: &str = include_str!("../../../examples/cases/first-filing-company.toml");
pub(crate) const INDIVIDUAL: &str = include_str!("../../../examples/cases/first-filing-individual.toml");

/// Turns the clean example into one that a check fires on, or just does not.
pub(crate) struct Examples {
    pub(crate) firing: fn(&mut Example),
    pub(crate) silent: fn(&mut Example),
}

/// A case to judge.
#[derive(Clone)]
pub(crate) struct Example {
    pub(crate) case: Case,
    pub(crate) facts: Facts,
    pub(crate) day: NaiveDate,
}

impl Example {
    /// A company in Shenzhen whose case is clean.
    pub(crate) fn company() -> Self {
        Self { case: toml::from_str(COMPANY).unwrap(), facts: facts(), day: day("2026-11-22") }
    }

    /// Becomes an individual in Shenzhen whose case is clean.
    pub(crate) fn individual(&mut self) {
        self.case = toml::from_str(INDIVIDUAL).unwrap();
    }

    /// Moves sponsor and certificate to another county.
    pub(crate) fn settle(&mut self, county: &str) {
        self.case.sponsor.division = Some(division(county));
        self.case.sponsor.certificate.division = Some(division(county));
    }

    /// The resource that the case names.
    pub(crate) fn resource(&mut self) -> &mut Resource {
        match &mut self.facts.resource {
            Known::Known(ResourceFact::Usable(resource)) => resource,
            _ => unreachable!("the clean example has a resource"),
        }
    }
}

pub(crate) fn clean(_: &mut Example) {}

pub(crate) fn p(text: &str) -> Option<Personal> {
    Some(Personal::new(text))
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn division(code: &str) -> DivisionCode {
    code.parse().unwrap()
}

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn server() -> Resource {
    Resource {
        id: ResourceId(Uuid::nil()),
        owner: AccountId(Uuid::nil()),
        reference: "practice-server-1".to_owned(),
        kind: ResourceKind::CloudServer,
        division: Some(division("440300")),
        prepaid: true,
        bought_at: time("2026-11-21T16:00:00Z"),
        expires_at: Some(time("2027-02-21T16:00:00Z")),
        public_address: Some("203.0.113.7".parse().unwrap()),
        quota: 5,
        used: 4,
    }
}

fn facts() -> Facts {
    let mut facts = Facts::unknown(RegulatorKind::Practice, Text::new("无", "none"));
    facts.domain_record = Known::Known(DomainRecord::NotFiled);
    facts.sponsor_record = Known::Known(SponsorRecord::NotFiled);
    facts.resource = Known::Known(ResourceFact::Usable(server()));
    facts.open_order = Known::Known(None);
    facts
}
