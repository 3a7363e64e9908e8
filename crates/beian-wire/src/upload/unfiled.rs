//! What was done about websites that are on the air without a filing.

use std::net::Ipv4Addr;

use chrono::NaiveDate;

use crate::common;
use crate::record::{Address, Day, record};
use crate::xml::{Number, Repeated, Text};

/// 1 to [`crate::MAX_RECORDS`] reports.
pub(super) const REPORT: Repeated = Repeated::new("Clxx", 1, crate::MAX_RECORDS);

record! {
    shows(domain, address, carrier, provider, handling, listed_on, due_on);
    /// What was done about one unfiled website (未备案网站处理结果), in answer to the list of
    /// them. It names the website by domain and address; the list's own number is not asked for.
    pub struct UnfiledReport {
        /// Its domain, 4 to 128 characters.
        pub domain: String = common::DOMAIN_NAME,
        /// Its address.
        pub address: Ipv4Addr = Address::new("IP"),
        /// The carrier (运营商), a number of the table of filing units.
        pub carrier: u64 = Number::id("Yys"),
        /// The access provider (接入商), a number of the table of filing units.
        pub provider: u64 = Number::id("Jrs"),
        /// Its province, a code of GB/T 2260.
        pub province: u64 = Number::id("Shengid"),
        /// What was done (处理结果), a code of the table of handling states, 1 to 999.
        pub handling: u16 = Number::new("Cljg", 1, 999),
        /// The same in words (处理意见), 1 to 255 characters.
        pub opinion: String = Text::new("Clyj", 1, 255),
        /// When it was listed (入表时间).
        pub listed_on: NaiveDate = Day("Rbsj"),
        /// Until when it was to be done (处理时限).
        pub due_on: NaiveDate = Day("Clsx"),
        /// Who reports (上报人), 1 to 128 characters.
        pub reporter_name: Option<String> = Text::new("Sbrxm", 1, 128),
        /// Telephone, 11 to 128 characters.
        pub reporter_phone: Option<String> = Text::new("Sbrdh", 11, 128),
        /// E-mail, 6 to 128 characters.
        pub reporter_email: Option<String> = Text::new("Sbrdzyj", 6, 128),
    }
}
