//! How this installation is set up, for whoever runs it: what is set, never a secret.

use beian_domain::DivisionCode;
use beian_exchange::province_of_provider;
use beian_rules::RegulatorKind;

use crate::permission::Action;
use crate::{App, AppError, NameServer, SecondFactorPolicy, User, WebhookReach};

/// How this installation is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The regulator that files go to.
    pub regulator: RegulatorKind,
    /// The number (接入商编号) by which the regulator knows the provider.
    pub isp_id: u64,
    /// The province whose bureau licensed the provider; absent if its number does not tell.
    pub licensed_in: Option<DivisionCode>,
    /// How mail leaves.
    pub mail: MailWay,
    /// How an SMS leaves.
    pub sms: SmsWay,
    /// Where webhooks may go.
    pub webhooks: WebhookReach,
    /// Whether faces are checked by a vendor; else people sign before a reviewer.
    pub has_face_vendor: bool,
    /// Whether sites are looked at.
    pub looks_at_sites: bool,
    /// Whether text on photographs of certificates is read.
    pub reads_photographs: bool,
    /// Whom names are asked of.
    pub name_server: NameServer,
    /// Whether staff must have a second factor.
    pub second_factor: SecondFactorPolicy,
    /// How long the bridge rests when there is nothing to do, in seconds.
    pub poll_seconds: u32,
    /// Whether a signed rulebook can be installed while it runs.
    pub takes_rulebooks: bool,
}

/// How mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailWay {
    /// Through a mail server.
    Server,
    /// Not at all: each mail becomes a file.
    Files,
}

/// How an SMS leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsWay {
    /// Through a gateway.
    Gateway,
    /// Not at all: an operator can read it.
    Kept,
    /// There are none.
    Off,
}

impl App {
    /// How this installation is set up.
    pub fn settings(&self, user: &User) -> Result<Settings, AppError> {
        user.require(Action::ViewSettings, None)?;
        let (inner, policy) = (&self.inner, &self.inner.policy);
        Ok(Settings {
            regulator: policy.regulator,
            isp_id: inner.regulator.isp_id(),
            licensed_in: province_of_provider(inner.regulator.isp_id())
                .and_then(|code| code.to_string().parse().ok()),
            mail: inner.mailer.way(),
            sms: match (inner.gateways.sends_sms(), inner.gateways.keeps_sms()) {
                (_, true) => SmsWay::Kept,
                (true, false) => SmsWay::Gateway,
                (false, false) => SmsWay::Off,
            },
            webhooks: inner.gateways.reach(),
            has_face_vendor: inner.vendor.is_some(),
            looks_at_sites: inner.probe.is_some(),
            reads_photographs: inner.tesseract.is_some(),
            name_server: policy.name_server,
            second_factor: policy.second_factor,
            poll_seconds: policy.poll_seconds,
            takes_rulebooks: inner.shelf.can_install(),
        })
    }
}
