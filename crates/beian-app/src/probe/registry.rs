//! Asking a registry (域名注册管理机构) until when a domain is registered, by RDAP (RFC 9082). It is asked as politely as a
//! site is, and believed as little: but for one thing, that it is the registry, which its certificate must show.

use std::sync::PoisonError;

use beian_domain::DomainName;
use beian_rules::RdapBase;
use chrono::TimeDelta;
use reqwest::{Client, Url, header};

use super::door::{failure, sent_on};
use super::home::LOOKS;
use super::{End, MOST_HOPS, Probe, Read, Vetted, clean};
use crate::drift::rdap::{self, RdapError, Registration};

/// Most bytes of an answer that are read. Usual ones have 3 to 30 KiB.
const MOST_BYTES: usize = 256 * 1024;
/// How long a registry is left alone that gave no answer, or asked to wait.
const REST: TimeDelta = TimeDelta::minutes(5);

impl Probe {
    /// Asks a registry about a domain, once; not soon after it gave no answer about another.
    pub(crate) async fn registration(
        &self,
        base: &RdapBase,
        domain: &DomainName,
    ) -> Result<Registration, RdapError> {
        let now = self.inner.clock.now();
        let resting = || self.inner.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) =
            resting().get(base.as_str()).filter(|until| now < **until && **until - now <= REST)
        {
            return Err(silent(format!("none a moment ago: it is left alone until {until}")));
        }
        let limit = self.inner.settings.timeouts.look * LOOKS;
        let asked = tokio::time::timeout(limit, self.ask_registry(base, domain)).await;
        let told = asked.unwrap_or_else(|_| Err(silent(format!("none within {} seconds", limit.as_secs()))));
        if matches!(told, Err(RdapError::Silent { .. })) {
            resting().insert(base.to_string(), now + REST);
        }
        told
    }

    async fn ask_registry(&self, base: &RdapBase, domain: &DomainName) -> Result<Registration, RdapError> {
        let url = Url::parse(&format!("{base}domain/{}", domain.as_ascii())).ok();
        let (url, registry) = url
            .and_then(|url| self.at_our_ports(url))
            .and_then(|url| Some((url.clone(), url.host_str()?.to_owned())))
            .ok_or_else(|| RdapError::MayNotBeCalled { got: base.to_string() })?;
        let vetted = Vetted::default();
        let client = self.registry_client(&vetted)?;
        let mut url = url;
        for _ in 0..=MOST_HOPS {
            self.vet(&url, &registry, &vetted).await.map_err(unreached)?;
            let request = client.get(url.clone()).header(header::ACCEPT, "application/rdap+json");
            let mut response = request.send().await.map_err(|error| unreached(failure(&error)))?;
            if let Some(next) = sent_on(&response, &url) {
                let mut next = next.map_err(|reason| RdapError::NoDomain { got: clean(&reason) })?;
                if next.scheme() != "https" {
                    return Err(RdapError::NoDomain { got: format!("a way on to {}", clean(next.as_str())) });
                }
                next.set_fragment(None);
                url = next;
                continue;
            }
            return match response.status().as_u16() {
                200 => {
                    let (text, _, read) = self.text_of(&mut response, MOST_BYTES).await;
                    match read {
                        Read::Whole => rdap::read(&text, domain).map(Registration::Until),
                        Read::UpToTheLimit => {
                            Err(RdapError::NoDomain { got: format!("{MOST_BYTES} bytes or more") })
                        }
                        Read::UntilTimeOut | Read::UntilItBroke => Err(silent("a part of one".to_owned())),
                    }
                }
                // Whoever else was asked does not know who registers domains there.
                404 if url.host_str() == Some(&registry) => Ok(Registration::Nobodys),
                status @ (429 | 500..=599) => Err(silent(format!("status {status}"))),
                status => Err(RdapError::NoDomain { got: format!("status {status}") }),
            };
        }
        Err(RdapError::NoDomain { got: format!("more than {MOST_HOPS} redirects") })
    }

    fn registry_client(&self, vetted: &Vetted) -> Result<Client, RdapError> {
        let none =
            |error: &dyn std::error::Error| silent(format!("no client: {}", clean(&error.to_string())));
        let trust = self.trust().map_err(|error| none(&error))?;
        let client = self.client_builder(vetted).https_only(true).tls_backend_preconfigured(trust);
        client.build().map_err(|error| none(&error))
    }
}

fn silent(got: String) -> RdapError {
    RdapError::Silent { got }
}

fn unreached(end: End) -> RdapError {
    match end {
        End::NotPublic { host: got } | End::NotOfTheWeb { url: got } => RdapError::MayNotBeCalled { got },
        End::NotResolved { reason } | End::Broken { reason } => silent(reason),
        End::NoName => silent("no such host".to_owned()),
        End::Refused => silent("a refused connection".to_owned()),
        End::TimedOut | End::TooManyRedirects | End::BlockPage { .. } | End::Answer { .. } => {
            silent("none in time".to_owned())
        }
    }
}
