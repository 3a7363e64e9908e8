//! The documents that answer a call, inside the envelope.
//!
//! They declare GBK, as the service has it, though they travel as Unicode text
//! inside an envelope of UTF-8; the declaration is passed over when reading, and so
//! are elements that are not known.

use std::fmt;

use crate::package::{Algorithms, Package};
use crate::xml::{Fields, Leniency, Number, ReadError, Text, escape, read_text};
use crate::{FileName, InterfaceVersion, MessageCode};

/// How a call went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The code.
    pub code: MessageCode,
    /// In words. Written with at most [`Self::MAX_CHARS`] characters.
    pub message: String,
}

impl Status {
    /// The longest message that is written, in characters.
    pub const MAX_CHARS: usize = 256;
    const CODE: Number = Number::new("msg_code", 0, 999);
    /// Longer than allowed is no reason to lose the answer.
    const MESSAGE: Text = Text::new("msg", 0, 4096);

    /// A code with its official words.
    #[must_use]
    pub fn of(code: MessageCode) -> Self {
        Self { code, message: code.explanation().map(|text| text.chinese.to_owned()).unwrap_or_default() }
    }

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (code, message) = (fields.number(Self::CODE), fields.optional_text(Self::MESSAGE));
        Some(Self { code: MessageCode(code?), message: message.unwrap_or_default() })
    }

    fn write(&self) -> String {
        let message: String = self.message.chars().take(Self::MAX_CHARS).collect();
        leaf("msg_code", &self.code.0.min(999).to_string()) + &leaf("msg", &message)
    }
}

/// The answer to `isp_upload`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadReply {
    /// How it went.
    pub status: Status,
    /// Numbers of the files that are missing, with [`MessageCode::SEQUENCE_GAP`].
    pub missing_sequences: Vec<u64>,
}

impl UploadReply {
    const LIST: &'static str = "dataSequences";
    const ITEM: Number = Number::new("dataSequence", 0, i64::MAX.unsigned_abs());
    const MOST: usize = 100_000;

    /// Writes the document.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let items: String =
            self.missing_sequences.iter().map(|number| leaf(Self::ITEM.name, &number.to_string())).collect();
        document(&(self.status.write() + &if items.is_empty() { items } else { element(Self::LIST, &items) }))
    }

    /// Reads the document.
    ///
    /// # Errors
    /// When it is not that document.
    pub fn from_xml(text: &str) -> Result<Self, ReadError> {
        read(text, |fields| {
            let status = Status::read(fields);
            let missing =
                fields.optional_child(Self::LIST, |fields| Some(fields.numbers(Self::ITEM, Self::MOST)));
            Some(Self { status: status?, missing_sequences: missing.unwrap_or_default() })
        })
    }
}

/// The answer to `isp_download`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadReply {
    /// How it went.
    pub status: Status,
    /// The oldest file that is not yet acknowledged, if there is one.
    pub file: Option<ReplyFile>,
}

/// A file in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyFile {
    /// Its name.
    pub name: FileName,
    /// The file.
    pub package: Package,
}

const FILE: &str = "fileInfos";
const HASH_ALGORITHM: Number = Number::new("hashAlgorithm", 0, i32::MAX.unsigned_abs() as u64);
const COMPRESSION: Number = Number::new("compressionFormat", 0, i32::MAX.unsigned_abs() as u64);
const ENCRYPTION: Number = Number::new("encryptAlgorithm", 0, i32::MAX.unsigned_abs() as u64);
const NAME: &str = "return_FileName";
/// A file of 50 MB that could not be compressed, in base64, with its line ends.
const CONTENT: Text = Text::new("beianInfo", 0, 72 * 1024 * 1024);
const HASH: Text = Text::new("beianInfoHash", 0, 256);

fn read_package(fields: &mut Fields<'_, '_>) -> Option<Package> {
    let (hash, compression, encryption) =
        (fields.number(HASH_ALGORITHM), fields.number(COMPRESSION), fields.number(ENCRYPTION));
    let (content, digest) = (fields.text(CONTENT), fields.text(HASH));
    Some(Package {
        content_base64: content?,
        hash_base64: digest?,
        algorithms: Algorithms { hash: hash?, encryption: encryption?, compression: compression? },
    })
}

/// The schema has the sequence number of an upload in the midst of the file.
fn write_file(package: &Package, sequence: Option<u64>, name: &str) -> String {
    let number = |number: i32| number.max(0).to_string();
    let mut out = leaf(HASH_ALGORITHM.name, &number(package.algorithms.hash));
    out += &leaf(COMPRESSION.name, &number(package.algorithms.compression));
    out += &leaf(ENCRYPTION.name, &number(package.algorithms.encryption));
    if let Some(sequence) = sequence {
        out += &leaf(QueryPreviousUploadReply::SEQUENCE.name, &sequence.to_string());
    }
    out += &leaf(NAME, name);
    out += &leaf(CONTENT.name, &package.content_base64);
    out += &leaf(HASH.name, &package.hash_base64);
    element(FILE, &out)
}

impl DownloadReply {
    /// Writes the document.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let file = self.file.as_ref().map(|file| write_file(&file.package, None, file.name.as_str()));
        document(&(self.status.write() + &file.unwrap_or_default()))
    }

    /// Reads the document.
    ///
    /// # Errors
    /// When it is not that document.
    pub fn from_xml(text: &str) -> Result<Self, ReadError> {
        read(text, |fields| {
            let status = Status::read(fields);
            let file = fields.optional_child(FILE, |fields| {
                let (name, package) = (fields.parsed(NAME, |text| text.parse().ok()), read_package(fields));
                Some(ReplyFile { name: name?, package: package? })
            });
            Some(Self { status: status?, file })
        })
    }
}

/// The answer to `isp_downloadack`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadAckReply {
    /// How it went.
    pub status: Status,
}

impl DownloadAckReply {
    /// Writes the document.
    #[must_use]
    pub fn to_xml(&self) -> String {
        document(&self.status.write())
    }

    /// Reads the document.
    ///
    /// # Errors
    /// When it is not that document.
    pub fn from_xml(text: &str) -> Result<Self, ReadError> {
        read(text, |fields| Some(Self { status: Status::read(fields)? }))
    }
}

/// The answer to `isp_querypreviousupload`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryPreviousUploadReply {
    /// How it went.
    pub status: Status,
    /// The last accepted file; `None` when none was accepted yet, or the call was refused.
    pub last: Option<LastUpload>,
}

/// The last file the regulator accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUpload {
    /// Its number, from 1.
    pub sequence: u64,
    /// The name it has on the regulator's side, if it tells one.
    pub name: Option<FileName>,
    /// The file as it was handed in.
    pub package: Package,
}

impl QueryPreviousUploadReply {
    const SEQUENCE: Number = Number::new("dataSequence", 0, i64::MAX.unsigned_abs());

    /// Writes the document. A success without a last file is spelled as number 0 with
    /// an empty file.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let file = match &self.last {
            Some(last) => write_file(
                &last.package,
                Some(last.sequence),
                last.name.as_ref().map(FileName::as_str).unwrap_or_default(),
            ),
            None if self.status.code.is_success() => {
                let empty = Package {
                    content_base64: String::new(),
                    hash_base64: String::new(),
                    algorithms: Algorithms::USUAL,
                };
                write_file(&empty, Some(0), "")
            }
            None => String::new(),
        };
        document(&(self.status.write() + &file))
    }

    /// Reads the document.
    ///
    /// # Errors
    /// When it is not that document.
    pub fn from_xml(text: &str) -> Result<Self, ReadError> {
        read(text, |fields| {
            let status = Status::read(fields);
            let last = fields.optional_child(FILE, |fields| {
                let (sequence, name) = (
                    fields.number(Self::SEQUENCE),
                    fields.optional_parsed(NAME, |text| Some(text.parse().ok())),
                );
                let package = read_package(fields);
                Some(LastUpload { sequence: sequence?, name: name.flatten(), package: package? })
            });
            Some(Self { status: status?, last: last.filter(|last| last.sequence > 0) })
        })
    }
}

/// What a status query asks for.
#[derive(Clone, PartialEq, Eq)]
pub enum QueryCondition {
    /// A domain of a website; type 0.
    Domain(String),
    /// A sponsor's certificate; the type is its kind.
    Certificate {
        /// Kind of certificate (证件类型), 1 to 98.
        kind: u8,
        /// Its number.
        number: String,
    },
}

impl QueryCondition {
    /// Takes a condition from a call; `None` for a type outside 0 to 98.
    #[must_use]
    pub fn from_wire(type_id: i32, value: String) -> Option<Self> {
        match u8::try_from(type_id).ok()? {
            0 => Some(Self::Domain(value)),
            kind @ 1..=98 => Some(Self::Certificate { kind, number: value }),
            _ => None,
        }
    }

    /// The number of its type (查询条件类型).
    #[must_use]
    pub fn type_id(&self) -> i32 {
        match self {
            Self::Domain(_) => 0,
            Self::Certificate { kind, .. } => i32::from(*kind),
        }
    }

    /// The domain or the number.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Domain(value) | Self::Certificate { number: value, .. } => value,
        }
    }
}

impl fmt::Debug for QueryCondition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => out.debug_tuple("Domain").field(name).finish(),
            Self::Certificate { kind, .. } => {
                out.debug_struct("Certificate").field("kind", kind).finish_non_exhaustive()
            }
        }
    }
}

/// The answer to `isp_querybeianstatus`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeianStatusReply {
    /// How it went.
    pub status: Status,
    /// What was found; `None` when the call was refused.
    pub info: Option<StatusInfo>,
}

/// What a status query found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusInfo {
    /// What was asked for.
    pub condition: QueryCondition,
    /// Whether it is filed.
    pub state: FilingState,
}

/// Whether something is filed (备案状态).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilingState {
    /// It is; 0.
    Filed {
        /// Filing number of the sponsor (主体备案号), if told.
        sponsor_number: Option<String>,
        /// Filing number of the website (网站备案号), if told; for domains only.
        website_number: Option<String>,
        /// Name of the website (网站名称), if told; for domains only.
        website_name: Option<String>,
    },
    /// It is not; 1.
    NotFiled,
}

impl BeianStatusReply {
    const INFO: &'static str = "StatusInfo";
    const TYPE: Number = Number::new("Cxtjlx", 0, 98);
    const VALUE: Text = Text::new("Cxtj", 0, 255);
    const WEBSITE_NAME: Text = Text::new("Wzmc", 0, 512);
    const SPONSOR_NUMBER: Text = Text::new("Ztbah", 0, 128);
    const WEBSITE_NUMBER: Text = Text::new("Wzbah", 0, 128);
    const STATE: Number = Number::new("Bazt", 0, 1);

    /// Writes the document.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let info = self.info.as_ref().map(|info| {
            let mut out = leaf(Self::TYPE.name, &info.condition.type_id().to_string());
            out += &leaf(Self::VALUE.name, info.condition.value());
            let state =
                match &info.state {
                    FilingState::Filed { sponsor_number, website_number, website_name } => {
                        let fields = [
                            (Self::WEBSITE_NAME, website_name),
                            (Self::SPONSOR_NUMBER, sponsor_number),
                            (Self::WEBSITE_NUMBER, website_number),
                        ];
                        out.extend(fields.iter().filter_map(|(field, value)| {
                            value.as_ref().map(|value| leaf(field.name, value))
                        }));
                        "0"
                    }
                    FilingState::NotFiled => "1",
                };
            element(Self::INFO, &(out + &leaf(Self::STATE.name, state)))
        });
        document(&(self.status.write() + &info.unwrap_or_default()))
    }

    /// Reads the document.
    ///
    /// # Errors
    /// When it is not that document.
    pub fn from_xml(text: &str) -> Result<Self, ReadError> {
        read(text, |fields| {
            let status = Status::read(fields);
            let info = fields.optional_child(Self::INFO, Self::read_info);
            Some(Self { status: status?, info })
        })
    }

    fn read_info(fields: &mut Fields<'_, '_>) -> Option<StatusInfo> {
        let (kind, value) = (fields.number::<u8>(Self::TYPE), fields.text(Self::VALUE));
        let website_name = fields.optional_text(Self::WEBSITE_NAME);
        let (sponsor_number, website_number) =
            (fields.optional_text(Self::SPONSOR_NUMBER), fields.optional_text(Self::WEBSITE_NUMBER));
        let state = fields.number::<u8>(Self::STATE)?;
        let condition = QueryCondition::from_wire(i32::from(kind?), value?)?;
        let state = match state {
            0 => FilingState::Filed { sponsor_number, website_number, website_name },
            _ => FilingState::NotFiled,
        };
        Some(StatusInfo { condition, state })
    }
}

/// The answer to `isp_verifybamm`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReply {
    /// How it went.
    pub status: Status,
    /// Whether the password was right; `None` when the call was refused.
    pub result: Option<VerifyResult>,
}

/// Whether a filing password was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyResult {
    /// It was; 0.
    Right,
    /// It was not; 1.
    Wrong,
}

impl VerifyReply {
    const RESULT: Number = Number::new("VerifyRes", 0, 1);

    /// Writes the document.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let result = self
            .result
            .map(|result| leaf(Self::RESULT.name, if result == VerifyResult::Right { "0" } else { "1" }));
        document(&(self.status.write() + &result.unwrap_or_default()))
    }

    /// Reads the document.
    ///
    /// # Errors
    /// When it is not that document.
    pub fn from_xml(text: &str) -> Result<Self, ReadError> {
        read(text, |fields| {
            let status = Status::read(fields);
            let result = fields.optional_number::<u8>(Self::RESULT);
            let result =
                result.map(|result| if result == 0 { VerifyResult::Right } else { VerifyResult::Wrong });
            Some(Self { status: status?, result })
        })
    }
}

fn read<T>(text: &str, read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>) -> Result<T, ReadError> {
    read_text(text, "return", Leniency::StrangersPass, |fields, _| read(fields))
}

fn document(content: &str) -> String {
    let version = InterfaceVersion::v3_0();
    format!("<?xml version=\"1.0\" encoding=\"GBK\"?><return version=\"{version}\">{content}</return>")
}

fn element(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>")
}

fn leaf(name: &str, text: &str) -> String {
    element(name, &escape(text))
}
