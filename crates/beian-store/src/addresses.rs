//! Address filing: the provider's ranges, what the regulator has of them, and what it said.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use beian_domain::{
    AddressContent, AddressEvent, AddressField, AddressFinding, AddressKind, AddressOperation, AddressRange,
    AddressRecordId, AddressState, Held, Holdings, InvalidAddressEvent, Personal,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::entity::address_record as table;
use crate::sealing::Place;
use crate::{DeliverySubject, Reader, Result, StoreError, Tx, exists, inconsistent};

/// A record of address filing.
#[derive(Debug, Clone)]
pub struct AddressRecord {
    /// Our identifier.
    pub id: AddressRecordId,
    /// What it says here. Its kind never changes.
    pub content: AddressContent,
    /// What the regulator's register says, if it has it.
    pub filed: Option<AddressContent>,
    /// Where it stands; changed by [`AddressRecord::apply`] alone.
    state: AddressState,
    /// The regulator's number for it (省系统记录ID), once it was taken in: it is kept when it is deleted.
    pub register_id: Option<u64>,
    /// Why the regulator refused what was asked last.
    pub findings: Vec<AddressFinding>,
    /// How often it was changed.
    pub revision: i64,
    /// When it was stated first.
    pub created_at: DateTime<Utc>,
    /// When something happened to it last.
    pub updated_at: DateTime<Utc>,
}

impl AddressRecord {
    /// Which kind of record it is.
    pub fn kind(&self) -> AddressKind {
        self.content.kind()
    }

    /// Where it stands.
    pub fn state(&self) -> AddressState {
        self.state
    }

    /// Lets `event` happen to it, in memory; [`Tx::update_address`] keeps it.
    ///
    /// # Errors
    /// If that cannot happen to it where it stands.
    pub fn apply(&mut self, event: AddressEvent) -> Result<(), InvalidAddressEvent> {
        self.state = self.state.after(event)?;
        Ok(())
    }
}

/// Which records are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressFilter {
    /// Those that somebody is to work on: drafts, and what was refused.
    Open,
    /// Those that wait for the regulator.
    UnderWay,
    /// Those that are filed.
    Filed,
    /// Those that are gone.
    Deleted,
}

impl AddressFilter {
    /// Every filter.
    pub const ALL: [Self; 4] = [Self::Open, Self::UnderWay, Self::Filed, Self::Deleted];

    /// Its name in addresses of pages.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::UnderWay => "under-way",
            Self::Filed => "filed",
            Self::Deleted => "deleted",
        }
    }

    fn has(self, state: AddressState) -> bool {
        match state {
            AddressState::Draft | AddressState::Refused(_) => self == Self::Open,
            AddressState::Queued(_) | AddressState::Reported(_) => self == Self::UnderWay,
            AddressState::Filed => self == Self::Filed,
            AddressState::Deleted => self == Self::Deleted,
        }
    }

    fn condition(self) -> Condition {
        let states = AddressState::ALL.into_iter().filter(|state| self.has(*state));
        Condition::all().add(table::Column::State.is_in(states.map(|state| state.slug()).collect::<Vec<_>>()))
    }
}

const CONTENT: &str = "address_record.content";
const FILED: &str = "address_record.filed";

impl Tx<'_> {
    /// All ranges, with the door shut: no other transaction looks at them here before this one is over, so that
    /// what is found to be free of conflicts stays so.
    pub async fn hold_addresses(&mut self) -> Result<Holdings> {
        // Every row that exists may be changed, and none may be added: one row of another table stands for all.
        self.lock_interface_number().await?;
        self.read().holdings().await
    }

    /// Keeps a new record, as a draft.
    pub async fn insert_address(&mut self, content: AddressContent) -> Result<AddressRecord> {
        let now = self.store.clock.now();
        let record = AddressRecord {
            id: AddressRecordId(beian_domain::new_uuid(&*self.store.clock, &*self.store.random)),
            content,
            filed: None,
            state: AddressState::Draft,
            register_id: None,
            findings: Vec::new(),
            revision: 1,
            created_at: now,
            updated_at: now,
        };
        table::Entity::insert(self.address_row(&record)?)
            .exec_without_returning(&self.db)
            .await
            .map_err(|error| exists(error, "record of addresses"))?;
        let detail = json!({"kind": record.kind().slug(), "range": record.content.range.to_string()});
        self.note("address.add", &DeliverySubject::Addresses(record.id).audited(), detail);
        Ok(record)
    }

    /// Queues what is asked of the regulator for a record, which was given the event.
    pub async fn queue_address(
        &mut self,
        record: &mut AddressRecord,
        operation: AddressOperation,
    ) -> Result<()> {
        let interface_number = self.insert_delivery_of(DeliverySubject::Addresses(record.id)).await?;
        let detail = json!({
            "operation": operation.slug(),
            "range": record.content.range.to_string(),
            "interface_number": interface_number,
        });
        self.update_address(record, "address.ask", detail).await
    }

    /// Notes that somebody looked at the personal data of a record in plain.
    pub fn note_address_shown(&mut self, record: AddressRecordId) {
        self.note("address.show", &DeliverySubject::Addresses(record).audited(), json!({}));
    }

    /// Keeps what has become of a record. [`Stale`](StoreError::Stale) if somebody changed it since it was read.
    pub async fn update_address(
        &mut self,
        record: &mut AddressRecord,
        action: &'static str,
        detail: Value,
    ) -> Result<()> {
        let read_revision = record.revision;
        record.revision += 1;
        record.updated_at = self.store.clock.now();
        let result = table::Entity::update_many()
            .set(self.address_row(record)?)
            .filter(table::Column::Id.eq(record.id.0))
            .filter(table::Column::Revision.eq(read_revision))
            .exec(&self.db)
            .await?;
        if result.rows_affected != 1 {
            let thing = format!("record of addresses {}", record.id.0);
            return Err(StoreError::Stale { thing, expected: read_revision });
        }
        self.note(action, &DeliverySubject::Addresses(record.id).audited(), detail);
        Ok(())
    }

    fn address_row(&self, record: &AddressRecord) -> Result<table::ActiveModel> {
        let row = record.id.0.to_string();
        let seal = |table_and_column, content: &AddressContent| {
            let said = AddressField::ALL.map(|field| (field.slug(), content.stated(field)));
            let plain: BTreeMap<&str, &str> = said
                .iter()
                .filter_map(|(name, text)| Some((*name, text.as_ref().map(Personal::expose)?)))
                .collect();
            let plain = serde_json::to_vec(&plain)
                .map_err(|error| inconsistent(table_and_column, "a record that can be written")(&error))?;
            self.store.sealer.seal(Place { table_and_column, row: &row }, &Zeroizing::new(plain))
        };
        let filed = record.filed.as_ref();
        Ok(table::ActiveModel {
            id: Set(record.id.0),
            kind: Set(record.kind().slug().to_owned()),
            state: Set(record.state.slug().to_owned()),
            first: Set(record.content.range.first().to_bits().into()),
            last: Set(record.content.range.last().to_bits().into()),
            filed_first: Set(filed.map(|filed| filed.range.first().to_bits().into())),
            filed_last: Set(filed.map(|filed| filed.range.last().to_bits().into())),
            content_sealed: Set(seal(CONTENT, &record.content)?),
            filed_sealed: Set(filed.map(|filed| seal(FILED, filed)).transpose()?),
            register_id: Set(record.register_id.and_then(|id| i64::try_from(id).ok())),
            findings: Set(serde_json::to_string(&record.findings).unwrap_or_default()),
            revision: Set(record.revision),
            created_at: Set(record.created_at),
            updated_at: Set(record.updated_at),
        })
    }
}

impl Reader<'_> {
    /// The record of an identifier.
    pub async fn address(&self, id: AddressRecordId) -> Result<Option<AddressRecord>> {
        table::Entity::find_by_id(id.0).one(&self.db).await?.map(|row| self.read_address(row)).transpose()
    }

    /// The record that has this number in the regulator's register, which numbers each kind by itself.
    pub async fn address_registered_as(
        &self,
        kind: AddressKind,
        register_id: u64,
    ) -> Result<Option<AddressRecord>> {
        let Ok(register_id) = i64::try_from(register_id) else { return Ok(None) };
        table::Entity::find()
            .filter(table::Column::Kind.eq(kind.slug()))
            .filter(table::Column::RegisterId.eq(register_id))
            .filter(table::Column::State.ne(AddressState::Deleted.slug()))
            .one(&self.db)
            .await?
            .map(|row| self.read_address(row))
            .transpose()
    }

    /// At most `limit` records of a filter in the order of their ranges, after the one that begins there.
    pub async fn addresses(
        &self,
        filter: AddressFilter,
        after: Option<(Ipv4Addr, AddressRecordId)>,
        limit: u64,
    ) -> Result<Vec<AddressRecord>> {
        let mut select = table::Entity::find().filter(filter.condition());
        if let Some((first, id)) = after {
            let first = i64::from(first.to_bits());
            let later = Condition::all().add(table::Column::First.eq(first)).add(table::Column::Id.gt(id.0));
            select = select.filter(Condition::any().add(table::Column::First.gt(first)).add(later));
        }
        let rows = select
            .order_by_asc(table::Column::First)
            .order_by_asc(table::Column::Id)
            .limit(limit)
            .all(&self.db)
            .await?;
        rows.into_iter().map(|row| self.read_address(row)).collect()
    }

    /// How many records of a filter there are.
    pub async fn count_addresses(&self, filter: AddressFilter) -> Result<u64> {
        Ok(table::Entity::find().filter(filter.condition()).count(&self.db).await?)
    }

    /// All ranges that are not deleted. What was found in them may be otherwise a moment later: whoever decides
    /// by them asks [`Tx::hold_addresses`].
    pub async fn holdings(&self) -> Result<Holdings> {
        use table::Column as C;
        let rows: Vec<RangeRow> = table::Entity::find()
            .select_only()
            .columns([C::Id, C::Kind, C::State, C::First, C::Last, C::FiledFirst, C::FiledLast])
            .filter(C::State.ne(AddressState::Deleted.slug()))
            .into_model()
            .all(&self.db)
            .await?;
        let held = rows.into_iter().map(|row| {
            Ok(Held {
                id: AddressRecordId(row.id),
                kind: kind_of(&row.kind)?,
                state: state_of(&row.state)?,
                range: range_of(row.first, row.last)?,
                filed: row
                    .filed_first
                    .zip(row.filed_last)
                    .map(|(first, last)| range_of(first, last))
                    .transpose()?,
            })
        });
        Ok(Holdings::new(held.collect::<Result<Vec<Held>>>()?))
    }

    fn read_address(&self, row: table::Model) -> Result<AddressRecord> {
        let place = row.id.to_string();
        let kind = kind_of(&row.kind)?;
        let open = |table_and_column, sealed: &[u8]| {
            let plain = self.sealer.open(Place { table_and_column, row: &place }, sealed)?;
            // The message of serde_json can repeat what it read.
            let plain: BTreeMap<String, Personal> = serde_json::from_slice(&plain)
                .map_err(|_| inconsistent(table_and_column, "a record of addresses")(&"something else"))?;
            let stated = |field: AddressField| {
                plain.get(field.slug()).map(|text| text.expose().to_owned()).unwrap_or_default()
            };
            AddressContent::parse(kind, stated).map_err(|errors| {
                let error = errors.first().map(ToString::to_string).unwrap_or_default();
                inconsistent(table_and_column, "a record of addresses")(&error)
            })
        };
        Ok(AddressRecord {
            id: AddressRecordId(row.id),
            content: open(CONTENT, &row.content_sealed)?,
            filed: row.filed_sealed.as_deref().map(|sealed| open(FILED, sealed)).transpose()?,
            state: state_of(&row.state)?,
            register_id: row.register_id.map(i64::unsigned_abs),
            findings: serde_json::from_str(&row.findings)
                .map_err(|error| inconsistent("address_record.findings", "a list of findings")(&error))?,
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// What of a record counts beside others: nothing sealed.
#[derive(FromQueryResult)]
struct RangeRow {
    id: uuid::Uuid,
    kind: String,
    state: String,
    first: i64,
    last: i64,
    filed_first: Option<i64>,
    filed_last: Option<i64>,
}

fn kind_of(slug: &str) -> Result<AddressKind> {
    slug.parse().map_err(|error| inconsistent("address_record.kind", "a kind")(&error))
}

fn state_of(slug: &str) -> Result<AddressState> {
    slug.parse().map_err(|error| inconsistent("address_record.state", "a state")(&error))
}

fn range_of(first: i64, last: i64) -> Result<AddressRange> {
    let wrong = |error: &dyn std::fmt::Display| inconsistent("address_record.first", "a range")(error);
    let address = |number: i64| u32::try_from(number).map(Ipv4Addr::from_bits).map_err(|error| wrong(&error));
    AddressRange::new(address(first)?, address(last)?).map_err(|error| wrong(&error))
}
