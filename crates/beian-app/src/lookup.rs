//! The public query: who stands behind a domain?

use beian_domain::{DomainName, ServiceFilingNumber, SponsorFilingNumber, Text};
use beian_exchange::FilingStatus;
use chrono::{DateTime, Utc};

use crate::{App, AppError, Question};

/// What is looked up.
#[derive(Debug, Clone)]
pub enum LookupQuery {
    /// A domain; it is asked of the regulator when we do not know it.
    Domain(DomainName),
    /// The number of a service filed here.
    Number(ServiceFilingNumber),
}

/// The answer: filed, not filed, or unknown and why.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// Filed.
    Filed(Box<PublicRecord>),
    /// Not filed, as of a time.
    NotFiled {
        /// When it was asked.
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

impl App {
    /// Looks a filing up, first in our own records, then with the regulator.
    pub async fn lookup(&self, query: &LookupQuery) -> Result<Lookup, AppError> {
        let reader = self.inner.store.read();
        let own = match query {
            LookupQuery::Domain(domain) => reader.record_of_domain(domain).await?,
            LookupQuery::Number(number) => reader.record_of_number(number).await?,
        };
        if let Some(record) = own {
            let name = if record.sponsor_nature.is_individual() {
                record.sponsor_name.masked()
            } else {
                record.sponsor_name.expose().to_owned()
            };
            return Ok(Lookup::Filed(Box::new(PublicRecord {
                service_number: Some(record.service_number),
                sponsor_number: Some(record.sponsor_number),
                sponsor_name: Some(name),
                domain: Some(record.domain),
                service_name: Some(record.service_name),
                here: true,
                as_of: record.as_of,
            })));
        }
        let LookupQuery::Domain(domain) = query else {
            return Ok(Lookup::Unknown {
                reason: Text::new(
                    "该备案号不在本接入商的记录中；管局接口不支持按备案号查询",
                    "This number is not among the records of this provider, and the regulator's interface cannot be asked by number",
                ),
            });
        };
        Ok(match self.ask_regulator(&Question::Domain(domain.clone())).await {
            Ok((as_of, FilingStatus::NotFiled)) => Lookup::NotFiled { as_of },
            Ok((as_of, FilingStatus::Filed { sponsor_number, service_number, service_name })) => {
                Lookup::Filed(Box::new(PublicRecord {
                    service_number: service_number.and_then(|number| number.parse().ok()),
                    sponsor_number: sponsor_number.and_then(|number| number.parse().ok()),
                    sponsor_name: None,
                    domain: Some(domain.clone()),
                    service_name,
                    here: false,
                    as_of,
                }))
            }
            Err(error) => {
                tracing::warn!(%error, "the regulator did not answer a lookup");
                Lookup::Unknown {
                    reason: Text::new(
                        "管局暂时没有答复，请稍后再查",
                        "The regulator has not answered; ask again later",
                    ),
                }
            }
        })
    }
}
