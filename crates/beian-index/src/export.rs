//! The index for those who want no service: files that other programs read.

use std::io::{self, Write};

use crate::error::IndexError;
use crate::index::Index;
use crate::record::{Completeness, Record, Status};

/// Why an index could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It cannot be read.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The output cannot be written.
    #[error("the export cannot be written: {0}")]
    Output(#[from] io::Error),
    /// No name that could stand in a zone.
    #[error("expected the host name of the page to answer with, got {got:?}")]
    Page {
        /// What was given.
        got: String,
    },
}

/// What a Response Policy Zone does.
#[derive(Debug, Clone)]
pub struct Policy<'a> {
    /// Whose domains are resolved as ever; of the others, the answer is the page.
    pub allowed: &'a [Status],
    /// The host of the page that says what to do.
    pub page: &'a str,
    /// Seconds for which an answer may be kept.
    pub time_to_live: u32,
}

/// Writes the body of a map block of nginx. Its values are the names of the statuses, and
/// `not-filed` or `unknown` for all others.
///
/// ```text
/// map_hash_max_size 16777216;
/// map $host $beian { include beian.map; }
/// ```
///
/// Answers with the number of domains, like every export. Domains come in no particular order.
pub fn write_nginx_map(index: &Index, output: &mut impl Write) -> Result<u64, ExportError> {
    writeln!(output, "hostnames;\ndefault {};", name_of_absence(index))?;
    each(index, |domain, record| writeln!(output, ".{domain} {};", record.status))
}

/// Writes a map of HAProxy, for a host with a dot before it. What is not in it is `not-filed` or
/// `unknown`: the line at the head of the file says which.
///
/// ```text
/// http-request set-var(txn.host) req.hdr(host),field(1,:),lower
/// http-request set-var(txn.beian) str(.),concat(,txn.host),map_end(beian.map,not-filed)
/// ```
///
/// HAProxy compares `map_end` line by line: fit for thousands of domains, not for millions. The first line that fits
/// holds, so the longest names come first: below a private suffix there are domains that end like another.
pub fn write_haproxy_map(index: &Index, output: &mut impl Write) -> Result<u64, ExportError> {
    writeln!(output, "# {} for all others", name_of_absence(index))?;
    let mut records = Vec::new();
    let count = each(index, |domain, record| {
        records.push((domain.to_owned(), record.status));
        Ok(())
    })?;
    records.sort_unstable_by(|(one, _), (other, _)| (other.len(), one).cmp(&(one.len(), other)));
    for (domain, status) in records {
        writeln!(output, ".{domain} {status}")?;
    }
    Ok(count)
}

/// Writes a Response Policy Zone (RPZ) for a resolver: domains of the allowed statuses pass, the
/// rest of the index is answered with the page, and, if the index is complete, so is all else.
pub fn write_policy_zone(
    index: &Index,
    policy: &Policy<'_>,
    output: &mut impl Write,
) -> Result<u64, ExportError> {
    let crate::Host::Name(page) = crate::Host::parse(policy.page.as_bytes()) else {
        return Err(ExportError::Page { got: policy.page.chars().take(80).collect() });
    };
    let page = page.as_ascii();
    // A serial number has 32 bits and goes round.
    let serial = index.delta_generation().unwrap_or(0).max(index.generation()) as u32;
    writeln!(output, "$TTL {}", policy.time_to_live)?;
    writeln!(output, "@ SOA localhost. hostmaster.localhost. {serial} 60 60 604800 60")?;
    writeln!(output, "@ NS localhost.")?;
    // Its page must be reached, whatever the rest says.
    writeln!(output, "{page} CNAME rpz-passthru.")?;
    let count = each(index, |domain, record| {
        let target = if policy.allowed.contains(&record.status) { "rpz-passthru" } else { page };
        if domain == page {
            return Ok(());
        }
        writeln!(output, "{domain} CNAME {target}.\n*.{domain} CNAME {target}.")
    })?;
    if index.completeness() == Completeness::Complete {
        writeln!(output, "* CNAME {page}.")?;
    }
    Ok(count)
}

/// Writes the domains of some statuses, one a line.
pub fn write_list(index: &Index, statuses: &[Status], output: &mut impl Write) -> Result<u64, ExportError> {
    let mut count = 0;
    each(index, |domain, record| {
        if !statuses.contains(&record.status) {
            return Ok(());
        }
        count += 1;
        writeln!(output, "{domain}")
    })?;
    Ok(count)
}

fn each(index: &Index, mut line: impl FnMut(&str, Record) -> io::Result<()>) -> Result<u64, ExportError> {
    let mut count = 0;
    for entry in index.records() {
        let (domain, record) = entry?;
        line(&domain, record)?;
        count += 1;
    }
    Ok(count)
}

fn name_of_absence(index: &Index) -> &'static str {
    match index.completeness() {
        Completeness::Complete => "not-filed",
        Completeness::Partial => "unknown",
    }
}
