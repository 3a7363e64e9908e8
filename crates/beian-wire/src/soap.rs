//! SOAP 1.1 envelopes around the six methods (document/literal wrapped).
//!
//! Written as the one client does that is known to work with the real service:
//! wrapper elements in the service's namespace, parameters in none. Read with any
//! prefix, parameters qualified or not, in any order.

use std::fmt;

use thiserror::Error;

use crate::gbk;
use crate::method::NAMESPACE;
use crate::package::{Algorithms, Package};
use crate::reply::QueryCondition;
use crate::xml::{Bounds, Element, Tree, TreeError, escape};
use crate::{Method, PasswordHash};

/// The largest envelope that is read, in bytes: a file of 50 MB that could not be
/// compressed, in base64, with its line ends.
pub const MAX_ENVELOPE_BYTES: usize = 72 * 1024 * 1024;

const BOUNDS: Bounds = Bounds { depth: 16, elements: 512 };

/// A call of one of the six methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `isp_upload`.
    Upload(UploadRequest),
    /// `isp_download`.
    Download(DownloadRequest),
    /// `isp_downloadack`.
    DownloadAck(DownloadAckRequest),
    /// `isp_querypreviousupload`.
    QueryPreviousUpload(QueryPreviousUploadRequest),
    /// `isp_querybeianstatus`.
    QueryBeianStatus(QueryBeianStatusRequest),
    /// `isp_verifybamm`.
    VerifyBamm(VerifyBammRequest),
}

/// Who calls, and its proof, as claimed: nothing of it is checked yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access provider's number with the regulator, 12 digits as a rule.
    pub isp_id: u64,
    /// Its user name.
    pub user_name: String,
    /// The random value ([`crate::RandVal`] if it is well-formed).
    pub rand_val: String,
    /// The digest of password and random value.
    pub password_hash: PasswordHash,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Credentials").field("isp_id", &self.isp_id).finish_non_exhaustive()
    }
}

/// Hands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRequest {
    /// Who calls.
    pub credentials: Credentials,
    /// Number of the file (数据序号): 1, then one more for each accepted file.
    pub sequence: u64,
    /// The file.
    pub package: Package,
}

/// Fetches the oldest file that is not yet acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadRequest {
    /// Who calls.
    pub credentials: Credentials,
    /// Digest used, [`Algorithms::MD5`].
    pub hash_algorithm: i32,
}

/// Acknowledges a fetched file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadAckRequest {
    /// Who calls.
    pub credentials: Credentials,
    /// Digest used, [`Algorithms::MD5`].
    pub hash_algorithm: i32,
    /// Name of the file, as claimed ([`crate::FileName`] if it is well-formed).
    pub file_name: String,
}

/// Asks for the last accepted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryPreviousUploadRequest {
    /// Who calls.
    pub credentials: Credentials,
    /// Digest used, [`Algorithms::MD5`].
    pub hash_algorithm: i32,
}

/// Asks whether something is filed.
#[derive(Clone, PartialEq, Eq)]
pub struct QueryBeianStatusRequest {
    /// Who calls.
    pub credentials: Credentials,
    /// Digest used, [`Algorithms::MD5`].
    pub hash_algorithm: i32,
    /// What is asked for.
    pub condition: QueryCondition,
}

impl fmt::Debug for QueryBeianStatusRequest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("QueryBeianStatusRequest")
            .field("credentials", &self.credentials)
            .field("condition", &self.condition)
            .finish_non_exhaustive()
    }
}

/// Checks a filing password (备案密码).
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyBammRequest {
    /// Who calls.
    pub credentials: Credentials,
    /// Digest used, [`Algorithms::MD5`].
    pub hash_algorithm: i32,
    /// Filing number (备案序号).
    pub filing_number: String,
    /// The password, plain or as a hexadecimal MD5; the interface does not say which.
    pub filing_password: String,
}

impl fmt::Debug for VerifyBammRequest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("VerifyBammRequest")
            .field("credentials", &self.credentials)
            .field("filing_number", &self.filing_number)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// Which method it calls.
    #[must_use]
    pub fn method(&self) -> Method {
        match self {
            Self::Upload(_) => Method::Upload,
            Self::Download(_) => Method::Download,
            Self::DownloadAck(_) => Method::DownloadAck,
            Self::QueryPreviousUpload(_) => Method::QueryPreviousUpload,
            Self::QueryBeianStatus(_) => Method::QueryBeianStatus,
            Self::VerifyBamm(_) => Method::VerifyBamm,
        }
    }

    /// Who calls.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        match self {
            Self::Upload(request) => &request.credentials,
            Self::Download(request) => &request.credentials,
            Self::DownloadAck(request) => &request.credentials,
            Self::QueryPreviousUpload(request) => &request.credentials,
            Self::QueryBeianStatus(request) => &request.credentials,
            Self::VerifyBamm(request) => &request.credentials,
        }
    }

    /// The envelope to post, in UTF-8. A character that XML does not have becomes U+FFFD.
    #[must_use]
    pub fn to_envelope(&self) -> String {
        let method = self.method();
        let mut body = format!("<{method} xmlns=\"{NAMESPACE}\">");
        for ((name, _), value) in method.parameters().into_iter().zip(self.values()) {
            body.push_str(&format!("<{name} xmlns=\"\">{}</{name}>", escape(&value)));
        }
        body.push_str(&format!("</{method}>"));
        envelope(&body)
    }

    /// Values in the order of [`Method::parameters`].
    fn values(&self) -> Vec<String> {
        let Credentials { isp_id, user_name, rand_val, password_hash } = self.credentials();
        let mut values =
            vec![isp_id.to_string(), user_name.clone(), rand_val.clone(), password_hash.as_str().to_owned()];
        match self {
            Self::Upload(UploadRequest { sequence, package, .. }) => values.extend([
                package.content_base64.clone(),
                package.hash_base64.clone(),
                sequence.to_string(),
                package.algorithms.encryption.to_string(),
                package.algorithms.hash.to_string(),
                package.algorithms.compression.to_string(),
            ]),
            Self::Download(DownloadRequest { hash_algorithm, .. })
            | Self::QueryPreviousUpload(QueryPreviousUploadRequest { hash_algorithm, .. }) => {
                values.push(hash_algorithm.to_string());
            }
            Self::DownloadAck(DownloadAckRequest { hash_algorithm, file_name, .. }) => {
                values.extend([hash_algorithm.to_string(), file_name.clone()]);
            }
            Self::QueryBeianStatus(QueryBeianStatusRequest { hash_algorithm, condition, .. }) => {
                values.extend([
                    hash_algorithm.to_string(),
                    condition.type_id().to_string(),
                    condition.value().to_owned(),
                ]);
            }
            Self::VerifyBamm(VerifyBammRequest {
                hash_algorithm, filing_number, filing_password, ..
            }) => {
                values.extend([hash_algorithm.to_string(), filing_number.clone(), filing_password.clone()]);
            }
        }
        values
    }

    /// Reads an envelope. A missing text counts as empty (the checks that follow
    /// answer it with their own codes); a missing number is an error.
    ///
    /// # Errors
    /// See [`EnvelopeError`].
    pub fn from_envelope(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        with_body(bytes, |wrapper| {
            let method = Method::named(&wrapper.name)
                .ok_or_else(|| EnvelopeError::UnknownMethod { name: shorten(&wrapper.name) })?;
            let parameters = Parameters { wrapper };
            let credentials = Credentials {
                isp_id: parameters.number("ispId")?,
                user_name: parameters.text("userName")?,
                rand_val: parameters.text("randVal")?,
                password_hash: PasswordHash::received(parameters.text("pwdHash")?),
            };
            let hash_algorithm = parameters.number("hashAlgorithm")?;
            Ok(match method {
                Method::Upload => Self::Upload(UploadRequest {
                    credentials,
                    sequence: parameters.number("dataSequence")?,
                    package: Package {
                        content_base64: parameters.text("beianInfo")?,
                        hash_base64: parameters.text("beianInfoHash")?,
                        algorithms: Algorithms {
                            hash: hash_algorithm,
                            encryption: parameters.number("encryptAlgorithm")?,
                            compression: parameters.number("compressionFormat")?,
                        },
                    },
                }),
                Method::Download => Self::Download(DownloadRequest { credentials, hash_algorithm }),
                Method::DownloadAck => Self::DownloadAck(DownloadAckRequest {
                    credentials,
                    hash_algorithm,
                    file_name: parameters.text("fileName")?,
                }),
                Method::QueryPreviousUpload => {
                    Self::QueryPreviousUpload(QueryPreviousUploadRequest { credentials, hash_algorithm })
                }
                Method::QueryBeianStatus => Self::QueryBeianStatus(QueryBeianStatusRequest {
                    credentials,
                    hash_algorithm,
                    condition: QueryCondition::from_wire(
                        parameters.number("queryConditionType")?,
                        parameters.text("queryCondition")?,
                    )
                    .ok_or(EnvelopeError::Parameter { name: "queryConditionType" })?,
                }),
                Method::VerifyBamm => Self::VerifyBamm(VerifyBammRequest {
                    credentials,
                    hash_algorithm,
                    filing_number: parameters.text("baxh")?,
                    filing_password: parameters.text("bamm")?,
                }),
            })
        })
    }
}

/// The envelope that answers a call with an inner document.
#[must_use]
pub fn response_envelope(method: Method, inner_xml: &str) -> String {
    envelope(&format!(
        "<{method}Response xmlns=\"{NAMESPACE}\"><return xmlns=\"\">{}</return></{method}Response>",
        escape(inner_xml)
    ))
}

/// The inner document in the answer to a call.
///
/// # Errors
/// See [`EnvelopeError`]; a fault is [`EnvelopeError::Fault`].
pub fn response_inner(method: Method, bytes: &[u8]) -> Result<String, EnvelopeError> {
    with_body(bytes, |wrapper| {
        if &*wrapper.name == "Fault" {
            return Err(EnvelopeError::Fault(Fault::read(wrapper)));
        }
        if wrapper.name.strip_suffix("Response") != Some(method.name()) {
            return Err(EnvelopeError::UnknownMethod { name: shorten(&wrapper.name) });
        }
        match wrapper.children.as_slice() {
            [only] if &*only.name == "return" && only.children.is_empty() => {
                Ok(only.text.clone().into_owned())
            }
            _ => Err(EnvelopeError::NotSoap),
        }
    })
}

/// A call that was not carried out (SOAP fault).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("SOAP fault {code}: {message}")]
pub struct Fault {
    /// Whose fault.
    pub code: FaultCode,
    /// In words, at most 300 characters when read.
    pub message: String,
}

/// Whose fault a failed call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    /// The caller's: the message cannot be understood.
    Client,
    /// The service's.
    Server,
}

impl fmt::Display for FaultCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Client => "Client",
            Self::Server => "Server",
        })
    }
}

impl Fault {
    /// The envelope to answer with (HTTP status 500).
    #[must_use]
    pub fn to_envelope(&self) -> String {
        envelope(&format!(
            "<soapenv:Fault><faultcode>soapenv:{}</faultcode><faultstring>{}</faultstring></soapenv:Fault>",
            self.code,
            escape(&self.message)
        ))
    }

    fn read(fault: &Element<'_>) -> Self {
        let text = |name: &str| {
            fault
                .children
                .iter()
                .find(|child| &*child.name == name)
                .map(|child| child.text.trim())
                .unwrap_or_default()
        };
        let client =
            text("faultcode").rsplit(':').next().is_some_and(|code| code.split('.').next() == Some("Client"));
        Self {
            code: if client { FaultCode::Client } else { FaultCode::Server },
            message: text("faultstring").chars().take(300).collect(),
        }
    }
}

/// Why bytes are not an envelope that can be used. Holds no parameter values.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    /// Too large.
    #[error("an envelope may have {max} bytes, got {got}")]
    TooLarge {
        /// The limit in bytes.
        max: usize,
        /// Its size in bytes.
        got: usize,
    },
    /// Not text in the encoding it declares, or with characters that XML forbids.
    #[error("the envelope is not text")]
    NotText,
    /// Not well-formed, or nested too deeply, or with too many elements, or with a
    /// document type declaration.
    #[error("the envelope is not XML within the limits")]
    NotXml,
    /// XML, but not a SOAP envelope with one body element.
    #[error("not a SOAP envelope with one element in its body")]
    NotSoap,
    /// The body calls or answers something else.
    #[error("the method {name} is not known here")]
    UnknownMethod {
        /// The body element, at most 64 characters.
        name: String,
    },
    /// A parameter is missing, doubled, or not of its type.
    #[error("the parameter {name} is missing, doubled or not of its type")]
    Parameter {
        /// Which.
        name: &'static str,
    },
    /// The call failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
}

/// Hands the one element of the body to `read`.
fn with_body<T>(
    bytes: &[u8],
    read: impl FnOnce(&Element<'_>) -> Result<T, EnvelopeError>,
) -> Result<T, EnvelopeError> {
    if bytes.len() > MAX_ENVELOPE_BYTES {
        return Err(EnvelopeError::TooLarge { max: MAX_ENVELOPE_BYTES, got: bytes.len() });
    }
    let text = gbk::decode_document(bytes, encoding_rs::UTF_8).map_err(|_| EnvelopeError::NotText)?;
    let tree = Tree::parse(&text, BOUNDS).map_err(|error| match error {
        TreeError::ForbiddenCharacter => EnvelopeError::NotText,
        _ => EnvelopeError::NotXml,
    })?;
    if &*tree.root.name != "Envelope" {
        return Err(EnvelopeError::NotSoap);
    }
    let mut bodies = tree.root.children.iter().filter(|child| &*child.name == "Body");
    match (bodies.next().map(|body| body.children.as_slice()), bodies.next()) {
        (Some([wrapper]), None) => read(wrapper),
        _ => Err(EnvelopeError::NotSoap),
    }
}

/// The parameters of a call, found by name in either case.
struct Parameters<'e> {
    wrapper: &'e Element<'e>,
}

impl Parameters<'_> {
    fn text(&self, name: &'static str) -> Result<String, EnvelopeError> {
        let mut found = self.wrapper.children.iter().filter(|child| child.name.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (None, _) => Ok(String::new()),
            (Some(only), None) if only.children.is_empty() => Ok(only.text.clone().into_owned()),
            _ => Err(EnvelopeError::Parameter { name }),
        }
    }

    fn number<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, EnvelopeError> {
        self.text(name)?.trim().parse().map_err(|_| EnvelopeError::Parameter { name })
    }
}

fn shorten(name: &str) -> String {
    name.chars().take(64).collect()
}
