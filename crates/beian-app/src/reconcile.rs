//! All that the regulator has of us (备案数据同步), held against our records. A report, and nothing more:
//! whoever reads it decides what is to be done, by an order or at the bureau.

mod addresses;

use std::collections::BTreeMap;

use beian_domain::{Case, Personal, ServiceFilingNumber, ServicePrincipal, Text};
use beian_exchange::{RecordField, RegisteredService, Synchronised, codes, read_synchronisation};
use beian_store::{Actor, FilingRecord, ReferenceKind, Store};
use chrono::NaiveDate;
use serde_json::json;

use crate::permission::Action;
use crate::table::{self, TableFormat};
use crate::timers::china_day;
use crate::{App, AppError, User};

pub use addresses::{AddressDifference, AddressReconciliation, NumberedRange};

/// Files that are looked at.
const MOST_FILES: u64 = 500;
/// Records that are read at once.
const AT_ONCE: u64 = 200;

/// The days of which there are synchronisations, and what one of them comes to.
#[derive(Debug)]
pub struct ReconciliationDesk {
    /// The days, newest first, each with how many files came.
    pub days: Vec<(NaiveDate, usize)>,
    /// The day that is shown; none if nothing ever came.
    pub shown: Option<(NaiveDate, Reconciliation)>,
}

/// What holding all that the regulator has against our records comes to. Personal data are masked. What no file
/// was about is on neither side.
#[derive(Debug, Default)]
pub struct Reconciliation {
    /// Services that the regulator has.
    pub there: usize,
    /// Records of ours that hold.
    pub here: usize,
    /// What is not here.
    pub only_there: Vec<Unmatched>,
    /// What is not there.
    pub only_here: Vec<Unmatched>,
    /// What is on both sides, and not the same.
    pub differing: Vec<DifferingRecord>,
    /// The same of addresses.
    pub addresses: AddressReconciliation,
}

/// A service that one side has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// Its number, as it is written there.
    pub number: String,
    /// Its domain.
    pub domain: String,
}

/// A record that both sides have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferingRecord {
    /// Its number.
    pub number: ServiceFilingNumber,
    /// Its domain here.
    pub domain: String,
    /// Where the sides differ.
    pub fields: Vec<FieldDifference>,
}

/// A field that differs. What is about a person is masked, so that both sides can look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDifference {
    /// Which.
    pub field: RecordField,
    /// What the regulator has.
    pub theirs: String,
    /// What is here; empty if it is not known here.
    pub ours: String,
}

impl App {
    /// The synchronisation of a day, or the newest one, held against our records. The files that came on one day
    /// are one synchronisation. ASSUMED: no file says which is the last.
    pub async fn reconciliation(
        &self,
        user: &User,
        day: Option<NaiveDate>,
    ) -> Result<ReconciliationDesk, AppError> {
        user.require(Action::HandleDuties, None)?;
        let reader = self.inner.store.read();
        let mut days: BTreeMap<NaiveDate, Vec<String>> = BTreeMap::new();
        for (file, at) in reader.references(ReferenceKind::Synchronisation, MOST_FILES).await? {
            days.entry(china_day(at)).or_default().push(file);
        }
        let chosen = match day {
            Some(day) => Some(days.get_key_value(&day).ok_or(AppError::NotFound)?),
            None => days.last_key_value(),
        };
        let shown = match chosen {
            None => None,
            Some((day, files)) => {
                let mut parts = Vec::with_capacity(files.len());
                for file in files {
                    let content = reader.received_content(file).await?.ok_or(AppError::NotFound)?;
                    let read = read_synchronisation(&content);
                    parts.push(read.map_err(|error| AppError::Internal(error.to_string()))?);
                }
                Some((*day, reconcile(&self.inner.store, parts).await?))
            }
        };
        let days = days.iter().rev().map(|(day, files)| (*day, files.len())).collect();
        Ok(ReconciliationDesk { days, shown })
    }

    /// The same as a table, which is noted.
    pub async fn reconciliation_file(
        &self,
        user: &User,
        day: NaiveDate,
        format: TableFormat,
        pick: fn(&Text) -> &str,
    ) -> Result<Vec<u8>, AppError> {
        let desk = self.reconciliation(user, Some(day)).await?;
        let (_, shown) = desk.shown.ok_or(AppError::NotFound)?;
        let file = reconciliation_table(&shown, format, pick)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.note_taken_away(user.account, "reconciliation.export", json!({ "day": day }));
        tx.commit().await?;
        Ok(file)
    }
}

impl Reconciliation {
    /// Whether both sides have the same.
    pub fn is_clean(&self) -> bool {
        self.only_there.is_empty()
            && self.only_here.is_empty()
            && self.differing.is_empty()
            && self.addresses.is_clean()
    }
}

/// Holds the files of a synchronisation against what holds here. Of what no file is about nothing is said.
pub async fn reconcile(store: &Store, files: Vec<Synchronised>) -> Result<Reconciliation, AppError> {
    let (mut services, mut ranges) = (None, None);
    for file in files {
        match file {
            Synchronised::Services(more) => services.get_or_insert_with(Vec::new).extend(more),
            Synchronised::Addresses(more) => ranges.get_or_insert_with(Vec::new).extend(more),
        }
    }
    let mut report = match services {
        Some(services) => reconcile_services(store, services).await?,
        None => Reconciliation::default(),
    };
    if let Some(ranges) = ranges {
        report.addresses = addresses::reconcile(store, ranges).await?;
    }
    Ok(report)
}

async fn reconcile_services(
    store: &Store,
    services: Vec<RegisteredService>,
) -> Result<Reconciliation, AppError> {
    let mut report = Reconciliation { there: services.len(), ..Reconciliation::default() };
    let mut theirs: BTreeMap<ServiceFilingNumber, RegisteredService> = BTreeMap::new();
    for service in services {
        match &service.number {
            // Named twice, the later file counts.
            Ok(number) => drop(theirs.insert(number.clone(), service)),
            Err(written) => {
                report.only_there.push(Unmatched { number: written.clone(), domain: service.domain.clone() })
            }
        }
    }
    let mut after = None;
    loop {
        let records = store.read().active_records_after(after.as_ref(), AT_ONCE).await?;
        let Some(last) = records.last() else { break };
        after = Some(last.service_number.clone());
        for record in records {
            report.here += 1;
            let domain = record.domain.as_ascii().to_owned();
            let Some(service) = theirs.remove(&record.service_number) else {
                report.only_here.push(Unmatched { number: record.service_number.to_string(), domain });
                continue;
            };
            let content = match &record.content {
                Some(content) => Some(content.clone()),
                None => store.read().order(record.order).await?.map(|order| order.case),
            };
            let fields = differences(&service.fields, &ours(&record, content.as_ref()));
            if !fields.is_empty() {
                report.differing.push(DifferingRecord { number: record.service_number, domain, fields });
            }
        }
    }
    report.only_there.extend(
        theirs
            .into_iter()
            .map(|(number, service)| Unmatched { number: number.to_string(), domain: service.domain }),
    );
    Ok(report)
}

/// What the regulator does not say is no difference.
fn differences(
    theirs: &BTreeMap<RecordField, Personal>,
    ours: &BTreeMap<RecordField, Personal>,
) -> Vec<FieldDifference> {
    let shown = |field: RecordField, value: &Personal| match field.is_personal() {
        true => value.masked(),
        false => value.expose().to_owned(),
    };
    theirs
        .iter()
        .filter(|(field, value)| ours.get(field) != Some(value))
        .map(|(field, value)| FieldDifference {
            field: *field,
            theirs: shown(*field, value),
            ours: ours.get(field).map(|value| shown(*field, value)).unwrap_or_default(),
        })
        .collect()
}

/// What is here, in the form of the regulator's.
fn ours(record: &FilingRecord, content: Option<&Case>) -> BTreeMap<RecordField, Personal> {
    use RecordField as F;
    let mut fields = BTreeMap::new();
    let mut put = |field, value: Option<Personal>| {
        if let Some(value) = value.filter(|value| !value.expose().is_empty()) {
            fields.insert(field, value);
        }
    };
    put(F::SponsorName, Some(record.sponsor_name.clone()));
    put(F::SponsorNature, Some(Personal::new(record.sponsor_nature.code().to_string())));
    put(F::ServiceName, Some(Personal::new(record.service_name.clone())));
    put(F::Domain, Some(Personal::new(record.domain.as_ascii())));
    let Some(Case { sponsor, service, .. }) = content else { return fields };
    put(F::CertificateKind, sponsor.certificate.kind.map(|kind| Personal::new(kind.code().to_string())));
    put(F::CertificateNumber, sponsor.certificate.number.clone());
    put(F::SponsorAddress, sponsor.address.clone());
    put(F::PrincipalName, sponsor.principal.name.clone());
    put(F::PrincipalMobile, sponsor.principal.mobile.clone());
    put(F::PrincipalEmail, sponsor.principal.email.clone());
    let codes_of = |list: Vec<u8>| Some(Personal::new(codes(&list)));
    put(F::Contents, codes_of(service.contents.iter().map(|code| code.get()).collect()));
    put(F::Languages, codes_of(service.languages.iter().map(|code| code.get()).collect()));
    let principal = match &service.principal {
        Some(ServicePrincipal::Other(other)) => Some(other),
        Some(ServicePrincipal::SameAsSponsor) => Some(&sponsor.principal),
        None => None,
    };
    put(F::ServicePrincipalName, principal.and_then(|principal| principal.name.clone()));
    put(F::ServicePrincipalMobile, principal.and_then(|principal| principal.mobile.clone()));
    fields
}

/// A report as a table: a line for what one side has alone, and one for every field that differs.
pub fn reconciliation_table(
    report: &Reconciliation,
    format: TableFormat,
    pick: fn(&Text) -> &str,
) -> Result<Vec<u8>, AppError> {
    let said = |zh: &'static str, en: &'static str| pick(&Text::new(zh, en)).to_owned();
    let heading = [
        said("情况", "What"),
        said("备案号", "Number"),
        said("域名或地址段", "Domain or range"),
        said("字段", "Field"),
        said("管局", "Regulator"),
        said("本系统", "Here"),
    ];
    let alone = |what: String| {
        move |one: &Unmatched| {
            let rest = [String::new(), String::new(), String::new()];
            [vec![what.clone(), one.number.clone(), one.domain.clone()], rest.to_vec()].concat()
        }
    };
    let mut rows: Vec<Vec<String>> =
        report.only_there.iter().map(alone(said("只在管局", "Only at the regulator"))).collect();
    rows.extend(report.only_here.iter().map(alone(said("只在本系统", "Only here"))));
    for record in &report.differing {
        rows.extend(record.fields.iter().map(|difference| {
            vec![
                said("不一致", "Differs"),
                record.number.to_string(),
                record.domain.clone(),
                pick(&difference.field.label()).to_owned(),
                difference.theirs.clone(),
                difference.ours.clone(),
            ]
        }));
    }
    let AddressReconciliation { only_there, only_here, differing, .. } = &report.addresses;
    let named = |range: &NumberedRange| [range.register_id.to_string(), range.range.clone()];
    for (what, ranges) in [
        (said("只在管局", "Only at the regulator"), only_there),
        (said("只在本系统", "Only here"), only_here),
    ] {
        rows.extend(ranges.iter().map(|range| {
            let [number, addresses] = named(range);
            vec![what.clone(), number, addresses, range.kind.slug().to_owned(), String::new(), String::new()]
        }));
    }
    for (range, fields) in differing {
        rows.extend(fields.iter().map(|difference| {
            let [number, addresses] = named(range);
            let field = format!("{} {}", range.kind.slug(), difference.field.slug());
            let (theirs, ours) = (difference.theirs.clone(), difference.ours.clone());
            vec![said("不一致", "Differs"), number, addresses, field, theirs, ours]
        }));
    }
    table::write(format, &heading, &rows).map_err(AppError::Internal)
}
