//! Faults that a test can order. They are forgotten when the process ends.

use std::collections::BTreeSet;
use std::time::Duration;

use beian_domain::Random;
use beian_wire::{MessageCode, Method};
use serde::{Deserialize, Serialize};

/// What goes wrong with a call of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// HTTP 503 instead of an answer; nothing is done.
    Unavailable,
    /// An upload is taken, and the connection ends in the middle of the answer.
    CutReply,
    /// An upload is taken, and a page of a proxy arrives instead of the answer.
    GarbledReply,
    /// An upload is refused with 20: outside of the permitted hours.
    OutsideHours,
    /// An upload is refused with 901, a download with 902.
    Maintenance,
    /// An upload is refused with 15: too many files wait.
    QueueFull,
    /// An upload is refused with 19: the right is not open.
    NotEntitled,
    /// An upload is refused with 14 although nothing is missing.
    Gap,
    /// A download gives the last acknowledged file once more.
    DuplicateFile,
    /// A download gives a file with a digest that is not its own.
    WrongDigest,
    /// A download gives the first half of a file.
    HalfFile,
    /// The answer comes three seconds late.
    Slow,
}

/// By how much [`Fault::Slow`] delays an answer.
pub(crate) const SLOW: Duration = Duration::from_secs(3);

impl Fault {
    /// Whether it can happen to calls of a method; `None` is a call that cannot be read.
    /// What happens to files needs one.
    fn concerns(self, method: Option<Method>, files: FilesOfCaller) -> bool {
        match self {
            Self::Unavailable | Self::Slow => true,
            Self::CutReply
            | Self::GarbledReply
            | Self::OutsideHours
            | Self::QueueFull
            | Self::NotEntitled
            | Self::Gap => method == Some(Method::Upload),
            Self::Maintenance => matches!(method, Some(Method::Upload | Method::Download)),
            Self::DuplicateFile => method == Some(Method::Download) && files.acknowledged > 0,
            Self::WrongDigest | Self::HalfFile => method == Some(Method::Download) && files.waiting > 0,
        }
    }

    /// The code with which it refuses a call; `None` if it does not.
    fn refusal(self, method: Method) -> Option<MessageCode> {
        match self {
            Self::OutsideHours => Some(MessageCode::OUTSIDE_HOURS),
            Self::QueueFull => Some(MessageCode::QUEUE_FULL),
            Self::NotEntitled => Some(MessageCode::NOT_ENTITLED),
            Self::Gap => Some(MessageCode::SEQUENCE_GAP),
            Self::Maintenance if method == Method::Upload => Some(MessageCode::UPLOAD_MAINTENANCE),
            Self::Maintenance => Some(MessageCode::DOWNLOAD_MAINTENANCE),
            _ => None,
        }
    }
}

/// How many files there are for who calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FilesOfCaller {
    /// To be fetched.
    pub(crate) waiting: usize,
    /// That were acknowledged.
    pub(crate) acknowledged: usize,
}

/// When a fault happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Schedule {
    /// To every call that it concerns.
    Always,
    /// To the next ones that it concerns.
    Next(u32),
    /// To each with this probability, in percent.
    Percent(u8),
    /// To the calls of these numbers, counted from the start of the process.
    Calls(BTreeSet<u64>),
}

/// A fault that is ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Planned {
    fault: Fault,
    when: Schedule,
    /// The only method whose calls it happens to, such as `isp_upload`; else to every call that it concerns.
    #[serde(default, with = "method_name", skip_serializing_if = "Option::is_none")]
    method: Option<Method>,
}

impl Planned {
    fn meets(&self, method: Option<Method>, files: FilesOfCaller) -> bool {
        self.fault.concerns(method, files) && (self.method.is_none() || self.method == method)
    }
}

/// A method by its name on the wire.
mod method_name {
    use beian_wire::Method;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(method: &Option<Method>, to: S) -> Result<S::Ok, S::Error> {
        match method {
            Some(method) => to.serialize_str(method.name()),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Method>, D::Error> {
        let Some(name) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let method = Method::named(&name);
        method.map(Some).ok_or_else(|| D::Error::custom("expected a method such as isp_upload"))
    }
}

/// What is ordered, and how many calls there were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Faults {
    planned: Vec<Planned>,
    /// Calls of providers since the start.
    calls: u64,
}

impl Faults {
    /// Orders a fault, in the place of what was ordered of it before.
    pub(crate) fn plan(&mut self, planned: Planned) {
        self.planned.retain(|before| before.fault != planned.fault);
        self.planned.push(planned);
    }

    /// Calls all of them off.
    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }

    /// What happens to a call that comes now.
    pub(crate) fn strike(
        &mut self,
        method: Option<Method>,
        files: FilesOfCaller,
        random: &dyn Random,
    ) -> Struck {
        self.calls += 1;
        let number = self.calls;
        let mut struck = BTreeSet::new();
        for planned in self.planned.iter_mut().filter(|planned| planned.meets(method, files)) {
            let happens = match &mut planned.when {
                Schedule::Always => true,
                Schedule::Next(left) => {
                    let happens = *left > 0;
                    *left = left.saturating_sub(1);
                    happens
                }
                Schedule::Percent(percent) => is_drawn(*percent, random),
                Schedule::Calls(numbers) => numbers.contains(&number),
            };
            if happens {
                struck.insert(planned.fault);
            }
        }
        self.planned.retain(|planned| planned.when != Schedule::Next(0));
        Struck(struck)
    }
}

fn is_drawn(percent: u8, random: &dyn Random) -> bool {
    let mut bytes = [0; 2];
    random.fill(&mut bytes);
    u16::from_be_bytes(bytes) % 100 < u16::from(percent)
}

/// The faults that happen to one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Struck(BTreeSet<Fault>);

impl Struck {
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    /// The code with which the call is refused, if it is.
    pub(crate) fn refusal(&self, method: Method) -> Option<MessageCode> {
        self.0.iter().find_map(|fault| fault.refusal(method))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use beian_domain::SeededRandom;

    use super::*;

    const NO_FILES: FilesOfCaller = FilesOfCaller { waiting: 0, acknowledged: 0 };

    fn times(faults: &mut Faults, fault: Fault, calls: u32) -> Vec<u32> {
        let random = SeededRandom::new(1);
        let struck = |faults: &mut Faults| faults.strike(Some(Method::Upload), NO_FILES, &random).has(fault);
        (1..=calls).filter(|_| struck(faults)).collect()
    }

    #[test]
    fn faults_happen_when_they_are_ordered() {
        let mut faults = Faults::default();
        faults.plan(Planned { fault: Fault::Gap, when: Schedule::Next(2), method: None });
        assert_eq!(times(&mut faults, Fault::Gap, 4), [1, 2]);
        assert!(faults.planned.is_empty(), "what has happened is not ordered any more");
        faults.plan(Planned {
            fault: Fault::Gap,
            when: serde_json::from_str(r#"{"calls": [6, 8]}"#).unwrap(),
            method: None,
        });
        assert_eq!(times(&mut faults, Fault::Gap, 4), [2, 4], "calls 5 to 8");
        faults.plan(Planned { fault: Fault::Gap, when: Schedule::Percent(25), method: None });
        let drawn = times(&mut faults, Fault::Gap, 1000).len();
        assert!((200..300).contains(&drawn), "{drawn}");
        faults.plan(Planned { fault: Fault::Gap, when: Schedule::Always, method: None });
        assert_eq!(faults.planned.len(), 1, "the last order counts");
        assert_eq!(times(&mut faults, Fault::Gap, 3), [1, 2, 3]);
        faults.clear();
        assert!(times(&mut faults, Fault::Gap, 3).is_empty());
    }

    #[test]
    fn a_fault_can_be_ordered_for_one_method() {
        let ordered = r#"{"fault": "unavailable", "when": {"next": 1}, "method": "isp_upload"}"#;
        let mut faults = Faults::default();
        faults.plan(serde_json::from_str(ordered).unwrap());
        let random = SeededRandom::new(1);
        let mut struck = |method| faults.strike(Some(method), NO_FILES, &random).has(Fault::Unavailable);
        assert!(!struck(Method::Download) && struck(Method::Upload) && !struck(Method::Upload));
        let unknown = ordered.replace("isp_upload", "upload");
        assert!(serde_json::from_str::<Planned>(&unknown).is_err());
    }

    #[test]
    fn a_fault_waits_for_a_call_that_it_concerns() {
        let mut faults = Faults::default();
        faults.plan(Planned { fault: Fault::HalfFile, when: Schedule::Next(1), method: None });
        faults.plan(Planned { fault: Fault::Maintenance, when: Schedule::Always, method: None });
        let random = SeededRandom::new(1);
        let upload = faults.strike(Some(Method::Upload), NO_FILES, &random);
        assert!(!upload.has(Fault::HalfFile));
        assert_eq!(upload.refusal(Method::Upload), Some(MessageCode::UPLOAD_MAINTENANCE));
        assert!(!faults.strike(Some(Method::Download), NO_FILES, &random).has(Fault::HalfFile), "no file");
        let one = FilesOfCaller { waiting: 1, acknowledged: 0 };
        let download = faults.strike(Some(Method::Download), one, &random);
        assert!(download.has(Fault::HalfFile));
        assert_eq!(download.refusal(Method::Download), Some(MessageCode::DOWNLOAD_MAINTENANCE));
        assert_eq!(faults.strike(Some(Method::DownloadAck), one, &random), Struck::default());
    }
}
