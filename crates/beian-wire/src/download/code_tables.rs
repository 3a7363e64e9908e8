//! The code tables that the regulator hands out (基础代码): what the numbers in all other
//! files mean.

use crate::common;
use crate::record::{Flag, Inline, List, Record, record};
use crate::xml::{Fields, Number, Text, WriteError, XmlWriter};

/// Code tables, as many as the file has; a table that it has not is empty here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeTables {
    /// The filing units (报备单位列表).
    pub units: Vec<FilingUnit>,
    /// All other tables, under one element; absent when all are empty.
    pub codes: BasicCodes,
}

const UNITS: List = List("Bbdwlb", "Bbdw");
const CODES: &str = "Jcdm_xx";

impl Record for CodeTables {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let units = crate::record::Codec::read(&UNITS, fields)?;
        let codes = fields.optional_child(CODES, BasicCodes::read).unwrap_or_default();
        Some(Self { units, codes })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        crate::record::Codec::write(&UNITS, &self.units, out)?;
        if self.codes == BasicCodes::default() {
            return Ok(());
        }
        out.child(CODES, |out| self.codes.write(out))
    }
}

const ID: Number = Number::id("Id");
const NAME: Text = Text::new("Mc", 1, 64);
const SHORT_NAME: Text = Text::new("Mc", 1, 32);
const LETTERS: Text = Text::new("Bm", 1, 10);
const BIT: Number = Number::id("Ysid");
const VALID: Flag = Flag("Sfyx");
const REMARK: Text = Text::new("Bz", 1, 128);

record! {
    shows(id, name, is_valid);
    /// A unit that files (报备单位): access provider, carrier, registrar.
    pub struct FilingUnit {
        /// Its number, which files name it by.
        pub id: u64 = ID,
        /// Its name (单位名称), 1 to 255 characters.
        pub name: String = Text::new("Dwmc", 1, 255),
        /// Its class (单位分类), a code from 1 to 999.
        pub class: Option<u16> = Number::new("Dwfl", 1, 999),
        /// Its industry (行业分类), a code from 1 to 999.
        pub industry: Option<u16> = Number::new("Dwhyfl", 1, 999),
        /// Number of its licence (经营许可证编号), 1 to 128 characters.
        pub licence: Option<String> = Text::new("Jyxkzbh", 1, 128),
        /// Its province, as all regions a code of GB/T 2260.
        pub province: Option<u32> = common::PROVINCE,
        /// Its city.
        pub city: Option<u32> = common::CITY,
        /// Its county.
        pub county: Option<u32> = common::COUNTY,
        /// Street and number (详细地址), 1 to 1024 characters.
        pub detail: Option<String> = common::DETAIL,
        /// Whether it still files (是否有效).
        pub is_valid: bool = VALID,
        /// Remark (备注), at most 128 characters.
        pub remark: Option<String> = Text::new("Bz", 0, 128),
    }
}

record! {
    shows();
    /// The tables of codes; each is whole where it stands at all.
    #[derive(Default)]
    pub struct BasicCodes {
        /// Classes of units (单位分类).
        pub unit_classes: Vec<CodeRow> = List("Dwfl_dms", "Dwfl_xx"),
        /// Natures of sponsors (单位性质).
        pub natures: Vec<CodeRow> = List("Dwxz_dms", "Dwxz_xx"),
        /// Provinces, cities and counties (区域).
        pub regions: Vec<RegionCode> = List("Qy_dms", "Qy_xx"),
        /// Subjects of feedback (意见反馈问题分类).
        pub feedback_subjects: Vec<FeedbackCode> = List("Yjfk_Wtfls", "Yjfk_Wtfl_xx"),
        /// Communications administrations (管局).
        pub bureaus: Vec<BureauCode> = List("Gj_dms", "Gj_dm_xx"),
        /// Industries (行业分类).
        pub industries: Vec<IndustryCode> = List("Hyfl_dms", "Hyfl_xx"),
        /// Administrative levels (行政级别).
        pub administrative_levels: Vec<CodeRow> = List("Xzjb_dms", "Xzjb_xx"),
        /// Kinds of certificate (证件类型).
        pub certificate_kinds: Vec<CertificateCode> = List("Zjlx_dms", "Zjlx_xx"),
        /// Contents that may need a pre-approval (网站经营内容类型).
        pub approval_kinds: Vec<ApprovalCode> = List("Wzjylx_dms", "Wzjylx_xx"),
        /// What websites offer (服务内容).
        pub contents: Vec<BitCode> = List("Wzfwlx_dms", "Wzfwlx_xx"),
        /// Ways of access (接入方式).
        pub access_methods: Vec<BitCode> = List("Wzjrfs_dms", "Wzjrfs_xx"),
        /// Reasons of cancellation (注销理由).
        pub cancellation_reasons: Vec<ReasonCode> = List("Zxly_dms", "Zxly_xx"),
        /// What was done about unfiled websites (未备案处理状态).
        pub handling_states: Vec<HandlingCode> = List("Wbacl_dms", "Wbacl_xx"),
        /// Opinions of verifications (核实意见).
        pub verification_opinions: Vec<CodeRow> = List("Hsyj_dms", "Hsyj"),
        /// Kinds of domain (域名类型).
        pub domain_kinds: Vec<CodeRow> = List("Ymlx_dms", "Ymlx"),
        /// Formats of attachments (附件格式).
        pub attachment_formats: Vec<CodeRow> = List("Fjwjgs_dms", "Fjwjgs"),
        /// Purposes of attachments (附件用途).
        pub attachment_purposes: Vec<PurposeCode> = List("Fjytlx_dms", "Fjzjlx"),
        /// Languages (语言).
        pub languages: Vec<CodeRow> = List("Yylb_dms", "Yylb"),
    }
}

record! {
    shows(id, name, is_valid);
    /// A code with its name.
    pub struct CodeRow {
        /// The code.
        pub id: u64 = ID,
        /// Its name, 1 to 64 characters.
        pub name: String = NAME,
        /// Remark (备注), 1 to 128 characters.
        pub remark: Option<String> = REMARK,
        /// Whether it is still in use (是否有效).
        pub is_valid: bool = VALID,
    }
}

record! {
    shows(id, name, level, is_valid);
    /// A region (区域).
    pub struct RegionCode {
        /// The code of GB/T 2260.
        pub id: u64 = ID,
        /// Its name, 1 to 32 characters.
        pub name: String = SHORT_NAME,
        /// Its level (区域类型): 1 province, 2 city, 3 county.
        pub level: Option<u8> = Number::new("Lx", 1, 3),
        /// Remark (备注), 1 to 128 characters.
        pub remark: Option<String> = REMARK,
        /// Whether it is still in use (是否有效).
        pub is_valid: bool = VALID,
    }
}

record! {
    shows(id, subject, detail, is_valid);
    /// A subject of feedback.
    pub struct FeedbackCode {
        /// The code.
        pub id: u64 = ID,
        /// The subject (一级分类), 1 to 128 characters.
        pub subject: String = Text::new("Fl1", 1, 128),
        /// More closely (二级分类), 1 to 128 characters.
        pub detail: String = Text::new("Fl2", 1, 128),
        /// Remark (备注), 1 to 128 characters.
        pub remark: Option<String> = REMARK,
        /// Whether it is still in use (是否有效).
        pub is_valid: bool = VALID,
    }
}

record! {
    shows(id, name, province, is_valid);
    /// A communications administration (管局).
    pub struct BureauCode {
        /// The code.
        pub id: u64 = ID,
        /// The same as one bit, 2 to the power of `id - 1` (运算标识); documents never use it.
        pub bit: u64 = BIT,
        /// Its letters (编码), 1 to 10 characters.
        pub letters: String = LETTERS,
        /// Its name, 1 to 64 characters.
        pub name: String = NAME,
        /// Its province, a code of GB/T 2260.
        pub province: Option<u32> = common::PROVINCE,
        /// The short name of the province that filing numbers begin with (省简称), 1 to 128 characters.
        pub province_short: Option<String> = Text::new("Shengjc", 1, 128),
        /// Remark (备注), 1 to 128 characters.
        pub remark: Option<String> = REMARK,
        /// Whether it is still in use (是否有效).
        pub is_valid: bool = VALID,
        /// E-mail of who is in charge, 6 to 255 characters.
        pub email: Option<String> = Text::new("Dzyj", 6, 255),
        /// Mobile telephone of who is in charge, 11 to 128 characters.
        pub mobile: Option<String> = Text::new("Sjhm", 11, 128),
    }
}

record! {
    shows(id, letters, name, is_valid);
    /// An industry (行业).
    pub struct IndustryCode {
        /// The code.
        pub id: u64 = ID,
        /// Its letters (编码), 1 to 10 characters.
        pub letters: String = LETTERS,
        /// Its name, 1 to 64 characters.
        pub name: String = NAME,
        /// Remark (备注), 1 to 128 characters.
        pub remark: Option<String> = REMARK,
        /// Whether it is still in use (是否有效).
        pub is_valid: bool = VALID,
    }
}

record! {
    shows(id, name, owner, is_valid);
    /// A kind of certificate (证件类型).
    pub struct CertificateCode {
        /// The code.
        pub id: u64 = ID,
        /// Its name, 1 to 64 characters.
        pub name: String = NAME,
        /// The nature of sponsor that has it (单位分类标识).
        pub owner: u64 = Number::id("Dwflid"),
        /// Remark (备注), 1 to 128 characters.
        pub remark: Option<String> = REMARK,
        /// Whether it is still in use (是否有效).
        pub is_valid: bool = VALID,
    }
}

record! {
    shows(id, name, is_valid);
    /// A code that is also one bit of a mask.
    pub struct BitCode {
        /// The code, which stands in documents.
        pub id: u64 = ID,
        /// The same as one bit, 2 to the power of `id - 1` (运算代码); documents never use it.
        pub bit: u64 = BIT,
        /// Its name, 1 to 32 characters.
        pub name: String = SHORT_NAME,
        /// Remark (备注), 1 to 128 characters.
        pub remark: Option<String> = REMARK,
        /// Whether it is still in use (是否有效).
        pub is_valid: bool = VALID,
    }
}

record! {
    shows(code, needs_approval);
    /// A content that may need a pre-approval.
    pub struct ApprovalCode {
        /// The code.
        pub code: BitCode = Inline,
        /// Whether it needs one (是否需要前置审批).
        pub needs_approval: bool = Flag("Sfqzsp"),
    }
}

record! {
    shows(id, reason, is_valid);
    /// A reason of cancellation.
    pub struct ReasonCode {
        /// The code.
        pub id: u64 = ID,
        /// The reason (理由内容), 1 to 128 characters.
        pub reason: String = Text::new("Nr", 1, 128),
        /// Remark (备注), 1 to 128 characters.
        pub remark: Option<String> = REMARK,
        /// Whether it is still in use (是否有效).
        pub is_valid: bool = VALID,
    }
}

record! {
    shows(id, name);
    /// What was done about an unfiled website; of this table alone no row can fall out of use.
    pub struct HandlingCode {
        /// The code.
        pub id: u64 = ID,
        /// Its name (状态名称), 1 to 128 characters.
        pub name: String = Text::new("Ztmc", 1, 128),
        /// Remark (备注), 1 to 128 characters.
        pub remark: Option<String> = REMARK,
    }
}

record! {
    shows(id, name, owner, is_valid);
    /// A purpose of attachments.
    pub struct PurposeCode {
        /// The code.
        pub id: u64 = ID,
        /// Its name, 1 to 64 characters.
        pub name: String = NAME,
        /// What it belongs to (所属对象类型). The ministry's text says 0 sponsor and 1 website, its
        /// schema begins at 1: here as in uploads, 1 sponsor and 2 website. ASSUMED.
        pub owner: u64 = Number::id("Ssdxlx"),
        /// Remark (备注), 1 to 128 characters.
        pub remark: Option<String> = REMARK,
        /// Whether it is still in use (是否有效).
        pub is_valid: bool = VALID,
    }
}
