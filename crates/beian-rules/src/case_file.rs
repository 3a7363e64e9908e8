//! The case file: a case with what is known beside it, written by hand or by
//! another program, for judging and planning without any state.

use std::net::IpAddr;

use beian_domain::{
    Access, AccountId, Cancellation, Case, DivisionCode, FilingKind, Material, OrderNumber, Paper, Personal,
    RecordNumber, Resource, ResourceId, ResourceKind, Service, ServiceFilingNumber, Sponsor, Text,
};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::{
    Authenticity, Blacklist, Circumstances, CodeFact, DomainRecord, Facts, FilingPasswordAnswer, Known,
    OpenOrder, RecordDifference, RecordFact, RegulatorKind, ResourceFact, SponsorRecord, UnderWay,
};

/// A filing as its filer has stated it so far, with what is known beside it:
/// perhaps wrong, perhaps incomplete.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CaseFile {
    /// The day for which it is judged; absent: today in China.
    #[serde(default)]
    pub on: Option<NaiveDate>,
    /// The kind of filing that is meant (备案类型); absent if it is to be derived.
    #[serde(default)]
    pub kind: Option<FilingKind>,
    /// The record that is meant, by its number (备案号).
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub record: Option<RecordNumber>,
    /// Why it is to be cancelled, if it is.
    #[serde(default)]
    pub cancellation: Cancellation,
    /// The digest of the filing password (备案密码).
    #[serde(default)]
    pub filing_password: Option<Personal>,
    /// Who files (主办者).
    #[serde(default)]
    pub sponsor: Sponsor,
    /// What is filed (网站).
    #[serde(default)]
    pub service: Service,
    /// What it is served on (接入信息).
    #[serde(default)]
    pub access: Access,
    /// The materials that were handed in.
    #[serde(default, deserialize_with = "at_most_fifty")]
    pub materials: Vec<Material>,
    /// Letters, proofs and approvals that the filer has at hand.
    #[serde(default, deserialize_with = "at_most_fifty")]
    pub papers: Vec<Paper>,
    /// What is known beside the case.
    #[serde(default)]
    pub facts: StatedFacts,
}

/// What is known beside a case, as far as it is stated.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StatedFacts {
    /// What is not stated is unknown, or is known not to be there.
    #[serde(default)]
    pub otherwise: Otherwise,
    /// When the regulator answered.
    #[serde(default)]
    pub answered_at: Option<DateTime<Utc>>,
    /// Whether the domain is filed.
    #[serde(default)]
    pub domain_record: Option<DomainRecord>,
    /// Whether the sponsor is filed, by today's certificate number.
    #[serde(default)]
    pub sponsor_record: Option<SponsorRecord>,
    /// The same by the number of the replaced certificate.
    #[serde(default)]
    pub former_record: Option<SponsorRecord>,
    /// In what the case differs from its record.
    #[serde(default, deserialize_with = "fifty_or_none")]
    pub differences: Option<Vec<RecordDifference>>,
    /// Another open order of the same sponsor with this provider.
    #[serde(default)]
    pub open_order: Option<OpenOrder>,
    /// Another sponsor's open order with this provider for the same domain.
    #[serde(default)]
    pub domain_order: Option<OpenOrder>,
    /// A filing under way at another provider.
    #[serde(default)]
    pub under_way: Option<UnderWay>,
    /// What the regulator has put on its blacklist.
    #[serde(default)]
    pub blacklist: Option<Blacklist>,
    /// The record of this provider that the case names.
    #[serde(default)]
    pub record: Option<RecordFact>,
    /// Whether the service's principal has proven to be who they say.
    #[serde(default)]
    pub authenticity: Option<Authenticity>,
    /// What the regulator says of the filing password that the case states.
    #[serde(default)]
    pub filing_password: Option<FilingPasswordAnswer>,
    /// What is known of the resource that the case names.
    #[serde(default)]
    pub resource: Option<StatedResourceFact>,
    /// Every resource of the account.
    #[serde(default, deserialize_with = "fifty_or_none")]
    pub resources: Option<Vec<StatedResource>>,
    /// What is known of the authorization code (备案授权码) that the case states.
    #[serde(default)]
    pub authorization_code: Option<StatedCodeFact>,
}

/// What is known of the authorization code that a case states.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StatedCodeFact {
    /// The account may file with it, on this resource.
    Usable(StatedResource),
    /// The account was given no such code.
    NotFound,
    /// The account issued it, to another one.
    IssuedToOther {
        /// That account's name, masked.
        account: String,
    },
    /// Another order of the account files with it.
    Held {
        /// The order.
        #[schemars(with = "String")]
        order: OrderNumber,
    },
    /// A service is filed with it.
    Used {
        /// The service's number.
        #[schemars(with = "String")]
        service: ServiceFilingNumber,
    },
    /// The term of its resource is too short or over.
    Expired,
    /// Its issuer took it back.
    Revoked,
}

/// What is not stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// It is unknown, and what depends on it is undetermined.
    #[default]
    Unknown,
    /// It is not there: no record, no order, no resource.
    Absent,
}

/// What is known of the resource that a case names.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StatedResourceFact {
    /// The account may use it.
    Usable(StatedResource),
    /// It is another account's, and there is no authorization code for it.
    OtherAccount,
    /// The provider's cloud knows none of this name.
    NotFound,
}

/// A server or other product of the provider.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StatedResource {
    /// The cloud's own name for it.
    pub reference: String,
    /// Kind of product.
    #[schemars(with = "String")]
    pub kind: ResourceKind,
    /// Division of the machine room; absent outside mainland China.
    #[serde(default)]
    pub division: Option<DivisionCode>,
    /// Whether it is paid for in advance (包年包月).
    pub prepaid: bool,
    /// When it was bought.
    pub bought_at: DateTime<Utc>,
    /// When the paid term ends, renewals included.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Its public address.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub public_address: Option<IpAddr>,
    /// How many services it may carry.
    #[serde(default = "five")]
    pub quota: u32,
    /// How many services are filed on it.
    #[serde(default)]
    pub used: u32,
    /// The server that a load balancer hands its requests to.
    #[serde(default)]
    pub server: Option<Box<StatedResource>>,
}

fn five() -> u32 {
    5
}

/// The longest list of a case file: a plan looks at a case many times.
const LONGEST_LIST: usize = 50;

fn at_most_fifty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let list = Vec::<T>::deserialize(deserializer)?;
    if list.len() > LONGEST_LIST {
        let got = list.len();
        return Err(serde::de::Error::custom(format!("expected at most {LONGEST_LIST} entries, got {got}")));
    }
    Ok(list)
}

fn fifty_or_none<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    at_most_fifty(deserializer).map(Some)
}

impl CaseFile {
    /// The case, and what is known beside it. `today` is the day for a file that
    /// names none.
    pub fn into_circumstances(self, regulator: RegulatorKind, today: NaiveDate) -> Circumstances {
        let facts = self.facts.into_facts(regulator);
        let case = Case {
            kind: self.kind,
            record: self.record,
            cancellation: self.cancellation,
            filing_password: self.filing_password,
            sponsor: self.sponsor,
            service: self.service,
            access: self.access,
            materials: self.materials,
            papers: self.papers,
        };
        Circumstances { case, facts, day: self.on.unwrap_or(today) }
    }
}

impl StatedFacts {
    /// As the checks take them.
    pub fn into_facts(self, regulator: RegulatorKind) -> Facts {
        fn put<T>(place: &mut Known<T>, stated: Option<T>) {
            if let Some(stated) = stated {
                *place = Known::Known(stated);
            }
        }
        let mut facts = match self.otherwise {
            Otherwise::Absent => Facts::unfiled(regulator),
            Otherwise::Unknown => Facts::unknown(
                regulator,
                Text::new(
                    "案卷文件没有写明，也没有查询管局和账号",
                    "the case file does not tell, and neither regulator nor account was asked",
                ),
            ),
        };
        facts.answered_at = self.answered_at;
        put(&mut facts.domain_record, self.domain_record);
        put(&mut facts.sponsor_record, self.sponsor_record);
        put(&mut facts.former_record, self.former_record);
        put(&mut facts.differences, self.differences);
        put(&mut facts.open_order, self.open_order.map(Some));
        put(&mut facts.domain_order, self.domain_order.map(Some));
        put(&mut facts.under_way, self.under_way);
        put(&mut facts.blacklist, self.blacklist);
        put(&mut facts.record, self.record);
        put(&mut facts.authenticity, self.authenticity);
        put(&mut facts.filing_password, self.filing_password);
        put(
            &mut facts.resource,
            self.resource.map(|fact| match fact {
                StatedResourceFact::Usable(resource) => ResourceFact::Usable(resource.into()),
                StatedResourceFact::OtherAccount => ResourceFact::OtherAccount,
                StatedResourceFact::NotFound => ResourceFact::NotFound,
            }),
        );
        put(
            &mut facts.resources,
            self.resources.map(|resources| resources.into_iter().map(Resource::from).collect()),
        );
        put(&mut facts.authorization_code, self.authorization_code.map(CodeFact::from));
        facts
    }
}

impl From<StatedCodeFact> for CodeFact {
    fn from(stated: StatedCodeFact) -> Self {
        match stated {
            StatedCodeFact::Usable(resource) => Self::Usable(resource.into()),
            StatedCodeFact::NotFound => Self::NotFound,
            StatedCodeFact::IssuedToOther { account } => Self::IssuedToOther { masked_login: account },
            StatedCodeFact::Held { order } => Self::Held { order },
            StatedCodeFact::Used { service } => Self::Used { service },
            StatedCodeFact::Expired => Self::Expired,
            StatedCodeFact::Revoked => Self::Revoked,
        }
    }
}

impl From<StatedResource> for Resource {
    fn from(stated: StatedResource) -> Self {
        Self {
            id: ResourceId(uuid::Uuid::nil()),
            owner: AccountId(uuid::Uuid::nil()),
            reference: stated.reference,
            kind: stated.kind,
            division: stated.division,
            prepaid: stated.prepaid,
            bought_at: stated.bought_at,
            expires_at: stated.expires_at,
            public_address: stated.public_address,
            quota: stated.quota,
            used: stated.used,
            server: stated.server.map(|server| Box::new((*server).into())),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::{ConflictCause, diagnose};

    #[test]
    fn facts_are_written_beside_the_case() {
        let file: CaseFile = toml::from_str(
            r#"
            on = "2019-01-01"
            [sponsor.certificate]
            kind = "business-licence"
            number = "91440305000000000N"
            former = { kind = "business-licence", number = "440305000000001", whereabouts = "at-hand" }
            [facts]
            otherwise = "absent"
            former-record = { filed = { number = "粤ICP备15000001号", here = "elsewhere" } }
            domain-record = { filed = { service-number = "粤ICP备15000001号-1", here = "elsewhere" } }
            open-order = { number = "BA20261122-7F3KQ", state = "draft", here = { other-account = { account = "x***" } } }
            "#,
        )
        .unwrap();
        let told = file.into_circumstances(RegulatorKind::Practice, "2026-11-24".parse().unwrap());
        assert_eq!(told.day.to_string(), "2019-01-01");
        let cause = diagnose(&told.case, &told.facts).cause();
        assert_eq!(cause, Some(ConflictCause::OrderOpenInOtherAccount));
        assert!(toml::from_str::<CaseFile>("[facts]\nno-such-fact = 1").is_err());
        let papers = |count: usize| format!("papers = [{}]", "\"pledge\",".repeat(count));
        assert!(toml::from_str::<CaseFile>(&papers(50)).is_ok());
        let error = toml::from_str::<CaseFile>(&papers(51)).unwrap_err().to_string();
        assert!(error.contains("at most 50 entries, got 51"), "{error}");
    }

    #[test]
    fn the_end_of_time_is_judged_like_any_other() {
        let text = include_str!("../../../examples/cases/first-filing-company.toml");
        let mut file: CaseFile = toml::from_str(text).unwrap();
        file.facts.resource = Some(StatedResourceFact::Usable(StatedResource {
            reference: "practice-server-1".to_owned(),
            kind: ResourceKind::CloudServer,
            division: None,
            prepaid: true,
            bought_at: DateTime::<Utc>::MIN_UTC,
            expires_at: Some(DateTime::<Utc>::MAX_UTC),
            public_address: None,
            quota: 0,
            used: u32::MAX,
            server: None,
        }));
        let rulebook = crate::Rulebook::bundled().unwrap();
        for day in [NaiveDate::MIN, "2026-11-24".parse().unwrap(), NaiveDate::MAX] {
            file.on = Some(day);
            let told = file.clone().into_circumstances(RegulatorKind::Practice, day);
            let verdict = crate::evaluate(&told.case, &told.facts, &rulebook, told.day);
            assert!(!verdict.diagnostics.is_empty() || !verdict.undetermined.is_empty());
            crate::plan(&told.case, &told.facts, &rulebook, told.day);
        }
    }
}
