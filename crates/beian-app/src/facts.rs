//! What the rules must know beyond the case: our own records, and the
//! regulator's answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use beian_domain::{
    AccountId, Case, CertificateKind, CertificateNumber, CertificateNumberError, DomainName, OrderNumber,
    Personal, RecordState, Resource, ServiceFilingNumber, SponsorFilingNumber, Text,
};
use beian_exchange::{FilingStatus, QueryCondition};
use beian_rules::{
    Authenticity, Blacklist, DomainRecord, Facts, FiledDomain, FiledSponsor, HeldRecord, Known, OpenOrder,
    Presence, RecordDifference, RecordFact, ResourceFact, SponsorRecord, Standing, UnderWay,
};
use beian_store::{Blacklisted, CaseContext, CaseKeys, FilingRecord, OrderSummary};
use chrono::{DateTime, TimeDelta, Utc};

use crate::filing::MOST_SERVICES;
use crate::records::changes;
use crate::{App, AppError};

/// Something that the regulator can be asked.
#[derive(Debug, Clone)]
pub enum Question {
    /// Is this domain filed?
    Domain(DomainName),
    /// Is the holder of this certificate filed?
    Certificate(CertificateKind, CertificateNumber),
}

impl Question {
    /// By which its answer is remembered.
    fn key(&self) -> String {
        match self {
            Self::Domain(domain) => format!("d {}", domain.as_ascii()),
            Self::Certificate(kind, number) => format!("c {} {}", kind.code(), number.as_str()),
        }
    }
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
        let key = question.key();
        let condition = match question {
            Question::Domain(domain) => QueryCondition::Domain(domain.clone()),
            Question::Certificate(kind, number) => {
                QueryCondition::Certificate { kind: *kind, number: number.as_str().to_owned() }
            }
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
    ///
    /// `told` is the filer who reads it: to nobody else is it said whose an
    /// order or a record is, and to them not too often.
    pub(crate) async fn facts(
        &self,
        case: &Case,
        owner: AccountId,
        told: Option<AccountId>,
    ) -> Result<Facts, AppError> {
        let seen = self.inner.store.read().case_context(&self.keys_of(case, owner)).await?;
        self.facts_from(seen, case, owner, told).await
    }

    /// By what the store finds that a case is judged by.
    pub(crate) fn keys_of(&self, case: &Case, owner: AccountId) -> CaseKeys {
        let index = |number: &CertificateNumber| self.inner.store.certificate_index(number);
        CaseKeys {
            owner,
            sponsor: sponsor_certificate(case).map(|(_, number)| index(&number)),
            former: former_certificate(case).and_then(Result::ok).map(|(_, number)| index(&number)),
            domain: domain_of(case),
        }
    }

    /// The facts that follow from what the store says, and from the regulator's answers where it says nothing.
    pub(crate) async fn facts_from(
        &self,
        seen: CaseContext,
        case: &Case,
        owner: AccountId,
        told: Option<AccountId>,
    ) -> Result<Facts, AppError> {
        let owner = Whose { owner, told };
        let CaseContext {
            sponsor_record,
            former_record,
            domain_record,
            open_order,
            domain_order,
            resources,
            blacklisted,
        } = seen;
        let differences = self.differences(case, sponsor_record.as_ref(), owner).await?;
        let former_record = match former_certificate(case) {
            None => Known::Known(SponsorRecord::NotFiled),
            Some(Err(_)) => Known::Unknown(Text::new(
                "换证前的证件号码还没有填写正确",
                "the former certificate number is not yet stated correctly",
            )),
            Some(Ok((kind, number))) => {
                self.record_by_certificate(former_record, kind, number, owner).await?
            }
        };
        let sponsor_record = match sponsor_certificate(case) {
            None => Known::Unknown(Text::new(
                "主办者证件还没有填写正确",
                "the sponsor's certificate is not yet stated correctly",
            )),
            Some((kind, number)) => self.record_by_certificate(sponsor_record, kind, number, owner).await?,
        };
        Ok(Facts {
            regulator: self.inner.policy.regulator,
            answered_at: self.oldest_answer(case),
            domain_record: self.domain_record(domain_record, case, owner).await?,
            differences,
            sponsor_record,
            former_record,
            open_order: self.seen_by(open_order, owner).await?,
            // A draft holds neither sponsor nor domain, or anybody could block anybody.
            domain_order: self.seen_by(domain_order, owner).await?,
            // The interface has no question for these two: a refusal tells the
            // first, a file that the regulator sends the second.
            under_way: Known::<UnderWay>::Unknown(Text::new(
                "管局的查询接口不提供在途备案信息，有冲突时在审核中退回",
                "the regulator's query does not tell filings under way elsewhere; it refuses if there is one",
            )),
            blacklist: blacklist_fact(blacklisted),
            record: self.record_fact(case, owner).await?,
            authenticity: Known::Known(Authenticity::NotAsked),
            filing_password: self.filing_password_answer(case),
            resource: self.resource_fact(case, &resources).await?,
            resources: Known::Known(resources),
            authorization_code: self.code_fact(case, owner.owner, owner.told, None).await?,
        })
    }

    /// When the oldest of the regulator's answers about this case was given.
    fn oldest_answer(&self, case: &Case) -> Option<DateTime<Utc>> {
        let domain = domain_of(case);
        let questions = [
            domain.map(Question::Domain),
            sponsor_certificate(case).map(|(kind, number)| Question::Certificate(kind, number)),
        ];
        let answers = self.inner.answers.0.lock().unwrap_or_else(PoisonError::into_inner);
        questions
            .into_iter()
            .flatten()
            .filter_map(|question| answers.known.get(&question.key()).map(|(at, _)| *at))
            .min()
    }

    /// In what the case differs from the record of its sponsor here. Another
    /// provider's record is not ours to read, and the regulator tells no field.
    async fn differences(
        &self,
        case: &Case,
        record: Option<&FilingRecord>,
        owner: Whose,
    ) -> Result<Known<Vec<RecordDifference>>, AppError> {
        if sponsor_certificate(case).is_none() {
            return Ok(Known::Known(Vec::new()));
        }
        let Some(record) = record else {
            return Ok(Known::Unknown(Text::new(
                "备案不在本接入商，管局的查询只答复备案号、网站名称和状态，其他信息是否一致不能确定",
                "the record is another provider's; the regulator tells number, name and state only, so whether the rest agrees is not certain",
            )));
        };
        let mut differences = Vec::new();
        let stated = case.sponsor.name.as_ref();
        if let Some(stated) = stated.filter(|stated| **stated != record.sponsor_name)
            && self.presence(record, owner).await? == Presence::ThisAccount
        {
            differences.push(RecordDifference {
                pointer: "/sponsor/name".into(),
                stated: stated.masked(),
                recorded: record.sponsor_name.masked(),
            });
        }
        Ok(Known::Known(differences))
    }

    async fn domain_record(
        &self,
        ours: Option<FilingRecord>,
        case: &Case,
        owner: Whose,
    ) -> Result<Known<DomainRecord>, AppError> {
        let Some(domain) = domain_of(case) else {
            return Ok(Known::Unknown(Text::new(
                "域名还没有填写正确",
                "the domain is not yet stated correctly",
            )));
        };
        Ok(match self.domain_standing(ours, domain, owner).await? {
            Ok((_, record)) => Known::Known(record),
            Err(missing) => Known::Unknown(missing),
        })
    }

    /// Whether a domain is filed, and as of when, for somebody who only types its name: of a record here they learn that
    /// it is here, and not whose.
    pub(crate) async fn domain_in_public(
        &self,
        domain: &DomainName,
    ) -> Result<Result<(DateTime<Utc>, DomainRecord), Text>, AppError> {
        let ours = self.inner.store.read().record_of_domain(domain).await?;
        self.domain_standing(ours, domain.clone(), Whose::STRANGER).await
    }

    /// By our own record, or else the regulator's answer; or why it cannot be told.
    async fn domain_standing(
        &self,
        ours: Option<FilingRecord>,
        domain: DomainName,
        owner: Whose,
    ) -> Result<Result<(DateTime<Utc>, DomainRecord), Text>, AppError> {
        if let Some(record) = ours {
            let filed = FiledDomain {
                here: self.presence(&record, owner).await?,
                sponsor_number: Some(record.sponsor_number),
                service_number: Some(record.service_number),
                service_name: Some(record.service_name),
            };
            return Ok(Ok((record.as_of, DomainRecord::Filed(filed))));
        }
        Ok(match self.ask_regulator(&Question::Domain(domain)).await {
            Ok((at, FilingStatus::NotFiled)) => Ok((at, DomainRecord::NotFiled)),
            Ok((at, FilingStatus::Filed { sponsor_number, service_number, service_name })) => {
                let filed = FiledDomain {
                    sponsor_number: parse::<SponsorFilingNumber>(sponsor_number),
                    service_number: parse::<ServiceFilingNumber>(service_number),
                    service_name,
                    here: Presence::Elsewhere,
                };
                Ok((at, DomainRecord::Filed(filed)))
            }
            Err(error) => Err(unanswered(&error)),
        })
    }

    async fn record_by_certificate(
        &self,
        ours: Option<FilingRecord>,
        kind: CertificateKind,
        number: CertificateNumber,
        owner: Whose,
    ) -> Result<Known<SponsorRecord>, AppError> {
        if let Some(record) = ours {
            return Ok(Known::Known(SponsorRecord::Filed(FiledSponsor {
                here: self.presence(&record, owner).await?,
                number: record.sponsor_number,
                standing: Standing::Active,
            })));
        }
        Ok(match self.ask_regulator(&Question::Certificate(kind, number)).await {
            Ok((_, FilingStatus::NotFiled)) => Known::Known(SponsorRecord::NotFiled),
            Ok((_, FilingStatus::Filed { sponsor_number, .. })) => match parse(sponsor_number) {
                // Whether it is a shell the regulator does not tell.
                Some(number) => Known::Known(SponsorRecord::Filed(FiledSponsor {
                    number,
                    here: Presence::Elsewhere,
                    standing: Standing::Active,
                })),
                None => Known::Unknown(Text::new(
                    "管局答复已备案，但没有给出可识别的主体备案号",
                    "the regulator says filed, but gives no sponsor number that can be read",
                )),
            },
            Err(error) => Known::Unknown(unanswered(&error)),
        })
    }

    /// The record here that the case names, in so far as it is this account's.
    async fn record_fact(&self, case: &Case, owner: Whose) -> Result<Known<RecordFact>, AppError> {
        let Some(number) = &case.record else { return Ok(Known::Known(RecordFact::NotHere)) };
        let Some(record) = self.record_named(number).await? else {
            return Ok(Known::Known(RecordFact::NotHere));
        };
        if record.holder != Some(owner.owner) {
            // Whose it is, is told nobody who types numbers.
            return Ok(Known::Known(RecordFact::NotHere));
        }
        let reader = self.inner.store.read();
        let services = reader.records_of_sponsor(&record.sponsor_number, MOST_SERVICES).await?;
        let services = services.iter().filter(|record| record.state != RecordState::Cancelled).count();
        let content = self.content_of(&record).await?;
        Ok(Known::Known(RecordFact::Held(HeldRecord {
            here: Presence::ThisAccount,
            state: record.state,
            division: content.as_ref().and_then(|content| content.sponsor.division),
            services: u32::try_from(services).unwrap_or(u32::MAX),
            served_elsewhere: record.served_elsewhere,
            changes: content.map(|content| changes(&content, case)).unwrap_or_default(),
        })))
    }

    /// The resource that a case names; `own` are those of the account.
    async fn resource_fact(&self, case: &Case, own: &[Resource]) -> Result<Known<ResourceFact>, AppError> {
        let Some(reference) = case.access.resource.as_deref() else {
            return Ok(Known::Unknown(Text::new("还没有选择资源", "no resource is chosen yet")));
        };
        if let Some(resource) = own.iter().find(|resource| resource.reference == reference) {
            return Ok(Known::Known(ResourceFact::Usable(resource.clone())));
        }
        Ok(Known::Known(match self.inner.store.read().resource(reference).await? {
            None => ResourceFact::NotFound,
            Some(_) => ResourceFact::OtherAccount,
        }))
    }

    async fn seen_by(
        &self,
        order: Option<OrderSummary>,
        owner: Whose,
    ) -> Result<Known<Option<OpenOrder>>, AppError> {
        let Some(order) = order else { return Ok(Known::Known(None)) };
        let here = self.presence_of(order.owner, owner, &order.number.0).await?;
        // What another account's order is called is not for this account to know.
        let number = match here {
            Presence::ThisAccount => order.number,
            _ => OrderNumber("（该账号中的订单 / that account's order）".to_owned()),
        };
        Ok(Known::Known(Some(OpenOrder { number, state: order.state, here })))
    }

    async fn presence(&self, record: &FilingRecord, owner: Whose) -> Result<Presence, AppError> {
        let Some(holder) = record.holder else {
            // Of an older system: whoever proves it can claim it.
            let masked_login = "（尚无账号认领 / not yet claimed by an account）".to_owned();
            return Ok(Presence::OtherAccount { masked_login });
        };
        self.presence_of(holder, owner, &record.service_number.to_string()).await
    }

    /// Whose `what` is, an order or a record that `holder` has.
    async fn presence_of(&self, holder: AccountId, owner: Whose, what: &str) -> Result<Presence, AppError> {
        if holder == owner.owner {
            return Ok(Presence::ThisAccount);
        }
        let Some(told) = owner.told else {
            return Ok(Presence::OtherAccount {
                masked_login: "（只告知备案人 / told to the filer alone）".to_owned(),
            });
        };
        if let Err(until) = self.inner.telling.ask(told, what, self.inner.clock.now()) {
            // Rounded up: at the minute that is told it is told indeed.
            let until = (until + TimeDelta::hours(8) + TimeDelta::seconds(59)).format("%H:%M");
            let masked_login =
                format!("（查询过于频繁，{until} 后再查 / too many look-ups, try at {until}）");
            return Ok(Presence::OtherAccount { masked_login });
        }
        let account = self.inner.store.read().account(holder).await?;
        let login = account.map(|account| account.login.to_string()).unwrap_or_default();
        Ok(Presence::OtherAccount { masked_login: Personal::new(login).masked() })
    }
}

fn blacklist_fact(found: Blacklisted) -> Known<Blacklist> {
    match found {
        Blacklisted::Sponsor => Known::Known(Blacklist::Sponsor),
        Blacklisted::Domain => Known::Known(Blacklist::Domain),
        Blacklisted::Nothing => Known::Known(Blacklist::Nothing),
        Blacklisted::Unknown => Known::Unknown(Text::new(
            "尚未收到管局下发的黑名单",
            "no blacklist was received from the regulator yet",
        )),
    }
}

/// Its domain, if it is one.
fn domain_of(case: &Case) -> Option<DomainName> {
    case.service.domain.as_deref().and_then(|text| DomainName::from_host(text).ok())
}

/// The certificate that the sponsor's replaced, if it is one; none if it replaced none.
fn former_certificate(
    case: &Case,
) -> Option<Result<(CertificateKind, CertificateNumber), CertificateNumberError>> {
    let former = case.sponsor.certificate.former.as_ref()?;
    Some(CertificateNumber::parse(former.kind, former.number.expose()).map(|number| (former.kind, number)))
}

/// Whose case it is, and who reads what is known of it.
#[derive(Debug, Clone, Copy)]
struct Whose {
    owner: AccountId,
    told: Option<AccountId>,
}

impl Whose {
    /// Somebody without an account.
    const STRANGER: Self = Self { owner: AccountId(uuid::Uuid::nil()), told: None };
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
