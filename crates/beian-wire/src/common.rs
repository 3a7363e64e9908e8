//! What uploads and downloads have in common.

use std::fmt;
use std::net::Ipv4Addr;

use crate::record::Code;
use crate::xml::{Content, Fields, Number, Repeated, Text, WriteError, XmlWriter};

/// The largest attachment (附件), pre-approval document included, in characters of
/// base64: "100K".
pub const MAX_ATTACHMENT: usize = 100 * 1024;
/// The largest verification form (核验单), in characters of base64: "150K".
pub const MAX_VERIFICATION_FORM: usize = 150 * 1024;

/// The kind of operation a result belongs to (操作类型).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    /// First filing (新增备案), 1.
    NewFiling,
    /// Add service (新增网站), 2.
    AddWebsite,
    /// Add access (新增接入), 3.
    AddAccess,
    /// Change (变更备案), 4.
    Change,
    /// Cancel access (取消接入), 5.
    CancelAccess,
    /// Cancel sponsor (注销主体), 6.
    CancelSponsor,
    /// Cancel service (注销网站), 7.
    CancelWebsite,
    /// Verification material handed in on its own (单独提交核验材料), 35.
    SubmitMaterial,
}

impl OperationKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::NewFiling,
        Self::AddWebsite,
        Self::AddAccess,
        Self::Change,
        Self::CancelAccess,
        Self::CancelSponsor,
        Self::CancelWebsite,
        Self::SubmitMaterial,
    ];

    /// The number in the documents.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::NewFiling => 1,
            Self::AddWebsite => 2,
            Self::AddAccess => 3,
            Self::Change => 4,
            Self::CancelAccess => 5,
            Self::CancelSponsor => 6,
            Self::CancelWebsite => 7,
            Self::SubmitMaterial => 35,
        }
    }

    pub(crate) fn of_code(code: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| u64::from(kind.code()) == code)
    }
}

/// What is cancelled (注销类别).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CancellationKind {
    /// A sponsor with everything under it (注销主体), 0.
    Sponsor,
    /// A service (注销网站), 1.
    Website,
    /// One provider's access to a service (取消接入), 2.
    Access,
}

impl CancellationKind {
    pub(crate) const FIELD: Number = Number::new("Zxlb", 0, 2);

    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Sponsor => 0,
            Self::Website => 1,
            Self::Access => 2,
        }
    }

    pub(crate) fn of_code(code: u64) -> Option<Self> {
        [Self::Sponsor, Self::Website, Self::Access].into_iter().find(|kind| u64::from(kind.code()) == code)
    }

    /// The operation that results name.
    #[must_use]
    pub fn operation(self) -> OperationKind {
        match self {
            Self::Sponsor => OperationKind::CancelSponsor,
            Self::Website => OperationKind::CancelWebsite,
            Self::Access => OperationKind::CancelAccess,
        }
    }
}

/// How a file names something that is in the register.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKey {
    /// By the regulator's number for it, positive.
    Id(u64),
    /// By its filing number (备案号), 1 to 128 characters.
    Number(String),
}

impl RecordKey {
    pub(crate) const FILING_NUMBER: Text = Text::new("Baxh", 1, 128);
    pub(crate) const RECORD_ID: Number = Number::id("Jlid");

    /// One of two elements; the number where both stand, so that the other is reported.
    pub(crate) fn read(fields: &mut Fields<'_, '_>, id: Number, number: Text) -> Option<Self> {
        if fields.has(id.name) {
            fields.number(id).map(Self::Id)
        } else {
            fields.text(number).map(Self::Number)
        }
    }

    pub(crate) fn write(&self, out: &mut XmlWriter, id: Number, number: Text) -> Result<(), WriteError> {
        match self {
            Self::Id(record) => out.number(id, *record),
            Self::Number(text) => out.text(number, text),
        }
    }
}

/// Who files (报备方式).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FiledBy {
    /// The sponsor itself (自行报备), 0.
    Sponsor,
    /// The access provider on its behalf (代为报备), 1.
    AccessProvider,
}

impl FiledBy {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Sponsor => 0,
            Self::AccessProvider => 1,
        }
    }

    pub(crate) fn of_code(code: u64) -> Option<Self> {
        match code {
            0 => Some(Self::Sponsor),
            1 => Some(Self::AccessProvider),
            _ => None,
        }
    }
}

impl Code for FiledBy {
    fn code(self) -> u8 {
        self.code()
    }

    fn of_code(code: u64) -> Option<Self> {
        Self::of_code(code)
    }
}

/// A sponsor's certificate (证件). Its content is personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Kind of certificate (证件类型), a code of the regulator's table, 1 to 999.
    pub kind: u16,
    /// Its number (证件号码), 1 to 255 characters in uploads, to 128 in downloads.
    pub number: String,
    /// The address on it (证件住所), 1 to 1024 characters.
    pub residence: String,
}

impl Certificate {
    const KIND: Number = Number::new("Zjlx", 1, 999);
    const RESIDENCE: Text = Text::new("Zjzs", 1, 1024);

    pub(crate) fn read(fields: &mut Fields<'_, '_>, number: Text) -> Option<Self> {
        let (kind, number, residence) =
            (fields.number(Self::KIND), fields.text(number), fields.text(Self::RESIDENCE));
        Some(Self { kind: kind?, number: number?, residence: residence? })
    }

    pub(crate) fn write(&self, out: &mut XmlWriter, number: Text) -> Result<(), WriteError> {
        out.number(Self::KIND, self.kind)?;
        out.text(number, &self.number)?;
        out.text(Self::RESIDENCE, &self.residence)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Certificate").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// One pre-approval (前置审批) of a website.
#[derive(Clone, PartialEq, Eq)]
pub struct Approval {
    /// Kind of content that needs it (前置审批类型), a code from 1 to 64.
    pub kind: u8,
    /// Its number (前置审批号), 1 to 512 characters.
    pub number: String,
    /// The approval document, 1 to 10 JPEG images in base64, each at most
    /// [`MAX_ATTACHMENT`] characters.
    pub files: Vec<String>,
}

impl Approval {
    const KIND: Number = Number::new("Nrlx_id", 1, 64);
    const NUMBER: Text = Text::new("Qzsph", 1, 512);
    const FILE: Content = Content { name: "Spwj", max: MAX_ATTACHMENT };
    const MOST_FILES: usize = 10;
    const LIST: &'static str = "Nrlx";
    const ITEM: Repeated = Repeated::new("Nrlx_xx", 1, 64);

    /// The approvals of a website; the list element is absent when there are none.
    pub(crate) fn read_all(fields: &mut Fields<'_, '_>) -> Vec<Self> {
        fields
            .optional_child(Self::LIST, |list| Some(list.children(Self::ITEM, Self::read)))
            .unwrap_or_default()
    }

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (kind, number, files) = (
            fields.number(Self::KIND),
            fields.text(Self::NUMBER),
            fields.contents(Self::FILE, Self::MOST_FILES),
        );
        Some(Self { kind: kind?, number: number?, files })
    }

    pub(crate) fn write_all(approvals: &[Self], out: &mut XmlWriter) -> Result<(), WriteError> {
        if approvals.is_empty() {
            return Ok(());
        }
        out.child(Self::LIST, |out| out.children(Self::ITEM, approvals, Self::write))
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::KIND, self.kind)?;
        out.text(Self::NUMBER, &self.number)?;
        out.contents(Self::FILE, Self::MOST_FILES, &self.files)
    }
}

impl fmt::Debug for Approval {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Approval")
            .field("kind", &self.kind)
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}

pub(crate) const CERTIFICATE: &str = "Zj";
pub(crate) const ADDRESS: &str = "Txdz";
pub(crate) const SPONSOR: &str = "Zt_xx";
pub(crate) const SPONSOR_PRINCIPAL: &str = "Fzr";
pub(crate) const WEBSITE_PRINCIPAL: &str = "Wz_Fzr";
pub(crate) const CONTENTS: &str = "Fwnr";
pub(crate) const LANGUAGES: &str = "Yylb";
pub(crate) const PLACES: &str = "Wzfb";
pub(crate) const METHODS: &str = "Wzjrfs";

pub(crate) const ATTACHMENT: Repeated = Repeated::new("Fj", 0, usize::MAX);
pub(crate) const ATTACHMENT_DATA: &str = "Fjxx";
pub(crate) const RECORD: Repeated = Repeated::new("Baxx", 1, crate::MAX_RECORDS);
pub(crate) const WEBSITE: Repeated = Repeated::new("Wz_xx", 1, usize::MAX);
pub(crate) const DOMAIN: Repeated = Repeated::new("Ym_xx", 1, usize::MAX);
pub(crate) const ACCESS: Repeated = Repeated::new("Jr_xx", 1, usize::MAX);
pub(crate) const IP_RANGE: Repeated = Repeated::new("Ip_xx", 1, usize::MAX);

pub(crate) const PROVINCE: Number = Number::new("Shengid", 100_000, u32::MAX as u64);
pub(crate) const CITY: Number = Number::new("Shiid", 100_000, u32::MAX as u64);
pub(crate) const COUNTY: Number = Number::new("Xianid", 100_000, u32::MAX as u64);
pub(crate) const DETAIL: Text = Text::new("Xxdz", 1, 1024);

pub(crate) const SPONSOR_NAME: Text = Text::new("Dwmc", 1, 255);
pub(crate) const NATURE: Number = Number::new("Dwxz", 1, 999);
pub(crate) const INVESTOR: Text = Text::new("Tzr", 1, 255);
pub(crate) const REMARK: Text = Text::new("Bz", 1, 1024);

pub(crate) const PRINCIPAL_NAME: Text = Text::new("Fzr_xm", 1, 128);
pub(crate) const OFFICE_PHONE: Text = Text::new("Fzr_dhhm", 11, 128);
pub(crate) const MOBILE: Text = Text::new("Fzr_sjhm", 11, 128);
pub(crate) const EMAIL: Text = Text::new("Fzr_dzyj", 6, 128);
pub(crate) const MSN: Text = Text::new("Msn", 6, 128);
pub(crate) const QQ: Text = Text::new("Qq", 5, 128);
pub(crate) const PRINCIPAL_CERTIFICATE_KIND: Number = Number::new("Fzr_zjlx", 1, 999);
pub(crate) const PRINCIPAL_CERTIFICATE_NUMBER: Text = Text::new("Fzr_zjhm", 1, 128);

pub(crate) const WEBSITE_NAME: Text = Text::new("Wzmc", 1, 512);
pub(crate) const CONTENT: Number = Number::new("Fwnr_id", 1, 64);
pub(crate) const LANGUAGE: Number = Number::new("Yylb_id", 1, 64);
pub(crate) const HOME_URL: Text = Text::new("Syurl", 4, 255);
/// The schema allows more where a website is added to a record.
pub(crate) const ADDED_HOME_URL: Text = Text::new("Syurl", 4, 512);
pub(crate) const FILING_PASSWORD: Text = Text::new("ICPmm", 1, 32);
/// Kind of a service (服务类型): in the extended version alone.
pub(crate) const SERVICE_KIND: Number = Number::new("Fwlx", 1, 99);
/// An app on one platform (应用信息): likewise.
pub(crate) const RELEASE: Repeated = Repeated::new("Yy_xx", 0, 16);
pub(crate) const WEBSITE_REMARK: Text = Text::new("Wz_Bz", 1, 1024);
pub(crate) const DOMAIN_NAME: Text = Text::new("Ym", 4, 128);
pub(crate) const PLACE: Number = Number::new("Fbdd", 1, 64);
pub(crate) const METHOD: Number = Number::new("Jrfs", 1, 64);
const FIRST_IP: Number = Number::new("Qsip", 1, u32::MAX as u64);
const LAST_IP: Number = Number::new("Zzip", 1, u32::MAX as u64);

/// Most of the code lists hold up to 64 entries; languages up to 256.
pub(crate) const MOST_CODES: usize = 64;
pub(crate) const MOST_LANGUAGES: usize = 256;

/// A list element around one number after another.
pub(crate) fn read_codes(
    fields: &mut Fields<'_, '_>,
    list: &'static str,
    item: Number,
    most: usize,
) -> Option<Vec<u8>> {
    fields.child(list, |fields| Some(fields.numbers(item, most)))
}

pub(crate) fn write_codes(
    out: &mut XmlWriter,
    list: &'static str,
    item: Number,
    most: usize,
    codes: &[u8],
) -> Result<(), WriteError> {
    out.child(list, |out| out.numbers(item, most, codes))
}

/// First and last address of a range; the documents write them as numbers.
pub(crate) fn read_addresses(fields: &mut Fields<'_, '_>) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let (first, last) = (fields.number::<u32>(FIRST_IP), fields.number::<u32>(LAST_IP));
    Some((first?.into(), last?.into()))
}

pub(crate) fn write_addresses(
    out: &mut XmlWriter,
    first: Ipv4Addr,
    last: Ipv4Addr,
) -> Result<(), WriteError> {
    out.number(FIRST_IP, u32::from(first))?;
    out.number(LAST_IP, u32::from(last))
}
