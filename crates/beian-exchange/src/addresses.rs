//! Address filing: from a record to the file that asks something for it, and from the regulator's answer to
//! what became of it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use beian_domain::{
    AddressContent, AddressDetail, AddressField, AddressFinding, AddressKind, AddressOperation, AddressUsage,
    AddressUse, AddressUser, Allocation, DivisionCode, Gateway, Origin, Personal,
};
use beian_wire::download::{IpFinding, IpResult, IpResults, RecordOperation};
use beian_wire::ip::{
    self, AllocationManner, CustomerIp, IpAllocation, IpBroadcast, IpOrigin, IpRecords, IpSource, OriginKind,
    OriginUnit, OwnKey, RegisterKey, SyncedKey,
};
use beian_wire::upload::{IpDeletions, IpOperation, UploadDocument, UploadOperation};
use beian_wire::{InterfaceVersion, ResultCode, WriteError};

use crate::news::{News, sequence_of};

/// What is asked for a record, and what it is named by in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressRequest {
    /// To take it in under this number of ours (`IspId`), which no other record has.
    Register(u64),
    /// To change the record that has this number in the register (`Id`).
    Change(u64),
    /// To delete it.
    Delete(u64),
}

/// What became of a record that something was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressResult {
    /// Which kind of record.
    pub kind: AddressKind,
    /// What was asked.
    pub operation: AddressOperation,
    /// Which record.
    pub about: AddressAbout,
    /// The number that its file was sent under, if the regulator tells it.
    pub sequence: Option<u64>,
    /// What came of it.
    pub outcome: AddressOutcome,
}

/// How a result names its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressAbout {
    /// By the number that it had in our file.
    Own(u64),
    /// By its number in the register.
    Registered(u64),
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressOutcome {
    /// It was done (2998); a record that was taken in has this number.
    Done {
        /// The regulator's number for it.
        register_id: u64,
    },
    /// It was refused.
    Refused(Vec<AddressFinding>),
}

/// A record of addresses as the regulator has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredAddress {
    /// Which kind of record.
    pub kind: AddressKind,
    /// The regulator's number for it (省系统记录ID).
    pub register_id: u64,
    /// What it says, as the interface writes it.
    pub fields: BTreeMap<AddressField, Personal>,
}

/// What a record of ours says, in the form of [`RegisteredAddress::fields`].
pub fn address_fields(content: &AddressContent) -> BTreeMap<AddressField, Personal> {
    // Neither number is among the fields.
    let key = SyncedKey { record_id: 0, isp_record_id: 0, unit: 0 };
    let records = registered(&records(content, key, 0));
    records.into_iter().next().map(|record| record.fields).unwrap_or_default()
}

/// The records of a file of a full synchronisation.
pub(crate) fn registered(records: &IpRecords<SyncedKey>) -> Vec<RegisteredAddress> {
    use AddressField as F;
    let mut registered = Vec::with_capacity(records.count());
    let mut add = |kind, key: &SyncedKey, ends: (Ipv4Addr, Ipv4Addr), said: Said| {
        let Said(mut fields) = said.and(F::Range, Some(range(ends)));
        fields.retain(|_, value| !value.expose().is_empty());
        registered.push(RegisteredAddress { kind, register_id: key.record_id, fields });
    };
    for IpSource { key, first, last, source, remark } in &records.sources {
        let said = Said::default().and(F::Unit, Some(source)).and(F::Remark, remark.as_ref());
        add(AddressKind::Source, key, (*first, *last), said);
    }
    for record in &records.allocations {
        let said = Said::default()
            .and(F::Manner, Some(record.manner.code()))
            .and(F::Unit, record.recipient)
            .and(F::Use, record.address_use.map(ip::AddressUse::code))
            .and(F::Since, record.used_from)
            .and(F::Redirects, record.redirects_domains.map(u8::from))
            .and(F::UserName, record.user_name.as_ref())
            .and(F::Nature, record.nature)
            .and(F::Division, record.county.or(record.city).or(record.province))
            .and(F::Street, record.detail.as_ref())
            .and(F::Contact, record.contact_name.as_ref())
            .and(F::Phone, record.contact_phone.as_ref())
            .and(F::Email, record.contact_email.as_ref())
            .and(F::GatewayAddress, record.gateway)
            .and(F::GatewayPlace, record.gateway_place.as_ref())
            .and(F::Remark, record.remark.as_ref());
        add(AddressKind::Allocation, &record.key, (record.first, record.last), said);
    }
    for IpBroadcast { key, announcer, applicant: _, first, last, remark } in &records.broadcasts {
        let said = Said::default().and(F::Unit, Some(announcer)).and(F::Remark, remark.as_ref());
        add(AddressKind::Broadcast, key, (*first, *last), said);
    }
    for record in &records.customer_owned {
        let (unit, name) = match &record.origin.unit {
            OriginUnit::Id(unit) => (Some(unit), None),
            OriginUnit::Name(name) => (None, Some(name)),
        };
        let said = Said::default()
            .and(F::Unit, unit)
            .and(F::OriginName, name)
            .and(F::Use, Some(record.address_use.code()))
            .and(F::Since, Some(record.used_from))
            .and(F::Redirects, Some(u8::from(record.redirects_domains)))
            .and(F::UserName, Some(&record.user_name))
            .and(F::Nature, Some(record.nature))
            .and(F::Division, record.county.or(Some(record.city)))
            .and(F::Street, Some(&record.detail))
            .and(F::Contact, Some(&record.contact_name))
            .and(F::Phone, Some(&record.contact_phone))
            .and(F::Email, Some(&record.contact_email))
            .and(F::GatewayAddress, record.gateway)
            .and(F::GatewayPlace, record.gateway_place.as_ref())
            .and(F::Remark, record.remark.as_ref());
        add(AddressKind::CustomerOwned, &record.key, (record.first, record.last), said);
    }
    registered
}

/// Fields that a record states.
#[derive(Default)]
struct Said(BTreeMap<AddressField, Personal>);

impl Said {
    fn and(mut self, field: AddressField, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.0.insert(field, Personal::new(value.to_string()));
        }
        self
    }
}

fn range((first, last): (Ipv4Addr, Ipv4Addr)) -> String {
    format!("{first}-{last}")
}

/// The file that asks something for a record, in GBK.
///
/// # Errors
/// The first text or number that the interface does not allow, with its path.
pub fn address_file(
    content: &AddressContent,
    request: AddressRequest,
    isp_id: u64,
) -> Result<Vec<u8>, WriteError> {
    let operation = match request {
        AddressRequest::Register(isp_record_id) => {
            IpOperation::Register(records(content, OwnKey { isp_record_id }, isp_id))
        }
        AddressRequest::Change(record_id) => {
            IpOperation::Change(records(content, RegisterKey { record_id }, isp_id))
        }
        AddressRequest::Delete(record_id) => {
            let mut deletions = IpDeletions::default();
            let list = match content.kind() {
                AddressKind::Source => &mut deletions.sources,
                AddressKind::Allocation => &mut deletions.allocations,
                AddressKind::Broadcast => &mut deletions.broadcasts,
                AddressKind::CustomerOwned => &mut deletions.customer_owned,
            };
            list.push(RegisterKey { record_id });
            IpOperation::Delete(deletions)
        }
    };
    let operation = UploadOperation::Addresses(operation);
    UploadDocument { version: InterfaceVersion::v3_0(), operation, requesting_unit: isp_id }.to_gbk_xml()
}

/// What became of the records of a file.
pub(crate) fn results(file: &IpResults) -> Vec<News> {
    let of = |kind, results: &[IpResult]| -> Vec<News> {
        results.iter().map(|result| read_result(kind, result)).collect()
    };
    [
        of(AddressKind::Source, &file.sources),
        of(AddressKind::Allocation, &file.allocations),
        of(AddressKind::Broadcast, &file.broadcasts),
        of(AddressKind::CustomerOwned, &file.customer_owned),
    ]
    .concat()
}

fn read_result(kind: AddressKind, result: &IpResult) -> News {
    let operation = match result.operation {
        RecordOperation::Register => AddressOperation::Register,
        RecordOperation::Change => AddressOperation::Change,
        RecordOperation::Delete => AddressOperation::Delete,
    };
    // What was new is named by our number; the regulator's is what it has become.
    let about = match (operation, result.isp_record_id, result.record_id) {
        (AddressOperation::Register, Some(own), _) => Some(AddressAbout::Own(own)),
        (AddressOperation::Register, None, _) => None,
        (_, _, Some(id)) => Some(AddressAbout::Registered(id)),
        // A change that names no record of the register cannot have been done.
        (_, Some(own), None) => Some(AddressAbout::Own(own)),
        (_, None, None) => None,
    };
    // One fault among several findings is a refusal.
    let faults: Vec<AddressFinding> = result
        .findings
        .iter()
        .filter(|finding| finding.code != ResultCode::IP_DONE)
        .map(read_finding)
        .collect();
    let outcome = match (faults.is_empty(), result.record_id) {
        (false, _) => Some(AddressOutcome::Refused(faults)),
        (true, Some(register_id)) => Some(AddressOutcome::Done { register_id }),
        (true, None) => None,
    };
    match (about, outcome) {
        (Some(about), Some(outcome)) => {
            let sequence = result.findings.iter().find_map(|finding| sequence_of(&finding.description));
            News::Addresses(AddressResult { kind, operation, about, sequence, outcome })
        }
        _ => News::Unmatched {
            description: format!(
                "a result without a number about a record of addresses: {}, {}, {:?}",
                kind.slug(),
                operation.slug(),
                result.findings
            ),
        },
    }
}

fn read_finding(finding: &IpFinding) -> AddressFinding {
    let related = finding.related.iter().map(|related| match related.first == related.last {
        true => related.first.to_string(),
        false => format!("{}-{}", related.first, related.last),
    });
    let related = related.collect::<Vec<_>>().join("、");
    let particulars = match related.is_empty() {
        true => finding.description.clone(),
        false => format!("{}（{related}）", finding.description),
    };
    AddressFinding { code: finding.code.0, particulars }
}

fn records<K>(content: &AddressContent, key: K, isp_id: u64) -> IpRecords<K> {
    let (first, last) = (content.range.first(), content.range.last());
    let remark = content.remark.clone();
    let mut records = IpRecords::default();
    match &content.detail {
        AddressDetail::Source(unit) => {
            records.sources.push(IpSource { key, first, last, source: unit.get(), remark });
        }
        AddressDetail::Broadcast(announcer) => {
            let (announcer, applicant) = (announcer.get(), isp_id);
            records.broadcasts.push(IpBroadcast { key, announcer, applicant, first, last, remark });
        }
        AddressDetail::Allocation(allocation) => {
            let (usage, user, gateway) = match allocation {
                Allocation::Used { usage, user, gateway } => (Some(usage), Some(user), gateway.as_ref()),
                Allocation::OwnUse(usage) => (Some(usage), None, None),
                Allocation::PassedOn(_) | Allocation::Reserved => (None, None, None),
            };
            let recipient = match allocation {
                Allocation::PassedOn(unit) => Some(unit.get()),
                _ => None,
            };
            let person = |of: fn(&AddressUser) -> &beian_domain::Personal| {
                user.map(|user| of(user).expose().to_owned())
            };
            records.allocations.push(IpAllocation {
                key,
                first,
                last,
                manner: manner(allocation),
                recipient,
                address_use: usage.map(address_use),
                used_from: usage.map(|usage| usage.since),
                redirects_domains: user.map(|user| user.redirects_domains),
                user_name: person(|user| &user.name),
                nature: user.map(|user| user.nature.code()),
                class: None,
                industry: None,
                province: user.map(|user| user.division.province().get()),
                city: user.map(|user| user.division.city().get()),
                county: user.and_then(|user| county(user.division)),
                detail: person(|user| &user.street),
                contact_name: person(|user| &user.contact),
                contact_phone: person(|user| &user.phone),
                contact_email: person(|user| &user.email),
                gateway: gateway.map(|gateway| gateway.address),
                gateway_place: gateway.map(|gateway| gateway.place.clone()),
                remark,
            });
        }
        AddressDetail::CustomerOwned { usage, user, gateway, origin: from } => {
            let Gateway { address, place } = gateway;
            records.customer_owned.push(CustomerIp {
                key,
                first,
                last,
                redirects_domains: user.redirects_domains,
                address_use: address_use(usage),
                used_from: usage.since,
                user_name: user.name.expose().to_owned(),
                nature: user.nature.code(),
                province: user.division.province().get(),
                city: user.division.city().get(),
                county: county(user.division),
                detail: user.street.expose().to_owned(),
                contact_name: user.contact.expose().to_owned(),
                contact_phone: user.phone.expose().to_owned(),
                contact_email: user.email.expose().to_owned(),
                gateway: Some(*address),
                gateway_place: Some(place.clone()),
                remark,
                origin: origin(from),
            });
        }
    }
    records
}

fn county(division: DivisionCode) -> Option<u32> {
    Some(division).filter(|division| division.is_county()).map(DivisionCode::get)
}

fn manner(allocation: &Allocation) -> AllocationManner {
    match allocation {
        Allocation::Used { .. } => AllocationManner::AllocatedAndUsed,
        Allocation::PassedOn(_) => AllocationManner::AllocatedOn,
        Allocation::OwnUse(_) => AllocationManner::OwnUse,
        Allocation::Reserved => AllocationManner::Reserved,
    }
}

fn address_use(usage: &AddressUsage) -> ip::AddressUse {
    match usage.manner {
        AddressUse::Static => ip::AddressUse::Static,
        AddressUse::Dynamic => ip::AddressUse::Dynamic,
        AddressUse::Unknown => ip::AddressUse::Unknown,
    }
}

fn origin(origin: &Origin) -> IpOrigin {
    match origin {
        Origin::Unit(unit) => IpOrigin { kind: OriginKind::FilingUnit, unit: OriginUnit::Id(unit.get()) },
        Origin::Named(name) => IpOrigin { kind: OriginKind::Other, unit: OriginUnit::Name(name.clone()) },
    }
}
