//! A full synchronisation: all that the regulator has of one provider.

use super::code_tables::CodeTables;
use super::filings::IssuedRecord;
use crate::domain::{RegisteredDomain, SyncedDomainKey};
use crate::ip::{IpRecords, SyncedKey};
use crate::record::{Codec as _, Presence, Record as _};
use crate::xml::{Fields, Repeated, WriteError, XmlWriter};

/// What a full synchronisation (备案数据同步) tells, or one file of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncedData {
    /// Filings; unlike elsewhere, languages of a website may be missing.
    Filings(Vec<IssuedRecord>),
    /// IP addresses.
    Addresses(IpRecords<SyncedKey>),
    /// Domains.
    Domains(Vec<RegisteredDomain<SyncedDomainKey>>),
    /// Code tables.
    Codes(Box<CodeTables>),
}

const FILINGS: &str = "ICP";
const ADDRESSES: &str = "IP";
const DOMAINS: &str = "YM";
const CODES: &str = "JCDM";
const RECORD: Repeated = Repeated::new("Baxx", 1, usize::MAX);
const DOMAIN: Repeated = Repeated::new("Ymxx", 1, usize::MAX);

impl SyncedData {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        if fields.has(ADDRESSES) {
            fields.child(ADDRESSES, IpRecords::read).map(Self::Addresses)
        } else if fields.has(DOMAINS) {
            fields.child(DOMAINS, |fields| DOMAIN.read(fields)).map(Self::Domains)
        } else if fields.has(CODES) {
            fields.child(CODES, CodeTables::read).map(|tables| Self::Codes(Box::new(tables)))
        } else {
            let record = |fields: &mut Fields<'_, '_>| IssuedRecord::read(fields, Presence::Optional);
            fields.child(FILINGS, |fields| Some(fields.children(RECORD, record))).map(Self::Filings)
        }
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        match self {
            Self::Filings(records) => out.child(FILINGS, |out| {
                out.children(RECORD, records, |record, out| record.write(out, Presence::Optional))
            }),
            Self::Addresses(records) => out.child(ADDRESSES, |out| records.write(out)),
            Self::Domains(domains) => out.child(DOMAINS, |out| DOMAIN.write(domains, out)),
            Self::Codes(tables) => out.child(CODES, |out| tables.write(out)),
        }
    }
}
