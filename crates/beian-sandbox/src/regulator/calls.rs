//! Answering the six methods of the interface.

use beian_domain::DomainName;
use beian_wire::package::Algorithms;
use beian_wire::reply::{
    BeianStatusReply, DownloadAckReply, DownloadReply, FilingState, LastUpload, QueryCondition,
    QueryPreviousUploadReply, ReplyFile, Status, StatusInfo, UploadReply, VerifyReply, VerifyResult,
};
use beian_wire::soap::{Credentials, Request};
use beian_wire::{MessageCode, Method, RandVal, RandValError, password_hash};

use super::exchange::Acknowledgement;
use super::intake::Intake;
use super::{Licensee, Regulator};
use crate::checks::identity;
use crate::faults::Struck;
use crate::sandbox::Moment;
use crate::validation::Validation;

/// Why a call is not carried out: a code, and what the code's own text leaves out.
struct Refused {
    code: MessageCode,
    particulars: Option<String>,
}

impl Refused {
    fn with(code: MessageCode, particulars: impl Into<String>) -> Self {
        Self { code, particulars: Some(particulars.into()) }
    }

    fn status(self) -> Status {
        let mut status = Status::of(self.code);
        if let Some(particulars) = self.particulars {
            status.message = format!("{}（{particulars}）", status.message);
        }
        status
    }
}

impl From<MessageCode> for Refused {
    fn from(code: MessageCode) -> Self {
        Self { code, particulars: None }
    }
}

impl Regulator {
    /// The inner document that answers a call.
    ///
    /// Checks follow each other in one order, and the first that fails answers:
    /// number and user name (4), random value (16, 12), hash algorithm (10),
    /// password (5), a random value used before (12); for uploads then sequence
    /// (14), hash algorithm, cipher and compression (10, 9, 11), size (18),
    /// deciphering (6), digest (7), unzipping (8), number of files (17).
    pub(crate) fn answer(&mut self, moment: Moment<'_>, request: &Request, struck: Struck) -> String {
        self.struck = struck;
        match request {
            Request::Upload(call) => {
                let hash = call.package.algorithms.hash;
                let (status, missing_sequences) =
                    match self.authenticate(moment, request.method(), &call.credentials, hash) {
                        Err(refused) => (refused.status(), Vec::new()),
                        Ok(()) => upload_status(self.take_in(
                            moment,
                            call.credentials.isp_id,
                            call.sequence,
                            call.package.clone(),
                        )),
                    };
                UploadReply { status, missing_sequences }.to_xml()
            }
            Request::Download(call) => {
                let (status, file) =
                    match self.authenticate(moment, request.method(), &call.credentials, call.hash_algorithm)
                    {
                        Err(refused) => (refused.status(), None),
                        // The interface also has 1 (the last) and 3 (more wait) without saying
                        // when; 0 with a file and 2 without one say all. ASSUMED.
                        Ok(()) => match self.next_download(call.credentials.isp_id) {
                            Some((name, package)) => {
                                (Status::of(MessageCode::OK), Some(ReplyFile { name, package }))
                            }
                            None => (Status::of(MessageCode::NOTHING_TO_DOWNLOAD), None),
                        },
                    };
                DownloadReply { status, file }.to_xml()
            }
            Request::DownloadAck(call) => {
                let status =
                    match self.authenticate(moment, request.method(), &call.credentials, call.hash_algorithm)
                    {
                        Err(refused) => refused.status(),
                        Ok(()) if call.file_name.is_empty() => {
                            match self.leniency.refuses(Validation::NamelessAcknowledgement) {
                                true => Status::of(MessageCode::NO_FILE_NAME),
                                false => Status::of(MessageCode::OK),
                            }
                        }
                        Ok(()) => match self.acknowledge(moment, call.credentials.isp_id, &call.file_name) {
                            Acknowledgement::Noted => Status::of(MessageCode::OK),
                            Acknowledgement::Unknown
                                if !self.leniency.refuses(Validation::UnknownAcknowledgement) =>
                            {
                                Status::of(MessageCode::OK)
                            }
                            Acknowledgement::Unknown => Refused::with(
                                MessageCode::OTHER,
                                "expected the name of the file that was handed out last",
                            )
                            .status(),
                        },
                    };
                DownloadAckReply { status }.to_xml()
            }
            Request::QueryPreviousUpload(call) => {
                let (status, last) =
                    match self.authenticate(moment, request.method(), &call.credentials, call.hash_algorithm)
                    {
                        Err(refused) => (refused.status(), None),
                        Ok(()) => (Status::of(MessageCode::OK), self.last_upload(call.credentials.isp_id)),
                    };
                QueryPreviousUploadReply { status, last }.to_xml()
            }
            Request::QueryBeianStatus(call) => {
                let (status, info) =
                    match self.authenticate(moment, request.method(), &call.credentials, call.hash_algorithm)
                    {
                        Err(refused) => (refused.status(), None),
                        Ok(()) => match self.filing_state(&call.condition) {
                            Ok(state) => (
                                Status::of(MessageCode::OK),
                                Some(StatusInfo { condition: call.condition.clone(), state }),
                            ),
                            Err(refused) => (refused.status(), None),
                        },
                    };
                BeianStatusReply { status, info }.to_xml()
            }
            Request::VerifyBamm(call) => {
                let (status, result) =
                    match self.authenticate(moment, request.method(), &call.credentials, call.hash_algorithm)
                    {
                        Err(refused) => (refused.status(), None),
                        Ok(()) => {
                            match self.verify_password(
                                moment,
                                call.filing_number.trim(),
                                &call.filing_password,
                            ) {
                                Ok(result) => (Status::of(MessageCode::OK), Some(result)),
                                Err(refused) => (refused.status(), None),
                            }
                        }
                    };
                VerifyReply { status, result }.to_xml()
            }
        }
    }

    fn authenticate(
        &mut self,
        moment: Moment<'_>,
        method: Method,
        caller: &Credentials,
        hash_algorithm: i32,
    ) -> Result<(), Refused> {
        let strict = |validation| self.leniency.refuses(validation);
        let is_named =
            |known: &&Licensee| known.provider.user_name == caller.user_name || !strict(Validation::Caller);
        let Some(licensee) = self.providers.get(&caller.isp_id).filter(is_named) else {
            return Err(Refused::with(MessageCode::WRONG_USER, "expected a known ispId with its userName"));
        };
        let rand_val = match RandVal::received(&caller.rand_val) {
            Ok(rand_val) => Some(rand_val),
            Err(error) => {
                let (validation, code) = match error {
                    RandValError::Length { .. } => (Validation::RandomLength, MessageCode::SHORT_RANDOM),
                    RandValError::Character => (Validation::RandomCharacters, MessageCode::NOT_AUTHENTICATED),
                };
                if strict(validation) {
                    return Err(Refused::with(code, error.to_string()));
                }
                None
            }
        };
        if hash_algorithm != Algorithms::MD5 && strict(Validation::DigestAlgorithm) {
            let particulars = format!("expected {}, got {hash_algorithm}", Algorithms::MD5);
            return Err(Refused::with(MessageCode::WRONG_HASH, particulars));
        }
        // A random value that is none has no digest: whoever lets it pass asks for no password.
        if let Some(rand_val) = &rand_val {
            let is_right = password_hash(&licensee.provider.password, rand_val) == caller.password_hash;
            if !is_right && strict(Validation::Password) {
                return Err(MessageCode::WRONG_PASSWORD.into());
            }
            let check_freshness = strict(Validation::Freshness);
            if check_freshness && !self.seen.is_fresh(caller.isp_id, rand_val.as_str(), moment.now) {
                let particulars = "expected a fresh randVal, got one of the last ten minutes";
                return Err(Refused::with(MessageCode::NOT_AUTHENTICATED, particulars));
            }
        }
        match self.struck.refusal(method) {
            Some(code) => Err(code.into()),
            None => Ok(()),
        }
    }

    fn last_upload(&self, isp_id: u64) -> Option<LastUpload> {
        let (sequence, upload) = self.state.exchanges.get(&isp_id)?.uploads.last_key_value()?;
        Some(LastUpload { sequence: *sequence, name: None, package: upload.package.to_package() })
    }

    fn filing_state(&self, condition: &QueryCondition) -> Result<FilingState, Refused> {
        match condition {
            QueryCondition::Domain(name) => {
                let asked = match name.parse::<DomainName>() {
                    Ok(asked) => asked,
                    Err(_) if !self.leniency.refuses(Validation::QueriedDomain) => {
                        return Ok(FilingState::NotFiled);
                    }
                    Err(error) => return Err(Refused::with(MessageCode::OTHER, error.to_string())),
                };
                let found =
                    self.state.register.live_services().find(|filed| filed.service.has_domain(&asked));
                Ok(found.map_or(FilingState::NotFiled, |filed| FilingState::Filed {
                    sponsor_number: Some(filed.sponsor.number.to_string()),
                    website_number: Some(filed.service.number.to_string()),
                    website_name: Some(filed.service.data.name.clone()),
                }))
            }
            QueryCondition::Certificate { kind, number } => {
                let number = identity(number);
                // Shells too: the number stands, with nothing under it.
                let found = self.state.register.live_sponsors().find(|(_, sponsor)| {
                    sponsor.data.certificate_kind == u16::from(*kind)
                        && identity(&sponsor.data.certificate_number) == number
                });
                Ok(found.map_or(FilingState::NotFiled, |(_, sponsor)| FilingState::Filed {
                    sponsor_number: Some(sponsor.number.to_string()),
                    website_number: None,
                    website_name: None,
                }))
            }
        }
    }

    /// Judges a filing password. Five wrong ones close the number for a day; an
    /// unknown number is answered like a wrong password, so that nobody learns
    /// which numbers exist.
    fn verify_password(
        &mut self,
        moment: Moment<'_>,
        number: &str,
        password: &str,
    ) -> Result<VerifyResult, Refused> {
        let may_try = self.wrong_passwords.may_try(number, moment.now);
        if !may_try && self.leniency.refuses(Validation::PasswordTries) {
            let particulars = format!("X = {}", super::access::PASSWORD_TRIES);
            return Err(Refused::with(MessageCode::TOO_MANY_CHECKS, particulars));
        }
        // The interface has numbers of at most 128 characters: longer ones are not
        // remembered.
        if number.chars().count() > 128 {
            return Ok(VerifyResult::Wrong);
        }
        let right = self.state.register.live_sponsors().any(|(_, sponsor)| {
            let mut services = sponsor.services.values().filter(|service| service.cancelled.is_none());
            let fits = sponsor.number.to_string() == number
                || services.any(|service| service.number.to_string() == number);
            fits && sponsor.has_password(password)
        });
        if right || !self.leniency.refuses(Validation::FilingPassword) {
            return Ok(VerifyResult::Right);
        }
        self.wrong_passwords.note(number, moment.now);
        Ok(VerifyResult::Wrong)
    }
}

fn upload_status(intake: Intake) -> (Status, Vec<u64>) {
    let refused = match intake {
        Intake::Accepted => return (Status::of(MessageCode::OK), Vec::new()),
        Intake::Gap { missing } => return (Status::of(MessageCode::SEQUENCE_GAP), missing),
        Intake::NotASequence { got } => {
            Refused::with(MessageCode::OTHER, format!("expected a dataSequence from 1, got {got}"))
        }
        Intake::Divergent { sequence } => Refused::with(
            MessageCode::OTHER,
            format!("expected the file that came as {sequence} before, got another one"),
        ),
        Intake::Sealed(error) => Refused::with(error.message_code(), error.to_string()),
    };
    (refused.status(), Vec::new())
}
