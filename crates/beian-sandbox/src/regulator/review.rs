//! The review (管局审核) and what it gives: numbers, or a reason.

use beian_domain::{Random, check_gbk};

use super::Regulator;
use super::effect::Effect;
use crate::language::Language;
use crate::sandbox::Moment;
use crate::state::{RefusalCause, Stage};

/// What a reviewer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Approve,
    Refuse,
}

/// The longest opinion that a result file carries, in characters.
const OPINION: usize = 1024;

/// Why a decision is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReviewError {
    #[error("expected the number of a filing, got {id}")]
    UnknownFiling { id: u64 },
    #[error("expected a filing that waits for review, got one that is {got}")]
    NotInReview { got: &'static str },
    #[error("expected an opinion of 1 to {OPINION} characters, got {got}")]
    OpinionLength { got: usize },
    #[error("expected an opinion in characters of GBK, got U+{code_point:04X} as character {position}")]
    OpinionNotGbk { position: usize, code_point: u32 },
}

impl ReviewError {
    /// For the page.
    pub(crate) fn for_people(&self, language: Language) -> String {
        if language == Language::English {
            return self.to_string();
        }
        match self {
            Self::UnknownFiling { id } => format!("没有第 {id} 号申请。"),
            Self::NotInReview { .. } => "该申请不在待审核状态。".to_owned(),
            Self::OpinionLength { got } => format!("审核意见应为 1 至 {OPINION} 字，现为 {got} 字。"),
            Self::OpinionNotGbk { position, code_point } => {
                format!("审核意见只能用 GBK 字符，第 {position} 个字符 U+{code_point:04X} 不在其中。")
            }
        }
    }
}

impl Regulator {
    /// A reviewer's decision on a filing that waits for it.
    pub(crate) fn review(
        &mut self,
        moment: Moment<'_>,
        id: u64,
        decision: Decision,
        opinion: &str,
    ) -> Result<(), ReviewError> {
        let filing = self.state.filings.get(&id).ok_or(ReviewError::UnknownFiling { id })?;
        if !matches!(filing.stage, Stage::AwaitingReview) {
            return Err(ReviewError::NotInReview { got: filing.stage.name() });
        }
        // Browsers send CR LF; XML readers would make LF of it anyway.
        let opinion = opinion.trim().replace("\r\n", "\n");
        let length = opinion.chars().count();
        if length == 0 || length > OPINION {
            return Err(ReviewError::OpinionLength { got: length });
        }
        check_gbk(&opinion).map_err(|error| ReviewError::OpinionNotGbk {
            position: error.position,
            code_point: u32::from(error.character),
        })?;
        match decision {
            Decision::Approve => self.approve(moment, id, &opinion),
            Decision::Refuse => self.refuse(moment, id, &opinion, RefusalCause::Reviewer),
        }
        Ok(())
    }

    /// Does what is asked for, and files the results for the provider: first the
    /// review, then the data with their numbers, or what is cancelled.
    pub(super) fn approve(&mut self, moment: Moment<'_>, id: u64, opinion: &str) {
        let Some(effect) = self.take_effect(moment, id) else {
            // Something else took away in the meantime what it is about.
            return self.refuse(moment, id, "所涉备案信息已不存在，退回。", RefusalCause::Reviewer);
        };
        let (registration, target) = match &effect {
            Effect::Filed { registration, target } => (registration.clone(), Some(target.clone())),
            Effect::Cancelled { .. } => (None, None),
        };
        if let Some(filing) = self.filing_mut(id) {
            filing.stage = Stage::Approved { at: moment.now, opinion: opinion.to_owned(), registration };
            filing.target = target.unwrap_or_else(|| filing.target.clone());
        }
        self.issue_review(moment, id, Decision::Approve, opinion);
        match effect {
            Effect::Filed { target, .. } => self.issue_filed_data(moment, id, &target),
            Effect::Cancelled { kind, id, providers } => {
                for provider in providers {
                    self.issue_cancelled(moment, provider, kind, id);
                }
            }
        }
    }

    /// Refuses a filing that passed the checks.
    pub(super) fn refuse(&mut self, moment: Moment<'_>, id: u64, opinion: &str, cause: RefusalCause) {
        if let Some(filing) = self.filing_mut(id) {
            filing.stage = Stage::Refused { at: moment.now, opinion: opinion.to_owned(), cause };
        }
        self.issue_review(moment, id, Decision::Refuse, opinion);
    }
}

/// Eight letters and digits that are not mistaken for each other.
pub(super) fn filing_password(random: &dyn Random) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()))
        .map(|byte| char::from(*byte))
        .collect()
}
