//! Records: what the regulator has granted through us.

use std::collections::{BTreeMap, BTreeSet};

use beian_domain::{
    AccountId, CancellationTarget, Case, DomainName, OrderId, Personal, RecordNumber, RecordState,
    RegulatorIds, ServiceFilingNumber, SponsorFilingNumber, SponsorNature,
};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::json;
use zeroize::Zeroizing;

use crate::entity::{audit_entry, audit_head, filing_record as table, sponsor_name};
use crate::sealing::{BlindIndex, Place};
use crate::{Reader, Result, StoreError, Subject, Tx, exists, inconsistent};

/// A service that was filed through us (备案记录), with its sponsor as it stands
/// with this service.
#[derive(Debug, Clone)]
pub struct FilingRecord {
    /// The number of the service; unique.
    pub service_number: ServiceFilingNumber,
    /// The number of its sponsor.
    pub sponsor_number: SponsorFilingNumber,
    /// The account that it belongs to; nobody until an imported one is claimed (认领).
    pub holder: Option<AccountId>,
    /// Whether it holds.
    pub state: RecordState,
    /// The order that brought its access here: it holds the place on the resource.
    pub order: OrderId,
    /// The domain.
    pub domain: DomainName,
    /// The sponsor's certificate number, blind.
    pub sponsor_index: BlindIndex,
    /// The sponsor's nature.
    pub sponsor_nature: SponsorNature,
    /// The sponsor's name.
    pub sponsor_name: Personal,
    /// The name of the service.
    pub service_name: String,
    /// What the regulator calls its parts; absent if that never came to us.
    pub ids: Option<RegulatorIds>,
    /// The resource that it is served on, by the cloud's name.
    pub resource: Option<String>,
    /// Whether another provider serves it too; absent if that is not known.
    pub served_elsewhere: Option<bool>,
    /// Everything that is on record; absent for records from before it was kept.
    pub content: Option<Case>,
    /// When the regulator said so.
    pub as_of: DateTime<Utc>,
}

impl FilingRecord {
    /// What a person would call it.
    pub fn number(&self) -> RecordNumber {
        RecordNumber::Service(self.service_number.clone())
    }
}

/// A domain of a record, for an index of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedDomain {
    /// The number of the service.
    pub service_number: ServiceFilingNumber,
    /// The domain.
    pub domain: DomainName,
    /// When the regulator said so.
    pub as_of: DateTime<Utc>,
}

/// Whether a domain is on record here, by the record that counts most: one that holds before one whose access ended,
/// and that before one that was cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainStanding {
    /// The number of the service.
    pub service_number: ServiceFilingNumber,
    /// Whether it holds.
    pub state: RecordState,
    /// When the regulator said so.
    pub as_of: DateTime<Utc>,
}

/// How far the trail was read for changes of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrailMark(i64);

const NAME: &str = "filing_record.sponsor_name";
const CONTENT: &str = "filing_record.content";
/// What names are hashed for.
const SPONSOR_NAME: &str = "sponsor name";
/// In the trail: the domain that a record was of until then.
const LEFT_DOMAIN: &str = "left_domain";
/// What entries of the trail about records begin with.
const ACTIONS: &str = "record.";
/// Entries of the trail that are read at once.
const CHANGES_AT_ONCE: u64 = 500;

impl Tx<'_> {
    /// Keeps a granted filing.
    pub async fn insert_record(&mut self, record: &FilingRecord) -> Result<()> {
        table::Entity::insert(self.record_row(record)?)
            .exec_without_returning(&self.db)
            .await
            .map_err(|error| exists(error, "filing number"))?;
        self.keep_sponsor_name(record).await?;
        let detail = json!({"number": record.service_number});
        self.note("record.grant", &Subject::Order(record.order), detail);
        Ok(())
    }

    /// Keeps what has become of a record: `action` says what. What was cancelled
    /// stays so, whoever says otherwise.
    pub async fn update_record(&mut self, record: &FilingRecord, action: &'static str) -> Result<()> {
        let number = record.service_number.to_string();
        let before: Option<String> = table::Entity::find_by_id(number.clone())
            .select_only()
            .column(table::Column::Domain)
            .into_tuple()
            .one(&self.db)
            .await?;
        let mut update = table::Entity::update_many()
            .set(self.record_row(record)?)
            .filter(table::Column::ServiceNumber.eq(number.clone()));
        if record.state != RecordState::Cancelled {
            update = update.filter(table::Column::State.ne(RecordState::Cancelled.slug()));
        }
        let changed = update.exec(&self.db).await?.rows_affected;
        if changed == 0 && before.is_some() {
            return Err(StoreError::Inconsistent {
                place: "filing_record.state",
                expected: "a record that was not cancelled",
                got: record.service_number.to_string(),
            });
        }
        if changed > 0 {
            self.keep_sponsor_name(record).await?;
        }
        let mut detail = json!({"number": record.service_number, "state": record.state});
        if let Some(left) = before.filter(|before| before != record.domain.as_ascii()) {
            detail[LEFT_DOMAIN] = left.into();
        }
        self.note(action, &Subject::Order(record.order), detail);
        Ok(())
    }

    /// Keeps by which name the sponsor of a record is found: that of an organisation. Persons are not looked up by name.
    async fn keep_sponsor_name(&mut self, record: &FilingRecord) -> Result<()> {
        let name = searched(record.sponsor_name.expose());
        let is_looked_up = !record.sponsor_nature.is_individual() && !name.is_empty();
        let row = sponsor_name::ActiveModel {
            service_number: Set(record.service_number.to_string()),
            name_index: Set(is_looked_up.then(|| self.store.sealer.blind_index(SPONSOR_NAME, &name).0)),
        };
        let replace = OnConflict::column(sponsor_name::Column::ServiceNumber)
            .update_column(sponsor_name::Column::NameIndex)
            .to_owned();
        sponsor_name::Entity::insert(row).on_conflict(replace).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Makes at most `limit` records findable by the name of their sponsor: those from before that was kept, and those
    /// that came from another installation. Answers with how many that were.
    pub async fn keep_missing_sponsor_names(&mut self, limit: u64) -> Result<u64> {
        let known = sponsor_name::Entity::find()
            .select_only()
            .column(sponsor_name::Column::ServiceNumber)
            .into_query();
        let missing = table::Entity::find()
            .filter(table::Column::ServiceNumber.not_in_subquery(known))
            .order_by_asc(table::Column::ServiceNumber)
            .limit(limit);
        let records = self.read().records(missing).await?;
        for record in &records {
            self.keep_sponsor_name(record).await?;
        }
        Ok(records.len() as u64)
    }

    fn record_row(&self, record: &FilingRecord) -> Result<table::ActiveModel> {
        let number = record.service_number.to_string();
        let seal = |table_and_column, plain: &[u8]| {
            self.store.sealer.seal(Place { table_and_column, row: &number }, plain)
        };
        let content_sealed = record
            .content
            .as_ref()
            .map(|case| {
                let plain = serde_json::to_vec(&case.map(|personal| personal.expose().to_owned()))
                    .map_err(|error| inconsistent(CONTENT, "a case that can be written")(&error))?;
                seal(CONTENT, &Zeroizing::new(plain))
            })
            .transpose()?;
        let id = |part: fn(&RegulatorIds) -> u64| {
            record.ids.as_ref().map(|ids| i64::try_from(part(ids)).unwrap_or(i64::MAX))
        };
        Ok(table::ActiveModel {
            service_number: Set(number.clone()),
            sponsor_number: Set(record.sponsor_number.to_string()),
            filing_order: Set(record.order.0),
            domain: Set(record.domain.as_ascii().to_owned()),
            sponsor_index: Set(record.sponsor_index.0.clone()),
            sponsor_nature: Set(record.sponsor_nature.slug().to_owned()),
            sponsor_name_sealed: Set(seal(NAME, record.sponsor_name.expose().as_bytes())?),
            service_name: Set(record.service_name.clone()),
            as_of: Set(record.as_of),
            holder: Set(record.holder.map(|account| account.0)),
            state: Set(record.state.slug().to_owned()),
            sponsor_id: Set(id(|ids| ids.sponsor)),
            service_id: Set(id(|ids| ids.service)),
            domain_id: Set(id(|ids| ids.domain)),
            access_id: Set(id(|ids| ids.access)),
            address_id: Set(id(|ids| ids.address)),
            resource: Set(record.resource.clone()),
            served_elsewhere: Set(record.served_elsewhere),
            content_sealed: Set(content_sealed),
        })
    }
}

impl Reader<'_> {
    /// The record of a domain that is served here.
    pub async fn record_of_domain(&self, domain: &DomainName) -> Result<Option<FilingRecord>> {
        self.one_record(active().filter(table::Column::Domain.eq(domain.as_ascii()))).await
    }

    /// The record of a service's number, whatever has become of it.
    pub async fn record_of_number(&self, number: &ServiceFilingNumber) -> Result<Option<FilingRecord>> {
        self.one_record(table::Entity::find_by_id(number.to_string())).await
    }

    /// A record of a sponsor that is served here.
    pub async fn record_of_sponsor(&self, sponsor: &BlindIndex) -> Result<Option<FilingRecord>> {
        self.one_record(active().filter(table::Column::SponsorIndex.eq(sponsor.0.clone()))).await
    }

    /// At most `limit` records of a sponsor's number, by service number, whatever has become of them.
    pub async fn records_of_sponsor(
        &self,
        number: &SponsorFilingNumber,
        limit: u64,
    ) -> Result<Vec<FilingRecord>> {
        let select =
            table::Entity::find().filter(table::Column::SponsorNumber.eq(number.to_string())).limit(limit);
        self.records(select).await
    }

    /// At most `limit` records of a sponsor's number that hold, by service number.
    pub async fn active_records_of_sponsor(
        &self,
        number: &SponsorFilingNumber,
        limit: u64,
    ) -> Result<Vec<FilingRecord>> {
        let of_sponsor = active().filter(table::Column::SponsorNumber.eq(number.to_string()));
        self.records(of_sponsor.limit(limit)).await
    }

    /// At most `limit` records that hold, of organisations of a name, however it is spaced and whichever width its
    /// characters have.
    pub async fn records_of_sponsor_name(&self, name: &str, limit: u64) -> Result<Vec<FilingRecord>> {
        let name = self.sealer.blind_index(SPONSOR_NAME, &searched(name)).0;
        let numbers = sponsor_name::Entity::find()
            .select_only()
            .column(sponsor_name::Column::ServiceNumber)
            .filter(sponsor_name::Column::NameIndex.eq(name))
            .into_query();
        self.records(active().filter(table::Column::ServiceNumber.in_subquery(numbers)).limit(limit)).await
    }

    /// The records to which a part belongs, by what the regulator calls it.
    pub async fn records_with(&self, part: CancellationTarget) -> Result<Vec<FilingRecord>> {
        let (column, id) = match part {
            CancellationTarget::Sponsor(id) => (table::Column::SponsorId, id),
            CancellationTarget::Service(id) => (table::Column::ServiceId, id),
            CancellationTarget::Access(id) => (table::Column::AccessId, id),
        };
        let id = i64::try_from(id).unwrap_or(i64::MAX);
        self.records(table::Entity::find().filter(column.eq(id))).await
    }

    /// At most `limit` records of an account, newest first, whatever has become of them.
    pub async fn records_of_holder(&self, holder: AccountId, limit: u64) -> Result<Vec<FilingRecord>> {
        let select = table::Entity::find()
            .filter(table::Column::Holder.eq(holder.0))
            .order_by_desc(table::Column::AsOf)
            .limit(limit);
        self.records(select).await
    }

    /// At most `limit` domains of records in a state, by service number, after one of them. Nothing is opened for it
    /// that is sealed.
    pub async fn domains_after(
        &self,
        state: RecordState,
        after: Option<&ServiceFilingNumber>,
        limit: u64,
    ) -> Result<Vec<RecordedDomain>> {
        let mut select = table::Entity::find()
            .select_only()
            .columns([table::Column::ServiceNumber, table::Column::Domain, table::Column::AsOf])
            .filter(table::Column::State.eq(state.slug()))
            .order_by_asc(table::Column::ServiceNumber)
            .limit(limit);
        if let Some(after) = after {
            select = select.filter(table::Column::ServiceNumber.gt(after.to_string()));
        }
        let rows: Vec<(String, String, DateTime<Utc>)> = select.into_tuple().all(&self.db).await?;
        let read = |(number, domain, as_of): (String, String, DateTime<Utc>)| {
            Ok(RecordedDomain {
                service_number: parse("filing_record.service_number", &number)?,
                domain: parse("filing_record.domain", &domain)?,
                as_of,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// How domains are on record here; those that are not are left out. In one question: for hundreds, not for millions.
    pub async fn standings_of_domains(
        &self,
        domains: &[DomainName],
    ) -> Result<BTreeMap<DomainName, DomainStanding>> {
        let rows: Vec<(String, String, String, DateTime<Utc>)> = table::Entity::find()
            .select_only()
            .columns([
                table::Column::Domain,
                table::Column::ServiceNumber,
                table::Column::State,
                table::Column::AsOf,
            ])
            .filter(table::Column::Domain.is_in(domains.iter().map(DomainName::as_ascii)))
            .into_tuple()
            .all(&self.db)
            .await?;
        let mut best: BTreeMap<DomainName, DomainStanding> = BTreeMap::new();
        for (domain, number, state, as_of) in rows {
            let found = DomainStanding {
                service_number: parse("filing_record.service_number", &number)?,
                state: parse("filing_record.state", &state)?,
                as_of,
            };
            // The newer of two that count as much.
            let rank = |standing: &DomainStanding| (std::cmp::Reverse(standing.state), standing.as_of);
            let domain = parse("filing_record.domain", &domain)?;
            if best.get(&domain).is_none_or(|best| rank(best) < rank(&found)) {
                best.insert(domain, found);
            }
        }
        Ok(best)
    }

    /// The mark behind everything that has happened.
    pub async fn end_of_trail(&self) -> Result<TrailMark> {
        let head = audit_head::Entity::find_by_id(1).one(&self.db).await?;
        Ok(TrailMark(head.map_or(0, |head| head.sequence)))
    }

    /// The domains whose standing may be another since one mark, up to another: those of records that were granted,
    /// changed, cancelled, and those that a record was of before. The trail has it from the transaction that did it,
    /// so that none is missed.
    pub async fn changed_domains(&self, after: TrailMark, until: TrailMark) -> Result<BTreeSet<DomainName>> {
        let mut domains = BTreeSet::new();
        let mut from = after.0;
        loop {
            let page: Vec<(i64, String)> = audit_entry::Entity::find()
                .select_only()
                .columns([audit_entry::Column::Sequence, audit_entry::Column::Detail])
                .filter(audit_entry::Column::Sequence.gt(from))
                .filter(audit_entry::Column::Sequence.lte(until.0))
                .filter(audit_entry::Column::Action.starts_with(ACTIONS))
                .order_by_asc(audit_entry::Column::Sequence)
                .limit(CHANGES_AT_ONCE)
                .into_tuple()
                .all(&self.db)
                .await?;
            let Some((last, _)) = page.last() else { return Ok(domains) };
            from = *last;
            let mut numbers = BTreeSet::new();
            for (_, detail) in page {
                let detail: serde_json::Value = serde_json::from_str(&detail)
                    .map_err(|error| inconsistent("audit_entry.detail", "JSON")(&error))?;
                numbers.extend(detail["number"].as_str().map(str::to_owned));
                if let Some(left) = detail[LEFT_DOMAIN].as_str() {
                    domains.insert(parse("audit_entry.detail", left)?);
                }
            }
            let now: Vec<String> = table::Entity::find()
                .select_only()
                .column(table::Column::Domain)
                .filter(table::Column::ServiceNumber.is_in(numbers))
                .into_tuple()
                .all(&self.db)
                .await?;
            for domain in now {
                domains.insert(parse("filing_record.domain", &domain)?);
            }
        }
    }

    pub(crate) async fn records(&self, select: sea_orm::Select<table::Entity>) -> Result<Vec<FilingRecord>> {
        let select = select.order_by_asc(table::Column::ServiceNumber);
        select.all(&self.db).await?.into_iter().map(|row| self.read_record(row)).collect()
    }

    async fn one_record(&self, select: sea_orm::Select<table::Entity>) -> Result<Option<FilingRecord>> {
        select.one(&self.db).await?.map(|row| self.read_record(row)).transpose()
    }

    pub(crate) fn read_record(&self, row: table::Model) -> Result<FilingRecord> {
        let place = |table_and_column| Place { table_and_column, row: &row.service_number };
        let name = self.sealer.open_text(place(NAME), &row.sponsor_name_sealed)?;
        let content = match &row.content_sealed {
            None => None,
            Some(sealed) => {
                let plain = self.sealer.open(place(CONTENT), sealed)?;
                Some(serde_json::from_slice(&plain).map_err(|error| {
                    // The message of serde_json can repeat what it read.
                    let at = format!("an error at line {} column {}", error.line(), error.column());
                    inconsistent(CONTENT, "a case")(&at)
                })?)
            }
        };
        let id = |id: Option<i64>| id.map(i64::unsigned_abs);
        let ids = (|| {
            Some(RegulatorIds {
                sponsor: id(row.sponsor_id)?,
                service: id(row.service_id)?,
                domain: id(row.domain_id)?,
                access: id(row.access_id)?,
                address: id(row.address_id)?,
            })
        })();
        Ok(FilingRecord {
            service_number: parse("filing_record.service_number", &row.service_number)?,
            sponsor_number: parse("filing_record.sponsor_number", &row.sponsor_number)?,
            holder: row.holder.map(AccountId),
            state: parse("filing_record.state", &row.state)?,
            order: OrderId(row.filing_order),
            domain: parse("filing_record.domain", &row.domain)?,
            sponsor_index: BlindIndex(row.sponsor_index),
            sponsor_nature: parse("filing_record.sponsor_nature", &row.sponsor_nature)?,
            sponsor_name: Personal::new(name.as_str()),
            service_name: row.service_name,
            ids,
            resource: row.resource,
            served_elsewhere: row.served_elsewhere,
            content,
            as_of: row.as_of,
        })
    }
}

/// A name as it is looked for: without spaces, half-width, in lower case.
fn searched(name: &str) -> String {
    let half_width = |character: char| match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        other => other,
    };
    name.chars()
        .map(half_width)
        .filter(|character| !character.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Records that hold.
pub(crate) fn active() -> sea_orm::Select<table::Entity> {
    table::Entity::find().filter(table::Column::State.eq(RecordState::Active.slug()))
}

/// Their domains, to be asked inside another question.
pub(crate) fn active_domains() -> sea_orm::sea_query::SelectStatement {
    active().select_only().column(table::Column::Domain).into_query()
}

pub(crate) fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(
    place: &'static str,
    text: &str,
) -> Result<T> {
    text.parse().map_err(|error| inconsistent(place, "a value of its kind")(&error))
}
