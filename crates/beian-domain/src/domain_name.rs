//! Domain names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A registrable domain name (域名): one label below a public suffix, which is
/// what a filing is made for. Both spellings are kept; the ASCII one decides
/// equality.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DomainName(Host);

/// A host name in its two spellings.
#[derive(Debug, Clone)]
struct Host {
    ascii: String,
    /// Where it differs from the other.
    unicode: Option<String>,
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
        let host = Host::read(text)?;
        let below = host.ascii.len() - host.registrable()?.len();
        Self::of_length(if below == 0 { host } else { host.ending(below) })
    }

    /// The name in ASCII, lower case, without a final dot (A-labels).
    pub fn as_ascii(&self) -> &str {
        &self.0.ascii
    }

    /// The name as its owner writes it (U-labels).
    pub fn as_unicode(&self) -> &str {
        self.0.as_unicode()
    }

    /// The public suffix (域名后缀) in Unicode, for example `com.cn` or `中国`.
    pub fn suffix(&self) -> &str {
        self.as_unicode().split_once('.').map_or("", |(_, suffix)| suffix)
    }

    /// The last label in Unicode: the top-level domain (顶级域).
    pub fn top_level(&self) -> &str {
        self.as_unicode().rsplit_once('.').map_or("", |(_, top)| top)
    }

    /// The label that its owner chose, in Unicode.
    pub fn label(&self) -> &str {
        self.as_unicode().split_once('.').map_or(self.as_unicode(), |(label, _)| label)
    }

    fn of_length(host: Host) -> Result<Self, DomainNameError> {
        if (4..=128).contains(&host.ascii.len()) {
            Ok(Self(host))
        } else {
            Err(DomainNameError::Length { got: host.ascii.len() })
        }
    }
}

impl FromStr for DomainName {
    type Err = DomainNameError;

    fn from_str(text: &str) -> Result<Self, DomainNameError> {
        let host = Host::read(text)?;
        let below = host.ascii.len() - host.registrable()?.len();
        if below > 0 {
            let registrable = host.ending(below).into_unicode();
            return Err(DomainNameError::Subdomain { registrable, got: host.into_unicode() });
        }
        Self::of_length(host)
    }
}

impl Host {
    /// The host of a host name or web address.
    fn read(text: &str) -> Result<Self, DomainNameError> {
        if is_plain(text) {
            return Ok(Self { ascii: text.to_owned(), unicode: None });
        }
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
        if is_plain(host) {
            return Ok(Self { ascii: host.to_owned(), unicode: None });
        }
        // Without a dot it is none, whatever else it has: the name of a service,
        // for one, which is read to see whether it is a domain.
        if host.len() > 512 || !host.contains(DOTS) {
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
        Ok(Self { unicode: (unicode != ascii).then_some(unicode), ascii })
    }

    /// The registrable domain, an ending of the name in ASCII.
    fn registrable(&self) -> Result<&str, DomainNameError> {
        psl::domain_str(&self.ascii)
            .ok_or_else(|| DomainNameError::PublicSuffix { suffix: self.as_unicode().to_owned() })
    }

    /// What stands behind the first bytes of the name in ASCII.
    fn ending(&self, first: usize) -> Self {
        let ascii = self.ascii[first..].to_owned();
        let unicode = self.unicode.as_ref().map(|_| idna::domain_to_unicode(&ascii).0);
        Self { unicode: unicode.filter(|unicode| *unicode != ascii), ascii }
    }

    fn as_unicode(&self) -> &str {
        self.unicode.as_deref().unwrap_or(&self.ascii)
    }

    fn into_unicode(self) -> String {
        self.unicode.unwrap_or(self.ascii)
    }
}

/// What UTS 46 takes for the dot between two labels.
const DOTS: [char; 4] = ['.', '。', '．', '｡'];

/// Whether a text is a host name that IDNA (UTS 46) leaves as it is, as nearly
/// all are: lower case ASCII, of at least two labels, and no address.
fn is_plain(host: &str) -> bool {
    let is_label = |label: &[u8]| {
        let edge = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b'-');
        label.len() <= 63
            && edge(label.first())
            && edge(label.last())
            && label.get(2..4) != Some(b"--")
            && label.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    host.len() <= 253
        && host.contains('.')
        && host.ends_with(|last: char| last.is_ascii_lowercase())
        && host.as_bytes().split(|byte| *byte == b'.').all(is_label)
}

impl PartialEq for DomainName {
    fn eq(&self, other: &Self) -> bool {
        self.as_ascii() == other.as_ascii()
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
        self.as_ascii().cmp(other.as_ascii())
    }
}

impl std::hash::Hash for DomainName {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_ascii().hash(state);
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_unicode())
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
        name.0.ascii
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

    /// The long way, which every host went before there was a short one.
    fn read_at_length(text: &str) -> Result<DomainName, DomainNameError> {
        let syntax = || DomainNameError::Syntax { got: text.chars().take(80).collect() };
        if text.parse::<std::net::IpAddr>().is_ok() {
            return Err(DomainNameError::Address { got: text.chars().take(60).collect() });
        }
        let host = text.strip_suffix('.').unwrap_or(text);
        let ascii = idna::domain_to_ascii_strict(host).map_err(|_| syntax())?;
        let (unicode, shown) = idna::domain_to_unicode(&ascii);
        if shown.is_err() || !ascii.contains('.') || ascii.split('.').any(str::is_empty) {
            return Err(syntax());
        }
        let Some(registrable) = psl::domain_str(&ascii) else {
            return Err(DomainNameError::PublicSuffix { suffix: unicode });
        };
        if registrable.len() != ascii.len() {
            let (registrable, _) = idna::domain_to_unicode(registrable);
            return Err(DomainNameError::Subdomain { registrable, got: unicode });
        }
        if !(4..=128).contains(&ascii.len()) {
            return Err(DomainNameError::Length { got: ascii.len() });
        }
        Ok(DomainName(Host { unicode: Some(unicode), ascii }))
    }

    fn spellings(read: Result<DomainName, DomainNameError>) -> Result<(String, String), DomainNameError> {
        read.map(|name| (name.as_ascii().to_owned(), name.as_unicode().to_owned()))
    }

    fn assert_both_ways_agree(host: &str) {
        let long = spellings(read_at_length(host));
        assert_eq!(spellings(host.parse()), long, "{host:?}");
        let expected = match long {
            Err(DomainNameError::Subdomain { registrable, .. }) => spellings(read_at_length(&registrable)),
            other => other,
        };
        assert_eq!(spellings(DomainName::from_host(host)), expected, "{host:?}");
    }

    #[test]
    fn the_short_way_ends_where_the_long_one_does_for_odd_hosts() {
        let long = "a".repeat(63);
        let longest = format!("{long}.{long}.{long}.{}.cn", "a".repeat(58));
        let name_of_129 = format!("{long}.{}.cn", "b".repeat(62));
        for host in [
            "lizi.cn",
            "www.lizi.com.cn",
            "com.cn",
            "cn",
            "a.cn",
            "a.b",
            "-a.cn",
            "a-.cn",
            "ab--c.cn",
            "a--b.cn",
            "xn--fsqu00a.cn",
            "xn--fsqu00a.xn--fiqs8s",
            "www.xn--fsqu00a.xn--fiqs8s",
            "xn--a.cn",
            "xn--.cn",
            "例子.中国",
            "www.例子.中国",
            "例子.cn",
            "LIZI.cn",
            "lizi.cn.",
            "lizi.cn..",
            ".lizi.cn",
            "li zi.cn",
            "1.2.3.4",
            "1.2.3.4a",
            "1.2.3",
            "a.1",
            "0x7f.1",
            "a_b.cn",
            "lizi。cn",
            "lizi．cn",
            "ﬀ.cn",
            "ß.cn",
            "א1.cn",
            "1א.cn",
            "a\u{200D}b.cn",
            "\u{AD}lizi.cn",
            "",
            ".",
            "习作科技",
            "ck",
            "www.ck",
            "a.www.ck",
            "b.ck",
            "a.b.ck",
            "lizi.github.io",
            "github.io",
            "lizi.unknown-top",
            &longest,
            &format!("a{longest}"),
            &name_of_129,
            &format!("{long}a.cn"),
            &format!("{long}.cn"),
        ] {
            assert_both_ways_agree(host);
        }
    }

    #[test]
    fn only_a_dot_is_read_as_one() {
        for character in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let has_dot =
                idna::domain_to_ascii_strict(&format!("a{character}cn")).is_ok_and(|a| a.contains('.'));
            assert!(!has_dot || DOTS.contains(&character), "{character:?}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(2_000))]

        #[test]
        fn the_short_way_ends_where_the_long_one_does(
            labels in proptest::collection::vec("[a-z0-9-]{0,6}|[a-zA-Z0-9_例א-]{0,4}|xn--[a-z0-9]{0,8}|[a-z]{60,65}", 0..4),
            top in "(com\\.|gov\\.)?(cn|com|ck|io)|[a-z]{2}|[a-z0-9-]{1,3}|中国|",
        ) {
            assert_both_ways_agree(&format!("{}.{top}", labels.join(".")));
            assert_both_ways_agree(&format!("{}{top}", labels.join(".")));
        }
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
