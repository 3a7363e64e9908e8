//! What somebody of staff is told of their own account: that their role or their second factor was changed, by
//! whom and when. Whoever did it themselves knows; whoever did not learns of it here.

use beian_domain::{AccountId, LoginName, StaffRole, Text};
use beian_store::{Message, NewNotice, Subject, Tx};
use chrono::{DateTime, Utc};

use super::{Addressee, Argument, NoticeEvent, patience, render_inbox, render_mail};
use crate::{App, AppError};

/// Who changed an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangedBy {
    /// Somebody who was signed in: its owner, or a security administrator.
    Account(LoginName),
    /// Whoever has the machine.
    CommandLine,
}

/// What became of a role (角色).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleChange {
    /// The account was made, with a role.
    Given(StaffRole),
    /// It has another role.
    Changed {
        /// The role that it had.
        before: StaffRole,
        /// The role that it has.
        after: StaffRole,
    },
    /// It cannot sign in any more.
    Locked,
    /// It can sign in again.
    Unlocked,
}

/// What became of a second factor (双因素认证).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorChange {
    /// A device that shows codes (TOTP) was set up.
    DeviceAdded,
    /// It was given up by who has it.
    DeviceRemoved,
    /// Device, recovery codes and passkeys were forgotten, by somebody who looks after the account.
    Reset,
    /// New recovery codes (恢复码) are in the place of the old ones.
    RecoveryCodesRenewed,
    /// A passkey (通行密钥) was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
}

impl ChangedBy {
    pub(super) fn argument(&self) -> Argument {
        match self {
            Self::Account(login) => Argument::Word(login.to_string()),
            Self::CommandLine => {
                let label = Text::new("服务器上的命令行", "the command line of the server");
                Argument::Named("command-line", label)
            }
        }
    }
}

impl RoleChange {
    pub(super) fn argument(self) -> Argument {
        let (slug, label) = match self {
            Self::Given(role) => {
                let (zh, en) = name(role);
                ("given", Text::new(format!("开立账号，角色为{zh}"), format!("account made, as {en}")))
            }
            Self::Changed { before, after } => {
                let ((zh_before, en_before), (zh, en)) = (name(before), name(after));
                let text = format!("角色由{zh_before}改为{zh}");
                ("changed", Text::new(text, format!("role changed from {en_before} to {en}")))
            }
            Self::Locked => ("locked", Text::new("账号已锁定", "account locked")),
            Self::Unlocked => ("unlocked", Text::new("账号已解锁", "account unlocked")),
        };
        Argument::Named(slug, label)
    }

    /// The role that the account has since, for systems: people read it in the change.
    pub(super) fn role(self) -> Option<Argument> {
        match self {
            Self::Given(role) | Self::Changed { after: role, .. } => {
                let (zh, en) = name(role);
                Some(Argument::Named(role.slug(), Text::new(zh, en)))
            }
            Self::Locked | Self::Unlocked => None,
        }
    }
}

impl FactorChange {
    /// Every change.
    pub const ALL: [Self; 6] = [
        Self::DeviceAdded,
        Self::DeviceRemoved,
        Self::Reset,
        Self::RecoveryCodesRenewed,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
    ];

    pub(super) fn argument(self) -> Argument {
        let (slug, zh, en) = match self {
            Self::DeviceAdded => ("device-added", "已设置动态验证码设备", "device for codes set up"),
            Self::DeviceRemoved => ("device-removed", "已停用动态验证码设备", "device for codes given up"),
            Self::Reset => (
                "reset",
                "已重置：设备、恢复码和通行密钥均已清除",
                "reset: device, recovery codes and passkeys are forgotten",
            ),
            Self::RecoveryCodesRenewed => {
                ("recovery-codes-renewed", "已重新生成恢复码", "recovery codes made anew")
            }
            Self::PasskeyAdded => ("passkey-added", "已添加通行密钥", "passkey added"),
            Self::PasskeyRemoved => ("passkey-removed", "已删除通行密钥", "passkey removed"),
        };
        Argument::Named(slug, Text::new(zh, en))
    }
}

/// What a role is called, as on the page of the accounts of staff.
fn name(role: StaffRole) -> (&'static str, &'static str) {
    match role {
        StaffRole::Reviewer => ("初审员", "reviewer"),
        StaffRole::Operator => ("系统管理员", "system administrator"),
        StaffRole::SecurityAdministrator => ("安全管理员", "security administrator"),
        StaffRole::AuditAdministrator => ("审计管理员", "audit administrator"),
    }
}

impl App {
    /// Tells somebody of staff that their second factor was changed, in the transaction that changes it.
    pub(crate) async fn tell_of_factor(
        &self,
        tx: &mut Tx<'_>,
        (account, login): (AccountId, &LoginName),
        change: FactorChange,
        by: &LoginName,
    ) -> Result<(), AppError> {
        let event = NoticeEvent::SecondFactorChanged {
            account: login.clone(),
            change,
            by: ChangedBy::Account(by.clone()),
            at: self.now(),
        };
        self.tell(tx, &Addressee::account(account, Subject::Account(account)), &event).await
    }

    /// Tells somebody of staff that their role was changed, in the transaction that changes it.
    pub(crate) async fn tell_of_role(
        &self,
        tx: &mut Tx<'_>,
        (account, login): (AccountId, &LoginName),
        change: RoleChange,
        by: &LoginName,
    ) -> Result<(), AppError> {
        let event = NoticeEvent::RoleChanged {
            account: login.clone(),
            change,
            by: ChangedBy::Account(by.clone()),
            at: self.now(),
        };
        self.tell(tx, &Addressee::account(account, Subject::Account(account)), &event).await
    }
}

/// Tells somebody of what was done from the command line, which knows neither the portal's address nor its
/// gateways: by inbox, and by a mail that names no page. The server sends it.
pub(crate) async fn tell_from_command_line(
    tx: &mut Tx<'_>,
    account: AccountId,
    event: &NoticeEvent,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    tx.insert_inbox_message(account, event.kind(), &render_inbox(event)).await?;
    let (settings, email) = tx.read().addressee(account).await?;
    if let Some(to) = email {
        let mail = render_mail(event, settings.language, "", "beian");
        let message = Message::Mail { to, subject: mail.subject, body: mail.body };
        let (about, kind) = (Subject::Account(account), event.kind());
        let give_up_at = now + patience(message.channel());
        tx.insert_notice(NewNotice { about, kind, account: Some(account), message, give_up_at }).await?;
    }
    Ok(())
}
