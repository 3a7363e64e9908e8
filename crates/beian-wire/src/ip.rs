//! IP address filing (IP备案): where a provider's ranges come from, what becomes of
//! them, who announces them. IPv4 alone; the interface has no more.
//!
//! One record looks the same wherever it stands, but for its key `K`: [`OwnKey`] when it
//! is new, [`RegisterKey`] when it is changed, [`SyncedKey`] in a full synchronisation.

use std::fmt;
use std::net::Ipv4Addr;

use chrono::NaiveDate;

use crate::common::{self, NATURE};
use crate::record::{
    Address, Codec as _, Day, Flag, Inline, List, Listed, Presence, Record, Required, codes, record,
};
use crate::xml::{Fields, Number, Text, WriteError, XmlWriter};

/// Ranges of one provider, of every kind; lists that are empty have no element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpRecords<K> {
    /// Where ranges come from (来源). Reported before what becomes of them (else 2005).
    pub sources: Vec<IpSource<K>>,
    /// What becomes of them (分配使用).
    pub allocations: Vec<IpAllocation<K>>,
    /// Which are announced by whom (广播). For the three carriers alone.
    pub broadcasts: Vec<IpBroadcast<K>>,
    /// Ranges that a customer brought along (自带IP).
    pub customer_owned: Vec<CustomerIp<K>>,
}

/// A record that can stand in a full synchronisation, whatever named it before.
macro_rules! synchronised {
    ($record:ident { $($field:ident),+ $(,)? }) => {
        impl<K> $record<K> {
            /// The same, as a full synchronisation names it.
            #[must_use]
            pub fn synchronised(self, key: SyncedKey) -> $record<SyncedKey> {
                let Self { key: _, $($field),+ } = self;
                $record { key, $($field),+ }
            }
        }
    };
}

synchronised!(IpSource { first, last, source, remark });
synchronised!(IpAllocation {
    first,
    last,
    manner,
    recipient,
    address_use,
    used_from,
    redirects_domains,
    user_name,
    nature,
    class,
    industry,
    province,
    city,
    county,
    detail,
    contact_name,
    contact_phone,
    contact_email,
    gateway,
    gateway_place,
    remark,
});
synchronised!(IpBroadcast { announcer, applicant, first, last, remark });
synchronised!(CustomerIp {
    first,
    last,
    redirects_domains,
    address_use,
    used_from,
    user_name,
    nature,
    province,
    city,
    county,
    detail,
    contact_name,
    contact_phone,
    contact_email,
    gateway,
    gateway_place,
    remark,
    origin,
});

impl<K> Default for IpRecords<K> {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            allocations: Vec::new(),
            broadcasts: Vec::new(),
            customer_owned: Vec::new(),
        }
    }
}

impl<K> IpRecords<K> {
    /// How many records of all kinds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sources.len() + self.allocations.len() + self.broadcasts.len() + self.customer_owned.len()
    }
}

impl<K: IpKey> Record for IpRecords<K> {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let [sources, allocations, broadcasts, customer_owned] = K::LISTS;
        Some(Self {
            sources: sources.read(fields)?,
            allocations: allocations.read(fields)?,
            broadcasts: broadcasts.read(fields)?,
            customer_owned: customer_owned.read(fields)?,
        })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        let [sources, allocations, broadcasts, customer_owned] = K::LISTS;
        sources.write(&self.sources, out)?;
        allocations.write(&self.allocations, out)?;
        broadcasts.write(&self.broadcasts, out)?;
        customer_owned.write(&self.customer_owned, out)
    }
}

/// How a record is named, and what the place that it stands in wants of it. The
/// ministry's schema differs in small things from place to place.
pub(crate) trait IpKey: Record {
    /// List and record elements: sources, allocations, broadcasts, customers' own.
    const LISTS: [List; 4];
    /// The remark of a source.
    const SOURCE_REMARK: Text = Text::new("Bz", 1, 512);
    const ALLOCATED: (Address, Address) = (Address::from_zero("Qsip"), Address::from_zero("Zzip"));
    const CUSTOMER_OWNED: (Address, Address) = (Address::new("Qsip"), Address::new("Zzip"));
    /// The contact of a customer's own range.
    const CONTACT: Text = CONTACT;
    /// Whether a customer's own range must have a gateway.
    const GATEWAY: Presence = Presence::Mandatory;
}

record! {
    shows(isp_record_id);
    /// The key of what is new: our own number.
    pub struct OwnKey {
        /// Our number for it (企业系统记录ID), positive; results come back under it.
        pub isp_record_id: u64 = ISP_ID,
    }
}

record! {
    shows(record_id);
    /// The key of what is in the register: the regulator's number.
    pub struct RegisterKey {
        /// The regulator's number for it (省系统记录ID), positive.
        pub record_id: u64 = ID,
    }
}

record! {
    shows(record_id, isp_record_id, unit);
    /// The key in a full synchronisation: both numbers, and whose record it is.
    pub struct SyncedKey {
        /// The regulator's number for it, positive.
        pub record_id: u64 = ID,
        /// Our number for it, positive.
        pub isp_record_id: u64 = ISP_ID,
        /// The filing unit that it belongs to (报备单位).
        pub unit: u64 = Number::id("Bbdwid"),
    }
}

impl IpKey for OwnKey {
    const LISTS: [List; 4] =
        [List("Xzly", "Ly"), List("Xzfp", "Fpsy"), List("Xzgbjs", "Jsxx"), List("Zdip", "Zdxx")];
}

impl IpKey for RegisterKey {
    const LISTS: [List; 4] =
        [List("Xgly", "Ly_xx"), List("Xgfp", "Fpsy"), List("Xggbjs", "Jsxx"), List("XgZd", "Zdxx")];
    const SOURCE_REMARK: Text = common::REMARK;
    const ALLOCATED: (Address, Address) = (Address::new("Qsip"), Address::new("Zzip"));
    const CUSTOMER_OWNED: (Address, Address) = (Address::from_zero("Qsip"), Address::from_zero("Zzip"));
    const CONTACT: Text = Text::new("Lxrxm", 2, 20);
    const GATEWAY: Presence = Presence::Optional;
}

impl IpKey for SyncedKey {
    const LISTS: [List; 4] =
        [List("Iply", "Lyxx"), List("Ipfp", "Fpxx"), List("Ipgb", "Gbxx"), List("Zdip", "Zdxx")];
}

const ID: Number = Number::id("Id");
const ISP_ID: Number = Number::id("IspId");
const UNIT_NAME: Text = Text::new("Dwmc", 1, 255);
const CLASS: Number = Number::new("Dwfl", 1, 999);
const INDUSTRY: Number = Number::new("Dwhyfl", 1, 999);
const DETAIL: Text = Text::new("Xxdz", 1, 512);
const CONTACT: Text = Text::new("Lxrxm", 1, 20);
const CONTACT_PHONE: Text = Text::new("Lxrdh", 11, 255);
const CONTACT_EMAIL: Text = Text::new("Lxrdzyj", 6, 255);
const GATEWAY_PLACE: Text = Text::new("Wgdz", 1, 512);
const MANNER: Listed = Listed(Number::new("Fpfs", 1, 4));
const USE: Listed = Listed(Number::new("Syfs", 1, 3));
const REDIRECTS: Flag = Flag("Sfymtz");

record! {
    shows(key, first, last, source);
    /// Where a range comes from (来源信息).
    pub struct IpSource<K: IpKey> {
        /// How it is named.
        pub key: K = Inline,
        /// The first address (起始IP).
        pub first: Ipv4Addr = Address::new("Qsip"),
        /// The last address (终止IP).
        pub last: Ipv4Addr = Address::new("Zzip"),
        /// The unit that it comes from (来源单位), a number of the table of filing units.
        pub source: u64 = Number::id("Lydw"),
        /// Remark (备注), 1 to 512 characters, in a change to 1024.
        pub remark: Option<String> = K::SOURCE_REMARK,
    }
}

codes! {
    /// What becomes of a range (分配使用状况).
    pub enum AllocationManner {
        /// Allocated to somebody who uses it (分配且使用): wants manner and day of use, and who.
        AllocatedAndUsed = 1,
        /// Allocated on to another filing unit (再次分配): wants [`IpAllocation::recipient`].
        AllocatedOn = 2,
        /// Used by the provider itself (自用): wants manner and day of use.
        OwnUse = 3,
        /// Kept in reserve (预留): wants nothing more.
        Reserved = 4,
    }
}

codes! {
    /// How addresses are used (使用方式).
    pub enum AddressUse {
        /// Fixed (静态).
        Static = 1,
        /// Changing (动态).
        Dynamic = 2,
        /// Not known (未知).
        Unknown = 3,
    }
}

record! {
    shows(key, first, last, manner, recipient);
    /// What becomes of a range (分配使用信息). Which fields it wants depends on
    /// [`AllocationManner`]; the schema leaves that to the regulator's rules (2010 and
    /// following).
    pub struct IpAllocation<K: IpKey> {
        /// How it is named.
        pub key: K = Inline,
        /// The first address (起始IP); `0.0.0.0` is let through but in a change.
        pub first: Ipv4Addr = K::ALLOCATED.0,
        /// The last address (终止IP).
        pub last: Ipv4Addr = K::ALLOCATED.1,
        /// What becomes of it.
        pub manner: AllocationManner = MANNER,
        /// The unit that it is allocated on to (分配对象).
        pub recipient: Option<u64> = Number::id("Fpdx"),
        /// How its addresses are used.
        pub address_use: Option<AddressUse> = USE,
        /// From when (分配使用时间).
        pub used_from: Option<NaiveDate> = Day("Fprq"),
        /// Whether a server that redirects domains uses it (域名跳转服务器).
        pub redirects_domains: Option<bool> = REDIRECTS,
        /// Who uses it (使用单位名称), 1 to 255 characters.
        pub user_name: Option<String> = UNIT_NAME,
        /// Nature of the user (单位性质), a code from 1 to 999.
        pub nature: Option<u16> = NATURE,
        /// Class of the user (单位分类), a code from 1 to 999.
        pub class: Option<u16> = CLASS,
        /// Industry of the user (行业分类), a code from 1 to 999.
        pub industry: Option<u16> = INDUSTRY,
        /// Province of the user, as all regions a code of GB/T 2260.
        pub province: Option<u32> = common::PROVINCE,
        /// City of the user.
        pub city: Option<u32> = common::CITY,
        /// County of the user.
        pub county: Option<u32> = common::COUNTY,
        /// Street and number of the user (详细地址), 1 to 512 characters.
        pub detail: Option<String> = DETAIL,
        /// Name of the contact (联系人), 1 to 20 characters.
        pub contact_name: Option<String> = CONTACT,
        /// Telephone of the contact, 11 to 255 characters.
        pub contact_phone: Option<String> = CONTACT_PHONE,
        /// E-mail of the contact, 6 to 255 characters.
        pub contact_email: Option<String> = CONTACT_EMAIL,
        /// Address of the gateway (网关IP).
        pub gateway: Option<Ipv4Addr> = Address::new("Wgip"),
        /// Where the gateway stands (网关物理地址), 1 to 512 characters.
        pub gateway_place: Option<String> = GATEWAY_PLACE,
        /// Remark (备注), 1 to 1024 characters.
        pub remark: Option<String> = common::REMARK,
    }
}

record! {
    shows(key, first, last, announcer, applicant);
    /// Who announces a range (广播信息).
    pub struct IpBroadcast<K: IpKey> {
        /// How it is named.
        pub key: K = Inline,
        /// The carrier that announces it (广播单位).
        pub announcer: u64 = Number::id("Gbdw"),
        /// The unit that asked for it (申请单位).
        pub applicant: u64 = Number::id("Sqdw"),
        /// The first address (起始IP).
        pub first: Ipv4Addr = Address::new("Qsip"),
        /// The last address (终止IP).
        pub last: Ipv4Addr = Address::new("Zzip"),
        /// Remark (备注), 1 to 1024 characters.
        pub remark: Option<String> = common::REMARK,
    }
}

record! {
    shows(key, first, last);
    /// A range that a customer brought along (自带IP信息).
    pub struct CustomerIp<K: IpKey> {
        /// How it is named.
        pub key: K = Inline,
        /// The first address (起始IP); in a change `0.0.0.0` is let through.
        pub first: Ipv4Addr = K::CUSTOMER_OWNED.0,
        /// The last address (终止IP).
        pub last: Ipv4Addr = K::CUSTOMER_OWNED.1,
        /// Whether a server that redirects domains uses it (域名跳转服务器).
        pub redirects_domains: bool = REDIRECTS,
        /// How its addresses are used.
        pub address_use: AddressUse = USE,
        /// From when (分配使用时间).
        pub used_from: NaiveDate = Day("Fprq"),
        /// Who uses it (单位名称), 1 to 255 characters.
        pub user_name: String = UNIT_NAME,
        /// Nature of the user (单位性质), a code from 1 to 999.
        pub nature: u16 = NATURE,
        /// Province of the user.
        pub province: u32 = common::PROVINCE,
        /// City of the user.
        pub city: u32 = common::CITY,
        /// County of the user.
        pub county: Option<u32> = common::COUNTY,
        /// Street and number of the user (详细地址), 1 to 512 characters.
        pub detail: String = DETAIL,
        /// Name of the contact (联系人), 1 to 20 characters, in a change at least 2.
        pub contact_name: String = K::CONTACT,
        /// Telephone of the contact, 11 to 255 characters.
        pub contact_phone: String = CONTACT_PHONE,
        /// E-mail of the contact, 6 to 255 characters.
        pub contact_email: String = CONTACT_EMAIL,
        /// Address of the gateway (网关IP). Mandatory but in a change.
        pub gateway: Option<Ipv4Addr> = Required(Address::new("Wgip"), K::GATEWAY),
        /// Where the gateway stands (网关物理地址), 1 to 512 characters. Likewise.
        pub gateway_place: Option<String> = Required(GATEWAY_PLACE, K::GATEWAY),
        /// Remark (备注), 1 to 1024 characters.
        pub remark: Option<String> = common::REMARK,
        /// Where it comes from.
        pub origin: IpOrigin = Inline,
    }
}

/// Where a customer's own range comes from (来源单位): what kind of unit (来源单位类型) is
/// told by a number beside it, which the schema does not tie to it.
#[derive(Clone, PartialEq, Eq)]
pub struct IpOrigin {
    /// What kind of unit it is said to be.
    pub kind: OriginKind,
    /// The unit.
    pub unit: OriginUnit,
}

codes! {
    /// What kind of unit a range comes from.
    pub enum OriginKind {
        /// One that does not file addresses (非报备单位).
        Other = 0,
        /// One that files addresses (报备单位).
        FilingUnit = 1,
    }
}

/// The unit that a customer's own range comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum OriginUnit {
    /// By its name (来源单位名称), 1 to 255 characters.
    Name(String),
    /// By its number in the table of filing units.
    Id(u64),
}

impl Record for IpOrigin {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let kind = KIND.read(fields);
        let unit = fields.child(UNIT, |fields| match fields.has(UNIT_ID.name) {
            true => fields.number(UNIT_ID).map(OriginUnit::Id),
            false => fields.text(ORIGIN_NAME).map(OriginUnit::Name),
        });
        Some(Self { kind: kind?, unit: unit? })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        KIND.write(&self.kind, out)?;
        out.child(UNIT, |out| match &self.unit {
            OriginUnit::Name(name) => out.text(ORIGIN_NAME, name),
            OriginUnit::Id(id) => out.number(UNIT_ID, *id),
        })
    }
}

const KIND: Listed = Listed(Number::new("Ly_dwlx", 0, 1));
const UNIT: &str = "Lydw";
const UNIT_ID: Number = Number::id("Ly_dwid");
const ORIGIN_NAME: Text = Text::new("Ly_dwmc", 1, 255);

impl fmt::Debug for IpOrigin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("IpOrigin").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Debug for OriginUnit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(_) => out.write_str("Name(..)"),
            Self::Id(id) => out.debug_tuple("Id").field(id).finish(),
        }
    }
}
