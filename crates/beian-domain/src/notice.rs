//! Notices (通知): what people and other systems are told, and by which way.

use serde::{Deserialize, Serialize};

use crate::UnknownCode;

macro_rules! slugs {
    ($(#[$doc:meta])* $name:ident, $table:literal: $($(#[$variant_doc:meta])* $variant:ident = $slug:literal,)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $slug)] $variant,)+
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that is stored and that other systems see.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownCode;

            fn from_str(slug: &str) -> Result<Self, UnknownCode> {
                Self::ALL.iter().copied().find(|one| one.slug() == slug)
                    .ok_or_else(|| UnknownCode { table: $table, got: slug.to_owned() })
            }
        }
    };
}

slugs! {
    /// What a notice is about. The slugs are the event types of webhooks and never change.
    NoticeKind, "kind of notice":
    /// An order was handed in.
    OrderSubmitted = "order.submitted",
    /// The provider returned an order (初审退回).
    OrderReturned = "order.returned",
    /// The regulator has an order; SMS verification (短信核验) follows.
    OrderDelivered = "order.delivered",
    /// The time for the SMS verification is running out.
    SmsVerificationDue = "order.sms-verification-due",
    /// The regulator refused an order (管局退回).
    OrderRefused = "order.refused",
    /// A number was granted (备案成功).
    OrderFiled = "order.filed",
    /// What an order asked for is done, and no number comes of it.
    OrderDone = "order.done",
    /// An order waits for its filer.
    OrderWaiting = "order.waiting",
    /// Nobody touched an order for too long (超时失效).
    OrderExpired = "order.expired",
    /// The regulator cancelled a record by itself (注销).
    RecordCancelled = "record.cancelled",
    /// The sponsor's certificate expires soon (证件到期).
    CertificateExpiring = "record.certificate-expiring",
    /// The server of a service expires soon (资源到期).
    ServerExpiring = "record.server-expiring",
    /// The domain of a service expires soon (域名到期).
    DomainExpiring = "record.domain-expiring",
    /// The change that was promised with an added access is due (先接入后变更).
    ChangeDue = "record.change-due",
    /// Somebody asks for a record to become theirs (备案迁移).
    TransferRequested = "record.transfer-requested",
    /// The regulator takes longer than it may.
    RegulatorOverdue = "regulator.overdue",
    /// The role of somebody of staff was changed (角色变更).
    RoleChanged = "account.role-changed",
    /// The second factor of somebody of staff was changed (双因素认证变更).
    SecondFactorChanged = "account.second-factor-changed",
    /// Anything else that a person must be told.
    General = "general",
}

slugs! {
    /// Notices that one sends and silences together.
    NoticeClass, "class of notices":
    /// Somebody must do something, or it does not go on.
    Action = "action",
    /// How an order went on.
    Progress = "progress",
    /// A number came or went.
    Outcome = "outcome",
    /// A day is near on which something ends.
    Deadline = "deadline",
    /// For the provider's own people.
    Desk = "desk",
}

slugs! {
    /// A way that a notice goes, besides the inbox (站内信), where every notice is kept.
    NoticeChannel, "way of a notice":
    /// Electronic mail.
    Mail = "mail",
    /// A message to a mobile telephone.
    Sms = "sms",
    /// A signed call to another system.
    Webhook = "webhook",
}

slugs! {
    /// In which language somebody is written to.
    NoticeLanguage, "language of notices":
    /// Both, Chinese first. An SMS, which has no room for two, is Chinese.
    Both = "both",
    /// Chinese.
    Chinese = "zh",
    /// English.
    English = "en",
}

impl NoticeKind {
    /// With which others it is sent and silenced.
    pub fn class(self) -> NoticeClass {
        match self {
            Self::OrderReturned
            | Self::OrderRefused
            | Self::SmsVerificationDue
            | Self::OrderWaiting
            | Self::OrderExpired
            | Self::TransferRequested
            | Self::ChangeDue
            | Self::General => NoticeClass::Action,
            Self::OrderSubmitted | Self::OrderDelivered | Self::OrderDone => NoticeClass::Progress,
            Self::OrderFiled | Self::RecordCancelled => NoticeClass::Outcome,
            Self::CertificateExpiring | Self::ServerExpiring | Self::DomainExpiring => NoticeClass::Deadline,
            Self::RegulatorOverdue | Self::RoleChanged | Self::SecondFactorChanged => NoticeClass::Desk,
        }
    }

    /// Whether it goes this way whatever somebody has chosen: who took over a session must not be able to
    /// silence what tells of it.
    pub fn always_goes(self, channel: NoticeChannel) -> bool {
        channel == NoticeChannel::Mail && matches!(self, Self::RoleChanged | Self::SecondFactorChanged)
    }
}

impl NoticeClass {
    /// Whether it goes this way for who has not chosen.
    pub fn goes_by_default(self, channel: NoticeChannel) -> bool {
        match channel {
            NoticeChannel::Mail | NoticeChannel::Webhook => true,
            NoticeChannel::Sms => matches!(self, Self::Action | Self::Outcome),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_read_back_and_are_unique() {
        let slugs: std::collections::BTreeSet<_> = NoticeKind::ALL.iter().map(|kind| kind.slug()).collect();
        assert_eq!(slugs.len(), NoticeKind::ALL.len());
        for kind in NoticeKind::ALL {
            assert_eq!(kind.slug().parse(), Ok(*kind));
            assert!(kind.class().goes_by_default(NoticeChannel::Mail));
        }
        let error = "order.lost".parse::<NoticeKind>().unwrap_err().to_string();
        assert!(error.contains("order.lost"), "{error}");
    }
}
