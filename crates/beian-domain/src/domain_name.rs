//! Domain names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A registrable domain name (域名): one label below a public suffix, which is
/// what a filing is made for. Both spellings are kept; the ASCII one decides
/// equality.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DomainName {
    ascii: String,
    unicode: String,
}

/// Why a text is not a domain name that can be filed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainNameError {
    /// Not a domain name at all.
    #[error("expected a domain name such as example.cn, got {got:?}")]
    Syntax {
        /// What was given.
        got: String,
    },
    /// An address instead of a name.
    #[error("expected a domain name, got the address {got}")]
    Address {
        /// The address.
        got: String,
    },
    /// A public suffix such as `com.cn`, under which names are registered.
    #[error("expected a name under {suffix}, got the public suffix itself")]
    PublicSuffix {
        /// The suffix.
        suffix: String,
    },
    /// A name below the registrable domain: it is covered by that one's filing.
    #[error("expected the registrable domain {registrable}, got the host name {got} below it")]
    Subdomain {
        /// The registrable domain, which is what is filed.
        registrable: String,
        /// What was given.
        got: String,
    },
    /// The interface takes 4 to 128 characters.
    #[error("expected 4 to 128 characters, got {got}")]
    Length {
        /// The length.
        got: usize,
    },
}

impl DomainName {
    /// Reads a host name or web address and answers with its registrable
    /// domain: for people who paste `https://www.example.cn/index.html`.
    pub fn from_host(text: &str) -> Result<Self, DomainNameError> {
        match text.parse() {
            Err(DomainNameError::Subdomain { registrable, .. }) => registrable.parse(),
            other => other,
        }
    }

    /// The name in ASCII, lower case, without a final dot (A-labels).
    pub fn as_ascii(&self) -> &str {
        &self.ascii
    }

    /// The name as its owner writes it (U-labels).
    pub fn as_unicode(&self) -> &str {
        &self.unicode
    }

    /// The public suffix (域名后缀) in Unicode, for example `com.cn` or `中国`.
    pub fn suffix(&self) -> &str {
        self.unicode.split_once('.').map_or("", |(_, suffix)| suffix)
    }

    /// The last label in Unicode: the top-level domain (顶级域).
    pub fn top_level(&self) -> &str {
        self.unicode.rsplit_once('.').map_or("", |(_, top)| top)
    }

    /// The label that its owner chose, in Unicode.
    pub fn label(&self) -> &str {
        self.unicode.split_once('.').map_or(self.unicode.as_str(), |(label, _)| label)
    }
}

impl FromStr for DomainName {
    type Err = DomainNameError;

    fn from_str(text: &str) -> Result<Self, DomainNameError> {
        let syntax = || DomainNameError::Syntax { got: text.chars().take(80).collect() };
        let without_scheme = text.trim().split_once("://").map_or(text.trim(), |(_, rest)| rest);
        let host = without_scheme.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        if host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok() {
            return Err(DomainNameError::Address { got: host.chars().take(60).collect() });
        }
        let host = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            Some(_) => return Err(syntax()),
            None => host,
        };
        if host.parse::<std::net::Ipv4Addr>().is_ok() {
            return Err(DomainNameError::Address { got: host.to_owned() });
        }
        let host = host.strip_suffix('.').unwrap_or(host);
        if host.len() > 512 {
            return Err(syntax());
        }
        let ascii = idna::domain_to_ascii_strict(host).map_err(|_| syntax())?;
        let (unicode, shown) = idna::domain_to_unicode(&ascii);
        if shown.is_err()
            || !ascii.contains('.')
            || ascii.split('.').any(|label| label.is_empty() || label.contains('_'))
        {
            return Err(syntax());
        }
        let registrable = match psl::domain_str(&ascii) {
            Some(registrable) => registrable,
            None => return Err(DomainNameError::PublicSuffix { suffix: unicode }),
        };
        if registrable.len() != ascii.len() {
            let (registrable, _) = idna::domain_to_unicode(registrable);
            return Err(DomainNameError::Subdomain { registrable, got: unicode });
        }
        if !(4..=128).contains(&ascii.len()) {
            return Err(DomainNameError::Length { got: ascii.len() });
        }
        Ok(Self { ascii, unicode })
    }
}

impl PartialEq for DomainName {
    fn eq(&self, other: &Self) -> bool {
        self.ascii == other.ascii
    }
}

impl Eq for DomainName {}

impl PartialOrd for DomainName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DomainName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.ascii.cmp(&other.ascii)
    }
}

impl std::hash::Hash for DomainName {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.ascii.hash(state);
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.unicode)
    }
}

impl TryFrom<String> for DomainName {
    type Error = DomainNameError;

    fn try_from(text: String) -> Result<Self, DomainNameError> {
        text.parse()
    }
}

impl From<DomainName> for String {
    fn from(name: DomainName) -> Self {
        name.ascii
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_two_spellings() {
        let name: DomainName = "例子.中国".parse().unwrap();
        assert_eq!(name.as_ascii(), "xn--fsqu00a.xn--fiqs8s");
        assert_eq!(name, "XN--FSQU00A.xn--fiqs8s.".parse().unwrap());
        assert_eq!((name.label(), name.suffix(), name.top_level()), ("例子", "中国", "中国"));
        let name: DomainName = "lizi.com.cn".parse().unwrap();
        assert_eq!((name.suffix(), name.top_level()), ("com.cn", "cn"));
    }

    #[test]
    fn what_cannot_be_filed_is_told_apart() {
        assert!(matches!("http://www.lizi.com.cn/a?b".parse::<DomainName>(),
            Err(DomainNameError::Subdomain { registrable, .. }) if registrable == "lizi.com.cn"));
        assert!(matches!("com.cn".parse::<DomainName>(), Err(DomainNameError::PublicSuffix { .. })));
        assert!(matches!("203.0.113.7".parse::<DomainName>(), Err(DomainNameError::Address { .. })));
        assert!(matches!("[2001:db8::1]:80".parse::<DomainName>(), Err(DomainNameError::Address { .. })));
        for wrong in ["", "localhost", "a b.cn", "-a.cn", "a..cn", "exa_mple.cn", "a:b.cn"] {
            assert!(matches!(wrong.parse::<DomainName>(), Err(DomainNameError::Syntax { .. })), "{wrong}");
        }
        assert_eq!(DomainName::from_host("https://www.lizi.com.cn:8443/").unwrap().as_ascii(), "lizi.com.cn");
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic_and_what_it_accepts_is_stable(text in ".{0,60}") {
            if let Ok(name) = text.parse::<DomainName>() {
                proptest::prop_assert_eq!(name.as_ascii().parse::<DomainName>().unwrap(), name.clone());
                proptest::prop_assert_eq!(name.as_unicode().parse::<DomainName>().unwrap(), name);
            }
        }
    }
}
