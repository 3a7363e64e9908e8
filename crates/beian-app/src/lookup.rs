//! The public query: who stands behind a domain, a number, a name?

use beian_domain::{DomainName, RecordState, ServiceFilingNumber, SponsorFilingNumber, Text};
use beian_exchange::FilingStatus;
use beian_store::FilingRecord;
use chrono::{DateTime, Utc};

use crate::{App, AppError, Question};

/// What is looked up.
#[derive(Debug, Clone)]
pub enum LookupQuery {
    /// A domain; it is asked of the regulator when we do not know it.
    Domain(DomainName),
    /// The number of a service filed here.
    Number(ServiceFilingNumber),
    /// The number of a sponsor that filed here.
    Sponsor(SponsorFilingNumber),
    /// The name of an organisation (单位名称) that filed here; persons are not looked up by name.
    Name(String),
}

/// Filings that an answer tells at most.
pub const MOST_LOOKED_UP: usize = 20;

/// The answer: filed, not filed, or unknown and why.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// Filed: at least one, and at most [`MOST_LOOKED_UP`].
    Filed {
        /// The first.
        first: Box<PublicRecord>,
        /// The others, of a sponsor with several.
        others: Vec<PublicRecord>,
        /// There are more.
        has_more: bool,
    },
    /// Not filed, as of a time.
    NotFiled {
        /// When it was asked.
        as_of: DateTime<Utc>,
    },
    /// Not filed any more: it was cancelled, and never holds again (已注销).
    Cancelled {
        /// When the regulator said so.
        as_of: DateTime<Utc>,
    },
    /// Nobody can say now.
    Unknown {
        /// Why.
        reason: Text,
    },
}

/// What anybody may know of a filing.
#[derive(Debug, Clone)]
pub struct PublicRecord {
    /// The number of the service.
    pub service_number: Option<ServiceFilingNumber>,
    /// The number of its sponsor.
    pub sponsor_number: Option<SponsorFilingNumber>,
    /// The sponsor's name; an individual's is masked. Filed here only.
    pub sponsor_name: Option<String>,
    /// The domain.
    pub domain: Option<DomainName>,
    /// The name of the service.
    pub service_name: Option<String>,
    /// Whether it was filed through this provider.
    pub here: bool,
    /// As of when.
    pub as_of: DateTime<Utc>,
}

impl Lookup {
    fn filed(record: PublicRecord) -> Self {
        Self::Filed { first: Box::new(record), others: Vec::new(), has_more: false }
    }

    fn all_filed(records: Vec<FilingRecord>) -> Option<Self> {
        let has_more = records.len() > MOST_LOOKED_UP;
        let mut records = records.into_iter().take(MOST_LOOKED_UP).map(PublicRecord::of);
        Some(Self::Filed { first: Box::new(records.next()?), others: records.collect(), has_more })
    }

    fn unknown(zh: &'static str, en: &'static str) -> Self {
        Self::Unknown { reason: Text::new(zh, en) }
    }
}

impl PublicRecord {
    fn of(record: FilingRecord) -> Self {
        let name = if record.sponsor_nature.is_individual() {
            record.sponsor_name.masked()
        } else {
            record.sponsor_name.expose().to_owned()
        };
        Self {
            service_number: Some(record.service_number),
            sponsor_number: Some(record.sponsor_number),
            sponsor_name: Some(name),
            domain: Some(record.domain),
            service_name: Some(record.service_name),
            here: true,
            as_of: record.as_of,
        }
    }
}

impl App {
    /// Looks a filing up, first in our own records, then with the regulator, which can be asked by domain alone.
    pub async fn lookup(&self, query: &LookupQuery) -> Result<Lookup, AppError> {
        let reader = self.inner.store.read();
        let limit = MOST_LOOKED_UP as u64 + 1;
        match query {
            LookupQuery::Domain(domain) => match reader.record_of_domain(domain).await? {
                Some(record) => Ok(Lookup::filed(PublicRecord::of(record))),
                None => Ok(self.ask_for_domain(domain).await),
            },
            LookupQuery::Number(number) => Ok(match reader.record_of_number(number).await? {
                Some(record) => match record.state {
                    RecordState::Active => Lookup::filed(PublicRecord::of(record)),
                    RecordState::Cancelled => Lookup::Cancelled { as_of: record.as_of },
                    RecordState::AccessEnded => served_no_longer(),
                },
                None => not_among_ours(),
            }),
            LookupQuery::Sponsor(number) => {
                let records = reader.active_records_of_sponsor(number, limit).await?;
                match Lookup::all_filed(records) {
                    Some(filed) => Ok(filed),
                    // What was filed here once may hold elsewhere, or under another service.
                    None if !reader.records_of_sponsor(number, 1).await?.is_empty() => Ok(served_no_longer()),
                    None => Ok(not_among_ours()),
                }
            }
            LookupQuery::Name(name) => {
                let records = reader.records_of_sponsor_name(name, limit).await?;
                Ok(Lookup::all_filed(records).unwrap_or_else(|| {
                    Lookup::unknown(
                        "本接入商的记录中没有以此名称备案的单位；个人不按姓名查询，管局接口也不支持按名称查询",
                        "No organisation of this name has filed through this provider. Persons are not looked up by \
                         name, and the regulator's interface cannot be asked by name",
                    )
                }))
            }
        }
    }

    async fn ask_for_domain(&self, domain: &DomainName) -> Lookup {
        match self.ask_regulator(&Question::Domain(domain.clone())).await {
            Ok((as_of, FilingStatus::NotFiled)) => Lookup::NotFiled { as_of },
            Ok((as_of, FilingStatus::Filed { sponsor_number, service_number, service_name })) => {
                Lookup::filed(PublicRecord {
                    service_number: service_number.and_then(|number| number.parse().ok()),
                    sponsor_number: sponsor_number.and_then(|number| number.parse().ok()),
                    sponsor_name: None,
                    domain: Some(domain.clone()),
                    service_name,
                    here: false,
                    as_of,
                })
            }
            Err(error) => {
                tracing::warn!(%error, "the regulator did not answer a lookup");
                Lookup::unknown(
                    "管局暂时没有答复，请稍后再查",
                    "The regulator has not answered; ask again later",
                )
            }
        }
    }
}

fn served_no_longer() -> Lookup {
    Lookup::unknown(
        "本接入商已不再为其提供接入；备案是否仍有效，请向其现接入商或管局查询",
        "This provider serves it no longer; whether the filing still holds, its provider of today or the regulator \
         can say",
    )
}

fn not_among_ours() -> Lookup {
    Lookup::unknown(
        "该备案号不在本接入商的记录中；管局接口不支持按备案号查询",
        "This number is not among the records of this provider, and the regulator's interface cannot be asked by number",
    )
}
