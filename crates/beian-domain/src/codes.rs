//! The regulator's coded values.
//!
//! Codes come from deployed forms (the ministry prints no table in its
//! specification), so the long lists of names live in the rulebook, where a
//! table received from the regulator replaces them. Here are only the codes
//! that the product reasons about.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A code or name that is not in the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a {table}, got {got:?}")]
pub struct UnknownCode {
    /// The table.
    pub table: &'static str,
    /// What was given.
    pub got: String,
}

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident, $table:literal { $($variant:ident = $code:literal, $slug:literal, $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $(#[doc = $zh] #[serde(rename = $slug)] $variant,)+
        }

        impl $name {
            /// Every value, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The regulator's code.
            pub fn code(self) -> u16 {
                match self { $(Self::$variant => $code),+ }
            }

            /// The name in case files and in the API.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),+ }
            }

            /// The name for people.
            pub fn label(self) -> crate::Text {
                match self { $(Self::$variant => crate::Text::new($zh, $en)),+ }
            }

            /// The value of a regulator's code.
            pub fn from_code(code: u16) -> Result<Self, UnknownCode> {
                Self::ALL.iter().copied().find(|value| value.code() == code)
                    .ok_or_else(|| UnknownCode { table: $table, got: code.to_string() })
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownCode;
            fn from_str(slug: &str) -> Result<Self, UnknownCode> {
                Self::ALL.iter().copied().find(|value| value.slug() == slug)
                    .ok_or_else(|| UnknownCode { table: $table, got: slug.to_owned() })
            }
        }
    };
}

coded! {
    /// Nature of the sponsor (主办单位性质, `Dwxz`).
    SponsorNature, "nature of sponsor" {
        Enterprise = 4, "enterprise", "企业", "Enterprise";
        Individual = 5, "individual", "个人", "Individual";
        Government = 2, "government", "政府机关", "Government body";
        PublicInstitution = 3, "public-institution", "事业单位", "Public institution";
        SocialGroup = 6, "social-group", "社会团体", "Social group";
        PrivateNonEnterprise = 9, "private-non-enterprise", "民办非企业单位", "Private non-enterprise unit";
        Foundation = 10, "foundation", "基金会", "Foundation";
        LawFirm = 11, "law-firm", "律师执业机构", "Law firm";
        ForeignCultureCentre = 12, "foreign-culture-centre", "外国在华文化中心", "Foreign culture centre";
        MassOrganisation = 13, "mass-organisation", "群众性团体组织", "Mass organisation";
        ForensicInstitution = 14, "forensic-institution", "司法鉴定机构", "Forensic institution";
        ReligiousBody = 15, "religious-body", "宗教团体", "Religious body";
        OverseasInstitution = 16, "overseas-institution", "境外机构", "Overseas institution";
        MedicalInstitution = 17, "medical-institution", "医疗机构", "Medical institution";
        NotaryOffice = 18, "notary-office", "公证机构", "Notary office";
        CollectiveEconomy = 19, "collective-economy", "集体经济", "Collective economy";
        ArbitrationBody = 20, "arbitration-body", "仲裁机构", "Arbitration body";
        Military = 1, "military", "国防机构", "Defence body";
    }
}

coded! {
    /// Why a record is cancelled (注销理由, `Zxly`). ASSUMED numbers: no source prints
    /// the table; one that the regulator sends outranks it.
    CancellationReason, "reason for a cancellation" {
        SponsorsWish = 1, "sponsors-wish", "主办者不再使用", "The sponsor does not use it any more";
        DomainGone = 2, "domain-gone", "域名到期或转让", "The domain has expired or changed hands";
        AccessEnded = 3, "access-ended", "停止接入", "It is no longer served here";
        Untrue = 4, "untrue", "备案信息不真实", "What was filed is not true";
        Other = 99, "other", "其他", "Something else";
    }
}

coded! {
    /// What was done about a site without a filing (处理结果, `Cljg`). ASSUMED numbers: no source prints
    /// the table; one that the regulator sends outranks it.
    UnfiledHandling, "state of handling" {
        Closed = 1, "closed", "已关闭", "Blocked";
        Filed = 2, "filed", "已备案", "Filed meanwhile";
        NotOurs = 3, "not-ours", "非本接入商接入", "Not served here";
        NotResolved = 4, "not-resolved", "域名未解析", "The domain does not resolve";
        Other = 99, "other", "其他", "Something else";
    }
}

coded! {
    /// What becomes of a range of addresses (分配使用方式, `Fpfs`).
    AllocationManner, "manner of allocation" {
        Used = 1, "used", "分配且使用", "Allocated to somebody who uses it";
        PassedOn = 2, "passed-on", "再次分配", "Allocated on to another filing unit";
        OwnUse = 3, "own-use", "自用", "Used by ourselves";
        Reserved = 4, "reserved", "预留", "Kept in reserve";
    }
}

coded! {
    /// How addresses are used (使用方式, `Syfs`).
    AddressUse, "manner of use" {
        Static = 1, "static", "静态", "Fixed";
        Dynamic = 2, "dynamic", "动态", "Changing";
        Unknown = 3, "unknown", "未知", "Not known";
    }
}

coded! {
    /// What came of a verification (核实结果, `Hsjg`).
    VerificationOutcome, "outcome of a verification" {
        True = 0, "true", "通过", "What is filed is true";
        Untrue = 1, "untrue", "拒绝", "It is not true";
    }
}

coded! {
    /// What kind of service is filed (服务类型). The interface that is published
    /// knows websites only; the numbers are those of the public query of 2023.
    ServiceKind, "kind of service" {
        Website = 1, "website", "网站", "Website";
        App = 6, "app", "APP", "App";
        MiniProgram = 7, "mini-program", "小程序", "Mini-program";
        QuickApp = 8, "quick-app", "快应用", "Quick-app";
    }
}

impl ServiceKind {
    /// Whether it is a website.
    pub fn is_website(&self) -> bool {
        *self == Self::Website
    }

    /// The letter at the end of its filing number, if its kind has one.
    pub fn suffix(self) -> Option<char> {
        match self {
            Self::Website => None,
            Self::App => Some('A'),
            Self::MiniProgram => Some('X'),
            Self::QuickApp => Some('K'),
        }
    }
}

coded! {
    /// What an app, a mini-program or a quick-app runs on (运行平台). ASSUMED numbers, as of
    /// everything that the published interface has no word for.
    AppPlatform, "platform of apps" {
        Android = 1, "android", "安卓", "Android";
        Ios = 2, "ios", "iOS", "iOS";
        HarmonyOs = 3, "harmonyos", "鸿蒙", "HarmonyOS";
        WeChat = 11, "wechat", "微信", "WeChat";
        Alipay = 12, "alipay", "支付宝", "Alipay";
        Douyin = 13, "douyin", "抖音", "Douyin";
        Baidu = 14, "baidu", "百度", "Baidu";
        QuickApp = 21, "quick-app-alliance", "快应用联盟", "Quick App Alliance";
    }
}

#[allow(clippy::derivable_impls, reason = "the macro writes the enum")]
impl Default for ServiceKind {
    fn default() -> Self {
        Self::Website
    }
}

coded! {
    /// Kind of certificate (证件类型, `Zjlx`).
    CertificateKind, "kind of certificate" {
        BusinessLicence = 1, "business-licence", "营业执照", "Business licence";
        OrganisationCodeCertificate = 12, "organisation-code-certificate", "组织机构代码证", "Organisation code certificate";
        ForeignRepresentativeOffice = 27, "foreign-representative-office", "外国企业常驻代表机构登记证", "Registration of a foreign representative office";
        ResidentIdCard = 2, "resident-id-card", "居民身份证", "Resident identity card";
        Passport = 7, "passport", "护照", "Passport";
        MilitaryOfficerCard = 8, "military-officer-card", "军官证", "Military officer's card";
        TaiwanTravelPermit = 11, "taiwan-travel-permit", "台湾居民来往大陆通行证", "Travel permit for Taiwan residents";
        HongKongMacauTravelPermit = 14, "hong-kong-macau-travel-permit", "港澳居民来往内地通行证", "Travel permit for Hong Kong and Macau residents";
        ForeignPermanentResident = 30, "foreign-permanent-resident", "外国人永久居留身份证", "Foreign permanent resident's card";
        HongKongMacauResidencePermit = 41, "hong-kong-macau-residence-permit", "港澳居民居住证", "Residence permit for Hong Kong and Macau residents";
        TaiwanResidencePermit = 42, "taiwan-residence-permit", "台湾居民居住证", "Residence permit for Taiwan residents";
        GovernmentOrganisationCode = 9, "government-organisation-code", "组织机构代码证（政府机关）", "Organisation code certificate (government)";
        GovernmentUscc = 13, "government-uscc", "统一社会信用代码证书（政府机关）", "USCC certificate (government)";
        InstitutionOrganisationCode = 3, "institution-organisation-code", "组织机构代码证（事业单位）", "Organisation code certificate (public institution)";
        InstitutionLegalPersonCertificate = 4, "institution-legal-person-certificate", "事业单位法人证书", "Legal person certificate of a public institution";
        InstitutionUscc = 15, "institution-uscc", "统一社会信用代码证书（事业单位）", "USCC certificate (public institution)";
        MilitaryUnitCode = 5, "military-unit-code", "部队代号", "Military unit code";
        MilitaryServicePermit = 23, "military-service-permit", "军队单位对外有偿服务许可证", "Military paid service permit";
        SocialGroupLegalPersonCertificate = 6, "social-group-legal-person-certificate", "社会团体法人登记证书", "Registration of a social group";
        SocialGroupOrganisationCode = 10, "social-group-organisation-code", "组织机构代码证（社会团体）", "Organisation code certificate (social group)";
        PrivateNonEnterpriseOrganisationCode = 16, "private-non-enterprise-organisation-code", "组织机构代码证（民办非企业）", "Organisation code certificate (private non-enterprise)";
        PrivateNonEnterpriseRegistration = 17, "private-non-enterprise-registration", "民办非企业单位登记证书", "Registration of a private non-enterprise unit";
        SocialServiceRegistration = 36, "social-service-registration", "社会服务机构登记证书", "Registration of a social service institution";
        PrivateSchoolLicence = 37, "private-school-licence", "民办学校办学许可证", "Private school licence";
        FoundationOrganisationCode = 18, "foundation-organisation-code", "组织机构代码证（基金会）", "Organisation code certificate (foundation)";
        FoundationRegistration = 19, "foundation-registration", "基金会法人登记证书", "Registration of a foundation";
        LawFirmOrganisationCode = 20, "law-firm-organisation-code", "组织机构代码证（律师事务所）", "Organisation code certificate (law firm)";
        LawFirmLicence = 21, "law-firm-licence", "律师事务所执业许可证", "Law firm practice licence";
        ForeignCultureCentreRegistration = 22, "foreign-culture-centre-registration", "外国在华文化中心登记证", "Registration of a foreign culture centre";
        ForeignTourismOffice = 34, "foreign-tourism-office", "外国政府旅游部门常驻代表机构批准登记证", "Registration of a foreign tourism office";
        EmbassySchoolLicence = 40, "embassy-school-licence", "北京市外国驻华使馆人员子女学校办学许可证", "Embassy school licence (Beijing)";
        MassOrganisationUscc = 24, "mass-organisation-uscc", "统一社会信用代码证书（群众性团体组织）", "USCC certificate (mass organisation)";
        ForensicPermit = 28, "forensic-permit", "司法鉴定许可证", "Forensic permit";
        ReligiousSiteRegistration = 25, "religious-site-registration", "宗教活动场所登记证", "Registration of a religious site";
        OverseasInstitutionCertificate = 35, "overseas-institution-certificate", "境外机构证件", "Certificate of an overseas institution";
        MedicalPractisingLicence = 38, "medical-practising-licence", "医疗机构执业许可证", "Medical practising licence";
        NotaryPractisingLicence = 39, "notary-practising-licence", "公证机构执业证", "Notary practising licence";
        CollectiveEconomyRegistration = 43, "collective-economy-registration", "农村集体经济组织登记证", "Registration of a rural collective";
        ArbitrationRegistration = 44, "arbitration-registration", "仲裁委员会登记证", "Registration of an arbitration commission";
    }
}

impl SponsorNature {
    /// The kinds of certificate that a sponsor of this nature may file with.
    pub fn certificate_kinds(self) -> &'static [CertificateKind] {
        use CertificateKind as K;
        match self {
            Self::Enterprise => {
                &[K::BusinessLicence, K::OrganisationCodeCertificate, K::ForeignRepresentativeOffice]
            }
            Self::Individual => CertificateKind::OF_PERSONS,
            Self::Government => &[K::GovernmentUscc, K::GovernmentOrganisationCode],
            Self::PublicInstitution => {
                &[K::InstitutionLegalPersonCertificate, K::InstitutionUscc, K::InstitutionOrganisationCode]
            }
            Self::SocialGroup => &[K::SocialGroupLegalPersonCertificate, K::SocialGroupOrganisationCode],
            Self::PrivateNonEnterprise => &[
                K::PrivateNonEnterpriseRegistration,
                K::SocialServiceRegistration,
                K::PrivateSchoolLicence,
                K::PrivateNonEnterpriseOrganisationCode,
            ],
            Self::Foundation => &[K::FoundationRegistration, K::FoundationOrganisationCode],
            Self::LawFirm => &[K::LawFirmLicence, K::LawFirmOrganisationCode],
            Self::ForeignCultureCentre => {
                &[K::ForeignCultureCentreRegistration, K::ForeignTourismOffice, K::EmbassySchoolLicence]
            }
            Self::MassOrganisation => &[K::MassOrganisationUscc],
            Self::ForensicInstitution => &[K::ForensicPermit],
            Self::ReligiousBody => &[K::ReligiousSiteRegistration],
            Self::OverseasInstitution => &[K::OverseasInstitutionCertificate],
            Self::MedicalInstitution => &[K::MedicalPractisingLicence],
            Self::NotaryOffice => &[K::NotaryPractisingLicence],
            Self::CollectiveEconomy => &[K::CollectiveEconomyRegistration],
            Self::ArbitrationBody => &[K::ArbitrationRegistration],
            Self::Military => &[K::MilitaryUnitCode, K::MilitaryServicePermit],
        }
    }

    /// Whether the sponsor is a person (个人) and not a unit (单位).
    pub fn is_individual(self) -> bool {
        self == Self::Individual
    }
}

impl CertificateKind {
    /// The nature of the sponsors that file with it; none if nobody does.
    pub fn sponsor_nature(self) -> Option<SponsorNature> {
        SponsorNature::ALL.iter().copied().find(|nature| nature.certificate_kinds().contains(&self))
    }

    /// The kinds that a person may hold: sponsors who are individuals, and principals.
    pub const OF_PERSONS: &'static [Self] = &[
        Self::ResidentIdCard,
        Self::HongKongMacauTravelPermit,
        Self::TaiwanTravelPermit,
        Self::Passport,
        Self::HongKongMacauResidencePermit,
        Self::TaiwanResidencePermit,
        Self::ForeignPermanentResident,
        Self::MilitaryOfficerCard,
    ];
}

macro_rules! code_number {
    ($(#[$doc:meta])* $name:ident, $table:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "u8", into = "u8")]
        #[schemars(with = "u8", extend("minimum" = 1, "maximum" = 64))]
        pub struct $name(u8);

        impl $name {
            /// The code, 1 to 64.
            pub fn get(self) -> u8 {
                self.0
            }
        }

        impl TryFrom<u8> for $name {
            type Error = UnknownCode;
            fn try_from(code: u8) -> Result<Self, UnknownCode> {
                if (1..=64).contains(&code) { Ok(Self(code)) } else {
                    Err(UnknownCode { table: $table, got: code.to_string() })
                }
            }
        }

        impl From<$name> for u8 {
            fn from(code: $name) -> u8 {
                code.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

code_number! {
    /// What a service offers (服务内容, `Fwnr_id`); names are in the rulebook.
    ServiceContentCode, "service content code from 1 to 64"
}
code_number! {
    /// A language of a service (语种, `Yylb_id`); names are in the rulebook.
    LanguageCode, "language code from 1 to 64"
}

coded! {
    /// How a service is connected (接入方式, `Jrfs`).
    AccessMethod, "access method" {
        DedicatedLine = 1, "dedicated-line", "专线", "Dedicated line";
        HostColocation = 2, "host-colocation", "主机托管", "Colocated host";
        VirtualHost = 3, "virtual-host", "虚拟主机", "Virtual host";
        Other = 4, "other", "其他方式", "Other";
        Cloud = 5, "cloud", "云接入", "Cloud";
    }
}
