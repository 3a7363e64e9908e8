//! Filings in bulk: a table becomes draft orders or records, and orders and records
//! become a table. A line counts as a whole or not at all, and each is reported.

mod columns;

use std::collections::BTreeMap;

use beian_domain::{
    Case, CertificateKind, FilingKind, FilingPurpose, OrderNumber, Personal, RecordState, RegulatorIds,
    ServiceContentCode, ServiceFilingNumber, ServicePrincipal, SponsorNature, Text, practice,
};
use beian_rules::Diagnosis;
use beian_store::{Actor, NewOrder, OrderFilter};
use serde_json::json;

use crate::facts::sponsor_certificate;
use crate::orders::beginning_verdict;
use crate::permission::Action;
use crate::table::{
    self, Columns, Fields, ImportRefusal, ImportReport, ImportedLine, LineOutcome, LineRefusal, TableFormat,
};
use crate::{App, AppError, ImportedRecord, User};

/// Most lines of a table of filings: the regulator is asked about each.
pub const MOST_FILING_LINES: usize = 500;
/// Most orders or records of one export.
pub const MOST_EXPORTED: u64 = 10_000;

/// A draft order that was made of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedOrder {
    /// Its number.
    pub number: OrderNumber,
    /// What kind of filing it makes.
    pub kind: FilingKind,
}

/// What a table of filings holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableContent {
    /// An example of each column, for somebody to begin with.
    Template,
    /// The account's orders.
    Orders,
    /// The account's records.
    Records,
    /// As the template, but for records of an older system.
    RecordTemplate,
}

impl TableContent {
    /// The name in addresses and of its file.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Orders => "orders",
            Self::Records => "records",
            Self::RecordTemplate => "record-template",
        }
    }

    /// Its columns: the name of each in the API, and its heading.
    pub fn columns(self) -> Vec<(&'static str, Text)> {
        columns::listed(self.beside())
    }

    fn beside(self) -> &'static [columns::Beside] {
        match self {
            // Its columns are those that are read.
            Self::Template => &[],
            Self::Orders => columns::OF_ORDERS,
            Self::Records | Self::RecordTemplate => columns::OF_RECORDS,
        }
    }
}

/// What may be chosen in a column; nothing if it is typed.
pub fn column_choices(name: &str) -> Vec<(&'static str, Text)> {
    columns::choices(name)
}

/// The heading of a column of filings or records.
pub fn column_heading(name: &str) -> Option<Text> {
    [columns::OF_ORDERS, columns::OF_RECORDS]
        .into_iter()
        .find_map(|beside| columns::listed(beside).into_iter().find(|(known, _)| *known == name))
        .map(|(_, heading)| heading)
}

impl App {
    /// A table to begin with: its heading and a made-up line.
    pub fn table_template(
        &self,
        content: TableContent,
        format: TableFormat,
        pick: fn(&Text) -> &str,
    ) -> Result<Vec<u8>, AppError> {
        let (required, mut row) = match content {
            TableContent::RecordTemplate | TableContent::Records => {
                let number = "粤ICP备2026000001号-1".to_owned();
                (&columns::REQUIRED_OF_RECORDS[..], vec![number, String::new(), String::new()])
            }
            TableContent::Template | TableContent::Orders => (&columns::REQUIRED_OF_ORDERS[..], Vec::new()),
        };
        row.resize(content.beside().len(), String::new());
        row.extend(columns::cells(&example()?, pick, &self.rulebook()));
        let heading = columns::headings(content.beside(), required, pick);
        table::write(format, &heading, &[row]).map_err(AppError::Internal)
    }

    /// The orders or the records of the account that the user works for, with all
    /// their personal data. The audit trail knows who took them away.
    pub async fn export_table(
        &self,
        user: &User,
        content: TableContent,
        format: TableFormat,
        pick: fn(&Text) -> &str,
    ) -> Result<Vec<u8>, AppError> {
        user.require(Action::ViewOrder, Some(user.working_for))?;
        let rows = match content {
            TableContent::Template | TableContent::RecordTemplate => {
                return self.table_template(content, format, pick);
            }
            TableContent::Orders => self.order_rows(user, pick).await?,
            TableContent::Records => self.record_rows(user, pick).await?,
        };
        let detail = json!({ "what": content.slug(), "format": format.extension(), "lines": rows.len() });
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.note_taken_away(user.working_for, "account.export", detail);
        tx.commit().await?;
        let heading = columns::headings(content.beside(), &[], pick);
        let written = tokio::task::spawn_blocking(move || table::write(format, &heading, &rows)).await;
        written.map_err(|error| AppError::Internal(error.to_string()))?.map_err(AppError::Internal)
    }

    async fn order_rows(&self, user: &User, pick: fn(&Text) -> &str) -> Result<Vec<Vec<String>>, AppError> {
        let (reader, rulebook) = (self.inner.store.read(), self.rulebook());
        let mut rows = Vec::new();
        for summary in reader.orders(OrderFilter::OwnedBy(user.working_for), MOST_EXPORTED).await? {
            let Some(order) = reader.order(summary.id).await? else { continue };
            let filed_as = order.filed_as.as_ref().map(ToString::to_string).unwrap_or_default();
            let kind = pick(&order.kind.label()).to_owned();
            let mut row = vec![order.number.to_string(), kind, order.state().slug().to_owned(), filed_as];
            row.extend(columns::cells(&order.case, pick, &rulebook));
            rows.push(row);
        }
        Ok(rows)
    }

    async fn record_rows(&self, user: &User, pick: fn(&Text) -> &str) -> Result<Vec<Vec<String>>, AppError> {
        let (reader, rulebook) = (self.inner.store.read(), self.rulebook());
        let mut rows = Vec::new();
        for record in reader.records_of_holder(user.working_for, MOST_EXPORTED).await? {
            let state = columns::record_states().into_iter().find(|(state, _)| *state == record.state);
            let ids = record.ids.as_ref();
            let id =
                |part: fn(&RegulatorIds) -> u64| ids.map(|ids| part(ids).to_string()).unwrap_or_default();
            let mut row = vec![
                record.service_number.to_string(),
                state.map(|(_, label)| pick(&label).to_owned()).unwrap_or_default(),
                id(|ids| ids.sponsor),
                id(|ids| ids.service),
                id(|ids| ids.domain),
                id(|ids| ids.access),
                id(|ids| ids.address),
            ];
            let content = self.content_of(&record).await?.unwrap_or_default();
            row.extend(columns::cells(&content, pick, &rulebook));
            rows.push(row);
        }
        Ok(rows)
    }

    /// Makes a draft order of each line of a table. Nothing of a line that is
    /// refused is kept, and nothing of a file that cannot be read.
    pub async fn import_filings(
        &self,
        user: &User,
        file: &[u8],
    ) -> Result<Result<ImportReport<ImportedOrder>, ImportRefusal>, AppError> {
        user.require(Action::BeginOrder, Some(user.working_for))?;
        let rulebook = self.rulebook();
        let read = move |fields: &Fields<'_>| {
            if let Some(kind) = fields.stated("kind", 100)?
                && columns::kind_named(kind).is_none_or(|kind| kind.purpose() != FilingPurpose::File)
            {
                return Err(LineRefusal::OtherKind { got: table::shortened(kind) });
            }
            columns::read_case(fields, &columns::REQUIRED_OF_ORDERS, &rulebook)
        };
        let lines = self.read_table(file, columns::OF_ORDERS, &columns::REQUIRED_OF_ORDERS, "domain", read);
        let lines = match lines.await? {
            Ok(lines) => lines,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut report = ImportReport { lines: Vec::with_capacity(lines.len()) };
        for (line, reference, case) in lines {
            let begun = match case {
                Err(refusal) => Err(refusal),
                Ok(case) => match known.get(&identity(&case)) {
                    Some(line) => Err(LineRefusal::Duplicate { column: "domain", line: *line }),
                    None => {
                        known.insert(identity(&case), line);
                        self.begin_line(user, case).await?
                    }
                },
            };
            let outcome = begun.map_or_else(LineOutcome::Refused, LineOutcome::Kept);
            report.lines.push(ImportedLine { line, reference, outcome });
        }
        Ok(Ok(report))
    }

    /// The same gate as of the portal's first page, with every answer at once.
    async fn begin_line(
        &self,
        user: &User,
        mut case: Case,
    ) -> Result<Result<ImportedOrder, LineRefusal>, AppError> {
        let Some((_, number)) = sponsor_certificate(&case) else {
            return Ok(Err(LineRefusal::Value {
                column: "certificate_number",
                got: case.sponsor.certificate.number.as_ref().map(Personal::masked).unwrap_or_default(),
                expected: "91440305000000000N".to_owned(),
            }));
        };
        let sponsor = self.inner.store.certificate_index(&number);
        match self.require_sponsor_allowed(user.working_for, &self.sponsors_in(&case)).await {
            Err(AppError::SponsorLimit { expected, .. }) => {
                return Ok(Err(LineRefusal::SponsorLimit { expected }));
            }
            other => other?,
        }
        // A number belongs to the record that it is added to, which is found here.
        case.record = None;
        let facts = self.facts(&case, user.working_for, Some(user.account)).await?;
        let open = self.inner.store.read().own_open_order(user.working_for, &sponsor).await?;
        let diagnosis = beian_rules::diagnose(&case, &facts);
        let verdict = beginning_verdict(&case, &facts, &diagnosis, &self.rulebook(), self.today());
        if let Some(found) = verdict.errors().next() {
            return Ok(Err(LineRefusal::Blocked {
                column: columns::column_at(found.pointer.as_str()),
                rule: found.code.to_string(),
                title: found.title.clone(),
            }));
        }
        let kind = match diagnosis {
            Diagnosis::Kind(kind) => kind,
            Diagnosis::Undetermined { .. } | Diagnosis::Conflict { .. } => FilingKind::FirstFiling,
        };
        if let Some(open) = open {
            // Of a sponsor that has its number, several services may be prepared at once,
            // and are handed in one after the other; of another, the first brings the number.
            let is_same = open.domain.as_deref() == domain(&case).as_deref();
            if is_same || kind == FilingKind::FirstFiling {
                return Ok(Err(LineRefusal::OpenOrder { number: open.number }));
            }
        }
        let stated = case.clone();
        self.fill_in(&mut case, kind, &facts).await?;
        // What is on record of the sponsor is where a line says nothing of it.
        if stated.sponsor.name.is_some() {
            case.sponsor = stated.sponsor;
        }
        self.follow_stated_code(user.working_for, &mut case).await?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let number = OrderNumber::new(&*self.inner.clock, &*self.inner.random);
        let order = tx.insert_order(NewOrder { number, owner: user.working_for, kind, case }).await?;
        tx.commit().await?;
        Ok(Ok(ImportedOrder { number: order.number, kind: order.kind }))
    }

    /// Takes in records of an older system, a line each. Nobody holds them until
    /// they are claimed (认领).
    pub async fn import_records(
        &self,
        user: &User,
        file: &[u8],
    ) -> Result<Result<ImportReport<ServiceFilingNumber>, ImportRefusal>, AppError> {
        user.require(Action::DecideTransfer, None)?;
        let rulebook = self.rulebook();
        let read = move |fields: &Fields<'_>| read_record(fields, &rulebook);
        let required = &columns::REQUIRED_OF_RECORDS;
        let lines = self.read_table(file, columns::OF_RECORDS, required, "service_number", read);
        let lines = match lines.await? {
            Ok(lines) => lines,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let mut report = ImportReport { lines: Vec::with_capacity(lines.len()) };
        for (line, reference, record) in lines {
            let kept = match record {
                Err(refusal) => Err(refusal),
                Ok(record) => {
                    let number = record.service_number.clone();
                    match known.get(&number.to_string()) {
                        Some(line) => Err(LineRefusal::Duplicate { column: "service_number", line: *line }),
                        None => {
                            known.insert(number.to_string(), line);
                            self.keep_imported(user, record).await?.map(|()| number)
                        }
                    }
                }
            };
            let outcome = kept.map_or_else(LineOutcome::Refused, LineOutcome::Kept);
            report.lines.push(ImportedLine { line, reference, outcome });
        }
        Ok(Ok(report))
    }

    /// Takes in one record of an older system, by what was filled in of its columns.
    pub async fn import_record_fields(
        &self,
        user: &User,
        stated: &[(&'static str, String)],
    ) -> Result<Result<ServiceFilingNumber, LineRefusal>, AppError> {
        user.require(Action::DecideTransfer, None)?;
        let (names, fields): (Vec<String>, Vec<String>) =
            stated.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).unzip();
        let named = |name: &str| columns::named(columns::OF_RECORDS, name);
        let table = table::Table { heading: names, lines: vec![table::Line { number: 1, fields }] };
        let Ok(columns) = Columns::of(&table, named, []) else { return Err(AppError::NotFound) };
        let record = columns.line(&table.lines[0]).and_then(|fields| read_record(&fields, &self.rulebook()));
        match record {
            Ok(record) => {
                let number = record.service_number.clone();
                Ok(self.keep_imported(user, record).await?.map(|()| number))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Reads a file beside the others' work: a workbook takes its time.
    async fn read_table<T: Send + 'static>(
        &self,
        file: &[u8],
        beside: &'static [columns::Beside],
        required: &[&'static str],
        reference: &'static str,
        read: impl Fn(&Fields<'_>) -> Result<T, LineRefusal> + Send + 'static,
    ) -> Result<Result<Vec<ReadLine<T>>, ImportRefusal>, AppError> {
        let (file, required) = (file.to_vec(), required.to_vec());
        let fault = |error: String| AppError::Internal(error);
        let _slot = self.inner.picture_slots.acquire().await.map_err(|error| fault(error.to_string()))?;
        let work = tokio::task::spawn_blocking(move || {
            let table = table::read(&file, MOST_FILING_LINES)?;
            let columns = Columns::of(&table, |heading| columns::named(beside, heading), required)?;
            let line = |line: &table::Line| {
                let content = columns.line(line).and_then(|fields| read(&fields));
                (line.number, columns.glimpse(line, reference), content)
            };
            Ok(table.lines.iter().map(line).collect())
        });
        work.await.map_err(|error| fault(error.to_string()))
    }
}

/// A line with its number, what it is about, and what it says.
type ReadLine<T> = (usize, String, Result<T, LineRefusal>);

fn read_record(fields: &Fields<'_>, rulebook: &beian_rules::Rulebook) -> Result<ImportedRecord, LineRefusal> {
    let number = fields.stated("service_number", 100)?;
    let number = number.ok_or(LineRefusal::Missing { column: "service_number" })?;
    let wrong = |column: &'static str, got: &str, expected: &str| LineRefusal::Value {
        column,
        got: table::shortened(got),
        expected: expected.to_owned(),
    };
    if let Some(state) = fields.stated("record_state", 100)? {
        let (_, active) = columns::record_states()
            .into_iter()
            .find(|(state, _)| *state == RecordState::Active)
            .unwrap_or((RecordState::Active, Text::new("有效", "Active")));
        let is_active = state == active.zh
            || [active.en.as_ref(), RecordState::Active.slug()]
                .iter()
                .any(|name| state.eq_ignore_ascii_case(name));
        if !is_active {
            return Err(wrong("record_state", state, &format!("{}, {}", active.zh, active.en)));
        }
    }
    let mut ids = [None; 5];
    let names = ["sponsor_id", "service_id", "domain_id", "access_id", "address_id"];
    for (id, column) in ids.iter_mut().zip(names) {
        if let Some(text) = fields.stated(column, 100)? {
            // The database has no larger number.
            let fits = text.parse::<u64>().ok().filter(|id| i64::try_from(*id).is_ok());
            *id = Some(fits.ok_or_else(|| wrong(column, text, "0-9223372036854775807"))?);
        }
    }
    let ids = match ids {
        [Some(sponsor), Some(service), Some(domain), Some(access), Some(address)] => {
            Some(RegulatorIds { sponsor, service, domain, access, address })
        }
        // Half of them would let nothing be changed or cancelled.
        some if some.iter().any(Option::is_some) => {
            let missing = some.iter().position(Option::is_none).and_then(|at| names.get(at));
            return Err(LineRefusal::Missing { column: missing.copied().unwrap_or("sponsor_id") });
        }
        _ => None,
    };
    Ok(ImportedRecord {
        service_number: number
            .parse()
            .map_err(|_| wrong("service_number", number, "粤ICP备2026000001号-1"))?,
        content: columns::read_case(fields, &columns::REQUIRED_OF_RECORDS, rulebook)?,
        ids,
    })
}

/// By which two lines are about the same: sponsor and domain.
fn identity(case: &Case) -> (String, String) {
    let number = sponsor_certificate(case).map(|(_, number)| number.as_str().to_owned());
    (number.unwrap_or_default(), domain(case).unwrap_or_default())
}

fn domain(case: &Case) -> Option<String> {
    let name = beian_domain::DomainName::from_host(case.service.domain.as_deref()?).ok()?;
    Some(name.as_ascii().to_owned())
}

/// A made-up filing, complete but for its pictures.
fn example() -> Result<Case, AppError> {
    let fault = |error: &dyn std::fmt::Display| AppError::Internal(error.to_string());
    let (organisation, person) = (practice::ORGANISATIONS[0], practice::PEOPLE[0]);
    let mut case = Case::default();
    let sponsor = &mut case.sponsor;
    sponsor.nature = Some(SponsorNature::Enterprise);
    sponsor.name = Some(Personal::new(organisation.name));
    sponsor.investor = Some(Personal::new(organisation.name));
    sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
    sponsor.certificate.number = Some(Personal::new(organisation.uscc));
    sponsor.certificate.address = Some(Personal::new(organisation.address));
    let division = organisation.division.parse().map_err(|error| fault(&error))?;
    (sponsor.certificate.division, sponsor.division) = (Some(division), Some(division));
    sponsor.address = Some(Personal::new("习作路1号练习大厦101室"));
    let principal = &mut sponsor.principal;
    principal.role = Some(beian_domain::PrincipalRole::LegalRepresentative);
    principal.name = Some(Personal::new(person.name));
    principal.certificate_kind = Some(CertificateKind::ResidentIdCard);
    principal.certificate_number = Some(Personal::new(person.resident_id));
    principal.mobile = Some(Personal::new(person.mobile));
    principal.emergency_phone = Some(Personal::new(person.emergency_phone));
    principal.office_phone = Some(Personal::new("0755-00000000"));
    principal.email = Some(Personal::new(person.email));
    let service = &mut case.service;
    service.name = Some("习作网络科技".to_owned());
    service.domain = Some("xizuo-example.cn".to_owned());
    service.contents = vec![ServiceContentCode::try_from(8).map_err(|error| fault(&error))?];
    service.languages = vec![beian_domain::LanguageCode::try_from(1).map_err(|error| fault(&error))?];
    service.principal = Some(ServicePrincipal::SameAsSponsor);
    service.remark = Some("企业介绍与产品展示".to_owned());
    case.access.resource = Some("srv-1".to_owned());
    Ok(case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use beian_domain::{
        Cancellation, CancellationReason, DomainHolderRelation, FormerCertificate, NumberStated, Paper,
        Principal, RegistrarPlace, ServiceKind, Whereabouts,
    };
    use beian_rules::Rulebook;

    /// Every column is filled in.
    fn full() -> Case {
        let mut case = example().unwrap();
        let person = practice::PEOPLE[1];
        case.record = Some("粤ICP备2026000001号-1".parse().unwrap());
        case.cancellation =
            Cancellation { reason: Some(CancellationReason::Other), remark: Some("=1+1".to_owned()) };
        case.sponsor.certificate.former = Some(FormerCertificate {
            kind: CertificateKind::OrganisationCodeCertificate,
            number: Personal::new(practice::ORGANISATIONS[0].former_licence),
            whereabouts: Whereabouts::AtHand,
        });
        case.sponsor.certificate.states = NumberStated::Former;
        case.sponsor.certificate.valid_until = "2036-01-31".parse().ok();
        case.sponsor.remark = Some(Personal::new("+第一行,\n\"第二行\""));
        case.service.kind = ServiceKind::App;
        case.service.home_url = Some("www.xizuo-example.cn".to_owned());
        case.service.registration.registrar = Some(RegistrarPlace::Mainland);
        case.service.registration.holder = Some(DomainHolderRelation::Sponsor);
        case.service.registration.real_named_on = "2026-01-02".parse().ok();
        case.service.registration.expires_on = "2027-01-02".parse().ok();
        case.service.contents = vec![8.try_into().unwrap(), 24.try_into().unwrap()];
        case.service.principal = Some(ServicePrincipal::Other(Principal {
            role: Some(beian_domain::PrincipalRole::Authorised),
            name: Some(Personal::new(person.name)),
            certificate_kind: Some(CertificateKind::ResidentIdCard),
            certificate_number: Some(Personal::new(person.resident_id)),
            mobile: Some(Personal::new(person.mobile)),
            emergency_phone: Some(Personal::new(person.emergency_phone)),
            office_phone: Some(Personal::new("0755-00000000")),
            email: Some(Personal::new(person.email)),
        }));
        case.access.authorization_code = Some("7F3K-9QXM-2T8B".to_owned());
        case.papers = vec![Paper::Pledge, Paper::RenameLetter];
        case
    }

    fn read_back(file: &[u8]) -> Vec<Result<Case, LineRefusal>> {
        let rulebook = Rulebook::bundled().unwrap();
        let table = table::read(file, 100).unwrap();
        let columns = Columns::of(&table, |heading| columns::named(columns::OF_ORDERS, heading), []).unwrap();
        let read = |line| columns::read_case(&columns.line(line)?, &[], &rulebook);
        table.lines.iter().map(read).collect()
    }

    #[test]
    fn what_is_exported_reads_back_to_the_same_cases() {
        let rulebook = Rulebook::bundled().unwrap();
        let mut other = Case::default();
        other.service.principal = Some(ServicePrincipal::Other(Principal::empty()));
        other.service.domain = Some("习作.中国".to_owned());
        let cases = [full(), example().unwrap(), other];
        for format in TableFormat::ALL {
            for pick in [(|text| &text.zh) as fn(&Text) -> &str, |text| &text.en] {
                let heading = columns::headings(&[], &columns::REQUIRED_OF_ORDERS, pick);
                let rows: Vec<_> = cases.iter().map(|case| columns::cells(case, pick, &rulebook)).collect();
                assert!(rows[0].iter().all(|cell| !cell.is_empty()), "{:?}", rows[0]);
                let read = read_back(&table::write(format, &heading, &rows).unwrap());
                let read: Vec<Case> = read.into_iter().map(Result::unwrap).collect();
                assert_eq!(read, cases, "{format:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_names_its_column() {
        let heading = "sponsor_nature,certificate_kind,certificate_number,domain,";
        for (column, cell, code) in [
            ("former_number", "440305000000001", "missing-value"),
            ("certificate_valid_until", "2026-02-30", "unreadable-value"),
            ("contents", "8;nonsense", "unreadable-value"),
            ("contents", "65", "unreadable-value"),
            ("division", "Shenzhen", "unreadable-value"),
            ("papers", "承诺书;情书", "unreadable-value"),
            ("principal_certificate_number", "4.40305E+17", "long-number"),
            ("record", "no number", "unreadable-value"),
            ("principal_mobile", &"1".repeat(2_001), "unreadable-value"),
        ] {
            let file = format!("{heading}{column}\n企业,营业执照,91440305000000000N,xizuo.cn,{cell}\n");
            let refusal = read_back(file.as_bytes()).remove(0).unwrap_err();
            let blamed = if column == "former_number" { "former_kind" } else { column };
            assert_eq!((refusal.code(), refusal.column()), (code, Some(blamed)), "{column} {cell}");
        }
        // Somebody cannot be the same and another.
        let file = "网站负责人,网站负责人姓名\n同主体负责人,习小红\n";
        let refusal = read_back(file.as_bytes()).remove(0).unwrap_err();
        assert_eq!(refusal.column(), Some("service_principal_name"));
        // Days as spreadsheets write them, and names in the place of codes.
        let file = "certificate_valid_until,服务内容,语种\n2036/1/31,单位门户网站,中文简体\n2036-01-31 00:00:00,8,1\n";
        let read = read_back(file.as_bytes());
        assert_eq!(read[1].as_ref().unwrap().sponsor.certificate.valid_until, "2036-01-31".parse().ok(),);
        assert_eq!(
            read[0].as_ref().map(|case| case.sponsor.certificate.valid_until).ok(),
            Some("2036-01-31".parse().ok())
        );
    }
}
