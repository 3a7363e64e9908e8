//! Files about IP addresses and about domains.

use crate::domain::RegisteredDomain;
use crate::ip::{IpRecords, OwnKey, RegisterKey};
use crate::record::{Codec as _, List, Record};
use crate::xml::{Fields, Number, Repeated, Text, WriteError, XmlWriter};

/// What a file asks for about IP addresses: at most [`crate::MAX_RECORDS`] records of any
/// kind together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IpOperation {
    /// To take in new records (新增).
    Register(IpRecords<OwnKey>),
    /// To change records (修改).
    Change(IpRecords<RegisterKey>),
    /// To delete records (删除).
    Delete(IpDeletions),
}

/// Records to be deleted, by the regulator's numbers for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpDeletions {
    /// Sources (来源).
    pub sources: Vec<RegisterKey>,
    /// Allocations (分配使用).
    pub allocations: Vec<RegisterKey>,
    /// Ranges that customers brought along (自带IP).
    pub customer_owned: Vec<RegisterKey>,
    /// Broadcasts (广播).
    pub broadcasts: Vec<RegisterKey>,
}

/// What a file asks for about domains: 1 to [`crate::MAX_RECORDS`] records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainOperation {
    /// To take in new records (新增).
    Register(Vec<RegisteredDomain<OwnKey>>),
    /// To change records (修改).
    Change(Vec<RegisteredDomain<RegisterKey>>),
    /// To delete records (删除).
    Delete(Vec<DomainDeletion>),
}

/// How a domain to be deleted is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainDeletion {
    /// By the regulator's number for it, positive.
    Id(u64),
    /// By itself, 4 to 255 characters.
    Domain(String),
}

const REGISTER: &str = "XZBA";
const CHANGE: &str = "XGBA";
const DELETE: &str = "SCBA";
/// The operations, as elements.
pub(super) const OPERATIONS: [&str; 3] = [REGISTER, CHANGE, DELETE];
const DELETED: [List; 4] =
    [List("Scly", "Ly"), List("Scfp", "Fpsy"), List("Sczd", "Zdxx"), List("Scgbjs", "Jsxx")];
const DOMAIN: Repeated = Repeated::new("Xzxx", 1, crate::MAX_RECORDS);
const DELETED_DOMAIN: Repeated = Repeated::new("Scxx", 1, crate::MAX_RECORDS);

impl IpOperation {
    pub(super) fn element(&self) -> &'static str {
        match self {
            Self::Register(_) => REGISTER,
            Self::Change(_) => CHANGE,
            Self::Delete(_) => DELETE,
        }
    }

    pub(super) fn record_count(&self) -> usize {
        match self {
            Self::Register(records) => records.count(),
            Self::Change(records) => records.count(),
            Self::Delete(IpDeletions { sources, allocations, customer_owned, broadcasts }) => {
                sources.len() + allocations.len() + customer_owned.len() + broadcasts.len()
            }
        }
    }

    pub(super) fn read(fields: &mut Fields<'_, '_>, element: &'static str) -> Option<Self> {
        let operation = match element {
            CHANGE => Self::Change(fields.child(CHANGE, IpRecords::read)?),
            DELETE => Self::Delete(fields.child(DELETE, IpDeletions::read)?),
            _ => Self::Register(fields.child(REGISTER, IpRecords::read)?),
        };
        // The schema bounds each list alone, the text all of them together.
        fields
            .counted(Repeated::new(element, 0, crate::MAX_RECORDS), operation.record_count())
            .then_some(operation)
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.count(Repeated::new(self.element(), 0, crate::MAX_RECORDS), self.record_count())?;
        out.child(self.element(), |out| match self {
            Self::Register(records) => records.write(out),
            Self::Change(records) => records.write(out),
            Self::Delete(records) => records.write(out),
        })
    }
}

impl Record for IpDeletions {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let [sources, allocations, customer_owned, broadcasts] = DELETED;
        Some(Self {
            sources: sources.read(fields)?,
            allocations: allocations.read(fields)?,
            customer_owned: customer_owned.read(fields)?,
            broadcasts: broadcasts.read(fields)?,
        })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        let [sources, allocations, customer_owned, broadcasts] = DELETED;
        sources.write(&self.sources, out)?;
        allocations.write(&self.allocations, out)?;
        customer_owned.write(&self.customer_owned, out)?;
        broadcasts.write(&self.broadcasts, out)
    }
}

impl DomainOperation {
    pub(super) fn record_count(&self) -> usize {
        match self {
            Self::Register(domains) => domains.len(),
            Self::Change(domains) => domains.len(),
            Self::Delete(domains) => domains.len(),
        }
    }

    pub(super) fn read(fields: &mut Fields<'_, '_>, element: &'static str) -> Option<Self> {
        match element {
            CHANGE => fields.child(CHANGE, |fields| DOMAIN.read(fields)).map(Self::Change),
            DELETE => fields.child(DELETE, |fields| DELETED_DOMAIN.read(fields)).map(Self::Delete),
            _ => fields.child(REGISTER, |fields| DOMAIN.read(fields)).map(Self::Register),
        }
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        match self {
            Self::Register(domains) => out.child(REGISTER, |out| DOMAIN.write(domains, out)),
            Self::Change(domains) => out.child(CHANGE, |out| DOMAIN.write(domains, out)),
            Self::Delete(domains) => out.child(DELETE, |out| DELETED_DOMAIN.write(domains, out)),
        }
    }
}

impl DomainDeletion {
    const ID: Number = Number::id("Id");
    const DOMAIN: Text = Text::new("Ym", 4, 255);
}

impl Record for DomainDeletion {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        match fields.has(Self::ID.name) {
            true => fields.number(Self::ID).map(Self::Id),
            false => fields.text(Self::DOMAIN).map(Self::Domain),
        }
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        match self {
            Self::Id(id) => out.number(Self::ID, *id),
            Self::Domain(domain) => out.text(Self::DOMAIN, domain),
        }
    }
}
