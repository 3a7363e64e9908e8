//! `beian serve`: everything in one process.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use axum::Router;
use beian_app::{
    App, FaceVendor, FactorReset, FontSource, Mailer, NameServer, Named, Parts, Policy, SecondFactorPolicy,
    Secret, Shelf,
};
use beian_domain::{Clock, LoginName, Random, ResourceKind, Role, StaffRole, Text, practice};
use beian_exchange::{Endpoint, RegulatorClient, Timeouts};
use beian_rules::{RegulatorKind, VerifyingKey};
use beian_sandbox::PracticeVendor;
use beian_store::{CommitHook, CommitPoint, Options, Store};
use beian_web::{PracticeLinks, WebConfig};
use beian_wire::Password;
use beian_wire::package::{Encryption, SharedSecret};
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;

use crate::home::{Home, PracticeCredentials, Secrets, readable};
use crate::notices::{NoticeArguments, Practice};
use crate::options::{PathOrOff, RulebookArguments};
use crate::output;
use crate::probe::ProbeArguments;
use crate::reading::ReadingArguments;
use crate::sandbox::practice_regulator;
use crate::system::{SystemClock, SystemRandom};

/// What the provider's cloud says of a server, for somebody to copy.
const SERVER_EVENT: &str = r#"{"reference": "server-2", "owner": "filer", "kind": "cloud-server", "division": "440300",
      "prepaid": true, "bought_at": "2026-01-01T00:00:00Z", "expires_at": "2030-01-01T00:00:00Z",
      "public_address": "203.0.113.11"}"#;

/// Where rulebooks are kept, in the data directory.
pub(crate) const RULEBOOKS: &str = "rulebooks";

/// The index of host names, in the data directory.
const HOST_INDEX: &str = "hosts.index";

/// How `beian serve` is started. Every option can also come from the environment.
#[derive(Args, Clone)]
pub(crate) struct ServeArguments {
    /// Address to listen on.
    #[arg(long, env = "BEIAN_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) keeping: KeepingArguments,
    /// Where people reach the portal, for links in mail and for passkeys; default: the address listened on.
    #[arg(long, env = "BEIAN_PUBLIC_URL")]
    pub(crate) public_url: Option<String>,
    /// Name of the access provider in Chinese.
    #[arg(long, env = "BEIAN_PROVIDER", default_value = "习作云")]
    pub(crate) provider: String,
    /// Name of the access provider in English.
    #[arg(long, env = "BEIAN_PROVIDER_EN", default_value = "Practice Cloud")]
    pub(crate) provider_en: String,
    /// Mail server, for example smtps://user:password@host; default: mails become files in the data directory.
    #[arg(long, env = "BEIAN_SMTP", hide_env_values = true)]
    pub(crate) smtp: Option<String>,
    /// Sender of mails.
    #[arg(long, env = "BEIAN_MAIL_FROM", default_value = "beian <beian@localhost.localdomain>")]
    pub(crate) mail_from: String,
    /// Base address of the regulator, for example http://host; default: the practice regulator, in this process.
    #[arg(long, env = "BEIAN_REGULATOR", requires = "regulator_credentials")]
    pub(crate) regulator: Option<String>,
    /// TOML file with isp_id, user_name, password, key and iv, as the regulator issued them.
    #[arg(long, env = "BEIAN_REGULATOR_CREDENTIALS")]
    pub(crate) regulator_credentials: Option<PathBuf>,
    /// What the regulator at `--regulator` is: decides which identities are taken.
    #[arg(long, env = "BEIAN_REGULATOR_KIND", value_enum, default_value_t = RegulatorMode::Real)]
    pub(crate) regulator_kind: RegulatorMode,
    /// Base address of a vendor of face checks; default: the practice vendor beside the practice regulator, else none.
    #[arg(long, env = "BEIAN_FACE_VENDOR", requires = "face_vendor_secret")]
    pub(crate) face_vendor: Option<String>,
    /// The secret that is shared with the vendor of face checks.
    #[arg(long, env = "BEIAN_FACE_VENDOR_SECRET", hide_env_values = true)]
    pub(crate) face_vendor_secret: Option<String>,
    #[command(flatten)]
    pub(crate) notices: NoticeArguments,
    #[command(flatten)]
    pub(crate) probe: ProbeArguments,
    #[command(flatten)]
    pub(crate) reading: ReadingArguments,
    #[command(flatten)]
    pub(crate) rulebook: RulebookArguments,
    /// What of it runs here. The bridge alone runs on the one host whose address the bureau knows; it needs the
    /// database and the data directory of the portal, and opens no address.
    #[arg(long, env = "BEIAN_RUN", value_enum, default_value_t = Part::All)]
    pub(crate) run: Part,
    /// Seconds that the bridge rests when there is nothing to do.
    #[arg(long, env = "BEIAN_POLL_SECONDS", default_value_t = 2)]
    pub(crate) poll_seconds: u32,
    /// Name server to ask where domains lead, and for the TXT record that proves a transfer: address and port; default:
    /// those of the machine.
    #[arg(long, env = "BEIAN_NAME_SERVER")]
    pub(crate) name_server: Option<SocketAddr>,
    /// Whether staff must have a second factor (codes by time on a phone); default: optional with a practice
    /// regulator, else required.
    #[arg(long, env = "BEIAN_SECOND_FACTOR", value_enum)]
    pub(crate) second_factor: Option<SecondFactor>,
    /// The index of host names that is kept up with the records here, for `beian gate` and `beian audit`; if there is
    /// none, one is made that knows of these records alone. `off`: none is kept up. Default: hosts.index in the data
    /// directory.
    #[arg(long, env = "BEIAN_INDEX", value_name = "FILE|off")]
    pub(crate) index: Option<PathOrOff>,
    /// For tests of recovery: abort the process before or after its N-th commit, `before:N` or `after:N`.
    #[arg(long, env = "BEIAN_TEST_ABORT", hide = true)]
    pub(crate) abort_at_commit: Option<String>,
}

impl ServeArguments {
    /// On a free port of this machine, in a directory of its own, with nothing but practice around it.
    pub(crate) fn practice(data: PathBuf) -> Self {
        Self {
            listen: ([127, 0, 0, 1], 0).into(),
            keeping: KeepingArguments { data, database: None },
            public_url: None,
            provider: "习作云".to_owned(),
            provider_en: "Practice Cloud".to_owned(),
            smtp: None,
            mail_from: "beian <beian@localhost.localdomain>".to_owned(),
            regulator: None,
            regulator_credentials: None,
            regulator_kind: RegulatorMode::Practice,
            notices: NoticeArguments::default(),
            probe: ProbeArguments::default(),
            // Practice photographs have nothing to read.
            reading: ReadingArguments { tesseract: Some(PathOrOff::Off) },
            face_vendor: None,
            face_vendor_secret: None,
            rulebook: RulebookArguments::default(),
            run: Part::All,
            poll_seconds: 1,
            name_server: None,
            second_factor: None,
            index: None,
            abort_at_commit: None,
        }
    }
}

/// Where everything is kept.
#[derive(Args, Clone)]
pub(crate) struct KeepingArguments {
    /// Data directory; it is made at the first start.
    #[arg(long, env = "BEIAN_DATA", default_value = "beian-data")]
    pub(crate) data: PathBuf,
    /// Database, postgres://… or sqlite:…; default: SQLite in the data directory.
    #[arg(long, env = "BEIAN_DATABASE", hide_env_values = true)]
    pub(crate) database: Option<String>,
}

/// See [`ServeArguments::run`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Portal, API, bridge, timers and whatever leaves.
    All,
    /// Portal and API.
    Portal,
    /// Bridge, timers and whatever leaves.
    Bridge,
}

/// See [`ServeArguments::regulator_kind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RegulatorMode {
    /// A bureau or the ministry.
    Real,
    /// A practice regulator in another process.
    Practice,
}

/// See [`ServeArguments::second_factor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecondFactor {
    /// Who has none enrols one before anything else.
    Required,
    /// Who wants one enrols one.
    Optional,
}

/// `beian security-administrator`.
#[derive(Args)]
pub(crate) struct NamingArguments {
    #[command(flatten)]
    keeping: KeepingArguments,
    /// A new login name, or that of an account of staff, which then has this role and no other.
    login: String,
}

/// `beian password`.
#[derive(Args)]
pub(crate) struct PasswordArguments {
    #[command(flatten)]
    keeping: KeepingArguments,
    /// The account's login name.
    login: String,
    /// Forget the account's second factor, too: phone and recovery codes are lost.
    #[arg(long)]
    forget_second_factor: bool,
}

/// Forms are printed with the font that is built in; a rare character of a name is
/// taken from Debian's fonts-noto-cjk, if that is installed.
fn fonts() -> FontSource {
    const NOTO: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
    // Simplified Chinese, as its shapes are numbered in the collection.
    const FACE: u32 = 2;
    let rare = std::fs::read(NOTO).ok().and_then(|font| FontSource::with_fallback(font, FACE).ok());
    rare.unwrap_or_else(FontSource::embedded)
}

/// Where this process calls itself.
fn local_base(address: SocketAddr) -> String {
    // A wildcard address is listened on, but cannot be called.
    let host = if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { address.ip().to_string() };
    format!("http://{host}:{}", address.port())
}

/// A server that is ready to run.
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) url: String,
    pub(crate) secrets: Secrets,
    listener: TcpListener,
    router: Router,
    part: Part,
}

/// The accounts that a first start makes, with their passwords.
pub(crate) struct FirstAccounts(pub(crate) Vec<(Role, String, String)>);

pub(crate) async fn run(arguments: ServeArguments) -> anyhow::Result<()> {
    let is_practice = arguments.regulator.is_none();
    if arguments.run == Part::Bridge {
        // The practice regulator is served by the portal.
        ensure!(!is_practice, "the bridge alone needs a regulator: expected --regulator");
        // Nobody calls it: any free port will do until it lets go of it.
        let here = ServeArguments { listen: ([127, 0, 0, 1], 0).into(), ..arguments };
        let server = Server::prepare(&here).await?;
        output::line("The bridge works. Stop with Ctrl-C.");
        return server.serve(stop_signal()).await;
    }
    let server = Server::prepare(&arguments).await?;
    let first = server.first_accounts(is_practice).await?;
    output::line(&format!("beian is at {}", server.url));
    if let Some(FirstAccounts(accounts)) = first {
        output::line("\nAccounts made at this first start; the passwords are not shown again:");
        for (role, login, password) in accounts {
            output::line(&format!("  {:<22} {login:<22} {password}", role.slug()));
        }
        if is_practice {
            output::line(&format!(
                "\nPractice regulator: {}/regulator/   console password: {}",
                server.url, server.secrets.console_password
            ));
        }
        output::line(&format!(
            "\nYour cloud reports a server:\n  curl -X POST {}/api/v1/resources \\\n    -H 'Authorization: Bearer {}' \\\n    -H 'Content-Type: application/json' -d '{SERVER_EVENT}'",
            server.url, server.secrets.cloud_token
        ));
    } else {
        output::line("Accounts exist; `beian password LOGIN` sets a new password.");
        if !server.app.has_security_administrator().await? {
            output::line(
                "Nobody looks after the accounts of staff: `beian security-administrator LOGIN` names somebody.",
            );
        }
    }
    output::line("\nStop with Ctrl-C.");
    server.serve(stop_signal()).await
}

pub(crate) async fn reset_password(arguments: PasswordArguments) -> anyhow::Result<()> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let home = Home::open(&arguments.keeping.data)?;
    let store = open_store(&arguments.keeping, &home, Arc::new(SystemClock), random.clone(), None).await?;
    let login: LoginName = arguments.login.parse()?;
    let password = readable(&*random, 16);
    let factor = if arguments.forget_second_factor { FactorReset::Forget } else { FactorReset::Keep };
    let secret = Secret::new(password.clone());
    beian_app::reset_password(&store, &*random, SystemClock.now(), &login, secret, factor).await?;
    output::line(&format!("{login}  {password}"));
    Ok(())
}

pub(crate) async fn name_security_administrator(arguments: NamingArguments) -> anyhow::Result<()> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let home = Home::open(&arguments.keeping.data)?;
    let store = open_store(&arguments.keeping, &home, Arc::new(SystemClock), random.clone(), None).await?;
    let login: LoginName = arguments.login.parse()?;
    let named = beian_app::name_security_administrator(&store, &*random, SystemClock.now(), &login).await?;
    match named {
        Named::New(password) => output::line(&format!("{login}  {}", password.expose())),
        Named::Changed(before) => {
            output::line(&format!("{login} was {}, and is security-administrator", before.slug()));
        }
    }
    Ok(())
}

impl Server {
    /// Opens everything and binds the address, but serves nothing yet.
    pub(crate) async fn prepare(arguments: &ServeArguments) -> anyhow::Result<Self> {
        Self::prepare_at(arguments, Arc::new(SystemClock)).await
    }

    /// The same by another clock than the machine's.
    pub(crate) async fn prepare_at(
        arguments: &ServeArguments,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let home = Home::open(&arguments.keeping.data)?;
        let secrets = home.secrets(&*random)?;
        let hook = arguments.abort_at_commit.as_deref().map(abort_hook).transpose()?;
        let store = open_store(&arguments.keeping, &home, clock.clone(), random.clone(), hook).await?;
        let listener = TcpListener::bind(arguments.listen)
            .await
            .with_context(|| format!("{} cannot be listened on", arguments.listen))?;
        let address = listener.local_addr()?;
        let url = arguments.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let url = url.trim_end_matches('/').to_owned();

        let (regulator_url, credentials, kind, sandbox) = match &arguments.regulator {
            Some(base) => {
                let path = arguments
                    .regulator_credentials
                    .as_deref()
                    .context("--regulator-credentials is missing")?;
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
                let credentials: PracticeCredentials = toml::from_str(&text)
                    .with_context(|| format!("{} is not a credentials file", path.display()))?;
                let kind = match arguments.regulator_kind {
                    RegulatorMode::Real => RegulatorKind::Real,
                    RegulatorMode::Practice => RegulatorKind::Practice,
                };
                (base.trim_end_matches('/').to_owned(), credentials, kind, None)
            }
            None => {
                let sandbox =
                    practice_regulator(&secrets, home.path("practice-regulator.json"), &clock, &random)?;
                (local_base(address), secrets.practice.clone(), RegulatorKind::Practice, Some(sandbox))
            }
        };
        let regulator = RegulatorClient::new(
            Endpoint {
                base_url: regulator_url,
                isp_id: credentials.isp_id,
                user_name: credentials.user_name,
                password: Password::new(credentials.password),
                secret: SharedSecret::from_ascii(&credentials.key, &credentials.iv)?,
                encryption: Encryption::Required,
            },
            random.clone(),
            Timeouts { connect: Duration::from_secs(3), call: Duration::from_secs(30) },
        )?;
        let mailer = match &arguments.smtp {
            Some(server) => Mailer::smtp(server, &arguments.mail_from)?,
            None => Mailer::files(&home.subdirectory("mail")?, &arguments.mail_from)?,
        };
        let practice = if sandbox.is_some() { Practice::Yes } else { Practice::No };
        let gateways = arguments.notices.gateways(practice)?;
        let key = arguments.rulebook.rulebook_key.as_deref().map(VerifyingKey::from_hex).transpose();
        let shelf = Shelf::open(
            home.subdirectory(RULEBOOKS)?,
            arguments.rulebook.load()?,
            key.context("--rulebook-key")?,
        )?;
        // Without a vendor of its own a provider that practises gets the practice vendor.
        let (vendor, practice_vendor) = match (&arguments.face_vendor, &sandbox) {
            (Some(base), _) => {
                let secret =
                    arguments.face_vendor_secret.clone().context("--face-vendor-secret is missing")?;
                (Some(FaceVendor::new(base, Secret::new(secret))?), None)
            }
            (None, Some(_)) => {
                let secret = readable(&*random, 32);
                let practice = PracticeVendor::new(
                    beian_sandbox::Secret::new(secret.clone()),
                    clock.clone(),
                    random.clone(),
                );
                let base = local_base(address);
                (Some(FaceVendor::new(&base, Secret::new(secret))?), Some(practice))
            }
            (None, None) => (None, None),
        };
        let name_server = arguments.name_server.map_or(NameServer::System, NameServer::At);
        let probe = arguments.probe.probe(name_server, &url, clock.clone())?;
        let app = App::new(Parts {
            store,
            shelf,
            regulator,
            mailer,
            gateways,
            vendor,
            probe: Some(probe),
            host_index: match (&arguments.index, arguments.run) {
                // The other half of the server keeps it up.
                (_, Part::Portal) | (Some(PathOrOff::Off), _) => None,
                (Some(PathOrOff::At(path)), _) => Some(path.clone()),
                (None, _) => Some(home.path(HOST_INDEX)),
            },
            tesseract: arguments.reading.tesseract().await?,
            fonts: fonts(),
            clock,
            random,
            policy: Policy {
                provider_name: format!("{} {}", arguments.provider, arguments.provider_en),
                public_url: url.clone(),
                regulator: kind,
                cloud_token: Secret::new(secrets.cloud_token.clone()),
                poll_seconds: arguments.poll_seconds,
                name_server,
                second_factor: match (arguments.second_factor, kind) {
                    (Some(SecondFactor::Required), _) | (None, RegulatorKind::Real) => {
                        SecondFactorPolicy::Required
                    }
                    (Some(SecondFactor::Optional), _) | (None, RegulatorKind::Practice) => {
                        SecondFactorPolicy::Optional
                    }
                },
            },
        });
        let practice = sandbox.as_ref().map(|_| PracticeLinks {
            console_url: "/regulator/".to_owned(),
            sms_url: "/regulator/sms".to_owned(),
        });
        let mut router = beian_web::router(
            app.clone(),
            WebConfig {
                public_url: url.clone(),
                provider_name: Text::new(arguments.provider.clone(), arguments.provider_en.clone()),
                practice,
            },
        );
        if let Some(sandbox) = sandbox {
            router = router.merge(sandbox.router());
        }
        if let Some(practice) = practice_vendor {
            router = router.merge(practice.router());
        }
        Ok(Self { app, url, secrets, listener, router, part: arguments.run })
    }

    /// Makes the first accounts, if there are none; with the practice regulator
    /// also a filer with a server to file on.
    pub(crate) async fn first_accounts(&self, is_practice: bool) -> anyhow::Result<Option<FirstAccounts>> {
        if self.app.has_accounts().await? {
            return Ok(None);
        }
        let mut accounts = Vec::new();
        let roles = if is_practice { Role::ALL.to_vec() } else { StaffRole::ALL.map(Role::from).to_vec() };
        for role in &roles {
            let login: LoginName = role.slug().parse()?;
            // The regulator's account opens the practice regulator's console, too.
            let password = match role {
                Role::Regulator => self.secrets.console_password.clone(),
                _ => readable(&SystemRandom, 16),
            };
            // Made up, so that the practice filer's mails have somewhere to go.
            let email = (*role == Role::Filer).then(|| practice::PEOPLE[0].email.parse()).transpose()?;
            let secret = Secret::new(password.clone());
            let account = self.app.create_account(login.clone(), secret, *role, email).await?;
            if self.app.policy().regulator == RegulatorKind::Real {
                // Whoever starts the server reads all of them.
                self.app.make_password_one_time(account).await?;
            }
            accounts.push((*role, login.to_string(), password));
        }
        if is_practice {
            let now = self.app.now();
            self.app
                .report_resource(beian_app::ResourceEvent {
                    reference: "practice-server-1".to_owned(),
                    owner: Role::Filer.slug().parse()?,
                    kind: ResourceKind::CloudServer,
                    division: Some("440300".parse()?),
                    prepaid: true,
                    bought_at: now,
                    expires_at: now.checked_add_months(chrono::Months::new(12)),
                    // TEST-NET-3 (RFC 5737): never a real machine.
                    public_address: Some([203, 0, 113, 10].into()),
                    quota: 5,
                    server: None,
                    at: None,
                })
                .await?;
        }
        Ok(Some(FirstAccounts(accounts)))
    }

    /// Serves and works until `stop` is ready.
    pub(crate) async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let (stopped, has_stopped) = tokio::sync::watch::channel(());
        let wait = |mut has_stopped: tokio::sync::watch::Receiver<()>| async move {
            let _ = has_stopped.changed().await;
        };
        let app = self.app.clone();
        let worker_stop = wait(has_stopped.clone());
        let part = self.part;
        let worker = tokio::spawn(async move {
            if part != Part::Portal {
                app.work(worker_stop).await;
            }
        });
        tokio::spawn(async move {
            stop.await;
            let _ = stopped.send(());
        });
        if part == Part::Bridge {
            drop(self.listener);
            return Ok(worker.await?);
        }
        // Visitors are told apart by address where how often is limited.
        let router = self.router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(self.listener, router).with_graceful_shutdown(wait(has_stopped)).await?;
        worker.await?;
        Ok(())
    }
}

pub(crate) async fn open_store(
    keeping: &KeepingArguments,
    home: &Home,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    commit_hook: Option<CommitHook>,
) -> anyhow::Result<Store> {
    let database = match &keeping.database {
        Some(address) => address.clone(),
        None => format!("sqlite://{}?mode=rwc", home.path("beian.db").display()),
    };
    let options =
        Options { database, files: home.subdirectory("files")?, keys: home.keys(&*random)?, commit_hook };
    Store::open(options, clock, random).await.context("the database cannot be opened")
}

fn abort_hook(text: &str) -> anyhow::Result<CommitHook> {
    let (side, number) = match text.split_once(':') {
        Some(("before", number)) => (CommitPoint::Before, number.parse::<u64>()?),
        Some(("after", number)) => (CommitPoint::After, number.parse::<u64>()?),
        _ => bail!("expected before:N or after:N, got {text:?}"),
    };
    Ok(Arc::new(move |point, commit| {
        if point == side && commit == number {
            std::process::abort();
        }
    }))
}

/// Waits until the process is asked to end.
pub(crate) async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
