//! `beian sandbox`: the practice regulator alone.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use beian_domain::{Clock, Random};
use beian_sandbox::{Identities, Persistence, Provider, ReviewPolicy, Sandbox, SandboxConfig, SmsPolicy};
use beian_wire::Password;
use beian_wire::package::SharedSecret;
use clap::Args;

use crate::home::{Home, Secrets};
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
}

pub(crate) async fn run(arguments: SandboxArguments) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let (secrets, sandbox) = match &arguments.data {
        Some(directory) => {
            let home = Home::open(directory)?;
            let secrets = home.secrets(&*random)?;
            let sandbox =
                practice_regulator(&secrets, home.path("practice-regulator.json"), &clock, &random)?;
            (secrets, sandbox)
        }
        None => {
            let secrets = Secrets::generate(&*random);
            let sandbox = volatile(&secrets, &clock, &random)?;
            (secrets, sandbox)
        }
    };
    let listener = tokio::net::TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("{} cannot be listened on", arguments.listen))?;
    let address = listener.local_addr()?;
    output::line(&format!("# Practice regulator at http://{address}/regulator/"));
    output::line(&format!("# Console password: {}", secrets.console_password));
    output::line(
        "# Credentials of an access provider, as `beian serve --regulator-credentials FILE` takes them:",
    );
    output::line(toml::to_string(&secrets.practice)?.trim_end());
    axum::serve(listener, sandbox.router()).await?;
    Ok(())
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
    let practice = &secrets.practice;
    let config = SandboxConfig {
        providers: vec![Provider {
            isp_id: practice.isp_id,
            name: "Practice Cloud 习作云".to_owned(),
            user_name: practice.user_name.clone(),
            password: Password::new(practice.password.clone()),
            secret: SharedSecret::from_ascii(&practice.key, &practice.iv)?,
            province: "440000".parse()?,
        }],
        review: ReviewPolicy::Console,
        sms: SmsPolicy::Console,
        identities: Identities::PracticeOnly,
        console_password: beian_sandbox::Secret::new(secrets.console_password.clone()),
        store,
    };
    Ok(Sandbox::open(config, clock.clone(), random.clone())?)
}
