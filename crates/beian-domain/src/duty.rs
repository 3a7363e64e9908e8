//! What the regulator wants of an access provider beside filings: unfiled sites to be dealt with
//! (未备案网站处理) and records to be verified (核实任务), each with a day by which it is due.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{Personal, UnfiledHandling, UnknownCode, VerificationOutcome, check_gbk};

/// Identifies a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DutyId(pub Uuid);

/// Where a duty stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DutyState {
    /// Nobody has said what was done about it (待处理).
    Open,
    /// The report waits for its turn to leave (待上报).
    Queued,
    /// The regulator has the report (已上报).
    Reported,
    /// The regulator refused the report: it is to be made again (被退回).
    Refused,
}

/// What can happen to a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DutyEvent {
    /// Somebody says what was done.
    Answer,
    /// The regulator took the report.
    Deliver,
    /// The regulator refuses the report.
    Refuse,
}

/// An event that cannot happen to a duty where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a duty that is {state} cannot be given the event {event:?}")]
pub struct InvalidDutyEvent {
    /// Where it stands.
    pub state: DutyState,
    /// What was tried.
    pub event: DutyEvent,
}

impl DutyState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Queued, Self::Reported, Self::Refused];

    /// The state after `event`. Every pair is decided here; nothing else changes a state.
    pub fn after(self, event: DutyEvent) -> Result<Self, InvalidDutyEvent> {
        use DutyEvent as E;
        match (self, event) {
            (Self::Open | Self::Refused, E::Answer) => Ok(Self::Queued),
            (Self::Queued, E::Deliver) => Ok(Self::Reported),
            (Self::Reported, E::Refuse) => Ok(Self::Refused),
            (state, event) => Err(InvalidDutyEvent { state, event }),
        }
    }

    /// Whether somebody is to work on it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Refused)
    }

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Queued => "queued",
            Self::Reported => "reported",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for DutyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl FromStr for DutyState {
    type Err = UnknownCode;

    fn from_str(slug: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|state| state.slug() == slug)
            .ok_or_else(|| UnknownCode { table: "state of a duty", got: slug.to_owned() })
    }
}

/// Which kind of duty it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DutyKind {
    /// A site that is on the air without a filing (未备案网站).
    UnfiledSite,
    /// A filed record whose truth is to be looked into (核实任务).
    Verification,
}

impl DutyKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::UnfiledSite, Self::Verification];

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::UnfiledSite => "unfiled-site",
            Self::Verification => "verification",
        }
    }
}

impl FromStr for DutyKind {
    type Err = UnknownCode;

    fn from_str(slug: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.slug() == slug)
            .ok_or_else(|| UnknownCode { table: "kind of duty", got: slug.to_owned() })
    }
}

/// A duty as the regulator wrote it: a file of the interface with this one entry. It holds personal
/// data, so that it is never written out.
#[derive(Clone, PartialEq, Eq)]
pub struct DutyContent(Zeroizing<Vec<u8>>);

impl DutyContent {
    /// Takes the bytes of the file.
    pub fn new(file: Vec<u8>) -> Self {
        Self(Zeroizing::new(file))
    }

    /// The bytes of the file, to be sealed or read.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for DutyContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DutyContent({} bytes)", self.0.len())
    }
}

/// What was done about a duty, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DutyAnswer {
    /// About an unfiled site (未备案网站处理结果).
    Handled(UnfiledAnswer),
    /// About a record (核实结果).
    Verified(VerificationAnswer),
}

impl DutyAnswer {
    /// Which kind of duty it answers.
    pub fn kind(&self) -> DutyKind {
        match self {
            Self::Handled(_) => DutyKind::UnfiledSite,
            Self::Verified(_) => DutyKind::Verification,
        }
    }
}

/// What was done about an unfiled site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfiledAnswer {
    handling: UnfiledHandling,
    opinion: String,
    reporter: Option<Personal>,
}

impl UnfiledAnswer {
    /// What was done (处理结果), the same in words (处理意见) and who reports (上报人).
    ///
    /// # Errors
    /// A text that is longer than the interface carries, missing, or not in GBK.
    pub fn new(
        handling: UnfiledHandling,
        opinion: &str,
        reporter: Option<Personal>,
    ) -> Result<Self, DutyAnswerError> {
        let opinion = text(AnswerField::Opinion, opinion, 255)?;
        if let Some(reporter) = &reporter {
            text(AnswerField::Reporter, reporter.expose(), 128)?;
        }
        Ok(Self { handling, opinion, reporter })
    }

    /// What was done.
    pub fn handling(&self) -> UnfiledHandling {
        self.handling
    }

    /// The same in words, 1 to 255 characters.
    pub fn opinion(&self) -> &str {
        &self.opinion
    }

    /// Who reports, 1 to 128 characters.
    pub fn reporter(&self) -> Option<&Personal> {
        self.reporter.as_ref()
    }
}

/// What came of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationAnswer {
    outcome: VerificationOutcome,
    opinion: String,
    faults: Option<String>,
    verifier: Personal,
}

impl VerificationAnswer {
    /// The outcome (核实结果), an opinion (核实意见), what was wrong (错误信息) and who verified (核实人).
    ///
    /// # Errors
    /// A text that is longer than the interface carries, missing, or not in GBK; an outcome that is not
    /// true, without saying what was wrong.
    pub fn new(
        outcome: VerificationOutcome,
        opinion: &str,
        faults: Option<&str>,
        verifier: Personal,
    ) -> Result<Self, DutyAnswerError> {
        let faults = match (faults, outcome) {
            (None, VerificationOutcome::True) => None,
            (faults, _) => Some(text(AnswerField::Faults, faults.unwrap_or_default(), 4_000)?),
        };
        text(AnswerField::Reporter, verifier.expose(), 128)?;
        Ok(Self { outcome, opinion: text(AnswerField::Opinion, opinion, 1_024)?, faults, verifier })
    }

    /// The outcome.
    pub fn outcome(&self) -> VerificationOutcome {
        self.outcome
    }

    /// The opinion, 1 to 1024 characters.
    pub fn opinion(&self) -> &str {
        &self.opinion
    }

    /// What was wrong, 1 to 4000 characters.
    pub fn faults(&self) -> Option<&str> {
        self.faults.as_deref()
    }

    /// Who verified, 1 to 128 characters.
    pub fn verifier(&self) -> &Personal {
        &self.verifier
    }
}

/// A text of an answer that the interface does not carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to {most} characters of GBK in {field:?}, got {got} characters or others")]
pub struct DutyAnswerError {
    /// Which text.
    pub field: AnswerField,
    /// Most characters.
    pub most: usize,
    /// How many there are.
    pub got: usize,
}

/// A text of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerField {
    /// The opinion.
    Opinion,
    /// What was wrong.
    Faults,
    /// Who reports, or verified.
    Reporter,
}

impl AnswerField {
    /// Its name in forms.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Opinion => "opinion",
            Self::Faults => "faults",
            Self::Reporter => "reporter",
        }
    }
}

fn text(field: AnswerField, text: &str, most: usize) -> Result<String, DutyAnswerError> {
    // Line ends of forms are two characters.
    let text = text.trim().replace("\r\n", "\n");
    let got = text.chars().count();
    if got == 0 || got > most || check_gbk(&text).is_err() {
        return Err(DutyAnswerError { field, most, got });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duty_is_reported_once_and_again_only_after_a_refusal() {
        let mut possible = Vec::new();
        for state in DutyState::ALL {
            for event in [DutyEvent::Answer, DutyEvent::Deliver, DutyEvent::Refuse] {
                if let Ok(after) = state.after(event) {
                    possible.push(format!("{state} {event:?} {after}"));
                }
            }
        }
        let expected = [
            "open Answer queued",
            "queued Deliver reported",
            "reported Refuse refused",
            "refused Answer queued",
        ];
        assert_eq!(possible, expected);
        for state in DutyState::ALL {
            assert_eq!(state.slug().parse(), Ok(state));
        }
        for kind in DutyKind::ALL {
            assert_eq!(kind.slug().parse(), Ok(kind));
        }
    }

    #[test]
    fn an_answer_says_what_the_interface_carries() {
        let answer = |opinion: &str| UnfiledAnswer::new(UnfiledHandling::Closed, opinion, None);
        assert_eq!(answer(" 已关闭 ").map(|answer| answer.opinion().to_owned()), Ok("已关闭".to_owned()));
        assert!(answer(&"关".repeat(255)).is_ok());
        for wrong in ["", "  ", "😀", &"关".repeat(256)] {
            assert_eq!(answer(wrong).map_err(|error| error.field), Err(AnswerField::Opinion), "{wrong}");
        }
        let verified = |outcome, faults| {
            VerificationAnswer::new(outcome, "属实", faults, Personal::new("练习员"))
                .map(|answer| answer.faults().map(str::to_owned))
                .map_err(|error| error.field)
        };
        assert_eq!(verified(VerificationOutcome::True, None), Ok(None));
        assert_eq!(verified(VerificationOutcome::Untrue, None), Err(AnswerField::Faults));
        assert_eq!(verified(VerificationOutcome::Untrue, Some("电话不通")), Ok(Some("电话不通".to_owned())));
    }
}
