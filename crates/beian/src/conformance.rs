//! `beian conformance`: acceptance lists for both ends of the regulator's interface.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use beian_conformance::{Condition, Extent, ProviderTrial, RegulatorSubject, Report, try_regulator};
use beian_domain::{Clock, Random, practice};
use beian_rules::VerifyingKey;
use beian_sandbox::Provider;
use beian_wire::Password;
use beian_wire::package::SharedSecret;
use chrono::{Months, TimeDelta};
use clap::{ArgGroup, Args};
use serde_json::json;

use crate::home::{PracticeCredentials, Secrets, readable};
use crate::journey::{FIRST_FILING_PICTURES, Visitor, practice_picture};
use crate::serve::{FirstAccounts, ServeArguments, Server};
use crate::system::{MovableClock, SystemClock, SystemRandom};
use crate::{input, keys, output};

/// How `beian conformance` is started.
#[derive(Args)]
#[command(group(ArgGroup::new("what").required(true).args(["url", "provider", "itself", "verify"])))]
pub(crate) struct ConformanceArguments {
    /// Play a client's list against the regulator's server at this base address, for example http://127.0.0.1:8090.
    #[arg(long, requires = "credentials")]
    url: Option<String>,
    /// Be a regulator at this address, and play its list against the provider's system that calls.
    #[arg(long, value_name = "ADDRESS")]
    provider: Option<SocketAddr>,
    /// Start both of our own ends, and play both lists.
    #[arg(long = "self")]
    itself: bool,
    /// Check the signature of a report, by the public key of its maker.
    #[arg(long, value_name = "REPORT", requires = "public_key")]
    verify: Option<PathBuf>,
    /// TOML file with isp_id, user_name, password, key and iv; with --provider made up and printed if there is none.
    #[arg(long)]
    credentials: Option<PathBuf>,
    /// Password of the practice regulator's console; without it, what wants a decision is skipped.
    #[arg(long, env = "BEIAN_CONSOLE_PASSWORD", hide_env_values = true)]
    console_password: Option<String>,
    /// Leave out the file above the largest size.
    #[arg(long)]
    no_large_files: bool,
    /// With --provider: seconds after which what the system does not do is a failure.
    #[arg(long, default_value_t = 900)]
    patience: u64,
    /// Write the report here, as JSON, and its signature beside it (.sig).
    #[arg(long)]
    report: Option<PathBuf>,
    /// File with the key that signs reports, as `beian rulebook keygen` makes it; it is made if it is not there.
    #[arg(long, default_value = "conformance.key")]
    key: PathBuf,
    /// With --verify: the public key, 64 hexadecimal digits.
    #[arg(long)]
    public_key: Option<String>,
}

/// `Ok(false)` if a case failed.
pub(crate) async fn run(arguments: ConformanceArguments) -> anyhow::Result<bool> {
    let reports = if let Some(path) = &arguments.verify {
        vec![verified(path, arguments.public_key.as_deref().unwrap_or_default())?]
    } else if arguments.itself {
        itself().await?
    } else if let Some(url) = &arguments.url {
        vec![against_regulator(&arguments, url).await?]
    } else if let Some(address) = arguments.provider {
        vec![against_provider(&arguments, address).await?]
    } else {
        bail!("expected one of --url, --provider, --self and --verify");
    };
    for report in &reports {
        output::line(report.table().trim_end());
    }
    if let Some(path) = &arguments.report {
        write_reports(path, &arguments.key, &reports)?;
    }
    Ok(reports.iter().all(Report::is_green))
}

/// Writes each report with a signature beside it, by a key that is made at the first time.
fn write_reports(path: &Path, key_file: &Path, reports: &[Report]) -> anyhow::Result<()> {
    let key = if key_file.exists() { keys::read(key_file) } else { keys::make(key_file) };
    let key = key.map_err(anyhow::Error::msg)?;
    for (index, report) in reports.iter().enumerate() {
        // Two lists are two reports.
        let path = match index {
            0 => path.to_owned(),
            _ => path.with_extension(format!("{}.json", index + 1)),
        };
        let text = serde_json::to_vec_pretty(report)?;
        for (path, bytes) in [(signature_of(&path), &key.sign(&text)[..]), (path.clone(), &text)] {
            std::fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
        }
        output::line(&format!("# {} is signed with the key {}", path.display(), key.verifying_key()?));
    }
    Ok(())
}

/// A report that is as the holder of a key has signed it.
fn verified(path: &Path, public_key: &str) -> anyhow::Result<Report> {
    let read = |path: &Path| input::read_bounded(path, MAX_REPORT_BYTES).map_err(anyhow::Error::msg);
    let (text, signature) = (read(path)?, read(&signature_of(path))?);
    VerifyingKey::from_hex(public_key)?.verify(&text, &signature)?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no report of this version", path.display()))
}

/// Where the signature of a report lies: 64 bytes, Ed25519, as `openssl pkeyutl -verify -rawin` takes them.
fn signature_of(report: &Path) -> PathBuf {
    let mut name = report.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

const MAX_REPORT_BYTES: u64 = 16 << 20;

fn read_credentials(path: &Path) -> anyhow::Result<PracticeCredentials> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} holds no credentials", path.display()))
}

async fn against_regulator(arguments: &ConformanceArguments, url: &str) -> anyhow::Result<Report> {
    let credentials = read_credentials(arguments.credentials.as_deref().context("expected --credentials")?)?;
    let steering = arguments.console_password.clone();
    let extent = if arguments.no_large_files { Extent::NoLargeFiles } else { Extent::Everything };
    let subject = subject(url, &credentials, steering)?;
    Ok(try_regulator(&subject, extent, Arc::new(SystemRandom), SystemClock.now()).await?)
}

fn subject(
    url: &str,
    credentials: &PracticeCredentials,
    steering: Option<String>,
) -> anyhow::Result<RegulatorSubject> {
    Ok(RegulatorSubject {
        base_url: url.trim_end_matches('/').to_owned(),
        isp_id: credentials.isp_id,
        user_name: credentials.user_name.clone(),
        password: Password::new(credentials.password.clone()),
        secret: SharedSecret::from_ascii(&credentials.key, &credentials.iv)?,
        steering,
    })
}

fn provider(credentials: &PracticeCredentials) -> anyhow::Result<Provider> {
    Ok(Provider {
        isp_id: credentials.isp_id,
        name: "系统检测 / on trial".to_owned(),
        user_name: credentials.user_name.clone(),
        password: Password::new(credentials.password.clone()),
        secret: SharedSecret::from_ascii(&credentials.key, &credentials.iv)?,
        province: "440000".parse()?,
    })
}

async fn against_provider(arguments: &ConformanceArguments, address: SocketAddr) -> anyhow::Result<Report> {
    let credentials = match &arguments.credentials {
        Some(path) => read_credentials(path)?,
        None => Secrets::generate(&SystemRandom).practice,
    };
    let trial =
        ProviderTrial::open(address, provider(&credentials)?, Arc::new(SystemClock), Arc::new(SystemRandom))
            .await?;
    output::line(&format!("# Point the system at {} with", trial.base_url()));
    output::line(toml::to_string(&credentials)?.trim_end());
    let report = trial
        .run(Duration::from_secs(arguments.patience), |condition| {
            let what = match condition {
                Condition::Nothing => "Hand in a first filing of a practice identity, with one website",
                _ => "The filing was refused: hand it in again",
            };
            output::line(&format!("# {what}. What is tried: {}.", condition.title()));
            std::future::ready(())
        })
        .await?;
    Ok(report)
}

/// Both of our own ends: the practice regulator by a client's list, the portal and its bridge by the regulator's.
async fn itself() -> anyhow::Result<Vec<Report>> {
    let directory = std::env::temp_dir().join(format!("beian-conformance-{}", readable(&SystemRandom, 12)));
    let result = both_ends(&directory).await;
    // Everything in it is made up, but nobody asked to keep it.
    let _ = std::fs::remove_dir_all(&directory);
    result
}

async fn both_ends(directory: &Path) -> anyhow::Result<Vec<Report>> {
    let clock = Arc::new(MovableClock::default());
    let secrets = Secrets::generate(&SystemRandom);
    let (the_clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (clock.clone(), Arc::new(SystemRandom));
    let sandbox = crate::sandbox::volatile(&secrets, &the_clock, &random)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let serving = tokio::spawn(async move { axum::serve(listener, sandbox.router()).await });
    let subject = subject(&url, &secrets.practice, Some(secrets.console_password.clone()))?;
    let client = try_regulator(&subject, Extent::Everything, random.clone(), clock.now()).await?;
    serving.abort();

    let trial = ProviderTrial::open(
        ([127, 0, 0, 1], 0).into(),
        provider(&secrets.practice)?,
        clock.clone(),
        random.clone(),
    )
    .await?;
    let filer = OwnProvider::start(directory, trial.base_url(), &secrets.practice, clock.clone()).await?;
    let filer = &filer;
    // What rests for minutes rests for seconds: the provider's clock runs a thousand times as fast.
    let hurry = async {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            clock.advance(TimeDelta::seconds(50));
        }
    };
    let tried = trial.run(Duration::from_secs(30), |condition| async move {
        if let Err(error) = filer.file(condition).await {
            // The list waits for the filing, and says that there was none.
            output::failure(&error);
        }
    });
    tokio::select! {
        report = tried => Ok(vec![client, report?]),
        () = hurry => bail!("the clock stopped"),
    }
}

/// Our own system, with one filer who hands in the same filing again and again.
struct OwnProvider {
    filer: Visitor,
    reviewer: Visitor,
    order: tokio::sync::OnceCell<String>,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl OwnProvider {
    async fn start(
        directory: &Path,
        regulator: &str,
        credentials: &PracticeCredentials,
        clock: Arc<MovableClock>,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let file = directory.join("credentials.toml");
        keys::write_secret(&file, &toml::to_string(credentials)?)?;
        let arguments = ServeArguments {
            regulator: Some(regulator.to_owned()),
            regulator_credentials: Some(file),
            ..ServeArguments::practice(directory.join("data"))
        };
        let server = Server::prepare_at(&arguments, clock.clone()).await?;
        let Some(FirstAccounts(accounts)) = server.first_accounts(true).await? else {
            bail!("the database is not empty");
        };
        let password =
            accounts.iter().find(|(_, login, _)| login == "reviewer").map(|(_, _, word)| word.clone());
        let (url, cloud_token) = (server.url.clone(), server.secrets.cloud_token.clone());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        tokio::spawn(server.serve(async move {
            let _ = stopped.await;
        }));
        let mut filer = Visitor::new(&url)?;
        filer.sign_up("demo", &readable(&SystemRandom, 16), practice::PEOPLE[0].email).await?;
        let now = clock.now();
        let event = json!({
            "reference": "conformance-server",
            "owner": "demo",
            "kind": "cloud-server",
            "division": "440300",
            "prepaid": true,
            "bought_at": now,
            "expires_at": now.checked_add_months(Months::new(36)),
            "public_address": "203.0.113.20",
        });
        Visitor::new(&url)?.report_server(&cloud_token, &event).await?;
        let mut reviewer = Visitor::new(&url)?;
        reviewer.sign_in("reviewer", &password.context("there is no reviewer")?).await?;
        Ok(Self { filer, reviewer, order: tokio::sync::OnceCell::new(), _stop: stop })
    }

    async fn file(&self, condition: Condition) -> anyhow::Result<()> {
        if condition != Condition::Nothing {
            let order = self.order.get().context("nothing was filed before")?;
            self.refused(order).await?;
            // Refused is not to be sent as it was.
            let remark = format!("企业介绍与产品展示：{}", condition.title());
            self.filer.answer(order, "service-remark", &[("service-remark", &remark)]).await?;
            self.filer.submit(order).await?;
            return self.reviewer.approve(order).await;
        }
        let organisation = practice::ORGANISATIONS[0];
        let person = practice::PEOPLE[0];
        let order = self
            .filer
            .begin("enterprise", "business-licence", organisation.uscc, "xizuo-conformance.cn")
            .await?;
        self.filer.answer_everything(&order, organisation, person, "conformance-server").await?;
        for material in FIRST_FILING_PICTURES {
            self.filer.hand_in(&order, material, practice_picture(2)).await?;
        }
        self.reviewer.attest(&order).await?;
        self.filer.submit(&order).await?;
        self.reviewer.approve(&order).await?;
        self.order.set(order).context("it was filed before")
    }

    async fn refused(&self, order: &str) -> anyhow::Result<()> {
        for _ in 0..100 {
            if self.filer.order(order).await?["state"] == "refused" {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("order {order} is not refused within ten seconds")
    }
}
