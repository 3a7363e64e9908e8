//! From an order to what can be sent.

use std::net::IpAddr;

use beian_domain::{Filing, FilingMaterial};
use beian_store::{FileKind, Order};

use crate::{App, AppError};

impl App {
    /// Gathers everything that goes to the regulator for an order.
    pub(crate) async fn filing_of(&self, order: &Order) -> Result<Filing, AppError> {
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
        let mut materials = Vec::new();
        for material in self.inner.store.read().materials(order.id).await? {
            materials.push(FilingMaterial {
                purpose: material.purpose,
                format: material.copy_format,
                content: self.inner.store.files().get(material.id, FileKind::Copy).await?.to_vec(),
            });
        }
        Filing::from_case(&order.case, address, server_location, materials)
            .map_err(|error| AppError::Unsendable(error.to_string()))
    }
}
