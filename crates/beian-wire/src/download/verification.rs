//! Verification tasks: filings whose truth the provider is to look into.

use super::filings::TIMES;
use super::filings::{IssuedAddress, IssuedWebsitePrincipal};
use crate::WireTime;
use crate::common::{self, Approval, Certificate, FiledBy};
use crate::record::{Approvals, CertificateElement, CodeList, Listed, One, record};
use crate::upload::VerifiedDomain;
use crate::xml::Number;

record! {
    shows(sponsor, websites);
    /// A filing to be verified (核实任务). Until when, the file does not say.
    pub struct VerificationTask {
        /// The sponsor.
        pub sponsor: TaskSponsor = One(common::SPONSOR),
        /// Its websites, at least one.
        pub websites: Vec<TaskWebsite> = common::WEBSITE,
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

const FILED_BY: Listed = Listed(Number::new("Bbyhlx", 0, 1));

record! {
    shows(sponsor_id);
    /// A sponsor (主体) to be verified.
    pub struct TaskSponsor {
        /// The regulator's number for it (主体id).
        pub sponsor_id: u64 = Number::id("Ztid"),
        /// Name (主办单位名称), 1 to 255 characters.
        pub name: String = common::SPONSOR_NAME,
        /// Nature (单位性质), a code from 1 to 999.
        pub nature: Option<u16> = common::NATURE,
        /// Postal address (通信地址).
        pub address: IssuedAddress = One(common::ADDRESS),
        /// Certificate (证件).
        pub certificate: Certificate = CertificateElement,
        /// Sponsor principal (主体负责人).
        pub principal: TaskSponsorPrincipal = One(common::SPONSOR_PRINCIPAL),
        /// Investor or superior organisation (投资人或主管单位), 1 to 255 characters.
        pub investor: Option<String> = common::INVESTOR,
        /// Who filed (报备用户类型).
        pub filed_by: FiledBy = FILED_BY,
        /// When first filed (首次报备时间).
        pub first_filed: WireTime = TIMES.0,
        /// When last changed (最近修改时间).
        pub last_changed: Option<WireTime> = TIMES.1,
        /// Remark (备注), 1 to 1024 characters.
        pub remark: Option<String> = common::REMARK,
    }
}

record! {
    shows();
    /// The person who answers for a sponsor (主体负责人).
    pub struct TaskSponsorPrincipal {
        /// Name (姓名), 1 to 128 characters.
        pub name: Option<String> = common::PRINCIPAL_NAME,
        /// Office telephone (办公电话), 11 to 128 characters.
        pub office_phone: Option<String> = common::OFFICE_PHONE,
        /// Mobile telephone (手机), 11 to 128 characters.
        pub mobile: Option<String> = common::MOBILE,
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
    /// A website (网站) to be verified.
    pub struct TaskWebsite {
        /// The regulator's number for it (网站id).
        pub website_id: u64 = Number::id("Wzid"),
        /// Its name (网站名称), 1 to 512 characters.
        pub name: String = common::WEBSITE_NAME,
        /// Pre-approvals (前置审批), at most 64.
        pub approvals: Vec<Approval> = Approvals,
        /// What it offers (服务内容), at most 64 codes from 1 to 64.
        pub contents: Vec<u8> = CodeList::CONTENTS.optional(),
        /// Its languages (语言), at most 256 codes from 1 to 64.
        pub languages: Vec<u8> = CodeList::LANGUAGES.optional(),
        /// Its domains, at least one.
        pub domains: Vec<VerifiedDomain> = common::DOMAIN,
        /// Its accesses, at least one.
        pub accesses: Vec<TaskAccess> = common::ACCESS,
        /// Website principal (网站负责人).
        pub principal: IssuedWebsitePrincipal = One(common::WEBSITE_PRINCIPAL),
        /// Home page (首页url), 4 to 255 characters.
        pub home_url: Option<String> = common::HOME_URL,
        /// Remark (备注), 1 to 1024 characters.
        pub remark: Option<String> = common::WEBSITE_REMARK,
        /// When first filed (首次报备时间).
        pub first_filed: Option<WireTime> = TIMES.0,
        /// When last changed (最近修改时间).
        pub last_changed: Option<WireTime> = TIMES.1,
    }
}

record! {
    shows(access_id, ip_ranges, filer, filed_by);
    /// An access (接入) to be verified.
    pub struct TaskAccess {
        /// The regulator's number for it (接入id).
        pub access_id: u64 = Number::id("Jrid"),
        /// Where the servers stand (服务器放置地), 1 to 64 codes from 1 to 64.
        pub server_places: Vec<u8> = CodeList::PLACES,
        /// The ways of access (接入方式), 1 to 64 codes from 1 to 64.
        pub methods: Vec<u8> = CodeList::METHODS,
        /// Its addresses, at least one range.
        pub ip_ranges: Vec<crate::upload::VerifiedIpRange> = common::IP_RANGE,
        /// Who filed it: a user of the regulator's, or a filing unit (报备用户).
        pub filer: u64 = Number::id("Bbyhid"),
        /// Which of the two.
        pub filed_by: FiledBy = FILED_BY,
    }
}
