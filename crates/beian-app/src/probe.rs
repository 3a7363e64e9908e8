//! Looking whether visitors reach a site, as a reviewer would by typing its name.
//!
//! Everything that answers belongs to whoever holds the domain. They must not be able to have us call our own network
//! ([`ProbeReach`]), keep us waiting, fill our memory, or run a script: a page is fetched by us to be judged
//! ([`door`]), and shown by a browser that can reach nothing but the addresses that were looked at ([`screenshot`]).

mod certificate;
mod desk;
mod door;
mod home;
mod page;
mod registry;
mod screenshot;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use beian_domain::{Clock, DomainName};
use beian_rules::{BlockPage, SiteState};
use chrono::{DateTime, Utc};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::{GatewayError, NameServer};

pub use certificate::SiteAuthorities;
pub use desk::SiteReport;
pub(crate) use page::clean;
pub use screenshot::{Chromium, ChromiumSandbox, Screenshot, WhyNone};

/// How many sites are looked at at the same time.
const AT_ONCE: usize = 2;
/// Most times that a visitor is sent on.
const MOST_HOPS: usize = 3;

/// How far a look reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeReach {
    /// To public addresses, at the ports of the web.
    Public,
    /// For practice: what is looked at itself, a site or a registry, may be on this machine, at these ports; nothing else
    /// may.
    Practice {
        /// In the place of 80.
        http: u16,
        /// In the place of 443.
        https: u16,
    },
}

/// How long a look may take.
#[derive(Debug, Clone, Copy)]
pub struct ProbeTimeouts {
    /// Until there is a connection.
    pub connect: Duration,
    /// For everything but the picture.
    pub look: Duration,
    /// For the picture; then the browser is ended.
    pub screenshot: Duration,
}

impl Default for ProbeTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(4),
            look: Duration::from_secs(10),
            screenshot: Duration::from_secs(15),
        }
    }
}

/// How sites are looked at.
#[derive(Debug, Clone)]
pub struct ProbeSettings {
    /// Whom to ask where a name leads.
    pub name_server: NameServer,
    /// How far it goes.
    pub reach: ProbeReach,
    /// How long it takes.
    pub timeouts: ProbeTimeouts,
    /// The browser that takes the picture, if there is one.
    pub chromium: Option<Chromium>,
    /// Who may have issued the certificate of a site or a registry.
    pub authorities: SiteAuthorities,
    /// Where the owner of a site can read who has called, for example the portal's address.
    pub about_us: String,
}

/// Looks at sites. Cheap to clone.
#[derive(Clone)]
pub struct Probe {
    inner: Arc<Inner>,
}

struct Inner {
    settings: ProbeSettings,
    user_agent: String,
    clock: Arc<dyn Clock>,
    slots: Semaphore,
    /// Registries that gave no answer, and until when they are left alone.
    resting: Mutex<BTreeMap<String, DateTime<Utc>>>,
}

/// What a look at a site showed.
#[derive(Debug)]
pub struct SiteLook {
    /// When.
    pub at: DateTime<Utc>,
    /// What was seen, one way in after the other: never empty.
    pub doors: Vec<Door>,
    /// Whether visitors reach it.
    pub state: SiteState,
    /// The picture, or why there is none.
    pub screenshot: Result<Screenshot, WhyNone>,
    because: usize,
}

impl SiteLook {
    /// The door by which it was decided.
    pub fn because(&self) -> &Door {
        &self.doors[self.because]
    }
}

/// One address at which visitors may try a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// The address.
    pub url: String,
    /// Where its name leads.
    pub resolved: Vec<IpAddr>,
    /// Where visitors are sent from there, one after the other.
    pub sent_to: Vec<String>,
    /// How it ended.
    pub end: End,
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum End {
    /// The name leads nowhere.
    NoName,
    /// Where the name leads is not known.
    NotResolved {
        /// What the name server said.
        reason: String,
    },
    /// It leads into a network that is not public: it was not called.
    NotPublic {
        /// The host.
        host: String,
    },
    /// It leads to a port, or by a scheme, that is not one of the web: it was not called.
    NotOfTheWeb {
        /// The address.
        url: String,
    },
    /// Nobody listens there.
    Refused,
    /// There was no answer in time.
    TimedOut,
    /// The connection broke, or what came was no answer.
    Broken {
        /// What broke.
        reason: String,
    },
    /// It goes on and on.
    TooManyRedirects,
    /// A provider's page in its place (未备案拦截页).
    BlockPage {
        /// Whose page, in Chinese.
        by: String,
        /// The page; none if visitors were to be sent to one that was not called.
        page: Option<Page>,
    },
    /// An answer.
    Answer {
        /// What came.
        page: Page,
    },
}

/// What came as an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Its status.
    pub status: u16,
    /// Where it came from.
    pub url: String,
    /// Its title, in one short line.
    pub title: Option<String>,
    /// What the server calls itself.
    pub server: Option<String>,
    /// How many bytes of it were read.
    pub bytes: usize,
    /// Whether that is all of it.
    pub read: Read,
}

/// How much of a page was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Read {
    /// All.
    Whole,
    /// As much as is read of any.
    UpToTheLimit,
    /// What came in time.
    UntilTimeOut,
    /// What came before the connection broke.
    UntilItBroke,
}

impl End {
    /// Whether visitors reach the site here.
    ///
    /// Closed is only what says so: a name that leads nowhere, a refused connection, a provider's page, a status by
    /// which a server refuses. Silence is no refusal, as it can end in a minute; neither is a server's own failure
    /// (5xx but 503), nor "not now" (408, 425, 429), nor an address that was not called. ASSUMED that a site behind a
    /// login (401) is closed to visitors.
    pub fn state(&self) -> SiteState {
        match self {
            Self::NoName | Self::Refused | Self::BlockPage { .. } => SiteState::Closed,
            Self::Answer { page } => match page.status {
                200..=299 => SiteState::Open,
                408 | 421 | 425 | 429 => SiteState::Unknown,
                400..=499 | 503 => SiteState::Closed,
                _ => SiteState::Unknown,
            },
            Self::NotResolved { .. }
            | Self::NotPublic { .. }
            | Self::NotOfTheWeb { .. }
            | Self::TimedOut
            | Self::Broken { .. }
            | Self::TooManyRedirects => SiteState::Unknown,
        }
    }

    /// The page that came, if one did.
    pub fn page(&self) -> Option<&Page> {
        match self {
            Self::Answer { page } => Some(page),
            Self::BlockPage { page, .. } => page.as_ref(),
            _ => None,
        }
    }
}

/// Whether visitors reach a site, and by which door that is decided.
///
/// One open door makes it open. A provider's page closes it even where another door is silent: providers answer on
/// HTTP with the page and break the connection on HTTPS, where they cannot. Otherwise every door must be closed.
fn judge(doors: &[Door]) -> (SiteState, usize) {
    let first = |wanted: fn(&End) -> bool| doors.iter().position(|door| wanted(&door.end));
    if let Some(open) = first(|end| end.state() == SiteState::Open) {
        return (SiteState::Open, open);
    }
    if let Some(blocked) = first(|end| matches!(end, End::BlockPage { .. })) {
        return (SiteState::Closed, blocked);
    }
    if let Some(unknown) = first(|end| end.state() == SiteState::Unknown) {
        return (SiteState::Unknown, unknown);
    }
    (SiteState::Closed, first(|end| end.page().is_some()).unwrap_or(0))
}

/// The addresses that hosts were found to lead to, once in a look.
type Vetted = Arc<Mutex<BTreeMap<String, Vec<IpAddr>>>>;

impl Probe {
    /// Looks at sites as `settings` say.
    pub fn new(settings: ProbeSettings, clock: Arc<dyn Clock>) -> Result<Self, GatewayError> {
        // Without a provider every client would panic.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(GatewayError::NoTlsProvider);
        }
        let about: String = settings.about_us.chars().filter(|c| c.is_ascii_graphic()).take(200).collect();
        let user_agent = format!("Mozilla/5.0 (compatible; beian/{}; +{about})", env!("CARGO_PKG_VERSION"));
        let slots = Semaphore::new(AT_ONCE);
        Ok(Self { inner: Arc::new(Inner { settings, user_agent, clock, slots, resting: Mutex::default() }) })
    }

    /// Looks at a site: at its domain, with www before it, and at its home page if that is below the domain; on HTTP
    /// and HTTPS. Waits for its turn if two others are being looked at.
    ///
    /// What certificate a site has is not judged: visitors can click such a warning away. Where a name has an IPv4
    /// address, only those are called.
    pub async fn look(
        &self,
        domain: &DomainName,
        home_url: Option<&str>,
        block_pages: &[BlockPage],
    ) -> SiteLook {
        // It is closed never.
        let _slot = self.inner.slots.acquire().await;
        let at = self.inner.clock.now();
        let vetted = Vetted::default();
        let urls = self.urls(domain, home_url);
        let pages: Arc<[BlockPage]> = block_pages.into();
        let deadline = tokio::time::sleep(self.inner.settings.timeouts.look);
        let mut visits = JoinSet::new();
        for (index, url) in urls.iter().cloned().enumerate() {
            let (probe, domain, vetted, pages) =
                (self.clone(), domain.clone(), vetted.clone(), pages.clone());
            visits.spawn(async move { (index, probe.visit(url, &domain, &vetted, &pages).await) });
        }
        let mut seen: BTreeMap<usize, Door> = BTreeMap::new();
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                visit = visits.join_next() => match visit {
                    Some(Ok((index, door))) => { seen.insert(index, door); }
                    Some(Err(_)) => {}
                    None => break,
                },
                () = &mut deadline => break,
            }
        }
        drop(visits);
        let doors: Vec<Door> = (0..)
            .zip(&urls)
            .map(|(index, url)| {
                seen.remove(&index).unwrap_or_else(|| Door {
                    url: url.to_string(),
                    resolved: Vec::new(),
                    sent_to: Vec::new(),
                    end: End::TimedOut,
                })
            })
            .collect();
        let (state, because) = judge(&doors);
        let screenshot = self.screenshot(&doors, because, &vetted).await;
        SiteLook { at, doors, state, screenshot, because }
    }

    fn urls(&self, domain: &DomainName, home_url: Option<&str>) -> Vec<Url> {
        let name = domain.as_ascii();
        let mut texts = Vec::new();
        for host in [name.to_owned(), format!("www.{name}")] {
            texts.extend([format!("http://{host}/"), format!("https://{host}/")]);
        }
        let home = home_url
            .map(str::trim)
            .map(|text| if text.contains("://") { text.to_owned() } else { format!("http://{text}") });
        let home = home.filter(|text| text.len() <= crate::gateway::LONGEST_URL);
        let mut known = BTreeSet::new();
        let mut urls = Vec::new();
        for text in texts.into_iter().chain(home) {
            let Ok(mut url) = Url::parse(&text) else { continue };
            let is_web = matches!(url.scheme(), "http" | "https")
                && url.username().is_empty()
                && url.password().is_none();
            if !is_web || !url.host_str().is_some_and(|host| is_below(host, domain.as_ascii())) {
                continue;
            }
            url.set_fragment(None);
            let Some(url) = self.at_our_ports(url) else { continue };
            if known.insert(url.to_string()) {
                urls.push(url);
            }
        }
        urls
    }

    /// An address that names no port, at the port of practice if it is practised; none if it has no host.
    fn at_our_ports(&self, mut url: Url) -> Option<Url> {
        if url.port().is_none()
            && let ProbeReach::Practice { http, https } = self.inner.settings.reach
        {
            let port = if url.scheme() == "http" { http } else { https };
            url.set_port(Some(port)).ok()?;
        }
        Some(url)
    }

    /// The picture of the door by which it was decided, or of another at which a page came.
    async fn screenshot(
        &self,
        doors: &[Door],
        because: usize,
        vetted: &Vetted,
    ) -> Result<Screenshot, WhyNone> {
        let chromium = self.inner.settings.chromium.as_ref().ok_or(WhyNone::NotInstalled)?;
        let pages =
            std::iter::once(&doors[because]).chain(doors).filter_map(|door| Some((door, door.end.page()?)));
        // From the beginning, as a visitor comes; the page that was read may be the last of several.
        let Some((door, _)) = pages.into_iter().next() else { return Err(WhyNone::NoPage) };
        let hosts: BTreeSet<(String, u16)> = std::iter::once(&door.url)
            .chain(&door.sent_to)
            .filter_map(|text| Url::parse(text).ok())
            .filter_map(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)))
            .collect();
        let known = vetted.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let reachable = hosts
            .into_iter()
            .filter_map(|(host, port)| Some((known.get(&host)?.first().copied()?, host, port)))
            .map(|(address, host, port)| screenshot::Mapping { host, port, address })
            .collect::<Vec<_>>();
        let limit = self.inner.settings.timeouts.screenshot;
        screenshot::take(chromium, &door.url, &reachable, &self.inner.user_agent, limit).await
    }
}

/// Whether a host is that of a name, or below it.
fn is_below(host: &str, name: &str) -> bool {
    let host = host.trim_end_matches('.');
    host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn door(end: End) -> Door {
        Door { url: "http://xizuo-journey.cn/".to_owned(), resolved: Vec::new(), sent_to: Vec::new(), end }
    }

    fn answer(status: u16) -> End {
        let page = Page {
            status,
            url: "http://xizuo-journey.cn/".to_owned(),
            title: None,
            server: None,
            bytes: 0,
            read: Read::Whole,
        };
        End::Answer { page }
    }

    fn blocked() -> End {
        End::BlockPage { by: "阿里云".to_owned(), page: None }
    }

    fn broken() -> End {
        End::Broken { reason: "reset".to_owned() }
    }

    #[test]
    fn closed_is_only_what_says_so() {
        use SiteState::{Closed, Open, Unknown};
        for (ends, state, because) in [
            (vec![End::NoName, End::NoName], Closed, 0),
            (vec![End::Refused, answer(404)], Closed, 1),
            (vec![answer(403), answer(503)], Closed, 0),
            (vec![End::NoName, answer(200)], Open, 1),
            (vec![answer(204), blocked()], Open, 0),
            (vec![End::Refused, End::TimedOut], Unknown, 1),
            (vec![broken(), answer(404)], Unknown, 0),
            (vec![broken(), blocked()], Closed, 1),
            (vec![answer(500), End::Refused], Unknown, 0),
            (vec![answer(429)], Unknown, 0),
            (vec![answer(304)], Unknown, 0),
            (vec![End::TooManyRedirects, End::NoName], Unknown, 0),
        ] {
            let doors: Vec<Door> = ends.into_iter().map(door).collect();
            assert_eq!(judge(&doors), (state, because), "{doors:?}");
        }
    }

    #[test]
    fn a_home_page_elsewhere_is_not_a_door_of_the_site() {
        struct Never;
        impl Clock for Never {
            fn now(&self) -> DateTime<Utc> {
                DateTime::UNIX_EPOCH
            }
        }
        let settings = ProbeSettings {
            name_server: NameServer::System,
            reach: ProbeReach::Public,
            timeouts: ProbeTimeouts::default(),
            chromium: None,
            authorities: SiteAuthorities::Browsers,
            about_us: String::new(),
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let probe = Probe::new(settings, Arc::new(Never)).unwrap();
        let domain: DomainName = "xizuo-journey.cn".parse().unwrap();
        let urls = |home: &str| {
            let urls = probe.urls(&domain, Some(home));
            urls[4..].iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(urls("shop.xizuo-journey.cn/zh#top"), ["http://shop.xizuo-journey.cn/zh"]);
        assert_eq!(urls("https://www.xizuo-journey.cn"), [""; 0], "known already");
        for elsewhere in [
            "http://127.0.0.1/",
            "http://notxizuo-journey.cn/",
            "http://xizuo-journey.cn.example.com/",
            "http://a:b@www.xizuo-journey.cn/",
            "file:///etc/passwd",
            "",
        ] {
            assert_eq!(urls(elsewhere), [""; 0], "{elsewhere}");
        }
    }
}
