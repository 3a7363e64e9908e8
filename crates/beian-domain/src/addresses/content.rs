//! What a record of addresses says, parsed from what a person stated.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use chrono::NaiveDate;

use super::{AddressField, AddressFieldError, AddressFieldFault, AddressKind, AddressRange};
use crate::{
    AddressUse, AllocationManner, DivisionCode, EmailAddress, OfficePhone, Personal, SponsorNature, check_gbk,
};

/// What a record says, complete as the interface demands it (section 4.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressContent {
    /// The range.
    pub range: AddressRange,
    /// What is said of it.
    pub detail: AddressDetail,
    /// Remark (备注), 1 to 512 characters.
    pub remark: Option<String>,
}

/// What is said of a range, by the kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressDetail {
    /// The unit that it comes from (来源单位).
    Source(UnitNumber),
    /// What becomes of it (分配使用).
    Allocation(Allocation),
    /// The carrier that announces it (广播单位). We are who asked for it (申请单位). ASSUMED.
    Broadcast(UnitNumber),
    /// A customer's own (自带IP).
    CustomerOwned {
        /// How and since when it is used.
        usage: AddressUsage,
        /// By whom.
        user: AddressUser,
        /// The gateway in front of it.
        gateway: Gateway,
        /// Where it comes from.
        origin: Origin,
    },
}

/// What becomes of a range (分配使用方式).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allocation {
    /// Allocated to somebody who uses it (分配且使用).
    Used {
        /// How and since when.
        usage: AddressUsage,
        /// By whom.
        user: AddressUser,
        /// The gateway in front of it.
        gateway: Option<Gateway>,
    },
    /// Allocated on (再次分配) to this filing unit.
    PassedOn(UnitNumber),
    /// Used by the provider itself (自用).
    OwnUse(AddressUsage),
    /// Kept in reserve (预留).
    Reserved,
}

/// How addresses are used, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressUsage {
    /// How (使用方式).
    pub manner: AddressUse,
    /// Since when (分配使用时间).
    pub since: NaiveDate,
}

/// Who uses a range. Class (单位分类) and industry (行业分类) may be left out, and no table of them is
/// published: they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressUser {
    /// Name (单位名称), 1 to 255 characters.
    pub name: Personal,
    /// Nature (单位性质).
    pub nature: SponsorNature,
    /// City or county: a province is too little.
    pub division: DivisionCode,
    /// Street and number (详细地址), 1 to 512 characters.
    pub street: Personal,
    /// Name of the contact (联系人), 2 to 20 characters: a change wants two.
    pub contact: Personal,
    /// Telephone of the contact, at least 11 characters.
    pub phone: Personal,
    /// Mail address of the contact.
    pub email: Personal,
    /// Whether a server that redirects domains uses it (域名跳转服务器).
    pub redirects_domains: bool,
}

/// The gateway in front of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Its address (网关IP).
    pub address: Ipv4Addr,
    /// Where it stands (网关物理地址), 1 to 512 characters.
    pub place: String,
}

/// Where a customer's own range comes from (来源单位).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A filing unit (报备单位).
    Unit(UnitNumber),
    /// Another, by its name of 1 to 255 characters (非报备单位).
    Named(String),
}

/// The number of a filing unit (报备单位) in the regulator's table: positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitNumber(u64);

impl UnitNumber {
    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for UnitNumber {
    type Err = AddressFieldFault;

    fn from_str(text: &str) -> Result<Self, AddressFieldFault> {
        let is_number =
            !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if is_number && number > 0 => Ok(Self(number)),
            _ => Err(AddressFieldFault::NotAUnit),
        }
    }
}

impl fmt::Display for UnitNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl AddressContent {
    /// What was stated of a range, field by field, each without surrounding white space; empty where nothing
    /// was. Fields that the kind and manner do not have are passed over.
    ///
    /// # Errors
    /// Every field that is not as the interface demands, in the order of forms.
    pub fn parse(
        kind: AddressKind,
        stated: impl Fn(AddressField) -> String,
    ) -> Result<Self, Vec<AddressFieldError>> {
        let mut reading = Reading { stated, errors: Vec::new() };
        let range = reading.read(AddressField::Range, |text| Ok(text.parse::<AddressRange>()?));
        let detail = match kind {
            AddressKind::Source => reading.unit().map(AddressDetail::Source),
            AddressKind::Broadcast => reading.unit().map(AddressDetail::Broadcast),
            AddressKind::Allocation => reading.allocation().map(AddressDetail::Allocation),
            AddressKind::CustomerOwned => reading.customer_owned(),
        };
        let remark = reading.optional(AddressField::Remark, |text| words(text, 1, 512));
        match (range, detail, remark) {
            (Some(range), Some(detail), Some(remark)) if reading.errors.is_empty() => {
                Ok(Self { range, detail, remark })
            }
            _ => {
                reading.errors.sort_by_key(|error| AddressField::ALL.iter().position(|f| *f == error.field));
                Err(reading.errors)
            }
        }
    }

    /// Which kind of record says this.
    pub fn kind(&self) -> AddressKind {
        match self.detail {
            AddressDetail::Source(_) => AddressKind::Source,
            AddressDetail::Allocation(_) => AddressKind::Allocation,
            AddressDetail::Broadcast(_) => AddressKind::Broadcast,
            AddressDetail::CustomerOwned { .. } => AddressKind::CustomerOwned,
        }
    }

    /// The filing unit that it names. It is never ourselves (2050, 2052, 2053).
    pub fn unit(&self) -> Option<UnitNumber> {
        match &self.detail {
            AddressDetail::Source(unit)
            | AddressDetail::Broadcast(unit)
            | AddressDetail::Allocation(Allocation::PassedOn(unit))
            | AddressDetail::CustomerOwned { origin: Origin::Unit(unit), .. } => Some(*unit),
            AddressDetail::Allocation(_) | AddressDetail::CustomerOwned { .. } => None,
        }
    }

    /// Who uses the range, if it says so.
    pub fn user(&self) -> Option<&AddressUser> {
        match &self.detail {
            AddressDetail::Allocation(Allocation::Used { user, .. })
            | AddressDetail::CustomerOwned { user, .. } => Some(user),
            _ => None,
        }
    }

    /// What a field says, so that [`parse`](Self::parse) reads the same again. It can be personal.
    pub fn stated(&self, field: AddressField) -> Option<Personal> {
        use AddressField as F;
        let gateway = match &self.detail {
            AddressDetail::Allocation(Allocation::Used { gateway, .. }) => gateway.as_ref(),
            AddressDetail::CustomerOwned { gateway, .. } => Some(gateway),
            _ => None,
        };
        let usage = match &self.detail {
            AddressDetail::Allocation(Allocation::Used { usage, .. } | Allocation::OwnUse(usage))
            | AddressDetail::CustomerOwned { usage, .. } => Some(usage),
            _ => None,
        };
        let user = self.user();
        match field {
            F::Range => Some(Personal::new(self.range.to_string())),
            F::Unit => self.unit().map(|unit| Personal::new(unit.to_string())),
            F::OriginName => match &self.detail {
                AddressDetail::CustomerOwned { origin: Origin::Named(name), .. } => {
                    Some(Personal::new(name.as_str()))
                }
                _ => None,
            },
            F::Manner => match &self.detail {
                AddressDetail::Allocation(allocation) => Some(Personal::new(allocation.manner().slug())),
                _ => None,
            },
            F::Use => usage.map(|usage| Personal::new(usage.manner.slug())),
            F::Since => usage.map(|usage| Personal::new(usage.since.to_string())),
            F::UserName => user.map(|user| user.name.clone()),
            F::Nature => user.map(|user| Personal::new(user.nature.slug())),
            F::Division => user.map(|user| Personal::new(user.division.to_string())),
            F::Street => user.map(|user| user.street.clone()),
            F::Contact => user.map(|user| user.contact.clone()),
            F::Phone => user.map(|user| user.phone.clone()),
            F::Email => user.map(|user| user.email.clone()),
            F::Redirects => user.map(|user| Personal::new(if user.redirects_domains { YES } else { NO })),
            F::GatewayAddress => gateway.map(|gateway| Personal::new(gateway.address.to_string())),
            F::GatewayPlace => gateway.map(|gateway| Personal::new(gateway.place.as_str())),
            F::Remark => self.remark.as_deref().map(Personal::new),
        }
    }
}

impl Allocation {
    /// What becomes of it.
    pub fn manner(&self) -> AllocationManner {
        match self {
            Self::Used { .. } => AllocationManner::Used,
            Self::PassedOn(_) => AllocationManner::PassedOn,
            Self::OwnUse(_) => AllocationManner::OwnUse,
            Self::Reserved => AllocationManner::Reserved,
        }
    }
}

const YES: &str = "yes";
const NO: &str = "no";

/// Reads fields and gathers what is wrong: a form tells all of it at once.
struct Reading<F> {
    stated: F,
    errors: Vec<AddressFieldError>,
}

impl<F: Fn(AddressField) -> String> Reading<F> {
    fn read<T>(
        &mut self,
        field: AddressField,
        parse: impl FnOnce(&str) -> Result<T, AddressFieldFault>,
    ) -> Option<T> {
        match parse((self.stated)(field).trim()) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.errors.push(AddressFieldError { field, fault });
                None
            }
        }
    }

    /// `Some(None)` where nothing is stated.
    fn optional<T>(
        &mut self,
        field: AddressField,
        parse: impl FnOnce(&str) -> Result<T, AddressFieldFault>,
    ) -> Option<Option<T>> {
        match (self.stated)(field).trim().is_empty() {
            true => Some(None),
            false => self.read(field, parse).map(Some),
        }
    }

    fn unit(&mut self) -> Option<UnitNumber> {
        self.read(AddressField::Unit, str::parse)
    }

    fn text(&mut self, field: AddressField, least: usize, most: usize) -> Option<String> {
        self.read(field, |text| words(text, least, most))
    }

    fn allocation(&mut self) -> Option<Allocation> {
        let manner = self.read(AddressField::Manner, choice::<AllocationManner>)?;
        Some(match manner {
            AllocationManner::Used => {
                let (usage, user) = (self.usage(), self.user());
                let is_stated = |field| !(self.stated)(field).trim().is_empty();
                let has_gateway =
                    is_stated(AddressField::GatewayAddress) || is_stated(AddressField::GatewayPlace);
                let gateway = if has_gateway { Some(self.gateway()?) } else { None };
                Allocation::Used { usage: usage?, user: user?, gateway }
            }
            AllocationManner::PassedOn => Allocation::PassedOn(self.unit()?),
            AllocationManner::OwnUse => Allocation::OwnUse(self.usage()?),
            AllocationManner::Reserved => Allocation::Reserved,
        })
    }

    fn customer_owned(&mut self) -> Option<AddressDetail> {
        let (usage, user, gateway) = (self.usage(), self.user(), self.gateway());
        let origin = match (self.stated)(AddressField::Unit).trim().is_empty() {
            true => self.text(AddressField::OriginName, 1, 255).map(Origin::Named),
            false => self.unit().map(Origin::Unit),
        };
        Some(AddressDetail::CustomerOwned { usage: usage?, user: user?, gateway: gateway?, origin: origin? })
    }

    fn usage(&mut self) -> Option<AddressUsage> {
        let manner = self.read(AddressField::Use, choice::<AddressUse>);
        // Ten characters: four of the year, two each of month and day.
        let since = self.read(AddressField::Since, |text| {
            let day = text.parse::<NaiveDate>().ok().filter(|day| day.to_string().len() == 10);
            day.ok_or(AddressFieldFault::NotADay)
        });
        Some(AddressUsage { manner: manner?, since: since? })
    }

    fn user(&mut self) -> Option<AddressUser> {
        let name = self.text(AddressField::UserName, 1, 255);
        let nature = self.read(AddressField::Nature, choice::<SponsorNature>);
        let division = self.read(AddressField::Division, |text| {
            let division = text.parse::<DivisionCode>().ok().filter(|code| !code.is_province());
            division.ok_or(AddressFieldFault::NotACity)
        });
        let street = self.text(AddressField::Street, 1, 512);
        let contact = self.text(AddressField::Contact, 2, 20);
        let phone = self.read(AddressField::Phone, |text| {
            text.parse::<OfficePhone>().map_err(|_| AddressFieldFault::NotAPhone)
        });
        let email = self.read(AddressField::Email, |text| {
            text.parse::<EmailAddress>().map_err(|_| AddressFieldFault::NotAnEmail)
        });
        let redirects = self.read(AddressField::Redirects, |text| match text {
            YES => Ok(true),
            NO => Ok(false),
            _ => Err(AddressFieldFault::NotAChoice),
        });
        Some(AddressUser {
            name: Personal::new(name?),
            nature: nature?,
            division: division?,
            street: Personal::new(street?),
            contact: Personal::new(contact?),
            phone: Personal::new(phone?.as_str()),
            email: Personal::new(email?.as_str()),
            redirects_domains: redirects?,
        })
    }

    fn gateway(&mut self) -> Option<Gateway> {
        let address = self.read(AddressField::GatewayAddress, |text| {
            let address = text.parse::<Ipv4Addr>().ok().filter(|address| !address.is_unspecified());
            address.ok_or(AddressFieldFault::NotAnAddress)
        });
        let place = self.text(AddressField::GatewayPlace, 1, 512);
        Some(Gateway { address: address?, place: place? })
    }
}

fn choice<T: FromStr>(text: &str) -> Result<T, AddressFieldFault> {
    text.parse().map_err(|_| AddressFieldFault::NotAChoice)
}

fn words(text: &str, least: usize, most: usize) -> Result<String, AddressFieldFault> {
    // Line ends of forms are two characters.
    let text = text.replace("\r\n", "\n");
    let fits = (least..=most).contains(&text.chars().count()) && check_gbk(&text).is_ok();
    if fits { Ok(text) } else { Err(AddressFieldFault::Text { least, most }) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Stated = BTreeMap<&'static str, String>;

    fn parse(kind: AddressKind, stated: &Stated) -> Result<AddressContent, Vec<AddressFieldError>> {
        AddressContent::parse(kind, |field| stated.get(field.slug()).cloned().unwrap_or_default())
    }

    fn whole() -> Stated {
        [
            ("range", "203.0.113.0/24"),
            ("manner", "used"),
            ("unit", "1197"),
            ("use", "static"),
            ("since", "2026-11-29"),
            ("user-name", "练习单位"),
            ("nature", "enterprise"),
            ("division", "440305"),
            ("street", "练习路1号"),
            ("contact", "练习员"),
            ("phone", "0755-00000000"),
            ("email", "noc@example.com"),
            ("redirects", "no"),
            ("gateway-address", "203.0.113.1"),
            ("gateway-place", "练习机房"),
            ("remark", "练习"),
        ]
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
    }

    fn missing(kind: AddressKind, stated: &Stated) -> Vec<&'static str> {
        let errors = parse(kind, stated).err().unwrap_or_default();
        errors.into_iter().map(|error| error.field.slug()).collect()
    }

    #[test]
    fn each_kind_and_manner_demands_its_own_fields() {
        let with = |fields: &[&'static str]| -> Stated {
            whole().into_iter().filter(|(name, _)| fields.contains(name)).collect()
        };
        let manner =
            |manner: &str| Stated::from([("range", "203.0.113.0/24".into()), ("manner", manner.into())]);
        let user = ["user-name", "nature", "division", "street", "contact", "phone", "email", "redirects"]
            .as_slice();
        let usage = ["use", "since"].as_slice();
        assert_eq!(missing(AddressKind::Source, &Stated::new()), ["range", "unit"]);
        assert_eq!(missing(AddressKind::Source, &with(&["range", "unit"])), [""; 0]);
        assert_eq!(missing(AddressKind::Broadcast, &Stated::new()), ["range", "unit"]);
        assert_eq!(missing(AddressKind::Allocation, &Stated::new()), ["range", "manner"]);
        assert_eq!(missing(AddressKind::Allocation, &manner("reserved")), [""; 0]);
        assert_eq!(missing(AddressKind::Allocation, &manner("own-use")), usage);
        assert_eq!(missing(AddressKind::Allocation, &manner("passed-on")), ["unit"]);
        assert_eq!(missing(AddressKind::Allocation, &manner("used")), [usage, user].concat());
        let gateway = ["gateway-address", "gateway-place"].as_slice();
        assert_eq!(
            missing(AddressKind::CustomerOwned, &Stated::new()),
            [&["range", "origin-name"], usage, user, gateway].concat()
        );
        for kind in AddressKind::ALL {
            let read = parse(kind, &whole()).map(|content| content.kind());
            assert_eq!(read, Ok(kind));
        }
    }

    #[test]
    fn each_field_is_refused_for_itself() {
        for (field, wrong) in [
            ("range", "203.0.113.9-203.0.113.1"),
            ("use", "1"),
            ("since", "29.11.2026"),
            ("user-name", "😀"),
            ("nature", "4"),
            ("division", "440000"),
            ("contact", "员"),
            ("phone", "12345"),
            ("email", "noc"),
            ("redirects", ""),
            ("gateway-address", "0.0.0.0"),
            ("gateway-place", ""),
        ] {
            let mut stated = whole();
            stated.insert(field, wrong.to_owned());
            assert_eq!(missing(AddressKind::Allocation, &stated), [field], "{wrong}");
            assert_eq!(missing(AddressKind::CustomerOwned, &stated), [field], "{wrong}");
        }
        for wrong in ["0", "-1", "+1", "1.0", "1234567890123456", ""] {
            let stated = Stated::from([("range", "203.0.113.1".into()), ("unit", wrong.to_owned())]);
            assert_eq!(missing(AddressKind::Source, &stated), ["unit"], "{wrong}");
        }
        let long = Stated::from([
            ("range", "203.0.113.1".into()),
            ("unit", "7".into()),
            ("remark", "注".repeat(513)),
        ]);
        assert_eq!(missing(AddressKind::Source, &long), ["remark"]);
    }

    #[test]
    fn nobody_is_named_where_it_is_written_out() {
        let content = parse(AddressKind::Allocation, &whole()).expect("a record");
        let written = format!("{content:?}");
        for personal in ["练习单位", "练习员", "noc@", "0755-00000000", "练习路1号"] {
            assert!(!written.contains(personal), "{written}");
        }
    }

    proptest! {
        /// What is read of a record is the record, and no statement makes it panic.
        #[test]
        fn what_is_stated_is_read_back(
            kind in 0..4_usize,
            manner in prop::sample::select(&["used", "passed-on", "own-use", "reserved", ""][..]),
            gone in prop::collection::vec(0..17_usize, 0..6),
            text in ".{0,30}",
            which in 0..17_usize,
        ) {
            let kind = AddressKind::ALL[kind];
            let mut stated = whole();
            stated.insert("manner", manner.to_owned());
            stated.insert(AddressField::ALL[which].slug(), text);
            for index in gone {
                stated.remove(AddressField::ALL[index].slug());
            }
            if let Ok(content) = parse(kind, &stated) {
                let again = AddressContent::parse(kind, |field| {
                    content.stated(field).map(|text| text.expose().to_owned()).unwrap_or_default()
                });
                prop_assert_eq!(&again, &Ok(content.clone()));
                for field in AddressField::ALL {
                    prop_assert!(content.stated(field).is_none() || field.is_of(kind), "{:?}", field);
                }
            }
        }
    }
}
