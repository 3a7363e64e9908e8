//! What the rules must know beyond the case: our own records, and the
//! regulator's answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use beian_domain::{
    AccountId, Case, CertificateKind, CertificateNumber, DomainName, Personal, ServiceFilingNumber,
    SponsorFilingNumber, Text,
};
use beian_exchange::{FilingStatus, QueryCondition};
use beian_rules::{
    DomainRecord, Facts, FiledDomain, Known, OpenOrder, Presence, ResourceFact, SponsorRecord,
};
use beian_store::FilingRecord;
use chrono::{DateTime, TimeDelta, Utc};

use crate::{App, AppError};

/// Something that the regulator can be asked.
#[derive(Debug, Clone)]
pub enum Question {
    /// Is this domain filed?
    Domain(DomainName),
    /// Is the holder of this certificate filed?
    Certificate(CertificateKind, CertificateNumber),
}

/// Answers of the last minute, so that a page of the wizard does not ask for
/// every field; and a short silence after a question that was not answered, so
/// that a slow regulator does not make every page slow.
#[derive(Default)]
pub(crate) struct AnswerCache(Mutex<Answers>);

#[derive(Default)]
struct Answers {
    known: BTreeMap<String, (DateTime<Utc>, FilingStatus)>,
    silence: Option<(DateTime<Utc>, String)>,
}

const FRESH: TimeDelta = TimeDelta::minutes(1);
const SILENCE: TimeDelta = TimeDelta::seconds(10);
const PATIENCE: Duration = Duration::from_secs(3);
const MOST_ANSWERS: usize = 2_000;

impl App {
    /// Asks the regulator, or remembers its answer of the last minute. The time
    /// is that of the answer.
    pub async fn ask_regulator(
        &self,
        question: &Question,
    ) -> Result<(DateTime<Utc>, FilingStatus), AppError> {
        let (key, condition) = match question {
            Question::Domain(domain) => {
                (format!("d {}", domain.as_ascii()), QueryCondition::Domain(domain.clone()))
            }
            Question::Certificate(kind, number) => (
                format!("c {} {}", kind.code(), number.as_str()),
                QueryCondition::Certificate { kind: *kind, number: number.as_str().to_owned() },
            ),
        };
        let now = self.inner.clock.now();
        {
            let answers = self.inner.answers.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, status)) = answers.known.get(&key)
                && now - *at < FRESH
            {
                return Ok((*at, status.clone()));
            }
            if let Some((until, reason)) = &answers.silence
                && now < *until
            {
                return Err(AppError::Regulator(reason.clone()));
            }
        }
        let asked = tokio::time::timeout(PATIENCE, self.inner.regulator.filing_status(&condition)).await;
        let answer = match asked {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
        };
        let mut answers = self.inner.answers.0.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(status) => {
                answers.silence = None;
                answers.known.retain(|_, (at, _)| now - *at < FRESH);
                if answers.known.len() < MOST_ANSWERS {
                    answers.known.insert(key, (now, status.clone()));
                }
                Ok((now, status))
            }
            Err(reason) => {
                answers.silence = Some((self.inner.clock.now() + SILENCE, reason.clone()));
                Err(AppError::Regulator(reason))
            }
        }
    }

    /// Everything that the rules may know of a case that `owner` prepares.
    pub(crate) async fn facts(&self, case: &Case, owner: AccountId) -> Result<Facts, AppError> {
        Ok(Facts {
            regulator: self.inner.policy.regulator,
            domain_record: self.domain_record(case, owner).await?,
            sponsor_record: self.sponsor_record(case, owner).await?,
            resource: self.resource_fact(case, owner).await?,
            open_order: self.open_order(case).await?,
        })
    }

    async fn domain_record(&self, case: &Case, owner: AccountId) -> Result<Known<DomainRecord>, AppError> {
        let Some(domain) = case.service.domain.as_deref().and_then(|text| DomainName::from_host(text).ok())
        else {
            return Ok(Known::Unknown(Text::new(
                "域名还没有填写正确",
                "the domain is not yet stated correctly",
            )));
        };
        if let Some(record) = self.inner.store.read().record_of_domain(&domain).await? {
            return Ok(Known::Known(DomainRecord::Filed(FiledDomain {
                here: self.presence(&record, owner).await?,
                sponsor_number: Some(record.sponsor_number),
                service_number: Some(record.service_number),
                service_name: Some(record.service_name),
            })));
        }
        Ok(match self.ask_regulator(&Question::Domain(domain)).await {
            Ok((_, FilingStatus::NotFiled)) => Known::Known(DomainRecord::NotFiled),
            Ok((_, FilingStatus::Filed { sponsor_number, service_number, service_name })) => {
                Known::Known(DomainRecord::Filed(FiledDomain {
                    sponsor_number: parse::<SponsorFilingNumber>(sponsor_number),
                    service_number: parse::<ServiceFilingNumber>(service_number),
                    service_name,
                    here: Presence::Elsewhere,
                }))
            }
            Err(error) => Known::Unknown(unanswered(&error)),
        })
    }

    async fn sponsor_record(&self, case: &Case, owner: AccountId) -> Result<Known<SponsorRecord>, AppError> {
        let Some((kind, number)) = sponsor_certificate(case) else {
            return Ok(Known::Unknown(Text::new(
                "主办者证件还没有填写正确",
                "the sponsor's certificate is not yet stated correctly",
            )));
        };
        if let Some(record) =
            self.inner.store.read().record_of_sponsor(&self.inner.store.certificate_index(&number)).await?
        {
            let here = self.presence(&record, owner).await?;
            return Ok(Known::Known(SponsorRecord::Filed { number: record.sponsor_number, here }));
        }
        Ok(match self.ask_regulator(&Question::Certificate(kind, number)).await {
            Ok((_, FilingStatus::NotFiled)) => Known::Known(SponsorRecord::NotFiled),
            Ok((_, FilingStatus::Filed { sponsor_number, .. })) => match parse(sponsor_number) {
                Some(number) => Known::Known(SponsorRecord::Filed { number, here: Presence::Elsewhere }),
                None => Known::Unknown(Text::new(
                    "管局答复已备案，但没有给出可识别的主体备案号",
                    "the regulator says filed, but gives no sponsor number that can be read",
                )),
            },
            Err(error) => Known::Unknown(unanswered(&error)),
        })
    }

    async fn resource_fact(&self, case: &Case, owner: AccountId) -> Result<Known<ResourceFact>, AppError> {
        let Some(reference) = case.access.resource.as_deref() else {
            return Ok(Known::Unknown(Text::new("还没有选择资源", "no resource is chosen yet")));
        };
        Ok(Known::Known(match self.inner.store.read().resource(reference).await? {
            None => ResourceFact::NotFound,
            Some(resource) if resource.owner == owner => ResourceFact::Usable(resource),
            Some(_) => ResourceFact::OtherAccount,
        }))
    }

    async fn open_order(&self, case: &Case) -> Result<Known<Option<OpenOrder>>, AppError> {
        let Some((_, number)) = sponsor_certificate(case) else {
            return Ok(Known::Known(None));
        };
        let open = self
            .inner
            .store
            .read()
            .open_order_of_sponsor(&self.inner.store.certificate_index(&number))
            .await?;
        Ok(Known::Known(open.map(|order| OpenOrder { number: order.number, state: order.state })))
    }

    async fn presence(&self, record: &FilingRecord, owner: AccountId) -> Result<Presence, AppError> {
        let reader = self.inner.store.read();
        let Some(order) = reader.order(record.order).await? else {
            return Ok(Presence::Elsewhere);
        };
        if order.owner == owner {
            return Ok(Presence::ThisAccount);
        }
        let login = reader.account(order.owner).await?.map(|account| account.login.to_string());
        Ok(Presence::OtherAccount { masked_login: Personal::new(login.unwrap_or_default()).masked() })
    }
}

/// The sponsor's certificate, if it is one.
pub(crate) fn sponsor_certificate(case: &Case) -> Option<(CertificateKind, CertificateNumber)> {
    let certificate = &case.sponsor.certificate;
    let kind = certificate.kind?;
    CertificateNumber::parse(kind, certificate.number.as_ref()?.expose()).ok().map(|number| (kind, number))
}

fn parse<T: std::str::FromStr>(text: Option<String>) -> Option<T> {
    text.and_then(|text| text.parse().ok())
}

fn unanswered(error: &AppError) -> Text {
    Text::new(format!("管局暂时没有答复（{error}）"), format!("the regulator has not answered ({error})"))
}
