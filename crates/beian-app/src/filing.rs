//! From an order to what can be sent.

use std::net::IpAddr;

use beian_domain::{
    AccessMethod, Enclosures, FiledAs, Filing, FilingAccess, FilingKind, FilingMaterial, RecordNumber,
};
use beian_store::{FileKind, FilingRecord, Order};

use crate::{App, AppError};

impl App {
    /// Gathers everything that goes to the regulator for an order.
    pub(crate) async fn filing_of(&self, order: &Order) -> Result<Filing, AppError> {
        let mut materials = Vec::new();
        for material in self.inner.store.read().materials(order.id).await? {
            materials.push(FilingMaterial {
                purpose: material.purpose,
                format: material.copy_format,
                content: self.inner.store.files().get(material.id, FileKind::Copy).await?.to_vec(),
            });
        }
        let enclosures = Enclosures {
            access: if needs_access(order.kind) { Some(self.access_of(order).await?) } else { None },
            materials,
            record: self.filed_as(order).await?,
        };
        Filing::from_case(&order.case, order.kind, enclosures)
            .map_err(|error| AppError::Unsendable(error.to_string()))
    }

    /// What the service of an order is served on.
    async fn access_of(&self, order: &Order) -> Result<FilingAccess, AppError> {
        let unsendable = |expected: &str| AppError::Unsendable(format!("expected {expected}"));
        let reference = order.case.access.resource.as_deref().ok_or_else(|| unsendable("a resource"))?;
        let resource = self
            .inner
            .store
            .read()
            .resource(reference)
            .await?
            .ok_or_else(|| unsendable("a resource that is known"))?;
        if resource.owner != order.owner && !self.opens(order, resource.id).await? {
            return Err(unsendable("a resource of the account, or one that its code opens"));
        }
        let Some(IpAddr::V4(address)) = resource.public_address else {
            return Err(unsendable("a resource with an IPv4 address, as the interface knows no other"));
        };
        let division = resource.division.ok_or_else(|| unsendable("a resource in mainland China"))?;
        let server_location = self
            .rulebook()
            .server_location(division)
            .ok_or_else(|| unsendable("a province with a server location code"))?;
        Ok(FilingAccess { address, access_method: AccessMethod::Cloud, server_location })
    }

    /// How the record that an order is about is known.
    async fn filed_as(&self, order: &Order) -> Result<Option<FiledAs>, AppError> {
        let Some(number) = &order.case.record else { return Ok(None) };
        let ours = self.record_named(number).await?;
        Ok(Some(FiledAs {
            sponsor: number.sponsor().clone(),
            service: number.service().cloned().or_else(|| ours.as_ref().map(|r| r.service_number.clone())),
            ids: ours.and_then(|record| record.ids),
        }))
    }

    /// The record of ours that a number names: of a sponsor, one of its services
    /// that holds, or else any.
    pub(crate) async fn record_named(&self, number: &RecordNumber) -> Result<Option<FilingRecord>, AppError> {
        let reader = self.inner.store.read();
        Ok(match number {
            RecordNumber::Service(number) => reader.record_of_number(number).await?,
            RecordNumber::Sponsor(number) => {
                let mut records = reader.records_of_sponsor(number, MOST_SERVICES).await?;
                records.sort_by_key(|record| record.state);
                records.into_iter().next()
            }
        })
    }
}

/// The most services of one sponsor that are looked at.
pub(crate) const MOST_SERVICES: u64 = 500;

/// Whether an order of a kind says what the service is served on.
fn needs_access(kind: FilingKind) -> bool {
    use beian_domain::FilingPurpose as P;
    matches!(kind.purpose(), P::File | P::Change)
}
