//! Domain filing (域名备案): what registries and registrars of domains report. It goes to
//! the ministry's own system alone (else 3036).

use chrono::NaiveDate;

use crate::ip::{OwnKey, RegisterKey};
use crate::record::{Day, Inline, Record, record};
use crate::xml::{Number, Text};

/// How a domain's record is named.
pub(crate) trait DomainKey: Record {}
impl DomainKey for OwnKey {}
impl DomainKey for RegisterKey {}
impl DomainKey for SyncedDomainKey {}

record! {
    shows(record_id, isp_record_id);
    /// The key in a full synchronisation: both numbers.
    pub struct SyncedDomainKey {
        /// The regulator's number for it, positive.
        pub record_id: u64 = Number::id("Id"),
        /// Our number for it, positive.
        pub isp_record_id: u64 = Number::id("IspId"),
    }
}

const fn region(name: &'static str) -> Number {
    Number::new(name, 100_000, u32::MAX as u64)
}

record! {
    shows(key, domain, kind);
    /// A registered domain with its people (域名信息).
    pub struct RegisteredDomain<K: DomainKey> {
        /// How it is named: [`OwnKey`] when it is new, [`RegisterKey`] when it is changed.
        pub key: K = Inline,
        /// The domain (域名), 4 to 255 characters.
        pub domain: String = Text::new("Ym", 4, 255),
        /// Kind of domain (域名类型), a code from 1 to 999.
        pub kind: u16 = Number::new("Ymlx", 1, 999),
        /// When it was registered (注册时间).
        pub registered: NaiveDate = Day("Zcsj"),
        /// The registrant (注册人).
        pub registrant: Registrant = Inline,
        /// Who administers it (管理员).
        pub administrator: Administrator = Inline,
        /// Who pays for it (缴费人), as far as it is told.
        pub payer: Payer = Inline,
        /// The registrar (所属注册商), 1 to 500 characters.
        pub registrar: String = Text::new("Ym_zcs", 1, 500),
        /// The name server (域名服务器), 4 to 255 characters.
        pub name_server: String = Text::new("Ym_fwq", 4, 255),
        /// Until when it is registered (有效日期).
        pub valid_until: NaiveDate = Day("Yxrq"),
    }
}

record! {
    shows();
    /// The registrant of a domain (注册人).
    pub struct Registrant {
        /// Name, 2 to 255 characters.
        pub name: String = Text::new("Zcr_mc", 2, 255),
        /// Organisation, 1 to 255 characters.
        pub organisation: String = Text::new("Zcr_zz", 1, 255),
        /// Postal address, 1 to 1000 characters.
        pub address: String = Text::new("Zcr_txdz", 1, 1000),
        /// Province, a code of GB/T 2260.
        pub province: u32 = region("Zcr_shengid"),
        /// City, a code of GB/T 2260.
        pub city: u32 = region("Zcr_shiid"),
        /// E-mail, 6 to 255 characters.
        pub email: String = Text::new("Zcr_dzyj", 6, 255),
        /// Telephone, 11 to 255 characters.
        pub phone: String = Text::new("Zcr_dhhm", 11, 255),
    }
}

record! {
    shows();
    /// Who administers a domain (管理员).
    pub struct Administrator {
        /// Name, 2 to 255 characters.
        pub name: String = Text::new("Gly_mz", 2, 255),
        /// Organisation, 1 to 255 characters.
        pub organisation: String = Text::new("Gly_zz", 1, 255),
        /// Postal address, 1 to 1000 characters.
        pub address: String = Text::new("Gly_dz", 1, 1000),
        /// Province, a code of GB/T 2260.
        pub province: u32 = region("Gly_shengid"),
        /// City, a code of GB/T 2260.
        pub city: u32 = region("Gly_shiid"),
        /// E-mail, 6 to 255 characters.
        pub email: String = Text::new("Gly_dzyj", 6, 255),
        /// Telephone, 11 to 255 characters.
        pub phone: String = Text::new("Gly_dh", 11, 255),
    }
}

record! {
    shows();
    /// Who pays for a domain (缴费人). Each field may be absent by itself.
    #[derive(Default)]
    pub struct Payer {
        /// Name, 2 to 255 characters.
        pub name: Option<String> = Text::new("Jfr_mz", 2, 255),
        /// Organisation, 1 to 255 characters.
        pub organisation: Option<String> = Text::new("Jfr_zz", 1, 255),
        /// Postal address, 1 to 1000 characters.
        pub address: Option<String> = Text::new("Jfr_dz", 1, 1000),
        /// Province, a code of GB/T 2260.
        pub province: Option<u32> = region("Jfr_shengid"),
        /// City, a code of GB/T 2260.
        pub city: Option<u32> = region("Jfr_shiid"),
        /// E-mail, 6 to 255 characters.
        pub email: Option<String> = Text::new("Jfr_dzyj", 6, 255),
        /// Telephone, 11 to 255 characters.
        pub phone: Option<String> = Text::new("Jfr_dh", 11, 255),
    }
}
