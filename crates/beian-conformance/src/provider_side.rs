//! The regulator's list against a provider's system: what that system does when replies are
//! lost, files damaged and hours over.

mod watch;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use beian_domain::{Clock, Random};
use beian_sandbox::{
    Fault, Identities, OpenError, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, Secret,
    SmsPolicy,
};
use beian_wire::Method;
use serde_json::{Value, json};

use crate::report::{Report, Side};
use crate::stage::{Act, Stage, Stop};
use crate::{KitError, RegulatorSubject};
use watch::{Call, Watch};

/// What goes wrong while a filing is handed in, or comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Nothing.
    Nothing,
    /// A fault of the practice regulator's.
    Fault(Fault),
}

impl Condition {
    /// Every one, in the order in which they are tried. A slow answer is left out: every
    /// system waits for another time.
    pub const ALL: [Self; 12] = [
        Self::Nothing,
        Self::Fault(Fault::CutReply),
        Self::Fault(Fault::GarbledReply),
        Self::Fault(Fault::OutsideHours),
        Self::Fault(Fault::Maintenance),
        Self::Fault(Fault::QueueFull),
        Self::Fault(Fault::NotEntitled),
        Self::Fault(Fault::Gap),
        Self::Fault(Fault::Unavailable),
        Self::Fault(Fault::WrongDigest),
        Self::Fault(Fault::HalfFile),
        Self::Fault(Fault::DuplicateFile),
    ];

    /// What it is called in the report.
    pub fn title(self) -> &'static str {
        match self {
            Self::Nothing => "nothing goes wrong",
            Self::Fault(fault) => match fault {
                Fault::CutReply => "the answer to an upload is cut off",
                Fault::GarbledReply => "a proxy's page answers an upload",
                Fault::OutsideHours => "it is outside of the permitted hours",
                Fault::Maintenance => "the system is under maintenance",
                Fault::QueueFull => "too many files wait",
                Fault::NotEntitled => "the right to hand in is not open",
                Fault::Gap => "the regulator says that files are missing",
                Fault::Unavailable => "the server is unavailable",
                Fault::Slow => "the answer is late",
                Fault::WrongDigest => "a file comes with a wrong digest",
                Fault::HalfFile => "a file comes by half",
                Fault::DuplicateFile => "a file comes twice",
            },
        }
    }

    fn is_of_uploads(self) -> bool {
        self != Self::Nothing && self != DUPLICATE && !self.damages_a_file()
    }

    fn loses_the_reply(self) -> bool {
        matches!(self, Self::Fault(Fault::CutReply | Fault::GarbledReply))
    }

    fn damages_a_file(self) -> bool {
        matches!(self, Self::Fault(Fault::WrongDigest | Fault::HalfFile))
    }
}

/// Why a trial cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The practice regulator cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// HTTP cannot be set up.
    #[error(transparent)]
    Kit(#[from] KitError),
}

/// A regulator that a provider's system is pointed at.
pub struct ProviderTrial {
    subject: RegulatorSubject,
    watch: Watch,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Drop for ProviderTrial {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl ProviderTrial {
    /// Opens a regulator for one provider at an address.
    ///
    /// # Errors
    /// [`TrialError`].
    pub async fn open(
        address: SocketAddr,
        provider: Provider,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, TrialError> {
        let mut steering = [0; 16];
        random.fill(&mut steering);
        let steering: String = steering.iter().map(|byte| format!("{byte:02x}")).collect();
        let (isp_id, user_name) = (provider.isp_id, provider.user_name.clone());
        let (password, secret) = (provider.password.clone(), provider.secret.clone());
        let config = SandboxConfig {
            providers: vec![provider],
            review: ReviewPolicy::Console,
            sms: SmsPolicy::Console,
            identities: Identities::PracticeOnly,
            console_password: Secret::new(steering.clone()),
            store: Persistence::Volatile,
        };
        let sandbox = Sandbox::open(config, clock.clone(), random.clone())?;
        let watch = Watch::default();
        let router = watch.over(sandbox.router());
        let listening = |source| TrialError::Listen { address, source };
        let listener = tokio::net::TcpListener::bind(address).await.map_err(listening)?;
        let at = listener.local_addr().map_err(listening)?;
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let base_url = format!("http://{at}");
        let subject =
            RegulatorSubject { base_url, isp_id, user_name, password, secret, steering: Some(steering) };
        Ok(Self { subject, watch, random, clock, server })
    }

    /// Where the provider's system must call.
    pub fn base_url(&self) -> &str {
        &self.subject.base_url
    }

    /// Tries every condition. Before each, `wish` is told that a filing must be handed in: a first
    /// filing of a practice identity, or once it was refused the same again. What the provider's
    /// system does not do within `patience` is a failure.
    ///
    /// # Errors
    /// [`KitError`]; whatever the system does is in the report.
    pub async fn run<F: Future<Output = ()>>(
        self,
        patience: Duration,
        mut wish: impl FnMut(Condition) -> F,
    ) -> Result<Report, KitError> {
        let report = Report::new(Side::Provider, self.subject.base_url.clone(), self.clock.now());
        let mut stage = Stage::new(&self.subject, self.random.clone(), report)?;
        for condition in Condition::ALL {
            stage.begin(condition.title());
            let trial = Trial { watch: &self.watch, patience, from: self.watch.len() };
            let act = trial.condition(&mut stage, condition, || wish(condition)).await;
            let goes_on = act.is_ok();
            stage.end(act);
            if !goes_on {
                break;
            }
        }
        stage.begin("every call");
        let act = every_call(&mut stage, &self.watch.since(0));
        stage.end(act);
        Ok(stage.report)
    }
}

/// One condition.
struct Trial<'a> {
    watch: &'a Watch,
    patience: Duration,
    /// Calls before it.
    from: usize,
}

impl Trial<'_> {
    async fn condition<F: Future<Output = ()>>(
        &self,
        stage: &mut Stage<'_>,
        condition: Condition,
        // Called when the fault is ordered, and not before: a system may be quick.
        filing: impl FnOnce() -> F,
    ) -> Act {
        match condition {
            Condition::Fault(fault) if condition.is_of_uploads() => order(stage, fault).await?,
            _ => {}
        }
        filing().await;
        self.handed_in(stage, condition).await?;
        match condition {
            Condition::Fault(fault) if condition.damages_a_file() => order(stage, fault).await?,
            _ => {}
        }
        // It ends as the last one approved, or refused, so that the same can be handed in again.
        let is_last = Condition::ALL.last() == Some(&condition);
        let id = stage.last_filing().await?;
        stage.steer(&format!("filings/{id}/verify-sms"), Some(json!({}))).await?;
        let before = self.watch.len();
        let (action, opinion) =
            if is_last { ("approve", "同意") } else { ("refuse", "练习：请再报一次") };
        stage.steer(&format!("filings/{id}/{action}"), Some(json!({ "opinion": opinion }))).await?;
        self.came_back(stage, condition, before).await
    }

    /// What the system does until the regulator has the file.
    async fn handed_in(&self, stage: &mut Stage<'_>, condition: Condition) -> Act {
        let taken = |calls: &[Call]| calls.iter().any(|call| call.is_taken_upload());
        self.until("file that is handed in", |calls| calls.iter().any(Call::is_upload)).await?;
        let calls = match condition {
            // Its answer is lost: the system must find out.
            _ if condition.loses_the_reply() => {
                self.until("question for the last upload", |calls| {
                    after_upload(calls)
                        .any(|call| call.method == Method::QueryPreviousUpload || call.is_upload())
                })
                .await?
            }
            // One that is refused again and again would be for ever.
            _ => {
                let refused = |calls: &[Call]| calls.iter().filter(|call| call.is_upload()).count() > 2;
                self.until("file that is taken", |calls| taken(calls) || refused(calls)).await?
            }
        };
        let uploads: Vec<&Call> = calls.iter().filter(|call| call.is_upload()).collect();
        if condition.is_of_uploads() && uploads.iter().all(|call| call.is_good()) {
            return Err(Stop::Trouble("no upload that it happened to".to_owned()));
        }
        let numbers: BTreeSet<u64> = uploads.iter().filter_map(|call| call.sequence).collect();
        let bytes: BTreeSet<&str> = uploads.iter().filter_map(|call| call.hash.as_deref()).collect();
        let shown = format!("{numbers:?}");
        let next = stage.sequence + 1;
        stage.holds("it comes under the next number, and under no other", &shown, || {
            numbers == BTreeSet::from([next])
        });
        stage.holds("it is the same file each time", &bytes.len(), || bytes.len() == 1);
        if condition.loses_the_reply() {
            let asked_first = after_upload(&calls)
                .find(|call| call.method == Method::QueryPreviousUpload || call.is_upload());
            let got = asked_first.map_or("nothing", |call| call.method.name());
            stage.holds("the regulator is asked what it has before anything is sent again", &got, || {
                got == Method::QueryPreviousUpload.name()
            });
        }
        if numbers != BTreeSet::from([next]) || bytes.len() != 1 {
            return Err(Stop::Trouble("files that do not fit what went before".to_owned()));
        }
        stage.sequence = next;
        let filing = stage.last_filing().await?;
        let report = stage.steer(&format!("filings/{filing}"), None).await?;
        let findings = report.pointer("/findings").and_then(Value::as_array).map_or(0, Vec::len);
        let words = report.pointer("/findings").map(Value::to_string).unwrap_or_default();
        stage.holds("the regulator's checks find no fault in it", &words, || findings == 0);
        if findings > 0 {
            return Err(Stop::Trouble("a filing that the regulator refuses by itself".to_owned()));
        }
        Ok(())
    }

    /// What the system does until it has acknowledged what came of it.
    async fn came_back(&self, stage: &mut Stage<'_>, condition: Condition, before: usize) -> Act {
        let since = |calls: &[Call]| calls.get(before - self.from..).unwrap_or_default().to_vec();
        let acknowledged = |calls: &[Call]| {
            let calls = since(calls);
            calls.iter().any(|call| call.method == Method::DownloadAck && call.is_good())
        };
        let calls = since(&self.until("acknowledgement", acknowledged).await?);
        let acknowledgement = calls.iter().position(|call| call.method == Method::DownloadAck);
        let fetched = calls.iter().take(acknowledgement.unwrap_or_default());
        let fetched: Vec<&Call> = fetched.filter(|call| call.gives_file()).collect();
        if condition.damages_a_file() {
            stage
                .holds("it is fetched again before it is acknowledged", &fetched.len(), || fetched.len() > 1);
        } else {
            stage.holds("it is fetched before it is acknowledged", &fetched.len(), || !fetched.is_empty());
        }
        self.until_all_acknowledged(stage).await?;
        if condition == DUPLICATE {
            order(stage, Fault::DuplicateFile).await?;
            let twice = |calls: &[Call]| {
                let mut names = BTreeSet::new();
                calls
                    .iter()
                    .filter(|call| call.method == Method::DownloadAck && call.is_good())
                    .filter_map(|call| call.file_name.clone())
                    .find(|name| !names.insert(name.clone()))
            };
            let calls = self
                .until("second acknowledgement of what came twice", |calls| twice(calls).is_some())
                .await?;
            let name = twice(&calls).unwrap_or_default();
            stage.holds("what came twice is acknowledged twice", &name, || !name.is_empty());
        }
        Ok(())
    }

    async fn until_all_acknowledged(&self, stage: &mut Stage<'_>) -> Act {
        let all = async {
            loop {
                let files = stage.steer("downloads", None).await?;
                let list = files.pointer("/downloads").and_then(Value::as_array).cloned().unwrap_or_default();
                if list.iter().all(|file| file.pointer("/acknowledged") == Some(&json!(true))) {
                    return Ok::<usize, Stop>(list.len());
                }
                self.watch.changed(self.patience).await;
            }
        };
        let waited = tokio::time::timeout(self.patience, all).await;
        let late = || Stop::Trouble("files that are never acknowledged".to_owned());
        let files = waited.map_err(|_| late())??;
        stage.holds("every file is acknowledged in the end", &files, || files > 0);
        Ok(())
    }

    /// Waits until the calls of this condition are as they should be, and gives them.
    async fn until(&self, what: &str, is: impl Fn(&[Call]) -> bool) -> Result<Vec<Call>, Stop> {
        let all = async {
            loop {
                let calls = self.watch.since(self.from);
                if is(&calls) {
                    return calls;
                }
                self.watch.changed(self.patience).await;
            }
        };
        let waited = tokio::time::timeout(self.patience, all).await;
        waited.map_err(|_| {
            let (seconds, seen) = (self.patience.as_secs(), shown(&self.watch.since(self.from)));
            Stop::Trouble(format!("no {what} within {seconds} s; seen: {seen}"))
        })
    }
}

/// It can only happen to a file that was acknowledged before.
const DUPLICATE: Condition = Condition::Fault(Fault::DuplicateFile);

/// Orders a fault for the next upload, or the next download of a file.
async fn order(stage: &Stage<'_>, fault: Fault) -> Act {
    let method = match fault {
        Fault::WrongDigest | Fault::HalfFile | Fault::DuplicateFile => Method::Download,
        _ => Method::Upload,
    };
    let ordered = json!({ "fault": fault, "when": { "next": 1 }, "method": method.name() });
    stage.steer("faults", Some(ordered)).await.map(drop)
}

/// Calls as a line: how often the same was answered the same, and the last of them alone.
fn shown(calls: &[Call]) -> String {
    const MOST: usize = 8;
    let mut runs: Vec<(String, usize)> = Vec::new();
    for call in calls {
        let text = call.shown();
        match runs.last_mut() {
            Some((last, times)) if *last == text => *times += 1,
            _ => runs.push((text, 1)),
        }
    }
    let runs: Vec<String> = runs
        .iter()
        .skip(runs.len().saturating_sub(MOST))
        .map(|(text, times)| if *times == 1 { text.clone() } else { format!("{text} ({times} times)") })
        .collect();
    if runs.is_empty() { "nothing".to_owned() } else { runs.join(", ") }
}

/// The calls after the first upload.
fn after_upload(calls: &[Call]) -> impl Iterator<Item = &Call> {
    calls.iter().skip_while(|call| !call.is_upload()).skip(1)
}

/// What must hold of each call of the whole trial.
fn every_call(stage: &mut Stage<'_>, calls: &[Call]) -> Act {
    let values: BTreeSet<&str> = calls.iter().map(|call| call.rand_val.as_str()).collect();
    let (all, different) = (calls.len(), values.len());
    stage.holds("each has a random value of its own", &format!("{different} for {all}"), || all == different);
    let refused: BTreeSet<u16> = calls
        .iter()
        .filter_map(|call| call.code)
        .filter(|code| [4, 5, 10, 12, 16, 21].contains(code))
        .collect();
    stage.holds("none is refused for who calls, or how", &format!("{refused:?}"), || refused.is_empty());
    Ok(())
}
