//! Which addresses a webhook may go to. Whoever may name an address that we call could otherwise
//! have us call the machines of our own network (SSRF).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// How far webhooks reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookReach {
    /// To `https` at public addresses alone.
    Public,
    /// To `http`, and to addresses of this machine and its network too: for practice.
    Anywhere,
}

/// Why an address of a webhook is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// It is not an address of the web.
    #[error("expected an address such as https://example.com/hook, of at most {LONGEST} characters")]
    Form,
    /// It is not encrypted.
    #[error("expected an address that begins with https")]
    Scheme,
    /// It carries a name or password.
    #[error("expected an address without user name and password")]
    Credentials,
    /// It is in a network that is not public.
    #[error("expected a public address, got one of this machine or of a private network")]
    NotPublic,
    /// There are as many as there may be.
    #[error("expected at most {most} endpoints")]
    TooMany {
        /// How many there may be.
        most: usize,
    },
}

/// Longest address, in characters.
pub(crate) const LONGEST: usize = 1_000;

/// The address, if a webhook may be kept there. What a name leads to is looked at again at every
/// call, when it is resolved.
pub(crate) fn check(text: &str, reach: WebhookReach) -> Result<Url, WebhookRefusal> {
    let text = text.trim();
    if text.len() > LONGEST || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(WebhookRefusal::Form);
    }
    // The parser knows the many ways to write a number: 2130706433, 0x7f.1, 127.1 are 127.0.0.1.
    let mut url = Url::parse(text).map_err(|_| WebhookRefusal::Form)?;
    match (url.scheme(), reach) {
        ("https", _) | ("http", WebhookReach::Anywhere) => {}
        ("http", WebhookReach::Public) => return Err(WebhookRefusal::Scheme),
        _ => return Err(WebhookRefusal::Form),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(WebhookRefusal::Credentials);
    }
    let host = url.host_str().ok_or(WebhookRefusal::Form)?;
    if reach == WebhookReach::Public && !may_be_public(host) {
        return Err(WebhookRefusal::NotPublic);
    }
    url.set_fragment(None);
    Ok(url)
}

/// Whether a host is a name, or a public address.
pub(crate) fn may_be_public(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = literal.parse::<IpAddr>() {
        return is_public(address);
    }
    let is_local = |suffix: &str| host == suffix || host.ends_with(&format!(".{suffix}"));
    host.contains('.') && !["localhost", "local", "internal", "localdomain"].into_iter().any(is_local)
}

/// Whether an address is one of the public internet.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        // This network (RFC 791), shared between carrier and customer (RFC 6598), protocols
        // (RFC 6890), the relay of 6to4, measurements (RFC 2544), reserved.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // Translated addresses carry one of IPv4: NAT64 (RFC 6052) and 6to4 (RFC 3056).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Teredo, ORCHID and documentation.
        [0x2001, 0..0x200, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..0x1000, ..] => false,
        // Of the whole space, only this part is given out to the public.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// A name leads to an address that is not public.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
pub(crate) struct NotPublic;

/// Resolves names, but to public addresses alone. The connection is made to the very addresses
/// that were looked at, so that an answer that changes in between changes nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reachable;

impl Resolve for Reachable {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| !is_public(address.ip())) {
                return Err(NotPublic.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn addresses_of_our_own_network_are_refused_however_they_are_written() {
        for text in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://0/",
            "https://10.0.0.1/",
            "https://172.16.0.1/",
            "https://192.168.1.1:8443/hook",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://[::127.0.0.1]/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://metadata.google.internal/",
            "https://printer.local/",
            "https://intranet/",
            "https://255.255.255.255/",
            "https://224.0.0.1/",
            "https://１２７.0.0.1/",
        ] {
            assert_eq!(check(text, WebhookReach::Public), Err(WebhookRefusal::NotPublic), "{text}");
            assert!(check(text, WebhookReach::Anywhere).is_ok(), "{text} is for practice");
        }
    }

    #[test]
    fn only_encrypted_addresses_of_the_web_are_taken() {
        let refusal = |text: &str| check(text, WebhookReach::Public).unwrap_err();
        assert_eq!(refusal("http://example.com/"), WebhookRefusal::Scheme);
        assert_eq!(refusal("https://user:password@example.com/"), WebhookRefusal::Credentials);
        for text in [
            "",
            "example.com",
            "file:///etc/passwd",
            "gopher://example.com/",
            "javascript:alert(1)",
            "https://",
            "https://exa mple.com/",
            "https://example.com/\r\nHost: a",
        ] {
            assert_eq!(refusal(text), WebhookRefusal::Form, "{text:?}");
        }
        assert_eq!(refusal(&format!("https://example.com/{}", "a".repeat(LONGEST))), WebhookRefusal::Form);
        for text in ["https://example.com/hook?a=b#c", "https://1.1.1.1/", "https://[2606:4700::1111]:8443/"]
        {
            assert!(check(text, WebhookReach::Public).unwrap().fragment().is_none(), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_resolved() {
        let answer = Reachable.resolve("localhost".parse().unwrap()).await;
        let error = answer.err().unwrap();
        assert!(error.downcast_ref::<NotPublic>().is_some(), "{error}");
    }
}
