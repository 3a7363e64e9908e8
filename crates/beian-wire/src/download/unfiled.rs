//! Websites that are on the air without a filing.

use std::net::Ipv4Addr;

use crate::WireTime;
use crate::record::{Address, CodeList, Time, record};
use crate::xml::{Number, Repeated, Text};

pub(super) const WEBSITE: Repeated = Repeated::new("Wbawz_xx", 1, usize::MAX);

record! {
    shows(record_id, domain, address, detected, provider, carrier);
    /// A website without a filing (未备案网站), to be looked into and reported on.
    pub struct UnfiledWebsite {
        /// The regulator's number for it.
        pub record_id: u64 = Number::id("Id"),
        /// Its domain (域名名称), 1 to 128 characters.
        pub domain: String = Text::new("Wzym_mc", 1, 128),
        /// Its languages (语言), at most 256 codes from 1 to 64.
        pub languages: Vec<u8> = CodeList::LANGUAGES.optional(),
        /// Its address.
        pub address: Ipv4Addr = Address::new("IP"),
        /// When it was detected (当前检测时间).
        pub detected: Option<WireTime> = Time("Dqjcsj"),
        /// How often it was detected (检测次数).
        pub detections: Option<u64> = Number::new("Jccs", 0, i64::MAX as u64),
        /// The province it belongs to (所属省).
        pub province: Option<u64> = Number::id("Sssh"),
        /// When it was first detected (首次检测时间).
        pub first_detected: Option<WireTime> = Time("Scjcsj"),
        /// The access provider (接入商), a number of the table of filing units.
        pub provider: Option<u64> = Number::id("Jrs"),
        /// The carrier (运营商), a number of the table of filing units.
        pub carrier: u64 = Number::id("Yys"),
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}
