//! The calls an access provider makes.

use std::fmt;
use std::sync::Arc;

use beian_domain::{CertificateKind, DomainName, Personal, Random, RecordNumber};
use beian_wire::download::DownloadDocument;
use beian_wire::package::{Algorithms, Limits, Package, PackageError, SealError, SharedSecret, open, seal};
use beian_wire::reply::{
    BeianStatusReply, DownloadAckReply, DownloadReply, FilingState, QueryCondition as WireCondition,
    QueryPreviousUploadReply, Status, UploadReply, VerifyReply, VerifyResult,
};
use beian_wire::soap::{
    Credentials, DownloadAckRequest, DownloadRequest, MAX_ENVELOPE_BYTES, QueryBeianStatusRequest,
    QueryPreviousUploadRequest, Request, UploadRequest, VerifyBammRequest,
};
use beian_wire::{FileName, MessageCode, Method, Password, RandVal, ReadError, password_hash};

use crate::endpoint::parse_base;
use crate::transport::Transport;
use crate::{Endpoint, ExchangeError, SetupError, Timeouts, Uncertainty};

/// The largest answer that carries no file, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;
/// The largest answer that carries a file, in bytes.
const MAX_FILE_ANSWER: usize = 64 * 1024 * 1024;
const _: () = assert!(MAX_FILE_ANSWER <= MAX_ENVELOPE_BYTES);

/// Speaks to one regulator as one access provider. Cheap to clone.
#[derive(Clone)]
pub struct RegulatorClient {
    transport: Transport,
    isp_id: u64,
    user_name: String,
    password: Password,
    secret: SharedSecret,
    limits: Limits,
    random: Arc<dyn Random>,
}

impl fmt::Debug for RegulatorClient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RegulatorClient").field("isp_id", &self.isp_id).finish_non_exhaustive()
    }
}

/// A file ready to be handed in, with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedUpload {
    /// Its number (数据序号), from 1.
    pub sequence: u64,
    /// The sealed file. Sealing anew may give other bytes after an update of this
    /// software, so what is kept for sending again is this.
    pub package: Package,
}

/// A file from the regulator, opened.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchedFile {
    /// Its name, to acknowledge it by.
    pub name: FileName,
    /// Digest of its archive in base64, which tells two files of one name apart.
    pub hash_base64: String,
    /// Its XML, in GBK as it came.
    pub xml: Vec<u8>,
    /// Whether more wait.
    pub queue: Queue,
}

/// A file from the regulator, opened and read.
#[derive(Clone, PartialEq, Eq)]
pub struct DownloadedFile {
    /// Its name, to acknowledge it by.
    pub name: FileName,
    /// Digest of its archive in base64, which tells two files of one name apart.
    pub hash_base64: String,
    /// Its XML, in GBK as it came.
    pub xml: Vec<u8>,
    /// What it says.
    pub document: DownloadDocument,
    /// Whether more wait.
    pub queue: Queue,
}

/// What the regulator says of the files behind the one it gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// This was the last one.
    Empty,
    /// More wait.
    Waiting,
    /// It does not say.
    Unknown,
}

/// What the regulator says of a filing password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// It is the record's.
    Right,
    /// It is not, or there is no such record.
    Wrong,
    /// It was asked too often (22): the next answer comes after a while.
    TooManyTries,
    /// The regulator cannot tell: the record is not in its register, or the check is
    /// not open.
    Unknown,
}

impl FetchedFile {
    /// Reads its XML.
    ///
    /// # Errors
    /// When it is not a document of the interface, or of a kind not supported.
    pub fn read(self) -> Result<DownloadedFile, ReadError> {
        let document = DownloadDocument::from_gbk_xml(&self.xml)?;
        let Self { name, hash_base64, xml, queue } = self;
        Ok(DownloadedFile { name, hash_base64, xml, document, queue })
    }
}

impl fmt::Debug for FetchedFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("FetchedFile")
            .field("name", &self.name)
            .field("bytes", &self.xml.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DownloadedFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DownloadedFile")
            .field("name", &self.name)
            .field("bytes", &self.xml.len())
            .finish_non_exhaustive()
    }
}

/// The last file the regulator accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousUpload {
    /// Its number; 0 when it has accepted none yet.
    pub sequence: u64,
    /// Digest of its archive in base64; empty when there is none.
    pub hash_base64: String,
}

/// What a status query asks for.
#[derive(Clone)]
pub enum QueryCondition {
    /// A domain of a website.
    Domain(DomainName),
    /// A sponsor, by its certificate.
    Certificate {
        /// Kind of certificate.
        kind: CertificateKind,
        /// Its number. Personal data.
        number: String,
    },
}

impl fmt::Debug for QueryCondition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => out.debug_tuple("Domain").field(&name.as_ascii()).finish(),
            Self::Certificate { kind, .. } => {
                out.debug_struct("Certificate").field("kind", kind).finish_non_exhaustive()
            }
        }
    }
}

/// Whether something is filed (备案状态), as the regulator tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilingStatus {
    /// It is not.
    NotFiled,
    /// It is. Numbers are in the regulator's spelling.
    Filed {
        /// Filing number of the sponsor, if told.
        sponsor_number: Option<String>,
        /// Filing number of the service, if told; for domains only.
        service_number: Option<String>,
        /// Name of the service, if told; for domains only.
        service_name: Option<String>,
    },
}

impl RegulatorClient {
    /// Sets up a client. Nothing is sent yet. A TLS provider must be installed for
    /// the process, even for plain HTTP.
    ///
    /// # Errors
    /// When the address is none, or HTTP cannot be set up.
    pub fn new(endpoint: Endpoint, random: Arc<dyn Random>, timeouts: Timeouts) -> Result<Self, SetupError> {
        let Endpoint { base_url, isp_id, user_name, password, secret, encryption } = endpoint;
        let transport = Transport::new(parse_base(&base_url)?, timeouts)?;
        let limits = Limits { encryption, ..Limits::default() };
        Ok(Self { transport, isp_id, user_name, password, secret, limits, random })
    }

    /// The access provider's number with the regulator.
    #[must_use]
    pub fn isp_id(&self) -> u64 {
        self.isp_id
    }

    /// Packs a file with the secret shared with this regulator.
    ///
    /// # Errors
    /// When the file is too large.
    pub fn seal(&self, xml: &[u8]) -> Result<Package, SealError> {
        seal(xml, &FileName::upload_entry(), &self.secret)
    }

    /// Opens a file that was packed here.
    ///
    /// # Errors
    /// When it was packed with another secret.
    pub fn unseal(&self, package: &Package) -> Result<Vec<u8>, PackageError> {
        open(package, &self.secret, &self.limits)
    }

    /// Hands in a file (上报). On success the regulator has taken it; what becomes of it
    /// follows in files.
    ///
    /// # Errors
    /// See [`ExchangeError`]; after [`crate::Delivery::Unknown`] ask
    /// [`Self::previous_upload`] before sending anything again. A gap in the numbers is
    /// refused with [`MessageCode::SEQUENCE_GAP`].
    pub async fn upload(&self, upload: &SealedUpload) -> Result<(), ExchangeError> {
        let SealedUpload { sequence, package } = upload.clone();
        let request = Request::Upload(UploadRequest { credentials: self.credentials(), sequence, package });
        let reply = self.call(&request, MAX_ANSWER, UploadReply::from_xml).await?;
        if reply.status.code == MessageCode::OK {
            return Ok(());
        }
        let mut status = reply.status;
        if !reply.missing_sequences.is_empty() {
            let few: Vec<String> = reply.missing_sequences.iter().take(10).map(u64::to_string).collect();
            status.message = format!("{} [{}]", words(&status), few.join(", "));
        }
        Err(refused(Method::Upload, &status))
    }

    /// Fetches and reads the oldest file that is not yet acknowledged (下载); `None`
    /// when there is none.
    ///
    /// # Errors
    /// See [`ExchangeError`]. A file that cannot be read stays the oldest one: see
    /// [`Self::fetch`] for how to get past it.
    pub async fn download(&self) -> Result<Option<DownloadedFile>, ExchangeError> {
        let Some(file) = self.fetch().await? else { return Ok(None) };
        let name = file.name.clone();
        file.read().map(Some).map_err(|error| ExchangeError::Corrupt { name, cause: error.into() })
    }

    /// Fetches the oldest file that is not yet acknowledged without reading its XML, so
    /// that one of a kind not supported can be kept and acknowledged all the same.
    ///
    /// # Errors
    /// See [`ExchangeError`].
    pub async fn fetch(&self) -> Result<Option<FetchedFile>, ExchangeError> {
        let method = Method::Download;
        let request = Request::Download(DownloadRequest {
            credentials: self.credentials(),
            hash_algorithm: Algorithms::MD5,
        });
        let reply = self.call(&request, MAX_FILE_ANSWER, DownloadReply::from_xml).await?;
        let code = reply.status.code;
        if !code.is_success() {
            return Err(refused(method, &reply.status));
        }
        let Some(file) = reply.file else {
            return match code {
                MessageCode::MORE_FILES => {
                    Err(ExchangeError::Uncertain { method, reason: Uncertainty::Incomplete { code } })
                }
                _ => Ok(None),
            };
        };
        let xml = open(&file.package, &self.secret, &self.limits)
            .map_err(|error| ExchangeError::Corrupt { name: file.name.clone(), cause: error.into() })?;
        let queue = match code {
            MessageCode::LAST_FILE => Queue::Empty,
            MessageCode::MORE_FILES => Queue::Waiting,
            _ => Queue::Unknown,
        };
        Ok(Some(FetchedFile {
            name: file.name,
            hash_base64: file.package.hash_base64.trim().to_owned(),
            xml,
            queue,
        }))
    }

    /// Acknowledges a file (下载确认), so that the next one is given. Only after its
    /// content is safe.
    ///
    /// # Errors
    /// See [`ExchangeError`].
    pub async fn acknowledge(&self, name: &FileName) -> Result<(), ExchangeError> {
        let request = Request::DownloadAck(DownloadAckRequest {
            credentials: self.credentials(),
            hash_algorithm: Algorithms::MD5,
            file_name: name.as_str().to_owned(),
        });
        let reply = self.call(&request, MAX_ANSWER, DownloadAckReply::from_xml).await?;
        // Some answer how the queue stands, with 1 to 3: done all the same.
        if reply.status.code.is_success() { Ok(()) } else { Err(refused(Method::DownloadAck, &reply.status)) }
    }

    /// Asks for the last file the regulator accepted (查询上次上报).
    ///
    /// # Errors
    /// See [`ExchangeError`].
    pub async fn previous_upload(&self) -> Result<PreviousUpload, ExchangeError> {
        let request = Request::QueryPreviousUpload(QueryPreviousUploadRequest {
            credentials: self.credentials(),
            hash_algorithm: Algorithms::MD5,
        });
        let reply = self.call(&request, MAX_FILE_ANSWER, QueryPreviousUploadReply::from_xml).await?;
        if !reply.status.code.is_success() {
            return Err(refused(Method::QueryPreviousUpload, &reply.status));
        }
        Ok(match reply.last {
            Some(last) => PreviousUpload {
                sequence: last.sequence,
                hash_base64: last.package.hash_base64.trim().to_owned(),
            },
            None => PreviousUpload { sequence: 0, hash_base64: String::new() },
        })
    }

    /// Asks whether a domain or a sponsor is filed (备案状态查询).
    ///
    /// # Errors
    /// See [`ExchangeError`].
    pub async fn filing_status(&self, condition: &QueryCondition) -> Result<FilingStatus, ExchangeError> {
        let method = Method::QueryBeianStatus;
        let condition = match condition {
            QueryCondition::Domain(name) => WireCondition::Domain(name.as_ascii().to_owned()),
            QueryCondition::Certificate { kind, number } => {
                // Every kind of the table is far below 99.
                WireCondition::Certificate {
                    kind: u8::try_from(kind.code()).unwrap_or(u8::MAX),
                    number: number.clone(),
                }
            }
        };
        let request = Request::QueryBeianStatus(QueryBeianStatusRequest {
            credentials: self.credentials(),
            hash_algorithm: Algorithms::MD5,
            condition,
        });
        let reply = self.call(&request, MAX_ANSWER, BeianStatusReply::from_xml).await?;
        let code = reply.status.code;
        if !code.is_success() {
            return Err(refused(method, &reply.status));
        }
        match reply.info.map(|info| info.state) {
            Some(FilingState::NotFiled) => Ok(FilingStatus::NotFiled),
            Some(FilingState::Filed { sponsor_number, website_number, website_name }) => {
                Ok(FilingStatus::Filed {
                    sponsor_number,
                    service_number: website_number,
                    service_name: website_name,
                })
            }
            None => Err(ExchangeError::Uncertain { method, reason: Uncertainty::Incomplete { code } }),
        }
    }

    /// Asks whether a filing password (备案密码) is that of a record (备案密码校验). Every
    /// question counts: a record bears a few wrong ones, whoever asks.
    ///
    /// `password` is what the sponsor was given, as deployed clients send it, or its
    /// digest. That the regulator takes either is ASSUMED.
    ///
    /// # Errors
    /// See [`ExchangeError`].
    pub async fn verify_filing_password(
        &self,
        number: &RecordNumber,
        password: &Personal,
    ) -> Result<PasswordVerdict, ExchangeError> {
        let request = Request::VerifyBamm(VerifyBammRequest {
            credentials: self.credentials(),
            hash_algorithm: Algorithms::MD5,
            filing_number: number.to_string(),
            filing_password: password.expose().to_owned(),
        });
        let reply = self.call(&request, MAX_ANSWER, VerifyReply::from_xml).await?;
        match (reply.status.code, reply.result) {
            (MessageCode::TOO_MANY_CHECKS, _) => Ok(PasswordVerdict::TooManyTries),
            (MessageCode::OTHER, _) => Ok(PasswordVerdict::Unknown),
            (code, Some(VerifyResult::Right)) if code.is_success() => Ok(PasswordVerdict::Right),
            (code, Some(VerifyResult::Wrong)) if code.is_success() => Ok(PasswordVerdict::Wrong),
            (code, None) if code.is_success() => Ok(PasswordVerdict::Unknown),
            _ => Err(refused(Method::VerifyBamm, &reply.status)),
        }
    }

    fn credentials(&self) -> Credentials {
        let mut bytes = [0; RandVal::LENGTH];
        self.random.fill(&mut bytes);
        let rand_val = RandVal::from_random(bytes);
        Credentials {
            isp_id: self.isp_id,
            user_name: self.user_name.clone(),
            password_hash: password_hash(&self.password, &rand_val),
            rand_val: rand_val.as_str().to_owned(),
        }
    }

    async fn call<T>(
        &self,
        request: &Request,
        most: usize,
        read: impl FnOnce(&str) -> Result<T, ReadError>,
    ) -> Result<T, ExchangeError> {
        let inner = self.transport.call(request, most).await?;
        read(&inner)
            .map_err(|error| ExchangeError::Uncertain { method: request.method(), reason: error.into() })
    }
}

fn refused(method: Method, status: &Status) -> ExchangeError {
    ExchangeError::Refused { method, code: status.code, message: words(status) }
}

/// The regulator's words, kept short; the official text where it gave none.
fn words(status: &Status) -> String {
    let official = status.code.explanation().map(|explanation| explanation.chinese).unwrap_or_default();
    let text = if status.message.trim().is_empty() { official } else { status.message.trim() };
    text.chars().take(500).collect()
}
