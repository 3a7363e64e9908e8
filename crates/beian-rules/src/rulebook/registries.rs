//! Registries (域名注册管理机构): who knows until when a domain is registered.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use beian_domain::DomainName;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Series;
use super::file::rulebook_file;
use super::suffixes::is_suffix;

rulebook_file! {
    /// Who can be asked about domains.
    pub struct Registries {
        plain {}
        series {
            /// Which RDAP service answers for which suffixes.
            rdap_services: RdapServices,
        }
    }
}

impl Registries {
    /// The RDAP service of a domain's registry on a day; `None` if none is known.
    ///
    /// The suffix must be that of the table, not end with one of it (as RFC 9224 has it): below `uk.com`, which somebody
    /// else runs, the registry of `com` knows nobody, and its "not found" would say nothing of the domain.
    pub fn rdap_service(&self, domain: &DomainName, day: NaiveDate) -> Option<&RdapBase> {
        let services = &self.rdap_services.at(day)?.value.0;
        services
            .iter()
            .find(|service| service.suffixes.iter().any(|suffix| suffix == domain.suffix()))
            .map(|service| &service.base)
    }
}

/// The services of a day; no suffix stands there twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<RdapService>")]
pub struct RdapServices(Vec<RdapService>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RdapService {
    suffixes: Vec<String>,
    base: RdapBase,
}

impl TryFrom<Vec<RdapService>> for RdapServices {
    type Error = String;

    fn try_from(services: Vec<RdapService>) -> Result<Self, String> {
        let mut known = BTreeSet::new();
        for suffix in services.iter().flat_map(|service| &service.suffixes) {
            // Domains know their suffix as people write it: in ASCII it would never be found.
            if !is_suffix(suffix) || suffix.split('.').any(|label| label.starts_with("xn--")) {
                return Err(format!(
                    "expected a suffix in lower case, in its own script, without a dot in front, got {suffix:?}"
                ));
            }
            if !known.insert(suffix) {
                return Err(format!("expected each suffix once, got {suffix:?} twice"));
            }
        }
        Ok(Self(services))
    }
}

/// The address of an RDAP service, before `domain/`: https, and a slash at its end (RFC 9224, 5.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RdapBase(String);

impl RdapBase {
    /// Longest address, in bytes.
    const LONGEST: usize = 200;

    /// It as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RdapBase {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte);
        let host_and_path = text.strip_prefix("https://").filter(|rest| {
            rest.ends_with('/') && !rest.starts_with(['/', ':']) && rest.bytes().all(is_plain)
        });
        match host_and_path {
            Some(_) if text.len() <= Self::LONGEST => Ok(Self(text)),
            _ => Err(format!(
                "expected an address that begins with https:// and ends with a slash, of at most {} bytes, got {text:?}",
                Self::LONGEST
            )),
        }
    }
}

impl From<RdapBase> for String {
    fn from(base: RdapBase) -> Self {
        base.0
    }
}

impl fmt::Display for RdapBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::Rulebook;

    #[test]
    fn a_domain_is_asked_for_where_its_own_suffix_is_registered() {
        let rulebook = Rulebook::bundled().unwrap();
        let service = |domain: &str, day: &str| {
            let registries = rulebook.registries().unwrap();
            let base = registries.rdap_service(&domain.parse().unwrap(), day.parse().unwrap());
            base.map(ToString::to_string)
        };
        let now = "2026-11-22";
        for (domain, base) in [
            ("xizuo.com", Some("https://rdap.verisign.com/com/v1/")),
            ("xizuo.net", Some("https://rdap.verisign.com/net/v1/")),
            ("xizuo.org", Some("https://rdap.publicinterestregistry.org/rdap/")),
            ("习作.公司", Some("https://restwhois.ngtld.cn/")),
            ("习作.top", Some("https://rdap.zdnsgtld.com/top/")),
            ("xizuo.cn", None),
            ("xizuo.com.cn", None),
            ("习作.中国", None),
            // A suffix of its own, by a company.
            ("xizuo.uk.com", None),
        ] {
            assert_eq!(service(domain, now).as_deref(), base, "{domain}");
        }
        assert_eq!(service("xizuo.com", "2026-06-25"), None, "before the list was published");
    }

    #[test]
    fn what_is_no_suffix_or_stands_twice_is_refused() {
        let services = |suffixes: &[&str]| {
            let base = RdapBase::try_from("https://rdap.example.com/".to_owned()).unwrap();
            let suffixes = suffixes.iter().map(|suffix| suffix.to_string()).collect();
            RdapServices::try_from(vec![RdapService { suffixes, base }])
        };
        assert!(services(&["com", "com.cn", "网址"]).is_ok());
        for suffixes in
            [&[""][..], &[".com"], &["COM"], &["xn--ses554g"], &["a.xn--ses554g"], &["com", "com"]]
        {
            assert!(services(suffixes).is_err(), "{suffixes:?}");
        }
    }

    #[test]
    fn what_is_no_base_is_refused() {
        let base = |text: &str| RdapBase::try_from(text.to_owned());
        assert!(
            base("https://rdap.example.com/").is_ok() && base("https://rdap.example.com:8443/v1/").is_ok()
        );
        for text in [
            "",
            "https://",
            "https:///v1/",
            "http://rdap.example.com/",
            "https://rdap.example.com",
            "https://rdap.example.com/?q=/",
            "https://a@rdap.example.com/",
            "https://rdap.example.com/a b/",
            "ftp://rdap.example.com/",
        ] {
            assert!(base(text).is_err(), "{text}");
        }
        assert!(base(&format!("https://rdap.example.com/{}/", "a".repeat(200))).is_err());
    }
}
