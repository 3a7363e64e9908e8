//! Forms and letters (材料) of a filing, filled in, as PDF, ready to sign.
//!
//! One function, [`render`], makes any [`Form`] out of what a case states. It
//! does no I/O and asks no clock: the same matter gives the same bytes. What is
//! not known yet becomes a blank to be written by hand.
//!
//! The bytes are **personal data**: they hold in plain text what
//! [`Personal`] keeps from being written out. Whoever stores them seals them;
//! whoever sends them asks first to whom.

mod document;
mod font;
mod form;
mod layout;
mod lines;
mod pdf;
mod wording;

pub use font::FontSource;
pub use form::Form;

use beian_domain::{Case, OrderNumber, Personal, ServiceFilingNumber, SponsorFilingNumber, Text};
use chrono::NaiveDate;

/// Makes a form, filled in with what the matter tells, as the bytes of a PDF
/// file. They are personal data in plain text.
///
/// Text is printed as it was typed, but for characters that cannot be seen or
/// turn the direction of writing: on a paper that is signed they have no place.
/// Long values wrap, then shrink, then take more lines.
///
/// ```
/// use beian_domain::Case;
/// use beian_paper::{FontSource, Form, Matter, Provider, render};
///
/// let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 24).ok_or("no such day")?;
/// let provider =
///     Provider { name: "石家庄习作商贸有限公司".to_owned(), telephone: None, address: None };
/// let case = Case::default();
/// let pdf = render(Form::Pledge, &Matter::new(&case, day), &provider, &FontSource::embedded())?;
/// assert!(pdf.starts_with(b"%PDF-1.7"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`PaperError::MissingCharacters`] if neither font has a character, and
/// [`PaperError::TooLong`] if a value is longer than any form can hold.
pub fn render(
    form: Form,
    matter: &Matter<'_>,
    provider: &Provider,
    fonts: &FontSource,
) -> Result<Vec<u8>, PaperError> {
    let fonts = font::Fonts::new(fonts)?;
    let document = wording::document(form, matter, provider);
    let foot = wording::foot(matter, provider);
    let pages = layout::lay_out(&document, &foot, &fonts)?;
    pdf::write(&pages, &document.title.zh, matter.day, &fonts)
}

/// What a paper is about.
#[derive(Debug, Clone)]
pub struct Matter<'a> {
    /// What the filer has stated; may lack anything.
    pub case: &'a Case,
    /// The order (订单号), printed at the foot so that a scan is matched with it.
    pub order: Option<&'a OrderNumber>,
    /// The sponsor's number of record (主体备案号).
    pub sponsor_number: Option<&'a SponsorFilingNumber>,
    /// The service's number of record (网站备案号).
    pub service_number: Option<&'a ServiceFilingNumber>,
    /// The sponsor's name before it was changed (更名前名称).
    pub former_name: Option<&'a Personal>,
    /// What an application for changes (变更申请) asks for.
    pub changes: &'a [Change],
    /// Why something is cancelled (注销原因).
    pub reason: Option<&'a str>,
    /// Names of what the case has codes for.
    pub names: Names<'a>,
    /// The day on which the paper is made, of Beijing. It is not the day of
    /// signing: that is left to the signer's hand.
    pub day: NaiveDate,
}

impl<'a> Matter<'a> {
    /// A matter of which nothing is known but the case.
    pub fn new(case: &'a Case, day: NaiveDate) -> Self {
        Self {
            case,
            order: None,
            sponsor_number: None,
            service_number: None,
            former_name: None,
            changes: &[],
            reason: None,
            names: Names::default(),
            day,
        }
    }
}

/// Names that the rulebook has for codes of the case; blank where absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Names<'a> {
    /// The regulator (管局), for example 广东省通信管理局.
    pub regulator: Option<&'a str>,
    /// The division in which is filed (所属区域), province to county.
    pub division: Option<&'a str>,
    /// What the service offers (服务内容).
    pub contents: &'a [&'a str],
    /// Its languages (语种).
    pub languages: &'a [&'a str],
}

/// The access provider (接入商) that hands the papers on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its registered name.
    pub name: String,
    /// The telephone number of its filing desk.
    pub telephone: Option<String>,
    /// Where papers are posted to.
    pub address: Option<String>,
}

/// A change that is applied for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What changes.
    pub item: ChangedItem,
    /// As it is on record.
    pub before: Option<Personal>,
    /// As it shall be.
    pub after: Option<Personal>,
}

/// What can change in a record (变更事项).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangedItem {
    /// 主办者名称.
    SponsorName,
    /// 主办者证件类型.
    SponsorCertificateKind,
    /// 主办者证件号码.
    SponsorCertificateNumber,
    /// 证件住所.
    CertificateAddress,
    /// 通信地址.
    Address,
    /// 投资人或主管单位.
    Investor,
    /// 主体负责人.
    SponsorPrincipal,
    /// 主体负责人联系方式.
    SponsorPrincipalContact,
    /// 网站名称.
    ServiceName,
    /// 网站域名.
    Domain,
    /// 首页网址.
    HomeUrl,
    /// 服务内容.
    ServiceContent,
    /// 网站负责人.
    ServicePrincipal,
    /// 网站负责人联系方式.
    ServicePrincipalContact,
    /// 接入信息.
    Access,
    /// 备注.
    Remark,
}

impl ChangedItem {
    /// The name for people.
    pub fn label(self) -> Text {
        let (zh, en) = match self {
            Self::SponsorName => ("主办者名称", "Sponsor's name"),
            Self::SponsorCertificateKind => ("主办者证件类型", "Sponsor's kind of certificate"),
            Self::SponsorCertificateNumber => ("主办者证件号码", "Sponsor's certificate number"),
            Self::CertificateAddress => ("证件住所", "Address on the certificate"),
            Self::Address => ("通信地址", "Address for letters"),
            Self::Investor => ("投资人或主管单位", "Investor or superior unit"),
            Self::SponsorPrincipal => ("主体负责人", "Sponsor principal"),
            Self::SponsorPrincipalContact => ("主体负责人联系方式", "Sponsor principal's contact"),
            Self::ServiceName => ("网站名称", "Service name"),
            Self::Domain => ("网站域名", "Domain"),
            Self::HomeUrl => ("首页网址", "Address of the home page"),
            Self::ServiceContent => ("服务内容", "What the service offers"),
            Self::ServicePrincipal => ("网站负责人", "Service principal"),
            Self::ServicePrincipalContact => ("网站负责人联系方式", "Service principal's contact"),
            Self::Access => ("接入信息", "Access"),
            Self::Remark => ("备注", "Remark"),
        };
        Text::new(zh, en)
    }
}

/// Why a paper cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// No font has these characters: a font for them must be installed and handed in.
    ///
    /// They come from what was filled in: for those to see who may see that.
    #[error("expected characters that the fonts have, got {}", listed(got))]
    MissingCharacters {
        /// The characters, each once, in the order of Unicode.
        got: String,
    },
    /// A value that no form can hold.
    #[error("expected a value of at most {expected} characters, got {got}")]
    TooLong {
        /// The most that a form holds.
        expected: usize,
        /// The characters of the value.
        got: usize,
    },
    /// What was handed in is no font that a paper can be set in.
    #[error("expected an OpenType font with TrueType or CFF outlines, got {got}")]
    Font {
        /// What is wrong with it.
        got: String,
    },
    /// The file could not be compressed.
    #[error("the file could not be compressed")]
    Compression(#[source] std::io::Error),
}

/// Characters with their numbers, so that they are told apart where they cannot be shown.
fn listed(characters: &str) -> String {
    let listed: Vec<String> = characters
        .chars()
        .take(20)
        .map(|character| format!("{} (U+{:04X})", character.escape_debug(), u32::from(character)))
        .collect();
    listed.join(", ")
}
