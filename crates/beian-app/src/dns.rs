//! Looking for the TXT record that proves a transfer, and for the addresses of a site.
//!
//! The answer comes from a machine of whoever holds the domain, so it is
//! hostile: it may be huge, lead in circles, or never come.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use beian_domain::DomainName;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RData;

/// How long the whole look-up may take; the person waits for the page.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long one question may take.
const ONE_QUESTION: Duration = Duration::from_millis(1_500);
/// Most records and bytes that are looked at. One record of 32 characters is asked for.
const MOST_RECORDS: usize = 32;
const MOST_BYTES: usize = 4_096;

/// Which name servers are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameServer {
    /// Those of the machine (`/etc/resolv.conf`).
    System,
    /// One, at this address.
    At(SocketAddr),
}

/// What a look-up found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Published {
    /// The record that was wanted.
    Yes,
    /// No record, or only others.
    No,
    /// More than is looked at.
    TooLarge,
    /// No answer that can be trusted.
    Unanswered(String),
}

/// The name under which the record is published.
pub(crate) fn record_name(domain: &DomainName) -> String {
    format!("_beian-transfer.{}", domain.as_ascii())
}

/// Looks whether a TXT record of the domain says `token`.
pub(crate) async fn look_for(server: NameServer, domain: &DomainName, token: &str) -> Published {
    match tokio::time::timeout(PATIENCE, ask(server, domain, token)).await {
        Ok(Ok(published)) => published,
        Ok(Err(error)) => unanswered(&error),
        Err(_) => Published::Unanswered(format!("no answer within {} seconds", PATIENCE.as_secs())),
    }
}

fn unanswered(error: &NetError) -> Published {
    if says_none(error) { Published::No } else { Published::Unanswered(cut(error)) }
}

/// Where a name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Addresses {
    /// To these; never empty.
    Found(Vec<IpAddr>),
    /// Nowhere: there is no such name, or it has no address.
    None,
    /// No answer that can be trusted.
    Unanswered(String),
}

/// Most addresses of a name that are looked at.
const MOST_ADDRESSES: usize = 16;

/// Looks where a name leads. That it leads nowhere is believed only of an answer to both questions: a server that
/// knows of no IPv6 and is silent about IPv4 has said nothing.
pub(crate) async fn addresses(server: NameServer, host: &str) -> Addresses {
    let resolver = match resolver(server) {
        Ok(resolver) => resolver,
        Err(error) => return Addresses::Unanswered(cut(&error)),
    };
    let name = format!("{}.", host.trim_end_matches('.'));
    let both =
        async { tokio::join!(resolver.ipv4_lookup(name.as_str()), resolver.ipv6_lookup(name.as_str())) };
    let Ok((four, six)) = tokio::time::timeout(PATIENCE, both).await else {
        return Addresses::Unanswered(format!("no answer within {} seconds", PATIENCE.as_secs()));
    };
    let mut found = Vec::new();
    let mut silent = None;
    for answer in [four, six] {
        match answer {
            Ok(answer) => found.extend(answer.answers().iter().filter_map(|record| match &record.data {
                RData::A(address) => Some(IpAddr::V4(address.0)),
                RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                _ => None,
            })),
            Err(error) if says_none(&error) => {}
            Err(error) => silent = Some(cut(&error)),
        }
    }
    found.truncate(MOST_ADDRESSES);
    match silent {
        Some(reason) if found.is_empty() => Addresses::Unanswered(reason),
        _ if found.is_empty() => Addresses::None,
        _ => Addresses::Found(found),
    }
}

fn says_none(error: &NetError) -> bool {
    matches!(error, NetError::Dns(DnsError::NoRecordsFound(none))
        if matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError))
}

fn cut(error: &NetError) -> String {
    error.to_string().chars().take(200).collect()
}

fn resolver(server: NameServer) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        NameServer::System => TokioResolver::builder_tokio()?,
        NameServer::At(address) => {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                connection.port = address.port();
                connection
            });
            let mut name_server = NameServerConfig::udp_and_tcp(address.ip());
            name_server.connections = connections.to_vec();
            TokioResolver::builder_with_config(
                ResolverConfig::from_parts(None, Vec::new(), vec![name_server]),
                TokioRuntimeProvider::default(),
            )
        }
    };
    let options = builder.options_mut();
    options.timeout = ONE_QUESTION;
    options.attempts = 1;
    // Who has just published the record must not be told what was so a minute ago.
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    builder.build()
}

async fn ask(server: NameServer, domain: &DomainName, token: &str) -> Result<Published, NetError> {
    let resolver = resolver(server)?;
    let answer = resolver.txt_lookup(format!("{}.", record_name(domain))).await?;
    let records = answer.answers();
    if records.len() > MOST_RECORDS {
        return Ok(Published::TooLarge);
    }
    let mut bytes = 0;
    for record in records {
        let RData::TXT(txt) = &record.data else { continue };
        bytes += txt.txt_data.iter().map(|part| part.len()).sum::<usize>();
        if bytes > MOST_BYTES {
            return Ok(Published::TooLarge);
        }
        if txt.txt_data.concat().trim_ascii() == token.as_bytes() {
            return Ok(Published::Yes);
        }
    }
    Ok(Published::No)
}
