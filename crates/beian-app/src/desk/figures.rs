//! What reviewers did, in figures.

use std::collections::BTreeMap;

use beian_domain::{AccountId, LoginName};
use chrono::{NaiveDate, TimeDelta};

use super::Names;
use crate::permission::Action;
use crate::{App, AppError, User};

/// What reviewers did in a span of days.
#[derive(Debug, Clone)]
pub struct ReviewStatistics {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// One line a reviewer, busiest first.
    pub reviewers: Vec<ReviewerLine>,
    /// How often each reason of the catalogue was given, most often first.
    pub reasons: Vec<(String, u64)>,
}

/// What one reviewer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewerLine {
    /// Who.
    pub reviewer: LoginName,
    /// Orders approved, for good or as the first of two.
    pub approved: u64,
    /// Orders returned.
    pub returned: u64,
    /// Of all of them, those that were decided late.
    pub late: u64,
    /// How long an order had waited when it was decided, on average, in seconds.
    pub average_wait: u64,
}

impl App {
    /// What reviewers did in the last `days` days, today included.
    pub async fn review_statistics(&self, user: &User, days: u16) -> Result<ReviewStatistics, AppError> {
        user.require(Action::DecideOrder, None).or_else(|_| user.require(Action::ViewBridge, None))?;
        let to = self.today();
        let from = to - TimeDelta::days(i64::from(days.max(1)) - 1);
        let mut names = Names::default();
        let mut lines: BTreeMap<AccountId, (u64, u64, u64, u64)> = BTreeMap::new();
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for tally in self.inner.store.read().tallies(from, to).await? {
            let line = lines.entry(tally.reviewer).or_default();
            match tally.what.as_str() {
                "approve" | "endorse" => line.0 += tally.count,
                "return" => line.1 += tally.count,
                "late" => line.2 += tally.count,
                _ => *reasons.entry(tally.what.clone()).or_default() += tally.count,
            }
            line.3 += tally.seconds;
        }
        let mut reviewers = Vec::new();
        for (reviewer, (approved, returned, late, seconds)) in lines {
            let average_wait = seconds.checked_div(approved + returned).unwrap_or_default();
            let reviewer = names.of(self, reviewer).await?;
            reviewers.push(ReviewerLine { reviewer, approved, returned, late, average_wait });
        }
        reviewers.sort_by_key(|line| std::cmp::Reverse(line.approved + line.returned));
        let mut reasons: Vec<(String, u64)> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(ReviewStatistics { from, to, reviewers, reasons })
    }
}
