//! A finding a row, for programs: CSV and JSON lines.

use std::io::Write;

use serde::Serialize;

use super::{SHOWN_ADDRESSES, TimeFormat, china, unicode};
use crate::audit::Outcome;
use crate::error::AuditError;
use crate::finding::{AddressCount, Finding, Standing};
use crate::input::Problem;
use crate::totals::Totals;

/// Writes every finding, those with the most lines first.
///
/// No cell begins with a character that spreadsheets take for a formula: domains are letters, digits and hyphens,
/// and one that begins with a hyphen has an apostrophe before it.
pub fn write_csv(outcome: &mut Outcome, output: &mut impl Write) -> Result<(), AuditError> {
    writeln!(
        output,
        "domain,unicode,standing,lines,first_seen,last_seen,addresses,addresses_exact,address_sample,sample_url"
    )?;
    for finding in outcome.findings()? {
        let row = Row::of(&finding?);
        let disarmed = if row.domain.starts_with('-') { "'" } else { "" };
        writeln!(
            output,
            "{disarmed}{},{},{},{},{},{},{},{},{},{}",
            row.domain,
            row.unicode.unwrap_or_default(),
            row.standing,
            row.lines,
            row.first_seen.unwrap_or_default(),
            row.last_seen.unwrap_or_default(),
            row.addresses,
            row.addresses_exact,
            row.address_sample.join(" "),
            // The one cell with characters of others; of those only the comma matters here.
            row.sample_url.replace(',', "%2C"),
        )?;
    }
    Ok(())
}

/// Writes every finding as a JSON object on a line, those with the most lines first, and behind them one with the sums:
/// `{"summary": …}`.
pub fn write_json_lines(outcome: &mut Outcome, output: &mut impl Write) -> Result<(), AuditError> {
    for finding in outcome.findings()? {
        serde_json::to_writer(&mut *output, &Row::of(&finding?)).map_err(std::io::Error::from)?;
        output.write_all(b"\n")?;
    }
    let summary = Summary {
        domains: outcome.domains,
        standings: Standing::ALL
            .into_iter()
            .map(|standing| (standing.name(), outcome.totals.of(standing)))
            .collect(),
        totals: &outcome.totals,
        problems: &outcome.problems,
    };
    serde_json::to_writer(&mut *output, &Last { summary }).map_err(std::io::Error::from)?;
    Ok(output.write_all(b"\n")?)
}

#[derive(Serialize)]
struct Row {
    domain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unicode: Option<String>,
    standing: &'static str,
    lines: u64,
    first_seen: Option<String>,
    last_seen: Option<String>,
    addresses: u64,
    /// Or estimated.
    addresses_exact: bool,
    address_sample: Vec<String>,
    sample_url: String,
}

impl Row {
    fn of(finding: &Finding) -> Self {
        let count = finding.addresses.count();
        let time = |seconds| china(seconds, TimeFormat::Exact);
        Self {
            domain: finding.domain.clone(),
            unicode: unicode(&finding.domain),
            standing: finding.standing.name(),
            lines: finding.lines,
            first_seen: finding.seen.map(|(first, _)| time(first)),
            last_seen: finding.seen.map(|(_, last)| time(last)),
            addresses: count.number(),
            addresses_exact: matches!(count, AddressCount::Exactly(_)),
            address_sample: finding
                .addresses
                .sample()
                .take(SHOWN_ADDRESSES)
                .map(|ip| ip.to_string())
                .collect(),
            sample_url: finding.sample_url(),
        }
    }
}

#[derive(Serialize)]
struct Last<'a> {
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Summary<'a> {
    /// Domains that are not filed here.
    domains: u64,
    /// Lines by standing.
    standings: std::collections::BTreeMap<&'static str, u64>,
    totals: &'a Totals,
    problems: &'a [Problem],
}
