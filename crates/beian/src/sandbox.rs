//! `beian sandbox`: the practice regulator alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use beian_domain::{Clock, DivisionCode, Random};
use beian_sandbox::{Identities, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, SmsPolicy};
use beian_wire::Password;
use beian_wire::package::SharedSecret;
use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::home::{Home, PracticeCredentials, Secrets};
use crate::output;
use crate::system::{SystemClock, SystemRandom};

/// How `beian sandbox` is started.
#[derive(Args)]
pub(crate) struct SandboxArguments {
    /// Address to listen on.
    #[arg(long, env = "BEIAN_LISTEN", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Data directory; without one everything is forgotten at the end.
    #[arg(long, env = "BEIAN_DATA")]
    data: Option<PathBuf>,
    /// The access providers that it knows, in place of one that it makes up: a file of `[[provider]]` tables with
    /// isp_id, name, user_name, password, key, iv and province (as a division code, such as 440000).
    #[arg(long, value_name = "FILE")]
    providers: Option<PathBuf>,
    /// Who decides on a filing that passed the checks.
    #[arg(long, value_enum, default_value_t = Review::Console)]
    review: Review,
    /// Who enters the codes of the SMS verification.
    #[arg(long, value_enum, default_value_t = Sms::Console)]
    sms: Sms,
}

#[derive(Clone, Copy, ValueEnum)]
enum Review {
    /// A person in the console, or a program by the steering interface
    Console,
    /// Nobody: every one is approved
    ApproveAll,
}

#[derive(Clone, Copy, ValueEnum)]
enum Sms {
    /// The people concerned; the console shows the codes
    Console,
    /// Nobody: every code counts as entered
    VerifyAll,
}

/// The file of access providers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvidersFile {
    provider: Vec<ListedProvider>,
}

/// One of the access providers that the regulator knows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedProvider {
    name: String,
    province: String,
    isp_id: u64,
    user_name: String,
    password: String,
    key: String,
    iv: String,
}

pub(crate) async fn run(arguments: SandboxArguments) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let home = arguments.data.as_deref().map(Home::open).transpose()?;
    let secrets = match &home {
        Some(home) => home.secrets(&*random)?,
        None => Secrets::generate(&*random),
    };
    let listed = arguments.providers.as_deref().map(listed).transpose()?;
    let config = SandboxConfig {
        review: match arguments.review {
            Review::Console => ReviewPolicy::Console,
            Review::ApproveAll => ReviewPolicy::ApproveAll,
        },
        sms: match arguments.sms {
            Sms::Console => SmsPolicy::Console,
            Sms::VerifyAll => SmsPolicy::VerifyAll,
        },
        ..config(
            &secrets,
            match &home {
                Some(home) => Persistence::File(home.path("practice-regulator.json")),
                None => Persistence::Volatile,
            },
        )?
    };
    let config = match &listed {
        Some(listed) => SandboxConfig {
            providers: listed.iter().map(ListedProvider::known).collect::<anyhow::Result<_>>()?,
            ..config
        },
        None => config,
    };
    let sandbox = Sandbox::open(config, clock, random)?;
    let listener = tokio::net::TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("{} cannot be listened on", arguments.listen))?;
    let address = listener.local_addr()?;
    output::line(&format!("# Practice regulator at http://{address}/regulator/"));
    output::line(&format!("# Console password: {}", secrets.console_password));
    match listed {
        Some(listed) => {
            for ListedProvider { name, province, isp_id, .. } in listed {
                output::line(&format!("# Access provider {isp_id} {name}, licensed in {province}"));
            }
        }
        None => {
            output::line(
                "# Credentials of an access provider, as `beian serve --regulator-credentials FILE` takes them:",
            );
            output::line(toml::to_string(&secrets.practice)?.trim_end());
        }
    }
    axum::serve(listener, sandbox.router()).await?;
    Ok(())
}

fn listed(file: &Path) -> anyhow::Result<Vec<ListedProvider>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    // Its words alone: the line that they are about may be a password.
    let ProvidersFile { provider } = toml::from_str(&text).map_err(|error| {
        anyhow::anyhow!("{} is no file of access providers: {}", file.display(), error.message())
    })?;
    Ok(provider)
}

impl ListedProvider {
    fn known(&self) -> anyhow::Result<Provider> {
        let province = self.province.parse().with_context(|| format!("the province of {}", self.name))?;
        let credentials = PracticeCredentials {
            isp_id: self.isp_id,
            user_name: self.user_name.clone(),
            password: self.password.clone(),
            key: self.key.clone(),
            iv: self.iv.clone(),
        };
        provider(&credentials, &self.name, province)
            .with_context(|| format!("the credentials of {}", self.name))
    }
}

/// The practice regulator that keeps its register in a file.
pub(crate) fn practice_regulator(
    secrets: &Secrets,
    register: PathBuf,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> anyhow::Result<Sandbox> {
    open(secrets, Persistence::File(register), clock, random)
}

/// The practice regulator that forgets everything at the end.
pub(crate) fn volatile(
    secrets: &Secrets,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> anyhow::Result<Sandbox> {
    open(secrets, Persistence::Volatile, clock, random)
}

fn open(
    secrets: &Secrets,
    store: Persistence,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> anyhow::Result<Sandbox> {
    Ok(Sandbox::open(config(secrets, store)?, clock.clone(), random.clone())?)
}

/// One access provider, and people who decide.
fn config(secrets: &Secrets, store: Persistence) -> anyhow::Result<SandboxConfig> {
    Ok(SandboxConfig {
        providers: vec![provider(&secrets.practice, "Practice Cloud 习作云", "440000".parse()?)?],
        review: ReviewPolicy::Console,
        sms: SmsPolicy::Console,
        identities: Identities::PracticeOnly,
        console_password: beian_sandbox::Secret::new(secrets.console_password.clone()),
        store,
    })
}

fn provider(
    credentials: &PracticeCredentials,
    name: &str,
    province: DivisionCode,
) -> anyhow::Result<Provider> {
    Ok(Provider {
        isp_id: credentials.isp_id,
        name: name.to_owned(),
        user_name: credentials.user_name.clone(),
        password: Password::new(credentials.password.clone()),
        secret: SharedSecret::from_ascii(&credentials.key, &credentials.iv)?,
        province,
    })
}
