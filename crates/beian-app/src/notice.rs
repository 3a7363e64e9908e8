//! Notices (通知): what people and other systems are told, said once and rendered for
//! every way and both languages.

mod desk;
mod inbox;
mod security;
mod tell;
mod text;

use beian_domain::{
    DomainName, FilingKind, LoginName, NoticeKind, OrderNumber, ServiceFilingNumber, SponsorFilingNumber,
    StaffRole, Text,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};

pub use desk::{NoticeDesk, NoticePreview};
pub use inbox::{InboxPage, NoticeSettingsView};
pub(crate) use security::tell_from_command_line;
pub use security::{ChangedBy, FactorChange, RoleChange};
pub(crate) use tell::{Addressee, Audience, MOST_ENDPOINTS, patience};
pub use text::{RenderedMail, render_inbox, render_mail, render_sms};

/// Something that somebody is told, with its data. Nothing in it is personal but the login names of staff, so that
/// it can go to other systems as it is; but for [`General`](Self::General), whose texts go to people alone.
#[derive(Debug, Clone, PartialEq)]
pub enum NoticeEvent {
    /// An order was handed in.
    OrderSubmitted {
        /// The order.
        order: OrderNumber,
    },
    /// The provider returned an order.
    OrderReturned {
        /// The order.
        order: OrderNumber,
        /// How many fields are to be mended.
        fields: usize,
    },
    /// The regulator has an order.
    OrderDelivered {
        /// The order.
        order: OrderNumber,
        /// What follows there.
        next: AfterDelivery,
    },
    /// The time for the SMS verification is running out.
    SmsVerificationDue {
        /// The order.
        order: OrderNumber,
        /// When it ends.
        until: DateTime<Utc>,
    },
    /// The regulator refused an order. Its opinion is on the order's page: it can name people.
    OrderRefused {
        /// The order.
        order: OrderNumber,
    },
    /// A number was granted.
    OrderFiled {
        /// The order.
        order: OrderNumber,
        /// The number.
        number: ServiceFilingNumber,
    },
    /// What an order asked for is done.
    OrderDone {
        /// The order.
        order: OrderNumber,
        /// What was asked for.
        kind: FilingKind,
    },
    /// An order waits for its filer.
    OrderWaiting {
        /// The order.
        order: OrderNumber,
        /// For how many days.
        days: i64,
        /// The day on which it expires.
        expires_on: NaiveDate,
    },
    /// Nobody touched an order for too long.
    OrderExpired {
        /// The order.
        order: OrderNumber,
        /// For how many days.
        days: i64,
    },
    /// The regulator cancelled a record by itself.
    RecordCancelled {
        /// The record.
        number: ServiceFilingNumber,
    },
    /// The sponsor's certificate expires soon.
    CertificateExpiring {
        /// The sponsor's number.
        number: SponsorFilingNumber,
        /// When and how soon.
        ends: Ending,
    },
    /// The server of a service expires soon.
    ServerExpiring {
        /// A service on it.
        number: ServiceFilingNumber,
        /// The server, by the cloud's name.
        server: String,
        /// When and how soon.
        ends: Ending,
    },
    /// The domain of a service expires soon.
    DomainExpiring {
        /// The service.
        number: ServiceFilingNumber,
        /// The domain.
        domain: DomainName,
        /// When and how soon.
        ends: Ending,
    },
    /// The change that follows an added access is due.
    ChangeDue {
        /// The service.
        number: ServiceFilingNumber,
        /// When and how soon.
        ends: Ending,
    },
    /// Somebody asks for a record to become theirs.
    TransferRequested {
        /// The record.
        number: ServiceFilingNumber,
        /// Until when its holder can object.
        until: DateTime<Utc>,
    },
    /// The regulator takes longer than it may.
    RegulatorOverdue {
        /// The order.
        order: OrderNumber,
        /// For how many working days it has had it.
        days: i64,
    },
    /// The role of somebody of staff was changed.
    RoleChanged {
        /// Whose.
        account: LoginName,
        /// What became of it.
        change: RoleChange,
        /// Who did it.
        by: ChangedBy,
        /// When.
        at: DateTime<Utc>,
    },
    /// The second factor of somebody of staff was changed.
    SecondFactorChanged {
        /// Whose.
        account: LoginName,
        /// What became of it.
        change: FactorChange,
        /// Who did it.
        by: ChangedBy,
        /// When.
        at: DateTime<Utc>,
    },
    /// Anything else that a person must be told.
    General {
        /// One line.
        subject: Text,
        /// Plain text.
        body: Text,
        /// Where in the portal it leads, a path.
        link: Option<String>,
    },
}

/// A day on which something ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// The day.
    pub day: NaiveDate,
    /// How many days there are until then.
    pub days: i64,
}

/// What follows when the regulator has an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterDelivery {
    /// SMS verification (短信核验), within so many hours, and then review.
    SmsVerification {
        /// How many hours there are.
        hours: u16,
    },
    /// Review alone.
    Review,
}

/// A value in a text or in the data of a webhook.
#[derive(Debug, Clone)]
pub(crate) enum Argument {
    Word(String),
    Number(i64),
    Day(NaiveDate),
    Moment(DateTime<Utc>),
    /// For people alone.
    Told(Text),
    /// One of a closed list: its slug for systems, its label for people.
    Named(&'static str, Text),
}

impl NoticeEvent {
    /// What kind of thing it says.
    pub fn kind(&self) -> NoticeKind {
        match self {
            Self::OrderSubmitted { .. } => NoticeKind::OrderSubmitted,
            Self::OrderReturned { .. } => NoticeKind::OrderReturned,
            Self::OrderDelivered { .. } => NoticeKind::OrderDelivered,
            Self::SmsVerificationDue { .. } => NoticeKind::SmsVerificationDue,
            Self::OrderRefused { .. } => NoticeKind::OrderRefused,
            Self::OrderFiled { .. } => NoticeKind::OrderFiled,
            Self::OrderDone { .. } => NoticeKind::OrderDone,
            Self::OrderWaiting { .. } => NoticeKind::OrderWaiting,
            Self::OrderExpired { .. } => NoticeKind::OrderExpired,
            Self::RecordCancelled { .. } => NoticeKind::RecordCancelled,
            Self::CertificateExpiring { .. } => NoticeKind::CertificateExpiring,
            Self::ServerExpiring { .. } => NoticeKind::ServerExpiring,
            Self::DomainExpiring { .. } => NoticeKind::DomainExpiring,
            Self::ChangeDue { .. } => NoticeKind::ChangeDue,
            Self::TransferRequested { .. } => NoticeKind::TransferRequested,
            Self::RegulatorOverdue { .. } => NoticeKind::RegulatorOverdue,
            Self::RoleChanged { .. } => NoticeKind::RoleChanged,
            Self::SecondFactorChanged { .. } => NoticeKind::SecondFactorChanged,
            Self::General { .. } => NoticeKind::General,
        }
    }

    /// Where in the portal it leads, a path.
    pub fn link(&self) -> Option<String> {
        match self {
            Self::OrderSubmitted { order }
            | Self::OrderReturned { order, .. }
            | Self::OrderDelivered { order, .. }
            | Self::SmsVerificationDue { order, .. }
            | Self::OrderRefused { order }
            | Self::OrderFiled { order, .. }
            | Self::OrderDone { order, .. }
            | Self::OrderWaiting { order, .. }
            | Self::OrderExpired { order, .. } => Some(format!("/orders/{order}")),
            Self::RegulatorOverdue { .. } => Some("/operator/bridge".to_owned()),
            Self::RecordCancelled { number }
            | Self::ServerExpiring { number, .. }
            | Self::DomainExpiring { number, .. }
            | Self::ChangeDue { number, .. } => Some(format!("/records/{}", in_path(number))),
            Self::TransferRequested { .. } => Some("/transfers".to_owned()),
            // Of several services: the list of them.
            Self::CertificateExpiring { .. } => Some("/home".to_owned()),
            Self::SecondFactorChanged { by: ChangedBy::Account(_), .. } => Some("/second-factor".to_owned()),
            Self::SecondFactorChanged { by: ChangedBy::CommandLine, .. } | Self::RoleChanged { .. } => None,
            Self::General { link, .. } => link.clone(),
        }
    }

    /// The texts are told apart by what follows, where one kind has two.
    pub(crate) fn text_key(&self) -> String {
        let stem = self.kind().slug().replace('.', "-");
        match self {
            Self::OrderDelivered { next: AfterDelivery::Review, .. } => format!("{stem}-review"),
            _ => stem,
        }
    }

    pub(crate) fn arguments(&self) -> Vec<(&'static str, Argument)> {
        use Argument as A;
        let word = |text: &dyn std::fmt::Display| A::Word(text.to_string());
        let ending = |ends: &Ending| [("day", A::Day(ends.day)), ("days", A::Number(ends.days))];
        match self {
            Self::OrderSubmitted { order } | Self::OrderRefused { order } => vec![("order", word(order))],
            Self::OrderReturned { order, fields } => {
                let fields = i64::try_from(*fields).unwrap_or(i64::MAX);
                vec![("order", word(order)), ("fields", A::Number(fields))]
            }
            Self::OrderDelivered { order, next } => {
                let mut all = vec![("order", word(order))];
                if let AfterDelivery::SmsVerification { hours } = next {
                    all.push(("hours", A::Number((*hours).into())));
                }
                all
            }
            Self::SmsVerificationDue { order, until } => {
                vec![("order", word(order)), ("until", A::Moment(*until))]
            }
            Self::OrderFiled { order, number } => vec![("order", word(order)), ("number", word(number))],
            Self::OrderDone { order, kind } => {
                vec![("order", word(order)), ("filing", A::Named(kind.slug(), kind.label()))]
            }
            Self::OrderWaiting { order, days, expires_on } => {
                vec![("order", word(order)), ("days", A::Number(*days)), ("expires", A::Day(*expires_on))]
            }
            Self::OrderExpired { order, days } | Self::RegulatorOverdue { order, days } => {
                vec![("order", word(order)), ("days", A::Number(*days))]
            }
            Self::RecordCancelled { number } => vec![("number", word(number))],
            Self::CertificateExpiring { number, ends } => {
                [("number", word(number))].into_iter().chain(ending(ends)).collect()
            }
            Self::ServerExpiring { number, server, ends } => {
                [("number", word(number)), ("server", word(server))].into_iter().chain(ending(ends)).collect()
            }
            Self::DomainExpiring { number, domain, ends } => {
                let domain = A::Word(domain.as_unicode().to_owned());
                [("number", word(number)), ("domain", domain)].into_iter().chain(ending(ends)).collect()
            }
            Self::ChangeDue { number, ends } => {
                [("number", word(number))].into_iter().chain(ending(ends)).collect()
            }
            Self::TransferRequested { number, until } => {
                vec![("number", word(number)), ("until", A::Moment(*until))]
            }
            Self::RoleChanged { account, change, by, at } => {
                let mut all = vec![("account", word(account)), ("change", change.argument())];
                all.extend(change.role().map(|role| ("role", role)));
                all.extend([("by", by.argument()), ("at", A::Moment(*at))]);
                all
            }
            Self::SecondFactorChanged { account, change, by, at } => vec![
                ("account", word(account)),
                ("change", change.argument()),
                ("by", by.argument()),
                ("at", A::Moment(*at)),
            ],
            Self::General { subject, body, .. } => {
                vec![("subject", A::Told(subject.clone())), ("body", A::Told(body.clone()))]
            }
        }
    }

    /// What other systems are sent: type, time and data, by the scheme of
    /// [Standard Webhooks](https://www.standardwebhooks.com/).
    pub fn payload(&self, at: DateTime<Utc>) -> Value {
        let mut data = Map::new();
        for (name, argument) in self.arguments() {
            let value = match argument {
                Argument::Word(word) => json!(word),
                Argument::Number(number) => json!(number),
                Argument::Day(day) => json!(day),
                Argument::Moment(moment) => json!(moment),
                Argument::Named(slug, _) => json!(slug),
                Argument::Told(_) => continue,
            };
            data.insert(name.to_owned(), value);
        }
        json!({ "type": self.kind(), "timestamp": at, "data": data })
    }

    /// One of each, for previews and tests. `at` is taken for the present.
    pub fn samples(at: DateTime<Utc>) -> Vec<Self> {
        let order = OrderNumber("BA20261122-7F3KQ".to_owned());
        let Ok(number) = "粤ICP备2026000001号-1".parse::<ServiceFilingNumber>() else { return Vec::new() };
        let Ok(domain) = "xizuo-example.cn".parse::<DomainName>() else { return Vec::new() };
        let soon = |days| Ending { day: (at + chrono::TimeDelta::days(days)).date_naive(), days };
        let until = at + chrono::TimeDelta::hours(12);
        let logins = ["reviewer".parse::<LoginName>(), "security-administrator".parse()];
        let [Ok(account), Ok(guard)] = logins else { return Vec::new() };
        let role = RoleChange::Changed { before: StaffRole::Reviewer, after: StaffRole::Operator };
        let delivered = |next| Self::OrderDelivered { order: order.clone(), next };
        vec![
            Self::OrderSubmitted { order: order.clone() },
            Self::OrderReturned { order: order.clone(), fields: 2 },
            delivered(AfterDelivery::SmsVerification { hours: 24 }),
            delivered(AfterDelivery::Review),
            Self::SmsVerificationDue { order: order.clone(), until },
            Self::OrderRefused { order: order.clone() },
            Self::OrderFiled { order: order.clone(), number: number.clone() },
            Self::OrderDone { order: order.clone(), kind: FilingKind::ChangeService },
            Self::OrderWaiting { order: order.clone(), days: 15, expires_on: soon(30).day },
            Self::OrderExpired { order: order.clone(), days: 45 },
            Self::RecordCancelled { number: number.clone() },
            Self::CertificateExpiring { number: number.sponsor().clone(), ends: soon(60) },
            Self::ServerExpiring {
                number: number.clone(),
                server: "practice-server-1".to_owned(),
                ends: soon(30),
            },
            Self::DomainExpiring { number: number.clone(), domain, ends: soon(7) },
            Self::ChangeDue { number: number.clone(), ends: soon(14) },
            Self::TransferRequested { number, until },
            Self::RegulatorOverdue { order, days: 21 },
            Self::RoleChanged { account: account.clone(), change: role, by: ChangedBy::Account(guard), at },
            Self::SecondFactorChanged {
                account: account.clone(),
                change: FactorChange::DeviceAdded,
                by: ChangedBy::Account(account),
                at,
            },
            Self::General {
                subject: Text::new("系统维护", "Maintenance"),
                body: Text::new(
                    "周六 20 时至 22 时暂停服务。",
                    "The service pauses on Saturday from 20:00 to 22:00.",
                ),
                link: Some("/help".to_owned()),
            },
        ]
    }
}

/// A number as an address writes it: mail programs end a link at the first Chinese character.
pub(crate) fn in_path(number: &ServiceFilingNumber) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    number.to_string().bytes().map(byte).collect()
}
