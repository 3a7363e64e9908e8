//! What is known beside the case.

use beian_domain::{
    Case, DivisionCode, OrderNumber, OrderState, Pointer, RecordState, Resource, ServiceFilingNumber,
    SponsorFilingNumber, Text,
};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is known beside the case: from the regulator's query, from our own
/// records, from the cloud. All of it concerns the case that is judged, and
/// every piece may be missing. It holds no plain personal data, so it can be
/// kept beside a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// Which kind of regulator the filing goes to.
    pub regulator: RegulatorKind,
    /// When the oldest of the regulator's answers was given, if it was asked.
    pub answered_at: Option<DateTime<Utc>>,
    /// Whether the case's domain is filed.
    pub domain_record: Known<DomainRecord>,
    /// Whether the case's sponsor is filed, by today's certificate number.
    pub sponsor_record: Known<SponsorRecord>,
    /// The same by the number of the replaced certificate. Not filed if none
    /// was replaced.
    pub former_record: Known<SponsorRecord>,
    /// In what the case differs from the record that it adds to.
    pub differences: Known<Vec<RecordDifference>>,
    /// Another open order of the same sponsor here.
    pub open_order: Known<Option<OpenOrder>>,
    /// Another sponsor's open order here for the same domain.
    pub domain_order: Known<Option<OpenOrder>>,
    /// A filing under way at another provider. The regulator's query does not
    /// tell it; a refusal does.
    pub under_way: Known<UnderWay>,
    /// What the regulator has put on its blacklist (黑名单).
    pub blacklist: Known<Blacklist>,
    /// The record of this provider that the case names, for a change or a cancellation.
    #[serde(default = "no_record_named")]
    pub record: Known<RecordFact>,
    /// Whether the service's principal has proven to be who they say (真实性核验).
    #[serde(default = "authenticity_not_asked")]
    pub authenticity: Known<Authenticity>,
    /// What the regulator says of the filing password (备案密码) that the case states.
    #[serde(default = "password_not_asked")]
    pub filing_password: Known<FilingPasswordAnswer>,
    /// The resource that the case names.
    pub resource: Known<ResourceFact>,
    /// Every resource of the account.
    pub resources: Known<Vec<Resource>>,
    /// The authorization code that the case states; unknown while it states none.
    #[serde(default = "Facts::no_code")]
    pub authorization_code: Known<CodeFact>,
}

/// Which kind of regulator a filing goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegulatorKind {
    /// The practice regulator: takes practice identities only.
    Practice,
    /// A real one: never gets a practice identity.
    Real,
}

/// A fact, or why it is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DomainRecord {
    /// The domain has no number.
    NotFiled,
    /// It has one.
    Filed(FiledDomain),
}

/// The regulator's record of a domain, and ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FiledDomain {
    /// The service's number (网站备案号), if the regulator told it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub service_number: Option<ServiceFilingNumber>,
    /// The sponsor's number (主体备案号), if the regulator told it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub sponsor_number: Option<SponsorFilingNumber>,
    /// The service's name (网站名称), if the regulator told it.
    #[serde(default)]
    pub service_name: Option<String>,
    /// Whether the record is among ours, that is, whether we connect the service.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SponsorRecord {
    /// No record with this certificate number.
    NotFiled,
    /// A record.
    Filed(FiledSponsor),
}

impl SponsorRecord {
    /// The record, if there is one.
    pub fn filed(&self) -> Option<&FiledSponsor> {
        match self {
            Self::NotFiled => None,
            Self::Filed(filed) => Some(filed),
        }
    }
}

/// The regulator's record of a sponsor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FiledSponsor {
    /// The sponsor's number (主体备案号).
    #[schemars(with = "String")]
    pub number: SponsorFilingNumber,
    /// Whether the record is among ours.
    pub here: Presence,
    /// Whether services hang on it.
    #[serde(default)]
    pub standing: Standing,
}

/// Whether a sponsor's record has services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It has.
    #[default]
    Active,
    /// It has neither service nor access: a shell (空壳主体).
    Shell,
}

/// Whether a record is among ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// It is this account's.
    ThisAccount,
    /// It is another account's.
    OtherAccount {
        /// The account's name, masked.
        #[serde(rename = "account")]
        masked_login: String,
    },
    /// It is not: another provider has it.
    Elsewhere,
}

/// A field in which a case differs from the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RecordDifference {
    /// The field.
    #[schemars(with = "String")]
    pub pointer: Pointer,
    /// What the case states; masked if it is personal.
    pub stated: String,
    /// What the record has; masked if it is personal.
    pub recorded: String,
}

/// The record of this provider that a case names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecordFact {
    /// None of this number is here, or the case names none.
    NotHere,
    /// One is.
    Held(HeldRecord),
}

/// A record that came here through this provider, or was taken over by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HeldRecord {
    /// Whose it is here.
    pub here: Presence,
    /// Whether it still holds.
    #[serde(default)]
    pub state: RecordState,
    /// Where the sponsor is filed: a bureau moves no record to another province.
    #[serde(default)]
    pub division: Option<DivisionCode>,
    /// How many services of the sponsor are filed, this one included, as far as we know.
    #[serde(default = "one")]
    pub services: u32,
    /// Whether another provider serves it too; absent if that is not known.
    #[serde(default)]
    pub served_elsewhere: Option<bool>,
    /// In what the case differs from it.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub changes: Vec<Pointer>,
}

impl HeldRecord {
    /// A record of the account that holds, of which nothing else is known.
    pub fn of_this_account() -> Self {
        Self {
            here: Presence::ThisAccount,
            state: RecordState::Active,
            division: None,
            services: one(),
            served_elsewhere: None,
            changes: Vec::new(),
        }
    }
}

fn one() -> u32 {
    1
}

/// Whether the service's principal has proven to be who they say (真实性核验).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Authenticity {
    /// It is not asked at this point: for a check before an order is begun.
    NotAsked,
    /// Not yet.
    Missing,
    /// The proof is good until the end of this day, in China.
    ProvenUntil(NaiveDate),
}

fn no_record_named() -> Known<RecordFact> {
    Known::Known(RecordFact::NotHere)
}

/// What was judged before there was such a proof was judged without it.
fn authenticity_not_asked() -> Known<Authenticity> {
    Known::Known(Authenticity::NotAsked)
}

/// What the regulator says of a filing password (备案密码).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FilingPasswordAnswer {
    /// None is stated, or it is not asked at this point.
    NotAsked,
    /// It is the record's.
    Right,
    /// It is not.
    Wrong,
}

/// What was judged before the regulator was asked was judged without an answer.
fn password_not_asked() -> Known<FilingPasswordAnswer> {
    Known::Known(FilingPasswordAnswer::NotAsked)
}

/// The resource that a case names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceFact {
    /// The account may use it.
    Usable(Resource),
    /// It is another account's, and there is no authorization code for it.
    OtherAccount,
    /// The cloud knows none of this name.
    NotFound,
}

/// The authorization code (备案授权码) that a case states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeFact {
    /// This account may file with it, on this resource.
    Usable(Resource),
    /// This account was given no such code. Whether somebody else was is not told.
    NotFound,
    /// This account issued it, to another one, which alone may use it.
    IssuedToOther {
        /// That account's name, masked.
        #[serde(rename = "account")]
        masked_login: String,
    },
    /// Another order of this account files with it.
    Held {
        /// The order.
        order: OrderNumber,
    },
    /// A service is filed with it.
    Used {
        /// The service's number.
        service: ServiceFilingNumber,
    },
    /// The term of its resource is too short or over, or the resource is no
    /// longer its issuer's.
    Expired,
    /// Its issuer took it back.
    Revoked,
}

/// An open order here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OpenOrder {
    /// Its number.
    #[schemars(with = "String")]
    pub number: OrderNumber,
    /// Where it stands.
    #[schemars(with = "String")]
    pub state: OrderState,
    /// Whose it is.
    pub here: Presence,
}

/// What is under way at another provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnderWay {
    /// Nothing.
    Nothing,
    /// A filing of this sponsor.
    OwnFiling,
    /// Another sponsor's filing of this domain.
    OthersFilingOfDomain,
}

/// What of a case the regulator has put on its blacklist (黑名单).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Blacklist {
    /// Nothing.
    Nothing,
    /// The domain.
    Domain,
    /// The sponsor.
    Sponsor,
}

impl Facts {
    /// Nothing is known, for one reason: for a case file that is judged
    /// without a connection.
    pub fn unknown(regulator: RegulatorKind, reason: Text) -> Self {
        Self {
            regulator,
            answered_at: None,
            domain_record: Known::Unknown(reason.clone()),
            sponsor_record: Known::Unknown(reason.clone()),
            former_record: Known::Unknown(reason.clone()),
            differences: Known::Unknown(reason.clone()),
            open_order: Known::Unknown(reason.clone()),
            domain_order: Known::Unknown(reason.clone()),
            under_way: Known::Unknown(reason.clone()),
            blacklist: Known::Unknown(reason.clone()),
            record: Known::Unknown(reason.clone()),
            authenticity: authenticity_not_asked(),
            filing_password: password_not_asked(),
            resource: Known::Unknown(reason.clone()),
            resources: Known::Unknown(reason.clone()),
            authorization_code: Known::Unknown(reason),
        }
    }

    /// Nothing stands in the way: neither sponsor nor domain is on record, and
    /// no resource is known yet.
    pub fn unfiled(regulator: RegulatorKind) -> Self {
        let no_resource = Text::new("还没有选择资源", "no resource is chosen yet");
        Self {
            regulator,
            answered_at: None,
            domain_record: Known::Known(DomainRecord::NotFiled),
            sponsor_record: Known::Known(SponsorRecord::NotFiled),
            former_record: Known::Known(SponsorRecord::NotFiled),
            differences: Known::Known(Vec::new()),
            open_order: Known::Known(None),
            domain_order: Known::Known(None),
            under_way: Known::Known(UnderWay::Nothing),
            blacklist: Known::Known(Blacklist::Nothing),
            record: no_record_named(),
            authenticity: authenticity_not_asked(),
            filing_password: password_not_asked(),
            resource: Known::Unknown(no_resource),
            resources: Known::Known(Vec::new()),
            authorization_code: Self::no_code(),
        }
    }

    /// While no authorization code is stated.
    pub fn no_code() -> Known<CodeFact> {
        Known::Unknown(Text::new("没有填写授权码", "no authorization code is stated"))
    }

    /// On which resource the case is served: that of its authorization code if
    /// it states one, else the one that it names, as far as the account may use it.
    pub fn serving(&self, case: &Case) -> Option<&Resource> {
        if case.access.stated_code().is_some() {
            return match self.authorization_code.get() {
                Ok(CodeFact::Usable(resource)) => Some(resource),
                _ => None,
            };
        }
        match self.resource.get() {
            Ok(ResourceFact::Usable(resource)) => Some(resource),
            _ => None,
        }
    }
}
