//! What is known beside the case.

use beian_domain::{OrderNumber, OrderState, Resource, ServiceFilingNumber, SponsorFilingNumber, Text};

/// What is known beside the case: from the regulator's query, from our own
/// records, from the cloud. All of it concerns the case that is judged, and
/// every piece may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Which kind of regulator the filing goes to.
    pub regulator: RegulatorKind,
    /// Whether the case's domain is filed.
    pub domain_record: Known<DomainRecord>,
    /// Whether the case's sponsor is filed, by its certificate number.
    pub sponsor_record: Known<SponsorRecord>,
    /// The resource that the case names.
    pub resource: Known<ResourceFact>,
    /// Another open order of the same sponsor here.
    pub open_order: Known<Option<OpenOrder>>,
}

/// Which kind of regulator a filing goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegulatorKind {
    /// The practice regulator: takes practice identities only.
    Practice,
    /// A real one: never gets a practice identity.
    Real,
}

/// A fact, or why it is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// The fact.
    Known(T),
    /// Why it is missing, for people.
    Unknown(Text),
}

impl<T> Known<T> {
    /// The fact, or the reason why it is missing.
    pub fn get(&self) -> Result<&T, &Text> {
        match self {
            Self::Known(fact) => Ok(fact),
            Self::Unknown(reason) => Err(reason),
        }
    }
}

/// What the regulator knows of a domain. It tells numbers, a site name and a
/// state, and nothing of who is behind them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainRecord {
    /// The domain has no number.
    NotFiled,
    /// It has one.
    Filed(FiledDomain),
}

/// The regulator's record of a domain, and ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledDomain {
    /// The service's number (网站备案号), if the regulator told it.
    pub service_number: Option<ServiceFilingNumber>,
    /// The sponsor's number (主体备案号), if the regulator told it.
    pub sponsor_number: Option<SponsorFilingNumber>,
    /// The service's name (网站名称), if the regulator told it.
    pub service_name: Option<String>,
    /// Whether the record is among ours.
    pub here: Presence,
}

impl FiledDomain {
    /// The sponsor's number, from either of the two.
    pub fn sponsor(&self) -> Option<&SponsorFilingNumber> {
        self.sponsor_number
            .as_ref()
            .or_else(|| self.service_number.as_ref().map(ServiceFilingNumber::sponsor))
    }

    /// The longest number that is known, for people.
    pub fn number(&self) -> Option<String> {
        let service = self.service_number.as_ref().map(ToString::to_string);
        service.or_else(|| self.sponsor_number.as_ref().map(ToString::to_string))
    }
}

/// What the regulator knows of a sponsor by its certificate number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SponsorRecord {
    /// No record with this certificate number.
    NotFiled,
    /// A record.
    Filed {
        /// The sponsor's number (主体备案号).
        number: SponsorFilingNumber,
        /// Whether the record is among ours.
        here: Presence,
    },
}

/// Whether a record is among ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It is this account's.
    ThisAccount,
    /// It is another account's.
    OtherAccount {
        /// The account's name, masked.
        masked_login: String,
    },
    /// It is not: another provider has it.
    Elsewhere,
}

/// The resource that a case names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceFact {
    /// The account may use it.
    Usable(Resource),
    /// It is another account's, and there is no authorization code for it.
    OtherAccount,
    /// The cloud knows none of this name.
    NotFound,
}

/// An open order of the same sponsor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOrder {
    /// Its number.
    pub number: OrderNumber,
    /// Where it stands.
    pub state: OrderState,
}

impl Facts {
    /// Nothing is known, for one reason: for a case file that is judged
    /// without a connection.
    pub fn unknown(regulator: RegulatorKind, reason: Text) -> Self {
        Self {
            regulator,
            domain_record: Known::Unknown(reason.clone()),
            sponsor_record: Known::Unknown(reason.clone()),
            resource: Known::Unknown(reason.clone()),
            open_order: Known::Unknown(reason),
        }
    }
}
