//! Checks of records about addresses (IP备案), one by one: what stands in the record itself. What stands in the
//! register is held against it elsewhere.

use std::net::Ipv4Addr;

use beian_domain::{AddressKind, AddressRange, DivisionCode, EmailAddress, OfficePhone, SponsorNature};
use beian_wire::ip::{
    AddressUse, AllocationManner, CustomerIp, IpAllocation, IpBroadcast, IpRecords, IpSource, OriginKind,
    OriginUnit,
};
use chrono::NaiveDate;

use super::Findings;
use crate::config::province_of;

/// Result codes about addresses.
pub(crate) mod code {
    pub(crate) const REVERSED: u16 = 2002;
    pub(crate) const FILED: u16 = 2003;
    pub(crate) const BROADCAST_FILED: u16 = 2004;
    pub(crate) const NO_SOURCE: u16 = 2005;
    pub(crate) const FIRST: u16 = 2006;
    pub(crate) const LAST: u16 = 2007;
    pub(crate) const PHONE: u16 = 2012;
    pub(crate) const EMAIL: u16 = 2013;
    pub(crate) const NO_SUCH_ANNOUNCER: u16 = 2017;
    pub(crate) const NATURE: u16 = 2019;
    pub(crate) const PROVINCE: u16 = 2024;
    pub(crate) const CITY: u16 = 2025;
    pub(crate) const COUNTY: u16 = 2026;
    pub(crate) const SOURCE: u16 = 2029;
    pub(crate) const SINCE_LACKS: u16 = 2030;
    pub(crate) const NAME_LACKS: u16 = 2031;
    pub(crate) const USE_LACKS: u16 = 2032;
    pub(crate) const REDIRECTS_LACKS: u16 = 2033;
    pub(crate) const NATURE_LACKS: u16 = 2034;
    pub(crate) const DETAIL_LACKS: u16 = 2036;
    pub(crate) const PROVINCE_LACKS: u16 = 2037;
    pub(crate) const CITY_LACKS: u16 = 2038;
    pub(crate) const PHONE_LACKS: u16 = 2039;
    pub(crate) const CONTACT_LACKS: u16 = 2040;
    pub(crate) const EMAIL_LACKS: u16 = 2042;
    pub(crate) const ORIGIN_KIND: u16 = 2046;
    pub(crate) const RECIPIENT_LACKS: u16 = 2047;
    pub(crate) const RECIPIENT: u16 = 2048;
    pub(crate) const NUMBER_FILED: u16 = 2049;
    pub(crate) const SAME_RECIPIENT: u16 = 2050;
    pub(crate) const NO_CARRIER: u16 = 2051;
    pub(crate) const SAME_SOURCE: u16 = 2052;
    pub(crate) const SAME_ANNOUNCER: u16 = 2053;
    pub(crate) const NOT_YOURS: u16 = 2054;
    pub(crate) const NOT_IN_REGISTER: u16 = 2055;
    pub(crate) const CONFLICT: u16 = 2056;
}

/// A filing unit (报备单位) beside the configured providers. Practice numbers: the ministry's table is not
/// published. ASSUMED.
pub(crate) struct Unit {
    pub(crate) number: u64,
    pub(crate) chinese: &'static str,
    pub(crate) english: &'static str,
    /// Whether it is one of the three carriers, which alone announce ranges.
    pub(crate) is_carrier: bool,
}

/// All of them.
pub(crate) const UNITS: [Unit; 4] = [
    Unit { number: 1, chinese: "练习电信", english: "Practice Telecom", is_carrier: true },
    Unit { number: 2, chinese: "练习联通", english: "Practice Unicom", is_carrier: true },
    Unit { number: 3, chinese: "练习移动", english: "Practice Mobile", is_carrier: true },
    Unit {
        number: 1197,
        chinese: "练习地址分配机构",
        english: "Practice address registry",
        is_carrier: false,
    },
];

/// Who hands a record in, and whom this regulator knows.
pub(crate) struct Caller<'a> {
    pub(crate) provider: u64,
    pub(crate) is_provider: &'a dyn Fn(u64) -> bool,
}

impl Caller<'_> {
    fn is_unit(&self, number: u64) -> bool {
        UNITS.iter().any(|unit| unit.number == number) || (self.is_provider)(number)
    }
}

/// A record as it was handed in, with what is wrong with it by itself.
pub(crate) struct Claim<N> {
    pub(crate) kind: AddressKind,
    /// How it is named.
    pub(crate) key: N,
    /// Its place in the file.
    pub(crate) path: String,
    /// Its place among those of its kind, from 0.
    pub(crate) position: usize,
    /// The range, unless it is none.
    pub(crate) range: Option<AddressRange>,
    /// What it says, for people: nothing personal.
    pub(crate) summary: String,
    pub(crate) findings: Findings,
}

/// Every record of a file, sources first: what lies within them may come in the same file.
pub(crate) fn claims<K: Clone>(
    records: &IpRecords<K>,
    lists: [&str; 4],
    caller: &Caller<'_>,
) -> Vec<Claim<K>> {
    let [sources, allocations, broadcasts, customer_owned] = lists;
    let path = |list: &str, index: usize| format!("/UploadData/IP/{list}[{}]", index + 1);
    let mut claims = Vec::with_capacity(records.count());
    for (index, record) in records.sources.iter().enumerate() {
        let IpSource { key, first, last, source: unit, .. } = record;
        let mut claim =
            claim(AddressKind::Source, key.clone(), (path(sources, index), index), (*first, *last));
        source(&mut claim, *unit, caller);
        claims.push(claim);
    }
    for (index, record) in records.customer_owned.iter().enumerate() {
        let ends = (record.first, record.last);
        let mut claim =
            claim(AddressKind::CustomerOwned, record.key.clone(), (path(customer_owned, index), index), ends);
        customers_own(&mut claim, record, caller);
        claims.push(claim);
    }
    for (index, record) in records.allocations.iter().enumerate() {
        let ends = (record.first, record.last);
        let mut claim =
            claim(AddressKind::Allocation, record.key.clone(), (path(allocations, index), index), ends);
        allocation(&mut claim, record, caller);
        claims.push(claim);
    }
    for (index, record) in records.broadcasts.iter().enumerate() {
        let ends = (record.first, record.last);
        let mut claim =
            claim(AddressKind::Broadcast, record.key.clone(), (path(broadcasts, index), index), ends);
        broadcast(&mut claim, record, caller);
        claims.push(claim);
    }
    claims
}

fn claim<K>(
    kind: AddressKind,
    key: K,
    (path, position): (String, usize),
    (first, last): (Ipv4Addr, Ipv4Addr),
) -> Claim<K> {
    let mut findings = Findings::default();
    for (code, name, address) in [(code::FIRST, "Qsip", first), (code::LAST, "Zzip", last)] {
        if address.is_unspecified() {
            findings.add(code, &format!("{path}/{name}"), "an address above 0.0.0.0", &address);
        }
    }
    if first > last {
        findings.add(code::REVERSED, &format!("{path}/Zzip"), &format!("at least {first}"), &last);
    }
    Claim {
        kind,
        key,
        range: AddressRange::new(first, last).ok(),
        summary: String::new(),
        findings,
        path,
        position,
    }
}

fn source<K>(claim: &mut Claim<K>, unit: u64, caller: &Caller<'_>) {
    let at = format!("{}/Lydw", claim.path);
    claim.summary = format!("Lydw {unit}");
    if unit == caller.provider {
        claim.findings.add(code::SAME_SOURCE, &at, "another unit than the one that files", &unit);
    } else if !caller.is_unit(unit) {
        claim.findings.add(code::SOURCE, &at, "the number of a filing unit", &unit);
    }
}

fn broadcast<K>(claim: &mut Claim<K>, record: &IpBroadcast<K>, caller: &Caller<'_>) {
    let (announcer, applicant) = (record.announcer, record.applicant);
    claim.summary = format!("Gbdw {announcer}, Sqdw {applicant}");
    let at = format!("{}/Gbdw", claim.path);
    let carriers = "one of the three carriers";
    if announcer == applicant {
        claim.findings.add(code::SAME_ANNOUNCER, &at, "another unit than the one that applies", &announcer);
    } else if !caller.is_unit(announcer) {
        claim.findings.add(code::NO_SUCH_ANNOUNCER, &at, carriers, &announcer);
    } else if !UNITS.iter().any(|unit| unit.number == announcer && unit.is_carrier) {
        claim.findings.add(code::NO_CARRIER, &at, carriers, &announcer);
    }
    if applicant != caller.provider {
        let at = format!("{}/Sqdw", claim.path);
        claim.findings.add(
            code::NOT_YOURS,
            &at,
            &format!("the unit that files, {}", caller.provider),
            &applicant,
        );
    }
}

fn allocation<K>(claim: &mut Claim<K>, record: &IpAllocation<K>, caller: &Caller<'_>) {
    claim.summary = format!("Fpfs {}", record.manner.code());
    match record.manner {
        AllocationManner::Reserved => {}
        AllocationManner::OwnUse => used(claim, record.address_use, record.used_from),
        AllocationManner::AllocatedOn => {
            let at = format!("{}/Fpdx", claim.path);
            match record.recipient {
                None => claim.findings.add(code::RECIPIENT_LACKS, &at, "a unit for Fpfs 2", &"nothing"),
                Some(unit) if unit == caller.provider => {
                    claim.findings.add(
                        code::SAME_RECIPIENT,
                        &at,
                        "another unit than the one that files",
                        &unit,
                    );
                }
                Some(unit) if !caller.is_unit(unit) => {
                    claim.findings.add(code::RECIPIENT, &at, "the number of a filing unit", &unit);
                }
                Some(_) => {}
            }
        }
        AllocationManner::AllocatedAndUsed => {
            used(claim, record.address_use, record.used_from);
            let user = User {
                name: record.user_name.as_deref(),
                nature: record.nature,
                divisions: (record.province, record.city, record.county),
                detail: record.detail.as_deref(),
                contact: record.contact_name.as_deref(),
                phone: record.contact_phone.as_deref(),
                email: record.contact_email.as_deref(),
                redirects: record.redirects_domains,
            };
            user_of(claim, &user);
        }
    }
}

fn customers_own<K>(claim: &mut Claim<K>, record: &CustomerIp<K>, caller: &Caller<'_>) {
    used(claim, Some(record.address_use), Some(record.used_from));
    let user = User {
        name: Some(&record.user_name),
        nature: Some(record.nature),
        divisions: (Some(record.province), Some(record.city), record.county),
        detail: Some(&record.detail),
        contact: Some(&record.contact_name),
        phone: Some(&record.contact_phone),
        email: Some(&record.contact_email),
        redirects: Some(record.redirects_domains),
    };
    user_of(claim, &user);
    let at = format!("{}/Lydw", claim.path);
    match (&record.origin.kind, &record.origin.unit) {
        (OriginKind::FilingUnit, OriginUnit::Id(unit)) => {
            claim.summary = format!("Ly_dwid {unit}");
            if *unit == caller.provider {
                claim.findings.add(code::SAME_SOURCE, &at, "another unit than the one that files", unit);
            } else if !caller.is_unit(*unit) {
                claim.findings.add(code::SOURCE, &at, "the number of a filing unit", unit);
            }
        }
        (OriginKind::Other, OriginUnit::Name(_)) => claim.summary = "Ly_dwmc".to_owned(),
        (OriginKind::FilingUnit, OriginUnit::Name(_)) => {
            claim.findings.add(code::ORIGIN_KIND, &at, "Ly_dwid for Ly_dwlx 1", &"Ly_dwmc");
        }
        (OriginKind::Other, OriginUnit::Id(_)) => {
            claim.findings.add(code::ORIGIN_KIND, &at, "Ly_dwmc for Ly_dwlx 0", &"Ly_dwid");
        }
    }
}

fn used<K>(claim: &mut Claim<K>, manner: Option<AddressUse>, since: Option<NaiveDate>) {
    let lacks = [
        (manner.is_none(), code::USE_LACKS, "Syfs", "1, 2 or 3"),
        (since.is_none(), code::SINCE_LACKS, "Fprq", "a day"),
    ];
    for (lacks, code, name, expected) in lacks {
        if lacks {
            claim.findings.add(code, &format!("{}/{name}", claim.path), expected, &"nothing");
        }
    }
}

/// Who uses a range, as it stands in a record.
struct User<'a> {
    name: Option<&'a str>,
    nature: Option<u16>,
    divisions: (Option<u32>, Option<u32>, Option<u32>),
    detail: Option<&'a str>,
    contact: Option<&'a str>,
    phone: Option<&'a str>,
    email: Option<&'a str>,
    redirects: Option<bool>,
}

fn user_of<K>(claim: &mut Claim<K>, user: &User<'_>) {
    let (province, city, county) = user.divisions;
    let lacks = [
        (user.name.is_none(), code::NAME_LACKS, "Dwmc", "a name"),
        (user.nature.is_none(), code::NATURE_LACKS, "Dwxz", "a code of the table of natures"),
        (province.is_none(), code::PROVINCE_LACKS, "Shengid", "the code of a province"),
        (city.is_none(), code::CITY_LACKS, "Shiid", "the code of a city"),
        (user.detail.is_none(), code::DETAIL_LACKS, "Xxdz", "street and number"),
        (user.contact.is_none(), code::CONTACT_LACKS, "Lxrxm", "a name"),
        (user.phone.is_none(), code::PHONE_LACKS, "Lxrdh", "a telephone number"),
        (user.email.is_none(), code::EMAIL_LACKS, "Lxrdzyj", "a mail address"),
        (user.redirects.is_none(), code::REDIRECTS_LACKS, "Sfymtz", "0 or 1"),
    ];
    for (lacks, code, name, expected) in lacks {
        if lacks {
            claim.findings.add(code, &format!("{}/{name}", claim.path), expected, &"nothing");
        }
    }
    if let Some(nature) = user.nature.filter(|nature| SponsorNature::from_code(*nature).is_err()) {
        let at = format!("{}/Dwxz", claim.path);
        claim.findings.add(code::NATURE, &at, "a code of the table of natures", &nature);
    }
    // What is personal is described, never repeated.
    let characters = |text: &str| format!("{} characters that are none", text.chars().count());
    if let Some(phone) = user.phone.filter(|phone| phone.parse::<OfficePhone>().is_err()) {
        let at = format!("{}/Lxrdh", claim.path);
        claim.findings.add(code::PHONE, &at, "a telephone number such as 0755-00000000", &characters(phone));
    }
    if let Some(email) = user.email.filter(|email| email.parse::<EmailAddress>().is_err()) {
        let at = format!("{}/Lxrdzyj", claim.path);
        claim.findings.add(code::EMAIL, &at, "a mail address such as name@example.com", &characters(email));
    }
    let division = |code: u32| DivisionCode::try_from(code).ok();
    if let Some(code) = province {
        let is_province =
            division(code).is_some_and(|code| code.is_province() && province_of(code).is_some());
        if !is_province {
            let at = format!("{}/Shengid", claim.path);
            claim.findings.add(code::PROVINCE, &at, "the code of one of the 31 provinces", &code);
        }
    }
    if let (Some(province), Some(city)) = (province, city) {
        let lies_within = division(city).is_some_and(|city| {
            !city.is_province() && !city.is_county() && city.province().get() == province
        });
        if !lies_within {
            let at = format!("{}/Shiid", claim.path);
            claim.findings.add(code::CITY, &at, &format!("a city of {province}"), &city);
        }
    }
    if let (Some(city), Some(county)) = (city, county) {
        let lies_within =
            division(county).is_some_and(|county| county.is_county() && county.city().get() == city);
        if !lies_within {
            let at = format!("{}/Xianid", claim.path);
            claim.findings.add(code::COUNTY, &at, &format!("a county of {city}"), &county);
        }
    }
}
