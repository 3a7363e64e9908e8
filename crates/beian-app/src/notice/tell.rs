//! Telling: one event becomes a message in the inbox, a mail, an SMS and calls to other systems.

use beian_domain::{AccountId, Case, MobileNumber, NoticeChannel, NoticeClass, Personal, Role};
use beian_store::{Endpoint, FilingRecord, Message, NewNotice, NoticeSettings, Order, Reader, Subject, Tx};
use chrono::TimeDelta;

use super::{NoticeEvent, render_inbox, render_mail, render_sms};
use crate::{App, AppError};

/// Whom an event concerns.
#[derive(Debug, Clone)]
pub(crate) struct Addressee {
    account: AccountId,
    /// Where an SMS goes if the account names no other place.
    principal: Option<Personal>,
    /// What it is about, for the audit trail.
    about: Subject,
}

impl Addressee {
    /// Who prepares an order. What a draft states of a telephone nobody has looked at: whoever
    /// types a stranger's number into one must not have us write there.
    pub(crate) fn of_order(order: &Order) -> Self {
        let principal = order.submitted_at.and_then(|_| principal(&order.case));
        Self { account: order.owner, principal, about: Subject::Order(order.id) }
    }

    /// Who holds a record; nobody holds one of an older system until it is claimed.
    pub(crate) fn of_record(record: &FilingRecord, content: Option<&Case>) -> Option<Self> {
        Some(Self {
            account: record.holder?,
            principal: content.and_then(principal),
            about: Subject::Order(record.order),
        })
    }

    /// An account, about something of its own.
    pub(crate) fn account(account: AccountId, about: Subject) -> Self {
        Self { account, principal: None, about }
    }
}

fn principal(case: &Case) -> Option<Personal> {
    case.sponsor.principal.mobile.clone()
}

/// Who hears of an event, and how.
#[derive(Debug)]
pub(crate) struct Audience {
    person: Person,
    endpoints: Vec<Endpoint>,
}

#[derive(Debug)]
struct Person {
    settings: NoticeSettings,
    email: Option<Personal>,
}

impl Audience {
    pub(crate) fn new(settings: NoticeSettings, email: Option<Personal>, endpoints: Vec<Endpoint>) -> Self {
        Self { person: Person { settings, email }, endpoints }
    }
}

async fn person(reader: &Reader<'_>, account: AccountId) -> Result<Person, AppError> {
    let (settings, email) = reader.addressee(account).await?;
    Ok(Person { settings, email })
}

/// The most systems that hear of one event.
pub(crate) const MOST_ENDPOINTS: u64 = 50;

/// For how long each way is tried.
pub(crate) fn patience(channel: NoticeChannel) -> TimeDelta {
    match channel {
        // As mail servers do among themselves.
        NoticeChannel::Mail => TimeDelta::days(3),
        NoticeChannel::Sms | NoticeChannel::Webhook => TimeDelta::days(1),
    }
}

impl App {
    /// Tells whom it concerns, by every way that they want, and the systems that listen; in the
    /// transaction that gives cause for it.
    pub(crate) async fn tell(
        &self,
        tx: &mut Tx<'_>,
        to: &Addressee,
        event: &NoticeEvent,
    ) -> Result<(), AppError> {
        let audience = self.audience(&tx.read(), to.account).await?;
        self.tell_audience(tx, to, event, audience).await
    }

    /// Who hears of what concerns an account, and how.
    async fn audience(&self, reader: &Reader<'_>, account: AccountId) -> Result<Audience, AppError> {
        Ok(Audience {
            person: person(reader, account).await?,
            endpoints: reader.endpoints_hearing(account, MOST_ENDPOINTS).await?,
        })
    }

    /// The same as [`tell`](Self::tell), whose audience is known. Read before a transaction, it keeps nobody waiting who
    /// wants to write.
    pub(crate) async fn tell_audience(
        &self,
        tx: &mut Tx<'_>,
        to: &Addressee,
        event: &NoticeEvent,
        audience: Audience,
    ) -> Result<(), AppError> {
        self.tell_person(tx, to, event, audience.person).await?;
        self.tell_systems(tx, (Some(to.account), &to.about), event, audience.endpoints).await
    }

    /// Tells everybody of a role, and the provider's own systems once.
    pub(crate) async fn tell_desk(
        &self,
        tx: &mut Tx<'_>,
        role: Role,
        about: &Subject,
        event: &NoticeEvent,
    ) -> Result<(), AppError> {
        let accounts = tx.read().accounts(role).await?;
        for account in &accounts {
            let person = person(&tx.read(), account.id).await?;
            self.tell_person(tx, &Addressee::account(account.id, about.clone()), event, person).await?;
        }
        let endpoints = tx.read().endpoints(None, MOST_ENDPOINTS).await?;
        self.tell_systems(tx, (None, about), event, endpoints).await
    }

    async fn tell_person(
        &self,
        tx: &mut Tx<'_>,
        to: &Addressee,
        event: &NoticeEvent,
        Person { settings, email }: Person,
    ) -> Result<(), AppError> {
        let kind = event.kind();
        tx.insert_inbox_message(to.account, kind, &render_inbox(event)).await?;
        let goes = |channel| settings.wants(kind.class(), channel) || kind.always_goes(channel);
        if let Some(address) = email.filter(|_| goes(NoticeChannel::Mail)) {
            let policy = &self.inner.policy;
            let mail = render_mail(event, settings.language, &policy.public_url, &policy.provider_name);
            let message = Message::Mail { to: address, subject: mail.subject, body: mail.body };
            self.queue(tx, (Some(to.account), &to.about), event, message).await?;
        }
        let is_desk = kind.class() == NoticeClass::Desk;
        let mobile = settings.mobile.clone().or_else(|| to.principal.clone().filter(|_| !is_desk));
        let mobile = mobile.and_then(|mobile| mobile.expose().parse::<MobileNumber>().ok());
        if let Some(mobile) = mobile.filter(|_| goes(NoticeChannel::Sms))
            && self.inner.gateways.sends_sms()
        {
            let text = render_sms(event, settings.language);
            let message = Message::Sms { to: Personal::new(mobile.as_str()), text };
            self.queue(tx, (Some(to.account), &to.about), event, message).await?;
        }
        Ok(())
    }

    async fn tell_systems(
        &self,
        tx: &mut Tx<'_>,
        concerns: (Option<AccountId>, &Subject),
        event: &NoticeEvent,
        endpoints: Vec<Endpoint>,
    ) -> Result<(), AppError> {
        let listening = endpoints.into_iter().filter(|endpoint| endpoint.hears(event.kind()));
        for endpoint in listening {
            let body = event.payload(self.inner.clock.now()).to_string();
            self.queue(tx, concerns, event, Message::Webhook { endpoint: endpoint.id, body }).await?;
        }
        Ok(())
    }

    async fn queue(
        &self,
        tx: &mut Tx<'_>,
        (account, about): (Option<AccountId>, &Subject),
        event: &NoticeEvent,
        message: Message,
    ) -> Result<(), AppError> {
        let give_up_at = self.inner.clock.now() + patience(message.channel());
        tx.insert_notice(NewNotice {
            about: about.clone(),
            kind: event.kind(),
            account,
            message,
            give_up_at,
        })
        .await?;
        Ok(())
    }
}
