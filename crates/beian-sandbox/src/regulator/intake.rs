//! Taking in uploads: sequence, seal, content, records.

use beian_domain::DomainName;
use beian_wire::download::ResultItem;
use beian_wire::package::{Encryption, Limits, Package, PackageError, SharedSecret, decode_base64, open};
use beian_wire::upload::{IpOperation, UploadDocument, UploadOperation};
use beian_wire::{InterfaceVersion, MessageCode, OperationKind, ReadError};

use super::duties::Reports;
use super::exchange::result_item;
use super::{Regulator, RegulatorError};
use crate::checks::{self, Context, Sibling, Taken, code};
use crate::magic::{Outcome, outcome_of};
use crate::request::Request;
use crate::sandbox::Moment;
use crate::state::{Filing, Finding, Stage, Upload, UploadOutcome};
use crate::validation::Validation;

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
            Some(_) if !self.leniency.refuses(Validation::Numbering) => return Intake::Accepted,
            _ => return Intake::NotASequence { got: number },
        };
        let last = self.state.exchanges.get(&isp_id).map_or(0, |exchange| exchange.last_sequence());
        if number > last + 1 && self.leniency.refuses(Validation::Gap) {
            return Intake::Gap { missing: (last + 1..number.min(last + 1 + LISTED)).collect() };
        }
        let xml = match open_sealed(&package, &licensee.provider.secret) {
            Ok(xml) => xml,
            Err(error) if self.lets_pass(&error) => return Intake::Accepted,
            Err(error) => return Intake::Sealed(error),
        };
        if number <= last {
            return self.take_in_again(isp_id, number, &package);
        }
        let outcome = match judge(&xml, isp_id, number).map_err(|faults| self.leniency.strict(faults)) {
            Err(faults) if faults.is_empty() => UploadOutcome::Filings(Vec::new()),
            Err(faults) => {
                self.issue_faults(moment, isp_id, &faults);
                UploadOutcome::Faulty(faults)
            }
            Ok(Content::Requests(requests)) => {
                UploadOutcome::Filings(self.take_in_requests(moment, isp_id, number, requests))
            }
            Ok(Content::Reports(reports)) => {
                UploadOutcome::Reports(self.take_in_reports(moment, isp_id, number, reports))
            }
            Ok(Content::Addresses(operation)) => {
                UploadOutcome::Addresses(self.take_in_addresses(moment, isp_id, number, &operation))
            }
        };
        let upload = Upload { package: package.into(), first_received: moment.now, received: 1, outcome };
        self.state_mut().exchanges.entry(isp_id).or_default().uploads.insert(number, upload);
        Intake::Accepted
    }

    /// Whether a file that cannot be opened is taken for one that was.
    fn lets_pass(&self, error: &PackageError) -> bool {
        let validation = match error.message_code() {
            MessageCode::WRONG_HASH => Validation::DigestAlgorithm,
            MessageCode::WRONG_ENCRYPTION => Validation::Cipher,
            MessageCode::WRONG_COMPRESSION => Validation::Compression,
            MessageCode::DECRYPTION_FAILED => Validation::Deciphering,
            MessageCode::HASH_MISMATCH => Validation::Digest,
            MessageCode::DECOMPRESSION_FAILED => Validation::Archive,
            MessageCode::FILE_COUNT => Validation::FileCount,
            _ => Validation::Size,
        };
        !self.leniency.refuses(validation)
    }

    fn take_in_again(&mut self, isp_id: u64, sequence: u64, package: &Package) -> Intake {
        let exchange = self.state_mut().exchanges.entry(isp_id).or_default();
        let Some(upload) = exchange.uploads.get_mut(&sequence) else { return Intake::Divergent { sequence } };
        // Both digests were found to be those of their files.
        if decode_base64(upload.package.hash_base64()) == decode_base64(&package.hash_base64) {
            upload.received = upload.received.saturating_add(1);
            Intake::Accepted
        } else if !self.leniency.refuses(Validation::Divergence) {
            Intake::Accepted
        } else {
            Intake::Divergent { sequence }
        }
    }

    fn take_in_requests(
        &mut self,
        moment: Moment<'_>,
        isp_id: u64,
        sequence: u64,
        requests: Vec<Request>,
    ) -> Vec<u64> {
        let mut ids = Vec::with_capacity(requests.len());
        let mut results: Vec<ResultItem> = Vec::new();
        let mut taken = self.taken();
        for (position, request) in requests.into_iter().enumerate() {
            let id = self.state.filings.last_key_value().map_or(0, |(id, _)| *id) + 1;
            let context = Context {
                provider: isp_id,
                now: moment.now,
                register: &self.state.register,
                siblings: self.siblings(&request),
                taken: &taken,
            };
            let (findings, target) = checks::check(&request, &request.path(position), &context);
            let mut findings = self.leniency.strict(findings.into_list());
            let forced = forced_outcome(&request);
            if let (Some(Outcome::Finding(code)), true) = (forced, findings.is_empty()) {
                findings
                    .push(Finding::new(code, &format!("{}: forced by the domain", request.path(position))));
            }
            let accepted = findings.is_empty();
            let is_material = request.operation() == OperationKind::SubmitMaterial;
            let stage = match accepted {
                false => {
                    results.push(result_item(&request, &findings));
                    Stage::Rejected { findings }
                }
                // Nobody looks at pictures that come on their own.
                true if is_material => {
                    results.push(result_item(&request, &[Finding::taken()]));
                    Stage::Approved {
                        at: moment.now,
                        opinion: "核验单信息成功入库".to_owned(),
                        registration: None,
                    }
                }
                true => Stage::AwaitingReview,
            };
            if accepted {
                note(&request, &mut taken);
            }
            let recipients = self.recipients(&request, &target);
            self.requests.insert(id, request);
            let filing = Filing {
                provider: isp_id,
                sequence,
                position,
                received: moment.now,
                target,
                stage,
                challenges: Vec::new(),
            };
            self.state_mut().filings.insert(id, filing);
            ids.push(id);
            if accepted && !is_material {
                self.begin_verification(moment, id, &recipients);
                self.force(moment, id, forced);
            }
        }
        if !results.is_empty() {
            self.issue_results(moment, isp_id, results);
        }
        ids
    }

    /// What is filed or on its way.
    pub(super) fn taken(&self) -> Taken {
        let mut taken = Taken {
            listed_sponsors: self.state.blacklist.sponsors.clone(),
            listed_domains: self.state.blacklist.domains.clone(),
            ..Taken::default()
        };
        for (_, sponsor) in self.state.register.live_sponsors() {
            let number = checks::identity(&sponsor.data.certificate_number);
            taken.filed_sponsors.insert(number, sponsor.number.to_string());
        }
        for filed in self.state.register.live_services() {
            for name in filed.service.domains.iter().filter_map(|domain| domain.name.parse().ok()) {
                taken.filed_domains.entry(name).or_default().insert(filed.service.number.clone());
            }
        }
        let open = self.state.filings.iter().filter(|(_, filing)| filing.stage.is_open());
        for request in open.filter_map(|(id, _)| self.requests.get(id)) {
            note(request, &mut taken);
        }
        taken
    }

    /// What else of the same sponsor is on its way or was handed in. A first filing has
    /// no sponsor yet.
    fn siblings(&self, request: &Request) -> Vec<Sibling<'_>> {
        if matches!(request, Request::First(_)) {
            return Vec::new();
        }
        self.state
            .filings
            .iter()
            .filter(|(_, filing)| !matches!(filing.stage, Stage::Rejected { .. }))
            .filter_map(|(id, filing)| {
                Some(Sibling {
                    provider: filing.provider,
                    operation: self.requests.get(id)?.operation(),
                    target: &filing.target,
                    received: filing.received,
                    is_open: filing.stage.is_open(),
                })
            })
            .collect()
    }

    /// What a kept upload says of addresses.
    pub(super) fn address_upload(&self, isp_id: u64, sequence: u64) -> Option<IpOperation> {
        let licensee = self.providers.get(&isp_id)?;
        let upload = self.state.exchanges.get(&isp_id)?.uploads.get(&sequence)?;
        let xml = open_sealed(&upload.package.to_package(), &licensee.provider.secret).ok()?;
        match judge(&xml, isp_id, sequence) {
            Ok(Content::Addresses(operation)) => Some(operation),
            _ => None,
        }
    }

    /// Reads what all filings ask for from the kept uploads.
    pub(super) fn read_requests(&mut self) -> Result<(), RegulatorError> {
        for (isp_id, exchange) in &self.state.exchanges {
            for (sequence, upload) in &exchange.uploads {
                let UploadOutcome::Filings(ids) = &upload.outcome else { continue };
                let requests = self
                    .providers
                    .get(isp_id)
                    .and_then(|licensee| {
                        open_sealed(&upload.package.to_package(), &licensee.provider.secret).ok()
                    })
                    .map(|xml| match judge(&xml, *isp_id, *sequence) {
                        Ok(Content::Requests(requests)) => requests,
                        _ => Vec::new(),
                    })
                    .filter(|requests| requests.len() == ids.len())
                    .ok_or(RegulatorError::Upload { isp_id: *isp_id, sequence: *sequence })?;
                self.requests.extend(ids.iter().copied().zip(requests));
            }
        }
        Ok(())
    }
}

/// What the first magic domain of a request forces.
fn forced_outcome(request: &Request) -> Option<Outcome> {
    let websites = request.websites();
    let names = websites.iter().flat_map(|website| &website.domains);
    names.filter_map(|domain| domain.name.parse::<DomainName>().ok()).find_map(|name| outcome_of(&name))
}

/// The interface knows files without a cipher (algorithm 0), so they are taken.
fn open_sealed(package: &Package, secret: &SharedSecret) -> Result<Vec<u8>, PackageError> {
    open(package, secret, &Limits { encryption: Encryption::Optional, ..Limits::default() })
}

/// What a file brings.
enum Content {
    Requests(Vec<Request>),
    Reports(Reports),
    Addresses(IpOperation),
}

/// Reads a file. Its faults name the upload, since a file of the interface has
/// no other name that both sides know.
fn judge(xml: &[u8], isp_id: u64, sequence: u64) -> Result<Content, Vec<Finding>> {
    let fault = |code, text: &str| Finding::new(code, &format!("upload {sequence}: {text}"));
    let refuse = Err;
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
    // The practice regulator also knows services that are no websites.
    if document.version != expected && !document.version.is_extended() {
        faults.push(fault(
            code::VERSION,
            &format!("/UploadData/@version: expected {expected}, got {}", document.version),
        ));
    }
    let element = document.operation.element();
    if document.requesting_unit != isp_id {
        let got = document.requesting_unit;
        let group = element.split('/').next().unwrap_or_default();
        faults.push(fault(
            code::UNIT_MISMATCH,
            &format!("/UploadData/{group}/Qqdwid: expected {isp_id}, got {got}"),
        ));
    }
    if !faults.is_empty() {
        return refuse(faults);
    }
    match document.operation {
        UploadOperation::UnfiledHandled(reports) => return Ok(Content::Reports(Reports::Unfiled(reports))),
        UploadOperation::Addresses(operation) => return Ok(Content::Addresses(operation)),
        UploadOperation::Verified(results) => return Ok(Content::Reports(Reports::Verified(results))),
        operation => Request::of(operation),
    }
    .map(Content::Requests)
    .map_or_else(
        || refuse(vec![fault(code::NOT_OPEN, &format!("the operation {element} is not supported"))]),
        Ok,
    )
}

/// Notes what an accepted request takes.
fn note(request: &Request, taken: &mut Taken) {
    if let Request::First(record) = request {
        taken.open_sponsors.insert(checks::identity(&record.sponsor.certificate.number));
    }
    let websites = request.websites();
    let names = websites.iter().flat_map(|website| &website.domains);
    for name in names.filter_map(|domain| domain.name.parse::<DomainName>().ok()) {
        // A change names the domains that are filed already.
        if !taken.filed_domains.contains_key(&name) {
            taken.open_domains.insert(name);
        }
    }
}
