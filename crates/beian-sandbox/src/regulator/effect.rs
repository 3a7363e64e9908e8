//! What an approval does to the register.

use std::collections::{BTreeMap, BTreeSet};

use beian_domain::{DivisionCode, ServiceFilingNumber, ServiceKind, SponsorFilingNumber};
use beian_wire::CancellationKind;
use beian_wire::upload::{
    AddedAccess, AddedWebsites, Cancellation, ChangedAccess, ChangedRecord, ChangedWebsite, FilingRecord,
    Sponsor, Website,
};
use chrono::{DateTime, Datelike, Utc};

use super::Regulator;
use super::review::filing_password;
use crate::config::province_of;
use crate::register::{
    FiledAccess, FiledDomain, FiledRange, FiledService, FiledSponsor, ServiceData, SponsorData,
};
use crate::request::Request;
use crate::sandbox::Moment;
use crate::state::{AccessRegistration, Registration, SiteRegistration, Stage, State, Target};
use crate::views::beijing;

/// What became of an approved request.
pub(super) enum Effect {
    /// These services of a sponsor stand in the register.
    Filed { registration: Option<Registration>, target: Target },
    /// Something does not any more; these providers are told.
    Cancelled { kind: CancellationKind, id: u64, providers: BTreeSet<u64> },
}

/// By whom and when something came into the register.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) provider: u64,
    pub(super) received: DateTime<Utc>,
    pub(super) approved: DateTime<Utc>,
}

impl Regulator {
    /// Does what a filing asks for. `None` if the register has not got any more what it
    /// is about.
    pub(super) fn take_effect(&mut self, moment: Moment<'_>, id: u64) -> Option<Effect> {
        let filing = self.state.filings.get(&id)?;
        let entry = Entry { provider: filing.provider, received: filing.received, approved: moment.now };
        let target = filing.target.clone();
        let request = self.requests.get(&id)?.clone();
        match request {
            Request::First(record) => {
                let registration = self.grant_first(moment, &record, entry)?;
                let services = registration.sites.iter().map(|site| site.site).collect();
                let target = Target { sponsor: Some(registration.sponsor), services, access: None };
                Some(Effect::Filed { registration: Some(registration), target })
            }
            Request::AddService(record) => self.grant_services(&record, target.sponsor?, entry),
            Request::AddAccess(record) => self.grant_access(&record, target, entry),
            Request::Change(record) => self.change(&record, target, entry),
            Request::Cancel(record) => self.cancel(&record, entry),
            Request::Material(_) => None,
        }
    }

    fn grant_first(
        &mut self,
        moment: Moment<'_>,
        record: &FilingRecord,
        entry: Entry,
    ) -> Option<Registration> {
        let password = filing_password(moment.random);
        let state = self.state_mut();
        let registration = state.draw(&record.sponsor, &record.websites, password, entry.approved)?;
        enter(state, record, &registration, entry);
        Some(registration)
    }

    fn grant_services(&mut self, record: &AddedWebsites, sponsor: u64, entry: Entry) -> Option<Effect> {
        let state = self.state_mut();
        let sites = state.add_services(sponsor, &record.websites, entry)?;
        let number = state.register.sponsors.get(&sponsor)?.number.clone();
        let target = Target {
            sponsor: Some(sponsor),
            services: sites.iter().map(|site| site.site).collect(),
            access: None,
        };
        let registration = Registration { number, password: None, sponsor, sites };
        Some(Effect::Filed { registration: Some(registration), target })
    }

    fn grant_access(&mut self, record: &AddedAccess, target: Target, entry: Entry) -> Option<Effect> {
        let state = self.state_mut();
        let id = state.identifier();
        let ranges = record
            .ip_ranges
            .iter()
            .map(|range| FiledRange {
                id: state.identifier(),
                isp_id: range.isp_ip_id,
                first: range.first,
                last: range.last,
            })
            .collect();
        let service = state.register.service_mut(*target.services.first()?)?;
        service.last_changed = entry.approved;
        let access = FiledAccess {
            provider: entry.provider,
            isp_id: record.isp_access_id,
            places: record.server_places.clone(),
            methods: record.methods.clone(),
            ranges,
            cancelled: None,
        };
        service.accesses.insert(id, access);
        Some(Effect::Filed { registration: None, target: Target { access: Some(id), ..target } })
    }

    fn change(&mut self, record: &ChangedRecord, target: Target, entry: Entry) -> Option<Effect> {
        let request = Request::Change(record.clone());
        let data = request.sponsor()?;
        let state = self.state_mut();
        let mut fresh = state.last_identifier;
        let sponsor = state.register.sponsors.get_mut(&target.sponsor?)?;
        sponsor.data = sponsor.data.changed_to(&data);
        sponsor.last_changed = entry.approved;
        for (website, data) in record.websites.iter().zip(request.websites()) {
            let Some(service) = sponsor.services.get_mut(&website.website_id) else { continue };
            service.data = service.data.changed_to(&data);
            service.last_changed = entry.approved;
            change_parts(service, website, entry.provider, &mut fresh);
        }
        state.last_identifier = fresh;
        Some(Effect::Filed { registration: None, target })
    }

    fn cancel(&mut self, record: &Cancellation, entry: Entry) -> Option<Effect> {
        let register = &mut self.state_mut().register;
        let id = record.record_id;
        let mut providers = BTreeSet::from([entry.provider]);
        match record.kind {
            CancellationKind::Sponsor => {
                let sponsor = register.sponsors.get_mut(&id)?;
                sponsor.cancelled.get_or_insert(entry.approved);
                for service in sponsor.services.values_mut() {
                    providers.extend(service.cancel(entry.approved));
                }
            }
            CancellationKind::Website => providers.extend(register.service_mut(id)?.cancel(entry.approved)),
            CancellationKind::Access => {
                let services =
                    register.sponsors.values_mut().flat_map(|sponsor| sponsor.services.values_mut());
                let service = services.into_iter().find(|service| service.accesses.contains_key(&id))?;
                service.last_changed = entry.approved;
                service.accesses.get_mut(&id)?.cancelled.get_or_insert(entry.approved);
            }
        }
        Some(Effect::Cancelled { kind: record.kind, id, providers })
    }

    /// Fills the register from filings that were approved before there was one.
    pub(super) fn enter_old_filings(&mut self) {
        let approved: Vec<_> = self
            .state
            .filings
            .iter()
            .filter_map(|(id, filing)| match (&filing.stage, self.requests.get(id)?) {
                (Stage::Approved { at, registration: Some(registration), .. }, Request::First(record)) => {
                    let entry = Entry { provider: filing.provider, received: filing.received, approved: *at };
                    Some((record.clone(), registration.clone(), entry))
                }
                _ => None,
            })
            .collect();
        for (record, registration, entry) in approved {
            enter(self.state_mut(), &record, &registration, entry);
        }
    }
}

impl State {
    /// Draws a sponsor's number, a number for each site, and identifiers for
    /// everything. The number begins with the character of the *sponsor's*
    /// province, wherever the provider is licensed. ASSUMED.
    pub(super) fn draw(
        &mut self,
        sponsor: &Sponsor,
        websites: &[Website],
        password: String,
        now: DateTime<Utc>,
    ) -> Option<Registration> {
        let province = province_of(DivisionCode::try_from(sponsor.address.province).ok()?)?;
        // Numbers change with the year in China, not with the one in Greenwich.
        let year = beijing(now).year();
        let prefix = format!("{}ICP备{year:04}", province.character);
        let serial = self.serials.get(&prefix).copied().unwrap_or(0) + 1;
        // The form has six digits: a millionth sponsor of a year finds none.
        let number: SponsorFilingNumber = format!("{prefix}{serial:06}号").parse().ok()?;
        self.serials.insert(prefix, serial);
        let sponsor = self.identifier();
        let sites = (1..)
            .zip(websites)
            .map(|(serial, website)| {
                let number = number.service_of_kind(serial, kind_of(website));
                self.draw_site(number, website)
            })
            .collect();
        Some(Registration { number, password: Some(password), sponsor, sites })
    }

    fn draw_site(&mut self, number: ServiceFilingNumber, website: &Website) -> SiteRegistration {
        SiteRegistration {
            number,
            site: self.identifier(),
            domains: website.domains.iter().map(|_| self.identifier()).collect(),
            accesses: website
                .accesses
                .iter()
                .map(|access| AccessRegistration {
                    access: self.identifier(),
                    ranges: access.ip_ranges.iter().map(|_| self.identifier()).collect(),
                })
                .collect(),
        }
    }

    /// Adds services to a sponsor, with the next serials: none is given twice.
    pub(super) fn add_services(
        &mut self,
        sponsor: u64,
        websites: &[Website],
        entry: Entry,
    ) -> Option<Vec<SiteRegistration>> {
        let filed = self.register.sponsors.get(&sponsor)?;
        let (number, last) = (filed.number.clone(), filed.last_serial);
        let sites: Vec<SiteRegistration> = (last + 1..)
            .zip(websites)
            .map(|(serial, website)| {
                self.draw_site(number.service_of_kind(serial, kind_of(website)), website)
            })
            .collect();
        let filed = self.register.sponsors.get_mut(&sponsor)?;
        for (website, site) in websites.iter().zip(&sites) {
            filed.last_serial = filed.last_serial.max(site.number.serial());
            filed.services.insert(site.site, filed_service(website, site, entry));
        }
        Some(sites)
    }
}

/// A service that says nothing of its kind is a website.
fn kind_of(website: &Website) -> ServiceKind {
    website.service_kind.and_then(|code| ServiceKind::from_code(code.into()).ok()).unwrap_or_default()
}

/// Enters a first filing with the numbers that were drawn for it.
pub(super) fn enter(state: &mut State, record: &FilingRecord, registration: &Registration, entry: Entry) {
    let services = record.websites.iter().zip(&registration.sites);
    let sponsor = FiledSponsor {
        number: registration.number.clone(),
        password: registration.password.clone().unwrap_or_default(),
        data: SponsorData::of(&record.sponsor),
        isp_ids: BTreeMap::from([(entry.provider, record.sponsor.isp_sponsor_id)]),
        last_serial: registration.sites.iter().map(|site| site.number.serial()).max().unwrap_or(0),
        services: services.map(|(website, site)| (site.site, filed_service(website, site, entry))).collect(),
        first_filed: entry.received,
        last_changed: entry.approved,
        cancelled: None,
    };
    state.register.sponsors.insert(registration.sponsor, sponsor);
}

fn filed_service(website: &Website, site: &SiteRegistration, entry: Entry) -> FiledService {
    let provider = entry.provider;
    let domains = website.domains.iter().zip(&site.domains).map(|(domain, id)| FiledDomain {
        id: *id,
        name: domain.name.clone(),
        isp_ids: BTreeMap::from([(provider, domain.isp_domain_id)]),
    });
    let accesses = website.accesses.iter().zip(&site.accesses).map(|(access, given)| {
        let ranges = access.ip_ranges.iter().zip(&given.ranges).map(|(range, id)| FiledRange {
            id: *id,
            isp_id: range.isp_ip_id,
            first: range.first,
            last: range.last,
        });
        let filed = FiledAccess {
            provider,
            isp_id: access.isp_access_id,
            places: access.server_places.clone(),
            methods: access.methods.clone(),
            ranges: ranges.collect(),
            cancelled: None,
        };
        (given.access, filed)
    });
    FiledService {
        number: site.number.clone(),
        data: ServiceData::of(website),
        isp_ids: BTreeMap::from([(provider, website.isp_website_id)]),
        domains: domains.collect(),
        accesses: accesses.collect(),
        first_filed: entry.received,
        approved: entry.approved,
        last_changed: entry.approved,
        cancelled: None,
    }
}

/// Domains as the change lists them; accesses that it does not list stay as they are
/// (ASSUMED: others' cannot be listed). What the change has no identifier for gets one.
fn change_parts(service: &mut FiledService, website: &ChangedWebsite, provider: u64, fresh: &mut u64) {
    let mut next = || {
        *fresh += 1;
        *fresh
    };
    let before = std::mem::take(&mut service.domains);
    for domain in &website.domains {
        let same = before.iter().find(|old| match domain.domain_id {
            Some(id) => old.id == id,
            None => old.name == domain.name,
        });
        let mut isp_ids = same.map(|old| old.isp_ids.clone()).unwrap_or_default();
        isp_ids.insert(provider, domain.isp_domain_id);
        let id = same.map_or_else(&mut next, |old| old.id);
        service.domains.push(FiledDomain { id, name: domain.name.clone(), isp_ids });
    }
    for ChangedAccess { access_id, server_places, methods, ip_ranges } in &website.accesses {
        let Some(access) = service.accesses.get_mut(access_id) else { continue };
        access.places.clone_from(server_places);
        access.methods.clone_from(methods);
        access.ranges = ip_ranges
            .iter()
            .map(|range| FiledRange {
                id: range.ip_id.unwrap_or_else(&mut next),
                isp_id: range.isp_ip_id,
                first: range.first,
                last: range.last,
            })
            .collect();
    }
}
