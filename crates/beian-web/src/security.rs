//! What protects pages: tokens, limits, headers.

use std::net::{IpAddr, SocketAddr};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use futures_util::StreamExt;

use crate::error::Problem;
use crate::visit::{SESSION_COOKIE, Visit};

/// How much of a body that is too large is still read. A browser that is cut
/// off while it sends shows its own error instead of our page.
const DRAIN_LIMIT: usize = 64 * 1024 * 1024;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read_body(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut stream = body.into_data_stream();
    let mut kept = Vec::new();
    let mut seen = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::Unreadable)?;
        seen = seen.saturating_add(chunk.len());
        if seen > DRAIN_LIMIT {
            break;
        }
        if seen <= limit {
            kept.extend_from_slice(&chunk);
        } else if !kept.is_empty() {
            kept = Vec::new();
        }
    }
    if seen > limit { Err(Problem::TooLarge { limit }) } else { Ok(kept.into()) }
}

/// Fails unless the form carries the token of the session, however far that has come.
pub(crate) fn check_token(visit: &Visit, token: &str) -> Result<(), Problem> {
    if visit.underway.is_none() {
        visit.signed_in()?;
    }
    if same_bytes(visit.csrf().as_bytes(), token.as_bytes()) { Ok(()) } else { Err(Problem::Token) }
}

/// Compares in a time that tells nothing but the length.
fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && !a.is_empty() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

/// Whether the browser says that a form was sent from another site. It is a
/// second guard beside the token, and the only one of the forms that come
/// before there is a session.
pub(crate) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, from)| from != host),
        _ => false,
    }
}

/// By which address a visitor is told from others where how often is limited.
///
/// A proxy on this very machine says for whom it asks, in the last entry of
/// `X-Forwarded-For`, which it writes itself; from anywhere else the header is a
/// visitor's own word and counts for nothing. Of an IPv6 address the network
/// counts: a visitor has all the addresses of one.
pub(crate) fn address(request: &Request) -> String {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let forwarded = || {
        let last = request.headers().get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
    };
    let visitor = match peer {
        Some(peer) if peer.to_canonical().is_loopback() => forwarded().unwrap_or(peer),
        Some(peer) => peer,
        None => return "nowhere".to_owned(),
    };
    match visitor.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

/// Puts the headers on an answer that every answer has.
pub(crate) fn put_headers(headers: &mut HeaderMap) {
    let all: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in all {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Whatever a page says of a person stays out of every cache.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// The cookie that begins a session, or, without a token, ends it.
pub(crate) fn session_cookie(visit: &Visit, token: Option<&str>) -> String {
    let secure = if visit.config.public_url.starts_with("https:") { "; Secure" } else { "" };
    match token {
        Some(token) => format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{secure}"),
        None => format!("{SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}"),
    }
}

/// The cookie that says for which account somebody works; what it says is held
/// against their memberships at every request.
pub(crate) const WORK_COOKIE: &str = "beian_work";

/// The cookie's header: for an account, or for one's own again.
pub(crate) fn work_cookie(visit: &Visit, account: Option<&str>) -> String {
    let secure = if visit.config.public_url.starts_with("https:") { "; Secure" } else { "" };
    match account {
        Some(account) => format!("{WORK_COOKIE}={account}; Path=/; HttpOnly; SameSite=Lax{secure}"),
        None => format!("{WORK_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn tokens_are_compared_whole_and_nothing_equals_nothing() {
        assert!(same_bytes(b"abc", b"abc"));
        assert!(!same_bytes(b"abc", b"abd") && !same_bytes(b"abc", b"ab") && !same_bytes(b"", b""));
    }

    #[test]
    fn a_visitor_is_known_by_an_address_that_they_cannot_choose() {
        let from = |peer: &str, forwarded: Option<&str>| {
            let mut request = Request::new(Body::empty());
            request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
            if let Some(forwarded) = forwarded {
                request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
            }
            address(&request)
        };
        assert_eq!(from("203.0.113.7:4711", None), "203.0.113.7");
        assert_eq!(from("203.0.113.7:4711", Some("198.51.100.1")), "203.0.113.7", "their own word");
        assert_eq!(from("127.0.0.1:4711", Some("6.6.6.6, 198.51.100.1")), "198.51.100.1");
        assert_eq!(from("127.0.0.1:4711", Some("nonsense")), "127.0.0.1");
        assert_eq!(from("[::ffff:203.0.113.7]:1", None), "203.0.113.7");
        let network = from("[2001:db8:1:2:3:4:5:6]:1", None);
        assert_eq!(network, from("[2001:db8:1:2:ffff::1]:1", None));
        assert_ne!(network, from("[2001:db8:1:3::1]:1", None));
    }

    #[tokio::test]
    async fn a_body_is_read_to_its_limit() {
        let within = read_body(Body::from(vec![7; 100]), 100).await.unwrap();
        assert_eq!(within.len(), 100);
        let beyond = read_body(Body::from(vec![7; 101]), 100).await;
        assert_eq!(beyond.unwrap_err(), Problem::TooLarge { limit: 100 });
    }
}
