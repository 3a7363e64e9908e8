//! How long the codes of the regulator's SMS verification (短信核验) are good.

use beian_domain::{OrderState, ServicePrincipal};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{App, OrderView, TimelineAction};

/// The time for the SMS verification of an order that the regulator has.
///
/// The regulator sends the SMS, and tells nobody when, nor whether a code was entered. It cannot be earlier than the
/// file's arrival: so until `until` a code is good for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsWindow {
    /// For how many hours a code is good after its SMS.
    pub hours: u16,
    /// How many wrong entries are allowed, if the rulebook states it.
    pub attempts: Option<u8>,
    /// Until when the earliest possible code is good.
    pub until: DateTime<Utc>,
    /// Whom the SMS goes to: the mobile numbers, masked.
    pub mobiles: Vec<String>,
}

impl App {
    /// The time for the SMS verification of an order; none if the order is not with the regulator, or has no such
    /// verification.
    pub fn sms_window(&self, view: &OrderView) -> Option<SmsWindow> {
        let order = &view.order;
        if order.state() != OrderState::AtRegulator {
            return None;
        }
        let hours = self.sms_hours(order)?;
        let delivered = view.timeline.iter().rev().find(|entry| entry.action == TimelineAction::Delivered);
        let arrived = delivered.map_or(order.updated_at, |entry| entry.at);
        let other = match &order.case.service.principal {
            Some(ServicePrincipal::Other(person)) => person.mobile.as_ref(),
            _ => None,
        };
        let mobiles = order.case.sponsor.principal.mobile.iter().chain(other);
        let rulebook = self.rulebook();
        Some(SmsWindow {
            hours,
            attempts: rulebook.national().sms_attempts.at(self.today()).map(|entry| entry.value),
            until: arrived + TimeDelta::hours(i64::from(hours)),
            mobiles: mobiles.map(beian_domain::Personal::masked).collect(),
        })
    }
}
