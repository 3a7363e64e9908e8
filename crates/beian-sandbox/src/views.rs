//! What the pages and the steering interface show of the register.

use std::net::Ipv4Addr;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::Serialize;

use crate::language::Language;

/// A group of filings in the console's list.
pub(crate) struct Group {
    pub(crate) anchor: &'static str,
    pub(crate) title: &'static str,
    /// Said in place of the table when there are none.
    pub(crate) empty: &'static str,
    pub(crate) last_column: &'static str,
    pub(crate) rows: Vec<FilingRow>,
}

pub(crate) struct FilingRow {
    pub(crate) id: u64,
    /// What it asks for.
    pub(crate) kind: Option<&'static str>,
    pub(crate) sponsor: String,
    pub(crate) domains: String,
    pub(crate) provider: String,
    pub(crate) received: String,
    pub(crate) lines: Vec<String>,
}

/// A filing with all its data.
pub(crate) struct Detail {
    pub(crate) heading: String,
    pub(crate) state: String,
    /// Class of the style sheet: `good`, `bad` or `wait`.
    pub(crate) tone: &'static str,
    pub(crate) sms_note: String,
    /// What the button says that approves it.
    pub(crate) approve: &'static str,
    pub(crate) reviewable: bool,
    pub(crate) findings: Vec<FindingRow>,
    pub(crate) challenges: Vec<ChallengeRow>,
    pub(crate) sections: Vec<Section>,
    pub(crate) attachments: Vec<AttachmentRow>,
}

pub(crate) struct FindingRow {
    pub(crate) code: u16,
    pub(crate) text: &'static str,
    pub(crate) particulars: String,
}

pub(crate) struct ChallengeRow {
    pub(crate) mobile: String,
    pub(crate) people: String,
    pub(crate) suffixes: String,
    pub(crate) code: String,
    pub(crate) state: &'static str,
    pub(crate) tone: &'static str,
}

/// A heading with labelled values.
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) rows: Vec<(&'static str, String)>,
}

pub(crate) struct AttachmentRow {
    pub(crate) index: usize,
    pub(crate) caption: String,
    pub(crate) size: String,
    /// Whether a browser can show it.
    pub(crate) picture: bool,
}

/// The conversation with one provider.
pub(crate) struct ProviderExchange {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) uploads: Vec<UploadRow>,
    pub(crate) downloads: Vec<DownloadRow>,
}

pub(crate) struct UploadRow {
    pub(crate) sequence: u64,
    pub(crate) hash: String,
    pub(crate) received: u32,
    pub(crate) at: String,
    pub(crate) outcome: String,
    pub(crate) filings: Vec<u64>,
    /// Code of the fault that made the file unreadable.
    pub(crate) fault: Option<u16>,
}

pub(crate) struct DownloadRow {
    pub(crate) file_name: String,
    pub(crate) content: &'static str,
    pub(crate) kind: crate::state::DownloadContent,
    pub(crate) at: String,
    /// When, or that it is still waited for.
    pub(crate) acknowledged: String,
    pub(crate) is_acknowledged: bool,
}

/// A list's entry or a task, in the console.
pub(crate) struct DutyRow {
    pub(crate) id: u64,
    pub(crate) kind: &'static str,
    pub(crate) subject: String,
    pub(crate) provider: String,
    pub(crate) made: String,
    /// What was reported, or that nothing was.
    pub(crate) state: String,
    pub(crate) reported: Option<String>,
}

/// A list's entry or a task, in the steering interface.
#[derive(Serialize)]
pub(crate) struct DutyReport {
    pub(crate) id: u64,
    /// `unfiled_site` or `verification`.
    pub(crate) kind: &'static str,
    pub(crate) provider: u64,
    /// Domain and address, or the filing number of the sponsor.
    pub(crate) subject: String,
    pub(crate) made: DateTime<Utc>,
    pub(crate) report: Option<crate::state::ReportedDuty>,
}

/// A record of address filing, in the console.
pub(crate) struct AddressRow {
    pub(crate) id: u64,
    pub(crate) kind: &'static str,
    pub(crate) range: String,
    pub(crate) provider: String,
    pub(crate) summary: String,
    pub(crate) filed: String,
    pub(crate) state: String,
}

/// A record of address filing, in the steering interface.
#[derive(Serialize)]
pub(crate) struct AddressReport {
    pub(crate) id: u64,
    /// `source`, `allocation`, `broadcast` or `customer-owned`.
    pub(crate) kind: &'static str,
    pub(crate) provider: u64,
    pub(crate) first: Ipv4Addr,
    pub(crate) last: Ipv4Addr,
    /// What it says, nothing personal.
    pub(crate) summary: String,
    pub(crate) filed: DateTime<Utc>,
    pub(crate) changed: Option<DateTime<Utc>>,
    pub(crate) deleted: Option<DateTime<Utc>>,
}

/// A filed website in the public query: no personal data but the name of a
/// sponsor, which the ministry's query shows too.
pub(crate) struct PublicRow {
    pub(crate) number: String,
    pub(crate) sponsor: String,
    pub(crate) nature: String,
    pub(crate) site: String,
    pub(crate) domains: String,
    pub(crate) approved: String,
}

/// A filing in the steering interface.
#[derive(Serialize)]
pub(crate) struct FilingReport {
    pub(crate) id: u64,
    /// `first_filing`, `add_service`, `add_access`, `change`, `cancel_access`,
    /// `cancel_sponsor`, `cancel_service` or `supplement_materials`.
    pub(crate) operation: &'static str,
    pub(crate) provider: u64,
    pub(crate) sequence: u64,
    /// Its place in the upload, from 0.
    pub(crate) position: usize,
    /// `rejected`, `awaiting_sms`, `awaiting_review`, `approved` or `refused`.
    pub(crate) state: &'static str,
    pub(crate) domains: Vec<String>,
    pub(crate) findings: Vec<FindingReport>,
    pub(crate) sms: Vec<SmsReport>,
    /// When the codes expire, while they are waited for.
    pub(crate) sms_expires: Option<DateTime<Utc>>,
    pub(crate) opinion: Option<String>,
    pub(crate) sponsor_number: Option<String>,
    pub(crate) site_numbers: Vec<String>,
    pub(crate) filing_password: Option<String>,
    /// What would go to the people by SMS and mail.
    pub(crate) messages: Vec<MessageReport>,
}

/// A message that the practice regulator does not send.
#[derive(Serialize)]
pub(crate) struct MessageReport {
    /// Mobile number or mail address.
    pub(crate) to: String,
    pub(crate) text: String,
}

impl MessageReport {
    pub(crate) fn line(&self) -> String {
        format!("{}: {}", self.to, self.text)
    }
}

/// A sponsor of the register in the steering interface.
#[derive(Serialize)]
pub(crate) struct RecordReport {
    pub(crate) id: u64,
    pub(crate) number: String,
    pub(crate) filing_password: String,
    pub(crate) cancelled: bool,
    pub(crate) services: Vec<ServiceReport>,
}

#[derive(Serialize)]
pub(crate) struct ServiceReport {
    pub(crate) id: u64,
    pub(crate) number: String,
    pub(crate) domains: Vec<String>,
    pub(crate) cancelled: bool,
    pub(crate) accesses: Vec<AccessReport>,
}

#[derive(Serialize)]
pub(crate) struct AccessReport {
    pub(crate) id: u64,
    pub(crate) provider: u64,
    pub(crate) addresses: Vec<String>,
    pub(crate) cancelled: bool,
}

#[derive(Serialize)]
pub(crate) struct FindingReport {
    pub(crate) code: u16,
    pub(crate) particulars: String,
}

#[derive(Serialize)]
pub(crate) struct SmsReport {
    pub(crate) mobile: String,
    pub(crate) code: String,
    pub(crate) certificate_suffixes: Vec<String>,
    pub(crate) verified: bool,
}

/// China has one time zone, without summer time, since 1991.
pub(crate) fn beijing(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    const EIGHT_HOURS: i32 = 8 * 3600;
    match FixedOffset::east_opt(EIGHT_HOURS) {
        Some(zone) => at.with_timezone(&zone),
        None => at.fixed_offset(),
    }
}

/// A time for people, to the minute, Beijing time.
pub(crate) fn shown(at: DateTime<Utc>) -> String {
    beijing(at).format("%Y-%m-%d %H:%M").to_string()
}

/// How much time is left, for people.
pub(crate) fn left(until: DateTime<Utc>, now: DateTime<Utc>, language: Language) -> String {
    let left = (until - now).max(TimeDelta::zero());
    let (hours, minutes) = (left.num_hours(), left.num_minutes() % 60);
    match language {
        Language::Chinese => format!("还剩 {hours} 小时 {minutes} 分"),
        Language::English => format!("{hours} h {minutes} min left"),
    }
}

/// An address range for people.
pub(crate) fn range(first: Ipv4Addr, last: Ipv4Addr) -> String {
    if first == last { first.to_string() } else { format!("{first} – {last}") }
}
