//! How long things outside the product take.

use std::collections::BTreeMap;

use beian_domain::{OutsideTask, Paper};
use chrono::NaiveDate;
use serde::Deserialize;

use super::file::rulebook_file;
use super::{Dated, DaysRange, Series};

rulebook_file! {
    /// How long things outside the product take, in working days.
    pub struct Durations {
        plain {}
        series {
            /// To sign in to the account that holds something.
            use_holding_account: DaysRange,
            /// To have a record moved to this account (备案转移).
            transfer_record: DaysRange,
            /// Until another provider's filing is finished.
            finish_elsewhere: DaysRange,
            /// Until another provider's filing is withdrawn.
            withdraw_elsewhere: DaysRange,
            /// To have a record changed (变更备案).
            change_record: DaysRange,
            /// To have one's own record cancelled (注销主体).
            cancel_record: DaysRange,
            /// To have a stranger's record of one's domain cancelled.
            cancel_stale_record: DaysRange,
            /// To have a shell cancelled (注销空壳主体).
            cancel_shell: DaysRange,
            /// To get an authorization code (备案授权码).
            authorization_code: DaysRange,
            /// To move a domain to another registrar.
            move_registrar: DaysRange,
            /// To pass a domain's real-name verification.
            verify_domain: DaysRange,
            /// To transfer a domain to another holder.
            transfer_domain: DaysRange,
            /// To renew a domain.
            renew_domain: DaysRange,
            /// To renew a certificate.
            renew_certificate: DaysRange,
            /// To register another domain and have its real name shown.
            new_domain: DaysRange,
            /// To buy or renew a resource.
            resource: DaysRange,
            /// To get a letter or proof ready.
            paper: DaysRange,
            /// To get a bureau's answer.
            bureau_answer: DaysRange,
            /// To get an approval of the competent authority (前置审批).
            approval: DaysRange,
        }
    }
}

impl Durations {
    /// How long a task outside the product takes; `None` for those that no plan
    /// counts on.
    pub fn of_task(&self, task: OutsideTask) -> Option<&Series<DaysRange>> {
        Some(match task {
            OutsideTask::UseHoldingAccount => &self.use_holding_account,
            OutsideTask::TransferRecord => &self.transfer_record,
            OutsideTask::FinishElsewhere => &self.finish_elsewhere,
            OutsideTask::WithdrawElsewhere => &self.withdraw_elsewhere,
            OutsideTask::ChangeRecord => &self.change_record,
            OutsideTask::CancelRecord => &self.cancel_record,
            OutsideTask::CancelStaleRecord => &self.cancel_stale_record,
            OutsideTask::CancelShell => &self.cancel_shell,
            OutsideTask::AuthorizationCode => &self.authorization_code,
            OutsideTask::MoveRegistrar => &self.move_registrar,
            OutsideTask::VerifyDomain => &self.verify_domain,
            OutsideTask::TransferDomain => &self.transfer_domain,
            OutsideTask::RenewDomain => &self.renew_domain,
            OutsideTask::RenewCertificate => &self.renew_certificate,
            OutsideTask::FileByLocalUnit | OutsideTask::Appeal | OutsideTask::HostOverseas => return None,
        })
    }

    /// How long it takes to get a paper ready.
    pub fn of_paper(&self, paper: Paper) -> &Series<DaysRange> {
        match paper {
            Paper::ApprovalDocument => &self.approval,
            Paper::BureauConfirmation => &self.bureau_answer,
            _ => &self.paper,
        }
    }
}

impl Series<DaysRange> {
    /// The value of a day, or else the oldest: a plan reckons with something.
    pub fn reckoned(&self, day: NaiveDate) -> Option<&Dated<DaysRange>> {
        self.at(day).or_else(|| self.entries().first())
    }
}
