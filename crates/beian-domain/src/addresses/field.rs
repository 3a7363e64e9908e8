//! The fields of a record of addresses, and what can be wrong with them.

use super::AddressKind;

/// Something that is stated of a range: an answer of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressField {
    /// The range.
    Range,
    /// Where it comes from, whom it is allocated on to, or who announces it: a filing unit.
    Unit,
    /// The name of where it comes from, if that is no filing unit.
    OriginName,
    /// What becomes of it.
    Manner,
    /// How it is used.
    Use,
    /// Since when.
    Since,
    /// Who uses it.
    UserName,
    /// Nature of the user.
    Nature,
    /// Division of the user.
    Division,
    /// Street and number of the user.
    Street,
    /// Name of the contact.
    Contact,
    /// Telephone of the contact.
    Phone,
    /// Mail address of the contact.
    Email,
    /// Whether domains are redirected: `yes` or `no`.
    Redirects,
    /// Address of the gateway.
    GatewayAddress,
    /// Where the gateway stands.
    GatewayPlace,
    /// Remark.
    Remark,
}

impl AddressField {
    /// Every field, in the order of forms.
    pub const ALL: [Self; 17] = [
        Self::Range,
        Self::Manner,
        Self::Unit,
        Self::OriginName,
        Self::Use,
        Self::Since,
        Self::UserName,
        Self::Nature,
        Self::Division,
        Self::Street,
        Self::Contact,
        Self::Phone,
        Self::Email,
        Self::Redirects,
        Self::GatewayAddress,
        Self::GatewayPlace,
        Self::Remark,
    ];

    /// Its name in forms.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::Unit => "unit",
            Self::OriginName => "origin-name",
            Self::Manner => "manner",
            Self::Use => "use",
            Self::Since => "since",
            Self::UserName => "user-name",
            Self::Nature => "nature",
            Self::Division => "division",
            Self::Street => "street",
            Self::Contact => "contact",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Redirects => "redirects",
            Self::GatewayAddress => "gateway-address",
            Self::GatewayPlace => "gateway-place",
            Self::Remark => "remark",
        }
    }

    /// Whether it is about a person, and is masked.
    pub fn is_personal(self) -> bool {
        match self {
            Self::UserName | Self::Street | Self::Contact | Self::Phone | Self::Email => true,
            Self::Range
            | Self::Unit
            | Self::OriginName
            | Self::Manner
            | Self::Use
            | Self::Since
            | Self::Nature
            | Self::Division
            | Self::Redirects
            | Self::GatewayAddress
            | Self::GatewayPlace
            | Self::Remark => false,
        }
    }

    /// Whether a kind of record can say it.
    pub fn is_of(self, kind: AddressKind) -> bool {
        match (self, kind) {
            (Self::Range | Self::Remark, _) => true,
            (Self::Unit, _) => true,
            (_, AddressKind::Source | AddressKind::Broadcast) => false,
            (Self::Manner, kind) => kind == AddressKind::Allocation,
            (Self::OriginName, kind) => kind == AddressKind::CustomerOwned,
            _ => true,
        }
    }
}

/// A field that was not stated as the interface demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {fault}", field.slug())]
pub struct AddressFieldError {
    /// Which.
    pub field: AddressField,
    /// What is wrong. It never repeats personal data.
    pub fault: AddressFieldFault,
}

/// What can be wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressFieldFault {
    /// It is no range.
    #[error(transparent)]
    Range(#[from] super::AddressRangeError),
    /// It is not the number of a filing unit.
    #[error("expected the number of a filing unit, 1 to 15 digits")]
    NotAUnit,
    /// It is not one of the choices.
    #[error("expected one of the choices")]
    NotAChoice,
    /// It is no day.
    #[error("expected a day such as 2026-11-29")]
    NotADay,
    /// It is no city or county.
    #[error("expected the code of a city or a county")]
    NotACity,
    /// It is no telephone number.
    #[error("expected a telephone number such as 0755-00000000, or a mobile number")]
    NotAPhone,
    /// It is no mail address.
    #[error("expected a mail address such as name@example.com")]
    NotAnEmail,
    /// It is no IPv4 address.
    #[error("expected an IPv4 address")]
    NotAnAddress,
    /// It is too short, too long, or not in GBK.
    #[error("expected {least} to {most} characters of GBK")]
    Text {
        /// Fewest characters.
        least: usize,
        /// Most characters.
        most: usize,
    },
}
