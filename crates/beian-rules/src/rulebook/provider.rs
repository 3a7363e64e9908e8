//! The provider's own policy (接入商自定).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use beian_domain::{AccountKind, FilingKind, ResourceKind, Source, Text};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::file::rulebook_file;
use super::{Dated, Series};

rulebook_file! {
    /// What this provider decides for itself. It is not law; another provider
    /// replaces the whole file.
    pub struct Provider {
        plain {}
        series {
            /// Whether the provider's machines stand in mainland China, so that what they serve must be filed.
            serves_mainland: bool,
            /// Most sponsors that one account files for.
            account_sponsors: u8,
            /// Most orders that one account has open at a time.
            account_open_orders: u8,
            /// Longest consent that an account gives to an agent (代办), in months.
            agent_consent_months: u8,
            /// Hours that an individual's account waits after its real-name check.
            individual_account_wait_hours: u16,
            /// Largest original of a picture, in bytes.
            material_max_bytes: u64,
            /// Smaller originals are probably unreadable, in bytes.
            material_min_bytes: u64,
            /// A shorter side is probably unreadable, in pixels.
            material_min_short_side: u32,
            /// Shortest term of a resource, renewals included, in months.
            resource_term_months: u8,
            /// Shortest remaining term of a resource, in months.
            resource_months_left: u8,
            /// The provider's own longest time for its review (初审), in working days.
            review_working_days: u16,
            /// Days for which a proof of authenticity (真实性核验) is good.
            authenticity_days: u16,
            /// Kinds of filing that two reviewers must approve (四眼).
            second_review_kinds: Vec<FilingKind>,
            /// Days without action after which an order expires.
            step_days: u16,
            /// Days after which the filer is reminded.
            reminder_days: Vec<u16>,
            /// Days in which a transfer of records (备案转移) must be proven.
            transfer_proof_days: u16,
            /// Days for which the account that holds the records can object to a proven transfer.
            transfer_waiting_days: u16,
        }
        optional {
            /// The addresses that the provider has reported to the regulator as its own (IP 报备).
            address_ranges: Vec<AddressRange>,
            /// Days ahead of which a holder is told that a certificate, a server or a domain expires.
            expiry_notice_days: Vec<u16>,
            /// For how many minutes a reviewer has an order that they took (认领).
            claim_minutes: u16,
            /// After how many hours somebody who did not answer is called again.
            call_again_hours: u16,
            /// From where on something is a signal of a fake filing (虚假备案线索).
            signals: SignalThresholds,
            /// How what was filed is held against the world (备案信息变动); without it nobody looks.
            drift: DriftPolicy,
            /// What the provider sells, and what of it a service can be filed on.
            products: Vec<Product>,
            /// Kinds of resource that a service can be filed on: how rulebooks before `products` said it.
            resource_kinds: Vec<ResourceKind>,
            /// Most services on one resource: likewise.
            resource_max_services: u8,
            /// Most authorization codes (授权码) of one server: likewise.
            authorization_codes_per_server: u8,
        }
    }
}

impl Provider {
    /// Whether an address lies in the provider's own ranges on a day; `None`
    /// while the file states no range for that day.
    pub fn is_own_address(&self, address: IpAddr, day: NaiveDate) -> Option<bool> {
        let ranges = &self.address_ranges.as_ref()?.at(day)?.value;
        (!ranges.is_empty()).then(|| ranges.iter().any(|range| range.contains(address)))
    }
}

/// Up to where things are usual; beyond, a reviewer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignalThresholds {
    /// Most other sponsors with the same telephone, person or address.
    pub shared_sponsors: u8,
    /// Most other sponsors for whom an account files within `account-days`.
    pub account_sponsors: u8,
    /// Days over which an account's sponsors are counted.
    pub account_days: u16,
    /// Days for which a domain counts as new after its holder was verified.
    pub domain_days: u16,
    /// Returned, refused and given-up orders of a sponsor from which on it is told.
    pub setbacks: u8,
}

/// How often records are held against the world, and how politely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DriftPolicy {
    /// In how many days every record is looked at once.
    pub days: u16,
    /// After how many minutes what was seen once is looked at again; only then it counts.
    pub again_minutes: u16,
    /// Most records that are looked at in a minute.
    pub per_minute: u16,
    /// Most that are looked at at the same time.
    pub at_once: u16,
    /// From how many days ahead on the end of a TLS certificate or of a domain's registration is told.
    pub ends_within_days: u16,
}

/// A kind of product, and what it takes to file a service on it (可备案产品).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Product {
    /// Which.
    pub kind: ResourceKind,
    /// Whether a service can be filed on it.
    pub qualifies: Qualifies,
    /// How many services one of it carries; 0 if none can be filed on it.
    #[serde(default)]
    pub services: u32,
    /// How many authorization codes (授权码) its owner may issue.
    #[serde(default)]
    pub codes: u32,
    /// Whose codes; any account's if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes_for: Option<AccountKind>,
    /// Shortest term, renewals included, in months, if it is not that of all products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_months: Option<u8>,
    /// Shortest remaining term in months, if it is not that of all products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months_left: Option<u8>,
    /// From this day on nothing new can be filed on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<NaiveDate>,
    /// Why it does not qualify.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Text>,
}

/// Whether a service can be filed on a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Qualifies {
    /// Yes.
    Itself,
    /// Only if it hands requests to a server that qualifies by itself.
    ThroughServer,
    /// No.
    Never,
}

impl Provider {
    /// What the provider sells on a day; `None` while the file does not tell.
    /// Of a rulebook from before there was a list, it is made of the kinds.
    pub fn products_at(&self, day: NaiveDate) -> Option<Cow<'_, [Product]>> {
        if let Some(products) = &self.products {
            return products.at(day).map(|products| Cow::Borrowed(products.value.as_slice()));
        }
        let kinds = self.resource_kinds.as_ref()?.at(day)?;
        let number = |series: &Option<Series<u8>>| {
            series.as_ref().and_then(|series| series.at(day)).map_or(0, |number| number.value.into())
        };
        let (services, codes) =
            (number(&self.resource_max_services), number(&self.authorization_codes_per_server));
        let products = kinds.value.iter().map(|kind| Product {
            kind: *kind,
            qualifies: Qualifies::Itself,
            services,
            codes: if *kind == ResourceKind::CloudServer { codes } else { 0 },
            codes_for: Some(AccountKind::Enterprise),
            term_months: None,
            months_left: None,
            closed_on: None,
            why: None,
        });
        Some(Cow::Owned(products.collect()))
    }

    /// What a kind of product demands on a day; `None` if the file does not name it.
    pub fn product(&self, kind: ResourceKind, day: NaiveDate) -> Option<Cow<'_, Product>> {
        let is_it = |product: &&Product| product.kind == kind;
        match self.products_at(day)? {
            Cow::Borrowed(all) => all.iter().find(is_it).map(Cow::Borrowed),
            Cow::Owned(all) => all.iter().find(is_it).cloned().map(Cow::Owned),
        }
    }

    /// Where the list of products of a day is from.
    pub(crate) fn products_source(&self, day: NaiveDate) -> Option<Source> {
        match &self.products {
            Some(products) => products.at(day).map(Dated::source),
            None => self.resource_kinds.as_ref()?.at(day).map(Dated::source),
        }
    }
}

impl Product {
    /// Whether anything new can be filed on it on a day.
    pub fn is_open(&self, day: NaiveDate) -> bool {
        self.qualifies != Qualifies::Never && self.closed_on.is_none_or(|closed| day < closed)
    }
}

/// A range of addresses in CIDR notation, for example `192.0.2.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange {
    first: IpAddr,
    length: u32,
}

impl AddressRange {
    /// Whether an address lies in the range. An IPv4 address lies in no range
    /// of IPv6, and the other way round.
    pub fn contains(&self, address: IpAddr) -> bool {
        masked(address, self.length) == Some(self.first) && address.is_ipv4() == self.first.is_ipv4()
    }
}

/// The address with all but its first bits cleared; `None` if it has fewer.
fn masked(address: IpAddr, length: u32) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => {
            let host = 32_u32.checked_sub(length)?;
            let mask = u32::MAX.checked_shl(host).unwrap_or(0);
            Some(IpAddr::V4((address.to_bits() & mask).into()))
        }
        IpAddr::V6(address) => {
            let host = 128_u32.checked_sub(length)?;
            let mask = u128::MAX.checked_shl(host).unwrap_or(0);
            Some(IpAddr::V6((address.to_bits() & mask).into()))
        }
    }
}

impl TryFrom<String> for AddressRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let expected = || {
            format!("expected a range such as 192.0.2.0/24 that begins at its first address, got {text:?}")
        };
        let (first, length) = text.split_once('/').ok_or_else(expected)?;
        let first = first.parse().map_err(|_| expected())?;
        let length = length.parse().map_err(|_| expected())?;
        if masked(first, length) != Some(first) || text != format!("{first}/{length}") {
            return Err(expected());
        }
        Ok(Self { first, length })
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        format!("{}/{}", range.first, range.length)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn range(text: &str) -> Result<AddressRange, String> {
        text.to_owned().try_into()
    }

    #[test]
    fn a_range_ends_where_its_length_says() {
        for (text, inside, outside) in [
            ("192.0.2.0/24", ["192.0.2.0", "192.0.2.255"], ["192.0.1.255", "192.0.3.0"]),
            ("198.51.100.128/25", ["198.51.100.128", "198.51.100.255"], ["198.51.100.127", "198.51.101.128"]),
            ("203.0.113.7/32", ["203.0.113.7", "203.0.113.7"], ["203.0.113.6", "203.0.113.8"]),
            ("2001:db8::/32", ["2001:db8::", "2001:db8:ffff::1"], ["2001:db7:ffff::", "2001:db9::"]),
        ] {
            let range = range(text).unwrap();
            assert_eq!(String::from(range), text);
            for address in inside {
                assert!(range.contains(address.parse().unwrap()), "{address} in {text}");
            }
            for address in outside {
                assert!(!range.contains(address.parse().unwrap()), "{address} not in {text}");
            }
        }
        let everything = range("0.0.0.0/0").unwrap();
        assert!(everything.contains("255.255.255.255".parse().unwrap()));
        assert!(!everything.contains("::1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "192.0.2.0",
            "192.0.2.0/33",
            "192.0.2.1/24",
            "192.0.2.0/-1",
            "192.0.2.0/024",
            "2001:DB8::/32",
            "a/8",
        ] {
            assert!(range(text).is_err(), "{text}");
        }
    }
}
