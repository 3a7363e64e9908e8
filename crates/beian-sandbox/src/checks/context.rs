//! What a filing is held against: the register, and what is on its way.

use beian_domain::{RecordNumber, ServiceFilingNumber, SponsorFilingNumber};
use beian_wire::upload::{Attachment, AttachmentOwner};
use beian_wire::{OperationKind, RecordKey};
use chrono::{DateTime, TimeDelta, Utc};

use super::record::Taken;
use super::{Findings, code};
use crate::register::{Filed, FiledSponsor, Register};
use crate::state::Target;

/// A filing that passed the checks lately or is not decided yet.
pub(crate) struct Sibling<'a> {
    pub(crate) provider: u64,
    pub(crate) operation: OperationKind,
    pub(crate) target: &'a Target,
    pub(crate) received: DateTime<Utc>,
    pub(crate) is_open: bool,
}

/// What a record of an upload is held against.
pub(crate) struct Context<'a> {
    /// Whose upload it is.
    pub(crate) provider: u64,
    pub(crate) now: DateTime<Utc>,
    pub(crate) register: &'a Register,
    pub(crate) siblings: Vec<Sibling<'a>>,
    pub(crate) taken: &'a Taken,
}

/// Codes for what is not in the register: they differ for pictures.
#[derive(Clone, Copy)]
pub(super) struct Missing {
    pub(super) sponsor: u16,
    pub(super) service: u16,
}

impl Missing {
    pub(super) const OF_FILINGS: Self =
        Self { sponsor: code::NOT_IN_REGISTER, service: code::NOT_IN_REGISTER };
    pub(super) const OF_MATERIAL: Self =
        Self { sponsor: code::NO_SUCH_SPONSOR, service: code::NO_SUCH_SERVICE };
}

impl<'a> Context<'a> {
    /// The sponsor that a key names; finds fault where there is none.
    pub(super) fn sponsor(
        &self,
        findings: &mut Findings,
        key: &RecordKey,
        path: &str,
        missing: Missing,
    ) -> Option<(u64, &'a FiledSponsor)> {
        let found = match key {
            RecordKey::Id(id) => self.register.sponsors.get_key_value(id),
            RecordKey::Number(text) => {
                let number = text.trim().parse::<SponsorFilingNumber>().ok();
                self.register.sponsors.iter().find(|(_, sponsor)| Some(&sponsor.number) == number.as_ref())
            }
        };
        let Some((id, sponsor)) = found else {
            findings.add(missing.sponsor, path, "a sponsor of the register", &shown(key));
            return None;
        };
        if sponsor.cancelled.is_some() {
            findings.add(code::SPONSOR_CANCELLED, path, "a sponsor that is filed", &"a cancelled one");
            return None;
        }
        Some((*id, sponsor))
    }

    /// The service that a key names; finds fault where there is none.
    pub(super) fn service(
        &self,
        findings: &mut Findings,
        key: &RecordKey,
        path: &str,
        missing: Missing,
    ) -> Option<Filed<'a>> {
        let found = match key {
            RecordKey::Id(id) => self.register.service(*id),
            RecordKey::Number(text) => {
                let number = text.trim().parse::<ServiceFilingNumber>().ok();
                self.register.services().find(|filed| Some(&filed.service.number) == number.as_ref())
            }
        };
        let Some(filed) = found else {
            findings.add(missing.service, path, "a service of the register", &shown(key));
            return None;
        };
        let (fault, expected) = if filed.sponsor.cancelled.is_some() {
            (code::SPONSOR_CANCELLED, "a service of a sponsor that is filed")
        } else if filed.service.cancelled.is_some() {
            (code::SERVICE_CANCELLED, "a service that is filed")
        } else {
            return Some(filed);
        };
        findings.add(fault, path, expected, &"a cancelled one");
        None
    }

    /// Filings of a sponsor that are not decided yet.
    pub(super) fn open(&self, sponsor: u64) -> impl Iterator<Item = &Sibling<'a>> {
        self.siblings.iter().filter(move |sibling| sibling.is_open && sibling.target.sponsor == Some(sponsor))
    }

    /// How many changes of a sponsor this provider handed in within a day.
    pub(super) fn changes_of_a_day(&self, sponsor: u64) -> usize {
        self.siblings
            .iter()
            .filter(|sibling| {
                sibling.operation == OperationKind::Change
                    && sibling.provider == self.provider
                    && sibling.target.sponsor == Some(sponsor)
                    && self.now - sibling.received < TimeDelta::hours(24)
            })
            .count()
    }

    /// Refuses a filing while another one of the same sponsor is not decided.
    pub(super) fn refuse_while_open(&self, findings: &mut Findings, sponsor: u64, path: &str) {
        if self.open(sponsor).next().is_some() {
            findings.add(
                code::IN_PROGRESS,
                path,
                "a sponsor without an open filing",
                &"one with a filing that is not decided yet",
            );
        }
    }
}

/// Holds a filing password against the sponsor's.
pub(super) fn check_password(
    findings: &mut Findings,
    sponsor: &FiledSponsor,
    password: Option<&str>,
    path: &str,
) {
    if !password.is_some_and(|password| sponsor.has_password(password)) {
        let got = if password.is_some() { "another one" } else { "none" };
        findings.add(code::FILING_PASSWORD, &format!("{path}/ICPmm"), "the sponsor's filing password", &got);
    }
}

/// Pictures with their owners by number: `sponsor` and `services` say which keys mean
/// them. What means nobody gets an owner that nobody has.
pub(super) fn owned(
    attachments: &[Attachment<RecordKey>],
    sponsor: impl Fn(&RecordKey) -> Option<u64>,
    service: impl Fn(&RecordKey) -> Option<u64>,
) -> Vec<Attachment> {
    attachments
        .iter()
        .cloned()
        .map(|Attachment { format, purpose, content_base64, owner, remark }| {
            let owner = match &owner {
                AttachmentOwner::Sponsor(key) => AttachmentOwner::Sponsor(sponsor(key).unwrap_or(0)),
                AttachmentOwner::Website(key) => AttachmentOwner::Website(service(key).unwrap_or(0)),
            };
            Attachment { format, purpose, content_base64, owner, remark }
        })
        .collect()
}

/// Whether a key means the record of an identifier and a number.
pub(super) fn names(key: &RecordKey, id: u64, number: &RecordNumber) -> bool {
    match key {
        RecordKey::Id(named) => *named == id,
        RecordKey::Number(text) => text.trim().parse::<RecordNumber>().as_ref() == Ok(number),
    }
}

fn shown(key: &RecordKey) -> String {
    match key {
        RecordKey::Id(id) => id.to_string(),
        RecordKey::Number(number) => number.chars().take(40).collect(),
    }
}
