//! Whether what we filed still holds: every record is held against the world once in a period, and what is not as it was
//! filed is laid before the operator and the filer, long before a regulator's check (核查) finds it.
//!
//! Sites are called seldom and gently: only those that lead to us, one at a time each, a few at once, by their robots.txt.
//! So are the registries of their domains.

mod desk;
mod footer;
pub(crate) mod rdap;
pub(crate) mod robots;
mod words;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use beian_domain::{DayTold, Drift, DriftLook, LookSchedule, NotSeen, Observation, ServiceFilingNumber};
use beian_rules::DriftPolicy;
use beian_store::{Actor, FilingRecord};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::task::JoinSet;

use crate::dns::Addresses;
use crate::probe::Probe;
use crate::{App, AppError, Progress};
use footer::Footer;
use rdap::Registration;

pub use desk::{DRIFT_PAGE, DriftDesk, DriftingRecord, RecordHealth};
pub use words::{DriftWords, drift_words};

/// How long it rests when nothing is due: what is granted meanwhile is seen after it.
const REST: TimeDelta = TimeDelta::minutes(1);
/// However few records there are, the next one does not wait longer than this.
const SLOWEST: TimeDelta = TimeDelta::minutes(1);
/// A rest that is longer was made by a clock that was set back.
const LONGEST_REST: TimeDelta = TimeDelta::hours(1);

/// Until when nothing is looked at.
#[derive(Default)]
pub(crate) struct DriftPace(Mutex<Option<DateTime<Utc>>>);

/// The time between two looks: so that all are looked at within the period with as much again to spare for what is looked
/// at twice, evenly, and never faster than the policy has it.
fn pace(policy: &DriftPolicy, records: u64) -> TimeDelta {
    let period = TimeDelta::days(policy.days.into());
    let records = i32::try_from(records.saturating_mul(2).max(1)).unwrap_or(i32::MAX);
    let fastest = TimeDelta::minutes(1) / i32::from(policy.per_minute.max(1));
    (period / records).min(SLOWEST).max(fastest)
}

fn schedule(policy: &DriftPolicy) -> LookSchedule {
    LookSchedule {
        period: TimeDelta::days(policy.days.max(1).into()),
        again: TimeDelta::minutes(policy.again_minutes.max(1).into()),
    }
}

/// That a registry knows nothing of a domain is believed if the domain leads nowhere: a service that has moved says the
/// same of all.
fn believed(told: Result<Registration, NotSeen>, resolution: &Observation) -> Result<Registration, NotSeen> {
    match (told, resolution) {
        (Ok(Registration::Nobodys), Observation::NotSeen(NotSeen::NameServerSilent)) => {
            Err(NotSeen::NameServerSilent)
        }
        (Ok(Registration::Nobodys), Observation::Seen(drifts))
            if drifts.contains(&Drift::LeadsNowhere {}) =>
        {
            told
        }
        (Ok(Registration::Nobodys), _) => Err(NotSeen::RegistryContradicted),
        _ => told,
    }
}

/// What a domain's registration is worth today, by what its registry told, or why it did not, and by the day on file.
fn judge_registration(
    told: Result<Registration, NotSeen>,
    filed: Option<NaiveDate>,
    today: NaiveDate,
    warns: TimeDelta,
) -> Observation {
    let drifts = |on: NaiveDate, told| match on {
        on if on < today => vec![Drift::DomainExpired { on, told }],
        on if on - today <= warns => vec![Drift::DomainExpires { on, told }],
        _ => Vec::new(),
    };
    match (told, filed) {
        (Ok(Registration::Nobodys), _) => Observation::Seen(vec![Drift::DomainUnregistered {}]),
        (Ok(Registration::Until(on)), filed) => {
            let filed = filed.filter(|filed| *filed != on);
            Observation::Seen(drifts(on, DayTold::Registry { filed }))
        }
        (Err(why), Some(on)) => Observation::ByFiling { drifts: drifts(on, DayTold::Filing), why },
        (Err(NotSeen::NoRegistryService), None) => Observation::NotSeen(NotSeen::NotOnFile),
        (Err(why), None) => Observation::NotSeen(why),
    }
}

/// Where the hosts of a record lead.
struct Resolved {
    observation: Observation,
    /// Those of them that lead to us.
    hosts: Vec<String>,
    /// Our addresses to which they lead.
    addresses: BTreeSet<IpAddr>,
}

impl App {
    /// How records are held against the world today; none if they are not.
    pub(crate) fn drift_policy(&self) -> Option<DriftPolicy> {
        self.inner.probe.as_ref()?;
        let rulebook = self.rulebook();
        Some(rulebook.provider().drift.as_ref()?.at(self.today())?.value)
    }

    /// One step: a few of the records whose turn has come.
    pub(crate) async fn drift_step(&self) -> Result<Progress, AppError> {
        let now = self.inner.clock.now();
        let resting = *self.drift_pace();
        if resting.is_some_and(|until| now < until && until - now <= LONGEST_REST) {
            return Ok(Progress::Idle);
        }
        let (Some(policy), Some(probe)) = (self.drift_policy(), &self.inner.probe) else {
            return Ok(Progress::Idle);
        };
        let reader = self.inner.store.read();
        let due = reader.records_to_look_at(now, policy.at_once.clamp(1, 64).into()).await?;
        if due.is_empty() {
            let mut tx = self.inner.store.begin(Actor::System);
            // Mostly there is nothing to be kept of it.
            if tx.forget_drift_of_ended().await? > 0 {
                tx.commit().await?;
            }
            *self.drift_pace() = Some(now + REST);
            return Ok(Progress::Idle);
        }
        let mut domains = BTreeSet::new();
        let mut looks = JoinSet::new();
        // A site and an app of one domain are one host: the second has its turn later.
        for due in due.into_iter().filter(|due| domains.insert(due.domain.clone())) {
            let (app, probe, number) = (self.clone(), probe.clone(), due.service_number);
            looks.spawn(async move { (app.look_at(&probe, &number, &policy).await, number) });
        }
        let begun = i32::try_from(looks.len()).unwrap_or(i32::MAX);
        *self.drift_pace() = Some(now + pace(&policy, reader.count_active_records().await?) * begun);
        while let Some(looked) = looks.join_next().await {
            let (look, number) = looked.map_err(|error| AppError::Internal(error.to_string()))?;
            // One that cannot be read keeps nobody else from their turn: it has had its own.
            let look = look.unwrap_or_else(|error| {
                tracing::warn!(record = %number, %error, "a record could not be looked at");
                Some(DriftLook::of_nothing(NotSeen::RecordUnreadable))
            });
            let Some(look) = look else { continue };
            if let Err(error) = self.keep_look(&number, &look, &policy).await {
                tracing::warn!(record = %number, %error, "a look at a record could not be kept");
            }
        }
        Ok(Progress::Worked)
    }

    async fn keep_look(
        &self,
        number: &ServiceFilingNumber,
        look: &DriftLook,
        policy: &DriftPolicy,
    ) -> Result<(), AppError> {
        let mut tx = self.inner.store.begin(Actor::System);
        tx.keep_drift_look(number, look, &schedule(policy)).await?;
        Ok(tx.commit().await?)
    }

    fn drift_pace(&self) -> std::sync::MutexGuard<'_, Option<DateTime<Utc>>> {
        self.inner.drift.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a record that is there yet.
    async fn look_at(
        &self,
        probe: &Probe,
        number: &ServiceFilingNumber,
        policy: &DriftPolicy,
    ) -> Result<Option<DriftLook>, AppError> {
        let Some(record) = self.inner.store.read().record_of_number(number).await? else { return Ok(None) };
        Ok(Some(self.look_at_record(probe, &record, policy).await?))
    }

    /// Looks at everything that a record says.
    async fn look_at_record(
        &self,
        probe: &Probe,
        record: &FilingRecord,
        policy: &DriftPolicy,
    ) -> Result<DriftLook, AppError> {
        let content = self.content_of(record).await?;
        let home_url = content.as_ref().and_then(|content| content.service.home_url.as_deref());
        let warns = TimeDelta::days(policy.ends_within_days.into());
        let hosts = probe.hosts(&record.domain, home_url);
        let (told, resolved) =
            tokio::join!(self.registration(probe, record), self.resolution(record, &hosts, probe));
        let Resolved { observation, hosts, addresses: ours } = resolved?;
        let on_file = content.as_ref().and_then(|content| content.service.registration.expires_on);
        let domain = judge_registration(believed(told, &observation), on_file, self.today(), warns);
        let unseen = match &observation {
            _ if !record.service_number.kind().is_website() => Some(NotSeen::NotAWebsite),
            Observation::NotSeen(why) | Observation::ByFiling { why, .. } => Some(*why),
            Observation::Seen(_) if ours.is_empty() => Some(NotSeen::NotServedHere),
            Observation::Seen(_) => None,
        };
        if let Some(why) = unseen {
            let not_seen = || Observation::NotSeen(why);
            return Ok(DriftLook {
                resolution: observation,
                footer: not_seen(),
                certificate: not_seen(),
                domain,
            });
        }
        let rulebook = self.rulebook();
        let pages = rulebook.national().block_pages.as_ref().and_then(|series| series.at(self.today()));
        let pages = pages.map_or(&[][..], |entry| &entry.value);
        let page = probe.home_page(&record.domain, home_url, (&hosts, &ours), pages).await;
        // Where visitors end up, or else where they begin.
        let host = page.as_ref().ok().and_then(|page| page.url.host_str()).map(str::to_owned);
        let footer = match page {
            Err(why) => Observation::NotSeen(why),
            Ok(page) => {
                let filed = record.service_number.clone();
                let judged = move || Footer::read(&page.html, &page.url).judge(&filed, &page.url);
                let judged = tokio::task::spawn_blocking(judged).await;
                judged.map_err(|error| AppError::Internal(error.to_string()))?
            }
        };
        let certificate = match host.or_else(|| hosts.first().cloned()) {
            None => Observation::NotSeen(NotSeen::NotServedHere),
            Some(host) => {
                let addresses = probe.callable(&host, &record.domain, &ours).await;
                match addresses.is_empty() {
                    true => Observation::NotSeen(NotSeen::MayNotBeCalled),
                    false => probe.certificate(&host, &addresses, warns).await,
                }
            }
        };
        Ok(DriftLook { resolution: observation, footer, certificate, domain })
    }

    /// How long the domain is registered, by its registry.
    async fn registration(&self, probe: &Probe, record: &FilingRecord) -> Result<Registration, NotSeen> {
        let rulebook = self.rulebook();
        let registries = rulebook.registries();
        let service = registries.and_then(|known| known.rdap_service(&record.domain, self.today()));
        match service {
            None => Err(NotSeen::NoRegistryService),
            Some(base) => probe.registration(base, &record.domain).await.map_err(|error| {
                tracing::info!(domain = record.domain.as_ascii(), %error, "a registry did not tell a domain's day");
                error.not_seen()
            }),
        }
    }

    /// Where the hosts of a record lead, held against our addresses and the one on file.
    async fn resolution(
        &self,
        record: &FilingRecord,
        hosts: &[String],
        probe: &Probe,
    ) -> Result<Resolved, AppError> {
        let mut looks = JoinSet::new();
        for host in hosts {
            let (probe, host) = (probe.clone(), host.clone());
            looks.spawn(async move { (probe.leads_to(&host).await, host) });
        }
        let (mut ours, mut here, mut elsewhere) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        let (mut is_silent, mut is_unknown) = (false, false);
        while let Some(looked) = looks.join_next().await {
            let (addresses, host) = looked.map_err(|error| AppError::Internal(error.to_string()))?;
            let addresses = match addresses {
                Addresses::Found(addresses) => addresses,
                Addresses::None => continue,
                Addresses::Unanswered(_) => {
                    is_silent = true;
                    continue;
                }
            };
            let mut leads_here = false;
            for address in addresses {
                match self.is_ours(address).await? {
                    Some(true) => {
                        leads_here = true;
                        here.insert(address);
                    }
                    Some(false) => {
                        elsewhere.insert(address);
                    }
                    None => is_unknown = true,
                }
            }
            if leads_here {
                ours.push(host);
            }
        }
        ours.sort_by_key(|host| hosts.iter().position(|known| known == host));
        let elsewhere: Vec<IpAddr> = elsewhere.into_iter().collect();
        let observation = if !here.is_empty() {
            let mut drifts = Vec::new();
            if !elsewhere.is_empty() {
                drifts.push(Drift::LeadsPartlyElsewhere { addresses: elsewhere });
            }
            drifts.extend(self.other_address(record, &here).await?);
            Observation::Seen(drifts)
        } else if is_silent {
            Observation::NotSeen(NotSeen::NameServerSilent)
        } else if is_unknown {
            Observation::NotSeen(NotSeen::RangesUnknown)
        } else if elsewhere.is_empty() {
            Observation::Seen(vec![Drift::LeadsNowhere {}])
        } else {
            Observation::Seen(vec![Drift::LeadsElsewhere { addresses: elsewhere }])
        };
        Ok(Resolved { observation, hosts: ours, addresses: here })
    }

    /// Whether an address is ours: in a range that the provider has reported, or of a resource that its cloud has. `None`
    /// if no range is stated.
    async fn is_ours(&self, address: IpAddr) -> Result<Option<bool>, AppError> {
        let stated = self.rulebook().provider().is_own_address(address, self.today());
        if stated == Some(true) || !self.inner.store.read().resources_at(address).await?.is_empty() {
            return Ok(Some(true));
        }
        Ok(stated)
    }

    /// That a record leads to another address of ours than the one on file.
    async fn other_address(
        &self,
        record: &FilingRecord,
        here: &BTreeSet<IpAddr>,
    ) -> Result<Option<Drift>, AppError> {
        let reader = self.inner.store.read();
        let resource = match &record.resource {
            Some(reference) => reader.resource(reference).await?,
            None => None,
        };
        let Some(resource) = resource else { return Ok(None) };
        // What hands its requests on is on file by either address.
        let behind = resource.server.as_ref().and_then(|server| server.public_address);
        let filed: Vec<IpAddr> = resource.public_address.into_iter().chain(behind).collect();
        let Some(first) = filed.first().filter(|_| !filed.iter().any(|address| here.contains(address)))
        else {
            return Ok(None);
        };
        let mut other = None;
        for address in here {
            let at = reader.resources_at(*address).await?;
            other = other
                .or_else(|| at.into_iter().find(|at| Some(at.owner) == record.holder).map(|at| at.reference));
        }
        let addresses = here.iter().copied().collect();
        Ok(Some(Drift::LeadsToOtherAddress { filed: *first, addresses, resource: other }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_spread_over_the_period_and_never_faster_than_is_polite() {
        let policy =
            DriftPolicy { days: 7, again_minutes: 60, per_minute: 30, at_once: 4, ends_within_days: 14 };
        for (records, seconds) in
            [(0, 60), (1, 60), (5_040, 60), (10_080, 30), (100_000, 3), (151_200, 2), (10_000_000, 2)]
        {
            assert_eq!(pace(&policy, records).num_seconds(), seconds, "{records}");
        }
        assert_eq!(pace(&policy, u64::MAX).num_seconds(), 2);
        let none = DriftPolicy { days: 0, per_minute: 0, ..policy };
        assert_eq!(pace(&none, 9).num_seconds(), 60);
        assert_eq!(schedule(&none).period, TimeDelta::days(1));
    }

    #[test]
    fn the_registrys_day_counts_and_the_one_on_file_where_there_is_none() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (today, filed) = (day("2026-11-22"), day("2027-03-01"));
        let judge = |told, filed| judge_registration(told, filed, today, TimeDelta::days(14));
        let until = |text| Ok(Registration::Until(day(text)));
        let registry = |filed| DayTold::Registry { filed };
        let expired = |text, told| vec![Drift::DomainExpired { on: day(text), told }];
        let expires = |text, told| vec![Drift::DomainExpires { on: day(text), told }];
        for (told, on_file, seen) in [
            (until("2026-12-07"), None, vec![]),
            (until("2026-12-06"), None, expires("2026-12-06", registry(None))),
            (until("2026-11-22"), Some(day("2026-11-22")), expires("2026-11-22", registry(None))),
            (until("2026-11-21"), Some(filed), expired("2026-11-21", registry(Some(filed)))),
            (until("2028-01-01"), Some(day("2020-01-01")), vec![]),
            (Ok(Registration::Nobodys), Some(filed), vec![Drift::DomainUnregistered {}]),
        ] {
            assert_eq!(judge(told, on_file), Observation::Seen(seen), "{told:?} {on_file:?}");
        }
        let (nobody, silent) = (NotSeen::NoRegistryService, NotSeen::RegistrySilent);
        for (why, on_file, drifts) in [
            (nobody, "2027-03-01", vec![]),
            (nobody, "2026-12-01", expires("2026-12-01", DayTold::Filing)),
            (silent, "2026-11-21", expired("2026-11-21", DayTold::Filing)),
        ] {
            let by_filing = Observation::ByFiling { drifts, why };
            assert_eq!(judge(Err(why), Some(day(on_file))), by_filing, "{on_file}");
        }
        assert_eq!(judge(Err(nobody), None), Observation::NotSeen(NotSeen::NotOnFile));
        let nobodys = Ok(Registration::Nobodys);
        let nowhere = Observation::Seen(vec![Drift::LeadsNowhere {}]);
        assert_eq!(believed(nobodys, &nowhere), nobodys);
        assert_eq!(believed(until("2027-01-01"), &nowhere), until("2027-01-01"));
        let contradicted = Err(NotSeen::RegistryContradicted);
        assert_eq!(believed(nobodys, &Observation::Seen(Vec::new())), contradicted);
        assert_eq!(believed(nobodys, &Observation::NotSeen(NotSeen::RangesUnknown)), contradicted);
        let silent_names = NotSeen::NameServerSilent;
        assert_eq!(believed(nobodys, &Observation::NotSeen(silent_names)), Err(silent_names));
        assert_eq!(judge(Err(silent), None), Observation::NotSeen(silent));
    }
}
