//! The provider's own policy (接入商自定).

use std::collections::BTreeMap;
use std::net::IpAddr;

use beian_domain::{FilingKind, ResourceKind};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Series;
use super::file::rulebook_file;

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
            /// Kinds of resource that a service can be filed on.
            resource_kinds: Vec<ResourceKind>,
            /// Shortest term of a resource, renewals included, in months.
            resource_term_months: u8,
            /// Shortest remaining term of a resource, in months.
            resource_months_left: u8,
            /// Most services on one resource.
            resource_max_services: u8,
            /// Most authorization codes (授权码) of one server.
            authorization_codes_per_server: u8,
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
