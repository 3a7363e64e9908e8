//! What the regulator found when it looked for itself, and what it wants put right.

use std::net::Ipv4Addr;

use crate::WireTime;
use crate::common;
use crate::record::{Address, Inline, Listed, Record, Time, codes, record};
use crate::xml::{Fields, Number, Repeated, Text, WriteError, XmlWriter};

const WEBSITE: Number = Number::id("Wzid");
const WEBSITE_NUMBER: Text = Text::new("Wz_Baxh", 5, 255);
const CHECKED: Time = Time("Hcsj");

/// What checks of filings found (核查结果).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilingChecks {
    /// What they found.
    pub findings: FilingFindings,
}

/// What checks of addresses found (核查结果).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpChecks {
    /// What they found.
    pub findings: IpFindings,
}

macro_rules! in_results_element {
    ($($name:ident)+) => {$(
        impl Record for $name {
            fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
                fields.child("Jgxx", Record::read).map(|findings| Self { findings })
            }

            fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
                out.child("Jgxx", |out| self.findings.write(out))
            }
        }
    )+};
}
in_results_element!(FilingChecks IpChecks);

record! {
    shows(sponsors, accesses, shells, unreachable);
    /// What checks of filings found, in every respect.
    #[derive(Default)]
    pub struct FilingFindings {
        /// Sponsors whose data are wrong (主体核查).
        pub sponsors: Vec<SponsorFinding> = Repeated::new("Zthc", 0, usize::MAX),
        /// Accesses that are not as filed (接入核查).
        pub accesses: Vec<AccessFinding> = Repeated::new("Jrhc", 0, usize::MAX),
        /// Websites without content (空壳网站核查).
        pub shells: Vec<ShellFinding> = Repeated::new("Kkwzhc", 0, usize::MAX),
        /// Websites that cannot be reached (网站存活检测).
        pub unreachable: Vec<AlivenessFinding> = Repeated::new("Wzch", 0, usize::MAX),
    }
}

record! {
    shows(sponsor_id);
    /// A sponsor whose data are wrong.
    pub struct SponsorFinding {
        /// The regulator's number for it (主体id).
        pub sponsor_id: u64 = Number::id("Ztid"),
        /// Name (单位名称), 1 to 255 characters.
        pub name: String = common::SPONSOR_NAME,
        /// Its certificate, as filed.
        pub certificate: super::CertificateKey = Inline,
        /// What is wrong (错误原因), 1 to 512 characters.
        pub reason: Option<String> = Text::new("Cwyy", 1, 512),
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

codes! {
    /// How an access differs from what is filed.
    pub enum AccessDifference {
        /// It is filed and does not exist (多报).
        FiledOnly = 1,
        /// It exists and is not filed (少报); then domain and address are told.
        NotFiled = 2,
    }
}

record! {
    shows(website_id, website_number, domain, address, provider, difference, access_id);
    /// An access that is not as filed.
    pub struct AccessFinding {
        /// The regulator's number of the website (网站id).
        pub website_id: u64 = WEBSITE,
        /// Filing number of the website (网站备案号), 5 to 255 characters.
        pub website_number: String = WEBSITE_NUMBER,
        /// Its domain, 4 to 255 characters.
        pub domain: Option<String> = Text::new("Ym", 4, 255),
        /// What the domain resolves to (解析IP); `0.0.0.0` is let through.
        pub address: Option<Ipv4Addr> = Address::from_zero("Jxip"),
        /// The access provider that filed it (报备接入商).
        pub provider: Option<u64> = Number::id("Bbisp"),
        /// How it differs (核查结果).
        pub difference: AccessDifference = Listed(Number::new("Hcjg", 1, 2)),
        /// When it was checked (核查时间).
        pub checked: WireTime = CHECKED,
        /// The regulator's number of the access (接入id).
        pub access_id: Option<u64> = Number::id("Jrid"),
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

codes! {
    /// Whether a website has content.
    pub enum Aliveness {
        /// It has (存活).
        Alive = 0,
        /// It has none (死亡).
        Dead = 1,
    }
}

record! {
    shows(website_id, website_number, aliveness);
    /// A website that was looked at for content.
    pub struct ShellFinding {
        /// The regulator's number of the website (网站id).
        pub website_id: u64 = WEBSITE,
        /// Filing number of the website (网站备案号), 5 to 255 characters.
        pub website_number: String = WEBSITE_NUMBER,
        /// Whether it has content (核查结果).
        pub aliveness: Aliveness = Listed(Number::new("Hcjg", 0, 1)),
        /// When it was checked (核查时间).
        pub checked: WireTime = CHECKED,
        /// Its home page (首页url), 7 to 255 characters.
        pub home_url: Option<String> = Text::new("Syurl", 7, 255),
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

record! {
    shows(website_id, website_number);
    /// A website that could not be reached.
    pub struct AlivenessFinding {
        /// The regulator's number of the website (网站id).
        pub website_id: u64 = WEBSITE,
        /// Filing number of the website (网站备案号), 5 to 255 characters.
        pub website_number: String = WEBSITE_NUMBER,
        /// Its home page (首页url), 4 to 255 characters.
        pub home_url: Option<String> = common::HOME_URL,
        /// When it was checked (核查时间).
        pub checked: WireTime = CHECKED,
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

record! {
    shows(beyond, conflicts, unfiled);
    /// What checks of addresses found, in every respect.
    #[derive(Default)]
    pub struct IpFindings {
        /// Records that reach beyond what they come from (越界).
        pub beyond: Vec<IpBeyond> = Repeated::new("Yj", 0, usize::MAX),
        /// Records that contradict those of another unit (冲突).
        pub conflicts: Vec<IpConflict> = Repeated::new("Ct", 0, usize::MAX),
        /// Ranges that are not filed (未报).
        pub unfiled: Vec<IpUnfiled> = Repeated::new("Wb", 0, usize::MAX),
    }
}

const fn kind(name: &'static str) -> Number {
    Number::new(name, 1, 10)
}

record! {
    shows(record_id, first, last, kind);
    /// A record that reaches beyond what it comes from.
    pub struct IpBeyond {
        /// The regulator's number for it.
        pub record_id: Option<u64> = Number::id("Yjjlid"),
        /// The first address of the record.
        pub first: Ipv4Addr = Address::new("Qsip"),
        /// The last address of the record.
        pub last: Ipv4Addr = Address::new("Zzip"),
        /// In what respect (越界类型): 1 source, 2 allocation; the schema lets up to 10 through.
        pub kind: Option<u8> = kind("Yjlx"),
        /// The first address beyond.
        pub first_beyond: Option<Ipv4Addr> = Address::new("Yjqsip"),
        /// The last address beyond.
        pub last_beyond: Option<Ipv4Addr> = Address::new("Yjzzip"),
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

record! {
    shows(record_id, first, last, other_unit, kind);
    /// A record that contradicts that of another unit.
    pub struct IpConflict {
        /// The regulator's number for our record.
        pub record_id: Option<u64> = Number::id("Ctjlid"),
        /// The first address of our record.
        pub first: Ipv4Addr = Address::new("Qsip1"),
        /// The last address of our record.
        pub last: Ipv4Addr = Address::new("Zzip1"),
        /// The other unit (冲突报备单位).
        pub other_unit: u64 = Number::id("Ctbbdwid"),
        /// The first address of its record.
        pub other_first: Ipv4Addr = Address::new("Qsip2"),
        /// The last address of its record.
        pub other_last: Ipv4Addr = Address::new("Zzip2"),
        /// In what respect (冲突类型): 1 source, 2 allocation; the schema lets up to 10 through.
        pub kind: Option<u8> = kind("Ctlx"),
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

record! {
    shows(first, last, source, kind);
    /// A range that is not filed.
    pub struct IpUnfiled {
        /// The first address.
        pub first: Ipv4Addr = Address::new("Qsip"),
        /// The last address.
        pub last: Ipv4Addr = Address::new("Zzip"),
        /// The unit that allocated it to ours (分配单位).
        pub source: Option<u64> = Number::id("Fpdw"),
        /// In what respect (未报类型): 1 source, 2 allocation; the schema lets up to 10 through.
        pub kind: Option<u8> = kind("Wblx"),
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

pub(super) const RECTIFICATION: Repeated = Repeated::new("Tzxx", 1, usize::MAX);

codes! {
    /// What is to be put right (通知类别).
    pub enum RectificationKind {
        /// The data of a sponsor (备案主体信息整改).
        Sponsor = 0,
        /// The data of a website (备案网站信息整改).
        Website = 1,
    }
}

record! {
    shows(kind, filing_number, record_id);
    /// A notice that something is to be put right (相关通知).
    pub struct Rectification {
        /// What.
        pub kind: RectificationKind = Listed(Number::new("Tzlb", 0, 1)),
        /// Filing number of the sponsor or website (备案号), 1 to 128 characters.
        pub filing_number: Option<String> = Text::new("Baxh", 1, 128),
        /// The regulator's number of the sponsor or website.
        pub record_id: Option<u64> = Number::id("Jlid"),
        /// What is wrong (通知内容), 1 to 255 characters.
        pub text: String = Text::new("Tznr", 1, 255),
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}
