//! Visiting one address, hop by hop: each is looked at before it is called.

use std::net::{IpAddr, SocketAddr};
use std::sync::PoisonError;

use beian_domain::DomainName;
use beian_rules::BlockPage;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, ClientBuilder, Response, Url, header};

use super::page::{block_address, block_page, clean, decode, title};
use super::{Door, End, MOST_HOPS, Page, Probe, ProbeReach, Read, Vetted, is_below};
use crate::dns::{self, Addresses};
use crate::gateway::{is_public, may_be_public};

/// Most bytes of a page that are read.
const MOST_BYTES: usize = 256 * 1024;
/// Longest address that is kept, in characters.
const LONGEST: usize = 1_000;
/// The ports at which a site may be, beside those of practice.
const PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// Leads to the addresses that were looked at, and nowhere else.
struct Known(Vetted);

impl Resolve for Known {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name.as_str()).cloned();
        Box::pin(async move {
            let found = found.ok_or_else(|| std::io::Error::other("a host that was not looked at"))?;
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

impl Probe {
    /// Tries an address as a visitor would.
    pub(super) async fn visit(
        &self,
        url: Url,
        domain: &DomainName,
        vetted: &Vetted,
        block_pages: &[BlockPage],
    ) -> Door {
        let mut door =
            Door { url: url.to_string(), resolved: Vec::new(), sent_to: Vec::new(), end: End::TimedOut };
        // A little less than the whole look has, so that what was found on the way is not lost with it.
        let limit = self.inner.settings.timeouts.look.mul_f32(0.95);
        if let Ok(end) =
            tokio::time::timeout(limit, self.walk(url, domain, vetted, block_pages, &mut door)).await
        {
            door.end = end;
        }
        door
    }

    async fn walk(
        &self,
        mut url: Url,
        domain: &DomainName,
        vetted: &Vetted,
        block_pages: &[BlockPage],
        door: &mut Door,
    ) -> End {
        let client = match self.client(vetted) {
            Ok(client) => client,
            Err(error) => return End::Broken { reason: format!("no client: {}", clean(&error.to_string())) },
        };
        loop {
            match self.vet(&url, domain.as_ascii(), vetted).await {
                Ok(addresses) if door.sent_to.is_empty() => door.resolved = addresses,
                Ok(_) => {}
                Err(end) => return end,
            }
            let response = match client.get(url.clone()).send().await {
                Ok(response) => response,
                Err(error) => return failure(&error),
            };
            let Some(next) = sent_on(&response, &url) else {
                return self.read(response, &url, block_pages).await;
            };
            let mut next = match next {
                Ok(next) => next,
                Err(reason) => return End::Broken { reason },
            };
            next.set_fragment(None);
            door.sent_to.push(shortened(&next));
            if let Some(by) = block_address(block_pages, &next) {
                return End::BlockPage { by, page: None };
            }
            if door.sent_to.len() > MOST_HOPS {
                return End::TooManyRedirects;
            }
            url = next;
        }
    }

    pub(super) fn client(&self, vetted: &Vetted) -> reqwest::Result<Client> {
        // Nothing secret is sent, and a page behind a wrong certificate is a page all the same.
        self.client_builder(vetted).tls_danger_accept_invalid_certs(true).build()
    }

    /// A client as every look has it; whom it trusts is to be said.
    pub(super) fn client_builder(&self, vetted: &Vetted) -> ClientBuilder {
        Client::builder()
            .connect_timeout(self.inner.settings.timeouts.connect)
            .timeout(self.inner.settings.timeouts.look)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .retry(reqwest::retry::never())
            .http1_only()
            .dns_resolver(Known(vetted.clone()))
            .user_agent(&self.inner.user_agent)
    }

    /// The addresses of a host, if it may be called. Each host is asked for once in a look: what leads to a public
    /// address now and into our network a moment later gains nothing. `own` is the name of what is looked at.
    pub(super) async fn vet(&self, url: &Url, own: &str, vetted: &Vetted) -> Result<Vec<IpAddr>, End> {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(End::NotOfTheWeb { url: shortened(url) });
        };
        let is_own = is_below(host, own);
        let is_web_port = match self.inner.settings.reach {
            ProbeReach::Practice { http, https } if is_own => port == http || port == https,
            _ => PORTS.contains(&port),
        };
        let is_web =
            matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        // The browser's rules have patterns and lists: no name may be read as one.
        let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
        if !is_web || !is_web_port || !is_plain {
            return Err(End::NotOfTheWeb { url: shortened(url) });
        }
        if !may_be_public(host) {
            return Err(End::NotPublic { host: clean(host) });
        }
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = literal.parse() {
            return Ok(vec![address]);
        }
        let known = vetted.lock().unwrap_or_else(PoisonError::into_inner).get(host).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let mut found = match dns::addresses(self.inner.settings.name_server, host).await {
            Addresses::Found(found) => found,
            Addresses::None => return Err(End::NoName),
            Addresses::Unanswered(reason) => return Err(End::NotResolved { reason: clean(&reason) }),
        };
        let is_practice = is_own && self.inner.settings.reach != ProbeReach::Public;
        if found.iter().any(|address| !(is_public(*address) || is_practice && address.is_loopback())) {
            return Err(End::NotPublic { host: clean(host) });
        }
        // What a machine without IPv6 says of such an address would be taken for the site's own answer.
        if found.iter().any(IpAddr::is_ipv4) {
            found.retain(IpAddr::is_ipv4);
        }
        let mut vetted = vetted.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(vetted.entry(host.to_owned()).or_insert(found).clone())
    }

    async fn read(&self, mut response: Response, url: &Url, block_pages: &[BlockPage]) -> End {
        let status = response.status();
        let server = header_of(&response, header::SERVER);
        let (text, bytes, read) = self.text_of(&mut response, MOST_BYTES).await;
        if read == Read::UntilTimeOut && bytes == 0 {
            return End::TimedOut;
        }
        let page = Page {
            status: status.as_u16(),
            url: shortened(url),
            title: title(&text),
            server: server.map(|server| clean(&server)).filter(|server| !server.is_empty()),
            bytes,
            read,
        };
        match block_page(block_pages, page.title.as_deref(), &text, !status.is_success()) {
            Some(by) => End::BlockPage { by, page: Some(page) },
            None => End::Answer { page },
        }
    }

    /// The text of an answer, up to `most` bytes of it, with how many were read and whether that is all.
    pub(super) async fn text_of(&self, response: &mut Response, most: usize) -> (String, usize, Read) {
        let content_type = header_of(response, header::CONTENT_TYPE);
        let mut body = Vec::new();
        // What came so far is judged, too: whoever sends one byte a second serves something all the same.
        let limit = self.inner.settings.timeouts.look.mul_f32(0.5);
        let deadline = tokio::time::sleep(limit);
        tokio::pin!(deadline);
        let read = loop {
            let chunk = tokio::select! {
                chunk = response.chunk() => chunk,
                () = &mut deadline => break Read::UntilTimeOut,
            };
            match chunk {
                Ok(Some(chunk)) => {
                    let room = most - body.len();
                    body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                    if chunk.len() > room || body.len() == most {
                        break Read::UpToTheLimit;
                    }
                }
                Ok(None) => break Read::Whole,
                Err(_) => break Read::UntilItBroke,
            }
        };
        (decode(&body, content_type.as_deref()), body.len(), read)
    }
}

fn header_of(response: &Response, name: header::HeaderName) -> Option<String> {
    response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Where a visitor is sent on to; `None` if to nowhere.
pub(super) fn sent_on(response: &Response, url: &Url) -> Option<Result<Url, String>> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(header::LOCATION)?;
    let text = String::from_utf8_lossy(location.as_bytes());
    Some(url.join(&text).map_err(|error| format!("sent on to no address: {error}")))
}

fn shortened(url: &Url) -> String {
    url.as_str().chars().take(LONGEST).collect()
}

/// Why there was no answer.
pub(super) fn failure(error: &reqwest::Error) -> End {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<std::io::Error>() {
            match error.kind() {
                std::io::ErrorKind::ConnectionRefused => return End::Refused,
                std::io::ErrorKind::TimedOut => return End::TimedOut,
                _ => {}
            }
        }
        source = cause.source();
    }
    if error.is_timeout() {
        return End::TimedOut;
    }
    let mut reason = String::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        reason = cause.to_string();
        source = cause.source();
    }
    End::Broken { reason: clean(&reason) }
}
