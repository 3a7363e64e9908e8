//! What came of verification tasks (核实任务): each record as it was found to be.
//!
//! The schema names the mobile telephone `sjhm` here, and here alone.

use chrono::NaiveDate;

use super::filing::Address;
use crate::common::{self, Approval, Certificate, FiledBy};
use crate::record::{
    Address as AddressField, Approvals, CertificateElement, CodeList, Day, Listed, One, codes, record,
};
use crate::xml::{Number, Repeated, Text};

/// 1 to [`crate::MAX_RECORDS`] results.
pub(super) const RESULT: Repeated = Repeated::new("Hsjgxx", 1, crate::MAX_RECORDS);
const MOBILE: Text = Text::new("sjhm", 11, 128);

codes! {
    /// What came of a verification (核实结果).
    pub enum VerificationOutcome {
        /// What is filed is true (通过).
        Passed = 0,
        /// It is not (拒绝).
        Refused = 1,
    }
}

record! {
    shows(outcome, verified_on, unit, record);
    /// What came of one verification task (核实结果信息).
    pub struct VerificationResult {
        /// The outcome.
        pub outcome: VerificationOutcome = Listed(Number::new("Hsjg", 0, 1)),
        /// Who verified (核实人), 1 to 128 characters.
        pub verifier: String = Text::new("Hsrxm", 1, 128),
        /// When (核实时间).
        pub verified_on: NaiveDate = Day("Hssj"),
        /// The filing unit that verified (报备单位).
        pub unit: u64 = Number::id("Bbdw"),
        /// Opinion (核实意见), 1 to 1024 characters; its table is the code table of opinions.
        pub opinion: String = Text::new("Hsyj", 1, 1024),
        /// What was wrong (错误信息), 1 to 4000 characters.
        pub errors: Option<String> = Text::new("Cwxx", 1, 4000),
        /// The record as it was found.
        pub record: VerifiedRecord = One("Baxx"),
    }
}

record! {
    shows(sponsor, websites);
    /// A sponsor with its websites as they were found (备案信息).
    pub struct VerifiedRecord {
        /// The sponsor.
        pub sponsor: VerifiedSponsor = One(common::SPONSOR),
        /// Its websites, at least one.
        pub websites: Vec<VerifiedWebsite> = common::WEBSITE,
    }
}

record! {
    shows(sponsor_id);
    /// A sponsor (主体) as it was found.
    pub struct VerifiedSponsor {
        /// The regulator's number for it (主体id).
        pub sponsor_id: u64 = Number::id("Ztid"),
        /// Name (主办单位名称), 1 to 255 characters.
        pub name: String = common::SPONSOR_NAME,
        /// Nature (单位性质), a code from 1 to 999.
        pub nature: Option<u16> = common::NATURE,
        /// Postal address (通信地址).
        pub address: Address = One(common::ADDRESS),
        /// Investor or superior organisation (投资人或主管单位), 1 to 255 characters.
        pub investor: Option<String> = common::INVESTOR,
        /// Certificate (证件).
        pub certificate: Certificate = CertificateElement,
        /// Sponsor principal (主体负责人).
        pub principal: VerifiedSponsorPrincipal = One(common::SPONSOR_PRINCIPAL),
        /// Remark (备注), 1 to 1024 characters.
        pub remark: Option<String> = common::REMARK,
    }
}

record! {
    shows();
    /// The person who answers for a sponsor (主体负责人), as found.
    pub struct VerifiedSponsorPrincipal {
        /// Name (姓名), 1 to 128 characters.
        pub name: Option<String> = common::PRINCIPAL_NAME,
        /// Office telephone (办公电话), 11 to 128 characters.
        pub office_phone: Option<String> = common::OFFICE_PHONE,
        /// Mobile telephone (手机), 11 to 128 characters.
        pub mobile: String = MOBILE,
        /// E-mail (电子邮件), 6 to 128 characters.
        pub email: String = common::EMAIL,
        /// MSN, 6 to 128 characters.
        pub msn: Option<String> = common::MSN,
        /// QQ, 5 to 128 characters.
        pub qq: Option<String> = common::QQ,
        /// Kind of certificate (证件类型), a code from 1 to 999.
        pub certificate_kind: Option<u16> = common::PRINCIPAL_CERTIFICATE_KIND,
        /// Number of the certificate (证件号码), 1 to 128 characters.
        pub certificate_number: Option<String> = common::PRINCIPAL_CERTIFICATE_NUMBER,
    }
}

record! {
    shows();
    /// The person who answers for a website (网站负责人), as found.
    pub struct VerifiedWebsitePrincipal {
        /// Name (姓名), 1 to 128 characters.
        pub name: String = common::PRINCIPAL_NAME,
        /// Office telephone (办公电话), 11 to 128 characters.
        pub office_phone: Option<String> = common::OFFICE_PHONE,
        /// Mobile telephone (手机), 11 to 128 characters.
        pub mobile: Option<String> = MOBILE,
        /// E-mail (电子邮件), 6 to 128 characters.
        pub email: String = common::EMAIL,
        /// MSN, 6 to 128 characters.
        pub msn: Option<String> = common::MSN,
        /// QQ, 5 to 128 characters.
        pub qq: Option<String> = common::QQ,
        /// Kind of certificate (证件类型), a code from 1 to 999.
        pub certificate_kind: Option<u16> = common::PRINCIPAL_CERTIFICATE_KIND,
        /// Number of the certificate (证件号码), 1 to 128 characters.
        pub certificate_number: Option<String> = common::PRINCIPAL_CERTIFICATE_NUMBER,
    }
}

record! {
    shows(website_id, domains, accesses);
    /// A website (网站) as it was found.
    pub struct VerifiedWebsite {
        /// The regulator's number for it (网站id).
        pub website_id: u64 = Number::id("Wzid"),
        /// Its name (网站名称), 1 to 512 characters.
        pub name: String = common::WEBSITE_NAME,
        /// Pre-approvals (前置审批), at most 64.
        pub approvals: Vec<Approval> = Approvals,
        /// What it offers (服务内容), 1 to 64 codes from 1 to 64.
        pub contents: Vec<u8> = CodeList::CONTENTS,
        /// Its domains, at least one.
        pub domains: Vec<VerifiedDomain> = common::DOMAIN,
        /// Its accesses, at least one.
        pub accesses: Vec<VerifiedAccess> = common::ACCESS,
        /// Website principal (网站负责人).
        pub principal: VerifiedWebsitePrincipal = One(common::WEBSITE_PRINCIPAL),
        /// Home page (首页url), 4 to 255 characters.
        pub home_url: Option<String> = common::HOME_URL,
        /// Remark (备注), 1 to 1024 characters.
        pub remark: Option<String> = common::WEBSITE_REMARK,
    }
}

record! {
    shows(domain_id, name);
    /// A domain (域名) with the regulator's number.
    pub struct VerifiedDomain {
        /// The regulator's number for it (域名id).
        pub domain_id: u64 = Number::id("Ymid"),
        /// The name, 4 to 128 characters.
        pub name: String = common::DOMAIN_NAME,
    }
}

record! {
    shows(access_id, ip_ranges);
    /// An access (接入) as it was found.
    pub struct VerifiedAccess {
        /// The regulator's number for it (接入id).
        pub access_id: u64 = Number::id("Jrid"),
        /// Where the servers stand (服务器放置地), 1 to 64 codes from 1 to 64.
        pub server_places: Vec<u8> = CodeList::PLACES,
        /// The ways of access (接入方式), 1 to 64 codes from 1 to 64.
        pub methods: Vec<u8> = CodeList::METHODS,
        /// Its addresses, at least one range.
        pub ip_ranges: Vec<VerifiedIpRange> = common::IP_RANGE,
        /// Who filed it (报备方式).
        pub filed_by: FiledBy = Listed(Number::new("Bbfs", 0, 1)),
    }
}

record! {
    shows(ip_id, first, last);
    /// A range of addresses (IP段) with the regulator's number.
    pub struct VerifiedIpRange {
        /// The regulator's number for it (IP id).
        pub ip_id: u64 = Number::id("Ipid"),
        /// The first address (起始IP).
        pub first: std::net::Ipv4Addr = AddressField::new("Qsip"),
        /// The last address (终止IP).
        pub last: std::net::Ipv4Addr = AddressField::new("Zzip"),
    }
}
