//! Fetching the home page of a site that we serve, as a polite program does: by the site's robots.txt, one request after
//! the other, and no more of them than it takes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::PoisonError;
use std::time::Duration;

use beian_domain::{DomainName, NotSeen};
use beian_rules::BlockPage;
use reqwest::{Client, Url};

use super::door::{failure, sent_on};
use super::page::{block_address, block_page, title};
use super::{End, MOST_HOPS, Probe, Read, Vetted, is_below};
use crate::dns::{self, Addresses};
use crate::drift::robots::{self, Robots};

/// Most bytes of a home page that are read: its foot is what counts.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Most ways in that are tried: one on HTTP and one on HTTPS, of two hosts.
const MOST_WAYS: usize = 4;
/// Longest time for all of it: as long as so many looks.
pub(super) const LOOKS: u32 = 3;

/// A home page.
#[derive(Debug)]
pub(crate) struct HomePage {
    /// Where it came from in the end.
    pub(crate) url: Url,
    /// Its text.
    pub(crate) html: String,
}

/// What is known of a site's hosts within one look.
struct Errand<'a> {
    client: Client,
    domain: &'a DomainName,
    block_pages: &'a [BlockPage],
    vetted: Vetted,
    /// The addresses that are ours: no other is called.
    ours: &'a BTreeSet<IpAddr>,
    /// The rules of each host and port that was asked; an error if they could not be read.
    robots: BTreeMap<String, Result<Robots, NotSeen>>,
}

impl Probe {
    /// Where a host leads.
    pub(crate) async fn leads_to(&self, host: &str) -> Addresses {
        dns::addresses(self.inner.settings.name_server, host).await
    }

    /// The hosts at which a site may be: that of the address that was filed, its domain, and www before it.
    pub(crate) fn hosts(&self, domain: &DomainName, home_url: Option<&str>) -> Vec<String> {
        let mut hosts: Vec<String> = Vec::new();
        for way in self.ways(domain, home_url) {
            if let Some(host) = way.host_str().map(str::to_owned).filter(|host| !hosts.contains(host)) {
                hosts.push(host);
            }
        }
        hosts
    }

    /// Fetches the home page of a site: at the address that was filed, or at its domain. Only `hosts` are begun at.
    pub(crate) async fn home_page(
        &self,
        domain: &DomainName,
        home_url: Option<&str>,
        (hosts, ours): (&[String], &BTreeSet<IpAddr>),
        block_pages: &[BlockPage],
    ) -> Result<HomePage, NotSeen> {
        let limit: Duration = self.inner.settings.timeouts.look * LOOKS;
        let mut ways = self.ways(domain, home_url);
        ways.retain(|way| way.host_str().is_some_and(|host| hosts.iter().any(|known| known == host)));
        let fetched = self.try_ways(domain, ways, ours, block_pages);
        tokio::time::timeout(limit, fetched).await.unwrap_or(Err(NotSeen::SiteSilent))
    }

    /// The addresses of ours at which a host may be called: none if it may not.
    pub(crate) async fn callable(
        &self,
        host: &str,
        domain: &DomainName,
        ours: &BTreeSet<IpAddr>,
    ) -> Vec<IpAddr> {
        let Ok(url) = Url::parse(&format!("https://{host}/")) else { return Vec::new() };
        let Some(url) = self.at_our_ports(url) else { return Vec::new() };
        let mut found = self.vet(&url, domain.as_ascii(), &Vetted::default()).await.unwrap_or_default();
        found.retain(|address| ours.contains(address));
        found
    }

    fn ways(&self, domain: &DomainName, home_url: Option<&str>) -> Vec<Url> {
        let mut ways = self.urls(domain, home_url);
        // The filed address comes last there, and counts most.
        if home_url.is_some() && ways.len() > MOST_WAYS {
            ways.rotate_right(1);
        }
        ways
    }

    async fn try_ways(
        &self,
        domain: &DomainName,
        ways: Vec<Url>,
        ours: &BTreeSet<IpAddr>,
        block_pages: &[BlockPage],
    ) -> Result<HomePage, NotSeen> {
        let vetted = Vetted::default();
        let client = self.client(&vetted).map_err(|_| NotSeen::SiteSilent)?;
        let mut errand = Errand { client, domain, block_pages, vetted, ours, robots: BTreeMap::new() };
        let mut why = NotSeen::SiteSilent;
        for way in ways.into_iter().take(MOST_WAYS) {
            match self.fetch(&mut errand, way).await {
                // There may be an answer at the next.
                Err(NotSeen::SiteSilent) => {}
                Err(NotSeen::NoPage) => why = NotSeen::NoPage,
                decided => return decided,
            }
        }
        Err(why)
    }

    async fn fetch(&self, errand: &mut Errand<'_>, mut url: Url) -> Result<HomePage, NotSeen> {
        for _ in 0..=MOST_HOPS {
            self.may_call(errand, &url).await?;
            self.ask_robots(errand, &url).await?;
            let answer = errand.client.get(url.clone()).send().await;
            let mut response = answer.map_err(|error| why(&failure(&error)))?;
            if let Some(next) = sent_on(&response, &url) {
                let mut next = next.map_err(|_| NotSeen::NoPage)?;
                next.set_fragment(None);
                if block_address(errand.block_pages, &next).is_some() {
                    return Err(NotSeen::BlockPage);
                }
                if !next.host_str().is_some_and(|host| is_below(host, errand.domain.as_ascii())) {
                    return Err(NotSeen::SentElsewhere);
                }
                url = next;
                continue;
            }
            let is_refusal = !response.status().is_success();
            let (html, _, read) = self.text_of(&mut response, MOST_BYTES).await;
            if block_page(errand.block_pages, title(&html).as_deref(), &html, is_refusal).is_some() {
                return Err(NotSeen::BlockPage);
            }
            return match read {
                _ if is_refusal => Err(NotSeen::NoPage),
                Read::Whole => Ok(HomePage { url, html }),
                Read::UpToTheLimit => Err(NotSeen::TooLong),
                // The foot is what did not come.
                Read::UntilTimeOut | Read::UntilItBroke => Err(NotSeen::SiteSilent),
            };
        }
        Err(NotSeen::NoPage)
    }

    /// Looks where a host leads, and sees to it that of its addresses only ours are called.
    async fn may_call(&self, errand: &Errand<'_>, url: &Url) -> Result<(), NotSeen> {
        let found = self.vet(url, errand.domain.as_ascii(), &errand.vetted).await.map_err(|end| why(&end))?;
        let ours: Vec<IpAddr> = found.into_iter().filter(|address| errand.ours.contains(address)).collect();
        if ours.is_empty() {
            return Err(NotSeen::NotServedHere);
        }
        if let Some(host) = url.host_str() {
            let mut vetted = errand.vetted.lock().unwrap_or_else(PoisonError::into_inner);
            vetted.insert(host.to_owned(), ours);
        }
        Ok(())
    }

    /// Whether the host lets programs ask for an address. A file that is not there allows all; one that cannot be had
    /// forbids all (RFC 9309, 2.3.1).
    async fn ask_robots(&self, errand: &mut Errand<'_>, url: &Url) -> Result<(), NotSeen> {
        let host = url.origin().ascii_serialization();
        if !errand.robots.contains_key(&host) {
            let robots = self.fetch_robots(errand, url).await;
            errand.robots.insert(host.clone(), robots);
        }
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        match errand.robots.get(&host) {
            Some(Ok(robots)) if robots.allow(&path) => Ok(()),
            Some(Ok(_)) => Err(NotSeen::RobotsForbid),
            Some(Err(why)) => Err(*why),
            None => Err(NotSeen::RobotsUnreadable),
        }
    }

    async fn fetch_robots(&self, errand: &Errand<'_>, url: &Url) -> Result<Robots, NotSeen> {
        let Ok(mut url) = url.join("/robots.txt") else { return Err(NotSeen::RobotsUnreadable) };
        for _ in 0..=MOST_HOPS {
            self.may_call(errand, &url).await?;
            let answer = errand.client.get(url.clone()).send().await;
            // Whoever does not answer this does not answer anything.
            let mut response = answer.map_err(|error| why(&failure(&error)))?;
            if let Some(next) = sent_on(&response, &url) {
                match next {
                    Ok(next)
                        if next.host_str().is_some_and(|host| is_below(host, errand.domain.as_ascii())) =>
                    {
                        url = next
                    }
                    // What another domain says binds nobody here.
                    Ok(_) | Err(_) => return Ok(Robots::default()),
                }
                continue;
            }
            let status = response.status();
            if status.is_server_error() || status.as_u16() == 429 {
                return Err(NotSeen::RobotsUnreadable);
            }
            if !status.is_success() {
                return Ok(Robots::default());
            }
            let (text, _, read) = self.text_of(&mut response, robots::MOST_BYTES).await;
            return match read {
                Read::Whole | Read::UpToTheLimit => Ok(Robots::read(&text)),
                Read::UntilTimeOut | Read::UntilItBroke => Err(NotSeen::RobotsUnreadable),
            };
        }
        Ok(Robots::default())
    }
}

/// Why a visit that ended so showed nothing.
fn why(end: &End) -> NotSeen {
    match end {
        End::NotResolved { .. } => NotSeen::NameServerSilent,
        End::NotPublic { .. } | End::NotOfTheWeb { .. } => NotSeen::MayNotBeCalled,
        End::BlockPage { .. } => NotSeen::BlockPage,
        End::TooManyRedirects | End::Answer { .. } => NotSeen::NoPage,
        End::NoName | End::Refused | End::TimedOut | End::Broken { .. } => NotSeen::SiteSilent,
    }
}
