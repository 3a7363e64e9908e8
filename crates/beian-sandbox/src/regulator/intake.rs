//! Taking in uploads: sequence, seal, content, records.

use beian_domain::DomainName;
use beian_wire::package::{Encryption, Limits, Package, PackageError, SharedSecret, decode_base64, open};
use beian_wire::upload::{FilingRecord, PrincipalDetails, UploadDocument, UploadOperation};
use beian_wire::{InterfaceVersion, ReadError};

use super::sms::Recipient;
use super::{Regulator, RegulatorError};
use crate::checks::{self, Taken, code};
use crate::sandbox::Moment;
use crate::state::{Filing, Finding, Stage, Upload, UploadOutcome};

/// How many missing numbers a reply lists.
const LISTED: u64 = 100;
/// A result file holds so many faults of one upload.
const FAULTS: usize = 100;

/// What the caller is told about an upload at once. Faults of the content come
/// later, in a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Intake {
    /// Taken in, now or before.
    Accepted,
    /// The numbers before it did not come; at most [`LISTED`] of them.
    Gap { missing: Vec<u64> },
    /// Numbers begin with 1, and the caller must be known.
    NotASequence { got: u64 },
    /// Another file came under this number.
    Divergent { sequence: u64 },
    /// It cannot be opened.
    Sealed(PackageError),
}

impl Regulator {
    /// Takes in an upload of an authenticated provider.
    ///
    /// The same file under a number that was taken in already is a repetition
    /// after a lost reply: accepted, nothing is stored twice. Another file under
    /// such a number is refused. ASSUMED: the interface says nothing of it.
    pub(super) fn take_in(
        &mut self,
        moment: Moment<'_>,
        isp_id: u64,
        number: u64,
        package: Package,
    ) -> Intake {
        let licensee = match self.providers.get(&isp_id) {
            Some(licensee) if number > 0 => licensee,
            _ => return Intake::NotASequence { got: number },
        };
        let last = self.state.exchanges.get(&isp_id).map_or(0, |exchange| exchange.last_sequence());
        if number > last + 1 {
            return Intake::Gap { missing: (last + 1..number.min(last + 1 + LISTED)).collect() };
        }
        let xml = match open_sealed(&package, &licensee.provider.secret) {
            Ok(xml) => xml,
            Err(error) => return Intake::Sealed(error),
        };
        if number <= last {
            return self.take_in_again(isp_id, number, &package);
        }
        let (outcome, records) = judge(&xml, isp_id, number);
        let outcome = match outcome {
            Err(faults) => {
                self.issue_faults(moment, isp_id, &faults);
                UploadOutcome::Faulty(faults)
            }
            Ok(()) => UploadOutcome::Filings(self.take_in_records(moment, isp_id, number, records)),
        };
        let upload = Upload { package: package.into(), first_received: moment.now, received: 1, outcome };
        self.state_mut().exchanges.entry(isp_id).or_default().uploads.insert(number, upload);
        Intake::Accepted
    }

    fn take_in_again(&mut self, isp_id: u64, sequence: u64, package: &Package) -> Intake {
        let exchange = self.state_mut().exchanges.entry(isp_id).or_default();
        let Some(upload) = exchange.uploads.get_mut(&sequence) else { return Intake::Divergent { sequence } };
        // Both digests were found to be those of their files.
        if decode_base64(upload.package.hash_base64()) == decode_base64(&package.hash_base64) {
            upload.received = upload.received.saturating_add(1);
            Intake::Accepted
        } else {
            Intake::Divergent { sequence }
        }
    }

    fn take_in_records(
        &mut self,
        moment: Moment<'_>,
        isp_id: u64,
        sequence: u64,
        records: Vec<FilingRecord>,
    ) -> Vec<u64> {
        let mut ids = Vec::with_capacity(records.len());
        let mut rejected = Vec::new();
        let mut taken = self.taken();
        for (position, record) in records.into_iter().enumerate() {
            let id = self.state.filings.last_key_value().map_or(0, |(id, _)| *id) + 1;
            let findings =
                checks::check(&record, &format!("/UploadData/ICP/XZBA/Baxx[{}]", position + 1), &taken)
                    .into_list();
            let accepted = findings.is_empty();
            let stage =
                if accepted { Stage::AwaitingReview } else { Stage::Rejected { findings: findings.clone() } };
            if accepted {
                note(&record, &mut taken);
            } else {
                rejected.push((record.sponsor.isp_sponsor_id, findings));
            }
            let recipients = recipients(&record);
            self.records.insert(id, record);
            let filing = Filing {
                provider: isp_id,
                sequence,
                position,
                received: moment.now,
                stage,
                challenges: Vec::new(),
            };
            self.state_mut().filings.insert(id, filing);
            ids.push(id);
            if accepted {
                self.begin_verification(moment, id, &recipients);
            }
        }
        if !rejected.is_empty() {
            self.issue_findings(moment, isp_id, &rejected);
        }
        ids
    }

    /// What is filed or on its way.
    fn taken(&self) -> Taken {
        let mut taken = Taken::default();
        for (id, filing) in &self.state.filings {
            let Some(record) = self.records.get(id) else { continue };
            if let Stage::Approved { registration, .. } = &filing.stage {
                let number = checks::identity(&record.sponsor.certificate.number);
                taken.filed_sponsors.insert(number, registration.number.to_string());
                for (website, site) in record.websites.iter().zip(&registration.sites) {
                    for name in website.domains.iter().filter_map(|domain| domain.name.parse().ok()) {
                        taken.filed_domains.insert(name, site.number.to_string());
                    }
                }
            } else if filing.stage.is_open() {
                note(record, &mut taken);
            }
        }
        taken
    }

    /// Reads the records of all filings from the kept uploads.
    pub(super) fn read_records(&mut self) -> Result<(), RegulatorError> {
        for (isp_id, exchange) in &self.state.exchanges {
            for (sequence, upload) in &exchange.uploads {
                let UploadOutcome::Filings(ids) = &upload.outcome else { continue };
                let records = self
                    .providers
                    .get(isp_id)
                    .and_then(|licensee| {
                        open_sealed(&upload.package.to_package(), &licensee.provider.secret).ok()
                    })
                    .map(|xml| judge(&xml, *isp_id, *sequence).1)
                    .filter(|records| records.len() == ids.len())
                    .ok_or(RegulatorError::Upload { isp_id: *isp_id, sequence: *sequence })?;
                self.records.extend(ids.iter().copied().zip(records));
            }
        }
        Ok(())
    }
}

/// The interface knows files without a cipher (algorithm 0), so they are taken.
fn open_sealed(package: &Package, secret: &SharedSecret) -> Result<Vec<u8>, PackageError> {
    open(package, secret, &Limits { encryption: Encryption::Optional, ..Limits::default() })
}

/// Reads a file. Its faults name the upload, since a file of the interface has
/// no other name that both sides know.
fn judge(xml: &[u8], isp_id: u64, sequence: u64) -> (Result<(), Vec<Finding>>, Vec<FilingRecord>) {
    let fault = |code, text: &str| Finding::new(code, &format!("upload {sequence}: {text}"));
    let refuse = |faults| (Err(faults), Vec::new());
    let document = match UploadDocument::from_gbk_xml(xml) {
        Ok(document) => document,
        Err(ReadError::Structure(problems)) => {
            return refuse(
                problems.list().iter().take(FAULTS).map(|p| fault(code::SCHEMA, &p.to_string())).collect(),
            );
        }
        Err(error) => {
            let code = match &error {
                ReadError::NotText => code::ILLEGAL_CHARACTER,
                ReadError::UnknownOperation { .. } => code::NOT_OPEN,
                _ => code::SCHEMA,
            };
            return refuse(vec![fault(code, &error.to_string())]);
        }
    };
    let mut faults = Vec::new();
    let expected = InterfaceVersion::v3_0();
    if document.version != expected {
        faults.push(fault(
            code::VERSION,
            &format!("/UploadData/@version: expected {expected}, got {}", document.version),
        ));
    }
    if document.requesting_unit != isp_id {
        let got = document.requesting_unit;
        faults.push(fault(
            code::UNIT_MISMATCH,
            &format!("/UploadData/ICP/Qqdwid: expected {isp_id}, got {got}"),
        ));
    }
    if !faults.is_empty() {
        return refuse(faults);
    }
    match document.operation {
        UploadOperation::NewFiling(records) => (Ok(()), records),
    }
}

/// Notes what an accepted record takes.
fn note(record: &FilingRecord, taken: &mut Taken) {
    taken.open_sponsors.insert(checks::identity(&record.sponsor.certificate.number));
    let names = record.websites.iter().flat_map(|website| &website.domains);
    taken.open_domains.extend(names.filter_map(|domain| domain.name.parse::<DomainName>().ok()));
}

/// Who gets a code for a first filing: the sponsor's principal and the
/// principal of every website, at the first mobile number of each.
fn recipients(record: &FilingRecord) -> Vec<Recipient> {
    let recipient = |details: &PrincipalDetails, otherwise: &str| Recipient {
        mobile: details.mobile.split([';', '；']).next().unwrap_or_default().to_owned(),
        certificate_number: details.certificate_number.clone().unwrap_or_else(|| otherwise.to_owned()),
    };
    let sponsor = &record.sponsor;
    std::iter::once(&sponsor.principal.details)
        .chain(record.websites.iter().map(|website| &website.principal.details))
        .map(|details| recipient(details, &sponsor.certificate.number))
        .collect()
}
