//! Ways out besides mail, as they are configured.

use std::path::PathBuf;

use anyhow::Context;
use beian_app::{GatewayTimeouts, Gateways, HttpSms, SmsGateway, WebhookReach};
use clap::{Args, ValueEnum};

/// How notices leave, besides mail.
#[derive(Args, Clone, Default)]
pub(crate) struct NoticeArguments {
    /// TOML file that describes an SMS gateway; default: with the practice regulator the operator sees each SMS, else
    /// there are none.
    #[arg(long, env = "BEIAN_SMS_GATEWAY")]
    pub(crate) sms_gateway: Option<PathBuf>,
    /// Where webhooks may go: `anywhere` takes http and addresses of this network, too, and is for practice.
    #[arg(long, env = "BEIAN_WEBHOOK_REACH", value_enum, default_value_t)]
    pub(crate) webhook_reach: ReachMode,
}

/// See [`NoticeArguments::webhook_reach`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ReachMode {
    /// To https at public addresses.
    #[default]
    Public,
    /// To any address that this machine reaches.
    Anywhere,
}

/// Whether this is tried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Practice {
    Yes,
    No,
}

impl NoticeArguments {
    /// Makes the ways out ready.
    pub(crate) fn gateways(&self, practice: Practice) -> anyhow::Result<Gateways> {
        let sms = match (&self.sms_gateway, practice) {
            (Some(path), _) => {
                let shown = path.display();
                let text =
                    std::fs::read_to_string(path).with_context(|| format!("{shown} cannot be read"))?;
                let gateway = HttpSms::from_toml(&text).with_context(|| format!("{shown}"))?;
                SmsGateway::Http(Box::new(gateway))
            }
            (None, Practice::Yes) => SmsGateway::Practice,
            (None, Practice::No) => SmsGateway::Off,
        };
        let reach = match self.webhook_reach {
            ReachMode::Public => WebhookReach::Public,
            ReachMode::Anywhere => WebhookReach::Anywhere,
        };
        Ok(Gateways::new(sms, reach, GatewayTimeouts::default())?)
    }
}
