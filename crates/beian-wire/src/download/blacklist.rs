//! Who and what must not be filed or given access.

use std::net::Ipv4Addr;

use crate::WireTime;
use crate::common;
use crate::record::{Address, Listed, One, Record, Time, codes, record};
use crate::xml::{Fields, Number, Repeated, Text, WriteError, XmlWriter};

record! {
    shows(sponsors, websites);
    /// Changes to the blacklist (黑名单).
    #[derive(Default)]
    pub struct BlacklistFile {
        /// Sponsors (主体黑名单).
        pub sponsors: Vec<BlacklistedSponsor> = Repeated::new("Zthmdxxs", 0, usize::MAX),
        /// Websites (网站黑名单).
        pub websites: Vec<BlacklistedWebsite> = Repeated::new("Wzhmdxxs", 0, usize::MAX),
    }
}

codes! {
    /// What becomes of an entry of a list (操作类型).
    pub enum ListChange {
        /// It is put on the list (增加).
        Add = 0,
        /// It reads so from now on (修改).
        Modify = 1,
        /// It is taken off the list (删除).
        Delete = 2,
    }
}

const CHANGE: Listed = Listed(Number::new("Czlx", 0, 2));

record! {
    shows(change);
    /// A change to the list of sponsors.
    pub struct BlacklistedSponsor {
        /// The sponsor; the schema lets an entry stand without one.
        pub sponsor: Option<BlacklistSponsor> = One(common::SPONSOR),
        /// What becomes of it.
        pub change: ListChange = CHANGE,
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

record! {
    shows(nature);
    /// A sponsor on the list.
    pub struct BlacklistSponsor {
        /// Name (单位名称), 1 to 255 characters.
        pub name: String = common::SPONSOR_NAME,
        /// Nature (单位性质), a code from 1 to 999.
        pub nature: Option<u16> = common::NATURE,
        /// Certificate (证件).
        pub certificate: CertificateKey = One(common::CERTIFICATE),
    }
}

record! {
    shows(kind);
    /// A certificate by kind and number.
    pub struct CertificateKey {
        /// Kind of certificate (证件类型), a code from 1 to 999.
        pub kind: u16 = Number::new("Zjlx", 1, 999),
        /// Its number (证件号码), 1 to 255 characters.
        pub number: String = Text::new("Zjhm", 1, 255),
    }
}

record! {
    shows(website, change);
    /// A change to the list of websites.
    pub struct BlacklistedWebsite {
        /// The website.
        pub website: BlacklistWebsite = One("Wz_xx"),
        /// What becomes of it.
        pub change: ListChange = CHANGE,
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

record! {
    shows(domains, home_url);
    /// A website on the list.
    pub struct BlacklistWebsite {
        /// Its name (网站名称), 1 to 512 characters.
        pub name: String = common::WEBSITE_NAME,
        /// Its domains, at least one.
        pub domains: Vec<BlacklistDomain> = common::DOMAIN,
        /// Its home page (首页url), 4 to 255 characters.
        pub home_url: Option<String> = common::HOME_URL,
    }
}

/// A domain on the list, 4 to 128 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlacklistDomain(pub String);

impl Record for BlacklistDomain {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        fields.text(common::DOMAIN_NAME).map(Self)
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.text(common::DOMAIN_NAME, &self.0)
    }
}

pub(super) const ILLEGAL_ACCESS: Repeated = Repeated::new("Ffjrxx", 1, usize::MAX);

record! {
    shows(record_id, domain, address, provider, detected);
    /// A website that somebody gives access to against the rules (非法接入).
    pub struct IllegalAccess {
        /// The regulator's number for it.
        pub record_id: u64 = Number::id("Id"),
        /// Its domain, 4 to 128 characters.
        pub domain: String = common::DOMAIN_NAME,
        /// Its address.
        pub address: Ipv4Addr = Address::new("Ip"),
        /// Who gives access to it (直接接入者), a number of the table of filing units.
        pub provider: u64 = Number::id("Zjjrz"),
        /// Its province (所在省).
        pub province: u64 = Number::id("Szs"),
        /// When it was detected (当前检测时间).
        pub detected: WireTime = Time("Dqjcsj"),
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}
