//! Records: what the regulator has granted through us.

use beian_domain::{DomainName, OrderId, Personal, ServiceFilingNumber, SponsorFilingNumber, SponsorNature};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::entity::filing_record as table;
use crate::sealing::{BlindIndex, Place};
use crate::{Reader, Result, Subject, Tx, exists, inconsistent};

/// A filing that was granted (备案记录).
#[derive(Debug, Clone)]
pub struct FilingRecord {
    /// The number of the service; unique.
    pub service_number: ServiceFilingNumber,
    /// The number of its sponsor.
    pub sponsor_number: SponsorFilingNumber,
    /// The order that brought it.
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
    /// When the regulator said so.
    pub as_of: DateTime<Utc>,
}

const NAME: &str = "filing_record.sponsor_name";

impl Tx<'_> {
    /// Keeps a granted filing.
    pub async fn insert_record(&mut self, record: &FilingRecord) -> Result<()> {
        let number = record.service_number.to_string();
        let sealed = self
            .store
            .sealer
            .seal(Place { table_and_column: NAME, row: &number }, record.sponsor_name.expose().as_bytes())?;
        table::Entity::insert(table::ActiveModel {
            service_number: Set(number.clone()),
            sponsor_number: Set(record.sponsor_number.to_string()),
            filing_order: Set(record.order.0),
            domain: Set(record.domain.as_ascii().to_owned()),
            sponsor_index: Set(record.sponsor_index.0.clone()),
            sponsor_nature: Set(record.sponsor_nature.slug().to_owned()),
            sponsor_name_sealed: Set(sealed),
            service_name: Set(record.service_name.clone()),
            as_of: Set(record.as_of),
        })
        .exec_without_returning(&self.db)
        .await
        .map_err(|error| exists(error, "filing number"))?;
        self.note("record.grant", &Subject::Order(record.order), json!({"number": number}));
        Ok(())
    }
}

impl Reader<'_> {
    /// The record of a domain.
    pub async fn record_of_domain(&self, domain: &DomainName) -> Result<Option<FilingRecord>> {
        self.one_record(table::Entity::find().filter(table::Column::Domain.eq(domain.as_ascii()))).await
    }

    /// The record of a service's number.
    pub async fn record_of_number(&self, number: &ServiceFilingNumber) -> Result<Option<FilingRecord>> {
        self.one_record(table::Entity::find_by_id(number.to_string())).await
    }

    /// A record of a sponsor.
    pub async fn record_of_sponsor(&self, sponsor: &BlindIndex) -> Result<Option<FilingRecord>> {
        self.one_record(table::Entity::find().filter(table::Column::SponsorIndex.eq(sponsor.0.clone()))).await
    }

    async fn one_record(&self, select: sea_orm::Select<table::Entity>) -> Result<Option<FilingRecord>> {
        let Some(row) = select.one(&self.db).await? else {
            return Ok(None);
        };
        let name = self.sealer.open_text(
            Place { table_and_column: NAME, row: &row.service_number },
            &row.sponsor_name_sealed,
        )?;
        let number =
            |text: &str| text.parse().map_err(|e| inconsistent("filing_record", "a filing number")(&e));
        Ok(Some(FilingRecord {
            service_number: number(&row.service_number)?,
            sponsor_number: row
                .sponsor_number
                .parse()
                .map_err(|error| inconsistent("filing_record.sponsor_number", "a filing number")(&error))?,
            order: OrderId(row.filing_order),
            domain: row
                .domain
                .parse()
                .map_err(|error| inconsistent("filing_record.domain", "a domain")(&error))?,
            sponsor_index: BlindIndex(row.sponsor_index),
            sponsor_nature: row
                .sponsor_nature
                .parse()
                .map_err(|error| inconsistent("filing_record.sponsor_nature", "a nature")(&error))?,
            sponsor_name: Personal::new(name.as_str()),
            service_name: row.service_name,
            as_of: row.as_of,
        }))
    }
}
